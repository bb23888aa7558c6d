#include "traces/info.h"

#include "tests/unit/test_trace_files.h"
#include "traces/lru_stack.h"

static struct trace_info *bundled(const char *name)
{
	char *path = g_build_filename(SOURCE_DIR, "traces", name, NULL);
	struct trace_info *info = trace_info_new(path, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(info);
	CU_ASSERT_STRING_EQUAL(info->header.licence, "CC0-1.0");
	g_free(path);
	return info;
}

static void test_recorded(void)
{
	static const struct {
		const char *name;
		u32 pages, file_pages, filter_k;
		u64 ticks, writes, accesses, misses[TRACE_LRU_POINTS];
		bool sound_at_10;
	} recorded[] = {
		{ "cc1.swt",
		  14951,
		  3586,
		  768,
		  11155084441,
		  296094,
		  1520581,
		  { 14951, 15567, 16903, 34631, 518497 },
		  false },
		{ "python.swt",
		  23329,
		  766,
		  640,
		  2126127279,
		  388812,
		  1282119,
		  { 23329, 161892, 276393, 405564, 577528 },
		  false },
		{ "sqlite.swt",
		  33023,
		  517,
		  384,
		  3790951745,
		  641127,
		  1365436,
		  { 33023, 62441, 184360, 324122, 431926 },
		  true },
	};

	for (u32 i = 0; i < ARRAY_SIZE(recorded); i++) {
		struct trace_info *info = bundled(recorded[i].name);

		CU_ASSERT_EQUAL(info->touched, recorded[i].pages);
		CU_ASSERT_EQUAL(info->touched_file, recorded[i].file_pages);
		CU_ASSERT_EQUAL(info->header.filter_k, recorded[i].filter_k);
		CU_ASSERT_EQUAL(info->header.accesses, recorded[i].accesses);
		CU_ASSERT_EQUAL(info->accesses[TRACE_WRITE], recorded[i].writes);
		CU_ASSERT_EQUAL(info->ticks, recorded[i].ticks);
		for (u32 k = 0; k < TRACE_LRU_POINTS; k++)
			CU_ASSERT_EQUAL(info->lru[k].misses, recorded[i].misses[k]);
		CU_ASSERT(info->lru[3].sound);
		CU_ASSERT_EQUAL(info->lru[4].sound, recorded[i].sound_at_10);
		trace_info_free(info);
	}
}

static void test_streams(void)
{
	static const struct {
		const char *name;
		u64 writes;
	} streams[] = {
		{ "groundtruth/rand.swt", 26282 },
		{ "groundtruth/rand_wr0.swt", 16384 },
		{ "groundtruth/rand_wr1.swt", 49152 },
		{ "groundtruth/zipf.swt", 26282 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(streams); i++) {
		struct trace_info *info = bundled(streams[i].name);

		CU_ASSERT_EQUAL(info->header.accesses, 49152);
		CU_ASSERT_EQUAL(info->accesses[TRACE_WRITE], streams[i].writes);
		CU_ASSERT_EQUAL(info->touched, 16384);
		CU_ASSERT_EQUAL(info->touched_file, 0);
		CU_ASSERT_EQUAL_FATAL(info->header.marks_count, 1);
		CU_ASSERT_STRING_EQUAL(info->header.marks[0].name, "fill_done");
		CU_ASSERT_EQUAL(info->header.marks[0].access, 16384);
		trace_info_free(info);
	}
}

static void test_slices(void)
{
	GString *text = g_string_new(NULL);
	struct trace_import options = { 0 };
	struct trace_info *info;
	struct test_files files;

	files_init(&files);
	for (u32 i = 0; i < 25; i++)
		g_string_append_printf(text, "%c %u\n", i % 5 ? 'R' : 'W', i < 20 ? i : 24 - i);
	put_file(files.in, text->str, text->len);
	options.in = files.in;
	options.out = files.out;
	CU_ASSERT(trace_import(&options, NULL));
	info = trace_info_new(files.out, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(info);
	for (u32 i = 0; i < TRACE_SLICES; i++) {
		u32 size = i % 2 ? 3 : 2;

		CU_ASSERT_EQUAL(info->slice[i].accesses, size);
		CU_ASSERT_EQUAL(info->slice[i].pages, size);
		CU_ASSERT_EQUAL(info->slice[i].new_pages, i < 8 ? size : 0);
	}
	CU_ASSERT_EQUAL(info->accesses[TRACE_WRITE], 5);
	CU_ASSERT_EQUAL(info->touched, 20);
	CU_ASSERT_EQUAL(info->ticks, 25);
	trace_info_free(info);
	g_string_free(text, TRUE);
	files_release(&files);
}

/* The plainest LRU there is: an array in order of use. */
static u64 plain_misses(const u32 *pages, u32 n, u32 capacity)
{
	u32 order[64], used = 0;
	u64 misses = 0;

	for (u32 i = 0; i < n; i++) {
		u32 place = 0;

		while (place < used && order[place] != pages[i])
			place++;
		misses += place == used || place >= capacity;
		if (place == used)
			used++;
		memmove(order + 1, order, place * sizeof(*order));
		order[0] = pages[i];
	}
	return misses;
}

static void test_lru_stack(void)
{
	static const u32 capacities[] = { 0, 1, 1, 2, 7, 20, 40, 41 };
	struct lru_stack stack;
	u32 pages[5000];
	u64 state = 7;

	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		pages[i] = (u32)(state >> 60) * (u32)(state >> 33 & 3);
	}
	CU_ASSERT_FATAL(lru_stack_init(&stack, 64, capacities, ARRAY_SIZE(capacities)));
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++)
		lru_stack_access(&stack, pages[i]);
	for (u32 i = 0; i < ARRAY_SIZE(capacities); i++)
		CU_ASSERT_EQUAL(stack.misses[i], plain_misses(pages, ARRAY_SIZE(pages), capacities[i]));
	lru_stack_release(&stack);
}

/* What is dropped leaves room, into which nothing comes back by itself. */
static void test_lru_drop(void)
{
	static const u32 capacities[] = { 2, 3 };
	struct lru_stack stack;

	CU_ASSERT_FATAL(lru_stack_init(&stack, 8, capacities, ARRAY_SIZE(capacities)));
	for (u32 page = 0; page < 4; page++)
		lru_stack_access(&stack, page);
	lru_stack_drop(&stack, 3); /* the newest */
	lru_stack_drop(&stack, 7);
	CU_ASSERT_FALSE(lru_stack_has(&stack, 3));
	lru_stack_access(&stack, 1);
	CU_ASSERT_EQUAL(stack.misses[0], 5);
	CU_ASSERT_EQUAL(stack.misses[1], 4);
	lru_stack_access(&stack, 2);
	lru_stack_drop(&stack, 1); /* the oldest of the first two */
	lru_stack_access(&stack, 3);
	lru_stack_access(&stack, 2);
	CU_ASSERT_EQUAL(stack.misses[0], 6);
	CU_ASSERT_EQUAL(stack.misses[1], 5);
	lru_stack_release(&stack);
}

static const struct unit tests[] = {
	{ "the recorded programs miss as documented", test_recorded },
	{ "the streams of the kernel runs are whole", test_streams },
	{ "slices are of equal length and count pages", test_slices },
	{ "one pass counts the misses of a plain LRU at every capacity", test_lru_stack },
	{ "pages that are dropped leave room", test_lru_drop },
};
UNIT_MAIN("trace info", tests)
