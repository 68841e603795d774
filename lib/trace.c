/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc.h"
#include "util.h"

enum { PROC_PATH = 64 };

/* Any program can give itself any name. */
static void read_name(struct es_caller *caller)
{
	char raw[32];
	const size_t len = es_proc_read(caller->pid, "comm", raw, sizeof(raw));
	char *to = caller->name;

	for (size_t i = 0; i + 1 < len; i++)
		if (raw[i] > ' ' && raw[i] < 0x7f && raw[i] != '\\')
			*to++ = raw[i];
		else
			to += sprintf(to, "\\x%02x", (unsigned char)raw[i]);
	if (to == caller->name)
		*to++ = '?';
	*to = '\0';
}

void es_caller_open(struct es_caller *caller, pid_t tid)
{
	*caller = (struct es_caller){ .tid = tid, .pid = tid,
				      .memory = es_proc_open(tid, "mem") };
}

void es_caller_identify(struct es_caller *caller)
{
	const pid_t process = es_proc_process(caller->tid);

	if (process)
		caller->pid = process;
	read_name(caller);
}

void es_caller_close(struct es_caller *caller)
{
	if (caller->memory >= 0)
		close(caller->memory);
	caller->memory = -1;
}

size_t es_caller_read(void *state, uint64_t address, void *into, size_t len)
{
	struct es_caller *caller = state;
	size_t done = 0;

	caller->read = true;

	while (done < len) {
		const ssize_t got = pread(caller->memory, (char *)into + done,
					  len - done, (off_t)(address + done));

		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

static const char *read_link(struct es_arena *arena, pid_t pid,
			     const char *name)
{
	char path[PROC_PATH], target[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);

	const ssize_t len = readlink(path, target, sizeof(target));

	return len <= 0 || target[0] != '/' ? NULL :
	       es_arena_copy(arena, target, (size_t)len);
}

/* What is the reader's own in /proc is the caller's. */
static const char *own(struct es_arena *arena, const struct es_caller *caller,
		       const char *path)
{
	static const struct {
		const char *name, *stands_for;
	} names[] = {
		{ "/proc/self", "" }, { "/proc/thread-self", "" },
		{ "/proc/mounts", "/mounts" }, { "/proc/net", "/net" },
		{ "/dev/fd", "/fd" }, { "/dev/stdin", "/fd/0" },
		{ "/dev/stdout", "/fd/1" }, { "/dev/stderr", "/fd/2" },
	};

	for (size_t i = 0; i < ES_COUNT(names); i++) {
		const size_t len = strlen(names[i].name);

		if (!strncmp(path, names[i].name, len) &&
		    (path[len] == '/' || path[len] == '\0'))
			return es_arena_printf(arena, "/proc/%d%s%s",
					       (int)caller->tid,
					       names[i].stands_for, path + len);
	}
	return path;
}

static const char *absolute(struct es_arena *arena,
			    const struct es_caller *caller,
			    const char *path, const uint64_t *dirfd)
{
	const char *root = read_link(arena, caller->tid, "root");
	const char *base = NULL;
	char name[32];

	if (*path == '/') {
		if (!root || !strcmp(root, "/"))
			return own(arena, caller, path);
		return es_arena_printf(arena, "%s%s", root, path);
	}
	snprintf(name, sizeof(name), "fd/%d", dirfd ? (int)*dirfd : 0);
	base = read_link(arena, caller->tid,
			 dirfd && (int)*dirfd != AT_FDCWD ? name : "cwd");
	if (!base)
		return NULL;
	return *path ? es_arena_printf(arena, "%s/%s", base, path) : base;
}

/* Is the caller's descriptor a socket of something else than TCP? False where
 * that can't be told. */
static bool is_other(const struct es_caller *caller, int number)
{
	const pid_t pid = es_proc_process(caller->tid);
	es_autoclose int process = pid > 0 ? (int)syscall(SYS_pidfd_open, pid,
							  0) : -1;
	es_autoclose int fd = process < 0 ? -1 :
			      (int)syscall(SYS_pidfd_getfd, process, number, 0);
	socklen_t size = sizeof(int);
	int protocol = IPPROTO_TCP;

	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol,
				      &size) && protocol != IPPROTO_TCP;
}

void es_caller_ask(struct es_arena *arena, struct es_caller *caller,
		   struct es_asked *asked)
{
	const struct es_memory memory = {
		caller->memory < 0 ? NULL : es_caller_read, caller };
	const uint64_t *args = asked->call.args;
	struct es_use uses[ES_MAX_PATHS];
	const size_t n = es_uses_of(&asked->call, uses);
	unsigned family, port;

	if (!memory.read)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *path = es_read_string(arena, &memory,
						  args[uses[i].path], PATH_MAX);

		asked->paths[i] = path ? absolute(
			arena, caller, path, uses[i].dirfd < 0 ? NULL :
			&args[uses[i].dirfd]) : NULL;
	}
	asked->family = asked->port = 0;
	asked->has_port = false;
	if (!es_read_family(&asked->call, &memory, &family, &port))
		return;
	asked->family = family;
	if ((family == AF_INET || family == AF_INET6) &&
	    !is_other(caller, (int)args[0])) {
		asked->port = port;
		asked->has_port = true;
	}
}
