#include "tests/unit/test_trace_imported.h"

static struct trace *generated(const struct test_files *files, const char *text, u32 rate, u64 seed)
{
	struct trace_import options = { .in = files->in, .out = files->out, .rate = rate, .seed = seed };
	GError *error = NULL;
	struct trace *trace;

	put_file(files->in, text, strlen(text));
	if (!trace_import(&options, &error))
		g_printerr("\n%s\n", error->message);
	CU_ASSERT_PTR_NULL_FATAL(error);
	trace = trace_load(files->out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	return trace;
}

static void test_sequential(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	/* Three pages and a bit: offsets 0, 4096, 8192, 12288, then 0 again. b has a page of its own behind.
	 */
	trace = generated(
	    &files, "#regions\na, 12289\nb, 1\n\nup\n2\na, 0, 4096, 1, ro\n\nthere\n1\nb,0,64,1\n", 3, 0);
	CU_ASSERT_EQUAL(trace->header.pages, 5);
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 1000);
	CU_ASSERT_EQUAL_FATAL(trace->header.marks_count, 2);
	CU_ASSERT_STRING_EQUAL(trace->header.marks[0].name, "up");
	CU_ASSERT_EQUAL(trace->header.marks[0].access, 0);
	CU_ASSERT_STRING_EQUAL(trace->header.marks[1].name, "there");
	CU_ASSERT_EQUAL(trace->header.marks[1].access, 6);
	CU_ASSERT_STRING_EQUAL(trace->header.recorded,
			       "generated from a masim configuration, 3 accesses a ms, seed 0");
	/* A millisecond is a millisecond: what 3 does not divide goes before its first access. */
	expect_runs(trace, "R0@333334 R1x2+1@333333 R3@333334 R0x2+1@333333 W4@333334 W4x2+0@333333");
	/* Steps smaller than a page, a phase that begins anew, a read and a write at once. */
	expect_runs(
	    generated(&files, "a, 8192\n\np\n1\na, 0, 2048, 1, wo\n\np\n1\na, 0, 3000, 1, rw\n", 5, 0),
	    "W0x2+0@200000 W1x2+0@200000 W0@200000 "
	    "R0@200000 W0@0 R0@200000 W0@0 R1@200000 W1@0 R0@200000 W0@0 R0@200000 W0@0");
	expect_runs(generated(&files, "a, 4096\n\np\n1\na, 0, 0, 1\n", 0, 0), "W0x1000+0@1000");
	files_release(&files);
}

static void count(const struct trace *trace, u32 *at, u32 *reads)
{
	for (u64 i = 0; i < trace->header.runs; i++) {
		for (u32 j = 0; j < trace->runs[i].count; j++)
			at[trace_run_page(&trace->runs[i], j)]++;
		if (trace_op(&trace->runs[i]) == TRACE_READ)
			*reads += trace->runs[i].count;
	}
}

static void test_random(void)
{
	static const char text[] =
	    "#regions\na, 40960\nb, 4096\n\np\n1000\na, 1, 64, 30, ro\nb, 1, 0, 10, wo\n";
	struct test_files files;
	struct trace *trace, *again, *other;
	u32 at[11] = { 0 }, reads = 0;

	files_init(&files);
	trace = generated(&files, text, 100, 7);
	count(trace, at, &reads);
	/* Of 1000 milliseconds three quarters are a's, and its ten pages share alike. */
	CU_ASSERT_EQUAL(trace->header.accesses, 100000);
	CU_ASSERT(reads > 70000 && reads < 80000);
	CU_ASSERT_EQUAL(at[10], 100000 - reads);
	for (u32 i = 0; i < 10; i++)
		CU_ASSERT(at[i] > reads / 11 && at[i] < reads / 9);
	again = generated(&files, text, 100, 7);
	CU_ASSERT_EQUAL_FATAL(again->header.runs, trace->header.runs);
	CU_ASSERT(!memcmp(again->runs, trace->runs, trace->header.runs * sizeof(*trace->runs)));
	other = generated(&files, text, 100, 8);
	CU_ASSERT(memcmp(other->runs, trace->runs, MIN(trace->header.runs, other->header.runs) * 16));
	trace_free(trace);
	trace_free(again);
	trace_free(other);
	files_release(&files);
}

static void test_marks(void)
{
	static const char *const names[] = { "l1_seq_perf", "phase_10_gib", "l1_seq_perf_2", "phase" };
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = generated(
	    &files,
	    "a, 1, none\n\n  L1$ seq--perf \n1\na,0,1,1\n\n10 GiB\n0\na,0,1,1\n \n\nL1 seq perf!\n1\n"
	    "# a comment\na,0,1,0\na,0,1,1\r\n\n$$$\n1\na,0,1,1",
	    1, 0);
	CU_ASSERT_EQUAL_FATAL(trace->header.marks_count, ARRAY_SIZE(names));
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		CU_ASSERT_STRING_EQUAL(trace->header.marks[i].name, names[i]);
	CU_ASSERT_EQUAL(trace->header.accesses, 3);
	trace_free(trace);
	files_release(&files);
}

