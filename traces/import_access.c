/*
 * import_access.c - one access a line, "R PAGE", "W PAGE" or "X PAGE"; each comes one tick after the one
 * before.
 */
#include "traces/importer.h"

bool import_access(struct importer *importer, GError **error)
{
	struct text *text = &importer->text;
	bool failed = false;

	do {
		enum trace_op op;
		u64 page;

		if (!importer_op(text, &op) || !text_skip(text, " "))
			return text_error(text, error, "no access (R PAGE, W PAGE or X PAGE)");
		if (!text_decimal(text, TRACE_PAGES_MAX - 1, &page))
			return text_error(text, error, "no page (a number below 2^28)");
		if (!text_at_end(text))
			return text_error(text, error, "something follows the page");
		if (!importer_access(importer, (u32)page, op, 1, error))
			return false;
	} while (text_next(text, &failed, error));
	importer_file_pages_by_use(importer);
	return !failed;
}
