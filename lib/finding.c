/* SPDX-License-Identifier: MIT */
/* The table of what `check` says, and what each of its rows looks for. */
#include "finding.h"

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

/* The first grant, or OF alone, that lets the program make a call, the loader
 * aside. */
static const struct es_grant *giver(const struct es_finding *finding,
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

static const struct es_grant *gives_write(const struct es_finding *finding)
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
static bool reaches(const struct es_granted *granted, const char *file)
{
	return !granted->grant->path ||
	       (granted->real && is_above(granted->real, file));
}

static bool writes(const struct es_granted *granted)
{
	return granted->rights & LANDLOCK_ACCESS_FS_WRITE_FILE;
}

static bool is_open(struct es_finding *finding)
{
	return finding->grant->word->open;
}

static bool is_everywhere(struct es_finding *finding)
{
	const struct es_grant *grant = finding->grant;

	return (grant->word->flags & ES_WORD_PATH) && !grant->path &&
	       !grant->all;
}

static bool binds_ports(struct es_finding *finding)
{
	const struct es_grant *grant = finding->grant;

	return grant->ports.n &&
	       (grant->word->net & LANDLOCK_ACCESS_NET_BIND_TCP);
}

static bool has_no_filter(struct es_finding *finding)
{
	return finding->profile->landlock.only;
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
static bool is_starred_call(struct es_finding *finding)
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

static bool is_root(struct es_finding *finding)
{
	struct stat root, is;

	return finding->grant->path && !stat("/", &root) &&
	       !stat(finding->grant->path, &is) && root.st_dev == is.st_dev &&
	       root.st_ino == is.st_ino;
}

const char *const es_selves[2] = { "/proc/self", "/proc/thread-self" };

static bool is_own_process(struct es_finding *finding)
{
	const struct es_granted *granted = finding->granted;
	const char *path = granted->grant->path;

	for (size_t i = 0; path && i < ES_COUNT(es_selves); i++)
		if (is_above(es_selves[i], path) ||
		    (granted->real && is_above(finding->own[i], granted->real)))
			return true;
	return false;
}

static bool writes_memory(struct es_finding *finding)
{
	return writes(finding->granted) &&
	       (reaches(finding->granted, finding->mem[0]) ||
		reaches(finding->granted, finding->mem[1]));
}

static bool starts_what_it_writes(struct es_finding *finding)
{
	const struct es_granted *written = finding->granted;

	if (!writes(written) || written->grant->skipped)
		return false;
	for (size_t i = 0; i < finding->nall; i++) {
		const struct es_granted *other = &finding->all[i];
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
static bool maps_what_it_writes(struct es_finding *finding)
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

static bool forks_and_executes(struct es_finding *finding)
{
	finding->grant = GIVER(finding, "execve", 0);
	finding->beside = GIVER(finding, "clone", SIGCHLD);
	return finding->grant && finding->beside;
}

static bool signals_others(struct es_finding *finding)
{
	finding->grant = GIVER(finding, "kill", UINT32_MAX, SIGKILL);
	return finding->grant &&
	       !(finding->plan->scoped & LANDLOCK_SCOPE_SIGNAL);
}

static bool is_installed(const struct es_finding *finding,
			 const struct es_grant *grant)
{
	const struct es_file *file = es_file_of(finding->profile,
						grant->place.source);

	return file && file->installed;
}

/* The first grant that is INSTALLED or not and whose rules are those of one
 * that lets the program look at names. */
static const struct es_grant *prober(const struct es_finding *finding,
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

static bool probes_names(struct es_finding *finding)
{
	finding->grant = prober(finding, false);
	return finding->grant;
}

/* Who runs an installed profile did not write the line that it comes by. */
static bool installed_probes(struct es_finding *finding)
{
	finding->grant = prober(finding, true);
	return finding->grant && !prober(finding, false);
}

/* A descriptor that has a limit may be written to by no other way. */
static bool reopens_to_write(struct es_finding *finding)
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
static bool copies_itself(struct es_finding *finding)
{
	struct es_ranges bare = { 0 };

	return es_copies_find(finding->arena, finding->profile, finding->policy,
			      true, &bare) && bare.n &&
	       es_copies_way(finding->policy, &finding->grant,
			     &finding->beside);
}

static bool is_listed_folder(struct es_finding *finding)
{
	const struct es_fd_entry *entry = finding->entry;
	struct stat is;

	finding->beside = GIVER(finding, "getdents64", (uint64_t)entry->number);
	return finding->beside && entry->path && !stat(entry->path, &is) &&
	       S_ISDIR(is.st_mode);
}

static bool is_inherited(struct es_finding *finding)
{
	return !finding->entry->path &&
	       !es_listen_is(finding->profile,
			     (uint64_t)finding->entry->number);
}

/* The paths of one list are told at once. */
static bool is_skipped(struct es_finding *finding)
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

static bool lacks_locale(struct es_finding *finding)
{
	static const char locales[] = "/usr/lib/locale";

	for (size_t i = 0; i < finding->nall; i++) {
		const struct es_granted *granted = &finding->all[i];
		const char *own = granted->grant->word->paths;

		if ((own && strstr(own, locales)) ||
		    ((granted->rights & LANDLOCK_ACCESS_FS_READ_FILE) &&
		     reaches(granted, locales)))
			return false;
	}
	return true;
}

static bool probes_no_more(struct es_finding *finding)
{
	return !prober(finding, false) && !prober(finding, true);
}

/* What `all` means for files is more than its name says, and less. */
static bool changes_all_files(struct es_finding *finding)
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

static bool lacks_net(struct es_finding *finding)
{
	return finding->plan->abi < 4;
}

static bool lacks_scopes(struct es_finding *finding)
{
	return finding->plan->abi < 6;
}

static bool always(struct es_finding *finding)
{
	return finding;
}

const struct es_warning es_warnings[] = {
	{ ES_WARNING, ES_OF_WORD, is_open, NULL },
	{ ES_WARNING, ES_OF_GRANT, is_starred_call, NULL },
	{ ES_WARNING, ES_OF_GRANT, is_everywhere,
	  "without a path it holds everywhere" },
	{ ES_WARNING, ES_OF_GRANT, binds_ports,
	  "beside its ports, one of the kernel's choice can be listened on: "
	  "listen(2) without bind(2) asks no rule; `fds` can hand over a socket "
	  "that listens" },
	{ ES_WARNING, ES_OF_GRANT, is_root,
	  "this is every file: as without a path, it holds everywhere" },
	{ ES_WARNING, ES_OF_GRANT, is_own_process,
	  "this is what it leads to at the start, and the first process's: "
	  "processes that it makes reach that one's, and not their own" },
	{ ES_WARNING, ES_OF_GRANT, writes_memory,
	  "through /proc/self/mem the program can write to its own memory, to "
	  "code and read-only data as well, so injected code runs" },
	{ ES_WARNING, ES_OF_GRANT, starts_what_it_writes,
	  "what is written there can be started as a program" },
	{ ES_WARNING, ES_OF_GRANT, maps_what_it_writes,
	  "what is written there can be mapped executable, so injected code "
	  "runs" },
	{ ES_WARNING, ES_OF_ENTRY, is_listed_folder,
	  "a folder that is handed over can be listed, whatever the paths "
	  "say" },
	{ ES_WARNING, ES_OF_ALL, has_no_filter,
	  "there is no filter: but for files, TCP ports and the scopes, the "
	  "program can do what the user can" },
	{ ES_WARNING, ES_OF_ALL, forks_and_executes,
	  "beside fork, the program can leave any number of processes behind "
	  "that run other programs; nothing ends them with it" },
	{ ES_WARNING, ES_OF_ALL, signals_others,
	  "signals reach every process that the user may signal, not the "
	  "program's own only" },
	{ ES_WARNING, ES_OF_ALL, probes_names,
	  "names can be probed: of any file it tells whether it exists, its "
	  "owner, size and times, whatever the paths say" },
	{ ES_WARNING, ES_OF_ALL, changes_all_files,
	  "`SystemIO: all` removes, renames and changes files everywhere, "
	  "though it opens none; name the words that are needed" },
	{ ES_WARNING, ES_OF_ALL, reopens_to_write,
	  "a pipe or memory file at a descriptor with a limit can be opened "
	  "again through /proc/self/fd, and be written to" },
	{ ES_WARNING, ES_OF_ALL, copies_itself,
	  "through a unix socket the program can send itself copies of "
	  "descriptors, and do with those what no permission lets it do with "
	  "0 to 2 or what is handed over" },

	{ ES_NOTE, ES_OF_GRANT, is_skipped,
	  "it does not exist, so it is skipped" },
	{ ES_NOTE, ES_OF_ENTRY, is_inherited,
	  "what is handed over can't be told here: a folder can be listed if "
	  "a permission lists, a file be used as it was opened" },
	{ ES_NOTE, ES_OF_ALL, lacks_locale,
	  "no permission reads /usr/lib/locale, so text is sorted and printed "
	  "as in the C locale, by most programs in silence" },
	{ ES_NOTE, ES_OF_ALL, lacks_net,
	  "this kernel's Landlock knows nothing of TCP (Linux 6.7 does), so "
	  "the filter alone holds connect and bind" },
	{ ES_NOTE, ES_OF_ALL, lacks_scopes,
	  "this kernel's Landlock knows nothing of signals and abstract unix "
	  "sockets (Linux 6.12 does), so the filter alone holds these" },
	{ ES_NOTE, ES_OF_ALL, installed_probes,
	  "names can be probed: of any file whether it exists, its owner, "
	  "size and times" },
	{ ES_NOTE, ES_OF_ALL, probes_no_more,
	  "names of files can be probed, and their owners, sizes and times be "
	  "found out (stat, access, readlink)" },
	{ ES_NOTE, ES_OF_ALL, always,
	  "pipes and memfds that are handed over, 0 to 2 as well, can be "
	  "opened again through /proc/self/fd: to read where anything can "
	  "be opened, as by a dynamic loader, to write where files can be "
	  "opened to write" },
};
const size_t es_nwarnings = ES_COUNT(es_warnings);
