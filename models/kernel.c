#include "models/kernel.h"

#include "models/aspects.h"
#include "models/block/block.h"
#include "models/block/device.h"
#include "models/cpu.h"
#include "models/invariants.h"
#include "models/lock_classes.h"
#include "models/mm/cgroup_files.h"
#include "models/mm/displace.h"
#include "models/mm/family.h"
#include "models/mm/filemap.h"
#include "models/mm/free_frames.h"
#include "models/mm/lruvec_stats.h"
#include "models/mm/memcg.h"
#include "models/mm/memcg_notify.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "models/mm/oom.h"
#include "models/mm/psi.h"
#include "models/mm/shmem.h"
#include "models/mm/tlb.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/swap/cache.h"
#include "models/swap/continuation.h"
#include "models/swap/discard.h"
#include "models/swap/slot_cache.h"
#include "models/swap/swapoff.h"
#include "models/swap/swapon.h"
#include "models/swap/zswap.h"
#include "models/windows.h"
#include "models/words.h"
#include "models/work/work.h"

#include "sim/error.h"

const char *const latency_name[NR_LATENCIES] = {
	[LATENCY_FAULT] = "fault",
	[LATENCY_MAJOR_FAULT] = "major_fault",
	[LATENCY_RECLAIM] = "direct_reclaim",
	[LATENCY_RACE_SLEEP] = "race_sleep",
	[LATENCY_SWAP_READ] = "swap_read",
	[LATENCY_SWAP_WRITE] = "swap_write",
	[LATENCY_FILE_READ] = "file_read",
	[LATENCY_MUNMAP] = "munmap",
	[LATENCY_SWAPOFF] = "swapoff",
};

const char *const refault_size_name[NR_REFAULT_SIZES] = {
	[REFAULT_DISTANCE] = "refault_distance",
	[REFAULT_DISTANCE_ACTIVATED] = "refault_distance_activated",
	[REFAULT_WORKINGSET_SIZE] = "workingset_size",
};

static const char *const event_name[NR_MODEL_EVENTS] = {
	[EVENT_TIMEOUT] = "timeout",
	[EVENT_RCU] = "grace_period_ends",
	[EVENT_STATS_FLUSH] = "flush_memcg_stats",
	[EVENT_MEMORY_STAT] = "memory_stat_read",
	[EVENT_DISCARD] = "discard_done",
	[EVENT_DISK_DONE] = "disk_done",
	[EVENT_OOM_REAPER] = "oom_reaper_wakes",
	[EVENT_CGROUP_WRITE] = "cgroup_file_write",
	[EVENT_SWAP_OPERATION] = "swap_operation",
	[EVENT_SWAPOFF_GRACE] = "swapoff_grace_period_ends",
	[EVENT_FLUSH_TLB] = "flush_tlb_func",
};

/* How much there is of everything; follows from the configuration alone. */
struct sizes_of_state {
	u64 folios;
	u64 pages;
	u64 tables;
	u64 slots;
	u64 clusters;
	u64 spaces;
	u64 requests;
	u64 vmas;
	u64 files;
	u64 segments;
};

static u64 round_up(u64 n, u64 to)
{
	return (n + to - 1) / to * to;
}

static u32 vmas_of(const struct mm_config *c)
{
	return c->vmas ? c->vmas : 1;
}

static struct sizes_of_state measure(const struct kernel_config *c)
{
	struct sizes_of_state s = { .folios = frames_needed(c->memory_pages, c->max_folio_order),
				    .pages = c->pages_per_table };

	for (u32 i = 0; i < c->mms; i++) {
		s.pages += round_up(c->mm[i].pages, c->pages_per_table);
		s.vmas += vmas_of(&c->mm[i]);
		s.segments += c->mm[i].segment;
	}
	for (u32 i = 0; i < c->devices; i++)
		s.slots += round_up(c->device[i].pages + 1, (u64)c->slots_per_cluster * c->space_clusters);
	s.tables = s.pages / c->pages_per_table;
	s.clusters = s.slots / c->slots_per_cluster;
	s.spaces = s.clusters / c->space_clusters;
	s.files = files_count(c);
	s.requests = disk_requests(c, s.files > 0);
	return s;
}

