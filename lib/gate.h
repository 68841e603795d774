/* SPDX-License-Identifier: MIT */
/*
 * The exec gate. execve takes three arguments and a filter sees six registers:
 * the launcher makes its one call with a random key in the other three, the
 * filter allows execve with that key only, and exec clears registers and
 * memory, so that the program can't know it. The same key opens write, so that
 * a failure behind the filter can be told.
 */
#ifndef ES_GATE_H
#define ES_GATE_H

#include <stdint.h>

/* A call of three arguments with the key; the result, or -errno. */
long es_gate_call(long nr, const void *first, const void *second,
		  const void *third, const uint64_t key[3]);

/* A fresh key; 0, or an errno. */
int es_gate_key(uint64_t key[3]);

#endif
