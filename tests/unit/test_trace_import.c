#include <zlib.h>
#include <zstd.h>

#include "tests/unit/test_trace_imported.h"
#include "traces/export.h"

#define PAGES_HEAD                                                                                           \
	"# swapsim-pages 1\n# program: p\n# recorded: r K=2, refs=20, pages=3, whole run yes\n"              \
	"# counts: c\n# page size 4096; x\n"
#define PAGES_TAIL                                                                                           \
	"# end records=4 refs-after-last=5\n#p 0 4f file\n#p 1 50 anon\n#p 2 7ff stack\n# eof pages=3\n"
#define PAGES PAGES_HEAD "1 X 0\n0 W 1\n7 R 0\n7 R 2\n" PAGES_TAIL

static void test_pages(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = imported(&files, NULL, PAGES);
	CU_ASSERT_STRING_EQUAL(trace->header.program, "p");
	CU_ASSERT_STRING_EQUAL(trace->header.recorded, "r K=2, refs=20, pages=3, whole run yes");
	CU_ASSERT_STRING_EQUAL(trace->header.note, "c");
	CU_ASSERT_EQUAL(trace->header.filter_k, 2);
	CU_ASSERT_EQUAL(trace->header.smallest_limit_pages, 8);
	CU_ASSERT_EQUAL(trace->header.pages, 3);
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 5);
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_REFERENCE);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 300);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 1);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 0));
	expect_runs(trace, "X0@1 W1@0 R0x2+2@7");
	files_release(&files);
}

static void test_pages_refused(void)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "", "in:1:1: the trace is empty" },
		{ "# swapsim-pages 2\n", "in:1:1: not the first line of this format (# swapsim-pages 1)" },
		{ "# swapsim-pages 1\n# colour: red\n",
		  "in:2:1: unknown line (# program: , # recorded: , # counts: , # page size )" },
		{ "# swapsim-pages 1\n# page size 8192\n", "in:2:17: the page size is not known (4096)" },
		{ "# swapsim-pages 1\n# recorded: K=2, refs=9\n", "in:2:24: the line does not say pages=" },
		{ "# swapsim-pages 1\n1 X 0\n",
		  "in:2:1: records begin (# recorded: with K=, refs=, pages= first)" },
		{ PAGES_HEAD, "in:6:1: cut short: the records should follow" },
		{ PAGES_HEAD "1 X 0\n",
		  "in:7:1: cut short: \"# end records=N refs-after-last=T\" should follow" },
		{ PAGES_HEAD "1 Y 0\n", "in:6:3: no kind of access (GAP OP PAGE, OP one of R W X U)" },
		{ PAGES_HEAD "x X 0\n", "in:6:1: no gap (a number of references below 2^46)" },
		{ PAGES_HEAD "99999999999999999999 X 0\n",
		  "in:6:1: no gap (a number of references below 2^46)" },
		{ PAGES_HEAD "1 X 268435456\n", "in:6:5: no page (a number below 2^28)" },
		{ PAGES_HEAD "1 X 0 \n", "in:6:6: something follows the page" },
		{ PAGES_HEAD "1 X 1\n",
		  "in:6:1: page 1 is touched before page 0 (pages are numbered as they are first touched)" },
		{ PAGES_HEAD "15 X 0\n0 W 1\n" PAGES_TAIL,
		  "in:8:16: 2 records came before (as many as this line says)" },
		{ PAGES_HEAD "1 X 0\n0 W 1\n7 R 0\n6 R 2\n" PAGES_TAIL,
		  "in:10:34: all gaps come to 19 (refs=20)" },
		{ PAGES_HEAD "1 X 0\n0 W 1\n7 R 0\n7 R 1\n" PAGES_TAIL,
		  "in:10:34: 2 pages were touched (pages=3)" },
		{ PAGES_HEAD "1 X 0\n0 W 1\n7 R 0\n7 R 2\n# end records=4 refs-after-last=5\n#p 0 4f file\n",
		  "in:12:1: cut short: the lines \"#p PAGE VPN KIND\" should follow" },
		{ PAGES_HEAD "1 X 0\n0 W 1\n7 R 0\n7 R 2\n# end records=4 refs-after-last=5\n#p 1 4f file\n",
		  "in:11:5: not the line of page 0 (#p 0 VPN KIND)" },
		{ PAGES_HEAD "1 X 0\n0 W 1\n7 R 0\n7 R 2\n# end records=4 refs-after-last=5\n#p 0 4f fila\n",
		  "in:11:9: no such kind of page (anon, file or stack)" },
		{ PAGES "more\n", "in:15:1: something follows the last line" },
	};
	struct test_files files;
	char *cut = g_strndup(PAGES, strlen(PAGES) - strlen("# eof pages=3\n"));

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_refusal(&files, "pages", wrong[i].text, ERROR_TRACE, wrong[i].message);
	expect_refusal(&files, NULL, cut, ERROR_TRACE, "in:14:1: cut short: \"# eof pages=N\" should follow");
	g_free(cut);
	files_release(&files);
}

