/* SPDX-License-Identifier: MIT */
/*
 * apply CASE: confines itself, in circumstances of the table at the end, and
 * prints what is allowed then. What is tried works as long as nothing is in
 * force: to open /dev/null, which Landlock refuses as well as the filter, and
 * getpriority, times and getppid, which the filter alone does.
 */
#include <errno.h>
#include <extrasafe.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *word(long result)
{
	return result < 0 ? "denied" : "allowed";
}

/* In one write, for threads and processes that do it at once. */
static void show(const char *who)
{
	char line[256];
	struct tms used;
	const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int length =
		snprintf(line, sizeof(line),
			 "%s: open %s, priority %s, times %s, %s\n", who,
			 word(fd), word(syscall(SYS_getpriority, 0, 0)),
			 word(syscall(SYS_times, &used)),
			 prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) ?
				 "no_new_privs" : "as it was");

	if (fd >= 0)
		close(fd);
	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		_exit(3);
}

/* Allows to write, and CALLS besides. */
static struct es_context *policy(struct es_diags *diags,
				 const char *const calls[])
{
	struct es_context *context = es_context_new();

	es_allow(context, "SystemIO", "stdio", diags);
	es_allow(context, "syscalls", "prctl", diags);
	for (size_t i = 0; calls[i]; i++)
		es_allow(context, "syscalls", calls[i], diags);
	return context;
}

static const char *const with_times[] = { "times", NULL };
static const char *const with_more[] = { "times", "seccomp", NULL };
static const char *const nothing[] = { NULL };

typedef enum es_status apply_function(struct es_context *, struct es_diags *);

static enum es_status confine(const char *const calls[], apply_function *apply)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = policy(diags, calls);
	const enum es_status status = apply(context, diags);
	struct es_diag_info info;

	for (size_t i = 0; es_diags_get(diags, i, &info); i++)
		if (info.severity == ES_ERROR)
			printf("%s\n", info.text);
	printf("status %d\n", (int)status);
	fflush(stdout);
	es_context_free(context);
	es_diags_free(diags);
	return status;
}

/* Of libseccomp's making: CALL gets EPERM, all others are allowed. */
static void load_foreign(int call)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) ||
	    seccomp_load(filter))
		exit(3);
	seccomp_release(filter);
}

static void case_once(void)
{
	show("before");
	confine(with_times, es_apply);
	show("after");
}

/* The second takes away what the first gave, and gives nothing that it took. */
/* One that lets another be added. */
static struct es_context *policy_to_add_to(struct es_diags *diags)
{
	struct es_context *context = policy(diags, with_times);

	es_allow(context, "SelfConfinement", "no_new_privs", diags);
	es_allow(context, "SelfConfinement", "seccomp", diags);
	es_allow(context, "SelfConfinement", "landlock", diags);
	return context;
}

static void case_twice(void)
{
	static const char *const second[] = { "getppid", NULL };
	struct es_diags *diags = es_diags_new();
	struct es_context *context = policy_to_add_to(diags);

	printf("status %d\n", (int)es_apply(context, diags));
	fflush(stdout);
	es_context_free(context);
	es_diags_free(diags);
	show("once");
	confine(second, es_apply);
	show("twice");
	printf("getppid %s\n", word(syscall(SYS_getppid)));
}

static void case_twice_refused(void)
{
	confine(with_times, es_apply);
	show("once");
	confine(nothing, es_apply);
	show("twice");
}

static void case_foreign(void)
{
	load_foreign(SCMP_SYS(getppid));
	printf("getppid %s\n", word(syscall(SYS_getppid)));
	confine(with_times, es_apply);
	show("after");
	printf("getppid %s\n", word(syscall(SYS_getppid)));
}

static void case_foreign_refuses(void)
{
	load_foreign(SCMP_SYS(seccomp));
	confine(with_more, es_apply);
	show("after");
}

/* Threads that stand beside the one that applies. */
static _Atomic int ready, counted;
static _Atomic bool over, look;

static void *count(void *unused)
{
	atomic_fetch_add(&ready, 1);
	while (!atomic_load(&over)) {
		atomic_fetch_add(&counted, 1);
		usleep(1000);
	}
	return unused;
}

static void *block_and_count(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	return count(unused);
}

static void *filter_and_count(void *unused)
{
	load_foreign(SCMP_SYS(getppid));
	return count(unused);
}

