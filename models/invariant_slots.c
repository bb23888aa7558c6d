/*
 * slot_conservation (O2) and content (O1) between any two steps.
 *
 * A slot's count and the page table change one after the other, under the lock of the page table; but for
 * that moment they agree. What a page held last is where its entry says: in the folio of the swap cache, or
 * in zswap, or in the slot once that is written.
 */
#include "models/aspects.h"
#include "models/invariants.h"
#include "models/mm/shmem.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/swap/slots.h"
#include "models/swap/zswap.h"
#include "models/words.h"

/* The slots that there are, over all devices. */
static u64 slots_of_all(const struct kernel *k)
{
	const struct swap_device *last = &k->device[k->config.devices - 1];

	return k->config.devices ? last->first_slot + ((u64)last->clusters << k->cluster_shift) : 0;
}

static bool note_entry(struct kernel *k, u32 page, u16 *references, u64 slots, GString *why)
{
	u32 slot = k->pte[page];

	if (slot >= slots || slot_is_bad(k, slot))
		return invariant_fails(&k->machine, &k->pte[page], why,
				       "%s is swapped to slot %u, which there is not", PAGE_NAME(k, page),
				       slot);
	references[slot]++;
	return true;
}

static bool counts_agree(struct kernel *k, const u16 *references, u64 slots, GString *why)
{
	for (u32 slot = 0; slot < slots; slot++) {
		if (slot_is_bad(k, slot) || swap_count(k, slot) == references[slot])
			continue;
		if (!slot_is_in_hand(k, slot))
			return invariant_fails(&k->machine, &k->slot[slot], why,
					       "slot %u counts %u references, %u page table entries name it",
					       slot, swap_count(k, slot), references[slot]);
	}
	return true;
}

static bool entries_are_counted(struct kernel *k, GString *why)
{
	u64 slots = slots_of_all(k);
	u16 *references = g_new0(u16, slots + 1);
	bool ok = true;

	for (u32 i = 0; ok && i < k->config.mms; i++)
		for (u32 p = k->mm[i].first_page; ok && p < k->mm[i].first_page + k->mm[i].pages; p++)
			if (k->pte_flags[p] & PTE_SWAP)
				ok = note_entry(k, p, references, slots, why);
	ok = ok && counts_agree(k, references, slots, why);
	g_free(references);
	return ok;
}

static bool slots_are_conserved(struct machine *m, GString *why)
{
	static const struct part counted = { entries_are_counted,
					     ASPECT_PAGES | ASPECT_SLOTS | ASPECT_DEVICES,
					     ASPECT_TASKS | ASPECT_PAGE_TABLES | ASPECT_FOLIOS,
					     EXCUSED_COUNTS };

	return audits_hold(m, &slot_conservation, why) && part_holds(kernel_of(m), &counted, why);
}

const struct invariant slot_conservation = {
	"slot_conservation",
	"a slot counts the page table entries that name it, and clusters, devices and the machine count "
	"slots",
	slots_are_conserved,
};

/* ---- content ---- */

/* It is on its way to the slot, or will be. */
static bool is_being_written(const struct kernel *k, u32 folio)
{
	const struct folio_io *io = &k->folio_io[folio];

	return k->folio[folio].flags & FOLIO_DIRTY || io->lock || io->writeback;
}

struct search_for_page {
	const struct kernel *k;
	u32 slot, content;
	bool found;
};

static void look_for_page(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct search_for_page *s = data;
	const struct do_swap_page *f = (const struct do_swap_page *)(frame + 1);

	if (what == REFERS_SLOT && number == s->slot && frame->path == PATH_do_swap_page && f->bypass)
		s->found |= s->k->folio[f->folio].flags & FOLIO_DIRTY &&
			    s->k->folio[f->folio + (s->slot - f->entry)].content == s->content;
}

/* A fault that goes around the swap cache has it, and nobody else: well as long as the fault does. */
static bool is_with_a_fault(struct kernel *k, u32 slot, u32 held)
{
	struct search_for_page s = { .k = k, .slot = slot, .content = held };

	excuse_by_work(k);
	for (u32 i = 0; i < k->machine.tasks; i++)
		if (k->machine.task[i].state != TASK_DONE)
			references_of_task(k, &k->machine.task[i], 1 << REFERS_SLOT, look_for_page, &s);
	return s.found;
}

