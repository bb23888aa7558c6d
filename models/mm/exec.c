/*
 * A program begins; see exec.h. While the machine runs it does so in the address space of one that ended, or
 * of one that was to start late (fs/exec.c; 6.12-6.18): what is charged for its page tables, binary and stack
 * is charged page by page, and may have to be reclaimed first. Left out: everything else that fork() and
 * execve() do.
 */
#include "models/mm/exec.h"

#include "models/mm/lru.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/paths.h"

enum { COPIES = 3 /* of its name, its environment and its arguments */ };

void exec_touch_arguments(struct kernel *k, const struct task *t, u32 folio)
{
	for (u32 i = 0; i < COPIES; i++)
		folio_mark_accessed(k, t, folio);
}

/* A new address space knows nothing of what was read ahead in the old one. */
static void forget_readahead(struct kernel *k, const struct mm *mm)
{
	for (u32 page = mm->first_page; page < mm->first_page + mm->pages; page += vma_of(k, page)->pages) {
		struct vma *vma = vma_of(k, page);

		vma->ra_prev = 0;
		vma->ra_window = 0;
		vma->ra_hits = RA_HITS_INITIAL;
	}
}

PATH(exec_mmap)
{
	STEPS(BEGIN_PROCESS, CHARGE, ALLOC);
	struct mm *const mm = &k->mm[f->mm];

	BEGIN;
	AT(BEGIN_PROCESS);
	mm->oom = 0;
	forget_readahead(k, mm);
	while (mm->overhead_pages < k->config.mm[f->mm].overhead_pages) {
		CALL(CHARGE, mem_cgroup_charge, .memcg = mm->memcg);
		if (t->ret)
			break; /* nothing is to be had, or it was killed before it began */
		if (!memory_take(k, 1, k->memory->low)) {
			CALL(ALLOC, alloc_pages_slowpath);
			if (!t->ret) {
				memcg_uncharge(k, mm->memcg, 1);
				break;
			}
			folio_free(k, (u32)t->ret);
			memory_take(k, 1, 0);
		}
		mm->overhead_pages++;
	}
	RETURN(0);
	END;
}
