/* SPDX-License-Identifier: MIT */
/* THE table, and what it stands on: every row resolves, nothing in it is
 * unplaced or double, and no word gives what no word may give. */
#include <linux/audit.h>
#include <seccomp.h>

#include "cond.h"
#include "policies.h"
#include "util.h"

/* The constants are the file's own; it is read once more, to walk them. */
#define es_constant_find own_constant_find
#define es_constant_guess own_constant_guess
#define es_errno_find own_errno_find
const char *own_constant_guess(struct es_arena *arena, const char *name);
bool own_constant_find(const char *name, size_t len, uint64_t *value);
int own_errno_find(const char *name);
#include "../../lib/constant.c"
#undef es_constant_find
#undef es_constant_guess
#undef es_errno_find

static void try_sets(void)
{
	for (size_t i = 0; i < es_nsets; i++) {
		const struct es_set *set = &es_sets[i];
		size_t first = es_nwords, last = 0, n = 0;

		tap_ok(!i || strcmp(set[-1].name, set->name) < 0,
		       "set %s is in order", set->name);
		tap_ok(set->about && *set->about, "set %s is described",
		       set->name);
		tap_ok(es_set_find(set->name) == set, "set %s is found",
		       set->name);
		for (size_t w = 0; w < es_nwords; w++) {
			if (strcmp(es_words[w].set, set->name) != 0)
				continue;
			if (!n++)
				first = w;
			last = w;
		}
		tap_ok(n > 0 && last - first + 1 == n,
		       "set %s has words, in one place",
		       set->name);
	}
}

/* "%-free one line", as `about` and its kin are printed. */
static bool is_line(const char *text)
{
	return text && *text && !strpbrk(text, "\n\t") && *text != ' ' &&
	       text[strlen(text) - 1] != ' ' &&
	       text[strlen(text) - 1] != '.';
}

static bool includes_exist(const struct es_word *word)
{
	const char *at = word->includes ? word->includes : "";

	while (*at) {
		char set[32], name[32];
		int len = 0;

		if (sscanf(at, "%31[^.].%31s%n", set, name, &len) != 2 ||
		    !es_word_find(set, name))
			return false;
		at += len;
		at += strspn(at, " ");
	}
	return true;
}

static bool names(const struct es_word *word, const char *part)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;

	while (word->fds && (included = es_word_next(&at)))
		if (names(included, part))
			return true;
	for (const struct es_row *row = word->rows; row && row->rule; row++)
		if (strstr(row->rule, part))
			return true;
	return false;
}

static void try_word(const struct es_word *word)
{
	const unsigned flags = word->flags;
	const bool path = flags & ES_WORD_PATH;

	tap_ok(es_set_find(word->set) &&
		       es_word_find(word->set, word->word) == word,
	       "%s.%s: its set is known, its name its own", word->set,
	       word->word);
	tap_ok(is_line(word->about) || !strcmp(word->word, "listing"),
	       "%s.%s: described in a line", word->set, word->word);
	tap_ok(!!(flags & ES_WORD_STARRED) == is_line(word->danger),
	       "%s.%s: starred with a danger, or neither", word->set,
	       word->word);
	tap_ok(!word->open || is_line(word->open), "%s.%s: open is a line",
	       word->set, word->word);
	tap_ok(includes_exist(word), "%s.%s: includes words", word->set,
	       word->word);
	tap_ok(word->rows || word->includes, "%s.%s: gives something",
	       word->set, word->word);
	tap_ok((path && !(flags & ES_WORD_COMPOSITE)) == !!word->path_right &&
		       !(word->path_right & ~word->fs),
	       "%s.%s: a path has its right", word->set, word->word);
	tap_ok(path || !(flags & ES_WORD_FOLDER), "%s.%s: folders are paths",
	       word->set, word->word);
	/* FDS means something, and `fds` is about something. */
	tap_ok(names(word, "FDS") ==
		       ((flags & (ES_WORD_FDS | ES_WORD_FD)) || word->fds),
	       "%s.%s: takes descriptors and uses them", word->set,
	       word->word);
}

