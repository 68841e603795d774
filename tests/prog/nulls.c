/* SPDX-License-Identifier: MIT */
/*
 * Calls the library with NULL for each pointer and with texts that mean
 * nothing. Each call is made in a process of its own; those that crash, or that
 * say that all is well, are printed. The last line is the number of calls.
 */
#include <extrasafe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned calls;

/* Reports on a child that ends with 0 where a call failed as it should. */
static void look_after(pid_t child, const char *what, const char *text)
{
	int ended = 0;

	calls++;
	waitpid(child, &ended, 0);
	if (ended)
		printf("%s (%.40s): %s\n", what, text,
		       WIFSIGNALED(ended) ? strsignal(WTERMSIG(ended)) :
					    "ES_OK");
}

/* What ends with another status than ES_OK. */
#define FAILS(call, text)                                                      \
	do {                                                                   \
		pid_t child_ = fork();                                         \
                                                                               \
		if (!child_)                                                   \
			_exit((call) == ES_OK);                                \
		look_after(child_, #call, text);                               \
	} while (0)

/* What gives nothing: NULL, 0 or false. */
#define IS_NOTHING(call)                                                       \
	do {                                                                   \
		pid_t child_ = fork();                                         \
                                                                               \
		if (!child_)                                                   \
			_exit((call) ? 1 : 0);                                 \
		look_after(child_, #call, "NULL");                             \
	} while (0)

/* What only must not crash. */
#define LIVES(call)                                                            \
	do {                                                                   \
		pid_t child_ = fork();                                         \
                                                                               \
		if (!child_) {                                                 \
			call;                                                  \
			_exit(0);                                              \
		}                                                              \
		look_after(child_, #call, "NULL");                             \
	} while (0)

static struct es_diags *diags;

/* Of a policy without a mistake, so that it is the call that fails. */
static struct es_context *fine(void)
{
	struct es_context *context = es_context_new();

	if (es_allow(context, "SystemIO", "stdio", diags) != ES_OK)
		abort();
	return context;
}

/* What a wrong call returned, or what es_check says after it. */
static enum es_status then_check(enum es_status status,
				 struct es_context *context)
{
	return status == ES_OK ? es_check(context, false, diags) : status;
}

static void try_no_context(void)
{
	char *const argv[] = { (char *)"true", NULL };
	struct es_own_ruleset own = { "Own", NULL, NULL, NULL };
	struct es_report report = { stderr, false, false };
	struct es_why *why = NULL;
	struct es_summary summary;
	void *bytes = NULL;
	size_t size = 0;
	int ended = 0;

	FAILS(es_add_profile(NULL, "compute", NULL), "NULL");
	FAILS(es_add_fragment(NULL, "SystemIO.stdout", NULL), "NULL");
	FAILS(es_read_apart(NULL, true, NULL), "NULL");
	FAILS(es_add_text(NULL, "name", "extrasafe: 1\n", NULL), "NULL");
	FAILS(es_add_descriptor(NULL, "name", 0, NULL), "NULL");
	FAILS(es_allow(NULL, "SystemIO", "stdout", NULL), "NULL");
	FAILS(es_allow_with(NULL, "SystemIO", "stdout", NULL, NULL), "NULL");
	FAILS(es_allow_path(NULL, "SystemIO", "read_path", "/", NULL), "NULL");
	FAILS(es_allow_really(NULL, "SystemIO", "open", NULL), "NULL");
	FAILS(es_add_ruleset(NULL, &own, NULL), "NULL");
	FAILS(es_set_deny(NULL, "EPERM", NULL), "NULL");
	FAILS(es_set_arm(NULL, "exec", NULL), "NULL");
	FAILS(es_widen(NULL, "SystemIO.stdout", NULL), "NULL");
	FAILS(es_best_effort(NULL, "landlock", NULL), "NULL");
	FAILS(es_check(NULL, true, NULL), "NULL");
	FAILS(es_apply(NULL, NULL), "NULL");
	FAILS(es_apply_to_all_threads(NULL, NULL), "NULL");
	FAILS(es_run_thread(NULL, NULL, NULL, NULL, NULL), "NULL");
	FAILS(es_run_process(NULL, NULL, NULL, NULL, NULL), "NULL");
	FAILS(es_export(NULL, &bytes, &size, NULL), "NULL");
	FAILS(es_launch(NULL, argv, NULL, NULL), "NULL");
	FAILS(es_supervise(NULL, argv, NULL, &report, &ended, NULL), "NULL");
	FAILS(es_why_new(NULL, NULL, &why), "NULL");
	IS_NOTHING(es_summarize(NULL, &summary));
	LIVES(es_context_free(NULL));
}

static void try_no_argument(struct es_context *context)
{
	char *const argv[] = { (char *)"true", NULL };
	char *const none[] = { NULL };
	struct es_own_ruleset nameless = { NULL, NULL, NULL, NULL };
	struct es_report report = { NULL, false, false };
	void *bytes = NULL;
	size_t size = 0;

	FAILS(es_add_profile(context, NULL, diags), "NULL");
	FAILS(es_add_fragment(context, NULL, diags), "NULL");
	FAILS(es_add_text(context, NULL, NULL, diags), "NULL");
	FAILS(es_add_text(context, "name", NULL, diags), "NULL");
	FAILS(es_add_text(context, NULL, "garbage", diags), "NULL");
	FAILS(es_add_descriptor(context, NULL, 0, diags), "NULL");
	FAILS(es_add_descriptor(context, "name", -1, diags), "-1");
	FAILS(es_allow(context, NULL, NULL, diags), "NULL");
	FAILS(es_allow(context, "SystemIO", NULL, diags), "NULL");
	FAILS(es_allow(context, NULL, "stdout", diags), "NULL");
	FAILS(es_allow_with(context, NULL, NULL, NULL, diags), "NULL");
	FAILS(es_allow_path(context, NULL, NULL, NULL, diags), "NULL");
	FAILS(then_check(es_allow_path(context, "SystemIO", "write_file", NULL,
				       diags), context), "NULL");
	FAILS(es_allow_really(context, NULL, NULL, diags), "NULL");
	FAILS(es_add_ruleset(context, NULL, diags), "NULL");
	FAILS(es_add_ruleset(context, &nameless, diags), "NULL");
	FAILS(es_set_deny(context, NULL, diags), "NULL");
	FAILS(es_set_arm(context, NULL, diags), "NULL");
	FAILS(es_widen(context, NULL, diags), "NULL");
	FAILS(es_best_effort(context, NULL, diags), "NULL");
	FAILS(es_run_thread(context, NULL, NULL, NULL, diags), "NULL");
	FAILS(es_run_process(context, NULL, NULL, NULL, diags), "NULL");
	FAILS(es_export(context, NULL, NULL, diags), "NULL");
	FAILS(es_export(context, &bytes, NULL, diags), "NULL");
	FAILS(es_export(context, NULL, &size, diags), "NULL");
	FAILS(es_launch(context, NULL, NULL, diags), "NULL");
	FAILS(es_launch(context, none, NULL, diags), "NULL");
	FAILS(es_supervise(context, NULL, NULL, NULL, NULL, diags), "NULL");
	FAILS(es_supervise(context, argv, NULL, NULL, NULL, diags), "NULL");
	FAILS(es_supervise(context, argv, NULL, &report, NULL, diags), "NULL");
	FAILS(es_why_new(context, diags, NULL), "NULL");
	FAILS(es_why_call(NULL, NULL), "NULL");
	FAILS(es_why_line(NULL, NULL, 0), "NULL");
	FAILS(es_why_summarize(NULL, NULL), "NULL");
	FAILS(es_profiles_each(NULL, NULL, diags), "NULL");
}

static void try_what_only_tells(struct es_context *context)
{
	struct es_diag_info info;

	IS_NOTHING(es_summarize(context, NULL));
	IS_NOTHING(es_diags_errors(NULL));
	IS_NOTHING(es_diags_get(NULL, 0, &info));
	IS_NOTHING(es_diags_get(diags, 0, NULL));
	IS_NOTHING(es_did_you_mean(NULL, NULL));
	IS_NOTHING(es_did_you_mean("word", NULL));
	IS_NOTHING(es_set_get(0, NULL));
	IS_NOTHING(es_set_get((size_t)-1, NULL));
	IS_NOTHING(es_permission_get(0, NULL));
	IS_NOTHING(es_permission_get((size_t)-1, NULL));
	IS_NOTHING(es_right_get(0, 0, NULL));
	IS_NOTHING(es_right_get((size_t)-1, 0, NULL));
	IS_NOTHING(es_syscall_get(0, NULL));
	IS_NOTHING(es_syscall_get((size_t)-1, NULL));
	IS_NOTHING(es_why_get(NULL, 0, NULL));
	LIVES(es_diags_free(NULL));
	LIVES(es_diags_print(NULL, stderr, false));
	LIVES(es_diags_print(diags, NULL, false));
	LIVES(es_permission_rules(0, NULL, NULL));
	LIVES(es_permission_rules((size_t)-1, NULL, NULL));
	LIVES(es_syscall_rules(0, NULL, NULL));
	LIVES(es_syscall_rules((size_t)-1, NULL, NULL));
	LIVES(es_why_free(NULL));
	LIVES(es_print_versions(NULL));
}

static void try_text(struct es_context *context, const char *text)
{
	const char *const texts[] = { text, NULL };
	const unsigned short port = 0;
	struct es_own_ruleset set = { text, NULL, texts, NULL };
	struct es_own_ruleset syscalls = { "Own", NULL, texts, NULL };
	struct es_own_ruleset rules = { "Own", text, NULL, texts };
	struct es_allowing fds = { NULL, false, texts, NULL, 0, false };
	struct es_allowing ports = { NULL, false, NULL, &port, 1, false };

	FAILS(es_add_profile(context, text, diags), text);
	FAILS(es_add_fragment(context, text, diags), text);
	FAILS(es_add_text(context, text, text, diags), text);
	/* A set of this name may be added later. */
	FAILS(then_check(es_allow(context, text, text, diags), context), text);
	FAILS(es_allow(context, "SystemIO", text, diags), text);
	FAILS(es_allow(context, "syscalls", text, diags), text);
	FAILS(then_check(es_allow_really(context, text, text, diags), context),
	      text);
	FAILS(then_check(es_allow_path(context, text, text, text, diags),
			 context), text);
	FAILS(then_check(es_allow_path(context, "SystemIO", "read_path", text,
				       diags), context), text);
	FAILS(then_check(es_allow_with(context, "SystemIO", "write", &fds,
				       diags), context), text);
	FAILS(then_check(es_allow_with(context, "Networking",
				       "start_tcp_clients", &ports, diags),
			 context), "port 0");
	FAILS(es_add_ruleset(context, &set, diags), text);
	FAILS(then_check(es_add_ruleset(context, &syscalls, diags), context),
	      text);
	FAILS(then_check(es_add_ruleset(context, &rules, diags), context),
	      text);
	FAILS(es_set_deny(context, text, diags), text);
	FAILS(es_set_arm(context, text, diags), text);
	FAILS(then_check(es_widen(context, text, diags), context), text);
	FAILS(es_best_effort(context, text, diags), text);
}

int main(void)
{
	static char lengthy[100001];
	static const char *const garbage[] = {
		"", " ", ":", "{", "]", "- -", "a\nb", "\t", "%s%n", "*x", "&x",
		"\xff\xfe\x80", "../nowhere", "\x1b[31m", "!!map", "'", "\"",
		"a.b.c", "=", "SystemIO.", ".stdout", lengthy,
	};
	struct es_context *context;

	memset(lengthy, 'x', sizeof(lengthy) - 1);
	setvbuf(stdout, NULL, _IONBF, 0);
	diags = es_diags_new();
	context = fine();
	try_no_context();
	try_no_argument(context);
	try_what_only_tells(context);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++)
		try_text(context, garbage[i]);
	es_context_free(context);
	es_diags_free(diags);
	printf("%u calls\n", calls);
	return 0;
}
