#include "cli/trace_report.h"

#include "cli/quantity.h"
#include "sim/json_emit.h"

static const char *const op_names[TRACE_OPS] = { [TRACE_READ] = "reads",
						 [TRACE_WRITE] = "writes",
						 [TRACE_EXEC] = "executions",
						 [TRACE_UNMAP] = "unmapped" };

struct row {
	const char *name;
	u64 value;
};
enum { ROWS = 12 };

static void figures(const struct trace_info *info, struct row row[ROWS])
{
	const struct trace_header *h = &info->header;
	const struct row rows[ROWS] = {
		{ "pages", h->pages },
		{ "pages_touched", info->touched },
		{ "file_pages_touched", info->touched_file },
		{ "accesses", h->accesses },
		{ op_names[TRACE_READ], info->accesses[TRACE_READ] },
		{ op_names[TRACE_WRITE], info->accesses[TRACE_WRITE] },
		{ op_names[TRACE_EXEC], info->accesses[TRACE_EXEC] },
		{ op_names[TRACE_UNMAP], info->accesses[TRACE_UNMAP] },
		{ "runs", h->runs },
		{ "time_ns", mul_div(info->ticks, h->tick_ps, 1000) },
		{ "filter_k", h->filter_k },
		{ "smallest_limit_pages", h->smallest_limit_pages },
	};

	for (u32 i = 0; i < ROWS; i++)
		row[i] = rows[i];
}

static struct table *figure_table(const struct trace_info *info)
{
	struct table *t = table_new();
	struct row row[ROWS];

	figures(info, row);
	table_column(t, "figure", TABLE_LEFT);
	table_column(t, "value", TABLE_RIGHT);
	for (u32 i = 0; i < ROWS; i++) {
		table_text(t, row[i].name);
		table_number(t, row[i].value);
	}
	return t;
}

static struct table *slice_table(const struct trace_info *info)
{
	struct table *t = table_new();

	table_column(t, "tenth", TABLE_RIGHT);
	table_column(t, "accesses", TABLE_RIGHT);
	table_column(t, "working_set_pages", TABLE_RIGHT);
	table_column(t, "new_pages", TABLE_RIGHT);
	for (u32 i = 0; i < TRACE_SLICES; i++) {
		table_number(t, i + 1);
		table_number(t, info->slice[i].accesses);
		table_number(t, info->slice[i].pages);
		table_number(t, info->slice[i].new_pages);
	}
	return t;
}

static struct table *lru_table(const struct trace_info *info)
{
	struct table *t = table_new();

	table_column(t, "memory_percent", TABLE_RIGHT);
	table_column(t, "memory_pages", TABLE_RIGHT);
	table_column(t, "lru_misses", TABLE_RIGHT);
	table_column(t, "sound", TABLE_LEFT);
	for (u32 i = 0; i < TRACE_LRU_POINTS; i++) {
		table_number(t, info->lru[i].percent);
		table_number(t, info->lru[i].pages);
		table_number(t, info->lru[i].misses);
		table_text(t, info->lru[i].sound ? "yes" : "no");
	}
	return t;
}

static char *take(struct table *t, enum table_format format)
{
	char *text = table_write(t, format);

	table_free(t);
	return text;
}

static void append(GString *out, struct table *t, enum table_format format)
{
	char *text = take(t, format);

	g_string_append_printf(out, "\n%s", text);
	g_free(text);
}

static void append_said(GString *out, const char *name, const char *text)
{
	if (text)
		g_string_append_printf(out, "%s: %s\n", name, text);
}

static char *for_people(const struct trace_info *info, enum table_format format)
{
	GString *out = g_string_new(NULL);

	append_said(out, "program", info->header.program);
	append_said(out, "recorded", info->header.recorded);
	append_said(out, "licence", info->header.licence);
	append_said(out, "note", info->header.note);
	append(out, figure_table(info), format);
	append(out, slice_table(info), format);
	append(out, lru_table(info), format);
	return g_string_free(out, FALSE);
}

static void emit_rows(struct json_emit *emit, const char *key, struct table *t)
{
	char *text = take(t, TABLE_JSON);

	json_emit_raw(emit, key, g_strchomp(text));
	g_free(text);
}

static void emit_said(struct json_emit *emit, const char *key, const char *text)
{
	if (text)
		json_emit_string(emit, key, text);
	else
		json_emit_raw(emit, key, "null");
}

static char *as_json(const struct trace_info *info)
{
	struct json_emit emit;
	struct row row[ROWS];

	figures(info, row);
	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	emit_said(&emit, "program", info->header.program);
	emit_said(&emit, "recorded", info->header.recorded);
	emit_said(&emit, "licence", info->header.licence);
	emit_said(&emit, "note", info->header.note);
	for (u32 i = 0; i < ROWS; i++)
		json_emit_number(&emit, row[i].name, row[i].value);
	emit_rows(&emit, "slices", slice_table(info));
	emit_rows(&emit, "lru", lru_table(info));
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

char *trace_report(const struct trace_info *info, enum table_format format)
{
	if (format == TABLE_JSON)
		return as_json(info);
	if (format == TABLE_CSV)
		return take(figure_table(info), format);
	return for_people(info, format);
}
