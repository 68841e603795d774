/* SPDX-License-Identifier: MIT */
/*
 * compile PROFILE FILTER OPEN
 *
 * Measures how long a profile takes to become a filter that may be loaded, in
 * one process, warm: medians in microseconds of reading it, building the
 * policy, making the filter and proving it; and how long the kernel takes to
 * load it. Prints `name<TAB>value` lines. Writes the filter to the file FILTER
 * and to OPEN one that is the same but allows what it would deny, so that other
 * launchers can execute a program behind it.
 */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"
#include "gate.h"
#include "judge.h"
#include "load.h"
#include "proof.h"

enum { ROUNDS = 300 };

enum step { READ, POLICY, FILTER, PROVE, STEPS };

static const char *const steps[] = {
	[READ] = "reading the profile",
	[POLICY] = "building the policy",
	[FILTER] = "making the filter",
	[PROVE] = "proving the filter",
};

static double times[STEPS][ROUNDS];

/* What one round makes. */
struct made {
	struct es_context *context;
	struct es_diags *diags;
	struct es_policy policy;
	struct es_filter filter;
};

static double lap(double *since)
{
	const double now = bench_ns(), took = (now - *since) / 1000;

	*since = now;
	return took;
}

static void make(const char *profile, size_t round, struct made *made)
{
	struct es_surroundings around = { .self = (uint32_t)getpid(),
					  .signals_scoped = true };

	*made = (struct made){ .context = es_context_new(),
			       .diags = es_diags_new() };
	if (!made->context || !made->diags || es_gate_key(around.key))
		errx(1, "out of memory, or of random numbers");

	struct es_arena *arena = &made->context->arena;
	double since = bench_ns();
	enum es_status status = es_add_profile(made->context, profile,
					       made->diags);

	times[READ][round] = lap(&since);
	if (status == ES_OK)
		status = es_policy_build(arena, &made->context->profile,
					 &around, made->diags, &made->policy);
	times[POLICY][round] = lap(&since);
	if (status == ES_OK)
		status = es_filter_make(arena, &made->policy, made->diags,
					&made->filter);
	times[FILTER][round] = lap(&since);
	if (status == ES_OK)
		status = es_prove(&made->policy, &made->filter, made->diags);
	times[PROVE][round] = lap(&since);
	if (status == ES_OK)
		return;
	es_diags_print(made->diags, stderr, false);
	exit(1);
}

static void finish(struct made *made)
{
	es_filter_finish(&made->filter);
	es_policy_finish(&made->policy);
	es_context_free(made->context);
	es_diags_free(made->diags);
}

static void print_policy(const struct made *made)
{
	const struct es_rules *allowed = &made->policy.allowed;
	unsigned calls = 0, tested = 0, denied = 0;

	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		const struct es_call call = { .arch = ES_AUDIT_ARCH, .nr = nr };
		const uint32_t first = allowed->first[nr];
		const uint32_t n = allowed->first[nr + 1] - first;
		bool always = false;

		for (uint32_t i = 0; i < n; i++)
			always |= !allowed->at[first + i].conds.n;
		calls += n > 0;
		tested += n > 0 && !always;
		if (!n && es_judge(&made->policy, &call).ret ==
				  made->policy.deny)
			denied = nr;
	}
	printf("calls\t%u\ntested\t%u\ninstructions\t%zu\ndenied\t%u\n", calls,
	       tested, made->filter.n, denied);
}

static void write_filter(const char *path, const struct es_filter *filter)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(filter->insns, sizeof(*filter->insns), filter->n,
			    file) != filter->n || fclose(file))
		err(1, "%s", path);
}

int main(int argc, char *argv[])
{
	struct made made;

	if (argc != 4)
		errx(2, "usage: compile PROFILE FILTER OPEN");
	bench_pin();
	for (size_t round = 0; round < ROUNDS; round++) {
		make(argv[1], round, &made);
		if (round < ROUNDS - 1)
			finish(&made);
	}
	print_policy(&made);
	for (size_t step = 0; step < STEPS; step++)
		printf("%s\t%.1f\n", steps[step],
		       bench_median(times[step], ROUNDS));
	printf("loading it (kernel)\t%.1f\n", bench_load_time(&made.filter));
	fflush(stdout);
	write_filter(argv[2], &made.filter);
	for (size_t i = 0; i < made.filter.n; i++)
		if (made.filter.insns[i].code == (BPF_RET | BPF_K) &&
		    made.filter.insns[i].k == made.policy.deny)
			made.filter.insns[i].k = SECCOMP_RET_ALLOW;
	write_filter(argv[3], &made.filter);
	finish(&made);
	return 0;
}
