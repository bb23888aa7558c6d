/*
 * import_csv.c - comma-separated values with a line of column names, and what trace_export_csv() writes: the
 * same with the header as "# key: value" lines and the file pages as "# file: 0 2-5 ..." lines before it.
 * Comments that are neither are skipped. With a preset (csv_presets.h) there need be no names.
 */
#include "sim/error.h"
#include "traces/csv_plain.h"
#include "traces/csv_presets.h"
#include "traces/requests.h"

#define RUNS_AT_ONCE 256

struct csv {
	struct importer *importer;
	struct text *text;
	struct csv_columns columns;
	struct trace_header said; /* in the comments */
	u32 seen;
	bool dense;
	struct number_map numbers;
	bool first;
	bool names_missing; /* the first line is not one of names */
	u64 clock;	    /* of the line before */
	struct requests requests;
	GHashTable *names;	  /* of devices and objects: text -> number + 1 */
	struct number_map spaces; /* what a line names, as a chain of such numbers */
	GString *name;
	u64 held; /* ticks of lines that touch nothing */
	u64 skipped;
	u64 back; /* lines with a time before the one above */
};

/* Ranges "A" or "A-B" behind "# file:". */
static bool read_file_pages(struct csv *csv, GError **error)
{
	struct text *text = csv->text;
	u64 first, last;

	while (text_skip(text, " ")) {
		if (!text_decimal(text, TRACE_PAGES_MAX - 1, &first))
			return text_error(text, error, "no page (a number below 2^28)");
		last = first;
		if (text_skip(text, "-") && (!text_decimal(text, TRACE_PAGES_MAX - 1, &last) || last < first))
			return text_error(text, error, "no last page of a range (FIRST-LAST)");
		page_set_add_range(&csv->importer->header->file_pages, (u32)first, (u32)last);
	}
	return text_at_end(text) || text_error(text, error, "no file pages (# file: A B-C ...)");
}

static bool read_comment(struct csv *csv, GError **error)
{
	struct text *text = csv->text;
	bool known;

	if (text_skip(text, "# file:"))
		return read_file_pages(csv, error);
	if (text_skip(text, "# ")) {
		if (!trace_header_line(&csv->said, &csv->seen, text, &known, error))
			return false;
		if (known)
			return true;
	}
	text_skip_line(text);
	return true;
}

/* What the comments say goes to the writer, but for the counts, which are compared in the end. */
static bool take_header(struct csv *csv, GError **error)
{
	struct trace_header *to = csv->importer->header, *said = &csv->said;

	trace_header_set_text(&to->program, said->program);
	trace_header_set_text(&to->recorded, said->recorded);
	trace_header_set_text(&to->licence, said->licence);
	trace_header_set_text(&to->note, said->note);
	to->filter_k = said->filter_k;
	to->smallest_limit_pages = said->smallest_limit_pages;
	to->tick = said->tick;
	to->tick_ps = said->tick_ps;
	to->pages = said->pages;
	to->ticks_after_last = said->ticks_after_last;
	if (said->marks_count && csv->importer->filter)
		return text_error(
		    csv->text, error,
		    "its marks count accesses that the filter drops (no marks, or no --filter-top)");
	for (u32 i = 0; i < said->marks_count; i++) {
		const char *wrong = trace_header_add_mark(to, said->marks[i].name, said->marks[i].access);

		if (wrong)
			return text_error(csv->text, error, "%s", wrong);
	}
	return true;
}

static bool refuse_options(const char *what, GError **error)
{
	g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE, what);
	return false;
}

static bool choose_columns(struct csv *csv, GError **error)
{
	const struct trace_import *options = csv->importer->options;
	struct csv_columns *columns = &csv->columns;
	bool names = true;

	if (options->preset && options->columns)
		return refuse_options("a preset and a column map (one of them)", error);
	if (!(options->preset ? csv_preset(columns, options->preset, csv->text, &names, error)
			      : csv_columns_read(columns, options->columns, csv->text, error)))
		return false;
	csv->names_missing = !names;
	if (names)
		text_skip_line(csv->text);
	if (options->time_unit && columns->clock != CSV_TIME)
		return refuse_options("a unit of time, but no column with a time (time=COLUMN)", error);
	if (options->time_unit && !csv_unit(options->time_unit, &columns->unit_ns, error))
		return false;
	if (columns->clock == CSV_TIME) {
		csv->said.tick = TRACE_TICK_NS;
		csv->said.tick_ps = 1000;
	}
	return true;
}

