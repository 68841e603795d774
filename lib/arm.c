/* SPDX-License-Identifier: MIT */
/*
 * The program is made to do it by itself, by calls that have the key of the
 * first layer's gate: it opens a socket, takes Landlock's ruleset from there,
 * restricts each thread, and loads the filter. (In a Landlock domain a process
 * may not take descriptors out of one that is outside, see pidfd_getfd(2); the
 * other way round it works.)
 */
#include "arm.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "proc.h"
#include "util.h"

enum {
	RED_ZONE = 128, /* below a stack's pointer, by the ABI */
	HEAD = 256,     /* before the filter's instructions */
	SENDS = 1000,   /* of READY=1, to a manager that is busy */
	MAX_SCRATCH = HEAD + BPF_MAXINSNS * (int)sizeof(struct sock_filter),
};

/* A process being armed. */
struct work {
	const struct es_arming *arming;
	struct es_tracee *const *threads;
	size_t n;
	struct es_arm_failure *failure;
	uint64_t scratch; /* memory of the process, kept in: */
	void *kept;       /* MAX_SCRATCH bytes, or NULL so far */
	size_t size;
};

static bool fail(struct work *work, const char *what, long result)
{
	*work->failure = (struct es_arm_failure){ what, (int)-result };
	return false;
}

static bool enter(struct work *work, struct es_tracee *tracee)
{
	return es_tracee_enter(tracee) ||
	       fail(work, "a thread can't be made to call", -errno);
}

/* The call itself, with the key. */
static bool make(struct work *work, struct es_tracee *tracee, long nr,
		 uint64_t first, uint64_t second, uint64_t third, long *result)
{
	const uint64_t *key = work->arming->key;
	const uint64_t args[6] = { first, second, third, key[0], key[1],
				   key[2] };

	return es_tracee_make(tracee, nr, args, result) ||
	       fail(work, "a thread can't be made to call", -errno);
}

/* Both, where no memory is to be written between. */
static bool call(struct work *work, struct es_tracee *tracee, long nr,
		 uint64_t first, uint64_t second, uint64_t third, long *result)
{
	return enter(work, tracee) &&
	       make(work, tracee, nr, first, second, third, result);
}

static bool write_to(struct work *work, struct es_tracee *tracee, uint64_t at,
		     const void *data, size_t size)
{
	return es_tracee_write(tracee, at, data, size) ||
	       fail(work, "its stack can't be written", -errno);
}

/* Memory of the stack, which holds other things and gets them back. */
static bool take_scratch(struct work *work)
{
	struct es_tracee *lead = work->threads[0];
	const size_t filter = work->arming->filter->n *
			      sizeof(struct sock_filter);

	if (!es_tracee_hold(lead))
		return fail(work, "a thread can't be held", -errno);
	/* Its own stack may be small, too. */
	work->kept = mmap(NULL, MAX_SCRATCH, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (work->kept == MAP_FAILED)
		return fail(work, "there is no memory", -errno);
	work->size = HEAD + filter;
	work->scratch = (lead->regs.rsp - RED_ZONE - work->size) & ~63ULL;
	if (es_tracee_read(lead, work->scratch, work->kept, work->size))
		return true;
	return fail(work, "its stack has no room, or can't be read", -errno);
}

static bool give_back_scratch(struct work *work)
{
	const bool fine = es_tracee_write(work->threads[0], work->scratch,
					  work->kept, work->size);

	munmap(work->kept, MAX_SCRATCH);
	return fine || fail(work, "its stack can't be written", -errno);
}

/* What the program is handed: a message's head and all that it points to. */
struct letter {
	struct msghdr head;
	struct iovec data;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
};
_Static_assert(sizeof(struct letter) <= HEAD, "a letter fits in");

static void make_letter(struct letter *letter, uint64_t at)
{
	*letter = (struct letter){
		.head = {
			.msg_iov = (void *)(at + offsetof(struct letter, data)),
			.msg_iovlen = 1,
			.msg_control = (void *)(at + offsetof(struct letter,
							      control)),
			.msg_controllen = sizeof(letter->control),
		},
		.data = { (void *)(at + offsetof(struct letter, byte)), 1 },
	};
}

/* Gives SOCKET a name, which the kernel chooses (unix(7)). */
static bool name_socket(int socket, struct sockaddr_un *name, socklen_t *size)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*size = sizeof(*name);
	return !bind(socket, (struct sockaddr *)name, sizeof(sa_family_t)) &&
	       !getsockname(socket, (struct sockaddr *)name, size);
}

/* Sends DESCRIPTOR to the socket THEIRS. It is connected before it has a name,
 * so that nobody but us can ever send to it. */
