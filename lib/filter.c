/* SPDX-License-Identifier: MIT */
/*
 * The generator: from a policy to classic BPF.
 *
 * A program is built from its end to its beginning: what is jumped to exists
 * already, so every distance is known when a jump is made. Numbers with the
 * same answer form ranges, which are the leaves of a balanced tree; equal
 * leaves are made once. A call that is allowed whatever its arguments is
 * answered before any argument is loaded, which is what the kernel's bitmap of
 * always-allowed calls (Linux 5.11) needs.
 */
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "util.h"

/* One alternative: where all conditions hold, RET. */
struct branch {
	struct es_conds conds;
	uint32_t ret;
};

/* What becomes of one number: the first branch that holds, else OTHERWISE. */
struct decision {
	struct branch *branches;
	size_t n;
	uint32_t otherwise;
};

/* A range of numbers with one decision. */
struct leaf {
	uint32_t first; /* it ends where the next one begins */
	const struct decision *decision;
	size_t label; /* once it is made */
};

enum {
	MAX_JUMP = 255,
	SLACK = 4, /* instructions that may come between a test and its jump */
	LEAVES = ES_NR_LIMIT + 4,
};

struct builder {
	struct es_arena *arena;
	struct sock_filter *insns; /* reversed; owned */
	size_t n, cap;
	bool nomem;
	/* The newest return of each answer; the answers are few. */
	struct {
		uint32_t ret;
		size_t label;
	} returns[8];
	size_t nreturns;
	/* Likewise the decisions that are one answer for all arguments. */
	const struct decision *plain[8];
	size_t nplain;
};

/* Labels are indices into the reversed program, so an instruction at index i
 * is followed by the one at i - 1. */
static size_t emit(struct builder *b, struct sock_filter insn)
{
	if (!es_grow(b->insns, b->n, b->cap)) {
		b->nomem = true;
		return 0;
	}
	b->insns[b->n] = insn;
	return b->n++;
}

static size_t emit_return(struct builder *b, uint32_t ret)
{
	size_t i = 0;

	while (i < b->nreturns && b->returns[i].ret != ret)
		i++;
	/* One that can be reached is shared. */
	if (i < b->nreturns && b->n - b->returns[i].label < MAX_JUMP - SLACK)
		return b->returns[i].label;

	const size_t label = emit(b, (struct sock_filter)BPF_STMT(
						BPF_RET | BPF_K, ret));

	if (i < ES_COUNT(b->returns)) {
		b->returns[i].ret = ret;
		b->returns[i].label = label;
		b->nreturns += i == b->nreturns;
	}
	return label;
}

/* A label within a conditional jump's reach that goes where LABEL goes. */
static size_t reachable(struct builder *b, size_t label)
{
	if (b->nomem || b->n - label < MAX_JUMP - SLACK)
		return label;
	if (b->insns[label].code == (BPF_RET | BPF_K))
		return emit_return(b, b->insns[label].k);
	return emit(b, (struct sock_filter)BPF_STMT(
			       BPF_JMP | BPF_JA, (uint32_t)(b->n - label - 1)));
}

static size_t emit_jump(struct builder *b, uint16_t op, uint32_t k, size_t yes,
			size_t no)
{
	if (yes == no)
		return yes;
	yes = reachable(b, yes);
	no = reachable(b, no);
	if (b->nomem)
		return 0;
	return emit(b, (struct sock_filter)BPF_JUMP(
			       BPF_JMP | op | BPF_K, k,
			       (uint8_t)(b->n - yes - 1),
			       (uint8_t)(b->n - no - 1)));
}

/* A word of struct seccomp_data under a mask. */
struct word {
	uint32_t offset, mask;
};

/* Behind a test of WORD the accumulator still holds it: a label that begins by
 * loading the same is entered behind the loading. */
