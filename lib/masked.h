/* SPDX-License-Identifier: MIT */
/* Is there a number whose bits, under one mask after the other, are among given
 * ones? Decided exactly. */
#ifndef ES_MASKED_H
#define ES_MASKED_H

#include "ranges.h"

/* The numbers that have (number & MASK) in VALUES. */
struct es_masked {
	uint64_t mask;
	struct es_ranges values;
};

enum es_found { ES_NONE, ES_FOUND, ES_GAVE_UP };

/*
 * Looks for a number without bits beyond those of BITS, which are the lower
 * ones, that is in all N sets: ES_FOUND and *FOUND, or ES_NONE; ES_GAVE_UP when
 * *STEPS, which counts down, is 0.
 */
enum es_found es_masked_find(const struct es_masked *sets, size_t n,
			     uint64_t bits, unsigned *steps, uint64_t *found);

#endif
