/*
 * What tasks do to one another, in the toy model of tests/unit/toy.h: a step that needs nothing but time, a
 * timer, a switch from one task to another, a lock that is handed on.
 */
#include "tests/bench/bench.h"
#include "tests/unit/toy.h"

enum { ROUNDS = 1 << 18, MOST_OF_ROUND = 4 };

struct tasks {
	struct kernel *k;
	struct toy_op *script[TOY_TASKS];
	u32 tasks;
};

static struct tasks *tasks_new(u32 cpus)
{
	struct machine_config config = toy_config(cpus);
	struct tasks *b = g_new0(struct tasks, 1);

	config.tasks = TOY_TASKS;
	b->k = toy_new(&config);
	return b;
}

/* A task on @cpu that does these, up to DO_END, ROUNDS times. */
static void tasks_add(struct tasks *b, u32 cpu, const struct toy_op *round)
{
	struct toy_op *script = g_new0(struct toy_op, ROUNDS * MOST_OF_ROUND + 1);
	u32 n = 0;

	for (u32 i = 0; i < ROUNDS; i++)
		for (const struct toy_op *op = round; op->what != DO_END; op++)
			script[n++] = *op;
	script[n] = (struct toy_op){ DO_END, 0, 0 };
	b->script[b->tasks++] = script;
	toy_add(b->k, script, cpu);
}

static void tasks_free(void *context)
{
	struct tasks *b = context;

	toy_free(b->k);
	for (u32 i = 0; i < b->tasks; i++)
		g_free(b->script[i]);
	g_free(b);
}

/* Rounds of all tasks. */
static uint64_t run(void *context)
{
	struct tasks *b = context;

	BUG_ON(!machine_run(&b->k->machine, TIME_NEVER - 1, NULL) || b->k->machine.tasks_left);
	return (uint64_t)b->tasks * ROUNDS;
}

static void *steps_setup(void)
{
	static const struct toy_op round[] = { { DO_WORK, 0, 10 }, { DO_END, 0, 0 } };
	struct tasks *b = tasks_new(1);

	tasks_add(b, 0, round);
	return b;
}

static void *timers_setup(void)
{
	struct tasks *b = tasks_new(8);

	for (u32 i = 0; i < 8; i++) {
		const struct toy_op round[] = { { DO_WAIT, 0, 900 + 31 * i }, { DO_END, 0, 0 } };

		tasks_add(b, i, round);
	}
	return b;
}

/* Each wakes the other and sleeps; the first sleeps first. */
static void *switches_setup(void)
{
	static const struct toy_op first[] = { { DO_WAIT, 1, 0 }, { DO_WAKE, 0, 0 }, { DO_END, 0, 0 } };
	static const struct toy_op second[] = { { DO_WAKE, 1, 0 }, { DO_WAIT, 0, 0 }, { DO_END, 0, 0 } };
	struct tasks *b = tasks_new(1);

	tasks_add(b, 0, first);
	tasks_add(b, 0, second);
	return b;
}

static void *lock_setup(void)
{
	static const struct toy_op round[] = {
		{ DO_LOCK, 0, 0 }, { DO_WORK, 0, 100 }, { DO_UNLOCK, 0, 0 }, { DO_END, 0, 0 }
	};
	struct tasks *b = tasks_new(4);

	for (u32 i = 0; i < 4; i++)
		tasks_add(b, i, round);
	return b;
}

static const struct bench benches[] = {
	{ "steps that fall through", BENCH_RATE, 0, 0, run, steps_setup, tasks_free },
	{ "timers: sleeps of about a microsecond, 8 tasks", BENCH_RATE, 0, 0, run, timers_setup, tasks_free },
	{ "task switches: two that wake each other", BENCH_RATE, 0, 0, run, switches_setup, tasks_free },
	{ "spinlock handed on, 4 CPUs", BENCH_RATE, 0, 0, run, lock_setup, tasks_free },
};
BENCH_MAIN(benches)
