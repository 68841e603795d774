/* SPDX-License-Identifier: MIT */
/*
 * extrasafe: run a program with only the abilities that its profile names.
 *
 *	struct es_diags *diags = es_diags_new();
 *	struct es_context *context = es_context_new();
 *
 *	es_add_profile(context, "compute", diags);
 *	es_launch(context, argv, NULL, diags);          returns only on failure
 *	es_diags_print(diags, stderr, false);
 *	es_diags_free(diags);
 *	es_context_free(context);
 *
 * Errors of building are collected: calls may follow each other without a test
 * each, since es_check and es_launch fail when an earlier call did, and all
 * take NULL in place of a context or of diagnostics for which there was no
 * memory: with no context they are ES_NOMEM. NULL for another argument that is
 * needed is ES_INVALID. Nothing here keeps global state, exits or prints but to
 * a FILE that it is handed; a context and its diagnostics belong to one thread
 * at a time. Texts that are handed in may go when the call returns.
 * libextrasafe(3) is the guide.
 */
#ifndef EXTRASAFE_H
#define EXTRASAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ES_PUBLIC __attribute__((visibility("default")))

/* `extrasafe run` ends with 126 for ES_NOT_EXECUTABLE, 127 for ES_NOT_FOUND and
 * 125 for the others. */
enum es_status {
	ES_OK = 0,
	ES_INVALID,        /* a profile or fragment is wrong; see the diagnostics */
	ES_UNREADABLE,     /* a profile's file can't be read */
	ES_NOMEM,          /* out of memory */
	ES_UNSUPPORTED,    /* the kernel or an outer sandbox lacks what is needed */
	ES_SYSTEM,         /* a system call failed that should not */
	ES_INTERNAL,       /* our own mistake; nothing was run */
	ES_NOT_EXECUTABLE, /* the program was found but can't be executed */
	ES_NOT_FOUND,      /* the program was not found */
};

enum es_severity { ES_ERROR, ES_WARNING, ES_NOTE };

/* Diagnostics: errors, warnings and notes, each with its place in a profile. */
struct es_diags;

/* NULL when there is no memory. Free with es_diags_free, which takes NULL. */
ES_PUBLIC struct es_diags *es_diags_new(void);
ES_PUBLIC void es_diags_free(struct es_diags *diags);

/*
 * Prints what was collected, in the form `file:line:column: error: text`, with
 * the source line and a caret under it; a diagnostic without a place has the
 * prefix `extrasafe: `. Bytes that could steer a terminal are escaped.
 */
ES_PUBLIC void es_diags_print(const struct es_diags *diags, FILE *stream,
			      bool colour);

/* How many errors were collected, those beyond the first hundred as well. */
ES_PUBLIC size_t es_diags_errors(const struct es_diags *diags);

/* One of them. Strings belong to the diagnostics; bytes that could steer a
 * terminal are escaped in them as \xHH. */
struct es_diag_info {
	enum es_severity severity;
	const char *file;      /* "-a" for a fragment; NULL: no place */
	unsigned line, column; /* from 1; 0: of the file as a whole */
	const char *text;
};

/* Fills *INFO with diagnostic INDEX, in the order in which they were collected;
 * false where there are no more. Of errors the first hundred are kept. */
ES_PUBLIC bool es_diags_get(const struct es_diags *diags, size_t index,
			    struct es_diag_info *info);

/* The one of CANDIDATES, which end with NULL, that was probably meant by WORD,
 * being near it or the only one to begin with it, or NULL. What is returned is
 * the caller's own. */
ES_PUBLIC const char *es_did_you_mean(const char *word,
				      const char *const *candidates);

/* A policy being built. */
struct es_context;

/* NULL when there is no memory. Free with es_context_free, which takes NULL. */
ES_PUBLIC struct es_context *es_context_new(void);
ES_PUBLIC void es_context_free(struct es_context *context);

