/* 6.12: slots are taken and freed under the device's lock, and CPUs keep some for themselves. */
#include "models/swap/slot_cache.h"

#include "models/audit.h"
#include "models/mm/memory.h"
#include "models/swap/cluster.h"
#include "sim/random.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 6, CACHE = 4, CPUS = 2 };

/* Free clusters 1 to 5 in this order; the header's, 0, is nonfull. */
static void six_clusters(struct world *w, u32 kept)
{
	struct world_size size = { .release = "6.12",
				   .per_cluster = PER_CLUSTER,
				   .space_clusters = 8,
				   .slots = CLUSTERS * PER_CLUSTER - 1,
				   .check_locks = true };
	struct kernel_config c = world_config(w, &size);

	c.slot_cache = kept;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
}

/* The default machine: caches of 64, clusters of 512. */
static void big_device(struct world *w, u32 slots)
{
	world_init(w, (struct world_size){ .release = "6.12", .slots = slots, .check_locks = true });
}

/* Too many to keep for so small a device: caches stay off. */
static void without_caches(struct world *w)
{
	six_clusters(w, 64);
}

static u32 take_on(struct world *w, u32 cpu)
{
	u32 folio = folio_alloc(w->k);

	w->k->folio[folio].memcg = 1;
	w->k->folio[folio].lock = w->k->machine.tasks + 1; /* for good, so that nobody takes its slot away */
	return RUN_ON(w, cpu, folio_alloc_swap, .folio = folio) ? 0 : w->k->folio[folio].swap;
}

static u32 take(struct world *w)
{
	return take_on(w, 0);
}

static void take_all(struct world *w, u32 n)
{
	while (n--)
		CU_ASSERT_FATAL(take(w) != 0);
}

static u32 folio_in(const struct world *w, u32 entry)
{
	return word_folio(w->k->slot[entry].cache);
}

static void give_on(struct world *w, u32 cpu, u32 entry)
{
	RUN_ON(w, cpu, folio_free_swap, .folio = folio_in(w, entry));
}

static u32 at(u32 cluster, u32 slot)
{
	return cluster * PER_CLUSTER + slot;
}

static u32 flags_of(const struct world *w, u32 cluster)
{
	return w->k->cluster[cluster].flags;
}

static u32 kept(const struct world *w, u32 cpu)
{
	return w->k->slots_cache[cpu].nr;
}
static u32 returned(const struct world *w, u32 cpu)
{
	return w->k->slots_cache[cpu].n_ret;
}
static u32 kept_slot(const struct world *w, u32 cpu, enum slot_row row, u32 i)
{
	return w->k->cached_slot[slot_row_of(w->k, cpu, row) + i];
}

/* Pretend that so many slots are free. */
static void set_free(struct world *w, s64 free)
{
	w->k->swap->free_pages = free;
}

/* Of swap; the folios of these worlds are nobody's. */
static void expect_audit(struct world *w, const char *expected)
{
	GString *why = g_string_new(NULL);

	for (const struct audit *a = audits_of_swap; a->what.name && !why->len; a++)
		if (!a->what.holds(&w->k->machine, why)) {
			g_string_prepend(why, ": ");
			g_string_prepend(why, a->what.name);
		}
	CU_ASSERT_STRING_EQUAL(why->str, expected);
	if (strcmp(why->str, expected))
		printf("\n  is: %s\nnot: %s\n", why->str, expected);
	g_string_free(why, TRUE);
}

/* ---- a CPU's cache ---- */

static void test_refill(void)
{
	struct world w;
	u32 first = 32 * 512;

	big_device(&w, 40 * 512 - 1);
	CU_ASSERT_EQUAL(take(&w), first); /* the next cluster of the first column */
	CU_ASSERT_EQUAL(w.k->swap_slots->active, 1);
	CU_ASSERT_EQUAL(kept(&w, 0), 63);
	CU_ASSERT_EQUAL(kept(&w, 1), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 64);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, (s64)w.k->swap->total_pages - 64);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 1); /* charged when it is handed out */
	CU_ASSERT_EQUAL(w.k->slot[first + 1].map, SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 1);
	for (u32 i = 1; i < 64; i++)
		CU_ASSERT_EQUAL(take(&w), first + i);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 1);
	CU_ASSERT_EQUAL(take(&w), first + 64);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 2);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SLOTS_ALLOC), 65);
	world_release(&w);
}

