/* SPDX-License-Identifier: MIT */
/*
 * A launcher that stays beside its program and tells what it is denied. The
 * filter notifies of those calls; they are answered as the filter of an
 * unsupervised program would answer them.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answer.h"
#include "compat.h"
#include "helper.h"
#include "keep.h"
#include "launch.h"
#include "util.h"

enum { STACK_SIZE = 8 << 20 };

/* A start by a child that has our memory and descriptors until it is the
 * program: what it compiles has its process id in it, and is ours as well. */
struct start {
	struct es_launching launching;
	const struct sigaction *sigchld; /* the program's */
	enum es_status status;
	bool returned; /* with STATUS: there was no program */
};

struct supervisor {
	struct es_answering answering;
	int signals;
	int helper; /* where it tells of the second layer */
	pid_t program;
	bool ended;
	int status; /* the program's, once it has ended */
};

/* Handlers are ours, and exec would take them away only later. */
static void drop_handlers(const struct sigaction *sigchld)
{
	struct sigaction action;

	for (int number = 1; number < NSIG; number++) {
		if (sigaction(number, NULL, &action) ||
		    action.sa_handler == SIG_DFL ||
		    action.sa_handler == SIG_IGN)
			continue;
		action = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(number, &action, NULL);
	}
	if (sigchld->sa_handler == SIG_IGN)
		sigaction(SIGCHLD, sigchld, NULL);
}

static int start_program(void *data)
{
	struct start *start = data;

	drop_handlers(start->sigchld);
	start->status = es_launch_prepared(&start->launching);
	start->returned = true;
	syscall(SYS_exit_group, 0);
	return 0;
}

/* Returns when the child is the program, or is no more. */
static pid_t spawn(struct start *start)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				   MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return -1;

	const pid_t pid = clone(start_program, stack + STACK_SIZE,
				CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD,
				start);
	const int error = errno;

	munmap(stack, STACK_SIZE);
	errno = error;
	return pid;
}

/* A listener that is sent, or -1: none has come so far. *BYTE is what came with
 * it, or alone. */
static int receive_listener(int socket, char *byte)
{
	struct iovec data = { byte, 1 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int listener = -1;

	if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1 ||
	    !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(listener));
	return listener;
}

/* The launcher stops with its program, so that a shell sees it. Not for
 * SIGSTOP: who sends that to the program would continue it alone. */
static void follow_stop(int wait_status)
{
	const int number = WSTOPSIG(wait_status);

	if (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU)
		kill(getpid(), SIGSTOP);
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != s->program)
			continue;
		if (WIFSTOPPED(status)) {
			follow_stop(status);
			continue;
		}
		s->status = status;
		if (s->answering.slain == pid && WIFSIGNALED(status))
			s->status = SIGSYS;
		s->ended = true;
	}
}

/* The kernel's own reach the whole group, but those of timers, which the program
 * would have had for its own, and a hang-up that a session's leader is told. */
static bool is_to_go_on(const struct supervisor *s,
			const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGALRM:
	case SIGVTALRM:
	case SIGPROF:
		return true;
	case SIGHUP:
		if (info->ssi_code > 0)
			return getsid(0) == getpid();
		break;
	default:
		break;
	}
	return info->ssi_code <= 0 && (pid_t)info->ssi_pid != getpid() &&
	       (pid_t)info->ssi_pid != s->program;
}

/* What somebody sends goes on to the program; what the terminal sends has
 * reached it by itself, since it is in the same group. */
static void take_signal(struct supervisor *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD) {
		reap(s);
		return;
	}
	if (s->ended || !is_to_go_on(s, &info))
		return;
	if (info.ssi_code == SI_QUEUE)
		sigqueue(s->program, (int)info.ssi_signo,
			 (union sigval){ .sival_ptr =
					 (void *)(uintptr_t)info.ssi_ptr });
	else
		kill(s->program, (int)info.ssi_signo);
}

/* The program is at its entry point: one listener goes, as there can be but
 * one, and then the other comes. */
static void take_message(struct supervisor *s)
{
	char byte = 0;
	const int listener = receive_listener(s->helper, &byte);

	if (byte == ES_HELPER_READY) {
		close(s->answering.listener);
		s->answering.listener = -1;
		byte = ES_HELPER_GO;
		if (send(s->helper, &byte, 1, MSG_NOSIGNAL) == 1)
			return;
	} else if (byte == ES_HELPER_ARMED && listener >= 0) {
		es_answering_arm(&s->answering, listener);
	}
	s->helper = -1; /* all has been said */
}

