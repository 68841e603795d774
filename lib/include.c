/* SPDX-License-Identifier: MIT */
/* What includes name, and which file includes which. */
#include <string.h>

#include "profile.h"
#include "scalar.h"

static bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* Names have nothing of a path's look, so that "/", ".." and ".yaml" can't be
 * brought in; `parts/NAME` is one. */
bool es_name_is_path(const char *text)
{
	return *text == '/' || *text == '.' || ends_with(text, ".yaml") ||
	       strstr(text, "..");
}

/* Told as the file is that includes it. */
const char *es_include_path(struct es_arena *arena, const struct es_node *node,
			    struct es_diags *diags)
{
	const char *path = es_scalar_path(arena, node, diags);
	const char *name = node->place.source->name;
	const char *slash = strrchr(name, '/');
	const char *text = node->text;

	if (!path || *text == '/' || *text == '$' || *name == '/')
		return path;
	while (!strncmp(text, "./", 2))
		text += 2;
	return es_arena_printf(arena, "%.*s%s",
			       slash ? (int)(slash - name) + 1 : 0, name, text);
}

/* If only by others between. All pairs are known beforehand, because there are
 * more ways through 32 includes than anybody can wait for. */
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

const struct es_file *es_file_of(const struct es_profile *profile,
				 const struct es_source *source)
{
	const struct es_file *file = profile->files;

	while (file && file->source != source)
		file = file->next;
	return file;
}
