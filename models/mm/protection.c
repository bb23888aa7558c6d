#include "models/mm/protection.h"

#include "models/mm/scan_balance.h"

void protection_update(struct kernel *k, u32 memcg)
{
	struct memcg *cg = &k->memcg[memcg];

	for (u32 which = 0; which < NR_PROTECTIONS; which++) {
		struct protection *p = &cg->protection[which];
		u64 used = MIN(cg->usage, p->wanted);

		k->memcg[cg->parent].protection[which].children += used - p->used;
		p->used = used;
	}
}

void protection_set(struct kernel *k, u32 memcg, u32 which, u64 pages)
{
	k->memcg[memcg].protection[which].wanted = pages;
	protection_update(k, memcg);
}

/* effective_protection() */
static u64 granted(const struct kernel *k, const struct memcg *cg, u32 which)
{
	const struct memcg *parent = &k->memcg[cg->parent];
	u64 used = cg->protection[which].used, all = parent->protection[which].children;
	u64 had = parent->protection[which].effective;

	if (all > had)
		return used * had / all;
	if (!k->config.memory_recursiveprot || had == all || parent->usage <= all || cg->usage <= used)
		return used;
	return used + (MIN(had, parent->usage) - all) * (cg->usage - used) / (parent->usage - all);
}

static void calculate(struct kernel *k, u32 target, u32 memcg)
{
	struct memcg *cg = &k->memcg[memcg];

	if (!cg->usage)
		return;
	for (u32 which = 0; which < NR_PROTECTIONS; which++)
		cg->protection[which].effective =
		    cg->parent == target ? cg->protection[which].wanted : granted(k, cg, which);
}

bool protection_is_min(const struct kernel *k, const struct scan_control *sc, u32 memcg)
{
	const struct memcg *cg = &k->memcg[memcg];

	return memcg != sc->target && cg->protection[PROTECT_MIN].effective >= cg->usage;
}

bool protection_spares(struct kernel *k, struct scan_control *sc, u32 memcg)
{
	const struct memcg *cg = &k->memcg[memcg];

	if (memcg == sc->target)
		return false;
	calculate(k, sc->target, memcg);
	if (protection_is_min(k, sc, memcg))
		return true;
	if (cg->protection[PROTECT_LOW].effective < cg->usage)
		return false;
	if (!sc->low_reclaim) {
		sc->low_skipped = 1;
		return true;
	}
	count_event(k, memcg, EVENTS_LOW);
	return false;
}

u64 protection_scale(const struct kernel *k, struct scan_control *sc, u32 memcg, u64 size)
{
	const struct memcg *cg = &k->memcg[memcg];
	u64 min = cg->protection[PROTECT_MIN].effective, low = cg->protection[PROTECT_LOW].effective;
	u64 protected = min;

	if (memcg == sc->target || !(min | low))
		return size;
	if (!sc->low_reclaim && low > min) {
		protected = low;
		sc->low_skipped = 1;
	}
	size -= size * protected / (MAX(cg->usage, protected) + 1);
	return MAX(size, k->config.reclaim_batch);
}
