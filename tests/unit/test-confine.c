/* SPDX-License-Identifier: MIT */
/* The command, once it has confined itself, can look at files and tell what it
 * has read, and nothing else. */
#include "../../cmd/cmd.h"
#include "deeds.h"
#include "tap.h"

int main(void)
{
	deeds_begin();
	for (size_t i = 0; i < ES_COUNT(deeds); i++) {
		tap_ok(deeds_try(i, NULL), "without us it can %s",
		       deeds[i].name);
		deeds_undo();
		tap_int(deeds_try(i, cmd_confine), deeds[i].reading,
			"confined it %s %s", deeds[i].reading ? "can" : "can't",
			deeds[i].name);
		tap_ok(access(deeds_made, F_OK) != 0 &&
		       !access(deeds_file, F_OK), "as it is meant: %s",
		       deeds[i].name);
	}
	deeds_end();
	return tap_done();
}
