#include "models/paths.h"

const char *path_releases(u32 path)
{
	static const char *const releases[NR_PATHS] = {
		[PATH_get_swap_slot] = "6.12",
		[PATH_check_cache_active] = "6.12",
		[PATH_drain_slots_cache_cpu] = "6.12",
		[PATH_free_swap_slot] = "6.12",
		[PATH_get_swap_pages] = "6.12",
		[PATH_cluster_alloc_swap_entry_locked] = "6.12",
		[PATH_alloc_swap_scan_cluster_locked] = "6.12",
		[PATH_swap_reclaim_full_clusters_locked] = "6.12",
		[PATH_swapcache_free_entries] = "6.12",
		[PATH_swap_entry_range_free] = "6.12",
		[PATH_swap_reclaim_work] = "from 6.12",
		[PATH_swap_reclaim_worker] = "from 6.12",
		[PATH_swap_cluster_alloc_table] = "from 6.18",
		[PATH_swapcache_prepare] = "up to 6.18",
		[PATH_swapcache_clear] = "up to 6.18",
		[PATH_swap_cache_add_folio] = "up to 6.18",
		[PATH_read_swap_cache_async] = "up to 6.18",
		[PATH_swap_shmem_alloc] = "up to 6.18",
		[PATH_swapin_alloc] = "up to 6.18",
		[PATH_swap_cache_del_folio] = "from 7.0",
		[PATH_swap_put_entries_cluster] = "from 7.0",
		[PATH_swap_cache_prepare_and_add] = "7.0, 7.1",
		[PATH_swap_cache_alloc_folio] = "7.0, 7.1",
		[PATH_swapin_folio] = "7.0, 7.1",
		[PATH_swap_extend_table_alloc] = "from 7.1",
		[PATH_swap_cache_alloc] = "7.2",
		[PATH_swap_cache_alloc_order] = "7.2",
		[PATH_swap_cache_read_folio] = "7.2",
		[PATH_swapin_sync] = "7.2",
	};

	return releases[path];
}

const struct path_info path_info[NR_PATHS] = {
#define X(p) { #p, p##_path, sizeof(struct p) },
	PATHS(X)
#undef X
};
