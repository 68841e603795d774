/* SPDX-License-Identifier: MIT */
/* What profiles come down to, as the judge tells it: guards, descriptors, who
 * may be signalled, and the exactness of opens, sockets and threads. */
#include <linux/audit.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "policies.h"
#include "util.h"

#define HIGH (1ULL << 32)
#define EVERY UINT32_MAX

enum { PERM = ERRNO(EPERM), NOSYS = ERRNO(ENOSYS), FAKED = ERRNO(0) };

struct verdict {
	const char *call;
	uint64_t args[6];
	uint32_t want;
};

static void expect(const struct es_policy *policy, const char *name,
		   const struct verdict *verdicts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct verdict *v = &verdicts[i];
		struct es_call call = { ES_AUDIT_ARCH, number_of(v->call),
					{ 0 } };

		memcpy(call.args, v->args, sizeof(call.args));
		tap_int(es_judge(policy, &call).ret, v->want,
			"%s: %s(%#llx, %#llx, %#llx, %#llx, %#llx)", name,
			v->call, (unsigned long long)v->args[0],
			(unsigned long long)v->args[1],
			(unsigned long long)v->args[2],
			(unsigned long long)v->args[3],
			(unsigned long long)v->args[4]);
	}
}

#define EXPECT(policy, name, ...) \
	do { \
		const struct verdict verdicts[] = { __VA_ARGS__ }; \
		expect(policy, name, verdicts, ES_COUNT(verdicts)); \
	} while (0)

/* A guard wins over any word that gives the call. */
static void try_guards(void)
{
	struct built built = build_from(
		"SystemIO: [stdout, close, dup, fcntl, map_shared, "
		"{ioctl: {yes_really: true, fds: opened}}]", &usual);
	const struct es_policy *policy = &built.policy;

	/* It makes the limit void, which is told; the guards stand. */
	tap_int(built.status, ES_INVALID, "guards: map_shared goes too far");
	EXPECT(policy, "guards",
	       { "close", { 1 }, FAKED }, { "close", { 1 | HIGH }, FAKED },
	       { "close", { 0 }, ALLOW }, { "close", { 2 }, ALLOW },
	       { "dup", { 1 }, PERM }, { "dup", { 2 }, ALLOW },
	       { "dup2", { 1, 5 }, PERM }, { "dup2", { 5, 1 }, PERM },
	       { "dup2", { 5 | HIGH, 1 | HIGH }, PERM },
	       { "dup2", { 1, 1 }, PERM }, { "dup2", { 5, 6 }, ALLOW },
	       { "dup3", { 1, 5 }, PERM }, { "dup3", { 5, 1 }, PERM },
	       { "dup3", { 5, 6, O_CLOEXEC }, ALLOW },
	       { "fcntl", { 1, F_DUPFD }, PERM },
	       { "fcntl", { 1, F_DUPFD | HIGH }, PERM },
	       { "fcntl", { 1, F_DUPFD_CLOEXEC }, PERM },
	       { "fcntl", { 2, F_DUPFD }, ALLOW },
	       { "fcntl", { 1, F_SETFD, FD_CLOEXEC }, ALLOW },
	       { "mmap", { 0, 1, 3, MAP_SHARED, 1 }, PERM },
	       { "mmap", { 0, 1, 3, MAP_SHARED_VALIDATE, 1 | HIGH }, PERM },
	       { "mmap", { 0, 1, 3, MAP_SHARED, 2 }, ALLOW },
	       { "mmap", { 0, 1, 3, MAP_SHARED | MAP_ANONYMOUS, 1 }, ALLOW },
	       { "close_range", { 0, EVERY }, NOSYS },
	       { "close_range", { 1, 1 }, NOSYS },
	       { "close_range", { 0 | HIGH, 1 | HIGH }, NOSYS },
	       { "close_range", { 2, EVERY, 4 }, ALLOW },
	       { "close_range", { 0, 0 }, ALLOW },
	       { "ioctl", { 5, TIOCSTI }, PERM },
	       { "ioctl", { 5, TIOCSTI | HIGH }, PERM },
	       { "ioctl", { 5, TIOCLINUX | HIGH << 31 }, PERM },
	       { "ioctl", { 5, TIOCSTI + 1 }, ALLOW });
	finish(&built);
	/* Where a program can be started, what is closed there is rebound. */
	built = begin();
	hand_over(&built, "data", 3);
	give(&built, es_word_find("SystemIO", "file_read"), 3);
	give(&built, es_word_find("SystemIO", "fcntl"), 0);
	give(&built, es_word_find("SystemIO", "ioctl"), 0);
	give(&built, es_word_find("ForkAndExec", "fork"), 0);
	build(&built, &usual);
	EXPECT(policy, "guards, with fork",
	       { "fcntl", { 3, F_SETFD, FD_CLOEXEC }, PERM },
	       { "fcntl", { 3, F_SETFD, FD_CLOEXEC | 2 }, PERM },
	       { "fcntl", { 3, F_SETFD, 0 }, ALLOW },
	       { "fcntl", { 4, F_SETFD, FD_CLOEXEC }, ALLOW },
	       { "ioctl", { 3, FIOCLEX | HIGH }, PERM },
	       { "ioctl", { 4, FIOCLEX }, ALLOW });
	finish(&built);
}

