/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <stdlib.h>

#include "tap.h"
#include "util.h"

static char *printed(const struct es_diags *diags, bool colour)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	es_diags_print(diags, stream, colour);
	fclose(stream);
	return text;
}

static struct es_source source_of(const char *text)
{
	return (struct es_source){
		.name = "t.yaml", .text = text, .len = strlen(text),
	};
}

/* What an error "e" at LINE and COLUMN of SOURCE looks like. */
static void shown_in(const struct es_source *source, unsigned line,
		     unsigned column, const char *want, const char *name)
{
	struct es_diags *diags = es_diags_new();

	es_diag(diags, ES_ERROR, (struct es_place){ source, line, column },
		"e");

	es_autofree char *got = printed(diags, false);

	tap_str(got, want, "%s", name);
	es_diags_free(diags);
}

static void shown(const char *text, unsigned line, unsigned column,
		  const char *want, const char *name)
{
	const struct es_source source = source_of(text);

	shown_in(&source, line, column, want, name);
}

/* What a placeless error with TEXT looks like. */
static void text_shown(const char *text, const char *want, const char *name)
{
	struct es_diags *diags = es_diags_new();
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "extrasafe: error: %s\n", want);
	es_diag(diags, ES_ERROR, ES_NOWHERE, "%s", text);

	es_autofree char *got = printed(diags, false);

	tap_str(got, wanted, "%s", name);
	es_diags_free(diags);
}

static void test_order(void)
{
	const struct es_source source = source_of("one\ntwo: 2\nthree");
	const struct es_place two = { &source, 2, 6 };
	struct es_diags *diags = es_diags_new();

	es_diag(diags, ES_NOTE, two, "leading note");
	es_diag(diags, ES_ERROR, two, "bad '%s'", "2");
	es_diag(diags, ES_NOTE, (struct es_place){ &source, 1, 1 },
		"first here");
	es_diag(diags, ES_NOTE, ES_NOWHERE, "a hint");
	es_diag(diags, ES_WARNING, (struct es_place){ &source, 3, 1 }, "odd");
	es_diag(diags, ES_ERROR, ES_NOWHERE, "no place");
	es_diag(diags, ES_WARNING, ES_NOWHERE, "nor here");

	es_autofree char *got = printed(diags, false);

	tap_str(got,
		"t.yaml:2:6: note: leading note\n"
		"t.yaml:2:6: error: bad '2'\n"
		"t.yaml:1:1: note: first here\n"
		"extrasafe: note: a hint\n"
		"  two: 2\n"
		"       ^\n"
		"t.yaml:3:1: warning: odd\n"
		"  three\n"
		"  ^\n"
		"extrasafe: error: no place\n"
		"extrasafe: warning: nor here\n",
		"an error, its notes, then its source line and caret");
	tap_int((long long)es_diags_errors(diags), 2,
		"only errors are counted");
	es_diags_free(diags);
}

static void test_colour(void)
{
	const struct es_source source = source_of("one");
	const struct es_place place = { &source, 1, 2 };
	struct es_diags *diags = es_diags_new();

	es_diag(diags, ES_ERROR, place, "e");
	es_diag(diags, ES_NOTE, place, "n");
	es_diag(diags, ES_WARNING, ES_NOWHERE, "w");

	es_autofree char *plain = printed(diags, false);
	es_autofree char *colour = printed(diags, true);

	tap_ok(!strchr(plain, '\033'), "no colour unless asked for");
	tap_str(colour,
		"t.yaml:1:2: \033[1;31merror:\033[0m e\n"
		"t.yaml:1:2: \033[1;36mnote:\033[0m n\n"
		"  one\n"
		"   \033[1;32m^\033[0m\n"
		"extrasafe: \033[1;35mwarning:\033[0m w\n",
		"red errors, cyan notes, green carets, magenta warnings");
	es_diags_free(diags);
}

static void test_copies(void)
{
	char name[] = "a.yaml", text[] = "key: value", word[] = "key";
	const struct es_source source = { name, text, sizeof(text) - 1, NULL };
	struct es_diags *diags = es_diags_new();

	es_diag(diags, ES_ERROR, (struct es_place){ &source, 1, 1 }, "%s",
		word);
	memset(name, 'x', sizeof(name) - 1);
	memset(text, 'x', sizeof(text) - 1);
	memset(word, 'x', sizeof(word) - 1);

	es_autofree char *got = printed(diags, false);

	tap_str(got, "a.yaml:1:1: error: key\n  key: value\n  ^\n",
		"diagnostics outlive what they speak of");
	es_diags_free(diags);
}

