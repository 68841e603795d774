/* SPDX-License-Identifier: MIT */
#include "herd.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "util.h"

enum {
	STOP_SECONDS = 5, /* for all threads to stop, once one is there */
	IDLE = 256, /* looks without an event, after which it is made sure
		     * that all are still there */
	TICK = 2000, /* us */
};

enum es_until es_herd_until(const struct es_herd *herd)
{
	return herd->helping->startup->until;
}

struct es_tracee *es_herd_find(struct es_herd *herd, pid_t tid)
{
	for (size_t i = 0; i < herd->n; i++)
		if (herd->at[i].tid == tid)
			return &herd->at[i];
	return NULL;
}

struct es_tracee *es_herd_add(struct es_herd *herd, pid_t tid)
{
	struct es_tracee *tracee = es_herd_find(herd, tid);

	if (tracee)
		return tracee;
	if (herd->n == ES_MAX_TRACEES) {
		herd->full = herd->stopping = true;
		return &herd->at[ES_MAX_TRACEES]; /* room for one too many */
	}
	tracee = &herd->at[herd->n++];
	*tracee = (struct es_tracee){ .tid = tid };
	return tracee;
}

/* Is it traced by this process? */
static bool is_ours(pid_t tid)
{
	return es_proc_tracer(tid) == getpid();
}

static void drop(struct es_herd *herd, pid_t tid)
{
	struct es_tracee *tracee = es_herd_find(herd, tid);

	if (!tracee)
		return;
	if (herd->entered == tracee)
		herd->entered = NULL;
	*tracee = herd->at[--herd->n];
	if (herd->entered == &herd->at[herd->n])
		herd->entered = tracee;
}

/* Lets it run on, with a signal or 0. If all are to stop, it does so before it
 * has done anything: each stop takes the wish for another one away, so it is
 * made anew, and first. A child that borrows its parent's memory goes on. */
static void go_on(struct es_herd *herd, struct es_tracee *tracee, int sig)
{
	tracee->stopped = false;
	if (herd->failure.what)
		return; /* nothing of it is to go on */
	if (herd->stopping && !tracee->borrows)
		ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL);
	ptrace(es_herd_until(herd) == ES_UNTIL_READY ? PTRACE_SYSCALL :
						       PTRACE_CONT,
	       tracee->tid, NULL, sig);
}

void es_herd_fail(struct es_herd *herd, const char *what, int error)
{
	if (!herd->failure.what)
		herd->failure = (struct es_arm_failure){ what, error };
}

/* A stop that was asked for, a new thread's first one, or, with another signal
 * than SIGTRAP, one of the whole process. */
static void stop_or_go_on(struct es_herd *herd, struct es_tracee *tracee, int sig)
{
	if (herd->stopping && !tracee->borrows)
		tracee->stopped = true;
	else if (sig == SIGTRAP)
		go_on(herd, tracee, 0);
	else
		ptrace(PTRACE_LISTEN, tracee->tid, NULL, NULL);
}

/* A new thread has what the one has that made it, until it is another program. */
static void let_in(struct es_herd *herd, struct es_tracee *child,
		   const struct es_tracee *parent, bool borrows)
{
	const int sig = child->waits;

	child->waits = 0;
	child->syscall_at = parent->syscall_at;
	child->entry = parent->entry;
	child->text = parent->text;
	child->borrows = borrows;
	if (sig)
		stop_or_go_on(herd, child, sig);
	else if (borrows && child->stopped)
		go_on(herd, child, 0);
}

/* Who was killed as it made a child has no event that tells of it. */
static void let_in_all_of(struct es_herd *herd, const struct es_tracee *maker)
{
	for (size_t i = 0; i < herd->n; i++)
		if (herd->at[i].waits && herd->at[i].maker == maker->tid)
			let_in(herd, &herd->at[i], maker, false);
}

/* Another program, in a process of its own: none of the other threads is left,
 * and the one that called has its process's number now. */
static void on_exec(struct es_herd *herd, struct es_tracee *tracee)
{
	unsigned long former = 0;

	if (!ptrace(PTRACE_GETEVENTMSG, tracee->tid, NULL, &former) &&
	    (pid_t)former != tracee->tid) {
		const pid_t tid = tracee->tid;

		drop(herd, (pid_t)former);
		tracee = es_herd_find(herd, tid);
	}
	let_in_all_of(herd, tracee);
	tracee->borrows = false;
	if (!herd->filters)
		herd->filters = es_proc_filters(tracee->tid);
	if (!es_tracee_started(tracee, es_herd_until(herd) == ES_UNTIL_ENTRY &&
				       tracee->tid == herd->program))
		es_herd_fail(herd, "a new program's memory can't be had",
			     errno);
	go_on(herd, tracee, 0);
}

static void on_child(struct es_herd *herd, struct es_tracee *tracee,
		     bool borrows)
{
	unsigned long number = 0;
	struct es_tracee *child = NULL;

	/* It may have come and gone before its parent's event. */
	if (!ptrace(PTRACE_GETEVENTMSG, tracee->tid, NULL, &number) && number &&
	    (es_herd_find(herd, (pid_t)number) || is_ours((pid_t)number)))
		child = es_herd_add(herd, (pid_t)number);
	if (child && !child->syscall_at)
		let_in(herd, child, tracee, borrows);
	go_on(herd, tracee, 0);
}

