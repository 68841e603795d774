/* SPDX-License-Identifier: MIT */
/* What `check` says of a profile that has no mistakes: one table of rows. */
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "compat.h"
#include "judge.h"
#include "listen.h"
#include "util.h"

/* A grant, and what its path is without links: NULL where it has none, or is
 * not there. */
struct granted {
	const struct es_grant *grant;
	const char *real;
	uint64_t rights; /* Landlock's, on files */
	bool first;      /* of its permission */
};

/* What a row is asked about, and what it found. */
struct finding {
	struct es_arena *arena;
	const struct es_profile *profile;
	const struct es_policy *policy;
	const struct es_landlock_plan *plan;
	const struct granted *all;
	size_t nall;
	const char *own[2]; /* /proc/self and thread-self without links */
	const char *mem[2]; /* and what is its memory there */
	const struct es_fd_entry *entry; /* rows of OF_ENTRY */
	const struct granted *granted;   /* of OF_WORD and OF_GRANT */
	const struct es_grant *grant;    /* the same; those of OF_ALL may set */
	const struct es_grant *beside;   /* what makes it so; may be set */
	const struct es_word *like;      /* whose danger it has; may be set */
	const char *more;                /* to be said behind it; may be set */
};

enum subject {
	OF_WORD,  /* each permission, at its first place */
	OF_GRANT, /* each path, and each permission without one */
	OF_ENTRY, /* each entry of `fds` */
	OF_ALL,   /* the whole */
};

struct row {
	enum es_severity severity;
	enum subject subject;
	bool (*holds)(struct finding *finding);
	const char *text; /* NULL: what the table of sets says is open */
};

/* The first grant, or OF alone, that lets the program make a call, the loader
 * aside. */
static const struct es_grant *giver(const struct finding *finding,
				    const struct es_grant *of,
				    const char *name, const uint64_t args[6])
{
	const struct es_syscall *call = es_syscall_find(name, strlen(name));
	const int nr = call ? es_syscall_number(call) : -1;
	const struct es_rules *rules = &finding->policy->allowed;

	if (nr < 0)
		return NULL;
	for (uint32_t i = rules->first[nr]; i < rules->first[nr + 1]; i++)
		if (rules->at[i].grant && (!of || rules->at[i].grant == of) &&
		    es_conds_hold(&rules->at[i].conds, args))
			return rules->at[i].grant;
	return NULL;
}

#define GIVER(finding, name, ...) \
	giver(finding, NULL, name, (const uint64_t[6]){ __VA_ARGS__ })

static const struct es_grant *gives_write(const struct finding *finding)
{
	return GIVER(finding, "openat", (uint64_t)AT_FDCWD, 1, O_RDWR);
}

/* Is PATH FILE, or a folder above it? Both are absolute and without links. */
static bool is_above(const char *path, const char *file)
{
	const size_t len = strlen(path);

	return !strcmp(path, "/") ||
	       (!strncmp(path, file, len) && (!file[len] || file[len] == '/'));
}

/* Can what is given be at FILE? A permission without a path is everywhere. */
static bool reaches(const struct granted *granted, const char *file)
{
	return !granted->grant->path ||
	       (granted->real && is_above(granted->real, file));
}

static bool writes(const struct granted *granted)
{
	return granted->rights & LANDLOCK_ACCESS_FS_WRITE_FILE;
}

static bool is_open(struct finding *finding)
{
	return finding->grant->word->open;
}

static bool is_everywhere(struct finding *finding)
{
	const struct es_grant *grant = finding->grant;

	return (grant->word->flags & ES_WORD_PATH) && !grant->path;
}

/* Does ROW give the call NAME, whatever its arguments but descriptors are? */
static bool gives_whole(const struct es_row *row, const char *name)
{
	const size_t len = strlen(name);
	const char *cond = strstr(row->rule, " if ");
	const char *const end = cond ? cond : strchr(row->rule, '\0');

	if (cond && (strstr(cond, " and ") || !strstr(cond, " in FDS")))
		return false;
	for (const char *at = row->rule; at < end; at += strcspn(at, " ") + 1)
		if (!strncmp(at, name, len) && strcspn(at, " ") == len)
			return true;
	return false;
}

