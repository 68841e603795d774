/* SPDX-License-Identifier: MIT */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enforce.h"
#include "herd.h"
#include "proc.h"
#include "util.h"

enum {
	ANSWER_SECONDS = 5, /* for the supervisor to answer */
	END_SECONDS = 2,    /* for all to end, where arming failed */
	CANNOT = 125,
};

/* Which process each thread is of. */
static void know_processes(struct es_herd *herd)
{
	for (size_t i = 0; i < herd->n; i++) {
		struct es_tracee *tracee = &herd->at[i];

		if (!tracee->pid)
			tracee->pid = es_proc_process(tracee->tid);
	}
}

/* Those whose process is not known can't be armed with it. */
static void require_processes(struct es_herd *herd)
{
	know_processes(herd);
	for (size_t i = 0; i < herd->n; i++)
		if (!herd->at[i].pid)
			es_herd_fail(herd, "/proc doesn't tell its processes",
				     errno);
}

/* The supervisor stops listening to the first layer, or is not there to. */
static bool ask_supervisor(const struct es_herd *herd)
{
	const time_t end = es_herd_now() + ANSWER_SECONDS;
	char byte = ES_HELPER_READY;
	ssize_t n;

	if (send(herd->helping->report, &byte, 1, MSG_NOSIGNAL) != 1)
		return false;
	do
		n = recv(herd->helping->report, &byte, 1, 0);
	while (n < 0 && errno == EINTR && es_herd_now() <= end);
	return n == 1 && byte == ES_HELPER_GO;
}

static bool give_listener(const struct es_herd *herd, int listener)
{
	char byte = ES_HELPER_ARMED;
	struct iovec data = { &byte, 1 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	const struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &listener, sizeof(listener));
	return sendmsg(herd->helping->report, &message, MSG_NOSIGNAL) == 1;
}

/* A filter of its own may answer in the kernel's place that a call was made,
 * which was not. And what is put into one table of descriptors has to be there
 * for all. */
static bool is_as_it_was(struct es_herd *herd, struct es_tracee *const *threads,
			 size_t n)
{
	enum { FILES = 2 }; /* KCMP_FILES, of <linux/kcmp.h> */

	for (size_t i = 0; i < n; i++) {
		if (!herd->filters ||
		    es_proc_filters(threads[i]->tid) != herd->filters)
			es_herd_fail(herd, "it has a seccomp filter of its own "
				     "already", 0);
		if (i && syscall(SYS_kcmp, threads[0]->tid, threads[i]->tid,
				 FILES, 0, 0))
			es_herd_fail(herd, "a thread of it has descriptors of "
				     "its own", 0);
	}
	return !herd->failure.what;
}

/* The process PID: the threads that are its own. */
static bool arm_process(struct es_herd *herd, pid_t pid)
{
	struct es_tracee **threads = herd->threads;
	struct es_arming own = herd->helping->arming;
	const struct es_arming *arming = &own;
	es_autoclose int listener = -1;
	size_t n = 0;

	for (size_t i = 0; i < herd->n; i++)
		if (herd->at[i].pid == pid)
			threads[n++] = &herd->at[i];
	if (!is_as_it_was(herd, threads, n))
		return false;
	if (!es_tracee_unplant(threads[0], false)) {
		es_herd_fail(herd, "its entry point can't be put back", errno);
		return false;
	}
	for (size_t i = 1; i < n; i++)
		threads[i]->entry = 0;
	own.ready = herd->ready.sender ? &herd->ready : NULL;
	if (arming->reports && !ask_supervisor(herd)) {
		es_herd_fail(herd, "the supervisor doesn't answer", errno);
		return false;
	}
	if (!es_arm(arming, threads, n, &listener, &herd->failure))
		return false;
	if (arming->reports && !give_listener(herd, listener)) {
		es_herd_fail(herd, "the supervisor can't be told", errno);
		return false;
	}
	return true;
}

