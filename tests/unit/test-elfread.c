/* SPDX-License-Identifier: MIT */
/* Reading ld.so.cache; test-loader.c has the ELF files. */
#include "elfread.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"
#include "util.h"

/* ld.so.cache in glibc's new format, with two libraries. */
struct cache {
	char magic[20];
	uint32_t count, strings;
	uint8_t flags, padding[3];
	uint32_t extensions, unused[3];
	struct {
		int32_t flags;
		uint32_t key, value, osversion;
		uint64_t hwcap;
	} entries[3];
	char text[64];
};

static void make_cache(struct cache *cache)
{
	*cache = (struct cache){
		.count = 3,
		.flags = 2,
		.entries = {
			{ .flags = ES_ELF_CACHE_FLAGS,
			  .value = offsetof(struct cache, text) },
			{ .flags = 3,
			  .value = offsetof(struct cache, text) + 16 },
			{ .flags = ES_ELF_CACHE_FLAGS,
			  .value = offsetof(struct cache, text) + 32 },
		},
	};
	memcpy(cache->magic, "glibc-ld.so.cache1.1", sizeof(cache->magic));
	strcpy(cache->text, "/a/b/libx.so");
	strcpy(cache->text + 16, "/32/libx.so");
	strcpy(cache->text + 32, "/a/liby.so");
}

/* The folders in SIZE bytes, which lie in a block of just that size. */
static void folders_are(const void *bytes, size_t size, const char *want,
			const char *name)
{
	struct es_arena arena = { 0 };
	struct es_folders folders = { 0 };
	es_autofree char *copy = malloc(size ? size : 1);
	char got[256] = "";
	size_t n = 0;

	memcpy(copy, bytes, size);
	if (!es_ldcache_folders(&arena, copy, size, &folders))
		abort();
	for (size_t i = 0; i < folders.n && n < sizeof(got); i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s ",
				      folders.at[i]);
	if (want)
		tap_str(got, want, "cache: %s", name);
	es_arena_finish(&arena);
}

static void test_cache(void)
{
	struct cache cache;
	struct cache odd;
	struct {
		char magic[11];
		uint32_t count;
		uint32_t entries[3];
		uint32_t padding;
		struct cache cache;
	} both = { "ld.so-1.7.0", 1, { 0 }, 0, { .count = 0 } };

	make_cache(&cache);
	folders_are(&cache, sizeof(cache), "/a/b /a ", "of this architecture");
	both.cache = cache;
	folders_are(&both, sizeof(both), "/a/b /a ", "behind an old one");
	both.count = 2;
	folders_are(&both, sizeof(both), "", "old one's size is wrong");
	both.count = UINT32_MAX;
	folders_are(&both, sizeof(both), "", "old one's size is huge");
	both.count = 1;
	folders_are(&both, offsetof(typeof(both), padding), "", "old one only");
	folders_are(&cache, sizeof(cache) - sizeof(cache.text), "", "cut");
	folders_are(&cache, offsetof(struct cache, text) - 1, "", "cut entry");
	folders_are(&cache, 47, "", "cut header");
	folders_are(&cache, 0, "", "empty");
	odd = cache;
	odd.count = 2;
	folders_are(&odd, sizeof(odd), "/a/b ", "fewer entries");
	odd.count = UINT32_MAX;
	folders_are(&odd, sizeof(odd), "", "huge count");
	odd = cache;
	odd.flags = 3;
	folders_are(&odd, sizeof(odd), "", "other byte order");
	odd = cache;
	odd.magic[19] = '2';
	folders_are(&odd, sizeof(odd), "", "other version");
	odd = cache;
	odd.entries[0].value = sizeof(odd);
	folders_are(&odd, sizeof(odd), "/a ", "a string outside");
	odd.entries[0].value = UINT32_MAX;
	folders_are(&odd, sizeof(odd), "/a ", "a string far outside");
	odd = cache;
	memset(odd.text + 32, '/', 32);
	folders_are(&odd, sizeof(odd), "/a/b ", "a string without end");
	odd = cache;
	strcpy(odd.text + 32, "/liby.so");
	folders_are(&odd, sizeof(odd), "/a/b ", "a library in the root");
	strcpy(odd.text, "a/libx.so");
	folders_are(&odd, sizeof(odd), "", "no folder but the root");
}

static void test_mutations(void)
{
	struct cache cache;
	uint32_t random = 1;

	for (int i = 0; i < 20000; i++) {
		make_cache(&cache);
		for (int many = 0; many < 8; many++) {
			random = random * 1664525 + 1013904223;
			((char *)&cache)[(random >> 8) % sizeof(cache)] =
				(char)(random >> 24);
		}
		folders_are(&cache, sizeof(cache) - (random >> 8) % 3, NULL,
			    NULL);
	}
	tap_ok(true, "cache: mutated");
}

int main(void)
{
	test_cache();
	test_mutations();
	return tap_done();
}
