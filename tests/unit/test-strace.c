/* SPDX-License-Identifier: MIT */
/* strace's notation, and what is not it. */
#include <fcntl.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "strace.h"
#include "tap.h"
#include "util.h"

static struct es_strace strace; /* its halves are too many for the stack */
static struct es_arena arena;

static enum es_line read_line(const char *line, struct es_traced *traced)
{
	return es_strace_line(&strace, line, strlen(line), traced);
}

/* A line is read as CALL with ARGS, of which the first N are looked at. */
static void try_call(const char *line, const char *call, size_t n,
		     const uint64_t args[6])
{
	struct es_traced traced;

	if (!tap_int(read_line(line, &traced), ES_LINE_CALL, "%s", line)) {
		printf("# %s\n", strace.wrong);
		return;
	}
	tap_str(traced.row->name, call, "its call");
	for (size_t i = 0; i < n; i++)
		tap_int((long long)traced.call.args[i], (long long)args[i],
			"its argument %zu", i);
}

#define CALL(line, call, ...) \
	try_call(line, call, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, \
		 (const uint64_t[6]){ __VA_ARGS__ })
#define P ES_STRACE_POINTER
#define FDCWD (uint64_t)AT_FDCWD

static void try_values(void)
{
	CALL("openat(AT_FDCWD, \"/etc/passwd\", O_RDWR|O_CREAT, 0600) = 3",
	     "openat", FDCWD, P, O_RDWR | O_CREAT, 0600);
	CALL("openat(AT_FDCWD</home/u>, \"x\", O_RDONLY) = 3</home/u/x>",
	     "openat", FDCWD, P, O_RDONLY);
	CALL("[pid 12] close(3) = -1 EBADF (Bad file descriptor)", "close", 3);
	CALL("[pid    12] close(3) = ?", "close", 3);
	CALL("4711 12:00:01.5 close(3</etc/passwd>) = 0", "close", 3);
	CALL("read(3<TCP:[127.0.0.1:1->127.0.0.1:2]>, \"\\1\\x02\"..., 4) = 2",
	     "read", 3, P, 4);
	CALL("mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3, "
	     "0x1000) = 0x7f", "mmap", 0, 8192, 5, 0x12, 3, 0x1000);
	CALL("clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|"
	     "CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 2",
	     "clone", 0x1200011, 0, 0, 0x7f);
	CALL("ioctl(1, TCGETS, {c_iflag=ICRNL, c_cc=\"}\", ...}) = 0", "ioctl",
	     1, 0x5401, P);
	CALL("ioctl(1, _IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x2a, 0x2c), 0x7f)",
	     "ioctl", 1, 0xc02c542a, 0x7f);
	CALL("execve(\"/bin/ls\", [\"ls\", \"],\"], 0x7f /* 9 vars */) = 0",
	     "execve", P, P, 0x7f);
	CALL("socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3",
	     "socket", 2, 0x80001, 6);
	CALL("setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0", "setsockopt",
	     3, 6, 1, P, 4);
	CALL("arch_prctl(0x3001 /* ARCH_??? */, 0x7f) = -1 EINVAL (x)",
	     "arch_prctl", 0x3001, 0x7f);
	CALL("mknod(\"x\", S_IFCHR|0666, makedev(0x1, 0x3)) = 0", "mknod", P,
	     0020666, 0x103);
	CALL("mmap(NULL, 1, PROT_NONE, MAP_PRIVATE|MAP_HUGETLB|"
	     "21<<MAP_HUGE_SHIFT, -1, 0)", "mmap", 0, 1, 0, 0x54040002,
	     (uint64_t)-1);
	CALL("rt_sigprocmask(SIG_BLOCK, ~[RTMIN RT_1], NULL, 8) = 0",
	     "rt_sigprocmask", 0, P, 0, 8);
	CALL("tgkill(1, 1, SIGRT_1)", "tgkill", 1, 1, 33);
	CALL("wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 7",
	     "wait4", (uint64_t)-1, P, 0, 0);
	CALL("clone3({flags=CLONE_VM, exit_signal=SIGCHLD} => {parent_tid=[1]},"
	     " 88) = 1", "clone3", P, 88);
	CALL("getpid() = 4", "getpid", 0);
}

