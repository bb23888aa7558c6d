/*
 * import_blkparse.c - block requests out of blkparse's usual text: "MAJOR,MINOR CPU SEQUENCE SECONDS PID
 * ACTION RWBS DETAIL", DETAIL of the actions taken in being "SECTOR + SECTORS [COMM]", and behind them the
 * summary, whose totals are compared.
 *
 * A request passes several actions; one of Q (queued), D (sent to the device, unless asked for another) and C
 * (completed) is taken in.
 */
#define _GNU_SOURCE /* memmem() */
#include <string.h>

#include "sim/error.h"
#include "traces/io_request.h"

static const struct action {
	const char *name;
	const char *totals[TRACE_WRITE + 1]; /* in the summary */
} actions[] = {
	{ "D", { " Read Dispatches:", " Write Dispatches:" } },
	{ "Q", { " Reads Queued:", " Writes Queued:" } },
	{ "C", { " Reads Completed:", " Writes Completed:" } },
};

struct blkparse {
	struct recording recording;
	struct io_requests requests;
	struct text *text;
	const struct action *action;
	bool by_cpu; /* in a part of the summary that is about a CPU */
	bool totals; /* were said */
	bool rounded;
	u64 total[TRACE_WRITE + 1];
};

struct line {
	struct io_request request;
	u64 time_ns;
	u32 pid;
	struct event_word action;
};

static bool choose_action(struct blkparse *blkparse, GError **error)
{
	char **asked = blkparse->recording.events;

	for (u32 i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!asked || (asked[0] && !asked[1] && !strcmp(asked[0], actions[i].name))) {
			blkparse->action = &actions[i];
			return true;
		}
	}
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "not one action of blkparse (Q, D or C): \"%s\"",
		    blkparse->recording.importer->options->events);
	return false;
}

static bool skip_blanks(struct text *text)
{
	const char *start = text->at;

	while (*text->at == ' ')
		text->at++;
	return text->at > start;
}

static bool read_number(struct text *text, u64 max, u64 *number)
{
	return skip_blanks(text) && text_decimal(text, max, number);
}

/* Up to ACTION. */
static bool read_head(struct text *text, struct line *line)
{
	u64 cpu, sequence, seconds, ns, pid;
	const char *decimals;

	skip_blanks(text);
	if (!io_request_device(text, &line->request) || !read_number(text, UINT32_MAX, &cpu) ||
	    !read_number(text, INT64_MAX, &sequence) || !read_number(text, 9000000000, &seconds) ||
	    !text_skip(text, "."))
		return false;
	decimals = text->at;
	if (!text_decimal(text, 999999999, &ns) || text->at != decimals + 9 ||
	    !read_number(text, UINT32_MAX - 1, &pid) || !skip_blanks(text))
		return false;
	line->time_ns = seconds * 1000000000 + ns;
	line->pid = (u32)pid;
	line->action.at = text->at;
	while (*text->at != ' ' && *text->at != '\n')
		text->at++;
	line->action.length = (u32)(text->at - line->action.at);
	return line->action.length;
}

/* What the brackets at the end of the line hold: the task's name, or a completed request's error. */
static struct event_word read_comm(const struct text *text)
{
	const char *end = memchr(text->at, '\n', (size_t)(text->end - text->at)), *start;

	start = memchr(text->at, '[', (size_t)(end - text->at));
	end = start ? memrchr(start, ']', (size_t)(end - start)) : NULL;
	return end ? (struct event_word){ start + 1, (u32)(end - start - 1) }
		   : (struct event_word){ text->at, 0 };
}

static bool read_record(struct blkparse *blkparse, GError **error)
{
	struct text *text = blkparse->text;
	struct line line;

	if (!read_head(text, &line))
		return text_error(text, error,
				  "no record (MAJOR,MINOR CPU SEQUENCE SECONDS PID ACTION RWBS ...)");
	if (!event_word_is(line.action, blkparse->action->name)) {
		blkparse->recording.skipped_events++;
		return true;
	}
	return io_request_extent(text, &line.request, error) &&
	       (!recording_wants_task(&blkparse->recording, line.pid, EVENT_NO_PROCESS, read_comm(text)) ||
		io_requests_add(&blkparse->requests, &line.request, line.time_ns, error));
}

