/* SPDX-License-Identifier: MIT */
/* The values of conditions, and what is wrong with their text. */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "util.h"

enum { MAX_DEPTH = 16 }; /* of brackets and `~` */

void es_reader_nomem(struct es_reader *reader)
{
	reader->arena->exhausted = true;
	if (reader->error)
		return;
	reader->error = "";
	reader->error_at = reader->at;
}

void es_reader_fail(struct es_reader *reader, const char *at,
		    const char *format, ...)
{
	es_autofree char *text = NULL;
	va_list args;

	if (reader->error)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL; /* what it points to is undefined then */
	va_end(args);
	if (text)
		reader->error = es_arena_copy(reader->arena, text,
					      strlen(text));
	reader->error_at = at;
	if (!reader->error)
		es_reader_nomem(reader);
}

/* The length of what stands at the reader: a word, or a character. */
static size_t found(struct es_reader *reader)
{
	size_t len = es_reader_name(reader);

	if (!len && *reader->at) /* a character of UTF-8, or an operator */
		do
			len++;
		while ((reader->at[len] & 0xc0) == 0x80 ||
		       (reader->at[len] && strchr("=<>&|", reader->at[len])));
	return len;
}

void es_reader_expected(struct es_reader *reader, const char *what)
{
	const size_t len = found(reader);

	if (*reader->at)
		es_reader_fail(reader, reader->at, "%s is expected, not '%.*s'",
			       what, (int)len, reader->at);
	else
		es_reader_fail(reader, reader->at,
			       "%s is expected, not the end", what);
}

/* `unknown WHAT 'NAME', did you mean 'MEANT'?` of the name at the reader. */
void es_reader_unknown(struct es_reader *reader, size_t len, const char *what)
{
	const char *name = es_arena_copy(reader->arena, reader->at, len);
	const char *meant = NULL, *all = NULL;

	if (name && reader->guess)
		meant = *what == 'a' ?
			es_syscall_arg_guess(reader->arena, reader->call,
					     name) :
			es_constant_guess(reader->arena, name);
	if (*what == 'a' && !meant)
		all = es_syscall_arg_names(reader->arena, reader->call);
	if (reader->arena->exhausted) {
		es_reader_nomem(reader);
		return;
	}
	if (reader->at[len] == '(' && *what != 'a')
		es_reader_fail(reader, reader->at, "a rule has no functions: "
			       "'%.*s' would have to be a number or a constant",
			       (int)len, reader->at);
	else if (all)
		es_reader_fail(reader, reader->at, "unknown argument '%.*s'; "
			       "'%s' has %s", (int)len, reader->at,
			       reader->call->name, all);
	else
		es_reader_fail(reader, reader->at, "unknown %s '%.*s'%s%s%s",
			       what, (int)len, reader->at,
			       meant ? ", did you mean '" : "",
			       meant ? meant : "", meant ? "'?" : "");
}

static int digit_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | ' ') - 'a' + 10 : 16;
}

/* Decimal, 0x or 0o, as numbers of a profile are everywhere. */
static void read_number(struct es_reader *reader, size_t len,
			struct es_value *value)
{
	const char *at = reader->at, *const end = at + len;
	unsigned base = 10;

	if (len > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'o')) {
		base = at[1] == 'x' ? 16 : 8;
		at += 2;
	}
	for (; at < end; at++) {
		const unsigned digit = (unsigned)digit_value(*at);

		if (digit >= base ||
		    (base == 10 && len > 1 && *reader->at == '0')) {
			es_reader_fail(reader, reader->at, "'%.*s' is no number: "
				       "it is decimal, 0x or 0o", (int)len,
				       reader->at);
			return;
		}
		if (value->bits > (UINT64_MAX - digit) / base) {
			es_reader_fail(reader, reader->at, "'%.*s' does not fit "
				       "in 64 bits", (int)len, reader->at);
			return;
		}
		value->bits = value->bits * base + digit;
	}
	value->number = true;
	reader->at = end;
}

static struct es_value read_term(struct es_reader *reader)
{
	struct es_value value = { 0 };
	size_t len = es_reader_name(reader);

	value.at = reader->at;
	if (es_reader_accept(reader, "~")) {
		value = es_value_term(reader);
		value.bits = ~value.bits;
		value.pattern = true;
	} else if (es_reader_accept(reader, "(")) {
		value = es_value_read(reader);
		if (!es_reader_accept(reader, ")"))
			es_reader_expected(reader, "')'");
	} else if (es_reader_accept(reader, "-")) {
		const char *const minus = value.at;

		len = es_reader_name(reader);
		if (!len || !isdigit((unsigned char)*reader->at)) {
			es_reader_expected(reader, "a number");
			return value;
		}
		read_number(reader, len, &value);
		if (value.bits > 1ULL << 63)
			es_reader_fail(reader, minus, "'%.*s' does not fit in "
				       "64 bits", (int)(reader->at - minus),
				       minus);
		value.at = minus;
		value.negative = value.bits > 0;
		value.bits = -value.bits;
	} else if (len && isdigit((unsigned char)*reader->at)) {
		read_number(reader, len, &value);
	} else if (!len) {
		es_reader_expected(reader, "a number or a constant");
	} else if (!es_constant_find(reader->at, len, &value.bits)) {
		es_reader_unknown(reader, len, "constant");
	} else {
		value.negative = value.bits >> 63;
		reader->at += len;
	}
	return value;
}

