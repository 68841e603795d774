/* SPDX-License-Identifier: MIT */
#include "region.h"

#include <stdlib.h>

#include "util.h"

enum { TOP_BIT = 31 };

/* Ranges that somebody else keeps. */
struct span {
	const struct es_range *at;
	size_t n;
};

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

static struct span span_of(const struct es_literal *literal)
{
	return literal->at ? (struct span){ literal->at, literal->n } :
			     (struct span){ &literal->own, 1 };
}

static struct span known(const struct es_region *region,
			 const struct es_fact *fact)
{
	return (struct span){ region->ranges + fact->first, fact->n };
}

/* The first range that does not lie below VALUE wholly. */
static size_t first_reaching(struct span span, uint64_t value)
{
	size_t lo = 0, hi = span.n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (span.at[mid].hi < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Are the values of INNER, of which there are some, in OUTER? */
static enum es_truth within(struct span inner, struct span outer)
{
	bool in = false, out = false;

	for (size_t i = 0; i < inner.n && !(in && out); i++) {
		const struct es_range *own = &inner.at[i];
		const size_t other = first_reaching(outer, own->lo);

		if (other == outer.n || outer.at[other].lo > own->hi) {
			out = true;
			continue;
		}
		in = true;
		out |= outer.at[other].lo > own->lo ||
		       outer.at[other].hi < own->hi;
	}
	return in && out ? ES_MAYBE : in ? ES_ALWAYS : ES_NEVER;
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
			      const struct es_literal *literal)
{
	const struct es_fact *fact = find(region, literal->word, literal->mask);
	struct es_range all = { 0, literal->mask };
	struct span values = { &all, 1 };

	region->steps++;
	if (fact)
		values = known(region, fact);

	const enum es_truth truth = within(values, span_of(literal));
	uint32_t value = 0;

	/* What other masks tell is asked only where it is needed. */
	if (truth != ES_MAYBE || !region->newest[literal->word] ||
	    literal->mask & ~known_bits(region, literal->word, &value))
		return truth;
	all.lo = all.hi = value & literal->mask;
	return within((struct span){ &all, 1 }, span_of(literal));
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
		     struct span outer, bool holds)
{
	uint64_t next = own.lo;

	for (size_t i = first_reaching(outer, own.lo);
	     i < outer.n && outer.at[i].lo <= own.hi; i++) {
		const uint64_t lo = outer.at[i].lo > own.lo ? outer.at[i].lo :
							      own.lo;
		const uint64_t hi = outer.at[i].hi < own.hi ? outer.at[i].hi :
							      own.hi;

		if (holds)
			add_range(region, lo, hi);
		else if (next < lo)
			add_range(region, next, lo - 1);
		next = hi + 1;
	}
	if (!holds && next <= own.hi)
		add_range(region, next, own.hi);
}

static bool has(struct span span, uint64_t value)
{
	const size_t i = first_reaching(span, value);

	return i < span.n && span.at[i].lo <= value;
}

/* What is known of a word, one mask after the other. */
struct views {
	struct {
		uint32_t mask;
		struct span values;
	} at[64];
	size_t n;
};

/*
 * Looks for a value of a word whose bits above BIT are those of WORD. Of each
 * mask's values those with these bits lie in one range: if all of them are fine
 * any rest will do, and if none is no rest will. A bit that no undecided mask
 * has in it makes no difference.
 */
static bool search(struct es_region *region, const struct views *views, int bit,
		   uint32_t word, uint32_t *found)
{
	const uint32_t rest = (uint32_t)((UINT64_C(1) << (bit + 1)) - 1);
	uint32_t open = 0;

	if (++region->steps > ES_REGION_STEPS)
		return false;
	for (size_t i = 0; i < views->n; i++) {
		const uint32_t mask = views->at[i].mask;
		const struct es_range block = { word & mask,
						(word | rest) & mask };

		switch (within((struct span){ &block, 1 },
			       views->at[i].values)) {
		case ES_NEVER:
			return false;
		case ES_MAYBE:
			open |= mask & rest;
			break;
		case ES_ALWAYS:
			break;
		}
	}
	*found = word;
	if (!open)
		return true;
	while (!(open >> bit & 1))
		bit--;
	return search(region, views, bit - 1, word, found) ||
	       search(region, views, bit - 1, word | UINT32_C(1) << bit, found);
}

static bool pick(struct es_region *region, unsigned word, uint32_t *value)
{
	struct views views = { .n = 0 };

	for (size_t i = region->newest[word]; i;
	     i = region->facts[i - 1].older) {
		const struct es_fact *fact = &region->facts[i - 1];
		size_t seen = 0;

		while (seen < views.n && views.at[seen].mask != fact->mask)
			seen++;
		if (seen < views.n)
			continue;
		if (views.n == ES_COUNT(views.at)) {
			region->steps = ES_REGION_STEPS + 1;
			return false;
		}
		views.at[views.n].mask = fact->mask;
		views.at[views.n++].values = known(region, fact);
	}
	return search(region, &views, TOP_BIT, 0, value);
}

/* Has the newest fact's word a value left? */
static bool is_possible(struct es_region *region)
{
	const struct es_fact *fact = &region->facts[region->nfacts - 1];
	const struct span values = known(region, fact);
	uint32_t value = 0;
	bool alone = true;

	if (!fact->n)
		return false;
	for (size_t i = fact->older; i; i = region->facts[i - 1].older)
		alone &= region->facts[i - 1].mask == fact->mask;
	/* Nearly always one of these is all that there is to it. */
	if (alone && (fact->mask == UINT32_MAX || has(values, 0) ||
		      has(values, fact->mask)))
		return true;
	return pick(region, fact->word, &value);
}

bool es_region_assume(struct es_region *region,
		      const struct es_literal *literal, bool holds)
{
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
			 span_of(literal), holds);
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
