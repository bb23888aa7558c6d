#include "models/run_series.h"

#include "models/run.h"

static u64 lock_wait_ns(const struct kernel *k)
{
	u64 ns = 0;

	for (u32 i = 0; i < k->machine.lock_classes; i++)
		ns += k->machine.lock_stat[i].wait_ns;
	return ns;
}

static u64 memory_free_pages(const struct kernel *k)
{
	return k->memory->free;
}

static u64 swap_used_pages(const struct kernel *k)
{
	return k->swap->total_pages - (u64)k->swap->free_pages;
}

static u64 on_lists(const struct kernel *k, enum lru_list list)
{
	u64 pages = 0;

	for (u32 i = 0; i < k->config.memcgs; i++)
		pages += k->lruvec[i].list[list].count;
	return pages;
}

static u64 active_anon_pages(const struct kernel *k)
{
	return on_lists(k, LRU_ACTIVE_ANON);
}

static u64 inactive_anon_pages(const struct kernel *k)
{
	return on_lists(k, LRU_INACTIVE_ANON);
}

static u64 isolated_anon_pages(const struct kernel *k)
{
	return k->memory->isolated;
}

static u64 swap_meta_bytes(const struct kernel *k)
{
	return k->memory->meta_bytes;
}

static u64 zram_pool_bytes(const struct kernel *k)
{
	return k->memory->pool_bytes;
}

#define GAUGES(X)                                                                                            \
	X(lock_wait_ns)                                                                                      \
	X(memory_free_pages)                                                                                 \
	X(swap_used_pages)                                                                                   \
	X(active_anon_pages)                                                                                 \
	X(inactive_anon_pages)                                                                               \
	X(isolated_anon_pages)                                                                               \
	X(swap_meta_bytes)                                                                                   \
	X(zram_pool_bytes)

const char *const *run_series_columns(void)
{
	static const char *const names[] = {
		"time_ns",
#define X(id, name, meaning) name,
		COUNTERS(X)
#undef X
#define X(name) #name,
		    GAUGES(X)
#undef X
			NULL,
	};

	return names;
}

u32 run_series_width(void)
{
	const char *const *columns = run_series_columns();
	u32 n = 0;

	while (columns[n])
		n++;
	return n;
}

static void add(GArray *series, u64 value)
{
	g_array_append_val(series, value);
}

void run_series_row(struct kernel *k, GArray *series)
{
	add(series, k->machine.now);
	for (u32 i = 0; i < NR_COUNTERS; i++)
		add(series, k->count[0][i]);
#define X(name) add(series, name(k));
	GAUGES(X)
#undef X
}
