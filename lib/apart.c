/* SPDX-License-Identifier: MIT */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "building.h"
#include "compile.h"
#include "util.h"
#include "wire.h"

enum {
	CANNOT = 125,
	WORK_SECONDS = 10,   /* of its processor time */
	ANSWER_SECONDS = 30, /* that it may keep us waiting */
};

/* Before each text and each answer. Others may have a copy of our end of the
 * socket: what answers another question than ours has another number, unless
 * they read ours before us. */
struct header {
	uint64_t number;
	uint32_t len; /* bytes that follow */
	uint32_t unused;
};

/* What reading takes: its socket, and memory that is not run. */
static const struct es_row rows[] = {
	{ ES_DEFINES, "read write if fd in FDS" },
	{ ES_DEFINES, "brk munmap mremap getrandom" },
	{ ES_DEFINES, "madvise if advice < MADV_HWPOISON" },
	{ ES_DEFINES, "mmap if prot & PROT_EXEC == 0 and flags & "
		      "MAP_ANONYMOUS == MAP_ANONYMOUS" },
	{ ES_DEFINES, "rt_sigreturn restart_syscall exit_group" },
};

/* Both for a process with SOCKET. *POLICY and *FILTER are to be finished in any
 * case. */
static enum es_status make_filter(struct es_arena *arena, int socket,
				  struct es_diags *diags,
				  struct es_policy *policy,
				  struct es_filter *filter)
{
	struct es_building building = {
		.arena = arena, .diags = diags, .policy = policy,
		.sets = { [ES_SET_FDS] = { .name = "FDS" } },
	};

	policy->deny = SECCOMP_RET_KILL_PROCESS;
	/* A number that is in no table is no better. */
	memset(policy->known, true, sizeof(policy->known));
	if (!es_ranges_add(arena, &building.sets[ES_SET_FDS].set,
			   (uint64_t)socket, (uint64_t)socket))
		return ES_NOMEM;
	for (size_t i = 0; i < ES_COUNT(rows); i++)
		es_build_row(&building, &policy->allowed, &rows[i],
			     SECCOMP_RET_ALLOW, NULL);
	es_build_sort(&building, &policy->allowed);
	return building.status == ES_OK ?
	       es_filter_prove(arena, policy, diags, filter) : building.status;
}

/* Moves a part of SIZE bytes, as read(2) does. */
typedef ssize_t move_part(int socket, void *bytes, size_t size);

static ssize_t send_part(int socket, void *bytes, size_t size)
{
	return send(socket, bytes, size, MSG_NOSIGNAL);
}

/* For who may not send, but has nobody to be told by a signal that the other end
 * is gone. */