static void test_access(void)
{
	static const char *const marks[] = { "fill_done@3", "begin@0", NULL };
	char *names, *message;
	struct test_files files;
	struct trace_import options = { .marks = marks, .licence = "CC0-1.0", .tick_ps = 5 };
	struct trace *trace;

	files_init(&files);
	expect_runs(imported(&files, NULL, "W 7\nW 8\r\nW 9\nW 10\nR 3\nX 4\nX 9"), "W7x4+1@1 R3@1 X4x2+5@1");
	options.in = files.in;
	options.out = files.out;
	CU_ASSERT(trace_import(&options, NULL));
	trace = trace_load(files.out, NULL);
	CU_ASSERT_EQUAL_FATAL(trace->header.marks_count, 2);
	CU_ASSERT_STRING_EQUAL(trace->header.marks[0].name, "begin");
	CU_ASSERT_EQUAL(trace->header.marks[1].access, 3);
	CU_ASSERT_STRING_EQUAL(trace->header.licence, "CC0-1.0");
	CU_ASSERT_EQUAL(trace->header.tick_ps, 5);
	CU_ASSERT_EQUAL(trace->header.pages, 11);
	/* Page 4 was only executed, page 9 written too. */
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 1);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 4));
	expect_runs(trace, "W7x3+1@1 W10@1 R3@1 X4x2+5@1");
	expect_refusal(&files, "access", "W 7\nQ 8\n", ERROR_TRACE,
		       "in:2:1: no access (R PAGE, W PAGE or X PAGE)");
	expect_refusal(&files, NULL, "W 7\nR x\n", ERROR_TRACE, "in:2:3: no page (a number below 2^28)");
	expect_refusal(&files, NULL, "W 7\nR 1,\n", ERROR_TRACE, "in:2:4: something follows the page");
	names = g_strjoinv(", ", (char **)trace_import_formats());
	message = g_strdup_printf("no such trace format (%s): \"acces\"", names);
	expect_refusal(&files, "acces", "W 7\n", ERROR_USAGE, message);
	g_free(message);
	g_free(names);
	files_release(&files);
}

static void test_marks_refused(void)
{
	static const struct {
		const char *mark, *message;
	} wrong[] = {
		{ "fill", "malformed mark (NAME@ACCESSES): \"fill\"" },
		{ "fill@x", "malformed mark (NAME@ACCESSES): \"fill@x\"" },
		{ "Fill@1",
		  "a mark has a malformed name (a-z, then a-z, 0-9 and _, at most 63 bytes): \"Fill@1\"" },
	};
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	put_file(files.in, "W 1\n", 4);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *const marks[] = { wrong[i].mark, NULL };
		struct trace_import options = { .in = files.in, .out = files.out, .marks = marks };

		CU_ASSERT(!trace_import(&options, &error));
		expect_error(&error, &files, ERROR_USAGE, wrong[i].message);
	}
	files_release(&files);
}

#define LACKEY "5 X 0\n3 W 1\n0 X 0\n4 R 1\n"

