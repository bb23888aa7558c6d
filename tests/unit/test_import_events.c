#include "tests/unit/test_trace_imported.h"

/* Imports what is in files->in. The remarks come back joined by '\n', to be freed; NULL on failure. */
static char *import_with(const struct test_files *files, struct trace_import options, GError **error)
{
	char *said = NULL;

	options.in = options.in ? options.in : files->in;
	options.out = files->out;
	options.remarks = g_ptr_array_new_with_free_func(g_free);
	g_unlink(files->out);
	if (trace_import(&options, error)) {
		g_ptr_array_add(options.remarks, NULL);
		said = g_strjoinv("\n", (char **)options.remarks->pdata);
	}
	g_ptr_array_free(options.remarks, TRUE);
	return said;
}

/* The text imports to these runs, with these remarks. */
static void expect_import(const struct test_files *files, struct trace_import options, const char *text,
			  const char *runs, const char *remarks)
{
	GError *error = NULL;
	char *said;

	put_file(files->in, text, strlen(text));
	said = import_with(files, options, &error);
	if (!said)
		g_printerr("\n%s\n", error->message);
	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	expect_runs(trace_load(files->out, NULL), runs);
	CU_ASSERT_STRING_EQUAL(said, remarks);
	if (strcmp(said, remarks))
		g_printerr("\nsaid: %s\nnot:  %s\n", said, remarks);
	g_free(said);
}

static void expect_no_import(const struct test_files *files, struct trace_import options, const char *text,
			     int code, const char *message)
{
	GError *error = NULL;

	put_file(files->in, text, strlen(text));
	CU_ASSERT_PTR_NULL_FATAL(import_with(files, options, &error));
	expect_error(&error, files, code, message);
	CU_ASSERT(!g_file_test(files->out, G_FILE_TEST_EXISTS));
}

#define FTRACE_FAULTS                                                                                        \
	"# tracer: nop\n#\n# entries-in-buffer/entries-written: 4/4   #P:2\n"                                \
	" wl-7 [000] d.... 5.000001: page_fault_user: address=0x7f0000001fff ip=0x1 error_code=0x6\n"        \
	" wl-7 [000] d.... 5.000003: page_fault_user: error_code=0x4 address=0x402140\n"                     \
	" wl-7 [001] d.... 5.000010: page_fault_user: address=0x403000 ip=0x403000 error_code=0x14\n"        \
	" wl-7 [001] d.... 5.000010: page_fault_kernel: address=0x7f0000001000 ip=copy error_code=0x2\n"

static void test_faults(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	expect_import(&files, (struct trace_import){ 0 }, FTRACE_FAULTS, "W0@0 R1@2000 X2@7000 W0@0", "");
	trace = trace_load(files.out, NULL);
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 1000);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 1);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 2));
	CU_ASSERT_STRING_EQUAL(trace->header.recorded, "page faults (hits leave no records), from ftrace");
	CU_ASSERT_PTR_NULL(trace->header.note);
	trace_free(trace);
	files_release(&files);
}

static void test_page_map(void)
{
	struct test_files files;
	size_t size;
	char *map;

	files_init(&files);
	expect_import(&files, (struct trace_import){ .page_map = files.in }, FTRACE_FAULTS,
		      "W0@0 R1@2000 X2@7000 W0@0", "");
	map = get_file(files.in, &size);
	CU_ASSERT_STRING_EQUAL(map, "page,key\n0,7f0000001\n1,402\n2,403\n");
	g_free(map);
	files_release(&files);
}

static void test_heads_agree(void)
{
	static const char *const bodies[] = { "address=0x1000 ip=0x1 error_code=0x6",
					      "address=0x3000 ip=0x1 error_code=0x4",
					      "address=0x1fff ip=0x1 error_code=0x15" };
	static const char *const heads[] = {
		"wl  7 [001]  %u.000123:           exceptions:page_fault_user: %s\n",
		"   wl-7     [001] d....  %u.000123: page_fault_user: %s\n",
		"   wl-7     [001]  %u.000123123: page_fault_user:      %s\n",
	};
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(heads); i++) {
		GString *text = g_string_new(NULL);

		for (u32 k = 0; k < ARRAY_SIZE(bodies); k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			g_string_append_printf(text, heads[i], 2 * k, bodies[k]);
#pragma GCC diagnostic pop
		}
		expect_import(&files, (struct trace_import){ 0 }, text->str,
			      "W0@0 R1@2000000000 X0@2000000000", "");
		g_string_free(text, TRUE);
	}
	files_release(&files);
}

