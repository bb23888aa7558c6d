/*
 * import_oracle.c - oracleGeneral, the binary format of libCacheSim's public data sets: nothing but records
 *of 24 bytes, little-endian,
 *
 *	0	u32	time in seconds, never falls
 *	4	u64	object
 *	12	u32	its size in bytes
 *	16	s64	number of the request that asks for it next, counted from 1 (some writers: from 0);
 *			-1 or 2^63-1: none does
 *
 * The last field follows from the others, which makes it a check on the file: that it is whole, begins where
 * it should, and has this layout. Every request is a read; which were writes is not recorded.
 */
#include <stdarg.h>
#include <string.h>

#include "sim/error.h"
#include "traces/bytes.h"
#include "traces/input.h"
#include "traces/requests.h"

#define RECORD_BYTES 24
#define BUFFERED (2048 * RECORD_BYTES)
#define NEVER INT64_MAX
#define NS_PER_SECOND 1000000000ull

enum base { BASE_UNKNOWN, BASE_ZERO, BASE_ONE };

struct record {
	u32 seconds;
	u64 object;
	u32 bytes;
	s64 next;
};

/* Of an object: when it is said to be asked for next, and by which request. */
struct promise {
	s64 next;
	u64 by;
};

struct oracle {
	struct importer *importer;
	struct requests requests;
	struct number_map objects;
	struct promise *promises;
	u32 promises_room;
	u64 record; /* the current one, from 0 */
	u32 seconds;
	u64 held; /* ns, of requests that touched nothing */
	enum base base;
};

G_GNUC_PRINTF(3, 4)
static bool record_error(const struct oracle *oracle, GError **error, const char *format, ...)
{
	va_list arguments;
	char *what;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
		    "%s: request %" G_GUINT64_FORMAT " (byte %" G_GUINT64_FORMAT "): %s",
		    oracle->importer->options->in, (guint64)oracle->record + 1,
		    (guint64)oracle->record * RECORD_BYTES, what);
	g_free(what);
	return false;
}

static struct record parse(const u8 *at)
{
	struct record record = { load_le32(at), load_le64(at + 4), load_le32(at + 12),
				 (s64)load_le64(at + 16) };

	if (record.next == -1)
		record.next = NEVER;
	return record;
}

static struct promise *promise_of(struct oracle *oracle, u32 object)
{
	while (object >= oracle->promises_room) {
		oracle->promises_room = MAX(4096, oracle->promises_room * 2);
		oracle->promises = g_renew(struct promise, oracle->promises, oracle->promises_room);
	}
	return &oracle->promises[object];
}

/* Whether `next` of an earlier request means the current one. The first that is kept tells the base. */
static bool means_this(struct oracle *oracle, s64 next)
{
	s64 number = (s64)oracle->record;

	if (oracle->base == BASE_UNKNOWN && next == number + 1)
		oracle->base = BASE_ONE;
	else if (oracle->base == BASE_UNKNOWN && next == number)
		oracle->base = BASE_ZERO;
	return oracle->base != BASE_UNKNOWN && next == number + (oracle->base == BASE_ONE);
}

static bool check_next(struct oracle *oracle, const struct record *record, u32 object, bool seen,
		       GError **error)
{
	struct promise *promise = promise_of(oracle, object);

	if (seen && promise->next == NEVER)
		return record_error(oracle, error,
				    "object %" G_GUINT64_FORMAT " comes again, and request %" G_GUINT64_FORMAT
				    " says it never does",
				    (guint64)record->object, (guint64)promise->by + 1);
	if (seen && !means_this(oracle, promise->next))
		return record_error(oracle, error,
				    "object %" G_GUINT64_FORMAT " comes again, and request %" G_GUINT64_FORMAT
				    " says it does so as number %" G_GINT64_FORMAT,
				    (guint64)record->object, (guint64)promise->by + 1, (gint64)promise->next);
	if (record->next <= (s64)oracle->record)
		return record_error(oracle, error,
				    "its object comes next as number %" G_GINT64_FORMAT
				    " (a later one, or -1: is this oracleGeneral?)",
				    (gint64)record->next);
	*promise = (struct promise){ record->next, oracle->record };
	return true;
}

