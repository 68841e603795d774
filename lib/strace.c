/* SPDX-License-Identifier: MIT */
#include "strace.h"

#include <ctype.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "notation.h"
#include "util.h"

/* `flags=` and the like stand before values where strace orders them its own
 * way: *INDEX becomes that of the argument. */
static bool read_label(struct es_reading *reading, unsigned *index)
{
	static const struct {
		const char *call, *label;
		unsigned index;
	} labels[] = {
		{ "clone", "child_stack", 1 },   { "clone", "child_tidptr", 3 },
		{ "clone", "flags", 0 },         { "clone", "parent_tid", 2 },
		{ "clone", "parent_tidptr", 2 }, { "clone", "tls", 4 },
	};
	const char *name = reading->at;
	const size_t len = es_reading_name(name);

	if (!len || name[len] != '=' || name[len + 1] == '>')
		return true;
	reading->at += len + 1;
	for (size_t i = 0; i < ES_COUNT(labels); i++) {
		if (!strcmp(labels[i].call, reading->traced->row->name) &&
		    !es_name_compare(labels[i].label, name, len)) {
			*index = labels[i].index;
			return true;
		}
	}

	struct es_arg arg = { 0 };

	if (!es_syscall_arg(reading->traced->row, name, len, &arg))
		return es_reading_fail(reading, "'%.*s' is no argument of %s",
				       len < 60 ? (int)len : 60, name,
				       reading->traced->row->name);
	*index = arg.index;
	return true;
}

static bool read_arguments(struct es_reading *reading)
{
	struct es_traced *traced = reading->traced;
	struct es_read_value value;

	es_reading_blanks(reading);
	for (unsigned i = 0; *reading->at != ')'; i++) {
		unsigned index = i;

		if (!*reading->at)
			return es_reading_fail(reading, "')' is missing");
		if (!read_label(reading, &index))
			return false;
		if (index >= ES_COUNT(traced->strings))
			return es_reading_fail(reading,
					       "there are more than six "
					       "arguments");
		if (!es_reading_value(reading, &value) ||
		    !es_reading_remarks(reading, &value))
			return false;
		traced->call.args[index] = value.number;
		traced->strings[index] = value.string;
		traced->behind[index] = value.behind;
		if (es_reading_skip(reading, ","))
			es_reading_blanks(reading);
		else if (*reading->at && *reading->at != ')')
			return es_reading_fail(reading,
					       "',' or ')' is expected at "
					       "'%.20s'",
					       reading->at);
	}
	reading->at++;
	return true;
}

/* `= -1 ENOENT (No such file or directory)`; more may follow. */
static bool read_result(struct es_reading *reading)
{
	es_reading_blanks(reading);
	if (!*reading->at)
		return true;
	if (!es_reading_skip(reading, "="))
		return es_reading_fail(
			reading,
			"nothing is expected behind ')' but '=': "
			"'%.20s'",
			reading->at);
	es_reading_blanks(reading);
	reading->traced->failed = *reading->at == '-';
	reading->traced->finished = *reading->at && *reading->at != '?';
	reading->traced->result = (int64_t)strtoll(reading->at, NULL, 0);
	return true;
}

static bool read_call(struct es_reading *reading)
{
	struct es_traced *traced = reading->traced;
	const char *name = reading->at;
	const size_t len = es_reading_name(name);

	if (!len)
		return es_reading_fail(
			reading,
			"a call is expected, as in "
			"`openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY)`");
	if (name[len] != '(')
		return es_reading_fail(reading, "'(' is expected behind '%.*s'",
				       len < 60 ? (int)len : 60, name);
	traced->row = es_syscall_find(name, len);
	if (!traced->row || es_syscall_number(traced->row) < 0)
		return es_reading_fail(reading, "'%.*s' is no system call%s",
				       len < 60 ? (int)len : 60, name,
				       traced->row ? " of this architecture"
						   : " that is known");
	traced->call.arch = ES_AUDIT_ARCH;
	traced->call.nr = (uint32_t)es_syscall_number(traced->row);
	reading->at += len + 1;
	if (!read_arguments(reading))
		return false;
	traced->text = es_arena_copy(reading->strace->arena, name,
				     (size_t)(reading->at - name));
	return traced->text && read_result(reading);
}

/* "[pid 12] ", "12 ", and what -t and -r put before a call. */
static void read_prefixes(struct es_reading *reading)
{
	for (;;) {
		const char *begin = NULL, *end = NULL;

		es_reading_blanks(reading);
		if (es_reading_skip(reading, "[pid")) {
			es_reading_blanks(reading);
		}
		begin = reading->at;
		end = begin + strspn(begin, "0123456789.:");
		if (end == begin || (*end != ' ' && *end != ']'))
			return;
		if (strspn(begin, "0123456789") == (size_t)(end - begin))
			reading->traced->pid = strtoll(begin, NULL, 10);
		reading->at = end + (*end == ']');
	}
}

