#include "traces/sequence.h"

#include <string.h>

#include "sim/error.h"
#include "traces/importer.h"
#include "traces/io_request.h"

enum { ERROR_CODE_WRITE = 1 << 1, PAGE_SHIFT = 12, SECTORS_PER_PAGE = 8 };

struct reader {
	struct sequence *s;
	const struct sequence_choice *choice;
	struct text text;
	GArray *device; /* u64 of each request: major and minor */
};

void sequence_init(struct sequence *s)
{
	*s = (struct sequence){ .fault = g_array_new(FALSE, FALSE, sizeof(struct sequence_fault)),
				.round = g_array_new(FALSE, FALSE, sizeof(struct sequence_batch)),
				.batch = g_array_new(FALSE, FALSE, sizeof(struct sequence_batch)),
				.request = g_array_new(FALSE, FALSE, sizeof(struct sequence_request)) };
}

void sequence_release(struct sequence *s)
{
	g_array_unref(s->fault);
	g_array_unref(s->round);
	g_array_unref(s->batch);
	g_array_unref(s->request);
}

/* ---- events ---- */

static bool is_wanted(const struct reader *r, struct event_word comm)
{
	return !r->choice->comm || event_word_is(comm, r->choice->comm);
}

static void add_fault(struct reader *r, const struct event_text *event)
{
	u64 address, code = 0;
	struct sequence_fault fault;

	if (!event_text_number(event, "address", &address) || address >> 63)
		return;
	event_text_number(event, "error_code", &code);
	fault = (struct sequence_fault){ address >> PAGE_SHIFT, code & ERROR_CODE_WRITE };
	g_array_append_val(r->s->fault, fault);
}

static void add_batch(struct reader *r, const struct event_text *event, GArray *to)
{
	u64 scanned = 0, reclaimed = 0;
	struct sequence_batch batch;

	event_text_number(event, "nr_scanned", &scanned);
	event_text_number(event, "nr_reclaimed", &reclaimed);
	batch = (struct sequence_batch){ (u32)scanned, (u32)reclaimed, r->s->fault->len };
	g_array_append_val(to, batch);
}

static bool add_request(struct reader *r, struct io_request *request, GError **error)
{
	u64 device = (u64)request->major << 32 | request->minor;
	struct sequence_request new;

	if (!io_request_extent(&r->text, request, error))
		return false;
	if (!request->moves_data)
		return true;
	new = (struct sequence_request){ request->sector / SECTORS_PER_PAGE,
					 (u32)(request->sectors / SECTORS_PER_PAGE), r->s->fault->len,
					 request->op == TRACE_WRITE };
	g_array_append_val(r->s->request, new);
	g_array_append_val(r->device, device);
	return true;
}

static bool add_event(struct reader *r, const struct event_text *event, GError **error)
{
	struct io_request request;

	if (event_text_is(event, "block_rq_issue")) {
		r->text.at = event->body.at;
		if (!io_request_device(&r->text, &request))
			return text_error(&r->text, error, "no device of a request (MAJOR,MINOR)");
		return add_request(r, &request, error);
	}
	if (!is_wanted(r, event->comm))
		return true;
	if (event_text_is(event, "page_fault_user"))
		add_fault(r, event);
	else if (event_text_is(event, "mm_vmscan_memcg_reclaim_end"))
		add_batch(r, event, r->s->round);
	else if (event_text_is(event, "mm_vmscan_lru_shrink_inactive"))
		add_batch(r, event, r->s->batch);
	return true;
}

/* ---- lines ---- */

static bool read_events(struct reader *r, enum event_style style, GError **error)
{
	bool failed = false;

	do {
		struct event_text event;
		u64 lost;
		enum event_line line = event_text_line(&r->text, style, &event, &lost);

		if (line == EVENT_LINE_UNKNOWN)
			return text_error(&r->text, error, "no event (%s [CPU] SECONDS: EVENT: ...)",
					  style == EVENT_PERF ? "COMM PID" : "COMM-PID");
		if (line == EVENT_LINE_EVENT && !add_event(r, &event, error))
			return false;
		text_skip_line(&r->text);
	} while (text_next(&r->text, &failed, error));
	return !failed;
}

/* MAJOR,MINOR CPU SEQUENCE SECONDS PID ACTION RWBS SECTOR + SECTORS. What is no record is the summary. */
static bool read_blkparse(struct reader *r, GError **error)
{
	enum { FIELDS_TO_ACTION = 4 };
	bool failed = false;

	do {
		struct io_request request;

		while (*r->text.at == ' ')
			r->text.at++;
		if (!io_request_device(&r->text, &request))
			return true;
		for (u32 i = 0; i <= FIELDS_TO_ACTION; i++) {
			while (*r->text.at == ' ')
				r->text.at++;
			while (i < FIELDS_TO_ACTION && *r->text.at != ' ' && *r->text.at != '\n')
				r->text.at++;
		}
		if (r->text.at[0] == 'D' && r->text.at[1] == ' ') {
			r->text.at++;
			if (!add_request(r, &request, error))
				return false;
		}
		text_skip_line(&r->text);
	} while (text_next(&r->text, &failed, error));
	return !failed;
}

