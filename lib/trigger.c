/* SPDX-License-Identifier: MIT */
/* What is asked here allocates nothing: the helper was forked, and others may
 * have held locks then. */
#include "trigger.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "util.h"

enum {
	MAX_FDS = 4096,     /* descriptors that are looked through */
	MAX_MESSAGE = 4096, /* bytes of what is sent */
	MAX_PIECES = 8,     /* that it is sent in */
};

/* /proc/PID/NAME, cut, with a NUL behind; 0 if it can't be had. */
static size_t read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);

	es_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The number behind KEY in /proc/PID/status, or 0. */
static long status_number(pid_t pid, const char *key)
{
	char text[4096];
	const char *found;

	if (!read_proc(pid, "status", text, sizeof(text)))
		return 0;
	found = strstr(text, key);
	return found ? strtol(found + strlen(key), NULL, 10) : 0;
}

pid_t es_process_of(pid_t tid)
{
	return (pid_t)status_number(tid, "\nTgid:");
}

long es_filters_of(pid_t tid)
{
	return status_number(tid, "\nSeccomp_filters:");
}

pid_t es_tracer_of(pid_t tid)
{
	char text[4096];
	const char *state;

	if (!read_proc(tid, "status", text, sizeof(text)))
		return 0;
	state = strstr(text, "\nState:\t");
	if (!state || state[strlen("\nState:\t")] == 'Z')
		return 0;
	return (pid_t)status_number(tid, "\nTracerPid:");
}

int es_fetch(pid_t pid, int number)
{
	es_autoclose int process = (int)syscall(SYS_pidfd_open, pid, 0);

	return process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number,
					       0);
}

bool es_is_listening(const struct es_tracee *leader)
{
	es_autoclose int process = (int)syscall(SYS_pidfd_open, leader->pid, 0);
	const long n = status_number(leader->pid, "\nFDSize:");
	bool listens = false;

	for (int i = 0; process >= 0 && i < n && i < MAX_FDS && !listens; i++) {
		es_autoclose int fd = (int)syscall(SYS_pidfd_getfd, process, i,
						   0);
		int value = 0;
		socklen_t size = sizeof(value);

		listens = fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN,
						 &value, &size) && value;
	}
	return listens;
}

bool es_is_blocked(const struct es_tracee *thread,
		   const struct es_startup *startup)
{
	char text[256];
	char *end = text;
	unsigned long nr;

	/* "running", or the call's number (proc(5)) */
	if (!read_proc(thread->tid, "syscall", text, sizeof(text)))
		return false;
	nr = strtoul(text, &end, 10);
	for (size_t i = 0; i < startup->ncalls && end != text; i++)
		if (nr == startup->calls[i])
			return true;
	return false;
}

/* Where a message goes and what it is, as far as it matters here. */
struct message {
	uint64_t name, name_size; /* 0: to whom the socket is connected */
	struct iovec pieces[MAX_PIECES];
	size_t n;
};

static bool find_message(const struct es_tracee *thread, long nr,
			 const uint64_t args[6], struct message *message)
{
	struct msghdr head;

	*message = (struct message){ .n = 1 };
	message->pieces[0] = (struct iovec){ (void *)(uintptr_t)args[1],
					     args[2] };
	switch (nr) {
	case SYS_sendto:
		message->name = args[4];
		message->name_size = args[4] ? args[5] : 0;
		return true;
	case SYS_write:
		return true;
	case SYS_sendmsg:
		if (!es_tracee_read(thread, args[1], &head, sizeof(head)))
			return false;
		message->name = (uint64_t)(uintptr_t)head.msg_name;
		message->name_size = head.msg_name ? head.msg_namelen : 0;
		message->n = head.msg_iovlen < MAX_PIECES ? head.msg_iovlen :
							    MAX_PIECES;
		return es_tracee_read(thread,
				      (uint64_t)(uintptr_t)head.msg_iov,
				      message->pieces,
				      message->n * sizeof(*message->pieces));
	default:
		return false;
	}
}

/* Is one of its lines READY=1? */
static bool says_ready(const struct es_tracee *thread,
		       const struct message *message)
{
	static const char ready[] = "READY=1";
	char text[MAX_MESSAGE + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < message->n; i++) {
		const struct iovec *piece = &message->pieces[i];

		if (piece->iov_len > MAX_MESSAGE - n ||
		    !es_tracee_read(thread,
				    (uint64_t)(uintptr_t)piece->iov_base,
				    text + n, piece->iov_len))
			return false;
		n += piece->iov_len;
	}
	text[n] = '\0';
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, ready, strlen(ready)) &&
		    (line[strlen(ready)] == '\n' || !line[strlen(ready)]))
			return true;
		if (!*line)
			return false;
	}
	return false;
}

/* Is ADDRESS of SIZE bytes what NOTIFY names: a path, or "@" and an abstract
 * name? */
static bool is_manager(const struct sockaddr_un *address, size_t size,
		       const char *notify)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	const size_t len = strlen(notify);

	if (size < head + len || size > sizeof(*address) ||
	    address->sun_family != AF_UNIX)
		return false;
	if (*notify == '@')
		return size == head + len && !address->sun_path[0] &&
		       !memcmp(address->sun_path + 1, notify + 1, len - 1);
	return !memcmp(address->sun_path, notify, len) &&
	       (size == head + len || !address->sun_path[len]);
}

static bool is_for_manager(const struct es_tracee *thread, uint64_t fd,
			   const struct message *message, const char *notify)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address);

	if (message->name_size)
		return message->name_size <= sizeof(address) &&
		       es_tracee_read(thread, message->name, &address,
				      message->name_size) &&
		       is_manager(&address, message->name_size, notify);

	es_autoclose int socket = es_fetch(es_process_of(thread->tid), (int)fd);

	return socket >= 0 &&
	       !getpeername(socket, (struct sockaddr *)&address, &size) &&
	       is_manager(&address, size, notify);
}

static bool skip(const struct es_tracee *thread)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, thread->tid, NULL, &regs))
		return false;
	regs.orig_rax = ~0ULL;
	return !ptrace(PTRACE_SETREGS, thread->tid, NULL, &regs);
}

bool es_is_ready(const struct es_tracee *thread, const char *notify,
		 struct es_ready *ready)
{
	struct __ptrace_syscall_info info = { 0 };
	struct es_ready found = { .sender = thread->tid };
	struct message message;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info),
		   &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	found.nr = (long)info.entry.nr;
	for (size_t i = 0; i < ES_COUNT(found.args); i++)
		found.args[i] = info.entry.args[i];
	if (!find_message(thread, found.nr, found.args, &message) ||
	    !says_ready(thread, &message) ||
	    !is_for_manager(thread, found.args[0], &message, notify) ||
	    !skip(thread))
		return false;
	*ready = found;
	return true;
}
