/* SPDX-License-Identifier: MIT */
#ifndef ES_COND_H
#define ES_COND_H

#include "arena.h"
#include "masked.h"
#include "syscall.h"

/* A condition on one argument: (args[ARG] & MASK) is one of VALUES. Masks of
 * arguments that the kernel takes as 32 bits have no bit above them, so that
 * nothing in the upper half can step over a rule. */
struct es_cond {
	unsigned arg;
	uint64_t mask;
	struct es_ranges values;
};

/* All conditions hold: alternatives are several of these. */
struct es_conds {
	struct es_cond *at;
	size_t n;
};

/* A set of numbers that a rule's text names, as in `fd in FDS`. */
struct es_named_set {
	const char *name;
	struct es_ranges set;
};

bool es_cond_holds(const struct es_cond *cond, const uint64_t args[6]);
bool es_conds_hold(const struct es_conds *conds, const uint64_t args[6]);

bool es_cond_equal(const struct es_cond *a, const struct es_cond *b);
bool es_conds_equal(const struct es_conds *a, const struct es_conds *b);

/* Does OUTER hold wherever INNER does? False where that can't be told from
 * the conditions one by one. */
bool es_conds_within(const struct es_conds *inner,
		     const struct es_conds *outer);

/* Can all hold at once? ES_FOUND or ES_NONE, exactly; ES_GAVE_UP where that
 * would take too long to find out. */
enum es_found es_conds_possible(const struct es_conds *conds);

/* Holds where COND does not. False when there is no memory, as below. */
bool es_cond_negate(struct es_arena *arena, const struct es_cond *cond,
		    struct es_cond *negated);

/* CONDS and COND: a new array, the old one may be another rule's. One on the
 * same bits becomes narrower. */
bool es_conds_add(struct es_arena *arena, struct es_conds *conds,
		  const struct es_cond *cond);

/*
 * Reads conditions ("flags & O_ACCMODE == O_RDONLY and fd in FDS") for CALL of
 * a builtin rule. SETS ends with a NULL name. A condition that holds for all
 * values is left out. Returns NULL and *CONDS, or what is wrong ("" when out of
 * memory).
 */
const char *es_conds_parse(struct es_arena *arena,
			   const struct es_syscall *call, const char *text,
			   const struct es_named_set *sets,
			   struct es_conds *conds);

/*
 * The same of a rule that somebody wrote: there are no sets, and what never or
 * always holds is wrong, too. *WHERE is how far into TEXT the mistake is; GUESS
 * says whether to look for what was meant.
 */
const char *es_conds_read(struct es_arena *arena,
			  const struct es_syscall *call, const char *text,
			  bool guess, struct es_conds *conds, size_t *where);

#endif