static void test_left_out(void)
{
	struct test_files files;

	files_init(&files);
	expect_import(
	    &files, (struct trace_import){ 0 },
	    "cpus=2\nCPU 1 is empty\nCPU:0 [12 EVENTS DROPPED]\n"
	    " wl-7 [000] 5.000009: page_fault_user: address=0x1000 error_code=0x6\n"
	    " wl-7 [000] 5.000010: mm_vmscan_direct_reclaim_end: nr_reclaimed=32\n"
	    " wl-7 [000] 5.000011: page_fault_user: address=0xffffc90000001000 error_code=0x2\n"
	    " wl-7 [000] 5.000011: page_fault_user: address=vmalloc_area+0x10 error_code=0x2\n"
	    "CPU:1 [30 EVENTS DROPPED]\nCPU:1 [EVENTS DROPPED]\n"
	    " wl-7 [001] 5.000004: page_fault_user: address=0x2000\n"
	    " wl-7 [001] 5.000010: page_fault_user: address=0x3000 error_code=0x6\n",
	    "W0@0 R1@0 W2@1000",
	    "2 faults at addresses of the kernel left out\n"
	    "1 faults do not say error_code= (taken to be reads)\n"
	    "42 events were lost when it was recorded, and more\n"
	    "1 events of other kinds left out\n"
	    "1 accesses are recorded as earlier than the one before them (taken to follow at once)");
	expect_import(&files, (struct trace_import){ .note = "mine" },
		      "# tracer: nop\n# entries-in-buffer/entries-written: 1/8   #P:2\n"
		      " wl-7 [000] .... 5.000009: page_fault_user: address=0x1000 error_code=0x6\n",
		      "W0@0", "7 events were lost when it was recorded");
	expect_import(
	    &files, (struct trace_import){ 0 },
	    "wl-7 [000] .... 5.0: page_fault_user: address=0x1000 error_code=0x6\nCPU:1 [LOST EVENTS]\n",
	    "W0@0", "events were lost when it was recorded, it does not say how many");
	files_release(&files);
}

static void test_note(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	expect_import(
	    &files, (struct trace_import){ .note = "mine" },
	    " wl-7 [000] .... 5.1: x: y\nwl-7 [000] 5.2: page_fault_user: address=0x1 error_code=0x4\n"
	    "CPU:1 [LOST 2 EVENTS]\n",
	    "R0@0", "2 events were lost when it was recorded\n1 events of other kinds left out");
	trace = trace_load(files.out, NULL);
	CU_ASSERT_STRING_EQUAL(
	    trace->header.note,
	    "mine; 2 events were lost when it was recorded; 1 events of other kinds left out");
	trace_free(trace);
	files_release(&files);
}

#define FAULT(task, page) task " [000] 5.000000: page_fault_user: address=0x" page "000 error_code=0x6\n"
#define TASKS FAULT("cc-7", "1") FAULT("sh-8", "2") FAULT("cc-9", "1") FAULT("cc-9", "3")

