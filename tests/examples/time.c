/* SPDX-License-Identifier: MIT */
/*
 * A program that may read clocks, but not sleep.
 *
 *	cc time.c $(pkg-config --cflags --libs extrasafe)
 *
 * clock_gettime(3) mostly asks no kernel at all, so that the system call is
 * made by hand here.
 */
#include <errno.h>
#include <extrasafe.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void try_both(const char *when)
{
	struct timespec now;
	struct timespec moment = { 0, 1000 };

	printf("clock %s: %s\n", when,
	       syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) ?
	       strerror(errno) : "works");
	printf("sleep %s: %s\n", when,
	       nanosleep(&moment, NULL) ? strerror(errno) : "works");
}

int main(void)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	enum es_status status;

	try_both("before");

	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "Time", "gettime", diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	try_both("after");
	return 0;
}
