/* SPDX-License-Identifier: MIT */
/*
 * journal: appends lines to a file that several programs share.
 *
 * A program that confines itself with extrasafe opens its journal first, calls
 * journal_add_ruleset, and allows what it needs of that set:
 *
 *	es_allow(context, "Journal", "all", diags);
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <extrasafe.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A descriptor, or -1. */
int journal_open(const char *path);

/* 0, or -1 with errno set. */
int journal_append(int journal, const char *line);

/* Adds what journal_append needs as the rule set "Journal". */
enum es_status journal_add_ruleset(struct es_context *context,
				   struct es_diags *diags);

#ifdef __cplusplus
}
#endif

#endif
