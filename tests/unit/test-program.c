/* SPDX-License-Identifier: MIT */
/*
 * The kernel, env and execvp are the judges: what es_program_resolve makes of
 * a script is executed, and must print what the script itself prints. The
 * interpreter "show" is this program, which prints its arguments.
 */
#include "program.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "resolve.h"
#include "tap.h"
#include "util.h"

/* All of ARGV in one line. */
static void join(char *const argv[], char *line, size_t size)
{
	size_t n = 0;

	line[0] = '\0';
	for (; argv && *argv && n < size; argv++)
		n += (size_t)snprintf(line + n, size - n, "[%s]", *argv);
}

/* ARGV becomes PATH with WANT, a joined argv. */
static void becomes(char *const argv[], const char *path, const char *want)
{
	struct result result = resolve_argv(argv);
	char got[8192];

	join(result.program.argv, got, sizeof(got));
	tap_int(result.status, ES_OK, "%s: accepted", argv[0]);
	tap_str(result.program.path, path, "%s: path", argv[0]);
	tap_str(got, want, "%s: argv", argv[0]);
	if (result.status != ES_OK)
		tap_value("diagnostics:", result.text);
	finish(&result);
}

#define BECOMES(path, want, ...) \
	becomes((char *const[]){ __VA_ARGS__, NULL }, path, want)

