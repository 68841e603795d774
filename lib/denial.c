/* SPDX-License-Identifier: MIT */
#include "denial.h"

#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>

#include "util.h"

struct kept {
	uint64_t hash, count;
	const char *call, *by; /* the arena's */
};

/* Why a call can't be allowed, once for each. */
struct refusal {
	const char *name, *reason;
	enum es_advice_kind kind;
};

struct es_denials {
	const struct es_report *report;
	const struct es_profile *profile;
	struct es_arena arena; /* of what is kept; bounded as that is */
	struct kept *at;       /* owned */
	size_t n, cap;
	struct es_pieces pieces, unlimited; /* that would allow them */
	struct es_pieces starting; /* those before `startup` ends */
	bool conflicts; /* one of them can't go with limits of 0 to 2 */
	struct refusal *refusals; /* owned */
	size_t nrefusals, refusals_cap;
	uint64_t total, told; /* TOLD of them in a summary already */
	uint64_t more;        /* beyond those that are kept */
};

struct es_denials *es_denials_new(const struct es_report *report,
				  const struct es_profile *profile)
{
	struct es_denials *denials = calloc(1, sizeof(*denials));

	if (!denials)
		return NULL;
	denials->report = report;
	denials->profile = profile;
	denials->pieces.ports = es_ports_find(profile);
	denials->unlimited.ports = denials->starting.ports =
		denials->pieces.ports;
	return denials;
}

void es_denials_free(struct es_denials *denials)
{
	if (!denials)
		return;
	free(denials->at);
	free(denials->refusals);
	es_pieces_finish(&denials->pieces);
	es_pieces_finish(&denials->unlimited);
	es_pieces_finish(&denials->starting);
	es_arena_finish(&denials->arena);
	free(denials);
}

/* How long the address at TEXT is that differs from run to run, or 0: it is
 * none. */
static size_t address_length(const char *text)
{
	enum { SHORTEST = 8 }; /* below lie flags and the like */
	const size_t digits = strncmp(text, "0x", 2) != 0 ? 0 :
			      strspn(text + 2, "0123456789abcdef");

	return digits < SHORTEST ? 0 : 2 + digits;
}

/* Do two calls differ in nothing but addresses? */
static bool is_alike(const char *a, const char *b)
{
	while (*a && *b) {
		const size_t x = address_length(a), y = address_length(b);

		if ((x == 0) != (y == 0) || (!x && *a != *b))
			return false;
		a += x ? x : 1;
		b += y ? y : 1;
	}
	return *a == *b;
}

/* FNV-1a, addresses left out. */
static uint64_t hash_of(const struct es_denial *denial)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const char *c = denial->call; *c;) {
		const size_t len = address_length(c);

		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
		c += len ? len : 1;
	}
	for (const char *c = denial->by; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	return hash;
}

void es_denials_again(struct es_denials *denials, int i)
{
	denials->at[i].count++;
	denials->total++;
}

int es_denials_find(struct es_denials *denials, const struct es_denial *denial)
{
	const uint64_t hash = hash_of(denial);

	for (size_t i = 0; i < denials->n; i++) {
		const struct kept *kept = &denials->at[i];

		if (kept->hash != hash || !is_alike(kept->call, denial->call) ||
		    strcmp(kept->by, denial->by) != 0)
			continue;
		es_denials_again(denials, (int)i);
		return (int)i;
	}
	if (denials->n < ES_MAX_DENIALS)
		return ES_DENIAL_NEW;
	denials->total++;
	denials->more++;
	return ES_DENIAL_MORE;
}

static void print_json_string(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', stream);
		if ((unsigned char)*c < ' ')
			fprintf(stream, "\\u%04x", (unsigned char)*c);
		else
			fputc(*c, stream);
	}
	fputc('"', stream);
}

static void print_member(FILE *stream, const char *name, const char *text)
{
	fprintf(stream, ",\"%s\":", name);
	print_json_string(stream, text);
}

static const char *answer_name(uint32_t ret)
{
	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
		return "kill";
	case SECCOMP_RET_KILL_THREAD:
		return "kill_thread";
	default:
		return strerrorname_np((int)(ret & SECCOMP_RET_DATA));
	}
}

static void tell_json(FILE *stream, const struct es_denial *denial,
		      const char *pieces)
{
	const char *answer = answer_name(denial->ret);

	fprintf(stream, "{\"event\":\"denied\",\"pid\":%d", (int)denial->pid);
	print_member(stream, "program", denial->by);
	print_member(stream, "name", denial->name);
	print_member(stream, "call", denial->call);
	print_member(stream, "by", denial->landlock ? "landlock" : "filter");
	print_member(stream, "answer", denial->let ? "allow" :
		     answer ? answer : "?");
	if (pieces)
		print_member(stream, denial->starting ? "startup" : "allow",
			     pieces);
	if (denial->advice->reason)
		print_member(stream, "reason", denial->advice->reason);
	fputs("}\n", stream);
}

