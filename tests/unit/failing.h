/* SPDX-License-Identifier: MIT */
/*
 * An allocator that fails when it is told to, for the whole program: ours, the
 * C library's own calls and libyaml. The program that includes this must be
 * linked with --wrap for es_arena_alloc, es_arena_copy and es_arena_printf,
 * each call of which is one that can fail, though an arena asks malloc seldom;
 * and for realpath, whose memory a sanitizer takes from elsewhere.
 */
#ifndef FAILING_H
#define FAILING_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "util.h"

static struct {
	bool on;
	bool for_good;  /* all that follow AT fail as well */
	size_t at;      /* which one fails, from 1 up; 0: none */
	size_t n;       /* allocations since it was switched on */
	size_t failed;  /* of these */
	long live;      /* blocks that were not freed */
} failing;

static bool fails(void)
{
	if (!failing.on)
		return false;
	failing.n++;
	if (!failing.at || failing.n < failing.at ||
	    (failing.n > failing.at && !failing.for_good))
		return false;
	failing.failed++;
	errno = ENOMEM;
	return true;
}

/* A sanitizer has the real ones under another name. */
#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *old, size_t size);
void REAL(free)(void *memory);

void *malloc(size_t size)
{
	void *memory = fails() ? NULL : REAL(malloc)(size);

	failing.live += memory != NULL;
	return memory;
}

void *calloc(size_t n, size_t size)
{
	void *memory = fails() ? NULL : REAL(calloc)(n, size);

	failing.live += memory != NULL;
	return memory;
}

void *realloc(void *old, size_t size)
{
	void *memory = fails() ? NULL : REAL(realloc)(old, size);

	failing.live += memory && !old;
	return memory;
}

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes = 0;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

/* libyaml's; a sanitizer's would not ask malloc. */
char *strdup(const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void free(void *memory)
{
	failing.live -= memory != NULL;
	REAL(free)(memory);
}

char *__real_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved);

char *__wrap_realpath(const char *path, char *resolved)
{
	char *made = resolved ? NULL : malloc(PATH_MAX);
	char *found = NULL;

	if (resolved || made)
		found = __real_realpath(path, resolved ? resolved : made);
	if (!found)
		free(made);
	return found;
}

void *__real_es_arena_alloc(struct es_arena *arena, size_t size);
char *__real_es_arena_copy(struct es_arena *arena, const char *text,
			   size_t len);
void *__wrap_es_arena_alloc(struct es_arena *arena, size_t size);
char *__wrap_es_arena_copy(struct es_arena *arena, const char *text,
			   size_t len);
char *__wrap_es_arena_printf(struct es_arena *arena, const char *format, ...);

static bool arena_fails(struct es_arena *arena)
{
	const bool now = fails();

	arena->exhausted |= now;
	return now;
}

void *__wrap_es_arena_alloc(struct es_arena *arena, size_t size)
{
	return arena_fails(arena) ? NULL : __real_es_arena_alloc(arena, size);
}

char *__wrap_es_arena_copy(struct es_arena *arena, const char *text, size_t len)
{
	return arena_fails(arena) ? NULL :
	       __real_es_arena_copy(arena, text, len);
}

__attribute__((format(printf, 2, 3)))
char *__wrap_es_arena_printf(struct es_arena *arena, const char *format, ...)
{
	char text[8192];
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		abort();
	return __wrap_es_arena_copy(arena, text, (size_t)len);
}

#endif
