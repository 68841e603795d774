/* SPDX-License-Identifier: MIT */
/*
 * spawn ROUNDS NAME [FD<FILE] COMMAND... , NAME [FD<FILE] COMMAND... ...
 *
 * Starts every command once a round, in turn, and measures from the spawn to
 * the end of the wait. Prints a line for each: name, median, minimum, and the
 * median of what it took beyond the first command in the same round, all in
 * microseconds; then the largest resident memory in KiB, which the kernel keeps
 * across an exec, so that of a launcher is in it. Tabs stand between.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "bench.h"

enum { MAX_COMMANDS = 16, WARM_UP = 5 };

extern char **environ;

struct command {
	const char *name;
	char **argv;
	int fd; /* -1: none is opened for it */
	const char *file;
	double *times, *extras;
	long memory;
};

static void read_command(struct command *command, char **words)
{
	char *end = NULL;

	if (!words[0] || !words[1])
		errx(2, "a command is NAME [FD<FILE] PROGRAM [ARG...]");
	command->name = words[0];
	command->argv = words + 1;
	command->fd = (int)strtol(words[1], &end, 10);
	if (end == words[1] || *end != '<') {
		command->fd = -1;
		return;
	}
	command->file = end + 1;
	command->argv++;
}

static double start(struct command *command)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status = 0;
	pid_t pid = 0;

	posix_spawn_file_actions_init(&actions);
	if (command->fd >= 0)
		posix_spawn_file_actions_addopen(&actions, command->fd,
						 command->file, O_RDONLY, 0);

	const double before = bench_ns();
	const int error = posix_spawn(&pid, command->argv[0], &actions, NULL,
				      command->argv, environ);

	if (error)
		errx(1, "%s: %s", command->argv[0], strerror(error));
	if (wait4(pid, &status, 0, &usage) != pid)
		err(1, "wait4");

	const double took = bench_ns() - before;

	posix_spawn_file_actions_destroy(&actions);
	if (status)
		errx(1, "%s: wait status %#x", command->name, status);
	command->memory = usage.ru_maxrss;
	return took / 1000;
}

static size_t read_commands(char **words, struct command *commands)
{
	size_t n = 1;

	for (char **word = words; *word; word++) {
		if (strcmp(*word, ",") != 0)
			continue;
		*word = NULL;
		if (n == MAX_COMMANDS)
			errx(2, "more than %d commands", MAX_COMMANDS);
		commands[n++].argv = word + 1;
	}
	commands[0].argv = words;
	for (size_t i = 0; i < n; i++)
		read_command(&commands[i], commands[i].argv);
	return n;
}

/* Each round begins with another command, so that none has always the same one
 * before it. Rounds below 0 are not counted. */
static void run_round(struct command *commands, size_t n, int round)
{
	double took[MAX_COMMANDS];

	for (size_t i = 0; i < n; i++) {
		const size_t turn = (i + (size_t)(round + WARM_UP)) % n;

		took[turn] = start(&commands[turn]);
	}
	for (size_t i = 0; i < n && round >= 0; i++) {
		commands[i].times[round] = took[i];
		commands[i].extras[round] = took[i] - took[0];
	}
}

int main(int argc, char *argv[])
{
	struct command commands[MAX_COMMANDS] = { 0 };
	const int rounds = argc > 1 ? atoi(argv[1]) : 0;

	if (rounds < 1 || argc < 4)
		errx(2, "usage: spawn ROUNDS NAME COMMAND... [, ...]");

	const size_t n = read_commands(argv + 2, commands);

	for (size_t i = 0; i < n; i++) {
		commands[i].times = bench_alloc((size_t)rounds, sizeof(double));
		commands[i].extras = bench_alloc((size_t)rounds,
						 sizeof(double));
	}
	bench_pin();
	for (int round = -WARM_UP; round < rounds; round++)
		run_round(commands, n, round);
	for (size_t i = 0; i < n; i++) {
		const double median = bench_median(commands[i].times,
						   (size_t)rounds);

		printf("%s\t%.1f\t%.1f\t%.1f\t%ld\n", commands[i].name, median,
		       commands[i].times[0],
		       bench_median(commands[i].extras, (size_t)rounds),
		       commands[i].memory);
	}
	return 0;
}
