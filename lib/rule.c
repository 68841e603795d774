/* SPDX-License-Identifier: MIT */
/* The text of conditions: of the builtin rules, which are read at every start,
 * and of those that somebody wrote, of which every mistake is told. */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "reader.h"
#include "util.h"

enum { MAX_CONDS = 8 };

/* Has VALUE a bit that no value under the mask of COND has? */
static void check_mask(struct es_reader *reader, const struct es_cond *cond,
		       const struct es_value *value, uint64_t bits)
{
	if (!reader->error && (bits & ~cond->mask))
		es_reader_fail(reader, value->at, "'%.*s' has bits that the mask "
			       "takes out, so it never holds",
			       (int)(reader->at - value->at), value->at);
}

/* A line that names what is denied whatever a profile allows would promise what
 * isn't so, if it is one value of several. */
static void check_denied(struct es_reader *reader, const struct es_arg *arg,
			 const struct es_cond *cond,
			 const struct es_value *value, uint64_t bits)
{
	if (reader->error || reader->sets || arg->index != 1 ||
	    cond->mask != arg->mask ||
	    strcmp(reader->call->name, "ioctl") != 0 ||
	    (bits != TIOCSTI && bits != TIOCLINUX))
		return;
	es_reader_fail(reader, value->at, "'%.*s' types into the terminal and "
		       "is denied whatever a profile allows",
		       (int)(reader->at - value->at), value->at);
}

