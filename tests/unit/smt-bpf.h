/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF programs as terms, from linux/filter.h and from what the kernel
 * takes as a seccomp filter; it knows nothing of bpf.c.
 *
 * A program is followed with the accumulator and the index register as values.
 * Only a test that the region leaves open forks it, and a fork with the same
 * registers is followed once: programs have no loops, so that terms grow with
 * the program and not with its paths.
 */
#ifndef SMT_BPF_H
#define SMT_BPF_H

#include <linux/filter.h>

#include "bpf.h"
#include "smt.h"

enum smt_equality {
	SMT_EQUAL,
	SMT_DIFFERENT,
	SMT_REFUSED, /* equal, but the kernel would not take it */
	SMT_UNTOLD,  /* z3 does not know, or we can't say it in its terms */
};

struct smt_fork {
	struct smt_value a, x, answer;
	uint32_t next; /* of the same instruction; one more than its index */
};

/* What a call gets that comes to no instruction; no policy means that. */
#define SMT_HOLE 0x0badbadU

/* A program being followed in one region. */
struct smt_walk {
	const struct smt *smt;
	const struct es_filter *filter;
	bool *fine; /* owned; the instructions that the kernel knows */
	const struct smt_region *region;
	uint32_t *first;        /* owned; for each instruction like NEXT */
	struct smt_fork *forks; /* owned */
	size_t n, cap;
	bool untold;
};

/* What seccomp takes of classic BPF; there is no remainder. */
static const uint16_t smt_codes[] = {
	BPF_LD | BPF_W | BPF_ABS,    BPF_LD | BPF_W | BPF_LEN,
	BPF_LDX | BPF_W | BPF_LEN,   BPF_LD | BPF_IMM,
	BPF_LDX | BPF_IMM,	     BPF_LD | BPF_MEM,
	BPF_LDX | BPF_MEM,	     BPF_ST,
	BPF_STX,		     BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,	     BPF_RET | BPF_K,
	BPF_RET | BPF_A,	     BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,   BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,   BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,   BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,  BPF_JMP | BPF_JSET | BPF_X,
	BPF_ALU | BPF_ADD | BPF_K,   BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,   BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,   BPF_ALU | BPF_MUL | BPF_X,
	BPF_ALU | BPF_DIV | BPF_K,   BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,   BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,    BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,   BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,   BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_K,   BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_NEG,
};

static inline bool smt_is_known(const struct sock_filter *insn)
{
	size_t i = 0;

	while (i < ES_COUNT(smt_codes) && smt_codes[i] != insn->code)
		i++;
	if (i == ES_COUNT(smt_codes))
		return false;
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return insn->k % sizeof(uint32_t) == 0 &&
		       insn->k < sizeof(struct seccomp_data);
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return insn->k < BPF_MEMWORDS;
	case BPF_ALU | BPF_DIV | BPF_K:
		return insn->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return insn->k < 32;
	default:
		return true;
	}
}

/* Do its jumps stay among the BEHIND instructions that follow? */
static inline bool smt_stays(const struct sock_filter *insn, size_t behind)
{
	if (BPF_CLASS(insn->code) != BPF_JMP)
		return true;
	if (BPF_OP(insn->code) == BPF_JA)
		return insn->k < behind;
	return insn->jt < behind && insn->jf < behind;
}

/* Would the kernel take the program? It looks at all of it, and we fill in
 * WALK->fine. */
static inline bool smt_kernel_takes(const struct smt_walk *walk)
{
	const struct es_filter *filter = walk->filter;
	bool takes = BPF_CLASS(filter->insns[filter->n - 1].code) == BPF_RET;

	for (size_t i = 0; i < filter->n; i++) {
		walk->fine[i] = smt_is_known(&filter->insns[i]);
		takes = takes && walk->fine[i] &&
			smt_stays(&filter->insns[i], filter->n - 1 - i);
	}
	return takes;
}

static inline struct smt_value smt_word(const struct smt_walk *walk,
					uint32_t offset)
{
	const size_t word = offset / sizeof(uint32_t);
	const struct smt_region *region = walk->region;

	if (word == SMT_NR && region->first == region->last)
		return smt_number(region->first);
	if (word == SMT_ARCH && region->arch == SMT_OURS)
		return smt_number(SMT_ARCH_OURS);
	return (struct smt_value){ walk->smt->words[word], 0 };
}

static inline struct smt_value smt_load(struct smt_walk *walk,
					const struct sock_filter *insn)
{
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		return smt_word(walk, insn->k);
	case BPF_IMM:
		return smt_number(insn->k);
	case BPF_LEN:
		return smt_number(sizeof(struct seccomp_data));
	default: /* the scratch memory */
		walk->untold = true;
		return smt_number(0);
	}
}

