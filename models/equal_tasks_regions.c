/*
 * Which numbers in the model's regions belong to equal tasks; see equal_tasks.h. A region that is not here
 * must hold nothing but zeroes.
 */
#include "models/equal_tasks.h"

#include "models/work/work.h"

#define NUMBERS(type, member, n, label) LABEL_FIELD(struct type, member, n, label, LABEL_NUMBER)
#define OWN(type, member, label) LABEL_FIELD(struct type, member, 1, label, LABEL_OWN)
#define FOLIO(type, member) NUMBERS(type, member, 1, LABEL_FOLIO)
#define PAGE(type, member) NUMBERS(type, member, 1, LABEL_PAGE)
#define MM_PLUS_ONE(type, member) LABEL_FIELD(struct type, member, 1, LABEL_MM, LABEL_PLUS_ONE)

static const struct label_field percpu_fields[] = {
	LABEL_OWNER(struct percpu, swap_lock.owner),
	LABEL_OWNER(struct percpu, lru_lock.owner),
	NUMBERS(percpu, lru_add, LRU_BATCH_MAX, LABEL_FOLIO),
	NUMBERS(percpu, rotate, LRU_BATCH_MAX, LABEL_FOLIO),
	NUMBERS(percpu, lazyfree, LRU_BATCH_MAX, LABEL_FOLIO),
	LABEL_LOCK(struct percpu, zswap_ctx),
	{ 0 },
};

static const struct label_field memory_fields[] = {
	NUMBERS(memory, free_frames, FOLIO_ORDERS, LABEL_FOLIO),
	LABEL_QUEUE(struct memory, isolated_wait),
	LABEL_QUEUE(struct memory, no_progress_wait),
	LABEL_QUEUE(struct memory, writeback_wait),
	LABEL_QUEUE(struct memory, kswapd_wait),
	LABEL_OWNER(struct memory, kswapd),
	LABEL_BIT(struct memory, kswapd_asleep),
	LABEL_BIT(struct memory, pfmemalloc),
	{ 0 },
};

static const struct label_field oom_fields[] = {
	LABEL_LOCK(struct oom, lock),
	LABEL_BIT(struct oom, reaper_idle),
	MM_PLUS_ONE(oom, reaper_list),
	{ 0 },
};

static const struct label_field swap_fields[] = {
	LABEL_LOCK(struct swap_state, avail_lock),
	LABEL_QUEUE(struct swap_state, swapcache_wq),
	LABEL_OWNER(struct swap_state, reclaim_worker),
	LABEL_BIT(struct swap_state, reclaim_idle),
	{ 0 },
};

static const struct label_field mm_fields[] = {
	OWN(mm, first_page, LABEL_PAGE),
	MM_PLUS_ONE(mm, reaper_next),
	LABEL_QUEUE(struct mm, killable),
	{ 0 },
};

static const struct label_field vma_fields[] = {
	OWN(vma, first_page, LABEL_PAGE),
	PAGE(vma, ra_prev),
	LABEL_FIELD(struct vma, next, 1, LABEL_VMA, LABEL_PLUS_ONE),
	{ 0 },
};

static const struct label_field lruvec_fields[] = {
	FOLIO(lruvec, list[0].head),	     FOLIO(lruvec, list[0].tail),
	FOLIO(lruvec, list[1].head),	     FOLIO(lruvec, list[1].tail),
	FOLIO(lruvec, list[2].head),	     FOLIO(lruvec, list[2].tail),
	FOLIO(lruvec, list[3].head),	     FOLIO(lruvec, list[3].tail),
	LABEL_LOCK(struct lruvec, lru_lock), { 0 },
};
_Static_assert(NR_LRU_LISTS == 4, "a row for each");

static const struct label_field device_fields[] = {
	LABEL_BIT(struct swap_device, users.in_use), LABEL_LOCK(struct swap_device, lock),
	LABEL_LOCK(struct swap_device, cont_lock),   LABEL_LOCK(struct swap_device, global_cluster_lock),
	LABEL_BIT(struct swap_device, grace),	     LABEL_BIT(struct swap_device, discard_work),
	LABEL_BIT(struct swap_device, reclaim_work), { 0 },
};

