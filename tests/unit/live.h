/* SPDX-License-Identifier: MIT */
/*
 * The kernel as a judge: calls are made under a filter, in a child of their
 * own. What the filter allows it answers by MARKER here, so that no call is
 * ever done; that includes the child's own, which tells by shared memory and is
 * killed from outside.
 */
#ifndef LIVE_H
#define LIVE_H

#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "policies.h"

enum {
	MARKER = 4000,      /* the errno of what is allowed; no call has it */
	ORDINARY = 65534,   /* a user without any privilege */
	WAIT_SECONDS = 60,
};

/* What is no result of a call. */
enum { NOT_MADE = 1000001, TRAPPED, KILLED, NO_FILTER };

/* Shared by the child that makes the calls and who waits for it. */
struct live {
	size_t n;
	volatile size_t at; /* the call that is being made */
	volatile bool done, trapped, armed;
	struct live_call {
		struct es_call call;
		long result;
	} calls[];
};

static struct live *live_now; /* for the signal handler, which has no state */

static inline struct live *live_new(size_t n)
{
	struct live *live = mmap(NULL, sizeof(*live) +
				 n * sizeof(live->calls[0]),
				 PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (live == MAP_FAILED)
		abort();
	live->n = n;
	for (size_t i = 0; i < n; i++)
		live->calls[i].result = NOT_MADE;
	return live;
}

static inline void live_free(struct live *live)
{
	munmap(live, sizeof(*live) + live->n * sizeof(live->calls[0]));
}

static inline long make_native(const struct es_call *call)
{
	register uint64_t r10 __asm__("r10") = call->args[3];
	register uint64_t r8 __asm__("r8") = call->args[4];
	register uint64_t r9 __asm__("r9") = call->args[5];
	long result = (long)call->nr;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(call->args[0]), "S"(call->args[1]),
			   "d"(call->args[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* The 32-bit way into the kernel, which a 64-bit program can take as well. The
 * sixth argument, in ebp, is left alone. */
static inline long make_i386(const struct es_call *call)
{
	long result = (long)call->nr;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(call->args[0]), "c"(call->args[1]),
			   "d"(call->args[2]), "S"(call->args[3]),
			   "D"(call->args[4])
			 : "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}

static inline void on_trap(int sig)
{
	(void)sig;
	live_now->trapped = true;
	for (;;)
		__builtin_ia32_pause(); /* returning would be a call */
}

static inline bool become_ordinary(void)
{
	return !setgroups(0, NULL) &&
	       !setresgid(ORDINARY, ORDINARY, ORDINARY) &&
	       !setresuid(ORDINARY, ORDINARY, ORDINARY);
}

/* Makes the calls from AT on. From the filter on, no function of the C library
 * is called, nor does it return. */
__attribute__((noreturn))
static inline void live_child(struct live *live, const struct es_filter *filter,
			      bool ordinary)
{
	const struct sock_fprog program = { (unsigned short)filter->n,
					    filter->insns };
	const struct sigaction action = { .sa_handler = on_trap };
	const struct rlimit none = { 0, 0 };

	live_now = live;
	if (sigaction(SIGSYS, &action, NULL) || setrlimit(RLIMIT_CORE, &none) ||
	    (ordinary && !become_ordinary()) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(1);
	live->armed = true;
	for (size_t i = live->at; i < live->n; i++) {
		struct live_call *it = &live->calls[i];

		live->at = i;
		it->result = it->call.arch == AUDIT_ARCH_I386 ?
			     make_i386(&it->call) : make_native(&it->call);
	}
	live->done = true;
	for (;;)
		__builtin_ia32_pause();
}

/* Waits until the child of PID has no more to tell, and ends it. */
static inline int live_wait(struct live *live, pid_t pid)
{
	const struct timespec tick = { .tv_nsec = 50000 };
	const time_t end = time(NULL) + WAIT_SECONDS;
	int status = 0;

	while (!live->done && !live->trapped && time(NULL) < end) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		nanosleep(&tick, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

/* FILTER with MARKER for what it allows; free its instructions. */
static inline struct es_filter marked(const struct es_filter *filter)
{
	struct es_filter copy = { malloc(filter->n * sizeof(*copy.insns)),
				  filter->n };

	if (!copy.insns)
		abort();
	memcpy(copy.insns, filter->insns, filter->n * sizeof(*copy.insns));
	for (size_t i = 0; i < copy.n; i++)
		if (copy.insns[i].code == (BPF_RET | BPF_K) &&
		    copy.insns[i].k == SECCOMP_RET_ALLOW)
			copy.insns[i].k = ERRNO(MARKER);
	return copy;
}

/* Makes all calls under FILTER. One that kills takes its child along, and the
 * next child goes on behind it. */
static inline void live_run(struct live *live, const struct es_filter *filter,
			    bool ordinary)
{
	struct es_filter copy = marked(filter);

	live->at = 0;
	live->done = false;
	for (size_t i = 0; i < live->n; i++)
		live->calls[i].result = NOT_MADE;
	while (!live->done && live->at < live->n) {
		pid_t pid = -1;
		int status = 0;

		live->trapped = live->armed = false;
		fflush(stdout);
		pid = fork();
		if (!pid)
			live_child(live, &copy, ordinary);
		if (pid < 0)
			abort();
		status = live_wait(live, pid);
		if (live->done)
			break;
		if (live->trapped)
			live->calls[live->at].result = TRAPPED;
		else if (!live->armed)
			live->calls[live->at].result = NO_FILTER;
		else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
			live->calls[live->at].result = KILLED;
		else
			break; /* it hangs */
		live->at++;
	}
	free(copy.insns);
}

/* What a call ends with where the filter's answer is RET. */
static inline long live_result(uint32_t ret)
{
	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return -MARKER;
	case SECCOMP_RET_ERRNO:
		return -(long)(ret & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRAP:
		return TRAPPED;
	default:
		return KILLED;
	}
}

#endif