/* Division and shifts by a register have corners that kernels have changed. */
static inline struct smt_value smt_alu(struct smt_walk *walk,
				       const struct sock_filter *insn,
				       struct smt_value a, struct smt_value x)
{
	static const struct {
		uint16_t op;
		Z3_ast (*make)(Z3_context z3, Z3_ast a, Z3_ast b);
		bool untold_by_x;
	} ops[] = {
		{ BPF_ADD, Z3_mk_bvadd, false },
		{ BPF_SUB, Z3_mk_bvsub, false },
		{ BPF_MUL, Z3_mk_bvmul, false },
		{ BPF_DIV, Z3_mk_bvudiv, true },
		{ BPF_AND, Z3_mk_bvand, false },
		{ BPF_OR, Z3_mk_bvor, false },
		{ BPF_XOR, Z3_mk_bvxor, false },
		{ BPF_LSH, Z3_mk_bvshl, true },
		{ BPF_RSH, Z3_mk_bvlshr, true },
	};
	const bool by_x = BPF_SRC(insn->code) == BPF_X;
	const Z3_context z3 = walk->smt->z3;
	const Z3_ast left = smt_term(walk->smt, a);
	const Z3_ast right = smt_term(walk->smt,
				      by_x ? x : smt_number(insn->k));
	struct smt_value result = { NULL, 0 };

	if (BPF_OP(insn->code) == BPF_NEG)
		result.term = Z3_mk_bvneg(z3, left);
	for (size_t i = 0; i < ES_COUNT(ops); i++)
		if (ops[i].op == BPF_OP(insn->code) &&
		    !(by_x && ops[i].untold_by_x))
			result.term = ops[i].make(z3, left, right);
	walk->untold |= !result.term;
	if (!result.term)
		return result;
	result.term = Z3_simplify(z3, result.term);
	if (Z3_is_numeral_ast(z3, result.term) &&
	    Z3_get_numeral_uint(z3, result.term, &result.number))
		result.term = NULL;
	return result;
}

/* Does the test come out the same for all of the region? Then *HOLDS is it. */
static inline bool smt_decided(const struct smt_walk *walk, uint16_t op,
			       struct smt_value a, struct smt_value k,
			       bool *holds)
{
	const struct smt_region *region = walk->region;
	uint32_t lo = a.number, hi = a.number;

	if (k.term)
		return false;
	if (a.term && a.term == walk->smt->words[SMT_NR]) {
		lo = region->first;
		hi = region->last;
	} else if (a.term) {
		*holds = false;
		return op == BPF_JEQ && a.term == walk->smt->words[SMT_ARCH] &&
		       region->arch == SMT_FOREIGN &&
		       k.number == SMT_ARCH_OURS;
	}
	switch (op) {
	case BPF_JEQ:
		*holds = lo == k.number;
		return lo == hi || k.number < lo || k.number > hi;
	case BPF_JGE:
		*holds = lo >= k.number;
		return *holds || hi < k.number;
	case BPF_JGT:
		*holds = lo > k.number;
		return *holds || hi <= k.number;
	default:
		*holds = lo & k.number;
		return lo == hi;
	}
}

static inline Z3_ast smt_test(const struct smt *smt, uint16_t op,
			      struct smt_value a, struct smt_value k)
{
	const Z3_ast left = smt_term(smt, a), right = smt_term(smt, k);
	const Z3_ast none = smt_term(smt, smt_number(0));

	switch (op) {
	case BPF_JEQ:
		return Z3_mk_eq(smt->z3, left, right);
	case BPF_JGE:
		return Z3_mk_bvuge(smt->z3, left, right);
	case BPF_JGT:
		return Z3_mk_bvugt(smt->z3, left, right);
	default:
		return Z3_mk_not(smt->z3,
				 Z3_mk_eq(smt->z3,
					  Z3_mk_bvand(smt->z3, left, right),
					  none));
	}
}

static inline struct smt_value smt_follow(struct smt_walk *walk, size_t pc,
					  struct smt_value a,
					  struct smt_value x);

static inline struct smt_value smt_fork(struct smt_walk *walk, size_t pc,
					struct smt_value a, struct smt_value x)
{
	const struct sock_filter *insn = &walk->filter->insns[pc];
	const struct smt_value k = BPF_SRC(insn->code) == BPF_X ?
				   x : smt_number(insn->k);
	struct smt_value yes, no;

	for (uint32_t i = walk->first[pc]; i; i = walk->forks[i - 1].next)
		if (smt_same(walk->forks[i - 1].a, a) &&
		    smt_same(walk->forks[i - 1].x, x))
			return walk->forks[i - 1].answer;
	yes = smt_follow(walk, pc + 1 + insn->jt, a, x);
	no = smt_follow(walk, pc + 1 + insn->jf, a, x);
	yes = smt_if(walk->smt, smt_test(walk->smt, BPF_OP(insn->code), a, k),
		     yes, no);
	if (!es_grow(walk->forks, walk->n, walk->cap))
		abort();
	walk->forks[walk->n++] =
		(struct smt_fork){ a, x, yes, walk->first[pc] };
	walk->first[pc] = (uint32_t)walk->n;
	return yes;
}

