/* SPDX-License-Identifier: MIT */
#include "apart.h"

#include <stdlib.h>
#include <time.h>

#include "tap.h"
#include "util.h"

/* What reading a text came to. */
struct result {
	struct es_arena arena;
	struct es_node *root;
	enum es_status status;
	size_t errors;
	char *told; /* owned; the diagnostics without source lines and name */
};

/* Takes out of TEXT the lines that do not begin with PREFIX, and PREFIX. */
static void keep_lines(char *text, const char *prefix)
{
	const size_t len = strlen(prefix);
	char *out = text;

	for (char *line = text, *end; *line; line = end) {
		end = strchrnul(line, '\n');
		end += *end == '\n';
		if (strncmp(line, prefix, len) != 0)
			continue;
		memmove(out, line + len, (size_t)(end - line) - len);
		out += (size_t)(end - line) - len;
	}
	*out = '\0';
}

static void finish(struct result *result)
{
	es_arena_finish(&result->arena);
	free(result->told);
}

#define autofinish __attribute__((cleanup(finish)))

static struct result read_by(struct es_apart *apart,
			     const struct es_source *source)
{
	struct es_diags *diags = es_diags_new();
	struct result result = { 0 };
	size_t size;
	FILE *stream = open_memstream(&result.told, &size);

	if (!diags || !stream)
		abort();
	result.status = es_document_read(apart, false, &result.arena, source,
					 diags, &result.root);
	result.errors = es_diags_errors(diags);
	es_diags_print(diags, stream, false);
	es_diags_free(diags);
	fclose(stream);
	keep_lines(result.told, "t.yaml:");
	return result;
}

static bool is_same(const struct es_node *a, const struct es_node *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || a->plain != b->plain || a->n != b->n ||
	    a->place.source != b->place.source ||
	    a->place.line != b->place.line ||
	    a->place.column != b->place.column ||
	    !a->text != !b->text || !a->keys != !b->keys ||
	    (a->text && strcmp(a->text, b->text) != 0))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!is_same(a->items[i], b->items[i]) ||
		    (a->keys && !is_same(a->keys[i], b->keys[i])))
			return false;
	return true;
}

/* Each text is read by a process of its own as well, see apart.h. */
static struct es_apart ourselves, apart = { .serve = es_apart_yaml };
static size_t texts, unlike;

static struct result read_bytes(const char *text, size_t len)
{
	const struct es_source source = { "t.yaml", text, len, NULL };
	struct result result = read_by(&ourselves, &source);
	autofinish struct result other = read_by(&apart, &source);

	texts++;
	if (result.status == other.status && result.errors == other.errors &&
	    !strcmp(result.told, other.told) &&
	    is_same(result.root, other.root))
		return result;
	if (!unlike++)
		printf("# read apart, it is another: %.200s\n# %s%s", text,
		       result.told, other.told);
	return result;
}

/* Prints a tree in flow style; what is not plain in single quotes. */
static void dump(const struct es_node *node, FILE *stream)
{
	if (node->kind == ES_SCALAR) {
		const char *quote = node->plain ? "" : "'";

		fprintf(stream, "%s%s%s", quote, node->text, quote);
		return;
	}
	fputc(node->kind == ES_MAPPING ? '{' : '[', stream);
	for (size_t i = 0; i < node->n; i++) {
		if (i)
			fputs(", ", stream);
		if (node->kind == ES_MAPPING) {
			dump(node->keys[i], stream);
			fputs(": ", stream);
		}
		dump(node->items[i], stream);
	}
	fputc(node->kind == ES_MAPPING ? '}' : ']', stream);
}

/* TEXT is allowed and means what TREE is. */
static void good(const char *text, const char *tree, const char *name)
{
	autofinish struct result result = read_bytes(text, strlen(text));
	es_autofree char *got = NULL;
	size_t size;
	FILE *stream = open_memstream(&got, &size);

	if (!stream)
		abort();
	if (result.root)
		dump(result.root, stream);
	else
		fputs(result.told, stream);
	fclose(stream);
	tap_str(got, tree, "allowed: %s", name);
	tap_int(result.status, ES_OK, "status: %s", name);
}

static void bad_bytes(const char *text, size_t len, const char *told,
		      const char *name)
{
	autofinish struct result result = read_bytes(text, len);

	tap_str(result.told, told, "refused: %s", name);
	tap_int(result.status, ES_INVALID, "status: %s", name);
	tap_ok(!result.root, "no tree: %s", name);
}

