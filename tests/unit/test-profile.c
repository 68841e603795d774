/* SPDX-License-Identifier: MIT */
/* What the readers make of a text: grants, descriptors, limits. (What they say
 * of mistakes is tests/data/bad.) */
#include <fcntl.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policies.h"
#include "util.h"

/* Reads a profile from its text. */
static struct built profile_from(const char *text)
{
	struct built built = begin();
	es_autoclose int fd = memfd_create("profile", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	built.status = es_add_profile(built.context, path, built.diags);
	return built;
}

/* Reads what stands under FDS and ALLOW, and builds the policy. */
static struct built policy_from(const char *fds, const char *allow)
{
	es_autofree char *text = NULL;

	if (asprintf(&text, "extrasafe: 1\n%s%s%sallow: {%s}\n",
		     *fds ? "fds: {" : "", fds, *fds ? "}\n" : "", allow) < 0)
		abort();

	struct built built = profile_from(text);

	if (built.status == ES_OK)
		build(&built, &usual);
	if (built.status != ES_OK)
		es_diags_print(built.diags, stderr, false);
	return built;
}

static void print_ranges(const struct es_ranges *set, FILE *stream)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct es_range *range = &set->at[i];

		fprintf(stream, "%s%llu", i ? "," : "",
			(unsigned long long)range->lo);
		if (range->hi == UINT32_MAX)
			fputc('-', stream);
		else if (range->hi != range->lo)
			fprintf(stream, "-%llu", (unsigned long long)range->hi);
	}
}

/* `Set.word path? optional? fds`, one grant a line. */
static char *dump_grants(const struct es_profile *profile)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	for (const struct es_grant *g = profile->grants; g; g = g->next) {
		fprintf(stream, "%s%s.%s", g == profile->grants ? "" : "\n",
			g->word->set, g->word->word);
		if (g->path)
			fprintf(stream, " %s", g->path);
		if (g->optional)
			fputs(" optional", stream);
		fputs(" @", stream);
		print_ranges(&g->covers, stream);
	}
	fclose(stream);
	return text;
}

static void grants(const char *fds, const char *allow, const char *want)
{
	struct built built = policy_from(fds, allow);
	es_autofree char *got = dump_grants(&built.context->profile);

	tap_int(built.status, ES_OK, "status of {%s} {%s}", fds, allow);
	tap_str(got, want, "grants of {%s} {%s}", fds, allow);
	finish(&built);
}

static void test_forms(void)
{
	grants("", "Time: gettime", "Time.gettime @0-");
	grants("", "Time: [gettime, sleep]",
	       "Time.gettime @0-\nTime.sleep @0-");
	grants("", "Time: all",
	       "Time.gettime @0-\nTime.sleep @0-\nTime.timers @0-");
	grants("", "Code: all", "Code.load @3-");
	grants("", "Code: {all: yes_really}", "Code.load @3-\nCode.jit @0-");
	grants("", "Code: {jit: yes_really}", "Code.jit @0-");
	grants("", "Code: [{jit: {yes_really: true}}]", "Code.jit @0-");
	grants("", "SystemIO: {read_path: /usr}",
	       "SystemIO.read_path /usr @3-");
	grants("", "SystemIO: {read_path: [/usr, {path: /x, optional: true}]}",
	       "SystemIO.read_path /usr @3-\n"
	       "SystemIO.read_path /x optional @3-");
	grants("", "SystemIO: {read_path: {path: [/usr, {path: /x, "
	       "optional: false}], optional: true, fds: 7-}}",
	       "SystemIO.read_path /usr optional @7-\n"
	       "SystemIO.read_path /x @7-");
	grants("", "SystemIO: {read_path: {path: [/a, {path: /b, fds: 9-}], "
	       "fds: 7-}}", "SystemIO.read_path /a @7-\n"
			    "SystemIO.read_path /b @9-");
	grants("", "SystemIO: read_path", "SystemIO.read_path @3-");
	grants("", "SystemIO: {read_path: {fds: any}}",
	       "SystemIO.read_path @0-");
}

/* Options of one permission don't reach the next. */
static void test_options_end(void)
{
	grants("", "SystemIO: [{write: {fds: 0}}, lock, {list_dir: {path: /x, "
	       "optional: true}}, {list_dir: /y}]",
	       "SystemIO.write @0\nSystemIO.lock @0-\n"
	       "SystemIO.list_dir /x optional @3-\nSystemIO.list_dir /y @3-");
	grants("", "SystemIO: [{ioctl: {fds: 0, yes_really: true}}, stdin]",
	       "SystemIO.ioctl @0\nSystemIO.stdin @0");
}

