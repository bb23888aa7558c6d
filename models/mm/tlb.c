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

static void interrupt(struct kernel *k, u32 sender, u32 from, u64 cpus)
{
	for (; cpus; cpus &= cpus - 1) {
		u32 n = from + (u32)__builtin_ctzll(cpus);

		if (n != sender)
			irq_raise(&k->machine, n, EVENT_FLUSH_TLB, n << SENDER_BITS | sender);
	}
}

bool tlb_interrupt_others(struct kernel *k, struct task *t, u32 page)
{
	struct machine *m = &k->machine;
	struct tlb *tlb = &k->tlb[t->cpu];
	const u64 *cpus = cpus_that_have(k, page_table_of(k, page)->mm);

	if (m->searching || !tlb_others(k, t, page))
		return false;
	machine_catch_up(m);
	tlb->left = tlb_others(k, t, page);
	if (!tlb->left)
		return false;
	tlb->lock.owner = SPINLOCK_NOBODY;
	for (u32 word = 0; word < cpu_mask_words(m->cpus); word++)
		interrupt(k, t->cpu, 64 * word, cpus[word]);
	return tlb->lock.owner;
}

u64 tlb_interrupts_ns(struct kernel *k, const struct task *t)
{
	u64 ns = k->tlb[t->cpu].stolen_ns;

	k->tlb[t->cpu].stolen_ns = 0;
	return ns;
}
