/* SPDX-License-Identifier: MIT */
/* Classic BPF programs as seccomp takes them. Knows nothing of policies. */
#ifndef ES_BPF_H
#define ES_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ranges.h"

/* A filter; INSNS is malloced and owned by whoever owns this. */
struct es_filter {
	struct sock_filter *insns;
	size_t n;
};

/* The instructions that our filters are made of, besides the conditional jumps
 * that es_bpf_test reads. */
enum {
	ES_BPF_LOAD = BPF_LD | BPF_W | BPF_ABS, /* a word of the call */
	ES_BPF_AND = BPF_ALU | BPF_AND | BPF_K,
	ES_BPF_GOTO = BPF_JMP | BPF_JA,
	ES_BPF_RETURN = BPF_RET | BPF_K,
};

/* Is INSN one of those, or a conditional jump, with an operand that the kernel
 * takes? Where it goes is not looked at. */
bool es_bpf_is_ours(const struct sock_filter *insn);

/* A conditional jump asks whether the accumulator, under MASK, is one of
 * VALUES; lo above hi: never. False for any other instruction. */
struct es_bpf_test {
	uint32_t mask;
	struct es_range values;
};
bool es_bpf_test(const struct sock_filter *insn, struct es_bpf_test *test);

/* Where in struct seccomp_data the halves of an argument are. */
uint32_t es_bpf_low_offset(unsigned arg);
uint32_t es_bpf_high_offset(unsigned arg);

/* Runs FILTER on DATA as the kernel does: true and *RET, or false for a program
 * that the kernel would refuse or that has an instruction we never emit. */
bool es_bpf_run(const struct es_filter *filter, const struct seccomp_data *data,
		uint32_t *ret);

#endif
