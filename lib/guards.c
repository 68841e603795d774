/* SPDX-License-Identifier: MIT */
/* What goes before what is allowed: descriptors with a limit keep their meaning,
 * and nobody types into a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>

#include "building.h"

static void guard(struct es_building *building, const char *rule, uint32_t ret)
{
	const struct es_row row = { ES_DEFINES, rule };

	es_build_row(building, &building->policy->guards, &row, ret, NULL);
}

/* close_range reaches some of RANGE if it begins at or below its end, and ends
 * at or above its beginning; unsigned, as the kernel compares. */
static void guard_close_range(struct es_building *building,
			      const struct es_range *range, uint32_t ret)
{
	const struct es_syscall *call = es_syscall_find("close_range", 11);
	struct es_cond *conds = es_arena_alloc(building->arena,
					       2 * sizeof(*conds));

	if (!conds || !call) {
		es_build_fail(building, call ? ES_NOMEM : ES_INTERNAL);
		return;
	}
	conds[0] = (struct es_cond){ .arg = 0, .mask = UINT32_MAX };
	conds[1] = (struct es_cond){ .arg = 1, .mask = UINT32_MAX };
	if (!es_ranges_add(building->arena, &conds[0].values, 0, range->hi) ||
	    !es_ranges_add(building->arena, &conds[1].values, range->lo,
			   UINT32_MAX))
		es_build_fail(building, ES_NOMEM);
	es_build_rule(building, &building->policy->guards,
		 (struct es_rule){ .nr = (uint32_t)es_syscall_number(call),
				   .ret = ret, .conds = { conds, 2 } });
}

/* The descriptors that the launcher opens to append to. */
static struct es_ranges find_appended(struct es_building *building)
{
	struct es_ranges appended = { 0 };

	for (const struct es_fd_entry *e = building->profile->fds; e;
	     e = e->next)
		if ((e->flags & O_APPEND) && !e->wrong &&
		    !es_ranges_add(building->arena, &appended,
				   (uint64_t)e->number, (uint64_t)e->number))
			es_build_fail(building, ES_NOMEM);
	return appended;
}

/* No other number is to have what FDS are. */
static void guard_copies(struct es_building *building, uint32_t refuse)
{
	guard(building, "dup if fildes in FDS", refuse);
	guard(building, "dup2 dup3 if oldfd in FDS", refuse);
	guard(building, "fcntl if fd in FDS and cmd in {F_DUPFD, "
	      "F_DUPFD_CLOEXEC}", refuse);
}

/* A number with a limit can't be given another file, and its file no other
 * number. */
static void guard_limited(struct es_building *building, uint32_t refuse)
{
	const struct es_ranges *fds = &building->sets[ES_SET_FDS].set;
	const bool passing = building->limits;
	bool starts = false;

	for (struct es_grant *g = building->profile->grants; g; g = g->next)
		starts |= es_word_starts(g->word);
	guard_copies(building, refuse);
	guard(building, "dup2 dup3 if newfd in FDS", refuse);
	/* Denied outright, coreutils fail at exit. */
	guard(building, "close if fd in FDS", SECCOMP_RET_ERRNO | 0);
	/* Such memory would outlast the start. */
	building->limits = false;
	guard(building, "mmap if fd in FDS and flags & (MAP_TYPE|MAP_ANONYMOUS) "
	      "in {MAP_SHARED, MAP_SHARED_VALIDATE}", refuse);
	building->limits = passing;
	if (starts) {
		guard(building, "fcntl if fd in FDS and cmd == F_SETFD and "
		      "arg & FD_CLOEXEC == FD_CLOEXEC", refuse);
		guard(building, "ioctl if fd in FDS and cmd == FIOCLEX",
		      refuse);
	}
	for (size_t i = 0; i < fds->n; i++)
		guard_close_range(building, &fds->at[i],
				  SECCOMP_RET_ERRNO | ENOSYS);
}

