/* SPDX-License-Identifier: MIT */
/* A policy while it is built: what policy.c and guards.c share. */
#ifndef ES_BUILDING_H
#define ES_BUILDING_H

#include "policy.h"

struct es_building {
	struct es_arena *arena;
	struct es_profile *profile;
	const struct es_surroundings *surroundings;
	struct es_diags *diags;
	struct es_policy *policy;
	struct es_named_set sets[6];
	bool excepted; /* exceptions may hold for what is added */
	bool basic;    /* the BasicCapabilities that are always on are */
	bool loader;   /* what a dynamic loader needs is */
	bool startup;  /* what is allowed at the start alone is */
	bool limits;   /* guards that keep limits are */
	bool arming;   /* guards for the time before arming are */
	enum es_status status;
};

enum { ES_SET_FDS, ES_SET_OPENED, ES_SET_LOADER, ES_SET_SELF, ES_SET_FAMILY };

/* The first failure counts, but for memory. */
void es_build_fail(struct es_building *building, enum es_status status);

/* Adds RULE to RULES unless it can never hold. */
void es_build_rule(struct es_building *building, struct es_rules *rules,
		   struct es_rule rule);

/* Adds `CALL... [if CONDITION...]`, with what the sets are at the moment. */
void es_build_row(struct es_building *building, struct es_rules *rules,
		  const struct es_row *row, uint32_t ret,
		  const struct es_grant *grant);

/* RULES are all there: they are looked up from now on. */
void es_build_sort(struct es_building *building, struct es_rules *rules);

/* guards.c: adds the guards that go before what is allowed. */
void es_build_guards(struct es_building *building);

#endif