/* Only of machines with the multi-gen LRU, see mm/mglru.h. */
static void declare_generations(struct kernel *k, const struct sizes_of_state *s)
{
	struct arena *a = &k->machine.arena;
	bool wanted = lru_gen_enabled(k);

	k->gen_filter_tables = (u32)s->tables;
#define REGION(member, n)                                                                                    \
	arena_add(a, #member, (void **)&k->member, sizeof *k->member, wanted ? n : 0, REGION_STATE)
	REGION(lru_gen, k->config.memcgs);
	REGION(gen_walked, k->config.mms);
	REGION(gen_filter, s->tables * k->config.memcgs);
	REGION(folio_gen, s->folios);
#undef REGION
}

static void declare_statistics(struct kernel *k)
{
	const struct kernel_config *c = &k->config;
	struct arena *a = &k->machine.arena;

#define REGION(member, n) arena_add(a, #member, (void **)&k->member, sizeof *k->member, n, REGION_STATS)
	REGION(psi, c->memcgs);
	REGION(psi_cpu, c->memcgs * c->machine.cpus);
	REGION(psi_task, c->machine.tasks);
	REGION(count, c->memcgs);
	REGION(local_event, c->memcgs);
	REGION(latency, NR_LATENCIES);
	REGION(refault, NR_REFAULT_SIZES);
	REGION(on_cpu, c->machine.tasks);
	REGION(cpus_with, c->mms + 1);
	REGION(cpu_mask, (c->mms + 1) * cpu_mask_words(c->machine.cpus));
	REGION(tlb, c->machine.cpus);
#undef REGION
}

/* Small things with locks first: the place of a lock must fit into 32 bits. */
static void declare_state(struct kernel *k, const struct sizes_of_state *s)
{
	const struct kernel_config *c = &k->config;
	struct arena *a = &k->machine.arena;
	u32 caches = k->release->slot_caches ? c->machine.cpus : 0;
	u32 scans = k->release->allocator == SWAP_ALLOC_SCAN ? c->machine.cpus : 0;

#define REGION(member, n, kind) arena_add(a, #member, (void **)&k->member, sizeof *k->member, n, kind)
	REGION(memory, 1, REGION_STATE);
	REGION(oom, 1, REGION_STATE);
	REGION(swap, 1, REGION_STATE);
	REGION(zswap, c->zswap.enabled, REGION_STATE);
	REGION(zswap_memcg, c->zswap.enabled ? c->memcgs : 0, REGION_STATE);
	REGION(mm, c->mms, REGION_STATE);
	REGION(member, families_wanted(c) ? c->mms : 0, REGION_STATE);
	REGION(vma, s->vmas, REGION_STATE);
	REGION(memcg, c->memcgs, REGION_STATE);
	REGION(memcg_task, c->machine.tasks, REGION_STATE);
	REGION(lruvec, c->memcgs, REGION_STATE);
	REGION(device, c->devices, REGION_STATE);
	REGION(swap_slots, caches > 0, REGION_STATE);
	REGION(slots_cache, caches, REGION_STATE);
	REGION(cached_slot, caches * 2 * c->slot_cache, REGION_STATE);
	REGION(next_slot, (u64)caches * c->devices * (1 + c->max_folio_order), REGION_STATE);
	REGION(order_hint, (u64)(c->machine.cpus + c->devices) * c->max_folio_order, REGION_STATE);
	REGION(order_list, (u64)c->devices * c->max_folio_order * 2, REGION_STATE);
	REGION(scan_base, scans * c->devices, REGION_STATE);
	REGION(scan_control, c->machine.tasks, REGION_STATE);
	REGION(work, c->machine.tasks, REGION_STATE);
	REGION(space, s->spaces, REGION_STATE);
	REGION(disk, c->devices + 1, REGION_STATE);
	REGION(request, s->requests, REGION_STATE);
	REGION(plug, c->machine.tasks, REGION_STATE);
	REGION(page_table, s->tables, REGION_STATE);
	REGION(cluster, s->clusters, REGION_STATE);
	k->folio_region = REGION(folio, s->folios, REGION_STATE);
	arena_set_live(a, k->folio_region, 1);
	arena_set_live(a, REGION(folio_io, s->folios, REGION_STATE), 1);
	REGION(pte_flags, s->pages, REGION_STATE);
	REGION(pte, s->pages, REGION_STATE);
	REGION(page_version, s->pages, REGION_STATE);
	REGION(page_holds, k->keeps_holds ? s->pages : 0, REGION_STATE);
	REGION(file, s->files, REGION_STATE);
	REGION(page_cache, s->files ? s->pages : 0, REGION_STATE);
	REGION(index_order, s->segments ? s->pages : 0, REGION_STATE);
	REGION(slot, s->slots, REGION_STATE);
	REGION(count_digit, families_wanted(c) ? s->slots : 0, REGION_STATE);
	REGION(count_extend, families_wanted(c) && c->release->slots == SLOT_WORD ? s->slots : 0,
	       REGION_STATE);
	k->map_pages = (u32)(s->slots / SLOTS_PER_MAP_PAGE) + c->devices + 1;
	REGION(continued, families_wanted(c) ? k->map_pages : 0, REGION_STATE);
	REGION(xa_leaf, (s->slots >> XA_LEAF_SHIFT) + 1, REGION_STATE);
	REGION(xa_shadows, (s->slots >> XA_LEAF_SHIFT) + 1, REGION_STATE);
	REGION(zswap_tree, c->zswap.enabled ? s->slots : 0, REGION_STATE);
	k->zswap_region = REGION(zswap_entry, zswap_entries_max(c, s->slots), REGION_STATE);
#undef REGION
	declare_generations(k, s);
	declare_statistics(k);
}

/* Each cgroup before those below it, and those in the order of the scenario: css_next_descendant_pre(). */
static u32 walk_from(struct kernel *k, u32 memcg, u32 place)
{
	k->memcg_walk[place] = memcg;
	k->memcg_place[memcg] = place++;
	for (u32 i = 1; i < k->config.memcgs; i++)
		if (k->config.memcg[i].parent == memcg)
			place = walk_from(k, i, place);
	k->memcg_subtree[memcg] = place - k->memcg_place[memcg];
	return place;
}

static void order_memcgs(struct kernel *k)
{
	k->memcg_walk = g_new(u32, k->config.memcgs);
	k->memcg_place = g_new(u32, k->config.memcgs);
	k->memcg_subtree = g_new(u32, k->config.memcgs);
	walk_from(k, 0, 0);
}

enum { WATERMARK_SCALE = 1000 /* low and high lie 0.1 % of memory apart at least */ };

static void setup_memory(struct kernel *k)
{
	struct memory *mem = k->memory;

	mem->pages = mem->free = k->config.memory_pages;
	mem->min = k->config.min_free_pages == UINT64_MAX ? memory_min_watermark(mem->pages)
							  : k->config.min_free_pages;
	mem->low = mem->min + MAX(mem->min / 4, mem->pages / WATERMARK_SCALE);
	mem->high = mem->low + MAX(mem->min / 4, mem->pages / WATERMARK_SCALE);
}

/* What is there from the start takes its pages. */
static bool take_static_memory(struct kernel *k, GError **error)
{
	struct memory *mem = k->memory;
	u64 static_pages = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		static_pages += (k->device[i].static_bytes + 4095) / 4096;
	for (u32 i = 0; i < k->config.mms; i++)
		static_pages += k->mm[i].overhead_pages;
	if (static_pages + mem->min >= mem->free) {
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "the machine's memory does not hold the metadata of its swap devices and the overhead "
		    "of its processes: %" G_GUINT64_FORMAT " pages needed, %" G_GUINT64_FORMAT
		    " there above the min watermark (give it more, or make the devices smaller)",
		    static_pages, mem->free > mem->min ? mem->free - mem->min : 0);
		return false;
	}
	mem->free -= static_pages;
	mem->lowest = mem->free;
	files_read_before(k);
	return true;
}

