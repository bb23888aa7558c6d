/*
 * The swap cache up to 6.18: insertion and removal, written once for both designs; what differs is the lock
 * and, for the XArray, that insertion may need a node (mm/swap_state.c: add_to_swap_cache() up to 6.17,
 * swap_cache_add_folio() in 6.18; mm/vmscan.c: __remove_mapping()). Later releases: cache_alloc.c,
 * cache_del.c.
 */
#include "models/swap/cache.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/shmem.h"
#include "models/mm/workingset.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/cache_xarray.h"
#include "models/swap/device_ref.h"
#include "models/swap/slots.h"
#include "sim/rcu.h"

u32 swap_cache_lookup_ns(const struct kernel *k)
{
	return k->cpu_profile->cache_lookup_ns[k->release->cache];
}

u32 swap_cache_get_folio(struct kernel *k, u32 entry)
{
	u32 folio;

	swap_access(k, entry);
	folio = word_folio(swap_cache_word(k, entry));
	if (folio)
		k->folio[folio].refs++;
	return folio;
}

/* xas_create_range() is undone if it cannot be done as a whole. */
static bool account(struct kernel *k, struct task *t, u32 entry, u32 nr, u64 word)
{
	for (u32 i = 0; i < nr; i++) {
		if (!xarray_account(k, entry + i, k->slot[entry + i].cache, word)) {
			while (i--)
				xarray_account(k, entry + i, word, k->slot[entry + i].cache);
			return false;
		}
		xarray_update_list(k, t, entry + i, k->slot[entry + i].cache, word);
	}
	return true;
}

bool swap_cache_store(struct kernel *k, struct task *t, u32 entry, u32 nr, u64 word)
{
	if (k->release->cache == SWAP_CACHE_XARRAY && !account(k, t, entry, nr, word))
		return false;
	if (count_is_in_word(k) && !word)
		word = SHADOW_TAG; /* an empty one */
	for (u32 i = 0; i < nr; i++)
		k->slot[entry + i].cache = word | (k->slot[entry + i].cache & word_flags(k));
	return true;
}

u64 swap_static_bytes(const struct kernel *k, u64 slots, u64 clusters)
{
	enum { ADDRESS_SPACE_BYTES = 192, SWAP_MAP_BYTES = 1, SWAP_CGROUP_BYTES = 2 };
	u64 bytes = count_is_in_word(k) ? 0 : slots * SWAP_MAP_BYTES;
	u64 spaces = (clusters + k->config.space_clusters - 1) / k->config.space_clusters;

	if (!k->release->cgroup_in_cluster)
		bytes += slots * SWAP_CGROUP_BYTES + (slots + 7) / 8; /* and the zeromap */
	bytes += clusters * k->release->cluster_bytes;
	return k->release->cache == SWAP_CACHE_XARRAY ? bytes + spaces * ADDRESS_SPACE_BYTES : bytes;
}

void swap_table_publish(struct kernel *k, u32 cluster)
{
	k->cluster[cluster].has_table = 1;
	memory_meta_add(k, SWAP_TABLE_BYTES + memcg_table_bytes(k));
}

void swap_table_free(struct kernel *k, u32 cluster)
{
	k->cluster[cluster].has_table = 0;
	if (memcg_table_bytes(k))
		memory_meta_add(k, -(s64)memcg_table_bytes(k)); /* nobody reads that without the lock */
	call_rcu(&k->machine, EVENT_TABLE_FREE, 0);
}

void swap_table_page_free(struct machine *m, u32 unused)
{
	(void)unused;
	memory_meta_add(kernel_of(m), -(s64)SWAP_TABLE_BYTES);
}

bool swap_cache_insert(struct kernel *k, struct task *t, u32 folio, u32 entry)
{
	struct folio *f = &k->folio[folio];

	if (!swap_cache_store(k, t, entry, folio_nr_pages(k, folio), word_of_folio(folio)))
		return false;
	f->refs += folio_nr_pages(k, folio);
	f->flags |= FOLIO_SWAPCACHE;
	k->folio_io[folio].swap = entry;
	return true;
}

PATH(swap_cache_add_folio)
{
	STEPS(LOCK_XA, UNLOCK_XA, LOCK_CI, UNLOCK_CI);
	BEGIN;
	if (k->release->cache == SWAP_CACHE_XARRAY) {
		spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
		if (!swap_cache_insert(k, t, f->folio, f->entry))
			f->error = PATH_ENOMEM;
		t->work_ns += k->cpu_profile->cache_store_ns[SWAP_CACHE_XARRAY];
		spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	} else {
		spin_lock(LOCK_CI, &cluster_of(k, f->entry)->lock);
		swap_cache_insert(k, t, f->folio, f->entry);
		spin_unlock(UNLOCK_CI, &cluster_of(k, f->entry)->lock);
	}
	if (f->error)
		count_memcg(k, k->folio[f->folio].memcg, CACHE_ADD_FAILED, 1);
	RETURN(f->error);
	END;
}

