/* SPDX-License-Identifier: MIT */
#include "cond.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONDS = 8 };

bool es_cond_holds(const struct es_cond *cond, const uint64_t args[6])
{
	return es_ranges_has(&cond->values, args[cond->arg] & cond->mask);
}

bool es_conds_hold(const struct es_conds *conds, const uint64_t args[6])
{
	for (size_t i = 0; i < conds->n; i++)
		if (!es_cond_holds(&conds->at[i], args))
			return false;
	return true;
}

bool es_cond_equal(const struct es_cond *a, const struct es_cond *b)
{
	return a->arg == b->arg && a->mask == b->mask &&
	       es_ranges_equal(&a->values, &b->values);
}

bool es_conds_equal(const struct es_conds *a, const struct es_conds *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!es_cond_equal(&a->at[i], &b->at[i]))
			return false;
	return true;
}

/* Single values under a wide mask tell all about a narrower one. */
static bool implied(const struct es_cond *given, const struct es_cond *wanted)
{
	if (given->arg != wanted->arg || (wanted->mask & ~given->mask))
		return false;
	if (given->mask == wanted->mask)
		return es_ranges_within(&given->values, &wanted->values);
	for (size_t i = 0; i < given->values.n; i++)
		if (given->values.at[i].lo != given->values.at[i].hi ||
		    !es_ranges_has(&wanted->values,
				   given->values.at[i].lo & wanted->mask))
			return false;
	return true;
}

bool es_conds_within(const struct es_conds *inner, const struct es_conds *outer)
{
	for (size_t o = 0; o < outer->n; o++) {
		bool found = false;

		for (size_t i = 0; i < inner->n && !found; i++)
			found = implied(&inner->at[i], &outer->at[o]);
		if (!found)
			return false;
	}
	return true;
}

struct reader {
	struct es_arena *arena;
	const struct es_syscall *call;
	const struct es_named_set *sets;
	const char *at;
	const char *error;
};

static void skip_blanks(struct reader *reader)
{
	while (*reader->at == ' ')
		reader->at++;
}

static bool accept(struct reader *reader, const char *token)
{
	size_t len = 0;

	skip_blanks(reader);
	for (; token[len]; len++)
		if (reader->at[len] != token[len])
			return false;
	reader->at += len;
	return true;
}

/* A name's length at the reader, which is 0 where none begins. */
static size_t name_length(struct reader *reader)
{
	size_t len = 0;

	skip_blanks(reader);
	while (isalnum((unsigned char)reader->at[len]) || reader->at[len] == '_')
		len++;
	return len;
}

static bool accept_word(struct reader *reader, const char *word)
{
	const size_t len = name_length(reader);

	if (len != strlen(word) || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static uint64_t read_value(struct reader *reader);

static uint64_t read_term(struct reader *reader)
{
	uint64_t value = 0;

	if (accept(reader, "~"))
		return ~read_term(reader);
	if (accept(reader, "(")) {
		value = read_value(reader);
		if (!accept(reader, ")"))
			reader->error = "')' is missing";
		return value;
	}

	const size_t len = name_length(reader);

	if (len && isdigit((unsigned char)*reader->at)) {
		char *end = NULL;

		value = strtoull(reader->at, &end, 0);
		reader->at = end;
		return value;
	}
	if (!len || !es_constant_find(reader->at, len, &value))
		reader->error = "unknown constant";
	reader->at += len;
	return value;
}

static uint64_t read_value(struct reader *reader)
{
	uint64_t value = read_term(reader);

	while (!reader->error && accept(reader, "|"))
		value |= read_term(reader);
	return value;
}

static void add_value(struct reader *reader, struct es_cond *cond,
		      uint64_t width)
{
	const uint64_t value = read_value(reader) & width;

	if (value & ~cond->mask)
		reader->error = "a value has bits that the mask takes out";
	else if (!reader->error && !es_ranges_add(reader->arena, &cond->values,
						  value, value))
		reader->error = "";
}

static void read_set(struct reader *reader, struct es_cond *cond,
		     uint64_t width)
{
	if (accept(reader, "{")) {
		do
			add_value(reader, cond, width);
		while (!reader->error && accept(reader, ","));
		if (!reader->error && !accept(reader, "}"))
			reader->error = "'}' is missing";
		return;
	}

	const size_t len = name_length(reader);

	for (const struct es_named_set *set = reader->sets; set->name; set++) {
		if (strlen(set->name) == len &&
		    !memcmp(set->name, reader->at, len)) {
			cond->values = set->set;
			reader->at += len;
			return;
		}
	}
	reader->error = "unknown set";
}

static void read_cond(struct reader *reader, struct es_cond *cond)
{
	struct es_arg arg = { 0 };
	const size_t len = name_length(reader);

	if (!es_syscall_arg(reader->call, reader->at, len, &arg)) {
		reader->error = "unknown argument";
		return;
	}
	reader->at += len;
	*cond = (struct es_cond){ .arg = arg.index, .mask = arg.mask };
	if (accept(reader, "&"))
		cond->mask &= read_term(reader);
	if (reader->error)
		return;
	if (accept_word(reader, "in"))
		read_set(reader, cond, arg.mask);
	else if (accept(reader, "=="))
		add_value(reader, cond, arg.mask);
	else
		reader->error = "'==' or 'in' is missing";
}

static bool always_holds(const struct es_cond *cond)
{
	return cond->values.n == 1 && cond->values.at[0].lo == 0 &&
	       cond->values.at[0].hi >= cond->mask;
}

const char *es_conds_parse(struct es_arena *arena,
			   const struct es_syscall *call, const char *text,
			   const struct es_named_set *sets,
			   struct es_conds *conds)
{
	struct reader reader = { arena, call, sets, text, NULL };
	struct es_cond read[MAX_CONDS];
	size_t n = 0;

	do {
		if (n == MAX_CONDS)
			return "too many conditions";
		read_cond(&reader, &read[n]);
		if (!reader.error && !always_holds(&read[n]))
			n++;
	} while (!reader.error && accept_word(&reader, "and"));
	skip_blanks(&reader);
	if (!reader.error && *reader.at)
		reader.error = "'and' is missing";
	if (reader.error)
		return reader.error;

	struct es_cond *kept = es_arena_alloc(arena, n * sizeof(*kept) + 1);

	if (!kept)
		return "";
	memcpy(kept, read, n * sizeof(*kept));
	*conds = (struct es_conds){ kept, n };
	return NULL;
}
