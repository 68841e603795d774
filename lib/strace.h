/* SPDX-License-Identifier: MIT */
/* Calls as strace(1) writes them, read from text that may be anything. */
#ifndef ES_STRACE_H
#define ES_STRACE_H

#include "judge.h"

enum {
	ES_STRACE_MAX_LINE = 1 << 20,
	ES_STRACE_MAX_HALVES = 1024, /* calls that are unfinished at a time */
	/* A pointer of which no more is known than that it is none to nothing.
	 */
	ES_STRACE_POINTER = 0x1000,
};

/* One call that was read. Strings lie in the arena. */
struct es_traced {
	struct es_call call;
	const struct es_syscall *row;
	const char *text;       /* as it was written, up to its bracket */
	const char *strings[6]; /* of arguments in quotes, whole ones */
	const char *behind[6];  /* files behind descriptors, as -y tells them */
	unsigned family, port;  /* of a socket address; 0: none was read */
	bool has_port;
	uint64_t flags, signal; /* of clone3's structure */
	int64_t pid;            /* -1: not told */
	bool failed;            /* the trace tells an error */
	bool finished;          /* it tells a result: */
	int64_t result;
};

enum es_line {
	ES_LINE_CALL,
	ES_LINE_NONE,  /* a signal, an exit, a half that the rest may follow */
	ES_LINE_WRONG, /* it can't be read: WRONG says why */
	ES_LINE_NOMEM,
};

struct es_half {
	int64_t pid;
	const char *text;
};

struct es_strace {
	struct es_arena *arena;
	struct es_half halves[ES_STRACE_MAX_HALVES];
	size_t nhalves;
	const char *wrong; /* of the last line, in the arena or a literal */
};

/* Reads LEN bytes of a line, without its end. */
enum es_line es_strace_line(struct es_strace *strace, const char *line,
			    size_t len, struct es_traced *traced);

/* One call alone: the same without what else a trace has in it. */
enum es_line es_strace_call(struct es_strace *strace, const char *text,
			    size_t len, struct es_traced *traced);

#endif
