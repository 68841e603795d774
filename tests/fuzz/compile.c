/* SPDX-License-Identifier: MIT */
/* Whatever of the bytes is a policy becomes a filter that says the same, or is
 * refused with a reason. */
#include "input.h"

#include "../unit/calls.h"
#include "proof.h"

enum { CALLS = 200 };

static void check_filter(const struct es_policy *policy,
			 const struct es_filter *filter, uint64_t *seed)
{
	for (int i = 0; i < CALLS; i++) {
		struct es_call call;

		any_call(policy, seed, &call);
		FUZZ_REQUIRE(run(filter, &call) == es_judge(policy, &call).ret);
	}
}

/* What the readers found wrong is built as well, as it is to tell all mistakes
 * in one run; STATUS is theirs. */
static void compile(struct es_context *context, enum es_status status,
		    struct es_diags *diags)
{
	uint64_t seed = fuzz_seed();
	struct es_surroundings around = {
		.self = (uint32_t)random_bits(&seed),
		.loader = random_below(&seed, 2),
		.signals_scoped = random_below(&seed, 2),
		.key = { random_bits(&seed), random_bits(&seed),
			 random_bits(&seed) },
	};
	struct es_policy policy;
	struct es_filter filter = { 0 };
	const enum es_status built = es_policy_build(&context->arena,
						     &context->profile, &around,
						     diags, &policy);

	fuzz_check(status == ES_OK ? built : status, diags);
	FUZZ_REQUIRE(built == ES_OK || built == ES_INVALID);
	if (es_filter_make(&context->arena, &policy, diags, &filter) == ES_OK) {
		FUZZ_REQUIRE(es_prove(&policy, &filter, diags) != ES_INTERNAL);
		check_filter(&policy, &filter, &seed);
	}
	es_filter_finish(&filter);
	es_policy_finish(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();
	enum es_status status = ES_OK;

	fuzz_input(bytes, size);
	status = es_add_profile(context, FUZZ_PROFILE, diags);
	if (status == ES_OK || status == ES_INVALID)
		compile(context, status, diags);
	else
		fuzz_check(status, diags);
	es_diags_free(diags);
	es_context_free(context);
	return 0;
}