static void test_many(void)
{
	struct es_diags *diags = es_diags_new();

	for (int i = 0; i < 1000; i++)
		es_diag(diags, ES_ERROR, ES_NOWHERE, "%d", i);
	tap_int((long long)es_diags_errors(diags), 1000, "a thousand errors");
	es_diags_free(diags);
}

/* Beyond a hundred, warnings go with the notes on them, and nothing else. */
static void test_many_warnings(void)
{
	const struct es_source source = { .name = "f", .text = "", .len = 0 };
	const struct es_place place = { &source, 1, 1 };
	struct es_diags *diags = es_diags_new();
	es_autofree char *text = NULL;

	for (int i = 1; i <= 101; i++) {
		es_diag(diags, ES_WARNING, place, "warning %d", i);
		es_diag(diags, ES_NOTE, place, "note %d", i);
	}
	es_diag(diags, ES_NOTE, ES_NOWHERE, "of the whole");
	es_diag(diags, ES_ERROR, place, "wrong");
	es_diag(diags, ES_NOTE, place, "because");
	text = printed(diags, false);
	tap_ok(strstr(text, "warning 100\n") && strstr(text, "note 100\n"),
	       "the hundredth warning and its note");
	tap_ok(!strstr(text, "warning 101\n") && !strstr(text, "note 101\n"),
	       "no warning beyond, nor its note");
	tap_ok(strstr(text, "f:1:1: error: wrong\nf:1:1: note: because\n") &&
	       strstr(text, "note: of the whole\n"), "what is no warning");
	tap_ok(strstr(text, "\nextrasafe: note: 1 more warning is not shown\n"),
	       "how many are not shown");
	tap_int((long long)es_diags_errors(diags), 1, "warnings are no errors");
	es_diags_free(diags);
}

static void test_null(void)
{
	es_diag(NULL, ES_ERROR, ES_NOWHERE, "lost");
	es_diags_free(NULL);
	tap_int((long long)es_diags_errors(NULL), 0,
		"no diagnostics, no errors");

	es_autofree char *got = printed(NULL, false);

	tap_str(got, "", "no diagnostics print nothing");
}

static void test_excerpts(void)
{
	static const char e11[] = "t.yaml:1:1: error: e\n";

	shown("a: b\r\nc", 1, 4, "t.yaml:1:4: error: e\n  a: b\n     ^\n",
	      "a carriage return before the line feed is not shown");
	shown("a: b\r\nc", 2, 1, "t.yaml:2:1: error: e\n  c\n  ^\n",
	      "the line behind it is the second");
	shown("a: [b", 1, 6, "t.yaml:1:6: error: e\n  a: [b\n       ^\n",
	      "a caret just behind the line");
	shown("a: [b", 1, 7, "t.yaml:1:7: error: e\n  a: [b\n",
	      "no caret further behind it");
	shown("a", 2, 1, "t.yaml:2:1: error: e\n", "no line behind the last");
	shown("\n\nb", 1, 1, e11, "an empty line is not shown");
	shown("", 1, 1, e11, "nor is that of an empty text");
	shown("a", 0, 0, "t.yaml: error: e\n", "a source as a whole");
	shown("\ta:\tb", 1, 5, "t.yaml:1:5: error: e\n   a: b\n      ^\n",
	      "a tab is shown as one blank");
	shown("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80!", 1, 4,
	      "t.yaml:1:4: error: e\n"
	      "  \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80!\n     ^\n",
	      "columns count characters, not bytes");
	shown("\x1b[2J!", 1, 5,
	      "t.yaml:1:5: error: e\n  \\x1b[2J!\n         ^\n",
	      "the caret is right behind an escaped character");
	shown("\xff!", 1, 2, "t.yaml:1:2: error: e\n  \\xff!\n      ^\n",
	      "an invalid byte is a column");

	const struct es_source nul = { "t.yaml", "a\0b", 3, NULL };

	shown_in(&nul, 1, 3, "t.yaml:1:3: error: e\n  a\\x00b\n       ^\n",
		 "a line goes on behind a NUL byte");

	const struct es_source name = { "\x1b[m.yaml", "a", 1, NULL };

	shown_in(&name, 1, 1, "\\x1b[m.yaml:1:1: error: e\n  a\n  ^\n",
		 "a file's name is escaped");
}