static void test_lackey(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	trace = imported(&files, NULL,
			 LACKEY "# refs=20 I=1 pages=2 lines=4 K=16 truncated=0\n#p 0 4f\n#p 1 50\n");
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 8);
	CU_ASSERT_EQUAL(trace->header.filter_k, 16);
	CU_ASSERT_EQUAL(trace->header.smallest_limit_pages, 64);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 1);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 0));
	expect_runs(trace, "X0@5 W1@3 X0@0 R1@4");
	expect_refusal(&files, NULL, LACKEY, ERROR_TRACE,
		       "in:5:1: cut short: \"# refs=R ... pages=P lines=L K=K\" should follow");
	expect_refusal(&files, NULL, LACKEY "# refs=11 pages=2 lines=4 K=16\n", ERROR_TRACE,
		       "in:5:10: the gaps come to 12 references (no more than refs=)");
	expect_refusal(&files, NULL, LACKEY "# refs=20 pages=3 lines=4 K=16\n", ERROR_TRACE,
		       "in:5:18: 2 pages were touched (as many as pages= says)");
	expect_refusal(&files, NULL, LACKEY "# refs=20 pages=2 lines=5 K=16\n", ERROR_TRACE,
		       "in:5:26: 4 records came before (as many as lines= says)");
	expect_refusal(&files, NULL, LACKEY "# refs=20 pages=2 lines=4 K=16\n#p 0 4f\n", ERROR_TRACE,
		       "in:7:1: cut short: the lines \"#p PAGE VPN\" should follow");
	expect_refusal(&files, NULL, LACKEY "# refs=20 pages=2 lines=4 K=16\n#p 0 4f\n#p 1 5g\n", ERROR_TRACE,
		       "in:7:7: not the line of page 1 (#p 1 VPN)");
	expect_refusal(&files, NULL, LACKEY "# refs=20 pages=2 lines=4 K=16\n#p 0 4f\n#p 1 50\n\n",
		       ERROR_TRACE, "in:8:1: something follows the line of the last page");
	files_release(&files);
}

static void test_csv(void)
{
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	expect_runs(imported(&files, NULL, "page,op\n7,R\n8,R\n268435455,W\n"), "R7x2+1@1 W268435455@1");
	expect_runs(imported(&files, NULL, "icount,vpn,op\n1,401a,X\n2,0x1fff000,W\n3,401A,X\n19,4033,W\n"),
		    "X0@1 W1@1 X0@1 W2@16");
	expect_runs(imported(&files, NULL,
			     "time,addr,size,op\n1000,7fff0ff8,8,W\n1500,7fff1000,,R\n1500,7fff0000,4,R"),
		    "W0@0 R1@500 R0@0");
	expect_runs(imported(&files, NULL,
			     "page,op,count,stride,gap\n5,R,3,-2,9\n1,W,1,7,0\n0,X,2,0,70368744177663\n"),
		    "R5x3-2@9 W1@0 X0x2+0@70368744177663");
	expect_runs(imported(&files, NULL, "page,op,count,icount\n5,R,3,9\n"), "R5@9 R6x2+1@0");
	trace =
	    imported(&files, NULL,
		     "# note: n\n# mark: 1 run\n# file: 3 5-6\n# anything: else\n# tick: ns\n# tick-ps: 7\n"
		     "page,op\n7,R\n8,R\n");
	CU_ASSERT_STRING_EQUAL(trace->header.note, "n");
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 7);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 3);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 6) && !page_set_has(&trace->header.file_pages, 4));
	expect_runs(trace, "R7@1 R8@1");
	trace = imported(&files, NULL, "time,page,op\n5,1,R\n");
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 1000);
	trace_free(trace);
	files_release(&files);
}

