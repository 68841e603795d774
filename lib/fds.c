/* SPDX-License-Identifier: MIT */
/* The top-level `fds:` map: descriptors that are handed to the program. */
#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#include "listen.h"
#include "policy.h"
#include "scalar.h"
#include "util.h"

enum {
	MAX_NUMBER = 1048575, /* Linux's fs.nr_open, unless it is raised */
	MAX_ENTRIES = 256,
};

static const struct purpose {
	const char *word;
	int flags;
} purposes[] = {
	{ "append", O_WRONLY | O_APPEND },
	{ "read", O_RDONLY },
	{ "read_write", O_RDWR },
	/* Not O_TRUNC: a start that fails afterwards must lose nothing. */
	{ "write", O_WRONLY },
};

/* An entry, and the nodes of its keys: NULL where they are absent. */
struct reading {
	struct es_profile *profile;
	struct es_diags *diags;
	struct es_fd_entry *entry;
	const struct es_node *open, *inherit, *listen, *purpose, *create,
			     *number;
};

static bool key_for(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->purpose = node;
	if (!es_scalar_is(node, "'read', 'write', 'append' or 'read_write'",
			  reading->diags))
		return false;
	for (size_t i = 0; i < ES_COUNT(purposes); i++) {
		if (!strcmp(node->text, purposes[i].word)) {
			reading->entry->flags |= purposes[i].flags;
			return true;
		}
	}
	es_diag(reading->diags, ES_ERROR, node->place,
		"'for' is 'read', 'write', 'append' or 'read_write', not '%s'",
		node->text);
	return false;
}

/* File modes are octal by custom, and YAML reads a leading 0 in two ways, so
 * this is the one number that is octal with it: 0600, or 0o600. */
static bool key_create(const struct es_node *node, void *state)
{
	struct reading *reading = state;
	const char *text = node->kind == ES_SCALAR && node->plain ?
			   node->text : "";
	const char *digits = text + (!strncmp(text, "0o", 2) ? 2 : 1);
	const size_t len = *text == '0' ? strlen(digits) : 0;

	reading->create = node;
	if (!len || len > 3 || strspn(digits, "01234567") != len) {
		es_diag(reading->diags, ES_ERROR, node->place,
			"'create' is the mode of a new file in octal, from "
			"0000 to 0777, as in `create: 0600`");
		return false;
	}
	for (; *digits; digits++)
		reading->entry->mode = reading->entry->mode * 8 +
				       (mode_t)(*digits - '0');
	reading->entry->flags |= O_CREAT;
	return true;
}

static bool read_number(const struct es_node *node, struct reading *reading)
{
	uint64_t number = 0;

	if (!es_scalar_number(node, "a descriptor to hand over", 0, MAX_NUMBER,
			      &number, reading->diags))
		return false;
	if (number < 3) {
		es_diag(reading->diags, ES_ERROR, node->place,
			"'%s' is a standard stream, which stays as it is; a "
			"descriptor to hand over is from 3 up", node->text);
		return false;
	}
	reading->entry->number = (int)number;
	return true;
}

static bool key_number(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->number = node;
	return read_number(node, reading);
}

static bool key_open(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->open = node;
	reading->entry->path = es_scalar_path(reading->profile->arena, node,
					      reading->diags);
	return reading->entry->path != NULL;
}

static bool key_inherit(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->inherit = node;
	if (node->kind == ES_SCALAR && !strcmp(node->text, "listen"))
		return reading->entry->activated = true;
	return read_number(node, reading);
}

static bool key_listen(const struct es_node *node, void *state)
{
	struct reading *reading = state;

	reading->listen = node;
	if (!es_scalar_is(node, "an address", reading->diags))
		return false;
	reading->entry->listen = node->text;
	if (es_listen_valid(node->text))
		return true;
	es_diag(reading->diags, ES_ERROR, node->place,
		"an address is tcp://127.0.0.1:8080, tcp6://[::1]:8080 or "
		"unix:///run/x.sock, in numbers, with a port up to 65535, not "
		"'%s'", node->text);
	return false;
}

static const struct es_key keys[] = {
	{ "create", key_create }, { "for", key_for },
	{ "inherit", key_inherit }, { "listen", key_listen },
	{ "number", key_number }, { "open", key_open },
};

