/* SPDX-License-Identifier: MIT */
#include "within.h"

bool es_ranges_strictly_within(const struct es_ranges *inner,
			       const struct es_ranges *outer)
{
	return es_ranges_within(inner, outer) &&
	       !es_ranges_within(outer, inner);
}

struct es_ranges es_rule_values(const struct es_rule *rule, unsigned arg)
{
	static struct es_range all = { 0, UINT32_MAX };

	for (size_t i = 0; i < rule->conds.n; i++)
		if (rule->conds.at[i].arg == arg &&
		    rule->conds.at[i].mask == UINT32_MAX)
			return rule->conds.at[i].values;
	return (struct es_ranges){ &all, 1 };
}

bool es_rule_is_plain(const struct es_rule *rule, unsigned arg)
{
	for (size_t i = 0; i < rule->conds.n; i++)
		if (rule->conds.at[i].arg == arg &&
		    rule->conds.at[i].mask != UINT32_MAX)
			return false;
	return true;
}

struct es_conds es_rule_conds_on(struct es_arena *scratch,
				 const struct es_rule *rule, unsigned arg)
{
	struct es_conds own = { 0 };

	for (size_t i = 0; i < rule->conds.n; i++) {
		struct es_cond cond = rule->conds.at[i];

		if (cond.arg != arg)
			continue;
		cond.arg = 0;
		es_conds_add(scratch, &own, &cond);
	}
	return own;
}

/* Can all of CONDS hold where one of OTHERS does not? */
static bool leave(struct es_arena *scratch, const struct es_conds *conds,
		  const struct es_conds *others)
{
	for (size_t i = 0; i < others->n; i++) {
		struct es_conds both = *conds;
		struct es_cond not;

		if (es_cond_negate(scratch, &others->at[i], &not) &&
		    es_conds_add(scratch, &both, &not) &&
		    es_conds_possible(&both) != ES_NONE)
			return true;
	}
	return false;
}

bool es_rule_says_less(struct es_arena *scratch, const struct es_rule *limit,
		       unsigned arg, const struct es_rule *other,
		       unsigned other_arg)
{
	if (es_rule_is_plain(limit, arg) &&
	    es_rule_is_plain(other, other_arg)) {
		const struct es_ranges inner = es_rule_values(limit, arg);
		const struct es_ranges outer = es_rule_values(other, other_arg);

		return es_ranges_strictly_within(&inner, &outer);
	}

	const struct es_conds less = es_rule_conds_on(scratch, limit, arg);
	const struct es_conds more = es_rule_conds_on(scratch, other,
						      other_arg);

	return !leave(scratch, &less, &more) && leave(scratch, &more, &less);
}

/* Is that plain, since CONDS, which can hold, let an argument have a value that
 * OTHERS do not? Most rules of a call are told apart so, at no cost. */
static bool plainly_leave(const struct es_conds *conds,
			  const struct es_conds *others)
{
	for (size_t i = 0; i < others->n; i++) {
		const struct es_cond *other = &others->at[i], *own = NULL;
		size_t n = 0;

		for (size_t c = 0; c < conds->n; c++) {
			if (conds->at[c].arg != other->arg)
				continue;
			own = &conds->at[c];
			n++;
		}
		/* Under a mask with gaps, not every value can be. */
		if (n == 1 && own->mask == other->mask &&
		    !(own->mask & (own->mask + 1)) &&
		    !es_ranges_within(&own->values, &other->values))
			return true;
	}
	return false;
}

/* Do they look at different bits of an argument, so that conditions one by one
 * tell nothing? */
static bool bits_differ(const struct es_conds *a, const struct es_conds *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (a->at[i].arg == b->at[k].arg &&
			    a->at[i].mask != b->at[k].mask)
				return true;
	return false;
}

bool es_rule_is_within(struct es_arena *scratch, const struct es_rule *limit,
		       const struct es_rule *other)
{
	return es_conds_within(&limit->conds, &other->conds) ||
	       (bits_differ(&limit->conds, &other->conds) &&
		!plainly_leave(&limit->conds, &other->conds) &&
		!leave(scratch, &limit->conds, &other->conds));
}
