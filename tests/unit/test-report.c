/* SPDX-License-Identifier: MIT */
/* One judge: random calls of a supervised program get what the policy means for
 * them, errno for errno, and the report tells of those that are denied alone. */
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "answer.h"
#include "live.h"
#include "shelves.h"
#include "syscall.h"

#ifdef __SANITIZE_ADDRESS__
enum { CALLS = 400, DEADLY_CALLS = 30 }; /* it is slow, and not more exact */
#else
enum { CALLS = 4000, DEADLY_CALLS = 300 };
#endif

static const uint64_t key[3] = { 1, 2, 3 };

/* The supervisor's way to the kernel is through here: a call that it lets go on
 * is answered by MARKER, so that none is ever done. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list more;
	void *data;

	va_start(more, request);
	data = va_arg(more, void *);
	va_end(more);
	if (request == SECCOMP_IOCTL_NOTIF_SEND) {
		struct seccomp_notif_resp *response = data;

		if (response->flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) {
			response->flags = 0;
			response->error = -MARKER;
		}
	}
	return (int)syscall(SYS_ioctl, fd, request, data);
}

/* What is supervised, and what is told of it. */
struct supervised {
	const char *what;
	struct es_compiled compiled;
	const struct es_policy *policy, *notifying; /* of the layer in force */
	struct es_filter marked;
	struct live *live;
	struct es_answering answering;
	struct es_report report;
	char *text;
	size_t len;
	size_t wrongly_told; /* lines that tell another answer than the judge's */
};

/* Shared with the child: the listener's number there, once there is one, and
 * what follows when it has been taken. */
enum { NONE = -1, TAKEN = -2 };
static volatile int *listener;

__attribute__((noreturn))
static void make_calls(const struct supervised *s)
{
	const struct sock_fprog program = { (unsigned short)s->marked.n,
					    s->marked.insns };
	struct live *live = s->live;
	int number;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(1);
	number = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER |
			      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			      &program);
	if (number < 0)
		_exit(1); /* nothing is made without a filter */
	*listener = number;
	while (*listener != TAKEN)
		__builtin_ia32_pause();
	for (size_t i = live->at; i < live->n; i++) {
		live->at = i;
		live->calls[i].result = make_native(&live->calls[i].call);
	}
	live->done = true;
	for (;;)
		__builtin_ia32_pause();
}

/* The child's listener, here. */
static int take_listener(pid_t pid)
{
	const struct timespec tick = { .tv_nsec = 50000 };
	const time_t end = time(NULL) + WAIT_SECONDS;
	const int process = (int)syscall(SYS_pidfd_open, pid, 0);
	siginfo_t gone = { 0 };
	int here;

	while (*listener < 0 && time(NULL) < end &&
	       !waitid(P_PID, (id_t)pid, &gone, WEXITED | WNOHANG | WNOWAIT) &&
	       !gone.si_pid)
		nanosleep(&tick, NULL);
	here = (int)syscall(SYS_pidfd_getfd, process, *listener, 0);
	close(process);
	*listener = TAKEN;
	return here;
}

/* What the report says that call AT got, if there is a line of it. */
static void check_told(struct supervised *s, size_t at, size_t from)
{
	const uint32_t ret = es_judge(s->policy,
				      &s->live->calls[at].call).ret;
	const char *name = ret == SECCOMP_RET_KILL_PROCESS ? "kill" :
			   strerrorname_np((int)(ret & SECCOMP_RET_DATA));
	char want[64];

	if (s->len == from)
		return;
	snprintf(want, sizeof(want), "\"by\":\"filter\",\"answer\":\"%s\"",
		 name ? name : "0");
	if (!strstr(s->text + from, want) && ++s->wrongly_told < 5)
		printf("# %s, and told was %s", want, s->text + from);
}

