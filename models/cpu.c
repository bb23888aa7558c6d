#include "models/cpu.h"

#include <string.h>

#include "models/work/work.h"
#include "sim/random.h"

/*
 * server: totals of a fault and of a page swapped out as published for server CPUs (first touch 0.6 us, zero
 * page in 1.83 us and out 3.19 us: Kairui Song 2024; lz4/lzo-rle device times: docs/devices.md). How a total
 * is shared out among its steps is an estimate, guided by the calibration of lock, cache and copy costs; what
 * is not known to be done under a lock is put before it.
 */
static const struct step_cost server_steps[] = {
	{ "handle_mm_fault.ENTRY", 150 },
	{ "handle_mm_fault.EXIT", 75 },
	{ "alloc_charged_folio.ALLOC", 85 },
	{ "do_anonymous_page.CLEAR", 90 },
	{ "do_wp_page.COPY", 90 },
	{ "do_anonymous_page.UNLOCK_PTL", 45 },
	{ "do_wp_page.UNLOCK_PTL", 45 },
	{ "mem_cgroup_charge.TRY_CHARGE", 40 },
	{ "do_swap_page.LOOKUP", 60 },
	{ "do_swap_page.LOCK_PTL", 590 },
	{ "do_swap_page.UNLOCK_PTL", 150 },
	{ "do_swap_page.UNLOCK_FOLIO", 60 },
	{ "swap_read_folio.ZERO_FILL", 300 },
	{ "zram_read_page.DECOMPRESS", 500 },
	{ "folio_alloc_swap.CHARGE", 190 },
	{ "try_to_unmap_one.LOCK_PTL", 500 },
	{ "try_to_unmap_one.UNLOCK_PTL", 150 },
	{ "pageout.FLUSH_TLB", 600 },
	{ "swap_writeout.CHECK_ZERO", 500 },
	{ "swap_writeout.UNLOCK_ZERO", 450 },
	{ "zram_write_page.COMPRESS", 50 },
	{ "zswap_store.COMPRESS", 150 },
	{ "zswap_load.DECOMPRESS", 150 },
	{ "swap_writeout.END_IO", 150 },
	{ "submit_bio.SUBMIT", 400 },
	{ "shrink_folio_list.RELOCK", 60 },
	{ "try_to_free_mem_cgroup_pages.BEGIN_RECLAIM", 800 },
	{ "task_main.MARK", 400 },
	{ "task_main.EXIT", 400 },
	{ "task_main.ADVISE", 400 },
	{ "build_access_file.OPEN", 400 },
	{ "task_main.DONE", 400 },
	{ "task_main.CLONE", 30000 },
};

/* vm: a guest of two vCPUs, measured on 6.18 (first touch 1.37 us, zero page in 2.81 us and out 2.89 us). */
static const struct step_cost vm_steps[] = {
	{ "handle_mm_fault.ENTRY", 350 },
	{ "handle_mm_fault.EXIT", 225 },
	{ "alloc_charged_folio.ALLOC", 300 },
	{ "do_anonymous_page.CLEAR", 240 },
	{ "do_wp_page.COPY", 240 },
	{ "do_anonymous_page.UNLOCK_PTL", 150 },
	{ "do_wp_page.UNLOCK_PTL", 150 },
	{ "mem_cgroup_charge.TRY_CHARGE", 60 },
	{ "do_swap_page.LOOKUP", 100 },
	{ "do_swap_page.LOCK_PTL", 940 },
	{ "do_swap_page.UNLOCK_PTL", 200 },
	{ "do_swap_page.UNLOCK_FOLIO", 80 },
	{ "swap_read_folio.ZERO_FILL", 400 },
	{ "zram_read_page.DECOMPRESS", 400 },
	{ "folio_alloc_swap.CHARGE", 190 },
	{ "try_to_unmap_one.LOCK_PTL", 480 },
	{ "try_to_unmap_one.UNLOCK_PTL", 200 },
	{ "pageout.FLUSH_TLB", 550 },
	{ "swap_writeout.CHECK_ZERO", 450 },
	{ "swap_writeout.UNLOCK_ZERO", 400 },
	{ "zram_write_page.COMPRESS", 50 },
	{ "zswap_store.COMPRESS", 150 },
	{ "zswap_load.DECOMPRESS", 150 },
	{ "swap_writeout.END_IO", 150 },
	{ "submit_bio.SUBMIT", 400 },
	{ "shrink_folio_list.RELOCK", 60 },
	{ "try_to_free_mem_cgroup_pages.BEGIN_RECLAIM", 1000 },
	{ "task_main.MARK", 600 },
	{ "task_main.EXIT", 600 },
	{ "task_main.ADVISE", 600 },
	{ "build_access_file.OPEN", 600 },
	{ "task_main.DONE", 600 },
	{ "task_main.CLONE", 60000 },
};

/* server: between cores of one socket that do not share a cache (docs/devices.md). */
enum { LINE_NS = 107 };

