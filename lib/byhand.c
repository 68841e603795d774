/* SPDX-License-Identifier: MIT */
/* What somebody wrote in place of permissions: rule sets of their own, single
 * calls, and what is taken out again. */
#include <ctype.h>
#include <sched.h>
#include <string.h>

#include "profile.h"
#include "scalar.h"
#include "util.h"

enum {
	MAX_EXCEPTIONS = 512,
	MAX_RULESETS = 1024,
	MAX_SHOWN_ERRORS = 100, /* who has more is not told what was meant */
};

/* What is read at the moment. */
struct by_hand {
	struct es_profile *profile;
	struct es_diags *diags;
	struct es_grant ***end; /* of the list that is added to */
	const char *set;        /* the rule set's name, or "syscalls" */
	bool rules;             /* conditions are possible */
};

/* `CALL [if CONDITIONS]` as it was read. */
struct rule {
	const struct es_syscall *call; /* NULL: no call that we know */
	const char *lacking; /* its name, if the architecture has it not */
	struct es_conds conds;
	const char *text; /* as in a row of a builtin permission */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static const char *skip_blanks(const char *at)
{
	while (is_blank(*at))
		at++;
	return at;
}

static size_t name_length(const char *at)
{
	size_t len = 0;

	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	return len;
}

/* The place AT bytes into NODE. It is looked for from the source's first line on,
 * and so only where it will be shown. */
static struct es_place place_in(const struct by_hand *by_hand,
				const struct es_node *node, size_t at)
{
	return es_diags_errors(by_hand->diags) < MAX_SHOWN_ERRORS ?
	       es_scalar_place(node, at) : node->place;
}

static void wrong_call(const struct by_hand *by_hand,
		       const struct es_node *node, size_t at, size_t len)
{
	struct es_arena *arena = by_hand->profile->arena;
	const struct es_place place = place_in(by_hand, node, at);
	const char *name = es_arena_copy(arena, node->text + at, len);
	const char *meant = NULL;

	if (!name)
		return;
	if (node->text[at + len] == '.' && es_set_find(name)) {
		es_diag(by_hand->diags, ES_ERROR, place, by_hand->set ?
			"system calls stand here, not permissions" :
			"'except' takes system calls and rules out, not "
			"permissions");
		es_diag(by_hand->diags, ES_NOTE, place,
			"`extrasafe list %s` tells which calls it gives",
			node->text + at);
		return;
	}
	if (!len) {
		es_diag(by_hand->diags, ES_ERROR, place,
			"a system call is expected here, not '%s'",
			node->text + at);
		return;
	}
	if (es_diags_errors(by_hand->diags) < MAX_SHOWN_ERRORS)
		meant = es_syscall_guess(arena, name);
	es_diag(by_hand->diags, ES_ERROR, place,
		"unknown system call '%s'%s%s%s", name,
		meant ? ", did you mean '" : "", meant ? meant : "",
		meant ? "'?" : "");
}

/* Reads `if CONDITIONS`, which begins AT. */
static bool read_conditions(const struct by_hand *by_hand,
			    const struct es_node *node, const char *at,
			    struct rule *rule)
{
	struct es_arena *arena = by_hand->profile->arena;
	struct es_diags *diags = by_hand->diags;
	const size_t len = name_length(at);
	const char *wrong = NULL;
	size_t where = 0;

	if (len != 2 || memcmp(at, "if", 2) != 0) {
		es_diag(diags, ES_ERROR,
			place_in(by_hand, node, (size_t)(at - node->text)),
			"behind '%s' stands 'if' and a condition, or nothing",
			rule->call->name);
		return false;
	}
	if (!by_hand->rules) {
		es_diag(diags, ES_ERROR,
			place_in(by_hand, node, (size_t)(at - node->text)),
			"whole calls stand here; one with a condition stands "
			"at 'rules' of a rule set under 'rulesets'");
		return false;
	}
	at += len;
	rule->text = es_arena_printf(arena, "%s if %s", rule->call->name,
				     skip_blanks(at));
	if (!rule->text)
		return false;
	wrong = es_conds_read(arena, rule->call, at,
			      es_diags_errors(diags) < MAX_SHOWN_ERRORS,
			      &rule->conds, &where);
	if (wrong && *wrong)
		es_diag(diags, ES_ERROR,
			place_in(by_hand, node,
				 (size_t)(at - node->text) + where),
			"%s", wrong);
	return !wrong;
}

/* False behind a diagnostic or when the arena is exhausted. */
static bool read_rule(const struct by_hand *by_hand, const struct es_node *node,
		      struct rule *rule)
{
	const char *at = NULL;
	size_t len = 0;

