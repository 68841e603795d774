/* SPDX-License-Identifier: MIT */
/*
 * Calls, and what a policy means for them, as terms that z3 reasons about.
 * Written from the order of verdicts and the structs of policy.h alone: a
 * mistake of the judge is not repeated here.
 *
 * Calls are asked about region by region: each number of ours, the numbers
 * above those, and all other architectures. Whatever a region fixes is a number
 * and not a term, so what is left to z3 is small.
 */
#ifndef SMT_H
#define SMT_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <z3.h>

#include "policy.h"
#include "util.h"

enum {
	SMT_WORDS = sizeof(struct seccomp_data) / sizeof(uint32_t),
	SMT_NR = offsetof(struct seccomp_data, nr) / sizeof(uint32_t),
	SMT_ARCH = offsetof(struct seccomp_data, arch) / sizeof(uint32_t),
	SMT_ARGS = offsetof(struct seccomp_data, args) / sizeof(uint32_t),
	SMT_TIMEOUT = 20000, /* ms for one question; none takes a tenth */
};

#define SMT_ARCH_OURS AUDIT_ARCH_X86_64
#define SMT_X32 0x40000000U

/* A number of 32 bits, or a term where TERM is not NULL. */
struct smt_value {
	Z3_ast term;
	uint32_t number;
};

enum smt_arch { SMT_OURS, SMT_FOREIGN, SMT_ANY };

/* The calls FIRST to LAST. */
struct smt_region {
	enum smt_arch arch;
	uint32_t first, last;
};

/* Answered questions: is SAID MEANT wherever GIVEN is so? Terms that are equal
 * are one and the same. */
struct smt_known {
	Z3_ast given, said, meant; /* SAID is NULL in empty slots */
	Z3_lbool differs;
	struct seccomp_data witness;
};

enum { SMT_KNOWN = 1 << 16 };

struct smt {
	Z3_context z3;
	Z3_solver solver;
	Z3_sort word;
	Z3_ast words[SMT_WORDS]; /* of struct seccomp_data, in its order */
	Z3_ast args[6];
	struct smt_known *known; /* owned */
	size_t nknown;
	unsigned asked;
};

static inline void smt_die(Z3_context z3, Z3_error_code code)
{
	fprintf(stderr, "z3: %s\n", Z3_get_error_msg(z3, code));
	abort();
}

static inline void smt_set_up_words(struct smt *smt)
{
	const unsigned first = SMT_ARGS;

	smt->word = Z3_mk_bv_sort(smt->z3, 32);
	for (int i = 0; i < SMT_WORDS; i++)
		smt->words[i] = Z3_mk_const(
			smt->z3, Z3_mk_int_symbol(smt->z3, i), smt->word);
	for (unsigned i = 0; i < 6; i++)
		smt->args[i] = Z3_mk_concat(smt->z3,
					    smt->words[first + i * 2 + 1],
					    smt->words[first + i * 2]);
}

/* A solver of its own choice takes ten times as long, and more with each
 * question. */
static inline Z3_solver smt_solver(Z3_context z3)
{
	static const char *const steps[] = { "simplify", "bit-blast", "smt" };
	Z3_tactic all = NULL, limited = NULL;
	Z3_solver solver = NULL;

	for (size_t i = 0; i < ES_COUNT(steps); i++) {
		const Z3_tactic before = all;
		const Z3_tactic step = Z3_mk_tactic(z3, steps[i]);

		Z3_tactic_inc_ref(z3, step);
		all = before ? Z3_tactic_and_then(z3, before, step) : step;
		Z3_tactic_inc_ref(z3, all);
		Z3_tactic_dec_ref(z3, step);
		if (before)
			Z3_tactic_dec_ref(z3, before);
	}
	limited = Z3_tactic_try_for(z3, all, SMT_TIMEOUT);
	Z3_tactic_inc_ref(z3, limited);
	Z3_tactic_dec_ref(z3, all);
	solver = Z3_mk_solver_from_tactic(z3, limited);
	Z3_solver_inc_ref(z3, solver);
	Z3_tactic_dec_ref(z3, limited);
	return solver;
}

/* Terms live as long as SMT. */
static inline void smt_init(struct smt *smt)
{
	Z3_config config = Z3_mk_config();

	*smt = (struct smt){ .z3 = Z3_mk_context(config) };
	Z3_del_config(config);
	Z3_set_error_handler(smt->z3, smt_die);
	smt->solver = smt_solver(smt->z3);
	smt->known = calloc(SMT_KNOWN, sizeof(*smt->known));
	if (!smt->known)
		abort();
	smt_set_up_words(smt);
}

static inline void smt_finish(struct smt *smt)
{
	Z3_solver_dec_ref(smt->z3, smt->solver);
	Z3_del_context(smt->z3);
	free(smt->known);
}

static inline struct smt_value smt_number(uint32_t number)
{
	return (struct smt_value){ NULL, number };
}

static inline Z3_ast smt_term(const struct smt *smt, struct smt_value value)
{
	return value.term ? value.term :
	       Z3_mk_unsigned_int(smt->z3, value.number, smt->word);
}

