/* SPDX-License-Identifier: MIT */
/*
 * Limits without effect: a line that says "standard output only" next to one
 * that lets everything be written would promise what isn't so.
 */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "util.h"
#include "voided.h"
#include "within.h"

/* A row of es_movers with its names looked up. */
struct mover {
	uint32_t nr;
	unsigned arg;
	int unless; /* the argument that has to be free, or -1 */
	struct es_conds when; /* what has to be possible */
	enum es_direction direction;
};

/* A rule that moves data of more than one descriptor, and so is the only kind
 * that can have more of them than another. */
struct wide {
	size_t rule; /* the first that has this grant and these values */
	unsigned arg;
	const struct es_grant *grant;
	bool plain; /* VALUES are all that it says of ARG */
	struct es_ranges values;
	enum es_direction direction;
};

/* A grant that is a limit and has rules of its own. */
struct limit {
	const struct es_grant *grant;
	size_t first; /* of the rules that it is written for; NONE */
	bool known;   /* what follows was found out */
	bool voided, guarded;
	struct es_voided finding;
};

/* A grant for everywhere. */
struct open {
	const struct es_grant *grant;
	uint64_t fs, net; /* its Landlock rights there */
};

#define NONE SIZE_MAX

/* What each limit is compared with. Rules are many, and of most of them it is
 * known beforehand that they make nothing void. */
struct index {
	const struct es_policy *policy;
	struct es_arena arena;   /* of the movers' conditions */
	struct es_arena scratch; /* of one comparison */
	bool nomem;              /* that one or another had none */
	struct mover movers[64];
	size_t nmovers;
	struct wide *wide; /* owned */
	size_t nwide, wide_cap;
	struct limit *limits; /* owned; ascending by the grants' addresses */
	size_t nlimits, limits_cap;
	size_t *next; /* owned; of a rule, the next one of its limit; NONE */
	struct open *opens; /* owned; in the order of the profile */
	size_t nopens, opens_cap;
};

static void find_movers(struct index *index)
{
	static const struct es_named_set none = { 0 };

	for (size_t i = 0; i < es_nmovers && i < ES_COUNT(index->movers); i++) {
		const struct es_mover *row = &es_movers[i];
		const struct es_syscall *call =
			es_syscall_find(row->call, strlen(row->call));
		struct mover *mover = &index->movers[index->nmovers];
		struct es_arg arg = { 0 }, unless = { 0 };

		if (!call || es_syscall_number(call) < 0 ||
		    !es_syscall_arg(call, row->arg, strlen(row->arg), &arg))
			continue;
		*mover = (struct mover){
			.nr = (uint32_t)es_syscall_number(call),
			.arg = arg.index,
			.unless = row->unless &&
				  es_syscall_arg(call, row->unless,
						 strlen(row->unless), &unless) ?
				  (int)unless.index : -1,
			.direction = row->direction,
		};
		if (row->when && es_conds_parse(&index->arena, call, row->when,
						&none, &mover->when))
			index->nomem = true;
		index->nmovers++;
	}
}

/* Memory is for one comparison at a time; without any, nothing is told that
 * isn't so, and the check ends with that. */
static bool compared(struct index *index, bool result)
{
	const bool exhausted = index->scratch.exhausted;

	es_arena_rewind(&index->scratch);
	index->nomem |= exhausted;
	return result && !exhausted;
}

/* Does RULE let ITS call do what makes it a mover? */
static bool is_moving(struct index *index, const struct mover *its,
		      const struct es_rule *rule)
{
	struct es_conds both = rule->conds;
	bool fine = true;

	for (size_t i = 0; i < rule->conds.n; i++)
		if ((int)rule->conds.at[i].arg == its->unless)
			return false;
	for (size_t i = 0; i < its->when.n && fine; i++)
		fine = es_conds_add(&index->scratch, &both, &its->when.at[i]);
	return !its->when.n ||
	       compared(index, fine && es_conds_possible(&both) != ES_NONE);
}

/* Adds what MOVER's call may move by RULE, unless the same was added. */
static bool add_wide(struct index *index, const struct mover *mover,
		     size_t rule)
{
	const struct es_rule *r = &index->policy->allowed.at[rule];
	const struct wide wide = {
		rule, mover->arg, r->grant, es_rule_is_plain(r, mover->arg),
		es_rule_values(r, mover->arg), mover->direction,
	};

	if (!r->grant || !is_moving(index, mover, r) ||
	    (wide.values.n == 1 &&
	     wide.values.at[0].lo == wide.values.at[0].hi))
		return true;
	for (size_t i = 0; i < index->nwide; i++) {
		struct wide *has = &index->wide[i];

		if (!has->plain || !wide.plain || has->grant != wide.grant ||
		    has->direction != wide.direction ||
		    !es_ranges_equal(&has->values, &wide.values))
			continue;
		if (has->rule > rule)
			*has = wide;
		return true;
	}
	if (!es_grow(index->wide, index->nwide, index->wide_cap))
		return false;
	index->wide[index->nwide++] = wide;
	return true;
}