	*rule = (struct rule){ 0 };
	if (!es_scalar_is(node, by_hand->rules ? "a rule" : "a system call",
			  by_hand->diags))
		return false;
	at = skip_blanks(node->text);
	len = name_length(at);
	rule->call = es_syscall_find(at, len);
	if (!rule->call)
		rule->lacking = es_syscall_foreign(at, len);
	else if (es_syscall_number(rule->call) < 0)
		rule->lacking = rule->call->name;
	if (!rule->call && rule->lacking)
		return true; /* its arguments have no names here */
	if (!rule->call) {
		wrong_call(by_hand, node, (size_t)(at - node->text), len);
		return false;
	}
	rule->text = rule->call->name;
	at = skip_blanks(at + len);
	return !*at || read_conditions(by_hand, node, at, rule);
}

/* A call that isn't there is nothing to give or to take. */
static bool is_lacking(const struct by_hand *by_hand,
		       const struct es_node *node, const struct rule *rule)
{
	struct es_profile *profile = by_hand->profile;
	struct es_lacking *lacking = NULL;

	if (rule->call && !rule->lacking)
		return false;
	lacking = es_arena_alloc(profile->arena, sizeof(*lacking));
	if (lacking) {
		*lacking = (struct es_lacking){ NULL, node->place,
						rule->lacking };
		*profile->lacking_end = lacking;
		profile->lacking_end = &lacking->next;
	}
	return true;
}

/* Does the rule let processes or programs be started? A clone that must make a
 * thread does not. */
static bool starts(struct es_arena *arena, const struct rule *rule)
{
	static const char *const names[] = { "clone3", "execve", "execveat",
					     "fork", "vfork" };
	struct es_range none = { 0, 0 };
	const struct es_cond process = { 0, CLONE_THREAD, { &none, 1 } };
	struct es_conds conds = rule->conds;

	for (size_t i = 0; i < ES_COUNT(names); i++)
		if (!strcmp(rule->call->name, names[i]))
			return true;
	return !strcmp(rule->call->name, "clone") &&
	       es_conds_add(arena, &conds, &process) &&
	       es_conds_possible(&conds) != ES_NONE;
}

/* NULL when the arena is exhausted. */
static const struct es_word *make_word(const struct by_hand *by_hand,
				       const struct rule *rule)
{
	struct es_arena *arena = by_hand->profile->arena;
	struct es_word *word = es_arena_alloc(arena, sizeof(*word));
	struct es_row *rows = es_arena_alloc(arena, 2 * sizeof(*rows));

	if (!word || !rows)
		return NULL;
	rows[0] = (struct es_row){ ES_DEFINES, rule->text };
	*word = (struct es_word){
		.set = by_hand->set, .word = rule->call->name,
		.about = rule->text, .rows = rows,
		.flags = (rule->conds.n ? ES_WORD_LIMIT : 0u) |
			 (starts(arena, rule) ? ES_WORD_STARTS : 0u),
	};
	return word;
}

/* A call that several files allow is one word, and so one rule. */
static const struct es_word *find_word(const struct by_hand *by_hand,
				       const struct rule *rule)
{
	struct es_profile *profile = by_hand->profile;
	const size_t i = (size_t)(rule->call - es_syscalls);

	if (strcmp(by_hand->set, "syscalls") != 0)
		return make_word(by_hand, rule);
	if (!profile->calls)
		profile->calls = es_arena_alloc(profile->arena, es_nsyscalls *
						sizeof(*profile->calls));
	if (!profile->calls)
		return NULL;
	if (!profile->calls[i])
		profile->calls[i] = make_word(by_hand, rule);
	return profile->calls[i];
}

/* VALUE is what stands at the rule, or NULL. */
static bool confirm(const struct by_hand *by_hand, const struct es_node *node,
		    const struct es_node *value, const struct rule *rule)
{
	const struct es_never *never = es_never_find(rule->call->name);
	const bool really = value && value->kind == ES_SCALAR &&
			    !strcmp(value->text, "yes_really");
	const char *quote = rule->conds.n ? "\"" : "";

	if (value && value->kind == ES_SCALAR &&
	    !strncmp(value->text, "if ", 3)) {
		es_diag(by_hand->diags, ES_ERROR, value->place,
			"a rule is one text, without a colon: `%s %s`%s",
			node->text, value->text, by_hand->rules ? "" :
			", and stands at 'rules' of a rule set under "
			"'rulesets'");
	} else if (value && !really) {
		es_diag(by_hand->diags, ES_ERROR, value->place,
			"at a %s stands 'yes_really' or nothing",
			by_hand->rules ? "rule" : "system call");
	} else if (really && !never) {
		es_diag(by_hand->diags, ES_ERROR, value->place,
			"'%s' needs no 'yes_really'", rule->call->name);
	} else if (never && !really) {
		es_diag(by_hand->diags, ES_ERROR, node->place,
			"'%s' needs 'yes_really': %s", rule->call->name,
			never->reason);
		es_diag(by_hand->diags, ES_NOTE, node->place,
			"if it is meant, write `%s%s%s: yes_really`", quote,
			node->text, quote);
	} else {
		return true;
	}
	return false;
}

static bool read_entry(const struct by_hand *by_hand,
		       const struct es_node *node, const struct es_node *value)
{
	const struct es_word *word = NULL;
	struct es_grant *grant = NULL;
	struct rule rule;

	if (!read_rule(by_hand, node, &rule) ||
	    (rule.call && !confirm(by_hand, node, value, &rule)))
		return false;
	if (is_lacking(by_hand, node, &rule))
		return true;
	word = find_word(by_hand, &rule);
	grant = word ? es_grant_add(by_hand->profile, by_hand->end, node->place,
				    by_hand->diags) : NULL;
	if (!grant)
		return false;
	grant->word = word;
	grant->rule_place = node->place;
	return true;
}

/* A rule or call, or a map of them with `yes_really`. */
static bool read_item(const struct es_node *node, void *state)
{
	const struct by_hand *by_hand = state;
	bool fine = node->n > 0;

	if (node->kind == ES_SCALAR)
		return read_entry(by_hand, node, NULL);
	if (node->kind == ES_SEQUENCE || !node->n)
		es_diag(by_hand->diags, ES_ERROR, node->place,
			"a %s is expected here, not %s",
			by_hand->rules ? "rule" : "system call",
			node->kind == ES_SEQUENCE ? "a list within a list" :
						    "an empty map");
	if (node->kind == ES_SEQUENCE)
		return false;
	for (size_t i = 0; i < node->n; i++)
		fine = read_entry(by_hand, node->keys[i], node->items[i]) &&
		       fine;
	return fine;
}

bool es_calls_read(struct es_profile *profile, struct es_grant ***end,
		   const char *set, const struct es_node *value,
		   struct es_diags *diags)
{
	struct by_hand by_hand = { profile, diags, end, set, false };

