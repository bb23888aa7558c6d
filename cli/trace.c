/*
 * trace.c - swapsim trace: traces in, described, and out.
 */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "sim/suggest.h"
#include "cli/trace_compare.h"
#include "cli/trace_report.h"
#include "sim/units.h"
#include "traces/export.h"
#include "traces/import.h"

enum { LEVEL_USUAL = 9 }; /* of zstd: small files, still fast to write */

struct import_options {
	char *format;
	char *output;
	char *program;
	char *recorded;
	char *licence;
	char *note;
	char **marks;
	char *columns;
	char *preset;
	char *time_unit;
	char *numbering;
	char *page_map;
	char *pids;
	char *comm;
	char *events;
	char *device;
	int level;
	int filter_k;
	int filter_top;
	int smallest_limit;
	int tick_ps;
	int rate;
	gint64 seed;
};

static const GOptionEntry import_entries[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct import_options, output), "the .swt file",
	  "OUT" },
	{ "format", 'F', 0, G_OPTION_ARG_STRING, OPTION(struct import_options, format),
	  "one of those docs/traces.md describes", "FORMAT" },
	{ "level", 0, 0, G_OPTION_ARG_INT, OPTION(struct import_options, level),
	  "of compression, 0 (none) to 19; default 9", "N" },
	{ "program", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, program), "what ran", "TEXT" },
	{ "recorded", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, recorded),
	  "how, and where it comes from", "TEXT" },
	{ "licence", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, licence), "of the trace",
	  "TEXT" },
	{ "note", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, note),
	  "whatever else there is to say", "TEXT" },
	{ "filter-k", 0, 0, G_OPTION_ARG_INT, OPTION(struct import_options, filter_k),
	  "the K most recently used pages left no records", "K" },
	{ "filter-top", 0, 0, G_OPTION_ARG_INT, OPTION(struct import_options, filter_top),
	  "drop references to the K most recently used pages", "K" },
	{ "smallest-limit", 0, 0, G_OPTION_ARG_INT, OPTION(struct import_options, smallest_limit),
	  "replays below that say nothing", "PAGES" },
	{ "tick-ps", 0, 0, G_OPTION_ARG_INT, OPTION(struct import_options, tick_ps), "a tick, in picoseconds",
	  "PS" },
	{ "rate", 0, 0, G_OPTION_ARG_INT, OPTION(struct import_options, rate),
	  "masim: accesses in a millisecond; default 1000", "N" },
	{ "seed", 0, 0, G_OPTION_ARG_INT64, OPTION(struct import_options, seed),
	  "masim: of what is random; default 0", "N" },
	{ "mark", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct import_options, marks),
	  "a phase begins after N accesses", "NAME@N" },
	{ "columns", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, columns),
	  "csv: field=column,...", "LIST" },
	{ "preset", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, preset),
	  "csv: msr, systor, spc, cphy-vscsi or twr instead of names", "LAYOUT" },
	{ "time-unit", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, time_unit),
	  "csv: of the times, ns (default), 100ns, us, ms or s", "UNIT" },
	{ "numbering", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, numbering),
	  "csv: by-column (default), keep, dense; lackey: dense (default), tables", "HOW" },
	{ "pid", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, pids),
	  "of recorded events: only these tasks'", "N,..." },
	{ "comm", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, comm),
	  "only those of tasks with this name", "NAME" },
	{ "event", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, events), "only these kinds",
	  "NAME,..." },
	{ "device", 0, 0, G_OPTION_ARG_STRING, OPTION(struct import_options, device),
	  "only requests of this device", "MAJOR,MINOR" },
	{ "page-map", 0, 0, G_OPTION_ARG_FILENAME, OPTION(struct import_options, page_map),
	  "csv: write page,key lines", "FILE" },
	{ 0 },
};

static const struct usage import_usage = {
	.command = "trace import",
	.arguments = "IN",
	.summary = "Turns a trace into a .swt file. IN may be compressed (gzip, zstd); - is standard input.",
	.more = "Without --format the first line decides. docs/traces.md has the grammars.",
	.options = import_entries,
	.least = 1,
	.most = 1,
};

static bool parse_numbering(const char *text, enum trace_numbering *numbering, GError **error)
{
	static const char *const names[] = { [TRACE_NUMBER_BY_COLUMN] = "by-column",
					     [TRACE_NUMBER_KEEP] = "keep",
					     [TRACE_NUMBER_DENSE] = "dense",
					     [TRACE_NUMBER_TABLES] = "tables" };

	for (u32 i = 0; text && i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i], text)) {
			*numbering = i;
			return true;
		}
	}
	return !text || bad_value(error, "--numbering", text, "by-column, keep, dense or tables");
}

static bool check_import(const struct import_options *o, GError **error)
{
	if (!o->output) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "trace import: where to? (--output OUT.swt)");
		return false;
	}
	if (o->level < TRACE_LEVEL_RAW || o->level > TRACE_LEVEL_MAX) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--level %d: not possible (%d to %d)",
			    o->level, TRACE_LEVEL_RAW, TRACE_LEVEL_MAX);
		return false;
	}
	if (o->filter_k < 0 || o->filter_top < 0 || o->smallest_limit < 0 || o->tick_ps < 0 || o->rate < 0 ||
	    o->seed < 0) {
		g_set_error_literal(
		    error, SWAPSIM_ERROR, ERROR_USAGE,
		    "trace import: --filter-k, --filter-top, --smallest-limit, --tick-ps, --rate "
		    "and --seed are not negative");
		return false;
	}
	return true;
}

