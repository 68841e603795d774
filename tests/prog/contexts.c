/* SPDX-License-Identifier: MIT */
/*
 * 64 threads build and check a policy each, all at once; every other one is
 * wrong. Prints how many came to what. For ThreadSanitizer.
 */
#include <extrasafe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 64 };

static pthread_barrier_t together;
static _Atomic unsigned fine, wrong, others;
/* The filter of the first, with which the others' are compared. */
static void *first;
static size_t first_size;

static void compare(struct es_context *context, struct es_diags *diags)
{
	void *bytes = NULL;
	size_t size = 0;

	if (es_export(context, &bytes, &size, diags) == ES_OK &&
	    size == first_size && !memcmp(bytes, first, size))
		atomic_fetch_add(&fine, 1);
	else
		atomic_fetch_add(&others, 1);
	free(bytes);
}

static struct es_context *build(const char *word, struct es_diags *diags)
{
	struct es_context *context = es_context_new();

	es_allow(context, "SystemIO", "stdio", diags);
	es_allow(context, "SystemIO", word, diags);
	es_allow_path(context, "SystemIO", "read_path", "/usr", diags);
	es_add_fragment(context, "Time.gettime", diags);
	return context;
}

static void *work(void *word)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context;

	pthread_barrier_wait(&together);
	context = build(word, diags);
	if (es_check(context, true, diags) == ES_OK)
		compare(context, diags);
	else if (es_diags_errors(diags) == 1)
		atomic_fetch_add(&wrong, 1);
	else
		atomic_fetch_add(&others, 1);
	es_context_free(context);
	es_diags_free(diags);
	return NULL;
}

int main(void)
{
	static char right_word[] = "dup", wrong_word[] = "dub";
	struct es_context *context = build(right_word, NULL);
	pthread_t threads[THREADS];

	if (es_export(context, &first, &first_size, NULL) != ES_OK)
		return 1;
	es_context_free(context);
	pthread_barrier_init(&together, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work,
				   i % 2 ? wrong_word : right_word))
			return 1;
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	free(first);
	printf("%u the same, %u wrong, %u others\n", atomic_load(&fine),
	       atomic_load(&wrong), atomic_load(&others));
	return 0;
}
