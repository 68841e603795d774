/* SPDX-License-Identifier: MIT */
#include "loader.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "elfread.h"
#include "util.h"

enum {
	MAX_CONFIG = 64 * 1024, /* bytes of ld.so.preload, musl's path file */
	MAX_CACHE = 16 * 1024 * 1024,
};

static bool same_file(struct es_file_id a, struct es_file_id b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

static bool make_room(struct es_needed_list *list)
{
	const size_t more = list->cap ? list->cap * 2 : 16;

	if (list->n < list->cap)
		return true;

	struct es_needed *at = es_arena_alloc(list->arena, more * sizeof(*at));
	struct es_file_id *ids = es_arena_alloc(list->arena,
						more * sizeof(*ids));

	if (!at || !ids)
		return false;
	if (list->n) {
		memcpy(at, list->at, list->n * sizeof(*at));
		memcpy(ids, list->ids, list->n * sizeof(*ids));
	}
	list->at = at;
	list->ids = ids;
	list->cap = more;
	return true;
}

enum es_status es_needed_add(struct es_needed_list *list, const char *path,
			     int *fd, const struct stat *st)
{
	const struct es_file_id id = { st->st_dev, st->st_ino };

	for (size_t i = 0; i < list->n; i++)
		if (same_file(list->ids[i], id))
			return ES_OK;
	if (!make_room(list))
		return ES_NOMEM;

	const char *copy = es_arena_copy(list->arena, path, strlen(path));

	if (!copy)
		return ES_NOMEM;
	list->ids[list->n] = id;
	list->at[list->n++] = (struct es_needed){
		.path = copy,
		.fd = es_steal_fd(fd),
	};
	return ES_OK;
}

enum es_status es_needed_begin(struct es_needed_list *list,
			       const struct es_needed *at, size_t n)
{
	struct stat st;

	for (size_t i = 0; i < n; i++) {
		if (!make_room(list))
			return ES_NOMEM;
		/* What can't be told apart is only listed twice. */
		if (at[i].fd >= 0 && !fstat(at[i].fd, &st))
			list->ids[list->n] = (struct es_file_id){ st.st_dev,
								  st.st_ino };
		list->at[list->n++] = at[i];
	}
	return ES_OK;
}

/* A file, or with FOLDER a folder, that the loader would find at PATH. */
static enum es_status add(struct es_needed_list *list, const char *path,
			  bool folder)
{
	const int kind = folder ? O_DIRECTORY : 0;
	es_autoclose int fd = open(path, O_PATH | O_CLOEXEC | kind);
	struct stat st;

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
		es_diag(list->diags, ES_ERROR, ES_NOWHERE,
			"can't open '%s' for the dynamic loader: %s", path,
			strerror(errno));
		return ES_SYSTEM;
	}
	if (fd < 0 || fstat(fd, &st) || (!folder && !S_ISREG(st.st_mode)) ||
	    same_file(list->root, (struct es_file_id){ st.st_dev, st.st_ino }))
		return ES_OK;
	return es_needed_add(list, path, &fd, &st);
}

/* How a loader reads a list of folders or files. */
struct words {
	const char *separators;
	bool folders;
	bool empty_too; /* an empty word is the working directory */
};

static const struct words glibc_search = { ":", true, true };
static const struct words glibc_library_path = { ":;", true, true };
static const struct words glibc_preload = { " :", false, false };
static const struct words glibc_audit = { ":", false, false };
static const struct words glibc_preload_file = { " \t\n:", false, false };
static const struct words musl_search = { ":\n", true, false };
static const struct words musl_preload = { " \t\n\v\f\r:", false, false };

/* What $ORIGIN stands for is only asked for when a word has it. */
struct origin {
	const char *program; /* NULL: none */
	char folder[PATH_MAX];
};

/* The folder of PATH with all links resolved, in FOLDER of PATH_MAX bytes. */
static bool real_folder(const char *path, char *folder)
{
	if (!realpath(path, folder))
		return false;

	char *slash = strrchr(folder, '/');

	/* "/program" is in "/". */
	slash[slash == folder] = '\0';
	return true;
}

