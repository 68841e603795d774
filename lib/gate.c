/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include <errno.h>
#include <sys/random.h>

#if defined(__x86_64__)
long es_gate_call(long nr, const void *first, const void *second,
		  const void *third, const uint64_t key[3])
{
	register uint64_t r10 __asm__("r10") = key[0];
	register uint64_t r8 __asm__("r8") = key[1];
	register uint64_t r9 __asm__("r9") = key[2];
	long result = nr;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(first), "S"(second), "d"(third), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#else
#error "the exec gate is written for x86_64 only"
#endif

int es_gate_key(uint64_t key[3])
{
	const ssize_t size = 3 * sizeof(*key);
	ssize_t got = 0;

	/* Up to 256 bytes come whole, or not at all (getrandom(2)). */
	do
		got = getrandom(key, (size_t)size, 0);
	while (got < 0 && errno == EINTR);
	return got == size ? 0 : got < 0 ? errno : EIO;
}
