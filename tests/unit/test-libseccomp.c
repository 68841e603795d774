/* SPDX-License-Identifier: MIT */
/*
 * libseccomp as the second compiler: every shipped profile, those of
 * tests/data/verdicts and every builtin word, taken apart into cells and
 * compiled by it, have the verdicts of our own filter. And why it is not the
 * first one: reproducers of what it makes of ordered comparisons, and of rules
 * whose ends are alike.
 *
 * What libseccomp can't be told is tried apart: it has one answer for all that
 * it has no rule for, so that the numbers from ES_NR_LIMIT up to the x32 ABI's,
 * which we answer ENOSYS, can't be given one each.
 */
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "calls.h"
#include "cells.h"
#include "filter.h"
#include "shelves.h"
#include "util.h"

#ifdef __SANITIZE_ADDRESS__
enum { CALLS = 5000 };
#else
enum { CALLS = 100000 };
#endif

/* More cells than any word has; whoever comes near it waits long. */
enum { MAX_CELLS = 100000 };

/*
 * libseccomp's filters of a policy: one for the numbers whose verdict is one
 * and the same for all arguments, and one more for each other number. Not one
 * for all, because of the tails that 2.5.4 shares between numbers; see below.
 */
struct second {
	scmp_filter_ctx plain, own[ES_NR_LIMIT];
	struct es_filter plain_filter, own_filter[ES_NR_LIMIT];
	uint32_t deny;
	unsigned rules;
	int status;
};

static scmp_filter_ctx begin_second(uint32_t deny)
{
	scmp_filter_ctx context = seccomp_init(deny);

	if (!context ||
	    seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
			     SCMP_ACT_KILL_PROCESS) ||
	    /* numbers by a tree: faster to run here */
	    seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
		abort();
	return context;
}

static bool tell_cell(void *state, uint32_t nr, const struct cell *cell,
		      uint32_t ret)
{
	struct second *second = state;
	scmp_filter_ctx *context = &second->plain;
	struct scmp_arg_cmp args[CELL_ARGS];
	unsigned n = 0;

	for (unsigned i = 0; i < CELL_ARGS; i++)
		if (cell->mask[i])
			args[n++] = SCMP_CMP64(i, SCMP_CMP_MASKED_EQ,
					       cell->mask[i], cell->value[i]);
	if (n)
		context = &second->own[nr];
	if (!*context)
		*context = begin_second(second->deny);
	/* A rule that answers what is answered anyway is refused. */
	if (ret == second->deny)
		return true;
	second->status = seccomp_rule_add_exact_array(*context, ret, (int)nr, n,
						      args);
	return !second->status && ++second->rules < MAX_CELLS;
}

/* What CONTEXT was told, as a filter. */
static bool export(scmp_filter_ctx context, struct es_filter *filter)
{
	es_autoclose int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || seccomp_export_bpf(context, fd) || fstat(fd, &st))
		return false;
	filter->n = (size_t)st.st_size / sizeof(*filter->insns);
	filter->insns = malloc((size_t)st.st_size + 1);
	return filter->insns && filter->n &&
	       pread(fd, filter->insns, (size_t)st.st_size, 0) == st.st_size;
}

/* POLICY by libseccomp; free with finish_second in any case. */
static bool compile_second(const struct es_policy *policy,
			   struct second *second)
{
	bool fine = true;

	*second = (struct second){ .plain = begin_second(policy->deny),
				   .deny = policy->deny };
	if (!cells_of(policy, tell_cell, second)) {
		printf("# %u rules, then %s\n", second->rules,
		       strerror(-second->status));
		return false;
	}
	fine = export(second->plain, &second->plain_filter);
	for (size_t nr = 0; nr < ES_NR_LIMIT && fine; nr++)
		fine = !second->own[nr] ||
		       export(second->own[nr], &second->own_filter[nr]);
	return fine;
}

static void finish_second(struct second *second)
{
	seccomp_release(second->plain);
	es_filter_finish(&second->plain_filter);
	for (size_t nr = 0; nr < ES_NR_LIMIT; nr++) {
		seccomp_release(second->own[nr]);
		es_filter_finish(&second->own_filter[nr]);
	}
}

static uint32_t run_second(const struct second *second,
			   const struct es_call *call)
{
	const bool own = call->nr < ES_NR_LIMIT && second->own[call->nr];

	return run(own ? &second->own_filter[call->nr] : &second->plain_filter,
		   call);
}

