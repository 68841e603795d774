/* SPDX-License-Identifier: MIT */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compat.h"
#include "util.h"

/* Every right whose meaning we know, with the ABI that brought it. */
static const struct {
	const char *name;
	uint64_t right;
	int abi;
	bool file; /* has a meaning for what is no folder */
} fs_rights[] = {
	{ "execute", LANDLOCK_ACCESS_FS_EXECUTE, 1, true },
	{ "write_file", LANDLOCK_ACCESS_FS_WRITE_FILE, 1, true },
	{ "read_file", LANDLOCK_ACCESS_FS_READ_FILE, 1, true },
	{ "read_dir", LANDLOCK_ACCESS_FS_READ_DIR, 1, false },
	{ "remove_dir", LANDLOCK_ACCESS_FS_REMOVE_DIR, 1, false },
	{ "remove_file", LANDLOCK_ACCESS_FS_REMOVE_FILE, 1, false },
	{ "make_char", LANDLOCK_ACCESS_FS_MAKE_CHAR, 1, false },
	{ "make_dir", LANDLOCK_ACCESS_FS_MAKE_DIR, 1, false },
	{ "make_reg", LANDLOCK_ACCESS_FS_MAKE_REG, 1, false },
	{ "make_sock", LANDLOCK_ACCESS_FS_MAKE_SOCK, 1, false },
	{ "make_fifo", LANDLOCK_ACCESS_FS_MAKE_FIFO, 1, false },
	{ "make_block", LANDLOCK_ACCESS_FS_MAKE_BLOCK, 1, false },
	{ "make_sym", LANDLOCK_ACCESS_FS_MAKE_SYM, 1, false },
	{ "refer", LANDLOCK_ACCESS_FS_REFER, 2, false },
	{ "truncate", LANDLOCK_ACCESS_FS_TRUNCATE, 3, true },
	{ "ioctl_dev", LANDLOCK_ACCESS_FS_IOCTL_DEV, 5, true },
};

enum {
	/* Below it, nothing can be moved to another folder at all. */
	ABI_REFER = 2,
	/* Below it, what may be opened to read could be emptied. */
	ABI_PATHS = 3,
	ABI_NET = 4,
	ABI_SCOPES = 6,
};

static const uint64_t net_rights =
	LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
static const uint64_t scopes =
	LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;

static uint64_t rights_of_abi(int abi, bool file)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < ES_COUNT(fs_rights); i++)
		if (fs_rights[i].abi <= abi && (fs_rights[i].file || !file))
			rights |= fs_rights[i].right;
	return rights;
}

int es_landlock_abi(void)
{
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
				 LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

void es_landlock_missing(int error, struct es_diags *diags)
{
	struct utsname kernel = { 0 };

	uname(&kernel);
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"Landlock can't be had here (Linux %s): %s; it needs Linux 5.13, "
		"%s", kernel.release, strerrordesc_np(error),
		error == EOPNOTSUPP ? "and 'landlock' in the kernel's lsm= list" :
		"and an outer sandbox that lets landlock_create_ruleset pass");
}

static void lacks(int abi, const char *right, int wanted, const char *release,
		  struct es_place place, struct es_diags *diags)
{
	es_diag(diags, ES_ERROR, place,
		"this needs Landlock's right '%s' (ABI %d), and the kernel "
		"(Linux %s) has ABI %d", right, wanted, release, abi);
}

static enum es_status add_rule(struct es_landlock_plan *plan,
			       struct es_landlock_rule rule)
{
	if (!es_grow(plan->rules, plan->n, plan->cap))
		return ES_NOMEM;
	plan->rules[plan->n++] = rule;
	return ES_OK;
}