static void try_known(void)
{
	struct es_traced traced;

	read_line("openat(3</a\\n>, \"\\303\\244\\x41\\\"\", O_RDONLY) = -1 X",
		  &traced);
	tap_str(traced.strings[1], "\303\244A\"", "a string's escapes");
	tap_str(traced.behind[0], "/a\\n", "the file behind a descriptor");
	tap_ok(traced.failed && traced.finished, "it failed");
	read_line("openat(3, \"/et\"..., O_RDONLY) = 7", &traced);
	tap_str(traced.strings[1], NULL, "a string that was cut is none");
	tap_int(traced.result, 7, "its result");
	read_line("unlink(\"a\\0b\")", &traced);
	tap_str(traced.strings[0], NULL, "a string with a NUL is no path");
	read_line("connect(3, {sa_family=AF_UNIX, sun_path=@\"{\"}, 9) = 0",
		  &traced);
	tap_int(traced.family, 1, "the family of an address");
	read_line("[pid 99] exit_group(0) = ?", &traced);
	tap_int(traced.pid, 99, "the process");
	tap_ok(!traced.finished, "no result");
}

static void try_kind(const char *line, enum es_line want, const char *wrong)
{
	struct es_traced traced;

	tap_int(read_line(line, &traced), want, "'%.60s'", line);
	if (want == ES_LINE_WRONG && !tap_ok(strstr(strace.wrong, wrong),
					     "it tells: %s", wrong))
		printf("# %s\n", strace.wrong);
}

static void try_halves(void)
{
	static const uint64_t args[6] = { (uint64_t)-1, P, 0, 0 };

	try_kind("[pid 5] wait4(-1,  <unfinished ...>", ES_LINE_NONE, NULL);
	try_kind("[pid 6] read(0,  <unfinished ...>", ES_LINE_NONE, NULL);
	try_call("[pid 5] <... wait4 resumed>[{WIFEXITED(s)}], 0, NULL) = 7",
		 "wait4", 4, args);
	CALL("<... read resumed>\"\", 5) = 0", "read", 0, P, 5);
	try_kind("<... read resumed>\"\", 5) = 0", ES_LINE_WRONG,
		 "first half of the call is missing");
	tap_int((long long)strace.nhalves, 0, "no half is left");
}

static void try_others(void)
{
	static const char *const skipped[] = {
		"", "   ", "--- SIGCHLD {si_signo=SIGCHLD} ---",
		"[pid 3] +++ exited with 0 +++", "12 --- SIGINT {} ---",
		"strace: Process 7 attached",
	};

	for (size_t i = 0; i < ES_COUNT(skipped); i++)
		try_kind(skipped[i], ES_LINE_NONE, NULL);
	try_kind("hello", ES_LINE_WRONG, "'(' is expected");
	try_kind("?", ES_LINE_WRONG, "a call is expected");
	try_kind("nosuch(1)", ES_LINE_WRONG, "no system call that is known");
	try_kind("openat(AT_FDCWD, \"x", ES_LINE_WRONG, "has no end");
	try_kind("openat(AT_FDCWD, \"x\\", ES_LINE_WRONG, "has no end");
	try_kind("openat(AT_FDCWD, {[", ES_LINE_WRONG, "is not closed");
	try_kind("openat(AT_FDCWD /* x", ES_LINE_WRONG, "comment has no end");
	try_kind("close(3<a", ES_LINE_WRONG, "'<' has no '>'");
	try_kind("close(3", ES_LINE_WRONG, "')' is missing");
	try_kind("close(O_NOSUCH)", ES_LINE_WRONG, "'O_NOSUCH' is no constant");
	try_kind("close(nosuch=3)", ES_LINE_WRONG, "is no argument of close");
	try_kind("close(3 4)", ES_LINE_WRONG, "',' or ')' is expected");
	try_kind("close(1, 2, 3, 4, 5, 6, 7)", ES_LINE_WRONG, "more than six");
	try_kind("close(3) and more", ES_LINE_WRONG, "nothing is expected");
	try_kind("close(htons(3))", ES_LINE_WRONG, "is no number");
	try_kind("close(-)", ES_LINE_WRONG, "a number is expected");
}

