#include "sim/lock.h"

#include "sim/irq.h"
#include "sim/lockdep.h"
#include "sim/object.h"
#include "sim/sched.h"

static void *object_of(const struct machine *m, const struct task *t)
{
	return arena_at(&m->arena, task_object(t));
}

/* In a search nobody comes here: a task is simply not enabled until its operation is possible. Only who waits
 * for somebody to wake it does so there, too. */
static void wait_spinning(struct machine *m, struct task *t, u32 *head, u32 *tail)
{
	t->state = TASK_SPINNING;
	t->since = m->now;
	t->preempt_off++;
	task_queue_append(m, head, tail, t);
	if (m->on_task_state)
		m->on_task_state(m, t);
}

static void wait_blocked(struct machine *m, struct task *t, u32 *head, u32 *tail)
{
	t->since = m->searching ? 0 : m->now;
	if (m->before_sleep)
		m->before_sleep(m, t);
	if (head)
		task_queue_append(m, head, tail, t);
	sched_leave(m, t, TASK_BLOCKED);
}

static void count_wait(struct machine *m, struct task *t, u32 class)
{
	struct lock_stat *stat = &m->lock_stat[class];
	u64 wait = m->now - t->since;

	stat->taken++;
	stat->contended++;
	stat->wait_ns += wait;
	if (wait > stat->wait_max_ns)
		stat->wait_max_ns = wait;
}

static bool spin_acquire(struct machine *m, struct task *t, struct spinlock *lock)
{
	if (lock->owner) {
		BUG_ON(lock->owner == t->id + 1);
		wait_spinning(m, t, &lock->head, &lock->tail);
		return false;
	}
	lock->owner = t->id + 1;
	t->preempt_off++;
	m->lock_stat[lock->class].taken++;
	t->delay += (u64)lock_lines(m, t, lock) * m->line_ns;
	return true;
}

bool spin_trylock(struct machine *m, struct task *t, struct spinlock *lock)
{
	m->trylocked |= 1u << lock->class;
	if (lock->owner)
		return false;
	lockdep_trylocked(m, t, lock->class);
	return spin_acquire(m, t, lock);
}

static void spin_hand_over(struct machine *m, struct spinlock *lock)
{
	struct task *next;

	lock->owner = 0;
	if (!lock->head)
		return;
	next = task_queue_pop(m, &lock->head, &lock->tail);
	lock->owner = next->id + 1;
	count_wait(m, next, lock->class);
	next->state = TASK_RUNNING;
	next->op = OP_ACCESS;
	next->delay = m->config.handover_ns;
	if (lock_lines(m, next, lock)) /* the lock's own is part of the hand-over */
		next->delay += (u64)m->lock_lines[lock->class] * m->line_ns;
	sched_schedule(m, next);
}

static void spin_release(struct machine *m, struct task *t, struct spinlock *lock)
{
	BUG_ON(lock->owner != t->id + 1);
	t->preempt_off--;
	spin_hand_over(m, lock);
}

void spin_release_from_irq(struct machine *m, struct spinlock *lock)
{
	BUG_ON(lock->owner != SPINLOCK_NOBODY);
	spin_hand_over(m, lock);
}

/* That of the CPU the task is on now, wherever it was when it announced this. */
static struct local_lock *local_lock_of(const struct machine *m, const struct task *t)
{
	return (void *)(m->arena.base + task_object(t) + (size_t)t->cpu * m->percpu_bytes);
}

static void local_acquire(struct machine *m, struct task *t)
{
	struct local_lock *lock = local_lock_of(m, t);

	BUG_ON(lock->owner);
	lock->owner = t->id + 1;
	t->preempt_off++;
	m->lock_stat[lock->class].taken++;
}

static void local_release(struct machine *m, struct task *t)
{
	struct local_lock *lock = local_lock_of(m, t);

	BUG_ON(lock->owner != t->id + 1);
	lock->owner = 0;
	t->preempt_off--;
}

static void wake_with_lock(struct machine *m, struct task *t, u32 class)
{
	count_wait(m, t, class);
	t->op = OP_ACCESS;
	sched_wake(m, t, m->config.wake_ns);
}

