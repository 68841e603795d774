/* SPDX-License-Identifier: MIT */
#include "proof.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>

#include "region.h"
#include "util.h"

enum {
	NR = ES_WORD(offsetof(struct seccomp_data, nr)),
	ARCH = ES_WORD(offsetof(struct seccomp_data, arch)),
	NOSYS = SECCOMP_RET_ERRNO | ENOSYS,
	/* Of one path; far more than a program has instructions in a row. */
	MAX_DEPTH = 2000,
};

struct proof {
	const struct es_policy *policy;
	const struct es_filter *filter;
	struct es_diags *diags;
	struct es_region region;
	struct es_rule key; /* the exec gate's, as a rule */
	uint32_t nr;        /* that was looked at last */
	enum es_status status;
};

/* What the accumulator holds: a word under a mask. */
struct operand {
	unsigned word;
	uint32_t mask;
};

static bool going(const struct proof *p)
{
	return p->status == ES_OK && !es_region_stopped(&p->region);
}

static uint64_t argument(const uint32_t words[ES_WORDS], unsigned arg)
{
	struct seccomp_data data;

	memcpy(&data, words, sizeof(data));
	return data.args[arg];
}

/* A call of the region, number NR, on which they differ. */
static void differ(struct proof *p, uint32_t nr, uint32_t ret)
{
	uint32_t words[ES_WORDS];
	struct es_call call = { 0 };

	es_region_pick(&p->region, words);
	if (es_region_stopped(&p->region))
		return;
	call.arch = words[ARCH];
	call.nr = nr;
	for (unsigned i = 0; i < ES_COUNT(call.args); i++)
		call.args[i] = argument(words, i);
	p->status = ES_INTERNAL;
	es_diag(p->diags, ES_ERROR, ES_NOWHERE,
		"internal error: the filter answers %#x where the policy "
		"means %#x, at call %u of architecture %#x with %#llx, %#llx, "
		"%#llx, %#llx, %#llx, %#llx; nothing was run", ret,
		es_judge(p->policy, &call).ret, call.nr, call.arch,
		(unsigned long long)call.args[0],
		(unsigned long long)call.args[1],
		(unsigned long long)call.args[2],
		(unsigned long long)call.args[3],
		(unsigned long long)call.args[4],
		(unsigned long long)call.args[5]);
}

static void refuse(struct proof *p, size_t pc)
{
	p->status = ES_INTERNAL;
	es_diag(p->diags, ES_ERROR, ES_NOWHERE,
		"internal error: the filter's instruction %zu of %zu is none "
		"that a filter has; nothing was run", pc, p->filter->n);
}

/* HIGH and LOW words both hold; *OPEN is the first of them that is undecided. */
static enum es_truth both(struct proof *p, struct es_literal *high,
			  struct es_literal *low, struct es_literal *open)
{
	const enum es_truth upper = es_region_truth(&p->region, high);
	const enum es_truth lower = upper == ES_NEVER ? ES_NEVER :
				    es_region_truth(&p->region, low);

	if (lower == ES_NEVER)
		return ES_NEVER;
	if (upper == ES_MAYBE)
		*open = *high;
	else if (lower == ES_MAYBE)
		*open = *low;
	else
		return ES_ALWAYS;
	return ES_MAYBE;
}

/* A range of a 64-bit argument: high words between its ends' with any low word,
 * and those of its ends with the low words that they leave. */
static enum es_truth wide_range_truth(struct proof *p,
				      const struct es_cond *cond,
				      const struct es_range *range,
				      struct es_literal *open)
{
	const uint64_t first = range->lo >> 32, last = range->hi >> 32;
	const uint64_t lo = range->lo & UINT32_MAX;
	const uint64_t hi = range->hi & UINT32_MAX;
	const struct {
		struct es_range high, low;
	} parts[] = {
		{ { first, first }, { lo, first == last ? hi : UINT32_MAX } },
		{ { first + 1, last - 1 }, { 0, UINT32_MAX } },
		{ { last, last }, { 0, hi } },
	};
	enum es_truth truth = ES_NEVER;

