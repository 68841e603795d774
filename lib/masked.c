/* SPDX-License-Identifier: MIT */
#include "masked.h"

struct search {
	const struct es_masked *sets;
	size_t n;
	unsigned *steps;
	uint64_t *found;
};

/*
 * Bit by bit from the highest: PREFIX is chosen, FREE are the bits that are
 * not. What a set may still get lies in one range: if all of it is fine any
 * rest will do, and if none is no rest will. A bit that no undecided set looks
 * at makes no difference.
 */
static enum es_found search(const struct search *s, uint64_t prefix,
			    uint64_t free)
{
	uint64_t open = 0;
	enum es_found found = ES_NONE;

	if (!*s->steps)
		return ES_GAVE_UP;
	--*s->steps;
	for (size_t i = 0; i < s->n; i++) {
		const struct es_masked *set = &s->sets[i];
		struct es_range block = { prefix & set->mask,
					  (prefix | free) & set->mask };
		const struct es_ranges reached = { &block, 1 };

		switch (es_ranges_truth(&reached, &set->values)) {
		case ES_NEVER:
			return ES_NONE;
		case ES_MAYBE:
			open |= set->mask & free;
			break;
		case ES_ALWAYS:
			break;
		}
	}
	*s->found = prefix;
	if (!open)
		return ES_FOUND;

	const uint64_t bit = 1ULL << (63 - __builtin_clzll(open));

	for (unsigned i = 0; i < 2 && found == ES_NONE; i++)
		found = search(s, prefix | (i ? bit : 0), free & (bit - 1));
	return found;
}

enum es_found es_masked_find(const struct es_masked *sets, size_t n,
			     uint64_t bits, unsigned *steps, uint64_t *found)
{
	const struct search s = { sets, n, steps, found };

	return search(&s, 0, bits);
}
