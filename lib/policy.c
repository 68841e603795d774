/* SPDX-License-Identifier: MIT */
#include "building.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void es_build_fail(struct es_building *building, enum es_status status)
{
	if (building->status == ES_OK || status == ES_NOMEM)
		building->status = status;
}

static void add_rights(struct es_rights *rights, const struct es_word *word)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;

	rights->fs |= word->fs;
	rights->net |= word->net;
	rights->scopes |= word->scopes;
	while ((included = es_word_next(&at)))
		if (!included->paths)
			add_rights(rights, included);
}

struct es_rights es_word_own_rights(const struct es_word *word)
{
	struct es_rights rights = { 0 };

	add_rights(&rights, word);
	return rights;
}

uint64_t es_word_path_rights(const struct es_word *word)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;
	uint64_t rights = word->path_right;

	while ((included = es_word_next(&at)))
		rights |= es_word_path_rights(included);
	return rights;
}

struct es_rights es_word_rights(const struct es_word *word)
{
	struct es_rights rights = es_word_own_rights(word);

	if (word->paths)
		rights.fs = 0;
	return rights;
}

bool es_word_starts(const struct es_word *word)
{
	return word->flags & ES_WORD_STARTS;
}

void es_build_rule(struct es_building *building, struct es_rules *rules,
		   struct es_rule rule)
{
	if (rule.nr >= ES_NR_LIMIT) {
		es_build_fail(building, ES_INTERNAL);
		return;
	}
	for (size_t i = 0; i < rule.conds.n; i++)
		if (!rule.conds.at[i].values.n)
			return; /* it can never hold: nothing is opened */
	rule.limits = building->limits;
	rule.arming = building->arming;
	if (building->excepted) {
		es_build_fail(building, es_exceptions_take(building->arena,
						  building->profile, &rule,
						  building->diags, rules));
		return;
	}
	if (!es_grow(rules->at, rules->n, rules->cap)) {
		es_build_fail(building, ES_NOMEM);
		return;
	}
	rules->at[rules->n++] = rule;
}

/* Adds `CALL... [if CONDITION...]`, with what FDS is at the moment. */
void es_build_row(struct es_building *building, struct es_rules *rules,
		  const struct es_row *row, uint32_t ret,
		  const struct es_grant *grant)
{
	const char *cond = strstr(row->rule, " if ");
	const char *end = cond ? cond : row->rule + strlen(row->rule);

	for (const char *at = row->rule; at < end;) {
		const size_t len = strcspn(at, " ");
		const struct es_syscall *call = es_syscall_find(at, len);
		struct es_rule rule = { .ret = ret, .role = row->role,
					.grant = grant,
					.basic = building->basic,
					.loader = building->loader,
					.startup = building->startup };
		const char *wrong = NULL;

		at += len + 1;
		if (!call) {
			es_diag(building->diags, ES_ERROR, ES_NOWHERE,
				"internal error: unknown call in builtin rule "
				"'%s'", row->rule);
			es_build_fail(building, ES_INTERNAL);
			return;
		}
		if (es_syscall_number(call) < 0)
			continue; /* not on this architecture */
		rule.nr = (uint32_t)es_syscall_number(call);
		if (cond)
			wrong = es_conds_parse(building->arena, call, cond + 4,
					       building->sets, &rule.conds);
		if (wrong) {
			if (*wrong)
				es_diag(building->diags, ES_ERROR, ES_NOWHERE,
					"internal error: %s in builtin rule "
					"'%s' for %s", wrong, row->rule,
					call->name);
			es_build_fail(building, *wrong ? ES_INTERNAL : ES_NOMEM);
			return;
		}
		for (size_t i = 0; i < rule.conds.n && grant; i++) {
			if (rule.conds.at[i].values.at ==
			    building->sets[ES_SET_FDS].set.at) {
				rule.has_fd = true;
				rule.fd = rule.conds.at[i].arg;
			}
		}
		es_build_rule(building, rules, rule);
	}
}

/* Adds the rules of WORD and of what it includes. */
static void add_word(struct es_building *building, const struct es_word *word,
		     const struct es_grant *grant)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;

	for (const struct es_row *row = word->rows; row && row->rule; row++)
		if (row->role != ES_WHOLE || !grant || !grant->fds)
			es_build_row(building, &building->policy->allowed, row,
				SECCOMP_RET_ALLOW, grant);
	while ((included = es_word_next(&at)))
		add_word(building, included, grant);
}

static bool ranges_from(struct es_building *building, const char *text,
			struct es_ranges *set)
{
	char *end = NULL;
	const uint64_t lo = strtoull(text, &end, 10);
	const uint64_t hi = *end == '-' ? strtoull(end + 1, NULL, 10) : lo;

	return es_ranges_add(building->arena, set, lo, hi);
}

