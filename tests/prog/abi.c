/* SPDX-License-Identifier: MIT */
/*
 * abi N PROGRAM [ARG...]: runs PROGRAM on a kernel that seems to have Landlock's
 * ABI N, or with 0 none. Somebody who is notified of Landlock's calls answers
 * those that ask for it, and those with what a kernel of that ABI would refuse;
 * the others go on. With $ABI_TELL, the flags are told with which processes
 * restrict themselves. Ends with the program's status.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 99, NEWEST = 7 };

/* What each ABI knows of struct landlock_ruleset_attr, and of the flags with
 * which a process restricts itself (landlock(7)). */
static const struct {
	size_t size;
	uint64_t fs, net, scoped;
	unsigned flags;
} abis[NEWEST + 1] = {
	{ 0, 0, 0, 0, 0 },
	{ 8, 0x1fff, 0, 0, 0 },
	{ 8, 0x3fff, 0, 0, 0 },
	{ 8, 0x7fff, 0, 0, 0 },
	{ 16, 0x7fff, 3, 0, 0 },
	{ 16, 0xffff, 3, 0, 0 },
	{ 24, 0xffff, 3, 3, 0 },
	{ 24, 0xffff, 3, 3, 7 },
};

static int abi;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "abi: %s: %s\n", what, strerror(errno));
	exit(FAILED);
}

static int refuse_ruleset(const struct seccomp_notif *notif)
{
	uint64_t attr[3] = { 0 };
	size_t size = notif->data.args[1];
	char path[64];
	int memory;

	if (size > abis[abi].size)
		return E2BIG;
	snprintf(path, sizeof(path), "/proc/%u/mem", notif->pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	if (memory < 0 || pread(memory, attr, size,
				(off_t)notif->data.args[0]) != (ssize_t)size)
		fail(path);
	close(memory);
	return attr[0] & ~abis[abi].fs || attr[1] & ~abis[abi].net ||
	       attr[2] & ~abis[abi].scoped ? EINVAL : 0;
}

static void answer(int listener)
{
	struct seccomp_notif notif = { 0 };
	struct seccomp_notif_resp resp = { 0 };
	int refused = 0;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notif))
		return;
	resp.id = notif.id;
	if (getenv("ABI_TELL") && notif.data.nr == SYS_landlock_restrict_self)
		fprintf(stderr, "flags %u\n", (unsigned)notif.data.args[1]);
	if (!abi)
		refused = EOPNOTSUPP;
	else if (notif.data.nr == SYS_landlock_restrict_self)
		refused = notif.data.args[1] & ~(uint64_t)abis[abi].flags ?
			  EINVAL : 0;
	else if (notif.data.args[2] == LANDLOCK_CREATE_RULESET_VERSION)
		resp.val = abi;
	else
		refused = refuse_ruleset(&notif);
	resp.error = -refused;
	if (!refused && !resp.val)
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* Runs in the child: says where its listener is, and becomes the program. */
static _Noreturn void become(char *argv[], int ready, int go)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 SYS_landlock_create_ruleset, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 SYS_landlock_restrict_self, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };
	char byte;
	int listener;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fail("no_new_privs");
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (listener < 0 ||
	    write(ready, &listener, sizeof(listener)) != sizeof(listener) ||
	    read(go, &byte, 1) != 1)
		fail("seccomp");
	close(listener);
	close(ready);
	close(go);
	execvp(argv[0], argv);
	fail(argv[0]);
}

int main(int argc, char *argv[])
{
	int ready[2], go[2], status = 0, number, listener, process;
	struct pollfd polled[2];
	pid_t child;

	if (argc < 3 || pipe(ready) || pipe(go))
		fail("usage: abi N PROGRAM [ARG...]");
	abi = atoi(argv[1]);
	if (abi < 0 || abi > NEWEST)
		fail("N is 0 to 7");
	child = fork();
	if (!child)
		become(argv + 2, ready[1], go[0]);
	if (child < 0 || read(ready[0], &number, sizeof(number)) !=
				 sizeof(number))
		fail("no child");
	process = (int)syscall(SYS_pidfd_open, child, 0);
	listener = (int)syscall(SYS_pidfd_getfd, process, number, 0);
	if (listener < 0 || write(go[1], "", 1) != 1)
		fail("no listener");
	polled[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = process, .events = POLLIN };
	while (poll(polled, 2, -1) > 0 && !polled[1].revents)
		if (polled[0].revents & POLLIN)
			answer(listener);
		else if (polled[0].revents)
			polled[0].fd = -1;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}
