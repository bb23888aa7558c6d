/*
 * Audits of memory: page tables against folios and slots, contents, LRU lists, references, charges, pages.
 */
#include "models/aspects.h"
#include "models/audit.h"
#include "models/block/block.h"
#include "models/invariants.h"
#include "models/mm/lru.h"
#include "models/mm/mglru.h"
#include "models/mm/rmap.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"
#include "models/words.h"

enum { PAGE_BYTES = 4096 };

static bool is_head(const struct kernel *k, u32 frame)
{
	return (k->folio[frame].flags & (FOLIO_IN_USE | FOLIO_TAIL)) == FOLIO_IN_USE;
}

/* ---- page_tables ---- */

/* What the page table entries of one process come to. */
struct mapped {
	u32 anon;
	u32 swapped;
	u32 shmem;
	u32 pad;
	u64 entries; /* of file pages too */
};

static bool present_agrees(const struct kernel *k, u32 page, struct mapped *sum, GString *why)
{
	u32 frame = k->pte[page], folio;

	if (k->pte_flags[page] & PTE_ZERO)
		return true;
	if (!frame || frame > k->memory->folio_used || !(k->folio[frame].flags & FOLIO_IN_USE))
		return audit_fails(why, "%s is mapped to folio %u, which is not in use", PAGE_NAME(k, page),
				   frame);
	folio = page_folio(k, frame);
	sum->anon += counts_as_anon(k, page);
	if (is_segment(k, page_table_of(k, page)->mm))
		return k->folio[folio].flags & FOLIO_SHMEM && k->folio[folio].page + (frame - folio) == page
			   ? true
			   : audit_fails(why, "%s is in folio %u, which does not know (its page: %u)",
					 PAGE_NAME(k, page), folio, k->folio[folio].page + (frame - folio));
	if (!rmap_reaches(k, frame, page) || !k->folio[frame].mapcount)
		return audit_fails(why, "%s is mapped to folio %u, which does not know (its page: %u)",
				   PAGE_NAME(k, page), folio, k->folio[folio].page + (frame - folio));
	sum->entries++;
	sum->shmem += is_shmem(k, page);
	return true;
}

static bool process_agrees(const struct kernel *k, u32 number, u64 *entries, GString *why)
{
	const struct mm *mm = &k->mm[number];
	struct mapped sum = { 0 };

	for (u32 page = mm->first_page; page < mm->first_page + mm->pages; page++) {
		u32 flags = k->pte_flags[page];

		if (flags & PTE_PRESENT && flags & PTE_SWAP)
			return audit_fails(why, "%s is both present and swapped", PAGE_NAME(k, page));
		if (flags & PTE_PRESENT && !present_agrees(k, page, &sum, why))
			return false;
		sum.swapped += (flags & PTE_SWAP) != 0;
	}
	*entries += sum.entries;
	if (sum.shmem != mm->shmem_pages)
		return audit_fails(why, "process %u counts %u pages of shared memory, its tables have %u",
				   number, mm->shmem_pages, sum.shmem);
	if (sum.anon == mm->anon_pages && sum.swapped == mm->swap_ents)
		return true;
	return audit_fails(
	    why, "process %u counts %u anonymous pages and %u swapped ones, its tables have %u and %u",
	    number, mm->anon_pages, mm->swap_ents, sum.anon, sum.swapped);
}

static bool page_tables_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 entries = 0, mapcounts = 0, large = 0;

	for (u32 i = 0; i < k->config.mms; i++)
		if (!process_agrees(k, i, &entries, why))
			return false;
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		mapcounts += k->folio[f].mapcount;
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		large += is_head(k, f) ? folio_mapcount(k, f) : 0;
	if (entries == mapcounts && entries == large)
		return true;
	return audit_fails(why,
			   "page frames count %" G_GUINT64_FORMAT " mappings, folios %" G_GUINT64_FORMAT
			   ", and there are %" G_GUINT64_FORMAT " page table entries",
			   mapcounts, large, entries);
}

/* ---- swap_references ---- */

/* How many page table entries name each slot: a bit of it if that is none or one, as where nothing is shared,
 * and 16 otherwise. All at once they may take as much memory as anything else. */
struct slot_references {
	u64 slots;
	u8 *one;    /* [slots / 8 + 1], or */
	u16 *count; /* [slots + 1] */
};

