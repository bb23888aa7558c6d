#define _GNU_SOURCE /* memmem() */
#include "traces/event_text.h"

#include <string.h>

enum {
	TOKENS = 8,	/* before the point in time: as many as a head can have there that is not COMM */
	HEAD_MAX = 256, /* bytes: a line whose point in time comes later is none */
	SECONDS_MAX = 9000000000, /* as nanoseconds they still are a number of 63 bits */
};

bool event_word_is(struct event_word word, const char *string)
{
	return strlen(string) == word.length && !memcmp(word.at, string, word.length);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool digit(char c)
{
	return (u8)(c - '0') < 10;
}

static const char *skip_blanks(const char *at)
{
	while (blank(*at))
		at++;
	return at;
}

/* The next word of the line; of length 0 at its end. */
static struct event_word next_word(const char *at)
{
	const char *end;

	at = skip_blanks(at);
	for (end = at; !blank(*end) && *end != '\n';)
		end++;
	return (struct event_word){ at, (u32)(end - at) };
}

/* The whole word between `skip` bytes before and after it is a number. */
static bool word_number(struct event_word word, u32 skip_before, u32 skip_after, u32 *number)
{
	struct text text = { .at = word.at + skip_before, .end = word.at + word.length };
	u64 value;

	if (word.length <= skip_before + skip_after || !text_decimal(&text, UINT32_MAX - 1, &value) ||
	    text.at != word.at + word.length - skip_after)
		return false;
	*number = (u32)value;
	return true;
}

/* "SECONDS.DECIMALS:" */
static bool read_time(struct event_word word, u64 *time_ns)
{
	struct text text = { .at = word.at, .end = word.at + word.length };
	const char *end = word.at + word.length - 1, *decimals;
	u64 seconds, fraction;

	if (word.length < 4 || *end != ':' || !text_decimal(&text, SECONDS_MAX, &seconds) || *text.at != '.')
		return false;
	decimals = ++text.at;
	if (!text_decimal(&text, 999999999, &fraction) || text.at != end || end - decimals > 9)
		return false;
	for (ptrdiff_t i = end - decimals; i < 9; i++)
		fraction *= 10;
	*time_ns = seconds * 1000000000 + fraction;
	return true;
}

static bool read_cpu(struct event_word word, u32 *cpu)
{
	return word.length > 2 && word.at[0] == '[' && word.at[word.length - 1] == ']' &&
	       word_number(word, 1, 1, cpu);
}

/* What lies between the start of the line and `end`, without the blanks around it. */
static bool read_comm(const char *line, const char *end, struct event_word *comm)
{
	line = skip_blanks(line);
	while (end > line && blank(end[-1]))
		end--;
	if (end > line + EVENT_COMM_MAX)
		return false;
	*comm = (struct event_word){ line, end > line ? (u32)(end - line) : 0 };
	return true;
}

/* "PID" or "PID/TID"; the kernel's own threads that are gone have -1. */
static bool read_perf_pid(struct event_word word, struct event_text *event)
{
	const char *slash = memchr(word.at, '/', word.length);
	struct event_word process = { word.at, slash ? (u32)(slash - word.at) : 0 };
	struct event_word tid = { slash ? slash + 1 : word.at,
				  word.length - (slash ? process.length + 1 : 0) };

	event->process = EVENT_NO_PROCESS;
	if (slash && !event_word_is(process, "-1") && !word_number(process, 0, 0, &event->process))
		return false;
	event->tid = 0;
	return event_word_is(tid, "-1") || word_number(tid, 0, 0, &event->tid);
}

/* before[0] is the word before the point in time, before[1] the one before that. */
static bool read_perf_head(const char *line, const struct event_word *before, u32 words,
			   struct event_text *event)
{
	u32 at = 0;

	event->cpu = EVENT_NO_CPU;
	if (words && read_cpu(before[0], &event->cpu))
		at = 1;
	return at < words && read_perf_pid(before[at], event) && read_comm(line, before[at].at, &event->comm);
}

/* "(1234)" and "(  1234)", "(-------)" where it is not known; what is there is stepped over. */
static u32 read_process(const struct event_word *before, u32 words, u32 at, u32 *process)
{
	struct event_word word = at < words ? before[at] : (struct event_word){ "", 0 };
	bool apart = at + 1 < words && event_word_is(before[at + 1], "(");

	*process = EVENT_NO_PROCESS;
	if (!word.length || word.at[word.length - 1] != ')' || (!apart && word.at[0] != '('))
		return at;
	if (!word_number(word, apart ? 0 : 1, 1, process) && strspn(word.at + 1, "-") != word.length - 2)
		return at;
	return at + 1 + apart;
}

static bool read_ftrace_head(const char *line, const struct event_word *before, u32 words,
			     struct event_text *event)
{
	const char *dash;
	u32 at = 0;

	if (at < words && !read_cpu(before[at], &event->cpu))
		at++; /* flags */
	if (at >= words || !read_cpu(before[at], &event->cpu))
		return false;
	at = read_process(before, words, at + 1, &event->process);
	if (at >= words)
		return false;
	dash = memrchr(before[at].at, '-', before[at].length);
	return dash && word_number(before[at], (u32)(dash - before[at].at) + 1, 0, &event->tid) &&
	       read_comm(line, dash, &event->comm);
}

/* Behind the point in time: [PERIOD] EVENT: BODY */
static bool read_tail(const char *at, const char *end, enum event_style style, struct event_text *event)
{
	struct event_word word = next_word(at);
	struct text number = { .at = word.at };

	event->period = 1;
	if (style == EVENT_PERF && text_decimal(&number, INT64_MAX, &event->period) &&
	    number.at == word.at + word.length)
		word = next_word(word.at + word.length);
	else
		event->period = 1;
	if (!word.length)
		return false;
	at = skip_blanks(word.at + word.length);
	while (end > at && blank(end[-1]))
		end--;
	event->body = (struct event_word){ at, (u32)(end - at) };
	if (word.length > 1 && word.at[word.length - 1] == ':')
		word.length--;
	event->name = word;
	return true;
}

static bool read_event(const char *line, const char *end, enum event_style style, struct event_text *event)
{
	struct event_word before[TOKENS] = { 0 };
	u32 words = 0;

	for (struct event_word word = next_word(line); word.length && word.at < line + HEAD_MAX;
	     word = next_word(word.at + word.length)) {
		if (digit(*word.at) && read_time(word, &event->time_ns) &&
		    (style == EVENT_PERF ? read_perf_head(line, before, words, event)
					 : read_ftrace_head(line, before, words, event)))
			return read_tail(word.at + word.length, end, style, event);
		memmove(before + 1, before, sizeof(before) - sizeof(before[0]));
		before[0] = word;
		words = MIN(words + 1, TOKENS);
	}
	return false;
}

/* Goes behind `what`; false if it is not in the line. */
static bool find_behind(const char *line, const char *end, const char *what, struct text *text)
{
	const char *found = memmem(line, (size_t)(end - line), what, strlen(what));

	if (found)
		*text = (struct text){ .at = found + strlen(what), .end = end };
	return found;
}

/* The number behind `what`, 0 if there is none. False if `what` is not in the line. */
static bool number_behind(const char *line, const char *end, const char *what, u64 *number)
{
	struct text text;

	if (!find_behind(line, end, what, &text))
		return false;
	if (!text_decimal(&text, INT64_MAX, number))
		*number = 0;
	return true;
}

/* "# entries-in-buffer/entries-written: 10/12   #P:2": what was overwritten is lost. */
static enum event_line read_comment(const char *line, const char *end, u64 *lost)
{
	struct text text;
	u64 kept, written;

	if (!find_behind(line, end, "entries-written: ", &text) || !text_decimal(&text, INT64_MAX, &kept) ||
	    !text_skip(&text, "/") || !text_decimal(&text, INT64_MAX, &written) || written <= kept)
		return EVENT_LINE_NOISE;
	*lost = written - kept;
	return EVENT_LINE_LOST;
}

/* "CPU:3 [LOST 12 EVENTS]", "CPU:3 [12 EVENTS DROPPED]", without a number where it is not known. */
static bool cpu_lost(const char *line, const char *end, u64 *lost)
{
	return !strncmp(line, "CPU:", 4) && (number_behind(line, end, "[LOST ", lost) ||
					     (memmem(line, (size_t)(end - line), " EVENTS DROPPED]", 16) &&
					      number_behind(line, end, " [", lost)) ||
					     number_behind(line, end, "[EVENTS DROPPED]", lost));
}

/* Lines that say nothing of an event: headings, frames of a call chain or a stack. */
static bool noise(const char *line, enum event_style style)
{
	const char *at = skip_blanks(line);
	struct text frame = { .at = at };
	u64 address;

	if (*at == '\n' || !strncmp(at, "=>", 2) || !strncmp(at, "cpus=", 5) ||
	    !strncmp(at, "version = ", 10))
		return true;
	if (style == EVENT_PERF)
		return at > line && text_hex(&frame, &address) && (blank(*frame.at) || *frame.at == '\n');
	return !strncmp(at, "CPU ", 4) && digit(at[4]);
}

enum event_line event_text_line(const struct text *text, enum event_style style, struct event_text *event,
				u64 *lost)
{
	const char *line = text->at, *end = memchr(line, '\n', (size_t)(text->end - line));

	if (*line == '#')
		return read_comment(line, end, lost);
	if (cpu_lost(line, end, lost))
		return EVENT_LINE_LOST;
	if (style == EVENT_PERF && (number_behind(line, end, "PERF_RECORD_LOST lost ", lost) ||
				    number_behind(line, end, "PERF_RECORD_LOST_SAMPLES lost ", lost)))
		return EVENT_LINE_LOST;
	if (read_event(line, end, style, event))
		return EVENT_LINE_EVENT;
	return noise(line, style) ? EVENT_LINE_NOISE : EVENT_LINE_UNKNOWN;
}

bool event_text_is(const struct event_text *event, const char *name)
{
	const char *colon = memchr(event->name.at, ':', event->name.length);
	u32 before = colon ? (u32)(colon - event->name.at) : 0;

	if (!colon)
		return event_word_is(event->name, name);
	return event_word_is((struct event_word){ colon + 1, event->name.length - before - 1 }, name) ||
	       event_word_is((struct event_word){ event->name.at, before }, name);
}

bool event_text_value(const struct event_text *event, const char *key, struct event_word *value)
{
	u32 length = (u32)strlen(key);
	const char *end = event->body.at + event->body.length;

	for (struct event_word word = next_word(event->body.at); word.at < end;
	     word = next_word(word.at + word.length)) {
		if (word.length <= length || word.at[length] != '=' || memcmp(word.at, key, length))
			continue;
		*value = (struct event_word){ word.at + length + 1, word.length - length - 1 };
		return true;
	}
	return false;
}

bool event_text_number(const struct event_text *event, const char *key, u64 *value)
{
	struct event_word word;
	struct text text;

	if (!event_text_value(event, key, &word))
		return false;
	text = (struct text){ .at = word.at, .end = word.at + word.length };
	if (word.length > 2 && word.at[0] == '0' && (word.at[1] | 0x20) == 'x')
		return text_hex(&text, value);
	return text_decimal(&text, INT64_MAX, value);
}
