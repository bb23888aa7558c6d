/*
 * Who waits for whom: cycles of every kind are named, and what will end is none.
 */
#include "sim/wait_for.h"

#include <stdio.h>

#include "sim/lockdep.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what, object)                                                                                     \
	{                                                                                                    \
		DO_##what, object, 0                                                                         \
	}
#define DONE                                                                                                 \
	{                                                                                                    \
		DO_END, 0, 0                                                                                 \
	}

static const struct object_field world_fields[] = {
	{ .name = "spin 0", .offset = offsetof(struct toy_world, spin[0]), .kind = FIELD_SPINLOCK },
	{ .name = "spin 1", .offset = offsetof(struct toy_world, spin[1]), .kind = FIELD_SPINLOCK },
	{ .name = "mutex 0", .offset = offsetof(struct toy_world, sleeping[0]), .kind = FIELD_SLEEPING },
	{ .name = "mutex 1", .offset = offsetof(struct toy_world, sleeping[1]), .kind = FIELD_SLEEPING },
	{ .name = "bit 0", .offset = offsetof(struct toy_world, bit[0]), .kind = FIELD_BIT },
	{ .name = NULL },
};

static void world_words(const struct machine *m, u32 index, GString *to)
{
	(void)m, (void)index;
	g_string_append(to, "the world");
}

/* Who sleeps for ticks waits for mark 7 or, with work to do, for whoever the test says. */
static u64 polled_by;

static bool toy_polls(const struct machine *m, const struct task *t, GString *what, u64 *owners)
{
	(void)m;
	if (t->op != OP_WAIT)
		return false;
	g_string_append(what, "the flag");
	*owners = polled_by;
	return true;
}

static bool bit_is_of_device(const struct machine *m, u64 bit)
{
	(void)bit;
	return ((const struct kernel *)m)->world->shared;
}

static const struct object_kind kinds[] = {
	{ "world", "world", world_words, world_fields },
	{ NULL, NULL, NULL, NULL },
};
static const struct vocabulary words = { .kind = kinds,
					 .polls = toy_polls,
					 .is_of_device = bit_is_of_device };

/* Tasks 0, 1, ... do @steps "0110" in that order; what progress says then, "" if it is silent. */
static char *after(const struct toy_op *const *script, u32 n, const char *steps, u32 cpus)
{
	struct machine_config c = toy_config(cpus);
	struct kernel *k = toy_new(&c);
	struct machine *m = &k->machine;
	GString *why = g_string_new(NULL);

	m->vocabulary = &words;
	m->searching = true;
	for (u32 i = 0; i < n; i++)
		toy_add(k, script[i], i % cpus);
	for (u32 i = 0; i < n; i++)
		machine_step(m, &m->task[i]); /* announces its first */
	for (; *steps; steps++) {
		if (*steps == 'd')
			k->world->shared = 1;
		else
			machine_step(m, &m->task[*steps - '0']);
	}
	CU_ASSERT_EQUAL(progress_invariant.holds(m, why), !why->len);
	toy_free(k);
	return g_string_free(why, FALSE);
}

static void expect(const struct toy_op *const *script, u32 n, const char *steps, u32 cpus,
		   const char *expected)
{
	char *said = after(script, n, steps, cpus);

	CU_ASSERT_STRING_EQUAL(said, expected);
	if (strcmp(said, expected))
		printf("\n  is: %s\nnot: %s\n", said, expected);
	g_free(said);
}

static const struct toy_op spin_ab[] = { DO(LOCK, 0), DO(LOCK, 1), DO(UNLOCK, 1), DO(UNLOCK, 0), DONE };
static const struct toy_op spin_ba[] = { DO(LOCK, 1), DO(LOCK, 0), DO(UNLOCK, 0), DO(UNLOCK, 1), DONE };

static void test_two_orders(void)
{
	const struct toy_op *const script[] = { spin_ab, spin_ba };

	expect(script, 2, "", 2, "");
	expect(script, 2, "0", 2, "");
	expect(script, 2, "01", 2,
	       "A waits for spin 1 of the world, held by B; B waits for spin 0 of the world, held by A");
	expect(script, 2, "00", 2, "");
}

/* Of three, one waits for the cycle and is no part of it. */
static void test_bystander(void)
{
	static const struct toy_op bystander[] = { DO(LOCK, 0), DO(UNLOCK, 0), DONE };
	const struct toy_op *const script[] = { bystander, spin_ab, spin_ba };

	expect(script, 3, "12", 3,
	       "B waits for spin 1 of the world, held by C; C waits for spin 0 of the world, held by B");
}

