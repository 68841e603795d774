/* SPDX-License-Identifier: MIT */
/*
 * bare [PATH...] -- PROGRAM [ARG...]: becomes PROGRAM under the Landlock
 * ruleset that extrasafe makes for `read_path` of these paths, and nothing
 * else: no profile is read, and no filter loaded.
 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As of ABI 7, which headers may be older than: all files, TCP and scopes. */
static const uint64_t handled[] = { 0xffff, 3, 3 };
enum { IOCTL_DEV = 0x8000, LOG_NEW_EXEC_ON = 2, FAILED = 125 };

extern char **environ;

static int add_rule(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat st;

	if (rule.parent_fd < 0 || fstat(rule.parent_fd, &st))
		return -1;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	return (int)syscall(SYS_landlock_add_rule, ruleset,
			    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

int main(int argc, char *argv[])
{
	const int ruleset = (int)syscall(SYS_landlock_create_ruleset, handled,
					 sizeof(handled), 0);
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (add_rule(ruleset, argv[i],
			     LANDLOCK_ACCESS_FS_READ_FILE |
				     LANDLOCK_ACCESS_FS_READ_DIR | IOCTL_DEV))
			return FAILED;
	if (++i >= argc ||
	    add_rule(ruleset, argv[i],
		     LANDLOCK_ACCESS_FS_EXECUTE |
			     LANDLOCK_ACCESS_FS_READ_FILE) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, LOG_NEW_EXEC_ON))
		return FAILED;
	execve(argv[i], argv + i, environ);
	return FAILED;
}
