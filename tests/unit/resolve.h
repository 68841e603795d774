/* SPDX-License-Identifier: MIT */
/* What the tests of es_program_resolve share. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"
#include "tap.h"
#include "util.h"

/* The working directory, which other users can enter. */
static char tmp[] = "/tmp/extrasafe-test.XXXXXX";

static inline void enter_tmp(void)
{
	if (!mkdtemp(tmp) || chmod(tmp, 0755) || chdir(tmp))
		abort();
}

static inline void leave_tmp(void)
{
	char *const argv[] = { "rm", "-rf", tmp, NULL };
	const pid_t pid = fork();

	if (!pid) {
		execv("/bin/rm", argv);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* A result and what it lives in. */
struct result {
	struct es_arena arena;
	struct es_diags *diags;
	struct es_program program;
	enum es_status status;
	char *text; /* owned; the diagnostics */
};

static inline struct result resolve_argv(char *const argv[])
{
	struct result result = { .diags = es_diags_new() };
	size_t size = 0;

	result.status = es_program_resolve(&result.arena, argv, result.diags,
					   &result.program);

	FILE *stream = open_memstream(&result.text, &size);

	if (!stream)
		abort();
	es_diags_print(result.diags, stream, false);
	fclose(stream);
	return result;
}

static inline void finish(struct result *result)
{
	es_program_finish(&result->program);
	es_arena_finish(&result->arena);
	es_diags_free(result->diags);
	free(result->text);
}

static inline void write_bytes(const char *path, const void *bytes, size_t size,
			mode_t mode)
{
	es_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size ||
	    fchmod(fd, mode))
		abort();
}

static inline void write_file(const char *path, const char *text, mode_t mode)
{
	write_bytes(path, text, strlen(text), mode);
}

/* NAME, resolved alone, has STATUS and a diagnostic with SAID in it. */
static inline void refused(const char *name, enum es_status status,
			   const char *said)
{
	char *const argv[] = { (char *)name, NULL };
	struct result result = resolve_argv(argv);

	tap_int(result.status, status, "%.60s: refused", name);
	if (!tap_ok(strstr(result.text, said) != NULL,
		    "%.60s: the diagnostic speaks of '%s'", name, said))
		tap_value("got:", result.text);
	tap_int((long long)es_diags_errors(result.diags), 1,
		"%.60s: one error", name);
	finish(&result);
}

#endif
