/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compat.h"
#include "util.h"

#define FS(right) LANDLOCK_ACCESS_FS_##right

/* What the rights of a call depend on, beside the call itself. */
enum depends {
	FIXED,
	FLAGS_OPEN,   /* on open(2)'s flags, in the argument OF */
	FLAGS_REMOVE, /* on unlinkat's */
	MODE_MAKE,    /* on mknod's mode */
};

enum { NOFOLLOW = 1 };

/* Ascending by call; a call of two paths has two rows. */
static const struct row {
	const char *call;
	signed char dirfd, path;
	unsigned char flags;
	unsigned char depends, of;
	unsigned short file, folder;
} rows[] = {
	{ "access", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "chdir", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "chmod", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "chown", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "creat", -1, 0, 0, FLAGS_OPEN, UCHAR_MAX, 0, 0 },
	{ "execve", -1, 0, 0, FIXED, 0, FS(EXECUTE) | FS(READ_FILE), 0 },
	{ "execveat", 0, 1, 0, FIXED, 0, FS(EXECUTE) | FS(READ_FILE), 0 },
	{ "faccessat", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "faccessat2", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "fchmodat", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "fchmodat2", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "fchownat", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "futimesat", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "getxattr", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "inotify_add_watch", -1, 1, 0, FIXED, 0, 0, 0 },
	{ "lchown", -1, 0, NOFOLLOW, FIXED, 0, 0, 0 },
	{ "lgetxattr", -1, 0, NOFOLLOW, FIXED, 0, 0, 0 },
	{ "link", -1, 0, NOFOLLOW, FIXED, 0, 0, FS(REFER) },
	{ "link", -1, 1, NOFOLLOW, FIXED, 0, 0, FS(REFER) | FS(MAKE_REG) },
	{ "linkat", 0, 1, NOFOLLOW, FIXED, 0, 0, FS(REFER) },
	{ "linkat", 2, 3, NOFOLLOW, FIXED, 0, 0, FS(REFER) | FS(MAKE_REG) },
	{ "listxattr", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "llistxattr", -1, 0, NOFOLLOW, FIXED, 0, 0, 0 },
	{ "lstat", -1, 0, NOFOLLOW, FIXED, 0, 0, 0 },
	{ "mkdir", -1, 0, NOFOLLOW, FIXED, 0, 0, FS(MAKE_DIR) },
	{ "mkdirat", 0, 1, NOFOLLOW, FIXED, 0, 0, FS(MAKE_DIR) },
	{ "mknod", -1, 0, NOFOLLOW, MODE_MAKE, 1, 0, 0 },
	{ "mknodat", 0, 1, NOFOLLOW, MODE_MAKE, 2, 0, 0 },
	{ "newfstatat", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "open", -1, 0, 0, FLAGS_OPEN, 1, 0, 0 },
	{ "openat", 0, 1, 0, FLAGS_OPEN, 2, 0, 0 },
	{ "readlink", -1, 0, NOFOLLOW, FIXED, 0, 0, 0 },
	{ "readlinkat", 0, 1, NOFOLLOW, FIXED, 0, 0, 0 },
	{ "rename", -1, 0, NOFOLLOW, FIXED, 0, 0, FS(REMOVE_FILE) },
	{ "rename", -1, 1, NOFOLLOW, FIXED, 0, 0, FS(MAKE_REG) },
	{ "renameat", 0, 1, NOFOLLOW, FIXED, 0, 0, FS(REMOVE_FILE) },
	{ "renameat", 2, 3, NOFOLLOW, FIXED, 0, 0, FS(MAKE_REG) },
	{ "renameat2", 0, 1, NOFOLLOW, FIXED, 0, 0, FS(REMOVE_FILE) },
	{ "renameat2", 2, 3, NOFOLLOW, FIXED, 0, 0, FS(MAKE_REG) },
	{ "rmdir", -1, 0, NOFOLLOW, FIXED, 0, 0, FS(REMOVE_DIR) },
	{ "stat", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "statfs", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "statx", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "symlink", -1, 1, NOFOLLOW, FIXED, 0, 0, FS(MAKE_SYM) },
	{ "symlinkat", 1, 2, NOFOLLOW, FIXED, 0, 0, FS(MAKE_SYM) },
	{ "truncate", -1, 0, 0, FIXED, 0, FS(TRUNCATE), 0 },
	{ "unlink", -1, 0, NOFOLLOW, FIXED, 0, 0, FS(REMOVE_FILE) },
	{ "unlinkat", 0, 1, NOFOLLOW, FLAGS_REMOVE, 2, 0, 0 },
	{ "utime", -1, 0, 0, FIXED, 0, 0, 0 },
	{ "utimensat", 0, 1, 0, FIXED, 0, 0, 0 },
	{ "utimes", -1, 0, 0, FIXED, 0, 0, 0 },
};

