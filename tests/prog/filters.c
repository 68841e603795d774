/* SPDX-License-Identifier: MIT */
/*
 * filters N PROGRAM [ARG...]: becomes PROGRAM under filters that allow all, and
 * that leave room for N more instructions of the 32768 that the kernel takes.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	MOST = 32768, /* MAX_INSNS_PER_PATH of the kernel's seccomp.c */
	EACH = 8,     /* what each filter counts more than it has */
	FAILED = 99,
};

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(FAILED);
}

int main(int argc, char *argv[])
{
	static struct sock_filter code[BPF_MAXINSNS];
	struct sock_fprog program = { 0, code };
	int room = MOST;

	if (argc < 3 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fail("filters");
	for (int i = 0; i < BPF_MAXINSNS; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	while (room > atoi(argv[1]) + EACH) {
		const int n = room - atoi(argv[1]) - EACH;

		program.len = n < BPF_MAXINSNS ? (unsigned short)n :
						 BPF_MAXINSNS;
		code[program.len - 1] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
			fail("seccomp");
		room -= program.len + EACH;
	}
	execvp(argv[2], &argv[2]);
	fail(argv[2]);
}
