/* SPDX-License-Identifier: MIT */
/* Limits without effect, where there are many rules: what makes one void is
 * found wherever it stands, and in time that grows with their number alone. */
#include <stdio.h>
#include <time.h>

#include "policies.h"

enum { MANY = 1000 };

/* Seconds of the processor's time; sanitizers take several times as long. */
#ifdef __SANITIZE_ADDRESS__
static const double bound = 3;
#else
static const double bound = 0.5;
#endif

/* MANY permissions with two descriptors each, and LAST behind them. */
static struct built build_many(const char *last)
{
	struct built built = begin();

	for (int i = 0; i < MANY && built.status == ES_OK; i++) {
		char text[80];

		snprintf(text, sizeof(text), "SystemIO: [{%s: {fds: %d-%d}}]",
			 i % 2 ? "read" : "write", 3 * i + 3, 3 * i + 4);
		built.status = es_add_fragment(built.context, text,
					       built.diags);
	}
	if (built.status == ES_OK && last)
		built.status = es_add_fragment(built.context, last,
					       built.diags);
	if (built.status == ES_OK)
		build(&built, &usual);
	return built;
}

static void try_many(void)
{
	struct built built = build_many(NULL);

	tap_int(built.status, ES_OK, "many: limits that don't touch are fine");
	tap_ok(built.policy.allowed.n >= 10 * MANY,
	       "many: of more than %d rules", 10 * MANY);

	/* Pair by pair it takes many times that. */
	const clock_t before = clock();
	const enum es_status status =
		es_limits_check(&built.context->profile, &built.policy,
				built.diags);
	const double took = (double)(clock() - before) / CLOCKS_PER_SEC;

	tap_int(status, ES_OK, "many: checked once more");
	tap_ok(took < bound, "many: in %.3f s, of %.1f at most", took, bound);
	finish(&built);
}

static void try_last(const char *last, int errors)
{
	struct built built = build_many(last);

	tap_int(built.status, errors ? ES_INVALID : ES_OK, "last: %s", last);
	tap_int((int)es_diags_errors(built.diags), errors, "errors: %s", last);
	finish(&built);
}

int main(void)
{
	try_many();
	/* Of the first permission, which writes, and the one behind it. */
	try_last("SystemIO: [{write: {fds: 3-4}}]", 0);
	try_last("SystemIO: [{write: {fds: 3-5}}]", 1);
	try_last("SystemIO: [{read: {fds: 3-5}}]", 0);
	try_last("SystemIO: [{read: {fds: 3-8}}]", 1);
	try_last("SystemIO: [read]", MANY / 2);
	return tap_done();
}
