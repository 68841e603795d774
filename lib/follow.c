/* SPDX-License-Identifier: MIT */
#include "follow.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

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
	if (!strcmp(name, "chdir") && traced->pid == follow->pid)
		path = es_follow_path(follow, traced, &use);
	else if (!strcmp(name, "fchdir") && traced->pid == follow->pid)
		path = folder_at(follow, traced, 0);
	else if (!is_new || traced->result < 0 ||
		 traced->result >= ES_FOLLOW_FDS)
		return true;
	if (path)
		path = es_arena_copy(follow->arena, path, strlen(path));
	if (is_new)
		follow->opened[traced->result] = path;
	else if (path)
		follow->folder = path;
	return !follow->arena->exhausted;
}