static bool send_to(int theirs, int descriptor)
{
	struct sockaddr_un address;
	socklen_t size;
	es_autoclose int ours = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct letter letter;

	make_letter(&letter, (uint64_t)(uintptr_t)&letter);
	letter.control.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&letter.control.header), &descriptor,
	       sizeof(descriptor));
	if (ours < 0 || !name_socket(ours, &address, &size) ||
	    connect(theirs, (struct sockaddr *)&address, size) ||
	    !name_socket(theirs, &address, &size))
		return false;
	letter.head.msg_name = &address;
	letter.head.msg_namelen = size;
	return sendmsg(ours, &letter.head, MSG_NOSIGNAL) == 1;
}

static bool receive(struct work *work, long socket, int *ruleset)
{
	struct es_tracee *lead = work->threads[0];
	struct letter letter;
	long result;

	make_letter(&letter, work->scratch);
	if (!enter(work, lead) ||
	    !write_to(work, lead, work->scratch, &letter, sizeof(letter)) ||
	    !make(work, lead, SYS_recvmsg, (uint64_t)socket, work->scratch,
		  MSG_DONTWAIT | MSG_CMSG_CLOEXEC, &result))
		return false;
	if (result != 1 ||
	    !es_tracee_read(lead, work->scratch, &letter, sizeof(letter)))
		return fail(work, "Landlock's ruleset can't be handed over",
			    result < 0 ? result : 0);
	/* Without room for it, the letter comes without. */
	if (letter.control.header.cmsg_type != SCM_RIGHTS ||
	    letter.control.header.cmsg_len != CMSG_LEN(sizeof(int)))
		return fail(work, "Landlock's ruleset can't be handed over",
			    -EMFILE);
	memcpy(ruleset, CMSG_DATA(&letter.control.header), sizeof(*ruleset));
	return true;
}

/* Brings the ruleset into the process. */
static bool deliver(struct work *work, int *ruleset)
{
	struct es_tracee *lead = work->threads[0];
	long socket, closed;
	bool fine;

	if (!call(work, lead, SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC,
		  0, &socket))
		return false;
	if (socket < 0)
		return fail(work, "it can't open a socket", socket);

	es_autoclose int theirs = es_fetch(lead, (int)socket);

	if (theirs < 0 || !send_to(theirs, work->arming->ruleset))
		return fail(work, "Landlock's ruleset can't be sent", -errno);
	fine = receive(work, socket, ruleset);
	return call(work, lead, SYS_close, (uint64_t)socket, 0, 0, &closed) &&
	       fine;
}

/* Landlock holds a thread, and what that starts (landlock(7)). */
static bool restrict_threads(struct work *work, int ruleset)
{
	long result;

	for (size_t i = 0; i < work->n; i++) {
		if (!call(work, work->threads[i], SYS_landlock_restrict_self,
			  (uint64_t)ruleset, work->arming->flags, 0,
			  &result))
			return false;
		if (result == -E2BIG)
			return fail(work, "16 layers of Landlock are in force "
				    "already", 0);
		if (result)
			return fail(work, "Landlock can't be enforced", result);
	}
	return call(work, work->threads[0], SYS_close, (uint64_t)ruleset, 0, 0,
		    &result);
}

/* The filter, from scratch memory to the kernel. */
static bool load_with(struct work *work, unsigned flags, long *result)
{
	const struct es_filter *filter = work->arming->filter;
	const struct sock_fprog program = {
		.len = (unsigned short)filter->n,
		.filter = (void *)(work->scratch + HEAD),
	};
	struct es_tracee *lead = work->threads[0];

	return enter(work, lead) &&
	       write_to(work, lead, work->scratch, &program,
			sizeof(program)) &&
	       write_to(work, lead, work->scratch + HEAD, filter->insns,
			filter->n * sizeof(*filter->insns)) &&
	       make(work, lead, SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
		    work->scratch, result);
}

/* A listener's file, and none that the program has put in its place. */
static bool is_listener(int fd)
{
	uint64_t none = 0;

	return ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &none) &&
	       errno == ENOENT;
}

static bool load_reporting(struct work *work, int *listener)
{
	const unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
			       SECCOMP_FILTER_FLAG_TSYNC |
			       SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
	struct es_tracee *lead = work->threads[0];
	long number, closed;

	if (!load_with(work, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		       &number))
		return false;
	if (number == -EINVAL && !load_with(work, flags, &number))
		return false;
	if (number < 0)
		return fail(work, "the filter can't be loaded", number);
	*listener = es_fetch(lead, (int)number);
	if (*listener < 0 || !is_listener(*listener))
		return fail(work, "the listener can't be fetched", -errno);
	if (!call(work, lead, SYS_close, (uint64_t)number, 0, 0, &closed))
		return false;
	return !closed || fail(work, "the listener can't be closed", closed);
}

