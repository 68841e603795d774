/* SPDX-License-Identifier: MIT */
#include "complaint.h"

#include <ctype.h>
#include <string.h>

#include "util.h"

/* What libyaml's complaints mean to somebody who writes a profile. The first
 * row that fits is taken; NULL fits all. */
static const struct complaint {
	const char *context, *problem; /* parts of libyaml's texts */
	const char *text;
} complaints[] = {
	{ NULL, "tab character", "a tab can't indent; use blanks" },
	{ "directive", NULL, "directives are not allowed" },
	{ NULL, "incompatible YAML document", "directives are not allowed" },
	{ NULL, "duplicate %", "directives are not allowed" },
	{ "ing a tag", NULL,
	  "tags are not allowed; quote text that begins with '!'" },
	{ NULL, "undefined tag handle",
	  "tags are not allowed; quote text that begins with '!'" },
	{ "scanning an anchor", NULL,
	  "anchors are not allowed; quote text that begins with '&'" },
	{ "scanning an alias", NULL,
	  "aliases are not allowed; quote text that begins with '*'" },
	{ "scanning a block scalar", "comment or line break",
	  "text behind '|' or '>'; quote text that begins with them" },
	{ "quoted scalar", "unexpected", "expected a closing quote" },
	{ "quoted scalar", "unknown escape",
	  "unknown escape; double the backslash, or use single quotes" },
	{ NULL, "could not find expected ':'", "expected ':' behind a key" },
	{ NULL, "unexpected ':'", "expected a blank behind ':'" },
	{ NULL, "mapping values are not allowed",
	  "':' can't stand here; check the indentation, or quote the text" },
	{ NULL, "mapping keys are not allowed",
	  "'?' can't stand here; quote text that begins with '? '" },
	{ NULL, "block sequence entries are not allowed",
	  "'-' can't stand here; begin a list on a line of its own" },
	{ NULL, "did not find expected key",
	  "expected a key; check the indentation and the quotes" },
	{ NULL, "did not find expected '-'",
	  "expected '- '; check the indentation" },
	{ NULL, "did not find expected ',' or ']'", "expected ',' or ']'" },
	{ NULL, "did not find expected ',' or '}'", "expected ',' or '}'" },
	{ NULL, "did not find expected node content",
	  "expected a value; quote text that begins with a bracket or comma" },
	{ NULL, "did not find expected <document start>",
	  "text behind the end of the document; check the indentation" },
};

static bool fits(const char *part, const char *text)
{
	return !part || (text && strstr(text, part));
}

/* `CALL if ARGUMENT in {`, which ends at AT: the brace begins a map there. */
static bool is_rule(const char *text, const char *at)
{
	const char *line = at;

	while (line > text && line[-1] != '\n')
		line--;
	return *at == '{' && at - line > 4 && !memcmp(at - 4, " in ", 4) &&
	       memmem(line, (size_t)(at - line), " if ", 4);
}

const char *es_complaint(const yaml_parser_t *parser, const char *text,
			 const char *at)
{
	if (fits("cannot start any token", parser->problem))
		return *at == '\t' ? "a tab can't indent; use blanks" : NULL;
	/* ${HOME} in a list: the brace begins a map there. */
	if (*at == '{' && at > text && at[-1] == '$')
		return "within brackets and braces, quote what begins with "
		       "'${', as in \"${HOME}/x\"";
	if (is_rule(text, at))
		return "a rule with braces needs quotes here, as in "
		       "\"fcntl if cmd in {F_GETFD, F_GETFL}\"";
	for (size_t i = 0; i < ES_COUNT(complaints); i++)
		if (fits(complaints[i].context, parser->context) &&
		    fits(complaints[i].problem, parser->problem))
			return complaints[i].text;
	return parser->problem ? parser->problem : "not YAML";
}

/* Is the line at AT a word, ':' and text? *COLUMN is that of the text. */
static bool lacks_blank(const char *at, unsigned *column)
{
	const char *begin = at;

	at += strspn(at, " -");
	at += strspn(at, "abcdefghijklmnopqrstuvwxyz_"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (at[0] != ':' || at == begin || !isgraph((unsigned char)at[1]))
		return false;
	*column = (unsigned)(at + 2 - begin);
	return true;
}

bool es_complaint_blank(const yaml_parser_t *parser, const char *text,
			const char *at, struct es_place *place)
{
	unsigned line = (unsigned)parser->problem_mark.line + 1;

	if (!fits("mapping values are not allowed", parser->problem) &&
	    !fits("could not find expected ':'", parser->problem) &&
	    !fits("expected <document start>", parser->problem))
		return false;
	/* The line at fault is one above, behind comments and empty lines. */
	while (at > text && at[-1] != '\n')
		at--;
	while (at > text && line > 1) {
		for (at--; at > text && at[-1] != '\n';)
			at--;
		line--;
		if (at[strspn(at, " \t\r")] == '#' ||
		    at[strspn(at, " \t\r")] == '\n')
			continue;
		place->line = line;
		if (lacks_blank(at, &place->column))
			return true;
		break;
	}
	place->line = 0;
	return false;
}