static void test_returned_in_batches(void)
{
	struct world w;
	u32 first;

	big_device(&w, 40 * 512 - 1);
	first = take(&w);
	take_all(&w, 127);
	for (u32 i = 0; i < 64; i++)
		give_on(&w, 1, first + i);
	CU_ASSERT_EQUAL(returned(&w, 1), 64);
	CU_ASSERT_EQUAL(returned(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 128); /* nothing is free yet */
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 128);
	CU_ASSERT_EQUAL(w.k->slot[first].map, SWAP_HAS_CACHE);
	CU_ASSERT_EQUAL(w.k->slot[first].memcg, 1);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 2);
	give_on(&w, 1, first + 64); /* fills no row: the full one goes first */
	CU_ASSERT_EQUAL(returned(&w, 1), 1);
	CU_ASSERT_EQUAL(kept_slot(&w, 1, SLOTS_RETURNED, 0), first + 64);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 64);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 64);
	CU_ASSERT_EQUAL(w.k->slot[first].map, 0);
	CU_ASSERT_EQUAL(w.k->slot[first].memcg, 0);
	CU_ASSERT_EQUAL(locks_taken(&w, CLASS_SWAP_DEVICE), 3);
	expect_audit(&w, "");
	world_release(&w);
}

/* More than 5 x 64 x 2 free slots switch them on, fewer than 2 x 64 x 2 off. */
static void test_thresholds(void)
{
	struct world w;

	big_device(&w, 8 * 512 - 1);
	set_free(&w, 5 * 64 * CPUS);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	set_free(&w, 5 * 64 * CPUS + 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	set_free(&w, 5 * 64 * CPUS);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	set_free(&w, 2 * 64 * CPUS);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), true);
	set_free(&w, 2 * 64 * CPUS - 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	set_free(&w, 2 * 64 * CPUS + 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	world_release(&w);
}

static void test_off_means_empty(void)
{
	struct world w;
	s64 free;
	u32 first;

	big_device(&w, 8 * 512 - 1);
	first = take(&w);
	take_all(&w, 9);
	CU_ASSERT(take_on(&w, 1) != 0);
	give_on(&w, 1, first);
	give_on(&w, 0, first + 1);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 54 + 63 + 1 + 1);
	free = w.k->swap->free_pages;
	set_free(&w, 2 * 64 * CPUS - 1);
	CU_ASSERT_EQUAL(RUN(&w, check_cache_active, .cpu = 0), false);
	w.k->swap->free_pages += free - (2 * 64 * CPUS - 1);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 11 - 2);
	CU_ASSERT_EQUAL(w.k->slot[first].map, 0);
	expect_audit(&w, "");
	give_on(&w, 0, first + 2); /* is free at once */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 8);
	CU_ASSERT_EQUAL(w.k->slot[first + 2].map, 0);
	expect_audit(&w, "");
	world_release(&w);
}

/* A row that is not full is taken to the end before a new one comes. */
static void test_scarce(void)
{
	struct world w;
	u32 n = 0;

	six_clusters(&w, CACHE); /* 47 slots, on above 40, off below 16 */
	while (take(&w))
		n++;
	CU_ASSERT_EQUAL(n, CLUSTERS * PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(w.k->swap_slots->active, 0);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 0);
	CU_ASSERT_EQUAL(w.k->swap_slots->reserved, 0);
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 0);
	CU_ASSERT_EQUAL(counted(&w, SWAP_EVENTS_FAIL), 1);
	give_on(&w, 0, at(1, 3));
	CU_ASSERT_EQUAL(w.k->device[0].on_avail_list, 1);
	CU_ASSERT_EQUAL(take(&w), at(1, 3));
	expect_audit(&w, "");
	world_release(&w);
}