static void test_csv_refused(void)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{ "vpm,op\n1,R\n", "in:1:1: no column gives the page (page, vpn or addr in the first line)" },
		{ "vpn,kind\n1,R\n", "in:1:1: no column gives the kind of access (op in the first line)" },
		{ "page,vpn,op\n", "in:1:1: column \"vpn\" says again what another says (map one of them)" },
		{ "page,op,stride\n", "in:1:1: there is a stride without a count (both or none)" },
		{ "# note: n\n", "in:2:1: cut short: the line of column names should follow" },
		{ "# note: n\n# note: m\n", "in:2:3: note is said twice" },
		{ "# file: 3-1\n", "in:1:12: no last page of a range (FIRST-LAST)" },
		{ "page,op\n", "out.swt: is not written: the trace holds no access" },
		{ "page,op\nf,R\n", "in:2:1: no page or address (a decimal number below 2^63)" },
		{ "vpn,op\n,R\n", "in:2:1: no page or address (a hexadecimal number below 2^64)" },
		{ "vpn,op\n12345678901234567,R\n",
		  "in:2:1: no page or address (a hexadecimal number below 2^64)" },
		{ "page,op\n1,q\n", "in:2:3: no kind of access (R, W or X)" },
		{ "page,op\n1\n", "in:2:2: not a comma (2 fields a line)" },
		{ "page,op\n1,R,\n", "in:2:4: not the end of the line (2 fields a line)" },
		{ "page,op\n1,R\n\n", "in:3:1: no page or address (a decimal number below 2^63)" },
		{ "page,op\n268435456,R\n", "in:2:1: a page that no trace has (0 to 268435455)" },
		{ "page,op,count,stride\n31,R,2,-32\n", "in:2:1: a page that no trace has (0 to 268435455)" },
		{ "page,op,count\n1,R,0\n", "in:2:6: no count (1 to 4294967295)" },
		{ "page,op,count,stride\n1,R,1,32\n", "in:2:7: no stride (-32 to 31)" },
		{ "vpn,op,count\n1,R,2\n",
		  "in:2:1: a run cannot be numbered anew (count 1, or page numbers kept)" },
		{ "page,op,time\n1,R,9\n1,R,8\n", "in:3:1: the clock goes back (9 or more)" },
		{ "page,op,gap\n1,R,70368744177664\n", "in:2:1: a gap that is too long (below 2^46 ticks)" },
		{ "page,op,gap\n1,R,-1\n", "in:2:5: no point in time or gap (a decimal number)" },
		{ "name,page,op\n\"a,b\",1,R\n", "in:2:1: a quoted field (fields without quotes)" },
		{ "# accesses: 3\npage,op\n1,R\n",
		  "in:4:1: 1 accesses came before (3, as \"# accesses:\" says)" },
		{ "# accesses: 1\n# file-pages: 2\n# file: 0\npage,op\n1,R\n",
		  "in:6:1: 1 pages are in \"# file:\" lines (2, as \"# file-pages:\" says)" },
	};
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_refusal(&files, "csv", wrong[i].text, ERROR_TRACE, wrong[i].message);
	files_release(&files);
}

/* Runs of all shapes; with numbers of @digits, so long that each digit has to be looked at, or of as many as
 * they have. */
static char *exported_lines(int digits)
{
	GString *text = g_string_new("page,op,count,stride,gap\n");

	for (u32 i = 0; i < 1000; i++) {
		u32 count = i % 3 ? 1 : 1 + i, stride = i % 3 ? i % 2 : i % 32;

		g_string_append_printf(text, "%0*u,%c,%0*u,%s%0*u,%0*u%s\n", digits, 40000 + i * i % 977,
				       "RWXU"[i % 4], digits, count, i % 5 ? "" : "-", digits, stride, digits,
				       i * 10007, i % 7 ? "" : "\r");
	}
	return g_string_free(text, FALSE);
}

