/* SPDX-License-Identifier: MIT */
/*
 * Prints the manual page extrasafe-rulesets(7): the text of rulesets.7.in, with
 * the table of sets.c in place of the lines @SETS@, @PARTS@ and @NEVER@. To
 * make the page again after a change of either:
 *
 *     ninja -C build tests/make-rulesets
 *     build/tests/make-rulesets man/rulesets.7.in > man/extrasafe-rulesets.7
 */
#include <ctype.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "sets.h"
#include "util.h"

#define RIGHT(name) { LANDLOCK_ACCESS_FS_##name, #name }
static const struct right {
	uint64_t right;
	const char *name;
} fs_rights[] = {
	RIGHT(EXECUTE), RIGHT(WRITE_FILE), RIGHT(READ_FILE), RIGHT(READ_DIR),
	RIGHT(REMOVE_DIR), RIGHT(REMOVE_FILE), RIGHT(MAKE_CHAR),
	RIGHT(MAKE_DIR), RIGHT(MAKE_REG), RIGHT(MAKE_SOCK), RIGHT(MAKE_FIFO),
	RIGHT(MAKE_BLOCK), RIGHT(MAKE_SYM), RIGHT(REFER), RIGHT(TRUNCATE),
	RIGHT(IOCTL_DEV),
};
#undef RIGHT
static const struct right net_rights[] = {
	{ LANDLOCK_ACCESS_NET_BIND_TCP, "BIND_TCP" },
	{ LANDLOCK_ACCESS_NET_CONNECT_TCP, "CONNECT_TCP" },
};
static const struct right scopes[] = {
	{ LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, "abstract unix sockets" },
	{ LANDLOCK_SCOPE_SIGNAL, "signals" },
};

/* LEN bytes of running text, in which nothing is markup. A flag set may be cut
 * behind a '|', where a line has no other place to end. */
static void print_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(text[i]);
		if (text[i] == '|')
			fputs("\\:", stdout);
	}
}

/* `x` becomes .Ql x, with the punctuation behind it. */
static const char *print_quoted(const char *text)
{
	const char *end = strchr(text, '`');
	const size_t len = end ? (size_t)(end - text) : strlen(text);

	printf(".Ql ");
	/* A word like this would be taken for a macro or a mark. */
	for (size_t i = 0; i < len; i++) {
		if (text[i] == ' ')
			putchar('\\');
		putchar(text[i]);
	}
	text += len + (end != NULL);
	for (; *text && strchr(",.;:)", *text); text++)
		printf(" %c", *text);
	putchar('\n');
	return text + strspn(text, " ");
}

/* Sentences, each of which begins a line. */
static void print_text(const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "`");
		const char *stop = strstr(text, ". ");

		if (stop && stop < text + len) {
			print_plain(text, (size_t)(stop - text) + 1);
			putchar('\n');
			text = stop + 2;
			continue;
		}
		if (len) {
			print_plain(text, text[len] && text[len - 1] == ' ' ?
					  len - 1 : len);
			putchar('\n');
		}
		text += len;
		if (*text)
			text = print_quoted(text + 1);
	}
}

/* LINE of the table as a sentence. */
static void print_sentence(const char *line, bool capital)
{
	char text[512];

	snprintf(text, sizeof(text), "%s.", line);
	if (capital)
		*text = (char)toupper((unsigned char)*text);
	print_text(text);
}

/* The rows of ROLE, as LABEL and what they allow. */
static void print_rows(const struct es_word *word, enum es_role role,
		       const char *label)
{
	bool any = false;

	for (const struct es_row *row = word->rows; row && row->rule; row++) {
		if (row->role != role)
			continue;
		if (!any)
			printf(".Pp\n%s\n.Bl -dash -compact\n", label);
		any = true;
		puts(".It");
		print_plain(row->rule, strlen(row->rule));
		putchar('\n');
	}
	if (any)
		puts(".El");
}

static void print_rights(const char *label, const struct right *rights,
			 size_t n, uint64_t given, const char *end)
{
	const char *between = label;

	for (size_t i = 0; i < n; i++) {
		if (!(given & rights[i].right))
			continue;
		printf("%s%s", between, rights[i].name);
		between = ", ";
	}
	if (between != label)
		printf("%s\n", end);
}

