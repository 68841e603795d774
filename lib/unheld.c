/* SPDX-License-Identifier: MIT */
#include "unheld.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "compat.h"
#include "judge.h"
#include "util.h"

#define FS(arg, right) ES_LANDLOCK_FS, arg, LANDLOCK_ACCESS_FS_##right
#define NET(arg, right) ES_LANDLOCK_NET, arg, LANDLOCK_ACCESS_NET_##right

enum { ANY = -1 };

/* Calls that need a right, with the argument by which it shows, if it does. */
static const struct {
	enum es_landlock_kind kind;
	int arg;
	uint64_t right, value;
	const char *call;
} needs[] = {
	{ FS(1, READ_FILE), O_RDONLY, "open" },
	{ FS(2, READ_FILE), O_RDONLY, "openat" },
	{ FS(ANY, READ_FILE), 0, "mq_open" },
	{ FS(1, WRITE_FILE), O_WRONLY, "open" },
	{ FS(2, WRITE_FILE), O_WRONLY, "openat" },
	{ FS(ANY, WRITE_FILE), 0, "creat" },
	{ FS(1, TRUNCATE), O_RDONLY | O_TRUNC, "open" },
	{ FS(2, TRUNCATE), O_RDONLY | O_TRUNC, "openat" },
	{ FS(ANY, TRUNCATE), 0, "truncate" },
	{ FS(1, MAKE_REG), S_IFREG, "mknod" },
	{ FS(2, MAKE_REG), S_IFREG, "mknodat" },
	{ FS(1, MAKE_FIFO), S_IFIFO, "mknod" },
	{ FS(2, MAKE_FIFO), S_IFIFO, "mknodat" },
	{ FS(1, MAKE_CHAR), S_IFCHR, "mknod" },
	{ FS(2, MAKE_CHAR), S_IFCHR, "mknodat" },
	{ FS(ANY, MAKE_DIR), 0, "mkdir" },
	{ FS(ANY, MAKE_DIR), 0, "mkdirat" },
	{ FS(ANY, MAKE_SYM), 0, "symlink" },
	{ FS(ANY, MAKE_SYM), 0, "symlinkat" },
	{ FS(ANY, REMOVE_FILE), 0, "unlink" },
	{ FS(2, REMOVE_FILE), 0, "unlinkat" },
	{ FS(ANY, REMOVE_DIR), 0, "rmdir" },
	{ FS(2, REMOVE_DIR), AT_REMOVEDIR, "unlinkat" },
	{ FS(ANY, REMOVE_FILE), 0, "rename" },
	{ FS(ANY, REMOVE_FILE), 0, "renameat" },
	{ FS(ANY, REMOVE_FILE), 0, "renameat2" },
	{ FS(ANY, MAKE_REG), 0, "link" },
	{ FS(ANY, MAKE_REG), 0, "linkat" },
	{ FS(ANY, EXECUTE), 0, "execve" },
	{ FS(ANY, EXECUTE), 0, "execveat" },
	{ NET(ANY, BIND_TCP), 0, "bind" },
	{ NET(ANY, CONNECT_TCP), 0, "connect" },
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
