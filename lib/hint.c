/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <stdio.h>
#include <string.h>

#include "profile.h"

static bool is_word(size_t i, const char *name, size_t len)
{
	const struct es_set *set = es_set_find(es_words[i].set);

	return strlen(es_words[i].word) == len &&
	       !memcmp(es_words[i].word, name, len) && set && !set->hidden &&
	       !(es_words[i].flags & ES_WORD_LATER);
}

static bool is_set(const char *name, size_t len)
{
	for (size_t i = 0; i < es_nsets; i++)
		if (strlen(es_sets[i].name) == len &&
		    !memcmp(es_sets[i].name, name, len))
			return true;
	return false;
}

void es_hint_name(struct es_diags *diags, struct es_place place,
		  const char *text, const char *set)
{
	const size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_"
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	bool known = !set && is_set(text, len);

	for (size_t i = 0; i < es_nwords; i++) {
		if (!is_word(i, text, len) ||
		    (set && strcmp(es_words[i].set, set) != 0))
			continue;
		known = true;
		if (!set)
			es_diag(diags, ES_NOTE, place,
				"'%.*s' is a permission of %s: %s.%.*s",
				(int)len, text, es_words[i].set,
				es_words[i].set, (int)len, text);
	}
	if (known && text[len] == ':' && text[len + 1])
		es_diag(diags, ES_NOTE, place,
			"a blank is missing behind '%.*s:'", (int)len, text);
}
