/* SPDX-License-Identifier: MIT */
/* Answers to calls that were written down; see extrasafe.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "follow.h"
#include "remedy.h"
#include "strace.h"
#include "suggest.h"
#include "util.h"

enum { MAX_TEXT = 240 };

/* Calls with the same answer. */
struct answer {
	struct es_why_info info;
	uint32_t nr, ret;
	const struct es_rule *rule;
	uint64_t lacks;
};

struct es_why {
	struct es_context *context;
	struct es_compiled compiled;
	struct es_program program;
	struct es_arena arena;   /* answers */
	struct es_arena scratch; /* the line that is read */
	struct es_strace strace;
	struct answer *answers; /* owned */
	size_t nanswers, answers_cap;
	struct es_remedy remedy;
	size_t answered[ES_REMEDY_CALLS]; /* which answer a denied call got */
	struct es_why_summary summary;
	struct es_follow follow;
	struct es_landlock_plan second; /* layer */
	size_t lines;
	bool begun;     /* a call was read */
	bool confining; /* a filter was added since the last execve */
	bool starting;  /* before the program's entry point: the first layer
			 * alone is in force */
	bool loading;   /* and its loader has opened something */
};

static const struct es_policy *policy_of(const struct es_why *why)
{
	return why->starting ? &why->compiled.policy :
			       es_compiled_policy(&why->compiled);
}

static struct es_force force_of(struct es_why *why)
{
	return (struct es_force){
		&why->arena, &why->context->profile, policy_of(why),
		why->compiled.arms && !why->starting ? &why->second :
						       &why->compiled.plan,
		ES_NAME_ANY,
	};
}

static enum es_status compile(struct es_why *why, struct es_diags *diags,
			      const struct es_program *program)
{
	/* Nothing is started, and no call is to have it. */
	static const uint64_t key[3] = { 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9,
					 0x94d049bb133111eb };
	enum es_status status = es_compile(why->context, program, key, diags,
					   &why->compiled);

	if (status == ES_OK &&
	    !es_landlock_resolve(&why->arena, &why->compiled.plan))
		status = ES_NOMEM;
	why->second = es_landlock_second(&why->compiled.plan);
	return status;
}

enum es_status es_why_new(struct es_context *context, struct es_diags *diags,
			  struct es_why **ret)
{
	struct es_why *why = calloc(1, sizeof(*why));
	enum es_status status = ES_NOMEM;

	if (!why || !context) {
		free(why);
		return status;
	}
	if (!ret) {
		free(why);
		return ES_INVALID;
	}
	why->context = context;
	why->strace.arena = &why->scratch;
	why->follow = (struct es_follow){
		.arena = &why->arena, .scratch = &why->scratch, .pid = -1,
		.folder = es_working_folder(&why->arena),
	};
	status = es_refuse_privilege(diags);
	if (status == ES_OK)
		status = compile(why, diags, NULL);
	if (status == ES_OK) {
		*ret = why;
		return status;
	}
	es_why_free(why);
	return status;
}

void es_why_free(struct es_why *why)
{
	if (!why)
		return;
	es_compiled_finish(&why->compiled);
	es_program_finish(&why->program);
	es_arena_finish(&why->arena);
	es_arena_finish(&why->scratch);
	es_remedy_finish(&why->remedy);
	free(why->answers);
	free(why);
}

/* TEXT, cut and escaped, in the arena. */
static const char *shown(struct es_why *why, const char *text, size_t len)
{
	const char *cut = es_arena_copy(&why->scratch, text,
					len < MAX_TEXT ? len : MAX_TEXT);
	es_autofree char *escaped = cut ? es_escaped(cut) : NULL;

	return escaped ? es_arena_printf(&why->arena, "%s%s", escaped,
					 len > MAX_TEXT ? "..." : "") : NULL;
}

static const char *action_name(struct es_arena *arena, uint32_t ret)
{
	const char *name = strerrorname_np((int)(ret & SECCOMP_RET_DATA));

	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return NULL;
	case SECCOMP_RET_ERRNO:
		return name ? name : "0";
	case SECCOMP_RET_TRAP:
		return "trap";
	case SECCOMP_RET_KILL_THREAD:
		return "kill_thread";
	case SECCOMP_RET_KILL_PROCESS:
		return "kill";
	default:
		return es_arena_printf(arena, "%#x", ret);
	}
}

