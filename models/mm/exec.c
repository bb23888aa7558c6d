/*
 * A process begins while the machine runs (fs/exec.c; 6.12-6.18): in the address space of one that ended, or
 * of one that was to start late. What is charged for its page tables, binary and stack is charged page by
 * page, and may have to be reclaimed first. Left out: everything else that fork() and execve() do.
 */
#include "models/mm/memory.h"

#include "models/mm/memcg.h"
#include "models/paths.h"

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
