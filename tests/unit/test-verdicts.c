/* SPDX-License-Identifier: MIT */
/*
 * One table, three judges: what tests/data/verdicts.tsv says of each call is
 * what the policy means, what the filter says, and what the kernel does under
 * it, as root and as an ordinary user. And the table is whole: each denied call
 * has its allowed twin, and each permission allows some row.
 */
#include <ctype.h>
#include <errno.h>

#include "constants.h"
#include "filter.h"
#include "live.h"
#include "shelves.h"

enum { COLUMNS = 12, ARGS = 6, MAX_ROWS = 4096, MAX_CASES = 512, TRIES = 3 };
enum { PROFILE, ARCH, CALL, FIRST_ARG, VERDICT = 9, TWIN, REMARK };

struct row {
	unsigned line;
	const char *column[COLUMNS]; /* "" where the line ends before */
	uint32_t want; /* SECCOMP_RET_* and its data */
	struct es_call tries[TRIES];
};

struct table {
	char *text;
	struct row rows[MAX_ROWS];
	size_t n;
	bool allows[512]; /* by index of es_words */
	bool wrong;
};

static const char path[] = "tests/data/verdicts.tsv";

__attribute__((format(printf, 3, 4)))
static void complain(struct table *table, unsigned line, const char *format,
		     ...)
{
	va_list args;

	table->wrong = true;
	printf("# %s:%u: ", path, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* `[-]NAME` or a number, the next of `|` and `^`; false if it is neither. */
static bool read_term(const char **at, uint64_t *value)
{
	const bool negative = **at == '-';
	size_t len = 0;

	*at += negative;
	len = strcspn(*at, "|^");
	if (isdigit((unsigned char)**at)) {
		char *end = NULL;

		*value = strtoull(*at, &end, 0);
		if (end != *at + len)
			return false;
	} else if (!find_constant(*at, len, value)) {
		return false;
	}
	if (negative)
		*value = -*value;
	*at += len;
	return true;
}

static bool read_value(const char *text, uint64_t *value)
{
	const char *at = text;
	bool fine = read_term(&at, value);

	while (fine && *at) {
		const char operator = *at++;
		uint64_t next = 0;

		fine = read_term(&at, &next);
		*value = operator == '^' ? *value ^ next : *value | next;
	}
	return fine;
}

static bool read_args(struct row *row, const struct es_syscall *call)
{
	/* Where an argument does not matter, and what is added to one of which
	 * the kernel takes the lower half. */
	static const uint64_t any[TRIES] = { 0, UINT64_MAX,
					     0x8000000080000001 };
	static const uint64_t upper[TRIES] = { 0, ~(uint64_t)UINT32_MAX,
					       1ULL << 63 };

	for (unsigned a = 0; a < ARGS; a++) {
		const char *text = row->column[FIRST_ARG + a];
		const char name[] = { 'a', 'r', 'g', (char)('0' + a), 0 };
		struct es_arg arg = { .mask = UINT64_MAX };
		uint64_t value = 0;

		if (strcmp(text, "-") != 0 && !read_value(text, &value))
			return false;
		if (call)
			es_syscall_arg(call, name, 4, &arg);
		for (unsigned t = 0; t < TRIES; t++)
			row->tries[t].args[a] =
				!strcmp(text, "-") ? any[t] :
				arg.mask == UINT32_MAX ? value | upper[t] :
							 value;
	}
	return true;
}

static bool read_call(struct row *row, const struct es_syscall *call)
{
	static const struct {
		const char *name;
		uint32_t arch;
	} arches[] = {
		{ "x86_64", AUDIT_ARCH_X86_64 },
		{ "i386", AUDIT_ARCH_I386 },
		{ "aarch64", AUDIT_ARCH_AARCH64 },
	};
	const char *text = row->column[CALL];
	uint64_t nr = 0;
	size_t i = 0;

	while (i < ES_COUNT(arches) &&
	       strcmp(row->column[ARCH], arches[i].name) != 0)
		i++;
	if (i == ES_COUNT(arches))
		return false;
	if (arches[i].arch == ES_AUDIT_ARCH && call &&
	    es_syscall_number(call) >= 0)
		nr = (uint64_t)es_syscall_number(call);
	else if ((!isdigit((unsigned char)*text) && *text != '-') ||
		 !read_value(text, &nr))
		return false;
	for (unsigned t = 0; t < TRIES; t++) {
		row->tries[t].arch = arches[i].arch;
		row->tries[t].nr = (uint32_t)nr;
	}
	return true;
}

static bool read_verdict(const char *text, uint32_t *ret)
{
	static const struct {
		const char *name;
		uint32_t ret;
	} actions[] = {
		{ "allow", SECCOMP_RET_ALLOW },
		{ "0", SECCOMP_RET_ERRNO },
		{ "kill", SECCOMP_RET_KILL_PROCESS },
		{ "kill_thread", SECCOMP_RET_KILL_THREAD },
		{ "trap", SECCOMP_RET_TRAP },
	};

	for (size_t i = 0; i < ES_COUNT(actions); i++)
		if (!strcmp(text, actions[i].name)) {
			*ret = actions[i].ret;
			return true;
		}
	*ret = ERRNO(es_errno_find(text));
	return *ret != ERRNO(0);
}

static void read_row(struct table *table, unsigned line, char *text)
{
	struct row *row = &table->rows[table->n];
	const struct es_syscall *call = NULL;

	*row = (struct row){ .line = line };
	for (unsigned i = 0; i < COLUMNS; i++) {
		char *column = strsep(&text, "\t");

		row->column[i] = column ? column : "";
	}
	call = es_syscall_find(row->column[CALL], strlen(row->column[CALL]));
	if (text)
		complain(table, line, "too many columns");
	else if (!read_args(row, call))
		complain(table, line, "an argument can't be read");
	else if (!read_call(row, call))
		complain(table, line, "no such call or architecture");
	else if (!read_verdict(row->column[VERDICT], &row->want))
		complain(table, line, "no such verdict");
	else if (table->n + 1 == MAX_ROWS)
		complain(table, line, "too many rows");
	else
		table->n++;
}

static void read_table(struct table *table)
{
	FILE *stream = fopen(path, "re");
	char *at = NULL, *line = NULL;
	size_t size = 0;

	if (!stream || getdelim(&table->text, &size, 0, stream) < 0)
		abort();
	fclose(stream);
	at = table->text;
	for (unsigned n = 1; (line = strsep(&at, "\n")); n++)
		if (*line && *line != '#')
			read_row(table, n, line);
	tap_ok(!table->wrong, "the table can be read");
}

static bool same(const struct row *a, const struct row *b, unsigned column)
{
	return !strcmp(a->column[column], b->column[column]);
}

/* Is there a row that allows CALL of ROW under PROFILE (NULL: any)? */
static bool is_allowed(const struct table *table, const struct row *row,
		       const char *profile)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct row *other = &table->rows[i];

		if (other->want == SECCOMP_RET_ALLOW &&
		    same(row, other, CALL) &&
		    (!profile || !strcmp(other->column[PROFILE], profile)))
			return true;
	}
	return false;
}