static void test_exported_lines(void)
{
	char *plain = exported_lines(1), *longer = exported_lines(9), *wrong;
	struct test_files files;
	struct trace *trace, *same;

	files_init(&files);
	trace = imported(&files, "csv", plain);
	same = imported(&files, "csv", longer);
	CU_ASSERT_EQUAL_FATAL(trace->header.runs, 1000);
	CU_ASSERT_EQUAL_FATAL(same->header.runs, 1000);
	CU_ASSERT(!memcmp(trace->runs, same->runs, 1000 * sizeof(trace->runs[0])));
	CU_ASSERT_EQUAL(trace->header.pages, same->header.pages);
	CU_ASSERT(trace->header.file_pages_count > 0); /* that are executed, and nothing else */
	CU_ASSERT_EQUAL(trace->header.file_pages_count, same->header.file_pages_count);
	wrong = g_strconcat(plain, "1,R,1,0,5\n1,R,0,0,5\n", plain, NULL);
	expect_refusal(&files, "csv", wrong, ERROR_TRACE, "in:1003:6: no count (1 to 4294967295)");
	trace_free(trace);
	trace_free(same);
	g_free(plain);
	g_free(longer);
	g_free(wrong);
	files_release(&files);
}

static void test_columns(void)
{
	static const char text[] = "when,page,where,what\n3,x,10,R\n9,y,32,W\n";
	struct test_files files;
	struct trace_import options = { .columns = "gap=when,page-hex=where,op=what" };
	GError *error = NULL;
	size_t size;
	char *map;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, text, strlen(text));
	CU_ASSERT(trace_import(&options, NULL));
	expect_runs(trace_load(files.out, NULL), "R16@3 W50@9");
	options.numbering = TRACE_NUMBER_DENSE;
	options.page_map = files.in;
	CU_ASSERT(trace_import(&options, NULL));
	expect_runs(trace_load(files.out, NULL), "R0@3 W1@9");
	map = get_file(files.in, &size);
	CU_ASSERT_STRING_EQUAL(map, "page,key\n0,10\n1,32\n");
	g_free(map);
	put_file(files.in, text, strlen(text));
	options.columns = "page=wher,op=what";
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in:1:1: no column is called \"wher\" (as the column map says)");
	options.columns = "pages=where";
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE, "no field=column in the column map: \"pages=where\"");
	options.columns = "page=where,vpn=what";
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_USAGE,
		     "second column for one thing in the column map: \"vpn=what\"");
	files_release(&files);
}

