/* SPDX-License-Identifier: MIT */
#ifndef ES_WARN_H
#define ES_WARN_H

#include "compile.h"

/*
 * Warns of what CONTEXT's profile, compiled to COMPILED, surprisingly leaves
 * open. With VERBOSE, notes tell sizes, what was skipped, and what stays open
 * in any case. ES_OK or ES_NOMEM.
 */
enum es_status es_warn(struct es_context *context,
		       const struct es_compiled *compiled, bool verbose,
		       struct es_diags *diags);

#endif
