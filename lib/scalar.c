/* SPDX-License-Identifier: MIT */
#include "scalar.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

enum { MAX_KEYS = 16 }; /* of a table that are told */

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return INT_MAX;
}

/*
 * Decimal without leading zeros, 0x or 0o: nothing that YAML 1.1 and 1.2, or C
 * and YAML, read differently. False for everything else; what overflows is
 * UINT64_MAX.
 */
static bool parse_number(const char *text, size_t len, uint64_t *value)
{
	unsigned base = 10;
	uint64_t sum = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
		base = text[1] == 'x' ? 16 : 8;
		text += 2;
		len -= 2;
	} else if (len > 1 && text[0] == '0') {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		const unsigned digit = (unsigned)digit_value(text[i]);

		if (digit >= base)
			return false;
		sum = sum > (UINT64_MAX - digit) / base ? UINT64_MAX :
		      sum * base + digit;
	}
	*value = sum;
	return len > 0;
}

static bool is_null(const struct es_node *node)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; i < ES_COUNT(nulls); i++)
		if (node->plain && !strcmp(node->text, nulls[i]))
			return true;
	return false;
}

bool es_scalar_is(const struct es_node *node, const char *what,
		  struct es_diags *diags)
{
	const char *instead = "";

	if (node->kind != ES_SCALAR)
		instead = node->kind == ES_MAPPING ? ", not a map" :
						     ", not a list";
	else if (!*node->text && !node->plain)
		instead = ", not an empty text";
	else if (!is_null(node))
		return true;
	es_diag(diags, ES_ERROR, node->place, "%s is expected here%s", what,
		instead);
	return false;
}

bool es_scalar_number(const struct es_node *node, const char *what,
		      uint64_t min, uint64_t max, uint64_t *value,
		      struct es_diags *diags)
{
	uint64_t number = 0;

	if (!es_scalar_is(node, what, diags))
		return false;
	if (!node->plain || !parse_number(node->text, strlen(node->text),
					  &number)) {
		es_diag(diags, ES_ERROR, node->place,
			"%s is a plain decimal, 0x or 0o number, not %s%s'",
			what, node->plain ? "'" : "a quoted '", node->text);
		return false;
	}
	if (number < min || number > max) {
		es_diag(diags, ES_ERROR, node->place,
			"%s is from %llu to %llu, not '%s'", what,
			(unsigned long long)min, (unsigned long long)max,
			node->text);
		return false;
	}
	*value = number;
	return true;
}

bool es_scalar_line(const struct es_node *node, const char *what,
		    struct es_diags *diags)
{
	if (!es_scalar_is(node, what, diags))
		return false;
	if (!strchr(node->text, '\n'))
		return true;
	es_diag(diags, ES_ERROR, node->place, "%s is one line", what);
	return false;
}

