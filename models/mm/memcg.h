/*
 * memcg.h - page counters and per-CPU stocks (mm/memcontrol.c, mm/memcontrol-v1.c, mm/page_counter.c;
 * 6.12-6.18).
 *
 * Usage is charged to a cgroup and its ancestors, in batches that a CPU keeps as a stock. Page counters are
 * atomic, so a charge or an uncharge is part of one step.
 *
 * Swap. Under cgroup v2 a slot is charged on a counter of its own from its allocation to its end, and
 * memory.swap.max is the limit. Under v1 there is one counter for memory and swap together (memsw): a page
 * that goes to swap takes its charge with it, and what memory.swap.current would be is kept as a figure only.
 *
 * Left out: kernel memory and object charges, the asynchronous part of draining other CPUs' stocks, which
 * happens at once here. memory.high is in over_high.h, protection in protection.h.
 */
#ifndef MODELS_MM_MEMCG_H
#define MODELS_MM_MEMCG_H

#include "models/kernel.h"

/* @pages from the stock, else *batch of them, else @pages; once a batch has failed *batch is @pages, so that
 * the tries that follow in the same charge want no more. 0: charged; otherwise the cgroup that is over.
 * *no_swap is set when that was a limit of memory and swap together, be it for a batch; nobody ever clears
 * it, and so up to 7.0 a charge that is followed by reclaim does without swap (7.1: try_charge_memcg()
 * decides anew for each try). */
u32 memcg_try_charge(struct kernel *k, struct task *t, u32 memcg, u32 pages, u32 *batch, u8 *no_swap);
/* Beyond the limit. */
void memcg_force_charge(struct kernel *k, u32 memcg, u64 pages);
void memcg_uncharge(struct kernel *k, u32 memcg, u64 pages);
/* Return what CPUs have in stock of @memcg and those below it. */
void memcg_drain_stocks(struct kernel *k, u32 memcg);
/* Pages that may still be charged before a limit of @memcg itself is hit. */
u64 memcg_margin(const struct kernel *k, u32 memcg);
bool memcg_is_below(const struct kernel *k, u32 memcg, u32 above);

/* do_memsw_account() */
static inline bool counts_memsw(const struct kernel *k)
{
	return k->config.cgroup_version == 1;
}
/* mem_cgroup_try_charge_swap(), v2, for @nr slots in a row: false when a limit is met; with entry 0, when
 * there were none to be had, only the event is counted. */
bool memcg_try_charge_swap(struct kernel *k, u32 memcg, u32 entry, u32 nr);
/* The slots' record of whom they are charged to goes too. */
void memcg_uncharge_swap(struct kernel *k, u32 entry, u32 nr);
/* v1: the folio leaves memory for good, and its charge goes over to its slots. */
void memcg1_swapout(struct kernel *k, u32 folio, u32 entry);
/* v1: the pages are charged again, so their slots no longer are. */
void memcg1_swapin(struct kernel *k, u32 entry, u32 nr);

/* mem_cgroup_get_nr_swap_pages(): what may still be swapped out on behalf of @memcg. */
s64 memcg_nr_swap_pages(const struct kernel *k, u32 memcg);
/* Swap of the machine or, under v2, of a cgroup the folio is charged to is half used: time to give up slots
 * that only the cache holds. */
bool mem_cgroup_swap_full(const struct kernel *k, u32 folio);

#endif
