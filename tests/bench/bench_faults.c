/*
 * Faults a second where every fifth or every second access is one: tasks with memory of their own in one
 * cgroup, of which 80 or 50 % fit, uniform accesses, 30 % writes, 5 ns apart.
 */
#include "tests/bench/scenario_bench.h"

enum { FAULTS = 100000, PAGES_OF_ALL = 131072 };

static struct scenario_bench *crowd(const char *release, const char *device, u32 tasks, u32 percent)
{
	u32 pages = PAGES_OF_ALL / tasks;
	char *text = g_strdup_printf(
	    "{'format':1,'name':'b','machine':{'kernel':'%s','cpus':%u,'memory':'8GiB'},'swap':[{'device':'%"
	    "s','size':"
	    "'4GiB'}],'cgroups':[{'name':'g','memory.max':'%u%%'}],'tasks':[{'name':'t','count':%u,'cgroup':'"
	    "g','workload':{"
	    "'rand':{'pages':%u,'accesses':1000000000000,'write_permille':300,'think':'5ns'}}}]}",
	    release, tasks, device, percent, tasks, pages);

	return bench_scenario(text, 2 * (u64)tasks * pages);
}

static uint64_t faults(void *context)
{
	return bench_more(context, PGFAULT, FAULTS);
}

/* name, percent, tasks, device, release */
#define CROWDS(X)                                                                                            \
	CROWDS_ON(X, zram, "zram-lz4")                                                                       \
	CROWDS_ON(X, ssd, "nvme-client")
#define CROWDS_ON(X, device, preset)                                                                         \
	CROWDS_OF(X, device, preset, 6_17, "6.17") CROWDS_OF(X, device, preset, 7_2, "7.2")
#define CROWDS_OF(X, device, preset, release, name)                                                          \
	X(20, 1, device, preset, release, name)                                                              \
	X(20, 8, device, preset, release, name)                                                              \
	X(20, 96, device, preset, release, name)                                                             \
	X(50, 1, device, preset, release, name)                                                              \
	X(50, 8, device, preset, release, name)                                                              \
	X(50, 96, device, preset, release, name)

#define SETUP(percent, tasks, device, preset, release, name)                                                 \
	static void *crowd_##percent##_##tasks##_##device##_##release(void)                                  \
	{                                                                                                    \
		return crowd(name, preset, tasks, 100 - percent);                                            \
	}
CROWDS(SETUP)

/* 96 tasks that fight for one limit are what is judged, on the newest release. */
#define ROW(percent, tasks, device, preset, release, name)                                                   \
	{ "faults, " #percent " %, " #tasks " tasks, " #device ", " name,                                    \
	  BENCH_RATE,                                                                                        \
	  (tasks) == 96 && JUDGED_##release ? 0.5e6 : 0,                                                     \
	  (tasks) == 96 && JUDGED_##release ? 1.5e6 : 0,                                                     \
	  faults,                                                                                            \
	  crowd_##percent##_##tasks##_##device##_##release,                                                  \
	  bench_scenario_free },
enum { JUDGED_6_17 = 0, JUDGED_7_2 = 1 };

static const struct bench benches[] = { CROWDS(ROW) };
BENCH_MAIN(benches)
