/* SPDX-License-Identifier: MIT */
/* Nothing is unplaced: each call that the kernel's headers and libseccomp know
 * for x86_64 and aarch64 is given by some word of the table, or is in the list
 * of what no word gives, and never in both. */
#include <seccomp.h>

#include "policies.h"
#include "util.h"

/* The first word with CALL in a row; behind AFTER, unless that is NULL. */
static const struct es_word *given_by(const char *call,
				      const struct es_word *after)
{
	const size_t len = strlen(call);
	size_t from = after ? (size_t)(after - es_words) + 1 : 0;

	for (; from < es_nwords; from++) {
		const struct es_row *row = es_words[from].rows;

		for (; row && row->rule; row++) {
			const char *end = strstr(row->rule, " if ");
			const char *at = row->rule;

			end = end ? end : at + strlen(at);
			for (; at < end; at += strcspn(at, " ") + 1)
				if (strcspn(at, " ") == len &&
				    !memcmp(at, call, len))
					return &es_words[from];
		}
	}
	return NULL;
}

/* "set", "hidden" (in words for other sets' use alone), "never", "both" or
 * "nowhere". */
static const char *place_of(const char *call)
{
	const bool never = es_never_find(call);
	const struct es_word *word = given_by(call, NULL);
	const char *place = word ? "hidden" : "nowhere";

	if (never)
		return word ? "both" : "never";
	for (; word; word = given_by(call, word))
		if (is_given(word))
			place = "set";
	return place;
}

static bool is_placed(const char *call)
{
	const char *place = place_of(call);

	return strcmp(place, "nowhere") != 0 && strcmp(place, "both") != 0;
}

static void try_table(void)
{
	for (size_t i = 0; i < es_nsyscalls; i++)
		tap_ok(is_placed(es_syscalls[i].name), "%s: %s",
		       es_syscalls[i].name, place_of(es_syscalls[i].name));
	tap_str(place_of("read"), "set", "read is in a set");
	tap_str(place_of("reboot"), "never", "reboot is in none");
	tap_str(place_of("rea"), "nowhere", "rea is nowhere");
}

static void try_libseccomp(uint32_t arch, const char *arch_name)
{
	unsigned n = 0, unplaced = 0;

	for (int nr = 0; nr < ES_NR_LIMIT; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, nr);

		n += !!name;
		if (name && !is_placed(name)) {
			printf("# %s is %s\n", name, place_of(name));
			unplaced++;
		}
		free(name);
	}
	tap_int(unplaced, 0, "%s: each call of libseccomp has its place",
		arch_name);
	tap_ok(n > 300, "%s: libseccomp knows %u calls", arch_name, n);
}

/* Follows `#if` as a 64-bit architecture takes them. Bits of *SKIPPED are the
 * levels that are not taken, *DEPTH how many there are. */
static void follow(const char *line, uint32_t *skipped, unsigned *depth)
{
	static const char *const not_taken[] = {
		"__BITS_PER_LONG == 32", "__ARCH_WANT_SYNC_FILE_RANGE2",
		"ifdef __NR3264_stat", "ifdef __SYSCALL_COMPAT",
	};

	if (!strncmp(line, "#if", 3)) {
		++*depth;
		*skipped &= ~(1U << *depth);
		for (size_t i = 0; i < ES_COUNT(not_taken); i++)
			if (strstr(line, not_taken[i]))
				*skipped |= 1U << *depth;
	} else if (!strncmp(line, "#else", 5)) {
		*skipped ^= 1U << *depth;
	} else if (!strncmp(line, "#endif", 6)) {
		*skipped &= ~(1U << (*depth)--);
	}
}

static bool is_no_call(const char *name)
{
	return !strcmp(name, "syscalls") ||
	       !strcmp(name, "arch_specific_syscall");
}

/* Of a kernel header, for the architecture whose numbers are at OFFSET of
 * struct es_syscall. */
