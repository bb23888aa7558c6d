#include "sim/random.h"
#include "tests/unit/test_trace_imported.h"
#include "traces/top_filter.h"

#define HEAD                                                                                                 \
	"==7== Lackey, an example Valgrind tool\n==7== Using Valgrind-3.19.0 and LibVEX\n==7== Command: ls " \
	"-l\n"
#define TAIL "==7==   guest instrs:  2\n==7== Exit code:       0\n"

static struct trace *filtered(const struct test_files *files, const char *text, u32 k)
{
	struct trace_import options = { .in = files->in, .out = files->out, .filter_top = k };
	struct trace *trace;

	put_file(files->in, text, strlen(text));
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	trace = trace_load(files->out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	return trace;
}

/* The remarks, each with "|" before it. */
static void expect_remarks(const struct test_files *files, const char *text, const char *expected)
{
	struct trace_import options = { .in = files->in, .out = files->out };
	GString *said = g_string_new(NULL);

	options.remarks = g_ptr_array_new_with_free_func(g_free);
	put_file(files->in, text, strlen(text));
	CU_ASSERT(trace_import(&options, NULL));
	for (u32 i = 0; i < options.remarks->len; i++)
		g_string_append_printf(said, "|%s", (char *)g_ptr_array_index(options.remarks, i));
	CU_ASSERT_STRING_EQUAL(said->str, expected);
	if (strcmp(said->str, expected))
		g_printerr("\nsaid: %s\nnot:  %s\n", said->str, expected);
	g_string_free(said, TRUE);
	g_ptr_array_free(options.remarks, TRUE);
}

static void test_references(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = imported(
	    &files, NULL,
	    HEAD "I  0401ab70,3\n S 1fff000628,8\nI  0401bffe,5\n L 04032fff,1\n M 04033e06,1\n" TAIL);
	CU_ASSERT_STRING_EQUAL(trace->header.program, "ls -l");
	CU_ASSERT_STRING_EQUAL(trace->header.recorded,
			       "Valgrind-3.19.0, lackey --trace-mem=yes; refs=5 I=2 L=1 S=1 M=1");
	CU_ASSERT_PTR_NULL(trace->header.note);
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_REFERENCE);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 300);
	CU_ASSERT_EQUAL(trace->header.filter_k, 0);
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 0);
	CU_ASSERT_EQUAL(trace->header.pages, 6);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 3);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 3));
	/* The second instruction lies on two pages; its second half takes no time of its own. */
	expect_runs(trace, "X0@1 W1@1 X2@1 X3@0 R4@1 W5@1");
	expect_runs(imported(&files, "lackey", "I  fffffffffffff000,4096\n"), "X0@1");
	files_release(&files);
}

/* Pages that are given back, or that a mapping covers, and a heap that shrinks. */
static void test_given_back(void)
{
	struct test_files files;

	files_init(&files);
	expect_runs(
	    imported(&files, NULL,
		     HEAD " S 9000,8\n S a000,8\n S b000,8\n"
			  "SYSCALL[7,1](11) sys_munmap ( 0x9000, 8192 )[sync] --> Success(0x0) \n"
			  "SYSCALL[7,1](11) sys_munmap ( 0x9000, 8192 )[sync] --> Success(0x0) \n"
			  " S a000,8\n"
			  "SYSCALL[7,1](28) sys_madvise ( 0xa000, 4096, 4 )[sync] --> Success(0x0) \n"
			  "SYSCALL[7,1](28) sys_madvise ( 0xb000, 4096, 14 )[sync] --> Success(0x0) \n"
			  "SYSCALL[7,1](9) sys_mmap ( 0xb000, 100, 3, 50, 4294967295, 0 ) --> [pre-success] "
			  "Success(0xb000) \n" TAIL),
	    "W0x3+1@1 U0x2+1@0 W1@1 U1x2+1@0");
	expect_runs(imported(&files, NULL,
			     HEAD "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x9000) \n"
				  "SYSCALL[7,1](12) sys_brk ( 0xc000 ) --> [pre-success] Success(0xc000) \n"
				  " S 9000,8\n S b000,8\n"
				  "SYSCALL[7,1](12) sys_brk ( 0xa000 ) --> [pre-success] Success(0xa000) \n"
				  "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0xa000) \n"
				  "SYSCALL[7,1](11) sys_munmap ( 0x9000, 4096 )[sync] --> Failure(0x16) \n"),
		    "W0x2+1@1 U1@0");
	files_release(&files);
}

