/* SPDX-License-Identifier: MIT */
/* What /proc tells of a thread whose call waits for an answer. */
#ifndef ES_TRACE_H
#define ES_TRACE_H

#include <sys/types.h>

#include "decode.h"
#include "suggest.h"

struct es_caller {
	pid_t tid;
	int memory; /* its file, or -1: can't be read */
	bool read;  /* something of it was asked for */

	/* Of its process, by es_caller_identify. */
	pid_t pid;
	char name[64]; /* nothing in it can steer a terminal */
};

/* Close with es_caller_close in any case. */
void es_caller_open(struct es_caller *caller, pid_t tid);
void es_caller_close(struct es_caller *caller);

void es_caller_identify(struct es_caller *caller);

/* An es_read_memory; the state is the caller. */
size_t es_caller_read(void *state, uint64_t address, void *into, size_t len);

/* Fills in of ASKED what CALL's pointers point to: absolute paths, and the
 * family of an address. */
void es_caller_ask(struct es_arena *arena, struct es_caller *caller,
		   struct es_asked *asked);

#endif
