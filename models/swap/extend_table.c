#include "models/swap/extend_table.h"

#include "models/cpu.h"
#include "models/mm/memory.h"
#include "models/paths.h"
#include "models/recheck.h"
#include "models/swap/continuation.h"

static void set_count(struct kernel *k, u32 entry, u64 count)
{
	u64 *word = &k->slot[entry].cache;

	*word = (*word & ~((u64)WORD_COUNT_EXTENDED << WORD_COUNT_SHIFT)) | count << WORD_COUNT_SHIFT;
}

bool word_count_is_full(const struct kernel *k, u32 entry)
{
	return word_count(k->slot[entry].cache) >= word_count_most(k) && !cluster_of(k, entry)->has_extend;
}

void word_count_get(struct kernel *k, u32 entry)
{
	u32 count = word_count(k->slot[entry].cache);

	if (count < word_count_most(k)) {
		set_count(k, entry, count + 1);
		return;
	}
	if (count != WORD_COUNT_EXTENDED)
		k->count_extend[entry] = count;
	set_count(k, entry, WORD_COUNT_EXTENDED);
	k->count_extend[entry]++;
}

/* swap_extend_table_try_free() */
static void try_free(struct kernel *k, u32 cluster)
{
	if (!k->cluster[cluster].has_extend)
		return;
	for (u32 i = cluster << k->cluster_shift; i < (cluster + 1) << k->cluster_shift; i++)
		if (k->count_extend[i])
			return;
	k->cluster[cluster].has_extend = 0;
	memory_meta_add(k, -(s64)EXTEND_TABLE_BYTES);
}

/* In 7.2 who makes a count fit looks for a table that was attached for somebody who has not used it, too. */
static bool may_be_last(const struct kernel *k, u32 count)
{
	return k->release->extend_rechecked && count + 1 >= word_count_most(k);
}

void word_count_put(struct kernel *k, u32 entry)
{
	u32 count = word_count(k->slot[entry].cache);

	if (count != WORD_COUNT_EXTENDED) {
		set_count(k, entry, count - 1);
		if (may_be_last(k, count - 1))
			try_free(k, entry >> k->cluster_shift);
	} else if (--k->count_extend[entry] == word_count_most(k)) {
		set_count(k, entry, k->count_extend[entry]);
		k->count_extend[entry] = 0;
		try_free(k, entry >> k->cluster_shift);
	}
}

/* Somebody else may have come first, or the count may fit by now, at which only 7.2 looks. */
static bool is_wanted(const struct kernel *k, u32 entry)
{
	return k->release->extend_rechecked ? word_count_is_full(k, entry)
					    : !cluster_of(k, entry)->has_extend;
}

/* Returns 0, or an error. */
PATH(swap_extend_table_alloc)
{
	STEPS(SLEEP, RECLAIM, LOCK_CI, UNLOCK_CI);
	struct swap_cluster_info *const ci = cluster_of(k, f->entry);

	BEGIN;
	if (!f->atomic) {
		might_sleep(SLEEP);
		if (k->memory->free <= k->memory->low) {
			CALL(RECLAIM, alloc_pages_slowpath);
			if (!t->ret)
				RETURN(PATH_ENOMEM);
			folio_free(k, (u32)t->ret);
		}
	}
	if (!count_page_alloc(k, t, f->atomic))
		RETURN(PATH_ENOMEM);
	spin_lock(LOCK_CI, &ci->lock);
	if (recheck(k, RECHECK_EXTEND_FULL, is_wanted(k, f->entry))) {
		ci->has_extend = 1;
		memory_meta_add(k, EXTEND_TABLE_BYTES);
	}
	spin_unlock(UNLOCK_CI, &ci->lock);
	RETURN(PATH_OK);
	END;
}

u32 extend_tables(const struct kernel *k)
{
	u32 tables = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 c = 0; c < k->device[i].clusters; c++)
			tables += k->cluster[k->device[i].first_cluster + c].has_extend;
	return tables;
}
