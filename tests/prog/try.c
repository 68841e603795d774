/* SPDX-License-Identifier: MIT */
/*
 * Tries what it is told to, one attempt an argument, and prints `ATTEMPT: ok`
 * or `ATTEMPT: ERRNO` for each on descriptor 1. An attempt is
 *
 *	CALL[:ARGUMENT]...     a system call, made as it is
 *	NAME[:ARGUMENT]...     something of the table at the end
 *
 * Arguments are numbers, texts (whose address is taken), or PID, PPID, NULL,
 * BUF (4096 bytes of memory), LAST (what the last attempt returned). Built
 * static and dynamic, with glibc and musl.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGS = 6, BUFFER = 4096, MAX_FD = 64 };

struct attempt {
	const char *name;
	long args[MAX_ARGS];
	const char *text[MAX_ARGS]; /* the same, as they were written */
};

static char buffer[BUFFER] __attribute__((aligned(BUFFER)));
static long last;

static long result_of(long result)
{
	return result < 0 ? -errno : result;
}

#define CALL(name) { #name, SYS_##name }
static const struct {
	const char *name;
	long number;
} calls[] = {
	CALL(accept), CALL(access), CALL(add_key), CALL(arch_prctl), CALL(bind),
	CALL(bpf), CALL(capget), CALL(capset), CALL(chdir), CALL(chmod),
	CALL(chown), CALL(chroot), CALL(clock_settime), CALL(clone3),
	CALL(close), CALL(close_range), CALL(connect), CALL(copy_file_range),
	CALL(creat), CALL(dup), CALL(dup2), CALL(dup3), CALL(eventfd2),
	CALL(execve), CALL(execveat), CALL(fallocate), CALL(fcntl), CALL(fstat),
	CALL(ftruncate), CALL(get_mempolicy), CALL(getdents64), CALL(getpid),
	CALL(getppid), CALL(getpriority), CALL(getrusage), CALL(getsockopt),
	CALL(io_setup), CALL(io_uring_setup), CALL(ioctl), CALL(ioperm),
	CALL(iopl), CALL(ioprio_get), CALL(ioprio_set), CALL(kcmp),
	CALL(keyctl), CALL(kill), CALL(landlock_create_ruleset), CALL(link),
	CALL(listen), CALL(lseek), CALL(madvise), CALL(mbind),
	CALL(memfd_create), CALL(migrate_pages), CALL(mkdir), CALL(mknod),
	CALL(mmap), CALL(modify_ldt), CALL(mount), CALL(move_pages),
	CALL(mprotect), CALL(mq_open), CALL(mq_timedsend), CALL(mq_unlink),
	CALL(newfstatat), CALL(open), CALL(open_by_handle_at), CALL(openat),
	CALL(openat2), CALL(perf_event_open), CALL(personality),
	CALL(pidfd_getfd), CALL(pidfd_open), CALL(pidfd_send_signal),
	CALL(pipe2), CALL(pivot_root), CALL(pkey_mprotect), CALL(prctl),
	CALL(pread64), CALL(prlimit64), CALL(process_vm_readv),
	CALL(process_vm_writev), CALL(ptrace), CALL(pwrite64), CALL(pwritev2),
	CALL(read),
	CALL(readlink), CALL(reboot), CALL(recvmsg), CALL(rename), CALL(rmdir),
	CALL(rt_sigqueueinfo), CALL(sched_getaffinity), CALL(sched_getattr),
	CALL(sched_setaffinity), CALL(sched_setattr), CALL(sched_setparam),
	CALL(sched_setscheduler), CALL(seccomp), CALL(sendfile), CALL(sendmsg),
	CALL(sendto), CALL(set_mempolicy), CALL(setgid), CALL(setgroups),
	CALL(setns), CALL(setpriority), CALL(setsockopt), CALL(setuid),
	CALL(shmat), CALL(shmdt), CALL(shmget), CALL(shutdown), CALL(socket),
	CALL(socketpair), CALL(splice), CALL(stat), CALL(symlink),
	CALL(sysinfo), CALL(tgkill), CALL(times), CALL(tkill), CALL(truncate),
	CALL(umask), CALL(uname), CALL(unlink), CALL(unshare),
	CALL(userfaultfd), CALL(utimensat), CALL(vhangup), CALL(vmsplice),
	CALL(write),
};
#undef CALL

static long raw(long number, const long *args)
{
	return result_of(syscall(number, args[0], args[1], args[2], args[3],
				 args[4], args[5]));
}

