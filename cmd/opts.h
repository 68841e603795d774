/* SPDX-License-Identifier: MIT */
#ifndef ES_CMD_OPTS_H
#define ES_CMD_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What becomes of an option that was given. */
enum opt_kind {
	OPT_FLAG,   /* a bool is set */
	OPT_STRING, /* a const char * is set; the last one given counts */
	OPT_MAYBE,  /* likewise; its argument may be missing, and is "" then */
	OPT_LIST,   /* one more in a struct opt_list, which rows may share */
	OPT_HELP,   /* the usage is printed */
};

/* An option is one row: parsing and usage text both come of it. */
struct opt {
	char letter;          /* or 0 */
	const char *name;     /* the long one */
	const char *argument; /* what the usage calls it; NULL: takes none */
	const char *help;     /* lines after the first are indented */
	enum opt_kind kind;
	size_t offset; /* of the variable in the caller's structure */
};

struct opt_usage {
	const char *command;          /* "extrasafe run" */
	const char *synopsis;         /* what follows the command */
	const char *about;            /* lines before the options */
	void (*middle)(FILE *stream); /* what stands between, or NULL */
	const char *examples;         /* lines behind the options, or NULL */
	const char *unknown; /* a line behind unknown options, or NULL */
	const struct opt *rows;
	size_t nrows;
};

struct opt_value {
	const struct opt *row;
	const char *value; /* not owned: it lies in argv */
};

/* Option arguments in the order in which they were given. */
struct opt_list {
	struct opt_value *values; /* owned */
	size_t n;
};

void opt_list_finish(struct opt_list *list);

/* What opt_parse returns when there is something left to do. */
enum { OPT_GO_ON = -1 };

/*
 * Parses ARGV up to its first word that is no option into the structure INTO,
 * which the rows' offsets are for. OPT_GO_ON with that word's index in
 * RET_FIRST, or an exit status: everything has been said already.
 */
int opt_parse(const struct opt_usage *usage, int argc, char *const argv[],
	      void *into, int *ret_first);

/* The first of the words from FIRST on that looks like an option: -v behind an
 * operand would be taken for one more. NULL if there is none. */
const char *opt_late(char *const argv[], int first);

/* The usage: one line, the text about it, the options, the examples. */
void opt_print(const struct opt_usage *usage, FILE *stream);

/* The line that follows a complaint; returns the exit status of wrong usage. */
int opt_hint(const struct opt_usage *usage);

#endif
