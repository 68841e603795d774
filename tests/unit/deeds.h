/* SPDX-License-Identifier: MIT */
/* What one would do who has taken a process over. */
#ifndef DEEDS_H
#define DEEDS_H

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

/* A file to read, and one that may be made; what is parent to those who try. */
static char deeds_folder[] = "/tmp/extrasafe-deeds.XXXXXX";
static char deeds_file[64], deeds_made[64];
static pid_t deeds_parent;

/* Descriptors that are open, to the one to write and to the other to read. */
enum { DEEDS_WRITTEN = 57, DEEDS_READ = 58 };

/* Each does one thing, and is 0 where that has happened. */
static int read_a_file(void)
{
	return open(deeds_file, O_RDONLY) < 0;
}

static int write_a_file(void)
{
	return open(deeds_made, O_WRONLY | O_CREAT, 0600) < 0;
}

static int write_to_the_terminal(void)
{
	return write(STDOUT_FILENO, "", 0) < 0;
}

static int read_the_input(void)
{
	return read(STDIN_FILENO, NULL, 0) < 0;
}

static int make_a_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) < 0;
}

static int start_a_program(void)
{
	char *const argv[] = { "true", NULL, false };

	return execv("/bin/true", argv);
}

static int start_a_process(void)
{
	const pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) != pid;
}

static int signal_the_parent(void)
{
	return kill(deeds_parent, 0) != 0;
}

static int make_memory_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int protect_memory_to_run(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0;
}

static int look_at_names(void)
{
	struct stat st;

	return stat(deeds_file, &st) != 0;
}

static int use_another_descriptor(void)
{
	return fcntl(STDOUT_FILENO, F_DUPFD, 20) < 0;
}

static int write_to_what_is_open(void)
{
	return write(DEEDS_WRITTEN, "x", 1) != 1;
}

static int read_what_is_open(void)
{
	char byte;

	return pread(DEEDS_READ, &byte, 1, 0) < 0;
}

static int write_to_standard_input(void)
{
	return write(STDIN_FILENO, "", 0) < 0;
}

static int list_a_folder(void)
{
	DIR *folder = opendir(deeds_folder);

	return !folder || !readdir(folder);
}

static int remove_a_file(void)
{
	return unlink(deeds_file);
}

static int change_a_mode(void)
{
	return chmod(deeds_file, 0600);
}

static int make_a_folder(void)
{
	return mkdir(deeds_made, 0700);
}

/* Without what a sanitizer does at the end. */
static int end_at_once(void)
{
	syscall(SYS_exit_group, 0);
	return 1;
}

/* READING: who reads profiles may do it, and tell. */
static const struct {
	const char *name;
	int (*deed)(void);
	bool reading;
} deeds[] = {
	{ "read a file", read_a_file, true },
	{ "write a file", write_a_file, false },
	{ "write to standard output", write_to_the_terminal, true },
	{ "read standard input", read_the_input, true },
	{ "make a socket", make_a_socket, false },
	{ "start a program", start_a_program, false },
	{ "start a process", start_a_process, false },
	{ "signal its parent", signal_the_parent, false },
	{ "make memory executable", make_memory_executable, false },
	{ "protect memory so that it runs", protect_memory_to_run, false },
	{ "look at names", look_at_names, true },
	{ "use another descriptor", use_another_descriptor, false },
	{ "list a folder", list_a_folder, true },
	{ "write to what is open", write_to_what_is_open, false },
	{ "read what is open", read_what_is_open, true },
	{ "write to standard input", write_to_standard_input, false },
	{ "remove a file", remove_a_file, false },
	{ "change a mode", change_a_mode, false },
	{ "make a folder", make_a_folder, false },
	{ "end at once", end_at_once, true },
};

/* As if nothing had been done. */
static inline void deeds_undo(void)
{
	FILE *file = NULL;

	rmdir(deeds_made);
	unlink(deeds_made);
	file = fopen(deeds_file, "w");
	if (!file || fclose(file))
		abort();
}

static inline void deeds_begin(void)
{
	if (!mkdtemp(deeds_folder))
		abort();
	snprintf(deeds_file, sizeof(deeds_file), "%s/file", deeds_folder);
	snprintf(deeds_made, sizeof(deeds_made), "%s/made", deeds_folder);
	deeds_parent = getpid();
	deeds_undo();
	if (dup2(open(deeds_file, O_WRONLY | O_APPEND), DEEDS_WRITTEN) < 0 ||
	    dup2(open(deeds_file, O_RDONLY), DEEDS_READ) < 0 ||
	    dup2(open("/dev/null", O_RDWR), STDIN_FILENO) < 0)
		abort();
}

static inline void deeds_end(void)
{
	deeds_undo();
	unlink(deeds_file);
	unlink("core");
	rmdir(deeds_folder);
}

/* Deed INDEX in a process of its own, once that has called CONFINE, if there is
 * one. */
static inline bool deeds_try(size_t index, void (*confine)(void))
{
	const pid_t pid = fork();
	int ended = -1;

	if (!pid) {
		if (confine)
			confine();
		_exit(deeds[index].deed() ? 2 : 0);
	}
	waitpid(pid, &ended, 0);
	return WIFEXITED(ended) && !WEXITSTATUS(ended);
}

#endif
