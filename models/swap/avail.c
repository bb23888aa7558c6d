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

	for (; place + 1 < k->config.devices; place++) {
		if (k->device[order[place + 1]].priority < k->device[device].priority)
			break;
		order[place] = order[place + 1];
	}
	order[place] = device;
}

/* The first from that place on that has free slots. */
static u32 first_from(const struct kernel *k, u32 place)
{
	while (place < k->config.devices && !k->device[k->swap->avail_order[place]].on_avail_list)
		place++;
	return place < k->config.devices ? k->swap->avail_order[place] : NO_DEVICE;
}

void swap_avail_init(struct kernel *k, u32 device)
{
	u8 *order = k->swap->avail_order;
	u32 by_default = 0, place = 0;

	for (u32 i = 0; i <= device; i++)
		by_default += !k->config.device[i].priority;
	k->device[device].priority =
	    k->config.device[device].priority ? (s32)k->config.device[device].priority : -1 - (s32)by_default;
	k->device[device].on_avail_list = 1;
	while (place < device && k->device[order[place]].priority >= k->device[device].priority)
		place++;
	memmove(order + place + 1, order + place, device - place);
	order[place] = device;
}

void swap_avail_add(struct kernel *k, u32 device)
{
	if (k->device[device].on_avail_list)
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
