#include "traces/event_text.h"

#include <string.h>

#include "tests/unit/unit.h"

enum { LINE_ROOM = 512 };

/* The event points into `line`, which has LINE_ROOM bytes. */
static enum event_line read_line(char *line, enum event_style style, const char *string,
				 struct event_text *event, u64 *lost)
{
	struct text text;
	enum event_line kind;

	CU_ASSERT_FATAL(strlen(string) + 2 <= LINE_ROOM);
	g_snprintf(line, LINE_ROOM, "%s\n", string);
	text_over(&text, "test", line, strlen(line));
	kind = event_text_line(&text, style, event, lost);
	CU_ASSERT_PTR_EQUAL(text.at, line);
	return kind;
}

struct head {
	const char *string;
	const char *comm;
	u32 tid;
	u32 process;
	u32 cpu;
	u64 time_ns;
	u64 period;
	const char *name;
	const char *body;
};

static void expect_heads(enum event_style style, const struct head *heads, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct head *head = &heads[i];
		char line[LINE_ROOM];
		struct event_text event;
		u64 lost;

		CU_ASSERT_EQUAL_FATAL(read_line(line, style, head->string, &event, &lost), EVENT_LINE_EVENT);
		CU_ASSERT(event_word_is(event.comm, head->comm));
		CU_ASSERT_EQUAL(event.tid, head->tid);
		CU_ASSERT_EQUAL(event.process, head->process);
		CU_ASSERT_EQUAL(event.cpu, head->cpu);
		CU_ASSERT_EQUAL(event.time_ns, head->time_ns);
		CU_ASSERT_EQUAL(event.period, head->period);
		CU_ASSERT(event_word_is(event.name, head->name));
		CU_ASSERT(event_word_is(event.body, head->body));
	}
}

static void test_perf(void)
{
	static const struct head heads[] = {
		{ "  wl   472 [001]   326.104046:     exceptions:page_fault_user: address=0x7f ip=0x1 ", "wl",
		  472, EVENT_NO_PROCESS, 1, 326104046000, 1, "exceptions:page_fault_user",
		  "address=0x7f ip=0x1" },
		{ "lk 24665  1549.764940:          1 page-faults:     7f1142825010 [unknown] (//anon)", "lk",
		  24665, EVENT_NO_PROCESS, EVENT_NO_CPU, 1549764940000, 1, "page-faults",
		  "7f1142825010 [unknown] (//anon)" },
		{ "Web Content 20/21 [000] 1.000000009: 250 page-faults:u: 7f", "Web Content", 21, 20, 0,
		  1000000009, 250, "page-faults:u", "7f" },
		{ "a-1 [0] 9.9: b 7 [003] 2.5: x:y: z", "a-1 [0] 9.9: b", 7, EVENT_NO_PROCESS, 3, 2500000000,
		  1, "x:y", "z" },
		{ ":-1 -1/-1 [000] 0.000001: e:", ":-1", 0, EVENT_NO_PROCESS, 0, 1000, 1, "e", "" },
		{ "12 [001] 3.0: e:", "", 12, EVENT_NO_PROCESS, 1, 3000000000, 1, "e", "" },
	};

	expect_heads(EVENT_PERF, heads, ARRAY_SIZE(heads));
}

