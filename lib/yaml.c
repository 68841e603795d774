/* SPDX-License-Identifier: MIT */
#include "node.h"

#include <search.h>
#include <string.h>
#include <yaml.h>

#include "complaint.h"
#include "util.h"

enum {
	MAX_MISTAKES = 100, /* nobody reads more of them */
	MAX_QUOTED = 60,    /* bytes of a word in a diagnostic */
};

static const char blanks[] = " \t\r\n";

struct reader {
	yaml_parser_t parser;
	struct es_arena *arena;
	const struct es_source *source;
	struct es_diags *diags;
	size_t mistakes;

	/* A character's index in the text and its offset in bytes: how far
	 * text_at has counted. */
	size_t index, offset;
};

static void ignore(void *node)
{
	(void)node;
}

static void cleanup_tree(void **tree)
{
	tdestroy(*tree, ignore);
}

/* An item of a sequence, or a value of a mapping with its key. */
struct child {
	struct es_node *key, *item;
};

#define autoevent __attribute__((cleanup(yaml_event_delete)))
#define autotree __attribute__((cleanup(cleanup_tree)))

/* Tells a mistake, and that the document can't be used. */
#define refuse(reader, place, ...) \
	((reader)->mistakes++, \
	 es_diag((reader)->diags, ES_ERROR, (place), __VA_ARGS__))

/* libyaml counts from 0, we from 1. */
static struct es_place place_of(const struct reader *reader, yaml_mark_t mark)
{
	return (struct es_place){
		.source = reader->source,
		.line = (unsigned)mark.line + 1,
		.column = (unsigned)mark.column + 1,
	};
}

/* AT + 1 and PLACE one character further. */
static const char *step(const char *at, struct es_place *place)
{
	if (*at == '\n') {
		place->line++;
		place->column = 1;
	} else if (((unsigned char)at[1] & 0xc0) != 0x80) {
		place->column++;
	}
	return at + 1;
}

/* The text at MARK. Marks count characters, so this counts them, too, but on
 * from the last mark that was asked for. */
static const char *text_at(struct reader *reader, yaml_mark_t mark)
{
	const char *const text = reader->source->text;

	if (mark.index < reader->index)
		reader->index = reader->offset = 0;
	while (reader->index < mark.index && text[reader->offset]) {
		do
			reader->offset++;
		while (((unsigned char)text[reader->offset] & 0xc0) == 0x80);
		reader->index++;
	}
	return text + reader->offset;
}

/* How much of a WORD of LEN bytes is quoted: whole characters. */
static int quoted(const char *word, size_t len)
{
	if (len > MAX_QUOTED) {
		len = MAX_QUOTED;
		while (((unsigned char)word[len] & 0xc0) == 0x80)
			len--;
	}
	return (int)len;
}

/* May a character be in a profile? What YAML takes for printable, without the
 * line breaks that hide a line from people whose editor shows none there. */
static bool is_allowed(const char *at, uint32_t code)
{
	if (code == '\r')
		return at[1] == '\n';
	return code == '\t' || code == '\n' || (code >= 0x20 && code < 0x7f) ||
	       (code >= 0xa0 && code != 0x2028 && code != 0x2029 &&
		code != 0xfeff && code != 0xfffe && code != 0xffff);
}

static void refuse_character(struct reader *reader, struct es_place place,
			     uint32_t code)
{
	switch (code) {
	case 0:
		refuse(reader, place, "NUL byte; this must be a text in UTF-8");
		break;
	case '\r':
		refuse(reader, place, "carriage return without a line feed; "
				      "lines end with a line feed");
		break;
	case 0x85:
	case 0x2028:
	case 0x2029:
		refuse(reader, place,
		       "line break U+%04X; lines end with a line feed", code);
		break;
	case 0xfeff:
		refuse(reader, place,
		       "byte order mark; save the text as UTF-8 without it");
		break;
	default:
		refuse(reader, place,
		       "control character U+%04X; write it as an escape in "
		       "double quotes", code);
	}
}