/* A line of LEN characters U+20AC, LEN in the name. */
static void long_line(size_t len, unsigned column, bool cut, bool caret)
{
	es_autofree char *text = calloc(len + 1, 3);
	es_autofree char *want = calloc(len + 400, 4);

	if (!text || !want)
		abort();
	for (size_t i = 0; i < len; i++)
		mempcpy(text + i * 3, "\xe2\x82\xac", 3);
	snprintf(want, (len + 400) * 4, "t.yaml:1:%u: error: e\n  %.*s%s\n",
		 column, cut ? 1200 : (int)len * 3, text, cut ? "..." : "");
	if (caret)
		snprintf(want + strlen(want), 500, "  %*s\n", (int)column, "^");
	shown(text, 1, column, want, caret ? "a long line, with its caret" :
	      "a long line, its caret out of sight");
}

static void test_long_lines(void)
{
	long_line(400, 400, false, true);
	long_line(400, 401, false, true);
	long_line(401, 1, true, true);
	long_line(401, 400, true, true);
	long_line(401, 401, true, false);
	long_line(100000, 99999, true, false);
}

static void test_escapes(void)
{
	text_shown("a\tb\nc\x7f", "a\\x09b\\x0ac\\x7f", "control characters");
	text_shown("\xc2\x85 \xc2\x9b", "\\xc2\\x85 \\xc2\\x9b", "C1 controls");
	text_shown("\xc2\xa0", "\xc2\xa0", "U+00A0 is none");
	text_shown("\xe2\x80\xaa\xe2\x80\xae", "\\xe2\\x80\\xaa\\xe2\\x80\\xae",
		   "U+202A and U+202E, which reorder");
	text_shown("\xe2\x80\xa9\xe2\x80\xaf", "\\xe2\\x80\\xa9\xe2\x80\xaf",
		   "U+2029, and not U+202F");
	text_shown("\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9",
		   "U+2066 and U+2069");
	text_shown("\xe2\x81\xb0", "\xe2\x81\xb0", "U+2070 is shown");
	text_shown("\xef\xbb\xbf", "\\xef\\xbb\\xbf", "a byte order mark");
	text_shown("\x80 \xc0\x80 \xed\xa0\x80 \xf5 \xe2\x82",
		   "\\x80 \\xc0\\x80 \\xed\\xa0\\x80 \\xf5 \\xe2\\x82",
		   "what is not UTF-8");
	text_shown("%s %n", "%s %n", "percent signs are text");
	text_shown("", "", "an empty text");
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		size_t len, taken;
		uint32_t code;
	} rows[] = {
		{ "", 1, 1, 0 },
		{ "\x7f", 1, 1, 0x7f },
		{ "\x80", 1, 0, 0 },
		{ "\xbf", 1, 0, 0 },
		{ "\xc1\xbf", 2, 0, 0 },
		{ "\xc2\x80", 2, 2, 0x80 },
		{ "\xdf\xbf", 2, 2, 0x7ff },
		{ "\xc2", 1, 0, 0 },
		{ "\xc2z", 2, 0, 0 },
		{ "\xe0\x9f\xbf", 3, 0, 0 },
		{ "\xe0\xa0\x80", 3, 3, 0x800 },
		{ "\xe2\x82", 2, 0, 0 },
		{ "\xed\x9f\xbf", 3, 3, 0xd7ff },
		{ "\xed\xa0\x80", 3, 0, 0 },
		{ "\xed\xbf\xbf", 3, 0, 0 },
		{ "\xee\x80\x80", 3, 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 3, 0xffff },
		{ "\xf0\x8f\xbf\xbf", 4, 0, 0 },
		{ "\xf0\x90\x80\x80", 4, 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 4, 0, 0 },
		{ "\xf5\x80\x80\x80", 4, 0, 0 },
		{ "\xf8\x88\x80\x80\x80", 5, 0, 0 },
		{ "\xf9\x80\x80\x80", 4, 0, 0 },
		{ "\xff", 1, 0, 0 },
	};

	for (size_t i = 0; i < ES_COUNT(rows); i++) {
		uint32_t code = 0;
		const size_t taken = es_utf8(rows[i].text, rows[i].len, &code);

		tap_int((long long)taken, (long long)rows[i].taken,
			"UTF-8 row %zu: length", i);
		tap_int(code, rows[i].code, "UTF-8 row %zu: code", i);
	}
}

