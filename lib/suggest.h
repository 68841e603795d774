/* SPDX-License-Identifier: MIT */
/* What a policy says to a call, and what to write so that it says yes. */
#ifndef ES_SUGGEST_H
#define ES_SUGGEST_H

#include "access.h"
#include "piece.h"

/* Which descriptors suggestions may name. What they name has a limit then, that
 * other permissions may void; and programs that start others move descriptors 0
 * to 2 about. */
enum es_naming {
	ES_NAME_ANY,
	ES_NAME_OPENED, /* none of 0 to 2 */
	ES_NAME_NONE,
	ES_NNAMINGS,
};

/* What is in force. */
struct es_force {
	struct es_arena *arena;
	const struct es_profile *profile;
	const struct es_policy *policy;
	/* Resolved by es_landlock_resolve; NULL: paths are not asked after. */
	const struct es_landlock_plan *plan;
	enum es_naming naming;
};

/* A call, and what is known of it beside its registers. */
struct es_asked {
	struct es_call call;
	/* What its path arguments point to, in the order of es_uses_of,
	 * absolute and as the program gave them. NULL: not known, or none. */
	const char *paths[ES_MAX_PATHS];
	/* The family of the address that it points to; 0: not known. And the
	 * TCP port that it names, if it names one that is known. */
	unsigned family, port;
	bool has_port;
};

/* What becomes of a call. */
struct es_answer {
	struct es_verdict verdict; /* the filter's */
	bool guarded;  /* by a rule that goes before what is allowed */
	/* What Landlock's rules lack at PATH, or at PORT where there is none; 0:
	 * they let it pass, or the filter does not, so that they are not
	 * asked. */
	uint64_t lacks;
	const char *path;
	unsigned port;
};

/* False when there is no memory. */
bool es_answer(const struct es_force *force, const struct es_asked *asked,
	       struct es_answer *answer);

/* Does the answer let the call be done? An errno of 0 does not, but is no
 * denial either: the program is told that it was. */
bool es_answer_denies(const struct es_answer *answer);

enum { ES_MAX_BESIDE = 7 };

enum es_advice_kind {
	ES_ADVICE_GIVE,  /* PIECES, all of them, allow the call */
	ES_ADVICE_NEVER, /* no permission gives it */
	ES_ADVICE_GUARD, /* something goes before whatever is given */
	ES_ADVICE_NONE,  /* nothing that can be written allows it */
};

struct es_advice {
	enum es_advice_kind kind;
	struct es_piece pieces[ES_MAX_BESIDE + 1];
	size_t n;
	const char *reason; /* why not; with pieces: what is to be known, or
			     * NULL */
};

/*
 * The narrowest permissions that allow a call which ANSWER denies. Narrowest is
 * what comes first of: no `yes_really`; starts no programs; a path where the
 * call takes one; one permission rather than two; one that is for this call
 * rather than brings it along; fewest arguments of it allowed; fewest system
 * calls; fewest of Landlock's rights; the alphabet. Strings lie in the arena or
 * are literals. False when there is no memory.
 */
bool es_advise(const struct es_force *force, const struct es_asked *asked,
	       const struct es_answer *answer, struct es_advice *advice);

/* The limit that a guard of CALL is there for, or NULL. */
const struct es_grant *es_guard_of(const struct es_force *force,
				   const struct es_call *call);

/* What a call needs of Landlock in one place. */
struct es_spot {
	const char *path; /* NULL: can't be named, or PORT is the place */
	bool is_folder, is_port;
	unsigned port;
	uint64_t rights; /* to files, or on the port */
};

/* What it needs in all: what is not there yet can't be named, so that its folder
 * is the place. */
struct es_wanted {
	struct es_spot at[2 * ES_MAX_PATHS + 1];
	size_t n;
	const char *path; /* that it names, if nothing is needed there; NULL:
			   * unknown, or none */
	bool is_folder;
	bool held;        /* the call is held to paths or ports, if not always */
};
bool es_wanted_find(const struct es_force *force, const struct es_asked *asked,
		    struct es_wanted *wanted);

#endif
