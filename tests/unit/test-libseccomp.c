/* SPDX-License-Identifier: MIT */
/*
 * libseccomp as the second compiler: every shipped profile and every builtin
 * word, taken apart into cells and compiled by it, has the verdicts of our own
 * filter. And why it is not the first one: a reproducer of what it makes of
 * ordered comparisons.
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

struct second {
	scmp_filter_ctx context;
	uint32_t deny;
	unsigned rules;
	int status;
};

static bool tell_cell(void *state, uint32_t nr, const struct cell *cell,
		      uint32_t ret)
{
	struct second *second = state;
	struct scmp_arg_cmp args[CELL_ARGS];
	unsigned n = 0;

	/* A rule that answers what is answered anyway is refused. */
	if (ret == second->deny)
		return true;
	for (unsigned i = 0; i < CELL_ARGS; i++)
		if (cell->mask[i])
			args[n++] = SCMP_CMP64(i, SCMP_CMP_MASKED_EQ,
					       cell->mask[i], cell->value[i]);
	second->status = seccomp_rule_add_exact_array(second->context, ret,
						      (int)nr, n, args);
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

/* POLICY by libseccomp; tells in *RULES how many it took. */
static bool compile_second(const struct es_policy *policy,
			   struct es_filter *filter, unsigned *rules)
{
	struct second second = { .context = seccomp_init(policy->deny),
				 .deny = policy->deny };
	bool fine = second.context &&
		    !seccomp_attr_set(second.context, SCMP_FLTATR_ACT_BADARCH,
				      SCMP_ACT_KILL_PROCESS) &&
		    /* numbers by a tree: faster to run here */
		    !seccomp_attr_set(second.context, SCMP_FLTATR_CTL_OPTIMIZE,
				      2) &&
		    cells_of(policy, tell_cell, &second) &&
		    export(second.context, filter);

