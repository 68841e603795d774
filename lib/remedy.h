/* SPDX-License-Identifier: MIT */
/* One fragment for all that was denied. */
#ifndef ES_REMEDY_H
#define ES_REMEDY_H

#include "suggest.h"

/* Far more than a program has different calls that are denied. What comes
 * behind is left out. */
enum { ES_REMEDY_CALLS = 2048 };

/* Calls, each once; their paths are in an arena. */
struct es_calls {
	struct es_asked *at; /* owned */
	size_t n, cap;
};

struct es_remedy {
	struct es_calls denied;
	/* Those that a limit on a descriptor could deny, but not now. */
	struct es_calls allowed;
	struct es_pieces pieces;
	char *flow, *block; /* owned; NULL: nothing is to be added */
	const char *conflict; /* why it can't stand beside the profiles */
};

bool es_calls_find(const struct es_calls *calls, const struct es_asked *asked,
		   size_t *at);

/* These note a call that was denied or allowed. False when there is no
 * memory. */
bool es_remedy_denied(struct es_remedy *remedy, struct es_arena *arena,
		      const struct es_asked *asked);
bool es_remedy_allowed(struct es_remedy *remedy, struct es_arena *arena,
		       const struct es_asked *asked);

/*
 * Puts the fragment together, and tries it out on PROFILE, which is what it was
 * afterwards. Where limits would be in the way of each other, words that name
 * no descriptors are taken. ES_OK or ES_NOMEM.
 */
enum es_status es_remedy_conclude(const struct es_force *force,
				  struct es_profile *profile,
				  struct es_remedy *remedy);
void es_remedy_finish(struct es_remedy *remedy);

#endif