/* Checks what libyaml would not, or would tell without a place. */
static bool check_text(struct reader *reader)
{
	const char *at = reader->source->text;
	const size_t len = reader->source->len;
	const char *const end = at + len;
	struct es_place place = { reader->source, 1, 1 };

	if (len > ES_YAML_MAX_FILE) {
		refuse(reader, place, "text of %zu bytes; the limit is %d", len,
		       ES_YAML_MAX_FILE);
		return false;
	}
	if (len >= 2 && (!memcmp(at, "\xff\xfe", 2) ||
			 !memcmp(at, "\xfe\xff", 2))) {
		refuse(reader, place, "UTF-16 text; save it as UTF-8");
		return false;
	}
	while (at < end) {
		uint32_t code;
		size_t width = es_utf8(at, (size_t)(end - at), &code);

		if (!width) {
			refuse(reader, place, "byte '\\x%02x' is not UTF-8; "
			       "save the text as UTF-8", (unsigned char)*at);
			return false;
		}
		if (!is_allowed(at, code)) {
			refuse_character(reader, place, code);
			return false;
		}
		while (width--)
			at = step(at, &place);
	}
	return true;
}

/* Behind the last word of the text, where what is missing can be put. libyaml
 * speaks of a line after the last. */
static struct es_place end_of_text(const struct reader *reader)
{
	struct es_place place = { reader->source, 1, 1 }, end = place;

	for (const char *at = reader->source->text; *at;) {
		const bool blank = strchr(blanks, *at);

		at = step(at, &place);
		if (!blank)
			end = place;
	}
	return end;
}

static void refuse_complaint(struct reader *reader)
{
	const yaml_parser_t *const parser = &reader->parser;
	const char *const text = reader->source->text;
	const char *const at = text_at(reader, parser->problem_mark);
	const struct es_place begin = place_of(reader, parser->context_mark);
	const struct es_place place = *at ?
		place_of(reader, parser->problem_mark) : end_of_text(reader);
	const char *const complaint = es_complaint(parser, text, at);
	struct es_place earlier = { reader->source, 0, 0 };

	if (es_complaint_blank(parser, text, at, &earlier))
		refuse(reader, earlier, "expected a blank behind ':'");
	else if (complaint)
		refuse(reader, place, "%s", complaint);
	else
		refuse(reader, place, "'%.1s' can't begin a word; quote it",
		       at);
	if (!earlier.line && parser->context && begin.line < place.line)
		es_diag(reader->diags, ES_NOTE, begin,
			"%s, which begins here", parser->context);
}

/* Gets an event. ES_INVALID: reading has ended, and why was told. */
static enum es_status next_event(struct reader *reader, yaml_event_t *event)
{
	if (reader->mistakes >= MAX_MISTAKES) {
		es_diag(reader->diags, ES_NOTE, ES_NOWHERE,
			"too many mistakes; what follows was not read");
		return ES_INVALID;
	}
	if (yaml_parser_parse(&reader->parser, event))
		return ES_OK;
	if (reader->parser.error == YAML_MEMORY_ERROR ||
	    reader->parser.error == YAML_NO_ERROR)
		return ES_NOMEM;
	refuse_complaint(reader);
	return ES_INVALID;
}

/* Tells a node's anchor and tag, which stand before it in any order, each at
 * its place. */
static void refuse_properties(struct reader *reader, const yaml_event_t *event)
{
	const yaml_char_t *anchor, *tag;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (!anchor && !tag)
		return;

	const char *at = text_at(reader, event->start_mark);
	struct es_place place = place_of(reader, event->start_mark);

	while ((anchor && *at == '&') || (tag && *at == '!')) {
		const bool is_tag = *at == '!';
		const char *end = !is_tag ?
			at + 1 + strlen((const char *)anchor) :
			at[1] == '<' ? strchr(at, '>') + 1 :
			at + strcspn(at, " \t\r\n,[]{}");

		refuse(reader, place, "%s '%.*s' is not allowed; quote it if "
		       "it is meant as text", is_tag ? "tag" : "anchor",
		       quoted(at, (size_t)(end - at)), at);
		*(is_tag ? &tag : &anchor) = NULL;
		while (at < end || (*at && strchr(blanks, *at)) || *at == '#') {
			if (*at == '#' && at >= end)
				end = at + strcspn(at, "\n");
			at = step(at, &place);
		}
	}
}

