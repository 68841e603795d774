/* SPDX-License-Identifier: MIT */
/* Profiles of this tree, found by their names as installed ones are. */
#ifndef SHELVES_H
#define SHELVES_H

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policies.h"

static char shelf[] = "/tmp/extrasafe-shelf.XXXXXX";

/* A path below the shelf; the last one's text is gone. */
static inline const char *on_shelf(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", shelf, name);
	return path;
}

/* Makes ./profiles those that names are looked up among. */
static inline void put_on_shelf(void)
{
	char *own = realpath("profiles", NULL);

	if (!own || !mkdtemp(shelf) || mkdir(on_shelf("/extrasafe"), 0755) ||
	    symlink(own, on_shelf("/extrasafe/profiles")) ||
	    setenv("XDG_CONFIG_HOME", shelf, 1))
		abort();
	free(own);
}

static inline void clear_shelf(void)
{
	unlink(on_shelf("/extrasafe/profiles"));
	rmdir(on_shelf("/extrasafe"));
	rmdir(shelf);
}

static inline struct built build_profile(const char *path,
					 const struct es_surroundings *around)
{
	struct built built = begin();

	built.status = es_add_profile(built.context, path, built.diags);
	if (built.status == ES_OK)
		build(&built, around);
	if (built.status != ES_OK)
		es_diags_print(built.diags, stdout, false);
	return built;
}

#endif
