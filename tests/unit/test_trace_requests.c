#include "sim/random.h"
#include "tests/unit/test_trace_imported.h"
#include "traces/bytes.h"

static bool preset(const struct test_files *files, const char *name, const char *text, GError **error)
{
	struct trace_import options = { .in = files->in, .out = files->out, .preset = name };

	put_file(files->in, text, strlen(text));
	g_unlink(files->out);
	return trace_import(&options, error);
}

static struct trace *laid_out(const struct test_files *files, const char *name, const char *text)
{
	GError *error = NULL;
	struct trace *trace;

	if (!preset(files, name, text, &error))
		g_printerr("\n%s\n", error->message);
	CU_ASSERT_PTR_NULL_FATAL(error);
	trace = trace_load(files->out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 1000);
	return trace;
}

static void test_msr(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	/* Two disks of one host share no page; the third request ends on the last byte of a page. */
	trace = laid_out(&files, "msr",
			 "128166372003061629,hm,0,Read,4096,4096,1331\n"
			 "128166372003061630,hm,1,Write,4096,1,5\n"
			 "128166372003061640,hm,0,Write,8191,4097,5\n");
	CU_ASSERT_STRING_EQUAL(
	    trace->header.note,
	    "1 of 3 requests touched several pages and were split into 2 accesses (at most 2)");
	expect_runs(trace, "R0@0 W1@100 W0@1000 W2@0");
	trace = laid_out(
	    &files, "msr",
	    "Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\n"
	    "100,hm,0,Read,0,0,1\n150,src,0,Read,0,512,1\n140,hm,0,Write,0,512,1\n151,hm,0,Read,0,0,1\n");
	CU_ASSERT_STRING_EQUAL(trace->header.note,
			       "2 of 4 requests were for no bytes and left out; "
			       "1 lines have an earlier time than one above and come right after it");
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 100);
	expect_runs(trace, "R0@5000 W1@0");
	files_release(&files);
}

static void test_systor(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = laid_out(&files, "systor",
			 "Timestamp,Response,IOType,LUN,Offset,Size\n"
			 "1456135200.013118000,0.000806,R,0,899056123904,4096\n"
			 "1456135200.013118001,,,0,0,512\n"
			 "1456135201.5,0.001,W,4,899056123904,4096\n");
	CU_ASSERT_STRING_EQUAL(trace->header.note, "1 lines are neither reads nor writes and were left out");
	expect_runs(trace, "R0@0 W1@1486882000");
	files_release(&files);
}

static void test_spc(void)
{
	struct test_files files;

	files_init(&files);
	/* Sector 303567 is byte 155426304, page 37945; seven sectors end in it, eight do not. */
	expect_runs(laid_out(&files, "spc",
			     "0,303567,512,w,0.000000\n0, 303567 , 1024, R, 0.026214, "
			     "x,1\n1,303567,512,r,0.0262141234567\n"),
		    "W0@0 R0@26214000 R1@0 R2@123");
	files_release(&files);
}

static void test_vscsi(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = laid_out(
	    &files, "cphy-vscsi",
	    "version,time,op,size,lbn\n1,33898,2a,512,42932745\n1,33898,28,512,42932746\n1,33899,35,0,0\n"
	    "2,33899,8A,8192,42932744\n");
	CU_ASSERT_STRING_EQUAL(
	    trace->header.note,
	    "1 of 3 requests touched several pages and were split into 2 accesses (at most 2); "
	    "1 lines are neither reads nor writes and were left out");
	expect_runs(trace, "W0@0 R0@0 W0@1000000000 W1@0");
	files_release(&files);
}

static void test_twr(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	/* Key and value together are the object. */
	trace = laid_out(&files, "twr",
			 "0,nz:u:a,8,4088,1,get,0\n0,nz:u:b,8,4089,1,set,60\n1,nz:u:a,8,1,2,delete,0\n"
			 "2,nz:u:a,8,1,2,incr,0\n");
	expect_runs(trace, "R0@0 W1x2+1@0 W0@2000000000");
	files_release(&files);
}