/* nr:NUMBER[:ARGUMENT]...: a call by its number, up to five arguments. */
static long try_nr(const struct attempt *attempt)
{
	const long args[MAX_ARGS] = { attempt->args[1], attempt->args[2],
				      attempt->args[3], attempt->args[4],
				      attempt->args[5] };

	return raw(attempt->args[0], args);
}

static long try_x32(const struct attempt *attempt)
{
	const long args[MAX_ARGS] = { 0 };

	(void)attempt;
	return raw(0x40000000 | SYS_getpid, args);
}

/* getpid of the 32-bit interface. */
static long try_int80(const struct attempt *attempt)
{
	long result = 20;

	(void)attempt;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9",
			 "r10", "r11");
	return result;
}

/* clone:FLAGS, not those of a thread. The child is gone at once. */
static long try_clone(const struct attempt *attempt)
{
	const long pid = syscall(SYS_clone, attempt->args[0], 0, 0, 0, 0);

	if (!pid)
		syscall(SYS_exit_group, 0);
	if (pid > 0)
		syscall(SYS_wait4, pid, NULL, __WALL, NULL);
	return result_of(pid);
}

static long try_fork(const struct attempt *attempt)
{
	struct attempt process = *attempt;

	process.args[0] = SIGCHLD;
	return try_clone(&process);
}

