/* SPDX-License-Identifier: MIT */
#ifndef ES_FILTER_H
#define ES_FILTER_H

#include "bpf.h"
#include "policy.h"

/*
 * Compiles POLICY to a seccomp filter. ES_OK and *FILTER (free with
 * es_filter_finish), ES_NOMEM, or ES_INVALID behind a diagnostic when it would
 * be longer than the kernel takes (4096 instructions).
 */
enum es_status es_filter_make(struct es_arena *arena,
			      const struct es_policy *policy,
			      struct es_diags *diags,
			      struct es_filter *filter);
void es_filter_finish(struct es_filter *filter);

#endif