static const struct es_fd_entry *find_entry(const struct es_profile *profile,
					    const char *name)
{
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next)
		if (!strcmp(e->name, name))
			return e;
	return NULL;
}

/* Names become numbers; what nobody hands over would be closed. The paths of a
 * permission share its items. */
static void resolve_item(struct es_building *building, struct es_fd_item *item)
{
	const struct es_profile *profile = building->profile;

	/* A number is wrong in a launcher alone. */
	if (item->kind == ES_FD_NUMBERS && building->surroundings->embedded)
		item->wrong = false;
	if (item->wrong)
		return;
	if (item->kind == ES_FD_NAME) {
		const struct es_fd_entry *entry = find_entry(profile,
							     item->name);
		const char *names[64] = { "any", "opened", "stderr", "stdin",
					  "stdout" };
		size_t n = 5;

		if (entry) {
			item->kind = ES_FD_NUMBERS;
			item->numbers.lo = (uint64_t)entry->number;
			item->numbers.hi = item->numbers.lo + entry->more;
			return;
		}
		for (const struct es_fd_entry *e = profile->fds;
		     e && n + 1 < ES_COUNT(names); e = e->next)
			names[n++] = e->name;

		const char *meant = es_did_you_mean(item->name, names);

		es_diag(building->diags, ES_ERROR, item->place,
			"no descriptor is named '%s' in `fds`%s%s%s",
			item->name, meant ? ", did you mean '" : "",
			meant ? meant : "", meant ? "'?" : "");
		item->wrong = true;
		es_build_fail(building, ES_INVALID);
		return;
	}
	if (item->kind != ES_FD_NUMBERS || item->numbers.lo < 3 ||
	    item->numbers.lo != item->numbers.hi ||
	    building->surroundings->embedded)
		return;
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next)
		if (e->wrong || (uint64_t)e->number == item->numbers.lo)
			return;
	es_diag(building->diags, ES_ERROR, item->place,
		"descriptor %llu is not handed over and would be closed: name "
		"it at the top level, as in `fds: {data: {inherit: %llu}}`",
		(unsigned long long)item->numbers.lo,
		(unsigned long long)item->numbers.lo);
	item->wrong = true;
	es_build_fail(building, ES_INVALID);
}

static bool is_closed_range(const struct es_fd_item *item)
{
	return item->kind == ES_FD_NUMBERS && !item->wrong &&
	       item->numbers.hi != UINT32_MAX;
}

/* What `fds` or a permission names, and of that what has a limit. */
static void find_named(struct es_building *building, struct es_ranges *named)
{
	struct es_policy *policy = building->policy;
	bool fine = true;

	for (struct es_fd_entry *e = building->profile->fds; e; e = e->next)
		fine = fine && es_ranges_add(building->arena, named,
					     (uint64_t)e->number,
					     (uint64_t)e->number);
	for (struct es_grant *g = building->profile->grants; g; g = g->next) {
		for (struct es_fd_item *i = g->fds; i; i = i->next) {
			resolve_item(building, i);
			if (!is_closed_range(i))
				continue;
			fine = fine && es_ranges_add(building->arena, named,
						     i->numbers.lo,
						     i->numbers.hi);
			if (!g->widened)
				fine = fine &&
				       es_ranges_add(building->arena,
						     &policy->guarded,
						     i->numbers.lo,
						     i->numbers.hi);
		}
		if (!g->fds && !g->widened && g->word->fds &&
		    (g->word->flags & ES_WORD_LIMIT))
			fine = fine && ranges_from(building, g->word->fds,
						   &policy->guarded);
	}
	if (!fine)
		es_build_fail(building, ES_NOMEM);
}

static void find_opened(struct es_building *building)
{
	struct es_policy *policy = building->policy;
	struct es_ranges not = { 0 };

	find_named(building, &not);
	if (!es_ranges_add(building->arena, &not, 0, 2) ||
	    !es_ranges_complement(building->arena, &not, UINT32_MAX,
				  &policy->opened)) {
		es_build_fail(building, ES_NOMEM);
		return;
	}

	/* The lowest number that nothing is handed over at. */
	struct es_ranges taken = { 0 };
	bool fine = true;

	for (struct es_fd_entry *e = building->profile->fds; e; e = e->next)
		fine = fine && es_ranges_add(building->arena, &taken,
					     (uint64_t)e->number,
					     (uint64_t)e->number);
	if (!fine)
		es_build_fail(building, ES_NOMEM);
	policy->loader_fd = 3;
	while (es_ranges_has(&taken, policy->loader_fd))
		policy->loader_fd++;
}