/* What $LIB stands for is compiled into glibc: the multiarch folder on Debian
 * and its like, lib64 elsewhere. */
static const char *const lib_folders[] = {
	"lib/" ES_ELF_ARCH "-linux-gnu",
	"lib64",
};

/* How long the token `$NAME` or `${NAME}` at TEXT is; 0 if it is none. */
static size_t token(const char *text, const char *name)
{
	const size_t len = strlen(name);

	if (!strncmp(text + 1, name, len))
		return 1 + len;
	if (text[1] == '{' && !strncmp(text + 2, name, len) &&
	    text[2 + len] == '}')
		return 3 + len;
	return 0;
}

/* Replaces the tokens of the word of LEN bytes at TEXT; false if that can't be
 * done, or the word makes no use of LIB although a second one is tried. */
static bool expand(const char *text, size_t len, struct origin *origin,
		   size_t lib, char *path)
{
	const char *end = text + len;
	bool uses_lib = false;
	size_t n = 0;

	while (text < end) {
		const char *piece = text;
		size_t skip = 1;
		size_t size = 1;

		if (*text == '$' && token(text, "PLATFORM"))
			return false;
		if (*text == '$' && token(text, "ORIGIN")) {
			if (!origin->folder[0] &&
			    (!origin->program ||
			     !real_folder(origin->program, origin->folder)))
				return false;
			skip = token(text, "ORIGIN");
			piece = origin->folder;
			size = strlen(piece);
		} else if (*text == '$' && token(text, "LIB")) {
			uses_lib = true;
			skip = token(text, "LIB");
			piece = lib_folders[lib];
			size = strlen(piece);
		}
		if (size >= PATH_MAX - n)
			return false;
		memcpy(path + n, piece, size);
		n += size;
		text += skip;
	}
	path[n] = '\0';
	return uses_lib || !lib;
}

static enum es_status add_words(struct es_needed_list *list, const char *text,
				const struct words *words,
				struct origin *origin)
{
	char path[PATH_MAX];

	if (!text || !*text)
		return ES_OK;
	for (;;) {
		const size_t len = strcspn(text, words->separators);

		/* A library without a slash is looked for in the folders. */
		if (words->folders ? len || words->empty_too
				   : memchr(text, '/', len) != NULL) {
			for (size_t i = 0; i < ES_COUNT(lib_folders); i++) {
				if (!expand(len ? text : ".", len ? len : 1,
					    origin, i, path))
					continue;

				const enum es_status status =
					add(list, path, words->folders);

				if (status != ES_OK)
					return status;
			}
		}
		if (!text[len])
			return ES_OK;
		text += len + 1;
	}
}

/* The content of a loader's own file, with a NUL behind it. *TEXT is NULL if
 * there is none that can be read. ES_OK or ES_NOMEM. */
static enum es_status read_config(const char *path, size_t max, char **text,
				  size_t *len)
{
	es_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
						 O_NOCTTY);
	struct stat st;

	*text = NULL;
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size < 0 || (uint64_t)st.st_size > max)
		return ES_OK;

	es_autofree char *buffer = malloc((size_t)st.st_size + 1);

	if (!buffer)
		return ES_NOMEM;

	const ssize_t n = es_read_at(fd, buffer, (size_t)st.st_size, 0);

	if (n < 0)
		return ES_OK;
	buffer[n] = '\0';
	*len = (size_t)n;
	*text = buffer;
	buffer = NULL;
	return ES_OK;
}

static enum es_status add_cache(struct es_needed_list *list)
{
	static const char path[] = "/etc/ld.so.cache";
	es_autofree char *data = NULL;
	struct es_folders folders = { 0 };
	size_t len = 0;
	enum es_status status = read_config(path, MAX_CACHE, &data, &len);

	if (status == ES_OK && data &&
	    !es_ldcache_folders(list->arena, data, len, &folders))
		status = ES_NOMEM;
	if (status == ES_OK && data)
		status = add(list, path, false);
	for (size_t i = 0; status == ES_OK && i < folders.n; i++)
		status = add(list, folders.at[i], true);
	return status;
}