static void test_ftrace(void)
{
	static const struct head heads[] = {
		{ "            bash-24652   [000] d....  1551.547585: page_fault_user: address=0x5 "
		  "error_code=0x7",
		  "bash", 24652, EVENT_NO_PROCESS, 0, 1551547585000, 1, "page_fault_user",
		  "address=0x5 error_code=0x7" },
		{ "gtrun-447   [012]   284.079518: page_fault_user:      address=0x402140\r", "gtrun", 447,
		  EVENT_NO_PROCESS, 12, 284079518000, 1, "page_fault_user", "address=0x402140" },
		{ "kworker/0:1-ev-17 [000] .N... 1.5: a: b", "kworker/0:1-ev", 17, EVENT_NO_PROCESS, 0,
		  1500000000, 1, "a", "b" },
		{ "<...>-3979  [007]   217.975284: a: 1.5: b", "<...>", 3979, EVENT_NO_PROCESS, 7,
		  217975284000, 1, "a", "1.5: b" },
		{ "my prog [1] -5 [001] 2.000001: a: ", "my prog [1]", 5, EVENT_NO_PROCESS, 1, 2000001000, 1,
		  "a", "" },
		{ "wl-448 (    440) [000] d.... 1.000001: a: b", "wl", 448, 440, 0, 1000001000, 1, "a", "b" },
		{ "wl-448 (440) [000] d.... 1.000001: a: b", "wl", 448, 440, 0, 1000001000, 1, "a", "b" },
		{ "wl-448 (-------) [000] 1.000001: a: b", "wl", 448, EVENT_NO_PROCESS, 0, 1000001000, 1, "a",
		  "b" },
		{ "wl-448 [000] .... 1.000001: do_swap_page <-handle_mm_fault", "wl", 448, EVENT_NO_PROCESS,
		  0, 1000001000, 1, "do_swap_page", "<-handle_mm_fault" },
	};

	expect_heads(EVENT_FTRACE, heads, ARRAY_SIZE(heads));
}