/* A batch is of one device, the first that has anything. */
static void test_batch_of_one_device(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .release = "6.12", .slots = 1000, .devices = 2 });
	take_all(&w, 960); /* on above 640 and off below 256 of 2000 */
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 960);
	CU_ASSERT_EQUAL(w.k->device[1].inuse, 0);
	take(&w);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 1000); /* 40 are all that is left of it */
	CU_ASSERT_EQUAL(kept(&w, 0), 39);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 1000);
	CU_ASSERT_EQUAL(w.k->swap_slots->reserved, 0);
	take_all(&w, 40);
	CU_ASSERT_EQUAL(w.k->device[1].inuse, 64);
	expect_audit(&w, "");
	for (u32 i = 0; i < 32; i++) { /* returned in turn, freed device by device */
		give_on(&w, 0, w.k->device[0].first_slot + 600 + i);
		if (!i)
			give_on(&w, 0, w.k->device[1].first_slot + 1);
	}
	CU_ASSERT_EQUAL(returned(&w, 0), 33);
	RUN(&w, drain_slots_cache_cpu, .cpu = 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 968);
	CU_ASSERT_EQUAL(w.k->device[1].inuse, 0);
	expect_audit(&w, "");
	world_release(&w);
}

/* ---- clusters ---- */

static void test_next_slot_of_each_cpu(void)
{
	struct world w;

	without_caches(&w);
	CU_ASSERT_EQUAL(take_on(&w, 0), at(1, 0));
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_NONFULL); /* from the first slot on; 6.17: frag */
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 0));
	CU_ASSERT_EQUAL(take_on(&w, 0), at(1, 1));
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 1));
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0), at(1, 2));
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 1), at(2, 2));
	take_all(&w, PER_CLUSTER - 2);
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_FULL);
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0), 0);
	CU_ASSERT_EQUAL(take(&w), at(3, 0));
	CU_ASSERT_EQUAL(w.k->swap_slots->active, 0);
	world_release(&w);
}

/* A next slot for each device: a CPU that comes back to a device goes on where it was. */
static void test_next_slot_of_each_device(void)
{
	struct world w;
	u32 second;

	world_init(&w, (struct world_size){ .release = "6.12",
					    .per_cluster = PER_CLUSTER,
					    .slots = 23,
					    .devices = 2,
					    .space_clusters = 1 });
	second = w.k->device[1].first_slot;
	CU_ASSERT_EQUAL(take(&w), at(1, 0));
	w.k->device[0].on_avail_list = 0;
	CU_ASSERT_EQUAL(take(&w), second + at(1, 0));
	w.k->device[0].on_avail_list = 1;
	CU_ASSERT_EQUAL(take(&w), at(1, 1));
	w.k->device[0].on_avail_list = 0;
	CU_ASSERT_EQUAL(take(&w), second + at(1, 1));
	world_release(&w);
}

/* free, then nonfull in order of arrival, which becomes frag before it is scanned, then frag */
static void test_list_order(void)
{
	struct world w;

	without_caches(&w);
	take_all(&w, 3 * PER_CLUSTER); /* 1, 2, 3 */
	take_on(&w, 1);		       /* 4 is the other CPU's */
	give_on(&w, 0, at(1, 5));
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_NONFULL);
	CU_ASSERT_EQUAL(take(&w), at(5, 0)); /* free */
	take_all(&w, PER_CLUSTER - 1);
	CU_ASSERT_EQUAL(take(&w), at(0, 1)); /* nonfull since swapon */
	CU_ASSERT_EQUAL(flags_of(&w, 0), CLUSTER_FRAG);
	take_all(&w, PER_CLUSTER - 2);
	CU_ASSERT_EQUAL(take(&w), at(4, 1)); /* nonfull since the other CPU took it */
	CU_ASSERT_EQUAL(flags_of(&w, 4), CLUSTER_FRAG);
	take_all(&w, PER_CLUSTER - 2);
	CU_ASSERT_EQUAL(flags_of(&w, 4), CLUSTER_FULL);
	CU_ASSERT_EQUAL(take(&w), at(1, 5));
	CU_ASSERT_EQUAL(take(&w), 0);
	world_release(&w);
}

