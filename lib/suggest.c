/* SPDX-License-Identifier: MIT */
#include "suggest.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "compat.h"
#include "decode.h"
#include "measure.h"
#include "util.h"

/* A permission with one value, on trial. */
struct candidate {
	struct es_piece piece;
	struct es_piece beside[ES_MAX_BESIDE]; /* what else is needed */
	size_t nbeside;
	struct es_measure measure;
	unsigned calls, rights;
	bool everywhere; /* where a path could be named */
	bool stream;     /* it is the word of a standard stream */
	bool writes;     /* it gives calls that write */
};

static bool is_stdio(const struct es_word *word)
{
	return (word->flags & ES_WORD_COMPOSITE) && word->fds;
}

static bool is_suggested(const struct es_force *force,
			 const struct es_word *word)
{
	const struct es_set *set = es_set_find(word->set);

	if (!set || set->hidden)
		return false;
	if (force->naming != ES_NAME_ANY && is_stdio(word))
		return true;
	/* What is made of others gives nothing that none of them does. */
	return !(word->flags & ES_WORD_COMPOSITE) &&
	       !(force->naming != ES_NAME_ANY && (word->flags & ES_WORD_LIMIT));
}

static void weigh(struct candidate *candidate)
{
	const struct es_word *word = candidate->piece.word;
	const struct es_rights rights = es_word_rights(word);

	candidate->calls = es_piece_calls(&candidate->piece);
	candidate->stream = word->fds && *word->fds >= '0' &&
			    *word->fds <= '9';
	candidate->writes = es_piece_writes(&candidate->piece);
	candidate->rights = (unsigned)(__builtin_popcountll(rights.fs) +
				       __builtin_popcountll(rights.net) +
				       __builtin_popcountll(rights.scopes));
}

