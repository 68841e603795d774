/* SPDX-License-Identifier: MIT */
/* What /proc tells of a thread; nothing here allocates. */
#ifndef ES_PROC_H
#define ES_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Does /proc speak of our own process ids? One of an outer namespace would tell
 * of others' processes. */
bool es_proc_is_own(void);

/* /proc/TID/NAME, to read; -1 if it can't be had. */
int es_proc_open(pid_t tid, const char *name);

/* Its first bytes, with a NUL behind; how many they are, or 0. */
size_t es_proc_read(pid_t tid, const char *name, char *text, size_t size);

/* The process that a thread is of; 0 if it is gone. */
pid_t es_proc_process(pid_t tid);

/* Whose child its process is; 0 if it is gone. */
pid_t es_proc_parent(pid_t tid);

/* Who traces it; 0: nobody, or it has ended. */
pid_t es_proc_tracer(pid_t tid);

/* How many filters hold it (Linux 5.9), and how many descriptors its table has
 * room for; 0 where that can't be told. */
long es_proc_filters(pid_t tid);
long es_proc_descriptors(pid_t tid);

#endif
