#include "models/swap/has_cache.h"

#include <string.h>

#include "models/audit.h"
#include "models/paths.h"
#include "models/references.h"
#include "sim/object.h"

static bool frame_is_at(const struct machine *m, const struct frame *frame, const char *step)
{
	return !strcmp(m->path[frame->path].step_name[frame->pc], step);
}

/* Whether SWAP_HAS_CACHE of the slot that the frame refers to would be its to drop. */
static bool owns(const struct machine *m, const struct frame *frame)
{
	switch (frame->path) {
	case PATH_do_swap_page:
		return ((const struct do_swap_page *)(frame + 1))->bypass;
	case PATH_shmem_swapin_folio:
		return ((const struct shmem_swapin_folio *)(frame + 1))->bypass;
	case PATH_shmem_swap_alloc_folio:
		return frame_is_at(m, frame, "LRU_ADD") || frame_is_at(m, frame, "READ");
	case PATH_swapin_claim:
		return frame_is_at(m, frame, "ALLOC") || frame_is_at(m, frame, "GIVE_UP");
	case PATH_read_swap_cache_async:
		return frame_is_at(m, frame, "CHARGE") || frame_is_at(m, frame, "ADD") ||
		       frame_is_at(m, frame, "GIVE_UP");
	case PATH_remove_mapping:
		return ((const struct remove_mapping *)(frame + 1))->removed;
	case PATH_folio_alloc_swap:
	case PATH_cluster_alloc_swap_entry:
	case PATH_alloc_swap_scan_cluster:
	case PATH_swapcache_clear:
	case PATH_folio_free_swap:
	case PATH_free_swap_slot:
	case PATH_swapcache_free_entries:
	case PATH_swap_entry_range_free:
		return true;
	default:
		return false;
	}
}

struct owner_search {
	const struct machine *m;
	u32 slot; /* or device */
	bool owns;
};

static void look(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct owner_search *s = data;

	s->owns |= what == REFERS_SLOT && number == s->slot && owns(s->m, frame);
}

static u64 owners_of(const struct kernel *k, u32 slot)
{
	const struct machine *m = &k->machine;
	u64 owners = 0;

	for (u32 i = 0; i < m->tasks && i < 64; i++) {
		struct owner_search s = { .m = m, .slot = slot };

		references_of_task(k, &m->task[i], 1 << REFERS_SLOT, look, &s);
		owners |= (u64)s.owns << i;
	}
	return owners;
}

static void look_for_holder(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct owner_search *s = data;

	(void)frame;
	s->owns |= what == REFERS_DEVICE && number == s->slot;
}

/* A swapoff waits for the last of them. */
static u64 holders_of(const struct kernel *k, u32 device)
{
	const struct machine *m = &k->machine;
	u64 holders = 0;

	for (u32 i = 0; i < m->tasks && i < 64; i++) {
		struct owner_search s = { .m = m, .slot = device };

		references_of_task(k, &m->task[i], 1 << REFERS_DEVICE, look_for_holder, &s);
		holders |= (u64)s.owns << i;
	}
	return holders;
}

static bool swapoff_waits(const struct machine *m, const struct frame *frame, GString *what, u64 *owners)
{
	const struct kernel *k = (const struct kernel *)m;
	u32 device;

	if (frame->path != PATH_swapoff || !frame_is_at(m, frame, "WAIT_USERS"))
		return false;
	device = ((const struct swapoff *)(frame + 1))->device;
	*owners = holders_of(k, device);
	if (*owners && what)
		g_string_append_printf(what, "the users of swap device %u", device);
	return *owners;
}

bool has_cache_polls(const struct machine *m, const struct task *t, GString *what, u64 *owners)
{
	const struct kernel *k = (const struct kernel *)m;
	const struct frame *frame = frame_at(m, t, t->frame);
	u32 slot;

	if (swapoff_waits(m, frame, what, owners))
		return true;
	if (frame->path == PATH_read_swap_cache_async && frame_is_at(m, frame, "RETRY_SLEEP"))
		slot = ((const struct read_swap_cache_async *)(frame + 1))->entry;
	else if (frame->path == PATH_do_swap_page && frame_is_at(m, frame, "RACE_SLEEP"))
		slot = ((const struct do_swap_page *)(frame + 1))->entry;
	else if (frame->path == PATH_swapin_claim && frame_is_at(m, frame, "RACE_SLEEP"))
		slot = ((const struct swapin_claim *)(frame + 1))->entry;
	else
		return false;
	if (!(k->slot[slot].map & SWAP_HAS_CACHE) || word_folio(k->slot[slot].cache))
		return false;
	if (what)
		g_string_append_printf(what, "SWAP_HAS_CACHE of slot %u", slot);
	*owners = owners_of(k, slot);
	return true;
}

bool folio_lock_is_of_device(const struct machine *m, u64 bit)
{
	const struct kernel *k = (const struct kernel *)m;
	struct object o;

	if (!object_find(m, bit, &o) || strcmp(o.kind->region, "folio_io"))
		return false;
	return folio_is_in_flight(k, o.index, false);
}
