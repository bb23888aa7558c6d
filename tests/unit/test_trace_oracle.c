#include "sim/random.h"
#include "tests/unit/test_trace_imported.h"
#include "traces/bytes.h"

enum { RECORD = 24 };

struct request {
	u32 seconds;
	u64 object;
	u32 bytes;
	s64 next;
};

static void put_requests(const struct test_files *files, const struct request *requests, u32 n, u32 cut)
{
	u8 *bytes = g_malloc0(n * RECORD);

	for (u32 i = 0; i < n; i++) {
		store_le32(bytes + i * RECORD, requests[i].seconds);
		store_le64(bytes + i * RECORD + 4, requests[i].object);
		store_le32(bytes + i * RECORD + 12, requests[i].bytes);
		store_le64(bytes + i * RECORD + 16, (u64)requests[i].next);
	}
	put_file(files->in, bytes, n * RECORD - cut);
	g_free(bytes);
}

static struct trace *requested(const struct test_files *files, const struct request *requests, u32 n,
			       GError **error)
{
	struct trace_import options = { .format = "oracle-general", .in = files->in, .out = files->out };

	put_requests(files, requests, n, 0);
	g_unlink(files->out);
	return trace_import(&options, error) ? trace_load(files->out, NULL) : NULL;
}

static void test_records(void)
{
	/* Object 2^40 has two pages, later three; what has no bytes leaves its second behind. */
	static const struct request requests[] = {
		{ 50, 7, 512, 3 },	    { 50, 1ull << 40, 8192, 5 },  { 51, 7, 4096, INT64_MAX },
		{ 53, 9, 0, -1 },	    { 54, 1ull << 40, 8193, -1 }, { 54, 3, 1, 7 },
		{ 55, 3, 4096, INT64_MAX },
	};
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = requested(&files, requests, ARRAY_SIZE(requests), NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	CU_ASSERT_STRING_EQUAL(trace->header.recorded, "oracleGeneral, 7 requests for 4 objects");
	CU_ASSERT_STRING_EQUAL(
	    trace->header.note,
	    "2 of 7 requests touched several pages and were split into 5 accesses (at most 3); "
	    "1 of 7 requests were for no bytes and left out");
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 1000);
	CU_ASSERT_EQUAL(trace->header.pages, 5);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 0);
	expect_runs(trace, "R0x3+1@0 R0@1000000000 R1@3000000000 R2x3+1@0 R4@1000000000");
	files_release(&files);
}

static void test_base(void)
{
	struct request from_0[] = { { 0, 1, 1, 1 }, { 0, 1, 1, 2 }, { 0, 1, 1, -1 } };
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	expect_runs(requested(&files, from_0, 3, NULL), "R0x3+0@0");
	from_0[1].next = 3;
	CU_ASSERT_PTR_NULL(requested(&files, from_0, 3, &error));
	expect_error(
	    &error, &files, ERROR_TRACE,
	    "in: request 3 (byte 48): object 1 comes again, and request 2 says it does so as number 3");
	files_release(&files);
}

static void test_beginning(void)
{
	static const struct request requests[] = { { 0, 1, 1, 3 }, { 0, 2, 1, 4 }, { 0, 1, 1, 9 } };
	struct trace_import options = { .format = "oracle-general" };
	struct test_files files;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	options.remarks = g_ptr_array_new_with_free_func(g_free);
	put_requests(&files, requests, 3, 0);
	CU_ASSERT(trace_import(&options, NULL));
	CU_ASSERT_EQUAL_FATAL(options.remarks->len, 1);
	CU_ASSERT_STRING_EQUAL(
	    g_ptr_array_index(options.remarks, 0),
	    "2 objects are to be asked for again behind the end: the beginning of a longer trace");
	g_ptr_array_free(options.remarks, TRUE);
	files_release(&files);
}

