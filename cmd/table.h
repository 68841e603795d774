/* SPDX-License-Identifier: MIT */
#ifndef ES_CMD_TABLE_H
#define ES_CMD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Rows of two columns for people. Initialise to zero. */
struct table {
	struct table_row {
		char *left, *right; /* owned */
	} *rows; /* owned */
	size_t n;
	bool failed; /* a row was lost for lack of memory */
};

/* Adds a row; RIGHT is a format. */
__attribute__((format(printf, 3, 4)))
void table_add(struct table *table, const char *left, const char *right, ...);

/*
 * Prints the rows on standard output and frees them: as wide as $COLUMNS says,
 * or the terminal that it is; a row is a line where it is no terminal. STATUS,
 * or CMD_FAILED with a message.
 */
int table_end(struct table *table, int status);

#endif
