/* SPDX-License-Identifier: MIT */
/* Values as strace(1) writes them. */
#ifndef ES_NOTATION_H
#define ES_NOTATION_H

#include "strace.h"

/* What is read at the moment: a text with a NUL behind it and none in it. */
struct es_reading {
	struct es_strace *strace;
	const char *at;
	struct es_traced *traced;
	const char *wrong;
};

/* An argument's value. */
struct es_read_value {
	uint64_t number;
	const char *string, *behind;
};

/* Notes why it can't be read, the first time; false. */
bool es_reading_note(struct es_reading *reading, const char *why);
#define es_reading_fail(reading, ...) \
	es_reading_note(reading, es_arena_printf((reading)->strace->arena, \
						 __VA_ARGS__))

void es_reading_blanks(struct es_reading *reading);

/* Steps over TEXT if it is what comes. */
bool es_reading_skip(struct es_reading *reading, const char *text);

/* How long the name at AT is; 0: there is none. */
size_t es_reading_name(const char *at);

/* A string, a structure, flags or a number. False behind a failure, or when the
 * arena is exhausted. */
bool es_reading_value(struct es_reading *reading, struct es_read_value *value);

/* What may follow it: a file behind a descriptor, what the kernel made of a
 * structure, remarks. */
bool es_reading_remarks(struct es_reading *reading,
			struct es_read_value *value);

#endif
