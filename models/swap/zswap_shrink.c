/*
 * When entries are written back, and how many (mm/zswap.c: shrink_memcg(), shrink_worker(),
 * zswap_shrinker_count(), zswap_shrinker_scan(); mm/shrinker.c: do_shrink_slab(); 6.12-6.18).
 *
 * There is one shrinker, zswap's; other caches of the kernel are not modelled. Entries that are written back
 * do not count as reclaimed: their memory is the pool's. The statistics of a cgroup are fresh. Left out:
 * nodes, cgroups that go.
 */
#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/paths.h"
#include "models/swap/zswap.h"
#include "models/work/work.h"

#include "sim/lock.h"
#include "sim/sched.h"

enum { PAGE_BYTES = 4096, SHRINK_BATCH = 128, DEFAULT_SEEKS = 2, DELTA_TIMES = 4 };

static u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

u64 zswap_shrinker_count(struct kernel *k, u32 memcg)
{
	struct zswap_memcg *z = &k->zswap_memcg[memcg];
	u64 freeable = z->count, protected;

	if (!zswap_writeback_enabled(k, memcg) || !z->stored || !freeable)
		return 0;
	protected = least(z->nr_disk_swapins, freeable);
	z->nr_disk_swapins -= protected;
	freeable -= protected;
	return freeable * (z->bytes / PAGE_BYTES) / z->stored;
}

PATH(shrink_slab)
{
	STEPS(COUNT, SCAN, RESCHED);
	struct zswap_memcg *const z = &k->zswap_memcg[f->memcg];

	BEGIN;
	AT(COUNT);
	f->freeable = zswap_shrinker_count(k, f->memcg);
	if (!f->freeable)
		RETURN(0);
	f->deferred = z->nr_deferred;
	z->nr_deferred = 0;
	f->delta = (f->freeable >> k->scan_control[t->id].priority) * DELTA_TIMES / DEFAULT_SEEKS;
	f->total = least((f->deferred >> k->scan_control[t->id].priority) + f->delta, 2 * f->freeable);
	while (f->total >= SHRINK_BATCH || f->total >= f->freeable) {
		f->batch = least(SHRINK_BATCH, f->total);
		CALL(SCAN, zswap_lru_walk, .memcg = f->memcg, .nr_to_walk = f->batch, .dynamic = 1);
		if (!t->ret || t->ret & ZSWAP_WALK_STOPPED)
			break;
		f->total -= f->batch;
		f->scanned += f->batch;
		cond_resched(RESCHED);
	}
	if (f->deferred + f->delta > f->scanned)
		z->nr_deferred += least(f->deferred + f->delta - f->scanned, 2 * f->freeable);
	RETURN(0);
	END;
}

/* shrink_memcg(): one entry, if it has not been referenced. ENOENT: there is none that may be written. */
PATH(zswap_shrink_memcg)
{
	STEPS(WALK);
	BEGIN;
	if (!zswap_writeback_enabled(k, f->memcg) || !k->zswap_memcg[f->memcg].count)
		RETURN(PATH_ENOENT);
	CALL(WALK, zswap_lru_walk, .memcg = f->memcg, .nr_to_walk = 1);
	RETURN(t->ret ? PATH_OK : PATH_EAGAIN);
	END;
}

static void start_worker(struct kernel *k)
{
	struct machine *m = &k->machine;

	k->zswap->worker = m->tasks + 1;
	k->work[m->tasks].mm = WORK_NO_MM;
	machine_add_task(m, PATH_zswap_shrink_worker, sizeof(struct zswap_shrink_worker), sched_idle_cpu(m),
			 false, 0);
	m->tasks_left--; /* the run does not wait for it */
	sched_yield_to(m, &m->task[m->tasks - 1]);
}

void zswap_queue_shrink(struct kernel *k)
{
	if (!k->zswap->worker)
		start_worker(k);
	else
		bit_lock_release(&k->machine, &k->zswap->shrink_idle);
}

/* mem_cgroup_iter() from the root: the next cgroup + 1, 0 after the last. */
static u32 next_memcg(struct kernel *k)
{
	u32 *done = &k->zswap->next_shrink;

	if (*done == k->config.memcgs) {
		*done = 0;
		return 0;
	}
	return k->memcg_walk[(*done)++] + 1;
}

/* Whether one more failure is one too many. */
static bool gives_up(struct zswap_shrink_worker *f)
{
	return ++f->failures == MAX_RECLAIM_RETRIES;
}

/* The kernel's thread of shrink_wq; it never returns. What it charges it may have to reclaim. */
PATH(zswap_shrink_worker)
{
	STEPS(IDLE, NEXT, SHRINK, RESCHED);
	BEGIN;
	for (;;) {
		if (k->zswap->shrink_idle)
			bit_wait(IDLE, &k->zswap->shrink_idle);
		k->zswap->shrink_idle = BIT_LOCK_NOBODY;
		f->failures = f->attempts = 0;
		do {
			AT(NEXT);
			f->memcg = next_memcg(k);
			if (f->memcg) {
				CALL(SHRINK, zswap_shrink_memcg, .memcg = f->memcg - 1);
				f->attempts += t->ret != PATH_ENOENT;
				if (t->ret == PATH_EAGAIN && gives_up(f))
					break;
			} else {
				if (!f->attempts && gives_up(f))
					break;
				f->attempts = 0;
			}
			cond_resched(RESCHED);
		} while (k->memory->zswap_pages > zswap_accept_thr_pages(k));
	}
	END;
}