/* The character at a place, or NULL. */
static const char *source_at(const struct es_place *place)
{
	const char *at = place->source ? place->source->text : NULL;
	const char *end = at ? at + place->source->len : NULL;

	for (unsigned line = 1; at && line < place->line; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	for (unsigned column = 1; at && column < place->column; column++) {
		uint32_t code = 0;
		const size_t len = at < end ?
				   es_utf8(at, (size_t)(end - at), &code) : 0;

		at = len ? at + len : NULL;
	}
	return at;
}

struct es_place es_scalar_place(const struct es_node *node, size_t offset)
{
	struct es_place place = node->place;
	const char *at = source_at(&place);
	const size_t len = strlen(node->text);
	unsigned column = place.column;

	if (!at)
		return place;
	if (!node->plain && (*at == '"' || *at == '\'')) {
		at++;
		column++;
	}
	if (offset > len || strncmp(at, node->text, len) != 0 ||
	    memchr(at, '\n', len))
		return place;
	/* Whoever asks has understood what goes before, which is ASCII. */
	place.column = column + (unsigned)offset;
	return place;
}

bool es_scalar_bool(const struct es_node *node, bool *value,
		    struct es_diags *diags)
{
	if (!es_scalar_is(node, "'true' or 'false'", diags))
		return false;
	if (node->plain &&
	    (!strcmp(node->text, "true") || !strcmp(node->text, "false"))) {
		*value = node->text[0] == 't';
		return true;
	}
	es_diag(diags, ES_ERROR, node->place,
		"'true' or 'false' is expected here, not %s%s'",
		node->plain ? "'" : "a quoted '", node->text);
	return false;
}

static const struct {
	const char *text, *name;
	const char *unset; /* where the variable is not set */
} variables[] = {
	{ "${CWD}", NULL, NULL },
	{ "${HOME}", "HOME", NULL },
	{ "${TMPDIR}", "TMPDIR", "/tmp" },
	{ "${XDG_RUNTIME_DIR}", "XDG_RUNTIME_DIR", NULL },
};

/* However it is spelt: users of services have `/`, `//` or `/.` as theirs. */
static bool is_root(const char *path)
{
	struct stat root, other;

	return !path[strspn(path, "/")] ||
	       (!stat("/", &root) && !stat(path, &other) &&
		root.st_dev == other.st_dev && root.st_ino == other.st_ino);
}

static const char *expand(struct es_arena *arena, const struct es_node *node,
			  size_t i, struct es_diags *diags)
{
	const char *value = variables[i].name ? getenv(variables[i].name) :
						es_working_folder(arena);
	const char *wrong = NULL;

	if (!value || !*value)
		value = variables[i].unset;
	if (arena->exhausted)
		return NULL;
	if (!value)
		wrong = variables[i].name ? "not set" :
					    "gone: the working directory was "
					    "removed";
	else if (*value != '/')
		wrong = "no absolute path";
	else if (is_root(value))
		wrong = "'/' here, which would be every file";
	if (wrong) {
		es_diag(diags, ES_ERROR, node->place, "'%s' is %s",
			variables[i].text, wrong);
		return NULL;
	}
	return es_arena_copy(arena, value, strlen(value));
}

/* The path that begins with a variable. NULL behind a diagnostic. */
static const char *expanded(struct es_arena *arena, const struct es_node *node,
			    struct es_diags *diags)
{
	for (size_t i = 0; i < ES_COUNT(variables); i++) {
		const size_t len = strlen(variables[i].text);
		const char *rest = node->text + len;
		const char *value = NULL;

		if (strncmp(node->text, variables[i].text, len) != 0)
			continue;
		if (*rest && *rest != '/') {
			es_diag(diags, ES_ERROR, node->place,
				"behind '%s' stands '/' or nothing",
				variables[i].text);
			return NULL;
		}
		value = expand(arena, node, i, diags);
		return value ? es_arena_printf(arena, "%s%s", value, rest) :
			       NULL;
	}
	es_diag(diags, ES_ERROR, node->place,
		"unknown variable in '%s': there are ${CWD}, ${HOME}, "
		"${TMPDIR} and ${XDG_RUNTIME_DIR}", node->text);
	return NULL;
}

/* What a shell would expand, and we don't: nobody means a file of that name. */
static bool refuse_shell(const struct es_node *node, struct es_diags *diags)
{
	const char *const text = node->text;

	if (*text != '~' && *text != '$')
		return false;
	es_diag(diags, ES_ERROR, node->place,
		"'%s' is not expanded here; write ${HOME}, or './%s' for a "
		"file of that name", text, text);
	return true;
}

const char *es_scalar_path(struct es_arena *arena, const struct es_node *node,
			   struct es_diags *diags)
{
	const char *const text = node->text;

	if (!es_scalar_is(node, "a path", diags))
		return NULL;
	if (!strncmp(text, "${", 2))
		return expanded(arena, node, diags);
	if (strstr(text, "${")) {
		es_diag(diags, ES_ERROR, node->place,
			"a variable stands at the beginning of a path only, "
			"not within '%s'", text);
		return NULL;
	}
	if (*text == '/')
		return text;
	if (refuse_shell(node, diags))
		return NULL;
	if (!node->place.source->folder) {
		es_diag(diags, ES_ERROR, node->place,
			"'%s' is relative, and the working directory was "
			"removed", text);
		return NULL;
	}
	return es_arena_printf(arena, "%s/%s", node->place.source->folder,
			       text);
}

/* "5-9" or "3-", which begins like a number. */
static bool read_range(const struct es_node *node, const char *dash,
		       struct es_fd_item *item, struct es_diags *diags)
{
	struct es_range *range = &item->numbers;
	const char *const end = dash + 1;
	const bool open = !*end;

	range->hi = UINT32_MAX;
	if (!parse_number(node->text, (size_t)(dash - node->text),
			  &range->lo) ||
	    (!open && !parse_number(end, strlen(end), &range->hi))) {
		es_diag(diags, ES_ERROR, node->place,
			"descriptors are a number, or a range as '5-9' or "
			"'3-', not '%s'", node->text);
		return false;
	}
	if (range->lo > INT_MAX || (!open && range->hi > INT_MAX)) {
		es_diag(diags, ES_ERROR, node->place,
			"a descriptor is from 0 to %d, not '%s'", INT_MAX,
			node->text);
		return false;
	}
	if (range->lo > range->hi) {
		es_diag(diags, ES_ERROR, node->place,
			"range '%s' ends before it begins", node->text);
		return false;
	}
	if (open && !range->lo)
		item->kind = ES_FD_ANY;
	return true;
}

static const struct {
	const char *text;
	enum es_fd_kind kind;
	uint64_t number;
} fd_words[] = {
	{ "any", ES_FD_ANY, 0 },
	{ "opened", ES_FD_OPENED, 0 },
	{ "stderr", ES_FD_NUMBERS, 2 },
	{ "stdin", ES_FD_NUMBERS, 0 },
	{ "stdout", ES_FD_NUMBERS, 1 },
};

struct es_fd_item *es_scalar_fd(struct es_arena *arena,
				const struct es_node *node,
				struct es_diags *diags)
{
	struct es_fd_item *item = es_arena_alloc(arena, sizeof(*item));
	const char *const text = node->text;
	uint64_t number = 0;

	if (!item || !es_scalar_is(node, "a descriptor", diags))
		return NULL;
	item->place = node->place;
	for (size_t i = 0; i < ES_COUNT(fd_words); i++) {
		if (strcmp(text, fd_words[i].text) != 0)
			continue;
		item->kind = fd_words[i].kind;
		item->numbers.lo = item->numbers.hi = fd_words[i].number;
		return item;
	}
	if (isalpha((unsigned char)*text) || *text == '_') {
		item->kind = ES_FD_NAME;
		item->name = text;
		return item;
	}

	const char *dash = node->plain && *text != '-' ? strchr(text, '-') :
							 NULL;

	if (dash)
		return read_range(node, dash, item, diags) ? item : NULL;
	if (!es_scalar_number(node, "a descriptor", 0, INT_MAX, &number, diags))
		return NULL;
	item->numbers.lo = item->numbers.hi = number;
	return item;
}

bool es_node_each(const struct es_node *node,
		  bool (*read)(const struct es_node *node, void *state),
		  void *state, const char *what, struct es_diags *diags)
{
	bool fine = true;

	if (node->kind != ES_SEQUENCE)
		return read(node, state);
	if (!node->n) {
		es_diag(diags, ES_ERROR, node->place,
			"%s is expected here, not an empty list", what);
		return false;
	}
	for (size_t i = 0; i < node->n; i++)
		fine = read(node->items[i], state) && fine;
	return fine;
}

/* Tells what was meant, or what there is. */
static void unknown_key(const struct es_node *key, const struct es_key *keys,
			size_t n, const char *what, struct es_diags *diags)
{
	const char *names[MAX_KEYS + 1] = { NULL };
	char all[MAX_KEYS * sizeof("'fifteen letters', ")] = "";
	const char *meant = NULL;

	for (size_t i = 0, len = 0; i < n && i < MAX_KEYS && len < sizeof(all);
	     i++) {
		names[i] = keys[i].name;
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s'%s'",
					!i ? "" : i + 1 < n ? ", " : " and ",
					keys[i].name);
	}
	meant = es_did_you_mean(key->text, names);
	es_diag(diags, ES_ERROR, key->place, "%s has no '%s'%s%s%s", what,
		key->text, meant ? ", did you mean '" : "; it has ",
		meant ? meant : all, meant ? "'?" : "");
}

bool es_map_each(const struct es_node *map, const struct es_key *keys, size_t n,
		 void *state, const char *what, struct es_diags *diags)
{
	bool fine = true;

	for (size_t i = 0; i < map->n; i++) {
		const char *name = map->keys[i]->text;
		size_t k = 0;

		while (k < n && strcmp(keys[k].name, name) != 0)
			k++;
		if (k == n)
			unknown_key(map->keys[i], keys, n, what, diags);
		fine = k < n && keys[k].read(map->items[i], state) && fine;
	}
	return fine;
}
