/*
 * Accesses a second to pages that are all there: small, middling and large memories, in order, at random, and
 * zipf(0.99). The streams are traces of as many accesses as there are pages, one run an access, replayed
 * again and again.
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "sim/dist.h"
#include "sim/random.h"
#include "tests/bench/scenario_bench.h"
#include "traces/writer.h"

enum { SMALL = 1 << 16, MIDDLE = 1 << 20, LARGE = 1 << 24, ACCESSES_TIMED = 1 << 26, GAP_NS = 5 };

enum order { IN_ORDER, AT_RANDOM, ZIPF };

static void write_stream(const char *path, u32 pages, enum order order)
{
	struct trace_writer *writer = trace_writer_new(path, TRACE_LEVEL_RAW, NULL);
	struct zipf *zipf = zipf_new(pages, 990);
	struct scatter scatter;

	BUG_ON(!writer);
	scatter_init(&scatter, pages, 1);
	trace_writer_header(writer)->tick_ps = 1000;
	trace_writer_header(writer)->tick = TRACE_TICK_NS;
	trace_writer_header(writer)->pages = pages;
	for (u32 i = 0; i < pages; i++) {
		u64 value = random_value(9, i);
		u32 page = order == ZIPF	? scatter_at(&scatter, zipf_at(zipf, value))
			   : order == AT_RANDOM ? random_below(value, pages)
						: i;
		struct trace_run run =
		    trace_run(page, 1, 0, value % 10 < 3 ? TRACE_WRITE : TRACE_READ, GAP_NS);

		BUG_ON(!trace_writer_run(writer, &run, NULL));
	}
	BUG_ON(!trace_writer_finish(writer, NULL));
	trace_writer_free(writer);
	zipf_free(zipf);
}

/* Reads become writes once, so that no access of the time that counts is a fault: after two passes. */
static struct scenario_bench *resident(u32 pages, enum order order)
{
	char *path = g_strdup_printf("%s/swapsim-pages-%d.swt", g_get_tmp_dir(), (int)getpid());
	char *text = g_strdup_printf("{'format':1,'name':'b','machine':{'kernel':'7.2','memory':'128GiB'},'"
				     "tasks':[{'name':'t','workload':{'trace':{"
				     "'file':'%s','accesses':1000000000000}}}]}",
				     path);
	struct scenario_bench *b;

	write_stream(path, pages, order);
	b = bench_scenario(text, 2 * (u64)pages);
	g_unlink(path);
	g_free(path);
	return b;
}

static uint64_t hits(void *context)
{
	struct scenario_bench *b = context;
	u64 faults = bench_counted(b, PGFAULT), n = bench_more(b, ACCESSES, ACCESSES_TIMED);

	BUG_ON(bench_counted(b, PGFAULT) != faults);
	return n;
}

#define STREAMS(X)                                                                                           \
	X(SMALL, "64 Ki", IN_ORDER, "in order", 0, 0)                                                        \
	X(SMALL, "64 Ki", AT_RANDOM, "at random", 0, 0)                                                      \
	X(SMALL, "64 Ki", ZIPF, "zipf(0.99)", 0, 0)                                                          \
	X(MIDDLE, "1 Mi", IN_ORDER, "in order", 0, 0)                                                        \
	X(MIDDLE, "1 Mi", AT_RANDOM, "at random", 0, 0)                                                      \
	X(MIDDLE, "1 Mi", ZIPF, "zipf(0.99)", 300e6, 1000e6)                                                 \
	X(LARGE, "16 Mi", IN_ORDER, "in order", 0, 0)                                                        \
	X(LARGE, "16 Mi", AT_RANDOM, "at random", 0, 0)                                                      \
	X(LARGE, "16 Mi", ZIPF, "zipf(0.99)", 0, 0)

#define SETUP(pages, size, order, name, floor, aim)                                                          \
	static void *resident_##pages##_##order(void)                                                        \
	{                                                                                                    \
		return resident(pages, order);                                                               \
	}
STREAMS(SETUP)

#define ROW(pages, size, order, name, floor, aim)                                                            \
	{ "hits, " size " pages, " name, BENCH_RATE,	     floor, aim, hits,                               \
	  resident_##pages##_##order,	 bench_scenario_free },
static const struct bench benches[] = { STREAMS(ROW) };
BENCH_MAIN(benches)
