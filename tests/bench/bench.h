/* SPDX-License-Identifier: MIT */
/* What the benchmarks share: the clock, medians, and one core for all. */
#ifndef BENCH_H
#define BENCH_H

#include <err.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int bench_compare(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* Sorts the N values. */
static inline double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), bench_compare);
	return values[n / 2];
}

/* What is compared runs on the same core, the last one that there is. */
static inline void bench_pin(void)
{
	cpu_set_t ours, last;

	if (sched_getaffinity(0, sizeof(ours), &ours))
		err(1, "sched_getaffinity");
	CPU_ZERO(&last);
	for (int cpu = CPU_SETSIZE; cpu-- > 0 && !CPU_COUNT(&last);)
		if (CPU_ISSET(cpu, &ours))
			CPU_SET(cpu, &last);
	if (sched_setaffinity(0, sizeof(last), &last))
		err(1, "sched_setaffinity");
}

static inline void *bench_alloc(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (!memory)
		err(1, "calloc");
	return memory;
}

#endif
