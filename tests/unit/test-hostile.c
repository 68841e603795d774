/* SPDX-License-Identifier: MIT */
/*
 * Profiles that are deep, wide or long meet a limit, or are read and compiled
 * in a time that grows with them. Nothing is timed: what takes a moment so
 * would take hours if it grew with the square of some of these, and an alarm
 * ends the test. (tests/bench/growth.c tells how times grow.)
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node.h"
#include "policies.h"
#include "util.h"
#include "proof.h"

#define PROVE es_prove

enum {
	MINUTES = 10, /* for all of it, sanitized, on a busy machine */
	FIRST_FD = 100,
	PARTS = 34,
};

/* The texts of a profile (the first) and of what it includes: they are files
 * /proc/self/fd/N, N being FIRST_FD up. */
struct texts {
	FILE *streams[PARTS];
};

__attribute__((format(printf, 3, 4)))
static void say(struct texts *texts, size_t part, const char *format, ...)
{
	FILE **stream = &texts->streams[part];
	const int fd = FIRST_FD + (int)part;
	va_list args;

	if (!*stream) {
		const int made = memfd_create("profile", MFD_CLOEXEC);

		if (made < 0 || dup2(made, fd) != fd || close(made))
			abort();
		*stream = fdopen(fd, "w");
		if (!*stream)
			abort();
	}
	va_start(args, format);
	vfprintf(*stream, format, args);
	va_end(args);
}

static void repeat(struct texts *texts, const char *text, size_t n)
{
	while (n--)
		say(texts, 0, "%s", text);
}

static struct built read_texts(struct texts *texts)
{
	struct built built = begin();
	char path[64];

	for (size_t i = 0; i < PARTS; i++)
		if (texts->streams[i])
			fflush(texts->streams[i]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", FIRST_FD);
	built.status = es_add_profile(built.context, path, built.diags);
	for (size_t i = 0; i < PARTS; i++)
		if (texts->streams[i])
			fclose(texts->streams[i]);
	memset(texts, 0, sizeof(*texts));
	return built;
}

static char *told(const struct built *built)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	es_diags_print(built->diags, stream, false);
	fclose(stream);
	return text;
}

/* TEXTS are refused with SAID as the first of ERRORS. */
static void refused(struct texts *texts, const char *said, size_t errors,
		    const char *name)
{
	struct built built = read_texts(texts);
	es_autofree char *text = told(&built);

	tap_int(built.status, ES_INVALID, "%s: refused", name);
	if (!tap_ok(strstr(text, said), "%s: for '%s'", name, said))
		tap_value("told:", text);
	tap_int((long long)es_diags_errors(built.diags), (long long)errors,
		"%s: errors", name);
	finish(&built);
}

/* TEXTS are read, compiled and proven. */
static struct built compiled(struct texts *texts, const char *name)
{
	struct built built = read_texts(texts);
	struct es_filter filter = { 0 };
	es_autofree char *text = NULL;

	if (built.status == ES_OK)
		build(&built, &usual);
	if (built.status == ES_OK)
		built.status = es_filter_make(&built.context->arena,
					      &built.policy, built.diags,
					      &filter);
	if (built.status == ES_OK)
		built.status = PROVE(&built.policy, &filter, built.diags);
	text = told(&built);
	if (!tap_int(built.status, ES_OK, "%s: compiled and proven", name))
		tap_value("told:", text);
	es_filter_finish(&filter);
	return built;
}

static void fine(struct texts *texts, const char *name)
{
	struct built built = compiled(texts, name);

	finish(&built);
}

