/* SPDX-License-Identifier: MIT */
#ifndef ES_ARENA_H
#define ES_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory that lives as long as its owner: what is read from a profile and what
 * is compiled from it is freed in one piece, so nobody tracks single nodes.
 */
struct es_arena {
	struct es_chunk *chunks; /* owned */
	size_t used, size;       /* bytes of the newest chunk */
	bool exhausted;          /* an allocation has failed */
};

/* Zeroed memory, aligned for any type; NULL when there is none left. */
void *es_arena_alloc(struct es_arena *arena, size_t size);

/* A copy of LEN bytes with a NUL behind them; NULL when there is no memory. */
char *es_arena_copy(struct es_arena *arena, const char *text, size_t len);

__attribute__((format(printf, 2, 3)))
char *es_arena_printf(struct es_arena *arena, const char *format, ...);

/* Takes all memory back for new allocations; what was allocated is gone. */
void es_arena_rewind(struct es_arena *arena);

void es_arena_finish(struct es_arena *arena);

#endif
