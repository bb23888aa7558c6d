#include "sim/lockdep.h"

#include "sim/error.h"
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

/* What the checks say about two tasks that run one after the other; NULL: nothing. */
static char *verdict(const struct toy_op *a, const struct toy_op *b)
{
	struct machine_config c = toy_config(1);
	struct kernel *k;
	GError *error = NULL;
	char *message = NULL;

	c.check_locks = true;
	k = toy_new(&c);
	toy_add(k, a, 0);
	if (b)
		toy_add(k, b, 0);
	if (!machine_run(&k->machine, TIME_NEVER, &error)) {
		CU_ASSERT_EQUAL(error->code, ERROR_FINDING);
		message = g_strdup(error->message);
		g_clear_error(&error);
	}
	toy_free(k);
	return message;
}

static void expect(const struct toy_op *a, const struct toy_op *b, const char *message)
{
	char *said = verdict(a, b);

	if (g_strcmp0(said, message))
		printf("\n\"%s\" instead of \"%s\"\n", said ? said : "", message ? message : "");
	CU_ASSERT(!g_strcmp0(said, message));
	g_free(said);
}

static void test_order(void)
{
	static const struct toy_op ab[] = { DO(LOCK, 0), DO(LOCK, 1), DO(UNLOCK, 1), DO(UNLOCK, 0), DONE };
	static const struct toy_op ba[] = { DO(LOCK, 1), DO(LOCK, 0), DO(UNLOCK, 0), DO(UNLOCK, 1), DONE };
	static const struct toy_op not_last[] = { DO(LOCK, 0),	 DO(LOCK, 1),	DO(UNLOCK, 0), DO(LOCK, 2),
						  DO(UNLOCK, 2), DO(UNLOCK, 1), DONE };

	expect(ab, ab, NULL);
	expect(ba, ba, NULL);
	expect(not_last, not_last, NULL);
	expect(ab, ba,
	       "lock order: task 1 takes spin 0 while it holds spin 1, elsewhere spin 0 is taken first");
}

static void test_order_in_a_circle(void)
{
	static const struct toy_op chain[] = { DO(MUTEX, 2),	    DO(LOCAL, 3),	 DO(LOCAL_UNLOCK, 3),
					       DO(MUTEX_UNLOCK, 2), DO(LOCAL, 3),	 DO(LOCK_IRQ, 1),
					       DO(UNLOCK_IRQ, 1),   DO(LOCAL_UNLOCK, 3), DO(LOCK_IRQ, 1),
					       DO(TRYLOCK, 0),	    DO(UNLOCK_IRQ, 1),	 DONE };
	static const struct toy_op back[] = { DO(READ, 2), DO(READ, 1), DO(READ_UNLOCK, 1),
					      DO(READ_UNLOCK, 2), DONE };
	static const struct toy_op closes[] = { DO(READ, 1), DO(MUTEX, 2), DO(MUTEX_UNLOCK, 2),
						DO(READ_UNLOCK, 1), DONE };
	static const struct toy_op far[] = { DO(LOCK, 1), DO(LOCAL, 3), DO(LOCAL_UNLOCK, 3), DO(UNLOCK, 1),
					     DONE };

	expect(chain, chain, NULL);
	expect(chain, back, NULL);
	expect(back, closes,
	       "lock order: task 1 takes mutex 2 while it holds mutex 1, elsewhere mutex 2 is taken first");
	expect(chain, far,
	       "lock order: task 1 takes local 3 while it holds spin 1, elsewhere local 3 is taken first");
}

/* What is only tried cannot deadlock; what is taken while one is held by trylock can. */
static void test_trylock(void)
{
	static const struct toy_op ab[] = { DO(LOCK, 0), DO(LOCK, 1), DO(UNLOCK, 1), DO(UNLOCK, 0), DONE };
	static const struct toy_op tries[] = { DO(LOCK, 1), DO(TRYLOCK, 0), DO(UNLOCK, 1), DONE };
	static const struct toy_op cd[] = { DO(MUTEX, 0), DO(READ, 1), DO(READ_UNLOCK, 1),
					    DO(MUTEX_UNLOCK, 0), DONE };
	static const struct toy_op tries_mutex[] = { DO(READ, 1), DO(MUTEX_TRYLOCK, 0), DO(READ_UNLOCK, 1),
						     DONE };

	expect(ab, tries, NULL);
	expect(tries, ab, NULL);
	expect(cd, tries_mutex, NULL);
	expect(tries_mutex, cd, NULL);
}

static void test_same_class(void)
{
	static const struct toy_op twice[] = { DO(READ, 1), DO(READ, 1), DO(READ_UNLOCK, 1),
					       DO(READ_UNLOCK, 1), DONE };

	expect(twice, NULL, "lock order: task 0 takes mutex 1 while it holds another of that class");
}

static void test_context(void)
{
	static const struct toy_op preempt[] = { DO(LOCAL, 0), DO(RESCHED, 0), DO(LOCAL_UNLOCK, 0), DONE };
	static const struct toy_op irq[] = { DO(LOCK_IRQ, 0), DO(BIT, 0), DO(BIT_UNLOCK, 0),
					     DO(UNLOCK_IRQ, 0), DONE };
	static const struct toy_op spin[] = { DO(LOCK, 0), DO(MUTEX, 0), DO(MUTEX_UNLOCK, 0), DO(UNLOCK, 0),
					      DONE };
	static const struct toy_op rcu[] = { DO(RCU_READ, 0), DO(WAIT, 0), DO(RCU_READ_UNLOCK, 0), DONE };
	static const struct toy_op bit[] = { DO(LOCK, 0), DO(BIT_WAIT, 0), DO(UNLOCK, 0), DONE };
	static const struct toy_op fine[] = {
		DO(MUTEX, 0),	    DO(READ, 1),	 DO(BIT, 0),	DO(RESCHED, 0),
		DO(LOCK, 0),	    DO(COND_RESCHED, 0), DO(UNLOCK, 0), DO(BIT_UNLOCK, 0),
		DO(READ_UNLOCK, 1), DO(MUTEX_UNLOCK, 0), DONE
	};

	expect(preempt, NULL, "context: task 0 sleeps in script.RESCHED with preemption off");
	expect(irq, NULL, "context: task 0 sleeps in script.BIT with interrupts off");
	expect(spin, NULL, "context: task 0 sleeps in script.MUTEX with preemption off");
	expect(rcu, NULL, "context: task 0 sleeps in script.WAIT in an RCU read section");
	expect(bit, NULL, "context: task 0 sleeps in script.BIT_WAIT with preemption off");
	expect(fine, fine, NULL);
}

static const struct unit tests[] = {
	{ "two orders of two locks are a finding, a lock let go before the inner one is not", test_order },
	{ "so is an order that closes a circle, of whatever kinds of lock", test_order_in_a_circle },
	{ "a lock that is only tried has no order", test_trylock },
	{ "two locks of one class have none either", test_same_class },
	{ "nothing sleeps with preemption or interrupts off or in a read section", test_context },
};
UNIT_MAIN("lockdep", tests)