static size_t skip_load(const struct builder *b, size_t label,
			const struct word *word)
{
	const uint16_t ld = BPF_LD | BPF_W | BPF_ABS;
	const uint16_t and = BPF_ALU | BPF_AND | BPF_K;
	const struct sock_filter *insn = &b->insns[label];

	if (b->nomem || insn->code != ld || insn->k != word->offset || !label)
		return label;
	if (word->mask == UINT32_MAX)
		return label - 1;
	if (label > 1 && insn[-1].code == and && insn[-1].k == word->mask)
		return label - 2;
	return label;
}

static size_t emit_load(struct builder *b, const struct word *word)
{
	if (word->mask != UINT32_MAX)
		emit(b, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
						     word->mask));
	return emit(b, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						    word->offset));
}

static size_t emit_range(struct builder *b, const struct es_range *range,
			 size_t yes, size_t no)
{
	const uint32_t lo = (uint32_t)range->lo, hi = (uint32_t)range->hi;
	size_t label = yes;

	if (lo == hi)
		return emit_jump(b, BPF_JEQ, lo, yes, no);
	if (hi != UINT32_MAX)
		label = emit_jump(b, BPF_JGT, hi, no, yes);
	return lo ? emit_jump(b, BPF_JGE, lo, label, no) : label;
}

/* Is the accumulator in one of N ranges? Few are tried in turn, many are
 * halved, so that 128 descriptors cost seven tests and not 128. */
static size_t emit_ranges(struct builder *b, const struct es_range *ranges,
			  size_t n, size_t yes, size_t no)
{
	enum { FEW = 4 };

	if (n > FEW) {
		const size_t half = n / 2;
		const size_t upper = emit_ranges(b, ranges + half, n - half,
						 yes, no);
		const size_t lower = emit_ranges(b, ranges, half, yes, no);

		return emit_jump(b, BPF_JGE, (uint32_t)ranges[half].lo, upper,
				 lower);
	}
	for (size_t i = n; i-- > 0;)
		no = emit_range(b, &ranges[i], yes, no);
	return no;
}

/* Is WORD under its mask in RANGES (of 32 bits)? */
static size_t emit_word(struct builder *b, struct word word,
			const struct es_range *ranges, size_t n, size_t yes,
			size_t no)
{
	const struct word whole = { word.offset, UINT32_MAX };
	const bool single = n == 1 && ranges[0].lo == ranges[0].hi;
	const uint32_t value = n ? (uint32_t)ranges[0].lo : 0;

	if (!n || yes == no)
		return no;
	if (n == 1 && !ranges[0].lo && ranges[0].hi >= word.mask)
		return yes;
	if (!word.mask)
		return value ? no : yes;
	if (word.mask != UINT32_MAX && single &&
	    (!value || (value == word.mask && !(value & (value - 1))))) {
		/* JSET looks at bits and leaves the word as it is. */
		yes = skip_load(b, yes, &whole);
		no = skip_load(b, no, &whole);
		if (value)
			emit_jump(b, BPF_JSET, word.mask, yes, no);
		else
			emit_jump(b, BPF_JSET, word.mask, no, yes);
		word = whole;
	} else {
		yes = skip_load(b, yes, &word);
		no = skip_load(b, no, &word);
		emit_ranges(b, ranges, n, yes, no);
	}
	/* The test that was made last is the first one, behind the load. */
	return emit_load(b, &word);
}

/* One range of a 64-bit argument: the high halves decide, but where they are
 * those of an end the low halves do. */
static size_t emit_wide_range(struct builder *b, const struct es_cond *cond,
			      const struct es_range *range, size_t yes,
			      size_t no)
{
	const struct word high = { es_bpf_high_offset(cond->arg),
				   (uint32_t)(cond->mask >> 32) };
	const struct word low = { es_bpf_low_offset(cond->arg), (uint32_t)cond->mask };
	const uint64_t first = range->lo >> 32, last = range->hi >> 32;
	struct es_range below = { range->lo & UINT32_MAX,
				  range->hi & UINT32_MAX };
	struct es_range at = { first, first };

	if (first == last) {
		yes = emit_word(b, low, &below, 1, yes, no);
		return emit_word(b, high, &at, 1, yes, no);
	}

	struct es_range tail = { 0, range->hi & UINT32_MAX };
	struct es_range head = { range->lo & UINT32_MAX, UINT32_MAX };
	struct es_range between = { first + 1, last - 1 };
	const size_t in_tail = emit_word(b, low, &tail, 1, yes, no);
	const size_t in_head = emit_word(b, low, &head, 1, yes, no);
	size_t next = no;

	at = (struct es_range){ last, last };
	next = emit_word(b, high, &at, 1, in_tail, next);
	at = (struct es_range){ first, first };
	next = emit_word(b, high, &at, 1, in_head, next);
	if (between.lo <= between.hi)
		next = emit_word(b, high, &between, 1, yes, next);
	return next;
}