static void test_lost(void)
{
	static const struct {
		enum event_style style;
		const char *string;
		u64 lost;
	} lines[] = {
		{ EVENT_FTRACE, "CPU:3 [LOST 1234 EVENTS]", 1234 },
		{ EVENT_FTRACE, "CPU:3 [LOST EVENTS]", 0 },
		{ EVENT_FTRACE, "CPU:7 [204600 EVENTS DROPPED]", 204600 },
		{ EVENT_FTRACE, "CPU:7 [EVENTS DROPPED]", 0 },
		{ EVENT_FTRACE, "# entries-in-buffer/entries-written: 100/175   #P:2", 75 },
		{ EVENT_PERF, "wl 472 [000] 1.000000: PERF_RECORD_LOST lost 44", 44 },
		{ EVENT_PERF, "PERF_RECORD_LOST_SAMPLES lost 5", 5 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		char line[LINE_ROOM];
		struct event_text event;
		u64 lost = UINT64_MAX;

		CU_ASSERT_EQUAL(read_line(line, lines[i].style, lines[i].string, &event, &lost),
				EVENT_LINE_LOST);
		CU_ASSERT_EQUAL(lost, lines[i].lost);
	}
}

static void test_other_lines(void)
{
	static const struct {
		enum event_style style;
		enum event_line kind;
		const char *string;
	} lines[] = {
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "# entries-in-buffer/entries-written: 100/100   #P:2" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "#           TASK-PID     CPU#  |||||  TIMESTAMP" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "##### CPU 1 buffer started ####" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "cpus=1" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "version = 6" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "CPU 1 is empty" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, " => do_user_addr_fault" },
		{ EVENT_FTRACE, EVENT_LINE_NOISE, "" },
		{ EVENT_PERF, EVENT_LINE_NOISE, "\t    5592204bd159 main+0x20 (/usr/bin/lk)" },
		{ EVENT_PERF, EVENT_LINE_NOISE, "  " },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "  5592204bd159 main+0x20" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl 472 [000] 326.104046: e: b" },
		{ EVENT_PERF, EVENT_LINE_UNKNOWN, "wl-472 [000] 326.104046: e: b" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl-472 [000] 326: e: b" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl-472 [000] 326.1040460001: e: b" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl-472 [000] 326.104046:" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl-472 [0x0] 326.104046: e: b" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl-4294967296 [000] 326.104046: e: b" },
		{ EVENT_FTRACE, EVENT_LINE_UNKNOWN, "wl-472 [000] 9000000001.0: e: b" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		char line[LINE_ROOM];
		struct event_text event;
		u64 lost;

		CU_ASSERT_EQUAL(read_line(line, lines[i].style, lines[i].string, &event, &lost),
				lines[i].kind);
		if (read_line(line, lines[i].style, lines[i].string, &event, &lost) != lines[i].kind)
			g_printerr("\n%s\n", lines[i].string);
	}
}

static void test_names(void)
{
	char line[LINE_ROOM];
	struct event_text event;
	u64 lost;

	read_line(line, EVENT_PERF, "wl 1 [000] 1.0: exceptions:page_fault_user: x", &event, &lost);
	CU_ASSERT(event_text_is(&event, "page_fault_user"));
	CU_ASSERT(!event_text_is(&event, "page_fault"));
	CU_ASSERT(!event_text_is(&event, "fault_user"));
	read_line(line, EVENT_PERF, "wl 1 [000] 1.0: page-faults:uk: x", &event, &lost);
	CU_ASSERT(event_text_is(&event, "page-faults"));
	read_line(line, EVENT_PERF, "wl 1 [000] 1.0: page-faults: x", &event, &lost);
	CU_ASSERT(event_text_is(&event, "page-faults"));
	CU_ASSERT(!event_text_is(&event, "faults"));
}

static void test_keys(void)
{
	char line[LINE_ROOM];
	struct event_text event;
	struct event_word word;
	u64 lost, number;

	read_line(line, EVENT_FTRACE,
		  "kswapd0-32 [001] .... 10.557341: mm_vmscan_lru_shrink_inactive: nid=0 nr_scanned=13 nr=7 "
		  "size=20480B code=0x1F ip=do_fault+0x1 empty= flags=RECLAIM_WB_FILE|RECLAIM_WB_ASYNC",
		  &event, &lost);
	CU_ASSERT(event_text_number(&event, "nr_scanned", &number) && number == 13);
	CU_ASSERT(event_text_number(&event, "nr", &number) && number == 7);
	CU_ASSERT(event_text_number(&event, "nid", &number) && number == 0);
	CU_ASSERT(event_text_number(&event, "size", &number) && number == 20480);
	CU_ASSERT(event_text_number(&event, "code", &number) && number == 31);
	CU_ASSERT(!event_text_number(&event, "scanned", &number));
	CU_ASSERT(!event_text_number(&event, "ip", &number));
	CU_ASSERT(!event_text_number(&event, "empty", &number));
	CU_ASSERT(event_text_value(&event, "empty", &word) && !word.length);
	CU_ASSERT(event_text_value(&event, "flags", &word) &&
		  event_word_is(word, "RECLAIM_WB_FILE|RECLAIM_WB_ASYNC"));
	CU_ASSERT(!event_text_value(&event, "flag", &word));
}

/* As in an uncompressed file with damage: nothing ends at a zero byte. */
static void test_zero_bytes(void)
{
	static const char lines[] = "wl-1 [000] 1.0: a: x\0y\n";
	struct event_text event;
	struct text text;
	u64 lost;

	text_over(&text, "test", lines, sizeof(lines) - 1);
	CU_ASSERT_EQUAL_FATAL(event_text_line(&text, EVENT_FTRACE, &event, &lost), EVENT_LINE_EVENT);
	CU_ASSERT_EQUAL(event.body.length, 3);
}

static const struct unit tests[] = {
	{ "perf script: a head is found from the right, whatever the task is called", test_perf },
	{ "ftrace and trace-cmd: likewise, with flags, without, with a process", test_ftrace },
	{ "lines that tell of lost events say how many", test_lost },
	{ "headings and call chains are noise, what is cut or altered is not", test_other_lines },
	{ "an event is found by name with its system before or modifiers behind", test_names },
	{ "a body is asked by whole keys, in any order", test_keys },
	{ "a zero byte ends nothing", test_zero_bytes },
};
UNIT_MAIN("event text", tests)
