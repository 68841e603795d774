/* SPDX-License-Identifier: MIT */
/* What there is to name, told to whoever asks; see extrasafe.h. */
#include <string.h>

#include "extrasafe.h"
#include "landlock.h"
#include "policy.h"
#include "sets.h"
#include "syscall.h"
#include "util.h"

bool es_set_get(size_t index, struct es_set_info *info)
{
	if (!info || index >= es_nsets)
		return false;

	const struct es_set *set = &es_sets[index];

	*info = (struct es_set_info){ set->name, set->about, set->hidden };
	return true;
}

/* A walk through the rules of a permission. */
struct walk {
	const struct es_word *word;
	const struct es_syscall *call; /* NULL: rules for all calls */
	es_rule_visit *visit;
	void *data;
};

/* Visits `CALL... [if CONDITION...]`, once for each call; false: enough. */
static bool walk_row(const struct walk *walk, const struct es_word *from,
		     const struct es_row *row)
{
	const char *cond = strstr(row->rule, " if ");
	const char *end = cond ? cond : row->rule + strlen(row->rule);
	struct es_rule_info info = {
		walk->word->set, walk->word->word, from->set, from->word, NULL,
		cond ? cond + strlen(" if ") : NULL, row->role == ES_DEFINES,
		row->role == ES_WHOLE,
	};

	for (const char *at = row->rule; at < end;) {
		const size_t len = strcspn(at, " ");
		const struct es_syscall *call = walk->call;

		if (!call)
			call = es_syscall_find(at, len);
		else if (es_name_compare(call->name, at, len))
			call = NULL;
		at += len + 1;
		info.call = call ? call->name : NULL;
		if (call && !walk->visit(&info, walk->data))
			return false;
	}
	return true;
}

static bool walk_word(const struct walk *walk, const struct es_word *from)
{
	const char *at = from->includes ? from->includes : "";
	const struct es_word *included = NULL;

	for (const struct es_row *row = from->rows; row && row->rule; row++)
		if (!walk_row(walk, from, row))
			return false;
	while ((included = es_word_next(&at)))
		if (!walk_word(walk, included))
			return false;
	return true;
}

void es_permission_rules(size_t permission, es_rule_visit *visit, void *data)
{
	if (!visit || permission >= es_nwords)
		return;

	const struct walk walk = { &es_words[permission], NULL, visit, data };

	walk_word(&walk, walk.word);
}

static bool finds_fds(const struct es_rule_info *rule, void *found)
{
	if (!rule->condition || !strstr(rule->condition, " in FDS"))
		return true;
	*(bool *)found = true;
	return false;
}

/* What FDS means in its rules; see extrasafe.h. */
static const char *default_fds(const struct es_word *word)
{
	const struct walk walk = { word, NULL, finds_fds, &(bool){ false } };

	if (word->flags & ES_WORD_FD)
		return NULL;
	walk_word(&walk, word);
	if (!*(bool *)walk.data)
		return NULL;
	return word->fds ? word->fds : "any";
}

bool es_permission_get(size_t index, struct es_permission_info *info)
{
	if (!info || index >= es_nwords)
		return false;

	const struct es_word *word = &es_words[index];
	const struct es_set *set = es_set_find(word->set);
	const unsigned flags = word->flags;

	*info = (struct es_permission_info){
		.set = word->set,
		.word = word->word,
		.about = word->about,
		.danger = flags & ES_WORD_STARRED ? word->danger : NULL,
		.open = word->open,
		.includes = word->includes,
		.fds = default_fds(word),
		.paths = word->paths,
		.ports = word->ports,
		.internal = set && set->hidden,
		.in_all = es_word_in_all(word),
		.takes_path = flags & ES_WORD_PATH,
		.needs_path = flags & ES_WORD_NEEDS_PATH,
		.takes_fd = flags & ES_WORD_FD,
		.takes_fds = flags & ES_WORD_FDS,
		.takes_ports = flags & ES_WORD_PORTS,
	};
	return true;
}

bool es_right_get(size_t permission, size_t index, struct es_right_info *info)
{
	static const char *const kinds[] = {
		[ES_LANDLOCK_FS] = "fs",
		[ES_LANDLOCK_NET] = "net",
		[ES_LANDLOCK_SCOPE] = "scope",
	};

	if (!info || permission >= es_nwords)
		return false;

	const struct es_word *word = &es_words[permission];
	const struct es_rights rights = es_word_own_rights(word);
	const uint64_t given[] = {
		[ES_LANDLOCK_FS] = rights.fs,
		[ES_LANDLOCK_NET] = rights.net,
		[ES_LANDLOCK_SCOPE] = rights.scopes,
	};

	for (size_t i = 0; i < es_nlandlock_rights; i++) {
		const struct es_landlock_right *r = &es_landlock_rights[i];

		if (!(given[r->kind] & r->right) || index--)
			continue;
		*info = (struct es_right_info){
			r->name, kinds[r->kind], r->abi,
			r->kind == ES_LANDLOCK_FS &&
				(word->paths || (word->flags & ES_WORD_PATH)),
			r->kind == ES_LANDLOCK_NET &&
				(word->ports || (word->flags & ES_WORD_PORTS)),
		};
		return true;
	}
	return false;
}

static void copy_name(char copy[32], const char *name, size_t len)
{
	memcpy(copy, name, len < 32 ? len : 31);
}

static void describe_arguments(const struct es_syscall *call,
			       struct es_syscall_info *info)
{
	size_t len = 0;

	for (unsigned i = 0; i < ES_COUNT(info->arguments); i++) {
		const char *name = es_syscall_arg_name(call, i, &len);
		struct es_argument_info *argument = &info->arguments[i];
		struct es_arg arg = { 0 };

		if (!es_syscall_arg(call, name, len, &arg))
			return;
		argument->pointer = arg.pointer;
		argument->is_signed = arg.negative;
		argument->bits =
			(unsigned)__builtin_popcountll(arg.mask);
		copy_name(argument->name, name, len);
		if (name[len] == '=')
			copy_name(argument->kernel, name + len + 1,
				  strcspn(name + len + 1, ",="));
		info->narguments++;
	}
}

bool es_syscall_get(size_t index, struct es_syscall_info *info)
{
	if (!info || index >= es_nsyscalls)
		return false;

	const struct es_syscall *call = &es_syscalls[index];
	const struct es_never *never = es_never_find(call->name);

	*info = (struct es_syscall_info){
		.name = call->name,
		.x86_64 = call->x86_64,
		.aarch64 = call->aarch64,
		.never = never ? never->reason : NULL,
	};
	for (size_t i = 0; es_fallbacks[i]; i++)
		info->fallback |= !strcmp(es_fallbacks[i], call->name);
	describe_arguments(call, info);
	return true;
}

/* What is there for other sets' use gives nothing by itself, unless nobody
 * includes it: then policy.c does, where it is needed. */
static bool is_part(const struct es_word *word)
{
	const struct es_set *set = es_set_find(word->set);

	if (!set || !set->hidden)
		return false;
	for (size_t i = 0; i < es_nwords; i++) {
		const char *at = es_words[i].includes;
		const struct es_word *included = NULL;

		while (at && (included = es_word_next(&at)))
			if (included == word)
				return true;
	}
	return false;
}

void es_syscall_rules(size_t index, es_rule_visit *visit, void *data)
{
	if (!visit || index >= es_nsyscalls)
		return;
	for (size_t i = 0; i < es_nwords; i++) {
		const struct walk walk = { &es_words[i], &es_syscalls[index],
					   visit, data };

		if (!is_part(&es_words[i]) && !walk_word(&walk, walk.word))
			return;
	}
}
