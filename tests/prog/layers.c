/* SPDX-License-Identifier: MIT */
/*
 * layers N PROGRAM [ARG...]: becomes PROGRAM in N layers of Landlock, each of
 * which refuses character devices to be made and nothing else.
 */
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FAILED = 99 };

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(FAILED);
}

int main(int argc, char *argv[])
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_CHAR,
	};
	/* The size of ABI 1, whatever the header has. */
	const size_t size = sizeof(attr.handled_access_fs);
	const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
					 size, 0);

	if (argc < 3 || ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fail("layers");
	for (int i = 0; i < atoi(argv[1]); i++)
		if (syscall(SYS_landlock_restrict_self, ruleset, 0))
			fail("landlock_restrict_self");
	close(ruleset);
	execvp(argv[2], &argv[2]);
	fail(argv[2]);
}