/* ---- what is kept ---- */

static int ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* The first page of the window with most faults. */
static u64 find_window(const struct sequence *s, u32 pages)
{
	GArray *page = g_array_new(FALSE, FALSE, sizeof(u64));
	u64 best = 0;
	u32 most = 0;

	for (u32 i = 0; i < s->fault->len; i++)
		g_array_append_val(page, g_array_index(s->fault, struct sequence_fault, i).page);
	g_array_sort(page, ascending);
	for (u32 first = 0, end = 0; first < page->len; first++) {
		while (end < page->len &&
		       g_array_index(page, u64, end) - g_array_index(page, u64, first) < pages)
			end++;
		if (end - first <= most)
			continue;
		most = end - first;
		best = g_array_index(page, u64, first);
	}
	g_array_unref(page);
	return best;
}

/* What came after so many faults came after so many of those that are kept. */
static void keep_window(struct sequence *s, u32 pages)
{
	u64 first = find_window(s, pages);
	u32 *kept = g_new0(u32, s->fault->len + 1), n = 0;

	for (u32 i = 0; i < s->fault->len; i++) {
		struct sequence_fault fault = g_array_index(s->fault, struct sequence_fault, i);

		kept[i] = n;
		if (fault.page < first || fault.page - first >= pages)
			continue;
		fault.page -= first;
		g_array_index(s->fault, struct sequence_fault, n++) = fault;
	}
	kept[s->fault->len] = n;
	for (u32 i = 0; i < s->round->len; i++)
		g_array_index(s->round, struct sequence_batch, i).after =
		    kept[g_array_index(s->round, struct sequence_batch, i).after];
	for (u32 i = 0; i < s->batch->len; i++)
		g_array_index(s->batch, struct sequence_batch, i).after =
		    kept[g_array_index(s->batch, struct sequence_batch, i).after];
	for (u32 i = 0; i < s->request->len; i++)
		g_array_index(s->request, struct sequence_request, i).after =
		    kept[g_array_index(s->request, struct sequence_request, i).after];
	s->outside = s->fault->len - n;
	g_array_set_size(s->fault, n);
	g_free(kept);
}

static u64 busiest_device(const struct reader *r)
{
	GHashTable *requests = g_hash_table_new(g_int64_hash, g_int64_equal);
	u64 best = 0;
	u32 most = 0;

	for (u32 i = 0; i < r->device->len; i++) {
		u64 *device = &g_array_index(r->device, u64, i);
		u32 n = GPOINTER_TO_UINT(g_hash_table_lookup(requests, device)) + 1;

		g_hash_table_insert(requests, device, GUINT_TO_POINTER(n));
		if (n > most) {
			most = n;
			best = *device;
		}
	}
	g_hash_table_destroy(requests);
	return best;
}

static bool keep_device(struct reader *r, GError **error)
{
	u64 device = busiest_device(r);
	struct io_request request;
	struct text text = { .at = r->choice->device };
	u32 n = 0;

	if (r->choice->device) {
		if (!io_request_device(&text, &request) || *text.at) {
			g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "malformed device (MAJOR,MINOR): \"%s\"", r->choice->device);
			return false;
		}
		device = (u64)request.major << 32 | request.minor;
	}
	for (u32 i = 0; i < r->device->len; i++)
		if (g_array_index(r->device, u64, i) == device)
			g_array_index(r->s->request, struct sequence_request, n++) =
			    g_array_index(r->s->request, struct sequence_request, i);
	g_array_set_size(r->s->request, n);
	return true;
}

static bool read_all(struct reader *r, GError **error)
{
	const char *guess = import_events_guess(&r->text);

	if (guess)
		return read_events(r, strcmp(guess, "perf") ? EVENT_FTRACE : EVENT_PERF, error);
	if (import_blkparse_guess(&r->text))
		return read_blkparse(r, error);
	return text_error(&r->text, error, "no recording (perf script, ftrace, trace-cmd or blkparse)");
}

bool sequence_read(struct sequence *s, const char *path, const struct sequence_choice *choice, GError **error)
{
	struct reader r = { .s = s, .choice = choice };
	bool failed = false, good;

	if (!text_open(&r.text, path, error))
		return false;
	r.device = g_array_new(FALSE, FALSE, sizeof(u64));
	good = text_next(&r.text, &failed, error);
	if (!good && !failed)
		text_error(&r.text, error, "no recording (it is empty)");
	good = good && read_all(&r, error) && keep_device(&r, error);
	if (good && choice->pages)
		keep_window(s, choice->pages);
	g_array_unref(r.device);
	text_close(&r.text);
	return good;
}