static void test_deep(void)
{
	struct texts texts = { { 0 } };
	const size_t most = ES_YAML_MAX_FILE - 100;

	say(&texts, 0, "extrasafe: 1\nallow: ");
	repeat(&texts, "[", most);
	refused(&texts, "nested deeper than 16 levels", 1, "a million '['");
	say(&texts, 0, "extrasafe: 1\nallow: ");
	repeat(&texts, "{a: ", most / 4);
	refused(&texts, "nested deeper than 16 levels", 1, "{a: {a: {a: ...");
	say(&texts, 0, "extrasafe: 1\nallow: ");
	repeat(&texts, "- ", most / 2);
	refused(&texts, "'-' can't stand here", 1, "- - - ... behind a key");
	repeat(&texts, "- ", most / 2);
	refused(&texts, "nested deeper than 16 levels", 1, "- - - ...");
	repeat(&texts, "? ", most / 2);
	refused(&texts, "nested deeper than 16 levels", 1, "? ? ? ...");
}

static void test_long(void)
{
	struct texts texts = { { 0 } };

	say(&texts, 0, "extrasafe: 1\nallow: {Time: all}\n");
	repeat(&texts, "#\n", 500000);
	fine(&texts, "half a million comments");
	say(&texts, 0, "extrasafe: 1\nallow: {Time: all}\n");
	repeat(&texts, "\n", 1000000);
	fine(&texts, "a million empty lines");
	say(&texts, 0, "extrasafe: 1\nabout: ");
	repeat(&texts, "x", ES_YAML_MAX_SCALAR);
	say(&texts, 0, "\nallow: {Time: all}\n");
	fine(&texts, "a text of 64 KiB");
	say(&texts, 0, "extrasafe: 1\nallow: {Time: all}\nabout: ");
	repeat(&texts, "x", ES_YAML_MAX_SCALAR + 1);
	refused(&texts, "text of 65537 bytes; the limit is 65536", 1,
		"one byte more");
	say(&texts, 0, "extrasafe: 1\nallow: {Time: all}\nabout: \"");
	repeat(&texts, "\\x41", 250000);
	say(&texts, 0, "\"\n");
	refused(&texts, "text of 250000 bytes", 1, "a text of escapes");
	repeat(&texts, "x", ES_YAML_MAX_FILE + 1);
	refused(&texts, "has 1048577 bytes; the limit is 1048576", 1,
		"a file of 1 MiB and a byte");
}

static void test_wide(void)
{
	struct texts texts = { { 0 } };

	say(&texts, 0, "extrasafe: 1\n");
	for (int i = 0; i < 100000; i++)
		say(&texts, 0, "k%d: 1\n", i);
	refused(&texts, "99900 more errors are not shown", 100000,
		"a hundred thousand keys");
	say(&texts, 0, "extrasafe: 1\n");
	repeat(&texts, "key: 1\n", 100000);
	refused(&texts, "duplicate key 'key'", 100, "the same key again");
	say(&texts, 0, "extrasafe: 1\nallow: {Time: [");
	repeat(&texts, "[],", 300000);
	say(&texts, 0, "]}\n");
	refused(&texts, "not a list within a list", 300000, "empty lists");
	say(&texts, 0, "extrasafe: 1\nallow: [");
	repeat(&texts, "&a x,", 200000);
	refused(&texts, "too many mistakes", 100, "anchors");
}

static void paths(struct texts *texts, size_t part, size_t n)
{
	say(texts, part, "allow:\n  SystemIO:\n  - read_path:\n");
	for (size_t i = 0; i < n; i++)
		say(texts, part, "    - /%zu/%zu\n", part, i);
}

