/* SPDX-License-Identifier: MIT */
#include "list.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "opts.h"

struct list_options {
	bool json;
};

/* clang-format off */
static const struct opt rows[] = {
	{ 0, "json", NULL, "print JSON, as extrasafe(1) describes it", OPT_FLAG,
	  offsetof(struct list_options, json) },
	{ 'h', "help", NULL, "print this", OPT_HELP, 0 },
};
/* clang-format on */

static const struct opt_usage usage = {
	.command = "extrasafe list",
	.synopsis = "[--json] [WHAT]",
	.about = "Tell what there is to name in a profile. WHAT is one of\n"
		 "\n"
		 "  sets            the rule sets (if there is no WHAT)\n"
		 "  SET             the permissions of a set, as they are "
		 "written, and what\n"
		 "                  each gives\n"
		 "  SET.PERMISSION  all about one: dangers, system calls and "
		 "their conditions,\n"
		 "                  Landlock rights\n"
		 "  profiles        the profiles that -p and `include` find by "
		 "name\n"
		 "  syscalls        all system calls, and the permissions that "
		 "give them\n"
		 "  SYSCALL         one of them: arguments, numbers, conditions",
	.examples = "examples:\n"
		    "  extrasafe list SystemIO\n"
		    "  extrasafe list SystemIO.read_path\n"
		    "  extrasafe list openat\n"
		    "\n"
		    "exit status: 0 if all is well, 1 if nothing has that "
		    "name, 2 for wrong usage,\n"
		    "125 if it could not be found out",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

/* What an operand stands for, in the two forms. */
struct view {
	const char *keyword; /* NULL: a name's */
	void (*table)(struct table *table, size_t index);
	void (*json)(struct json *json, size_t index);
};

enum { VIEW_SETS, VIEW_SYSCALLS, VIEW_SET, VIEW_PERMISSION, VIEW_SYSCALL };
static const struct view views[] = {
	[VIEW_SETS] = { "sets", list_table_sets, list_json_sets },
	[VIEW_SYSCALLS] = { "syscalls", list_table_syscalls,
			    list_json_syscalls },
	[VIEW_SET] = { NULL, list_table_set, list_json_set },
	[VIEW_PERMISSION] = { NULL, list_table_permission,
			      list_json_permission },
	[VIEW_SYSCALL] = { NULL, list_table_syscall, list_json_syscall },
};

static const char profiles[] = "profiles";

/* Names that might have been meant. */
struct candidates {
	const char *names[1024];
	size_t n;
};

static void add_candidate(struct candidates *candidates, const char *name)
{
	if (candidates->n + 1 <
	    sizeof(candidates->names) / sizeof(candidates->names[0]))
		candidates->names[candidates->n++] = name;
}

static int unknown(const char *what, const char *prefix, const char *name,
		   const char *meant)
{
	if (meant)
		cmd_error("%s '%s%s', did you mean '%s%s'?", what, prefix,
			  name, prefix, meant);
	else
		cmd_error("%s '%s%s'", what, prefix, name);
	return CMD_NO;
}

/* NAME is SET.WORD with the dot at DOT. */
static int find_permission(const char *name, const char *dot, size_t *index)
{
	struct es_permission_info permission;
	struct candidates words = { .n = 0 }, sets = { .n = 0 };
	const char *last = "";
	char set[64], prefix[sizeof(set) + 1];

	snprintf(set, sizeof(set), "%.*s", (int)(dot - name), name);
	for (*index = 0; es_permission_get(*index, &permission); ++*index) {
		if (strcmp(permission.set, last) != 0 && !permission.internal)
			add_candidate(&sets, permission.set);
		last = permission.set;
		if (strcmp(permission.set, set) != 0)
			continue;
		if (!strcmp(permission.word, dot + 1))
			return CMD_OK;
		add_candidate(&words, permission.word);
	}
	if (!words.n)
		return unknown("no rule set is named", "", set,
			       es_did_you_mean(set, sets.names));
	snprintf(prefix, sizeof(prefix), "%s.", set);
	return unknown("no permission is named", prefix, dot + 1,
		       es_did_you_mean(dot + 1, words.names));
}

/* "stdout" is a permission of some set: which one is the answer. */
static bool tell_set_of(const char *word)
{
	struct es_permission_info permission;

	for (size_t i = 0; es_permission_get(i, &permission); i++) {
		if (strcmp(permission.word, word) != 0 || permission.internal)
			continue;
		cmd_error("'%s' is a permission: '%s.%s'", word,
			  permission.set, word);
		return true;
	}
	return false;
}

static bool is_named(const struct es_profile_info *profile, void *data)
{
	const char **name = data;

	if (strcmp(profile->name, *name) != 0)
		return true;
	*name = NULL;
	return false;
}

static bool tell_profile(const char *name)
{
	const char *sought = name;

	es_profiles_each(is_named, &sought, NULL);
	if (!sought)
		cmd_error("'%s' is a profile; `extrasafe list profiles` tells "
			  "of it, and `extrasafe check -v %s` what it leaves "
			  "open", name, name);
	return !sought;
}

static int find_name(const char *name, const struct view **view, size_t *index)
{
	struct candidates names = { .n = 0 };
	struct es_syscall_info call;
	struct es_set_info set;

	for (*index = 0; es_set_get(*index, &set); ++*index) {
		*view = &views[VIEW_SET];
		if (!strcmp(set.name, name))
			return CMD_OK;
		if (!set.internal)
			add_candidate(&names, set.name);
	}
	for (*index = 0; es_syscall_get(*index, &call); ++*index) {
		*view = &views[VIEW_SYSCALL];
		if (!strcmp(call.name, name))
			return CMD_OK;
		add_candidate(&names, call.name);
	}
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (views[i].keyword)
			add_candidate(&names, views[i].keyword);
	add_candidate(&names, profiles);
	if (tell_set_of(name) || tell_profile(name))
		return CMD_NO;
	return unknown("no rule set or system call is named", "", name,
		       es_did_you_mean(name, names.names));
}

/* CMD_OK, the view and what of it is meant, or CMD_NO behind a complaint. */
static int find(const char *name, const struct view **view, size_t *index)
{
	const char *dot = strchr(name, '.');

	*index = 0;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		*view = &views[i];
		if (views[i].keyword && !strcmp(views[i].keyword, name))
			return CMD_OK;
	}
	if (!dot)
		return find_name(name, view, index);
	*view = &views[VIEW_PERMISSION];
	return find_permission(name, dot, index);
}

