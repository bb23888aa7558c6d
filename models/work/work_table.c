#include "models/work/work_table.h"

#include <string.h>

enum { PAGE_BYTES = 4096 };
#define ACCESSES_MAX (UINT64_C(1) << 53)
#define THINK_MAX_NS 4000000 /* what struct workload holds, in picoseconds */
#define PASSES_MAX 1000000

static const char *const write_names[] = { "store", "update", NULL };
#define WRITES_DOC                                                                                           \
	"what a write does: `store`, or `update`: load and then store the same word, as `x++` does, so "     \
	"that "                                                                                              \
	"a page that is not there is faulted in by a read"
static const char *const fill_names[] = { "once", "each", "none", NULL };
static const struct json_pattern start_pattern = { "spread|[0-9]{1,9}/[1-9][0-9]{0,8}",
						   "`spread`, or a fraction such as `1/8`" };

#define EXTENT                                                                                               \
	{ "size", JSON_SIZE(struct pattern_spec, size, PAGE_BYTES, (u64)TRACE_PAGES_MAX * PAGE_BYTES),       \
	  .group = "extent",                                                                                 \
	  .doc = "memory it works on, from the process's first page on, in whole pages" },                   \
	{                                                                                                    \
		"pages", JSON_UINT(struct pattern_spec, pages, 1, TRACE_PAGES_MAX),                          \
		    .group = "extent", .doc = "the same in pages of 4 KiB"                                   \
	}
#define FILL                                                                                                 \
	{                                                                                                    \
		"fill", JSON_ENUM(struct pattern_spec, fill, fill_names),                                    \
		    .doc = "who first writes every page in order: of the tasks of a process the first (the " \
			   "others do not wait for it), each task, or nobody"                                \
	}
#define WRITES                                                                                               \
	{ "write_permille", JSON_UINT(struct pattern_spec, write_permille, 0, 1000),                         \
	  .doc = "share of writes among the accesses after the fill" },                                      \
	{                                                                                                    \
		"writes", JSON_ENUM(struct pattern_spec, writes, write_names), .doc = WRITES_DOC             \
	}
#define THINK(what)                                                                                          \
	{                                                                                                    \
		"think", JSON_DURATION(struct pattern_spec, think_ns, 0, THINK_MAX_NS), .standard = "5ns",   \
											.doc = what          \
	}
#define THINK_ACCESS THINK("time from one access to the next, beside what faults take")

static bool check_pattern(const void *object, const struct json_at *at, GError **error)
{
	const struct pattern_spec *p = object;

	if (p->size.kind == JSON_SIZE_NONE || p->size.value % PAGE_BYTES == 0)
		return true;
	return json_at_error(at, error, "size", "is not in whole pages (expected a multiple of 4KiB)");
}

static const struct json_field seq_fields[] = {
	EXTENT,
	{ "passes", JSON_UINT(struct pattern_spec, passes, 1, PASSES_MAX), .standard = "1",
	  .doc = "sweeps from the first page to the last" },
	WRITES,
	FILL,
	THINK_ACCESS,
	{ 0 },
};
static const struct json_table seq_table = { "seq", sizeof(struct pattern_spec), seq_fields,
					     .doc = "Every page in order, again and again.",
					     .check = check_pattern };

#define COUNTED                                                                                              \
	{                                                                                                    \
		"accesses", JSON_UINT(struct pattern_spec, accesses, 1, ACCESSES_MAX),                       \
		    .required = true, .doc = "how many, after the fill"                                      \
	}

static const struct json_field rand_fields[] = { EXTENT, COUNTED, WRITES, FILL, THINK_ACCESS, { 0 } };
static const struct json_table rand_table = { "rand", sizeof(struct pattern_spec), rand_fields,
					      .doc = "Pages at random, all equally likely.",
					      .check = check_pattern };

static const struct json_field zipf_fields[] = {
	EXTENT,
	COUNTED,
	{ "skew_permille", JSON_UINT(struct pattern_spec, skew_permille, 0, ZIPF_MAX_SKEW), .standard = "990",
	  .doc = "the exponent in thousandths" },
	WRITES,
	FILL,
	THINK_ACCESS,
	{ 0 },
};
static const struct json_table zipf_table = {
	"zipf", sizeof(struct pattern_spec), zipf_fields,
	.doc = "Pages at random, the one of rank r with a probability proportional to r^-skew. Ranks are "
	       "scattered over the pages, in the same way for all tasks of a process.",
	.check = check_pattern
};

