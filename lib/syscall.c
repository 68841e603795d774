/* SPDX-License-Identifier: MIT */
#include "syscall.h"

#include <string.h>

#include "util.h"

const struct es_syscall es_syscalls[] = {
#include "syscalls.inc"
};

const size_t es_nsyscalls = ES_COUNT(es_syscalls);

int es_name_compare(const char *string, const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && string[i] && string[i] == bytes[i])
		i++;

	const unsigned char other = i < len ? (unsigned char)bytes[i] : 0;

	return (unsigned char)string[i] - other;
}

const struct es_syscall *es_syscall_find(const char *name, size_t len)
{
	size_t lo = 0, hi = es_nsyscalls;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int order = es_name_compare(es_syscalls[mid].name, name, len);

		if (!order)
			return &es_syscalls[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

int es_syscall_number(const struct es_syscall *call)
{
	return call->x86_64;
}

/* Fills ARG from a type of the table: i32, u32, i64, u64 or ptr. */
static void describe(const char *type, unsigned index, struct es_arg *arg)
{
	arg->index = index;
	arg->pointer = type[0] == 'p';
	arg->mask = type[1] == '3' ? UINT32_MAX : UINT64_MAX;
}

bool es_syscall_arg(const struct es_syscall *call, const char *name, size_t len,
		    struct es_arg *arg)
{
	const bool by_number = len == 4 && !memcmp(name, "arg", 3);
	const char *at = call->args;

	for (unsigned i = 0; *at; i++) {
		const char *type = at;
		const char *own = at + 4;
		const size_t own_len = strcspn(own, ",");

		if (own_len == len && !memcmp(own, name, len)) {
			describe(type, i, arg);
			return true;
		}
		if (by_number && name[3] == (char)('0' + i)) {
			describe(type, i, arg);
			return true;
		}
		at = own + own_len;
		at += strspn(at, ", ");
	}
	return false;
}
