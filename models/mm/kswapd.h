/*
 * kswapd.h - the daemon that reclaims for the machine, and what allocations want of it (mm/vmscan.c:
 * kswapd(), balance_pgdat(), wakeup_kswapd(); 6.12-7.2; one node, one zone).
 *
 * It is woken by an allocation that finds less free than the low watermark, and reclaims until the high one
 * is reached. A run that reclaimed nothing is a failure; after 16 in a row it is asleep until another
 * reclaimer gets somewhere, be it for the limit of a cgroup, and (from 7.0) the machine has memory again.
 * Left out: compaction, watermark boosts, soft limits, freezing.
 */
#ifndef MODELS_MM_KSWAPD_H
#define MODELS_MM_KSWAPD_H

#include "models/kernel.h"

enum { DEF_PRIORITY = 12, MAX_RECLAIM_RETRIES = 16 };

/* wakeup_kswapd(); starts the daemon if this is the first time. */
void wake_kswapd(struct kernel *k);
/* Somebody reclaimed something. */
void kswapd_note_progress(struct kernel *k);
/* Whether it has not given up. */
static inline bool kswapd_may_help(const struct kernel *k)
{
	return k->memory->kswapd_failures < MAX_RECLAIM_RETRIES;
}
/* zone_reclaimable_pages(): what is on lists that reclaim could take from. */
u64 reclaimable_pages(const struct kernel *k);

#endif
