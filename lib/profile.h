/* SPDX-License-Identifier: MIT */
/* What profiles and fragments say, united; nothing is compiled yet. */
#ifndef ES_PROFILE_H
#define ES_PROFILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "apart.h"
#include "arena.h"
#include "cond.h"
#include "diag.h"
#include "ranges.h"
#include "sets.h"
#include "startup.h"
#include "node.h"

/* An item of a permission's `fds`. */
enum es_fd_kind { ES_FD_NUMBERS, ES_FD_NAME, ES_FD_OPENED, ES_FD_ANY };
struct es_fd_item {
	struct es_fd_item *next;
	struct es_place place;
	enum es_fd_kind kind;
	struct es_range numbers; /* hi UINT32_MAX: open-ended */
	const char *name;        /* a name of the top-level `fds` */
	bool wrong;              /* it is nothing that is handed over */
};

/* One permission that was given, with one path at most. */
struct es_grant {
	struct es_grant *next;
	const struct es_word *word;
	struct es_place place;
	struct es_fd_item *fds; /* NULL: the permission's default */
	struct es_place fds_place;
	const char *path; /* absolute; NULL: everywhere */
	struct es_place path_place;
	bool optional; /* a path that does not exist is skipped */
	bool skipped;  /* it was */
	struct es_ranges ports; /* TCP's; none: every one */
	struct es_place ports_place;
	bool yes_really; /* it was said */
	bool widened;  /* no longer a limit */
	bool all;      /* it was given by `all` */
	struct es_place rule_place; /* by hand: of the rule itself */

	/* Until all files are read: what a rule set that none of the builtin
	 * ones is gets, in place of a word. */
	const char *set;
	const struct es_node *value;

	/* Filled in by policy.c: the descriptors, and the first grant that
	 * gives the same, whose rules stand for this one's; NULL if it is. */
	struct es_ranges covers;
	const struct es_grant *like;
};

/* An entry of the top-level `fds`. */
struct es_fd_entry {
	struct es_fd_entry *next;
	const char *name;
	struct es_place place;
	const char *path; /* to open, absolute; or NULL */
	const char *listen; /* an address to listen at; or NULL: inherited */
	bool activated;   /* one of the sockets of socket activation, that of
			   * this index: */
	unsigned given;
	unsigned more;    /* so many entries behind have the same name */
	int flags;        /* of open(2) */
	mode_t mode;      /* with O_CREAT */
	int number;       /* the program's; -1: the lowest free one */
	bool wrong;       /* so its number may be another */
};

/* A set's and a word's name, or WORD where it is a builtin one. */
struct es_widening {
	struct es_widening *next;
	const struct es_word *word;
	const char *set, *name;
	struct es_place place;
};

/* A rule set of the user's own: what it gives where it is allowed. */
struct es_ruleset {
	struct es_ruleset *next;
	const char *name;
	struct es_place place;
	struct es_grant *grants, **grants_end;
	bool wrong, allowed;
};

/* An entry of `except`. */
struct es_exception {
	struct es_exception *next;
	struct es_place place;
	const char *text;
	const struct es_syscall *call;
	struct es_conds conds;
	/* Filled in by except.c: does it hold for what is added at the moment,
	 * and did it ever take something out? */
	bool applies, used;
};

/* A call that this architecture lacks, so that it is neither given nor taken
 * out. */
struct es_lacking {
	struct es_lacking *next;
	struct es_place place;
	const char *call;
};

/* A key that may stand in one file only, or alike in all. */
struct es_setting {
	const char *text; /* NULL: not set */
	struct es_place place;
};

/* `landlock`: what is asked of it beside paths and ports. */
struct es_landlock_asks {
	struct es_place place; /* no source: nothing is */
	bool only;             /* there is to be no filter */
	struct es_place only_place;
	unsigned require; /* the ABI that there has to be; 0: any */
	struct es_place require_place;
	bool chooses; /* of the scopes, these are to be on: */
	uint64_t scopes;
	struct es_place scope_place;
};

/* A file that was read. */
struct es_file {
	struct es_file *next;
	const struct es_source *source;
	dev_t dev;
	ino_t ino;
	bool named;     /* on the command line, and not by an include */
	bool installed; /* and found by its name */
};

/* One file includes another, if only by others between. */
struct es_include {
	struct es_include *next;
	const struct es_source *by, *what;
};

