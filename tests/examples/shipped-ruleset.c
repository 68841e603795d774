/* SPDX-License-Identifier: MIT */
/*
 * shipped-ruleset FILE: appends to the journal FILE by a library, which ships
 * the rule set that it needs; the application only includes it.
 *
 *	cc shipped-ruleset.c shipped-ruleset-library.c \
 *		$(pkg-config --cflags --libs extrasafe)
 */
#include <errno.h>
#include <extrasafe.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "shipped-ruleset-library.h"

static void try_all(const char *when, int journal)
{
	printf("append %s: %s\n", when,
	       journal_append(journal, "a line\n") ? strerror(errno) : "works");
	/* What the library does not need, it does not allow either. */
	printf("shared lock %s: %s\n", when,
	       flock(journal, LOCK_SH) ? strerror(errno) : "works");
}

int main(int argc, char *argv[])
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	enum es_status status;
	int journal;

	if (argc != 2)
		return 2;
	journal = journal_open(argv[1]);
	try_all("before", journal);

	journal_add_ruleset(context, diags);
	es_allow(context, "Journal", "all", diags);
	es_allow(context, "SystemIO", "stdout", diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	try_all("after", journal);
	return 0;
}