	if (!fine)
		printf("# %u rules, then %s\n", second.rules,
		       strerror(-second.status));
	*rules = second.rules;
	seccomp_release(second.context);
	return fine;
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
		    const struct es_filter *theirs, const char *name)
{
	unsigned wrong = 0, wrong_above = 0;
	uint64_t seed = 6;

	for (unsigned i = 0; i < CALLS; i++) {
		struct es_call call;
		uint32_t first, second;

		next_call(policy, &seed, &call);
		first = run(ours, &call);
		second = run(theirs, &call);
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
	struct es_filter ours = { 0 }, theirs = { 0 };
	unsigned rules = 0;

	if (tap_int(built->status, ES_OK, "%s: a policy", name) &&
	    tap_int(es_filter_make(&built->context->arena, &built->policy,
				   built->diags, &ours), ES_OK,
		    "%s: compiled by ours", name) &&
	    tap_ok(compile_second(&built->policy, &theirs, &rules),
		   "%s: compiled by libseccomp", name)) {
		compare(&built->policy, &ours, &theirs, name);
		printf("# %s: %u cells, %zu instructions against %zu\n", name,
		       rules, ours.n, theirs.n);
	}
	es_filter_finish(&ours);
	es_filter_finish(&theirs);
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

static void try_words(void)
{
	struct es_surroundings around = usual;

	for (size_t i = 0; i < es_nwords; i++) {
		char name[80];
		struct built built;

		if (!is_given(&es_words[i]))
			continue;
		snprintf(name, sizeof(name), "%s.%s", es_words[i].set,
			 es_words[i].word);
		built = build_word(&es_words[i], &usual);
		try_built(&built, name);
		if (!reaches(&es_words[i]))
			continue;
		around.signals_scoped = true;
		built = build_word(&es_words[i], &around);
		strcat(name, ", scoped");
		try_built(&built, name);
	}
	around.loader = true;

	struct built all = build_all(&around);

	try_built(&all, "all words, loader, scoped");
}

static void try_profiles(void)
{
	glob_t found = { 0 };
	unsigned n = 0;

	if (glob("profiles/*.yaml", 0, NULL, &found) ||
	    glob("profiles/parts/*.yaml", GLOB_APPEND, NULL, &found))
		abort();
	for (size_t i = 0; i < found.gl_pathc; i++)
		for (unsigned how = 0; how < 4; how++) {
			struct es_surroundings around = usual;
			char name[160];

			around.loader = how & 1;
			around.signals_scoped = how & 2;
			snprintf(name, sizeof(name), "%s%s%s",
				 found.gl_pathv[i],
				 around.loader ? ", loader" : "",
				 around.signals_scoped ? ", scoped" : "");

			struct built built = build_profile(found.gl_pathv[i],
							   &around);

			try_built(&built, name);
			n++;
		}
	tap_ok(n >= 32, "profiles were there");
	globfree(&found);
}

/*
 * The ordering defect. Two rules for ioprio_get(which, who):
 *
 *	who == 0x7fffffff and which < 5
 *	who == 1 and which < 0x7fffffff
 *
 * libseccomp 2.5.4 makes a tree that looks at the first argument first, and
 * hangs below each of the two comparisons of it what belongs below either one:
 * below which < 0x7fffffff, who == 0x7fffffff is enough, so that (1000,
 * 0x7fffffff) passes.
 */
enum { SOME = 5, MUCH = 0x7fffffff };

static const struct ordered {
	uint64_t which, who;
	bool allowed;
} ordered[] = {
	{ 4, MUCH, true },	  { 5, MUCH, false },
	{ 1000, MUCH, false },	  { MUCH - 1, MUCH, false },
	{ MUCH - 1, 1, true },	  { MUCH, 1, false },
	{ 1000, 1, true },	  { 4, 1, true },
	{ 4, 2, false },	  { 1000, 2, false },
	{ MUCH, MUCH, false },	  { 1ULL << 32, 1, false },
	{ 4, 1ULL << 32 | 1, false },
};

static bool ordered_second(struct es_filter *filter)
{
	scmp_filter_ctx context = seccomp_init(ERRNO(EPERM));
	const bool fine =
		context &&
		!seccomp_rule_add_exact(context, SCMP_ACT_ALLOW,
					SCMP_SYS(ioprio_get), 2,
					SCMP_A1_64(SCMP_CMP_EQ, MUCH),
					SCMP_A0_64(SCMP_CMP_LT, SOME)) &&
		!seccomp_rule_add_exact(context, SCMP_ACT_ALLOW,
					SCMP_SYS(ioprio_get), 2,
					SCMP_A1_64(SCMP_CMP_EQ, 1),
					SCMP_A0_64(SCMP_CMP_LT, MUCH)) &&
		export(context, filter);

	seccomp_release(context);
	return fine;
}

static bool ordered_first(struct es_arena *arena, struct es_diags *diags,
			  struct es_filter *filter)
{
	struct es_range some = { 0, SOME - 1 }, less = { 0, MUCH - 1 };
	struct es_range much = { MUCH, MUCH }, one = { 1, 1 };
	struct es_cond first[] = { { 1, UINT64_MAX, { &much, 1 } },
				   { 0, UINT64_MAX, { &some, 1 } } };
	struct es_cond second[] = { { 1, UINT64_MAX, { &one, 1 } },
				    { 0, UINT64_MAX, { &less, 1 } } };
	struct es_rule rules[] = {
		{ .nr = SYS_ioprio_get, .ret = ALLOW,
		  .conds = { first, 2 } },
		{ .nr = SYS_ioprio_get, .ret = ALLOW,
		  .conds = { second, 2 } },
	};
	struct es_policy policy = { .allowed = { .at = rules, .n = 2 },
				    .deny = ERRNO(EPERM) };

	for (size_t nr = SYS_ioprio_get; nr < ES_NR_LIMIT; nr++)
		policy.allowed.first[nr + 1] = 2;
	policy.known[SYS_ioprio_get] = true;
	return es_filter_make(arena, &policy, diags, filter) == ES_OK;
}

/* How many of the calls FILTER answers as the two rules don't. */
static unsigned misjudged(const struct es_filter *filter)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < ES_COUNT(ordered); i++) {
		const struct ordered *row = &ordered[i];
		const uint32_t ret = run(filter, &(struct es_call){
			ES_AUDIT_ARCH, SYS_ioprio_get,
			{ row->which, row->who } });

		if (ret == (row->allowed ? ALLOW : ERRNO(EPERM)))
			continue;
		wrong++;
		printf("# (%#llx, %#llx): %#x\n",
		       (unsigned long long)row->which,
		       (unsigned long long)row->who, ret);
	}
	return wrong;
}

static void try_ordered(void)
{
	const struct scmp_version *version = seccomp_version();
	struct es_diags *diags = es_diags_new();
	struct es_filter ours = { 0 }, theirs = { 0 };
	struct es_arena arena = { 0 };
	unsigned wrong = 0;

	tap_ok(ordered_first(&arena, diags, &ours), "ordered: ours compiles");
	tap_int(misjudged(&ours), 0, "ordered: ours is right");
	tap_ok(ordered_second(&theirs), "ordered: libseccomp compiles");
	wrong = misjudged(&theirs);
	printf("# libseccomp %u.%u.%u %s\n", version->major, version->minor,
	       version->micro, wrong ? "allows what no rule allows" :
				       "has no ordering defect here");
	/* Known of that version; others may be right. */
	tap_ok(wrong || version->major != 2 || version->minor != 5 ||
		       version->micro != 4,
	       "ordered: libseccomp 2.5.4 is not");
	es_filter_finish(&ours);
	es_filter_finish(&theirs);
	es_arena_finish(&arena);
	es_diags_free(diags);
}

int main(void)
{
	put_on_shelf();
	printf("# %d calls each\n", CALLS);
	try_ordered();
	try_profiles();
	try_words();
	clear_shelf();
	return tap_done();
}
