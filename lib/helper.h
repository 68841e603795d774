/* SPDX-License-Identifier: MIT */
/*
 * The helper: a process that waits by ptrace(2) until the program that its
 * launcher becomes has come to its entry point, or has started up, arms all of
 * it, and is gone.
 */
#ifndef ES_HELPER_H
#define ES_HELPER_H

#include "arm.h"
#include "diag.h"

struct es_helping {
	struct es_arming arming;
	const struct es_startup *startup; /* until when it waits */
	const char *notify;               /* $NOTIFY_SOCKET, or NULL */
	int report; /* to the supervisor, or -1 */
};

/*
 * Starts a helper for the calling process, which goes on towards its program.
 * Dies the helper before it has armed, so does the program. ES_OK, ES_SYSTEM or
 * ES_UNSUPPORTED, with nothing left behind.
 */
enum es_status es_helper_start(const struct es_helping *helping,
			       struct es_diags *diags);

/* What helper and supervisor send each other: the program is at its entry point;
 * nobody listens to the first layer any more; the second layer's listener. */
enum { ES_HELPER_READY = 'r', ES_HELPER_GO = 'g', ES_HELPER_ARMED = 'a' };

#endif
