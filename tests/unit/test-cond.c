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
	{ "close", "", "an argument is expected, not the end" },
	{ "close", "df == 1", "unknown argument 'df'; 'close' has fd" },
	{ "close", "arg1 == 1",
	  "'close' has no 'arg1': its last argument is 'arg0'" },
	{ "close", "fd", "a comparison or 'in' is expected, not the end" },
	{ "close", "fd = 1", "write '==' in place of '='" },
	{ "close", "fd ==", "a number or a constant is expected, not the end" },
	{ "close", "fd == NOTHING", "unknown constant 'NOTHING'" },
	{ "close", "fd == AF_INETT", "unknown constant 'AF_INETT'" },
	{ "close", "fd in {1, 2", "',' or '}' is expected, not the end" },
	{ "close", "fd in {1 2}", "',' or '}' is expected, not '2'" },
	{ "close", "fd in {}", "a number or a constant is expected, not '}'" },
	{ "close", "fd in NOBODY", "'{' is expected, not 'NOBODY'" },
	{ "close", "fd in MAN", "'{' is expected, not 'MAN'" },
	{ "close", "fd & (1 == 1", "')' is expected, not '=='" },
	{ "close", "fd & 2 == 1",
	  "'1' has bits that the mask takes out, so it never holds" },
	{ "close", "fd & 2 < 1", "behind a mask stands '==', '!=' or 'in'" },
	{ "close", "fd == 1 fd == 2", "'and' is expected, not 'fd'" },
	{ "close", "fd == 1 and", "an argument is expected, not the end" },
	{ "close", "fd == 1 or fd == 2", "write a second rule in place of 'or', or `in {A, B}`" },
	{ "close", "fd == 1,", "'and' is expected, not ','" },
	{ "close", "fd == 010", "'010' is no number: it is decimal, 0x or 0o" },
	{ "close", "fd == 1x", "'1x' is no number: it is decimal, 0x or 0o" },
	{ "close", "fd == 0xg", "'0xg' is no number: it is decimal, 0x or 0o" },
	{ "close", "fd == 0o8", "'0o8' is no number: it is decimal, 0x or 0o" },
	{ "close", "fd == 1 and fd == 1 and fd == 1 and fd == 1 and fd == 1 "
		   "and fd == 1 and fd == 1 and fd == 1 and fd == 1",
	  "more than 8 conditions" },
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

/* What a rule's text must mean, said once more: the kernel's type of the
 * argument, an operator, a mask or none, and a number. */
static const struct width {
	const char *call, *arg;
	unsigned index, bits;
	bool negative;
} widths[] = {
	{ "close", "fd", 0, 32, false },
	{ "kill", "sig", 1, 32, true },
	{ "munmap", "arg1", 1, 64, false },
	{ "lseek", "offset", 1, 64, true },
};

static const char *const operators[] = { "==", "!=", "<",  "<=",
					 ">",  ">=", "in", "&" };
enum { EQUAL, NOT_EQUAL, BELOW, AT_MOST, ABOVE, AT_LEAST, IN, MASK };

/* A number as the argument's type has it. */
static __int128 as_typed(uint64_t bits, const struct width *width)
{
	if (width->bits == 32)
		return width->negative ? (__int128)(int32_t)bits :
					 (__int128)(uint32_t)bits;
	return width->negative ? (__int128)(int64_t)bits : (__int128)bits;
}

/* Numbers near those where something changes. */
static uint64_t near(uint64_t *seed)
{
	static const uint64_t corners[] = { 0, 1ULL << 31, 1ULL << 32,
					    1ULL << 63, 100 };

	if (!random_below(seed, 4))
		return random_bits(seed);
	return corners[random_below(seed, ES_COUNT(corners))] +
	       random_below(seed, 5) - 2;
}

static bool means(const struct width *width, size_t op, __int128 number,
		  uint64_t mask, uint64_t arg)
{
	const __int128 value = as_typed(arg, width);
	const uint64_t all = width->bits == 32 ? UINT32_MAX : UINT64_MAX;

	switch (op) {
	case EQUAL:
		return value == number;
	case NOT_EQUAL:
		return value != number;
	case BELOW:
		return value < number;
	case AT_MOST:
		return value <= number;
	case ABOVE:
		return value > number;
	case AT_LEAST:
		return value >= number;
	case IN:
		return value == number || value == 7;
	default:
		return (arg & mask & all) == ((uint64_t)number & all);
	}
}

static void print_number(char text[32], __int128 number)
{
	snprintf(text, 32, "%s%llu", number < 0 ? "-" : "",
		 (unsigned long long)(number < 0 ? -number : number));
}

/* One text, which may be refused as never or always true; false if it means
 * something else than it says. */
