/*
 * memcg.h - page counters and per-CPU stocks (mm/memcontrol.c, mm/page_counter.c; 6.17/6.18).
 *
 * Usage is charged to a cgroup and its ancestors, in batches that a CPU keeps as a stock. Page counters are
 * atomic, so a charge or an uncharge is part of one step. Left out: kernel memory and object charges,
 * memory.high, protection, swap.max (unlimited), the asynchronous part of draining other CPUs' stocks, which
 * happens at once here.
 */
#ifndef MODELS_MM_MEMCG_H
#define MODELS_MM_MEMCG_H

#include "models/kernel.h"

/* One page from the stock, else *batch of them, else one page; once a batch has failed *batch is 1, so that
 * the tries that follow in the same charge want no more. 0: charged; otherwise the cgroup that is over. */
u32 memcg_try_charge(struct kernel *k, struct task *t, u32 memcg, u32 *batch);
/* Beyond the limit. */
void memcg_force_charge(struct kernel *k, u32 memcg, u64 pages);
void memcg_uncharge(struct kernel *k, u32 memcg, u64 pages);
/* Return what CPUs have in stock of @memcg and those below it. */
void memcg_drain_stocks(struct kernel *k, u32 memcg);
/* Pages that may still be charged before the limit of @memcg itself is hit. */
u64 memcg_margin(const struct kernel *k, u32 memcg);

void memcg_charge_swap(struct kernel *k, u32 memcg, u32 entry);
/* memcg1_swapin(): the page is charged again, so under cgroup v1, where memory and swap are one limit, its
 * slot no longer is; under v2 it stays charged until it is freed. */
void memcg1_swapin(struct kernel *k, u32 entry);
/* The slot's record of whom it is charged to goes too. */
void memcg_uncharge_swap(struct kernel *k, u32 entry);

#endif
