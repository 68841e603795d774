/* SPDX-License-Identifier: MIT */
/* Calls that a policy and its filter are compared on: those at the boundaries
 * of its rules more often than others. */
#ifndef CALLS_H
#define CALLS_H

#include <linux/audit.h>
#include <string.h>

#include "bpf.h"
#include "judge.h"
#include "random.h"
#include "util.h"

/* Sets one argument to what RULES' conditions on NR make interesting. */
static inline void aim(const struct es_rules *rules, uint64_t *seed,
		       struct es_call *call)
{
	const uint32_t n = rules->first[call->nr + 1] - rules->first[call->nr];
	const struct es_rule *rule =
		n ? &rules->at[rules->first[call->nr] + random_below(seed, n)]
		  : NULL;

	for (size_t i = 0; rule && i < rule->conds.n; i++) {
		const struct es_cond *cond = &rule->conds.at[i];
		uint64_t value = random_bits(seed);

		if (cond->values.n) {
			const struct es_range *range =
				&cond->values.at[random_below(seed,
							      cond->values.n)];

			value = random_below(seed, 2) ? range->lo : range->hi;
			value += random_below(seed, 6)
					 ? 0
					 : random_below(seed, 3) - 1;
		}
		call->args[cond->arg] = (value & cond->mask) |
					(random_bits(seed) & ~cond->mask &
					 (random_below(seed, 2) ? ~0ULL : 0));
	}
}

static inline void any_call(const struct es_policy *policy, uint64_t *seed,
			    struct es_call *call)
{
	static const uint32_t arches[] = { AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
					   AUDIT_ARCH_X86_64 ^ 0x80000000, 0 };

	*call = (struct es_call){
		.arch = ES_AUDIT_ARCH,
		.nr = (uint32_t)random_below(seed, ES_NR_LIMIT),
	};
	for (unsigned i = 0; i < 6; i++)
		call->args[i] = random_below(seed, 2) ? random_below(seed, 4)
						      : random_bits(seed);
	aim(&policy->allowed, seed, call);
	if (random_below(seed, 2))
		aim(&policy->guards, seed, call);
	if (es_is_gated_by(policy, call->nr) && random_below(seed, 2)) {
		memcpy(&call->args[3], policy->key, sizeof(policy->key));
		if (random_below(seed, 2))
			call->args[3 + random_below(seed, 3)] ^=
				1ULL << random_below(seed, 64);
	}
	if (!random_below(seed, 50))
		call->arch = arches[random_below(seed, ES_COUNT(arches))];
	if (!random_below(seed, 25))
		call->nr |= (uint32_t)random_bits(seed)
			    << random_below(seed, 32);
}

static inline uint32_t run(const struct es_filter *filter,
			   const struct es_call *call)
{
	struct seccomp_data data = { .nr = (int)call->nr, .arch = call->arch };
	uint32_t ret = 0xdead;

	memcpy(data.args, call->args, sizeof(data.args));
	data.instruction_pointer = 0x7fff00001000;
	return es_bpf_run(filter, &data, &ret) ? ret : 0xbad;
}

#endif