static const char *resolve(struct es_arena *arena, const char *rule,
			   const struct es_syscall *call,
			   struct es_conds *conds)
{
	static struct es_range fd = { 5, 5 }, opened = { 6, UINT32_MAX },
			       loader = { 6, 6 }, self = { 7, 7 },
			       family = { 0, UINT32_MAX };
	static const struct es_named_set sets[] = {
		{ "FDS", { &fd, 1 } }, { "OPENED", { &opened, 1 } },
		{ "LOADER", { &loader, 1 } }, { "SELF", { &self, 1 } },
		{ "FAMILY", { &family, 1 } }, { NULL, { NULL, 0 } },
	};
	const char *cond = strstr(rule, " if ");

	*conds = (struct es_conds){ 0 };
	return cond ? es_conds_parse(arena, call, cond + 4, sets, conds) : NULL;
}

/* What one rule of a word says of a call, to find those that say no more. */
struct said {
	enum es_role role;
	const struct es_syscall *call;
	struct es_conds conds;
};

struct saying {
	struct es_arena arena;
	struct said said[1024];
	size_t n;
	char wrong[512];
};

/* Does it say something beside OLD? Where descriptors are named, rows of
 * ES_WHOLE are none, so that they may say more of what stands there. */
static bool says_more(const struct said *new, const struct said *old)
{
	if (old->call != new->call)
		return true;
	if (es_conds_within(&new->conds, &old->conds))
		return old->role == ES_WHOLE && new->role != ES_WHOLE;
	if (es_conds_within(&old->conds, &new->conds))
		return new->role == ES_WHOLE && old->role != ES_WHOLE;
	return true;
}

static void say(struct saying *saying, enum es_role role, const char *rule,
		const struct es_syscall *call)
{
	struct said *new = &saying->said[saying->n];
	const char *wrong = resolve(&saying->arena, rule, call, &new->conds);

	if (wrong)
		snprintf(saying->wrong, sizeof(saying->wrong), "%s: %s in '%s'",
			 call->name, wrong, rule);
	new->call = call;
	new->role = role;
	for (size_t i = 0; i < saying->n; i++)
		if (!says_more(new, &saying->said[i]))
			snprintf(saying->wrong, sizeof(saying->wrong),
				 "%s is said twice, in '%s'", call->name, rule);
	saying->n++;
}

static void try_rows(const struct es_word *word)
{
	struct saying saying = { .n = 0 };

	for (const struct es_row *row = word->rows; row && row->rule; row++) {
		const char *rule = row->rule;
		const char *cond = strstr(rule, " if ");
		const char *end = cond ? cond : rule + strlen(rule);
		const char *calls = rule;

		if (row->role < ES_DEFINES || row->role > ES_WHOLE ||
		    strstr(rule, "  ") || *rule == ' ' ||
		    (cond && strstr(cond + 1, " if ")))
			snprintf(saying.wrong, sizeof(saying.wrong), "'%s'",
				 rule);
		while (calls < end) {
			const size_t len = strcspn(calls, " ");
			const struct es_syscall *call =
				es_syscall_find(calls, len);

			if (call)
				say(&saying, row->role, rule, call);
			else
				snprintf(saying.wrong, sizeof(saying.wrong),
					 "unknown call in '%s'", rule);
			calls += len + 1;
		}
	}
	tap_str(saying.wrong, "", "%s.%s: its rows say something each",
		word->set, word->word);
	es_arena_finish(&saying.arena);
}

static void try_others(void)
{
	const char *wrong = NULL;

	for (size_t i = 0; es_fallbacks[i]; i++)
		tap_ok(es_syscall_find(es_fallbacks[i],
				       strlen(es_fallbacks[i])),
		       "fallback %s is known", es_fallbacks[i]);
	for (size_t i = 0; i < es_nmovers; i++) {
		const struct es_mover *mover = &es_movers[i];
		const struct es_syscall *call =
			es_syscall_find(mover->call, strlen(mover->call));
		struct es_arg arg;

		tap_ok(call && es_syscall_arg(call, mover->arg,
					      strlen(mover->arg), &arg) &&
			       arg.mask == UINT32_MAX,
		       "mover %s: %s is a descriptor", mover->call, mover->arg);
	}
	for (size_t i = 0; i < ES_COUNT(constants); i++) {
		const char *own = name_of(i);
		uint64_t value = ~constants[i].value;

		if ((i && strcmp(name_of(i - 1), own) >= 0) ||
		    !es_constant_find(own, strlen(own), &value) ||
		    value != constants[i].value)
			wrong = own;
	}
	tap_str(wrong, NULL, "%zu constants are in order and found",
		ES_COUNT(constants));
}

