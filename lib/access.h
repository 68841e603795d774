/* SPDX-License-Identifier: MIT */
/* Which paths a call takes, and what it needs of Landlock there. Beside the
 * kernel, which alone decides: what is said here is from the model. */
#ifndef ES_ACCESS_H
#define ES_ACCESS_H

#include "judge.h"
#include "landlock.h"

enum { ES_MAX_PATHS = 2 };

/* One path that a call takes. */
struct es_use {
	unsigned path;   /* the argument that points to it */
	int dirfd;       /* the one that it is relative to; -1: has none */
	bool follows;    /* a symbolic link at its end is followed */
	uint64_t file;   /* the rights that are needed at what is there */
	uint64_t folder; /* at the folder that it lies in */
	bool creates;    /* FOLDER is needed only where nothing is there */
	bool listed;     /* FILE may be a folder, and READ_DIR needed of it */
};

/* The paths that CALL takes, ES_MAX_PATHS at most; returns how many. */
size_t es_uses_of(const struct es_call *call, struct es_use uses[ES_MAX_PATHS]);

/* Rights that are needed at a place. */
struct es_needs {
	const char *path; /* without symbolic links, as far as it exists */
	uint64_t rights;
	bool exists;
};

/*
 * What USE needs at the absolute PATH, as things are there now: of what lies
 * there, and of the folder. Where nothing lies and nothing is made, nothing is
 * needed: the kernel says ENOENT before Landlock is asked. False when there is
 * no memory.
 */
bool es_needs_of(struct es_arena *arena, const struct es_use *use,
		 const char *path, struct es_needs needs[2]);

/* PATH (absolute) without symbolic links, ".", ".." and "//" as far as it
 * exists, *EXISTS telling whether all of it does. NULL when there is no
 * memory. */
const char *es_path_resolve(struct es_arena *arena, const char *path,
			    bool follow, bool *exists);

/* Is PATH the same as ABOVE, or below it? Both are absolute and resolved. */
bool es_path_is_below(const char *path, const char *above);

/* Names the rules' paths as es_path_resolve does. False when there is no
 * memory. */
bool es_landlock_resolve(struct es_arena *arena, struct es_landlock_plan *plan);

/* Those of RIGHTS that the rules of PLAN, which was resolved, don't give at the
 * resolved PATH; 0: Landlock lets it pass. */
uint64_t es_landlock_lacks(const struct es_landlock_plan *plan,
			   const char *path, uint64_t rights);


/* The right that CALL takes on the TCP port that it names; 0: none. */
uint64_t es_port_right(const struct es_call *call);

/* Those of RIGHTS that PLAN holds to ports, but not at PORT. */
uint64_t es_landlock_lacks_at(const struct es_landlock_plan *plan,
			      unsigned port, uint64_t rights);

#endif
