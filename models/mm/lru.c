#include "models/mm/lru.h"

#include "models/cpu.h"
#include "models/mm/folio.h"
#include "models/mm/memcg.h"
#include "models/mm/memory.h"
#include "models/mm/mglru.h"
#include "models/mm/thp.h"
#include "models/mm/workingset.h"
#include "models/paths.h"

void folio_list_add(struct kernel *k, struct folio_list *list, u32 folio)
{
	struct folio *f = &k->folio[folio];

	f->prev = 0;
	f->next = list->head;
	if (list->head)
		k->folio[list->head].prev = folio;
	else
		list->tail = folio;
	list->head = folio;
	list->count += folio_nr_pages(k, folio);
}

void folio_list_add_tail(struct kernel *k, struct folio_list *list, u32 folio)
{
	struct folio *f = &k->folio[folio];

	f->next = 0;
	f->prev = list->tail;
	if (list->tail)
		k->folio[list->tail].next = folio;
	else
		list->head = folio;
	list->tail = folio;
	list->count += folio_nr_pages(k, folio);
}

void folio_list_add_before(struct kernel *k, struct folio_list *list, u32 at, u32 folio)
{
	struct folio *f = &k->folio[folio];

	f->prev = k->folio[at].prev;
	f->next = at;
	if (f->prev)
		k->folio[f->prev].next = folio;
	else
		list->head = folio;
	k->folio[at].prev = folio;
	list->count += folio_nr_pages(k, folio);
}

void folio_list_del(struct kernel *k, struct folio_list *list, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (f->prev)
		k->folio[f->prev].next = f->next;
	else
		list->head = f->next;
	if (f->next)
		k->folio[f->next].prev = f->prev;
	else
		list->tail = f->prev;
	f->prev = f->next = 0;
	list->count -= folio_nr_pages(k, folio);
}

u32 folio_list_take(struct kernel *k, struct folio_list *list)
{
	u32 folio = list->tail;

	if (folio)
		folio_list_del(k, list, folio);
	return folio;
}

u32 folio_list_folios(const struct kernel *k, const struct folio_list *list)
{
	u32 n = 0;

	if (!has_large_folios(k))
		return list->count;
	for (u32 folio = list->head; folio; folio = k->folio[folio].next)
		n++;
	return n;
}

static void batch_add(struct kernel *k, struct percpu *cpu, u32 folio)
{
	BUG_ON(cpu->lru_count == k->release->lru_batch);
	k->folio[folio].refs++;
	cpu->lru_add[cpu->lru_count++] = folio;
}

bool folio_add_lru(struct kernel *k, struct task *t, u32 folio)
{
	struct percpu *cpu = this_cpu(&k->machine, t);

	if (lru_gen_in_fault(t) && !(t->flags & PF_MEMALLOC))
		lru_gen_fault_in(k, folio);
	if (cpu->lru_count + 1 == k->release->lru_batch || k->folio[folio].flags & FOLIO_LARGE)
		return true;
	batch_add(k, cpu, folio);
	return false;
}

void lruvec_add_folio(struct kernel *k, struct lruvec *v, u32 folio)
{
	struct folio *f = &k->folio[folio];

	f->flags |= FOLIO_LRU;
	if (lru_gen_enabled(k))
		lru_gen_add_folio(k, folio, false);
	else
		folio_list_add(k, &v->list[folio_lru_list(f)], folio);
}

void lruvec_del_folio(struct kernel *k, struct lruvec *v, u32 folio)
{
	struct folio *f = &k->folio[folio];

	f->flags &= ~FOLIO_LRU;
	if (lru_gen_enabled(k))
		lru_gen_del_folio(k, folio);
	else
		folio_list_del(k, &v->list[folio_lru_list(f)], folio);
}

struct folio_list *lru_list_of(const struct kernel *k, u32 folio)
{
	if (lru_gen_enabled(k))
		return lru_gen_list(k, folio);
	return &lruvec_of(k, folio)->list[folio_lru_list(&k->folio[folio])];
}

