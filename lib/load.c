/* SPDX-License-Identifier: MIT */
/* Profiles' files: where they lie, and their text. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profile.h"
#include "util.h"

enum es_status es_shelves_find(struct es_arena *arena,
			       struct es_shelves *shelves)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	const char *own = "";

	shelves->n = 0;
	if (config && *config == '/')
		own = es_arena_printf(arena, "%s/extrasafe/profiles", config);
	else if (home && *home == '/')
		own = es_arena_printf(arena, "%s/.config/extrasafe/profiles",
				      home);
	if (!own)
		return ES_NOMEM;
	if (*own)
		shelves->folders[shelves->n++] = own;
	shelves->folders[shelves->n++] = "/etc/extrasafe/profiles";
	shelves->folders[shelves->n++] = ES_PROFILE_DIR;
	return ES_OK;
}

/* Where it can't be told, as in a folder that may not be searched, the file is
 * taken to be there and reading it says why: another profile of that name, from
 * further behind, might allow more. The same goes for a dangling link. */
static bool is_missing(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) &&
	       (errno == ENOENT || errno == ENOTDIR);
}

/* The first file of that name, or NULL; NULL too when there is no memory. */
static const char *find_on(const struct es_shelves *shelves,
			   struct es_arena *arena, const char *name)
{
	for (size_t i = 0; i < shelves->n; i++) {
		const char *path = es_arena_printf(arena, "%s/%s.yaml",
						   shelves->folders[i], name);

		if (!path || !is_missing(path))
			return path;
	}
	return NULL;
}

enum es_status es_file_find(struct es_arena *arena, const char *name,
			    struct es_place place, struct es_diags *diags,
			    const char **path)
{
	struct es_shelves shelves;
	enum es_status status = es_shelves_find(arena, &shelves);
	const char *found = status == ES_OK ? find_on(&shelves, arena, name) :
					      NULL;

	if (found) {
		*path = found;
		return ES_OK;
	}
	if (status != ES_OK || arena->exhausted)
		return ES_NOMEM;
	es_diag(diags, ES_ERROR, place, "no profile is named '%s'", name);
	for (size_t i = 0; i < shelves.n; i++)
		es_diag(diags, ES_NOTE, place, "none in '%s'",
			shelves.folders[i]);
	return ES_UNREADABLE;
}

void es_file_hint(struct es_arena *arena, const char *name, bool by_name,
		  struct es_diags *diags)
{
	struct es_shelves shelves;
	const char *beside = es_arena_printf(arena, "%s%s.yaml",
					     strchr(name, '/') ? "" : "./",
					     name);
	const char *found = NULL;

	if (!beside || es_shelves_find(arena, &shelves) != ES_OK)
		return;
	if (*name != '/' && *name != '.')
		found = find_on(&shelves, arena, name);
	if (*name && !is_missing(beside))
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"there is '%s': give it with '.yaml'", beside);
	else if (found)
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"what has a slash is a path; there is '%s'", found);
	else if (by_name)
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"a file is given with its folder or '.yaml', as ./%s",
			name);
}

const char *es_working_folder(struct es_arena *arena)
{
	es_autofree char *cwd = getcwd(NULL, 0);

	if (!cwd)
		arena->exhausted |= errno == ENOMEM;
	return cwd ? es_arena_copy(arena, cwd, strlen(cwd)) : NULL;
}

static const char *folder_of(struct es_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *cwd = NULL;

	if (slash == path)
		return "";
	if (*path == '/')
		return es_arena_copy(arena, path, (size_t)(slash - path));
	cwd = es_working_folder(arena);
	return slash && cwd ? es_arena_printf(arena, "%s/%.*s", cwd,
					      (int)(slash - path), path) : cwd;
}

/* Reads all of FD, or one byte more than a profile may have. Its size, which
 * mostly is what there is to read, is EXPECTED. */
static enum es_status read_text(struct es_arena *arena, int fd, size_t expected,
				struct es_source *source)
{
	size_t room = expected + 1, len = 0;
	char *text = es_arena_alloc(arena, room + 1);

	while (text && len <= ES_YAML_MAX_FILE) {
		const ssize_t got = read(fd, text + len, room - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ES_UNREADABLE;
		if (!got)
			break;
		len += (size_t)got;
		if (len < room)
			continue;
		/* It has grown, or is of a file system that tells no sizes. */
		room = ES_YAML_MAX_FILE + 1;

		char *bigger = es_arena_alloc(arena, room + 1);

		text = bigger ? memcpy(bigger, text, len) : NULL;
	}
	source->text = text;
	source->len = len;
	return text ? ES_OK : ES_NOMEM;
}

enum es_status es_file_load(struct es_arena *arena, const char *path,
			    struct es_place place, struct es_diags *diags,
			    struct es_source *source, struct stat *id)
{
	/* Without O_NONBLOCK, opening a FIFO would wait for a writer. */
	es_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
				   O_NOCTTY);
	enum es_status status = ES_OK;

	if (fd < 0 || fstat(fd, id)) {
		es_diag(diags, ES_ERROR, place, "can't read profile '%s': %s",
			path, strerrordesc_np(errno));
		return ES_UNREADABLE;
	}
	if (!S_ISREG(id->st_mode)) {
		es_diag(diags, ES_ERROR, place,
			"profile '%s' is not a regular file", path);
		return ES_INVALID;
	}
	if (id->st_size > ES_YAML_MAX_FILE) {
		es_diag(diags, ES_ERROR, place,
			"profile '%s' has %jd bytes; the limit is %d", path,
			(intmax_t)id->st_size, ES_YAML_MAX_FILE);
		return ES_INVALID;
	}

	status = read_text(arena, fd, (size_t)id->st_size, source);
	if (status == ES_UNREADABLE)
		es_diag(diags, ES_ERROR, place, "can't read profile '%s': %s",
			path, strerrordesc_np(errno));
	if (status != ES_OK)
		return status;
	source->name = es_arena_copy(arena, path, strlen(path));
	source->folder = folder_of(arena, path);
	return arena->exhausted ? ES_NOMEM : ES_OK;
}
