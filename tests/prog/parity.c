/* SPDX-License-Identifier: MIT */
/*
 * parity EXTRASAFE PROFILE HOW PROGRAM: is the exact filter that EXTRASAFE loads
 * for PROGRAM under PROFILE the one that the library makes of it? HOW says how
 * the library is told: "profile", by its name; "descriptor", of its open file;
 * "calls", by calls that say the same, line by line.
 *
 * The command's is read back from the kernel, while PROGRAM waits. The process
 * id in each is that of its own process.
 */
#include <errno.h>
#include <extrasafe.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

enum { FAILED = 99, TRIES = 100 };

struct filter {
	pid_t pid; /* whose process id is in it */
	size_t n;
	struct sock_filter insns[BPF_MAXINSNS];
};

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(FAILED);
}

static void say(struct es_context *context, const char *profile,
		const char *how, struct es_diags *diags)
{
	int fd;

	if (!strcmp(how, "profile"))
		es_add_profile(context, profile, diags);
	if (!strcmp(how, "descriptor")) {
		fd = open(profile, O_RDONLY | O_CLOEXEC);
		es_add_descriptor(context, profile, fd, diags);
		close(fd);
	}
	if (!strcmp(how, "calls"))
		say_by_calls(context, profile, diags);
}

static void read_library(const char *profile, const char *how,
			 struct filter *filter)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	void *bytes = NULL;
	size_t size = 0;

	say(context, profile, how, diags);
	if (es_export(context, &bytes, &size, diags) != ES_OK ||
	    size > sizeof(filter->insns)) {
		es_diags_print(diags, stderr, false);
		exit(FAILED);
	}
	memcpy(filter->insns, bytes, size);
	filter->n = size / sizeof(*filter->insns);
	filter->pid = getpid();
	free(bytes);
	es_context_free(context);
	es_diags_free(diags);
}

/* The newest filter of a process, which has the last index; none while somebody
 * else traces it. */
static void read_kernel(pid_t pid, struct filter *filter)
{
	uintptr_t index = 0;
	long n;

	filter->n = 0;
	filter->pid = pid;
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
		return;
	if (!ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) &&
	    waitpid(pid, NULL, __WALL) == pid) {
		while ((n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid,
				   (void *)index++, filter->insns)) > 0)
			filter->n = (size_t)n;
		if (errno != ENOENT && errno != EINVAL) /* has none yet */
			fail("PTRACE_SECCOMP_GET_FILTER");
	}
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* Where they differ; the length of one that the other goes on after. */
static size_t difference(const struct filter *a, const struct filter *b)
{
	size_t i = 0;

	for (; i < a->n && i < b->n; i++) {
		const struct sock_filter *x = &a->insns[i], *y = &b->insns[i];
		const bool own = x->k == (__u32)a->pid &&
				 y->k == (__u32)b->pid;

		if (x->code != y->code || x->jt != y->jt || x->jf != y->jf ||
		    (x->k != y->k && !own))
			break;
	}
	return i;
}

/* True once they are the same: a profile with a `startup` takes its time. */
static bool become_same(pid_t pid, const struct filter *wanted,
			struct filter *had)
{
	const struct timespec little = { .tv_nsec = 50000000 };

	for (unsigned i = 0; i < TRIES; i++) {
		read_kernel(pid, had);
		if (had->n && had->n == wanted->n &&
		    difference(had, wanted) == had->n)
			return true;
		nanosleep(&little, NULL);
	}
	return false;
}

int main(int argc, char *argv[])
{
	static struct filter wanted, had;
	pid_t program;
	bool same;

	if (argc != 5)
		return FAILED;
	read_library(argv[2], argv[3], &wanted);
	program = fork();
	if (!program) {
		execl(argv[1], argv[1], "run", "-p", argv[2], "--", argv[4],
		      (char *)NULL);
		fail(argv[1]);
	}
	same = become_same(program, &wanted, &had);
	if (same)
		printf("the same %zu instructions\n", had.n);
	else
		printf("%zu and %zu instructions differ at %zu\n", had.n,
		       wanted.n, difference(&had, &wanted));
	kill(program, SIGKILL);
	return same ? 0 : 1;
}
