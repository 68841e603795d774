/* SPDX-License-Identifier: MIT */
/* Policies of random rules that no profile can say: any masks and ranges of 64
 * bits, several conditions on an argument, guards with answers of all kinds. */
#ifndef BY_HAND_H
#define BY_HAND_H

#include "policies.h"
#include "random.h"
#include "util.h"

static inline uint32_t any_deny(uint64_t *seed)
{
	static const uint32_t denials[] = {
		ERRNO(1), ERRNO(13), ERRNO(38), ERRNO(4095),
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_TRAP,
	};

	return denials[random_below(seed, ES_COUNT(denials))];
}

/* A policy of rules by hand. */
struct by_hand {
	struct es_arena arena;
	struct es_policy policy;
	struct es_rule rules[2][512];
};

static inline uint64_t any_mask(uint64_t *seed)
{
	const uint64_t bits = random_bits(seed);

	switch (random_below(seed, 8)) {
	case 0:
		return 1ULL << (bits % 64);
	case 1:
		return bits;
	case 2:
		return bits & UINT32_MAX;
	case 3:
		return bits << 32;
	case 4:
		return 0xff;
	case 5:
		return UINT32_MAX;
	default:
		return UINT64_MAX;
	}
}

/* Ends of ranges, often those of words: where halves are told apart. */
static inline uint64_t any_end(uint64_t *seed, uint64_t mask)
{
	static const uint64_t ends[] = {
		0, 1, 2, 7, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
		0x100000000, 0x100000001, 0x1ffffffff, 0x200000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffe,
		0xffffffffffffffff,
	};
	const uint64_t end = random_below(seed, 3) ?
			     ends[random_below(seed, ES_COUNT(ends))] :
			     random_bits(seed) >> random_below(seed, 64);

	return end & mask;
}

static inline void any_cond(struct es_arena *arena, uint64_t *seed,
			    unsigned arg, struct es_cond *cond)
{
	cond->arg = arg;
	cond->mask = any_mask(seed);
	for (uint64_t n = 1 + random_below(seed, 3); n--;) {
		const uint64_t a = any_end(seed, cond->mask);
		const uint64_t b = random_below(seed, 2) ?
				   any_end(seed, cond->mask) : a;

		if (!es_ranges_add(arena, &cond->values, a < b ? a : b,
				   a < b ? b : a))
			abort();
	}
}

/* A rule's conditions, often several on one argument. */
static inline void add_rule(struct by_hand *hand, struct es_rules *rules,
		     uint64_t *seed, uint32_t nr, uint32_t ret)
{
	struct es_rule *rule = &rules->at[rules->n++];
	const unsigned arg = (unsigned)random_below(seed, 6);

	*rule = (struct es_rule){ .nr = nr, .ret = ret };
	rule->conds.n = random_below(seed, 32) ? 1 + random_below(seed, 3) : 0;
	rule->conds.at = es_arena_alloc(
		&hand->arena, (rule->conds.n + 1) * sizeof(struct es_cond));
	if (!rule->conds.at)
		abort();
	for (size_t i = 0; i < rule->conds.n; i++)
		any_cond(&hand->arena, seed,
			 random_below(seed, 2) ? arg :
			 (unsigned)random_below(seed, 6), &rule->conds.at[i]);
}

/* Some 24 numbers have rules. */
static inline void make_by_hand(struct by_hand *hand, uint64_t *seed)
{
	struct es_policy *policy = &hand->policy;

	memset(hand, 0, sizeof(*hand));
	policy->allowed.at = hand->rules[0];
	policy->guards.at = hand->rules[1];
	policy->deny = any_deny(seed);
	for (unsigned i = 0; i < 3; i++)
		policy->key[i] = random_bits(seed);
	policy->gate = (unsigned)random_below(seed, 16);
	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		const bool ruled = !random_below(seed, 22) ||
				   es_is_gated_by(policy, nr);

		policy->known[nr] = random_below(seed, 10) > 0;
		policy->fallback[nr] = !random_below(seed, 50);
		for (uint64_t n = ruled ? random_below(seed, 4) : 0;
		     n && policy->allowed.n < ES_COUNT(hand->rules[0]); n--)
			add_rule(hand, &policy->allowed, seed, nr, ALLOW);
		for (uint64_t n = ruled ? random_below(seed, 4) : 0;
		     n && policy->guards.n < ES_COUNT(hand->rules[1]); n--)
			add_rule(hand, &policy->guards, seed, nr,
				 any_deny(seed));
		policy->allowed.first[nr + 1] = (uint32_t)policy->allowed.n;
		policy->guards.first[nr + 1] = (uint32_t)policy->guards.n;
	}
}

#endif
