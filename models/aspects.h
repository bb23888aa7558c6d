/*
 * aspects.h - what of the state invariants look at, so that a search need not look at those whose aspects
 * have not changed (sim/invariant.h). A region that is not in the table is of all of them: what is new is
 * looked at too often, and never too seldom. Who adds to what an invariant looks at adds the aspect to its
 * row.
 */
#ifndef MODELS_ASPECTS_H
#define MODELS_ASPECTS_H

#include "models/kernel.h"
#include "sim/invariant.h"

enum {
	ASPECT_TASKS = 1 << 0, /* who is at work, on what: tasks, their stacks, CPUs */
	ASPECT_PERCPU = 1 << 1,
	ASPECT_PAGES = 1 << 2,	     /* page table entries, processes, what was written */
	ASPECT_PAGE_TABLES = 1 << 3, /* their locks */
	ASPECT_FOLIOS = 1 << 4,
	ASPECT_SLOTS = 1 << 5,
	ASPECT_CLUSTERS = 1 << 6,
	ASPECT_DEVICES = 1 << 7,
	ASPECT_SWAP = 1 << 8,	/* struct swap_state */
	ASPECT_MEMORY = 1 << 9, /* struct memory: figures of the machine */
	ASPECT_CGROUPS = 1 << 10,
	ASPECT_LRU = 1 << 11,
};

void aspects_init(struct kernel *k);

/* Bits of machine.excused. */
enum {
	EXCUSED_NOW = 1 << 0, /* by what is being looked at */
	EXCUSED_CLUSTERS = 1 << 1,
	EXCUSED_COUNTS = 1 << 2,
	EXCUSED_CONTENTS = 1 << 3,
	EXCUSED_WORDS = 1 << 4,
	EXCUSED_CHARGES = 1 << 5,
};

/* Something that an invariant says. */
struct part {
	bool (*holds)(struct kernel *k, GString *why);
	u32 reads;
	u32 excuses; /* what it looks at only behind excuse_by_work() */
	u8 excused;  /* its bit for that */
};

bool part_holds(struct kernel *k, const struct part *p, GString *why);

/* From here on it matters what operations in progress do. */
static inline void excuse_by_work(struct kernel *k)
{
	k->machine.excused |= EXCUSED_NOW;
}

#endif
