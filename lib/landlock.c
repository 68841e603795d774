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

enum { ABI_NET = 4, ABI_SCOPES = 6 };

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
	FS("refer", REFER, 2, false),
	FS("truncate", TRUNCATE, 3, true),
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

void es_landlock_missing(int error, enum es_severity severity,
			 struct es_diags *diags)
{
	struct utsname kernel = { 0 };

	uname(&kernel);
	es_diag(diags, severity, ES_NOWHERE,
		"Landlock can't be had here (Linux %s): %s; it needs Linux 5.13, "
		"%s", kernel.release, strerrordesc_np(error),
		error == EOPNOTSUPP ? "and 'landlock' in the kernel's lsm= list" :
		"and an outer sandbox that lets landlock_create_ruleset pass");
}

const struct es_landlock_right *es_landlock_lacking(enum es_landlock_kind kind,
						    uint64_t rights, int abi)
{
	const struct es_landlock_right *newest = NULL;

	for (size_t i = 0; i < es_nlandlock_rights; i++) {
		const struct es_landlock_right *r = &es_landlock_rights[i];

		if (r->kind == kind && (r->right & rights) && r->abi > abi &&
		    (!newest || r->abi > newest->abi))
			newest = r;
	}
	return newest;
}

/* What the kernel lacks of RIGHT, for WHAT: an error, or behind a warning of what
 * is LOST all the same where that is asked for. */
static bool tell_lacking(const struct es_landlock_plan *plan,
			 const struct es_landlock_right *right,
			 struct es_place place, const char *what,
			 const char *lost, struct es_diags *diags)
{
	struct utsname kernel = { 0 };
	char has[32] = "no Landlock";

	uname(&kernel);
	if (plan->abi)
		snprintf(has, sizeof(has), "ABI %d", plan->abi);
	es_diag(diags, plan->best_effort ? ES_WARNING : ES_ERROR, place,
		"%s needs Landlock's right '%s' (ABI %d), and the kernel "
		"(Linux %s) has %s%s%s", what, right->name, right->abi,
		kernel.release, has, plan->best_effort ? ": " : "",
		plan->best_effort ? lost : "");
	return plan->best_effort;
}

bool es_landlock_unheld(const struct es_landlock_plan *plan,
			const struct es_landlock_right *right,
			struct es_place place, const char *call,
			struct es_diags *diags)
{
	char what[64];

	snprintf(what, sizeof(what), "to hold %s, this", call);
	return tell_lacking(plan, right, place, what,
			    "it passes everywhere", diags);
}

/* Can the kernel hold RIGHTS where they are given? */
static bool is_held(const struct es_landlock_plan *plan,
		    enum es_landlock_kind kind, uint64_t rights,
		    struct es_place place, const char *lost,
		    struct es_diags *diags)
{
	const struct es_landlock_right *lacking =
		es_landlock_lacking(kind, rights, plan->abi);

	return !lacking ||
	       tell_lacking(plan, lacking, place, "this", lost, diags);
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

/* RIGHTS to files, as a grant of WORD gives them. */
static uint64_t given(const struct es_landlock_plan *plan,
		      const struct es_word *word, uint64_t rights)
{
	return plan->requests && !(word->flags & ES_WORD_REQUESTS) ?
	       rights & ~(uint64_t)LANDLOCK_ACCESS_FS_IOCTL_DEV : rights;
}

static enum es_status add_grant(struct es_landlock_plan *plan,
				struct es_grant *grant,
				struct es_diags *diags)
{
	struct stat found = { 0 };
	const enum es_status status = add_path(
		plan, grant->path,
		given(plan, grant->word, es_word_rights(grant->word).fs),
		&found);
	const int error = errno; /* to tell it may change that */

