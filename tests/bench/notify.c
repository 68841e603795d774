/* SPDX-License-Identifier: MIT */
/*
 * notify bare N         what a notification round trip costs: a listener that
 *                       answers each sysinfo(2) with EPERM and does no more,
 *                       woken on the caller's core where the kernel can
 * notify call NUMBER N  what that call costs
 *
 * N calls are a batch; the median of a hundred, in ns a call, is printed.
 */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum { BATCHES = 100 };

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(long nr, long n)
{
	static struct sysinfo info;
	double times[BATCHES];

	for (size_t i = 0; i < BATCHES; i++) {
		struct timespec from, to;

		clock_gettime(CLOCK_MONOTONIC, &from);
		for (long j = 0; j < n; j++)
			syscall(nr, &info, 0, 0, 0, 0, 0);
		clock_gettime(CLOCK_MONOTONIC, &to);
		times[i] = ((double)(to.tv_sec - from.tv_sec) * 1e9 +
			    (double)(to.tv_nsec - from.tv_nsec)) / (double)n;
	}
	qsort(times, BATCHES, sizeof(*times), by_size);
	printf("%.0f\n", times[BATCHES / 2]);
}

static void serve(int listener)
{
	struct seccomp_notif notif;

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1UL);
	for (;;) {
		struct seccomp_notif_resp resp = { .error = -EPERM };

		memset(&notif, 0, sizeof(notif));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notif)) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			_exit(0);
		}
		resp.id = notif.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	}
}

static void bare(long n)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sysinfo, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { 4, insns };
	int listener;
	pid_t pid;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err(1, "no_new_privs");
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				SECCOMP_FILTER_FLAG_NEW_LISTENER |
				SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
				&program);
	if (listener < 0)
		err(1, "seccomp");
	pid = fork();
	if (!pid)
		serve(listener);
	close(listener);
	measure(SYS_sysinfo, n);
	kill(pid, SIGKILL);
}

int main(int argc, char *argv[])
{
	if (argc > 3 && !strcmp(argv[1], "call"))
		measure(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	else if (argc > 2 && !strcmp(argv[1], "bare"))
		bare(strtol(argv[2], NULL, 10));
	else
		return 2;
	return 0;
}
