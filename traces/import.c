#include "traces/import.h"

#include <string.h>

#include "sim/error.h"
#include "traces/importer.h"

enum format_kind {
	FORMAT_LINES,
	FORMAT_FILTERED, /* lines again, but of a recording that had a filter */
	FORMAT_EVENTS,	 /* and again, of a recording with tasks and kinds of events */
	FORMAT_BINARY,	 /* the importer opens the file itself */
};

static const struct format {
	const char *name;
	bool (*import)(struct importer *importer, GError **error);
	enum format_kind kind;
} formats[] = {
	{ "pages", import_pages, FORMAT_FILTERED },
	{ "access", import_access, FORMAT_LINES },
	{ "lackey-pages", import_lackey, FORMAT_FILTERED },
	{ "csv", import_csv, FORMAT_LINES },
	{ "lackey", import_lackey_raw, FORMAT_LINES },
	{ "oracle-general", import_oracle, FORMAT_BINARY },
	{ "masim", import_masim, FORMAT_LINES },
	{ "perf", import_perf, FORMAT_EVENTS },
	{ "ftrace", import_ftrace, FORMAT_EVENTS },
	{ "trace-cmd", import_trace_cmd, FORMAT_EVENTS },
	{ "blkparse", import_blkparse, FORMAT_EVENTS },
};

const char *const *trace_import_formats(void)
{
	static const char *const names[] = {
		"pages", "access", "lackey-pages", "csv",	"lackey",   "oracle-general",
		"masim", "perf",   "ftrace",	   "trace-cmd", "blkparse", NULL,
	};

	return names;
}

/* "==PID==", or a reference: "I  HEX,", " L HEX,", " S HEX,", " M HEX,". */
static bool looks_like_lackey(struct text line)
{
	u64 number;

	if (text_skip(&line, "=="))
		return text_decimal(&line, UINT32_MAX, &number) && text_skip(&line, "==");
	return (text_skip(&line, "I  ") || text_skip(&line, " L ") || text_skip(&line, " S ") ||
		text_skip(&line, " M ")) &&
	       text_hex(&line, &number) && text_skip(&line, ",");
}

/* "#regions", or "NAME, BYTES" where CSV has names alone. */
static bool looks_like_masim(struct text line)
{
	u64 number;

	if (text_skip(&line, "#regions") || text_skip(&line, "# regions"))
		return true;
	if (!g_ascii_isalpha(*line.at))
		return false;
	while (*line.at != ',' && *line.at != '\n')
		line.at++;
	return text_skip(&line, ", ") && text_decimal(&line, INT64_MAX, &number) &&
	       (*line.at == ',' || text_at_end(&line));
}

/* By the first line. Whatever is nothing else may be CSV; its importer says what it misses. */
static const char *guess_format(const struct text *text)
{
	struct text line = *text;
	const char *events;
	enum trace_op op;
	u64 number;

	if (text_skip(&line, "# swapsim-pages"))
		return "pages";
	if (importer_op(&line, &op) && *line.at == ' ')
		return "access";
	line.at = line.line;
	if (text_decimal(&line, INT64_MAX, &number) && text_skip(&line, " ") && importer_op(&line, &op))
		return "lackey-pages";
	if (looks_like_lackey(*text))
		return "lackey";
	if (looks_like_masim(*text))
		return "masim";
	if (import_blkparse_guess(text))
		return "blkparse";
	events = import_events_guess(text);
	return events ? events : "csv";
}

static bool usage(GError **error, const char *what, const char *argument)
{
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "%s: \"%s\"", what, argument);
	return false;
}

static bool add_marks(struct trace_header *header, const char *const *marks, GError **error)
{
	for (; marks && *marks; marks++) {
		const char *at = strrchr(*marks, '@'), *wrong;
		char *name;
		u64 access;

		if (!at || !g_ascii_string_to_unsigned(at + 1, 10, 0, INT64_MAX, &access, NULL))
			return usage(error, "malformed mark (NAME@ACCESSES)", *marks);
		name = g_strndup(*marks, (gsize)(at - *marks));
		wrong = trace_header_add_mark(header, name, access);
		g_free(name);
		if (wrong)
			return usage(error, wrong, *marks);
	}
	return true;
}

static void set_header(struct trace_header *header, const struct trace_import *options)
{
	trace_header_set_text(&header->program, options->program);
	trace_header_set_text(&header->recorded, options->recorded);
	trace_header_set_text(&header->licence, options->licence);
	trace_header_set_text(&header->note, options->note);
	if (options->filter_k)
		header->filter_k = options->filter_k;
	if (options->smallest_limit_pages)
		header->smallest_limit_pages = options->smallest_limit_pages;
	if (options->tick_ps)
		header->tick_ps = options->tick_ps;
}

/* Behind the note, as its further sentences. */
static void note_remarks(struct importer *importer)
{
	struct trace_header *header = importer->header;
	GString *note = g_string_new(header->note);

	if (!importer->remarks->len) {
		g_string_free(note, TRUE);
		return;
	}
	for (u32 i = 0; i < importer->remarks->len; i++)
		g_string_append_printf(note, "%s%s", note->len ? "; " : "",
				       (const char *)g_ptr_array_index(importer->remarks, i));
	trace_header_set_text(&header->note, note->str);
	g_string_free(note, TRUE);
}