/* A whole call by hand which otherwise takes `yes_really`. */
static bool is_starred_call(struct finding *finding)
{
	const struct es_word *own = finding->grant->word;

	if (!finding->grant->rule_place.source || (own->flags & ES_WORD_LIMIT))
		return false;
	for (size_t i = 0; i < es_nwords && !finding->like; i++)
		for (const struct es_row *row = es_words[i].rows;
		     row && row->rule; row++)
			if ((es_words[i].flags & ES_WORD_STARRED) &&
			    row->role == ES_DEFINES &&
			    gives_whole(row, own->word))
				finding->like = &es_words[i];
	return finding->like;
}

static bool is_root(struct finding *finding)
{
	struct stat root, is;

	return finding->grant->path && !stat("/", &root) &&
	       !stat(finding->grant->path, &is) && root.st_dev == is.st_dev &&
	       root.st_ino == is.st_ino;
}

static const char *const selves[2] = { "/proc/self", "/proc/thread-self" };

static bool is_own_process(struct finding *finding)
{
	const struct granted *granted = finding->granted;
	const char *path = granted->grant->path;

	for (size_t i = 0; path && i < ES_COUNT(selves); i++)
		if (is_above(selves[i], path) ||
		    (granted->real && is_above(finding->own[i], granted->real)))
			return true;
	return false;
}

static bool writes_memory(struct finding *finding)
{
	return writes(finding->granted) &&
	       (reaches(finding->granted, finding->mem[0]) ||
		reaches(finding->granted, finding->mem[1]));
}

static bool starts_what_it_writes(struct finding *finding)
{
	const struct granted *written = finding->granted;

	if (!writes(written) || written->grant->skipped)
		return false;
	for (size_t i = 0; i < finding->nall; i++) {
		const struct granted *other = &finding->all[i];
		const struct es_grant *grant = other->grant;

		if (!(other->rights & LANDLOCK_ACCESS_FS_EXECUTE) ||
		    grant->skipped ||
		    (other->real && !reaches(written, other->real) &&
		     written->real && !reaches(other, written->real)))
			continue;
		finding->beside = grant;
		return true;
	}
	return false;
}

/* Nobody maps a device, such as /dev/null, executable. */
static bool maps_what_it_writes(struct finding *finding)
{
	const struct es_grant *grant = finding->grant;
	struct stat is;
	const uint64_t fd = finding->policy->opened.n ?
			    finding->policy->opened.at[0].lo : 3;

	if (!writes(finding->granted))
		return false;
	finding->beside = GIVER(finding, "mmap", 0, 1, PROT_READ | PROT_EXEC,
				MAP_PRIVATE, fd);
	return finding->beside &&
	       (!grant->path || (!stat(grant->path, &is) &&
				 (S_ISREG(is.st_mode) || S_ISDIR(is.st_mode))));
}

static bool forks_and_executes(struct finding *finding)
{
	finding->grant = GIVER(finding, "execve", 0);
	finding->beside = GIVER(finding, "clone", SIGCHLD);
	return finding->grant && finding->beside;
}

static bool signals_others(struct finding *finding)
{
	finding->grant = GIVER(finding, "kill", UINT32_MAX, SIGKILL);
	return finding->grant &&
	       !(finding->plan->scoped & LANDLOCK_SCOPE_SIGNAL);
}

static bool is_installed(const struct finding *finding,
			 const struct es_grant *grant)
{
	const struct es_file *file = es_file_of(finding->profile,
						grant->place.source);

	return file && file->installed;
}

/* The first grant that is INSTALLED or not and whose rules are those of one
 * that lets the program look at names. */
static const struct es_grant *prober(const struct finding *finding,
				     bool installed)
{
	static const char *const calls[] = { "statx", "stat", "lstat",
					     "newfstatat", "faccessat",
					     "faccessat2" };

	static const uint64_t args[6] = { 0 };

	for (size_t i = 0; i < finding->nall; i++) {
		const struct es_grant *grant = finding->all[i].grant;
		const struct es_grant *rules = grant->like ? grant->like :
							     grant;

		for (size_t k = 0; k < ES_COUNT(calls); k++)
			if (is_installed(finding, grant) == installed &&
			    giver(finding, rules, calls[k], args))
				return grant;
	}
	return NULL;
}

static bool probes_names(struct finding *finding)
{
	finding->grant = prober(finding, false);
	return finding->grant;
}

