/* SPDX-License-Identifier: MIT */
#include "notation.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "util.h"

bool es_reading_note(struct es_reading *reading, const char *why)
{
	if (!reading->wrong)
		reading->wrong = why;
	return false;
}

void es_reading_blanks(struct es_reading *reading)
{
	while (*reading->at == ' ' || *reading->at == '\t')
		reading->at++;
}

bool es_reading_skip(struct es_reading *reading, const char *text)
{
	const size_t len = strlen(text);

	if (strncmp(reading->at, text, len) != 0)
		return false;
	reading->at += len;
	return true;
}

size_t es_reading_name(const char *at)
{
	size_t len = 0;

	if (!isalpha((unsigned char)*at) && *at != '_')
		return 0;
	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	return len;
}

/* One character of a string, `\` being behind. */
static char escaped(struct es_reading *reading)
{
	static const char letters[] = "ntrabfv", values[] = "\n\t\r\a\b\f\v";
	const char *c = reading->at++;
	const char *found = *c ? strchr(letters, *c) : NULL;
	unsigned number = 0, digits = 0;

	if (found)
		return values[found - letters];
	if (*c == 'x') {
		while (digits < 2 && isxdigit((unsigned char)*reading->at)) {
			const char digit[] = { *reading->at++, '\0' };

			number = number * 16 +
				 (unsigned)strtoul(digit, NULL, 16);
			digits++;
		}
		return (char)number;
	}
	if (*c < '0' || *c > '7')
		return *c;
	number = (unsigned)(*c - '0');
	while (++digits < 3 && *reading->at >= '0' && *reading->at <= '7')
		number = number * 8 + (unsigned)(*reading->at++ - '0');
	return (char)number;
}

/* "...", with `...` behind it where strace has cut it off; then it is none. */
static bool read_string(struct es_reading *reading, const char **string)
{
	struct es_arena *arena = reading->strace->arena;
	const size_t most = strcspn(++reading->at, "\n") + 1;
	char *text = string ? es_arena_alloc(arena, most) : NULL;
	size_t n = 0;

	if (string && !text)
		return false;
	while (*reading->at != '"') {
		char c = *reading->at++;

		if (!c || (c == '\\' && !*reading->at)) {
			reading->at--;
			return es_reading_fail(reading, "a string has no end");
		}
		if (c == '\\')
			c = escaped(reading);
		if (text)
			text[n++] = c;
	}
	reading->at++;
	if (es_reading_skip(reading, "..."))
		text = NULL;
	/* What has a NUL in it is no path. */
	if (string)
		*string = text && !memchr(text, '\0', n) ? text : NULL;
	return true;
}

static bool skip_comment(struct es_reading *reading)
{
	const char *end = strstr(reading->at, "*/");

	if (!end)
		return es_reading_fail(reading, "a comment has no end");
	reading->at = end + 2;
	return true;
}

/* What is in brackets, of whatever kind and however deep. */
static bool skip_brackets(struct es_reading *reading)
{
	unsigned depth = 0;

	do {
		const char c = *reading->at;

		if (!c)
			return es_reading_fail(reading,
					       "a bracket is not closed");
		if (c == '"') {
			if (!read_string(reading, NULL))
				return false;
			continue;
		}
		if (!strncmp(reading->at, "/*", 2)) {
			if (!skip_comment(reading))
				return false;
			continue;
		}
		if (strchr("{[(", c))
			depth++;
		else if (strchr("}])", c))
			depth--;
		reading->at++;
	} while (depth);
	return true;
}

/* `</etc/passwd>` behind a descriptor, `<socket:[12]>`. */
static bool read_behind(struct es_reading *reading, const char **behind)
{
	const char *begin = reading->at + 1;
	unsigned depth = 0;

	for (; *reading->at; reading->at++) {
		/* What has the sign in its name is escaped or followed by
		 * neither. */
		if (*reading->at == '<')
			depth++;
		else if (*reading->at == '>' && reading->at[-1] != '-')
			depth--;
		if (!depth)
			break;
	}
	if (!*reading->at)
		return es_reading_fail(reading, "'<' has no '>'");
	*behind = es_arena_copy(reading->strace->arena, begin,
				(size_t)(reading->at - begin));
	reading->at++;
	es_reading_skip(reading, "(deleted)");
	return *behind != NULL;
}

static bool read_number(struct es_reading *reading, uint64_t *number)
{
	const bool negative = *reading->at == '-';
	const char *begin = reading->at + negative;
	char *end = NULL;

	if (!isdigit((unsigned char)*begin))
		return es_reading_fail(reading,
				       "a number is expected at '%.20s'",
				       reading->at);
	*number = strtoull(begin, &end, 0);
	if (negative)
		*number = -*number;
	reading->at = end;
	return true;
}

