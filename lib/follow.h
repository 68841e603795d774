/* SPDX-License-Identifier: MIT */
/* Which files a trace's relative paths and descriptors are about. */
#ifndef ES_FOLLOW_H
#define ES_FOLLOW_H

#include "access.h"
#include "strace.h"

enum { ES_FOLLOW_FDS = 1024 };

struct es_follow {
	struct es_arena *arena, *scratch; /* for good, and for a line */
	const char *folder; /* the working one; NULL: unknown */
	/* Behind descriptors, or NULL; "tcp" or "socket" of sockets. */
	const char *opened[ES_FOLLOW_FDS];
	int64_t pid; /* the program's in the trace; -1: unknown */
};

/* What path argument USE points to, absolute, in the scratch arena; NULL: not
 * known. */
const char *es_follow_path(const struct es_follow *follow,
			   const struct es_traced *traced,
			   const struct es_use *use);

/* Is descriptor FD, argument ARG, a socket of something else than TCP? False
 * where that can't be told. */
bool es_follow_is_other(const struct es_follow *follow,
			const struct es_traced *traced, int arg);

/* What a call that was made changes. Threads and processes are not told apart:
 * who needs that has `strace -y`. False when there is no memory. */
bool es_follow_call(struct es_follow *follow, const struct es_traced *traced);

#endif
