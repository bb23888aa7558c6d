/*
 * folio.h - folios and their page frames.
 *
 * A folio of order n is 2^n frames in a row; paths know it by the number of its head. What lies in a tail
 * that is not the frame's own: `prev` of every tail is the head; `next` of the first tail is the order,
 * `swap` of it the number of page table entries that map any of the frames (folio->_large_mapcount), `refs`
 * of it the pages that a device has yet to read or write.
 */
#ifndef MODELS_MM_FOLIO_H
#define MODELS_MM_FOLIO_H

#include "models/kernel.h"

/* The folio that a frame is of. */
static inline u32 page_folio(const struct kernel *k, u32 frame)
{
	const struct folio *f = &k->folio[frame];

	return f->flags & FOLIO_TAIL ? f->prev : frame;
}

static inline u32 folio_order(const struct kernel *k, u32 folio)
{
	return k->folio[folio].flags & FOLIO_LARGE ? k->folio[folio + 1].next : 0;
}

static inline u32 folio_nr_pages(const struct kernel *k, u32 folio)
{
	return 1u << folio_order(k, folio);
}

/* Page table entries that map it, all frames together. */
static inline u32 folio_mapcount(const struct kernel *k, u32 folio)
{
	return k->folio[folio].flags & FOLIO_LARGE ? k->folio_io[folio + 1].swap : k->folio[folio].mapcount;
}

static inline bool folio_mapped(const struct kernel *k, u32 folio)
{
	return folio_mapcount(k, folio) > 0;
}

/* Nobody has anything to do with the frame. Looking takes no room in a table where writing would. */
static inline void folio_io_clear(struct kernel *k, u32 frame)
{
	struct folio_io *io = &k->folio_io[frame];

	if (io->swap || io->lock || io->writeback)
		*io = (struct folio_io){ 0 };
}

/* Only a kernel that lacks a check somewhere gets here; there is nothing to go on with. */
void folio_misused(struct kernel *k, u32 folio, const char *what);

/* folio_add_anon_rmap_pte() and the like, and folio_remove_rmap_pte(): an entry maps the frame, or no longer
 * does. The entry's reference to the folio is the caller's affair. */
static inline void frame_add_rmap(struct kernel *k, u32 frame)
{
	u32 folio = page_folio(k, frame);

	k->folio[frame].mapcount++;
	if (k->folio[folio].flags & FOLIO_LARGE)
		k->folio_io[folio + 1].swap++;
}
static inline void frame_remove_rmap(struct kernel *k, u32 frame)
{
	u32 folio = page_folio(k, frame);

	if (G_UNLIKELY(!k->folio[frame].mapcount)) {
		folio_misused(k, folio, "is unmapped, and was not mapped");
		return;
	}
	k->folio[frame].mapcount--;
	if (k->folio[folio].flags & FOLIO_LARGE)
		k->folio_io[folio + 1].swap--;
}

/* The slot of a frame of a folio in the swap cache, and the frame that a slot of such a folio holds. */
static inline u32 frame_slot(const struct kernel *k, u32 frame)
{
	u32 folio = page_folio(k, frame);

	return k->folio_io[folio].swap + (frame - folio);
}
static inline u32 slot_frame(const struct kernel *k, u32 folio, u32 entry)
{
	return folio + (entry - k->folio_io[folio].swap);
}

/* Whether the folio is in the swap cache and one of its frames is that of @entry. */
static inline bool folio_has_slot(const struct kernel *k, u32 folio, u32 entry)
{
	return k->folio[folio].flags & FOLIO_SWAPCACHE &&
	       entry - k->folio_io[folio].swap < folio_nr_pages(k, folio);
}

/* Pages of the folio go to a device, or come from one; of those of a large folio that are done, whether they
 * were the last. */
static inline void folio_start_io(struct kernel *k, u32 folio)
{
	if (k->folio[folio].flags & FOLIO_LARGE)
		k->folio[folio + 1].refs = folio_nr_pages(k, folio);
}
static inline bool folio_end_io(struct kernel *k, u32 folio)
{
	return !(k->folio[folio].flags & FOLIO_LARGE) || !--k->folio[folio + 1].refs;
}

/* What was last written to a page, as far as reclaim or fork() has seen it (see block/content.h). What a
 * forked process has of its parent was written to the parent's page, and what was moved to where it was
 * before. */
static inline u32 page_content(const struct kernel *k, u32 page)
{
	return k->keeps_holds ? k->page_holds[page] : content_of(page, k->page_version[page]);
}

/* What was written to a page since then, into @frame, makes it another content. */
static inline void note_written(struct kernel *k, u32 page, u32 frame)
{
	k->page_version[page]++;
	if (k->keeps_holds)
		k->page_holds[page] = content_of(page, k->page_version[page]);
	k->folio[frame].content = page_content(k, page);
}

/* What a page held is now that of another page. */
static inline void move_content(struct kernel *k, u32 page, u32 to)
{
	k->page_holds[to] = k->page_holds[page];
	k->page_holds[page] = content_of(page, k->page_version[page]);
}

#endif
