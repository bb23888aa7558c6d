#include "sim/irq.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what, object)                                                                                     \
	{                                                                                                    \
		DO_##what, object, 0                                                                         \
	}
#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}
#define RAISE(mark)                                                                                          \
	{                                                                                                    \
		DO_EVENT, 0, mark                                                                            \
	}

/* Raised by the task on CPU 1 for CPU 0; marks from 100 on raise another when they are handled. */
static void raise_there(struct machine *m, struct task *t, u32 mark)
{
	(void)t;
	irq_raise(m, 0, mark < 100 ? EVENT_NOTE : EVENT_TOY_IRQ, mark);
}

static void handler_raises(struct machine *m, u32 mark)
{
	toy_note(kernel_of(m), NULL, mark);
	irq_raise(m, 0, EVENT_NOTE, mark - 100);
}

static struct kernel *new_with_handler(const struct machine_config *c)
{
	struct kernel *k = toy_new(c);

	k->on_event = raise_there;
	machine_on_event(&k->machine, EVENT_TOY_IRQ, handler_raises);
	return k;
}

static u64 time_of(const struct kernel *k, u32 mark)
{
	return toy_time_of(k, TOY_TASKS, mark);
}

static void test_at_once(void)
{
	static const struct toy_op busy[] = { DO(LOCK, 0), WORK(500), DO(UNLOCK, 0), DO(END, 0) };
	static const struct toy_op raises[] = { WORK(90), RAISE(1), WORK(990), RAISE(2), DO(END, 0) };
	struct machine_config c = toy_config(2);
	struct kernel *k = new_with_handler(&c);

	toy_add(k, busy, 0);
	toy_add(k, raises, 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(time_of(k, 1), 100);  /* a plain spinlock leaves interrupts on */
	CU_ASSERT_EQUAL(time_of(k, 2), 1100); /* idle */
	toy_free(k);
}

static void test_held_back(void)
{
	static const struct toy_op off[] = {
		DO(LOCK_IRQ, 0),
		WORK(200),
		DO(LOCK_IRQ, 1),
		WORK(200),
		DO(UNLOCK_IRQ, 1),
		WORK(200),
		DO(UNLOCK_IRQ, 0),
		WORK(200),
		{ DO_NOTE, 0, 5 },
		DO(END, 0)
	};
	static const struct toy_op raises[] = {
		WORK(90),
		RAISE(3),
		RAISE(101),
		RAISE(2),
		WORK(590),
		RAISE(4),
		DO(END, 0)
	};

	for (u32 fast = 0; fast < 2; fast++) {
		struct machine_config c = toy_config(2);
		struct kernel *k;

		c.fall_through = fast;
		k = new_with_handler(&c);
		toy_add(k, off, 0);
		toy_add(k, raises, 1);
		CU_ASSERT(machine_run(&k->machine, 300, NULL));
		CU_ASSERT_EQUAL(k->machine.cpu[0].irq_pending, 3);
		CU_ASSERT_EQUAL(k->machine.cpu[1].irq_pending, 0);
		CU_ASSERT(toy_finish(k));
		/* At the outer unlock, in order; what a handler raises comes last. */
		CU_ASSERT_EQUAL(time_of(k, 3), 10 + 210 + 10 + 210 + 10 + 210 + 10);
		CU_ASSERT_EQUAL(k->note[0].mark, 3);
		CU_ASSERT_EQUAL(k->note[1].mark, 101);
		CU_ASSERT_EQUAL(k->note[2].mark, 2);
		CU_ASSERT_EQUAL(k->note[3].mark, 1);
		CU_ASSERT_EQUAL(k->note[3].time, 670);
		CU_ASSERT_EQUAL(time_of(k, 4), 700);
		CU_ASSERT_EQUAL(k->machine.cpu[0].irq_pending, 0);
		CU_ASSERT_EQUAL(k->machine.arena.region[k->machine.irq_region].live, 0);
		toy_free(k);
	}
}

/* spin_lock_irq() turns them off before it waits for the lock. */
static void test_while_spinning(void)
{
	static const struct toy_op spins[] = { WORK(20), DO(LOCK_IRQ, 0), DO(UNLOCK_IRQ, 0), DO(END, 0) };
	static const struct toy_op holds[] = {
		DO(LOCK, 0),
		WORK(90),
		RAISE(1),
		WORK(90),
		DO(UNLOCK, 0),
		DO(END, 0)
	};
	struct machine_config c = toy_config(2);
	struct kernel *k = new_with_handler(&c);

	toy_add(k, spins, 0);
	toy_add(k, holds, 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(time_of(k, 1), 10 + 100 + 100 + 10 + 30 + 10);
	toy_free(k);
}

/* Two CPUs with interrupts off: each gets its own. */
static void raise_both(struct machine *m, struct task *t, u32 mark)
{
	(void)t;
	for (u32 i = 0; i < 4; i++)
		irq_raise(m, i % 2, EVENT_NOTE, mark + i);
}

static void test_two_cpus(void)
{
	static const struct toy_op brief[] = { DO(LOCK_IRQ, 0), WORK(200), DO(UNLOCK_IRQ, 0), DO(END, 0) };
	static const struct toy_op lengthy[] = { DO(LOCK_IRQ, 1), WORK(400), DO(UNLOCK_IRQ, 1), DO(END, 0) };
	static const struct toy_op raises[] = { WORK(90), RAISE(10), DO(END, 0) };
	struct machine_config c = toy_config(3);
	struct kernel *k = toy_new(&c);

	k->on_event = raise_both;
	toy_add(k, lengthy, 0);
	toy_add(k, brief, 1);
	toy_add(k, raises, 2);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(time_of(k, 11), 230);
	CU_ASSERT_EQUAL(time_of(k, 13), 230);
	CU_ASSERT_EQUAL(time_of(k, 10), 430);
	CU_ASSERT_EQUAL(time_of(k, 12), 430);
	toy_free(k);
}

/* An interrupt unlocks what a task waits for, as the end of I/O does. */
static void unlocks(struct machine *m, u32 word)
{
	bit_lock_release(m, &kernel_of(m)->world->bit[word]);
}

static void test_end_of_io(void)
{
	static const struct toy_op waits[] = {
		DO(BIT, 2),
		DO(BIT, 2),
		{ DO_NOTE, 0, 1 },
		DO(BIT_UNLOCK, 2),
		DO(END, 0)
	};
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);

	machine_on_event(&k->machine, EVENT_TOY_IRQ, unlocks);
	toy_add(k, waits, 0);
	machine_at(&k->machine, 5000, EVENT_TOY_IRQ, 2);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 1), 5050);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "an interrupt is handled at once by an idle or willing CPU", test_at_once },
	{ "it is held back while they are off, and order is kept", test_held_back },
	{ "they are off while spin_lock_irq() spins", test_while_spinning },
	{ "each CPU gets its own", test_two_cpus },
	{ "an interrupt may unlock what a task locked", test_end_of_io },
};
UNIT_MAIN("irq", tests)
