/* SPDX-License-Identifier: MIT */
/*
 * A rule set of one's own: what no permission of extrasafe-rulesets(7) gives in
 * just this way. This program may ask for its own priority, and for nobody
 * else's.
 *
 *	cc own-ruleset.c $(pkg-config --cflags --libs extrasafe)
 */
#include <errno.h>
#include <extrasafe.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>

static void try_all(const char *when)
{
	struct tms used;

	errno = 0;
	getpriority(PRIO_PROCESS, 0);
	printf("own priority %s: %s\n", when,
	       errno ? strerror(errno) : "works");
	errno = 0;
	getpriority(PRIO_PROCESS, 1);
	printf("other's priority %s: %s\n", when,
	       errno ? strerror(errno) : "works");
	errno = 0;
	times(&used);
	printf("times %s: %s\n", when, errno ? strerror(errno) : "works");
}

int main(void)
{
	const char *syscalls[] = { "times", NULL };
	const char *rules[] = {
		"getpriority if which == PRIO_PROCESS and who == 0",
		NULL,
	};
	struct es_own_ruleset own = {
		"Effort",
		"How much this program gets of the machine, and got so far",
		syscalls,
		rules,
	};
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	enum es_status status;

	try_all("before");

	es_add_ruleset(context, &own, diags);
	es_allow(context, "Effort", "all", diags);
	es_allow(context, "SystemIO", "stdout", diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	try_all("after");
	return 0;
}
