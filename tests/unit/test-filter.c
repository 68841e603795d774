/* SPDX-License-Identifier: MIT */
/* The filter says what the policy means: random policies, every builtin word
 * and all of them at once, on boundary calls and random ones; the kernel takes
 * the program; what is always allowed looks at no argument. */
#include "filter.h"

#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "policies.h"
#include "util.h"
#include "proof.h"

enum { POLICIES = 400, CALLS = 500, ALL_CALLS = 40000 };

struct random_policy {
	struct es_arena arena;
	struct es_policy policy;
	struct es_rule rules[2][2048];
};

static uint64_t any_mask(uint64_t *seed)
{
	const uint64_t bits = random_bits(seed);

	switch (random_below(seed, 8)) {
	case 0:
		return UINT64_MAX;
	case 1:
		return 1ULL << (bits % 64);
	case 2:
		return bits;
	case 3:
		return bits & UINT32_MAX;
	case 4:
		return bits & random_bits(seed) & random_bits(seed);
	case 5:
		return 1U << (bits % 32);
	default:
		return UINT32_MAX;
	}
}

/* A number that matters to MASK: small, near a power of two, or any. */
static uint64_t any_value(uint64_t *seed, uint64_t mask)
{
	const uint64_t bits = random_bits(seed);

	switch (random_below(seed, 6)) {
	case 0:
		return bits & mask;
	case 1:
		return mask;
	case 2:
		return 0;
	case 3:
		return ((1ULL << (bits % 64)) - bits / 64 % 2) & mask;
	default:
		return bits % 16 & mask;
	}
}

static void any_cond(struct es_arena *arena, uint64_t *seed,
		     struct es_cond *cond)
{
	const uint64_t n = 1 + random_below(seed, 7);

	cond->arg = (unsigned)random_below(seed, 6);
	cond->mask = any_mask(seed);
	for (uint64_t i = 0; i < n; i++) {
		const uint64_t a = any_value(seed, cond->mask);
		const uint64_t b = random_below(seed, 3) ? a :
				   any_value(seed, cond->mask);

		if (!es_ranges_add(arena, &cond->values, a < b ? a : b,
				   a < b ? b : a))
			abort();
	}
}

static void add_random(struct random_policy *random, uint64_t *seed, int kind,
		       uint32_t nr)
{
	static const uint32_t answers[] = {
		ERRNO(0), ERRNO(1), ERRNO(13), ERRNO(4095), ERRNO(38),
		SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS,
		SECCOMP_RET_KILL_THREAD,
	};
	struct es_rules *rules = kind ? &random->policy.guards :
					&random->policy.allowed;
	struct es_rule *rule = &random->rules[kind][rules->n++];
	const uint64_t n = random_below(seed, 4);

	*rule = (struct es_rule){ .nr = nr, .ret = ALLOW };
	if (kind)
		rule->ret = answers[random_below(seed, ES_COUNT(answers))];
	/* Rules that are alike, as several grants make them. */
	if (rules->n > 1 && !random_below(seed, 3) && rule[-1].nr == nr) {
		rule->conds = rule[-1].conds;
		if (!rule->conds.n || random_below(seed, 2))
			return;
	}
	rule->conds.n = n;
	rule->conds.at = es_arena_alloc(&random->arena,
					n * sizeof(struct es_cond) + 1);
	if (!rule->conds.at)
		abort();
	for (uint64_t i = 0; i < n; i++)
		any_cond(&random->arena, seed, &rule->conds.at[i]);
}

