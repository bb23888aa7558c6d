#include "traces/importer.h"

#include <stdarg.h>
#include <string.h>

#include "sim/error.h"
#include "sim/file.h"

void importer_remark(struct importer *importer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(importer->remarks, text_printable(g_strdup_vprintf(format, arguments)));
	va_end(arguments);
}

bool importer_filtered(struct importer *importer, u32 page, enum trace_op op, u64 gap, GError **error)
{
	importer->held += gap;
	if (!top_filter_keeps(importer->filter, page, op))
		return true;
	gap = importer->held;
	importer->held = 0;
	if (gap > TRACE_GAP_MAX) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
			    "%s: too long between two accesses that the filter keeps (below 2^46 ticks)",
			    importer->options->in);
		return false;
	}
	if (op != TRACE_UNMAP)
		page_set_add(op == TRACE_EXEC ? &importer->executed : &importer->data, page);
	return trace_writer_access(importer->writer, page, op, gap, error);
}

void importer_file_pages_by_use(struct importer *importer)
{
	u32 page = 0;

	page_set_subtract(&importer->executed, &importer->data);
	while ((page = page_set_next(&importer->executed, page)) != PAGE_SET_NONE)
		page_set_add(&importer->header->file_pages, page++);
}

bool importer_page_map(const struct importer *importer, const u64 *keys, u32 count, GError **error)
{
	const char *path = importer->options->page_map;
	GString *lines;
	bool good;

	if (!path)
		return true;
	lines = g_string_new("page,key\n");
	for (u32 i = 0; i < count; i++)
		if (keys[i] != IMPORTER_NO_KEY)
			g_string_append_printf(lines, "%u,%" G_GINT64_MODIFIER "x\n", i, (guint64)keys[i]);
	good = file_write(path, lines->str, lines->len, error);
	g_string_free(lines, TRUE);
	return good;
}

bool importer_gap_op_page(struct importer *importer, u32 *pages, u64 *gap, enum trace_op *op, u32 *page,
			  GError **error)
{
	struct text *text = &importer->text;
	u64 number;

	if (!text_decimal(text, TRACE_GAP_MAX, gap))
		return text_error(text, error, "no gap (a number of references below 2^46)");
	if (!text_skip(text, " ") || !importer_op(text, op))
		return text_error(text, error, "no kind of access (GAP OP PAGE, OP one of R W X U)");
	if (!text_skip(text, " ") || !text_decimal(text, TRACE_PAGES_MAX - 1, &number))
		return text_error(text, error, "no page (a number below 2^28)");
	if (!text_at_end(text))
		return text_error(text, error, "something follows the page");
	if (number > *pages) {
		text->at = text->line;
		return text_error(
		    text, error,
		    "page %u is touched before page %u (pages are numbered as they are first touched)",
		    (u32)number, *pages);
	}
	*pages = MAX(*pages, (u32)number + 1);
	*page = (u32)number;
	return true;
}

bool importer_keyed(struct text *text, const char *key, u64 max, u64 *value, GError **error)
{
	const char *end = memchr(text->line, '\n', (size_t)(text->end - text->line));
	const char *found = text->line;
	size_t length = strlen(key);

	for (; found + length + 2 < end; found++) {
		if (found[0] != ' ' || memcmp(found + 1, key, length) || found[length + 1] != '=')
			continue;
		text->at = found + length + 2;
		return text_decimal(text, max, value) ||
		       text_error(text, error, "%s is not a number it can be (0 to %" G_GUINT64_FORMAT ")",
				  key, (guint64)max);
	}
	text->at = end;
	return text_error(text, error, "the line does not say %s=", key);
}

bool importer_cut_short(struct importer *importer, const char *what, GError **error)
{
	return text_error(&importer->text, error, "cut short: %s should follow", what);
}
