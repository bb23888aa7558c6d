#include "sim/rcu.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

enum { TICK = 1000000 };
#define CALL_RCU(mark)                                                                                       \
	{                                                                                                    \
		DO_CALL_RCU, 0, mark                                                                         \
	}
#define CHAIN(n)                                                                                             \
	{                                                                                                    \
		DO_CALL_RCU, 1, n                                                                            \
	}
#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}
#define DONE                                                                                                 \
	{                                                                                                    \
		DO_END, 0, 0                                                                                 \
	}

static u64 time_called(const struct kernel *k, u32 mark)
{
	return toy_time_of(k, TOY_TASKS, mark);
}

static void test_no_readers(void)
{
	static const struct toy_op script[] = { WORK(TICK / 2), CALL_RCU(1),	CALL_RCU(2), WORK(TICK),
						CALL_RCU(3),	WORK(9 * TICK), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);

	toy_add(k, script, 0);
	CU_ASSERT(machine_run(&k->machine, TICK, NULL));
	CU_ASSERT_EQUAL(rcu_waiting(&k->machine), 2);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(time_called(k, 1), 2 * TICK);
	/* These came while a grace period ran: the next one is theirs. */
	CU_ASSERT_EQUAL(time_called(k, 2), 4 * TICK);
	CU_ASSERT_EQUAL(time_called(k, 3), 4 * TICK);
	CU_ASSERT_EQUAL(rcu_waiting(&k->machine), 0);
	CU_ASSERT_EQUAL(k->machine.events.count, 0);
	toy_free(k);
}

static void test_readers(void)
{
	static const struct toy_op reader[] = { { DO_RCU_READ, 0, 0 }, { DO_RCU_READ, 0, 0 },
						WORK(3 * TICK),	       { DO_RCU_READ_UNLOCK, 0, 0 },
						WORK(2 * TICK + 5),    { DO_RCU_READ_UNLOCK, 0, 0 },
						WORK(5 * TICK),	       DONE };
	static const struct toy_op script[] = { CALL_RCU(1), CALL_RCU(2), DONE };
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	toy_add(k, reader, 0);
	toy_add(k, script, 1);
	CU_ASSERT(toy_finish(k));
	/* The tick after the outer read section ended. */
	CU_ASSERT_EQUAL(time_called(k, 1), 6 * TICK);
	CU_ASSERT_EQUAL(time_called(k, 2), 8 * TICK);
	CU_ASSERT_EQUAL(k->notes, 2);
	toy_free(k);
}

static void test_callback_calls(void)
{
	static const struct toy_op script[] = { CHAIN(3), CALL_RCU(9), WORK(20 * TICK), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k;

	c.rcu_callbacks = 3;
	k = toy_new(&c);
	toy_add(k, script, 0);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(k->notes, 5);
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(time_called(k, 3 - i), 2 * TICK * (i + 1));
	CU_ASSERT_EQUAL(time_called(k, 9), 4 * TICK);
	CU_ASSERT_EQUAL(k->machine.events.count, 0);
	toy_free(k);
}

/* An idle state is one state, whatever has been called before. */
static void test_rest(void)
{
	static const struct toy_op script[] = { CALL_RCU(1), CALL_RCU(2),    WORK(9 * TICK),
						CALL_RCU(3), WORK(9 * TICK), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	struct rcu rest = { 0 };

	toy_add(k, script, 0);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(k->notes, 3);
	CU_ASSERT_EQUAL(memcmp(k->machine.rcu, &rest, sizeof rest), 0);
	for (u32 i = 0; i < c.rcu_callbacks; i++)
		CU_ASSERT(!k->machine.rcu_callback[i].kind && !k->machine.rcu_callback[i].arg);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "without readers a grace period lasts rcu_ticks, and late comers wait for the next",
	  test_no_readers },
	{ "it does not end while a read section lasts", test_readers },
	{ "a callback that asks for another waits a whole grace period", test_callback_calls },
	{ "nothing is left of callbacks that were called", test_rest },
};
UNIT_MAIN("rcu", tests)
