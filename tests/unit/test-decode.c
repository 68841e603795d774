/* SPDX-License-Identifier: MIT */
/* Calls are written so that they can be read back, and nothing in them steers a
 * terminal. */
#include <arpa/inet.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "decode.h"
#include "family.h"
#include "random.h"
#include "strace.h"
#include "tap.h"
#include "util.h"

enum { TRIES = 200, BASE = 0x10000 };

static struct es_strace strace; /* its halves are too many for the stack */

/* A value that flags and enumerations are made of as often as not. */
static uint64_t any_value(uint64_t *seed)
{
	switch (random_below(seed, 4)) {
	case 0:
		return random_below(seed, 64);
	case 1:
		return 1ULL << random_below(seed, 64);
	case 2:
		return -random_below(seed, 200);
	default:
		return random_bits(seed);
	}
}

static bool is_plain(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			return false;
	return text;
}

static bool reads_back(const struct es_syscall *row, struct es_arena *arena,
		       uint64_t *seed)
{
	struct es_call call = { ES_AUDIT_ARCH,
				(uint32_t)es_syscall_number(row), { 0 } };
	struct es_traced traced;
	const char *text = NULL;

	for (unsigned i = 0; i < 6; i++)
		call.args[i] = any_value(seed);
	text = es_decode(arena, &call, NULL);
	if (!is_plain(text) ||
	    es_strace_call(&strace, text, strlen(text), &traced) !=
		    ES_LINE_CALL || traced.row != row) {
		printf("# %s: %s\n", text, strace.wrong ? strace.wrong : "");
		return false;
	}
	for (unsigned i = 0; i < 6; i++) {
		struct es_arg arg = { 0 };
		size_t len = 0;
		const char *name = es_syscall_arg_name(row, i, &len);

		if (es_syscall_arg(row, name, len, &arg) &&
		    ((call.args[i] ^ traced.call.args[i]) & arg.mask)) {
			printf("# %s: argument %u\n", text, i);
			return false;
		}
	}
	return true;
}

static void try_back(void)
{
	struct es_arena arena = { 0 };
	uint64_t seed = 1;

	strace.arena = &arena;
	for (size_t i = 0; i < es_nsyscalls; i++) {
		unsigned wrong = 0;

		if (es_syscall_number(&es_syscalls[i]) < 0)
			continue;
		for (unsigned t = 0; t < TRIES; t++)
			wrong += !reads_back(&es_syscalls[i], &arena, &seed);
		tap_int(wrong, 0, "%s is read back", es_syscalls[i].name);
		es_arena_rewind(&arena);
	}
	es_arena_finish(&arena);
}

/* Memory that ends: nothing lies behind it. */
struct memory {
	unsigned char bytes[8192];
	size_t n;
};

static size_t read_memory(void *state, uint64_t address, void *into, size_t len)
{
	const struct memory *memory = state;

	if (address < BASE || address - BASE >= memory->n)
		return 0;
	address -= BASE;
	if (len > memory->n - address)
		len = memory->n - address;
	memcpy(into, memory->bytes + address, len);
	return len;
}

static void try_text(const void *bytes, size_t n, const char *call,
		     const uint64_t args[6], const char *want)
{
	static struct memory memory;
	const struct es_memory how = { read_memory, &memory };
	const struct es_syscall *row = es_syscall_find(call, strlen(call));
	struct es_call asked = { ES_AUDIT_ARCH,
				 (uint32_t)es_syscall_number(row), { 0 } };
	struct es_arena arena = { 0 };

	memcpy(memory.bytes, bytes, n);
	memory.n = n;
	memcpy(asked.args, args, sizeof(asked.args));
	tap_str(es_decode(&arena, &asked, &how), want, "%s", want);
	es_arena_finish(&arena);
}

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })
#define OPEN(text, want) \
	try_text(text, sizeof(text), "openat", \
		 ARGS((uint64_t)-100, BASE, 02 | 0100, 0600), want)

static void try_memory(void)
{
	const struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(80),
		.sin_addr.s_addr = htonl(0x7f000001),
	};
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(443) };
	const struct sockaddr_un un = { AF_UNIX, "/run/x" };
	char longer[5000];

	OPEN("/etc/passwd",
	     "openat(AT_FDCWD, \"/etc/passwd\", O_RDWR|O_CREAT, 0600)");
	OPEN("\x1b]0;title\x07\n\"\\\x9b\xff",
	     "openat(AT_FDCWD, \"\\x1b]0;title\\x07\\n\\\"\\\\\\x9b\\xff\", "
	     "O_RDWR|O_CREAT, 0600)");
	memset(longer, 'a', sizeof(longer));
	try_text(longer, sizeof(longer), "unlink", ARGS(BASE),
		 "unlink(0x10000)");
	try_text("abc", 3, "unlink", ARGS(BASE), "unlink(0x10000)");
	try_text("", 1, "unlink", ARGS(0), "unlink(NULL)");
	try_text(&in, sizeof(in), "connect", ARGS(3, BASE, sizeof(in)),
		 "connect(3, {sa_family=AF_INET, sin_port=htons(80), "
		 "sin_addr=inet_addr(\"127.0.0.1\")}, 16)");
	in6.sin6_addr.s6_addr[15] = 1;
	try_text(&in6, sizeof(in6), "bind", ARGS(3, BASE, sizeof(in6)),
		 "bind(3, {sa_family=AF_INET6, sin6_port=htons(443), "
		 "inet_pton(AF_INET6, \"::1\", &sin6_addr)}, 28)");
	try_text(&un, sizeof(un), "connect", ARGS(3, BASE, sizeof(un)),
		 "connect(3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110)");
	try_text(&un, 1, "connect", ARGS(3, BASE, sizeof(un)),
		 "connect(3, 0x10000, 110)");
	try_text("", 1, "fcntl", ARGS(3, 4, 04000), "fcntl(3, F_SETFL, "
		 "O_RDONLY|O_NONBLOCK)");
	try_text("", 1, "setsockopt", ARGS(3, 1, 2, 0, 4),
		 "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, NULL, 4)");
	try_text("", 1, "mmap", ARGS(0, 4096, 5, 2, 3),
		 "mmap(0, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3, 0)");
	try_text("", 1, "clone", ARGS(0x1200011),
		 "clone(SIGCHLD|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID, 0, "
		 "NULL, NULL, 0)");
}

static void try_strangers(void)
{
	struct es_arena arena = { 0 };

	tap_str(es_decode(&arena, &(struct es_call){ AUDIT_ARCH_I386, 5,
						     { 1 } }, NULL),
		"[arch 0x40000003] syscall_0x5(0x1, 0, 0, 0, 0, 0)",
		"another architecture");
	tap_str(es_decode(&arena, &(struct es_call){ ES_AUDIT_ARCH, 999,
						     { 1 } }, NULL),
		"syscall_0x3e7(0x1, 0, 0, 0, 0, 0)", "an unknown number");
	es_arena_finish(&arena);
}

int main(void)
{
	try_back();
	try_memory();
	try_strangers();
	return tap_done();
}
