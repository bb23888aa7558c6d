/*
 * The slot caches of CPUs (mm/swap_slots.c, 6.1-6.14): folio_alloc_swap() as far as it gets a slot, here
 * get_swap_slot(); check_cache_active() with deactivate_swap_slots_cache(); free_swap_slot().
 *
 * A CPU's two rows have a lock each, as a task that went to sleep while it filled one may have left the CPU.
 * Slots of large folios do not go through a cache. A swapoff does without them, and empties them first. Left
 * out: CPUs that come and go; that whoever waits for the mutex spins while its owner runs.
 */
#include "models/swap/slot_cache.h"

#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/zswap.h"

static struct swap_slots_cache *cache_of(const struct kernel *k, u32 cpu)
{
	return &k->slots_cache[cpu];
}

void slot_caches_init(struct kernel *k)
{
	k->swap_slots->mutex.class = CLASS_SLOTS_ON_OFF;
	k->swap_slots->enable_mutex.class = CLASS_SLOTS_ENABLE;
	for (u32 cpu = 0; cpu < k->machine.cpus; cpu++) {
		cache_of(k, cpu)->alloc_lock.class = CLASS_SLOTS_ALLOC;
		cache_of(k, cpu)->free_lock.class = CLASS_SLOTS_FREE;
	}
}

static u32 caches_of(const struct kernel *k)
{
	return k->release->slot_caches ? k->machine.cpus : 0;
}

u32 slots_reserved(const struct kernel *k)
{
	return caches_of(k) ? k->swap_slots->reserved : 0;
}

u32 slot_caches_count(const struct kernel *k)
{
	u32 n = 0;

	for (u32 cpu = 0; cpu < caches_of(k); cpu++)
		n += cache_of(k, cpu)->nr + cache_of(k, cpu)->n_ret;
	return n;
}

static u32 row_holds(const struct kernel *k, u32 first, u32 n, u32 entry)
{
	u32 times = 0;

	for (u32 i = first; i < first + n; i++)
		times += k->cached_slot[i] == entry;
	return times;
}

u32 slot_caches_hold(const struct kernel *k, u32 entry)
{
	u32 times = 0;

	for (u32 cpu = 0; cpu < caches_of(k); cpu++) {
		const struct swap_slots_cache *cache = cache_of(k, cpu);

		times += row_holds(k, slot_row_of(k, cpu, SLOTS_TAKEN) + cache->cur, cache->nr, entry);
		times += row_holds(k, slot_row_of(k, cpu, SLOTS_RETURNED), cache->n_ret, entry);
	}
	return times;
}

/* THRESHOLD_ACTIVATE_SWAP_SLOTS_CACHE and its opposite, for all CPUs. */
static bool plenty_of_slots(const struct kernel *k)
{
	return k->swap->free_pages > (s64)k->machine.cpus * 5 * k->config.slot_cache;
}
static bool few_slots(const struct kernel *k)
{
	return k->swap->free_pages < (s64)k->machine.cpus * 2 * k->config.slot_cache;
}

/* use_swap_slot_cache */
static bool are_used(const struct kernel *k)
{
	return k->swap_slots->active && !k->swap_slots->disabled;
}

PATH(check_cache_active)
{
	STEPS(READ, LOCK_ON, UNLOCK_ON, LOCK_OFF, DRAIN, UNLOCK_OFF);
	struct swap_slots_state *const slots = k->swap_slots;

	BEGIN;
	AT(READ);
	if (slots->disabled)
		RETURN(false);
	if (!slots->active && plenty_of_slots(k)) {
		mutex_lock(LOCK_ON, &slots->mutex);
		slots->active = 1;
		mutex_unlock(UNLOCK_ON, &slots->mutex);
	} else if (slots->active && few_slots(k)) {
		mutex_lock(LOCK_OFF, &slots->mutex);
		slots->active = 0;
		for (f->cpu = 0; f->cpu < k->machine.cpus; f->cpu++)
			CALL(DRAIN, drain_slots_cache_cpu, .cpu = f->cpu);
		mutex_unlock(UNLOCK_OFF, &slots->mutex);
	}
	RETURN(slots->active);
	END;
}

PATH(drain_slots_cache_cpu)
{
	STEPS(LOCK_ALLOC, FREE_TAKEN, UNLOCK_ALLOC, LOCK_FREE, FREE_RETURNED, UNLOCK_FREE);
	struct swap_slots_cache *const cache = cache_of(k, f->cpu);

	BEGIN;
	mutex_lock(LOCK_ALLOC, &cache->alloc_lock);
	CALL(FREE_TAKEN, swapcache_free_entries, .n = cache->nr,
	     .first = slot_row_of(k, f->cpu, SLOTS_TAKEN) + cache->cur);
	cache->nr = cache->cur = 0;
	mutex_unlock(UNLOCK_ALLOC, &cache->alloc_lock);
	if (k->release->slot_caches != SLOT_CACHES_BOTH)
		RETURN(0);
	spin_lock_irq(LOCK_FREE, &cache->free_lock);
	CALL(FREE_RETURNED, swapcache_free_entries, .n = cache->n_ret,
	     .first = slot_row_of(k, f->cpu, SLOTS_RETURNED));
	cache->n_ret = 0;
	spin_unlock_irq(UNLOCK_FREE, &cache->free_lock);
	RETURN(0);
	END;
}

PATH(get_swap_slot)
{
	STEPS(CHECK, LOCK_CACHE, REFILL, UNLOCK_CACHE, ONE);
	struct swap_slots_cache *const cache = cache_of(k, f->cpu);

	BEGIN;
	CALL(CHECK, check_cache_active, .cpu = 0);
	if (t->ret) {
		mutex_lock(LOCK_CACHE, &cache->alloc_lock);
		if (!cache->nr && are_used(k)) {
			cache->cur = 0;
			CALL(REFILL, get_swap_pages, .wanted = k->config.slot_cache, .cache = f->cpu + 1);
			cache->nr = t->ret;
		}
		if (cache->nr) {
			f->entry = k->cached_slot[slot_row_of(k, f->cpu, SLOTS_TAKEN) + cache->cur++];
			cache->nr--;
		}
		mutex_unlock(UNLOCK_CACHE, &cache->alloc_lock);
		if (f->entry)
			RETURN(f->entry);
	}
	CALL(ONE, get_swap_pages, .wanted = 1);
	RETURN(t->ret);
	END;
}

PATH(free_swap_slot)
{
	STEPS(LOCK_FREE, FLUSH, UNLOCK_FREE, DIRECT);
	struct swap_slots_cache *const cache = cache_of(k, f->cpu);

	BEGIN;
	zswap_erase(k, f->entry); /* at once, while the rest of it waits for its batch */
	if (are_used(k)) {
		spin_lock_irq(LOCK_FREE, &cache->free_lock);
		f->kept = recheck(k, RECHECK_SLOTS_USED,
				  are_used(k)); /* they may have been switched off meanwhile */
		if (f->kept && cache->n_ret == k->config.slot_cache) {
			CALL(FLUSH, swapcache_free_entries, .n = cache->n_ret,
			     .first = slot_row_of(k, f->cpu, SLOTS_RETURNED));
			cache->n_ret = 0;
		}
		if (f->kept)
			k->cached_slot[slot_row_of(k, f->cpu, SLOTS_RETURNED) + cache->n_ret++] = f->entry;
		spin_unlock_irq(UNLOCK_FREE, &cache->free_lock);
	}
	if (!f->kept)
		CALL(DIRECT, swapcache_free_entries, .entry = f->entry, .nr = 1);
	RETURN(0);
	END;
}
