/*
 * Audits of swap: slots, clusters and their lists, the swap cache, metadata, what devices hold.
 */
#include "models/aspects.h"
#include "models/audit.h"
#include "models/invariants.h"
#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/swap/cache.h"
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "models/swap/slots.h"
#include "sim/rcu.h"

enum { PAGE_BYTES = 4096 };

static u32 device_end(const struct kernel *k, const struct swap_device *si)
{
	return si->first_slot + (si->clusters << k->cluster_shift);
}

/* ---- slot_conservation ---- */

static bool device_conserves(const struct kernel *k, const struct swap_device *si, GString *why)
{
	u64 used = 0, bad = 0;
	u64 unusable = si->has_maps ? device_end(k, si) - si->first_slot - si->pages : 0;

	for (u32 slot = si->first_slot; slot < device_end(k, si); slot++) {
		bad += slot_is_bad(k, slot);
		used += slot_is_used(k, slot);
	}
	if (bad != unusable)
		return audit_fails(why,
				   "device %u has %" G_GUINT64_FORMAT
				   " bad slots in its map where %" G_GUINT64_FORMAT
				   " are: the header and those beyond its end",
				   si->number, bad, unusable);
	if (used != si->inuse)
		return audit_fails(why,
				   "device %u counts %" G_GUINT64_FORMAT
				   " slots in use, its map has %" G_GUINT64_FORMAT,
				   si->number, si->inuse, used);
	if (si->flags & SWP_WRITEOK && k->patch.avail_list_recheck && si->on_avail_list != (used < si->pages))
		return audit_fails(
		    why,
		    "device %u is %son the list of devices with free slots, with %" G_GUINT64_FORMAT
		    " of %" G_GUINT64_FORMAT " in use",
		    si->number, si->on_avail_list ? "" : "not ", used, si->pages);
	return true;
}

static bool slots_conserved(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 pages = 0, inuse = 0;

	for (u32 i = 0; i < k->config.devices; i++) {
		if (!device_conserves(k, &k->device[i], why))
			return false;
		pages += k->device[i].flags & SWP_WRITEOK ? k->device[i].pages : 0;
		inuse += k->device[i].inuse;
	}
	inuse += slots_reserved(k);
	if (k->swap->total_pages == pages && k->swap->free_pages == (s64)(pages - inuse))
		return true;
	return audit_fails(why,
			   "the machine counts %" G_GINT64_FORMAT " free slots of %" G_GUINT64_FORMAT
			   ", its devices have %" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT,
			   k->swap->free_pages, k->swap->total_pages, (s64)(pages - inuse), pages);
}

static bool cluster_counts(const struct kernel *k, u32 cluster, GString *why)
{
	u32 count = 0;

	for (u32 slot = cluster_first(k, cluster); slot < cluster_end(k, cluster); slot++)
		count += !slot_is_free(k, slot);
	if (count == k->cluster[cluster].count)
		return true;
	return audit_fails(why, "cluster %u counts %u slots in use, its map has %u", cluster,
			   k->cluster[cluster].count, count);
}

static bool clusters_count(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 c = 0; c < k->device[i].clusters; c++)
			if (!cluster_counts(k, k->device[i].first_cluster + c, why))
				return false;
	return true;
}

/* ---- cluster_lists ---- */

/* For sentences: a list by its flag, then this. */
static const char *of_order(u32 list)
{
	static const char *const text[FOLIO_ORDERS] = { "",
							" of order 1",
							" of order 2",
							" of order 3",
							" of order 4",
							" of order 5",
							" of order 6",
							" of order 7",
							" of order 8",
							" of order 9" };

	return text[list_order(list)];
}