static void test_tasks(void)
{
	static const char rest[] = "1 events of tasks or devices that were not asked for left out";
	struct test_files files;

	files_init(&files);
	expect_no_import(
	    &files, (struct trace_import){ 0 }, TASKS, ERROR_USAGE,
	    "in: accesses of 3 tasks, whose pages may differ: cc 9 (2), cc 7 (1), sh 8 (1) (--pid N, "
	    "or --pid N,N,... for threads of one process)");
	expect_no_import(
	    &files, (struct trace_import){ .comm = "cc" }, TASKS, ERROR_USAGE,
	    "in: accesses of 2 tasks, whose pages may differ: cc 9 (2), cc 7 (1) (--pid N, or --pid "
	    "N,N,... for threads of one process)");
	expect_import(&files, (struct trace_import){ .pids = "9" }, FAULT("sh-8", "2") FAULT("cc-9", "3"),
		      "W0@0", rest);
	expect_import(&files, (struct trace_import){ .comm = "sh" }, FAULT("sh-8", "2") FAULT("cc-9", "3"),
		      "W0@0", rest);
	expect_import(&files, (struct trace_import){ .pids = "9,7" }, TASKS, "W0x2+0@0 W1@0", rest);
	expect_import(&files, (struct trace_import){ .pids = "7,9", .comm = "cc" }, TASKS, "W0x2+0@0 W1@0",
		      rest);
	/* One process whose threads are known. */
	expect_import(
	    &files, (struct trace_import){ .format = "ftrace" },
	    FAULT("a-7 (7)", "1") FAULT("b-8 (      7)", "2"), "W0x2+1@0",
	    "task 7 was called a first and b last (one that starts a program leaves its pages behind; "
	    "--comm takes one of them)");
	expect_import(&files, (struct trace_import){ .pids = "7" },
		      "wl 7/8 [000] 5.0: exceptions:page_fault_user: address=0x1 error_code=0x4\n", "R0@0",
		      "");
	expect_import(&files, (struct trace_import){ 0 }, FAULT("sh-8", "2") FAULT("<...>-8", "2"),
		      "W0x2+0@0", "");
	expect_no_import(&files, (struct trace_import){ .pids = "7,x" }, TASKS, ERROR_USAGE,
			 "malformed list of processes (N, or N,N,...): \"7,x\"");
	expect_no_import(&files, (struct trace_import){ .pids = "" }, TASKS, ERROR_USAGE,
			 "malformed list of processes (N, or N,N,...): \"\"");
	expect_no_import(
	    &files, (struct trace_import){ .pids = "1" }, FAULT("sh-8", "2"), ERROR_TRACE,
	    "in:2:1: no event that is an access (page_fault_user or page-faults; 0 of other kinds, 1 "
	    "of other tasks)");
	files_release(&files);
}

static void test_counted(void)
{
	static const char reads[] =
	    "page-faults does not say whether a page was read or written (taken to be reads)";
	struct test_files files;
	char *said;

	files_init(&files);
	expect_import(
	    &files, (struct trace_import){ 0 },
	    "lk 7  1.000001:     1 page-faults:     7f1142825010 [unknown] (//anon)     5592204bd159 m+0x2\n"
	    "lk 7  1.000002:     1 page-faults:     7f1142826010 5592204bd159 m+0x2 (/bin/lk)\n"
	    "lk 7  1.000004:     1 page-faults:u:     7f1142825010\n"
	    "\t    5592204bd159 main+0x20 (/bin/lk)\n\n",
	    "R0@0 R1@1000 R0@2000", reads);
	said = g_strconcat(reads, "\n1 records stand for 250 faults (perf record -c 1 records each)", NULL);
	expect_import(&files, (struct trace_import){ 0 },
		      "lk 7/7 [001] 1.000001: 250 page-faults: 7f1142825010\n", "R0@0", said);
	g_free(said);
	expect_import(
	    &files, (struct trace_import){ .events = "major-faults" },
	    "lk 7 [001] 1.000001: 1 minor-faults: 1000\nlk 7 [001] 1.000001: 1 major-faults: 2000\n", "R0@0",
	    "major-faults does not say whether a page was read or written (taken to be reads)\n"
	    "1 events of other kinds left out");
	expect_no_import(&files, (struct trace_import){ 0 },
			 "lk 7  1.000001:     1 page-faults:  5592204bd159 add+0x20 (/bin/lk)\n", ERROR_TRACE,
			 "in:1:37: no address that was accessed (perf record -d; perf script -F "
			 "comm,pid,tid,time,event,addr)");
	expect_no_import(
	    &files, (struct trace_import){ 0 },
	    "lk 7 [001] 1.000001: 1 page-faults: 1000\nlk 7 [001] 1.000001: 1 major-faults: 1000\n",
	    ERROR_USAGE,
	    "in: both page-faults and major-faults are recorded, every access twice (--event NAME takes "
	    "one)");
	files_release(&files);
}

