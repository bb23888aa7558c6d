/*
 * scenario_spec.h - a scenario as it stands in the file, after its tables: defaults filled in, names not
 * looked up yet.
 */
#ifndef MODELS_SCENARIO_SPEC_H
#define MODELS_SCENARIO_SPEC_H

#include "models/kernel.h"
#include "models/mm/cgroup_files.h"
#include "models/work/work_table.h"
#include "sim/json.h"

enum {
	SCENARIO_TASKS_MAX = 131072,  /* instances of all tasks */
	SCENARIO_SHARING_MAX = 32000, /* processes that share pages with others */
	SCENARIO_CPUS_MAX = 1024,
	SCENARIO_DEVICES_MAX = 29, /* the kernel's MAX_SWAPFILES, most configurations */
	SCENARIO_CGROUPS_MAX = 4096,
	SCENARIO_OPERATIONS_MAX = 4096,
	SCENARIO_SCRIPT_MAX = 4096,
	SCENARIO_SCHEDULE_MAX = 256,
	SCENARIO_OVERHEAD_PAGES = 61,
	STACK_PAGES_MAX = 4096,
};
#define SCENARIO_SWAP_PAGES_MAX (UINT64_C(1) << 28)

struct thp_spec {
	u32 enabled;
	enum thp_defrag defrag;
	struct json_pair
	    *sizes; /* what of /sys/kernel/mm/transparent_hugepage/hugepages-*kB/enabled is said */
	u32 n_sizes;
};

struct machine_spec {
	char *kernel;
	struct json_pair *patches;
	u32 n_patches;
	u32 cpus;
	struct json_size memory;
	u32 min_free_kbytes; /* 0: computed */
	u32 hz;
	u64 seed;
	char *cpu;
	char *disk;
	u32 cgroup_version;
	bool memory_recursiveprot;
	u32 swappiness;
	enum lru_kind lru;
	u32 page_cluster;
	struct zswap_config zswap;
	struct thp_spec thp;
	u64 memory_stat_every; /* 0: statistics are never old */
	enum preemption preemption;
	u32 slots_per_cluster;
	u32 pages_per_table;
	u32 reclaim_batch;
	u32 charge_batch;
	u32 slot_cache;
	u32 fail_page_alloc;
	u32 reclaim_retries;
	u32 swap_map_max;
};

enum discard_kind { DISCARD_NONE, DISCARD_ONCE, DISCARD_PAGES };

struct swap_spec {
	char *device;
	struct json_size size;
	u32 priority; /* 0: none given */
	enum discard_kind discard;
	u32 nomerges;
	bool swapon;
};

struct cgroup_spec {
	char *name;
	char *parent; /* NULL: the root */
	struct json_size max;
	struct json_size swap_max;  /* cgroup v2 */
	struct json_size memsw_max; /* cgroup v1 */
	struct json_size high;	    /* this and what follows: cgroup v2 */
	struct json_size swap_high;
	struct json_size min;
	struct json_size low;
	struct json_size zswap_max;
	bool zswap_writeback;
	bool oom_group;
};

/* Something is written to a file of a cgroup, or a swap device goes or comes. */
struct operation_spec {
	u64 at;
	char *cgroup;				 /* NULL: the latter */
	struct json_size value[NR_CGROUP_FILES]; /* of one of them */
	char *swapoff;				 /* the device's place in "swap" */
	char *swapon;
};

enum backing { BACKING_ANON, BACKING_FILE, BACKING_TEXT };
enum advised { ADVISED_NOTHING, ADVISED_HUGEPAGE };
enum fill_kind { FILL_RANDOM, FILL_ZERO, FILL_CONST };

/* What is in the pages of a process; part of a process, or of a task that is one by itself. */
struct memory_spec {
	char *contents; /* a corpus; NULL: as fill says */
	enum fill_kind fill;
	enum advised advised;
	enum backing backing;
	char *files; /* their name, for those that have the same; NULL: see scenario_files.c */
	bool files_cached;
	char *shares; /* one of shared_memory, which it is a mapping of; NULL: it is its own */
	u32 overhead_pages;
	u32 stack_pages;     /* of these, */
	u32 stack_used;	     /* of which so many are in use all the time, */
	u32 stack_at_marks;  /* and so many more at marks */
	u32 mapping_pages;   /* of the first of two mappings; 0: there is one */
	char *oom_score_adj; /* a number */
};