	for (size_t i = 0; i < (first == last ? 1 : ES_COUNT(parts)); i++) {
		struct es_literal high = {
			.word = ES_WORD(es_bpf_high_offset(cond->arg)),
			.mask = (uint32_t)(cond->mask >> 32),
			.own = parts[i].high,
		};
		struct es_literal low = {
			.word = ES_WORD(es_bpf_low_offset(cond->arg)),
			.mask = (uint32_t)cond->mask,
			.own = parts[i].low,
		};
		struct es_literal undecided;

		if (parts[i].high.lo > parts[i].high.hi)
			continue;
		switch (both(p, &high, &low, &undecided)) {
		case ES_ALWAYS:
			return ES_ALWAYS;
		case ES_MAYBE:
			*open = undecided;
			truth = ES_MAYBE;
			break;
		case ES_NEVER:
			break;
		}
	}
	return truth;
}

static enum es_truth cond_truth(struct proof *p, const struct es_cond *cond,
				struct es_literal *open)
{
	enum es_truth truth = ES_NEVER;

	if (cond->mask <= UINT32_MAX) {
		*open = (struct es_literal){
			.word = ES_WORD(es_bpf_low_offset(cond->arg)),
			.mask = (uint32_t)cond->mask,
			.values = cond->values,
		};
		return es_region_truth(&p->region, open);
	}
	for (size_t i = 0; i < cond->values.n && truth != ES_ALWAYS; i++) {
		const enum es_truth own = wide_range_truth(
			p, cond, &cond->values.at[i], open);

		truth = own > truth ? own : truth;
	}
	return truth;
}

/* *OPEN is what to ask first where it is undecided. */
static enum es_truth rule_truth(struct proof *p, const struct es_rule *rule,
				struct es_literal *open)
{
	enum es_truth truth = ES_ALWAYS;

	for (size_t i = 0; i < rule->conds.n; i++) {
		struct es_literal undecided;

		switch (cond_truth(p, &rule->conds.at[i], &undecided)) {
		case ES_NEVER:
			return ES_NEVER;
		case ES_MAYBE:
			if (truth == ES_ALWAYS)
				*open = undecided;
			truth = ES_MAYBE;
			break;
		case ES_ALWAYS:
			break;
		}
	}
	return truth;
}

/* The answer of the first of N rules that holds for the whole region, or of
 * none of them; ES_MAYBE and *OPEN where it depends. */
static enum es_truth first_truth(struct proof *p, const struct es_rule *rules,
				 uint32_t n, uint32_t *ret,
				 struct es_literal *open)
{
	for (uint32_t i = 0; i < n; i++) {
		const enum es_truth truth = rule_truth(p, &rules[i], open);

		if (truth == ES_NEVER)
			continue;
		*ret = rules[i].ret;
		return truth;
	}
	return ES_NEVER;
}

/* Does any of N rules of one answer hold for the whole region? */
static enum es_truth any_truth(struct proof *p, const struct es_rule *rules,
			       uint32_t n, struct es_literal *open)
{
	enum es_truth truth = ES_NEVER;

	for (uint32_t i = 0; i < n && truth != ES_ALWAYS; i++) {
		struct es_literal undecided;
		const enum es_truth own = rule_truth(p, &rules[i], &undecided);

		if (own == ES_MAYBE && truth == ES_NEVER)
			*open = undecided;
		truth = own > truth ? own : truth;
	}
	return truth;
}

/* The judge's verdict on number NR in the region (see judge.c for the order).
 * ES_MAYBE, and *OPEN to ask, where it is not the same all over. */
static enum es_truth verdict(struct proof *p, uint32_t nr, uint32_t *ret,
			     struct es_literal *open)
{
	const struct es_policy *policy = p->policy;
	const uint32_t *guards = &policy->guards.first[nr];
	const uint32_t *allowed = &policy->allowed.first[nr];
	enum es_truth truth = ES_NEVER;