static inline bool smt_same(struct smt_value a, struct smt_value b)
{
	return a.term == b.term && (a.term || a.number == b.number);
}

static inline struct smt_value smt_if(const struct smt *smt, Z3_ast cond,
				      struct smt_value yes, struct smt_value no)
{
	if (smt_same(yes, no))
		return yes;
	return (struct smt_value){ Z3_mk_ite(smt->z3, cond, smt_term(smt, yes),
					     smt_term(smt, no)), 0 };
}

static inline Z3_ast smt_and(const struct smt *smt, Z3_ast a, Z3_ast b)
{
	return Z3_mk_and(smt->z3, 2, (Z3_ast[]){ a, b });
}

static inline Z3_ast smt_long(const struct smt *smt, uint64_t number)
{
	return Z3_mk_unsigned_int64(smt->z3, number,
				    Z3_get_sort(smt->z3, smt->args[0]));
}

/* What must be said of a region because it is no single number. */
static inline Z3_ast smt_given(const struct smt *smt,
			       const struct smt_region *region)
{
	const Z3_ast nr = smt->words[SMT_NR];
	const struct smt_value first = smt_number(region->first);
	const struct smt_value last = smt_number(region->last);
	Z3_ast given = Z3_mk_true(smt->z3);

	if (region->arch == SMT_FOREIGN)
		given = Z3_mk_not(
			smt->z3,
			Z3_mk_eq(smt->z3, smt->words[SMT_ARCH],
				 smt_term(smt, smt_number(SMT_ARCH_OURS))));
	if (region->first == region->last)
		return given;
	if (region->first)
		given = smt_and(smt, given,
				Z3_mk_bvuge(smt->z3, nr,
					    smt_term(smt, first)));
	if (region->last != UINT32_MAX)
		given = smt_and(smt, given,
				Z3_mk_bvule(smt->z3, nr, smt_term(smt, last)));
	return given;
}

static inline Z3_ast smt_cond(const struct smt *smt, const struct es_cond *cond)
{
	const Z3_ast bits = Z3_mk_bvand(smt->z3, smt->args[cond->arg],
					smt_long(smt, cond->mask));
	Z3_ast any = Z3_mk_false(smt->z3);

	for (size_t i = 0; i < cond->values.n; i++) {
		const struct es_range *range = &cond->values.at[i];
		const Z3_ast in = smt_and(
			smt,
			Z3_mk_bvuge(smt->z3, bits, smt_long(smt, range->lo)),
			Z3_mk_bvule(smt->z3, bits, smt_long(smt, range->hi)));

		any = Z3_mk_or(smt->z3, 2, (Z3_ast[]){ any, in });
	}
	return any;
}

/* ELSEWHERE, but where a rule of NR holds the answer of the first that does.
 * The rules' index is not used: it has to agree. */
static inline struct smt_value smt_rules(const struct smt *smt,
					 const struct es_rules *rules,
					 uint32_t nr,
					 struct smt_value elsewhere)
{
	for (size_t i = rules->n; i-- > 0;) {
		const struct es_rule *rule = &rules->at[i];
		Z3_ast all = NULL;

		if (rule->nr != nr)
			continue;
		for (size_t c = 0; c < rule->conds.n; c++) {
			const Z3_ast cond = smt_cond(smt, &rule->conds.at[c]);

			all = all ? smt_and(smt, all, cond) : cond;
		}
		elsewhere = all ? smt_if(smt, all, smt_number(rule->ret),
					 elsewhere) :
				  smt_number(rule->ret);
	}
	return elsewhere;
}

static inline bool smt_is_gated(const struct es_policy *policy, uint32_t nr)
{
	const unsigned gate = policy->gate;

	return nr == SYS_execve || nr == SYS_write ? gate & ES_GATE_EXEC :
	       nr == SYS_sendmsg ? gate & (ES_GATE_REPORT | ES_GATE_NOTIFY) :
	       nr == SYS_socket || nr == SYS_recvmsg || nr == SYS_seccomp ||
	       nr == SYS_landlock_restrict_self ? gate & ES_GATE_ARM :
	       nr == SYS_close && gate & (ES_GATE_ARM | ES_GATE_CLOSE);
}

/* The launcher's own calls, with the key in registers four to six. */
static inline struct smt_value smt_gate(const struct smt *smt,
					const struct es_policy *policy,
					struct smt_value elsewhere)
{
	Z3_ast keyed[3];

	for (int i = 0; i < 3; i++)
		keyed[i] = Z3_mk_eq(smt->z3, smt->args[i + 3],
				    smt_long(smt, policy->key[i]));
	return smt_if(smt, Z3_mk_and(smt->z3, 3, keyed),
		      smt_number(SECCOMP_RET_ALLOW), elsewhere);
}

