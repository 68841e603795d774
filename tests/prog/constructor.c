/* SPDX-License-Identifier: MIT */
/*
 * A library whose constructor does what $CONSTRUCTOR says before the program's
 * entry point. What goes on beside the program waits until its destructor lets
 * it go, and then tells whether it can open a file that only the first layer
 * lets be opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, MANY = 400, STORM = 3000 };

static int ends[2]; /* a byte for each that waits */
static int begun[2];
static pthread_t threads[MANY];
static int nthreads;
static pid_t child;

static void say(const char *who, long result)
{
	dprintf(1, "%s: %s\n", who,
		result >= 0 ? "ok" : strerrorname_np(errno));
}

static void *wait_and_open(void *who)
{
	char byte = 0;

	if (write(begun[1], &byte, 1) == 1 && read(ends[0], &byte, 1) == 1)
		say(who, open("/proc/self/exe", O_RDONLY));
	return NULL;
}

static void start_thread(void *(*run)(void *), void *data)
{
	if (pthread_create(&threads[nthreads], NULL, run, data))
		abort();
	nthreads++;
}

/* N of them are where they wait. */
static void await(int n)
{
	char byte;

	while (n-- > 0)
		if (read(begun[0], &byte, 1) != 1)
			abort();
}

static void with_threads(void)
{
	for (int i = 0; i < THREADS; i++)
		start_thread(wait_and_open, "thread");
	await(THREADS);
}

static void with_many(void)
{
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 << 10);
	for (; nthreads < MANY; nthreads++)
		if (pthread_create(&threads[nthreads], &small, wait_and_open,
				   "thread"))
			abort();
	await(MANY);
}

static void with_child(void)
{
	child = fork();
	if (!child) {
		wait_and_open("child");
		_exit(0);
	}
	await(1);
}

/* A process that goes on without its first thread. */
static void with_leaderless_child(void)
{
	child = fork();
	if (!child) {
		start_thread(wait_and_open, "leaderless");
		syscall(SYS_exit, 0); /* this thread alone */
	}
	await(1);
	usleep(50000); /* its end can't be waited for */
}

/* Stopped when it is armed, and until the program lets it go on. */
static void with_stopped_child(void)
{
	int status;

	child = fork();
	if (!child) {
		raise(SIGSTOP);
		wait_and_open("child");
		_exit(0);
	}
	if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
		abort();
}

/* Blocked in vfork, where nothing can stop it, as the program is entered. */
static void *borrow(void *unused)
{
	const struct timespec pause = { .tv_nsec = 300000000 };
	char byte = 0;
	pid_t borrower = vfork();

	(void)unused;
	if (!borrower) {
		if (write(begun[1], &byte, 1) != 1)
			_exit(1);
		nanosleep(&pause, NULL);
		_exit(0);
	}
	waitpid(borrower, NULL, 0);
	wait_and_open("vfork");
	return NULL;
}

static void with_vfork(void)
{
	start_thread(borrow, NULL);
	await(1);
}

static void *nothing(void *unused)
{
	return unused;
}

static void *make_threads(void *unused)
{
	pthread_t thread;
	char byte = 0;

	if (write(begun[1], &byte, 1) != 1)
		return NULL;
	for (int i = 0; i < STORM; i++)
		if (!pthread_create(&thread, NULL, nothing, NULL))
			pthread_join(thread, NULL);
	say("storm", open("/proc/self/exe", O_RDONLY));
	return unused;
}

static void *make_children(void *unused)
{
	char byte = 0;

	if (write(begun[1], &byte, 1) != 1)
		return NULL;
	for (int i = 0; i < STORM / 10; i++) {
		const pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	say("storm", open("/proc/self/exe", O_RDONLY));
	return unused;
}

/* Programs that are started, and borrow memory until they are. */
static void *start_programs(void *unused)
{
	char *argv[] = { "true", NULL };
	char byte = 0;
	int started = 0, status;
	pid_t pid;

	if (write(begun[1], &byte, 1) != 1)
		return NULL;
	for (int i = 0; i < STORM / 20; i++)
		if (!posix_spawn(&pid, "/bin/true", NULL, NULL, argv, NULL) &&
		    waitpid(pid, &status, 0) == pid && !status)
			started++;
	dprintf(1, "started: %d\n", started);
	return unused;
}

static void with_programs(void)
{
	start_thread(start_programs, NULL);
	start_thread(start_programs, NULL);
	await(2);
}

static void with_storm(void)
{
	start_thread(make_threads, NULL);
	start_thread(make_children, NULL);
	await(2);
}

/* Its filter is another than the other threads', so none can be theirs. */
static void *load_own(void *unused)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K,
					      SECCOMP_RET_ALLOW) };
	const struct sock_fprog program = { 1, all };

	(void)unused;
	say("own filter", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
				  &program));
	wait_and_open("filtered");
	return NULL;
}

static void with_filter(void)
{
	start_thread(load_own, NULL);
	start_thread(wait_and_open, "thread");
	await(2);
}

