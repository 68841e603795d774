/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "access.h"
#include "judge.h"
#include "util.h"

/* What Landlock may deny by a path or a port although the filter allows it. */
static const char *const watched[] = {
	"bind", "connect", "creat", "execve", "link", "linkat", "mkdir", "mkdirat",
	"mknod", "mknodat", "open", "openat", "rename", "renameat", "renameat2",
	"rmdir", "symlink", "symlinkat", "truncate", "unlink", "unlinkat",
};

enum { NWATCHED_PORTS = 2 }; /* the first of them */

static void watch(struct es_policy *policy, const char *name)
{
	const struct es_syscall *call = es_syscall_find(name, strlen(name));
	const int nr = call ? es_syscall_number(call) : -1;

	if (nr >= 0)
		policy->watched[nr] = true;
}

/* The other answers of guards are no denials, but keep programs going: closing
 * is said to have been done, and close_range to be unknown. */
static bool denies(const struct es_rule *guard)
{
	return guard->ret != (SECCOMP_RET_ERRNO | 0) &&
	       guard->ret != (SECCOMP_RET_ERRNO | ENOSYS);
}

bool es_watch_stacks(const struct es_policy *policy)
{
	static const struct {
		const char *name;
		uint64_t args[6];
	} loads[] = {
		{ "seccomp", { SECCOMP_SET_MODE_FILTER } },
		{ "prctl", { PR_SET_SECCOMP, SECCOMP_MODE_FILTER } },
	};

	/* Where that can't be asked, somebody's filter says so. */
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0))
		return true;
	for (size_t i = 0; i < ES_COUNT(loads); i++)
		if (es_judge_allows(policy, loads[i].name, loads[i].args, NULL))
			return true;
	return false;
}

enum es_status es_watch(struct es_arena *arena, const struct es_policy *policy,
			struct es_landlock_plan *plan,
			struct es_policy *supervised)
{
	const struct es_rules *guards = &policy->guards;
	struct es_rule *at = es_arena_alloc(arena,
					    guards->n * sizeof(*at) + 1);

	/* Here, in what is to be the program, /proc/self is its own. */
	if (!at || !es_landlock_resolve(arena, plan))
		return ES_NOMEM;
	*supervised = *policy;
	supervised->supervised = true;
	supervised->gate |= policy->gate & ES_GATE_EXEC ? ES_GATE_REPORT :
							  ES_GATE_CLOSE;
	supervised->skipped = policy->deny;
	/* A trap has the call's number and place in it, which a filter alone can
	 * give. */
	if (policy->deny != SECCOMP_RET_TRAP)
		supervised->deny = SECCOMP_RET_USER_NOTIF;
	for (size_t i = 0; i < guards->n; i++) {
		at[i] = guards->at[i];
		if (denies(&at[i]))
			at[i].ret = SECCOMP_RET_USER_NOTIF;
	}
	supervised->guards.at = at;
	if (!plan->handled_fs || es_watch_stacks(policy))
		return ES_OK;
	/* Where no rule is about ports, the filter says what Landlock says. */
	for (size_t i = plan->nports ? 0 : NWATCHED_PORTS;
	     i < ES_COUNT(watched); i++)
		watch(supervised, watched[i]);
	return ES_OK;
}
