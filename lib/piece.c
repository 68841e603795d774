/* SPDX-License-Identifier: MIT */
#include "piece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "util.h"

/* NULL goes first. */
static int compare(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

int es_piece_compare(const struct es_piece *a, const struct es_piece *b)
{
	int order = compare(a->word ? a->word->set : "syscalls",
			    b->word ? b->word->set : "syscalls");

	if (!order)
		order = compare(a->word ? a->word->word : a->call,
				b->word ? b->word->word : b->call);
	if (!order)
		order = compare(a->fds, b->fds);
	if (!order)
		order = compare(a->path, b->path);
	return order ? order : (int)a->port - (int)b->port;
}

/* Numbers from here on are not counted: there are none. */
enum { MAX_NUMBER = 1024 };

/* Counts the system calls of a word, each once. */
struct count {
	bool seen[MAX_NUMBER];
	unsigned n;
	bool writes;
};

static bool is_writing(const char *call)
{
	for (size_t i = 0; i < es_nmovers; i++)
		if (es_movers[i].direction != ES_READS &&
		    !es_movers[i].unless && !es_movers[i].when &&
		    !strcmp(es_movers[i].call, call))
			return true;
	return false;
}

static bool count_rule(const struct es_rule_info *rule, void *data)
{
	const struct es_syscall *call = es_syscall_find(rule->call,
							strlen(rule->call));
	const int nr = call ? es_syscall_number(call) : -1;
	struct count *count = data;

	if (nr >= 0 && nr < MAX_NUMBER && !count->seen[nr]) {
		count->seen[nr] = true;
		count->n++;
		count->writes |= is_writing(rule->call);
	}
	return true;
}

static struct count counted(const struct es_piece *piece)
{
	struct count count = { 0 };

	if (piece->word)
		es_permission_rules((size_t)(piece->word - es_words),
				    count_rule, &count);
	else
		count.n = 1;
	return count;
}

unsigned es_piece_calls(const struct es_piece *piece)
{
	return counted(piece).n;
}

bool es_piece_writes(const struct es_piece *piece)
{
	return counted(piece).writes;
}

bool es_pieces_add(struct es_pieces *pieces, const struct es_piece *piece)
{
	size_t i = 0;
	int order = 1;

	while (i < pieces->n &&
	       (order = es_piece_compare(&pieces->at[i], piece)) < 0)
		i++;
	if (i < pieces->n && !order)
		return true;
	if (!es_grow(pieces->at, pieces->n, pieces->cap))
		return false;
	memmove(&pieces->at[i + 1], &pieces->at[i],
		(pieces->n - i) * sizeof(*pieces->at));
	pieces->at[i] = *piece;
	pieces->n++;
	return true;
}

void es_pieces_finish(struct es_pieces *pieces)
{
	free(pieces->at);
	*pieces = (struct es_pieces){ 0 };
}

bool es_path_is_writable(const char *path)
{
	const size_t len = strlen(path);
	uint32_t code = 0;

	for (size_t i = 0; i < len;) {
		const size_t got = es_utf8(path + i, len - i, &code);

		if (!got)
			return false;
		i += got;
	}
	return *path == '/' && !strstr(path, "${");
}

/* Plain where YAML takes it for nothing else, and quoted where it might. */
static void print_scalar(FILE *stream, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._+-@";
	const size_t len = strlen(text);
	uint32_t code = 0;

	if (text[strspn(text, plain)] == '\0' && *text && *text != '-' &&
	    *text != '@') {
		fputs(text, stream);
		return;
	}
	fputc('"', stream);
	for (size_t i = 0; i < len;) {
		const size_t got = es_utf8(text + i, len - i, &code);

		if (text[i] == '"' || text[i] == '\\')
			fprintf(stream, "\\%c", text[i]);
		else if (got == 1 && code >= ' ' && code < 0x7f)
			fputc(text[i], stream);
		else
			fprintf(stream, "\\U%08x", (unsigned)code);
		i += got ? got : 1;
	}
	fputc('"', stream);
}

/* A set, or a word with all of its values, is a run of pieces. */
static size_t end_of_set(const struct es_pieces *pieces, size_t i)
{
	const struct es_word *word = pieces->at[i].word;
	size_t end = i + 1;

	while (end < pieces->n && !word == !pieces->at[end].word &&
	       (!word || !strcmp(word->set, pieces->at[end].word->set)))
		end++;
	return end;
}

static size_t end_of_word(const struct es_pieces *pieces, size_t i)
{
	size_t end = i + 1;

	while (end < pieces->n && pieces->at[i].word &&
	       pieces->at[i].word == pieces->at[end].word)
		end++;
	return end;
}

static void print_list(FILE *stream, const struct es_piece *at, size_t n)
{
	if (n > 1)
		fputc('[', stream);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", stream);
		if (at[i].path)
			print_scalar(stream, at[i].path);
		else if (at[i].fds)
			fputs(at[i].fds, stream);
		else
			fprintf(stream, "%u", at[i].port);
	}
	if (n > 1)
		fputc(']', stream);
}

