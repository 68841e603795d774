/* SPDX-License-Identifier: MIT */
/* Files, includes and top-level keys. */
#include "profile.h"

#include <linux/seccomp.h>
#include <string.h>

#include "scalar.h"
#include "syscall.h"
#include "util.h"

enum {
	MAX_INCLUDES = 32,
	MAX_WIDENINGS = 256,
	MAX_ERRNO = 4095,
	MAX_ERRNO_NAMED = 256,
};

/* The files that are being read, innermost first. */
struct chain {
	const struct chain *above;
	const struct es_source *source;
	struct es_place place; /* where the file above includes it */
	unsigned reach; /* which shelf names in it begin at; 0: not known */
	struct stat id;
};

struct reading {
	struct es_profile *profile;
	struct es_diags *diags;
	const struct chain *chain;
};

static enum es_status read_file(struct reading *reading, const char *path,
				struct es_place place, unsigned reach);

void es_profile_init(struct es_profile *profile, struct es_arena *arena)
{
	*profile = (struct es_profile){ .arena = arena };
	profile->grants_end = &profile->grants;
	profile->fds_end = &profile->fds;
	profile->widenings_end = &profile->widenings;
	profile->rulesets_end = &profile->rulesets;
	profile->exceptions_end = &profile->exceptions;
	profile->lacking_end = &profile->lacking;
}

static enum es_status worse(enum es_status a, enum es_status b)
{
	return a == ES_NOMEM || b == ES_NOMEM ? ES_NOMEM : a != ES_OK ? a : b;
}

bool es_deny_parse(const char *action, uint32_t *ret)
{
	static const struct {
		const char *name;
		uint32_t ret;
	} actions[] = {
		{ "kill", SECCOMP_RET_KILL_PROCESS },
		{ "kill_thread", SECCOMP_RET_KILL_THREAD },
		{ "trap", SECCOMP_RET_TRAP },
	};
	const int number = es_errno_find(action);

	for (size_t i = 0; i < ES_COUNT(actions); i++) {
		if (!strcmp(action, actions[i].name)) {
			*ret = actions[i].ret;
			return true;
		}
	}
	if (number < 1 || number > MAX_ERRNO)
		return false;
	*ret = SECCOMP_RET_ERRNO | (uint32_t)number;
	return true;
}

static bool valid_deny(const char *text, struct es_place place,
		       struct es_diags *diags)
{
	const char *names[MAX_ERRNO_NAMED + 4] = { "kill", "kill_thread",
						   "trap" };
	size_t n = 3;
	uint32_t ret = 0;
	const char *meant = NULL;

	if (es_deny_parse(text, &ret))
		return true;
	if (!text[strspn(text, "0123456789-+")]) {
		es_diag(diags, ES_ERROR, place,
			"'deny' is an errno by its name, as EPERM, not '%s'%s",
			text, text[strspn(text, "0")] ? "" :
			": that would tell the program that all went well");
		return false;
	}
	for (int i = 1; i < MAX_ERRNO_NAMED; i++)
		if (strerrorname_np(i))
			names[n++] = strerrorname_np(i);
	meant = es_did_you_mean(text, names);
	es_diag(diags, ES_ERROR, place,
		"'deny' is an errno name, 'kill', 'kill_thread' or 'trap', not "
		"'%s'%s%s%s", text, meant ? ", did you mean '" : "",
		meant ? meant : "", meant ? "'?" : "");
	return false;
}

static bool valid_arm(const char *text, struct es_place place,
		      struct es_diags *diags)
{
	static const char *const moments[] = { "auto", "entry", "exec", NULL };
	const char *meant = es_did_you_mean(text, moments);

	for (size_t i = 0; moments[i]; i++)
		if (!strcmp(text, moments[i]))
			return true;
	es_diag(diags, ES_ERROR, place,
		"'arm' is 'auto', 'entry' or 'exec', not '%s'%s%s%s", text,
		meant ? ", did you mean '" : "", meant ? meant : "",
		meant ? "'?" : "");
	return false;
}

/* The keys that may stand in one file only, or alike in all. */
static const struct setting_kind {
	const char *key, *what;
	bool (*valid)(const char *text, struct es_place place,
		      struct es_diags *diags);
} settings[] = {
	{ "deny", "an errno name, 'kill', 'kill_thread' or 'trap'",
	  valid_deny },
	{ "arm", "'auto', 'entry' or 'exec'", valid_arm },
};

