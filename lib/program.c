/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "elfread.h"
#include "loader.h"
#include "util.h"

enum {
	HEAD = 4096,       /* read at first: mostly all that is needed */
	KERNEL_HEAD = 256, /* the kernel's BINPRM_BUF_SIZE since 5.1 */
	MAX_SCRIPTS = 5,   /* the kernel's, in exec_binprm */
};

/* Following what was asked for to the ELF file that runs in the end. */
struct chain {
	struct es_arena *arena;
	struct es_diags *diags;
	struct es_needed_list executed;
	size_t nscripts; /* before the program in EXECUTED */

	const char *path; /* the file looked at */
	struct stat st;
	char **argv; /* as it would get it */

	const char *asker; /* the file that asked for it; NULL: the user */
	const char *role;  /* what it is to its asker */
	unsigned scripts;

	/* The last execve that is not the kernel's own following of `#!`: ours,
	 * as everything before it was resolved here. */
	const char *exec_path;
	char **exec_argv;

	struct es_elf elf;
	bool done;
};

/* What helps, to be put behind the complaint about an interpreter's NAME. */
static const char *hint(const char *name)
{
	if (strchr(name, '\r'))
		return "; the #! line ends in a carriage return: save the "
		       "script with Unix line ends";
	if (strchr(name, ' '))
		return "; env takes all that follows it as one name, unless "
		       "that begins with -S";
	return "";
}

/* Says that NAME, the file looked at or looked for, WHY ("does not exist"). */
static enum es_status refuse(const struct chain *chain, enum es_status status,
			     const char *name, const char *why)
{
	if (status == ES_NOMEM)
		return status;

	/* A system's error does not continue the sentence. */
	const char *colon = status == ES_SYSTEM ? ":" : "";

	if (chain->asker)
		es_diag(chain->diags, ES_ERROR, ES_NOWHERE,
			"'%s': its %s '%s'%s %s%s", chain->asker, chain->role,
			name, colon, why,
			status == ES_NOT_FOUND ? hint(name) : "");
	else
		es_diag(chain->diags, ES_ERROR, ES_NOWHERE, "'%s'%s %s", name,
			colon, why);
	return status;
}

/*
 * Makes PATH, in the arena, the file looked at. If execve would not accept it,
 * *WHY says why, and the status whether it was found at all.
 */
static enum es_status take(struct chain *chain, const char *path,
			   const char **why)
{
	es_autoclose int fd = open(path, O_PATH | O_CLOEXEC);
	const int open_errno = fd < 0 ? errno : 0;

	chain->path = path;
	*why = fd < 0 ? strerror(open_errno) : NULL;
	switch (open_errno) {
	case 0:
		break;
	case ENOENT:
		*why = "does not exist";
		return ES_NOT_FOUND;
	case ENOTDIR:
		*why = "does not exist: a part of the path is no folder";
		return ES_NOT_FOUND;
	case ENAMETOOLONG:
		*why = "does not exist: the name is too long";
		return ES_NOT_FOUND;
	case ESTALE: /* glibc's execvp passes these over as well */
	case ENODEV:
	case ETIMEDOUT:
		*why = "can't be reached: its file system does not answer";
		return ES_NOT_FOUND;
	case EACCES:
		*why = "can't be reached: permission denied";
		return ES_NOT_EXECUTABLE;
	case ELOOP:
		*why = "is a loop of symbolic links";
		return ES_NOT_EXECUTABLE;
	default:
		return ES_SYSTEM;
	}
	if (fstat(fd, &chain->st)) {
		*why = strerror(errno);
		return ES_SYSTEM;
	}
	if (S_ISDIR(chain->st.st_mode))
		*why = "is a folder, not a program";
	else if (!S_ISREG(chain->st.st_mode))
		*why = "is not a regular file, so it can't be executed";
	else if (faccessat(fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH))
		*why = "may not be executed: its mode (see chmod) or its mount "
		       "(noexec) forbids it";
	else
		return es_needed_add(&chain->executed, path, &fd, &chain->st);
	return ES_NOT_EXECUTABLE;
}

