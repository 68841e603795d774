/* SPDX-License-Identifier: MIT */
/* Classic BPF programs as seccomp takes them. Knows nothing of policies. */
#ifndef ES_BPF_H
#define ES_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A filter; INSNS is malloced and owned by whoever owns this. */
struct es_filter {
	struct sock_filter *insns;
	size_t n;
};

/* The bit for a 32-bit word of struct seccomp_data, by its offset. */
#define ES_BPF_WORD(offset) (1u << ((offset) / 4))

/* Runs FILTER on DATA as the kernel does: true, *RET and, unless SEEN is NULL,
 * *SEEN, the words that were looked at; or false for a program that the kernel
 * would refuse or that has an instruction we never emit. */
bool es_bpf_run(const struct es_filter *filter, const struct seccomp_data *data,
		uint32_t *ret, unsigned *seen);

/* What FILTER goes on with on number NR of ARCH once it has looked at those: the
 * rest of its own instructions, from a load or a return on, which stay FILTER's;
 * all of them where no such place is come to. */
struct es_filter es_bpf_behind_dispatch(const struct es_filter *filter,
					uint32_t arch, uint32_t nr);

#endif
