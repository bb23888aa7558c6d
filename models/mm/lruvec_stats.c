#include "models/mm/lruvec_stats.h"

#include <string.h>

#include "models/mm/displace.h"
#include "models/mm/lru.h"
#include "models/mm/mglru.h"

enum { PHASES = 16 /* of the monitor: when in its period a run begins */ };

static void add_sizes(const struct kernel *k, struct lruvec_stats *stats, u32 memcg)
{
	const struct folio_list *list = k->lruvec[memcg].list;

	if (lru_gen_enabled(k)) {
		for (u32 i = 0; i < NR_LRU_LISTS; i++)
			stats->size[i] += (u32)lruvec_size(k, memcg, i);
		return;
	}
	stats->size[LRU_INACTIVE_ANON] += list[LRU_INACTIVE_ANON].count;
	stats->size[LRU_ACTIVE_ANON] += list[LRU_ACTIVE_ANON].count;
	stats->size[LRU_INACTIVE_FILE] += list[LRU_INACTIVE_FILE].count;
	stats->size[LRU_ACTIVE_FILE] += list[LRU_ACTIVE_FILE].count;
}

/* Its own, and those of the cgroups below it. */
static void refresh(struct kernel *k, u32 memcg)
{
	const u32 *walk = &k->memcg_walk[k->memcg_place[memcg]];
	struct lruvec *v = &k->lruvec[memcg];

	memcpy(v->flushed.activated, v->activated, sizeof(v->activated));
	memset(v->flushed.size, 0, sizeof(v->flushed.size));
	for (u32 i = 0; i < k->memcg_subtree[memcg]; i++)
		add_sizes(k, &v->flushed, walk[i]);
}

static bool may_be_old(const struct kernel *k)
{
	return k->patch.stats_ratelimited && k->config.memory_stat_ns;
}

const struct lruvec_stats *lruvec_stats(struct kernel *k, u32 memcg)
{
	if (!may_be_old(k))
		refresh(k, memcg);
	return &k->lruvec[memcg].flushed;
}

bool lruvec_stats_hide_low_inactive(struct kernel *k, u32 memcg)
{
	struct lruvec_stats old = *lruvec_stats(k, memcg);

	refresh(k, memcg);
	return inactive_is_low(&k->lruvec[memcg].flushed, LRU_INACTIVE_ANON) &&
	       !inactive_is_low(&old, LRU_INACTIVE_ANON);
}

void lruvec_stats_flush(struct kernel *k)
{
	for (u32 i = 0; i < k->config.memcgs; i++)
		refresh(k, i);
}

void lruvec_stats_worker(struct machine *m, u32 unused)
{
	(void)unused;
	lruvec_stats_flush(kernel_of(m));
	machine_at(m, m->now + STATS_FLUSH_SECONDS * UINT64_C(1000000000), EVENT_STATS_FLUSH, 0);
}

void lruvec_stats_monitor(struct machine *m, u32 unused)
{
	(void)unused;
	lruvec_stats_flush(kernel_of(m));
	displace_task(kernel_of(m), 0); /* where the reader runs */
	machine_at(m, m->now + kernel_of(m)->config.memory_stat_ns, EVENT_MEMORY_STAT, 0);
}

void lruvec_stats_start(struct kernel *k)
{
	struct machine *m = &k->machine;
	u32 ticks = STATS_FLUSH_SECONDS * m->config.hz;

	machine_on_periodic_event(m, EVENT_STATS_FLUSH, lruvec_stats_worker);
	machine_on_periodic_event(m, EVENT_MEMORY_STAT, lruvec_stats_monitor);
	if (may_be_old(k))
		machine_at(m,
			   (1 + choose(m, CHOICE_FLUSH_PHASE, ACTOR(ACTOR_CALLBACK, 0), ticks)) * m->tick_ns,
			   EVENT_STATS_FLUSH, 0);
	if (k->config.memory_stat_ns)
		machine_at(m,
			   (1 + choose(m, CHOICE_FLUSH_PHASE, ACTOR(ACTOR_CALLBACK, 1), PHASES)) *
			       k->config.memory_stat_ns / PHASES,
			   EVENT_MEMORY_STAT, 0);
}
