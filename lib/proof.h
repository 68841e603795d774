/* SPDX-License-Identifier: MIT */
#ifndef ES_PROOF_H
#define ES_PROOF_H

#include "bpf.h"
#include "judge.h"

/*
 * Proves that FILTER answers every call with what POLICY means for it: every
 * path of the program is walked with the region of calls that take it, and the
 * judge's verdict must be the path's answer all over the region. All that
 * reaches a filter is covered: numbers, architectures, both halves of the
 * arguments, the instruction pointer. ES_OK, ES_NOMEM, or behind a diagnostic
 * ES_INTERNAL where they differ or the program has an instruction that is
 * never emitted here, and ES_INVALID where it takes too many steps to tell:
 * nothing may be run then.
 */
enum es_status es_prove(const struct es_policy *policy,
			const struct es_filter *filter,
			struct es_diags *diags);

#endif