/* A call at a boundary of the policy, or of the numbers themselves. */
static void next_call(const struct es_policy *policy, uint64_t *seed,
		      struct es_call *call)
{
	static const uint32_t ends[] = { ES_NR_LIMIT - 1, ES_NR_LIMIT,
					 ES_X32_BIT - 1, ES_X32_BIT,
					 UINT32_MAX - 1, UINT32_MAX };

	any_call(policy, seed, call);
	if (!random_below(seed, 100))
		call->nr = ends[random_below(seed, ES_COUNT(ends))];
}

/* ENOSYS that libseccomp could not be told of. */
static bool is_above(const struct es_call *call)
{
	return call->arch == ES_AUDIT_ARCH && call->nr >= ES_NR_LIMIT &&
	       call->nr < ES_X32_BIT;
}

static void compare(const struct es_policy *policy,
		    const struct es_filter *ours,
		    const struct second *theirs, const char *name)
{
	unsigned wrong = 0, wrong_above = 0;
	uint64_t seed = 6;

	for (unsigned i = 0; i < CALLS; i++) {
		struct es_call call;
		uint32_t first, second;

		next_call(policy, &seed, &call);
		first = run(ours, &call);
		second = run_second(theirs, &call);
		if (is_above(&call)) {
			wrong_above += first != ERRNO(ENOSYS) ||
				       second != policy->deny;
			continue;
		}
		if (first == second || wrong++)
			continue;
		printf("# call %u of %#x:", call.nr, call.arch);
		for (unsigned a = 0; a < CELL_ARGS; a++)
			printf(" %#llx", (unsigned long long)call.args[a]);
		printf(": ours says %#x, theirs %#x\n", first, second);
	}
	tap_int(wrong, 0, "%s: both compilers' filters agree", name);
	tap_int(wrong_above, 0,
		"%s: numbers above the table's get ENOSYS from ours, and the "
		"one default from theirs", name);
}

static void try_built(struct built *built, const char *name)
{
	static struct second theirs;
	struct es_filter ours = { 0 };

	if (tap_int(built->status, ES_OK, "%s: a policy", name) &&
	    tap_int(es_filter_make(&built->context->arena, &built->policy,
				   built->diags, &ours), ES_OK,
		    "%s: compiled by ours", name) &&
	    tap_ok(compile_second(&built->policy, &theirs),
		   "%s: compiled by libseccomp", name)) {
		compare(&built->policy, &ours, &theirs, name);
		printf("# %s: %u cells\n", name, theirs.rules);
	}
	es_filter_finish(&ours);
	finish_second(&theirs);
	theirs = (struct second){ 0 };
	finish(built);
}

/* Does a signal's reach matter to the policy? */
static bool reaches(const struct es_word *word)
{
	struct es_surroundings scoped = usual;
	struct built narrow = build_word(word, &usual), wide;
	bool differs = false;

	scoped.signals_scoped = true;
	wide = build_word(word, &scoped);
	for (size_t i = 0; i < wide.policy.allowed.n && !differs; i++)
		differs = i >= narrow.policy.allowed.n ||
			  !es_conds_equal(&wide.policy.allowed.at[i].conds,
					  &narrow.policy.allowed.at[i].conds);
	finish(&narrow);
	finish(&wide);
	return differs;
}

/* The surroundings that bit 0 and bit 1 of HOW tell, and NAME with them. */
static struct es_surroundings surroundings(unsigned how, char *name,
					   size_t size, const char *of)
{
	struct es_surroundings around = usual;

	around.loader = how & 1;
	around.signals_scoped = how & 2;
	snprintf(name, size, "%s%s%s", of, around.loader ? ", loader" : "",
		 around.signals_scoped ? ", scoped" : "");
	return around;
}

static void try_words(void)
{
	struct es_surroundings around;
	struct built built;
	char name[160];

	for (size_t i = 0; i < es_nwords; i++) {
		const unsigned ways = reaches(&es_words[i]) ? 4 : 2;
		char word[80];

		if (!is_given(&es_words[i]))
			continue;
		snprintf(word, sizeof(word), "%s.%s", es_words[i].set,
			 es_words[i].word);
		for (unsigned how = 0; how < ways; how++) {
			around = surroundings(how, name, sizeof(name), word);
			built = build_word(&es_words[i], &around);
			try_built(&built, name);
		}
	}
	around = surroundings(3, name, sizeof(name), "all words");
	built = build_all(&around);
	try_built(&built, name);
}