static bool is_first_of_process(const struct es_herd *herd, size_t i)
{
	for (size_t before = 0; before < i; before++)
		if (herd->at[before].pid == herd->at[i].pid)
			return false;
	return true;
}

static pid_t ready_process(struct es_herd *herd)
{
	const struct es_tracee *sender = es_herd_find(herd, herd->ready.sender);

	return sender ? sender->pid : 0;
}

static void arm_all(struct es_herd *herd)
{
	size_t processes = 0;

	for (size_t i = 0; i < herd->n; i++)
		processes += is_first_of_process(herd, i);
	if (herd->helping->arming.reports && processes > 1)
		es_herd_fail(herd, "it is several processes already, and one "
			     "alone can be reported of; trace it without "
			     "extrasafe, and give the trace to `extrasafe "
			     "why`", 0);
	if (!herd->failure.what && herd->entered)
		es_arm_mend_trap(&herd->helping->arming, herd->entered,
				 &herd->failure);
	/* Who says that it is ready comes last: all of it is armed then. */
	for (size_t i = 0; i < herd->n && !herd->failure.what; i++)
		if (is_first_of_process(herd, i) &&
		    herd->at[i].pid != ready_process(herd))
			arm_process(herd, herd->at[i].pid);
	if (ready_process(herd) && !herd->failure.what)
		arm_process(herd, ready_process(herd));
}

/* What goes on is armed; and nobody stands beside it. */
static void release_all(struct es_herd *herd)
{
	for (size_t i = 0; i < herd->n && !herd->failure.what; i++)
		if (!es_tracee_restore(&herd->at[i]))
			es_herd_fail(herd, "a thread of it can't be put back",
				     errno);
	for (size_t i = 0; i < herd->n && !herd->failure.what; i++)
		ptrace(PTRACE_DETACH, herd->at[i].tid, NULL, NULL);
}

/* One line, as the launcher would write it. */
static void tell(const struct es_herd *herd)
{
	const struct es_arm_failure *failure = &herd->failure;
	const bool entry = es_herd_until(herd) == ES_UNTIL_ENTRY;
	char line[512];
	const int len = snprintf(
		line, sizeof(line),
		"extrasafe: error: can't arm the program%s, so it was ended: "
		"%s%s%s%s\n", entry ? " at its entry point" : "",
		failure->what, failure->error ? ": " : "",
		failure->error ? strerrordesc_np(failure->error) : "",
		entry ? "; `arm: exec` does without" : "");

	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

/* Its processes end with 125 where they can be made to; what does anything else
 * is killed, and at the latest when the helper ends (PTRACE_O_EXITKILL). */
ES_ANY_STACK static _Noreturn void end_all(struct es_herd *herd)
{
	const time_t end = es_herd_now() + END_SECONDS;
	int status;
	pid_t tid;

	tell(herd);
	for (size_t i = 0; i < herd->n; i++)
		if (!es_tracee_exit(&herd->at[i], CANNOT))
			kill(herd->at[i].tid, SIGKILL);
	es_herd_tick(true);
	while (es_herd_now() <= end) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno != EINTR)
			break;
		if (tid > 0 && WIFSTOPPED(status))
			kill(tid, SIGKILL);
	}
	_exit(CANNOT);
}

static bool is_any_listening(const struct es_herd *herd)
{
	for (size_t i = 0; i < herd->n; i++)
		if (is_first_of_process(herd, i) &&
		    es_is_listening(&herd->at[i]))
			return true;
	return false;
}

/* Does each process have a thread that waits? While one is being made, another
 * one does not. */
static bool is_each_blocked(const struct es_herd *herd)
{
	for (size_t i = 0; i < herd->n; i++) {
		bool blocked = false;

		if (!is_first_of_process(herd, i))
			continue;
		for (size_t j = i; j < herd->n && !blocked; j++)
			blocked = herd->at[j].pid == herd->at[i].pid &&
				  es_is_blocked(&herd->at[j],
						herd->helping->startup);
		if (!blocked)
			return false;
	}
	return herd->n;
}