/* Taken back, a limit guards nothing. */
static void try_widened(void)
{
	struct built built = begin();

	tap_int(es_add_fragment(built.context, "SystemIO: [stdout, close]",
				built.diags) |
			es_widen(built.context, "SystemIO.stdout", built.diags),
		ES_OK, "widened: read");
	build(&built, &usual);
	EXPECT(&built.policy, "widened", { "close", { 1 }, ALLOW },
	       { "write", { 1 }, ALLOW });
	finish(&built);
}

static void try_descriptors(void)
{
	struct es_surroundings around = usual;
	struct built built = begin();
	const struct es_policy *policy = &built.policy;

	around.loader = true;
	hand_over(&built, "log", 3);
	hand_over(&built, "data", 7);
	tap_int(es_add_fragment(built.context, "SystemIO: [{file_read: data}, "
				"{write: {fds: [log, 9-10, 40-]}}, "
				"{metadata: {fds: opened}}]", built.diags),
		ES_OK, "descriptors: read");
	build(&built, &around);
	tap_int(built.status, ES_OK, "descriptors: built");
	tap_int(policy->loader_fd, 4, "a loader gets the lowest free number");
	EXPECT(policy, "descriptors",
	       { "read", { 7 }, ALLOW }, { "read", { 7 | HIGH }, ALLOW },
	       { "read", { 3 }, PERM }, { "read", { 0 }, PERM },
	       { "read", { 4 }, ALLOW }, { "read", { 5 }, PERM },
	       { "write", { 3 }, ALLOW }, { "write", { 7 }, PERM },
	       { "write", { 9 }, ALLOW }, { "write", { 10 }, ALLOW },
	       { "write", { 11 }, PERM }, { "write", { 39 }, PERM },
	       { "write", { 40 }, ALLOW }, { "write", { EVERY }, ALLOW },
	       { "fstat", { 2 }, PERM }, { "fstat", { 4 }, ALLOW },
	       { "getdents64", { 3 }, PERM }, { "getdents64", { 5 }, ALLOW },
	       { "getdents64", { 9 }, PERM }, { "getdents64", { 40 }, ALLOW },
	       { "mmap", { 0, 1, PROT_EXEC, MAP_PRIVATE, 4 }, ALLOW },
	       { "mmap", { 0, 1, PROT_EXEC, MAP_PRIVATE, 5 }, PERM },
	       { "mmap", { 0, 1, PROT_EXEC, MAP_PRIVATE, 7 }, PERM },
	       { "mmap", { 0, 1, PROT_READ, MAP_PRIVATE, 7 }, ALLOW },
	       { "close", { 3 }, FAKED }, { "close", { 9 }, FAKED },
	       { "close", { 40 }, ALLOW }, { "close", { 4 }, ALLOW });
	tap_ok(es_policy_lists_fds(policy), "guards from 3 up bring a listing");
	finish(&built);
	built = build_from("SystemIO: [stdin, {read: {fds: opened}}]", &usual);
	EXPECT(policy, "static", { "read", { 2 }, PERM },
	       { "read", { 3 }, ALLOW }, { "openat", { 0 }, PERM },
	       { "mmap", { 0, 1, PROT_EXEC, MAP_PRIVATE, 3 }, PERM });
	finish(&built);
}

