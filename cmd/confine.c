/* SPDX-License-Identifier: MIT */
/*
 * The command is held by its own library: what a hostile profile could make of
 * it has no more abilities than its work takes. Not under sanitizers and valgrind,
 * which make system calls of their own.
 */
#include <stddef.h>

#include "cmd.h"

#ifdef CMD_UNCONFINED

void cmd_confine(void)
{
}

void cmd_read_apart(struct es_context *context, bool all)
{
	(void)context;
	(void)all;
}

#else

/* What checking, listing and judging take: to look at files, whose contents are
 * read and never written; what the kernel can do; and to speak to who reads. */
static const struct {
	const char *set, *word, *path;
} needs[] = {
	{ "SystemIO", "stdio", NULL },
	{ "SystemIO", "read_path", "/" },
	{ "SystemIO", "list_dir", "/" },
	{ "SelfConfinement", "seccomp", NULL },
	{ "SelfConfinement", "landlock", NULL },
	{ "ForkAndExec", "wait", NULL },
	{ "Networking", "running_unix_clients", NULL },
};

/* What can't be had here is done without: nothing is less true of the profile
 * for it. */
static void warn(const char *what, const struct es_diags *diags)
{
	struct es_diag_info diag = { .text = "out of memory" };

	es_diags_get(diags, 0, &diag);
	fprintf(stderr, "extrasafe: warning: %s%s\n", what, diag.text);
}

void cmd_read_apart(struct es_context *context, bool all)
{
	cmd_autodiags struct es_diags *diags = es_diags_new();

	if (es_read_apart(context, all, diags) != ES_OK)
		warn("", diags);
}

void cmd_confine(void)
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	cmd_autocontext struct es_context *context = es_context_new();

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].path)
			es_allow_path(context, needs[i].set, needs[i].word,
				      needs[i].path, diags);
		else
			es_allow(context, needs[i].set, needs[i].word, diags);
	}
	if (es_apply(context, diags) != ES_OK)
		warn("the command goes on without confinement: ", diags);
}

#endif