static bool list_is_sound(const struct kernel *k, const struct swap_device *si, u32 id, GString *why)
{
	const struct cluster_list *list = cluster_list_of(k, si->number, id);
	u32 before = 0, n = 0, flag = list_flag(id);

	for (u32 c = list->head; c; before = c, c = k->cluster[c - 1].next) {
		const struct swap_cluster_info *ci = &k->cluster[c - 1];

		if (c - 1 < si->first_cluster || c - 1 >= si->first_cluster + si->clusters)
			return audit_fails(why,
					   "list %u%s of device %u leads to cluster %u, which is not its own",
					   flag, of_order(id), si->number, c - 1);
		if (ci->flags != flag)
			return audit_fails(why,
					   "cluster %u is on list %u%s of device %u and its flag says %u",
					   c - 1, flag, of_order(id), si->number, ci->flags);
		if (cluster_list(ci) != id)
			return audit_fails(why, "cluster %u is on list %u%s of device %u and its order is %u",
					   c - 1, flag, of_order(id), si->number, ci->order);
		if (ci->prev != before || ++n > si->clusters)
			return audit_fails(why,
					   "the links of list %u%s of device %u are broken at cluster %u",
					   flag, of_order(id), si->number, c - 1);
	}
	if (list->tail == before && list->count == n)
		return true;
	return audit_fails(
	    why, "list %u%s of device %u counts %u clusters to a tail of %d, there are %u to %d", flag,
	    of_order(id), si->number, list->count, (int)list->tail - 1, n, (int)before - 1);
}

struct search_for_discards {
	const struct swap_device *si;
	u32 n;
};

static void look_for_discard(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct search_for_discards *s = data;

	(void)what;
	s->n += frame->path == PATH_swap_sync_discard && number >= s->si->first_cluster &&
		number < s->si->first_cluster + s->si->clusters;
}

/* Clusters that are with the device, and on no list: the worker's, and those of who found no slot. */
static u32 clusters_discarding(const struct kernel *k, const struct swap_device *si)
{
	struct search_for_discards s = { .si = si, .n = si->discarding != 0 };

	for (u32 i = 0; i < k->machine.tasks; i++)
		references_of_task(k, &k->machine.task[i], 1 << REFERS_CLUSTER, look_for_discard, &s);
	return s.n;
}

/* Of those that ought to be on a list. */
static u32 clusters_flagged(const struct kernel *k, const struct swap_device *si, u32 id)
{
	u32 n = 0;

	for (u32 c = 0; c < si->clusters; c++)
		n += cluster_list(&k->cluster[si->first_cluster + c]) == id;
	return n - (id == CLUSTER_DISCARD && n ? clusters_discarding(k, si) : 0);
}

static bool list_agrees(const struct kernel *k, const struct swap_device *si, u32 id, GString *why)
{
	u32 flagged = clusters_flagged(k, si, id), count = cluster_list_of(k, si->number, id)->count;

	if (!list_is_sound(k, si, id, why))
		return false;
	if (flagged == count)
		return true;
	return audit_fails(why, "%u clusters of device %u are flagged for list %u%s, which has %u", flagged,
			   si->number, list_flag(id), of_order(id), count);
}

static bool cluster_lists_sound(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.devices; i++) {
		for (u32 flag = CLUSTER_FREE; flag < NR_CLUSTER_LISTS; flag++)
			if (!list_agrees(k, &k->device[i], flag, why))
				return false;
		for (u32 order = 1; order <= k->config.max_folio_order; order++)
			if (!list_agrees(k, &k->device[i], list_named(CLUSTER_NONFULL, order), why) ||
			    !list_agrees(k, &k->device[i], list_named(CLUSTER_FRAG, order), why))
				return false;
	}
	return true;
}

/* ---- clusters_settled ---- */

