/*
 * accounting (O7) between any two steps: memory, page tables, LRU lists, swap metadata, compressed data and
 * charges are what their counters say. Only a page that was charged and has no owner yet may be missing, as
 * many as every charge in progress is for and one for every process that begins. A folio in the swap cache is
 * its slot's cgroup's.
 */
#include "models/aspects.h"
#include "models/audit.h"
#include "models/invariants.h"
#include "models/mm/shmem.h"
#include "models/paths.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"

static u32 pages_charged_by(const struct frame *frame)
{
	if (frame->path == PATH_mem_cgroup_charge)
		return 1u << ((const struct mem_cgroup_charge *)(frame + 1))->order;
	return frame->path == PATH_exec_mmap;
}

/* Pages. */
static u32 charges_in_progress(const struct machine *m)
{
	u32 n = 0;

	for (u32 i = 0; i < m->tasks; i++) {
		const struct task *t = &m->task[i];

		for (u32 offset = t->frame; t->state != TASK_DONE; offset = frame_at(m, t, offset)->below) {
			n += pages_charged_by(frame_at(m, t, offset));
			if (!offset)
				break;
		}
	}
	return n;
}

static bool charge_is_in_progress(struct kernel *k, u64 pages, u64 *most)
{
	excuse_by_work(k);
	*most = charges_in_progress(&k->machine);
	return pages <= *most;
}

static bool charges_agree(struct kernel *k, GString *why)
{
	u64 *pages = k->config.memcgs > 1 ? pages_owned(k) : NULL, most = 0;
	bool ok = true;

	for (u32 i = 1; ok && i < k->config.memcgs; i++)
		if (k->memcg[i].usage != pages[i] &&
		    !charge_is_in_progress(k, k->memcg[i].usage - pages[i], &most))
			ok = invariant_fails(
			    &k->machine, &k->memcg[i], why,
			    "cgroup \"%s\" has %" G_GUINT64_FORMAT
			    " pages charged; overhead, folios, zswap and stocks come to %" G_GUINT64_FORMAT
			    ", charges in progress to %" G_GUINT64_FORMAT " at most",
			    k->config.memcg[i].name, k->memcg[i].usage, pages[i], most);
	g_free(pages);
	return ok;
}

/* What was charged before it went into the swap cache may be there for another cgroup's slot (race
 * swapin-other-cgroup). A folio that is not charged yet has none. */
static bool slots_of_folio_agree(struct kernel *k, u32 number, GString *why)
{
	const struct folio *folio = &k->folio[number];
	u32 first = k->folio_io[number].swap;

	for (u32 slot = first; slot < first + folio_nr_pages(k, number); slot++) {
		u32 owner = k->slot[slot].memcg;

		if (owner && folio->memcg && owner != folio->memcg)
			return invariant_fails(
			    &k->machine, folio, why,
			    "folio %u is charged to cgroup \"%s\", and its slot %u to \"%s\"", number,
			    k->config.memcg[folio->memcg].name, slot, k->config.memcg[owner].name);
	}
	return true;
}

static bool slots_agree(struct kernel *k, GString *why)
{
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		if (k->folio[f].flags & FOLIO_SWAPCACHE && !slots_of_folio_agree(k, f, why))
			return false;
	return true;
}

/* Nobody is charged for a slot that is free (race swapout-freed-slot). */
static bool free_slots_agree(struct kernel *k, GString *why)
{
	for (u32 i = 0; i < k->config.devices; i++) {
		const struct swap_device *si = &k->device[i];

		for (u32 s = si->first_slot; s < si->first_slot + si->max; s++)
			if (k->slot[s].memcg && !slot_is_used(k, s))
				return invariant_fails(&k->machine, &k->slot[s], why,
						       "slot %u is free, and cgroup \"%s\" is charged for it",
						       s, k->config.memcg[k->slot[s].memcg].name);
	}
	return true;
}

/* An entry and its process' counters change one after the other, under the lock of the page table. */
static bool is_locked(const struct kernel *k, const struct mm *mm)
{
	for (u32 p = mm->first_page; p < mm->first_page + mm->pages; p += k->config.pages_per_table)
		if (page_table_of(k, p)->ptl.owner)
			return true;
	return false;
}

static bool process_agrees(struct kernel *k, struct mm *mm, GString *why)
{
	u32 anon = 0, swapped = 0;

	for (u32 p = mm->first_page; p < mm->first_page + mm->pages; p++) {
		u32 flags = k->pte_flags[p];

		anon += (flags & (PTE_PRESENT | PTE_ZERO)) == PTE_PRESENT && counts_as_anon(k, p);
		swapped += (flags & PTE_SWAP) != 0;
	}
	if (anon == mm->anon_pages && swapped == mm->swap_ents)
		return true;
	return invariant_fails(
	    &k->machine, mm, why,
	    "process %s counts %u anonymous pages and %u swapped ones, its tables have %u and %u",
	    k->config.mm[mm - k->mm].name, mm->anon_pages, mm->swap_ents, anon, swapped);
}

static bool processes_agree(struct kernel *k, GString *why)
{
	for (u32 i = 0; i < k->config.mms; i++)
		if (!is_locked(k, &k->mm[i]) && !process_agrees(k, &k->mm[i], why))
			return false;
	return true;
}

static bool accounts_agree(struct machine *m, GString *why)
{
	static const struct part parts[] = {
		{ charges_agree,
		  ASPECT_PAGES | ASPECT_FOLIOS | ASPECT_MEMORY | ASPECT_CGROUPS | ASPECT_PERCPU, ASPECT_TASKS,
		  EXCUSED_CHARGES },
		{ slots_agree, ASPECT_FOLIOS | ASPECT_SLOTS | ASPECT_MEMORY, 0, 0 },
		{ free_slots_agree, ASPECT_DEVICES | ASPECT_SLOTS, 0, 0 },
		{ processes_agree, ASPECT_PAGES | ASPECT_PAGE_TABLES | ASPECT_FOLIOS, 0, 0 },
	};
	bool ok = audits_hold(m, &accounting, why);

	for (u32 i = 0; ok && i < ARRAY_SIZE(parts); i++)
		ok = part_holds(kernel_of(m), &parts[i], why);
	return ok;
}

const struct invariant accounting = {
	"accounting",
	"memory, processes, LRU lists, swap metadata, compressed data and charges are what their counters "
	"say",
	accounts_agree,
};
