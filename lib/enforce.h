/* SPDX-License-Identifier: MIT */
/* The irreversible steps. */
#ifndef ES_ENFORCE_H
#define ES_ENFORCE_H

#include <stdint.h>

#include "bpf.h"

/* A descriptor that the program gets as NUMBER. */
struct es_handed {
	int fd; /* ours now */
	int number;
};

struct es_enforcement {
	const char *path; /* for execve */
	char *const *argv;
	char *const *envp;
	struct es_handed *handed; /* ascending by number; all >= 3 */
	size_t nhanded;
	int ruleset; /* Landlock's */
	const struct es_filter *filter;
	const uint64_t *key;
};

/*
 * Places descriptors, closes all others, sets no_new_privs, Landlock and the
 * filter, and becomes the program. Never returns: a failure is told in one line
 * on descriptor 2 and ends the process with 125, 126 or 127. Allocates nothing.
 */
_Noreturn void es_enforce(const struct es_enforcement *what);

#endif
