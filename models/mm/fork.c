/*
 * fork() as far as memory goes (kernel/fork.c: dup_mmap(); mm/memory.c: copy_page_range(), 6.12-6.18).
 *
 * The parent's task copies page table by page table, under the locks of both, with mmap_lock held for
 * writing: faults of its other threads wait. What was mapped is write-protected in both and nobody's own any
 * more; of what is swapped the slot's count goes up. The locks are given up when somebody wants them or the
 * CPU. Cost per entry: the kernel's fork takes 9 ms per GiB on servers and 13 ms in a guest (redis.io,
 * latency of fork()).
 *
 * What has been written to a page of the parent until then is noted as its content: the child expects the
 * same. A child is on the list of address spaces that swapoff goes by as soon as it has a swapped page; who
 * looks at it there waits until fork() is done with it. Left out: pages that are pinned (they are copied at
 * once), copying of page tables above the last level, the lock of anon_vma.
 */
#include "models/cpu.h"
#include "models/mm/family.h"
#include "models/mm/folio.h"
#include "models/mm/oom.h"
#include "models/mm/shmem.h"
#include "models/paths.h"

#include "sim/lock.h"

/* What copying an entry counts for until copy_pte_range() looks whether somebody else wants to go on. */
enum { PROGRESS_NONE = 1, PROGRESS_ENTRY = 8, PROGRESS_MOST = 32 };

/* folio_try_dup_anon_rmap_pte() and what is around it. */
static void copy_present(struct kernel *k, u32 page, u32 child)
{
	u32 frame = k->pte[page], folio = page_folio(k, frame);

	k->pte[child] = frame;
	k->pte_flags[child] = k->pte_flags[page] & (PTE_PRESENT | PTE_ZERO);
	if (k->pte_flags[page] & PTE_ZERO)
		return;
	if (k->pte_flags[page] & PTE_DIRTY) {
		k->folio[folio].flags |= FOLIO_DIRTY;
		note_written(k, page, frame);
	}
	k->pte_flags[page] &= ~(PTE_WRITE | PTE_DIRTY);
	k->folio[frame].flags &= ~FOLIO_EXCLUSIVE;
	k->folio[folio].refs++;
	frame_add_rmap(k, frame);
	mm_of(k, child)->anon_pages++;
	k->page_holds[child] = k->page_holds[page];
}

/* copy_nonpresent_pte(); the slot counts the child's reference already. */
static void copy_swapped(struct kernel *k, u32 page, u32 child)
{
	k->pte_flags[page] &= ~PTE_EXCLUSIVE;
	k->pte[child] = k->pte[page];
	k->pte_flags[child] = PTE_SWAP;
	mm_of(k, child)->swap_ents++;
	k->page_holds[child] = k->page_holds[page];
}

/* Up to a swapped page, or until it is time to look around. Returns the entries that were copied. */
static u32 copy_mapped(struct kernel *k, struct copy_page_range *f)
{
	u32 progress = 0, copied = 0;

	for (; f->page < f->stop && progress < PROGRESS_MOST; f->page++) {
		if (k->pte_flags[f->page] & PTE_SWAP)
			break;
		progress += PROGRESS_NONE;
		if (!(k->pte_flags[f->page] & PTE_PRESENT))
			continue;
		copy_present(k, f->page, f->page + f->child);
		progress += PROGRESS_ENTRY - PROGRESS_NONE;
		copied++;
	}
	return copied;
}

/* need_resched() or spin_needbreak() of either lock. */
static bool is_wanted(const struct kernel *k, const struct task *t, const struct copy_page_range *f)
{
	return k->machine.cpu[t->cpu].need_resched || page_table_of(k, f->stop - 1)->ptl.head ||
	       page_table_of(k, f->stop - 1 + f->child)->ptl.head;
}

PATH(copy_page_range)
{
	STEPS(LOCK_CHILD, LOCK_PARENT, COPY, DUPLICATE, UNLOCK_PARENT, UNLOCK_CHILD, RESCHED, CONTINUE);
	BEGIN;
	while (f->page < f->end) {
		f->stop = MIN((f->page | (k->config.pages_per_table - 1)) + 1, f->end);
		spin_lock(LOCK_CHILD, &page_table_of(k, f->stop - 1 + f->child)->ptl);
		spin_lock(LOCK_PARENT, &page_table_of(k, f->stop - 1)->ptl);
		page_table_of(k, f->page + f->child)->has_ptes = page_table_of(k, f->page)->has_ptes;
		do {
			t->work_ns = copy_mapped(k, f) * k->cpu_profile->fork_entry_ns;
			AT(COPY);
			if (f->page == f->stop || !(k->pte_flags[f->page] & PTE_SWAP))
				continue;
			CALL(DUPLICATE, swap_duplicate, .entry = k->pte[f->page], .nr = 1);
			f->full = t->ret ? k->pte[f->page] : 0;
			if (f->full)
				break;
			copy_swapped(k, f->page, f->page + f->child);
			f->page++;
		} while (f->page < f->stop && !is_wanted(k, t, f));
		spin_unlock(UNLOCK_PARENT, &page_table_of(k, f->stop - 1)->ptl);
		spin_unlock(UNLOCK_CHILD, &page_table_of(k, f->stop - 1 + f->child)->ptl);
		cond_resched(RESCHED);
		if (f->full) {
			CALL_ANY(CONTINUE, k->release->more_counts, add_swap_count_continuation,
				 .entry = f->full);
			if (t->ret)
				RETURN(t->ret);
		}
	}
	RETURN(PATH_OK);
	END;
}

/* From 6.8 on mappings are copied all together before any is filled; 64c37e134b12 (6.14). */
static void abandon(struct kernel *k, u32 child)
{
	k->member[child].linked = FAMILY_HALF;
	k->mm[child].oom |= MM_UNSTABLE;
}

PATH(dup_mmap)
{
	STEPS(LOCK_MMAP, CHARGE, COPY, FLUSH_TLB, UNLOCK_MMAP, MMPUT, UNDO);
	struct mm *const parent = &k->mm[f->parent], *const child = &k->mm[f->child];

	BEGIN;
	down_write(LOCK_MMAP, &k->member[f->parent].mmap_lock);
	k->member[f->child].linked = FAMILY_LINKED;
	k->member[f->child].built = t->id + 1;
	CALL(CHARGE, exec_mmap, .mm = f->child);
	for (f->page = parent->first_page; f->page < parent->first_page + parent->pages && !f->error;
	     f->page += vma_of(k, f->page)->pages) {
		if (task_is_dying(k, t)) {
			f->error = PATH_EINTR;
			break;
		}
		if (is_shmem(k, f->page))
			continue; /* vma_needs_copy(): faults find what is there */
		CALL(COPY, copy_page_range, .page = f->page, .end = f->page + vma_of(k, f->page)->pages,
		     .child = child->first_page - parent->first_page);
		f->error = t->ret;
	}
	t->work_ns = tlb_flush_ns(k, t, parent->first_page);
	AT(FLUSH_TLB);
	if (f->error)
		abandon(k, f->child);
	bit_lock_release(m, &k->member[f->child].built);
	up_write(UNLOCK_MMAP, &k->member[f->parent].mmap_lock);
	if (f->error) {
		AT(MMPUT);
		CALL(UNDO, exit_mmap, .mm = f->child);
	} else {
		child->users = 1;
	}
	RETURN(f->error);
	END;
}