static void meant(const char *word, const char *want)
{
	static const char *const words[] = {
		"stdin", "stdout", "stderr", "SystemIO", "read_path", "Time",
		"gettime", "Threads", "running_tcp_servers", "all", NULL,
	};

	tap_str(es_did_you_mean(word, words), want, "did you mean: %s", word);
}

static void best(const char *word, const char *first, const char *second,
		 const char *want, const char *name)
{
	const char *const candidates[] = { first, second, NULL };

	tap_str(es_did_you_mean(word, candidates), want, "%s", name);
}

static void test_did_you_mean(void)
{
	meant("stdout", "stdout");
	meant("SYSTEMIO", "SystemIO");
	meant("TIME", "Time");
	meant("stdot", "stdout");
	meant("stdoutt", "stdout");
	meant("tsdout", "stdout");
	meant("tsdotu", "stdout");
	meant("tsdoxx", NULL);
	meant("Tmie", "Time");
	meant("Tmxe", NULL);
	meant("al", "all");
	meant("a", NULL);
	meant("", NULL);
	meant("Thr", NULL);
	meant("readpath", "read_path");
	meant("raedpaht", NULL);
	meant("runing_tcp_srvrs", "running_tcp_servers");
	meant("raed_ptahx", "read_path");
	meant("xraed_ptahx", NULL);
	meant("unrelated", NULL);
	best("ab", "ax", "xb", "ax", "of two as near, the first");
	best("ab", "xb", "AB", "AB", "the same but for case is nearest");
	best("ab", NULL, NULL, NULL, "no candidates");

	char word[66], candidate[66];

	memset(word, 'a', sizeof(word));
	memset(candidate, 'a', sizeof(candidate));
	word[64] = candidate[64] = '\0';
	best(word, candidate, NULL, candidate, "words of 64 bytes are seen");
	candidate[64] = 'a';
	candidate[65] = '\0';
	best(word, candidate, NULL, NULL, "a candidate of 65 is not");
	best(candidate, word, NULL, NULL, "nor is a word of 65");
}

static void test_get(void)
{
	const struct es_source source = source_of("one\ntwo\n");
	struct es_diags *diags = es_diags_new();
	struct es_diag_info info;

	es_diag(diags, ES_WARNING, (struct es_place){ &source, 2, 3 }, "a\033b");
	es_diag(diags, ES_NOTE, ES_NOWHERE, "c");
	for (int i = 0; i < 200; i++)
		es_diag(diags, ES_ERROR, ES_NOWHERE, "%d", i);
	tap_ok(es_diags_get(diags, 0, &info), "get: the first");
	tap_int(info.severity, ES_WARNING, "get: severity");
	tap_str(info.file, "t.yaml", "get: file");
	tap_ok(info.line == 2 && info.column == 3, "get: place");
	tap_str(info.text, "a\\x1bb", "get: text, escaped");
	tap_ok(es_diags_get(diags, 1, &info), "get: the second");
	tap_str(info.file, NULL, "get: no place");
	tap_ok(!info.line && !info.column, "get: nor line");
	tap_ok(es_diags_get(diags, 101, &info), "get: the hundredth error");
	tap_str(info.text, "99", "get: it is that");
	tap_ok(!es_diags_get(diags, 102, &info), "get: no more are kept");
	tap_int((long long)es_diags_errors(diags), 200, "get: but counted");
	tap_ok(!es_diags_get(NULL, 0, &info), "get: of nothing there is none");
	es_diags_free(diags);
}

int main(void)
{
	test_order();
	test_get();
	test_colour();
	test_copies();
	test_many();
	test_many_warnings();
	test_null();
	test_excerpts();
	test_long_lines();
	test_escapes();
	test_utf8();
	test_did_you_mean();
	return tap_done();
}
