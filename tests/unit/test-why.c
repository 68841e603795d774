/* SPDX-License-Identifier: MIT */
/* One judge: what `why` tells of random calls, written as strace writes them,
 * is what the policy means and what the kernel does. */
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>

#include "decode.h"
#include "live.h"
#include "shelves.h"

enum { CALLS = 4000, MAX_ANSWERS = 65536 };

static const uint64_t key[3] = { 1, 2, 3 };

/* The times of each answer so far: whose goes up answered the last call. */
static size_t times[MAX_ANSWERS];

/* What is told of CALL as a filter would return it. */
static bool ask(struct es_why *why, const char *text, uint32_t *ret)
{
	struct es_why_info info;

	if (es_why_call(why, text) != ES_OK)
		return false;
	for (size_t i = 0; i < MAX_ANSWERS && es_why_get(why, i, &info); i++) {
		if (times[i] == info.times)
			continue;
		times[i] = info.times;
		*ret = !info.action ? SECCOMP_RET_ALLOW :
		       !strcmp(info.action, "0") ? SECCOMP_RET_ERRNO :
		       !strcmp(info.action, "kill") ?
						SECCOMP_RET_KILL_PROCESS :
		       ERRNO(es_errno_find(info.action));
		if (info.verdict == ES_WHY_UNREADABLE)
			printf("# %s: %s\n", text, info.reason);
		return info.verdict != ES_WHY_UNREADABLE &&
		       (info.verdict == ES_WHY_DENIED) ==
			       (*ret != SECCOMP_RET_ALLOW && *ret != ERRNO(0));
	}
	return false;
}

/* A call of this architecture that can be written down. */
static void write_down(const struct es_policy *policy, uint64_t *seed,
		       struct es_call *call)
{
	const struct es_syscall *row = NULL;

	do {
		any_call(policy, seed, call);
		call->arch = ES_AUDIT_ARCH;
		row = es_syscall_of(call->nr);
	} while (!row || !*row->args ||
		 es_gate_opens(policy, call->nr, call->args));
	for (unsigned i = 0; i < 6; i++) {
		struct es_arg arg = { 0 };
		size_t len = 0;
		const char *name = es_syscall_arg_name(row, i, &len);

		/* strace tells no more bits than the kernel looks at. */
		call->args[i] = es_syscall_arg(row, name, len, &arg) ?
				call->args[i] & arg.mask : 0;
	}
}

static void try_calls(const char *profile, struct es_why *why,
		      const struct es_compiled *compiled)
{
	struct es_arena arena = { 0 };
	struct live *live = live_new(CALLS);
	uint64_t seed = strlen(profile);
	unsigned judged = 0, done = 0;
	size_t allowed = 0;

	memset(times, 0, sizeof(times));
	for (size_t i = 0; i < CALLS; i++)
		write_down(&compiled->exact, &seed, &live->calls[i].call);
	live_run(live, &compiled->exact_filter, false);
	for (size_t i = 0; i < CALLS; i++) {
		const struct es_call *call = &live->calls[i].call;
		const char *text = es_decode(&arena, call, NULL);
		const uint32_t want = es_judge(&compiled->exact, call).ret;
		uint32_t got = 0xbad;

		allowed += want == SECCOMP_RET_ALLOW;
		if ((!ask(why, text, &got) || got != want) && ++judged < 10)
			printf("# %s: %#x, and the judge %#x\n", text, got,
			       want);
		if (live->calls[i].result != live_result(got) && ++done < 10)
			printf("# %s: %#x, and the kernel %ld\n", text, got,
			       live->calls[i].result);
		es_arena_rewind(&arena);
	}
	tap_int(judged, 0, "%s: why and the judge agree", profile);
	tap_int(done, 0, "%s: why and the kernel agree", profile);
	tap_ok(allowed > CALLS / 100 && allowed < CALLS,
	       "%s: some are allowed and some are not", profile);
	live_free(live);
	es_arena_finish(&arena);
}