	if (es_is_gated_by(policy, nr))
		truth = first_truth(p, &p->key, 1, ret, open);
	if (truth == ES_NEVER)
		truth = first_truth(p, &policy->guards.at[guards[0]],
				    guards[1] - guards[0], ret, open);
	if (truth != ES_NEVER)
		return truth;
	*ret = es_policy_allows(policy, nr);
	truth = any_truth(p, &policy->allowed.at[allowed[0]],
			  allowed[1] - allowed[0], open);
	if (truth == ES_NEVER)
		*ret = policy->fallback[nr] || !policy->known[nr] ?
		       (uint32_t)NOSYS : policy->deny;
	return truth == ES_MAYBE ? ES_MAYBE : ES_ALWAYS;
}

/* RET must be the verdict on number NR all over the region. */
static void check_number(struct proof *p, uint32_t nr, uint32_t ret,
			 unsigned depth)
{
	const size_t known = p->region.nfacts;
	struct es_literal open = { 0 };
	uint32_t meant = 0;
	enum es_truth truth = ES_MAYBE;

	p->nr = nr;
	if (depth > MAX_DEPTH)
		p->region.steps = ES_REGION_STEPS + 1;
	while (going(p) &&
	       (truth = verdict(p, nr, &meant, &open)) == ES_MAYBE) {
		const size_t before = p->region.nfacts;

		if (es_region_assume(&p->region, &open, true)) {
			check_number(p, nr, ret, depth + 1);
			es_region_undo(&p->region, before);
		}
		if (!going(p) || !es_region_assume(&p->region, &open, false))
			break;
	}
	if (going(p) && truth == ES_ALWAYS && meant != ret)
		differ(p, nr, ret);
	es_region_undo(&p->region, known);
}

/* Is one of LO to HI a number of the region? */
static bool reaches(struct proof *p, uint32_t lo, uint32_t hi)
{
	struct es_literal numbers = {
		.word = NR, .mask = UINT32_MAX, .own = { lo, hi } };

	return es_region_truth(&p->region, &numbers) != ES_NEVER;
}

/* RET must be the verdict on all native calls of the region. */
static void check_native(struct proof *p, uint32_t ret)
{
	const struct {
		uint32_t lo, hi, ret;
	} beyond[] = {
		{ ES_NR_LIMIT, ES_X32_BIT - 1, NOSYS },
		{ ES_X32_BIT, UINT32_MAX - 1, SECCOMP_RET_KILL_PROCESS },
		{ UINT32_MAX, UINT32_MAX, es_policy_skips(p->policy) },
	};
	struct es_literal table = {
		.word = NR, .mask = UINT32_MAX, .own = { 0, ES_NR_LIMIT - 1 } };
	const size_t known = p->region.nfacts;

	for (size_t i = 0; i < ES_COUNT(beyond) && going(p); i++) {
		struct es_literal numbers = {
			.word = NR, .mask = UINT32_MAX,
			.own = { beyond[i].lo, beyond[i].hi } };
		uint32_t words[ES_WORDS];

		if (beyond[i].ret == ret ||
		    !reaches(p, beyond[i].lo, beyond[i].hi) ||
		    !es_region_assume(&p->region, &numbers, true))
			continue;
		es_region_pick(&p->region, words);
		differ(p, words[NR], ret);
	}
	if (!going(p) || !es_region_assume(&p->region, &table, true))
		return;

	const struct es_fact fact = p->region.facts[p->region.nfacts - 1];

	for (size_t i = 0; i < fact.n && going(p); i++) {
		const struct es_range range =
			p->region.ranges[fact.first + i];

		for (uint64_t nr = range.lo; nr <= range.hi && going(p); nr++)
			check_number(p, (uint32_t)nr, ret, 0);
	}
	es_region_undo(&p->region, known);
}

/* The program answers RET all over the region. */
static void check_answer(struct proof *p, uint32_t ret)
{
	struct es_literal native = {
		.word = ARCH, .mask = UINT32_MAX,
		.own = { ES_AUDIT_ARCH, ES_AUDIT_ARCH } };
	const size_t known = p->region.nfacts;

	if (es_region_assume(&p->region, &native, false)) {
		uint32_t words[ES_WORDS];

		es_region_pick(&p->region, words);
		if (ret != SECCOMP_RET_KILL_PROCESS)
			differ(p, words[NR], ret);
		es_region_undo(&p->region, known);
	}
	if (going(p) && es_region_assume(&p->region, &native, true)) {
		check_native(p, ret);
		es_region_undo(&p->region, known);
	}
}