static bool find_wide(struct index *index)
{
	const struct es_rules *rules = &index->policy->allowed;

	for (size_t m = 0; m < index->nmovers; m++) {
		const struct mover *mover = &index->movers[m];

		for (size_t r = rules->first[mover->nr];
		     r < rules->first[mover->nr + 1]; r++)
			if (!add_wide(index, mover, r))
				return false;
	}
	return true;
}

/* Alternatives of one permission: where exceptions leave less of one, the other
 * one's file has none. */
static bool is_same(const struct es_grant *a, const struct es_grant *b)
{
	return a == b || (a->word == b->word && !a->path == !b->path &&
			  es_ranges_equal(&a->covers, &b->covers));
}

/* What takes the effect of a limit on DIRECTION. A socket has nothing to be
 * changed but by writing to it. */
static unsigned voiding(const struct es_rule *limit,
			enum es_direction direction)
{
	return direction == ES_WRITES &&
	       strcmp(limit->grant->word->set, "Networking") != 0 ?
	       ES_WRITES | ES_CHANGES : direction;
}

/* The first rule that moves the data that LIMIT's rule moves, in *DIRECTION,
 * and of more descriptors. */
static size_t moves_more(struct index *index, const struct es_rule *limit,
			 unsigned *direction)
{
	const struct es_rule *rules = index->policy->allowed.at;
	size_t first = NONE;

	for (size_t m = 0; m < index->nmovers; m++) {
		const struct mover *own = &index->movers[m];

		if (own->nr != limit->nr || own->direction == ES_CHANGES ||
		    !is_moving(index, own, limit))
			continue;
		for (size_t i = 0; i < index->nwide; i++) {
			const struct wide *wide = &index->wide[i];

			if (wide->rule >= first ||
			    !(wide->direction &
			      voiding(limit, own->direction)) ||
			    is_same(wide->grant, limit->grant) ||
			    !compared(index, es_rule_says_less(
						     &index->scratch, limit,
						     own->arg,
						     &rules[wide->rule],
						     wide->arg)))
				continue;
			first = wide->rule;
			*direction = own->direction;
		}
	}
	return first;
}

/* The condition of RULE that holds it to the descriptors of its grant. */
static const struct es_cond *fd_cond(const struct es_rule *rule)
{
	for (size_t i = 0; i < rule->conds.n && rule->has_fd; i++)
		if (rule->conds.at[i].arg == rule->fd &&
		    rule->conds.at[i].mask == UINT32_MAX)
			return &rule->conds.at[i];
	return NULL;
}

/* Does OTHER, of the same call, give what LIMIT keeps from it? To do more with
 * the same descriptors is not that, and a path's grant gives nothing beyond its
 * path, whatever its calls take. */
static bool gives_more(struct index *index, const struct es_rule *limit,
		       const struct es_rule *other)
{
	struct es_arena *scratch = &index->scratch;
	const struct es_cond *fds = fd_cond(limit);

	if ((other->grant && other->grant->path) ||
	    !compared(index, es_rule_is_within(scratch, limit, other)))
		return false;
	if (!fds)
		return compared(index,
				!es_rule_is_within(scratch, other, limit));
	return compared(index, es_rule_says_less(scratch, limit, fds->arg,
						 other, fds->arg));
}

static bool is_limit(const struct es_grant *grant)
{
	return !grant->widened && !grant->skipped && es_grant_names_less(grant);
}

/* The grant whose rules stand for those of GRANT. */
static const struct es_grant *with_rules(const struct es_grant *grant)
{
	return grant->like ? grant->like : grant;
}

static int by_grant(const void *a, const void *b)
{
	const uintptr_t left = (uintptr_t)((const struct limit *)a)->grant;
	const uintptr_t right = (uintptr_t)((const struct limit *)b)->grant;

	return left < right ? -1 : left > right;
}

static struct limit *find_limit(const struct index *index,
				const struct es_grant *grant)
{
	const struct limit key = { .grant = grant };

	return index->nlimits ? bsearch(&key, index->limits, index->nlimits,
					sizeof(key), by_grant) : NULL;
}

/* Is RULE one that its grant was written for? Where `fds` names descriptors,
 * only what looks at them is, and not what a server does on accepted ones. */
static bool is_written_for(const struct es_rule *rule)
{
	return rule->role == ES_DEFINES &&
	       (!rule->grant->fds || fd_cond(rule));
}