	return es_node_each(value, read_item, &by_hand, "a system call", diags);
}

/* The word that takes paths, of whatever set. */
static const struct es_word *path_word(const char *name)
{
	for (size_t i = 0; i < es_nwords; i++) {
		const struct es_set *set = es_set_find(es_words[i].set);

		if (!strcmp(es_words[i].word, name) && set &&
		    (es_words[i].flags & ES_WORD_PATH))
			return &es_words[i];
	}
	return NULL;
}

static bool unknown_key(const struct es_node *key, struct es_diags *diags)
{
	const bool shown = es_diags_errors(diags) < MAX_SHOWN_ERRORS;
	const char *names[64] = { "about", "rules", "syscalls" };
	const char *meant = NULL;
	size_t n = 3;

	for (size_t i = 0; shown && i < es_nwords && n + 1 < ES_COUNT(names);
	     i++) {
		if (path_word(es_words[i].word) == &es_words[i])
			names[n++] = es_words[i].word;
		if (strcmp(es_words[i].word, key->text) != 0)
			continue;
		es_diag(diags, ES_ERROR, key->place,
			"'%s' can't stand in a rule set: there are 'about', "
			"'syscalls', 'rules' and permissions with paths",
			key->text);
		return false;
	}
	meant = shown ? es_did_you_mean(key->text, names) : NULL;
	es_diag(diags, ES_ERROR, key->place,
		"unknown key '%s' of a rule set%s%s%s", key->text,
		meant ? ", did you mean '" : "", meant ? meant : "",
		meant ? "'?" : "");
	return false;
}

static bool read_set_key(struct by_hand *by_hand, const struct es_node *key,
			 const struct es_node *value)
{
	const struct es_word *word = path_word(key->text);
	struct es_diags *diags = by_hand->diags;

	if (!strcmp(key->text, "about"))
		return es_scalar_line(value, "a description", diags);
	if (!strcmp(key->text, "syscalls"))
		return es_calls_read(by_hand->profile, by_hand->end,
				     by_hand->set, value, diags);
	if (!strcmp(key->text, "rules")) {
		by_hand->rules = true;
		return es_node_each(value, read_item, by_hand, "a rule", diags);
	}
	return word ? es_permission_read(by_hand->profile, by_hand->end,
					 es_set_find(word->set), key, value,
					 diags) : unknown_key(key, diags);
}

static bool check_name(const struct es_profile *profile,
		       const struct es_node *key, struct es_diags *diags)
{
	const char *const name = key->text;
	const struct es_ruleset *other = es_ruleset_find(profile, name);

	if (!*name || name[name_length(name)] ||
	    isdigit((unsigned char)*name)) {
		es_diag(diags, ES_ERROR, key->place,
			"a rule set's name is made of letters, digits and '_', "
			"and begins with no digit, unlike '%s'", name);
	} else if (es_set_find(name) || !strcmp(name, "syscalls")) {
		es_diag(diags, ES_ERROR, key->place,
			"'%s' is a builtin rule set, give yours another name",
			name);
	} else if (es_profile_has_key(name) || !strcmp(name, "all")) {
		es_diag(diags, ES_ERROR, key->place,
			"'%s' has a meaning of its own, give the rule set "
			"another name", name);
	} else if (other) {
		es_diag(diags, ES_ERROR, key->place,
			"rule set '%s' is there already", name);
		es_diag(diags, ES_NOTE, other->place, "it is here");
	} else {
		return true;
	}
	return false;
}

static bool read_ruleset(struct es_profile *profile, const struct es_node *key,
			 const struct es_node *value, struct es_diags *diags)
{
	struct es_ruleset *set = es_arena_alloc(profile->arena, sizeof(*set));
	struct es_lacking **lacking = profile->lacking_end;
	const unsigned counted = profile->ngrants;
	bool fine = true;

	if (!set)
		return false;
	*set = (struct es_ruleset){ .name = key->text, .place = key->place };
	set->grants_end = &set->grants;
	if (!check_name(profile, key, diags))
		return false;
	if (value->kind != ES_MAPPING) {
		es_diag(diags, ES_ERROR, value->place,
			"a map is expected here, as in `%s: {syscalls: "
			"[flock]}`", key->text);
		fine = false;
	}
	for (size_t i = 0; i < value->n && value->kind == ES_MAPPING; i++) {
		struct by_hand by_hand = { profile, diags, &set->grants_end,
					   set->name, false };

		fine = read_set_key(&by_hand, value->keys[i],
				    value->items[i]) && fine;
	}
	profile->ngrants = counted; /* it counts where it is allowed */
	/* A set of which this architecture has nothing is no mistake. */
	if (fine && !set->grants && !*lacking) {
		es_diag(diags, ES_ERROR, key->place,
			"rule set '%s' gives nothing: 'syscalls', 'rules' or a "
			"permission with paths is missing", key->text);
		fine = false;
	}
	set->wrong = !fine;
	*profile->rulesets_end = set;
	profile->rulesets_end = &set->next;
	return fine;
}

enum es_status es_rulesets_read(struct es_profile *profile,
				const struct es_node *map,
				struct es_diags *diags)
{
	bool fine = true;

