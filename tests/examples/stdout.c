/* SPDX-License-Identifier: MIT */
/*
 * The smallest one: a program that prints, and can do nothing else.
 *
 *	cc stdout.c $(pkg-config --cflags --libs extrasafe)
 */
#include <errno.h>
#include <extrasafe.h>
#include <stdio.h>
#include <string.h>

static void try_to_open(const char *when)
{
	FILE *file = fopen("/etc/passwd", "r");

	printf("open %s: %s\n", when, file ? "works" : strerror(errno));
	if (file)
		fclose(file);
}

int main(void)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	enum es_status status;

	try_to_open("before");

	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "SystemIO", "stderr", diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	try_to_open("after");
	printf("printing still works\n");
	return 0;
}
