/* SPDX-License-Identifier: MIT */
/* What is said of a limit without effect. */
#ifndef ES_VOIDED_H
#define ES_VOIDED_H

#include "profile.h"

/* What makes a limit void. */
struct es_voided {
	const struct es_grant *other; /* NULL: what is always on */
	unsigned direction; /* enum es_direction, or 0 */
	bool everywhere;    /* it is the path that has no effect, or */
	bool ports;         /* its ports */
};

static inline bool es_grant_is_by_hand(const struct es_grant *grant)
{
	return grant->rule_place.source != NULL;
}

/* Where the limit itself was written. */
struct es_place es_limit_place(const struct es_grant *grant);

void es_limit_tell(struct es_diags *diags, const struct es_grant *grant,
		   const struct es_voided *by);

/* OTHER sends where the ports of LIMIT hold nobody. */
void es_ports_tell_past(struct es_diags *diags, const struct es_grant *limit,
			const struct es_grant *other);

/* What it gives is denied for the sake of descriptors that are named. */
void es_limit_tell_guarded(struct es_diags *diags,
			   const struct es_grant *grant);

#endif