/* Rules in runs and alone, some alike. */
static void make_random(struct random_policy *random, uint64_t *seed)
{
	struct es_policy *policy = &random->policy;
	uint64_t dense = 1 + random_below(seed, 12);

	memset(random, 0, sizeof(*random));
	policy->allowed.at = random->rules[0];
	policy->guards.at = random->rules[1];
	policy->deny = ERRNO(1 + random_below(seed, 4095));
	if (!random_below(seed, 4))
		policy->deny = SECCOMP_RET_KILL_PROCESS;
	for (unsigned i = 0; i < 3; i++)
		policy->key[i] = random_bits(seed);
	policy->supervised = !random_below(seed, 3);
	if (policy->supervised) {
		policy->skipped = policy->deny;
		policy->deny = SECCOMP_RET_USER_NOTIF;
	}
	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		uint64_t allowed = 0, guards = 0;

		policy->allowed.first[nr] = (uint32_t)policy->allowed.n;
		policy->guards.first[nr] = (uint32_t)policy->guards.n;
		policy->known[nr] = random_below(seed, 10) > 0;
		policy->fallback[nr] = !random_below(seed, 50);
		policy->watched[nr] = policy->supervised &&
				      !random_below(seed, 4);
		if (!random_below(seed, 13 - dense))
			allowed = random_below(seed, 4);
		if (!random_below(seed, 20))
			guards = random_below(seed, 4);
		while (allowed--)
			add_random(random, seed, 0, nr);
		while (guards--)
			add_random(random, seed, 1, nr);
	}
	policy->allowed.first[ES_NR_LIMIT] = (uint32_t)policy->allowed.n;
	policy->guards.first[ES_NR_LIMIT] = (uint32_t)policy->guards.n;
}

/* How many of N calls are answered in two ways. */
static unsigned differences(const struct es_policy *policy,
			    const struct es_filter *filter, uint64_t *seed,
			    unsigned n)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < n; i++) {
		struct es_call call;

		any_call(policy, seed, &call);

		const uint32_t means = es_judge(policy, &call).ret;
		const uint32_t says = run(filter, &call);

		if (means != says && !wrong++)
			printf("# call %#x of %#x: means %#x, says %#x\n",
			       call.nr, call.arch, means, says);
	}
	return wrong;
}

/* The kernel's word, in a child of its own. A random filter may let it make no
 * call at all, so it tells by shared memory and ends by a trap. */
static bool kernel_takes(const struct es_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->n,
					    filter->insns };
	const size_t size = 4096;
	bool *taken = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool result = false;
	pid_t pid = -1;

	if (taken == MAP_FAILED)
		return false;
	pid = fork();
	if (!pid) {
		*taken = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
			 !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
				  &program);
		__builtin_trap();
	}
	result = pid > 0 && waitpid(pid, NULL, 0) == pid && *taken;
	munmap(taken, size);
	return result;
}

static void try_random(void)
{
	static struct random_policy random;
	unsigned wrong = 0, unfit = 0, refused = 0, calls = 0, complex = 0;
	uint64_t seed = 4;
	size_t longest = 0;

	for (unsigned i = 0; i < POLICIES; i++) {
		struct es_diags *diags = es_diags_new();
		struct es_filter filter = { 0 };

		make_random(&random, &seed);
		if (es_filter_make(&random.arena, &random.policy, diags,
				   &filter) == ES_OK) {
			calls += CALLS;
			wrong += differences(&random.policy, &filter, &seed,
					     CALLS);
			/* Few are too complex, which is told. */
			const enum es_status proven = es_prove(
				&random.policy, &filter, diags);

			wrong += proven != ES_OK && proven != ES_INVALID;
			complex += proven == ES_INVALID;
			longest = filter.n > longest ? filter.n : longest;
			/* A load is dear, and they are all of a kind. */
			refused += i % 20 == 0 && !kernel_takes(&filter);
		} else {
			unfit++;
		}
		es_filter_finish(&filter);
		es_arena_finish(&random.arena);
		es_diags_free(diags);
	}
	tap_int(wrong, 0, "random policies: filter and judge agree");
	tap_ok(complex <= POLICIES / 100, "random policies: %u are too complex",
	       complex);
	tap_int(refused, 0, "random policies: the kernel takes the filter");
	tap_ok(unfit < POLICIES / 4, "random policies: few are too long");
	printf("# %u random policies, %u too long, %u calls; longest %zu\n",
	       POLICIES, unfit, calls, longest);
}

/* Does the program answer NR without a look at an argument? */
static bool needs_no_argument(const struct es_filter *filter, uint32_t nr)
{
	const struct sock_filter load = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	uint32_t a = 0;

	for (size_t pc = 0; pc < filter->n; pc++) {
		const struct sock_filter *insn = &filter->insns[pc];
		bool holds = false;

		if (insn->code == (BPF_RET | BPF_K))
			return insn->k == ALLOW;
		if (insn->code == load.code) {
			if (insn->k == offsetof(struct seccomp_data, nr))
				a = nr;
			else if (insn->k == offsetof(struct seccomp_data, arch))
				a = ES_AUDIT_ARCH;
			else
				return false;
			continue;
		}
		if (insn->code == (BPF_JMP | BPF_JA)) {
			pc += insn->k;
			continue;
		}
		if (insn->code == (BPF_JMP | BPF_JEQ | BPF_K))
			holds = a == insn->k;
		else if (insn->code == (BPF_JMP | BPF_JGE | BPF_K))
			holds = a >= insn->k;
		else if (insn->code == (BPF_JMP | BPF_JGT | BPF_K))
			holds = a > insn->k;
		else
			return false;
		pc += holds ? insn->jt : insn->jf;
	}
	return false;
}

