/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

enum {
	/* Bytes that a node takes at least: its kind, plain, its place, and its
	 * length or how many it has. */
	MIN_NODE = 5 * sizeof(uint32_t),
	/* What a byte of the source comes to at most: `a:` has two nodes, and
	 * "\\L" in double quotes is a character of three bytes. */
	NODES_A_BYTE = 2,
	BYTES_A_BYTE = 2,
	MAX_DIAGS = 300,
	MAX_LINE = 32 * 1024, /* bytes of a diagnostic, escaped */
};

static void put_bytes(struct es_bytes *bytes, const void *what, size_t size)
{
	const size_t cap = (bytes->n + size) * 2;

	if (bytes->failed || bytes->n + size > ES_WIRE_MAX) {
		bytes->failed = true;
		return;
	}
	if (bytes->n + size > bytes->cap) {
		char *bigger = realloc(bytes->at, cap);

		bytes->failed = !bigger;
		if (!bigger)
			return;
		bytes->at = bigger;
		bytes->cap = cap;
	}
	memcpy(bytes->at + bytes->n, what, size);
	bytes->n += size;
}

static void put_number(struct es_bytes *bytes, uint32_t number)
{
	put_bytes(bytes, &number, sizeof(number));
}

static void put_text(struct es_bytes *bytes, const char *text)
{
	const size_t len = strlen(text);

	put_number(bytes, (uint32_t)len);
	put_bytes(bytes, text, len);
}

static void put_diag(struct es_bytes *bytes, const struct es_diag_info *diag)
{
	put_number(bytes, diag->severity);
	put_number(bytes, diag->file != NULL);
	put_number(bytes, diag->line);
	put_number(bytes, diag->column);
	put_text(bytes, diag->text);
}

static void put_node(struct es_bytes *bytes, const struct es_node *node)
{
	put_number(bytes, node->kind);
	put_number(bytes, node->plain);
	put_number(bytes, node->place.line);
	put_number(bytes, node->place.column);
	if (node->kind == ES_SCALAR) {
		put_text(bytes, node->text);
		return;
	}
	put_number(bytes, (uint32_t)node->n);
	for (size_t i = 0; i < node->n; i++) {
		if (node->kind == ES_MAPPING)
			put_node(bytes, node->keys[i]);
		put_node(bytes, node->items[i]);
	}
}

void es_wire_put(struct es_bytes *bytes, enum es_status status,
		 const struct es_diags *diags, const struct es_node *root)
{
	struct es_diag_info diag;
	uint32_t n = 0;

	while (es_diags_get(diags, n, &diag))
		n++;
	put_number(bytes, status);
	put_number(bytes, n);
	for (uint32_t i = 0; es_diags_get(diags, i, &diag); i++)
		put_diag(bytes, &diag);
	if (status == ES_OK)
		put_node(bytes, root);
}

/* What is left to read. WRONG: it is not what es_wire_put writes. */
struct wire {
	const char *at;
	size_t left;
	bool wrong;
	struct es_arena *arena;
	const struct es_source *source;
	size_t nodes, bytes; /* that may come yet */
};

static const char *get_bytes(struct wire *wire, size_t size)
{
	const char *at = wire->at;

	if (wire->wrong || size > wire->left) {
		wire->wrong = true;
		return NULL;
	}
	wire->at += size;
	wire->left -= size;
	return at;
}

/* A number from 0 to MAX. */
static uint32_t get_number(struct wire *wire, uint32_t max)
{
	uint32_t number = 0;
	const char *at = get_bytes(wire, sizeof(number));

	if (at)
		memcpy(&number, at, sizeof(number));
	if (number > max)
		wire->wrong = true;
	return wire->wrong ? 0 : number;
}

static bool is_text(const char *at, size_t len)
{
	while (len) {
		uint32_t code = 0;
		const size_t width = es_utf8(at, len, &code);

		if (!width || !code)
			return false;
		at += width;
		len -= width;
	}
	return true;
}

/* Takes SIZE of what may come of something. */
static void take(struct wire *wire, size_t *left, size_t size)
{
	wire->wrong |= size > *left;
	*left -= wire->wrong ? 0 : size;
}

/* In the arena; NULL where it is none, or there is no memory. */
static const char *get_text(struct wire *wire, uint32_t max)
{
	const size_t len = get_number(wire, max);
	const char *at = get_bytes(wire, len);

	wire->wrong |= at && !is_text(at, len);
	return wire->wrong ? NULL : es_arena_copy(wire->arena, at, len);
}

