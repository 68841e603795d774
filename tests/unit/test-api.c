/* SPDX-License-Identifier: MIT */
/* The public interface without memory: what was not allocated is NULL, and
 * callers need not look. And in any order: what is added after a policy was
 * compiled counts as if it had been there before. */
#include <stdlib.h>

#include "extrasafe.h"
#include "tap.h"
#include "util.h"

enum { STEPS = 9 };

static const char *const rules[] = { "fcntl if cmd in {F_SETLK, F_GETLK}",
				     NULL };

static void add_step(struct es_context *context, unsigned step,
		     struct es_diags *diags)
{
	static const char *const paths[] = { "/nothing", "/usr/lib", NULL };

	switch (step) {
	case 0:
		es_allow(context, "SystemIO", "stdout", diags);
		break;
	case 1: /* a rule set before it is there */
		es_add_ruleset(context, &(struct es_own_ruleset){
			.name = "Locks", .rules = rules }, diags);
		es_allow(context, "Locks", "all", diags);
		break;
	case 2:
		es_add_fragment(context, "Time: [sleep]", diags);
		break;
	case 3:
		es_add_text(context, "a", "extrasafe: 1\n"
			    "rulesets: {Ids: {syscalls: [getpgid]}}\n"
			    "allow: {Ids: all}\n"
			    "except: [getpgid if pid == 7]\n", diags);
		break;
	case 4:
		es_allow_path(context, "SystemIO", "read_path", "/usr/share",
			      diags);
		break;
	case 5:
		es_allow_with(context, "SystemIO", "list_dir",
			      &(struct es_allowing){ .paths = paths,
						     .optional = true }, diags);
		break;
	case 6:
		es_widen(context, "SystemIO.stdout", diags);
		es_allow(context, "SystemIO", "write", diags);
		break;
	case 7:
		es_add_text(context, "b", "extrasafe: 1\n"
			    "fds: {data: {inherit: 5}}\n"
			    "allow: {SystemIO: [read: {fds: data}]}\n", diags);
		break;
	default:
		es_allow(context, "syscalls", "getitimer", diags);
	}
}

/* The filter of all steps, compiled after each of CHECKED, or-ed, as well. */
static void *export_steps(unsigned checked, size_t *size)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	void *bytes = NULL;
	bool fine = true;

	for (unsigned step = 0; step < STEPS; step++) {
		add_step(context, step, diags);
		if (checked & 1U << step)
			fine &= es_check(context, false, diags) == ES_OK ||
				step == 7; /* 5 is not open for a program */
	}
	fine &= es_export(context, &bytes, size, diags) == ES_OK;
	if (!fine)
		es_diags_print(diags, stdout, false);
	es_context_free(context);
	es_diags_free(diags);
	return fine ? bytes : NULL;
}

static void test_steps(void)
{
	size_t size = 0;
	es_autofree void *whole = export_steps(0, &size);

	tap_ok(whole, "a policy in %d steps", STEPS);
	for (unsigned step = 0; step <= STEPS && whole; step++) {
		size_t other_size = 0;
		es_autofree void *other = export_steps(
			step < STEPS ? 1U << step : (1U << STEPS) - 1,
			&other_size);

		tap_ok(other && other_size == size &&
		       !memcmp(other, whole, size),
		       "is the same, compiled after step %u before", step);
	}
}

/* What is wrong is told though it was fine before. */
static void test_late_mistakes(void)
{
	static const char *const texts[] = {
		"allow: {SystmIO: [stdout]}", "allow: {Mine: all}",
		"startup: {until: ready, allow: {SystemIO: read}}\narm: exec",
		"except: [getpid if pid == 3]",
	};

	for (size_t i = 0; i < ES_COUNT(texts); i++) {
		for (int before = 0; before < 2; before++) {
			struct es_diags *diags = es_diags_new();
			struct es_context *context = es_context_new();
			char text[200];

			snprintf(text, sizeof(text), "extrasafe: 1\n%s\n",
				 texts[i]);
			es_allow(context, "SystemIO", "stdout", diags);
			if (before)
				tap_int(es_check(context, false, diags), ES_OK,
					"fine");
			es_add_text(context, "late", text, diags);
			tap_int(es_check(context, false, diags), ES_INVALID,
				"compiled %d times before, then late mistake "
				"%zu", before, i);
			tap_ok(es_diags_errors(diags) > 0, "and told");
			tap_int(es_check(context, false, NULL), ES_INVALID,
				"and remembered");
			es_allow(context, "Time", "sleep", NULL);
			tap_int(es_check(context, false, NULL), ES_INVALID,
				"whatever is added");
			es_context_free(context);
			es_diags_free(diags);
		}
	}
}

int main(void)
{
	char program[] = "/bin/true";
	char *const argv[] = { program, NULL };
	struct es_diags *diags = es_diags_new();
	struct es_diag_info info;
	struct es_summary summary;

	tap_int(es_add_profile(NULL, "compute", diags), ES_NOMEM, "profile");
	tap_int(es_add_fragment(NULL, "SystemIO.stdout", diags), ES_NOMEM,
		"fragment");
	tap_int(es_set_deny(NULL, "EPERM", diags), ES_NOMEM, "deny");
	tap_int(es_set_arm(NULL, "exec", diags), ES_NOMEM, "arm");
	tap_int(es_widen(NULL, "SystemIO.stdout", diags), ES_NOMEM, "widen");
	tap_int(es_check(NULL, true, diags), ES_NOMEM, "check");
	tap_ok(!es_summarize(NULL, &summary), "summary");
	tap_int(es_launch(NULL, argv, NULL, diags), ES_NOMEM, "launch");
	tap_int((long long)es_diags_errors(NULL), 0, "diagnostics: errors");
	tap_ok(!es_diags_get(NULL, 0, &info), "diagnostics: one");
	es_diags_print(NULL, stderr, false);

	struct es_context *context = es_context_new();

	tap_int(es_add_fragment(context, "Frobnicate.all", NULL), ES_OK,
		"a fragment without diagnostics");
	tap_int(es_check(context, true, NULL), ES_INVALID,
		"a mistake without diagnostics");
	es_context_free(context);
	es_context_free(NULL);
	es_diags_free(diags);
	es_diags_free(NULL);
	test_steps();
	test_late_mistakes();
	return tap_done();
}
