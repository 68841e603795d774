/* SPDX-License-Identifier: MIT */
#ifndef ES_UTIL_H
#define ES_UTIL_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Ownership shows in the declaration: what is marked so is freed or closed
 * when it leaves its scope, unless it was handed over by the steal functions. */
static inline void es_cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void es_cleanup_close(const int *fd)
{
	if (*fd >= 0) {
		const int saved = errno;

		close(*fd);
		errno = saved;
	}
}

static inline void es_cleanup_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define es_autofree __attribute__((cleanup(es_cleanup_free)))
#define es_autoclose __attribute__((cleanup(es_cleanup_close)))
#define es_autofclose __attribute__((cleanup(es_cleanup_file)))

static inline int es_steal_fd(int *fd)
{
	const int stolen = *fd;

	*fd = -1;
	return stolen;
}

/* A child that ends with EXIT_SIGNAL; with 0, without one, and wait(2) sees it
 * with __WALL only. Nothing of the C library's is made ready for it. */
static inline pid_t es_fork(int exit_signal)
{
	return (pid_t)syscall(SYS_clone, exit_signal, NULL, NULL, NULL, NULL);
}

#define ES_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Room for one more element of ARRAY (a malloced pointer with N used of CAP):
 * true, or false when there is no memory, ARRAY being as it was.
 */
#define es_grow(array, n, cap) \
	((n) < (cap) || es_grow_bytes((void **)&(array), &(cap), sizeof(*(array))))

static inline int es_grow_bytes(void **array, size_t *cap, size_t size)
{
	const size_t more = *cap ? *cap * 2 : 16;
	void *bigger = reallocarray(*array, more, size);

	if (!bigger)
		return 0;
	*array = bigger;
	*cap = more;
	return 1;
}

#endif
