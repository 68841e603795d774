/* SPDX-License-Identifier: MIT */
#ifndef ES_DIAG_H
#define ES_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extrasafe.h"

/* A text that was read: a profile's file or a fragment of the command line. */
struct es_source {
	const char *name; /* as diagnostics print it */
	const char *text; /* NUL-terminated, LEN bytes, may be invalid UTF-8 */
	size_t len;
	/* What its relative paths are relative to; NULL: it can't be told. */
	const char *folder;
};

/* A place in a source. LINE and COLUMN count from 1, COLUMN in characters;
 * source NULL: no place (a call of the API, a default). */
struct es_place {
	const struct es_source *source;
	unsigned line, column;
};

/*
 * Adds a diagnostic. Everything is copied, so that diagnostics outlive what
 * they speak of. When memory runs out, that itself is remembered, and printed.
 */
__attribute__((format(printf, 4, 5)))
void es_diag(struct es_diags *diags, enum es_severity severity,
	     struct es_place place, const char *format, ...);

/* Was there no memory for a diagnostic? */
bool es_diags_lost(const struct es_diags *diags);

#define ES_NOWHERE ((struct es_place){ 0 })

/* A copy of TEXT to be freed, bytes that could steer a terminal as \xHH and
 * what is too long cut; NULL when there is no memory. */
char *es_escaped(const char *text);

/* Prints TEXT, bytes that could steer a terminal as \xHH. */
void es_print_escaped(FILE *stream, const char *text);

/* How many of the LEN (at least 1) bytes at TEXT the first character takes, its
 * code point being *CODE; 0 if they are not UTF-8. */
size_t es_utf8(const char *text, size_t len, uint32_t *code);

#endif
