/* SPDX-License-Identifier: MIT */
/*
 * A library whose constructor does what $CONSTRUCTOR says before the program's
 * entry point. What goes on beside the program waits until its destructor lets
 * it go, and then tells whether it can open a file that only the first layer
 * lets be opened.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, MANY = 400, STORM = 3000, SIGNALS = 1000 };

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

/* The first thread's number, which the kernel clears when that one ends. */
static int first = 1;

static void *wait_for_end(void *who)
{
	while (__atomic_load_n(&first, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &first, FUTEX_WAIT, 1, NULL, NULL, 0);
	return wait_and_open(who);
}

/* A process that goes on without its first thread. */
static void with_leaderless_child(void)
{
	child = fork();
	if (!child) {
		start_thread(wait_for_end, "leaderless");
		syscall(SYS_set_tid_address, &first);
		syscall(SYS_exit, 0); /* this thread alone */
	}
	await(1);
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
static void *borrow(void *time)
{
	char byte = 0;
	pid_t borrower = vfork();

	if (!borrower) {
		if (write(begun[1], &byte, 1) != 1)
			_exit(1);
		nanosleep(time, NULL);
		_exit(0);
	}
	waitpid(borrower, NULL, 0);
	wait_and_open("vfork");
	return NULL;
}

static void with_vfork(void)
{
	static struct timespec time = { .tv_nsec = 300000000 };

	start_thread(borrow, &time);
	await(1);
}

/* For longer than anybody waits. */
static void with_long_vfork(void)
{
	static struct timespec time = { .tv_sec = 60 };

	start_thread(borrow, &time);
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

/* What is waited at: sockets with a timeout, of which one listens. */
static int pair[2], listener, semaphores;
static unsigned long events_of;

static void prepare_waits(void)
{
	const struct sockaddr_un unnamed = { .sun_family = AF_UNIX };
	const struct timeval time = { .tv_usec = 400000 };

	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	if (listener < 0 || semaphores < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    bind(listener, (const struct sockaddr *)&unnamed,
		 sizeof(sa_family_t)) || listen(listener, 1) ||
	    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &time,
		       sizeof(time)) ||
	    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time,
		       sizeof(time)) ||
	    syscall(SYS_io_setup, 1, &events_of)) {
		say("waits", -1);
		abort();
	}
}

static long wait_in(const char *how)
{
	static int word;
	struct timespec time = { .tv_nsec = 400000000 };
	struct timeval long_time = { .tv_usec = 400000 };
	struct pollfd none = { .fd = -1 };
	struct sembuf less = { .sem_op = -1 };
	struct epoll_event event;
	char bytes[64];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (!strncmp(how, "epoll", 5)) {
		const int fd = epoll_create1(EPOLL_CLOEXEC);

		return how[6] == 'w' ? epoll_wait(fd, &event, 1, 400) :
				       epoll_pwait(fd, &event, 1, 400, &set);
	}
	if (!strcmp(how, "accept"))
		return accept(listener, NULL, NULL);
	if (!strcmp(how, "futex"))
		return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, NULL, 0);
	if (!strcmp(how, "io_getevents"))
		return syscall(SYS_io_getevents, events_of, 1, 1, bytes, &time);
	if (!strcmp(how, "nanosleep"))
		return nanosleep(&time, NULL);
	if (!strcmp(how, "poll"))
		return poll(&none, 1, 400);
	if (!strcmp(how, "read"))
		return read(pair[0], bytes, 1);
	if (!strcmp(how, "recv"))
		return recv(pair[0], bytes, 1, 0);
	if (!strcmp(how, "select"))
		return select(0, NULL, NULL, NULL, &long_time);
	if (!strcmp(how, "semtimedop"))
		return semtimedop(semaphores, &less, 1, &time);
	return sigtimedwait(&set, NULL, &time);
}

static void *wait_long(void *how)
{
	const pid_t own = gettid();

	if (write(begun[1], &own, 1) == 1)
		say(how, wait_in(how));
	return NULL;
}

