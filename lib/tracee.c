/* SPDX-License-Identifier: MIT */
/*
 * Calls in a stopped thread, by ptrace(2). Its registers are set to a system
 * call's instruction in its vDSO, and it is let run to the call's entry:
 * nothing of its code changes. What runs up to there may be the program's doing
 * all the same (rseq(2) can turn it aside, and the vDSO be replaced), so that it
 * has nothing in its registers but a call that does no harm; only at the entry,
 * in the kernel, does it become the call that is meant, and seccomp sees that
 * one (Linux 4.8). Single steps are not used: the SIGTRAP that they force would
 * reset one that is ignored or blocked.
 */
#include "tracee.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "judge.h"
#include "util.h"

#define WORD sizeof(long)

enum {
	MAX_STARTED = 1 << 20, /* words of arguments and environment */
	MAX_STOPS = 4096,      /* between a call's entry and its end */
	MAX_TICKS = 1000,      /* and so many of the helper's */
	VDSO_SIZE = 8192,      /* of it, what is looked through */
	TRAP = 0xcc,           /* int3 */
	CALL_SIZE = 2,         /* `syscall` */
	SYSCALL_STOP = SIGTRAP | 0x80,
};

bool es_tracee_read(const struct es_tracee *tracee, uint64_t at, void *buffer,
		    size_t size)
{
	const struct iovec here = { buffer, size };
	const struct iovec there = { (void *)(uintptr_t)at, size };

	return process_vm_readv(tracee->tid, &here, 1, &there, 1, 0) ==
	       (ssize_t)size;
}

bool es_tracee_write(const struct es_tracee *tracee, uint64_t at,
		     const void *buffer, size_t size)
{
	const struct iovec here = { (void *)(uintptr_t)buffer, size };
	const struct iovec there = { (void *)(uintptr_t)at, size };

	return process_vm_writev(tracee->tid, &here, 1, &there, 1, 0) ==
	       (ssize_t)size;
}

static long peek(const struct es_tracee *tracee, uint64_t at)
{
	errno = 0;
	return ptrace(PTRACE_PEEKDATA, tracee->tid, at, NULL);
}

/* Where in the vDSO, which is the same for all 64-bit processes, a system
 * call's instruction lies; 0: nowhere. */
static uint64_t find_call(void)
{
	const unsigned char *vdso = NULL;
	const uint64_t base = getauxval(AT_SYSINFO_EHDR);

	vdso = (const unsigned char *)(uintptr_t)base;
	for (size_t i = 0; vdso && i + 1 < VDSO_SIZE; i++)
		if (vdso[i] == 0x0f && vdso[i + 1] == 0x05)
			return i;
	return 0;
}

/* What the kernel has put on a new program's stack: argc, argv, envp, auxv. */
static bool find_started(const struct es_tracee *tracee, uint64_t *vdso,
			 uint64_t *entry)
{
	struct user_regs_struct regs;
	uint64_t at;
	long type = -1;
	size_t words = MAX_STARTED;

	if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs))
		return false;
	at = regs.rsp + (2 + (uint64_t)peek(tracee, regs.rsp)) * WORD;
	if (errno)
		return false;
	for (; peek(tracee, at) && words; words--)
		at += WORD;
	for (at += WORD; type != AT_NULL && !errno && words; words--) {
		type = peek(tracee, at);
		if (type == AT_SYSINFO_EHDR)
			*vdso = (uint64_t)peek(tracee, at + WORD);
		if (type == AT_ENTRY)
			*entry = (uint64_t)peek(tracee, at + WORD);
		at += 2 * WORD;
	}
	return !errno && words;
}

/* The word around the entry point: an aligned one is in one page. */
static uint64_t word_at(uint64_t entry)
{
	return entry & ~(uint64_t)(WORD - 1);
}

static bool plant(struct es_tracee *tracee, uint64_t entry)
{
	const unsigned shift = 8 * (unsigned)(entry % WORD);
	long trapped;

	tracee->text = peek(tracee, word_at(entry));
	if (errno)
		return false;
	trapped = (long)(((uint64_t)tracee->text & ~(0xffULL << shift)) |
			 ((uint64_t)TRAP << shift));
	if (ptrace(PTRACE_POKEDATA, tracee->tid, word_at(entry), trapped))
		return false;
	tracee->entry = entry;
	return true;
}

bool es_tracee_unplant(struct es_tracee *tracee, bool entered)
{
	const uint64_t entry = tracee->entry;
	struct user_regs_struct regs;

	tracee->entry = 0;
	if (entry && ptrace(PTRACE_POKEDATA, tracee->tid, word_at(entry),
			    tracee->text))
		return false;
	if (!entered)
		return true;
	if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs))
		return false;
	regs.rip = entry;
	return !ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs);
}

bool es_tracee_started(struct es_tracee *tracee, bool planted)
{
	const uint64_t call = find_call();
	uint64_t vdso = 0, entry = 0;

	tracee->entry = tracee->syscall_at = 0;
	if (!find_started(tracee, &vdso, &entry) || !vdso || !call || !entry)
		return false;
	tracee->syscall_at = vdso + call;
	return !planted || plant(tracee, entry);
}

bool es_tracee_entered(const struct es_tracee *tracee)
{
	struct user_regs_struct regs;

	return tracee->entry &&
	       !ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs) &&
	       regs.rip == tracee->entry + 1;
}

/* Calls that a stop ends with EINTR although no handler ran (signal(7)), of
 * sockets if they have a timeout; they are made once more, their timeouts
 * beginning anew. */
