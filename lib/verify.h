/* SPDX-License-Identifier: MIT */
#ifndef ES_VERIFY_H
#define ES_VERIFY_H

#include "bpf.h"
#include "judge.h"

/*
 * Runs FILTER and the judge on every system call number, on foreign
 * architectures and on numbers beyond the table. Where no argument matters, the
 * filter may look at none, so one call stands for all of the number; for the
 * other numbers they are compared on the boundaries of every rule, those of
 * several arguments together. A comparison on samples, not a proof. ES_OK,
 * ES_NOMEM, or ES_INTERNAL behind a diagnostic: then nothing may be run.
 */
enum es_status es_verify(const struct es_policy *policy,
			 const struct es_filter *filter,
			 struct es_diags *diags);

#endif