static void setup_memcgs(struct kernel *k)
{
	for (u32 i = 0; i < k->config.memcgs; i++) {
		const struct memcg_config *c = &k->config.memcg[i];

		k->memcg[i].max = c->max_pages;
		k->memcg[i].high = c->high_limited ? c->high_pages : PAGE_COUNTER_MAX;
		k->memcg[i].swap_high = c->swap_high_limited ? c->swap_high_pages : PAGE_COUNTER_MAX;
		k->memcg[i].protection[PROTECT_MIN].wanted = c->min_pages;
		k->memcg[i].protection[PROTECT_LOW].wanted = c->low_pages;
		k->memcg[i].oom_group = c->oom_group;
		k->memcg[i].swap_max = c->swap_limited ? c->swap_max_pages : PAGE_COUNTER_MAX;
		k->memcg[i].memsw_max = c->memsw_max_pages ? c->memsw_max_pages : PAGE_COUNTER_MAX;
		k->memcg[i].parent = c->parent;
		k->memcg[k->memcg[i].parent].children += i > 0;
		k->lruvec[i].lru_lock.class = CLASS_LRU;
	}
	lru_gen_init(k);
}

/* Each from a page table of its own on. */
static void setup_vmas(struct kernel *k, u32 i, u32 vma)
{
	const struct mm_config *c = &k->config.mm[i];
	u32 first = k->mm[i].first_page, end = first + c->pages;

	for (u32 n = 0; n < vmas_of(c); n++) {
		u32 pages = c->vmas ? c->vma_pages[n] : c->pages;

		k->vma[vma + n] = (struct vma){ .first_page = first,
						.pages = pages,
						.ra_hits = RA_HITS_INITIAL,
						.hugepage = c->hugepage };
		for (u32 t = first; t < first + pages; t += k->config.pages_per_table)
			page_table_of(k, t)->vma = vma + n;
		first += pages;
	}
	BUG_ON(first != end);
}