/*
 * Has profiles that are added from now on read as YAML by processes that are
 * forked for it. They can get a text, work on it for some seconds, and answer;
 * the answer is checked to be a document, and what it means is worked out here.
 * So a profile that takes one over can say what it could have written down, and
 * no more. A process has a copy of the memory, and shares what is shared of it.
 * Fragments are read here, and without ALL what is installed with the library
 * and found by its name, too: it is no more hostile than the library.
 * Without ALL each text has a process of its own. With ALL one is forked at once
 * for all texts, for who can't fork later, so that one text may change what those
 * behind it say, and so may who has a copy of the caller's descriptors: fork
 * nobody else meanwhile. It is ended when the policy is compiled. wait(2) sees
 * them with __WALL only, and they don't outlive the caller.
 * Where there are threads, no process can be made, or seccomp filters can't be
 * had, all is read as before: with ALL that is ES_UNSUPPORTED, behind a
 * diagnostic, and else a warning, when one is needed. ES_OK, ES_NOMEM or
 * ES_INTERNAL. What adds a profile ends with ES_INTERNAL where the process dies
 * or answers what is no YAML.
 */
ES_PUBLIC enum es_status es_read_apart(struct es_context *context, bool all,
				       struct es_diags *diags);

/*
 * Adds what a profile allows. NAME is looked up as NAME.yaml in
 * $XDG_CONFIG_HOME/extrasafe/profiles ($HOME/.config where unset),
 * /etc/extrasafe/profiles and the installed profiles, in this order, unless it
 * is a path: that begins with '/' or '.', ends in ".yaml" or has ".." in it. A
 * folder that can't be searched is an error, and not passed over. The file is
 * read once, from an open descriptor of a regular file.
 * Returns ES_OK, ES_INVALID, ES_UNREADABLE or ES_NOMEM, or ES_UNSUPPORTED in a
 * process with more privilege than its caller.
 */
ES_PUBLIC enum es_status es_add_profile(struct es_context *context,
					const char *name,
					struct es_diags *diags);

/*
 * Adds a piece of `allow:` in YAML flow style ("SystemIO: [stdin, stdout]") or
 * its short form ("SystemIO.stdout", "SystemIO.read_path=/usr"). Relative paths
 * are relative to the working directory.
 * Returns ES_OK, ES_INVALID or ES_NOMEM, or ES_UNSUPPORTED as es_add_profile.
 */
ES_PUBLIC enum es_status es_add_fragment(struct es_context *context,
					 const char *text,
					 struct es_diags *diags);

/*
 * Adds a profile that TEXT has in it, or that can be read from descriptor FD (a
 * regular file, from where it stands; it stays open). NAME is what diagnostics
 * call it. Relative paths are relative to the working directory, and what it
 * includes is looked up as by a file that lies there. As es_add_profile; NULL
 * for NAME or TEXT is ES_INVALID.
 */
ES_PUBLIC enum es_status es_add_text(struct es_context *context,
				     const char *name, const char *text,
				     struct es_diags *diags);
ES_PUBLIC enum es_status es_add_descriptor(struct es_context *context,
					   const char *name, int fd,
					   struct es_diags *diags);

/*
 * Allows permission WORD of rule set SET, as `allow: {SET: [WORD]}` does;
 * "all", and a SET of one's own or "syscalls" with a system call for WORD, too.
 * What is wrong is told as of "SET.WORD". A SET that is not there yet may be
 * added later, so that es_check tells first that there is none. ES_OK,
 * ES_INVALID (for NULL, too) or ES_NOMEM.
 */
ES_PUBLIC enum es_status es_allow(struct es_context *context, const char *set,
				  const char *word, struct es_diags *diags);

/* The options of a permission, as extrasafe-profile(5) has them. Lists of texts
 * end with NULL, and nothing is kept of what is pointed to. */
struct es_allowing {
	const char *const *paths; /* NULL: none */
	bool optional;            /* paths that are missing are skipped */
	const char *const *fds;   /* "0", "5-9", "opened", names; NULL: none */
	const unsigned short *ports;
	size_t nports;
	bool yes_really;
};
/* HOW may be NULL. As es_allow. */
ES_PUBLIC enum es_status es_allow_with(struct es_context *context,
				       const char *set, const char *word,
				       const struct es_allowing *how,
				       struct es_diags *diags);

/* es_allow_with one path, and with `yes_really`. */
ES_PUBLIC enum es_status es_allow_path(struct es_context *context,
				       const char *set, const char *word,
				       const char *path,
				       struct es_diags *diags);
ES_PUBLIC enum es_status es_allow_really(struct es_context *context,
					 const char *set, const char *word,
					 struct es_diags *diags);