static bool assume_test(struct proof *p, const struct operand *a,
			const struct es_bpf_test *test, bool holds)
{
	struct es_literal literal = {
		.word = a->word, .mask = a->mask & test->mask,
		.own = test->values };

	return es_region_assume(&p->region, &literal, holds);
}

static enum es_truth test_truth(struct proof *p, const struct operand *a,
				const struct es_bpf_test *test)
{
	struct es_literal literal = {
		.word = a->word, .mask = a->mask & test->mask,
		.own = test->values };

	/* Nothing is greater than the greatest. */
	if (test->values.lo > test->values.hi)
		return ES_NEVER;
	return es_region_truth(&p->region, &literal);
}

/* Walks all paths from instruction PC on that calls of the region take. Jumps
 * go forward only, so this ends. */
static void walk(struct proof *p, size_t pc, struct operand a, unsigned depth)
{
	const size_t known = p->region.nfacts;

	if (depth > MAX_DEPTH)
		p->region.steps = ES_REGION_STEPS + 1;
	while (going(p)) {
		const struct sock_filter *insn = &p->filter->insns[pc];
		const size_t before = p->region.nfacts;
		struct es_bpf_test test;

		if (pc >= p->filter->n || !es_bpf_is_ours(insn)) {
			refuse(p, pc);
		} else if (insn->code == ES_BPF_LOAD) {
			a = (struct operand){ ES_WORD(insn->k), UINT32_MAX };
			pc++;
		} else if (insn->code == ES_BPF_AND) {
			a.mask &= insn->k;
			pc++;
		} else if (insn->code == ES_BPF_GOTO) {
			pc += 1 + (size_t)insn->k;
		} else if (insn->code == ES_BPF_RETURN) {
			check_answer(p, insn->k);
			break;
		} else {
			const size_t yes = pc + 1 + insn->jt;
			const size_t no = pc + 1 + insn->jf;

			es_bpf_test(insn, &test);
			switch (test_truth(p, &a, &test)) {
			case ES_ALWAYS:
				pc = yes;
				continue;
			case ES_NEVER:
				pc = no;
				continue;
			case ES_MAYBE:
				break;
			}
			if (assume_test(p, &a, &test, true)) {
				walk(p, yes, a, depth + 1);
				es_region_undo(&p->region, before);
			}
			if (!going(p) || !assume_test(p, &a, &test, false))
				break;
			pc = no;
		}
	}
	es_region_undo(&p->region, known);
}

static void tell_complex(const struct proof *p)
{
	const struct es_syscall *row = es_syscall_of(p->nr);

	es_diag(p->diags, ES_ERROR, ES_NOWHERE,
		"the filter is too complex to be proven equal to the policy: "
		"it has %zu instructions, and %d steps don't tell; name fewer "
		"alternatives of %s", p->filter->n, ES_REGION_STEPS,
		row ? row->name : "one system call");
}

enum es_status es_prove(const struct es_policy *policy,
			const struct es_filter *filter, struct es_diags *diags)
{
	struct es_range values[ES_COUNT(policy->key)];
	struct es_cond conds[ES_COUNT(policy->key)];
	struct proof p = {
		.policy = policy, .filter = filter, .diags = diags,
		.key = { .ret = SECCOMP_RET_ALLOW,
			 .conds = { conds, ES_COUNT(conds) } },
	};

	for (unsigned i = 0; i < ES_COUNT(conds); i++) {
		values[i] = (struct es_range){ policy->key[i], policy->key[i] };
		conds[i] = (struct es_cond){ ES_KEY_ARG + i, UINT64_MAX,
					     { &values[i], 1 } };
	}
	/* Before its first load, the accumulator is 0. */
	walk(&p, 0, (struct operand){ 0, 0 }, 0);
	if (p.region.nomem)
		p.status = ES_NOMEM;
	else if (p.region.steps > ES_REGION_STEPS) {
		tell_complex(&p);
		p.status = ES_INVALID;
	}
	es_region_finish(&p.region);
	return p.status;
}