static void test_compressed(void)
{
	static const char text[] = "W 7\nW 8\nR 3\n";
	u8 packed[200];
	size_t size = ZSTD_compress(packed, sizeof(packed), text, strlen(text), 3);
	struct test_files files;
	struct trace_import options = { .format = "access" };
	GError *error = NULL;
	gzFile gzip;

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	put_file(files.in, packed, size);
	CU_ASSERT(trace_import(&options, NULL));
	expect_runs(trace_load(files.out, NULL), "W7x2+1@1 R3@1");
	put_file(files.in, packed, size - 1);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: cut short: its compressed data do not end");
	/* Two members, as cat makes of two files. */
	for (u32 i = 0; i < 2; i++) {
		gzip = gzopen(files.in, i ? "ab" : "wb");
		gzwrite(gzip, text, (unsigned)strlen(text));
		gzclose(gzip);
	}
	CU_ASSERT(trace_import(&options, NULL));
	expect_runs(trace_load(files.out, NULL), "W7x2+1@1 R3@1 W7x2+1@1 R3@1");
	put_file(files.in, "\x1f\x8bnot gzip at all", 18);
	CU_ASSERT(!trace_import(&options, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: its compressed data are damaged");
	files_release(&files);
}

static void test_long_input(void)
{
	GString *text = g_string_new(NULL);
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	for (u32 i = 0; i < 200000; i++)
		g_string_append_printf(text, "R %u\n", i * 77 % 1000);
	trace = imported(&files, NULL, text->str);
	CU_ASSERT_EQUAL(trace->header.accesses, 200000);
	for (u64 i = 0, wrong = 0; i <= 200000; i++) {
		wrong += i < 200000 && trace_page(trace, trace_seek(trace, i)) != i * 77 % 1000;
		CU_ASSERT_FATAL(!wrong);
	}
	trace_free(trace);
	memset(text->str + 1, ' ', text->len - 1);
	expect_refusal(&files, "access", text->str, ERROR_TRACE,
		       "in:1:1: a line is longer than 262143 bytes");
	g_string_free(text, TRUE);
	files_release(&files);
}

static void test_samples(void)
{
	static const struct {
		const char *name;
		u32 pages, file_pages;
		u64 accesses, ticks_after_last;
	} samples[] = {
		{ "sample.pages", 242, 193, 250, 17 },
		{ "sample.lackey", 187, 91, 300, 5 },
		{ "sample.access", 2048, 0, 300, 0 },
		{ "sample.csv", 84, 32, 300, 0 },
	};
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(samples); i++) {
		char *path = g_build_filename(SOURCE_DIR, "traces", "samples", samples[i].name, NULL);
		struct trace_import options = { .in = path, .out = files.out, .level = 3 };
		struct trace *trace;

		CU_ASSERT_FATAL(trace_import(&options, NULL));
		trace = trace_load(files.out, NULL);
		CU_ASSERT_EQUAL(trace->header.pages, samples[i].pages);
		CU_ASSERT_EQUAL(trace->header.file_pages_count, samples[i].file_pages);
		CU_ASSERT_EQUAL(trace->header.accesses, samples[i].accesses);
		CU_ASSERT_EQUAL(trace->header.ticks_after_last, samples[i].ticks_after_last);
		trace_free(trace);
		g_free(path);
	}
	files_release(&files);
}

/* To CSV and back: the same bytes. */
static void test_export(void)
{
	static const char *const names[] = { "sqlite.swt", "groundtruth/zipf.swt" };
	struct test_files files;
	struct trace_import options = { .format = "csv", .level = 19 };

	files_init(&files);
	options.in = files.in;
	options.out = files.out;
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = g_build_filename(SOURCE_DIR, "traces", names[i], NULL);
		size_t before, after;
		char *old = get_file(path, &before), *new;

		CU_ASSERT(trace_export_csv_file(path, files.in, NULL));
		CU_ASSERT(trace_import(&options, NULL));
		new = get_file(files.out, &after);
		CU_ASSERT_EQUAL_FATAL(before, after);
		CU_ASSERT(!memcmp(old, new, before));
		g_free(old);
		g_free(new);
		g_free(path);
	}
	files_release(&files);
}

static void test_export_text(void)
{
	struct test_files files;
	size_t size;
	char *text;

	files_init(&files);
	CU_ASSERT(import(&files, NULL, "X 1\nX 2\nX 3\nX 5\nW 0\n", NULL));
	CU_ASSERT(trace_export_csv_file(files.out, files.in, NULL));
	text = get_file(files.in, &size);
	CU_ASSERT_STRING_EQUAL(text, "# swapsim-csv 1\n# tick: reference\n# tick-ps: 300\n# pages: 6\n"
				     "# file-pages: 4\n# runs: 3\n# accesses: 5\n# file: 1-3 5\n"
				     "page,op,count,stride,gap\n1,X,3,1,1\n5,X,1,0,1\n0,W,1,0,1\n");
	g_free(text);
	files_release(&files);
}

static const struct unit tests[] = {
	{ "pages: records, kinds and totals arrive", test_pages },
	{ "pages: what is wrong or cut short is refused where it is", test_pages_refused },
	{ "access: lines are accesses, marks split runs", test_access },
	{ "malformed marks are refused", test_marks_refused },
	{ "lackey-pages: records arrive, executed pages are file pages", test_lackey },
	{ "csv: page numbers are kept, addresses numbered, clocks turned to gaps", test_csv },
	{ "csv: what is wrong is refused where it is", test_csv_refused },
	{ "csv: lines as they are exported are the same however long their numbers are",
	  test_exported_lines },
	{ "csv: a map names the columns", test_columns },
	{ "gzip and zstd are read as plain text is", test_compressed },
	{ "input longer than the buffer arrives whole", test_long_input },
	{ "the samples import", test_samples },
	{ "an exported trace imports to the same bytes", test_export },
	{ "exported text is as documented", test_export_text },
};
UNIT_MAIN("trace import", tests)
