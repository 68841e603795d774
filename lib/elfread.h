/* SPDX-License-Identifier: MIT */
#ifndef ES_ELFREAD_H
#define ES_ELFREAD_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"

/* CACHE_FLAGS marks ld.so.cache's libraries of this architecture: glibc's
 * sysdeps/generic/ldconfig.h, FLAG_ELF_LIBC6 with FLAG_X8664_LIB64 or
 * FLAG_AARCH64_LIB64. */
#if defined(__x86_64__)
#define ES_ELF_ARCH "x86_64"
#define ES_ELF_MACHINE EM_X86_64
#define ES_ELF_CACHE_FLAGS 0x0303
#define ES_ELF_GLIBC "/lib64/ld-linux-x86-64.so.2"
#elif defined(__aarch64__)
#define ES_ELF_ARCH "aarch64"
#define ES_ELF_MACHINE EM_AARCH64
#define ES_ELF_CACHE_FLAGS 0x0a03
#define ES_ELF_GLIBC "/lib/ld-linux-aarch64.so.1"
#else
#error "no ELF machine is known for this architecture"
#endif
#define ES_ELF_MUSL "/lib/ld-musl-" ES_ELF_ARCH ".so.1"

enum es_elf_kind {
	ES_ELF_NATIVE,
	ES_ELF_32BIT,
	ES_ELF_FOREIGN,
	ES_ELF_BROKEN, /* the kernel would not run it */
	ES_ELF_NOMEM,
};

/* What matters of an executable; strings lie in the arena. */
struct es_elf {
	const char *interpreter; /* NULL: the program is static */
	const char *search;      /* DT_RUNPATH, else DT_RPATH; NULL if none */
	bool runs_data; /* the kernel makes it memory to write to and to run */
};

/*
 * Reads the ELF file open as FD, of which HEAD are the first LEN bytes. The
 * file may be hostile: every offset in it is checked, and nothing that it says
 * sets how much is read.
 */
enum es_elf_kind es_elf_read(struct es_arena *arena, int fd,
			     const unsigned char *head, size_t len,
			     struct es_elf *elf);

struct es_folders {
	const char **at;
	size_t n, cap;
};

/*
 * Adds the folders of this architecture's libraries in the ld.so.cache of LEN
 * bytes at DATA, each once. A cache that is not understood has none. False
 * when there is no memory.
 */
bool es_ldcache_folders(struct es_arena *arena, const char *data, size_t len,
			struct es_folders *folders);

/* How many of SIZE bytes at OFFSET the file has, which are then in TO; -1 when
 * it can't be read. */
ssize_t es_read_at(int fd, void *to, size_t size, uint64_t offset);

#endif
