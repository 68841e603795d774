/* SPDX-License-Identifier: MIT */
/* What the library tells of its tables is what policies are made of. */
#include "extrasafe.h"
#include "landlock.h"
#include "policies.h"
#include "util.h"

struct counts {
	unsigned of[ES_NR_LIMIT]; /* rules for each native number */
	unsigned all;             /* those of other architectures as well */
};

static bool count(const struct es_rule_info *rule, void *data)
{
	struct counts *counts = data;
	const struct es_syscall *call = es_syscall_find(rule->call,
							strlen(rule->call));

	counts->all++;
	if (!call || !rule->set || !rule->word || !rule->from_set ||
	    !rule->from_word)
		abort();
	if (es_syscall_number(call) >= 0)
		counts->of[es_syscall_number(call)]++;
	return true;
}

static bool count_one(const struct es_rule_info *rule, void *data)
{
	count(rule, data);
	return false;
}

/* A permission's rules, as they are told and as they are built. */
static void try_permission(size_t index, const struct es_word *word)
{
	struct counts told = { .all = 0 }, made = { .all = 0 };
	struct built built = build_word(word, &usual);
	unsigned differ = 0;

	es_permission_rules(index, count, &told);
	for (size_t i = 0; i < built.policy.allowed.n; i++)
		made.of[built.policy.allowed.at[i].nr] +=
			built.policy.allowed.at[i].grant != NULL;
	for (size_t nr = 0; nr < ES_NR_LIMIT; nr++)
		differ += told.of[nr] != made.of[nr];
	tap_int(differ, 0, "%s.%s: rules are told as they are built",
		word->set, word->word);
	finish(&built);
}

static void try_rights(size_t index, const struct es_word *word)
{
	const struct es_rights want = es_word_own_rights(word);
	struct es_rights got = { 0 };
	struct es_right_info right;
	size_t n = 0;

	for (; es_right_get(index, n, &right); n++)
		for (size_t i = 0; i < es_nlandlock_rights; i++) {
			const struct es_landlock_right *r =
				&es_landlock_rights[i];

			if (strcmp(r->name, right.name) != 0)
				continue;
			got.fs |= r->kind == ES_LANDLOCK_FS ? r->right : 0;
			got.net |= r->kind == ES_LANDLOCK_NET ? r->right : 0;
			got.scopes |= r->kind == ES_LANDLOCK_SCOPE ? r->right :
								     0;
		}
	tap_ok(got.fs == want.fs && got.net == want.net &&
	       got.scopes == want.scopes &&
	       n == (size_t)(__builtin_popcountll(want.fs) +
			     __builtin_popcountll(want.net) +
			     __builtin_popcountll(want.scopes)),
	       "%s.%s: every Landlock right is told once", word->set,
	       word->word);
}

static void try_permissions(void)
{
	struct es_permission_info info;
	size_t n = 0, given = 0;

	for (; es_permission_get(n, &info); n++) {
		const struct es_word *word = &es_words[n];

		try_rights(n, word);
		if (info.internal)
			continue;
		try_permission(n, word);
		given++;
	}
	tap_int((long long)n, (long long)es_nwords, "all permissions are told");
	tap_ok(given > 60, "most of them are tried");
	tap_ok(!es_permission_get(SIZE_MAX, &info), "none is the last");
}

/* Calls by permission and permissions by call are the same rules. */
static void try_inverse(void)
{
	struct counts by_word = { .all = 0 }, by_call = { .all = 0 };
	struct counts one = { .all = 0 };
	struct es_permission_info info;
	struct es_syscall_info call;
	size_t n = 0;

	for (size_t i = 0; es_permission_get(i, &info); i++) {
		const bool part = !strcmp(info.set, "Parts") &&
				  strcmp(info.word, "listing") != 0;

		if (!part)
			es_permission_rules(i, count, &by_word);
	}
	for (; es_syscall_get(n, &call); n++)
		es_syscall_rules(n, count, &by_call);
	tap_int((long long)n, (long long)es_nsyscalls, "all calls are told");
	tap_ok(!memcmp(by_word.of, by_call.of, sizeof(by_word.of)) &&
	       by_word.all > 500,
	       "rules are the same by call and by permission");
	tap_int(by_call.all, by_word.all, "and as many");
	es_syscall_rules(SIZE_MAX, count, &one);
	es_permission_rules(SIZE_MAX, count, &one);
	tap_int(one.all, 0, "none is the last");
	es_permission_rules(0, count_one, &one);
	tap_int(one.all, 1, "a walk ends where its visitor says so");
}

static void try_argument(const struct es_argument_info *got,
			 const struct es_argument_info *want)
{
	tap_str(got->name, want->name, "argument %s", want->name);
	tap_str(got->kernel, want->kernel, "%s: the kernel's", want->name);
	tap_int(got->bits, want->bits, "%s: bits", want->name);
	tap_int(got->is_signed, want->is_signed, "%s: signed", want->name);
	tap_int(got->pointer, want->pointer, "%s: pointer", want->name);
}

static void try_syscalls(void)
{
	static const struct {
		const char *name;
		size_t n;
		struct es_argument_info first, last;
	} known[] = {
		{ "openat", 4, { "dirfd", "dfd", 32, false, false },
		  { "mode", "", 12, false, false } },
		{ "read", 3, { "fd", "", 32, false, false },
		  { "count", "", 64, false, false } },
		{ "unlink", 1, { "pathname", "", 64, false, true },
		  { "pathname", "", 64, false, true } },
		{ "ioctl", 3, { "fd", "", 32, false, false },
		  { "arg", "", 64, false, false } },
	};

	for (size_t i = 0; i < ES_COUNT(known); i++) {
		const struct es_syscall *call = es_syscall_find(
			known[i].name, strlen(known[i].name));
		struct es_syscall_info info = { 0 };

		es_syscall_get((size_t)(call - es_syscalls), &info);
		tap_str(info.name, known[i].name, "%s: name", known[i].name);
		tap_int((long long)info.narguments, (long long)known[i].n,
			"%s: arguments", known[i].name);
		try_argument(&info.arguments[0], &known[i].first);
		try_argument(&info.arguments[known[i].n - 1], &known[i].last);
	}
}

static void try_nevers(void)
{
	for (size_t i = 0; i < es_nnevers; i++) {
		const char *call = es_nevers[i].call;

		tap_ok(es_syscall_find(call, strlen(call)) &&
		       *es_nevers[i].reason && es_never_find(call),
		       "never: %s is a call, and has a reason", call);
	}
	tap_ok(!es_never_find("read"), "never: read is none");
}

int main(void)
{
	try_permissions();
	try_inverse();
	try_syscalls();
	try_nevers();
	return tap_done();
}