static void test_descriptors(void)
{
	static const char fds[] = "a: {inherit: 5}, b: {inherit: 9}";

	grants("", "SystemIO: {read: {fds: 0}}", "SystemIO.read @0");
	grants("", "SystemIO: {read: {fds: [stdin, 0x1, 0o2]}}",
	       "SystemIO.read @0-2");
	grants("", "SystemIO: {read: {fds: [2, 0]}}", "SystemIO.read @0,2");
	grants("", "SystemIO: {read: {fds: any}}", "SystemIO.read @0-");
	grants("", "SystemIO: {read: {fds: 0-}}", "SystemIO.read @0-");
	grants("", "SystemIO: {read: {fds: [5-9, 3-7]}}", "SystemIO.read @3-9");
	grants(fds, "SystemIO: {read: {fds: [a, 9]}}", "SystemIO.read @5,9");
	grants(fds, "SystemIO: [{file_read: b}, {file_write: [5, stdout]}]",
	       "SystemIO.file_read @9\nSystemIO.file_write @1,5");
	grants("", "SystemIO: {read: {fds: 2147483647-}}",
	       "SystemIO.read @2147483647-");
}

/* From 3 up, all but those that `fds` or a permission names. */
static void test_opened(void)
{
	static const char opened[] = "SystemIO: {read: {fds: opened}}";

	grants("", opened, "SystemIO.read @3-");
	grants("a: {inherit: 5}", opened, "SystemIO.read @3-4,6-");
	grants("a: {inherit: 3}, b: {inherit: 4}", opened, "SystemIO.read @5-");
	grants("", "SystemIO: [{read: {fds: opened}}, {write: {fds: 7-9}}]",
	       "SystemIO.read @3-6,10-\nSystemIO.write @7-9");
	/* An open range names nothing, and neither does `any`. */
	grants("", "SystemIO: [{read: {fds: opened}}, {write: {fds: 7-}}]",
	       "SystemIO.read @3-\nSystemIO.write @7-");
	grants("", "SystemIO: [{read: {fds: opened}}, {write: {fds: any}}]",
	       "SystemIO.read @3-\nSystemIO.write @0-");
	grants("", "SystemIO: [{read: {fds: opened}}, stdin]",
	       "SystemIO.read @3-\nSystemIO.stdin @0");
	grants("a: {inherit: 5}", "Networking: running_tcp_clients",
	       "Networking.running_tcp_clients @3-4,6-");
	grants("a: {inherit: 5}", "Networking: {running_tcp_clients: "
	       "{fds: [a, opened]}}", "Networking.running_tcp_clients @3-");
}

static void numbers(const char *fds, const char *want)
{
	struct built built = policy_from(fds, "Time: all");
	es_autofree char *got = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);

	if (!stream)
		abort();
	for (const struct es_fd_entry *e = built.context->profile.fds; e;
	     e = e->next)
		fprintf(stream, "%s%s=%d", e == built.context->profile.fds ?
			"" : " ", e->name, e->number);
	fclose(stream);
	tap_str(got, want, "numbers of {%s}", fds);
	finish(&built);
}

static void test_numbers(void)
{
	numbers("a: {inherit: 5}", "a=5");
	numbers("a: {open: /x, for: read}, b: {open: /x, for: read}",
		"a=3 b=4");
	numbers("a: {open: /x, for: read}, b: {inherit: 3}, "
		"c: {open: /x, for: read, number: 4}, d: {open: /x, for: read}",
		"a=5 b=3 c=4 d=6");
}

static void entry(const char *text, int flags, unsigned mode)
{
	struct built built = policy_from(text, "Time: all");
	const struct es_fd_entry *got = built.context->profile.fds;

	tap_ok(got && !strcmp(got->path, "/x"), "path of {%s}", text);
	tap_int(got ? got->flags : -1, flags, "flags of {%s}", text);
	tap_int(got ? got->mode : 0, mode, "mode of {%s}", text);
	finish(&built);
}

static void test_entries(void)
{
	entry("a: {open: /x, for: read}", O_RDONLY, 0);
	entry("a: {open: /x, for: write}", O_WRONLY, 0);
	entry("a: {open: /x, for: append}", O_WRONLY | O_APPEND, 0);
	entry("a: {open: /x, for: read_write}", O_RDWR, 0);
	entry("a: {create: 0640, for: append, open: /x}",
	      O_WRONLY | O_APPEND | O_CREAT, 0640);
	entry("a: {open: /x, for: write, create: 0o7}", O_WRONLY | O_CREAT, 07);
}