/* Guards those of FDS that are from LO to HI. */
static void guard_some(struct es_building *building,
		       const struct es_ranges *fds, uint64_t lo, uint64_t hi,
		       void (*guards)(struct es_building *building,
				      uint32_t refuse), uint32_t refuse)
{
	struct es_range range = { lo, hi };
	const struct es_ranges wanted = { &range, 1 };
	struct es_ranges *some = &building->sets[ES_SET_FDS].set;

	if (!es_ranges_intersect(building->arena, fds, &wanted, some))
		es_build_fail(building, ES_NOMEM);
	else if (some->n)
		guards(building, refuse);
}

/* Servers move 0 to 2 about while they start, so their guards are the second
 * layer's alone, if that comes later than the entry point. */
static void guard_all(struct es_building *building, const struct es_ranges *fds,
		      void (*guards)(struct es_building *building,
				     uint32_t refuse), uint32_t refuse)
{
	if (!building->profile->startup.place.source) {
		guard_some(building, fds, 0, UINT32_MAX, guards, refuse);
		return;
	}
	guard_some(building, fds, 3, UINT32_MAX, guards, refuse);
	building->limits = true;
	guard_some(building, fds, 0, 2, guards, refuse);
	building->limits = false;
}

/* Who is to be armed can't be without its tracer. The first layer stays, and so
 * does this. */
static void guard_arming(struct es_building *building, uint32_t refuse)
{
	building->arming = true;
	guard(building, "clone if clone_flags & (CLONE_UNTRACED|CLONE_PTRACE) "
	      "!= 0", refuse);
	building->arming = false;
}

static bool has_ports(const struct es_grant *grants)
{
	while (grants && !grants->ports.n && !grants->word->ports)
		grants = grants->next;
	return grants;
}

/* Ways to connect that Landlock's rules for ports don't see, which nothing but a
 * rule by hand would allow: TCP Fast Open, other protocols that end as TCP, and
 * packets that are put together by hand. */
static void guard_ports(struct es_building *building, uint32_t refuse)
{
	const struct es_profile *profile = building->profile;

	if (!has_ports(profile->grants) && !has_ports(profile->startup_grants))
		return;
	guard(building, "sendto sendmsg sendmmsg if flags & MSG_FASTOPEN != 0",
	      refuse);
	guard(building, "setsockopt if level == IPPROTO_TCP and optname in "
	      "{TCP_FASTOPEN_CONNECT, TCP_REPAIR, TCP_ULP}", refuse);
	/* 0x100 is IPPROTO_SMC, of Linux 6.11. */
	guard(building, "socket if protocol in {IPPROTO_MPTCP, 0x100}", refuse);
	guard(building, "socket if family in {AF_PACKET, AF_RDS, AF_SMC, "
	      "AF_XDP}", refuse);
	guard(building, "socket if family in {AF_INET, AF_INET6} and "
	      "type & ~(SOCK_CLOEXEC|SOCK_NONBLOCK) in {SOCK_RAW, "
	      "SOCK_PACKET}", refuse);
}

void es_build_guards(struct es_building *building)
{
	const struct es_policy *policy = building->policy;
	struct es_ranges *fds = &building->sets[ES_SET_FDS].set;
	struct es_ranges copies = { 0 }, loading = { 0 };
	const uint32_t refuse =
		(policy->deny & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ?
		policy->deny : SECCOMP_RET_ERRNO | EPERM;

	guard(building, "ioctl if cmd in {TIOCSTI, TIOCLINUX}", refuse);
	guard_ports(building, refuse);
	if (building->surroundings->arms)
		guard_arming(building, refuse);
	*fds = find_appended(building);
	if (fds->n)
		guard(building, "fcntl if fd in FDS and cmd == F_SETFL and "
		      "arg & O_APPEND == 0", refuse);
	if (!es_copies_find(building->arena, building->profile, policy, false,
			    &copies) ||
	    !es_copies_find(building->arena, building->profile, policy, true,
			    &loading))
		es_build_fail(building, ES_NOMEM);
	guard_all(building, &copies, guard_copies, refuse);
	/* What only a loader could do with copies goes when its rights go. */
	building->loader = true;
	if (!es_ranges_equal(&copies, &loading))
		guard_all(building, &loading, guard_copies, refuse);
	building->loader = false;
	guard_all(building, &policy->guarded, guard_limited, refuse);
}
