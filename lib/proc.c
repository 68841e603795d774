/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

enum { STATUS_SIZE = 4096 };

bool es_proc_is_own(void)
{
	char self[32] = "";

	return readlink("/proc/self", self, sizeof(self) - 1) > 0 &&
	       strtol(self, NULL, 10) == getpid();
}

int es_proc_open(pid_t tid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

size_t es_proc_read(pid_t tid, const char *name, char *text, size_t size)
{
	es_autoclose int fd = es_proc_open(tid, name);
	const ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

	text[got > 0 ? got : 0] = '\0';
	return got > 0 ? (size_t)got : 0;
}

/* What stands behind KEY, "\nKEY:", in the text of a status file; or "". */
static const char *behind(const char *text, const char *key)
{
	const char *found = strstr(text, key);

	return found ? found + strlen(key) : "";
}

static long status_number(pid_t tid, const char *key)
{
	char text[STATUS_SIZE];

	es_proc_read(tid, "status", text, sizeof(text));
	return strtol(behind(text, key), NULL, 10);
}

pid_t es_proc_process(pid_t tid)
{
	return (pid_t)status_number(tid, "\nTgid:");
}

pid_t es_proc_parent(pid_t tid)
{
	return (pid_t)status_number(tid, "\nPPid:");
}

long es_proc_filters(pid_t tid)
{
	return status_number(tid, "\nSeccomp_filters:");
}

long es_proc_descriptors(pid_t tid)
{
	return status_number(tid, "\nFDSize:");
}

pid_t es_proc_tracer(pid_t tid)
{
	char text[STATUS_SIZE];

	es_proc_read(tid, "status", text, sizeof(text));
	/* A zombie has its tracer still. */
	return *behind(text, "\nState:\t") == 'Z' ? 0 :
	       (pid_t)strtol(behind(text, "\nTracerPid:"), NULL, 10);
}
