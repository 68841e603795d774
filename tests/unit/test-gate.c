/* SPDX-License-Identifier: MIT */
/* The exec gate in force: a child loads a real filter and tries what its key
 * opens, and keys that are wrong in one half of one word. */
#include "gate.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "policies.h"
#include "util.h"

enum { KEYS = 64, WORDS = 3, HALVES = 2 * WORDS };

static void try_keys(void)
{
	uint64_t keys[KEYS][WORDS], ones = 0, zeros = 0;
	unsigned failed = 0, alike = 0;

	for (unsigned i = 0; i < KEYS; i++) {
		failed += es_gate_key(keys[i]) != 0;
		for (unsigned word = 0; word < WORDS; word++) {
			ones |= keys[i][word];
			zeros |= ~keys[i][word];
		}
		for (unsigned j = 0; j < i * WORDS; j++)
			for (unsigned word = 0; word < WORDS; word++)
				alike += keys[j / WORDS][j % WORDS] ==
					 keys[i][word];
	}
	tap_int(failed, 0, "keys can be had");
	tap_int(alike, 0, "no word of a key comes twice");
	tap_ok(ones == UINT64_MAX && zeros == UINT64_MAX,
	       "every bit is sometimes set and sometimes not");
}

/* What the child did, as its exit status tells it. */
enum { OPENED = 0, LOAD_FAILED = 100, REFUSED, OTHER };

static void load(const struct es_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->n,
					    filter->insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(LOAD_FAILED);
}

/* Tries to execute with KEY, in a child behind FILTER, what does not exist: the
 * kernel says so if the call gets there. */
static int exec_with(const struct es_filter *filter, const uint64_t key[WORDS])
{
	static char *const argv[] = { "none", NULL };
	int status = 0;
	const pid_t pid = fork();

	if (!pid) {
		load(filter);
		const long result = es_gate_call(SYS_execve, "/does/not/exist",
						 argv, argv + 1, key);

		syscall(SYS_exit_group, result == -ENOENT ? OPENED :
				result == -EPERM ? REFUSED : OTHER);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Writes a byte to a pipe with KEY, behind FILTER; does it come out? */
static bool write_with(const struct es_filter *filter,
		       const uint64_t key[WORDS])
{
	int ends[2], status = 0;
	char byte = 0;
	pid_t pid = -1;

	if (pipe(ends))
		return false;
	pid = fork();
	if (!pid) {
		load(filter);
		es_gate_call(SYS_write, (void *)(intptr_t)ends[1], "x",
			     (void *)1, key);
		syscall(SYS_exit_group, 0);
	}
	close(ends[1]);

	const ssize_t n = read(ends[0], &byte, 1);

	close(ends[0]);
	waitpid(pid, &status, 0);
	return n == 1 && byte == 'x';
}

static void try_gate(const struct es_filter *filter, const uint64_t *key)
{
	const uint64_t none[WORDS] = { 0 };
	const uint64_t turned[WORDS] = { key[1], key[2], key[0] };

	tap_int(exec_with(filter, key), OPENED, "the key opens execve");
	tap_ok(write_with(filter, key), "and write");
	tap_int(exec_with(filter, none), REFUSED, "no key does not");
	tap_ok(!write_with(filter, none), "nor for write");
	tap_int(exec_with(filter, turned), REFUSED, "nor its words elsewhere");
	for (unsigned half = 0; half < HALVES; half++) {
		for (unsigned bit = 0; bit < 32; bit += 31) {
			uint64_t wrong[WORDS];

			memcpy(wrong, key, sizeof(wrong));
			wrong[half / 2] ^= 1ULL << (32 * (half % 2) + bit);
			tap_int(exec_with(filter, wrong), REFUSED,
				"half %u of the key, bit %u wrong", half, bit);
			tap_ok(!write_with(filter, wrong),
			       "half %u of the key, bit %u wrong: write", half,
			       bit);
		}
	}
}

int main(void)
{
	struct es_surroundings around = usual;
	struct es_filter filter = { 0 };
	struct built built;

	try_keys();
	if (es_gate_key(around.key))
		return 1;
	built = build_from("BasicCapabilities: all", &around);
	tap_int(es_filter_make(&built.context->arena, &built.policy,
			       built.diags, &filter), ES_OK, "compiled");
	try_gate(&filter, around.key);
	es_filter_finish(&filter);
	finish(&built);
	return tap_done();
}
