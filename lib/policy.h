/* SPDX-License-Identifier: MIT */
/*
 * The model in the middle: what profiles come down to for one program. The
 * judge says what it means, the generator makes a filter of it.
 */
#ifndef ES_POLICY_H
#define ES_POLICY_H

#include <stdint.h>

#include "cond.h"
#include "profile.h"

/* Above every system call's number; what lies between is without a row. */
enum { ES_NR_LIMIT = 512 };

/* What is known of the program and the kernel when a policy is built. */
struct es_surroundings {
	uint32_t self;        /* the program's process id */
	bool loader;          /* it is dynamic: `Loader` is on */
	bool signals_scoped;  /* Landlock holds signals to the family */
	bool arms;            /* es_policy_part is to come */
	bool unheld;          /* no Landlock holds the opening of files */
	bool embedded;        /* it runs already, with its descriptors */
	uint64_t key[3];      /* the exec gate's */
};

struct es_rule {
	uint32_t nr;
	uint32_t ret; /* SECCOMP_RET_* and its data */
	struct es_conds conds;
	enum es_role role;
	const struct es_grant *grant; /* NULL: always on */
	bool basic;  /* of the BasicCapabilities that are always on */
	bool loader; /* of what a dynamic loader needs */
	bool startup; /* of what is allowed at the start alone */
	bool limits;  /* a guard that keeps a limit */
	bool arming;  /* a guard that lets nothing get in the way of arming */
	bool has_fd; /* one argument is held to the grant's descriptors: */
	unsigned fd;
};

/* What is called with the gate's key after the filter is in. */
enum es_gate {
	ES_GATE_EXEC = 1,   /* the program is started */
	ES_GATE_REPORT = 2, /* a listener is handed over */
	ES_GATE_ARM = 4,    /* another layer is added at the entry point */
	ES_GATE_CLOSE = 8,  /* that layer's listener was handed over */
	ES_GATE_NOTIFY = 16, /* the program says that it is ready */
};

/* Ascending by number; those of NR are at[first[NR]] to at[first[NR + 1]]. */
struct es_rules {
	struct es_rule *at;
	size_t n, cap;
	uint32_t first[ES_NR_LIMIT + 1];
};

struct es_policy {
	bool open; /* there is no filter, and every call is allowed */
	struct es_rules guards;  /* go before what is allowed */
	struct es_rule *first_guards; /* where those were that es_policy_part
				       * has taken away; or NULL */
	struct es_rules allowed;
	uint32_t deny;           /* what everything else gets */
	uint64_t key[3];
	unsigned gate; /* what it opens for: enum es_gate, or-ed */
	bool known[ES_NR_LIMIT];    /* has a row in the table */
	bool fallback[ES_NR_LIMIT]; /* callers have another way after ENOSYS */
	struct es_ranges opened;    /* descriptors that nobody names */
	struct es_ranges guarded;   /* descriptors with a limit of their own */
	uint32_t loader_fd;         /* what a loader's opens get */
	struct es_range self, family; /* processes that can be signalled */

	/* Somebody waits for notifications (watch.h): the answer to a call that
	 * a tracer skips, and the calls that are notified where they are
	 * allowed. */
	bool supervised;
	uint32_t skipped;
	bool watched[ES_NR_LIMIT];
};

/* What a rule that allows gives number NR. */
uint32_t es_policy_allows(const struct es_policy *policy, uint32_t nr);

/* What number -1 gets, by which a tracer skips a call. */
uint32_t es_policy_skips(const struct es_policy *policy);

/*
 * Builds *POLICY in ARENA from what PROFILE says. Diagnostics tell limits
 * without effect and the like. ES_OK, ES_INVALID, ES_NOMEM or ES_INTERNAL.
 * Free with es_policy_finish in any case.
 */
enum es_status es_policy_build(struct es_arena *arena,
			       struct es_profile *profile,
			       const struct es_surroundings *surroundings,
			       struct es_diags *diags,
			       struct es_policy *policy);
