/*
 * unit.h - a test file is a CUnit program: static functions, one table, UNIT_MAIN.
 *
 *	static const struct unit tests[] = {
 *		{ "equal times keep their order", test_ties },
 *	};
 *	UNIT_MAIN("event queue", tests)
 *
 * The name of a test says what must hold. A failed assertion does not end the test; CU_ASSERT_FATAL does.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <stddef.h>
#include <stdlib.h>

/* How many of them: @few where SWAPSIM_SEEDS says that it matters what code is reached, and not how often. */
static inline unsigned unit_runs(unsigned usual, unsigned few)
{
	return getenv("SWAPSIM_SEEDS") ? few : usual;
}

struct unit {
	const char *name;
	void (*run)(void);
};

static inline int unit_main(const char *suite_name, const struct unit *tests, size_t n)
{
	CU_pSuite suite;
	unsigned failed;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite(suite_name, NULL, NULL);
	for (size_t i = 0; suite && i < n; i++)
		CU_add_test(suite, tests[i].name, tests[i].run);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures() + (CU_get_number_of_tests_run() != n);
	CU_cleanup_registry();
	return failed ? 1 : 0;
}

#define UNIT_MAIN(suite_name, tests)                                                                         \
	int main(void)                                                                                       \
	{                                                                                                    \
		return unit_main(suite_name, tests, sizeof(tests) / sizeof *(tests));                        \
	}

#endif