static const struct setting_kind *setting_kind(const char *key)
{
	size_t i = 0;

	while (strcmp(settings[i].key, key) != 0)
		i++;
	return &settings[i];
}

enum es_status es_profile_set(struct es_setting *setting, const char *key,
			      const char *text, struct es_place place,
			      struct es_diags *diags)
{
	if (!setting_kind(key)->valid(text, place, diags))
		return ES_INVALID;
	if (setting->text && strcmp(setting->text, text) != 0) {
		es_diag(diags, ES_ERROR, place,
			"'%s: %s' contradicts '%s: %s' of another file", key,
			text, key, setting->text);
		es_diag(diags, ES_NOTE, setting->place, "which stands here");
		return ES_INVALID;
	}
	*setting = (struct es_setting){ text, place };
	return ES_OK;
}

static enum es_status read_setting(struct reading *reading, const char *key,
				   const struct es_node *value,
				   struct es_setting *setting)
{
	if (!es_scalar_is(value, setting_kind(key)->what, reading->diags))
		return ES_INVALID;
	return es_profile_set(setting, key, value->text, value->place,
			      reading->diags);
}

enum es_status es_profile_widen(struct es_profile *profile, const char *text,
				struct es_place place, struct es_diags *diags)
{
	const struct es_word *word = NULL;
	struct es_widening *widening = es_arena_alloc(profile->arena,
						      sizeof(*widening));
	const enum es_status status = es_word_read(profile->arena, text, place,
						   diags, &word);

	if (status != ES_OK || !widening)
		return widening ? status : ES_NOMEM;
	*widening = (struct es_widening){
		.word = word, .place = place,
		.set = es_arena_copy(profile->arena, text, strcspn(text, ".")),
		.name = strchr(text, '.') + 1,
	};
	if (!widening->set)
		return ES_NOMEM;
	if (!word && !place.source && !es_widening_find(profile, widening, diags))
		return ES_INVALID;
	*profile->widenings_end = widening;
	profile->widenings_end = &widening->next;
	return ES_OK;
}

struct each {
	struct reading *reading;
	enum es_status status;
};

static bool widen_item(const struct es_node *node, void *state)
{
	struct each *each = state;
	struct es_diags *diags = each->reading->diags;
	struct es_profile *profile = each->reading->profile;
	enum es_status status = ES_INVALID;

	if (++profile->nwidenings > MAX_WIDENINGS) {
		if (profile->nwidenings == MAX_WIDENINGS + 1)
			es_diag(diags, ES_ERROR, node->place,
				"more than %d limits to take back",
				MAX_WIDENINGS);
		each->status = worse(each->status, ES_INVALID);
		return false;
	}
	if (es_scalar_is(node, "a permission as SET.WORD", diags))
		status = es_profile_widen(profile, node->text, node->place,
					  diags);
	each->status = worse(each->status, status);
	return status == ES_OK;
}

/* Looks up a name that a file includes: on the shelf where that file lies, and
 * on those behind, so that nobody's own profiles become parts of installed
 * ones. A file that lies on none is taken as the one that includes it. To find out
 * where a file lies that was named by its path takes time, so it is done only
 * where it matters: the last shelf is behind all others. */
static enum es_status find_named(const struct reading *reading,
				 const struct es_node *node, const char **path,
				 unsigned *reach)
{
	struct es_arena *arena = reading->profile->arena;
	const struct chain *c = reading->chain;
	unsigned own = c->reach;
	enum es_status status = ES_OK;

	*reach = own;
	if (!own)
		status = es_file_find(arena, node->text, node->place, NULL,
				      path, reach);
	if (!own && status == ES_OK && *reach == 1)
		return ES_OK;
	for (; c && !own && status != ES_NOMEM; c = c->above) {
		own = c->reach;
		if (!own)
			status = es_file_reach(arena, c->source, &own);
	}
	*reach = own;
	return status == ES_NOMEM ? status :
	       es_file_find(arena, node->text, node->place, reading->diags,
			    path, reach);
}

