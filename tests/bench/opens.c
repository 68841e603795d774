/* SPDX-License-Identifier: MIT */
/*
 * opens FILE
 * opens NAME COMMAND... , NAME COMMAND... ...
 *
 * The former answers each byte of its standard input with how long it takes to
 * open FILE and close it, on its standard output; it is static, and so confined
 * from exec on. The latter starts such commands, on one core, asks each in turn
 * and prints a line for each: name, median in ns, and the median of what it
 * took in proportion to the second command in the same round. Tabs stand
 * between.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { ROUNDS = 1000, BATCH = 500, MAX_COMMANDS = 8 };

struct command {
	char **words; /* its name, and what is executed */
	int to, from;
	double times[ROUNDS];
};

static int serve(const char *path)
{
	char byte = 0;

	while (read(0, &byte, 1) == 1) {
		const double before = bench_ns();

		for (int i = 0; i < BATCH; i++) {
			const int fd = open(path, O_RDONLY | O_CLOEXEC);

			if (fd < 0 || close(fd))
				return 1;
		}

		const double took = (bench_ns() - before) / BATCH;

		if (write(1, &took, sizeof(took)) != sizeof(took))
			return 1;
	}
	return 0;
}

static void start(struct command *command)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		err(1, "pipe");

	const pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execv(command->words[1], command->words + 1);
		err(127, "%s", command->words[1]);
	}
	close(to[0]);
	close(from[1]);
	command->to = to[1];
	command->from = from[0];
}

static double ask(const struct command *command)
{
	double took = 0;

	if (write(command->to, "", 1) != 1 ||
	    read(command->from, &took, sizeof(took)) != sizeof(took))
		errx(1, "%s is gone", command->words[0]);
	return took;
}

/* Medians sort, so the ratios of all are taken first. */
static void print_rows(struct command *commands, size_t n)
{
	double ratios[MAX_COMMANDS];

	for (size_t i = 0; i < n; i++) {
		double each[ROUNDS];

		for (int round = 0; round < ROUNDS; round++)
			each[round] = commands[i].times[round] /
				      commands[1].times[round];
		ratios[i] = bench_median(each, ROUNDS);
	}
	for (size_t i = 0; i < n; i++)
		printf("%s\t%.1f\t%.3f\n", commands[i].words[0],
		       bench_median(commands[i].times, ROUNDS), ratios[i]);
}

int main(int argc, char *argv[])
{
	static struct command commands[MAX_COMMANDS];
	size_t n = 0;

	if (argc == 2)
		return serve(argv[1]);
	commands[n++].words = argv + 1;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], ",") != 0)
			continue;
		argv[i] = NULL;
		if (n == MAX_COMMANDS)
			errx(2, "more than %d commands", MAX_COMMANDS);
		commands[n++].words = argv + i + 1;
	}
	if (n < 2)
		errx(2, "usage: opens FILE | NAME COMMAND... , ...");
	bench_pin();
	for (size_t i = 0; i < n; i++)
		start(&commands[i]);
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < n; i++) {
			struct command *command =
				&commands[(i + (size_t)round) % n];

			command->times[round] = ask(command);
		}
	print_rows(commands, n);
	return 0;
}
