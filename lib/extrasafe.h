/* SPDX-License-Identifier: MIT */
/*
 * extrasafe: run a program with only the abilities that its profile names.
 *
 *	struct es_diags *diags = es_diags_new();
 *	struct es_context *context = es_context_new();
 *
 *	es_add_profile(context, "web-fetch", diags);
 *	es_launch(context, argv, NULL, diags);          returns only on failure
 *	es_diags_print(diags, stderr, false);
 *	es_diags_free(diags);
 *	es_context_free(context);
 *
 * Errors of building are collected: calls may follow each other without a test
 * each, since es_check and es_launch fail when an earlier call did. Nothing
 * here keeps global state, exits or prints but to a FILE that it is handed; a
 * context and its diagnostics belong to one thread at a time.
 */
#ifndef EXTRASAFE_H
#define EXTRASAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ES_PUBLIC __attribute__((visibility("default")))

enum es_status {
	ES_OK = 0,
	ES_INVALID,        /* a profile or fragment is wrong; see the diagnostics */
	ES_UNREADABLE,     /* a profile's file can't be read */
	ES_NOMEM,          /* out of memory */
	ES_UNSUPPORTED,    /* the kernel or an outer sandbox lacks what is needed */
	ES_SYSTEM,         /* a system call failed that should not */
	ES_INTERNAL,       /* our own mistake; nothing was run */
	ES_NOT_EXECUTABLE, /* the program was found but can't be executed */
	ES_NOT_FOUND,      /* the program was not found */
};

/* Diagnostics: errors, warnings and notes, each with its place in a profile. */
struct es_diags;

/* NULL when there is no memory. Free with es_diags_free, which takes NULL. */
ES_PUBLIC struct es_diags *es_diags_new(void);
ES_PUBLIC void es_diags_free(struct es_diags *diags);

/*
 * Prints what was collected, in the form `file:line:column: error: text`, with
 * the source line and a caret under it; a diagnostic without a place has the
 * prefix `extrasafe: `. Bytes that could steer a terminal are escaped.
 */
ES_PUBLIC void es_diags_print(const struct es_diags *diags, FILE *stream,
			      bool colour);

/* How many errors were collected. */
ES_PUBLIC size_t es_diags_errors(const struct es_diags *diags);

/* A policy being built. */
struct es_context;

/* NULL when there is no memory. Free with es_context_free, which takes NULL. */
ES_PUBLIC struct es_context *es_context_new(void);
ES_PUBLIC void es_context_free(struct es_context *context);

/*
 * Adds what a profile allows. NAME is looked up as NAME.yaml in
 * $XDG_CONFIG_HOME/extrasafe/profiles ($HOME/.config where unset),
 * /etc/extrasafe/profiles and the installed profiles, in this order, if it has
 * no slash and does not end in ".yaml"; anything else is a path. A folder that
 * can't be searched is an error, and not passed over. The file is
 * read once, from an open descriptor of a regular file.
 * Returns ES_OK, ES_INVALID, ES_UNREADABLE or ES_NOMEM.
 */
ES_PUBLIC enum es_status es_add_profile(struct es_context *context,
					const char *name,
					struct es_diags *diags);

/*
 * Adds a piece of `allow:` in YAML flow style ("SystemIO: [stdin, stdout]") or
 * its short form ("SystemIO.stdout", "SystemIO.read_path=/usr"). Relative paths
 * are relative to the working directory.
 * Returns ES_OK, ES_INVALID or ES_NOMEM.
 */
ES_PUBLIC enum es_status es_add_fragment(struct es_context *context,
					 const char *text,
					 struct es_diags *diags);

/*
 * What a denied call gets: an errno name ("EPERM"), "kill", "kill_thread" or
 * "trap"; goes before the profiles' own `deny` if it is set before they are
 * added. ES_OK or ES_INVALID.
 */
ES_PUBLIC enum es_status es_set_deny(struct es_context *context,
				     const char *action,
				     struct es_diags *diags);

/*
 * When the filter takes force; "exec" is the only moment that this version
 * has. ES_OK or ES_INVALID.
 */
ES_PUBLIC enum es_status es_set_arm(struct es_context *context,
				    const char *moment,
				    struct es_diags *diags);

/* Takes a limit back, as `widen: [SystemIO.stdout]` does. ES_OK, ES_INVALID
 * or ES_NOMEM. */
ES_PUBLIC enum es_status es_widen(struct es_context *context,
				  const char *permission,
				  struct es_diags *diags);

/*
 * Compiles the policy and proves the filter equal to it, without a program. With
 * VERBOSE, notes tell sizes, and what stays open for the dynamic loader's sake.
 * Warnings tell what is surprisingly open. Changes nothing in the process.
 */
ES_PUBLIC enum es_status es_check(struct es_context *context, bool verbose,
				  struct es_diags *diags);

struct es_launch_options {
	/* Do all but the irreversible; tell on it what would be done. */
	FILE *dry_run;
	/* Tell on it, before the program starts, what was made of the policy. */
	FILE *verbose;
};

/*
 * Becomes the program ARGV[0] (looked up in $PATH), confined. Returns only on
 * failure, or with ES_OK after a dry run. After the first irreversible step
 * (descriptors, no_new_privs, Landlock, seccomp) it does not return: an error
 * then ends the process with a line on descriptor 2 and status 125, 126 or 127.
 * OPTIONS may be NULL. Needs Linux 5.13 (Landlock) and seccomp filters; for a
 * profile with paths, Linux 6.2 (Landlock ABI 3).
 */
ES_PUBLIC enum es_status es_launch(struct es_context *context,
				   char *const argv[],
				   const struct es_launch_options *options,
				   struct es_diags *diags);

/* This library's version and libyaml's, one line each, on STREAM. */
ES_PUBLIC void es_print_versions(FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
