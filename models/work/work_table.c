#include "models/work/work_table.h"

#include <string.h>

enum { PAGE_BYTES = 4096 };
#define ACCESSES_MAX (UINT64_C(1) << 53)
#define THINK_MAX_NS 4000000 /* what struct workload holds, in picoseconds */
#define PASSES_MAX 1000000
#define ORDER_MAX 65536

static const char *const write_names[] = { "store", "update", NULL };
#define WRITES_DOC                                                                                           \
	"what a write does: `store`, or `update`: load and then store the same word, as `x++` does, so "     \
	"that "                                                                                              \
	"a page that is not there is faulted in by a read"
/* Of enum advice, those that give back. */
static const char *const advice_names[] = { "dontneed", "free", NULL };
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

#define PASSES(what)                                                                                         \
	{                                                                                                    \
		"passes", JSON_UINT(struct pattern_spec, passes, 1, PASSES_MAX), .standard = "1",            \
										 .doc = what                 \
	}
#define TABLE(name, text)                                                                                    \
	static const struct json_table name##_table = { #name, sizeof(struct pattern_spec), name##_fields,   \
							.doc = text, .check = check_pattern }

static const struct json_field seq_fields[] = {
	EXTENT, PASSES("sweeps from the first page to the last"), WRITES, FILL, THINK_ACCESS, { 0 }
};
TABLE(seq, "Every page in order, again and again.");

static const struct json_field back_fields[] = {
	EXTENT, PASSES("sweeps from the last page to the first"), WRITES, FILL, THINK_ACCESS, { 0 }
};
TABLE(back, "Every page in falling order, again and again.");

static const struct json_field stride_fields[] = {
	EXTENT,
	{ "stride", JSON_UINT(struct pattern_spec, stride, 1, TRACE_PAGES_MAX), .standard = "8",
	  .doc = "pages from one access to the next" },
	PASSES("how often every page is accessed"),
	WRITES,
	FILL,
	THINK_ACCESS,
	{ 0 },
};
TABLE(stride, "Every 8th page (`stride`) from the first on, then every 8th from the second, and so on until "
	      "each page had its turn.");

#define COUNTED                                                                                              \
	{                                                                                                    \
		"accesses", JSON_UINT(struct pattern_spec, accesses, 1, ACCESSES_MAX),                       \
		    .required = true, .doc = "how many, after the fill"                                      \
	}

static const struct json_field rand_fields[] = { EXTENT, COUNTED, WRITES, FILL, THINK_ACCESS, { 0 } };
TABLE(rand, "Pages at random, all equally likely.");

#define SKEW                                                                                                 \
	{                                                                                                    \
		"skew_permille", JSON_UINT(struct pattern_spec, skew_permille, 0, ZIPF_MAX_SKEW),            \
		    .standard = "990", .doc = "the exponent in thousandths"                                  \
	}

static const struct json_field zipf_fields[] = { EXTENT, COUNTED, SKEW, WRITES, FILL, THINK_ACCESS, { 0 } };
TABLE(zipf, "Pages at random, the one of rank r with a probability proportional to r^-skew. Ranks are "
	    "scattered over the pages, in the same way for all tasks of a process.");

static const struct json_field zipfloc_fields[] = {
	EXTENT, COUNTED, SKEW, WRITES, FILL, THINK_ACCESS, { 0 }
};
TABLE(zipfloc, "As zipf, but the ranks lie in order: the most popular page is the first one, its neighbour "
	       "the next.");

static const struct json_field hotcold_fields[] = {
	EXTENT,
	COUNTED,
	{ "hot_permille", JSON_UINT(struct pattern_spec, hot_permille, 1, 999), .standard = "200",
	  .doc = "share of the pages that are hot; they lie in a row" },
	{ "hot_accesses_permille", JSON_UINT(struct pattern_spec, hot_accesses_permille, 0, 1000),
	  .standard = "900", .doc = "share of the accesses that go to them" },
	{ "phases", JSON_UINT(struct pattern_spec, phases, 1, HOT_PHASES_MAX), .standard = "4",
	  .doc = "of equally many accesses. With each but the first the hot pages move on by their number, "
		 "and a phase of the run begins: `hot_2`, `hot_3`, ..." },
	WRITES,
	FILL,
	THINK_ACCESS,
	{ 0 },
};
TABLE(hotcold, "A few pages get most accesses, the others the rest; which pages these are changes from time "
	       "to time.");