static void try_profiles(void)
{
	glob_t found = { 0 };
	unsigned n = 0;

	if (glob("profiles/*.yaml", 0, NULL, &found) ||
	    glob("profiles/parts/*.yaml", GLOB_APPEND, NULL, &found) ||
	    glob("tests/data/verdicts/*.yaml", GLOB_APPEND, NULL, &found))
		abort();
	for (size_t i = 0; i < found.gl_pathc; i++)
		for (unsigned how = 0; how < 4; how++) {
			char name[160];
			const struct es_surroundings around =
				surroundings(how, name, sizeof(name),
					     found.gl_pathv[i]);
			struct built built = build_profile(found.gl_pathv[i],
							   &around);

			try_built(&built, name);
			n++;
		}
	tap_ok(n >= 4 * 20, "profiles were there");
	globfree(&found);
}

/*
 * What libseccomp 2.5.4 makes of these rules, and ours does not.
 *
 * Order: it makes a tree that looks at the first argument first, and hangs
 * below each of the two comparisons of it what belongs below either one: below
 * which < 0x7fffffff, who == 0x7fffffff is enough, so that (1000, 0x7fffffff)
 * passes.
 *
 * Tails: instructions that are alike are made once. `fd == 2` comes behind
 * `fd == 4` for read, where fd has been loaded, and is shared with write, where
 * it comes behind the test of another argument: that one's upper half is then
 * taken for fd.
 */
enum { SOME = 5, MUCH = 0x7fffffff, KEY = 7 };

struct wrong_rule {
	uint32_t nr;
	unsigned n;
	struct scmp_arg_cmp args[2]; /* SCMP_CMP_EQ and SCMP_CMP_LT alone */
};

#define EQ(arg, value) { arg, SCMP_CMP_EQ, value, 0 }
#define LT(arg, value) { arg, SCMP_CMP_LT, value, 0 }

static const struct defect {
	const char *name;
	int optimize;
	struct wrong_rule rules[4];
	struct {
		uint32_t nr;
		uint64_t args[4];
		bool allowed;
	} calls[12];
	unsigned ncalls;
} defects[] = {
	{ "order", 1,
	  { { SYS_ioprio_get, 2, { EQ(1, MUCH), LT(0, SOME) } },
	    { SYS_ioprio_get, 2, { EQ(1, 1), LT(0, MUCH) } } },
	  { { SYS_ioprio_get, { 4, MUCH }, true },
	    { SYS_ioprio_get, { 5, MUCH }, false },
	    { SYS_ioprio_get, { 1000, MUCH }, false },
	    { SYS_ioprio_get, { MUCH - 1, MUCH }, false },
	    { SYS_ioprio_get, { MUCH - 1, 1 }, true },
	    { SYS_ioprio_get, { MUCH, 1 }, false },
	    { SYS_ioprio_get, { 1000, 1 }, true },
	    { SYS_ioprio_get, { 4, 2 }, false },
	    { SYS_ioprio_get, { MUCH, MUCH }, false },
	    { SYS_ioprio_get, { 1ULL << 32, 1 }, false },
	    { SYS_ioprio_get, { 4, 1ULL << 32 | 1 }, false } }, 11 },
	{ "tails", 2,
	  { { SYS_read, 1, { EQ(0, 2) } },
	    { SYS_read, 1, { EQ(0, 4) } },
	    { SYS_write, 1, { EQ(0, 2) } },
	    { SYS_write, 2, { EQ(0, 3), EQ(3, KEY) } } },
	  { { SYS_read, { 2 }, true },
	    { SYS_read, { 4 }, true },
	    { SYS_read, { 3 }, false },
	    { SYS_write, { 2 }, true },
	    { SYS_write, { 3, 0, 0, KEY }, true },
	    { SYS_write, { 3, 0, 0, 2 }, false },
	    { SYS_write, { 3, 0, 0, 2ULL << 32 }, false },
	    { SYS_write, { 3, 0, 0, 2ULL << 32 | KEY }, false },
	    { SYS_write, { 4, 0, 0, KEY }, false } }, 9 },
};