	if (map->kind != ES_MAPPING || !map->n) {
		es_diag(diags, ES_ERROR, map->place,
			"a map of rule sets is expected here, as in "
			"`Locks: {syscalls: [flock]}`");
		return ES_INVALID;
	}
	profile->nrulesets += (unsigned)map->n;
	if (profile->nrulesets > MAX_RULESETS) {
		es_diag(diags, ES_ERROR, map->place,
			"more than %d rule sets", MAX_RULESETS);
		return ES_INVALID;
	}
	for (size_t i = 0; i < map->n; i++)
		fine = read_ruleset(profile, map->keys[i], map->items[i],
				    diags) && fine;
	return fine ? ES_OK : ES_INVALID;
}

static bool read_exception(const struct es_node *node, void *state)
{
	const struct by_hand *by_hand = state;
	struct es_profile *profile = by_hand->profile;
	struct es_exception *exception = NULL;
	struct rule rule;

	if (++profile->nexceptions > MAX_EXCEPTIONS) {
		if (profile->nexceptions == MAX_EXCEPTIONS + 1)
			es_diag(by_hand->diags, ES_ERROR, node->place,
				"more than %d exceptions", MAX_EXCEPTIONS);
		return false;
	}
	if (!read_rule(by_hand, node, &rule))
		return false;
	if (is_lacking(by_hand, node, &rule))
		return true;
	exception = es_arena_alloc(profile->arena, sizeof(*exception));
	if (!exception)
		return false;
	*exception = (struct es_exception){
		.place = node->place, .text = node->text, .call = rule.call,
		.conds = rule.conds,
	};
	*profile->exceptions_end = exception;
	profile->exceptions_end = &exception->next;
	return true;
}

enum es_status es_exceptions_read(struct es_profile *profile,
				  const struct es_node *list,
				  struct es_diags *diags)
{
	struct by_hand by_hand = { .profile = profile, .diags = diags,
				   .rules = true };

	return es_node_each(list, read_exception, &by_hand,
			    "a system call or a rule", diags) ?
	       ES_OK : ES_INVALID;
}
