/* SPDX-License-Identifier: MIT */
/* A process that reads YAML, and can do nothing else. */
#ifndef ES_APART_H
#define ES_APART_H

#include <sys/types.h>

#include "node.h"

/* What it does once it is confined: gets texts from SOCKET and answers them until
 * nothing comes any more. */
typedef void es_apart_serve(int socket);
es_apart_serve es_apart_yaml;

struct es_apart {
	es_apart_serve *serve; /* NULL: we read all ourselves */
	/* Also what is installed, which is as good as our code; and one process
	 * reads all, since there may be no other. Else each text has its own. */
	bool all;
	pid_t pid;  /* 0: there is none at the moment */
	int socket; /* to it */
	unsigned patience; /* seconds to wait for an answer; 0: as usual */
};

/*
 * Forks a process that has SERVE, which APART has, and its end of a socket: it
 * can read, write and ask for memory, and is killed for anything else, when we
 * end, and after some seconds of work. It has a copy of our memory, and what is
 * shared of it. wait(2) sees it with __WALL only, and it ends without a signal.
 * ES_OK; or behind a diagnostic of SEVERITY ES_UNSUPPORTED, where it can't be
 * made or confined, and SERVE is NULL then; or ES_NOMEM or ES_INTERNAL.
 */
enum es_status es_apart_start(struct es_apart *apart, enum es_severity severity,
			      struct es_diags *diags);

/* Ends it, and waits for that, if we may signal at all. The next document has
 * another. */
void es_apart_end(struct es_apart *apart);

/* es_yaml_read of a text that is INSTALLED or not, by that process if it is to,
 * and with a warning by ourselves if that can't be had; ES_INTERNAL as well,
 * behind a diagnostic, where it dies or answers what is no document. */
enum es_status es_document_read(struct es_apart *apart, bool installed,
				struct es_arena *arena,
				const struct es_source *source,
				struct es_diags *diags, struct es_node **root);

#endif