/* What a child that executes PATH, or if NULL looks ARGV[0] up, prints. */
static void output(const char *path, char *const argv[], char *text,
		   size_t size)
{
	int ends[2];
	size_t n = 0;
	ssize_t got = 0;

	if (pipe2(ends, O_CLOEXEC))
		abort();

	const pid_t pid = fork();

	if (!pid) {
		dup2(ends[1], 1);
		dup2(open("/dev/null", O_WRONLY), 2);
		if (path)
			execv(path, argv);
		else
			execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(ends[0]);
	waitpid(pid, NULL, 0);
}

/* The resolved program prints what execvp's does. */
static void same(char *const argv[], const char *name)
{
	struct result result = resolve_argv(argv);
	char want[16384];
	char got[16384] = "";

	output(NULL, argv, want, sizeof(want));
	if (result.status == ES_OK)
		output(result.program.path, result.program.argv, got,
		       sizeof(got));
	else
		tap_value("diagnostics:", result.text);
	tap_ok(want[0] != '\0', "%s: runs", name);
	tap_str(got, want, "%s: the same as without us", name);
	finish(&result);
}

static void same_script(const char *text, const char *name)
{
	write_file("script", text, 0755);
	same((char *const[]){ "./script", "one", "", "t w o", NULL }, name);
}

static void test_path(void)
{
	mkdir("p1", 0755);
	mkdir("p2", 0755);
	mkdir("p1/folder", 0755);
	write_file("p1/tool", "#!/bin/sh\n", 0644);
	write_file("p2/tool", "#!/bin/sh\n", 0755);
	write_file("p2/folder", "#!/bin/sh\n", 0755);
	write_file("p1/only", "#!/bin/sh\n", 0600);

	setenv("PATH", "nowhere:p1:p2/tool:p2", 1);
	BECOMES("p2/tool", "[tool][a][]", "tool", "a", "");
	BECOMES("p2/folder", "[folder]", "folder");
	BECOMES("p2/tool", "[p2/tool]", "p2/tool");
	refused("only", ES_NOT_EXECUTABLE, "'p1/only', which may not be");
	refused("missing", ES_NOT_FOUND, "'missing' was not found in $PATH");
	refused("p1/only", ES_NOT_EXECUTABLE, "chmod");
	refused("p1/missing", ES_NOT_FOUND, "does not exist");
	refused("p2/tool/x", ES_NOT_FOUND, "no folder");
	refused("./p1", ES_NOT_EXECUTABLE, "is a folder");
	refused("/dev/null", ES_NOT_EXECUTABLE, "not a regular file");
	refused("", ES_NOT_FOUND, "empty");
	setenv("PATH", "p1", 1);
	refused("folder", ES_NOT_EXECUTABLE, "is a folder");

	write_file("here", "#!/bin/sh\n", 0755);
	for (int i = 0; i < 3; i++) {
		static const char *const paths[] = { "p1:", ":p1", "" };

		setenv("PATH", paths[i], 1);
		BECOMES("./here", "[here]", "here");
	}
	setenv("PATH", "p1", 1);
	refused("here", ES_NOT_FOUND, "not found in $PATH");
	unsetenv("PATH");
	BECOMES("/bin/true", "[true]", "true");

	struct result result = resolve_argv((char *const[]){ NULL });

	tap_int(result.status, ES_NOT_FOUND, "no argv at all");
	finish(&result);
	if (symlink("loop", "loop"))
		abort();
	refused("./loop", ES_NOT_EXECUTABLE, "loop of symbolic links");

	char name[5000]; /* longer than PATH_MAX */

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	refused(name, ES_NOT_FOUND, "not found");
	name[0] = '/';
	refused(name, ES_NOT_FOUND, "too long");
}

static void use_show(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bin:/bin:/usr/bin", tmp);
	setenv("PATH", path, 1);
}

static void test_plain(void)
{
	char text[PATH_MAX];

	use_show();
	write_file("plain", "#! \tbin/show \t-a b  \t\nrest", 0755);
	BECOMES("./plain", "[./plain][x]", "./plain", "x");
	snprintf(text, sizeof(text), "#!%s/bin/show -x", tmp);
	same_script(text, "plain");

	struct result result =
		resolve_argv((char *const[]){ "./plain", NULL });
	const struct es_needed *executed = result.program.executed;

	tap_ok(result.program.nexecuted >= 2, "script and interpreter listed");
	tap_str(executed[0].path, "./plain", "the script is the first");
	tap_str(executed[1].path, "bin/show", "its interpreter the second");
	if (result.program.dynamic)
		tap_int((long long)result.program.nexecuted, 3,
			"the ELF interpreter is the third");
	for (size_t i = 0; i < result.program.nexecuted; i++) {
		tap_ok(fcntl(executed[i].fd, F_GETFL) & O_PATH,
		       "%s is open as O_PATH", executed[i].path);
		tap_int(fcntl(executed[i].fd, F_GETFD), FD_CLOEXEC,
			"%s is closed by exec", executed[i].path);
	}
	finish(&result);

	write_file("crlf", "#!/bin/sh\r\n", 0755);
	refused("./crlf", ES_NOT_FOUND, "carriage return");
	write_file("void", "#!  \t \n", 0755);
	refused("./void", ES_NOT_EXECUTABLE, "without interpreter");
	write_file("void", "#!", 0755);
	refused("./void", ES_NOT_EXECUTABLE, "without interpreter");
	write_file("notx", "#!./p1/only\n", 0755);
	refused("./notx", ES_NOT_EXECUTABLE, "interpreter './p1/only' may not");
	write_file("infolder", "#!./p1\n", 0755);
	refused("./infolder", ES_NOT_EXECUTABLE, "is a folder");

	memset(text, 'x', sizeof(text));
	text[0] = '#';
	text[1] = '!';
	text[2] = '/';
	text[300] = '\0';
	write_file("long", text, 0755);
	refused("./long", ES_NOT_EXECUTABLE, "longer than the 255 bytes");
	/* An argument may be cut, a name not. */
	snprintf(text, sizeof(text), "#!%s/bin/show %0300d\n", tmp, 7);
	same_script(text, "a line that the kernel cuts");
}

/* Lines of random pieces: the script's interpreter is an env script, so that
 * its arguments are ours to work out. */
static void test_lines(void)
{
	static const char *const pieces[] = {
		" ", "\t", "\n", "a", "-b", "./show-env", "./show-env", "\r",
		"  ", "\n\n", "#", "'", "=", "x y", "./show-env ", "./bad",
	};
	uint32_t random = 1;
	unsigned accepted = 0;
	unsigned differ = 0;

	write_file("show-env", "#!/usr/bin/env show\n", 0755);
	for (int i = 0; i < 300; i++) {
		char *const argv[] = { "./script", "one", "", NULL };
		char text[600] = "";
		char want[2048];
		char got[2048] = "";
		size_t n = (size_t)snprintf(text, sizeof(text), "#!%s",
					    i % 3 ? "\t./show-env" : "");

		for (unsigned many = i % 9; many > 0; many--) {
			random = random * 1664525 + 1013904223;
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
					      pieces[random >> 28]);
		}
		if (i % 5 == 0) {
			memset(text + n, i % 2 ? ' ' : 'l', 280);
			n += 255 - (size_t)(i % 7) - n % 2;
		}
		if (i % 11 == 0)
			text[n / 2] = '\0';
		write_bytes("script", text, n, 0755);

		struct result result = resolve_argv(argv);

		/* execv: execvp would go on to the shell. */
		output("./script", argv, want, sizeof(want));
		if (result.status == ES_OK)
			output(result.program.path, result.program.argv, got,
			       sizeof(got));
		accepted += result.status == ES_OK;
		if (strcmp(want, got) != 0) {
			differ++;
			tap_value("line:", text);
			tap_value("want:", want);
			tap_value("got:", got);
		}
		finish(&result);
	}
	tap_int(differ, 0, "300 #! lines: read as the kernel does");
	tap_ok(accepted > 30 && accepted < 270,
	       "300 #! lines: of both kinds (%u accepted)", accepted);
}

