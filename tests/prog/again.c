/* SPDX-License-Identifier: MIT */
/*
 * Tries to fork and to start another program, in each of the usual ways, before
 * the main of whatever it is linked or preloaded into, if AGAIN=NAME names that
 * program. What succeeds says so on standard output, what fails why on standard
 * error.
 */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void say(int fd, const char *what, const char *why)
{
	char line[128] = "";

	strncat(line, what, 32);
	strncat(line, why, 64);
	strcat(line, "\n");
	if (write(fd, line, strlen(line)) < 0)
		_exit(111);
}

static void tried(pid_t pid, int error, const char *what)
{
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else
		say(2, what, strerror(error));
}

__attribute__((constructor)) static void again(void)
{
	const char *name = getenv("AGAIN");
	char *const done[] = { "echo", "done: spawn", NULL };
	char *const last[] = { "echo", "done: exec", NULL };
	pid_t pid;
	int error;

	if (!name || strcmp(name, program_invocation_short_name) != 0)
		return;
	/* Not in what is started. */
	unsetenv("AGAIN");

	pid = fork();
	if (!pid) {
		say(1, "done: ", "fork");
		_exit(0);
	}
	tried(pid, errno, "fork: ");

	pid = vfork();
	if (!pid) {
		say(1, "done: ", "vfork");
		_exit(0);
	}
	tried(pid, errno, "vfork: ");

	error = posix_spawn(&pid, "/bin/echo", NULL, NULL, done, environ);
	tried(error ? -1 : pid, error, "spawn: ");

	execve("/bin/echo", last, environ);
	say(2, "exec: ", strerror(errno));
}
