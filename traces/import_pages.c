/*
 * import_pages.c - "# swapsim-pages 1": what our recording tool writes. A header of comments, records "GAP OP
 * PAGE",
 * "# end records=N refs-after-last=T", a line "#p PAGE VPN KIND" for each page, "# eof pages=N".
 */
#include <string.h>

#include "traces/importer.h"

struct pages_totals {
	u64 references;
	u64 pages;
	u64 filter_k;
};

static bool read_recorded(struct importer *importer, struct pages_totals *totals, GError **error)
{
	struct text *text = &importer->text;

	return importer_keyed(text, "K", TRACE_PAGES_MAX / 4, &totals->filter_k, error) &&
	       importer_keyed(text, "refs", INT64_MAX, &totals->references, error) &&
	       importer_keyed(text, "pages", TRACE_PAGES_MAX, &totals->pages, error);
}

/* One comment line before the records. */
static bool read_comment(struct importer *importer, struct pages_totals *totals, GError **error)
{
	struct text *text = &importer->text;
	char **slot = NULL;
	char *rest;
	u64 size;

	if (text_skip(text, "# page size ")) {
		if (!text_decimal(text, UINT32_MAX, &size) || size != 4096)
			return text_error(text, error, "the page size is not known (4096)");
		text_skip_line(text);
		return true;
	}
	if (text_skip(text, "# program: "))
		slot = &importer->header->program;
	else if (text_skip(text, "# recorded: "))
		slot = &importer->header->recorded;
	else if (text_skip(text, "# counts: "))
		slot = &importer->header->note;
	else
		return text_error(text, error,
				  "unknown line (# program: , # recorded: , # counts: , # page size )");
	rest = text_rest(text);
	trace_header_set_text(slot, rest);
	g_free(rest);
	if (slot == &importer->header->recorded && !read_recorded(importer, totals, error))
		return false;
	text_skip_line(text);
	return true;
}

static bool read_head(struct importer *importer, struct pages_totals *totals, GError **error)
{
	struct text *text = &importer->text;
	bool failed = false;

	if (!text_skip(text, "# swapsim-pages 1") || !text_at_end(text))
		return text_error(text, error, "not the first line of this format (# swapsim-pages 1)");
	while (text_next(text, &failed, error)) {
		if (*text->at != '#') {
			if (totals->pages)
				return true;
			return text_error(text, error,
					  "records begin (# recorded: with K=, refs=, pages= first)");
		}
		if (!read_comment(importer, totals, error))
			return false;
	}
	return failed ? false : importer_cut_short(importer, "the records", error);
}

/* From the first record to the "# end" line. */
static bool read_records(struct importer *importer, const struct pages_totals *totals, GError **error)
{
	struct text *text = &importer->text;
	u64 records, after, references = 0;
	u32 pages = 0, page;
	bool failed = false;

	do {
		enum trace_op op;
		u64 gap;

		if (text_skip(text, "# end"))
			break;
		if (!importer_gap_op_page(importer, &pages, &gap, &op, &page, error) ||
		    !trace_writer_access(importer->writer, page, op, gap, error))
			return false;
		references += gap;
	} while (text_next(text, &failed, error));
	if (failed)
		return false;
	if (text->at == text->end)
		return importer_cut_short(importer, "\"# end records=N refs-after-last=T\"", error);
	if (!importer_keyed(text, "records", INT64_MAX, &records, error))
		return false;
	if (records != trace_writer_accesses(importer->writer))
		return text_error(text, error,
				  "%" G_GUINT64_FORMAT " records came before (as many as this line says)",
				  (guint64)trace_writer_accesses(importer->writer));
	if (!importer_keyed(text, "refs-after-last", INT64_MAX, &after, error))
		return false;
	if (references + after != totals->references)
		return text_error(text, error,
				  "all gaps come to %" G_GUINT64_FORMAT " (refs=%" G_GUINT64_FORMAT ")",
				  (guint64)(references + after), (guint64)totals->references);
	if (pages != totals->pages)
		return text_error(text, error, "%u pages were touched (pages=%u)", pages, (u32)totals->pages);
	importer->header->ticks_after_last = after;
	return text_at_end(text) || text_error(text, error, "something follows the number");
}

static bool read_kind(struct importer *importer, u32 page, GError **error)
{
	struct text *text = &importer->text;
	u64 number;

	if (!text_skip(text, "#p ") || !text_decimal(text, TRACE_PAGES_MAX - 1, &number) || number != page)
		return text_error(text, error, "not the line of page %u (#p %u VPN KIND)", page, page);
	if (!text_skip(text, " ") || !text_hex(text, &number) || !text_skip(text, " "))
		return text_error(text, error, "no virtual page number (#p PAGE VPN KIND, VPN hexadecimal)");
	if (text_skip(text, "file"))
		page_set_add(&importer->header->file_pages, page);
	else if (!text_skip(text, "anon") && !text_skip(text, "stack"))
		return text_error(text, error, "no such kind of page (anon, file or stack)");
	return text_at_end(text) || text_error(text, error, "something follows the kind of page");
}

static bool read_kinds(struct importer *importer, u32 pages, GError **error)
{
	struct text *text = &importer->text;
	bool failed = false;
	u64 number;

	for (u32 page = 0; page < pages; page++) {
		if (!text_next(text, &failed, error))
			return failed ? false
				      : importer_cut_short(importer, "the lines \"#p PAGE VPN KIND\"", error);
		if (!read_kind(importer, page, error))
			return false;
	}
	if (!text_next(text, &failed, error))
		return failed ? false : importer_cut_short(importer, "\"# eof pages=N\"", error);
	if (!text_skip(text, "# eof pages=") || !text_decimal(text, TRACE_PAGES_MAX, &number) ||
	    number != pages || !text_at_end(text))
		return text_error(text, error, "not the last line (# eof pages=%u)", pages);
	if (text_next(text, &failed, error))
		return text_error(text, error, "something follows the last line");
	return !failed;
}

bool import_pages(struct importer *importer, GError **error)
{
	struct pages_totals totals = { 0 };

	if (!read_head(importer, &totals, error) || !read_records(importer, &totals, error) ||
	    !read_kinds(importer, (u32)totals.pages, error))
		return false;
	importer->header->filter_k = (u32)totals.filter_k;
	importer->header->smallest_limit_pages = 4 * (u32)totals.filter_k;
	importer->header->pages = (u32)totals.pages;
	return true;
}
