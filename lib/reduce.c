/* SPDX-License-Identifier: MIT */
#include "reduce.h"

#include <string.h>

#include "measure.h"

/* Calls beside pieces. */
struct table {
	size_t ncalls, npieces;
	bool *gives;                /* [call * npieces + piece] */
	struct es_wanted *wanted;   /* of each call */
	bool *kept;                 /* of each piece */
};

/* Those of the rights that SPOT wants which PIECE does not give there. */
static uint64_t lacks_of(const struct es_piece *piece,
			 const struct es_spot *spot, uint64_t lacks)
{
	const struct es_rights own = es_word_rights(piece->word);

	if (spot->is_port)
		return piece->port && piece->port != spot->port ?
		       lacks : lacks & ~own.net;
	return piece->path && !(spot->path && es_path_is_below(spot->path,
							       piece->path)) ?
	       lacks : lacks & ~own.fs;
}

/* Do the pieces that are kept, but for WITHOUT, allow the call? */
static bool is_allowed(const struct table *table,
		       const struct es_pieces *pieces, size_t call,
		       size_t without)
{
	const struct es_wanted *wanted = &table->wanted[call];
	bool gives = false;

	for (size_t i = 0; i < pieces->n; i++)
		gives |= i != without && table->kept[i] &&
			 table->gives[call * table->npieces + i];
	for (size_t s = 0; s < wanted->n && gives; s++) {
		uint64_t lacks = wanted->at[s].rights;

		for (size_t i = 0; i < pieces->n; i++)
			if (i != without && table->kept[i] &&
			    pieces->at[i].word)
				lacks = lacks_of(&pieces->at[i], &wanted->at[s],
						 lacks);
		gives = !lacks;
	}
	return gives;
}

static bool is_needed(const struct table *table, const struct es_pieces *pieces,
		      size_t piece)
{
	for (size_t i = 0; i < table->ncalls; i++)
		if (is_allowed(table, pieces, i, SIZE_MAX) &&
		    !is_allowed(table, pieces, i, piece))
			return true;
	return false;
}

static bool fill(const struct es_force *force, const struct es_asked *asked,
		 const struct es_pieces *pieces, struct table *table)
{
	for (size_t c = 0; c < table->ncalls; c++) {
		if (!es_wanted_find(force, &asked[c], &table->wanted[c]))
			return false;
		for (size_t p = 0; p < table->npieces; p++) {
			const struct es_piece *piece = &pieces->at[p];
			struct es_measure own = { 0 };

			if (!es_measure(force, piece, &asked[c].call, &own))
				return false;
			table->gives[c * table->npieces + p] = own.gives;
		}
	}
	for (size_t p = 0; p < table->npieces; p++)
		table->kept[p] = true;
	return true;
}

/* The wider a piece, the less it shall be there for nothing. */
static bool is_wider(const struct es_piece *a, const struct es_piece *b)
{
	const unsigned left = a->word ? a->word->flags & ES_WORD_STARRED : 0;
	const unsigned right = b->word ? b->word->flags & ES_WORD_STARRED : 0;

	if (left != right)
		return left > right;
	if (a->word == b->word && !a->port != !b->port)
		return !a->port;
	return es_piece_calls(a) > es_piece_calls(b);
}

static bool reduce(const struct es_force *force, const struct es_asked *asked,
		   struct table *table, struct es_pieces *pieces)
{
	bool *tried = es_arena_alloc(force->arena, pieces->n + 1);
	size_t left = 0;

	if (!tried || !fill(force, asked, pieces, table))
		return false;
	for (size_t round = 0; round < pieces->n; round++) {
		size_t widest = SIZE_MAX;

		for (size_t i = 0; i < pieces->n; i++)
			if (!tried[i] && (widest == SIZE_MAX ||
					  is_wider(&pieces->at[i],
						   &pieces->at[widest])))
				widest = i;
		tried[widest] = true;
		table->kept[widest] = is_needed(table, pieces, widest);
	}
	for (size_t i = 0; i < pieces->n; i++)
		if (table->kept[i])
			pieces->at[left++] = pieces->at[i];
	pieces->n = left;
	return true;
}

static bool make_table(const struct es_force *force, size_t ncalls,
		       size_t npieces, struct table *table)
{
	struct es_arena *arena = force->arena;

	*table = (struct table){
		.ncalls = ncalls, .npieces = npieces,
		.gives = es_arena_alloc(arena, ncalls * npieces + 1),
		.wanted = es_arena_alloc(arena, (ncalls + 1) *
						sizeof(*table->wanted)),
		.kept = es_arena_alloc(arena, npieces + 1),
	};
	return table->gives && table->wanted && table->kept;
}

bool es_pieces_reduce(const struct es_force *force,
		      const struct es_asked *asked, size_t n,
		      struct es_pieces *pieces)
{
	struct table table;

	return make_table(force, n, pieces->n, &table) &&
	       reduce(force, asked, &table, pieces);
}

bool es_pieces_allow(const struct es_force *force,
		     const struct es_pieces *pieces,
		     const struct es_asked *asked)
{
	struct table table;

	return make_table(force, 1, pieces->n, &table) &&
	       fill(force, asked, pieces, &table) &&
	       is_allowed(&table, pieces, 0, SIZE_MAX);
}
