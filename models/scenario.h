/*
 * scenario.h - a scenario file, read, checked and turned into a machine.
 *
 * The JSON tables of each object stand in scenario_*.c beside one another; they drive parsing, defaults,
 * ranges, the schema and the reference page. A scenario is immutable once read; any number of machines may be
 * built of it, for other releases and seeds than its own.
 */
#ifndef MODELS_SCENARIO_H
#define MODELS_SCENARIO_H

#include "models/kernel.h"
#include "sim/json_doc.h"

struct scenario;
extern const struct json_table scenario_table;
#define SCENARIO_TITLE "swapsim scenario, format 1" /* of its schema */

/*
 * Merges the files that its "include" names into a scenario: looked up beside the file that names them, then
 * among the bundled presets in @data_dir/scenarios. scenario_read() does so too; whoever changes the document
 * before does it first. ERROR_SCENARIO at the name, or in the file.
 */
bool scenario_include(struct json_doc *doc, const char *data_dir, GError **error);

/* Read and check. Files it names (traces) are looked up beside the scenario, then among the bundled ones in
 * @data_dir/traces. NULL and ERROR_SCENARIO (file:line:col: path: ...), or a trace's own error. */
struct scenario *scenario_read(struct json_doc *doc, const char *data_dir, GError **error);
void scenario_free(struct scenario *s);

const char *scenario_name(const struct scenario *s);
/* The release-with-patches it asks for. */
const char *scenario_kernel(const struct scenario *s);
u64 scenario_seed(const struct scenario *s);
u64 scenario_stop_ns(const struct scenario *s); /* TIME_NEVER: when all tasks are done */
/* How many operations a run that ended then never came to, and, if any, the earliest of them; but for those
 * that are warned of below. */
u32 scenario_operations_behind(const struct scenario *s, u64 end_ns, u32 *first);
u64 scenario_sample_ns(const struct scenario *s);
/* All of it, defaults filled in, as JSON that reads to the same scenario; the caller frees it. */
char *scenario_effective(const struct scenario *s);
/* Of the effective text: two scenarios of one hash are the same. */
u64 scenario_hash(const struct scenario *s);
/* What is doubtful but no error, as sentences; NULL-terminated. */
const char *const *scenario_warnings(const struct scenario *s);
/* Number of a cgroup in the results; 0: there is none of that name. */
u32 scenario_memcg(const struct scenario *s, const char *name);
/* All of them: "a, b"; the caller frees it. */
char *scenario_cgroup_names(const struct scenario *s);
/* Of the machine's task @i: "name" or, where there are several, "name-2"; the caller frees it. */
char *scenario_task_name(const struct scenario *s, u32 i);
/* Sum of the data of all processes, in pages: what percentages refer to. */
u64 scenario_footprint_pages(const struct scenario *s);

/* What a run may change: no fall-through and no inline hits (the slow way to the same result), checks. */
struct build_options {
	const char *kernel; /* NULL: the scenario's */
	u64 seed;
	enum ties ties;
	bool every_step;  /* one event per access and per step */
	bool audit_steps; /* lock order, contexts and invariants at every step */
	bool slots;	  /* the samples have every cluster's slots, too */
	log_fn *log;	  /* sees every step; NULL: nobody does */
	void *log_data;
};

/* A machine with its tasks, ready to run; the scenario must outlive it. */
struct kernel *scenario_build(const struct scenario *s, const struct build_options *options, GError **error);

#endif
