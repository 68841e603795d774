/* SPDX-License-Identifier: MIT */
#ifndef ES_KILL_H
#define ES_KILL_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Makes the thread TID, whose call waits for an answer, die by its own filter:
 * by SIGSYS, which nothing can handle. To be followed by es_kill_finish once
 * the call was answered. False: it can't be traced.
 */
bool es_kill_begin(pid_t tid);

/*
 * Lets it die. True and *WAIT_STATUS where waiting for it was our part as a
 * tracer; false where it did not come to that, and it lives.
 */
bool es_kill_finish(pid_t tid, int *wait_status);

#endif
