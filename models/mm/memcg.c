#include "models/mm/memcg.h"

#include "models/mm/folio.h"
#include "models/mm/over_high.h"
#include "models/mm/protection.h"
#include "models/swap/slots.h"

static struct memcg_stock *stock_of(struct kernel *k, struct percpu *cpu, u32 memcg)
{
	for (u32 i = 0; i < k->release->memcg_stocks; i++)
		if (cpu->stock[i].memcg == memcg)
			return &cpu->stock[i];
	return NULL;
}

enum counter_kind { COUNTER_MEMORY, COUNTER_MEMSW };

/* Of one cgroup. */
struct page_counter {
	u64 *usage, *peak;
	u64 max;
	enum counter failed;
};

static struct page_counter counter_of(struct memcg *cg, enum counter_kind kind)
{
	if (kind == COUNTER_MEMORY)
		return (struct page_counter){ &cg->usage, &cg->peak, cg->max, FAILCNT };
	return (struct page_counter){ &cg->memsw, &cg->memsw_peak, cg->memsw_max, MEMSW_FAILCNT };
}

static void counter_charge(u64 *usage, u64 *peak, u64 pages)
{
	*usage += pages;
	if (*usage > *peak)
		*peak = *usage;
}

/* From @memcg up to, but not including, @end. */
static void counters_uncharge(struct kernel *k, u32 memcg, u32 end, u64 pages, enum counter_kind kind)
{
	for (; memcg != end; memcg = k->memcg[memcg].parent) {
		struct page_counter c = counter_of(&k->memcg[memcg], kind);

		BUG_ON(*c.usage < pages);
		*c.usage -= pages;
		protection_note_usage(k, memcg);
	}
}

static void counters_charge(struct kernel *k, u32 memcg, u64 pages, enum counter_kind kind)
{
	for (; memcg; memcg = k->memcg[memcg].parent) {
		struct page_counter c = counter_of(&k->memcg[memcg], kind);

		counter_charge(c.usage, c.peak, pages);
		protection_note_usage(k, memcg);
	}
}

/* page_counter_try_charge(): all levels or none; returns the level that is over, 0 if none is. */
static u32 counters_try_charge(struct kernel *k, u32 memcg, u64 pages, enum counter_kind kind)
{
	for (u32 i = memcg; i; i = k->memcg[i].parent) {
		struct page_counter c = counter_of(&k->memcg[i], kind);

		if (*c.usage + pages > c.max) {
			count_memcg(k, i, c.failed, 1);
			counters_uncharge(k, memcg, i, pages, kind);
			return i;
		}
		counter_charge(c.usage, c.peak, pages);
		protection_note_usage(k, i);
	}
	return 0;
}

void memcg_uncharge(struct kernel *k, u32 memcg, u64 pages)
{
	counters_uncharge(k, memcg, 0, pages, COUNTER_MEMORY);
	if (counts_memsw(k))
		counters_uncharge(k, memcg, 0, pages, COUNTER_MEMSW);
}

void memcg_force_charge(struct kernel *k, u32 memcg, u64 pages)
{
	counters_charge(k, memcg, pages, COUNTER_MEMORY);
	if (counts_memsw(k))
		counters_charge(k, memcg, pages, COUNTER_MEMSW);
}

/* Memory and swap together first. */
static u32 try_charge(struct kernel *k, u32 memcg, u64 pages, u8 *no_swap)
{
	u32 over = counts_memsw(k) ? counters_try_charge(k, memcg, pages, COUNTER_MEMSW) : 0;

	if (k->release->tries_anew)
		*no_swap = 0;
	if (over) {
		*no_swap = 1;
		return over;
	}
	over = counters_try_charge(k, memcg, pages, COUNTER_MEMORY);
	if (over && counts_memsw(k))
		counters_uncharge(k, memcg, 0, pages, COUNTER_MEMSW);
	return over;
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
	stock->pages += pages; /* less than a batch: what there was did not do for the charge */
}

u32 memcg_try_charge(struct kernel *k, struct task *t, u32 memcg, u32 pages, u32 *batch, u8 *no_swap)
{
	struct percpu *cpu = this_cpu(&k->machine, t);
	struct memcg_stock *stock = stock_of(k, cpu, memcg);
	u32 over;

	if (stock && stock->pages >= pages) {
		stock->pages -= pages;
		return 0;
	}
	line_take(&k->machine, t, &k->memcg[memcg].usage_line, 1);
	if (*batch > pages && !try_charge(k, memcg, *batch, no_swap)) {
		stock_refill(k, cpu, memcg, *batch - pages);
		note_pages_over_high(k, t, memcg, *batch);
		return 0;
	}
	*batch = pages;
	over = try_charge(k, memcg, pages, no_swap);
	if (!over)
		note_pages_over_high(k, t, memcg, pages);
	return over;
}