static size_t emit_cond(struct builder *b, const struct es_cond *cond,
			size_t yes, size_t no)
{
	const struct word low = { es_bpf_low_offset(cond->arg), (uint32_t)cond->mask };

	/* Where the mask takes the upper half out, nobody looks at it. */
	if (cond->mask <= UINT32_MAX)
		return emit_word(b, low, cond->values.at, cond->values.n, yes,
				 no);
	for (size_t i = cond->values.n; i-- > 0;)
		no = emit_wide_range(b, cond, &cond->values.at[i], yes, no);
	return no;
}

static size_t emit_decision(struct builder *b, const struct decision *decision)
{
	size_t next = emit_return(b, decision->otherwise);

	for (size_t i = decision->n; i-- > 0;) {
		const struct branch *branch = &decision->branches[i];
		size_t entry = emit_return(b, branch->ret);

		for (size_t c = branch->conds.n; c-- > 0;)
			entry = emit_cond(b, &branch->conds.at[c], entry, next);
		next = entry;
	}
	return next;
}

static bool same_decision(const struct decision *a, const struct decision *b)
{
	if (a->n != b->n || a->otherwise != b->otherwise)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->branches[i].ret != b->branches[i].ret ||
		    !es_conds_equal(&a->branches[i].conds,
				    &b->branches[i].conds))
			return false;
	return true;
}

/* Two alternatives that differ in the values of one condition are one; false
 * if they do not. */
static bool merge_values(struct builder *b, struct branch *into,
			 const struct branch *from)
{
	size_t differing = SIZE_MAX;
	const struct es_conds *x = &into->conds, *y = &from->conds;

	if (into->ret != from->ret || x->n != y->n || !x->at || !y->at)
		return false;
	for (size_t c = 0; c < x->n; c++) {
		if (es_cond_equal(&x->at[c], &y->at[c]))
			continue;
		if (differing != SIZE_MAX || x->at[c].arg != y->at[c].arg ||
		    x->at[c].mask != y->at[c].mask)
			return false;
		differing = c;
	}
	if (differing == SIZE_MAX)
		return true;

	/* The policy's own conditions stay as they are. */
	struct es_cond *conds = es_arena_alloc(b->arena,
					       x->n * sizeof(*conds));

	if (!conds) {
		b->nomem = true;
		return false;
	}
	memcpy(conds, x->at, x->n * sizeof(*conds));
	if (!es_ranges_union(b->arena, &x->at[differing].values,
			     &y->at[differing].values,
			     &conds[differing].values)) {
		b->nomem = true;
		return false;
	}
	into->conds.at = conds;
	return true;
}

/* Adds an alternative unless the last ones, which have the same answer from
 * FROM on, say it already. */
static void add_branch(struct builder *b, struct decision *decision,
		       size_t from, struct branch branch)
{
	for (size_t i = from; i < decision->n; i++) {
		struct branch *old = &decision->branches[i];

		if (es_conds_within(&branch.conds, &old->conds))
			return;
		if (es_conds_within(&old->conds, &branch.conds) ||
		    merge_values(b, old, &branch)) {
			/* It grew: what it says now may say others' too. */
			if (es_conds_within(&old->conds, &branch.conds))
				*old = branch;
			branch = *old;
			memmove(old, old + 1, (decision->n - i - 1) *
					      sizeof(*old));
			decision->n--;
			add_branch(b, decision, from, branch);
			return;
		}
	}
	decision->branches[decision->n++] = branch;
}