static void test_grants(void)
{
	struct texts texts = { { 0 } };

	say(&texts, 0, "extrasafe: 1\n");
	paths(&texts, 0, 4096);
	fine(&texts, "4096 paths");
	say(&texts, 0, "extrasafe: 1\n");
	paths(&texts, 0, 20000);
	refused(&texts, "more than 4096 permissions, paths and rules", 1,
		"20,000 paths");
	say(&texts, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	repeat(&texts, "  - read: {fds: 0}\n", 1024);
	fine(&texts, "the same limit 1024 times");
	say(&texts, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	repeat(&texts, "  - read: {fds: 0}\n", 1025);
	refused(&texts, "more than 1024 descriptors", 1, "1025 times");
	say(&texts, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	repeat(&texts, "  - read_pathh\n", 60000);
	refused(&texts, "unknown permission 'read_pathh', did you mean "
		"'read_path'?", 60000, "mistakes with a hint");
	say(&texts, 0, "extrasafe: 1\nallow: {syscalls: [");
	repeat(&texts, "z,", 400000);
	say(&texts, 0, "]}\n");
	refused(&texts, "unknown system call 'z'", 400000,
		"mistakes far along one line");
	say(&texts, 0, "extrasafe: 1\nrulesets:\n  Own:\n");
	for (int i = 0; i < 60000; i++)
		say(&texts, 0, "    k%d: 1\n", i);
	refused(&texts, "unknown key 'k0' of a rule set", 60000,
		"keys of a rule set");
}

/* Each warning shows its line, which is far down. */
static void test_warnings(void)
{
	struct texts texts = { { 0 } };

	say(&texts, 0, "extrasafe: 1\n");
	repeat(&texts, "#\n", 490000);
	say(&texts, 0, "allow:\n  SystemIO:\n");
	repeat(&texts, "  - read_path\n", 4095);

	struct built built = read_texts(&texts);

	tap_int(es_check(built.context, false, built.diags), ES_OK,
		"thousands of warnings");

	es_autofree char *text = told(&built);

	tap_ok(strstr(text, " more warnings are not shown\n"),
	       "thousands of warnings: most are counted only");
	finish(&built);
}

static void begin_rules(struct texts *texts)
{
	say(texts, 0, "extrasafe: 1\nallow: {Own: all}\n"
	    "rulesets:\n  Own:\n    rules:\n");
}

/* One condition of nearly 64 KiB. */
static void test_conditions(void)
{
	struct texts texts = { { 0 } };

	begin_rules(&texts);
	say(&texts, 0, "    - 'flock if fd == ");
	repeat(&texts, "(", 65000);
	say(&texts, 0, "'\n");
	refused(&texts, "nested deeper than 16 levels", 1, "brackets");
	begin_rules(&texts);
	say(&texts, 0, "    - 'flock if fd == ");
	repeat(&texts, "~", 65000);
	say(&texts, 0, "1'\n");
	refused(&texts, "nested deeper than 16 levels", 1, "a row of ~");
	begin_rules(&texts);
	say(&texts, 0, "    - 'flock if fd == ");
	repeat(&texts, "1|", 32000);
	say(&texts, 0, "2'\n");
	fine(&texts, "32,000 bits");
	begin_rules(&texts);
	say(&texts, 0, "    - 'flock if fd in {");
	for (int i = 0; i < 8000; i++)
		say(&texts, 0, "%d, ", 8000 - i);
	say(&texts, 0, "0}'\n");
	fine(&texts, "8000 values that are one range");
	begin_rules(&texts);
	say(&texts, 0, "    - 'flock if ");
	repeat(&texts, "fd != 1 and ", 5000);
	say(&texts, 0, "fd != 2'\n");
	refused(&texts, "more than 8 conditions", 1, "5000 conditions");
}

/* As many rules on one call as there may be, with as many exceptions. */
static void test_rules(void)
{
	enum { RULES = 512, EXCEPTIONS = 512 };
	struct texts texts = { { 0 } };

	begin_rules(&texts);
	for (int i = 0; i < RULES; i++)
		say(&texts, 0, "    - 'sendto if fd == %d and len in {%d, "
		    "%d}'\n", i, i, i + 5000);
	say(&texts, 0, "except:\n");
	for (int i = 0; i < EXCEPTIONS; i++)
		say(&texts, 0, "- 'sendto if fd == %d and len == %d'\n", i, i);

	struct built built = compiled(&texts, "512 rules less 512 exceptions");

	finish(&built);

	begin_rules(&texts);
	for (int i = 0; i < RULES; i++)
		say(&texts, 0, "    - 'flock if fd == %d'\n", i * 2);
	built = compiled(&texts, "512 values");
	finish(&built);
	begin_rules(&texts);
	for (int i = 0; i <= RULES; i++)
		say(&texts, 0, "    - 'flock if fd == %d'\n", i * 2);
	built = read_texts(&texts);
	build(&built, &usual);
	tap_int(built.status, ES_INVALID, "a rule too many: refused");
	tap_int((long long)es_diags_errors(built.diags), 1,
		"a rule too many: told once");
	finish(&built);
}

/* 1024 limits that differ: all are compared, and there is no place for them. */
static void test_limits(void)
{
	struct texts texts = { { 0 } };
	struct es_filter filter = { 0 };

	say(&texts, 0, "extrasafe: 1\nallow:\n  SystemIO:\n");
	for (int i = 0; i < 1024; i++)
		say(&texts, 0, "  - read: {fds: %d-%d}\n", 3 * i + 3,
		    3 * i + 4);

	struct built built = read_texts(&texts);

	build(&built, &usual);
	tap_int(built.status, ES_OK, "1024 limits: the policy");
	tap_int(es_filter_make(&built.context->arena, &built.policy,
			       built.diags, &filter),
		ES_INVALID, "1024 limits: too much for a filter");
	finish(&built);
}

static void test_includes(void)
{
	struct texts texts = { { 0 } };

	say(&texts, 0, "extrasafe: 1\ninclude: [");
	for (int i = 1; i <= 32; i++) {
		say(&texts, 0, "%s/proc/self/fd/%d", i > 1 ? ", " : "",
		    FIRST_FD + i);
		say(&texts, (size_t)i, "extrasafe: 1\n");
		paths(&texts, (size_t)i, 128);
	}
	say(&texts, 0, "]\n");
	fine(&texts, "32 includes with 128 paths each");

	say(&texts, 0, "extrasafe: 1\ninclude: [");
	for (int i = 1; i <= 33; i++) {
		say(&texts, 0, "%s/proc/self/fd/%d", i > 1 ? ", " : "",
		    FIRST_FD + i);
		say(&texts, (size_t)i, "extrasafe: 1\n");
		paths(&texts, (size_t)i, 4000);
	}
	say(&texts, 0, "]\n");
	refused(&texts, "more than 4096 permissions, paths and rules", 2,
		"33 includes with 4000 paths each");
}

/* Each file includes the next one three times, so that there are 3^10 ways to
 * the last. Its limits are taken back, and those of the first file can't be. */
static void test_ways(size_t widenings)
{
	struct texts texts = { { 0 } };

	say(&texts, 0, "extrasafe: 1\nwiden: [");
	for (size_t i = 0; i < widenings; i++)
		say(&texts, 0, "%sSystemIO.read_path", i ? ", " : "");
	say(&texts, 0, "]\n");
	paths(&texts, 0, 2000);
	for (int i = 0; i < 10; i++) {
		say(&texts, (size_t)i,
		    "include: [/proc/self/fd/%d, /proc/self/fd/%d, "
		    "/proc/self/fd/%d]\n", FIRST_FD + i + 1, FIRST_FD + i + 1,
		    FIRST_FD + i + 1);
		say(&texts, (size_t)i + 1, "extrasafe: 1\n");
	}
	paths(&texts, 10, 2000);
	if (widenings > 256) {
		refused(&texts, "more than 256 limits to take back", 1,
			"257 times `widen`");
		return;
	}

	struct built built = compiled(&texts, "many ways through includes");
	const struct es_profile *profile = &built.context->profile;
	size_t widened = 0, kept = 0;

	for (const struct es_grant *g = profile->grants; g; g = g->next)
		*(g->widened ? &widened : &kept) += 1;
	tap_int((long long)widened, 2000, "limits that are taken back");
	tap_int((long long)kept, 2000, "limits that are kept");
	finish(&built);
}

int main(void)
{
	alarm(MINUTES * 60);
	test_deep();
	test_long();
	test_wide();
	test_grants();
	test_warnings();
	test_limits();
	test_conditions();
	test_rules();
	test_includes();
	test_ways(256);
	test_ways(257);
	return tap_done();
}