static void test_env(void)
{
	char path[PATH_MAX];

	use_show();
	snprintf(path, sizeof(path), "%s/bin/show", tmp);
	write_file("script", "#!/usr/bin/env show\n", 0755);
	BECOMES(path, "[show][./script][a]", "./script", "a");
	write_file("script", "#!/usr/bin/env -S show -a  b\t'\n", 0755);
	refused("./script", ES_UNSUPPORTED, "behind -S");
	write_file("script", "#!/usr/bin/env -S show -a  b\tc\n", 0755);
	BECOMES(path, "[show][-a][b][c][./script]", "./script");

	same_script("#!/usr/bin/env show\n", "env");
	same_script("#! /bin/env \t show \t\n", "env with blanks");
	same_script("#!/usr/bin/env -S show a -b c=d\n", "env -S");
	same_script("#!/usr/bin/env -Sshow a\v\fb\r\n", "env -S, no blank");
	same_script("#!/usr/bin/env -S    show\r\n", "env -S with a CR");
	same_script("#!/usr/bin/env ./bin/show", "env with a path");

	static const char *const bad[][2] = {
		{ "", "no program" },
		{ "-i show", "an option" },
		{ "-", "an option" },
		{ "-vS show", "an option" },
		{ "--split-string=show", "an option" },
		{ "-S -i show", "an option" },
		{ "-S -- show", "an option" },
		{ "A=b", "a variable" },
		{ "-S A=b show", "a variable" },
		{ "-S", "behind -S" },
		{ "-S  \t", "behind -S" },
		{ "-S \"show\"", "behind -S" },
		{ "-S show \\a", "behind -S" },
		{ "-S ${SHOW}", "behind -S" },
		{ "-S show #a", "behind -S" },
	};

	for (size_t i = 0; i < ES_COUNT(bad); i++) {
		char text[100];

		snprintf(text, sizeof(text), "#!/usr/bin/env %s\n", bad[i][0]);
		write_file("script", text, 0755);
		refused("./script", ES_UNSUPPORTED, bad[i][1]);
	}
	snprintf(path, sizeof(path), "#!/usr/bin/env -S show %0300d\n", 7);
	write_file("script", path, 0755);
	refused("./script", ES_UNSUPPORTED, "more than the kernel reads");
	write_file("script", "#!/usr/bin/env missing\n", 0755);
	refused("./script", ES_NOT_FOUND, "'missing' was not found in $PATH");
	write_file("script", "#!/usr/bin/env show a\n", 0755);
	refused("./script", ES_NOT_FOUND, "begins with -S");
	write_file("script", "#!/usr/bin/env show\r\n", 0755);
	refused("./script", ES_NOT_FOUND, "carriage return");
}

static void test_nested(void)
{
	char name[] = "level0";
	char text[PATH_MAX];

	use_show();
	snprintf(text, sizeof(text), "#!%s/bin/show zero\n", tmp);
	write_file(name, text, 0755);
	for (int i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "#!./level%d arg%d\n", i - 1, i);
		name[5] = (char)('0' + i);
		write_file(name, text, 0755);
	}
	same((char *const[]){ "./level4", "x", NULL }, "five scripts");
	refused("./level5", ES_NOT_EXECUTABLE, "sixth script");
	output("./level5", (char *const[]){ "./level5", NULL }, text,
	       sizeof(text));
	tap_str(text, "", "six scripts: the kernel refuses them as well");
	write_file("env-last", "#!/usr/bin/env -S show a b\n", 0755);
	same_script("#!./env-last c d\n", "plain, then env");
	write_file("bin/plain-last", "#!bin/show a\n", 0755);
	same_script("#!/usr/bin/env -S plain-last b c\n", "env, then plain");
	write_file("bin/env-mid", "#!/usr/bin/env -S plain-last d\n", 0755);
	same_script("#!/usr/bin/env env-mid\n", "env, env, then plain");
	snprintf(text, sizeof(text), "%s/bin/plain-last", tmp);
	BECOMES(text, "[plain-last][d][./bin/env-mid][x]", "./bin/env-mid",
		"x");
	write_file("turn", "#!/usr/bin/env ./turn\n", 0755);
	refused("./turn", ES_NOT_EXECUTABLE, "sixth script");
}

