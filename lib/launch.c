/* SPDX-License-Identifier: MIT */
/* From a policy and a command line to a running program. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "access.h"
#include "compile.h"
#include "enforce.h"
#include "gate.h"
#include "helper.h"
#include "launch.h"
#include "listen.h"
#include "util.h"

extern char **environ;

enum es_status es_check_kernel(struct es_diags *diags)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action)) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"seccomp filters can't be had here: %s; they need "
			"Linux 4.14 and an outer sandbox that lets seccomp(2) "
			"pass", strerrordesc_np(errno));
		return ES_UNSUPPORTED;
	}
	return ES_OK;
}

/* A standard stream that is closed becomes /dev/null, so that no file of the
 * program takes its number. */
static enum es_status fill_streams(struct es_diags *diags)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free number is this one. */
		if (open("/dev/null", O_RDWR) != fd) {
			es_diag(diags, ES_ERROR, ES_NOWHERE,
				"descriptor %d is closed, and /dev/null can't "
				"be opened in its place: %s", fd,
				strerrordesc_np(errno));
			return ES_SYSTEM;
		}
	}
	return ES_OK;
}

/* Where what is inherited is now. */
static int source_of(const struct es_fd_entry *entry)
{
	return entry->activated ? 3 + (int)entry->given : entry->number;
}

/* Before anything of ours is opened, which might take the number. */
static enum es_status check_inherited(const struct es_profile *profile,
				      struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		if (e->activated && es_listen_given() <= e->given) {
			es_diag(diags, ES_ERROR, e->place,
				"no sockets were handed over: $LISTEN_FDS and "
				"$LISTEN_PID, see sd_listen_fds(3), don't say "
				"so");
			status = ES_INVALID;
			continue;
		}
		if (e->path || e->listen ||
		    fcntl(source_of(e), F_GETFD) >= 0)
			continue;
		es_diag(diags, ES_ERROR, e->place,
			"descriptor %d is to be inherited, but is not open",
			source_of(e));
		status = ES_INVALID;
	}
	return status;
}

static int by_number(const void *a, const void *b)
{
	const struct es_handed *left = a, *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

static void close_opened(struct es_handed *handed, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (handed[i].fd != handed[i].number)
			close(handed[i].fd);
}

/* The program shall wait at a FIFO as it is used to, and the launcher not at
 * all: what opening it waits for may never come. */
static enum es_status open_entry(const struct es_fd_entry *entry,
				 struct es_diags *diags, int *ret)
{
	es_autoclose int fd = open(entry->path, entry->flags | O_CLOEXEC |
						O_NOCTTY | O_NONBLOCK,
				   entry->mode);
	struct stat st;

	if (fd < 0 && errno == ENXIO) {
		es_diag(diags, ES_ERROR, entry->place,
			"'%s' can't be opened: it is a socket, or a FIFO that "
			"nobody reads", entry->path);
		return ES_INVALID;
	}
	if (fd < 0 || fstat(fd, &st) || fcntl(fd, F_SETFL, entry->flags)) {
		es_diag(diags, ES_ERROR, entry->place, "'%s': %s", entry->path,
			strerrordesc_np(errno));
		return ES_INVALID;
	}
	if (S_ISFIFO(st.st_mode) && (entry->flags & O_ACCMODE) == O_RDONLY) {
		es_diag(diags, ES_ERROR, entry->place,
			"'%s' is a FIFO, which ends before anybody has written "
			"to it unless its opening waits: open it in the shell "
			"and inherit it, or open it to read and write",
			entry->path);
		return ES_INVALID;
	}
	*ret = es_steal_fd(&fd);
	return ES_OK;
}

/* A number of the program is not the place to be yet: another's may be the same
 * by chance. */
static enum es_status move_away(const struct es_fd_entry *entry,
				struct es_diags *diags, int *fd)
{
	const int moved = fcntl(*fd, F_DUPFD_CLOEXEC, entry->number + 1);
	const int error = errno;

	close(*fd);
	*fd = moved;
	if (moved >= 0)
		return ES_OK;
	es_diag(diags, ES_ERROR, entry->place, "can't place a descriptor: %s",
		strerrordesc_np(error));
	return ES_SYSTEM;
}

/* Opens what `fds` says. *HANDED is malloced; what it opened is closed by
 * close_opened. */
static enum es_status open_handed(const struct es_profile *profile,
				  struct es_diags *diags,
				  struct es_handed **handed, size_t *n)
{
	enum es_status worst = ES_OK;
	size_t cap = 0;

	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		struct es_handed one = { source_of(e), e->number };
		enum es_status status = ES_OK;

		if (!es_grow(*handed, *n, cap))
			return ES_NOMEM;
		if (e->path)
			status = open_entry(e, diags, &one.fd);
		if (e->listen)
			status = es_listen_open(e, diags, &one.fd);
		if (status == ES_OK && (e->path || e->listen) &&
		    one.fd == one.number)
			status = move_away(e, diags, &one.fd);
		if (status == ES_OK)
			(*handed)[(*n)++] = one;
		else
			worst = status;
	}
	if (*n)
		qsort(*handed, *n, sizeof(**handed), by_number);
	return worst;
}