static bool take_record(struct oracle *oracle, const struct record *record, GError **error)
{
	u32 known = oracle->objects.count, object;
	u64 gap;

	if (!oracle->record)
		oracle->seconds = record->seconds;
	if (record->seconds < oracle->seconds)
		return record_error(oracle, error, "its time is %u s, before that of the one before (%u s)",
				    record->seconds, oracle->seconds);
	object = number_map_get(&oracle->objects, record->object);
	if (object >= REQUEST_SPACES_MAX)
		return record_error(oracle, error, "an object too many (at most %u)", REQUEST_SPACES_MAX);
	if (!check_next(oracle, record, object, object < known, error))
		return false;
	gap = oracle->held + (record->seconds - oracle->seconds) * NS_PER_SECOND;
	if (gap > TRACE_GAP_MAX)
		return record_error(oracle, error,
				    "%" G_GUINT64_FORMAT " s after the one before (at most %u)",
				    (guint64)(gap / NS_PER_SECOND), (u32)(TRACE_GAP_MAX / NS_PER_SECOND));
	oracle->seconds = record->seconds;
	oracle->held = record->bytes ? 0 : gap;
	return requests_pass(&oracle->requests, object, 0, record->bytes, TRACE_READ, gap, error);
}

static bool read_records(struct oracle *oracle, struct input *input, GError **error)
{
	u8 *buffer = g_malloc(BUFFERED);
	size_t filled = 0;
	bool good = true;
	gssize got;

	while (good && (got = input_read(input, buffer + filled, BUFFERED - filled, error)) != 0) {
		size_t at = 0;

		good = got > 0;
		for (filled += good ? (size_t)got : 0; good && filled - at >= RECORD_BYTES;
		     at += RECORD_BYTES) {
			struct record record = parse(buffer + at);

			good = take_record(oracle, &record, error);
			oracle->record += good;
		}
		filled -= at;
		memmove(buffer, buffer + at, filled);
	}
	if (good && filled)
		good = record_error(oracle, error, "cut short: %zu bytes of it are there (%d)", filled,
				    RECORD_BYTES);
	g_free(buffer);
	return good;
}

/* What was said about requests that are in the file has been compared; the others are behind its end. */
static bool check_end(struct oracle *oracle, GError **error)
{
	u64 later = 0;

	for (u32 i = 0; i < oracle->objects.count; i++) {
		const struct promise *promise = &oracle->promises[i];

		if (promise->next == NEVER)
			continue;
		later++;
		if (promise->next >= (s64)oracle->record + (oracle->base == BASE_ONE))
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_TRACE,
			    "%s: request %" G_GUINT64_FORMAT " (byte %" G_GUINT64_FORMAT
			    "): its object comes next as number %" G_GINT64_FORMAT ", which asks for another",
			    oracle->importer->options->in, (guint64)promise->by + 1,
			    (guint64)promise->by * RECORD_BYTES, (gint64)promise->next);
		return false;
	}
	if (later)
		importer_remark(
		    oracle->importer,
		    "%" G_GUINT64_FORMAT
		    " objects are to be asked for again behind the end: the beginning of a longer trace",
		    (guint64)later);
	return true;
}

static bool read_all(struct oracle *oracle, GError **error)
{
	struct input *input = input_open(oracle->importer->options->in, error);
	bool good;

	if (!input)
		return false;
	good = read_records(oracle, input, error) && check_end(oracle, error);
	input_close(input);
	return good;
}

bool import_oracle(struct importer *importer, GError **error)
{
	struct oracle oracle = { .importer = importer };
	struct trace_header *header = importer->header;
	char *recorded;
	bool good;

	header->tick = TRACE_TICK_NS;
	header->tick_ps = 1000;
	requests_init(&oracle.requests, importer);
	number_map_init(&oracle.objects);
	good = read_all(&oracle, error) && importer_page_map(importer, oracle.requests.numbers.keys,
							     oracle.requests.numbers.count, error);
	if (good) {
		recorded = g_strdup_printf("oracleGeneral, %" G_GUINT64_FORMAT " requests for %u objects",
					   (guint64)oracle.record, oracle.objects.count);
		trace_header_set_text(&header->recorded, recorded);
		g_free(recorded);
		header->ticks_after_last = oracle.held;
		requests_remark(&oracle.requests);
	}
	number_map_release(&oracle.objects);
	requests_release(&oracle.requests);
	g_free(oracle.promises);
	return good;
}
