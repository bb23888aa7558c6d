/*
 * arena.h - the simulated state: one reservation that never moves, made of registered regions.
 *
 * A region is an array of `max` elements of which the first `live` count. All regions are declared first and
 * then mapped together, so that memory is taken from the host only for pages that are touched: a 1 TiB swap
 * device that is nearly empty costs next to nothing. A snapshot is the live parts, a hash is the live parts
 * of the regions that are state (statistics do not make two states different).
 */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include "sim/types.h"

enum { ARENA_REGIONS = 80 };

enum region_kind {
	REGION_STATE, /* copied and hashed */
	REGION_STATS, /* copied, not hashed: counters, histograms, the event queue */
	REGION_OWNER, /* neither: the owner knows which bytes count (the tasks' stacks) */
};

struct region {
	const char *name;
	void **base; /* where the owner keeps the pointer; filled in by arena_map() */
	u64 offset;  /* from the start of the arena, in bytes */
	u64 max;     /* elements reserved */
	u64 live;    /* elements in use: the first ones */
	u32 size;    /* of one element, in bytes */
	u32 kind;    /* enum region_kind */
	u32 aspects; /* the model's bits: what of the state it is, for invariant.h; at first all */
};

struct arena {
	u8 *base;
	u64 bytes; /* reserved */
	u32 regions;
	u32 mapped;
	struct region region[ARENA_REGIONS];
};

/* Declare a region of @max elements, all of them live at first. @base receives the zeroed array. Returns its
 * number, for arena_set_live(). */
u32 arena_add(struct arena *a, const char *name, void **base, u32 size, u64 max, enum region_kind kind);
/* Map everything that was declared; from here on no region can be added and no pointer changes. False when
 * there is no room for it, ->bytes, in the address space; then there is nothing to do but to release it. */
bool arena_map(struct arena *a);
void arena_release(struct arena *a);

void arena_set_live(struct arena *a, u32 region, u64 live);

/* A mapped region has fewer elements than were reserved: nobody goes near those from @max on. */
void arena_trim(struct arena *a, const char *name, u64 max);

/* Where an object lies, as a number that fits into the frame of a path; 0 is never a valid place. For what
 * lies on a stack: stacks are declared before what is large. */
static inline u32 arena_place(const struct arena *a, const void *object)
{
	u64 place = object ? (u64)((const u8 *)object - a->base) : 0;

	BUG_ON(place > UINT32_MAX);
	return place;
}
static inline void *arena_at(const struct arena *a, u64 place)
{
	return a->base + place;
}

/* Bytes a snapshot takes now; it changes with the live counts. @statistics: those regions too. */
u64 arena_snapshot_bytes(const struct arena *a, bool statistics);
/* Copy the live parts out, in the order of declaration, each preceded by its live count. */
void arena_save(const struct arena *a, void *snapshot, bool statistics);
void arena_load(struct arena *a, const void *snapshot, bool statistics);
/* Of the live parts of all state regions; a function of their bytes alone. */
u64 arena_hash(const struct arena *a);

/* The hash of names, which is part of every fingerprint: the same on every machine. Too weak to tell states.
 */
u64 hash_bytes(const void *bytes, size_t n, u64 seed);
/* The hash of states: every bit of the input reaches every bit of it, so that those which differ in a few
 * bytes, as the states of a search do, do not meet more often than chance. */
u64 hash_state(const void *bytes, size_t n, u64 seed);

#endif
