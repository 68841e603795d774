/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/* Processes that end with the program may take so long. */
	GRACE_MS = 20,
	/* Calls that are answered before the launcher ends, however many come. */
	MAX_CALLS = 1000,
};

/* Is there somebody who uses the filter? Answers what comes meanwhile. */
static bool is_used(struct es_answering *answering)
{
	struct pollfd polled = { .fd = answering->listener, .events = POLLIN };

	for (unsigned i = 0; i < MAX_CALLS; i++) {
		if (poll(&polled, 1, GRACE_MS) <= 0)
			return true;
		if (!(polled.revents & POLLIN))
			return false;
		es_answer_one(answering);
	}
	return true;
}

/* A pipe of standard error would not end before the last process, and who reads
 * it waits for its end. */
static bool has_pipe(int fd)
{
	struct stat st;

	return fd == STDERR_FILENO && !fstat(fd, &st) &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void close_but(unsigned first, unsigned second)
{
	const unsigned low = first < second ? first : second;
	const unsigned high = first < second ? second : first;

	if (low > 3)
		syscall(SYS_close_range, 3, low - 1, 0);
	if (high > low + 1)
		syscall(SYS_close_range, low + 1, high - 1, 0);
	syscall(SYS_close_range, high + 1, UINT_MAX, 0);
}

/* Has nothing of the launcher's but the listener, and where to tell. */
static void detach(const struct es_answering *answering, int report)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		if (fd != report || has_pipe(fd))
			dup2(null, fd);
	close_but((unsigned)answering->listener,
		  (unsigned)(report > 2 ? report : answering->listener));
}

static _Noreturn void go_on(struct es_answering *answering, int report)
{
	struct pollfd polled = { .fd = answering->listener, .events = POLLIN };

	detach(answering, report);
	while (poll(&polled, 1, -1) >= 0 || errno == EINTR) {
		if (polled.revents & POLLIN)
			es_answer_one(answering);
		else if (polled.revents)
			break;
	}
	es_denials_summarize(answering->denials);
	_exit(0);
}

void es_keep(struct es_answering *answering)
{
	const int report = fileno(answering->report->stream);
	pid_t pid = -1;

	if (answering->listener < 0)
		return;

	const bool used = is_used(answering);

	es_denials_summarize(answering->denials);
	if (!used)
		return;
	if (has_pipe(report))
		es_denials_note(answering->denials,
				"processes of it go on; what they are denied "
				"is told no more, as --report=FILE would");
	/* Twice, so that nobody has to wait for it. */
	fflush(answering->report->stream);
	pid = fork();
	if (!pid) {
		if (!fork())
			go_on(answering, report);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else
		es_denials_note(answering->denials, "can't leave a process "
				"behind for those that go on: what they are "
				"denied gets ENOSYS");
}
