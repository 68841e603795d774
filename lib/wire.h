/* SPDX-License-Identifier: MIT */
/* What reading a YAML document came to, as bytes for another process. */
#ifndef ES_WIRE_H
#define ES_WIRE_H

#include "node.h"

enum { ES_WIRE_MAX = 64 * 1024 * 1024 }; /* bytes of what is read */

/* Bytes that grow; AT is malloced. FAILED: there was no memory, or too many. */
struct es_bytes {
	char *at;
	size_t n, cap;
	bool failed;
};

/* Writes STATUS, with it DIAGS, and with ES_OK the tree below ROOT. */
void es_wire_put(struct es_bytes *bytes, enum es_status status,
		 const struct es_diags *diags, const struct es_node *root);

/*
 * Reads that from the LEN bytes at BYTES, whoever wrote them: diagnostics to
 * DIAGS and the tree to ARENA, with places in SOURCE. The tree is one as
 * es_yaml_read could make of a text of that length. Returns the status
 * that was written, which is one of es_yaml_read, with *ROOT; ES_NOMEM; or
 * ES_INTERNAL where it is none of this, with some of DIAGS told at most.
 */
enum es_status es_wire_get(struct es_arena *arena, const char *bytes,
			   size_t len, const struct es_source *source,
			   struct es_diags *diags, struct es_node **root);

#endif