static bool check_objects(const void *object, const struct json_at *at, GError **error)
{
	const struct pattern_spec *p = object;

	if (p->object.value > (u64)pattern_pages(p) * PAGE_BYTES)
		return json_at_error(at, error, "object",
				     "is more than all the memory (expected a part of it)");
	return check_pattern(object, at, error);
}

static const struct json_field objects_fields[] = {
	EXTENT,
	COUNTED,
	{ "object", JSON_SIZE(struct pattern_spec, object, 512, 1u << 30), .standard = "4KiB",
	  .doc = "size of an object; the first begins where the memory does" },
	WRITES,
	FILL,
	THINK_ACCESS,
	{ 0 },
};
static const struct json_table objects_table = {
	"objects", sizeof(struct pattern_spec), objects_fields,
	.doc = "Objects at random, all equally likely, which lie one after the other; all pages are accessed "
	       "that an object lies in. What a server does that is asked for values by their keys.",
	.check = check_objects
};

static const struct json_field churn_fields[] = {
	EXTENT,
	{ "chunks", JSON_UINT(struct pattern_spec, chunks, 1, TRACE_PAGES_MAX), .standard = "64",
	  .doc = "parts of the memory, of the same size" },
	{ "refills", JSON_UINT(struct pattern_spec, accesses, 1, ACCESSES_MAX), .required = true,
	  .doc = "how many times a chunk is given back and filled" },
	{ "order", JSON_UINTS(struct pattern_spec, order, n_order, 0, TRACE_PAGES_MAX - 1, 0, ORDER_MAX),
	  .doc = "which chunks, from 0 on, one after the other and round again; without it at random" },
	{ "advice", JSON_ENUM(struct pattern_spec, advice, advice_names),
	  .doc =
	      "how it is given back: with MADV_DONTNEED at once, or with MADV_FREE, when memory is short" },
	FILL,
	THINK_ACCESS,
	{ 0 },
};
static bool check_churn(const void *object, const struct json_at *at, GError **error)
{
	const struct pattern_spec *p = object;
	u32 chunks = MIN(p->chunks, pattern_pages(p));

	for (u32 i = 0; i < p->n_order; i++)
		if (p->order[i] >= chunks)
			return json_at_error(at, error, "order",
					     "%" G_GUINT64_FORMAT " is no chunk (expected 0 to %u)",
					     p->order[i], chunks - 1);
	return check_pattern(object, at, error);
}

static const struct json_table churn_table = {
	"churn",
	sizeof(struct pattern_spec),
	churn_fields,
	.doc = "What a memory allocator does: chunks at random are given back to the kernel, and all their "
	       "pages "
	       "are written again.",
	.check = check_churn,
};

static bool check_rounds(const void *object, const struct json_at *at, GError **error)
{
	const struct pattern_spec *p = object;
	u64 bytes = (u64)pattern_pages(p) * PAGE_BYTES;

	if (p->piece.value % PAGE_BYTES || p->piece.value > bytes)
		return json_at_error(
		    at, error, "piece",
		    "is not in whole pages of the memory (expected a multiple of 4KiB, %" G_GUINT64_FORMAT
		    "KiB at most)",
		    bytes / 1024);
	if (p->chunk.value % PAGE_BYTES || bytes % p->chunk.value)
		return json_at_error(at, error, "chunk",
				     "does not divide the memory (expected pages of which %" G_GUINT64_FORMAT
				     "KiB are a multiple)",
				     bytes / 1024);
	return check_pattern(object, at, error);
}

