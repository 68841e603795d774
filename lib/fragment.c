/* SPDX-License-Identifier: MIT */
/* `-a`: what the command line adds to a profile. */
#include <string.h>

#include "profile.h"

/* "SystemIO.read_path=/usr" as the map that it is short for. */
static struct es_node *short_form(struct es_arena *arena,
				  const struct es_source *source,
				  size_t set_len, size_t word_len)
{
	struct es_node *nodes = es_arena_alloc(arena, 5 * sizeof(*nodes));
	struct es_node **list = es_arena_alloc(arena, 4 * sizeof(*list));

	if (!nodes || !list)
		return NULL;

	struct es_node *root = &nodes[0], *set = &nodes[1], *word = &nodes[2];
	struct es_node *value = &nodes[3], *item = &nodes[4];
	const char *text = source->text;

	for (size_t i = 0; i < 5; i++)
		nodes[i] = (struct es_node){ .kind = ES_SCALAR, .plain = true,
					     .place = { source, 1, 1 } };
	set->text = es_arena_copy(arena, text, set_len);
	word->text = es_arena_copy(arena, text + set_len + 1, word_len);
	word->place.column = (unsigned)(set_len + 2);
	value->text = text + set_len + 1 + word_len;
	value->place.column = (unsigned)(set_len + word_len + 3);
	root->kind = item->kind = ES_MAPPING;
	root->n = item->n = 1;
	root->keys = &list[0];
	root->items = &list[1];
	item->keys = &list[2];
	item->items = &list[3];
	list[0] = set;
	list[1] = *value->text == '=' ? item : word;
	list[2] = word;
	list[3] = value;
	value->text += *value->text == '=';
	return set->text && word->text ? root : NULL;
}

/* Reads SET.WORD, SET.WORD=VALUE or YAML. */
static enum es_status parse_fragment(struct es_arena *arena,
				     const struct es_source *source,
				     struct es_diags *diags,
				     struct es_node **root)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	const char *const text = source->text;
	const size_t set_len = strspn(text, letters);
	const size_t word_len = text[set_len] == '.' ?
				strspn(text + set_len + 1, letters) : 0;
	const char *behind = text + set_len + (word_len ? 1 + word_len : 0);

	if (!set_len || !word_len || (*behind && *behind != '='))
		return es_yaml_read(arena, source, diags, root);
	*root = short_form(arena, source, set_len, word_len);
	return *root ? ES_OK : ES_NOMEM;
}

enum es_status es_profile_fragment(struct es_profile *profile,
				   const char *text, struct es_diags *diags)
{
	struct es_arena *arena = profile->arena;
	struct es_source *source = es_arena_alloc(arena, sizeof(*source));
	struct es_node *root = NULL;

	if (!source)
		return ES_NOMEM;
	source->name = profile->nfragments++ ?
		       es_arena_printf(arena, "-a#%u", profile->nfragments) :
		       "-a";
	source->len = strlen(text);
	source->text = es_arena_copy(arena, text, source->len);
	source->folder = es_working_folder(arena);
	if (arena->exhausted)
		return ES_NOMEM;

	enum es_status status = parse_fragment(arena, source, diags, &root);

	if (status == ES_OK)
		status = es_grants_read(profile, root, diags);
	return es_profile_conclude(profile, status);
}
