/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdio.h>

#include "cmd.h"

/* CHILD is handed over. */
static struct json_object *add(struct json *json, struct json_object *into,
			       const char *key, struct json_object *child)
{
	if (child && into &&
	    !(key ? json_object_object_add(into, key, child) :
		    json_object_array_add(into, child)))
		return child;
	json->failed = true;
	json_object_put(child);
	return NULL;
}

void js_begin(struct json *json)
{
	*json = (struct json){ .root = json_object_new_object() };
	json->failed = !json->root;
}

struct json_object *js_object(struct json *json, struct json_object *into,
				const char *key)
{
	return add(json, into, key, json_object_new_object());
}

struct json_object *js_array(struct json *json, struct json_object *into,
			       const char *key)
{
	return add(json, into, key, json_object_new_array());
}

static void add_null(struct json *json, struct json_object *into,
		     const char *key)
{
	if (!into || (key ? json_object_object_add(into, key, NULL) :
			    json_object_array_add(into, NULL)))
		json->failed = true;
}

void js_text(struct json *json, struct json_object *into, const char *key,
	       const char *text)
{
	if (text)
		add(json, into, key, json_object_new_string(text));
	else
		add_null(json, into, key);
}

void js_flag(struct json *json, struct json_object *into, const char *key,
	       bool value)
{
	add(json, into, key, json_object_new_boolean(value));
}

void js_number(struct json *json, struct json_object *into, const char *key,
		 int64_t value)
{
	add(json, into, key, json_object_new_int64(value));
}

void js_maybe(struct json *json, struct json_object *into, const char *key,
		int64_t value, bool known)
{
	if (known)
		js_number(json, into, key, value);
	else
		add_null(json, into, key);
}

int js_end(struct json *json, int status)
{
	const int style = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			  JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = json->failed ? NULL :
		json_object_to_json_string_ext(json->root, style);

	if (text) {
		puts(text);
	} else {
		cmd_error("out of memory");
		status = CMD_FAILED;
	}
	json_object_put(json->root);
	json->root = NULL;
	return cmd_finish_stdout(status);
}