/* Text stays NULL, which is told nobody, where it was refused. */
static enum es_status read_scalar(struct reader *reader,
				  const yaml_event_t *event,
				  struct es_node *node)
{
	const char *const text = (const char *)event->data.scalar.value;
	const size_t len = event->data.scalar.length;

	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (memchr(text, '\0', len)) {
		refuse(reader, node->place, "NUL byte in a text");
		return ES_OK;
	}
	if (len > ES_YAML_MAX_SCALAR) {
		refuse(reader, node->place, "text of %zu bytes; the limit is "
		       "%d", len, ES_YAML_MAX_SCALAR);
		return ES_OK;
	}
	node->text = es_arena_copy(reader->arena, text, len);
	return node->text ? ES_OK : ES_NOMEM;
}

static enum es_status read_node(struct reader *reader,
				const yaml_event_t *event, unsigned depth,
				struct es_node **node);

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct es_node *)a)->text,
		      ((const struct es_node *)b)->text);
}

/* Checks that KEY can be one, and is the first in the tree SEEN: a balanced
 * tree, so that no choice of keys makes this slow. */
static enum es_status check_key(struct reader *reader,
				const struct es_node *key, void **seen)
{
	if (key->kind != ES_SCALAR) {
		refuse(reader, key->place, "a %s can't be a key; quote text "
		       "that begins with a bracket",
		       key->kind == ES_MAPPING ? "mapping" : "list");
		return ES_OK;
	}
	if (!key->text)
		return ES_OK;
	if (key->plain && !strcmp(key->text, "<<")) {
		refuse(reader, key->place, "merge key '<<' is not allowed");
		return ES_OK;
	}

	const struct es_node *const *found = tsearch(key, seen, compare_texts);

	if (!found)
		return ES_NOMEM;
	if (*found != key) {
		refuse(reader, key->place, "duplicate key '%.*s'",
		       quoted(key->text, strlen(key->text)), key->text);
		es_diag(reader->diags, ES_NOTE, (*found)->place, "first here");
	}
	return ES_OK;
}

/* Reads the node that comes next. */
static enum es_status read_next(struct reader *reader, unsigned depth,
				struct es_node **node)
{
	autoevent yaml_event_t event = { 0 };
	const enum es_status status = next_event(reader, &event);

	return status ? status : read_node(reader, &event, depth, node);
}

static enum es_status read_pair(struct reader *reader,
				const yaml_event_t *key, unsigned depth,
				void **seen, struct child *child)
{
	enum es_status status = read_node(reader, key, depth, &child->key);

	if (!status)
		status = check_key(reader, child->key, seen);
	if (!status)
		status = read_next(reader, depth, &child->item);
	return status;
}

/* Hands the N CHILDREN to NODE. */
static enum es_status keep(struct es_arena *arena, const struct child *children,
			   size_t n, struct es_node *node)
{
	const size_t size = n * sizeof(struct es_node *);

	node->items = es_arena_alloc(arena, size);
	node->keys = node->kind == ES_MAPPING ? es_arena_alloc(arena, size) :
		NULL;
	if (!node->items || (node->kind == ES_MAPPING && !node->keys))
		return ES_NOMEM;
	for (size_t i = 0; i < n; i++) {
		node->items[i] = children[i].item;
		if (node->keys)
			node->keys[i] = children[i].key;
	}
	node->n = n;
	return ES_OK;
}

/* Reads what is in the sequence or mapping NODE, up to its end. */
static enum es_status read_children(struct reader *reader, unsigned depth,
				    struct es_node *node)
{
	es_autofree struct child *children = NULL;
	autotree void *seen = NULL;
	size_t n = 0, cap = 0;

	for (;;) {
		autoevent yaml_event_t event = { 0 };
		enum es_status status = next_event(reader, &event);

		if (status)
			return status;
		if (event.type == YAML_SEQUENCE_END_EVENT ||
		    event.type == YAML_MAPPING_END_EVENT)
			return keep(reader->arena, children, n, node);
		if (!es_grow(children, n, cap))
			return ES_NOMEM;
		children[n] = (struct child){ 0 };
		status = node->kind == ES_MAPPING ?
			read_pair(reader, &event, depth, &seen, &children[n]) :
			read_node(reader, &event, depth, &children[n].item);
		if (status)
			return status;
		n++;
	}
}

