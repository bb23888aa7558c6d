#include "traces/requests.h"

#include "sim/error.h"

void requests_init(struct requests *requests, struct importer *importer)
{
	*requests = (struct requests){ .importer = importer };
	number_map_init(&requests->numbers);
}

void requests_release(struct requests *requests)
{
	number_map_release(&requests->numbers);
}

bool requests_pass(struct requests *requests, u32 space, u64 from, u64 bytes, enum trace_op op, u64 gap,
		   GError **error)
{
	u64 first = from >> 12, pages;

	requests->requests++;
	if (!bytes) {
		requests->empty++;
		return true;
	}
	pages = ((from + bytes - 1) >> 12) - first + 1;
	if (pages > 1) {
		requests->split++;
		requests->split_pages += pages;
		requests->largest = MAX(requests->largest, pages);
	}
	for (u64 page = first; page < first + pages; page++, gap = 0) {
		u32 number = number_map_get(&requests->numbers, (u64)space << 36 | page);

		if (number >= TRACE_PAGES_MAX) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
				    "%s: request %" G_GUINT64_FORMAT
				    " touches a page too many (%u pages at most in a trace)",
				    requests->importer->options->in, (guint64)requests->requests,
				    TRACE_PAGES_MAX);
			return false;
		}
		if (!importer_access(requests->importer, number, op, gap, error))
			return false;
	}
	return true;
}

void requests_remark(const struct requests *requests)
{
	if (requests->split)
		importer_remark(requests->importer,
				"%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
				" requests touched several pages and were split into %" G_GUINT64_FORMAT
				" accesses (at most %" G_GUINT64_FORMAT ")",
				(guint64)requests->split, (guint64)requests->requests,
				(guint64)requests->split_pages, (guint64)requests->largest);
	if (requests->empty)
		importer_remark(requests->importer,
				"%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
				" requests were for no bytes and left out",
				(guint64)requests->empty, (guint64)requests->requests);
}