static ssize_t write_part(int socket, void *bytes, size_t size)
{
	return write(socket, bytes, size);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* All SIZE bytes; false where the other end is gone, or has not done its part
 * until END. 0: for who may ask no clock, and waits for good. */
static bool move_all(move_part *part, int socket, time_t end, void *bytes,
		     size_t size)
{
	char *at = bytes;

	while (size) {
		const ssize_t n = part(socket, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (end && now() > end))
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

static void answer(const char *text, size_t len, struct es_bytes *bytes)
{
	struct es_arena arena = { 0 };
	struct es_diags *diags = es_diags_new();
	const struct es_source source = { .name = "", .text = text,
					  .len = len };
	struct es_node *root = NULL;
	enum es_status status = ES_NOMEM;

	if (diags)
		status = es_yaml_read(&arena, &source, diags, &root);
	if (es_diags_lost(diags))
		status = ES_NOMEM;
	es_wire_put(bytes, status, status == ES_NOMEM ? NULL : diags, root);
	es_diags_free(diags);
	es_arena_finish(&arena);
}

/* Gets a text of LEN bytes, for which there may be no memory; false where the
 * other end is gone. */
static bool get_text(int socket, size_t len, char **text)
{
	char byte;

	*text = malloc(len + 1);
	if (*text) {
		(*text)[len] = '\0';
		return move_all(read, socket, 0, *text, len);
	}
	while (len && move_all(read, socket, 0, &byte, 1))
		len--;
	return !len;
}

void es_apart_yaml(int socket)
{
	uint32_t no_memory[] = { ES_NOMEM, 0 };
	struct header header = { 0 };
	bool fine = true;

	while (fine && move_all(read, socket, 0, &header, sizeof(header))) {
		struct es_bytes bytes = { 0 };
		char *text = NULL;

		fine = get_text(socket, header.len, &text);
		if (fine && text)
			answer(text, header.len, &bytes);
		if (!text || bytes.failed) {
			free(bytes.at);
			bytes = (struct es_bytes){ .n = sizeof(no_memory) };
		}
		header.len = (uint32_t)bytes.n;
		fine = fine &&
		       move_all(write_part, socket, 0, &header, sizeof(header)) &&
		       move_all(write_part, socket, 0, bytes.at ? bytes.at :
				(char *)no_memory, bytes.n);
		free(bytes.at);
		free(text);
	}
}

static time_t patience_of(const struct es_apart *apart)
{
	return apart->patience ? apart->patience : ANSWER_SECONDS;
}

/* Both ends are above the standard streams: one that is closed is the program's
 * to find. Returns an errno value. */
static int make_sockets(const struct es_apart *apart, int *ours, int *its)
{
	const struct timeval patience = { .tv_sec = patience_of(apart) };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return errno;
	*ours = fcntl(ends[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	*its = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(ends[0]);
	close(ends[1]);
	if (*ours < 0 || *its < 0)
		return EMFILE;
	return setsockopt(*ours, SOL_SOCKET, SO_RCVTIMEO, &patience,
			  sizeof(patience)) ||
	       setsockopt(*ours, SOL_SOCKET, SO_SNDTIMEO, &patience,
			  sizeof(patience)) ? errno : 0;
}

/* It ends with PARENT, at the latest, and leaves no memory behind. Returns an
 * errno value. */
static int bind_to(pid_t parent)
{
	struct rlimit work;
	pid_t now;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0) ||
	    getrlimit(RLIMIT_CPU, &work))
		return errno;
	if (work.rlim_max > WORK_SECONDS)
		work.rlim_max = WORK_SECONDS;
	if (work.rlim_cur > work.rlim_max)
		work.rlim_cur = work.rlim_max;
	if (setrlimit(RLIMIT_CPU, &work))
		return errno;
	now = getppid(); /* 0: in another pid namespace */
	return now && now != parent ? ESRCH : 0;
}

/* Returns an errno value. */
static int confine(const struct es_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->n,
					    filter->insns };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ?
	       errno : 0;
}

static _Noreturn void be_apart(const struct es_filter *filter,
			       es_apart_serve *serve, pid_t parent, int ours,
			       int its)
{
	int error = bind_to(parent);

	close(ours);
	if (!error)
		error = confine(filter);
	if (!move_all(write_part, its, 0, &error, sizeof(error)) || error)
		_exit(CANNOT);
	serve(its);
	_exit(0);
}

/* Takes the process's end, and hears of it that it is confined. Returns an errno
 * value. */
static int fork_apart(struct es_apart *apart, const struct es_filter *filter,
		      int ours, int *its)
{
	const pid_t self = getpid(), pid = es_fork(0);
	int error = 0;

	if (!pid)
		be_apart(filter, apart->serve, self, ours, *its);
	if (pid < 0)
		return errno;
	apart->pid = pid;
	close(es_steal_fd(its));
	return move_all(read, ours, 0, &error, sizeof(error)) ? error : EPERM;
}

static enum es_status start(struct es_apart *apart, enum es_severity severity,
			    struct es_diags *diags)
{
	struct es_arena arena = { 0 };
	struct es_policy policy = { 0 };
	struct es_filter filter = { 0 };
	es_autoclose int ours = -1, its = -1;
	int error = make_sockets(apart, &ours, &its);
	enum es_status status = ES_OK;

	if (!error)
		status = make_filter(&arena, its, diags, &policy, &filter);
	if (status == ES_OK && !error)
		error = fork_apart(apart, &filter, ours, &its);
	if (apart->pid)
		apart->socket = es_steal_fd(&ours);
	es_filter_finish(&filter);
	es_policy_finish(&policy);
	es_arena_finish(&arena);
	if (status != ES_OK || !error)
		return status;
	es_diag(diags, severity, ES_NOWHERE, "profiles are read without "
		"confinement: there is no process to be had that could do "
		"nothing else: %s", strerrordesc_np(error));
	return ES_UNSUPPORTED;
}

enum es_status es_apart_start(struct es_apart *apart, enum es_severity severity,
			      struct es_diags *diags)
{
	enum es_status status = ES_UNSUPPORTED;

	/* Nobody is to be in the middle of something in the memory that it
	 * gets. */
	if (__libc_single_threaded)
		status = start(apart, severity, diags);
	else
		es_diag(diags, severity, ES_NOWHERE, "profiles are read "
			"without confinement: a process for it can be had "
			"only where there are no threads");
	if (status != ES_OK)
		es_apart_end(apart);
	if (status == ES_UNSUPPORTED)
		apart->serve = NULL;
	return status;
}

/* It is ours, and not of who has forked us, and nobody has waited for it, so that
 * its id is not another's. Who may not ask has forked nobody since. */
static bool is_child(pid_t pid)
{
	siginfo_t info;

	return !waitid(P_PID, (id_t)pid, &info,
		       WEXITED | WNOWAIT | WNOHANG | __WALL) || errno == EPERM;
}

void es_apart_end(struct es_apart *apart)
{
	if (!apart->pid)
		return;
	close(apart->socket);
	/* Others may have a copy of our end, so that closing it says nothing.
	 * Who may not kill leaves it, and it ends with us. */
	if (is_child(apart->pid) && !kill(apart->pid, SIGKILL))
		while (waitpid(apart->pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	apart->pid = 0;
}

/* Hands SOURCE over, and gets the number of bytes of what is an answer to that;
 * false where none comes. */
static bool ask(const struct es_apart *apart, time_t end,
		const struct es_source *source, uint32_t *len)
{
	const int socket = apart->socket;
	struct header header = { .len = (uint32_t)source->len }, answered;

	if (getrandom(&header.number, sizeof(header.number), 0) !=
	    sizeof(header.number))
		return false;
	if (!move_all(send_part, socket, end, &header, sizeof(header)) ||
	    !move_all(send_part, socket, end, (char *)source->text,
		      header.len) ||
	    !move_all(read, socket, end, &answered, sizeof(answered)))
		return false;
	*len = answered.len;
	return answered.number == header.number && *len <= ES_WIRE_MAX;
}

/* es_document_read of a process that is there. */
static enum es_status read_answer(const struct es_apart *apart,
				  struct es_arena *arena,
				  const struct es_source *source,
				  struct es_diags *diags, struct es_node **root)
{
	const time_t end = now() + patience_of(apart);
	enum es_status status = ES_INTERNAL;
	char *bytes = NULL;
	uint32_t len = 0;

	if (!ask(apart, end, source, &len))
		return ES_INTERNAL;
	bytes = malloc((size_t)len + 1);
	if (!bytes)
		return ES_NOMEM;
	if (move_all(read, apart->socket, end, bytes, len))
		status = es_wire_get(arena, bytes, len, source, diags, root);
	free(bytes);
	return status;
}

enum es_status es_document_read(struct es_apart *apart, bool installed,
				struct es_arena *arena,
				const struct es_source *source,
				struct es_diags *diags, struct es_node **root)
{
	enum es_status status = ES_OK;

	if (!apart->serve || (installed && !apart->all))
		return es_yaml_read(arena, source, diags, root);
	if (apart->pid && !is_child(apart->pid))
		es_apart_end(apart);
	if (!apart->pid)
		status = es_apart_start(apart, ES_WARNING, diags);
	if (status == ES_UNSUPPORTED)
		return es_yaml_read(arena, source, diags, root);
	if (status != ES_OK)
		return status;
	status = read_answer(apart, arena, source, diags, root);
	/* After one that is not what it should be, nobody knows where it is. */
	if (!apart->all || status == ES_INTERNAL || status == ES_NOMEM)
		es_apart_end(apart);
	if (status == ES_INTERNAL)
		es_diag(diags, ES_ERROR, (struct es_place){ .source = source },
			"the process that reads it died, or told something "
			"else than what it says");
	return status;
}