static bool try_text(uint64_t *seed, unsigned *accepted)
{
	const struct width *width = &widths[random_below(seed,
							 ES_COUNT(widths))];
	const size_t op = random_below(seed, ES_COUNT(operators));
	const uint64_t mask = near(seed);
	const __int128 number = as_typed(op == MASK ? near(seed) & mask :
						      near(seed), width);
	const struct es_syscall *call = es_syscall_find(width->call,
							strlen(width->call));
	struct es_arena arena = { 0 };
	struct es_conds conds = { 0 };
	char text[128], value[32];
	size_t where = 0;
	const char *wrong = NULL;
	bool any = false, all = true, fine = true;

	print_number(value, number);
	if (op == IN)
		snprintf(text, sizeof(text), "%s in {%s, 7}", width->arg,
			 value);
	else if (op == MASK)
		snprintf(text, sizeof(text), "%s & %#llx == %#llx", width->arg,
			 (unsigned long long)(width->bits == 32 ?
					      (uint32_t)mask : mask),
			 (unsigned long long)(width->bits == 32 ?
					      (uint32_t)number :
					      (uint64_t)number));
	else
		snprintf(text, sizeof(text), "%s %s %s", width->arg,
			 operators[op], value);
	wrong = es_conds_read(&arena, call, text, false, &conds, &where);
	for (unsigned i = 0; i < 40; i++) {
		uint64_t args[6] = { 0 };

		args[width->index] = i < 20 ? (uint64_t)number + i - 10 :
					      near(seed);
		const bool holds = means(width, op, number, mask,
					 args[width->index]);

		any |= holds;
		all &= holds;
		if (!wrong)
			fine &= es_conds_hold(&conds, args) == holds;
	}
	if (wrong)
		fine = (!any && strstr(wrong, "never holds")) ||
		       (all && strstr(wrong, "always holds"));
	if (!fine)
		printf("# %s if %s: %s\n", width->call, text,
		       wrong ? wrong : "means something else");
	*accepted += !wrong;
	es_arena_finish(&arena);
	return fine;
}

static void try_meaning(void)
{
	unsigned wrong = 0, accepted = 0;
	uint64_t seed = 5;

	for (unsigned i = 0; i < ROUNDS; i++)
		wrong += !try_text(&seed, &accepted);
	tap_int(wrong, 0, "%u texts mean what they say", ROUNDS);
	tap_ok(accepted > ROUNDS * 3 / 4, "%u of them are accepted", accepted);
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

/* Whether conditions can hold at once is told exactly, and so is what is left
 * when one is turned round. */
static void try_possible(void)
{
	unsigned wrong = 0, never = 0, turned = 0;
	uint64_t seed = 4;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct es_arena arena = { 0 };
		struct es_conds conds = { 0 };
		struct es_cond one, not = { 0 };
		uint64_t args[6] = { 0 };
		bool possible = false;

		for (uint64_t n = random_below(&seed, 5); n > 0; n--) {
			if (!make_cond(&arena, &seed, &one) ||
			    !es_conds_add(&arena, &conds, &one))
				abort();
		}
		if (!make_cond(&arena, &seed, &one) ||
		    !es_cond_negate(&arena, &one, &not))
			abort();
		for (unsigned i = 0; i < VALUES * VALUES; i++) {
			args[0] = i % VALUES;
			args[1] = i / VALUES;
			possible |= es_conds_hold(&conds, args);
			turned += es_cond_holds(&one, args) ==
				  es_cond_holds(&not, args);
		}
		wrong += es_conds_possible(&conds) !=
			 (possible ? ES_FOUND : ES_NONE);
		never += !possible;
		es_arena_finish(&arena);
	}
	tap_int(wrong, 0, "what can hold at all is told exactly");
	tap_int(turned, 0, "a negated condition holds where it does not");
	tap_ok(never > ROUNDS / 10 && never < ROUNDS * 9 / 10,
	       "%u of %u can't hold", never, ROUNDS);
}

/* The same of masks and values that fill an argument. */
static void try_wide(void)
{
	static const struct {
		const char *call, *text;
		const char *wrong; /* a part of it */
	} rules[] = {
		{ "munmap", "arg1 & 0xffffffff == 5 and arg1 >= 0x100000000 "
			    "and arg1 < 0x200000000", NULL },
		{ "munmap", "arg1 & 0xffffffff == 5 and arg1 > 0x100000005 "
			    "and arg1 < 0x200000005", "never holds" },
		{ "munmap", "arg1 & 0x8000000000000001 == 1 and "
			    "arg1 & 0x7 in {3, 5} and arg1 > 0x7ffffffffffffffc",
		  NULL },
		{ "munmap", "arg1 & 0x8000000000000001 == 1 and "
			    "arg1 & 0x7 in {3, 5} and arg1 > 0x7ffffffffffffffd",
		  "never holds" },
		{ "close", "fd & 3 == 1 and fd & 6 == 4 and fd & 5 == 5",
		  NULL },
		{ "close", "fd & 3 == 1 and fd & 6 == 4 and fd & 5 == 1",
		  "never holds" },
		{ "close", "fd & 0xf0 == 0x20 and fd & 0x3c != 0x20 and "
			   "fd & 0x3c != 0x24 and fd & 0x3c != 0x28 and "
			   "fd & 0x3c != 0x2c", "never holds" },
		{ "close", "fd & 0xf0 == 0x20 and fd & 0x3c != 0x20 and "
			   "fd & 0x3c != 0x24 and fd & 0x3c != 0x28", NULL },
		{ "kill", "pid < 0 and pid & 0x80000000 == 0", "never holds" },
		{ "kill", "pid < 0 and sig & 1 == 1 and pid & 1 == 1", NULL },
	};

	for (size_t i = 0; i < ES_COUNT(rules); i++) {
		const struct es_syscall *call =
			es_syscall_find(rules[i].call, strlen(rules[i].call));
		struct es_arena arena = { 0 };
		struct es_conds conds;
		size_t where = 0;
		const char *wrong = es_conds_read(&arena, call, rules[i].text,
						  true, &conds, &where);

		tap_ok(rules[i].wrong ? wrong && strstr(wrong, rules[i].wrong) :
					!wrong, "%s if %s %s", rules[i].call,
		       rules[i].text,
		       rules[i].wrong ? rules[i].wrong : "can hold");
		es_arena_finish(&arena);
	}
}

int main(void)
{
	try_texts();
	try_meaning();
	try_possible();
	try_wide();
	try_upper_halves();
	try_within();
	return tap_done();
}