static void test_refused(void)
{
	struct test_files files;

	files_init(&files);
	expect_no_import(&files, (struct trace_import){ .format = "perf" }, FTRACE_FAULTS, ERROR_TRACE,
			 "in:4:1: no event (COMM PID [CPU] SECONDS: EVENT: ...)");
	expect_no_import(&files, (struct trace_import){ 0 }, FTRACE_FAULTS " wl-7 [000] d.... 5.0",
			 ERROR_TRACE, "in:8:1: no event (COMM-PID [CPU] SECONDS: EVENT: ...)");
	expect_no_import(&files, (struct trace_import){ 0 },
			 "wl-7 [000] 5.0: page_fault_user: error_code=0x4\n", ERROR_TRACE,
			 "in:1:34: a page fault that does not say address=");
	expect_no_import(&files, (struct trace_import){ 0 },
			 "wl-7 [000] 5.0: page_fault_user: address=0x1\n"
			 "wl-7 [000] 80000.0: page_fault_user: address=0x1\n",
			 ERROR_TRACE, "in:2:1: a gap that is too long (below 2^46 ns)");
	expect_no_import(&files, (struct trace_import){ .numbering = TRACE_NUMBER_KEEP },
			 "wl-7 [000] 5.0: page_fault_user: address=0x7f0000001000\n", ERROR_TRACE,
			 "in:1:1: a page that no trace has (0 to 268435455; --numbering dense)");
	expect_no_import(&files, (struct trace_import){ .events = "page_fault_user,sched_switch" },
			 FTRACE_FAULTS, ERROR_USAGE,
			 "events that are no accesses (page_fault_user, page_fault_kernel, page-faults, "
			 "minor-faults, major-faults, block_bio_queue, block_rq_issue or block_rq_complete): "
			 "\"sched_switch\"");
	files_release(&files);
}

static void test_choice_refused(void)
{
	struct test_files files;

	files_init(&files);
	expect_no_import(&files, (struct trace_import){ .pids = "1" }, "R 1\n", ERROR_USAGE,
			 "traces of the format access have no tasks, events or devices to choose (no --pid, "
			 "--comm, --event, --device)");
	files_release(&files);
}

static void test_requests_of_events(void)
{
	static const char text[] =
	    " wl-7 [000] 5.000001: block_rq_issue:  254,16 RA 16384 () 64 + 32 0x2,0,4 [wl]\n"
	    " wl-7 [000] 5.000002: block_bio_queue: 254,16 W 8 + 8 [wl]\n"
	    " kworker/0:1-9 [000] 5.000003: block_rq_issue: 254,16 WS 4096 () 8 + 8 [kworker/0:1]\n"
	    " wl-7 [000] 5.000004: block_rq_issue: 254,16 FF 0 () 0 + 0 [wl]\n"
	    " wl-7 [000] 5.000004: page_fault_user: address=0x1000 error_code=0x4\n";
	struct test_files files;

	files_init(&files);
	expect_import(&files, (struct trace_import){ .events = "block_rq_issue" }, text, "R8x4+1@0 W1@2000",
		      "requests are split into pages: 1 reads into 4, 1 writes into 1\n"
		      "1 requests without data left out\n2 events of other kinds left out");
	expect_import(&files, (struct trace_import){ .events = "block_bio_queue" }, text, "W1@0",
		      "4 events of other kinds left out");
	expect_import(&files, (struct trace_import){ 0 }, text, "R0@0", "4 events of other kinds left out");
	expect_no_import(&files, (struct trace_import){ .events = "block_rq_issue" },
			 "wl-7 [000] 5.0: block_rq_issue: sda R 8 + 8\n", ERROR_TRACE,
			 "in:1:33: no device of a request (MAJOR,MINOR)");
	files_release(&files);
}

#define RECORD(device, rest) device " 0 1 0.000000007 481 " rest "\n"

static void test_blkparse(void)
{
	static const char text[] =
	    "254,16   0        1     0.000000000   481  Q   W 16 + 8 [wl]\n"
	    "254,16   0        2     0.000000100   481  M   W 24 + 8 [wl]\n"
	    "254,16   0        3     0.000000200   481  P   N [wl]\n"
	    "254,16   0        4     0.000000300   481  D   W 16 + 16 ( 468) [wl]\n"
	    "254,16   0        5     0.000001300   481  D  RA 800 + 8 [wl]\n"
	    "254,16   0        6     0.000001400     0  C   R 800 + 8 [0]\n"
	    "CPU0 (bt):\n"
	    " Reads Queued:           0,        0KiB\t Writes Queued:           1,     4KiB\n"
	    " Read Dispatches:        1,        4KiB\t Write Dispatches:        1,     8KiB\n"
	    "\nThroughput (R/W): 4425KiB/s / 5175KiB/s\nEvents (bt): 6 entries\n"
	    "Skips: 2 forward (1,017 -   0.1%)\n";
	struct test_files files;

	files_init(&files);
	expect_import(&files, (struct trace_import){ 0 }, text, "W2x2+1@0 R100@1000",
		      "requests are split into pages: 1 reads into 1, 1 writes into 2\n"
		      "1017 events were lost when it was recorded");
	expect_import(&files, (struct trace_import){ .numbering = TRACE_NUMBER_DENSE }, text,
		      "W0x2+1@0 R2@1000",
		      "requests are split into pages: 1 reads into 1, 1 writes into 2\n"
		      "1017 events were lost when it was recorded");
	expect_import(&files, (struct trace_import){ .events = "Q" }, text, "W2@0",
		      "1017 events were lost when it was recorded");
	expect_import(&files, (struct trace_import){ .events = "C" }, text, "R100@0",
		      "1017 events were lost when it was recorded");
	files_release(&files);
}