static bool choose_numbering(struct csv *csv, GError **error)
{
	enum trace_numbering numbering = csv->importer->options->numbering;

	csv->dense = numbering == TRACE_NUMBER_DENSE ||
		     (numbering == TRACE_NUMBER_BY_COLUMN && csv->columns.address != CSV_PAGE_NUMBER);
	if (!csv_columns_requests(&csv->columns))
		return true;
	if (numbering == TRACE_NUMBER_KEEP)
		return refuse_options("pages of requests are numbered as they are touched (not kept)", error);
	csv->dense = true;
	return true;
}

/* Comments and the line of names. */
static bool read_head(struct csv *csv, GError **error)
{
	struct text *text = csv->text;
	bool failed = false;

	while (*text->at == '#') {
		if (!read_comment(csv, error))
			return false;
		if (!text_next(text, &failed, error))
			return failed ? false
				      : importer_cut_short(csv->importer, "the line of column names", error);
	}
	return choose_columns(csv, error) && choose_numbering(csv, error) && take_header(csv, error);
}

static bool read_stride(struct text *text, s64 *stride)
{
	bool down = text_skip(text, "-");
	u64 number;

	if (!text_decimal(text, down ? -TRACE_STRIDE_MIN : TRACE_STRIDE_MAX, &number))
		return false;
	*stride = down ? -(s64)number : (s64)number;
	return true;
}

static bool field_error(const struct csv *csv, enum csv_field field, GError **error)
{
	static const char *const wrong[CSV_FIELDS] = {
		[CSV_SKIP] = "a quoted field (fields without quotes)",
		[CSV_OP] = "no kind of access (R, W or X)",
		[CSV_COUNT] = "no count (1 to 4294967295)",
		[CSV_STRIDE] = "no stride (-32 to 31)",
		[CSV_WHEN] = "no point in time or gap (a decimal number)",
		[CSV_SIZE] = "no size (0 bytes to 4 GiB)",
		[CSV_DEVICE] = "a quoted field (fields without quotes)",
	};
	const char *what = wrong[field];

	if (field == CSV_PAGE && csv->columns.address == CSV_OBJECT)
		what = wrong[CSV_SKIP];
	else if (field == CSV_OP && csv->columns.loose)
		what = "neither a read nor a write";
	else if (field == CSV_PAGE)
		what = csv->columns.hexadecimal ? "no page or address (a hexadecimal number below 2^64)"
						: "no page or address (a decimal number below 2^63)";
	return text_error(csv->text, error, "%s", what);
}

static bool skip_field(struct text *text)
{
	if (*text->at == '"')
		return false;
	while (*text->at != ',' && *text->at != '\n')
		text->at++;
	return true;
}

/* A device or an object: what the line named before, and this. */
static bool read_name(struct csv *csv, struct csv_line *line)
{
	struct text *text = csv->text;
	const char *start = text->at;
	u32 number;

	if (!skip_field(text))
		return false;
	g_string_truncate(csv->name, 0);
	g_string_append_len(csv->name, start, text->at - start);
	g_strchomp(csv->name->str);
	number = GPOINTER_TO_UINT(g_hash_table_lookup(csv->names, csv->name->str));
	if (!number) {
		number = g_hash_table_size(csv->names) + 1;
		g_hash_table_insert(csv->names, g_strdup(csv->name->str), GUINT_TO_POINTER(number));
	}
	line->space = number_map_get(&csv->spaces, (u64)line->space << 32 | number) + 1;
	return true;
}

static bool read_size(const struct csv *csv, struct csv_line *line)
{
	u32 shift = csv->columns.sectors ? 9 : 0;
	u64 size;

	if (!csv->columns.loose && (*csv->text->at == ',' || *csv->text->at == '\n')) {
		line->bytes = 1; /* not said */
		return true;
	}
	if (!text_decimal(csv->text, REQUEST_BYTES_MAX >> shift, &size))
		return false;
	line->bytes += size << shift;
	return line->bytes <= REQUEST_BYTES_MAX;
}

