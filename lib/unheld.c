/* SPDX-License-Identifier: MIT */
#include "unheld.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "compat.h"
#include "judge.h"
#include "util.h"

#define FS(right) ES_LANDLOCK_FS, LANDLOCK_ACCESS_FS_##right
#define NET(right) ES_LANDLOCK_NET, LANDLOCK_ACCESS_NET_##right

enum { ANY = -1 };

/* Calls that need a right, with the argument by which it shows, if it does. */
static const struct {
	enum es_landlock_kind kind;
	uint64_t right;
	const char *call;
	int arg;
	uint64_t value;
} needs[] = {
	{ FS(READ_FILE), "open", 1, O_RDONLY },
	{ FS(READ_FILE), "openat", 2, O_RDONLY },
	{ FS(READ_FILE), "mq_open", ANY, 0 },
	{ FS(WRITE_FILE), "open", 1, O_WRONLY },
	{ FS(WRITE_FILE), "openat", 2, O_WRONLY },
	{ FS(WRITE_FILE), "creat", ANY, 0 },
	{ FS(TRUNCATE), "open", 1, O_RDONLY | O_TRUNC },
	{ FS(TRUNCATE), "openat", 2, O_RDONLY | O_TRUNC },
	{ FS(TRUNCATE), "truncate", ANY, 0 },
	{ FS(MAKE_REG), "mknod", 1, S_IFREG },
	{ FS(MAKE_REG), "mknodat", 2, S_IFREG },
	{ FS(MAKE_FIFO), "mknod", 1, S_IFIFO },
	{ FS(MAKE_FIFO), "mknodat", 2, S_IFIFO },
	{ FS(MAKE_CHAR), "mknod", 1, S_IFCHR },
	{ FS(MAKE_CHAR), "mknodat", 2, S_IFCHR },
	{ FS(MAKE_DIR), "mkdir", ANY, 0 },
	{ FS(MAKE_DIR), "mkdirat", ANY, 0 },
	{ FS(MAKE_SYM), "symlink", ANY, 0 },
	{ FS(MAKE_SYM), "symlinkat", ANY, 0 },
	{ FS(REMOVE_FILE), "unlink", ANY, 0 },
	{ FS(REMOVE_FILE), "unlinkat", 2, 0 },
	{ FS(REMOVE_DIR), "rmdir", ANY, 0 },
	{ FS(REMOVE_DIR), "unlinkat", 2, AT_REMOVEDIR },
	{ FS(REMOVE_FILE), "rename", ANY, 0 },
	{ FS(REMOVE_FILE), "renameat", ANY, 0 },
	{ FS(REMOVE_FILE), "renameat2", ANY, 0 },
	{ FS(MAKE_REG), "link", ANY, 0 },
	{ FS(MAKE_REG), "linkat", ANY, 0 },
	{ FS(EXECUTE), "execve", ANY, 0 },
	{ FS(EXECUTE), "execveat", ANY, 0 },
	{ NET(BIND_TCP), "bind", ANY, 0 },
	{ NET(CONNECT_TCP), "connect", ANY, 0 },
};

/* The first rule that lets such a call pass, the loader's aside. */
static const struct es_rule *passing(const struct es_policy *policy, size_t i)
{
	const struct es_syscall *call = es_syscall_find(needs[i].call,
							strlen(needs[i].call));
	const int nr = call ? es_syscall_number(call) : -1;
	const struct es_rules *rules = &policy->allowed;

	for (uint32_t r = nr < 0 ? 0 : rules->first[nr];
	     nr >= 0 && r < rules->first[nr + 1]; r++) {
		const struct es_conds *conds = &rules->at[r].conds;
		bool holds = true;

		if (rules->at[r].loader || rules->at[r].basic)
			continue;
		for (size_t c = 0; c < conds->n && needs[i].arg != ANY; c++)
			holds &= conds->at[c].arg != (unsigned)needs[i].arg ||
				 es_ranges_has(&conds->at[c].values,
					       needs[i].value &
					       conds->at[c].mask);
		if (holds)
			return &rules->at[r];
	}
	return NULL;
}

/* Connecting and binding is of TCP only where such sockets can be made. */
static bool makes_tcp(const struct es_policy *policy)
{
	const uint64_t families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ES_COUNT(families); i++)
		if (es_judge_allows(policy, "socket",
				    (const uint64_t[6]){ families[i],
							 SOCK_STREAM }, NULL))
			return true;
	return false;
}

/* What some grant gives everywhere is held to nothing. */
static struct es_rights everywhere(const struct es_profile *profile)
{
	struct es_rights all = { 0 };

	for (const struct es_grant *g = profile->grants; g; g = g->next) {
		const struct es_rights rights = es_word_rights(g->word);

		all.fs |= g->path ? 0 : rights.fs;
		all.net |= g->ports.n || g->word->ports ? 0 : rights.net;
	}
	return all;
}

enum es_status es_unheld_check(const struct es_landlock_plan *plan,
			       const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags)
{
	struct es_rights told = everywhere(profile);
	const bool tcp = makes_tcp(policy);
	bool fine = true;

	for (size_t i = 0; i < ES_COUNT(needs); i++) {
		const bool net = needs[i].kind == ES_LANDLOCK_NET;
		uint64_t *known = net ? &told.net : &told.fs;
		const struct es_landlock_right *right = es_landlock_lacking(
			needs[i].kind, needs[i].right, plan->abi);
		const struct es_rule *rule = right && !(*known & right->right) &&
					     (!net || tcp) ?
					     passing(policy, i) : NULL;

		if (!rule)
			continue;
		*known |= right->right;
		fine &= es_landlock_unheld(plan, right, rule->grant ?
					   rule->grant->place : ES_NOWHERE,
					   needs[i].call, diags);
	}
	return fine ? ES_OK : ES_UNSUPPORTED;
}