static const char *right_names(struct es_arena *arena,
			       enum es_landlock_kind kind, uint64_t rights)
{
	const char *names = NULL;

	for (size_t i = 0; i < es_nlandlock_rights; i++) {
		const struct es_landlock_right *r = &es_landlock_rights[i];

		if (r->kind != kind || !(r->right & rights))
			continue;
		names = es_arena_printf(arena, "%s%s%s", names ? names : "",
					names ? " " : "", r->name);
		if (!names)
			return NULL;
	}
	return names;
}

/* Who decides, and where that was written. */
static void tell_rule(struct es_why *why, const struct es_asked *asked,
		      const struct es_answer *answer, struct es_why_info *info)
{
	const struct es_rule *rule = answer->verdict.rule;
	const struct es_grant *grant = NULL;

	if (!rule)
		return;
	if (answer->guarded) {
		const struct es_force force = force_of(why);

		grant = es_guard_of(&force, &asked->call);
	} else {
		grant = rule->grant;
	}
	if (!grant) {
		info->permission = answer->guarded ? NULL :
				   rule->basic ? "BasicCapabilities.basic" :
						 "Loader.start";
		return;
	}
	info->permission = es_arena_printf(&why->arena, "%s.%s",
					   grant->word->set, grant->word->word);
	if (!grant->place.source)
		return;
	info->file = shown(why, grant->place.source->name,
			   strlen(grant->place.source->name));
	info->file_line = grant->place.line;
	info->column = grant->place.column;
}