static enum es_status add_preload_file(struct es_needed_list *list,
				       struct origin *origin)
{
	static const char path[] = "/etc/ld.so.preload";
	es_autofree char *text = NULL;
	size_t len = 0;
	enum es_status status = read_config(path, MAX_CONFIG, &text, &len);

	if (status != ES_OK || !text)
		return status;
	for (char *hash = text; (hash = strchr(hash, '#'));)
		memset(hash, ' ', strcspn(hash, "\n"));
	status = add(list, path, false);
	if (status == ES_OK)
		status = add_words(list, text, &glibc_preload_file, origin);
	return status;
}

/* musl's dynlink.c: the interpreter /P/lib/ld-musl-ARCH.so.1 reads
 * /P/etc/ld-musl-ARCH.path; P is mostly nothing. */
static enum es_status add_musl_path(struct es_needed_list *list,
				    const char *interpreter,
				    struct origin *origin)
{
	const char *slash = strrchr(interpreter, '/');
	const char *name = slash ? slash + 1 : interpreter;
	const char *before = NULL;
	char path[PATH_MAX];
	es_autofree char *text = NULL;
	size_t len = 0;

	if (*interpreter == '/')
		before = memrchr(interpreter, '/',
				 (size_t)(slash - interpreter));

	const int prefix = before ? (int)(before - interpreter) : 0;
	const int size = snprintf(path, sizeof(path), "%.*s/etc/%.*s.path",
				  prefix, interpreter, (int)strcspn(name, "."),
				  name);

	if (size < 0 || (size_t)size >= sizeof(path))
		return ES_OK;

	enum es_status status = read_config(path, MAX_CONFIG, &text, &len);

	if (status == ES_OK && text)
		status = add(list, path, false);
	if (status == ES_OK)
		status = add_words(list,
				   text ? text : "/lib:/usr/local/lib:/usr/lib",
				   &musl_search, origin);
	return status;
}

enum es_status es_loader_add(struct es_needed_list *list,
			     const char *interpreter, const char *path,
			     const char *search)
{
	const char *name = strrchr(interpreter, '/');
	const bool musl = !strncmp(name ? name + 1 : interpreter, "ld-musl-",
				   8);
	struct origin origin = { .program = path };
	char folder[PATH_MAX];
	struct stat st;
	enum es_status status = ES_OK;

	if (!stat("/", &st))
		list->root = (struct es_file_id){ st.st_dev, st.st_ino };
	if (!musl)
		status = add_cache(list);
	if (status == ES_OK && real_folder(interpreter, folder))
		status = add(list, folder, true);
	if (status == ES_OK)
		status = add_words(list, search,
				   musl ? &musl_search : &glibc_search,
				   &origin);
	if (status == ES_OK)
		status = add_words(list, getenv("LD_LIBRARY_PATH"),
				   musl ? &musl_search : &glibc_library_path,
				   &origin);
	if (status == ES_OK)
		status = add_words(list, getenv("LD_PRELOAD"),
				   musl ? &musl_preload : &glibc_preload,
				   &origin);
	if (status == ES_OK && !musl)
		status = add_words(list, getenv("LD_AUDIT"), &glibc_audit,
				   &origin);
	if (status == ES_OK)
		status = musl ? add_musl_path(list, interpreter, &origin)
			      : add_preload_file(list, &origin);
	return status;
}

enum es_status es_loader_add_any(struct es_needed_list *list)
{
	static const char *const interpreters[] = { ES_ELF_GLIBC, ES_ELF_MUSL };

	for (size_t i = 0; i < ES_COUNT(interpreters); i++) {
		const size_t n = list->n;

		if (access(interpreters[i], F_OK))
			continue;

		enum es_status status = add(list, interpreters[i], false);

		if (list->n > n)
			list->at[n].executed = true;
		if (status == ES_OK)
			status = es_loader_add(list, interpreters[i], NULL,
					       NULL);
		if (status != ES_OK)
			return status;
	}
	return ES_OK;
}
