#include "models/mm/split.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/huge_memory.h"
#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "models/mm/rmap.h"
#include "models/mm/thp.h"
#include "models/swap/cache.h"

/* Flags that are the whole folio's. */
enum {
	FLAGS_OF_ALL = FOLIO_UPTODATE | FOLIO_DIRTY | FOLIO_REFERENCED | FOLIO_ACTIVE | FOLIO_LRU |
		       FOLIO_SWAPCACHE | FOLIO_LAZYFREE | FOLIO_WORKINGSET | FOLIO_SHMEM | FOLIO_IN_USE
};

static u32 cache_references(const struct kernel *k, u32 folio)
{
	return k->folio[folio].flags & (FOLIO_SWAPCACHE | FOLIO_SHMEM) ? folio_nr_pages(k, folio) : 0;
}

bool can_split_folio(const struct kernel *k, u32 folio)
{
	return k->folio[folio].refs == folio_mapcount(k, folio) + cache_references(k, folio) + 1;
}

u64 split_ns(const struct kernel *k, u32 folio)
{
	return (u64)folio_nr_pages(k, folio) * (k->cpu_profile->isolate_ns + 2 * k->cpu_profile->map_page_ns);
}

/* __split_folio_to_order() of one frame. */
static void make_single(struct kernel *k, u32 head, u32 frame)
{
	const struct folio *h = &k->folio[head];
	struct folio *f = &k->folio[frame];

	*f = (struct folio){
		.page = h->page + (frame - head),
		.content = f->content,
		.flags = (h->flags & FLAGS_OF_ALL) | (f->flags & FOLIO_EXCLUSIVE),
		.refs = f->mapcount,
		.memcg = h->memcg,
		.mapcount = f->mapcount,
	};
	folio_io_clear(k, frame);
	f->refs += !!(h->flags & FOLIO_SHMEM);
	if (!(h->flags & FOLIO_SWAPCACHE))
		return;
	k->folio_io[frame].swap = k->folio_io[head].swap + (frame - head);
	f->refs++;
	swap_cache_store(k, NULL, k->folio_io[frame].swap, 1, word_of_folio(frame));
}

/* Where it goes, or that it goes. */
static void place_tail(struct kernel *k, u32 head, u32 frame, struct folio_list *list)
{
	struct folio *f = &k->folio[frame];

	if (list) {
		f->flags &= ~FOLIO_LRU;
		f->refs++;
		folio_list_add_tail(k, list, frame);
	} else if (f->refs) {
		folio_list_add_before(k, lru_list_of(k, head), head, frame);
		if (lru_gen_enabled(k))
			lru_gen_split(k, head, frame);
	} else {
		f->flags &= ~FOLIO_LRU;
		memcg_uncharge(k, f->memcg, 1);
		f->memcg = 0;
		folio_free(k, frame);
	}
}

bool split_folio(struct kernel *k, u32 folio, struct folio_list *list)
{
	struct folio *head = &k->folio[folio];
	u32 order = folio_order(k, folio), pages = 1u << order;

	if (!can_split_folio(k, folio) || k->folio_io[folio].writeback ||
	    (!list && !(head->flags & FOLIO_LRU))) {
		count_mthp(k, order, MTHP_SPLIT_FAILED);
		if (order == pmd_order(k))
			count_memcg(k, 0, THP_SPLIT_PAGE_FAILED, 1);
		return false;
	}
	count_mthp(k, order, MTHP_SPLIT);
	if (order == pmd_order(k))
		count_memcg(k, 0, THP_SPLIT_PAGE, 1);
	if (!list)
		lru_list_of(k, folio)->count -= pages - 1;
	if (!list && lru_gen_enabled(k))
		lru_gen_add_pages(k, folio, -(s32)(pages - 1));
	head->flags &= ~(FOLIO_LARGE | FOLIO_PARTIALLY_MAPPED);
	for (u32 i = 1; i < pages; i++)
		make_single(k, folio, folio + i);
	head->refs = head->mapcount + !!(head->flags & (FOLIO_SWAPCACHE | FOLIO_SHMEM)) + 1;
	for (u32 i = 1; i < pages; i++)
		place_tail(k, folio, folio + i, list);
	return true;
}

/* Pages from @page on, a folio's worth at most, that a large folio maps together. */
static u32 advised_batch(const struct kernel *k, u32 page, u32 end)
{
	u32 frame = k->pte[page], folio = page_folio(k, frame), n = 1;

	while (page + n < end && frame + n < folio + folio_nr_pages(k, folio) &&
	       pte_maps(k, page + n, frame + n))
		n++;
	return n;
}

bool split_for_advice(struct kernel *k, u32 page, u32 end, u32 *pages)
{
	u32 folio = page_folio(k, k->pte[page]);
	bool split = false;

	*pages = advised_batch(k, page, end);
	if (*pages == folio_nr_pages(k, folio))
		return true;
	if (k->folio_io[folio].lock)
		return false;
	split_huge_pmd(k, page);
	k->folio[folio].refs++;
	split = split_folio(k, folio, NULL);
	k->folio[folio].refs--;
	if (split)
		*pages = 1;
	return split;
}