/* Looks NAME up in $PATH as execvp does: what may not be executed is passed
 * over, and only if nothing else is found is it the answer. */
static enum es_status search(struct chain *chain, const char *name)
{
	const char *list = getenv("PATH");
	const char *refused = NULL;
	const char *why = NULL;

	if (!list)
		list = "/usr/local/bin:/bin:/usr/bin";
	for (;;) {
		const size_t len = strcspn(list, ":");
		char buffer[PATH_MAX];
		const int size = snprintf(buffer, sizeof(buffer), "%.*s/%s",
					  len ? (int)len : 1, len ? list : ".",
					  name);
		const char *reason = NULL;

		if (size > 0 && (size_t)size < sizeof(buffer)) {
			char *path = es_arena_copy(chain->arena, buffer,
						   (size_t)size);
			const enum es_status status =
				path ? take(chain, path, &reason) : ES_NOMEM;

			if (status == ES_OK || status == ES_NOMEM)
				return status;
			if (status == ES_SYSTEM)
				return refuse(chain, status, path, reason);
			if (status == ES_NOT_EXECUTABLE && !refused) {
				refused = path;
				why = reason;
			}
		}
		if (!list[len])
			break;
		list += len + 1;
	}
	if (!refused)
		return refuse(chain, ES_NOT_FOUND, name,
			      "was not found in $PATH; if it is elsewhere, "
			      "give its path");
	why = es_arena_printf(chain->arena, "was only found as '%s', which %s",
			      refused, why);
	return why ? refuse(chain, ES_NOT_EXECUTABLE, name, why) : ES_NOMEM;
}

/* Goes on to NAME, which is to be executed with ARGV by an execve. */
static enum es_status go_exec(struct chain *chain, const char *name,
			      char **argv)
{
	enum es_status status = ES_OK;

	if (!*name)
		return refuse(chain, ES_NOT_FOUND, name,
			      "is no program's name: it is empty");
	if (strchr(name, '/')) {
		const char *why = NULL;

		status = take(chain, name, &why);
		if (status != ES_OK)
			return refuse(chain, status, name, why);
	} else {
		status = search(chain, name);
	}
	if (status != ES_OK)
		return status;
	chain->argv = argv;
	chain->exec_path = chain->path;
	chain->exec_argv = argv;
	return ES_OK;
}

/* [WORDS..., PATH, ARGV[1]...]: how the kernel, env and execvp hand a script
 * to its interpreter. */
static char **hand_on(struct es_arena *arena, char *const *words, size_t nwords,
		      const char *path, char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;

	char **handed = es_arena_alloc(arena,
				       (nwords + n + 1) * sizeof(*handed));

	if (!handed)
		return NULL;
	memcpy(handed, words, nwords * sizeof(*words));
	handed[nwords] = es_arena_copy(arena, path, strlen(path));
	if (!handed[nwords])
		return NULL;
	memcpy(handed + nwords + 1, argv + 1, (n - 1) * sizeof(*argv));
	return handed;
}