/* False: it was named before, where none is named twice. */
static bool add_reference(struct slot_references *r, u32 entry)
{
	u8 bit = (u8)(1u << entry % 8);

	if (r->count)
		return ++r->count[entry];
	if (r->one[entry / 8] & bit)
		return false;
	r->one[entry / 8] |= bit;
	return true;
}

static u32 references_to(const struct slot_references *r, u32 slot)
{
	return r->count ? r->count[slot] : r->one[slot / 8] >> slot % 8 & 1u;
}

static bool note_reference(const struct kernel *k, u32 page, struct slot_references *r, GString *why)
{
	u32 entry = k->pte[page];

	if (entry >= r->slots || !swap_count(k, entry) || slot_is_bad(k, entry))
		return audit_fails(why, "%s is swapped to slot %u, which counts no reference",
				   PAGE_NAME(k, page), entry);
	return add_reference(r, entry) || audit_fails(why, "%s is swapped to slot %u, and so is another page",
						      PAGE_NAME(k, page), entry);
}

static u64 slots_of_all(const struct kernel *k)
{
	const struct swap_device *last = &k->device[k->config.devices - 1];

	return k->config.devices ? last->first_slot + ((u64)last->clusters << k->cluster_shift) : 0;
}

static bool references_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 slots = slots_of_all(k);
	struct slot_references r = { .slots = slots };
	bool ok = true;

	if (k->families)
		r.count = g_new0(u16, slots + 1);
	else
		r.one = g_new0(u8, slots / 8 + 1);
	for (u32 i = 0; ok && i < k->config.mms; i++)
		for (u32 p = k->mm[i].first_page; ok && p < k->mm[i].first_page + k->mm[i].pages; p++)
			if (k->pte_flags[p] & PTE_SWAP)
				ok = note_reference(k, p, &r, why);
	for (u32 slot = 0; ok && slot < slots; slot++)
		if (!slot_is_bad(k, slot) && swap_count(k, slot) != references_to(&r, slot))
			ok = audit_fails(why, "slot %u counts %u references, %u page table entries name it",
					 slot, swap_count(k, slot), references_to(&r, slot));
	g_free(r.count);
	g_free(r.one);
	return ok;
}

/* ---- content ---- */

static bool content_agrees(const struct kernel *k, u32 page, GString *why)
{
	const struct swap_slot *slot = &k->slot[k->pte[page]];
	u32 expected = page_content(k, page);
	u32 folio = word_folio(slot->cache), kept;

	/* One that is still being read holds nothing yet: a readahead may outlive the tasks. */
	if (folio && k->folio[folio].flags & FOLIO_UPTODATE &&
	    k->folio[slot_frame(k, folio, k->pte[page])].content != expected)
		return audit_fails(why, "%s is swapped, and folio %u in the cache is not what it held last",
				   PAGE_NAME(k, page), folio);
	if (folio && k->folio[folio].flags & FOLIO_DIRTY)
		return true; /* not written yet */
	kept = zswap_entry_at(k, k->pte[page]);
	if (kept && k->zswap_entry[kept].content != expected)
		return audit_fails(why, "%s is swapped, and what zswap has is not what it held last",
				   PAGE_NAME(k, page));
	if (!kept && slot->content != expected)
		return audit_fails(why, "%s is swapped, and slot %u is not what it held last",
				   PAGE_NAME(k, page), k->pte[page]);
	return true;
}

static bool contents_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 i = 0; i < k->config.mms; i++)
		for (u32 p = k->mm[i].first_page; p < k->mm[i].first_page + k->mm[i].pages; p++)
			if (k->pte_flags[p] & PTE_SWAP && !content_agrees(k, p, why))
				return false;
	return true;
}

/* ---- lru_lists ---- */

/* A list of cgroup @memcg; @number, for who reads the message. */
static bool lru_list_is_sound(const struct kernel *k, u32 memcg, const struct folio_list *list, u32 number,
			      u64 *folios, GString *why)
{
	u32 before = 0, n = 0, pages = 0;

	for (u32 f = list->head; f; before = f, f = k->folio[f].next) {
		const struct folio *folio = &k->folio[f];

		if (folio->prev != before || ++n > k->memory->folio_used)
			return audit_fails(why,
					   "the links of LRU list %u of cgroup %u are broken at folio %u",
					   number, memcg, f);
		if (!(folio->flags & FOLIO_LRU) || folio->memcg != memcg || lru_list_of(k, f) != list)
			return audit_fails(
			    why, "folio %u is on LRU list %u of cgroup %u and does not belong there", f,
			    number, memcg);
		pages += folio_nr_pages(k, f);
	}
	*folios += n;
	if (list->tail == before && list->count == pages)
		return true;
	return audit_fails(why, "LRU list %u of cgroup %u counts %u pages, there are %u", number, memcg,
			   list->count, pages);
}