	if (status == ES_INVALID && error == ENOENT && grant->optional) {
		grant->skipped = true;
		return ES_OK;
	}
	if (status == ES_INVALID) {
		es_diag(diags, ES_ERROR, grant->path_place, "'%s': %s",
			grant->path, strerrordesc_np(error));
		if (error == ENOENT && !grant->path_place.line)
			es_diag(diags, ES_NOTE, grant->path_place,
				"to skip what is missing, set `optional` of "
				"es_allow_with(3)");
		else if (error == ENOENT)
			es_diag(diags, ES_NOTE, grant->path_place,
				"to skip what is missing, write `{path: %s, "
				"optional: true}`", grant->path);
		/* `-a SystemIO.read_path=/etc,/usr` */
		if (error == ENOENT && strchr(grant->path, ',') &&
		    grant->place.source && *grant->place.source->name == '-')
			es_diag(diags, ES_NOTE, grant->path_place,
				"this is one path; for several, repeat -a");
		if (error == ENOENT &&
		    (grant->word->flags & (ES_WORD_FOLDER | ES_WORD_PATH)) ==
			    ES_WORD_PATH && es_word_rights(grant->word).fs &
					    LANDLOCK_ACCESS_FS_WRITE_FILE)
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

static enum es_status add_port(struct es_landlock_plan *plan, uint64_t port,
			       uint64_t rights)
{
	if (!es_grow(plan->ports, plan->nports, plan->ports_cap))
		return ES_NOMEM;
	plan->ports[plan->nports++] = (struct es_landlock_port){
		.port = (uint16_t)port, .start = plan->starting,
		.rights = rights };
	return ES_OK;
}

/* Adds the ports that GRANT is held to; *EVERYWHERE: none. */
static enum es_status add_ports(struct es_landlock_plan *plan,
				const struct es_grant *grant,
				const struct es_rights *rights,
				struct es_rights *everywhere,
				struct es_diags *diags)
{
	const char *own = grant->word->ports;
	enum es_status status = ES_OK;

	if (!own && !grant->ports.n) {
		everywhere->net |= rights->net;
		return ES_OK;
	}
	if (!is_held(plan, ES_LANDLOCK_NET, rights->net,
		     own ? grant->place : grant->ports_place,
		     "every port can be used", diags))
		return ES_UNSUPPORTED;
	for (char *end = NULL; own && *own && status == ES_OK;
	     own = end + (*end == ' '))
		status = add_port(plan, strtoul(own, &end, 10), rights->net);
	for (size_t i = 0; i < grant->ports.n; i++)
		for (uint64_t port = grant->ports.at[i].lo;
		     port <= grant->ports.at[i].hi && status == ES_OK; port++)
			status = add_port(plan, port, rights->net);
	return status;
}

/* Adds the files that WORD is about by itself, and those of what it includes. */
static enum es_status add_own(struct es_arena *arena,
			      struct es_landlock_plan *plan,
			      const struct es_word *word)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;
	const uint64_t rights = given(plan, word, es_word_own_rights(word).fs);
	enum es_status status = ES_OK;

	while (status == ES_OK && (included = es_word_next(&at)))
		status = add_own(arena, plan, included);
	for (const char *path = word->paths; path && *path && status == ES_OK;
	     path += strspn(path, " ")) {
		const size_t len = strcspn(path, " ");
		const char *one = es_arena_copy(arena, path, len);
		struct stat found = { 0 };

		if (!one)
			return ES_NOMEM;
		status = add_path(plan, one, rights, &found);
		if (status == ES_INVALID && errno != ENOMEM)
			status = ES_OK; /* it is missing */
		path += len;
	}
	return status;
}

static bool has_own(const struct es_word *word)
{
	const char *at = word->includes ? word->includes : "";
	const struct es_word *included = NULL;

	while (!word->paths && (included = es_word_next(&at)))
		if (has_own(included))
			return true;
	return word->paths;
}

/* Adds what GRANT gives: paths and ports to PLAN, the rest to *EVERYWHERE. */
static enum es_status add_given(struct es_arena *arena,
				struct es_landlock_plan *plan,
				struct es_grant *grant,
				struct es_rights *everywhere,
				struct es_diags *diags)
{
	const struct es_word *word = grant->word;
	const char *lost = !plan->abi ? "it holds everywhere, as without a path" :
			   "more can be done than is said, and not there "
			   "alone";
	const struct es_rights rights = es_word_rights(word);
	enum es_status status = add_ports(plan, grant, &rights, everywhere,
					  diags);

	everywhere->scopes |= rights.scopes;
	if (is_word(grant, "notify") && is_manager_abstract())
		everywhere->scopes |= LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	if (status != ES_OK)
		return status;
	/* Without the right to truncate, what may be read could be emptied. */
	if ((grant->path || has_own(word)) &&
	    !is_held(plan, ES_LANDLOCK_FS,
		     word->path_right | LANDLOCK_ACCESS_FS_TRUNCATE,
		     grant->path ? grant->path_place : grant->place, lost,
		     diags))
		return ES_UNSUPPORTED;
	/* The first ABI lets nothing be moved at all. */
	if (!grant->path && plan->abi &&
	    !is_held(plan, ES_LANDLOCK_FS, rights.fs & LANDLOCK_ACCESS_FS_REFER,
		     grant->place, "nothing can be moved to another folder",
		     diags))
		return ES_UNSUPPORTED;
	if (grant->path)
		return add_grant(plan, grant, diags);
	everywhere->fs |= given(plan, word, rights.fs);
	return add_own(arena, plan, word);
}

/* Adds what a list of grants gives. */
static enum es_status add_grants(struct es_arena *arena,
				 struct es_landlock_plan *plan,
				 struct es_grant *grants,
				 struct es_rights *everywhere, bool *starts,
				 struct es_diags *diags)
{
	enum es_status worst = ES_OK;