static void try_deny(void)
{
	static const struct {
		const char *text;
		uint32_t ret, guard;
	} actions[] = {
		{ "EPERM", PERM, PERM },
		{ "EACCES", ERRNO(EACCES), ERRNO(EACCES) },
		{ "kill", SECCOMP_RET_KILL_PROCESS, PERM },
		{ "kill_thread", SECCOMP_RET_KILL_THREAD, PERM },
		{ "trap", SECCOMP_RET_TRAP, PERM },
	};

	for (size_t i = 0; i < ES_COUNT(actions); i++) {
		const uint32_t ret = actions[i].ret, guard = actions[i].guard;
		struct built built = begin();

		es_add_fragment(built.context, "SystemIO.stdout", built.diags);
		es_set_deny(built.context, actions[i].text, built.diags);
		build(&built, &usual);
		EXPECT(&built.policy, actions[i].text,
		       { "socket", { 2, 1 }, ret }, { "write", { 2 }, ret },
		       { "ptrace", { 0 }, ret }, { "dup2", { 1, 5 }, guard },
		       { "ioctl", { 0, TIOCSTI }, guard },
		       { "close", { 1 }, FAKED },
		       { "close_range", { 0, 9 }, NOSYS },
		       { "clone3", { 0 }, NOSYS }, { "openat2", { 0 }, NOSYS },
		       { "io_uring_setup", { 0 }, NOSYS });
		tap_int(es_judge(&built.policy,
				 &(struct es_call){ ES_AUDIT_ARCH, UINT32_MAX,
						    { 0 } }).ret,
			ret, "%s: number -1", actions[i].text);
		finish(&built);
	}
}

static void try_numbers(void)
{
	const uint32_t kill = SECCOMP_RET_KILL_PROCESS;
	const struct {
		uint32_t arch, nr, want;
	} calls[] = {
		{ ES_AUDIT_ARCH, 39, ALLOW }, { AUDIT_ARCH_I386, 39, kill },
		{ AUDIT_ARCH_AARCH64, 39, kill }, { 0, 39, kill },
		{ AUDIT_ARCH_I386, UINT32_MAX, kill },
		{ ES_AUDIT_ARCH, 39 | 0x40000000, kill },
		{ ES_AUDIT_ARCH, 0x40000000, kill },
		{ ES_AUDIT_ARCH, 0x80000000, kill },
		{ ES_AUDIT_ARCH, UINT32_MAX - 1, kill },
		{ ES_AUDIT_ARCH, 0x3fffffff, NOSYS },
		{ ES_AUDIT_ARCH, 400, NOSYS }, { ES_AUDIT_ARCH, 511, NOSYS },
		{ ES_AUDIT_ARCH, 512, NOSYS }, { ES_AUDIT_ARCH, 1000, NOSYS },
	};
	struct built built = build_from("BasicCapabilities: all", &usual);

	for (size_t i = 0; i < ES_COUNT(calls); i++)
		tap_int(es_judge(&built.policy,
				 &(struct es_call){ calls[i].arch, calls[i].nr,
						    { 0 } }).ret,
			calls[i].want, "number %#x of architecture %#x",
			calls[i].nr, calls[i].arch);
	finish(&built);
}

static void try_signals(void)
{
	const uint64_t self = OWN_PID, all = (uint32_t)-1;
	struct es_surroundings around = usual;
	struct built built = build_from("Time: all", &around);
	const struct es_policy *policy = &built.policy;

	EXPECT(policy, "alone", { "kill", { self }, ALLOW },
	       { "kill", { self | HIGH }, ALLOW }, { "kill", { 1 }, PERM },
	       { "kill", { 0 }, PERM }, { "kill", { all }, PERM },
	       { "tgkill", { self, 99 }, ALLOW }, { "tgkill", { 1, 1 }, PERM },
	       { "tkill", { self }, ALLOW }, { "tkill", { 99 }, PERM },
	       { "rt_sigqueueinfo", { self }, PERM });
	finish(&built);
	for (unsigned scoped = 0; scoped < 2; scoped++) {
		const uint32_t any = scoped ? ALLOW : PERM;
		const char *name = scoped ? "family, scoped" : "family";

		around.signals_scoped = scoped;
		built = build_from("ForkAndExec: fork", &around);
		EXPECT(policy, name, { "kill", { self }, ALLOW },
		       { "kill", { 1 }, any }, { "kill", { all }, any },
		       { "tgkill", { 1, 1 }, any }, { "tkill", { 99 }, any });
		finish(&built);
		built = build_from("Threads: create", &around);
		EXPECT(policy, name, { "tkill", { 99 }, any },
		       { "kill", { 1 }, PERM }, { "tgkill", { 1, 1 }, PERM });
		finish(&built);
	}
}

