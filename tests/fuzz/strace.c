/* SPDX-License-Identifier: MIT */
/* Whatever a trace is, its lines are read or refused, and what was asked has an
 * answer that can be printed. */
#include "input.h"

#include <string.h>

#include "node.h"
#include "profile.h"

static void check_text(const char *text)
{
	for (; text && *text; text++)
		FUZZ_REQUIRE((unsigned char)*text >= ' ');
}

static void check_answers(struct es_why *why)
{
	struct es_why_summary summary;
	struct es_why_info info;
	size_t times = 0;

	FUZZ_REQUIRE(es_why_summarize(why, &summary) == ES_OK);
	for (size_t i = 0; es_why_get(why, i, &info); i++) {
		times += info.times;
		FUZZ_REQUIRE(info.call && info.times);
		FUZZ_REQUIRE((info.verdict == ES_WHY_DENIED) ==
			     (info.layer != NULL));
		FUZZ_REQUIRE(info.verdict != ES_WHY_UNREADABLE || info.reason);
		check_text(info.call);
		check_text(info.fragment);
	}
	FUZZ_REQUIRE(times == summary.calls + summary.unreadable);
	FUZZ_REQUIRE(summary.calls == summary.allowed + summary.denied);
	check_text(summary.fragment);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();
	struct es_why *why = NULL;
	const char *text = (const char *)bytes, *end = text + size;

	fuzz_input(bytes, size);
	es_add_fragment(context, "SystemIO: [stdin, read_path: /usr]", diags);
	FUZZ_REQUIRE(es_why_new(context, diags, &why) == ES_OK);
	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		const size_t len = (size_t)((next ? next : end) - text);

		FUZZ_REQUIRE(es_why_line(why, text, len) == ES_OK);
		text += len + 1;
	}
	check_answers(why);
	es_why_free(why);
	es_diags_free(diags);
	es_context_free(context);
	return 0;
}
