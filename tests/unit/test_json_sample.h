/*
 * test_json_sample.h - a small scenario with every kind of field, for the tests and the fuzzer of the JSON
 * reader.
 */
#ifndef TESTS_UNIT_TEST_JSON_SAMPLE_H
#define TESTS_UNIT_TEST_JSON_SAMPLE_H

#include "sim/json.h"

enum ties { TIES_FIFO, TIES_LIFO, TIES_SEED };

struct machine {
	u8 cpus;
	u64 seed;
	enum ties ties;
	bool numa;
	struct json_size memory;
	u64 tick;
	char *kernel;
};

struct cgroup {
	char *name;
	struct json_size max;
	struct json_size swap_max;
	u64 low;
	u64 high;
};

struct zipf {
	u32 pages;
	u16 skew;
};

struct workload {
	struct zipf *zipf;
	char *trace;
	u64 *loop;
	u32 n_loop;
	u32 idle_ms;
	u64 sleep;
	struct json_size fill;
};

struct op {
	char *name;
	struct op *then;
};

struct task {
	char *name;
	u32 count;
	struct workload workload;
	struct op *ops;
	u32 n_ops;
};

struct scenario {
	struct machine machine;
	struct cgroup *cgroups;
	u32 n_cgroups;
	struct task *tasks;
	u32 n_tasks;
	char **tags;
	u32 n_tags;
	u64 *marks;
	u32 n_marks;
	struct json_pair *expect;
	u32 n_expect;
	char *note;
};

static const char *const ties_names[] = { "fifo", "lifo", "seed", NULL };

static const struct json_field machine_fields[] = {
	{ "cpus", JSON_UINT(struct machine, cpus, 1, 64), .standard = "2", .doc = "CPUs" },
	{ "seed", JSON_UINT(struct machine, seed, 0, 1ull << 53), .standard = "1", .doc = "Seed" },
	{ "ties", JSON_ENUM(struct machine, ties, ties_names), .doc = "Order of equal times" },
	{ "numa", JSON_BOOL(struct machine, numa), .doc = "More than one node" },
	{ "memory", JSON_SIZE(struct machine, memory, 4096, UNITS_MAX), .standard = "1GiB", .doc = "Memory" },
	{ "tick", JSON_DURATION(struct machine, tick, 1000, 1000000000), .standard = "4ms", .doc = "Tick" },
	{ "kernel", JSON_STRING(struct machine, kernel, &json_word), .standard = "6.18", .doc = "Release" },
	{ 0 },
};
static const struct json_table machine_table = { "machine", sizeof(struct machine), machine_fields,
						 .doc = "The machine." };

static bool cgroup_check(const void *object, const struct json_at *at, GError **error)
{
	const struct cgroup *c = object;

	if (c->low <= c->high)
		return true;
	return json_at_error(at, error, "low", "is above \"high\" (expected at most %u)", (unsigned)c->high);
}

static const struct json_field cgroup_fields[] = {
	{ "name", JSON_STRING(struct cgroup, name, &json_identifier), .required = true, .doc = "Name" },
	{ "memory.max", JSON_SIZE(struct cgroup, max, 4096, 1ull << 40), .words = JSON_MAX | JSON_PERCENT,
	  .standard = "max", .doc = "Limit | `max`" },
	{ "memory.swap.max", JSON_SIZE(struct cgroup, swap_max, 0, UNITS_MAX), .words = JSON_MAX,
	  .doc = "Limit of swap" },
	{ "low", JSON_UINT(struct cgroup, low, 0, 1000), .doc = "At most `high`" },
	{ "high", JSON_UINT(struct cgroup, high, 0, 1000), .standard = "1000", .doc = "At least `low`" },
	{ 0 },
};
static const struct json_table cgroup_table = { "cgroup", sizeof(struct cgroup), cgroup_fields,
						.doc = "A control group.", .check = cgroup_check };

static const struct json_field zipf_fields[] = {
	{ "pages", JSON_UINT(struct zipf, pages, 1, UINT32_MAX), .required = true, .doc = "Pages" },
	{ "skew", JSON_UINT(struct zipf, skew, 0, 2000), .standard = "990", .doc = "Skew in thousandths" },
	{ 0 },
};
static const struct json_table zipf_table = { "zipf", sizeof(struct zipf), zipf_fields, .doc = "By rank." };

static const struct json_field workload_fields[] = {
	{ "zipf", JSON_OPTIONAL(struct workload, zipf, &zipf_table), .group = "kind", .doc = "Zipf" },
	{ "trace", JSON_STRING(struct workload, trace, NULL), .group = "kind", .doc = "Trace" },
	{ "loop", JSON_UINTS(struct workload, loop, n_loop, 0, 9, 1, 4), .group = "kind", .doc = "Pages" },
	{ "idle_ms", JSON_UINT(struct workload, idle_ms, 1, 9), .group = "kind", .doc = "Idle" },
	{ "sleep", JSON_DURATION(struct workload, sleep, 1, UNITS_MAX), .group = "kind", .doc = "Sleep" },
	{ "fill", JSON_SIZE(struct workload, fill, 0, UNITS_MAX), .group = "kind", .doc = "Fill" },
	{ 0 },
};
static const struct json_table workload_table = { "workload", sizeof(struct workload), workload_fields,
						  .doc = "What a task does." };

static const struct json_table op_table;
static const struct json_field op_fields[] = {
	{ "op", JSON_STRING(struct op, name, &json_identifier), .required = true, .doc = "Name" },
	{ "then", JSON_OPTIONAL(struct op, then, &op_table), .doc = "What follows" },
	{ 0 },
};
static const struct json_table op_table = { "op", sizeof(struct op), op_fields, .doc = "An operation." };

static const struct json_field task_fields[] = {
	{ "name", JSON_STRING(struct task, name, &json_identifier), .required = true, .doc = "Name" },
	{ "count", JSON_UINT(struct task, count, 1, 1000), .doc = "How many" },
	{ "workload", JSON_OBJECT(struct task, workload, &workload_table), .doc = "Work" },
	{ "do", JSON_OBJECTS(struct task, ops, n_ops, &op_table, 0, 100), .doc = "Operations" },
	{ 0 },
};
static const struct json_table task_table = { "task", sizeof(struct task), task_fields, .doc = "A thread." };

static const struct json_field scenario_fields[] = {
	{ "machine", JSON_OBJECT(struct scenario, machine, &machine_table), .doc = "Machine" },
	{ "cgroups", JSON_OBJECTS(struct scenario, cgroups, n_cgroups, &cgroup_table, 0, 8),
	  .doc = "Groups" },
	{ "tasks", JSON_OBJECTS(struct scenario, tasks, n_tasks, &task_table, 1, 8), .required = true,
	  .doc = "Tasks" },
	{ "tags", JSON_STRINGS(struct scenario, tags, n_tags, &json_identifier, 0, 3), .doc = "Tags" },
	{ "marks", JSON_UINTS(struct scenario, marks, n_marks, 1, UNITS_MAX, 0, 3), .doc = "Marks" },
	{ "expect", JSON_MAP(struct scenario, expect, n_expect, &json_word, 0, 4), .doc = "Verdicts" },
	{ "note", JSON_STRING(struct scenario, note, NULL), .doc = "Any text" },
	{ 0 },
};
static const struct json_table scenario_table = { "scenario", sizeof(struct scenario), scenario_fields,
						  .doc = "A scenario." };

#endif