#define UNCONTENDED(lock, unlock)                                                                            \
	{                                                                                                    \
		[OP_ACCESS] = 10, [OP_LOCK] = lock, [OP_LOCK_IRQ] = lock, [OP_UNLOCK] = unlock,              \
		[OP_UNLOCK_IRQ] = unlock, [OP_LOCAL_LOCK] = 5, [OP_LOCAL_UNLOCK] = 5, [OP_RESCHED] = 10,     \
		[OP_COND_RESCHED] = 5, [OP_WAIT] = 500, [OP_DOWN_READ] = lock, [OP_DOWN_WRITE] = lock,       \
		[OP_UP_READ] = lock, [OP_UP_WRITE] = lock, [OP_BIT_LOCK] = lock, [OP_BIT_UNLOCK] = lock,     \
		[OP_BIT_WAIT] = lock                                                                         \
	}

/* A guest, or one that is @times slower. What the machine around it does, waking a CPU, is not. */
#define VM(name_, provenance_, times)                                                                        \
	{                                                                                                    \
		.name = name_, .provenance = provenance_, .op_ns = UNCONTENDED(20 * (times), 10 * (times)),  \
		.switch_ns = 2400 * (times), .wake_ns = 71500, .handover_ns = 200 * (times),                 \
		.cache_lookup_ns = { 60 * (times), 10 * (times) }, .cache_store_ns = { 60 * (times), 0 },    \
		.slot_scan_ns = 20 * (times), .scan_folio_ns = 150 * (times), .isolate_ns = 25 * (times),    \
		.issue_ns = 2000 * (times), .free_folio_ns = 110 * (times), .map_page_ns = 50 * (times),     \
		.tlb_flush_ns = 200 * (times), .tlb_remote_ns = 18000 * (times),                             \
		.clear_page_ns = 240 * (times), .copy_page_ns = 400 * (times),                               \
		.fork_entry_ns = 50 * (times), .tlb_remote_cpu_ns = 1200 * (times),                          \
		.store_raw_ns = 3169 * (times), .load_raw_ns = 1622 * (times),                               \
		.same_filled_ns = 150 * (times),                                                             \
		.codec = { [CODEC_LZO_RLE] = { 8900 * (times), 20000 * (times), 6000 * (times),              \
					       12000 * (times) },                                            \
			   [CODEC_LZ4] = { 7900 * (times), 17000 * (times), 5000 * (times),                  \
					   10500 * (times) },                                                \
			   [CODEC_ZSTD] = { 14000 * (times), 31000 * (times), 7800 * (times),                \
					    16500 * (times) },                                               \
			   [CODEC_NONE] = { 1600 * (times), 4000 * (times), 1200 * (times),                  \
					    3000 * (times) } },                                              \
		.step = vm_steps, .steps = ARRAY_SIZE(vm_steps), .step_times = times                         \
	}

static const struct cpu_profile profiles[] = {
	{
	    .name = "server",
	    .provenance = "published server totals, shared out by estimate",
	    .op_ns = UNCONTENDED(20, 10),
	    .switch_ns = 1200,
	    .wake_ns = 3000,
	    .handover_ns = 2 * LINE_NS,
	    .line_ns = LINE_NS,
	    .cache_lookup_ns = { 60, 10 },
	    .cache_store_ns = { 60, 0 },
	    .slot_scan_ns = 20,
	    .free_slot_ns = 150,
	    .free_stored_ns = 200,
	    .scan_folio_ns = 180,
	    .issue_ns = 1000,
	    .isolate_ns = 95,
	    .free_folio_ns = 120,
	    .map_page_ns = 25,
	    .clear_page_ns = 90,
	    .tlb_flush_ns = 250,
	    .copy_page_ns = 300,
	    .fork_entry_ns = 35,
	    .tlb_remote_ns = 1000,
	    .tlb_remote_cpu_ns = 200,
	    .tlb_interrupt_ns = 500,
	    .store_raw_ns = 2060,
	    .load_raw_ns = 1050,
	    .same_filled_ns = 150,
	    .codec = { [CODEC_LZO_RLE] = { 4400, 10000, 2200, 6300 },
		       [CODEC_LZ4] = { 3900, 8500, 1700, 3600 },
		       [CODEC_ZSTD] = { 10400, 25000, 5700, 13100 },
		       [CODEC_NONE] = { 800, 2000, 600, 1500 } },
	    .step = server_steps,
	    .steps = ARRAY_SIZE(server_steps),
	    .step_times = 1,
	},
	VM("vm", "measured on a 2-vCPU guest, Linux 6.18, shared out by estimate", 1),
	VM("emulated", "vm, 7 times slower: a guest without hardware virtualisation", 7),
};

const struct cpu_profile *cpu_profile_list(u32 *n)
{
	*n = ARRAY_SIZE(profiles);
	return profiles;
}

const struct cpu_profile *cpu_profile_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}

