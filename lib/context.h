/* SPDX-License-Identifier: MIT */
#ifndef ES_CONTEXT_H
#define ES_CONTEXT_H

#include "profile.h"

struct es_context {
	struct es_arena arena;
	struct es_profile profile;
	/* Of the first call that failed, or of one without memory. */
	enum es_status status;
	bool best_effort; /* without what Landlock lacks here */
	bool checked; /* es_check has filled in what follows */
	struct es_summary summary;
};

/* What a call that adds to CONTEXT ended with: the first failure is kept. */
enum es_status es_context_keep(struct es_context *context,
			       enum es_status status);

/* ES_UNSUPPORTED behind a diagnostic if the process has more privilege than its
 * caller (AT_SECURE). */
enum es_status es_refuse_privilege(struct es_diags *diags);

/* All profiles are read: tells what shows only then. What reading them ended
 * with, or else this. */
enum es_status es_context_complete(struct es_context *context,
				   struct es_diags *diags);

#endif
