/* SPDX-License-Identifier: MIT */
/* `except`: what is taken out again. A rule less an exception is a union of
 * rules, so that nothing behind this knows of exceptions. */
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "util.h"

/* One rule falls apart into so many at most. */
enum { MAX_PIECES = 64 };

struct pieces {
	struct es_conds at[MAX_PIECES];
	size_t n;
};

void es_exceptions_select(struct es_profile *profile,
			  const struct es_source *source)
{
	const struct es_exception *last = NULL;

	for (struct es_exception *e = profile->exceptions; e; e = e->next) {
		const struct es_source *by = e->place.source;

		/* One file's stand together. */
		e->applies = last && last->place.source == by ? last->applies :
			     !source || by == source ||
			     es_profile_includes(profile, by, source);
		last = e;
	}
}

/* Can A and B hold at once? True where that can't be told. What it takes to
 * find out is kept no longer: half a gigabyte for 2000 rules and 500
 * exceptions. */
static bool meet(struct es_arena *arena, const struct es_conds *a,
		 const struct es_conds *b)
{
	struct es_arena scratch = { 0 };
	struct es_conds both = *a;
	bool possible = true, fine = true;

	for (size_t i = 0; i < b->n && fine; i++)
		fine = es_conds_add(&scratch, &both, &b->at[i]);
	if (fine)
		possible = es_conds_possible(&both) != ES_NONE;
	arena->exhausted |= scratch.exhausted;
	es_arena_finish(&scratch);
	return possible;
}

/* Adds PIECE less EXCEPTION to PIECES; false if there are too many. */
static bool split(struct es_arena *arena, const struct es_conds *piece,
		  const struct es_conds *exception, struct pieces *pieces)
{
	if (!meet(arena, piece, exception)) {
		if (pieces->n == MAX_PIECES)
			return false;
		pieces->at[pieces->n++] = *piece;
		return true;
	}
	for (size_t i = 0; i < exception->n; i++) {
		struct es_conds rest = *piece;
		struct es_cond not = { 0 };

		if (!es_cond_negate(arena, &exception->at[i], &not) ||
		    !es_conds_add(arena, &rest, &not))
			return true; /* the arena remembers */
		if (es_conds_possible(&rest) == ES_NONE)
			continue;
		if (pieces->n == MAX_PIECES)
			return false;
		pieces->at[pieces->n++] = rest;
	}
	return true;
}

enum es_status es_exceptions_take(struct es_arena *arena,
				  struct es_profile *profile,
				  const struct es_rule *rule,
				  struct es_diags *diags,
				  struct es_rules *rules)
{
	struct pieces pieces = { { rule->conds }, 1 };

	for (struct es_exception *e = profile->exceptions; e; e = e->next) {
		struct pieces rest = { .n = 0 };

		if (!e->applies ||
		    (uint32_t)es_syscall_number(e->call) != rule->nr ||
		    !meet(arena, &rule->conds, &e->conds))
			continue;
		e->used = true;
		for (size_t i = 0; i < pieces.n; i++) {
			if (split(arena, &pieces.at[i], &e->conds, &rest))
				continue;
			es_diag(diags, ES_ERROR, e->place,
				"with this one, so many exceptions of '%s' "
				"meet that one rule falls apart into more than "
				"%d", e->call->name, MAX_PIECES);
			return ES_INVALID;
		}
		pieces = rest;
	}
	for (size_t i = 0; i < pieces.n; i++) {
		if (!es_grow(rules->at, rules->n, rules->cap))
			return ES_NOMEM;
		rules->at[rules->n] = *rule;
		rules->at[rules->n++].conds = pieces.at[i];
	}
	return arena->exhausted ? ES_NOMEM : ES_OK;
}

enum es_status es_exceptions_check(const struct es_profile *profile,
				   struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (const struct es_exception *e = profile->exceptions; e;
	     e = e->next) {
		/* What it takes out may be what could not be read. */
		if (e->used || profile->wrong)
			continue;
		es_diag(diags, ES_ERROR, e->place,
			"'%s' takes nothing out: neither this file nor what it "
			"includes allows it", e->text);
		status = ES_INVALID;
	}
	return status;
}
