/* SPDX-License-Identifier: MIT */
#include "voided.h"

#include <string.h>

#include "util.h"

struct es_place es_limit_place(const struct es_grant *grant)
{
	if (es_grant_is_by_hand(grant))
		return grant->rule_place;
	if (grant->path)
		return grant->path_place;
	return grant->fds ? grant->fds_place : grant->place;
}

static void tell_basic(struct es_diags *diags, const struct es_grant *grant)
{
	es_diag(diags, ES_ERROR, es_limit_place(grant),
		"%s.%s has no effect: BasicCapabilities.basic, which is always "
		"on, allows more", grant->word->set, grant->word->word);
}

/* What GRANT allows more than the limit, as the error says it. */
static const char *excess(const struct es_voided *by)
{
	const struct es_grant *other = by->other;
	const bool every = es_ranges_has(&other->covers, 0) &&
			   es_ranges_has(&other->covers, UINT32_MAX) &&
			   !(other->word->flags & ES_WORD_LIMIT);

	if (by->everywhere)
		return by->ports ? "allows every port" :
				   "allows it everywhere";
	if (!by->direction)
		return "allows more";
	if (by->direction == ES_READS)
		return every ? "allows reading from every descriptor" :
			       "allows reading from more descriptors";
	return every ? "allows writing to every descriptor" :
		       "allows writing to more descriptors";
}

/* Two rules of one call have one name, and their texts tell them apart. */
static bool are_alike(const struct es_grant *a, const struct es_grant *b)
{
	return !strcmp(a->word->set, b->word->set) &&
	       !strcmp(a->word->word, b->word->word) &&
	       es_grant_is_by_hand(a) && es_grant_is_by_hand(b);
}

/* Where the other stands, and what can be done. */
static void tell_other(struct es_diags *diags, const struct es_grant *grant,
		       const struct es_voided *by)
{
	const struct es_grant *other = by->other;
	const struct es_word *its = other->word;
	const bool alike = are_alike(grant, other);
	const struct es_place place = es_grant_is_by_hand(other) ?
				      other->rule_place : other->place;
	/* "SET.WORD", or the rule's text in quotes. */
	const char *const name[] = { alike ? "`" : its->set,
				     alike ? its->about : ".",
				     alike ? "`" : its->word };

	es_diag(diags, ES_NOTE, place, "%s%s%s is allowed here%s", name[0],
		name[1], name[2], other->all ? ", as one of all" : "");
	if (other->all)
		es_diag(diags, ES_NOTE, place,
			"to keep the limit, write in place of all what is "
			"needed");
	else if ((its->flags & ES_WORD_FDS) && !by->everywhere &&
		 (!other->fds || other->fds->kind == ES_FD_ANY))
		es_diag(diags, ES_NOTE, place,
			"to keep the limit, drop %s%s%s, or write "
			"`%s: {fds: opened%s}`", name[0], name[1], name[2],
			its->word, its->flags & ES_WORD_STARRED ?
			", yes_really: true" : "");
	else
		es_diag(diags, ES_NOTE, place, "to keep the limit, drop %s%s%s",
			name[0], name[1], name[2]);
}

void es_limit_tell(struct es_diags *diags, const struct es_grant *grant,
		   const struct es_voided *by)
{
	const struct es_word *word = grant->word, *its = NULL;
	const struct es_place place = by->ports ? grant->ports_place :
						  es_limit_place(grant);

	if (!by->other) {
		tell_basic(diags, grant);
		return;
	}
	its = by->other->word;
	if (are_alike(grant, by->other))
		es_diag(diags, ES_ERROR, place,
			"`%s` of %s has no effect: `%s` %s", word->about,
			word->set, its->about, excess(by));
	else
		es_diag(diags, ES_ERROR, place,
			"%s.%s has no effect: %s.%s %s", word->set, word->word,
			its->set, its->word, excess(by));
	tell_other(diags, grant, by);
	if (grant->place.source && !grant->place.line)
		es_diag(diags, ES_NOTE, place, "to lift the limit, call "
			"es_widen(3) with \"%s.%s\" before the other is "
			"allowed", word->set, word->word);
	else if (grant->place.source != by->other->place.source)
		es_diag(diags, ES_NOTE, place,
			"to lift the limit, write `widen: [%s.%s]` in a file "
			"that includes this, or give --widen %s.%s", word->set,
			word->word, word->set, word->word);
}

void es_limit_tell_guarded(struct es_diags *diags,
			   const struct es_grant *grant)
{
	es_diag(diags, ES_ERROR, es_limit_place(grant),
		"%s.%s has no effect: a descriptor that a permission names "
		"can't be closed, duplicated or mapped shared",
		grant->word->set, grant->word->word);
	es_diag(diags, ES_NOTE, es_limit_place(grant),
		"'fds: opened' is what the program opens itself");
}

void es_ports_tell_past(struct es_diags *diags, const struct es_grant *limit,
			const struct es_grant *other)
{
	const struct es_word *its = other->word;

	es_diag(diags, ES_ERROR, other->place,
		"%s.%s sends UDP datagrams to any address and port, whatever "
		"`ports` say", its->set, its->word);
	es_diag(diags, ES_NOTE, limit->ports_place,
		"%s.%s has its ports here", limit->word->set,
		limit->word->word);
	if (other->all)
		es_diag(diags, ES_NOTE, other->place,
			"if it is meant, name it beside all, as `%s: "
			"yes_really`", its->word);
	else if (other->fds)
		es_diag(diags, ES_NOTE, other->place,
			"if it is meant, add the option `yes_really: true`");
	else
		es_diag(diags, ES_NOTE, other->place,
			"if it is meant, write `%s: yes_really`", its->word);
}
