/* SPDX-License-Identifier: MIT */
/*
 * Limits without effect: a line that says "standard output only" next to one
 * that lets everything be written would promise what isn't so.
 */
#include <string.h>
#include <sys/mman.h>

#include "policy.h"
#include "util.h"

/* The numbers that ARG of a rule's call may be. */
static struct es_ranges values_of(const struct es_rule *rule, unsigned arg)
{
	static struct es_range all = { 0, UINT32_MAX };

	for (size_t i = 0; i < rule->conds.n; i++)
		if (rule->conds.at[i].arg == arg &&
		    rule->conds.at[i].mask == UINT32_MAX)
			return rule->conds.at[i].values;
	return (struct es_ranges){ &all, 1 };
}

/* A row of es_movers with its names looked up. */
struct mover {
	uint32_t nr;
	unsigned arg;
	int flags; /* the argument that may be MAP_ANONYMOUS, or -1 */
	enum es_direction direction;
};

struct movers {
	struct mover at[64];
	size_t n;
};

static void find_movers(struct movers *movers)
{
	for (size_t i = 0; i < es_nmovers && i < ES_COUNT(movers->at); i++) {
		const struct es_mover *row = &es_movers[i];
		const struct es_syscall *call =
			es_syscall_find(row->call, strlen(row->call));
		struct es_arg arg = { 0 }, flags = { 0 };

		if (!call || es_syscall_number(call) < 0 ||
		    !es_syscall_arg(call, row->arg, strlen(row->arg), &arg))
			continue;
		movers->at[movers->n++] = (struct mover){
			.nr = (uint32_t)es_syscall_number(call),
			.arg = arg.index,
			.flags = !strcmp(row->call, "mmap") &&
				 es_syscall_arg(call, "flags", 5, &flags) ?
				 (int)flags.index : -1,
			.direction = row->direction,
		};
	}
}

/* Anonymous memory alone: the descriptor, whatever it is, is not looked at. */
static bool is_anonymous(const struct mover *mover, const struct es_rule *rule)
{
	for (size_t i = 0; i < rule->conds.n; i++) {
		const struct es_cond *cond = &rule->conds.at[i];
		bool all = (int)cond->arg == mover->flags &&
			   (cond->mask & MAP_ANONYMOUS);

		for (size_t v = 0; v < cond->values.n && all; v++)
			all = cond->values.at[v].lo == cond->values.at[v].hi &&
			      (cond->values.at[v].lo & MAP_ANONYMOUS);
		if (all)
			return true;
	}
	return false;
}

/* INNER is part of OUTER, and less. */
static bool strictly_within(const struct es_ranges *inner,
			    const struct es_ranges *outer)
{
	return es_ranges_within(inner, outer) &&
	       !es_ranges_within(outer, inner);
}

/* The direction in which OTHER moves the data that LIMIT's rule moves, and of
 * more descriptors; 0 if it does not. */
static unsigned moves_more(const struct movers *movers,
			   const struct es_rule *limit,
			   const struct es_rule *other)
{
	for (size_t l = 0; l < movers->n; l++) {
		const struct mover *own = &movers->at[l];

		if (own->nr != limit->nr)
			continue;
		for (size_t o = 0; o < movers->n; o++) {
			const struct mover *its = &movers->at[o];

			if (its->nr != other->nr ||
			    its->direction != own->direction ||
			    is_anonymous(its, other))
				continue;

			const struct es_ranges inner = values_of(limit,
								 own->arg);
			const struct es_ranges outer = values_of(other,
								 its->arg);

			if (strictly_within(&inner, &outer))
				return own->direction;
		}
	}
	return 0;
}

/* The condition of RULE that holds it to the descriptors of its grant. */
static const struct es_cond *fd_cond(const struct es_rule *rule)
{
	for (size_t i = 0; i < rule->conds.n; i++)
		if (es_ranges_equal(&rule->conds.at[i].values,
				    &rule->grant->covers))
			return &rule->conds.at[i];
	return NULL;
}

/* Does OTHER give the same call, and what LIMIT keeps from it? To do more with
 * the same descriptors is not that, and a path's grant gives nothing beyond its
 * path, whatever its calls take. */
static bool gives_more(const struct es_rule *limit, const struct es_rule *other)
{
	const struct es_cond *fds = fd_cond(limit);

	if (limit->nr != other->nr || other->grant->path ||
	    !es_conds_within(&limit->conds, &other->conds))
		return false;
	if (!fds)
		return !es_conds_within(&other->conds, &limit->conds);

	const struct es_ranges outer = values_of(other, fds->arg);

	return strictly_within(&fds->values, &outer);
}

