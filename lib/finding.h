/* SPDX-License-Identifier: MIT */
/* What there is to be said of a profile that has no mistakes, and when. */
#ifndef ES_FINDING_H
#define ES_FINDING_H

#include "landlock.h"
#include "policy.h"

/* A grant, and what its path is without links: NULL where it has none, or is
 * not there. */
struct es_granted {
	const struct es_grant *grant;
	const char *real;
	uint64_t rights; /* Landlock's, on files */
	bool first;      /* of its permission */
};

/* What a row is asked about, and what it found. */
struct es_finding {
	struct es_arena *arena;
	const struct es_profile *profile;
	const struct es_policy *policy;
	const struct es_landlock_plan *plan;
	const struct es_granted *all;
	size_t nall;
	const char *own[2]; /* /proc/self and thread-self without links */
	const char *mem[2]; /* and what is its memory there */
	const struct es_fd_entry *entry; /* rows of ES_OF_ENTRY */
	const struct es_granted *granted;   /* of ES_OF_WORD and ES_OF_GRANT */
	const struct es_grant *grant;    /* the same; ES_OF_ALL's may set */
	const struct es_grant *beside;   /* what makes it so; may be set */
	const struct es_word *like;      /* whose danger it has; may be set */
	const char *more;                /* to be said behind it; may be set */
};

enum es_subject {
	ES_OF_WORD,  /* each permission, at its first place */
	ES_OF_GRANT, /* each path, and each permission without one */
	ES_OF_ENTRY, /* each entry of `fds` */
	ES_OF_ALL,   /* the whole */
};

struct es_warning {
	enum es_severity severity;
	enum es_subject subject;
	bool (*holds)(struct es_finding *finding);
	const char *text; /* NULL: what the table of sets says is open */
};

/* The table, in the order in which it is asked. */
extern const struct es_warning es_warnings[];
extern const size_t es_nwarnings;

/* Where a process finds itself in /proc. */
extern const char *const es_selves[2];

#endif
