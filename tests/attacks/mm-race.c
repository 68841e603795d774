/* SPDX-License-Identifier: MIT */
/*
 * Stands for exploits of races in the kernel, of its memory maps and of its
 * tables of files, whose window is a few instructions wide (CVE-2021-4083; the
 * way is that of "Racing against the clock", Project Zero, March 2022): a timer
 * interrupts one thread in the window, and wakes so many waiters there that the
 * other has all the time that it needs. The waiters are copies of the timer's
 * descriptor, each watched by many epoll descriptors.
 * Stopped by the profile compute
 *
 *	mm-race <TEXT
 *
 * copies its input to standard output. Then it makes a timer, copies of its
 * descriptor and watchers of those, starts it, and has a second thread map and
 * unmap a page of its own until it expires. There are some hundred waiters in
 * place of fifty thousand, and no bug is raced for.
 *
 * Each step is tried even if one before was refused. The attack takes all of
 * SystemIO.dup, Events.timerfd, Events.epoll and Threads.create; the profile
 * has none of them.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>

#include "attack.h"

enum { COPIES = 32, WATCHERS = 8, PAGE = 4096, FREE = 100 };

static atomic_bool expired;

static void *map_and_unmap(void *unused)
{
	(void)unused;
	while (!atomic_load(&expired)) {
		void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (page != MAP_FAILED)
			munmap(page, PAGE);
	}
	return NULL;
}

static int dup_by_dup2(int fd)
{
	static int next = FREE;

	return dup2(fd, next++);
}

static int dup_by_dup3(int fd)
{
	static int next = FREE + COPIES;

	return dup3(fd, next++, O_CLOEXEC);
}

static int dup_by_fcntl(int fd)
{
	return fcntl(fd, F_DUPFD, 0);
}

static const struct {
	const char *name;
	int (*copy)(int fd);
} ways[] = {
	{ "dup", dup },
	{ "dup2", dup_by_dup2 },
	{ "dup3", dup_by_dup3 },
	{ "F_DUPFD", dup_by_fcntl },
};

/* Makes copies in every way, and returns how many there are. */
static int make_copies(int fd, int copies[COPIES])
{
	enum { WAYS = sizeof(ways) / sizeof(ways[0]), EACH = COPIES / WAYS };
	int count = 0;

	for (int i = 0; i < WAYS; i++) {
		int result = 0;

		for (int j = 0; j < EACH && result >= 0; j++)
			if ((result = ways[i].copy(fd)) >= 0)
				copies[count++] = result;
		step(ways[i].name, result);
	}
	return count;
}

static bool watch(const int copies[], int count)
{
	int result = 0;

	for (int i = 0; i < WATCHERS && result >= 0; i++) {
		const int watcher = result = epoll_create1(0);

		for (int j = 0; j < count && result >= 0; j++) {
			struct epoll_event event = { .events = EPOLLIN };

			result = epoll_ctl(watcher, EPOLL_CTL_ADD, copies[j],
					   &event);
		}
	}
	return step("epoll", result);
}

/* Has the timer expired, with all waiters, as the other thread went on? */
static bool race(int timer)
{
	const struct itimerspec soon = { .it_value.tv_nsec = 1000000 };
	uint64_t times = 0;
	pthread_t other;
	int result;

	if ((result = pthread_create(&other, NULL, map_and_unmap, NULL))) {
		errno = result;
		step("thread", -1);
		return false;
	}
	step("thread", 0);
	result = timerfd_settime(timer, 0, &soon, NULL);
	if (!result && read(timer, &times, sizeof(times)) < 0)
		result = -1;
	atomic_store(&expired, true);
	pthread_join(other, NULL);
	return step("race", result) && times > 0;
}

int main(void)
{
	int copies[COPIES], count, timer;
	bool watched, raced;

	if (!copy(STDIN_FILENO))
		return NO_WORK;
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	step("timerfd", timer);
	/* If there is no timer, who may copy is told EBADF. */
	count = make_copies(timer, copies);
	watched = watch(copies, count);
	raced = race(timer);
	return verdict(raced && watched && count > 0);
}
