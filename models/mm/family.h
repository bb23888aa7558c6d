/*
 * family.h - address spaces that come into being by fork(), and what they share.
 *
 * Which process may be forked from which follows from the configuration (mm_config.fork_of): those of a tree
 * are a family and have the same layout, so that a page of one has its counterpart in each of the others. A
 * family is what an anon_vma and its children are to the kernel: a folio that was mapped first in one of its
 * processes may be mapped in those that descend from it, and nowhere else. Pages of a family are anonymous.
 *
 * What is here is state that machines without such processes do not have.
 */
#ifndef MODELS_MM_FAMILY_H
#define MODELS_MM_FAMILY_H

#include "models/kernel.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

/* Of an address space. */
struct family_member {
	struct sleeping_lock mmap_lock; /* faults read, fork() writes */
	u16 linked;			/* it has the anon_vma of its parent: from fork() to exit_mmap() */
	u16 pad;
};

#pragma GCC diagnostic pop

/* The members of families in an order in which each comes before those that are forked from it, which follow
 * it (as kernel.memcg_walk). */
struct families {
	u32 *walk;    /* [] mm */
	u32 *place;   /* [mm] in that order */
	u32 *subtree; /* [mm] how many it is with those forked from it */
};

/* Whether a process of the configuration is forked from another. */
bool families_wanted(const struct kernel_config *c);
void families_init(struct kernel *k);
void families_release(struct kernel *k);

/* Reverse mapping: the page after @page at which a folio that belongs to @owner may be mapped; 0: no more. */
u32 family_next_page(const struct kernel *k, u32 owner, u32 page);

static inline u32 mm_number_of(const struct kernel *k, u32 page)
{
	return page_table_of(k, page)->mm;
}
static inline struct family_member *member_of(const struct kernel *k, u32 page)
{
	return &k->member[mm_number_of(k, page)];
}
/* Its counterpart in the first of the family, the oldest anon_vma there is: whom a page belongs to that is
 * not known to be anybody's own. */
u32 family_root_page(const struct kernel *k, u32 page);

#endif
