#include "sim/wait_for.h"

#include "sim/lock.h"

static u64 bit_of(u32 task_plus_one)
{
	return task_plus_one && task_plus_one <= WAIT_FOR_TASKS ? UINT64_C(1) << (task_plus_one - 1) : 0;
}

static bool is_of_device(const struct machine *m, u64 bit)
{
	return m->vocabulary && m->vocabulary->is_of_device && m->vocabulary->is_of_device(m, bit);
}

/* Task + 1 that has to release what the announced operation needs; 0: none is in its way, or none is known.
 */
static u32 owner_in_the_way(const struct machine *m, const struct task *t)
{
	const void *object = arena_at(&m->arena, task_object(t));

	if (op_possible(m, t))
		return 0;
	switch ((enum op)t->op) {
	case OP_LOCK:
	case OP_LOCK_IRQ:
		return ((const struct spinlock *)object)->owner;
	case OP_DOWN_READ:
	case OP_DOWN_WRITE:
		return ((const struct sleeping_lock *)object)->owner;
	case OP_BIT_LOCK:
	case OP_BIT_WAIT:
		return is_of_device(m, task_object(t)) ? 0 : bit_lock_owner(*(const bit_lock_t *)object);
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
	case OP_DONE:
	case NR_OPS:
		return 0;
	}
	BUG();
}

/* Task + 1 that may not be taken off the CPU that this one would run on. */
static u32 occupant_of(const struct machine *m, const struct task *t)
{
	u32 current = m->cpu[t->cpu].current;
	const struct task *other = current ? &m->task[current - 1] : NULL;

	if (!other || other == t || t->state != TASK_RUNNABLE)
		return 0;
	return other->preempt_off || other->irq_off ? current : 0;
}

struct wait wait_of(const struct machine *m, const struct task *t, GString *what)
{
	struct wait w = { 0 };
	u32 owner;

	if (t->state == TASK_DONE)
		return w;
	if (m->vocabulary && m->vocabulary->polls && m->vocabulary->polls(m, t, what, &w.owners))
		return w;
	owner = owner_in_the_way(m, t);
	if (owner) {
		w = (struct wait){ .owners = bit_of(owner), .place = task_object(t) };
		if (what)
			object_field_name(m, task_object(t), what);
		return w;
	}
	w.owners = bit_of(occupant_of(m, t));
	if (w.owners && what)
		g_string_append_printf(what, "CPU %u", t->cpu);
	return w;
}

static bool may_go_on(const struct wait *w, u64 stuck)
{
	return !w->owners || w->owners & ~stuck;
}

/* Tasks (bits) none of which can go on before another of them does. */
static u64 find_stuck(const struct machine *m, struct wait *wait)
{
	u32 n = MIN(m->tasks, WAIT_FOR_TASKS);
	u64 stuck = 0, before;

	for (u32 i = 0; i < n; i++) {
		wait[i] = wait_of(m, &m->task[i], NULL);
		stuck |= wait[i].owners ? UINT64_C(1) << i : 0;
	}
	do {
		before = stuck;
		for (u32 i = 0; i < n; i++)
			if (stuck >> i & 1 && may_go_on(&wait[i], stuck))
				stuck &= ~(UINT64_C(1) << i);
	} while (stuck != before);
	return stuck;
}

static u32 first_of(u64 tasks)
{
	return (u32)__builtin_ctzll(tasks);
}

static void tell_wait(const struct machine *m, u32 task, u32 owner, bool locked, GString *why)
{
	if (why->len && !g_str_has_suffix(why->str, ": "))
		g_string_append(why, "; ");
	object_task_name(m, task, why);
	g_string_append(why, " waits for ");
	wait_of(m, &m->task[task], why);
	g_string_append(why, locked ? ", held by " : ", which is up to ");
	object_task_name(m, owner, why);
	if (owner == task)
		g_string_append(why, " itself");
}

static bool progresses(struct machine *m, GString *why)
{
	struct wait wait[WAIT_FOR_TASKS] = { 0 };
	u64 stuck = find_stuck(m, wait), seen = 0;
	u32 task;

	if (!stuck)
		return true;
	/* Whoever waits for the cycle is not told of: go round it once to be on it. */
	for (task = first_of(stuck); !(seen >> task & 1); task = first_of(wait[task].owners))
		seen |= UINT64_C(1) << task;
	m->violated = wait[task].place;
	for (seen = 0; why && !(seen >> task & 1);) {
		u32 owner = first_of(wait[task].owners);

		seen |= UINT64_C(1) << task;
		tell_wait(m, task, owner, wait[task].place, why);
		task = owner;
	}
	return false;
}

const struct invariant progress_invariant = {
	"progress",
	"nobody waits for what only those who wait for it could end",
	progresses,
};