/* Is there a rule without conditions, and nothing before it? */
static bool is_always_allowed(const struct es_policy *policy, uint32_t nr)
{
	if (policy->guards.first[nr] != policy->guards.first[nr + 1])
		return false;
	for (uint32_t i = policy->allowed.first[nr];
	     i < policy->allowed.first[nr + 1]; i++)
		if (!policy->allowed.at[i].conds.n)
			return true;
	return false;
}

static void try_bitmap(const struct es_policy *policy,
		       const struct es_filter *filter, const char *name)
{
	unsigned always = 0, dear = 0;

	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		if (!is_always_allowed(policy, nr))
			continue;
		always++;
		dear += !needs_no_argument(filter, nr);
	}
	tap_int(dear, 0, "%s: what is always allowed loads no argument", name);
	tap_ok(always > 40 && needs_no_argument(filter, SYS_getppid) &&
		       needs_no_argument(filter, SYS_futex) &&
		       needs_no_argument(filter, SYS_exit_group),
	       "%s: getppid, futex, exit_group are among these", name);
}

static void try_built(struct built *built, const char *name, unsigned calls,
		      uint64_t *seed)
{
	struct es_filter filter = { 0 };

	tap_int(es_filter_make(&built->context->arena, &built->policy,
			       built->diags, &filter), ES_OK, "%s: compiled",
		name);
	tap_int(es_prove(&built->policy, &filter, built->diags), ES_OK,
		"%s: proven", name);
	tap_int(differences(&built->policy, &filter, seed, calls), 0,
		"%s: filter and judge agree", name);
	tap_ok(kernel_takes(&filter), "%s: the kernel takes it", name);
	try_bitmap(&built->policy, &filter, name);
	printf("# %s: %zu rules, %zu instructions\n", name,
	       built->policy.allowed.n + built->policy.guards.n, filter.n);
	es_filter_finish(&filter);
}

static void try_words(void)
{
	struct es_surroundings around = usual;
	uint64_t seed = 5;
	struct built built;

	around.loader = around.signals_scoped = true;
	for (size_t i = 0; i < es_nwords; i++) {
		char name[80];

		if (!is_given(&es_words[i]))
			continue;
		snprintf(name, sizeof(name), "%s.%s", es_words[i].set,
			 es_words[i].word);
		built = build_word(&es_words[i], &around);
		try_built(&built, name, CALLS, &seed);
		finish(&built);
	}
	built = build_all(&around);
	try_built(&built, "all words", ALL_CALLS, &seed);
	finish(&built);
}

/* A descriptor list that no filter holds is an error, and no filter. */
static void try_too_long(void)
{
	static struct random_policy random;
	struct es_policy *policy = &random.policy;
	struct es_diags *diags = es_diags_new();
	struct es_filter filter = { 0 };
	struct es_cond cond = { .arg = 0, .mask = UINT32_MAX };

	for (uint64_t fd = 0; fd < 10000; fd += 2)
		if (!es_ranges_add(&random.arena, &cond.values, fd, fd))
			abort();
	random.rules[0][0] = (struct es_rule){ .ret = ALLOW,
					       .conds = { &cond, 1 } };
	policy->allowed.at = random.rules[0];
	policy->allowed.n = 1;
	for (uint32_t nr = 1; nr <= ES_NR_LIMIT; nr++)
		policy->allowed.first[nr] = 1;
	tap_int(es_filter_make(&random.arena, policy, diags, &filter),
		ES_INVALID, "5000 descriptors apart: too long");
	tap_int((long long)es_diags_errors(diags), 1, "and told");
	tap_ok(!filter.insns, "and no filter");
	es_filter_finish(&filter);
	es_arena_finish(&random.arena);
	es_diags_free(diags);
}

int main(void)
{
	try_random();
	try_words();
	try_too_long();
	return tap_done();
}