/* What takes no more time or stack than its length. */
static void try_large(void)
{
	static const char *const parts[] = { "{", "[", "1<<", "1|", "\\", "\"",
					     "</*", "a=", "\"\"," };
	const size_t n = ES_STRACE_MAX_LINE - 8;
	char *line = malloc(ES_STRACE_MAX_LINE + 16);
	struct es_traced traced;

	for (size_t p = 0; p < ES_COUNT(parts); p++) {
		const size_t len = strlen(parts[p]);
		char *at = stpcpy(line, "close(");

		for (size_t i = 0; i + len < n; i += len)
			at = stpcpy(at, parts[p]);
		tap_int(es_strace_line(&strace, line, (size_t)(at - line),
				       &traced), ES_LINE_WRONG,
			"a megabyte of '%s'", parts[p]);
		es_arena_rewind(&arena);
	}
	memset(line, ' ', ES_STRACE_MAX_LINE + 1);
	tap_int(es_strace_line(&strace, line, ES_STRACE_MAX_LINE + 1, &traced),
		ES_LINE_WRONG, "a longer line");
	tap_int(es_strace_line(&strace, "close(\0)", 8, &traced),
		ES_LINE_WRONG, "a NUL");
	for (size_t i = 0; i <= ES_STRACE_MAX_HALVES; i++) {
		snprintf(line, 64, "[pid %zu] read(0, <unfinished ...>", i);
		if (read_line(line, &traced) != (i < ES_STRACE_MAX_HALVES ?
						 ES_LINE_NONE : ES_LINE_WRONG))
			tap_ok(false, "half %zu", i);
	}
	tap_int((long long)strace.nhalves, ES_STRACE_MAX_HALVES,
		"halves have a limit");
	strace.nhalves = 0;
	free(line);
}

/* Lines with some of their bytes changed: whatever they are, they are read or
 * refused with a word. */
static void try_broken(void)
{
	static const char *const lines[] = {
		"openat(AT_FDCWD</a>, \"/etc/pass\\n\"..., O_RDWR|1<<4) = 3",
		"[pid 7] ioctl(1, _IOC(_IOC_READ, 0x54, 0x2a, 4), {a=[1]})",
		"clone(child_stack=NULL, flags=CLONE_VM /* x */, tls=1 => 3)",
	};
	static const char bytes[] = "\"\\{}[]()<>|=,/*-. 0x~@a";
	uint64_t seed = 7;
	unsigned silent = 0;

	for (unsigned i = 0; i < 30000; i++) {
		struct es_traced traced;
		char *line = strdup(lines[i % ES_COUNT(lines)]);
		const size_t len = strlen(line);

		for (unsigned j = 0; j <= random_below(&seed, 3); j++)
			line[random_below(&seed, len)] =
				bytes[random_below(&seed, sizeof(bytes) - 1)];
		strace.wrong = NULL;
		if (es_strace_line(&strace, line, len, &traced) ==
			    ES_LINE_WRONG && !strace.wrong)
			silent++;
		free(line);
		strace.nhalves = 0;
		es_arena_rewind(&arena);
	}
	tap_int(silent, 0, "whatever is refused is refused with a word");
}

int main(void)
{
	strace.arena = &arena;
	try_values();
	try_known();
	try_halves();
	try_others();
	try_large();
	try_broken();
	es_arena_finish(&arena);
	return tap_done();
}
