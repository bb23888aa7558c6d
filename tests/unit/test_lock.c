#include "sim/lock.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define LOCK(n)                                                                                              \
	{                                                                                                    \
		DO_LOCK, n, 0                                                                                \
	}
#define UNLOCK(n)                                                                                            \
	{                                                                                                    \
		DO_UNLOCK, n, 0                                                                              \
	}
#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}
#define NOTE(mark)                                                                                           \
	{                                                                                                    \
		DO_NOTE, 0, mark                                                                             \
	}
#define DONE                                                                                                 \
	{                                                                                                    \
		DO_END, 0, 0                                                                                 \
	}

static void test_spin_fifo(void)
{
	static const struct toy_op late[] = { WORK(30), LOCK(0), NOTE(1), WORK(100), UNLOCK(0), DONE };
	static const struct toy_op later[] = { WORK(60), LOCK(0), NOTE(1), UNLOCK(0), DONE };
	static const struct toy_op first[] = { LOCK(0), NOTE(1), WORK(500), UNLOCK(0), NOTE(2), DONE };
	struct machine_config c = toy_config(3);
	struct kernel *k = toy_new(&c);
	const struct lock_stat *stat = &k->machine.lock_stat[0];

	toy_add(k, later, 0);
	toy_add(k, late, 1);
	toy_add(k, first, 2);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 1), "210");
	/* Taken at 10; let go at 10 + 510 + 10; 30 for each hand-over; held for 110 + 10 by the next. */
	CU_ASSERT_EQUAL(toy_time_of(k, 2, 2), 530);
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 1), 530 + 30);
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 1), 560 + 120 + 30);
	CU_ASSERT_EQUAL(stat->taken, 3);
	CU_ASSERT_EQUAL(stat->contended, 2);
	/* They asked at 50 and 80. */
	CU_ASSERT_EQUAL(stat->wait_ns, 530 - 50 + 680 - 80);
	CU_ASSERT_EQUAL(stat->wait_max_ns, 680 - 80);
	CU_ASSERT(!k->world->spin[0].owner && !k->world->spin[0].head && !k->world->spin[0].tail);
	for (u32 i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(k->machine.task[i].preempt_off, 0);
	toy_free(k);
}

/* Spinlock 2 brings two lines beside its own. */
static void test_lines(void)
{
	static const struct toy_op first[] = {
		LOCK(2), NOTE(1), UNLOCK(2), LOCK(2), NOTE(2), UNLOCK(2), DONE
	};
	static const struct toy_op second[] = { WORK(190), LOCK(2), WORK(100), NOTE(3), UNLOCK(2), DONE };
	static const struct toy_op waits[] = { WORK(250), LOCK(2), WORK(10), NOTE(4), UNLOCK(2), DONE };
	struct machine_config c = toy_config(3);
	struct kernel *k;

	c.line_ns = 50;
	k = toy_new(&c);
	toy_add(k, first, 0);
	toy_add(k, second, 1);
	toy_add(k, waits, 2);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 1), 10); /* nobody had it before */
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 2), 30); /* nobody else */
	/* Taken at 210; three lines, and the work; handed over at 480, with two lines. */
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 3), 210 + 3 * 50 + 110);
	CU_ASSERT_EQUAL(toy_time_of(k, 2, 4), 470 + 10 + 30 + 2 * 50 + 20);
	toy_free(k);
}

