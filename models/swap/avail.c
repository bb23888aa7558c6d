#include "models/swap/avail.h"

#include <string.h>

enum { WALK_BEGINS = 0, WALK_ENDS = NO_DEVICE + 1 /* otherwise device + 1 */ };

static u32 place_of(const struct kernel *k, u32 device)
{
	u32 place = 0;

	while (k->swap->avail_order[place] != device)
		place++;
	return place;
}

/* Behind its equals, whatever of them has free slots. */
static void move_behind_equals(struct kernel *k, u32 device)
{
	u8 *order = k->swap->avail_order;
	u32 place = place_of(k, device);

	for (; place + 1 < k->swap->active; place++) {
		if (k->device[order[place + 1]].priority < k->device[device].priority)
			break;
		order[place] = order[place + 1];
	}
	order[place] = device;
}

/* The first from that place on that has free slots. */
static u32 first_from(const struct kernel *k, u32 place)
{
	while (place < k->swap->active && !k->device[k->swap->avail_order[place]].on_avail_list)
		place++;
	return place < k->swap->active ? k->swap->avail_order[place] : NO_DEVICE;
}

static s32 priority_by_default(const struct kernel *k)
{
	s32 priority = -2;

	if (k->release->equal_priorities)
		return -1;
	for (u32 i = 0; i < k->swap->active; i++)
		priority -= k->device[k->swap->avail_order[i]].priority < 0;
	return priority;
}

void swap_avail_init(struct kernel *k, u32 device)
{
	k->device[device].priority = k->config.device[device].priority
					 ? (s32)k->config.device[device].priority
					 : priority_by_default(k);
	swap_avail_insert(k, device);
}

void swap_avail_insert(struct kernel *k, u32 device)
{
	struct swap_device *si = &k->device[device];
	u8 *order = k->swap->avail_order;
	u32 place = 0;

	si->flags |= SWP_WRITEOK;
	si->on_avail_list = si->inuse < si->pages;
	while (place < k->swap->active && k->device[order[place]].priority >= si->priority)
		place++;
	memmove(order + place + 1, order + place, k->swap->active - place);
	order[place] = device;
	k->swap->active++;
}

void swap_avail_remove(struct kernel *k, u32 device)
{
	struct swap_device *si = &k->device[device];
	u8 *order = k->swap->avail_order;
	u32 place = place_of(k, device);

	si->flags &= ~SWP_WRITEOK;
	k->swap->active--;
	memmove(order + place, order + place + 1, k->swap->active - place);
	for (; si->priority < 0 && !k->release->equal_priorities && place < k->swap->active; place++)
		k->device[order[place]].priority++;
}

void swap_avail_add(struct kernel *k, u32 device)
{
	if (k->device[device].on_avail_list || !(k->device[device].flags & SWP_WRITEOK))
		return;
	k->device[device].on_avail_list = 1;
	move_behind_equals(k, device);
}

u32 swap_avail_take(struct kernel *k, u32 *next)
{
	u32 device = *next - 1, after;

	if (*next == WALK_ENDS)
		return NO_DEVICE;
	if (*next == WALK_BEGINS || !k->device[device].on_avail_list)
		device = first_from(k, 0);
	if (device == NO_DEVICE)
		return NO_DEVICE;
	after = first_from(k, place_of(k, device) + 1);
	*next = after == NO_DEVICE ? WALK_ENDS : after + 1;
	move_behind_equals(k, device);
	return device;
}
