#include "traces/top_filter.h"

#include <string.h>

#define FIRST_PAGES 4096

void top_filter_init(struct top_filter *filter, u32 k)
{
	BUG_ON(!k || k > TOP_FILTER_MAX);
	BUG_ON(!lru_stack_init(&filter->stack, FIRST_PAGES, &k, 1));
	filter->written = g_new0(u8, FIRST_PAGES);
	filter->dropped = 0;
}

void top_filter_release(struct top_filter *filter)
{
	lru_stack_release(&filter->stack);
	g_free(filter->written);
}

static void grow(struct top_filter *filter, u32 page)
{
	u32 before = filter->stack.pages, after = MAX(2 * before, page + 1);

	lru_stack_grow(&filter->stack, after);
	filter->written = g_renew(u8, filter->written, after);
	memset(filter->written + before, 0, after - before);
}

bool top_filter_keeps(struct top_filter *filter, u32 page, enum trace_op op)
{
	bool hit;

	if (unlikely(page >= filter->stack.pages))
		grow(filter, page);
	hit = lru_stack_has_on_top(&filter->stack, page);
	lru_stack_access(&filter->stack, page);
	if (hit && (op != TRACE_WRITE || filter->written[page])) {
		filter->dropped++;
		return false;
	}
	filter->written[page] = op == TRACE_WRITE;
	return true;
}