static bool cluster_settled(const struct kernel *k, u32 cluster, GString *why)
{
	const struct swap_cluster_info *ci = &k->cluster[cluster];
	bool table = k->release->cache == SWAP_CACHE_TABLE && ci->flags != CLUSTER_FREE;

	if (ci->flags == CLUSTER_NONE)
		return audit_fails(why, "cluster %u is on no list and nobody is at work", cluster);
	if (ci->lock.owner)
		return audit_fails(why, "the lock of cluster %u is held and nobody is at work", cluster);
	if ((ci->flags == CLUSTER_FREE || ci->flags == CLUSTER_DISCARD) != !ci->count)
		return audit_fails(why, "cluster %u with %u slots in use is %son the free list", cluster,
				   ci->count, ci->flags == CLUSTER_FREE ? "" : "not ");
	if ((ci->flags == CLUSTER_FULL) != cluster_is_full(k, cluster))
		return audit_fails(why, "cluster %u with %u slots in use is %son the full list", cluster,
				   ci->count, ci->flags == CLUSTER_FULL ? "" : "not ");
	if (ci->has_table != table)
		return audit_fails(why, "cluster %u with %u slots in use has %s swap table", cluster,
				   ci->count, ci->has_table ? "a" : "no");
	return true;
}

static bool clusters_settled(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.devices; i++) {
		const struct swap_device *si = &k->device[i];

		if (si->users.count != si->has_maps || si->lock.owner)
			return audit_fails(why, "device %u is %s and nobody is at work", si->number,
					   si->lock.owner ? "locked" : "held");
		for (u32 c = 0; si->has_maps && c < si->clusters; c++)
			if (!cluster_settled(k, si->first_cluster + c, why))
				return false;
	}
	return true;
}

/* ---- cache_bijection ---- */

static bool word_agrees(const struct kernel *k, u32 entry, GString *why)
{
	const struct swap_slot *slot = &k->slot[entry];
	u32 folio = word_folio(slot->cache);

	if (!folio)
		return !slot_is_cached(k, entry) || slot_caches_hold(k, entry) ||
		       audit_fails(why, "slot %u has SWAP_HAS_CACHE and no folio in the cache", entry);
	if (!slot_is_cached(k, entry))
		return audit_fails(why, "slot %u has folio %u in the cache and no SWAP_HAS_CACHE", entry,
				   folio);
	if (folio > k->memory->folio_used)
		return audit_fails(why, "slot %u has folio %u in the cache, which never was", entry, folio);
	if (folio_has_slot(k, folio, entry))
		return true;
	return audit_fails(why, "slot %u has folio %u in the cache, which does not know (its slot: %u)",
			   entry, folio,
			   k->folio[folio].flags & FOLIO_SWAPCACHE ? k->folio_io[folio].swap : 0);
}

static bool cache_is_bijection(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 slot = k->device[i].first_slot; slot < device_end(k, &k->device[i]); slot++)
			if (!word_agrees(k, slot, why))
				return false;
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		if (k->folio[f].flags & FOLIO_SWAPCACHE &&
		    word_folio(k->slot[k->folio_io[f].swap].cache) != f)
			return audit_fails(why, "folio %u is in the cache at slot %u, which does not know", f,
					   k->folio_io[f].swap);
	return true;
}

/* ---- slot_caches ---- */

static bool kept_slot_is_sound(const struct kernel *k, u32 entry, bool returned, GString *why)
{
	const struct swap_slot *slot = &k->slot[entry];

	if (slot->map != SWAP_HAS_CACHE)
		return audit_fails(why, "slot %u is kept by a CPU and its map says %u", entry, slot->map);
	if (word_folio(slot->cache))
		return audit_fails(why, "slot %u is kept by a CPU and has folio %u in the cache", entry,
				   word_folio(slot->cache));
	if (slot_caches_hold(k, entry) > 1)
		return audit_fails(why, "slot %u is kept %u times", entry, slot_caches_hold(k, entry));
	if (!returned && (slot->cache || slot->memcg || slot->content || slot->stored))
		return audit_fails(why, "slot %u is to be handed out and has %s", entry,
				   slot->cache	 ? "a shadow"
				   : slot->memcg ? "a cgroup"
						 : "data");
	return true;
}

static bool row_is_sound(const struct kernel *k, u32 first, u32 n, bool returned, GString *why)
{
	for (u32 i = first; i < first + n; i++)
		if (!kept_slot_is_sound(k, k->cached_slot[i], returned, why))
			return false;
	return true;
}

