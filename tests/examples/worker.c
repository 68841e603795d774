/* SPDX-License-Identifier: MIT */
/*
 * worker FILE: adds up the numbers of a file that somebody else has written. A
 * thread that can do nothing but compute parses them; the rest of the program
 * is free.
 *
 *	cc worker.c $(pkg-config --cflags --libs extrasafe)
 *
 * A thread shares the memory of its process, so that this is for a parser that
 * might be talked into opening a file, and not for one that runs foreign code:
 * that takes a process of its own, see es_run_process.
 */
#include <errno.h>
#include <extrasafe.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct work {
	char text[4096];
	long sum;
	int open_error; /* 0: a file could be opened */
};

static int try_to_open(void)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Runs in the thread. */
static void *parse(void *data)
{
	struct work *work = (struct work *)data;
	char *at = work->text;
	char *end;

	for (;; at = end) {
		long number = strtol(at, &end, 10);

		if (end == at)
			break;
		work->sum += number;
	}
	work->open_error = try_to_open();
	return work;
}

int main(int argc, char *argv[])
{
	struct work work = { "", 0, 0 };
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	void *result = NULL;
	enum es_status status;
	FILE *file;

	if (argc != 2)
		return 2;
	file = fopen(argv[1], "r");
	if (!file)
		return 1;
	work.text[fread(work.text, 1, sizeof(work.text) - 1, file)] = '\0';
	fclose(file);

	/* What every program has, and nothing beside. */
	es_allow(context, "BasicCapabilities", "all", diags);
	status = es_run_thread(context, parse, &work, &result, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK || result != &work)
		return 1;

	printf("sum: %ld\n", work.sum);
	printf("open in the worker: %s\n",
	       work.open_error ? strerror(work.open_error) : "works");
	work.open_error = try_to_open();
	printf("open in the rest: %s\n",
	       work.open_error ? strerror(work.open_error) : "works");
	return 0;
}
