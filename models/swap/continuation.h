/*
 * continuation.h - counts of slots above what a byte of swap_map holds (mm/swapfile.c, up to 7.0:
 * swap_count_continued(), add_swap_count_continuation()).
 *
 * A byte counts to 62; what is above goes to a page of its own for each page of swap_map, as the next digit
 * of the number, and the byte says so (COUNT_CONTINUED). Such a page stays until swapoff. One of them takes
 * counts to 8063, more than there are processes; left out: those after it. Only machines on which processes
 * are forked have counts above one, and what is here.
 */
#ifndef MODELS_SWAP_CONTINUATION_H
#define MODELS_SWAP_CONTINUATION_H

#include "models/kernel.h"

enum { SWAP_CONT_MAX = 0x7f, SLOTS_PER_MAP_PAGE = 4096, CONTINUATION_BYTES = 4096 };

static inline u32 map_digit(const struct swap_slot *slot)
{
	return slot->map & SWAP_MAP_BAD;
}
/* Whether one more reference does not fit into the byte. */
static inline bool count_is_full(const struct kernel *k, u32 entry)
{
	return map_digit(&k->slot[entry]) == k->config.swap_map_max;
}
/* What is above the byte, in references. */
static inline u32 count_continued(const struct kernel *k, u32 entry)
{
	return k->slot[entry].map & COUNT_CONTINUED ? k->count_digit[entry] * (k->config.swap_map_max + 1)
						    : 0;
}
/* Subtract 1 from 100: the byte is 0, and what is above is not. */
void count_borrow(struct kernel *k, u32 entry);

/* Whether there is memory for more of a count: GFP_ATOMIC, or GFP_KERNEL whatever that takes. */
bool count_page_alloc(struct kernel *k, struct task *t, bool atomic);

/* Of a device that goes away. */
void continuations_free(struct kernel *k, u32 device);
/* Pages of swap_map that have a continuation. */
u32 continuation_pages(const struct kernel *k);

#endif