static enum es_status give(struct es_why *why, const struct es_advice *advice,
			   const char **fragment)
{
	struct es_pieces own = {
		.ports = es_ports_find(&why->context->profile),
	};
	es_autofree char *text = NULL;
	bool fine = true;

	for (size_t i = 0; i < advice->n && fine; i++)
		fine = es_pieces_add(&own, &advice->pieces[i]);
	text = fine && own.n ? es_pieces_flow(&own) : NULL;
	fine = fine && (!own.n || text);
	if (text)
		*fragment = es_arena_copy(&why->arena, text, strlen(text));
	es_pieces_finish(&own);
	return fine && (!own.n || *fragment) ? ES_OK : ES_NOMEM;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_same(const struct answer *a, const struct answer *b)
{
	return a->nr == b->nr && a->ret == b->ret && a->rule == b->rule &&
	       a->lacks == b->lacks && a->info.verdict == b->info.verdict &&
	       same(a->info.path, b->info.path) &&
	       a->info.port == b->info.port &&
	       same(a->info.fragment, b->info.fragment) &&
	       same(a->info.reason, b->info.reason);
}

static struct answer *find_same(struct es_why *why, const struct answer *like)
{
	for (size_t i = 0; i < why->nanswers; i++)
		if (is_same(&why->answers[i], like))
			return &why->answers[i];
	return NULL;
}

static enum es_status add(struct es_why *why, struct answer *answer,
			  const char *text, size_t len)
{
	if (!es_grow(why->answers, why->nanswers, why->answers_cap))
		return ES_NOMEM;
	answer->info.call = shown(why, text, len);
	answer->info.line = why->lines;
	answer->info.times = 1;
	why->answers[why->nanswers++] = *answer;
	return answer->info.call ? ES_OK : ES_NOMEM;
}

/* Is what is denied by the second layer given by the first? */
static bool is_given_at_start(struct es_why *why, const struct es_asked *asked)
{
	const struct es_force first = {
		&why->scratch, &why->context->profile, &why->compiled.policy,
		&why->compiled.plan, ES_NAME_ANY,
	};
	struct es_answer answer;

	return why->compiled.arms && !why->starting &&
	       es_answer(&first, asked, &answer) && !es_answer_denies(&answer);
}

/* A denied call that was not asked after before: to what it adds. */
static enum es_status deny(struct es_why *why, const struct es_asked *asked,
			   const struct es_answer *own, struct answer *answer,
			   const char *text)
{
	const struct es_force force = force_of(why);
	struct es_why_info *info = &answer->info;
	struct es_advice advice;
	struct answer *found = NULL;
	enum es_status status = ES_OK;

	info->layer = own->lacks ? "landlock" : "filter";
	if (own->lacks) {
		info->action = "EACCES";
		if (own->path)
			info->path = shown(why, own->path, strlen(own->path));
		info->port = own->path ? -1 : (int)own->port;
		info->right = right_names(&why->arena, own->path ?
					  ES_LANDLOCK_FS : ES_LANDLOCK_NET,
					  own->lacks);
	}
	if (!es_advise(&force, asked, own, &advice) ||
	    (own->lacks && (!info->right || (own->path && !info->path))))
		return ES_NOMEM;
	if (is_given_at_start(why, asked))
		info->reason = why->context->profile.startup.place.source ?
			       "it is allowed until the program has started "
			       "up" :
			       "it is allowed up to the entry point, for "
			       "loaders";
	if (advice.reason)
		info->reason = advice.reason;
	status = give(why, &advice, &info->fragment);
	if (status != ES_OK)
		return status;
	found = find_same(why, answer);
	if (found)
		found->info.times++;
	else
		status = add(why, answer, text, strlen(text));
	if (status != ES_OK)
		return status;
	if (why->remedy.denied.n < ES_REMEDY_CALLS)
		why->answered[why->remedy.denied.n] =
			found ? (size_t)(found - why->answers) :
				why->nanswers - 1;
	return es_remedy_denied(&why->remedy, &why->arena, asked) ? ES_OK :
								    ES_NOMEM;
}

static enum es_status answer(struct es_why *why, const struct es_asked *asked,
			     const char *text, const char *reason)
{
	struct es_force force = force_of(why);
	struct es_answer own;
	struct answer known, *found = NULL;
	size_t at = 0;

	force.arena = &why->scratch;
	if (!es_answer(&force, asked, &own))
		return ES_NOMEM;

	const bool denied = es_answer_denies(&own);

	known = (struct answer){
		.nr = asked->call.nr, .ret = own.verdict.ret,
		.rule = own.verdict.rule, .lacks = own.lacks,
		.info.reason = reason, .info.port = -1,
	};
	if (denied)
		known.info.verdict = ES_WHY_DENIED;
	else if (own.verdict.ret != SECCOMP_RET_ALLOW)
		known.info.verdict = ES_WHY_PRETENDED;
	why->summary.calls++;
	why->summary.denied += denied;
	why->summary.allowed += !denied;
	if (!denied && !es_remedy_allowed(&why->remedy, &why->arena, asked))
		return ES_NOMEM;
	if (!denied)
		found = find_same(why, &known);
	else if (es_calls_find(&why->remedy.denied, asked, &at))
		found = &why->answers[why->answered[at]];
	if (found) {
		found->info.times++;
		return ES_OK;
	}
	known.info.action = action_name(&why->arena, own.verdict.ret);
	tell_rule(why, asked, &own, &known.info);
	return denied ? deny(why, asked, &own, &known, text) :
			add(why, &known, text, strlen(text));
}

static enum es_status tell_wrong(struct es_why *why, const char *text,
				 size_t len)
{
	struct answer wrong = { .info = { .verdict = ES_WHY_UNREADABLE,
					   .port = -1 } };

	why->summary.unreadable++;
	wrong.info.reason = shown(why, why->strace.wrong,
				  strlen(why->strace.wrong));
	return wrong.info.reason ? add(why, &wrong, text, len) : ES_NOMEM;
}

/* Calls whose flags no filter sees, and what their callers do without. */
static const struct {
	const char *call, *instead;
	unsigned flags; /* the argument that has them there */
} seconds[] = {
	{ "clone3", "clone", 0 },
	{ "openat2", "openat", 2 },
};

static const char *replace(const struct es_traced *traced,
			   const struct es_policy *policy,
			   struct es_asked *asked)
{
	for (size_t i = 0; i < ES_COUNT(seconds); i++) {
		const struct es_syscall *row = NULL;
		const uint32_t ret = es_judge(policy, &asked->call).ret;

		if (strcmp(seconds[i].call, traced->row->name) != 0 ||
		    ret != (SECCOMP_RET_ERRNO | ENOSYS))
			continue;
		row = es_syscall_find(seconds[i].instead,
				      strlen(seconds[i].instead));
		if (!row)
			return NULL;
		asked->call.nr = (uint32_t)es_syscall_number(row);
		if (!seconds[i].flags)
			memset(asked->call.args, 0, sizeof(asked->call.args));
		asked->call.args[seconds[i].flags] = traced->flags |
						     traced->signal;
		return seconds[i].flags ?
		       "denied with ENOSYS, so that callers use openat, which "
		       "was asked after" :
		       "denied with ENOSYS, so that callers use clone, which "
		       "was asked after";
	}
	return NULL;
}

/* The program's own process has a number of the trace. */
static void place_pid(struct es_why *why, const struct es_traced *traced,
		      struct es_call *call)
{
	static const char *const signals[] = { "kill", "tgkill", "tkill" };

	for (size_t i = 0; i < ES_COUNT(signals); i++)
		if (!strcmp(signals[i], traced->row->name) &&
		    why->follow.pid >= 0 &&
		    (uint32_t)call->args[0] == (uint32_t)why->follow.pid)
			call->args[0] = why->compiled.policy.self.lo;
}

/* The program that a trace begins with: its files may be read, and whether it
 * has a dynamic loader is known. */
static enum es_status start(struct es_why *why, const struct es_traced *traced)
{
	struct es_use use = { .dirfd = -1 };
	const char *path = es_follow_path(&why->follow, traced, &use);
	char *argv[] = { (char *)path, NULL };
	struct es_program program = { 0 };
	enum es_status status = ES_OK;

	if (!path)
		return ES_OK;
	status = es_program_resolve(&why->context->arena, argv, NULL, &program);
	if (status != ES_OK) {
		/* It may be another machine's: then any will do. */
		es_program_finish(&program);
		return status == ES_NOMEM ? status : ES_OK;
	}
	es_compiled_finish(&why->compiled);
	es_program_finish(&why->program);
	why->compiled = (struct es_compiled){ 0 };
	why->program = program;
	status = compile(why, NULL, &why->program);
	why->starting = why->compiled.arms;
	return status;
}

/* Takes back what was told of calls before the program. */
static void forget(struct es_why *why)
{
	why->nanswers = why->remedy.denied.n = why->remedy.allowed.n = 0;
	why->summary = (struct es_why_summary){ 0 };
}

/* Is it the start of the program by extrasafe, or by who traces it? */
static bool begins(struct es_why *why, const struct es_traced *traced)
{
	const bool execs = !strcmp(traced->row->name, "execve") &&
			   traced->finished && !traced->failed;
	const bool first = !why->begun;

	why->begun = true;
	if (!strcmp(traced->row->name, "seccomp") && traced->finished &&
	    !traced->failed && traced->call.args[0] == SECCOMP_SET_MODE_FILTER)
		why->confining = true;
	if (!execs || (!first && !why->confining))
		return false;
	if (!first)
		forget(why);
	why->follow.pid = traced->pid;
	why->confining = false;
	return true;
}

/* Is it the call with which `startup` ends, or the last before? */
static bool ends_startup(const struct es_startup *startup,
			 const struct es_syscall *row,
			 const struct es_traced *traced)
{
	switch (startup->until) {
	case ES_UNTIL_LISTENING:
		return !strcmp(row->name, "listen");
	case ES_UNTIL_READY:
		return strstr(traced->text, "READY=1") != NULL;
	case ES_UNTIL_BLOCKED:
		for (size_t i = 0; i < startup->ncalls; i++)
			if (startup->calls[i] == traced->call.nr)
				return true;
		return false;
	case ES_UNTIL_ENTRY:
	default:
		return false;
	}
}

/* Does the program begin with this call, or behind it? Loaders of glibc set the
 * thread's number up once all is opened, musl's before; and no loader does what
 * the first layer denies. */
static bool ends_loading(struct es_why *why, const struct es_asked *asked,
			 const struct es_syscall *row)
{
	const struct es_force force = force_of(why);
	struct es_answer answer;

	if (!strcmp(row->name, "openat") || !strcmp(row->name, "open"))
		why->loading = true;
	return (why->loading && !strcmp(row->name, "set_tid_address")) ||
	       !es_answer(&force, asked, &answer) || es_answer_denies(&answer);
}

static void follow_start(struct es_why *why, const struct es_asked *asked,
			 const struct es_traced *traced)
{
	const struct es_startup *startup = &why->context->profile.startup;
	const struct es_syscall *row = es_syscall_of(asked->call.nr);

	if (row && why->starting)
		why->starting = startup->place.source ?
				!ends_startup(startup, row, traced) :
				!ends_loading(why, asked, row);
}

static enum es_status ask(struct es_why *why, const struct es_traced *traced)
{
	struct es_asked asked = { .call = traced->call,
				  .family = traced->family };
	struct es_use uses[ES_MAX_PATHS];
	const char *reason = NULL;

	if (traced->flags)
		reason = replace(traced, policy_of(why), &asked);

	const size_t n = es_uses_of(&asked.call, uses);

	for (size_t i = 0; i < n; i++)
		asked.paths[i] = es_follow_path(&why->follow, traced, &uses[i]);
	asked.port = traced->port;
	asked.has_port = traced->has_port &&
			 !es_follow_is_other(&why->follow, traced, 0);
	place_pid(why, traced, &asked.call);
	if (!why->context->profile.startup.place.source)
		follow_start(why, &asked, traced);

	/* Stat and the like are not held to paths. */
	if (n && !asked.paths[0] && (uses[0].file || uses[0].folder) && !reason)
		reason = "what Landlock says can't be told: the path is not "
			 "known";

	enum es_status status = answer(why, &asked, traced->text, reason);

	if (why->context->profile.startup.place.source)
		follow_start(why, &asked, traced);

	if (status == ES_OK && !es_follow_call(&why->follow, traced))
		status = ES_NOMEM;
	return status;
}

static enum es_status conclude(struct es_why *why, enum es_line kind,
			       const struct es_traced *traced, const char *text,
			       size_t len, bool alone)
{
	enum es_status status = ES_OK;

	if (kind == ES_LINE_NOMEM)
		status = ES_NOMEM;
	else if (kind == ES_LINE_WRONG)
		status = tell_wrong(why, text, len);
	else if (kind == ES_LINE_CALL && !alone && begins(why, traced))
		status = start(why, traced);
	else if (kind == ES_LINE_CALL)
		status = ask(why, traced);
	if (!why->strace.nhalves)
		es_arena_rewind(&why->scratch);
	return status;
}

enum es_status es_why_call(struct es_why *why, const char *text)
{
	const size_t len = text ? strlen(text) : 0;
	struct es_traced traced;

	if (!why || !text)
		return ES_INVALID;
	why->lines++;
	return conclude(why, es_strace_call(&why->strace, text, len, &traced),
			&traced, text, len, true);
}

enum es_status es_why_line(struct es_why *why, const char *line, size_t len)
{
	struct es_traced traced;

	if (!why || !line)
		return ES_INVALID;
	why->lines++;
	return conclude(why, es_strace_line(&why->strace, line, len, &traced),
			&traced, line, len, false);
}

bool es_why_get(const struct es_why *why, size_t index,
		struct es_why_info *info)
{
	if (!why || !info || index >= why->nanswers)
		return false;
	*info = why->answers[index].info;
	return true;
}

enum es_status es_why_summarize(struct es_why *why,
				struct es_why_summary *summary)
{
	struct es_force force;
	enum es_status status;

	if (!why || !summary)
		return ES_INVALID;
	why->starting = false;
	force = force_of(why);
	status = es_remedy_conclude(&force, &why->context->profile,
				    &why->remedy);

	why->summary.fragment = why->remedy.flow;
	why->summary.block = why->remedy.block;
	why->summary.conflict = why->remedy.conflict;
	*summary = why->summary;
	return status;
}
