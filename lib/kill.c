/* SPDX-License-Identifier: MIT */
/*
 * `deny: kill` under a supervisor. A notified call can be answered, but not
 * killed for, and a signal that is sent can be handled or is the wrong one. So
 * the thread is stopped behind the answered call and made to call number -1,
 * for which its filter has what `deny` says.
 */
#include "kill.h"

#include <errno.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

enum { SYSCALL_INSN = 0x050f, SYSCALL_SIZE = 2 };

bool es_kill_begin(pid_t tid)
{
	if (ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_EXITKILL))
		return false;
	/* In force once the call has returned, before anything of its own. */
	if (!ptrace(PTRACE_INTERRUPT, tid, 0, 0))
		return true;
	ptrace(PTRACE_DETACH, tid, 0, 0);
	return false;
}

/* Waits for TID's next report; true where it has stopped. */
static bool wait_stopped(pid_t tid, int *wait_status)
{
	pid_t got;

	do
		got = waitpid(tid, wait_status, __WALL);
	while (got < 0 && errno == EINTR);
	return got == tid && WIFSTOPPED(*wait_status);
}

/* Puts the thread back onto its call, which is another now. */
static bool redirect(pid_t tid)
{
	struct user_regs_struct regs;
	const uint64_t all = UINT64_MAX;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs))
		return false;
	errno = 0;

	const long insn = ptrace(PTRACE_PEEKTEXT, tid,
				 (void *)(regs.rip - SYSCALL_SIZE), 0);

	if (errno || (insn & 0xffff) != SYSCALL_INSN)
		return false;
	regs.rip -= SYSCALL_SIZE;
	regs.rax = regs.orig_rax = UINT64_MAX;
	/* No handler of its own shall run before. */
	return !ptrace(PTRACE_SETSIGMASK, tid, (void *)sizeof(all), &all) &&
	       !ptrace(PTRACE_SETREGS, tid, 0, &regs);
}

bool es_kill_finish(pid_t tid, int *wait_status)
{
	if (!wait_stopped(tid, wait_status))
		return true;
	if (!redirect(tid) || ptrace(PTRACE_CONT, tid, 0, 0))
		return false;
	return !wait_stopped(tid, wait_status);
}
