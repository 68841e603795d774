/* SPDX-License-Identifier: MIT */
/*
 * paths ROUNDS PATH...: what the ruleset takes of `read_path` of 1, 10, 100 of
 * these paths and so on, warm: from the profile on that has been read, up to
 * the ruleset that only needs to be put in force; beside the system calls alone
 * that make the same one. Prints the number of paths, and the medians of the
 * latter and of ours in microseconds. Tabs stand between.
 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "compile.h"
#include "landlock.h"

enum { BARE, OURS, KINDS };

/* As of ABI 7, which headers may be older than: all files, TCP and scopes. */
static const uint64_t handled[] = { 0xffff, 3, 3 };
enum { IOCTL_DEV = 0x8000 };

static char **paths;

static int set_up_bare(size_t n)
{
	const int ruleset = (int)syscall(SYS_landlock_create_ruleset, handled,
					 sizeof(handled), 0);

	for (size_t i = 0; i < n; i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
					  LANDLOCK_ACCESS_FS_READ_DIR |
					  IOCTL_DEV,
			.parent_fd = open(paths[i], O_PATH | O_CLOEXEC),
		};
		struct stat st;

		if (fstat(rule.parent_fd, &st))
			err(1, "%s", paths[i]);
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &=
				~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
		if (syscall(SYS_landlock_add_rule, ruleset,
			    LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
			err(1, "landlock_add_rule");
		close(rule.parent_fd);
	}
	return ruleset;
}

static int set_up_ours(struct es_context *context, struct es_diags *diags)
{
	struct es_landlock_plan plan = { .abi = es_landlock_abi() };
	int ruleset = -1;

	if (es_landlock_paths(&context->arena, &context->profile, diags,
			      &plan) ||
	    es_landlock_ruleset(&plan, diags, &ruleset)) {
		es_diags_print(diags, stderr, false);
		exit(1);
	}
	es_landlock_finish(&plan);
	return ruleset;
}

static void read_paths(struct es_context *context, struct es_diags *diags,
		       size_t n)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	fprintf(stream, "SystemIO: [stdout, read_path: [");
	for (size_t i = 0; i < n; i++)
		fprintf(stream, "%s%s", i ? ", " : "", paths[i]);
	fprintf(stream, "]]");
	if (fclose(stream) || es_add_fragment(context, text, diags)) {
		es_diags_print(diags, stderr, false);
		exit(1);
	}
	free(text);
}

static double measure(int kind, size_t n)
{
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();

	read_paths(context, diags, n);

	const double before = bench_ns();
	const int ruleset = kind == BARE ? set_up_bare(n)
					 : set_up_ours(context, diags);
	const double took = (bench_ns() - before) / 1000;

	if (close(ruleset))
		err(1, "landlock_create_ruleset");
	es_context_free(context);
	es_diags_free(diags);
	return took;
}

int main(int argc, char *argv[])
{
	const int rounds = argc > 2 ? atoi(argv[1]) : 0;

	if (rounds < 1)
		errx(2, "usage: paths ROUNDS PATH...");
	bench_pin();
	paths = argv + 2;
	for (size_t n = 1; n <= (size_t)argc - 2; n *= 10) {
		double *times[KINDS];

		for (int kind = 0; kind < KINDS; kind++)
			times[kind] = bench_alloc((size_t)rounds,
						  sizeof(double));
		for (int round = 0; round < rounds; round++)
			for (int i = 0; i < KINDS; i++) {
				const int kind = (i + round) % KINDS;

				times[kind][round] = measure(kind, n);
			}
		printf("%zu\t%.1f\t%.1f\n", n,
		       bench_median(times[BARE], (size_t)rounds),
		       bench_median(times[OURS], (size_t)rounds));
		for (int kind = 0; kind < KINDS; kind++)
			free(times[kind]);
	}
	return 0;
}