static inline bool read_op(const struct csv *csv, struct csv_line *line)
{
	struct text *text = csv->text;
	u32 meaning;

	if (likely(!csv->columns.loose && importer_op(text, &line->op))) {
		if (likely(*text->at == ',' || *text->at == '\n' || *text->at == '\r'))
			return true;
		text->at--;
	}
	meaning = csv_word(text, csv->columns.words);
	line->skip = meaning == CSV_WORD_SKIP;
	line->op = line->skip ? TRACE_READ : meaning;
	return meaning != CSV_WORD_WRONG;
}

static inline bool read_field(struct csv *csv, enum csv_field field, struct csv_line *line)
{
	struct text *text = csv->text;

	switch (field) {
	case CSV_PAGE:
		if (csv->columns.address == CSV_OBJECT)
			return read_name(csv, line);
		return csv->columns.hexadecimal ? text_hex(text, &line->place)
						: text_decimal(text, INT64_MAX, &line->place);
	case CSV_OP:
		return read_op(csv, line);
	case CSV_COUNT:
		return text_decimal(text, TRACE_COUNT_MAX, &line->count) && line->count;
	case CSV_STRIDE:
		return read_stride(text, &line->stride);
	case CSV_WHEN:
		return csv->columns.clock == CSV_TIME ? csv_time(text, csv->columns.unit_ns, &line->when)
						      : text_decimal(text, INT64_MAX, &line->when);
	case CSV_SIZE:
		return read_size(csv, line);
	case CSV_DEVICE:
		return read_name(csv, line);
	case CSV_SKIP:
	case CSV_FIELDS:
		break;
	}
	return skip_field(text);
}

static void skip_blanks(struct text *text)
{
	while (*text->at == ' ' || *text->at == '\t')
		text->at++;
}

static bool read_line(struct csv *csv, struct csv_line *line, GError **error)
{
	const struct csv_columns *columns = &csv->columns;
	struct text *text = csv->text;

	for (u32 i = 0; i < columns->count; i++) {
		if (i && unlikely(*text->at++ != ',')) {
			text->at--;
			return text_error(text, error, "not a comma (%u fields a line)", columns->count);
		}
		if (columns->loose)
			skip_blanks(text);
		if (unlikely(!read_field(csv, columns->field[i], line)))
			return field_error(csv, columns->field[i], error);
		if (columns->loose)
			skip_blanks(text);
	}
	if (columns->more && *text->at == ',')
		text_skip_line(text);
	return likely(text_at_end(text)) ||
	       text_error(text, error, "not the end of the line (%u fields a line)", columns->count);
}

/* The page's number in the trace. `at` is on the '\n' and stays there. */
static bool number_page(struct csv *csv, const struct csv_line *line, u32 *page, GError **error)
{
	u64 place = csv->columns.address == CSV_ADDRESS ? line->place >> 12 : line->place;
	s64 last;

	if (csv->dense)
		place = number_map_get(&csv->numbers, place);
	*page = (u32)place;
	last = (s64)MIN(place, TRACE_PAGES_MAX) + line->stride * (s64)(line->count - 1);
	if (likely(place < TRACE_PAGES_MAX && last >= 0 && last < TRACE_PAGES_MAX &&
		   (!csv->dense || line->count == 1)))
		return true;
	csv->text->at = csv->text->line;
	if (csv->dense && line->count > 1)
		return text_error(csv->text, error,
				  "a run cannot be numbered anew (count 1, or page numbers kept)");
	return text_error(csv->text, error, "a page that no trace has (0 to 268435455)");
}