static bool slot_caches_sound(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 cpu = 0; slot_caches_count(k) && cpu < m->cpus; cpu++) {
		const struct swap_slots_cache *cache = &k->slots_cache[cpu];

		if (!row_is_sound(k, slot_row_of(k, cpu, SLOTS_TAKEN) + cache->cur, cache->nr, false, why) ||
		    !row_is_sound(k, slot_row_of(k, cpu, SLOTS_RETURNED), cache->n_ret, true, why))
			return false;
	}
	if (slots_reserved(k))
		return audit_fails(why, "%u slots are reserved and nobody is at work", slots_reserved(k));
	return true;
}

/* A free slot remembers nothing, and a slot that is not free holds something. */
static bool slots_are_clean(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 s = k->device[i].first_slot; s < device_end(k, &k->device[i]); s++) {
			const struct swap_slot *slot = &k->slot[s];
			bool empty = !slot_is_used(k, s), bad = slot_is_bad(k, s);
			bool written =
			    s == k->device[i].first_slot && slot->stored; /* past swap: the header */
			bool data = !written && (slot->content || slot->stored);

			if (k->release->cgroup_in_cluster && slot_is_used(k, s) &&
			    !(slot->cache & WORD_ZERO) != (slot->stored != STORED_ZEROMAP))
				return audit_fails(why, "slot %u is %szeroes, and its word says otherwise", s,
						   slot->stored == STORED_ZEROMAP ? "" : "not ");
			if (empty && ((slot->cache && slot->cache != WORD_BAD) || slot->memcg || data))
				return audit_fails(why, "slot %u is %s and still has %s", s,
						   bad ? "bad" : "free",
						   slot->cache	 ? "a word in the cache"
						   : slot->memcg ? "a cgroup"
								 : "data");
		}
	return true;
}

/* ---- swap_metadata ---- */

static u64 table_bytes(struct kernel *k)
{
	u64 tables = rcu_waiting(&k->machine), cgroups = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		tables -= k->device[i].grace != 0; /* a swapoff waits for that one */
	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 c = 0; c < k->device[i].clusters; c++)
			cgroups += k->cluster[k->device[i].first_cluster + c].has_table;
	return (tables + cgroups) * SWAP_TABLE_BYTES + cgroups * memcg_table_bytes(k) +
	       extend_tables(k) * EXTEND_TABLE_BYTES;
}

static bool leaf_agrees(const struct kernel *k, u32 leaf, GString *why)
{
	u32 words = 0;

	for (u32 i = 0; i < 1u << XA_LEAF_SHIFT; i++)
		words += k->slot[(leaf << XA_LEAF_SHIFT) + i].cache != 0;
	if (words == k->xa_leaf[leaf])
		return true;
	return audit_fails(why, "the XArray leaf of slots %u.. counts %u words, there are %u",
			   leaf << XA_LEAF_SHIFT, k->xa_leaf[leaf], words);
}

/* Of one array of @leaves leaves from @first on: leaves in being, middle nodes above them, the root node. */
static bool space_agrees(const struct kernel *k, const struct swap_address_space *space, u32 first,
			 u32 leaves, u64 *nodes, GString *why)
{
	u32 in_use = 0, middle = 0, last = UINT32_MAX;

	for (u32 leaf = first; leaf < first + leaves; leaf++) {
		if (!leaf_agrees(k, leaf, why))
			return false;
		if (!k->xa_leaf[leaf])
			continue;
		in_use++;
		middle += leaf >> XA_LEAF_SHIFT != last;
		last = leaf >> XA_LEAF_SHIFT;
	}
	if (in_use != space->leaves)
		return audit_fails(why, "the XArray of slots %u.. counts %u leaves, there are %u",
				   first << XA_LEAF_SHIFT, space->leaves, in_use);
	*nodes += in_use + middle + (in_use > 0);
	return true;
}