#define A "a, 4096\n\n"

static void test_refused(void)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "a\n", "in:1:2: no size of a region (NAME, BYTES; 1 byte to 1 TiB)" },
		{ "a, 0\n", "in:1:5: no size of a region (NAME, BYTES; 1 byte to 1 TiB)" },
		{ "a, 4k\n", "in:1:5: no size of a region (NAME, BYTES; 1 byte to 1 TiB)" },
		{ "a, 1\n, 1\n", "in:2:1: no name of a region (NAME, BYTES; each name once)" },
		{ "a, 1\na, 1\n", "in:2:1: no name of a region (NAME, BYTES; each name once)" },
		{ "a, 1\nb, 1099511627776\n", "in:2:17: the regions are too large (1 TiB in all)" },
		{ "a, 1, none, 2\n", "in:1:12: something follows the file of a region (NAME, BYTES, FILE)" },
		{ "a, 4096\n", "in:2:1: cut short: a paragraph for each phase should follow" },
		{ A "p\n", "in:4:1: a phase ends without its time and patterns" },
		{ A "p\na, 0, 64, 1\n",
		  "in:4:1: no time of a phase (milliseconds, at most 1000000000, in its second line)" },
		{ A "p\n1\n", "in:5:1: the phase before has no pattern of any weight" },
		{ A "p\n1\na, 0, 64, 0\n\n", "in:6:1: the phase before has no pattern of any weight" },
		{ A "p\n1\nb, 0, 64, 1\n", "in:5:1: no such region (REGION, RANDOM, STRIDE, WEIGHT, MODE)" },
		{ A "p\n1\na, 2, 64, 1\n",
		  "in:5:4: neither random nor sequential (REGION, RANDOM, STRIDE, WEIGHT, "
		  "MODE; RANDOM 1 or 0)" },
		{ A "p\n1\na, 0, -1, 1\n",
		  "in:5:7: no stride in bytes (REGION, RANDOM, STRIDE, WEIGHT, MODE)" },
		{ A "p\n1\na, 0, 64\n",
		  "in:5:9: no weight (REGION, RANDOM, STRIDE, WEIGHT, MODE; WEIGHT 0 to "
		  "1000000)" },
		{ A "p\n1\na, 0, 64, 1, w\n", "in:5:14: no such mode (ro, wo or rw)" },
		{ A "p\n1\na, 0, 64, 1, wo, 3\n", "in:5:17: something follows the mode" },
		{ A "p\n1000000000\n",
		  "in:4:11: the phases make too many accesses (2^32 in all; a lower --rate than 1000)" },
	};
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_refusal(&files, "masim", wrong[i].text, ERROR_TRACE, wrong[i].message);
	files_release(&files);
}

static void test_file(void)
{
	static const char text[] = "a, 1, /tmp/x\n\np\n1\na,0,0,1\n";
	struct trace_import options = { .rate = TRACE_RATE_MAX + 1 };
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, text, strlen(text));
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE, "--rate 1000001: not possible (1 to 1000000)");
	options.rate = 1;
	options.remarks = g_ptr_array_new_with_free_func(g_free);
	CU_ASSERT(trace_import(&options, NULL));
	CU_ASSERT_EQUAL_FATAL(options.remarks->len, 1);
	CU_ASSERT_STRING_EQUAL(g_ptr_array_index(options.remarks, 0),
			       "region a is to hold the bytes of /tmp/x; a trace has no contents");
	g_ptr_array_free(options.remarks, TRUE);
	files_release(&files);
}

static void test_sample(void)
{
	char *path = g_build_filename(SOURCE_DIR, "traces", "samples", "sample.masim", NULL);
	struct trace_import options = { .in = path };
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	put_file(files.in, "", 0);
	options.out = files.out;
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	trace = trace_load(files.out, NULL);
	CU_ASSERT_EQUAL(trace->header.pages, 1280);
	CU_ASSERT_EQUAL(trace->header.marks_count, 3);
	CU_ASSERT_EQUAL(trace->header.marks[1].access, 8000);
	trace_free(trace);
	g_free(path);
	files_release(&files);
}

static const struct unit tests[] = {
	{ "sequential patterns go by their stride and begin again", test_sequential },
	{ "random patterns go everywhere, by weight, the same for a seed", test_random },
	{ "phases become marks with names of their own", test_marks },
	{ "what is wrong is refused where it is", test_refused },
	{ "files of contents are remarked upon, a rate has bounds", test_file },
	{ "the sample is as long as it says", test_sample },
};
UNIT_MAIN("trace masim", tests)