/* Ticks since the access before. */
static bool read_clock(struct csv *csv, const struct csv_line *line, u64 *gap, GError **error)
{
	u64 before = csv->first && csv->columns.clock == CSV_TIME ? line->when : csv->clock;

	if (csv->columns.clock == CSV_NO_CLOCK) {
		*gap = 1;
	} else if (csv->columns.clock == CSV_GAP) {
		*gap = line->when;
	} else if (csv->columns.loose && line->when < before) {
		*gap = 0;
		csv->back++;
	} else {
		*gap = line->when - before;
		csv->clock = line->when;
	}
	csv->first = false;
	if (likely(*gap <= TRACE_GAP_MAX))
		return true;
	csv->text->at = csv->text->line;
	if (csv->columns.clock != CSV_GAP && line->when < before)
		return text_error(csv->text, error, "the clock goes back (%" G_GUINT64_FORMAT " or more)",
				  (guint64)before);
	return text_error(csv->text, error, "a gap that is too long (below 2^46 ticks)");
}

static void note_use(struct importer *importer, const struct trace_run *run)
{
	struct page_set *set = trace_op(run) == TRACE_EXEC ? &importer->executed : &importer->data;
	u32 last;

	if (trace_op(run) == TRACE_UNMAP)
		return;
	if (run->count == 1) {
		page_set_add(set, run->page);
		return;
	}
	last = trace_run_last_page(run);
	if (trace_stride(run) >= -1 && trace_stride(run) <= 1) {
		page_set_add_range(set, MIN(run->page, last), MAX(run->page, last));
		return;
	}
	for (u32 i = 0; i < run->count; i++)
		page_set_add(set, trace_run_page(run, i));
}

static bool pass_run_singly(struct csv *csv, const struct trace_run *run, GError **error)
{
	u64 gap = trace_gap(run);

	for (u32 i = 0; i < run->count; i++) {
		if (!importer_access(csv->importer, trace_run_page(run, i), trace_op(run), gap, error))
			return false;
		if (csv->columns.clock > CSV_GAP)
			gap = 0;
	}
	return true;
}

/* With a gap, each access of a run follows after it; with a clock, all happen at the time the line says. */
static bool pass_run(struct csv *csv, const struct csv_line *line, u32 page, u64 gap, GError **error)
{
	struct trace_writer *writer = csv->importer->writer;
	struct trace_run run = trace_run(page, (u32)line->count, (s32)line->stride, line->op, gap);
	struct trace_run rest;

	if (csv->importer->filter)
		return pass_run_singly(csv, &run, error);
	note_use(csv->importer, &run);
	if (run.count == 1 || csv->columns.clock <= CSV_GAP)
		return trace_writer_run(writer, &run, error);
	run.count = 1;
	rest = trace_run((u32)(page + line->stride), (u32)line->count - 1, (s32)line->stride, line->op, 0);
	return trace_writer_run(writer, &run, error) && trace_writer_run(writer, &rest, error);
}

static bool pass_request(struct csv *csv, const struct csv_line *line, u64 gap, GError **error)
{
	static const u32 shifts[] = { [CSV_PAGE_NUMBER] = 12,
				      [CSV_VIRTUAL_PAGE] = 12,
				      [CSV_ADDRESS] = 0,
				      [CSV_SECTOR] = 9,
				      [CSV_OBJECT] = 0 };
	u32 shift = shifts[csv->columns.address];
	u64 bytes = csv->columns.has[CSV_SIZE] ? line->bytes : 1;

	if (line->place > (REQUEST_END_MAX - bytes) >> shift) {
		csv->text->at = csv->text->line;
		return text_error(csv->text, error, "a request that ends too far up (at most 256 TiB)");
	}
	gap += csv->held;
	csv->held = bytes ? 0 : gap;
	if (gap > TRACE_GAP_MAX || line->space >= REQUEST_SPACES_MAX) {
		csv->text->at = csv->text->line;
		return text_error(csv->text, error,
				  gap > TRACE_GAP_MAX ? "a gap that is too long (below 2^46 ticks)"
						      : "a device or object too many (at most 268435455)");
	}
	return requests_pass(&csv->requests, line->space, line->place << shift, bytes, line->op, gap, error);
}

static bool pass_line(struct csv *csv, const struct csv_line *line, GError **error)
{
	u64 gap;
	u32 page;

	if (csv_columns_requests(&csv->columns)) {
		csv->skipped += line->skip;
		return line->skip ||
		       (read_clock(csv, line, &gap, error) && pass_request(csv, line, gap, error));
	}
	if (!number_page(csv, line, &page, error) || !read_clock(csv, line, &gap, error))
		return false;
	return csv->columns.has[CSV_COUNT] ? pass_run(csv, line, page, gap, error)
					   : importer_access(csv->importer, page, line->op, gap, error);
}

