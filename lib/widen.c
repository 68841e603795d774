/* SPDX-License-Identifier: MIT */
/* Limits that a file above, or the command line, takes back. */
#include <string.h>

#include "policy.h"

bool es_grant_names_less(const struct es_grant *grant)
{
	bool numbered = false;

	for (const struct es_fd_item *i = grant->fds; i; i = i->next)
		numbered |= i->kind != ES_FD_ANY;
	return (grant->word->flags & ES_WORD_LIMIT) || numbered;
}

static void tell_vain(const struct es_widening *widening,
		      const struct es_grant *grant, struct es_diags *diags)
{
	const char *set = widening->set, *word = widening->name;

	if (!grant) {
		es_diag(diags, ES_ERROR, widening->place,
			"no %s has a limit %s.%s to take back",
			widening->place.source ? "included file" : "profile",
			set, word);
		return;
	}
	if (!es_grant_names_less(grant) && !grant->path && !grant->ports.n) {
		es_diag(diags, ES_ERROR, widening->place,
			"%s.%s is no limit that could be taken back", set,
			word);
		es_diag(diags, ES_NOTE, grant->place, "allowed in full here");
		return;
	}
	es_diag(diags, ES_ERROR, widening->place,
		"%s.%s is no limit of a file that this one includes", set,
		word);
	es_diag(diags, ES_NOTE, grant->place, "the limit is here");
}

enum es_status es_widenings_apply(struct es_profile *profile,
				  struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (struct es_widening *w = profile->widenings; w; w = w->next) {
		const struct es_source *by = w->place.source;
		const struct es_grant *vain = NULL;
		bool any = false;

		for (struct es_grant *g = profile->grants; g; g = g->next) {
			if (strcmp(g->word->set, w->set) != 0 ||
			    strcmp(g->word->word, w->name) != 0)
				continue;
			/* An included file takes no limit of its includer's. */
			if ((es_grant_names_less(g) || g->path ||
			     g->ports.n) &&
			    (!by || es_profile_includes(profile, by,
							g->place.source)))
				any = g->widened = true;
			else
				vain = g;
		}
		/* It may be of what could not be read. */
		if (any || profile->wrong)
			continue;
		tell_vain(w, vain, diags);
		status = ES_INVALID;
	}
	return status;
}
