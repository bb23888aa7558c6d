/*
 * cache_bijection (O6) between any two steps: a word of the swap cache and the folio's slot name each other.
 *
 * A folio leaves the cache before it forgets its slot; meanwhile folio_free_swap() has it in hand. Up to 6.18
 * SWAP_HAS_CACHE comes before the folio and goes after it; in between an operation in progress owns the slot,
 * or in 6.12 a CPU's slot cache. The page cache likewise: a page's word and the folio's page name each other.
 */
#include "models/aspects.h"
#include "models/invariants.h"
#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/swap/slot_cache.h"
#include "models/swap/slots.h"

static bool folio_knows(const struct kernel *k, u32 folio, u32 slot)
{
	return folio <= k->memory->folio_used && folio_has_slot(k, folio, slot);
}

static bool word_agrees(struct kernel *k, u32 number, GString *why)
{
	const struct swap_slot *slot = &k->slot[number];
	u32 folio = word_folio(slot->cache);

	if (slot_is_bad(k, number))
		return true;
	if (folio && !slot_is_cached(k, number))
		return invariant_fails(&k->machine, slot, why,
				       "slot %u has folio %u in the cache and no SWAP_HAS_CACHE", number,
				       folio);
	if (folio && !folio_knows(k, folio, number))
		return invariant_fails(&k->machine, slot, why,
				       "slot %u has folio %u in the cache, which does not know", number,
				       folio);
	if (folio || !slot_is_cached(k, number) || slot_caches_hold(k, number))
		return true;
	excuse_by_work(k);
	if (references_count(k, REFERS_SLOT, number))
		return true;
	return invariant_fails(&k->machine, slot, why,
			       "slot %u has SWAP_HAS_CACHE, no folio, and no operation in progress owns it",
			       number);
}

struct leaving {
	u32 folio;
	bool found;
};

static void look(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct leaving *l = data;

	l->found |= what == REFERS_FOLIO && number == l->folio && frame->path == PATH_folio_free_swap;
}

static bool is_leaving(struct kernel *k, u32 folio)
{
	struct leaving l = { .folio = folio };

	excuse_by_work(k);
	for (u32 i = 0; i < k->machine.tasks; i++)
		references_of_task(k, &k->machine.task[i], 1 << REFERS_FOLIO, look, &l);
	return l.found;
}

static bool folio_agrees(struct kernel *k, u32 number, GString *why)
{
	const struct folio *folio = &k->folio[number];
	u32 first = k->folio_io[number].swap;

	if (!(folio->flags & FOLIO_SWAPCACHE))
		return true;
	for (u32 slot = first; slot < first + folio_nr_pages(k, number); slot++) {
		u32 cached = word_folio(k->slot[slot].cache);

		if (cached != number && !is_leaving(k, number))
			return invariant_fails(&k->machine, folio, why,
					       "folio %u is in the cache at slot %u, which %s", number, slot,
					       cached ? "has another" : "does not know");
	}
	return true;
}

static bool words_and_folios_agree(struct kernel *k, GString *why)
{
	for (u32 i = 0; i < k->config.devices; i++) {
		const struct swap_device *si = &k->device[i];
		u32 end = si->first_slot + (si->clusters << k->cluster_shift);

		for (u32 slot = si->first_slot; slot < end; slot++)
			if (!word_agrees(k, slot, why))
				return false;
	}
	for (u32 folio = 1; folio <= k->memory->folio_used; folio++)
		if (!folio_agrees(k, folio, why))
			return false;
	return true;
}

static bool cache_is_bijection(struct machine *m, GString *why)
{
	static const struct part words = { words_and_folios_agree,
					   ASPECT_SLOTS | ASPECT_FOLIOS | ASPECT_DEVICES | ASPECT_MEMORY,
					   ASPECT_TASKS, EXCUSED_WORDS };

	return audits_hold(m, &cache_bijection, why) && part_holds(kernel_of(m), &words, why);
}

const struct invariant cache_bijection = {
	"cache_bijection",
	"a slot's word in the swap cache and the folio's slot name each other",
	cache_is_bijection,
};