/* A page takes its number along, and what comes to its old place is another one. */
static void test_moved(void)
{
	struct test_files files;

	files_init(&files);
	expect_runs(imported(&files, NULL,
			     HEAD " S 9000,8\n S a000,8\n"
				  "SYSCALL[7,1](25) sys_mremap ( 0x9000, 8192, 12288, 0x1 )[sync] --> "
				  "Success(0x20000) \n"
				  " L 21000,8\n S 22000,8\n S 9000,8\n"
				  "SYSCALL[7,1](25) sys_mremap ( 0x20000, 12288, 4096, 0x1 )[sync] --> "
				  "Success(0x20000) \n" TAIL),
		    "W0x2+1@1 R1@1 W2x2+1@1 U1x2+1@0");
	files_release(&files);
}

/* What the kernel writes and reads for the program, in one line or two. */
static void test_buffers(void)
{
	struct test_files files;

	files_init(&files);
	expect_runs(imported(&files, NULL,
			     HEAD
			     " S 9ff0,8\n"
			     "SYSCALL[7,1](0) sys_read ( 3, 0x9ff8, 4096 ) --> [async] ... \n"
			     "SYSCALL[7,1](0) ... [async] --> Success(0x9) \n"
			     "SYSCALL[7,1](1) sys_write ( 1, 0xa000(text), 4096 )[sync] --> Success(0x1) \n"
			     "SYSCALL[7,1](0) sys_read ( 3, 0xb000, 4096 ) --> [async] ... \n"
			     "SYSCALL[7,1](0) ... [async] --> Success(0x0) \n"
			     "SYSCALL[7,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)\n"
			     " --> [pre-fail] Failure(0x26) \n" TAIL),
		    "W0@1 W0x2+1@0 R1@0");
	expect_remarks(&files,
		       "==7== Exit code: 0\nSYSCALL[7,1](334) unimplemented\n --> [pre-fail] Failure(0x26) \n"
		       "I  1000,1\n",
		       "");
	files_release(&files);
}

/* The program below the heap, mapped libraries: pages of files, until something else is mapped there. */
static void test_files_mapped(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = imported(&files, NULL,
			 HEAD " L 3000,8\n"
			      "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x5000) \n"
			      " S 4000,8\n S 5000,8\n"
			      "SYSCALL[7,1](9) sys_mmap ( 0x0, 12288, 1, 2050, 3, 0 ) --> [pre-success] "
			      "Success(0x10000) \n"
			      "SYSCALL[7,1](9) sys_mmap ( 0x11000, 4096, 3, 50, 4294967295, 0 ) --> "
			      "[pre-success] Success(0x11000) \n"
			      " L 10000,8\n L 11000,8\n L 12000,8\n"
			      "SYSCALL[7,1](11) sys_munmap ( 0x10000, 12288 )[sync] --> Success(0x0) \n"
			      " S 10000,8\n" TAIL);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 4);
	for (u32 page = 0; page < trace->header.pages; page++)
		CU_ASSERT_EQUAL(page_set_has(&trace->header.file_pages, page),
				page == 0 || page == 1 || page == 3 || page == 5);
	expect_runs(trace, "R0@1 W1x2+1@1 R3x3+1@1 U3x3+1@0 W6@1");
	files_release(&files);
}