static bool read_one_line(struct csv *csv, bool plain, GError **error)
{
	struct csv_line line = { .count = 1, .stride = 1 };

	return ((plain && csv_plain_line(&csv->columns, csv->text, &line)) || read_line(csv, &line, error)) &&
	       pass_line(csv, &line, error);
}

/* As many lines as are runs as they stand. Where the comments say which pages are file pages, use does not
 * matter. */
static bool read_runs(struct csv *csv, u32 *got, GError **error)
{
	struct trace_run runs[RUNS_AT_ONCE];

	*got = csv_plain_runs(csv->text, runs, RUNS_AT_ONCE);
	for (u32 i = 0; !csv->said.accesses && i < *got; i++)
		note_use(csv->importer, &runs[i]);
	return trace_writer_runs(csv->importer->writer, runs, *got, error);
}

static bool read_lines(struct csv *csv, GError **error)
{
	bool failed = false, here = csv->names_missing, plain = csv_plain(&csv->columns);
	bool runs = csv_plain_exported(&csv->columns) && !csv->dense && !csv->importer->filter;

	while (here || text_next(csv->text, &failed, error)) {
		u32 got = 0;

		here = false;
		if (runs && !read_runs(csv, &got, error))
			return false;
		if (!got && !read_one_line(csv, plain, error))
			return false;
	}
	return !failed;
}

static void remark(const struct csv *csv)
{
	requests_remark(&csv->requests);
	if (csv->skipped)
		importer_remark(csv->importer,
				"%" G_GUINT64_FORMAT " lines are neither reads nor writes and were left out",
				(guint64)csv->skipped);
	if (csv->back)
		importer_remark(csv->importer,
				"%" G_GUINT64_FORMAT
				" lines have an earlier time than one above and come right after it",
				(guint64)csv->back);
}

/* An exported trace says how much it holds and which pages are file pages; of others only their use is known.
 */
static bool check_end(struct csv *csv, GError **error)
{
	struct importer *importer = csv->importer;
	u64 accesses = trace_writer_accesses(importer->writer);
	u32 files;

	if (importer->filter)
		accesses += importer->filter->dropped;
	if (!csv->said.accesses) {
		importer_file_pages_by_use(importer);
		return true;
	}
	if (csv->said.accesses != accesses)
		return text_error(csv->text, error,
				  "%" G_GUINT64_FORMAT " accesses came before (%" G_GUINT64_FORMAT
				  ", as \"# accesses:\" says)",
				  (guint64)accesses, (guint64)csv->said.accesses);
	files = page_set_count(&importer->header->file_pages);
	if (csv->said.file_pages_count != files)
		return text_error(csv->text, error,
				  "%u pages are in \"# file:\" lines (%u, as \"# file-pages:\" says)", files,
				  csv->said.file_pages_count);
	return true;
}

static void csv_init(struct csv *csv)
{
	trace_header_init(&csv->said);
	number_map_init(&csv->numbers);
	number_map_init(&csv->spaces);
	requests_init(&csv->requests, csv->importer);
	csv->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	csv->name = g_string_new(NULL);
}

static void csv_release(struct csv *csv)
{
	g_string_free(csv->name, TRUE);
	g_hash_table_destroy(csv->names);
	requests_release(&csv->requests);
	number_map_release(&csv->spaces);
	number_map_release(&csv->numbers);
	trace_header_release(&csv->said);
}

bool import_csv(struct importer *importer, GError **error)
{
	struct csv csv = { .importer = importer, .text = &importer->text, .first = true };
	const struct number_map *numbers;
	bool good;

	csv_init(&csv);
	good = read_head(&csv, error) && read_lines(&csv, error) && check_end(&csv, error);
	numbers = csv_columns_requests(&csv.columns) ? &csv.requests.numbers : &csv.numbers;
	good = good && importer_page_map(importer, numbers->keys, numbers->count, error);
	if (good) {
		importer->header->ticks_after_last += csv.held;
		remark(&csv);
	}
	csv_release(&csv);
	return good;
}