static void setup_mm(struct kernel *k, u32 i, u32 first)
{
	const struct mm_config *c = &k->config.mm[i];

	k->mm[i] = (struct mm){ .first_page = first, .pages = c->pages, .memcg = c->memcg };
	k->mm[i].overhead_pages = c->later ? 0 : c->overhead_pages;
	k->mm[i].oom_score_adj = c->oom_score_adj;
	k->corpus[i] = c->corpus;
	for (u32 t = first; t < first + c->pages; t += k->config.pages_per_table) {
		page_table_of(k, t)->mm = i;
		page_table_of(k, t)->ptl.class = c->segment ? CLASS_I_PAGES : CLASS_PTL;
	}
	memcg_force_charge(k, c->memcg, k->mm[i].overhead_pages);
}

/* Two page tables are locked to copy pages or move them. */
static void setup_holds(struct kernel *k)
{
	k->machine.lock_nests |= 1u << CLASS_PTL;
	for (u32 i = 0; i < k->config.mms; i++)
		for (u32 p = k->mm[i].first_page; p < k->mm[i].first_page + k->mm[i].pages; p++)
			k->page_holds[p] = content_of(p, 0);
}

static void setup_mms(struct kernel *k)
{
	u32 first = k->config.pages_per_table, vma = 0;

	for (u32 i = 0; i < k->config.mms; i++) {
		setup_mm(k, i, first);
		setup_vmas(k, i, vma);
		first += round_up(k->config.mm[i].pages, k->config.pages_per_table);
		vma += vmas_of(&k->config.mm[i]);
	}
	if (k->keeps_holds)
		setup_holds(k);
}

static void setup_segments(struct kernel *k)
{
	for (u32 i = 0; i < k->config.mms; i++) {
		if (k->config.mm[i].segment)
			shmem_init(k, i);
		else if (k->config.mm[i].shares)
			shmem_mmap(k, i, k->config.mm[i].shares);
	}
}

