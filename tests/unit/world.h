/*
 * world.h - small worlds to test the models in: a machine of one process in one cgroup on one zram device, in
 * which single paths are run to completion, or two of them step by step.
 *
 *	struct world w;
 *
 *	world_init(&w, (struct world_size){ .release = "6.17", .limit = 100 });
 *	world_write(&w, 3);
 *	CU_ASSERT_EQUAL(RUN(&w, madvise_pageout, .page = page_of(&w, 3), .count = 1), 1);
 *	world_release(&w);
 *
 * Cgroup 1 is the process's, its limit is .limit; cgroup 0 is the root. What is 0 in a struct world_size
 * takes the default of world_init(). Pages are numbered from 0 here; page_of() gives the machine's number.
 */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include <string.h>

#include "models/block/device.h"
#include "models/paths.h"
#include "models/swap/slots.h"
#include "models/work/work.h"
#include "sim/next.h"
#include "tests/unit/unit.h"

enum { WORLD_NO_LIMIT = 1u << 30, WORLD_DEVICES = 4, WORLD_MEMCGS = 10 };

struct world_size {
	const char *release; /* "6.18" */
	const char *corpus;  /* "half-random" */
	const char *device;  /* "zram-lz4" */
	const char *profile; /* "server" */
	u32 pages;	     /* of the process: 1024 */
	u32 limit;	     /* of its cgroup: none */
	u32 swap_limit;	     /* of its cgroup, v2: none */
	u32 memsw_limit;     /* of its cgroup, v1: none */
	u32 slots;	     /* usable ones of a device: 4095 */
	u32 devices;	     /* 1 */
	u32 memcgs;	     /* 2; all but the root below cgroup 1 or, if flat, below the root */
	u32 cpus;	     /* 2 */
	u32 per_cluster;     /* 512 */
	u32 memory;	     /* 65536 */
	u32 min;	     /* 64; the min watermark */
	u32 space_clusters;  /* 32 */
	u32 per_table;	     /* 512 */
	u32 cgroup_version;  /* 2 */
	u32 file_pages;	     /* the first ones are of a file: 0 */
	bool executable;     /* that file */
	bool files_cached;
	u32 max_order;	/* of folios: 0 */
	u32 thp_orders; /* that first touches and swap-ins may use, a bit each: 0 */
	u32 tasks;	/* 4096; given: as little state as there can be, for a search */
	bool flat;
	bool moves; /* pages, with uffd_move */
	bool check_locks;
	enum preemption preemption;
};

struct world {
	struct kernel *k;
	struct swap_device_config device[WORLD_DEVICES];
	struct memcg_config memcg[WORLD_MEMCGS];
	struct mm_config mm;
	struct workload load; /* of world_fill() and world_idle() */
	u8 file_map[128];
};

static inline u32 world_default(u32 value, u32 otherwise)
{
	return value ? value : otherwise;
}

static inline void world_fill_in(struct world *w, const struct world_size *s, struct kernel_config *c)
{
	c->page_cluster = 0; /* one page at a time */
	c->devices = world_default(s->devices, 1);
	c->memcgs = world_default(s->memcgs, 2);
	c->mms = 1;
	for (u32 i = 0; i < c->devices; i++)
		w->device[i] = (struct swap_device_config){ .model = s->device ? s->device : "zram-lz4",
							    .pages = world_default(s->slots, 4095) };
	for (u32 i = 0; i < c->memcgs; i++)
		w->memcg[i] = (struct memcg_config){ .name = i ? "group" : "",
						     .max_pages = WORLD_NO_LIMIT,
						     .parent = i > 1 && !s->flat };
	w->memcg[1].max_pages = world_default(s->limit, WORLD_NO_LIMIT);
	w->memcg[1].swap_limited = s->swap_limit;
	w->memcg[1].swap_max_pages = s->swap_limit;
	w->memcg[1].memsw_max_pages = s->memsw_limit;
	w->mm = (struct mm_config){ .name = "process", .pages = world_default(s->pages, 1024), .memcg = 1 };
	w->mm.file_map = s->file_pages ? w->file_map : NULL;
	w->mm.executable = s->executable;
	w->mm.files_cached = s->files_cached;
	for (u32 i = 0; i < s->file_pages; i++)
		w->file_map[i / 8] |= (u8)(1u << i % 8);
	w->mm.corpus = *corpus_find(s->corpus ? s->corpus : "half-random");
	c->device = w->device;
	c->memcg = w->memcg;
	c->mm = &w->mm;
}