static void test_refused(void)
{
	static const struct {
		struct request requests[4];
		const char *message;
	} wrong[] = {
		{ { { 5, 1, 1, -1 }, { 4, 2, 1, -1 } },
		  "in: request 2 (byte 24): its time is 4 s, before that of the one before (5 s)" },
		{ { { 0, 1, 1, -1 }, { 0, 1, 1, -1 } },
		  "in: request 2 (byte 24): object 1 comes again, and request 1 says it never does" },
		{ { { 0, 1, 1, 3 }, { 0, 1, 1, 3 }, { 0, 1, 1, -1 } },
		  "in: request 2 (byte 24): object 1 comes again, and request 1 says it does so as number "
		  "3" },
		{ { { 0, 9, 1, 2 }, { 0, 9, 1, -1 }, { 0, 1, 1, 4 }, { 0, 2, 1, -1 } },
		  "in: request 3 (byte 48): its object comes next as number 4, which asks for another" },
		{ { { 0, 1, 1, -1 }, { 0, 2, 1, -5 } },
		  "in: request 2 (byte 24): its object comes next as number -5 (a later one, or -1: is this "
		  "oracleGeneral?)" },
		{ { { 0, 1, 1, 0 } },
		  "in: request 1 (byte 0): its object comes next as number 0 (a later one, or -1: is this "
		  "oracleGeneral?)" },
		{ { { 0, 1, 1, -1 }, { 70369, 2, 1, -1 } },
		  "in: request 2 (byte 24): 70369 s after the one before (at most 70368)" },
	};
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++) {
		u32 n = 1;

		while (n < 4 && wrong[i].requests[n].object)
			n++;
		CU_ASSERT_PTR_NULL(requested(&files, wrong[i].requests, n, &error));
		expect_error(&error, &files, ERROR_TRACE, wrong[i].message);
	}
	files_release(&files);
}

static void test_cut_short(void)
{
	static const struct request requests[] = { { 0, 1, 1, -1 }, { 0, 2, 1, -1 } };
	struct trace_import options = { .format = "oracle-general" };
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_requests(&files, requests, 2, 1);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in: request 2 (byte 24): cut short: 23 bytes of it are there (24)");
	/* As text it is refused with a hint. */
	options.format = NULL;
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in:1:1: this is not text (--format oracle-general, if it is that)");
	files_release(&files);
}

/* Many records, through the buffer's end many times: each arrives. */
static void test_many(void)
{
	enum { REQUESTS = 9000, OBJECTS = 700 };
	struct request *requests = g_new(struct request, REQUESTS);
	s64 *next = g_new(s64, OBJECTS);
	u64 key = random_key(3, 0, 0);
	struct test_files files;
	struct trace *trace;

	for (u32 i = 0; i < OBJECTS; i++)
		next[i] = -1;
	for (u32 i = REQUESTS; i-- > 0;) {
		u32 object = random_below(random_value(key, i), OBJECTS);

		requests[i] = (struct request){ i / 100, object, 4096, next[object] };
		next[object] = i + 1;
	}
	files_init(&files);
	trace = requested(&files, requests, REQUESTS, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	CU_ASSERT_EQUAL(trace->header.accesses, REQUESTS);
	CU_ASSERT_EQUAL(trace->header.pages, OBJECTS);
	CU_ASSERT_PTR_NULL(trace->header.note);
	trace_free(trace);
	g_free(next);
	g_free(requests);
	files_release(&files);
}

/* Its counts are known from elsewhere. */
static void test_sample(void)
{
	char *path = g_build_filename(SOURCE_DIR, "traces", "samples", "sample.oracleGeneral.bin", NULL);
	struct trace_import options = { .in = path };
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	put_file(files.in, "", 0);
	options.out = files.out;
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	trace = trace_load(files.out, NULL);
	CU_ASSERT_STRING_EQUAL(trace->header.recorded, "oracleGeneral, 120 requests for 30 objects");
	CU_ASSERT_EQUAL(trace->header.accesses, 202);
	CU_ASSERT_EQUAL(trace->header.pages, 52);
	trace_free(trace);
	g_free(path);
	files_release(&files);
}

static const struct unit tests[] = {
	{ "records become reads, of as many pages as the object has", test_records },
	{ "requests may be counted from 0 or from 1, not from both", test_base },
	{ "the beginning of a longer trace is said to be one", test_beginning },
	{ "times and next requests that cannot be are refused where they are", test_refused },
	{ "a last record that is cut short is refused", test_cut_short },
	{ "all records of a long file arrive", test_many },
	{ "the sample, known by its name, holds what it should", test_sample },
};
UNIT_MAIN("trace oracle", tests)
