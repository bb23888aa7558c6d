#include "sim/snapshot.h"

#include "tests/unit/search.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what)                                                                                             \
	{                                                                                                    \
		DO_##what, 0, 0                                                                              \
	}
#define ADD(n)                                                                                               \
	{                                                                                                    \
		DO_ADD, 0, n                                                                                 \
	}
#define WORK(ns)                                                                                             \
	{                                                                                                    \
		DO_WORK, 0, ns                                                                               \
	}

static const struct toy_op lively[] = { { DO_USER, 0, 9 },
					DO(MUTEX),
					WORK(70),
					{ DO_DEPTH, 0, 5 },
					DO(MIX),
					{ DO_WAIT, 0, 90 },
					DO(MUTEX_UNLOCK),
					DO(LOCK_IRQ),
					DO(WAKE_ALL),
					DO(UNLOCK_IRQ),
					DO(CALL_RCU),
					{ DO_CHOOSE, 0, 9 },
					DO(BIT),
					WORK(30),
					DO(RESCHED),
					DO(BIT_UNLOCK),
					{ DO_TICKS, 0, 2 },
					{ DO_USER, 0, 20 },
					DO(END) };

static struct kernel *lively_new(void)
{
	struct machine_config c = toy_config(2);
	struct kernel *k;

	c.hz = 1000000;
	c.tasks = 5;
	k = toy_new(&c);
	for (u32 i = 0; i < 5; i++)
		toy_add(k, lively, i % 2);
	return k;
}

static void *save(const struct kernel *k)
{
	void *copy = g_malloc(snapshot_bytes(&k->machine, SNAPSHOT_RUN));

	snapshot_save(&k->machine, SNAPSHOT_RUN, copy);
	return copy;
}

/* From any moment on a run goes on as it did, in this machine and in another that was built the same way. */
static void test_goes_on(void)
{
	for (u64 at = 10; at < 6000; at += 130) {
		struct kernel *k = lively_new(), *other = lively_new();
		void *copy;
		u64 fingerprint, steps, hash;

		CU_ASSERT(machine_run(&k->machine, at, NULL));
		copy = save(k);
		CU_ASSERT(toy_finish(k));
		fingerprint = k->machine.fingerprint;
		steps = k->machine.steps;
		hash = snapshot_hash(&k->machine);
		snapshot_load(&k->machine, SNAPSHOT_RUN, copy);
		CU_ASSERT(toy_finish(k));
		CU_ASSERT_EQUAL(k->machine.fingerprint, fingerprint);
		CU_ASSERT_EQUAL(k->machine.steps, steps);
		CU_ASSERT_EQUAL(snapshot_hash(&k->machine), hash);
		toy_free(k); /* whatever the copy took from it is gone */
		snapshot_load(&other->machine, SNAPSHOT_RUN, copy);
		CU_ASSERT(toy_finish(other));
		CU_ASSERT_EQUAL(other->machine.fingerprint, fingerprint);
		CU_ASSERT_EQUAL(snapshot_hash(&other->machine), hash);
		toy_free(other);
		g_free(copy);
	}
}

static void test_round_trip(void)
{
	struct kernel *k = lively_new();
	u64 bytes, hash;
	void *before, *after;

	CU_ASSERT(machine_run(&k->machine, 400, NULL));
	bytes = snapshot_bytes(&k->machine, SNAPSHOT_RUN);
	hash = snapshot_hash(&k->machine);
	before = save(k);
	CU_ASSERT(toy_finish(k));
	CU_ASSERT_NOT_EQUAL(snapshot_hash(&k->machine), hash);
	snapshot_load(&k->machine, SNAPSHOT_RUN, before);
	CU_ASSERT_EQUAL(snapshot_bytes(&k->machine, SNAPSHOT_RUN), bytes);
	CU_ASSERT_EQUAL(snapshot_hash(&k->machine), hash);
	after = save(k);
	CU_ASSERT_EQUAL(memcmp(before, after, bytes), 0);
	g_free(before);
	g_free(after);
	toy_free(k);
}

/* Only the used part of a stack counts, and all of it. */
static void test_stacks(void)
{
	struct kernel *k = lively_new();
	struct machine *m = &k->machine;
	u64 bytes = snapshot_bytes(m, SNAPSHOT_STATE), hash = snapshot_hash(m);
	u8 *stack = m->stack + m->stack_bytes;

	stack[m->task[1].sp] = 1;
	CU_ASSERT_EQUAL(snapshot_hash(m), hash);
	stack[m->task[1].sp - 1] ^= 1;
	CU_ASSERT_NOT_EQUAL(snapshot_hash(m), hash);
	m->task[1].sp += 8;
	CU_ASSERT_EQUAL(snapshot_bytes(m, SNAPSHOT_STATE), bytes + 8);
	toy_free(k);
}

/* ---- searches ---- */

static bool true_always(struct machine *m, GString *why)
{
	(void)m;
	(void)why;
	return true;
}

static const struct invariant none = { .name = "none", .holds = true_always };

static struct kernel *searched_new(u32 cpus, u32 tasks, const struct toy_op *a, const struct toy_op *b)
{
	struct machine_config c = toy_config(cpus);
	struct kernel *k;

	c.tasks = tasks;
	c.events = 4;
	c.rcu_callbacks = 4;
	k = toy_new(&c);
	machine_search(&k->machine);
	for (u32 i = 0; i < tasks; i++)
		toy_add_at(k, i % 2 ? b : a, i % cpus, true, 0);
	return k;
}

