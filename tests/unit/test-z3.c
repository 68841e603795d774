/* SPDX-License-Identifier: MIT */
/* z3 as a judge of its own: for every call, the filter says what the policy
 * means, for shipped profiles, builtin words and random policies, and the proof
 * before each load says so, too. */
#include "smt-bpf.h"

#include <glob.h>

#include "by-hand.h"
#include "filter.h"
#include "policies.h"
#include "proof.h"
#include "shelves.h"
#include "witness.h"

enum { POLICIES = 500 / SHARE }; /* half of words, half of rules by hand */

/* Filters that have to be right. */
struct tally {
	unsigned tried, different, untold, unproven, complex, unfit;
	size_t longest;
};

static void try_filter(struct smt_judge *judge, const struct es_policy *policy,
		       const struct es_filter *filter, bool at_once,
		       const char *name, struct tally *tally)
{
	struct seccomp_data witness = { 0 };
	struct es_diags *diags = es_diags_new();
	const enum es_status proof = es_prove(policy, filter, diags);
	enum smt_equality equality;

	smt_judge_set(judge, policy);
	equality = smt_compare(judge, filter, at_once, &witness);
	tally->tried++;
	tally->different += equality == SMT_DIFFERENT;
	tally->untold += equality == SMT_UNTOLD || equality == SMT_REFUSED;
	if (equality == SMT_DIFFERENT) {
		printf("# %s:\n", name);
		if (!confirmed(policy, filter, &witness, true))
			puts("# which judge and interpreter don't confirm");
	}
	tally->complex += proof == ES_INVALID;
	if (proof != ES_OK && proof != ES_INVALID) {
		printf("# %s: no proof\n", name);
		es_diags_print(diags, stdout, false);
		tally->unproven++;
	}
	if (filter->n > tally->longest)
		tally->longest = filter->n;
	es_diags_free(diags);
}

static void try_built(struct smt_judge *judge, struct built *built,
		      bool at_once, const char *name, struct tally *tally)
{
	struct es_filter filter = { 0 };

	if (built->status == ES_OK &&
	    es_filter_make(&built->context->arena, &built->policy, built->diags,
			   &filter) == ES_OK)
		try_filter(judge, &built->policy, &filter, at_once, name,
			   tally);
	else
		tally->unfit++;
	es_filter_finish(&filter);
}

static void tell(const struct smt_judge *judge, const struct tally *tally,
		 const char *what)
{
	tap_ok(tally->tried > 0, "%s: there are some", what);
	tap_int(tally->different, 0, "%s: filters say what is meant", what);
	tap_int(tally->untold, 0, "%s: z3 can tell", what);
	tap_int(tally->unproven, 0, "%s: proven", what);
	printf("# %s: %u filters, up to %zu instructions, %u questions; %u too "
	       "complex to be proven, %u not compiled\n", what, tally->tried,
	       tally->longest, judge->smt.asked, tally->complex, tally->unfit);
}

static void try_profiles(void)
{
	struct smt_judge judge;
	struct tally tally = { 0 };
	glob_t found;

	smt_init(&judge.smt);
	put_on_shelf();
	if (glob("profiles/*.yaml", 0, NULL, &found) ||
	    glob("profiles/parts/*.yaml", GLOB_APPEND, NULL, &found))
		abort();
	for (size_t i = 0; i < found.gl_pathc * 4; i++) {
		const char *path = found.gl_pathv[i / 4];
		const struct es_surroundings around = surroundings(i % 4);
		struct built built = build_profile(path, &around);

		try_built(&judge, &built, false, path, &tally);
		if (i % 4 == 3 && SHARE == 1)
			try_built(&judge, &built, true, path, &tally);
		finish(&built);
	}
	globfree(&found);
	clear_shelf();
	tap_int(tally.unfit, 0, "profiles: all compile alone");
	tap_int(tally.complex, 0, "profiles: none is too complex");
	tell(&judge, &tally, "profiles");
	smt_finish(&judge.smt);
}