static void test_trylock(void)
{
	static const struct toy_op holder[] = { LOCK(1), WORK(100), UNLOCK(1), DONE };
	static const struct toy_op tries[] = {
		WORK(30), { DO_TRYLOCK, 1, 0 }, WORK(200), { DO_TRYLOCK, 1, 0 }, DONE
	};
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	toy_add(k, holder, 0);
	toy_add(k, tries, 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(k->note[0].mark, 0);
	CU_ASSERT_EQUAL(k->note[1].mark, 1);
	CU_ASSERT_EQUAL(k->notes, 2);
	CU_ASSERT_EQUAL(k->machine.lock_stat[1].taken, 2);
	CU_ASSERT_EQUAL(k->machine.lock_stat[1].contended, 0);
	toy_free(k);
}

static u32 to_cpu_1(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	(void)m;
	(void)actor;
	(void)n;
	return kind == CHOICE_WAKE_CPU ? 1 : usual;
}

static void check_local(const struct machine *m, u32 on_0, u32 on_1)
{
	const struct percpu *cpu = percpu_of(m, 0);

	CU_ASSERT_EQUAL(cpu[0].taken, on_0);
	CU_ASSERT_EQUAL(cpu[1].taken, on_1);
	CU_ASSERT_EQUAL(m->lock_stat[cpu[0].local[2].class].taken, on_0 + on_1);
	CU_ASSERT(!cpu[0].local[2].owner && !cpu[1].local[2].owner);
}

static void test_local(void)
{
	/* Announced on CPU 0, taken on CPU 1: the task moves in between. */
	static const struct toy_op moves[] = { { DO_LOCAL, 2, 0 },
					       WORK(10),
					       { DO_LOCAL_UNLOCK, 2, 0 },
					       { DO_RESCHED, 0, 0 },
					       { DO_LOCAL, 2, 0 },
					       { DO_LOCAL_UNLOCK, 2, 0 },
					       DONE };
	static const struct toy_op other[] = {
		{ DO_LOCAL, 2, 0 }, WORK(500), { DO_LOCAL_UNLOCK, 2, 0 }, DONE
	};
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	k->machine.choose = to_cpu_1;
	toy_add(k, moves, 0);
	CU_ASSERT(toy_finish(k));
	check_local(&k->machine, 1, 1);
	toy_free(k);
	/* And it excludes nobody on another CPU. */
	k = toy_new(&c);
	toy_add(k, other, 0);
	toy_add(k, other, 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(k->machine.now, 10 + 510 + 10 + 10);
	check_local(&k->machine, 1, 1);
	toy_free(k);
}

static void test_rwsem(void)
{
#define READER(ns)                                                                                           \
	{                                                                                                    \
		WORK(ns), { DO_READ, 0, 0 }, NOTE(1), WORK(1000), { DO_READ_UNLOCK, 0, 0 }, DONE             \
	}
#define WRITER(ns)                                                                                           \
	{                                                                                                    \
		WORK(ns), { DO_MUTEX, 0, 0 }, NOTE(1), WORK(1000), { DO_MUTEX_UNLOCK, 0, 0 }, DONE           \
	}
	static const struct toy_op script[6][8] = { READER(10), READER(20), WRITER(30),
						    READER(40), READER(50), WRITER(60) };
	struct machine_config c = toy_config(6);
	struct kernel *k = toy_new(&c);
	u64 t[6];

	for (u32 i = 0; i < 6; i++)
		toy_add(k, script[i], i);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 1), "012345");
	for (u32 i = 0; i < 6; i++)
		t[i] = toy_time_of(k, i, 1);
	CU_ASSERT_EQUAL(t[0], 30);
	CU_ASSERT_EQUAL(t[1], 40);		      /* with the first */
	CU_ASSERT_EQUAL(t[2], 40 + 1010 + 10 + 50);   /* the last reader's unlock, and the wake-up */
	CU_ASSERT_EQUAL(t[3], t[2] + 1010 + 10 + 50); /* both readers behind the writer at once */
	CU_ASSERT_EQUAL(t[4], t[3]);
	CU_ASSERT_EQUAL(t[5], t[4] + 1010 + 10 + 50);
	CU_ASSERT_EQUAL(k->machine.lock_stat[TOY_LOCKS].taken, 6);
	CU_ASSERT_EQUAL(k->machine.lock_stat[TOY_LOCKS].contended, 4);
	CU_ASSERT(!k->world->sleeping[0].owner && !k->world->sleeping[0].readers);
	toy_free(k);
#undef READER
#undef WRITER
}