/* TEXT is refused with what is TOLD. */
static void bad(const char *text, const char *told, const char *name)
{
	bad_bytes(text, strlen(text), told, name);
}

static void test_trees(void)
{
	good("a: 1\nb: [x, 'y', \"z\"]\n",
	     "{a: 1, b: [x, 'y', 'z']}", "scalars, plain and quoted");
	good("a:\n- b\n- c: d\n  e: f\n", "{a: [b, {c: d, e: f}]}",
	     "block style");
	good("{a: {b: [], c: {}}, d: }", "{a: {b: [], c: {}}, d: }",
	     "flow style, empty collections, an empty value");
	good("[a: b, c]", "[{a: b}, c]", "a pair in a list");
	good("stdout", "stdout", "a single word");
	good("''", "''", "an empty text in quotes");
	good("a: |\n  b\n  c\n", "{a: 'b\nc\n'}", "a block scalar");
	good("? a\n: b\n", "{a: b}", "a key with a question mark");
	good("a: \"\\x41\\n\\u00e4\"", "{a: 'A\n\xc3\xa4'}", "escapes");
	good("# only\n\na: 1 # a comment", "{a: 1}", "comments");
	good("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}", "lines that end with CR LF");
}

static void check_place(const struct es_node *node, unsigned line,
			unsigned column, const char *name)
{
	tap_int(node->place.line, line, "line of %s", name);
	tap_int(node->place.column, column, "column of %s", name);
}

static void test_places(void)
{
	static const char text[] =
		"# \xc3\xa4\r\n"
		"'\xe2\x82\xac': {x: '\xf0\x9f\x98\x80', y: [1,\t2]}\r\n"
		"list:\r\n"
		"  - a\r\n"
		"none:\r\n"
		"block: |\r\n"
		"  text\r\n";
	autofinish struct result result = read_bytes(text, sizeof(text) - 1);
	const struct es_node *root = result.root;

	if (!tap_ok(root && root->n == 4, "four keys"))
		return;
	check_place(root, 2, 1, "the root");
	check_place(root->keys[0], 2, 1, "the first key");
	check_place(root->items[0], 2, 6, "a flow mapping");
	check_place(root->items[0]->items[0], 2, 10, "a quoted text");
	check_place(root->items[0]->keys[1], 2, 15, "a key behind a wide one");
	check_place(root->items[0]->items[1]->items[1], 2, 22,
		    "an item behind a tab");
	check_place(root->keys[1], 3, 1, "a key in the next line");
	check_place(root->items[1], 4, 3, "a block sequence");
	check_place(root->items[1]->items[0], 4, 5, "its item");
	check_place(root->items[2], 5, 6, "an empty value");
	check_place(root->items[3], 6, 8, "a block scalar");
}

static void test_encoding(void)
{
	good("a: \xc3\xa4\xf4\x8f\xbf\xbd", "{a: \xc3\xa4\xf4\x8f\xbf\xbd}",
	     "UTF-8");
	bad("\xef\xbb\xbf" "a: 1", "1:1: error: byte order mark; save the text "
	    "as UTF-8 without it\n", "a byte order mark");
	bad("a: \xef\xbb\xbf" "b", "1:4: error: byte order mark; save the text "
	    "as UTF-8 without it\n", "one in the middle");
	bad_bytes("\xff\xfe" "a\0", 4, "1:1: error: UTF-16 text; save it as "
		  "UTF-8\n", "UTF-16, low byte first");
	bad_bytes("\xfe\xff\0a", 4, "1:1: error: UTF-16 text; save it as "
		  "UTF-8\n", "UTF-16, high byte first");
	bad_bytes("a: \xc3\xa4\0b", 7, "1:5: error: NUL byte; this must be a "
		  "text in UTF-8\n", "a NUL byte");
	bad_bytes("a: 1\0", 5, "1:5: error: NUL byte; this must be a text in "
		  "UTF-8\n", "a NUL byte at the end");
	bad("\xc3\xa4: 1\n\xe2\x82\xac: \xff", "2:4: error: byte '\\xff' is "
	    "not UTF-8; save the text as UTF-8\n", "an invalid byte");
	bad("a: \xc3", "1:4: error: byte '\\xc3' is not UTF-8; save the text "
	    "as UTF-8\n", "half a character at the end");
	bad("a: \xc0\x80", "1:4: error: byte '\\xc0' is not UTF-8; save the "
	    "text as UTF-8\n", "an overlong NUL");
	bad("a: \xed\xa0\x80", "1:4: error: byte '\\xed' is not UTF-8; save "
	    "the text as UTF-8\n", "a surrogate");
	bad("a: \xf4\x90\x80\x80", "1:4: error: byte '\\xf4' is not UTF-8; "
	    "save the text as UTF-8\n", "a character over U+10FFFF");
}

