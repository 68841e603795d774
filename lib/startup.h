/* SPDX-License-Identifier: MIT */
/* `startup`: until when a program has more than its profile allows it. */
#ifndef ES_STARTUP_H
#define ES_STARTUP_H

#include <stdint.h>

#include "diag.h"
#include "node.h"

struct es_profile;

enum es_until {
	ES_UNTIL_ENTRY, /* no `startup`: its entry point */
	ES_UNTIL_READY, /* it tells its manager so, see sd_notify(3) */
	ES_UNTIL_LISTENING,
	ES_UNTIL_BLOCKED, /* each process has a thread that waits in one of
			   * CALLS */
};

enum { ES_MAX_UNTIL_CALLS = 8 };

struct es_startup {
	struct es_place place; /* no source: the profile has none */
	enum es_until until;
	uint32_t calls[ES_MAX_UNTIL_CALLS];
	size_t ncalls;
	unsigned deadline; /* ms */
};

/* Reads it; what it allows is added to PROFILE's startup grants. ES_OK,
 * ES_INVALID or ES_NOMEM. */
enum es_status es_startup_read(struct es_profile *profile,
			       const struct es_node *node,
			       struct es_diags *diags);

/* The moment, in words: "until it listens". */
const char *es_until_words(enum es_until until);

/* Why a program that was not there in time is ended. */
const char *es_until_missed(enum es_until until);

#endif
