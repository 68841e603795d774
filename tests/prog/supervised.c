/* SPDX-License-Identifier: MIT */
/*
 * Makes calls that a supervisor is asked about: supervised WHAT [N]. A denied
 * call is sysinfo(2); what is printed is its errno, or 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static long argument;

static int denied(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? errno : 0;
}

static void say(int number)
{
	dprintf(STDOUT_FILENO, "%d\n", number);
}

static int try_exit(void)
{
	return (int)argument;
}

static int try_call(void)
{
	say(denied());
	return 0;
}

static int try_many(void)
{
	for (long i = argument; i > 0; i--)
		denied();
	return 0;
}

static int try_different(void)
{
	for (long i = 0; i < argument; i++)
		syscall(SYS_setpriority, 0, i, 0);
	return 0;
}

static void *call_in_thread(void *unused)
{
	(void)unused;
	say(denied());
	return NULL;
}

static int try_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_in_thread, NULL))
		return 1;
	/* It may have been killed, and is not there to be joined. */
	while (!pthread_tryjoin_np(thread, NULL))
		;
	for (volatile long i = 0; i < 50000000; i++)
		;
	say(-1);
	return 0;
}

static int try_child(void)
{
	int status = 0;
	const pid_t pid = fork();

	if (!pid) {
		say(denied());
		_exit(0);
	}
	waitpid(pid, &status, 0);
	say(status & 0x7f);
	return 0;
}

static void handle_sigsys(int number)
{
	(void)number;
	if (write(STDOUT_FILENO, "-2\n", 3) == 3)
		_exit(3);
	_exit(1);
}

static int try_handler(void)
{
	signal(SIGSYS, handle_sigsys);
	say(denied());
	return 0;
}

static int try_never(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	return 0;
}

static int try_named(void)
{
	prctl(PR_SET_NAME, "a\x1b[31m\nb");
	denied();
	return 0;
}

static void handle(int number)
{
	(void)number;
	_exit(9);
}

static int try_pause(void)
{
	dprintf(STDOUT_FILENO, "ready\n");
	for (;;)
		;
}

static int try_handle(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, handle);
	signal(SIGTSTP, SIG_DFL);
	return try_pause();
}

/* Tells once, waits for a line, and tells again. */
static int try_wait(void)
{
	char line[16];

	say(denied());
	if (read(STDIN_FILENO, line, sizeof(line)) < 0)
		return 1;
	say(denied());
	return 0;
}

static int try_daemon(void)
{
	const int fd = STDOUT_FILENO;

	if (fork())
		return 4;
	setsid();
	for (volatile long i = 0; i < 300000000; i++)
		;
	dprintf(fd, "%d\n", denied());
	return 0;
}

static int try_exec(void)
{
	execl("/bin/true", "true", NULL);
	say(errno);
	return 0;
}

static int try_sti(void)
{
	say(ioctl(STDIN_FILENO, TIOCSTI, "x") ? errno : 0);
	return 0;
}

/* clang-format off */
static const struct {
	const char *name;
	int (*run)(void);
} tries[] = {
	{ "call", try_call },
	{ "child", try_child },
	{ "daemon", try_daemon },
	{ "different", try_different },
	{ "exec", try_exec },
	{ "exit", try_exit },
	{ "handle", try_handle },
	{ "handler", try_handler },
	{ "many", try_many },
	{ "named", try_named },
	{ "never", try_never },
	{ "pause", try_pause },
	{ "sti", try_sti },
	{ "thread", try_thread },
	{ "wait", try_wait },
};
/* clang-format on */

int main(int argc, char *argv[])
{
	if (argc > 2)
		argument = strtol(argv[2], NULL, 10);
	for (size_t i = 0; argc > 1 && i < sizeof(tries) / sizeof(tries[0]);
	     i++)
		if (!strcmp(tries[i].name, argv[1]))
			return tries[i].run();
	return 2;
}