static bool sleeping_is_free(const struct sleeping_lock *lock, bool write)
{
	return !lock->head && !lock->owner && !(write && lock->readers);
}

static bool sleeping_acquire(struct machine *m, struct task *t, struct sleeping_lock *lock, bool write)
{
	if (sleeping_is_free(lock, write)) {
		if (write)
			lock->owner = t->id + 1;
		else
			lock->readers++;
		m->lock_stat[lock->class].taken++;
		return true;
	}
	wait_blocked(m, t, &lock->head, &lock->tail);
	return false;
}

bool mutex_trylock(struct machine *m, struct task *t, struct sleeping_lock *lock)
{
	if (!sleeping_is_free(lock, true))
		return false;
	lockdep_trylocked(m, t, lock->class);
	return sleeping_acquire(m, t, lock, true);
}

static void sleeping_release(struct machine *m, struct task *t, struct sleeping_lock *lock, bool write)
{
	BUG_ON(write ? lock->owner != t->id + 1 : !lock->readers);
	if (write)
		lock->owner = 0;
	else
		lock->readers--;
	while (lock->head && !lock->owner) {
		bool writer = m->task[lock->head - 1].op == OP_DOWN_WRITE;

		if (writer && lock->readers)
			break;
		t = task_queue_pop(m, &lock->head, &lock->tail);
		if (writer)
			lock->owner = t->id + 1;
		else
			lock->readers++;
		wake_with_lock(m, t, lock->class);
	}
}

static struct wait_queue *bucket_of(struct machine *m, u64 place)
{
	return &m->bucket[((u32)place * 2654435761u >> 16) & (m->config.wait_buckets - 1)];
}

static bool bit_acquire(struct machine *m, struct task *t, bit_lock_t *lock)
{
	struct wait_queue *q;

	if (!*lock) {
		if (t->op == OP_BIT_LOCK)
			*lock = bit_lock_by(t->id);
		return true;
	}
	*lock |= BIT_LOCK_WAITERS;
	q = bucket_of(m, task_object(t));
	wait_blocked(m, t, &q->head, &q->tail);
	return false;
}

/* The first waiter that wants the lock gets it; those that only wait for the bit and stand before it go on.
 */
void bit_lock_release(struct machine *m, bit_lock_t *lock)
{
	u64 place = object_place(m, lock);
	bool waiters = *lock & BIT_LOCK_WAITERS;
	struct wait_queue *q = bucket_of(m, place);

	*lock = 0;
	for (u32 i = waiters ? q->head : 0, next; i; i = next) {
		struct task *t = &m->task[i - 1];

		next = t->next;
		if (task_object(t) != place)
			continue;
		if (*lock) {
			*lock |= BIT_LOCK_WAITERS;
			return;
		}
		task_queue_remove(m, &q->head, &q->tail, t);
		if (t->op == OP_BIT_LOCK)
			*lock = bit_lock_by(t->id);
		t->op = OP_ACCESS;
		sched_wake(m, t, m->config.wake_ns);
	}
}

static bool wait_begin(struct machine *m, struct task *t)
{
	struct wait_queue *q = task_object(t) ? object_of(m, t) : NULL;

	t->timed_out = 0;
	if (m->searching)
		t->timeout =
		    t->timeout > 0; /* how long makes no difference: it ends at any time, see next.h */
	else if (t->timeout)
		t->timer = machine_at(m, m->now + t->timeout, EVENT_TIMEOUT, t->id);
	wait_blocked(m, t, q ? &q->head : NULL, q ? &q->tail : NULL);
	return false;
}

static void wait_end(struct machine *m, struct task *t)
{
	if (t->timer)
		machine_cancel(m, t->timer);
	t->timer = 0;
	t->timeout = 0;
	t->op = OP_ACCESS;
	sched_wake(m, t, m->config.wake_ns);
}

void wake_up_one(struct machine *m, struct wait_queue *q)
{
	if (q->head)
		wait_end(m, task_queue_pop(m, &q->head, &q->tail));
}

void wake_up_all(struct machine *m, struct wait_queue *q)
{
	u32 i = q->head;

	q->head = q->tail = 0;
	while (i) {
		struct task *t = &m->task[i - 1];

		i = t->next;
		t->next = 0;
		wait_end(m, t);
	}
}