/* A number with commas as a locale may have it; K and the like behind it: it is rounded. */
static u64 read_total(struct text *text, bool *rounded)
{
	u64 total = 0;

	skip_blanks(text);
	for (; (u8)(*text->at - '0') < 10 || *text->at == ','; text->at++) {
		if (*text->at != ',')
			total = total * 10 + (u8)(*text->at - '0');
	}
	*rounded |= (*text->at >= 'A' && *text->at <= 'Z') || total > INT64_MAX / 10;
	return total;
}

static void read_summary_line(struct blkparse *blkparse)
{
	struct text *text = blkparse->text, skips = *text;
	const char *end = memchr(text->at, '\n', (size_t)(text->end - text->at));
	bool rounded = false;

	if (*text->at != ' ')
		blkparse->by_cpu = !strncmp(text->at, "CPU", 3);
	for (u32 op = TRACE_READ; blkparse->by_cpu && op <= TRACE_WRITE; op++) {
		const char *name = blkparse->action->totals[op];
		const char *found = memmem(text->at, (size_t)(end - text->at), name, strlen(name));
		struct text number = { .at = found ? found + strlen(name) : NULL };

		if (!found)
			continue;
		blkparse->totals = true;
		blkparse->total[op] += read_total(&number, &blkparse->rounded);
	}
	/* "Skips: 2 forward (17 -   0.1%)": two times, 17 records in all */
	if (!text_skip(&skips, "Skips: "))
		return;
	read_total(&skips, &rounded);
	if (text_skip(&skips, " forward (")) {
		u64 lost = read_total(&skips, &rounded);

		if (lost)
			recording_lost(&blkparse->recording, lost);
	}
}

/* "CPU0 (sda):", "wl (481)" with -s, or an empty line. */
static bool begins_summary(const struct text *text)
{
	const char *end = memchr(text->at, '\n', (size_t)(text->end - text->at));

	while (end > text->at && (end[-1] == '\r' || end[-1] == ' '))
		end--;
	return end == text->at || end[-1] == ')' || (end - text->at > 1 && end[-1] == ':' && end[-2] == ')');
}

static bool read_lines(struct blkparse *blkparse, GError **error)
{
	struct text *text = blkparse->text;
	bool failed = false, summary = false;

	do {
		const char *at = text->at;

		while (*at == ' ')
			at++;
		summary = summary || ((u8)(*at - '0') >= 10 && begins_summary(text));
		if (summary)
			read_summary_line(blkparse);
		else if (!read_record(blkparse, error))
			return false;
		text_skip_line(text);
	} while (text_next(text, &failed, error));
	return !failed;
}

/* Flushes and discards are in the totals, requests of what was not asked for too. */
static void compare_totals(const struct blkparse *blkparse)
{
	const u64 *found = blkparse->requests.requests, *said = blkparse->total;

	if (!blkparse->totals || blkparse->rounded || blkparse->requests.without_data ||
	    blkparse->recording.skipped_origins ||
	    (found[TRACE_READ] == said[TRACE_READ] && found[TRACE_WRITE] == said[TRACE_WRITE]))
		return;
	importer_remark(blkparse->recording.importer,
			"the summary counts %" G_GUINT64_FORMAT " reads and %" G_GUINT64_FORMAT
			" writes, the records are %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT,
			(guint64)said[TRACE_READ], (guint64)said[TRACE_WRITE], (guint64)found[TRACE_READ],
			(guint64)found[TRACE_WRITE]);
}

static bool finish(struct blkparse *blkparse, GError **error)
{
	struct trace_header *header = blkparse->recording.importer->header;

	compare_totals(blkparse);
	trace_header_set_text(&header->recorded, "block requests, from blkparse");
	/* That other actions are left out is how it should be. */
	blkparse->recording.skipped_events = 0;
	return io_requests_finish(&blkparse->requests, error);
}

bool import_blkparse(struct importer *importer, GError **error)
{
	struct blkparse blkparse = { .text = &importer->text };
	bool good = recording_init(&blkparse.recording, importer, error) && choose_action(&blkparse, error) &&
		    io_requests_init(&blkparse.requests, &blkparse.recording, error) &&
		    read_lines(&blkparse, error) && finish(&blkparse, error);

	recording_release(&blkparse.recording);
	return good;
}

bool import_blkparse_guess(const struct text *text)
{
	struct text line = *text;
	struct line head;

	return read_head(&line, &head);
}