static int by_number(const void *a, const void *b)
{
	const struct es_range *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Numbers in any order, as a set. */
static void make_set(struct es_ranges *set, bool ascending)
{
	size_t n = 0;

	if (!ascending)
		qsort(set->at, set->n, sizeof(*set->at), by_number);
	for (size_t i = 1; i < set->n; i++) {
		if (set->at[i].lo - set->at[n].hi <= 1)
			set->at[n].hi = set->at[i].hi;
		else
			set->at[++n] = set->at[i];
	}
	set->n = n + 1;
}

/* `A, B}`, behind the brace. */
static void read_values(struct es_reader *reader, const struct es_arg *arg,
			struct es_cond *cond, enum es_use use)
{
	struct es_ranges *set = &cond->values;
	bool ascending = true;
	size_t n = 1;

	for (const char *at = reader->at; *at && *at != '}'; at++)
		n += *at == ',';
	set->at = es_arena_alloc(reader->arena, n * sizeof(*set->at));
	if (!set->at) {
		es_reader_nomem(reader);
		return;
	}
	do {
		const struct es_value value = es_value_read(reader);
		const uint64_t bits = es_value_in(reader, &value, arg, use);

		check_mask(reader, cond, &value, bits);
		check_denied(reader, arg, cond, &value, bits);
		ascending &= !set->n || set->at[set->n - 1].lo <= bits;
		set->at[set->n++] = (struct es_range){ bits, bits };
	} while (!reader->error && es_reader_accept(reader, ","));
	if (!es_reader_accept(reader, "}"))
		es_reader_expected(reader, "',' or '}'");
	make_set(set, ascending);
}

static void read_set(struct es_reader *reader, const struct es_arg *arg,
		     struct es_cond *cond, enum es_use use)
{
	if (es_reader_accept(reader, "{")) {
		read_values(reader, arg, cond, use);
		return;
	}

	const size_t len = es_reader_name(reader);

	for (const struct es_named_set *set = reader->sets;
	     set && set->name; set++) {
		if (strlen(set->name) == len &&
		    !memcmp(set->name, reader->at, len)) {
			cond->values = set->set;
			reader->at += len;
			return;
		}
	}
	es_reader_expected(reader, "'{'");
}

/* What other languages write, and what is written here. */
static bool tell_foreign(struct es_reader *reader)
{
	static const struct {
		const char *word, *text;
	} rows[] = {
		{ "or", "write a second rule in place of 'or', or "
			"`in {A, B}`" },
		{ "||", "write a second rule in place of '||', or "
			"`in {A, B}`" },
		{ "&&", "write 'and' in place of '&&'" },
		{ "=", "write '==' in place of '='" },
		{ "is", "write '==' in place of 'is'" },
		{ "not", "write `!= A and ... != B` in place of "
			 "`not in {A, B}`" },
	};

	es_reader_skip(reader);
	for (size_t i = 0; i < ES_COUNT(rows); i++) {
		const size_t len = strlen(rows[i].word);

		if (strncmp(reader->at, rows[i].word, len) != 0 ||
		    (es_is_name(*rows[i].word) && es_is_name(reader->at[len])))
			continue;
		es_reader_fail(reader, reader->at, "%s", rows[i].text);
		return true;
	}
	return false;
}

enum op { EQUAL, NOT_EQUAL, AT_MOST, AT_LEAST, BELOW, ABOVE, NONE };
static const char ops[NONE][3] = { "==", "!=", "<=", ">=", "<", ">" };

static enum op read_op(struct es_reader *reader)
{
	for (enum op op = EQUAL; op < NONE; op++)
		if (es_reader_accept(reader, ops[op]))
			return op;
	return NONE;
}

/* The numbers LO to HI of an order that begins with the least negative: in
 * bits, these are the upper half, and what follows the lower one. */
static bool add_ordered(struct es_reader *reader, const struct es_arg *arg,
			struct es_ranges *set, uint64_t lo, uint64_t hi)
{
	const uint64_t half = (arg->mask >> 1) + 1;
	struct es_arena *arena = reader->arena;

	if (!arg->negative)
		return es_ranges_add(arena, set, lo, hi);
	return (lo >= half ||
		es_ranges_add(arena, set, lo + half,
			      (hi < half ? hi : half - 1) + half)) &&
	       (hi < half ||
		es_ranges_add(arena, set, lo < half ? 0 : lo - half,
			      hi - half));
}

static void read_order(struct es_reader *reader, const struct es_arg *arg,
		       struct es_cond *cond, enum op op)
{
	const struct es_value value = es_value_read(reader);
	const uint64_t bits = es_value_in(reader, &value, arg, ES_IS_ORDER);
	const uint64_t half = arg->negative ? (arg->mask >> 1) + 1 : 0;
	const uint64_t at = bits ^ half;
	bool fine = true;

	if (op == BELOW && at)
		fine = add_ordered(reader, arg, &cond->values, 0, at - 1);
	else if (op == AT_MOST)
		fine = add_ordered(reader, arg, &cond->values, 0, at);
	else if (op == ABOVE && at < arg->mask)
		fine = add_ordered(reader, arg, &cond->values, at + 1,
				   arg->mask);
	else if (op == AT_LEAST)
		fine = add_ordered(reader, arg, &cond->values, at, arg->mask);
	if (!fine)
		es_reader_nomem(reader);
}

static void read_equal(struct es_reader *reader, const struct es_arg *arg,
		       struct es_cond *cond, enum es_use use, bool equal)
{
	const struct es_value value = es_value_read(reader);
	const uint64_t bits = es_value_in(reader, &value, arg, use);
	bool fine = true;

	check_mask(reader, cond, &value, bits);
	if (equal)
		check_denied(reader, arg, cond, &value, bits);
	if (reader->error)
		return;
	if (equal || bits)
		fine = es_ranges_add(reader->arena, &cond->values,
				     equal ? bits : 0, equal ? bits : bits - 1);
	if (!equal && bits < cond->mask)
		fine = fine && es_ranges_add(reader->arena, &cond->values,
					     bits + 1, cond->mask);
	if (!fine)
		es_reader_nomem(reader);
}

/* What a pointer points to can't be looked at, and its own value says nothing
 * but whether there is one. */
static void read_pointer(struct es_reader *reader, const char *name,
			 const struct es_arg *arg, struct es_cond *cond)
{
	const int len = (int)(reader->at - name);
	const enum op op = read_op(reader);

	if (op <= NOT_EQUAL && es_reader_word(reader, "NULL")) {
		const uint64_t lo = op == EQUAL ? 0 : 1;

		if (!es_ranges_add(reader->arena, &cond->values, lo,
				   op == EQUAL ? 0 : arg->mask))
			es_reader_nomem(reader);
		return;
	}
	es_reader_fail(reader, name, "'%.*s' is a pointer, and what it points to "
		       "can't be looked at; a pointer is `== NULL` or "
		       "`!= NULL`, and paths are limited by `read_path` and "
		       "its sisters", len, name);
}

static void read_mask(struct es_reader *reader, const struct es_arg *arg,
		      struct es_cond *cond)
{
	const struct es_value mask = es_value_term(reader);

	cond->mask = es_value_in(reader, &mask, arg, ES_IS_MASK);
}

static void read_test(struct es_reader *reader, const struct es_arg *arg,
		      struct es_cond *cond, bool masked)
{
	const enum es_use use = masked ? ES_IS_MASK : ES_IS_EQUAL;
	enum op op = NONE;

	if (es_reader_word(reader, "in")) {
		read_set(reader, arg, cond, use);
		return;
	}
	es_reader_skip(reader);

	const char *const at = reader->at;

	op = read_op(reader);
	if (op <= NOT_EQUAL)
		read_equal(reader, arg, cond, use, op == EQUAL);
	else if (op == NONE && !tell_foreign(reader))
		es_reader_expected(reader, masked ? "'==', '!=' or 'in'" :
					  "a comparison or 'in'");
	else if (op != NONE && masked)
		es_reader_fail(reader, at, "behind a mask stands '==', '!=' or "
			       "'in'");
	else if (op != NONE)
		read_order(reader, arg, cond, op);
}

static void unknown_arg(struct es_reader *reader, size_t len)
{
	const char *const name = reader->at;
	struct es_arg last = { 0 };
	char text[] = "arg5";

	if (!len) {
		es_reader_expected(reader, "an argument");
		return;
	}
	while (text[3] > '0' && !es_syscall_arg(reader->call, text, 4, &last))
		text[3]--;
	if (!*reader->call->args)
		es_reader_fail(reader, name, "'%s' has no arguments",
			       reader->call->name);
	else if (len == 4 && !memcmp(name, "arg", 3) &&
		 isdigit((unsigned char)name[3]))
		es_reader_fail(reader, name, "'%s' has no '%.4s': its last "
			       "argument is '%s'", reader->call->name, name,
			       text);
	else
		es_reader_unknown(reader, len, "argument");
}

/* Some calls have arguments that the manual numbers from 1, and arg0 is the
 * first here: who writes arg2 must say what is meant. */
static void check_number(struct es_reader *reader, const char *name, size_t len,
			 const struct es_arg *arg)
{
	const unsigned number = len == 4 && !memcmp(name, "arg", 3) ?
				(unsigned)(name[3] - '0') : arg->index;
	size_t own_len = 0, other_len = 0;
	const char *own = NULL, *other = NULL;

	if (number == arg->index || reader->sets)
		return;
	own = es_syscall_arg_name(reader->call, arg->index, &own_len);
	other = es_syscall_arg_name(reader->call, number, &other_len);
	es_reader_fail(reader, name, "'%.*s' may be the name of '%.*s' or "
		       "count from arg0; write '%.*s'%s%.*s%s", (int)len, name,
		       (int)own_len, own, (int)own_len, own,
		       other_len ? " or '" : "", (int)other_len, other,
		       other_len ? "'" : "");
}

static void read_cond(struct es_reader *reader, struct es_cond *cond)
{
	struct es_arg arg = { 0 };
	const size_t len = es_reader_name(reader);
	const char *const name = reader->at;
	bool masked = false;

	if (!es_syscall_arg(reader->call, name, len, &arg)) {
		unknown_arg(reader, len);
		return;
	}
	check_number(reader, name, len, &arg);
	reader->at += len;
	*cond = (struct es_cond){ .arg = arg.index, .mask = arg.mask };
	if (arg.pointer) {
		read_pointer(reader, name, &arg, cond);
		return;
	}
	masked = es_reader_accept(reader, "&");
	if (masked)
		read_mask(reader, &arg, cond);
	if (!reader->error)
		read_test(reader, &arg, cond, masked);
}

/* What always holds allows all, and what never does nothing: neither is what
 * somebody meant who wrote a condition. */
static void check_cond(struct es_reader *reader, const char *from,
		       struct es_cond *cond)
{
	struct es_cond not = { 0 };
	const struct es_conds one = { cond, 1 }, none = { &not, 1 };
	const char *wrong = NULL;

	if (!es_cond_negate(reader->arena, cond, &not)) {
		es_reader_nomem(reader);
		return;
	}
	if (es_conds_possible(&one) == ES_NONE)
		wrong = "never";
	else if (es_conds_possible(&none) == ES_NONE)
		wrong = "always";
	if (wrong)
		es_reader_fail(reader, from, "'%.*s' %s holds",
			       (int)(reader->at - from), from, wrong);
}

/* Do all conditions together still leave something? */
static void check_all(struct es_reader *reader, const char *from,
		      const struct es_conds *conds)
{
	const enum es_found found = es_conds_possible(conds);

	if (found == ES_NONE)
		es_reader_fail(reader, from, "the conditions up to here "
			       "contradict each other, so the rule never "
			       "holds");
	else if (found == ES_GAVE_UP)
		es_reader_fail(reader, from, "whether this can hold takes too "
			       "long to find out; write fewer values, or "
			       "several rules");
}

static bool always_holds(const struct es_cond *cond)
{
	return cond->values.n == 1 && cond->values.at[0].lo == 0 &&
	       cond->values.at[0].hi >= cond->mask;
}

static void read_conds(struct es_reader *reader, struct es_conds *conds)
{
	const bool by_hand = !reader->sets;
	struct es_cond read[MAX_CONDS];
	size_t n = 0, written = 0;

	*conds = (struct es_conds){ 0 };
	do {
		struct es_cond *cond = &read[n];
		const char *from = NULL;

		es_reader_skip(reader);
		from = reader->at;
		if (++written > MAX_CONDS) {
			es_reader_fail(reader, from, "more than %d conditions",
				       MAX_CONDS);
			return;
		}
		*cond = (struct es_cond){ 0 };
		read_cond(reader, cond);
		if (!reader->error && by_hand)
			check_cond(reader, from, cond);
		if (reader->error)
			return;
		if (!always_holds(cond))
			n++;
		if (by_hand && n > 1) {
			const struct es_conds all = { read, n };

			check_all(reader, from, &all);
		}
	} while (!reader->error && es_reader_word(reader, "and"));
	es_reader_skip(reader);
	if (*reader->at && !tell_foreign(reader))
		es_reader_expected(reader, "'and'");
	if (reader->error)
		return;

	struct es_conds kept = { es_arena_alloc(reader->arena,
						n * sizeof(*read) + 1), 0 };

	if (!kept.at)
		es_reader_nomem(reader);
	for (size_t i = 0; i < n && kept.at; i++) {
		struct es_cond *same = NULL;

		for (size_t k = 0; k < kept.n && !same; k++)
			if (kept.at[k].arg == read[i].arg &&
			    kept.at[k].mask == read[i].mask)
				same = &kept.at[k];
		if (!same)
			kept.at[kept.n++] = read[i];
		else if (!es_ranges_intersect(reader->arena, &same->values,
					      &read[i].values, &same->values))
			es_reader_nomem(reader);
	}
	*conds = kept;
}

const char *es_conds_parse(struct es_arena *arena,
			   const struct es_syscall *call, const char *text,
			   const struct es_named_set *sets,
			   struct es_conds *conds)
{
	struct es_reader reader = { .arena = arena, .call = call, .sets = sets,
				 .at = text };

	read_conds(&reader, conds);
	return reader.error;
}

const char *es_conds_read(struct es_arena *arena,
			  const struct es_syscall *call, const char *text,
			  bool guess, struct es_conds *conds, size_t *where)
{
	struct es_reader reader = { .arena = arena, .call = call, .guess = guess,
				 .at = text };

	read_conds(&reader, conds);
	if (reader.error)
		*where = (size_t)(reader.error_at - text);
	return reader.error;
}