static void try_words(void)
{
	struct smt_judge judge;
	struct tally tally = { 0 };

	smt_init(&judge.smt);
	for (size_t i = 0; i < es_nwords * 4; i++) {
		const struct es_word *word = &es_words[i / 4];
		const struct es_surroundings around = surroundings(i % 4);
		struct built built;
		char name[80];

		if (!is_given(word) || (SHARE > 1 && i % 4 < 3))
			continue;
		snprintf(name, sizeof(name), "%s.%s", word->set, word->word);
		built = build_word(word, &around);
		try_built(&judge, &built, false, name, &tally);
		finish(&built);
	}
	for (unsigned way = 0; way < 4; way++) {
		const struct es_surroundings around = surroundings(way);
		struct built built = build_all(&around);

		try_built(&judge, &built, way == 3, "all words", &tally);
		finish(&built);
	}
	tap_int(tally.unfit, 0, "words: all compile alone");
	tap_int(tally.complex, 0, "words: none is too complex");
	tell(&judge, &tally, "words");
	smt_finish(&judge.smt);
}

/* Several words, many of them on ranges of descriptors of their own. */
static struct built build_mixed(uint64_t *seed)
{
	const struct es_surroundings around =
		surroundings((unsigned)random_below(seed, 4));
	const uint64_t n = 1 + random_below(seed, 12);
	struct built built = begin();
	struct es_profile *profile = &built.context->profile;

	hand_over(&built, "handed", 3);
	for (uint64_t i = 0; i < n;) {
		const struct es_word *word =
			&es_words[random_below(seed, es_nwords)];
		struct es_grant **end = profile->grants_end;

		if (!is_given(word) ||
		    ((word->flags & ES_WORD_LIMIT) && random_below(seed, 8)))
			continue;
		give(&built, word, 3);
		i++;
		for (uint64_t k = (word->flags & ES_WORD_FDS) ?
				  random_below(seed, 5) : 0; k--;) {
			struct es_fd_item *item = es_arena_alloc(
				profile->arena, sizeof(*item));
			const uint64_t lo = random_below(seed, 40);

			if (!item)
				abort();
			item->kind = ES_FD_NUMBERS;
			item->numbers.lo = lo;
			item->numbers.hi = random_below(seed, 4) ?
					   lo + 1 + random_below(seed, 6) :
					   UINT32_MAX;
			item->next = (*end)->fds;
			(*end)->fds = item;
		}
	}
	build(&built, &around);
	built.policy.deny = any_deny(seed);
	return built;
}

static void try_mixed(void)
{
	struct smt_judge judge;
	struct tally tally = { 0 };
	uint64_t seed = 11;

	smt_init(&judge.smt);
	/* Limits beside what makes them void don't compile. */
	while (tally.tried < POLICIES / 2 && tally.unfit < POLICIES) {
		struct built built = build_mixed(&seed);

		try_built(&judge, &built, false, "mixed", &tally);
		finish(&built);
	}
	tap_int(tally.tried, POLICIES / 2, "mixed words: so many compile");
	tap_int(tally.complex, 0, "mixed words: none is too complex");
	tell(&judge, &tally, "mixed words");
	smt_finish(&judge.smt);
}

static void try_by_hand(void)
{
	static struct by_hand hand;
	struct smt_judge judge;
	struct tally tally = { 0 };
	uint64_t seed = 12;

	smt_init(&judge.smt);
	for (unsigned i = 0; i < POLICIES - POLICIES / 2; i++) {
		struct es_diags *diags = es_diags_new();
		struct es_filter filter = { 0 };

		make_by_hand(&hand, &seed);
		if (es_filter_make(&hand.arena, &hand.policy, diags,
				   &filter) == ES_OK)
			try_filter(&judge, &hand.policy, &filter, false,
				   "by hand", &tally);
		else
			tally.unfit++;
		es_filter_finish(&filter);
		es_arena_finish(&hand.arena);
		es_diags_free(diags);
	}
	tap_int(tally.unfit, 0, "rules by hand: all compile");
	tap_ok(tally.complex < tally.tried / 5,
	       "rules by hand: few are too complex");
	tell(&judge, &tally, "rules by hand");
	smt_finish(&judge.smt);
}

int main(void)
{
	tell_share();
	try_profiles();
	try_words();
	try_mixed();
	try_by_hand();
	return tap_done();
}
