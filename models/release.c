#include "models/release.h"

#include <string.h>

#include "models/paths.h"
#include "models/recheck.h"
#include "sim/error.h"
#include "sim/suggest.h"

/* Sources: kernel-reference of this project (docs/kernel-model.md), read from the releases named. */
/* Each of them was made before the oldest of these releases, went into its stable series, or is of a bug that
 * it did not have yet (scan-writeok-recheck, unuse-stable-mm and uffd-move-* in 6.1, zram-free-at-install up
 * to 6.14). */
#define FIXES_OF_ALL                                                                                         \
	.continuation_lock = PATCH_ON, .zram_read_keeps = PATCH_ON, .zram_free_at_install = PATCH_ON,        \
	.swap_device_ref = PATCH_ON, .shmem_device_ref = PATCH_ON, .zap_device_ref = PATCH_ON,               \
	.scan_writeok_recheck = PATCH_ON, .avail_list_recheck = PATCH_ON, .shmem_mark_first = PATCH_ON,      \
	.uffd_move_cached = PATCH_ON

/* What releases have in common up to one of them, or from one on. */
#define UP_TO_6_18                                                                                           \
	.more_counts = PATH_add_swap_count_continuation, .read_swap_cache = PATH_read_swap_cache_async
#define UP_TO_6_14 .swapin_pins = true, .lazyfree_held = true, .puts_singly = true, .notes_no_cost = true
#define SINCE_6_12 .lru_batch = 31, .full_walk = true
#define FIXES_SINCE_6_12 FIXES_OF_ALL, .stats_ratelimited = PATCH_ON, .plug_peek = PLUG_PEEK_OLDEST
#define FROM_6_12_TO_6_17 .cache = SWAP_CACHE_XARRAY, .cluster_bytes = 24, SINCE_6_12, UP_TO_6_18
#define FIXES_FROM_6_12_TO_6_18                                                                              \
	.bypass_pin = PATCH_ON, .race_wait_queue = PATCH_ON, .zswap_skip_if_exists = PATCH_ON,               \
	.zswap_bypass_keeps = PATCH_ON
#define FIXES_FROM_6_12_TO_6_17 FIXES_SINCE_6_12, FIXES_FROM_6_12_TO_6_18, .cluster_shuffle = PATCH_ON
/* Of 7.0; 6.12 and 6.18 have them from their stable series, 6.14 and 6.17 were at an end before. */
#define FIXES_OF_TRUNCATE .shmem_free_swap_order = PATCH_ON, .shmem_truncate_advances = PATCH_ON
#define SINCE_6_17                                                                                           \
	.memcg_stocks = 7, .preempts_lazily = true, .mglru_reworked = true, .mglru_scans_asked = true,       \
	.exec_ahead = true, .shmem_bypass = true, .shmem_splits_near = true, .shmem_takes_back = true,       \
	.zswap_large = true
#define SINCE_6_18                                                                                           \
	SINCE_6_12, SINCE_6_17, .cache = SWAP_CACHE_TABLE, .allocator = SWAP_ALLOC_CLUSTER,                  \
				.busy_is_no_hit = true, .zswap_keeps_raw = true
#define FIXES_SINCE_6_18                                                                                     \
	FIXES_SINCE_6_12, .reclaim_slot_recheck = SLOT_RECHECK_ON, .nonfull_first = PATCH_ON,                \
			  .shmem_split_before_insert = PATCH_ON, .shmem_fallback_cached = PATCH_ON,          \
			  .shmem_verify_before_split = PATCH_ON, FIXES_OF_TRUNCATE,                          \
			  .readahead_device_ref = PATCH_ON, .unuse_stable_mm = PATCH_ON,                     \
			  .uffd_move_recheck = PATCH_ON, .table_alloc = TABLE_ALLOC_V4
#define SINCE_7_0 .equal_priorities = true, .hopeless_until_balanced = true, .shmem_counts_splits = true
#define FROM_6_17_TO_7_0 .costs_at_putback = true
#define IN_7_0                                                                                               \
	FROM_6_17_TO_7_0, .slots = SLOT_MAP, .cluster_bytes = 32,                                            \
			  .more_counts = PATH_add_swap_count_continuation, .swapin = PATH_swapin_folio,      \
			  .read_swap_cache = PATH_swap_cache_alloc_folio
#define SINCE_7_1                                                                                            \
	.slots = SLOT_WORD, .more_counts = PATH_swap_extend_table_alloc, .counts_unlocked = true,            \
	.tries_anew = true, .mglru_stops = true, .counts_all_direct = true
