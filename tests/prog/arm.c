/* SPDX-License-Identifier: MIT */
/*
 * Tries, from its entry point on, what only the first layer allows: arm WHAT.
 * What is printed is a line each, with an errno's name or "ok".
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* musl has no strerrorname_np. */
static const char *error_name(void)
{
	return errno == EPERM ? "EPERM" : errno == EACCES ? "EACCES" :
	       errno == ECHILD ? "ECHILD" : errno == EBADF ? "EBADF" :
	       strerror(errno);
}

static void say(const char *what, long result)
{
	printf("%s: %s\n", what, result >= 0 ? "ok" : error_name());
	fflush(stdout);
}

/* One after the other: what a profile of SystemIO.stdout forbids. */
static int try_all(void)
{
	char *argv[] = { "true", NULL }, byte;
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	say("open", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	say("read", read(3, &byte, 1));
	say("map", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) ==
			   MAP_FAILED ? -1 : 0);
	say("execute", mprotect(code, 4096, PROT_READ | PROT_EXEC));
	say("exec", execve("/bin/true", argv, argv + 1));
	say("fork", fork());
	say("socket", socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	say("seccomp", syscall(SYS_seccomp, 0, 0, NULL));
	say("write", write(1, "", 0));
	return 0;
}

/* The n-th line of /proc/self/status of this NAME. */
static void print_status(const char *name)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, name, strlen(name)))
			fputs(line, stdout);
	if (status)
		fclose(status);
}

/* How it was started, and what holds it. */
static int try_state(void)
{
	static const char *const names[] = { "Name", "Seccomp", "TracerPid",
					     "SigBlk", "SigIgn", "NoNewPrivs",
					     "Uid" };
	struct rlimit files;
	int children = waitpid(-1, NULL, WNOHANG);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		print_status(names[i]);
	getrlimit(RLIMIT_NOFILE, &files);
	printf("children: %s\n", children < 0 ? error_name() : "some");
	printf("files: %ld\n", (long)files.rlim_cur);
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			printf("descriptor %d: %s\n", fd, error_name());
	return 0;
}

/* That the first bytes of the program are its own again. */
static int try_text(void)
{
	const unsigned char *entry =
		(const unsigned char *)getauxval(AT_ENTRY); // NOLINT

	say("text", *entry == 0xcc ? -1 : 0);
	return 0;
}

/* Adds a filter of its own. */
static int try_confine(void)
{
	/* As <linux/filter.h> has them, which musl is without. */
	struct {
		unsigned short code;
		unsigned char jt, jf;
		unsigned k;
	} all = { 6, 0, 0, 0x7fff0000 }; /* allow */
	const struct {
		unsigned short n;
		void *filter;
	} program = { 1, &all };
	const long set_filter = 1;

	say("confine", syscall(SYS_seccomp, set_filter, 0, &program));
	return 0;
}

static int try_open(void)
{
	say("open", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	return 0;
}

static int try_wait(void)
{
	pause();
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} tries[] = {
	{ "all", try_all },
	{ "confine", try_confine },
	{ "open", try_open },
	{ "state", try_state },
	{ "text", try_text },
	{ "wait", try_wait },
};

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc > 1 && i < sizeof(tries) / sizeof(*tries); i++)
		if (!strcmp(tries[i].name, argv[1]))
			return tries[i].run();
	return 2;
}