/* A new process's parent, or a new thread's process. */
static pid_t maker_of(pid_t tid)
{
	const pid_t pid = es_proc_process(tid);

	return pid == tid ? es_proc_parent(tid) : pid;
}

/* A new thread's first stop may be told of before its maker's event, and does
 * nothing, such as exec, until both are known; if no event is to come, nothing
 * holds it. */
static void on_stop(struct es_herd *herd, struct es_tracee *tracee, bool known,
		    int sig)
{
	if (!known)
		tracee->maker = maker_of(tracee->tid);
	if (!known && es_herd_find(herd, tracee->maker))
		tracee->waits = sig;
	else
		stop_or_go_on(herd, tracee, sig);
}

static void on_end(struct es_herd *herd, pid_t tid)
{
	const struct es_tracee *tracee = es_herd_find(herd, tid);

	if (tracee)
		let_in_all_of(herd, tracee);
	drop(herd, tid);
}

static void on_entered(struct es_herd *herd, struct es_tracee *tracee)
{
	if (!es_tracee_unplant(tracee, true))
		es_herd_fail(herd, "its memory can't be had any more", errno);
	if (!herd->entered)
		herd->entered = tracee;
	herd->stopping = true;
	/* To where calls can be made: out of the signal's delivery. */
	go_on(herd, tracee, 0);
}

/* At a system call: is it the one that is waited for? */
static void on_call(struct es_herd *herd, struct es_tracee *tracee)
{
	if (es_is_ready(tracee, herd->helping->notify, &herd->ready))
		herd->stopping = true;
	go_on(herd, tracee, 0);
}

void es_herd_take(struct es_herd *herd, pid_t tid, int status)
{
	const bool known = es_herd_find(herd, tid);
	struct es_tracee *tracee;

	if (!WIFSTOPPED(status)) {
		on_end(herd, tid);
		return;
	}
	tracee = es_herd_add(herd, tid);
	switch (status >> 16) {
	case PTRACE_EVENT_EXEC:
		on_exec(herd, tracee);
		break;
	case PTRACE_EVENT_CLONE:
	case PTRACE_EVENT_FORK:
		on_child(herd, tracee, false);
		break;
	case PTRACE_EVENT_VFORK:
		on_child(herd, tracee, true);
		break;
	case PTRACE_EVENT_STOP:
		on_stop(herd, tracee, known, WSTOPSIG(status));
		break;
	case 0:
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			on_call(herd, tracee);
		else if (WSTOPSIG(status) == SIGTRAP &&
			 es_tracee_entered(tracee))
			on_entered(herd, tracee);
		else
			go_on(herd, tracee, WSTOPSIG(status));
		break;
	default:
		go_on(herd, tracee, 0);
		break;
	}
}

/* waitpid(2) asks the youngest first, whose events might never end: each one has
 * its turn. */
pid_t es_herd_wait(struct es_herd *herd, int *status)
{
	const size_t turn = herd->n ? herd->turn++ % herd->n : 0;
	const pid_t tid = herd->n ? waitpid(herd->at[turn].tid, status,
					    __WALL | WNOHANG) : 0;

	return tid > 0 ? tid : waitpid(-1, status, __WALL);
}

static volatile sig_atomic_t ticked;

static void on_tick(int sig)
{
	(void)sig; /* waitpid returns, if it waits */
	ticked = 1;
}

bool es_herd_ticked(void)
{
	const bool did = ticked;

	ticked = 0;
	return did;
}

void es_herd_tick(bool on)
{
	const struct itimerval time = { { 0, on ? TICK : 0 },
					{ 0, on ? TICK : 0 } };
	const struct sigaction action = { .sa_handler = on_tick };
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &time, NULL);
	sigprocmask(on ? SIG_UNBLOCK : SIG_BLOCK, &alarm, NULL);
}

time_t es_herd_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static size_t count_running(const struct es_herd *herd)
{
	size_t n = 0;

	for (size_t i = 0; i < herd->n; i++)
		n += !herd->at[i].stopped;
	return n;
}

/* A thread that has ended while others of its process go on is told of by no
 * event, if it was the first. */
static void drop_ended(struct es_herd *herd)
{
	for (size_t i = 0; i < herd->n;) {
		struct es_tracee *tracee = &herd->at[i];

		if (!tracee->stopped && !is_ours(tracee->tid))
			drop(herd, tracee->tid);
		else
			i++;
	}
}

/* All stop: they are asked, and those that can't stop yet once they can. */
void es_herd_stop(struct es_herd *herd)
{
	const struct timespec tick = { .tv_nsec = 30000 };
	const time_t end = es_herd_now() + STOP_SECONDS;
	unsigned idle = 0;
	int status;

	for (size_t i = 0; i < herd->n; i++)
		if (!herd->at[i].stopped && !herd->at[i].borrows)
			ptrace(PTRACE_INTERRUPT, herd->at[i].tid, NULL, NULL);
	while (count_running(herd) && !herd->failure.what) {
		const pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);

		if (tid > 0)
			es_herd_take(herd, tid, status);
		if (es_herd_now() > end)
			es_herd_fail(herd, "a thread of it does not stop", 0);
		else if (tid <= 0 && ++idle % IDLE == 0)
			drop_ended(herd);
		else if (tid <= 0)
			nanosleep(&tick, NULL);
	}
}
