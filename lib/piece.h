/* SPDX-License-Identifier: MIT */
/* Pieces of `allow:`, put together to one that can be pasted. */
#ifndef ES_PIECE_H
#define ES_PIECE_H

#include "sets.h"
#include "syscall.h"

/* A permission with one value, or a system call by hand. */
struct es_piece {
	const struct es_word *word; /* NULL: CALL, at `syscalls` */
	const char *call;
	uint32_t nr; /* CALL's */
	const char *path; /* absolute; NULL: none */
	const char *fds;  /* an item of `fds`, or a descriptor; NULL: none */
	unsigned port;    /* 0: none */
	uint64_t fd;      /* its number, where FDS is one or a name for one */
};

/* How many system calls it gives. */
unsigned es_piece_calls(const struct es_piece *piece);

/* Does it give calls that write, whatever call it is suggested for? */
bool es_piece_writes(const struct es_piece *piece);

/* Some of them, sorted and each once. Strings are not theirs. */
struct es_pieces {
	struct es_piece *at; /* owned */
	size_t n, cap;
	bool ports; /* they come beside what is held to ports */
};

int es_piece_compare(const struct es_piece *a, const struct es_piece *b);

/* False when there is no memory. */
bool es_pieces_add(struct es_pieces *pieces, const struct es_piece *piece);
void es_pieces_finish(struct es_pieces *pieces);

/* Can PATH be written in a profile at all? Not what isn't UTF-8. */
bool es_path_is_writable(const char *path);

/*
 * As a fragment for -a, "SystemIO: [stdin, read_path: [/a, /b]]", or in the
 * block style of a file, each line behind INDENT blanks. To be freed; NULL when
 * there is no memory. Nothing in it can steer a terminal.
 */
char *es_pieces_flow(const struct es_pieces *pieces);
char *es_pieces_block(const struct es_pieces *pieces, unsigned indent);

#endif