static bool swapped_content_agrees(struct kernel *k, u32 page, GString *why)
{
	const struct swap_slot *slot = &k->slot[k->pte[page]];
	u32 expected = page_content(k, page), number = word_folio(slot->cache), kept;
	const struct folio *folio = number ? &k->folio[number] : NULL;

	if (folio && folio->flags & FOLIO_UPTODATE) {
		if (k->folio[slot_frame(k, number, k->pte[page])].content != expected &&
		    !slot_is_in_hand(k, k->pte[page]))
			return invariant_fails(
			    &k->machine, folio, why,
			    "%s is swapped, and folio %u in the cache is not what it held last",
			    PAGE_NAME(k, page), number);
		if (is_being_written(k, number))
			return true;
	}
	kept = zswap_entry_at(k, k->pte[page]);
	if ((kept ? k->zswap_entry[kept].content : slot->content) == expected ||
	    slot_is_in_hand(k, k->pte[page]) || is_with_a_fault(k, k->pte[page], expected))
		return true;
	if (kept)
		return invariant_fails(&k->machine, &k->zswap_entry[kept], why,
				       "%s is swapped, and what zswap has is not what it held last",
				       PAGE_NAME(k, page));
	return invariant_fails(&k->machine, slot, why, "%s is swapped, and slot %u is not what it held last",
			       PAGE_NAME(k, page), k->pte[page]);
}

/* What was never unmapped has no content of its own yet. One that is in nobody's swap cache need not agree,
 * unless another process may have it. */
static bool mapped_content_agrees(struct kernel *k, u32 page, GString *why)
{
	const struct folio *frame = &k->folio[k->pte[page]];
	const struct folio *folio = &k->folio[page_folio(k, k->pte[page])];

	if (!(folio->flags & FOLIO_SWAPCACHE) && !k->families)
		return true;
	if (!frame->content || frame->content == page_content(k, page_of_content(k, page)))
		return true;
	return invariant_fails(&k->machine, folio, why,
			       "%s is mapped, clean, and folio %u is not what it held last",
			       PAGE_NAME(k, page), k->pte[page]);
}

/* A write would be another process's. */
static bool may_write_alone(struct kernel *k, u32 page, GString *why)
{
	const struct folio *frame = &k->folio[k->pte[page]];

	if (frame->flags & FOLIO_EXCLUSIVE && frame->mapcount == 1)
		return true;
	return invariant_fails(&k->machine, frame, why, "%s may be written, and folio %u is %s",
			       PAGE_NAME(k, page), page_folio(k, k->pte[page]),
			       frame->mapcount == 1 ? "not its own" : "mapped elsewhere, too");
}

static bool page_agrees(struct kernel *k, u32 page, GString *why)
{
	u32 flags = k->pte_flags[page];

	if (flags & PTE_PRESENT && flags & PTE_WRITE && !is_shmem(k, page) && !may_write_alone(k, page, why))
		return false;
	if (flags == PTE_DIRTY && is_shmem(k, page))
		return invariant_fails(&k->machine, &k->pte[page], why,
				       "%s was written, and there is nothing in its place",
				       PAGE_NAME(k, page));
	if (flags & PTE_SWAP)
		return swapped_content_agrees(k, page, why);
	if ((flags & (PTE_PRESENT | PTE_ZERO | PTE_DIRTY)) == PTE_PRESENT)
		return mapped_content_agrees(k, page, why);
	return true;
}

static bool pages_agree(struct kernel *k, GString *why)
{
	for (u32 i = 0; i < k->config.mms; i++)
		for (u32 p = k->mm[i].first_page; p < k->mm[i].first_page + k->mm[i].pages; p++)
			if (!page_agrees(k, p, why))
				return false;
	return true;
}

static bool contents_agree(struct machine *m, GString *why)
{
	static const struct part pages = { pages_agree, ASPECT_PAGES | ASPECT_SLOTS | ASPECT_FOLIOS,
					   ASPECT_TASKS | ASPECT_PAGE_TABLES, EXCUSED_CONTENTS };

	return part_holds(kernel_of(m), &pages, why);
}

const struct invariant content = {
	"content",
	"a page holds what was written to it last, wherever it is",
	contents_agree,
};