/* A rule set of one's own, for `es_allow(context, NAME, "all", diags)`: whole
 * calls, and rules such as "fcntl if cmd in {F_SETLK, F_GETLK}". A library that
 * ships one adds it for its callers. Lists end with NULL; NULL: none. */
struct es_own_ruleset {
	const char *name, *about;
	const char *const *syscalls, *const *rules;
};
/* ES_OK, ES_INVALID or ES_NOMEM. */
ES_PUBLIC enum es_status es_add_ruleset(struct es_context *context,
					const struct es_own_ruleset *own,
					struct es_diags *diags);

/*
 * What a denied call gets: an errno name ("EPERM"), "kill", "kill_thread" or
 * "trap"; goes before the profiles' own `deny` if it is set before they are
 * added. ES_OK, ES_INVALID or ES_NOMEM.
 */
ES_PUBLIC enum es_status es_set_deny(struct es_context *context,
				     const char *action,
				     struct es_diags *diags);

/*
 * When the exact filter takes force: "exec"; "entry", the program's entry point,
 * up to which a dynamic one has what its loader needs; or "auto", which is the
 * latter for dynamic programs. ES_OK, ES_INVALID or ES_NOMEM.
 */
ES_PUBLIC enum es_status es_set_arm(struct es_context *context,
				    const char *moment,
				    struct es_diags *diags);

/* Takes a limit of the profiles that were added before back, as
 * `widen: [SystemIO.stdout]` does. ES_OK, ES_INVALID or ES_NOMEM. */
ES_PUBLIC enum es_status es_widen(struct es_context *context,
				  const char *permission,
				  struct es_diags *diags);

/*
 * Compiles the policy and proves the filter equal to it, for a dynamic program
 * that is launched: descriptors from 3 up have to be handed over by `fds`.
 * Warnings tell what is surprisingly open. With VERBOSE, notes tell sizes, what
 * was skipped, and what stays open for the dynamic loader's sake. Changes
 * nothing in the process. May be called again after more was added; a policy that
 * was wrong once stays so.
 *
 * What an earlier call failed with; ES_INVALID; ES_UNSUPPORTED where the kernel
 * lacks what is needed; ES_NOMEM; or ES_INTERNAL where the filter is not proven.
 */
ES_PUBLIC enum es_status es_check(struct es_context *context, bool verbose,
				  struct es_diags *diags);

/* What a policy came to. */
struct es_summary {
	size_t instructions; /* of the filter, for a dynamic program */
	size_t calls;        /* system calls it allows, if on conditions only */
	int landlock_abi;    /* the running kernel's */
	size_t landlock_rules; /* paths, those of the program aside */
};
/* False where es_check has not succeeded. */
ES_PUBLIC bool es_summarize(const struct es_context *context,
			    struct es_summary *summary);

/*
 * Confines the calling thread, and what it starts from now on, to what the
 * policy allows; es_apply_to_all_threads, all threads of the process. There is
 * no way back. Everything is compiled and proven before anything is in force;
 * then come no_new_privs, Landlock, and the filter.
 *
 * `arm` does not matter here, and of `startup` what lasts: the call is the
 * moment. What the launcher does for a program is the caller's: descriptors stay
 * as they are, so that `fds` may name them by `inherit` alone. Pages that are
 * mapped and descriptors that are open can be used on as the policy says. Other
 * threads that share the memory confine nothing: only all of them, or a process,
 * is a boundary.
 *
 * For all threads, seccomp has a flag of its own. Landlock has none before ABI 8,
 * so that each thread is held by a signal of the real-time ones that nobody
 * handles, and restricts itself in its handler; one that blocks all of these, or
 * does not answer in two seconds, is an error before anything is in force.
 *
 * Applied again, both policies hold, if the first allows that: it takes
 * no_new_privs, seccomp and landlock of SelfConfinement, for all threads
 * read_path and list_dir of /proc as well. Landlock holds 16 layers.
 *
 * ES_OK; ES_INVALID, ES_UNSUPPORTED, ES_NOMEM or ES_INTERNAL with nothing in
 * force; ES_UNSUPPORTED where a filter in force already refuses; ES_SYSTEM behind
 * a diagnostic that says so if a later step fails with an earlier one in force:
 * then the process should end. Needs what es_launch needs, but no ptrace(2).
 */
ES_PUBLIC enum es_status es_apply(struct es_context *context,
				  struct es_diags *diags);
ES_PUBLIC enum es_status es_apply_to_all_threads(struct es_context *context,
						 struct es_diags *diags);

