/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#include "util.h"

/* Calls that are the launcher's own, by the occasion. */
static const struct {
	uint32_t nr;
	unsigned gate;
} gated[] = {
	{ SYS_execve, ES_GATE_EXEC },
	{ SYS_write, ES_GATE_EXEC }, /* a failure can be told */
	{ SYS_sendmsg, ES_GATE_REPORT | ES_GATE_NOTIFY },
	{ SYS_socket, ES_GATE_ARM },
	{ SYS_recvmsg, ES_GATE_ARM },
	{ SYS_landlock_restrict_self, ES_GATE_ARM },
	{ SYS_seccomp, ES_GATE_ARM },
	{ SYS_close, ES_GATE_ARM | ES_GATE_CLOSE },
};

bool es_is_gated_by(const struct es_policy *policy, uint32_t nr)
{
	for (size_t i = 0; i < ES_COUNT(gated); i++)
		if (gated[i].nr == nr)
			return policy->gate & gated[i].gate;
	return false;
}

uint32_t es_policy_allows(const struct es_policy *policy, uint32_t nr)
{
	return policy->watched[nr] ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
}

uint32_t es_policy_skips(const struct es_policy *policy)
{
	return policy->supervised ? policy->skipped : policy->deny;
}

bool es_gate_opens(const struct es_policy *policy, uint32_t nr,
		   const uint64_t args[6])
{
	return es_is_gated_by(policy, nr) &&
	       !memcmp(&args[ES_KEY_ARG], policy->key, sizeof(policy->key));
}

static const struct es_rule *match(const struct es_rules *rules,
				   const struct es_call *call)
{
	for (uint32_t i = rules->first[call->nr];
	     i < rules->first[call->nr + 1]; i++)
		if (es_conds_hold(&rules->at[i].conds, call->args))
			return &rules->at[i];
	return NULL;
}

struct es_verdict es_judge(const struct es_policy *policy,
			   const struct es_call *call)
{
	const uint32_t nosys = SECCOMP_RET_ERRNO | ENOSYS;
	const uint32_t skipped = UINT32_MAX; /* a tracer skips a call so */
	const struct es_rule *rule = NULL;

	if (policy->open)
		return (struct es_verdict){ SECCOMP_RET_ALLOW, NULL };
	if (call->arch != ES_AUDIT_ARCH)
		return (struct es_verdict){ SECCOMP_RET_KILL_PROCESS, NULL };
	if (call->nr == skipped)
		return (struct es_verdict){ es_policy_skips(policy), NULL };
	if (call->nr >= ES_X32_BIT)
		return (struct es_verdict){ SECCOMP_RET_KILL_PROCESS, NULL };
	if (call->nr >= ES_NR_LIMIT)
		return (struct es_verdict){ nosys, NULL };
	if (es_gate_opens(policy, call->nr, call->args))
		return (struct es_verdict){ SECCOMP_RET_ALLOW, NULL };
	rule = match(&policy->guards, call);
	if (rule)
		return (struct es_verdict){ rule->ret, rule };
	rule = match(&policy->allowed, call);
	if (rule)
		return (struct es_verdict){
			es_policy_allows(policy, call->nr), rule };
	if (policy->fallback[call->nr] || !policy->known[call->nr])
		return (struct es_verdict){ nosys, NULL };
	return (struct es_verdict){ policy->deny, NULL };
}

bool es_judge_allows(const struct es_policy *policy, const char *name,
		     const uint64_t args[6], const struct es_grant **by)
{
	const struct es_syscall *call = es_syscall_find(name, strlen(name));
	struct es_call made = { .arch = ES_AUDIT_ARCH };
	struct es_verdict verdict;

	if (!call || es_syscall_number(call) < 0)
		return false;
	made.nr = (uint32_t)es_syscall_number(call);
	memcpy(made.args, args, sizeof(made.args));
	verdict = es_judge(policy, &made);
	if (by)
		*by = verdict.rule ? verdict.rule->grant : NULL;
	return verdict.ret == SECCOMP_RET_ALLOW;
}
