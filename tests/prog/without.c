/* SPDX-License-Identifier: MIT */
/*
 * without CALL... -- PROGRAM [ARG...]: becomes PROGRAM on a kernel that seems
 * to lack these system calls: a filter answers ENOSYS to them.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_CALLS = 16, FAILED = 99 };

static const struct {
	const char *name;
	unsigned nr;
} calls[] = {
	{ "kcmp", SYS_kcmp },
	{ "landlock_add_rule", SYS_landlock_add_rule },
	{ "landlock_create_ruleset", SYS_landlock_create_ruleset },
	{ "landlock_restrict_self", SYS_landlock_restrict_self },
	{ "pidfd_getfd", SYS_pidfd_getfd },
	{ "pidfd_open", SYS_pidfd_open },
	{ "prctl", SYS_prctl },
	{ "process_vm_readv", SYS_process_vm_readv },
	{ "process_vm_writev", SYS_process_vm_writev },
	{ "ptrace", SYS_ptrace },
	{ "recvmsg", SYS_recvmsg },
	{ "seccomp", SYS_seccomp },
	{ "sendmsg", SYS_sendmsg },
	{ "socket", SYS_socket },
	{ "socketpair", SYS_socketpair },
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "without: %s: %s\n", what, strerror(errno));
	exit(FAILED);
}

static unsigned number(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].nr;
	errno = EINVAL;
	fail(name);
}

int main(int argc, char *argv[])
{
	struct sock_filter code[1 + 2 * MAX_CALLS + 1] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { 1, code };
	int i = 1;

	for (; i < argc && i <= MAX_CALLS && strcmp(argv[i], "--") != 0; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, number(argv[i]), 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (i + 1 >= argc || strcmp(argv[i], "--") != 0) {
		errno = EINVAL;
		fail("usage: without CALL... -- PROGRAM [ARG...]");
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		fail("seccomp");
	execvp(argv[i + 1], &argv[i + 1]);
	fail(argv[i + 1]);
}
