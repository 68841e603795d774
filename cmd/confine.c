/* SPDX-License-Identifier: MIT */
/*
 * The command is held by its own library: what a hostile profile could make of
 * it has no more abilities than its work takes. Not under sanitizers and valgrind,
 * which make system calls of their own.
 */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "cmd.h"

#ifdef CMD_UNCONFINED

void cmd_confine(struct es_context *reader)
{
	(void)reader;
}

void cmd_read_apart(struct es_context *context)
{
	(void)context;
}

#else

enum { FIRST = STDERR_FILENO + 1, LAST = 255 };

/* What checking, listing and judging take: to look at files, whose contents are
 * read and never written; what the kernel can do; and, for a READER, to ask who
 * reads apart. */
static const struct {
	const char *set, *word, *path;
	bool reader;
} needs[] = {
	{ "SystemIO", "stdin", NULL, false },
	{ "SystemIO", "stdout", NULL, false },
	{ "SystemIO", "stderr", NULL, false },
	{ "SystemIO", "read_path", "/", false },
	{ "SystemIO", "list_dir", "/", false },
	{ "SelfConfinement", "seccomp", NULL, false },
	{ "SelfConfinement", "landlock", NULL, false },
	{ "Networking", "running_unix_clients", NULL, true },
};

/* What can't be had here is done without: nothing is less true of the profile
 * for it. */
static void warn(const char *what, const struct es_diags *diags)
{
	struct es_diag_info diag = { .text = "out of memory" };

	es_diags_get(diags, 0, &diag);
	fprintf(stderr, "extrasafe: warning: %s%s\n", what, diag.text);
}

/* So that nothing else gets the number of a standard stream that is closed;
 * reading or writing fails as before. */
static void hold_streams(void)
{
	for (int fd = 0; fd < FIRST; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return;
}

/* What somebody left open to write to, sockets as well; files that are open to
 * be read may be profiles (/dev/fd/N). */
static void close_writable(void)
{
	for (int fd = FIRST; fd <= LAST; fd++) {
		const int flags = fcntl(fd, F_GETFL);

		if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
			close(fd);
	}
	close_range(LAST + 1, ~0U, 0);
}

static void read_apart(struct es_context *context, bool all)
{
	cmd_autodiags struct es_diags *diags = es_diags_new();

	if (es_read_apart(context, all, diags) != ES_OK)
		warn("", diags);
}

void cmd_read_apart(struct es_context *context)
{
	read_apart(context, false);
}

void cmd_confine(struct es_context *reader)
{
	cmd_autodiags struct es_diags *diags = es_diags_new();
	cmd_autocontext struct es_context *context = es_context_new();

	hold_streams();
	close_writable();
	if (reader)
		read_apart(reader, true);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].reader && !reader)
			continue;
		if (needs[i].path)
			es_allow_path(context, needs[i].set, needs[i].word,
				      needs[i].path, diags);
		else
			es_allow(context, needs[i].set, needs[i].word, diags);
	}
	/* The filter alone lets nothing be opened but to read. */
	es_best_effort(context, "landlock", diags);
	if (es_apply(context, diags) != ES_OK)
		warn("the command goes on without confinement: ", diags);
}

#endif
