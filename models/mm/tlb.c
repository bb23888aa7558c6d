#include "models/mm/tlb.h"

#include "models/cpu.h"

#include "sim/irq.h"
#include "sim/lock.h"

enum { SENDER_BITS = 16 };

struct spinlock *tlb_lock(struct kernel *k, const struct task *t)
{
	return &k->tlb[t->cpu].lock;
}

void tlb_flush_here(struct machine *m, u32 arg)
{
	struct kernel *k = kernel_of(m);
	struct tlb *sender = &k->tlb[arg & UINT16_MAX];

	k->tlb[arg >> SENDER_BITS].stolen_ns += k->cpu_profile->tlb_interrupt_ns;
	if (!--sender->left)
		spin_release_from_irq(m, &sender->lock);
}

static bool runs_it(const struct kernel *k, u32 cpu, u32 mm)
{
	u32 current = k->machine.cpu[cpu].current;

	return current && cpu_may_have(k, current - 1, mm);
}

bool tlb_interrupt_others(struct kernel *k, struct task *t, u32 page)
{
	struct machine *m = &k->machine;
	struct tlb *tlb = &k->tlb[t->cpu];
	u32 mm = page_table_of(k, page)->mm, most = tlb_others(k, t, page), left = 0;

	if (m->searching || !most)
		return false;
	machine_catch_up(m);
	for (u32 n = 0; n < m->cpus && left < most; n++)
		left += n != t->cpu && runs_it(k, n, mm);
	if (!left)
		return false;
	tlb->left = left;
	tlb->lock.owner = SPINLOCK_NOBODY;
	for (u32 n = 0; left; n++) {
		if (n == t->cpu || !runs_it(k, n, mm))
			continue;
		irq_raise(m, n, EVENT_FLUSH_TLB, n << SENDER_BITS | t->cpu);
		left--;
	}
	return tlb->lock.owner;
}

u64 tlb_interrupts_ns(struct kernel *k, const struct task *t)
{
	u64 ns = k->tlb[t->cpu].stolen_ns;

	k->tlb[t->cpu].stolen_ns = 0;
	return ns;
}
