#include "models/mm/free_frames.h"

enum { NUMBERS_PER_FRAME = 2 };

u64 frames_needed(u64 pages, u32 max_order)
{
	u64 block = UINT64_C(1) << max_order;

	return max_order ? (NUMBERS_PER_FRAME * pages / block + 2) * block : pages + 1;
}

/* A free block is known by its first frame: a tail of nothing, whose `page` is the order + 1. */
static bool is_free_block(const struct kernel *k, u32 frame, u32 order)
{
	return frame <= k->memory->folio_used && k->folio[frame].flags == FOLIO_TAIL &&
	       k->folio[frame].page == order + 1;
}

static void list_add(struct kernel *k, u32 frame, u32 order)
{
	u32 *head = &k->memory->free_frames[order];

	k->folio[frame] = (struct folio){ .flags = FOLIO_TAIL, .page = order + 1, .next = *head };
	if (*head)
		k->folio[*head].prev = frame;
	*head = frame;
}

static void list_del(struct kernel *k, u32 frame, u32 order)
{
	struct folio *f = &k->folio[frame];

	if (f->prev)
		k->folio[f->prev].next = f->next;
	else
		k->memory->free_frames[order] = f->next;
	if (f->next)
		k->folio[f->next].prev = f->prev;
	*f = (struct folio){ 0 };
}

static void use_up_to(struct kernel *k, u32 frame)
{
	k->memory->folio_used = frame;
	arena_set_live(&k->machine.arena, k->folio_region, frame + 1);
	arena_set_live(&k->machine.arena, k->folio_region + 1, frame + 1);
}

/* Numbers nobody has used yet, a largest block of them; the very first lacks number 0. */
static bool use_more(struct kernel *k)
{
	u32 max = k->config.max_folio_order, block = 1u << max, first = k->memory->folio_used;

	if (first + block >= frames_needed(k->memory->pages, max))
		return false;
	use_up_to(k, first + (first ? block : block - 1));
	if (first) {
		list_add(k, first + 1, max);
	} else {
		for (u32 order = 0; order < max; order++)
			list_add(k, 1u << order, order);
	}
	return true;
}

static u32 take_block(struct kernel *k, u32 order)
{
	const u32 *list = k->memory->free_frames;
	u32 frame, from = order;

	while (from <= k->config.max_folio_order && !list[from])
		from++;
	if (from > k->config.max_folio_order)
		return 0;
	frame = list[from];
	list_del(k, frame, from);
	while (from-- > order)
		list_add(k, frame + (1u << from), from);
	return frame;
}

static u32 take_single(struct kernel *k)
{
	u32 frame = k->memory->free_frames[0];

	machine_asks(&k->machine);
	if (frame) {
		k->memory->free_frames[0] = k->folio[frame].next;
		return frame;
	}
	use_up_to(k, k->memory->folio_used + 1);
	return k->memory->folio_used;
}

u32 frames_take(struct kernel *k, u32 order)
{
	u32 frame;

	BUG_ON(order > k->config.max_folio_order);
	if (!k->config.max_folio_order)
		return take_single(k);
	do
		frame = take_block(k, order);
	while (!frame && use_more(k));
	return frame;
}

static void give_single(struct kernel *k, u32 frame)
{
	k->folio[frame] = (struct folio){ 0 };
	if (machine_forgets(&k->machine))
		return;
	k->folio[frame].next = k->memory->free_frames[0];
	k->memory->free_frames[0] = frame;
}

void frames_give(struct kernel *k, u32 frame, u32 order)
{
	if (!k->config.max_folio_order) {
		give_single(k, frame);
		return;
	}
	for (; order < k->config.max_folio_order; order++) {
		u32 buddy = frame ^ 1u << order;

		if (!is_free_block(k, buddy, order))
			break;
		list_del(k, buddy, order);
		frame = MIN(frame, buddy);
	}
	list_add(k, frame, order);
}
