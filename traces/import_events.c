/*
 * import_events.c - page faults and block requests out of what perf script, ftrace and trace-cmd print.
 *
 * Tracepoint page_fault_user or _kernel: address=, and error_code= whose bits the processor defines (Intel
 * SDM, volume 3, 4.7: bit 1 is a write, bit 4 a fetch of an instruction). Software event page-faults,
 * minor-faults or major-faults of perf: the address is the first number of the body; what was done to it is
 * not known.
 */
#include <string.h>

#include "sim/error.h"
#include "traces/io_request.h"

enum { ERROR_CODE_WRITE = 1 << 1, ERROR_CODE_FETCH = 1 << 4 };

/* Two kinds in one file record the same thing twice. */
enum kind {
	KIND_NONE,
	KIND_FAULT,	    /* tracepoints */
	KIND_COUNTED,	    /* software event */
	KIND_COUNTED_APART, /* the same, minor and major apart */
	KIND_QUEUED,
	KIND_ISSUED,
	KIND_COMPLETED,
};

static const struct source {
	const char *event;
	enum kind kind;
} sources[] = {
	{ "page_fault_user", KIND_FAULT },	 { "page_fault_kernel", KIND_FAULT },
	{ "page-faults", KIND_COUNTED },	 { "faults", KIND_COUNTED },
	{ "minor-faults", KIND_COUNTED_APART },	 { "major-faults", KIND_COUNTED_APART },
	{ "block_bio_queue", KIND_QUEUED },	 { "block_rq_issue", KIND_ISSUED },
	{ "block_rq_complete", KIND_COMPLETED },
};

struct events {
	struct recording recording;
	struct io_requests requests;
	struct text *text;
	enum event_style style;
	const struct source *first; /* that was imported; its kind is that of all */
	u64 kernel_addresses;
	u64 without_code;
	u64 samples; /* that stand for several events */
	u64 sampled; /* those events */
};

static const struct source *find_source(const struct events *events, const struct event_text *event)
{
	for (u32 i = 0; i < ARRAY_SIZE(sources); i++) {
		if (event_text_is(event, sources[i].event) &&
		    (events->recording.events || sources[i].kind < KIND_QUEUED))
			return recording_wants_event(&events->recording, event) ? &sources[i] : NULL;
	}
	return NULL;
}

/* What was asked for is something that can be imported. */
static bool check_names(const struct recording *recording, GError **error)
{
	for (char **name = recording->events; name && *name; name++) {
		u32 i = 0;

		while (i < ARRAY_SIZE(sources) && strcmp(sources[i].event, *name))
			i++;
		if (i < ARRAY_SIZE(sources))
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "events that are no accesses (page_fault_user, page_fault_kernel, page-faults, "
			    "minor-faults, major-faults, block_bio_queue, block_rq_issue or "
			    "block_rq_complete): \"%s\"",
			    *name);
		return false;
	}
	return true;
}

static bool add_fault(struct events *events, const struct event_text *event, u64 address, enum trace_op op,
		      GError **error)
{
	struct recording *recording = &events->recording;

	/* The kernel's half. Some releases print a symbol instead, see below. */
	if (address >> 63) {
		events->kernel_addresses++;
		return true;
	}
	recording_origin(recording, event->process == EVENT_NO_PROCESS ? event->tid : event->process,
			 event->comm);
	return recording_access(recording, event->time_ns, address >> 12,
				recording->importer->options->numbering == TRACE_NUMBER_KEEP, op, error);
}

static bool import_fault(struct events *events, const struct event_text *event, GError **error)
{
	struct event_word word;
	u64 address = UINT64_MAX, code = 0;

	if (!event_text_value(event, "address", &word)) {
		events->text->at = event->body.at;
		return text_error(events->text, error, "a page fault that does not say address=");
	}
	event_text_number(event, "address", &address);
	events->without_code += !event_text_number(event, "error_code", &code);
	return add_fault(events, event, address,
			 code & ERROR_CODE_FETCH   ? TRACE_EXEC
			 : code & ERROR_CODE_WRITE ? TRACE_WRITE
						   : TRACE_READ,
			 error);
}

/* Whether a word of the line is an address as perf prints it. */
static bool has_address(const char *at)
{
	struct text text = { .at = at };
	u64 address;

	while (*text.at != '\n') {
		const char *word = text.at;

		if (text_hex(&text, &address) && text.at - word > 4 && (*text.at == ' ' || *text.at == '\n'))
			return true;
		while (*text.at != ' ' && *text.at != '\n')
			text.at++;
		while (*text.at == ' ')
			text.at++;
	}
	return false;
}

/*
 * ADDRESS [SYMBOL] [IP SYMBOL]. Without the column addr the address of the instruction comes first, and a
 * symbol behind it, but no second address.
 */
static bool import_counted(struct events *events, const struct event_text *event, GError **error)
{
	struct text *text = events->text;
	u64 address;
	bool more;

	text->at = event->body.at;
	more = text_hex(text, &address) && (text_at_end(text) || has_address(text->at));
	if (!more) {
		text->at = event->body.at;
		return text_error(text, error,
				  "no address that was accessed (perf record -d; perf script -F "
				  "comm,pid,tid,time,event,addr)");
	}
	events->samples += event->period > 1;
	events->sampled += event->period > 1 ? event->period : 0;
	return add_fault(events, event, address, TRACE_READ, error);
}

