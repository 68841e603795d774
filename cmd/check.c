/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>

#include "cmd.h"
#include "json.h"
#include "opts.h"

struct check_options {
	struct opt_list profiles, fragments;
	bool verbose, json;
};

#define AT(member) offsetof(struct check_options, member)

/* clang-format off */
static const struct opt rows[] = {
	{ 'a', "allow", "FRAGMENT",
	  "check a piece of `allow:` with them (repeatable)", OPT_LIST,
	  AT(fragments) },
	{ 'p', "profile", "PROFILE",
	  "the same as PROFILE alone, as `extrasafe run` has it\n(repeatable)",
	  OPT_LIST, AT(profiles) },
	{ 0, "json", NULL,
	  "print JSON, as extrasafe(1) describes it, on standard\noutput",
	  OPT_FLAG, AT(json) },
	{ 'v', "verbose", NULL,
	  "tell sizes, what was skipped, and what stays open and\nwhy",
	  OPT_FLAG, AT(verbose) },
	{ 'h', "help", NULL, "print this", OPT_HELP, 0 },
};
/* clang-format on */

static const struct opt_usage usage = {
	.command = "extrasafe check",
	.synopsis = "[-v] [--json] [-a FRAGMENT]... [PROFILE...]",
	.about = "Read profiles, compile them and prove the filter, without "
		 "running anything;\n"
		 "tell every mistake with its place, and what is surprisingly "
		 "open. All PROFILEs\n"
		 "and FRAGMENTs are checked as one, their union, as "
		 "`extrasafe run` takes them;\n"
		 "one of either is required.",
	.examples = "example:\n"
		    "  extrasafe check -v web.yaml\n"
		    "\n"
		    "exit status: 0 if all is well, 1 if there are mistakes "
		    "(a missing include is\n"
		    "one), 2 for wrong usage, 125 if it could not be found "
		    "out (a PROFILE can't be\n"
		    "read)",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

/* Of two failures the one that says less about the profile counts: where one
 * file is wrong and another can't be read, the answer isn't known. */
static enum es_status graver(enum es_status a, enum es_status b)
{
	return a == ES_OK || (a == ES_INVALID && b != ES_OK) ? b : a;
}

static int exit_status(enum es_status status)
{
	switch (status) {
	case ES_OK:
		return CMD_OK;
	case ES_INVALID:
		return CMD_NO;
	default:
		return CMD_FAILED;
	}
}

static size_t add_diagnostics(struct json *json, const struct es_diags *diags)
{
	static const char *const severities[] = {
		[ES_ERROR] = "error",
		[ES_WARNING] = "warning",
		[ES_NOTE] = "note",
	};
	struct json_object *list = js_array(json, json->root, "diagnostics");
	struct es_diag_info diag;
	size_t warnings = 0;

	for (size_t i = 0; es_diags_get(diags, i, &diag); i++) {
		struct json_object *one = js_object(json, list, NULL);

		js_text(json, one, "severity", severities[diag.severity]);
		js_text(json, one, "file", diag.file);
		js_maybe(json, one, "line", diag.line, diag.line > 0);
		js_maybe(json, one, "column", diag.column, diag.line > 0);
		js_text(json, one, "text", diag.text);
		warnings += diag.severity == ES_WARNING;
	}
	return warnings;
}

static int report_json(const struct es_context *context,
		       const struct es_diags *diags, int status)
{
	struct es_summary made = { 0 };
	const bool known = es_summarize(context, &made);
	struct json_object *summary = NULL;
	struct json json;

	js_begin(&json);

	const size_t warnings = add_diagnostics(&json, diags);

	summary = js_object(&json, json.root, "summary");
	js_number(&json, summary, "status", status);
	js_number(&json, summary, "errors", (int64_t)es_diags_errors(diags));
	js_number(&json, summary, "warnings", (int64_t)warnings);
	js_maybe(&json, summary, "calls", (int64_t)made.calls, known);
	js_maybe(&json, summary, "instructions", (int64_t)made.instructions,
		 known);
	js_maybe(&json, summary, "landlock_abi", made.landlock_abi, known);
	js_maybe(&json, summary, "landlock_rules",
		 (int64_t)made.landlock_rules, known);
	return js_end(&json, status);
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
	cmd_confine(context);
	for (size_t i = 0; i < options->profiles.n; i++) {
		const char *name = options->profiles.values[i].value;

		status = graver(status, es_add_profile(context, name, diags));
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
	if (options->json)
		return report_json(context, diags, exit_status(status));
	cmd_report(diags, status);
	return exit_status(status);
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
		   options.fragments.n == 0 && options.profiles.n == 0) {
		cmd_error("nothing to check: name a PROFILE, or give -a");
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON) {
		status = check(&options, argv + first);
	}
	opt_list_finish(&options.profiles);
	opt_list_finish(&options.fragments);
	return status;
}
