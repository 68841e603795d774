/* SPDX-License-Identifier: MIT */
#include "syscall.h"

#include <string.h>

#include "diag.h"
#include "util.h"

const struct es_syscall es_syscalls[] = {
#include "syscalls.inc"
};

const size_t es_nsyscalls = ES_COUNT(es_syscalls);

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

const char *es_syscall_foreign(const char *name, size_t len)
{
	static const char names[] =
#include "foreign.inc"
		;

	for (const char *at = names; at < names + sizeof(names) - 1;
	     at += strlen(at) + 1)
		if (!es_name_compare(at, name, len))
			return at;
	return NULL;
}

int es_syscall_number(const struct es_syscall *call)
{
	return call->x86_64;
}

const struct es_syscall *es_syscall_of(uint32_t nr)
{
	for (size_t i = 0; i < es_nsyscalls; i++)
		if (es_syscalls[i].x86_64 >= 0 &&
		    (uint32_t)es_syscalls[i].x86_64 == nr)
			return &es_syscalls[i];
	return NULL;
}

/* Fills ARG from a type of the table: i32, u32, i64, u64, ptr, u12 or u16. */
static void describe(const char *type, unsigned index, struct es_arg *arg)
{
	arg->index = index;
	arg->pointer = type[0] == 'p';
	arg->mask = type[1] == '3' ? UINT32_MAX :
		    type[1] == '1' ? (type[2] == '2' ? 07777 : UINT16_MAX) :
				     UINT64_MAX;
	arg->negative = type[0] == 'i';
}

static bool ends_name(char c)
{
	return c == ',' || c == '=' || !c;
}

/* This runs for every condition of the builtin rules, at every start. */
bool es_syscall_arg(const struct es_syscall *call, const char *name, size_t len,
		    struct es_arg *arg)
{
	const bool by_number = len == 4 && !memcmp(name, "arg", 3);
	const char *type = call->args;

	for (unsigned i = 0; len && *type; i++) {
		const char *own = type + strlen("u32 ");
		bool is_it = by_number && name[3] == (char)('0' + i);

		for (bool more = true; more && !is_it; own += more) {
			size_t same = 0;

			while (same < len && own[same] == name[same])
				same++;
			is_it = same == len && ends_name(own[same]);
			own += same;
			while (!ends_name(*own))
				own++;
			more = *own == '=';
		}
		if (is_it) {
			describe(type, i, arg);
			return true;
		}
		type = own + (*own ? 2 : 0);
	}
	return false;
}

const char *es_syscall_arg_name(const struct es_syscall *call, unsigned index,
				size_t *len)
{
	const char *at = call->args;

	for (unsigned i = 0; i < index && *at; i++) {
		at += strcspn(at, ",");
		at += strspn(at, ", ");
	}
	at += *at ? strlen("u32 ") : 0;
	*len = strcspn(at, ",=");
	return at;
}

const char *es_syscall_arg_names(struct es_arena *arena,
				 const struct es_syscall *call)
{
	const char *names = NULL, *at = NULL;
	size_t len = 0;

	for (unsigned i = 0; *(at = es_syscall_arg_name(call, i, &len)); i++) {
		names = es_arena_printf(arena, "%s%s%.*s", names ? names : "",
					names ? ", " : "", (int)len, at);
		if (!names)
			break;
	}
	return names;
}

const char *es_syscall_guess(struct es_arena *arena, const char *name)
{
	const char **names = es_arena_alloc(arena, (es_nsyscalls + 1) *
						   sizeof(*names));

	for (size_t i = 0; names && i < es_nsyscalls; i++)
		names[i] = es_syscalls[i].name;
	return names ? es_did_you_mean(name, names) : NULL;
}

const char *es_syscall_arg_guess(struct es_arena *arena,
				 const struct es_syscall *call,
				 const char *name)
{
	const char *names[6 * 2 + 1] = { NULL };
	const char *at = call->args;
	size_t n = 0;

	while (*at) {
		at += strlen("u32 ");
		for (size_t len; *at && *at != ' '; at += len) {
			at += *at == '=';
			len = strcspn(at, ",=");
			names[n] = es_arena_copy(arena, at, len);
			n += names[n] && n + 1 < ES_COUNT(names);
			len += at[len] == ',';
		}
		at += *at == ' ';
	}
	return es_did_you_mean(name, names);
}
