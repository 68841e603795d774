/* SPDX-License-Identifier: MIT */
/* `allow:`, in files and fragments: rule sets and their permissions. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "hint.h"
#include "policy.h"
#include "scalar.h"
#include "util.h"

enum {
	/* More than anybody writes, and little enough to compare pairwise. */
	MAX_GRANTS = 4096,
	MAX_FD_ITEMS = 1024,
	MAX_PORT = 65535,
};

/* What is read at the moment. */
struct granting {
	struct es_profile *profile;
	struct es_diags *diags;
	struct es_grant ***end; /* of the list that is added to */
	const struct es_set *set;
	const struct es_word *word;
	struct es_place place; /* of the word */
	/* Options that hold for all paths of the permission. */
	struct es_fd_item *fds, **fds_end;
	struct es_place fds_place;
	struct es_ranges ports;
	struct es_place ports_place;
	bool yes_really, optional;
};

struct es_grant *es_grant_add(struct es_profile *profile,
			      struct es_grant ***end, struct es_place place,
			      struct es_diags *diags)
{
	struct es_grant *grant = es_arena_alloc(profile->arena, sizeof(*grant));

	if (!grant)
		return NULL;
	if (++profile->ngrants > MAX_GRANTS) {
		if (profile->ngrants == MAX_GRANTS + 1)
			es_diag(diags, ES_ERROR, place,
				"more than %d permissions, paths and rules; "
				"name folders in place of files", MAX_GRANTS);
		return NULL;
	}
	grant->place = place;
	**end = grant;
	*end = &grant->next;
	return grant;
}

/* NULL behind a diagnostic or when the arena is exhausted. */
static struct es_grant *add_grant(struct granting *granting)
{
	struct es_grant *grant = es_grant_add(granting->profile, granting->end,
					      granting->place, granting->diags);

	if (!grant)
		return NULL;
	grant->word = granting->word;
	grant->fds = granting->fds;
	grant->fds_place = granting->fds_place;
	grant->optional = granting->optional;
	grant->ports = granting->ports;
	grant->ports_place = granting->ports_place;
	grant->yes_really = granting->yes_really;
	return grant;
}

static void unknown(struct es_diags *diags, struct es_place place,
		    const char *what, const char *name, const char *meant)
{
	if (meant)
		es_diag(diags, ES_ERROR, place,
			"unknown %s '%s', did you mean '%s'?", what, name,
			meant);
	else
		es_diag(diags, ES_ERROR, place, "unknown %s '%s'", what, name);
}

void es_set_unknown(const struct es_profile *profile, const char *name,
		    struct es_place place, struct es_diags *diags)
{
	const char *names[128] = { "syscalls" };
	size_t n = 1;

	for (size_t i = 0; i < es_nsets && n + 1 < ES_COUNT(names); i++)
		if (!es_sets[i].hidden)
			names[n++] = es_sets[i].name;
	for (const struct es_ruleset *own = profile->rulesets;
	     own && n + 1 < ES_COUNT(names); own = own->next)
		names[n++] = own->name;
	if (es_profile_has_key(name))
		es_diag(diags, ES_ERROR, place,
			"'%s' is no rule set, but a key of a profile's top "
			"level", name);
	else
		unknown(diags, place, "rule set", name,
			es_did_you_mean(name, names));
	es_hint_name(diags, place, name, NULL);
}

/* Can the builtin set be given? If not, behind a diagnostic. */
static bool is_given(const struct es_set *set, struct es_place place,
		     struct es_diags *diags)
{
	if (set->hidden)
		es_diag(diags, ES_ERROR, place,
			"'%s' is not for profiles: what it gives comes by "
			"itself", set->name);
	return !set->hidden;
}

/* The permission NAME of SET, or NULL behind a diagnostic. */
static const struct es_word *find_word(const char *set, const char *name,
				       struct es_place place,
				       struct es_diags *diags)
{
	const struct es_word *word = es_word_find(set, name);
	const char *names[128] = { NULL };
	size_t n = 0;