static void try_twins(struct table *table)
{
	unsigned denied = 0, alone = 0, again = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct row *row = &table->rows[i];
		const char *twin = row->column[TWIN];
		const bool never = !strcmp(twin, "never");

		for (size_t j = 0; j < i; j++) {
			bool alike = true;

			for (unsigned c = 0; c < VERDICT; c++)
				alike = alike && same(row, &table->rows[j], c);
			if (alike && ++again)
				complain(table, row->line, "stands above, too");
		}
		if (row->want == SECCOMP_RET_ALLOW)
			continue;
		denied++;
		if (is_allowed(table, row, never ? NULL : *twin ? twin :
					   row->column[PROFILE]) == !never)
			continue;
		alone++;
		complain(table, row->line, "%s has %s", row->column[CALL],
			 never ? "a row that allows it" : "no allowed twin");
	}
	tap_int(alone, 0, "each denied call has its allowed twin");
	tap_int(again, 0, "no row stands there twice");
	tap_ok(table->n >= 600 && denied >= 300 && table->n - denied >= 300,
	       "%zu rows, %u of them denied", table->n, denied);
}

/* Parts of a profile's column: files, permissions, and the surroundings. */
static struct built build_case(const char *profile)
{
	struct es_surroundings around = usual;
	struct built built = begin();
	char *copy = strdup(profile), *save = NULL;

	for (char *part = strtok_r(copy, ";", &save); part;
	     part = strtok_r(NULL, ";", &save)) {
		const size_t len = strlen(part += strspn(part, " "));
		enum es_status status = ES_OK;

		if (!strcmp(part, "loader"))
			around.loader = true;
		else if (!strcmp(part, "scoped"))
			around.signals_scoped = true;
		else if (len > 5 && !strcmp(part + len - 5, ".yaml"))
			status = es_add_profile(built.context, part,
						built.diags);
		else
			status = es_add_fragment(built.context, part,
						 built.diags);
		if (status != ES_OK)
			built.status = status;
	}
	free(copy);
	if (built.status == ES_OK)
		build(&built, &around);
	if (built.status != ES_OK)
		es_diags_print(built.diags, stdout, false);
	return built;
}

/* Notes whose permission allows a row. */
static void note_word(struct table *table, const struct es_verdict *verdict)
{
	const struct es_word *word =
		verdict->rule && verdict->rule->grant ?
		verdict->rule->grant->word :
		es_word_find("BasicCapabilities", "basic");

	/* The words of rules by hand are not of the table. */
	for (size_t i = 0; i < es_nwords; i++)
		if (verdict->rule && verdict->ret == SECCOMP_RET_ALLOW &&
		    word == &es_words[i])
			table->allows[i] = true;
}

