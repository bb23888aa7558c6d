#include "cli/interval.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return x < y ? -1 : x > y;
}

static u64 root(u64 n)
{
	u64 low = 0, high = UINT64_C(1) << 32;

	while (high - low > 1) {
		u64 middle = low + (high - low) / 2;

		if (middle * middle <= n)
			low = middle;
		else
			high = middle;
	}
	return low;
}

u32 interval_rank(u32 n)
{
	return n < INTERVAL_LEAST ? 0 : (u32)((n - root((u64)n * 38416 / 10000)) / 2);
}

struct interval interval_of(s64 *value, u32 n)
{
	struct interval i = { .n = n };
	u32 rank = interval_rank(n);

	qsort(value, n, sizeof *value, ascending);
	if (n)
		i.median = value[(n - 1) / 2];
	i.zero = n && !value[0] && !value[n - 1];
	if (!rank)
		return i;
	i.sure = true;
	i.low = value[rank - 1];
	i.high = value[n - rank];
	return i;
}