static void test_characters(void)
{
	bad("# a\rb: 1", "1:4: error: carriage return without a line feed; "
	    "lines end with a line feed\n", "a line hidden by a CR");
	bad("# a\xc2\x85" "b: 1", "1:4: error: line break U+0085; lines end "
	    "with a line feed\n", "a line hidden by U+0085");
	bad("# a\xe2\x80\xa8" "b: 1", "1:4: error: line break U+2028; lines "
	    "end with a line feed\n", "a line hidden by U+2028");
	bad("# a\xe2\x80\xa9" "b: 1", "1:4: error: line break U+2029; lines "
	    "end with a line feed\n", "a line hidden by U+2029");
	good("a: \"\\N\"", "{a: '\xc2\x85'}", "U+0085 as an escape");
	bad("a: \x1b[m", "1:4: error: control character U+001B; write it as "
	    "an escape in double quotes\n", "an escape character");
	bad("a: \x7f", "1:4: error: control character U+007F; write it as "
	    "an escape in double quotes\n", "a delete character");
	good("a: \"\\e\\x7f\"", "{a: '\x1b\x7f'}", "both as escapes");
	bad("a: \xc2\x9f", "1:4: error: control character U+009F; write it as "
	    "an escape in double quotes\n", "a C1 control");
	good("a: \xc2\xa0", "{a: \xc2\xa0}", "U+00A0");
	bad("a: \xef\xbf\xbe", "1:4: error: control character U+FFFE; write it "
	    "as an escape in double quotes\n", "U+FFFE");
	bad("a: \"x\\0y\"", "1:4: error: NUL byte in a text\n",
	    "NUL as an escape");
	bad("a: \"\\u0000\"", "1:4: error: NUL byte in a text\n",
	    "NUL as another escape");
	bad("\"\\0\": 1\n\"\\0\": 2\n", "1:1: error: NUL byte in a text\n"
	    "2:1: error: NUL byte in a text\n", "NUL in two keys");
	good("a: '\\0'", "{a: '\\0'}", "no escape in single quotes");
}

static void test_documents(void)
{
	good("---\na: 1\n", "{a: 1}", "a document's start");
	good("a: 1\n...\n# end\n", "{a: 1}", "a document's end");
	bad("a: 1\n---\nb: 2\n",
	    "2:1: error: second document; only one is allowed\n",
	    "a second document");
	bad("a: 1\n---\n", "2:1: error: second document; only one is allowed\n",
	    "an empty second document");
	bad("a: 1\n...\nb: 2\n", "3:1: error: text behind the end of the "
	    "document; check the indentation\n", "text behind the end");
	bad("", "1:1: error: empty document\n", "an empty text");
	bad("# nothing\n\n", "1:1: error: empty document\n", "comments only");
	bad("---\n", "1:1: error: empty document\n", "a start only");
	bad("--- # no\n---\n", "1:1: error: empty document\n"
	    "2:1: error: second document; only one is allowed\n",
	    "two starts only");
	bad("# d\n%YAML 1.1\n# e\n%TAG ! !x\n---\n&a b: 1\n",
	    "2:1: error: directive '%YAML' is not allowed\n"
	    "4:1: error: directive '%TAG' is not allowed\n"
	    "6:1: error: anchor '&a' is not allowed; quote it if it is meant "
	    "as text\n", "directives, and what is behind them");
	bad("%YAML 2.0\n---\na: 1\n",
	    "1:1: error: directives are not allowed\n", "another version");
	bad("%ECHO a\n---\na: 1\n", "1:6: error: directives are not allowed\n",
	    "an unknown directive");
	good("a: '%YAML'", "{a: '%YAML'}", "a directive in quotes");
}

#define AS_TEXT " is not allowed; quote it if it is meant as text\n"

