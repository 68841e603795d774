/* SPDX-License-Identifier: MIT */
/* What Landlock alone would hold a program to, and this kernel's does not. */
#ifndef ES_UNHELD_H
#define ES_UNHELD_H

#include "landlock.h"

/*
 * Tells of each right that the kernel lacks, that no permission gives
 * everywhere, and for which POLICY, built of PROFILE, lets a call pass: a rule by
 * hand gives no path, and sockets of one word pass the calls of another. ES_OK, or
 * ES_UNSUPPORTED unless PLAN does without.
 */
enum es_status es_unheld_check(const struct es_landlock_plan *plan,
			       const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags);

#endif
