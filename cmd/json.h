/* SPDX-License-Identifier: MIT */
#ifndef ES_CMD_JSON_H
#define ES_CMD_JSON_H

#include <json-c/json.h>
#include <stdbool.h>

/*
 * A JSON document being built. These add a member KEY to INTO, which is an
 * object, or an array with KEY NULL. What could not be had for lack of memory
 * is remembered, and INTO may then be NULL.
 */
struct json {
	struct json_object *root; /* owned */
	bool failed;
};

void js_begin(struct json *json);
struct json_object *js_object(struct json *json, struct json_object *into,
				const char *key);
struct json_object *js_array(struct json *json, struct json_object *into,
			       const char *key);
/* NULL becomes null. */
void js_text(struct json *json, struct json_object *into, const char *key,
	       const char *text);
void js_flag(struct json *json, struct json_object *into, const char *key,
	       bool value);
void js_number(struct json *json, struct json_object *into, const char *key,
		 int64_t value);
/* A number that there may not be: then it is null. */
void js_maybe(struct json *json, struct json_object *into, const char *key,
		int64_t value, bool known);

/* Prints the document on standard output and frees it. STATUS, or CMD_FAILED
 * with a message. */
int js_end(struct json *json, int status);

#endif
