/* SPDX-License-Identifier: MIT */
/*
 * apply
 *
 * Measures how long a process takes to confine itself, in a child each, ours
 * and libseccomp's in turn: es_apply of a policy of some 150 calls that is made
 * by calls, the proof and Landlock included, and init, rules and load of
 * libseccomp for the same calls. Prints both medians in microseconds.
 */
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "extrasafe.h"

enum { ROUNDS = 200, CALLS = 137, TESTED = 13 };

/* The calls that are given by name, and those that are with a descriptor. */
static const char *names[CALLS], *tested[TESTED];

/* The first that somebody may be given, in the order of the table; what starts
 * programs, maps memory or confines itself aside. */
static void choose(void)
{
	static const char *const not[] = { "clone", "exec", "fork", "mmap",
					   "mprotect", "munmap", "prctl",
					   "exit" };
	struct es_syscall_info call;
	size_t n = 0, t = 0;

	for (size_t i = 0; es_syscall_get(i, &call) && n < CALLS; i++) {
		bool wanted = !call.never && call.x86_64 >= 0 &&
			      seccomp_syscall_resolve_name(call.name) >= 0;

		for (size_t k = 0; k < sizeof(not) / sizeof(not[0]); k++)
			wanted &= !strstr(call.name, not[k]);
		if (!wanted)
			continue;
		if (t < TESTED && call.narguments &&
		    !strcmp(call.arguments[0].name, "fd"))
			tested[t++] = call.name;
		else
			names[n++] = call.name;
	}
	if (n < CALLS || t < TESTED)
		errx(1, "too few calls");
}

static void ours(void)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	char texts[TESTED][64];
	const char *rules[TESTED + 1] = { NULL };

	for (size_t i = 0; i < TESTED; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%s if fd == 7", tested[i]);
		rules[i] = texts[i];
	}
	for (size_t i = 0; i < CALLS; i++)
		es_allow(context, "syscalls", names[i], diags);
	es_add_ruleset(context, &(struct es_own_ruleset){
		.name = "Tested", .rules = rules }, diags);
	es_allow(context, "Tested", "all", diags);
	es_allow(context, "SystemIO", "stdio", diags);
	if (es_apply(context, diags) == ES_OK)
		return;
	es_diags_print(diags, stderr, false);
	exit(1);
}

static void theirs(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(1));
	const struct scmp_arg_cmp seven = { .arg = 0, .op = SCMP_CMP_EQ,
					    .datum_a = 7 };
	const struct scmp_arg_cmp one = { .arg = 0, .op = SCMP_CMP_EQ,
					  .datum_a = 1 };
	int failed = !ctx;

	for (size_t i = 0; i < CALLS; i++)
		failed |= seccomp_rule_add_array(
			ctx, SCMP_ACT_ALLOW,
			seccomp_syscall_resolve_name(names[i]), 0, NULL) < 0;
	for (size_t i = 0; i < TESTED; i++)
		failed |= seccomp_rule_add_array(
			ctx, SCMP_ACT_ALLOW,
			seccomp_syscall_resolve_name(tested[i]), 1, &seven) < 0;
	failed |= seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
					 &one) < 0;
	failed |= seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW,
					 SCMP_SYS(exit_group), 0, NULL) < 0;
	if (failed || seccomp_load(ctx) < 0)
		errx(1, "libseccomp loads no filter");
}

/* In a child, whose standard output is a pipe to us. */
static double measure(void (*confine)(void))
{
	double took = 0;
	int ends[2];
	pid_t child;

	if (pipe(ends))
		err(1, "pipe");
	child = fork();
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);

		const double begin = bench_ns();

		confine();
		took = bench_ns() - begin;
		_exit(write(STDOUT_FILENO, &took, sizeof(took)) !=
		      sizeof(took));
	}
	close(ends[1]);
	if (read(ends[0], &took, sizeof(took)) != sizeof(took))
		errx(1, "a child has not told its time");
	close(ends[0]);
	waitpid(child, NULL, 0);
	return took / 1000;
}

int main(void)
{
	double own[ROUNDS], other[ROUNDS];

	bench_pin();
	choose();
	for (size_t i = 0; i < ROUNDS; i++) {
		own[i] = measure(ours);
		other[i] = measure(theirs);
	}
	printf("%.1f\t%.1f\n", bench_median(own, ROUNDS),
	       bench_median(other, ROUNDS));
	return 0;
}
