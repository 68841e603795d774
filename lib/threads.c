/* SPDX-License-Identifier: MIT */
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "proc.h"
#include "util.h"

enum {
	MAX_THREADS = 1 << 15,
	MAX_ROUNDS = 1000,  /* of looking for threads that were made meanwhile */
	PATIENCE = 2,       /* seconds for one to come into its handler */
	MAX_STATUS = 4096,  /* bytes of /proc/PID/task/TID/status */
};

/* What those that are held are to do. */
enum { HOLD, RESTRICT, LEAVE };

/* In memory of its own: a thread that comes late still finds it. */
struct es_threads {
	_Atomic uint32_t order;
	_Atomic uint32_t arrived, done, left;
	_Atomic int error;
	int ruleset;
	unsigned flags;

	int signal;
	struct sigaction before;
	_Atomic size_t n; /* that were sent for */
	pid_t tids[MAX_THREADS];
	_Atomic bool here[MAX_THREADS]; /* has come */
};

/* Two that hold each other would wait for good. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
/* What the handler of this moment is about. */
static struct es_threads *_Atomic current;

static long futex(_Atomic uint32_t *word, int op, uint32_t value,
		  const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static void count(_Atomic uint32_t *counter)
{
	atomic_fetch_add(counter, 1);
	futex(counter, FUTEX_WAKE_PRIVATE, 1, NULL);
}

static void restrict_oneself(struct es_threads *threads)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    (threads->ruleset >= 0 &&
	     syscall(SYS_landlock_restrict_self, threads->ruleset,
		     threads->flags)))
		atomic_store(&threads->error, errno);
}

/* The first time that the calling thread comes, of those that were sent for: who
 * forges a signal makes none count twice. */
static bool has_come(struct es_threads *threads)
{
	const pid_t tid = (pid_t)syscall(SYS_gettid);

	for (size_t i = 0; i < atomic_load(&threads->n); i++)
		if (threads->tids[i] == tid)
			return !atomic_exchange(&threads->here[i], true);
	return false;
}

/* Nothing here but what a signal handler may do. */
static void handle(int signal, siginfo_t *info, void *unused)
{
	struct es_threads *threads = atomic_load(&current);
	const int error = errno;
	uint32_t order;

	(void)signal;
	(void)unused;
	/* Of nobody else's sending, nor of a time that is over. */
	if (!threads || info->si_value.sival_ptr != threads ||
	    !has_come(threads))
		return;
	count(&threads->arrived);
	while ((order = atomic_load(&threads->order)) == HOLD)
		futex(&threads->order, FUTEX_WAIT_PRIVATE, HOLD, NULL);
	if (order == RESTRICT) {
		restrict_oneself(threads);
		count(&threads->done);
		while (atomic_load(&threads->order) == RESTRICT)
			futex(&threads->order, FUTEX_WAIT_PRIVATE, RESTRICT,
			      NULL);
	}
	count(&threads->left);
	errno = error;
}

static void give_order(struct es_threads *threads, uint32_t order)
{
	atomic_store(&threads->order, order);
	futex(&threads->order, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL);
}

/* How many of those that were sent for have ended. */
static uint32_t ended(const struct es_threads *threads)
{
	uint32_t n = 0;

	for (size_t i = 0; i < threads->n; i++)
		n += syscall(SYS_tgkill, getpid(), threads->tids[i], 0) &&
		     errno == ESRCH;
	return n;
}

/* Waits until COUNTER says that all that are there have come so far; false if
 * that takes too long. */
static bool wait_for(const struct es_threads *threads,
		     _Atomic uint32_t *counter)
{
	const struct timespec little = { .tv_nsec = 20000000 };
	struct timespec end, now;
	uint32_t value;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PATIENCE;
	while ((value = atomic_load(counter)) < threads->n &&
	       value + ended(threads) < threads->n) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec > end.tv_nsec))
			return false;
		futex(counter, FUTEX_WAIT_PRIVATE, value, &little);
	}
	return true;
}

/* The signals that a thread blocks; all, if that can't be told. */
static uint64_t blocked_by(pid_t tid)
{
	char text[MAX_STATUS];
	const char *line = es_proc_read(tid, "status", text, sizeof(text)) ?
			   strstr(text, "\nSigBlk:") : NULL;

	return line ? strtoull(line + strlen("\nSigBlk:"), NULL, 16) :
		      UINT64_MAX;
}

struct entry {
	uint64_t inode;
	int64_t next;
	unsigned short size;
	unsigned char type;
	char name[];
};

/* Calls VISIT for each other thread; false if it says so, or none can be seen.
 * Not by opendir(3): whoever is held may hold its memory. */
static bool each_thread(bool (*visit)(struct es_threads *threads, pid_t tid),
			struct es_threads *threads)
{
	es_autoclose int fd = open("/proc/self/task",
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct entry) char room[4096];
	const pid_t own = gettid();
	long len = -1;
	bool fine = fd >= 0;

	while (fine && (len = syscall(SYS_getdents64, fd, room,
				      sizeof(room))) > 0) {
		for (const char *at = room; at < room + len && fine;) {
			const struct entry *entry = (const void *)at;
			const pid_t tid = (pid_t)strtol(entry->name, NULL, 10);

			if (tid > 0 && tid != own)
				fine = visit(threads, tid);
			at += entry->size;
		}
	}
	return fine && !len;
}

