/* SPDX-License-Identifier: MIT */
/* Random numbers that are the same in each run, so that a failure comes back.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/* splitmix64: any seed will do, and one word is all its state. */
static inline uint64_t random_bits(uint64_t *state)
{
	uint64_t bits = *state += 0x9e3779b97f4a7c15;

	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
	return bits ^ (bits >> 31);
}

/* A number below LIMIT, which is far below 2^64. */
static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return random_bits(state) % limit;
}

#endif
