/* SPDX-License-Identifier: MIT */
#ifndef ES_LAUNCH_H
#define ES_LAUNCH_H

#include <signal.h>

#include "compile.h"

/* A launch on its way, and what is made for it. */
struct es_launching {
	struct es_context *context;
	char *const *argv;
	const struct es_launch_options *options;
	struct es_diags *diags;
	int report;           /* a socket that takes the listener, or -1 */
	const sigset_t *mask; /* the program's; NULL: ours */
	struct es_program program;
	struct es_compiled compiled;
};

/* Can filters be had here? ES_OK, or ES_UNSUPPORTED behind a diagnostic. */
enum es_status es_check_kernel(struct es_diags *diags);

/* Can anything be launched here? Also gives the standard streams that are closed
 * their place. Called before anything of ours is opened. */
enum es_status es_launch_begin(struct es_diags *diags);

/* Prepares all, and becomes the program; what es_launch says of returning holds
 * for it. Free with es_launching_finish in any case. */
enum es_status es_launch_prepared(struct es_launching *launching);
void es_launching_finish(struct es_launching *launching);

#endif
