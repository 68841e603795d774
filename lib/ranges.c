/* SPDX-License-Identifier: MIT */
#include "ranges.h"

#include <string.h>

size_t es_ranges_first(const struct es_ranges *set, uint64_t value)
{
	size_t lo = 0, hi = set->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (set->at[mid].hi < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool es_ranges_has(const struct es_ranges *set, uint64_t value)
{
	const size_t i = es_ranges_first(set, value);

	return i < set->n && set->at[i].lo <= value;
}

enum es_truth es_ranges_truth(const struct es_ranges *inner,
			      const struct es_ranges *outer)
{
	bool in = false, out = false;

	for (size_t i = 0; i < inner->n && !(in && out); i++) {
		const struct es_range *own = &inner->at[i];
		const size_t o = es_ranges_first(outer, own->lo);

		if (o == outer->n || outer->at[o].lo > own->hi) {
			out = true;
			continue;
		}
		in = true;
		out |= outer->at[o].lo > own->lo || outer->at[o].hi < own->hi;
	}
	return in && out ? ES_MAYBE : in ? ES_ALWAYS : ES_NEVER;
}

bool es_ranges_equal(const struct es_ranges *a, const struct es_ranges *b)
{
	return a->n == b->n &&
	       (!a->n || !memcmp(a->at, b->at, a->n * sizeof(*a->at)));
}

bool es_ranges_within(const struct es_ranges *inner,
		      const struct es_ranges *outer)
{
	size_t o = 0;

	for (size_t i = 0; i < inner->n; i++) {
		while (o < outer->n && outer->at[o].hi < inner->at[i].lo)
			o++;
		if (o == outer->n || outer->at[o].lo > inner->at[i].lo ||
		    outer->at[o].hi < inner->at[i].hi)
			return false;
	}
	return true;
}

/* Appends a range that begins at or behind the last one's beginning. */
static void append(struct es_ranges *set, struct es_range range)
{
	struct es_range *last = set->n ? &set->at[set->n - 1] : NULL;

	if (last && (last->hi == UINT64_MAX || range.lo <= last->hi + 1)) {
		if (range.hi > last->hi)
			last->hi = range.hi;
		return;
	}
	set->at[set->n++] = range;
}

bool es_ranges_union(struct es_arena *arena, const struct es_ranges *a,
		     const struct es_ranges *b, struct es_ranges *result)
{
	struct es_ranges sum = { 0 };
	size_t i = 0, j = 0;

	sum.at = es_arena_alloc(arena, (a->n + b->n) * sizeof(*sum.at));
	if (!sum.at)
		return false;
	while (i < a->n || j < b->n) {
		if (j == b->n || (i < a->n && a->at[i].lo <= b->at[j].lo))
			append(&sum, a->at[i++]);
		else
			append(&sum, b->at[j++]);
	}
	*result = sum;
	return true;
}

bool es_ranges_add(struct es_arena *arena, struct es_ranges *set, uint64_t lo,
		   uint64_t hi)
{
	struct es_range range = { lo, hi };
	const struct es_ranges one = { &range, 1 };

	return es_ranges_union(arena, set, &one, set);
}

bool es_ranges_intersect(struct es_arena *arena, const struct es_ranges *a,
			 const struct es_ranges *b, struct es_ranges *result)
{
	struct es_ranges both = { 0 };
	size_t i = 0, j = 0;

	both.at = es_arena_alloc(arena, (a->n + b->n) * sizeof(*both.at));
	if (!both.at)
		return false;
	while (i < a->n && j < b->n) {
		const struct es_range *x = &a->at[i], *y = &b->at[j];
		const struct es_range shared = {
			x->lo > y->lo ? x->lo : y->lo,
			x->hi < y->hi ? x->hi : y->hi,
		};

		if (shared.lo <= shared.hi)
			append(&both, shared);
		if (x->hi < y->hi)
			i++;
		else
			j++;
	}
	*result = both;
	return true;
}

bool es_ranges_complement(struct es_arena *arena, const struct es_ranges *set,
			  uint64_t max, struct es_ranges *result)
{
	struct es_ranges rest = { 0 };
	uint64_t next = 0;
	bool open = true;

	rest.at = es_arena_alloc(arena, (set->n + 1) * sizeof(*rest.at));
	if (!rest.at)
		return false;
	for (size_t i = 0; i < set->n && open && set->at[i].lo <= max; i++) {
		if (set->at[i].lo > next)
			append(&rest, (struct es_range){ next, set->at[i].lo - 1 });
		open = set->at[i].hi < max;
		next = set->at[i].hi + 1;
	}
	if (open)
		append(&rest, (struct es_range){ next, max });
	*result = rest;
	return true;
}