static void test_presets_refused(void)
{
	static const struct {
		const char *preset, *text, *message;
		int code;
	} wrong[] = {
		{ "mrs", "1", "no such preset (msr, systor, spc, cphy-vscsi, twr): \"mrs\"", ERROR_USAGE },
		{ "msr", "time,host\n", "in:1:1: no point in time or gap (a decimal number)", ERROR_TRACE },
		{ "msr", "1,h,0,Trim,0,1,0\n", "in:1:7: neither a read nor a write", ERROR_TRACE },
		{ "msr", "1,h,0,Read,-1,1,0\n", "in:1:12: no page or address (a decimal number below 2^63)",
		  ERROR_TRACE },
		{ "msr", "1,h,0,Read,0,4294967297,0\n", "in:1:14: no size (0 bytes to 4 GiB)", ERROR_TRACE },
		{ "twr", "1,k,4294967296,1,0,get,0\n", "in:1:17: no size (0 bytes to 4 GiB)", ERROR_TRACE },
		{ "msr", "1,h,0,Read,281474976710656,1,0\n",
		  "in:1:1: a request that ends too far up (at most 256 TiB)", ERROR_TRACE },
		{ "msr", "1,h,0,Read,0,1\n", "in:1:15: not a comma (7 fields a line)", ERROR_TRACE },
		{ "msr", "1,h,0,Read,0,1,0,0\n", "in:1:17: not the end of the line (7 fields a line)",
		  ERROR_TRACE },
		{ "msr", "1,\"h\",0,Read,0,1,0\n", "in:1:3: a quoted field (fields without quotes)",
		  ERROR_TRACE },
		{ "msr", "99,h,0,Read,0,1,0\n703687441877664,h,0,Read,0,1,0\n",
		  "in:2:1: a gap that is too long (below 2^46 ticks)", ERROR_TRACE },
		{ "spc", "0,0,1,r\n", "in:1:8: not a comma (5 fields a line)", ERROR_TRACE },
		{ "spc", "0,0,1,r,18446744074\n", "in:1:9: no point in time or gap (a decimal number)",
		  ERROR_TRACE },
	};
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++) {
		CU_ASSERT(!preset(&files, wrong[i].preset, wrong[i].text, &error));
		expect_error(&error, &files, wrong[i].code, wrong[i].message);
	}
	files_release(&files);
}

/* The same columns by name. */
static void test_named(void)
{
	struct test_files files;
	struct trace_import options = { .columns = "object=id,time=ts,op=type", .time_unit = "ms" };
	GError *error = NULL;
	struct trace *trace;
	char *map;
	size_t size;

	files_init(&files);
	expect_runs(
	    imported(&files, NULL, "device,sector,sectors,op,gap\na,8,9,Read,3\nb,8,1,w,4\na,16,1,R,5\n"),
	    "R0@3 R1@0 W2@4 R1@5");
	expect_runs(imported(&files, NULL, "offset,op,size\n4095,R,2\n4096,W,\n"), "R0@1 R1@0 W1@1");
	expect_runs(imported(&files, NULL, "device,page,op\na,7,R\nb,7,X\n"), "R0@1 X1@1");
	options.in = files.in;
	options.out = files.out;
	options.page_map = g_build_filename(files.folder, "map", NULL);
	put_file(files.in, "ts,id,size,type\n1.5,k,4097,R\n3.25,l,0,R\n4,k,1,W\n", 48);
	CU_ASSERT(trace_import(&options, &error));
	CU_ASSERT_PTR_NULL(error);
	map = get_file(options.page_map, &size);
	CU_ASSERT_STRING_EQUAL(map, "page,key\n0,1000000000\n1,1000000001\n");
	g_free(map);
	g_unlink(options.page_map);
	g_free((char *)options.page_map);
	options.page_map = NULL;
	trace = trace_load(files.out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	expect_runs(trace, "R0x2+1@0 W0@2500000");
	files_release(&files);
}

static void test_named_refused(void)
{
	struct test_files files;
	struct trace_import options = { .preset = "msr", .columns = "op=x" };
	GError *error = NULL;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, "offset,op,size\n0,R,1\n", 21);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE, "a preset and a column map (one of them)");
	options.preset = options.columns = NULL;
	options.numbering = TRACE_NUMBER_KEEP;
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE,
		     "pages of requests are numbered as they are touched (not kept)");
	options.numbering = TRACE_NUMBER_BY_COLUMN;
	options.time_unit = "s";
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE, "a unit of time, but no column with a time (time=COLUMN)");
	put_file(files.in, "time,page,op\n0,0,R\n", 19);
	options.time_unit = "h";
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE, "no such unit of time (ns, 100ns, us, ms or s): \"h\"");
	expect_refusal(&files, NULL, "offset,op,size,count\n", ERROR_TRACE,
		       "in:1:1: there is a count in lines that are requests (no size, device and object)");
	expect_refusal(&files, NULL, "time,op,page\n5,R,0\n4,R,0\n", ERROR_TRACE,
		       "in:3:1: the clock goes back (5 or more)");
	files_release(&files);
}

