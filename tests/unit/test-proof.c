/* SPDX-License-Identifier: MIT */
/* The proof before each load: what it finds of mistakes that are put into a
 * filter one at a time. A mistake that changes no verdict is none. */
#include "proof.h"

#include "calls.h"
#include "filter.h"
#include "policies.h"

enum { MUTANTS = 500, CALLS = 20000 };

static const struct {
	const char *name, *fragments;
} subjects[] = {
	{ "streams", "SystemIO: [stdin, stdout, stderr]" },
	{ "reader", "SystemIO: [stdout, read: {fds: [5-9, 20-]}, "
		    "open_readonly, close, metadata]\nThreads: all\n"
		    "Time: all" },
	{ "client", "Networking: [start_tcp_clients, running_udp_sockets]\n"
		    "SystemIO: [stdin, stdout]\nEvents: all\nPipes: create" },
	{ "shell", "SystemIO: [stdio, everything]\n"
		   "ForkAndExec: {all: yes_really}\n"
		   "SystemIO: {ioctl: yes_really}" },
};

/* One word of the program made another one. */
static void mutate(struct sock_filter *insn, uint64_t *seed)
{
	static const uint16_t jumps[] = { BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET };
	const bool jump = BPF_CLASS(insn->code) == BPF_JMP &&
			  BPF_OP(insn->code) != BPF_JA;
	const uint8_t jt = insn->jt;

	if (insn->code == (BPF_LD | BPF_W | BPF_ABS)) {
		insn->k = (uint32_t)random_below(seed, 16) * 4;
		return;
	}
	switch (random_below(seed, jump ? 8 : 3)) {
	case 0:
		insn->k ^= 1U << random_below(seed, 32);
		break;
	case 1:
		insn->k++;
		break;
	case 2:
		insn->k--;
		break;
	case 3:
		insn->jt = insn->jf;
		insn->jf = jt;
		break;
	case 4:
		insn->jt++;
		break;
	case 5:
		insn->jf++;
		break;
	case 6:
		insn->jf = jt;
		break;
	default:
		insn->code = BPF_JMP | BPF_K |
			     jumps[random_below(seed, ES_COUNT(jumps))];
	}
}

struct tally {
	unsigned found, missed, same;
};

/* Does any of CALLS calls get another answer than the policy means? */
static bool differs(const struct es_policy *policy,
		    const struct es_filter *filter, uint64_t *seed)
{
	for (unsigned i = 0; i < CALLS; i++) {
		struct es_call call;

		any_call(policy, seed, &call);
		if (run(filter, &call) == es_judge(policy, &call).ret)
			continue;
		printf("# missed: call %u of %#x: %#llx %#llx %#llx %#llx "
		       "%#llx %#llx\n", call.nr, call.arch,
		       (unsigned long long)call.args[0],
		       (unsigned long long)call.args[1],
		       (unsigned long long)call.args[2],
		       (unsigned long long)call.args[3],
		       (unsigned long long)call.args[4],
		       (unsigned long long)call.args[5]);
		return true;
	}
	return false;
}

static void try_mutants(const struct es_policy *policy,
			struct es_filter *filter, struct tally *tally)
{
	uint64_t seed = 6;

	for (unsigned i = 0; i < MUTANTS; i++) {
		struct sock_filter *insn =
			&filter->insns[random_below(&seed, filter->n)];
		const struct sock_filter kept = *insn;
		struct es_diags *diags = es_diags_new();

		mutate(insn, &seed);
		if (es_prove(policy, filter, diags) == ES_INTERNAL)
			tally->found += es_diags_errors(diags) == 1;
		else if (differs(policy, filter, &seed))
			tally->missed++;
		else
			tally->same++;
		*insn = kept;
		es_diags_free(diags);
	}
}

static void try_subject(const char *name, const char *fragments)
{
	struct es_surroundings around = usual;
	struct es_filter filter = { 0 };
	struct tally tally = { 0 };
	struct built built;

	around.loader = around.signals_scoped = true;
	built = build_from(fragments, &around);
	tap_int(built.status, ES_OK, "%s: built", name);
	tap_int(es_filter_make(&built.context->arena, &built.policy,
			       built.diags, &filter), ES_OK, "%s: compiled",
		name);
	tap_int(es_prove(&built.policy, &filter, built.diags), ES_OK,
		"%s: nothing is found where nothing is", name);
	if (filter.n)
		try_mutants(&built.policy, &filter, &tally);
	tap_int(tally.missed, 0,
		"%s: no mistake that changes a verdict is missed", name);
	tap_ok(tally.found > MUTANTS / 2, "%s: mistakes are found", name);
	printf("# %s: %zu instructions; of %u mutants %u found, %u missed, "
	       "%u change no verdict\n", name, filter.n, MUTANTS, tally.found,
	       tally.missed, tally.same);
	es_filter_finish(&filter);
	finish(&built);
}

/* A filter that answers nothing at all, or more than its calls. */
static void try_broken(void)
{
	struct built built = build_from("SystemIO: [stdout]", &usual);
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, ALLOW),
				     BPF_STMT(BPF_RET | BPF_X, 0) };
	struct es_filter filter = { all, 0 };

	tap_int(es_prove(&built.policy, &filter, built.diags), ES_INTERNAL,
		"an empty program is no filter");
	filter.n = 1;
	tap_int(es_prove(&built.policy, &filter, built.diags), ES_INTERNAL,
		"one that allows all is another's");
	filter.insns++;
	tap_int(es_prove(&built.policy, &filter, built.diags), ES_INTERNAL,
		"one that we never emit is not judged");
	finish(&built);
}

/* Alternatives that fail in two ways each, independent of each other, have more
 * paths than can be walked: an error, and no endless search. */
static void try_complex(unsigned n, enum es_status wanted)
{
	struct built built = build_from("SystemIO: [stdout]", &usual);
	const uint32_t nr = number_of("getppid");
	struct es_policy *policy = &built.policy;
	struct es_policy own = *policy;
	struct es_range bit[2] = { { 0, 0 }, { 0, 0 } };
	struct es_cond conds[64][2];
	struct es_rule rules[64];
	struct es_filter filter = { 0 };

	for (unsigned i = 0; i < n; i++) {
		for (unsigned c = 0; c < 2; c++)
			conds[i][c] = (struct es_cond){
				.arg = (2 * i + c) % 6,
				.mask = 1ULL << (i / 3),
				.values = { &bit[c], 1 },
			};
		rules[i] = (struct es_rule){ .nr = nr, .ret = ALLOW,
					     .conds = { conds[i], 2 } };
	}
	own.guards = own.allowed = (struct es_rules){ 0 };
	own.allowed.at = rules;
	own.allowed.n = n;
	for (uint32_t i = nr + 1; i <= ES_NR_LIMIT; i++)
		own.allowed.first[i] = n;
	tap_int(es_filter_make(&built.context->arena, &own, built.diags,
			       &filter), ES_OK, "%u alternatives: compiled", n);
	tap_int(es_prove(&own, &filter, built.diags), wanted,
		"%u alternatives: %s", n,
		wanted == ES_OK ? "proven" : "too complex, which is told");
	tap_int((long long)es_diags_errors(built.diags), wanted != ES_OK,
		"%u alternatives: one error if any", n);
	es_filter_finish(&filter);
	finish(&built);
}

int main(void)
{
	for (size_t i = 0; i < ES_COUNT(subjects); i++)
		try_subject(subjects[i].name, subjects[i].fragments);
	try_broken();
	try_complex(8, ES_OK);
	try_complex(60, ES_INVALID);
	return tap_done();
}