	if (word)
		return word;
	for (size_t i = 0; i < es_nwords && n + 2 < ES_COUNT(names); i++)
		if (!strcmp(es_words[i].set, set))
			names[n++] = es_words[i].word;
	if (strcmp(name, "all") != 0)
		names[n++] = "all";
	unknown(diags, place, "permission", name, es_did_you_mean(name, names));
	es_hint_name(diags, place, name, set);
	return NULL;
}

enum es_status es_word_read(struct es_arena *arena, const char *text,
			    struct es_place place, struct es_diags *diags,
			    const struct es_word **word)
{
	const char *dot = strchr(text, '.');
	const char *name = NULL;
	const struct es_set *set = NULL;

	*word = NULL;
	if (!dot || dot == text || !dot[1]) {
		es_diag(diags, ES_ERROR, place,
			"'%s' is no SET.WORD, such as SystemIO.stdout", text);
		return ES_INVALID;
	}
	name = es_arena_copy(arena, text, (size_t)(dot - text));
	if (!name)
		return ES_NOMEM;
	set = es_set_find(name);
	if (!set)
		return ES_OK; /* one by hand, or none: that shows later */
	if (is_given(set, place, diags))
		*word = find_word(set->name, dot + 1, place, diags);
	return *word ? ES_OK : ES_INVALID;
}

static bool read_fd_item(const struct es_node *node, void *state)
{
	struct granting *granting = state;
	struct es_profile *profile = granting->profile;
	struct es_fd_item *item = NULL;

	if (++profile->nfd_items > MAX_FD_ITEMS) {
		if (profile->nfd_items == MAX_FD_ITEMS + 1)
			es_diag(granting->diags, ES_ERROR, node->place,
				"more than %d descriptors; write a range",
				MAX_FD_ITEMS);
		return false;
	}
	item = es_scalar_fd(profile->arena, node, granting->diags);
	if (!item)
		return false;
	*granting->fds_end = item;
	granting->fds_end = &item->next;
	return true;
}

/* What stands in a list in vain, or is too much for a word about one. */
static bool check_fds(const struct granting *granting)
{
	const struct es_word *word = granting->word;
	bool fine = true;

	for (const struct es_fd_item *i = granting->fds; i; i = i->next) {
		const bool single = i->kind == ES_FD_NAME ||
				    (i->kind == ES_FD_NUMBERS &&
				     i->numbers.lo == i->numbers.hi);

		if ((word->flags & ES_WORD_FD) && !single) {
			es_diag(granting->diags, ES_ERROR, i->place,
				"%s.%s is about single descriptors; `read` and "
				"`write` take more, as in `read: {fds: 3-}`",
				word->set, word->word);
			fine = false;
		} else if (i->kind == ES_FD_ANY &&
			   (i->next || i != granting->fds)) {
			es_diag(granting->diags, ES_ERROR, i->place,
				"this covers every descriptor; what stands "
				"beside it has no effect");
			return false;
		}
	}
	return fine;
}

static bool read_fds(const struct es_node *node, struct granting *granting)
{
	granting->fds = NULL;
	granting->fds_end = &granting->fds;
	granting->fds_place = node->place;
	return es_node_each(node, read_fd_item, granting, "a descriptor",
			    granting->diags) && check_fds(granting);
}

static bool read_port(const struct es_node *node, void *state)
{
	struct granting *granting = state;
	uint64_t port = 0;

	return es_scalar_is(node, "a port", granting->diags) &&
	       es_scalar_number(node, "a port", 1, MAX_PORT, &port,
				granting->diags) &&
	       es_ranges_add(granting->profile->arena, &granting->ports, port,
			     port);
}

static bool read_ports(const struct es_node *node, struct granting *granting)
{
	granting->ports = (struct es_ranges){ 0 };
	granting->ports_place = node->place;
	return es_node_each(node, read_port, granting, "a port",
			    granting->diags);
}

static const char *const option_names[] = { "fds", "optional", "path", "ports",
					    "yes_really", NULL };

static void refuse_option(const struct es_node *key,
			  const struct granting *granting)
{
	const struct es_word *word = granting->word;
	const char *meant = es_did_you_mean(key->text, option_names);

	if (!strcmp(key->text, "ports") &&
	    (word->flags & ES_WORD_PAST_PORTS))
		es_diag(granting->diags, ES_ERROR, key->place,
			"%s.%s takes no 'ports': the kernel has rules for "
			"ports of TCP alone", word->set, word->word);
	else if (meant && !strcmp(meant, key->text))
		es_diag(granting->diags, ES_ERROR, key->place,
			"%s.%s takes no '%s'", word->set, word->word,
			key->text);
	else
		unknown(granting->diags, key->place, "option", key->text,
			meant);
}

