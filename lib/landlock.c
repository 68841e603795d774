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

enum {
	/* Below it, nothing can be moved to another folder at all. */
	ABI_REFER = 2,
	/* Below it, what may be opened to read could be emptied. */
	ABI_PATHS = 3,
	ABI_NET = 4,
	ABI_SCOPES = 6,
};

/* clang-format off */
#define FS(name, right, abi, file) \
	{ ES_LANDLOCK_FS, name, LANDLOCK_ACCESS_FS_##right, abi, file }
#define NET(name, right) \
	{ ES_LANDLOCK_NET, name, LANDLOCK_ACCESS_NET_##right, ABI_NET, false }
#define SCOPE(name, scope) \
	{ ES_LANDLOCK_SCOPE, name, LANDLOCK_SCOPE_##scope, ABI_SCOPES, false }

const struct es_landlock_right es_landlock_rights[] = {
	FS("execute", EXECUTE, 1, true),
	FS("write_file", WRITE_FILE, 1, true),
	FS("read_file", READ_FILE, 1, true),
	FS("read_dir", READ_DIR, 1, false),
	FS("remove_dir", REMOVE_DIR, 1, false),
	FS("remove_file", REMOVE_FILE, 1, false),
	FS("make_char", MAKE_CHAR, 1, false),
	FS("make_dir", MAKE_DIR, 1, false),
	FS("make_reg", MAKE_REG, 1, false),
	FS("make_sock", MAKE_SOCK, 1, false),
	FS("make_fifo", MAKE_FIFO, 1, false),
	FS("make_block", MAKE_BLOCK, 1, false),
	FS("make_sym", MAKE_SYM, 1, false),
	FS("refer", REFER, ABI_REFER, false),
	FS("truncate", TRUNCATE, ABI_PATHS, true),
	FS("ioctl_dev", IOCTL_DEV, 5, true),
	NET("bind_tcp", BIND_TCP),
	NET("connect_tcp", CONNECT_TCP),
	SCOPE("abstract_unix_socket", ABSTRACT_UNIX_SOCKET),
	SCOPE("signal", SIGNAL),
};
/* clang-format on */
const size_t es_nlandlock_rights = ES_COUNT(es_landlock_rights);

/* All rights of a kind that kernels of this ABI have. */
static uint64_t rights_of_abi(enum es_landlock_kind kind, int abi, bool file)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < es_nlandlock_rights; i++) {
		const struct es_landlock_right *r = &es_landlock_rights[i];

		if (r->kind == kind && r->abi <= abi && (r->file || !file))
			rights |= r->right;
	}
	return rights;
}

static uint64_t fs_rights(int abi, bool file)
{
	return rights_of_abi(ES_LANDLOCK_FS, abi, file);
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
	rule.start = plan->starting;
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
		.path = path, .fd = fd, .folder = folder,
		.rights = rights & fs_rights(plan->abi, !folder),
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
		/* `-a SystemIO.read_path=/etc,/usr` */
		if (error == ENOENT && strchr(grant->path, ',') &&
		    grant->place.source && *grant->place.source->name == '-')
			es_diag(diags, ES_NOTE, grant->path_place,
				"this is one path; for several, repeat -a");
		if (error == ENOENT && (grant->word->path_right &
					LANDLOCK_ACCESS_FS_WRITE_FILE))
			es_diag(diags, ES_NOTE, grant->path_place,
				"to have a new file made at the start, hand it "
				"over: `fds: {NAME: {open: %s, for: write, "
				"create: 0600}}`", grant->path);
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

/* What programs that are started need and what this one does is much the same,
 * opened by the same paths a moment ago. */
static bool is_added(const struct es_landlock_plan *plan, const char *path,
		     uint64_t rights)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->rules[i].borrowed && plan->rules[i].rights == rights &&
		    plan->rules[i].start == plan->starting &&
		    !strcmp(plan->rules[i].path, path))
			return true;
	return false;
}