static void try_basic(void)
{
	struct built built = build_from("BasicCapabilities: all", &usual);
	const uint64_t anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

	EXPECT(&built.policy, "basic",
	       { "mmap", { 0, 1, 3, anonymous, 1 }, ALLOW },
	       { "mmap", { 0, 1, 7, anonymous, EVERY }, PERM },
	       { "mmap", { 0, 1, 4 | HIGH, anonymous }, PERM },
	       { "mmap", { 0, 1, 3, MAP_PRIVATE, 0 }, PERM },
	       { "mmap", { 0, 1, 1, MAP_PRIVATE, 3 }, PERM },
	       { "mprotect", { 0, 1, 3 }, ALLOW },
	       { "mprotect", { 0, 1, 5 }, PERM },
	       { "pkey_mprotect", { 0, 1, 1 }, PERM },
	       { "prlimit64", { 0, 7, 0 }, ALLOW },
	       { "prlimit64", { 0, 7, HIGH }, PERM },
	       { "prlimit64", { 1, 7, 0 }, PERM },
	       { "sched_getaffinity", { 0 }, ALLOW },
	       { "sched_getaffinity", { 1 }, PERM },
	       { "get_robust_list", { 1 }, PERM }, { "getpgid", { 1 }, PERM },
	       { "arch_prctl", { 0x1002 }, ALLOW },
	       { "arch_prctl", { 0x1012 }, PERM },
	       { "fcntl", { 2, F_GETFL }, ALLOW },
	       { "fcntl", { 2, F_SETFL }, PERM },
	       { "fcntl", { 3, F_GETFL }, PERM });
	finish(&built);
}

/* The program has no key; the launcher's opens execve, and a line to tell an
 * error by, and nothing else. */
static void try_gate(void)
{
	const uint64_t a = usual.key[0], b = usual.key[1], c = usual.key[2];
	struct built built = build_from("SystemIO.stdout", &usual);

	EXPECT(&built.policy, "gate", { "execve", { 0, 0, 0, a, b, c }, ALLOW },
	       { "execve", { 0, 0, 0, 0, 0, 0 }, PERM },
	       { "execve", { 0, 0, 0, a, b, 0 }, PERM },
	       { "execve", { 0, 0, 0, a, b, c ^ HIGH }, PERM },
	       { "execve", { a, b, c, 0, 0, 0 }, PERM },
	       { "execveat", { 0, 0, 0, a, b, c }, PERM },
	       { "write", { 2, 0, 0, a, b, c }, ALLOW },
	       { "write", { 2, 0, 0, c, b, a }, PERM },
	       { "openat", { 0, 0, 0, a, b, c }, PERM });
	finish(&built);
	built = build_from("ForkAndExec: {exec: yes_really}", &usual);
	EXPECT(&built.policy, "open gate", { "execve", { 0 }, ALLOW },
	       { "execveat", { 0 }, ALLOW });
	finish(&built);
}

/* Widths and values that a program could step over, in words about itself. */
static void try_processes(void)
{
	struct built built = build_from(
		"Scheduling: [priority, io_priority, affinity, policy, numa]\n"
		"SelfConfinement: all\nSignals: group", &usual);
	const struct es_policy *policy = &built.policy;

	EXPECT(policy, "scheduling",
	       { "setpriority", { 0, 0, 5 }, ALLOW },
	       { "setpriority", { HIGH, HIGH, 5 }, ALLOW },
	       { "setpriority", { 0, OWN_PID, 5 }, PERM },
	       { "setpriority", { 1, 0, 5 }, PERM },
	       { "setpriority", { 2, 0, 5 }, PERM },
	       { "ioprio_set", { 1, 0 }, ALLOW },
	       { "ioprio_set", { 1, 1 }, PERM },
	       { "ioprio_set", { 2, 0 }, PERM },
	       { "sched_setaffinity", { HIGH }, ALLOW },
	       { "sched_setaffinity", { 1 }, PERM },
	       { "sched_setattr", { 1 }, PERM },
	       { "sched_getattr", { 0 }, ALLOW },
	       { "sched_getattr", { 1 }, PERM },
	       { "mbind", { 0, 0, 0, 0, 0, 3 }, ALLOW },
	       { "mbind", { 0, 0, 0, 0, 0, 4 }, PERM },
	       { "move_pages", { 0, 0, 0, 0, 0, 2 | HIGH }, ALLOW },
	       { "move_pages", { 0, 0, 0, 0, 0, 6 }, PERM },
	       { "migrate_pages", { 1 }, PERM });
	EXPECT(policy, "self-confinement",
	       { "seccomp", { 1, 1 }, ALLOW }, { "seccomp", { 1, 8 }, PERM },
	       { "seccomp", { 1 | HIGH, 9 | HIGH }, PERM },
	       { "seccomp", { 4, 0 }, PERM },
	       { "prctl", { 38, 1 }, ALLOW }, { "prctl", { 22, 2 }, ALLOW },
	       { "prctl", { 4, 0 }, ALLOW }, { "prctl", { 4, 1 }, PERM },
	       { "prctl", { 4, HIGH }, PERM }, { "prctl", { 35 }, PERM },
	       { "prlimit64", { 0, 7, 1 }, ALLOW },
	       { "prlimit64", { 1, 7, 0 }, PERM });
	EXPECT(policy, "signals", { "kill", { 0, 9 }, ALLOW },
	       { "kill", { HIGH, 9 }, ALLOW },
	       { "kill", { OWN_PID }, ALLOW }, { "kill", { 1 }, PERM },
	       { "kill", { 0xffffffff }, PERM },
	       { "pidfd_open", { OWN_PID }, PERM });
	finish(&built);
	built = build_from("Signals: {any: yes_really}\n"
			   "Scheduling: {any: yes_really}", &usual);
	EXPECT(policy, "any", { "kill", { 1 }, ALLOW },
	       { "setpriority", { 2, 1 }, ALLOW },
	       { "sched_setaffinity", { 1 }, ALLOW });
	finish(&built);
}