/* What POLICY means for number NR of ours, which is below ES_NR_LIMIT. */
static inline struct smt_value smt_means(const struct smt *smt,
					 const struct es_policy *policy,
					 uint32_t nr)
{
	struct smt_value answer = smt_number(policy->deny);

	if (policy->fallback[nr] || !policy->known[nr])
		answer = smt_number(SECCOMP_RET_ERRNO | ENOSYS);
	answer = smt_rules(smt, &policy->allowed, nr, answer);
	answer = smt_rules(smt, &policy->guards, nr, answer);
	if (smt_is_gated(policy, nr))
		answer = smt_gate(smt, policy, answer);
	return answer;
}

/* And for numbers above those. The kernel's x32 numbers begin at their bit;
 * what lies above them is nobody's, -1 but for what a tracer skipped. */
static inline struct smt_value smt_means_above(const struct smt *smt,
					       const struct es_policy *policy)
{
	const Z3_ast nr = smt->words[SMT_NR];
	const Z3_ast skipped = Z3_mk_eq(smt->z3, nr,
					smt_term(smt, smt_number(UINT32_MAX)));
	const Z3_ast x32 = Z3_mk_bvuge(smt->z3, nr,
				       smt_term(smt, smt_number(SMT_X32)));
	const struct smt_value lower =
		smt_if(smt, x32, smt_number(SECCOMP_RET_KILL_PROCESS),
		       smt_number(SECCOMP_RET_ERRNO | ENOSYS));

	return smt_if(smt, skipped, smt_number(policy->deny), lower);
}

static inline struct smt_value smt_means_foreign(void)
{
	return smt_number(SECCOMP_RET_KILL_PROCESS);
}

/* All of it in one term, for a question that takes no region apart. */
static inline struct smt_value smt_means_all(const struct smt *smt,
					     const struct es_policy *policy)
{
	struct smt_value answer = smt_means_above(smt, policy);

	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++)
		answer = smt_if(smt,
				Z3_mk_eq(smt->z3, smt->words[SMT_NR],
					 smt_term(smt, smt_number(nr))),
				smt_means(smt, policy, nr), answer);
	return smt_if(smt,
		      Z3_mk_eq(smt->z3, smt->words[SMT_ARCH],
			       smt_term(smt, smt_number(SMT_ARCH_OURS))),
		      answer, smt_means_foreign());
}

static inline void smt_read_model(const struct smt *smt,
				  struct seccomp_data *witness)
{
	const Z3_model model = Z3_solver_get_model(smt->z3, smt->solver);
	uint32_t words[SMT_WORDS];

	Z3_model_inc_ref(smt->z3, model);
	for (int i = 0; i < SMT_WORDS; i++) {
		Z3_ast value = NULL;

		if (!Z3_model_eval(smt->z3, model, smt->words[i], true,
				   &value) ||
		    !Z3_get_numeral_uint(smt->z3, value, &words[i]))
			abort();
	}
	Z3_model_dec_ref(smt->z3, model);
	memcpy(witness, words, sizeof(*witness));
}

static inline struct smt_known *smt_slot(const struct smt *smt, Z3_ast given,
					 Z3_ast said, Z3_ast meant)
{
	uint64_t hash = (uintptr_t)given * 31 + (uintptr_t)said * 17 +
			(uintptr_t)meant;

	for (hash *= 0x9e3779b97f4a7c15;; hash += 1ULL << 32) {
		struct smt_known *known =
			&smt->known[(hash >> 32) % SMT_KNOWN];

		if (!known->said || (known->given == given &&
				     known->said == said &&
				     known->meant == meant))
			return known;
	}
}

static inline void smt_ask(struct smt *smt, struct smt_known *known)
{
	Z3_solver_reset(smt->z3, smt->solver);
	Z3_solver_assert(smt->z3, smt->solver, known->given);
	Z3_solver_assert(smt->z3, smt->solver,
			 Z3_mk_not(smt->z3, Z3_mk_eq(smt->z3, known->said,
						     known->meant)));
	known->differs = Z3_solver_check(smt->z3, smt->solver);
	if (known->differs == Z3_L_TRUE)
		smt_read_model(smt, &known->witness);
	smt->asked++;
}

/* Is there a call in REGION for which SAID is not MEANT? Where there is one,
 * *WITNESS is it. Z3_L_UNDEF: it could not be found out. */
static inline Z3_lbool smt_differs(struct smt *smt,
				   const struct smt_region *region,
				   struct smt_value said,
				   struct smt_value meant,
				   struct seccomp_data *witness)
{
	struct smt_known asked = { .differs = Z3_L_FALSE };
	struct smt_known *known = NULL;

	if (smt_same(said, meant))
		return Z3_L_FALSE;
	asked.given = smt_given(smt, region);
	asked.said = smt_term(smt, said);
	asked.meant = smt_term(smt, meant);
	known = smt_slot(smt, asked.given, asked.said, asked.meant);
	if (!known->said) {
		if (++smt->nknown > SMT_KNOWN / 2)
			abort();
		*known = asked;
		smt_ask(smt, known);
	}
	*witness = known->witness;
	if (region->arch == SMT_OURS)
		witness->arch = SMT_ARCH_OURS;
	if (region->first == region->last)
		witness->nr = (int)region->first;
	return known->differs;
}

#endif