/* The limits, and the rules that they were written for. */
static bool find_limits(struct index *index, const struct es_profile *profile)
{
	const struct es_rules *rules = &index->policy->allowed;

	for (const struct es_grant *g = profile->grants; g; g = g->next) {
		if (!is_limit(g))
			continue;
		if (!es_grow(index->limits, index->nlimits, index->limits_cap))
			return false;
		index->limits[index->nlimits++] = (struct limit){
			.grant = with_rules(g), .first = NONE };
	}
	if (!index->nlimits)
		return true;
	index->next = malloc((rules->n + 1) * sizeof(*index->next));
	if (!index->next)
		return false;
	/* Some may be there twice: the same one of them is found always. */
	qsort(index->limits, index->nlimits, sizeof(*index->limits), by_grant);
	for (size_t i = rules->n; i-- > 0;) {
		const struct es_grant *grant = rules->at[i].grant;
		struct limit *limit = grant ? find_limit(index, grant) : NULL;

		if (!limit || !is_written_for(&rules->at[i]))
			continue;
		index->next[i] = limit->first;
		limit->first = i;
	}
	return true;
}

static bool find_opens(struct index *index, const struct es_profile *profile)
{
	for (const struct es_grant *g = profile->grants; g; g = g->next) {
		const struct es_rights rights = es_word_rights(g->word);
		struct open open = { g, rights.fs, rights.net };

		if (g->path || g->like)
			continue;
		if (g->ports.n || g->word->ports)
			open.net = 0;
		/* A list of requests is not what makes any request void. */
		if (!(g->word->flags & ES_WORD_REQUESTS))
			open.fs &= ~(uint64_t)LANDLOCK_ACCESS_FS_IOCTL_DEV;
		if (!es_grow(index->opens, index->nopens, index->opens_cap))
			return false;
		index->opens[index->nopens++] = open;
	}
	return true;
}

static void finish(struct index *index)
{
	free(index->wide);
	free(index->limits);
	free(index->next);
	free(index->opens);
	es_arena_finish(&index->arena);
	es_arena_finish(&index->scratch);
}

static bool rule_voided(struct index *index, const struct es_rule *limit,
			struct es_voided *finding)
{
	const struct es_rules *rules = &index->policy->allowed;
	size_t first = moves_more(index, limit, &finding->direction);

	for (size_t o = rules->first[limit->nr];
	     o < rules->first[limit->nr + 1] && o < first; o++) {
		const struct es_rule *other = &rules->at[o];

		/* Who limits a call by hand is told if it is always free. */
		if ((other->grant ? is_same(other->grant, limit->grant) :
				    !(other->basic &&
				      es_grant_is_by_hand(limit->grant))) ||
		    !gives_more(index, limit, other))
			continue;
		finding->direction = 0;
		first = o;
	}
	if (first != NONE)
		finding->other = rules->at[first].grant;
	return first != NONE;
}

static bool is_guarded(const struct es_policy *policy,
		       const struct es_rule *rule)
{
	const struct es_rules *guards = &policy->guards;

	for (size_t i = guards->first[rule->nr];
	     i < guards->first[rule->nr + 1]; i++)
		if (es_conds_within(&rule->conds, &guards->at[i].conds))
			return true;
	return false;
}

/* Finds out about the limit that GRANT is; the paths of a permission are one.
 * Naming a descriptor guards it, so that to name it may be to forbid it. */
static const struct limit *know(struct index *index,
				const struct es_grant *grant)
{
	const struct es_rules *rules = &index->policy->allowed;
	struct limit *limit = find_limit(index, with_rules(grant));

	if (limit->known)
		return limit;
	limit->known = true;
	limit->guarded = limit->first != NONE;
	for (size_t i = limit->first; i != NONE && !limit->voided;
	     i = index->next[i]) {
		limit->voided = rule_voided(index, &rules->at[i],
					    &limit->finding);
		limit->guarded = limit->guarded &&
				 is_guarded(index->policy, &rules->at[i]);
	}
	return limit;
}

/* A path is void against its right everywhere, not against a wider path; one of
 * several words against all of theirs. */
static bool path_voided(const struct index *index,
			const struct es_grant *grant, struct es_voided *finding)
{
	const bool several = grant->word->flags & ES_WORD_COMPOSITE;
	const uint64_t rights = es_word_path_rights(grant->word);

	for (size_t i = 0; i < index->nopens; i++) {
		const uint64_t given = index->opens[i].fs & rights;

		if (several ? given != rights : !given)
			continue;
		finding->other = index->opens[i].grant;
		finding->everywhere = true;
		return true;
	}
	return false;
}

static bool ports_voided(const struct index *index,
			 const struct es_grant *grant,
			 struct es_voided *finding)
{
	for (size_t i = 0; i < index->nopens; i++) {
		if (!(index->opens[i].net & grant->word->net))
			continue;
		finding->other = index->opens[i].grant;
		finding->everywhere = finding->ports = true;
		return true;
	}
	return false;
}

