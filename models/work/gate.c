#include "models/work/gate.h"

#include "sim/lock.h"

static struct work *first_of(const struct kernel *k, u32 task)
{
	return &k->work[k->program[task]->gate_first];
}

void gate_join(struct kernel *k, u32 task)
{
	first_of(k, task)->members++;
}

static void let_go(struct kernel *k, u32 task)
{
	if (!k->work[task].waits)
		return;
	first_of(k, task)->arrived--;
	bit_lock_release(&k->machine, &k->work[task].waits);
}

static void open_if_all_wait(struct kernel *k, u32 task)
{
	const struct workload *load = k->program[task];

	if (first_of(k, task)->arrived < first_of(k, task)->members)
		return;
	for (u32 i = load->gate_first; i < load->gate_first + load->gate_tasks; i++)
		let_go(k, i);
}

void gate_arrive(struct kernel *k, u32 task)
{
	k->work[task].waits = BIT_LOCK_NOBODY;
	first_of(k, task)->arrived++;
	open_if_all_wait(k, task);
}

void gate_leave(struct kernel *k, u32 task)
{
	let_go(k, task);
	first_of(k, task)->members--;
	open_if_all_wait(k, task);
}
