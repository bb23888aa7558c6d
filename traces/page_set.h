/*
 * page_set.h - a set of page numbers below 2^28, in pieces of 65 536 pages that exist once a page of them is
 * in.
 */
#ifndef TRACES_PAGE_SET_H
#define TRACES_PAGE_SET_H

#include "sim/types.h"

#define PAGE_SET_PIECES 4096
#define PAGE_SET_PIECE_PAGES 65536
#define PAGE_SET_PIECE_BYTES (PAGE_SET_PIECE_PAGES / 8)

struct page_set {
	u8 **pieces; /* [PAGE_SET_PIECES] or NULL; page p is bit p % 8 of byte p / 8 % 8192 of piece p / 65536
		      */
};

/* All zero is the empty set. */
void page_set_release(struct page_set *set);
/* The piece, made if it was not there. */
u8 *page_set_piece(struct page_set *set, u32 index);
u32 page_set_count(const struct page_set *set);
/* The highest member + 1; 0 for the empty set. */
u32 page_set_end(const struct page_set *set);
/* The first member from page on, PAGE_SET_NONE if there is none; what is empty is passed in large steps. */
#define PAGE_SET_NONE UINT32_MAX
u32 page_set_next(const struct page_set *set, u32 page);
/* All from first to last. */
void page_set_add_range(struct page_set *set, u32 first, u32 last);
/* Takes the members of `other` out of `set`. */
void page_set_subtract(struct page_set *set, const struct page_set *other);

static inline bool page_set_has(const struct page_set *set, u32 page)
{
	const u8 *piece = set->pieces ? set->pieces[page / PAGE_SET_PIECE_PAGES] : NULL;

	return piece && piece[page % PAGE_SET_PIECE_PAGES / 8] >> page % 8 & 1;
}

static inline void page_set_add(struct page_set *set, u32 page)
{
	u8 *piece = set->pieces ? set->pieces[page / PAGE_SET_PIECE_PAGES] : NULL;

	if (unlikely(!piece))
		piece = page_set_piece(set, page / PAGE_SET_PIECE_PAGES);
	piece[page % PAGE_SET_PIECE_PAGES / 8] |= (u8)(1u << page % 8);
}

#endif