/* Neighbours in a page table are neighbours in the trace, whichever is touched first. */
static void test_tables(void)
{
	static const char stores[] =
	    " S 7f0000003000,8\n S 201000,8\n S 7f0000002000,8\n S 3ff000,8\n S 400000,8\n";
	struct test_files files;
	struct trace_import options = { .numbering = TRACE_NUMBER_TABLES };
	GError *error = NULL;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, stores, strlen(stores));
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	expect_runs(trace_load(files.out, NULL), "W3@1 W513@1 W2@1 W1023x2+1@1");
	put_file(files.in, "R 5\n", 4);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE,
		     "traces of the format access cannot be numbered by page table (no --numbering tables)");
	files_release(&files);
}

static void test_refused(void)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "I  401ab70,3\nI  401ab70,\n", "in:2:12: no size (1 to 65536 bytes)" },
		{ "I  401ab70,0\n", "in:1:13: no size (1 to 65536 bytes)" },
		{ " L 401ab70,65537\n", "in:1:12: no size (1 to 65536 bytes)" },
		{ " M 401ab70,4 \n", "in:1:13: something follows the size" },
		{ " S ffffffffffffffff,2\n", "in:1:22: it goes beyond the last address" },
		{ HEAD TAIL, "out.swt: is not written: the trace holds no access" },
	};
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_refusal(&files, NULL, wrong[i].text, ERROR_TRACE, wrong[i].message);
	files_release(&files);
}

static void test_remarks(void)
{
	struct test_files files;

	files_init(&files);
	expect_remarks(&files, HEAD "I  1000,1\nI  1001,1\n" TAIL, "");
	expect_remarks(&files, HEAD "I  1000,1\nhello\nI  what\n" TAIL,
		       "|2 lines are neither references nor valgrind's own"
		       "|1 instructions (lackey itself counted 2)");
	expect_remarks(&files, HEAD "I  1000,1\n==8== Command: fork\nI  1000,1\n" TAIL,
		       "|lines of several processes, whose references cannot be told apart");
	expect_remarks(&files, HEAD "I  1000,1\n",
		       "|it ends without lackey's \"Exit code:\": cut short, or not all of it");
	expect_remarks(&files, HEAD "I  1000,1\n==7==   guest instrs:  1,000,001\n==7== Exit code: 0\n",
		       "|1 instructions (lackey itself counted 1000001)");
	files_release(&files);
}

static void test_filter(void)
{
	struct test_files files;
	GString *text = g_string_new(NULL);
	struct trace *trace;

	files_init(&files);
	/* Pages 1 and 2 are the two of the stack, but 2 came with a read: its first write stays. */
	trace = filtered(&files,
			 " S 1000,8\n L 2000,8\n L 1000,8\n S 2000,8\n S 2008,8\n S 1000,8\n"
			 " L 3000,8\n L 1000,8\n L 2000,8\n S 2000,8\n L 2000,8\n",
			 2);
	CU_ASSERT_EQUAL(trace->header.filter_k, 2);
	CU_ASSERT_EQUAL(trace->header.smallest_limit_pages, 8);
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 1);
	expect_runs(trace, "W0@1 R1@1 W1@2 R2@3 R1@2 W1@1");
	/* Any text format can be filtered, and what was dropped at the end is not lost. */
	trace = filtered(&files, "page,op,count,stride,gap\n5,R,3,0,7\n4,X,2,1,1\n5,W,1,0,3\n5,R,1,0,2\n", 1);
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 2);
	expect_runs(trace, "R5@7 X4@15 X5@1 W5@3");
	/* What is given back is none of the K any more; what was never touched is not given back. */
	trace = filtered(&files, "W 1\nU 1\nW 1\nW 1\nU 2\nU 1\nU 1\nR 0\n", 2);
	expect_runs(trace, "W1@1 U1@1 W1@1 U1@3 R0@2");
	trace = filtered(&files, "page,op,count,stride,time\n1,R,3,0,50\n2,R,1,0,60\n", 1);
	expect_runs(trace, "R1@0 R2@10");
	/* What a file says of itself stays true. */
	trace =
	    filtered(&files, "# filter-k: 5\n# accesses: 3\n# file-pages: 0\npage,op\n1,R\n1,R\n2,R\n", 1);
	CU_ASSERT_EQUAL(trace->header.filter_k, 5);
	CU_ASSERT_EQUAL(trace->header.smallest_limit_pages, 20);
	expect_runs(trace, "R1@1 R2@2");
	/* A page that stays is heard of again, after 16 others for each of the K. */
	for (u32 i = 0; i < 40; i++)
		g_string_append_printf(text, "W %u\nW 0\n", 1 + i % 9);
	trace = filtered(&files, text->str, 2);
	CU_ASSERT_EQUAL(trace->header.accesses, 40 + 2);
	g_string_free(text, TRUE);
	trace_free(trace);
	files_release(&files);
}

