/* SPDX-License-Identifier: MIT */
/* Rules by hand as policies: what they and exceptions mean, against the same
 * said directly, and whose exceptions hold for whom. */
#include <fcntl.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policies.h"
#include "random.h"
#include "util.h"

enum { ROUNDS = 2000, FDS = 8, COUNTS = 8, MAX_TEXT = 4096 };

static char folder[] = "/tmp/extrasafe-byhand.XXXXXX";

static void write_profile(const char *name, const char *text)
{
	char path[128];
	FILE *file = NULL;

	snprintf(path, sizeof(path), "%s/%s.yaml", folder, name);
	unlink(path); /* to write over a file waits for the disk */
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
}

/* The policy of the profile NAME, and of FRAGMENT if there is one. */
static struct built build_profile(const char *name, const char *fragment)
{
	struct built built = begin();
	char path[128];

	snprintf(path, sizeof(path), "%s/%s.yaml", folder, name);
	built.status = es_add_profile(built.context, path, built.diags);
	if (built.status == ES_OK && fragment)
		built.status = es_add_fragment(built.context, fragment,
					       built.diags);
	if (built.status == ES_OK)
		build(&built, &usual);
	return built;
}

static struct built build_text(const char *text)
{
	write_profile("text", text);
	return build_profile("text", NULL);
}

/* A condition, said in C. */
struct said {
	unsigned arg; /* 0: fd, 2: count */
	unsigned op;
	uint64_t mask, value;
};
enum { EQUAL, NOT_EQUAL, BELOW, ABOVE, IN, MASKED, NOT_MASKED, OPS };

/* A rule: all of these hold. */
struct said_rule {
	struct said at[3];
	size_t n;
};

static bool said_holds(const struct said *said, const uint64_t args[6])
{
	const uint64_t arg = args[said->arg];

	switch (said->op) {
	case EQUAL:
		return arg == said->value;
	case NOT_EQUAL:
		return arg != said->value;
	case BELOW:
		return arg < said->value;
	case ABOVE:
		return arg > said->value;
	case IN:
		return arg == said->value || arg == 2 || arg == 5;
	case MASKED:
		return (arg & said->mask) == said->value;
	default:
		return (arg & said->mask) != said->value;
	}
}

static bool rule_holds(const struct said_rule *rule, const uint64_t args[6])
{
	for (size_t i = 0; i < rule->n; i++)
		if (!said_holds(&rule->at[i], args))
			return false;
	return true;
}

static void make_rule(struct said_rule *rule, uint64_t *seed, uint64_t least)
{
	rule->n = least + random_below(seed, 3);
	for (size_t i = 0; i < rule->n; i++) {
		struct said *said = &rule->at[i];

		*said = (struct said){
			.arg = random_below(seed, 2) ? 2 : 0,
			.op = (unsigned)random_below(seed, OPS),
			.mask = 1 + random_below(seed, 7),
			.value = random_below(seed, 8),
		};
		if (said->op == MASKED || said->op == NOT_MASKED)
			said->value &= said->mask;
	}
}

static size_t print_rule(char *text, size_t size, const struct said_rule *rule)
{
	static const char *const ops[OPS] = { "==", "!=", "<",  ">",
					      "in", "==", "!=" };
	size_t len = (size_t)snprintf(text, size, "    - \"write");

	for (size_t i = 0; i < rule->n; i++) {
		const struct said *said = &rule->at[i];
		char mask[32] = "", value[32];

		if (said->op >= MASKED)
			snprintf(mask, sizeof(mask), "& %llu ",
				 (unsigned long long)said->mask);
		snprintf(value, sizeof(value),
			 said->op == IN ? "{%llu, 2, 5}" : "%llu",
			 (unsigned long long)said->value);
		len += (size_t)snprintf(text + len, size - len,
					"%s%s %s%s %s", i ? " and " : " if ",
					said->arg ? "count" : "fd", mask,
					ops[said->op], value);
	}
	return len + (size_t)snprintf(text + len, size - len, "\"\n");
}

/* One rule less some exceptions; false if a call gets another verdict than
 * that says. *TRIED counts those that were no mistakes. */
