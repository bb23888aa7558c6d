/*
 * protection.h - memory.min and memory.low: what reclaim leaves to a cgroup (mm/page_counter.c:
 * page_counter_calculate_protection(); mm/vmscan.c: shrink_node_memcgs(), get_scan_count(); 6.12-6.18).
 *
 * What a cgroup is granted follows, down from the target of the reclaim, from what it asks for, uses and what
 * its parent was granted: right below the target all it asks for; below that, if siblings use more protection
 * than their parent has, a share in proportion to it, and if they leave some of it unused and the hierarchy
 * is mounted with memory_recursiveprot, a share of that too, in proportion to what they use unprotected. A
 * cgroup within its memory.min is passed over, one within memory.low as long as there is something else to be
 * had; one that is above is scanned in proportion to how far. The target's own protection does not count: its
 * limit does.
 *
 * Effective values are those of the latest reclaim, whatever its target was: two reclaims at a time disturb
 * one another, as they do in the kernel. There an arithmetic overflow makes nonsense of what children get of
 * a parent's "max"; here it protects them.
 */
#ifndef MODELS_MM_PROTECTION_H
#define MODELS_MM_PROTECTION_H

#include "models/kernel.h"

/* Write memory.min or memory.low (enum PROTECT_*). */
void protection_set(struct kernel *k, u32 memcg, u32 which, u64 pages);
/* What a cgroup uses of its protection has changed; see protection_note_usage(). */
void protection_update(struct kernel *k, u32 memcg);

/* mem_cgroup_below_min(): a cgroup has no more than memory.min gives it. */
bool protection_is_min(const struct kernel *k, const struct scan_control *sc, u32 memcg);
/* Whether the walk of a reclaim has to pass over a cgroup; counts memory.events:low when it may not. */
bool protection_spares(struct kernel *k, struct scan_control *sc, u32 memcg);
/* Pages of a list of @size that are looked at as if they were all there is. */
u64 protection_scale(const struct kernel *k, struct scan_control *sc, u32 memcg, u64 size);

/* propagate_protected_usage(): usage has changed. */
static inline void protection_note_usage(struct kernel *k, u32 memcg)
{
	const struct protection *p = k->memcg[memcg].protection;

	if (p[PROTECT_MIN].wanted | p[PROTECT_LOW].wanted)
		protection_update(k, memcg);
}

#endif
