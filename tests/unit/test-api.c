/* SPDX-License-Identifier: MIT */
/* The public interface without memory: what was not allocated is NULL, and
 * callers need not look. */
#include "extrasafe.h"
#include "tap.h"

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
	return tap_done();
}
