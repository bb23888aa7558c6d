#include "sim/sched.h"

#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

static const struct toy_op work_and_note[] = { { DO_WORK, 0, 500 }, { DO_NOTE, 0, 1 }, { DO_END, 0, 0 } };

static void test_queue_order(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);

	toy_add_at(k, work_and_note, 0, false, 0);
	toy_add_at(k, work_and_note, 0, false, 0);
	toy_add_at(k, work_and_note, 0, false, 2);
	toy_add_at(k, work_and_note, 0, false, 5);
	toy_add_at(k, work_and_note, 0, false, 2);
	toy_add_at(k, work_and_note, 0, false, 0);
	CU_ASSERT_EQUAL(k->machine.cpu[0].queued, 5);
	CU_ASSERT(toy_finish(k));
	/* Task 0 was there first and does not give way in the kernel. */
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 1), "032415");
	CU_ASSERT_EQUAL(k->machine.cpu[0].queued, 0);
	CU_ASSERT_EQUAL(k->machine.cpu[0].tail, 0);
	toy_free(k);
}

static void test_times(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);

	toy_add(k, work_and_note, 0);
	toy_add(k, work_and_note, 0);
	CU_ASSERT(toy_finish(k));
	/* 500 of work and 10 for its step; 10 for the exit; 100 for the switch. */
	CU_ASSERT_EQUAL(toy_time_of(k, 0, 1), 510);
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 1), 510 + 10 + 100 + 510);
	CU_ASSERT_EQUAL(k->machine.now, 1140);
	CU_ASSERT_EQUAL(sched_busy_ns(&k->machine, 0), 1140);
	toy_free(k);
}

/* Two tasks in user mode, or in the kernel, for 5 us each: how often they take turns. */
static u32 turns(enum preemption preemption, enum toy_what what, u8 priority)
{
	static struct toy_op script[64];
	struct machine_config c = toy_config(1);
	struct kernel *k;
	const char *order;
	u32 n = 0;

	for (u32 i = 0; i < 60; i += 3) {
		script[i] = (struct toy_op){ DO_WORK, 0, 250 };
		script[i + 1] = (struct toy_op){ what, 0, 1 };
		script[i + 2] = (struct toy_op){ DO_NOTE, 0, 1 };
	}
	c.preemption = preemption;
	k = toy_new(&c);
	toy_add_at(k, script, 0, false, priority);
	toy_add_at(k, script, 0, false, priority);
	CU_ASSERT(toy_finish(k));
	order = toy_order_of(k, 1);
	for (u32 i = 1; order[i]; i++)
		n += order[i] != order[i - 1];
	toy_free(k);
	return n;
}

static void test_slices(void)
{
	CU_ASSERT_EQUAL(turns(PREEMPT_NONE, DO_MIX, 0), 1);
	CU_ASSERT(turns(PREEMPT_NONE, DO_COND_RESCHED, 0) >= 8);
	CU_ASSERT_EQUAL(turns(PREEMPT_VOLUNTARY, DO_MIX, 0), 1);
	CU_ASSERT(turns(PREEMPT_VOLUNTARY, DO_COND_RESCHED, 0) >= 8);
	CU_ASSERT(turns(PREEMPT_FULL, DO_MIX, 0) >= 8);
	CU_ASSERT(turns(PREEMPT_NONE, DO_USER, 0) >= 8);
	CU_ASSERT_EQUAL(turns(PREEMPT_FULL, DO_MIX, 1), 1);
}

/* A task sleeps until a quarter into another's long stretch, then wants its CPU. */
static u64 wake_latency(enum preemption preemption, const struct toy_op *other, u8 priority)
{
	static const struct toy_op sleeper[] = { { DO_WAIT, 0, 1000 }, { DO_NOTE, 0, 7 }, { DO_END, 0, 0 } };
	struct machine_config c = toy_config(1);
	struct kernel *k;
	u64 latency;

	c.preemption = preemption;
	c.slice_ns = 1000000;
	k = toy_new(&c);
	toy_add_at(k, sleeper, 0, true, priority);
	toy_add_at(k, other, 0, true, 0);
	CU_ASSERT(toy_finish(k));
	latency = toy_time_of(k, 0, 7) - 1010; /* the step of the wait took 10 */
	toy_free(k);
	return latency;
}

