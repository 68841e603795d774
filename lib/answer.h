/* SPDX-License-Identifier: MIT */
/* What a supervisor answers to the calls that it is notified of. */
#ifndef ES_ANSWER_H
#define ES_ANSWER_H

#include <sys/types.h>

#include "compile.h"
#include "denial.h"

struct es_answering {
	const struct es_compiled *compiled;
	const struct es_report *report;
	const struct es_profile *profile;
	struct es_denials *denials;
	struct es_arena arena; /* of one call; free it at the end */
	int listener;
	bool armed; /* the second layer is in force, which is: */
	struct es_landlock_plan second;
	bool blind; /* /proc is another's */
	pid_t program;
	pid_t slain; /* the process that was killed last: it should have died
		      * of SIGSYS */
	/* Calls that were told of without a look at memory: the same again is
	 * the same denial, and needs no second look. */
	struct es_recent {
		pid_t tid;
		int denial;
		struct es_call call;
	} recent[64];
};

/* Sets the listener up. */
void es_answering_begin(struct es_answering *answering);

/* From now on the second layer's LISTENER is answered. */
void es_answering_arm(struct es_answering *answering, int listener);

/* Takes a call and answers it, and tells of it. */
void es_answer_one(struct es_answering *answering);

#endif
