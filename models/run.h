/*
 * run.h - one run of a scenario: its phases, its time series, and the figures that are left at the end.
 *
 * Phases begin with marks: "init" from the start, "run" when the last task that has a fill, or a trace with
 * the mark fill_done, has passed it, and each other mark of a trace or pattern a phase of its name, when the
 * last task that has the mark has passed it; a trace has its marks only if it is replayed from its beginning.
 * Without a fill "run" begins with the run. A task that starts late has no marks but NAME_begun, and one that
 * comes or goes ends with NAME_ended. "all" is the whole run. A run without marks has the one phase
 * "all".
 */
#ifndef MODELS_RUN_H
#define MODELS_RUN_H

#include "models/mm/psi.h"
#include "models/scenario.h"

struct run_phase {
	char *name;
	u64 begin_ns;
	u64 end_ns;
	u64 (*count)[NR_COUNTERS];	   /* [memcg] */
	u64 (*pressure)[NR_PSI_PRESSURES]; /* [memcg], ns */
};

struct run_lock {
	const char *name;
	struct lock_stat stat;
};

/* A sample of the time series of one cgroup; PAGE_COUNTER_MAX: no limit. */
struct run_cgroup_sample {
	u64 time_ns;
	u64 memory_pages;
	u64 memory_max_pages;
	u64 swap_pages;
	u64 swap_max_pages;
	u64 memory_high_pages, memory_low_pages;
	u64 accesses, major_faults; /* so far, with those of what is below it */
	u64 pressure_ns[NR_PSI_PRESSURES];
	u32 memcg;
};

/* What the files of a cgroup would say when the run is over; PAGE_COUNTER_MAX: "max". */
struct run_cgroup {
	u64 memory_pages; /* memory.current */
	u64 memory_min_pages;
	u64 memory_low_pages;
	u64 memory_high_pages;
	u64 memory_max_pages;
	u64 swap_pages;
	u64 swap_high_pages;
	u64 swap_max_pages;
	u64 lru_pages[NR_LRU_LISTS];	  /* with those below it */
	u64 local_event[NR_LOCAL_EVENTS]; /* memory.events.local */
	u64 zswap_bytes;		  /* memory.zswap.current, and the rest of zswap: 0 without it */
	u64 zswapped_pages;
	u64 zswap_max_pages;
	bool has_zswap;
	bool zswap_writeback;
	bool oom_group;
};

/* A sample of one cluster: what its slots are. */
struct run_cluster_sample {
	u64 time_ns;
	u32 device;  /* in the scenario's list, from 0 */
	u32 cluster; /* of the device, from 0 */
	u32 used;    /* somebody's page is in it */
	u32 cached;  /* nobody's: taken for the swap cache, or by a CPU's slot cache in 6.12 */
	u32 free;
	u32 lost; /* of them, those in a cluster that is on no list and nobody has in hand */
};

/* What the OOM killer did. */
struct run_kill {
	u64 time_ns;
	char *cgroup;  /* that was out of memory */
	char *task;    /* the victim's first */
	char *process; /* the victim */
	s64 badness_pages;
	u32 anon_pages;
	u32 swap_pages;
};

/* A sample of the time series; the columns are run_series_columns(). */
struct run_result {
	char *kernel; /* release with patches */
	u64 seed;
	u64 time_ns; /* simulated */
	u64 steps;
	u64 ties; /* events due at the time of another one */
	u64 fingerprint_events;
	u64 fingerprint_counts;
	bool complete; /* false: interrupted */
	char *finding; /* what an audit said of a kernel of which the scenario expects it; NULL: nothing */
	u32 memcgs;
	char **memcg_name; /* [0] "" */
	u32 phases;
	struct run_phase *phase;   /* "all" first */
	struct histogram *latency; /* [NR_LATENCIES] */
	struct histogram *refault; /* [NR_REFAULT_SIZES] */
	u32 locks;
	struct run_lock *lock;
	u64 lock_wait_ns; /* all classes */
	u64 slots;	  /* of all devices, header included */
	u64 meta_static_bytes;
	u64 meta_dynamic_bytes; /* when the first task was done: later its memory is gone */
	u64 meta_dynamic_peak_bytes;
	u64 pool_bytes; /* compressed data at that time */
	u64 free_pages_lowest;
	u64 *cpu_busy_ns; /* [cpus] */
	u64 user_ns;	  /* of that, in user mode */
	u32 cpus;
	struct run_cgroup *cgroup; /* [memcg] */
	u64 *memory_peak;	   /* [memcg], pages */
	u64 *swap_peak;		   /* [memcg], pages */
	u64 *memsw_peak;	   /* [memcg], pages; cgroup v1 */
	GArray *kill;		   /* of struct run_kill, in the order of time */
	GArray *series;		   /* of u64: rows of run_series_columns() values */
	GArray *cgroups;  /* of struct run_cgroup_sample: for every such row all cgroups but the root */
	GArray *clusters; /* of struct run_cluster_sample: all clusters likewise; NULL: not asked for */
};

/* Names of the columns of the series: time_ns first, then counters' rates' sources and gauges, for the
 * machine as a whole. NULL-terminated. */
const char *const *run_series_columns(void);

/* Called now and then; true: stop here, the result is marked incomplete. */
typedef bool run_poll_fn(void *data);

/* Run to the end or to the scenario's stop, audits included: at the end, and when the first and the last
 * process are about to give back their memory. NULL and an error when the run cannot go on or
 * an audit fails (ERROR_FINDING), unless "expect" of the scenario says so of this kernel. */
struct run_result *run_scenario(const struct scenario *s, const struct build_options *options,
				run_poll_fn *poll, void *poll_data, GError **error);
void run_result_free(struct run_result *r);

/* What must agree with what (audit.h): slots, clusters, charges, counts, cache and folios. While a task is
 * inside the kernel only what holds between any two steps. NULL when all is well, otherwise what is wrong, in
 * a sentence the caller frees. */
char *audit(struct kernel *k);

#endif