#define SIZE_OF(key, member, standard_, what)                                                                \
	{                                                                                                    \
		key, JSON_SIZE(struct pattern_spec, member, 0, (u64)TRACE_PAGES_MAX *PAGE_BYTES),            \
		    .standard = standard_, .doc = what                                                       \
	}
static const struct json_field rounds_fields[] = {
	EXTENT,
	{ "rounds", JSON_UINT(struct pattern_spec, passes, 1, PASSES_MAX), .standard = "100",
	  .doc = "how many; ten parts of the run, `part_2` to `part_10` after the first, have as many each" },
	SIZE_OF("touch", touch, "16MiB", "written in a round, in pieces anywhere"),
	{ "piece", JSON_SIZE(struct pattern_spec, piece, PAGE_BYTES, (u64)TRACE_PAGES_MAX *PAGE_BYTES),
	  .standard = "4KiB",
	  .doc = "size of a piece, and what it is aligned to; the program's -a is 64KiB" },
	SIZE_OF("refill", refill, "16MiB", "then given back with MADV_DONTNEED and written, chunk by chunk"),
	{ "chunk", JSON_SIZE(struct pattern_spec, chunk, PAGE_BYTES, (u64)TRACE_PAGES_MAX *PAGE_BYTES),
	  .standard = "64KiB", .doc = "size of a chunk, and what it is aligned to" },
	FILL,
	THINK_ACCESS,
	{ 0 },
};
static const struct json_table rounds_table = {
	"rounds", sizeof(struct pattern_spec), rounds_fields,
	.doc =
	    "What the kernel's tools/mm/thp_swap_allocator_test does: again and again all memory is swapped "
	    "out, pieces of it are written, and chunks of it given back and filled. Its 60 MiB on a zram "
	    "device of 64 MiB show how well swap keeps large folios whole.",
	.check = check_rounds
};

static bool check_usemem(const void *object, const struct json_at *at, GError **error)
{
	const struct pattern_spec *p = object;

	if (PAGE_BYTES % p->step.value)
		return json_at_error(at, error, "step",
				     "does not divide a page (expected 8, 16, 32, ... 4KiB)");
	return check_pattern(object, at, error);
}

static const struct json_field usemem_fields[] = {
	EXTENT,
	PASSES("how often it goes over all its memory (-r)"),
	{ "step", JSON_SIZE(struct pattern_spec, step, 8, PAGE_BYTES), .standard = "4KiB",
	  .doc = "from one access to the next (-j); a pass is as many accesses as there are steps. The "
		 "program's "
		 "own default is 8 bytes, which are 512 accesses a page" },
	{ "random", JSON_BOOL(struct pattern_spec, random),
	  .doc = "accesses go anywhere, with repetition (-R), and not up the memory" },
	{ "readonly", JSON_BOOL(struct pattern_spec, readonly), .doc = "they are reads (-o) and not stores" },
	{ "sync_free", JSON_BOOL(struct pattern_spec, sync_free),
	  .doc = "the instances of the task wait for each other before they free their memory (-x)" },
	THINK_ACCESS,
	{ 0 },
};
static const struct json_table usemem_table = {
	"usemem", sizeof(struct pattern_spec), usemem_fields,
	.doc =
	    "What `usemem -O` of vm-scalability does: memory is mapped, gone over, and unmapped; `count` is "
	    "its -n or, in one process, -t. Nothing is filled before. Its -y is always given: mapping takes "
	    "no time here. The last to have gone over its memory begins the phase `munmap` of the run, and "
	    "histogram `munmap` has the times that freeing took.",
	.check = check_usemem
};

