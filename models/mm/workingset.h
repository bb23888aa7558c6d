/*
 * workingset.h - shadows of evicted pages and what is made of them when they come back (mm/workingset.c,
 * 6.17/6.18; one node, so the eviction age is not coarsened), and what reclaiming a list costs, for the
 * balance between anonymous and file pages (mm/swap.c: lru_note_cost(), from 6.17 on
 * lru_note_cost_unlock_irq(); lru_note_cost_refault(); 6.1-7.2).
 */
#ifndef MODELS_MM_WORKINGSET_H
#define MODELS_MM_WORKINGSET_H

#include "models/kernel.h"

/* The shadow that takes the place of a folio reclaimed on behalf of @target. */
u64 workingset_eviction(struct kernel *k, struct task *t, u32 folio, u32 target);
/* A page whose shadow was found came back: count it, record its distance and the working set's size, and
 * activate it if it was away for less than a working set. Before it goes onto an LRU list. True: it had been
 * in use when it was evicted, which is a cost: CALL lru_note_cost_refault. */
bool workingset_refault(struct kernel *k, const struct task *t, u32 folio, u64 shadow);
/* Activations age what is out of memory, as evictions do. */
void workingset_age_nonresident(struct kernel *k, u32 memcg, u64 pages);

/* What it cost to write so many pages, and to look at others in vain, see lru_note_cost. */
u32 lru_cost(const struct kernel *k, u32 pageouts, u32 rotated);

#endif
