/* SPDX-License-Identifier: MIT */
/* Denied calls as they are told: each once, and how often it came. */
#ifndef ES_DENIAL_H
#define ES_DENIAL_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "suggest.h"

/* How many different ones are kept; a program can make any number. */
enum { ES_MAX_DENIALS = 1000 };

/* Nothing in its texts can steer a terminal. */
struct es_denial {
	const char *call; /* as strace writes it */
	const char *name; /* the system call's */
	const char *by;   /* the program's name */
	pid_t pid;
	uint32_t ret;  /* the answer, as a filter's */
	bool landlock; /* Landlock's, by the rules and not by the kernel */
	bool let;      /* let through all the same */
	bool starting; /* before `startup` ends */
	bool gone;     /* the caller went while its memory was read */
	const struct es_advice *advice;
	/* The same where programs are started, with which limits on descriptors
	 * 0 to 2 can't go. */
	const struct es_advice *unlimited;
};

struct es_denials;

/* NULL when there is no memory. Free with es_denials_free, which takes NULL. */
struct es_denials *es_denials_new(const struct es_report *report,
				  const struct es_profile *profile);
void es_denials_free(struct es_denials *denials);

/* What es_denials_find returns besides the number of one that is kept. */
enum { ES_DENIAL_NEW = -1, ES_DENIAL_MORE = -2 };

/* Counts DENIAL, whose advice need not be known, if it is kept already, or as
 * one of those that are too many to be kept. */
int es_denials_find(struct es_denials *denials, const struct es_denial *denial);

/* Counts one more of number I. */
void es_denials_again(struct es_denials *denials, int i);

/* Tells of one that is new, and keeps it; its number. */
int es_denials_add(struct es_denials *denials, const struct es_denial *denial);

/* Tells something else. */
void es_denials_note(const struct es_denials *denials, const char *text);

/* Tells what there was in all since the last time. */
void es_denials_summarize(struct es_denials *denials);

#endif