/* Calls that a stop interrupts, without a handler: they go on. */
static void *wait_for_events(void *set)
{
	struct epoll_event event;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	wait_and_open("events");
	say("epoll_wait", epoll_wait(fd, &event, 1, 0));
	(void)set;
	return NULL;
}

static void *wait_long(void *how)
{
	const struct timespec time = { .tv_nsec = 400000000 };
	struct pollfd none = { .fd = -1 };
	struct epoll_event event;
	sigset_t set;
	char byte = 0;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (write(begun[1], &byte, 1) != 1)
		return NULL;
	if (!strcmp(how, "epoll_wait"))
		say(how, epoll_wait(fd, &event, 1, 400));
	if (!strcmp(how, "poll"))
		say(how, poll(&none, 1, 400));
	if (!strcmp(how, "sigtimedwait"))
		say(how, sigtimedwait(&set, NULL, &time));
	if (!strcmp(how, "nanosleep"))
		say(how, nanosleep(&time, NULL));
	return NULL;
}

static void with_waits(void)
{
	static const char *const hows[] = { "epoll_wait", "nanosleep", "poll",
					    "sigtimedwait" };

	for (size_t i = 0; i < sizeof(hows) / sizeof(*hows); i++)
		start_thread(wait_long, (void *)hows[i]);
	await(nthreads);
	start_thread(wait_for_events, NULL);
	await(1);
	usleep(50000); /* they may be on their way to where they wait */
}

static void *unshare_files(void *unused)
{
	say("unshare", syscall(SYS_close_range, ~0U, ~0U, 2U));
	wait_and_open("thread");
	return unused;
}

static void with_own_files(void)
{
	start_thread(unshare_files, NULL);
	await(1);
}

/* A process that no tracer of ours is told of. */
static void with_untraced(void)
{
	const long untraced = 0x00800000;
	const long pid = syscall(SYS_clone, untraced | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	say("untraced", pid);
}

/*
 * The kernel turns a thread aside that it stops within what rseq(2) was told
 * of: here at the instruction by which calls are made in its name. Where it
 * comes to then, it looks for a key in its registers, and goes on.
 */
struct rseq_section {
	uint32_t version, flags;
	uint64_t start, length, abort;
} __attribute__((aligned(32)));
static struct rseq_section section __attribute__((used));
static uint64_t turned __attribute__((used)), seen __attribute__((used));
static uint64_t *announced __attribute__((used));

/* What the kernel wants to see before it is glibc's signature. */
__asm__(".text\n"
	".long 0x53053053\n"
	"aside:\n"
	"incq turned(%rip)\n"
	"orq %r10, seen(%rip)\n"
	"orq %r8, seen(%rip)\n"
	"orq %r9, seen(%rip)\n"
	"mov announced(%rip), %rcx\n"
	"lea section(%rip), %r11\n"
	"mov %r11, (%rcx)\n"
	"syscall\n"
	"ud2\n");
extern char aside[];

static void turn_aside(void)
{
	const unsigned char *vdso =
		(const unsigned char *)getauxval(AT_SYSINFO_EHDR); // NOLINT
	struct rseq *own = (struct rseq *)((char *)__builtin_thread_pointer() +
					   __rseq_offset);
	size_t at = 0;

	while (vdso[at] != 0x0f || vdso[at + 1] != 0x05)
		at++;
	section = (struct rseq_section){ 0, 0, (uint64_t)(vdso + at), 2,
					 (uint64_t)aside };
	announced = (uint64_t *)&own->rseq_cs;
	*announced = (uint64_t)&section;
}

static void not_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Until somebody continues it. */
static void stop(void)
{
	raise(SIGSTOP);
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "child", with_child },
	{ "dumpable", not_dumpable },
	{ "filter", with_filter },
	{ "leaderless", with_leaderless_child },
	{ "many", with_many },
	{ "programs", with_programs },
	{ "rseq", turn_aside },
	{ "stop", stop },
	{ "stopped", with_stopped_child },
	{ "storm", with_storm },
	{ "threads", with_threads },
	{ "unshare", with_own_files },
	{ "untraced", with_untraced },
	{ "vfork", with_vfork },
	{ "waits", with_waits },
};

__attribute__((constructor)) static void begin(void)
{
	const char *way = getenv("CONSTRUCTOR");

	if (!way || pipe(ends) || pipe(begun))
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i].name, way))
			ways[i].run();
}

__attribute__((destructor)) static void let_go(void)
{
	static const char bytes[MANY + 1];

	if (announced) {
		dprintf(1, "%s, and the key: %s\n",
			turned ? "turned aside" : "not turned aside",
			seen ? "seen" : "not seen");
		say("rseq", open("/proc/self/exe", O_RDONLY));
	}
	if (!nthreads && !child)
		return;
	if (child)
		kill(child, SIGCONT);
	if (write(ends[1], bytes, (size_t)nthreads + (child != 0)) < 0)
		return;
	for (int i = 0; i < nthreads; i++)
		pthread_join(threads[i], NULL);
	if (child)
		waitpid(child, NULL, 0);
}
