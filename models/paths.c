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
		[PATH_swap_cluster_alloc_table] = "from 6.18",
	};

	return releases[path];
}

const struct path_info path_info[NR_PATHS] = {
#define X(p) { #p, p##_path, sizeof(struct p) },
	PATHS(X)
#undef X
};
