#include "cli/fidelity_figures.h"

#include <string.h>

enum { FEW = 32, PAGE_BYTES = 4096, WORKLOAD_CGROUP = 1 };

const struct fidelity_figure fidelity_figures[] = {
	{ "refault_anon", "workingset_refault_anon", WORKINGSET_REFAULT_ANON, FIDELITY_JUDGED, 0, FEW },
	{ "pswpin", "pswpin", PSWPIN, FIDELITY_JUDGED, 0, FEW },
	{ "pswpout", "pswpout", PSWPOUT, FIDELITY_JUDGED_WHOLE, 0, FEW },
	{ "pgmajfault_cg", "pgmajfault", PGMAJFAULT, FIDELITY_JUDGED, 0, FEW },
	{ "pgfault_cg", "pgfault", PGFAULT, FIDELITY_INFORMS, 0, FEW },
	{ "swap_ra", "swap_ra", SWAP_RA, FIDELITY_INFORMS, 0, FEW },
	{ "swap_ra_hit", "swap_ra_hit", SWAP_RA_HIT, FIDELITY_INFORMS, 0, FEW },
	{ "pgscan_anon_vm", "pgscan", PGSCAN, FIDELITY_INFORMS, 0, FEW },
	{ "pgsteal_anon_vm", "pgsteal", PGSTEAL, FIDELITY_INFORMS, 0, FEW },
	{ "pgscan_kswapd_vm", "pgscan_kswapd", PGSCAN_KSWAPD, FIDELITY_INFORMS, 0, FEW },
	{ "pgscan_direct_vm", "pgscan_direct", PGSCAN_DIRECT, FIDELITY_INFORMS, 0, FEW },
	{ "allocstall", "allocstall", ALLOCSTALL, FIDELITY_INFORMS, 0, FEW },
	{ "activate_anon", "workingset_activate_anon", WORKINGSET_ACTIVATE_ANON, FIDELITY_INFORMS, 0, FEW },
	{ "pgactivate", "pgactivate", PGACTIVATE, FIDELITY_INFORMS, 0, FEW },
	{ "pgdeactivate", "pgdeactivate", PGDEACTIVATE, FIDELITY_INFORMS, 0, FEW },
	{ "blk_rd_ios", "blk_rd_ios", BLK_RD_IOS, FIDELITY_INFORMS, 0, FEW },
	{ "blk_rd_pages", "blk_rd_pages", BLK_RD_PAGES, FIDELITY_INFORMS, 0, FEW },
	{ "blk_wr_ios", "blk_wr_ios", BLK_WR_IOS, FIDELITY_INFORMS, 0, FEW },
	{ "blk_wr_pages", "blk_wr_pages", BLK_WR_PAGES, FIDELITY_INFORMS, 0, FEW },
	{ "swpout_zero", "swpout_zero", SWPOUT_ZERO, FIDELITY_INFORMS, 0, FEW },
	{ "swpin_zero", "swpin_zero", SWPIN_ZERO, FIDELITY_INFORMS, 0, FEW },
	{ "ev_max", "memory.events:max", EVENTS_MAX, FIDELITY_INFORMS, 2, FEW },
	{ "failcnt", "memory.failcnt", FAILCNT, FIDELITY_INFORMS, 1, FEW },
	{ "peak", "memory.peak", FIDELITY_PEAK, FIDELITY_INFORMS, 0, FEW *PAGE_BYTES },
	{ "swap_max_sampled", "memory.swap.peak", FIDELITY_SWAP_PEAK, FIDELITY_INFORMS, 0, FEW *PAGE_BYTES },
	{ "ev_oom_kill", "oom_kill", FIDELITY_KILLED, FIDELITY_INFORMS, 0, 0 },
};
G_STATIC_ASSERT(ARRAY_SIZE(fidelity_figures) == NR_FIDELITY_FIGURES);

static const struct run_phase *phase_of(const struct run_result *r, const char *name)
{
	for (u32 i = 0; i < r->phases; i++)
		if (!strcmp(r->phase[i].name, name))
			return &r->phase[i];
	return &r->phase[0];
}

/* "run" goes to the end, whatever phases follow. */
static u64 count_of(const struct run_result *r, const char *phase, enum counter id)
{
	u64 whole = r->phase[0].count[0][id], begins;
	const struct run_phase *run = phase_of(r, phase);

	if (strcmp(phase, "run") || run == &r->phase[0])
		return whole;
	begins = run->begin_ns;
	whole = 0;
	for (u32 i = 1; i < r->phases; i++)
		if (r->phase[i].begin_ns >= begins)
			whole += r->phase[i].count[0][id];
	return whole;
}

/* A synchronous device is asked for each page by itself, and the models count no requests there. */
static s32 counter_of(u32 figure, bool synchronous)
{
	s32 counter = fidelity_figures[figure].counter;

	if (!synchronous)
		return counter;
	if (counter == BLK_RD_IOS || counter == BLK_RD_PAGES)
		return PSWPIN;
	return counter == BLK_WR_IOS || counter == BLK_WR_PAGES ? PSWPOUT : counter;
}

s64 fidelity_figure_of(const struct run_result *r, const char *phase, u32 figure, bool synchronous)
{
	s32 counter = counter_of(figure, synchronous);

	if (counter == FIDELITY_PEAK)
		return FIDELITY_ONE * PAGE_BYTES * (s64)r->memory_peak[WORKLOAD_CGROUP];
	if (counter == FIDELITY_SWAP_PEAK)
		return FIDELITY_ONE * PAGE_BYTES * (s64)r->swap_peak[WORKLOAD_CGROUP];
	if (counter == FIDELITY_KILLED)
		return r->kill->len ? FIDELITY_ONE : 0;
	return FIDELITY_ONE * (s64)count_of(r, phase, (enum counter)counter);
}

u32 fidelity_figure_find(const char *name)
{
	u32 i = 0;

	while (i < NR_FIDELITY_FIGURES && strcmp(fidelity_figures[i].name, name) &&
	       strcmp(fidelity_figures[i].column, name))
		i++;
	return i;
}
