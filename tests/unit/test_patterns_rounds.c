/* Rounds: all memory is swapped out, pieces are written, chunks are given back and filled. */
#include <stdio.h>

#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { PAGES = 64, PIECES = 6, PIECE_PAGES = 2, REFILLS = 3, CHUNKS = 8, ROUNDS = 20 };

static struct workload rounds_of(u32 rounds)
{
	return (struct workload){ .pattern = PATTERN_ROUNDS,
				  .pages = PAGES,
				  .fill = true,
				  .pieces = PIECES,
				  .piece_pages = PIECE_PAGES,
				  .refills = REFILLS,
				  .chunks = CHUNKS,
				  .phases = ROUNDS_PARTS,
				  .accesses = rounds * (1 + PIECES + REFILLS),
				  .stream = 3 };
}

static void run_rounds(struct world *w, const struct workload *load)
{
	world_init(w, (struct world_size){ 0 });
	work_add_task(w->k, load, 0, 0, true);
	CU_ASSERT(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
}

static void test_one_round(void)
{
	struct workload load = rounds_of(1);
	struct world w;

	run_rounds(&w, &load);
	CU_ASSERT_EQUAL(counted(&w, PSWPOUT), PAGES);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), PAGES + PIECES * PIECE_PAGES + REFILLS * PAGES / CHUNKS);
	/* Only pieces are swapped in: what is given back is new. */
	CU_ASSERT(counted(&w, PSWPIN) <= PIECES * PIECE_PAGES);
	CU_ASSERT(counted(&w, PSWPIN) > 0);
	world_release(&w);
}

static void test_every_round_begins_with_all_swapped_out(void)
{
	struct workload load = rounds_of(ROUNDS);
	struct world w;

	run_rounds(&w, &load);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES),
			PAGES + ROUNDS * (PIECES * PIECE_PAGES + REFILLS * PAGES / CHUNKS));
	CU_ASSERT(counted(&w, PSWPIN) > ROUNDS * PIECES); /* and not from the first round alone */
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages + w.k->mm[0].swap_ents, PAGES);
	world_release(&w);
}

static void count_mark(struct kernel *k, u32 task, const char *mark)
{
	static const char *const expected[] = { "fill_done", "part_2", "part_3" };

	u32 *marks = k->on_mark_data;

	(void)task;
	if (*marks < ARRAY_SIZE(expected))
		CU_ASSERT_STRING_EQUAL(mark, expected[*marks]);
	++*marks;
}

static void test_parts(void)
{
	struct workload load = rounds_of(ROUNDS);
	struct world w;
	u32 marks = 0;

	world_init(&w, (struct world_size){ 0 });
	w.k->on_mark = count_mark;
	w.k->on_mark_data = &marks;
	work_add_task(w.k, &load, 0, 0, true);
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(marks, 1 + ROUNDS_PARTS - 1);
	CU_ASSERT_EQUAL(workload_marks(&load), marks);
	world_release(&w);
}

#define TASK(rounds)                                                                                         \
	"{'format':1,'name':'t','swap':[{'device':'zram-lz4','size':'64MiB'}],'tasks':[{'name':'a',"         \
	"'workload':{'rounds':{" rounds "}}}]}"

static void check_error(const char *text, const char *expected)
{
	GError *error = NULL;
	struct scenario *s = scenario_from(text, &error);

	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_STRING_EQUAL(error->message, expected);
	if (strcmp(error->message, expected))
		printf("\n  is: %s\nnot: %s\n", error->message, expected);
	g_error_free(error);
}

static void test_mistakes(void)
{
	check_error(
	    TASK("'size':'60KiB','piece':'64KiB'"),
	    "s.json:1:136: tasks[0].workload.rounds.piece: is not in whole pages of the memory (expected a "
	    "multiple of 4KiB, 60KiB at most)");
	check_error(
	    TASK("'size':'60KiB'"),
	    "s.json:1:112: tasks[0].workload.rounds.chunk: does not divide the memory (expected pages of "
	    "which 60KiB are a multiple)");
	scenario_free(scenario_right(TASK("'size':'60MiB'")));
}

/* ---- what it measures ---- */

/* Of a thousand folios of 64 KiB that were to be swapped out, those that were split. */
static u32 split_permille(const char *kernel)
{
	const char *text =
	    "{'format':1,'name':'t','machine':{'page-cluster':0,'thp':{'sizes':{'64KiB':'always'}}},"
	    "'swap':[{'device':'zram-lz4','size':'16MiB'}],'tasks':[{'name':'a','workload':{'rounds':{"
	    "'size':'12MiB','touch':'4MiB','refill':'4MiB','piece':'64KiB','rounds':40}}}]}";
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, kernel);
	struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);
	u64 whole, split;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	whole = r->phase[0].count[0][mthp_counter(4, MTHP_SWPOUT)];
	split = r->phase[0].count[0][mthp_counter(4, MTHP_SWPOUT_FALLBACK)];
	CU_ASSERT(whole + split > 2000); /* what is refilled is new, and goes out */
	run_result_free(r);
	scenario_free(s);
	return (u32)(1000 * split / (whole + split));
}

/* As was published of 6.12's allocator (tools/mm/thp_swap_allocator_test). */
static void test_folios_stay_whole_that_are_read_back_whole(void)
{
	static const char *const kernels[] = { "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++)
		CU_ASSERT_EQUAL(split_permille(kernels[i]), 0);
}

static const struct unit tests[] = {
	{ "a round swaps out all, writes pieces, fills chunks", test_one_round },
	{ "and so does each that follows", test_every_round_begins_with_all_swapped_out },
	{ "ten parts of the run have as many rounds each", test_parts },
	{ "pieces and chunks fit the memory", test_mistakes },
	{ "folios that are read back whole always find slots in a row",
	  test_folios_stay_whole_that_are_read_back_whole },
};

UNIT_MAIN("rounds", tests)