/* The key is compared half by half, ending at the first that differs: the
 * difference is a cycle or two among hundreds, and 2^32 guesses would have to
 * be told apart by it, for each of six halves. */
static bool key_branch(struct builder *b, const struct es_policy *policy,
		       struct branch *branch)
{
	struct es_cond *conds = es_arena_alloc(b->arena, 3 * sizeof(*conds));

	if (!conds)
		return false;
	for (unsigned i = 0; i < 3; i++) {
		conds[i] = (struct es_cond){ .arg = i + 3, .mask = UINT64_MAX };
		if (!es_ranges_add(b->arena, &conds[i].values, policy->key[i],
				   policy->key[i]))
			return false;
	}
	*branch = (struct branch){ { conds, 3 }, SECCOMP_RET_ALLOW };
	return true;
}

static const struct decision *plain(struct builder *b, uint32_t ret)
{
	for (size_t i = 0; i < b->nplain; i++)
		if (b->plain[i]->otherwise == ret)
			return b->plain[i];

	struct decision *decision = es_arena_alloc(b->arena, sizeof(*decision));

	if (!decision)
		return NULL;
	decision->otherwise = ret;
	if (b->nplain < ES_COUNT(b->plain))
		b->plain[b->nplain++] = decision;
	return decision;
}

/* Guards' answers differ, so their order stays; what allows can be joined. */
static const struct decision *decide(struct builder *b,
				     const struct es_policy *policy,
				     uint32_t nr)
{
	const struct es_rules *guards = &policy->guards;
	const struct es_rules *allowed = &policy->allowed;
	const uint32_t nguards = guards->first[nr + 1] - guards->first[nr];
	const uint32_t nallowed = allowed->first[nr + 1] - allowed->first[nr];
	const uint32_t otherwise = policy->fallback[nr] || !policy->known[nr] ?
				   SECCOMP_RET_ERRNO | ENOSYS : policy->deny;
	const uint32_t allows = es_policy_allows(policy, nr);
	const bool gated = es_is_gated_by(policy, nr);
	/* The key goes before guards and rules of another answer; else last,
	 * where it costs nobody a comparison who needs no key. */
	const bool key_first = gated && (nguards ||
					 allows != SECCOMP_RET_ALLOW);
	struct branch key = { 0 };

	if (!nguards && !nallowed && !gated)
		return plain(b, otherwise);
	for (uint32_t i = 0; i < nallowed && !nguards && !key_first; i++)
		if (!allowed->at[allowed->first[nr] + i].conds.n)
			return plain(b, allows);

	struct decision *decision = es_arena_alloc(b->arena, sizeof(*decision));

	if (!decision || (gated && !key_branch(b, policy, &key)))
		return NULL;
	decision->branches = es_arena_alloc(
		b->arena, (nguards + nallowed + 1) * sizeof(struct branch));
	if (!decision->branches)
		return NULL;
	decision->otherwise = otherwise;
	if (key_first)
		decision->branches[decision->n++] = key;
	for (uint32_t i = guards->first[nr]; i < guards->first[nr + 1]; i++)
		decision->branches[decision->n++] = (struct branch){
			guards->at[i].conds, guards->at[i].ret };

	const size_t first = decision->n;

	for (uint32_t i = allowed->first[nr]; i < allowed->first[nr + 1]; i++)
		add_branch(b, decision, first, (struct branch){
			allowed->at[i].conds, allows });
	if (gated && !key_first)
		add_branch(b, decision, first, key);
	/* A last alternative without conditions is the answer itself. */
	if (decision->n && !decision->branches[decision->n - 1].conds.n)
		decision->otherwise =
			decision->branches[--decision->n].ret;
	return decision;
}

static bool add_leaf(struct builder *b, struct leaf *leaves, size_t *n,
		     uint32_t first, const struct decision *decision)
{
	if (!decision) {
		b->nomem = true;
		return false;
	}
	if (!*n || (leaves[*n - 1].decision != decision &&
		    !same_decision(leaves[*n - 1].decision, decision)))
		leaves[(*n)++] = (struct leaf){ first, decision, SIZE_MAX };
	return true;
}

