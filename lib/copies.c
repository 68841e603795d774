/* SPDX-License-Identifier: MIT */
/*
 * Copies of descriptors: what a program does to one that it opened itself, it
 * can do to a copy, whatever may be done with the original.
 */
#include <string.h>
#include <sys/socket.h>

#include "judge.h"
#include "util.h"

/* Does any call move data of FD in DIRECTION? */
static bool moves(const struct es_policy *policy, uint64_t fd,
		  enum es_direction direction)
{
	for (size_t i = 0; i < es_nmovers; i++) {
		const struct es_mover *mover = &es_movers[i];
		const struct es_syscall *call =
			es_syscall_find(mover->call, strlen(mover->call));
		struct es_arg arg = { 0 };
		uint64_t args[6] = { 0 };

		if (mover->direction != direction || !call || mover->when ||
		    !es_syscall_arg(call, mover->arg, strlen(mover->arg), &arg))
			continue;
		args[arg.index] = fd;
		if (es_judge_allows(policy, mover->call, args, NULL))
			return true;
	}
	return false;
}

static const enum es_direction directions[] = { ES_READS, ES_WRITES };

/* May more be done with a copy of FD than with FD itself? OWN: what moves with
 * a descriptor that the program opens itself, which a copy is. */
static bool gains(const struct es_policy *policy, uint64_t fd,
		  const bool own[ES_COUNT(directions)])
{
	for (size_t i = 0; i < ES_COUNT(directions); i++)
		if (own[i] && !moves(policy, fd, directions[i]))
			return true;
	return false;
}

bool es_copies_find(struct es_arena *arena, const struct es_profile *profile,
		    const struct es_policy *policy, bool loading,
		    struct es_ranges *fds)
{
	const struct es_ranges *opened = &policy->opened;
	bool own[ES_COUNT(directions)] = { false };
	bool fine = true;

	*fds = (struct es_ranges){ 0 };
	/* All of OPENED are alike but the lowest, which a loader reads. */
	for (size_t i = 0; i < ES_COUNT(own) && opened->n; i++)
		own[i] = moves(policy, loading ? opened->at[0].lo :
					opened->at[opened->n - 1].hi,
			       directions[i]);
	for (uint64_t fd = 0; fd <= 2; fd++)
		if (gains(policy, fd, own))
			fine = fine && es_ranges_add(arena, fds, fd, fd);
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next)
		if (!e->wrong && gains(policy, (uint64_t)e->number, own))
			fine = fine && es_ranges_add(arena, fds,
						     (uint64_t)e->number,
						     (uint64_t)e->number);
	return fine;
}

bool es_word_makes_unix(const struct es_word *word)
{
	for (const struct es_row *row = word->rows; row && row->rule; row++)
		if (strstr(row->rule, "AF_UNIX"))
			return true;
	return false;
}

bool es_copies_way(const struct es_policy *policy,
		   const struct es_grant **makes, const struct es_grant **by)
{
	static const char *const senders[] = { "sendmsg", "sendmmsg" };
	static const char *const getters[] = { "recvmsg", "recvmmsg" };
	static const char *const makers[] = { "socketpair", "socket" };
	static const uint64_t types[] = { SOCK_STREAM, SOCK_DGRAM,
					  SOCK_SEQPACKET };
	const uint64_t fd[6] = { policy->opened.n ? policy->opened.at[0].lo :
						    3 };
	bool sends = false, gets = false;

	for (size_t i = 0; i < ES_COUNT(senders); i++) {
		sends = sends || es_judge_allows(policy, senders[i], fd, by);
		gets = gets || es_judge_allows(policy, getters[i], fd, NULL);
	}
	for (size_t i = 0; i < ES_COUNT(makers) * ES_COUNT(types); i++) {
		const uint64_t args[6] = { AF_UNIX,
					   types[i % ES_COUNT(types)] };

		if (sends && gets &&
		    es_judge_allows(policy, makers[i / ES_COUNT(types)], args,
				    makes))
			return true;
	}
	return false;
}

static void tell_giver(struct es_diags *diags, const struct es_grant *giver,
		       const char *what)
{
	if (giver)
		es_diag(diags, ES_NOTE, giver->rule_place.source ?
			giver->rule_place : giver->place, "%s here", what);
}

/* The first limit of a descriptor, or NULL. A copy of a socket is no more than
 * one that the program makes. */
static const struct es_grant *find_limit(const struct es_profile *profile,
					 const struct es_policy *policy)
{
	const struct es_grant *g = profile->grants;

	while (g && (g->widened || g->skipped ||
		     !strcmp(g->word->set, "Networking") ||
		     !es_grant_names_less(g) || !g->covers.n ||
		     !es_ranges_within(&g->covers, &policy->guarded)))
		g = g->next;
	return g;
}

enum es_status es_copies_check(const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags)
{
	const struct es_grant *limit = find_limit(profile, policy);
	const struct es_grant *makes = NULL, *sends = NULL;

	if (!limit || !es_copies_way(policy, &makes, &sends))
		return ES_OK;
	es_diag(diags, ES_ERROR,
		limit->fds ? limit->fds_place : limit->place,
		"%s.%s has no effect: through a unix socket the program can "
		"send itself a copy, which has no limit", limit->word->set,
		limit->word->word);
	tell_giver(diags, makes, "unix sockets are made");
	tell_giver(diags, sends, "messages are sent");
	es_diag(diags, ES_NOTE,
		limit->fds ? limit->fds_place : limit->place,
		"`SystemIO: [stdio]` gives descriptors 0 to 2 as they are, "
		"without a limit");
	return ES_INVALID;
}