/* What a permission's `fds` takes for something else can't be a name. */
static bool check_name(const struct es_node *key, struct es_diags *diags)
{
	static const char *const taken[] = { "any", "opened", "stderr", "stdin",
					     "stdout" };
	const char *const text = key->text;

	if (!es_scalar_is(key, "a descriptor's name", diags))
		return false;
	for (size_t i = 0; i < ES_COUNT(taken); i++) {
		if (strcmp(text, taken[i]) != 0)
			continue;
		es_diag(diags, ES_ERROR, key->place,
			"'%s' can't name a descriptor: it has a meaning of its "
			"own", text);
		return false;
	}
	if ((isalpha((unsigned char)*text) || *text == '_') &&
	    !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		return true;
	es_diag(diags, ES_ERROR, key->place,
		"'%s' can't name a descriptor: a letter, then letters, digits, "
		"'_' and '-'", text);
	return false;
}

/* Keys that don't go together. */
static bool check_entry(const struct reading *reading, struct es_place place)
{
	struct es_diags *diags = reading->diags;
	const struct es_node *extra = reading->purpose ? reading->purpose :
				      reading->create ? reading->create :
							reading->number;

	if (!!reading->open + !!reading->inherit + !!reading->listen != 1) {
		es_diag(diags, ES_ERROR, place,
			"a descriptor needs either 'open', 'listen' or "
			"'inherit'");
	} else if (reading->open && !reading->purpose) {
		es_diag(diags, ES_ERROR, place,
			"'for' is missing: 'read', 'write', 'append' or "
			"'read_write'");
	} else if (reading->listen && extra) {
		es_diag(diags, ES_ERROR, extra->place,
			"'%s' goes with 'open'; sockets take 3, 4 and so on, "
			"as $LISTEN_FDS wants it", extra ==
			reading->purpose ? "for" :
			extra == reading->create ? "create" : "number");
	} else if (reading->inherit && extra) {
		es_diag(diags, ES_ERROR, extra->place,
			"'%s' goes with 'open'; what is inherited stays as it "
			"is", extra == reading->purpose ? "for" :
			extra == reading->create ? "create" : "number");
	} else if (reading->create &&
		   (reading->entry->flags & O_ACCMODE) == O_RDONLY) {
		es_diag(diags, ES_ERROR, reading->create->place,
			"'create' goes with writing; a new file has nothing to "
			"read");
	} else {
		return true;
	}
	return false;
}

static bool is_new(const struct es_profile *profile, const struct es_node *key,
		   struct es_diags *diags)
{
	for (struct es_fd_entry *e = profile->fds; e; e = e->next) {
		if (strcmp(e->name, key->text) != 0)
			continue;
		es_diag(diags, ES_ERROR, key->place,
			"descriptor '%s' is given twice", key->text);
		es_diag(diags, ES_NOTE, e->place, "first here");
		return false;
	}
	return true;
}

/* An entry that is wrong is kept, so that its name is known. */
static bool read_entry(struct es_profile *profile, const struct es_node *key,
		       const struct es_node *map, struct es_diags *diags)
{
	struct es_fd_entry *entry = es_arena_alloc(profile->arena,
						   sizeof(*entry));
	struct reading reading = { .profile = profile, .diags = diags,
				   .entry = entry };

	if (!entry || !check_name(key, diags) || !is_new(profile, key, diags))
		return false;
	entry->name = key->text;
	entry->place = key->place;
	entry->number = -1;
	*profile->fds_end = entry;
	profile->fds_end = &entry->next;
	entry->wrong = true;
	if (map->kind != ES_MAPPING) {
		es_diag(diags, ES_ERROR, map->place,
			"a map is expected here, as in `{inherit: 5}`");
		return false;
	}
	entry->wrong = !es_map_each(map, keys, ES_COUNT(keys), &reading,
				    "a descriptor", diags) ||
		       !check_entry(&reading, key->place);
	return !entry->wrong;
}

enum es_status es_fds_read(struct es_profile *profile,
			   const struct es_node *map, struct es_diags *diags)
{
	bool fine = true;

	if (map->kind != ES_MAPPING || !map->n) {
		es_diag(diags, ES_ERROR, map->place,
			"a map of names is expected here, as in "
			"`data: {inherit: 5}`");
		return ES_INVALID;
	}
	for (size_t i = 0; i < map->n; i++) {
		if (++profile->nfds > MAX_ENTRIES) {
			es_diag(diags, ES_ERROR, map->keys[i]->place,
				"more than %d descriptors", MAX_ENTRIES);
			return ES_INVALID;
		}
		fine = read_entry(profile, map->keys[i], map->items[i],
				  diags) && fine;
	}
	return fine ? ES_OK : ES_INVALID;
}

static struct es_fd_entry *owner(const struct es_profile *profile, int number)
{
	for (struct es_fd_entry *e = profile->fds; e; e = e->next)
		if (e->number == number)
			return e;
	return NULL;
}

/* Sockets of socket activation are as many as there are; one, if that is not
 * known. False when there is no memory. */
static bool add_activated(struct es_profile *profile, struct es_fd_entry *entry)
{
	const unsigned given = es_listen_given();

	for (unsigned i = 1; i < given; i++) {
		struct es_fd_entry *more = es_arena_alloc(profile->arena,
							  sizeof(*more));

		if (!more)
			return false;
		*more = *entry;
		more->more = 0;
		more->given = given - i;
		entry->next = more;
		if (profile->fds_end == &entry->next)
			profile->fds_end = &more->next;
	}
	entry->more = given ? given - 1 : 0;
	return true;
}

/* Sockets are 3, 4 and so on, as sd_listen_fds(3) looks for them. */
static bool assign_sockets(struct es_profile *profile)
{
	int number = 3;

	for (struct es_fd_entry *e = profile->fds; e; e = e->next) {
		if (!e->listen && !e->activated)
			continue;
		if (e->number < 0 && e->activated && !e->given &&
		    !add_activated(profile, e))
			return false;
		e->number = number++;
	}
	return true;
}

enum es_status es_fds_assign(struct es_profile *profile, struct es_diags *diags)
{
	enum es_status status = ES_OK;

	if (!assign_sockets(profile))
		return ES_NOMEM;

	for (struct es_fd_entry *e = profile->fds; e; e = e->next) {
		const struct es_fd_entry *first =
			e->number >= 0 ? owner(profile, e->number) : e;

		if (first == e || first->wrong || e->wrong)
			continue;
		es_diag(diags, ES_ERROR, e->place,
			"'%s' and '%s' are both descriptor %d", first->name,
			e->name, e->number);
		es_diag(diags, ES_NOTE, first->place, "'%s' is here",
			first->name);
		status = ES_INVALID;
	}
	for (struct es_fd_entry *e = profile->fds; e; e = e->next) {
		int number = 3;

		if (e->number >= 0)
			continue;
		while (owner(profile, number))
			number++;
		e->number = number;
	}
	return status;
}
