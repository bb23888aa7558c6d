#include "traces/trace.h"

#include "tests/unit/test_trace_files.h"
#include "traces/block.h"
#include "traces/bytes.h"
#include "traces/header.h"
#include "traces/writer.h"
#include "traces/xxh64.h"

static void expect_run(const struct trace_run *run, struct trace_run expected)
{
	CU_ASSERT_EQUAL(run->page, expected.page);
	CU_ASSERT_EQUAL(run->count, expected.count);
	CU_ASSERT_EQUAL(run->packed, expected.packed);
}

static struct trace_writer *new_writer(const struct test_files *files, int level)
{
	struct trace_writer *writer = trace_writer_new(files->out, level, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(writer);
	return writer;
}

static void finish(struct trace_writer *writer)
{
	CU_ASSERT(trace_writer_finish(writer, NULL));
	trace_writer_free(writer);
}

/* A value of every size in every field, from a little generator; more than one block of them. */
static struct trace_run odd_run(u32 i)
{
	u64 hash = (i + 1) * 0x9e3779b97f4a7c15;
	u32 page = (u32)(hash >> 36) >> (hash % 24);
	u64 gap = hash >> 18 >> (hash >> 8) % 46;
	u32 count = 1 + (i % 7 ? 0 : (u32)(hash >> 20) % 5);

	if (i == 77777)
		return trace_run(9, TRACE_COUNT_MAX, 0, TRACE_WRITE, TRACE_GAP_MAX);
	if (i == 88888)
		return trace_run(TRACE_PAGES_MAX - 1, 1u << 23, -32, TRACE_READ, 0);
	page = CLAMP(page, 200, TRACE_PAGES_MAX - 200);
	return trace_run(page, count, count > 1 ? (s32)(hash >> 30) % 32 - 16 : 0, hash % TRACE_OPS, gap);
}

static void write_odd_runs(const struct test_files *files, u32 n, int level)
{
	struct trace_writer *writer = new_writer(files, level);

	for (u32 i = 0; i < n; i++) {
		struct trace_run run = odd_run(i);

		CU_ASSERT_FATAL(trace_writer_run(writer, &run, NULL));
	}
	finish(writer);
}

static void read_odd_runs(const struct test_files *files, u32 n, u32 batch)
{
	struct trace_reader *reader = trace_reader_open(files->out, NULL);
	struct trace_run *runs = g_new(struct trace_run, batch);
	u32 done = 0, differ = 0;
	int got;

	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
	CU_ASSERT_EQUAL(trace_reader_header(reader)->runs, n);
	while ((got = trace_reader_next(reader, runs, batch, NULL)) > 0) {
		for (int i = 0; i < got; i++) {
			struct trace_run run = odd_run(done + (u32)i);

			differ += run.page != runs[i].page || run.count != runs[i].count ||
				  run.packed != runs[i].packed;
		}
		done += (u32)got;
	}
	CU_ASSERT_EQUAL(got, 0);
	CU_ASSERT_EQUAL(done, n);
	CU_ASSERT_EQUAL(differ, 0);
	g_free(runs);
	trace_reader_close(reader);
}

static void test_round_trip(void)
{
	static const u32 sizes[] = { 1, 2, 255, 100000, BLOCK_RUNS, BLOCK_RUNS + 1, 2 * BLOCK_RUNS + 5 };
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (int level = 0; level < 2; level++) {
			write_odd_runs(&files, sizes[i], level);
			read_odd_runs(&files, sizes[i], 1000);
			read_odd_runs(&files, sizes[i], 33);
		}
	}
	files_release(&files);
}

