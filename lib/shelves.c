/* SPDX-License-Identifier: MIT */
/* The profiles that names can stand for. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "profile.h"
#include "util.h"

enum {
	MAX_DEPTH = 3,      /* folders of folders: parts/NAME, and one more */
	MAX_NAMES = 100000, /* a folder that is a disk is not one of profiles */
};

struct found {
	const char *name;
	size_t shelf;
};

struct listing {
	struct es_arena arena;
	struct es_shelves shelves;
	struct es_diags *diags;
	struct found *at; /* owned */
	size_t n, cap;
	enum es_status status;
};

static void fail(struct listing *listing, enum es_status status)
{
	if (listing->status == ES_OK || status == ES_NOMEM)
		listing->status = status;
}

static void add_name(struct listing *listing, size_t shelf, const char *name,
		     size_t len)
{
	const char *kept = es_arena_copy(&listing->arena, name, len);

	if (kept && es_grow(listing->at, listing->n, listing->cap))
		listing->at[listing->n++] = (struct found){ kept, shelf };
	else
		fail(listing, ES_NOMEM);
}

static void list_folder(struct listing *listing, size_t shelf,
			const char *below, unsigned depth);

/* NAME is what an include would say, ".yaml" behind it; links are followed, as
 * opening the file would. */
static void add_entry(struct listing *listing, size_t shelf, const char *name,
		      unsigned depth)
{
	const size_t len = strlen(name), end = strlen(".yaml");
	const char *path = es_arena_printf(&listing->arena, "%s/%s",
					   listing->shelves.folders[shelf],
					   name);
	struct stat is;

	if (!path) {
		fail(listing, ES_NOMEM);
	} else if (!stat(path, &is) && S_ISDIR(is.st_mode)) {
		list_folder(listing, shelf, name, depth + 1);
	} else if (len > end && !strcmp(name + len - end, ".yaml")) {
		add_name(listing, shelf, name, len - end);
	}
}

static void list_folder(struct listing *listing, size_t shelf,
			const char *below, unsigned depth)
{
	const char *path = es_arena_printf(&listing->arena, "%s/%s",
					   listing->shelves.folders[shelf],
					   below);
	DIR *folder = path && depth < MAX_DEPTH ? opendir(path) : NULL;
	const struct dirent *entry = NULL;

	if (!path)
		fail(listing, ES_NOMEM);
	if (!path || depth == MAX_DEPTH)
		return;
	if (!folder && errno != ENOENT && errno != ENOTDIR) {
		es_diag(listing->diags, ES_ERROR, ES_NOWHERE,
			"can't look for profiles in '%s': %s", path,
			strerrordesc_np(errno));
		fail(listing, ES_UNREADABLE);
	}
	while (folder && listing->n < MAX_NAMES && (entry = readdir(folder))) {
		const char *name = es_arena_printf(&listing->arena, "%s%s%s",
						   below, *below ? "/" : "",
						   entry->d_name);

		if (!name)
			fail(listing, ES_NOMEM);
		/* What begins with a dot or has two of them is no name. */
		else if (*entry->d_name != '.' && !strstr(entry->d_name, ".."))
			add_entry(listing, shelf, name, depth);
	}
	if (folder)
		closedir(folder);
}

static int compare(const void *a, const void *b)
{
	const struct found *one = a, *other = b;
	const int order = strcmp(one->name, other->name);

	return order ? order : one->shelf < other->shelf ? -1 : 1;
}

/* The description in a file's text; false if the file can't be read. What else
 * is wrong with it is nothing for a list. */
static bool read_about(struct es_arena *arena, const char *path,
		       const char **about)
{
	struct es_source source = { 0 };
	struct es_node *root = NULL;
	struct stat id;

	*about = NULL;
	if (es_file_load(arena, path, ES_NOWHERE, NULL, &source, &id) ||
	    es_yaml_read(arena, &source, NULL, &root))
		return false;
	if (root->kind != ES_MAPPING)
		return false;
	for (size_t i = 0; i < root->n; i++)
		if (!strcmp(root->keys[i]->text, "about") &&
		    root->items[i]->kind == ES_SCALAR)
			*about = root->items[i]->text;
	return true;
}

/* Reads and visits the INDEXth that was found; false: enough. */
static bool visit_found(struct listing *listing, size_t index,
			es_profile_visit *visit, void *data)
{
	const struct found *found = &listing->at[index];
	const char *shelf = listing->shelves.folders[found->shelf];
	struct es_arena arena = { 0 };
	const char *path = es_arena_printf(&arena, "%s/%s.yaml", shelf,
					   found->name);
	const char *about = NULL;
	const bool readable = path && read_about(&arena, path, &about);
	es_autofree char *name = es_escaped(found->name);
	es_autofree char *folder = es_escaped(shelf);
	es_autofree char *line = es_escaped(about ? about : "");
	const struct es_profile_info info = {
		name, folder, about ? line : NULL, readable,
		index && !strcmp(found->name, found[-1].name),
	};
	const bool no_memory = arena.exhausted || !name || !folder || !line;

	if (no_memory)
		fail(listing, ES_NOMEM);

	const bool more = !no_memory && visit(&info, data);

	es_arena_finish(&arena);
	return more;
}

const char *es_profile_guess(struct es_arena *arena, const char *name,
			     unsigned reach)
{
	struct listing listing = { 0 };
	const char **names = NULL;
	const char *meant = NULL;
	size_t first = 0;

	listing.status = es_shelves_find(&listing.arena, &listing.shelves);
	if (reach && reach < listing.shelves.n)
		first = listing.shelves.n - reach;
	for (size_t i = first; i < listing.shelves.n; i++)
		list_folder(&listing, i, "", 0);
	names = es_arena_alloc(&listing.arena,
			       (listing.n + 1) * sizeof(*names));
	for (size_t i = 0; names && i < listing.n; i++)
		names[i] = listing.at[i].name;
	if (names)
		meant = es_did_you_mean(name, names);
	if (meant)
		meant = es_arena_copy(arena, meant, strlen(meant));
	arena->exhausted |= listing.status == ES_NOMEM ||
			    listing.arena.exhausted;
	free(listing.at);
	es_arena_finish(&listing.arena);
	return meant;
}

enum es_status es_profiles_each(es_profile_visit *visit, void *data,
				struct es_diags *diags)
{
	struct listing listing = { .diags = diags };

	if (!visit)
		return ES_INVALID;
	/* With more privilege than the caller's, it would tell more names. */
	if (es_refuse_privilege(diags) != ES_OK)
		return ES_UNSUPPORTED;
	listing.status = es_shelves_find(&listing.arena, &listing.shelves);
	for (size_t i = 0; i < listing.shelves.n; i++)
		list_folder(&listing, i, "", 0);
	if (listing.n)
		qsort(listing.at, listing.n, sizeof(*listing.at), compare);
	for (size_t i = 0; listing.status != ES_NOMEM && i < listing.n; i++)
		if (!visit_found(&listing, i, visit, data))
			break;
	free(listing.at);
	es_arena_finish(&listing.arena);
	return listing.status;
}
