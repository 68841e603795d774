/* SPDX-License-Identifier: MIT */
#ifndef ES_SETS_H
#define ES_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a row is to its permission. */
enum es_role {
	ES_END,     /* ends the rows */
	ES_DEFINES, /* what the permission is for; a limit is void without it */
	ES_BRINGS,  /* what comes along because programs need it with that */
	ES_WHOLE,   /* comes along only where no descriptors are named */
};

/*
 * `CALL... [if CONDITION [and CONDITION]...]`. Besides constants, a condition
 * may name these sets: FDS (what the permission covers), OPENED (what a program
 * gets by opening), LOADER (the one number that a dynamic loader's opens get),
 * SELF (the program's own process id), FAMILY (SELF; any process where Landlock
 * holds signals to the program and its children).
 */
struct es_row {
	enum es_role role;
	const char *rule;
};

enum es_word_flag {
	ES_WORD_STARRED = 1,    /* needs yes_really */
	ES_WORD_LIMIT = 2,      /* names less than its sisters; not in `all` */
	ES_WORD_FDS = 4,        /* takes `fds` */
	ES_WORD_PATH = 8,       /* takes paths as its value */
	ES_WORD_FD = 16,        /* takes a descriptor as its value */
	ES_WORD_COMPOSITE = 32, /* made of others; not in `all` */
	ES_WORD_IN_ALL = 64,    /* takes paths, and is in `all` without one */
	ES_WORD_FOLDER = 128,   /* its paths must be folders */
	ES_WORD_STARTS = 256,   /* starts other programs or processes */
	ES_WORD_NEEDS_PATH = 512, /* takes paths, and is nothing without one */
	ES_WORD_PORTS = 1024,   /* takes `ports` */
	ES_WORD_PAST_PORTS = 2048, /* sends where no port rule holds */
	ES_WORD_REQUESTS = 4096, /* any ioctl of a device, and no list of them */
	/* `all` gives what needs no value and names no less than its sisters. */
	ES_WORD_NOT_IN_ALL = ES_WORD_LIMIT | ES_WORD_COMPOSITE | ES_WORD_PATH |
			     ES_WORD_FD,
};

/* A permission: one row of the table in sets.c. */
struct es_word {
	const char *set, *word;
	const char *about; /* what it gives, one line */
	const char *more;  /* what else is to be known: sentences */
	unsigned flags;
	/* The descriptors that FDS covers unless the profile says otherwise:
	 * NULL for any, "opened", or a number. */
	const char *fds;
	const char *danger; /* starred: why, and what is safer */
	const char *open;   /* what surprisingly stays open, for `check` */
	/* Landlock rights (bits of linux/landlock.h) that it gives, at its paths
	 * and ports if it has any, else everywhere; SCOPES that it takes off. */
	uint64_t fs, net, scopes;
	uint64_t path_right;  /* the one that its paths are about */
	/* What it is about by itself: files and folders, of which the missing
	 * ones are skipped, and TCP ports; "A B", or NULL. The rights are given
	 * there, those of what it includes with them. */
	const char *paths, *ports;
	const char *includes; /* words (SET.WORD) that it includes */
	const struct es_row *rows;
};

extern const struct es_word es_words[]; /* grouped by set */
extern const size_t es_nwords;

/* The sets, ascending by name. */
struct es_set {
	const char *name, *about; /* one line */
	const char *more; /* what is to be known of all its words: sentences */
	bool hidden;      /* for other sets' use */
};
extern const struct es_set es_sets[];
extern const size_t es_nsets;

const struct es_set *es_set_find(const char *name);
const struct es_word *es_word_find(const char *set, const char *word);

/* What moves a file's data: the rules against limits without effect take all
 * calls of a direction together. What changes a file in another way voids a
 * limit on writing to it, but no limit on writing voids one on that. */
enum es_direction { ES_READS = 1, ES_WRITES = 2, ES_CHANGES = 4 };
struct es_mover {
	const char *call, *arg; /* the argument that holds the descriptor */
	enum es_direction direction;
	const char *unless; /* but not where this argument has a condition */
	const char *when;   /* and only where this condition can hold, or NULL */
};
extern const struct es_mover es_movers[];
extern const size_t es_nmovers;

/* A call that no permission gives; by hand it needs yes_really. */
struct es_never {
	const char *call, *reason;
};
extern const struct es_never es_nevers[]; /* ascending by name */
extern const size_t es_nnevers;

const struct es_never *es_never_find(const char *name);

/* The next word of a list of "SET.WORD" at *AT, which moves behind it; NULL at
 * the end. */
const struct es_word *es_word_next(const char **at);

/* Does `all` give it? */
bool es_word_in_all(const struct es_word *word);

/* Calls whose callers have another way when they are told ENOSYS. */
extern const char *const es_fallbacks[]; /* ends with NULL */

#endif
