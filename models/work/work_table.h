/*
 * work_table.h - a task's workload as a scenario describes it: one object with exactly one pattern in it.
 *
 * Each pattern has its own table, with the keys that mean something to it and no others; all generated ones
 * are read into the same struct.
 */
#ifndef MODELS_WORK_WORK_TABLE_H
#define MODELS_WORK_WORK_TABLE_H

#include "models/work/work.h"
#include "sim/json.h"

/* Who writes every page of the process once before its own accesses. */
enum fill_rule {
	FILL_ONCE, /* of the tasks of a process that say so, the first */
	FILL_EACH,
	FILL_NONE,
};

/* What a write does. */
enum write_kind { WRITE_STORE, WRITE_UPDATE };

struct pattern_spec {
	struct json_size size; /* either this, in whole pages, or pages */
	u32 pages;
	u64 passes;   /* of sweeps and calls */
	u64 accesses; /* of random patterns */
	u32 skew_permille;
	u32 stride;
	u32 hot_permille;	   /* of the pages */
	u32 hot_accesses_permille; /* of the accesses go to them */
	u32 phases;
	u32 chunks;
	u64 *order;
	u32 n_order;
	struct json_size piece; /* rounds */
	struct json_size touch;
	struct json_size chunk;
	struct json_size refill;
	struct json_size step; /* usemem */
	bool random;
	bool readonly;
	bool sync_free;
	struct json_size text; /* build */
	struct json_size data;
	struct json_size headers;
	struct json_size include;
	struct json_size source;
	struct json_size object; /* and of objects */
	struct json_size heap;
	u32 includes;
	u32 touches;
	enum advice advice;
	u32 write_permille;
	enum write_kind writes;
	enum fill_rule fill;
	u64 think_ns;
};

struct trace_spec {
	char *file;
	char *start;  /* "A/B" of the way, or "spread" */
	u64 accesses; /* at most one of the two; neither: one pass */
	u64 passes;
	enum write_kind writes;
	u64 think_ns;
};

/* One of them is not NULL. */
struct workload_spec {
	struct pattern_spec *seq;
	struct pattern_spec *back;
	struct pattern_spec *stride;
	struct pattern_spec *rand;
	struct pattern_spec *zipf;
	struct pattern_spec *zipfloc;
	struct pattern_spec *hotcold;
	struct pattern_spec *objects;
	struct pattern_spec *churn;
	struct pattern_spec *rounds;
	struct pattern_spec *usemem;
	struct pattern_spec *pageout;
	struct pattern_spec *dontneed;
	struct pattern_spec *free;
	struct pattern_spec *willneed;
	struct pattern_spec *build;
	struct trace_spec *trace;
};
extern const struct json_table workload_table;

enum pattern workload_pattern(const struct workload_spec *w);
/* Of a generated pattern; NULL for a trace. */
const struct pattern_spec *workload_generated(const struct workload_spec *w);
u32 pattern_pages(const struct pattern_spec *p);
/* Of a build: its mapped files, which come first, and all files of so many processes one after the other. */
u32 build_text_pages(const struct pattern_spec *p);
u32 build_file_pages(const struct pattern_spec *p, u32 processes);
/* Whether its task may be the one that fills the process's memory. */
bool workload_may_fill(const struct workload_spec *w);
bool pattern_is_zipf(enum pattern pattern);
/* All of @w that follows from the description of a generated pattern alone. */
void workload_describe(const struct workload_spec *spec, struct workload *w);
/* Accesses of a generated pattern, its fill and what its calls cost left out. */
u64 workload_accesses(const struct workload_spec *w);
/* Where instance @i of @n begins in a trace of @accesses, and how many accesses it makes. */
u64 trace_spec_first(const struct trace_spec *t, u64 accesses, u32 i, u32 n);
u64 trace_spec_accesses(const struct trace_spec *t, u64 accesses);

#endif
