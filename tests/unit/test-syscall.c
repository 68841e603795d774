/* SPDX-License-Identifier: MIT */
/* The table of system calls against the kernel's headers, both ways, and its
 * arguments: names, widths and signs. (test-sets compares with libseccomp.) */
#include "syscall.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/reboot.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"
#include "util.h"

enum { MAX_DEFINES = 2048 };

/* What the preprocessor makes of a header: names and their values. */
struct defines {
	size_t n;
	struct {
		char name[64], value[64];
	} at[MAX_DEFINES];
};

static void read_defines(struct defines *defines, const char *command)
{
	FILE *output = popen(command, "r");
	char line[512], name[64], value[64];

	defines->n = 0;
	while (output && fgets(line, sizeof(line), output) &&
	       defines->n < MAX_DEFINES) {
		if (sscanf(line, "#define __NR%63s %63s", name, value) != 2)
			continue;
		strcpy(defines->at[defines->n].name, name);
		strcpy(defines->at[defines->n++].value, value);
	}
	if (!output || pclose(output))
		printf("# failed: %s\n", command);
}

/* The number that a define stands for: itself, or by other names. */
static int number_of(const struct defines *defines, const char *value)
{
	for (unsigned steps = 0; !isdigit((unsigned char)*value) && steps < 3;
	     steps++) {
		const char *next = NULL;

		if (strncmp(value, "__NR", 4) != 0)
			return -1;
		for (size_t i = 0; i < defines->n && !next; i++)
			if (!strcmp(defines->at[i].name, value + 4))
				next = defines->at[i].value;
		if (!next)
			return -1;
		value = next;
	}
	return isdigit((unsigned char)*value) ? atoi(value) : -1;
}

/* Every define of a call has our number; LAST is the highest there. */
static void try_header(const char *arch, const char *command, bool arm)
{
	static struct defines defines;
	unsigned calls = 0, wrong = 0;
	int last = 0;

	read_defines(&defines, command);
	for (size_t i = 0; i < defines.n; i++) {
		const char *name = defines.at[i].name + 1;
		const int nr = number_of(&defines, defines.at[i].value);
		const struct es_syscall *call = es_syscall_find(name,
								strlen(name));

		/* Not calls, but the ends of ranges, and parts of others. */
		if (defines.at[i].name[0] != '_' || nr < 0 ||
		    !strcmp(name, "syscalls") ||
		    !strcmp(name, "arch_specific_syscall"))
			continue;
		calls++;
		last = nr > last ? nr : last;
		if (!call || (arm ? call->aarch64 : call->x86_64) != nr) {
			printf("# %s: %d in the header\n", name, nr);
			wrong++;
		}
	}
	tap_int(wrong, 0, "%s: all calls of the header have its numbers", arch);
	tap_ok(calls > 280, "%s: it has %u", arch, calls);
	wrong = 0;
	for (size_t i = 0; i < es_nsyscalls; i++) {
		const struct es_syscall *call = &es_syscalls[i];
		const int nr = arm ? call->aarch64 : call->x86_64;
		bool found = nr < 0 || nr > last;

		for (size_t d = 0; d < defines.n && !found; d++)
			found = !strcmp(defines.at[d].name + 1, call->name);
		/* The header has no names for these two. */
		if (!found && nr != 335 && nr != 336) {
			printf("# %s: %d only here\n", call->name, nr);
			wrong++;
		}
	}
	tap_int(wrong, 0, "%s: the header has all calls up to its last, %d",
		arch, last);
}

/* The kernel's names of some arguments are arg2 and so on, counted from 1. A
 * rule by hand that says so is refused. */
static bool is_numbered(const struct es_syscall *call)
{
	static const char *const calls[] = { "arch_prctl", "keyctl", "prctl" };

	for (size_t i = 0; i < ES_COUNT(calls); i++)
		if (!strcmp(call->name, calls[i]))
			return true;
	return false;
}