static void test_priorities(void)
{
	static const struct toy_op steps[] = { { DO_WORK, 0, 1900 },	  { DO_WORK, 0, 1000 },
					       { DO_COND_RESCHED, 0, 0 }, { DO_WORK, 0, 1000 },
					       { DO_WORK, 0, 1000 },	  { DO_END, 0, 0 } };
	static const struct toy_op locked[] = { { DO_LOCK, 0, 0 },    { DO_WORK, 0, 1900 },
						{ DO_WORK, 0, 1000 }, { DO_COND_RESCHED, 0, 0 },
						{ DO_UNLOCK, 0, 0 },  { DO_WORK, 0, 1000 },
						{ DO_END, 0, 0 } };

	/* The other comes on at 110; the sleeper wakes at 1010, its wake-up costs nothing more than a switch.
	 */
	CU_ASSERT_EQUAL(wake_latency(PREEMPT_FULL, steps, 1), 2020 - 1010 + 100);
	CU_ASSERT_EQUAL(wake_latency(PREEMPT_VOLUNTARY, steps, 1), 3040 - 1010 + 100);
	CU_ASSERT_EQUAL(wake_latency(PREEMPT_NONE, steps, 1), 3040 - 1010 + 100);
	CU_ASSERT_EQUAL(wake_latency(PREEMPT_FULL, steps, 0), 5070 - 1010 + 100);
	/* Not while it holds a spinlock: after the step that follows the unlock. */
	CU_ASSERT_EQUAL(wake_latency(PREEMPT_FULL, locked, 1), 3060 + 1010 - 1010 + 100);
}

static void test_wake_cpu(void)
{
	static const struct toy_op sleeper[] = { { DO_WAIT, 0, 1000 }, { DO_NOTE, 0, 1 }, { DO_END, 0, 0 } };
	static const struct toy_op busy[] = { { DO_WORK, 0, 9000 }, { DO_END, 0, 0 } };
	struct machine_config c = toy_config(3);
	struct kernel *k = toy_new(&c);

	toy_add(k, sleeper, 0);
	toy_add(k, sleeper, 1);
	toy_add_at(k, sleeper, 1, true, 0);
	toy_add_at(k, busy, 1, true, 0);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL(k->note[0].task, 0);
	CU_ASSERT_EQUAL(k->note[0].cpu, 0); /* where it ran: idle */
	CU_ASSERT_EQUAL(k->note[0].time, 1010 + 50);
	for (u32 i = 0; i < k->notes; i++) {
		if (k->note[i].task == 1)
			CU_ASSERT_EQUAL(k->note[i].cpu, 2); /* its own is busy, the first is taken */
		if (k->note[i].task == 2)
			CU_ASSERT(k->note[i].cpu == 1 && k->note[i].time > 9000); /* may not leave */
	}
	toy_free(k);
}

static void test_idle_cpu_takes_over(void)
{
	static const struct toy_op brief[] = { { DO_WORK, 0, 40 }, { DO_END, 0, 0 } };
	static const struct toy_op lengthy[] = { { DO_WORK, 0, 5000 }, { DO_NOTE, 0, 1 }, { DO_END, 0, 0 } };
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	toy_add(k, lengthy, 0);
	toy_add_at(k, lengthy, 0, true, 0);
	toy_add(k, lengthy, 0);
	toy_add(k, brief, 1);
	CU_ASSERT(toy_finish(k));
	/* CPU 1 is done at 60 and takes the first that is not pinned. */
	CU_ASSERT_EQUAL(toy_time_of(k, 2, 1), 60 + 100 + 5010);
	CU_ASSERT_EQUAL(toy_time_of(k, 1, 1), 5020 + 100 + 5010);
	toy_free(k);
}

static u32 always_last(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	(void)m;
	(void)actor;
	return kind == CHOICE_WAKE_CPU ? n - 1 : usual;
}