struct line {
	char text[KERNEL_HEAD];
	char *interpreter;
	char *argument; /* NULL: none */
	bool cut;       /* the line goes on behind what the kernel reads */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Both look up to LAST, that included, and return NULL for "not found". */
static char *find_nonblank(char *at, const char *last)
{
	for (; at <= last; at++)
		if (!is_blank(*at))
			return at;
	return NULL;
}

static char *find_end(char *at, const char *last)
{
	for (; at <= last; at++)
		if (is_blank(*at) || !*at)
			return at;
	return NULL;
}

/* What load_script of Linux' fs/binfmt_script.c reads, step by step. */
static bool read_line(const unsigned char *head, size_t len, struct line *line)
{
	char *const last = line->text + KERNEL_HEAD - 1;

	memset(line, 0, sizeof(*line));
	memcpy(line->text, head, len < KERNEL_HEAD ? len : KERNEL_HEAD);

	char *end = memchr(line->text, '\n', KERNEL_HEAD);

	if (!end) {
		line->cut = len >= KERNEL_HEAD;
		end = find_nonblank(line->text + 2, last);
		/* A name that may have been cut is not used. */
		if (!end || !find_end(end, last))
			return false;
		end = last;
	}
	while (is_blank(end[-1]))
		end--;
	line->interpreter = find_nonblank(line->text + 2, end);
	if (!line->interpreter || line->interpreter == end ||
	    !*line->interpreter)
		return false;

	char *separator = find_end(line->interpreter, end);

	if (separator && *separator) {
		line->argument = find_nonblank(separator, end);
		if (line->argument)
			*separator = '\0';
	}
	*end = '\0';
	return true;
}

static enum es_status refuse_env(const struct chain *chain, const char *what)
{
	es_diag(chain->diags, ES_ERROR, ES_NOWHERE,
		"'%s': its #! line gives env %s, which is not followed; name "
		"the interpreter in that line, or run it with the script as "
		"its argument",
		chain->path, what);
	return ES_UNSUPPORTED;
}

/* Splits what follows env's -S at its blanks; 0 words: it needs more. */
static size_t split(char *text, char **words, size_t max)
{
	static const char blanks[] = " \t\n\v\f\r";
	char *save = NULL;
	size_t n = 0;

	for (char *word = strtok_r(text, blanks, &save); word && n < max;
	     word = strtok_r(NULL, blanks, &save)) {
		/* A word that begins with # begins a comment. */
		if (word[0] == '#' || strpbrk(word, "'\"\\$"))
			return 0;
		words[n++] = word;
	}
	return n;
}

/*
 * env would exec a second time, which the exec gate refuses, so what it would
 * execute is found out here.
 */
static enum es_status follow_env(struct chain *chain, const struct line *line)
{
	char *words[KERNEL_HEAD];
	char *text = line->argument;
	size_t n = 1;

	if (!text || !*text)
		return refuse_env(chain, "no program");
	if (line->cut)
		return refuse_env(chain, "more than the kernel reads");
	text = es_arena_copy(chain->arena, text, strlen(text));
	if (!text)
		return ES_NOMEM;
	words[0] = text;
	if (!strncmp(text, "-S", 2)) {
		n = split(text + 2, words, ES_COUNT(words));
		if (!n)
			return refuse_env(chain,
					  "nothing, or quotes, escapes, "
					  "variables or a comment, behind -S");
	}
	if (words[0][0] == '-')
		return refuse_env(chain, "an option");
	if (strchr(words[0], '='))
		return refuse_env(chain, "a variable to set");

	char **argv = hand_on(chain->arena, words, n, chain->path, chain->argv);

	if (!argv)
		return ES_NOMEM;
	chain->asker = chain->path;
	return go_exec(chain, words[0], argv);
}

/* The kernel runs the interpreter by itself; here it is only looked at. */
static enum es_status follow_plain(struct chain *chain, const struct line *line)
{
	char *const words[] = {
		es_arena_copy(chain->arena, line->interpreter,
			      strlen(line->interpreter)),
		line->argument ? es_arena_copy(chain->arena, line->argument,
					       strlen(line->argument))
			       : NULL,
	};
	const char *why = NULL;

	if (!words[0] || (line->argument && !words[1]))
		return ES_NOMEM;
	chain->argv = hand_on(chain->arena, words, line->argument ? 2 : 1,
			      chain->path, chain->argv);
	if (!chain->argv)
		return ES_NOMEM;
	chain->asker = chain->path;

	const enum es_status status = take(chain, words[0], &why);