static enum es_status add_needed(struct es_landlock_plan *plan,
				 const struct es_needed *needed,
				 uint64_t rights)
{
	struct stat found = { 0 };

	if (fstat(needed->fd, &found))
		return ES_SYSTEM;

	const bool folder = S_ISDIR(found.st_mode);

	rights &= fs_rights(plan->abi, !folder);
	if (is_added(plan, needed->path, rights))
		return ES_OK;
	return add_rule(plan, (struct es_landlock_rule){
		.path = needed->path, .fd = needed->fd, .borrowed = true,
		.folder = folder, .rights = rights,
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

/* The manager's socket has a name that is no path, so that a scope would be in
 * the way. */
static bool is_manager_abstract(void)
{
	const char *manager = getenv("NOTIFY_SOCKET");

	return manager && *manager == '@';
}

/* Adds what a list of grants gives: paths to PLAN, the rest to *EVERYWHERE. */
static enum es_status add_grants(struct es_landlock_plan *plan,
				 struct es_grant *grants,
				 struct es_rights *everywhere, bool *starts,
				 struct es_diags *diags)
{
	enum es_status worst = ES_OK;
	struct utsname kernel = { 0 };

	uname(&kernel);
	for (struct es_grant *g = grants; g; g = g->next) {
		const struct es_rights rights = es_word_rights(g->word);
		enum es_status status = ES_OK;

		everywhere->scopes |= rights.scopes;
		if (is_word(g, "notify") && is_manager_abstract())
			everywhere->scopes |=
				LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
		if (!g->path && plan->abi < ABI_REFER &&
		    (rights.fs & LANDLOCK_ACCESS_FS_REFER)) {
			lacks(plan->abi, "refer", ABI_REFER, kernel.release,
			      g->place, diags);
			status = ES_UNSUPPORTED;
		} else if (!g->path) {
			everywhere->fs |= rights.fs;
			everywhere->net |= rights.net;
		} else if (plan->abi < ABI_PATHS) {
			lacks(plan->abi, "truncate", ABI_PATHS, kernel.release,
			      g->path_place, diags);
			status = ES_UNSUPPORTED;
		} else {
			status = add_grant(plan, g, diags);
		}
		*starts |= g->path && !g->skipped && is_word(g, "exec_path");
		if (status != ES_OK && worst != ES_NOMEM)
			worst = status;
	}
	return worst;
}

static enum es_status add_everywhere(struct es_landlock_plan *plan,
				     const struct es_rights *everywhere)
{
	struct stat found = { 0 };

	return everywhere->fs & plan->handled_fs ?
	       add_path(plan, "/", everywhere->fs, &found) : ES_OK;
}

/* What is allowed at the start alone: behind what lasts. */
static enum es_status add_startup(struct es_arena *arena,
				  struct es_profile *profile,
				  struct es_landlock_plan *plan,
				  struct es_diags *diags)
{
	struct es_rights everywhere = { 0 };
	bool starts_others = false;
	enum es_status status = add_grants(plan, profile->startup_grants,
					   &everywhere, &starts_others, diags);

	plan->handled_net &= ~everywhere.net;
	plan->scoped &= ~everywhere.scopes;
	if (status == ES_OK)
		status = add_everywhere(plan, &everywhere);
	if (status == ES_OK && starts_others && !plan->nloader_files)
		status = add_loader_files(arena, plan, diags);
	return status;
}

enum es_status es_landlock_paths(struct es_arena *arena,
				 struct es_profile *profile, int abi,
				 struct es_diags *diags,
				 struct es_landlock_plan *plan)
{
	struct es_rights everywhere = { 0 };
	bool starts_others = false;
	enum es_status status;

	*plan = (struct es_landlock_plan){ .abi = abi };
	status = add_grants(plan, profile->grants, &everywhere, &starts_others,
			    diags);
	if (profile->startup.until == ES_UNTIL_READY && is_manager_abstract())
		everywhere.scopes |= LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	plan->handled_fs = fs_rights(abi, false);
	plan->handled_net = rights_of_abi(ES_LANDLOCK_NET, abi, false) &
			    ~everywhere.net;
	plan->scoped = rights_of_abi(ES_LANDLOCK_SCOPE, abi, false) &
		       ~everywhere.scopes;
	if (status == ES_OK)
		status = add_everywhere(plan, &everywhere);
	if (status == ES_OK && starts_others)
		status = add_loader_files(arena, plan, diags);
	plan->second_net = plan->handled_net;
	plan->second_scoped = plan->scoped;
	plan->starting = true;
	if (status == ES_OK && profile->startup_grants)
		status = add_startup(arena, profile, plan, diags);
	plan->starting = false;
	plan->second_scoped &= ~plan->scoped;
	return status;
}

enum es_status es_landlock_program(struct es_landlock_plan *plan,
				   const struct es_program *program,
				   const struct es_policy *policy,
				   struct es_diags *diags)
{
	const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE;
	enum es_status status = ES_OK;
	struct stat found = { 0 };

	if (es_policy_lists_fds(policy) && !access("/proc/self/fd", F_OK))
		status = add_path(plan, "/proc/self/fd",
				  LANDLOCK_ACCESS_FS_READ_DIR, &found);
	for (size_t i = 0; i < program->nscripts && status == ES_OK; i++)
		status = add_needed(plan, &program->executed[i], read);
	plan->starting = true;
	for (size_t i = 0; i < program->nexecuted && status == ES_OK; i++)
		status = add_needed(plan, &program->executed[i],
				    read | LANDLOCK_ACCESS_FS_EXECUTE);
	for (size_t i = 0; i < program->nloaded && status == ES_OK; i++)
		status = add_needed(plan, &program->loaded[i], read);
	plan->starting = false;
	if (status != ES_OK && status != ES_NOMEM)
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't prepare Landlock's rules: %s",
			strerrordesc_np(errno));
	return status;
}

bool es_landlock_counts(const struct es_landlock_plan *plan,
			const struct es_landlock_rule *rule)
{
	return !plan->second || !rule->start;
}

struct es_landlock_plan es_landlock_second(const struct es_landlock_plan *plan)
{
	struct es_landlock_plan second = *plan;

	second.second = true;
	second.handled_net = plan->second_net;
	second.scoped = plan->second_scoped;
	return second;
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

		if (!beneath.allowed_access ||
		    !es_landlock_counts(plan, &plan->rules[i]))
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

void es_landlock_print(const struct es_landlock_rule *rule, bool two,
		       FILE *stream)
{
	fputs("  ", stream);
	es_print_escaped(stream, rule->path);
	fputc(':', stream);
	for (size_t i = 0; i < es_nlandlock_rights; i++)
		if (es_landlock_rights[i].kind == ES_LANDLOCK_FS &&
		    (rule->rights & es_landlock_rights[i].right))
			fprintf(stream, " %s", es_landlock_rights[i].name);
	fputs(two && rule->start ? " (start)\n" : "\n", stream);
}
