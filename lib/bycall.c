/* SPDX-License-Identifier: MIT */
/* What a program says by calls: the nodes that a profile would have. */
#include <stdio.h>
#include <string.h>

#include "context.h"

/* Makes nodes in an arena; what there is no memory for is NULL, and so is what
 * is made of it. */
struct maker {
	struct es_arena *arena;
	const struct es_source *source;
};

static struct es_node *new_node(struct maker *maker, enum es_node_kind kind,
				size_t room)
{
	struct es_node *node = es_arena_alloc(maker->arena, sizeof(*node));

	if (!node)
		return NULL;
	*node = (struct es_node){ .kind = kind,
				  .place = { maker->source, 0, 0 } };
	node->items = es_arena_alloc(maker->arena,
				     (room + 1) * sizeof(*node->items));
	node->keys = es_arena_alloc(maker->arena,
				    (room + 1) * sizeof(*node->keys));
	return node->items && node->keys ? node : NULL;
}

static struct es_node *scalar(struct maker *maker, const char *text, bool plain)
{
	struct es_node *node = new_node(maker, ES_SCALAR, 0);

	if (!node)
		return NULL;
	node->text = es_arena_copy(maker->arena, text, strlen(text));
	node->plain = plain;
	return node->text ? node : NULL;
}

/* Adds to a list, or to a map if there is a KEY. LIST has room. */
static void add(struct maker *maker, struct es_node *list, const char *key,
		struct es_node *item)
{
	if (!list || !item)
		return;
	list->keys[list->n] = key ? scalar(maker, key, true) : NULL;
	list->items[list->n++] = item;
}

static struct es_node *texts(struct maker *maker, const char *const *all,
			     bool plain)
{
	struct es_node *list = NULL;
	size_t n = 0;

	while (all[n])
		n++;
	list = new_node(maker, ES_SEQUENCE, n);
	for (size_t i = 0; i < n; i++)
		add(maker, list, NULL, scalar(maker, all[i], plain));
	return list;
}

static struct es_node *ports(struct maker *maker, const unsigned short *all,
			     size_t n)
{
	struct es_node *list = new_node(maker, ES_SEQUENCE, n);
	char text[8];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%u", all[i]);
		add(maker, list, NULL, scalar(maker, text, true));
	}
	return list;
}

/* What stands at a word: `{path: ..., fds: ..., ...}`, or a value alone where
 * the word has no options. */
static struct es_node *value_of(struct maker *maker, const char *set,
				const char *name,
				const struct es_allowing *how)
{
	const struct es_word *word = es_word_find(set, name);
	struct es_node *map = NULL;

	if (how->fds && word && (word->flags & ES_WORD_FD))
		return texts(maker, how->fds, true);
	if (how->yes_really && !how->paths && !how->fds && !how->nports)
		return scalar(maker, "yes_really", true);
	map = new_node(maker, ES_MAPPING, 5);
	if (how->paths)
		add(maker, map, "path", texts(maker, how->paths, false));
	if (how->optional)
		add(maker, map, "optional", scalar(maker, "true", true));
	if (how->fds)
		add(maker, map, "fds", texts(maker, how->fds, true));
	if (how->nports)
		add(maker, map, "ports", ports(maker, how->ports, how->nports));
	if (how->yes_really)
		add(maker, map, "yes_really", scalar(maker, "true", true));
	return map;
}

/* Where no path is given, nobody asks what it would be relative to. */
static bool begin(struct es_context *context, const char *name, bool paths,
		  struct maker *maker)
{
	struct es_arena *arena = &context->arena;
	struct es_source *source = es_arena_alloc(arena, sizeof(*source));

	*maker = (struct maker){ arena, source };
	if (!source)
		return false;
	source->name = name;
	source->text = "";
	source->folder = paths ? es_working_folder(arena) : "/";
	return name && !arena->exhausted;
}

/* A map with one key. */
static struct es_node *one(struct maker *maker, const char *key,
			   struct es_node *value)
{
	struct es_node *map = new_node(maker, ES_MAPPING, 1);

	add(maker, map, key, value);
	return map;
}

/* "SET.WORD": what is wrong is told as of it. */
static const char *place_name(struct es_arena *arena, const char *set,
			      const char *word)
{
	const size_t len = strlen(set), word_size = strlen(word) + 1;
	char *name = es_arena_alloc(arena, len + 1 + word_size);
	char *at = name;

	if (!name)
		return NULL;
	at = mempcpy(at, set, len);
	*at++ = '.';
	memcpy(at, word, word_size);
	return name;
}

static bool says_nothing(const struct es_allowing *how)
{
	return !how || (!how->paths && !how->optional && !how->fds &&
			!how->nports && !how->yes_really);
}

enum es_status es_allow_with(struct es_context *context, const char *set,
			     const char *word, const struct es_allowing *how,
			     struct es_diags *diags)
{
	struct es_node *permission = NULL, *root = NULL;
	struct maker maker;
	enum es_status status = ES_NOMEM;

	if (!context)
		return ES_NOMEM;
	if (!set || !word) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"a rule set and a permission are expected, not NULL");
		return es_context_keep(context, ES_INVALID);
	}
	if (begin(context, place_name(&context->arena, set, word),
		  how && how->paths, &maker)) {
		permission = says_nothing(how) ?
			     scalar(&maker, word, true) :
			     one(&maker, word,
				 value_of(&maker, set, word, how));
		root = new_node(&maker, ES_SEQUENCE, 1);
		add(&maker, root, NULL, permission);
		root = one(&maker, set, root);
	}
	if (root && !context->arena.exhausted)
		status = es_grants_read(&context->profile, root, diags);
	return es_context_keep(
		context, es_profile_conclude(&context->profile, status));
}

enum es_status es_allow(struct es_context *context, const char *set,
			const char *word, struct es_diags *diags)
{
	return es_allow_with(context, set, word, NULL, diags);
}

enum es_status es_allow_path(struct es_context *context, const char *set,
			     const char *word, const char *path,
			     struct es_diags *diags)
{
	const char *const paths[] = { path, NULL };

	return es_allow_with(context, set, word,
			     &(struct es_allowing){ .paths = paths }, diags);
}

enum es_status es_allow_really(struct es_context *context, const char *set,
			       const char *word, struct es_diags *diags)
{
	return es_allow_with(context, set, word,
			     &(struct es_allowing){ .yes_really = true },
			     diags);
}

enum es_status es_add_ruleset(struct es_context *context,
			      const struct es_own_ruleset *own,
			      struct es_diags *diags)
{
	struct es_node *set = NULL, *root = NULL;
	struct maker maker;
	enum es_status status = ES_NOMEM;

	if (!context)
		return ES_NOMEM;
	if (!own || !own->name) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"a rule set with a name is expected, not NULL");
		return es_context_keep(context, ES_INVALID);
	}
	if (begin(context, es_arena_copy(&context->arena, own->name,
					 strlen(own->name)), false, &maker)) {
		set = new_node(&maker, ES_MAPPING, 3);
		if (own->about)
			add(&maker, set, "about",
			    scalar(&maker, own->about, false));
		if (own->syscalls)
			add(&maker, set, "syscalls",
			    texts(&maker, own->syscalls, true));
		if (own->rules)
			add(&maker, set, "rules",
			    texts(&maker, own->rules, false));
		root = one(&maker, own->name, set);
	}
	if (root && !context->arena.exhausted)
		status = es_rulesets_read(&context->profile, root, diags);
	return es_context_keep(
		context, es_profile_conclude(&context->profile, status));
}