static const struct json_field pageout_fields[] = {
	EXTENT,
	{ "passes", JSON_UINT(struct pattern_spec, passes, 1, PASSES_MAX), .standard = "1", .doc = "calls" },
	THINK("time between two calls"),
	{ 0 },
};
static const struct json_table pageout_table = {
	"pageout", sizeof(struct pattern_spec), pageout_fields,
	.doc = "madvise(MADV_PAGEOUT) of the whole size, again and again; no accesses.",
	.check = check_pattern
};

static bool check_trace(const void *object, const struct json_at *at, GError **error)
{
	const struct trace_spec *t = object;
	const char *slash = strchr(t->start, '/');

	if (t->accesses && t->passes)
		return json_at_error(at, error, "passes",
				     "stands beside \"accesses\" (expected one of the two)");
	if (slash && g_ascii_strtoull(t->start, NULL, 10) >= g_ascii_strtoull(slash + 1, NULL, 10))
		return json_at_error(at, error, "start", "is beyond the end (expected a fraction below 1)");
	return true;
}

static const struct json_field trace_fields[] = {
	{ "file", JSON_STRING(struct trace_spec, file, NULL), .required = true,
	  .doc = "a trace file beside the scenario, or the name of a bundled one: `cc1`, `python`, `sqlite`, "
		 "`groundtruth/zipf`, ...; `.swt` may be left out" },
	{ "start", JSON_STRING(struct trace_spec, start, &start_pattern), .standard = "0/1",
	  .doc = "where to begin, as a part of the trace; `spread`: instance i of n at i/n. The replay wraps "
		 "round at the end" },
	{ "accesses", JSON_UINT(struct trace_spec, accesses, 1, ACCESSES_MAX), .doc = "how many to replay" },
	{ "passes", JSON_UINT(struct trace_spec, passes, 1, PASSES_MAX),
	  .doc = "how many times the whole trace; 1 if neither is given" },
	{ "writes", JSON_ENUM(struct trace_spec, writes, write_names), .doc = WRITES_DOC },
	{ 0 },
};
static const struct json_table trace_table = { "trace", sizeof(struct trace_spec), trace_fields,
					       .doc =
						   "The accesses of a recorded program, in their own time.",
					       .check = check_trace };

static const struct json_field workload_fields[] = {
	{ "seq", JSON_OPTIONAL(struct workload_spec, seq, &seq_table), .group = "pattern",
	  .doc = "sweeps over the pages" },
	{ "rand", JSON_OPTIONAL(struct workload_spec, rand, &rand_table), .group = "pattern",
	  .doc = "uniform random accesses" },
	{ "zipf", JSON_OPTIONAL(struct workload_spec, zipf, &zipf_table), .group = "pattern",
	  .doc = "skewed random accesses" },
	{ "pageout", JSON_OPTIONAL(struct workload_spec, pageout, &pageout_table), .group = "pattern",
	  .doc = "MADV_PAGEOUT" },
	{ "trace", JSON_OPTIONAL(struct workload_spec, trace, &trace_table), .group = "pattern",
	  .doc = "replay of a trace" },
	{ 0 },
};
const struct json_table workload_table = { "workload", sizeof(struct workload_spec), workload_fields,
					   .doc = "What a task does with its memory." };

enum pattern workload_pattern(const struct workload_spec *w)
{
	if (w->seq)
		return PATTERN_SEQ;
	if (w->rand)
		return PATTERN_RAND;
	if (w->zipf)
		return PATTERN_ZIPF;
	return w->pageout ? PATTERN_PAGEOUT : PATTERN_TRACE;
}

const struct pattern_spec *workload_generated(const struct workload_spec *w)
{
	switch (workload_pattern(w)) {
	case PATTERN_SEQ:
		return w->seq;
	case PATTERN_RAND:
		return w->rand;
	case PATTERN_ZIPF:
		return w->zipf;
	case PATTERN_PAGEOUT:
		return w->pageout;
	case PATTERN_TRACE:
		return NULL;
	}
	BUG();
}

u32 pattern_pages(const struct pattern_spec *p)
{
	return p->pages ? p->pages : (u32)(p->size.value / PAGE_BYTES);
}

static u64 part_of(u64 whole, u64 part, u64 parts)
{
	return (u64)((unsigned __int128)whole * part / parts);
}

u64 trace_spec_first(const struct trace_spec *t, u64 accesses, u32 i, u32 n)
{
	const char *slash = strchr(t->start, '/');

	if (!slash)
		return part_of(accesses, i, n);
	return part_of(accesses, g_ascii_strtoull(t->start, NULL, 10), g_ascii_strtoull(slash + 1, NULL, 10));
}

u64 trace_spec_accesses(const struct trace_spec *t, u64 accesses)
{
	if (t->accesses)
		return t->accesses;
	if (!t->passes)
		return accesses;
	return accesses > ACCESSES_MAX / t->passes ? ACCESSES_MAX : t->passes * accesses;
}
