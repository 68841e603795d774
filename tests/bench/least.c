/* SPDX-License-Identifier: MIT */
/*
 * least FILTER PROGRAM: the least that a launcher can do. Reads a compiled
 * filter, sets no_new_privs, loads it and executes the program; linked static,
 * it is what no launcher of ours can go below.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
	static struct sock_filter insns[BPF_MAXINSNS];
	const int fd = argc > 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	const ssize_t size = fd < 0 ? -1 : read(fd, insns, sizeof(insns));
	const struct sock_fprog filter = {
		(unsigned short)((size_t)size / sizeof(insns[0])), insns };

	if (size <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter))
		return 125;
	execve(argv[2], argv + 2, environ);
	return 127;
}