static inline struct kernel_config world_config(struct world *w, const struct world_size *s)
{
	struct kernel_config c = kernel_config_default();

	*w = (struct world){ 0 };
	CU_ASSERT_FATAL(release_parse(s->release ? s->release : "6.18", &c.release, &c.patches, NULL));
	c.machine.cpus = world_default(s->cpus, 2);
	c.machine.tasks = world_default(s->tasks, 4096);
	c.machine.wait_buckets = s->tasks ? 1 : 256;
	c.machine.check_locks = s->check_locks;
	c.machine.preemption = s->preemption ? s->preemption : PREEMPT_VOLUNTARY;
	c.cpu_profile = s->profile ? s->profile : "server";
	c.slots_per_cluster = world_default(s->per_cluster, 512);
	c.pages_per_table = world_default(s->per_table, 512);
	c.space_clusters = world_default(s->space_clusters, 32);
	c.memory_pages = world_default(s->memory, 65536);
	c.min_free_pages = world_default(s->min, 64);
	c.cgroup_version = world_default(s->cgroup_version, 2);
	c.max_folio_order = s->max_order;
	c.moves_pages = s->moves;
	for (u32 order = 1; order < FOLIO_ORDERS; order++)
		c.thp.size[order] = s->thp_orders & 1u << order ? THP_ALWAYS : THP_NEVER;
	c.thp.defrag = THP_DEFRAG_ALWAYS;
	world_fill_in(w, s, &c);
	return c;
}

static inline void world_init(struct world *w, struct world_size size)
{
	struct kernel_config c = world_config(w, &size);

	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	w->k->mm[0].users = 1; /* ours: memory is not given back when a task ends */
}

static inline void world_release(struct world *w)
{
	kernel_free(w->k);
}

/* ---- single paths, run to completion by the timed driver ---- */

static inline s64 world_run(struct world *w, u32 cpu, u32 path, const void *arguments, u32 bytes)
{
	struct machine *m = &w->k->machine;
	u32 id = m->tasks;

	memcpy(machine_add_task(m, path, bytes, cpu, true, 0), arguments, bytes);
	CU_ASSERT_FATAL(machine_run(m, TIME_NEVER - 1, NULL));
	return m->task[id].ret;
}

