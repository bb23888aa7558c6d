/*
 * lifetime (O4) between any two steps: nothing refers to what is free.
 *
 * A folio that is free is in no page table, in no slot's word, in no CPU's batch, on no list, and no
 * operation in progress has it in hand. One that is not has at least the references that page tables, the
 * swap cache and batches count, and at most those and what operations in progress have. A slot in use has a
 * swap table where the release has tables.
 */
#include "models/aspects.h"
#include "models/invariants.h"
#include "models/mm/folio.h"
#include "models/paths.h"
#include "models/references.h"
#include "models/words.h"

static bool is_free(const struct kernel *k, u32 folio)
{
	return !folio || folio > k->memory->folio_used || !(k->folio[folio].flags & FOLIO_IN_USE);
}

enum { FEW_FOLIOS = 16 };

/* References to each folio: @known ones, and those that operations in progress may have @in_hand. */
struct census {
	const struct kernel *k;
	u16 *known;
	u16 *in_hand;
	u32 holders[SWAP_DEVICES_MAX]; /* of each device */
	u32 task;		       /* being looked at */
	u32 lost;		       /* a folio that is free and referred to */
	u32 user;		       /* by this task + 1 */
};

static bool count_pages(struct kernel *k, struct census *c, GString *why)
{
	for (u32 i = 0; i < k->config.mms; i++) {
		for (u32 p = k->mm[i].first_page; p < k->mm[i].first_page + k->mm[i].pages; p++) {
			if ((k->pte_flags[p] & (PTE_PRESENT | PTE_ZERO)) != PTE_PRESENT)
				continue;
			if (is_free(k, k->pte[p]))
				return invariant_fails(&k->machine, &k->pte[p], why,
						       "%s is mapped to folio %u, which is free",
						       PAGE_NAME(k, p), k->pte[p]);
			c->known[page_folio(k, k->pte[p])]++;
		}
	}
	return true;
}

static bool count_cached(struct kernel *k, struct census *c, GString *why)
{
	for (u32 i = 0; i < k->config.devices; i++) {
		const struct swap_device *si = &k->device[i];

		for (u32 s = si->first_slot; s < si->first_slot + (si->clusters << k->cluster_shift); s++) {
			u32 folio = word_folio(k->slot[s].cache);

			if (folio && is_free(k, folio))
				return invariant_fails(&k->machine, &k->slot[s], why,
						       "slot %u has folio %u in the cache, which is free", s,
						       folio);
			c->known[folio]++;
		}
	}
	return true;
}

static bool count_page_cache(struct kernel *k, struct census *c, GString *why)
{
	for (u32 i = 0; i < k->files; i++) {
		for (u32 p = k->file[i].first_page; p < k->file[i].first_page + k->file[i].pages; p++) {
			u32 folio = word_folio(k->page_cache[p]);

			if (folio && is_free(k, folio))
				return invariant_fails(
				    &k->machine, &k->folio[folio], why,
				    "the page cache has folio %u for page %u, and it is free", folio, p);
			c->known[folio]++;
		}
	}
	return true;
}

static bool count_batch(struct kernel *k, struct census *c, const u32 *folio, u32 n, GString *why)
{
	for (u32 i = 0; i < n; i++) {
		if (is_free(k, folio[i]))
			return invariant_fails(&k->machine, NULL, why,
					       "folio %u is in a CPU's batch, and free", folio[i]);
		c->known[folio[i]]++;
	}
	return true;
}

/* Of a batch that is being emptied: how many are moved already, though they still stand in it. */
static u32 moved(const struct kernel *k, const struct percpu *cpu, u32 path)
{
	const struct machine *m = &k->machine;
	u32 owner = cpu->lru_lock.owner;

	for (u32 offset = owner ? m->task[owner - 1].frame : 0; owner;) {
		const struct frame *frame = frame_at(m, &m->task[owner - 1], offset);

		if (frame->path == path)
			return path == PATH_lru_add_drain ? ((const struct lru_add_drain *)(frame + 1))->next
							  : ((const struct lru_lazyfree *)(frame + 1))->next;
		if (!offset)
			break;
		offset = frame->below;
	}
	return 0;
}