/* What no event tells of is looked after every few milliseconds. */
static bool is_there(struct es_herd *herd)
{
	for (size_t i = 0; i < herd->n; i++)
		if (!herd->at[i].syscall_at)
			return false; /* it is the launcher still */
	know_processes(herd);
	if (es_herd_until(herd) == ES_UNTIL_LISTENING)
		return is_any_listening(herd);
	return es_herd_until(herd) == ES_UNTIL_BLOCKED &&
	       is_each_blocked(herd);
}

/* It has taken too long. All are stopped, so that they can be ended. */
static void give_up(struct es_herd *herd)
{
	herd->stopping = true;
	es_herd_stop(herd);
	es_herd_fail(herd, es_until_missed(es_herd_until(herd)), 0);
}

ES_ANY_STACK static void wait_until(struct es_herd *herd)
{
	const bool ticks = es_herd_until(herd) != ES_UNTIL_ENTRY;
	const time_t end = es_herd_now() +
			   (herd->helping->startup->deadline + 999) / 1000;
	int status;

	if (ticks)
		es_herd_tick(true);
	while (!herd->stopping && !herd->failure.what) {
		const pid_t tid = es_herd_wait(herd, &status);

		if (tid > 0)
			es_herd_take(herd, tid, status);
		else if (errno != EINTR)
			_exit(0); /* the program is no more */
		if (es_herd_ticked() && !herd->stopping) {
			herd->stopping = is_there(herd);
			es_herd_ticked(); /* looking may take longer than one */
		}
		if (ticks && !herd->stopping && es_herd_now() > end) {
			es_herd_tick(false);
			give_up(herd);
		}
	}
	if (ticks)
		es_herd_tick(false);
}

ES_ANY_STACK static _Noreturn void watch(struct es_herd *herd)
{
	wait_until(herd);
	es_herd_tick(true); /* nothing is waited for without end */
	if (!herd->failure.what)
		es_herd_stop(herd);
	if (herd->full)
		es_herd_fail(herd, "it has more threads than can be held", 0);
	if (!herd->failure.what)
		require_processes(herd);
	if (!herd->failure.what)
		arm_all(herd);
	if (!herd->failure.what)
		release_all(herd);
	if (herd->failure.what)
		end_all(herd);
	_exit(0);
}

/* Closes all descriptors but those of KEPT, of which -1 is none. */
static void close_all_but(const int *kept, size_t n)
{
	unsigned next = 0;

	for (;;) {
		unsigned lowest = UINT_MAX;

		for (size_t i = 0; i < n; i++)
			if (kept[i] >= 0 && (unsigned)kept[i] >= next &&
			    (unsigned)kept[i] < lowest)
				lowest = (unsigned)kept[i];
		if (lowest > next)
			syscall(SYS_close_range, next,
				lowest == UINT_MAX ? lowest : lowest - 1, 0);
		if (lowest == UINT_MAX)
			return;
		next = lowest + 1;
	}
}

/* Nothing of the launcher's is held on to, and nothing that is meant for the
 * program's job reaches it. */
static void step_aside(const struct es_helping *helping, int socket)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	const int kept[] = { STDERR_FILENO, helping->arming.ruleset,
			     helping->report, socket };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigaction(SIGCHLD, &by_default, NULL);
	setsid();
	close_all_but(kept, ES_COUNT(kept));
	if (chdir("/"))
		return; /* it only holds a folder longer than needed */
}

/* Memory without malloc, whose locks others may have held at the fork; what is
 * not used costs nothing. */