/* What generations say they have is on their lists, wherever it is. */
static bool generations_are_sound(const struct kernel *k, u32 memcg, u64 *folios, GString *why)
{
	const struct lru_gen *g = &k->lru_gen[memcg];
	u64 listed = 0, counted = 0;

	for (u32 gen = 0; gen < MAX_NR_GENS; gen++)
		for (u32 type = 0; type < NR_LRU_TYPES; type++) {
			if (!lru_list_is_sound(k, memcg, &g->list[gen][type], gen, folios, why))
				return false;
			listed += g->list[gen][type].count;
			counted += g->pages[gen][type];
		}
	if (listed == counted)
		return true;
	return audit_fails(
	    why, "generations of cgroup %u count %" G_GUINT64_FORMAT " pages, there are %" G_GUINT64_FORMAT,
	    memcg, counted, listed);
}

static bool lists_of_cgroup_are_sound(const struct kernel *k, u32 memcg, u64 *folios, GString *why)
{
	const struct folio_list *list = k->lruvec[memcg].list;

	if (lru_gen_enabled(k))
		return generations_are_sound(k, memcg, folios, why);
	for (u32 i = 0; i < NR_LRU_LISTS; i++)
		if (!lru_list_is_sound(k, memcg, &list[i], i, folios, why))
			return false;
	return true;
}

static bool lru_lists_sound(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 listed = 0, flagged = 0;

	for (u32 memcg = 0; memcg < k->config.memcgs; memcg++)
		if (!lists_of_cgroup_are_sound(k, memcg, &listed, why))
			return false;
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		flagged += (k->folio[f].flags & FOLIO_LRU) != 0;
	if (listed == flagged)
		return true;
	return audit_fails(
	    why, "%" G_GUINT64_FORMAT " folios say they are on LRU lists, %" G_GUINT64_FORMAT " are", flagged,
	    listed);
}

/* ---- folio_references ---- */

static u32 times_among(const u32 *folios, u32 n, u32 folio)
{
	u32 times = 0;

	for (u32 i = 0; i < n; i++)
		times += folios[i] == folio;
	return times;
}

/* References of CPUs that have the folio in a batch: new ones, and those that were written or given up and
 * are on their way to another place from the list that they are still on. */
static void count_batches(const struct kernel *k, u32 folio, u32 *new, u32 *moving)
{
	*new = *moving = 0;
	for (u32 n = 0; n < k->machine.cpus; n++) {
		const struct percpu *cpu = percpu_of(&k->machine, n);

		*new += times_among(cpu->lru_add, cpu->lru_count, folio);
		*moving += times_among(cpu->rotate, cpu->rotate_count, folio) +
			   times_among(cpu->lazyfree, cpu->lazyfree_count, folio);
	}
}

bool folio_is_in_flight(const struct kernel *k, u32 folio, bool write)
{
	u64 requests = disk_requests(&k->config, k->files > 0);
	bool file = k->folio[folio].flags & FOLIO_FILE;
	u32 place = file ? k->folio[folio].page : k->folio_io[folio].swap;
	u32 end = place + folio_nr_pages(k, folio);

	for (u32 i = 1; place && i < requests; i++) {
		const struct request *r = &k->request[i];

		if ((r->device == file_device(k)) == file && r->write == write &&
		    place < r->slot + r->pages && end > r->slot)
			return true;
	}
	return false;
}