#define FIXES_SINCE_7_0 .memcg_swapout_first = PATCH_ON

static const struct release releases[] = {
	{
	    .name = "6.1",
	    .summary = "as 6.12, but slots are searched for in swap_map, and zeroes are written; reclaim as "
		       "it was then",
	    .cache = SWAP_CACHE_XARRAY,
	    .allocator = SWAP_ALLOC_SCAN,
	    .slot_caches = SLOT_CACHES_BOTH,
	    .cluster_bytes = 8,
	    .lru_batch = 15,
	    .memcg_stocks = 1,
	    .writes_zeroes = true,
	    .claims_first = true,
	    .maps_read_only = true,
	    .waits_in_read = true,
	    .races_afresh = true,
	    .frees_singly = true,
	    .pageouts_cost = true,
	    .mglru_recent_only = true,
	    .mglru_ages_along = true,
	    .mglru_waits = true,
	    .mglru_numbers = true,
	    .no_zswap = true,
	    .no_uffd_move = true,
	    UP_TO_6_14,
	    UP_TO_6_18,
	    .patches = { FIXES_OF_ALL, .bypass_pin = PATCH_ON, .cluster_shuffle = PATCH_ON,
			 .plug_peek = PLUG_PEEK_NEWEST, .readahead_device_ref = PATCH_ON,
			 .unuse_stable_mm = PATCH_ON, .uffd_move_recheck = PATCH_ON },
	},
	{
	    .name = "6.12",
	    .summary = "as 6.17, but slots are taken and freed under the device's lock, by 64 through each "
		       "CPU's cache",
	    FROM_6_12_TO_6_17,
	    .allocator = SWAP_ALLOC_DEVICE,
	    .slot_caches = SLOT_CACHES_BOTH,
	    .memcg_stocks = 1,
	    UP_TO_6_14,
	    .patches = { FIXES_FROM_6_12_TO_6_17, FIXES_OF_TRUNCATE, .readahead_device_ref = PATCH_ON,
			 .shmem_split_before_insert = PATCH_ON, .unuse_stable_mm = PATCH_ON,
			 .uffd_move_recheck = PATCH_ON },
	},
	{
	    .name = "6.14",
	    .summary =
		"as 6.17, but slots are taken by 64 through each CPU's cache, from a cluster of its own",
	    FROM_6_12_TO_6_17,
	    .allocator = SWAP_ALLOC_CLUSTER,
	    .slot_caches = SLOT_CACHES_TAKE,
	    .memcg_stocks = 1,
	    .preempts_lazily = true,
	    .mglru_reworked = true,
	    .shmem_bypass = true,
	    .zswap_large = true,
	    .batches_isolate = true,
	    .merges_oldest = true,
	    UP_TO_6_14,
	    .patches = { FIXES_FROM_6_12_TO_6_17, .readahead_device_ref = PATCH_ON,
			 .shmem_split_before_insert = PATCH_ON },
	},
	{
	    .name = "6.17",
	    .summary = "swap_map with SWAP_HAS_CACHE; the swap cache is an XArray per 64 MiB",
	    FROM_6_12_TO_6_17,
	    FROM_6_17_TO_7_0,
	    SINCE_6_17,
	    .allocator = SWAP_ALLOC_CLUSTER,
	    .patches = { FIXES_FROM_6_12_TO_6_17, .shmem_split_before_insert = PATCH_ON,
			 .shmem_fallback_cached = PATCH_ON, .shmem_verify_before_split = PATCH_ON,
			 .unuse_stable_mm = PATCH_ON, .uffd_move_recheck = PATCH_ON,
			 .reclaim_slot_recheck = SLOT_RECHECK_ASTRAY },
	},
	{
	    .name = "6.18",
	    .summary = "swap table phase I: the swap cache is a table per cluster, swap_map remains",
	    SINCE_6_18,
	    FROM_6_17_TO_7_0,
	    .cluster_bytes = 32,
	    UP_TO_6_18,
	    .patches = { FIXES_SINCE_6_18, FIXES_FROM_6_12_TO_6_18 },
	},
	{
	    .name = "7.0",
	    .summary = "swap table phase II as it was merged for 7.0: no SWAP_HAS_CACHE, and no swap-in "
		       "around the swap cache",
	    SINCE_6_18,
	    SINCE_7_0,
	    IN_7_0,
	    .patches = { FIXES_SINCE_6_18, FIXES_SINCE_7_0, .charge = CHARGE_AFTER_INSERT },
	},
	{
	    .name = "7.0-fix",
	    .summary = "7.0 as it was released: a page is charged before it is put into the swap cache",
	    SINCE_6_18,
	    SINCE_7_0,
	    IN_7_0,
	    .patches = { FIXES_SINCE_6_18, FIXES_SINCE_7_0, .charge = CHARGE_BEFORE_INSERT },
	},
	{
	    .name = "7.1",
	    .summary = "swap table phase III: no swap_map, references are counted in the table",
	    SINCE_6_18,
	    SINCE_7_0,
	    SINCE_7_1,
	    .cluster_bytes = 40,
	    .word_flags = 4,
	    .swapin = PATH_swapin_folio,
	    .read_swap_cache = PATH_swap_cache_alloc_folio,
	    .patches = { FIXES_SINCE_6_18, FIXES_SINCE_7_0, .charge = CHARGE_BEFORE_INSERT },
	},
	{
	    .name = "7.2",
	    .summary =
		"swap table phase IV: cgroups and zeroes in the table, folios are allocated in the swap "
		"cache and charged there",
	    SINCE_6_18,
	    SINCE_7_0,
	    SINCE_7_1,
	    .cluster_bytes = 48,
	    .word_flags = 5,
	    .cgroup_in_cluster = true,
	    .allocs_in_cache = true,
	    .extend_rechecked = true,
	    .reaped_not_charged = true,
	    .mglru_restructured = true,
	    .swapin = PATH_swapin_sync,
	    .read_swap_cache = PATH_swap_cache_read_folio,
	    .patches = { FIXES_SINCE_6_18, FIXES_SINCE_7_0, .charge = CHARGE_AFTER_INSERT,
			 .mglru_reactivates = PATCH_ON },
	},
};