/* A text of 64 KiB of brackets would need more stack than there is. */
struct es_value es_value_term(struct es_reader *reader)
{
	struct es_value value = { .at = reader->at };

	if (reader->depth > MAX_DEPTH) {
		es_reader_fail(reader, reader->at, "nested deeper than %d "
			       "levels", MAX_DEPTH);
		return value;
	}
	reader->depth++;
	value = read_term(reader);
	reader->depth--;
	return value;
}

/* `||`, as C has it. */
static bool starts_or(struct es_reader *reader)
{
	es_reader_skip(reader);
	return reader->at[0] == '|' && reader->at[1] == '|';
}

/* Constants of which one at a time is meant, by how their names begin: joined
 * they are another, or none. */
static bool is_single(const char *name, size_t len)
{
	static const char *const families[] = {
		"AF_", "PF_", "SIG", "F_GET", "F_SET", "F_DUPFD", "PR_GET_",
		"PR_SET_", "TIOCG", "TIOCS", "TCGET", "TCSET", "SEEK_",
		"CLOCK_", "IPPROTO_", "SOL_", "SO_", "SOCK_STREAM",
		"SOCK_DGRAM", "SOCK_RAW", "SOCK_SEQPACKET", "FUTEX_WAIT",
		"FUTEX_WAKE", "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",
		"RLIMIT_", "EPOLL_CTL_", "MADV_",
	};

	for (size_t i = 0; i < ES_COUNT(families); i++)
		if (len > strlen(families[i]) - 1 &&
		    !strncmp(name, families[i], strlen(families[i])))
			return true;
	return false;
}

/* `A | B` is a union of bits, and was meant as a choice if both are numbers of
 * one kind; in brackets, as in a mask, it may be right. */
static void check_joined(struct es_reader *reader, const struct es_value *value,
			 const struct es_value *more)
{
	size_t len = 0, its_len = 0;

	if (reader->error || reader->sets || reader->depth)
		return;
	while (es_is_name(value->at[len]))
		len++;
	while (es_is_name(more->at[its_len]))
		its_len++;
	if (is_single(value->at, len) && is_single(more->at, its_len) &&
	    !strncmp(value->at, more->at, 2))
		es_reader_fail(reader, value->at, "'%.*s' is one number made of "
			       "both; several values are `in {%.*s, %.*s}`",
			       (int)(reader->at - value->at), value->at,
			       (int)len, value->at, (int)its_len, more->at);
}

struct es_value es_value_read(struct es_reader *reader)
{
	struct es_value value = es_value_term(reader);

	while (!reader->error && !starts_or(reader) &&
	       es_reader_accept(reader, "|")) {
		const struct es_value more = es_value_term(reader);

		check_joined(reader, &value, &more);

		value.bits |= more.bits;
		value.negative |= more.negative;
		value.number &= more.number;
		value.pattern |= more.pattern;
	}
	return value;
}

static bool fits(const struct es_value *value, const struct es_arg *arg,
		 enum es_use use)
{
	const uint64_t largest = arg->mask >> 1;
	const bool is_signed = arg->negative && use != ES_IS_MASK;

	if (value->pattern)
		return use != ES_IS_ORDER;
	if (value->negative)
		return ~value->bits <= largest &&
		       (is_signed || use != ES_IS_ORDER);
	/* Constants are bits often enough, of options above all. */
	return value->bits <= arg->mask &&
	       (!is_signed || value->bits <= largest ||
		(use == ES_IS_EQUAL && !value->number));
}

/* The bits of VALUE in ARG; a mistake if it doesn't fit. */
uint64_t es_value_in(struct es_reader *reader, const struct es_value *value,
			 const struct es_arg *arg, enum es_use use)
{
	const bool is_signed = arg->negative && use != ES_IS_MASK;

	if (!reader->error && !fits(value, arg, use))
		es_reader_fail(reader, value->at, "'%.*s' does not fit in %s "
			       "bits%s", (int)(reader->at - value->at),
			       value->at,
			       arg->mask == UINT64_MAX ? "64" :
			       arg->mask == UINT32_MAX ? "32" :
			       arg->mask == UINT16_MAX ? "16" : "12",
			       is_signed ? " with a sign" :
			       value->negative ? " without a sign" : "");
	return value->bits & arg->mask;
}