/* Reads the options of a permission or of one of its paths; *PATH is the value
 * of `path`, if there is one. */
static bool read_options(const struct es_node *map, struct granting *granting,
			 const struct es_node **path)
{
	const unsigned flags = granting->word->flags;
	const struct es_node *optional = NULL;
	bool fine = true;

	*path = NULL;
	if (!map->n) {
		es_diag(granting->diags, ES_ERROR, map->place,
			"an option is expected here, not an empty map");
		return false;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct es_node *key = map->keys[i];
		const struct es_node *value = map->items[i];
		const char *name = key->text;
		bool read = true;

		if (!strcmp(name, "fds") && (flags & ES_WORD_FDS)) {
			read = read_fds(value, granting);
		} else if (!strcmp(name, "ports") &&
			   (flags & ES_WORD_PORTS)) {
			read = read_ports(value, granting);
		} else if (!strcmp(name, "yes_really") &&
			   (flags & (ES_WORD_STARRED | ES_WORD_PAST_PORTS))) {
			read = es_scalar_bool(value, &granting->yes_really,
					      granting->diags);
		} else if (!strcmp(name, "path") && (flags & ES_WORD_PATH)) {
			*path = value;
		} else if (!strcmp(name, "optional") &&
			   (flags & ES_WORD_PATH)) {
			optional = key;
			read = es_scalar_bool(value, &granting->optional,
					      granting->diags);
		} else {
			refuse_option(key, granting);
			read = false;
		}
		fine = read && fine;
	}
	if (optional && !*path) {
		es_diag(granting->diags, ES_ERROR, optional->place,
			"'optional' goes with 'path'");
		return false;
	}
	return fine;
}

/* Keys lie in a home folder: to write below one because one happens to be there
 * is not meant. */
static bool is_at_home(const struct granting *granting,
		       const struct es_node *node, const char *path)
{
	static const char variable[] = "${CWD}";
	const char *home = getenv("HOME");
	es_autofree char *real = NULL, *own = NULL;
	size_t len;

	if (strcmp(node->text, variable) != 0 || !home ||
	    !(es_word_rights(granting->word).fs &
	      (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)))
		return false;
	real = realpath(home, NULL);
	own = realpath(path, NULL);
	len = own ? strlen(own) : 0;
	if (!real || !own || strncmp(real, own, len) != 0 ||
	    (real[len] && real[len] != '/'))
		return false;
	es_diag(granting->diags, ES_ERROR, node->place,
		"the working folder is the home folder, or above it, where keys "
		"and passwords lie: start it in a folder of its own, or name "
		"the path");
	return true;
}

/* One path: a text, or a map with `path` and options. */
static bool read_path(const struct es_node *node, void *state)
{
	struct granting *granting = state;
	const struct es_node *paths = NULL;

	if (node->kind == ES_MAPPING) {
		struct granting own = *granting;

		if (!read_options(node, &own, &paths))
			return false;
		if (!paths) {
			es_diag(own.diags, ES_ERROR, node->place,
				"'path' is missing here");
			return false;
		}
		return es_node_each(paths, read_path, &own, "a path",
				    own.diags);
	}

	const char *path = es_scalar_path(granting->profile->arena, node,
					  granting->diags);
	struct es_grant *grant = path && !is_at_home(granting, node, path) ?
				 add_grant(granting) : NULL;

	if (!grant)
		return false;
	grant->path = path;
	grant->path_place = node->place;
	return true;
}