static void test_mutex_fifo(void)
{
	static const struct toy_op script[] = {
		{ DO_MUTEX, 0, 0 }, NOTE(1), WORK(300), { DO_MUTEX_UNLOCK, 0, 0 }, DONE
	};
	struct machine_config c = toy_config(4);
	struct kernel *k = toy_new(&c);

	for (u32 i = 0; i < 4; i++)
		toy_add(k, script, i);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 1), "0123");
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(toy_time_of(k, i, 1), 10 + i * (310 + 10 + 50));
	/* Who waits is off its CPU. */
	CU_ASSERT_EQUAL(sched_busy_ns(&k->machine, 3), 10 + 50 + 310 + 10 + 10);
	toy_free(k);
}

static void test_bit_lock(void)
{
	/* Both words share the one bucket. */
	static const struct toy_op owner[] = {
		{ DO_BIT, 0, 0 }, { DO_BIT, 1, 0 },	   WORK(500), { DO_BIT_UNLOCK, 0, 0 }, WORK(500),
		NOTE(3),	  { DO_BIT_UNLOCK, 1, 0 }, DONE
	};
#define AFTER(ns, word)                                                                                      \
	{                                                                                                    \
		WORK(ns), { DO_BIT, word, 0 }, NOTE(word), WORK(50), { DO_BIT_UNLOCK, word, 0 }, DONE        \
	}
#define WATCH(ns, word)                                                                                      \
	{                                                                                                    \
		WORK(ns), { DO_BIT_WAIT, word, 0 }, NOTE(2), DONE                                            \
	}
	static const struct toy_op wants[6][8] = { AFTER(50, 1), WATCH(60, 0), AFTER(70, 0),
						   AFTER(80, 0), WATCH(90, 0), WATCH(100, 1) };
	struct machine_config c = toy_config(7);
	struct kernel *k = toy_new(&c);

	toy_add(k, owner, 0);
	for (u32 i = 0; i < 6; i++)
		toy_add(k, wants[i], i + 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 0), "34");
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 1), "1");
	/* The first watcher stands before the lockers of word 0, the second behind them, the third waits
	 * for 1. */
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 2), "256");
	CU_ASSERT_EQUAL(toy_time_of(k, 2, 2), 20 + 510 + 10 + 50);
	CU_ASSERT_EQUAL(toy_time_of(k, 3, 0), 20 + 510 + 10 + 50);
	CU_ASSERT_EQUAL(toy_time_of(k, 4, 0), 590 + 60 + 10 + 50);
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 1), 540 + 510 + 10 + 50);
	for (u32 i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(k->world->bit[i], 0);
	CU_ASSERT(!k->machine.bucket[0].head && !k->machine.bucket[0].tail);
	toy_free(k);
#undef AFTER
#undef WATCH
}

static void test_wake_ups(void)
{
#define SLEEP(ns, timeout)                                                                                   \
	{                                                                                                    \
		WORK(ns), { DO_WAIT, 0, timeout }, NOTE(7), DONE                                             \
	}
	static const struct toy_op sleeper[5][5] = { SLEEP(10, 0), SLEEP(20, 300), SLEEP(30, 0),
						     SLEEP(40, 5000), SLEEP(50, 0) };
	static const struct toy_op waker[] = { WORK(590),	  { DO_WAKE, 0, 0 },	 WORK(190),
					       { DO_WAKE, 1, 0 }, { DO_WAKE_ALL, 0, 0 }, DONE };
	struct machine_config c = toy_config(6);
	struct kernel *k = toy_new(&c);

	for (u32 i = 0; i < 5; i++)
		toy_add(k, sleeper[i], i);
	toy_add(k, waker, 5);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 7), 40 + 300 + 50); /* its time-out */
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 7), 600 + 50);
	CU_ASSERT_EQUAL(toy_time_of(k, 2, 7), 800 + 50);
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 7), "10234");
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 1), "1"); /* who noted that it timed out */
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 0), "0234");
	CU_ASSERT_EQUAL(k->machine.events.count, 0);
	CU_ASSERT(!k->world->queue[0].head && !k->world->queue[0].tail);
	toy_free(k);
#undef SLEEP
}

