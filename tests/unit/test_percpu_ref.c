#include "sim/percpu_ref.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what)                                                                                             \
	{                                                                                                    \
		DO_##what, 0, 0                                                                              \
	}
#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}
#define NOTE(mark)                                                                                           \
	{                                                                                                    \
		DO_NOTE, 0, mark                                                                             \
	}

static void test_counts(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	struct percpu_ref *ref = &k->world->ref;

	CU_ASSERT(percpu_ref_tryget_live(ref));
	percpu_ref_get(ref);
	CU_ASSERT_EQUAL(ref->count, 3);
	percpu_ref_kill(&k->machine, ref);
	CU_ASSERT_EQUAL(ref->count, 2);
	CU_ASSERT(!percpu_ref_tryget_live(ref));
	percpu_ref_get(ref); /* who has one may have another */
	for (u32 i = 0; i < 3; i++) {
		CU_ASSERT(!percpu_ref_is_zero(ref));
		CU_ASSERT_NOT_EQUAL(ref->in_use, 0);
		percpu_ref_put(&k->machine, ref);
	}
	CU_ASSERT(percpu_ref_is_zero(ref));
	CU_ASSERT_EQUAL(ref->in_use, 0);
	CU_ASSERT(!percpu_ref_tryget_live(ref));
	percpu_ref_init(ref);
	CU_ASSERT(percpu_ref_tryget_live(ref));
	toy_free(k);
}

static void test_wait(void)
{
	static const struct toy_op user[] = { DO(REF), WORK(1000), DO(REF_PUT), DO(END) };
	static const struct toy_op late[] = { WORK(500), DO(REF), DO(END) };
	static const struct toy_op killer[] = { WORK(90), DO(REF_KILL), NOTE(7), DO(END) };
	struct machine_config c = toy_config(4);
	struct kernel *k = toy_new(&c);

	toy_add(k, user, 0);
	toy_add(k, killer, 1);
	toy_add(k, user, 2);
	toy_add(k, late, 3);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 1), 0);
	CU_ASSERT_EQUAL(toy_time_of(k, 2, 1), 0);
	CU_ASSERT_EQUAL(toy_time_of(k, 3, 0), 510);
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 7), 1010 + 50);
	toy_free(k);
}

/* The last reference goes between the kill and the wait: the wait must not begin. */
static void test_no_lost_wake_up(void)
{
	static const struct toy_op user[] = { DO(REF), WORK(95), DO(REF_PUT), DO(END) };
	static const struct toy_op killer[] = { WORK(90), DO(REF_KILL), NOTE(7), DO(END) };
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	toy_add(k, user, 0);
	toy_add(k, killer, 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 7), 110);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "after the kill only who has a reference gets one", test_counts },
	{ "the killer waits for the last reference", test_wait },
	{ "a last put before the wait is not missed", test_no_lost_wake_up },
};
UNIT_MAIN("percpu_ref", tests)
