/* SPDX-License-Identifier: MIT */
/*
 * A policy taken apart: for each number, disjoint cells of arguments and the
 * judge's verdict on each. A cell is what `(arg & mask) == value` can say of
 * the six arguments, so that other compilers can be told of it.
 *
 * The cells of a number are the leaves of one tree, whose forks each look at
 * one bit, ascending by argument and from the top bit down. So at each word of
 * 32 bits, taken in that order, two cells are the same or have nothing in
 * common: libseccomp, which compares word by word and does not come back from
 * a branch that it has taken, can't mix them up.
 */
#ifndef CELLS_H
#define CELLS_H

#include "judge.h"

enum { CELL_ARGS = 6, CELL_BITS = 64 };

struct cell {
	uint64_t mask[CELL_ARGS], value[CELL_ARGS];
};

/* Called with each cell; false ends it. */
typedef bool cell_fn(void *state, uint32_t nr, const struct cell *cell,
		     uint32_t ret);

struct cells {
	const struct es_policy *policy;
	struct es_rule gate; /* the key, as a rule */
	uint32_t nr;
	uint32_t otherwise; /* the verdict where no rule holds */
	cell_fn *each;
	void *state;
};

enum holding { NEVER, SOMETIMES, ALWAYS };

/* Does COND hold for the calls in CELL? SOMETIMES if that is not plain. */
static inline enum holding cond_holds(const struct es_cond *cond,
				      const struct cell *cell)
{
	const uint64_t lo = cell->value[cond->arg] & cond->mask;
	const uint64_t hi = lo | (cond->mask & ~cell->mask[cond->arg]);
	enum holding holds = NEVER;

	for (size_t i = 0; i < cond->values.n; i++) {
		const struct es_range *range = &cond->values.at[i];

		if (range->lo <= lo && hi <= range->hi)
			return ALWAYS;
		if (lo <= range->hi && range->lo <= hi)
			holds = SOMETIMES;
	}
	return holds;
}

static inline enum holding rule_holds(const struct es_rule *rule,
				      const struct cell *cell)
{
	enum holding all = ALWAYS;

	for (size_t i = 0; i < rule->conds.n; i++) {
		const enum holding holds = cond_holds(&rule->conds.at[i], cell);

		if (holds < all)
			all = holds;
	}
	return all;
}

/* The next bit that RULE's conditions ask for, counted in the tree's order; at
 * most BEST. */
static inline unsigned next_bit(const struct es_rule *rule,
				const struct cell *cell, unsigned best)
{
	for (size_t i = 0; i < rule->conds.n; i++) {
		const struct es_cond *cond = &rule->conds.at[i];
		const uint64_t open = cond->mask & ~cell->mask[cond->arg];

		if (cond_holds(cond, cell) != SOMETIMES)
			continue;

		const unsigned bit = cond->arg * CELL_BITS +
				     (unsigned)__builtin_clzll(open);

		best = bit < best ? bit : best;
	}
	return best;
}

/* The I-th rule of the number in the order of verdicts, or NULL. */
static inline const struct es_rule *cells_rule(const struct cells *cells,
					       size_t i)
{
	const struct es_rules *lists[] = { &cells->policy->guards,
					   &cells->policy->allowed };

	if (es_is_gated_by(cells->policy, cells->nr) && !i--)
		return &cells->gate;
	for (size_t l = 0; l < 2; l++) {
		const uint32_t first = lists[l]->first[cells->nr];
		const size_t n = lists[l]->first[cells->nr + 1] - first;

		if (i < n)
			return &lists[l]->at[first + i];
		i -= n;
	}
	return NULL;
}

static inline uint32_t cell_verdict(const struct es_policy *policy,
				    uint32_t nr, const struct cell *cell)
{
	struct es_call call = { .arch = ES_AUDIT_ARCH, .nr = nr };

	for (unsigned i = 0; i < CELL_ARGS; i++)
		call.args[i] = cell->value[i];
	return es_judge(policy, &call).ret;
}

/*
 * The bit that CELL has to be split at, or CELL_ARGS * CELL_BITS where one
 * verdict holds for all of it: no rule before the one that decides holds for
 * some of it only, but such that give the same answer and stand last.
 */
static inline unsigned find_split(const struct cells *cells,
				  const struct cell *cell)
{
	const unsigned none = CELL_ARGS * CELL_BITS;
	const struct es_rule *rule = NULL;
	unsigned best = none, kept = none;
	uint32_t ret = 0;
	size_t n = 0;

	while ((rule = cells_rule(cells, n)) &&
	       rule_holds(rule, cell) != ALWAYS)
		n++;
	ret = rule ? rule->ret : cells->otherwise;
	for (size_t i = 0; i < n; i++) {
		rule = cells_rule(cells, i);
		if (rule_holds(rule, cell) != SOMETIMES)
			continue;
		best = next_bit(rule, cell, best);
		if (rule->ret != ret)
			kept = best;
	}
	return kept;
}

static inline bool cells_below(struct cells *cells, const struct cell *cell)
{
	const unsigned split = find_split(cells, cell);

	if (split == CELL_ARGS * CELL_BITS)
		return cells->each(cells->state, cells->nr, cell,
				   cell_verdict(cells->policy, cells->nr,
						cell));

	const uint64_t bit = 1ULL << (CELL_BITS - 1 - split % CELL_BITS);
	struct cell half = *cell;

	half.mask[split / CELL_BITS] |= bit;
	if (!cells_below(cells, &half))
		return false;
	half.value[split / CELL_BITS] |= bit;
	return cells_below(cells, &half);
}

/* Calls EACH with every cell of every number below ES_NR_LIMIT; false if it
 * returned false. */
static inline bool cells_of(const struct es_policy *policy, cell_fn *each,
			    void *state)
{
	struct cells cells = { .policy = policy, .each = each, .state = state };
	struct es_policy bare = *policy; /* without a rule, or a key of 0 */
	struct es_range key[3];
	struct es_cond conds[3];

	bare.guards = bare.allowed = (struct es_rules){ 0 };
	bare.key[0] = 1;
	for (unsigned i = 0; i < 3; i++) {
		key[i] = (struct es_range){ policy->key[i], policy->key[i] };
		conds[i] = (struct es_cond){ i + 3, UINT64_MAX,
					     { &key[i], 1 } };
	}
	cells.gate = (struct es_rule){ .ret = SECCOMP_RET_ALLOW,
				       .conds = { conds, 3 } };
	for (cells.nr = 0; cells.nr < ES_NR_LIMIT; cells.nr++) {
		const struct cell all = { .mask = { 0 } };

		cells.otherwise = cell_verdict(&bare, cells.nr, &all);
		if (!cells_below(&cells, &all))
			return false;
	}
	return true;
}

#endif