	for (struct es_grant *g = grants; g; g = g->next) {
		const enum es_status status = add_given(arena, plan, g,
							everywhere, diags);

		*starts |= g->path && !g->skipped && is_word(g, "exec_path");
		if (status != ES_OK && worst != ES_NOMEM)
			worst = status;
	}
	return worst;
}

static bool gives_requests(const struct es_grant *grants)
{
	while (grants && !(grants->path &&
			   (grants->word->flags & ES_WORD_REQUESTS)))
		grants = grants->next;
	return grants;
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
	enum es_status status = add_grants(arena, plan, profile->startup_grants,
					   &everywhere, &starts_others, diags);

	plan->handled_net &= ~everywhere.net;
	plan->scoped &= ~everywhere.scopes;
	if (status == ES_OK)
		status = add_everywhere(plan, &everywhere);
	if (status == ES_OK && starts_others && !plan->nloader_files)
		status = add_loader_files(arena, plan, diags);
	return status;
}

static const struct es_grant *reaches_past(const struct es_profile *profile,
					   uint64_t scope)
{
	const struct es_grant *grant = profile->grants;

	while (grant && !(es_word_rights(grant->word).scopes & scope))
		grant = grant->next;
	return grant;
}

/* Holds PLAN to the scopes that PROFILE names, if it names any, of which
 * permissions take TAKEN off. False behind a diagnostic. */
static bool choose_scopes(const struct es_profile *profile,
			  struct es_landlock_plan *plan, uint64_t taken,
			  struct es_diags *diags)
{
	const struct es_landlock_asks *asks = &profile->landlock;
	const uint64_t vain = asks->scopes & taken;
	const struct es_grant *by = vain ? reaches_past(profile, vain) : NULL;

	if (!asks->chooses)
		return true;
	plan->scoped &= asks->scopes;
	if (by) {
		es_diag(diags, ES_ERROR, asks->scope_place,
			"'scope' has no effect: %s.%s reaches past it",
			by->word->set, by->word->word);
		es_diag(diags, ES_NOTE, by->place, "it is allowed here");
	}
	return !by && is_held(plan, ES_LANDLOCK_SCOPE, asks->scopes,
			      asks->scope_place, "others can be reached", diags);
}

/* Where there is no filter, what Landlock lacks holds nobody. */
static bool holds_alone(const struct es_profile *profile,
			const struct es_landlock_plan *plan,
			const struct es_rights *everywhere,
			struct es_diags *diags)
{
	const struct es_landlock_asks *asks = &profile->landlock;
	const struct {
		enum es_landlock_kind kind;
		uint64_t held;
	} kinds[] = {
		{ ES_LANDLOCK_FS, ~everywhere->fs },
		{ ES_LANDLOCK_NET, ~everywhere->net },
		{ ES_LANDLOCK_SCOPE, asks->chooses ? asks->scopes :
						     ~everywhere->scopes },
	};
	bool fine = true;

	for (size_t i = 0; i < ES_COUNT(kinds) && asks->only; i++)
		fine = is_held(plan, kinds[i].kind, kinds[i].held,
			       asks->only_place, "nothing holds the program there",
			       diags) && fine;
	return fine;
}

enum es_status es_landlock_paths(struct es_arena *arena,
				 struct es_profile *profile,
				 struct es_diags *diags,
				 struct es_landlock_plan *plan)
{
	const int abi = plan->abi;
	struct es_rights everywhere = { 0 };
	bool starts_others = false;
	enum es_status status;

	plan->requests = gives_requests(profile->grants) ||
			 gives_requests(profile->startup_grants);
	status = add_grants(arena, plan, profile->grants, &everywhere,
			    &starts_others, diags);
	if (profile->startup.until == ES_UNTIL_READY && is_manager_abstract())
		everywhere.scopes |= LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	plan->handled_fs = fs_rights(abi, false);
	plan->handled_net = rights_of_abi(ES_LANDLOCK_NET, abi, false) &
			    ~everywhere.net;
	plan->scoped = rights_of_abi(ES_LANDLOCK_SCOPE, abi, false) &
		       ~everywhere.scopes;
	if (!choose_scopes(profile, plan, everywhere.scopes, diags) &&
	    status == ES_OK)
		status = ES_INVALID;
	if (!holds_alone(profile, plan, &everywhere, diags) && status == ES_OK)
		status = ES_UNSUPPORTED;
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
	static const struct es_program none = { 0 };
	const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE;
	enum es_status status = ES_OK;
	struct stat found = { 0 };

	if (!program)
		program = &none;
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

struct es_landlock_plan es_landlock_alone(const struct es_landlock_plan *plan)
{
	struct es_landlock_plan alone = es_landlock_second(plan);

	alone.scoped |= plan->scoped;
	return alone;
}

void es_landlock_finish(struct es_landlock_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->rules[i].borrowed)
			close(plan->rules[i].fd);
	free(plan->rules);
	free(plan->ports);
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
