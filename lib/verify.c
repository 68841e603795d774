/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <linux/audit.h>
#include <string.h>

#include "util.h"

enum {
	ARGS = 6,
	NR = ES_BPF_WORD(offsetof(struct seccomp_data, nr)),
	ARCH = ES_BPF_WORD(offsetof(struct seccomp_data, arch)),
	/* More calls than these are not tried for all combinations. */
	MAX_COMBINED = 2048,
};

/* Values of one argument that are worth a try. */
struct points {
	uint64_t *at; /* owned */
	size_t n, cap;
	bool masked; /* single bits of it matter */
};

struct verifying {
	const struct es_policy *policy;
	const struct es_filter *filter;
	struct es_filter rest; /* what of it is run */
	struct es_diags *diags;
	enum es_status status;
	struct points points[ARGS];
	unsigned relevant; /* the words that the answer may depend on */
	bool combined;     /* all combinations of the points are tried */
};

/* The words of ARG that MASK has bits in. */
static unsigned words_of(unsigned arg, uint64_t mask)
{
	const bool big = __BYTE_ORDER == __BIG_ENDIAN;
	const size_t offset = offsetof(struct seccomp_data, args) +
			      arg * sizeof(uint64_t);

	return ((uint32_t)mask ? ES_BPF_WORD(offset + (big ? 4 : 0)) : 0) |
	       (mask >> 32 ? ES_BPF_WORD(offset + (big ? 0 : 4)) : 0);
}

static void compare(struct verifying *v, const struct es_call *call)
{
	struct seccomp_data data = { .nr = (int)call->nr, .arch = call->arch };
	uint32_t ret = 0;
	unsigned seen = 0;

	if (v->status != ES_OK)
		return;
	memcpy(data.args, call->args, sizeof(data.args));

	const struct es_verdict verdict = es_judge(v->policy, call);

	if (es_bpf_run(&v->rest, &data, &ret, &seen) && ret == verdict.ret &&
	    !(seen & ~v->relevant))
		return;
	v->status = ES_INTERNAL;
	es_diag(v->diags, ES_ERROR, ES_NOWHERE,
		"internal error: the filter answers %#x%s where the policy "
		"means %#x, at call %u of architecture %#x with %#llx, %#llx, "
		"%#llx, %#llx, %#llx, %#llx; nothing was run", ret,
		seen & ~v->relevant ? " after a look at what must not matter" :
				      "",
		verdict.ret, call->nr, call->arch,
		(unsigned long long)call->args[0],
		(unsigned long long)call->args[1],
		(unsigned long long)call->args[2],
		(unsigned long long)call->args[3],
		(unsigned long long)call->args[4],
		(unsigned long long)call->args[5]);
}

static void add_point(struct verifying *v, struct points *points,
		      uint64_t value)
{
	/* Most that repeat do so at once. */
	for (size_t i = points->n; i-- > 0 && points->n - i <= 4;)
		if (points->at[i] == value)
			return;
	if (es_grow(points->at, points->n, points->cap))
		points->at[points->n++] = value;
	else
		v->status = ES_NOMEM;
}

/* Has MASK some bits of a word and others not? Of the words that it has nothing
 * of, compare() sees to it that nobody looks at them. */
static bool is_partial(uint64_t mask)
{
	const uint32_t halves[] = { (uint32_t)mask, (uint32_t)(mask >> 32) };

	return (halves[0] && halves[0] != UINT32_MAX) ||
	       (halves[1] && halves[1] != UINT32_MAX);
}

/* The ends of a condition's ranges, their middle and what lies next to them;
 * with and without the bits that a mask takes out. */