/* What FDS means in a grant's rules. */
static void find_covers(struct es_building *building, struct es_grant *grant)
{
	const struct es_policy *policy = building->policy;
	const char *words = grant->word->fds;
	bool fine = true;

	grant->covers = (struct es_ranges){ 0 };
	/* What a path is about is opened by the program itself. */
	if (!grant->fds && (grant->path ||
			    (words && !strcmp(words, "opened")))) {
		grant->covers = policy->opened;
		return;
	}
	if (!grant->fds && words)
		fine = ranges_from(building, words, &grant->covers);
	else if (!grant->fds)
		fine = es_ranges_add(building->arena, &grant->covers, 0,
				     UINT32_MAX);
	for (struct es_fd_item *i = grant->fds; i && fine; i = i->next) {
		struct es_range any = { 0, UINT32_MAX };
		const struct es_ranges own = { i->kind == ES_FD_ANY ?
					       &any : &i->numbers, !i->wrong };

		fine = es_ranges_union(building->arena, &grant->covers,
				       i->kind == ES_FD_OPENED ?
				       &policy->opened : &own,
				       &grant->covers);
	}
	if (!fine)
		es_build_fail(building, ES_NOMEM);
}

bool es_policy_lists_fds(const struct es_policy *policy)
{
	return policy->guarded.n &&
	       policy->guarded.at[policy->guarded.n - 1].hi > 2;
}

/* Stable, so that rules keep the order of the profile. */
void es_build_sort(struct es_building *building, struct es_rules *rules)
{
	es_autofree struct es_rule *sorted =
		malloc(rules->n * sizeof(*sorted) + 1);
	uint32_t next[ES_NR_LIMIT + 1];

	if (!sorted) {
		es_build_fail(building, ES_NOMEM);
		return;
	}
	memset(rules->first, 0, sizeof(rules->first));
	for (size_t i = 0; i < rules->n; i++)
		rules->first[rules->at[i].nr + 1]++;
	for (size_t nr = 0; nr < ES_NR_LIMIT; nr++)
		rules->first[nr + 1] += rules->first[nr];
	memcpy(next, rules->first, sizeof(next));
	for (size_t i = 0; i < rules->n; i++)
		sorted[next[rules->at[i].nr]++] = rules->at[i];
	if (rules->n)
		memcpy(rules->at, sorted, rules->n * sizeof(*sorted));
}

static void mark_known(struct es_policy *policy)
{
	for (size_t i = 0; i < es_nsyscalls; i++) {
		const int nr = es_syscall_number(&es_syscalls[i]);

		if (nr >= 0 && nr < ES_NR_LIMIT)
			policy->known[nr] = true;
	}
	for (size_t i = 0; es_fallbacks[i]; i++) {
		const struct es_syscall *call =
			es_syscall_find(es_fallbacks[i], strlen(es_fallbacks[i]));

		if (call && es_syscall_number(call) >= 0)
			policy->fallback[es_syscall_number(call)] = true;
	}
}

/* The sets that conditions name. */
static bool name_sets(struct es_building *building)
{
	const struct es_surroundings *around = building->surroundings;
	struct es_named_set *sets = building->sets;
	struct es_arena *arena = building->arena;

	sets[ES_SET_FDS].name = "FDS";
	sets[ES_SET_OPENED].name = "OPENED";
	sets[ES_SET_OPENED].set = building->policy->opened;
	sets[ES_SET_LOADER].name = "LOADER";
	sets[ES_SET_SELF].name = "SELF";
	sets[ES_SET_FAMILY].name = "FAMILY";
	building->policy->self = (struct es_range){ around->self,
						    around->self };
	building->policy->family = building->policy->self;
	if (around->signals_scoped)
		building->policy->family = (struct es_range){ 0, UINT32_MAX };
	return es_ranges_add(arena, &sets[ES_SET_LOADER].set,
			     building->policy->loader_fd,
			     building->policy->loader_fd) &&
	       es_ranges_add(arena, &sets[ES_SET_SELF].set, around->self,
			     around->self) &&
	       es_ranges_add(arena, &sets[ES_SET_FAMILY].set,
			     building->policy->family.lo,
			     building->policy->family.hi);
}

/* The first grant that gives what GRANT gives, or NULL: a hundred paths of one
 * permission are one set of rules. */
static const struct es_grant *find_like(const struct es_profile *profile,
					const struct es_grant *grants,
					const struct es_grant *grant)
{
	for (const struct es_grant *g = grants; g != grant;
	     g = g->next)
		if (g->word == grant->word && !g->skipped && !g->like &&
		    /* other files have other exceptions */
		    (!profile->exceptions ||
		     g->place.source == grant->place.source) &&
		    !g->path == !grant->path && !g->fds == !grant->fds &&
		    !g->ports.n == !grant->ports.n &&
		    es_ranges_equal(&g->covers, &grant->covers))
			return g;
	return NULL;
}

