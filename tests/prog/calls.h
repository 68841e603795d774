/* SPDX-License-Identifier: MIT */
/* Says by calls what a profile says, line by line. What calls can't say fails. */
#ifndef CALLS_H
#define CALLS_H

#include <extrasafe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MOST = 64 }; /* items of one list, files of one profile */

struct calls {
	struct es_context *context;
	struct es_diags *diags;
	const char *folder; /* where what is included lies */
	char *read[MOST];   /* names of that */
	size_t nread;
	yaml_document_t *document;
};

static _Noreturn void calls_fail(const char *what, const char *name)
{
	fprintf(stderr, "%s: '%s'\n", what, name);
	exit(99);
}

static const char *calls_text(yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE)
		calls_fail("a text is expected", node->tag ?
			   (char *)node->tag : "");
	return (const char *)node->data.scalar.value;
}

/* The texts of NODE, one or several, in LIST, which ends with NULL. */
static size_t calls_texts(struct calls *calls, yaml_node_t *node,
			  const char *list[MOST])
{
	size_t n = 0;

	if (node->type == YAML_SCALAR_NODE)
		list[n++] = calls_text(node);
	if (node->type == YAML_SEQUENCE_NODE)
		for (yaml_node_item_t *i = node->data.sequence.items.start;
		     i < node->data.sequence.items.top; i++) {
			if (n + 1 == MOST)
				calls_fail("a list is too long", "");
			list[n++] = calls_text(yaml_document_get_node(
				calls->document, *i));
		}
	list[n] = NULL;
	return n;
}

typedef void calls_pair(struct calls *calls, const char *key,
			yaml_node_t *value, void *data);

static void calls_each(struct calls *calls, yaml_node_t *map, calls_pair *each,
		       void *data)
{
	if (map->type != YAML_MAPPING_NODE)
		calls_fail("a map is expected", "");
	for (yaml_node_pair_t *i = map->data.mapping.pairs.start;
	     i < map->data.mapping.pairs.top; i++)
		each(calls, calls_text(yaml_document_get_node(calls->document,
							      i->key)),
		     yaml_document_get_node(calls->document, i->value), data);
}

/* The options of a permission, and the arrays that they lie in. */
struct calls_options {
	struct es_allowing how;
	const char *paths[MOST], *fds[MOST], *texts[MOST];
	unsigned short ports[MOST];
};

static void calls_option(struct calls *calls, const char *key,
			 yaml_node_t *value, void *data)
{
	struct calls_options *options = data;
	struct es_allowing *how = &options->how;

	if (!strcmp(key, "path")) {
		calls_texts(calls, value, options->paths);
		how->paths = options->paths;
	} else if (!strcmp(key, "fds")) {
		calls_texts(calls, value, options->fds);
		how->fds = options->fds;
	} else if (!strcmp(key, "ports")) {
		how->nports = calls_texts(calls, value, options->texts);
		for (size_t i = 0; i < how->nports; i++)
			options->ports[i] = (unsigned short)strtoul(
				options->texts[i], NULL, 10);
		how->ports = options->ports;
	} else if (!strcmp(key, "optional")) {
		how->optional = !strcmp(calls_text(value), "true");
	} else if (!strcmp(key, "yes_really")) {
		how->yes_really = !strcmp(calls_text(value), "true");
	} else {
		calls_fail("no call has this option", key);
	}
}

/* WORD: VALUE */
static void calls_allow(struct calls *calls, const char *word,
			yaml_node_t *value, void *data)
{
	struct calls_options options = { 0 };
	const char *set = data;

	if (value->type == YAML_MAPPING_NODE) {
		calls_each(calls, value, calls_option, &options);
	} else if (value->type == YAML_SCALAR_NODE &&
		   !strcmp(calls_text(value), "yes_really")) {
		options.how.yes_really = true;
	} else {
		calls_texts(calls, value, options.paths);
		options.how.paths = options.paths;
	}
	es_allow_with(calls->context, set, word, &options.how, calls->diags);
}

