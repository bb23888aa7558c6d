/*
 * Giving back part of an address space (6.12-6.18): MADV_DONTNEED (mm/madvise.c:
 * madvise_dontneed_single_vma(), mm/memory.c: zap_page_range_single()), after which the pages are as if they
 * had never been used, and munmap() (mm/vma.c: vms_clear_ptes()), after which they are not to be used any
 * more.
 *
 * Left out: empty page tables that MADV_DONTNEED gives back from 6.14 on; flushes of the TLB while pages are
 * gathered (there is one at the end); mmap_lock.
 */
#include "models/cpu.h"
#include "models/paths.h"

PATH(madvise_dontneed)
{
	STEPS(DRAIN, ZAP, FLUSH_TLB);
	BEGIN;
	CALL(DRAIN, lru_add_drain, .folio = 0);
	CALL(ZAP, zap_pages, .page = f->page, .end = f->page + f->count);
	t->work_ns = tlb_flush_ns(k, t, f->page);
	AT(FLUSH_TLB);
	RETURN(0);
	END;
}

PATH(munmap)
{
	STEPS(ZAP, FLUSH_TLB, FREE_TABLES);
	BEGIN;
	f->start = m->now;
	CALL(ZAP, zap_pages, .page = f->page, .end = f->page + f->count);
	t->work_ns = tlb_flush_ns(k, t, f->page);
	AT(FLUSH_TLB);
	AT(FREE_TABLES);
	histogram_record(&k->latency[LATENCY_MUNMAP], m->now - f->start);
	RETURN(0);
	END;
}
