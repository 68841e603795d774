/* SPDX-License-Identifier: MIT */
/* From what profiles say to proven filters and a plan for Landlock. */
#include "compile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "compat.h"
#include "judge.h"
#include "proof.h"
#include "unheld.h"
#include "util.h"

/* Memory that is written to and run takes a permission, whoever asks for it. */
static enum es_status check_memory(const struct es_policy *policy,
				   const struct es_program *program,
				   struct es_diags *diags)
{
	static const uint64_t both[6] = { 0, 0, PROT_WRITE | PROT_EXEC };

	if (!program->runs_data ||
	    es_judge_allows(policy, "mprotect", both, NULL))
		return ES_OK;
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"'%s' or its ELF interpreter has a segment or a stack that is "
		"written to and run; `Code: {jit: yes_really}` allows that",
		program->path);
	return ES_INVALID;
}

enum es_status es_filter_prove(struct es_arena *arena,
			       const struct es_policy *policy,
			       struct es_diags *diags,
			       struct es_filter *filter)
{
	const enum es_status status = es_filter_make(arena, policy, diags,
						     filter);

	return status == ES_OK ? es_prove(policy, filter, diags) : status;
}

/* Is there something between exec and the entry point that the profile does not
 * name? Without a program, a dynamic one is meant. */
static bool is_armed_later(const struct es_context *context,
			   const struct es_program *program)
{
	const char *arm = context->profile.arm.text;

	if (context->profile.landlock.only)
		return false;
	if (context->profile.startup.place.source)
		return true;
	if (!arm || !strcmp(arm, "auto"))
		return !program || program->dynamic;
	return !strcmp(arm, "entry");
}

/* What it starts by clone3, whose flags lie in memory, may be without a tracer,
 * and would not be armed. */
static enum es_status check_clone3(const struct es_policy *policy,
				   struct es_diags *diags)
{
	static const uint64_t any[6] = { 0 };
	const struct es_grant *by = NULL;

	if (!es_judge_allows(policy, "clone3", any, &by))
		return ES_OK;
	es_diag(diags, ES_ERROR, by ? by->place : ES_NOWHERE,
		"clone3 can't be given to a program that is armed after exec: "
		"no filter sees its flags, which could keep a process from "
		"being armed; `arm: exec` lets it be");
	return ES_INVALID;
}

/* What a supervisor is notified of, in each layer. */
static enum es_status watch(struct es_arena *arena,
			    struct es_compiled *compiled,
			    struct es_diags *diags)
{
	enum es_status status;

	if (compiled->letting && es_watch_stacks(&compiled->policy)) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"a permissive run can't be had where other seccomp "
			"filters are or may come, an outer sandbox's or the "
			"program's own: what is let through would go past "
			"them; `--report` can");
		return ES_UNSUPPORTED;
	}
	status = es_watch(arena, &compiled->policy, &compiled->plan,
			  &compiled->supervised);
	return status == ES_OK && compiled->arms ?
	       es_watch(arena, &compiled->exact, &compiled->plan,
			&compiled->exact_supervised) : status;
}

/* The first thing that takes Landlock to be held to; NULL: there is none. */
static const struct es_grant *takes_landlock(const struct es_grant *grants)
{
	for (; grants; grants = grants->next)
		if (grants->path || grants->ports.n || grants->word->paths ||
		    grants->word->ports)
			return grants;
	return NULL;
}

/* The kernel has none. Without paths and ports, the filter alone holds a program
 * to what is allowed, but for what its loader needs. */
static enum es_status without_landlock(const struct es_context *context,
				       int error, bool loader, bool dynamic,
				       struct es_diags *diags)
{
	const struct es_profile *profile = &context->profile;
	const struct es_grant *grant = takes_landlock(profile->grants);

	if (context->best_effort && !profile->landlock.only) {
		es_landlock_missing(error, ES_WARNING, diags);
		return ES_OK;
	}
	if (!grant)
		grant = takes_landlock(profile->startup_grants);
	if (!grant && !loader && !profile->landlock.place.source) {
		es_landlock_missing(error, ES_WARNING, diags);
		if (dynamic)
			es_diag(diags, ES_NOTE, ES_NOWHERE,
				"so up to its entry point a dynamic program can "
				"read, and map executable, every file that the "
				"user may read");
		return ES_OK;
	}
	es_landlock_missing(error, ES_ERROR, diags);
	if (profile->landlock.place.source)
		es_diag(diags, ES_NOTE, profile->landlock.place,
			"it is asked for here");
	else if (grant)
		es_diag(diags, ES_NOTE, grant->place, "%s.%s is held to its %s "
			"by it", grant->word->set, grant->word->word,
			grant->path || grant->word->paths ? "paths" : "ports");
	else
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"with `arm: exec`, what a dynamic loader needs would "
			"stay open for every file; `arm: entry` can do "
			"without");
	if (!profile->landlock.only)
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"`--best-effort landlock` goes on without");
	return ES_UNSUPPORTED;
}

