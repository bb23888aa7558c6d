#include "models/work/children.h"

#include "models/work/work.h"
#include "sim/lock.h"

/* Tasks among which there may be children: none where nobody is forked, so that many tasks take no longer. */
static u32 candidates(const struct kernel *k)
{
	return k->families ? k->machine.tasks : 0;
}

static bool is_child_of(const struct kernel *k, u32 task, u32 parent)
{
	return k->program[task] && k->program[task]->fork_by == parent + 1;
}

static u32 parent_of(const struct kernel *k, u32 child)
{
	return k->program[child]->fork_by - 1;
}

u32 children_due(const struct kernel *k, u32 parent)
{
	u32 first = NO_CHILD;

	for (u32 i = 0; i < candidates(k); i++)
		if (is_child_of(k, i, parent) && k->work[i].due != WORK_NEVER &&
		    (first == NO_CHILD || k->work[i].due < k->work[first].due))
			first = i;
	return first;
}

static void look_ahead(struct kernel *k, u32 parent)
{
	u32 child = children_due(k, parent);

	k->work[parent].fork_at = child == NO_CHILD ? WORK_NEVER : k->work[child].due;
}

void children_begin(struct kernel *k, u32 parent)
{
	for (u32 i = 0; i < candidates(k); i++)
		if (is_child_of(k, i, parent) && k->work[i].waits && k->work[i].round < k->program[i]->repeat)
			k->work[i].due = k->machine.now + k->program[i]->start_ns;
	look_ahead(k, parent);
}

/* The next time, if there is one. */
static void come_again(struct kernel *k, u32 child, bool for_good)
{
	k->work[child].due = for_good ? WORK_NEVER : k->machine.now + k->program[child]->pause_ns;
	look_ahead(k, parent_of(k, child));
}

static void let_go(struct kernel *k, u32 child)
{
	k->work[child].due = WORK_NEVER;
	if (k->work[child].waits)
		bit_lock_release(&k->machine, &k->work[child].waits);
}

void child_forked(struct kernel *k, u32 child, bool ok)
{
	struct work *w = &k->work[child];

	if (!ok) {
		bool for_good = ++w->round >= k->program[child]->repeat;

		come_again(k, child, for_good);
		if (for_good)
			let_go(k, child);
		return;
	}
	w->forked = 1;
	k->work[parent_of(k, child)].children++;
	let_go(k, child);
	look_ahead(k, parent_of(k, child));
}

void child_ended(struct kernel *k, u32 child, bool for_good)
{
	u32 parent = parent_of(k, child);

	k->work[child].forked = 0;
	if (!for_good)
		k->work[child].waits = BIT_LOCK_NOBODY;
	if (k->work[parent].ended)
		let_go(k, child);
	else
		come_again(k, child, for_good);
	if (!--k->work[parent].children && k->work[parent].waits_for_children) {
		k->work[parent].waits_for_children = 0;
		bit_lock_release(&k->machine, &k->work[parent].waits);
	}
}

void children_leave(struct kernel *k, u32 parent)
{
	k->work[parent].ended = 1;
	k->work[parent].fork_at = WORK_NEVER;
	for (u32 i = 0; i < candidates(k); i++)
		if (is_child_of(k, i, parent) && !k->work[i].forked)
			let_go(k, i);
}