static void test_text(void)
{
	use_show();
	write_file("text", "echo \"$0\" \"$@\"\n", 0755);
	BECOMES("/bin/sh", "[/bin/sh][./text][x]", "./text", "x");
	same((char *const[]){ "./text", "x", "y z", NULL }, "text");
	write_file("bin/text", "echo \"$0\" \"$@\"\n", 0755);
	same((char *const[]){ "text", "x", NULL }, "text in $PATH");
	same_script("#!/usr/bin/env text\n", "env, then text");
	write_file("empty", "", 0755);
	BECOMES("/bin/sh", "[/bin/sh][./empty]", "./empty");
	/* One that the kernel would have to give to sh, which it does not. */
	write_file("script", "#!./text\n", 0755);
	refused("./script", ES_NOT_EXECUTABLE, "is a text without #!");

	struct result result = resolve_argv((char *const[]){ "./text", NULL });

	tap_str(result.program.executed[0].path, "./text",
		"a text is listed, since sh reads it");
	tap_str(result.program.executed[1].path, "/bin/sh", "sh is listed");
	finish(&result);

	char bytes[300];

	memset(bytes, 'x', sizeof(bytes));
	bytes[256] = '\0';
	write_bytes("bytes", bytes, sizeof(bytes), 0755);
	BECOMES("/bin/sh", "[/bin/sh][./bytes]", "./bytes");
	bytes[255] = '\0';
	write_bytes("bytes", bytes, sizeof(bytes), 0755);
	refused("./bytes", ES_NOT_EXECUTABLE, "not a program that this kernel");
}

/* As another user, since root reads what it likes. */
static void test_unreadable(void)
{
	use_show();
	write_file("closed", "#!/bin/sh\n", 0111);
	write_file("open", "#!/bin/sh\n", 0555);
	mkdir("private", 0700);
	write_file("private/open", "#!/bin/sh\n", 0555);
	mkfifo("fifo", 0755);
	refused("./fifo", ES_NOT_EXECUTABLE, "not a regular file");
	write_file("to-fifo", "#!./fifo\n", 0755);
	refused("./to-fifo", ES_NOT_EXECUTABLE, "not a regular file");
	fflush(stdout);

	const bool root = getuid() == 0;
	const pid_t pid = fork();

	if (!pid) {
		if (root && (setresgid(65534, 65534, 65534) ||
			     setresuid(65534, 65534, 65534)))
			_exit(99);

		struct result closed =
			resolve_argv((char *const[]){ "./closed", NULL });
		struct result open_too =
			resolve_argv((char *const[]){ "./open", NULL });
		struct result hidden =
			resolve_argv((char *const[]){ "private/open", NULL });

		if (closed.status != ES_UNSUPPORTED ||
		    !strstr(closed.text, "can't be read"))
			_exit(1);
		if (open_too.status != ES_OK)
			_exit(2);
		if (root && hidden.status != ES_NOT_EXECUTABLE)
			_exit(3);
		_exit(0);
	}

	int status = -1;

	waitpid(pid, &status, 0);
	tap_int(status, 0, "mode 0111: refused, 0555: accepted, in a folder "
			   "without the right to enter: refused");
}

/* The lowest free descriptor tells whether one was left open. */
static int lowest_free(void)
{
	const int fd = dup(0);

	close(fd);
	return fd;
}

static int show(char *const argv[])
{
	for (; *argv; argv++)
		printf("[%s]", *argv);
	putchar('\n');
	return 0;
}

int main(int argc, char *argv[])
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	char self[PATH_MAX];

	if (argc && !strcmp(slash ? slash + 1 : argv[0], "show"))
		return show(argv);
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("LD_PRELOAD");
	unsetenv("LD_AUDIT");
	if (!realpath("/proc/self/exe", self))
		abort();
	enter_tmp();
	if (mkdir("bin", 0755) || symlink(self, "bin/show"))
		abort();

	const int before = lowest_free();

	test_path();
	test_plain();
	test_lines();
	test_env();
	test_nested();
	test_text();
	test_unreadable();
	tap_int(lowest_free(), before, "all descriptors are closed");
	leave_tmp();
	return tap_done();
}
