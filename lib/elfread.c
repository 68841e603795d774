/* SPDX-License-Identifier: MIT */
#include "elfread.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

enum {
	MAX_HEADERS = 65536,     /* bytes; the kernel's limit in binfmt_elf.c */
	MAX_DYNAMIC = 64 * 1024, /* bytes of a dynamic section looked at */
	MAX_SEARCH = 16 * 1024,  /* a DT_RUNPATH may be longer than a path */
};

struct image {
	int fd;
	const unsigned char *head;
	size_t len; /* of HEAD */
	Elf64_Ehdr header;
};

ssize_t es_read_at(int fd, void *to, size_t size, uint64_t offset)
{
	size_t done = 0;

	if (offset > INT64_MAX - size)
		return -1;
	while (done < size) {
		const ssize_t n = pread(fd, (char *)to + done, size - done,
					(off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static bool fetch(const struct image *image, void *to, size_t size,
		  uint64_t offset)
{
	if (offset <= image->len && size <= image->len - offset) {
		memcpy(to, image->head + offset, size);
		return true;
	}
	return es_read_at(image->fd, to, size, offset) == (ssize_t)size;
}

static bool fetch_segment(const struct image *image, size_t i, Elf64_Phdr *to)
{
	const uint64_t skip = i * sizeof(*to);

	return image->header.e_phoff <= INT64_MAX - skip &&
	       fetch(image, to, sizeof(*to), image->header.e_phoff + skip);
}

/* The first segment of TYPE: the kernel takes no other PT_INTERP. */
static bool find_segment(const struct image *image, uint32_t type,
			 Elf64_Phdr *found)
{
	for (size_t i = 0; i < image->header.e_phnum; i++) {
		if (!fetch_segment(image, i, found))
			return false;
		if (found->p_type == type)
			return true;
	}
	return false;
}

/* Is a segment, or the stack, to be written to and run? */
static bool runs_data(const struct image *image)
{
	const uint32_t both = PF_W | PF_X;
	Elf64_Phdr segment;

	for (size_t i = 0; i < image->header.e_phnum; i++) {
		if (!fetch_segment(image, i, &segment))
			return false;
		if ((segment.p_type == PT_LOAD &&
		     (segment.p_flags & both) == both) ||
		    (segment.p_type == PT_GNU_STACK &&
		     (segment.p_flags & PF_X)))
			return true;
	}
	return false;
}

/* Where in the file the program has ADDRESS, and how much follows there. */
static bool find_address(const struct image *image, uint64_t address,
			 uint64_t *offset, uint64_t *rest)
{
	Elf64_Phdr segment;

	for (size_t i = 0; i < image->header.e_phnum; i++) {
		if (!fetch_segment(image, i, &segment))
			return false;
		if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
		    address - segment.p_vaddr >= segment.p_filesz)
			continue;

		const uint64_t skip = address - segment.p_vaddr;

		*rest = segment.p_filesz - skip;
		return !__builtin_add_overflow(segment.p_offset, skip, offset);
	}
	return false;
}

struct dynamic {
	uint64_t strtab, strsz;
	uint64_t rpath, runpath; /* in the string table; 0: none */
};

static void read_dynamic(const struct image *image, const Elf64_Phdr *segment,
			 struct dynamic *dynamic)
{
	Elf64_Dyn chunk[128];
	const uint64_t end = segment->p_filesz < MAX_DYNAMIC ? segment->p_filesz
							     : MAX_DYNAMIC;
	uint64_t at = 0;

	while (end - at >= sizeof(chunk[0])) {
		uint64_t n = (end - at) / sizeof(chunk[0]);

		if (n > ES_COUNT(chunk))
			n = ES_COUNT(chunk);
		if (!fetch(image, chunk, n * sizeof(chunk[0]),
			   segment->p_offset + at))
			return;
		for (uint64_t i = 0; i < n; i++) {
			const uint64_t value = chunk[i].d_un.d_val;

			switch (chunk[i].d_tag) {
			case DT_NULL:
				return;
			case DT_STRTAB:
				dynamic->strtab = value;
				break;
			case DT_STRSZ:
				dynamic->strsz = value;
				break;
			case DT_RPATH:
				dynamic->rpath = value;
				break;
			case DT_RUNPATH:
				dynamic->runpath = value;
				break;
			default:
				break;
			}
		}
		at += n * sizeof(chunk[0]);
	}
}

/* What is odd here only costs the program its folders, so it is no error. */
static enum es_elf_kind read_search(struct es_arena *arena,
				    const struct image *image,
				    struct es_elf *elf)
{
	Elf64_Phdr segment;
	struct dynamic dynamic = { 0 };
	uint64_t offset = 0;
	uint64_t rest = 0;

	if (!find_segment(image, PT_DYNAMIC, &segment))
		return ES_ELF_NATIVE;
	read_dynamic(image, &segment, &dynamic);

	/* Both loaders ignore DT_RPATH beside DT_RUNPATH. */
	const uint64_t string = dynamic.runpath ? dynamic.runpath
						: dynamic.rpath;

	if (!string || string >= dynamic.strsz ||
	    !find_address(image, dynamic.strtab, &offset, &rest) ||
	    string >= rest || offset > INT64_MAX - string)
		return ES_ELF_NATIVE;
	if (rest > dynamic.strsz)
		rest = dynamic.strsz;
	rest -= string;

	/* Stacks may be small. */
	es_autofree char *text = malloc(MAX_SEARCH);

	if (!text)
		return ES_ELF_NOMEM;

	const ssize_t n = es_read_at(image->fd, text,
				     rest < MAX_SEARCH ? rest : MAX_SEARCH,
				     offset + string);

	if (n <= 0 || !memchr(text, '\0', (size_t)n))
		return ES_ELF_NATIVE;
	elf->search = es_arena_copy(arena, text, strlen(text));
	return elf->search ? ES_ELF_NATIVE : ES_ELF_NOMEM;
}

enum es_elf_kind es_elf_read(struct es_arena *arena, int fd,
			     const unsigned char *head, size_t len,
			     struct es_elf *elf)
{
	struct image image = { .fd = fd, .head = head, .len = len };
	const Elf64_Ehdr *header = &image.header;
	Elf64_Phdr segment;
	char path[PATH_MAX];

	*elf = (struct es_elf){ 0 };
	if (len > EI_CLASS && head[EI_CLASS] == ELFCLASS32)
		return ES_ELF_32BIT;
	if (!fetch(&image, &image.header, sizeof(image.header), 0) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64)
		return ES_ELF_BROKEN;
	/* The kernel does not look at the class: a 64-bit header that says
	 * EM_386 would be tried as a 32-bit one. */
	if (header->e_machine != ES_ELF_MACHINE)
		return ES_ELF_FOREIGN;
	if ((header->e_type != ET_EXEC && header->e_type != ET_DYN) ||
	    header->e_phentsize != sizeof(segment) || !header->e_phnum ||
	    header->e_phnum * sizeof(segment) > MAX_HEADERS ||
	    !fetch_segment(&image, header->e_phnum - 1U, &segment))
		return ES_ELF_BROKEN;
	elf->runs_data = runs_data(&image);
	if (!find_segment(&image, PT_INTERP, &segment))
		return ES_ELF_NATIVE;
	if (segment.p_filesz < 2 || segment.p_filesz > sizeof(path) ||
	    !fetch(&image, path, segment.p_filesz, segment.p_offset) ||
	    path[segment.p_filesz - 1])
		return ES_ELF_BROKEN;
	elf->interpreter = es_arena_copy(arena, path, strlen(path));
	return elf->interpreter ? read_search(arena, &image, elf)
				: ES_ELF_NOMEM;
}

/* The formats of /etc/ld.so.cache: glibc's sysdeps/generic/dl-cache.h. */
struct old_cache {
	char magic[11];
	uint32_t count;
};

struct old_entry {
	int32_t flags;
	uint32_t key, value;
};

struct cache {
	char magic[20];
	uint32_t count, strings;
	uint8_t flags, padding[3];
	uint32_t extensions, unused[3];
};

struct cache_entry {
	int32_t flags;
	uint32_t key, value; /* offsets of strings, from the header */
	uint32_t osversion;
	uint64_t hwcap;
};

enum { CACHE_ENDIAN = 3, CACHE_LITTLE = 2 };

static const char old_magic[] = "ld.so-1.7.0";
static const char new_magic[] = "glibc-ld.so.cache1.1";

static bool add_folder(struct es_arena *arena, struct es_folders *folders,
		       const char *path, size_t len)
{
	for (size_t i = folders->n; i-- > 0;)
		if (!strncmp(folders->at[i], path, len) && !folders->at[i][len])
			return true;
	if (folders->n == folders->cap) {
		const size_t more = folders->cap ? folders->cap * 2 : 16;
		const char **at = es_arena_alloc(arena, more * sizeof(*at));

		if (!at)
			return false;
		if (folders->n)
			memcpy(at, folders->at, folders->n * sizeof(*at));
		folders->at = at;
		folders->cap = more;
	}

	const char *copy = es_arena_copy(arena, path, len);

	if (!copy)
		return false;
	folders->at[folders->n++] = copy;
	return true;
}

/* Older ldconfigs write the new format behind the old one. */
static void skip_old_cache(const char **data, size_t *len)
{
	struct old_cache old;

	if (*len < sizeof(old) ||
	    memcmp(*data, old_magic, sizeof(old_magic) - 1) != 0)
		return;
	memcpy(&old, *data, sizeof(old));

	const size_t size = sizeof(old) + old.count * sizeof(struct old_entry);
	const size_t align = _Alignof(struct cache_entry);
	const size_t skip = (size + align - 1) & ~(align - 1);

	if (skip > *len)
		return;
	*data += skip;
	*len -= skip;
}

bool es_ldcache_folders(struct es_arena *arena, const char *data, size_t len,
			struct es_folders *folders)
{
	struct cache cache;
	const char *last = "";
	size_t last_len = 0;

	skip_old_cache(&data, &len);
	if (len < sizeof(cache) ||
	    memcmp(data, new_magic, sizeof(new_magic) - 1) != 0)
		return true;
	memcpy(&cache, data, sizeof(cache));
	if ((cache.flags & CACHE_ENDIAN) &&
	    (cache.flags & CACHE_ENDIAN) != CACHE_LITTLE)
		return true;
	if (cache.count > (len - sizeof(cache)) / sizeof(struct cache_entry))
		return true;
	for (size_t i = 0; i < cache.count; i++) {
		struct cache_entry entry;

		memcpy(&entry, data + sizeof(cache) + i * sizeof(entry),
		       sizeof(entry));
		if (entry.flags != ES_ELF_CACHE_FLAGS || entry.value >= len ||
		    data[entry.value] != '/')
			continue;

		const char *path = data + entry.value;
		const size_t size = strnlen(path, len - entry.value);
		const char *slash = memrchr(path, '/', size);
		const size_t folder = (size_t)(slash - path);

		/* Neighbours mostly share their folder. */
		if (size == len - entry.value || !folder ||
		    (folder == last_len && !memcmp(path, last, folder)))
			continue;
		if (!add_folder(arena, folders, path, folder))
			return false;
		last = path;
		last_len = folder;
	}
	return true;
}