/* What a release is modelled without, since it came into its stable series later. */
static const struct stable_fixes {
	const char *release;
	s32 version;
	const char *patches;
} stable_fixes[] = {
	{ "6.12", 114, "+mglru-reactivates=on+mglru-resets-tiers=on" },
};

static const char *const off_on[] = { "off", "on", NULL };
static const char *const plug_peek_values[] = { "newest", "oldest", "total", "nested", NULL };
static const char *const slot_recheck_values[] = { "off", "astray", "on", NULL };
static const char *const race_sleep_values[] = { "tick", "resched", "spin", NULL };
static const char *const table_alloc_values[] = { "", "v3", "v4", NULL };
static const char *const charge_values[] = { "", "before-insert", "after-insert", "order-as-charged", NULL };

#define PATCH(name, field, values, meaning)                                                                  \
	{                                                                                                    \
		name, meaning, values, offsetof(struct patches, field)                                       \
	}
static const struct patch_info patches_known[] = {
	PATCH("bypass-pin", bypass_pin, off_on,
	      "a bypassing swap-in claims the slot with SWAP_HAS_CACHE first"),
	PATCH("race-wait-queue", race_wait_queue, off_on,
	      "the loser of that race is woken by a finished swap-in"),
	PATCH("race-sleep", race_sleep, race_sleep_values,
	      "who finds a slot claimed and no page in the swap cache sleeps a tick before it looks again; "
	      "resched "
	      "is as before 5.18, spin as before 3.10"),
	PATCH("nonfull-first", nonfull_first, off_on, "allocate from partly used clusters before free ones"),
	PATCH("cluster-shuffle", cluster_shuffle, off_on, "free clusters of a new device lie 64 MiB apart"),
	PATCH("stats-ratelimited", stats_ratelimited, off_on,
	      "reclaim goes by cgroup statistics that may be 2 s old"),
	PATCH("plug-peek", plug_peek, plug_peek_values,
	      "which request's size says that a plug has to be sent; total and nested are in no kernel"),
	PATCH("zswap-skip-if-exists", zswap_skip_if_exists, off_on,
	      "zswap passes over a slot that is being swapped in instead of waiting for it"),
	PATCH("zswap-bypass-keeps", zswap_bypass_keeps, off_on,
	      "zswap keeps what it hands to a swap-in around the swap cache"),
	PATCH("continuation-lock", continuation_lock, off_on,
	      "a lock of the device guards what does not fit into swap_map of counts"),
	PATCH("zram-free-at-install", zram_free_at_install, off_on,
	      "zram frees what a slot held when it puts the new data there, and not before it compresses"),
	PATCH("zram-read-keeps", zram_read_keeps, off_on,
	      "zram keeps a page that was read until its slot is freed"),
	PATCH(
	    "shmem-split-before-insert", shmem_split_before_insert, off_on,
	    "a large swap entry of shared memory is split before a page is stored in a part of it; always so "
	    "where it is verified before the split"),
	PATCH("shmem-fallback-cached", shmem_fallback_cached, off_on,
	      "shared memory is not read back as a large folio if part of it is in the swap cache"),
	PATCH("shmem-verify-before-split", shmem_verify_before_split, off_on,
	      "its swap entries are split when a smaller page has been read, and all are looked at before a "
	      "folio is stored in their place"),
	PATCH("shmem-free-swap-order", shmem_free_swap_order, off_on,
	      "who truncates shared memory learns how large a swap entry is when it erases it, not before"),
	PATCH("shmem-truncate-advances", shmem_truncate_advances, off_on,
	      "and passes over one that lies across the beginning of the range, too"),
	PATCH("swap-device-ref", swap_device_ref, off_on,
	      "a fault on a swapped page holds the device, so that it is not swapped off meanwhile"),
	PATCH("shmem-device-ref", shmem_device_ref, off_on, "who swaps shared memory in holds the device"),
	PATCH("zap-device-ref", zap_device_ref, off_on,
	      "who gives up slots holds their device until it is done with those that only the cache holds"),
	PATCH("readahead-device-ref", readahead_device_ref, off_on,
	      "readahead holds the device of a page that is not on that of the fault"),
	PATCH("scan-writeok-recheck", scan_writeok_recheck, off_on,
	      "a slot is taken only if the device is not being swapped off, which was asked before the locks "
	      "were dropped; 6.12: and swapoff waits for who looks for slots"),
	PATCH("avail-list-recheck", avail_list_recheck, off_on,
	      "swapoff takes a device off the list of those with free slots in the same step as it forbids "
	      "to take slots, or a slot that is freed puts it back"),
	PATCH("reclaim-slot-recheck", reclaim_slot_recheck, slot_recheck_values,
	      "who frees a slot that only the cache holds sees whether the folio it has locked is still that "
	      "of the slot; astray: if not, looks on where the folio is now"),
	PATCH("unuse-stable-mm", unuse_stable_mm, off_on,
	      "swapoff passes over a process that fork() gave up half-way"),
	PATCH("shmem-mark-first", shmem_mark_first, off_on,
	      "slots of shared memory count as its own before its indices name them"),
	PATCH("uffd-move-cached", uffd_move_cached, off_on,
	      "UFFDIO_MOVE of a swapped page takes its folio in the swap cache along"),
	PATCH("uffd-move-recheck", uffd_move_recheck, off_on,
	      "and looks whether that is its folio when it has locked it, and whether there is none when it "
	      "has locked the page tables"),
	PATCH("table-alloc", table_alloc, table_alloc_values,
	      "what happens after a swap table was allocated with the locks dropped"),
	PATCH("charge", charge, charge_values,
	      "whether a page that is swapped in is charged before it is put into the swap cache or after; "
	      "order-as-charged: after if it is a single page, in no kernel"),
	PATCH("mglru-reactivates", mglru_reactivates, off_on,
	      "multi-gen LRU: a page that reclaim finds under writeback becomes the youngest, not the second "
	      "oldest"),
	PATCH("mglru-resets-tiers", mglru_resets_tiers, off_on,
	      "multi-gen LRU up to 6.13: a page that becomes the youngest begins with no uses"),
	PATCH("memcg-swapout-first", memcg_swapout_first, off_on,
	      "the slot's cgroup is noted before a page leaves the swap cache, which may free the slot "
	      "(cgroup v1)"),
};