struct es_profile {
	struct es_arena *arena;
	struct es_apart apart; /* who reads YAML */
	struct es_grant *grants, **grants_end;
	struct es_startup startup;
	struct es_grant *startup_grants; /* besides, until then */
	struct es_fd_entry *fds, **fds_end;
	struct es_widening *widenings, **widenings_end;
	struct es_ruleset *rulesets, **rulesets_end;
	struct es_exception *exceptions, **exceptions_end;
	struct es_lacking *lacking, **lacking_end;
	const struct es_word **calls; /* by hand, as es_syscalls is; or NULL */
	struct es_setting deny, arm;
	struct es_landlock_asks landlock;
	bool deny_overridden; /* by the command line */
	struct es_file *files;
	struct es_include *includes;
	struct es_place first; /* where the first file's text begins */
	bool wrong; /* a part could not be read: what it gives is missing */
	bool complete; /* nothing was added since es_profile_complete, */
	enum es_status completed; /* of which this is the worst result */
	unsigned nincludes, nwidenings, nfragments, ngrants, nfd_items, nfds;
	unsigned nrulesets, nexceptions;
};

void es_profile_init(struct es_profile *profile, struct es_arena *arena);

/* These add to PROFILE; ES_OK, ES_INVALID, ES_UNREADABLE or ES_NOMEM. */
enum es_status es_profile_read(struct es_profile *profile, const char *name,
			       struct es_diags *diags);
enum es_status es_profile_fragment(struct es_profile *profile,
				   const char *text, struct es_diags *diags);
/* From TEXT, or from an open file, as if it lay in the working directory. */
enum es_status es_profile_text(struct es_profile *profile, const char *name,
			       const char *text, struct es_diags *diags);
enum es_status es_profile_descriptor(struct es_profile *profile,
				     const char *name, int fd,
				     struct es_diags *diags);
/* TEXT must live as long as PROFILE. Without a place, it is of what was added
 * before. */
enum es_status es_profile_widen(struct es_profile *profile, const char *text,
				struct es_place place, struct es_diags *diags);
enum es_status es_profile_set(struct es_setting *setting, const char *key,
			      const char *text, struct es_place place,
			      struct es_diags *diags);

/* What reading a part ended with: STATUS, or ES_NOMEM. Notes what is wrong. */
enum es_status es_profile_conclude(struct es_profile *profile,
				   enum es_status status);

/* Is NAME a top-level key? */
bool es_profile_has_key(const char *name);

/* include.c: is TEXT, a profile as -p or `include` has it, a path, no name? */
bool es_name_is_path(const char *text);

/* include.c: the path at NODE of an `include`; NULL behind a diagnostic, or
 * where there is no memory. */
const char *es_include_path(struct es_arena *arena, const struct es_node *node,
			    struct es_diags *diags);

/* include.c: remembers that the file BY includes the file WHAT. False when there
 * is no memory. */
bool es_include_add(struct es_profile *profile, const struct es_source *by,
		    const struct es_source *what);

/* include.c: does the file BY include the file WHAT, if only by others
 * between? */
bool es_profile_includes(const struct es_profile *profile,
			 const struct es_source *by,
			 const struct es_source *what);

/* load.c: the folders where profiles are looked up by name, in this order. */
struct es_shelves {
	const char *folders[3];
	size_t n;
	const char *variable; /* that names the user's own, the first; or NULL */
};
enum es_status es_shelves_find(struct es_arena *arena,
			       struct es_shelves *shelves);

/*
 * load.c: looks a profile up by its name, on the last REACH shelves (0: all).
 * ES_OK, *PATH, and in *REACH which one it was, counted from the last, which is
 * 1; ES_NOMEM, or ES_UNREADABLE behind a diagnostic at PLACE, which names it.
 */
enum es_status es_file_find(struct es_arena *arena, const char *name,
			    struct es_place place, struct es_diags *diags,
			    const char **path, unsigned *reach);

/* load.c: the last shelf that has the file SOURCE below it, as REACH above; 0
 * if none has. *REACH is left alone where there is no memory. */
enum es_status es_file_reach(struct es_arena *arena,
			     const struct es_source *source, unsigned *reach);

/* shelves.c: what "did you mean" says of a NAME that no profile has on the last
 * REACH shelves, as above; NULL if nothing is near or there is no memory. */
const char *es_profile_guess(struct es_arena *arena, const char *name,
			     unsigned reach);

/* load.c: notes on how else a profile could be named, where NAME, looked up or
 * not (BY_NAME), is none. */
