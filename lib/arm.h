/* SPDX-License-Identifier: MIT */
/* The second layer, put on a program that runs already under the first. */
#ifndef ES_ARM_H
#define ES_ARM_H

#include "bpf.h"
#include "tracee.h"
#include "trigger.h"

struct es_arming {
	const struct es_filter *filter; /* the exact one */
	const uint64_t *key;            /* the first layer's gate's */
	int ruleset; /* -1: there is no Landlock */
	unsigned flags; /* to be restricted to it with */
	bool reports; /* the filter notifies: its listener is handed out */
	bool trap_ignored, trap_blocked; /* what SIGTRAP was to the program */
	const struct es_ready *ready; /* a message that was held back, or NULL */
};

/* Why it failed: what, and an errno or 0. */
struct es_arm_failure {
	const char *what;
	int error;
};

/*
 * Arms a process all of whose N threads are stopped; the first of them is what
 * the others are not, and needs a stack. *LISTENER, where one is wanted, is
 * ours to close. On failure the process is not to go on.
 */
bool es_arm(const struct es_arming *arming, struct es_tracee *const *threads,
	    size_t n, int *listener, struct es_arm_failure *failure);

/* TRAPPED has run into its trap, which reset what it does about SIGTRAP. */
bool es_arm_mend_trap(const struct es_arming *arming, struct es_tracee *trapped,
		      struct es_arm_failure *failure);

#endif
