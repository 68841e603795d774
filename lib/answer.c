/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compat.h"
#include "judge.h"
#include "proc.h"
#include "trace.h"
#include "util.h"

/* Newer kernels may have more to say than we know of. */
union notification {
	struct seccomp_notif known;
	char room[256];
};
union response {
	struct seccomp_notif_resp known;
	char room[256];
};

void es_answering_begin(struct es_answering *answering)
{
	answering->blind = !es_proc_is_own();
	/* Whoever waits for the other shall run on the same core; before Linux
	 * 6.6 it runs where it likes. */
	ioctl(answering->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	      SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

void es_answering_arm(struct es_answering *answering, int listener)
{
	answering->armed = true;
	answering->listener = listener;
	answering->second = es_landlock_second(&answering->compiled->plan);
	memset(answering->recent, 0, sizeof(answering->recent));
	es_answering_begin(answering);
}

static const struct es_policy *policy_of(const struct es_answering *answering)
{
	return answering->armed ? es_compiled_policy(answering->compiled) :
				  &answering->compiled->policy;
}

/* May it be let through under --permissive? No rule says no to it, and it is
 * not one by which another program would be started, or a filter be added that
 * letting calls through would go past. */
static bool is_lacking(const struct es_call *call,
		       const struct es_verdict *verdict)
{
	return !verdict->rule && call->nr != SYS_execve &&
	       call->nr != SYS_execveat && call->nr != SYS_seccomp &&
	       !(call->nr == SYS_prctl &&
		 (uint32_t)call->args[0] == PR_SET_SECCOMP);
}

static void respond(struct es_answering *answering, uint64_t id, int error,
		    uint32_t flags)
{
	union response response = { .known = {
		.id = id, .error = error, .flags = flags } };

	/* ENOENT: the caller is gone. */
	ioctl(answering->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* A call that is being looked at. */
struct look {
	struct es_answering *answering;
	struct es_caller caller;
	struct es_asked asked;
	struct es_answer answer;
	uint64_t id;
	bool lets; /* it is denied, but let through */
};

static struct es_force force_of(struct es_answering *answering)
{
	return (struct es_force){
		.arena = &answering->arena,
		.profile = answering->profile,
		.policy = policy_of(answering),
		.plan = answering->armed ? &answering->second :
					   &answering->compiled->plan,
	};
}

/* Is the notification still waiting? If not, what was read of the caller's
 * memory may be another's. */
static bool is_valid(const struct look *look)
{
	uint64_t id = look->id;

	return !ioctl(look->answering->listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
		      &id);
}

/* A process has another folder in /proc each time: the program's is that of
 * /proc/self, and of the processes that it starts only /proc can be named. */
static const char *lasting(struct es_answering *answering, const char *path,
			   bool starts)
{
	static const char proc[] = "/proc/";
	const char *number = path + strlen(proc);
	char *end = NULL;

	if (strncmp(path, proc, strlen(proc)) != 0)
		return path;

	const long pid = strtol(number, &end, 10);

	if (end == number || (*end && *end != '/'))
		return path;
	return pid != answering->program || starts ? "/proc" :
	       es_arena_printf(&answering->arena, "/proc/self%s", end);
}

/* Looks for a program along $PATH where there is none: nothing has to be
 * allowed for that. */
static bool is_missing_program(const struct look *look)
{
	const uint32_t nr = look->asked.call.nr;

	return (nr == SYS_execve || nr == SYS_execveat) &&
	       look->asked.paths[0] &&
	       access(look->asked.paths[0], F_OK) && errno == ENOENT;
}

static void advise(struct look *look, bool starts, struct es_advice *advice)
{
	struct es_force force = force_of(look->answering);

	*advice = (struct es_advice){ .kind = ES_ADVICE_NONE };
	if (is_missing_program(look)) {
		advice->reason = "there is no such program";
		return;
	}
	force.naming = starts ? ES_NAME_OPENED : ES_NAME_ANY;
	if (!es_advise(&force, &look->asked, &look->answer, advice))
		*advice = (struct es_advice){ .kind = ES_ADVICE_NONE };
	for (size_t i = 0; i < advice->n; i++)
		if (advice->pieces[i].path)
			advice->pieces[i].path = lasting(
				look->answering, advice->pieces[i].path,
				starts);
}

/* The denial's number, or ES_DENIAL_MORE. */
static int tell(struct look *look)
{
	struct es_answering *answering = look->answering;
	const struct es_syscall *row = es_syscall_of(look->asked.call.nr);
	const struct es_memory memory = {
		look->caller.memory < 0 ? NULL : es_caller_read,
		&look->caller };
	struct es_advice advice, unlimited;
	struct es_denial denial = {
		.call = es_decode(&answering->arena, &look->asked.call,
				  &memory),
		.name = row ? row->name : "?",
		.by = look->caller.name,
		.ret = look->answer.lacks ? SECCOMP_RET_ERRNO | EACCES :
		       look->answer.verdict.ret,
		.landlock = look->answer.lacks,
		.let = look->lets,
		.starting = !answering->armed &&
			    answering->profile->startup.place.source,
		.advice = &advice,
		.unlimited = &unlimited,
	};
	int number;

	if (!answering->blind)
		es_caller_identify(&look->caller);
	denial.pid = look->caller.pid;
	denial.gone = !is_valid(look);
	if (!denial.call || denial.gone)
		denial.call = denial.name;
	number = es_denials_find(answering->denials, &denial);
	if (number != ES_DENIAL_NEW)
		return number;
	advise(look, false, &advice);
	advise(look, true, &unlimited);
	return es_denials_add(answering->denials, &denial);
}

static struct es_recent *recent_place(struct es_answering *answering,
				      pid_t tid, const struct es_call *call)
{
	const size_t place = (size_t)call->nr * 7 + (size_t)tid +
			     (size_t)call->args[0] + (size_t)call->args[1];

	return &answering->recent[place % ES_COUNT(answering->recent)];
}

static bool is_recent(const struct es_recent *recent, pid_t tid,
		      const struct es_call *call)
{
	return recent->tid == tid &&
	       !memcmp(&recent->call, call, sizeof(*call));
}

/*
 * Ends the caller's process. By SIGSYS, and for `kill_thread` the thread alone,
 * its filter could end it, and nobody else; the launcher dies as if it had.
 */
static void end(struct look *look)
{
	const pid_t pid = look->caller.pid;
	es_autoclose int process = (int)syscall(SYS_pidfd_open, pid, 0);

	/* It waits still, so the number is nobody else's. */
	if (is_valid(look)) {
		look->answering->slain = pid;
		if (process < 0 || syscall(SYS_pidfd_send_signal, process,
					   SIGKILL, NULL, 0))
			kill(look->caller.tid, SIGKILL);
	}
	respond(look->answering, look->id, -EPERM, 0);
}

/* The filter allows it; would Landlock? The kernel decides by itself. */
static void look_at_allowed(struct look *look)
{
	const struct es_force force = force_of(look->answering);

	if (!look->answering->blind)
		es_caller_open(&look->caller, look->caller.tid);
	es_caller_ask(&look->answering->arena, &look->caller, &look->asked);
	if (es_answer(&force, &look->asked, &look->answer) &&
	    look->answer.lacks)
		tell(look);
	respond(look->answering, look->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static void settle(struct es_answering *answering, uint64_t id,
		   const struct es_verdict *verdict, bool lets)
{
	if (lets)
		respond(answering, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else
		respond(answering, id, -(int)(verdict->ret & SECCOMP_RET_DATA),
			0);
}

/* The filter denies it. */
static void look_at_denied(struct look *look)
{
	struct es_answering *answering = look->answering;
	const struct es_verdict verdict = look->answer.verdict;
	const struct es_call *call = &look->asked.call;
	const pid_t tid = look->caller.tid;
	const bool kills = !look->lets && (verdict.ret &
			   SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO;
	struct es_recent *recent = recent_place(answering, tid, call);
	const struct es_force force = force_of(answering);

	if (!kills && is_recent(recent, tid, call)) {
		settle(answering, look->id, &verdict, look->lets);
		es_denials_again(answering->denials, recent->denial);
		return;
	}
	if (!answering->blind)
		es_caller_open(&look->caller, tid);
	es_caller_ask(&answering->arena, &look->caller, &look->asked);
	es_answer(&force, &look->asked, &look->answer);

	const int number = tell(look);

	/* All that was told of it stands in the registers. */
	if (number >= 0 && !look->caller.read && !look->asked.paths[0])
		*recent = (struct es_recent){ tid, number, *call };
	if (kills)
		end(look);
	else
		settle(answering, look->id, &verdict, look->lets);
}

void es_answer_one(struct es_answering *answering)
{
	union notification notification = { 0 };
	const struct seccomp_notif *notif = &notification.known;
	struct look look = { .answering = answering };
	struct es_call *call = &look.asked.call;
	struct es_verdict *verdict = &look.answer.verdict;

	if (ioctl(answering->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification))
		return;
	look.id = notif->id;
	look.caller = (struct es_caller){ .tid = (pid_t)notif->pid,
					  .pid = (pid_t)notif->pid,
					  .memory = -1, .name = "?" };
	call->arch = notif->data.arch;
	call->nr = (uint32_t)notif->data.nr;
	for (size_t i = 0; i < ES_COUNT(call->args); i++)
		call->args[i] = notif->data.args[i];
	*verdict = es_judge(policy_of(answering), call);
	if (verdict->ret == SECCOMP_RET_ALLOW) {
		look_at_allowed(&look);
	} else {
		look.lets = answering->report->permissive &&
			    is_lacking(call, verdict);
		look_at_denied(&look);
	}
	es_caller_close(&look.caller);
	es_arena_rewind(&answering->arena);
}