/* Does it name less than there is? */
static bool names_less(const struct es_grant *grant)
{
	bool numbered = false;

	for (const struct es_fd_item *i = grant->fds; i; i = i->next)
		numbered |= i->kind != ES_FD_ANY;
	return (grant->word->flags & ES_WORD_LIMIT) || numbered;
}

static bool is_limit(const struct es_grant *grant)
{
	return !grant->widened && !grant->skipped && names_less(grant);
}

/* What makes a limit void. */
struct finding {
	const struct es_grant *other; /* NULL: the guards do */
	unsigned direction; /* enum es_direction, or 0 */
	bool everywhere;    /* it is the path that has no effect */
};

static bool rule_voided(const struct es_policy *policy,
			const struct movers *movers,
			const struct es_rule *limit, struct finding *finding)
{
	const struct es_rules *rules = &policy->allowed;

	for (size_t o = 0; o < rules->n; o++) {
		const struct es_rule *other = &rules->at[o];

		if (!other->grant || other->grant == limit->grant)
			continue;
		finding->direction = moves_more(movers, limit, other);
		if (finding->direction || gives_more(limit, other)) {
			finding->other = other->grant;
			return true;
		}
	}
	return false;
}

/* Is RULE one that GRANT was written for? Where `fds` names descriptors, only
 * those are that look at them, and not what a server does on accepted ones. */
static bool is_meant(const struct es_rule *rule, const struct es_grant *grant)
{
	if (rule->grant != (grant->like ? grant->like : grant) ||
	    rule->role != ES_DEFINES)
		return false;
	return !grant->fds || fd_cond(rule);
}

static bool voided(const struct es_policy *policy, const struct movers *movers,
		   const struct es_grant *grant, struct finding *finding)
{
	const struct es_rules *rules = &policy->allowed;

	for (size_t i = 0; i < rules->n; i++)
		if (is_meant(&rules->at[i], grant) &&
		    rule_voided(policy, movers, &rules->at[i], finding))
			return true;
	return false;
}

static bool is_guarded(const struct es_policy *policy,
		       const struct es_rule *rule)
{
	for (size_t i = 0; i < policy->guards.n; i++)
		if (policy->guards.at[i].nr == rule->nr &&
		    es_conds_within(&rule->conds, &policy->guards.at[i].conds))
			return true;
	return false;
}

/* Naming a descriptor guards it, so that to name it here is to forbid it. */
static bool all_guarded(const struct es_policy *policy,
			const struct es_grant *grant)
{
	const struct es_rules *rules = &policy->allowed;
	bool any = false;

	for (size_t i = 0; i < rules->n; i++) {
		if (!is_meant(&rules->at[i], grant))
			continue;
		if (!is_guarded(policy, &rules->at[i]))
			return false;
		any = true;
	}
	return any;
}

/* A path is void against its right everywhere, not against a wider path. */
static bool path_voided(const struct es_profile *profile,
			const struct es_grant *grant, struct finding *finding)
{
	for (const struct es_grant *o = profile->grants; o; o = o->next) {
		if (o->path || o->like || !(es_word_rights(o->word).fs &
					    grant->word->path_right))
			continue;
		finding->other = o;
		finding->everywhere = true;
		return true;
	}
	return false;
}

/* Where the limit itself was written. */
static struct es_place limit_place(const struct es_grant *grant)
{
	if (grant->path)
		return grant->path_place;
	return grant->fds ? grant->fds_place : grant->place;
}

static void tell(struct es_diags *diags, const struct es_grant *grant,
		 const struct finding *finding)
{
	static const char *const moved[] = { "allows more",
					     "allows reading from ",
					     "allows writing to " };
	const struct es_word *word = grant->word;
	const struct es_grant *other = finding->other;
	const struct es_word *its = other->word;
	const char *which = "";

	if (finding->direction)
		which = es_ranges_has(&other->covers, 0) &&
			es_ranges_has(&other->covers, UINT32_MAX) ?
			"every descriptor" : "more descriptors";
	es_diag(diags, ES_ERROR, limit_place(grant),
		"%s.%s has no effect: %s.%s %s%s", word->set, word->word,
		its->set, its->word, finding->everywhere ?
		"allows it everywhere" : moved[finding->direction], which);
	es_diag(diags, ES_NOTE, other->place, "allowed here");
	if ((its->flags & ES_WORD_FDS) && !finding->everywhere &&
	    (!other->fds || other->fds->kind == ES_FD_ANY))
		es_diag(diags, ES_NOTE, other->place,
			"to keep the limit, drop it, or write "
			"`%s: {fds: opened}`", its->word);
	else
		es_diag(diags, ES_NOTE, other->place,
			"to keep the limit, drop it");
	if (grant->place.source != other->place.source)
		es_diag(diags, ES_NOTE, limit_place(grant),
			"to lift the limit, write `widen: [%s.%s]` in a file "
			"that includes this, or give --widen %s.%s", word->set,
			word->word, word->set, word->word);
}