static void try_descriptors_or_whole(void)
{
	struct built built = build_from(
		"SystemIO: [mknod, {chmod: {fds: opened}}, "
		"{utimes: {fds: opened}}, {copy: {fds: opened}}]\n"
		"Terminal: all\n"
		"SharedMemory: {memory: yes_really}", &usual);
	const struct es_policy *policy = &built.policy;

	EXPECT(policy, "descriptors",
	       { "fchmod", { 5 }, ALLOW }, { "fchmod", { 1 }, PERM },
	       { "fchmodat", { 5 }, PERM }, { "chmod", { 0 }, PERM },
	       { "utimensat", { 5, 0 }, ALLOW },
	       { "utimensat", { 5, 4096 }, PERM },
	       { "utimensat", { 5, HIGH }, PERM },
	       { "sendfile", { 5, 6 }, ALLOW }, { "sendfile", { 1, 6 }, PERM },
	       { "sendfile", { 5, 0 }, PERM }, { "tee", { 5, 2 }, PERM },
	       { "vmsplice", { 5 }, ALLOW }, { "vmsplice", { 1 }, PERM });
	EXPECT(policy, "terminals",
	       { "ioctl", { 1, TCSETS }, ALLOW },
	       { "ioctl", { 1, TCSETS | HIGH }, ALLOW },
	       { "ioctl", { 1, TIOCSTI }, PERM },
	       { "ioctl", { 1, TIOCSTI | HIGH }, PERM },
	       { "ioctl", { 5, TIOCLINUX }, PERM },
	       { "ioctl", { 1, TIOCSETD }, PERM },
	       { "ioctl", { 1, TIOCCONS }, PERM },
	       { "ioctl", { 5, TIOCSCTTY, 0 }, ALLOW },
	       { "ioctl", { 5, TIOCSCTTY, 1 }, PERM },
	       { "ioctl", { 5, TIOCSCTTY, HIGH }, PERM },
	       { "ioctl", { 1, TIOCSCTTY, 0 }, PERM });
	EXPECT(policy, "others",
	       { "shmat", { 0, 0, 0 }, ALLOW },
	       { "shmat", { 0, 0, SHM_EXEC }, PERM },
	       { "shmat", { 0, 0, SHM_EXEC | HIGH }, PERM },
	       { "mknod", { 0, S_IFIFO | 0600 }, ALLOW },
	       { "mknod", { 0, 0600 }, ALLOW },
	       { "mknod", { 0, S_IFCHR | 0600 }, PERM },
	       { "mknodat", { 0, 0, S_IFBLK | HIGH }, PERM },
	       { "semget", { 0 }, PERM }, { "setuid", { 0 }, PERM });
	finish(&built);
}

/* Each of the 32 bits of FLAGS besides BASE: which are let through. */
static uint32_t bits_allowed(const struct es_policy *policy, const char *call,
			     unsigned arg, uint32_t base)
{
	struct es_call c = { ES_AUDIT_ARCH, number_of(call), { 0 } };
	uint32_t allowed = 0;

	for (unsigned bit = 0; bit < 32; bit++) {
		c.args[arg] = (base ^ (1U << bit)) | HIGH;
		if (es_judge(policy, &c).ret == ALLOW)
			allowed |= 1U << bit;
	}
	return allowed;
}

