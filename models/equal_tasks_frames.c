/*
 * Which fields of paths' frames are numbers of what equal tasks have of their own. A path without a row is
 * one that nobody has looked at, or that goes by the order of such numbers.
 */
#include "models/equal_tasks.h"
#include "models/paths.h"

#define NUMBER(path, member, label)                                                                          \
	{                                                                                                    \
		PATH_##path, LABEL_FIELD(struct path, member, 1, label, LABEL_NUMBER)                        \
	}
#define PAGE(path, member) NUMBER(path, member, LABEL_PAGE)
#define FOLIO(path, member) NUMBER(path, member, LABEL_FOLIO)
/* One behind the last page. */
#define END_PAGE(path, member)                                                                               \
	{                                                                                                    \
		PATH_##path, LABEL_FIELD(struct path, member, 1, LABEL_PAGE, LABEL_PLUS_ONE)                 \
	}
#define PLACE(path, member)                                                                                  \
	{                                                                                                    \
		PATH_##path, LABEL_FIELD(struct path, member, 1, LABEL_NONE, LABEL_PLACE)                    \
	}
#define FOLIOS(path, member) FOLIO(path, member.head), FOLIO(path, member.tail)
/* Has none. */
#define NOTHING(path)                                                                                        \
	{                                                                                                    \
		PATH_##path,                                                                                 \
		{                                                                                            \
			0                                                                                    \
		}                                                                                            \
	}

const struct label_row label_rows[] = {
	PAGE(task_script, page),
	/* mm */
	PAGE(handle_mm_fault, page),
	PAGE(do_anonymous_page, page),
	FOLIO(do_anonymous_page, folio),
	PAGE(do_wp_page, page),
	FOLIO(do_wp_page, old),
	FOLIO(do_wp_page, folio),
	PAGE(alloc_swap_folio, page),
	PAGE(do_swap_page, page),
	PAGE(do_swap_page, first),
	FOLIO(do_swap_page, folio),
	FOLIO(do_swap_page, frame),
	PAGE(swapin_alloc, page),
	PAGE(swapin_none, page),
	PAGE(swapin_claim, page),
	FOLIO(swapin_claim, folio),
	PAGE(alloc_charged_folio, page),
	FOLIO(alloc_charged_folio, folio),
	FOLIO(folio_put, folio),
	NUMBER(exit_mmap, mm, LABEL_MM),
	PAGE(zap_pages, page),
	END_PAGE(zap_pages, end),
	END_PAGE(zap_pages, stop),
	{ PATH_zap_pages, LABEL_FIELD(struct zap_pages, gathered, LRU_BATCH_MAX, LABEL_FOLIO, LABEL_NUMBER) },
	PLACE(free_pages_and_swap_cache, folios),
	PLACE(free_pages_and_swap_cache, refs),
	FOLIOS(free_pages_and_swap_cache, dead),
	NOTHING(mem_cgroup_charge),
	FOLIO(lru_add_drain, folio),
	FOLIOS(lru_add_drain, dead),
	PLACE(shrink_folio_list, folios),
	PLACE(shrink_folio_list, pageout),
	FOLIO(shrink_folio_list, folio),
	PAGE(shrink_folio_list, unmapped),
	FOLIOS(shrink_folio_list, kept),
	FOLIOS(shrink_folio_list, free),
	NOTHING(lru_note_cost),
	FOLIO(lru_note_cost_refault, folio),
	FOLIO(folio_referenced, folio),
	PAGE(folio_referenced, page),
	FOLIO(try_to_unmap, folio),
	PAGE(try_to_unmap, page),
	FOLIO(try_to_unmap_one, folio),
	PAGE(try_to_unmap_one, page),
	FOLIO(pageout, folio),
	PLACE(pageout, folios),
	PAGE(madvise_pageout, page),
	END_PAGE(madvise_pageout, next),
	FOLIOS(madvise_pageout, folios),
	FOLIOS(madvise_pageout, dead),
	PAGE(madvise_dontneed, page),
	/* swap */
	FOLIO(folio_alloc_swap, folio),
	FOLIO(swap_alloc_slow, folio),
	FOLIO(cluster_alloc_swap_entry, folio),
	FOLIO(alloc_swap_scan_list, folio),
	NOTHING(isolate_lock_cluster),
	NOTHING(swap_cluster_alloc_table),
	FOLIO(alloc_swap_scan_cluster, folio),
	NOTHING(swap_reclaim_full_clusters),
	FOLIO(try_to_reclaim_swap, folio),
	NOTHING(relocate_cluster),
	NOTHING(get_swap_slot),
	NOTHING(check_cache_active),
	NOTHING(drain_slots_cache_cpu),
	NOTHING(free_swap_slot),
	NOTHING(get_swap_pages),
	NOTHING(scan_swap_map_slots),
	NOTHING(scan_swap_map_try_ssd_cluster),
	NOTHING(scan_swap_map_empty),
	NOTHING(scan_swap_map),
	NOTHING(cluster_alloc_swap_entry_locked),
	NOTHING(alloc_swap_scan_cluster_locked),
	NOTHING(swap_reclaim_full_clusters_locked),
	NOTHING(swapcache_free_entries),
	NOTHING(swap_entry_range_free),
	NOTHING(swap_entry_free),
	NOTHING(swap_duplicate),
	NOTHING(free_swap_and_cache),
	NOTHING(swap_free),
	NOTHING(swapcache_prepare),
	NOTHING(swapcache_clear),
	FOLIO(swap_cache_add_folio, folio),
	FOLIO(folio_free_swap, folio),
	FOLIO(remove_mapping, folio),
	PAGE(read_swap_cache_async, page),
	FOLIO(read_swap_cache_async, folio),
	FOLIO(swap_read_folio, folio),
	FOLIO(swap_writeout, folio),
	NOTHING(swap_put_entries_cluster),
	FOLIO(swap_cache_del_folio, folio),
	FOLIO(swap_cache_prepare_and_add, folio),
	PAGE(swap_cache_prepare_and_add, page),
	FOLIO(swap_cache_prepare_and_add, found),
	PAGE(swap_cache_alloc_folio, page),
	FOLIO(swap_cache_alloc_folio, folio),
	PAGE(swap_cache_read_folio, page),
	FOLIO(swap_cache_read_folio, folio),
	PAGE(swapin_folio, page),
	FOLIO(swapin_folio, folio),
	PAGE(swapin_folio, fault),
	PAGE(swapin_sync, page),
	FOLIO(swapin_sync, folio),
	PAGE(swapin_sync, fault),
	PAGE(swap_cache_alloc, page),
	PAGE(swap_cache_alloc, fault),
	PAGE(swap_cache_alloc_order, page),
	PAGE(swap_cache_alloc_order, fault),
	FOLIO(swap_cache_alloc_order, folio),
	/* block */
	FOLIO(zram_write_page, folio),
	FOLIO(zram_read_page, folio),
	FOLIO(pmem_write_page, folio),
	FOLIO(pmem_read_page, folio),
	{ .path = NR_PATHS },
};
