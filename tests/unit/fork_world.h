/*
 * fork_world.h - small worlds of processes that are forked: process 0 of world.h, its children, and one whose
 * parent is the first child. All have as many pages, so that page n of one is page n of the others.
 *
 *	struct fork_world w;
 *
 *	fork_world_init(&w, (struct world_size){ .pages = 16 }, 2);
 *	fork_write(&w, 0, 3);
 *	CU_ASSERT_EQUAL(fork_child(&w, 0, 1), PATH_OK);
 *	fork_write(&w, 1, 3);
 *	fork_world_release(&w);
 */
#ifndef TESTS_UNIT_FORK_WORLD_H
#define TESTS_UNIT_FORK_WORLD_H

#include "models/invariants.h"
#include "models/mm/folio.h"
#include "tests/unit/world.h"

enum { FORK_WORLD_MMS = 128 };

struct fork_world {
	struct world w;
	struct mm_config mm[FORK_WORLD_MMS];
	u32 mms;
};

/* @children of process 0, and a grandchild, which is the last, below process 1. */
static inline void fork_world_init(struct fork_world *f, struct world_size size, u32 children)
{
	struct kernel_config c = world_config(&f->w, &size);

	f->mms = children + 2;
	CU_ASSERT_FATAL(f->mms <= FORK_WORLD_MMS);
	for (u32 i = 0; i < f->mms; i++) {
		f->mm[i] = f->w.mm;
		f->mm[i].name = i ? i == f->mms - 1 ? "grandchild" : "child" : "parent";
		f->mm[i].later = i > 0;
		f->mm[i].fork_of = !i ? 0 : i == f->mms - 1 ? 2 : 1;
	}
	c.mms = f->mms;
	c.mm = f->mm;
	f->w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(f->w.k != NULL);
	f->w.k->mm[0].users = 1;
}

static inline void fork_world_release(struct fork_world *f)
{
	kernel_free(f->w.k);
}

static inline u32 fork_page(const struct fork_world *f, u32 mm, u32 page)
{
	return f->w.k->mm[mm].first_page + page;
}
static inline u8 fork_flags(const struct fork_world *f, u32 mm, u32 page)
{
	return f->w.k->pte_flags[fork_page(f, mm, page)];
}
static inline u32 fork_pte(const struct fork_world *f, u32 mm, u32 page)
{
	return f->w.k->pte[fork_page(f, mm, page)];
}
static inline struct folio *fork_frame(const struct fork_world *f, u32 mm, u32 page)
{
	return &f->w.k->folio[fork_pte(f, mm, page)];
}

static inline s64 fork_child(struct fork_world *f, u32 parent, u32 child)
{
	return RUN(&f->w, dup_mmap, .parent = parent, .child = child);
}
/* The last task of a process ends. */
static inline void fork_exit(struct fork_world *f, u32 mm)
{
	f->w.k->mm[mm].users = 0;
	RUN(&f->w, exit_mmap, .mm = mm);
}

static inline void fork_access(struct fork_world *f, u32 mm, u32 page, bool write)
{
	u8 needed = PTE_PRESENT | (write ? PTE_WRITE : 0);

	if ((fork_flags(f, mm, page) & needed) != needed)
		RUN(&f->w, handle_mm_fault, .page = fork_page(f, mm, page), .write = write);
	else
		f->w.k->pte_flags[fork_page(f, mm, page)] |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
}
static inline void fork_read(struct fork_world *f, u32 mm, u32 page)
{
	fork_access(f, mm, page, false);
}
static inline void fork_write(struct fork_world *f, u32 mm, u32 page)
{
	fork_access(f, mm, page, true);
}
/* MADV_PAGEOUT; returns the pages reclaimed. */
static inline u32 fork_pageout(struct fork_world *f, u32 mm, u32 page, u32 n)
{
	return RUN(&f->w, madvise_pageout, .page = fork_page(f, mm, page), .count = n);
}

/* All invariants and audits hold; what is wrong is told. */
static inline bool fork_world_is_sound(struct fork_world *f)
{
	GString *why = g_string_new(NULL);
	bool ok = true;

	for (u32 i = 0; ok && kernel_invariants[i]; i++)
		ok = kernel_invariants[i]->holds(&f->w.k->machine, why);
	if (!ok)
		printf("\n  %s\n", why->str);
	g_string_free(why, TRUE);
	return ok;
}

#endif
