/* SPDX-License-Identifier: MIT */
#ifndef ES_JUDGE_H
#define ES_JUDGE_H

#include "policy.h"

/* A system call as a filter sees it (struct seccomp_data; the instruction
 * pointer is nobody's business). */
struct es_call {
	uint32_t arch; /* AUDIT_ARCH_* */
	uint32_t nr;
	uint64_t args[6];
};

enum { ES_KEY_ARG = 3 }; /* the first of the three registers with the gate's key */

struct es_verdict {
	uint32_t ret; /* SECCOMP_RET_* and its data */
	const struct es_rule *rule; /* that decides; NULL: no rule does */
};

/* What POLICY means for CALL. Knows nothing of BPF. */
struct es_verdict es_judge(const struct es_policy *policy,
			   const struct es_call *call);

/* Does POLICY allow the call NAME with ARGS? Who gives it stands in *BY, if that
 * is asked (NULL: it is always on). A call that this architecture lacks is not
 * allowed. */
bool es_judge_allows(const struct es_policy *policy, const char *name,
		     const uint64_t args[6], const struct es_grant **by);

/* Has the call the exec gate's key in the registers that it does not use? */
bool es_gate_opens(const struct es_policy *policy, uint32_t nr,
		   const uint64_t args[6]);

/* Is it one of the launcher's own calls after the filter is in? They take three
 * arguments at most, since the key takes the other registers. */
bool es_is_gated_by(const struct es_policy *policy, uint32_t nr);

#endif
