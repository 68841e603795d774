/* SPDX-License-Identifier: MIT */
/* What `extrasafe list` tells, in its two forms. */
#ifndef ES_CMD_LIST_H
#define ES_CMD_LIST_H

#include "cmd.h"
#include "json.h"
#include "table.h"

/* list-table.c: adds what is told of the set, permission or system call INDEX,
 * or of all. */
void list_table_sets(struct table *table, size_t index);
void list_table_set(struct table *table, size_t index);
void list_table_permission(struct table *table, size_t index);
void list_table_syscalls(struct table *table, size_t index);
void list_table_syscall(struct table *table, size_t index);
enum es_status list_table_profiles(struct table *table, struct es_diags *diags);

/* list-json.c: adds what the table of the same name tells. */
void list_json_sets(struct json *json, size_t index);
void list_json_set(struct json *json, size_t index);
void list_json_permission(struct json *json, size_t index);
void list_json_syscalls(struct json *json, size_t index);
void list_json_syscall(struct json *json, size_t index);
enum es_status list_json_profiles(struct json *json, struct es_diags *diags);

#endif
