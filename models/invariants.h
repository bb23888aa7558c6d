/*
 * invariants.h - what holds between any two steps of the kernel; see sim/invariant.h. The audits (audit.h)
 * are the parts it is made of; what they leave to times of rest is here allowed to operations in progress and
 * to nobody else, as their frames (references.h) and the page table locks tell.
 *
 * Each costs a walk over the whole state: for small worlds.
 */
#ifndef MODELS_INVARIANTS_H
#define MODELS_INVARIANTS_H

#include "models/kernel.h"
#include "sim/invariant.h"

/* All, under the names that verdicts and scenarios use; ends with NULL. */
extern const struct invariant *const kernel_invariants[];

extern const struct invariant slot_conservation; /* invariant_slots.c */
extern const struct invariant content;
extern const struct invariant cache_bijection; /* invariant_cache.c */
extern const struct invariant lifetime;	       /* invariant_folios.c */
extern const struct invariant order_agreement; /* invariant_orders.c */
extern const struct invariant accounting;      /* invariant_accounting.c */

/* The part of lifetime that is about swap devices, of which each has so many @holders; invariant_devices.c.
 */
bool devices_live(struct kernel *k, const u32 *holders, GString *why);

/* Whether the audits that are part of an invariant hold. */
bool audits_hold(struct machine *m, const struct invariant *of, GString *why);

/* Whether an operation that holds a page table lock, or brings shared memory to swap and back, refers to the
 * slot: then its count and the page table, or the index, may disagree. */
bool slot_is_in_hand(struct kernel *k, u32 slot);

#endif