static void add_cond(struct verifying *v, const struct es_cond *cond)
{
	struct points *points = &v->points[cond->arg];
	const bool partial = is_partial(cond->mask);

	v->relevant |= words_of(cond->arg, cond->mask);
	points->masked |= partial;
	for (size_t i = 0; i < cond->values.n; i++) {
		const struct es_range *range = &cond->values.at[i];
		const uint64_t near[] = {
			range->lo - 1, range->lo,
			range->lo + (range->hi - range->lo) / 2,
			range->hi, range->hi + 1,
		};

		for (size_t n = 0; n < ES_COUNT(near); n++) {
			add_point(v, points, near[n] & cond->mask);
			if (partial)
				add_point(v, points, near[n] | ~cond->mask);
		}
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a;
	const uint64_t right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void sort_points(struct points *points)
{
	size_t n = 0;

	if (points->n)
		qsort(points->at, points->n, sizeof(*points->at), by_value);
	for (size_t i = 0; i < points->n; i++)
		if (!i || points->at[i] != points->at[i - 1])
			points->at[n++] = points->at[i];
	points->n = n;
}

/* Tries every combination of the arguments from FIRST up. */
static void try_combined(struct verifying *v, struct es_call *call,
			 unsigned first)
{
	while (first < ARGS && !v->points[first].n)
		first++;
	if (first == ARGS) {
		compare(v, call);
		return;
	}
	for (size_t i = 0; i < v->points[first].n; i++) {
		call->args[first] = v->points[first].at[i];
		try_combined(v, call, first + 1);
	}
}

/* Tries every value of each argument, the others being as they are, and of what
 * is looked at under a mask every bit of the words that anybody looks at. */
static void try_around(struct verifying *v, struct es_call *call)
{
	compare(v, call);
	for (unsigned arg = 0; arg < ARGS; arg++) {
		const struct points *points = &v->points[arg];
		const uint64_t kept = call->args[arg];

		for (size_t i = 0; i < points->n && !v->combined; i++) {
			call->args[arg] = points->at[i];
			compare(v, call);
		}
		for (unsigned bit = 0; bit < 64 && points->masked; bit++) {
			if (!(words_of(arg, 1ULL << bit) & v->relevant))
				continue;
			call->args[arg] = kept ^ (1ULL << bit);
			compare(v, call);
		}
		call->args[arg] = kept;
	}
}

/* Arguments that a rule holds for; several conditions on one argument are
 * taken in turn, the last one's bits winning. */
static void satisfy(const struct es_rule *rule, struct es_call *call)
{
	memset(call->args, 0, sizeof(call->args));
	for (size_t i = 0; i < rule->conds.n; i++) {
		const struct es_cond *cond = &rule->conds.at[i];

		call->args[cond->arg] = (call->args[cond->arg] & ~cond->mask) |
					cond->values.at[0].lo;
	}
}

/* The first rules of a number that say the same stand for the others. */
static bool is_repeated(const struct es_rules *rules, uint32_t first,
			uint32_t rule)
{
	struct es_call own, other;

	satisfy(&rules->at[rule], &own);
	for (uint32_t i = first; i < rule; i++) {
		satisfy(&rules->at[i], &other);
		if (!memcmp(own.args, other.args, sizeof(own.args)))
			return true;
	}
	return false;
}

static void try_rules(struct verifying *v, const struct es_rules *rules,
		      uint32_t nr)
{
	struct es_call call = { .arch = ES_AUDIT_ARCH, .nr = nr };

	for (uint32_t i = rules->first[nr]; i < rules->first[nr + 1]; i++) {
		if (is_repeated(rules, rules->first[nr], i))
			continue;
		satisfy(&rules->at[i], &call);
		try_around(v, &call);
	}
}

static void collect(struct verifying *v, const struct es_rules *rules,
		    uint32_t nr)
{
	for (uint32_t i = rules->first[nr]; i < rules->first[nr + 1]; i++) {
		const struct es_conds *conds = &rules->at[i].conds;
		struct es_call call;

		satisfy(&rules->at[i], &call);
		for (size_t c = 0; c < conds->n; c++)
			add_cond(v, &conds->at[c]);
		for (size_t c = 0; c < conds->n; c++)
			add_point(v, &v->points[conds->at[c].arg],
				  call.args[conds->at[c].arg]);
	}
}

/* The key opens; with any one bit of it wrong, it must not. */
static void try_key(struct verifying *v, uint32_t nr)
{
	struct es_call call = { .arch = ES_AUDIT_ARCH, .nr = nr };

	memcpy(&call.args[3], v->policy->key, sizeof(v->policy->key));
	compare(v, &call);
	for (unsigned bit = 0; bit < 3 * 64; bit++) {
		call.args[3 + bit / 64] ^= 1ULL << (bit % 64);
		compare(v, &call);
		call.args[3 + bit / 64] ^= 1ULL << (bit % 64);
	}
}

static void try_number(struct verifying *v, uint32_t nr)
{
	struct es_call call = { .arch = ES_AUDIT_ARCH, .nr = nr };
	size_t combinations = 1;
	bool conditional = false;

	v->relevant = NR | ARCH;
	v->combined = false;
	for (unsigned arg = 0; arg < ARGS; arg++)
		v->points[arg].n = v->points[arg].masked = 0;
	if (nr < ES_NR_LIMIT) {
		collect(v, &v->policy->guards, nr);
		collect(v, &v->policy->allowed, nr);
	}
	for (unsigned arg = 0; arg < ARGS; arg++) {
		sort_points(&v->points[arg]);
		conditional |= v->points[arg].n > 0;
		if (v->points[arg].n && combinations <= MAX_COMBINED)
			combinations *= v->points[arg].n;
	}
	for (unsigned arg = 3; arg < ARGS && es_is_gated(nr); arg++)
		v->relevant |= words_of(arg, UINT64_MAX);
	v->rest = *v->filter;
	compare(v, &call);
	v->rest = es_bpf_behind_dispatch(v->filter, ES_AUDIT_ARCH, nr);
	if (es_is_gated(nr))
		try_key(v, nr);
	if (!conditional)
		return;
	try_around(v, &call);
	memset(call.args, 0xff, sizeof(call.args));
	compare(v, &call);
	v->combined = combinations <= MAX_COMBINED;
	try_rules(v, &v->policy->guards, nr);
	try_rules(v, &v->policy->allowed, nr);
	memset(call.args, 0, sizeof(call.args));
	if (v->combined)
		try_combined(v, &call, 0);
}

enum es_status es_verify(const struct es_policy *policy,
			 const struct es_filter *filter,
			 struct es_diags *diags)
{
	static const uint32_t beyond[] = {
		0x1000, 0x3fffffff, 0x40000000, 0x40000001, 0x40000200,
		0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};
	static const uint32_t foreign[] = { AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
					    0, UINT32_MAX };
	struct verifying v = { .policy = policy, .filter = filter,
			       .diags = diags };

	for (uint32_t nr = 0; nr < ES_NR_LIMIT + 8 && v.status == ES_OK; nr++)
		try_number(&v, nr);
	for (size_t i = 0; i < ES_COUNT(beyond); i++)
		try_number(&v, beyond[i]);
	v.relevant = ARCH;
	v.rest = *filter;
	for (size_t i = 0; i < ES_COUNT(foreign); i++)
		compare(&v, &(struct es_call){ .arch = foreign[i] });
	for (unsigned arg = 0; arg < ARGS; arg++)
		free(v.points[arg].at);
	return v.status;
}
