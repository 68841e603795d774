/* SPDX-License-Identifier: MIT */
/* What the tests of policies and filters share: a policy from fragments, as
 * `-a` takes them, or from single words of the table. */
#ifndef POLICIES_H
#define POLICIES_H

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "judge.h"
#include "sets.h"
#include "tap.h"

enum {
	OWN_PID = 4242,
	ALLOW = SECCOMP_RET_ALLOW,
};

#define ERRNO(n) (SECCOMP_RET_ERRNO | (uint32_t)(n))

static const struct es_surroundings usual = {
	.self = OWN_PID,
	.key = { 0x1122334455667788, 0x99aabbccddeeff00, 0x123456789abcdef0 },
};

struct built {
	struct es_context *context;
	struct es_diags *diags;
	struct es_policy policy;
	enum es_status status;
};

static inline struct built begin(void)
{
	struct built built = { .context = es_context_new(),
			       .diags = es_diags_new() };

	if (!built.context || !built.diags)
		abort();
	return built;
}

static inline void build(struct built *built,
			 const struct es_surroundings *around)
{
	built->status = es_policy_build(&built->context->arena,
					&built->context->profile, around,
					built->diags, &built->policy);
}

/* The policy of FRAGMENTS, one a line. */
static inline struct built build_from(const char *fragments,
				      const struct es_surroundings *around)
{
	struct built built = begin();
	char *copy = strdup(fragments), *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (es_add_fragment(built.context, line, built.diags))
			built.status = ES_INVALID;
	free(copy);
	if (built.status == ES_OK)
		build(&built, around);
	if (built.status != ES_OK)
		es_diags_print(built.diags, stdout, false);
	return built;
}

/* Hands descriptor NUMBER over as NAME, as `NAME: {inherit: NUMBER}` does. */
static inline void hand_over(struct built *built, const char *name, int number)
{
	struct es_profile *profile = &built->context->profile;
	struct es_fd_entry *entry = es_arena_alloc(profile->arena,
						   sizeof(*entry));

	if (!entry)
		abort();
	*entry = (struct es_fd_entry){ .name = name, .number = number };
	*profile->fds_end = entry;
	profile->fds_end = &entry->next;
}

/* Gives WORD everywhere, descriptor FD where it takes one. */
static inline void give(struct built *built, const struct es_word *word,
			uint64_t fd)
{
	struct es_profile *profile = &built->context->profile;
	struct es_grant *grant = es_arena_alloc(profile->arena, sizeof(*grant));
	struct es_fd_item *item = es_arena_alloc(profile->arena, sizeof(*item));

	if (!grant || !item)
		abort();
	grant->word = word;
	if (word->flags & ES_WORD_FD) {
		*item = (struct es_fd_item){ .kind = ES_FD_NUMBERS,
					     .numbers = { fd, fd } };
		grant->fds = item;
	}
	*profile->grants_end = grant;
	profile->grants_end = &grant->next;
}

static inline bool is_given(const struct es_word *word)
{
	const struct es_set *set = es_set_find(word->set);

	return set && !set->hidden;
}

/* Every word at once but the limits, which can't stand beside the others. */
static inline struct built build_all(const struct es_surroundings *around)
{
	struct built built = begin();

	for (size_t i = 0; i < es_nwords; i++)
		if (is_given(&es_words[i]) &&
		    !(es_words[i].flags & ES_WORD_LIMIT))
			give(&built, &es_words[i], 0);
	build(&built, around);
	return built;
}

static inline struct built build_word(const struct es_word *word,
				      const struct es_surroundings *around)
{
	struct built built = begin();

	hand_over(&built, "handed", 3);
	give(&built, word, 3);
	build(&built, around);
	return built;
}

static inline void finish(struct built *built)
{
	es_policy_finish(&built->policy);
	es_context_free(built->context);
	es_diags_free(built->diags);
}

static inline uint32_t number_of(const char *name)
{
	const struct es_syscall *call = es_syscall_find(name, strlen(name));

	if (!call)
		abort();
	return (uint32_t)es_syscall_number(call);
}

/* The policy's verdict on the native call NAME. */
#define JUDGE(policy, name, ...) \
	es_judge(policy, &(struct es_call){ ES_AUDIT_ARCH, number_of(name), \
					    { __VA_ARGS__ } }).ret

#endif
