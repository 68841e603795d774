/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <string.h>

#include "util.h"

enum {
	/* Bytes that a node takes at least: its kind, plain, its place, and its
	 * length or how many it has. */
	MIN_NODE = 5 * sizeof(uint32_t),
	MAX_DIAGS = 1000,
	MAX_LINE = 64 * 1024, /* bytes of a diagnostic */
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

/* How many are in a node: each takes a byte of the source. */
static uint32_t get_count(struct wire *wire)
{
	const size_t room = wire->left / MIN_NODE;
	const size_t most = wire->source->len + 1;

	return get_number(wire, (uint32_t)(room < most ? room : most));
}

static struct es_node *get_node(struct wire *wire, unsigned depth);

static void get_children(struct wire *wire, unsigned depth,
			 struct es_node *node)
{
	const uint32_t n = get_count(wire);
	const size_t size = n * sizeof(struct es_node *);
	const bool is_map = node->kind == ES_MAPPING;

	wire->wrong |= depth > ES_YAML_MAX_DEPTH;
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
	if (node->kind == ES_SCALAR)
		node->text = get_text(wire, ES_YAML_MAX_SCALAR);
	else
		get_children(wire, depth, node);
	return node;
}

enum es_status es_wire_get(struct es_arena *arena, const char *bytes,
			   size_t len, const struct es_source *source,
			   struct es_diags *diags, struct es_node **root)
{
	struct wire wire = { bytes, len, false, arena, source };
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