static void print_landlock(const struct es_word *word)
{
	if (word->fs || word->net || word->scopes)
		puts(".Pp");
	print_rights("Landlock: ", fs_rights, ES_COUNT(fs_rights), word->fs,
		     !word->path_right ? "." :
		     word->flags & ES_WORD_NEEDS_PATH ? ", at its paths." :
		     ", at its paths if it has any.");
	print_rights("Landlock: ", net_rights, ES_COUNT(net_rights), word->net,
		     word->flags & ES_WORD_PORTS ?
		     ", at its ports if it has any." : ".");
	print_rights("Landlock's scope is off for ", scopes, ES_COUNT(scopes),
		     word->scopes, ".");
}

static void print_heading(const struct es_word *word)
{
	const unsigned flags = word->flags;
	const struct {
		unsigned flag;
		const char *takes;
	} all[] = {
		{ ES_WORD_PATH, "Ar path" },
		{ ES_WORD_FD, "Ar fd" },
		{ ES_WORD_STARRED, "Cm yes_really" },
		{ ES_WORD_FDS, "Cm fds" },
		{ ES_WORD_PORTS, "Cm ports" },
	};
	const char *between = ":";

	printf(".It Ic %s", word->word);
	for (size_t i = 0; i < ES_COUNT(all); i++) {
		if (!(flags & all[i].flag))
			continue;
		printf(" %s %s", between, all[i].takes);
		between = ",";
	}
	putchar('\n');
}

/* "A B C" behind LABEL. */
static void print_list(const char *label, const char *list)
{
	printf(".Pp\n%s\n", label);
	while (*list) {
		const size_t len = strcspn(list, " ");
		const char *next = list + len + strspn(list + len, " ");

		print_plain(list, len);
		puts(*next ? "," : ".");
		list = next;
	}
}

static void print_word(const struct es_word *word)
{
	char text[512];

	print_heading(word);
	if (word->about)
		print_sentence(word->about, true);
	if (word->more)
		print_text(word->more);
	if ((word->flags & (ES_WORD_FDS | ES_WORD_PATH)) == ES_WORD_FDS &&
	    word->fds) {
		snprintf(text, sizeof(text), "It covers `%s` by default.",
			 word->fds);
		print_text(text);
	}
	if (word->danger) {
		puts(".Pp\n.Em Danger :");
		print_sentence(word->danger, false);
	}
	if (word->open) {
		puts(".Pp\n.Em Open :");
		print_sentence(word->open, false);
	}
	if (word->paths)
		print_list("Its files, of which the missing ones are skipped, "
			   "and what is below its folders:", word->paths);
	if (word->ports)
		print_list("Its ports for TCP:", word->ports);
	if (word->includes) {
		printf(".Pp\nIt includes ");
		print_plain(word->includes, strlen(word->includes));
		puts(".");
	}
	print_rows(word, ES_DEFINES, "Calls:");
	print_rows(word, ES_BRINGS, "Brought along:");
	print_rows(word, ES_WHOLE, "Without fds also:");
	print_landlock(word);
}

static void print_sets(bool hidden)
{
	for (size_t i = 0; i < es_nsets; i++) {
		const struct es_set *set = &es_sets[i];

		if (set->hidden != hidden)
			continue;
		printf(".Ss %s\n", set->name);
		print_sentence(set->about, true);
		if (set->more)
			print_text(set->more);
		puts(".Bl -tag -width Ds");
		for (size_t w = 0; w < es_nwords; w++)
			if (!strcmp(es_words[w].set, set->name))
				print_word(&es_words[w]);
		puts(".El");
	}
}

/* By their reasons, in the order of each one's first call. */
static void print_never(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < es_nnevers; i++) {
		const char *reason = es_nevers[i].reason;
		const char *between = ".It Ic ";
		size_t first = 0;

		while (strcmp(es_nevers[first].reason, reason) != 0)
			first++;
		if (first != i)
			continue;
		for (size_t n = i; n < es_nnevers; n++) {
			if (strcmp(es_nevers[n].reason, reason) != 0)
				continue;
			printf("%s%s", between, es_nevers[n].call);
			between = " , ";
		}
		putchar('\n');
		print_sentence(reason, true);
	}
	puts(".El");
}

int main(int argc, char *argv[])
{
	FILE *page = argc == 2 ? fopen(argv[1], "re") : NULL;
	char line[512];

	if (!page) {
		fprintf(stderr, "usage: make-rulesets rulesets.7.in\n");
		return 2;
	}
	while (fgets(line, sizeof(line), page)) {
		if (!strcmp(line, "@SETS@\n"))
			print_sets(false);
		else if (!strcmp(line, "@PARTS@\n"))
			print_sets(true);
		else if (!strcmp(line, "@NEVER@\n"))
			print_never();
		else
			fputs(line, stdout);
	}
	fclose(page);
	return fflush(stdout) ? 1 : 0;
}