static void tell_text(FILE *stream, const struct es_denial *denial,
		      const char *pieces)
{
	const uint32_t action = denial->ret & SECCOMP_RET_ACTION_FULL;
	const struct es_advice *advice = denial->advice;

	fprintf(stream, "extrasafe: %s: %s by %s[%d]%s%s%s\n",
		denial->let ? "lacking, let through" : "denied", denial->call,
		denial->by, (int)denial->pid,
		denial->landlock ? " (Landlock, by its rules)" : "",
		denial->gone ? " (gone meanwhile)" : "",
		denial->let || action == SECCOMP_RET_ERRNO ? "" :
		action == SECCOMP_RET_KILL_THREAD ?
		", whose thread is killed for it" : ", which is killed for it");
	if (pieces)
		fprintf(stream, "extrasafe:   %s with: %s\n",
			denial->starting ? "allow at the start" : "allow",
			pieces);
	if (advice->reason)
		fprintf(stream, "extrasafe:   %s%s\n",
			advice->kind == ES_ADVICE_NEVER ?
			"no permission gives it: " : "", advice->reason);
}

/* Tells of it in one piece, since others may write to the same place. */
static void tell(const struct es_denials *denials,
		 const struct es_denial *denial)
{
	const struct es_advice *advice = denial->advice;
	struct es_pieces pieces = { .ports = denials->pieces.ports };
	es_autofree char *flow = NULL;
	es_autofree char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	for (size_t i = 0; i < advice->n; i++)
		es_pieces_add(&pieces, &advice->pieces[i]);
	if (pieces.n)
		flow = es_pieces_flow(&pieces);
	es_pieces_finish(&pieces);
	if (!stream)
		return;
	(denials->report->json ? tell_json : tell_text)(stream, denial, flow);
	if (fclose(stream))
		return;
	fwrite(text, 1, len, denials->report->stream);
	fflush(denials->report->stream);
}

void es_denials_note(const struct es_denials *denials, const char *text)
{
	FILE *stream = denials->report->stream;

	if (denials->report->json) {
		fputs("{\"event\":\"note\"", stream);
		print_member(stream, "text", text);
		fputs("}\n", stream);
	} else {
		fprintf(stream, "extrasafe: %s\n", text);
	}
	fflush(stream);
}

static const char *keep(struct es_denials *denials, const char *text)
{
	return text ? es_arena_copy(&denials->arena, text, strlen(text)) : NULL;
}

static bool is_against_limits(const struct es_word *word)
{
	return es_word_starts(word) || es_word_makes_unix(word);
}

static void keep_pieces(struct es_denials *denials,
			const struct es_advice *advice,
			struct es_pieces *pieces)
{
	for (size_t i = 0; i < advice->n; i++) {
		struct es_piece piece = advice->pieces[i];

		piece.call = keep(denials, piece.call);
		piece.path = keep(denials, piece.path);
		piece.fds = keep(denials, piece.fds);
		denials->conflicts |= piece.word &&
				      is_against_limits(piece.word);
		if (!denials->arena.exhausted)
			es_pieces_add(pieces, &piece);
	}
}

/* For the summary; what there is no memory for is missing there. */
static void keep_advice(struct es_denials *denials,
			const struct es_denial *denial)
{
	const struct es_advice *advice = denial->advice;
	const struct refusal refusal = { denial->name, advice->reason,
					 advice->kind };

	if (denial->starting) {
		keep_pieces(denials, denial->unlimited, &denials->starting);
	} else {
		keep_pieces(denials, advice, &denials->pieces);
		keep_pieces(denials, denial->unlimited, &denials->unlimited);
	}
	if (advice->kind == ES_ADVICE_GIVE || advice->kind == ES_ADVICE_NONE ||
	    !advice->reason)
		return;
	for (size_t i = 0; i < denials->nrefusals; i++)
		if (!strcmp(denials->refusals[i].name, refusal.name) &&
		    !strcmp(denials->refusals[i].reason, refusal.reason))
			return;
	if (!es_grow(denials->refusals, denials->nrefusals,
		     denials->refusals_cap))
		return;
	denials->refusals[denials->nrefusals++] = (struct refusal){
		keep(denials, refusal.name), keep(denials, refusal.reason),
		refusal.kind };
	if (denials->arena.exhausted)
		denials->nrefusals--;
}

int es_denials_add(struct es_denials *denials, const struct es_denial *denial)
{
	const struct kept kept = {
		.hash = hash_of(denial), .count = 1,
		.call = keep(denials, denial->call),
		.by = keep(denials, denial->by),
	};

	denials->total++;
	if (!kept.call || !kept.by || denials->n >= ES_MAX_DENIALS ||
	    !es_grow(denials->at, denials->n, denials->cap)) {
		denials->more++;
		return ES_DENIAL_MORE;
	}
	tell(denials, denial);
	keep_advice(denials, denial);
	denials->at[denials->n] = kept;
	return (int)denials->n++;
}

/* Is something given or missed that can't go with limits of 0 to 2? */
static bool conflicts(const struct es_denials *denials)
{
	bool given = denials->conflicts;

	for (const struct es_grant *g = denials->profile->grants; g && !given;
	     g = g->next)
		given = is_against_limits(g->word);
	return given;
}