u64 lruvec_size(const struct kernel *k, u32 memcg, enum lru_list list)
{
	return lru_gen_enabled(k) ? lru_gen_size(k, memcg, list) : k->lruvec[memcg].list[list].count;
}

bool inactive_is_low(const struct lruvec_stats *stats, enum lru_list list)
{
	u64 inactive = stats->size[list], active = stats->size[list + 1];
	u64 gib = (inactive + active) >> (30 - 12);
	u64 ratio = 1;

	while (gib && (ratio + 1) * (ratio + 1) <= 10 * gib)
		ratio++;
	return inactive * ratio < active;
}

void lru_batch_isolate(struct kernel *k, u32 folio)
{
	if (k->release->batches_isolate)
		lruvec_del_folio(k, lruvec_of(k, folio), folio);
}

void lru_batch_put_back(struct kernel *k, struct lruvec *v, u32 folio)
{
	if (k->release->batches_isolate)
		lruvec_add_folio(k, v, folio);
}

/* Move the folios of one lruvec from the batch to its list; those after them wait for the next round. Returns
 * how many. */
static u32 batch_move(struct kernel *k, struct percpu *cpu, u32 *next, struct folio_list *dead)
{
	struct lruvec *v = lruvec_of(k, cpu->lru_add[*next]);
	u32 from = *next, i = from;

	for (; i < cpu->lru_count && lruvec_of(k, cpu->lru_add[i]) == v; i++) {
		if (--k->folio[cpu->lru_add[i]].refs)
			lruvec_add_folio(k, v, cpu->lru_add[i]);
		else
			folio_list_add(k, dead, cpu->lru_add[i]);
	}
	*next = i;
	return i - from;
}

static bool is_in_batch(const struct kernel *k, const struct task *t, u32 folio)
{
	const struct percpu *cpu = this_cpu(&k->machine, t);

	for (u32 i = 0; i < cpu->lru_count; i++)
		if (cpu->lru_add[i] == folio)
			return true;
	return false;
}

/* folio_activate(), and __lru_cache_activate_folio(), which no counter tells. */
static void folio_activate(struct kernel *k, const struct task *t, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (f->flags & FOLIO_LRU) {
		lruvec_del_folio(k, lruvec_of(k, folio), folio);
		f->flags |= FOLIO_ACTIVE;
		lruvec_add_folio(k, lruvec_of(k, folio), folio);
		count_memcg(k, f->memcg, PGACTIVATE, folio_nr_pages(k, folio));
	} else if (is_in_batch(k, t, folio)) {
		f->flags |= FOLIO_ACTIVE;
	}
}

void folio_mark_accessed(struct kernel *k, const struct task *t, u32 folio)
{
	struct folio *f = &k->folio[folio];

	if (lru_gen_enabled(k)) {
		lru_gen_inc_refs(k, folio);
	} else if (!(f->flags & FOLIO_REFERENCED)) {
		f->flags |= FOLIO_REFERENCED;
	} else if (!(f->flags & FOLIO_ACTIVE)) {
		folio_activate(k, t, folio);
		f->flags &= ~FOLIO_REFERENCED;
		workingset_age_nonresident(k, f->memcg, folio_nr_pages(k, folio));
	}
}

void lru_putback(struct kernel *k, u32 memcg, struct folio_list *from, struct folio_list *dead)
{
	u32 folio;

	while ((folio = folio_list_take(k, from))) {
		struct folio *f = &k->folio[folio];

		if (!--f->refs) {
			folio_list_add(k, dead, folio);
			continue;
		}
		lruvec_add_folio(k, &k->lruvec[memcg], folio);
		if (f->flags & FOLIO_ACTIVE)
			workingset_age_nonresident(k, memcg, folio_nr_pages(k, folio));
	}
}

u64 lru_putback_ns(const struct kernel *k, const struct folio_list *from)
{
	return (u64)folio_list_folios(k, from) * k->cpu_profile->isolate_ns;
}

