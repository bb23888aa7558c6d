#include "models/swap/usage.h"

#include "models/cpu.h"
#include "models/swap/slots.h"

static void write_inuse(struct kernel *k, struct task *t, struct swap_device *si)
{
	if (k->release->allocator == SWAP_ALLOC_CLUSTER)
		line_take(&k->machine, t, &si->inuse_line, 1);
}

void slots_note_taken(struct kernel *k, struct task *t, struct swap_device *si)
{
	write_inuse(k, t, si);
	if (!k->release->slot_caches)
		line_take(&k->machine, t, &k->swap->free_pages_line, 1);
}

void slots_note_charge(struct kernel *k, struct task *t, u32 memcg)
{
	if (!memcg)
		return;
	line_take(&k->machine, t, &k->memcg[memcg].id_line, 1);
	for (; memcg; memcg = k->memcg[memcg].parent)
		line_take(&k->machine, t, &k->memcg[memcg].swap_line, 1);
	line_take(&k->machine, t, &k->memcg[0].swap_line, 1);
}

static bool has_data(const struct swap_slot *slot)
{
	return slot->stored != STORED_NOTHING && slot->stored != STORED_ZEROMAP;
}

void slots_note_freed(struct kernel *k, struct task *t, u32 entry, u32 nr)
{
	for (u32 i = entry; i < entry + nr; i++)
		t->work_ns += k->cpu_profile->free_slot_ns +
			      (has_data(&k->slot[i]) ? k->cpu_profile->free_stored_ns : 0);
	slots_note_charge(k, t, k->slot[entry].memcg);
	line_take(&k->machine, t, &k->swap->free_pages_line, 1);
	write_inuse(k, t, device_of(k, entry));
}
