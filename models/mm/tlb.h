/*
 * tlb.h - interrupts that have other CPUs flush their TLBs (arch/x86/mm/tlb.c: flush_tlb_multi(),
 * flush_tlb_func(); kernel/smp.c: smp_call_function_many_cond(); mm/rmap.c: try_to_unmap_flush(); 6.1-7.2).
 *
 * Reclaim unmaps pages of whatever process, and before a page is written no CPU may still write to it: each
 * CPU that runs the process is interrupted, and reclaim spins until all have flushed. Who has interrupts off,
 * be it while it spins for lru_lock, is waited for. What the handler takes, the interrupted CPU pays at its
 * next fault, or with the next page that it reclaims.
 *
 * Not known to a search, which knows no time. Left out: CPUs that ran the process last and now idle or run
 * another; that others wait and are interrupted for flushes, too, reclaim's of clean pages among them: these
 * cost tlb_flush_ns(); INVLPGB, which some CPUs have from 6.15 on.
 */
#ifndef MODELS_MM_TLB_H
#define MODELS_MM_TLB_H

#include "models/kernel.h"

/* Have all that run the process of @page, but the CPU of @t, flush. True: some have not yet; who spins for
 * tlb_lock() has it once they have. */
bool tlb_interrupt_others(struct kernel *k, struct task *t, u32 page);
struct spinlock *tlb_lock(struct kernel *k, const struct task *t);
/* Event EVENT_FLUSH_TLB: the interrupt, on the CPU in the upper half of @arg, sent by that in the lower. */
void tlb_flush_here(struct machine *m, u32 arg);
/* What interrupts have taken from the CPU of @t since it was last asked. */
u64 tlb_interrupts_ns(struct kernel *k, const struct task *t);

#endif
