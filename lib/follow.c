/* SPDX-License-Identifier: MIT */
#include "follow.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "util.h"

/* PATH behind FOLDER if it is relative; the program's own /proc is /proc/self.
 * NULL: not known. */
static const char *absolute(const struct es_follow *follow, const char *folder,
			    const char *path)
{
	const char *own = es_arena_printf(follow->scratch, "/proc/%" PRId64,
					  follow->pid);

	if (*path != '/' && (!folder || *folder != '/'))
		return NULL;
	if (*path != '/')
		path = *path ? es_arena_printf(follow->scratch, "%s/%s", folder,
					       path) : folder;
	if (path && own && follow->pid >= 0 && es_path_is_below(path, own))
		path = es_arena_printf(follow->scratch, "/proc/self%s",
				       path + strlen(own));
	return path;
}

/* The folder that descriptor FD, argument ARG, is of; NULL: not known. */
static const char *folder_at(const struct es_follow *follow,
			     const struct es_traced *traced, int arg)
{
	const int32_t fd = arg < 0 ? AT_FDCWD :
				     (int32_t)traced->call.args[arg];

	if (arg >= 0 && traced->behind[arg])
		return traced->behind[arg];
	if (fd == AT_FDCWD)
		return follow->folder;
	return fd >= 0 && fd < ES_FOLLOW_FDS ? follow->opened[fd] : NULL;
}

const char *es_follow_path(const struct es_follow *follow,
			   const struct es_traced *traced,
			   const struct es_use *use)
{
	const char *path = traced->strings[use->path];

	if (!path || !*path)
		return NULL;
	return absolute(follow, folder_at(follow, traced, use->dirfd), path);
}

static const char tcp[] = "tcp", other[] = "socket";

bool es_follow_is_other(const struct es_follow *follow,
			const struct es_traced *traced, int arg)
{
	const char *behind = traced->behind[arg];
	const uint64_t fd = (uint32_t)traced->call.args[arg];

	/* `strace -yy` tells, `-y` gives a number alone. */
	if (behind && strncmp(behind, "socket:", strlen("socket:")) != 0)
		return strncmp(behind, "TCP", 3) != 0;
	return fd < ES_FOLLOW_FDS && follow->opened[fd] == other;
}

/* What socket(2) made. */
static const char *made(const struct es_traced *traced)
{
	const uint64_t type = traced->call.args[1] &
			      ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);

	return type == SOCK_STREAM && traced->call.args[0] != AF_UNIX ? tcp :
									other;
}

bool es_follow_call(struct es_follow *follow, const struct es_traced *traced)
{
	static const char *const copies[] = { "dup", "dup2", "dup3", "fcntl" };
	static const char *const opens[] = { "creat", "open", "openat",
					     "openat2" };
	const char *name = traced->row->name, *path = NULL;
	struct es_use use = { .dirfd = -1 };
	bool is_new = false;

	if (!traced->finished || traced->failed)
		return true;
	for (size_t i = 0; i < ES_COUNT(opens); i++) {
		if (strcmp(opens[i], name) != 0)
			continue;
		is_new = true;
		use.path = use.dirfd = 0;
		if (!strncmp(name, "openat", 6))
			use.path = 1;
		else
			use.dirfd = -1;
		path = es_follow_path(follow, traced, &use);
	}
	for (size_t i = 0; i < ES_COUNT(copies); i++) {
		if (strcmp(copies[i], name) != 0)
			continue;
		is_new = strcmp(name, "fcntl") != 0 ||
			 traced->call.args[1] == F_DUPFD ||
			 traced->call.args[1] == F_DUPFD_CLOEXEC;
		path = folder_at(follow, traced, 0);
	}
	if (!strcmp(name, "socket") && traced->result >= 0 &&
	    traced->result < ES_FOLLOW_FDS) {
		follow->opened[traced->result] = made(traced);
		return true;
	}
	if (!strcmp(name, "chdir") && traced->pid == follow->pid)
		path = es_follow_path(follow, traced, &use);
	else if (!strcmp(name, "fchdir") && traced->pid == follow->pid)
		path = folder_at(follow, traced, 0);
	else if (!is_new || traced->result < 0 ||
		 traced->result >= ES_FOLLOW_FDS)
		return true;
	if (path && path != tcp && path != other)
		path = es_arena_copy(follow->arena, path, strlen(path));
	if (is_new)
		follow->opened[traced->result] = path;
	else if (path)
		follow->folder = path;
	return !follow->arena->exhausted;
}
