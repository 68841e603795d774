/* SPDX-License-Identifier: MIT */
#ifndef ES_KEEP_H
#define ES_KEEP_H

#include "answer.h"

/*
 * The program has ended: answers what waits, tells the summary, and where other
 * processes go on, leaves a child behind that answers them until the last one
 * has ended.
 */
void es_keep(struct es_answering *answering);

#endif
