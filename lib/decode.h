/* SPDX-License-Identifier: MIT */
/* A call as strace(1) writes it. */
#ifndef ES_DECODE_H
#define ES_DECODE_H

#include "judge.h"

/* Reads LEN bytes of the program's memory at ADDRESS to INTO; how many could be
 * had, from the first on. */
typedef size_t es_read_memory(void *state, uint64_t address, void *into,
			      size_t len);

struct es_memory {
	es_read_memory *read; /* NULL: pointers are told as numbers */
	void *state;
};

/*
 * "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC)": names of constants,
 * strings and addresses as far as they can be read, all else as numbers.
 * Nothing in it can steer a terminal. In ARENA; NULL when there is no memory.
 */
const char *es_decode(struct es_arena *arena, const struct es_call *call,
		      const struct es_memory *memory);

/* The value of argument INDEX of CALL by the names of constants, if it has any:
 * as it may stand in a rule's condition. */
const char *es_decode_value(struct es_arena *arena,
			    const struct es_syscall *call, unsigned index,
			    uint64_t value);

/* Has it any, whatever the other arguments are? */
bool es_decode_names(const struct es_syscall *call, unsigned index);

/* A string of the program's, up to its NUL: at most LIMIT bytes with it. NULL
 * where it can't be read or is longer. */
const char *es_read_string(struct es_arena *arena,
			   const struct es_memory *memory, uint64_t address,
			   size_t limit);

/* The family and the port (0: has none) of the socket address that CALL points
 * to; false: it has none, or it can't be read. */
bool es_read_family(const struct es_call *call, const struct es_memory *memory,
		    unsigned *family, unsigned *port);

#endif