/* VALUE is what stands at the word; NULL if nothing does. */
static bool confirm(const struct granting *granting,
		    const struct es_node *value)
{
	const struct es_word *word = granting->word;

	if (!(word->flags & ES_WORD_STARRED) || granting->yes_really)
		return true;
	es_diag(granting->diags, ES_ERROR, granting->place,
		"%s.%s needs 'yes_really': %s", word->set, word->word,
		word->danger);
	if (value && value->kind == ES_MAPPING)
		es_diag(granting->diags, ES_NOTE, granting->place,
			"if it is meant, add the option `yes_really: true`");
	else if (value && (word->flags & ES_WORD_PORTS))
		es_diag(granting->diags, ES_NOTE, granting->place,
			"if it is meant, write `%s: {ports: [8080], "
			"yes_really: true}`", word->word);
	else
		es_diag(granting->diags, ES_NOTE, granting->place,
			"if it is meant, write `%s: yes_really`", word->word);
	return false;
}

static bool is_yes_really(const struct es_node *value)
{
	return value->kind == ES_SCALAR && !strcmp(value->text, "yes_really");
}

static bool refuse_value(const struct es_node *value,
			 const struct granting *granting)
{
	const struct es_word *word = granting->word;

	if (is_yes_really(value))
		es_diag(granting->diags, ES_ERROR, value->place,
			"%s.%s needs no 'yes_really'", word->set, word->word);
	else if (word->flags & ES_WORD_STARRED)
		return confirm(granting, value);
	else if (word->flags & ES_WORD_PORTS)
		es_diag(granting->diags, ES_ERROR, value->place,
			"%s.%s takes no value; ports are named as in "
			"`%s: {ports: [443]}`", word->set, word->word,
			word->word);
	else if (word->flags & ES_WORD_FDS)
		es_diag(granting->diags, ES_ERROR, value->place,
			"%s.%s takes no value; descriptors are named as in "
			"`%s: {fds: [0]}`", word->set, word->word, word->word);
	else
		es_diag(granting->diags, ES_ERROR, value->place,
			"%s.%s takes no value: write it alone, `- %s`",
			word->set, word->word, word->word);
	return false;
}

static bool read_missing(const struct granting *granting)
{
	const struct es_word *word = granting->word;

	if (word->flags & ES_WORD_FD)
		es_diag(granting->diags, ES_ERROR, granting->place,
			"%s.%s needs a descriptor, as in `%s: 0`", word->set,
			word->word, word->word);
	else
		es_diag(granting->diags, ES_ERROR, granting->place,
			"%s.%s needs a path, as in `%s: /srv`", word->set,
			word->word, word->word);
	return false;
}

static bool read_map(const struct es_node *map, struct granting *granting)
{
	const struct es_node *paths = NULL;

	if (!read_options(map, granting, &paths) || !confirm(granting, map))
		return false;
	if (paths)
		return es_node_each(paths, read_path, granting, "a path",
				    granting->diags);
	return granting->word->flags & ES_WORD_NEEDS_PATH ?
	       read_missing(granting) : add_grant(granting) != NULL;
}

static bool read_value(const struct es_node *value, struct granting *granting)
{
	const unsigned flags = granting->word->flags;

	if (flags & ES_WORD_FD)
		return read_fds(value, granting) && add_grant(granting);
	if (value->kind == ES_MAPPING)
		return read_map(value, granting);
	if (is_yes_really(value) &&
	    (flags & (ES_WORD_STARRED | ES_WORD_PAST_PORTS))) {
		granting->yes_really = true;
		return add_grant(granting) != NULL;
	}
	if (!(flags & ES_WORD_PATH) || is_yes_really(value))
		return refuse_value(value, granting);
	return confirm(granting, value) &&
	       es_node_each(value, read_path, granting, "a path",
			    granting->diags);
}

/* `all`: every word that needs no value and names no less than its sisters. */
static bool read_all(const struct es_node *value, struct granting *granting)
{
	const bool really = value && is_yes_really(value);
	bool any = false, given = false;

	if (value && !really) {
		es_diag(granting->diags, ES_ERROR, value->place,
			"'all' takes 'yes_really' or no value");
		return false;
	}
	for (size_t i = 0; i < es_nwords; i++) {
		const bool starred = es_words[i].flags & ES_WORD_STARRED;
		struct es_grant *grant = NULL;

		granting->word = &es_words[i];
		if (strcmp(es_words[i].set, granting->set->name) != 0 ||
		    !es_word_in_all(&es_words[i]) || (starred && !really))
			continue;
		any |= starred;
		given = true;
		grant = add_grant(granting);
		if (!grant)
			return false;
		grant->all = true;
	}
	if (!given)
		es_diag(granting->diags, ES_ERROR, granting->place,
			"every permission of '%s' needs 'yes_really'; if all "
			"are meant, write `all: yes_really`",
			granting->set->name);
	if (really && !any)
		es_diag(granting->diags, ES_ERROR, value->place,
			"no permission of '%s' needs 'yes_really'",
			granting->set->name);
	return given && (!really || any);
}

