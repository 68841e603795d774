/* SPDX-License-Identifier: MIT */
/*
 * Test Anything Protocol: each check prints "ok" or "not ok" with its name,
 * and what it got and wanted when these differ. Names are printf formats. A
 * test program ends with `return tap_done();`.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_checks, tap_failed;

__attribute__((format(printf, 2, 0)))
static inline void tap_report(bool ok, const char *name, va_list args)
{
	tap_checks++;
	tap_failed += !ok;
	printf("%sok %u - ", ok ? "" : "not ", tap_checks);
	vprintf(name, args);
	putchar('\n');
	fflush(stdout); /* a later crash must not take it along */
}

/* Every line of VALUE behind a '#', so that none is taken for a result. */
static inline void tap_value(const char *label, const char *value)
{
	printf("# %s ", label);
	for (; value && *value; value++) {
		putchar(*value);
		if (*value == '\n')
			printf("# %*s ", (int)strlen(label), "");
	}
	puts(value ? "" : "NULL");
}

__attribute__((format(printf, 2, 3)))
static inline bool tap_ok(bool ok, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	tap_report(ok, name, args);
	va_end(args);
	return ok;
}

__attribute__((format(printf, 3, 4)))
static inline bool tap_int(long long got, long long want, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	tap_report(got == want, name, args);
	va_end(args);
	if (got != want)
		printf("#  got: %lld\n# want: %lld\n", got, want);
	return got == want;
}

/* NULL is equal to NULL only. */
__attribute__((format(printf, 3, 4)))
static inline bool tap_str(const char *got, const char *want, const char *name,
			   ...)
{
	const bool ok = got && want ? !strcmp(got, want) : got == want;
	va_list args;

	va_start(args, name);
	tap_report(ok, name, args);
	va_end(args);
	if (!ok) {
		tap_value(" got:", got);
		tap_value("want:", want);
	}
	return ok;
}

/* The plan, and the exit status of the test. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_checks);
	return tap_failed || !tap_checks;
}

#endif
