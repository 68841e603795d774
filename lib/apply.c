/* SPDX-License-Identifier: MIT */
/* A policy for a process that runs already: our own. */
#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat.h"
#include "compile.h"
#include "enforce.h"
#include "launch.h"
#include "threads.h"
#include "util.h"

/* All that can fail beforehand has been done. */
struct ready {
	struct es_compiled compiled;
	int ruleset;    /* Landlock's, or -1 */
	unsigned flags; /* to restrict oneself to it with */
};

/* The steps, in their order. */
enum step { NO_STEP, NO_NEW_PRIVS, LANDLOCK, FILTER };

/* How far it came: the step that failed, or none. */
struct outcome {
	enum step failed;
	int error;
	long thread; /* that has a filter of its own, or 0 */
};

/* What a launcher opens for a program, nobody opens here. */
static enum es_status check_descriptors(const struct es_profile *profile,
					struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		if (!e->path && !e->listen && !e->activated)
			continue;
		es_diag(diags, ES_ERROR, e->place,
			"a program that confines itself opens its descriptors "
			"itself: name '%s' by `inherit` and its number",
			e->name);
		status = ES_INVALID;
	}
	return status;
}

static enum es_status expect(const char *what, struct es_diags *diags)
{
	es_diag(diags, ES_ERROR, ES_NOWHERE, "%s is expected, not NULL", what);
	return ES_INVALID;
}

static void finish(struct ready *ready)
{
	if (!ready)
		return;
	if (ready->ruleset >= 0)
		close(ready->ruleset);
	es_compiled_finish(&ready->compiled);
	free(ready);
}

static enum es_status compile(struct es_context *context, uint32_t self,
			      struct es_diags *diags, struct ready *ready)
{
	static const uint64_t key[3] = { 0 };
	enum es_status status;

	ready->compiled.embedded = true;
	ready->compiled.self = self;
	status = es_compile(context, NULL, key, diags, &ready->compiled);
	return status == ES_OK ? check_descriptors(&context->profile, diags) :
				 status;
}

static void tell_what_adding_takes(struct es_diags *diags)
{
	es_diag(diags, ES_NOTE, ES_NOWHERE,
		"a policy that is in force lets another be added with "
		"no_new_privs, seccomp and landlock of SelfConfinement");
}

/* *READY is to be finished in any case. */
static enum es_status prepare(struct es_context *context,
			      struct es_diags *diags, struct ready **ret)
{
	struct ready *ready = calloc(1, sizeof(*ready));
	struct es_landlock_plan plan;
	enum es_status status = es_refuse_privilege(diags);

	*ret = ready;
	if (!ready || !context)
		return ES_NOMEM;
	ready->ruleset = -1;
	if (status == ES_OK)
		status = es_check_kernel(diags);
	if (status == ES_UNSUPPORTED && prctl(PR_GET_SECCOMP))
		tell_what_adding_takes(diags);
	if (status == ES_OK)
		status = compile(context, 0, diags, ready);
	if (status != ES_OK)
		return status;
	plan = es_landlock_alone(&ready->compiled.plan);
	ready->flags = es_landlock_flags(&plan);
	return es_landlock_ruleset(&plan, diags, &ready->ruleset);
}

/* From here on there is no way back. Nothing here but what may be called between
 * fork and exec. */
static struct outcome enforce(const struct sock_fprog *program, int ruleset,
			      unsigned flags, struct es_threads *threads,
			      bool all)
{
	struct outcome outcome = { NO_NEW_PRIVS, 0, 0 };
	long result;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		outcome.error = errno;
		return outcome;
	}
	outcome.failed = LANDLOCK;
	if (ruleset >= 0 &&
	    syscall(SYS_landlock_restrict_self, ruleset, flags)) {
		outcome.error = errno;
		return outcome;
	}
	if (threads)
		outcome.error = es_threads_restrict(threads, ruleset, flags);
	if (outcome.error)
		return outcome;
	/* What is confined has no use for it. */
	if (ruleset >= 0)
		close(ruleset);
	outcome.failed = FILTER;
	result = program->len ? syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					all ? SECCOMP_FILTER_FLAG_TSYNC : 0,
					program) : 0;
	if (result) {
		outcome.error = result < 0 ? errno : EBUSY;
		outcome.thread = result > 0 ? result : 0;
		return outcome;
	}
	outcome.failed = NO_STEP;
	return outcome;
}

