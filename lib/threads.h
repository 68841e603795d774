/* SPDX-License-Identifier: MIT */
/* All other threads of the process, held at once. */
#ifndef ES_THREADS_H
#define ES_THREADS_H

#include "diag.h"

struct es_threads;

/*
 * Holds all other threads of the process: each waits in a signal handler. ES_OK
 * and *THREADS, or with all of them going on as before ES_UNSUPPORTED behind a
 * diagnostic that names one that can't be reached, or ES_NOMEM. What follows
 * allocates nothing, and takes no lock: one that is held may have it.
 */
enum es_status es_threads_hold(struct es_diags *diags,
			       struct es_threads **threads);

/* Lets each of them restrict itself to a Landlock ruleset. 0, or the errno of
 * one that could not. */
int es_threads_restrict(struct es_threads *threads, int ruleset,
			unsigned flags);

/* Lets them go on, and frees THREADS. */
void es_threads_release(struct es_threads *threads);

#endif
