/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. input.c hands the input to the readers as if it
 * were files: its parts, which form feeds divide, are the profile and what that
 * includes. No other file is looked at.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "compile.h"

/* The name of the first part; `include: 1` names the second one. */
#define FUZZ_PROFILE "/fuzz/0.yaml"

/* The input's bytes must stay until the next call. */
void fuzz_input(const uint8_t *bytes, size_t size);

/* The same for the same input. */
uint64_t fuzz_seed(void);

/* The input as a text, up to its first NUL byte; malloced. */
char *fuzz_text(void);

/* Ends the process unless STATUS fits DIAGS: no success with an error, and no
 * mistake that isn't told or is our own. Prints them, which must be safe for a
 * terminal. */
void fuzz_check(enum es_status status, const struct es_diags *diags);

#define FUZZ_REQUIRE(condition) \
	((condition) ? (void)0 : \
	 (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
		  #condition), abort()))

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