/* All threads have the first layer alone, as it lets none add another filter:
 * so all can be given this one. */
static bool load_filter(struct work *work, int *listener)
{
	const pid_t lead = work->threads[0]->tid;
	const long before = es_proc_filters(lead);
	long result;

	if (work->arming->reports) {
		if (!load_reporting(work, listener))
			return false;
	} else if (!load_with(work, SECCOMP_FILTER_FLAG_TSYNC, &result)) {
		return false;
	} else if (result) {
		return fail(work, "the filter can't be loaded",
			    result < 0 ? result : -EBUSY);
	}
	return (before && es_proc_filters(lead) == before + 1) ||
	       fail(work, "the filter is not there", 0);
}

/* The message, as sendmsg(2) has it, which takes no more than three arguments;
 * written at the call's entry. */
static bool make_message(struct work *work, struct es_tracee *sender,
			 uint64_t *message, uint64_t *flags)
{
	const struct es_ready *ready = work->arming->ready;
	const bool to = ready->nr == SYS_sendto;
	struct letter letter = { 0 };

	*message = ready->args[1];
	*flags = ready->args[2];
	if (ready->nr == SYS_sendmsg)
		return true;
	letter.data = (struct iovec){ (void *)(uintptr_t)ready->args[1],
				      ready->args[2] };
	letter.head.msg_iov = (void *)(work->scratch +
				       offsetof(struct letter, data));
	letter.head.msg_iovlen = 1;
	if (ready->nr == SYS_writev) {
		letter.head.msg_iov = (void *)(uintptr_t)ready->args[1];
		letter.head.msg_iovlen = ready->args[2];
	}
	letter.head.msg_name = to ? (void *)(uintptr_t)ready->args[4] : NULL;
	letter.head.msg_namelen = to ? (socklen_t)ready->args[5] : 0;
	*message = work->scratch;
	*flags = to ? ready->args[3] : 0;
	return write_to(work, sender, work->scratch, &letter, sizeof(letter));
}

/* The program tells its manager itself, so that this sees who it is, and goes
 * on behind the call that was held back. */
static bool send_ready(struct work *work)
{
	const struct es_ready *ready = work->arming->ready;
	struct es_tracee *sender = NULL;
	const struct timespec pause = { .tv_nsec = 2000000 };
	uint64_t message, flags;
	long result = -EAGAIN;

	for (size_t i = 0; i < work->n && ready; i++)
		if (work->threads[i]->tid == ready->sender)
			sender = work->threads[i];
	if (!sender)
		return true;
	/* A manager that does not read is not waited for without end. */
	for (int i = 0; i < SENDS && result == -EAGAIN; i++) {
		if (i)
			nanosleep(&pause, NULL);
		if (!enter(work, sender) ||
		    !make_message(work, sender, &message, &flags) ||
		    !make(work, sender, SYS_sendmsg, ready->args[0], message,
			  flags | MSG_DONTWAIT, &result))
			return false;
	}
	sender->regs.rax = (uint64_t)result;
	return true;
}

bool es_arm(const struct es_arming *arming, struct es_tracee *const *threads,
	    size_t n, int *listener, struct es_arm_failure *failure)
{
	struct work work = { .arming = arming, .threads = threads, .n = n,
			     .failure = failure };
	int ruleset = -1;

	return take_scratch(&work) &&
	       (arming->ruleset < 0 || (deliver(&work, &ruleset) &&
					restrict_threads(&work, ruleset))) &&
	       load_filter(&work, listener) && send_ready(&work) &&
	       give_back_scratch(&work);
}

bool es_arm_mend_trap(const struct es_arming *arming, struct es_tracee *trapped,
		      struct es_arm_failure *failure)
{
	struct es_tracee *const threads[] = { trapped };
	struct work work = { .arming = arming, .threads = threads, .n = 1,
			     .failure = failure };
	/* handler, flags, restorer, mask: as the kernel has it */
	const uint64_t ignored[4] = { (uint64_t)(uintptr_t)SIG_IGN };
	long result = 0;

	if (!arming->trap_ignored && !arming->trap_blocked)
		return true;
	if (!take_scratch(&work))
		return false;
	if (arming->trap_blocked)
		trapped->mask |= 1ULL << (SIGTRAP - 1);
	if (!arming->trap_ignored)
		return true;

	const uint64_t args[6] = { SIGTRAP, work.scratch, 0, sizeof(uint64_t) };

	if (!enter(&work, trapped) ||
	    !write_to(&work, trapped, work.scratch, ignored, sizeof(ignored)))
		return false;
	if (!es_tracee_make(trapped, SYS_rt_sigaction, args, &result) || result)
		return fail(&work, "SIGTRAP can't be ignored again", result);
	return give_back_scratch(&work);
}
