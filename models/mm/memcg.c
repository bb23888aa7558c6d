#include "models/mm/memcg.h"

static struct memcg_stock *stock_of(struct kernel *k, struct percpu *cpu, u32 memcg)
{
	for (u32 i = 0; i < k->release->memcg_stocks; i++)
		if (cpu->stock[i].memcg == memcg)
			return &cpu->stock[i];
	return NULL;
}

static void charge(struct memcg *cg, u64 pages)
{
	cg->usage += pages;
	if (cg->usage > cg->peak)
		cg->peak = cg->usage;
}

void memcg_uncharge(struct kernel *k, u32 memcg, u64 pages)
{
	for (; memcg; memcg = k->memcg[memcg].parent) {
		BUG_ON(k->memcg[memcg].usage < pages);
		k->memcg[memcg].usage -= pages;
	}
}

void memcg_force_charge(struct kernel *k, u32 memcg, u64 pages)
{
	for (; memcg; memcg = k->memcg[memcg].parent)
		charge(&k->memcg[memcg], pages);
}

/* page_counter_try_charge(): all levels or none; returns the level that is over, 0 if none is. */
static u32 counter_try_charge(struct kernel *k, u32 memcg, u64 pages)
{
	for (u32 i = memcg; i; i = k->memcg[i].parent) {
		struct memcg *cg = &k->memcg[i];

		if (cg->usage + pages > cg->max) {
			count_memcg(k, i, FAILCNT, 1);
			for (u32 j = memcg; j != i; j = k->memcg[j].parent)
				k->memcg[j].usage -= pages;
			return i;
		}
		charge(cg, pages);
	}
	return 0;
}

static void stock_drain(struct kernel *k, struct memcg_stock *stock)
{
	if (stock->pages)
		memcg_uncharge(k, stock->memcg, stock->pages);
	*stock = (struct memcg_stock){ 0 };
}

/* refill_stock(): into the cgroup's place, an empty one, or that of the cgroup whose turn it is to go. */
static void stock_refill(struct kernel *k, struct percpu *cpu, u32 memcg, u32 pages)
{
	struct memcg_stock *stock = stock_of(k, cpu, memcg);

	if (!stock)
		stock = stock_of(k, cpu, 0);
	if (!stock) {
		stock = &cpu->stock[cpu->stock_next];
		cpu->stock_next = (cpu->stock_next + 1) % k->release->memcg_stocks;
		stock_drain(k, stock);
	}
	stock->memcg = memcg;
	stock->pages += pages;
	if (stock->pages > k->config.charge_batch)
		stock_drain(k, stock);
}

u32 memcg_try_charge(struct kernel *k, struct task *t, u32 memcg, u32 *batch)
{
	struct percpu *cpu = this_cpu(&k->machine, t);
	struct memcg_stock *stock = stock_of(k, cpu, memcg);

	if (stock && stock->pages) {
		stock->pages--;
		return 0;
	}
	if (*batch > 1 && !counter_try_charge(k, memcg, *batch)) {
		stock_refill(k, cpu, memcg, *batch - 1);
		return 0;
	}
	*batch = 1;
	return counter_try_charge(k, memcg, 1);
}

static bool is_below(const struct kernel *k, u32 memcg, u32 above)
{
	while (memcg && memcg != above)
		memcg = k->memcg[memcg].parent;
	return memcg == above;
}

void memcg_drain_stocks(struct kernel *k, u32 memcg)
{
	for (u32 n = 0; n < k->machine.cpus; n++) {
		struct percpu *cpu = percpu_of(&k->machine, n);

		for (u32 i = 0; i < k->release->memcg_stocks; i++)
			if (cpu->stock[i].memcg && is_below(k, cpu->stock[i].memcg, memcg))
				stock_drain(k, &cpu->stock[i]);
	}
}

u64 memcg_margin(const struct kernel *k, u32 memcg)
{
	const struct memcg *cg = &k->memcg[memcg];

	return cg->usage < cg->max ? cg->max - cg->usage : 0;
}

void memcg_charge_swap(struct kernel *k, u32 memcg, u32 entry)
{
	k->slot[entry].memcg = memcg;
	for (; memcg; memcg = k->memcg[memcg].parent) {
		struct memcg *cg = &k->memcg[memcg];

		if (++cg->swap_usage > cg->swap_peak)
			cg->swap_peak = cg->swap_usage;
	}
}

void memcg_uncharge_swap(struct kernel *k, u32 entry)
{
	u32 memcg = k->slot[entry].memcg;

	k->slot[entry].memcg = 0;
	for (; memcg; memcg = k->memcg[memcg].parent)
		k->memcg[memcg].swap_usage--;
}

void memcg1_swapin(struct kernel *k, u32 entry)
{
	if (k->config.cgroup_version == 1)
		memcg_uncharge_swap(k, entry);
}