/* 500 requests, some empty, some large, as records and as lines: the same trace. */
static void test_same_as_records(void)
{
	enum { REQUESTS = 500, OBJECTS = 60, RECORD = 24 };
	static u8 records[REQUESTS * RECORD];
	s64 next[OBJECTS];
	GString *lines = g_string_new("ts,id,size,op\n");
	u64 key = random_key(9, 0, 0);
	struct test_files files;
	struct trace_import options = { .format = "oracle-general" };
	struct trace *binary, *text;

	memset(next, 0xff, sizeof(next));
	for (u32 i = REQUESTS; i-- > 0;) {
		u64 value = random_value(key, i);
		u32 object = value % OBJECTS, size = (value >> 8) % 7 ? (u32)(value >> 16 & 0x7fff) : 0;

		store_le32(records + i * RECORD, i / 10);
		store_le64(records + i * RECORD + 4, object);
		store_le32(records + i * RECORD + 12, size);
		store_le64(records + i * RECORD + 16, (u64)next[object]);
		next[object] = i + 1;
	}
	for (u32 i = 0; i < REQUESTS; i++)
		g_string_append_printf(lines, "%u,%u,%u,R\n", load_le32(records + i * RECORD),
				       (u32)load_le64(records + i * RECORD + 4),
				       load_le32(records + i * RECORD + 12));
	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, records, sizeof(records));
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	binary = trace_load(files.out, NULL);
	options = (struct trace_import){
		.in = files.in, .out = files.out, .columns = "time=ts,object=id", .time_unit = "s"
	};
	put_file(files.in, lines->str, lines->len);
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	text = trace_load(files.out, NULL);
	CU_ASSERT(binary->header.accesses > REQUESTS);
	CU_ASSERT_EQUAL_FATAL(binary->header.runs, text->header.runs);
	CU_ASSERT(!memcmp(binary->runs, text->runs, text->header.runs * sizeof(*text->runs)));
	CU_ASSERT_EQUAL(binary->header.ticks_after_last, text->header.ticks_after_last);
	CU_ASSERT_STRING_EQUAL(binary->header.note, text->header.note);
	trace_free(binary);
	trace_free(text);
	g_string_free(lines, TRUE);
	files_release(&files);
}

/* Its counts are known from elsewhere. */
static void test_sample(void)
{
	char *path = g_build_filename(SOURCE_DIR, "traces", "samples", "sample.msr", NULL);
	struct trace_import options = { .in = path, .preset = "msr" };
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	put_file(files.in, "", 0);
	options.out = files.out;
	CU_ASSERT_FATAL(trace_import(&options, NULL));
	trace = trace_load(files.out, NULL);
	CU_ASSERT_EQUAL(trace->header.accesses, 226);
	CU_ASSERT_EQUAL(trace->header.pages, 66);
	trace_free(trace);
	g_free(path);
	files_release(&files);
}

static const struct unit tests[] = {
	{ "msr: disks are apart, ticks of 100 ns, whole ranges", test_msr },
	{ "systor: names are stepped over, unanswered requests left out", test_systor },
	{ "spc: sectors, blanks and further columns", test_spc },
	{ "cphy-vscsi: SCSI commands that move blocks", test_vscsi },
	{ "twr: keys are objects, deletions left out", test_twr },
	{ "presets refuse what is not of their layout where it is", test_presets_refused },
	{ "requests can be named by columns, times have units", test_named },
	{ "options that do not go together are refused", test_named_refused },
	{ "oracleGeneral records and CSV lines of a run are the same trace", test_same_as_records },
	{ "the sample holds what it should", test_sample },
};
UNIT_MAIN("trace requests", tests)