/* Opens PATH and adds RIGHTS on it. */
static enum es_status add_path(struct es_landlock_plan *plan,
			       const char *path, uint64_t rights,
			       struct stat *found)
{
	es_autoclose int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0 || fstat(fd, found))
		return ES_INVALID;

	const bool folder = S_ISDIR(found->st_mode);
	const enum es_status status = add_rule(plan, (struct es_landlock_rule){
		path, fd, false, folder,
		rights & rights_of_abi(plan->abi, !folder),
	});

	if (status == ES_OK)
		es_steal_fd(&fd);
	return status;
}

static enum es_status add_grant(struct es_landlock_plan *plan,
				struct es_grant *grant,
				struct es_diags *diags)
{
	struct stat found = { 0 };
	const enum es_status status = add_path(
		plan, grant->path, es_word_rights(grant->word).fs, &found);
	const int error = errno; /* to tell it may change that */

	if (status == ES_INVALID && error == ENOENT && grant->optional) {
		grant->skipped = true;
		return ES_OK;
	}
	if (status == ES_INVALID) {
		es_diag(diags, ES_ERROR, grant->path_place, "'%s': %s",
			grant->path, strerrordesc_np(error));
		if (error == ENOENT)
			es_diag(diags, ES_NOTE, grant->path_place,
				"to skip what is missing, write `{path: %s, "
				"optional: true}`", grant->path);
		return status;
	}
	if (status == ES_OK && (grant->word->flags & ES_WORD_FOLDER) &&
	    !S_ISDIR(found.st_mode)) {
		es_diag(diags, ES_ERROR, grant->path_place,
			"'%s' is not a folder; %s.%s is about folders",
			grant->path, grant->word->set, grant->word->word);
		return ES_INVALID;
	}
	return status;
}

static bool is_word(const struct es_grant *grant, const char *word)
{
	return !strcmp(grant->word->word, word);
}

static enum es_status add_needed(struct es_landlock_plan *plan,
				 const struct es_needed *needed,
				 uint64_t rights)
{
	struct stat found = { 0 };

	if (fstat(needed->fd, &found))
		return ES_SYSTEM;

	const bool folder = S_ISDIR(found.st_mode);

	return add_rule(plan, (struct es_landlock_rule){
		needed->path, needed->fd, true, folder,
		rights & rights_of_abi(plan->abi, !folder),
	});
}

/* Programs that exec_path names need their dynamic loader as well. */
static enum es_status add_loader_files(struct es_arena *arena,
				       struct es_landlock_plan *plan,
				       struct es_diags *diags)
{
	enum es_status status = es_program_loader_files(
		arena, diags, &plan->loader_files, &plan->nloader_files);

	for (size_t i = 0; i < plan->nloader_files && status == ES_OK; i++) {
		const struct es_needed *file = &plan->loader_files[i];

		status = add_needed(plan, file, file->executed ?
				    LANDLOCK_ACCESS_FS_READ_FILE |
				    LANDLOCK_ACCESS_FS_EXECUTE :
				    LANDLOCK_ACCESS_FS_READ_FILE);
	}
	return status;
}

enum es_status es_landlock_paths(struct es_arena *arena,
				 struct es_profile *profile, int abi,
				 struct es_diags *diags,
				 struct es_landlock_plan *plan)
{
	struct es_rights everywhere = { 0 };
	enum es_status worst = ES_OK;
	bool starts_others = false;
	struct utsname kernel = { 0 };
	struct stat found = { 0 };

