/* SPDX-License-Identifier: MIT */
/* Reading the text of conditions, word by word. */
#ifndef ES_READER_H
#define ES_READER_H

#include <ctype.h>
#include <string.h>

#include "cond.h"

struct es_reader {
	struct es_arena *arena;
	const struct es_syscall *call;
	const struct es_named_set *sets; /* NULL: somebody wrote it */
	bool guess;
	const char *at;
	const char *error, *error_at;
	unsigned depth; /* of the value that is read */
};

/* A value as it is written, before it is held against its argument. */
struct es_value {
	const char *at; /* where */
	uint64_t bits;
	bool negative;
	bool number;  /* no constant is in it */
	bool pattern; /* made by ~: it is as wide as its argument */
};

/* How a value is held against an argument. */
enum es_use {
	ES_IS_EQUAL,
	ES_IS_MASK, /* or what is left by one: bits, without a sign */
	ES_IS_ORDER,
};

static inline void es_reader_skip(struct es_reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' ||
	       *reader->at == '\n')
		reader->at++;
}

static inline bool es_reader_accept(struct es_reader *reader, const char *token)
{
	size_t len = 0;

	es_reader_skip(reader);
	for (; token[len]; len++)
		if (reader->at[len] != token[len])
			return false;
	reader->at += len;
	return true;
}

static inline bool es_is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A name's length at the reader, which is 0 where none begins. */
static inline size_t es_reader_name(struct es_reader *reader)
{
	size_t len = 0;

	es_reader_skip(reader);
	while (es_is_name(reader->at[len]))
		len++;
	return len;
}

static inline bool es_reader_word(struct es_reader *reader, const char *word)
{
	const size_t len = es_reader_name(reader);

	if (len != strlen(word) || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

/* Notes what is wrong AT, or that there is no memory. The first mistake
 * counts. */
__attribute__((format(printf, 3, 4)))
void es_reader_fail(struct es_reader *reader, const char *at,
		    const char *format, ...);
void es_reader_nomem(struct es_reader *reader);

/* `WHAT is expected, not ...` of what stands at the reader. */
void es_reader_expected(struct es_reader *reader, const char *what);

/* `unknown WHAT 'NAME'` of the LEN bytes at the reader. */
void es_reader_unknown(struct es_reader *reader, size_t len, const char *what);

/* One number, constant, or values in brackets; or several, joined by `|`. */
struct es_value es_value_term(struct es_reader *reader);
struct es_value es_value_read(struct es_reader *reader);

/* The bits of VALUE in ARG; a mistake if it doesn't fit. */
uint64_t es_value_in(struct es_reader *reader, const struct es_value *value,
		     const struct es_arg *arg, enum es_use use);

#endif
