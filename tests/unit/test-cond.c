/* SPDX-License-Identifier: MIT */
/* Conditions: what their text means, and whether "this within that" is true,
 * against brute force over arguments of four bits. */
#include "cond.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sched.h>
#include <string.h>

#include "random.h"
#include "tap.h"
#include "util.h"

enum { ROUNDS = 20000, ARGS = 2, BITS = 4, VALUES = 1 << BITS };

static const uint64_t high = 1ULL << 32;

/* A text for a call, and what it says of one argument's value. */
static const struct {
	const char *call, *text;
	uint64_t args[6];
	bool holds;
} meanings[] = {
	{ "close", "fd == 1", { 1 }, true },
	{ "close", "fd == 1", { 2 }, false },
	/* The kernel takes 32 bits of a descriptor, and so does the rule. */
	{ "close", "fd == 1", { 1 | 1ULL << 32 }, true },
	{ "close", "arg0 == 1", { 1 | 1ULL << 63 }, true },
	{ "close", "fd in {1,2, 0x7}", { 7 }, true },
	{ "close", "fd in {1, 2, 0x7}", { 6 }, false },
	{ "close", "fd in MANY", { 12 }, true },
	{ "close", "fd in MANY", { 10 }, false },
	{ "close", "fd in EMPTY", { 0 }, false },
	/* A pointer is 64 bits wide. */
	{ "prlimit64", "new_rlim == NULL", { 0, 0, 0 }, true },
	{ "prlimit64", "new_rlim == NULL", { 0, 0, 1ULL << 32 }, false },
	{ "prlimit64", "new_rlim == NULL", { 0, 0, 1ULL << 63 }, false },
	{ "prlimit64", "pid == 0 and new_rlim == NULL", { 1, 0, 0 }, false },
	{ "prlimit64", "pid == 0 and new_rlim == NULL", { 1ULL << 32 }, true },
	{ "openat", "flags & O_ACCMODE == O_RDONLY", { 0, 0, O_CREAT }, true },
	{ "openat", "flags & O_ACCMODE == O_RDONLY", { 0, 0, O_RDWR }, false },
	{ "openat", "flags & ~(O_CLOEXEC|O_NOCTTY) == O_RDONLY",
	  { 0, 0, O_CLOEXEC }, true },
	{ "openat", "flags & ~(O_CLOEXEC|O_NOCTTY) == O_RDONLY",
	  { 0, 0, O_CLOEXEC | O_TRUNC }, false },
	{ "openat", "flags & ~(O_CLOEXEC|O_NOCTTY) == O_RDONLY",
	  { 0, 0, 1ULL << 40 }, true },
	{ "clone", "clone_flags & ~CSIGNAL == (CLONE_VM|CLONE_VFORK)",
	  { CLONE_VM | CLONE_VFORK | 17 }, true },
	{ "clone", "clone_flags & ~CSIGNAL == (CLONE_VM|CLONE_VFORK)",
	  { CLONE_VM | CLONE_VFORK | CLONE_NEWUSER }, false },
	{ "mmap", "prot & 4 == 0 and flags & MAP_ANONYMOUS == MAP_ANONYMOUS",
	  { 0, 0, 3, 0x22 }, true },
	{ "mmap", "prot & 4 == 0 and flags & MAP_ANONYMOUS == MAP_ANONYMOUS",
	  { 0, 0, 7, 0x22 }, false },
	{ "mmap", "  prot  &  4==0 ", { 0, 0, 3 }, true },
};

static const struct {
	const char *call, *text, *wrong;
} mistakes[] = {
	{ "close", "", "unknown argument" },
	{ "close", "df == 1", "unknown argument" },
	{ "close", "arg1 == 1", "unknown argument" },
	{ "close", "fd", "'==' or 'in' is missing" },
	{ "close", "fd = 1", "'==' or 'in' is missing" },
	{ "close", "fd < 1", "'==' or 'in' is missing" },
	{ "close", "fd ==", "unknown constant" },
	{ "close", "fd == NOTHING", "unknown constant" },
	{ "close", "fd == AF_INETT", "unknown constant" },
	{ "close", "fd in {1, 2", "'}' is missing" },
	{ "close", "fd in {1 2}", "'}' is missing" },
	{ "close", "fd in {}", "unknown constant" },
	{ "close", "fd in NOBODY", "unknown set" },
	{ "close", "fd in MAN", "unknown set" },
	{ "close", "fd & (1 == 1", "')' is missing" },
	{ "close", "fd & 2 == 1", "a value has bits that the mask takes out" },
	{ "close", "fd == 1 fd == 2", "'and' is missing" },
	{ "close", "fd == 1 and", "unknown argument" },
	{ "close", "fd == 1 or fd == 2", "'and' is missing" },
	{ "close", "fd == 1,", "'and' is missing" },
	{ "close", "fd == 1 and fd == 1 and fd == 1 and fd == 1 and fd == 1 "
		   "and fd == 1 and fd == 1 and fd == 1 and fd == 1",
	  "too many conditions" },
};

