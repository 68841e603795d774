/* SPDX-License-Identifier: MIT */
/* What one rule says beside another: is it part of it, or less? */
#ifndef ES_WITHIN_H
#define ES_WITHIN_H

#include "policy.h"

/* INNER is part of OUTER, and less. */
bool es_ranges_strictly_within(const struct es_ranges *inner,
			       const struct es_ranges *outer);

/* The numbers that ARG of RULE's call may be, as far as one condition on all of
 * its 32 bits tells; and is that all that it says of it? */
struct es_ranges es_rule_values(const struct es_rule *rule, unsigned arg);
bool es_rule_is_plain(const struct es_rule *rule, unsigned arg);

/* The conditions of RULE on ARG, as if it were the first argument, in SCRATCH;
 * fewer of them when that has no memory. */
struct es_conds es_rule_conds_on(struct es_arena *scratch,
				 const struct es_rule *rule, unsigned arg);

/* Is what LIMIT says of its argument ARG part of what OTHER says of its
 * argument OTHER_ARG, and less? Memory is taken from SCRATCH. */
bool es_rule_says_less(struct es_arena *scratch, const struct es_rule *limit,
		       unsigned arg, const struct es_rule *other,
		       unsigned other_arg);

/* Does OTHER hold wherever LIMIT does? Memory is taken from SCRATCH. */
bool es_rule_is_within(struct es_arena *scratch, const struct es_rule *limit,
		       const struct es_rule *other);

#endif
