/*
 * mglru_folio.h - what the multi-gen LRU knows of a folio beside its flags: its generation, the list it is
 * on, how often it was used. For the files of the multi-gen LRU only; see mglru.h.
 */
#ifndef MODELS_MM_MGLRU_FOLIO_H
#define MODELS_MM_MGLRU_FOLIO_H

#include "models/mm/lru.h"
#include "models/mm/mglru.h"

enum {
	REFS_BITS = 2, /* LRU_REFS_WIDTH */
	REFS_MAX = (1 << REFS_BITS) - 1,
};

/* k->folio_gen[]. The list it is on may be that of an older generation than its own. */
enum {
	GEN_MASK = 7, /* generation + 1, modulo MAX_NR_GENS; 0: on no list */
	LIST_SHIFT = 3,
	LIST_MASK = 3 << LIST_SHIFT,
	REFS_SHIFT = 5,
	REFS_MASK = REFS_MAX << REFS_SHIFT,
};

static inline u32 gen_of_seq(u64 seq)
{
	return seq % MAX_NR_GENS;
}

static inline s32 folio_lru_gen(const struct kernel *k, u32 folio)
{
	return (s32)(k->folio_gen[folio] & GEN_MASK) - 1;
}

static inline u32 folio_ref_bits(const struct kernel *k, u32 folio)
{
	return (k->folio_gen[folio] & REFS_MASK) >> REFS_SHIFT;
}

static inline void folio_set_ref_bits(struct kernel *k, u32 folio, u32 refs)
{
	k->folio_gen[folio] = (u8)((k->folio_gen[folio] & ~REFS_MASK) | refs << REFS_SHIFT);
}

static inline u32 folio_lru_type(const struct kernel *k, u32 folio)
{
	return is_file_lru(folio_lru_list(&k->folio[folio])) ? LRU_FILE : LRU_ANON;
}

static inline struct lru_gen *lru_gen_of(const struct kernel *k, u32 folio)
{
	return &k->lru_gen[k->folio[folio].memcg];
}

/* Its number only; a folio on a list stays where it is. */
void folio_set_lru_gen(struct kernel *k, u32 folio, u32 gen);

/* Uses that are remembered, and from 6.14 the one that FOLIO_REFERENCED stands for; the tier that makes. */
u32 folio_lru_refs(const struct kernel *k, u32 folio);
u32 folio_lru_tier(const struct kernel *k, u32 folio);
/* Refaulted lately and not promoted since: it gets a generation more, whatever its tier. */
bool folio_is_underprotected(const struct kernel *k, u32 folio);

#endif
