/*
 * traces.h - what must hold of every trace, whoever wrote it.
 */
#ifndef TESTS_FUZZ_TRACES_H
#define TESTS_FUZZ_TRACES_H

#include <glib/gstdio.h>

#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"
#include "traces/export.h"
#include "traces/import.h"

#define ROUND_TRIP_RUNS_MAX 10000 /* what takes longer proves no more */

/* From one end to the other: nothing in it may be beyond what its header says. The number of its runs; 0: it
 * is no trace. */
static inline u64 walk_trace(const char *path)
{
	GError *error = NULL;
	struct trace *trace = trace_load(path, &error);
	struct trace_cursor cursor = { 0 };
	u64 accesses = 0, runs;

	if (!fuzz_outcome(trace != NULL, &error))
		return 0;
	while (!trace_at_end(trace, cursor)) {
		u32 left = trace_run_left(trace, cursor);

		BUG_ON(trace_page(trace, cursor) >= trace->header.pages);
		BUG_ON(trace_run_last_page(&trace->runs[cursor.run]) >= trace->header.pages);
		accesses += left;
		trace_advance(trace, &cursor, left);
	}
	BUG_ON(accesses != trace->header.accesses);
	BUG_ON(trace_position(trace, trace_seek(trace, accesses / 2)) != accesses / 2);
	runs = trace->header.runs;
	trace_free(trace);
	return runs;
}

static inline void contents(const char *path, char **bytes, gsize *size)
{
	BUG_ON(!g_file_get_contents(path, bytes, size, NULL));
}

/* What our writer wrote is, exported and imported again, the same file. */
static inline void check_round_trip(const char *trace)
{
	char *csv = scratch_place("csv"), *again = scratch_place("again.swt"), *first, *second;
	struct trace_import options = { .format = "csv", .in = csv, .out = again };
	gsize before, after;

	BUG_ON(!trace_export_csv_file(trace, csv, NULL) || !trace_import(&options, NULL));
	contents(trace, &first, &before);
	contents(again, &second, &after);
	BUG_ON(before != after || memcmp(first, second, before));
	g_unlink(csv);
	g_unlink(again);
	g_free(first);
	g_free(second);
	g_free(csv);
	g_free(again);
}

#endif
