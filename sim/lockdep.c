#include "sim/lockdep.h"

#include "sim/error.h"

enum { HELD = 16 };

struct held {
	u8 class[HELD];
	u8 count;
};

struct lockdep {
	u32 after[LOCK_CLASSES]; /* bit c: class c was taken while this one was held */
	u32 tasks;
	struct held held[];
};

struct lockdep *lockdep_new(u32 tasks)
{
	struct lockdep *d = g_malloc0(sizeof *d + tasks * sizeof d->held[0]);

	d->tasks = tasks;
	return d;
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

static void hold(struct lockdep *d, struct task *t, u32 class)
{
	struct held *h = &d->held[t->id];

	BUG_ON(h->count == HELD);
	h->class[h->count++] = class;
}

static bool take(struct machine *m, struct task *t, u32 class)
{
	struct lockdep *d = m->lockdep;
	struct held *h = &d->held[t->id];

	for (u32 i = 0; i < h->count; i++) {
		u32 before = h->class[i];

		if (before == class || reaches(d, class, before, 1u << class)) {
			machine_fail(
			    m, ERROR_FINDING,
			    "lock order: task %u takes %s while it holds %s, elsewhere %s is taken first",
			    t->id, m->lock_class[class], m->lock_class[before], m->lock_class[class]);
			return false;
		}
		d->after[before] |= 1u << class;
	}
	hold(d, t, class);
	return true;
}

static void drop(struct machine *m, struct task *t, u32 class)
{
	struct held *h = &m->lockdep->held[t->id];

	for (u32 i = h->count; i--;) {
		if (h->class[i] != class)
			continue;
		for (u32 j = i + 1; j < h->count; j++)
			h->class[j - 1] = h->class[j];
		h->count--;
		return;
	}
	BUG();
}

void lockdep_trylocked(struct machine *m, struct task *t, u32 class)
{
	if (m->lockdep)
		hold(m->lockdep, t, class);
}

static bool may_sleep(struct machine *m, struct task *t)
{
	char name[128];

	if (!t->preempt_off && !t->irq_off)
		return true;
	machine_fail(m, ERROR_FINDING, "context: task %u sleeps in %s with %s off", t->id,
		     machine_step_name(m, t, 0, name, sizeof name), t->irq_off ? "interrupts" : "preemption");
	return false;
}

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
