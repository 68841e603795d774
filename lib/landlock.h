/* SPDX-License-Identifier: MIT */
#ifndef ES_LANDLOCK_H
#define ES_LANDLOCK_H

#include "policy.h"
#include "program.h"

/* What a ruleset lets be done with one file, or with all below one folder. */
struct es_landlock_rule {
	const char *path;
	int fd;         /* O_PATH; the plan's, unless BORROWED */
	bool borrowed;
	bool folder;
	bool start; /* for the start of the program alone */
	uint64_t rights;
};

/* What it lets be done with one TCP port. */
struct es_landlock_port {
	uint16_t port;
	bool start;
	uint64_t rights;
};

struct es_landlock_plan {
	int abi; /* 0: there is no Landlock */
	/* What the kernel lacks is told as a warning, and done without. */
	bool best_effort;
	uint64_t handled_fs, handled_net, scoped;
	struct es_landlock_rule *rules; /* owned */
	size_t n, cap;
	struct es_landlock_port *ports; /* owned */
	size_t nports, ports_cap;
	/* Devices take requests only where a permission is about that. */
	bool requests;
	/* The second layer, for which rules of the start don't count. */
	bool second;
	uint64_t second_net, second_scoped; /* what it handles of these */
	bool starting; /* what is added now is of the start */
	struct es_needed *loader_files; /* of programs that exec_path starts */
	size_t nloader_files;
};

/* Every right whose meaning we know, with the ABI that brought it. Scopes are
 * what permissions take off. */
enum es_landlock_kind { ES_LANDLOCK_FS, ES_LANDLOCK_NET, ES_LANDLOCK_SCOPE };
struct es_landlock_right {
	enum es_landlock_kind kind;
	const char *name;
	uint64_t right;
	int abi;
	bool file; /* has a meaning for what is no folder */
};
extern const struct es_landlock_right es_landlock_rights[];
extern const size_t es_nlandlock_rights;

/* The running kernel's Landlock ABI, or -errno where it has none. */
int es_landlock_abi(void);

/* Tells why there is no Landlock, and what would help. */
void es_landlock_missing(int error, enum es_severity severity,
			 struct es_diags *diags);

/* The newest of RIGHTS of KIND that kernels of ABI lack; NULL: they have all. */
const struct es_landlock_right *es_landlock_lacking(enum es_landlock_kind kind,
						    uint64_t rights, int abi);

/* Tells that the kernel lacks RIGHT, which alone would hold CALL. False where that
 * is an error. */
bool es_landlock_unheld(const struct es_landlock_plan *plan,
			const struct es_landlock_right *right,
			struct es_place place, const char *call,
			struct es_diags *diags);

/*
 * Opens the profile's paths, once, and marks optional ones that are missing as
 * skipped. Called before the policy is built, with PLAN's ABI and BEST_EFFORT.
 * Returns ES_OK, ES_INVALID, ES_UNSUPPORTED (a right that the kernel lacks) or
 * ES_NOMEM. Free the plan with es_landlock_finish in any case.
 */
enum es_status es_landlock_paths(struct es_arena *arena,
				 struct es_profile *profile,
				 struct es_diags *diags,
				 struct es_landlock_plan *plan);

/* Adds what starting PROGRAM, if there is one, takes, and the listing of /proc/self/fd if POLICY
 * guards descriptors from 3 up. PROGRAM keeps its descriptors. */
enum es_status es_landlock_program(struct es_landlock_plan *plan,
				   const struct es_program *program,
				   const struct es_policy *policy,
				   struct es_diags *diags);

/* ruleset.c: makes it: *FD is close-on-exec and the caller's; -1 where there is
 * nothing to hold anybody to. */
enum es_status es_landlock_ruleset(const struct es_landlock_plan *plan,
				   struct es_diags *diags, int *fd);

/*
 * The second layer of PLAN, which keeps what it has. What the first one scopes
 * it does not: threads and processes that come to it one by one would be outside
 * of each other's.
 */
struct es_landlock_plan es_landlock_second(const struct es_landlock_plan *plan);

/* The same where there is no first layer. */
struct es_landlock_plan es_landlock_alone(const struct es_landlock_plan *plan);

/* Does a rule count in this layer? */
bool es_landlock_counts(const struct es_landlock_plan *plan,
			const struct es_landlock_rule *rule);

/* ruleset.c: the flags for landlock_restrict_self: what the program is denied is logged
 * where audit is on, also after it has started others. */
unsigned es_landlock_flags(const struct es_landlock_plan *plan);

void es_landlock_finish(struct es_landlock_plan *plan);

/* Prints the rights of a rule, by name, and with TWO layers whether it is of the
 * first alone. */
void es_landlock_print(const struct es_landlock_rule *rule, bool two,
		       FILE *stream);

#endif
