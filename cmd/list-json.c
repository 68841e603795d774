/* SPDX-License-Identifier: MIT */
/* The forms that extrasafe(1) documents. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "list.h"

/* Where a walk adds what it finds. */
struct adding {
	struct json *json;
	struct json_object *into;
};

static void add_name(struct json *json, struct json_object *into,
		     const char *key, const char *set, const char *word)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", set, word);
	js_text(json, into, key, name);
}

static void add_set(struct json *json, struct json_object *into,
		    const struct es_set_info *set)
{
	js_text(json, into, "name", set->name);
	js_text(json, into, "about", set->about);
}

void list_json_sets(struct json *json, size_t index)
{
	struct json_object *sets = js_array(json, json->root, "sets");
	struct es_set_info set;

	(void)index;
	for (size_t i = 0; es_set_get(i, &set); i++)
		if (!set.internal)
			add_set(json, js_object(json, sets, NULL), &set);
}

static void add_included(struct json *json, struct json_object *into,
			 const char *names)
{
	struct json_object *list = js_array(json, into, "includes");

	while (names && *names) {
		const int len = (int)strcspn(names, " ");
		char name[128];

		snprintf(name, sizeof(name), "%.*s", len, names);
		js_text(json, list, NULL, name);
		names += len;
		names += strspn(names, " ");
	}
}

static bool add_rule(const struct es_rule_info *rule, void *data)
{
	const struct adding *adding = data;
	struct json *json = adding->json;
	struct json_object *one = js_object(json, adding->into, NULL);

	js_text(json, one, "call", rule->call);
	js_text(json, one, "condition", rule->condition);
	add_name(json, one, "from", rule->from_set, rule->from_word);
	js_flag(json, one, "defines", rule->defines);
	js_flag(json, one, "without_fds", rule->without_fds);
	return !json->failed;
}

static void add_rights(struct json *json, struct json_object *into,
		       size_t permission)
{
	struct json_object *rights = js_array(json, into, "landlock");
	struct es_right_info right;

	for (size_t i = 0; es_right_get(permission, i, &right); i++) {
		struct json_object *one = js_object(json, rights, NULL);

		js_text(json, one, "right", right.name);
		js_text(json, one, "kind", right.kind);
		js_number(json, one, "abi", right.abi);
		js_flag(json, one, "at_paths", right.at_paths);
		js_flag(json, one, "at_ports", right.at_ports);
	}
}

static void add_permission(struct json *json, struct json_object *into,
			   const struct es_permission_info *permission,
			   size_t index)
{
	const char *path = permission->needs_path ? "required" :
			   permission->takes_path ? "optional" : "none";

	add_name(json, into, "name", permission->set, permission->word);
	js_text(json, into, "set", permission->set);
	js_text(json, into, "word", permission->word);
	js_text(json, into, "about", permission->about);
	js_flag(json, into, "in_all", permission->in_all);
	js_flag(json, into, "yes_really", permission->danger != NULL);
	js_text(json, into, "danger", permission->danger);
	js_text(json, into, "open", permission->open);
	js_text(json, into, "path", path);
	js_flag(json, into, "takes_fd", permission->takes_fd);
	js_flag(json, into, "takes_fds", permission->takes_fds);
	js_flag(json, into, "takes_ports", permission->takes_ports);
	js_text(json, into, "fds", permission->fds);
	js_text(json, into, "own_paths", permission->paths);
	js_text(json, into, "own_ports", permission->ports);
	add_included(json, into, permission->includes);
	es_permission_rules(index, add_rule, &(struct adding){
		json, js_array(json, into, "rules"),
	});
	add_rights(json, into, index);
}

void list_json_set(struct json *json, size_t index)
{
	struct es_permission_info permission;
	struct json_object *list = NULL;
	struct es_set_info set;

	if (!es_set_get(index, &set))
		return;
	add_set(json, js_object(json, json->root, "set"), &set);
	list = js_array(json, json->root, "permissions");
	for (size_t i = 0; es_permission_get(i, &permission); i++)
		if (!strcmp(permission.set, set.name))
			add_permission(json, js_object(json, list, NULL),
				       &permission, i);
}

void list_json_permission(struct json *json, size_t index)
{
	struct es_permission_info permission;

	if (es_permission_get(index, &permission))
		add_permission(json, js_object(json, json->root,
						 "permission"),
			       &permission, index);
}

static bool add_profile(const struct es_profile_info *profile, void *data)
{
	const struct adding *adding = data;
	struct json *json = adding->json;
	struct json_object *one = js_object(json, adding->into, NULL);

	js_text(json, one, "name", profile->name);
	js_text(json, one, "about", profile->about);
	js_text(json, one, "folder", profile->folder);
	js_flag(json, one, "readable", profile->readable);
	js_flag(json, one, "shadowed", profile->shadowed);
	return !json->failed;
}

enum es_status list_json_profiles(struct json *json, struct es_diags *diags)
{
	return es_profiles_each(add_profile, &(struct adding){
		json, js_array(json, json->root, "profiles"),
	}, diags);
}

static bool add_giver(const struct es_rule_info *rule, void *data)
{
	const struct adding *adding = data;
	struct json *json = adding->json;
	struct json_object *one = js_object(json, adding->into, NULL);

	add_name(json, one, "permission", rule->set, rule->word);
	js_text(json, one, "condition", rule->condition);
	add_name(json, one, "from", rule->from_set, rule->from_word);
	return !json->failed;
}

static void add_syscall(struct json *json, struct json_object *into,
			const struct es_syscall_info *call, size_t index)
{
	struct json_object *arguments = NULL;

	js_text(json, into, "name", call->name);
	js_maybe(json, into, "x86_64", call->x86_64, call->x86_64 >= 0);
	js_maybe(json, into, "aarch64", call->aarch64, call->aarch64 >= 0);
	js_text(json, into, "never", call->never);
	js_flag(json, into, "fallback", call->fallback);
	arguments = js_array(json, into, "arguments");
	for (size_t i = 0; i < call->narguments; i++) {
		const struct es_argument_info *argument = &call->arguments[i];
		struct json_object *one = js_object(json, arguments, NULL);

		js_text(json, one, "name", argument->name);
		js_text(json, one, "kernel",
			*argument->kernel ? argument->kernel : NULL);
		js_number(json, one, "bits", argument->bits);
		js_flag(json, one, "signed", argument->is_signed);
		js_flag(json, one, "pointer", argument->pointer);
	}
	es_syscall_rules(index, add_giver, &(struct adding){
		json, js_array(json, into, "permissions"),
	});
}

void list_json_syscalls(struct json *json, size_t index)
{
	struct json_object *calls = js_array(json, json->root, "syscalls");
	struct es_syscall_info call;

	(void)index;
	for (size_t i = 0; es_syscall_get(i, &call); i++)
		add_syscall(json, js_object(json, calls, NULL), &call, i);
}

void list_json_syscall(struct json *json, size_t index)
{
	struct es_syscall_info call;

	if (es_syscall_get(index, &call))
		add_syscall(json, js_object(json, json->root, "syscall"),
			    &call, index);
}
