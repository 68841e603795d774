/* SPDX-License-Identifier: MIT */
#ifndef ES_COMPILE_H
#define ES_COMPILE_H

#include "context.h"
#include "filter.h"
#include "landlock.h"
#include "watch.h"

/* es_filter_make, and es_prove: the one way to a filter that is loaded. What
 * either ends with. */
enum es_status es_filter_prove(struct es_arena *arena,
			       const struct es_policy *policy,
			       struct es_diags *diags,
			       struct es_filter *filter);

/* What a policy is compiled to, for a program or for none. */
struct es_compiled {
	/* Asked for before: it is for a process that runs already, and has the
	 * exact layer alone. Its id is SELF, or our own if that is 0. */
	bool embedded;
	uint32_t self;
	struct es_landlock_plan plan;
	struct es_policy policy;
	/* Asked for before: the filter is that of SUPERVISED, which notifies of
	 * what POLICY denies. */
	bool watching;
	bool letting; /* what is denied will be let through */
	struct es_policy supervised;
	struct es_filter filter;
	/* There is a second layer, for the entry point or later; the first is
	 * for the start then. */
	bool arms;
	enum es_until until;
	struct es_policy exact, exact_supervised;
	struct es_filter exact_filter;
};

/*
 * Compiles CONTEXT for PROGRAM (NULL: for a dynamic one in general) and
 * proves the filter equal to the policy. KEY is the exec gate's. Free with
 * es_compiled_finish in any case.
 */
enum es_status es_compile(struct es_context *context,
			  const struct es_program *program,
			  const uint64_t key[3], struct es_diags *diags,
			  struct es_compiled *compiled);
void es_compiled_finish(struct es_compiled *compiled);

/* What holds the program once it runs. */
const struct es_policy *es_compiled_policy(const struct es_compiled *compiled);
const struct es_filter *es_compiled_filter(const struct es_compiled *compiled);

/* Tells what is made of the policy, for -v and --dry-run. */
void es_compiled_print(const struct es_compiled *compiled, FILE *stream);

#endif