/* Who runs an installed profile did not write the line that it comes by. */
static bool installed_probes(struct finding *finding)
{
	finding->grant = prober(finding, true);
	return finding->grant && !prober(finding, false);
}

/* A descriptor that has a limit may be written to by no other way. */
static bool reopens_to_write(struct finding *finding)
{
	const struct es_ranges *guarded = &finding->policy->guarded;

	finding->grant = gives_write(finding);
	for (size_t i = 0; finding->grant && i < guarded->n; i++)
		for (uint64_t fd = guarded->at[i].lo; fd <= guarded->at[i].hi;
		     fd++)
			if (!GIVER(finding, "write", fd) &&
			    !es_listen_is(finding->profile, fd))
				return true;
	return false;
}

/* What no permission names of 0 to 2, and of what is handed over. */
static bool copies_itself(struct finding *finding)
{
	struct es_ranges bare = { 0 };

	return es_copies_find(finding->arena, finding->profile, finding->policy,
			      &bare) && bare.n &&
	       es_copies_way(finding->policy, &finding->grant,
			     &finding->beside);
}

static bool is_listed_folder(struct finding *finding)
{
	const struct es_fd_entry *entry = finding->entry;
	struct stat is;

	finding->beside = GIVER(finding, "getdents64", (uint64_t)entry->number);
	return finding->beside && entry->path && !stat(entry->path, &is) &&
	       S_ISDIR(is.st_mode);
}

static bool is_inherited(struct finding *finding)
{
	return !finding->entry->path &&
	       !es_listen_is(finding->profile,
			     (uint64_t)finding->entry->number);
}

/* The paths of one list are told at once. */
static bool is_skipped(struct finding *finding)
{
	const struct es_grant *grant = finding->grant;
	const struct es_place place = grant->place;
	const char *more = NULL;

	if (!grant->skipped)
		return false;
	for (size_t i = 0; i < finding->nall; i++) {
		const struct es_grant *other = finding->all[i].grant;

		if (other == grant || !other->skipped ||
		    other->place.source != place.source ||
		    other->place.line != place.line ||
		    other->place.column != place.column)
			continue;
		if (&finding->all[i] < finding->granted)
			return false;
		more = es_arena_printf(finding->arena, "%s%s%s",
				       more ? more : "; so are ",
				       more ? ", " : "", other->path);
		if (!more)
			return true;
	}
	finding->more = more;
	return true;
}

static bool lacks_locale(struct finding *finding)
{
	for (size_t i = 0; i < finding->nall; i++)
		if ((finding->all[i].rights & LANDLOCK_ACCESS_FS_READ_FILE) &&
		    reaches(&finding->all[i], "/usr/lib/locale"))
			return false;
	return true;
}

static bool probes_no_more(struct finding *finding)
{
	return !prober(finding, false) && !prober(finding, true);
}

/* What `all` means for files is more than its name says, and less. */
static bool changes_all_files(struct finding *finding)
{
	for (size_t i = 0; i < finding->nall; i++) {
		const struct es_grant *grant = finding->all[i].grant;

		finding->grant = grant;
		if (grant->all && !strcmp(grant->word->set, "SystemIO") &&
		    !strcmp(grant->word->word, "unlink"))
			return true;
	}
	return false;
}

static bool lacks_net(struct finding *finding)
{
	return finding->plan->abi < 4;
}

static bool lacks_scopes(struct finding *finding)
{
	return finding->plan->abi < 6;
}

static bool always(struct finding *finding)
{
	return finding;
}