static bool folio_agrees(const struct kernel *k, u32 number, GString *why)
{
	const struct folio *f = &k->folio[number];
	u32 pages = folio_nr_pages(k, number), mapped = folio_mapcount(k, number);
	u32 cached = f->flags & (FOLIO_SWAPCACHE | FOLIO_FILE | FOLIO_SHMEM) ? pages : 0;
	bool listed = f->flags & FOLIO_LRU;
	u32 new, moving, batched;

	if (!(f->flags & FOLIO_IN_USE))
		return !f->refs ||
		       audit_fails(why, "folio %u is free and has %u references", number, f->refs);
	if (k->folio_io[number].lock && !folio_is_in_flight(k, number, false))
		return audit_fails(why, "folio %u is locked and nobody is at work", number);
	if (k->folio_io[number].writeback && !folio_is_in_flight(k, number, true))
		return audit_fails(why, "folio %u is under writeback and no request writes it", number);
	count_batches(k, number, &new, &moving);
	batched = new + moving;
	if (!listed && !new && !(moving && k->release->batches_isolate))
		return audit_fails(why, "folio %u is on no LRU list and in no CPU's batch", number);
	if (f->refs == mapped + cached + batched)
		return true;
	return audit_fails(why,
			   "folio %u has %u references, there are %u: mapped %u, cached %u, in a batch %u",
			   number, f->refs, mapped + cached + batched, mapped, cached, batched);
}

static bool folios_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	for (u32 f = 1; f <= k->memory->folio_used; f++)
		if (!(k->folio[f].flags & FOLIO_TAIL) && !folio_agrees(k, f, why))
			return false;
	if (k->memory->isolated[LRU_ANON] + k->memory->isolated[LRU_FILE])
		return audit_fails(
		    why, "%" G_GUINT64_FORMAT " pages are counted as isolated and nobody is at work",
		    k->memory->isolated[LRU_ANON] + k->memory->isolated[LRU_FILE]);
	return true;
}

/* ---- page_cache ---- */

static bool page_cache_agrees(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 cached = 0, folios = 0;

	for (u32 i = 0; i < k->files; i++) {
		for (u32 p = k->file[i].first_page; p < k->file[i].first_page + k->file[i].pages; p++) {
			u32 folio = word_folio(k->page_cache[p]);

			if (!folio)
				continue;
			cached++;
			if (!(k->folio[folio].flags & FOLIO_FILE) || k->folio[folio].page != p)
				return audit_fails(
				    why, "the page cache has folio %u for page %u, and it is of another page",
				    folio, p);
		}
	}
	/* What reclaim took out and has not freed yet has no reference. */
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		folios += k->folio[f].flags & FOLIO_FILE && k->folio[f].refs;
	if (cached == folios)
		return true;
	return audit_fails(why,
			   "%" G_GUINT64_FORMAT " folios are of files, the page cache has %" G_GUINT64_FORMAT,
			   folios, cached);
}

/* ---- memory ---- */

static u64 static_pages(const struct kernel *k)
{
	u64 pages = 0;

	for (u32 i = 0; i < k->config.devices; i++)
		pages += (k->device[i].static_bytes + PAGE_BYTES - 1) / PAGE_BYTES;
	for (u32 i = 0; i < k->config.mms; i++)
		pages += k->mm[i].overhead_pages;
	return pages;
}

static bool memory_conserved(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	const struct memory *mem = k->memory;
	u64 folios = 0, sum;

	for (u32 f = 1; f <= mem->folio_used; f++)
		folios += (k->folio[f].flags & FOLIO_IN_USE) != 0;
	sum = mem->free + folios + mem->meta_pages + mem->pool_pages + mem->zswap_pages + static_pages(k);
	if (mem->meta_pages != (mem->meta_bytes + PAGE_BYTES - 1) / PAGE_BYTES ||
	    mem->zswap_pages != (mem->zswap_bytes + PAGE_BYTES - 1) / PAGE_BYTES ||
	    mem->pool_pages != (mem->pool_bytes + PAGE_BYTES - 1) / PAGE_BYTES)
		return audit_fails(
		    why, "the pages of swap metadata or compressed data do not follow from their bytes");
	if (sum == mem->pages)
		return true;
	return audit_fails(why,
			   "there are %" G_GUINT64_FORMAT " pages of memory, and %" G_GUINT64_FORMAT
			   " free, %" G_GUINT64_FORMAT " folios, %" G_GUINT64_FORMAT
			   " of swap metadata, %" G_GUINT64_FORMAT " of compressed data, %" G_GUINT64_FORMAT
			   " taken from the start: %" G_GUINT64_FORMAT,
			   mem->pages, mem->free, folios, mem->meta_pages, mem->pool_pages + mem->zswap_pages,
			   static_pages(k), sum);
}

/* ---- charges ---- */

/* Add to a cgroup and its ancestors. */
static void charge(const struct kernel *k, u64 *pages, u32 memcg, u64 n)
{
	for (; memcg; memcg = k->memcg[memcg].parent)
		pages[memcg] += n;
}

