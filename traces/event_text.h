/*
 * event_text.h - what the kernel's tracing tools print, one event a line:
 *
 *	perf script		COMM PID[/TID] [CPU] SECONDS: [PERIOD] [SYSTEM:]EVENT: BODY
 *	ftrace, trace-cmd	COMM-TID [(PROCESS)] [CPU] [FLAGS] SECONDS: EVENT: BODY
 *
 * COMM may hold blanks, '-' and ':', so a head is found by its point in time and read to the left from there.
 * [CPU] may be missing in perf's lines. SECONDS has one to nine decimals. A body is mostly "key=value", in
 *any order and with keys that come and go with the kernel's release, so it is asked by key.
 *
 * Facts: the kernel's Documentation/trace/{ftrace,events}.rst and tools/perf/Documentation/perf-script.txt,
 * trace-cmd-report(1), and recordings of kernels 6.1, 6.12 and 6.18.
 */
#ifndef TRACES_EVENT_TEXT_H
#define TRACES_EVENT_TEXT_H

#include "traces/text.h"

#define EVENT_NO_CPU UINT32_MAX
#define EVENT_NO_PROCESS UINT32_MAX
#define EVENT_COMM_MAX 63

enum event_style { EVENT_PERF, EVENT_FTRACE };

/* A stretch of the current line. */
struct event_word {
	const char *at;
	u32 length;
};

struct event_text {
	struct event_word comm;
	u32 tid;
	u32 process;		/* EVENT_NO_PROCESS if the line does not say */
	u32 cpu;		/* EVENT_NO_CPU likewise */
	u64 time_ns;		/* of the recording's clock */
	u64 period;		/* perf: events that this one stands for; 1 unless said */
	struct event_word name; /* as printed, but for the ':' behind it: "exceptions:page_fault_user" */
	struct event_word body; /* without blanks at both ends */
};

enum event_line {
	EVENT_LINE_EVENT,
	EVENT_LINE_LOST,  /* says that events were lost */
	EVENT_LINE_NOISE, /* headings, call chains, blank lines: nothing to import */
	EVENT_LINE_UNKNOWN,
};

/*
 * What the line is that begins at text->at; leaves `at` where it is. *event is set for an event, *lost for
 * lost ones: how many, 0 if the line does not say.
 */
enum event_line event_text_line(const struct text *text, enum event_style style, struct event_text *event,
				u64 *lost);

/* Whether the event has this name; one printed with its system before or with perf's modifiers behind has it
 * too. */
bool event_text_is(const struct event_text *event, const char *name);
bool event_word_is(struct event_word word, const char *string);
/* What stands behind "key=" in the body, up to the next blank. False if the key is not there. */
bool event_text_value(const struct event_text *event, const char *key, struct event_word *value);
/* The same as a number: hexadecimal behind 0x, else decimal; what follows it, as a unit, is ignored. False
 * too if the value is none. */
bool event_text_number(const struct event_text *event, const char *key, u64 *value);

#endif
