/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "util.h"

enum {
	MAX_ERRORS = 100, /* nobody reads more of them, */
	MAX_WARNINGS = 100, /* and a source line is looked for from its start */
	MAX_TEXT = 6000,  /* bytes of a message: a path, and what is wrong */
	MAX_SHOWN = 400,  /* characters of a source line */
	MAX_WORD = 64,    /* bytes of a word that es_did_you_mean looks at */
};

/* Everything is escaped when it is collected, so that printing needs no memory
 * and a line reaches an unbuffered stream in one write. */
struct diag {
	enum es_severity severity;
	char *name;    /* owned; NULL: without a place */
	char *text;    /* owned */
	char *excerpt; /* owned; the source line, NULL if there is none */
	unsigned line, column;
	bool has_caret;
	size_t caret; /* cells of the excerpt before the caret */
};

struct es_diags {
	struct diag *at; /* owned */
	size_t n, cap;
	/* Those beyond MAX_ERRORS and MAX_WARNINGS are counted only. */
	size_t errors, warnings;
	bool skipping;  /* the last one, and so the notes on it */
	bool no_memory; /* a diagnostic was lost */
};

struct es_diags *es_diags_new(void)
{
	return calloc(1, sizeof(struct es_diags));
}

static void finish(struct diag *diag)
{
	free(diag->name);
	free(diag->text);
	free(diag->excerpt);
}

void es_diags_free(struct es_diags *diags)
{
	if (!diags)
		return;
	for (size_t i = 0; i < diags->n; i++)
		finish(&diags->at[i]);
	free(diags->at);
	free(diags);
}