static bool find_leaves(struct builder *b, const struct es_policy *policy,
			struct leaf *leaves, size_t *n)
{
	const struct {
		uint32_t first, ret;
	} above[] = {
		{ ES_NR_LIMIT, SECCOMP_RET_ERRNO | ENOSYS },
		{ ES_X32_BIT, SECCOMP_RET_KILL_PROCESS },
		{ UINT32_MAX, es_policy_skips(policy) },
	};
	bool fine = true;

	for (uint32_t nr = 0; nr < ES_NR_LIMIT && fine; nr++)
		fine = add_leaf(b, leaves, n, nr, decide(b, policy, nr));
	for (size_t i = 0; i < ES_COUNT(above) && fine; i++)
		fine = add_leaf(b, leaves, n, above[i].first,
				plain(b, above[i].ret));
	return fine;
}

static void emit_leaves(struct builder *b, struct leaf *leaves, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		if (!leaves[i].decision->n)
			continue; /* a return, made where it is needed */
		for (size_t j = i + 1;
		     j < n && leaves[i].label == SIZE_MAX; j++)
			if (same_decision(leaves[i].decision,
					  leaves[j].decision))
				leaves[i].label = leaves[j].label;
		if (leaves[i].label == SIZE_MAX)
			leaves[i].label = emit_decision(b, leaves[i].decision);
	}
}

static size_t emit_tree(struct builder *b, const struct leaf *leaves, size_t n)
{
	if (n == 1)
		return leaves->decision->n ?
		       leaves->label :
		       emit_return(b, leaves->decision->otherwise);

	const size_t half = n / 2;
	const size_t upper = emit_tree(b, leaves + half, n - half);
	const size_t lower = emit_tree(b, leaves, half);

	return emit_jump(b, BPF_JGE, leaves[half].first, upper, lower);
}

static void emit_program(struct builder *b, const struct leaf *leaves, size_t n)
{
	const uint32_t nr = offsetof(struct seccomp_data, nr);
	const uint32_t arch = offsetof(struct seccomp_data, arch);
	const size_t tree = emit_tree(b, leaves, n);

	/* The tree's root need not be its last instruction. */
	if (!b->nomem && tree != b->n - 1)
		emit(b, (struct sock_filter)BPF_STMT(
				BPF_JMP | BPF_JA, (uint32_t)(b->n - tree - 1)));
	const size_t dispatch = emit_load(b, &(struct word){ nr, UINT32_MAX });
	const size_t kill = emit(b, (struct sock_filter)BPF_STMT(
					    BPF_RET | BPF_K,
					    SECCOMP_RET_KILL_PROCESS));

	emit_jump(b, BPF_JEQ, ES_AUDIT_ARCH, dispatch, kill);
	emit_load(b, &(struct word){ arch, UINT32_MAX });
}

enum es_status es_filter_make(struct es_arena *arena,
			      const struct es_policy *policy,
			      struct es_diags *diags, struct es_filter *filter)
{
	struct builder b = { .arena = arena };
	struct leaf leaves[LEAVES];
	size_t n = 0;

	if (find_leaves(&b, policy, leaves, &n)) {
		emit_leaves(&b, leaves, n);
		emit_program(&b, leaves, n);
	}
	for (size_t i = 0, j = b.n; !b.nomem && i + 1 < j; i++) {
		const struct sock_filter swapped = b.insns[i];

		b.insns[i] = b.insns[--j];
		b.insns[j] = swapped;
	}
	if (b.nomem) {
		free(b.insns);
		return ES_NOMEM;
	}
	if (b.n > BPF_MAXINSNS) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"the filter would have %zu instructions, and the "
			"kernel takes %d: name fewer descriptors", b.n,
			BPF_MAXINSNS);
		free(b.insns);
		return ES_INVALID;
	}
	*filter = (struct es_filter){ b.insns, b.n };
	return ES_OK;
}

void es_filter_finish(struct es_filter *filter)
{
	free(filter->insns);
	*filter = (struct es_filter){ 0 };
}
