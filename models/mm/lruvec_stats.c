#include "models/mm/lruvec_stats.h"

static void refresh(struct lruvec *v)
{
	for (u32 i = 0; i < NR_LRU_LISTS; i++)
		v->flushed.size[i] = v->list[i].count;
	v->flushed.activated = v->activated;
}

const struct lruvec_stats *lruvec_stats(struct kernel *k, u32 memcg)
{
	if (!memcg || !k->patch.stats_ratelimited)
		refresh(&k->lruvec[memcg]);
	return &k->lruvec[memcg].flushed;
}

void lruvec_stats_flush(struct kernel *k)
{
	for (u32 i = 0; i < k->config.memcgs; i++)
		refresh(&k->lruvec[i]);
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
	machine_at(m, m->now + kernel_of(m)->config.memory_stat_ns, EVENT_MEMORY_STAT, 0);
}

void lruvec_stats_start(struct kernel *k)
{
	machine_on_periodic_event(&k->machine, EVENT_STATS_FLUSH, lruvec_stats_worker);
	machine_on_periodic_event(&k->machine, EVENT_MEMORY_STAT, lruvec_stats_monitor);
	if (!k->patch.stats_ratelimited)
		return;
	machine_at(&k->machine, STATS_FLUSH_SECONDS * UINT64_C(1000000000), EVENT_STATS_FLUSH, 0);
	if (k->config.memory_stat_ns)
		machine_at(&k->machine, k->config.memory_stat_ns, EVENT_MEMORY_STAT, 0);
}