static const struct row rows[] = {
	{ ES_WARNING, OF_WORD, is_open, NULL },
	{ ES_WARNING, OF_GRANT, is_starred_call, NULL },
	{ ES_WARNING, OF_GRANT, is_everywhere,
	  "without a path it holds everywhere" },
	{ ES_WARNING, OF_GRANT, is_root,
	  "this is every file: as without a path, it holds everywhere" },
	{ ES_WARNING, OF_GRANT, is_own_process,
	  "this is what it leads to at the start, and the first process's: "
	  "processes that it makes reach that one's, and not their own" },
	{ ES_WARNING, OF_GRANT, writes_memory,
	  "through /proc/self/mem the program can write to its own memory, to "
	  "code and read-only data as well, so injected code runs" },
	{ ES_WARNING, OF_GRANT, starts_what_it_writes,
	  "what is written there can be started as a program" },
	{ ES_WARNING, OF_GRANT, maps_what_it_writes,
	  "what is written there can be mapped executable, so injected code "
	  "runs" },
	{ ES_WARNING, OF_ENTRY, is_listed_folder,
	  "a folder that is handed over can be listed, whatever the paths "
	  "say" },
	{ ES_WARNING, OF_ALL, forks_and_executes,
	  "beside fork, the program can leave any number of processes behind "
	  "that run other programs; nothing ends them with it" },
	{ ES_WARNING, OF_ALL, signals_others,
	  "signals reach every process that the user may signal, not the "
	  "program's own only" },
	{ ES_WARNING, OF_ALL, probes_names,
	  "names can be probed: of any file it tells whether it exists, its "
	  "owner, size and times, whatever the paths say" },
	{ ES_WARNING, OF_ALL, changes_all_files,
	  "`SystemIO: all` removes, renames and changes files everywhere, "
	  "though it opens none; name the words that are needed" },
	{ ES_WARNING, OF_ALL, reopens_to_write,
	  "a pipe or memory file at a descriptor with a limit can be opened "
	  "again through /proc/self/fd, and be written to" },
	{ ES_WARNING, OF_ALL, copies_itself,
	  "through a unix socket the program can send itself copies of "
	  "descriptors, and do with those what no permission lets it do with "
	  "0 to 2 or what is handed over" },

	{ ES_NOTE, OF_GRANT, is_skipped, "it does not exist, so it is skipped" },
	{ ES_NOTE, OF_ENTRY, is_inherited,
	  "what is handed over can't be told here: a folder can be listed if "
	  "a permission lists, a file be used as it was opened" },
	{ ES_NOTE, OF_ALL, lacks_locale,
	  "no permission reads /usr/lib/locale, so text is sorted and printed "
	  "as in the C locale, by most programs in silence" },
	{ ES_NOTE, OF_ALL, lacks_net,
	  "this kernel's Landlock knows nothing of TCP (Linux 6.7 does), so "
	  "the filter alone holds connect and bind" },
	{ ES_NOTE, OF_ALL, lacks_scopes,
	  "this kernel's Landlock knows nothing of signals and abstract unix "
	  "sockets (Linux 6.12 does), so the filter alone holds these" },
	{ ES_NOTE, OF_ALL, installed_probes,
	  "names can be probed: of any file whether it exists, its owner, "
	  "size and times" },
	{ ES_NOTE, OF_ALL, probes_no_more,
	  "names of files can be probed, and their owners, sizes and times be "
	  "found out (stat, access, readlink)" },
	{ ES_NOTE, OF_ALL, always,
	  "pipes and memfds that are handed over, 0 to 2 as well, can be "
	  "opened again through /proc/self/fd: to read in every dynamic "
	  "program, to write where files can be opened to write" },
};

/* " (with SET.WORD, FILE:LINE:COLUMN)" of what makes it so, or "". */
static const char *describe(struct es_arena *arena,
			    const struct es_grant *beside)
{
	const struct es_place place = beside ? beside->place : ES_NOWHERE;
	const char *text = "";

	if (place.source)
		text = es_arena_printf(arena, " (with %s.%s, %s:%u:%u)",
				       beside->word->set, beside->word->word,
				       place.source->name, place.line,
				       place.column);
	else if (beside)
		text = es_arena_printf(arena, " (with %s.%s)",
				       beside->word->set, beside->word->word);
	return text ? text : "";
}

static void report(const struct row *row, const struct finding *finding,
		   struct es_diags *diags)
{
	const struct es_grant *grant = finding->grant;
	const char *text = row->text ? row->text :
			   finding->like ? finding->like->danger :
					   grant->word->open;
	const char *beside = describe(finding->arena, finding->beside);

	if (finding->entry)
		es_diag(diags, row->severity, finding->entry->place,
			"'%s': %s%s", finding->entry->name, text, beside);
	else if (grant && grant->path && row->subject == OF_GRANT)
		es_diag(diags, row->severity, grant->path_place,
			"'%s': %s%s%s", grant->path, text, beside,
			finding->more ? finding->more : "");
	else if (grant)
		es_diag(diags, row->severity, grant->place, "%s.%s: %s%s",
			grant->word->set, grant->word->word, text, beside);
	else
		es_diag(diags, row->severity, ES_NOWHERE, "%s%s", text,
			beside);
}