static void tell_guarded(struct es_diags *diags, const struct es_grant *grant)
{
	es_diag(diags, ES_ERROR, limit_place(grant),
		"%s.%s has no effect: a descriptor that a permission names "
		"can't be closed, duplicated or mapped shared",
		grant->word->set, grant->word->word);
	es_diag(diags, ES_NOTE, limit_place(grant),
		"'fds: opened' is what the program opens itself");
}

static bool same_place(struct es_place a, struct es_place b)
{
	return a.source == b.source && a.line == b.line && a.column == b.column;
}

/* Another path of one permission, of which the same was told. */
static bool was_told(const struct es_grant *told, const struct es_grant *grant)
{
	return told && told->word == grant->word &&
	       same_place(told->place, grant->place);
}

static bool covers_streams(const struct es_grant *grant)
{
	for (uint64_t fd = 0; fd <= 2; fd++)
		if (es_ranges_has(&grant->covers, fd))
			return true;
	return false;
}

/* Shells and launchers move 0, 1 and 2 about. */
static bool check_streams(const struct es_profile *profile,
			  struct es_diags *diags)
{
	const struct es_grant *starter = profile->grants, *told = NULL;

	while (starter && !es_word_starts(starter->word))
		starter = starter->next;
	for (const struct es_grant *g = profile->grants; g && starter;
	     g = g->next) {
		bool numbers = !g->fds && g->word->fds;

		for (const struct es_fd_item *i = g->fds; i; i = i->next)
			numbers |= i->kind == ES_FD_NUMBERS;
		if (!numbers || !is_limit(g) || !covers_streams(g) ||
		    was_told(told, g))
			continue;
		es_diag(diags, ES_ERROR, limit_place(g),
			"%s.%s can't go with %s.%s: programs that start others "
			"move descriptors 0 to 2 about", g->word->set,
			g->word->word, starter->word->set, starter->word->word);
		es_diag(diags, ES_NOTE, starter->place, "allowed here");
		es_diag(diags, ES_NOTE, limit_place(g),
			"`SystemIO: [stdio]` is the word for programs that "
			"start others");
		told = g;
	}
	return !told;
}

enum es_status es_limits_check(const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags)
{
	struct movers movers = { .n = 0 };
	bool fine = check_streams(profile, diags);
	const struct es_grant *told = NULL;

	find_movers(&movers);
	for (const struct es_grant *g = profile->grants; g; g = g->next) {
		struct finding finding = { 0 };

		if (g->widened || g->skipped || was_told(told, g))
			continue;
		if ((g->path && path_voided(profile, g, &finding)) ||
		    (is_limit(g) && voided(policy, &movers, g, &finding)))
			tell(diags, g, &finding);
		else if (is_limit(g) && all_guarded(policy, g))
			tell_guarded(diags, g);
		else
			continue;
		told = g;
		fine = false;
	}
	return fine ? ES_OK : ES_INVALID;
}

static void tell_vain(const struct es_widening *widening,
		      const struct es_grant *grant, struct es_diags *diags)
{
	const char *set = widening->word->set, *word = widening->word->word;

	if (!grant) {
		es_diag(diags, ES_ERROR, widening->place,
			"no %s has a limit %s.%s to take back",
			widening->place.source ? "included file" : "profile",
			set, word);
		return;
	}
	if (!names_less(grant) && !grant->path) {
		es_diag(diags, ES_ERROR, widening->place,
			"%s.%s is no limit that could be taken back", set,
			word);
		es_diag(diags, ES_NOTE, grant->place, "allowed in full here");
		return;
	}
	es_diag(diags, ES_ERROR, widening->place,
		"%s.%s is no limit of a file that this one includes", set,
		word);
	es_diag(diags, ES_NOTE, grant->place, "the limit is here");
}

enum es_status es_widenings_apply(struct es_profile *profile,
				  struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (struct es_widening *w = profile->widenings; w; w = w->next) {
		const struct es_source *by = w->place.source;
		const struct es_grant *vain = NULL;
		bool any = false;

		for (struct es_grant *g = profile->grants; g; g = g->next) {
			if (g->word != w->word)
				continue;
			/* An included file takes no limit of its includer's. */
			if ((names_less(g) || g->path) &&
			    (!by || es_profile_includes(profile, by,
							g->place.source)))
				any = g->widened = true;
			else
				vain = g;
		}
		/* It may be of what could not be read. */
		if (any || profile->wrong)
			continue;
		tell_vain(w, vain, diags);
		status = ES_INVALID;
	}
	return status;
}
