/*
 * The objects of a scenario other than "machine" and "workload".
 */
#include <string.h>

#include "models/block/device.h"
#include "models/scenario.h"
#include "models/scenario_spec.h"
#include "sim/suggest.h"

enum { PAGE_BYTES = 4096 };

static const char *const discard_names[] = { "none", "once", "pages", NULL };
static const char *const fill_names[] = { "random", "zero", "const", NULL };
static const struct json_pattern oom_score_adj = { "-?(1000|[1-9][0-9]{0,2}|0)",
						   "a number from -1000 to 1000" };
const struct json_pattern scenario_device_number = { "0|[1-9][0-9]?", "a place in \"swap\", from 0" };
static const struct json_pattern cpu_number = { "0|[1-9][0-9]{0,3}", "a number" };
static const struct json_pattern kind_name = { "[a-z0-9][a-z0-9-]*", "a name: small letters, digits, -" };

/* ---- swap ---- */

static bool check_discard(const struct swap_spec *s, const struct json_at *at, GError **error)
{
	const struct device_model *list;
	GString *names;
	u32 n;

	if (s->discard == DISCARD_NONE || device_discards(device_model_find(s->device)))
		return true;
	list = device_model_list(&n);
	names = g_string_new(NULL);
	for (u32 i = 0; i < n; i++)
		if (device_discards(&list[i]))
			g_string_append_printf(names, "%s%s", names->len ? ", " : "", list[i].name);
	json_at_error(at, error, "discard", "%s cannot discard (expected \"none\", or one of %s)", s->device,
		      names->str);
	g_string_free(names, TRUE);
	return false;
}

static bool unknown_device(const char *device, const struct json_at *at, GError **error)
{
	u32 n;
	const struct device_model *list = device_model_list(&n);
	const char **names = g_new0(const char *, n + 1);
	const char *near;
	char *all;

	for (u32 i = 0; i < n; i++)
		names[i] = list[i].name;
	all = g_strjoinv(", ", (char **)names);
	near = suggest(device, names);
	json_at_error(at, error, "device", "unknown device \"%s\" (%s%s%s)", device,
		      near ? "did you mean \"" : "expected one of ", near ? near : all, near ? "\"?" : "");
	g_free(all);
	g_free(names);
	return false;
}

static bool check_swap(const void *object, const struct json_at *at, GError **error)
{
	const struct swap_spec *s = object;

	if (s->size.value % PAGE_BYTES)
		return json_at_error(at, error, "size",
				     "is not in whole pages (expected a multiple of 4KiB)");
	return device_model_find(s->device) ? check_discard(s, at, error)
					    : unknown_device(s->device, at, error);
}

static const struct json_field swap_fields[] = {
	{ "device", JSON_STRING(struct swap_spec, device, &kind_name), .required = true,
	  .doc = "model, one of `swapsim list devices`: `zram-lz4`, `nvme-client`, ..." },
	{ "size", JSON_SIZE(struct swap_spec, size, 2 * PAGE_BYTES, SCENARIO_SWAP_PAGES_MAX *PAGE_BYTES),
	  .required = true, .doc = "of the device, in whole pages; the first holds the header" },
	{ "priority", JSON_UINT(struct swap_spec, priority, 1, 32767),
	  .doc =
	      "swapon --priority: higher ones are used first, equal ones in turn; those without come last, "
	      "one after the other, and from 7.0 on in turn, too" },
	{ "discard", JSON_ENUM(struct swap_spec, discard, discard_names),
	  .doc = "swapon --discard: the whole device before the run (`once`), or every cluster that becomes "
		 "empty (`pages`)" },
	{ "nomerges", JSON_UINT(struct swap_spec, nomerges, 0, 2), .standard = "0",
	  .doc = "queue attribute of that name: with 2 no bio is merged and a plug is sent by the number of "
		 "its requests only" },
	{ "swapon", JSON_BOOL(struct swap_spec, swapon), .standard = "true",
	  .doc = "false: it is not there from the start, but for a `swapon` in \"operations\" or of a task" },
	{ 0 },
};
static const struct json_table swap_table = { "swap", sizeof(struct swap_spec), swap_fields,
					      .doc = "A swap device.", .check = check_swap };

/* ---- cgroups ---- */

