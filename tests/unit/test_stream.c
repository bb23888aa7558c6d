/* Traces that stay in their file: what comes out of it, and replays that cannot tell. */
#include "traces/stream.h"

#include "sim/error.h"
#include "sim/random.h"
#include "tests/unit/test_trace_files.h"
#include "tests/unit/world.h"
#include "traces/writer.h"

/* Blocks of 100 runs, and one that is not full. */
enum { RUNS = 3456, BLOCK_RUNS_HERE = 100, PAGES = 300 };

static struct trace_run some_run(u32 i)
{
	u64 value = random_value(7, i);
	u32 count = value % 5 ? 1 : 2 + value / 5 % 40;

	return trace_run((u32)(value >> 20) % (PAGES - 50), count, count > 1, value >> 40 & 1,
			 50 + (value >> 44) % 100);
}

/* The same trace, in memory and in its file. */
struct both {
	struct test_files files;
	struct trace *here, *there;
};

static void both_init(struct both *b, int level, u32 block_runs)
{
	struct trace_writer *writer;

	files_init(&b->files);
	writer = trace_writer_new(b->files.out, level, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(writer);
	trace_writer_block_runs(writer, block_runs);
	for (u32 i = 0; i < RUNS; i++) {
		struct trace_run run = some_run(i);

		CU_ASSERT_FATAL(trace_writer_run(writer, &run, NULL));
	}
	CU_ASSERT_FATAL(trace_writer_finish(writer, NULL));
	trace_writer_free(writer);
	b->here = trace_load_within(b->files.out, RUNS, NULL);
	b->there = trace_load_within(b->files.out, RUNS - 1, NULL);
	CU_ASSERT_FATAL(b->here && b->there);
	CU_ASSERT_PTR_NOT_NULL(b->here->runs);
	CU_ASSERT_PTR_NULL(b->there->runs);
	CU_ASSERT_EQUAL(b->there->blocks, (RUNS + block_runs - 1) / block_runs);
	CU_ASSERT_EQUAL(b->there->header.accesses, b->here->header.accesses);
}

static void both_release(struct both *b)
{
	trace_free(b->here);
	trace_free(b->there);
	files_release(&b->files);
}

static void check_window(const struct both *b, struct trace_stream *stream, u32 run)
{
	struct trace_window window;

	CU_ASSERT_FATAL(trace_stream_window(stream, run, &window, NULL));
	CU_ASSERT_FATAL(run >= window.first && run - window.first < window.count);
	CU_ASSERT_FATAL(window.first + window.count <= RUNS);
	CU_ASSERT(!memcmp(window.runs, b->here->runs + window.first, window.count * sizeof(*window.runs)));
}

static void look_at_all(int level, u32 block_runs)
{
	struct trace_stream *stream;
	struct both b;

	both_init(&b, level, block_runs);
	stream = trace_stream_new(b.there);
	for (u32 i = 0; i < RUNS; i++)
		check_window(&b, stream, i);
	for (u32 i = 0; i < 500; i++)
		check_window(&b, stream, random_below(random_value(8, i), RUNS));
	for (u64 access = 0; access < b.there->header.accesses; access += 1 + access % 97) {
		struct trace_cursor at = trace_seek(b.here, access), found;

		CU_ASSERT_FATAL(trace_stream_seek(stream, access, &found, NULL));
		CU_ASSERT_EQUAL(found.run, at.run);
		CU_ASSERT_EQUAL(found.offset, at.offset);
	}
	trace_stream_free(stream);
	both_release(&b);
}

static void test_windows(void)
{
	look_at_all(TRACE_LEVEL_RAW, BLOCK_RUNS_HERE);
	look_at_all(3, BLOCK_RUNS_HERE);
	look_at_all(3, 1);
	look_at_all(TRACE_LEVEL_RAW, RUNS);
}

/* Two tasks replay it for more than two passes in half of the memory, one of them from its middle on. */
static void replay_begin(struct world *w, struct workload *load, const struct trace *trace)
{
	world_init(w, (struct world_size){ .pages = PAGES, .limit = PAGES / 2 });
	for (u32 i = 0; i < 2; i++) {
		load[i] = (struct workload){ .pattern = PATTERN_TRACE,
					     .pages = PAGES,
					     .trace = trace,
					     .trace_first = i * trace->header.accesses / 2,
					     .accesses = 2 * trace->header.accesses + 1000 };
		work_add_task(w->k, &load[i], 0, i, true);
	}
}

static void test_replay(void)
{
	struct workload load[2][2];
	struct world w[2];
	struct both b;

	both_init(&b, 3, BLOCK_RUNS_HERE);
	for (u32 i = 0; i < 2; i++) {
		replay_begin(&w[i], load[i], i ? b.there : b.here);
		CU_ASSERT_FATAL(machine_run(&w[i].k->machine, TIME_NEVER - 1, NULL));
	}
	CU_ASSERT_EQUAL(counted(&w[0], ACCESSES), 2 * load[0][0].accesses);
	CU_ASSERT(counted(&w[0], PSWPIN) > 1000);
	CU_ASSERT_EQUAL(w[0].k->machine.fingerprint, w[1].k->machine.fingerprint);
	CU_ASSERT_EQUAL(w[0].k->machine.now, w[1].k->machine.now);
	CU_ASSERT(!memcmp(w[0].k->count, w[1].k->count, 2 * sizeof(*w[0].k->count)));
	CU_ASSERT(!memcmp(w[0].k->work, w[1].k->work, 2 * sizeof(*w[0].k->work)));
	for (u32 i = 0; i < 2; i++)
		world_release(&w[i]);
	both_release(&b);
}

/* As long as nobody changes it; then the run fails. */
static void test_altered(void)
{
	struct workload load[2];
	GError *error = NULL;
	struct world w;
	struct both b;
	FILE *file;

	both_init(&b, TRACE_LEVEL_RAW, BLOCK_RUNS_HERE);
	replay_begin(&w, load, b.there);
	file = fopen(b.files.out, "r+b");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT(!fseek(file, (long)b.there->block[30].offset + 40, SEEK_SET));
	CU_ASSERT(fputs("xx", file) >= 0);
	fclose(file);
	CU_ASSERT(!machine_run(&w.k->machine, TIME_NEVER - 1, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_TRACE));
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, "block 30: its checksum does not match"));
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(trace_load_within(b.files.out, 0, NULL));
	world_release(&w);
	both_release(&b);
}

static const struct unit tests[] = {
	{ "its windows are the runs, wherever one goes", test_windows },
	{ "a replay from the file is the same as one from memory", test_replay },
	{ "a file that is altered while it is replayed is an error", test_altered },
};
UNIT_MAIN("stream", tests)