static void test_anchors(void)
{
	bad("a: &b c\nd: *b\n", "1:4: error: anchor '&b'" AS_TEXT
	    "2:4: error: alias '*b'" AS_TEXT, "an anchor and its alias");
	good("a: '&b c'\nd: '*b'\n", "{a: '&b c', d: '*b'}", "both in quotes");
	bad("a: &b [c]\nd: &e {f: &g }\n", "1:4: error: anchor '&b'" AS_TEXT
	    "2:4: error: anchor '&e'" AS_TEXT
	    "2:11: error: anchor '&g'" AS_TEXT,
	    "anchors of collections and of nothing");
	bad("&a b: 1\n*c : 2\n*c : 3\n", "1:1: error: anchor '&a'" AS_TEXT
	    "2:1: error: alias '*c'" AS_TEXT "3:1: error: alias '*c'" AS_TEXT,
	    "an anchor and aliases as keys");
	bad("a: *\n", "1:5: error: aliases are not allowed; quote text that "
	    "begins with '*'\n", "a star");
	bad("a: *.so\n", "1:5: error: aliases are not allowed; quote text that "
	    "begins with '*'\n", "a file name's pattern");
	bad("a: && b\n", "1:5: error: anchors are not allowed; quote text that "
	    "begins with '&'\n", "ampersands");
	good("a: b & c * d", "{a: b & c * d}", "both within a text");
	bad("<<: {a: 1}\n", "1:1: error: merge key '<<' is not allowed\n",
	    "a merge key");
	good("'<<': 1\na: <<\n", "{'<<': 1, a: <<}",
	     "two less-than signs that merge nothing");
}

static void test_tags(void)
{
	bad("a: !!str b\nc: !d e\n", "1:4: error: tag '!!str'" AS_TEXT
	    "2:4: error: tag '!d'" AS_TEXT, "tags");
	bad("a: !<tag:x,y> b\nc: !<tag:x,y> &z [d]", "1:4: error: tag "
	    "'!<tag:x,y>'" AS_TEXT "2:4: error: tag '!<tag:x,y>'" AS_TEXT
	    "2:15: error: anchor '&z'" AS_TEXT, "tags with commas");
	bad("a: ! b\nc: ! 'd'\ne: ! [f]\ng: !\n", "1:4: error: tag '!'" AS_TEXT
	    "2:4: error: tag '!'" AS_TEXT "3:4: error: tag '!'" AS_TEXT
	    "4:4: error: tag '!'" AS_TEXT, "tags without a name");
	bad("a: !\xc3\xa4 b\n", "1:5: error: tags are not allowed; quote text "
	    "that begins with '!'\n", "a tag that libyaml refuses");
	bad("a: !e!f b\n", "1:4: error: tags are not allowed; quote text "
	    "that begins with '!'\n", "an unknown tag handle");
	bad("a: &b !c d\ne: !f &g h\n", "1:4: error: anchor '&b'" AS_TEXT
	    "1:7: error: tag '!c'" AS_TEXT "2:4: error: tag '!f'" AS_TEXT
	    "2:7: error: anchor '&g'" AS_TEXT, "an anchor and a tag");
	bad("a: &b # \xc3\xa4 &x\n  !c d\n", "1:4: error: anchor '&b'" AS_TEXT
	    "2:3: error: tag '!c'" AS_TEXT, "with a comment between");
	bad("a: &b\n  &c d: 1\ne: &f\n!g h: 1\n", "1:4: error: anchor '&b'"
	    AS_TEXT "2:3: error: anchor '&c'" AS_TEXT "3:4: error: anchor '&f'"
	    AS_TEXT "4:1: error: tag '!g'" AS_TEXT,
	    "one node's before another's");
	bad("[&a , !b , &c x,!d y]", "1:2: error: anchor '&a'" AS_TEXT
	    "1:7: error: tag '!b'" AS_TEXT "1:12: error: anchor '&c'" AS_TEXT
	    "1:17: error: tag '!d'" AS_TEXT, "in a list, some of nothing");
	bad("&a:b: !t c\n", "1:1: error: anchor '&a'" AS_TEXT
	    "1:7: error: tag '!t'" AS_TEXT, "an anchor that a colon ends");
	good("a: '!b'\nc: d!e\n", "{a: '!b', c: d!e}", "exclamation marks");
}

/* 58 bytes */
#define LONG "1234567890123456789012345678901234567890123456789012345678"

