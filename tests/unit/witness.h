/* SPDX-License-Identifier: MIT */
/* What the tests with z3 share: calls that it brings up, and how much is tried.
 */
#ifndef WITNESS_H
#define WITNESS_H

#include <linux/seccomp.h>

#include "bpf.h"
#include "judge.h"
#include "policies.h"
#include "util.h"

#ifdef __SANITIZE_ADDRESS__
enum { SHARE = 10 }; /* all is tenfold slower, so a tenth of it is tried */
#else
enum { SHARE = 1 };
#endif

static inline void tell_share(void)
{
	if (SHARE > 1)
		printf("# sanitized: one in %d is tried\n", SHARE);
}

/* The loader on and off, and signals scoped and not. */
static inline struct es_surroundings surroundings(unsigned way)
{
	struct es_surroundings around = usual;

	around.loader = way & 1;
	around.signals_scoped = way & 2;
	return around;
}

/* An answer as `deny` would have it. */
static inline void print_answer(const char *label, uint32_t ret)
{
	static const struct {
		uint32_t action;
		const char *name;
	} actions[] = {
		{ SECCOMP_RET_ALLOW, "allow" },
		{ SECCOMP_RET_KILL_PROCESS, "kill" },
		{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
		{ SECCOMP_RET_TRAP, "trap" },
		{ SECCOMP_RET_ERRNO, "errno" },
	};
	const uint32_t data = ret & SECCOMP_RET_DATA;
	const char *name = "unknown action", *number = NULL;

	for (size_t i = 0; i < ES_COUNT(actions); i++)
		if (actions[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			name = actions[i].name;
	if (!strcmp(name, "errno"))
		number = strerrorname_np((int)data);
	printf("%s %s", label, number ? number : name);
	if (data && !number)
		printf(" with %u", data);
}

/* The call as a person would write it. */
static inline void print_call(const struct seccomp_data *data)
{
	const struct es_syscall *call = NULL;
	const char *at = "";

	for (size_t i = 0; i < es_nsyscalls; i++)
		if (data->arch == ES_AUDIT_ARCH &&
		    es_syscall_number(&es_syscalls[i]) == data->nr)
			call = &es_syscalls[i];
	if (call)
		printf("# %s(", call->name);
	else
		printf("# call %u of architecture %#x(", (uint32_t)data->nr,
		       data->arch);
	at = call ? call->args : "";
	for (unsigned i = 0; i < 6; i++) {
		char name[32] = "";
		int len = 0;

		if (sscanf(at, "%*s %31[^,]%n", name, &len) == 1) {
			at += len;
			at += strspn(at, ", ");
		}
		printf("%s%s%s%#llx", i ? ", " : "", name, *name ? "=" : "",
		       (unsigned long long)data->args[i]);
	}
	putchar(')');
	if (data->instruction_pointer)
		printf(" at %#llx",
		       (unsigned long long)data->instruction_pointer);
}

/* Do the judge and the interpreter see two answers to z3's witness, too? The
 * interpreter may decline, as it does what is never emitted. */
static inline bool confirmed(const struct es_policy *policy,
		      const struct es_filter *filter,
		      const struct seccomp_data *data, bool tell)
{
	struct es_call call = { .arch = data->arch, .nr = (uint32_t)data->nr };
	uint32_t says = 0, means = 0;

	memcpy(call.args, data->args, sizeof(call.args));
	means = es_judge(policy, &call).ret;
	if (!es_bpf_run(filter, data, &says))
		return true;
	if (tell) {
		print_call(data);
		print_answer(": means", means);
		print_answer(", says", says);
		putchar('\n');
	}
	return says != means;
}

#endif
