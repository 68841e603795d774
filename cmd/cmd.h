/* SPDX-License-Identifier: MIT */
#ifndef ES_CMD_H
#define ES_CMD_H

#include "../lib/extrasafe.h"

/* Exit statuses of our own; a program that was started has its own. */
enum cmd_status {
	CMD_OK = 0,
	CMD_NO = 1,      /* the answer is no: mistakes found, no such name */
	CMD_USAGE = 2,   /* wrong usage */
	CMD_FAILED = 125 /* we could not do our part */
};

/* Subcommands: ARGV[0] is the subcommand's name. They return an exit status. */
int cmd_check(int argc, char *const argv[]);
int cmd_list(int argc, char *const argv[]);
int cmd_why(int argc, char *const argv[]);
int cmd_run(int argc, char *const argv[]);

/*
 * A line `extrasafe: error: ...` on standard error. Bytes that could steer a
 * terminal are escaped: words of the command line may come from anywhere.
 */
__attribute__((format(printf, 1, 2)))
void cmd_error(const char *format, ...);

/*
 * Prints what was collected, and makes sure that a failure never goes without
 * a word.
 */
void cmd_report(const struct es_diags *diags, enum es_status status);

/* STATUS, or CMD_FAILED with a message where standard output did not take all
 * that was written to it. */
int cmd_finish_stdout(int status);

/* confine.c: the command has from now on what reading and telling take; what
 * READER adds is parsed by a process of its own (NULL: nothing is). Descriptors
 * from 3 up that can be written to are closed. With a warning, it goes on where
 * something of this can't be had. */
void cmd_confine(struct es_context *reader);

/* confine.c: has YAML that is not installed with us parsed by processes that can
 * do nothing else, likewise. */
void cmd_read_apart(struct es_context *context);

static inline void cmd_cleanup_diags(struct es_diags **diags)
{
	es_diags_free(*diags);
}

static inline void cmd_cleanup_context(struct es_context **context)
{
	es_context_free(*context);
}

#define cmd_autodiags __attribute__((cleanup(cmd_cleanup_diags)))
#define cmd_autocontext __attribute__((cleanup(cmd_cleanup_context)))

#endif