static bool trace_command_import(int argc, char **argv, GError **error)
{
	struct import_options o = { .level = LEVEL_USUAL };
	struct trace_import import = { 0 };
	bool good = arguments_parse(&import_usage, &o, &argc, &argv, error) && check_import(&o, error) &&
		    parse_numbering(o.numbering, &import.numbering, error);

	if (good) {
		import.format = o.format;
		import.in = argv[1];
		import.out = o.output;
		import.level = o.level;
		import.program = o.program;
		import.recorded = o.recorded;
		import.licence = o.licence;
		import.note = o.note;
		import.filter_k = (u32)o.filter_k;
		import.filter_top = (u32)o.filter_top;
		import.smallest_limit_pages = (u32)o.smallest_limit;
		import.tick_ps = (u32)o.tick_ps;
		import.rate = (u32)o.rate;
		import.seed = (u64)o.seed;
		import.marks = (const char *const *)o.marks;
		import.columns = o.columns;
		import.preset = o.preset;
		import.time_unit = o.time_unit;
		import.page_map = o.page_map;
		import.pids = o.pids;
		import.comm = o.comm;
		import.events = o.events;
		import.device = o.device;
		import.remarks = g_ptr_array_new_with_free_func(g_free);
		good = trace_import(&import, error);
		for (u32 i = 0; i < import.remarks->len; i++)
			fprintf(stderr, "swapsim: warning: %s: %s\n", import.in,
				(const char *)g_ptr_array_index(import.remarks, i));
		g_ptr_array_free(import.remarks, TRUE);
	}
	arguments_release(&import_usage, &o);
	return good;
}

/* A path, or the name of a bundled trace. */
static char *find_trace(const char *name)
{
	char *with_suffix, *bundled;

	if (g_file_test(name, G_FILE_TEST_EXISTS))
		return g_strdup(name);
	with_suffix = g_str_has_suffix(name, ".swt") ? g_strdup(name) : g_strconcat(name, ".swt", NULL);
	bundled = g_build_filename(data_dir(), "traces", with_suffix, NULL);
	g_free(with_suffix);
	if (g_file_test(bundled, G_FILE_TEST_EXISTS))
		return bundled;
	g_free(bundled);
	return g_strdup(name);
}

struct info_options {
	char *format;
};

static const GOptionEntry info_entries[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct info_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ 0 },
};

static const struct usage info_usage = {
	.command = "trace info",
	.arguments = "TRACE",
	.summary = "Says what is in a trace: counts, footprint, working set over time, misses of an LRU.\n"
		   "TRACE is a .swt file, or the name of a bundled one.",
	.options = info_entries,
	.least = 1,
	.most = 1,
};

static bool trace_command_info(int argc, char **argv, GError **error)
{
	struct info_options o = { 0 };
	enum table_format format = TABLE_TEXT;
	struct trace_info *info = NULL;
	bool good =
	    arguments_parse(&info_usage, &o, &argc, &argv, error) && parse_format(o.format, &format, error);

	if (good) {
		char *path = find_trace(argv[1]);

		info = trace_info_new(path, error);
		g_free(path);
		good = info;
	}
	if (info) {
		char *text = trace_report(info, format);

		good = print_result(text, error);
		g_free(text);
		trace_info_free(info);
	}
	arguments_release(&info_usage, &o);
	return good;
}

struct export_options {
	char *output;
};

static const GOptionEntry export_entries[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct export_options, output),
	  "a file instead of standard output (-)", "OUT.csv" },
	{ 0 },
};

static const struct usage export_usage = {
	.command = "trace export",
	.arguments = "TRACE",
	.summary = "Writes a trace as CSV, to standard output or a file. trace import reads it back.",
	.options = export_entries,
	.least = 1,
	.most = 1,
};

static bool trace_command_export(int argc, char **argv, GError **error)
{
	struct export_options o = { 0 };
	bool good = arguments_parse(&export_usage, &o, &argc, &argv, error);

	if (good) {
		char *path = find_trace(argv[1]);

		good = o.output && strcmp(o.output, "-") ? trace_export_csv_file(path, o.output, error)
							 : trace_export_csv(path, stdout, error);
		g_free(path);
	}
	arguments_release(&export_usage, &o);
	return good;
}

static const struct usage *const parts[] = { &import_usage, &info_usage, &export_usage, &trace_compare_usage,
					     NULL };

const struct usage trace_usage = {
	.command = "trace",
	.arguments = "import|info|export|compare",
	.summary = "Traces of page accesses: from other tools' recordings, what is in them, as CSV, and "
		   "beside a run.",
	.parts = parts,
	.least = 1,
	.most = 1u << 20,
};

static const struct {
	const char *name;
	command_fn *run;
} commands[] = {
	{ "import", trace_command_import },
	{ "info", trace_command_info },
	{ "export", trace_command_export },
	{ "compare", trace_command_compare },
};

bool command_trace(int argc, char **argv, GError **error)
{
	static const char *const names[] = { "import", "info", "export", "compare", NULL };
	const char *near;

	for (u32 i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1, error);
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return print_result(
		    "usage: swapsim trace import [OPTION]... IN -o OUT.swt\n"
		    "       swapsim trace info TRACE\n"
		    "       swapsim trace export TRACE [-o OUT.csv]\n"
		    "       swapsim trace compare IN FILE\n\n"
		    "Each has a --help of its own. TRACE may be the name of a bundled trace.\n",
		    error);
	near = argc > 1 ? suggest(argv[1], names) : NULL;
	if (argc < 2)
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "trace: what? (import, info, export or compare)");
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "trace: %s: no such command (%s%s%s)", argv[1],
			    near ? "did you mean " : "import, info, export or compare", near ? near : "",
			    near ? "?" : "");
	return false;
}