static void test_keys(void)
{
	bad("a: 1\nb: 2\n'a': 3\n\"\\x61\": 4\n",
	    "3:1: error: duplicate key 'a'\n1:1: note: first here\n"
	    "4:1: error: duplicate key 'a'\n1:1: note: first here\n",
	    "duplicate keys");
	bad("a: {b: 1, c: 2, b: 3}\n",
	    "1:17: error: duplicate key 'b'\n1:5: note: first here\n",
	    "duplicate keys in flow style");
	bad("'': 1\n\"\": 2\n", "2:1: error: duplicate key ''\n"
	    "1:1: note: first here\n", "duplicate empty keys");
	good("a: {a: 1}\nA: {a: 2}\nb: [a: 1, a: 2]\n",
	     "{a: {a: 1}, A: {a: 2}, b: [{a: 1}, {a: 2}]}",
	     "the same key in several mappings, or in capitals");
	bad("{" LONG "1\xe2\x82\xac: 1,\n" LONG "1\xe2\x82\xac: 2}",
	    "2:1: error: duplicate key '" LONG "1'\n1:2: note: first here\n",
	    "a long key is cut between characters");
	bad("[a]: 1\n{b: 2}: 3\n? - c\n: 4\n",
	    "1:1: error: a list can't be a key; quote text that begins with a "
	    "bracket\n"
	    "2:1: error: a mapping can't be a key; quote text that begins with "
	    "a bracket\n"
	    "3:3: error: a list can't be a key; quote text that begins with a "
	    "bracket\n", "keys that are no scalars");
	bad("a: {{b}}\n", "1:5: error: a mapping can't be a key; quote text "
	    "that begins with a bracket\n", "a template's braces");
	good("'[a]': 1\n'{b: 2}': 3\n", "{'[a]': 1, '{b: 2}': 3}",
	     "brackets in quotes");
}

#define TAB "a tab can't indent; use blanks\n"

static void test_tabs(void)
{
	bad("a:\n\tb: 1\n", "2:1: error: " TAB, "a tab before a key");
	bad("a:\n  b: 1\n\tc: 2\n", "3:1: error: " TAB
	    "2:6: note: while scanning a plain scalar, which begins here\n",
	    "a tab behind a scalar's line");
	bad("a:\n  - b\n \t- c\n", "3:2: error: " TAB
	    "2:5: note: while scanning a plain scalar, which begins here\n",
	    "a tab behind a blank");
	bad("-\ta\n", "1:2: error: " TAB, "a tab behind a dash");
	bad("a: |\n\tb\n", "2:1: error: " TAB
	    "1:4: note: while scanning a block scalar, which begins here\n",
	    "a tab before a block scalar");
	good("a:\tb\t# c\nd: [\n\te,\n\tf]\n", "{a: b, d: [e, f]}",
	     "tabs that do not indent");
}

static void test_quoting(void)
{
	bad("a: @b\n", "1:4: error: '@' can't begin a word; quote it\n",
	    "an at sign");
	bad("a: [|]\n", "1:5: error: '|' can't begin a word; quote it\n",
	    "a bar in a list");
	good("a: '@b'\nc: b@d\n", "{a: '@b', c: b@d}", "at signs");
	bad("a: >= 3\n", "1:5: error: text behind '|' or '>'; quote text that "
	    "begins with them\n", "a leading greater-than sign");
	good("a: '>= 3'\n", "{a: '>= 3'}", "a quoted one");
	bad("a: - b\n", "1:4: error: '-' can't stand here; begin a list on a "
	    "line of its own\n", "a list behind a key");
	bad("a: ? b\n", "1:4: error: '?' can't stand here; quote text that "
	    "begins with '? '\n", "a question mark");
	bad("a: ]\n", "1:4: error: expected a value; quote text that begins "
	    "with a bracket or comma\n", "a closing bracket");
	bad("a: 'b\n\n", "1:6: error: expected a closing quote\n",
	    "an open quote");
	bad("a: 'b\nc: d\n", "2:5: error: expected a closing quote\n"
	    "1:4: note: while scanning a quoted scalar, which begins here\n",
	    "a quote that swallows a line");
	bad("a: 'b\n--- c'\n", "2:1: error: expected a closing quote\n"
	    "1:4: note: while scanning a quoted scalar, which begins here\n",
	    "a document's start in quotes");
	bad("a: \"\\d\"\n", "1:5: error: unknown escape; double the "
	    "backslash, or use single quotes\n", "an unknown escape");
	bad("a: \"\\ud800\"\n", "1:7: error: found invalid Unicode character "
	    "escape code\n", "a surrogate as an escape, in libyaml's words");
}