static void try_models(struct table *table, const char *profile,
		       const struct es_policy *policy,
		       const struct es_filter *filter)
{
	unsigned judged = 0, read = 0;

	for (size_t i = 0; i < table->n * TRIES; i++) {
		const struct row *row = &table->rows[i / TRIES];
		const struct es_call *call = &row->tries[i % TRIES];

		if (strcmp(row->column[PROFILE], profile) != 0)
			continue;

		const struct es_verdict verdict = es_judge(policy, call);
		const uint32_t says = run(filter, call);

		note_word(table, &verdict);
		if (verdict.ret != row->want && ++judged)
			complain(table, row->line, "%s is %s: the judge says "
				 "%#x", row->column[CALL], row->column[VERDICT],
				 verdict.ret);
		if (says != row->want && ++read)
			complain(table, row->line, "%s is %s: the filter says "
				 "%#x", row->column[CALL], row->column[VERDICT],
				 says);
	}
	tap_int(judged, 0, "%s: the judge", profile);
	tap_int(read, 0, "%s: the filter", profile);
}

static bool has_i386;

/* Is CALL of ROW under PROFILE one that this kernel can be asked? */
static bool is_live(const struct row *row, const char *profile)
{
	const uint32_t arch = row->tries[0].arch;

	return !strcmp(row->column[PROFILE], profile) &&
	       (arch == ES_AUDIT_ARCH ||
		(arch == AUDIT_ARCH_I386 && has_i386));
}

static void try_live(struct table *table, const char *profile,
		     const struct es_filter *filter, bool ordinary)
{
	struct live *live = NULL;
	unsigned wrong = 0;
	size_t n = 0, at = 0;

	for (size_t i = 0; i < table->n; i++)
		n += is_live(&table->rows[i], profile) * (size_t)TRIES;
	live = live_new(n);
	for (size_t i = 0; i < table->n * TRIES; i++) {
		const struct row *row = &table->rows[i / TRIES];

		if (is_live(row, profile))
			live->calls[at++].call = row->tries[i % TRIES];
	}
	live_run(live, filter, ordinary);
	at = 0;
	for (size_t i = 0; i < table->n * TRIES; i++) {
		const struct row *row = &table->rows[i / TRIES];

		if (!is_live(row, profile))
			continue;

		const long result = live->calls[at++].result;

		if (result != live_result(row->want) && ++wrong)
			complain(table, row->line, "%s is %s: the kernel's "
				 "result is %ld", row->column[CALL],
				 row->column[VERDICT], result);
	}
	tap_int(wrong, 0, "%s: the kernel, %s", profile,
		ordinary ? "for an ordinary user" : "for the tests' own");
	live_free(live);
}

static void try_case(struct table *table, const char *profile)
{
	struct built built = build_case(profile);
	struct es_filter filter = { 0 };

	if (tap_int(built.status, ES_OK, "%s: a policy", profile) &&
	    tap_int(es_filter_make(&built.context->arena, &built.policy,
				   built.diags, &filter), ES_OK, "%s: a filter",
		    profile)) {
		try_models(table, profile, &built.policy, &filter);
		try_live(table, profile, &filter, false);
		if (!geteuid())
			try_live(table, profile, &filter, true);
	}
	es_filter_finish(&filter);
	finish(&built);
}

/* Each permission has a row that it allows; whoever adds one, adds a row, and
 * its denied twins beside it. */
static void try_whole(const struct table *table)
{
	for (size_t i = 0; i < es_nwords; i++) {
		const struct es_word *word = &es_words[i];
		const struct es_row *rule = word->rows;

		if (!is_given(word) ||
		    tap_ok(table->allows[i], "%s.%s allows a row of %s",
			   word->set, word->word, path))
			continue;
		printf("# add rows for %s.%s, allowed ones and denied twins:\n",
		       word->set, word->word);
		for (; rule && rule->rule; rule++)
			printf("#\t%s\n", rule->rule);
	}
}

/* Without a filter: is there a 32-bit way into the kernel? */
static bool find_i386(void)
{
	const struct es_call getpid_call = { AUDIT_ARCH_I386, 20, { 0 } };
	const pid_t pid = fork();
	int status = 0;

	if (!pid)
		_exit(make_i386(&getpid_call) != getpid());
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

int main(void)
{
	static struct table table;
	const char *done[MAX_CASES];
	size_t n = 0;

	put_on_shelf();
	has_i386 = find_i386();
	if (!has_i386)
		puts("# this kernel has no 32-bit calls: i386 is not tried "
		     "live");
	read_table(&table);
	try_twins(&table);
	for (size_t i = 0; i < table.n && n < MAX_CASES; i++) {
		const char *profile = table.rows[i].column[PROFILE];
		bool found = false;

		for (size_t j = 0; j < n && !found; j++)
			found = !strcmp(done[j], profile);
		if (found)
			continue;
		done[n++] = profile;
		try_case(&table, profile);
	}
	tap_ok(n < MAX_CASES, "%zu profiles", n);
	try_whole(&table);
	clear_shelf();
	free(table.text);
	return tap_done();
}
