#define _GNU_SOURCE /* memmem() */
#include "traces/io_request.h"

#include <string.h>

#include "sim/error.h"

enum { SECTORS_PER_PAGE = 8, MINOR_BITS = 20 /* of a device number in the kernel */ };

bool io_request_device(struct text *text, struct io_request *request)
{
	u64 major, minor;

	if (!text_decimal(text, UINT32_MAX, &major) || !text_skip(text, ",") ||
	    !text_decimal(text, (1u << MINOR_BITS) - 1, &minor))
		return false;
	request->major = (u32)major;
	request->minor = (u32)minor;
	return true;
}

static void skip_blanks(struct text *text)
{
	while (*text->at == ' ')
		text->at++;
}

/* What it does is the first letter; an F before it is a flush that goes first. */
static char read_op(struct text *text)
{
	char op;

	skip_blanks(text);
	op = text->at[0];
	if (op == 'F' && text->at[1] && strchr("RWDN", text->at[1]))
		op = text->at[1];
	while (*text->at != ' ' && *text->at != '\n')
		text->at++;
	return op;
}

/* Between RWBS and the sector the tracepoints print the bytes and an empty command, blkparse nothing. */
bool io_request_extent(struct text *text, struct io_request *request, GError **error)
{
	char op = read_op(text);
	const char *end, *plus;

	request->moves_data = op == 'R' || op == 'W';
	request->op = op == 'W' ? TRACE_WRITE : TRACE_READ;
	if (!request->moves_data)
		return true;
	end = memchr(text->at, '\n', (size_t)(text->end - text->at));
	plus = memmem(text->at, (size_t)(end - text->at), " + ", 3);
	if (!plus)
		return text_error(text, error, "no extent of the request (SECTOR + SECTORS)");
	for (text->at = plus; (u8)(text->at[-1] - '0') < 10;)
		text->at--;
	if (!text_decimal(text, INT64_MAX - IO_REQUEST_SECTORS_MAX, &request->sector))
		return text_error(text, error, "no sector (a decimal number below 2^63)");
	text->at = plus + 3;
	if (!text_decimal(text, IO_REQUEST_SECTORS_MAX, &request->sectors))
		return text_error(text, error, "no number of sectors (0 to %d)", IO_REQUEST_SECTORS_MAX);
	request->moves_data = request->sectors;
	return true;
}

bool io_requests_init(struct io_requests *requests, struct recording *recording, GError **error)
{
	const char *device = recording->importer->options->device;
	struct io_request request;
	struct text text = { .at = device };

	*requests = (struct io_requests){ .recording = recording };
	if (!device)
		return true;
	if (!io_request_device(&text, &request) || *text.at) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "malformed device (MAJOR,MINOR): \"%s\"",
			    device);
		return false;
	}
	requests->has_device = true;
	requests->major = request.major;
	requests->minor = request.minor;
	return true;
}

static void count(struct io_requests *requests, const struct io_request *request, u64 pages)
{
	char name[32];
	int length = g_snprintf(name, sizeof(name), "%u,%u", request->major, request->minor);

	recording_origin(requests->recording, (u64)request->major << MINOR_BITS | request->minor,
			 (struct event_word){ name, (u32)length });
	requests->requests[request->op]++;
	requests->pages[request->op] += pages;
	requests->unaligned += request->sector % SECTORS_PER_PAGE || request->sectors % SECTORS_PER_PAGE;
}

bool io_requests_add(struct io_requests *requests, const struct io_request *request, u64 time_ns,
		     GError **error)
{
	struct recording *recording = requests->recording;
	bool keep = recording->importer->options->numbering != TRACE_NUMBER_DENSE;
	u64 page, last;

	if (requests->has_device &&
	    (request->major != requests->major || request->minor != requests->minor)) {
		recording->skipped_origins++;
		return true;
	}
	if (!request->moves_data) {
		requests->without_data++;
		return true;
	}
	page = request->sector / SECTORS_PER_PAGE;
	last = (request->sector + request->sectors - 1) / SECTORS_PER_PAGE;
	count(requests, request, last - page + 1);
	for (; page <= last; page++) {
		if (!recording_access(recording, time_ns, page, keep, request->op, error))
			return false;
	}
	return true;
}

bool io_requests_finish(struct io_requests *requests, GError **error)
{
	static const struct recording_kind devices = { "devices", "--device MAJOR,MINOR", false };
	struct importer *importer = requests->recording->importer;
	u64 read = requests->requests[TRACE_READ], written = requests->requests[TRACE_WRITE];

	if (requests->pages[TRACE_READ] + requests->pages[TRACE_WRITE] > read + written)
		importer_remark(importer,
				"requests are split into pages: %" G_GUINT64_FORMAT
				" reads into %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
				" writes into %" G_GUINT64_FORMAT,
				(guint64)read, (guint64)requests->pages[TRACE_READ], (guint64)written,
				(guint64)requests->pages[TRACE_WRITE]);
	if (requests->unaligned)
		importer_remark(
		    importer, "%" G_GUINT64_FORMAT " requests begin or end inside a page, which counts whole",
		    (guint64)requests->unaligned);
	if (requests->without_data)
		importer_remark(importer, "%" G_GUINT64_FORMAT " requests without data left out",
				(guint64)requests->without_data);
	return recording_finish(requests->recording, &devices, false, error);
}