/* One argument at AT: its type, and each of its names leads to it. */
static bool try_arg(const struct es_syscall *call, unsigned index,
		    const char *at, size_t len)
{
	static const char *const types[] = { "i32 ", "u32 ", "i64 ", "u64 ",
					     "ptr ", "u12 ", "u16 " };
	char number[] = "arg0";
	struct es_arg arg;
	bool typed = false;

	for (size_t i = 0; i < ES_COUNT(types); i++)
		typed |= !strncmp(at, types[i], 4);
	number[3] = (char)('0' + index);
	if (!typed || !es_syscall_arg(call, number, 4, &arg) ||
	    (arg.index != index && !is_numbered(call)) ||
	    arg.pointer != (*at == 'p') ||
	    arg.negative != (*at == 'i') ||
	    arg.mask != (at[1] == '3' ? UINT32_MAX :
			 !strncmp(at, "u12", 3) ? 07777 :
			 !strncmp(at, "u16", 3) ? 0xffff : UINT64_MAX))
		return false;
	for (size_t from = 4, to = 4; from < len; from = to + 1) {
		to = from + strcspn(at + from, ",=");
		to = to < len ? to : len;
		for (size_t i = from; i < to; i++)
			if (!isalnum((unsigned char)at[i]) && at[i] != '_')
				return false;
		if (to == from || !es_syscall_arg(call, at + from, to - from,
						  &arg) ||
		    arg.index != index)
			return false;
	}
	return true;
}

static bool try_args(const struct es_syscall *call)
{
	const char *at = call->args;
	struct es_arg arg;
	unsigned n = 0;
	char beyond[] = "arg0";

	for (; *at; n++) {
		const size_t len = strcspn(at, ",");

		if (n == 6 || !try_arg(call, n, at, len))
			return false;
		at += len;
		at += strspn(at, ", ");
	}
	beyond[3] = (char)('0' + n);
	return (is_numbered(call) || !es_syscall_arg(call, beyond, 4, &arg)) &&
	       !es_syscall_arg(call, "", 0, &arg);
}

static const struct {
	const char *call, *name, *alias;
	unsigned index, bits;
	bool pointer, negative;
} args[] = {
	{ "openat", "dirfd", "dfd", 0, 32, false, false },
	{ "openat", "pathname", "filename", 1, 64, true, false },
	{ "openat", "flags", "arg2", 2, 32, false, false },
	{ "openat", "mode", "arg3", 3, 12, false, false },
	{ "socket", "domain", "family", 0, 32, false, true },
	{ "bind", "addrlen", "arg2", 2, 32, false, false },
	{ "ioctl", "request", "cmd", 1, 32, false, false },
	{ "kill", "pid", "arg0", 0, 32, false, true },
	{ "kill", "sig", "arg1", 1, 32, false, true },
	{ "lseek", "offset", "arg1", 1, 64, false, true },
	{ "read", "count", "arg2", 2, 64, false, false },
	{ "mmap", "prot", "arg2", 2, 32, false, false },
	{ "mmap", "flags", "arg3", 3, 32, false, false },
	{ "mmap", "fd", "arg4", 4, 32, false, false },
	{ "mmap", "length", "len", 1, 64, false, false },
	{ "clone", "flags", "clone_flags", 0, 32, false, false },
	{ "newfstatat", "flags", "flag", 3, 32, false, false },
	{ "pread64", "offset", "pos", 3, 64, false, true },
	{ "prlimit64", "new_limit", "new_rlim", 2, 64, true, false },
	{ "rt_sigaction", "signum", "sig", 0, 32, false, true },
	{ "preadv2", "flags", "arg5", 5, 32, false, false },
	{ "ptrace", "request", "arg0", 0, 64, false, true },
	{ "setuid", "uid", "arg0", 0, 32, false, false },
	{ "dup2", "oldfd", "arg0", 0, 32, false, false },
	{ "wait4", "wstatus", "stat_addr", 1, 64, true, false },
};

static void try_known(void)
{
	for (size_t i = 0; i < ES_COUNT(args); i++) {
		const struct es_syscall *call =
			es_syscall_find(args[i].call, strlen(args[i].call));
		struct es_arg by_name = { .index = 9 }, by_alias = by_name;

		tap_ok(call &&
			       es_syscall_arg(call, args[i].name,
					      strlen(args[i].name), &by_name) &&
			       es_syscall_arg(call, args[i].alias,
					      strlen(args[i].alias),
					      &by_alias) &&
			       by_name.index == args[i].index &&
			       by_alias.index == args[i].index &&
			       by_name.pointer == args[i].pointer &&
			       by_name.negative == args[i].negative &&
			       by_name.mask == UINT64_MAX >>
						       (64 - args[i].bits),
		       "%s: %s is argument %u, %u bits", args[i].call,
		       args[i].name, args[i].index, args[i].bits);
	}
}