static void try_bits(void)
{
	const uint32_t read_only = O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW |
				   O_NONBLOCK | O_NOCTTY | 0100000 | O_NOATIME |
				   O_PATH;
	const uint32_t thread = CLONE_VM | CLONE_FS | CLONE_FILES |
				CLONE_SIGHAND | CLONE_THREAD;
	const uint32_t ids = CLONE_SETTLS | CLONE_PARENT_SETTID |
			     CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;
	struct built built = build_from(
		"SystemIO: open_readonly\nThreads: create", &usual);

	tap_int(bits_allowed(&built.policy, "open", 1, 0), read_only,
		"open_readonly: bits of open");
	tap_int(bits_allowed(&built.policy, "openat", 2, 0), read_only,
		"open_readonly: bits of openat");
	tap_int(JUDGE(&built.policy, "creat", 0), PERM, "no creat");
	tap_int(bits_allowed(&built.policy, "clone", 0, thread),
		ids | CLONE_SYSVSEM | CLONE_DETACHED, "a thread's bits");
	finish(&built);
	built = build_from("ForkAndExec: fork", &usual);
	tap_int(bits_allowed(&built.policy, "clone", 0, SIGCHLD),
		CSIGNAL | CLONE_VM | CLONE_VFORK | ids, "a process's bits");
	tap_int(JUDGE(&built.policy, "clone", CLONE_NEWUSER | SIGCHLD), PERM,
		"no new user namespace");
	tap_int(JUDGE(&built.policy, "clone", thread), PERM, "no thread");
	finish(&built);
}

struct kind {
	const char *fragment;
	unsigned families, types; /* a bit each */
	int protocol;
};

/* How many of all families, types and protocols are judged otherwise. */
static unsigned wrong_sockets(const struct es_policy *policy,
			      const struct kind *kind)
{
	unsigned wrong = 0;

	for (unsigned family = 0; family < 64; family++)
		for (unsigned type = 0; type < 32; type++)
			for (int protocol = -1; protocol < 300; protocol++) {
				const bool meant =
					family < 32 && type < 16 &&
					(kind->families >> family & 1) &&
					(kind->types >> type & 1) &&
					(!protocol ||
					 protocol == kind->protocol);
				const uint64_t flags = type % 2 ? SOCK_CLOEXEC :
						       SOCK_NONBLOCK | HIGH;

				wrong += (JUDGE(policy, "socket", family,
						type | flags,
						(uint32_t)protocol) == ALLOW) !=
					 meant;
			}
	return wrong;
}

static void try_sockets(void)
{
	const unsigned inet = 1U << AF_INET | 1U << AF_INET6;
	const unsigned local = 1U << SOCK_STREAM | 1U << SOCK_DGRAM |
			       1U << SOCK_SEQPACKET;
	const struct kind kinds[] = {
		{ "start_tcp_clients", inet, 1U << SOCK_STREAM, IPPROTO_TCP },
		{ "{start_tcp_servers: yes_really}", inet, 1U << SOCK_STREAM,
		  IPPROTO_TCP },
		{ "start_udp_clients", inet, 1U << SOCK_DGRAM, IPPROTO_UDP },
		{ "{start_udp_servers: yes_really}", inet, 1U << SOCK_DGRAM,
		  IPPROTO_UDP },
		{ "{start_unix_clients: yes_really}", 1U << AF_UNIX, local, 0 },
		{ "{start_unix_servers: yes_really}", 1U << AF_UNIX, local, 0 },
		{ "running_tcp_servers", 0, 0, 0 },
		{ "running_udp_sockets", 0, 0, 0 },
		{ "running_unix_clients", 0, 0, 0 },
		{ "{connect: yes_really}", 0, 0, 0 },
	};

	for (size_t i = 0; i < ES_COUNT(kinds); i++) {
		char text[80];
		struct built built;

		snprintf(text, sizeof(text), "Networking: [%s]",
			 kinds[i].fragment);
		built = build_from(text, &usual);
		tap_int(wrong_sockets(&built.policy, &kinds[i]), 0,
			"%s: exactly these sockets", text);
		finish(&built);
	}
}

int main(void)
{
	try_guards();
	try_widened();
	try_descriptors();
	try_deny();
	try_numbers();
	try_signals();
	try_basic();
	try_gate();
	try_processes();
	try_descriptors_or_whole();
	try_bits();
	try_sockets();
	return tap_done();
}