/* In the source, as far as nobody gets beyond it. */
static struct es_place get_place(struct wire *wire, uint32_t min)
{
	const uint32_t max = (uint32_t)wire->source->len + 2;
	struct es_place place = { .source = wire->source };

	place.line = get_number(wire, max);
	place.column = get_number(wire, max);
	wire->wrong |= place.line < min || place.column < min;
	return place;
}

/* Is it an error? */
static bool get_diag(struct wire *wire, struct es_diags *diags)
{
	const enum es_severity severity = get_number(wire, ES_NOTE);
	const bool placed = get_number(wire, true);
	const struct es_place place = get_place(wire, 0);
	const char *text = get_text(wire, MAX_LINE);

	if (text)
		es_diag(diags, severity, placed ? place : ES_NOWHERE, "%s",
			text);
	return severity == ES_ERROR;
}

static struct es_node *get_node(struct wire *wire, unsigned depth);

static int by_text(const void *a, const void *b)
{
	return strcmp((*(struct es_node *const *)a)->text,
		      (*(struct es_node *const *)b)->text);
}

/* Is a key there twice, or one that merges maps? */
static bool has_twice(struct wire *wire, const struct es_node *map)
{
	const size_t size = map->n * sizeof(*map->keys);
	const struct es_node **keys = es_arena_alloc(wire->arena, size);
	bool twice = false;

	if (!keys || wire->arena->exhausted)
		return false;
	memcpy(keys, map->keys, size);
	qsort(keys, map->n, sizeof(*keys), by_text);
	for (size_t i = 0; i < map->n; i++)
		twice |= (i && !strcmp(keys[i - 1]->text, keys[i]->text)) ||
			 (keys[i]->plain && !strcmp(keys[i]->text, "<<"));
	return twice;
}

static void get_children(struct wire *wire, unsigned depth,
			 struct es_node *node)
{
	const bool is_map = node->kind == ES_MAPPING;
	const uint32_t n = get_number(wire, (uint32_t)(wire->left / MIN_NODE));
	const size_t size = n * sizeof(struct es_node *);

	wire->wrong |= depth > ES_YAML_MAX_DEPTH;
	take(wire, &wire->nodes, is_map ? 2 * (size_t)n : n);
	if (wire->wrong)
		return;
	node->items = es_arena_alloc(wire->arena, size);
	node->keys = is_map ? es_arena_alloc(wire->arena, size) : NULL;
	if (!node->items || (is_map && !node->keys))
		return;
	for (size_t i = 0; i < n && !wire->wrong; i++) {
		if (is_map) {
			node->keys[i] = get_node(wire, depth + 1);
			wire->wrong |= node->keys[i] &&
				       node->keys[i]->kind != ES_SCALAR;
		}
		node->items[i] = get_node(wire, depth + 1);
	}
	node->n = n;
	wire->wrong |= !wire->wrong && is_map && has_twice(wire, node);
}

/* NULL, or a node that is whole unless the wire is wrong or the arena is
 * exhausted. The root's DEPTH is 1. */
static struct es_node *get_node(struct wire *wire, unsigned depth)
{
	struct es_node *node = es_arena_alloc(wire->arena, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = get_number(wire, ES_MAPPING);
	node->plain = get_number(wire, true);
	node->place = get_place(wire, 1);
	if (node->kind != ES_SCALAR) {
		get_children(wire, depth, node);
		return node;
	}
	node->text = get_text(wire, ES_YAML_MAX_SCALAR);
	if (node->text)
		take(wire, &wire->bytes, strlen(node->text));
	return node;
}

enum es_status es_wire_get(struct es_arena *arena, const char *bytes,
			   size_t len, const struct es_source *source,
			   struct es_diags *diags, struct es_node **root)
{
	struct wire wire = {
		.at = bytes, .left = len, .arena = arena, .source = source,
		.nodes = NODES_A_BYTE * (source->len + 1),
		.bytes = BYTES_A_BYTE * (source->len + 1),
	};
	struct es_node *read = NULL;
	const uint32_t status = get_number(&wire, ES_NOMEM);
	const uint32_t ndiags = get_number(&wire, MAX_DIAGS);
	bool told = false;

	for (uint32_t i = 0; i < ndiags && !wire.wrong; i++)
		told |= get_diag(&wire, diags);
	if (status == ES_OK && !wire.wrong)
		read = get_node(&wire, 1);
	if (arena->exhausted)
		return ES_NOMEM;
	/* A document is wrong for a reason, and fine without one. */
	if (wire.wrong || wire.left || status == ES_UNREADABLE ||
	    (status == ES_INVALID) != told)
		return ES_INTERNAL;
	if (status == ES_OK)
		*root = read;
	return status;
}