static void test_migration(void)
{
	static const struct toy_op script[] = {
		{ DO_NOTE, 0, 1 }, { DO_RESCHED, 0, 0 }, { DO_NOTE, 0, 1 }, { DO_END, 0, 0 }
	};
	struct machine_config c = toy_config(3);
	struct kernel *k = toy_new(&c);

	k->machine.choose = always_last;
	toy_add(k, script, 0);
	toy_add_at(k, script, 1, true, 0);
	CU_ASSERT(toy_finish(k));
	for (u32 i = 0; i < k->notes; i++)
		CU_ASSERT_EQUAL(k->note[i].cpu, k->note[i].task ? 1 : (i < 2 ? 0 : 2));
	toy_free(k);
}

static void test_queue_links(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	struct machine *m = &k->machine;
	u32 head = 0, tail = 0;

	for (u32 i = 0; i < 4; i++) {
		m->task[i].id = i;
		task_queue_append(m, &head, &tail, &m->task[i]);
	}
	CU_ASSERT(task_queue_remove(m, &head, &tail, &m->task[3]));
	CU_ASSERT(!task_queue_remove(m, &head, &tail, &m->task[3]));
	CU_ASSERT(task_queue_remove(m, &head, &tail, &m->task[1]));
	CU_ASSERT(task_queue_remove(m, &head, &tail, &m->task[0]));
	task_queue_append(m, &head, &tail, &m->task[1]);
	CU_ASSERT_PTR_EQUAL(task_queue_pop(m, &head, &tail), &m->task[2]);
	CU_ASSERT_PTR_EQUAL(task_queue_pop(m, &head, &tail), &m->task[1]);
	CU_ASSERT(!head && !tail);
	toy_free(k);
}

/* More than 16 bits have numbers for. */
static void test_many_tasks(void)
{
	enum { TASKS = 100000, FIRST = UINT16_MAX - 2, LAST = UINT16_MAX + 3 };
	struct machine_config c = toy_config(1);
	u32 head = 0, tail = 0;
	struct machine *m;
	struct kernel *k;

	c.tasks = TASKS;
	k = toy_new(&c);
	m = &k->machine;
	for (u32 i = FIRST; i <= LAST; i++) {
		m->task[i].id = i;
		task_queue_append(m, &head, &tail, &m->task[i]);
	}
	for (u32 i = FIRST; i <= LAST; i++)
		CU_ASSERT_PTR_EQUAL(task_queue_pop(m, &head, &tail), &m->task[i]);
	CU_ASSERT(!head && !tail);
	toy_free(k);
}

static void note_state(struct machine *m, const struct task *t)
{
	toy_note(kernel_of(m), t, 100 + t->state);
}

/* Task 1 waits behind task 0, and goes to CPU 1 when task 2 sleeps there. */
static void test_states(void)
{
	static const struct toy_op sleeper[] = { { DO_WORK, 0, 500 }, { DO_TICKS, 0, 1 }, { DO_END, 0, 0 } };
	static const struct toy_op busy[] = { { DO_WORK, 0, 3000000 }, { DO_END, 0, 0 } };
	static const struct toy_note expected[] = {
		{ 0, 0, 0, TASK_RUNNING },    { 0, 1, 0, TASK_RUNNABLE },   { 0, 2, 1, TASK_RUNNING },
		{ 520, 2, 1, TASK_BLOCKED },  { 520, 1, 1, TASK_RUNNING },  { 2000010, 2, 1, TASK_RUNNABLE },
		{ 3000020, 0, 0, TASK_DONE }, { 3000640, 1, 1, TASK_DONE }, { 3000640, 2, 1, TASK_RUNNING },
		{ 3000750, 2, 1, TASK_DONE },
	};
	struct machine_config c = toy_config(2);
	struct kernel *k = toy_new(&c);

	k->machine.on_task_state = note_state;
	toy_add_at(k, busy, 0, false, 0);
	toy_add_at(k, busy, 0, false, 0);
	toy_add_at(k, sleeper, 1, true, 0);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_EQUAL_FATAL(k->notes, ARRAY_SIZE(expected));
	for (u32 i = 0; i < k->notes; i++) {
		CU_ASSERT_EQUAL(k->note[i].time, expected[i].time);
		CU_ASSERT_EQUAL(k->note[i].task, expected[i].task);
		CU_ASSERT_EQUAL(k->note[i].cpu, expected[i].cpu);
		CU_ASSERT_EQUAL(k->note[i].mark, 100 + expected[i].mark);
	}
	toy_free(k);
}