static enum es_status include(struct reading *reading,
			      const struct es_node *node)
{
	struct es_arena *arena = reading->profile->arena;
	enum es_status status = ES_OK;
	const char *path = NULL;
	unsigned reach = 0;

	if (!es_scalar_is(node, "a profile's name or path", reading->diags))
		return ES_INVALID;
	if (++reading->profile->nincludes > MAX_INCLUDES) {
		if (reading->profile->nincludes == MAX_INCLUDES + 1)
			es_diag(reading->diags, ES_ERROR, node->place,
				"more than %d includes", MAX_INCLUDES);
		return ES_INVALID;
	}
	if (es_name_is_path(node->text)) {
		path = es_include_path(arena, node, reading->diags);
		status = path ? ES_OK : ES_INVALID;
	} else {
		status = find_named(reading, node, &path, &reach);
	}
	if (status == ES_OK)
		status = read_file(reading, path, node->place, reach);
	/* What the includer's line asks for is the includer's mistake. */
	return status == ES_UNREADABLE ? ES_INVALID : status;
}

static bool include_item(const struct es_node *node, void *state)
{
	struct each *each = state;
	const enum es_status status = include(each->reading, node);

	each->status = worse(each->status, status);
	return status == ES_OK;
}

static enum es_status key_include(struct reading *reading,
				  const struct es_node *value)
{
	struct each each = { reading, ES_OK };

	if (!es_node_each(value, include_item, &each, "a profile's name",
			  reading->diags))
		each.status = worse(each.status, ES_INVALID);
	return each.status;
}

static enum es_status key_widen(struct reading *reading,
				const struct es_node *value)
{
	struct each each = { reading, ES_OK };

	if (!es_node_each(value, widen_item, &each, "a permission as SET.WORD",
			  reading->diags))
		each.status = worse(each.status, ES_INVALID);
	return each.status;
}

static enum es_status key_version(struct reading *reading,
				  const struct es_node *value)
{
	(void)reading;
	(void)value; /* check_version has read it */
	return ES_OK;
}

static enum es_status key_about(struct reading *reading,
				const struct es_node *value)
{
	return es_scalar_line(value, "a description", reading->diags) ?
	       ES_OK : ES_INVALID;
}

static enum es_status key_allow(struct reading *reading,
				const struct es_node *value)
{
	return es_grants_read(reading->profile, value, reading->diags);
}

static enum es_status key_rulesets(struct reading *reading,
				   const struct es_node *value)
{
	return es_rulesets_read(reading->profile, value, reading->diags);
}

static enum es_status key_except(struct reading *reading,
				 const struct es_node *value)
{
	return es_exceptions_read(reading->profile, value, reading->diags);
}

static enum es_status key_fds(struct reading *reading,
			      const struct es_node *value)
{
	return es_fds_read(reading->profile, value, reading->diags);
}

static enum es_status key_deny(struct reading *reading,
			       const struct es_node *value)
{
	struct es_setting alone = { 0 };

	/* The command line goes before, but a mistake is one all the same. */
	return read_setting(reading, "deny", value,
			    reading->profile->deny_overridden ?
			    &alone : &reading->profile->deny);
}

static enum es_status key_startup(struct reading *reading,
				  const struct es_node *value)
{
	return es_startup_read(reading->profile, value, reading->diags);
}

static enum es_status key_arm(struct reading *reading,
			      const struct es_node *value)
{
	return read_setting(reading, "arm", value, &reading->profile->arm);
}

static enum es_status key_landlock(struct reading *reading,
				   const struct es_node *value)
{
	return es_landlock_read(reading->profile, value, reading->diags);
}

/* Top-level keys; those without a reader are not in this version. */
static const struct {
	const char *key;
	enum es_status (*read)(struct reading *reading,
			       const struct es_node *value);
} keys[] = {
	{ "about", key_about }, { "allow", key_allow }, { "arm", key_arm },
	{ "deny", key_deny }, { "env", NULL }, { "except", key_except },
	{ "extrasafe", key_version }, { "fds", key_fds },
	{ "include", key_include }, { "isolate", NULL },
	{ "landlock", key_landlock }, { "limits", NULL },
	{ "rulesets", key_rulesets }, { "startup", key_startup },
	{ "widen", key_widen },
};

bool es_profile_has_key(const char *name)
{
	for (size_t i = 0; i < ES_COUNT(keys); i++)
		if (!strcmp(name, keys[i].key))
			return true;
	return false;
}

