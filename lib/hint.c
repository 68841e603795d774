/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <stdio.h>
#include <string.h>

#include "profile.h"

static bool is_word(size_t i, const char *name, size_t len)
{
	const struct es_set *set = es_set_find(es_words[i].set);

	return strlen(es_words[i].word) == len &&
	       !memcmp(es_words[i].word, name, len) && set && !set->hidden;
}

static bool is_set(const char *name, size_t len)
{
	for (size_t i = 0; i < es_nsets; i++)
		if (strlen(es_sets[i].name) == len &&
		    !memcmp(es_sets[i].name, name, len))
			return true;
	return false;
}

/* `SystemIO.read_path` in a file, or where what stands at it is YAML. */
static void hint_dotted(struct es_diags *diags, struct es_place place,
			const char *text)
{
	const char *dot = strchr(text, '.');
	const struct es_word *word = NULL;

	for (size_t i = 0; i < es_nwords && dot; i++)
		if (strlen(es_words[i].set) == (size_t)(dot - text) &&
		    !strncmp(es_words[i].set, text, (size_t)(dot - text)) &&
		    is_word(i, dot + 1, strlen(dot + 1)))
			word = &es_words[i];
	if (word && (word->flags & (ES_WORD_PATH | ES_WORD_FD)))
		es_diag(diags, ES_NOTE, place,
			"write `%s: {%s: ...}`; on the command line also "
			"`-a %s=...`", word->set, word->word, text);
	else if (word)
		es_diag(diags, ES_NOTE, place,
			"write `%s: [%s]`; on the command line also `-a %s`",
			word->set, word->word, text);
}

void es_hint_name(struct es_diags *diags, struct es_place place,
		  const char *text, const char *set)
{
	const size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_"
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	bool known = !set && is_set(text, len);

	if (!set)
		hint_dotted(diags, place, text);
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
	if (!known)
		return;
	if (!strcmp(text + len, ","))
		es_diag(diags, ES_NOTE, place,
			"the ',' at its end is too much: it is a word alone");
	else if (text[len] == ',')
		es_diag(diags, ES_NOTE, place,
			"several stand in brackets: `%s: [%s]`",
			set ? set : "SET", text);
	else if (!strncmp(text + len, ": ", 2))
		es_diag(diags, ES_NOTE, place,
			"without the quotes, what stands behind '%.*s:' is "
			"its value", (int)len, text);
	else if (text[len] == ':' && text[len + 1])
		es_diag(diags, ES_NOTE, place,
			"a blank is missing behind '%.*s:'", (int)len, text);
	else if (text[len] == ' ')
		es_diag(diags, ES_NOTE, place,
			"a ':' is missing behind '%.*s'", (int)len, text);
}
