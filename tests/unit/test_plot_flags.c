#include "plots/flags.h"

#include "tests/unit/unit.h"

enum { WIDTH = 1000, LANES = 4 };

static s64 left_end(const struct flag *f)
{
	return (s64)f->x - (f->side == FLAG_LEFT ? (s64)f->width : 0);
}

/* No label over another one in its lane, and no line that reaches a label's lane within it. */
static void check_legible(const struct flag *f, u32 n, u32 lanes)
{
	for (u32 i = 0; i < n; i++) {
		s64 left = left_end(&f[i]), right = left + f[i].width;

		if (f[i].side == FLAG_NONE)
			continue;
		CU_ASSERT(left >= 0 && right <= WIDTH && f[i].lane < lanes);
		for (u32 j = 0; j < n; j++) {
			s64 other = left_end(&f[j]);

			if (i == j || f[j].side == FLAG_NONE)
				continue;
			CU_ASSERT_FALSE(f[j].lane == f[i].lane && other < right && left < other + f[j].width);
			CU_ASSERT_FALSE(f[j].lane >= f[i].lane && left <= f[j].x && f[j].x <= right);
		}
	}
}

static void test_one(void)
{
	struct flag middle = { .x = 500, .width = 100 }, edge = { .x = 990, .width = 100 },
		    wide = { .x = 500, .width = 600 };

	CU_ASSERT_EQUAL(flags_place(&middle, 1, WIDTH, LANES), 1);
	CU_ASSERT(middle.side == FLAG_RIGHT && middle.lane == 0);
	CU_ASSERT_EQUAL(flags_place(&edge, 1, WIDTH, LANES), 1);
	CU_ASSERT(edge.side == FLAG_LEFT && edge.lane == 0);
	CU_ASSERT_EQUAL(flags_place(&wide, 1, WIDTH, LANES), 0);
	CU_ASSERT(wide.side == FLAG_NONE && wide.lane == 0);
	CU_ASSERT_EQUAL(flags_place(NULL, 0, WIDTH, LANES), 0);
}

static void test_far_apart(void)
{
	struct flag f[] = { { .x = 100, .width = 90 }, { .x = 300, .width = 90 }, { .x = 980, .width = 90 } };

	CU_ASSERT_EQUAL(flags_place(f, 3, WIDTH, LANES), 3);
	for (u32 i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(f[i].lane, 0);
	check_legible(f, 3, 1);
}

/* At either end of the drawing labels can go to one side only. */
static void test_crowd_at_an_edge(void)
{
	struct flag left[LANES], right[LANES];

	for (u32 i = 0; i < LANES; i++) {
		left[i] = (struct flag){ .x = 1 + 10 * i, .width = 200 };
		right[i] = (struct flag){ .x = 960 + 10 * i, .width = 200 };
	}
	CU_ASSERT_EQUAL(flags_place(left, LANES, WIDTH, LANES), LANES);
	check_legible(left, LANES, LANES);
	CU_ASSERT_EQUAL(flags_place(right, LANES, WIDTH, LANES), LANES);
	check_legible(right, LANES, LANES);
}

static void test_too_many(void)
{
	struct flag f[30], same[3];
	u32 placed;

	for (u32 i = 0; i < 30; i++)
		f[i] = (struct flag){ .x = 20 + 33 * i, .width = 150 };
	placed = flags_place(f, 30, WIDTH, LANES);
	CU_ASSERT(placed >= 12 && placed < 30);
	check_legible(f, 30, LANES);
	for (u32 i = 0; i < 3; i++)
		same[i] = (struct flag){ .x = 500, .width = 100 };
	CU_ASSERT_EQUAL(flags_place(same, 3, WIDTH, LANES), 1);
	check_legible(same, 3, LANES);
}

static const struct unit tests[] = {
	{ "a label stands right of its line, left at the right edge, nowhere if too wide", test_one },
	{ "labels far apart share a lane", test_far_apart },
	{ "labels crowded at an edge go down or up like stairs", test_crowd_at_an_edge },
	{ "where there are too many, those that are placed are legible", test_too_many },
};
UNIT_MAIN("flags of a plot", tests)
