/* SPDX-License-Identifier: MIT */
/* Regions against brute force: what is known of a word of twelve bits, and
 * what of it is possible, must be what trying all its values says. */
#include "region.h"

#include "random.h"
#include "tap.h"
#include "util.h"

enum {
	WORD = 5,
	BITS = 12,
	VALUES = 1 << BITS,
	ROUNDS = 3000,
	LITERALS = 8,
	RANGES = 3,
};

struct literal {
	struct es_literal literal;
	struct es_range ranges[RANGES];
};

/* Ranges that ascend and don't touch, single values and bounds more often. */
static void any_literal(uint64_t *seed, struct literal *made)
{
	static const uint32_t masks[] = { UINT32_MAX, UINT32_MAX, 1, 0xff, 0xf0,
					  0 };
	const uint64_t kind = random_below(seed, ES_COUNT(masks) + 4);
	uint64_t next = random_below(seed, 3) ? random_below(seed, VALUES) : 0;

	*made = (struct literal){ .literal = { .word = WORD } };
	made->literal.mask = kind < ES_COUNT(masks) ? masks[kind] :
			     (uint32_t)random_bits(seed) & (VALUES - 1);
	while (made->literal.values.n < RANGES && next <= made->literal.mask) {
		struct es_range *range = &made->ranges[made->literal.values.n++];

		range->lo = next & (random_below(seed, 2) ?
				    made->literal.mask : UINT32_MAX);
		if (made->literal.values.n > 1 && range->lo <= range[-1].hi + 1) {
			made->literal.values.n--;
			break;
		}
		range->hi = range->lo + (random_below(seed, 2) ?
					 random_below(seed, VALUES / 4) : 0);
		next = range->hi + 2 + random_below(seed, VALUES / 4);
	}
	made->literal.values.at = made->ranges;
	if (made->literal.values.n)
		return;
	made->literal.values.at = NULL;
	made->literal.own = (struct es_range){ 0, 0 };
}

static bool holds(const struct es_literal *literal, uint32_t value)
{
	const struct es_range *at = literal->values.at ?
				    literal->values.at : &literal->own;
	const size_t n = literal->values.at ? literal->values.n : 1;

	for (size_t i = 0; i < n; i++)
		if ((value & literal->mask) >= at[i].lo &&
		    (value & literal->mask) <= at[i].hi)
			return true;
	return false;
}

/* How many of the possible values LITERAL holds for. */
static unsigned count(const bool possible[VALUES],
		      const struct es_literal *literal, bool wanted)
{
	unsigned n = 0;

	for (uint32_t value = 0; value < VALUES; value++)
		n += possible[value] && holds(literal, value) == wanted;
	return n;
}

static unsigned wrong_truths, wrong_answers, wrong_picks, empty, narrowed;

static void step(struct es_region *region, bool possible[VALUES],
		 uint64_t *seed)
{
	struct literal made;
	const bool wanted = random_below(seed, 2);
	uint32_t words[ES_WORDS];

	any_literal(seed, &made);

	const unsigned yes = count(possible, &made.literal, true);
	const unsigned no = count(possible, &made.literal, false);
	const unsigned left = wanted ? yes : no;
	const enum es_truth truth = es_region_truth(region, &made.literal);

	wrong_truths += (truth == ES_ALWAYS && no) ||
			(truth == ES_NEVER && yes);
	if (es_region_assume(region, &made.literal, wanted) != (left > 0)) {
		wrong_answers++;
		return;
	}
	empty += !left;
	narrowed += left > 0;
	for (uint32_t value = 0; value < VALUES && left; value++)
		possible[value] &= holds(&made.literal, value) == wanted;
	es_region_pick(region, words);
	wrong_picks += words[WORD] >= VALUES || !possible[words[WORD]];
}

int main(void)
{
	struct es_literal small = { .word = WORD, .mask = UINT32_MAX,
					  .own = { 0, VALUES - 1 } };
	struct es_region region = { 0 };
	uint64_t seed = 11;
	static bool possible[VALUES];

	for (unsigned round = 0; round < ROUNDS; round++) {
		region.steps = 0;
		memset(possible, true, sizeof(possible));
		es_region_assume(&region, &small, true);
		for (unsigned i = 0; i < LITERALS; i++)
			step(&region, possible, &seed);
		es_region_undo(&region, 0);
	}
	tap_ok(!es_region_stopped(&region), "no region takes too many steps");
	tap_int(wrong_truths, 0, "what always or never holds does");
	tap_int(wrong_answers, 0, "a region is empty when no value is left");
	tap_int(wrong_picks, 0, "what is picked is in the region");
	tap_ok(empty > ROUNDS && narrowed > ROUNDS,
	       "%u regions were empty, %u were not", empty, narrowed);
	es_region_finish(&region);
	return tap_done();
}
