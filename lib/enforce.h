/* SPDX-License-Identifier: MIT */
/* The irreversible steps. */
#ifndef ES_ENFORCE_H
#define ES_ENFORCE_H

#include <signal.h>
#include <stdint.h>

#include "bpf.h"

/* A descriptor that the program gets as NUMBER. */
struct es_handed {
	int fd; /* ours now */
	int number;
};

/* For what may run on another stack than the thread's own, and calls what does
 * not return: the address sanitizer would warn of it. */
#define ES_ANY_STACK __attribute__((no_sanitize("address")))

struct es_enforcement {
	const char *path; /* for execve */
	char *const *argv;
	char *const *envp;
	struct es_handed *handed; /* ascending by number; all >= 3 */
	size_t nhanded;
	int ruleset; /* Landlock's; -1: none */
	unsigned flags; /* to restrict oneself to it with */
	int report;  /* a socket that takes the listener; -1: not supervised */
	const sigset_t *mask; /* the program's; NULL: ours */
	const struct es_filter *filter; /* NULL: none */
	const uint64_t *key;
};

/*
 * Places descriptors, closes all others, sets no_new_privs, Landlock and the
 * filter, and becomes the program. Never returns: a failure is told in one line
 * on descriptor 2 and ends the process with 125, 126 or 127. Allocates nothing.
 */
ES_ANY_STACK _Noreturn void es_enforce(const struct es_enforcement *what);

#endif
