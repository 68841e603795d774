/* SPDX-License-Identifier: MIT */
/* `landlock:`, what a profile asks of Landlock beside paths and ports. */
#include <string.h>

#include "compat.h"
#include "landlock.h"
#include "scalar.h"
#include "util.h"

enum { MAX_ABI = 1000 };

struct reading {
	struct es_landlock_asks asks;
	struct es_diags *diags;
};

static bool read_only(struct reading *reading, const struct es_node *node)
{
	reading->asks.only_place = node->place;
	return es_scalar_bool(node, &reading->asks.only, reading->diags);
}

static bool read_require(struct reading *reading, const struct es_node *node)
{
	uint64_t abi = 0;

	reading->asks.require_place = node->place;
	if (!es_scalar_is(node, "an ABI", reading->diags) ||
	    !es_scalar_number(node, "an ABI", 1, MAX_ABI, &abi, reading->diags))
		return false;
	reading->asks.require = (unsigned)abi;
	return true;
}

static bool read_scope(const struct es_node *node, void *state)
{
	struct reading *reading = state;
	const char *names[8] = { NULL };
	const char *meant = NULL;
	size_t n = 0;

	if (!es_scalar_is(node, "a scope", reading->diags))
		return false;
	for (size_t i = 0; i < es_nlandlock_rights; i++) {
		const struct es_landlock_right *r = &es_landlock_rights[i];

		if (r->kind != ES_LANDLOCK_SCOPE || n + 1 == ES_COUNT(names))
			continue;
		names[n++] = r->name;
		if (strcmp(r->name, node->text) != 0)
			continue;
		reading->asks.scopes |= r->right;
		return true;
	}
	meant = es_did_you_mean(node->text, names);
	es_diag(reading->diags, ES_ERROR, node->place,
		"a scope is 'abstract_unix_socket' or 'signal', not '%s'%s%s%s",
		node->text, meant ? ", did you mean '" : "", meant ? meant : "",
		meant ? "'?" : "");
	return false;
}

static bool read_scopes(struct reading *reading, const struct es_node *node)
{
	reading->asks.scope_place = node->place;
	reading->asks.chooses = true;
	/* An empty list says that none is to be on. */
	if (node->kind == ES_SEQUENCE && !node->n)
		return true;
	return es_node_each(node, read_scope, reading, "a scope",
			    reading->diags);
}

static const struct {
	const char *key;
	bool (*read)(struct reading *reading, const struct es_node *node);
} keys[] = {
	{ "only", read_only },
	{ "require", read_require },
	{ "scope", read_scopes },
};

static bool read_key(struct reading *reading, const struct es_node *key,
		     const struct es_node *value)
{
	const char *names[ES_COUNT(keys) + 1] = { NULL };
	const char *meant = NULL;

	for (size_t i = 0; i < ES_COUNT(keys); i++) {
		names[i] = keys[i].key;
		if (!strcmp(keys[i].key, key->text))
			return keys[i].read(reading, value);
	}
	meant = es_did_you_mean(key->text, names);
	es_diag(reading->diags, ES_ERROR, key->place,
		"'landlock' has no '%s'%s%s%s", key->text,
		meant ? ", did you mean '" : "", meant ? meant : "",
		meant ? "'?" : "; it has 'only', 'require' and 'scope'");
	return false;
}

static bool are_alike(const struct es_landlock_asks *a,
		      const struct es_landlock_asks *b)
{
	return a->only == b->only && a->require == b->require &&
	       a->chooses == b->chooses && a->scopes == b->scopes;
}

enum es_status es_landlock_read(struct es_profile *profile,
				const struct es_node *map,
				struct es_diags *diags)
{
	struct es_landlock_asks *asks = &profile->landlock;
	struct reading reading = { .diags = diags };
	bool fine = true;

	if (map->kind != ES_MAPPING || !map->n) {
		es_diag(diags, ES_ERROR, map->place,
			"a map is expected here, as in `landlock: {require: "
			"6}`");
		return ES_INVALID;
	}
	for (size_t i = 0; i < map->n; i++)
		fine = read_key(&reading, map->keys[i], map->items[i]) && fine;
	if (!fine)
		return ES_INVALID;
	if (asks->place.source && !are_alike(asks, &reading.asks)) {
		es_diag(diags, ES_ERROR, map->place,
			"'landlock' contradicts that of another file");
		es_diag(diags, ES_NOTE, asks->place, "which stands here");
		return ES_INVALID;
	}
	*asks = reading.asks;
	asks->place = map->place;
	return ES_OK;
}