void lock_timeout(struct machine *m, u32 task)
{
	struct task *t = &m->task[task];
	struct wait_queue *q = task_object(t) ? object_of(m, t) : NULL;

	if (q)
		task_queue_remove(m, &q->head, &q->tail, t);
	t->timer = 0;
	t->timed_out = 1;
	wait_end(m, t);
}

u64 tick_timeout(const struct machine *m, u32 ticks)
{
	return (m->now / m->tick_ns + ticks + 1) * m->tick_ns - m->now;
}

bool op_may_block(enum op op)
{
	return op == OP_WAIT || op == OP_DOWN_READ || op == OP_DOWN_WRITE || op == OP_BIT_LOCK ||
	       op == OP_BIT_WAIT;
}

bool op_possible(const struct machine *m, const struct task *t)
{
	const struct sleeping_lock *sleeping = object_of(m, t);

	switch ((enum op)t->op) {
	case OP_LOCK:
	case OP_LOCK_IRQ:
		return !((const struct spinlock *)object_of(m, t))->owner;
	case OP_DOWN_READ:
		return !sleeping->owner;
	case OP_DOWN_WRITE:
		return !sleeping->owner && !sleeping->readers;
	case OP_BIT_LOCK:
	case OP_BIT_WAIT:
		return !*(const bit_lock_t *)object_of(m, t);
	case OP_DONE:
		return false;
	case OP_NONE:
	case OP_ACCESS:
	case OP_USER:
	case OP_UNLOCK:
	case OP_UNLOCK_IRQ:
	case OP_LOCAL_LOCK:
	case OP_LOCAL_UNLOCK:
	case OP_RESCHED:
	case OP_COND_RESCHED:
	case OP_WAIT:
	case OP_UP_READ:
	case OP_UP_WRITE:
	case OP_BIT_UNLOCK:
	case NR_OPS:
		return true;
	}
	BUG();
}

static bool op_perform_sleeping(struct machine *m, struct task *t, void *object)
{
	BUG_ON(t->preempt_off || t->irq_off);
	if (t->op == OP_WAIT)
		return wait_begin(m, t);
	if (t->op == OP_BIT_LOCK || t->op == OP_BIT_WAIT)
		return bit_acquire(m, t, object);
	return sleeping_acquire(m, t, object, t->op == OP_DOWN_WRITE);
}

bool op_perform(struct machine *m, struct task *t)
{
	void *object = object_of(m, t);

	if (m->lockdep && !lockdep_before(m, t, object))
		return false;
	switch ((enum op)t->op) {
	case OP_NONE:
	case OP_ACCESS:
	case OP_USER:
	case OP_COND_RESCHED:
		return true;
	case OP_LOCK_IRQ:
		t->irq_off++;
		return spin_acquire(m, t, object);
	case OP_LOCK:
		return spin_acquire(m, t, object);
	case OP_UNLOCK_IRQ:
		t->irq_off--;
		spin_release(m, t, object);
		if (!t->irq_off && m->cpu[t->cpu].irq_pending)
			irq_deliver(m, t->cpu);
		return true;
	case OP_UNLOCK:
		spin_release(m, t, object);
		return true;
	case OP_LOCAL_LOCK:
		local_acquire(m, t);
		return true;
	case OP_LOCAL_UNLOCK:
		local_release(m, t);
		return true;
	case OP_RESCHED:
		BUG_ON(t->preempt_off || t->irq_off);
		t->op = OP_ACCESS;
		return !sched_migrate(m, t);
	case OP_UP_READ:
		sleeping_release(m, t, object, false);
		return true;
	case OP_UP_WRITE:
		sleeping_release(m, t, object, true);
		return true;
	case OP_BIT_UNLOCK:
		bit_lock_release(m, object);
		return true;
	case OP_WAIT:
	case OP_DOWN_READ:
	case OP_DOWN_WRITE:
	case OP_BIT_LOCK:
	case OP_BIT_WAIT:
		return op_perform_sleeping(m, t, object);
	case OP_DONE:
	case NR_OPS:
		break;
	}
	BUG();
}