size_t es_utf8(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text;
	size_t width = 1;
	uint32_t c = at[0];

	if (c >= 0x80) {
		width = c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		if (!width || c >= 0xf8 || width > len)
			return 0;
		c &= 0xffu >> (width + 1);
	}
	for (size_t i = 1; i < width; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (c < lowest[width] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	*code = c;
	return width;
}

/* Could CODE steer a terminal, reorder a line or hide in it? */
static bool is_unsafe(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c },
		{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < ES_COUNT(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/*
 * Writes the first character at TEXT as it is safe on a terminal to *OUT, which
 * moves on by at most four times the bytes that are taken. Returns those.
 */
static size_t escape(const char *text, size_t len, char **out)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t code;
	size_t width = es_utf8(text, len, &code);

	if (width && !is_unsafe(code)) {
		*out = mempcpy(*out, text, width);
		return width;
	}
	if (!width)
		width = 1;
	for (size_t i = 0; i < width; i++) {
		const unsigned char byte = (unsigned char)text[i];

		*out = mempcpy(*out, "\\x", 2);
		*(*out)++ = digits[byte >> 4];
		*(*out)++ = digits[byte & 15];
	}
	return width;
}

char *es_escaped(const char *text)
{
	size_t left = strnlen(text, MAX_TEXT);
	char *copy = malloc(left * 4 + sizeof("..."));
	const bool cut = text[left];
	char *out = copy;

	if (!copy)
		return NULL;
	while (left) {
		const size_t taken = escape(text, left, &out);

		text += taken;
		left -= taken;
	}
	if (cut)
		out = mempcpy(out, "...", 3);
	*out = '\0';
	return copy;
}

void es_print_escaped(FILE *stream, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		char shown[4 * 4];
		char *out = shown;
		const size_t taken = escape(text, left, &out);

		fwrite(shown, 1, (size_t)(out - shown), stream);
		text += taken;
		left -= taken;
	}
}

/* The line of PLACE and its *LEN without its line break, or NULL. */
static const char *find_line(struct es_place place, size_t *len)
{
	const char *at = place.source->text;
	const char *const end = at + place.source->len;

	for (unsigned line = 1; line < place.line; line++) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		if (!feed)
			return NULL;
		at = feed + 1;
	}

	const char *feed = memchr(at, '\n', (size_t)(end - at));

	*len = (size_t)((feed ? feed : end) - at);
	if (*len && at[*len - 1] == '\r')
		--*len;
	return at;
}

/* How many cells the UTF-8 text from AT to END takes, wide glyphs as one. */
static size_t cells(const char *at, const char *end)
{
	size_t n = 0;

	for (; at < end; at++)
		n += ((unsigned char)*at & 0xc0) != 0x80;
	return n;
}

/* Copies the line that PLACE is in; false when there is no memory. */
static bool take_excerpt(struct diag *diag, struct es_place place)
{
	size_t len = 0;
	const char *line = place.line ? find_line(place, &len) : NULL;

	if (!line || !len)
		return true;

	/* A character takes at most 4 bytes, and a byte 4 when escaped. */
	const size_t most = len < 4UL * MAX_SHOWN ? len : 4UL * MAX_SHOWN;
	char *out = malloc(most * 4 + sizeof("..."));
	unsigned column = 1;

	diag->excerpt = out;
	if (!out)
		return false;
	for (; len && column <= MAX_SHOWN; column++) {
		size_t taken = 1;

		if (column == place.column) {
			diag->has_caret = true;
			diag->caret = cells(diag->excerpt, out);
		}
		if (*line == '\t')
			*out++ = ' '; /* a tab would displace the caret */
		else
			taken = escape(line, len, &out);
		line += taken;
		len -= taken;
	}
	/* Where something is missing, the place is just behind the line. */
	if (column == place.column && !len) {
		diag->has_caret = true;
		diag->caret = cells(diag->excerpt, out);
	}
	if (len)
		out = mempcpy(out, "...", 3);
	*out = '\0';
	return true;
}

static bool fill(struct diag *diag, enum es_severity severity,
		 struct es_place place, const char *text)
{
	*diag = (struct diag){
		.severity = severity,
		.line = place.line,
		.column = place.column,
		.text = es_escaped(text),
	};
	if (diag->text && !place.source)
		return true;
	if (diag->text)
		diag->name = es_escaped(place.source->name);
	if (diag->name && (severity == ES_NOTE || take_excerpt(diag, place)))
		return true;
	finish(diag);
	return false;
}

void es_diag(struct es_diags *diags, enum es_severity severity,
	     struct es_place place, const char *format, ...)
{
	es_autofree char *text = NULL;
	va_list args;

	if (!diags)
		return;
	diags->errors += severity == ES_ERROR;
	diags->warnings += severity == ES_WARNING;
	if (severity != ES_NOTE)
		diags->skipping = severity == ES_WARNING &&
				  diags->warnings > MAX_WARNINGS;
	if (diags->errors > MAX_ERRORS ||
	    (diags->skipping && (severity != ES_NOTE || place.source)))
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL; /* what it points to is undefined then */
	va_end(args);
	if (text && es_grow(diags->at, diags->n, diags->cap) &&
	    fill(&diags->at[diags->n], severity, place, text))
		diags->n++;
	else
		diags->no_memory = true;
}

bool es_diags_lost(const struct es_diags *diags)
{
	return diags && diags->no_memory;
}

size_t es_diags_errors(const struct es_diags *diags)
{
	return diags ? diags->errors + diags->no_memory : 0;
}

bool es_diags_get(const struct es_diags *diags, size_t index,
		  struct es_diag_info *info)
{
	if (!diags || !info || index >= diags->n + diags->no_memory)
		return false;
	if (index == diags->n) {
		*info = (struct es_diag_info){ .text = "out of memory" };
		return true;
	}

	const struct diag *diag = &diags->at[index];

	*info = (struct es_diag_info){
		diag->severity, diag->name, diag->line, diag->column,
		diag->text,
	};
	return true;
}

static void print_message(const struct diag *diag, FILE *stream, bool colour)
{
	static const struct {
		const char *word, *colour;
	} severities[] = {
		[ES_ERROR] = { "error:", "\033[1;31m" },
		[ES_WARNING] = { "warning:", "\033[1;35m" },
		[ES_NOTE] = { "note:", "\033[1;36m" },
	};

	char position[sizeof(":4294967295:4294967295")] = "";

	if (diag->name && diag->line)
		snprintf(position, sizeof(position), ":%u:%u", diag->line,
			 diag->column);
	fprintf(stream, "%s%s: %s%s%s %s\n",
		diag->name ? diag->name : "extrasafe", position,
		colour ? severities[diag->severity].colour : "",
		severities[diag->severity].word, colour ? "\033[0m" : "",
		diag->text);
}

static void print_excerpt(const struct diag *diag, FILE *stream, bool colour)
{
	if (!diag->excerpt)
		return;
	fprintf(stream, "  %s\n", diag->excerpt);
	if (diag->has_caret)
		fprintf(stream, "  %*s%s^%s\n", (int)diag->caret, "",
			colour ? "\033[1;32m" : "", colour ? "\033[0m" : "");
}

/* Tells how many of N things (WHAT) are beyond MAX. */
static void print_more(size_t n, size_t max, const char *what, FILE *stream,
		       bool colour)
{
	char text[64];
	const struct diag more = { .severity = ES_NOTE, .text = text };

	if (n <= max)
		return;
	snprintf(text, sizeof(text), "%zu more %s%s not shown", n - max, what,
		 n - max == 1 ? " is" : "s are");
	print_message(&more, stream, colour);
}

void es_diags_print(const struct es_diags *diags, FILE *stream, bool colour)
{
	const struct diag *shown = NULL; /* notes go before its source line */
	char text[] = "out of memory";
	const struct diag no_memory = { .severity = ES_ERROR, .text = text };

	if (!diags || !stream)
		return;
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *diag = &diags->at[i];

		if (diag->severity != ES_NOTE) {
			if (shown)
				print_excerpt(shown, stream, colour);
			shown = diag;
		}
		print_message(diag, stream, colour);
	}
	if (shown)
		print_excerpt(shown, stream, colour);
	print_more(diags->errors, MAX_ERRORS, "error", stream, colour);
	print_more(diags->warnings, MAX_WARNINGS, "warning", stream, colour);
	if (diags->no_memory)
		print_message(&no_memory, stream, colour);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters must be put in, left out, replaced or swapped with their
 * neighbour to get from A to B, which have at most MAX_WORD bytes. */
static unsigned distance(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned rows[3][MAX_WORD + 1];

	for (unsigned j = 0; j <= blen; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= alen; i++) {
		unsigned *const row = rows[i % 3];
		const unsigned *const above = rows[(i + 2) % 3];
		const unsigned *const above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= blen; j++) {
			const bool differs = a[i - 1] != b[j - 1];

			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + differs);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[alen % 3][blen];
}

/* The only one that begins with WORD, and goes on. */
static const char *longer(const char *word, size_t len,
			  const char *const *candidates)
{
	enum { MIN_BEGINNING = 4 };
	const char *found = NULL;

	for (; *candidates && len >= MIN_BEGINNING; candidates++) {
		if (strncasecmp(*candidates, word, len) != 0 ||
		    strlen(*candidates) > MAX_WORD)
			continue;
		if (found)
			return NULL;
		found = *candidates;
	}
	return found;
}

const char *es_did_you_mean(const char *word, const char *const *candidates)
{
	const size_t len = word && candidates ? strlen(word) : 0;
	const char *const *const all = candidates;
	const char *best = NULL;

	if (!len || len > MAX_WORD)
		return NULL;

	const unsigned limit = len <= 4 ? 1 : len < 9 ? 2 : (unsigned)len / 3;
	unsigned nearest = limit + 1;

	for (; *candidates; candidates++) {
		const size_t clen = strlen(*candidates);

		if (clen > MAX_WORD)
			continue;

		const unsigned d = strcasecmp(word, *candidates) ?
			distance(word, len, *candidates, clen) : 0;

		if (d < nearest) {
			nearest = d;
			best = *candidates;
		}
	}
	return best ? best : longer(word, len, all);
}
