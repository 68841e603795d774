/* SPDX-License-Identifier: MIT */
/* z3 as a judge of its own: for every call, the filter says what the policy
 * means, for shipped profiles, builtin words and random policies; and of
 * mistakes that are put into a filter one at a time, the proof before each load
 * finds all that alter a verdict. */
#include "smt-bpf.h"

#include <glob.h>

#include "calls.h"
#include "filter.h"
#include "policies.h"
#include "proof.h"
#include "shelves.h"

/* What has to agree with z3. */
#define PROVE es_prove

#ifdef __SANITIZE_ADDRESS__
enum { SHARE = 10 }; /* all is tenfold slower, so a tenth of it is tried */
#else
enum { SHARE = 1 };
#endif

enum {
	MUTANTS = 5000 / SHARE,
	POLICIES = 500 / SHARE, /* half of words, half of rules by hand */
	WHOLE = 20, /* mutants of a subject that are asked about at once, too */
};

/* The names of what an answer does; errnos are numbers. */
static void print_answer(const char *label, uint32_t ret)
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
	const char *name = "action";

	for (size_t i = 0; i < ES_COUNT(actions); i++)
		if (actions[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			name = actions[i].name;
	printf("%s %s %u (%#x)", label, name, ret & SECCOMP_RET_DATA, ret);
}

static void print_call(const struct seccomp_data *data)
{
	const char *name = "no call of the table";

	for (size_t i = 0; i < es_nsyscalls; i++)
		if (es_syscall_number(&es_syscalls[i]) == data->nr)
			name = es_syscalls[i].name;
	printf("# %s, %u of architecture %#x:", name, (uint32_t)data->nr,
	       data->arch);
	for (unsigned i = 0; i < 6; i++)
		printf(" %#llx", (unsigned long long)data->args[i]);
}

/* Do the judge and the interpreter see two answers to z3's witness, too? The
 * interpreter may decline, as it does what is never emitted. */
static bool confirmed(const struct es_policy *policy,
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

/* Filters that have to be right. */
struct tally {
	unsigned tried, different, untold, unproven, complex, unfit;
	size_t longest;
};

static void try_filter(struct smt_judge *judge, const struct es_policy *policy,
		       const struct es_filter *filter, bool at_once,
		       const char *name, struct tally *tally)
{
	struct seccomp_data witness = { 0 };
	struct es_diags *diags = es_diags_new();
	const enum es_status proof = PROVE(policy, filter, diags);
	enum smt_equality equality;

	smt_judge_set(judge, policy);
	equality = smt_compare(judge, filter, at_once, &witness);
	tally->tried++;
	tally->different += equality == SMT_DIFFERENT;
	tally->untold += equality == SMT_UNTOLD || equality == SMT_REFUSED;
	if (equality == SMT_DIFFERENT) {
		printf("# %s:\n", name);
		if (!confirmed(policy, filter, &witness, true))
			puts("# which judge and interpreter don't confirm");
	}
	tally->complex += proof == ES_INVALID;
	if (proof != ES_OK && proof != ES_INVALID) {
		printf("# %s: no proof\n", name);
		es_diags_print(diags, stdout, false);
		tally->unproven++;
	}
	if (filter->n > tally->longest)
		tally->longest = filter->n;
	es_diags_free(diags);
}

static void try_built(struct smt_judge *judge, struct built *built,
		      bool at_once, const char *name, struct tally *tally)
{
	struct es_filter filter = { 0 };

	if (built->status == ES_OK &&
	    es_filter_make(&built->context->arena, &built->policy, built->diags,
			   &filter) == ES_OK)
		try_filter(judge, &built->policy, &filter, at_once, name,
			   tally);
	else
		tally->unfit++;
	es_filter_finish(&filter);
}

static void tell(const struct smt_judge *judge, const struct tally *tally,
		 const char *what)
{
	tap_ok(tally->tried > 0, "%s: there are some", what);
	tap_int(tally->different, 0, "%s: filters say what is meant", what);
	tap_int(tally->untold, 0, "%s: z3 can tell", what);
	tap_int(tally->unproven, 0, "%s: proven", what);
	printf("# %s: %u filters, up to %zu instructions, %u questions; %u too "
	       "complex to be proven, %u not compiled\n", what, tally->tried,
	       tally->longest, judge->smt.asked, tally->complex, tally->unfit);
}

/* The loader on and off, and signals scoped and not. */
static struct es_surroundings surroundings(unsigned way)
{
	struct es_surroundings around = usual;

	around.loader = way & 1;
	around.signals_scoped = way & 2;
	return around;
}

static void try_profiles(void)
{
	struct smt_judge judge;
	struct tally tally = { 0 };
	glob_t found;

	smt_init(&judge.smt);
	put_on_shelf();
	if (glob("profiles/*.yaml", 0, NULL, &found) ||
	    glob("profiles/parts/*.yaml", GLOB_APPEND, NULL, &found))
		abort();
	for (size_t i = 0; i < found.gl_pathc * 4; i++) {
		const char *path = found.gl_pathv[i / 4];
		const struct es_surroundings around = surroundings(i % 4);
		struct built built = build_profile(path, &around);

		try_built(&judge, &built, false, path, &tally);
		if (i % 4 == 3 && SHARE == 1)
			try_built(&judge, &built, true, path, &tally);
		finish(&built);
	}
	globfree(&found);
	clear_shelf();
	tap_int(tally.unfit, 0, "profiles: all compile alone");
	tap_int(tally.complex, 0, "profiles: none is too complex");
	tell(&judge, &tally, "profiles");
	smt_finish(&judge.smt);
}

static void try_words(void)
{
	struct smt_judge judge;
	struct tally tally = { 0 };

	smt_init(&judge.smt);
	for (size_t i = 0; i < es_nwords * 4; i++) {
		const struct es_word *word = &es_words[i / 4];
		const struct es_surroundings around = surroundings(i % 4);
		struct built built;
		char name[80];

		if (!is_given(word) || (SHARE > 1 && i % 4 < 3))
			continue;
		snprintf(name, sizeof(name), "%s.%s", word->set, word->word);
		built = build_word(word, &around);
		try_built(&judge, &built, false, name, &tally);
		finish(&built);
	}
	for (unsigned way = 0; way < 4; way++) {
		const struct es_surroundings around = surroundings(way);
		struct built built = build_all(&around);

		try_built(&judge, &built, way == 3, "all words", &tally);
		finish(&built);
	}
	tap_int(tally.unfit, 0, "words: all compile alone");
	tap_int(tally.complex, 0, "words: none is too complex");
	tell(&judge, &tally, "words");
	smt_finish(&judge.smt);
}

static uint32_t any_deny(uint64_t *seed)
{
	static const uint32_t denials[] = {
		ERRNO(1), ERRNO(13), ERRNO(38), ERRNO(4095),
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_TRAP,
	};

	return denials[random_below(seed, ES_COUNT(denials))];
}

/* Several words, many of them on ranges of descriptors of their own. */
static struct built build_mixed(uint64_t *seed)
{
	const struct es_surroundings around =
		surroundings((unsigned)random_below(seed, 4));
	const uint64_t n = 1 + random_below(seed, 12);
	struct built built = begin();
	struct es_profile *profile = &built.context->profile;

	hand_over(&built, "handed", 3);
	for (uint64_t i = 0; i < n;) {
		const struct es_word *word =
			&es_words[random_below(seed, es_nwords)];
		struct es_grant **end = profile->grants_end;

		if (!is_given(word) ||
		    ((word->flags & ES_WORD_LIMIT) && random_below(seed, 8)))
			continue;
		give(&built, word, 3);
		i++;
		for (uint64_t k = (word->flags & ES_WORD_FDS) ?
				  random_below(seed, 5) : 0; k--;) {
			struct es_fd_item *item = es_arena_alloc(
				profile->arena, sizeof(*item));
			const uint64_t lo = random_below(seed, 40);

			if (!item)
				abort();
			item->kind = ES_FD_NUMBERS;
			item->numbers.lo = lo;
			item->numbers.hi = random_below(seed, 4) ?
					   lo + 1 + random_below(seed, 6) :
					   UINT32_MAX;
			item->next = (*end)->fds;
			(*end)->fds = item;
		}
	}
	build(&built, &around);
	built.policy.deny = any_deny(seed);
	return built;
}

static void try_mixed(void)
{
	struct smt_judge judge;
	struct tally tally = { 0 };
	uint64_t seed = 11;

	smt_init(&judge.smt);
	/* Limits beside what makes them void don't compile. */
	while (tally.tried < POLICIES / 2 && tally.unfit < POLICIES) {
		struct built built = build_mixed(&seed);

		try_built(&judge, &built, false, "mixed", &tally);
		finish(&built);
	}
	tap_int(tally.tried, POLICIES / 2, "mixed words: so many compile");
	tap_int(tally.complex, 0, "mixed words: none is too complex");
	tell(&judge, &tally, "mixed words");
	smt_finish(&judge.smt);
}

/* A policy of rules by hand. */
struct by_hand {
	struct es_arena arena;
	struct es_policy policy;
	struct es_rule rules[2][512];
};

static uint64_t any_mask(uint64_t *seed)
{
	const uint64_t bits = random_bits(seed);

	switch (random_below(seed, 8)) {
	case 0:
		return 1ULL << (bits % 64);
	case 1:
		return bits;
	case 2:
		return bits & UINT32_MAX;
	case 3:
		return bits << 32;
	case 4:
		return 0xff;
	case 5:
		return UINT32_MAX;
	default:
		return UINT64_MAX;
	}
}

/* Ends of ranges, often those of words: where halves are told apart. */
static uint64_t any_end(uint64_t *seed, uint64_t mask)
{
	static const uint64_t ends[] = {
		0, 1, 2, 7, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
		0x100000000, 0x100000001, 0x1ffffffff, 0x200000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffe,
		0xffffffffffffffff,
	};
	const uint64_t end = random_below(seed, 3) ?
			     ends[random_below(seed, ES_COUNT(ends))] :
			     random_bits(seed) >> random_below(seed, 64);

	return end & mask;
}

static void any_cond(struct es_arena *arena, uint64_t *seed, unsigned arg,
		     struct es_cond *cond)
{
	cond->arg = arg;
	cond->mask = any_mask(seed);
	for (uint64_t n = 1 + random_below(seed, 3); n--;) {
		const uint64_t a = any_end(seed, cond->mask);
		const uint64_t b = random_below(seed, 2) ?
				   any_end(seed, cond->mask) : a;

		if (!es_ranges_add(arena, &cond->values, a < b ? a : b,
				   a < b ? b : a))
			abort();
	}
}

/* A rule's conditions, often several on one argument. */
static void add_rule(struct by_hand *hand, struct es_rules *rules,
		     uint64_t *seed, uint32_t nr, uint32_t ret)
{
	struct es_rule *rule = &rules->at[rules->n++];
	const unsigned arg = (unsigned)random_below(seed, 6);

	*rule = (struct es_rule){ .nr = nr, .ret = ret };
	rule->conds.n = random_below(seed, 16) ? 1 + random_below(seed, 3) : 0;
	rule->conds.at = es_arena_alloc(
		&hand->arena, (rule->conds.n + 1) * sizeof(struct es_cond));
	if (!rule->conds.at)
		abort();
	for (size_t i = 0; i < rule->conds.n; i++)
		any_cond(&hand->arena, seed,
			 random_below(seed, 2) ? arg :
			 (unsigned)random_below(seed, 6), &rule->conds.at[i]);
}

/* Some 24 numbers have rules; no guard is on a gated call. */
static void make_by_hand(struct by_hand *hand, uint64_t *seed)
{
	struct es_policy *policy = &hand->policy;

	memset(hand, 0, sizeof(*hand));
	policy->allowed.at = hand->rules[0];
	policy->guards.at = hand->rules[1];
	policy->deny = any_deny(seed);
	for (unsigned i = 0; i < 3; i++)
		policy->key[i] = random_bits(seed);
	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		const bool ruled = !random_below(seed, 22) || es_is_gated(nr);

		policy->known[nr] = random_below(seed, 10) > 0;
		policy->fallback[nr] = !random_below(seed, 50);
		for (uint64_t n = ruled ? random_below(seed, 4) : 0;
		     n && policy->allowed.n < ES_COUNT(hand->rules[0]); n--)
			add_rule(hand, &policy->allowed, seed, nr, ALLOW);
		for (uint64_t n = ruled && !es_is_gated(nr) ?
				  random_below(seed, 4) : 0;
		     n && policy->guards.n < ES_COUNT(hand->rules[1]); n--)
			add_rule(hand, &policy->guards, seed, nr,
				 any_deny(seed));
		policy->allowed.first[nr + 1] = (uint32_t)policy->allowed.n;
		policy->guards.first[nr + 1] = (uint32_t)policy->guards.n;
	}
}

static void try_by_hand(void)
{
	static struct by_hand hand;
	struct smt_judge judge;
	struct tally tally = { 0 };
	uint64_t seed = 12;

	smt_init(&judge.smt);
	for (unsigned i = 0; i < POLICIES - POLICIES / 2; i++) {
		struct es_diags *diags = es_diags_new();
		struct es_filter filter = { 0 };

		make_by_hand(&hand, &seed);
		if (es_filter_make(&hand.arena, &hand.policy, diags,
				   &filter) == ES_OK)
			try_filter(&judge, &hand.policy, &filter, false,
				   "by hand", &tally);
		else
			tally.unfit++;
		es_filter_finish(&filter);
		es_arena_finish(&hand.arena);
		es_diags_free(diags);
	}
	tap_int(tally.unfit, 0, "rules by hand: all compile");
	tap_ok(tally.complex < tally.tried / 5,
	       "rules by hand: few are too complex");
	tell(&judge, &tally, "rules by hand");
	smt_finish(&judge.smt);
}

static const struct {
	const char *name, *fragments;
	uint32_t deny;
} subjects[] = {
	{ "streams", "SystemIO: [stdin, stdout, stderr]", ERRNO(EPERM) },
	{ "reader", "SystemIO: [stdout, read: {fds: [5-9, 20-]}, "
		    "open_readonly, close, metadata]\nThreads: all\n"
		    "Time: all", ERRNO(EPERM) },
	{ "client", "Networking: [start_tcp_clients, running_udp_sockets]\n"
		    "SystemIO: [stdin, stdout]\nEvents: all\nPipes: all",
	  SECCOMP_RET_KILL_PROCESS },
	{ "shell", "SystemIO: [stdio, everything]\n"
		   "ForkAndExec: {all: yes_really}\n"
		   "SystemIO: {ioctl: yes_really}", ERRNO(EACCES) },
	{ "many", "SystemIO: [stderr, read: {fds: [4-5, 7-8, 10-14, 16-19, "
		  "21-22, 24-25, 27-28, 30-41, 50-99]}, "
		  "write: {fds: [7-10, 12-15, 60-70]}, close]\nPipes: all",
	  SECCOMP_RET_TRAP },
};

struct mutants {
	unsigned found, kernel, cautious, accepted, missed, untold, odd;
};

/* One word of an instruction made another one. */
static void mutate(struct sock_filter *insn, uint64_t *seed)
{
	static const uint16_t codes[] = {
		BPF_JMP | BPF_JEQ,  BPF_JMP | BPF_JGE,  BPF_JMP | BPF_JGT,
		BPF_JMP | BPF_JSET, BPF_ALU | BPF_AND,  BPF_ALU | BPF_OR,
		BPF_ALU | BPF_ADD,  BPF_ALU | BPF_SUB,  BPF_ALU | BPF_RSH,
		BPF_RET | BPF_K,    BPF_RET | BPF_A,    BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_IMM,   BPF_JMP | BPF_JA,
	};
	const bool jump = BPF_CLASS(insn->code) == BPF_JMP &&
			  BPF_OP(insn->code) != BPF_JA;
	const uint8_t jt = insn->jt;

	switch (random_below(seed, jump ? 12 : 6)) {
	case 0:
		insn->code = codes[random_below(seed, ES_COUNT(codes))];
		break;
	case 1:
		insn->k = (uint32_t)random_below(seed, 18) * 4;
		break;
	case 2:
		insn->k ^= 1U << random_below(seed, 32);
		break;
	case 3:
		insn->k++;
		break;
	case 4:
		insn->k--;
		break;
	case 5:
		insn->k = (uint32_t)random_bits(seed);
		break;
	case 6:
		insn->jt = insn->jf;
		insn->jf = jt;
		break;
	case 7:
		insn->jt++;
		break;
	case 8:
		insn->jf++;
		break;
	case 9:
		insn->jf = jt;
		break;
	case 10:
		insn->jt = (uint8_t)random_bits(seed);
		break;
	default:
		insn->code = codes[random_below(seed, 4)];
	}
}

static void count(struct mutants *mutants, enum smt_equality equality,
		  enum es_status proof)
{
	const bool accepted = proof == ES_OK;

	mutants->odd += !accepted && proof != ES_INTERNAL;
	mutants->untold += equality == SMT_UNTOLD;
	mutants->accepted += equality == SMT_EQUAL && accepted;
	mutants->cautious += equality == SMT_EQUAL && !accepted;
	mutants->found += equality == SMT_DIFFERENT && !accepted;
	mutants->kernel += equality == SMT_REFUSED;
	mutants->missed += equality == SMT_DIFFERENT && accepted;
}

static void try_mutant(struct smt_judge *judge, const struct es_filter *filter,
		       bool at_once, struct mutants *mutants)
{
	struct es_diags *diags = es_diags_new();
	struct seccomp_data witness = { 0 };
	const enum smt_equality equality =
		smt_compare(judge, filter, false, &witness);
	const enum es_status proof = PROVE(judge->policy, filter, diags);
	const bool missed = equality == SMT_DIFFERENT && proof == ES_OK;

	count(mutants, equality, proof);
	if (missed)
		puts("# missed:");
	if (equality == SMT_DIFFERENT)
		mutants->odd += !confirmed(judge->policy, filter, &witness,
					   missed);
	if (at_once)
		mutants->odd += smt_compare(judge, filter, true, &witness) !=
				equality;
	es_diags_free(diags);
}

static void try_mutants(struct smt_judge *judge, struct es_filter *filter,
			struct mutants *mutants)
{
	const unsigned n = MUTANTS / ES_COUNT(subjects);
	uint64_t seed = 13;

	for (unsigned i = 0; i < n; i++) {
		struct sock_filter *insn =
			&filter->insns[random_below(&seed, filter->n)];
		const struct sock_filter kept = *insn;

		do
			mutate(insn, &seed);
		while (!memcmp(insn, &kept, sizeof(kept)));
		try_mutant(judge, filter, i < WHOLE / SHARE, mutants);
		*insn = kept;
	}
}

static void try_subject(const char *name, const char *fragments, uint32_t deny)
{
	const struct es_surroundings around = surroundings(3);
	struct built built = build_from(fragments, &around);
	struct mutants mutants = { 0 };
	struct es_filter filter = { 0 };
	struct smt_judge judge;

	built.policy.deny = deny;
	smt_init(&judge.smt);
	smt_judge_set(&judge, &built.policy);
	tap_int(es_filter_make(&built.context->arena, &built.policy,
			       built.diags, &filter), ES_OK, "%s: compiled",
		name);
	if (filter.n)
		try_mutants(&judge, &filter, &mutants);
	tap_int(mutants.missed, 0, "%s: none that alters a verdict is missed",
		name);
	tap_int(mutants.untold, 0, "%s: z3 can tell", name);
	tap_int(mutants.odd, 0, "%s: all judges agree on what z3 finds", name);
	tap_ok(mutants.found > MUTANTS / ES_COUNT(subjects) / 2,
	       "%s: mistakes are found", name);
	printf("# %s: %zu instructions; of %zu mutants %u found, %u refused "
	       "though equal, %u equal and accepted, %u equal but that the "
	       "kernel refuses them, %u missed, %u untold; %u questions\n",
	       name, filter.n, MUTANTS / ES_COUNT(subjects), mutants.found,
	       mutants.cautious, mutants.accepted, mutants.kernel,
	       mutants.missed, mutants.untold, judge.smt.asked);
	es_filter_finish(&filter);
	finish(&built);
	smt_finish(&judge.smt);
}

int main(void)
{
	if (SHARE > 1)
		printf("# sanitized: one in %d is tried\n", SHARE);
	try_profiles();
	try_words();
	try_mixed();
	try_by_hand();
	for (size_t i = 0; i < ES_COUNT(subjects); i++)
		try_subject(subjects[i].name, subjects[i].fragments,
			    subjects[i].deny);
	return tap_done();
}