/* Does WORD, given in full, void LIMIT? 5 is handed over. */
static bool voids(const char *limit, const struct es_word *word, bool first)
{
	struct built built = begin();

	hand_over(&built, "data", 5);
	if (first)
		give(&built, word, 0);
	if (es_add_fragment(built.context, limit, built.diags))
		abort();
	if (!first)
		give(&built, word, 0);
	build(&built, &usual);

	const bool found = built.status == ES_INVALID;

	if (!found && built.status != ES_OK)
		abort();
	finish(&built);
	return found;
}

/* VOIDING are the words that, given in full, make LIMIT void. */
static void pairs(const char *limit, const char *voiding)
{
	es_autofree char *got = NULL;
	size_t size = 0, differing = 0;
	FILE *stream = open_memstream(&got, &size);

	if (!stream)
		abort();
	for (size_t i = 0; i < es_nwords; i++) {
		const struct es_word *word = &es_words[i];
		const unsigned left_out = ES_WORD_FD | ES_WORD_NEEDS_PATH;

		if (!is_given(word) || (word->flags & left_out))
			continue;

		const bool found = voids(limit, word, true);

		differing += found != voids(limit, word, false);
		if (found)
			fprintf(stream, "%s%s", ftell(stream) ? " " : "",
				word->word);
	}
	fclose(stream);
	tap_str(got, voiding, "what makes `%s` void", limit);
	tap_int((long long)differing, 0, "in any order: `%s`", limit);
}

static void test_limits(void)
{
	pairs("SystemIO.stdin",
	      "fork exec start_unix_servers start_unix_clients everything stdio read copy map_shared");
	pairs("SystemIO.stdout",
	      "fork exec start_unix_servers start_unix_clients everything stdio write ioctl truncate allocate copy map_shared");
	pairs("SystemIO.stderr",
	      "fork exec start_unix_servers start_unix_clients everything stdio write ioctl truncate allocate copy map_shared");
	pairs("SystemIO.open_readonly", "everything open");
	pairs("SystemIO.file_read=5", "start_unix_servers start_unix_clients everything read copy map_shared");
	pairs("SystemIO.file_write=5",
	      "start_unix_servers start_unix_clients everything write ioctl truncate allocate copy map_shared");
	pairs("SystemIO: {read: {fds: opened}}",
	      "everything read copy map_shared");
	pairs("SystemIO: {write: {fds: opened}}",
	      "everything write ioctl truncate allocate copy map_shared");
	pairs("SystemIO: {read: {fds: 5}}", "start_unix_servers start_unix_clients everything read copy map_shared");
	pairs("SystemIO: {metadata: {fds: 5}}",
	      "start_unix_servers start_unix_clients everything read write metadata");
	pairs("SystemIO: {lock: {fds: opened}}", "everything lock");
	pairs("Networking: {running_tcp_clients: {fds: 5}}",
	      "everything read write copy map_shared");
	pairs("Networking: {running_tcp_servers: {fds: 5}}", "");
	pairs("Networking: {start_tcp_clients: {fds: 5}}",
	      "everything read write copy map_shared");
	pairs("SystemIO.read_path=/usr",
	      "exec everything open open_readonly read_path");
	pairs("SystemIO.write_file=/usr", "everything open");
	pairs("SystemIO.list_dir=/usr",
	      "everything open open_readonly read_path list_dir");
	pairs("ForkAndExec.exec_path=/usr", "exec stdin stdout stderr");
	pairs("SystemIO.create_in_dir=/usr",
	      "everything open rename link mknod");
	pairs("SystemIO.create_dir=/usr", "everything rename link mkdir");
	pairs("SystemIO.remove_file=/usr", "everything unlink rename");
	pairs("SystemIO.remove_dir=/usr", "everything rename rmdir");
	pairs("SystemIO.rename=/usr", "everything rename link");
	pairs("SystemIO.link=/usr", "everything rename link");
	pairs("SystemIO.symlink=/usr", "everything rename link symlink");
	pairs("SystemIO.truncate=/usr", "everything open truncate");
	pairs("SystemIO.mknod=/usr", "everything rename link mknod");
	pairs("SystemIO: {mknod_devices: {path: /usr, yes_really: true}}",
	      "mknod_devices");
	pairs("SystemIO.ioctl_device=/dev", "ioctl");
	pairs("SystemIO.read_write=/usr", "everything open");
	pairs("SystemIO.work=/usr", "everything");
	pairs("Networking: {start_tcp_clients: {ports: 80}}",
	      "start_udp_servers start_tcp_clients start_udp_clients "
	      "running_udp_sockets connect");
	pairs("Networking: {start_tcp_servers: {ports: 80, yes_really: true}}",
	      "start_tcp_servers start_udp_servers start_udp_clients "
	      "running_udp_sockets");
}