/* Answers a child until it is through, or is killed. */
static void supervise_child(struct supervised *s, pid_t pid)
{
	struct pollfd polled = { .events = POLLIN };
	const time_t end = time(NULL) + WAIT_SECONDS;

	polled.fd = s->answering.listener = take_listener(pid);
	s->answering.program = pid;
	es_answering_begin(&s->answering);
	while (!s->live->done && time(NULL) < end) {
		const size_t from = s->len;
		size_t at;

		if (poll(&polled, 1, 1) <= 0)
			continue;
		if (!(polled.revents & POLLIN))
			break;
		at = s->live->at;
		es_answer_one(&s->answering);
		check_told(s, at, from);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(s->answering.listener);
}

static void supervise(struct supervised *s)
{
	struct live *live = s->live;

	while (!live->done && live->at < live->n) {
		pid_t pid;

		*listener = NONE;
		fflush(stdout);
		pid = fork();
		if (!pid)
			make_calls(s);
		if (pid < 0)
			abort();
		supervise_child(s, pid);
		if (!live->done)
			live->calls[live->at++].result = KILLED;
	}
}

/* Linux 6.14 on: asked of no filter, and only an error but where the kernel
 * itself has placed them in a program that is traced. */
static bool is_probe(uint32_t nr)
{
	enum { URETPROBE = 335, UPROBE = 336 };

	return nr == URETPROBE || nr == UPROBE;
}

/* Native calls; by the gate the child would get away. */
static void choose_calls(struct supervised *s)
{
	/* Its gate has one call more, by which the listener is handed over. */
	const struct es_policy *policy = s->notifying;
	uint64_t seed = strlen(s->what);

	for (size_t i = 0; i < s->live->n; i++) {
		struct es_call *call = &s->live->calls[i].call;

		do {
			any_call(policy, &seed, call);
			call->arch = ES_AUDIT_ARCH;
		} while (is_probe(call->nr) ||
			 es_gate_opens(policy, call->nr, call->args));
	}
}

/* Does the supervisor tell of what gets RET? The filter itself answers what is
 * no denial, and where a trap is meant. */
static bool is_told(const struct supervised *s, const struct es_call *call,
		    uint32_t ret)
{
	const uint32_t now = es_judge(s->notifying, call).ret;

	return ret != SECCOMP_RET_ALLOW && now == SECCOMP_RET_USER_NOTIF;
}

static void compare(struct supervised *s)
{
	size_t differ = 0, allowed = 0, watched = 0;
	uint64_t denied = 0;
	char want[64];

	for (size_t i = 0; i < s->live->n; i++) {
		const struct live_call *it = &s->live->calls[i];
		const uint32_t ret = es_judge(s->policy, &it->call).ret;

		denied += is_told(s, &it->call, ret);
		allowed += ret == SECCOMP_RET_ALLOW;
		watched += ret == SECCOMP_RET_ALLOW &&
			   es_judge(s->notifying, &it->call).ret ==
				   SECCOMP_RET_USER_NOTIF;
		if (it->result != live_result(ret) && ++differ < 10)
			printf("# %u: %#x, and the kernel %ld\n", it->call.nr,
			       ret, it->result);
	}
	tap_int((long long)differ, 0,
		"%s: the judge and the supervised program agree", s->what);
	es_denials_summarize(s->answering.denials);
	snprintf(want, sizeof(want), "{\"event\":\"summary\",\"denied\":%llu,",
		 (unsigned long long)denied);
	tap_ok(strstr(s->text, want) != NULL,
	       "%s: all of the %llu that are denied are counted", s->what,
	       (unsigned long long)denied);
	tap_int((long long)s->wrongly_told, 0, "%s: told as they were answered",
		s->what);
	tap_ok(allowed && allowed < s->live->n, "%s: some are allowed (%zu, "
	       "notified of %zu)", s->what, allowed, watched);
}

/* Chooses a layer: the second one, or the first. */
static void choose_layer(struct supervised *s, bool second)
{
	struct es_compiled *compiled = &s->compiled;

	s->policy = second ? &compiled->exact : &compiled->policy;
	s->notifying = second ? &compiled->exact_supervised :
				&compiled->supervised;
	s->marked = marked(second ? &compiled->exact_filter :
				    &compiled->filter);
	s->answering.armed = second;
	s->answering.second = es_landlock_second(&compiled->plan);
}

static void run_supervised(struct supervised *s, struct es_profile *profile,
			   bool second, size_t calls)
{
	s->text = NULL;
	s->len = s->wrongly_told = 0;
	s->report = (struct es_report){ .json = true };
	s->report.stream = open_memstream(&s->text, &s->len);
	s->answering = (struct es_answering){
		.compiled = &s->compiled, .report = &s->report,
		.profile = profile,
		.denials = es_denials_new(&s->report, profile) };
	choose_layer(s, second);
	s->live = live_new(calls);
	choose_calls(s);
	supervise(s);
	compare(s);
	es_denials_free(s->answering.denials);
	es_arena_finish(&s->answering.arena);
	fclose(s->report.stream);
	free(s->text);
	free(s->marked.insns);
	live_free(s->live);
}

static void try_profile(const char *what, bool is_fragment, const char *deny,
			size_t calls)
{
	struct es_context *context = es_context_new();
	struct es_diags *diags = es_diags_new();
	struct supervised s = { .what = what, .compiled.watching = true };
	enum es_status status = ES_OK;

	if (deny)
		status = es_set_deny(context, deny, diags);
	if (status == ES_OK)
		status = is_fragment ? es_add_fragment(context, what, diags) :
				       es_add_profile(context, what, diags);
	if (status == ES_OK)
		status = es_compile(context, NULL, key, diags, &s.compiled);
	if (tap_int(status, ES_OK, "%s: is supervised", what))
		for (int second = 0; second <= 1; second++)
			run_supervised(&s, &context->profile, second, calls);
	else
		es_diags_print(diags, stdout, false);
	es_compiled_finish(&s.compiled);
	es_context_free(context);
	es_diags_free(diags);
}

int main(void)
{
	glob_t found;

	listener = mmap(NULL, sizeof(*listener), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (listener == MAP_FAILED)
		abort();
	put_on_shelf();
	if (glob("profiles/*.yaml", 0, NULL, &found) ||
	    glob("profiles/parts/*.yaml", GLOB_APPEND, NULL, &found))
		abort();
	tap_ok(found.gl_pathc >= 8, "there are profiles");
	for (size_t i = 0; i < found.gl_pathc; i++)
		try_profile(found.gl_pathv[i], false, NULL, CALLS);
	globfree(&found);
	try_profile("SystemIO: [stdio, read_path: /usr, metadata]", true,
		    "EACCES", CALLS);
	try_profile("SystemIO: [stdout]", true, "kill", DEADLY_CALLS);
	clear_shelf();
	return tap_done();
}