/* Some of all kinds, by the headers that programs are compiled with. */
#define V(name) { #name, (uint64_t)(name) }
static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
	V(AF_UNIX), V(AF_INET6), V(AF_NETLINK), V(SOCK_RAW), V(SOCK_NONBLOCK),
	V(IPPROTO_ICMP), V(SO_REUSEPORT), V(SO_RCVTIMEO), V(MSG_PEEK),
	V(MSG_NOSIGNAL), V(TCP_NODELAY), V(IPV6_V6ONLY), V(PROT_READ),
	V(PROT_WRITE), V(MAP_FIXED), V(MAP_STACK), V(MADV_DONTNEED),
	V(MREMAP_MAYMOVE), V(MCL_FUTURE), V(MFD_CLOEXEC), V(O_RDWR),
	V(O_WRONLY), V(O_TMPFILE), V(O_SYNC), V(O_DIRECT), V(O_DIRECTORY),
	V(F_GETLK), V(F_SETLKW), V(F_DUPFD_CLOEXEC), V(LOCK_EX), V(AT_FDCWD),
	V(AT_SYMLINK_NOFOLLOW), V(SEEK_END), V(X_OK), V(S_IFMT), V(S_IRUSR),
	V(S_ISUID), V(CLONE_NEWUSER), V(CLONE_IO), V(SIGTERM), V(SIGCHLD),
	V(SIGSYS), V(SIG_BLOCK), V(SA_RESTART), V(PR_SET_PDEATHSIG),
	V(PR_CAPBSET_READ), V(TIOCSTI), V(TIOCGWINSZ), V(TCSETS), V(FIONREAD),
	V(EPOLL_CTL_ADD), V(EPOLLET), V(TFD_TIMER_ABSTIME), V(IN_CLOSE_WRITE),
	V(CLOCK_BOOTTIME), V(TIMER_ABSTIME), V(RLIMIT_NOFILE), V(RUSAGE_SELF),
	V(PRIO_PROCESS), V(SCHED_FIFO), V(SCHED_IDLE), V(FUTEX_WAKE),
	V(FUTEX_PRIVATE_FLAG), V(IPC_RMID), V(SHM_RDONLY), V(WNOHANG),
	V(__WALL), V(P_PID), V(LINUX_REBOOT_CMD_RESTART),
	/* Where headers say something else than the kernel means, or nothing. */
	{ "O_LARGEFILE", 0100000 }, { "NULL", 0 }, { "SIGRTMIN", 32 },
	{ "TCGETS2", 0x802c542a },
};

static void try_constants(void)
{
	for (size_t i = 0; i < ES_COUNT(constants); i++) {
		uint64_t value = 0xbad;

		tap_ok(es_constant_find(constants[i].name,
					strlen(constants[i].name), &value) &&
			       value == constants[i].value,
		       "%s is %#llx", constants[i].name,
		       (unsigned long long)constants[i].value);
	}
	tap_ok(!es_constant_find("AF_UNI", 6, &(uint64_t){ 0 }),
	       "a part of a name is none");
}

static void try_foreign(void)
{
	static const char *const foreign[] = { "_llseek", "mmap2", "socketcall",
					       "stat64", "waitpid" };

	for (size_t i = 0; i < ES_COUNT(foreign); i++)
		tap_str(es_syscall_foreign(foreign[i], strlen(foreign[i])),
			foreign[i], "%s is another architecture's", foreign[i]);
	tap_str(es_syscall_foreign("waitpi", 6), NULL, "a part of a name isn't");
	tap_str(es_syscall_foreign("", 0), NULL, "nor is nothing");
	for (size_t i = 0; i < es_nsyscalls; i++)
		if (es_syscall_foreign(es_syscalls[i].name,
				       strlen(es_syscalls[i].name)))
			tap_ok(false, "%s is ours", es_syscalls[i].name);
}

int main(void)
{
	unsigned wrong = 0;

	/* The header itself, since <asm/unistd.h> would bring x32's as well. */
	try_header("x86_64", "echo '#include <asm/unistd_64.h>' | "
		   "cc -E -dM -", false);
	/* What arch/arm64/include/uapi/asm/unistd.h asks for. */
	try_header("aarch64", "echo '#include <asm-generic/unistd.h>' | cc -E "
		   "-dM -D__ARCH_WANT_RENAMEAT -D__ARCH_WANT_NEW_STAT "
		   "-D__ARCH_WANT_SET_GET_RLIMIT "
		   "-D__ARCH_WANT_TIME32_SYSCALLS -D__ARCH_WANT_SYS_CLONE3 "
		   "-D__ARCH_WANT_MEMFD_SECRET -", true);
	for (size_t i = 0; i < es_nsyscalls; i++) {
		if (try_args(&es_syscalls[i]))
			continue;
		printf("# %s(%s)\n", es_syscalls[i].name, es_syscalls[i].args);
		wrong++;
	}
	tap_int(wrong, 0, "every argument of %zu calls is found by its names",
		es_nsyscalls);
	try_known();
	try_constants();
	try_foreign();
	return tap_done();
}