static void test_frag_comes_last(void)
{
	struct world w;

	without_caches(&w);
	take_all(&w, 5 * PER_CLUSTER);
	CU_ASSERT_EQUAL(take_on(&w, 1), at(0, 1)); /* frag now */
	give_on(&w, 0, at(2, 0));
	give_on(&w, 0, at(2, 1));
	CU_ASSERT_EQUAL(take(&w), at(2, 0)); /* nonfull */
	CU_ASSERT_EQUAL(flags_of(&w, 2), CLUSTER_FRAG);
	CU_ASSERT_EQUAL(take(&w), at(2, 1));
	CU_ASSERT_EQUAL(take(&w), at(0, 2)); /* frag */
	CU_ASSERT_EQUAL(take_on(&w, 1), at(0, 3));
	world_release(&w);
}

static void test_emptied_goes_to_the_tail_of_free(void)
{
	struct world w;

	without_caches(&w);
	take_all(&w, PER_CLUSTER + 1);
	for (u32 i = 0; i < PER_CLUSTER; i++)
		give_on(&w, 0, at(1, i));
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_FREE);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].tail, 1 + 1);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].head, 3 + 1);
	world_release(&w);
}

/* Slots that only the cache holds are freed at once, not into the cache of the CPU that wants one. */
static void test_reclaim_when_full(void)
{
	struct world w;
	u32 folio;

	without_caches(&w);
	take_all(&w, 3);
	folio = folio_in(&w, at(1, 1));
	w.k->folio[folio].lock = 0;
	*next_slot_of(w.k, 0, 0) = at(1, 0);
	w.k->swap_slots->active = 1;
	set_free(&w, 23); /* of 47 */
	CU_ASSERT(vm_swap_full(w.k));
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 1), at(1, 1));
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_SWAPCACHE | FOLIO_DIRTY), FOLIO_DIRTY);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 3);
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0), at(1, 2));
	CU_ASSERT_EQUAL(w.k->device[0].lock.owner, 0);
	world_release(&w);
}

static void test_full_clusters(void)
{
	struct world w;
	struct cluster_list *full;
	u32 first, second, slot;

	without_caches(&w);
	full = &w.k->device[0].list[CLUSTER_FULL];
	take_all(&w, CLUSTERS * PER_CLUSTER - 1);
	for (u32 s = 1; s < CLUSTERS * PER_CLUSTER; s++)
		w.k->slot[s].map++; /* somebody refers to each */
	first = full->head;
	second = w.k->cluster[first - 1].next;
	slot = at(second - 1, 6);
	w.k->slot[slot].map--;
	w.k->folio[folio_in(&w, slot)].lock = 0;
	w.k->device[0].on_avail_list = 1;
	set_free(&w, 1);
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 1), 0);
	CU_ASSERT_EQUAL(full->head, second);
	CU_ASSERT_EQUAL(full->tail, first);
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 1), slot);
	CU_ASSERT_EQUAL(full->tail, second);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 1); /* the slot given and the slot taken */
	world_release(&w);
}

/* ---- locks ---- */

/* Under si->lock all the way; the cluster's and the XArray's within it. */
static void test_free_is_under_the_device_lock(void)
{
	struct world w;
	struct machine *m;
	u32 entry, task;

	without_caches(&w);
	m = &w.k->machine;
	entry = take(&w);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_free_swap, .folio = folio_in(&w, entry));
	CU_ASSERT(world_step_to(&w, task, "swapcache_free_entries.LOCK_SI"));
	CU_ASSERT_EQUAL(w.k->cluster[1].lock.owner, 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, SWAP_HAS_CACHE);
	CU_ASSERT(world_step_to(&w, task, "swap_entry_range_free.UNLOCK_CI"));
	CU_ASSERT_EQUAL(w.k->device[0].lock.owner, task + 1);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	CU_ASSERT(world_step_to(&w, task, "swap_entry_range_free.UNLOCK_XA"));
	CU_ASSERT_EQUAL(w.k->cluster[1].lock.owner, 0);
	CU_ASSERT_EQUAL(w.k->device[0].lock.owner, task + 1);
	CU_ASSERT(m->task[task].irq_off);
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->device[0].lock.owner, 0);
	world_release(&w);
}

