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

/* A process that may be forked, from fork() to exit_mmap(). */
enum family_link {
	FAMILY_LINKED = 1, /* it has the anon_vma of its parent */
	FAMILY_HALF,	   /* and fork() failed on the way: there are markers where mappings were to be */
};

/* Of an address space. */
struct family_member {
	struct sleeping_lock mmap_lock; /* faults read, fork() writes */
	u16 linked;			/* enum family_link */
	bit_lock_t built;		/* its own mmap_lock, while fork() fills it */
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

/* It is or was being forked, and swapoff knows of it: from its first swapped page to exit_mmap(). */
static inline bool is_half_built(const struct kernel *k, u32 mm)
{
	return k->families && (k->member[mm].built || k->member[mm].linked == FAMILY_HALF) &&
	       !(k->mm[mm].oom & MM_EXITING);
}

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
