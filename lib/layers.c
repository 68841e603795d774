/* SPDX-License-Identifier: MIT */
/* A policy in two layers: for the start of a program, and from then on. */
#include "policy.h"

/* The rules of ALL that are WANTED, in ARENA. False when there is no memory. */
static bool take_rules(struct es_arena *arena, const struct es_rules *all,
		       bool (*wanted)(const struct es_rule *rule, bool script),
		       bool script, struct es_rules *rules)
{
	struct es_rule *at = es_arena_alloc(arena, all->n * sizeof(*at) + 1);

	if (!at)
		return false;
	*rules = (struct es_rules){ .at = at };
	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		for (uint32_t i = all->first[nr]; i < all->first[nr + 1]; i++)
			if (wanted(&all->at[i], script))
				at[rules->n++] = all->at[i];
		rules->first[nr + 1] = (uint32_t)rules->n;
	}
	return true;
}

static bool is_lasting(const struct es_rule *rule, bool script)
{
	return !rule->startup && !rule->arming && (!rule->loader || script);
}

static bool is_no_limit(const struct es_rule *rule, bool unused)
{
	(void)unused;
	return !rule->limits;
}

enum es_status es_policy_part(struct es_arena *arena, struct es_policy *policy,
			      const struct es_profile *profile, bool script,
			      struct es_policy *exact)
{
	struct es_rules all;

	*exact = *policy;
	if (!take_rules(arena, &policy->allowed, is_lasting, script,
			&exact->allowed) ||
	    !take_rules(arena, &policy->guards, is_lasting, script,
			&exact->guards))
		return ES_NOMEM;
	exact->gate = profile->startup.until == ES_UNTIL_READY ?
		      ES_GATE_NOTIFY : 0;
	policy->gate |= ES_GATE_ARM | exact->gate;
	if (!profile->startup.place.source)
		return ES_OK;
	/* Servers move 0 to 2 about while they start. */
	all = policy->guards;
	policy->first_guards = all.at;
	return take_rules(arena, &all, is_no_limit, script, &policy->guards) ?
	       ES_OK : ES_NOMEM;
}
