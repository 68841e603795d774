/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "opts.h"

struct run_options {
	struct opt_list parts; /* -p and -a, in the order written */
	struct opt_list widen;
	const char *deny, *arm, *report, *best_effort;
	bool dry_run, verbose, permissive;
};

#define AT(member) offsetof(struct run_options, member)

/* clang-format off */
static const struct opt rows[] = {
	{ 'p', "profile", "PROFILE",
	  "allow what PROFILE (name or path) allows (repeatable)", OPT_LIST, AT(parts) },
	{ 'a', "allow", "FRAGMENT",
	  "allow a piece of `allow:`, such as SystemIO.stdout\n"
	  "or 'SystemIO: [stdin, stdout]' (repeatable)", OPT_LIST, AT(parts) },
	{ 0, "widen", "SET.WORD",
	  "take a profile's limit back (repeatable)", OPT_LIST, AT(widen) },
	{ 0, "deny", "ACTION",
	  "what a denied call gets: an errno name such as\n"
	  "EPERM, kill, kill_thread or trap", OPT_STRING, AT(deny) },
	{ 0, "arm", "MOMENT",
	  "when the exact filter takes force: auto, entry or\n"
	  "exec", OPT_STRING, AT(arm) },
	{ 0, "best-effort", "LAYER",
	  "go on without what the kernel lacks of LAYER\n"
	  "(landlock), and tell what is lost", OPT_STRING, AT(best_effort) },
	{ 0, "report", "FILE",
	  "tell what is denied, on standard error or in FILE",
	  OPT_MAYBE, AT(report) },
	{ 0, "permissive", NULL,
	  "report, but let through what the profiles lack", OPT_FLAG,
	  AT(permissive) },
	{ 0, "dry-run", NULL,
	  "do all but the start; print what would be done", OPT_FLAG,
	  AT(dry_run) },
	{ 'v', "verbose", NULL,
	  "tell on standard error what was made of the policy", OPT_FLAG,
	  AT(verbose) },
	{ 'h', "help", NULL, "print this", OPT_HELP, 0 },
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

	cmd_read_apart(context);
	/* First, so that it takes the place of what the profiles say. */
	if (options->deny)
		fine = es_set_deny(context, options->deny, diags) != ES_INVALID;
	if (options->arm &&
	    es_set_arm(context, options->arm, diags) == ES_INVALID)
		fine = false;
	if (options->best_effort &&
	    es_best_effort(context, options->best_effort, diags) == ES_INVALID)
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

/* Dies of the signal that the program died of; a core file would be ours. */
static int end_as(int wait_status)
{
	const struct rlimit none = { 0 };
	sigset_t set;

	if (WIFEXITED(wait_status))
		return WEXITSTATUS(wait_status);

	const int number = WTERMSIG(wait_status);

	fflush(NULL);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	return 128 + number;
}

/* Above the standard streams: one that is closed is the program's to find. */
static FILE *open_report(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
				  O_NOCTTY, 0666);
	const int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	const int error = errno;
	FILE *stream = moved < 0 ? NULL : fdopen(moved, "w");

	if (fd >= 0)
		close(fd);
	if (moved < 0)
		errno = error;
	return stream;
}

static bool is_json(const char *path)
{
	const size_t len = strlen(path);

	return len >= 5 && !strcmp(path + len - 5, ".json");
}

/* Runs the program beside us. Returns an exit status, or dies. */
static int supervise(const struct run_options *options,
		     struct es_context *context, char *const argv[],
		     const struct es_launch_options *how,
		     struct es_diags *diags, enum es_status *status)
{
	const bool named = options->report && *options->report;
	struct es_report report = {
		.stream = named ? open_report(options->report) : stderr,
		.json = named && is_json(options->report),
		.permissive = options->permissive,
	};
	int wait_status = 0;

	if (!report.stream) {
		cmd_error("can't write to '%s': %s", options->report,
			  strerror(errno));
		*status = ES_SYSTEM;
		return CMD_FAILED;
	}
	if (report.permissive && !options->dry_run)
		fputs("extrasafe: permissive: what the profiles lack is let "
		      "through; exec, guards and Landlock stay\n", stderr);
	*status = es_supervise(context, argv, how, &report, &wait_status,
			       diags);
	if (named && fclose(report.stream)) {
		cmd_error("can't write to '%s': %s", options->report,
			  strerror(errno));
		return CMD_FAILED;
	}
	cmd_report(diags, *status);
	return *status == ES_OK ? end_as(wait_status) : exit_status(*status);
}

static int launch(const struct run_options *options, char *const argv[])
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	cmd_autocontext struct es_context *context = es_context_new();
	const struct es_launch_options how = {
		.dry_run = options->dry_run ? stdout : NULL,
		.verbose = options->verbose ? stderr : NULL,
		.warnings = options->report || options->permissive ? NULL :
								     stderr,
	};

	if (!diags || !context) {
		cmd_error("out of memory");
		return CMD_FAILED;
	}

	const bool fine = build(options, context, diags);
	enum es_status status = ES_OK;
	int result;

	if (options->report || options->permissive) {
		result = supervise(options, context, argv, &how, diags,
				   &status);
	} else {
		status = es_launch(context, argv, &how, diags);
		cmd_report(diags, status);
		result = exit_status(status);
	}
	return fine || status != ES_INVALID ? cmd_finish_stdout(result) :
	       opt_hint(&usage);
}

/* What was meant for us may stand behind the program, whose it is there. */
static void tell_no_policy(const struct run_options *options,
			   char *const *program)
{
	static const char *const ours[] = { "-p", "--profile", "-a",
					    "--allow" };

	for (char *const *word = program; *word; word++) {
		for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
			if (strcmp(*word, ours[i]) != 0)
				continue;
			cmd_error("no policy: '%s' behind the program '%s' is "
				  "the program's%s", *word, *program,
				  options->report && !*options->report ?
				  "; a report's file is given as --report=FILE"
				  : "");
			return;
		}
	}
	cmd_error("no policy: give -p PROFILE or -a FRAGMENT");
}

int cmd_run(int argc, char *const argv[])
{
	struct run_options options = { 0 };
	int first;
	int status = opt_parse(&usage, argc, argv, &options, &first);

	if (status == OPT_GO_ON && options.parts.n == 0) {
		tell_no_policy(&options, argv + first);
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