void es_policy_finish(struct es_policy *policy);

/*
 * layers.c: parts POLICY in two: itself becomes what is in force from exec on, with a gate
 * for arming, and *EXACT what is added at the program's entry point, or later if
 * PROFILE says so, without a gate, without what is allowed at the start alone,
 * and without what the loader needs, unless the program has a SCRIPT to open and
 * read in the same way. *EXACT has arrays of POLICY and ARENA. ES_OK or ES_NOMEM.
 */
enum es_status es_policy_part(struct es_arena *arena, struct es_policy *policy,
			      const struct es_profile *profile, bool script,
			      struct es_policy *exact);

/* except.c: chooses the exceptions that hold for what the file SOURCE allows;
 * NULL: for what is always on. */
void es_exceptions_select(struct es_profile *profile,
			  const struct es_source *source);

/* except.c: adds what of RULE the chosen exceptions leave. ES_OK, ES_INVALID
 * or ES_NOMEM. */
enum es_status es_exceptions_take(struct es_arena *arena,
				  struct es_profile *profile,
				  const struct es_rule *rule,
				  struct es_diags *diags,
				  struct es_rules *rules);

/* except.c: an exception that took nothing out is a mistake. */
enum es_status es_exceptions_check(const struct es_profile *profile,
				   struct es_diags *diags);

/* All Landlock rights of a permission, those of what it includes with them, but
 * for what is given at the files that a word is about by itself. */
struct es_rights {
	uint64_t fs, net, scopes;
};
struct es_rights es_word_rights(const struct es_word *word);

/* What its paths are about, and those of what it includes. */
uint64_t es_word_path_rights(const struct es_word *word);

/* Those of a word with files of its own, at these. */
struct es_rights es_word_own_rights(const struct es_word *word);

/* Does a grant of it let other programs or processes be started? */
bool es_word_starts(const struct es_word *word);

/* Descriptors from 3 up are guarded: close_range over them answers ENOSYS, and
 * C libraries then look through /proc/self/fd. */
bool es_policy_lists_fds(const struct es_policy *policy);

/* widen.c: does it name less than there is? */
bool es_grant_names_less(const struct es_grant *grant);

/* widen.c: limits that a file above takes back stay grants, and are limits no
 * more. ES_OK or ES_INVALID. */
enum es_status es_widenings_apply(struct es_profile *profile,
				  struct es_diags *diags);

/* limits.c: the first grant that is held to ports, or NULL: what goes past them
 * has to be meant. */
const struct es_grant *es_ports_find(const struct es_profile *profile);

/* limits.c: errors for what would promise what isn't so. */
enum es_status es_limits_check(const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags);

/* copies.c: the descriptors of which a copy could be read or written to while
 * they themselves can't, also by what a dynamic loader needs if LOADING. False
 * when there is no memory. */
bool es_copies_find(struct es_arena *arena, const struct es_profile *profile,
		    const struct es_policy *policy, bool loading,
		    struct es_ranges *fds);

/* copies.c: does a grant of it let unix sockets be made? */
bool es_word_makes_unix(const struct es_word *word);

/* copies.c: can the program send itself descriptors? They go through unix
 * sockets both of whose ends are its own; what they go with lies in memory,
 * where no filter sees it. *MAKES and *SENDS are what gives that. */
bool es_copies_way(const struct es_policy *policy,
		   const struct es_grant **makes,
		   const struct es_grant **sends);

/* copies.c: an error where it can, beside a limit of a descriptor. ES_OK or
 * ES_INVALID. */
enum es_status es_copies_check(const struct es_profile *profile,
			       const struct es_policy *policy,
			       struct es_diags *diags);

/* fds.c: gives every entry of `fds` its number. ES_OK or ES_INVALID. */
enum es_status es_fds_assign(struct es_profile *profile,
			     struct es_diags *diags);

#endif