static void test_fields(void)
{
	struct trace_run run = trace_run(5, 7, -32, TRACE_EXEC, TRACE_GAP_MAX);

	CU_ASSERT_EQUAL(trace_stride(&run), -32);
	CU_ASSERT_EQUAL(trace_op(&run), TRACE_EXEC);
	CU_ASSERT_EQUAL(trace_gap(&run), TRACE_GAP_MAX);
	run = trace_run(1000, 7, 31, TRACE_WRITE, 0);
	CU_ASSERT_EQUAL(trace_stride(&run), 31);
	CU_ASSERT_EQUAL(trace_op(&run), TRACE_WRITE);
	CU_ASSERT_EQUAL(trace_gap(&run), 0);
	CU_ASSERT_EQUAL(trace_run_last_page(&run), 1186);
	CU_ASSERT_EQUAL(sizeof(run), 16);
}

static void test_merging(void)
{
	static const u32 pages[] = { 10, 11, 12, 12, 12, 20, 18, 16, 16 };
	struct trace_writer *writer;
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	writer = new_writer(&files, 0);
	CU_ASSERT_NOT_EQUAL(trace_header_add_mark(trace_writer_header(writer), "Phase", 1), NULL);
	CU_ASSERT_EQUAL(trace_header_add_mark(trace_writer_header(writer), "tail", 11), NULL);
	CU_ASSERT_NOT_EQUAL(trace_header_add_mark(trace_writer_header(writer), "tail", 2), NULL);
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++)
		CU_ASSERT(trace_writer_access(writer, pages[i], TRACE_READ, 3, NULL));
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT(trace_writer_access(writer, 50 + i, TRACE_WRITE, 3, NULL));
	CU_ASSERT(trace_writer_access(writer, 54, TRACE_WRITE, 4, NULL));
	CU_ASSERT_EQUAL(trace_writer_accesses(writer), 14);
	finish(writer);
	trace = trace_load(files.out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	CU_ASSERT_EQUAL_FATAL(trace->header.runs, 7);
	expect_run(&trace->runs[0], trace_run(10, 3, 1, TRACE_READ, 3));
	expect_run(&trace->runs[1], trace_run(12, 2, 0, TRACE_READ, 3));
	expect_run(&trace->runs[2], trace_run(20, 3, -2, TRACE_READ, 3));
	expect_run(&trace->runs[3], trace_run(16, 1, 0, TRACE_READ, 3));
	expect_run(&trace->runs[4], trace_run(50, 2, 1, TRACE_WRITE, 3));
	expect_run(&trace->runs[5], trace_run(52, 2, 1, TRACE_WRITE, 3));
	expect_run(&trace->runs[6], trace_run(54, 1, 0, TRACE_WRITE, 4));
	CU_ASSERT_EQUAL(trace->header.pages, 55);
	trace_free(trace);
	files_release(&files);
}