static bool check_build(const void *object, const struct json_at *at, GError **error)
{
	const struct pattern_spec *p = object;
	const struct {
		const char *key;
		const struct json_size *size;
	} sizes[] = {
		{ "text", &p->text },	    { "data", &p->data },     { "headers", &p->headers },
		{ "include", &p->include }, { "source", &p->source }, { "object", &p->object },
		{ "heap", &p->heap },
	};

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i].size->value % PAGE_BYTES)
			return json_at_error(at, error, sizes[i].key,
					     "is not in whole pages (expected a multiple of 4KiB)");
	if (p->data.value > p->text.value)
		return json_at_error(at, error, "data", "is more than \"text\" (expected a part of it)");
	return p->headers.value % p->include.value == 0 ||
	       json_at_error(at, error, "headers",
			     "is not in files of the size \"include\" (expected a "
			     "multiple)");
}

#define BUILD_SIZE(member, least, standard_, what)                                                           \
	{                                                                                                    \
#member, JSON_SIZE(struct pattern_spec, member, least, (u64)TRACE_PAGES_MAX *PAGE_BYTES),    \
		    .standard = standard_, .doc = what                                                       \
	}
static const struct json_field build_fields[] = {
	BUILD_SIZE(heap, PAGE_BYTES, "16MiB", "of the largest process; others are drawn, most far smaller"),
	BUILD_SIZE(text, PAGE_BYTES, "4MiB",
		   "the program, mapped by all processes of the task, or of those "
		   "with the same \"files\""),
	BUILD_SIZE(data, 0, "256KiB",
		   "the part of it at its end that every process writes, so that it gets "
		   "copies of its own"),
	BUILD_SIZE(headers, PAGE_BYTES, "8MiB", "files that processes choose from, popular ones more often"),
	BUILD_SIZE(include, PAGE_BYTES, "32KiB", "size of one of them"),
	{ "includes", JSON_UINT(struct pattern_spec, includes, 0, 4096), .standard = "16",
	  .doc = "how many of them a process reads" },
	BUILD_SIZE(source, PAGE_BYTES, "32KiB", "another file for each process, which reads it"),
	BUILD_SIZE(object, PAGE_BYTES, "32KiB", "and one that it writes"),
	{ "touches", JSON_UINT(struct pattern_spec, touches, 1, 65536), .standard = "16",
	  .doc =
	      "accesses a page of the heap: the first one to it, the others by turns to the text and to the "
	      "heap so far, where the latest page is the most popular" },
	SKEW,
	WRITES,
	THINK_ACCESS,
	{ 0 },
};
static const struct json_table build_table = {
	"build", sizeof(struct pattern_spec), build_fields,
	.doc =
	    "A job of `make -j` (\"count\" of them): compilers, \"repeat\" of them one after the other, "
	    "each a "
	    "process of its own that reads source and headers, works on a heap that grows, writes an object "
	    "file and exits.",
	.check = check_build
};

#define CALLS                                                                                                \
	{                                                                                                    \
		EXTENT, PASSES("calls"), THINK("time between two calls"),                                    \
		{                                                                                            \
			0                                                                                    \
		}                                                                                            \
	}
static const struct json_field pageout_fields[] = CALLS;
TABLE(pageout, "madvise(MADV_PAGEOUT) of the whole size, again and again; no accesses.");
static const struct json_field dontneed_fields[] = CALLS;
TABLE(dontneed, "The same with MADV_DONTNEED: pages and slots are free at once.");
static const struct json_field free_fields[] = CALLS;
TABLE(free, "The same with MADV_FREE: slots are free at once, pages when memory is short, unless they were "
	    "written again.");
static const struct json_field willneed_fields[] = CALLS;
TABLE(willneed,
      "The same with MADV_WILLNEED: swapped pages are read into the swap cache, and nobody waits for "
      "them.");

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
	{ "think", JSON_DURATION(struct trace_spec, think_ns, 0, THINK_MAX_NS), .standard = "0ns",
	  .doc =
	      "time before an access beside what the trace says, for one that was recorded without times" },
	{ 0 },
};
static const struct json_table trace_table = { "trace", sizeof(struct trace_spec), trace_fields,
					       .doc =
						   "The accesses of a recorded program, in their own time.",
					       .check = check_trace };