static enum es_status read_key(struct reading *reading,
			       const struct es_node *key,
			       const struct es_node *value)
{
	const char *names[ES_COUNT(keys) + 1] = { NULL };

	for (size_t i = 0; i < ES_COUNT(keys); i++) {
		names[i] = keys[i].key;
		if (strcmp(key->text, keys[i].key) != 0)
			continue;
		if (keys[i].read)
			return keys[i].read(reading, value);
		es_diag(reading->diags, ES_ERROR, key->place,
			"'%s' is not available in this version", key->text);
		return ES_INVALID;
	}

	const char *meant = es_did_you_mean(key->text, names);

	if (!strcmp(key->text, "rules"))
		es_diag(reading->diags, ES_ERROR, key->place,
			"'rules' stands in a rule set under 'rulesets', as in "
			"`rulesets: {Mine: {rules: [...]}}`");
	else if (!meant && (es_set_find(key->text) ||
			    !strcmp(key->text, "syscalls")))
		es_diag(reading->diags, ES_ERROR, key->place,
			"unknown key '%s'; rule sets stand under 'allow'",
			key->text);
	else
		es_diag(reading->diags, ES_ERROR, key->place,
			"unknown key '%s'%s%s%s", key->text,
			meant ? ", did you mean '" : "", meant ? meant : "",
			meant ? "'?" : "");
	return ES_INVALID;
}

/* False where the file is in a version of the language that isn't ours, so
 * that nothing can be said of the rest. */
static bool check_version(struct reading *reading, const struct es_node *root,
			  enum es_status *status)
{
	uint64_t version = 0;
	size_t i = 0;

	*status = ES_INVALID;
	while (i < root->n && strcmp(root->keys[i]->text, "extrasafe") != 0)
		i++;
	if (i == root->n) {
		es_diag(reading->diags, ES_ERROR, root->place,
			"`extrasafe: 1` is missing: the version of the "
			"profile language");
	} else if (es_scalar_number(root->items[i], "the language's version",
				    0, UINT64_MAX, &version, reading->diags)) {
		if (version != 1) {
			es_diag(reading->diags, ES_ERROR, root->items[i]->place,
				"version %s of the profile language is not "
				"known here; 1 is", root->items[i]->text);
			return false;
		}
		*status = ES_OK;
	}
	return true;
}

static enum es_status read_document(struct reading *reading,
				    const struct es_node *root)
{
	struct es_profile *profile = reading->profile;
	enum es_status status = ES_OK;

	if (root->kind != ES_MAPPING) {
		es_diag(reading->diags, ES_ERROR, root->place,
			"a profile is a map that begins with `extrasafe: 1`");
		return ES_INVALID;
	}
	if (!profile->first.source)
		profile->first = root->place;
	if (!check_version(reading, root, &status))
		return status;
	for (size_t i = 0; i < root->n && status != ES_NOMEM; i++)
		status = worse(status, read_key(reading, root->keys[i],
						root->items[i]));
	return status;
}

/* A file above that includes itself is an error that shows the chain. */
static bool is_loop(struct reading *reading, const struct stat *id,
		    const char *path, struct es_place place)
{
	const struct chain *first = reading->chain;

	while (first && (first->id.st_dev != id->st_dev ||
			 first->id.st_ino != id->st_ino))
		first = first->above;
	if (!first)
		return false;
	es_diag(reading->diags, ES_ERROR, place,
		"a loop of includes, back to '%s'", path);
	for (const struct chain *c = reading->chain; c != first; c = c->above)
		es_diag(reading->diags, ES_NOTE, c->place,
			"'%s' is included here", c->source->name);
	return true;
}

/* A file that came another way already adds nothing. */
static struct es_file *find_file(struct es_profile *profile,
				 const struct stat *id)
{
	struct es_file *file = profile->files;

	while (file && (file->dev != id->st_dev || file->ino != id->st_ino))
		file = file->next;
	return file;
}

/* Remembers that the file in LINK was read, and by which one it is included.
 * *KNOWN: it came another way already. */