static void test_header(void)
{
	struct trace_header *header;
	struct trace_writer *writer;
	struct trace_run run = trace_run(0, 100, 1, TRACE_READ, 1);
	struct test_files files;
	struct trace *trace;

	files_init(&files);
	writer = new_writer(&files, 3);
	header = trace_writer_header(writer);
	trace_header_set_text(&header->program, " two\nlines \xff");
	trace_header_set_text(&header->licence, "CC0-1.0");
	header->filter_k = 16;
	header->smallest_limit_pages = 64;
	header->tick = TRACE_TICK_NS;
	header->tick_ps = 1000;
	header->ticks_after_last = 1ull << 40;
	header->pages = 200000;
	page_set_add_range(&header->file_pages, 3, 70);
	page_set_add(&header->file_pages, 199999);
	trace_header_add_mark(header, "b", 100);
	trace_header_add_mark(header, "a", 0);
	CU_ASSERT(trace_writer_run(writer, &run, NULL));
	finish(writer);
	trace = trace_load(files.out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	CU_ASSERT_STRING_EQUAL(trace->header.program, "two lines \xef\xbf\xbd");
	CU_ASSERT_STRING_EQUAL(trace->header.licence, "CC0-1.0");
	CU_ASSERT_PTR_NULL(trace->header.note);
	CU_ASSERT_EQUAL(trace->header.filter_k, 16);
	CU_ASSERT_EQUAL(trace->header.smallest_limit_pages, 64);
	CU_ASSERT_EQUAL(trace->header.tick, TRACE_TICK_NS);
	CU_ASSERT_EQUAL(trace->header.tick_ps, 1000);
	CU_ASSERT_EQUAL(trace->header.ticks_after_last, 1ull << 40);
	CU_ASSERT_EQUAL(trace->header.pages, 200000);
	CU_ASSERT_EQUAL(trace->header.file_pages_count, 69);
	CU_ASSERT_EQUAL(page_set_count(&trace->header.file_pages), 69);
	CU_ASSERT(page_set_has(&trace->header.file_pages, 3) && page_set_has(&trace->header.file_pages, 70));
	CU_ASSERT(!page_set_has(&trace->header.file_pages, 2) &&
		  !page_set_has(&trace->header.file_pages, 71));
	CU_ASSERT(page_set_has(&trace->header.file_pages, 199999));
	CU_ASSERT_EQUAL_FATAL(trace->header.marks_count, 2);
	CU_ASSERT_STRING_EQUAL(trace->header.marks[0].name, "a");
	CU_ASSERT_EQUAL(trace->header.marks[1].access, 100);
	CU_ASSERT_EQUAL(trace->header.runs, 1);
	trace_free(trace);
	files_release(&files);
}

static void test_cursor(void)
{
	struct trace_cursor cursor = { 0 }, sought;
	struct test_files files;
	struct trace *trace;
	u64 access = 0;

	files_init(&files);
	write_odd_runs(&files, 3 * TRACE_INDEX_STEP, 0);
	trace = trace_load(files.out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	for (; !trace_at_end(trace, cursor); access++) {
		sought = trace_seek(trace, access);
		if (sought.run != cursor.run || sought.offset != cursor.offset ||
		    trace_position(trace, cursor) != access)
			break;
		CU_ASSERT_FATAL(trace_run_left(trace, cursor) > 0);
		if (trace_page(trace, cursor) >= trace->header.pages)
			break;
		trace_advance(trace, &cursor, 1);
	}
	CU_ASSERT_EQUAL(access, trace->header.accesses);
	sought = trace_seek(trace, access);
	CU_ASSERT(trace_at_end(trace, sought) && !sought.offset);
	CU_ASSERT_EQUAL(trace_position(trace, sought), access);
	trace_free(trace);
	files_release(&files);
}

static void test_rewind(void)
{
	struct trace_run first, run;
	struct trace_reader *reader;
	struct test_files files;

	files_init(&files);
	write_odd_runs(&files, BLOCK_RUNS + 10, 1);
	reader = trace_reader_open(files.out, NULL);
	CU_ASSERT_EQUAL(trace_reader_next(reader, &first, 1, NULL), 1);
	while (trace_reader_next(reader, &run, 1, NULL) > 0)
		;
	CU_ASSERT_EQUAL(trace_reader_next(reader, &run, 1, NULL), 0);
	CU_ASSERT(trace_reader_rewind(reader, NULL));
	CU_ASSERT_EQUAL(trace_reader_next(reader, &run, 1, NULL), 1);
	expect_run(&run, first);
	trace_reader_close(reader);
	files_release(&files);
}

/* Reads to the end; returns whether that went well. */
static bool readable(const char *path, GError **error)
{
	struct trace *trace = trace_load(path, error);

	trace_free(trace);
	return trace != NULL;
}

static void test_every_cut(void)
{
	struct test_files files;
	GError *error = NULL;
	size_t size;
	char *bytes;

	files_init(&files);
	write_odd_runs(&files, 60, 1);
	bytes = get_file(files.out, &size);
	for (size_t cut = 0; cut < size; cut++) {
		put_file(files.in, bytes, cut);
		CU_ASSERT_FATAL(!readable(files.in, &error));
		CU_ASSERT_EQUAL(error->code, ERROR_TRACE);
		g_clear_error(&error);
	}
	put_file(files.in, bytes, size - 1);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in: block 0: the file is cut short (0 of 60 runs are before it)");
	put_file(files.in, bytes, 20);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: cut short: the header does not end");
	g_free(bytes);
	files_release(&files);
}

static void test_every_flipped_bit(void)
{
	struct test_files files;
	GError *error = NULL;
	size_t size;
	char *bytes;

	files_init(&files);
	write_odd_runs(&files, 20, 0);
	bytes = get_file(files.out, &size);
	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		put_file(files.in, bytes, size);
		CU_ASSERT_FATAL(!readable(files.in, &error));
		CU_ASSERT_EQUAL(error->code, ERROR_TRACE);
		g_clear_error(&error);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	bytes[size - 20] ^= 1;
	put_file(files.in, bytes, size);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in: block 0: its checksum does not match (0 of 20 runs are before it)");
	g_free(bytes);
	files_release(&files);
}

static void test_something_behind(void)
{
	struct test_files files;
	GError *error = NULL;
	size_t size;
	char *bytes;

	files_init(&files);
	write_odd_runs(&files, 20, 0);
	bytes = get_file(files.out, &size);
	bytes = g_realloc(bytes, size + 1);
	bytes[size] = '\n';
	put_file(files.in, bytes, size + 1);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: something follows the last block");
	put_file(files.in, "GIF89a whatever this is", 23);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(
	    &error, &files, ERROR_TRACE,
	    "in: is no trace (the first line would be \"swapsim-trace 1\"; swapsim trace import makes one "
	    "of other files)");
	g_unlink(files.in);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_IO, "in: cannot be opened: No such file or directory");
	g_free(bytes);
	files_release(&files);
}

/* A file of one raw block whose checksums are right and whose header says what the test says. */
static void forge(const struct test_files *files, const char *keys, const struct trace_run *runs, u32 n)
{
	GString *text = g_string_new("swapsim-trace 1\n");
	struct block_header header = { 0 };
	u8 *frame = g_malloc0(BLOCK_HEADER + BLOCK_PAYLOAD_MAX + BLOCK_CHECKSUM);

	g_string_append(text, keys);
	g_string_append_printf(text, "xxh64: %016" G_GINT64_MODIFIER "x\n",
			       (guint64)xxh64(text->str, text->len));
	header.stored = (u32)block_encode(&header, runs, n, frame + BLOCK_HEADER);
	block_header_store(&header, frame);
	store_le64(frame + BLOCK_HEADER + header.stored, xxh64(frame, BLOCK_HEADER + header.stored));
	g_string_append_len(text, (char *)frame, BLOCK_HEADER + header.stored + BLOCK_CHECKSUM);
	put_file(files->in, text->str, text->len);
	g_string_free(text, TRUE);
	g_free(frame);
}

#define KEYS "tick: reference\ntick-ps: 300\nfile-pages: 0\n"

static void test_lying_header(void)
{
	struct trace_run runs[] = { trace_run(0, 4, 1, TRACE_READ, 1), trace_run(9, 1, 0, TRACE_WRITE, 1) };
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	forge(&files, KEYS "pages: 10\nruns: 2\naccesses: 5\n", runs, 2);
	CU_ASSERT(readable(files.in, &error));
	forge(&files, KEYS "pages: 9\nruns: 2\naccesses: 5\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in: block 0 holds a run that leaves the 9 pages or is none");
	forge(&files, KEYS "pages: 10\nruns: 2\naccesses: 6\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: holds 5 accesses where the header says 6");
	forge(&files, KEYS "pages: 10\nruns: 1\naccesses: 5\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: block 0 does not belong there");
	forge(&files, KEYS "pages: 10\nruns: 3\naccesses: 5\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "in: block 1: the file is cut short (2 of 3 runs are before it)");
	forge(&files, KEYS "pages: 10\nruns: 2\naccesses: 5\nmark: 3 inside\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: a run of block 0 crosses mark \"inside\"");
	forge(&files, KEYS "pages: 10\nruns: 2\naccesses: 5\nmark: 6 late\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: mark \"late\" lies behind the last access");
	forge(&files, KEYS "runs: 2\naccesses: 5\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in: the header does not say \"pages\"");
	forge(&files, KEYS "pages: 268435457\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in:5:8: pages is not a number it can be (1 to 268435456)");
	forge(&files, KEYS "tick: ns\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in:5:1: tick is said twice");
	forge(&files, "colour: red\n", runs, 2);
	CU_ASSERT(!readable(files.in, &error));
	expect_error(&error, &files, ERROR_TRACE, "in:2:1: no key of a trace's header");
	files_release(&files);
}

static void test_runs_that_wrap(void)
{
	struct trace_run wrong[] = {
		trace_run(5, 7, -1, TRACE_READ, 0),	    trace_run(5, TRACE_COUNT_MAX, 31, TRACE_READ, 0),
		trace_run(UINT32_MAX, 2, 1, TRACE_READ, 0), trace_run(0, 1u << 27, -32, TRACE_READ, 0),
		trace_run(0, 0, 0, TRACE_READ, 0),
	};
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	for (u32 i = 0; i < ARRAY_SIZE(wrong); i++) {
		forge(&files, KEYS "pages: 10\nruns: 1\naccesses: 5\n", &wrong[i], 1);
		CU_ASSERT(!readable(files.in, &error));
		expect_error(&error, &files, ERROR_TRACE,
			     "in: block 0 holds a run that leaves the 10 pages or is none");
	}
	files_release(&files);
}

static void test_writer_gives_up(void)
{
	struct trace_writer *writer;
	struct test_files files;
	GError *error = NULL;

	files_init(&files);
	put_file(files.out, "old", 3);
	writer = new_writer(&files, 0);
	CU_ASSERT(!trace_writer_finish(writer, &error));
	expect_error(&error, &files, ERROR_TRACE, "out.swt: is not written: the trace holds no access");
	trace_writer_free(writer);
	writer = new_writer(&files, 0);
	CU_ASSERT(trace_writer_access(writer, 0, TRACE_READ, 0, NULL));
	trace_header_add_mark(trace_writer_header(writer), "late", 2);
	CU_ASSERT(!trace_writer_finish(writer, &error));
	expect_error(&error, &files, ERROR_TRACE,
		     "out.swt: is not written: mark \"late\" lies behind the last of 1 accesses");
	trace_writer_free(writer);
	CU_ASSERT(g_file_test(files.out, G_FILE_TEST_EXISTS));
	CU_ASSERT_PTR_NULL(trace_writer_new("/nowhere/at/all.swt", 0, &error));
	expect_error(&error, &files, ERROR_IO,
		     "/nowhere/at/all.swt: cannot be written: No such file or directory");
	files_release(&files);
}

static void test_checksum(void)
{
	u8 bytes[101];

	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(7 * i + 1);
	CU_ASSERT_EQUAL(xxh64("", 0), 0xef46db3751d8e999);
	CU_ASSERT_EQUAL(xxh64("abc", 3), 0x44bc2cf5ad770999);
	CU_ASSERT_EQUAL(xxh64(bytes, sizeof(bytes)), 0x6bf452176f29bc13);
}

static const struct unit tests[] = {
	{ "a run keeps its fields at their limits", test_fields },
	{ "what is written is read, raw and zstd, whatever the batch", test_round_trip },
	{ "accesses join to runs that no mark crosses", test_merging },
	{ "the header comes back", test_header },
	{ "a cursor steps, seeks and tells where it is", test_cursor },
	{ "a rewound reader begins anew", test_rewind },
	{ "a file cut anywhere is refused", test_every_cut },
	{ "a file with any bit flipped is refused", test_every_flipped_bit },
	{ "what is no trace or more than one is refused", test_something_behind },
	{ "a header that lies is found out", test_lying_header },
	{ "runs that wrap around are refused", test_runs_that_wrap },
	{ "a writer that fails leaves the old file", test_writer_gives_up },
	{ "the checksum is XXH64", test_checksum },
};
UNIT_MAIN("trace files", tests)
