/* SPDX-License-Identifier: MIT */
#include "region.h"

#include <stdlib.h>

#include "masked.h"
#include "util.h"

/* More of one word are given up. */
enum { MAX_MASKS = 64 };

void es_region_finish(struct es_region *region)
{
	free(region->facts);
	free(region->ranges);
	*region = (struct es_region){ 0 };
}

bool es_region_stopped(const struct es_region *region)
{
	return region->nomem || region->steps > ES_REGION_STEPS;
}

static struct es_ranges values_of(struct es_literal *literal)
{
	return literal->values.at ? literal->values :
				    (struct es_ranges){ &literal->own, 1 };
}

static struct es_ranges known(const struct es_region *region,
			      const struct es_fact *fact)
{
	return (struct es_ranges){ region->ranges + fact->first, fact->n };
}

/* The newest fact of WORD that is about MASK, or NULL. */
static const struct es_fact *find(const struct es_region *region, unsigned word,
				  uint32_t mask)
{
	for (size_t i = region->newest[word]; i;
	     i = region->facts[i - 1].older)
		if (region->facts[i - 1].mask == mask)
			return &region->facts[i - 1];
	return NULL;
}

/* The bits of WORD that have one value only, as far as single facts tell. */
static uint32_t known_bits(const struct es_region *region, unsigned word,
			   uint32_t *value)
{
	uint32_t bits = 0;

	*value = 0;
	for (size_t i = region->newest[word]; i;
	     i = region->facts[i - 1].older) {
		const struct es_fact *fact = &region->facts[i - 1];
		const struct es_range *only = &region->ranges[fact->first];

		if (fact->n != 1 || only->lo != only->hi)
			continue;
		bits |= fact->mask;
		*value |= (uint32_t)only->lo;
	}
	return bits;
}

enum es_truth es_region_truth(struct es_region *region,
			      struct es_literal *literal)
{
	const struct es_fact *fact = find(region, literal->word, literal->mask);
	const struct es_ranges asked = values_of(literal);
	struct es_range all = { 0, literal->mask };
	struct es_ranges values = { &all, 1 };
	uint32_t value = 0;

	region->steps++;
	if (fact)
		values = known(region, fact);

	const enum es_truth truth = es_ranges_truth(&values, &asked);

	/* What other masks tell is asked only where it is needed. */
	if (truth != ES_MAYBE || !region->newest[literal->word] ||
	    literal->mask & ~known_bits(region, literal->word, &value))
		return truth;
	all.lo = all.hi = value & literal->mask;
	values = (struct es_ranges){ &all, 1 };
	return es_ranges_truth(&values, &asked);
}

static void add_range(struct es_region *region, uint64_t lo, uint64_t hi)
{
	if (es_grow(region->ranges, region->nranges, region->ranges_cap))
		region->ranges[region->nranges++] = (struct es_range){ lo, hi };
	else
		region->nomem = true;
}

/* Adds OWN's part that is in OUTER, or the rest of it. */
static void add_part(struct es_region *region, struct es_range own,
		     const struct es_ranges *outer, bool holds)
{
	uint64_t next = own.lo;

	for (size_t i = es_ranges_first(outer, own.lo);
	     i < outer->n && outer->at[i].lo <= own.hi; i++) {
		const struct es_range *its = &outer->at[i];
		const uint64_t lo = its->lo > own.lo ? its->lo : own.lo;
		const uint64_t hi = its->hi < own.hi ? its->hi : own.hi;

		if (holds)
			add_range(region, lo, hi);
		else if (next < lo)
			add_range(region, next, lo - 1);
		next = hi + 1;
	}
	if (!holds && next <= own.hi)
		add_range(region, next, own.hi);
}

/* Some value that WORD may have; false if there is none, or no step left. */
static bool pick(struct es_region *region, unsigned word, uint32_t *value)
{
	struct es_masked sets[MAX_MASKS];
	unsigned left = region->steps < ES_REGION_STEPS ?
			ES_REGION_STEPS - region->steps : 0;
	const unsigned before = left;
	uint64_t found = 0;
	size_t n = 0;

	for (size_t i = region->newest[word]; i;
	     i = region->facts[i - 1].older) {
		const struct es_fact *fact = &region->facts[i - 1];
		size_t seen = 0;

		while (seen < n && sets[seen].mask != fact->mask)
			seen++;
		if (seen < n)
			continue;
		if (n == MAX_MASKS) {
			region->steps = ES_REGION_STEPS + 1;
			return false;
		}
		sets[n++] = (struct es_masked){ fact->mask,
						known(region, fact) };
	}

	const enum es_found end = es_masked_find(sets, n, UINT32_MAX, &left,
						 &found);

	region->steps += before - left + (end == ES_GAVE_UP);
	*value = (uint32_t)found;
	return end == ES_FOUND;
}

/* Has the newest fact's word a value left? */
static bool is_possible(struct es_region *region)
{
	const struct es_fact *fact = &region->facts[region->nfacts - 1];
	const struct es_ranges values = known(region, fact);
	uint32_t value = 0;
	bool alone = true;

	if (!fact->n)
		return false;
	for (size_t i = fact->older; i; i = region->facts[i - 1].older)
		alone &= region->facts[i - 1].mask == fact->mask;
	/* Nearly always one of these is all that there is to it. */
	if (alone && (fact->mask == UINT32_MAX || es_ranges_has(&values, 0) ||
		      es_ranges_has(&values, fact->mask)))
		return true;
	return pick(region, fact->word, &value);
}

bool es_region_assume(struct es_region *region,
		      struct es_literal *literal, bool holds)
{
	const struct es_ranges asked = values_of(literal);
	const struct es_fact *before = find(region, literal->word,
					    literal->mask);
	struct es_fact fact = {
		.word = literal->word,
		.mask = literal->mask,
		.first = region->nranges,
		.older = region->newest[literal->word],
	};
	const size_t n = before ? before->n : 1;
	const size_t first = before ? before->first : 0;

	region->steps++;
	for (size_t i = 0; i < n && !region->nomem; i++)
		add_part(region, before ? region->ranges[first + i] :
			 (struct es_range){ 0, literal->mask },
			 &asked, holds);
	fact.n = region->nranges - fact.first;
	if (!es_grow(region->facts, region->nfacts, region->facts_cap))
		region->nomem = true;
	if (region->nomem) {
		region->nranges = fact.first;
		return false;
	}
	region->facts[region->nfacts++] = fact;
	region->newest[fact.word] = region->nfacts;
	if (is_possible(region) && !es_region_stopped(region))
		return true;
	es_region_undo(region, region->nfacts - 1);
	return false;
}

void es_region_undo(struct es_region *region, size_t nfacts)
{
	while (region->nfacts > nfacts) {
		const struct es_fact *fact = &region->facts[--region->nfacts];

		region->newest[fact->word] = fact->older;
		region->nranges = fact->first;
	}
}

void es_region_pick(struct es_region *region, uint32_t words[ES_WORDS])
{
	for (unsigned word = 0; word < ES_WORDS; word++)
		if (!pick(region, word, &words[word]))
			words[word] = 0;
}