static int show(const struct view *view, size_t index, bool as_json)
{
	struct table table = { 0 };
	struct json json = { 0 };

	if (!as_json) {
		view->table(&table, index);
		return table_end(&table, CMD_OK);
	}
	js_begin(&json);
	view->json(&json, index);
	return js_end(&json, CMD_OK);
}

static int show_profiles(bool as_json)
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	struct table table = { 0 };
	struct json json = { 0 };
	enum es_status status = ES_OK;

	if (as_json) {
		js_begin(&json);
		status = list_json_profiles(&json, diags);
	} else {
		status = list_table_profiles(&table, diags);
	}
	cmd_report(diags, status);

	const int end = status == ES_OK ? CMD_OK : CMD_FAILED;

	return as_json ? js_end(&json, end) : table_end(&table, end);
}

static int list(const char *name, bool as_json)
{
	const struct view *view = NULL;
	size_t index = 0;
	int status = CMD_OK;

	if (!strcmp(name, profiles))
		return show_profiles(as_json);
	status = find(name, &view, &index);
	return status == CMD_OK ? show(view, index, as_json) : status;
}

int cmd_list(int argc, char *const argv[])
{
	struct list_options options = { 0 };
	int first;
	int status = opt_parse(&usage, argc, argv, &options, &first);

	if (status != OPT_GO_ON)
		return status;
	if (opt_late(argv, first)) {
		cmd_error("options go before the operand: '%s'",
			  opt_late(argv, first));
		return opt_hint(&usage);
	}
	if (argc - first > 1) {
		cmd_error("one operand at most: '%s'", argv[first + 1]);
		return opt_hint(&usage);
	}
	cmd_confine(NULL);
	return list(first < argc ? argv[first] : views[VIEW_SETS].keyword,
		    options.json);
}