/* Where a trace tells no process any more, the others having ended, the call's
 * name tells which half it is. */
static struct es_half *find_half(struct es_strace *strace, int64_t pid,
				 const char *name)
{
	const size_t len = es_reading_name(name);

	for (size_t i = 0; i < strace->nhalves; i++)
		if (strace->halves[i].pid == pid)
			return &strace->halves[i];
	for (size_t i = 0; i < strace->nhalves && len; i++)
		if (!strncmp(strace->halves[i].text, name, len) &&
		    strace->halves[i].text[len] == '(')
			return &strace->halves[i];
	return NULL;
}

/* Keeps the first half of a call, and puts the second behind it. */
static enum es_line join(struct es_reading *reading, bool *whole)
{
	static const char unfinished[] = "<unfinished ...>";
	static const char resumed[] = "resumed>";
	struct es_strace *strace = reading->strace;
	const int64_t pid = reading->traced->pid;
	const size_t len = strlen(reading->at), tail = strlen(unfinished);
	struct es_half *half = NULL;
	const char *second = NULL;

	*whole = true;
	if (!strncmp(reading->at, "<... ", 5)) {
		half = find_half(strace, pid, reading->at + 5);
		second = strstr(reading->at, resumed);
		if (!second || !half) {
			es_reading_fail(reading, "the first half of the call "
						 "is missing");
			return ES_LINE_WRONG;
		}
		reading->at = es_arena_printf(strace->arena, "%s%s", half->text,
					      second + strlen(resumed));
		*half = strace->halves[--strace->nhalves];
		return reading->at ? ES_LINE_CALL : ES_LINE_NOMEM;
	}
	if (len < tail || strcmp(reading->at + len - tail, unfinished) != 0)
		return ES_LINE_CALL;
	*whole = false;
	half = find_half(strace, pid, "");
	if (!half && strace->nhalves == ES_COUNT(strace->halves)) {
		es_reading_fail(reading, "too many calls are unfinished");
		return ES_LINE_WRONG;
	}
	if (!half)
		half = &strace->halves[strace->nhalves++];
	half->pid = pid;
	half->text = es_arena_copy(strace->arena, reading->at, len - tail);
	return half->text ? ES_LINE_NONE : ES_LINE_NOMEM;
}

static bool is_remark(const char *line)
{
	static const char *const remarks[] = { "---", "+++", "strace:", ">" };

	for (size_t i = 0; i < ES_COUNT(remarks); i++)
		if (!strncmp(line, remarks[i], strlen(remarks[i])))
			return true;
	return !*line;
}

static enum es_line conclude(struct es_reading *reading, bool fine)
{
	struct es_strace *strace = reading->strace;

	strace->wrong = reading->wrong;
	if (strace->arena->exhausted)
		return ES_LINE_NOMEM;
	return fine ? ES_LINE_CALL : ES_LINE_WRONG;
}

static bool begin(struct es_strace *strace, const char *line, size_t len,
		  struct es_traced *traced, struct es_reading *reading)
{
	*traced = (struct es_traced){ .pid = -1 };
	*reading = (struct es_reading){ .strace = strace, .traced = traced };
	if (len > ES_STRACE_MAX_LINE)
		return es_reading_fail(reading,
				       "the line is longer than %d bytes",
				       ES_STRACE_MAX_LINE);
	if (memchr(line, '\0', len))
		return es_reading_fail(reading, "there is a NUL in it");
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	reading->at = es_arena_copy(strace->arena, line, len);
	return reading->at;
}

enum es_line es_strace_call(struct es_strace *strace, const char *text,
			    size_t len, struct es_traced *traced)
{
	struct es_reading reading;
	bool fine = begin(strace, text, len, traced, &reading);

	if (fine)
		es_reading_blanks(&reading);
	fine = fine && read_call(&reading);
	return conclude(&reading, fine);
}

enum es_line es_strace_line(struct es_strace *strace, const char *line,
			    size_t len, struct es_traced *traced)
{
	struct es_reading reading;
	bool whole = false;
	enum es_line kind = ES_LINE_NONE;

	if (!begin(strace, line, len, traced, &reading))
		return conclude(&reading, false);
	read_prefixes(&reading);
	es_reading_blanks(&reading);
	if (is_remark(reading.at))
		return ES_LINE_NONE;
	kind = join(&reading, &whole);
	if (kind == ES_LINE_NONE)
		return kind;
	return conclude(&reading, whole && kind == ES_LINE_CALL &&
				  read_call(&reading));
}
