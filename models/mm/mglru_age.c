/*
 * Ageing of the multi-gen LRU: walks over page tables (walk_mm(), walk_pte_range(), iterate_mm_list(),
 * try_to_inc_max_seq()) and what eviction sees on its way (lru_gen_look_around()); mm/vmscan.c, 6.1-7.2.
 *
 * A walk only goes into page tables of which a fair part was in use: the last walk notes them for the next
 * one, and so does eviction that comes upon a used page with used ones around it. The kernel keeps them in
 * two Bloom filters, which change places with each generation; here they are sets. An address space that no
 * walk has seen is walked whole.
 */
#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "models/mm/mglru.h"
#include "models/mm/rmap.h"
#include "models/paths.h"

#include "sim/lock.h"

enum { PTES_PER_LINE = 8 /* of the cache */ };

/* Of an address space: a walk saw it; it ran since. */
enum { MM_WALKED = 1, MM_USED = 2 };

/* ---- the filters ---- */

static u32 filter_bit(u64 seq)
{
	return 1u << (seq & 1);
}

static u8 *filter_of(const struct kernel *k, u32 memcg, u32 page)
{
	u32 tables = k->gen_filter_tables;

	return &k->gen_filter[(u64)memcg * tables + (page >> k->table_shift)];
}

static void reset_filter(struct kernel *k, u32 memcg, u64 seq)
{
	u8 *filter = filter_of(k, memcg, 0);

	k->lru_gen[memcg].filters |= filter_bit(seq);
	for (u32 i = 0; i < k->gen_filter_tables; i++)
		filter[i] &= (u8)~filter_bit(seq);
}

/* A filter that was never needed so far lets everything pass. */
static bool test_filter(const struct kernel *k, u32 memcg, u64 seq, u32 page)
{
	return !(k->lru_gen[memcg].filters & filter_bit(seq)) || *filter_of(k, memcg, page) & filter_bit(seq);
}

/* suitable_to_scan(): an entry in use on each cache line. */
static bool is_dense(u32 total, u32 young)
{
	return young * PTES_PER_LINE >= total;
}

/* ---- entries ---- */

/* Whether the entry of @page maps a folio of @memcg and was used. From 6.14 what is isolated is left to who
 * isolated it. */
static bool is_young(const struct kernel *k, u32 memcg, u32 page)
{
	u32 wanted = PTE_PRESENT | PTE_ACCESSED, folio = page_folio(k, k->pte[page]);

	return (k->pte_flags[page] & (wanted | PTE_ZERO)) == wanted && k->folio[folio].memcg == memcg &&
	       (!k->release->mglru_reworked || k->folio[folio].flags & FOLIO_LRU);
}

static bool take_young(struct kernel *k, u32 memcg, u32 page)
{
	bool young = is_young(k, memcg, page);

	if (young)
		k->pte_flags[page] &= (u8)~PTE_ACCESSED;
	return young;
}

/* The mapped pages in [*start, *end) around @page, MIN_LRU_BATCH of one page table at most. */
static void window_around(const struct kernel *k, u32 page, u32 *start, u32 *end)
{
	const struct vma *vma = vma_of(k, page);
	u32 table = page & ~(k->config.pages_per_table - 1);

	*start = MAX(table, vma->first_page);
	*end = MIN(table + k->config.pages_per_table, vma->first_page + vma->pages);
	if (*end - *start <= MIN_LRU_BATCH)
		return;
	if (page - *start < MIN_LRU_BATCH / 2)
		*end = *start + MIN_LRU_BATCH;
	else if (*end - page <= MIN_LRU_BATCH / 2)
		*start = *end - MIN_LRU_BATCH;
	else
		*start = page - MIN_LRU_BATCH / 2, *end = *start + MIN_LRU_BATCH;
}

/* Up to 6.2 eviction that comes upon many used pages at once numbers them as a walk would. */
static bool numbers_them(const struct kernel *k, const struct task *t, u32 memcg, u32 start, u32 end)
{
	u32 n = 0;

	if (k->scan_control[t->id].gen_walk)
		return true;
	for (u32 p = start; p < end && k->release->mglru_numbers; p++)
		n += is_young(k, memcg, p) && lru_gen_is_older(k, page_folio(k, k->pte[p]));
	return n >= k->release->lru_batch && n;
}

bool lru_gen_look_around(struct kernel *k, const struct task *t, u32 frame, u32 page)
{
	u32 memcg = k->folio[page_folio(k, frame)].memcg, start, end, young = 0;
	const struct lru_gen *g = &k->lru_gen[memcg];
	bool walk;

	if (!(k->pte_flags[page] & PTE_ACCESSED))
		return false;
	if (k->release->mglru_reworked) {
		k->pte_flags[page] &= (u8)~PTE_ACCESSED;
		young = 1;
	}
	window_around(k, page, &start, &end);
	walk = numbers_them(k, t, memcg, start, end);
	for (u32 p = start; p < end; p++) {
		if (!take_young(k, memcg, p))
			continue;
		young++;
		lru_gen_promote(k, page_folio(k, k->pte[p]), walk);
	}
	if (g->filters & filter_bit(g->max_seq) && is_dense(end - start, young))
		*filter_of(k, memcg, page) |= (u8)filter_bit(g->max_seq);
	return true;
}

