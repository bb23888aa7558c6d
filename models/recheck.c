#include "models/recheck.h"

#include <string.h>

#include "sim/error.h"
#include "sim/suggest.h"

const struct recheck_info recheck_info[NR_RECHECKS] = {
	[RECHECK_ANON_PTE] = { "anon-pte", "do_anonymous_page.LOCK_PTL", "the page is still missing", NULL },
	[RECHECK_ANON_STABLE] = { "anon-stable", "do_anonymous_page.LOCK_PTL",
				  "the OOM reaper is not at work in the address space",
				  "a process that is reaped runs no more, and gives back what it got "
				  "meanwhile when it ends" },
	[RECHECK_HUGE_PMD] = { "huge-pmd", "do_huge_pmd_anonymous_page.LOCK_PTL",
			       "all of the page table is still empty", NULL },
	[RECHECK_FILE_PTE] = { "file-pte", "do_read_fault.LOCK_PTL, do_shared_fault.LOCK_PTL",
			       "the page of a file or of shared memory is still not mapped", NULL },
	[RECHECK_FILE_FOLIO] = { "file-folio", "filemap_fault.LOCK", "the folio is still in the page cache",
				 "nobody has pages of files in these worlds" },
	[RECHECK_COW_PTE] = { "cow-pte", "do_cow_fault.LOCK_PTL",
			      "the page of a file that is to be copied is still not mapped",
			      "nobody has pages of files in these worlds" },
	[RECHECK_WP_SHARED] = { "wp-shared", "do_wp_page.LOCK_SHARED",
				"the page is still mapped and write-protected", NULL },
	[RECHECK_WP_PTE] = { "wp-pte", "do_wp_page.LOCK_PTL", "the page is still the one that was copied",
			     NULL },
	[RECHECK_WP_REFS] = { "wp-refs", "wp_can_reuse_anon_folio.DRAIN",
			      "nobody else holds the folio, now that it is locked and its slot given up",
			      "whoever else holds the folio by then is about to let go of it" },
	[RECHECK_SWAPIN_FOLIO] = { "swapin-folio", "do_swap_page.LOCK_FOLIO",
				   "the folio is still in the swap cache, for this slot", NULL },
	[RECHECK_SWAPIN_PTE] = { "swapin-pte", "do_swap_page.LOCK_PTL",
				 "the page is still swapped to this slot", NULL },
	[RECHECK_UNMAP_PTE] = { "unmap-pte", "try_to_unmap_one.LOCK_PTL", "the page still maps this folio",
				NULL },
	[RECHECK_RECLAIM_RELOCK] = { "reclaim-relock", "shrink_folio_list.RELOCK",
				     "nobody writes the folio or has written to it since it was written "
				     "out",
				     NULL },
	[RECHECK_REMOVE_REFS] = { "remove-refs", "remove_mapping.LOCK_CI", "nobody else holds the folio",
				  NULL },
	[RECHECK_REMOVE_DIRTY] = { "remove-dirty", "remove_mapping.LOCK_CI",
				   "nobody has written to the folio since it was written out",
				   "who dirties a folio in the swap cache maps or holds it, and that was "
				   "looked at just before" },
	[RECHECK_CLAIM_COUNT] = { "claim-count", "swapcache_prepare.LOCK_CI", "the slot is still in use",
				  NULL },
	[RECHECK_CLAIM_CACHE] = { "claim-cache", "swapcache_prepare.LOCK_CI",
				  "nobody else has the slot in the swap cache, or is about to", NULL },
	[RECHECK_PART_CACHE] = { "part-cache", "swap_cache_alloc_order.LOCK_CI",
				 "none of the slots of a large folio is in the swap cache (7.2)", NULL },
	[RECHECK_PART_COUNT] = { "part-count", "swap_cache_alloc_order.LOCK_CI",
				 "all slots of a large folio are still in use (7.2)", NULL },
	[RECHECK_PART_ZERO] = { "part-zero", "swap_cache_alloc_order.LOCK_CI",
				"all or none of the slots of a large folio are of zeroes (7.2)",
				"nobody has pages of zeroes in these worlds" },
	[RECHECK_PART_CGROUP] = { "part-cgroup", "swap_cache_alloc_order.LOCK_CI",
				  "all slots of a large folio are one cgroup's (7.2)", NULL },
	[RECHECK_FREE_CACHED] = { "free-cached", "try_to_unuse.LOCK_FOLIO",
				  "the folio is still in the swap cache",
				  "up to 7.0 a folio that is in no swap cache has slot 0, the header's, "
				  "which counts as used" },
	[RECHECK_FREE_WRITEBACK] = { "free-writeback", "folio_free_swap",
				     "the folio is not being written to its slot", NULL },
	[RECHECK_FREE_COUNT] = { "free-count", "folio_free_swap.LOCK_COUNT",
				 "no page is swapped to the slots of the folio", NULL },
	[RECHECK_ALLOC_HINT] = { "alloc-hint", "folio_alloc_swap.LOCK_HINT",
				 "the cluster of the CPU's hint may be used", NULL },
	[RECHECK_ALLOC_NEXT] = { "alloc-next", "cluster_alloc_swap_entry.LOCK_NEXT",
				 "the cluster to go on in may be used",
				 "never otherwise: nobody takes the cluster between the lock of the device "
				 "or CPU and its own" },
	[RECHECK_SCAN_USABLE] = { "scan-usable", "alloc_swap_scan_cluster.RETAKE_CI",
				  "the cluster may still be used after slots in it were reclaimed",
				  "never otherwise in clusters this small: who makes one unusable has taken "
				  "all of its slots" },
	[RECHECK_SCAN_RANGE] = { "scan-range", "alloc_swap_scan_cluster.RETAKE_CI",
				 "the slots that were reclaimed are still free", NULL },
	[RECHECK_SCAN_MAP] = { "scan-map", "scan_swap_map_slots.LOCK_CI",
			       "the slot that was found without the lock is still free (6.1)", NULL },
	[RECHECK_SCAN_FULL] = { "scan-full", "swap_reclaim_full_clusters.RETAKE_CI",
				"nobody else has put the cluster onto a list",
				"where it is to be put is looked up, and it is there already" },
	[RECHECK_ISOLATE_WRITEOK] = { "isolate-writeok", "isolate_lock_cluster.LOCK_SI",
				      "the device is not being swapped off (6.14, 6.17)",
				      "the same is looked at again before a slot is taken "
				      "(scan-writeok-recheck)" },
	[RECHECK_SLOTS_USED] = { "slots-used", "free_swap_slot.LOCK_FREE",
				 "slots are still kept by CPUs (up to 6.13)", NULL },
	[RECHECK_CONTINUE_FULL] = { "continue-full", "add_swap_count_continuation.LOCK_CI",
				    "the count still does not fit into swap_map",
				    "it costs a page that is not needed, and that is all" },
	[RECHECK_CONTINUE_PAGE] = { "continue-page", "add_swap_count_continuation.LOCK_CONT",
				    "nobody else has attached a page (up to 7.0)", NULL },
	[RECHECK_EXTEND_FULL] = { "extend-full", "swap_extend_table_alloc.LOCK_CI",
				  "nobody else has attached a table (from 7.1 on)", NULL },
	[RECHECK_SWAPOFF_WRITEOK] = { "swapoff-writeok", "swapoff_disable.LOCK_AVAIL",
				      "nobody else is swapping the device off", NULL },
	[RECHECK_UNUSE_PTE] = { "unuse-pte", "unuse_mm.LOCK_PTL", "the page is still swapped to the slot",
				NULL },
	[RECHECK_UNUSE_FOLIO] = { "unuse-folio", "unuse_mm.LOCK_PTL",
				  "the folio is still in the swap cache, for this slot",
				  "never otherwise: no slot of a device that is being swapped off is used "
				  "anew for the same page" },
	[RECHECK_SHMEM_PAGE] = { "shmem-page", "shmem_get_folio.LOCK", "the folio is still in the index",
				 NULL },
	[RECHECK_SHMEM_FOLIO] = { "shmem-folio", "shmem_swapin_folio.LOCK_FOLIO",
				  "the folio is still in the swap cache, for this slot",
				  "what the index has is looked at again, twice" },
	[RECHECK_SHMEM_ENTRY] = { "shmem-entry", "shmem_swapin_folio.LOCK_FOLIO",
				  "the index still has the entry",
				  "it is looked at again with the lock of the index (shmem-index)" },
	[RECHECK_SHMEM_INDEX] = { "shmem-index", "shmem_swapin_folio.LOCK_INDEX",
				  "the index still has what the folio is to replace", NULL },
	[RECHECK_SHMEM_SPLIT] = { "shmem-split", "shmem_split_large_entry.LOCK_INDEX",
				  "the index still has the large entry that is to be split",
				  "what the index has is looked at again before the folio is stored "
				  "(shmem-index)" },
	[RECHECK_SHMEM_ERASE] = { "shmem-erase", "shmem_free_swap.LOCK_INDEX",
				  "the index still has the entry that is to be erased", NULL },
	[RECHECK_SHMEM_TRUNCATE] = { "shmem-truncate", "shmem_undo_range.LOCK",
				     "the folio is still in the page cache", NULL },
	[RECHECK_ZSWAP_ENTRY] = { "zswap-entry", "zswap_writeback_entry.RECHECK",
				  "the slot still has the entry that was picked", NULL },
};

bool recheck_leave_out(const char *name, u64 *unchecked, GError **error)
{
	const char *names[NR_RECHECKS + 1] = { NULL }, *near;
	char *all;

	G_STATIC_ASSERT(NR_RECHECKS <= 64);
	for (u32 i = 0; i < NR_RECHECKS; i++)
		if (!strcmp(recheck_info[i].name, name)) {
			*unchecked |= UINT64_C(1) << i;
			return true;
		}
	for (u32 i = 0; i < NR_RECHECKS; i++)
		names[i] = recheck_info[i].name;
	near = suggest(name, names);
	all = g_strjoinv(", ", (char **)names);
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "nothing is checked by the name of \"%s\" (%s%s%s)",
		    name, near ? "did you mean \"" : "one of ", near ? near : all, near ? "\"?" : "");
	g_free(all);
	return false;
}
