/*
 * scan_balance.h - how much of which LRU list reclaim looks at (mm/vmscan.c: prepare_scan_control(),
 * get_scan_count(); 6.12-6.18, classic LRU).
 *
 * A list's share follows from swappiness and from what reclaiming anonymous and file pages of the target has
 * cost lately (lru_note_cost()). Left out: demotion, unevictable pages, cgroups that were removed.
 */
#ifndef MODELS_MM_SCAN_BALANCE_H
#define MODELS_MM_SCAN_BALANCE_H

#include "models/kernel.h"

enum { MAX_SWAPPINESS = 200 };

/* Before each priority: what holds for the whole target. */
void prepare_scan_control(struct kernel *k, struct scan_control *sc);
/* Pages to look at on each list of a cgroup at this priority. */
void get_scan_count(struct kernel *k, struct scan_control *sc, u32 memcg, u32 nr[NR_LRU_LISTS]);
/* snapshot_refaults(): pages that come back active from here on are noticed by the next reclaim. */
void snapshot_refaults(struct kernel *k, u32 target);

/* @all is PGSCAN or PGSTEAL. A cgroup counts all reclaim in it; the machine tells who did it when it was for
 * the machine's sake. */
void count_scan(struct kernel *k, const struct task *t, u32 memcg, enum counter all, u32 n);

static inline bool is_global_reclaim(const struct scan_control *sc)
{
	return !sc->target;
}

#endif
