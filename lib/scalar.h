/* SPDX-License-Identifier: MIT */
/* Values of single nodes. Each returns false behind a diagnostic. */
#ifndef ES_SCALAR_H
#define ES_SCALAR_H

#include <stdint.h>

#include "profile.h"

/* A scalar that is neither empty nor YAML's null. WHAT names what is expected
 * ("a path"). */
bool es_scalar_is(const struct es_node *node, const char *what,
		  struct es_diags *diags);

/* A text of one line. */
bool es_scalar_line(const struct es_node *node, const char *what,
		    struct es_diags *diags);

/* The place of the OFFSETth byte of a scalar's text, where that can be told:
 * in one that stands in its source as it is. Else the scalar's own. */
struct es_place es_scalar_place(const struct es_node *node, size_t offset);

/* A plain decimal, 0x or 0o integer from MIN to MAX. */
bool es_scalar_number(const struct es_node *node, const char *what,
		      uint64_t min, uint64_t max, uint64_t *value,
		      struct es_diags *diags);

/* `true` or `false`. */
bool es_scalar_bool(const struct es_node *node, bool *value,
		    struct es_diags *diags);

/* A path, made absolute: from the source's folder, or from a variable at its
 * beginning. NULL behind a diagnostic or when the arena is exhausted. */
const char *es_scalar_path(struct es_arena *arena, const struct es_node *node,
			   struct es_diags *diags);

/* One item of a permission's `fds`; NULL behind a diagnostic or when the arena
 * is exhausted. */
struct es_fd_item *es_scalar_fd(struct es_arena *arena,
				const struct es_node *node,
				struct es_diags *diags);

/* Calls READ for a scalar or map, or for each item of a list: where a word
 * takes a value, one and a list of one mean the same. */
bool es_node_each(const struct es_node *node,
		  bool (*read)(const struct es_node *node, void *state),
		  void *state, const char *what, struct es_diags *diags);

/* A key that a map may have, and what reads its value. */
struct es_key {
	const char *name;
	bool (*read)(const struct es_node *value, void *state);
};

/* Reads the pairs of MAP by the N KEYS; WHAT has them ("'landlock'"). */
bool es_map_each(const struct es_node *map, const struct es_key *keys, size_t n,
		 void *state, const char *what, struct es_diags *diags);

#endif