static void try_header(const char *path, size_t offset)
{
	FILE *file = fopen(path, "re");
	char line[256], name[64], value[64];
	unsigned n = 0, wrong = 0, depth = 0;
	uint32_t skipped = 0;

	while (file && fgets(line, sizeof(line), file) && depth < 31) {
		follow(line, &skipped, &depth);
		if (skipped || sscanf(line, "#define __NR_%63s %63s", name,
				      value) != 2 || is_no_call(name))
			continue;

		const struct es_syscall *call =
			es_syscall_find(name, strlen(name));
		const int nr = call ? *(const int *)((const char *)call +
						     offset) : -1;
		const bool same = call && (*value == '_' ? nr >= 0 :
					   nr == atoi(value));

		n++;
		if (same && is_placed(name))
			continue;
		printf("# %s, %s there: %d here, %s\n", name, value, nr,
		       place_of(name));
		wrong++;
	}
	tap_int(wrong, 0, "%s: each call has its number and its place", path);
	tap_ok(n > 300, "%s: has %u calls", path, n);
	if (file)
		fclose(file);
}

/* What is delicate, and all words that give it. */
static void try_delicate(void)
{
	static const struct {
		const char *words, *calls;
	} rows[] = {
		{ "Code.jit", "pkey_mprotect" },
		{ "ForkAndExec.exec", "execveat" },
		{ "ForkAndExec.exec ForkAndExec.exec_path", "execve" },
		{ "ForkAndExec.fork", "fork vfork" },
		{ "ForkAndExec.fork Threads.create", "clone" },
		{ "Scheduling.affinity Scheduling.any", "sched_setaffinity" },
		{ "Scheduling.policy Scheduling.any",
		  "sched_setattr sched_setparam sched_setscheduler" },
		{ "Scheduling.priority Scheduling.any", "setpriority" },
		{ "Scheduling.io_priority Scheduling.any", "ioprio_set" },
		{ "Scheduling.numa",
		  "mbind migrate_pages move_pages set_mempolicy" },
		{ "SelfConfinement.capabilities", "capset" },
		{ "SelfConfinement.landlock",
		  "landlock_add_rule landlock_create_ruleset "
		  "landlock_restrict_self" },
		{ "SelfConfinement.limits", "setrlimit" },
		{ "SelfConfinement.seccomp", "seccomp" },
		{ "SharedMemory.memory", "shmget shmat shmctl shmdt" },
		{ "SharedMemory.messages", "msgget msgsnd msgrcv msgctl" },
		{ "SharedMemory.queues", "mq_open mq_unlink mq_timedsend" },
		{ "SharedMemory.semaphores", "semget semop semctl" },
		{ "SelfConfinement.landlock Signals.any", "rt_tgsigqueueinfo" },
		{ "Signals.any", "pidfd_open pidfd_send_signal rt_sigqueueinfo" },
		{ "SystemIO.memfd", "memfd_create" },
		{ "SystemIO.open SystemIO.write_file SystemIO.create_in_dir", "creat" },
		{ "Users.groups", "setgroups" },
		{ "Users.set_ids", "setuid setgid setreuid setregid setresuid "
				   "setresgid setfsuid setfsgid" },
	};

	for (size_t i = 0; i < ES_COUNT(rows); i++) {
		char *copy = strdup(rows[i].calls), *save = NULL;
		char *call = strtok_r(copy, " ", &save);

		for (; call; call = strtok_r(NULL, " ", &save)) {
			const struct es_word *word = NULL;
			char words[256] = "";

			while ((word = given_by(call, word)))
				sprintf(words + strlen(words), "%s%s.%s",
					*words ? " " : "", word->set,
					word->word);
			tap_str(words, rows[i].words, "%s: who gives it", call);
		}
		free(copy);
	}
}

int main(void)
{
	try_table();
	try_libseccomp(SCMP_ARCH_X86_64, "x86_64");
	try_libseccomp(SCMP_ARCH_AARCH64, "aarch64");
	try_header("/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
		   offsetof(struct es_syscall, x86_64));
	/* That of aarch64, beside the numbers of 32-bit architectures. */
	try_header("/usr/include/asm-generic/unistd.h",
		   offsetof(struct es_syscall, aarch64));
	try_delicate();
	return tap_done();
}