static bool node_bytes(struct kernel *k, u64 *bytes, GString *why)
{
	u32 leaves = (k->config.space_clusters << k->cluster_shift) >> XA_LEAF_SHIFT;
	u64 nodes = 0;

	*bytes = k->memory->meta_bytes - continuation_pages(k) * CONTINUATION_BYTES;
	if (!leaves)
		return true; /* arrays smaller than a leaf, which they share: a world for searches */
	for (u32 i = 0; i < k->config.devices; i++) {
		const struct swap_device *si = &k->device[i];
		u32 first = si->first_cluster / k->config.space_clusters;
		u32 spaces = (si->clusters + k->config.space_clusters - 1) / k->config.space_clusters;

		for (u32 space = first; space < first + spaces; space++)
			if (!space_agrees(k, &k->space[space], space * leaves, leaves, &nodes, why))
				return false;
	}
	*bytes = nodes * XA_NODE_BYTES;
	return true;
}

static bool metadata_agrees(struct machine *m, GString *why)
{
	struct kernel *k = kernel_of(m);
	u64 bytes;

	if (k->release->cache == SWAP_CACHE_TABLE)
		bytes = table_bytes(k);
	else if (!node_bytes(k, &bytes, why))
		return false;
	bytes += continuation_pages(k) * CONTINUATION_BYTES;
	if (bytes == k->memory->meta_bytes)
		return true;
	return audit_fails(
	    why, "%" G_GUINT64_FORMAT " bytes of %s are accounted for, there are %" G_GUINT64_FORMAT,
	    k->memory->meta_bytes, k->release->cache == SWAP_CACHE_TABLE ? "swap tables" : "XArray nodes",
	    bytes);
}

/* ---- pool ---- */

static bool pool_agrees(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 bytes = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 s = k->device[i].first_slot; s < device_end(k, &k->device[i]); s++) {
			u32 stored = k->slot[s].stored;

			if (stored == STORED_PAGE)
				bytes += PAGE_BYTES;
			else if (stored != STORED_ZEROMAP)
				bytes += stored * STORED_UNIT;
		}
	if (bytes == k->memory->pool_bytes)
		return true;
	return audit_fails(why,
			   "%" G_GUINT64_FORMAT
			   " bytes of compressed data are accounted for, slots hold %" G_GUINT64_FORMAT,
			   k->memory->pool_bytes, bytes);
}

const struct audit audits_of_swap[] = {
	{ { "slot_conservation", "slots of a device: free + in use + bad = all", slots_conserved },
	  AUDIT_ANY_TIME,
	  &slot_conservation,
	  ASPECT_DEVICES | ASPECT_SLOTS | ASPECT_SWAP },
	{ { "cluster_counts", "a cluster counts the slots of its that are not free", clusters_count },
	  AUDIT_ANY_TIME,
	  &slot_conservation,
	  ASPECT_DEVICES | ASPECT_CLUSTERS | ASPECT_SLOTS },
	{ { "cluster_lists", "a cluster is on the list its flag names, and lists are whole",
	    cluster_lists_sound },
	  AUDIT_ANY_TIME,
	  &slot_conservation,
	  ASPECT_DEVICES | ASPECT_CLUSTERS },
	{ { "swap_metadata", "bytes of nodes or tables are those of the nodes or tables there are",
	    metadata_agrees },
	  AUDIT_ANY_TIME,
	  &accounting,
	  ASPECT_DEVICES | ASPECT_CLUSTERS | ASPECT_SLOTS | ASPECT_MEMORY },
	{ { "pool", "compressed data is what slots hold", pool_agrees },
	  AUDIT_ANY_TIME,
	  &accounting,
	  ASPECT_DEVICES | ASPECT_SLOTS | ASPECT_MEMORY },
	{ { "cluster_ownership", "no cluster is isolated, and its list and table follow from its count",
	    clusters_settled },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "cache_bijection", "a slot's word and the folio's slot name each other", cache_is_bijection },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "slot_caches", "a slot that a CPU keeps is in use and nobody's", slot_caches_sound },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "slots_clean", "a free slot remembers nothing", slots_are_clean }, AUDIT_AT_REST, NULL, 0 },
	{ { NULL, NULL, NULL }, AUDIT_ANY_TIME, NULL, 0 },
};
