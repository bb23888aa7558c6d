/*
 * workingset.h - shadows of evicted pages and what is made of them when they come back (mm/workingset.c,
 * 6.17/6.18; one node, so the eviction age is not coarsened).
 */
#ifndef MODELS_MM_WORKINGSET_H
#define MODELS_MM_WORKINGSET_H

#include "models/kernel.h"

/* The shadow that takes the place of a folio reclaimed on behalf of @target. */
u64 workingset_eviction(struct kernel *k, struct task *t, u32 folio, u32 target);
/* A page whose shadow was found came back: count it, record its distance and the working set's size, and
 * activate it if it was away for less than a working set. Before it goes onto an LRU list. */
void workingset_refault(struct kernel *k, const struct task *t, u32 folio, u64 shadow);
/* Activations age what is out of memory, as evictions do. */
void workingset_age_nonresident(struct kernel *k, u32 memcg, u64 pages);

/* lru_note_cost(): what reclaiming a list cost, for the balance between anonymous and file pages. */
void lru_note_cost(struct kernel *k, u32 memcg, bool file, u64 pageouts, u64 rotated);

#endif
