/* SPDX-License-Identifier: MIT */
/* What can be told only when all files are read: which rule sets there are. */
#include <string.h>

#include "profile.h"
#include "util.h"

/* Of one call, by hand. */
enum { MAX_RULES = 512 };

struct es_ruleset *es_ruleset_find(const struct es_profile *profile,
				   const char *name)
{
	struct es_ruleset *set = profile->rulesets;

	while (set && strcmp(set->name, name) != 0)
		set = set->next;
	return set;
}

static bool is_all(const struct es_node *value)
{
	if (value->kind == ES_SEQUENCE && value->n == 1)
		value = value->items[0];
	return value->kind == ES_SCALAR && !strcmp(value->text, "all");
}

/* Is it what makes a rule set, and not what allows one? */
static bool is_definition(const struct es_node *value)
{
	for (size_t i = 0; value->kind == ES_MAPPING && i < value->n; i++)
		if (!strcmp(value->keys[i]->text, "rules") ||
		    !strcmp(value->keys[i]->text, "syscalls"))
			return true;
	return false;
}

/* Puts what the rule set of *AT gives in its place; *AT is what follows then.
 * False behind a diagnostic or when the arena is exhausted. */
static bool put(struct es_profile *profile, struct es_grant ***at,
		struct es_diags *diags)
{
	const struct es_grant *postponed = **at;
	struct es_grant *rest = postponed->next;
	struct es_ruleset *set = es_ruleset_find(profile, postponed->set);
	bool fine = false;

	**at = NULL;
	if (!set && is_definition(postponed->value))
		es_diag(diags, ES_ERROR, postponed->place,
			"rule sets of one's own are made under 'rulesets', and "
			"allowed as in `%s: all`", postponed->set);
	else if (!set)
		es_set_unknown(profile, postponed->set, postponed->place,
			       diags);
	else if (!is_all(postponed->value))
		es_diag(diags, ES_ERROR, postponed->value->place,
			"a rule set of one's own is given as a whole: "
			"`%s: all`", set->name);
	else
		fine = set->allowed = true;
	for (const struct es_grant *g = fine ? set->grants : NULL; g;
	     g = g->next) {
		struct es_grant *own = es_grant_add(profile, at,
						    postponed->place, diags);

		fine = own != NULL;
		if (!fine)
			break;
		*own = *g;
		own->next = NULL;
		own->place = postponed->place;
	}
	**at = rest;
	return fine;
}

bool es_widening_find(const struct es_profile *profile,
		      const struct es_widening *widening,
		      struct es_diags *diags)
{
	const struct es_ruleset *set = es_ruleset_find(profile, widening->set);
	const char *names[64] = { NULL };
	const char *meant = NULL;
	size_t n = 0;

	if (!set) {
		es_set_unknown(profile, widening->set, widening->place, diags);
		return false;
	}
	for (const struct es_grant *g = set->grants; g; g = g->next) {
		if (!strcmp(g->word->set, set->name) &&
		    !strcmp(g->word->word, widening->name))
			return true;
		if (n + 1 < ES_COUNT(names))
			names[n++] = g->word->word;
	}
	if (set->wrong)
		return true; /* it may be what could not be read */
	meant = es_did_you_mean(widening->name, names);
	es_diag(diags, ES_ERROR, widening->place,
		"rule set '%s' has no rule of '%s'%s%s%s", set->name,
		widening->name, meant ? ", did you mean '" : "",
		meant ? meant : "", meant ? "'?" : "");
	return false;
}

/* All rules of a call are compared with each other. */
static bool check_number(const struct es_profile *profile,
			 struct es_diags *diags)
{
	unsigned *counts = es_arena_alloc(profile->arena,
					  es_nsyscalls * sizeof(*counts));

	for (const struct es_grant *g = profile->grants; g && counts;
	     g = g->next) {
		const struct es_syscall *call = NULL;

		if (!g->rule_place.source)
			continue;
		call = es_syscall_find(g->word->word, strlen(g->word->word));
		if (!call || ++counts[call - es_syscalls] <= MAX_RULES)
			continue;
		es_diag(diags, ES_ERROR, g->rule_place,
			"more than %d rules of '%s'; `in {...}` takes several "
			"values", MAX_RULES, call->name);
		return false;
	}
	return counts != NULL;
}

/* Puts rule sets of one's own in their places in the list at AT; its end, or
 * behind a diagnostic with *FINE false. */
static struct es_grant **put_all(struct es_profile *profile,
				 struct es_grant **at, bool *fine,
				 struct es_diags *diags)
{
	while (*at) {
		if ((*at)->set)
			*fine = put(profile, &at, diags) && *fine;
		else
			at = &(*at)->next;
	}
	return at;
}

/* What is to be had until later can't be there if nothing comes later. */
static bool check_startup(const struct es_profile *profile,
			  struct es_diags *diags)
{
	const struct es_setting *arm = &profile->arm;

	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		if (profile->startup.until != ES_UNTIL_LISTENING ||
		    (!e->listen && !e->activated))
			continue;
		es_diag(diags, ES_ERROR, profile->startup.place,
			"'until: listening' holds from the first moment, since "
			"'%s' listens already; `{blocked_in: [accept4]}` or "
			"'ready' can do", e->name);
		es_diag(diags, ES_NOTE, e->place, "'%s' is here", e->name);
		return false;
	}
	if (!profile->startup.place.source || !arm->text ||
	    strcmp(arm->text, "exec") != 0)
		return true;
	es_diag(diags, ES_ERROR, profile->startup.place,
		"'startup' can't go with `arm: exec`%s: then nothing ends it",
		arm->place.source ? "" : ", which the command line says");
	if (arm->place.source)
		es_diag(diags, ES_NOTE, arm->place, "that is said here");
	return false;
}

enum es_status es_profile_complete(struct es_profile *profile,
				   struct es_diags *diags)
{
	bool fine = true;

	/* Until more is added, all was told. */
	if (profile->complete)
		return profile->completed;
	profile->grants_end = put_all(profile, &profile->grants, &fine, diags);
	put_all(profile, &profile->startup_grants, &fine, diags);
	fine = check_startup(profile, diags) && fine;
	/* The command line's were looked for as they were read. */
	for (const struct es_widening *w = profile->widenings; w; w = w->next)
		if (!w->word && w->place.source)
			fine = es_widening_find(profile, w, diags) && fine;
	fine = check_number(profile, diags) && fine;
	profile->complete = true;
	/* What was wrong once is missing from now on. */
	if (profile->completed == ES_OK || profile->arena->exhausted)
		profile->completed = es_profile_conclude(
			profile, fine ? ES_OK : ES_INVALID);
	return profile->completed;
}

void es_byhand_tell(const struct es_profile *profile, bool verbose,
		    struct es_diags *diags)
{
	for (const struct es_ruleset *s = profile->rulesets; s; s = s->next) {
		const struct es_file *file = es_file_of(profile,
							s->place.source);
		const bool named = file && file->named;

		/* A file to include may well have more than one takes. */
		if (!s->allowed && (named || verbose))
			es_diag(diags, named ? ES_WARNING : ES_NOTE, s->place,
				"rule set '%s' has no effect: no file allows "
				"it", s->name);
	}
	for (const struct es_lacking *l = profile->lacking; l && verbose;
	     l = l->next)
		es_diag(diags, ES_NOTE, l->place,
			"'%s' is skipped: this architecture has no such call",
			l->call);
}