u64 *pages_owned(const struct kernel *k)
{
	u64 *pages = g_new0(u64, k->config.memcgs);

	for (u32 i = 0; i < k->config.mms; i++)
		charge(k, pages, k->mm[i].memcg, k->mm[i].overhead_pages);
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		charge(k, pages, k->folio[f].memcg, folio_nr_pages(k, f));
	for (u32 i = 1; zswap_is_enabled(k) && i < k->config.memcgs; i++)
		charge(k, pages, i, k->zswap_memcg[i].own_pages);
	for (u32 n = 0; n < k->machine.cpus; n++) {
		const struct percpu *cpu = percpu_of(&k->machine, n);

		for (u32 i = 0; i < MEMCG_STOCKS_MAX; i++)
			charge(k, pages, cpu->stock[i].memcg, cpu->stock[i].pages);
	}
	return pages;
}

static bool charges_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 *pages = pages_owned(k);
	bool ok = true;

	for (u32 i = 1; ok && i < k->config.memcgs; i++)
		if (pages[i] != k->memcg[i].usage)
			ok = audit_fails(
			    why,
			    "cgroup \"%s\" has %" G_GUINT64_FORMAT
			    " pages charged; overhead, folios, zswap and stocks come to %" G_GUINT64_FORMAT,
			    k->config.memcg[i].name, k->memcg[i].usage, pages[i]);
	g_free(pages);
	return ok;
}

static bool swap_charges_agree(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);
	u64 *pages = g_new0(u64, k->config.memcgs);
	u64 slots = slots_of_all(k);
	bool ok = true;

	for (u32 slot = 0; slot < slots; slot++)
		if (k->slot[slot].memcg)
			charge(k, pages, k->slot[slot].memcg, 1);
	for (u32 i = 1; ok && i < k->config.memcgs; i++)
		if (pages[i] != k->memcg[i].swap_usage)
			ok = audit_fails(why,
					 "cgroup \"%s\" has %" G_GUINT64_FORMAT
					 " slots charged, %" G_GUINT64_FORMAT " say they are its",
					 k->config.memcg[i].name, k->memcg[i].swap_usage, pages[i]);
	g_free(pages);
	return ok;
}

/* ---- faults ---- */

static bool faults_served(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	if (k->latency[LATENCY_FAULT].count == k->count[0][PGFAULT])
		return true;
	return audit_fails(why, "%" G_GUINT64_FORMAT " faults began and %" G_GUINT64_FORMAT " ended",
			   k->count[0][PGFAULT], k->latency[LATENCY_FAULT].count);
}

const struct audit audits_of_mm[] = {
	{ { "lru_lists", "LRU lists are whole and hold the folios that say so", lru_lists_sound },
	  AUDIT_ANY_TIME,
	  &accounting,
	  ASPECT_LRU | ASPECT_FOLIOS | ASPECT_MEMORY },
	{ { "memory", "free + folios + swap metadata + compressed data + static = all", memory_conserved },
	  AUDIT_ANY_TIME,
	  &accounting,
	  ASPECT_MEMORY | ASPECT_FOLIOS | ASPECT_DEVICES | ASPECT_PAGES },
	{ { "page_cache", "a folio of a file is in the page cache, at its page", page_cache_agrees },
	  AUDIT_ANY_TIME,
	  &cache_bijection,
	  ASPECT_FOLIOS | ASPECT_MEMORY },
	{ { "page_tables", "a mapped page and its folio name each other", page_tables_agree },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "swap_references", "a slot's count is the number of page table entries that name it",
	    references_agree },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "content", "what is in swap is what was in the page last", contents_agree },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "folio_references", "a folio's references: mapped, in the swap cache, in a CPU's batch",
	    folios_agree },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "charges", "a cgroup's usage: overhead, folios, zswap, stocks of CPUs", charges_agree },
	  AUDIT_AT_REST,
	  NULL,
	  0 },
	{ { "swap_charges", "a cgroup's swap usage is the slots recorded as its", swap_charges_agree },
	  AUDIT_AT_REST,
	  &accounting,
	  ASPECT_SLOTS | ASPECT_CGROUPS },
	{ { "faults", "every fault that began has ended", faults_served }, AUDIT_AFTER_RUN, NULL, 0 },
	{ { NULL, NULL, NULL }, AUDIT_ANY_TIME, NULL, 0 },
};
