/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <ctype.h>
#include <string.h>

#include "profile.h"
#include "util.h"

enum { DIVIDER = '\f' };

static const uint8_t *input;
static size_t input_size;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* Paths may begin with these. */
	return setenv("HOME", "/fuzz/home", 1) || unsetenv("TMPDIR") ||
	       setenv("XDG_RUNTIME_DIR", "not absolute", 1);
}

void fuzz_input(const uint8_t *bytes, size_t size)
{
	input = bytes;
	input_size = size;
}

uint64_t fuzz_seed(void)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < input_size; i++)
		hash = (hash ^ input[i]) * 0x100000001b3;
	return hash;
}

char *fuzz_text(void)
{
	char *text = strndup((const char *)input, input_size);

	FUZZ_REQUIRE(text);
	return text;
}

/* Part NUMBER of the input and its length, or NULL. */
static const uint8_t *part(unsigned number, size_t *len)
{
	const uint8_t *at = input, *const end = input + input_size;

	for (;;) {
		const uint8_t *divider = memchr(at, DIVIDER, (size_t)(end - at));

		*len = (size_t)((divider ? divider : end) - at);
		if (!number--)
			return at;
		if (!divider)
			return NULL;
		at = divider + 1;
	}
}

__typeof__(es_file_find) __wrap_es_file_find;
__typeof__(es_file_load) __wrap_es_file_load;
__typeof__(es_working_folder) __wrap_es_working_folder;

enum es_status __wrap_es_file_find(struct es_arena *arena, const char *name,
				   struct es_place place,
				   struct es_diags *diags, const char **path,
				   unsigned *reach)
{
	(void)place;
	(void)diags;
	*reach = 1;
	*path = es_arena_printf(arena, "/fuzz/%s.yaml", name);
	return *path ? ES_OK : ES_NOMEM;
}

const char *__wrap_es_working_folder(struct es_arena *arena)
{
	(void)arena;
	return "/fuzz";
}

enum es_status __wrap_es_file_load(struct es_arena *arena, const char *path,
				   struct es_place place,
				   struct es_diags *diags,
				   struct es_source *source, struct stat *id)
{
	const char *digit = path + strcspn(path, "0123456789");
	const unsigned number = *digit ? (unsigned)(*digit - '0') : 0;
	size_t len = 0;
	const uint8_t *text = *digit ? part(number, &len) : NULL;

	if (!text) {
		es_diag(diags, ES_ERROR, place, "can't read profile '%s'",
			path);
		return ES_UNREADABLE;
	}
	id->st_ino = number + 1;
	source->name = es_arena_copy(arena, path, strlen(path));
	source->text = es_arena_copy(arena, (const char *)text, len);
	source->len = len;
	source->folder = number % 2 ? NULL : "/fuzz";
	return source->name && source->text ? ES_OK : ES_NOMEM;
}

/* Is TEXT UTF-8 without anything that could steer a terminal? */
static bool is_safe(const char *text, size_t len)
{
	while (len) {
		uint32_t code;
		const size_t width = es_utf8(text, len, &code);

		if (!width || (code < 0x20 && code != '\n') ||
		    (code >= 0x7f && code < 0xa0))
			return false;
		text += width;
		len -= width;
	}
	return true;
}

void fuzz_check(enum es_status status, const struct es_diags *diags)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	FUZZ_REQUIRE(stream);
	es_diags_print(diags, stream, false);
	fclose(stream);
	if (status == ES_INTERNAL || !is_safe(text, size) ||
	    (status == ES_OK) != !es_diags_errors(diags)) {
		fprintf(stderr, "status %d with these diagnostics:\n%s", status,
			text);
		abort();
	}
	free(text);
}
