/* SPDX-License-Identifier: MIT */
#ifndef ES_LOADER_H
#define ES_LOADER_H

#include <stddef.h>
#include <sys/stat.h>

#include "arena.h"
#include "program.h"

struct es_file_id {
	dev_t dev;
	ino_t ino;
};

/* A growing list in which no file stands twice. */
struct es_needed_list {
	struct es_arena *arena;
	struct es_diags *diags;
	struct es_needed *at;
	struct es_file_id *ids; /* of what is in AT */
	size_t n, cap;
	struct es_file_id root; /* never added: it would open everything */
};

/*
 * Adds PATH, open as *FD, and takes that over, unless its file is there
 * already. ES_OK or ES_NOMEM.
 */
enum es_status es_needed_add(struct es_needed_list *list, const char *path,
			     int *fd, const struct stat *st);

/* Makes LIST hold the N entries at AT. ES_OK or ES_NOMEM. */
enum es_status es_needed_begin(struct es_needed_list *list,
			       const struct es_needed *at, size_t n);

/*
 * Adds what the ELF interpreter INTERPRETER reads to start the program at
 * PATH whose library folders are SEARCH (NULL: none). What does not exist is
 * left out. ES_OK, ES_NOMEM, ES_SYSTEM.
 */
enum es_status es_loader_add(struct es_needed_list *list,
			     const char *interpreter, const char *path,
			     const char *search);

/* Adds the system's ELF interpreters and what they read for any program. */
enum es_status es_loader_add_any(struct es_needed_list *list);

#endif