/* NAME(NUMBER, NUMBER): what strace makes of numbers. */
static bool read_function(struct es_reading *reading, const char *name,
			  size_t len, uint64_t *number)
{
	uint64_t args[4] = { 0 };
	size_t n = 0;

	reading->at++;
	while (n < ES_COUNT(args)) {
		const size_t word = es_reading_name(reading->at);

		es_reading_blanks(reading);
		/* _IOC's directions */
		for (bool more = word; more;) {
			const size_t own = es_reading_name(reading->at);

			args[n] |= !strncmp(reading->at, "_IOC_READ", own)
					   ? 2
					   : !strncmp(reading->at, "_IOC_WRITE",
						      own);
			reading->at += own;
			more = own && es_reading_skip(reading, "|");
		}
		if (!word && !read_number(reading, &args[n]))
			return false;
		n++;
		es_reading_blanks(reading);
		if (!es_reading_skip(reading, ","))
			break;
		es_reading_blanks(reading);
	}
	if (!es_reading_skip(reading, ")"))
		return es_reading_fail(reading, "'%.*s' is not closed",
				       (int)len, name);
	if (!es_name_compare("makedev", name, len))
		*number = makedev((unsigned)args[0], (unsigned)args[1]);
	else if (!es_name_compare("_IOC", name, len))
		*number = args[0] << 30 | args[3] << 16 | args[1] << 8 |
			  args[2];
	else
		return es_reading_fail(reading, "'%.*s(...)' is no number",
				       (int)len, name);
	return true;
}

/* Names that the headers lack. */
static bool find_name(const char *name, size_t len, uint64_t *number)
{
	static const struct {
		const char *name;
		uint64_t value;
	} others[] = {
		{ "ARCH_CET_STATUS", 0x3001 },
		{ "INADDR_ANY", 0 },
		{ "MAP_HUGE_SHIFT", 26 },
		{ "SIG_0", 0 },
		{ "SIGRTMIN", 32 },
	};
	char text[8] = "";

	if (es_constant_find(name, len, number))
		return true;
	for (size_t i = 0; i < ES_COUNT(others); i++) {
		if (!es_name_compare(others[i].name, name, len)) {
			*number = others[i].value;
			return true;
		}
	}
	if (len > 6 && len < 6 + sizeof(text) && !memcmp(name, "SIGRT_", 6)) {
		memcpy(text, name + 6, len - 6);
		*number = 32 + strtoul(text, NULL, 10);
		return true;
	}
	return false;
}

/* A name or a number. */
static bool read_term(struct es_reading *reading, uint64_t *number)
{
	const char *name = reading->at;
	const size_t len = es_reading_name(name);

	if (!len)
		return read_number(reading, number);
	if (name[len] == '(') {
		reading->at += len;
		return read_function(reading, name, len, number);
	}
	if (!find_name(name, len, number))
		return es_reading_fail(reading,
				       "'%.*s' is no constant that is known",
				       len < 60 ? (int)len : 60, name);
	reading->at += len;
	return true;
}

/* Terms with '|' between them, in an argument or a structure's member. */
static bool read_flags(struct es_reading *reading, uint64_t *number)
{
	*number = 0;
	do {
		uint64_t term = 0;

		if (!read_term(reading, &term))
			return false;
		if (es_reading_skip(reading, "<<")) {
			uint64_t shift = 0;

			if (!read_term(reading, &shift))
				return false;
			term = shift < 64 ? term << shift : 0;
		}
		*number |= term;
	} while (es_reading_skip(reading, "|"));
	return true;
}

/* NAME=... within a structure, read on its own. */
static bool read_member(struct es_reading *reading, const char *begin,
			const char *end, const char *member, uint64_t *number)
{
	const char *found = memmem(begin, (size_t)(end - begin), member,
				   strlen(member));
	struct es_reading own = { .strace = reading->strace };

	if (!found)
		return false;
	own.at = found + strlen(member);
	return read_flags(&own, number);
}

static bool read_structure(struct es_reading *reading,
			   struct es_read_value *value)
{
	const char *begin = reading->at;
	uint64_t number = 0;

	value->number = ES_STRACE_POINTER;
	if (!skip_brackets(reading))
		return false;
	if (read_member(reading, begin, reading->at, "sa_family=", &number))
		reading->traced->family = (unsigned)number;
	if (read_member(reading, begin, reading->at, "_port=htons(", &number)) {
		reading->traced->port = (unsigned)number;
		reading->traced->has_port = true;
	}
	read_member(reading, begin, reading->at,
		    "{flags=", &reading->traced->flags);
	read_member(reading, begin, reading->at,
		    "exit_signal=", &reading->traced->signal);
	return true;
}

bool es_reading_value(struct es_reading *reading, struct es_read_value *value)
{
	*value = (struct es_read_value){ 0 };
	if (*reading->at == '"' || !strncmp(reading->at, "@\"", 2)) {
		reading->at += *reading->at == '@';
		value->number = ES_STRACE_POINTER;
		return read_string(reading, &value->string);
	}
	reading->at += *reading->at == '~'; /* a set of signals, turned over */
	if (*reading->at == '{' || *reading->at == '[')
		return read_structure(reading, value);
	return read_flags(reading, &value->number);
}

/* What may follow a value: files behind descriptors, what the kernel made of a
 * structure, remarks. */
bool es_reading_remarks(struct es_reading *reading, struct es_read_value *value)
{
	for (;;) {
		struct es_read_value result = { 0 };

		if (*reading->at == '<') {
			if (!read_behind(reading, &value->behind))
				return false;
			continue;
		}
		es_reading_blanks(reading);
		if (!strncmp(reading->at, "/*", 2)) {
			if (!skip_comment(reading))
				return false;
		} else if (es_reading_skip(reading, "=>")) {
			es_reading_blanks(reading);
			if (!es_reading_value(reading, &result))
				return false;
		} else {
			return true;
		}
	}
}
