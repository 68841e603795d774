/* SPDX-License-Identifier: MIT */
/*
 * Waits for good: in epoll_wait, by which the servers' profiles see that a
 * program has started up, or where that is denied in pause.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void)
{
	const int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;

	for (;;)
		if (fd < 0 || (epoll_wait(fd, &event, 1, -1) && errno != EINTR))
			pause();
}
