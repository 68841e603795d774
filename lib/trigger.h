/* SPDX-License-Identifier: MIT */
/* When a program that starts is where `startup` ends. */
#ifndef ES_TRIGGER_H
#define ES_TRIGGER_H

#include "startup.h"
#include "tracee.h"

/* A call by which a program says that it is ready, held back. */
struct es_ready {
	pid_t sender; /* the thread; 0: none */
	long nr;
	uint64_t args[6];
};

/* Does the process of THREAD hold a socket that listens? */
bool es_is_listening(const struct es_tracee *thread);

/* Does the thread wait in one of the calls that STARTUP names? */
bool es_is_blocked(const struct es_tracee *thread,
		   const struct es_startup *startup);

/*
 * At the entry of a system call: is it `READY=1` for the manager at NOTIFY, as
 * $NOTIFY_SOCKET has it? If so, the call is skipped, and *READY what it was; if
 * there is one in *READY already, it is made once more later.
 */
bool es_is_ready(const struct es_tracee *thread, const char *notify,
		 struct es_ready *ready);

/* Descriptor NUMBER of a thread, as one of our own; -1 if it has none. */
int es_fetch(const struct es_tracee *thread, int number);

#endif
