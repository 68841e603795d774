/* SPDX-License-Identifier: MIT */
#ifndef ES_PROGRAM_H
#define ES_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "diag.h"

/* A file or folder that is needed between execve and main. FD is an O_PATH
 * descriptor (close-on-exec) opened once, so that what was looked at is what
 * gets the right, whatever is put at the path afterwards. */
struct es_needed {
	const char *path;
	int fd; /* owned by the es_program */
	bool executed; /* an ELF interpreter, in what es_program_loader_files
			* lists */
};

/* What running a command comes down to. Strings lie in the arena. */
struct es_program {
	const char *path; /* for execve */
	char **argv;      /* for execve, NULL-terminated */

	/* Executed or, for scripts, read by their interpreter: the program, the
	 * interpreters of a script and their ELF interpreter. */
	struct es_needed *executed;
	size_t nexecuted;
	size_t nscripts; /* the first of them; read once the program runs, too */

	/* Its file, or its ELF interpreter's, asks the kernel for memory that is
	 * written to and run. */
	bool runs_data;

	/* The program at the chain's end is dynamic: it has an ELF interpreter
	 * which opens libraries. */
	bool dynamic;

	/* Read by the ELF interpreter: folders that libraries are looked for in,
	 * ld.so.cache, ld.so.preload, musl's path file, what LD_PRELOAD and
	 * LD_AUDIT name. Only those that exist. Empty if not DYNAMIC. */
	struct es_needed *loaded;
	size_t nloaded;
};

/*
 * Resolves ARGV as a shell would: through $PATH if its first word has no slash,
 * through `#!` lines (`env` is resolved here), up to five of them; a text
 * without `#!` goes to /bin/sh. Refuses 32-bit and foreign programs.
 * ES_OK, ES_NOT_FOUND, ES_NOT_EXECUTABLE, ES_UNSUPPORTED, ES_SYSTEM, ES_NOMEM;
 * the diagnostics say why. Free with es_program_finish in any case.
 */
enum es_status es_program_resolve(struct es_arena *arena, char *const argv[],
				  struct es_diags *diags,
				  struct es_program *program);

/*
 * Adds to LIST (of N, in ARENA) what a dynamic loader reads for a program in
 * general: the folders of ld.so.cache and of $LD_LIBRARY_PATH, the system's
 * ELF interpreters, the loaders' own files. For programs that a profile lets
 * start others (exec_path).
 */
enum es_status es_program_loader_files(struct es_arena *arena,
				       struct es_diags *diags,
				       struct es_needed **list, size_t *n);

/* Closes a list's descriptors. */
void es_needed_close(struct es_needed *list, size_t n);

void es_program_finish(struct es_program *program);

#endif
