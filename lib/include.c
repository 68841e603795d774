/* SPDX-License-Identifier: MIT */
/* Which file includes which, if only by others between. All pairs are known
 * beforehand, because there are more ways through 32 includes than anybody can
 * wait for. */
#include "profile.h"

bool es_profile_includes(const struct es_profile *profile,
			 const struct es_source *by,
			 const struct es_source *what)
{
	const struct es_include *i = profile->includes;

	while (i && (i->by != by || i->what != what))
		i = i->next;
	return i;
}

static bool add_pair(struct es_profile *profile, const struct es_source *by,
		     const struct es_source *what)
{
	struct es_include *include = NULL;

	if (es_profile_includes(profile, by, what))
		return true;
	include = es_arena_alloc(profile->arena, sizeof(*include));
	if (!include)
		return false;
	*include = (struct es_include){ profile->includes, by, what };
	profile->includes = include;
	return true;
}

/* BY includes all that WHAT does. */
static bool add_below(struct es_profile *profile, const struct es_source *by,
		      const struct es_source *what)
{
	bool fine = add_pair(profile, by, what);

	for (const struct es_include *i = profile->includes; i; i = i->next)
		if (i->by == what)
			fine = fine && add_pair(profile, by, i->what);
	return fine;
}

/* Whoever includes BY includes WHAT, too. */
bool es_include_add(struct es_profile *profile, const struct es_source *by,
		    const struct es_source *what)
{
	bool fine = add_below(profile, by, what);

	for (const struct es_include *i = profile->includes; i; i = i->next)
		if (i->what == by)
			fine = fine && add_below(profile, i->by, what);
	return fine;
}
