/* SPDX-License-Identifier: MIT */
/* The command, once it has confined itself, can look at files and tell what it
 * has read, and nothing else. */
#include "../../cmd/cmd.h"
#include "deeds.h"
#include "tap.h"

static void confine(void)
{
	cmd_confine(NULL);
}

/* With a process that reads YAML beside it. */
static void confine_with_reader(void)
{
	cmd_confine(es_context_new());
}

static const struct {
	const char *name;
	void (*confine)(void);
} ways[] = {
	{ "alone", confine },
	{ "with a reader", confine_with_reader },
};

static void test_way(const char *name, void (*way)(void))
{
	for (size_t i = 0; i < ES_COUNT(deeds); i++) {
		tap_int(deeds_try(i, way), deeds[i].reading,
			"confined %s it %s %s", name,
			deeds[i].reading ? "can" : "can't", deeds[i].name);
		tap_ok(access(deeds_made, F_OK) != 0 &&
		       !access(deeds_file, F_OK), "as it is meant: %s",
		       deeds[i].name);
		deeds_undo();
	}
}

int main(void)
{
	deeds_begin();
	for (size_t i = 0; i < ES_COUNT(deeds); i++) {
		tap_ok(deeds_try(i, NULL), "without us it can %s",
		       deeds[i].name);
		deeds_undo();
	}
	for (size_t i = 0; i < ES_COUNT(ways); i++)
		test_way(ways[i].name, ways[i].confine);
	deeds_end();
	return tap_done();
}