#define GENERATED(name, text)                                                                                \
	{                                                                                                    \
#name, JSON_OPTIONAL(struct workload_spec, name, &name##_table), .group = "pattern",         \
										 .doc = text                 \
	}

static const struct json_field workload_fields[] = {
	GENERATED(seq, "sweeps over the pages"),
	GENERATED(back, "sweeps downwards"),
	GENERATED(stride, "sweeps over every 8th page"),
	GENERATED(rand, "uniform random accesses"),
	GENERATED(zipf, "skewed random accesses"),
	GENERATED(zipfloc, "skewed random accesses, popular pages side by side"),
	GENERATED(hotcold, "a hot set that moves"),
	GENERATED(objects, "objects of one size at random"),
	GENERATED(churn, "chunks given back and filled again"),
	GENERATED(rounds, "swapped out as a whole, used in parts, again and again"),
	GENERATED(usemem, "usemem of vm-scalability"),
	GENERATED(build, "compilers, one after the other"),
	GENERATED(pageout, "MADV_PAGEOUT"),
	GENERATED(dontneed, "MADV_DONTNEED"),
	GENERATED(free, "MADV_FREE"),
	GENERATED(willneed, "MADV_WILLNEED"),
	{ "trace", JSON_OPTIONAL(struct workload_spec, trace, &trace_table), .group = "pattern",
	  .doc = "replay of a trace" },
	{ 0 },
};
const struct json_table workload_table = { "workload", sizeof(struct workload_spec), workload_fields,
					   .doc = "What a task does with its memory." };

#define OF(name, pattern)                                                                                    \
	{                                                                                                    \
		pattern, offsetof(struct workload_spec, name)                                                \
	}
static const struct {
	enum pattern pattern;
	size_t offset;
} generated[] = {
	OF(seq, PATTERN_SEQ),	  OF(back, PATTERN_BACK),	  OF(stride, PATTERN_STRIDE),
	OF(rand, PATTERN_RAND),	  OF(zipf, PATTERN_ZIPF),	  OF(zipfloc, PATTERN_ZIPFLOC),
	OF(usemem, PATTERN_SEQ),  OF(hotcold, PATTERN_HOTCOLD),	  OF(objects, PATTERN_OBJECTS),
	OF(churn, PATTERN_CHURN), OF(pageout, PATTERN_PAGEOUT),	  OF(dontneed, PATTERN_DONTNEED),
	OF(free, PATTERN_FREE),	  OF(willneed, PATTERN_WILLNEED), OF(rounds, PATTERN_ROUNDS),
	OF(build, PATTERN_BUILD),
};

static const struct pattern_spec *spec_at(const struct workload_spec *w, size_t offset)
{
	return *(struct pattern_spec *const *)(const void *)((const char *)w + offset);
}

enum pattern workload_pattern(const struct workload_spec *w)
{
	for (u32 i = 0; i < ARRAY_SIZE(generated); i++)
		if (spec_at(w, generated[i].offset))
			return generated[i].pattern;
	return PATTERN_TRACE;
}

const struct pattern_spec *workload_generated(const struct workload_spec *w)
{
	for (u32 i = 0; i < ARRAY_SIZE(generated); i++)
		if (spec_at(w, generated[i].offset))
			return spec_at(w, generated[i].offset);
	return NULL;
}

u32 pattern_pages(const struct pattern_spec *p)
{
	if (p->heap.value)
		return (u32)((p->text.value + p->heap.value) / PAGE_BYTES);
	return p->pages ? p->pages : (u32)(p->size.value / PAGE_BYTES);
}

u32 build_text_pages(const struct pattern_spec *p)
{
	return (u32)(p->text.value / PAGE_BYTES);
}

u32 build_file_pages(const struct pattern_spec *p, u32 processes)
{
	return (u32)((p->text.value + p->headers.value + processes * (p->source.value + p->object.value)) /
		     PAGE_BYTES);
}