static void try_profile(const char *profile)
{
	struct es_context *contexts[] = { es_context_new(), es_context_new() };
	struct es_diags *diags = es_diags_new();
	struct es_compiled compiled = { 0 };
	struct es_why *why = NULL;
	enum es_status status = ES_OK;

	for (size_t i = 0; i < ES_COUNT(contexts); i++)
		if (es_add_profile(contexts[i], profile, diags) != ES_OK)
			status = ES_INVALID;
	if (status == ES_OK)
		status = es_why_new(contexts[0], diags, &why);
	if (status == ES_OK)
		status = es_compile(contexts[1], NULL, key, diags, &compiled);
	if (tap_int(status, ES_OK, "%s: is asked", profile))
		try_calls(profile, why, &compiled);
	else
		es_diags_print(diags, stdout, false);
	es_compiled_finish(&compiled);
	es_why_free(why);
	for (size_t i = 0; i < ES_COUNT(contexts); i++)
		es_context_free(contexts[i]);
	es_diags_free(diags);
}

/* The fragment for ASKED's calls together with FRAGMENT, as why sums it up. */
static void try_summary(const char *fragment, const char *lines,
			const char *want, size_t denied)
{
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();
	struct es_why *why = NULL;
	struct es_why_summary summary = { 0 };
	char *copy = strdup(lines), *save = NULL;

	es_add_fragment(context, fragment, diags);
	if (!tap_int(es_why_new(context, diags, &why), ES_OK, "%s", fragment))
		return;
	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		es_why_line(why, line, strlen(line));
	tap_int(es_why_summarize(why, &summary), ES_OK, "a summary");
	tap_str(summary.fragment, want, "for %.*s", (int)strcspn(lines, "\n"),
		lines);
	tap_int((long long)summary.denied, (long long)denied, "denied");
	tap_str(summary.conflict, NULL, "it can stand beside %s", fragment);
	free(copy);
	es_why_free(why);
	es_context_free(context);
	es_diags_free(diags);
}

static void try_summaries(void)
{
	static const char nothing[] = "BasicCapabilities: all";

	try_summary(nothing, "getpid() = 1", NULL, 0);
	try_summary(nothing, "read(0, \"\", 1) = 0\nread(0, \"\", 1) = 0",
		    "SystemIO: [stdin]", 2);
	try_summary(nothing, "openat(AT_FDCWD, \"/etc/passwd\", O_RDWR) = 3\n"
		    "sysinfo({...}) = 0\nread(3, \"\", 9) = 9\nclose(3)",
		    "{SystemIO: [read_path: /etc/passwd, write_file: "
		    "/etc/passwd], SystemInfo: [memory]}", 4);
	/* A limit would be in the way of what is moved there. */
	try_summary(nothing, "dup2(5, 1) = 1\nwrite(1, \"\", 1) = 1",
		    "SystemIO: [dup: {fds: opened}, stdio]", 2);
	try_summary("SystemIO.dup", "dup2(5, 1) = 1\nwrite(1, \"\", 1) = 1",
		    "SystemIO: [stdio]", 1);
	/* What programs that start others need names no stream. */
	try_summary(nothing, "execve(\"/bin/true\", [\"true\"], 0x1) = 0\n"
		    "wait4(-1, NULL, 0, NULL) = 9\nwrite(2, \"\", 1) = 1\n"
		    "execve(\"/bin/ls\", [\"ls\"], 0x1) = 0",
		    "{ForkAndExec: [exec_path: /usr/bin/ls, wait], "
		    "SystemIO: [stdio]}", 3);
	/* Two that the third makes needless. */
	try_summary(nothing, "fstat(7, 0x1)\nlseek(7, 0, SEEK_SET)\n"
		    "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY) = 3",
		    "SystemIO: [read_path: /etc/passwd]", 3);
	/* What names descriptors gives no paths. */
	try_summary(nothing, "fstat(7, 0x1)\nstat(\"/etc/passwd\", 0x1)",
		    "SystemIO: [metadata]", 2);
	try_summary(nothing, "mount(\"a\", \"b\", \"c\", 0, NULL)\n", NULL, 1);
	try_summary(nothing, "clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|"
		    "CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|"
		    "CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID, "
		    "child_tid=0x7f, exit_signal=0, stack=0x7f}, 88) = 7",
		    "Threads: [create]", 1);
}

int main(void)
{
	glob_t found;

	put_on_shelf();
	try_summaries();
	if (glob("profiles/*.yaml", 0, NULL, &found) ||
	    glob("profiles/parts/*.yaml", GLOB_APPEND, NULL, &found))
		abort();
	tap_ok(found.gl_pathc >= 8, "there are profiles");
	for (size_t i = 0; i < found.gl_pathc; i++)
		try_profile(found.gl_pathv[i]);
	globfree(&found);
	clear_shelf();
	return tap_done();
}
