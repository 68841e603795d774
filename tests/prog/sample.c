/* SPDX-License-Identifier: MIT */
/*
 * A small program that does one thing, to be linked in many ways:
 *
 *	sample upper          standard input in capitals
 *	sample read FILE      the contents of FILE
 *	sample write FILE     makes FILE
 *	sample threads [FILE] adds numbers up in four threads; with FILE, these
 *	                      print its contents
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int upper(void)
{
	int c;

	while ((c = getchar()) != EOF)
		putchar(toupper(c));
	return 0;
}

static int print(const char *path)
{
	char text[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	while ((n = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)n, stdout);
	return n < 0;
}

static int make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return fd < 0;
}

struct job {
	pthread_t thread;
	const char *path;
	unsigned long from, to, sum;
	int failed;
};

static void *work(void *argument)
{
	struct job *job = argument;

	if (job->path)
		job->failed = print(job->path);
	for (unsigned long i = job->from; i < job->to; i++)
		job->sum += i;
	return NULL;
}

static int threads(const char *path)
{
	struct job jobs[4] = { 0 };
	unsigned long sum = 0;
	int failed = 0;

	for (unsigned long i = 0; i < 4; i++) {
		jobs[i].path = path;
		jobs[i].from = i * 1000;
		jobs[i].to = (i + 1) * 1000;

		int error = pthread_create(&jobs[i].thread, NULL, work,
					   &jobs[i]);

		if (error) {
			fprintf(stderr, "thread: %s\n", strerror(error));
			return 2;
		}
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(jobs[i].thread, NULL);
		sum += jobs[i].sum;
		failed |= jobs[i].failed;
	}
	if (!path)
		printf("sum %lu\n", sum);
	return failed;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *path = argc > 2 ? argv[2] : NULL;

	if (!strcmp(what, "upper"))
		return upper();
	if (!strcmp(what, "read") && path)
		return print(path);
	if (!strcmp(what, "write") && path)
		return make(path);
	if (!strcmp(what, "threads"))
		return threads(path);
	fprintf(stderr, "usage: sample upper|read FILE|write FILE|threads\n");
	return 64;
}
