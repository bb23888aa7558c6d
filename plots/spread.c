#include "plots/spread.h"

int spread_ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

struct spread spread_of(GArray *values)
{
	if (!values->len)
		return (struct spread){ 0 };
	g_array_sort(values, spread_ascending);
	return (struct spread){ g_array_index(values, u64, (values->len - 1) / 2),
				g_array_index(values, u64, 0), g_array_index(values, u64, values->len - 1),
				values->len };
}