static void test_blkparse_totals(void)
{
	static const char cut[] =
	    "254,16 0 5 0.000001300 481 D R 800 + 8 [wl]\n"
	    "CPU0 (bt):\n Read Dispatches:     1,002,     4KiB\t Write Dispatches:     0\n"
	    "CPU1 (bt):\n Read Dispatches:         1,     4KiB\t Write Dispatches:     4\n"
	    "Total (bt):\n Read Dispatches:     1,003,     8KiB\t Write Dispatches:     4\n";
	struct test_files files;

	files_init(&files);
	expect_import(&files, (struct trace_import){ 0 }, cut, "R100@0",
		      "the summary counts 1003 reads and 4 writes, the records are 1 and 0");
	/* A rounded total says nothing, and neither does one of everything if not everything was asked for.
	 */
	expect_import(&files, (struct trace_import){ 0 },
		      "254,16 0 5 0.000001300 481 D R 800 + 8 [wl]\n"
		      "CPU0 (bt):\n Read Dispatches:     1,002K,     4MiB\n",
		      "R100@0", "");
	expect_import(
	    &files, (struct trace_import){ .comm = "wl" },
	    "254,16 0 5 0.000001300 481 D R 800 + 8 [wl]\n254,16 0 6 0.000001300 481 D R 808 + 8 [x]\n"
	    "CPU0 (bt):\n Read Dispatches:     1,002,     4KiB\n",
	    "R100@0", "1 events of tasks or devices that were not asked for left out");
	files_release(&files);
}

static void test_blkparse_devices(void)
{
	static const char two[] = RECORD("254,16", "D R 8 + 8 [wl]") RECORD("254,0", "D R 16 + 8 [wl]")
	    RECORD("254,0", "D R 20 + 8 [wl]");
	struct test_files files;

	files_init(&files);
	expect_no_import(&files, (struct trace_import){ 0 }, two, ERROR_USAGE,
			 "in: accesses of 2 devices: 254,0 (2), 254,16 (1) (--device MAJOR,MINOR)");
	expect_import(&files, (struct trace_import){ .device = "254,16" }, two, "R1@0",
		      "2 events of tasks or devices that were not asked for left out");
	expect_import(&files, (struct trace_import){ .device = "254,0" }, two, "R2x2+0@0 R3@0",
		      "requests are split into pages: 2 reads into 3, 0 writes into 0\n"
		      "1 requests begin or end inside a page, which counts whole\n"
		      "1 events of tasks or devices that were not asked for left out");
	expect_import(&files, (struct trace_import){ 0 },
		      RECORD("8,0", "D R 8 + 8 [wl]") RECORD("8,0", "D D 8 + 800 [wl]")
			  RECORD("8,0", "D FN [wl]") RECORD("8,0", "D FWS 16 + 8 [wl]"),
		      "R1@0 W2@0", "2 requests without data left out");
	expect_no_import(&files, (struct trace_import){ .device = "sda" }, two, ERROR_USAGE,
			 "malformed device (MAJOR,MINOR): \"sda\"");
	expect_no_import(&files, (struct trace_import){ .events = "M" }, two, ERROR_USAGE,
			 "not one action of blkparse (Q, D or C): \"M\"");
	files_release(&files);
}

