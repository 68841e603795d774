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

static bool read_only(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->asks.only_place = node->place;
	return es_scalar_bool(node, &reading->asks.only, reading->diags);
}

static bool read_require(const struct es_node *node, void *state)
{
	struct reading *reading = state;
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

static bool read_scopes(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->asks.scope_place = node->place;
	reading->asks.chooses = true;
	/* An empty list says that none is to be on. */
	if (node->kind == ES_SEQUENCE && !node->n)
		return true;
	return es_node_each(node, read_scope, reading, "a scope",
			    reading->diags);
}

static const struct es_key keys[] = {
	{ "only", read_only },
	{ "require", read_require },
	{ "scope", read_scopes },
};

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

	if (map->kind != ES_MAPPING || !map->n) {
		es_diag(diags, ES_ERROR, map->place,
			"a map is expected here, as in `landlock: {require: "
			"6}`");
		return ES_INVALID;
	}
	if (!es_map_each(map, keys, ES_COUNT(keys), &reading, "'landlock'",
			 diags))
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
