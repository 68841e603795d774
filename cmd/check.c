/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>

#include "cmd.h"
#include "opts.h"

struct check_options {
	struct opt_list fragments;
	bool verbose;
};

#define AT(member) offsetof(struct check_options, member)

/* clang-format off */
static const struct opt rows[] = {
	{ 'a', "allow", "FRAGMENT",
	  "check a piece of `allow:` with them (repeatable)", OPT_LIST,
	  AT(fragments) },
	{ 'v', "verbose", NULL,
	  "tell sizes, and what stays open and why", OPT_FLAG, AT(verbose) },
	{ 'h', "help", NULL, "print this", OPT_HELP, 0 },
};
/* clang-format on */

static const struct opt_usage usage = {
	.command = "extrasafe check",
	.synopsis = "[-v] [-a FRAGMENT]... PROFILE...",
	.about = "Read profiles, compile them and prove the filter, without "
		 "running anything;\n"
		 "tell every mistake with its place. Several profiles are "
		 "checked as one, their\n"
		 "union, as `extrasafe run` with several -p takes them.",
	.examples = "example:\n"
		    "  extrasafe check -v web.yaml\n"
		    "\n"
		    "exit status: 0 if all is well, 1 if there are mistakes, 2 "
		    "for wrong usage,\n"
		    "125 if it could not be found out",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

/* Of two failures the one that says less about the profile counts: where one
 * file is wrong and another can't be read, the answer isn't known. */
static enum es_status graver(enum es_status a, enum es_status b)
{
	return a == ES_OK || (a == ES_INVALID && b != ES_OK) ? b : a;
}

static int check(const struct check_options *options, char *const profiles[])
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	cmd_autocontext struct es_context *context = es_context_new();
	enum es_status status = ES_OK;

	if (!diags || !context) {
		cmd_error("out of memory");
		return CMD_FAILED;
	}
	for (; *profiles; profiles++)
		status = graver(status,
				es_add_profile(context, *profiles, diags));
	for (size_t i = 0; i < options->fragments.n; i++)
		status = graver(
			status,
			es_add_fragment(context,
					options->fragments.values[i].value,
					diags));
	status = graver(status, es_check(context, options->verbose, diags));
	cmd_report(diags, status);
	switch (status) {
	case ES_OK:
		return CMD_OK;
	case ES_INVALID:
		return CMD_NO;
	default:
		return CMD_FAILED;
	}
}

int cmd_check(int argc, char *const argv[])
{
	struct check_options options = { 0 };
	int first;
	int status = opt_parse(&usage, argc, argv, &options, &first);

	if (status == OPT_GO_ON && opt_late(argv, first)) {
		cmd_error("options go before the first PROFILE: '%s'",
			  opt_late(argv, first));
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON && first >= argc &&
		   options.fragments.n == 0) {
		cmd_error("nothing to check: name a PROFILE");
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON) {
		status = check(&options, argv + first);
	}
	opt_list_finish(&options.fragments);
	return status;
}
