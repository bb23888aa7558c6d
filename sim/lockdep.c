#include "sim/lockdep.h"

#include "sim/error.h"
#include "sim/lock.h"
#include "sim/object.h"

struct lockdep {
	u32 after[LOCK_CLASSES]; /* bit c: class c was taken while this one was held */
};

struct lockdep *lockdep_new(void)
{
	return g_new0(struct lockdep, 1);
}

void lockdep_free(struct lockdep *d)
{
	g_free(d);
}

static bool reaches(const struct lockdep *d, u32 from, u32 to, u32 seen)
{
	if (d->after[from] >> to & 1)
		return true;
	for (u32 c = 0; c < LOCK_CLASSES; c++)
		if ((d->after[from] & ~seen) >> c & 1 && reaches(d, c, to, seen | 1u << c))
			return true;
	return false;
}

static void hold(struct machine *m, struct task *t, u32 class)
{
	struct held_locks *h = &m->held[t->id];

	BUG_ON(h->count == ARRAY_SIZE(h->class));
	h->class[h->count++] = class;
}

static bool take(struct machine *m, struct task *t, u32 class)
{
	struct lockdep *d = m->lockdep;
	struct held_locks *h = &m->held[t->id];

	for (u32 i = 0; i < h->count; i++) {
		u32 before = h->class[i];

		if (before == class && m->lock_nests >> class & 1)
			continue;
		if (before == class) {
			machine_fail(m, ERROR_FINDING,
				     "lock order: task %u takes %s while it holds another of that class",
				     t->id, m->lock_class[class]);
			return false;
		}
		if (reaches(d, class, before, 1u << class)) {
			machine_fail(
			    m, ERROR_FINDING,
			    "lock order: task %u takes %s while it holds %s, elsewhere %s is taken first",
			    t->id, m->lock_class[class], m->lock_class[before], m->lock_class[class]);
			return false;
		}
		d->after[before] |= 1u << class;
	}
	hold(m, t, class);
	return true;
}

static void drop(struct machine *m, struct task *t, u32 class)
{
	struct held_locks *h = &m->held[t->id];

	for (u32 i = h->count; i--;) {
		if (h->class[i] != class)
			continue;
		for (u32 j = i + 1; j < h->count; j++)
			h->class[j - 1] = h->class[j];
		h->class[--h->count] = 0;
		return;
	}
	BUG();
}

void lockdep_trylocked(struct machine *m, struct task *t, u32 class)
{
	if (m->lockdep)
		hold(m, t, class);
}

static bool is_atomic(const struct task *t)
{
	return t->preempt_off || t->irq_off || t->rcu_nesting;
}

static const char *atomic_because(const struct task *t)
{
	return t->irq_off	? "with interrupts off"
	       : t->preempt_off ? "with preemption off"
				: "in an RCU read section";
}

static bool may_sleep(struct machine *m, struct task *t)
{
	char name[128];

	if (!is_atomic(t))
		return true;
	machine_fail(m, ERROR_FINDING, "context: task %u sleeps in %s %s", t->id,
		     machine_step_name(m, t, 0, name, sizeof name), atomic_because(t));
	return false;
}

static bool contexts_allow(struct machine *m, GString *why)
{
	for (u32 i = 0; i < m->tasks; i++) {
		struct task *t = &m->task[i];
		char name[128];

		if (t->state != TASK_RUNNING || !is_atomic(t) ||
		    !(op_may_block(t->op) || t->op == OP_RESCHED))
			continue;
		m->violated = 0;
		if (why) {
			object_task_name(m, i, why);
			g_string_append_printf(why, " is about to sleep in %s %s",
					       machine_step_name(m, t, 0, name, sizeof name),
					       atomic_because(t));
		}
		return false;
	}
	return true;
}

const struct invariant context_invariant = {
	"context",
	"nothing sleeps with preemption or interrupts off, or in an RCU read section",
	contexts_allow,
};

bool lockdep_before(struct machine *m, struct task *t, const void *object)
{
	switch ((enum op)t->op) {
	case OP_LOCK:
	case OP_LOCK_IRQ:
		return take(m, t, ((const struct spinlock *)object)->class);
	case OP_UNLOCK:
	case OP_UNLOCK_IRQ:
		drop(m, t, ((const struct spinlock *)object)->class);
		return true;
	case OP_LOCAL_LOCK:
		return take(m, t, ((const struct local_lock *)object)->class);
	case OP_LOCAL_UNLOCK:
		drop(m, t, ((const struct local_lock *)object)->class);
		return true;
	case OP_DOWN_READ:
	case OP_DOWN_WRITE:
		return may_sleep(m, t) && take(m, t, ((const struct sleeping_lock *)object)->class);
	case OP_UP_READ:
	case OP_UP_WRITE:
		drop(m, t, ((const struct sleeping_lock *)object)->class);
		return true;
	case OP_RESCHED:
	case OP_WAIT:
	case OP_BIT_LOCK:
	case OP_BIT_WAIT:
		return may_sleep(m, t);
	case OP_NONE:
	case OP_ACCESS:
	case OP_USER:
	case OP_COND_RESCHED:
	case OP_BIT_UNLOCK:
	case OP_DONE:
	case NR_OPS:
		return true;
	}
	BUG();
}