/* fork-signal:PID:SIGNAL: a child sends it. Its parent's parent is GPID. */
static long try_fork_signal(const struct attempt *attempt)
{
	const pid_t pid = fork();
	int status = 0;

	if (!pid)
		_exit(kill((pid_t)attempt->args[0], (int)attempt->args[1]) ?
		      errno : 0);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

/* fork-abort: does a child that aborts end by SIGABRT? */
static long try_fork_abort(const struct attempt *attempt)
{
	const pid_t pid = fork();
	int status = 0;

	(void)attempt;
	if (!pid)
		abort();
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? 0 : -EIO;
}

/* kill-child: starts one and ends it. */
static long try_kill_child(const struct attempt *attempt)
{
	const pid_t parent = getpid();
	const pid_t pid = fork();
	int status = 0;

	(void)attempt;
	if (!pid) {
		/* No longer than we are there, should it be out of reach. */
		while (getppid() == parent)
			poll(NULL, 0, 50);
		_exit(0);
	}
	if (pid < 0 || kill(pid, SIGKILL) || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFSIGNALED(status) ? 0 : -EIO;
}

static void *in_thread(void *argument)
{
	return argument;
}

static long try_thread(const struct attempt *attempt)
{
	pthread_t thread;
	void *result = NULL;
	const int error = pthread_create(&thread, NULL, in_thread, &result);

	(void)attempt;
	if (error)
		return -error;
	pthread_join(thread, &result);
	return 0;
}

static void *denied_in_thread(void *argument)
{
	syscall(SYS_getpriority, 0, 0);
	return argument;
}

/* A thread makes a call; is there something left to tell of it? */
static long try_thread_call(const struct attempt *attempt)
{
	pthread_t thread;
	void *result = NULL;
	const int error = pthread_create(&thread, NULL, denied_in_thread, NULL);

	(void)attempt;
	if (error)
		return -error;
	pthread_join(thread, &result);
	return 0;
}

/* exec:PATH: it would print "executed". */
static long try_exec(const struct attempt *attempt)
{
	char *const argv[] = { (char *)attempt->args[0], "executed", NULL };
	char *const envp[] = { NULL };

	return result_of(execve((char *)attempt->args[0], argv, envp));
}

static long try_execveat(const struct attempt *attempt)
{
	char *const argv[] = { (char *)attempt->args[0], "executed", NULL };
	char *const envp[] = { NULL };

	return result_of(syscall(SYS_execveat, AT_FDCWD, attempt->args[0], argv,
				 envp, attempt->args[1]));
}

/* exec-guess:PATH: with values in the registers that execve does not take. */
static long try_exec_guess(const struct attempt *attempt)
{
	static const long guesses[] = { 0, 1, -1, 0x5555555555555555, 42 };
	char *const argv[] = { (char *)attempt->args[0], "executed", NULL };
	char *const envp[] = { NULL };
	long result = -EPERM;

	for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++)
		for (size_t j = 0; j < sizeof(guesses) / sizeof(*guesses); j++)
			result = result_of(syscall(
				SYS_execve, attempt->args[0], argv, envp,
				guesses[i], guesses[j], (long)buffer));
	return result;
}

/* Not mmap(3): musl's says ENOMEM for EPERM. */
static unsigned char *memory(int prot)
{
	return (unsigned char *)syscall(SYS_mmap, NULL, BUFFER, prot,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Runs `ret` in memory that it asks for with write and execute rights. */
static long try_mmap_rwx(const struct attempt *attempt)
{
	unsigned char *code = memory(PROT_READ | PROT_WRITE | PROT_EXEC);

	(void)attempt;
	if (code == MAP_FAILED)
		return -errno;
	*code = 0xc3;
	((void (*)(void))(uintptr_t)code)();
	return 0;
}

static long try_mprotect_x(const struct attempt *attempt)
{
	unsigned char *code = memory(PROT_READ | PROT_WRITE);

	(void)attempt;
	if (code == MAP_FAILED)
		return -errno;
	*code = 0xc3;
	if (mprotect(code, BUFFER, PROT_READ | PROT_EXEC))
		return -errno;
	((void (*)(void))(uintptr_t)code)();
	return 0;
}

static socklen_t loopback(struct sockaddr_in *address, long port)
{
	*address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	return sizeof(*address);
}

/* inet:DO:PORT[:TYPE[:PROTOCOL]] with a new socket. */
static long try_inet(const struct attempt *attempt)
{
	const char *what = attempt->text[0];
	const int type = attempt->args[2] ? (int)attempt->args[2] : SOCK_STREAM;
	const int fd = socket(AF_INET, type, (int)attempt->args[3]);
	struct sockaddr_in address;
	const socklen_t size = loopback(&address, attempt->args[1]);
	struct iovec piece = { buffer, 1 };
	const struct msghdr message = { .msg_name = &address,
					.msg_namelen = size,
					.msg_iov = &piece,
					.msg_iovlen = 1 };

	if (fd < 0)
		return -errno;
	last = fd;
	if (!strcmp(what, "connect"))
		return result_of(connect(fd, (void *)&address, size));
	if (!strcmp(what, "bind"))
		return result_of(bind(fd, (void *)&address, size));
	if (!strcmp(what, "listen"))
		return result_of(listen(fd, 1));
	if (!strcmp(what, "fastopen"))
		return result_of(sendto(fd, "x", 1, MSG_FASTOPEN,
					(void *)&address, size));
	if (!strcmp(what, "fastopen-msg"))
		return result_of(sendmsg(fd, &message, MSG_FASTOPEN));
	if (!strcmp(what, "sendto"))
		return result_of(sendto(fd, "x", 1, 0, (void *)&address, size));
	return -EINVAL;
}

/* A path, or behind '@' an abstract name. */
static socklen_t local(struct sockaddr_un *address, const char *name)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(address->sun_path, name, sizeof(address->sun_path) - 1);
	if (*name == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			   strlen(name));
}

/* unix:DO:NAME[:TYPE] with a new socket; the pair's with one end of a pair. */
static long try_unix(const struct attempt *attempt)
{
	const char *what = attempt->text[0];
	const int type = attempt->args[2] ? (int)attempt->args[2] : SOCK_STREAM;
	struct sockaddr_un address;
	const socklen_t size = local(&address, attempt->text[1]);
	struct iovec piece = { "x", 1 };
	const struct msghdr message = { .msg_name = &address,
					.msg_namelen = size,
					.msg_iov = &piece,
					.msg_iovlen = 1 };
	int ends[2] = { -1, -1 };

	if (!strncmp(what, "pair-", 5)) {
		if (socketpair(AF_UNIX, type, 0, ends))
			return -errno;
		what += 5;
	} else {
		ends[0] = socket(AF_UNIX, type, 0);
		if (ends[0] < 0)
			return -errno;
	}
	last = ends[0];
	if (!strcmp(what, "connect"))
		return result_of(connect(ends[0], (void *)&address, size));
	if (!strcmp(what, "bind"))
		return result_of(bind(ends[0], (void *)&address, size));
	if (!strcmp(what, "sendmsg"))
		return result_of(sendmsg(ends[0], &message, 0));
	return -EINVAL;
}

/* Which descriptors are open: poll looks at any. */
static long try_fds(const struct attempt *attempt)
{
	char line[BUFFER] = "fds";

	(void)attempt;
	for (int fd = 0; fd < MAX_FD; fd++) {
		struct pollfd look = { .fd = fd };

		if (poll(&look, 1, 0) < 0)
			return -errno;
		if (!(look.revents & POLLNVAL))
			sprintf(line + strlen(line), " %d", fd);
	}
	strcat(line, "\n");
	return result_of(write(1, line, strlen(line)));
}

static void told(int number)
{
	static const char text[] = "trapped\n";

	(void)number;
	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(1);
}

static long try_handle_sigsys(const struct attempt *attempt)
{
	(void)attempt;
	return signal(SIGSYS, told) == SIG_ERR ? -errno : 0;
}

static long try_raise(const struct attempt *attempt)
{
	return result_of(raise((int)attempt->args[0]));
}

static long try_abort(const struct attempt *attempt)
{
	(void)attempt;
	abort();
}

static long try_pause(const struct attempt *attempt)
{
	(void)attempt;
	return result_of(pause());
}

static const struct {
	const char *name;
	long (*attempt)(const struct attempt *attempt);
} others[] = {
	{ "abort", try_abort },
	{ "clone", try_clone },
	{ "exec", try_exec },
	{ "exec-at", try_execveat },
	{ "exec-guess", try_exec_guess },
	{ "fds", try_fds },
	{ "fork", try_fork },
	{ "fork-abort", try_fork_abort },
	{ "fork-signal", try_fork_signal },
	{ "handle-sigsys", try_handle_sigsys },
	{ "inet", try_inet },
	{ "int80", try_int80 },
	{ "kill-child", try_kill_child },
	{ "mmap-rwx", try_mmap_rwx },
	{ "mprotect-x", try_mprotect_x },
	{ "nr", try_nr },
	{ "pause", try_pause },
	{ "raise", try_raise },
	{ "thread", try_thread },
	{ "thread-call", try_thread_call },
	{ "unix", try_unix },
	{ "x32", try_x32 },
};

static long value_of(const char *text)
{
	char *end = NULL;
	/* Upper halves and -1 are both written here. */
	const long value = *text == '-' ? strtol(text, &end, 0) :
			   (long)strtoul(text, &end, 0);

	if (*text && !*end)
		return value;
	if (!strcmp(text, "PID"))
		return getpid();
	if (!strcmp(text, "PPID"))
		return getppid();
	if (!strcmp(text, "NULL"))
		return 0;
	if (!strcmp(text, "BUF"))
		return (long)buffer;
	if (!strcmp(text, "LAST"))
		return last;
	return (long)text;
}

static long run(struct attempt *attempt)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(others[i].name, attempt->name))
			return others[i].attempt(attempt);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, attempt->name))
			return last = raw(calls[i].number, attempt->args);
	_exit(99); /* the test is wrong */
}

