/* SPDX-License-Identifier: MIT */
#ifndef ES_NODE_H
#define ES_NODE_H

#include "arena.h"
#include "diag.h"

/* Inclusive limits of what is read at all. */
enum {
	ES_YAML_MAX_FILE = 1024 * 1024,
	ES_YAML_MAX_SCALAR = 64 * 1024,
	ES_YAML_MAX_DEPTH = 16,
};

enum es_node_kind { ES_SCALAR, ES_SEQUENCE, ES_MAPPING };

/* A node of a YAML document. Knows nothing of profiles. */
struct es_node {
	enum es_node_kind kind;
	struct es_place place;
	/* Scalars: NUL-terminated text without NUL bytes in it, and whether it
	 * was written plain, that is without quotes and not as a block. */
	const char *text;
	bool plain;
	/* Sequences: the N items. Mappings: the N values, and beside each its
	 * key, which is a scalar. */
	size_t n;
	struct es_node **items;
	struct es_node **keys;
};

/*
 * Reads the one document of SOURCE, strictly: UTF-8 without BOM; no directives,
 * anchors, aliases, merge keys, tags, duplicate keys, NUL bytes or second
 * document. Each mistake is a diagnostic at its place; reading goes on behind
 * those that can be stepped over. ES_OK and *ROOT (in ARENA), else ES_INVALID
 * or ES_NOMEM.
 */
enum es_status es_yaml_read(struct es_arena *arena,
			    const struct es_source *source,
			    struct es_diags *diags, struct es_node **root);

#endif
