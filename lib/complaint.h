/* SPDX-License-Identifier: MIT */
/* What libyaml complains of, as somebody who writes a profile would say it. */
#ifndef ES_COMPLAINT_H
#define ES_COMPLAINT_H

#include <stdbool.h>
#include <yaml.h>

#include "diag.h"

/* What to tell of PARSER's error, which is at AT in TEXT; NULL where it is the
 * character there, which can't begin a word. */
const char *es_complaint(const yaml_parser_t *parser, const char *text,
			 const char *at);

/*
 * Is it that a line above AT has no blank behind its ':', so that it and what
 * follows are one word? Then PLACE's line and column are where it is missing,
 * else its line is 0.
 */
bool es_complaint_blank(const yaml_parser_t *parser, const char *text,
			const char *at, struct es_place *place);

#endif
