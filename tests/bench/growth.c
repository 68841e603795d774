/* SPDX-License-Identifier: MIT */
/*
 * growth [NAME]
 *
 * Measures how the times of reading, building, compiling and proving grow with
 * what a profile holds: milliseconds of the processor, the best of three
 * rounds. `grows` is the exponent from the size before to this one, of the step
 * that grows most: 1.0 is linear, 2.0 quadratic; steps below a tenth of a
 * millisecond don't count. A step that refused its input is marked `!`, and
 * those behind it are left out, and so are larger sizes once one took PATIENCE.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "compile.h"
#include "proof.h"
#include "util.h"
enum { ROUNDS = 3, SIZES = 4, PARTS = 2, INCLUDED_FD = 100 };

static const double PATIENCE = 5000, TOO_SHORT = 0.1;

enum step { READ, POLICY, FILTER, PROOF, STEPS };

/* The texts of a profile and its includes, and the rules that are put into a
 * policy by hand. */
struct input {
	char *texts[PARTS];
	size_t sizes[PARTS];
	FILE *streams[PARTS];
	struct es_arena arena;
	struct es_policy policy;
	bool has_rules;
};

/* Appends to the text of PART. */
__attribute__((format(printf, 3, 4)))
static void say(struct input *input, size_t part, const char *format, ...)
{
	va_list args;

	if (!input->streams[part])
		input->streams[part] = open_memstream(&input->texts[part],
						      &input->sizes[part]);
	if (!input->streams[part])
		err(1, "open_memstream");
	va_start(args, format);
	vfprintf(input->streams[part], format, args);
	va_end(args);
}

static void repeat(struct input *input, const char *text, size_t n)
{
	while (n--)
		say(input, 0, "%s", text);
}

static void comments(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: {Time: all}\n");
	repeat(input, "#\n", n);
}

static void keys(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\n");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "k%zu: 1\n", i);
}

static void same_keys(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\n");
	repeat(input, "key: 1\n", n);
}

static void nested(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: ");
	repeat(input, "[", n);
}