static void test_filter_refused(void)
{
	static const char marked[] = "# mark: 1 run\npage,op\n1,R\n1,R\n2,R\n";
	struct test_files files;
	struct trace_import options = { .filter_top = 16 };
	GError *error = NULL;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, "1 X 0\n", 6);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE,
		     "traces of the format lackey-pages have been filtered already (no --filter-top)");
	put_file(files.in, marked, strlen(marked));
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in:2:8: its marks count accesses that the filter drops (no marks, or no --filter-top)");
	options.filter_top = TOP_FILTER_MAX + 1;
	put_file(files.in, "R 0\n", 4);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE, "--filter-top 67108865: not possible (1 to 67108864)");
	files_release(&files);
}

struct reduced {
	GString *records;
	u32 recent[16]; /* page, newest first */
	bool written[16];
	u32 kept;
	u64 last[512];
	u32 numbers[512]; /* + 1 */
	u32 pages;
	u64 lines;
	u64 gap;
};

/* The filter in its simplest form, on a list that is searched. */
static void reduce(struct reduced *r, u32 page, char op)
{
	u32 at = 0;
	bool hit, written = false;

	while (at < r->kept && r->recent[at] != page)
		at++;
	hit = at < r->kept;
	if (hit)
		written = r->written[at];
	else if (r->kept < ARRAY_SIZE(r->recent))
		at = r->kept++;
	else
		at = r->kept - 1;
	memmove(r->recent + 1, r->recent, at * sizeof(*r->recent));
	memmove(r->written + 1, r->written, at * sizeof(*r->written));
	r->recent[0] = page;
	r->written[0] = written || op == 'W';
	if (hit && (op != 'W' || written) && r->lines - r->last[page] < 16 * ARRAY_SIZE(r->recent))
		return;
	r->last[page] = r->lines + 1;
	if (!r->numbers[page])
		r->numbers[page] = ++r->pages;
	g_string_append_printf(r->records, "%" G_GUINT64_FORMAT " %c %u\n", (guint64)r->gap, op,
			       r->numbers[page] - 1);
	r->gap = 0;
	r->lines++;
}

static void finish_reduced(struct reduced *r, u32 references)
{
	g_string_append_printf(r->records, "# refs=%u pages=%u lines=%" G_GUINT64_FORMAT " K=16\n",
			       references, r->pages, (guint64)r->lines);
	for (u32 number = 1; number <= r->pages; number++) {
		u32 page = 0;

		while (r->numbers[page] != number)
			page++;
		g_string_append_printf(r->records, "#p %u %x\n", number - 1, page);
	}
}

