/* SPDX-License-Identifier: MIT */
/* Listening sockets that are handed to the program, as sd_listen_fds(3) has
 * them. */
#ifndef ES_LISTEN_H
#define ES_LISTEN_H

#include "profile.h"

/* Is TEXT an address: tcp://A:PORT, tcp6://[A]:PORT, unix:///PATH? */
bool es_listen_valid(const char *text);

/* Opens ENTRY's socket, bound and listening, close-on-exec: *FD is the
 * caller's. ES_OK, or ES_INVALID behind a diagnostic. */
enum es_status es_listen_open(const struct es_fd_entry *entry,
			      struct es_diags *diags, int *fd);

/* Is descriptor NUMBER one that this hands over? It can't be opened again, nor
 * be a folder. */
bool es_listen_is(const struct es_profile *profile, uint64_t number);

/* Warns of sockets that the program can do nothing with: none of its permissions
 * covers them. Called when the policy is built. */
void es_listen_tell(const struct es_profile *profile, struct es_diags *diags);

/* How many sockets were handed to this process; 0: none, or not to it. */
unsigned es_listen_given(void);

/* ENVP with $LISTEN_FDS, $LISTEN_FDNAMES and $LISTEN_PID for the sockets of
 * PROFILE, if it has any; in ARENA. NULL when there is no memory. */
char *const *es_listen_environment(struct es_arena *arena,
				   const struct es_profile *profile,
				   char *const *envp);

#endif