/* Run a path on a CPU; the answer is what it returned. */
#define RUN_ON(w, cpu, path, ...)                                                                            \
	world_run(w, cpu, PATH_##path, &(struct path){ __VA_ARGS__ }, sizeof(struct path))
#define RUN(w, path, ...) RUN_ON(w, 0, path, __VA_ARGS__)

static inline u32 page_of(const struct world *w, u32 page)
{
	return w->k->mm[0].first_page + page;
}
static inline struct folio *folio_at(const struct world *w, u32 page)
{
	return &w->k->folio[w->k->pte[page_of(w, page)]];
}
/* Its lock, its writeback, its entry. */
static inline struct folio_io *io_of(const struct world *w, const struct folio *folio)
{
	return &w->k->folio_io[folio - w->k->folio];
}
static inline u8 flags_at(const struct world *w, u32 page)
{
	return w->k->pte_flags[page_of(w, page)];
}
static inline bool is_resident(const struct world *w, u32 page)
{
	return flags_at(w, page) & PTE_PRESENT;
}
static inline bool is_swapped(const struct world *w, u32 page)
{
	return flags_at(w, page) & PTE_SWAP;
}
static inline u32 entry_at(const struct world *w, u32 page)
{
	CU_ASSERT_FATAL(is_swapped(w, page));
	return w->k->pte[page_of(w, page)];
}

/* An access as a program makes it: a hit sets bits, anything else is a fault. */
static inline void world_access(struct world *w, u32 cpu, u32 page, bool write)
{
	u8 needed = PTE_PRESENT | (write ? PTE_WRITE : 0);

	if ((flags_at(w, page) & needed) != needed)
		RUN_ON(w, cpu, handle_mm_fault, .page = page_of(w, page), .write = write);
	else
		w->k->pte_flags[page_of(w, page)] |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
}
static inline void world_read(struct world *w, u32 page)
{
	world_access(w, 0, page, false);
}
static inline void world_write(struct world *w, u32 page)
{
	world_access(w, 0, page, true);
}
static inline void world_write_range(struct world *w, u32 first, u32 n)
{
	for (u32 i = 0; i < n; i++)
		world_write(w, first + i);
}
/* Forget that pages were used, as an earlier scan would have. */
static inline void world_age(struct world *w, u32 first, u32 n)
{
	for (u32 i = 0; i < n; i++)
		w->k->pte_flags[page_of(w, first + i)] &= ~PTE_ACCESSED;
}
/* MADV_PAGEOUT; returns the pages reclaimed. */
static inline u32 world_pageout(struct world *w, u32 first, u32 n)
{
	return RUN(w, madvise_pageout, .page = page_of(w, first), .count = n);
}
static inline void world_drain(struct world *w, u32 cpu)
{
	RUN_ON(w, cpu, lru_add_drain, .folio = 0);
}

/* Write the first pages of the process once, in order, in one task, and drain the batch. */
static inline void world_fill(struct world *w, u32 pages)
{
	w->load = (struct workload){ .pattern = PATTERN_SEQ, .pages = pages, .fill = true };
	work_add_task(w->k, &w->load, 0, 0, true);
	CU_ASSERT_FATAL(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
	world_drain(w, 0);
}

/* Let time pass, so that callbacks are called. Drains CPU 0's batch of new pages. */
static inline void world_idle(struct world *w, u32 ms)
{
	w->load = (struct workload){ .pattern = PATTERN_PAGEOUT, .gap_ps = 1000000000, .accesses = ms };
	work_add_task(w->k, &w->load, 0, 0, true);
	CU_ASSERT_FATAL(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
}

/* ---- several paths, step by step ---- */

static inline void world_by_hand(struct world *w)
{
	machine_search(&w->k->machine);
}

/* Returns the task's number. */
static inline u32 world_add(struct world *w, u32 cpu, u32 path, const void *arguments, u32 bytes)
{
	struct machine *m = &w->k->machine;
	u32 id = m->tasks;

	memcpy(machine_add_task(m, path, bytes, cpu, true, 0), arguments, bytes);
	return id;
}
#define ADD_ON(w, cpu, path, ...)                                                                            \
	world_add(w, cpu, PATH_##path, &(struct path){ __VA_ARGS__ }, sizeof(struct path))

static inline bool world_is_at(struct world *w, u32 task, const char *step)
{
	struct machine *m = &w->k->machine;
	char name[128];

	return m->task[task].state != TASK_DONE &&
	       !strcmp(machine_step_name(m, &m->task[task], 0, name, sizeof name), step);
}

/* One step of a task; a sleep with a time-out takes all of it, since nobody else is about. False: it cannot.
 */
static inline bool world_step(struct world *w, u32 task)
{
	struct machine *m = &w->k->machine;
	struct task *t = &m->task[task];

	while (machine_enabled(m, t)) {
		if (machine_step(m, t))
			return true;
		if (t->state == TASK_BLOCKED && t->timeout)
			next_do(m, (struct next){ NEXT_TIMEOUT, t->id });
	}
	return false;
}

/* Step a task until it is about to do "path.STEP" (NULL: until it is done). False: it cannot get there. */
static inline bool world_step_to(struct world *w, u32 task, const char *step)
{
	struct machine *m = &w->k->machine;
	struct task *t = &m->task[task];

	for (u32 i = 0; i < 100000; i++) {
		if (step && world_is_at(w, task, step))
			return true;
		if (t->state == TASK_DONE)
			return !step;
		if (!world_step(w, task))
			return false;
	}
	return false;
}

/* ---- figures ---- */

static inline u64 counted(const struct world *w, enum counter id)
{
	return w->k->count[1][id];
}
static inline u64 locks_taken(const struct world *w, enum lock_class class)
{
	return w->k->machine.lock_stat[class].taken;
}
static inline u32 list_count(const struct world *w, enum lru_list list)
{
	return w->k->lruvec[1].list[list].count;
}

#endif
