/* SPDX-License-Identifier: MIT */
/* The warning that no profile gives on a kernel with Landlock's scopes: that of
 * signals to others. tests/cli/check.bats has the rest. */
#include "compat.h"
#include "policies.h"
#include "warn.h"

static bool says(const struct es_diags *diags, const char *text)
{
	struct es_diag_info info;

	for (size_t i = 0; es_diags_get(diags, i, &info); i++)
		if (info.severity == ES_WARNING && strstr(info.text, text))
			return true;
	return false;
}

/* Whether FRAGMENTS are warned of where Landlock has the scopes SCOPED. */
static bool warned(const char *fragments, uint64_t scoped)
{
	struct es_surroundings around = usual;

	around.signals_scoped = true;

	struct built built = build_from(fragments, &around);
	const struct es_compiled compiled = {
		.plan = { .abi = 6, .scoped = scoped },
		.policy = built.policy,
	};

	tap_int(es_warn(built.context, &compiled, false, built.diags), ES_OK,
		"'%s': no failure", fragments);

	const bool found = says(built.diags,
				"signals reach every process that the user");

	finish(&built);
	return found;
}

int main(void)
{
	const uint64_t scope = LANDLOCK_SCOPE_SIGNAL;

	tap_ok(warned("ForkAndExec.fork", 0), "signals: no scope holds them");
	tap_ok(!warned("ForkAndExec.fork", scope), "signals: the scope does");
	tap_ok(!warned("SystemIO.stdout", 0), "signals: to oneself only");
	return tap_done();
}
