/* SPDX-License-Identifier: MIT */
/* The tables for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

void list_table_sets(struct table *table, size_t index)
{
	struct es_set_info set;

	(void)index;
	for (size_t i = 0; es_set_get(i, &set); i++)
		if (!set.internal)
			table_add(table, set.name, "%s", set.about);
}

void list_table_set(struct table *table, size_t index)
{
	struct es_permission_info permission;
	struct es_set_info set;
	char form[128];

	if (!es_set_get(index, &set))
		return;
	for (size_t i = 0; es_permission_get(i, &permission); i++) {
		if (strcmp(permission.set, set.name) != 0)
			continue;
		/* As it is written in a profile. */
		snprintf(form, sizeof(form), "%s%s", permission.word,
			 permission.danger ? ": yes_really" :
			 permission.takes_fd ? ": FD" :
			 permission.takes_path ? ": PATH" : "");
		table_add(table, form, "%s", permission.about);
	}
}

/* The calls of one line of a permission's page: those that follow each other
 * and have all else in common. */
struct group {
	struct table *table;
	struct es_rule_info rule; /* the first of them */
	char *calls;              /* owned; "read readv" */
	char label[128];          /* of the line before */
	unsigned seen;            /* sets that conditions name, bits of legends */
};

enum { LEGEND_FDS, LEGEND_OPENED };
static const struct {
	const char *name, *text; /* NULL: see tell_fds */
} legends[] = {
	[LEGEND_FDS] = { "FDS", NULL },
	[LEGEND_OPENED] = { "OPENED", "from 3 up, all descriptors that neither "
				      "`fds` nor a permission names" },
	{ "LOADER", "the descriptor that a dynamic loader's opens get" },
	{ "SELF", "the program's own process id" },
	{ "FAMILY", "SELF; from Linux 6.12 on any process id, and Landlock "
		    "holds signals to the program and what it started" },
};

#define NLEGENDS (sizeof(legends) / sizeof(legends[0]))

static void see_names(struct group *group, const char *condition)
{
	char text[32];

	for (size_t i = 0; i < NLEGENDS; i++) {
		snprintf(text, sizeof(text), " in %s", legends[i].name);
		if (condition && strstr(condition, text))
			group->seen |= 1U << i;
	}
}

/* Adds the line of the calls that were gathered, if there are any. */
static void end_group(struct group *group)
{
	const struct es_rule_info *rule = &group->rule;
	const bool own = !strcmp(rule->set, rule->from_set) &&
			 !strcmp(rule->word, rule->from_word);
	char label[sizeof(group->label)];

	if (!group->calls)
		return;
	if (own)
		snprintf(label, sizeof(label), "%s",
			 rule->defines ? "calls" : "and brings");
	else
		snprintf(label, sizeof(label), "%s.%s", rule->from_set,
			 rule->from_word);
	table_add(group->table, strcmp(label, group->label) ? label : "",
		  "%s%s%s%s", group->calls, rule->condition ? " if " : "",
		  rule->condition ? rule->condition : "",
		  rule->without_fds ? " (where `fds` names none)" : "");
	memcpy(group->label, label, sizeof(label));
	free(group->calls);
	group->calls = NULL;
}

static bool goes_with(const struct es_rule_info *a,
		      const struct es_rule_info *b)
{
	return a->condition == b->condition && a->from_set == b->from_set &&
	       a->from_word == b->from_word && a->defines == b->defines &&
	       a->without_fds == b->without_fds;
}

static bool add_rule(const struct es_rule_info *rule, void *data)
{
	struct group *group = data;
	char *calls = NULL;

	if (group->calls && !goes_with(rule, &group->rule))
		end_group(group);
	if (asprintf(&calls, "%s%s%s", group->calls ? group->calls : "",
		     group->calls ? " " : "", rule->call) < 0) {
		group->table->failed = true;
		return false;
	}
	free(group->calls);
	group->calls = calls;
	group->rule = *rule;
	see_names(group, rule->condition);
	return true;
}

static void tell_fds(struct group *group,
		     const struct es_permission_info *permission)
{
	const char *name = legends[LEGEND_FDS].name;
	const char *usual = permission->fds ? permission->fds : "";

	if (!strcmp(usual, "any")) {
		usual = "all descriptors";
	} else if (!strcmp(usual, "opened")) {
		usual = legends[LEGEND_OPENED].name;
		group->seen |= 1U << LEGEND_OPENED;
	}
	if (permission->takes_fd)
		table_add(group->table, name, "the descriptor at the word");
	else if (permission->takes_fds)
		table_add(group->table, name, "what its option `fds` names, "
			  "and without it %s", usual);
	else
		table_add(group->table, name, "%s", usual);
}

static void tell_calls(struct table *table, size_t index,
		       const struct es_permission_info *permission)
{
	struct group group = { .table = table };

	es_permission_rules(index, add_rule, &group);
	end_group(&group);
	for (size_t i = 0; i < NLEGENDS; i++) {
		if (!(group.seen & 1U << i))
			continue;
		if (i == LEGEND_FDS)
			tell_fds(&group, permission);
		else
			table_add(table, legends[i].name, "%s",
				  legends[i].text);
	}
}

static void tell_rights(struct table *table, size_t index)
{
	struct es_right_info right;

	for (size_t i = 0; es_right_get(index, i, &right); i++)
		table_add(table, i ? "" : "Landlock",
			  !strcmp(right.kind, "scope") ?
			  "takes the scope %s off (ABI %d)" :
			  right.at_paths || right.at_ports ? "%s (ABI %d)" :
			  "%s (ABI %d), everywhere", right.name, right.abi);
}