/* N pieces of one word. The first has neither path, port nor descriptors if any
 * has: then it stands for all. What goes past the ports of others, whose like is
 * LIMITED, has to say so. */
static void print_word(FILE *stream, const struct es_piece *at, size_t n,
		       bool limited)
{
	const struct es_word *word = at->word;
	const unsigned flags = word ? word->flags : 0;
	const bool starred = (flags & ES_WORD_STARRED) ||
			     (limited && (flags & ES_WORD_PAST_PORTS));
	const bool option = (at->fds && !(flags & ES_WORD_FD)) || at->port ||
			    (at->path && starred);

	fputs(word ? word->word : at->call, stream);
	if (option) {
		fprintf(stream, ": {%s: ", at->path ? "path" : at->fds ? "fds" :
						      "ports");
		print_list(stream, at, n);
		fputs(starred ? ", yes_really: true}" : "}", stream);
	} else if (at->path || at->fds) {
		fputs(": ", stream);
		print_list(stream, at, n);
	} else if (starred) {
		fputs(": yes_really", stream);
	}
}

static bool has_ports(const struct es_pieces *pieces)
{
	for (size_t i = 0; i < pieces->n; i++)
		if (pieces->at[i].port)
			return true;
	return pieces->ports;
}

static const char *set_name(const struct es_piece *piece)
{
	return piece->word ? piece->word->set : "syscalls";
}

static void print_flow(const struct es_pieces *pieces, FILE *stream)
{
	const bool several = pieces->n && end_of_set(pieces, 0) < pieces->n;
	size_t end = 0;

	fputs(several ? "{" : "", stream);
	for (size_t i = 0; i < pieces->n; i = end) {
		end = end_of_set(pieces, i);
		fprintf(stream, "%s%s: [", i ? ", " : "",
			set_name(&pieces->at[i]));
		for (size_t word = i; word < end;) {
			const size_t next = end_of_word(pieces, word);

			fputs(word > i ? ", " : "", stream);
			print_word(stream, &pieces->at[word], next - word,
				   has_ports(pieces));
			word = next;
		}
		fputc(']', stream);
	}
	fputs(several ? "}" : "", stream);
}

static void print_block(const struct es_pieces *pieces, unsigned indent,
			FILE *stream)
{
	size_t end = 0;

	for (size_t i = 0; i < pieces->n; i = end) {
		end = end_of_set(pieces, i);
		fprintf(stream, "%*s%s:\n", (int)indent, "",
			set_name(&pieces->at[i]));
		for (size_t word = i; word < end;) {
			const size_t next = end_of_word(pieces, word);

			fprintf(stream, "%*s- ", (int)indent + 2, "");
			print_word(stream, &pieces->at[word], next - word,
				   has_ports(pieces));
			fputc('\n', stream);
			word = next;
		}
	}
}

char *es_pieces_flow(const struct es_pieces *pieces)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		return NULL;
	print_flow(pieces, stream);
	if (!fclose(stream))
		return text;
	free(text);
	return NULL;
}

char *es_pieces_block(const struct es_pieces *pieces, unsigned indent)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		return NULL;
	print_block(pieces, indent, stream);
	if (!fclose(stream))
		return text;
	free(text);
	return NULL;
}