bool workload_may_fill(const struct workload_spec *w)
{
	return !w->trace && !w->usemem && !w->build && !pattern_advises(workload_pattern(w));
}

bool pattern_is_zipf(enum pattern pattern)
{
	return pattern == PATTERN_ZIPF || pattern == PATTERN_ZIPFLOC;
}

/* Sweeps are given by passes over all pages, calls by their number, and the others by their accesses. */
static u64 accesses_of(const struct pattern_spec *p, const struct workload *w)
{
	if (pattern_advises(w->pattern))
		return p->passes;
	if (w->pattern == PATTERN_ROUNDS)
		return p->passes * (1 + w->pieces + w->refills);
	if (w->pattern == PATTERN_BUILD)
		return (u64)(w->pages - w->text_pages) * w->touches;
	return p->passes ? p->passes * w->pages * MAX(w->touches, 1) : p->accesses;
}

static void rounds_describe(const struct pattern_spec *p, struct workload *w)
{
	w->piece_pages = (u32)(p->piece.value / PAGE_BYTES);
	w->pieces = (u32)(p->touch.value / p->piece.value);
	w->refills = (u32)(p->refill.value / p->chunk.value);
	w->chunks = (u32)((u64)w->pages * PAGE_BYTES / p->chunk.value);
	w->phases = ROUNDS_PARTS;
}

/* Of usemem's own words, those that are not a task's or a sweep's. */
static void usemem_describe(const struct pattern_spec *p, struct workload *w)
{
	w->touches = (u32)(PAGE_BYTES / p->step.value);
	w->munmap = true;
	if (p->random)
		w->pattern = PATTERN_RAND;
}

static void objects_describe(const struct pattern_spec *p, struct workload *w)
{
	w->object_bytes = (u32)p->object.value;
	w->objects = (u32)((u64)w->pages * PAGE_BYTES / p->object.value);
}

static void build_describe(const struct pattern_spec *p, struct workload *w)
{
	w->text_pages = build_text_pages(p);
	w->data_pages = (u32)(p->data.value / PAGE_BYTES);
	w->header_files = (u32)(p->headers.value / p->include.value);
	w->header_pages = (u32)(p->include.value / PAGE_BYTES);
	w->includes = p->includes;
	w->source_pages = (u32)(p->source.value / PAGE_BYTES);
	w->object_pages = (u32)(p->object.value / PAGE_BYTES);
	w->touches = p->touches;
}

void workload_describe(const struct workload_spec *spec, struct workload *w)
{
	const struct pattern_spec *p = workload_generated(spec);

	w->pattern = workload_pattern(spec);
	w->pages = pattern_pages(p);
	if (spec->usemem)
		usemem_describe(p, w);
	w->write_permille = spec->usemem && !p->readonly ? 1000 : p->write_permille;
	w->update = p->writes == WRITE_UPDATE;
	w->gap_ps = (u32)p->think_ns * 1000;
	w->stride = p->stride;
	w->phases = p->phases;
	w->chunks = MIN(p->chunks, w->pages);
	w->order = p->order;
	w->n_order = p->n_order;
	w->advice = p->advice;
	if (spec->objects)
		objects_describe(p, w);
	w->hot_permille = p->hot_accesses_permille;
	w->hot_pages = (u32)MAX((u64)w->pages * p->hot_permille / 1000, 1);
	if (spec->rounds)
		rounds_describe(p, w);
	if (spec->build)
		build_describe(p, w);
	w->accesses = accesses_of(p, w);
}

u64 workload_accesses(const struct workload_spec *spec)
{
	struct workload w = { 0 };

	workload_describe(spec, &w);
	if (w.pattern == PATTERN_ROUNDS)
		return w.accesses / (1 + w.pieces + w.refills) *
		       ((u64)w.pieces * w.piece_pages + (u64)w.refills * (w.pages / w.chunks));
	return w.pattern == PATTERN_CHURN ? w.accesses * MAX(w.pages / w.chunks, 1) : w.accesses;
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
