/*
 * Audits of zswap: entries against slots, the pool, lists and figures of cgroups.
 */
#include "models/aspects.h"
#include "models/audit.h"
#include "models/invariants.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"

enum { PAGE_BYTES = 4096 };

/* ---- zswap_entries ---- */

static u64 entries_free(const struct kernel *k)
{
	u64 n = 0;

	for (u32 e = k->zswap->entry_free; e && n <= k->zswap->entry_used; e = k->zswap_entry[e].next)
		n++;
	return n;
}

static bool entry_agrees(const struct kernel *k, u32 slot, GString *why)
{
	u32 entry = k->zswap_tree[slot];
	const struct zswap_entry *e = &k->zswap_entry[entry];

	if (entry > k->zswap->entry_used || e->slot != slot)
		return audit_fails(why, "slot %u has entry %u of zswap, which does not know (its slot: %u)",
				   slot, entry, e->slot);
	if (!slot_is_used(k, slot))
		return audit_fails(why, "zswap keeps a page of slot %u, which is not in use", slot);
	return true;
}

static bool entries_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 kept = 0, free;

	if (!zswap_is_enabled(k))
		return true;
	for (u32 i = 0; i < k->config.devices; i++)
		for (u64 s = k->device[i].first_slot; s < k->device[i].first_slot + k->device[i].max; s++) {
			if (!k->zswap_tree[s])
				continue;
			if (!entry_agrees(k, s, why))
				return false;
			kept++;
		}
	free = entries_free(k);
	if (kept == k->zswap->stored_pages && kept + free == k->zswap->entry_used)
		return true;
	return audit_fails(why,
			   "zswap counts %" G_GUINT64_FORMAT
			   " pages and has had %u entries; %" G_GUINT64_FORMAT
			   " slots have one and %" G_GUINT64_FORMAT " are free",
			   k->zswap->stored_pages, k->zswap->entry_used, kept, free);
}

/* ---- zswap_lists ---- */

static bool list_is_sound(const struct kernel *k, u32 memcg, u64 *listed, GString *why)
{
	const struct zswap_memcg *z = &k->zswap_memcg[memcg];
	u32 before = 0, n = 0;

	for (u32 e = z->head; e; before = e, e = k->zswap_entry[e].next)
		if (k->zswap_entry[e].prev != before || k->zswap_entry[e].memcg != memcg ||
		    !k->zswap_entry[e].listed || ++n > k->zswap->entry_used)
			return audit_fails(
			    why, "entry %u is on zswap's list of cgroup %u and does not belong there", e,
			    memcg);
	*listed += n;
	if (z->tail == before && z->count == n)
		return true;
	return audit_fails(why, "zswap's list of cgroup %u counts %u entries, there are %u", memcg, z->count,
			   n);
}

static bool lists_sound(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 listed = 0;

	if (!zswap_is_enabled(k))
		return true;
	for (u32 i = 0; i < k->config.memcgs; i++)
		if (!list_is_sound(k, i, &listed, why))
			return false;
	if (listed == k->zswap->stored_pages)
		return true;
	return audit_fails(
	    why, "%" G_GUINT64_FORMAT " entries of zswap are on lists, there are %" G_GUINT64_FORMAT, listed,
	    k->zswap->stored_pages);
}

/* ---- zswap_pool ---- */

/* What cgroups have of it is hierarchical, but for what they are charged. */
struct kept {
	u64 bytes, stored, own_bytes;
};

static void add_entry(const struct kernel *k, struct kept *of, const struct zswap_entry *e)
{
	u32 memcg = e->memcg;

	if (!memcg || k->config.cgroup_version == 1)
		return;
	of[memcg].own_bytes += e->bytes;
	for (;; memcg = k->memcg[memcg].parent) {
		of[memcg].bytes += e->bytes;
		of[memcg].stored++;
		if (!memcg)
			return;
	}
}

static bool memcg_agrees(const struct kernel *k, u32 memcg, const struct kept *of, GString *why)
{
	const struct zswap_memcg *z = &k->zswap_memcg[memcg];

	if (z->bytes != of->bytes || z->stored != of->stored || z->own_bytes != of->own_bytes)
		return audit_fails(why,
				   "cgroup %u counts %" G_GUINT64_FORMAT " pages and %" G_GUINT64_FORMAT
				   " bytes in zswap, there are %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT,
				   memcg, z->stored, z->bytes, of->stored, of->bytes);
	if (z->own_pages * PAGE_BYTES >= z->own_bytes)
		return true;
	return audit_fails(
	    why, "cgroup %u is charged %" G_GUINT64_FORMAT " pages for %" G_GUINT64_FORMAT " bytes in zswap",
	    memcg, z->own_pages, z->own_bytes);
}

static bool pool_agrees(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	struct kept *of;
	u64 bytes = 0;
	bool ok;

	if (!zswap_is_enabled(k))
		return true;
	of = g_new0(struct kept, k->config.memcgs);
	for (u32 i = 0; i < k->config.memcgs; i++)
		for (u32 e = k->zswap_memcg[i].head; e; e = k->zswap_entry[e].next) {
			bytes += k->zswap_entry[e].bytes;
			add_entry(k, of, &k->zswap_entry[e]);
		}
	ok = bytes == k->memory->zswap_bytes ||
	     audit_fails(why, "zswap's pool has %" G_GUINT64_FORMAT " bytes, its entries %" G_GUINT64_FORMAT,
			 k->memory->zswap_bytes, bytes);
	for (u32 i = 0; ok && i < k->config.memcgs; i++)
		ok = memcg_agrees(k, i, &of[i], why);
	g_free(of);
	return ok;
}

const struct audit audits_of_zswap[] = {
	{ { "zswap_entries", "an entry of zswap and its slot, which is in use, name each other",
	    entries_agree },
	  AUDIT_ANY_TIME,
	  &accounting,
	  ASPECT_DEVICES | ASPECT_SLOTS },
	{ { "zswap_lists", "every entry is on the list of its cgroup", lists_sound },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "zswap_pool", "bytes of the pool and of cgroups are those of the entries", pool_agrees },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { NULL, NULL, NULL }, AUDIT_ANY_TIME, NULL, 0 },
};
