/* SPDX-License-Identifier: MIT */
#ifndef ES_RANGES_H
#define ES_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct es_range {
	uint64_t lo, hi; /* inclusive */
};

/* A set of numbers: disjoint, ascending ranges that don't touch. Descriptors
 * and the values of an argument are such sets. The ranges lie in an arena. */
struct es_ranges {
	struct es_range *at;
	size_t n;
};

bool es_ranges_has(const struct es_ranges *set, uint64_t value);
bool es_ranges_equal(const struct es_ranges *a, const struct es_ranges *b);

/* Is every number of INNER in OUTER? */
bool es_ranges_within(const struct es_ranges *inner,
		      const struct es_ranges *outer);

/* Are the numbers of INNER, of which there are some, in OUTER? */
enum es_truth { ES_NEVER, ES_MAYBE, ES_ALWAYS };
enum es_truth es_ranges_truth(const struct es_ranges *inner,
			      const struct es_ranges *outer);

/* The first range of SET that does not end below VALUE; its N if none. */
size_t es_ranges_first(const struct es_ranges *set, uint64_t value);

/* Set operations; false when there is no memory. RESULT may be an operand. */
bool es_ranges_add(struct es_arena *arena, struct es_ranges *set, uint64_t lo,
		   uint64_t hi);
bool es_ranges_union(struct es_arena *arena, const struct es_ranges *a,
		     const struct es_ranges *b, struct es_ranges *result);
bool es_ranges_intersect(struct es_arena *arena, const struct es_ranges *a,
			 const struct es_ranges *b, struct es_ranges *result);
/* The numbers 0..MAX that are not in SET. */
bool es_ranges_complement(struct es_arena *arena, const struct es_ranges *set,
			  uint64_t max, struct es_ranges *result);

#endif
