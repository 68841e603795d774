/* SPDX-License-Identifier: MIT */
#include "opts.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

enum {
	MAX_ROWS = 32,
	/* What getopt_long returns for the long option of row 0: beyond all
	 * letters, so that letters and long options can be told apart. */
	LONG_BASE = 256,
};

/* The same rows in getopt's two forms. */
struct forms {
	char letters[2 * MAX_ROWS + 3];
	struct option names[MAX_ROWS + 1];
};

void opt_list_finish(struct opt_list *list)
{
	free(list->values);
	*list = (struct opt_list){ 0 };
}

static void make_forms(const struct opt_usage *usage, struct forms *forms)
{
	/* "+": options end at the first word that is none, because the rest is
	 * the program's. ":": a missing argument is told apart. */
	char *letter = stpcpy(forms->letters, "+:");

	assert(usage->nrows <= MAX_ROWS);
	for (size_t i = 0; i < usage->nrows; i++) {
		const struct opt *row = &usage->rows[i];

		forms->names[i] = (struct option){
			.name = row->name,
			.has_arg = row->argument ? required_argument
						 : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (row->kind == OPT_MAYBE)
			forms->names[i].has_arg = optional_argument;
		if (row->letter) {
			*letter++ = row->letter;
			if (row->argument)
				*letter++ = ':';
		}
	}
	*letter = '\0';
}

/* The row for what getopt_long returned or left in optopt, or NULL. */
static const struct opt *find_row(const struct opt_usage *usage, int value)
{
	if (value >= LONG_BASE)
		return &usage->rows[value - LONG_BASE];
	for (size_t i = 0; value && i < usage->nrows; i++)
		if (usage->rows[i].letter == value)
			return &usage->rows[i];
	return NULL;
}

int opt_hint(const struct opt_usage *usage)
{
	fprintf(stderr, "extrasafe: try '%s -h'\n", usage->command);
	return CMD_USAGE;
}

/* Is WORD a long option, but none of the rows' by its whole name? getopt_long
 * would take an abbreviation, and what one means an option to come may change. */
static bool is_unknown_name(const struct opt_usage *usage, const char *word)
{
	const size_t len = strcspn(word, "=");

	if (strncmp(word, "--", 2) != 0 || !word[2])
		return false;
	for (size_t i = 0; i < usage->nrows; i++)
		if (strlen(usage->rows[i].name) + 2 == len &&
		    !memcmp(usage->rows[i].name, word + 2, len - 2))
			return false;
	return true;
}

static int hint_unknown(const struct opt_usage *usage)
{
	if (usage->unknown)
		fprintf(stderr, "extrasafe: %s\n", usage->unknown);
	return opt_hint(usage);
}

static int tell_unknown_name(const struct opt_usage *usage, const char *word)
{
	const size_t len = strcspn(word, "=");
	const char *meant = NULL;
	bool several = false;

	for (size_t i = 0; i < usage->nrows; i++) {
		if (len == 2 ||
		    strncmp(usage->rows[i].name, word + 2, len - 2) != 0)
			continue;
		several = meant != NULL;
		meant = usage->rows[i].name;
	}
	if (meant && !several)
		cmd_error("unknown option '%.*s', did you mean '--%s'?",
			  (int)len, word, meant);
	else
		cmd_error("unknown option '%.*s'", (int)len, word);
	return hint_unknown(usage);
}

static int tell_unknown(const struct opt_usage *usage)
{
	const struct opt *row = find_row(usage, optopt);

	if (row)
		cmd_error("option '--%s' takes no argument", row->name);
	else
		cmd_error("unknown option '-%c'", optopt);
	return hint_unknown(usage);
}

static int tell_missing(const struct opt_usage *usage)
{
	const struct opt *row = find_row(usage, optopt);

	if (optopt >= LONG_BASE)
		cmd_error("option '--%s' needs an argument: %s", row->name,
			  row->argument);
	else
		cmd_error("option '-%c' needs an argument: %s", row->letter,
			  row->argument);
	return opt_hint(usage);
}

static int append(struct opt_list *list, const struct opt *row,
		  const char *value)
{
	struct opt_value *bigger = reallocarray(list->values, list->n + 1,
						sizeof(*bigger));

	if (!bigger) {
		cmd_error("out of memory");
		return CMD_FAILED;
	}
	list->values = bigger;
	list->values[list->n++] = (struct opt_value){ row, value };
	return OPT_GO_ON;
}

static int store(const struct opt_usage *usage, const struct opt *row,
		 void *into)
{
	void *variable = (char *)into + row->offset;

	switch (row->kind) {
	case OPT_FLAG:
		*(bool *)variable = true;
		break;
	case OPT_STRING:
		*(const char **)variable = optarg;
		break;
	case OPT_MAYBE:
		*(const char **)variable = optarg ? optarg : "";
		break;
	case OPT_LIST:
		return append(variable, row, optarg);
	case OPT_HELP:
		opt_print(usage, stdout);
		return cmd_finish_stdout(CMD_OK);
	}
	return OPT_GO_ON;
}

int opt_parse(const struct opt_usage *usage, int argc, char *const argv[],
	      void *into, int *ret_first)
{
	struct forms forms = { 0 };
	int value;

	make_forms(usage, &forms);
	opterr = 0;
	optind = 0; /* glibc: start afresh, main's own options were parsed */
	for (;;) {
		const char *word = argv[optind ? optind : 1];
		int status;

		if (word && is_unknown_name(usage, word))
			return tell_unknown_name(usage, word);
		value = getopt_long(argc, argv, forms.letters, forms.names,
				    NULL);
		if (value == -1)
			break;
		if (value == '?')
			status = tell_unknown(usage);
		else if (value == ':')
			status = tell_missing(usage);
		else
			status = store(usage, find_row(usage, value), into);
		if (status != OPT_GO_ON)
			return status;
	}
	*ret_first = optind;
	return OPT_GO_ON;
}

const char *opt_late(char *const argv[], int first)
{
	for (char *const *word = argv + first; *word; word++)
		if (word[0][0] == '-' && word[0][1])
			return *word;
	return NULL;
}

/* "  -p, --profile PROFILE"; returns its width. */
static int print_row(const struct opt *row, FILE *stream)
{
	const char letter[] = { '-', row->letter, ',', '\0' };
	char text[80];
	const int width = snprintf(text, sizeof(text), "  %3s --%s%s%s%s",
				   row->letter ? letter : "", row->name,
				   !row->argument ? "" :
				   row->kind == OPT_MAYBE ? "[=" : " ",
				   row->argument ? row->argument : "",
				   row->kind == OPT_MAYBE ? "]" : "");

	if (stream)
		fputs(text, stream);
	return width;
}

static void print_help(const char *help, int indent, FILE *stream)
{
	for (; *help; help++) {
		fputc(*help, stream);
		if (*help == '\n')
			fprintf(stream, "%*s", indent, "");
	}
	fputc('\n', stream);
}

void opt_print(const struct opt_usage *usage, FILE *stream)
{
	int widest = 0;

	for (size_t i = 0; i < usage->nrows; i++) {
		const struct opt *row = &usage->rows[i];
		const int width = row->help ? print_row(row, NULL) : 0;

		widest = width > widest ? width : widest;
	}
	fprintf(stream, "usage: %s %s\n\n%s\n\n", usage->command,
		usage->synopsis, usage->about);
	if (usage->middle) {
		usage->middle(stream);
		fputc('\n', stream);
	}
	for (size_t i = 0; i < usage->nrows; i++) {
		const struct opt *row = &usage->rows[i];

		if (!row->help)
			continue;
		fprintf(stream, "%*s", widest + 2 - print_row(row, stream), "");
		print_help(row->help, widest + 2, stream);
	}
	if (usage->examples)
		fprintf(stream, "\n%s\n", usage->examples);
}