static const char *reason(const struct outcome *outcome)
{
	if (outcome->failed == LANDLOCK && outcome->error == E2BIG)
		return "16 layers are in force already";
	if (outcome->failed == LANDLOCK && outcome->error == ETIMEDOUT)
		return "a thread does not answer";
	return strerrordesc_np(outcome->error);
}

static enum es_status tell(const struct outcome *outcome, int ruleset,
			   struct es_diags *diags)
{
	static const char *const steps[] = {
		[NO_NEW_PRIVS] = "no_new_privs can't be set",
		[LANDLOCK] = "Landlock can't be enforced",
		[FILTER] = "the filter can't be loaded",
	};
	const bool begun = outcome->failed == FILTER && ruleset >= 0;

	if (outcome->failed == NO_STEP)
		return ES_OK;
	if (outcome->thread)
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"the filter can't be loaded: thread %ld has one of its "
			"own", outcome->thread);
	else
		es_diag(diags, ES_ERROR, ES_NOWHERE, "%s: %s",
			steps[outcome->failed], reason(outcome));
	if (begun)
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"Landlock is in force already, so that the process "
			"should end");
	else if (outcome->error != E2BIG)
		tell_what_adding_takes(diags);
	return begun || outcome->error == ETIMEDOUT ? ES_SYSTEM :
						      ES_UNSUPPORTED;
}

/* What the steps came to; what they have closed is nobody's any more. */
static enum es_status conclude(struct ready *ready,
			       const struct outcome *outcome,
			       struct es_diags *diags)
{
	const int ruleset = ready->ruleset;

	if (outcome->failed == FILTER || outcome->failed == NO_STEP)
		ready->ruleset = -1;
	return tell(outcome, ruleset, diags);
}

static struct sock_fprog program_of(const struct ready *ready)
{
	const struct es_filter *filter = es_compiled_filter(&ready->compiled);

	return (struct sock_fprog){ (unsigned short)filter->n, filter->insns };
}

static enum es_status apply(struct es_context *context, bool all,
			    struct es_diags *diags)
{
	struct ready *ready = NULL;
	struct es_threads *threads = NULL;
	struct outcome outcome = { NO_STEP, 0, 0 };
	struct sock_fprog program;
	enum es_status status = prepare(context, diags, &ready);

	if (status == ES_OK && all)
		status = es_threads_hold(diags, &threads);
	if (status == ES_OK) {
		program = program_of(ready);
		outcome = enforce(&program, ready->ruleset, ready->flags,
				  threads, all);
	}
	es_threads_release(threads);
	if (status == ES_OK)
		status = conclude(ready, &outcome, diags);
	finish(ready);
	return status;
}

enum es_status es_apply(struct es_context *context, struct es_diags *diags)
{
	return apply(context, false, diags);
}

enum es_status es_apply_to_all_threads(struct es_context *context,
				       struct es_diags *diags)
{
	return apply(context, true, diags);
}

enum es_status es_export(struct es_context *context, void **bytes, size_t *size,
			 struct es_diags *diags)
{
	struct ready *ready = calloc(1, sizeof(*ready));
	const struct es_filter *filter = NULL;
	enum es_status status = ES_NOMEM;
	void *copy = NULL;

	if (ready)
		ready->ruleset = -1;
	if (context && (!bytes || !size))
		status = expect("room for a filter", diags);
	else if (ready && context)
		status = compile(context, 0, diags, ready);
	if (status == ES_OK) {
		filter = es_compiled_filter(&ready->compiled);
		copy = malloc(filter->n * sizeof(*filter->insns) + 1);
		status = copy ? ES_OK : ES_NOMEM;
	}
	if (status == ES_OK) {
		*size = filter->n * sizeof(*filter->insns);
		*bytes = *size ? memcpy(copy, filter->insns, *size) : copy;
	}
	finish(ready);
	return status;
}

/* A function in a thread of its own. */
struct running {
	const struct ready *ready;
	void *(*function)(void *data);
	void *data, *result;
	struct outcome outcome;
};

static void *run_confined(void *data)
{
	struct running *running = data;
	const struct sock_fprog program = program_of(running->ready);

	running->outcome = enforce(&program, running->ready->ruleset,
				   running->ready->flags, NULL, false);
	if (running->outcome.failed == NO_STEP)
		running->result = running->function(running->data);
	return NULL;
}

