/* SPDX-License-Identifier: MIT */
#include "startup.h"

#include <stdlib.h>
#include <string.h>

#include "profile.h"
#include "scalar.h"
#include "syscall.h"
#include "util.h"

enum { DEADLINE = 30000, MAX_DEADLINE = 3600000 };

struct reading {
	struct es_profile *profile;
	struct es_startup *startup;
	struct es_diags *diags;
	bool until; /* it has been read */
};

static const struct {
	const char *name, *words;
	const char *missed; /* why it has not come to this in time */
} moments[] = {
	[ES_UNTIL_ENTRY] = { NULL, "up to its entry point", NULL },
	[ES_UNTIL_READY] = {
		"ready", "until it says that it is ready",
		"it has not said READY=1 by the deadline of `startup`" },
	[ES_UNTIL_LISTENING] = {
		"listening", "until it listens",
		"nothing of it listens by the deadline of `startup`" },
	[ES_UNTIL_BLOCKED] = {
		"blocked_in", "until it waits where `startup` says",
		"by the deadline of `startup`, not each of its processes waits "
		"in what `blocked_in` names; /proc/PID/syscall tells where "
		"they do" },
};

const char *es_until_words(enum es_until until)
{
	return moments[until].words;
}

const char *es_until_missed(enum es_until until)
{
	return moments[until].missed;
}

static bool read_call(const struct es_node *node, void *data)
{
	struct reading *reading = data;
	struct es_startup *startup = reading->startup;
	const struct es_syscall *call = NULL;

	if (!es_scalar_is(node, "a system call", reading->diags))
		return false;
	call = es_syscall_find(node->text, strlen(node->text));
	if (!call || es_syscall_number(call) < 0) {
		es_diag(reading->diags, ES_ERROR, node->place,
			"'%s' is no system call that a program here can wait "
			"in", node->text);
		return false;
	}
	if (startup->ncalls == ES_MAX_UNTIL_CALLS) {
		es_diag(reading->diags, ES_ERROR, node->place,
			"more than %d system calls to wait in",
			ES_MAX_UNTIL_CALLS);
		return false;
	}
	startup->calls[startup->ncalls++] = (uint32_t)es_syscall_number(call);
	return true;
}

static bool read_until(const struct es_node *node, void *state)
{
	struct reading *reading = state;
	struct es_startup *startup = reading->startup;

	reading->until = true;
	if (node->kind == ES_MAPPING && node->n == 1 &&
	    !strcmp(node->keys[0]->text, moments[ES_UNTIL_BLOCKED].name)) {
		startup->until = ES_UNTIL_BLOCKED;
		return es_node_each(node->items[0], read_call, reading,
				    "a system call", reading->diags);
	}
	for (enum es_until i = ES_UNTIL_READY; i < ES_UNTIL_BLOCKED; i++) {
		if (node->kind != ES_SCALAR ||
		    strcmp(node->text, moments[i].name) != 0)
			continue;
		startup->until = i;
		return true;
	}
	es_diag(reading->diags, ES_ERROR, node->place,
		"'until' is 'ready', 'listening' or, as an example, "
		"`{blocked_in: epoll_wait}`%s%s%s",
		node->kind == ES_SCALAR ? ", not '" : "",
		node->kind == ES_SCALAR ? node->text : "",
		node->kind == ES_SCALAR ? "'" : "");
	return false;
}

/* "30s", "500ms", "2min"; without a unit, seconds. */
static bool read_deadline(const struct es_node *node, void *state)
{
	struct reading *reading = state;
	static const struct {
		const char *name;
		unsigned long ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 },
		      { "min", 60000 } };
	char *end = NULL;
	unsigned long n;

	if (!es_scalar_is(node, "a time", reading->diags))
		return false;
	n = strtoul(node->text, &end, 10);
	for (size_t i = 0; i < ES_COUNT(units); i++) {
		if (strcmp(end, units[i].name) != 0 || *node->text < '1' ||
		    *node->text > '9' || n > MAX_DEADLINE ||
		    n * units[i].ms > MAX_DEADLINE)
			continue;
		reading->startup->deadline = (unsigned)(n * units[i].ms);
		return true;
	}
	es_diag(reading->diags, ES_ERROR, node->place,
		"'deadline' is a time from 1ms to an hour, as 30s, 500ms or "
		"2min, not '%s'", node->text);
	return false;
}

/* What is allowed only so long goes to a list of its own. */
static bool read_allow(const struct es_node *node, void *state)
{
	struct reading *reading = state;
	struct es_profile *profile = reading->profile;
	struct es_grant *grants = profile->grants;
	struct es_grant **end = profile->grants_end;
	enum es_status status;

	profile->grants = NULL;
	profile->grants_end = &profile->grants;
	status = es_grants_read(profile, node, reading->diags);
	profile->startup_grants = profile->grants;
	profile->grants = grants;
	profile->grants_end = grants ? end : &profile->grants;
	return status == ES_OK;
}

static const struct es_key keys[] = {
	{ "allow", read_allow },
	{ "deadline", read_deadline },
	{ "until", read_until },
};

enum es_status es_startup_read(struct es_profile *profile,
			       const struct es_node *node,
			       struct es_diags *diags)
{
	struct es_startup *startup = &profile->startup;
	struct reading reading = { profile, startup, diags, false };
	bool fine = false;

	if (startup->place.source) {
		es_diag(diags, ES_ERROR, node->place,
			"only one file can say 'startup'");
		es_diag(diags, ES_NOTE, startup->place, "this one does");
		return ES_INVALID;
	}
	*startup = (struct es_startup){ .place = node->place,
					.deadline = DEADLINE };
	if (node->kind == ES_MAPPING)
		fine = es_map_each(node, keys, ES_COUNT(keys), &reading,
				   "'startup'", diags);
	if (node->kind == ES_MAPPING && reading.until)
		return fine ? ES_OK : ES_INVALID;
	es_diag(diags, ES_ERROR, node->place,
		"'startup' says at least until when, as in "
		"`startup: {until: listening, allow: {...}}`");
	return ES_INVALID;
}
