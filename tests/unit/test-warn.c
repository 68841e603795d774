/* SPDX-License-Identifier: MIT */
/* What is said on kernels other than the one that tests run on, above all the
 * warning of signals to others. tests/cli/check.bats has the rest. */
#include "compat.h"
#include "policies.h"
#include "warn.h"

static bool says(const struct es_diags *diags, enum es_severity severity,
		 const char *text)
{
	struct es_diag_info info;

	for (size_t i = 0; es_diags_get(diags, i, &info); i++)
		if (info.severity == severity && strstr(info.text, text))
			return true;
	return false;
}

/* Whether TEXT is said of FRAGMENTS where Landlock has this ABI, and of its
 * scopes SCOPED. */
static bool told(const char *fragments, int abi, uint64_t scoped,
		 enum es_severity severity, const char *text)
{
	struct es_surroundings around = usual;

	around.signals_scoped = true;

	struct built built = build_from(fragments, &around);
	const struct es_compiled compiled = {
		.plan = { .abi = abi, .scoped = scoped },
		.policy = built.policy,
	};

	tap_int(es_warn(built.context, &compiled, severity == ES_NOTE,
			built.diags), ES_OK, "'%s': no failure", fragments);

	const bool found = says(built.diags, severity, text);

	finish(&built);
	return found;
}

static bool warned(const char *fragments, uint64_t scoped)
{
	return told(fragments, 6, scoped, ES_WARNING,
		    "signals reach every process that the user");
}

static bool noted(int abi, const char *text)
{
	return told("SystemIO.stdout", abi, 0, ES_NOTE, text);
}

int main(void)
{
	const uint64_t scope = LANDLOCK_SCOPE_SIGNAL;

	tap_ok(warned("ForkAndExec.fork", 0), "signals: no scope holds them");
	tap_ok(!warned("ForkAndExec.fork", scope), "signals: the scope does");
	tap_ok(!warned("SystemIO.stdout", 0), "signals: to oneself only");
	tap_ok(noted(3, "knows nothing of TCP"), "TCP: ABI 3");
	tap_ok(!noted(4, "knows nothing of TCP"), "TCP: ABI 4");
	tap_ok(noted(5, "knows nothing of signals"), "scopes: ABI 5");
	tap_ok(!noted(6, "knows nothing of signals"), "scopes: ABI 6");
	return tap_done();
}