static bool try_difference(uint64_t *seed, unsigned *tried)
{
	struct said_rule rule, exceptions[3];
	const size_t n = 1 + random_below(seed, ES_COUNT(exceptions));
	char text[MAX_TEXT];
	size_t len = (size_t)snprintf(text, sizeof(text), "extrasafe: 1\n"
				      "rulesets:\n  Own:\n   rules:\n");
	struct built built;
	bool fine = true;

	make_rule(&rule, seed, 0);
	len += print_rule(text + len, sizeof(text) - len, &rule);
	len += (size_t)snprintf(text + len, sizeof(text) - len,
				"allow: {Own: all}\nexcept:\n");
	for (size_t i = 0; i < n; i++) {
		make_rule(&exceptions[i], seed, 1);
		len += print_rule(text + len, sizeof(text) - len,
				  &exceptions[i]);
	}
	built = build_text(text);
	for (unsigned i = 0; i < FDS * COUNTS && built.status == ES_OK; i++) {
		const uint64_t args[6] = { i % FDS, 0, i / FDS };
		bool allowed = rule_holds(&rule, args);

		for (size_t e = 0; e < n; e++)
			allowed &= !rule_holds(&exceptions[e], args);
		fine &= (JUDGE(&built.policy, "write", args[0], 0, args[2]) ==
			 ALLOW) == allowed;
	}
	*tried += built.status == ES_OK;
	/* The filter is held against the policy there. */
	if (built.status == ES_OK)
		fine &= es_check(built.context, false, built.diags) == ES_OK;
	if (!fine)
		tap_value("wrong:", text);
	finish(&built);
	return fine;
}

static void try_differences(void)
{
	unsigned wrong = 0, tried = 0;
	uint64_t seed = 11;

	for (unsigned i = 0; i < ROUNDS; i++)
		wrong += !try_difference(&seed, &tried);
	tap_int(wrong, 0, "a rule less exceptions is what that says");
	tap_ok(tried > ROUNDS / 4, "in %u of %u profiles without a mistake",
	       tried, ROUNDS);
}

static void write_scopes(void)
{
	write_profile("below", "extrasafe: 1\n"
		      "allow: {Time: sleep, SystemInfo: usage}\n");
	write_profile("middle", "extrasafe: 1\ninclude: ./below.yaml\n"
		      "allow: {Events: poll, BasicCapabilities: all}\n"
		      "except: [nanosleep, select, madvise, getpid, "
		      "\"mprotect if prot == 1\"]\n");
	write_profile("beside", "extrasafe: 1\n"
		      "allow: {Time: sleep, SystemIO: umask}\n");
	write_profile("top", "extrasafe: 1\n"
		      "include: [./middle.yaml, ./beside.yaml]\n"
		      "allow: {Pipes: create}\n");
	write_profile("above", "extrasafe: 1\ninclude: [./top.yaml]\n"
		      "allow: {Pipes: create}\n"
		      "except: [pipe, clock_nanosleep, umask]\n");
}

/* Whose exceptions hold for whom. */
static void try_scopes(void)
{
	struct built alone, all, beside;

	write_scopes();
	alone = build_profile("middle", NULL);
	tap_int(alone.status, ES_OK, "a file with exceptions is fine");
	tap_int(JUDGE(&alone.policy, "nanosleep", 1), ERRNO(EPERM),
		"what an included file allows is taken out");
	tap_int(JUDGE(&alone.policy, "clock_nanosleep", 1), ALLOW,
		"and nothing else");
	tap_int(JUDGE(&alone.policy, "select", 1), ERRNO(EPERM),
		"and what the file itself allows");
	tap_int(JUDGE(&alone.policy, "pselect6", 1), ALLOW, "its twin stays");
	tap_int(JUDGE(&alone.policy, "madvise", 1), ERRNO(EPERM),
		"and what is always on");
	tap_int(JUDGE(&alone.policy, "mprotect", 0, 0, 1), ERRNO(EPERM),
		"a part of that as well");
	tap_int(JUDGE(&alone.policy, "mprotect", 0, 0, 3), ALLOW,
		"but for the rest of it");
	tap_int(JUDGE(&alone.policy, "mprotect", 0, 0, 1ULL << 32 | 1),
		ERRNO(EPERM), "whatever stands above 32 bits");
	finish(&alone);

	all = build_profile("above", NULL);
	if (!tap_int(all.status, ES_OK, "the same, included by others"))
		es_diags_print(all.diags, stdout, false);
	tap_int(JUDGE(&all.policy, "nanosleep", 1), ALLOW,
		"what another file allows too is not taken out");
	tap_int(JUDGE(&all.policy, "clock_nanosleep", 1), ERRNO(EPERM),
		"unless by a file that includes both");
	tap_int(JUDGE(&all.policy, "umask", 1), ERRNO(EPERM),
		"over two steps as well");
	tap_int(JUDGE(&all.policy, "pipe", 1), ERRNO(EPERM),
		"the same permission of both files");
	tap_int(JUDGE(&all.policy, "pipe2", 1), ALLOW, "its twin stays");
	finish(&all);

	beside = build_profile("middle", "{Time: sleep, syscalls: [madvise]}");
	tap_int(beside.status, ES_OK, "with a fragment beside it");
	tap_int(JUDGE(&beside.policy, "nanosleep", 1), ALLOW,
		"nothing is taken out of a fragment");
	tap_int(JUDGE(&beside.policy, "madvise", 1), ALLOW,
		"of one with calls by hand, neither");
	tap_int(JUDGE(&beside.policy, "getpid"), ERRNO(EPERM),
		"though what is always on is not in it");
	finish(&beside);
}