static const struct es_grant *first_ports(const struct es_grant *grants)
{
	while (grants && (!grants->ports.n || grants->widened))
		grants = grants->next;
	return grants;
}

const struct es_grant *es_ports_find(const struct es_profile *profile)
{
	const struct es_grant *limit = first_ports(profile->grants);

	return limit ? limit : first_ports(profile->startup_grants);
}

static bool is_meant(const struct es_grant *grant,
		     const struct es_grant *grants)
{
	bool meant = grant->yes_really;

	for (; grants && grant->all; grants = grants->next)
		meant |= grants->word == grant->word && grants->yes_really;
	return meant;
}

/* Nothing holds UDP to ports, so that whoever writes some may not know. */
static bool check_udp(const struct es_profile *profile, struct es_diags *diags)
{
	const struct es_grant *const lists[] = { profile->grants,
						 profile->startup_grants };
	const struct es_grant *limit = es_ports_find(profile);
	bool fine = true;

	for (size_t i = 0; limit && i < ES_COUNT(lists); i++) {
		for (const struct es_grant *g = lists[i]; g; g = g->next) {
			if (!(g->word->flags & ES_WORD_PAST_PORTS) ||
			    is_meant(g, lists[i]))
				continue;
			es_ports_tell_past(diags, limit, g);
			fine = false;
		}
	}
	return fine;
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

/* Does a rule by hand hold what it moves to descriptors, 0 to 2 among them? */
static bool moves_streams(struct index *index, const struct es_grant *grant)
{
	const struct es_rules *rules = &index->policy->allowed;
	struct es_arena *scratch = &index->scratch;
	struct es_range streams = { 0, 2 };
	const struct es_cond low = { 0, UINT32_MAX, { &streams, 1 } };
	bool moves = false;

	for (size_t i = 0;
	     i < rules->n && es_grant_is_by_hand(grant) && !moves; i++) {
		const struct es_rule *rule = &rules->at[i];

		for (size_t m = 0; m < index->nmovers &&
				   rule->grant == grant && !moves; m++) {
			const struct mover *mover = &index->movers[m];
			struct es_conds own = { 0 };

			if (mover->nr == rule->nr)
				own = es_rule_conds_on(scratch, rule,
						       mover->arg);
			moves = compared(index, own.n &&
						es_conds_add(scratch, &own,
							     &low) &&
						es_conds_possible(&own) !=
							ES_NONE);
		}
	}
	return moves;
}

/* Shells and launchers move 0, 1 and 2 about. */
static bool check_streams(struct index *index,
			  const struct es_profile *profile,
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
		if (!is_limit(g) || was_told(told, g) ||
		    !((numbers && covers_streams(g)) ||
		      moves_streams(index, g)))
			continue;
		es_diag(diags, ES_ERROR, es_limit_place(g),
			"%s.%s can't go with %s.%s: programs that start others "
			"move descriptors 0 to 2 about", g->word->set,
			g->word->word, starter->word->set, starter->word->word);
		es_diag(diags, ES_NOTE, starter->place, "allowed here");
		es_diag(diags, ES_NOTE, es_limit_place(g),
			"`SystemIO: [stdio]` is the word for programs that "
			"start others");
		told = g;
	}
	return !told;
}

/* Tells what is wrong with the limit GRANT; false if nothing is. */
static bool tell_limit(struct index *index, const struct es_grant *grant,
		       struct es_diags *diags)
{
	struct es_voided finding = { 0 };

	if ((grant->path && path_voided(index, grant, &finding)) ||
	    (grant->ports.n && ports_voided(index, grant, &finding))) {
		es_limit_tell(diags, grant, &finding);
		return true;
	}
	if (!is_limit(grant))
		return false;

	const struct limit *limit = know(index, grant);

	/* What was not compared may be what makes it void. */
	if (index->nomem)
		return false;
	if (limit->voided)
		es_limit_tell(diags, grant, &limit->finding);
	else if (limit->guarded)
		es_limit_tell_guarded(diags, grant);
	return limit->voided || limit->guarded;
}

enum es_status es_limits_check(const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags)
{
	struct index index = { .policy = policy };
	const struct es_grant *told = NULL;
	bool enough = find_limits(&index, profile) &&
		      find_opens(&index, profile);
	bool fine = true;

	if (index.nlimits) {
		find_movers(&index);
		enough = enough && find_wide(&index);
	}
	fine = check_streams(&index, profile, diags);
	fine = check_udp(profile, diags) && fine;
	for (const struct es_grant *g = profile->grants; g && enough;
	     g = g->next) {
		if (g->widened || g->skipped || was_told(told, g) ||
		    !tell_limit(&index, g, diags))
			continue;
		told = g;
		fine = false;
	}
	enough &= !index.nomem;
	finish(&index);
	return !enough ? ES_NOMEM : fine ? ES_OK : ES_INVALID;
}