static bool is_to_be_made_again(const struct user_regs_struct *regs)
{
	static const unsigned again[] = {
		SYS_accept, SYS_accept4, SYS_connect, SYS_epoll_pwait,
		SYS_epoll_pwait2, SYS_epoll_wait, SYS_io_getevents,
		SYS_io_pgetevents, SYS_msgrcv, SYS_msgsnd, SYS_read, SYS_readv,
		SYS_recvfrom, SYS_recvmmsg, SYS_recvmsg, SYS_rt_sigtimedwait,
		SYS_semop, SYS_semtimedop, SYS_sendmmsg, SYS_sendmsg,
		SYS_sendto, SYS_write, SYS_writev,
	};
	bool found = false;

	for (size_t i = 0; i < ES_COUNT(again) && !found; i++)
		found = regs->orig_rax == again[i];
	return found && (long)regs->rax == -EINTR;
}

bool es_tracee_hold(struct es_tracee *tracee)
{
	const uint64_t all = ~0ULL;

	if (tracee->calling)
		return true;
	if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &tracee->regs) ||
	    ptrace(PTRACE_GETSIGMASK, tracee->tid, sizeof(tracee->mask),
		   &tracee->mask) ||
	    ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(all), &all))
		return false;
	if (is_to_be_made_again(&tracee->regs)) {
		tracee->regs.rip -= CALL_SIZE;
		tracee->regs.rax = tracee->regs.orig_rax;
		tracee->regs.orig_rax = ~0ULL;
	}
	tracee->calling = true;
	return true;
}

static void set_args(struct user_regs_struct *regs, const uint64_t args[6])
{
	regs->rdi = args[0];
	regs->rsi = args[1];
	regs->rdx = args[2];
	regs->r10 = args[3];
	regs->r8 = args[4];
	regs->r9 = args[5];
}

/* Until TRACEE stops or ends. What does not come to a call is not waited for
 * for good: SIGALRM comes every few milliseconds. */
static bool wait_for(const struct es_tracee *tracee, int *status)
{
	for (int i = 0; i < MAX_TICKS; i++) {
		if (waitpid(tracee->tid, status, __WALL) == tracee->tid)
			return WIFSTOPPED(*status);
		if (errno != EINTR)
			return false;
	}
	return false;
}

/* Goes on to the entry or the end of a call. SIGSTOP, which nothing blocks, is
 * let have its way: the thread's process is stopped, and it goes on alone. */
static bool step(const struct es_tracee *tracee,
		 struct __ptrace_syscall_info *info)
{
	int sig = 0, status;

	for (int i = 0; i < MAX_STOPS; i++) {
		if (ptrace(PTRACE_SYSCALL, tracee->tid, NULL, sig) ||
		    !wait_for(tracee, &status))
			return false;
		if (WSTOPSIG(status) == SYSCALL_STOP)
			return ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid,
				      sizeof(*info), info) > 0;
		sig = status >> 16 ? 0 : WSTOPSIG(status);
	}
	return false;
}

bool es_tracee_enter(struct es_tracee *tracee)
{
	static const uint64_t nothing[6] = { 0 };
	struct __ptrace_syscall_info info;
	struct user_regs_struct regs;

	if (!tracee->syscall_at || !es_tracee_hold(tracee))
		return false;
	regs = tracee->regs;
	regs.rip = tracee->syscall_at;
	regs.rax = SYS_getpid;
	regs.orig_rax = ~0ULL; /* nothing is to be restarted */
	set_args(&regs, nothing);
	return !ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs) &&
	       step(tracee, &info) && info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	       info.arch == ES_AUDIT_ARCH;
}

bool es_tracee_make(struct es_tracee *tracee, long nr, const uint64_t args[6],
		    long *result)
{
	struct __ptrace_syscall_info info;
	struct user_regs_struct regs, own = tracee->regs;

	if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs))
		return false;
	regs.orig_rax = (uint64_t)nr;
	set_args(&regs, args);
	if (ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs) ||
	    !step(tracee, &info) || info.op != PTRACE_SYSCALL_INFO_EXIT)
		return false;
	*result = (long)info.exit.rval;
	/* What was in the registers is not for the program. */
	own.orig_rax = ~0ULL;
	return !ptrace(PTRACE_SETREGS, tracee->tid, NULL, &own);
}

/* From the end of a call to a stop behind which the kernel looks whether an
 * interrupted call has to be restarted. */
static bool settle(const struct es_tracee *tracee)
{
	int sig = 0, status;

	for (int i = 0; i < MAX_STOPS; i++) {
		if (ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL) ||
		    ptrace(PTRACE_CONT, tracee->tid, NULL, sig) ||
		    !wait_for(tracee, &status))
			return false;
		if (status >> 16 == PTRACE_EVENT_STOP)
			return true;
		sig = status >> 16 ? 0 : WSTOPSIG(status);
	}
	return false;
}

bool es_tracee_restore(struct es_tracee *tracee)
{
	if (!tracee->calling)
		return true;
	tracee->calling = false;
	return settle(tracee) &&
	       !ptrace(PTRACE_SETREGS, tracee->tid, NULL, &tracee->regs) &&
	       !ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(tracee->mask),
		       &tracee->mask);
}

bool es_tracee_exit(struct es_tracee *tracee, int status)
{
	const uint64_t args[6] = { (uint64_t)status };
	struct user_regs_struct regs;

	if (!es_tracee_enter(tracee) ||
	    ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs))
		return false;
	regs.orig_rax = SYS_exit_group;
	set_args(&regs, args);
	return !ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs) &&
	       !ptrace(PTRACE_CONT, tracee->tid, NULL, NULL);
}
