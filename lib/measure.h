/* SPDX-License-Identifier: MIT */
/* How much a permission, with one value, is about a call. */
#ifndef ES_MEASURE_H
#define ES_MEASURE_H

#include "suggest.h"

struct es_measure {
	bool gives;   /* it allows the call */
	bool defines; /* it is for calls of this kind */
	unsigned narrow; /* bits of the arguments that the rule decides */
};

/* By the piece's own rules, under what is in force otherwise. False when there
 * is no memory. */
bool es_measure(const struct es_force *force, const struct es_piece *piece,
		const struct es_call *call, struct es_measure *measure);

#endif
