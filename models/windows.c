#include "models/windows.h"

#include "models/paths.h"
#include "models/swap/slots.h"

#define FIELD(path, field)                                                                                   \
	{                                                                                                    \
		offsetof(struct path, field), sizeof(((struct path *)NULL)->field)                           \
	}

/* The folio goes into the swap cache later than its slots are taken. */
static bool inserts_later(const struct machine *m)
{
	return has_cache_bit((const struct kernel *)m);
}

const struct window windows[] = {
	{
	    .name = "shmem_order_stale",
	    .open = "shmem_free_swap.ORDER",
	    .close = "shmem_free_swap.LOCK_INDEX",
	    .object = "the order of a swap entry of shared memory that is about to be erased",
	    .invariant = "slot_conservation",
	    .kernel = "shmem_free_swap(): from xa_get_order() to xa_cmpxchg_irq()",
	    .releases = "up to 6.18",
	},
	{
	    .name = "shmem_split_pending",
	    .open = "shmem_split_large_entry.LOOK",
	    .close = "shmem_split_large_entry.LOCK_INDEX",
	    .object = "a large swap entry of shared memory that is about to be split",
	    .invariant = "progress",
	    .kernel = "shmem_split_large_entry(): until xas_split(), nodes are allocated between",
	    .releases = "from 6.12",
	},
	{
	    .name = "isolated_dropped",
	    .open = "swap_cluster_alloc_table.DROP_CI",
	    .close = "swap_cluster_alloc_table.LOCK_CI",
	    .object = "a cluster on no list, its lock dropped",
	    .invariant = "cluster_ownership",
	    .kernel = "swap_cluster_alloc_table(): from spin_unlock(&ci->lock) to taking it again",
	    .releases = "from 6.18",
	},
	{
	    .name = "alloc_hint_stale",
	    .open = "folio_alloc_swap.LOCK_PCP",
	    .close = "folio_alloc_swap.LOCK_HINT",
	    .object = "the CPU's hint, read without the lock of its cluster",
	    .invariant = "slot_conservation",
	    .kernel = "swap_alloc_fast(): from reading percpu_swap_cluster to swap_cluster_lock()",
	    .releases = "from 6.15",
	    .when = FIELD(folio_alloc_swap, cluster),
	},
	{
	    .name = "slot_before_cache",
	    .open = "folio_alloc_swap.UNLOCK_PCP",
	    .close = "folio_alloc_swap.ADD",
	    .object = "a slot with SWAP_HAS_CACHE whose folio is not in the swap cache yet",
	    .invariant = "cache_bijection",
	    .kernel = "folio_alloc_swap(): from the slot to swap_cache_add_folio()",
	    .releases = "up to 6.18",
	    .when = FIELD(folio_alloc_swap, entry),
	    .there = inserts_later,
	},
	{
	    .name = "has_cache_no_folio",
	    .open = "read_swap_cache_async.PREPARE",
	    .first = "read_swap_cache_async.CHARGE",
	    .close = "read_swap_cache_async.ADD",
	    .object = "a slot with SWAP_HAS_CACHE whose folio is not in the swap cache yet",
	    .invariant = "progress",
	    .kernel = "__read_swap_cache_async(): from swapcache_prepare() to adding the folio, the charge "
		      "between",
	    .releases = "up to 6.18",
	},
	{
	    .name = "bypass_swapin",
	    .open = "do_swap_page.PREPARE",
	    .close = "do_swap_page.CLEAR",
	    .object = "a slot that is read around the swap cache",
	    .invariant = "progress",
	    .kernel = "do_swap_page(): from swapcache_prepare() to swapcache_clear()",
	    .releases = "up to 6.18",
	    .when = FIELD(do_swap_page, bypass),
	},
	{
	    .name = "bypass_before_pte",
	    .open = "do_swap_page.READ",
	    .close = "do_swap_page.LOCK_PTL",
	    .object = "a page that was read, and the entry it was read from",
	    .invariant = "content",
	    .kernel = "do_swap_page(): from swap_read_folio() to the page table lock, without the swap cache",
	    .releases = "up to 6.18",
	    .when = FIELD(do_swap_page, bypass),
	},
	{
	    .name = "entry_unchecked",
	    .open = "do_swap_page.LOOKUP",
	    .close = "do_swap_page.LOCK_PTL",
	    .object = "the entry of a fault, read without the page table lock",
	    .invariant = "content",
	    .kernel = "do_swap_page(): from the lookup in the swap cache to the page table lock",
	    .releases = "all",
	},
	{
	    .name = "zswap_unlisted",
	    .open = "zswap_store.INSERT",
	    .close = "zswap_store.LRU_ADD",
	    .object = "an entry of zswap in the tree and on no list yet",
	    .invariant = "accounting",
	    .kernel = "zswap_store_page(): from zswap_entry_store() to zswap_lru_add()",
	    .releases = "all",
	},
	{
	    .name = "zswap_entry_recheck",
	    .open = "zswap_lru_walk.PICK",
	    .first = "zswap_lru_walk.WRITEBACK",
	    .close = "zswap_lru_walk.WRITEBACK",
	    .object = "an entry of zswap that was picked, and may be dropped and be another page's by now",
	    .invariant = "content",
	    .kernel =
		"shrink_memcg_cb(): from dropping the list's lock to the end of zswap_writeback_entry()",
	    .releases = "all",
	},
	{
	    .name = "folio_isolated",
	    .open = "madvise_pageout.UNLOCK_PTL",
	    .close = "madvise_pageout.LOCK_BACK",
	    .object = "a folio on no LRU list, in the hands of one reclaimer",
	    .invariant = "accounting",
	    .kernel = "madvise_cold_or_pageout_pte_range(): from the page table lock to reclaim_pages()'s "
		      "putback",
	    .releases = "all",
	},
	{ 0 },
};