static void wide(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: [");
	repeat(input, "[],", n);
	say(input, 0, "]\n");
}

static void maps(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: {Time: [");
	repeat(input, "{a: {}},", n);
	say(input, 0, "]}\n");
}

static void plain_text(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nabout: ");
	repeat(input, "word ", n);
}

static void quoted_text(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nabout: \"");
	repeat(input, "\\x41", n);
	say(input, 0, "\"\n");
}

static void block_text(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nabout: |\n");
	repeat(input, "  x\n", n);
}

static void anchors(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: [");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "&a%zu x,", i);
}

static void mistakes(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	repeat(input, "  - read_pathh\n", n);
}

static void paths(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow:\n  SystemIO:\n  - read_path:\n");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "    - /a/%zu\n", i);
}

/* A limit each, with rules of its own. */
static void limits(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "  - read_path: {path: /a, fds: %zu-%zu}\n",
		    i * 2 + 3, i * 2 + 4);
}

static void read_limits(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "  - read: {fds: %zu-%zu}\n", i * 3 + 3,
		    i * 3 + 4);
}

static void same_limits(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	repeat(input, "  - read: {fds: 0}\n", n);
}

static void fd_items(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: {SystemIO: [{read: {fds: [");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "%zu-%zu,", i * 3 + 3, i * 3 + 4);
	say(input, 0, "]}}]}\n");
}

static void widenings(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nwiden: [");
	repeat(input, "SystemIO.read_path,", n);
	say(input, 0, "]\ninclude: /proc/self/fd/%d\n", INCLUDED_FD + 1);
	say(input, 1, "extrasafe: 1\nallow:\n  SystemIO:\n");
	for (size_t i = 0; i < 4096; i++)
		say(input, 1, "  - read_path: /%zu\n", i);
}

static void own_rules(struct input *input, size_t n)
{
	static const char *const names[] = { "fallocate", "fchdir", "fchmod",
					     "fchown", "flock", "fsync",
					     "ftruncate", "syncfs" };

	say(input, 0, "extrasafe: 1\nallow: {Own: all}\n"
	    "rulesets:\n  Own:\n    rules:\n");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "    - '%s if fd == %zu'\n",
		    names[i % ES_COUNT(names)], i);
}

static void exceptions(struct input *input, size_t n)
{
	say(input, 0, "extrasafe: 1\nallow: {Own: all}\n"
	    "rulesets:\n  Own:\n    rules:\n");
	for (size_t i = 0; i < 500; i++)
		say(input, 0, "    - 'sendto if fd == %zu'\n", i);
	say(input, 0, "except:\n");
	for (size_t i = 0; i < n; i++)
		say(input, 0, "- 'sendto if fd == %zu and len == %zu'\n", i, i);
}

static void add(struct input *input, uint32_t nr, uint32_t fd, uint32_t value,
		bool both)
{
	struct es_rules *rules = &input->policy.allowed;
	struct es_cond *conds = es_arena_alloc(&input->arena,
					       2 * sizeof(*conds));

	conds[0] = (struct es_cond){ .arg = 0, .mask = UINT32_MAX };
	conds[1] = (struct es_cond){ .arg = 1, .mask = UINT32_MAX };
	if (!es_ranges_add(&input->arena, &conds[0].values, fd, fd) ||
	    !es_ranges_add(&input->arena, &conds[1].values, value, value) ||
	    !es_grow(rules->at, rules->n, rules->cap))
		errx(1, "out of memory");
	rules->at[rules->n++] = (struct es_rule){
		.nr = nr, .ret = SECCOMP_RET_ALLOW,
		.conds = { conds, both ? 2 : 1 },
	};
	input->has_rules = true;
}

static int by_number(const void *a, const void *b)
{
	const struct es_rule *left = a, *right = b;

	return (int)left->nr - (int)right->nr;
}

static void index_rules(struct input *input)
{
	struct es_policy *policy = &input->policy;

	policy->deny = SECCOMP_RET_ERRNO | 1;
	policy->key[0] = 0x1122334455667788;
	for (uint32_t nr = 0; nr < ES_NR_LIMIT; nr++)
		policy->known[nr] = nr < 460;
	qsort(policy->allowed.at, policy->allowed.n,
	      sizeof(*policy->allowed.at), by_number);
	memset(policy->allowed.first, 0, sizeof(policy->allowed.first));
	for (size_t i = 0; i < policy->allowed.n; i++)
		policy->allowed.first[policy->allowed.at[i].nr + 1]++;
	for (size_t nr = 0; nr < ES_NR_LIMIT; nr++)
		policy->allowed.first[nr + 1] += policy->allowed.first[nr];
}

enum { CALLS = 200, FIRST_CALL = 100 };

/* N rules on 200 calls: each call has the same ones, */
static void rules_alike(struct input *input, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(input, FIRST_CALL + i % CALLS, i / CALLS * 2, i / CALLS * 3,
		    true);
	index_rules(input);
}

/* its own values of one argument, which are joined, */
static void rules_joined(struct input *input, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(input, FIRST_CALL + i % CALLS, i % CALLS + i / CALLS, 0,
		    false);
	index_rules(input);
}

/* or what can't be joined, and so is soon too much for a filter. */
static void rules_apart(struct input *input, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(input, FIRST_CALL + i % CALLS, i % CALLS + i / CALLS * 2,
		    i / CALLS * 3, true);
	index_rules(input);
}

static void one_call(struct input *input, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(input, 300, i * 2, i * 3, true);
	index_rules(input);
}

static void one_call_joined(struct input *input, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(input, 300, i * 2, 0, false);
	index_rules(input);
}

static void calls(struct input *input, size_t n)
{
	for (uint32_t nr = 0; nr < n; nr++) {
		add(input, nr, nr, 0, false);
		if (nr % 2) /* whatever its arguments */
			input->policy.allowed.at[nr].conds.n = 0;
	}
	index_rules(input);
}

/* 18 calls with N descriptors each, of which no two are neighbours. */
static void descriptors(struct input *input, size_t n)
{
	for (uint32_t nr = 0; nr < 18; nr++)
		for (uint32_t i = 0; i < n; i++)
			add(input, nr + 100, i * 2, 0, false);
	index_rules(input);
}

static const struct experiment {
	const char *name;
	void (*make)(struct input *input, size_t n);
	size_t sizes[SIZES];
} experiments[] = {
	{ "comments", comments, { 60000, 120000, 240000, 480000 } },
	{ "keys", keys, { 10000, 20000, 40000, 80000 } },
	{ "same keys", same_keys, { 10000, 20000, 40000, 80000 } },
	{ "nested lists", nested, { 125000, 250000, 500000, 1000000 } },
	{ "empty lists", wide, { 40000, 80000, 160000, 320000 } },
	{ "maps", maps, { 15000, 30000, 60000, 120000 } },
	{ "plain text", plain_text, { 25000, 50000, 100000, 200000 } },
	{ "quoted text", quoted_text, { 30000, 60000, 120000, 240000 } },
	{ "block text", block_text, { 30000, 60000, 120000, 240000 } },
	{ "anchors", anchors, { 10000, 20000, 40000, 80000 } },
	{ "mistakes", mistakes, { 8000, 16000, 32000, 64000 } },
	{ "paths", paths, { 512, 1024, 2048, 4096 } },
	{ "limits of paths", limits, { 64, 128, 256, 1024 } },
	{ "limits of fds", read_limits, { 64, 128, 512, 1024 } },
	{ "same limits", same_limits, { 128, 256, 512, 1024 } },
	{ "fd items", fd_items, { 128, 256, 512, 1024 } },
	{ "widenings", widenings, { 32, 64, 128, 256 } },
	{ "rules by hand", own_rules, { 256, 512, 1024, 2000 } },
	{ "exceptions", exceptions, { 64, 128, 256, 512 } },
	{ "rules, alike", rules_alike, { 10, 100, 1000, 10000 } },
	{ "rules, joined", rules_joined, { 10, 100, 1000, 10000 } },
	{ "rules, apart", rules_apart, { 10, 100, 1000, 10000 } },
	{ "rules on one call", one_call, { 10, 100, 1000, 10000 } },
	{ "values on one call", one_call_joined, { 10, 100, 1000, 10000 } },
	{ "calls", calls, { 50, 150, 300, 450 } },
	{ "18 calls x fds", descriptors, { 16, 32, 64, 128 } },
};

struct figures {
	double took[STEPS];
	enum es_status status;
	enum step last;
	size_t insns;
};

static void open_parts(struct input *input, int fds[PARTS])
{
	for (size_t i = 0; i < PARTS; i++) {
		fds[i] = -1;
		if (!input->streams[i])
			continue;

		const int made = memfd_create("profile", MFD_CLOEXEC);

		fds[i] = fcntl(made, F_DUPFD, INCLUDED_FD + (int)i);
		close(made);
		if (fclose(input->streams[i]) || fds[i] < 0 ||
		    write(fds[i], input->texts[i], input->sizes[i]) !=
			    (ssize_t)input->sizes[i])
			err(1, "memfd");
	}
}

/* The processor's time in milliseconds, which neighbours take nothing of. */
static double lap(double *since)
{
	struct timespec used;
	double now = 0, took = 0;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	now = (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
	took = now - *since;
	*since = now;
	return took;
}

static void once(const struct experiment *experiment, size_t n,
		 struct figures *figures)
{
	struct input input = { .arena = { 0 } };
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();
	struct es_surroundings around = { .self = 4242 };
	struct es_filter filter = { 0 };
	int fds[PARTS];
	char path[64];
	double since = 0;

	experiment->make(&input, n);
	open_parts(&input, fds);
	*figures = (struct figures){ .last = READ };
	lap(&since);
	if (!input.has_rules) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
		figures->status = es_add_profile(context, path, diags);
		figures->took[READ] = lap(&since);
		if (figures->status == ES_OK) {
			figures->last = POLICY;
			figures->status = es_policy_build(
				&context->arena, &context->profile, &around,
				diags, &input.policy);
			figures->took[POLICY] = lap(&since);
		}
	}
	if (figures->status == ES_OK) {
		figures->last = FILTER;
		figures->status = es_filter_make(&context->arena, &input.policy,
						 diags, &filter);
		figures->took[FILTER] = lap(&since);
		figures->insns = filter.n;
	}
	if (figures->status == ES_OK) {
		figures->last = PROOF;
		figures->status = es_prove(&input.policy, &filter, diags);
		figures->took[PROOF] = lap(&since);
	}
	es_filter_finish(&filter);
	es_policy_finish(&input.policy);
	es_context_free(context);
	es_diags_free(diags);
	es_arena_finish(&input.arena);
	for (size_t i = 0; i < PARTS; i++) {
		free(input.texts[i]);
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static double total(const struct figures *figures)
{
	double sum = 0;

	for (size_t i = 0; i < STEPS; i++)
		sum += figures->took[i];
	return sum;
}

static void best_of(const struct experiment *experiment, size_t n,
		    struct figures *best)
{
	struct figures figures;

	once(experiment, n, best);
	for (int round = 1; round < ROUNDS && total(best) < PATIENCE / 10;
	     round++) {
		once(experiment, n, &figures);
		if (total(&figures) < total(best))
			*best = figures;
	}
}

/* The exponent by which the step grows that grows most; 0: none was there
 * before, or all are too short to tell. */
static double growth(const struct figures *before, const struct figures *now,
		     double sizes)
{
	double most = 0;

	for (size_t i = 0; i < STEPS; i++) {
		const double grows = before->took[i] > TOO_SHORT ?
			log(now->took[i] / before->took[i]) / log(sizes) : 0;

		if (now->took[i] > TOO_SHORT && grows > most)
			most = grows;
	}
	return most;
}

static void print_line(const char *name, size_t n,
		       const struct figures *figures, double grows)
{
	printf("%-20s%9zu", name, n);
	for (size_t step = 0; step < STEPS; step++) {
		const bool refused = step == figures->last && figures->status;

		if (figures->took[step] > 0)
			printf("%9.2f%c", figures->took[step],
			       refused ? '!' : ' ');
		else
			printf("%10s", "");
	}
	printf(figures->insns ? "%7zu" : "%7.0zu", figures->insns);
	if (grows > 0)
		printf("%7.1f", grows);
	putchar('\n');
	fflush(stdout);
}

static void measure(const struct experiment *experiment)
{
	struct figures before = { .last = READ }, now = before;

	for (size_t i = 0; i < SIZES && total(&now) < PATIENCE; i++) {
		const size_t n = experiment->sizes[i];

		before = now;
		best_of(experiment, n, &now);
		print_line(i ? "" : experiment->name, n, &now,
			   i ? growth(&before, &now, (double)n /
				      (double)experiment->sizes[i - 1]) : 0);
	}
}

int main(int argc, char *argv[])
{
	bench_pin();
	printf("%-20s%9s%9s %9s %9s %9s %6s%7s\n", "ms", "size", "reading",
	       "policy", "filter", "proof", "insns", "grows");
	for (size_t i = 0; i < ES_COUNT(experiments); i++)
		if (argc < 2 || !strcmp(argv[1], experiments[i].name))
			measure(&experiments[i]);
	return 0;
}