/* What is no limit is never void. */
static void test_no_limits(void)
{
	size_t found = 0;

	for (size_t i = 0; i < es_nwords; i++) {
		const struct es_word *word = &es_words[i];
		char text[128];

		if (!is_given(word) || word->path_right ||
		    (word->flags & (ES_WORD_LIMIT | ES_WORD_FD |
				    ES_WORD_NEEDS_PATH)) ||
		    !strcmp(word->word, "basic"))
			continue;
		snprintf(text, sizeof(text), "%s: {%s: %s}", word->set,
			 word->word, "yes_really");
		if (!(word->flags & ES_WORD_STARRED))
			snprintf(text, sizeof(text), "%s.%s", word->set,
				 word->word);
		for (size_t j = 0; j < es_nwords; j++) {
			const struct es_word *other = &es_words[j];

			if (!is_given(other) ||
			    (other->flags & (ES_WORD_LIMIT | ES_WORD_FD |
					     ES_WORD_NEEDS_PATH)) ||
			    !voids(text, other, false))
				continue;
			printf("# %s with %s.%s\n", text, other->set,
			       other->word);
			found++;
		}
	}
	tap_int((long long)found, 0, "what is given in full is never void");
}

static bool looks_at_fds(const struct es_word *word)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;

	while (word->fds && (included = es_word_next(&at)))
		if (looks_at_fds(included))
			return true;
	for (const struct es_row *row = word->rows; row && row->rule; row++)
		if (strstr(row->rule, "in FDS"))
			return true;
	return false;
}

/* An option that is taken and does nothing would promise something. */
static void test_fds_words(void)
{
	for (size_t i = 0; i < es_nwords; i++) {
		const struct es_word *word = &es_words[i];

		if (word->flags & (ES_WORD_FDS | ES_WORD_FD))
			tap_ok(looks_at_fds(word), "%s.%s looks at its fds",
			       word->set, word->word);
	}
}

static void widened(const char *fragments, const char *widen,
		    enum es_status want)
{
	struct built built = begin();
	char *copy = strdup(fragments), *save = NULL;

	for (char *part = strtok_r(copy, "|", &save); part;
	     part = strtok_r(NULL, "|", &save))
		if (es_add_fragment(built.context, part, built.diags))
			abort();
	free(copy);
	es_widen(built.context, widen, built.diags);
	build(&built, &usual);
	tap_int(built.status, want, "`%s` widened by %s", fragments, widen);
	finish(&built);
}

static void test_widenings(void)
{
	widened("SystemIO.stdout|SystemIO.write", "SystemIO.stdout", ES_OK);
	widened("SystemIO.stdout|SystemIO.write", "SystemIO.stdin", ES_INVALID);
	widened("SystemIO.stdout|SystemIO.write", "SystemIO.write", ES_INVALID);
	widened("SystemIO: [stdout, stderr, write]", "SystemIO.stdout",
		ES_INVALID);
	widened("SystemIO: {write: {fds: 1}}|SystemIO.write", "SystemIO.write",
		ES_OK);
	widened("SystemIO.read_path=/usr|SystemIO.read_path",
		"SystemIO.read_path", ES_OK);
	widened("SystemIO.stdin|ForkAndExec.fork", "SystemIO.stdin", ES_OK);
	widened("SystemIO.stdin|ForkAndExec.fork", "SystemIO.stdout",
		ES_INVALID);
}

/* Naming guards a descriptor, and widening ends that. */
static void test_guards(void)
{
	struct built built = build_from("SystemIO: [stdout, close]", &usual);
	const uint32_t done = ERRNO(0);

	tap_int(JUDGE(&built.policy, "close", 1), done, "close of a limited 1");
	tap_int(JUDGE(&built.policy, "close", 2), ALLOW, "close of 2");
	finish(&built);

	built = begin();
	es_add_fragment(built.context, "SystemIO.stdout", built.diags);
	es_widen(built.context, "SystemIO.stdout", built.diags);
	build(&built, &usual);
	tap_int(JUDGE(&built.policy, "close", 1), ALLOW,
		"close of a widened 1");
	finish(&built);
}

int main(void)
{
	test_forms();
	test_options_end();
	test_descriptors();
	test_opened();
	test_fds_words();
	test_numbers();
	test_entries();
	test_limits();
	test_no_limits();
	test_widenings();
	test_guards();
	return tap_done();
}