/*
 * Runs FUNCTION with DATA in a new thread that is confined, waits for its end,
 * and gives what it returned in *RESULT. A thread shares the memory and the
 * descriptors of the process: it is for hostile input, not for hostile code.
 * As es_apply; ES_SYSTEM as well if no thread can be made. RESULT may be NULL;
 * *RESULT is untouched on failure. FUNCTION returns: pthread_exit(3) loads a
 * library, which the policy may not allow.
 */
ES_PUBLIC enum es_status es_run_thread(struct es_context *context,
				       void *(*function)(void *data),
				       void *data, void **result,
				       struct es_diags *diags);

/*
 * Forks, runs FUNCTION with DATA in the child, which is confined, and waits for
 * its end, which is what FUNCTION returns, as wait(2) tells it in *WAIT_STATUS.
 * The child has the caller's descriptors. Between fork and FUNCTION nothing is
 * called but what signal handlers may call, so that the caller may have
 * threads; FUNCTION in such a child may call no more (fork(2)). The child ends
 * by _exit(2), so that streams of stdio are not flushed.
 * As es_apply; ES_SYSTEM as well if no process can be made, or what it ended with
 * can't be had because SIGCHLD is ignored or somebody else waits for it. WAIT_STATUS may be
 * NULL; *WAIT_STATUS is untouched on failure.
 */
ES_PUBLIC enum es_status es_run_process(struct es_context *context,
					int (*function)(void *data), void *data,
					int *wait_status,
					struct es_diags *diags);

/*
 * The exact filter as es_apply would load it: an array of struct sock_filter
 * (linux/filter.h) of *SIZE bytes in *BYTES, which free(3) frees. It has the
 * caller's process id in it, where the policy lets it signal itself.
 * A policy without a filter has 0 bytes. As es_check; *BYTES and *SIZE are
 * untouched on failure.
 */
ES_PUBLIC enum es_status es_export(struct es_context *context, void **bytes,
				   size_t *size, struct es_diags *diags);

/*
 * Goes on without LAYER where the kernel lacks it, or some of it, and tells with
 * a warning what is lost. There is one LAYER, "landlock". ES_OK, ES_INVALID
 * behind a diagnostic for another, or ES_NOMEM without a context.
 */
ES_PUBLIC enum es_status es_best_effort(struct es_context *context,
					const char *layer,
					struct es_diags *diags);

struct es_launch_options {
	/* Do all but the irreversible; tell on it what would be done. */
	FILE *dry_run;
	/* Tell on it, before the program starts, what was made of the policy. */
	FILE *verbose;
	/* Tell on it, before the program starts, of what is done without; see
	 * es_best_effort. */
	FILE *warnings;
};

/*
 * Becomes the program ARGV[0] (looked up in $PATH), confined. Returns only on
 * failure, or with ES_OK after a dry run. After the first irreversible step
 * (descriptors, no_new_privs, Landlock, seccomp) it does not return: an error
 * then ends the process with a line on descriptor 2 and status 125, 126 or 127.
 * OPTIONS may be NULL. Needs Linux 5.13 (Landlock) and seccomp filters; for a
 * profile with paths, Linux 6.2 (Landlock ABI 3). A program that is armed at its
 * entry point or later needs ptrace(2) and /proc besides: a process is forked
 * that waits for it there, and is gone then; until then signals have no other
 * effect, but killing that process kills the program. Other threads of the caller
 * end, as by execve(2). What an earlier call failed with, or any other status.
 */
ES_PUBLIC enum es_status es_launch(struct es_context *context,
				   char *const argv[],
				   const struct es_launch_options *options,
				   struct es_diags *diags);

/* What a supervisor tells, and where. */
struct es_report {
	FILE *stream;
	bool json;       /* a line of JSON each, and not text for people */
	bool permissive; /* let through what the profiles lack; exec, guards and
			  * Landlock stay */
};

/*
 * Runs the program as a child, confined as es_launch does it, and tells on
 * REPORT's stream of every call that is denied. ES_OK when the program has
 * ended, with its status as wait(2) gives it in *WAIT_STATUS, which is untouched
 * otherwise; other statuses as es_launch's. Signals are blocked in the calling
 * thread meanwhile; those that somebody sends are passed on to the program, and
 * when it is stopped from the terminal, the calling process stops as well. Other
 * children may be reaped.
 * Processes that outlive the program are answered by a child that is forked
 * then. If whoever answers is killed, calls that would be told of get ENOSYS.
 */
