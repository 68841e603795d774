/* SPDX-License-Identifier: MIT */
/* What is told of denied calls, and how they are grouped. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "denial.h"
#include "tap.h"

struct told {
	struct es_report report;
	struct es_arena arena;
	struct es_profile profile;
	struct es_denials *denials;
	char *text;
	size_t len;
};

static void begin(struct told *told, bool json)
{
	*told = (struct told){ .report = { .json = json } };
	told->report.stream = open_memstream(&told->text, &told->len);
	es_profile_init(&told->profile, &told->arena);
	told->denials = es_denials_new(&told->report, &told->profile);
	if (!told->report.stream || !told->denials)
		abort();
}

static void finish(struct told *told)
{
	es_denials_free(told->denials);
	fclose(told->report.stream);
	free(told->text);
	es_arena_finish(&told->arena);
}

static const struct es_advice *advice_of(const char *set, const char *word,
					 const char *path)
{
	static struct es_advice advice;

	advice = (struct es_advice){ .kind = ES_ADVICE_GIVE, .n = 1 };
	advice.pieces[0] = (struct es_piece){
		.word = es_word_find(set, word), .path = path };
	return &advice;
}

/* As the supervisor does it: looked for, and told where it is new. */
static int deny(struct told *told, const char *call, const char *by,
		const struct es_advice *advice)
{
	const struct es_denial denial = {
		.call = call, .name = "call", .by = by, .pid = 7,
		.ret = SECCOMP_RET_ERRNO | EPERM,
		.advice = advice, .unlimited = advice,
	};
	const int found = es_denials_find(told->denials, &denial);

	return found == ES_DENIAL_NEW ?
	       es_denials_add(told->denials, &denial) : found;
}

static void try_grouping(void)
{
	const struct es_advice *advice =
		advice_of("SystemInfo", "memory", NULL);
	struct told told;

	begin(&told, false);
	tap_int(deny(&told, "sysinfo(0x7ffd6c76ee00)", "a", advice), 0,
		"the first is number 0");
	tap_int(deny(&told, "sysinfo(0x7ffd6c761234)", "a", advice), 0,
		"one at another address is the same");
	tap_int(deny(&told, "sysinfo(0x55aa6c761234567)", "a", advice), 0,
		"an address of another length, too");
	tap_int(deny(&told, "sysinfo(0x10)", "a", advice), 1,
		"what is no address is another");
	tap_int(deny(&told, "sysinfo(0x11)", "a", advice), 2,
		"and so is another number");
	tap_int(deny(&told, "sysinfo(0x7ffd6c76ee00)", "b", advice), 3,
		"and the same of another program");
	tap_int(deny(&told, "sysinfo(0x7ffd6c76ee00", "a", advice), 4,
		"one that ends before is another");
	es_denials_again(told.denials, 1);
	es_denials_summarize(told.denials);
	tap_ok(strstr(told.text, "extrasafe: 8 calls were denied, 5 of them "
				 "different\n"), "all are counted");
	tap_ok(strstr(told.text, "extrasafe:   3 times: sysinfo(0x7ffd6c76ee00)"
				 " by a\n"), "those that are alike together");
	tap_ok(strstr(told.text, "extrasafe: or give -a 'SystemInfo: "
				 "[memory]'\n"), "what allows all, once");

	const size_t len = told.len;

	es_denials_summarize(told.denials);
	tap_int((long long)told.len, (long long)len,
		"nothing new has no summary");
	finish(&told);
}

static void try_bound(void)
{
	const struct es_advice *advice =
		advice_of("SystemInfo", "memory", NULL);
	struct told told;
	char call[32];
	int last = 0;

	begin(&told, false);
	for (int i = 0; i < ES_MAX_DENIALS + 5; i++) {
		snprintf(call, sizeof(call), "call(%d)", i);
		last = deny(&told, call, "a", advice);
	}
	tap_int(last, ES_DENIAL_MORE, "there is a bound on those that are kept");
	tap_int(deny(&told, "call(3)", "a", advice), 3,
		"those below are known beyond it");
	es_denials_summarize(told.denials);
	tap_ok(strstr(told.text, "extrasafe: 1006 calls were denied, 1000 of "
				 "them different; 5 more are not told of\n"),
	       "and how many were beyond is told");
	finish(&told);
}

static void try_text(void)
{
	struct told told;

	begin(&told, false);
	deny(&told, "openat(AT_FDCWD, \"/a'b\", O_RDONLY)", "cat",
	     advice_of("SystemIO", "read_path", "/a'b"));
	es_denials_summarize(told.denials);
	tap_str(told.text,
		"extrasafe: denied: openat(AT_FDCWD, \"/a'b\", O_RDONLY) by "
		"cat[7]\n"
		"extrasafe:   allow with: SystemIO: [read_path: \"/a'b\"]\n"
		"extrasafe: 1 call was denied\n"
		"extrasafe: to allow it, write under `allow:`\n"
		"  SystemIO:\n"
		"    - read_path: \"/a'b\"\n"
		"extrasafe: or give -a 'SystemIO: [read_path: "
		"\"/a'\\''b\"]'\n", "for people, and for a shell");
	finish(&told);
}

static void try_json(void)
{
	const struct es_advice never = {
		.kind = ES_ADVICE_NEVER, .reason = "it \"is\" so" };
	struct told told;

	begin(&told, true);
	deny(&told, "open(\"a\\n\")", "x", &never);
	es_denials_summarize(told.denials);
	tap_str(told.text,
		"{\"event\":\"denied\",\"pid\":7,\"program\":\"x\",\"name\":"
		"\"call\",\"call\":\"open(\\\"a\\\\n\\\")\",\"by\":\"filter\","
		"\"answer\":\"EPERM\",\"reason\":\"it \\\"is\\\" so\"}\n"
		"{\"event\":\"summary\",\"denied\":1,\"different\":1,"
		"\"untold\":0,\"permissive\":false,\"widen\":[],"
		"\"never\":{\"call\":\"it \\\"is\\\" so\"}}\n",
		"lines of JSON");
	finish(&told);
}

int main(void)
{
	try_grouping();
	try_bound();
	try_text();
	try_json();
	return tap_done();
}