/* Asks all rows of one severity and SUBJECT. */
static void ask(enum es_severity severity, enum subject subject,
		const struct finding *about, struct es_diags *diags)
{
	for (size_t i = 0; i < ES_COUNT(rows); i++) {
		struct finding finding = *about;

		if (rows[i].severity == severity &&
		    rows[i].subject == subject && rows[i].holds(&finding))
			report(&rows[i], &finding, diags);
	}
}

static void ask_all(enum es_severity severity, const struct finding *about,
		    struct es_diags *diags)
{
	struct finding finding = *about;

	for (size_t i = 0; i < finding.nall; i++) {
		finding.granted = &finding.all[i];
		finding.grant = finding.granted->grant;
		if (finding.granted->first)
			ask(severity, OF_WORD, &finding, diags);
		ask(severity, OF_GRANT, &finding, diags);
	}
	finding = *about;
	for (const struct es_fd_entry *e = finding.profile->fds; e;
	     e = e->next) {
		finding.entry = e;
		ask(severity, OF_ENTRY, &finding, diags);
	}
	ask(severity, OF_ALL, about, diags);
}

static const char *resolved(struct es_arena *arena, const char *path)
{
	es_autofree char *real = path ? realpath(path, NULL) : NULL;

	if (path && !real)
		arena->exhausted |= errno == ENOMEM;
	return real ? es_arena_copy(arena, real, strlen(real)) : NULL;
}

static bool is_first(const struct es_profile *profile,
		     const struct es_grant *grant)
{
	const struct es_grant *first = profile->grants;

	while (first->word != grant->word)
		first = first->next;
	return first == grant;
}

static enum es_status prepare(struct es_context *context,
			      const struct es_compiled *compiled,
			      struct finding *finding)
{
	struct es_arena *arena = &context->arena;
	const struct es_profile *profile = &context->profile;
	struct granted *all = NULL;
	size_t n = 0;

	for (const struct es_grant *g = profile->grants; g; g = g->next)
		n++;
	all = es_arena_alloc(arena, (n + 1) * sizeof(*all));
	*finding = (struct finding){
		.arena = arena,
		.profile = profile,
		.policy = es_compiled_policy(compiled),
		.plan = &compiled->plan,
		.all = all,
		.nall = n,
	};
	for (size_t i = 0; i < ES_COUNT(selves); i++) {
		const char *own = resolved(arena, selves[i]);

		finding->own[i] = own ? own : selves[i]; /* no /proc here */
		finding->mem[i] = es_arena_printf(arena, "%s/mem",
						  finding->own[i]);
	}
	for (const struct es_grant *g = profile->grants; g && all;
	     g = g->next)
		*all++ = (struct granted){ g, resolved(arena, g->path),
					   es_word_rights(g->word).fs,
					   is_first(profile, g) };
	return arena->exhausted ? ES_NOMEM : ES_OK;
}

enum es_status es_warn(struct es_context *context,
		       const struct es_compiled *compiled, bool verbose,
		       struct es_diags *diags)
{
	struct finding finding;
	const enum es_status status = prepare(context, compiled, &finding);

	if (status != ES_OK)
		return status;
	if (verbose) {
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"%zu system calls are allowed, if only on conditions; "
			"the filter has %zu instructions and is proven equal "
			"to the policy; Landlock ABI %d",
			context->summary.calls, context->summary.instructions,
			compiled->plan.abi);
		es_diag(diags, ES_NOTE, ES_NOWHERE,
			"%s what its loader needs: to open, read and map "
			"(executable too) the program, its libraries' folders "
			"and the loader's own files, through descriptor %u "
			"only", compiled->until != ES_UNTIL_ENTRY ?
			"until it has started up, a program has what `startup` "
			"allows and, if it is dynamic," : compiled->arms ?
			"up to its entry point, where the exact filter is "
			"added, a dynamic program has besides" :
			"armed at exec, so for a dynamic program stays open",
			compiled->policy.loader_fd);
		ask_all(ES_NOTE, &finding, diags);
	}
	es_byhand_tell(&context->profile, verbose, diags);
	es_listen_tell(&context->profile, diags);
	ask_all(ES_WARNING, &finding, diags);
	return context->arena.exhausted ? ES_NOMEM : ES_OK;
}