enum es_status es_run_thread(struct es_context *context,
			     void *(*function)(void *data), void *data,
			     void **result, struct es_diags *diags)
{
	struct running running = { .function = function, .data = data };
	struct ready *ready = NULL;
	pthread_t thread;
	int error;
	enum es_status status = context && !function ?
				expect("a function", diags) :
				prepare(context, diags, &ready);

	running.ready = ready;
	if (status == ES_OK) {
		error = pthread_create(&thread, NULL, run_confined, &running);
		if (error) {
			es_diag(diags, ES_ERROR, ES_NOWHERE,
				"no thread can be made: %s",
				strerrordesc_np(error));
			status = ES_SYSTEM;
		}
	}
	if (status == ES_OK) {
		pthread_join(thread, NULL);
		status = conclude(ready, &running.outcome, diags);
	}
	if (status == ES_OK && result)
		*result = running.result;
	finish(ready);
	return status;
}

/* What a parent and its child share: the filter has the child's process id in
 * it, and so is made when there is one. */
enum { WAITING, FILTER_THERE, NO_FILTER };
enum { UNCONFINED = 125 };
struct shared {
	_Atomic uint32_t go;
	unsigned short len;
	struct outcome outcome;
	struct sock_filter insns[BPF_MAXINSNS];
};

static _Noreturn void be_child(struct shared *shared, const struct ready *ready,
			       int (*function)(void *data), void *data)
{
	const struct timespec little = { .tv_nsec = 100000000 };
	const pid_t parent = getppid();
	struct outcome outcome;
	struct sock_fprog program;

	while (!atomic_load(&shared->go) && getppid() == parent)
		syscall(SYS_futex, &shared->go, FUTEX_WAIT, 0, &little, NULL,
			0);
	if (atomic_load(&shared->go) != FILTER_THERE)
		_exit(UNCONFINED);
	program = (struct sock_fprog){ shared->len, shared->insns };
	outcome = enforce(&program, ready->ruleset, ready->flags, NULL, false);
	shared->outcome = outcome;
	/* What FUNCTION does is not to tell us anything. */
	if (outcome.failed != NO_STEP || munmap(shared, sizeof(*shared)))
		_exit(UNCONFINED);
	_exit(function(data));
}

/* Makes the filter for process CHILD; what there is to say was said before. */
static enum es_status hand_filter(struct es_context *context, pid_t child,
				  struct shared *shared)
{
	struct ready *own = calloc(1, sizeof(*own));
	enum es_status status = ES_NOMEM;
	struct sock_fprog program;

	if (own) {
		own->ruleset = -1;
		status = compile(context, (uint32_t)child, NULL, own);
	}
	if (status == ES_OK) {
		program = program_of(own);
		shared->len = program.len;
		if (program.len)
			memcpy(shared->insns, program.filter,
			       program.len * sizeof(*program.filter));
	}
	finish(own);
	return status;
}

/* STATUS, unless the child's end can't be had. */
static enum es_status reap(pid_t child, int *ended, enum es_status status,
			   struct es_diags *diags)
{
	pid_t reaped;

	do
		reaped = waitpid(child, ended, 0);
	while (reaped < 0 && errno == EINTR);
	if (reaped == child || status != ES_OK)
		return status;
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"what the process ended with can't be had: %s; SIGCHLD must "
		"not be ignored", strerrordesc_np(errno));
	return ES_SYSTEM;
}

enum es_status es_run_process(struct es_context *context,
			      int (*function)(void *data), void *data,
			      int *wait_status, struct es_diags *diags)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct ready *ready = NULL;
	int ended = 0;
	pid_t child = -1;
	enum es_status status = context && !function ?
				expect("a function", diags) :
				prepare(context, diags, &ready);

	if (shared == MAP_FAILED) {
		finish(ready);
		return ES_NOMEM;
	}
	if (status == ES_OK) {
		child = fork();
		if (!child)
			be_child(shared, ready, function, data);
		if (child < 0) {
			es_diag(diags, ES_ERROR, ES_NOWHERE,
				"no process can be made: %s",
				strerrordesc_np(errno));
			status = ES_SYSTEM;
		}
	}
	if (status == ES_OK)
		status = hand_filter(context, child, shared);
	if (child > 0) {
		atomic_store(&shared->go, status == ES_OK ? FILTER_THERE :
							    NO_FILTER);
		syscall(SYS_futex, &shared->go, FUTEX_WAKE, 1, NULL, NULL, 0);
		status = reap(child, &ended, status, diags);
	}
	if (status == ES_OK)
		status = tell(&shared->outcome, -1, diags);
	if (status == ES_OK && wait_status)
		*wait_status = ended;
	munmap(shared, sizeof(*shared));
	finish(ready);
	return status;
}