static void setup_files(struct kernel *k)
{
	files_init(k);
	k->device_model[file_device(k)] = device_model_find(k->config.disk);
	disk_init(k, file_device(k));
}

static void setup_percpu(struct kernel *k)
{
	for (u32 n = 0; n < k->machine.cpus; n++) {
		struct percpu *cpu = percpu_of(&k->machine, n);

		cpu->swap_lock.class = CLASS_PERCPU_SWAP;
		cpu->lru_lock.class = CLASS_LRU_BATCH;
		k->tlb[n].lock.class = CLASS_CSD;
	}
}

/* The scheduler tells PSI, and the multi-gen LRU who is about to use its pages (context_switch()). */
static void note_task_state(struct machine *m, const struct task *t)
{
	struct kernel *k = kernel_of(m);

	psi_task_change(m, t);
	cpu_note_task(k, t);
	if (lru_gen_enabled(k) && t->state == TASK_RUNNING && k->program[t->id])
		lru_gen_use_mm(k, k->work[t->id].mm);
}

/* sched_submit_work(): who goes to sleep sends what it has. */
static void flush_plug_before_sleep(struct machine *m, struct task *t)
{
	plug_flush(kernel_of(m), t);
}

struct kernel_config kernel_config_default(void)
{
	struct kernel_config c = {
		.machine = {
			.seed = 1,
			.cpus = 1,
			.hz = 250,
			.tasks = 1 + KERNEL_THREADS,
			.stack_bytes = 2048,
			.events = 4096,
			.wait_buckets = 256,
			.slice_ns = 3000000,
			.rcu_ticks = 3,
			.preemption = PREEMPT_VOLUNTARY,
			.fall_through = true,
			.inline_hits = true,
		},
		.cpu_profile = "server",
		.memory_pages = 2u << 20,
		.min_free_pages = UINT64_MAX,
		.cgroup_version = 2,
		.memory_recursiveprot = true,
		.swappiness = 60,
		.page_cluster = 3,
		.disk = "nvme-client",
		.pages_per_table = 512,
		.slots_per_cluster = 512,
		.reclaim_batch = 32,
		.charge_batch = 64,
		.slot_cache = 64,
		.reclaim_retries = 16,
		.swap_map_max = SWAP_MAP_MAX,
		.space_clusters = 32,
		.thp = { .enabled = THP_MADVISE, .defrag = THP_DEFRAG_MADVISE },
		.zswap = { .compressor = CODEC_LZO_RLE, .max_pool_percent = 20, .accept_threshold_percent = 90 },
	};

	for (u32 order = 0; order < FOLIO_ORDERS; order++)
		c.thp.size[order] = order == FOLIO_ORDERS - 1 ? THP_INHERIT : THP_NEVER;
	BUG_ON(!release_parse("6.18", &c.release, &c.patches, NULL));
	return c;
}

static u32 log2_of(u32 n)
{
	BUG_ON(n & (n - 1));
	return (u32)__builtin_ctz(n);
}

/* What is not touched costs nothing, but is reserved, and that may be limited (ulimit -v, overcommit). */
static void no_room(const struct machine *m, GError **error)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "a machine of this size needs %" G_GUINT64_FORMAT
		    " MiB of address space, and that is not to be had (less memory, swap or data)",
		    (guint64)(m->arena.bytes >> 20));
}

static void derive_constants(struct kernel *k, const struct sizes_of_state *s)
{
	k->table_shift = log2_of(k->config.pages_per_table);
	k->cluster_shift = log2_of(k->config.slots_per_cluster);
	k->files = s->files;
	k->keeps_holds = families_wanted(&k->config) || k->config.moves_pages;
}

/* What is not state. */
static void make_tables(struct kernel *k)
{
	k->corpus = g_new0(struct corpus, k->config.mms + 1);
	k->stack_corpus = corpus_find("half-random");
	k->device_model = g_new0(const struct device_model *, k->config.devices + 2);
	k->disk_time = g_new0(struct disk_time *, k->config.devices + 1);
	k->program = g_new0(const struct workload *, k->config.machine.tasks);
	k->reference_index = reference_index_new();
}

