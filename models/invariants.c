#include "models/invariants.h"

#include "models/aspects.h"
#include "models/audit.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/swap/ownership.h"
#include "sim/lockdep.h"
#include "sim/wait_for.h"

bool audits_hold(struct machine *m, const struct invariant *of, GString *why)
{
	const struct audit *const tables[] = { audits_of_swap, audits_of_zswap, audits_of_mm };

	for (u32 i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct audit *a = tables[i]; a->what.name; a++)
			if (a->of == of && !invariant_stands(m, a->reads, 0, 0) && !a->what.holds(m, why))
				return false;
	return true;
}

static u32 owner_of_page_table(const struct kernel *k, u32 table)
{
	return k->page_table[table].ptl.owner;
}

static bool holds_page_table(const struct kernel *k, u32 task)
{
	const struct mm *last = &k->mm[k->config.mms - 1];
	u32 tables = k->config.mms ? (last->first_page + last->pages - 1) / k->config.pages_per_table + 1 : 0;

	for (u32 i = 0; i < tables; i++)
		if (owner_of_page_table(k, i) == task + 1)
			return true;
	return false;
}

struct search_for_slot {
	u32 slot;
	bool locked;
	bool found;
};

/* Shared memory's count and its index change one after the other, under no lock but that of the folio. */
static bool moves_shmem(const struct frame *frame)
{
	return frame->path == PATH_shmem_writeout || frame->path == PATH_shmem_swapin_folio ||
	       frame->path == PATH_shmem_free_swap;
}

static void look(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct search_for_slot *s = data;

	s->found |= what == REFERS_SLOT && number == s->slot && (s->locked || moves_shmem(frame));
}

bool slot_is_in_hand(struct kernel *k, u32 slot)
{
	excuse_by_work(k);
	for (u32 i = 0; i < k->machine.tasks; i++) {
		struct search_for_slot s = { .slot = slot, .locked = holds_page_table(k, i) };

		if (k->machine.task[i].state == TASK_DONE)
			continue;
		references_of_task(k, &k->machine.task[i], 1 << REFERS_SLOT, look, &s);
		if (s.found)
			return true;
	}
	return false;
}

const struct invariant *const kernel_invariants[] = {
	&cluster_ownership, &slot_conservation,
	&content,	    &cache_bijection,
	&lifetime,	    &accounting,
	&order_agreement,   &progress_invariant,
	&context_invariant, NULL,
};