static const struct es_pieces *pieces_of(const struct es_denials *denials)
{
	return conflicts(denials) ? &denials->unlimited : &denials->pieces;
}

/* Is GRANT a limit on descriptors 0 to 2, which what is suggested can't go
 * with? */
static bool is_in_the_way(const struct es_denials *denials,
			  const struct es_grant *grant)
{
	bool holds = false;

	for (uint64_t fd = 0; fd <= 2; fd++)
		holds |= es_ranges_has(&grant->covers, fd);
	return holds && !grant->widened && es_grant_names_less(grant) &&
	       conflicts(denials);
}

static void summarize_json(const struct es_denials *denials, FILE *stream,
			   const char *flow, const char *starting)
{
	size_t n = 0;

	fprintf(stream, "{\"event\":\"summary\",\"denied\":%" PRIu64
		",\"different\":%zu,\"untold\":%" PRIu64 ",\"permissive\":%s",
		denials->total, denials->n, denials->more,
		denials->report->permissive ? "true" : "false");
	if (flow)
		print_member(stream, "allow", flow);
	if (starting)
		print_member(stream, "startup", starting);
	fputs(",\"widen\":[", stream);
	for (const struct es_grant *g = denials->profile->grants; g;
	     g = g->next) {
		if (!is_in_the_way(denials, g))
			continue;
		fprintf(stream, "%s\"%s.%s\"", n++ ? "," : "", g->word->set,
			g->word->word);
	}
	fputs("],\"never\":{", stream);
	n = 0;
	for (size_t i = 0; i < denials->nrefusals; i++) {
		if (denials->refusals[i].kind != ES_ADVICE_NEVER)
			continue;
		fputs(n++ ? "," : "", stream);
		print_json_string(stream, denials->refusals[i].name);
		fputc(':', stream);
		print_json_string(stream, denials->refusals[i].reason);
	}
	fputs("}}\n", stream);
}

/* What repeated denials come to: the ones that came most. */
static void print_repeated(const struct es_denials *denials, FILE *stream)
{
	for (size_t i = 0; i < denials->n; i++)
		if (denials->at[i].count > 1)
			fprintf(stream, "extrasafe:   %" PRIu64 " times: %s by "
				"%s\n", denials->at[i].count,
				denials->at[i].call, denials->at[i].by);
}

static void print_fragment(const struct es_denials *denials, FILE *stream,
			   const char *flow)
{
	es_autofree char *block = es_pieces_block(pieces_of(denials), 2);

	if (!block)
		return;
	fprintf(stream, "extrasafe: to allow it, write under `allow:`\n%s"
		"extrasafe: or give -a '", block);
	for (const char *c = flow; *c; c++)
		fputs(*c == '\'' ? "'\\''" : (char[]){ *c, '\0' }, stream);
	fputc('\'', stream);
	for (const struct es_grant *g = denials->profile->grants; g;
	     g = g->next)
		if (is_in_the_way(denials, g))
			fprintf(stream, " --widen %s.%s", g->word->set,
				g->word->word);
	fputc('\n', stream);
}

/* What is needed up to the moment that `startup` names. */
static void print_starting(const struct es_denials *denials, FILE *stream)
{
	es_autofree char *block = es_pieces_block(&denials->starting, 4);

	if (block)
		fprintf(stream, "extrasafe: to allow it at the start alone, "
			"write under `startup:`\n  allow:\n%s", block);
}

static void summarize_text(const struct es_denials *denials, FILE *stream,
			   const char *flow, const char *starting)
{
	fprintf(stream, "extrasafe: %" PRIu64 " call%s %s", denials->total,
		denials->total == 1 ? "" : "s",
		denials->report->permissive ? "lacked a permission" :
		denials->total == 1 ? "was denied" : "were denied");
	if (denials->total > denials->n)
		fprintf(stream, ", %zu of them different", denials->n);
	if (denials->more)
		fprintf(stream, "; %" PRIu64 " more are not told of",
			denials->more);
	fputc('\n', stream);
	print_repeated(denials, stream);
	if (starting)
		print_starting(denials, stream);
	if (flow)
		print_fragment(denials, stream, flow);
	for (size_t i = 0; i < denials->nrefusals; i++)
		fprintf(stream, "extrasafe: %s%s: %s\n",
			denials->refusals[i].kind == ES_ADVICE_NEVER ?
			"no permission gives " : "",
			denials->refusals[i].name, denials->refusals[i].reason);
	if (denials->report->permissive)
		fputs("extrasafe: this run was permissive; exec, guards and "
		      "Landlock's rules were in force all the same\n", stream);
}

void es_denials_summarize(struct es_denials *denials)
{
	es_autofree char *flow = NULL;
	es_autofree char *starting = NULL;

	if (denials->total == denials->told)
		return;
	denials->told = denials->total;
	if (pieces_of(denials)->n)
		flow = es_pieces_flow(pieces_of(denials));
	if (denials->starting.n)
		starting = es_pieces_flow(&denials->starting);
	(denials->report->json ? summarize_json : summarize_text)(
		denials, denials->report->stream, flow, starting);
	fflush(denials->report->stream);
}