/* schedule_timeout(n) lasts more than n ticks and at most n + 1, from wherever in a tick it begins. */
static void test_ticks(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	const u64 tick = 1000000, phase[] = { 0, 1, tick / 2, tick - 1, 7 * tick, 7 * tick + 1 };

	CU_ASSERT_EQUAL(k->machine.tick_ns, tick);
	for (u32 i = 0; i < ARRAY_SIZE(phase); i++)
		for (u32 n = 1; n < 4; n++) {
			u64 ns;

			k->machine.now = phase[i];
			ns = tick_timeout(&k->machine, n);
			CU_ASSERT(ns > n * tick && ns <= (n + 1) * tick);
			CU_ASSERT_EQUAL((phase[i] + ns) % tick, 0);
		}
	toy_free(k);
}

static void test_nobody_wakes(void)
{
	static const struct toy_op script[] = { { DO_WAIT, 0, 0 }, DONE };
	static const u64 until[] = { 5000, TIME_NEVER - 1, TIME_NEVER };

	for (u32 i = 0; i < ARRAY_SIZE(until); i++) {
		struct machine_config c = toy_config(2);
		struct kernel *k = toy_new(&c);
		GError *error = NULL;

		toy_add(k, script, 0);
		toy_add(k, script, 1);
		CU_ASSERT(!machine_run(&k->machine, until[i], &error));
		CU_ASSERT_STRING_EQUAL(error->message, "no task can go on: 2 of 2 wait for each other");
		g_clear_error(&error);
		toy_free(k);
	}
}

/* There are more tasks than a bit lock has numbers for. */
static void test_bit_lock_owner(void)
{
	CU_ASSERT_EQUAL(bit_lock_owner(0), 0);
	CU_ASSERT_EQUAL(bit_lock_owner(bit_lock_by(0)), 1);
	CU_ASSERT_EQUAL(bit_lock_owner(bit_lock_by(32764) | BIT_LOCK_WAITERS), 32765);
	CU_ASSERT_EQUAL(bit_lock_owner(bit_lock_by(32765)), BIT_LOCK_UNKNOWN);
	CU_ASSERT_EQUAL(bit_lock_by(99999), BIT_LOCK_SOMEBODY);
	CU_ASSERT_EQUAL(bit_lock_owner(BIT_LOCK_NOBODY), BIT_LOCK_UNKNOWN);
}

/* Who timed out once, and is woken the next time, did not time out. */
static void test_woken_after_timeout(void)
{
	static const struct toy_op sleeper[] = { { DO_WAIT, 0, 100 }, { DO_WAIT, 0, 5000 }, NOTE(7), DONE };
	static const struct toy_op waker[] = { WORK(590), { DO_WAKE, 0, 0 }, DONE };
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	toy_add(k, sleeper, 0);
	toy_add(k, waker, 1);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL_FATAL(k->notes, 3);
	CU_ASSERT_EQUAL(k->note[0].mark, 1);
	CU_ASSERT_EQUAL(k->note[1].mark, 0);
	CU_ASSERT(toy_time_of(k, 0, 7) < 1000);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "a spinlock is handed over first come, first served, and the wait is counted", test_spin_fifo },
	{ "a lock that another CPU held brings lines over", test_lines },
	{ "a trylock gets a free lock only, and waits for none", test_trylock },
	{ "a local lock is that of the CPU it is taken on", test_local },
	{ "an rwsem serves in order of arrival, readers together", test_rwsem },
	{ "a mutex is handed over in order of arrival", test_mutex_fifo },
	{ "bit lock waiters of two words share a queue and do not mix", test_bit_lock },
	{ "a bit lock knows which of the first tasks owns it", test_bit_lock_owner },
	{ "waking one, all, and by time-out", test_wake_ups },
	{ "a sleep of n ticks lasts more than n and at most n + 1", test_ticks },
	{ "a run in which everybody waits fails, wherever it was to end", test_nobody_wakes },
	{ "who timed out may be woken the next time", test_woken_after_timeout },
};
UNIT_MAIN("lock", tests)