static enum es_status check_require(const struct es_context *context, int abi,
				    struct es_diags *diags)
{
	const struct es_landlock_asks *asks = &context->profile.landlock;

	if (abi >= (int)asks->require)
		return ES_OK;
	es_diag(diags, context->best_effort ? ES_WARNING : ES_ERROR,
		asks->require_place, "Landlock's ABI %u is asked for, and the "
		"kernel has ABI %d", asks->require, abi);
	return context->best_effort ? ES_OK : ES_UNSUPPORTED;
}

/* What a filter alone would hold, there is none to hold. */
static bool takes_filter(const struct es_grant *grant)
{
	const struct es_rights rights = es_word_rights(grant->word);

	return grant->fds || grant->ports.n || grant->word->ports ||
	       (!rights.fs && !rights.net && !rights.scopes &&
		!grant->word->paths &&
		strcmp(grant->word->set, "BasicCapabilities") != 0);
}

static enum es_status check_only(const struct es_profile *profile,
				 struct es_diags *diags)
{
	const struct es_landlock_asks *asks = &profile->landlock;
	const struct {
		struct es_place place;
		bool there;
		const char *what;
	} others[] = {
		{ profile->startup.place, profile->startup.place.source,
		  "a second layer" },
		{ profile->arm.place, profile->arm.text &&
		  !strcmp(profile->arm.text, "entry"), "a second layer" },
		{ profile->deny.place, profile->deny.text, "'deny'" },
		{ profile->exceptions ? profile->exceptions->place : ES_NOWHERE,
		  profile->exceptions, "'except'" },
	};
	enum es_status status = ES_OK;

	for (const struct es_grant *g = profile->grants; g && asks->only;
	     g = g->next) {
		if (!takes_filter(g))
			continue;
		es_diag(diags, ES_ERROR, g->place,
			"%s.%s%s, and there is to be no filter", g->word->set,
			g->word->word, g->fds ? " is held to descriptors by a "
			"filter" : g->ports.n || g->word->ports ?
			" is held to ports only with a filter" :
			" has no right of Landlock");
		es_diag(diags, ES_NOTE, asks->only_place, "as is said here");
		status = ES_INVALID;
	}
	for (size_t i = 0; i < ES_COUNT(others) && asks->only; i++) {
		if (!others[i].there)
			continue;
		es_diag(diags, ES_ERROR, others[i].place,
			"%s takes a filter, and `landlock: {only: true}` has "
			"none", others[i].what);
		status = ES_INVALID;
	}
	return status;
}

/* What Landlock is to do. *PLAN is filled in as far as that can be told. */
static enum es_status plan_landlock(struct es_context *context, bool loader,
				    bool dynamic, struct es_diags *diags,
				    struct es_landlock_plan *plan)
{
	const int abi = es_landlock_abi();
	enum es_status status = check_only(&context->profile, diags), paths;

	plan->abi = abi < 1 ? 0 : abi;
	plan->best_effort = context->best_effort;
	if (abi < 1 && status == ES_OK)
		status = without_landlock(context, -abi, loader, dynamic,
					  diags);
	if (status != ES_UNSUPPORTED && abi >= 1) {
		const enum es_status required = check_require(context, abi,
							      diags);

		status = status == ES_OK ? required : status;
	}
	if (status == ES_UNSUPPORTED && abi < 1)
		return status;
	paths = es_landlock_paths(&context->arena, &context->profile, diags,
				  plan);
	return paths == ES_OK || status == ES_NOMEM ? status : paths;
}

/* Does the program end under another policy than it would start with? */
static bool is_parted(const struct es_compiled *compiled)
{
	return compiled->arms || compiled->embedded;
}

/* The policy's two parts, and the filters of both. */
static enum es_status make_filters(struct es_context *context,
				   const struct es_program *program,
				   struct es_diags *diags,
				   struct es_compiled *compiled)
{
	struct es_arena *arena = &context->arena;
	const bool parted = is_parted(compiled);
	enum es_status status = ES_OK;

