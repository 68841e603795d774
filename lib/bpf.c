/* SPDX-License-Identifier: MIT */
#include "bpf.h"

#include <string.h>

static bool load(const struct seccomp_data *data, uint32_t offset,
		 uint32_t *word, unsigned *seen)
{
	if (offset % sizeof(*word) || offset > sizeof(*data) - sizeof(*word))
		return false;
	memcpy(word, (const char *)data + offset, sizeof(*word));
	*seen |= ES_BPF_WORD(offset);
	return true;
}

static bool compare(uint16_t code, uint32_t a, uint32_t k, bool *holds)
{
	switch (code) {
	case BPF_JMP | BPF_JEQ | BPF_K:
		*holds = a == k;
		return true;
	case BPF_JMP | BPF_JGE | BPF_K:
		*holds = a >= k;
		return true;
	case BPF_JMP | BPF_JGT | BPF_K:
		*holds = a > k;
		return true;
	case BPF_JMP | BPF_JSET | BPF_K:
		*holds = a & k;
		return true;
	default:
		return false;
	}
}

bool es_bpf_run(const struct es_filter *filter, const struct seccomp_data *data,
		uint32_t *ret, unsigned *seen)
{
	unsigned own = 0;
	uint32_t a = 0;

	if (!seen)
		seen = &own;
	*seen = 0;

	/* Jumps go forward only, so this ends. */
	for (size_t pc = 0; pc < filter->n; pc++) {
		const struct sock_filter *insn = &filter->insns[pc];
		bool holds = false;

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (!load(data, insn->k, &a, seen))
				return false;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_RET | BPF_K:
			*ret = insn->k;
			return true;
		default:
			if (!compare(insn->code, a, insn->k, &holds))
				return false;
			pc += holds ? insn->jt : insn->jf;
		}
	}
	return false;
}

struct es_filter es_bpf_behind_dispatch(const struct es_filter *filter,
					uint32_t arch, uint32_t nr)
{
	const uint16_t ld = BPF_LD | BPF_W | BPF_ABS;
	uint32_t a = 0;

	for (size_t pc = 0; pc < filter->n; pc++) {
		const struct sock_filter *insn = &filter->insns[pc];
		bool holds = false;

		if (insn->code == ld &&
		    insn->k == offsetof(struct seccomp_data, nr))
			a = nr;
		else if (insn->code == ld &&
			 insn->k == offsetof(struct seccomp_data, arch))
			a = arch;
		else if (insn->code == ld || insn->code == (BPF_RET | BPF_K))
			return (struct es_filter){ filter->insns + pc,
						   filter->n - pc };
		else if (insn->code == (BPF_JMP | BPF_JA))
			pc += insn->k;
		else if (compare(insn->code, a, insn->k, &holds))
			pc += holds ? insn->jt : insn->jf;
		else
			break;
	}
	return *filter;
}
