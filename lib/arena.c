/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct es_chunk {
	struct es_chunk *next;
	_Alignas(max_align_t) char bytes[];
};

enum { CHUNK = 32 * 1024 };

void *es_arena_alloc(struct es_arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);

	if (size > PTRDIFF_MAX - sizeof(struct es_chunk) - align) {
		arena->exhausted = true;
		return NULL;
	}
	size = (size + align - 1) & ~(align - 1);
	if (!arena->chunks || size > arena->size - arena->used) {
		const size_t room = size > CHUNK ? size : CHUNK;
		struct es_chunk *chunk = malloc(sizeof(*chunk) + room);

		if (!chunk) {
			arena->exhausted = true;
			return NULL;
		}
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->size = room;
		arena->used = 0;
	}

	void *memory = arena->chunks->bytes + arena->used;

	arena->used += size;
	return memset(memory, 0, size);
}

char *es_arena_copy(struct es_arena *arena, const char *text, size_t len)
{
	char *copy = es_arena_alloc(arena, len + 1);

	return copy ? memcpy(copy, text, len) : NULL;
}

char *es_arena_printf(struct es_arena *arena, const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	const int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len >= 0)
		text = es_arena_alloc(arena, (size_t)len + 1);
	if (text) {
		va_start(args, format);
		vsnprintf(text, (size_t)len + 1, format, args);
		va_end(args);
	}
	return text;
}

void es_arena_rewind(struct es_arena *arena)
{
	struct es_chunk *kept = arena->chunks;
	const size_t size = arena->size;

	arena->exhausted = false;
	if (!kept)
		return;
	arena->chunks = kept->next;
	es_arena_finish(arena);
	kept->next = NULL;
	arena->chunks = kept;
	arena->size = size;
}

void es_arena_finish(struct es_arena *arena)
{
	while (arena->chunks) {
		struct es_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	*arena = (struct es_arena){ 0 };
}