/* A segment of shared memory. */
struct shared_memory_spec {
	char *name;
	struct json_size size;
	struct json_size huge; /* of its folios; JSON_SIZE_NONE: a page each */
	char *contents;	       /* as of memory_spec */
	enum fill_kind fill;
};

struct process_spec {
	char *name;
	struct memory_spec memory;
};

/* At least one of them. */
struct task_stop_spec {
	u64 after;
	u64 accesses;
};

/* One of the things a task does; of setup with its name. */
struct do_spec {
	char *task;
	enum script_operation operation;
	char *page; /* NULL: of none */
	char *child;
	char *device; /* NULL: of none; else its place in "swap" */
	u32 pages;    /* from that one on */
	char *to;     /* NULL: no other page */
};

/* Of a schedule. */
struct until_spec {
	char *task;
	char *reaches; /* one of these two */
	char *done;
	u32 nth;
};
struct point_spec {
	char *task;
	char *at;
	u32 nth;
};
struct park_spec {
	char *task;
	char *in;
	u32 nth; /* 0: every time */
	struct until_spec until;
};
struct switch_spec {
	char *task;
	char *at;
	u32 nth;
	char *to;
};
struct choose_spec {
	char *kind;
	char *actor;
	u32 nth; /* 0: every time */
	char *value;
};
struct run_spec {
	char *task;
	struct until_spec until;
};
/* One of them. */
struct schedule_spec {
	struct park_spec *park;
	struct point_spec *order;
	u32 n_order;
	struct switch_spec *switch_before;
	struct choose_spec *choose;
	struct run_spec *run;
};

struct task_spec {
	char *name;
	u32 count;
	char *process; /* NULL: each instance is one */
	char *fork_of; /* the task that forks it; NULL: none */
	char *cgroup;  /* NULL: the root */
	u64 *cpus;     /* instance i may run on cpus[i % n_cpus] only */
	u32 n_cpus;
	char *cpu; /* a number; NULL: thread i of all begins on CPU i, in turn */
	u32 priority;
	struct memory_spec memory;
	u64 start;
	u64 start_within;
	struct task_stop_spec *stop; /* NULL: when its work is done */
	u32 repeat;
	u64 pause;
	struct workload_spec *workload; /* one of these two */
	struct do_spec *script;
	u32 n_script;
};

struct stop_spec {
	u64 after; /* 0: when all tasks are done */
};
struct sample_spec {
	u64 every;
};

struct scenario_spec {
	u32 format;
	char **include; /* none: they are merged before */
	u32 n_include;
	char *name;
	char *description;
	struct machine_spec machine;
	struct swap_spec *swap;
	u32 n_swap;
	struct cgroup_spec *cgroups;
	u32 n_cgroups;
	struct shared_memory_spec *shared;
	u32 n_shared;
	struct process_spec *processes;
	u32 n_processes;
	struct task_spec *tasks;
	u32 n_tasks;
	struct stop_spec stop;
	struct sample_spec sample;
	struct operation_spec *operations;
	u32 n_operations;
	struct do_spec *setup;
	u32 n_setup;
	struct schedule_spec *schedule;
	u32 n_schedule;
	struct json_pair *expect;
	u32 n_expect;
	struct json_choices *sweep; /* not of a run: what swapsim sweep varies */
	u32 n_sweep;
};

extern const struct json_pattern scenario_device_number;
extern const struct json_table machine_table; /* scenario_machine.c */
extern const struct json_table thp_table;     /* scenario_thp.c */
extern const struct json_table do_table;      /* scenario_schedule_table.c, and the next two */
extern const struct json_table setup_table;
extern const struct json_table schedule_table;

/* "6.18+table-alloc=v3" of both keys; g_free(). */
char *machine_spec_kernel(const struct machine_spec *m);
/* The corpus of pages with these contents or this fill. */
const char *spec_corpus(const char *contents, enum fill_kind fill);

#endif