static const char *name_of(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EACCES, "EACCES" }, { EADDRINUSE, "EADDRINUSE" },
		{ EAFNOSUPPORT, "EAFNOSUPPORT" }, { EAGAIN, "EAGAIN" },
		{ EBADF, "EBADF" }, { ECONNREFUSED, "ECONNREFUSED" },
		{ EEXIST, "EEXIST" }, { EFAULT, "EFAULT" },
		{ EINVAL, "EINVAL" },
		{ EIO, "EIO" }, { EISDIR, "EISDIR" }, { EMFILE, "EMFILE" },
		{ ENODEV, "ENODEV" }, { ENOENT, "ENOENT" },
		{ ENOSYS, "ENOSYS" }, { ENOTCONN, "ENOTCONN" },
		{ ENOTDIR, "ENOTDIR" }, { ENOTSOCK, "ENOTSOCK" },
		{ ENOTTY, "ENOTTY" }, { EOPNOTSUPP, "EOPNOTSUPP" },
		{ EPERM, "EPERM" }, { EPROTONOSUPPORT, "EPROTONOSUPPORT" },
		{ ESRCH, "ESRCH" }, { EXDEV, "EXDEV" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].error == error)
			return names[i].name;
	return "another error";
}

static void tell(const char *what, long result)
{
	char line[BUFFER];
	const int size = snprintf(line, sizeof(line), "%s: %s\n", what,
				  result < 0 && result > -BUFFER ?
				  name_of((int)-result) : "ok");

	if (write(1, line, (size_t)size) != size)
		_exit(98);
}

int main(int argc, char *argv[])
{
	static char fields[BUFFER];

	for (int i = 1; i < argc; i++) {
		struct attempt attempt = { .name = fields };
		char *next = fields;

		strncpy(fields, argv[i], sizeof(fields) - 1);
		strsep(&next, ":");
		for (unsigned n = 0; n < MAX_ARGS && next; n++) {
			attempt.text[n] = strsep(&next, ":");
			attempt.args[n] = value_of(attempt.text[n]);
		}
		tell(argv[i], run(&attempt));
	}
	return 0;
}
