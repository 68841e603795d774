/* SPDX-License-Identifier: MIT */
/*
 * Stands for CVE-2022-0185 (a heap overflow in fsconfig(2), January 2022), and
 * the many others that need privileges which an ordinary user only has in a
 * user namespace of his own: CVE-2022-1015, CVE-2023-32233 and more.
 * Stopped by the profile reader
 *
 *	unshare FILE
 *
 * prints FILE. Then it makes a user and a mount namespace, in each of the three
 * ways, and opens a context for a mount in it, where the overflow then
 * followed. Here nothing follows: the context, of tmpfs, is closed, and the
 * namespaces go with the process.
 *
 * No permission makes namespaces. clone3 seems to be missing: its flags lie in
 * memory, where a filter can't see them, and libraries then use clone.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "attack.h"

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS)

/* Refused to who has no privileges. */
static long open_context(void)
{
	const long fd = syscall(SYS_fsopen, "tmpfs", 0);

	if (fd >= 0)
		close((int)fd);
	return fd;
}

/* What a new process, whose number this is in the old one, makes of it. */
static bool child_opens(const char *way, long pid)
{
	int status = 1;

	if (!pid)
		_exit(open_context() < 0);
	if (!step(way, pid))
		return false;
	return waitpid((pid_t)pid, &status, 0) > 0 && !status;
}

int main(int argc, char *argv[])
{
	struct clone_args args = {
		.flags = NAMESPACES,
		.exit_signal = SIGCHLD,
	};
	const int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	bool worked;

	if (file < 0 || !copy(file)) {
		fprintf(stderr, "usage: unshare FILE\n");
		return NO_WORK;
	}
	worked = child_opens("clone", syscall(SYS_clone, NAMESPACES | SIGCHLD,
					      NULL, NULL, NULL, NULL));
	worked |= child_opens("clone3",
			      syscall(SYS_clone3, &args, sizeof(args)));
	if (step("unshare", unshare(NAMESPACES)))
		worked |= step("fsopen", open_context());
	return verdict(worked);
}
