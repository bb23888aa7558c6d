/*
 * extend_table.h - counts of slots in the word of the swap table (mm/swap_table.h, mm/swapfile.c, from 7.1).
 *
 * Four bits count to 14; 15 says that the count is in the cluster's extend table, an unsigned int for each
 * slot. That is allocated when the first count of the cluster does not fit, without sleeping by who holds a
 * page table's lock, and freed when the last one fits again. In 7.1 one that was allocated for a count that
 * has become smaller meanwhile stays with the cluster, until some count of it has been too large for once. As
 * with swap_map only machines on which processes are forked have counts above one. config.swap_map_max makes
 * words smaller, too.
 */
#ifndef MODELS_SWAP_EXTEND_TABLE_H
#define MODELS_SWAP_EXTEND_TABLE_H

#include "models/kernel.h"

enum { EXTEND_TABLE_BYTES = 2048, WORD_COUNT_EXTENDED = 15 };

/* The bits of a word that are neither folio nor shadow. */
static inline u64 word_flags(const struct kernel *k)
{
	return k->release->word_flags ? ~(~(u64)0 >> k->release->word_flags) : 0;
}
static inline u32 word_count(u64 word)
{
	return (u32)(word >> WORD_COUNT_SHIFT);
}
static inline u32 count_of_word(const struct kernel *k, u32 entry)
{
	u32 count = word_count(k->slot[entry].cache);

	return count == WORD_COUNT_EXTENDED ? k->count_extend[entry] : count;
}
/* The largest that fits. */
static inline u32 word_count_most(const struct kernel *k)
{
	return MIN(k->config.swap_map_max, WORD_COUNT_EXTENDED - 1);
}
bool word_count_is_full(const struct kernel *k, u32 entry);
/* The slot's cluster is locked. */
void word_count_get(struct kernel *k, u32 entry);
void word_count_put(struct kernel *k, u32 entry);

/* Clusters that have one. */
u32 extend_tables(const struct kernel *k);

#endif
