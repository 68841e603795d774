/* SPDX-License-Identifier: MIT */
#ifndef ES_FAMILY_H
#define ES_FAMILY_H

#include "syscall.h"

/*
 * Constants that an argument is made of: one name for the bits of MASK, and one
 * each for what is in BITS (what has several bits goes before its parts). Names
 * stand apart by blanks; they have their values from constants.inc.
 */
struct es_family {
	const char *fields;
	uint64_t mask;
	const char *bits;
};

extern const struct es_family es_socket_families; /* AF_INET and the like */

/* The family of argument INDEX of CALL, where ARGS tells what it depends on
 * (NULL: not known); NULL: it is of none. */
const struct es_family *es_family_of(const struct es_syscall *call,
				     unsigned index, const uint64_t *args);

#endif