/* Answers until the program has ended; what else waits then is the keeper's. */
static void serve(struct supervisor *s)
{
	struct pollfd polled[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->answering.listener, .events = POLLIN },
		{ .fd = s->helper, .events = POLLIN },
	};

	while (!s->ended) {
		if (poll(polled, ES_COUNT(polled), -1) < 0)
			continue;
		if (polled[1].revents & POLLIN)
			es_answer_one(&s->answering);
		else if (polled[1].revents)
			polled[1].fd = -1; /* nobody uses the filter */
		if (polled[2].revents) {
			take_message(s);
			polled[1].fd = s->answering.listener;
			polled[2].fd = s->helper;
		}
		if (polled[0].revents & POLLIN)
			take_signal(s);
	}
}

static bool is_trap(const struct es_context *context)
{
	const struct es_setting *deny = &context->profile.deny;
	uint32_t ret;

	return deny->text && es_deny_parse(deny->text, &ret) &&
	       ret == SECCOMP_RET_TRAP;
}

static enum es_status run(struct start *start, struct supervisor *s,
			  const int sockets[2])
{
	struct es_diags *diags = start->launching.diags;
	char byte;

	s->program = spawn(start);
	if (s->program < 0) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't start a process: %s", strerrordesc_np(errno));
		return ES_SYSTEM;
	}
	if (start->returned)
		return start->status == ES_OK ? ES_INTERNAL : start->status;
	s->answering.program = s->program;
	s->answering.listener = receive_listener(sockets[1], &byte);
	s->helper = start->launching.compiled.arms ? sockets[1] : -1;
	es_answering_begin(&s->answering);
	if (is_trap(start->launching.context))
		es_denials_note(s->answering.denials,
				"under `deny: trap`, what the filter denies "
				"is told to the program's own handler alone");
	if (es_watch_stacks(&start->launching.compiled.policy))
		es_denials_note(s->answering.denials,
				"other seccomp filters are or may come, so "
				"what Landlock denies is not told");
	serve(s);
	es_keep(&s->answering);
	return ES_OK;
}

static enum es_status open_all(struct start *start, struct supervisor *s,
			       const sigset_t *all, int sockets[2])
{
	s->signals = signalfd(-1, all, SFD_CLOEXEC | SFD_NONBLOCK);
	s->answering.denials = es_denials_new(s->answering.report,
						s->answering.profile);
	if (!s->answering.denials)
		return ES_NOMEM;
	if (s->signals >= 0 &&
	    !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		start->launching.report = sockets[0];
		return ES_OK;
	}
	es_diag(start->launching.diags, ES_ERROR, ES_NOWHERE,
		"can't supervise: %s", strerrordesc_np(errno));
	return ES_SYSTEM;
}

static enum es_status supervise(struct start *start,
				const struct es_report *report,
				int *wait_status)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	struct supervisor s = {
		.answering = { .compiled = &start->launching.compiled,
			       .profile = &start->launching.context->profile,
			       .report = report, .listener = -1 },
		.signals = -1,
	};
	struct sigaction sigchld;
	sigset_t all, old;
	int sockets[2] = { -1, -1 };

	enum es_status status = es_launch_begin(start->launching.diags);

	if (status != ES_OK)
		return status;
	/* None is lost, and none comes between. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	sigaction(SIGCHLD, &by_default, &sigchld);
	start->sigchld = &sigchld;
	start->launching.mask = &old;

	status = open_all(start, &s, &all, sockets);
	if (status == ES_OK)
		status = run(start, &s, sockets);
	if (status == ES_OK)
		*wait_status = s.status;
	es_denials_free(s.answering.denials);
	es_arena_finish(&s.answering.arena);
	for (size_t i = 0; i < 2; i++)
		if (sockets[i] >= 0)
			close(sockets[i]);
	if (s.answering.listener >= 0)
		close(s.answering.listener);
	if (s.signals >= 0)
		close(s.signals);
	sigaction(SIGCHLD, &sigchld, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return status;
}

enum es_status es_supervise(struct es_context *context, char *const argv[],
			    const struct es_launch_options *options,
			    const struct es_report *report, int *wait_status,
			    struct es_diags *diags)
{
	static const struct es_launch_options none = { 0 };
	struct start start = { .launching = {
		.context = context, .argv = argv,
		.options = options ? options : &none, .diags = diags,
		.report = -1,
	} };
	enum es_status status;

	if (!context)
		return ES_NOMEM;
	if (!argv || !argv[0] || !report || !report->stream || !wait_status) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"a program, a report's stream and room for a status "
			"are expected, not NULL");
		return ES_INVALID;
	}
	if (report->permissive && is_trap(context)) {
		es_diag(diags, ES_ERROR, context->profile.deny.place,
			"a permissive run can't have `deny: trap`: the filter "
			"alone can make a trap, and then lets nothing through");
		return ES_INVALID;
	}
	start.launching.compiled.watching = true;
	start.launching.compiled.letting = report->permissive;
	if (start.launching.options->dry_run) {
		status = es_launch_prepared(&start.launching);
		if (status == ES_OK)
			*wait_status = 0; /* nothing has failed */
	} else {
		status = supervise(&start, report, wait_status);
	}
	es_launching_finish(&start.launching);
	return status;
}
