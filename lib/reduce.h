/* SPDX-License-Identifier: MIT */
/* What of many suggestions is enough. */
#ifndef ES_REDUCE_H
#define ES_REDUCE_H

#include "suggest.h"

/* Takes those of PIECES away that the calls ASKED, of which there are N, don't
 * need beside the others, the widest first. False when there is no memory. */
bool es_pieces_reduce(const struct es_force *force,
		      const struct es_asked *asked, size_t n,
		      struct es_pieces *pieces);

/* Do PIECES allow ASKED by themselves? */
bool es_pieces_allow(const struct es_force *force,
		     const struct es_pieces *pieces,
		     const struct es_asked *asked);

#endif