	if (status != ES_OK)
		return refuse(chain, status, words[0], why);
	return ES_OK;
}

static enum es_status follow_script(struct chain *chain,
				    const unsigned char *head, size_t len)
{
	struct line line;

	if (!read_line(head, len, &line))
		return refuse(chain, ES_NOT_EXECUTABLE, chain->path,
			      line.cut ? "has a #! line longer than the 255 "
					 "bytes that the kernel reads"
				       : "has a #! line without interpreter");

	const char *slash = strrchr(line.interpreter, '/');
	const char *name = slash ? slash + 1 : line.interpreter;

	return strcmp(name, "env") != 0 ? follow_plain(chain, &line)
					: follow_env(chain, &line);
}

static enum es_status follow_text(struct chain *chain,
				  const unsigned char *head, size_t len)
{
	char shell[] = "/bin/sh";
	char *word = es_arena_copy(chain->arena, shell, strlen(shell));

	if (memchr(head, '\0', len < KERNEL_HEAD ? len : KERNEL_HEAD))
		return refuse(chain, ES_NOT_EXECUTABLE, chain->path,
			      "is not a program that this kernel can run");
	if (chain->path != chain->exec_path)
		return refuse(chain, ES_NOT_EXECUTABLE, chain->path,
			      "is a text without #! line, which the kernel "
			      "does not take as an interpreter");
	if (!word)
		return ES_NOMEM;

	char **argv = hand_on(chain->arena, &word, 1, chain->path, chain->argv);

	if (!argv)
		return ES_NOMEM;
	chain->asker = chain->path;
	return go_exec(chain, word, argv);
}

/* The kernel maps its segments as it does the program's. */
static enum es_status look_at_interpreter(struct chain *chain)
{
	es_autoclose int fd = open(chain->elf.interpreter,
				   O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char head[HEAD];
	const ssize_t len = es_read_at(fd, head, sizeof(head), 0);
	struct es_elf own = { .runs_data = true }; /* if that can't be told */
	enum es_elf_kind kind = ES_ELF_NATIVE;

	if (len >= 0)
		kind = es_elf_read(chain->arena, fd, head, (size_t)len, &own);
	chain->elf.runs_data |= own.runs_data;
	return kind == ES_ELF_NOMEM ? ES_NOMEM : ES_OK;
}

static enum es_status follow_elf(struct chain *chain, int fd,
				 const unsigned char *head, size_t len)
{
	const char *program = chain->path;
	const char *why = NULL;

	switch (es_elf_read(chain->arena, fd, head, len, &chain->elf)) {
	case ES_ELF_NATIVE:
		break;
	case ES_ELF_32BIT:
		return refuse(chain, ES_UNSUPPORTED, program,
			      "is a 32-bit program; no filter here judges the "
			      "system calls of those, so it is not run");
	case ES_ELF_FOREIGN:
		return refuse(chain, ES_UNSUPPORTED, program,
			      "is a program for another machine than this, "
			      "which is " ES_ELF_ARCH);
	case ES_ELF_NOMEM:
		return ES_NOMEM;
	case ES_ELF_BROKEN:
	default:
		return refuse(chain, ES_NOT_EXECUTABLE, program,
			      "is an ELF file that this kernel can't run");
	}
	chain->done = true;
	chain->nscripts = chain->executed.n - 1;
	if (!chain->elf.interpreter)
		return ES_OK;
	chain->asker = program;
	chain->role = "ELF interpreter";

	const enum es_status status = take(chain, chain->elf.interpreter, &why);

	chain->path = program;
	if (status != ES_OK)
		return refuse(chain, status, chain->elf.interpreter, why);
	return look_at_interpreter(chain);
}

/* Opens the file looked at for reading: by its path, since /proc may not be
 * there, and so it may be another one by now. */
static enum es_status open_content(const struct chain *chain, int *fd)
{
	struct stat st;