void es_file_hint(struct es_arena *arena, const char *name, bool by_name,
		  struct es_diags *diags);

/*
 * load.c: reads all of a regular file, once and from one descriptor, to
 * *SOURCE, and tells in *ID which one it is. ES_OK, ES_NOMEM, or behind a
 * diagnostic at PLACE ES_UNREADABLE or ES_INVALID.
 */
enum es_status es_file_load(struct es_arena *arena, const char *path,
			    struct es_place place, struct es_diags *diags,
			    struct es_source *source, struct stat *id);

/* load.c: the same from descriptor FD, which PATH names; it stays open. -1: errno
 * tells why it could not be opened. */
enum es_status es_file_load_from(struct es_arena *arena, int fd,
				 const char *path, struct es_place place,
				 struct es_diags *diags,
				 struct es_source *source, struct stat *id);

/* load.c: the working directory; NULL where that was removed, or there is no
 * memory, as ARENA then says. */
const char *es_working_folder(struct es_arena *arena);

/*
 * complete.c: what can be told only when all files are read: rule sets by hand
 * that are allowed take their place among the grants. ES_OK, ES_INVALID or
 * ES_NOMEM; called twice, it says the same.
 */
enum es_status es_profile_complete(struct es_profile *profile,
				   struct es_diags *diags);

/* landlock-key.c: `landlock:`; ES_OK or ES_INVALID. */
enum es_status es_landlock_read(struct es_profile *profile,
				const struct es_node *map,
				struct es_diags *diags);

/* byhand.c: `rulesets:`, `except:` and what stands at `syscalls:`. ES_OK or
 * ES_INVALID. */
enum es_status es_rulesets_read(struct es_profile *profile,
				const struct es_node *map,
				struct es_diags *diags);
enum es_status es_exceptions_read(struct es_profile *profile,
				  const struct es_node *list,
				  struct es_diags *diags);
bool es_calls_read(struct es_profile *profile, struct es_grant ***end,
		   const char *set, const struct es_node *value,
		   struct es_diags *diags);

/* complete.c: the user's own rule set NAME, or NULL. */
struct es_ruleset *es_ruleset_find(const struct es_profile *profile,
				   const char *name);

/* complete.c: is there a rule of the user's own that WIDENING is about? False
 * behind a diagnostic. */
bool es_widening_find(const struct es_profile *profile,
		      const struct es_widening *widening,
		      struct es_diags *diags);

/* include.c: the file that was read as SOURCE; NULL if that is a fragment. */
const struct es_file *es_file_of(const struct es_profile *profile,
				 const struct es_source *source);

/* complete.c: what has no effect and is no mistake: warnings of what whoever
 * runs this wrote, and if VERBOSE notes. */
void es_byhand_tell(const struct es_profile *profile, bool verbose,
		    struct es_diags *diags);

/* grant.c: a new grant at the end of the list that ends at END; NULL behind a
 * diagnostic if PROFILE has too many, or when the arena is exhausted. */
struct es_grant *es_grant_add(struct es_profile *profile,
			      struct es_grant ***end, struct es_place place,
			      struct es_diags *diags);

/* grant.c: one permission of SET and what stands at it, to the list of grants
 * that ends at END. */
bool es_permission_read(struct es_profile *profile, struct es_grant ***end,
			const struct es_set *set, const struct es_node *key,
			const struct es_node *value, struct es_diags *diags);

/* grant.c: complains of a NAME that is no rule set. */
void es_set_unknown(const struct es_profile *profile, const char *name,
		    struct es_place place, struct es_diags *diags);

/* grant.c: an `allow:` map to grants; ES_OK or ES_INVALID. */
enum es_status es_grants_read(struct es_profile *profile,
			      const struct es_node *allow,
			      struct es_diags *diags);

/* grant.c: the permission that `SET.WORD` names; ES_OK, ES_INVALID or
 * ES_NOMEM. *WORD is NULL where SET is no builtin rule set. */
enum es_status es_word_read(struct es_arena *arena, const char *text,
			    struct es_place place, struct es_diags *diags,
			    const struct es_word **word);

/* fds.c: the top-level `fds:` map; ES_OK or ES_INVALID. */
enum es_status es_fds_read(struct es_profile *profile,
			   const struct es_node *map, struct es_diags *diags);

/* Is ACTION something that `deny` can be? *RET is its SECCOMP_RET_* value. */
bool es_deny_parse(const char *action, uint32_t *ret);

#endif