const struct release *release_list(u32 *n)
{
	*n = ARRAY_SIZE(releases);
	return releases;
}

const struct patch_info *patch_list(u32 *n)
{
	*n = ARRAY_SIZE(patches_known);
	return patches_known;
}

const char *release_stable_patches(const struct release *release, s32 version)
{
	for (u32 i = 0; i < ARRAY_SIZE(stable_fixes); i++)
		if (!strcmp(stable_fixes[i].release, release->name) && version >= stable_fixes[i].version)
			return stable_fixes[i].patches;
	return "";
}

bool release_has_zswap(const struct release *release, GError **error)
{
	if (!release->no_zswap)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "zswap of release %s is not modelled (there is that of 6.12 and later)", release->name);
	return false;
}

bool release_has_uffd_move(const struct release *release, GError **error)
{
	if (!release->no_uffd_move)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "release %s has no UFFDIO_MOVE (6.12 and later have)", release->name);
	return false;
}

/* What may have been meant by a name, or else all that there are. */
static char *other_names(bool of_patches, const char *name)
{
	const char *names[MAX(ARRAY_SIZE(patches_known), ARRAY_SIZE(releases)) + 1] = { NULL };
	u32 n = of_patches ? ARRAY_SIZE(patches_known) : ARRAY_SIZE(releases);
	const char *near;
	char *all, *list;

	for (u32 i = 0; i < n; i++)
		names[i] = of_patches ? patches_known[i].name : releases[i].name;
	near = of_patches ? suggest(name, names) : NULL; /* a release is no word */
	if (near)
		return g_strdup_printf("did you mean \"%s\"?", near);
	all = g_strjoinv(", ", (char **)names);
	list = g_strdup_printf("one of %s", all);
	g_free(all);
	return list;
}

