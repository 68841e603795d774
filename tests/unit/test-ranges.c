/* SPDX-License-Identifier: MIT */
/* Sets of numbers against brute force: a universe of 64 numbers, a bit each,
 * at both ends of what 64 bits hold. */
#include "ranges.h"

#include "random.h"
#include "tap.h"

enum { UNIVERSE = 64, ROUNDS = 4000 };

struct sample {
	struct es_ranges set;
	uint64_t bits; /* the same set: bit i stands for BASE + i */
};

static bool canonical(const struct es_ranges *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->at[i].lo > set->at[i].hi)
			return false;
		if (i && (set->at[i - 1].hi == UINT64_MAX ||
			  set->at[i - 1].hi + 1 >= set->at[i].lo))
			return false;
	}
	return true;
}

static bool same(const struct es_ranges *set, uint64_t bits, uint64_t base)
{
	for (uint64_t i = 0; i < UNIVERSE; i++)
		if (es_ranges_has(set, base + i) != (bits >> i & 1))
			return false;
	return canonical(set);
}

/* Some ranges, added in any order. */
static bool fill(struct es_arena *arena, uint64_t *seed, uint64_t base,
		 struct sample *sample)
{
	const uint64_t n = random_below(seed, 6);

	*sample = (struct sample){ { 0 }, 0 };
	for (uint64_t i = 0; i < n; i++) {
		const uint64_t lo = random_below(seed, UNIVERSE);
		const uint64_t len = 1 + random_below(seed, 12);
		const uint64_t hi = lo + len > UNIVERSE ? UNIVERSE - 1
							: lo + len - 1;

		if (!es_ranges_add(arena, &sample->set, base + lo, base + hi))
			return false;
		for (uint64_t bit = lo; bit <= hi; bit++)
			sample->bits |= 1ULL << bit;
	}
	return true;
}

struct tally {
	unsigned add, join, meet, within, equal, complement, contained;
};

static void try_pair(struct es_arena *arena, uint64_t base,
		     const struct sample *a, const struct sample *b,
		     struct tally *wrong)
{
	struct es_ranges sum = { 0 };
	struct es_ranges own = a->set;
	const bool part = !(a->bits & ~b->bits);

	wrong->join += !es_ranges_union(arena, &a->set, &b->set, &sum) ||
		       !same(&sum, a->bits | b->bits, base) ||
		       !es_ranges_union(arena, &own, &b->set, &own) ||
		       !es_ranges_equal(&own, &sum);
	own = a->set;
	wrong->meet += !es_ranges_intersect(arena, &a->set, &b->set, &sum) ||
		       !same(&sum, a->bits & b->bits, base) ||
		       !es_ranges_intersect(arena, &own, &b->set, &own) ||
		       !es_ranges_equal(&own, &sum);
	wrong->within += es_ranges_within(&a->set, &b->set) != part;
	wrong->equal += es_ranges_equal(&a->set, &b->set) !=
			(a->bits == b->bits);
	wrong->contained += part && a->bits;
}

/* 0..MAX without SET, where SET may reach beyond MAX. */
static void try_complement(struct es_arena *arena, const struct sample *a,
			   uint64_t max, struct tally *wrong)
{
	const uint64_t all = max == UNIVERSE - 1 ? UINT64_MAX
						 : (1ULL << (max + 1)) - 1;
	struct es_ranges rest = { 0 };

	wrong->complement += !es_ranges_complement(arena, &a->set, max,
						   &rest) ||
			     !same(&rest, ~a->bits & all, 0);
}

static void try_brute_force(void)
{
	static const uint64_t bases[] = { 0, UINT64_MAX - UNIVERSE + 1 };
	struct tally wrong = { 0 };
	uint64_t seed = 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		const uint64_t base = bases[round % 2];
		struct es_arena arena = { 0 };
		struct sample a, b;

		if (!fill(&arena, &seed, base, &a) ||
		    !fill(&arena, &seed, base, &b)) {
			wrong.add++;
			continue;
		}
		wrong.add += !same(&a.set, a.bits, base) ||
			     !same(&b.set, b.bits, base);
		try_pair(&arena, base, &a, &b, &wrong);
		try_pair(&arena, base, &a, &a, &wrong);
		if (!base)
			try_complement(&arena, &a,
				       random_below(&seed, UNIVERSE), &wrong);
		es_arena_finish(&arena);
	}
	tap_int(wrong.add, 0, "adding ranges, in any order");
	tap_int(wrong.join, 0, "union, the result an operand or not");
	tap_int(wrong.meet, 0, "intersection");
	tap_int(wrong.within, 0, "within");
	tap_int(wrong.equal, 0, "equal");
	tap_int(wrong.complement, 0, "complement");
	tap_ok(wrong.contained > ROUNDS / 2,
	       "not for want of sets within others");
}

static void try_ends(void)
{
	struct es_arena arena = { 0 };
	struct es_ranges all = { 0 }, none = { 0 }, rest = { 0 };

	tap_ok(!es_ranges_has(&none, 0), "nothing is in the empty set");
	tap_ok(es_ranges_add(&arena, &all, 0, UINT64_MAX) &&
		       es_ranges_has(&all, UINT64_MAX),
	       "a set of all numbers");
	tap_ok(es_ranges_within(&none, &none) &&
		       es_ranges_within(&none, &all) &&
		       !es_ranges_within(&all, &none),
	       "the empty set is part of any");
	tap_ok(es_ranges_complement(&arena, &all, UINT64_MAX, &rest) && !rest.n,
	       "the complement of all is empty");
	tap_ok(es_ranges_complement(&arena, &rest, UINT64_MAX, &rest) &&
		       es_ranges_equal(&rest, &all),
	       "and that one's is all");
	tap_ok(es_ranges_complement(&arena, &none, UINT32_MAX, &rest) &&
		       rest.n == 1 && rest.at[0].hi == UINT32_MAX,
	       "a complement ends at its limit");
	tap_ok(es_ranges_add(&arena, &all, 5, 9) && all.n == 1,
	       "what is there already changes nothing");
	es_arena_finish(&arena);
}

int main(void)
{
	try_brute_force();
	try_ends();
	return tap_done();
}