static void test_itself(void)
{
	static const struct toy_op twice[] = { DO(MUTEX, 0), DO(MUTEX, 0), DONE };
	const struct toy_op *const script[] = { twice };

	expect(script, 1, "0", 1, "A waits for mutex 0 of the world, held by A itself");
}

/* A spinlock against a bit lock. */
static void test_kinds(void)
{
	static const struct toy_op a[] = { DO(MUTEX, 0), DO(BIT, 0), DO(BIT_UNLOCK, 0), DO(MUTEX_UNLOCK, 0),
					   DONE };
	static const struct toy_op b[] = { DO(BIT, 0), DO(READ, 0), DO(READ_UNLOCK, 0), DO(BIT_UNLOCK, 0),
					   DONE };
	const struct toy_op *const script[] = { a, b };

	expect(script, 2, "01", 2,
	       "A waits for bit 0 of the world, held by B; B waits for mutex 0 of the world, held by A");
}

/* What a device will release keeps nobody for ever. */
static void test_device(void)
{
	static const struct toy_op a[] = { DO(MUTEX, 0), DO(BIT, 0), DONE };
	static const struct toy_op b[] = { DO(BIT, 0), DO(MUTEX, 0), DONE };
	const struct toy_op *const script[] = { a, b };

	expect(script, 2, "01d", 2, "");
}

/* Polling with a sleep is a wait like another, if those who could end it cannot go on. */
static void test_polls(void)
{
	static const struct toy_op poll[] = { DO(MUTEX, 0), { DO_TICKS, 0, 1 }, DO(MUTEX_UNLOCK, 0), DONE };
	static const struct toy_op other[] = { DO(WORK, 0), DO(MUTEX, 0), DO(MUTEX_UNLOCK, 0), DONE };
	const struct toy_op *const script[] = { poll, other };

	polled_by = 1;
	expect(script, 2, "0", 2, "A waits for the flag, which is up to A itself");
	polled_by = 2;
	expect(script, 2, "0", 2, "");
	expect(script, 2, "01", 2,
	       "A waits for the flag, which is up to B; B waits for mutex 0 of the world, held by A");
	polled_by = 3; /* one of them is enough to go on, and neither can */
	expect(script, 2, "01", 2, "A waits for the flag, which is up to A itself");
	polled_by = 0;
	expect(script, 2, "01", 2, "");
}

/* Who spins keeps the CPU from the one that holds the lock. */
static void test_occupied(void)
{
	static const struct toy_op owner[] = { DO(BIT, 0), { DO_WORK, 0, 10 }, DO(BIT_UNLOCK, 0), DONE };
	static const struct toy_op taker[] = { DO(LOCK, 0), DO(BIT_WAIT, 0), DO(UNLOCK, 0), DONE };
	const struct toy_op *const script[] = { owner, taker };

	expect(script, 2, "01", 1,
	       "A waits for CPU 0, which is up to B; B waits for bit 0 of the world, held by A");
	expect(script, 2, "01", 2, "");
}

/* ---- context ---- */

static void test_context(void)
{
	static const struct toy_op sleeps[] = { DO(LOCK, 0), DO(MUTEX, 0), DONE };
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	struct machine *m = &k->machine;
	GString *why = g_string_new(NULL);

	m->searching = true;
	toy_add(k, sleeps, 0);
	machine_step(m, &m->task[0]);
	CU_ASSERT(context_invariant.holds(m, why));
	machine_step(m, &m->task[0]);
	CU_ASSERT(!context_invariant.holds(m, why));
	CU_ASSERT_STRING_EQUAL(why->str, "A is about to sleep in script.MUTEX with preemption off");
	CU_ASSERT(!context_invariant.holds(m, NULL));
	g_string_free(why, TRUE);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "two locks in two orders are a cycle once both have their first", test_two_orders },
	{ "who waits for a cycle is no part of it", test_bystander },
	{ "a task can wait for itself", test_itself },
	{ "locks of different kinds make a cycle", test_kinds },
	{ "what a device releases makes none", test_device },
	{ "polling is waiting", test_polls },
	{ "who may not be taken off a CPU is waited for", test_occupied },
	{ "context: nothing sleeps with preemption off", test_context },
};

UNIT_MAIN("wait_for", tests)