void lru_free_dead(struct kernel *k, struct folio_list *dead)
{
	u32 folio;

	while ((folio = folio_list_take(k, dead))) {
		memcg_uncharge(k, k->folio[folio].memcg, folio_nr_pages(k, folio));
		k->folio[folio].memcg = 0;
		folio_free(k, folio);
	}
}

/* folio_batch_move_lru() with lru_move_tail(): each to the very tail, so the last one is reclaimed first. Who
 * isolated one meanwhile keeps it; whom nobody else wants any more dies here. */
static void rotate_batch(struct kernel *k, struct percpu *cpu)
{
	struct folio_list dead = { 0 };

	for (u32 i = 0; i < cpu->rotate_count; i++) {
		u32 folio = cpu->rotate[i];
		struct folio *f = &k->folio[folio];
		struct lruvec *v = lruvec_of(k, folio);

		f->refs--;
		lru_batch_put_back(k, v, folio);
		if (!(f->flags & FOLIO_LRU))
			continue;
		lruvec_del_folio(k, v, folio);
		if (!f->refs) {
			folio_list_add(k, &dead, folio);
			continue;
		}
		f->flags &= ~FOLIO_ACTIVE;
		f->flags |= FOLIO_LRU;
		if (lru_gen_enabled(k))
			lru_gen_add_folio(k, folio, true);
		else
			folio_list_add_tail(k, &v->list[folio_lru_list(f)], folio);
		count_memcg(k, f->memcg, PGROTATED, folio_nr_pages(k, folio));
	}
	lru_batch_empty(cpu->rotate, &cpu->rotate_count);
	lru_free_dead(k, &dead);
}

void folio_rotate_reclaimable(struct kernel *k, u32 cpu, u32 folio)
{
	struct percpu *c = percpu_of(&k->machine, cpu);
	struct folio *f = &k->folio[folio];

	if (k->folio_io[folio].lock || f->flags & FOLIO_DIRTY || !(f->flags & FOLIO_LRU))
		return;
	f->refs++;
	lru_batch_isolate(k, folio);
	c->rotate[c->rotate_count++] = folio;
	if (c->rotate_count == k->release->lru_batch || f->flags & FOLIO_LARGE)
		rotate_batch(k, c);
}

/* lru_add_drain(), or folio_add_lru() of the folio that fills the batch: that of the CPU the task is on, and
 * no other's. */
PATH(lru_add_drain)
{
	STEPS(LOCK_BATCH, LOCK_LRU, UNLOCK_LRU, ROTATE, UNLOCK_BATCH, FREE, LAZYFREE);
	BEGIN;
	local_lock(LOCK_BATCH, lru_lock);
	if (f->folio)
		batch_add(k, this_cpu(m, t), f->folio);
	for (f->next = 0; f->next < this_cpu(m, t)->lru_count;) {
		f->lruvec = k->folio[this_cpu(m, t)->lru_add[f->next]].memcg;
		spin_lock_irq(LOCK_LRU, &k->lruvec[f->lruvec].lru_lock);
		t->work_ns = batch_move(k, this_cpu(m, t), &f->next, &f->dead) * k->cpu_profile->isolate_ns;
		spin_unlock_irq(UNLOCK_LRU, &k->lruvec[f->lruvec].lru_lock);
	}
	f->next = 0;
	lru_batch_empty(this_cpu(m, t)->lru_add, &this_cpu(m, t)->lru_count);
	if (!f->folio && this_cpu(m, t)->rotate_count) {
		AT(ROTATE);
		rotate_batch(k, this_cpu(m, t));
	}
	local_unlock(UNLOCK_BATCH, lru_lock);
	if (f->dead.count)
		AT(FREE);
	lru_free_dead(k, &f->dead);
	if (!f->folio && this_cpu(m, t)->lazyfree_count)
		CALL(LAZYFREE, lru_lazyfree, .folio = 0);
	RETURN(0);
	END;
}