static void answer_events(struct machine *m)
{
	machine_on_event(m, EVENT_TABLE_FREE, swap_table_page_free);
	machine_on_event(m, EVENT_SWAPOFF_GRACE, swapoff_grace_over);
	machine_on_event(m, EVENT_DISK_DONE, disk_done);
	machine_on_event(m, EVENT_DISCARD, discard_done);
	machine_on_event(m, EVENT_END_IO, end_io);
	machine_on_event(m, EVENT_FLUSH_TLB, tlb_flush_here);
	machine_on_event(m, EVENT_OOM_REAPER, wake_oom_reaper);
	displace_init(m);
	memcg_notify_init(m);
	m->before_sleep = flush_plug_before_sleep;
	m->on_task_state = note_task_state;
	m->invariant = kernel_invariants;
	m->vocabulary = &kernel_vocabulary;
	m->window = windows;
	m->may_lag = true; /* but for programs that may not */
	m->event_name = event_name;
}

struct kernel *kernel_new(const struct kernel_config *config, GError **error)
{
	struct kernel *k = g_new0(struct kernel, 1);
	struct machine_config machine = config->machine;
	struct sizes_of_state sizes = measure(config);
	bool ok;

	k->cpu_profile = cpu_profile_find(config->cpu_profile);
	BUG_ON(!k->cpu_profile);
	cpu_profile_configure(k->cpu_profile, &machine);
	machine.events +=
	    2 * sizes.requests + config->devices + config->cgroup_writes + config->swap_operations;
	machine.stack_bytes <<= config->zswap.enabled; /* to write back is to swap in and out in reclaim */
	machine.percpu_bytes = round_up(sizeof(struct percpu), 8);
	machine.choices = NR_CHOICES;
	machine.rcu_callbacks =
	    (u32)(sizes.clusters + config->memory_pages + /* each holds a page of a table, or */
		  config->devices);			  /* a swapoff waits for it */
	machine_init(&k->machine, &machine, path_info, NR_PATHS);
	cpu_profile_apply(k->cpu_profile, &k->machine);
	k->config = *config;
	k->release = config->release;
	k->patch = config->patches;
	derive_constants(k, &sizes);
	make_tables(k);
	lock_classes_add(&k->machine);
	answer_events(&k->machine);
	declare_state(k, &sizes);
	aspects_init(k);
	if (!machine_map(&k->machine)) {
		no_room(&k->machine, error);
		kernel_free(k);
		return NULL;
	}
	cpu_costs_init(k);
	order_memcgs(k);
	setup_memory(k);
	setup_memcgs(k);
	setup_mms(k);
	families_init(k);
	setup_segments(k);
	setup_percpu(k);
	if (k->release->slot_caches)
		slot_caches_init(k);
	zswap_init(k);
	k->oom->lock.class = CLASS_OOM;
	swapon_all(k);
	if (k->files)
		setup_files(k);
	lruvec_stats_start(k);
	cgroup_writes_start(k);
	swap_operations_start(k);
	psi_init(k);
	ok = take_static_memory(k, error);
	if (ok)
		return k;
	kernel_free(k);
	return NULL;
}

void kernel_free(struct kernel *k)
{
	if (!k)
		return;
	cpu_costs_release(k);
	g_free(k->corpus);
	g_free(k->reference_index);
	disks_release(k);
	g_free(k->disk_time);
	g_free(k->memcg_walk);
	g_free(k->memcg_place);
	g_free(k->memcg_subtree);
	families_release(k);
	g_free(k->device_model);
	g_free(k->program);
	g_free(k->workload);
	for (u32 i = 0; k->stream && i < k->config.machine.tasks; i++)
		trace_stream_free(k->stream[i]);
	g_free(k->stream);
	machine_release(&k->machine);
	g_free(k);
}
