/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json-c/json_c_version.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "opts.h"

struct command {
	const char *name;
	const char *about;
	int (*main)(int argc, char *const argv[]); /* NULL: a later version's */
};

/* clang-format off */
static const struct command commands[] = {
	{ "run",     "run a program under a policy", cmd_run },
	{ "check",   "read and compile profiles, prove their filter", cmd_check },
	{ "diff",    NULL, NULL },
	{ "doctor",  NULL, NULL },
	{ "explain", NULL, NULL },
	{ "export",  NULL, NULL },
	{ "import",  NULL, NULL },
	{ "learn",   NULL, NULL },
	{ "list",    "tell what sets, permissions, profiles, calls there are",
	  cmd_list },
	{ "why",     "tell what profiles say to a call, and what would allow it",
	  cmd_why },
};

struct main_options {
	bool version;
};

static const struct opt rows[] = {
	{ 'h', "help", NULL, "print this; `extrasafe COMMAND -h` tells more",
	  OPT_HELP, 0 },
	{ 0, "version", NULL, "print the version, and those of the libraries",
	  OPT_FLAG, offsetof(struct main_options, version) },
};
/* clang-format on */

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_commands(FILE *stream)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (commands[i].main)
			fprintf(stream, "  %-10s %s\n", commands[i].name,
				commands[i].about);
}

static const struct opt_usage usage = {
	.command = "extrasafe",
	.synopsis = "COMMAND [ARG...]",
	.about = "Run programs with only the abilities that their profiles "
		 "name.",
	.middle = print_commands,
	.examples = "examples:\n"
		    "  extrasafe run -p compute -- wc -w\n"
		    "  extrasafe check -v web.yaml",
	.unknown = "options of a command stand behind it, as in "
		   "'extrasafe run -p compute -- wc -w'",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

void cmd_error(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);

	fputs("extrasafe: error: ", stderr);
	for (const char *c = text ? text : "out of memory"; *c; c++) {
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			fprintf(stderr, "\\x%02x", (unsigned char)*c);
		else
			fputc(*c, stderr);
	}
	fputc('\n', stderr);
	free(text);
}

void cmd_report(const struct es_diags *diags, enum es_status status)
{
	const char *no_color = getenv("NO_COLOR"); /* see no-color.org */
	const bool colour = (!no_color || !*no_color) && isatty(STDERR_FILENO);

	es_diags_print(diags, stderr, colour);
	if (status == ES_OK || es_diags_errors(diags) > 0)
		return;
	if (status == ES_NOMEM)
		cmd_error("out of memory");
	else
		cmd_error("failed without a reason (status %d)", (int)status);
}

int cmd_finish_stdout(int status)
{
	const bool failed = fflush(stdout) != 0;

	if (!failed && !ferror(stdout))
		return status;
	cmd_error("can't write to standard output%s%s", failed ? ": " : "",
		  failed ? strerror(errno) : "");
	return CMD_FAILED;
}

static void tell_unknown(const char *name)
{
	const char *names[NCOMMANDS + 1] = { NULL };
	const char *meant = NULL;
	size_t n = 0;

	for (size_t i = 0; i < NCOMMANDS; i++)
		if (commands[i].main)
			names[n++] = commands[i].name;
	meant = es_did_you_mean(name, names);
	if (meant)
		cmd_error("unknown command '%s', did you mean '%s'?", name,
			  meant);
	else
		cmd_error("unknown command '%s'; a program is run by "
			  "'extrasafe run'", name);
}

static int call(int argc, char *const argv[])
{
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i].name, argv[0]) != 0)
			continue;
		if (commands[i].main)
			return commands[i].main(argc, argv);
		cmd_error("'%s' is not available in this version", argv[0]);
		return CMD_USAGE;
	}
	tell_unknown(argv[0]);
	/* The kernel hands over all words of a #! line as one. */
	if (strchr(argv[0], ' ')) {
		fputs("extrasafe: a #! line begins with "
		      "'#!/usr/bin/env -S extrasafe', so that its words come "
		      "one by one\n", stderr);
		return CMD_USAGE;
	}
	return opt_hint(&usage);
}

int main(int argc, char *argv[])
{
	struct main_options options = { 0 };
	int first;

	/* A diagnostic is many small pieces; a line of it is one write. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);

	const int status = opt_parse(&usage, argc, argv, &options, &first);

	if (status != OPT_GO_ON)
		return status;
	if (options.version) {
		es_print_versions(stdout);
		printf("json-c %s\n", json_c_version());
		return cmd_finish_stdout(CMD_OK);
	}
	if (first < argc)
		return call(argc - first, argv + first);
	fprintf(stderr, "usage: %s %s\n", usage.command, usage.synopsis);
	return opt_hint(&usage);
}
