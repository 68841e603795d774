/* SPDX-License-Identifier: MIT */
/* A thread of another process, held by ptrace(2), that can be made to call. */
#ifndef ES_TRACEE_H
#define ES_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct es_tracee {
	pid_t tid;
	pid_t pid;           /* its process; 0: not known so far */
	uint64_t syscall_at; /* where a system call's instruction lies; or 0 */
	uint64_t entry;      /* of its program; 0: nothing is planted there */
	long text;           /* what was there */
	int waits; /* in its first stop, of this signal, for its maker's event */
	pid_t maker;
	bool borrows; /* a child of vfork(2): it has its parent's memory */
	bool stopped; /* where calls can be made */
	bool calling; /* they are: these are the thread's own */
	struct user_regs_struct regs;
	uint64_t mask;
};

/* Reads, or writes, all SIZE bytes at AT; false if any can't be had. */
bool es_tracee_read(const struct es_tracee *tracee, uint64_t at, void *buffer,
		    size_t size);
bool es_tracee_write(const struct es_tracee *tracee, uint64_t at,
		     const void *buffer, size_t size);

/* At its exec's stop: finds where it can be made to call. With PLANT, a trap
 * waits for it at its entry point. False if its memory can't be had. */
bool es_tracee_started(struct es_tracee *tracee, bool plant);

/* Has it run into the trap? */
bool es_tracee_entered(const struct es_tracee *tracee);

/* Takes the trap away; a thread that has ENTERED it is then in front of its
 * entry point. */
bool es_tracee_unplant(struct es_tracee *tracee, bool entered);

/* Keeps what the stopped thread was about in REGS and MASK, and blocks its
 * signals, until es_tracee_restore. */
bool es_tracee_hold(struct es_tracee *tracee);

/*
 * A call in two steps. The first brings the stopped thread to the entry of some
 * call; then the second makes it NR, and *RESULT is what the kernel returned,
 * -errno for an error. What the call is to read in the thread's memory has to
 * be written between the two, when nothing of the program can run. False where
 * the thread does not come there, or is gone.
 */
bool es_tracee_enter(struct es_tracee *tracee);
bool es_tracee_make(struct es_tracee *tracee, long nr, const uint64_t args[6],
		    long *result);

/* Puts everything back as it was before the first call, so that a call which
 * the stop had interrupted goes on. */
bool es_tracee_restore(struct es_tracee *tracee);

/* Makes it end its process with STATUS. */
bool es_tracee_exit(struct es_tracee *tracee, int status);

#endif