/* What the program answers from PC on. */
static inline struct smt_value smt_follow(struct smt_walk *walk, size_t pc,
					  struct smt_value a,
					  struct smt_value x)
{
	for (; !walk->untold; pc++) {
		if (pc >= walk->filter->n || !walk->fine[pc])
			return smt_number(SMT_HOLE);

		const struct sock_filter *insn = &walk->filter->insns[pc];
		struct smt_value k = smt_number(insn->k);
		bool holds = true;

		switch (BPF_CLASS(insn->code)) {
		case BPF_RET:
			return BPF_RVAL(insn->code) == BPF_A ? a : k;
		case BPF_LD:
			a = smt_load(walk, insn);
			break;
		case BPF_LDX:
			x = smt_load(walk, insn);
			break;
		case BPF_ALU:
			a = smt_alu(walk, insn, a, x);
			break;
		case BPF_MISC:
			if (BPF_MISCOP(insn->code) == BPF_TAX)
				x = a;
			else
				a = x;
			break;
		case BPF_JMP:
			k = BPF_SRC(insn->code) == BPF_X ? x : k;
			if (BPF_OP(insn->code) == BPF_JA)
				pc += insn->k;
			else if (insn->jt == insn->jf)
				pc += insn->jt;
			else if (smt_decided(walk, BPF_OP(insn->code), a, k,
					     &holds))
				pc += holds ? insn->jt : insn->jf;
			else
				return smt_fork(walk, pc, a, x);
			break;
		default: /* stores */
			walk->untold = true;
		}
	}
	return smt_number(0);
}

/* A policy, what it means for each region, and z3's view of both. */
struct smt_judge {
	struct smt smt;
	struct {
		struct smt_region region;
		struct smt_value means;
	} parts[ES_NR_LIMIT + 2];
	const struct es_policy *policy;
};

/* POLICY's turn; what was told of others' terms stays known. */
static inline void smt_judge_set(struct smt_judge *judge,
				 const struct es_policy *policy)
{
	const struct smt *smt = &judge->smt;
	size_t n = 0;

	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++, n++) {
		judge->parts[n].region =
			(struct smt_region){ SMT_OURS, nr, nr };
		judge->parts[n].means = smt_means(smt, policy, nr);
	}
	judge->parts[n].region =
		(struct smt_region){ SMT_OURS, ES_NR_LIMIT, UINT32_MAX };
	judge->parts[n++].means = smt_means_above(smt, policy);
	judge->parts[n].region =
		(struct smt_region){ SMT_FOREIGN, 0, UINT32_MAX };
	judge->parts[n].means = smt_means_foreign();
	judge->policy = policy;
}

static inline enum smt_equality
smt_compare_in(struct smt_judge *judge, struct smt_walk *walk,
	       struct smt_value means, struct seccomp_data *witness)
{
	struct smt_value says;

	memset(walk->first, 0, walk->filter->n * sizeof(*walk->first));
	walk->n = 0;
	/* Both registers begin as 0. */
	says = smt_follow(walk, 0, smt_number(0), smt_number(0));
	if (walk->untold)
		return SMT_UNTOLD;
	switch (smt_differs(&judge->smt, walk->region, says, means, witness)) {
	case Z3_L_FALSE:
		return SMT_EQUAL;
	case Z3_L_TRUE:
		return SMT_DIFFERENT;
	default:
		return SMT_UNTOLD;
	}
}

/*
 * Does FILTER say for every call what JUDGE's policy means? *WITNESS is one for
 * which it does not, or which comes to no instruction. ALL_AT_ONCE asks it of
 * all regions in one question, which is slower and has fewer steps of ours.
 */
static inline enum smt_equality smt_compare(struct smt_judge *judge,
					    const struct es_filter *filter,
					    bool all_at_once,
					    struct seccomp_data *witness)
{
	const struct smt_region every = { SMT_ANY, 0, UINT32_MAX };
	struct smt_walk walk = { .smt = &judge->smt, .filter = filter };
	enum smt_equality equality = SMT_EQUAL;

	bool taken = false;

	if (!filter->n || filter->n > BPF_MAXINSNS)
		return SMT_REFUSED;
	walk.first = calloc(filter->n, sizeof(*walk.first));
	walk.fine = calloc(filter->n, sizeof(*walk.fine));
	if (!walk.first || !walk.fine)
		abort();
	taken = smt_kernel_takes(&walk);
	if (all_at_once) {
		walk.region = &every;
		equality = smt_compare_in(judge, &walk,
					  smt_means_all(walk.smt,
							judge->policy),
					  witness);
	}
	for (size_t i = 0; i < ES_COUNT(judge->parts) && !all_at_once &&
			   equality == SMT_EQUAL; i++) {
		walk.region = &judge->parts[i].region;
		equality = smt_compare_in(judge, &walk, judge->parts[i].means,
					  witness);
	}
	free(walk.first);
	free(walk.fine);
	free(walk.forks);
	return equality == SMT_EQUAL && !taken ? SMT_REFUSED : equality;
}

#endif
