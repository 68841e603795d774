/* SPDX-License-Identifier: MIT */
/* A library that starts $CROWD threads, less one, before the program's entry
 * point; the program, compiled with -DPROGRAM, ends at once. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef PROGRAM
int main(void)
{
	_exit(0);
}
#else
static int ends[2];

static void *wait_for_good(void *unused)
{
	char byte;

	return read(ends[0], &byte, 1) < 0 ? unused : NULL;
}

__attribute__((constructor)) static void begin(void)
{
	const char *crowd = getenv("CROWD");
	const int n = crowd ? atoi(crowd) : 1;
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 << 10);
	if (pipe(ends))
		abort();
	for (int i = 1; i < n; i++)
		if (pthread_create(&thread, &small, wait_for_good, NULL))
			abort();
}
#endif