ES_PUBLIC enum es_status es_supervise(struct es_context *context,
				      char *const argv[],
				      const struct es_launch_options *options,
				      const struct es_report *report,
				      int *wait_status, struct es_diags *diags);

/*
 * What there is to name. Each *_get fills its structure for INDEX, from 0 up,
 * and is false where there are no more. Strings live as long as the library.
 */
struct es_set_info {
	const char *name;
	const char *about; /* a line */
	bool internal;     /* what permissions share; profiles can't name it */
};
ES_PUBLIC bool es_set_get(size_t index, struct es_set_info *info);

/* The permissions of a set follow each other, in the order of their set. */
struct es_permission_info {
	const char *set, *word;
	const char *about;    /* what it gives, a line */
	const char *danger;   /* why it needs `yes_really`; NULL: it doesn't */
	const char *open;     /* what surprisingly stays open, or NULL */
	const char *includes; /* "SET.WORD SET.WORD", or NULL */
	/* What FDS means in its rules where no descriptors are named: "any",
	 * "opened" or numbers; NULL where no rule speaks of FDS. */
	const char *fds;
	/* What it is about by itself, "/etc/hosts /etc/services" and "53 443";
	 * or NULL. Files that are missing are skipped. */
	const char *paths, *ports;
	bool internal;  /* as its set */
	bool in_all;    /* `all` gives it */
	bool takes_path;          /* a path or several, or none: everywhere */
	bool needs_path;          /* takes them, and is nothing without */
	bool takes_fd;            /* one descriptor, which it needs */
	bool takes_fds;           /* the option `fds` */
	bool takes_ports;         /* the option `ports` */
};
ES_PUBLIC bool es_permission_get(size_t index, struct es_permission_info *info);

/* A Landlock right that a permission gives. */
struct es_right_info {
	const char *name; /* "read_file" */
	const char *kind; /* "fs", "net", or "scope", which is taken off */
	int abi;          /* the first that has it */
	bool at_paths;    /* at the permission's paths, if it has any */
	bool at_ports;    /* at its ports, likewise */
};
/* Right INDEX of permission PERMISSION, what that includes with it. */
ES_PUBLIC bool es_right_get(size_t permission, size_t index,
			    struct es_right_info *info);

/* A system call that a permission gives, under one condition. */
struct es_rule_info {
	const char *set, *word;           /* the permission */
	const char *from_set, *from_word; /* whose rule: its own, or included */
	const char *call;
	/* "fd in FDS and cmd == F_GETFL", or NULL: none. FDS is what the
	 * permission covers, OPENED what a program gets by opening, LOADER the
	 * number that a dynamic loader's opens get, SELF the program's process
	 * id, FAMILY the ids of its children as well, if Landlock has ABI 6. */
	const char *condition;
	bool defines;    /* what the permission is for, not what it brings */
	bool without_fds; /* only where `fds` names no descriptors */
};
/* Returns false to end the walk. */
typedef bool es_rule_visit(const struct es_rule_info *rule, void *data);

/* Calls VISIT for all rules of a permission, those of what it includes behind
 * its own. */
ES_PUBLIC void es_permission_rules(size_t permission, es_rule_visit *visit,
				   void *data);

struct es_argument_info {
	char name[32];   /* as in section 2 of the manual */
	char kernel[32]; /* the kernel's own, which conditions may have as well;
			  * "" where it is the same */
	unsigned bits; /* that the kernel looks at: 12, 16, 32 or 64 */
	bool is_signed;
	bool pointer;
};
struct es_syscall_info {
	const char *name;
	int x86_64, aarch64; /* its numbers, -1 where it does not exist */
	const char *never;   /* why no permission gives it, or NULL */
	bool fallback;       /* callers have another way: denied by ENOSYS */
	size_t narguments;
	struct es_argument_info arguments[6];
};
ES_PUBLIC bool es_syscall_get(size_t index, struct es_syscall_info *info);

/* Calls VISIT for all rules that give system call INDEX, by every permission of
 * this version; "Loader.start" is what dynamic programs have in any case. */
ES_PUBLIC void es_syscall_rules(size_t index, es_rule_visit *visit, void *data);