/* Reads the node that begins with EVENT. The root's DEPTH is 1. */
static enum es_status read_node(struct reader *reader,
				const yaml_event_t *event, unsigned depth,
				struct es_node **node)
{
	struct es_node *made = es_arena_alloc(reader->arena, sizeof(*made));

	if (!made)
		return ES_NOMEM;
	*node = made;
	made->place = place_of(reader, event->start_mark);
	if (event->type == YAML_ALIAS_EVENT) {
		const char *name = (const char *)event->data.alias.anchor;

		refuse(reader, made->place, "alias '*%.*s' is not allowed; "
		       "quote it if it is meant as text",
		       quoted(name, strlen(name)), name);
		return ES_OK;
	}
	refuse_properties(reader, event);
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(reader, event, made);
	if (depth > ES_YAML_MAX_DEPTH) {
		/* Anything deeper would only be more of it, up to 1 MiB. */
		refuse(reader, made->place, "nested deeper than %d levels",
		       ES_YAML_MAX_DEPTH);
		return ES_INVALID;
	}
	made->kind = event->type == YAML_MAPPING_START_EVENT ? ES_MAPPING :
		ES_SEQUENCE;
	return read_children(reader, depth + 1, made);
}

static void refuse_directives(struct reader *reader, const yaml_event_t *event)
{
	if (!event->data.document_start.version_directive &&
	    event->data.document_start.tag_directives.start ==
	    event->data.document_start.tag_directives.end)
		return;

	struct es_place place = place_of(reader, event->start_mark);
	const char *at = text_at(reader, event->start_mark);

	while (*at && strncmp(at, "---", 3) != 0) {
		if (*at == '%')
			refuse(reader, place, "directive '%.*s' is not allowed",
			       quoted(at, strcspn(at, blanks)), at);
		at += strcspn(at, "\n");
		if (*at)
			at = step(at, &place);
	}
}

/* Reads the beginning of a document; without one, *FOUND is false. */
static enum es_status read_start(struct reader *reader, bool *found,
				 struct es_place *place)
{
	autoevent yaml_event_t event = { 0 };
	const enum es_status status = next_event(reader, &event);

	*found = !status && event.type == YAML_DOCUMENT_START_EVENT;
	*place = place_of(reader, event.start_mark);
	if (*found)
		refuse_directives(reader, &event);
	return status;
}

/* Reads an event of which only one type is possible. */
static enum es_status skip(struct reader *reader)
{
	autoevent yaml_event_t event = { 0 };

	return next_event(reader, &event);
}

static enum es_status read_stream(struct reader *reader, struct es_node **root)
{
	struct es_place place;
	bool found = false;
	enum es_status status = skip(reader);

	if (!status)
		status = read_start(reader, &found, &place);
	if (!status && found)
		status = read_next(reader, 1, root);
	if (status)
		return status;
	if (!found || ((*root)->plain && (*root)->text && !*(*root)->text))
		refuse(reader, ((struct es_place){ reader->source, 1, 1 }),
		       "empty document");
	if (!found)
		return ES_OK;
	status = skip(reader);
	if (!status)
		status = read_start(reader, &found, &place);
	if (!status && found)
		refuse(reader, place, "second document; only one is allowed");
	return status;
}

enum es_status es_yaml_read(struct es_arena *arena,
			    const struct es_source *source,
			    struct es_diags *diags, struct es_node **root)
{
	struct reader reader = {
		.arena = arena,
		.source = source,
		.diags = diags,
	};
	struct es_node *read = NULL;

	if (!check_text(&reader))
		return ES_INVALID;
	if (!yaml_parser_initialize(&reader.parser))
		return ES_NOMEM;
	yaml_parser_set_input_string(&reader.parser,
				     (const unsigned char *)source->text,
				     source->len);
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);

	const enum es_status status = read_stream(&reader, &read);

	yaml_parser_delete(&reader.parser);
	if (status)
		return status;
	if (reader.mistakes)
		return ES_INVALID;
	*root = read;
	return ES_OK;
}