/* Who refills may be overtaken on the same CPU; the other waits for the row and gets the next slot of it. */
static void test_refill_is_one_at_a_time(void)
{
	struct world w;
	u32 a, b;

	six_clusters(&w, CACHE);
	world_by_hand(&w);
	a = ADD_ON(&w, 0, get_swap_slot, .cpu = 0);
	b = ADD_ON(&w, 1, get_swap_slot, .cpu = 0); /* it has left the CPU whose cache it asked */
	CU_ASSERT(world_step_to(&w, a, "get_swap_pages.LOCK_SI"));
	CU_ASSERT_FALSE(world_step_to(&w, b, NULL));
	CU_ASSERT(world_is_at(&w, b, "get_swap_slot.LOCK_CACHE"));
	CU_ASSERT(world_step_to(&w, a, NULL));
	CU_ASSERT(world_step_to(&w, b, NULL));
	CU_ASSERT_EQUAL(kept(&w, 0), CACHE - 2);
	CU_ASSERT_EQUAL(w.k->slots_cache[0].cur, 2);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, CACHE);
	world_release(&w);
}

/* Switched off after the first look: the slot must not be left behind in a cache that nobody empties again.
 */
static void test_off_while_freeing(void)
{
	struct world w;
	u32 entry, task;

	six_clusters(&w, CACHE);
	entry = take(&w);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, folio_free_swap, .folio = folio_in(&w, entry));
	CU_ASSERT(world_step_to(&w, task, "free_swap_slot.LOCK_FREE"));
	w.k->swap_slots->active = 0;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(returned(&w, 0), 0);
	CU_ASSERT_EQUAL(w.k->slot[entry].map, 0);
	world_release(&w);
}

static u64 wait_ns(const struct run_result *r, enum lock_class class)
{
	return r->lock[class].stat.wait_ns;
}

/* Eight CPUs that swap: what they wait for in 6.12 is the device's lock, in 6.17 the clusters'. */
static void test_contention(void)
{
	static const char text[] =
	    "{'format':1,'name':'t','machine':{'cpus':8,'memory':'256MiB'},"
	    "'swap':[{'device':'zram-lz4','size':'128MiB'}],'cgroups':[{'name':'g','memory.max':'50%'}],"
	    "'tasks':[{'name':'a','count':8,'cgroup':'g','workload':{'rand':{'pages':1024,'accesses':6000}}}]"
	    "}";
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.12");
	struct run_result *old = run_scenario(s, &options, NULL, NULL, NULL), *new;
	u64 device, cluster;

	options.kernel = "6.17";
	new = run_scenario(s, &options, NULL, NULL, NULL);
	CU_ASSERT_FATAL(old && new);
	device = wait_ns(old, CLASS_SWAP_DEVICE);
	cluster = wait_ns(new, CLASS_CLUSTER);
	printf("\n    6.12 waits %llu ns for si->lock, 6.17 %llu for it and %llu for ci->lock",
	       (unsigned long long)device, (unsigned long long)wait_ns(new, CLASS_SWAP_DEVICE),
	       (unsigned long long)cluster);
	CU_ASSERT(device > 2 * cluster);
	CU_ASSERT(device > 10 * wait_ns(new, CLASS_SWAP_DEVICE));
	CU_ASSERT(device > wait_ns(old, CLASS_CLUSTER));
	run_result_free(old);
	run_result_free(new);
	scenario_free(s);
}

/* ---- audits ---- */

