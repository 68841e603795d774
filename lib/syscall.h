/* SPDX-License-Identifier: MIT */
#ifndef ES_SYSCALL_H
#define ES_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* One system call, a row of syscalls.inc. */
struct es_syscall {
	const char *name;
	int x86_64, aarch64; /* its numbers, -1 where it does not exist */
	/* "u32 fd, ptr path=filename, ...": types, names of the manual's section
	 * 2, and the kernel's where they differ. */
	const char *args;
};

/* What the kernel takes an argument for. */
struct es_arg {
	unsigned index;
	uint64_t mask; /* the bits that the kernel looks at, the lowest ones */
	bool pointer;
	bool negative; /* it is ordered as signed */
};

extern const struct es_syscall es_syscalls[]; /* ascending by name */
extern const size_t es_nsyscalls;

/* The architecture this was built for. */
#if defined(__x86_64__)
#define ES_AUDIT_ARCH AUDIT_ARCH_X86_64
/* Numbers from here on are the x32 ABI's; -1 alone means "skipped". */
#define ES_X32_BIT 0x40000000u
#else
#error "only x86_64 can be enforced so far"
#endif

/* strcmp of a NUL-terminated string with LEN bytes: how tables of names are
 * searched. */
static inline int es_name_compare(const char *string, const char *bytes,
				  size_t len)
{
	size_t i = 0;

	while (i < len && string[i] && string[i] == bytes[i])
		i++;
	return (unsigned char)string[i] -
	       (i < len ? (unsigned char)bytes[i] : 0);
}

const struct es_syscall *es_syscall_find(const char *name, size_t len);

/* Is it a call that neither x86_64 nor aarch64 has, but another one? The name
 * for good, or NULL. */
const char *es_syscall_foreign(const char *name, size_t len);

/* The native number, or -1. */
int es_syscall_number(const struct es_syscall *call);

/* The call of a native number, or NULL. */
const struct es_syscall *es_syscall_of(uint32_t nr);

/* Finds an argument by its name or as arg0..arg5; false if there is none. */
bool es_syscall_arg(const struct es_syscall *call, const char *name, size_t len,
		    struct es_arg *arg);

/* The manual's name of the argument INDEX, *LEN bytes; "" if there is none. */
const char *es_syscall_arg_name(const struct es_syscall *call, unsigned index,
				size_t *len);

/* "fd, cmd, arg": the manual's names; NULL when there is no memory. */
const char *es_syscall_arg_names(struct es_arena *arena,
				 const struct es_syscall *call);

/* What "did you mean" says of a name that is none; NULL if nothing is near. */
const char *es_syscall_guess(struct es_arena *arena, const char *name);
const char *es_syscall_arg_guess(struct es_arena *arena,
				 const struct es_syscall *call,
				 const char *name);
const char *es_constant_guess(struct es_arena *arena, const char *name);

/* The value of a symbolic constant (AF_INET, O_RDONLY, ...). */
bool es_constant_find(const char *name, size_t len, uint64_t *value);

/* An errno's number by its name, 0 if there is none. */
int es_errno_find(const char *name);

#endif
