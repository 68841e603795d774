/* SPDX-License-Identifier: MIT */
/* The program that is started: two page faults and the end. */
#include <sys/syscall.h>

_Noreturn void _start(void);

_Noreturn void _start(void)
{
#if defined(__x86_64__)
	__asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(0));
#else
#error "written for x86_64 only"
#endif
	__builtin_unreachable();
}
