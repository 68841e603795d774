/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "opts.h"

struct why_options {
	struct opt_list parts; /* -p and -a, in the order written */
	bool json, verbose;
};

#define AT(member) offsetof(struct why_options, member)

/* clang-format off */
static const struct opt rows[] = {
	{ 'p', "profile", "PROFILE",
	  "ask what PROFILE says: a name, or the path of a\n"
	  ".yaml file (repeatable)", OPT_LIST, AT(parts) },
	{ 'a', "allow", "FRAGMENT",
	  "ask with a piece of `allow:` added, such as\n"
	  "SystemIO.stdout (repeatable)", OPT_LIST, AT(parts) },
	{ 0, "json", NULL,
	  "print JSON, as extrasafe(1) describes it", OPT_FLAG, AT(json) },
	{ 'v', "verbose", NULL,
	  "tell of a trace what is allowed, too", OPT_FLAG, AT(verbose) },
	{ 'h', "help", NULL, "print this", OPT_HELP, 0 },
};
/* clang-format on */

static const struct opt_usage usage = {
	.command = "extrasafe why",
	.synopsis = "[-p PROFILE]... [-a FRAGMENT]... [CALL | -]",
	.about =
		"Tell what profiles say to a system call, by which line, and "
		"what to write to\n"
		"have it allowed. Nothing is run. CALL is in strace's "
		"notation; without it, what\n"
		"`strace -f -qq` wrote is read from standard input.",
	.examples = "examples:\n"
		    "  extrasafe why -p reader 'openat(AT_FDCWD, "
		    "\"/etc/passwd\", O_RDWR)'\n"
		    "  strace -f -qq -o trace PROGRAM; extrasafe why -p "
		    "web.yaml <trace\n"
		    "\n"
		    "exit status: 0 if all is allowed, 1 if something is "
		    "denied, 2 for wrong usage,\n"
		    "125 if it could not be found out",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
};

static const char *const verdicts[] = {
	[ES_WHY_ALLOWED] = "allowed",
	[ES_WHY_DENIED] = "denied",
	[ES_WHY_PRETENDED] = "pretended",
	[ES_WHY_UNREADABLE] = "unreadable",
};

static void cleanup_why(struct es_why **why)
{
	es_why_free(*why);
}

static void cleanup_text(char **text)
{
	free(*text);
}

/* The permission that decides, behind WHAT. */
static void print_permission(const struct es_why_info *info, const char *what)
{
	if (info->permission && info->file)
		printf("  %s%s:%u:%u: %s\n", what, info->file, info->file_line,
		       info->column, info->permission);
	else if (info->permission)
		printf("  %s%s, always on\n", what, info->permission);
}

static void print_decision(const struct es_why_info *info)
{
	print_permission(info, info->right ? "the filter lets it pass: " : "");
	if (info->path)
		printf("  Landlock's rules, as far as they can be told: no %s "
		       "at %s\n", info->right, info->path);
	else if (info->right)
		printf("  Landlock's rules, as far as they can be told: no %s "
		       "at port %d\n", info->right, info->port);
	else if (info->verdict == ES_WHY_PRETENDED)
		puts("  nothing is done, but the program is told that it was");
	else if (!info->permission && !info->reason)
		puts("  no permission gives it");
}

static void print_answer(const struct es_why_info *info, bool trace)
{
	if (trace)
		printf("%zu: ", info->line);
	printf("%s: %s", verdicts[info->verdict], info->call);
	if (info->action)
		printf(" = %s", info->action);
	if (info->times > 1)
		printf(" (%zu times)", info->times);
	putchar('\n');
	if (info->verdict != ES_WHY_UNREADABLE)
		print_decision(info);
	if (info->reason)
		printf("  %s\n", info->reason);
	if (info->fragment)
		printf("  allow with: %s\n", info->fragment);
}

static void print_summary(const struct es_why_summary *sum)
{
	printf("calls: %zu, allowed: %zu, denied: %zu", sum->calls,
	       sum->allowed, sum->denied);
	if (sum->unreadable)
		printf(", lines that can't be read: %zu", sum->unreadable);
	putchar('\n');
	if (!sum->fragment)
		return;
	printf("allow with:\n  -a '");
	for (const char *c = sum->fragment; *c; c++)
		printf(*c == '\'' ? "'\\''" : "%c", *c);
	printf("'\nor in a profile:\nallow:\n%s", sum->block);
	if (sum->conflict)
		printf("but not beside what is given already: %s\n",
		       sum->conflict);
}

static void print_text(const struct es_why *why,
		       const struct es_why_summary *summary, bool trace,
		       bool verbose)
{
	struct es_why_info info;

	for (size_t i = 0; es_why_get(why, i, &info); i++)
		if (!trace || verbose || info.verdict == ES_WHY_DENIED ||
		    info.verdict == ES_WHY_UNREADABLE)
			print_answer(&info, trace);
	if (trace)
		print_summary(summary);
}