static void test_blkparse_refused(void)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ RECORD("8,0", "D R 8 + 8 [wl]") "8,0 0 1 0.0000000 4",
		  "in:2:18: no record (MAJOR,MINOR CPU SEQUENCE SECONDS PID ACTION RWBS ...)" },
		{ RECORD("8,0", "D R 8 + 8 [wl]") "garbage\n",
		  "in:2:1: no record (MAJOR,MINOR CPU SEQUENCE SECONDS PID ACTION RWBS ...)" },
		{ RECORD("8,0", "D R 8"), "in:1:28: no extent of the request (SECTOR + SECTORS)" },
		{ RECORD("8,0", "D R x + 8"), "in:1:30: no sector (a decimal number below 2^63)" },
		{ RECORD("8,0", "D R 8 + 65537"), "in:1:33: no number of sectors (0 to 65536)" },
		{ RECORD("8,0", "D R 2147483648 + 8"),
		  "in:1:43: a page that no trace has (0 to 268435455; --numbering dense)" },
	};
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_no_import(&files, (struct trace_import){ .format = "blkparse" }, wrong[i].text,
				 ERROR_TRACE, wrong[i].message);
	files_release(&files);
}

static struct trace *import_sample(const struct test_files *files, const char *name, const char *comm,
				   const char *remarks)
{
	char *path = g_build_filename(SOURCE_DIR, "traces", "samples", name, NULL);
	struct trace_import options = { .in = path, .comm = comm };
	char *said = import_with(files, options, NULL);
	struct trace *trace;

	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	CU_ASSERT_STRING_EQUAL(said, remarks);
	trace = trace_load(files->out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	g_free(said);
	g_free(path);
	return trace;
}

static enum trace_op op_at(const struct trace *trace, u64 access)
{
	return trace_op(&trace->runs[trace_seek(trace, access).run]);
}

/* The same accesses; when they happened differs, for a program runs twice to be recorded twice. */
static void expect_same_stream(struct trace *a, struct trace *b, u64 accesses, u32 pages, u32 writes)
{
	u32 written = 0;

	CU_ASSERT_EQUAL_FATAL(a->header.accesses, accesses);
	CU_ASSERT_EQUAL_FATAL(b->header.accesses, accesses);
	CU_ASSERT_EQUAL(a->header.pages, pages);
	CU_ASSERT_EQUAL(b->header.pages, pages);
	for (u64 i = 0; i < accesses; i++) {
		CU_ASSERT_EQUAL(trace_page(a, trace_seek(a, i)), trace_page(b, trace_seek(b, i)));
		CU_ASSERT_EQUAL(op_at(a, i), op_at(b, i));
		written += op_at(a, i) == TRACE_WRITE;
	}
	CU_ASSERT_EQUAL(written, writes);
	trace_free(a);
	trace_free(b);
}

/* Counts by grep over the samples. */
static void test_samples(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	expect_same_stream(import_sample(&files, "sample.rand.perf", "wl",
					 "37 events of other kinds left out\n"
					 "9 events of tasks or devices that were not asked for left out"),
			   import_sample(&files, "sample.rand.trace-cmd", "wl",
					 "51 events of other kinds left out\n"
					 "8 events of tasks or devices that were not asked for left out"),
			   129, 111, 67);
	expect_same_stream(
	    import_sample(&files, "sample.seq.perf", NULL, "23 events of other kinds left out"),
	    import_sample(&files, "sample.seq.ftrace", NULL, "45 events of other kinds left out"), 113, 113,
	    48);
	trace = import_sample(&files, "sample.blkparse", NULL,
			      "requests are split into pages: 20 reads into 21, 7 writes into 43");
	CU_ASSERT_EQUAL(trace->header.accesses, 64);
	trace_free(trace);
	files_release(&files);
}

static const struct unit tests[] = {
	{ "page faults become accesses: pages by address, kind by error code, gaps by time", test_faults },
	{ "the page map names the pages of addresses", test_page_map },
	{ "the three kinds of heads give the same trace", test_heads_agree },
	{ "what is lost, left out or out of order is counted and said", test_left_out },
	{ "the note says the remarks too", test_note },
	{ "one address space is taken; if there are several, one must be chosen", test_tasks },
	{ "perf's counted faults have an address and are reads", test_counted },
	{ "events that cannot be imported are refused where they are", test_refused },
	{ "there is nothing to choose in a format without tasks", test_choice_refused },
	{ "block requests are imported out of events if asked for", test_requests_of_events },
	{ "blkparse: requests become accesses to slots, the summary ends them", test_blkparse },
	{ "blkparse: totals of the summary are compared", test_blkparse_totals },
	{ "blkparse: one device is taken; what moves no data is none", test_blkparse_devices },
	{ "blkparse: what is no record is refused where it is", test_blkparse_refused },
	{ "the samples import, those of one program in two formats to the same stream", test_samples },
};
UNIT_MAIN("import of events", tests)
