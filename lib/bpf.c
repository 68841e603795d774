/* SPDX-License-Identifier: MIT */
#include "bpf.h"

#include <endian.h>
#include <string.h>

bool es_bpf_test(const struct sock_filter *insn, struct es_bpf_test *test)
{
	const uint64_t k = insn->k;

	*test = (struct es_bpf_test){ UINT32_MAX, { k, UINT32_MAX } };
	switch (insn->code) {
	case BPF_JMP | BPF_JEQ | BPF_K:
		test->values.hi = k;
		return true;
	case BPF_JMP | BPF_JGE | BPF_K:
		return true;
	case BPF_JMP | BPF_JGT | BPF_K:
		test->values.lo = k + 1;
		return true;
	case BPF_JMP | BPF_JSET | BPF_K:
		test->mask = insn->k;
		test->values.lo = 1;
		return true;
	default:
		return false;
	}
}

bool es_bpf_is_ours(const struct sock_filter *insn)
{
	struct es_bpf_test test;

	switch (insn->code) {
	case ES_BPF_LOAD:
		return insn->k % sizeof(uint32_t) == 0 &&
		       insn->k < sizeof(struct seccomp_data);
	case ES_BPF_AND:
	case ES_BPF_GOTO:
	case ES_BPF_RETURN:
		return true;
	default:
		return es_bpf_test(insn, &test);
	}
}

uint32_t es_bpf_low_offset(unsigned arg)
{
	const size_t base = offsetof(struct seccomp_data, args) +
			    arg * sizeof(uint64_t);

	return (uint32_t)(base + (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0));
}

uint32_t es_bpf_high_offset(unsigned arg)
{
	return es_bpf_low_offset(arg) +
	       (__BYTE_ORDER == __BIG_ENDIAN ? -4u : 4);
}

bool es_bpf_run(const struct es_filter *filter, const struct seccomp_data *data,
		uint32_t *ret)
{
	uint32_t a = 0;

	/* Jumps go forward only, so this ends. */
	for (size_t pc = 0; pc < filter->n; pc++) {
		const struct sock_filter *insn = &filter->insns[pc];
		struct es_bpf_test test;

		if (!es_bpf_is_ours(insn))
			return false;
		if (insn->code == ES_BPF_LOAD) {
			memcpy(&a, (const char *)data + insn->k, sizeof(a));
		} else if (insn->code == ES_BPF_AND) {
			a &= insn->k;
		} else if (insn->code == ES_BPF_GOTO) {
			pc += insn->k;
		} else if (insn->code == ES_BPF_RETURN) {
			*ret = insn->k;
			return true;
		} else if (es_bpf_test(insn, &test)) {
			pc += (a & test.mask) >= test.values.lo &&
			      (a & test.mask) <= test.values.hi ? insn->jt :
								  insn->jf;
		}
	}
	return false;
}