bool memcg_is_below(const struct kernel *k, u32 memcg, u32 above)
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
			if (cpu->stock[i].memcg && memcg_is_below(k, cpu->stock[i].memcg, memcg))
				stock_drain(k, &cpu->stock[i]);
	}
}

u64 memcg_margin(const struct kernel *k, u32 memcg)
{
	const struct memcg *cg = &k->memcg[memcg];
	u64 margin = cg->usage < cg->max ? cg->max - cg->usage : 0;
	u64 memsw = cg->memsw < cg->memsw_max ? cg->memsw_max - cg->memsw : 0;

	return counts_memsw(k) && memsw < margin ? memsw : margin;
}

/* ---- swap ---- */

static void charge_swap(struct kernel *k, u32 memcg, u32 entry, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		k->slot[entry + i].memcg = memcg;
	for (; memcg; memcg = k->memcg[memcg].parent)
		counter_charge(&k->memcg[memcg].swap_usage, &k->memcg[memcg].swap_peak, nr);
}

bool memcg_try_charge_swap(struct kernel *k, u32 memcg, u32 entry, u32 nr)
{
	if (counts_memsw(k))
		return true;
	for (u32 i = memcg; entry && i; i = k->memcg[i].parent) {
		if (k->memcg[i].swap_usage + nr <= k->memcg[i].swap_max)
			continue;
		count_memcg(k, memcg, SWAP_EVENTS_MAX, 1);
		count_memcg(k, memcg, SWAP_EVENTS_FAIL, 1);
		return false;
	}
	if (entry)
		charge_swap(k, memcg, entry, nr);
	else
		count_memcg(k, memcg, SWAP_EVENTS_FAIL, 1);
	return true;
}

/* Of slots that are charged to the same. */
static void uncharge_swap(struct kernel *k, u32 memcg, u32 nr)
{
	if (counts_memsw(k))
		counters_uncharge(k, memcg, 0, nr, COUNTER_MEMSW);
	for (; memcg; memcg = k->memcg[memcg].parent)
		k->memcg[memcg].swap_usage -= nr;
}

void memcg_uncharge_swap(struct kernel *k, u32 entry, u32 nr)
{
	u32 memcg = k->slot[entry].memcg, same = 0;

	for (u32 i = 0; i < nr; i++) {
		if (k->slot[entry + i].memcg != memcg) {
			uncharge_swap(k, memcg, same);
			memcg = k->slot[entry + i].memcg;
			same = 0;
		}
		k->slot[entry + i].memcg = 0;
		same++;
	}
	uncharge_swap(k, memcg, same);
}

void memcg1_swapout(struct kernel *k, u32 folio, u32 entry)
{
	u32 memcg = k->folio[folio].memcg;

	if (!counts_memsw(k) || !memcg)
		return;
	charge_swap(k, memcg, entry, folio_nr_pages(k, folio));
	counters_uncharge(k, memcg, 0, folio_nr_pages(k, folio), COUNTER_MEMORY);
	k->folio[folio].memcg = 0;
}

void memcg1_swapin(struct kernel *k, u32 entry, u32 nr)
{
	if (counts_memsw(k))
		memcg_uncharge_swap(k, entry, nr);
}

s64 memcg_nr_swap_pages(const struct kernel *k, u32 memcg)
{
	s64 pages = k->swap->free_pages;

	for (; memcg && !counts_memsw(k); memcg = k->memcg[memcg].parent) {
		s64 left = (s64)(k->memcg[memcg].swap_max - k->memcg[memcg].swap_usage);

		if (left < pages)
			pages = left;
	}
	return pages;
}

bool mem_cgroup_swap_full(const struct kernel *k, u32 folio)
{
	if (vm_swap_full(k))
		return true;
	for (u32 i = k->folio[folio].memcg; i && !counts_memsw(k); i = k->memcg[i].parent)
		if (k->memcg[i].swap_usage * 2 >= k->memcg[i].swap_max ||
		    k->memcg[i].swap_usage * 2 >= k->memcg[i].swap_high)
			return true;
	return false;
}
