/* SPDX-License-Identifier: MIT */
/* Mistakes that are put into filters one at a time: z3 tells which of them
 * alter the verdict on some call, and the proof before each load finds all of
 * those. */
#include "smt-bpf.h"

#include "by-hand.h"
#include "filter.h"
#include "policies.h"
#include "proof.h"
#include "witness.h"

enum {
	MUTANTS = 5004 / SHARE, /* of all subjects together */
	AT_ONCE = 20 / SHARE,   /* of each, asked about in one question, too */
};

static const struct {
	const char *name, *fragments;
	uint32_t deny;
} subjects[] = {
	{ "streams", "SystemIO: [stdin, stdout, stderr]", ERRNO(EPERM) },
	{ "reader", "SystemIO: [stdout, read: {fds: [5-9, 20-]}, "
		    "open_readonly, close, metadata]\nThreads: all\n"
		    "Time: all", ERRNO(EPERM) },
	{ "client", "Networking: [start_tcp_clients, running_udp_sockets]\n"
		    "SystemIO: [stdin, stdout]\nEvents: all\nPipes: create",
	  SECCOMP_RET_KILL_PROCESS },
	{ "shell", "SystemIO: [stdio, everything]\n"
		   "ForkAndExec: {all: yes_really}\n"
		   "SystemIO: {ioctl: yes_really}", ERRNO(EACCES) },
	{ "many", "SystemIO: [stderr, read: {fds: [4-5, 7-8, 10-14, 16-19, "
		  "21-22, 24-25, 27-28, 30-41, 50-99]}, "
		  "write: {fds: [7-10, 12-15, 60-70]}, close]\nPipes: create",
	  SECCOMP_RET_TRAP },
};

enum { SUBJECTS = ES_COUNT(subjects) + 1 };

struct mutants {
	unsigned found, kernel, cautious, accepted, missed, untold, odd;
};

/* One word of an instruction made another one. */
static void mutate(struct sock_filter *insn, uint64_t *seed)
{
	static const uint16_t codes[] = {
		BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JGE, BPF_JMP | BPF_JGT,
		BPF_JMP | BPF_JSET, BPF_ALU | BPF_AND, BPF_ALU | BPF_OR,
		BPF_ALU | BPF_ADD, BPF_ALU | BPF_SUB, BPF_ALU | BPF_RSH,
		BPF_RET | BPF_K, BPF_RET | BPF_A, BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_IMM, BPF_JMP | BPF_JA,
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
	const enum es_status proof = es_prove(judge->policy, filter, diags);
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
			unsigned n, struct mutants *mutants)
{
	uint64_t seed = 13;

	for (unsigned i = 0; i < n; i++) {
		struct sock_filter *insn =
			&filter->insns[random_below(&seed, filter->n)];
		const struct sock_filter kept = *insn;

		do
			mutate(insn, &seed);
		while (!memcmp(insn, &kept, sizeof(kept)));
		try_mutant(judge, filter, i < AT_ONCE, mutants);
		*insn = kept;
	}
}

static void try_policy(const char *name, const struct es_policy *policy,
		       struct es_arena *arena, struct es_diags *diags)
{
	const unsigned n = MUTANTS / SUBJECTS;
	struct mutants mutants = { 0 };
	struct es_filter filter = { 0 };
	struct smt_judge judge;

	smt_init(&judge.smt);
	smt_judge_set(&judge, policy);
	tap_int(es_filter_make(arena, policy, diags, &filter), ES_OK,
		"%s: compiled", name);
	tap_int(es_prove(policy, &filter, diags), ES_OK,
		"%s: nothing is found where nothing is", name);
	if (filter.n)
		try_mutants(&judge, &filter, n, &mutants);
	tap_int(mutants.missed, 0, "%s: none that alters a verdict is missed",
		name);
	tap_int(mutants.untold, 0, "%s: z3 can tell", name);
	tap_int(mutants.odd, 0, "%s: all judges agree on what z3 finds", name);
	tap_ok(mutants.found > n / 2, "%s: mistakes are found", name);
	printf("# %s: %zu instructions; of %u mutants %u found, %u refused "
	       "though equal, %u equal and accepted, %u equal but that the "
	       "kernel refuses them, %u missed, %u untold; %u questions\n",
	       name, filter.n, n, mutants.found, mutants.cautious,
	       mutants.accepted, mutants.kernel, mutants.missed,
	       mutants.untold, judge.smt.asked);
	es_filter_finish(&filter);
	smt_finish(&judge.smt);
}

static void try_fragments(const char *name, const char *fragments,
			  uint32_t deny)
{
	const struct es_surroundings around = surroundings(3);
	struct built built = build_from(fragments, &around);

	tap_int(built.status, ES_OK, "%s: built", name);
	built.policy.deny = deny;
	try_policy(name, &built.policy, &built.context->arena, built.diags);
	finish(&built);
}

/* Of all that can be told from a filter, profiles say little. */
static void try_by_hand(void)
{
	static struct by_hand hand;
	struct es_diags *diags = es_diags_new();
	uint64_t seed = 15;

	make_by_hand(&hand, &seed);
	try_policy("by hand", &hand.policy, &hand.arena, diags);
	es_arena_finish(&hand.arena);
	es_diags_free(diags);
}

int main(void)
{
	tell_share();
	for (size_t i = 0; i < ES_COUNT(subjects); i++)
		try_fragments(subjects[i].name, subjects[i].fragments,
			      subjects[i].deny);
	try_by_hand();
	return tap_done();
}