/* "A B" as one entry a line. */
static void tell_own(struct table *table, const char *name, const char *list)
{
	while (list && *list) {
		const size_t len = strcspn(list, " ");

		table_add(table, name, "%.*s", (int)len, list);
		list += len + strspn(list + len, " ");
		name = "";
	}
}

/* How it is written, line by line. */
static void tell_form(struct table *table,
		      const struct es_permission_info *permission)
{
	const char *word = permission->word;

	if (permission->danger)
		table_add(table, "written", "%s: yes_really", word);
	else if (permission->takes_fd)
		table_add(table, "written", "%s: FD", word);
	else if (permission->takes_path)
		table_add(table, "written", "%s: PATH, or a list of them%s",
			  word, permission->needs_path ? "" :
			  "; without one it holds everywhere");
	else
		table_add(table, "written", "%s%s", word, permission->in_all ?
			  ", or all" : "");
	if (permission->takes_path)
		table_add(table, "", "%s: {path: PATH, optional: true} skips "
			  "what does not exist", word);
	if (permission->takes_ports)
		table_add(table, "", "%s: {%sports: [PORT...]}; without them "
			  "it holds for every port", word,
			  permission->danger ? "yes_really: true, " : "");
	if (permission->takes_fds)
		table_add(table, "", "%s: {%s%sfds: [FD...]}", word,
			  permission->danger ? "yes_really: true, " : "",
			  permission->takes_path ? "path: PATH, " : "");
}

void list_table_permission(struct table *table, size_t index)
{
	struct es_permission_info permission;
	char name[128];

	if (!es_permission_get(index, &permission))
		return;
	snprintf(name, sizeof(name), "%s.%s", permission.set, permission.word);
	table_add(table, name, "%s", permission.about ? permission.about : "");
	if (!permission.internal)
		tell_form(table, &permission);
	if (permission.danger)
		table_add(table, "danger", "%s", permission.danger);
	if (permission.open)
		table_add(table, "stays open", "%s", permission.open);
	tell_own(table, "its files", permission.paths);
	tell_own(table, "its ports", permission.ports);
	tell_rights(table, index);
	tell_calls(table, index, &permission);
}

static bool add_profile(const struct es_profile_info *profile, void *data)
{
	struct table *table = data;

	table_add(table, profile->name, "%s (%s%s)",
		  !profile->readable ? "can't be read" :
		  profile->about ? profile->about : "no description",
		  profile->shadowed ? "hidden by the one above; in " : "in ",
		  profile->folder);
	return !table->failed;
}

enum es_status list_table_profiles(struct table *table, struct es_diags *diags)
{
	return es_profiles_each(add_profile, table, diags);
}

/* Who gives a call, each once. */
struct givers {
	struct table *table;
	char *names; /* owned; "Events.poll, SystemIO.read" */
	const char *set, *word; /* the last */
};

static bool add_giver(const struct es_rule_info *rule, void *data)
{
	struct givers *givers = data;
	char *names = NULL;

	if (givers->set == rule->set && givers->word == rule->word)
		return true;
	if (asprintf(&names, "%s%s%s.%s", givers->names ? givers->names : "",
		     givers->names ? ", " : "", rule->set, rule->word) < 0) {
		givers->table->failed = true;
		return false;
	}
	free(givers->names);
	*givers = (struct givers){ givers->table, names, rule->set,
				   rule->word };
	return true;
}

void list_table_syscalls(struct table *table, size_t index)
{
	struct es_syscall_info call;

	(void)index;
	for (size_t i = 0; es_syscall_get(i, &call); i++) {
		struct givers givers = { .table = table };

		es_syscall_rules(i, add_giver, &givers);
		if (call.never)
			table_add(table, call.name, "never: %s", call.never);
		else
			table_add(table, call.name, "%s", givers.names ?
				  givers.names : "no permission");
		free(givers.names);
	}
}

static bool add_giving_rule(const struct es_rule_info *rule, void *data)
{
	struct givers *givers = data;
	const bool again = givers->set == rule->set &&
			   givers->word == rule->word;
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", rule->set, rule->word);
	table_add(givers->table, again ? "" : name, "%s%s",
		  rule->condition ? "if " : "without a condition",
		  rule->condition ? rule->condition : "");
	givers->set = rule->set;
	givers->word = rule->word;
	return !givers->table->failed;
}

static void add_number(struct table *table, const char *architecture,
		       int number)
{
	if (number < 0)
		table_add(table, architecture, "does not have it");
	else
		table_add(table, architecture, "number %d", number);
}

void list_table_syscall(struct table *table, size_t index)
{
	struct es_syscall_info call;
	struct givers givers = { .table = table };

	if (!es_syscall_get(index, &call))
		return;
	table_add(table, call.name, "%s", call.narguments ? "" :
		  "takes no arguments");
	for (size_t i = 0; i < call.narguments; i++) {
		const struct es_argument_info *argument = &call.arguments[i];
		char name[32];

		snprintf(name, sizeof(name), "arg%zu", i);
		const char *or = *argument->kernel ? " or " : "";

		if (argument->pointer)
			table_add(table, name, "%s%s%s, a pointer",
				  argument->name, or, argument->kernel);
		else
			table_add(table, name, "%s%s%s, %u bits, %s",
				  argument->name, or, argument->kernel,
				  argument->bits,
				  argument->is_signed ? "signed" : "unsigned");
	}
	add_number(table, "x86_64", call.x86_64);
	add_number(table, "aarch64", call.aarch64);
	if (call.fallback)
		table_add(table, "denied", "by ENOSYS, since callers have "
			  "another way then");
	if (call.never)
		table_add(table, "never", "no permission gives it: %s",
			  call.never);
	es_syscall_rules(index, add_giving_rule, &givers);
	if (!givers.set && !call.never)
		table_add(table, "given by", "no permission of this version");
}