static const struct json_field cgroup_fields[] = {
	{ "name", JSON_STRING(struct cgroup_spec, name, &json_identifier), .required = true,
	  .doc = "unique" },
	{ "parent", JSON_STRING(struct cgroup_spec, parent, &json_identifier),
	  .doc = "another cgroup; without it the root" },
	{ "memory.max", JSON_SIZE(struct cgroup_spec, max, PAGE_BYTES, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "max",
	  .doc = "limit, rounded down to whole pages; a percentage is one of the data of the processes in it "
		 "and "
		 "below it" },
	{ "memory.swap.max", JSON_SIZE(struct cgroup_spec, swap_max, 0, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "max",
	  .doc =
	      "limit of swap, cgroup v2; when it is met pages stay in memory, and when nothing else can be "
	      "reclaimed the OOM killer comes" },
	{ "memory.memsw.max", JSON_SIZE(struct cgroup_spec, memsw_max, PAGE_BYTES, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "max",
	  .doc = "limit of memory and swap together, cgroup v1 (its memory.memsw.limit_in_bytes)" },
	{ "memory.high", JSON_SIZE(struct cgroup_spec, high, 0, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "max",
	  .doc = "above it tasks have to reclaim what they charge, and sleep when that is not enough; no OOM "
		 "kill" },
	{ "memory.swap.high", JSON_SIZE(struct cgroup_spec, swap_high, 0, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "max",
	  .doc = "when that much swap is used, tasks that allocate sleep" },
	{ "memory.min", JSON_SIZE(struct cgroup_spec, min, 0, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "0",
	  .doc = "memory that no reclaim from above takes from it, be it that processes are killed" },
	{ "memory.low", JSON_SIZE(struct cgroup_spec, low, 0, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "0",
	  .doc = "memory that reclaim from above takes from it only if there is none without protection" },
	{ "memory.zswap.max", JSON_SIZE(struct cgroup_spec, zswap_max, 0, UINT64_C(1) << 50),
	  .words = JSON_MAX | JSON_PERCENT, .standard = "max",
	  .doc = "limit of what zswap keeps of it, compressed; 0: nothing is kept" },
	{ "memory.zswap.writeback", JSON_BOOL(struct cgroup_spec, zswap_writeback), .standard = "true",
	  .doc = "false: with zswap nothing of it, or of what is below it, goes to a swap device" },
	{ "memory.oom.group", JSON_BOOL(struct cgroup_spec, oom_group),
	  .doc = "the OOM killer takes all processes in it and below it, or none" },
	{ 0 },
};
static const struct json_table cgroup_table = { "cgroup", sizeof(struct cgroup_spec), cgroup_fields,
						.doc = "A control group." };

/* ---- operations ---- */

#define CGROUP_FILE(file, key, allowed, text)                                                                \
	{                                                                                                    \
		key, JSON_SIZE(struct operation_spec, value[file], 0, UINT64_C(1) << 50),                    \
		    .words = (allowed), .group = "file", .doc = text                                         \
	}

static const struct json_field operation_fields[] = {
	{ "at", JSON_DURATION(struct operation_spec, at, 0, UNITS_MAX), .required = true,
	  .doc = "simulated time" },
	{ "cgroup", JSON_STRING(struct operation_spec, cgroup, &json_identifier),
	  .doc = "one of \"cgroups\", whose file it is; not of swap devices" },
	CGROUP_FILE(CGROUP_MEMORY_RECLAIM, "memory.reclaim", JSON_PERCENT,
		    "so much is reclaimed, or what can be; protection counts"),
	CGROUP_FILE(CGROUP_MEMORY_MAX, "memory.max", JSON_MAX | JSON_PERCENT,
		    "the limit, from then on: what is above is reclaimed, and what cannot be, killed"),
	CGROUP_FILE(CGROUP_MEMORY_HIGH, "memory.high", JSON_MAX | JSON_PERCENT,
		    "from then on; what is above is reclaimed, as far as it can be"),
	CGROUP_FILE(CGROUP_MEMORY_MIN, "memory.min", JSON_MAX | JSON_PERCENT, "from then on"),
	CGROUP_FILE(CGROUP_MEMORY_LOW, "memory.low", JSON_MAX | JSON_PERCENT, "from then on"),
	CGROUP_FILE(CGROUP_MEMORY_SWAP_MAX, "memory.swap.max", JSON_MAX | JSON_PERCENT,
		    "from then on; what is swapped out stays there"),
	CGROUP_FILE(CGROUP_MEMORY_ZSWAP_MAX, "memory.zswap.max", JSON_MAX | JSON_PERCENT,
		    "from then on; what is kept stays there"),
	CGROUP_FILE(CGROUP_MEMORY_SWAP_HIGH, "memory.swap.high", JSON_MAX | JSON_PERCENT, "from then on"),
	{ "swapoff", JSON_STRING(struct operation_spec, swapoff, &scenario_device_number), .words = JSON_BARE,
	  .group = "file",
	  .doc =
	      "this device of \"swap\", from 0, is swapped off: all that is on it is read back; if there is "
	      "too little memory for that, it stays" },
	{ "swapon", JSON_STRING(struct operation_spec, swapon, &scenario_device_number), .words = JSON_BARE,
	  .group = "file", .doc = "this device of \"swap\", which is off, is there again, and empty" },
	{ 0 },
};

static bool check_operation(const void *object, const struct json_at *at, GError **error)
{
	const struct operation_spec *o = object;
	const char *call = o->swapoff ? "swapoff" : o->swapon ? "swapon" : NULL;

	if (call)
		return !o->cgroup ||
		       json_at_error(at, error, "cgroup", "is of no use to \"%s\" (expected none)", call);
	return o->cgroup ||
	       json_at_error(at, error, "", "missing key \"cgroup\" (expected %s)", json_identifier.what);
}

static const struct json_table operation_table = {
	"operation", sizeof(struct operation_spec), operation_fields,
	.doc = "Somebody writes to a file of a cgroup, cgroup v2, or swaps a device off or on: a task of its "
	       "own that does nothing else. Nothing comes of it when all other tasks are done before.",
	.check = check_operation
};

/* ---- processes and tasks ---- */

static bool contents_agree(const char *contents, enum fill_kind fill, const struct json_at *at,
			   GError **error)
{
	GString *names;

	if (contents && fill != FILL_RANDOM)
		return json_at_error(at, error, "contents",
				     "contradicts \"fill\": \"%s\" (expected one of the two)",
				     fill_names[fill]);
	if (!contents || corpus_find(contents))
		return true;
	names = g_string_new(NULL);
	for (u32 i = 0; corpus_name(i); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", corpus_name(i));
	json_at_error(at, error, "contents", "unknown contents \"%s\" (expected one of %s)", contents,
		      names->str);
	g_string_free(names, TRUE);
	return false;
}

static const char *const advised_names[] = { "none", "hugepage", NULL }; /* as enum advised */
static bool memory_agrees(const struct memory_spec *m, const struct json_at *at, GError **error)
{
	const char *key = m->backing != BACKING_ANON ? "backing"
			  : m->files		     ? "files"
			  : m->contents		     ? "contents"
			  : m->fill != FILL_RANDOM   ? "fill"
						     : NULL;

	if (m->shares && key)
		return json_at_error(at, error, key,
				     "is a matter of the shared memory (expected in \"shared_memory\")");
	if (m->stack_pages > m->overhead_pages)
		return json_at_error(
		    at, error, "stack_pages",
		    "is more than overhead_pages, which it is a part of (expected %u at most)",
		    m->overhead_pages);
	if (m->stack_used + m->stack_at_marks > m->stack_pages)
		return json_at_error(at, error, m->stack_used ? "stack_used" : "stack_at_marks",
				     "with stack_at_marks is more than stack_pages (expected %u at most)",
				     m->stack_pages);
	if (m->stack_pages && m->backing != BACKING_ANON)
		return json_at_error(at, error, "stack_pages",
				     "is excluded by \"backing\" (expected one of the two)");
	if (m->shares && m->mapping_pages)
		return json_at_error(at, error, "mapping_pages",
				     "is excluded by \"shares\" (expected one of the two)");
	return contents_agree(m->contents, m->fill, at, error);
}

static const char *const backing_names[] = { "anon", "file", "text", NULL };

#define CONTENTS_FIELDS(S, contents_, fill_)                                                                 \
	{ "contents", JSON_STRING(S, contents_, &kind_name),                                                 \
	  .doc = "what is in the pages, as far as a compressor can tell: `half-random` (the default), "      \
		 "`python-heap`, `elf-file`, `redis-benchmark`, `incompressible`, `zero`, `const`" },        \
	{                                                                                                    \
		"fill", JSON_ENUM(S, fill_, fill_names),                                                     \
		    .doc = "short for such contents: `random` means `half-random`"                           \
	}

#define MEMORY_FIELDS(S)                                                                                     \
	{ "backing", JSON_ENUM(S, memory.backing, backing_names),                                            \
	  .doc = "what the memory of a generated workload is: memory of its own (`anon`), a file that is "   \
		 "read in as it is "                                                                         \
		 "asked for, in place of a fill, and of which writes make private copies (`file`), or the "  \
		 "same with code in it, "                                                                    \
		 "which reclaim spares while it is used (`text`). A trace says itself which of its pages "   \
		 "are of files" },                                                                           \
	    { "files", JSON_STRING(S, memory.files, &json_identifier),                                       \
	      .doc = "a name for its files: processes with the same name here have the same ones, page by "  \
		     "page, and share what is in memory of them. Without it processes that replay the same " \
		     "trace do, and those of a task with workload `build`" },                                \
	    { "files_cached", JSON_BOOL(S, memory.files_cached), .standard = "false",                        \
	      .doc =                                                                                         \
		  "its files are in the page cache when the machine starts, as after an earlier run, and "   \
		  "charged to no cgroup but the root; without it they are read as they are asked for" },     \
	    CONTENTS_FIELDS(S, memory.contents, memory.fill),                                                \
	    { "madvise", JSON_ENUM(S, memory.advised, advised_names),                                        \
	      .doc = "`hugepage`: MADV_HUGEPAGE, so that it may be in large folios; see `thp` of the "       \
		     "machine" },                                                                            \
	    { "shares", JSON_STRING(S, memory.shares, &json_identifier),                                     \
	      .doc = "one of \"shared_memory\": all its memory is a mapping of that, from the beginning" },  \
	    { "overhead_pages", JSON_UINT(S, memory.overhead_pages, 0, 1u << 24), .standard = "61",          \
	      .doc = "charged to the process beyond its data and never reclaimed: page tables, binary, "     \
		     "stack" },                                                                              \
	    { "stack_pages", JSON_UINT(S, memory.stack_pages, 0, STACK_PAGES_MAX), .standard = "0",          \
	      .doc = "so many of them are the program's stack and data instead: anonymous memory in a "      \
		     "mapping of its own, written when the work begins, which reclaim may take" },           \
	    { "stack_used", JSON_UINT(S, memory.stack_used, 0, STACK_PAGES_MAX), .standard = "0",            \
	      .doc = "of stack_pages: so many are written to all the time, whatever the tasks do" },         \
	    { "stack_at_marks", JSON_UINT(S, memory.stack_at_marks, 0, STACK_PAGES_MAX), .standard = "0",    \
	      .doc = "and so many more where a phase begins or the work ends; what is left of them is not "  \
		     "used again" },                                                                         \
	    { "mapping_pages", JSON_UINT(S, memory.mapping_pages, 1, TRACE_PAGES_MAX),                       \
	      .doc = "pages of its first mapping, which ends with a page table; what is behind it is "       \
		     "another one, and readahead goes by each of them alone; without it there is but one" }, \
	{                                                                                                    \
		"oom_score_adj", JSON_STRING(S, memory.oom_score_adj, &oom_score_adj),                       \
		    .standard = "0",                                                                         \
		    .doc = "what the OOM killer adds to its size, in thousandths of what the cgroup may "    \
			   "use: `-500`; `-1000`: it is never killed"                                        \
	}

/* ---- shared memory ---- */

static bool check_shared_memory(const void *object, const struct json_at *at, GError **error)
{
	const struct shared_memory_spec *s = object;

	if (s->size.value % PAGE_BYTES)
		return json_at_error(at, error, "size",
				     "is not in whole pages (expected a multiple of 4KiB)");
	if (s->huge.value & (s->huge.value - 1))
		return json_at_error(at, error, "huge",
				     "is no size of a folio (expected 8KiB, 16KiB, ... 2MiB)");
	return contents_agree(s->contents, s->fill, at, error);
}

static const struct json_field shared_memory_fields[] = {
	{ "name", JSON_STRING(struct shared_memory_spec, name, &json_identifier), .required = true,
	  .doc = "unique" },
	{ "size", JSON_SIZE(struct shared_memory_spec, size, PAGE_BYTES, (u64)TRACE_PAGES_MAX *PAGE_BYTES),
	  .required = true, .doc = "in whole pages; nothing is there before it is touched" },
	{ "huge", JSON_SIZE(struct shared_memory_spec, huge, 2 * PAGE_BYTES, 512 * PAGE_BYTES),
	  .doc = "large folios of this size where there is memory and room for them, as with "
		 "hugepages-*kB/shmem_enabled of that size `always` and all others `never`; without it pages "
		 "come one by one" },
	CONTENTS_FIELDS(struct shared_memory_spec, contents, fill),
	{ 0 },
};
static const struct json_table shared_memory_table = {
	"shared_memory", sizeof(struct shared_memory_spec), shared_memory_fields,
	.doc = "Memory that processes map together (MAP_SHARED | MAP_ANONYMOUS, shmget(), a file on tmpfs). "
	       "Who touches a page first pays for it. It stays when they end.",
	.check = check_shared_memory
};

static bool check_process(const void *object, const struct json_at *at, GError **error)
{
	const struct process_spec *p = object;

	return memory_agrees(&p->memory, at, error);
}

static const struct json_field process_fields[] = {
	{ "name", JSON_STRING(struct process_spec, name, &json_identifier), .required = true,
	  .doc = "unique" },
	MEMORY_FIELDS(struct process_spec),
	{ 0 },
};
static const struct json_table process_table = {
	"process", sizeof(struct process_spec), process_fields,
	.doc = "An address space that tasks share. It is as large as the largest of its tasks' workloads.",
	.check = check_process
};

static bool check_task_stop(const void *object, const struct json_at *at, GError **error)
{
	const struct task_stop_spec *s = object;

	return s->after || s->accesses ||
	       json_at_error(at, error, "", "says nothing (expected \"after\", \"accesses\" or both)");
}

static const struct json_field task_stop_fields[] = {
	{ "after", JSON_DURATION(struct task_stop_spec, after, 1, UNITS_MAX),
	  .doc = "time since it began, its fill included" },
	{ "accesses", JSON_UINT(struct task_stop_spec, accesses, 1, UINT64_C(1) << 53),
	  .doc = "after the fill; of workloads of calls: calls; of churn: chunks" },
	{ 0 },
};
static const struct json_table task_stop_table = { "task_stop", sizeof(struct task_stop_spec),
						   task_stop_fields,
						   .doc = "When a task ends before its work is done: with "
							  "what comes first.",
						   .check = check_task_stop };

static bool check_task(const void *object, const struct json_at *at, GError **error)
{
	const struct task_spec *t = object;
	const char *key = t->memory.shares					? "shares"
			  : t->memory.contents					? "contents"
			  : t->memory.backing != BACKING_ANON			? "backing"
			  : t->memory.files					? "files"
			  : t->memory.fill != FILL_RANDOM			? "fill"
			  : t->memory.advised					? "madvise"
			  : t->memory.overhead_pages != SCENARIO_OVERHEAD_PAGES ? "overhead_pages"
			  : t->memory.stack_pages				? "stack_pages"
			  : t->memory.mapping_pages				? "mapping_pages"
			  : strcmp(t->memory.oom_score_adj, "0")		? "oom_score_adj"
										: NULL;

	if (t->fork_of && t->process)
		return json_at_error(at, error, "process",
				     "contradicts \"fork_of\" (expected none: it is forked)");
	if (t->fork_of && key && strcmp(key, "overhead_pages") && strcmp(key, "oom_score_adj"))
		return json_at_error(at, error, key, "is a matter of the parent (expected there)");
	if (t->start_within && (t->start || t->fork_of || t->script))
		return json_at_error(at, error, "start_within",
				     "is of threads that are there from the start (expected no \"start\", "
				     "\"fork_of\" or \"do\")");
	if (t->script && (t->count > 1 || t->start || t->stop || t->repeat > 1))
		return json_at_error(at, error, "do",
				     "is of one thread that is there from the start (expected no \"count\", "
				     "\"start\", \"stop\" or \"repeat\")");
	if (t->cpu && t->n_cpus)
		return json_at_error(at, error, "cpu", "is excluded by \"cpus\" (expected one of the two)");
	if (t->pause && t->repeat == 1)
		return json_at_error(at, error, "pause",
				     "stands without \"repeat\" (expected repeat 2 or more)");
	if (t->process && key)
		return json_at_error(at, error, key,
				     "is a matter of the process (expected in \"processes\")");
	return memory_agrees(&t->memory, at, error);
}

static const struct json_field task_fields[] = {
	{ "name", JSON_STRING(struct task_spec, name, &json_identifier), .required = true, .doc = "unique" },
	{ "count", JSON_UINT(struct task_spec, count, 1, SCENARIO_TASKS_MAX), .standard = "1",
	  .doc = "how many threads of this kind; their names are `name-0`, `name-1`, ..." },
	{ "process", JSON_STRING(struct task_spec, process, &json_identifier),
	  .doc = "one of \"processes\", which it shares; without it every thread is a process of its own" },
	{ "fork_of", JSON_STRING(struct task_spec, fork_of, &json_identifier),
	  .doc =
	      "a task before this one: its process forks, by this thread of it, for every thread here, "
	      "which begins with all that is in its parent's memory, and in the same cgroup unless it names "
	      "another (CLONE_INTO_CGROUP). `start` "
	      "counts from the parent's beginning, but the parent fills its memory first; with `repeat` it "
	      "is forked anew `pause` after its end. The parent waits for it before it ends" },
	{ "cgroup", JSON_STRING(struct task_spec, cgroup, &json_identifier),
	  .doc = "one of \"cgroups\"; without it the root, which has no limit" },
	{ "cpus", JSON_UINTS(struct task_spec, cpus, n_cpus, 0, SCENARIO_CPUS_MAX - 1, 0, SCENARIO_CPUS_MAX),
	  .doc = "thread i is pinned to element i modulo their number; empty: none is pinned" },
	{ "cpu", JSON_STRING(struct task_spec, cpu, &cpu_number), .words = JSON_BARE,
	  .doc = "where it begins; without it thread i of the scenario begins on CPU i, and round again. It "
		 "may go elsewhere" },
	{ "priority", JSON_UINT(struct task_spec, priority, 0, 99), .standard = "0",
	  .doc = "real-time priority (SCHED_FIFO), higher ones first; 0: a fair task" },
	MEMORY_FIELDS(struct task_spec),
	{ "start", JSON_DURATION(struct task_spec, start, 0, UNITS_MAX), .standard = "0ns",
	  .doc = "when it begins. The phase `NAME_begun` of the run begins with the last thread of the kind "
		 "that "
		 "starts late, `NAME_ended` when the last one has ended; these are all its phases" },
	{ "start_within", JSON_DURATION(struct task_spec, start_within, 0, UNITS_MAX), .standard = "0ns",
	  .doc = "its threads are there from the start, and begin their work at times drawn from so long: "
		 "processes that are forked one after the other are not in step" },
	{ "stop", JSON_OPTIONAL(struct task_spec, stop, &task_stop_table),
	  .doc = "when it ends; without it when its work is done. `NAME_ended` follows" },
	{ "repeat", JSON_UINT(struct task_spec, repeat, 1, 1000000), .standard = "1",
	  .doc = "how often it runs. A process whose last task has ended gives back its memory, and the next "
		 "task to begin in it finds it empty. `NAME_ended` follows the last time. One that the OOM "
		 "killer "
		 "took does not come back" },
	{ "pause", JSON_DURATION(struct task_spec, pause, 0, UNITS_MAX), .standard = "0ns",
	  .doc = "from its end until it begins again" },
	{ "workload", JSON_OPTIONAL(struct task_spec, workload, &workload_table), .group = "program",
	  .doc = "what it does" },
	{ "do", JSON_OBJECTS(struct task_spec, script, n_script, &do_table, 1, SCENARIO_SCRIPT_MAX),
	  .group = "program",
	  .doc = "what it does, one thing after the other; then it stops and keeps its memory" },
	{ 0 },
};
static const struct json_table task_table = { "task", sizeof(struct task_spec), task_fields,
					      .doc = "One thread, or `count` of a kind.",
					      .check = check_task };

const char *spec_corpus(const char *contents, enum fill_kind fill)
{
	if (contents)
		return contents;
	return fill == FILL_RANDOM ? "half-random" : fill_names[fill];
}

/* ---- the scenario ---- */

static const struct json_field stop_fields[] = {
	{ "after", JSON_DURATION(struct stop_spec, after, 1, UNITS_MAX),
	  .doc = "simulated time; without it when all tasks are done" },
	{ 0 },
};
static const struct json_table stop_table = { "stop", sizeof(struct stop_spec), stop_fields,
					      .doc = "When the run ends." };

static const struct json_field sample_fields[] = {
	{ "every", JSON_DURATION(struct sample_spec, every, 1000, UNITS_MAX), .standard = "20ms",
	  .doc = "simulated time between two rows of the time series" },
	{ 0 },
};
static const struct json_table sample_table = { "sample", sizeof(struct sample_spec), sample_fields,
						.doc = "The time series." };

static const struct json_field scenario_fields[] = {
	{ "format", JSON_UINT(struct scenario_spec, format, 1, 1), .required = true,
	  .doc = "version of this format" },
	{ "include", JSON_STRINGS(struct scenario_spec, include, n_include, NULL, 0, 16),
	  .doc =
	      "files, or presets as of `swapsim list presets`, whose objects are merged into this one; what "
	      "stands here goes before what stands there, and later ones before earlier ones" },
	{ "name", JSON_STRING(struct scenario_spec, name, &json_identifier), .required = true,
	  .doc = "of the scenario" },
	{ "description", JSON_STRING(struct scenario_spec, description, NULL), .doc = "what it shows" },
	{ "machine", JSON_OBJECT(struct scenario_spec, machine, &machine_table), .doc = "the machine" },
	{ "swap", JSON_OBJECTS(struct scenario_spec, swap, n_swap, &swap_table, 0, SCENARIO_DEVICES_MAX),
	  .doc = "swap devices, in the order in which they are added" },
	{ "cgroups",
	  JSON_OBJECTS(struct scenario_spec, cgroups, n_cgroups, &cgroup_table, 0, SCENARIO_CGROUPS_MAX),
	  .doc = "control groups beside the root" },
	{ "shared_memory",
	  JSON_OBJECTS(struct scenario_spec, shared, n_shared, &shared_memory_table, 0, SCENARIO_TASKS_MAX),
	  .doc = "memory that several processes share" },
	{ "processes",
	  JSON_OBJECTS(struct scenario_spec, processes, n_processes, &process_table, 0, SCENARIO_TASKS_MAX),
	  .doc = "address spaces that several tasks share" },
	{ "tasks", JSON_OBJECTS(struct scenario_spec, tasks, n_tasks, &task_table, 1, SCENARIO_TASKS_MAX),
	  .required = true, .doc = "the threads" },
	{ "operations",
	  JSON_OBJECTS(struct scenario_spec, operations, n_operations, &operation_table, 0,
		       SCENARIO_OPERATIONS_MAX),
	  .doc = "what is written to files of cgroups while they run" },
	{ "setup", JSON_OBJECTS(struct scenario_spec, setup, n_setup, &setup_table, 0, SCENARIO_SCRIPT_MAX),
	  .doc = "what tasks with \"do\" do before, one thing after the other in this order" },
	{ "schedule",
	  JSON_OBJECTS(struct scenario_spec, schedule, n_schedule, &schedule_table, 0, SCENARIO_SCHEDULE_MAX),
	  .doc = "who goes on when, of `swapsim race`; other commands take no notice" },
	{ "expect", JSON_MAP(struct scenario_spec, expect, n_expect, &json_word, 0, 64),
	  .doc =
	      "verdict of `swapsim race` by release, patches may follow: `ok`, `infeasible` or the name of "
	      "an invariant" },
	{ "stop", JSON_OBJECT(struct scenario_spec, stop, &stop_table), .doc = "when the run ends" },
	{ "sample", JSON_OBJECT(struct scenario_spec, sample, &sample_table), .doc = "the time series" },
	{ "sweep", JSON_CHOICES(struct scenario_spec, sweep, n_sweep, 1, 16),
	  .doc =
	      "what `swapsim sweep` varies: paths as of `--set` and values for each; `\"1..8\"` stands for "
	      "1, 2, ... 8. A value may be a whole list or object, such as one of `swap`. Other commands "
	      "take no notice" },
	{ 0 },
};
const struct json_table scenario_table = { "scenario", sizeof(struct scenario_spec), scenario_fields,
					   .doc = "A machine and what runs on it." };
