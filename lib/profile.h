/* SPDX-License-Identifier: MIT */
/* What profiles and fragments say, united; nothing is compiled yet. */
#ifndef ES_PROFILE_H
#define ES_PROFILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "arena.h"
#include "diag.h"
#include "ranges.h"
#include "sets.h"
#include "node.h"

/* An item of a permission's `fds`. */
enum es_fd_kind { ES_FD_NUMBERS, ES_FD_NAME, ES_FD_OPENED, ES_FD_ANY };
struct es_fd_item {
	struct es_fd_item *next;
	struct es_place place;
	enum es_fd_kind kind;
	struct es_range numbers; /* hi UINT32_MAX: open-ended */
	const char *name;        /* a name of the top-level `fds` */
	bool wrong;              /* it is nothing that is handed over */
};

/* One permission that was given, with one path at most. */
struct es_grant {
	struct es_grant *next;
	const struct es_word *word;
	struct es_place place;
	struct es_fd_item *fds; /* NULL: the permission's default */
	struct es_place fds_place;
	const char *path; /* absolute; NULL: everywhere */
	struct es_place path_place;
	bool optional; /* a path that does not exist is skipped */
	bool skipped;  /* it was */
	bool widened;  /* no longer a limit */

	/* Filled in by policy.c: the descriptors, and the first grant that
	 * gives the same, whose rules stand for this one's; NULL if it is. */
	struct es_ranges covers;
	const struct es_grant *like;
};

/* An entry of the top-level `fds`. */
struct es_fd_entry {
	struct es_fd_entry *next;
	const char *name;
	struct es_place place;
	const char *path; /* to open, absolute; NULL: inherited */
	int flags;        /* of open(2) */
	mode_t mode;      /* with O_CREAT */
	int number;       /* the program's; -1: the lowest free one */
	bool wrong;       /* so its number may be another */
};

struct es_widening {
	struct es_widening *next;
	const struct es_word *word;
	struct es_place place;
};

/* A key that may stand in one file only, or alike in all. */
struct es_setting {
	const char *text; /* NULL: not set */
	struct es_place place;
};

/* A file that was read. */
struct es_file {
	struct es_file *next;
	const struct es_source *source;
	dev_t dev;
	ino_t ino;
};

/* One file includes another. */
struct es_include {
	struct es_include *next;
	const struct es_source *by, *what;
};

struct es_profile {
	struct es_arena *arena;
	struct es_grant *grants, **grants_end;
	struct es_fd_entry *fds, **fds_end;
	struct es_widening *widenings, **widenings_end;
	struct es_setting deny, arm;
	bool deny_overridden; /* by the command line */
	struct es_file *files;
	struct es_include *includes;
	struct es_place first; /* where the first file's text begins */
	bool wrong; /* a part could not be read: what it gives is missing */
	unsigned nincludes, nfragments, ngrants, nfd_items, nfds;
};

void es_profile_init(struct es_profile *profile, struct es_arena *arena);

/* These add to PROFILE; ES_OK, ES_INVALID, ES_UNREADABLE or ES_NOMEM. */
enum es_status es_profile_read(struct es_profile *profile, const char *name,
			       struct es_diags *diags);
enum es_status es_profile_fragment(struct es_profile *profile,
				   const char *text, struct es_diags *diags);
/* TEXT must live as long as PROFILE. */
enum es_status es_profile_widen(struct es_profile *profile, const char *text,
				struct es_place place, struct es_diags *diags);
enum es_status es_profile_set(struct es_setting *setting, const char *key,
			      const char *text, struct es_place place,
			      struct es_diags *diags);

/* What reading a part ended with: STATUS, or ES_NOMEM. Notes what is wrong. */
enum es_status es_profile_conclude(struct es_profile *profile,
				   enum es_status status);

/* Is NAME a top-level key? */
bool es_profile_has_key(const char *name);

/* Does the file BY include the file WHAT, if only by others between? */
bool es_profile_includes(const struct es_profile *profile,
			 const struct es_source *by,
			 const struct es_source *what);

/* load.c: the folders where profiles are looked up by name, in this order. */
struct es_shelves {
	const char *folders[3];
	size_t n;
};
enum es_status es_shelves_find(struct es_arena *arena,
			       struct es_shelves *shelves);

/*
 * load.c: looks a profile up by its name. ES_OK and *PATH, ES_NOMEM, or
 * ES_UNREADABLE behind a diagnostic at PLACE, which names it.
 */
enum es_status es_file_find(struct es_arena *arena, const char *name,
			    struct es_place place, struct es_diags *diags,
			    const char **path);

/*
 * load.c: reads all of a regular file, once and from one descriptor, to
 * *SOURCE, and tells in *ID which one it is. ES_OK, ES_NOMEM, or behind a
 * diagnostic at PLACE ES_UNREADABLE or ES_INVALID.
 */
enum es_status es_file_load(struct es_arena *arena, const char *path,
			    struct es_place place, struct es_diags *diags,
			    struct es_source *source, struct stat *id);

/* load.c: the working directory; NULL where that was removed, or there is no
 * memory, as ARENA then says. */
const char *es_working_folder(struct es_arena *arena);

/* grant.c: an `allow:` map to grants; ES_OK or ES_INVALID. */
enum es_status es_grants_read(struct es_profile *profile,
			      const struct es_node *allow,
			      struct es_diags *diags);

/* grant.c: the permission that `SET.WORD` names; ES_OK, ES_INVALID or
 * ES_NOMEM. */
enum es_status es_word_read(struct es_arena *arena, const char *text,
			    struct es_place place, struct es_diags *diags,
			    const struct es_word **word);

/* fds.c: the top-level `fds:` map; ES_OK or ES_INVALID. */
enum es_status es_fds_read(struct es_profile *profile,
			   const struct es_node *map, struct es_diags *diags);

/* Is ACTION something that `deny` can be? *RET is its SECCOMP_RET_* value. */
bool es_deny_parse(const char *action, uint32_t *ret);

#endif
