/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <linux/audit.h>
#include <string.h>

#include "util.h"

/* The sets that conditions name, FDS being what a candidate covers. */
struct sets {
	struct es_named_set named[6];
	struct es_range fds, loader, self, family;
};

/* A walk through a word's rules. */
struct trial {
	const struct es_force *force;
	const struct es_call *call;
	const char *name;
	const struct sets *sets;
	bool fds_named;
	bool failed, about;
	struct es_measure best;
};

static void fill_sets(const struct es_force *force,
		      const struct es_piece *piece, struct sets *sets)
{
	const struct es_policy *policy = force->policy;
	const char *words = piece->fds    ? NULL
			    : piece->word ? piece->word->fds
					  : NULL;
	struct es_ranges fds = { &sets->fds, 1 };

	sets->fds = (struct es_range){ 0, UINT32_MAX };
	if (piece->fds && strcmp(piece->fds, "opened") != 0)
		sets->fds = (struct es_range){ piece->fd, piece->fd };
	else if (piece->fds || piece->path ||
		 (words && !strcmp(words, "opened")))
		fds = policy->opened;
	else if (words)
		sets->fds = (struct es_range){
			(uint64_t)(words[0] - '0'),
			(uint64_t)((words[1] ? words[2] : words[0]) - '0')
		};
	sets->loader = (struct es_range){ policy->loader_fd,
					  policy->loader_fd };
	sets->self = policy->self;
	sets->family = policy->family;
	memcpy(sets->named,
	       (struct es_named_set[]){
		       { "FDS", fds },
		       { "OPENED", policy->opened },
		       { "LOADER", { &sets->loader, 1 } },
		       { "SELF", { &sets->self, 1 } },
		       { "FAMILY", { &sets->family, 1 } },
		       { NULL, { NULL, 0 } },
	       },
	       sizeof(sets->named));
}

static unsigned log2_of(uint64_t n)
{
	return n ? 63 - (unsigned)__builtin_clzll(n) : 0;
}

/* How many bits of its argument a condition decides. */
static unsigned narrows(const struct es_cond *cond)
{
	uint64_t values = 0;

	for (size_t i = 0; i < cond->values.n; i++)
		values += cond->values.at[i].hi - cond->values.at[i].lo + 1;
	return (unsigned)__builtin_popcountll(cond->mask) - log2_of(values);
}

static bool better(const struct es_measure *a, const struct es_measure *b)
{
	if (a->gives != b->gives)
		return a->gives;
	return a->narrow > b->narrow;
}

static bool try_rule(const struct es_rule_info *rule, void *data)
{
	struct trial *trial = data;
	const struct es_syscall *call = NULL;
	struct es_conds conds = { 0 };
	struct es_measure own = { .gives = true };

	if (strcmp(rule->call, trial->name) != 0)
		return true;
	if (rule->without_fds && trial->fds_named) {
		trial->about = true;
		return true;
	}
	call = es_syscall_find(rule->call, strlen(rule->call));
	if (!call || (rule->condition &&
		      es_conds_parse(trial->force->arena, call, rule->condition,
				     trial->sets->named, &conds))) {
		trial->failed = true;
		return false;
	}
	if (!es_conds_hold(&conds, trial->call->args))
		return true;
	trial->about |= rule->defines || rule->without_fds;
	for (size_t i = 0; i < conds.n; i++)
		own.narrow += narrows(&conds.at[i]);
	if (better(&own, &trial->best))
		trial->best = own;
	return true;
}

/* Does the piece's own text allow the call? */
bool es_measure(const struct es_force *force, const struct es_piece *piece,
		const struct es_call *call, struct es_measure *measure)
{
	const struct es_syscall *row = es_syscall_of(call->nr);
	struct sets sets;
	struct trial trial = {
		.force = force,
		.call = call,
		.sets = &sets,
		.name = row ? row->name : "",
		.fds_named = piece->fds,
	};

	*measure = (struct es_measure){ 0 };
	if (call->arch != ES_AUDIT_ARCH || !row)
		return true;
	if (!piece->word) {
		measure->gives = piece->nr == call->nr;
		return true;
	}
	fill_sets(force, piece, &sets);
	es_permission_rules((size_t)(piece->word - es_words), try_rule, &trial);
	*measure = trial.best;
	measure->defines = trial.about;
	return !trial.failed;
}