/* SET: VALUE */
static void calls_set(struct calls *calls, const char *set, yaml_node_t *value,
		      void *data)
{
	(void)data;
	if (value->type == YAML_SCALAR_NODE)
		es_allow(calls->context, set, calls_text(value), calls->diags);
	else if (value->type == YAML_MAPPING_NODE)
		calls_each(calls, value, calls_allow, (void *)set);
	else
		for (yaml_node_item_t *i = value->data.sequence.items.start;
		     i < value->data.sequence.items.top; i++) {
			yaml_node_t *item = yaml_document_get_node(
				calls->document, *i);

			if (item->type == YAML_SCALAR_NODE)
				es_allow(calls->context, set, calls_text(item),
					 calls->diags);
			else
				calls_each(calls, item, calls_allow,
					   (void *)set);
		}
}

struct calls_ruleset {
	struct es_own_ruleset own;
	const char *syscalls[MOST], *rules[MOST];
};

static void calls_ruleset_key(struct calls *calls, const char *key,
			      yaml_node_t *value, void *data)
{
	struct calls_ruleset *set = data;

	if (!strcmp(key, "about")) {
		set->own.about = calls_text(value);
	} else if (!strcmp(key, "rules")) {
		calls_texts(calls, value, set->rules);
		set->own.rules = set->rules;
	} else if (!strcmp(key, "syscalls")) {
		calls_texts(calls, value, set->syscalls);
		set->own.syscalls = set->syscalls;
	} else {
		calls_fail("no call says this of a rule set", key);
	}
}

static void calls_ruleset(struct calls *calls, const char *name,
			  yaml_node_t *value, void *data)
{
	struct calls_ruleset set = { .own.name = name };

	(void)data;
	calls_each(calls, value, calls_ruleset_key, &set);
	es_add_ruleset(calls->context, &set.own, calls->diags);
}

static void calls_file(struct calls *calls, const char *path);

/* A file that came already adds nothing. */
static void calls_include(struct calls *calls, const char *name)
{
	char path[4096];

	for (size_t i = 0; i < calls->nread; i++)
		if (!strcmp(calls->read[i], name))
			return;
	if (calls->nread == MOST)
		calls_fail("too many files", name);
	calls->read[calls->nread++] = strdup(name);
	snprintf(path, sizeof(path), "%s/%s.yaml", calls->folder, name);
	calls_file(calls, path);
}

static void calls_key(struct calls *calls, const char *key, yaml_node_t *value,
		      void *data)
{
	static const char *const silent[] = {
		"extrasafe", "about",
		"startup", /* what lasts is what counts */
	};
	const char *names[MOST];

	(void)data;
	if (!strcmp(key, "allow")) {
		calls_each(calls, value, calls_set, NULL);
	} else if (!strcmp(key, "rulesets")) {
		calls_each(calls, value, calls_ruleset, NULL);
	} else if (!strcmp(key, "deny")) {
		es_set_deny(calls->context, calls_text(value), calls->diags);
	} else if (!strcmp(key, "include")) {
		const size_t n = calls_texts(calls, value, names);

		for (size_t i = 0; i < n; i++)
			calls_include(calls, names[i]);
	} else {
		for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
			if (!strcmp(key, silent[i]))
				return;
		calls_fail("no call says this", key);
	}
}

static void calls_file(struct calls *calls, const char *path)
{
	yaml_document_t document, *above = calls->document;
	yaml_parser_t parser;
	FILE *file = fopen(path, "r");

	if (!file || !yaml_parser_initialize(&parser))
		calls_fail("can't be read", path);
	yaml_parser_set_input_file(&parser, file);
	if (!yaml_parser_load(&parser, &document))
		calls_fail("is no YAML", path);
	calls->document = &document;
	calls_each(calls, yaml_document_get_root_node(&document), calls_key,
		   NULL);
	calls->document = above;
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	fclose(file);
}

/* Adds to CONTEXT what the profile at PATH says, whose includes are named
 * relative to its folder. */
static void say_by_calls(struct es_context *context, const char *path,
			 struct es_diags *diags)
{
	char folder[4096];
	struct calls calls = { .context = context, .diags = diags,
			       .folder = folder };

	snprintf(folder, sizeof(folder), "%.*s",
		 (int)(strrchr(path, '/') - path), path);
	calls_file(&calls, path);
	while (calls.nread)
		free(calls.read[--calls.nread]);
}

#endif