static bool is_sent_for(const struct es_threads *threads, pid_t tid)
{
	for (size_t i = 0; i < threads->n; i++)
		if (threads->tids[i] == tid)
			return true;
	return false;
}

/* Passes over the signals that TID blocks. */
static bool note_blocked(struct es_threads *threads, pid_t tid)
{
	const uint64_t blocked = blocked_by(tid);

	while (threads->signal >= SIGRTMIN &&
	       (blocked & (1ULL << (threads->signal - 1))))
		threads->signal--;
	return true;
}

static bool send_for(struct es_threads *threads, pid_t tid)
{
	siginfo_t info = { .si_signo = threads->signal, .si_code = SI_QUEUE };

	if (is_sent_for(threads, tid))
		return true;
	if (threads->n == MAX_THREADS) {
		errno = ENOMEM;
		return false;
	}
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = threads;
	/* It looks for itself there. */
	threads->tids[threads->n] = tid;
	atomic_fetch_add(&threads->n, 1);
	if (!syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, threads->signal,
		     &info))
		return true;
	atomic_fetch_sub(&threads->n, 1);
	return errno == ESRCH; /* it has ended */
}

/* A signal that nobody handles and no thread blocks. */
static bool find_signal(struct es_threads *threads)
{
	struct sigaction action = { 0 };

	for (int signal = SIGRTMAX; signal >= SIGRTMIN; signal--) {
		if (sigaction(signal, NULL, &action) ||
		    action.sa_handler != SIG_DFL)
			continue;
		threads->signal = signal;
		each_thread(note_blocked, threads);
		if (threads->signal == signal)
			return true;
		signal = threads->signal + 1;
	}
	return false;
}

/* A thread that begins blocks all of them for a moment. */
static bool choose_signal(struct es_threads *threads)
{
	const struct timespec little = { .tv_nsec = 1000000 };

	for (unsigned i = 0; i < PATIENCE * 1000; i++) {
		if (find_signal(threads))
			return true;
		nanosleep(&little, NULL);
	}
	return false;
}

/* All that there are, and those that they made meanwhile. */
static bool gather(struct es_threads *threads)
{
	size_t before;

	for (unsigned round = 0; round < MAX_ROUNDS; round++) {
		before = threads->n;
		if (!each_thread(send_for, threads))
			return false;
		if (threads->n == before)
			return true;
		if (!wait_for(threads, &threads->arrived))
			break;
	}
	errno = ETIMEDOUT;
	return false;
}

/* Whoever comes late finds the handler, and what that looks at. */
static void leave(struct es_threads *threads, bool late)
{
	give_order(threads, LEAVE);
	if (!late && wait_for(threads, &threads->left)) {
		sigaction(threads->signal, &threads->before, NULL);
		atomic_store(&current, NULL);
		munmap(threads, sizeof(*threads));
	}
	pthread_mutex_unlock(&one_at_a_time);
}

static enum es_status fail(struct es_threads *threads, struct es_diags *diags)
{
	const int error = errno;

	leave(threads, error == ETIMEDOUT);
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"nothing is in force: a thread of this process can't be "
		"reached: %s", error == ETIMEDOUT ?
		"it does not come to a signal's handler" :
		strerrordesc_np(error));
	return ES_UNSUPPORTED;
}

/* The first that has other filters than we, so that it can't be given ours; 0:
 * none has. */
static pid_t filtered(const struct es_threads *threads)
{
	const long own = es_proc_filters(gettid());

	for (size_t i = 0; i < threads->n; i++)
		if (es_proc_filters(threads->tids[i]) != own &&
		    !syscall(SYS_tgkill, getpid(), threads->tids[i], 0))
			return threads->tids[i];
	return 0;
}

enum es_status es_threads_hold(struct es_diags *diags,
			       struct es_threads **ret)
{
	struct es_threads *threads = mmap(NULL, sizeof(*threads),
					  PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };
	pid_t other;

	if (threads == MAP_FAILED)
		return ES_NOMEM;
	threads->ruleset = -1;
	pthread_mutex_lock(&one_at_a_time);
	if (!choose_signal(threads)) {
		pthread_mutex_unlock(&one_at_a_time);
		munmap(threads, sizeof(*threads));
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"nothing is in force: a thread of this process can't be "
			"reached: it blocks every real-time signal that nobody "
			"handles");
		return ES_UNSUPPORTED;
	}
	sigfillset(&action.sa_mask);
	action.sa_sigaction = handle;
	atomic_store(&current, threads);
	if (sigaction(threads->signal, &action, &threads->before) ||
	    !gather(threads))
		return fail(threads, diags);
	other = filtered(threads);
	if (!other) {
		*ret = threads;
		return ES_OK;
	}
	leave(threads, false);
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"nothing is in force: thread %d has a seccomp filter of its own",
		(int)other);
	return ES_UNSUPPORTED;
}

int es_threads_restrict(struct es_threads *threads, int ruleset, unsigned flags)
{
	threads->ruleset = ruleset;
	threads->flags = flags;
	give_order(threads, RESTRICT);
	if (!wait_for(threads, &threads->done))
		return ETIMEDOUT;
	return atomic_load(&threads->error);
}

void es_threads_release(struct es_threads *threads)
{
	if (threads)
		leave(threads, false);
}
