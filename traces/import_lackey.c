/*
 * import_lackey.c - lackey's trace reduced to pages: records "GAP OP PAGE", then one line "# refs=R ...
 * pages=P lines=L K=K ...", then "#p PAGE VPN" for each page. Pages that were only executed count as file
 * pages.
 */
#include "traces/importer.h"

static bool read_totals(struct importer *importer, u64 references, u32 pages, GError **error)
{
	struct text *text = &importer->text;
	struct trace_header *header = importer->header;
	u64 said_references, said_pages, lines, filter_k;

	if (!importer_keyed(text, "refs", INT64_MAX, &said_references, error))
		return false;
	if (said_references < references)
		return text_error(text, error,
				  "the gaps come to %" G_GUINT64_FORMAT " references (no more than refs=)",
				  (guint64)references);
	if (!importer_keyed(text, "pages", TRACE_PAGES_MAX, &said_pages, error))
		return false;
	if (said_pages != pages)
		return text_error(text, error, "%u pages were touched (as many as pages= says)", pages);
	if (!importer_keyed(text, "lines", INT64_MAX, &lines, error))
		return false;
	if (lines != trace_writer_accesses(importer->writer))
		return text_error(text, error,
				  "%" G_GUINT64_FORMAT " records came before (as many as lines= says)",
				  (guint64)trace_writer_accesses(importer->writer));
	if (!importer_keyed(text, "K", TRACE_PAGES_MAX / 4, &filter_k, error))
		return false;
	header->ticks_after_last = said_references - references;
	header->filter_k = (u32)filter_k;
	header->smallest_limit_pages = 4 * (u32)filter_k;
	text_skip_line(text);
	return true;
}

static bool read_page_table(struct importer *importer, u32 pages, GError **error)
{
	struct text *text = &importer->text;
	bool failed = false;
	u64 number;

	for (u32 page = 0; page < pages; page++) {
		if (!text_next(text, &failed, error))
			return failed ? false
				      : importer_cut_short(importer, "the lines \"#p PAGE VPN\"", error);
		if (!text_skip(text, "#p ") || !text_decimal(text, TRACE_PAGES_MAX - 1, &number) ||
		    number != page || !text_skip(text, " ") || !text_hex(text, &number) || !text_at_end(text))
			return text_error(text, error, "not the line of page %u (#p %u VPN)", page, page);
	}
	if (text_next(text, &failed, error))
		return text_error(text, error, "something follows the line of the last page");
	return !failed;
}

bool import_lackey(struct importer *importer, GError **error)
{
	struct text *text = &importer->text;
	u64 references = 0;
	bool failed = false;
	u32 pages = 0, page;

	do {
		enum trace_op op;
		u64 gap;

		if (*text->at == '#')
			break;
		if (!importer_gap_op_page(importer, &pages, &gap, &op, &page, error) ||
		    !importer_access(importer, page, op, gap, error))
			return false;
		references += gap;
	} while (text_next(text, &failed, error));
	if (failed)
		return false;
	if (text->at == text->end)
		return importer_cut_short(importer, "\"# refs=R ... pages=P lines=L K=K\"", error);
	if (!read_totals(importer, references, pages, error) || !read_page_table(importer, pages, error))
		return false;
	importer_file_pages_by_use(importer);
	return true;
}