static void expect_same(const struct trace *a, const struct trace *b)
{
	CU_ASSERT_EQUAL_FATAL(a->header.runs, b->header.runs);
	CU_ASSERT(!memcmp(a->runs, b->runs, a->header.runs * sizeof(*a->runs)));
	CU_ASSERT_EQUAL(a->header.accesses, b->header.accesses);
	CU_ASSERT_EQUAL(a->header.pages, b->header.pages);
	CU_ASSERT_EQUAL(a->header.filter_k, b->header.filter_k);
	CU_ASSERT_EQUAL(a->header.smallest_limit_pages, b->header.smallest_limit_pages);
	CU_ASSERT_EQUAL(a->header.ticks_after_last, b->header.ticks_after_last);
	CU_ASSERT_EQUAL(a->header.file_pages_count, b->header.file_pages_count);
	for (u32 page = 0; page < a->header.pages; page++)
		CU_ASSERT_EQUAL(page_set_has(&a->header.file_pages, page),
				page_set_has(&b->header.file_pages, page));
}

/* Half of the references go to few pages, some straddle, and the two formats of the same run are the same. */
static void test_same_as_reduced(void)
{
	static const char lines[4][4] = { "I  ", " L ", " S ", " M " };
	enum { REFERENCES = 20000 };
	struct reduced r = { .records = g_string_new(NULL) };
	GString *raw = g_string_new(NULL);
	u64 key = random_key(1, 0, 0);
	struct test_files files;
	struct trace *from_raw, *from_reduced;

	for (u32 i = 0; i < REFERENCES; i++) {
		u64 value = random_value(key, i);
		u32 page = random_below(random_mix(value), value & 1 ? 12 : 500), kind = value >> 1 & 3;
		bool straddles = (value >> 3 & 63) == 0;

		g_string_append_printf(raw, "%s%08x,%u\n", lines[kind],
				       page << 12 | (straddles ? 4094 : (u32)(value >> 9 & 2047)), 4u);
		r.gap++;
		reduce(&r, page, "XRWW"[kind]);
		if (straddles)
			reduce(&r, page + 1, "XRWW"[kind]);
	}
	finish_reduced(&r, REFERENCES);
	files_init(&files);
	from_reduced = imported(&files, "lackey-pages", r.records->str);
	from_raw = filtered(&files, raw->str, 16);
	CU_ASSERT(from_raw->header.accesses < REFERENCES);
	expect_same(from_raw, from_reduced);
	trace_free(from_raw);
	trace_free(from_reduced);
	files_release(&files);
	g_string_free(raw, TRUE);
	g_string_free(r.records, TRUE);
}

static void test_sample(void)
{
	struct test_files files;
	char *path = g_build_filename(SOURCE_DIR, "traces", "samples", "sample.lackey-trace", NULL);
	struct trace_import options = { .in = path };
	struct trace *trace;

	files_init(&files);
	put_file(files.in, "", 0);
	options.out = files.out;
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	trace = trace_load(files.out, NULL);
	CU_ASSERT_STRING_EQUAL(trace->header.recorded,
			       "Valgrind-3.19.0, lackey --trace-mem=yes; refs=320 I=250 L=30 S=32 M=8");
	CU_ASSERT_PTR_NULL(trace->header.note);
	CU_ASSERT_EQUAL(trace->header.accesses, 320);
	CU_ASSERT_EQUAL(trace->header.pages, 5);
	trace_free(trace);
	g_free(path);
	files_release(&files);
}

static const struct unit tests[] = {
	{ "references of each kind become accesses, those of two pages two", test_references },
	{ "pages that system calls give back are given back", test_given_back },
	{ "pages that are moved keep their numbers", test_moved },
	{ "buffers of system calls are touched", test_buffers },
	{ "pages mapped from files are pages of files", test_files_mapped },
	{ "pages are numbered by page table if that is asked for", test_tables },
	{ "a wrong reference is refused where it is", test_refused },
	{ "what is missing, mixed or miscounted is remarked upon", test_remarks },
	{ "hits of the K newest pages go, first writes and time stay", test_filter },
	{ "a filter that cannot be is refused", test_filter_refused },
	{ "raw and reduced records of a run are the same trace", test_same_as_reduced },
	{ "the sample holds what lackey counted", test_sample },
};
UNIT_MAIN("trace lackey", tests)