static u32 states(u32 cpus, u32 tasks, const struct toy_op *a, const struct toy_op *b)
{
	struct kernel *k = searched_new(cpus, tasks, a, b);
	struct search x;
	u32 n;

	CU_ASSERT(search_run(&x, &k->machine, &none, 100000, false));
	CU_ASSERT_EQUAL(x.finished, 1);
	CU_ASSERT_EQUAL(x.deadlocks, 0);
	n = x.node->len;
	search_release(&x);
	toy_free(k);
	return n;
}

static void test_counts(void)
{
	static const struct toy_op steps[] = { WORK(10), WORK(20), DO(END) };
	static const struct toy_op lock[] = { DO(LOCK), DO(UNLOCK), DO(END) };
	static const struct toy_op deep[] = { { DO_DEPTH, 0, 1 }, DO(END) };

	/* START, two steps, EXIT: five places for each of the tasks. */
	CU_ASSERT_EQUAL(states(2, 2, steps, steps), 5 * 5);
	CU_ASSERT_EQUAL(states(3, 3, steps, steps), 5 * 5 * 5);
	/* The same, less the one in which both hold the lock. */
	CU_ASSERT_EQUAL(states(2, 2, lock, lock), 5 * 5 - 1);
	CU_ASSERT_EQUAL(states(2, 2, lock, steps), 5 * 5);
	/* START, ENTRY twice, EXIT: frames come and go and leave nothing behind. */
	CU_ASSERT_EQUAL(states(2, 2, deep, deep), 5 * 5);
}

/* On one CPU, without preemption, the tasks run one after the other. */
static void test_one_cpu(void)
{
	static const struct toy_op steps[] = { WORK(10), WORK(20), DO(END) };

	/* Five places of the first, then four more of the second. */
	CU_ASSERT_EQUAL(states(1, 2, steps, steps), 5 + 4);
}

/* A task that has to sleep leaves the CPU to the one that can wake it. */
static void test_sleeper_gives_way(void)
{
	static const struct toy_op holder[] = { DO(MUTEX), DO(RESCHED), DO(MUTEX_UNLOCK), DO(END) };

	CU_ASSERT(states(1, 2, holder, holder) > 10);
}

static bool nothing_lost(struct machine *m, GString *why)
{
	const struct kernel *k = kernel_of(m);

	if (why)
		g_string_assign(why, "an addition was lost");
	for (u32 i = 0; i < m->tasks; i++)
		if (m->task[i].state != TASK_DONE)
			return true;
	return k->world->shared == 3;
}

static const struct invariant sum = { .name = "sum", .holds = nothing_lost };

static u32 losses(const struct toy_op *a, const struct toy_op *b, char **trail)
{
	struct kernel *k = searched_new(2, 2, a, b);
	struct search x;
	u32 violations;

	CU_ASSERT(search_run(&x, &k->machine, &sum, 100000, false));
	violations = x.violations;
	*trail = violations ? search_trail(&x, x.first_violation) : NULL;
	search_release(&x);
	toy_free(k);
	return violations;
}

static void test_lost_update(void)
{
	static const struct toy_op a[] = { ADD(1), DO(END) }, b[] = { ADD(2), DO(END) };
	static const struct toy_op locked_a[] = { DO(LOCK), ADD(1), DO(UNLOCK), DO(END) };
	static const struct toy_op locked_b[] = { DO(LOCK), ADD(2), DO(UNLOCK), DO(END) };
	char *trail;

	/* Either addition may be the one that is lost. */
	CU_ASSERT_EQUAL(losses(a, b, &trail), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(trail, "script.ADD_READ"));
	g_free(trail);
	CU_ASSERT_EQUAL(losses(locked_a, locked_b, &trail), 0);
}

static void test_deadlock(void)
{
	static const struct toy_op ab[] = {
		{ DO_LOCK, 0, 0 },
		{ DO_LOCK, 1, 0 },
		{ DO_UNLOCK, 1, 0 },
		{ DO_UNLOCK, 0, 0 },
		DO(END)
	};
	static const struct toy_op ba[] = {
		{ DO_LOCK, 1, 0 },
		{ DO_LOCK, 0, 0 },
		{ DO_UNLOCK, 0, 0 },
		{ DO_UNLOCK, 1, 0 },
		DO(END)
	};
	struct kernel *k = searched_new(2, 2, ab, ba);
	struct search x;

	CU_ASSERT(search_run(&x, &k->machine, &none, 100000, false));
	CU_ASSERT_EQUAL(x.deadlocks, 1);
	CU_ASSERT_EQUAL(x.finished, 1);
	search_release(&x);
	toy_free(k);
}

static void test_choices(void)
{
	static const struct toy_op chooses[] = { { DO_CHOOSE, 0, 3 }, DO(END) };
	struct kernel *k = searched_new(1, 1, chooses, NULL);
	struct search x;

	CU_ASSERT(search_run(&x, &k->machine, &none, 1000, false));
	/* The answer is noted outside the state, so there are three ways from START and one state behind. */
	CU_ASSERT_EQUAL(x.node->len, 3);
	CU_ASSERT_EQUAL(x.transitions, 3 + 1);
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 0), "0");
	CU_ASSERT_STRING_EQUAL(toy_order_of(k, 2), "0");
	search_release(&x);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "from a snapshot a run goes on as it did", test_goes_on },
	{ "saving, loading and saving again gives the same bytes", test_round_trip },
	{ "the used part of a stack is state, the rest is not", test_stacks },
	{ "a search visits every combination of steps once", test_counts },
	{ "without preemption a CPU finishes one task first", test_one_cpu },
	{ "a task that has to sleep leaves its CPU to others", test_sleeper_gives_way },
	{ "a search finds the lost update, and none under a lock", test_lost_update },
	{ "a search finds the deadlock of two orders", test_deadlock },
	{ "a search tries every answer of a choice", test_choices },
};
UNIT_MAIN("snapshot", tests)