static void add_always(struct es_building *building, const char *set,
		       const char *word)
{
	es_exceptions_select(building->profile, NULL);
	building->excepted = building->profile->exceptions != NULL;
	add_word(building, es_word_find(set, word), NULL);
	building->excepted = false;
}

/* Adds the rules of a list of grants. */
static void add_list(struct es_building *building, struct es_grant *grants)
{
	struct es_profile *profile = building->profile;
	const struct es_source *source = NULL;

	for (struct es_grant *g = grants; g; g = g->next) {
		find_covers(building, g);
		building->sets[ES_SET_FDS].set = g->covers;
		g->like = find_like(profile, grants, g);
		if (g->skipped || g->like)
			continue;
		if (!source || g->place.source != source) {
			source = g->place.source;
			if (source)
				es_exceptions_select(profile, source);
			building->excepted = source && profile->exceptions;
		}
		add_word(building, g->word, g);
	}
	building->excepted = false;
}

static void add_grants(struct es_building *building)
{
	struct es_profile *profile = building->profile;

	building->basic = true;
	add_always(building, "BasicCapabilities", "basic");
	building->basic = false;
	/* What a loader needs is the kernel's matter, not the program's. */
	building->loader = true;
	if (building->surroundings->loader)
		add_word(building, es_word_find("Loader", "start"), NULL);
	building->loader = false;
	building->excepted = false;
	add_list(building, profile->grants);
	/* Which folder is listed, no filter sees. */
	if (es_policy_lists_fds(building->policy) &&
	    !building->surroundings->unheld)
		add_always(building, "Parts", "listing");
	/* Without memory, not all were tried. */
	if (building->status != ES_NOMEM)
		es_build_fail(building, es_exceptions_check(profile, building->diags));
}

/* What goes again is no matter of the limits that last. */
static void add_startup(struct es_building *building)
{
	struct es_profile *profile = building->profile;

	for (struct es_grant *g = profile->startup_grants; g; g = g->next)
		for (struct es_fd_item *i = g->fds; i; i = i->next)
			resolve_item(building, i);
	building->limits = false;
	building->startup = true;
	add_list(building, profile->startup_grants);
	building->startup = false;
	es_build_sort(building, &building->policy->allowed);
}

enum es_status es_policy_build(struct es_arena *arena,
			       struct es_profile *profile,
			       const struct es_surroundings *surroundings,
			       struct es_diags *diags,
			       struct es_policy *policy)
{
	struct es_building building = {
		.arena = arena, .profile = profile, .diags = diags,
		.surroundings = surroundings, .policy = policy,
	};

	*policy = (struct es_policy){ .deny = SECCOMP_RET_ERRNO | EPERM,
				      .gate = surroundings->embedded ?
					      0 : ES_GATE_EXEC };
	memcpy(policy->key, surroundings->key, sizeof(policy->key));
	if (!profile->grants) {
		/* What was read wrong may have been all that is allowed. */
		if (!profile->wrong)
			es_diag(diags, ES_ERROR, profile->first,
				"nothing is allowed at all; "
				"`BasicCapabilities: all` says that it is "
				"meant");
		es_build_fail(&building, ES_INVALID);
	}
	if (profile->deny.text && !es_deny_parse(profile->deny.text,
						 &policy->deny))
		return ES_INTERNAL;

	es_build_fail(&building, es_profile_complete(profile, diags));
	es_build_fail(&building, es_fds_assign(profile, diags));
	es_build_fail(&building, es_widenings_apply(profile, diags));
	find_opened(&building);
	if (!name_sets(&building))
		es_build_fail(&building, ES_NOMEM);
	if (building.status != ES_OK && building.status != ES_INVALID)
		return building.status;
	add_grants(&building);
	mark_known(policy);
	/* Which guards it takes, the judge says, as if there were none yet. */
	es_build_sort(&building, &policy->allowed);
	es_build_sort(&building, &policy->guards);
	if (building.status != ES_NOMEM)
		es_build_guards(&building);
	es_build_sort(&building, &policy->guards);
	/* All mistakes are told in one run. */
	if (building.status == ES_OK || building.status == ES_INVALID)
		es_build_fail(&building,
			      es_limits_check(profile, policy, diags));
	if (building.status == ES_OK || building.status == ES_INVALID)
		es_build_fail(&building,
			      es_copies_check(profile, policy, diags));
	if (building.status == ES_OK && profile->startup_grants)
		add_startup(&building);
	return arena->exhausted ? ES_NOMEM : building.status;
}

void es_policy_finish(struct es_policy *policy)
{
	free(policy->allowed.at);
	free(policy->first_guards ? policy->first_guards : policy->guards.at);
	policy->allowed = policy->guards = (struct es_rules){ 0 };
	policy->first_guards = NULL;
}