static bool defect_second(const struct defect *defect, struct es_filter *filter)
{
	scmp_filter_ctx context = seccomp_init(ERRNO(EPERM));
	bool fine = context &&
		    !seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE,
				      (uint32_t)defect->optimize);

	for (size_t i = 0; i < ES_COUNT(defect->rules) && fine; i++) {
		const struct wrong_rule *rule = &defect->rules[i];

		fine = !rule->n ||
		       !seccomp_rule_add_exact_array(context, SCMP_ACT_ALLOW,
						     (int)rule->nr, rule->n,
						     rule->args);
	}
	fine = fine && export(context, filter);
	seccomp_release(context);
	return fine;
}

/* The rules stand ascending by number, as in a policy. */
static bool defect_first(const struct defect *defect, struct es_filter *filter)
{
	struct es_rule rules[ES_COUNT(defect->rules)];
	struct es_cond conds[ES_COUNT(defect->rules)][2];
	struct es_range ranges[ES_COUNT(defect->rules)][2];
	struct es_policy policy = { .allowed = { .at = rules },
				    .deny = ERRNO(EPERM) };
	struct es_diags *diags = es_diags_new();
	struct es_arena arena = { 0 };
	bool fine = false;

	for (size_t i = 0; i < ES_COUNT(rules) && defect->rules[i].n; i++) {
		const struct wrong_rule *rule = &defect->rules[i];

		for (unsigned a = 0; a < rule->n; a++) {
			const struct scmp_arg_cmp *arg = &rule->args[a];
			const bool equal = arg->op == SCMP_CMP_EQ;

			ranges[i][a] = (struct es_range){
				equal ? arg->datum_a : 0,
				equal ? arg->datum_a : arg->datum_a - 1 };
			conds[i][a] = (struct es_cond){
				.arg = arg->arg, .mask = UINT64_MAX,
				.values = { &ranges[i][a], 1 } };
		}
		rules[policy.allowed.n++] = (struct es_rule){
			.nr = rule->nr, .ret = ALLOW,
			.conds = { conds[i], rule->n } };
		policy.known[rule->nr] = true;
		for (size_t nr = rule->nr; nr < ES_NR_LIMIT; nr++)
			policy.allowed.first[nr + 1]++;
	}
	fine = es_filter_make(&arena, &policy, diags, filter) == ES_OK;
	es_arena_finish(&arena);
	es_diags_free(diags);
	return fine;
}

/* How many of the calls FILTER answers as the rules don't. */
static unsigned misjudged(const struct defect *defect,
			  const struct es_filter *filter)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < defect->ncalls; i++) {
		struct es_call call = { ES_AUDIT_ARCH, defect->calls[i].nr,
					{ 0 } };
		uint32_t ret = 0;

		memcpy(call.args, defect->calls[i].args,
		       sizeof(defect->calls[i].args));
		ret = run(filter, &call);
		if (ret == (defect->calls[i].allowed ? ALLOW : ERRNO(EPERM)))
			continue;
		wrong++;
		printf("# %s: call %u (%#llx, %#llx, -, %#llx): %#x\n",
		       defect->name, call.nr, (unsigned long long)call.args[0],
		       (unsigned long long)call.args[1],
		       (unsigned long long)call.args[3], ret);
	}
	return wrong;
}

static void try_defect(const struct defect *defect)
{
	const struct scmp_version *version = seccomp_version();
	struct es_filter ours = { 0 }, theirs = { 0 };
	unsigned wrong = 0;

	tap_ok(defect_first(defect, &ours), "%s: ours compiles", defect->name);
	tap_int(misjudged(defect, &ours), 0, "%s: ours is right", defect->name);
	tap_ok(defect_second(defect, &theirs), "%s: libseccomp compiles",
	       defect->name);
	wrong = misjudged(defect, &theirs);
	printf("# %s: libseccomp %u.%u.%u %s\n", defect->name, version->major,
	       version->minor, version->micro,
	       wrong ? "allows what no rule allows" : "has no such defect");
	/* Known of that version; others may be right. */
	tap_ok(wrong || version->major != 2 || version->minor != 5 ||
		       version->micro != 4,
	       "%s: libseccomp 2.5.4 is not", defect->name);
	es_filter_finish(&ours);
	es_filter_finish(&theirs);
}

int main(void)
{
	put_on_shelf();
	printf("# %d calls each\n", CALLS);
	for (size_t i = 0; i < ES_COUNT(defects); i++)
		try_defect(&defects[i]);
	try_profiles();
	try_words();
	clear_shelf();
	return tap_done();
}