static enum es_status remember(struct reading *reading,
			       const struct chain *link, bool *known)
{
	struct es_profile *profile = reading->profile;
	struct es_file *file = find_file(profile, &link->id);

	*known = file != NULL;
	if (!file)
		file = es_arena_alloc(profile->arena, sizeof(*file));
	if (!file)
		return ES_NOMEM;
	if (!*known) {
		*file = (struct es_file){
			profile->files, link->source, link->id.st_dev,
			link->id.st_ino, !link->above, link->reach == 1,
		};
		profile->files = file;
	}
	if (reading->chain && !es_include_add(profile,
					       reading->chain->source,
					       file->source))
		return ES_NOMEM;
	return ES_OK;
}

static enum es_status read_file(struct reading *reading, const char *path,
				struct es_place place, unsigned reach)
{
	struct es_arena *arena = reading->profile->arena;
	struct es_source *source = es_arena_alloc(arena, sizeof(*source));
	struct chain link = { reading->chain, source, place, reach, { 0 } };
	struct es_node *root = NULL;
	bool known = false;

	if (!source)
		return ES_NOMEM;

	enum es_status status = es_file_load(arena, path, place, reading->diags,
					     source, &link.id);

	if (status != ES_OK)
		return status;
	if (is_loop(reading, &link.id, path, place))
		return ES_INVALID;
	status = remember(reading, &link, &known);
	if (status != ES_OK || known)
		return status;
	status = es_document_read(&reading->profile->apart, reach == 1, arena,
				  source, reading->diags, &root);
	if (status != ES_OK)
		return status;
	reading->chain = &link;
	status = read_document(reading, root);
	reading->chain = link.above;
	return status;
}

/* A profile that is in no file that could be read again, or be a part of itself. */
static enum es_status read_source(struct reading *reading,
				  const struct es_source *source)
{
	struct chain link = { .source = source };
	struct es_node *root = NULL;
	enum es_status status = es_document_read(
		&reading->profile->apart, false, reading->profile->arena,
		source, reading->diags, &root);

	reading->chain = &link;
	if (status == ES_OK)
		status = read_document(reading, root);
	reading->chain = NULL;
	return status;
}

enum es_status es_profile_text(struct es_profile *profile, const char *name,
			       const char *text, struct es_diags *diags)
{
	struct reading reading = { profile, diags, NULL };
	struct es_arena *arena = profile->arena;
	struct es_source *source = es_arena_alloc(arena, sizeof(*source));
	enum es_status status = ES_NOMEM;

	if (source) {
		source->name = es_arena_copy(arena, name, strlen(name));
		source->len = strlen(text);
		source->text = es_arena_copy(arena, text, source->len);
		source->folder = es_working_folder(arena);
	}
	if (source && source->len > ES_YAML_MAX_FILE) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"profile '%s' has %zu bytes; the limit is %d", name,
			source->len, ES_YAML_MAX_FILE);
		status = ES_INVALID;
	} else if (!arena->exhausted) {
		status = read_source(&reading, source);
	}
	return es_profile_conclude(profile, status);
}

enum es_status es_profile_descriptor(struct es_profile *profile,
				     const char *name, int fd,
				     struct es_diags *diags)
{
	struct reading reading = { profile, diags, NULL };
	struct es_source *source = es_arena_alloc(profile->arena,
						  sizeof(*source));
	struct stat id;
	enum es_status status = ES_NOMEM;

	if (source)
		status = es_file_load_from(profile->arena, fd, name, ES_NOWHERE,
					   diags, source, &id);
	if (status == ES_OK) {
		source->folder = es_working_folder(profile->arena);
		status = read_source(&reading, source);
	}
	return es_profile_conclude(profile, status);
}

enum es_status es_profile_conclude(struct es_profile *profile,
				   enum es_status status)
{
	if (profile->arena->exhausted)
		status = ES_NOMEM;
	profile->wrong |= status != ES_OK;
	return status;
}

enum es_status es_profile_read(struct es_profile *profile, const char *name,
			       struct es_diags *diags)
{
	struct reading reading = { profile, diags, NULL };
	const char *path = name;
	const bool by_name = !es_name_is_path(name);
	enum es_status status = ES_OK;
	unsigned reach = 0;

	if (by_name)
		status = es_file_find(profile->arena, name, ES_NOWHERE, diags,
				      &path, &reach);
	if (status == ES_OK)
		status = read_file(&reading, path, ES_NOWHERE, reach);
	if (status == ES_UNREADABLE && path == name)
		es_file_hint(profile->arena, name, by_name, diags);
	return es_profile_conclude(profile, status);
}