	uname(&kernel);
	*plan = (struct es_landlock_plan){ .abi = abi };
	for (struct es_grant *g = profile->grants; g; g = g->next) {
		const struct es_rights rights = es_word_rights(g->word);
		enum es_status status = ES_OK;

		everywhere.scopes |= rights.scopes;
		if (!g->path && abi < ABI_REFER &&
		    (rights.fs & LANDLOCK_ACCESS_FS_REFER)) {
			lacks(abi, "refer", ABI_REFER, kernel.release, g->place,
			      diags);
			status = ES_UNSUPPORTED;
		} else if (!g->path) {
			everywhere.fs |= rights.fs;
			everywhere.net |= rights.net;
		} else if (abi < ABI_PATHS) {
			lacks(abi, "truncate", ABI_PATHS, kernel.release,
			      g->path_place, diags);
			status = ES_UNSUPPORTED;
		} else {
			status = add_grant(plan, g, diags);
		}
		starts_others |= g->path && !g->skipped &&
				 is_word(g, "exec_path");
		if (status != ES_OK && worst != ES_NOMEM)
			worst = status;
	}
	plan->handled_fs = rights_of_abi(abi, false);
	plan->handled_net = abi >= ABI_NET ? net_rights & ~everywhere.net : 0;
	plan->scoped = abi >= ABI_SCOPES ? scopes & ~everywhere.scopes : 0;
	if (worst == ES_OK && (everywhere.fs & plan->handled_fs))
		worst = add_path(plan, "/", everywhere.fs, &found);
	if (worst == ES_OK && starts_others)
		worst = add_loader_files(arena, plan, diags);
	return worst;
}

enum es_status es_landlock_program(struct es_landlock_plan *plan,
				   const struct es_program *program,
				   const struct es_policy *policy,
				   struct es_diags *diags)
{
	const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE;
	enum es_status status = ES_OK;
	struct stat found = { 0 };

	for (size_t i = 0; i < program->nexecuted && status == ES_OK; i++)
		status = add_needed(plan, &program->executed[i],
				    read | LANDLOCK_ACCESS_FS_EXECUTE);
	for (size_t i = 0; i < program->nloaded && status == ES_OK; i++)
		status = add_needed(plan, &program->loaded[i], read);
	if (status == ES_OK && es_policy_lists_fds(policy) &&
	    !access("/proc/self/fd", F_OK))
		status = add_path(plan, "/proc/self/fd",
				  LANDLOCK_ACCESS_FS_READ_DIR, &found);
	if (status != ES_OK && status != ES_NOMEM)
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't prepare Landlock's rules: %s",
			strerrordesc_np(errno));
	return status;
}

enum es_status es_landlock_ruleset(const struct es_landlock_plan *plan,
				   struct es_diags *diags, int *fd)
{
	const struct es_landlock_attr attr = {
		.handled_access_fs = plan->handled_fs,
		.handled_access_net = plan->handled_net,
		.scoped = plan->scoped,
	};
	/* Older kernels refuse a size that they don't know. */
	const size_t size = plan->abi >= ABI_SCOPES ? sizeof(attr) :
			    plan->abi >= ABI_NET ? 16 : 8;
	es_autoclose int ruleset = (int)syscall(SYS_landlock_create_ruleset,
						&attr, size, 0);

	if (ruleset < 0) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't make Landlock's ruleset: %s",
			strerrordesc_np(errno));
		return ES_SYSTEM;
	}
	for (size_t i = 0; i < plan->n; i++) {
		const struct landlock_path_beneath_attr beneath = {
			.allowed_access = plan->rules[i].rights,
			.parent_fd = plan->rules[i].fd,
		};

		if (!beneath.allowed_access)
			continue;
		if (!syscall(SYS_landlock_add_rule, ruleset,
			     LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
			continue;
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"Landlock takes no rule on '%s': %s",
			plan->rules[i].path, strerrordesc_np(errno));
		return ES_SYSTEM;
	}
	*fd = es_steal_fd(&ruleset);
	return ES_OK;
}

void es_landlock_finish(struct es_landlock_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->rules[i].borrowed)
			close(plan->rules[i].fd);
	free(plan->rules);
	es_needed_close(plan->loader_files, plan->nloader_files);
	*plan = (struct es_landlock_plan){ 0 };
}

void es_landlock_print(const struct es_landlock_rule *rule, FILE *stream)
{
	fputs("  ", stream);
	es_print_escaped(stream, rule->path);
	fputc(':', stream);
	for (size_t i = 0; i < ES_COUNT(fs_rights); i++)
		if (rule->rights & fs_rights[i].right)
			fprintf(stream, " %s", fs_rights[i].name);
	fputc('\n', stream);
}
