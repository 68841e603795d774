/* SPDX-License-Identifier: MIT */
#include "remedy.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "reduce.h"
#include "util.h"

static bool is_like(const struct es_asked *a, const struct es_asked *b)
{
	if (memcmp(&a->call, &b->call, sizeof(a->call)) != 0 ||
	    a->family != b->family || a->port != b->port ||
	    a->has_port != b->has_port)
		return false;
	for (size_t i = 0; i < ES_MAX_PATHS; i++)
		if (!a->paths[i] != !b->paths[i] ||
		    (a->paths[i] && strcmp(a->paths[i], b->paths[i]) != 0))
			return false;
	return true;
}

bool es_calls_find(const struct es_calls *calls, const struct es_asked *asked,
		   size_t *at)
{
	for (*at = 0; *at < calls->n; (*at)++)
		if (is_like(&calls->at[*at], asked))
			return true;
	return false;
}

static bool keep(struct es_arena *arena, struct es_calls *calls,
		 const struct es_asked *asked)
{
	struct es_asked own = *asked;

	if (calls->n == ES_REMEDY_CALLS)
		return true;
	if (!es_grow(calls->at, calls->n, calls->cap))
		return false;
	for (size_t i = 0; i < ES_MAX_PATHS; i++)
		if (own.paths[i])
			own.paths[i] = es_arena_copy(arena, own.paths[i],
						     strlen(own.paths[i]));
	calls->at[calls->n++] = own;
	return !arena->exhausted;
}

bool es_remedy_denied(struct es_remedy *remedy, struct es_arena *arena,
		      const struct es_asked *asked)
{
	size_t at = 0;

	return es_calls_find(&remedy->denied, asked, &at) ||
	       keep(arena, &remedy->denied, asked);
}

bool es_remedy_allowed(struct es_remedy *remedy, struct es_arena *arena,
		       const struct es_asked *asked)
{
	static const char *const movers[] = { "close_range", "dup", "dup2",
					      "dup3", "fcntl", "mmap" };
	const struct es_syscall *row = es_syscall_of(asked->call.nr);
	struct es_asked own = { .call = asked->call };
	size_t at = 0;

	for (size_t i = 0; row && i < ES_COUNT(movers); i++)
		if (!strcmp(row->name, movers[i]) &&
		    !es_calls_find(&remedy->allowed, &own, &at))
			return keep(arena, &remedy->allowed, &own);
	return true;
}

/* Does POLICY let what was allowed pass, and what the pieces are for? */
static bool holds(const struct es_force *force, const struct es_remedy *remedy,
		  const struct es_policy *policy)
{
	const uint32_t nothing = SECCOMP_RET_ERRNO | 0;

	for (size_t i = 0; i < remedy->allowed.n; i++)
		if (es_judge(policy, &remedy->allowed.at[i].call).ret !=
		    SECCOMP_RET_ALLOW)
			return false;
	for (size_t i = 0; i < remedy->denied.n; i++) {
		const struct es_asked *asked = &remedy->denied.at[i];
		const uint32_t ret = es_judge(policy, &asked->call).ret;

		if (ret != SECCOMP_RET_ALLOW && ret != nothing &&
		    es_pieces_allow(force, &remedy->pieces, asked))
			return false;
	}
	return true;
}

/* Can the fragment stand beside the profiles? Tells the conflict, if not. */
static enum es_status try_out(const struct es_force *force,
			      struct es_profile *profile,
			      struct es_remedy *remedy)
{
	const struct es_profile saved = *profile;
	const struct es_policy *now = force->policy;
	const struct es_surroundings around = {
		.self = (uint32_t)now->self.lo,
		.loader = now->gate & ES_GATE_EXEC,
		.signals_scoped = now->family.lo != now->family.hi,
	};
	struct es_policy policy = { 0 };
	struct es_diags *diags = es_diags_new();
	struct es_diag_info first = { 0 };
	enum es_status status = ES_NOMEM;

	if (diags)
		status = es_profile_fragment(profile, remedy->flow, diags);
	if (status == ES_OK)
		status = es_policy_build(profile->arena, profile, &around,
					 diags, &policy);
	if (status == ES_OK && !holds(force, remedy, &policy))
		remedy->conflict = "a limit on a descriptor would deny what is "
				   "asked for, or allowed already";
	es_policy_finish(&policy);
	*profile = saved;
	*profile->grants_end = NULL;
	if (status == ES_INVALID && es_diags_get(diags, 0, &first))
		remedy->conflict = es_arena_copy(force->arena, first.text,
						 strlen(first.text));
	es_diags_free(diags);
	return status == ES_OK || remedy->conflict ? ES_OK : ES_NOMEM;
}

/* The pieces for all that is denied, those of each the narrowest. */
static bool collect(const struct es_force *force, struct es_remedy *remedy)
{
	bool fine = true;

	remedy->pieces.n = 0;
	remedy->pieces.ports = es_ports_find(force->profile);
	for (size_t i = 0; i < remedy->denied.n && fine; i++) {
		const struct es_asked *asked = &remedy->denied.at[i];
		struct es_answer answer;
		struct es_advice advice = { 0 };

		fine = es_answer(force, asked, &answer) &&
		       (!es_answer_denies(&answer) ||
			es_advise(force, asked, &answer, &advice));
		for (size_t j = 0; fine && j < advice.n; j++)
			fine = es_pieces_add(&remedy->pieces,
					     &advice.pieces[j]);
	}
	return fine;
}

static void clear(struct es_remedy *remedy)
{
	free(remedy->flow);
	free(remedy->block);
	remedy->flow = remedy->block = NULL;
	remedy->conflict = NULL;
}

static enum es_status conclude(const struct es_force *force,
			       struct es_profile *profile,
			       struct es_remedy *remedy)
{
	clear(remedy);
	if (!collect(force, remedy) ||
	    !es_pieces_reduce(force, remedy->denied.at, remedy->denied.n,
			      &remedy->pieces))
		return ES_NOMEM;
	if (!remedy->pieces.n)
		return ES_OK;
	remedy->flow = es_pieces_flow(&remedy->pieces);
	remedy->block = es_pieces_block(&remedy->pieces, 2);
	return remedy->flow && remedy->block ?
	       try_out(force, profile, remedy) : ES_NOMEM;
}

enum es_status es_remedy_conclude(const struct es_force *force,
				  struct es_profile *profile,
				  struct es_remedy *remedy)
{
	struct es_force own = *force;
	enum es_status status = ES_OK;

	/* What names less is tried first. */
	do {
		status = conclude(&own, profile, remedy);
	} while (status == ES_OK && remedy->conflict &&
		 ++own.naming < ES_NNAMINGS);
	return status;
}

void es_remedy_finish(struct es_remedy *remedy)
{
	clear(remedy);
	free(remedy->denied.at);
	free(remedy->allowed.at);
	es_pieces_finish(&remedy->pieces);
}