/* By the mode that is opened with; the fourth asks for neither, but ioctls. */
static const unsigned short opened_for[] = {
	[O_RDONLY] = FS(READ_FILE),
	[O_WRONLY] = FS(WRITE_FILE),
	[O_RDWR] = FS(READ_FILE) | FS(WRITE_FILE),
	[O_ACCMODE] = 0,
};

static void use_open(struct es_use *use, uint64_t flags)
{
	if (flags & O_PATH)
		return;
	use->file = opened_for[flags & O_ACCMODE];
	use->listed = (flags & O_ACCMODE) == O_RDONLY;
	use->follows = !(flags & O_NOFOLLOW);
	if (flags & O_TRUNC)
		use->file |= FS(TRUNCATE);
	use->creates = flags & O_CREAT;
	if (use->creates || (flags & O_TMPFILE) == O_TMPFILE)
		use->folder = FS(MAKE_REG);
}

static uint64_t made_by(uint64_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFCHR:
		return FS(MAKE_CHAR);
	case S_IFBLK:
		return FS(MAKE_BLOCK);
	case S_IFIFO:
		return FS(MAKE_FIFO);
	case S_IFSOCK:
		return FS(MAKE_SOCK);
	default:
		return FS(MAKE_REG);
	}
}

static void fill(const struct row *row, const struct es_call *call,
		 struct es_use *use)
{
	const uint64_t of = row->of == UCHAR_MAX ?
			    O_CREAT | O_WRONLY | O_TRUNC : call->args[row->of];

	*use = (struct es_use){
		.path = (unsigned)row->path, .dirfd = row->dirfd,
		.follows = !(row->flags & NOFOLLOW),
		.file = row->file, .folder = row->folder,
	};
	switch (row->depends) {
	case FLAGS_OPEN:
		use_open(use, of);
		break;
	case FLAGS_REMOVE:
		use->folder = of & AT_REMOVEDIR ? FS(REMOVE_DIR) :
						  FS(REMOVE_FILE);
		break;
	case MODE_MAKE:
		use->folder = made_by(of);
		break;
	default:
		break;
	}
}

size_t es_uses_of(const struct es_call *call, struct es_use uses[ES_MAX_PATHS])
{
	size_t n = 0;

	if (call->arch != ES_AUDIT_ARCH)
		return 0;
	for (size_t i = 0; i < ES_COUNT(rows) && n < ES_MAX_PATHS; i++) {
		const struct es_syscall *row =
			es_syscall_find(rows[i].call, strlen(rows[i].call));

		if (row && es_syscall_number(row) >= 0 &&
		    (uint32_t)es_syscall_number(row) == call->nr)
			fill(&rows[i], call, &uses[n++]);
	}
	return n;
}

/* PATH without "//", "." and "..", by its text. */
static char *tidy(struct es_arena *arena, const char *path)
{
	const size_t len = path ? strlen(path) : 0;
	char *tidied = path ? es_arena_alloc(arena, len + 2) : NULL;
	size_t n = 0;

	if (!tidied)
		return NULL;
	while (*path) {
		const size_t part = strcspn(path, "/");

		if (part == 2 && path[0] == '.' && path[1] == '.') {
			while (n && tidied[--n] != '/')
				;
		} else if (part && !(part == 1 && *path == '.')) {
			tidied[n++] = '/';
			memcpy(tidied + n, path, part);
			n += part;
		}
		path += part + (path[part] == '/');
	}
	if (!n)
		tidied[n++] = '/';
	tidied[n] = '\0';
	return tidied;
}

/* Another process than the one that asks is meant. */
static bool is_own(const char *path)
{
	return es_path_is_below(path, "/proc/self") ||
	       es_path_is_below(path, "/proc/thread-self");
}