/* Is it a folder that is handed over as it is? */
static bool is_folder(const struct es_fd_entry *entry)
{
	struct stat st;

	return !entry->listen &&
	       !(entry->path ? stat(entry->path, &st) :
			       fstat(source_of(entry), &st)) &&
	       S_ISDIR(st.st_mode);
}

/* Relative names begin there, whatever the paths say. */
static void print_working_folder(FILE *stream, struct es_context *context,
				 const struct es_compiled *compiled)
{
	const char *folder = es_working_folder(&context->arena);
	bool inside = false, exists = false;

	for (size_t i = 0; folder && i < compiled->plan.n; i++) {
		const struct es_landlock_rule *rule = &compiled->plan.rules[i];
		const char *path = rule->start ? NULL :
				   es_path_resolve(&context->arena, rule->path,
						   true, &exists);

		inside |= path && es_path_is_below(folder, path);
	}
	fputs("working folder: ", stream);
	es_print_escaped(stream, folder ? folder : "unknown");
	fputs(inside ? "\n" : ", outside the paths\n", stream);
}

static void print_launch(FILE *stream, const struct es_program *program,
			 const struct es_compiled *compiled,
			 struct es_context *context)
{
	const struct es_profile *profile = &context->profile;

	fputs("program: ", stream);
	es_print_escaped(stream, program->path);
	for (size_t i = 1; program->argv[0] && program->argv[i]; i++) {
		fputc(' ', stream);
		es_print_escaped(stream, program->argv[i]);
	}
	fprintf(stream, "\nkind: %s\n",
		program->dynamic ? "dynamic" : "static");
	for (size_t i = 0; i < program->nexecuted; i++) {
		fputs("executes: ", stream);
		es_print_escaped(stream, program->executed[i].path);
		fputc('\n', stream);
	}
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		fprintf(stream, "descriptor %d: %s, ", e->number, e->name);
		es_print_escaped(stream, e->path ? e->path : e->listen ?
				 e->listen : "inherited");
		fputs(is_folder(e) ? ", a folder: what is below it is held to "
				     "the paths, its list is not\n" : "\n",
		      stream);
	}
	print_working_folder(stream, context, compiled);
	es_compiled_print(compiled, stream);
	fflush(stream);
}

/* The process that adds the second layer, once the program is there. */
static enum es_status start_helper(struct es_launching *launching,
				   const uint64_t key[3])
{
	const struct es_compiled *compiled = &launching->compiled;
	struct es_helping helping = {
		.arming = { .filter = &compiled->exact_filter, .key = key,
			    .reports = compiled->watching },
		.report = launching->report,
		.startup = &launching->context->profile.startup,
		.notify = getenv("NOTIFY_SOCKET"),
	};
	const struct es_landlock_plan second =
		es_landlock_second(&compiled->plan);
	es_autoclose int ruleset = -1;
	struct sigaction action;
	sigset_t mask;
	enum es_status status;

	if (helping.startup->until == ES_UNTIL_READY && !helping.notify) {
		es_diag(launching->diags, ES_ERROR, helping.startup->place,
			"`until: ready` needs a manager that waits for it: "
			"$NOTIFY_SOCKET is not set, as in a unit of systemd "
			"without Type=notify");
		return ES_INVALID;
	}
	status = es_landlock_ruleset(&second, launching->diags, &ruleset);
	if (status != ES_OK)
		return status;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	helping.arming.ruleset = ruleset;
	helping.arming.flags = es_landlock_flags(&second);
	helping.arming.trap_ignored = !sigaction(SIGTRAP, NULL, &action) &&
				      action.sa_handler == SIG_IGN;
	helping.arming.trap_blocked = sigismember(
		launching->mask ? launching->mask : &mask, SIGTRAP) == 1;
	return es_helper_start(&helping, launching->diags);
}

