/* SPDX-License-Identifier: MIT */
/* The threads of a program that is traced, and of what it has started. */
#ifndef ES_HERD_H
#define ES_HERD_H

#include <time.h>

#include "arm.h"
#include "helper.h"

enum { ES_MAX_TRACEES = 8192 };

struct es_herd {
	const struct es_helping *helping;
	pid_t program;
	struct es_tracee *at;
	size_t n;
	size_t turn; /* whose it is to be asked for an event */
	struct es_tracee **threads; /* room for those of one process */
	struct es_tracee *entered;  /* it is in front of its entry point */
	bool stopping;              /* and the others are to stop as well */
	bool full;
	long filters; /* of the program, when it was started */
	struct es_ready ready; /* what is sent once all is armed */
	struct es_arm_failure failure;
};

/* Until when it is watched. */
enum es_until es_herd_until(const struct es_herd *herd);

/* A thread by its number; NULL: it is none of them. */
struct es_tracee *es_herd_find(struct es_herd *herd, pid_t tid);
struct es_tracee *es_herd_add(struct es_herd *herd, pid_t tid);

/* Something failed; the first is kept, and nothing of the herd goes on. */
void es_herd_fail(struct es_herd *herd, const char *what, int error);

/* Waits as waitpid(2) does, for any of them. */
pid_t es_herd_wait(struct es_herd *herd, int *status);

/* Takes what it said of a thread, and lets that go on, or not. */
void es_herd_take(struct es_herd *herd, pid_t tid, int status);

/* All stop, where calls can be made: those that can't stop, once they can. */
void es_herd_stop(struct es_herd *herd);

/* Lets waitpid(2) return every now and then; and says whether that time has come
 * since it was asked, which is so without a wait where events never end. */
void es_herd_tick(bool on);
bool es_herd_ticked(void);

/* Seconds of a clock that nobody sets. */
time_t es_herd_now(void);

#endif
