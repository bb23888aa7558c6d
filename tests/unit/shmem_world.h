/*
 * shmem_world.h - a small world whose processes, 0 and 1, map the same segment, with no memory of their own.
 * Process 0 is in cgroup 1, process 1 in cgroup 2 if there is one. Pages are the segment's, from 0.
 */
#ifndef TESTS_UNIT_SHMEM_WORLD_H
#define TESTS_UNIT_SHMEM_WORLD_H

#include "models/audit.h"
#include "models/mm/shmem.h"
#include "models/run.h"
#include "tests/unit/world.h"

enum { SHM_SEGMENT = 2 };

struct shm {
	struct world w;
	struct mm_config mm[3];
};

static inline void shm_init_with(struct shm *s, struct world_size size, bool zswap)
{
	struct kernel_config c = world_config(&s->w, &size);

	c.zswap.enabled = zswap;
	s->mm[0] = s->w.mm;
	s->mm[0].shares = SHM_SEGMENT;
	s->mm[1] = s->mm[0];
	s->mm[1].name = "other";
	s->mm[1].memcg = c.memcgs > 2 ? 2 : 1;
	s->mm[SHM_SEGMENT] = (struct mm_config){
		.name = "shared", .pages = s->mm[0].pages, .corpus = s->mm[0].corpus, .segment = true
	};
	c.mms = ARRAY_SIZE(s->mm);
	c.mm = s->mm;
	s->w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(s->w.k != NULL);
	s->w.k->mm[0].users = s->w.k->mm[1].users = 1; /* ours: memory is not given back when a task ends */
}

static inline void shm_release(struct shm *s)
{
	world_release(&s->w);
}

static inline void shm_init(struct shm *s, struct world_size size)
{
	shm_init_with(s, size, false);
}

/* The machine's number of a page in the mapping of a process, and in the segment. */
static inline u32 shm_page(const struct shm *s, u32 process, u32 page)
{
	return s->w.k->mm[process].first_page + page;
}
static inline u32 shm_index(const struct shm *s, u32 page)
{
	return shm_page(s, SHM_SEGMENT, page);
}
static inline u32 shm_flags(const struct shm *s, u32 process, u32 page)
{
	return s->w.k->pte_flags[shm_page(s, process, page)];
}
static inline u32 shm_folio(const struct shm *s, u32 page)
{
	return index_folio(s->w.k, shm_index(s, page));
}
/* Its slot; 0: it has none. */
static inline u32 shm_slot(const struct shm *s, u32 page)
{
	return shm_flags(s, SHM_SEGMENT, page) & PTE_SWAP ? s->w.k->pte[shm_index(s, page)] : 0;
}

/* An access as a program makes it. */
static inline void shm_access(struct shm *s, u32 process, u32 page, bool write)
{
	u32 needed = PTE_PRESENT | (write ? PTE_WRITE : 0);

	if ((shm_flags(s, process, page) & needed) != needed)
		RUN_ON(&s->w, process, handle_mm_fault, .page = shm_page(s, process, page), .write = write);
	else
		s->w.k->pte_flags[shm_page(s, process, page)] |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
}
static inline void shm_read(struct shm *s, u32 process, u32 page)
{
	shm_access(s, process, page, false);
}
static inline void shm_write(struct shm *s, u32 process, u32 page)
{
	shm_access(s, process, page, true);
}
/* Through the mapping of process 0, which is the only one that has them mapped. Returns pages reclaimed. */
static inline u32 shm_pageout(struct shm *s, u32 page, u32 n)
{
	return RUN(&s->w, madvise_pageout, .page = shm_page(s, 0, page), .count = n);
}
static inline void shm_punch(struct shm *s, u32 page, u32 n)
{
	RUN(&s->w, shmem_punch_hole, .page = shm_page(s, 0, page), .count = n);
}

/* Every audit holds, after everything that is under way has ended. */
static inline void shm_sound(struct shm *s)
{
	char *wrong;

	world_idle(&s->w, 20);
	world_drain(&s->w, 0);
	world_drain(&s->w, 1);
	wrong = audit(s->w.k);
	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	g_free(wrong);
}

#endif
