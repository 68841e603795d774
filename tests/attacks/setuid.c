/* SPDX-License-Identifier: MIT */
/*
 * Stands for CVE-2021-4034 (pkexec, January 2022) and CVE-2021-3156 (sudo,
 * January 2021): a hole in a program that everybody may run as root is of use
 * to whoever can start that program, in the way that it takes.
 * Stopped by the profile compute
 *
 *	setuid HELPER <TEXT
 *
 * copies its input to standard output. Then it forks, and executes HELPER in
 * the child; if that brought nothing, it executes HELPER itself. That is a copy
 * of this program, whose file is root's and has the set-user-id bit: without an
 * argument it tells who it runs as, and does nothing with the privilege.
 *
 * Where fork and exec are given, no_new_privs keeps the user who he was.
 */
#include <sys/wait.h>

#include "attack.h"

/* Another effective user than the real one: the bit was honoured. */
static int help(void)
{
	printf("helper: uid %d, euid %d\n", (int)getuid(), (int)geteuid());
	return fflush(stdout) || geteuid() == getuid() ? REFUSED : WORKED;
}

int main(int argc, char *argv[])
{
	char *words[] = { argc == 2 ? argv[1] : argv[0], NULL };
	int status = REFUSED;
	pid_t pid;

	if (argc != 2)
		return help();
	if (!copy(STDIN_FILENO))
		return NO_WORK;
	pid = fork();
	if (!pid) {
		execv(words[0], words);
		step("exec in a child", -1);
		_exit(REFUSED);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (step("fork", pid) && status == WORKED)
		return verdict(true);
	execv(words[0], words);
	step("exec", -1);
	return verdict(false);
}
