/* SPDX-License-Identifier: MIT */
#ifndef LOAD_H
#define LOAD_H

#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "bpf.h"

enum { BENCH_LOADS = 100 };

/* How long the kernel takes to load it: of children, as none can unload it. */
static inline double bench_load_time(const struct es_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->n,
					    filter->insns };
	double *took = mmap(NULL, sizeof(*took) * BENCH_LOADS,
			    PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (filter->n > BPF_MAXINSNS)
		return 0; /* longer than the kernel takes */
	if (took == MAP_FAILED)
		err(1, "mmap");
	for (size_t i = 0; i < BENCH_LOADS; i++) {
		const pid_t pid = fork();
		int status = 0;

		if (!pid) {
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

			const double before = bench_ns();

			if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
				    &program))
				took[i] = -1;
			else
				took[i] = (bench_ns() - before) / 1000;
			/* exit_group may be denied: die without a call. */
			for (;;)
				__builtin_trap();
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || took[i] < 0)
			errx(1, "a filter can't be loaded");
	}
	return bench_median(took, BENCH_LOADS);
}

#endif