static bool import_request(struct events *events, const struct event_text *event, GError **error)
{
	struct io_request request;

	events->text->at = event->body.at;
	if (!io_request_device(events->text, &request))
		return text_error(events->text, error, "no device of a request (MAJOR,MINOR)");
	return io_request_extent(events->text, &request, error) &&
	       io_requests_add(&events->requests, &request, event->time_ns, error);
}

static bool import_event(struct events *events, const struct event_text *event, GError **error)
{
	const struct source *source = find_source(events, event);

	if (!source) {
		events->recording.skipped_events++;
		return true;
	}
	if (!recording_wants_task(&events->recording, event->tid, event->process, event->comm))
		return true;
	if (!events->first)
		events->first = source;
	if (events->first->kind != source->kind) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "%s: both %s and %s are recorded, every access twice (--event NAME takes one)",
			    events->text->name, events->first->event, source->event);
		return false;
	}
	if (source->kind >= KIND_QUEUED)
		return import_request(events, event, error);
	return source->kind == KIND_FAULT ? import_fault(events, event, error)
					  : import_counted(events, event, error);
}

static bool read_lines(struct events *events, GError **error)
{
	struct text *text = events->text;
	bool failed = false;

	do {
		struct event_text event;
		u64 lost;

		switch (event_text_line(text, events->style, &event, &lost)) {
		case EVENT_LINE_EVENT:
			if (!import_event(events, &event, error))
				return false;
			break;
		case EVENT_LINE_LOST:
			recording_lost(&events->recording, lost);
			break;
		case EVENT_LINE_NOISE:
			break;
		case EVENT_LINE_UNKNOWN:
			return text_error(text, error, "no event (%s [CPU] SECONDS: EVENT: ...)",
					  events->style == EVENT_PERF ? "COMM PID" : "COMM-PID");
		}
		text_skip_line(text);
	} while (text_next(text, &failed, error));
	return !failed;
}

static void remark_faults(const struct events *events)
{
	struct importer *importer = events->recording.importer;

	if (events->kernel_addresses)
		importer_remark(importer, "%" G_GUINT64_FORMAT " faults at addresses of the kernel left out",
				(guint64)events->kernel_addresses);
	if (events->without_code)
		importer_remark(importer,
				"%" G_GUINT64_FORMAT " faults do not say error_code= (taken to be reads)",
				(guint64)events->without_code);
	if (events->first->kind != KIND_FAULT)
		importer_remark(importer,
				"%s does not say whether a page was read or written (taken to be reads)",
				events->first->event);
	if (events->samples)
		importer_remark(importer,
				"%" G_GUINT64_FORMAT " records stand for %" G_GUINT64_FORMAT
				" faults (perf record -c 1 records each)",
				(guint64)events->samples, (guint64)events->sampled);
}

static bool finish(struct events *events, const char *tool, GError **error)
{
	static const struct recording_kind tasks = { "tasks, whose pages may differ",
						     "--pid N, or --pid N,N,... for threads of one process",
						     true };
	struct recording *recording = &events->recording;
	bool requests = events->first && events->first->kind >= KIND_QUEUED;
	char *recorded;

	if (!events->first)
		return text_error(
		    events->text, error,
		    "no event that is an access (page_fault_user or page-faults; %" G_GUINT64_FORMAT
		    " of other kinds, %" G_GUINT64_FORMAT " of other tasks)",
		    (guint64)recording->skipped_events, (guint64)recording->skipped_origins);
	recorded = g_strdup_printf("%s, from %s",
				   requests ? "block requests" : "page faults (hits leave no records)", tool);
	trace_header_set_text(&recording->importer->header->recorded, recorded);
	g_free(recorded);
	if (requests)
		return io_requests_finish(&events->requests, error);
	remark_faults(events);
	importer_file_pages_by_use(recording->importer);
	return recording_finish(recording, &tasks, recording->importer->options->pids, error);
}

static bool import_events(struct importer *importer, enum event_style style, const char *tool, GError **error)
{
	struct events events = { .text = &importer->text, .style = style };
	bool good = recording_init(&events.recording, importer, error) &&
		    check_names(&events.recording, error) &&
		    io_requests_init(&events.requests, &events.recording, error) &&
		    read_lines(&events, error) && finish(&events, tool, error);

	recording_release(&events.recording);
	return good;
}

bool import_perf(struct importer *importer, GError **error)
{
	return import_events(importer, EVENT_PERF, "perf script", error);
}

bool import_ftrace(struct importer *importer, GError **error)
{
	return import_events(importer, EVENT_FTRACE, "ftrace", error);
}

bool import_trace_cmd(struct importer *importer, GError **error)
{
	return import_events(importer, EVENT_FTRACE, "trace-cmd", error);
}

const char *import_events_guess(const struct text *text)
{
	struct text line = *text;
	struct event_text event;
	u64 lost;

	if (text_skip(&line, "# tracer:"))
		return "ftrace";
	if (text_skip(&line, "# ========"))
		return "perf";
	if (text_skip(&line, "cpus=") || text_skip(&line, "version = "))
		return "trace-cmd";
	switch (event_text_line(text, EVENT_FTRACE, &event, &lost)) {
	case EVENT_LINE_EVENT:
	case EVENT_LINE_LOST:
		return "ftrace";
	case EVENT_LINE_NOISE:
	case EVENT_LINE_UNKNOWN:
		break;
	}
	return event_text_line(text, EVENT_PERF, &event, &lost) == EVENT_LINE_EVENT ? "perf" : NULL;
}