static void add_answer(struct json *json, struct json_object *list,
		       const struct es_why_info *info)
{
	struct json_object *one = js_object(json, list, NULL);
	const bool placed = info->file;

	js_text(json, one, "verdict", verdicts[info->verdict]);
	js_text(json, one, "call", info->call);
	js_number(json, one, "line", (int64_t)info->line);
	js_number(json, one, "times", (int64_t)info->times);
	js_text(json, one, "action", info->action);
	js_text(json, one, "layer", info->layer);
	js_text(json, one, "path", info->path);
	js_maybe(json, one, "port", info->port, info->port >= 0);
	js_text(json, one, "right", info->right);
	js_text(json, one, "permission", info->permission);
	js_text(json, one, "file", info->file);
	js_maybe(json, one, "file_line", info->file_line, placed);
	js_maybe(json, one, "column", info->column, placed);
	js_text(json, one, "fragment", info->fragment);
	js_text(json, one, "reason", info->reason);
}

static int print_json(const struct es_why *why,
		      const struct es_why_summary *sum, int status)
{
	struct json_object *list = NULL, *summary = NULL;
	struct es_why_info info;
	struct json json;

	js_begin(&json);
	list = js_array(&json, json.root, "answers");
	for (size_t i = 0; es_why_get(why, i, &info); i++)
		add_answer(&json, list, &info);
	summary = js_object(&json, json.root, "summary");
	js_number(&json, summary, "status", status);
	js_number(&json, summary, "calls", (int64_t)sum->calls);
	js_number(&json, summary, "allowed", (int64_t)sum->allowed);
	js_number(&json, summary, "denied", (int64_t)sum->denied);
	js_number(&json, summary, "unreadable", (int64_t)sum->unreadable);
	js_text(&json, summary, "fragment", sum->fragment);
	js_text(&json, summary, "conflict", sum->conflict);
	return js_end(&json, status);
}

/* All lines of standard input. */
static enum es_status read_trace(struct es_why *why)
{
	__attribute__((cleanup(cleanup_text))) char *line = NULL;
	enum es_status status = ES_OK;
	size_t room = 0;

	while (status == ES_OK) {
		ssize_t len;

		errno = 0;
		len = getline(&line, &room, stdin);
		if (len < 0 && (ferror(stdin) || errno == ENOMEM)) {
			cmd_error("can't read standard input: %s",
				  strerror(errno));
			return ES_UNREADABLE;
		}
		if (len < 0)
			break;
		if (len && line[len - 1] == '\n')
			len--;
		status = es_why_line(why, line, (size_t)len);
	}
	return status;
}

static enum es_status build(const struct why_options *options,
			    struct es_context *context, struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (size_t i = 0; i < options->parts.n; i++) {
		const struct opt_value *part = &options->parts.values[i];

		status = part->row->letter == 'p' ?
			 es_add_profile(context, part->value, diags) :
			 es_add_fragment(context, part->value, diags);
		if (status != ES_OK)
			return status;
	}
	/* Without a profile, what every program has is asked after. */
	if (!options->parts.n)
		status = es_add_fragment(context, "BasicCapabilities: all",
					 diags);
	return status;
}

static int conclude(const struct es_why *why,
		    const struct es_why_summary *summary,
		    const struct why_options *options, const char *call)
{
	const int status = summary->denied ? CMD_NO :
			   summary->calls || !summary->unreadable ? CMD_OK :
								    CMD_FAILED;
	struct es_why_info info;

	if (call && summary->unreadable && es_why_get(why, 0, &info)) {
		cmd_error("%s", info.reason);
		if (!strchr(call, '('))
			fputs("extrasafe: 'extrasafe list CALL' tells what "
			      "gives a call\n", stderr);
		return opt_hint(&usage);
	}
	if (options->json)
		return print_json(why, summary, status);
	print_text(why, summary, !call, options->verbose);
	return cmd_finish_stdout(status);
}

/* CALL, or a trace where that is NULL. */
static int ask(const struct why_options *options, const char *call)
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	cmd_autocontext struct es_context *context = es_context_new();
	__attribute__((cleanup(cleanup_why))) struct es_why *why = NULL;
	struct es_why_summary summary = { 0 };
	enum es_status status = ES_NOMEM;

	if (!diags || !context) {
		cmd_error("out of memory");
		return CMD_FAILED;
	}
	cmd_confine(context);
	build(options, context, diags);
	status = es_why_new(context, diags, &why);
	if (status != ES_OK) {
		cmd_report(diags, status);
		return CMD_FAILED;
	}
	status = call ? es_why_call(why, call) : read_trace(why);
	if (status == ES_OK)
		status = es_why_summarize(why, &summary);
	if (status != ES_OK) {
		if (status != ES_UNREADABLE)
			cmd_report(diags, status);
		return CMD_FAILED;
	}
	return conclude(why, &summary, options, call);
}

int cmd_why(int argc, char *const argv[])
{
	struct why_options options = { 0 };
	int first;
	int status = opt_parse(&usage, argc, argv, &options, &first);

	if (status == OPT_GO_ON && opt_late(argv, first)) {
		cmd_error("options go before the CALL: '%s'",
			  opt_late(argv, first));
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON && first + 1 < argc) {
		cmd_error("one CALL at a time, in quotes; lines of a trace go "
			  "to standard input");
		status = opt_hint(&usage);
	} else if (status == OPT_GO_ON) {
		const char *call = first < argc ? argv[first] : NULL;

		status = ask(&options, call && strcmp(call, "-") != 0 ? call :
									NULL);
	}
	opt_list_finish(&options.parts);
	return status;
}
