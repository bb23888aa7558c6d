/*
 * Accesses a second out of a trace file: the reader on a raw and on a zstd file, and the import of a CSV
 * file. The trace has no runs to gain by: zipf(0.9) over 65 536 scattered pages, 30 % writes, gaps of 1
 * to 64.
 */
#include "tests/bench/bench.h"

#include <glib/gstdio.h>

#include "sim/dist.h"
#include "sim/random.h"
#include "traces/export.h"
#include "traces/import.h"

enum { ACCESSES = 1u << 22, PAGES = 65536, RUNS_AT_ONCE = 1024, LEVEL = 3 };

struct file {
	char *folder;
	char *trace;
	char *csv;
	char *imported;
};

static void write_accesses(struct trace_writer *writer)
{
	const u64 stream = random_key(1, 9, 0);
	struct zipf *zipf = zipf_new(PAGES, 900);
	struct scatter scatter;

	scatter_init(&scatter, PAGES, 1);
	for (u64 i = 0; i < ACCESSES; i++) {
		u64 page = random_value(stream, 2 * i), more = random_value(stream, 2 * i + 1);

		BUG_ON(!trace_writer_access(writer, scatter_at(&scatter, zipf_at(zipf, page)),
					    random_below(more, 10) < 3 ? TRACE_WRITE : TRACE_READ,
					    1 + more % 64, NULL));
	}
	zipf_free(zipf);
}

static void *file_setup(int level)
{
	struct file *f = g_new0(struct file, 1);
	struct trace_writer *writer;

	f->folder = g_dir_make_tmp("bench-trace-XXXXXX", NULL);
	BUG_ON(!f->folder);
	f->trace = g_build_filename(f->folder, "a.swt", NULL);
	f->csv = g_build_filename(f->folder, "a.csv", NULL);
	f->imported = g_build_filename(f->folder, "b.swt", NULL);
	writer = trace_writer_new(f->trace, level, NULL);
	BUG_ON(!writer);
	write_accesses(writer);
	BUG_ON(!trace_writer_finish(writer, NULL));
	trace_writer_free(writer);
	return f;
}

static void *raw_setup(void)
{
	return file_setup(TRACE_LEVEL_RAW);
}

static void *zstd_setup(void)
{
	return file_setup(LEVEL);
}

static void file_free(void *context)
{
	struct file *f = context;

	g_unlink(f->trace);
	g_unlink(f->csv);
	g_unlink(f->imported);
	g_rmdir(f->folder);
	g_free(f->trace);
	g_free(f->csv);
	g_free(f->imported);
	g_free(f->folder);
	g_free(f);
}

static uint64_t read_all(void *context)
{
	const struct file *f = context;
	struct trace_reader *reader = trace_reader_open(f->trace, NULL);
	struct trace_run runs[RUNS_AT_ONCE];
	u64 accesses = 0;
	int n;

	BUG_ON(!reader);
	while ((n = trace_reader_next(reader, runs, RUNS_AT_ONCE, NULL)) > 0)
		for (int i = 0; i < n; i++)
			accesses += runs[i].count;
	trace_reader_close(reader);
	BUG_ON(accesses != ACCESSES);
	return accesses;
}

static void *csv_setup(void)
{
	struct file *f = raw_setup();

	BUG_ON(!trace_export_csv_file(f->trace, f->csv, NULL));
	return f;
}

static uint64_t import_csv(void *context)
{
	const struct file *f = context;
	const struct trace_import import = {
		.format = "csv", .in = f->csv, .out = f->imported, .level = TRACE_LEVEL_RAW
	};

	BUG_ON(!trace_import(&import, NULL));
	return ACCESSES;
}

static const struct bench benches[] = {
	{ "accesses out of a raw trace", BENCH_RATE, 500e6, 1000e6, read_all, raw_setup, file_free },
	{ "accesses out of a zstd trace", BENCH_RATE, 150e6, 300e6, read_all, zstd_setup, file_free },
	{ "accesses imported from CSV", BENCH_RATE, 40e6, 70e6, import_csv, csv_setup, file_free },
};

BENCH_MAIN(benches)