/* A profile that a name can stand for. Strings are escaped as diagnostics are,
 * and live during the visit. */
struct es_profile_info {
	const char *name;   /* "compute", "parts/stdio" */
	const char *folder; /* it lies in as NAME.yaml */
	const char *about;  /* NULL: it says nothing, or can't be read */
	bool readable;      /* false: can't be read, or is not even YAML */
	bool shadowed;      /* one of this name goes before, so -p never finds
			     * this one */
};
typedef bool es_profile_visit(const struct es_profile_info *profile,
			      void *data);

/*
 * Calls VISIT for each profile in the folders of es_add_profile, ascending by
 * name and then as they are searched. ES_OK, ES_NOMEM, ES_UNREADABLE behind a
 * diagnostic where a folder can't be read (the others are told all the same), or
 * ES_UNSUPPORTED in a process with more privilege than its caller.
 */
ES_PUBLIC enum es_status es_profiles_each(es_profile_visit *visit, void *data,
					  struct es_diags *diags);

/*
 * What a policy says to system calls, from the model: nothing is run. Paths are
 * looked at as they are now, and what Landlock's rules say of them is worked
 * out beside the kernel.
 */
struct es_why;

/*
 * Compiles CONTEXT, which it uses until es_why_free: it belongs to the same
 * thread, and is freed later. ES_OK and *WHY, or what es_check fails with.
 * es_why_free takes NULL.
 */
ES_PUBLIC enum es_status es_why_new(struct es_context *context,
				    struct es_diags *diags,
				    struct es_why **why);
ES_PUBLIC void es_why_free(struct es_why *why);

/*
 * Asks after one call in strace(1)'s notation, what follows its `= ` being
 * ignored, or after a line (LEN bytes, without its end) of `strace -f`. Where a
 * trace begins with an execve that succeeds, that is the start of the program;
 * where extrasafe itself was traced, all before the program is forgotten.
 * ES_OK, if only to say that it can't be read; ES_INVALID for NULL; or ES_NOMEM.
 */
ES_PUBLIC enum es_status es_why_call(struct es_why *why, const char *text);
ES_PUBLIC enum es_status es_why_line(struct es_why *why, const char *line,
				     size_t len);

enum es_why_verdict {
	ES_WHY_ALLOWED,
	ES_WHY_DENIED,
	ES_WHY_PRETENDED,  /* not done, but the program is told that it was */
	ES_WHY_UNREADABLE, /* no call, or none that is known */
};

/* An answer. Strings belong to the es_why; bytes that could steer a terminal
 * are escaped in them as \xHH. */
struct es_why_info {
	enum es_why_verdict verdict;
	const char *call;   /* as it was written; the first of these */
	size_t line, times; /* of the first; how many had the same answer */
	const char *action; /* "EPERM", "kill", ...; NULL where it is allowed */
	const char *layer;  /* that denies: "filter" or "landlock"; or NULL */
	const char *path;   /* where Landlock's RIGHT is missing, or NULL */
	int port;           /* likewise, of TCP, or -1 */
	const char *right;  /* "read_file make_reg", or NULL */
	/* The permission that decides, "SystemIO.stdin", and where it is given;
	 * NULL where none does, and no FILE where it is always on. */
	const char *permission;
	const char *file;
	unsigned file_line, column;
	const char *fragment; /* that would allow it, or NULL */
	const char *reason;   /* why there is none, or what else is to be known;
			       * or NULL */
};
/* Answer INDEX, in the order in which the first of each came; false where there
 * are no more. Strings last until es_why_free. */
ES_PUBLIC bool es_why_get(const struct es_why *why, size_t index,
			  struct es_why_info *info);

struct es_why_summary {
	size_t calls, allowed, denied; /* calls, PRETENDED ones as allowed */
	size_t unreadable;             /* lines */
	/* What allows all that can be allowed: for -a, and as lines of `allow:`.
	 * NULL where there is nothing to add. */
	const char *fragment, *block;
	const char *conflict; /* why it can't stand beside the profiles, or
			       * NULL */
};
/* ES_OK or ES_NOMEM. Strings last until es_why_free. */
ES_PUBLIC enum es_status es_why_summarize(struct es_why *why,
					  struct es_why_summary *summary);

/* This library's version and libyaml's, one line each, on STREAM. */
ES_PUBLIC void es_print_versions(FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