static u32 walk_table(struct kernel *k, u32 memcg, u32 page, u32 end)
{
	u64 seq = k->lru_gen[memcg].max_seq;
	u32 total = end - page, young = 0, first = page;

	for (; page < end; page++) {
		if (!take_young(k, memcg, page))
			continue;
		young++;
		lru_gen_promote(k, page_folio(k, k->pte[page]), true);
	}
	if (is_dense(total, young))
		*filter_of(k, memcg, first) |= (u8)filter_bit(seq + 1);
	return total;
}

u32 lru_gen_walk_mm(struct kernel *k, u32 memcg, u32 mm, bool force)
{
	const struct mm *m = &k->mm[mm];
	u32 end = m->first_page + m->pages, next, walked = 0;

	machine_catch_up(&k->machine);
	for (u32 page = m->first_page; page < end; page = next) {
		next = MIN(page + k->config.pages_per_table, end);
		if (force || test_filter(k, memcg, k->lru_gen[memcg].max_seq, page))
			walked += walk_table(k, memcg, page, next);
	}
	return walked;
}

void lru_gen_del_mm(struct kernel *k, u32 mm)
{
	if (lru_gen_enabled(k))
		k->gen_walked[mm] = 0;
}

void lru_gen_use_mm(struct kernel *k, u32 mm)
{
	k->gen_walked[mm] |= MM_USED;
}

/* should_skip_mm(): it did not run since it was walked last, or is too small. */
static bool skips_mm(struct kernel *k, u32 memcg, u32 mm, bool force)
{
	const struct mm *m = &k->mm[mm];
	bool used = k->gen_walked[mm] & MM_USED;

	if (m->memcg != memcg || !m->users || !(force || used))
		return true;
	k->gen_walked[mm] &= (u8)~MM_USED;
	return (u64)m->anon_pages + m->file_pages + m->shmem_pages < MIN_LRU_BATCH;
}

/* Of the address spaces that have begun since the last walk. It, and those after it, are walked whole. */
static bool is_new_to_walks(struct kernel *k, u32 memcg, u32 mm)
{
	bool is_new = k->mm[mm].memcg == memcg && k->mm[mm].users && !(k->gen_walked[mm] & MM_WALKED);

	if (is_new)
		k->gen_walked[mm] |= MM_WALKED;
	return is_new;
}

/* iterate_mm_list(): walkers share the address spaces. The next that nobody has taken in hand goes to f->mm.
 * Who finds none left opens the generation, even if others still walk theirs, and whoever comes later has
 * nothing to do; in 6.1 the last one to be through with a walk does. */
static void iterate_mm_list(struct kernel *k, struct try_to_inc_max_seq *f)
{
	struct lru_gen *g = &k->lru_gen[f->memcg];
	bool over = f->max_seq <= g->walked, first = !g->next_mm, had = f->mm,
	     waits = k->release->mglru_waits;

	f->mm = 0;
	while (!over && !f->mm && g->next_mm < k->config.mms) {
		f->force |= is_new_to_walks(k, f->memcg, g->next_mm);
		if (!skips_mm(k, f->memcg, g->next_mm++, f->force))
			f->mm = g->next_mm;
	}
	if (f->mm && first)
		reset_filter(k, f->memcg, f->max_seq + 1);
	if (!over && g->next_mm == k->config.mms && (waits || !f->mm)) {
		g->walked = f->max_seq;
		g->next_mm = 0;
		f->last = !waits;
	}
	if (waits && !over && !g->walk)
		g->walk = BIT_LOCK_NOBODY;
	if (waits) {
		g->walkers += !!f->mm - had;
		f->last = (had || !over) && !g->walkers;
	}
}

/* Walks what is left of the cgroup's processes. Returns whether it opened a generation; who did not, and is
 * hard pressed, in 6.1 waits for it (a kill does not end that here, but the walk soon does). */
PATH(try_to_inc_max_seq)
{
	STEPS(BEGIN_WALK, WALK, WAIT, LOCK_LRU, UNLOCK_LRU);
	struct lru_gen *const g = &k->lru_gen[f->memcg];

	BEGIN;
	AT(BEGIN_WALK);
	for (iterate_mm_list(k, f); f->mm; iterate_mm_list(k, f)) {
		t->work_ns = lru_gen_walk_mm(k, f->memcg, f->mm - 1, f->force) * k->cpu_profile->map_page_ns;
		AT(WALK);
	}
	if (!f->last) {
		while (k->release->mglru_waits && g->max_seq == f->max_seq &&
		       k->scan_control[t->id].priority <= DEF_PRIORITY - 2)
			bit_wait(WAIT, &g->walk);
		RETURN(0);
	}
	k->scan_control[t->id].gen_walk = 1;
	spin_lock_irq(LOCK_LRU, &k->lruvec[f->memcg].lru_lock);
	lru_gen_inc_max_seq(k, f->memcg, f->swap);
	if (g->walk)
		bit_lock_release(m, &g->walk);
	spin_unlock_irq(UNLOCK_LRU, &k->lruvec[f->memcg].lru_lock);
	RETURN(1);
	END;
}
