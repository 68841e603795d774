/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>

#include "cmd.h"
#include "opts.h"

struct run_options {
	struct opt_list parts; /* -p and -a, in the order written */
	struct opt_list widen;
	const char *deny, *arm;
	bool dry_run, verbose;
};

#define AT(member) offsetof(struct run_options, member)

/* clang-format off */
static const struct opt rows[] = {
	{ 'p', "profile", "PROFILE",
	  "allow what PROFILE allows: a name, or the path of\n"
	  "a .yaml file (repeatable)", OPT_LIST, AT(parts) },
	{ 'a', "allow", "FRAGMENT",
	  "allow a piece of `allow:`, such as SystemIO.stdout\n"
	  "or 'SystemIO: [stdin, stdout]' (repeatable)", OPT_LIST, AT(parts) },
	{ 0, "widen", "SET.WORD",
	  "take a profile's limit back (repeatable)", OPT_LIST, AT(widen) },
	{ 0, "deny", "ACTION",
	  "what a denied call gets: an errno name such as\n"
	  "EPERM, kill, kill_thread or trap", OPT_STRING, AT(deny) },
	{ 0, "arm", "MOMENT",
	  "when the filter takes force: exec", OPT_STRING, AT(arm) },
	{ 0, "dry-run", NULL,
	  "do all but the start; print what would be done", OPT_FLAG,
	  AT(dry_run) },
	{ 'v', "verbose", NULL,
	  "tell on standard error what was made of the policy", OPT_FLAG,
	  AT(verbose) },
	{ 'h', "help", NULL, "print this", OPT_HELP, 0 },
	{ 0, "best-effort", "LAYER", NULL, OPT_LATER, 0 },
	{ 0, "permissive", NULL, NULL, OPT_LATER, 0 },
	{ 0, "report", NULL, NULL, OPT_LATER, 0 },
};
/* clang-format on */

static const struct opt_usage usage = {
	.command = "extrasafe run",
	.synopsis = "[-p PROFILE]... [-a FRAGMENT]... [--] PROGRAM [ARG...]",
	.about = "Run a program that can do what its profiles allow, taken "
		 "together, and nothing\n"
		 "else.",
	.examples = "examples:\n"
		    "  extrasafe run -p compute -- wc -w\n"
		    "  extrasafe run -a 'SystemIO: [stdin, stdout, stderr]' -- "
		    "wc -c\n"
		    "\n"
		    "exit status: the program's own; 125 if extrasafe could "
		    "not do its part; 126 if\n"
		    "PROGRAM can't be executed, 127 if it was not found; 2 for "
		    "wrong usage",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

static int exit_status(enum es_status status)
{
	switch (status) {
	case ES_OK:
		return CMD_OK;
	case ES_NOT_EXECUTABLE:
		return 126;
	case ES_NOT_FOUND:
		return 127;
	default:
		return CMD_FAILED;
	}
}

/* Errors are kept in CONTEXT and DIAGS: all mistakes are told in one run. False
 * where an option has a word that it can't have, whatever the profiles say. */
static bool build(const struct run_options *options, struct es_context *context,
		  struct es_diags *diags)
{
	bool fine = true;

	/* First, so that it takes the place of what the profiles say. */
	if (options->deny)
		fine = es_set_deny(context, options->deny, diags) != ES_INVALID;
	if (options->arm &&
	    es_set_arm(context, options->arm, diags) == ES_INVALID)
		fine = false;
	for (size_t i = 0; i < options->parts.n; i++) {
		const struct opt_value *part = &options->parts.values[i];

		if (part->row->letter == 'p')
			es_add_profile(context, part->value, diags);
		else
			es_add_fragment(context, part->value, diags);
	}
	for (size_t i = 0; i < options->widen.n; i++)
		if (es_widen(context, options->widen.values[i].value, diags) ==
		    ES_INVALID)
			fine = false;
	return fine;
}

static int launch(const struct run_options *options, char *const argv[])
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	cmd_autocontext struct es_context *context = es_context_new();
	const struct es_launch_options how = {
		.dry_run = options->dry_run ? stdout : NULL,
		.verbose = options->verbose ? stderr : NULL,
	};

	if (!diags || !context) {
		cmd_error("out of memory");
		return CMD_FAILED;
	}

	const bool fine = build(options, context, diags);
	const enum es_status status = es_launch(context, argv, &how, diags);

	cmd_report(diags, status);
	return fine || status != ES_INVALID ?
	       cmd_finish_stdout(exit_status(status)) : opt_hint(&usage);
}

int cmd_run(int argc, char *const argv[])
{
	struct run_options options = { 0 };
	int first;
	int status = opt_parse(&usage, argc, argv, &options, &first);

	if (status == OPT_GO_ON && options.parts.n == 0) {
		cmd_error("no policy: give -p PROFILE or -a FRAGMENT");
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON && first >= argc) {
		cmd_error("no program to run");
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON) {
		status = launch(&options, argv + first);
	}
	opt_list_finish(&options.parts);
	opt_list_finish(&options.widen);
	return status;
}
