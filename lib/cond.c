/* SPDX-License-Identifier: MIT */
#include "cond.h"

#include <string.h>

/* More than any rule that means something takes to decide; an exception of a
 * rule may leave more conditions than can be written. */
enum { MAX_STEPS = 1 << 14, MAX_MASKS = 64 };

bool es_cond_holds(const struct es_cond *cond, const uint64_t args[6])
{
	return es_ranges_has(&cond->values, args[cond->arg] & cond->mask);
}

bool es_conds_hold(const struct es_conds *conds, const uint64_t args[6])
{
	for (size_t i = 0; i < conds->n; i++)
		if (!es_cond_holds(&conds->at[i], args))
			return false;
	return true;
}

bool es_cond_equal(const struct es_cond *a, const struct es_cond *b)
{
	return a->arg == b->arg && a->mask == b->mask &&
	       es_ranges_equal(&a->values, &b->values);
}

bool es_conds_equal(const struct es_conds *a, const struct es_conds *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!es_cond_equal(&a->at[i], &b->at[i]))
			return false;
	return true;
}

/* Single values under a wide mask tell all about a narrower one. */
static bool implied(const struct es_cond *given, const struct es_cond *wanted)
{
	if (given->arg != wanted->arg || (wanted->mask & ~given->mask))
		return false;
	if (given->mask == wanted->mask)
		return es_ranges_within(&given->values, &wanted->values);
	for (size_t i = 0; i < given->values.n; i++)
		if (given->values.at[i].lo != given->values.at[i].hi ||
		    !es_ranges_has(&wanted->values,
				   given->values.at[i].lo & wanted->mask))
			return false;
	return true;
}

bool es_conds_within(const struct es_conds *inner, const struct es_conds *outer)
{
	for (size_t o = 0; o < outer->n; o++) {
		bool found = false;

		for (size_t i = 0; i < inner->n && !found; i++)
			found = implied(&inner->at[i], &outer->at[o]);
		if (!found)
			return false;
	}
	return true;
}

static enum es_found possible(const struct es_conds *conds, unsigned arg)
{
	struct es_masked sets[MAX_MASKS];
	unsigned steps = MAX_STEPS;
	uint64_t found = 0;
	size_t n = 0;

	for (size_t i = 0; i < conds->n; i++) {
		const struct es_cond *cond = &conds->at[i];

		if (cond->arg != arg)
			continue;
		if (n == MAX_MASKS)
			return ES_GAVE_UP;
		sets[n++] = (struct es_masked){ cond->mask, cond->values };
	}
	return es_masked_find(sets, n, UINT64_MAX, &steps, &found);
}

enum es_found es_conds_possible(const struct es_conds *conds)
{
	enum es_found all = ES_FOUND;

	for (unsigned arg = 0; arg < 6; arg++) {
		const enum es_found one = possible(conds, arg);

		if (one == ES_NONE)
			return ES_NONE;
		if (one == ES_GAVE_UP)
			all = ES_GAVE_UP;
	}
	return all;
}

bool es_cond_negate(struct es_arena *arena, const struct es_cond *cond,
		    struct es_cond *negated)
{
	*negated = (struct es_cond){ .arg = cond->arg, .mask = cond->mask };
	return es_ranges_complement(arena, &cond->values, cond->mask,
				    &negated->values);
}

bool es_conds_add(struct es_arena *arena, struct es_conds *conds,
		  const struct es_cond *cond)
{
	struct es_cond *at = es_arena_alloc(arena, (conds->n + 1) *
						   sizeof(*at));

	if (!at)
		return false;
	if (conds->n)
		memcpy(at, conds->at, conds->n * sizeof(*at));
	conds->at = at;
	for (size_t i = 0; i < conds->n; i++)
		if (at[i].arg == cond->arg && at[i].mask == cond->mask)
			return es_ranges_intersect(arena, &at[i].values,
						   &cond->values,
						   &at[i].values);
	at[conds->n++] = *cond;
	return true;
}