static bool count_batches(struct kernel *k, struct census *c, GString *why)
{
	for (u32 n = 0; n < k->machine.cpus; n++) {
		const struct percpu *cpu = percpu_of(&k->machine, n);
		u32 added = MIN(moved(k, cpu, PATH_lru_add_drain), cpu->lru_count);
		u32 given_up = MIN(moved(k, cpu, PATH_lru_lazyfree), cpu->lazyfree_count);

		if (!count_batch(k, c, cpu->lru_add + added, cpu->lru_count - added, why) ||
		    !count_batch(k, c, cpu->rotate, cpu->rotate_count, why) ||
		    !count_batch(k, c, cpu->lazyfree + given_up, cpu->lazyfree_count - given_up, why))
			return false;
	}
	return true;
}

static void count_in_hand(void *data, enum referred what, u32 number, const struct frame *frame)
{
	struct census *c = data;

	if (what == REFERS_DEVICE)
		c->holders[number]++;
	if (what != REFERS_FOLIO || (frame->path == PATH_zap_pages && is_free(c->k, number)))
		return; /* those that zap_pages() gathered go one by one */
	if (is_free(c->k, number)) {
		c->lost = number;
		c->user = c->task + 1;
	} else if (frame->path == PATH_folio_free_swap) { /* one of each slot */
		c->in_hand[number] += folio_nr_pages(c->k, number);
	} else {
		c->in_hand[number]++;
	}
}

static bool count_operations(struct kernel *k, struct census *c, GString *why)
{
	struct machine *m = &k->machine;

	for (c->task = 0; c->task < m->tasks && !c->user; c->task++)
		references_of_task(k, &m->task[c->task], 1 << REFERS_FOLIO | 1 << REFERS_DEVICE,
				   count_in_hand, c);
	if (c->user) {
		char name[128];

		return invariant_fails(m, &k->folio[c->lost], why, "folio %u is free, and %s has it in hand",
				       c->lost,
				       machine_step_name(m, &m->task[c->user - 1], 0, name, sizeof name));
	}
	return true;
}

static bool references_agree(struct kernel *k, const struct census *c, GString *why)
{
	for (u32 f = 1; f <= k->memory->folio_used; f++) {
		const struct folio *folio = &k->folio[f];

		if (folio->flags & FOLIO_TAIL) /* other things are counted there, see folio.h */
			continue;
		if (folio->refs >= c->known[f] && folio->refs <= c->known[f] + c->in_hand[f])
			continue;
		return invariant_fails(
		    &k->machine, folio, why,
		    "folio %u has %u references, page tables, cache and batches have %u and operations in "
		    "progress at most %u",
		    f, folio->refs, c->known[f], c->in_hand[f]);
	}
	return true;
}

static bool tables_are_there(struct kernel *k, GString *why)
{
	for (u32 i = 0; k->release->cache == SWAP_CACHE_TABLE && i < k->config.devices; i++) {
		const struct swap_device *si = &k->device[i];

		for (u32 s = si->first_slot; s < si->first_slot + (si->clusters << k->cluster_shift); s++)
			if (k->slot[s].cache && !cluster_of(k, s)->has_table)
				return invariant_fails(&k->machine, cluster_of(k, s), why,
						       "slot %u is in use, and cluster %u has no swap table",
						       s, s >> k->cluster_shift);
	}
	return true;
}

static bool folios_and_devices_live(struct kernel *k, GString *why)
{
	u64 folios = k->memory->folio_used + 1;
	u16 few[2 * FEW_FOLIOS] = { 0 };
	struct census c = { .k = k, .known = folios > FEW_FOLIOS ? g_new0(u16, 2 * folios) : few };
	bool ok;

	c.in_hand = c.known + folios;
	ok = count_pages(k, &c, why) && count_cached(k, &c, why) && count_page_cache(k, &c, why) &&
	     count_batches(k, &c, why) && count_operations(k, &c, why) && references_agree(k, &c, why) &&
	     devices_live(k, c.holders, why);

	if (c.known != few)
		g_free(c.known);
	return ok;
}

/* All operations have something in hand. */
static bool lives(struct machine *m, GString *why)
{
	static const struct part tables = { tables_are_there, ASPECT_SLOTS | ASPECT_CLUSTERS | ASPECT_DEVICES,
					    0, 0 };

	return folios_and_devices_live(kernel_of(m), why) && part_holds(kernel_of(m), &tables, why);
}

const struct invariant lifetime = {
	"lifetime",
	"nothing refers to a folio, a swap table or a device that is gone, and references are counted",
	lives,
};
