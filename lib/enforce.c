/* SPDX-License-Identifier: MIT */
#include "enforce.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compat.h"
#include "gate.h"

enum { CANNOT = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/* One line and the end. The write has the key, since the filter may be in. */
static _Noreturn void fail(const struct es_enforcement *what, int status,
			   const char *step, const char *subject, int error)
{
	char line[PATH_MAX + 256];
	const char *reason = strerrordesc_np(error);
	int len = snprintf(line, sizeof(line), "extrasafe: error: %s%s%s%s: %s\n",
			   step, *subject ? " '" : "", subject,
			   *subject ? "'" : "", reason ? reason : "unknown");

	if (len > (int)sizeof(line) - 1)
		len = sizeof(line) - 1;
	/* Terminals shall not be steered by a path. */
	for (int i = 0; i < len - 1; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f ||
		    (unsigned char)line[i] >= 0x80)
			line[i] = '?';
	es_gate_call(SYS_write, (void *)STDERR_FILENO, line,
		     (void *)(intptr_t)len, what->key);
	for (;;)
		syscall(SYS_exit_group, status);
}

/* What has to stay open up to the exec, above all that is handed over. */
struct kept {
	int ruleset; /* or -1 */
	int report;  /* the higher one; or -1 */
};

static int move_above(const struct es_enforcement *what, int fd, int above)
{
	const int moved = fcntl(fd, F_DUPFD_CLOEXEC, above);

	if (moved < 0)
		fail(what, CANNOT, "can't place a descriptor", "", errno);
	return moved;
}

/* Moves what is handed over out of the way first, since one's place may be
 * where another still lies. */
static void place_descriptors(const struct es_enforcement *what,
			      struct kept *kept)
{
	const int above = what->nhanded ?
			  what->handed[what->nhanded - 1].number + 1 : 3;

	for (size_t i = 0; i < what->nhanded; i++) {
		struct es_handed *handed = &what->handed[i];

		if (handed->fd == handed->number)
			continue;
		handed->fd = move_above(what, handed->fd, above);
	}
	kept->ruleset = what->ruleset < 0 ? -1 :
			move_above(what, what->ruleset, above);
	kept->report = what->report < 0 ? -1 :
		       move_above(what, what->report, kept->ruleset < 0 ?
				  above : kept->ruleset + 1);
	for (size_t i = 0; i < what->nhanded; i++) {
		const struct es_handed *handed = &what->handed[i];

		if (handed->fd == handed->number ?
		    fcntl(handed->fd, F_SETFD, 0) :
		    dup2(handed->fd, handed->number) < 0)
			fail(what, CANNOT, "can't place a descriptor", "",
			     errno);
	}
}

static void close_between(const struct es_enforcement *what, unsigned first,
			  unsigned last)
{
	if (first <= last && syscall(SYS_close_range, first, last, 0))
		fail(what, CANNOT, "can't close inherited descriptors", "",
		     errno);
}

/* Everything from 3 up that is not handed over, nor KEPT. */
static void close_others(const struct es_enforcement *what,
			 const struct kept *kept)
{
	const int ours[] = { kept->ruleset, kept->report };
	unsigned next = 3;

	for (size_t i = 0; i < what->nhanded; i++) {
		const unsigned number = (unsigned)what->handed[i].number;

		close_between(what, next, number - 1);
		next = number + 1;
	}
	for (size_t i = 0; i < 2; i++) {
		if (ours[i] < 0)
			continue;
		close_between(what, next, (unsigned)ours[i] - 1);
		next = (unsigned)ours[i] + 1;
	}
	close_between(what, next, UINT_MAX);
}

/* Its descriptor table is the supervisor's up to here. */
static void become_own(const struct es_enforcement *what)
{
	if (syscall(SYS_close_range, UINT_MAX, UINT_MAX,
		    CLOSE_RANGE_UNSHARE))
		fail(what, CANNOT, "can't have descriptors of its own", "",
		     errno);
}

/* Hands the listener over, by a call that has the key: the filter is in. */
static void hand_over(const struct es_enforcement *what, int report,
		      int listener)
{
	char byte = 0;
	struct iovec data = { &byte, 1 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	const struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	long sent;

	control.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &listener, sizeof(listener));
	do
		sent = es_gate_call(SYS_sendmsg, (void *)(intptr_t)report,
				    &message, NULL, what->key);
	while (sent == -EINTR);
	if (sent != 1)
		fail(what, CANNOT, "can't hand the seccomp listener over", "",
		     (int)-sent);
}

static void load_filter(const struct es_enforcement *what, int report)
{
	const struct sock_fprog program = { (unsigned short)what->filter->n,
					    what->filter->insns };
	const unsigned listen = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long loaded;

	if (report < 0) {
		loaded = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
				 &program);
	} else {
		/* Linux 5.19: signals don't interrupt a call that is being
		 * answered. */
		loaded = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				 listen | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
				 &program);
		if (loaded < 0 && errno == EINVAL)
			loaded = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					 listen, &program);
	}
	if (loaded < 0 && errno == EBUSY && report >= 0)
		fail(what, CANNOT, "can't report: somebody listens to an outer "
		     "seccomp filter already", "", errno);
	if (loaded < 0)
		fail(what, CANNOT, "can't load the seccomp filter", "", errno);
	if (report >= 0)
		hand_over(what, report, (int)loaded);
}

static void restrict_self(const struct es_enforcement *what, int ruleset)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, what->flags))
		fail(what, CANNOT, errno == E2BIG ?
		     "can't enforce Landlock: 16 layers are in force already" :
		     "can't enforce Landlock", "", errno);
	close(ruleset);
}

_Noreturn void es_enforce(const struct es_enforcement *what)
{
	struct kept kept;

	if (what->report >= 0)
		become_own(what);
	place_descriptors(what, &kept);
	close_others(what, &kept);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fail(what, CANNOT, "can't set no_new_privs", "", errno);
	if (kept.ruleset >= 0)
		restrict_self(what, kept.ruleset);
	if (what->mask && sigprocmask(SIG_SETMASK, what->mask, NULL))
		fail(what, CANNOT, "can't set the signal mask", "", errno);
	if (what->filter)
		load_filter(what, kept.report);

	const int error = (int)-es_gate_call(SYS_execve, what->path, what->argv,
					     what->envp, what->key);

	fail(what, error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE,
	     "can't execute", what->path, error);
}
