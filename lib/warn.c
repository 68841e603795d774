/* SPDX-License-Identifier: MIT */
/* What `check` says of a profile that has no mistakes. */
#include "warn.h"

#include <errno.h>
#include <string.h>

#include "finding.h"
#include "listen.h"
#include "util.h"

/* " (with SET.WORD, FILE:LINE:COLUMN)" of what makes it so, or "". */
static const char *describe(struct es_arena *arena,
			    const struct es_grant *beside)
{
	const struct es_place place = beside ? beside->place : ES_NOWHERE;
	const char *text = "";

	if (place.source)
		text = es_arena_printf(arena, " (with %s.%s, %s:%u:%u)",
				       beside->word->set, beside->word->word,
				       place.source->name, place.line,
				       place.column);
	else if (beside)
		text = es_arena_printf(arena, " (with %s.%s)",
				       beside->word->set, beside->word->word);
	return text ? text : "";
}

static void report(const struct es_warning *row,
		   const struct es_finding *finding, struct es_diags *diags)
{
	const struct es_grant *grant = finding->grant;
	const char *text = row->text ? row->text :
			   finding->like ? finding->like->danger :
					   grant->word->open;
	const char *beside = describe(finding->arena, finding->beside);

	if (finding->entry)
		es_diag(diags, row->severity, finding->entry->place,
			"'%s': %s%s", finding->entry->name, text, beside);
	else if (grant && grant->path && row->subject == ES_OF_GRANT)
		es_diag(diags, row->severity, grant->path_place,
			"'%s': %s%s%s", grant->path, text, beside,
			finding->more ? finding->more : "");
	else if (grant)
		es_diag(diags, row->severity, grant->place, "%s.%s: %s%s",
			grant->word->set, grant->word->word, text, beside);
	else
		es_diag(diags, row->severity, ES_NOWHERE, "%s%s", text,
			beside);
}

/* Asks all rows of one severity and SUBJECT. */
static void ask(enum es_severity severity, enum es_subject subject,
		const struct es_finding *about, struct es_diags *diags)
{
	for (size_t i = 0; i < es_nwarnings; i++) {
		struct es_finding finding = *about;

		const struct es_warning *row = &es_warnings[i];

		if (row->severity == severity && row->subject == subject &&
		    row->holds(&finding))
			report(row, &finding, diags);
	}
}

static void ask_all(enum es_severity severity, const struct es_finding *about,
		    struct es_diags *diags)
{
	struct es_finding finding = *about;

	for (size_t i = 0; i < finding.nall; i++) {
		finding.granted = &finding.all[i];
		finding.grant = finding.granted->grant;
		if (finding.granted->first)
			ask(severity, ES_OF_WORD, &finding, diags);
		ask(severity, ES_OF_GRANT, &finding, diags);
	}
	finding = *about;
	for (const struct es_fd_entry *e = finding.profile->fds; e;
	     e = e->next) {
		finding.entry = e;
		ask(severity, ES_OF_ENTRY, &finding, diags);
	}
	ask(severity, ES_OF_ALL, about, diags);
}

static const char *resolved(struct es_arena *arena, const char *path)
{
	es_autofree char *real = path ? realpath(path, NULL) : NULL;

	if (path && !real)
		arena->exhausted |= errno == ENOMEM;
	return real ? es_arena_copy(arena, real, strlen(real)) : NULL;
}

static bool is_first(const struct es_profile *profile,
		     const struct es_grant *grant)
{
	const struct es_grant *first = profile->grants;

	while (first->word != grant->word)
		first = first->next;
	return first == grant;
}

static enum es_status prepare(struct es_context *context,
			      const struct es_compiled *compiled,
			      struct es_finding *finding)
{
	struct es_arena *arena = &context->arena;
	const struct es_profile *profile = &context->profile;
	struct es_granted *all = NULL;
	size_t n = 0;

	for (const struct es_grant *g = profile->grants; g; g = g->next)
		n++;
	all = es_arena_alloc(arena, (n + 1) * sizeof(*all));
	*finding = (struct es_finding){
		.arena = arena,
		.profile = profile,
		.policy = es_compiled_policy(compiled),
		.plan = &compiled->plan,
		.all = all,
		.nall = n,
	};
	for (size_t i = 0; i < 2; i++) {
		const char *own = resolved(arena, es_selves[i]);

		finding->own[i] = own ? own : es_selves[i]; /* no /proc here */
		finding->mem[i] = es_arena_printf(arena, "%s/mem",
						  finding->own[i]);
	}
	for (const struct es_grant *g = profile->grants; g && all;
	     g = g->next)
		*all++ = (struct es_granted){ g, resolved(arena, g->path),
					   es_word_rights(g->word).fs,
					   is_first(profile, g) };
	return arena->exhausted ? ES_NOMEM : ES_OK;
}

enum es_status es_warn(struct es_context *context,
		       const struct es_compiled *compiled, bool verbose,
		       struct es_diags *diags)
{
	struct es_finding finding;
	const enum es_status status = prepare(context, compiled, &finding);

	if (status != ES_OK)
		return status;
	if (verbose && compiled->policy.open)
		ask_all(ES_NOTE, &finding, diags);
	if (verbose && !compiled->policy.open) {
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"%zu system calls are allowed, if only on conditions; "
			"the filter has %zu instructions and is proven equal "
			"to the policy; Landlock ABI %d",
			context->summary.calls, context->summary.instructions,
			compiled->plan.abi);
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"%s what its loader needs: to open, read and map "
			"(executable too) the program, its libraries' folders "
			"and the loader's own files, through descriptor %u "
			"only", compiled->until != ES_UNTIL_ENTRY ?
			"until it has started up, a program has what `startup` "
			"allows and, if it is dynamic," : compiled->arms ?
			"up to its entry point, where the exact filter is "
			"added, a dynamic program has besides" :
			"armed at exec, so for a dynamic program stays open",
			compiled->policy.loader_fd);
		ask_all(ES_NOTE, &finding, diags);
	}
	es_byhand_tell(&context->profile, verbose, diags);
	es_listen_tell(&context->profile, diags);
	ask_all(ES_WARNING, &finding, diags);
	return context->arena.exhausted ? ES_NOMEM : ES_OK;
}