static const struct label_field slots_fields[] = {
	LABEL_LOCK(struct swap_slots_state, mutex),
	LABEL_LOCK(struct swap_slots_state, enable_mutex),
	{ 0 },
};

static const struct label_field slots_cache_fields[] = {
	LABEL_LOCK(struct swap_slots_cache, alloc_lock),
	LABEL_LOCK(struct swap_slots_cache, free_lock),
	{ 0 },
};

static const struct label_field work_fields[] = {
	PAGE(work, page),
	OWN(work, mm, LABEL_MM),
	LABEL_BIT(struct work, waits),
	{ 0 },
};

static const struct label_field space_fields[] = {
	LABEL_LOCK(struct swap_address_space, xa_lock),
	{ 0 },
};

static const struct label_field disk_fields[] = {
	LABEL_BIT(struct disk, no_tag),
	{ 0 },
};

static const struct label_field page_table_fields[] = {
	LABEL_LOCK(struct page_table, ptl),
	OWN(page_table, mm, LABEL_MM),
	OWN(page_table, vma, LABEL_VMA),
	{ 0 },
};

static const struct label_field cluster_fields[] = {
	LABEL_LOCK(struct swap_cluster_info, lock),
	{ 0 },
};

static const struct label_field folio_fields[] = {
	FOLIO(folio, prev),
	FOLIO(folio, next),
	PAGE(folio, page),
	LABEL_FIELD(struct folio, content, 1, LABEL_NONE, LABEL_CONTENT),
	{ 0 },
};

static const struct label_field folio_io_fields[] = {
	LABEL_BIT(struct folio_io, lock),
	LABEL_BIT(struct folio_io, writeback),
	{ 0 },
};

static const struct label_field slot_fields[] = {
	LABEL_FIELD(struct swap_slot, cache, 1, LABEL_NONE, LABEL_CACHE_WORD),
	LABEL_FIELD(struct swap_slot, content, 1, LABEL_NONE, LABEL_CONTENT),
	{ 0 },
};

/* An entry is a frame or a slot, as the flags say. */
const struct label_region label_regions[] = {
	{ "percpu", LABEL_CPU, false, percpu_fields },
	{ "rcu_callback", LABEL_NONE, false, NULL }, /* what these two are about is no task and no CPU */
	{ "pending", LABEL_NONE, false, NULL },
	{ "memory", LABEL_NONE, false, memory_fields },
	{ "oom", LABEL_NONE, false, oom_fields },
	{ "swap", LABEL_NONE, false, swap_fields },
	{ "mm", LABEL_MM, false, mm_fields },
	{ "vma", LABEL_VMA, false, vma_fields },
	{ "memcg", LABEL_NONE, false, NULL },
	{ "memcg_task", LABEL_TASK, false, NULL },
	{ "lruvec", LABEL_NONE, false, lruvec_fields },
	{ "device", LABEL_NONE, false, device_fields },
	{ "swap_slots", LABEL_NONE, false, slots_fields },
	{ "slots_cache", LABEL_NONE, false, slots_cache_fields },
	{ "cached_slot", LABEL_NONE, false, NULL },
	{ "next_slot", LABEL_NONE, false, NULL },
	{ "scan_base", LABEL_NONE, false, NULL },
	{ "scan_control", LABEL_TASK, false, NULL },
	{ "work", LABEL_TASK, false, work_fields },
	{ "space", LABEL_NONE, false, space_fields },
	{ "disk", LABEL_NONE, false, disk_fields },
	{ "request", LABEL_NONE, false, NULL }, /* there is none: the paths that make them are not listed */
	{ "plug", LABEL_TASK, false, NULL },
	{ "page_table", LABEL_TABLE, false, page_table_fields },
	{ "cluster", LABEL_NONE, false, cluster_fields },
	{ "folio", LABEL_FOLIO, false, folio_fields },
	{ "folio_io", LABEL_FOLIO, false, folio_io_fields },
	{ "pte_flags", LABEL_NONE, true, NULL },
	{ "page_version", LABEL_PAGE, false, NULL },
	{ "slot", LABEL_NONE, false, slot_fields },
	{ "xa_leaf", LABEL_NONE, false, NULL },
	{ "xa_shadows", LABEL_NONE, false, NULL },
	{ 0 },
};