static char *value_list(const struct patch_info *patch)
{
	GString *s = g_string_new(NULL);

	for (u32 i = 0; patch->values[i]; i++)
		if (patch->values[i][0])
			g_string_append_printf(s, "%s%s", s->len ? ", " : "", patch->values[i]);
	return g_string_free(s, FALSE);
}

/* What a patch is about and the release does not have; NULL: it has. */
static const char *what_it_lacks(const struct release *release, const char *patch)
{
	if (!strcmp(patch, "table-alloc") && release->cache != SWAP_CACHE_TABLE)
		return "swap tables (patch table-alloc is for releases from 6.18 on";
	if (!strcmp(patch, "continuation-lock") && release->slots == SLOT_WORD)
		return "continuations of counts (patch continuation-lock is for releases up to 7.0";
	if (!strcmp(patch, "charge") && release->slots == SLOT_MAP_AND_BIT)
		return "choice of when to charge (patch charge is for releases from 7.0 on";
	if (!strcmp(patch, "bypass-pin") && release->slots != SLOT_MAP_AND_BIT)
		return "swap-in around the swap cache (patch bypass-pin is for releases up to 6.18";
	return NULL;
}

static bool set_by_index(const struct release *release, struct patches *patches,
			 const struct patch_info *patch, u32 value, GError **error)
{
	u8 *field = (u8 *)patches + patch->offset;

	const char *missing = what_it_lacks(release, patch->name);

	if (missing) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "release %s has no %s)", release->name,
			    missing);
		return false;
	}
	*field = value;
	return true;
}

bool patch_set(const struct release *release, struct patches *patches, const char *name, const char *value,
	       GError **error)
{
	char *list;

	if (!strcmp(name, "unchecked"))
		return recheck_leave_out(value, &patches->unchecked, error);
	for (u32 i = 0; i < ARRAY_SIZE(patches_known); i++) {
		const struct patch_info *patch = &patches_known[i];

		if (strcmp(patch->name, name))
			continue;
		for (u32 v = 0; patch->values[v]; v++)
			if (value[0] && !strcmp(patch->values[v], value))
				return set_by_index(release, patches, patch, v, error);
		list = value_list(patch);
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "patch %s has no value \"%s\" (one of %s)",
			    name, value, list);
		g_free(list);
		return false;
	}
	list = other_names(true, name);
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "unknown patch \"%s\" (%s)", name, list);
	g_free(list);
	return false;
}

static bool patches_parse(char **parts, const struct release *release, struct patches *patches,
			  GError **error)
{
	for (u32 i = 0; parts[i]; i++) {
		char *equals = strchr(parts[i], '=');
		bool ok;

		if (!equals) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
				    "patch \"%s\" has no value (write %s=on, =off or another value)",
				    parts[i], parts[i]);
			return false;
		}
		*equals = 0;
		ok = patch_set(release, patches, parts[i], equals + 1, error);
		*equals = '=';
		if (!ok)
			return false;
	}
	return true;
}

bool release_parse(const char *text, const struct release **release, struct patches *patches, GError **error)
{
	char **parts = g_strsplit(text, "+", -1);
	bool ok = false;
	char *list;

	*release = NULL;
	for (u32 i = 0; i < ARRAY_SIZE(releases) && parts[0]; i++)
		if (!strcmp(releases[i].name, parts[0]))
			*release = &releases[i];
	if (*release) {
		*patches = (*release)->patches;
		ok = patches_parse(parts + 1, *release, patches, error);
	} else {
		list = other_names(false, parts[0]);
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "unknown release \"%s\" (%s)",
			    parts[0] ? parts[0] : "", list);
		g_free(list);
	}
	g_strfreev(parts);
	return ok;
}