static const char *parse(struct es_arena *arena, const char *name,
			 const char *text, struct es_conds *conds)
{
	static struct es_range many[] = { { 3, 9 }, { 12, 12 } };
	static const struct es_named_set sets[] = {
		{ "EMPTY", { NULL, 0 } },
		{ "MANY", { many, ES_COUNT(many) } },
		{ NULL, { NULL, 0 } },
	};
	const struct es_syscall *call = es_syscall_find(name, strlen(name));

	return call ? es_conds_parse(arena, call, text, sets, conds) :
		      "unknown call";
}

static void try_texts(void)
{
	struct es_arena arena = { 0 };
	struct es_conds conds = { 0 };

	for (size_t i = 0; i < ES_COUNT(meanings); i++) {
		const char *text = meanings[i].text;

		tap_ok(!parse(&arena, meanings[i].call, text, &conds) &&
			       es_conds_hold(&conds, meanings[i].args) ==
				       meanings[i].holds,
		       "%s if %s: %#llx, %#llx, %#llx %s", meanings[i].call,
		       text, (unsigned long long)meanings[i].args[0],
		       (unsigned long long)meanings[i].args[1],
		       (unsigned long long)meanings[i].args[2],
		       meanings[i].holds ? "holds" : "does not hold");
	}
	for (size_t i = 0; i < ES_COUNT(mistakes); i++)
		tap_str(parse(&arena, mistakes[i].call, mistakes[i].text,
			      &conds),
			mistakes[i].wrong, "%s if %s", mistakes[i].call,
			mistakes[i].text);
	tap_ok(!parse(&arena, "close", "fd & 0 == 0", &conds) && !conds.n,
	       "what always holds is no condition");
	tap_ok(!parse(&arena, "close", "fd == 1 and fd & 0 == 0", &conds) &&
		       conds.n == 1,
	       "and is left out beside one that does not");
	es_arena_finish(&arena);
}

/* Of arguments that the kernel takes as 32 bits, no rule sees the upper half:
 * whatever stands there, all single descriptors are told apart alike. */
static void try_upper_halves(void)
{
	struct es_arena arena = { 0 };
	struct es_conds conds = { 0 };
	unsigned wrong = 0;
	uint64_t seed = 2;

	if (parse(&arena, "dup2", "oldfd in MANY and newfd == 5", &conds))
		wrong++;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const uint64_t low[] = { random_below(&seed, 16),
					 random_below(&seed, 8) };
		const uint64_t args[6] = {
			low[0] | random_bits(&seed) << 32,
			low[1] | (random_bits(&seed) & ~UINT32_MAX & ~high),
		};
		const uint64_t plain[6] = { low[0], low[1] };

		wrong += es_conds_hold(&conds, args) !=
			 es_conds_hold(&conds, plain);
	}
	tap_int(wrong, 0, "upper halves of 32-bit arguments change nothing");
	es_arena_finish(&arena);
}

static bool make_cond(struct es_arena *arena, uint64_t *seed,
		      struct es_cond *cond)
{
	const uint64_t n = random_below(seed, 4);

	*cond = (struct es_cond){
		.arg = (unsigned)random_below(seed, ARGS),
		.mask = random_below(seed, 2) ? VALUES - 1 :
			random_below(seed, VALUES),
	};
	for (uint64_t i = 0; i < n; i++) {
		const uint64_t lo = random_below(seed, VALUES) & cond->mask;
		const uint64_t hi = random_below(seed, 3) ? lo : cond->mask;

		if (!es_ranges_add(arena, &cond->values, lo, hi))
			return false;
	}
	return true;
}

static struct es_conds make_conds(struct es_arena *arena, uint64_t *seed)
{
	struct es_conds conds = { .n = random_below(seed, 4) };

	conds.at = es_arena_alloc(arena, (conds.n + 1) * sizeof(*conds.at));
	if (!conds.at)
		abort();
	for (size_t i = 0; i < conds.n; i++)
		if (!make_cond(arena, seed, &conds.at[i]))
			abort();
	return conds;
}

static bool truly_within(const struct es_conds *inner,
			 const struct es_conds *outer)
{
	uint64_t args[6] = { 0 };

	for (args[0] = 0; args[0] < VALUES; args[0]++)
		for (args[1] = 0; args[1] < VALUES; args[1]++)
			if (es_conds_hold(inner, args) &&
			    !es_conds_hold(outer, args))
				return false;
	return true;
}

/* "Within" may miss what is so, and must never say what isn't: the generator
 * leaves alternatives out on its word. */
static void try_within(void)
{
	unsigned wrong = 0, claimed = 0, so = 0, itself = 0;
	uint64_t seed = 3;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct es_arena arena = { 0 };
		const struct es_conds a = make_conds(&arena, &seed);
		const struct es_conds b = make_conds(&arena, &seed);
		const bool within = es_conds_within(&a, &b);
		const bool truly = truly_within(&a, &b);

		wrong += within && !truly;
		claimed += within;
		so += truly;
		itself += !es_conds_within(&a, &a);
		es_arena_finish(&arena);
	}
	tap_int(wrong, 0, "within is never said of what is not");
	tap_int(itself, 0, "and always of oneself");
	tap_ok(claimed > so / 4, "not for want of saying it");
	printf("# within: said %u times of %u pairs that are so\n", claimed,
	       so);
}

int main(void)
{
	try_texts();
	try_upper_halves();
	try_within();
	return tap_done();
}
