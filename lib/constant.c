/* SPDX-License-Identifier: MIT */
/* Symbolic constants of rules, with the values of the architecture. No header
 * that defines them can be included here: their names stand in the table. */
#include <errno.h>
#include <string.h>

#include "diag.h"
#include "syscall.h"
#include "util.h"

/* One text holds all names: pointers to each would have to be relocated at
 * every start. */
static const struct {
#define C(name, value) char own_##name[sizeof(#name)];
#include "constants.inc"
#undef C
} constant_names = {
#define C(name, value) #name,
#include "constants.inc"
#undef C
};

/* Ascending by name. */
static const struct {
	uint32_t name; /* where it begins in names */
	uint64_t value;
} constants[] = {
#define C(name, value) { offsetof(typeof(constant_names), own_##name), value },
#include "constants.inc"
#undef C
};

static const char *name_of(size_t i)
{
	return (const char *)&constant_names + constants[i].name;
}

bool es_constant_find(const char *name, size_t len, uint64_t *value)
{
	size_t lo = 0, hi = ES_COUNT(constants);

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int order = es_name_compare(name_of(mid), name, len);

		if (!order) {
			*value = constants[mid].value;
			return true;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

const char *es_constant_guess(struct es_arena *arena, const char *name)
{
	const char **all = es_arena_alloc(arena, (ES_COUNT(constants) + 1) *
						 sizeof(*all));

	for (size_t i = 0; all && i < ES_COUNT(constants); i++)
		all[i] = name_of(i);
	return all ? es_did_you_mean(name, all) : NULL;
}

enum { MAX_ERRNO_NAMED = 256 };

int es_errno_find(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} aliases[] = {
		{ "EDEADLOCK", EDEADLOCK },
		{ "ENOTSUP", ENOTSUP },
		{ "EWOULDBLOCK", EWOULDBLOCK },
	};

	for (size_t i = 0; i < ES_COUNT(aliases); i++)
		if (!strcmp(name, aliases[i].name))
			return aliases[i].value;
	for (int i = 1; i < MAX_ERRNO_NAMED; i++) {
		const char *own = strerrorname_np(i);

		if (own && !strcmp(own, name))
			return i;
	}
	return 0;
}