/* Has each thread but this one come to where it waits? */
static bool is_each_asleep(void)
{
	char path[64], state = 'R';
	DIR *threads_of = opendir("/proc/self/task");
	const struct dirent *entry;
	bool all = threads_of;

	while (all && (entry = readdir(threads_of))) {
		FILE *stat;

		if (*entry->d_name == '.' || atoi(entry->d_name) == gettid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%.20s/stat",
			 entry->d_name);
		stat = fopen(path, "re");
		all = stat && fscanf(stat, "%*d (%*[^)]) %c", &state) == 1 &&
		      state == 'S';
		if (stat)
			fclose(stat);
	}
	if (threads_of)
		closedir(threads_of);
	return all;
}

static void with_waits(void)
{
	static const char *const hows[] = {
		"accept", "epoll_pwait", "epoll_wait", "futex", "io_getevents",
		"nanosleep", "poll", "read", "recv", "select", "semtimedop",
		"sigtimedwait",
	};

	prepare_waits();
	for (size_t i = 0; i < sizeof(hows) / sizeof(*hows); i++)
		start_thread(wait_long, (void *)hows[i]);
	await(nthreads);
	start_thread(wait_for_events, NULL);
	await(1);
	for (int i = 0; i < STORM && !is_each_asleep(); i++)
		sched_yield();
	if (!is_each_asleep())
		say("asleep", -1);
}

/* Signals that come while it is armed, each of which is to be handled. */
static volatile int handled;
static volatile bool enough;

static void handle(int number)
{
	(void)number;
	handled++;
}

static void *send_signals(void *to)
{
	char byte = 0;
	int sent = 0;

	if (write(begun[1], &byte, 1) != 1)
		return NULL;
	/* One by one, so that the program comes on between. */
	while (!enough || sent < SIGNALS) {
		if (!pthread_kill(*(pthread_t *)to, SIGRTMIN))
			sent++;
		while (handled < sent)
			sched_yield();
	}
	say("signals", open("/proc/self/exe", O_RDONLY));
	dprintf(1, "handled: %s\n", handled == sent ? "all" : "some");
	return NULL;
}

static void with_signals(void)
{
	static pthread_t main_thread;
	const struct sigaction action = { .sa_handler = handle };

	main_thread = pthread_self();
	sigaction(SIGRTMIN, &action, NULL);
	start_thread(send_signals, &main_thread);
	await(1);
	while (!handled)
		sched_yield();
}

/* As daemons do, before their descriptors are looked at. */
static void close_all(void)
{
	syscall(SYS_close_range, 3, ~0U, 0);
}

/* So many descriptors, of which three are open. */
static void limit_files(void)
{
	const rlim_t n = (rlim_t)atoi(getenv("FILES"));
	const struct rlimit limit = { n, n };

	close_all();
	if (setrlimit(RLIMIT_NOFILE, &limit))
		say("setrlimit", -1);
}

/* A child that is the first of a pid namespace. */
static void with_namespace(void)
{
	if (syscall(SYS_unshare, (geteuid() ? CLONE_NEWUSER : 0) |
				 CLONE_NEWPID)) {
		say("unshare", -1);
		return;
	}
	with_child();
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
	{ "closefrom", close_all },
	{ "dumpable", not_dumpable },
	{ "files", limit_files },
	{ "filter", with_filter },
	{ "leaderless", with_leaderless_child },
	{ "long-vfork", with_long_vfork },
	{ "many", with_many },
	{ "namespace", with_namespace },
	{ "programs", with_programs },
	{ "rseq", turn_aside },
	{ "signals", with_signals },
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
	enough = true;
	if (child)
		kill(child, SIGCONT);
	if (write(ends[1], bytes, (size_t)nthreads + (child != 0)) < 0)
		return;
	for (int i = 0; i < nthreads; i++)
		pthread_join(threads[i], NULL);
	if (semaphores)
		semctl(semaphores, 0, IPC_RMID);
	if (child)
		waitpid(child, NULL, 0);
}