const char *es_path_resolve(struct es_arena *arena, const char *path,
			    bool follow, bool *exists)
{
	char *head = es_arena_copy(arena, path, strlen(path));
	size_t len = head ? strlen(head) : 0;
	struct stat st;

	*exists = !(follow ? stat(path, &st) : lstat(path, &st));
	if (!head)
		return NULL;
	if (is_own(path))
		return tidy(arena, path);
	while (len > 1 && head[len - 1] == '/')
		head[--len] = '\0';
	/* What does not exist keeps its name below what does. */
	for (bool whole = follow;; whole = true) {
		es_autofree char *real = whole ? realpath(*head ? head : "/",
							  NULL) : NULL;
		char *slash = strrchr(head, '/');

		if (real)
			return tidy(arena, es_arena_printf(
				arena, "%s/%s", real, path + strlen(head)));
		if (whole && errno == ENOMEM) {
			arena->exhausted = true;
			return NULL;
		}
		if (!slash)
			return tidy(arena, path);
		*slash = '\0';
	}
}

bool es_path_is_below(const char *path, const char *above)
{
	const size_t len = strlen(above);

	if (!strcmp(above, "/"))
		return *path == '/';
	return !strncmp(path, above, len) &&
	       (path[len] == '/' || path[len] == '\0');
}

static const char *folder_of(struct es_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path ?
	       es_arena_copy(arena, path, (size_t)(slash - path)) :
	       es_arena_copy(arena, "/", 1);
}

bool es_needs_of(struct es_arena *arena, const struct es_use *use,
		 const char *path, struct es_needs needs[2])
{
	struct es_needs *file = &needs[0], *folder = &needs[1];
	struct stat st = { 0 };

	file->path = es_path_resolve(arena, path, use->follows, &file->exists);
	folder->path = file->path ? folder_of(arena, file->path) : NULL;
	if (!folder->path)
		return false;
	folder->exists = !stat(folder->path, &st);
	/* Where nothing can be, the folder is named that would hold it all. */
	while (!use->folder && stat(folder->path, &st) && errno == ENOENT) {
		folder->path = folder_of(arena, folder->path);
		if (!folder->path)
			return false;
		folder->exists = !stat(folder->path, &st);
	}
	file->rights = use->file;
	folder->rights = use->folder;
	if (use->creates ? file->exists : !file->exists && use->file)
		folder->rights = 0;
	if (!file->exists && !(use->creates && folder->exists))
		file->rights = 0;
	if (file->exists && use->listed && !stat(file->path, &st) &&
	    S_ISDIR(st.st_mode) && (file->rights & FS(READ_FILE)))
		file->rights = FS(READ_DIR);
	/* O_TMPFILE makes its file in the folder that is named. */
	if (use->folder && !use->creates && use->file && file->exists) {
		file->rights |= use->folder;
		folder->rights = 0;
	}
	return true;
}

bool es_landlock_resolve(struct es_arena *arena, struct es_landlock_plan *plan)
{
	bool exists = false;

	for (size_t i = 0; i < plan->n; i++) {
		const char *path = es_path_resolve(arena, plan->rules[i].path,
						   true, &exists);

		if (!path)
			return false;
		plan->rules[i].path = path;
	}
	return true;
}

uint64_t es_landlock_lacks(const struct es_landlock_plan *plan,
			   const char *path, uint64_t rights)
{
	rights &= plan->handled_fs;
	for (size_t i = 0; i < plan->n && rights; i++)
		if (es_landlock_counts(plan, &plan->rules[i]) &&
		    es_path_is_below(path, plan->rules[i].path))
			rights &= ~plan->rules[i].rights;
	return rights;
}

uint64_t es_port_right(const struct es_call *call)
{
	static const struct {
		const char *call;
		uint64_t right;
	} takes[] = {
		{ "bind", LANDLOCK_ACCESS_NET_BIND_TCP },
		{ "connect", LANDLOCK_ACCESS_NET_CONNECT_TCP },
	};
	const struct es_syscall *row = call->arch == ES_AUDIT_ARCH ?
				       es_syscall_of(call->nr) : NULL;

	for (size_t i = 0; row && i < ES_COUNT(takes); i++)
		if (!strcmp(row->name, takes[i].call))
			return takes[i].right;
	return 0;
}

uint64_t es_landlock_lacks_at(const struct es_landlock_plan *plan,
			      unsigned port, uint64_t rights)
{
	rights &= plan->handled_net;
	for (size_t i = 0; i < plan->nports && rights; i++)
		if (plan->ports[i].port == port &&
		    !(plan->second && plan->ports[i].start))
			rights &= ~plan->ports[i].rights;
	return rights;
}
