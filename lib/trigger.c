/* SPDX-License-Identifier: MIT */
/* What is asked here allocates nothing: the helper was forked, and others may
 * have held locks then. */
#include "trigger.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "proc.h"
#include "util.h"

enum {
	MAX_FDS = 4096,     /* descriptors that are looked through */
	MAX_MESSAGE = 4096, /* bytes of what is sent */
	MAX_PIECES = 8,     /* that it is sent in */
};

/* The first thread of a process may have ended while others go on, and has no
 * descriptors then; before Linux 6.9 no other can be asked. */
static int open_thread(const struct es_tracee *thread)
{
	const unsigned of_thread = O_EXCL; /* PIDFD_THREAD */
	const int fd = (int)syscall(SYS_pidfd_open, thread->tid, of_thread);

	return fd >= 0 ? fd : (int)syscall(SYS_pidfd_open, thread->pid, 0);
}

int es_fetch(const struct es_tracee *thread, int number)
{
	es_autoclose int from = open_thread(thread);

	return from < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, from, number, 0);
}

bool es_is_listening(const struct es_tracee *thread)
{
	es_autoclose int from = open_thread(thread);
	const long n = es_proc_descriptors(thread->tid);
	bool listens = false;

	for (int i = 0; from >= 0 && i < n && i < MAX_FDS && !listens; i++) {
		es_autoclose int fd = (int)syscall(SYS_pidfd_getfd, from, i, 0);
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
	if (!es_proc_read(thread->tid, "syscall", text, sizeof(text)))
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
	case SYS_writev:
		message->n = args[2] < MAX_PIECES ? args[2] : MAX_PIECES;
		return es_tracee_read(thread, args[1], message->pieces,
				      message->n * sizeof(*message->pieces));
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

/* Is one of its lines READY=1? What is too long to tell may have one. */
static bool says_ready(const struct es_tracee *thread,
		       const struct message *message)
{
	static const char ready[] = "READY=1", ends[] = "\n\r";
	char text[MAX_MESSAGE + 1] = "";
	size_t n = 0;

	if (message->n == MAX_PIECES)
		return true;
	for (size_t i = 0; i < message->n; i++) {
		const struct iovec *piece = &message->pieces[i];

		if (piece->iov_len > MAX_MESSAGE - n ||
		    !es_tracee_read(thread,
				    (uint64_t)(uintptr_t)piece->iov_base,
				    text + n, piece->iov_len))
			return true;
		n += piece->iov_len;
	}
	text[n] = '\0';
	for (const char *line = text; *line;) {
		const size_t len = strcspn(line, ends);

		if (len == strlen(ready) && !strncmp(line, ready, len))
			return true;
		line += len + (line[len] != '\0');
	}
	return false;
}

/* Do two paths lead to one file? */
static bool is_same_file(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Is ADDRESS of SIZE bytes what NOTIFY names: a path, or "@" and an abstract
 * name? */
static bool is_manager(const struct sockaddr_un *address, size_t size,
		       const char *notify)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	const size_t len = strlen(notify);
	char path[sizeof(address->sun_path) + 1] = "";

	if (size <= head || size > sizeof(*address) ||
	    address->sun_family != AF_UNIX)
		return false;
	if (*notify == '@')
		return size == head + len && !address->sun_path[0] &&
		       !memcmp(address->sun_path + 1, notify + 1, len - 1);
	memcpy(path, address->sun_path, size - head);
	return !strcmp(path, notify) || (*path && is_same_file(path, notify));
}

/* A datagram socket of the kind that managers have? */
static bool is_datagram(int socket)
{
	int domain = 0, type = 0;
	socklen_t size = sizeof(int);

	return !getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) &&
	       !getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) &&
	       domain == AF_UNIX && type == SOCK_DGRAM;
}

static bool is_for_manager(const struct es_tracee *thread, uint64_t fd,
			   const struct message *message, const char *notify)
{
	struct es_tracee known = { .tid = thread->tid,
				   .pid = es_proc_process(thread->tid) };
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address);
	es_autoclose int socket = es_fetch(&known, (int)fd);

	if (socket < 0 || !is_datagram(socket))
		return false;
	if (message->name_size)
		return message->name_size <= sizeof(address) &&
		       es_tracee_read(thread, message->name, &address,
				      message->name_size) &&
		       is_manager(&address, message->name_size, notify);
	return !getpeername(socket, (struct sockaddr *)&address, &size) &&
	       is_manager(&address, size, notify);
}

/* Has the kernel skip the call that it is at; if AGAIN, it is made once more
 * when the thread goes on. */
static bool skip(const struct es_tracee *thread, bool again)
{
	enum { CALL_SIZE = 2 };
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, thread->tid, NULL, &regs))
		return false;
	if (again) {
		regs.rax = regs.orig_rax;
		regs.rip -= CALL_SIZE;
	}
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
	/* To whom is asked last: it takes longest. */
	if (!find_message(thread, found.nr, found.args, &message) ||
	    !says_ready(thread, &message) ||
	    !is_for_manager(thread, found.args[0], &message, notify) ||
	    !skip(thread, ready->sender != 0))
		return false;
	if (!ready->sender)
		*ready = found;
	return true;
}
