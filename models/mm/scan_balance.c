#include "models/mm/scan_balance.h"

#include "models/mm/lru.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/protection.h"

/* Active pages of a type may be made inactive when some of it came back since the last reclaim, or when too
 * few are inactive. */
static bool wants_deactivation(const struct lruvec *v, const struct lruvec_stats *stats, u32 type)
{
	return stats->activated[type] != v->activated_then[type] ||
	       inactive_is_low(stats, type == LRU_FILE ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON);
}

/* Page cache is so small that its cost says nothing: a cache that begins inactive would be reclaimed for
 * ever. Of the machine as a whole only. */
static bool file_is_tiny(struct kernel *k, const struct scan_control *sc)
{
	const struct lruvec_stats *node = lruvec_stats(k, 0);
	u64 file = (u64)node->size[LRU_INACTIVE_FILE] + node->size[LRU_ACTIVE_FILE];

	return file + k->memory->free <= k->memory->high && !(sc->may_deactivate & 1 << LRU_ANON) &&
	       node->size[LRU_INACTIVE_ANON] >> sc->priority;
}

void prepare_scan_control(struct kernel *k, struct scan_control *sc)
{
	const struct lruvec *v = &k->lruvec[sc->target];
	const struct lruvec_stats *stats = lruvec_stats(k, sc->target);

	sc->may_deactivate = 0;
	for (u32 type = 0; type < NR_LRU_TYPES; type++) {
		sc->cost[type] = v->cost[type];
		if (sc->force_deactivate || wants_deactivation(v, stats, type))
			sc->may_deactivate |= 1 << type;
	}
	sc->cache_trim_mode = !sc->no_cache_trim && stats->size[LRU_INACTIVE_FILE] >> sc->priority &&
			      !(sc->may_deactivate & 1 << LRU_FILE);
	sc->file_is_tiny = is_global_reclaim(sc) && file_is_tiny(k, sc);
}

void snapshot_refaults(struct kernel *k, u32 target)
{
	const struct lruvec_stats *stats = lruvec_stats(k, target);

	for (u32 type = 0; type < NR_LRU_TYPES; type++)
		k->lruvec[target].activated_then[type] = stats->activated[type];
}

enum scan_kind { SCAN_EQUAL, SCAN_FRACT, SCAN_ANON, SCAN_FILE };

static enum scan_kind scan_kind(const struct kernel *k, const struct scan_control *sc, u32 memcg)
{
	if (sc->no_swap || memcg_nr_swap_pages(k, memcg) <= 0)
		return SCAN_FILE;
	if (!sc->priority && k->config.swappiness)
		return SCAN_EQUAL;
	if (sc->file_is_tiny)
		return SCAN_ANON;
	return sc->cache_trim_mode ? SCAN_FILE : SCAN_FRACT;
}

void get_scan_count(struct kernel *k, struct scan_control *sc, u32 memcg, u32 nr[NR_LRU_LISTS])
{
	u64 total = sc->cost[LRU_ANON] + sc->cost[LRU_FILE];
	u64 anon = total + sc->cost[LRU_ANON], file = total + sc->cost[LRU_FILE];
	u64 swappiness = k->config.swappiness;
	enum scan_kind kind = scan_kind(k, sc, memcg);
	u64 part[NR_LRU_TYPES];

	total = anon + file;
	part[LRU_ANON] = swappiness * (total + 1) / (anon + 1);
	part[LRU_FILE] = (MAX_SWAPPINESS - swappiness) * (total + 1) / (file + 1);
	for (u32 lru = 0; lru < NR_LRU_LISTS; lru++) {
		u64 size = k->lruvec[memcg].list[lru].count;
		u64 scan = protection_scale(k, sc, memcg, size) >> sc->priority;

		if (kind == SCAN_FRACT)
			scan = scan * part[is_file_lru(lru)] / (part[LRU_ANON] + part[LRU_FILE]);
		else if (kind != SCAN_EQUAL && (kind == SCAN_FILE) != is_file_lru(lru))
			scan = 0;
		nr[lru] = scan;
	}
}

void count_scan(struct kernel *k, const struct task *t, u32 memcg, enum counter all, u32 n)
{
	bool scan = all == PGSCAN;

	count_memcg(k, memcg, all, n);
	if (t->flags & PF_KSWAPD)
		count_memcg(k, memcg, scan ? PGSCAN_KSWAPD : PGSTEAL_KSWAPD, n);
	else if (k->scan_control[t->id].proactive)
		count_memcg(k, memcg, scan ? PGSCAN_PROACTIVE : PGSTEAL_PROACTIVE, n);
	else if (is_global_reclaim(&k->scan_control[t->id]) || k->release->counts_all_direct)
		count_memcg(k, memcg, scan ? PGSCAN_DIRECT : PGSTEAL_DIRECT, n);
}