static void test_structure(void)
{
	bad("a: b: c\n", "1:5: error: ':' can't stand here; check the "
	    "indentation, or quote the text\n", "a second colon");
	bad("a: 1\nfoo\nb: 2\n", "3:1: error: expected ':' behind a key\n"
	    "2:1: note: while scanning a simple key, which begins here\n",
	    "a line without a colon");
	bad("[a:]\n", "1:3: error: expected a blank behind ':'\n",
	    "a colon before a bracket");
	bad("- a\nb: 1\n", "2:1: error: expected '- '; check the indentation\n"
	    "1:1: note: while parsing a block collection, which begins here\n",
	    "a key in a list");
	bad("a: 'x'y\n", "1:7: error: expected a key; check the indentation "
	    "and the quotes\n", "text behind quotes");
	bad("a: [b\n\n\n", "1:6: error: expected ',' or ']'\n",
	    "an open bracket");
	bad("a: {b\n# \xc3\xa4", "2:4: error: expected ',' or '}'\n"
	    "1:4: note: while parsing a flow mapping, which begins here\n",
	    "an open brace");
	bad("a: [b}\n", "1:6: error: expected ',' or ']'\n",
	    "the wrong bracket");
	bad("[a] b\n", "1:5: error: text behind the end of the document; check "
	    "the indentation\n", "text behind the root");
	bad("a: &b 1\na: 2\nc: [\n", "1:4: error: anchor '&b'" AS_TEXT
	    "2:1: error: duplicate key 'a'\n1:1: note: first here\n"
	    "3:5: error: expected a value; quote text that begins with a "
	    "bracket or comma\n",
	    "mistakes before the one that ends reading");
}

/* A malloced text: HEAD, N times PART, TAIL. */
static char *repeated(const char *head, const char *part, size_t n,
		      const char *tail)
{
	const size_t len = strlen(part);
	char *text = malloc(strlen(head) + n * len + strlen(tail) + 1);

	if (!text)
		abort();

	char *at = stpcpy(text, head);

	while (n--)
		at = mempcpy(at, part, len);
	stpcpy(at, tail);
	return text;
}

static void test_scalar_limit(void)
{
	es_autofree char *most = repeated("a: ", "x", 65536, "\n");
	es_autofree char *more = repeated("a: ", "x", 65537, "\n");
	es_autofree char *quoted = repeated("a: \"\\x41", "x", 65536, "\"\n");
	es_autofree char *key = repeated("? ", "k", 65537, "\n: 1\nb: &c 1\n");
	es_autofree char *wide = repeated("a: ", "\xc3\xa4", 32769, "\n");
	autofinish struct result result = read_bytes(most, strlen(most));

	tap_int(result.status, ES_OK, "a text of 65536 bytes");
	if (tap_ok(result.root && result.root->n == 1, "one value"))
		tap_int((long long)strlen(result.root->items[0]->text), 65536,
			"is read whole");
	bad(more, "1:4: error: text of 65537 bytes; the limit is 65536\n",
	    "a text of 65537 bytes");
	bad(quoted, "1:4: error: text of 65537 bytes; the limit is 65536\n",
	    "a quoted text of 65537 bytes");
	bad(wide, "1:4: error: text of 65538 bytes; the limit is 65536\n",
	    "a text of 32769 characters of two bytes");
	bad(key, "1:3: error: text of 65537 bytes; the limit is 65536\n"
	    "3:4: error: anchor '&c'" AS_TEXT, "a key of 65537 bytes");
}

static void test_file_limit(void)
{
	enum { MOST = 1024 * 1024 };

	es_autofree char *most = repeated("a: 1\n", "#", MOST - 5, "");
	es_autofree char *more = repeated("a: 1\n", "#", MOST - 4, "");
	autofinish struct result result = read_bytes(most, strlen(most));

	tap_int(result.status, ES_OK, "a text of 1 MiB");
	bad(more, "1:1: error: text of 1048577 bytes; the limit is 1048576\n",
	    "a text of 1 MiB and a byte");
}