static void hand_out_remarks(struct importer *importer)
{
	for (u32 i = 0; importer->options->remarks && i < importer->remarks->len; i++)
		g_ptr_array_add(importer->options->remarks,
				g_strdup(g_ptr_array_index(importer->remarks, i)));
}

static bool start_filter(struct importer *importer, const struct format *format, GError **error)
{
	u32 k = importer->options->filter_top;

	if (!k)
		return true;
	if (format->kind == FORMAT_FILTERED) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "traces of the format %s have been filtered already (no --filter-top)",
			    format->name);
		return false;
	}
	if (k > TOP_FILTER_MAX) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--filter-top %u: not possible (1 to %u)", k,
			    TOP_FILTER_MAX);
		return false;
	}
	importer->filter = g_new(struct top_filter, 1);
	top_filter_init(importer->filter, k);
	return true;
}

static void end_filter(struct importer *importer)
{
	struct trace_header *header = importer->header;

	if (!importer->filter)
		return;
	header->filter_k = MAX(header->filter_k, importer->options->filter_top);
	header->smallest_limit_pages = MAX(header->smallest_limit_pages, 4 * header->filter_k);
	header->ticks_after_last += importer->held;
}

static bool check_choice(const struct trace_import *options, const struct format *format, GError **error)
{
	if (options->numbering == TRACE_NUMBER_TABLES && format->import != import_lackey_raw) {
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_USAGE,
		    "traces of the format %s cannot be numbered by page table (no --numbering tables)",
		    format->name);
		return false;
	}
	if (format->kind == FORMAT_EVENTS ||
	    !(options->pids || options->comm || options->events || options->device))
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
		    "traces of the format %s have no tasks, events or devices to choose (no --pid, --comm, "
		    "--event, --device)",
		    format->name);
	return false;
}

static bool import_as(struct importer *importer, const struct format *format, GError **error)
{
	if (!check_choice(importer->options, format, error) || !start_filter(importer, format, error) ||
	    !format->import(importer, error))
		return false;
	end_filter(importer);
	return true;
}

static bool unknown_format(const char *name, GError **error)
{
	char *names = g_strjoinv(", ", (char **)trace_import_formats());

	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "no such trace format (%s): \"%s\"", names, name);
	g_free(names);
	return false;
}

static const struct format *find_format(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	}
	return NULL;
}

/* NULL is for the first line to decide. What has no lines is told by the name that its makers give it. */
static bool choose_format(const struct trace_import *options, const struct format **format, GError **error)
{
	char *base;

	*format = NULL;
	if (options->format) {
		*format = find_format(options->format);
		return *format || unknown_format(options->format, error);
	}
	if (options->preset) {
		*format = find_format("csv");
		return true;
	}
	base = g_path_get_basename(options->in);
	if (strstr(base, "oracleGeneral"))
		*format = find_format("oracle-general");
	g_free(base);
	return true;
}

static bool read_text(struct importer *importer, const struct format *format, GError **error)
{
	struct text *text = &importer->text;
	bool failed = false;

	if (!text_next(text, &failed, error))
		return failed ? false : text_error(text, error, "the trace is empty");
	if (text_skip(&(struct text){ .at = text->at }, "swapsim-trace 1"))
		return text_error(text, error,
				  "this is a trace already (swapsim trace info says what is in it)");
	if (!format && memchr(text->line, '\0', (size_t)(text->end - text->line)))
		return text_error(text, error, "this is not text (--format oracle-general, if it is that)");
	return import_as(importer, format ? format : find_format(guess_format(text)), error);
}

static bool read_all(struct importer *importer, GError **error)
{
	const char *in = importer->options->in;
	const struct format *format;
	bool good;

	if (!choose_format(importer->options, &format, error))
		return false;
	if (format && format->kind == FORMAT_BINARY)
		return import_as(importer, format, error);
	if (!text_open(&importer->text, in, error))
		return false;
	good = read_text(importer, format, error);
	text_close(&importer->text);
	return good;
}

static bool run(struct importer *importer, GError **error)
{
	const struct trace_import *options = importer->options;
	bool good;

	importer->writer = trace_writer_new(options->out, options->level, error);
	if (!importer->writer)
		return false;
	importer->header = trace_writer_header(importer->writer);
	good = add_marks(importer->header, options->marks, error) && read_all(importer, error);
	if (good) {
		set_header(importer->header, options);
		note_remarks(importer);
		good = trace_writer_finish(importer->writer, error);
	}
	if (good)
		hand_out_remarks(importer);
	if (importer->filter)
		top_filter_release(importer->filter);
	g_free(importer->filter);
	trace_writer_free(importer->writer);
	page_set_release(&importer->executed);
	page_set_release(&importer->data);
	return good;
}

bool trace_import(const struct trace_import *options, GError **error)
{
	struct importer importer = { .options = options };
	bool good;

	importer.remarks = g_ptr_array_new_with_free_func(g_free);
	good = run(&importer, error);
	if (!good && error)
		(*error)->message = text_printable((*error)->message);
	g_ptr_array_free(importer.remarks, TRUE);
	return good;
}
