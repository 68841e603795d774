/* SPDX-License-Identifier: MIT */
/*
 * landlock SOURCES RESULTS: may read below the folder SOURCES, and work in the
 * folder RESULTS; all other files are out of reach. Both have a file "text".
 *
 *	cc landlock.c $(pkg-config --cflags --libs extrasafe)
 */
#include <errno.h>
#include <extrasafe.h>
#include <stdio.h>
#include <string.h>

static void try_to_open(const char *when, const char *folder, const char *mode)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/text", folder);
	file = fopen(path, mode);
	printf("%s %s %s: %s\n", *mode == 'r' ? "read" : "write", path, when,
	       file ? "works" : strerror(errno));
	if (file)
		fclose(file);
}

static void try_all(const char *when, char *folders[])
{
	for (int i = 0; i < 2; i++) {
		try_to_open(when, folders[i], "r");
		try_to_open(when, folders[i], "a");
	}
	try_to_open(when, ".", "r");
}

int main(int argc, char *argv[])
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	enum es_status status;

	if (argc != 3)
		return 2;
	try_all("before", argv + 1);

	es_allow(context, "SystemIO", "stdout", diags);
	es_allow_path(context, "SystemIO", "read_path", argv[1], diags);
	es_allow_path(context, "SystemIO", "work", argv[2], diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	try_all("after", argv + 1);
	return 0;
}