void cpu_profile_configure(const struct cpu_profile *p, struct machine_config *c)
{
	memcpy(c->op_cost, p->op_ns, sizeof c->op_cost);
	c->switch_ns = p->switch_ns;
	c->wake_ns = p->wake_ns;
	c->handover_ns = p->handover_ns;
	c->line_ns = p->line_ns;
}

void cpu_profile_apply(const struct cpu_profile *p, struct machine *m)
{
	for (u32 i = 0; i < p->steps; i++)
		BUG_ON(!machine_set_cost(m, p->step[i].step, p->step[i].ns * p->step_times));
	m->lookahead = 0;
	for (u32 i = 0; i < p->steps; i++)
		if (!strcmp(p->step[i].step, "handle_mm_fault.ENTRY"))
			m->lookahead = p->step[i].ns * p->step_times;
}

enum cost_draw { DRAW_COMPRESS = 100, DRAW_DECOMPRESS };

void cpu_costs_init(struct kernel *k)
{
	k->compress_key = random_key(k->machine.config.seed, DRAW_COMPRESS, 0);
	k->decompress_key = random_key(k->machine.config.seed, DRAW_DECOMPRESS, 0);
	k->compress_cost = g_new0(const struct lognormal *, NR_CODEC_COSTS);
	k->decompress_cost = g_new0(const struct lognormal *, NR_CODEC_COSTS);
}

void cpu_costs_release(struct kernel *k)
{
	for (u32 i = 0; i < NR_CODEC_COSTS; i++) {
		lognormal_free(k->compress_cost[i]);
		lognormal_free(k->decompress_cost[i]);
	}
	g_free(k->compress_cost);
	g_free(k->decompress_cost);
}

/* Drawn by seed and content: every kernel and device pays the same for the same page, another seed another
 * time. */
static u64 draw_cost(const struct lognormal **l, u32 p50, u32 p99, u64 key, u32 content)
{
	if (!*l) /* it takes a millisecond, and few machines have more than one codec */
		*l = lognormal_new(p50, p99);
	return lognormal_at(*l, random_value(key, content));
}

u64 cpu_compress_ns(const struct kernel *k, enum codec codec, enum stored_form form, u32 content)
{
	const struct codec_cost *c = &k->cpu_profile->codec[codec];

	if (form == STORED_SAME_FILLED)
		return k->cpu_profile->same_filled_ns;
	if (form == STORED_RAW)
		return k->cpu_profile->store_raw_ns;
	return draw_cost(&k->compress_cost[codec], c->compress_p50, c->compress_p99, k->compress_key,
			 content);
}

u64 cpu_decompress_ns(const struct kernel *k, enum codec codec, enum stored_form form, u32 content)
{
	const struct codec_cost *c = &k->cpu_profile->codec[codec];

	if (form == STORED_SAME_FILLED)
		return k->cpu_profile->same_filled_ns;
	if (form == STORED_RAW)
		return k->cpu_profile->load_raw_ns;
	return draw_cost(&k->decompress_cost[codec], c->decompress_p50, c->decompress_p99, k->decompress_key,
			 content);
}

static void note_cpu(struct kernel *k, u32 mm, u32 cpu, bool on)
{
	u64 *word = &cpus_that_have(k, mm)[cpu / 64], bit = UINT64_C(1) << cpu % 64;

	k->cpus_with[mm] += on ? 1 : -1;
	*word = on ? *word | bit : *word & ~bit;
}

/* A process, and those of a segment and of files that it maps; the first process stands for neither. */
void cpu_note_task(struct kernel *k, const struct task *t)
{
	bool on = t->state == TASK_RUNNING || t->state == TASK_SPINNING;
	u32 process = k->work[t->id].mm;
	const struct mm_config *c;

	if (process == WORK_NO_MM || on == k->on_cpu[t->id])
		return;
	k->on_cpu[t->id] = on;
	note_cpu(k, process, t->cpu, on);
	c = &k->config.mm[process];
	if (c->shares && c->shares != process)
		note_cpu(k, c->shares, t->cpu, on);
	if (c->files && c->files != process && c->files != c->shares)
		note_cpu(k, c->files, t->cpu, on);
}

static bool runs_with(const struct kernel *k, const struct task *t, u32 mm)
{
	return cpus_that_have(k, mm)[t->cpu / 64] >> t->cpu % 64 & 1;
}

u32 tlb_others(const struct kernel *k, const struct task *t, u32 page)
{
	u32 mm = page_table_of(k, page)->mm;

	return k->cpus_with[mm] - runs_with(k, t, mm);
}

u64 tlb_flush_ns(const struct kernel *k, const struct task *t, u32 page)
{
	u32 others = tlb_others(k, t, page);

	return k->cpu_profile->tlb_flush_ns +
	       (others ? k->cpu_profile->tlb_remote_ns + others * k->cpu_profile->tlb_remote_cpu_ns : 0);
}

u64 page_line_ns(const struct kernel *k, const struct task *t, u32 page)
{
	u16 last = page_table_of(k, page)->ptl.last;

	return last && last != t->cpu + 1 ? k->cpu_profile->line_ns : 0;
}