static void *wait_and_show(void *unused)
{
	atomic_fetch_add(&ready, 1);
	while (!atomic_load(&look))
		syscall(SYS_sched_yield);
	show("thread");
	return unused;
}

static void start(pthread_t *thread, void *(*function)(void *))
{
	const int before = atomic_load(&ready);

	if (pthread_create(thread, NULL, function, NULL))
		exit(3);
	while (atomic_load(&ready) == before)
		usleep(1000);
}

/* One thread can't be confined: nobody is, and all go on. */
static void refused(void *(*function)(void *))
{
	pthread_t odd, other, watcher;
	int before;

	start(&odd, function);
	start(&other, count);
	start(&watcher, wait_and_show);
	confine(nothing, es_apply_to_all_threads);
	show("main");
	atomic_store(&look, true);
	pthread_join(watcher, NULL);
	before = atomic_load(&counted);
	usleep(100000);
	printf("the others %s\n",
	       atomic_load(&counted) > before + 2 ? "go on" : "stand still");
	atomic_store(&over, true);
	pthread_join(odd, NULL);
	pthread_join(other, NULL);
}

static void case_blocked(void)
{
	refused(block_and_count);
}

static void case_filtered(void)
{
	refused(filter_and_count);
}

static void case_threads(void)
{
	pthread_t threads[8];

	for (size_t i = 0; i < 8; i++)
		start(&threads[i], wait_and_show);
	show("before");
	confine(with_times, es_apply_to_all_threads);
	atomic_store(&look, true);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}

/* A second policy, and other threads, which are sent for. */
static void case_twice_threads(void)
{
	static const char *const second[] = { "getppid", NULL };
	struct es_diags *diags = es_diags_new();
	struct es_context *context = policy_to_add_to(diags);
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		start(&threads[i], wait_and_show);
	es_allow_path(context, "SystemIO", "read_path", "/proc", diags);
	es_allow_path(context, "SystemIO", "list_dir", "/proc", diags);
	printf("status %d\n", (int)es_apply_to_all_threads(context, diags));
	es_context_free(context);
	es_diags_free(diags);
	confine(second, es_apply_to_all_threads);
	atomic_store(&look, true);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void case_one_thread(void)
{
	pthread_t other;

	start(&other, wait_and_show);
	confine(with_times, es_apply);
	show("main");
	atomic_store(&look, true);
	pthread_join(other, NULL);
}

/* The child of a process with threads has one, and may yet confine itself. */
static void forked(apply_function *apply)
{
	pthread_t other;
	pid_t child;
	int ended = -1;

	start(&other, count);
	child = fork();
	if (!child) {
		confine(with_times, apply);
		show("child");
		_exit(0);
	}
	waitpid(child, &ended, 0);
	printf("ended %d\n", ended);
	fflush(stdout);
	show("parent");
	atomic_store(&over, true);
	pthread_join(other, NULL);
}

static void case_forked(void)
{
	forked(es_apply);
}

static void case_forked_all(void)
{
	forked(es_apply_to_all_threads);
}

static int be_child(void *data)
{
	show("process");
	/* Its own id is what it may send signals to. */
	return kill(getpid(), 0) ? 1 : (int)(intptr_t)data;
}

static void case_process(void)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = policy(diags, with_times);
	pthread_t other;
	int ended = -1;
	enum es_status status;

	start(&other, count);
	status = es_run_process(context, be_child, (void *)7, &ended, diags);
	printf("status %d, returned %d\n", (int)status,
	       WIFEXITED(ended) ? WEXITSTATUS(ended) : -1);
	fflush(stdout);
	show("parent");
	atomic_store(&over, true);
	pthread_join(other, NULL);
	es_context_free(context);
	es_diags_free(diags);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "blocked", case_blocked },
	{ "filtered", case_filtered },
	{ "foreign", case_foreign },
	{ "foreign-refuses", case_foreign_refuses },
	{ "forked", case_forked },
	{ "forked-all", case_forked_all },
	{ "once", case_once },
	{ "one-thread", case_one_thread },
	{ "process", case_process },
	{ "threads", case_threads },
	{ "twice", case_twice },
	{ "twice-refused", case_twice_refused },
	{ "twice-threads", case_twice_threads },
};

int main(int argc, char *argv[])
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (argc == 2 && !strcmp(argv[1], cases[i].name)) {
			cases[i].run();
			return 0;
		}
	return 2;
}
