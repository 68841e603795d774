/* SPDX-License-Identifier: MIT */
/*
 * compilers
 *
 * Measures how long a policy takes to become a filter, ours and libseccomp's
 * of the same rules in turn, in one process, warm; how long ours takes to be
 * proven; and how long the kernel takes to load each. Prints lines of tabbed
 * columns: the policy, the instructions of ours and of theirs, and medians in
 * microseconds of our filter, our proof, libseccomp's rules and export, the
 * kernel's load of ours and of theirs (0: longer than it takes).
 */
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "filter.h"
#include "load.h"
#include "proof.h"

enum {
	ROUNDS = 50,
	MAX_INSNS = 1 << 16,
	KNOWN = 450, /* numbers that have a call, more or less */
};

/* CALLS calls that are always allowed, and TESTED others that are so with each
 * of FDS values of their first argument, which lie apart. */
struct subject {
	const char *name;
	unsigned calls, tested, fds;
	bool slow; /* theirs, by far: a few rounds are enough */
};

static const struct subject subjects[] = {
	{ "50 calls, 13 argument rules", 50, 13, 1, false },
	{ "150 calls, 13 argument rules", 150, 13, 1, false },
	{ "300 calls, 13 argument rules", 300, 13, 1, false },
	{ "450 calls, 13 argument rules", 437, 13, 1, false },
	{ "18 calls, 128 descriptors each", 0, 18, 128, true },
	{ "200 calls, 50 rules each", 0, 200, 50, true },
};

struct building {
	struct es_arena arena;
	struct es_policy policy;
};

static void allow(struct building *building, uint32_t nr, unsigned fds)
{
	struct es_rules *rules = &building->policy.allowed;

	for (unsigned i = 0; i < (fds ? fds : 1); i++) {
		struct es_rule *rule = &rules->at[rules->n++];

		*rule = (struct es_rule){ .nr = nr, .ret = SECCOMP_RET_ALLOW };
		if (!fds)
			continue;
		rule->conds.at = es_arena_alloc(&building->arena,
						sizeof(*rule->conds.at));
		if (!rule->conds.at)
			errx(1, "out of memory");
		rule->conds.n = 1;
		*rule->conds.at = (struct es_cond){ .mask = UINT32_MAX };
		if (!es_ranges_add(&building->arena, &rule->conds.at->values,
				   2 * i, 2 * i))
			errx(1, "out of memory");
	}
}

/* In runs of three, about as profiles allow them; those that are tested are
 * among the first, as read and write are. */
static bool is_allowed(const struct subject *subject, uint32_t nr)
{
	return nr < KNOWN && nr / 3 * 67 % (KNOWN / 3) * 3 <
				     subject->calls + subject->tested;
}

static void make_policy(const struct subject *subject,
			struct building *building)
{
	struct es_policy *policy = &building->policy;
	const uint32_t wanted = subject->calls + subject->tested;
	uint32_t nr = 0, n = 0;

	*building = (struct building){ 0 };
	policy->deny = SECCOMP_RET_ERRNO | 1;
	policy->allowed.at = bench_alloc(
		subject->calls + (size_t)subject->tested * subject->fds,
		sizeof(*policy->allowed.at));
	for (nr = 0; nr < ES_NR_LIMIT; nr++) {
		policy->known[nr] = nr < KNOWN;
		policy->allowed.first[nr] = (uint32_t)policy->allowed.n;
		if (!is_allowed(subject, nr) || n == wanted)
			continue;
		allow(building, nr, n++ < subject->tested ? subject->fds : 0);
	}
	policy->allowed.first[nr] = (uint32_t)policy->allowed.n;
}

/* Theirs has no gate, so that it needs no key to be the same; a policy that
 * gives execve in full has none to speak of either. */
static void make_theirs(const struct es_policy *policy,
			struct es_filter *filter)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(1));
	static struct sock_filter insns[MAX_INSNS];
	const int fd = memfd_create("filter", MFD_CLOEXEC);
	int failed = !ctx || fd < 0;

	for (size_t i = 0; i < policy->allowed.n; i++) {
		const struct es_rule *rule = &policy->allowed.at[i];
		const struct scmp_arg_cmp cmp = {
			.arg = 0, .op = SCMP_CMP_MASKED_EQ,
			.datum_a = UINT32_MAX,
			.datum_b = rule->conds.n ?
				   rule->conds.at->values.at->lo : 0,
		};

		failed |= seccomp_rule_add_exact_array(
			ctx, SCMP_ACT_ALLOW, (int)rule->nr,
			rule->conds.n ? 1 : 0, &cmp);
	}
	failed |= seccomp_export_bpf(ctx, fd);
	const ssize_t size = failed ? 0 : pread(fd, insns, sizeof(insns), 0);

	*filter = (struct es_filter){ insns, (size_t)size / sizeof(*insns) };
	close(fd);
	seccomp_release(ctx);
	if (size <= 0)
		errx(1, "libseccomp makes no filter");
}

static void measure(const struct subject *subject)
{
	const size_t rounds = subject->slow ? 3 : ROUNDS;
	double make[ROUNDS], prove[ROUNDS], other[ROUNDS];
	struct es_filter ours = { 0 }, theirs = { 0 };
	struct es_diags *diags = es_diags_new();
	struct building building;

	make_policy(subject, &building);
	for (size_t i = 0; i < rounds; i++) {
		es_filter_finish(&ours);

		const double begin = bench_ns();
		const enum es_status made = es_filter_make(
			&building.arena, &building.policy, diags, &ours);
		const double middle = bench_ns();
		const enum es_status proven =
			made == ES_OK ? es_prove(&building.policy, &ours, diags)
				      : made;
		const double end = bench_ns();

		make_theirs(&building.policy, &theirs);
		other[i] = (bench_ns() - end) / 1000;
		make[i] = (middle - begin) / 1000;
		prove[i] = (end - middle) / 1000;
		if (proven != ES_OK) {
			es_diags_print(diags, stderr, false);
			break;
		}
	}
	printf("%s\t%zu\t%zu\t%.1f\t%.1f\t%.1f", subject->name, ours.n,
	       theirs.n, bench_median(make, rounds), bench_median(prove, rounds),
	       bench_median(other, rounds));
	fflush(stdout);
	printf("\t%.1f\t%.1f\n", bench_load_time(&ours), bench_load_time(&theirs));
	es_filter_finish(&ours);
	es_arena_finish(&building.arena);
	free(building.policy.allowed.at);
	es_diags_free(diags);
}

int main(void)
{
	bench_pin();
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		measure(&subjects[i]);
	return 0;
}
