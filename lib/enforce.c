/* SPDX-License-Identifier: MIT */
#include "enforce.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Moves what is handed over out of the way first, since one's place may be
 * where another still lies. */
static void place_descriptors(const struct es_enforcement *what, int *ruleset)
{
	const int above = what->nhanded ?
			  what->handed[what->nhanded - 1].number + 1 : 3;

	for (size_t i = 0; i < what->nhanded; i++) {
		struct es_handed *handed = &what->handed[i];

		if (handed->fd == handed->number)
			continue;
		handed->fd = fcntl(handed->fd, F_DUPFD_CLOEXEC, above);
		if (handed->fd < 0)
			fail(what, CANNOT, "can't place a descriptor", "",
			     errno);
	}
	*ruleset = fcntl(what->ruleset, F_DUPFD_CLOEXEC, above);
	if (*ruleset < 0)
		fail(what, CANNOT, "can't place a descriptor", "", errno);
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

/* Everything from 3 up that is not handed over; RULESET lies above them all. */
static void close_others(const struct es_enforcement *what, int ruleset)
{
	unsigned next = 3;

	for (size_t i = 0; i < what->nhanded; i++) {
		const unsigned number = (unsigned)what->handed[i].number;

		close_between(what, next, number - 1);
		next = number + 1;
	}
	close_between(what, next, (unsigned)ruleset - 1);
	close_between(what, (unsigned)ruleset + 1, UINT_MAX);
}

_Noreturn void es_enforce(const struct es_enforcement *what)
{
	const struct sock_fprog program = { (unsigned short)what->filter->n,
					    what->filter->insns };
	int ruleset = -1;

	place_descriptors(what, &ruleset);
	close_others(what, ruleset);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fail(what, CANNOT, "can't set no_new_privs", "", errno);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		fail(what, CANNOT, errno == E2BIG ?
		     "can't enforce Landlock: 16 layers are in force already" :
		     "can't enforce Landlock", "", errno);
	close(ruleset);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		fail(what, CANNOT, "can't load the seccomp filter", "", errno);

	const int error = (int)-es_gate_call(SYS_execve, what->path, what->argv,
					     what->envp, what->key);

	fail(what, error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE,
	     "can't execute", what->path, error);
}