bool swap_cache_may_evict(const struct kernel *k, u32 folio)
{
	return recheck(k, RECHECK_REMOVE_REFS, k->folio[folio].refs == 1 + folio_nr_pages(k, folio)) &&
	       recheck(k, RECHECK_REMOVE_DIRTY, !(k->folio[folio].flags & FOLIO_DIRTY));
}

static bool cache_replace_by_shadow(struct kernel *k, struct task *t, u32 folio)
{
	struct folio *f = &k->folio[folio];
	struct folio_io *io = &k->folio_io[folio];
	u32 nr = folio_nr_pages(k, folio);

	if (!swap_cache_may_evict(k, folio))
		return false;
	swap_cache_store(k, t, io->swap, nr, workingset_eviction(k, t, folio, k->scan_control[t->id].target));
	memcg1_swapout(k, folio, io->swap);
	f->flags &= ~FOLIO_SWAPCACHE;
	io->swap = 0;
	f->refs = 0;
	return true;
}

/* That of a page of a file nobody else wants; the lock of its XArray is not modelled. */
static bool page_cache_replace_by_shadow(struct kernel *k, struct task *t, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (f->refs != 2)
		return false;
	k->page_cache[f->page] = workingset_eviction(k, t, folio, k->scan_control[t->id].target);
	f->refs = 0;
	return true;
}

/* Nobody ever wrote to it, or it would have gone to swap: what was not there before leaves no shadow. */
static bool remove_unwritten_shmem(struct kernel *k, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (f->refs != 1 + folio_nr_pages(k, folio) || f->flags & FOLIO_DIRTY)
		return false;
	index_erase(k, f->page, folio_order(k, folio));
	shmem_forget_folio(k, folio);
	f->refs = 0;
	return true;
}

/* folio_mapping(): truncated, or out of the swap cache, while it was being written it has none. */
static bool has_mapping(const struct kernel *k, u32 folio)
{
	return k->folio[folio].flags & (FOLIO_SWAPCACHE | FOLIO_SHMEM | FOLIO_FILE);
}

PATH(remove_mapping)
{
	STEPS(PAGE_CACHE, LOCK_INDEX, UNLOCK_INDEX, EVICT, LOCK_XA, UNLOCK_XA, LOCK_CI, UNLOCK_CI, DROP_BIT);
	BEGIN;
	if (!has_mapping(k, f->folio))
		RETURN(0);
	if (k->folio[f->folio].flags & FOLIO_SHMEM) {
		spin_lock_irq(LOCK_INDEX, i_pages_of(k, k->folio[f->folio].page));
		f->removed = remove_unwritten_shmem(k, f->folio);
		spin_unlock_irq(UNLOCK_INDEX, i_pages_of(k, k->folio[f->folio].page));
		RETURN(f->removed);
	}
	if (k->folio[f->folio].flags & FOLIO_FILE) {
		AT(PAGE_CACHE);
		RETURN(page_cache_replace_by_shadow(k, t, f->folio));
	}
	f->entry = k->folio_io[f->folio].swap;
	if (!has_cache_bit(k)) {
		CALL(EVICT, swap_cache_del_folio, .folio = f->folio, .evict = true);
		RETURN(t->ret);
	}
	if (k->release->cache == SWAP_CACHE_XARRAY) {
		spin_lock_irq(LOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
		f->removed = cache_replace_by_shadow(k, t, f->folio);
		t->work_ns += k->cpu_profile->cache_store_ns[SWAP_CACHE_XARRAY];
		spin_unlock_irq(UNLOCK_XA, &swap_space_of(k, f->entry)->xa_lock);
	} else {
		spin_lock_irq(LOCK_CI, &cluster_of(k, f->entry)->lock);
		f->removed = cache_replace_by_shadow(k, t, f->folio);
		spin_unlock_irq(UNLOCK_CI, &cluster_of(k, f->entry)->lock);
	}
	if (f->removed)
		CALL(DROP_BIT, swapcache_clear, .entry = f->entry, .nr = folio_nr_pages(k, f->folio),
		     .put = true);
	RETURN(f->removed);
	END;
}
