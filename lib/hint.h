/* SPDX-License-Identifier: MIT */
/* Notes behind errors: what was meant, perhaps. */
#ifndef ES_HINT_H
#define ES_HINT_H

#include "diag.h"

/* TEXT is no rule set, or with SET none of its permissions: but it begins with
 * the name of one, and what follows is out of place, or it is a permission. */
void es_hint_name(struct es_diags *diags, struct es_place place,
		  const char *text, const char *set);

#endif