/* The loader's reads and opens, the gate, and the guards are not the
 * program's to be taken out. */
static void try_untouched(void)
{
	struct es_surroundings around = usual;
	struct built built = begin();
	char path[128];

	write_profile("text", "extrasafe: 1\n"
		      "allow: {SystemIO: [stdout, read, open_readonly, dup]}\n"
		      "except: [openat, open, execve, \"close if fd == 1\", "
		      "\"read if fd >= 3\", \"dup if oldfd == 1\"]\n");
	snprintf(path, sizeof(path), "%s/text.yaml", folder);
	around.loader = true;
	built.status = es_add_profile(built.context, path, built.diags);
	build(&built, &around);
	tap_ok(built.status == ES_INVALID,
	       "execve is nothing that was allowed");
	finish(&built);
	write_profile("text", "extrasafe: 1\n"
		      "allow: {SystemIO: [stdout, read, open_readonly, dup]}\n"
		      "except: [openat, open, write, \"close if fd == 1\", "
		      "\"read if fd >= 3\"]\n");
	built = begin();
	es_add_profile(built.context, path, built.diags);
	build(&built, &around);
	tap_int(built.status, ES_OK, "exceptions beside a loader and guards");
	tap_int(JUDGE(&built.policy, "openat", 0, 0, 0), ALLOW,
		"the loader opens");
	tap_int(JUDGE(&built.policy, "read", built.policy.loader_fd), ALLOW,
		"and reads");
	tap_int(JUDGE(&built.policy, "read", built.policy.loader_fd + 1),
		ERRNO(EPERM), "the program does not");
	tap_int(JUDGE(&built.policy, "close", 1), ERRNO(0),
		"a guard answers as ever");
	tap_int(JUDGE(&built.policy, "dup", 1), ERRNO(EPERM),
		"and refuses as ever");
	tap_int(JUDGE(&built.policy, "write", 1), ERRNO(EPERM),
		"write is gone");
	tap_int(JUDGE(&built.policy, "write", 1, 0, 0, usual.key[0],
		      usual.key[1], usual.key[2]), ALLOW,
		"but for the launcher's own, with the key");
	finish(&built);
}

/* What comes with a guarded number is the program's as well. */
static void try_listing(void)
{
	static const char *const texts[] = {
		"extrasafe: 1\nfds: {log: {inherit: 5}}\n"
		"allow: {SystemIO: [file_write: log]}\n",
		"extrasafe: 1\nfds: {log: {inherit: 5}}\n"
		"allow: {SystemIO: [file_write: log]}\n"
		"except: [getdents64]\n",
	};

	for (size_t i = 0; i < ES_COUNT(texts); i++) {
		struct built built = build_text(texts[i]);

		tap_int(built.status, ES_OK, "a limit on 5");
		tap_int(JUDGE(&built.policy, "getdents64", 3),
			i ? ERRNO(EPERM) : ALLOW, "getdents64 %s",
			i ? "is taken out" : "comes with it");
		finish(&built);
	}
}