static bool read_permission(const struct es_node *key,
			    const struct es_node *value,
			    struct granting *granting)
{
	const char *const name = key->text;

	if (!es_scalar_is(key, "a permission", granting->diags))
		return false;
	granting->place = key->place;
	granting->fds = NULL;
	granting->fds_place = granting->ports_place = ES_NOWHERE;
	granting->ports = (struct es_ranges){ 0 };
	granting->yes_really = granting->optional = false;
	if (!strcmp(name, "all"))
		return read_all(value, granting);
	granting->word = find_word(granting->set->name, name, key->place,
				   granting->diags);
	if (!granting->word)
		return false;
	if (value)
		return read_value(value, granting);
	if (granting->word->flags & (ES_WORD_FD | ES_WORD_NEEDS_PATH))
		return read_missing(granting);
	return confirm(granting, NULL) && add_grant(granting);
}

static bool read_item(const struct es_node *node, void *state)
{
	struct granting *granting = state;
	bool fine = true;

	if (node->kind == ES_SCALAR)
		return read_permission(node, NULL, granting);
	if (node->kind == ES_SEQUENCE || !node->n) {
		es_diag(granting->diags, ES_ERROR, node->place,
			"a permission is expected here, not %s",
			node->kind == ES_SEQUENCE ? "a list within a list" :
						    "an empty map");
		return false;
	}
	for (size_t i = 0; i < node->n; i++)
		fine = read_permission(node->keys[i], node->items[i],
				       granting) && fine;
	return fine;
}

bool es_permission_read(struct es_profile *profile, struct es_grant ***end,
			const struct es_set *set, const struct es_node *key,
			const struct es_node *value, struct es_diags *diags)
{
	struct granting granting = { .profile = profile, .diags = diags,
				     .end = end, .set = set };

	return read_permission(key, value, &granting);
}

/* A rule set of the user's own may stand in a file that is read later. */
static bool postpone(const struct es_node *key, const struct es_node *value,
		     struct granting *granting)
{
	struct es_grant *grant = es_grant_add(granting->profile, granting->end,
					      key->place, granting->diags);

	if (!grant)
		return false;
	grant->set = key->text;
	grant->value = value;
	return true;
}

static bool read_set(const struct es_node *key, const struct es_node *value,
		     struct granting *granting)
{
	struct es_diags *diags = granting->diags;

	granting->set = es_set_find(key->text);
	if (!strcmp(key->text, "syscalls"))
		return es_calls_read(granting->profile, granting->end,
				     key->text, value, diags);
	if (!granting->set)
		return postpone(key, value, granting);
	return is_given(granting->set, key->place, diags) &&
	       es_node_each(value, read_item, granting, "a permission", diags);
}

enum es_status es_grants_read(struct es_profile *profile,
			      const struct es_node *allow,
			      struct es_diags *diags)
{
	struct granting granting = { .profile = profile, .diags = diags,
				     .end = &profile->grants_end };
	bool fine = true;

	if (allow->kind != ES_MAPPING || !allow->n) {
		es_diag(diags, ES_ERROR, allow->place,
			"a map of rule sets is expected here, as in "
			"`SystemIO: [stdout]`%s",
			allow->kind == ES_MAPPING ? ", not an empty map" :
			!allow->place.source ||
			*allow->place.source->name != '-' ? "" :
			", or its short form, `SystemIO.read_path=/usr`");
		if (allow->kind == ES_SCALAR)
			es_hint_name(diags, allow->place, allow->text, NULL);
		return ES_INVALID;
	}
	for (size_t i = 0; i < allow->n; i++)
		fine = read_set(allow->keys[i], allow->items[i], &granting) &&
		       fine;
	return fine ? ES_OK : ES_INVALID;
}