/* Is A the narrower one? */
static bool narrower(const struct candidate *a, const struct candidate *b)
{
	const struct es_word *left = a->piece.word, *right = b->piece.word;
	const long orders[] = {
		(long)(left->flags & ES_WORD_STARRED) -
			(long)(right->flags & ES_WORD_STARRED),
		(long)(left->flags & ES_WORD_STARTS) -
			(long)(right->flags & ES_WORD_STARTS),
		(long)a->everywhere - b->everywhere,
		(long)a->nbeside - (long)b->nbeside,
		(long)b->measure.defines - a->measure.defines,
		(long)b->measure.narrow - (long)a->measure.narrow,
		(long)b->stream - a->stream,
		(long)a->writes - b->writes,
		(long)a->calls - (long)b->calls,
		(long)a->rights - (long)b->rights,
	};

	if (left == right && a->measure.narrow != b->measure.narrow)
		return a->measure.narrow > b->measure.narrow;
	for (size_t i = 0; i < ES_COUNT(orders); i++)
		if (orders[i])
			return orders[i] < 0;
	return es_piece_compare(&a->piece, &b->piece) < 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return path && !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Adds RIGHTS that are needed at PATH, NULL if that can't be named. */
static void want(struct es_wanted *wanted, const char *path, uint64_t rights)
{
	struct es_spot *spot = wanted->at;

	if (!rights)
		return;
	if (path && !es_path_is_writable(path))
		path = NULL;
	while (spot < wanted->at + wanted->n &&
	       (!spot->path != !path ||
		(path && strcmp(spot->path, path) != 0)))
		spot++;
	if (spot == wanted->at + wanted->n) {
		wanted->n++;
		*spot = (struct es_spot){ .path = path,
					  .is_folder = is_folder(path) };
	}
	spot->rights |= rights;
}

bool es_wanted_find(const struct es_force *force,
		    const struct es_asked *asked, struct es_wanted *wanted)
{
	struct es_use uses[ES_MAX_PATHS];
	const size_t n = es_uses_of(&asked->call, uses);
	const uint64_t on_port = es_port_right(&asked->call);
	struct es_needs needs[2];

	*wanted = (struct es_wanted){ 0 };
	for (size_t i = 0; i < n; i++) {
		const struct es_needs *file = &needs[0], *folder = &needs[1];

		if (!asked->paths[i])
			continue;
		if (!es_needs_of(force->arena, &uses[i], asked->paths[i],
				 needs))
			return false;
		wanted->held |= uses[i].file || uses[i].folder;
		want(wanted, file->exists ? file->path :
			     folder->exists ? folder->path : NULL,
		     file->rights);
		want(wanted, folder->exists ? folder->path : NULL,
		     folder->rights);
		if (!wanted->path && (file->exists || folder->exists))
			wanted->path = file->exists ? file->path : folder->path;
	}
	if (wanted->path && !es_path_is_writable(wanted->path))
		wanted->path = NULL;
	wanted->is_folder = is_folder(wanted->path);
	if (on_port && asked->has_port) {
		wanted->held = true;
		wanted->at[wanted->n++] = (struct es_spot){
			.is_port = true, .port = asked->port,
			.rights = on_port };
	}
	return true;
}

/* The word that is about RIGHT at paths; NULL: this version has none. */
static const struct es_word *word_about(uint64_t right)
{
	for (size_t i = 0; i < es_nwords; i++)
		if (es_words[i].path_right & right)
			return &es_words[i];
	return NULL;
}

static bool fits(const struct es_word *word, bool is_folder)
{
	return is_folder || !(word->flags & ES_WORD_FOLDER);
}

static bool beside(struct candidate *candidate, const struct es_word *word,
		   const char *path)
{
	if (candidate->nbeside == ES_COUNT(candidate->beside))
		return false;
	candidate->beside[candidate->nbeside++] =
		(struct es_piece){ .word = word, .path = path };
	return true;
}

/* Names SPOT for the candidate's word, and for others what that lacks there. */
static bool place(const struct es_spot *spot, struct candidate *candidate)
{
	const struct es_word *word = candidate->piece.word;
	uint64_t lacks = spot->rights & ~es_word_rights(word).fs;

	if (!spot->path)
		return false;
	if (lacks != spot->rights) {
		if (!fits(word, spot->is_folder))
			return false;
		if (!candidate->piece.path)
			candidate->piece.path = spot->path;
		else if (!beside(candidate, word, spot->path))
			return false;
	}
	while (lacks) {
		const struct es_word *other = word_about(lacks & -lacks);

		if (!other || !fits(other, spot->is_folder) ||
		    !beside(candidate, other, spot->path))
			return false;
		lacks &= ~es_word_rights(other).fs;
	}
	return true;
}

/* Nothing is needed of Landlock, or nobody knows what. */
static bool place_unneeded(const struct es_wanted *wanted,
			   struct candidate *candidate)
{
	const struct es_word *word = candidate->piece.word;

	if (!wanted->path)
		return word->flags & ES_WORD_IN_ALL;
	candidate->piece.path = wanted->path;
	return fits(word, wanted->is_folder);
}

/* Completes CANDIDATE with what Landlock wants; false: it can't be had with this
 * one. */
static bool complete(const struct es_force *force,
		     const struct es_wanted *wanted,
		     struct candidate *candidate)
{
	const struct es_word *word = candidate->piece.word;
	const struct es_rights own = es_word_rights(word);
	const bool ports = (word->flags & ES_WORD_PORTS) &&
			   !(force->plan && es_landlock_lacking(
				   ES_LANDLOCK_NET, own.net, force->plan->abi));

	candidate->nbeside = 0;
	for (size_t i = 0; i < wanted->n; i++) {
		const struct es_spot *spot = &wanted->at[i];

		if (spot->is_port && (spot->rights & ~own.net))
			return false;
		/* No rule of a profile is about port 0. */
		if (spot->is_port && ports && spot->port)
			candidate->piece.port = spot->port;
		else if (spot->is_port || !(word->flags & ES_WORD_PATH))
			candidate->everywhere = true;
		if (spot->is_port)
			continue;
		if (word->flags & ES_WORD_PATH ? !place(spot, candidate) :
						 spot->rights & ~own.fs)
			return false;
	}
	if (!(word->flags & ES_WORD_PATH))
		candidate->everywhere |= wanted->path && wanted->held;
	else if (!candidate->piece.path)
		return !wanted->n && place_unneeded(wanted, candidate);
	return true;
}

struct search {
	const struct es_force *force;
	const struct es_asked *asked;
	struct es_wanted wanted;
	struct candidate best;
	bool found, failed;
};

static void try_piece(struct search *search, const struct es_piece *piece)
{
	struct candidate candidate = { .piece = *piece };

	if (!es_measure(search->force, piece, &search->asked->call,
			&candidate.measure)) {
		search->failed = true;
		return;
	}
	if (!candidate.measure.gives ||
	    !complete(search->force, &search->wanted, &candidate))
		return;
	weigh(&candidate);
	if (search->found && !narrower(&candidate, &search->best))
		return;
	search->best = candidate;
	search->found = true;
}

/* Sockets of other families pass the same filter, but are not what is meant. */
static bool fits_family(const struct es_word *word, unsigned family)
{
	const bool is_unix = strstr(word->word, "unix") != NULL;
	const bool inet = strstr(word->word, "tcp") ||
			  strstr(word->word, "udp");

	if (!family || (!is_unix && !inet))
		return true;
	return is_unix ? family == AF_UNIX
		       : family == AF_INET || family == AF_INET6;
}

/* WORD with nothing named, with what is opened, and with each descriptor that
 * the call might be about. */
static void try_word(struct search *search, const struct es_word *word)
{
	static const char *const streams[] = { "0", "1", "2" };
	const struct es_force *force = search->force;
	const unsigned flags = word->flags;
	struct es_piece piece = { .word = word };

	if (!fits_family(word, search->asked->family))
		return;
	if (!(flags & ES_WORD_FD))
		try_piece(search, &piece);
	if (!(flags & (ES_WORD_FD | ES_WORD_FDS)) ||
	    ((flags & ES_WORD_PATH) && !(flags & ES_WORD_IN_ALL)) ||
	    force->naming == ES_NAME_NONE)
		return;
	piece.fds = "opened";
	if (!(flags & ES_WORD_FD) &&
	    (!word->fds || strcmp(word->fds, "opened") != 0))
		try_piece(search, &piece);
	for (unsigned i = 0;
	     i < ES_COUNT(streams) && force->naming == ES_NAME_ANY; i++) {
		piece.fds = streams[i];
		piece.fd = i;
		try_piece(search, &piece);
	}
	for (const struct es_fd_entry *e = force->profile->fds; e;
	     e = e->next) {
		bool meant = false;

		for (unsigned i = 0; i < 6; i++)
			meant |= (uint32_t)search->asked->call.args[i] ==
				 (uint32_t)e->number;
		if (!meant)
			continue;
		piece.fds = e->name;
		piece.fd = (uint64_t)e->number;
		try_piece(search, &piece);
	}
}

/* Which of a call's arguments do the builtin rules decide by, descriptors and
 * processes aside? */
static bool note_arguments(const struct es_rule_info *rule, void *data)
{
	static const char *const sets[] = { " in FDS", " in OPENED",
					    " in LOADER", " in SELF",
					    " in FAMILY" };
	const struct es_syscall *call = es_syscall_find(rule->call,
							strlen(rule->call));
	const char *at = rule->condition;
	unsigned *mask = data;

	while (call && at && *at) {
		const size_t len = strcspn(at, " ");
		struct es_arg arg = { 0 };
		bool named = false;

		for (size_t i = 0; i < ES_COUNT(sets); i++)
			named |= !strncmp(at + len, sets[i], strlen(sets[i]));
		if (!named && es_syscall_arg(call, at, len, &arg) &&
		    !arg.pointer)
			*mask |= 1U << arg.index;
		at = strstr(at, " and ");
		at = at ? at + strlen(" and ") : NULL;
	}
	return true;
}

/* VALUE as a condition has it. */
static const char *condition_value(struct es_arena *arena,
				   const struct es_syscall *row,
				   const struct es_arg *arg, uint64_t value)
{
	const char *names = NULL;

	value &= arg->mask;
	if (arg->negative && arg->mask == UINT32_MAX && value > INT32_MAX)
		return es_arena_printf(arena, "%d", (int32_t)(uint32_t)value);
	names = es_decode_value(arena, row, arg->index, value);
	return names && strchr(names, '|') ?
	       es_arena_printf(arena, "(%s)", names) : names;
}

/*
 * No permission gives the call as it is. Where the builtin rules go by its
 * arguments, to give all of it would be another matter: then the rule that
 * would do is told, to be written by hand. False when there is no memory.
 */
static bool by_hand(struct es_arena *arena, const struct es_call *call,
		    const struct es_syscall *row, struct es_advice *advice)
{
	const char *text = "";
	unsigned mask = 0;

	es_syscall_rules((size_t)(row - es_syscalls), note_arguments, &mask);
	for (unsigned i = 0; i < 6 && text; i++) {
		size_t len = 0;
		const char *name = es_syscall_arg_name(row, i, &len);
		struct es_arg arg = { 0 };

		if (!(mask & (1U << i)) || !es_decode_names(row, i) ||
		    !es_syscall_arg(row, name, len, &arg))
			continue;
		text = es_arena_printf(arena, "%s%s%.*s == %s", text,
				       *text ? " and " : "", (int)len, name,
				       condition_value(arena, row, &arg,
						       call->args[i]));
	}
	if (text && *text) {
		advice->reason = es_arena_printf(
			arena, "no permission gives it with these arguments; "
			"a rule of one's own would, under `rulesets`: \"%s if "
			"%s\"", row->name, text);
		return advice->reason;
	}
	advice->kind = ES_ADVICE_GIVE;
	advice->n = 1;
	advice->pieces[0] = (struct es_piece){ .call = row->name,
					       .nr = call->nr };
	return text;
}

const struct es_grant *es_guard_of(const struct es_force *force,
				   const struct es_call *call)
{
	const struct es_ranges *guarded = &force->policy->guarded;

	for (const struct es_grant *g = force->profile->grants; g;
	     g = g->next) {
		if (g->widened || g->skipped ||
		    (!g->fds && !(g->word->flags & ES_WORD_LIMIT)))
			continue;
		for (unsigned i = 0; i < 6; i++)
			if (es_ranges_has(guarded, (uint32_t)call->args[i]) &&
			    es_ranges_has(&g->covers, (uint32_t)call->args[i]))
				return g;
	}
	return NULL;
}

static const char *guard_reason(const struct es_force *force,
				const struct es_asked *asked)
{
	const struct es_syscall *row = es_syscall_of(asked->call.nr);
	const struct es_grant *limit = es_guard_of(force, &asked->call);
	const uint32_t request = (uint32_t)asked->call.args[1];
	static const char *const past_ports[] = { "sendmmsg", "sendmsg",
						  "sendto", "setsockopt",
						  "socket" };

	if (row && !strcmp(row->name, "ioctl") &&
	    (request == TIOCSTI || request == TIOCLINUX))
		return "typing for the user is denied whatever a profile "
		       "allows";
	for (size_t i = 0; row && i < ES_COUNT(past_ports); i++)
		if (!strcmp(row->name, past_ports[i]))
			return "it would go past the `ports` of a permission";
	return limit ? es_arena_printf(force->arena, "a descriptor that it is "
				       "about has a limit, by %s.%s, which "
				       "`widen` takes back", limit->word->set,
				       limit->word->word) :
		       "a descriptor that it reaches has a limit";
}

static void give(const struct search *search, struct es_advice *advice)
{
	const struct candidate *best = &search->best;

	advice->kind = ES_ADVICE_GIVE;
	advice->pieces[advice->n++] = best->piece;
	for (size_t i = 0; i < best->nbeside; i++)
		advice->pieces[advice->n++] = best->beside[i];
}

static void refuse(struct es_advice *advice, enum es_advice_kind kind,
		   const char *reason)
{
	advice->kind = kind;
	advice->reason = reason;
}

bool es_advise(const struct es_force *force, const struct es_asked *asked,
	       const struct es_answer *answer, struct es_advice *advice)
{
	const struct es_syscall *row = es_syscall_of(asked->call.nr);
	const struct es_never *never = row ? es_never_find(row->name) : NULL;
	struct search search = { .force = force, .asked = asked };

	*advice = (struct es_advice){ .kind = ES_ADVICE_NONE };
	if (asked->call.arch != ES_AUDIT_ARCH || !row) {
		refuse(advice, ES_ADVICE_NONE,
		       "it is of no architecture or number that can be given");
		return true;
	}
	if (answer->guarded) {
		refuse(advice, ES_ADVICE_GUARD,
		       guard_reason(force, asked));
		return advice->reason != NULL;
	}
	if (never) {
		refuse(advice, ES_ADVICE_NEVER, never->reason);
		return true;
	}
	if (!es_wanted_find(force, asked, &search.wanted))
		return false;
	for (size_t i = 0; i < es_nwords && !search.failed; i++)
		if (is_suggested(force, &es_words[i]))
			try_word(&search, &es_words[i]);
	if (search.failed)
		return false;
	if (search.found) {
		give(&search, advice);
	} else if (!answer->lacks) {
		return by_hand(force->arena, &asked->call, row, advice);
	} else {
		refuse(advice, ES_ADVICE_NONE,
		       "no permission has Landlock's right for it");
	}
	return !force->arena->exhausted;
}

/* Landlock's first lack, if the filter lets CALL pass. */
static bool ask_landlock(const struct es_force *force,
			 const struct es_asked *asked, struct es_answer *answer)
{
	struct es_use uses[ES_MAX_PATHS];
	const size_t n = es_uses_of(&asked->call, uses);
	struct es_needs needs[2];

	for (size_t i = 0; i < n && !answer->lacks; i++) {
		if (!asked->paths[i] || (!uses[i].file && !uses[i].folder))
			continue;
		if (!es_needs_of(force->arena, &uses[i], asked->paths[i],
				 needs))
			return false;
		for (size_t j = 0; j < 2 && !answer->lacks; j++) {
			answer->lacks = es_landlock_lacks(
				force->plan, needs[j].path, needs[j].rights);
			answer->path = needs[j].path;
		}
	}
	if (!answer->lacks && asked->has_port) {
		answer->lacks = es_landlock_lacks_at(
			force->plan, asked->port, es_port_right(&asked->call));
		answer->path = NULL;
		answer->port = asked->port;
	}
	return true;
}

bool es_answer(const struct es_force *force, const struct es_asked *asked,
	       struct es_answer *answer)
{
	const struct es_rules *guards = &force->policy->guards;

	*answer = (struct es_answer){
		.verdict = es_judge(force->policy, &asked->call),
	};
	answer->guarded = answer->verdict.rule >= guards->at &&
			  answer->verdict.rule < guards->at + guards->n;
	if (answer->verdict.ret != SECCOMP_RET_ALLOW || !force->plan ||
	    es_gate_opens(force->policy, asked->call.nr, asked->call.args))
		return true;
	return ask_landlock(force, asked, answer);
}

bool es_answer_denies(const struct es_answer *answer)
{
	const uint32_t ret = answer->verdict.ret;

	return answer->lacks ||
	       (ret != SECCOMP_RET_ALLOW && ret != (SECCOMP_RET_ERRNO | 0));
}