static bool is_allowed(const struct es_policy *policy, const char *name)
{
	const struct es_syscall *call = es_syscall_find(name, strlen(name));
	const int nr = call ? es_syscall_number(call) : -1;

	return nr >= 0 && policy->allowed.first[nr] !=
			  policy->allowed.first[nr + 1];
}

/* The first of the never-list that POLICY allows under any conditions. */
static const char *gives_forbidden(const struct es_policy *policy)
{
	for (size_t i = 0; i < es_nnevers; i++)
		if (is_allowed(policy, es_nevers[i].call))
			return es_nevers[i].call;
	return NULL;
}

static void try_nevers(void)
{
	for (size_t i = 0; i < es_nnevers; i++) {
		const struct es_never *never = &es_nevers[i];

		tap_ok(!i || strcmp(never[-1].call, never->call) < 0,
		       "never: %s is in order", never->call);
		tap_ok(es_syscall_find(never->call, strlen(never->call)),
		       "never: %s is a known call", never->call);
		tap_ok(is_line(never->reason), "never: %s has a reason",
		       never->call);
		tap_ok(es_never_find(never->call) == never,
		       "never: %s is found", never->call);
	}
	tap_ok(!es_never_find("read") && !es_never_find(""),
	       "never: nothing else is found");
}

static void try_never(void)
{
	struct es_surroundings around = usual;
	struct built all;

	around.loader = around.signals_scoped = true;
	all = build_all(&around);
	tap_int(all.status, ES_OK, "all words but limits can be given at once");
	tap_str(gives_forbidden(&all.policy), NULL,
		"all words at once give nothing of the never-list");
	finish(&all);
	for (size_t i = 0; i < es_nwords; i++) {
		if (!is_given(&es_words[i]))
			continue;
		all = build_word(&es_words[i], &around);
		tap_int(all.status, ES_OK, "%s.%s can be given alone",
			es_words[i].set, es_words[i].word);
		tap_str(gives_forbidden(&all.policy), NULL,
			"%s.%s gives nothing of the never-list",
			es_words[i].set, es_words[i].word);
		finish(&all);
	}
}

/* The number that libseccomp has for a name; -1: none there. */
static int authority(uint32_t arch, const char *name)
{
	const int nr = seccomp_syscall_resolve_name_arch(arch, name);

	return nr < 0 ? -1 : nr;
}

static void try_libseccomp(uint32_t arch, const char *arch_name)
{
	unsigned unknown = 0, wrong = 0, missing = 0;

	for (size_t i = 0; i < es_nsyscalls; i++) {
		const struct es_syscall *call = &es_syscalls[i];
		const int own = arch == SCMP_ARCH_X86_64 ? call->x86_64 :
							   call->aarch64;

		if (seccomp_syscall_resolve_name(call->name) ==
		    __NR_SCMP_ERROR)
			unknown++;
		else if (authority(arch, call->name) != own) {
			printf("# %s: %d here, %d there\n", call->name, own,
			       authority(arch, call->name));
			wrong++;
		}
		if (i && strcmp(call[-1].name, call->name) >= 0)
			wrong++;
	}
	for (int nr = 0; nr < ES_NR_LIMIT; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, nr);

		if (name && !es_syscall_find(name, strlen(name))) {
			printf("# %s (%d) is not in our table\n", name, nr);
			missing++;
		}
		free(name);
	}
	tap_int(wrong, 0, "%s: libseccomp says the same of every call",
		arch_name);
	tap_int(missing, 0, "%s: libseccomp knows none that we don't",
		arch_name);
	printf("# %s: libseccomp does not know %u of our %zu names\n",
	       arch_name, unknown, es_nsyscalls);
}

int main(void)
{
	try_sets();
	for (size_t i = 0; i < es_nwords; i++) {
		try_word(&es_words[i]);
		try_rows(&es_words[i]);
	}
	try_others();
	try_nevers();
	try_never();
	try_libseccomp(SCMP_ARCH_X86_64, "x86_64");
	try_libseccomp(SCMP_ARCH_AARCH64, "aarch64");
	return tap_done();
}