/* It takes from the longest queue, wherever that is. */
static void test_takes_from_the_longest(void)
{
	static const struct toy_op brief[] = { { DO_NOTE, 0, 1 }, { DO_END, 0, 0 } };
	static const u32 cpu[] = { 0, 1, 1, 2, 2, 2, 2 };
	struct machine_config c = toy_config(3);
	struct kernel *k = toy_new(&c);

	for (u32 i = 0; i < ARRAY_SIZE(cpu); i++)
		toy_add(k, i ? work_and_note : brief, cpu[i]);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT(toy_time_of(k, 4, 1) < 100 + 2 * 510); /* not when the one before it is done */
	CU_ASSERT(toy_time_of(k, 2, 1) > 100 + 2 * 510);
	toy_free(k);
}

/* When somebody who slept so long goes on, where two others work by turns. */
static u64 slept(u64 slice_ns)
{
	static const struct toy_op sleeper[] = { { DO_WAIT, 0, 1000 }, { DO_NOTE, 0, 7 }, { DO_END, 0, 0 } };
	static struct toy_op script[42];
	struct machine_config c = toy_config(1);
	struct kernel *k;
	u64 latency;

	for (u32 i = 0; i < 40; i += 2) {
		script[i] = (struct toy_op){ DO_WORK, 0, 300 };
		script[i + 1] = (struct toy_op){ DO_COND_RESCHED, 0, 0 };
	}
	script[40] = (struct toy_op){ DO_END, 0, 0 };
	c.slice_ns = slice_ns;
	k = toy_new(&c);
	toy_add(k, sleeper, 0);
	toy_add(k, script, 0);
	toy_add(k, script, 0);
	CU_ASSERT(toy_finish(k));
	latency = toy_time_of(k, 0, 7) - 1010;
	toy_free(k);
	return latency;
}

/* Who slept for a slice comes on before those that wait, and at once; who slept for less waits with them. */
static void test_rested(void)
{
	CU_ASSERT(slept(900) < 600);
	CU_ASSERT(slept(5000) > 2000);
}

/* Who leaves the CPU takes the end of its slice along, and that somebody wanted it. */
static void test_nothing_is_left(void)
{
	static const struct toy_op brief[] = { { DO_WORK, 0, 700 }, { DO_END, 0, 0 } };
	static const struct toy_op sleeper[] = { { DO_WAIT, 0, 1000 },
						 { DO_WORK, 0, 100 },
						 { DO_END, 0, 0 } };
	struct machine_config c = toy_config(1);
	struct kernel *k;

	c.slice_ns = 1000000;
	c.preemption = PREEMPT_FULL;
	k = toy_new(&c);
	toy_add_at(k, sleeper, 0, true, 1);
	toy_add_at(k, brief, 0, true, 0);
	toy_add_at(k, brief, 0, true, 0);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT(k->machine.now < c.slice_ns);
	CU_ASSERT_EQUAL(k->machine.events.count, k->machine.periodic);
	CU_ASSERT_EQUAL(k->machine.rescheds, 0);
	CU_ASSERT_EQUAL(k->machine.cpu[0].need_resched, 0);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "whoever watches is told of every state of a task, and where", test_states },
	{ "a run queue is by priority, then first come", test_queue_order },
	{ "a switch costs time, and the busy time of a CPU is all of it", test_times },
	{ "fair tasks take turns where the preemption model lets them, real-time ones do not", test_slices },
	{ "a higher priority gets the CPU at the first step that may be preempted", test_priorities },
	{ "a woken task goes back, or to an idle CPU, unless it is pinned", test_wake_cpu },
	{ "a CPU that runs dry takes over who waits elsewhere", test_idle_cpu_takes_over },
	{ "where a task goes on after might_sleep() is a choice", test_migration },
	{ "queues of tasks keep their ends", test_queue_links },
	{ "there may be more tasks than 16 bits have numbers for", test_many_tasks },
	{ "the queue it takes from is the longest", test_takes_from_the_longest },
	{ "who slept for a slice comes on at once", test_rested },
	{ "who leaves leaves nothing behind", test_nothing_is_left },
};
UNIT_MAIN("sched", tests)
