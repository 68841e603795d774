/* SPDX-License-Identifier: MIT */
/* What a supervised program's filter notifies of. */
#ifndef ES_WATCH_H
#define ES_WATCH_H

#include "landlock.h"
#include "policy.h"

/*
 * May other filters stand beside ours: an outer sandbox's, or the program's own?
 * Theirs may rank below a notification (RET_TRACE, RET_LOG), and a call that is
 * let through would go past them; see seccomp(2).
 */
bool es_watch_stacks(const struct es_policy *policy);

/*
 * Makes of POLICY the one that a supervised program runs under: calls that it
 * denies are notified, and those that Landlock may deny by PLAN, whose paths
 * are resolved for that; none of the latter where other filters may stand
 * beside. Arrays are POLICY's or ARENA's; nothing is to be freed. ES_OK or
 * ES_NOMEM.
 */
enum es_status es_watch(struct es_arena *arena, const struct es_policy *policy,
			struct es_landlock_plan *plan,
			struct es_policy *supervised);

#endif