/* Everything is known and built; from here on it is real. */
ES_ANY_STACK static enum es_status go(struct es_launching *launching,
				      const uint64_t key[3])
{
	const struct es_program *program = &launching->program;
	const struct es_compiled *compiled = &launching->compiled;
	struct es_diags *diags = launching->diags;
	es_autofree struct es_handed *handed = NULL;
	es_autoclose int ruleset = -1;
	char *const *envp = NULL;
	size_t n = 0;
	enum es_status status = es_landlock_ruleset(
		&compiled->plan, diags, &ruleset);

	if (status == ES_OK)
		status = open_handed(&launching->context->profile, diags,
				     &handed, &n);
	envp = es_listen_environment(&launching->context->arena,
				     &launching->context->profile, environ);
	if (status == ES_OK && !envp)
		status = ES_NOMEM;
	if (status == ES_OK && launching->options->warnings)
		es_diags_print(diags, launching->options->warnings, false);
	if (status == ES_OK && compiled->arms)
		status = start_helper(launching, key);
	if (status == ES_OK)
		es_enforce(&(struct es_enforcement){
			.path = program->path, .argv = program->argv,
			.envp = envp, .handed = handed, .nhanded = n,
			.ruleset = ruleset,
			.flags = es_landlock_flags(&compiled->plan),
			.report = launching->report, .mask = launching->mask,
			.filter = compiled->policy.open ? NULL :
							  &compiled->filter,
			.key = key,
		});
	close_opened(handed, n);
	return status;
}

enum es_status es_launch_begin(struct es_diags *diags)
{
	enum es_status status = es_refuse_privilege(diags);

	if (status == ES_OK)
		status = es_check_kernel(diags);
	return status == ES_OK ? fill_streams(diags) : status;
}

enum es_status es_launch_prepared(struct es_launching *launching)
{
	struct es_context *context = launching->context;
	const struct es_launch_options *options = launching->options;
	struct es_diags *diags = launching->diags;
	struct es_program *program = &launching->program;
	struct es_compiled *compiled = &launching->compiled;
	uint64_t key[3] = { 0 };
	enum es_status status = es_context_complete(context, diags);

	if (!context)
		return status;
	if (!launching->argv || !launching->argv[0]) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"a program is expected, not NULL");
		return ES_INVALID;
	}
	if (status == ES_INVALID ||
	    (status == ES_OK && es_fds_assign(&context->profile, NULL))) {
		/* Whatever else is wrong is told in the same run. */
		status = es_compile(context, NULL, key, diags, compiled);
		return status == ES_OK ? ES_INTERNAL : status;
	}
	if (status == ES_OK)
		status = es_refuse_privilege(diags);
	if (status == ES_OK)
		status = es_check_kernel(diags);
	if (status == ES_OK && !options->dry_run)
		status = fill_streams(diags);
	if (status == ES_OK)
		status = check_inherited(&context->profile, diags);
	if (status == ES_OK && es_gate_key(key)) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"no random numbers can be had: %s",
			strerrordesc_np(errno));
		status = ES_SYSTEM;
	}
	if (status == ES_OK)
		status = es_program_resolve(&context->arena, launching->argv,
					    diags, program);
	if (status == ES_OK)
		status = es_compile(context, program, key, diags, compiled);
	if (status != ES_OK)
		return status;
	if (options->dry_run || options->verbose)
		print_launch(options->dry_run ? options->dry_run :
			     options->verbose, program, compiled, context);
	if (context->arena.exhausted)
		return ES_NOMEM;
	return options->dry_run ? ES_OK : go(launching, key);
}

void es_launching_finish(struct es_launching *launching)
{
	es_compiled_finish(&launching->compiled);
	es_program_finish(&launching->program);
}

enum es_status es_launch(struct es_context *context, char *const argv[],
			 const struct es_launch_options *options,
			 struct es_diags *diags)
{
	static const struct es_launch_options none = { 0 };
	/* Its policies are large, and stacks may be small. */
	es_autofree struct es_launching *launching =
		calloc(1, sizeof(*launching));
	enum es_status status;

	if (!launching)
		return ES_NOMEM;
	launching->context = context;
	launching->argv = argv;
	launching->options = options ? options : &none;
	launching->diags = diags;
	launching->report = -1;
	status = es_launch_prepared(launching);
	es_launching_finish(launching);
	return status;
}