static void test_depth(void)
{
	static const char *const tail = "]]]]]]]]]]]]]]]]";
	es_autofree char *most = repeated("", "[", 16, tail);
	es_autofree char *scalar = repeated("", "[", 16, "x]]]]]]]]]]]]]]]]");
	es_autofree char *more = repeated("", "[", 17, "]]]]]]]]]]]]]]]]]");
	es_autofree char *block = repeated("", "- ", 16, "x");
	es_autofree char *deeper = repeated("", "- ", 17, "x");
	es_autofree char *maps = repeated("", "{a: ", 15, "{}}}}}}}}}}}}}}}}");
	es_autofree char *more_maps = repeated("", "{a: ", 16, "{}");

	good(most, "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "16 levels");
	good(scalar, "[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]", "a word within them");
	bad(more, "1:17: error: nested deeper than 16 levels\n", "17 levels");
	good(block, "[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]", "16 block levels");
	bad(deeper, "1:33: error: nested deeper than 16 levels\n",
	    "17 block levels");
	good(maps, "{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: "
	     "{a: {a: {}}}}}}}}}}}}}}}}", "16 mappings");
	bad(more_maps, "1:65: error: nested deeper than 16 levels\n",
	    "17 mappings");
}

static void test_mistake_limit(void)
{
	es_autofree char *most = repeated("", "- &a x\n", 100, "");
	es_autofree char *more = repeated("", "- &a x\n", 10000, "");
	autofinish struct result all = read_bytes(most, strlen(most));
	autofinish struct result some = read_bytes(more, strlen(more));

	tap_int((long long)all.errors, 100, "a hundred mistakes are told");
	tap_int((long long)some.errors, 100, "of more, only a hundred");
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* TEXT is read in a time that is not quadratic, sanitizers or not. */
static void fast(const char *text, const char *name)
{
	const double begin = seconds();
	struct result result = read_bytes(text, strlen(text));
	const double taken = seconds() - begin;

	finish(&result);
	if (!tap_ok(taken < 5, "fast enough: %s", name))
		printf("# took %.1f s\n", taken);
}

static void fast_repeated(const char *part)
{
	es_autofree char *text = repeated("", part, (1U << 20) / strlen(part),
					  "");
	char name[16] = "";

	for (size_t i = 0; part[i]; i++)
		name[i] = part[i];
	if (strchr(name, '\n'))
		*strchr(name, '\n') = '$';
	fast(text, name);
}

static char *numbered_keys(size_t n)
{
	char *text = malloc(n * 16);
	char *at = text;

	if (!text)
		abort();
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%zu:\n", i);
	return text;
}

static void test_speed(void)
{
	static const char *const parts[] = {
		"[", "{", "- ", "? ", "[]", "{}", "[a,", "- &a x\n", "a: ",
		"a:\n", "\"a\" ", "'", "!", "!a ", "*a ", "&a ", "#\n", "\n",
		" ", "--- ", "%", "{a: &b c},", "x\n", ": ", ",", "]", "- x\n",
		"- ''\n", "- []\n",
	};
	es_autofree char *keys = numbered_keys(100000);
	autofinish struct result result = read_bytes(keys, strlen(keys));

	tap_int(result.status, ES_OK, "a hundred thousand keys");
	tap_int(result.root ? (long long)result.root->n : 0, 100000,
		"all are kept");
	fast(keys, "a hundred thousand keys");
	for (size_t i = 0; i < ES_COUNT(parts); i++)
		fast_repeated(parts[i]);
}

static void test_null(void)
{
	const struct es_source good_source = { "t.yaml", "a: 1", 4, NULL };
	const struct es_source bad_source = { "t.yaml", "a: *", 4, NULL };
	struct es_arena arena = { 0 };
	struct es_node *root = NULL;

	tap_int(es_yaml_read(&arena, &good_source, NULL, &root), ES_OK,
		"without diagnostics, a good text is good");
	tap_ok(root && root->items[0]->place.source == &good_source,
	       "a place knows its source");
	tap_int(es_yaml_read(&arena, &bad_source, NULL, &root), ES_INVALID,
		"and a bad one bad");
	es_arena_finish(&arena);
}

int main(void)
{
	test_trees();
	test_places();
	test_encoding();
	test_characters();
	test_documents();
	test_anchors();
	test_tags();
	test_keys();
	test_tabs();
	test_quoting();
	test_structure();
	test_scalar_limit();
	test_file_limit();
	test_depth();
	test_mistake_limit();
	test_speed();
	test_null();
	tap_ok(texts > 100 && !unlike, "each text is read apart in the same "
	       "way: %zu, and unlike %zu", texts, unlike);
	es_apart_end(&apart);
	return tap_done();
}
