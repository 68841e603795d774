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

	*shelves = (struct es_shelves){ 0 };
	if (config && *config == '/') {
		shelves->variable = "XDG_CONFIG_HOME";
		own = es_arena_printf(arena, "%s/extrasafe/profiles", config);
	} else if (home && *home == '/') {
		shelves->variable = "HOME";
		own = es_arena_printf(arena, "%s/.config/extrasafe/profiles",
				      home);
	}
	if (!own)
		return ES_NOMEM;
	if (*own)
		shelves->folders[shelves->n++] = own;
	shelves->folders[shelves->n++] = "/etc/extrasafe/profiles";
	shelves->folders[shelves->n++] = ES_PROFILE_DIR;
	return ES_OK;
}

/* What keeps the file from being there, ENOENT or ENOTDIR; or from telling
 * whether it is, as a folder that may not be searched. 0: it is there, if only
 * as a dangling link. */
static int absence(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) ? errno : 0;
}

/* What can't be told counts as there, and reading it says why: another profile
 * of that name, from further behind, might allow more. */
static bool is_missing(const char *path)
{
	const int reason = absence(path);

	return reason == ENOENT || reason == ENOTDIR;
}

/* The first file of that name from the shelf *AT on, which is set to its own,
 * or NULL; NULL too when there is no memory. */
static const char *find_on(const struct es_shelves *shelves,
			   struct es_arena *arena, const char *name, size_t *at)
{
	for (; *at < shelves->n; (*at)++) {
		const char *path = es_arena_printf(arena, "%s/%s.yaml",
						   shelves->folders[*at],
						   name);

		if (!path || !is_missing(path))
			return path;
	}
	return NULL;
}

enum es_status es_file_find(struct es_arena *arena, const char *name,
			    struct es_place place, struct es_diags *diags,
			    const char **path, unsigned *reach)
{
	struct es_shelves shelves;
	const char *found = NULL, *meant = NULL;
	size_t first, at;

	if (es_shelves_find(arena, &shelves) != ES_OK)
		return ES_NOMEM;
	first = *reach && *reach < shelves.n ? shelves.n - *reach : 0;
	at = first;
	found = find_on(&shelves, arena, name, &at);
	if (found) {
		*path = found;
		*reach = (unsigned)(shelves.n - at);
		return ES_OK;
	}
	if (arena->exhausted)
		return ES_NOMEM;
	/* Who looks a name up without a word wants to know no more. */
	if (diags)
		meant = es_profile_guess(arena, name, *reach);
	if (arena->exhausted)
		return ES_NOMEM;
	es_diag(diags, ES_ERROR, place, "no profile is named '%s'%s%s%s", name,
		meant ? ", did you mean '" : "", meant ? meant : "",
		meant ? "'?" : "");
	for (size_t i = first; i < shelves.n; i++)
		es_diag(diags, ES_NOTE, place, "none in '%s'",
			shelves.folders[i]);
	return ES_UNREADABLE;
}

/* PATH without links and dots; "" where there is nothing, NULL when there is no
 * memory. */
static const char *resolved(struct es_arena *arena, const char *path)
{
	es_autofree char *real = realpath(path, NULL);

	if (!real && errno == ENOMEM)
		arena->exhausted = true;
	if (arena->exhausted)
		return NULL;
	return real ? es_arena_copy(arena, real, strlen(real)) : "";
}

static bool is_below(const char *path, const char *folder)
{
	const size_t len = strlen(folder);

	return len && !strncmp(path, folder, len) &&
	       (path[len] == '/' || !path[len]);
}

/* A link elsewhere to a file of a shelf is one of the shelf's, and so is a link
 * on the shelf to a file elsewhere. */
enum es_status es_file_reach(struct es_arena *arena,
			     const struct es_source *source, unsigned *reach)
{
	const char *file = resolved(arena, source->name);
	const char *folder = resolved(arena, source->folder ?
					     *source->folder ?
					     source->folder : "/" : ".");
	struct es_shelves shelves;

	if (!file || !folder || es_shelves_find(arena, &shelves) != ES_OK)
		return ES_NOMEM;
	for (size_t i = shelves.n; i-- > 0;) {
		const char *shelf = resolved(arena, shelves.folders[i]);

		if (!shelf)
			return ES_NOMEM;
		if (!is_below(file, shelf) && !is_below(folder, shelf))
			continue;
		*reach = (unsigned)(shelves.n - i);
		return ES_OK;
	}
	*reach = 0;
	return ES_OK;
}

/* Of a file that can't be read for ERROR: is it the folder of the user's own
 * profiles that this user may not search? A service has root's HOME often. */
static void hint_folder(const struct es_shelves *shelves, const char *path,
			int error, struct es_place place,
			struct es_diags *diags)
{
	const char *folder = shelves->folders[0];
	const size_t len = strlen(folder);

	if (error != EACCES || !shelves->variable ||
	    strncmp(path, folder, len) != 0 || path[len] != '/' ||
	    absence(path) != EACCES)
		return;
	es_diag(diags, ES_NOTE, place,
		"can't look into '%s' as this user; set %s to the user's own, "
		"or unset it", folder, shelves->variable);
}

static void tell_unreadable(struct es_arena *arena, const char *path,
			    int error, struct es_place place,
			    struct es_diags *diags)
{
	struct es_shelves shelves;

	es_diag(diags, ES_ERROR, place, "can't read profile '%s': %s", path,
		strerrordesc_np(error));
	if (es_shelves_find(arena, &shelves) == ES_OK)
		hint_folder(&shelves, path, error, place, diags);
}

/* The file NAME.yaml, or one named so whole, if it is certain to be there. */
static const char *certain_on(const struct es_shelves *shelves,
			      struct es_arena *arena, const char *name)
{
	const size_t len = strlen(name), end = strlen(".yaml");
	const bool whole = len > end && !strcmp(name + len - end, ".yaml");
	const char *plain = es_arena_copy(arena, name, whole ? len - end : len);
	size_t at = 0;
	const char *found = NULL;

	if (plain && *name != '/' && *name != '.')
		found = find_on(shelves, arena, plain, &at);
	return found && !absence(found) ? found : NULL;
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
	if (!by_name)
		found = certain_on(&shelves, arena, name);
	if (*name && !absence(beside))
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"there is '%s': give it with '.yaml'", beside);
	else if (found && absence(name) == ENOENT)
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"what ends in '.yaml' is a path; there is '%s': give "
			"its name without '.yaml'", found);
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

enum es_status es_file_load_from(struct es_arena *arena, int fd,
				 const char *path, struct es_place place,
				 struct es_diags *diags,
				 struct es_source *source, struct stat *id)
{
	enum es_status status = ES_OK;

	if (fd < 0 || fstat(fd, id)) {
		tell_unreadable(arena, path, errno, place, diags);
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
		tell_unreadable(arena, path, errno, place, diags);
	if (status != ES_OK)
		return status;
	source->name = es_arena_copy(arena, path, strlen(path));
	source->folder = folder_of(arena, path);
	return arena->exhausted ? ES_NOMEM : ES_OK;
}

enum es_status es_file_load(struct es_arena *arena, const char *path,
			    struct es_place place, struct es_diags *diags,
			    struct es_source *source, struct stat *id)
{
	/* Without O_NONBLOCK, opening a FIFO would wait for a writer. */
	es_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
				   O_NOCTTY);

	return es_file_load_from(arena, fd, path, place, diags, source, id);
}