static void test_audits(void)
{
	struct world w;
	u32 slot, back;

	big_device(&w, 40 * 512 - 1);
	back = take(&w);
	give_on(&w, 0, back);
	slot = kept_slot(&w, 0, SLOTS_TAKEN, w.k->slots_cache[0].cur);
	expect_audit(&w, "");
#define WITH(lvalue, value, ...)                                                                             \
	do {                                                                                                 \
		char *expected = g_strdup_printf(__VA_ARGS__);                                               \
		__typeof__(lvalue) was = lvalue;                                                             \
                                                                                                             \
		(lvalue) = (value);                                                                          \
		expect_audit(&w, expected);                                                                  \
		(lvalue) = was;                                                                              \
		g_free(expected);                                                                            \
	} while (0)
	WITH(w.k->slot[slot].map, 1, "slot_caches: slot %u is kept by a CPU and its map says 1", slot);
	WITH(w.k->slot[slot].memcg, 1, "slot_caches: slot %u is to be handed out and has a cgroup", slot);
	WITH(w.k->slot[slot].content, 1, "slot_caches: slot %u is to be handed out and has data", slot);
	WITH(w.k->cached_slot[slot_row_of(w.k, 0, SLOTS_RETURNED)], slot,
	     "cache_bijection: slot %u has SWAP_HAS_CACHE and no folio in the cache", back);
	WITH(w.k->slots_cache[0].cur, 0,
	     "cache_bijection: slot %u has SWAP_HAS_CACHE and no folio in the cache", slot + 62);
	WITH(w.k->swap_slots->reserved, 3,
	     "slot_conservation: the machine counts %u free slots of 20479, its devices have %u of 20479",
	     20479 - 64, 20479 - 64 - 3);
	w.k->cached_slot[slot_row_of(w.k, 1, SLOTS_RETURNED)] = slot;
	w.k->slots_cache[1].n_ret = 1;
	CU_ASSERT_EQUAL(slot_caches_hold(w.k, slot), 2);
	w.k->slots_cache[1].n_ret = 0;
	world_release(&w);
}

/* Pages of a process go out and come in on either CPU, more of this and more of that in turn, with rows of
 * four slots that go on and off. */
static void test_random_operations(void)
{
	enum { PAGES = 40, OPERATIONS = 2400, TURN = 200 };
	struct world w;
	u32 on = 0, off = 0;

	six_clusters(&w, CACHE);
	for (u32 i = 0; i < OPERATIONS; i++) {
		u64 r = random_value(42, i);
		u32 cpu = r & 1, page = random_below(r, PAGES);

		if ((r >> 1) % 8 < (i / TURN % 2 ? 1 : 7))
			world_access(&w, cpu, page, r & 16);
		else
			RUN_ON(&w, cpu, madvise_pageout, .page = page_of(&w, page),
			       .count = 1 + (r >> 8) % 8);
		expect_audit(&w, "");
		on += w.k->swap_slots->active;
		off += !w.k->swap_slots->active;
	}
	CU_ASSERT(on > OPERATIONS / 10);
	CU_ASSERT(off > OPERATIONS / 10);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a CPU takes 64 slots at a time, and they are in use and nobody's", test_refill },
	{ "and gives back as many together, from the CPU that freed them", test_returned_in_batches },
	{ "caches go on above 5 x 64 free slots a CPU and off below 2 x 64", test_thresholds },
	{ "what they hold is given back when they go off", test_off_means_empty },
	{ "the last slot can be had", test_scarce },
	{ "a batch is of one device; given back, each goes to its own", test_batch_of_one_device },
	{ "a CPU goes on in its own cluster", test_next_slot_of_each_cpu },
	{ "of each device", test_next_slot_of_each_device },
	{ "free, nonfull, and that is frag when it is scanned", test_list_order },
	{ "then frag", test_frag_comes_last },
	{ "an emptied cluster goes to the tail of free", test_emptied_goes_to_the_tail_of_free },
	{ "when swap is getting full a slot of the cache is taken at once", test_reclaim_when_full },
	{ "and full clusters take turns in giving theirs", test_full_clusters },
	{ "a slot is freed under si->lock, its shadow after the cluster's lock",
	  test_free_is_under_the_device_lock },
	{ "a row is filled by one at a time", test_refill_is_one_at_a_time },
	{ "a slot that comes when the caches have gone off is free at once", test_off_while_freeing },
	{ "eight CPUs wait for si->lock", test_contention },
	{ "audits find what is wrong with a cache", test_audits },
	{ "random operations leave nothing wrong", test_random_operations },
};

UNIT_MAIN("slot_cache", tests)
