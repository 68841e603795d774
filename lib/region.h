/* SPDX-License-Identifier: MIT */
/*
 * A region of calls: all those of which the same is known. What is known is
 * kept for each 32-bit word of struct seccomp_data, so that a region is empty
 * if, and only if, one word has no value left; and whether it has is decided
 * exactly. Knows nothing of policies or programs.
 */
#ifndef ES_REGION_H
#define ES_REGION_H

#include <linux/seccomp.h>

#include "ranges.h"

enum {
	ES_WORDS = sizeof(struct seccomp_data) / sizeof(uint32_t),
	/* A region that takes more steps than these is given up: some tenths of
	 * a second. Ordinary policies take a few thousand. */
	ES_REGION_STEPS = 4 * 1000 * 1000,
};

/* Of a word, by its offset in struct seccomp_data. */
#define ES_WORD(offset) ((unsigned)((offset) / sizeof(uint32_t)))

/* (word & MASK) is in VALUES or, where these have no ranges at all, in OWN. */
struct es_literal {
	unsigned word;
	uint32_t mask;
	struct es_ranges values;
	struct es_range own;
};

/* One thing that is known; newer ones of the same mask stand for older ones. */
struct es_fact {
	unsigned word;
	uint32_t mask;
	size_t first, n; /* its ranges */
	size_t older;    /* index + 1 of the fact before it on its word, or 0 */
};

struct es_region {
	struct es_fact *facts; /* owned */
	size_t nfacts, facts_cap;
	struct es_range *ranges; /* owned */
	size_t nranges, ranges_cap;
	size_t newest[ES_WORDS]; /* index + 1, or 0 */
	unsigned steps;          /* taken so far */
	bool nomem;
};

void es_region_finish(struct es_region *region);

/* Does LITERAL hold for all calls of REGION, for none, or can't it be told
 * from what is known? */
enum es_truth es_region_truth(struct es_region *region,
			      struct es_literal *literal);

/*
 * Narrows REGION to the calls for which LITERAL holds, or does not. False, and
 * REGION as it was, if there is none left; or if there was no memory or no step
 * left (es_region_stopped).
 */
bool es_region_assume(struct es_region *region,
		      struct es_literal *literal, bool holds);

/* Forgets what was assumed since there were NFACTS. */
void es_region_undo(struct es_region *region, size_t nfacts);

/* It ran out of steps or memory: what it says is worth nothing. */
bool es_region_stopped(const struct es_region *region);

/* Some call of REGION, word by word. */
void es_region_pick(struct es_region *region, uint32_t words[ES_WORDS]);

#endif
