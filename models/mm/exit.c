/*
 * The end of an address space (mm/mmap.c: exit_mmap(); 6.12-6.18): everything is unmapped, and what was
 * charged for page tables and the like is given back.
 */
#include "models/cpu.h"
#include "models/mm/family.h"
#include "models/mm/memcg.h"
#include "models/mm/mglru.h"
#include "models/paths.h"

PATH(exit_mmap)
{
	STEPS(ZAP, FREE_TABLES);
	struct mm *const mm = &k->mm[f->mm];

	BEGIN;
	mm->oom |= MM_EXITING;
	CALL(ZAP, zap_pages, .page = mm->first_page, .end = mm->first_page + mm->pages);
	mm->oom |= MM_OOM_SKIP;
	AT(FREE_TABLES);
	memcg_uncharge(k, mm->memcg, mm->overhead_pages);
	k->memory->free += mm->overhead_pages;
	mm->overhead_pages = 0;
	if (k->families)
		k->member[f->mm].linked = !k->config.mm[f->mm].fork_of;
	lru_gen_del_mm(k, f->mm);
	mm->oom &= ~MM_EXITING;
	RETURN(0);
	END;
}
