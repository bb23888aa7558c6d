#include "traces/lru_stack.h"

#include <glib.h>
#include <string.h>

bool lru_stack_init(struct lru_stack *stack, u32 pages, const u32 *capacity, u32 n)
{
	BUG_ON(n > LRU_CAPACITIES_MAX);
	*stack = (struct lru_stack){ .pages = pages, .zones = n + 1 };
	for (u32 i = 0; i < n; i++)
		stack->width[i + 1] = capacity[i] - (i ? capacity[i - 1] : 0);
	stack->width[n + 1] = UINT32_MAX;
	stack->newer = g_try_new0(u32, (gsize)pages + 1);
	stack->older = g_try_new0(u32, (gsize)pages + 1);
	stack->zone = g_try_new0(u8, (gsize)pages + 1);
	if (stack->newer && stack->older && stack->zone)
		return true;
	lru_stack_release(stack);
	return false;
}

void lru_stack_release(struct lru_stack *stack)
{
	g_free(stack->newer);
	g_free(stack->older);
	g_free(stack->zone);
	*stack = (struct lru_stack){ 0 };
}

void lru_stack_grow(struct lru_stack *stack, u32 pages)
{
	gsize before = (gsize)stack->pages + 1, after = (gsize)pages + 1;

	BUG_ON(pages < stack->pages);
	stack->newer = g_renew(u32, stack->newer, after);
	stack->older = g_renew(u32, stack->older, after);
	stack->zone = g_renew(u8, stack->zone, after);
	/* The neighbours of a page in no zone are never read. */
	memset(stack->zone + before, 0, after - before);
	stack->pages = pages;
}

static void take_out(struct lru_stack *stack, u32 entry, u32 zone)
{
	u32 newer = stack->newer[entry], older = stack->older[entry];

	if (newer)
		stack->older[newer] = older;
	if (older)
		stack->newer[older] = newer;
	stack->filled[zone]--;
	if (stack->last[zone] == entry)
		stack->last[zone] = stack->filled[zone] ? newer : 0;
}

static void put_in_front(struct lru_stack *stack, u32 entry)
{
	stack->newer[entry] = 0;
	stack->older[entry] = stack->newest;
	if (stack->newest)
		stack->newer[stack->newest] = entry;
	stack->newest = entry;
	stack->zone[entry] = 1;
	if (!stack->filled[1]++)
		stack->last[1] = entry;
}

void lru_stack_access(struct lru_stack *stack, u32 page)
{
	u32 entry = page + 1, zone = stack->zone[entry];

	for (u32 i = 0; i < stack->zones - 1; i++)
		stack->misses[i] += !zone || zone > i + 1;
	if (stack->newest == entry)
		return;
	if (zone)
		take_out(stack, entry, zone);
	put_in_front(stack, entry);
	for (u32 z = 1; stack->filled[z] > stack->width[z]; z++) {
		u32 moved = stack->last[z];

		stack->zone[moved] = (u8)(z + 1);
		stack->last[z] = --stack->filled[z] ? stack->newer[moved] : 0;
		if (!stack->filled[z + 1]++)
			stack->last[z + 1] = moved;
	}
}

void lru_stack_drop(struct lru_stack *stack, u32 page)
{
	u32 entry = page + 1, zone = stack->zone[entry];

	if (!zone)
		return;
	take_out(stack, entry, zone);
	if (stack->newest == entry)
		stack->newest = stack->older[entry];
	stack->zone[entry] = 0;
}
