/* SPDX-License-Identifier: MIT */
/*
 * calls FILTER DENIED
 *
 * What a call costs under the compiled filter in the file FILTER, beside the
 * same call under the least filter that could do, and under none. Each is a
 * child on the same core; in each round each makes a batch. DENIED is the
 * number of a call that the filter denies. Prints for each call: name, medians
 * in ns without filter, under the least one and under ours, the median of the
 * ratio of the last two in one round, and its bar. Tabs stand between.
 */
#include <err.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { ROUNDS = 500, BATCH = 2000 };

static long denied;

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void call_futex(void)
{
	static uint32_t word;

	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Of a clock that there is not, so that nobody sleeps. */
static void call_nanosleep(void)
{
	static const struct timespec none;

	syscall(SYS_clock_nanosleep, 1000, 0, &none, NULL);
}

static void call_read(void)
{
	syscall(SYS_read, 0, &denied, 0);
}

static void call_write(void)
{
	syscall(SYS_write, 1, &denied, 0);
}

static void call_denied(void)
{
	syscall(denied, -1, NULL, 0, 0, 0, 0);
}

static struct sock_filter allow[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
/* A filter that looks at an argument is run at each call. */
static struct sock_filter allow_after_look[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
/* All must work that a child needs, so the number is looked at. */
static struct sock_filter deny[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

#define FILTER(insns) { sizeof(insns) / sizeof((insns)[0]), insns }

static const struct {
	const char *name;
	void (*call)(void);
	struct sock_fprog least;
	double bar;
} rows[] = {
	{ "getppid", call_getppid, FILTER(allow), 1.05 },
	{ "futex", call_futex, FILTER(allow), 1.05 },
	{ "clock_nanosleep", call_nanosleep, FILTER(allow), 1.05 },
	{ "read(0)", call_read, FILTER(allow_after_look), 1.05 },
	{ "write(1)", call_write, FILTER(allow_after_look), 1.05 },
	{ "a denied call", call_denied, FILTER(deny), 1.2 },
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };
enum kind { NONE, LEAST, OURS, KINDS };

struct child {
	int to, from;
	double times[ROUNDS];
};

static void serve(void (*call)(void), const struct sock_fprog *filter)
{
	char word = 0;

	if (filter && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
			       filter)))
		err(1, "seccomp");
	while (read(0, &word, 1) == 1) {
		const double before = bench_ns();

		for (int i = 0; i < BATCH; i++)
			call();

		const double took = (bench_ns() - before) / BATCH;

		if (write(1, &took, sizeof(took)) != sizeof(took))
			break;
	}
	_exit(0);
}

static void start(struct child *child, void (*call)(void),
		  const struct sock_fprog *filter)
{
	int to[2], from[2];

	if (pipe(to) || pipe(from))
		err(1, "pipe");

	const pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		closefrom(3); /* the other children's ends, too */
		serve(call, filter);
	}
	close(to[0]);
	close(from[1]);
	child->to = to[1];
	child->from = from[0];
}

static double batch(const struct child *child)
{
	double took = 0;

	if (write(child->to, "", 1) != 1 ||
	    read(child->from, &took, sizeof(took)) != sizeof(took))
		errx(1, "a child is gone");
	return took;
}

static size_t read_filter(const char *path, struct sock_filter *insns)
{
	FILE *file = fopen(path, "r");

	if (!file)
		err(1, "%s", path);

	const size_t n = fread(insns, sizeof(*insns), BPF_MAXINSNS, file);

	fclose(file);
	return n;
}

static void print_row(size_t row, struct child *children)
{
	double ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratios[i] = children[OURS].times[i] / children[LEAST].times[i];
	printf("%s", rows[row].name);
	for (int kind = 0; kind < KINDS; kind++)
		printf("\t%.1f", bench_median(children[kind].times, ROUNDS));
	printf("\t%.3f\t%.2f\n", bench_median(ratios, ROUNDS), rows[row].bar);
}

int main(int argc, char *argv[])
{
	static struct child children[NROWS][KINDS];
	static struct sock_filter insns[BPF_MAXINSNS];
	struct sock_fprog ours = { .filter = insns };

	if (argc != 3)
		errx(2, "usage: calls FILTER DENIED");
	ours.len = (unsigned short)read_filter(argv[1], insns);
	denied = atol(argv[2]);
	deny[1].k = (uint32_t)denied;
	bench_pin();
	for (size_t row = 0; row < NROWS; row++) {
		start(&children[row][NONE], rows[row].call, NULL);
		start(&children[row][LEAST], rows[row].call, &rows[row].least);
		start(&children[row][OURS], rows[row].call, &ours);
	}
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < NROWS * KINDS; i++) {
			struct child *child = &children[i / KINDS][i % KINDS];

			child->times[round] = batch(child);
		}
	for (size_t row = 0; row < NROWS; row++)
		print_row(row, children[row]);
	return 0;
}
