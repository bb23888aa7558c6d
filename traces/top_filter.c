#include "traces/top_filter.h"

#include <string.h>

#define FIRST_PAGES 4096

enum { STAY = 16 };

void top_filter_init(struct top_filter *filter, u32 k)
{
	BUG_ON(!k || k > TOP_FILTER_MAX);
	BUG_ON(!lru_stack_init(&filter->stack, FIRST_PAGES, &k, 1));
	filter->written = g_new0(u8, FIRST_PAGES);
	filter->last = g_new0(u64, FIRST_PAGES);
	filter->kept = filter->dropped = 0;
	filter->stay = (u64)STAY * k;
}

void top_filter_release(struct top_filter *filter)
{
	lru_stack_release(&filter->stack);
	g_free(filter->written);
	g_free(filter->last);
}

static void grow(struct top_filter *filter, u32 page)
{
	u32 before = filter->stack.pages, after = MAX(2 * before, page + 1);

	lru_stack_grow(&filter->stack, after);
	filter->written = g_renew(u8, filter->written, after);
	filter->last = g_renew(u64, filter->last, after);
	memset(filter->written + before, 0, after - before);
	memset(filter->last + before, 0, (after - before) * sizeof(*filter->last));
}

/* What was never touched is not given back either. */
static bool drop(struct top_filter *filter, u32 page)
{
	bool there = lru_stack_has(&filter->stack, page);

	lru_stack_drop(&filter->stack, page);
	filter->dropped += !there;
	return there;
}

bool top_filter_keeps(struct top_filter *filter, u32 page, enum trace_op op)
{
	bool hit;

	if (unlikely(page >= filter->stack.pages))
		grow(filter, page);
	if (op == TRACE_UNMAP)
		return drop(filter, page);
	hit = lru_stack_has_on_top(&filter->stack, page);
	lru_stack_access(&filter->stack, page);
	if (hit && (op != TRACE_WRITE || filter->written[page]) &&
	    filter->kept - filter->last[page] < filter->stay) {
		filter->dropped++;
		return false;
	}
	filter->written[page] = op == TRACE_WRITE || (hit && filter->written[page]);
	filter->last[page] = ++filter->kept;
	return true;
}