	*fd = open(chain->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0 && errno == EACCES)
		return refuse(chain, ES_UNSUPPORTED, chain->path,
			      "can't be read, so it can't be told what it "
			      "needs to start; give the right to read it");
	if ((*fd < 0 && errno != ENOENT) || (*fd >= 0 && fstat(*fd, &st)))
		return refuse(chain, ES_SYSTEM, chain->path, strerror(errno));
	if (*fd < 0 || st.st_dev != chain->st.st_dev ||
	    st.st_ino != chain->st.st_ino)
		return refuse(chain, ES_SYSTEM, chain->path,
			      "changed while it was looked at");
	return ES_OK;
}

static enum es_status follow(struct chain *chain)
{
	unsigned char head[HEAD];
	es_autoclose int fd = -1;
	const enum es_status status = open_content(chain, &fd);

	if (status != ES_OK)
		return status;

	const ssize_t n = es_read_at(fd, head, sizeof(head), 0);

	if (n < 0)
		return refuse(chain, ES_SYSTEM, chain->path, strerror(errno));
	if (n >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG))
		return follow_elf(chain, fd, head, (size_t)n);
	if (++chain->scripts > MAX_SCRIPTS)
		return refuse(chain, ES_NOT_EXECUTABLE, chain->path,
			      "is the sixth script in a row, each the next "
			      "one's interpreter; the kernel follows five");
	if (n >= 2 && head[0] == '#' && head[1] == '!')
		return follow_script(chain, head, (size_t)n);
	return follow_text(chain, head, (size_t)n);
}

static char **copy_argv(struct es_arena *arena, char *const argv[])
{
	size_t n = 0;

	while (argv[n])
		n++;

	char **copy = es_arena_alloc(arena, (n + 1) * sizeof(*copy));

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = es_arena_copy(arena, argv[i], strlen(argv[i]));
		if (!copy[i])
			return NULL;
	}
	return copy;
}

enum es_status es_program_resolve(struct es_arena *arena, char *const argv[],
				  struct es_diags *diags,
				  struct es_program *program)
{
	struct chain chain = {
		.arena = arena,
		.diags = diags,
		.executed = { .arena = arena, .diags = diags },
		.path = "",
		.role = "interpreter",
	};
	struct es_needed_list loaded = { .arena = arena, .diags = diags };
	char **copy = copy_argv(arena, argv);
	enum es_status status = ES_NOMEM;

	*program = (struct es_program){ 0 };
	if (copy)
		status = go_exec(&chain, copy[0] ? copy[0] : "", copy);
	while (status == ES_OK && !chain.done)
		status = follow(&chain);
	if (status == ES_OK && chain.elf.interpreter)
		status = es_loader_add(&loaded, chain.elf.interpreter,
				       chain.path, chain.elf.search);
	program->path = chain.exec_path;
	program->argv = chain.exec_argv;
	program->executed = chain.executed.at;
	program->nexecuted = chain.executed.n;
	program->nscripts = chain.nscripts;
	program->dynamic = chain.elf.interpreter != NULL;
	program->runs_data = chain.elf.runs_data;
	program->loaded = loaded.at;
	program->nloaded = loaded.n;
	return status;
}

enum es_status es_program_loader_files(struct es_arena *arena,
				       struct es_diags *diags,
				       struct es_needed **list, size_t *n)
{
	struct es_needed_list all = { .arena = arena, .diags = diags };
	enum es_status status = es_needed_begin(&all, *list, *n);

	if (status != ES_OK)
		return status;
	status = es_loader_add_any(&all);
	*list = all.at;
	*n = all.n;
	return status;
}

void es_needed_close(struct es_needed *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].fd >= 0)
			close(list[i].fd);
		list[i].fd = -1;
	}
}

void es_program_finish(struct es_program *program)
{
	es_needed_close(program->executed, program->nexecuted);
	es_needed_close(program->loaded, program->nloaded);
	*program = (struct es_program){ 0 };
}
