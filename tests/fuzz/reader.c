/* SPDX-License-Identifier: MIT */
/* Whatever the bytes are, the readers take or refuse them, and say why: as a
 * YAML document, a profile's file, a fragment of the command line, and what
 * another process says that it has read. */
#include "input.h"

#include <string.h>

#include "node.h"
#include "profile.h"
#include "wire.h"

/* What readers rely on, and find nothing of in what they get. ONCE: keys are
 * there once. */
static void check_node(const struct es_node *node, unsigned depth, bool once)
{
	FUZZ_REQUIRE(depth <= ES_YAML_MAX_DEPTH + (node->kind == ES_SCALAR));
	FUZZ_REQUIRE(node->place.source && node->place.line &&
		     node->place.column);
	if (node->kind == ES_SCALAR) {
		FUZZ_REQUIRE(strlen(node->text) <= ES_YAML_MAX_SCALAR);
		FUZZ_REQUIRE(!node->n);
		return;
	}
	FUZZ_REQUIRE(!node->keys == (node->kind == ES_SEQUENCE));
	for (size_t i = 0; i < node->n; i++) {
		check_node(node->items[i], depth + 1, once);
		if (!node->keys)
			continue;
		FUZZ_REQUIRE(node->keys[i]->kind == ES_SCALAR);
		check_node(node->keys[i], depth + 1, once);
		for (size_t j = 0; once && j < i && i < 32; j++)
			FUZZ_REQUIRE(strcmp(node->keys[i]->text,
					    node->keys[j]->text) != 0);
	}
}

static void read_yaml(const uint8_t *bytes, size_t size)
{
	struct es_arena arena = { 0 };
	struct es_diags *diags = es_diags_new();
	struct es_node *root = NULL;
	struct es_source source = {
		.name = "yaml",
		.text = es_arena_copy(&arena, (const char *)bytes, size),
		.len = size,
		.folder = "/fuzz",
	};
	const enum es_status status = es_yaml_read(&arena, &source, diags,
						   &root);

	fuzz_check(status, diags);
	if (status == ES_OK)
		check_node(root, 1, true);
	es_diags_free(diags);
	es_arena_finish(&arena);
}

static void read_wire(const uint8_t *bytes, size_t size)
{
	const struct es_source source = { .name = "wire", .text = "",
					  .len = size };
	struct es_arena arena = { 0 };
	struct es_diags *diags = es_diags_new();
	struct es_node *root = NULL;
	const enum es_status status = es_wire_get(&arena, (const char *)bytes,
						  size, &source, diags, &root);

	if (status == ES_OK)
		check_node(root, 1, false);
	FUZZ_REQUIRE(status == ES_OK || !root);
	es_diags_free(diags);
	es_arena_finish(&arena);
}

static void read_as(enum es_status (*add)(struct es_context *context,
					  const char *text,
					  struct es_diags *diags),
		    const char *text)
{
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();

	fuzz_check(add(context, text, diags), diags);
	es_diags_free(diags);
	es_context_free(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = NULL;

	fuzz_input(bytes, size);
	text = fuzz_text();
	read_yaml(bytes, size);
	read_wire(bytes, size);
	read_as(es_add_profile, FUZZ_PROFILE);
	read_as(es_add_fragment, text);
	free(text);
	return 0;
}