	if (compiled->arms)
		status = check_clone3(&compiled->policy, diags);
	if (status == ES_OK && parted)
		status = es_policy_part(arena, &compiled->policy,
					&context->profile,
					program && program->nscripts,
					&compiled->exact);
	if (status == ES_OK && compiled->watching)
		status = watch(arena, compiled, diags);
	if (compiled->embedded)
		compiled->exact.gate = 0; /* nobody comes through it */
	if (status == ES_OK && !compiled->embedded)
		status = es_filter_prove(arena, compiled->watching ?
					 &compiled->supervised :
					 &compiled->policy, diags,
					 &compiled->filter);
	if (status == ES_OK && parted)
		status = es_filter_prove(arena, compiled->watching ?
					 &compiled->exact_supervised :
					 &compiled->exact, diags,
					 &compiled->exact_filter);
	return status;
}

enum es_status es_compile(struct es_context *context,
			  const struct es_program *program,
			  const uint64_t key[3], struct es_diags *diags,
			  struct es_compiled *compiled)
{
	struct es_arena *arena = &context->arena;
	struct es_surroundings around = {
		.self = compiled->self ? compiled->self : (uint32_t)getpid(),
		.embedded = compiled->embedded,
		.loader = !compiled->embedded &&
			  (!program || program->dynamic),
		.arms = !compiled->embedded && is_armed_later(context, program),
	};
	const bool only = context->profile.landlock.only;
	enum es_status status = es_context_complete(context, diags);

	memcpy(around.key, key, sizeof(around.key));
	if (status == ES_OK || status == ES_INVALID) {
		const enum es_status planned = plan_landlock(
			context, around.loader && !around.arms, around.loader,
			diags, &compiled->plan);

		status = planned == ES_OK ? status : planned;
	}
	around.unheld = !compiled->plan.abi;
	/* While something at the start takes the scope off, nobody is held to it;
	 * what lasts does with less then. */
	around.signals_scoped = compiled->plan.scoped & LANDLOCK_SCOPE_SIGNAL;
	/* Mistakes of the profile itself are told as well as missing paths. */
	if (status == ES_OK || status == ES_INVALID) {
		const enum es_status built =
			es_policy_build(arena, &context->profile, &around,
					diags, &compiled->policy);

		status = built == ES_OK ? status : built;
	}
	if (status == ES_OK && !only)
		status = es_unheld_check(&compiled->plan, &context->profile,
					 &compiled->policy, diags);
	if (status == ES_OK && program && !only)
		status = check_memory(&compiled->policy, program, diags);
	if (status == ES_OK && (program || compiled->embedded))
		status = es_landlock_program(&compiled->plan, program,
					     &compiled->policy, diags);
	if (status == ES_OK && only && compiled->watching) {
		es_diag(diags, ES_ERROR, context->profile.landlock.only_place,
			"without a filter, nothing can be reported");
		status = ES_UNSUPPORTED;
	}
	if (status != ES_OK)
		return status;
	compiled->arms = around.arms;
	compiled->policy.open = only;
	compiled->until = context->profile.startup.until;
	return only ? ES_OK : make_filters(context, program, diags, compiled);
}

const struct es_policy *es_compiled_policy(const struct es_compiled *compiled)
{
	return is_parted(compiled) ? &compiled->exact : &compiled->policy;
}

const struct es_filter *es_compiled_filter(const struct es_compiled *compiled)
{
	return is_parted(compiled) ? &compiled->exact_filter :
				     &compiled->filter;
}

void es_compiled_finish(struct es_compiled *compiled)
{
	es_landlock_finish(&compiled->plan);
	es_policy_finish(&compiled->policy);
	es_filter_finish(&compiled->filter);
	es_filter_finish(&compiled->exact_filter);
}

void es_compiled_print(const struct es_compiled *compiled, FILE *stream)
{
	const struct es_landlock_plan *plan = &compiled->plan;

	if (compiled->policy.open)
		fputs("filter: none\n", stream);
	else if (compiled->arms)
		fprintf(stream, "filter: %zu instructions %s, then %zu more\n",
			compiled->filter.n, es_until_words(compiled->until),
			compiled->exact_filter.n);
	else
		fprintf(stream, "filter: %zu instructions\n",
			compiled->filter.n);
	fprintf(stream, "Landlock: ABI %d, %zu rules\n", plan->abi, plan->n);
	for (size_t i = 0; i < plan->n; i++)
		es_landlock_print(&plan->rules[i], compiled->arms, stream);
}
