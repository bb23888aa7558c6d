/* Commands are no library: the file itself is part of this test. */
#include "cli/size_search.c"

#include <string.h>

#include "tests/unit/unit.h"

/* How many values it takes to find the answer when @holds says of each whether it holds; UINT32_MAX: none. */
static u32 search(const char *holds, u32 *answer, bool *hole)
{
	struct size_search s;
	u32 value, fails, tried = 0;

	size_search_init(&s, (u32)strlen(holds));
	while (size_search_next(&s, &value)) {
		CU_ASSERT_FATAL(value < s.n);
		CU_ASSERT_EQUAL_FATAL(s.state[value], SIZE_UNTRIED);
		s.state[value] = holds[value] == '+' ? SIZE_HOLDS : SIZE_FAILS;
		tried++;
	}
	if (!size_search_answer(&s, answer))
		*answer = UINT32_MAX;
	*hole = size_search_hole(&s, &value, &fails);
	size_search_release(&s);
	return tried;
}

static void test_thresholds(void)
{
	for (u32 n = 1; n <= 130; n++) {
		for (u32 threshold = 0; threshold <= n; threshold++) {
			char *holds = g_strnfill(n, '+');
			u32 answer, tried;
			bool hole;

			memset(holds, '-', threshold);
			tried = search(holds, &answer, &hole);
			CU_ASSERT_EQUAL(answer, threshold < n ? threshold : UINT32_MAX);
			CU_ASSERT_FALSE(hole);
			CU_ASSERT(tried <= 1 || threshold < n);
			CU_ASSERT(tried <= 2 + 8 + 5);
			g_free(holds);
		}
	}
}

static void test_neighbours(void)
{
	u32 answer;
	bool hole;

	/* Halving ends at 4; the value next to it says that this is chance. */
	search("----+-++++++", &answer, &hole);
	CU_ASSERT_EQUAL(answer, 6);
	CU_ASSERT_TRUE(hole);
	/* One that holds below the answer is no answer, but is told. */
	search("---+-+++++++", &answer, &hole);
	CU_ASSERT_EQUAL(answer, 5);
	CU_ASSERT_TRUE(hole);
	search("+----+++++++", &answer, &hole);
	CU_ASSERT_EQUAL(answer, 5);
	CU_ASSERT_TRUE(hole);
}

/* Whatever it is asked: it ends, and what it tried above its answer holds. */
static void test_any_order(void)
{
	for (u32 bits = 0; bits < 1u << 12; bits++) {
		char holds[13] = "";
		u32 answer;
		bool hole;

		for (u32 i = 0; i < 12; i++)
			holds[i] = bits >> i & 1 ? '+' : '-';
		CU_ASSERT(search(holds, &answer, &hole) <= 12);
		CU_ASSERT(answer == UINT32_MAX ? holds[11] == '-' : holds[answer] == '+');
		if (answer < 10)
			CU_ASSERT(holds[answer + 1] == '+' && holds[answer + 2] == '+');
		if (answer && answer < 12)
			CU_ASSERT_EQUAL(holds[answer - 1], '-');
	}
}

static const struct unit tests[] = {
	{ "of one threshold the answer is exact, and asked for in few questions", test_thresholds },
	{ "an answer that its neighbours contradict is given up, and it is told", test_neighbours },
	{ "any mixture comes to an end and to an answer that holds", test_any_order },
};
UNIT_MAIN("search for a size", tests)