static void *room_for(size_t size)
{
	return mmap(NULL, (ES_MAX_TRACEES + 1) * size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Tells its number, and waits until it may trace: Yama has to be told first. */
ES_ANY_STACK static _Noreturn void help(const struct es_helping *helping,
					int socket, pid_t program)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD |
			     PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEVFORKDONE;
	struct es_herd herd = { .helping = helping, .program = program };
	const pid_t own = getpid();
	int error = 0;
	char byte;

	step_aside(helping, socket);
	herd.at = room_for(sizeof(*herd.at));
	herd.threads = room_for(sizeof(struct es_tracee *));
	if (send(socket, &own, sizeof(own), MSG_NOSIGNAL) != sizeof(own) ||
	    recv(socket, &byte, 1, 0) != 1)
		_exit(CANNOT);
	if (herd.at == MAP_FAILED || herd.threads == MAP_FAILED ||
	    ptrace(PTRACE_SEIZE, program, NULL, options))
		error = errno;
	if (send(socket, &error, sizeof(error), MSG_NOSIGNAL) !=
		    sizeof(error) || error)
		_exit(CANNOT);
	close(socket);
	es_herd_add(&herd, program);
	watch(&herd);
}

/* Is the program to be who gets the orphans? It then would see the helper. */
static bool gets_orphans(void)
{
	int subreaper = 0;

	return getpid() == 1 ||
	       (!prctl(PR_GET_CHILD_SUBREAPER, &subreaper) && subreaper);
}

/* A child that wait(2) does not see without __WALL, and without a signal. */
ES_ANY_STACK static void spawn_unseen(const struct es_helping *helping,
				      int socket)
{
	const pid_t program = getpid();

	if (!es_fork(0))
		help(helping, socket, program);
}

/* A child's child, whose parent is gone at once. Nobody waits for that one, so
 * that its time is not counted as the program's children's. */
ES_ANY_STACK static void spawn_orphan(const struct es_helping *helping,
				      int socket)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	const pid_t program = getpid();
	struct sigaction old;
	pid_t child;

	sigaction(SIGCHLD, &ignored, &old);
	child = es_fork(SIGCHLD);
	if (!child) {
		if (!es_fork(0))
			help(helping, socket, program);
		_exit(0);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGCHLD, &old, NULL);
}

static bool shake_hands(int socket, int *error)
{
	const char byte = 0;
	pid_t helper;

	if (recv(socket, &helper, sizeof(helper), 0) != sizeof(helper))
		return false;
	/* Without Yama there is nothing to be told (prctl(2)). */
	prctl(PR_SET_PTRACER, helper, 0, 0, 0);
	return send(socket, &byte, 1, MSG_NOSIGNAL) == 1 &&
	       recv(socket, error, sizeof(*error), 0) == sizeof(*error);
}

/* What can be done where nothing can be armed. */
static const char *way_out(const struct es_helping *helping)
{
	return helping->startup->until == ES_UNTIL_ENTRY ?
	       "`arm: exec` does without, and leaves open what a dynamic "
	       "loader needs" :
	       "`startup` can't do without; to trace a program, do so without "
	       "extrasafe, and give the trace to `extrasafe why`";
}

static enum es_status tell_refused(const struct es_helping *helping, int error,
				   struct es_diags *diags)
{
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"can't arm the program: ptrace(2) is refused (%s), as under a "
		"debugger, in an outer sandbox, or by "
		"kernel.yama.ptrace_scope 2 and 3; %s",
		strerrordesc_np(error), way_out(helping));
	return ES_UNSUPPORTED;
}

enum es_status es_helper_start(const struct es_helping *helping,
			       struct es_diags *diags)
{
	int sockets[2];
	int error = 0;
	bool fine;

	/* It tells which threads are one process, and what holds them. */
	if (!es_proc_is_own()) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't arm the program: /proc is not that of these "
			"processes; %s", way_out(helping));
		return ES_UNSUPPORTED;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't arm the program: a socket is refused (%s); %s",
			strerrordesc_np(errno), way_out(helping));
		return ES_SYSTEM;
	}
	(gets_orphans() ? spawn_unseen : spawn_orphan)(helping, sockets[1]);
	close(sockets[1]);
	fine = shake_hands(sockets[0], &error);
	close(sockets[0]);
	if (fine && error == ENOMEM)
		return ES_NOMEM;
	if (fine && error)
		return tell_refused(helping, error, diags);
	if (fine)
		return ES_OK;
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"can't start the process that arms the program");
	return ES_SYSTEM;
}