/* A profile, and whether it is one. */
static const struct {
	const char *what, *text;
	enum es_status status;
} cases[] = {
	{ "a clone that may make processes can't go with a limited stream",
	  "rulesets: {Own: {rules: [clone if stack != 0]}}\n"
	  "allow: {Own: all, SystemIO: stdout}\n", ES_INVALID },
	{ "one that makes threads only can",
	  "rulesets: {Own: {rules: [clone if flags & CLONE_THREAD == "
	  "CLONE_THREAD]}}\nallow: {Own: all, SystemIO: stdout}\n", ES_OK },
	{ "execve by hand can't go with a limited stream",
	  "allow: {syscalls: execve, SystemIO: stdout}\n", ES_INVALID },
	{ "execve by hand can go with others",
	  "allow: {syscalls: execve, SystemIO: stdio}\n", ES_OK },
	{ "a rule on a stream can't go with what starts programs",
	  "rulesets: {Own: {rules: [write if fd == 1]}}\n"
	  "allow: {Own: all, ForkAndExec: fork}\n", ES_INVALID },
	{ "not by a mask that lets it through, either",
	  "rulesets: {Own: {rules: [write if fd & 4 == 0]}}\n"
	  "allow: {Own: all, syscalls: fork}\n", ES_INVALID },
	{ "one on other descriptors can",
	  "rulesets: {Own: {rules: [write if fd > 2, read if count == 1]}}\n"
	  "allow: {Own: all, ForkAndExec: fork}\n", ES_OK },
	{ "a call by hand voids a stream's limit",
	  "allow: {syscalls: sendfile, SystemIO: stdout}\n", ES_INVALID },
	{ "unless on that descriptor only",
	  "rulesets: {Own: {rules: [sendfile if out_fd == 1]}}\n"
	  "allow: {Own: all, SystemIO: stdout}\n", ES_OK },
	{ "or on others only",
	  "rulesets: {Own: {rules: [sendfile if out_fd == 7]}}\n"
	  "allow: {Own: all, SystemIO: stdout}\n", ES_OK },
	{ "or on others by a mask",
	  "rulesets: {Own: {rules: [sendfile if out_fd & 3 == 0]}}\n"
	  "allow: {Own: all, SystemIO: stdout}\n", ES_OK },
	{ "on that and others by a mask, it does",
	  "rulesets: {Own: {rules: [sendfile if out_fd & 3 == 1]}}\n"
	  "allow: {Own: all, SystemIO: stdout}\n", ES_INVALID },
	{ "a rule by hand is void beside one with a wider mask",
	  "rulesets: {Own: {rules: [sendto if flags & 3 == 1, "
	  "\"sendto if flags & 1 == 1\"]}}\nallow: {Own: all}\n",
	  ES_INVALID },
	{ "or with wider bounds",
	  "rulesets: {Own: {rules: [\"kill if sig > 3 and sig < 7 and "
	  "sig & 1 == 1\", \"kill if sig in {5, 6}\"]}}\nallow: {Own: all}\n",
	  ES_INVALID },
	{ "not beside one that overlaps",
	  "rulesets: {Own: {rules: [sendto if flags & 3 == 1, "
	  "\"sendto if flags & 6 == 2\"]}}\nallow: {Own: all}\n", ES_OK },
	{ "or where the rest is taken out",
	  "allow: {syscalls: sendfile, SystemIO: stdout}\n"
	  "except: [sendfile if out_fd != 1]\n", ES_OK },
	{ "an exception of something else leaves it void",
	  "allow: {syscalls: sendfile, SystemIO: stdout}\n"
	  "except: [sendfile if in_fd == 1]\n", ES_INVALID },
	{ "a rule by hand is void beside the whole call",
	  "rulesets: {Own: {rules: [fcntl if cmd == 5]}}\n"
	  "allow: {Own: all, syscalls: fcntl}\n", ES_INVALID },
	{ "a permission may give more for a path",
	  "rulesets: {Own: {rules: [openat if flags == 0]}}\n"
	  "allow: {Own: all, SystemIO: {read_path: /usr}}\n", ES_OK },
	{ "what is always on voids a rule by hand",
	  "rulesets: {Own: {rules: [madvise if advice == 4]}}\n"
	  "allow: {Own: all}\n", ES_INVALID },
	{ "unless it is taken out of that",
	  "include: ./madvise.yaml\nallow: {Time: sleep}\n"
	  "except: [madvise if advice != 4]\n", ES_OK },
};

static void try_cases(void)
{
	write_profile("madvise", "extrasafe: 1\nrulesets: {Own: {rules: "
		      "[madvise if advice == 4]}}\nallow: {Own: all}\n");
	for (size_t i = 0; i < ES_COUNT(cases); i++) {
		char text[MAX_TEXT];
		struct built built;

		snprintf(text, sizeof(text), "extrasafe: 1\n%s", cases[i].text);
		built = build_text(text);
		if (!tap_int(built.status, cases[i].status, "%s",
			     cases[i].what))
			es_diags_print(built.diags, stdout, false);
		finish(&built);
	}
}

static void try_fragments(void)
{
	struct built built = build_from("syscalls: [getrusage, dup2]\n"
					"syscalls.sysinfo\n"
					"syscalls.reboot=yes_really", &usual);

	tap_int(built.status, ES_OK, "fragments give calls");
	tap_int(JUDGE(&built.policy, "getrusage"), ALLOW, "in a list");
	tap_int(JUDGE(&built.policy, "sysinfo"), ALLOW, "in the short form");
	tap_int(JUDGE(&built.policy, "reboot"), ALLOW,
		"with what it needs in it");
	tap_int(JUDGE(&built.policy, "mount"), ERRNO(EPERM), "and no others");
	finish(&built);

	write_profile("set", "extrasafe: 1\nrulesets: {Own: {syscalls: flock}}\n"
		      "allow: {Time: sleep}\n");
	built = build_profile("set", "Own.all");
	tap_int(JUDGE(&built.policy, "flock"), ALLOW,
		"a fragment allows a file's rule set");
	finish(&built);
	built = build_profile("set", "Time: gettime");
	tap_int(JUDGE(&built.policy, "flock"), ERRNO(EPERM),
		"which gives nothing by standing there");
	finish(&built);
}

int main(void)
{
	char command[64];

	if (!mkdtemp(folder))
		abort();
	try_differences();
	try_scopes();
	try_untouched();
	try_listing();
	try_cases();
	try_fragments();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) || tap_done();
}
