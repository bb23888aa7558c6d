/*
 * lruvec_stats.h - what reclaim knows of a cgroup's lists (mm/memcontrol.c, mm/vmscan.c, 6.12 and later).
 *
 * Per-cgroup statistics are kept per CPU and summed up ("flushed") now and then: every 2 s by a worker, and
 * when somebody reads memory.stat. Up to 6.11 reclaim flushed them itself before it looked; since "memcg: use
 * ratelimited stats flush in the reclaim" (Shakeel Butt, 2024-08, in 6.12) it does so only if the worker is a
 * whole period late, which it is not here. So inactive_is_low(), the deactivation after refaults, the refault
 * distance test and the decay of costs work on figures that may be 2 s old, and a monitor that reads
 * memory.stat changes what reclaim does.
 *
 * A machine has that age only if it is asked for (kernel_config.memory_stat_ns, the time between two reads of
 * memory.stat): what goes by the clock makes counts hang on how long everything takes, and comparisons of
 * designs are to show the designs. When in the monitor's period a run begins is chosen, too: some workloads
 * go one of two ways by whether a burst of activations is seen in time. By default, and with patch
 * stats-ratelimited=off, figures are always fresh.
 *
 * The reader is a program, and displaces who runs (displace.h).
 *
 * Left out: what the reader's run takes; the threshold of 64 updates per CPU below which a reader of
 * memory.stat does not flush.
 */
#ifndef MODELS_MM_LRUVEC_STATS_H
#define MODELS_MM_LRUVEC_STATS_H

#include "models/kernel.h"

enum { STATS_FLUSH_SECONDS = 2 };

/* The figures reclaim goes by, of a cgroup with all below it. */
const struct lruvec_stats *lruvec_stats(struct kernel *k, u32 memcg);
/* Of a cgroup that ran out of memory: whether its inactive list is low and the figures did not say so. Brings
 * them up to date. */
bool lruvec_stats_hide_low_inactive(struct kernel *k, u32 memcg);
/* Bring all cgroups' figures up to date. */
void lruvec_stats_flush(struct kernel *k);

/* Start the worker and the monitor, at times that nature chooses. */
void lruvec_stats_start(struct kernel *k);
void lruvec_stats_worker(struct machine *m, u32 unused);
void lruvec_stats_monitor(struct machine *m, u32 unused);

#endif
