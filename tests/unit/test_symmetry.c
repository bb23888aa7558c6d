/*
 * Renamings: who may become whom, and with what. What they make of a state is test_equal_tasks.c's affair.
 */
#include "sim/symmetry.h"

#include "tests/unit/unit.h"

enum { MEMBERS = 5 };

/* Members 0, 2, 3 are equal, and so are 1 and 4; each has two pages, from 10 on. */
static void two_classes(struct symmetry *s)
{
	static const u32 numbers[] = { MEMBERS, 0, 20 };
	static u32 task[MEMBERS], page[2 * MEMBERS];
	u32 class[] = { 1, 2, 1, 1, 2 };
	const struct label_set set[] = { { LABEL_TASK, 1, task }, { NR_ENGINE_LABELS, 2, page } };

	for (u32 i = 0; i < MEMBERS; i++) {
		task[i] = i;
		page[2 * i] = 10 + 2 * i;
		page[2 * i + 1] = 11 + 2 * i;
	}
	symmetry_init(s, numbers, 3, class, MEMBERS, set, 2);
}

static void test_group(void)
{
	struct symmetry s;

	two_classes(&s);
	CU_ASSERT_EQUAL(s.n, 12);
	for (u32 a = 0; a < s.n; a++) {
		CU_ASSERT_EQUAL(symmetry_both(&s, a, s.inverse[a]), 0);
		CU_ASSERT_EQUAL(symmetry_both(&s, s.inverse[a], a), 0);
		for (u32 b = 0; b < s.n; b++)
			for (u32 page = 0; page < 20; page++) {
				u32 one = symmetry_rename(&s, a, NR_ENGINE_LABELS, page);

				CU_ASSERT_EQUAL(
				    symmetry_rename(&s, symmetry_both(&s, a, b), NR_ENGINE_LABELS, page),
				    symmetry_rename(&s, b, NR_ENGINE_LABELS, one));
			}
	}
	symmetry_release(&s);
}

static void test_belongings(void)
{
	struct symmetry s;

	two_classes(&s);
	for (u32 i = 0; i < s.n; i++) {
		u32 first = symmetry_rename(&s, i, LABEL_TASK, 0);

		CU_ASSERT(first == 0 || first == 2 || first == 3);
		CU_ASSERT_EQUAL(symmetry_rename(&s, i, NR_ENGINE_LABELS, 10), 10 + 2 * first);
		CU_ASSERT_EQUAL(symmetry_rename(&s, i, NR_ENGINE_LABELS, 11), 11 + 2 * first);
		CU_ASSERT_EQUAL(symmetry_rename(&s, i, NR_ENGINE_LABELS, 9), 9);
		CU_ASSERT_EQUAL(symmetry_rename(&s, i, LABEL_TASK, UINT16_MAX), UINT16_MAX);
	}
	for (u32 task = 0; task < MEMBERS; task++)
		CU_ASSERT_EQUAL(symmetry_rename(&s, 0, LABEL_TASK, task), task);
	symmetry_release(&s);
}

static void test_too_many(void)
{
	enum { MANY = 9 };
	static const u32 numbers[] = { MANY, 0 };
	u32 class[MANY], task[MANY], kept = 0;
	const struct label_set set = { LABEL_TASK, 1, task };
	struct symmetry s;

	for (u32 i = 0; i < MANY; i++) {
		class[i] = 1;
		task[i] = i;
	}
	symmetry_init(&s, numbers, 2, class, MANY, &set, 1);
	for (u32 i = 0; i < MANY; i++)
		kept += !class[i];
	CU_ASSERT_EQUAL(s.n, RENAMINGS_MOST);
	CU_ASSERT_EQUAL(kept, 4);
	symmetry_release(&s);
}

static const struct unit tests[] = {
	{ "one renaming after the other is a renaming, and each can be undone", test_group },
	{ "what belongs to somebody goes with him", test_belongings },
	{ "of very many that are equal some stay who they are", test_too_many },
};

UNIT_MAIN("symmetry", tests)
