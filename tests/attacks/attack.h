/* SPDX-License-Identifier: MIT */
/*
 * What the attacks share. Each does first the work that an honest program of
 * its kind would do, and prints its result; then it attacks, prints `STEP: ok`
 * or `STEP: ERRNO` for each step, and ends with one of these statuses.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	WORKED = 0,
	REFUSED = 1,
	NO_WORK = 3, /* the honest part failed: nothing was attacked */
};

/* Prints how a step went, by what a system call returned; did it go well? */
static inline bool step(const char *name, long result)
{
	const char *error = result < 0 ? strerrorname_np(errno) : "ok";

	printf("%s: %s\n", name, error ? error : "unknown error");
	fflush(stdout);
	return result >= 0;
}

static inline int verdict(bool worked)
{
	puts(worked ? "attack worked" : "attack refused");
	return fflush(stdout) || !worked ? REFUSED : WORKED;
}

/* Copies what can be read to standard output. */
static inline bool copy(int from)
{
	char text[4096];
	ssize_t n;

	while ((n = read(from, text, sizeof(text))) > 0)
		if (fwrite(text, 1, (size_t)n, stdout) != (size_t)n)
			return false;
	if (n < 0)
		perror("read");
	return !n && !fflush(stdout);
}

#endif
