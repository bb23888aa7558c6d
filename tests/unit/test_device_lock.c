/* 6.12: slots are taken and freed under the device's lock. */
#include "models/swap/cluster.h"
#include "models/swap/slot_cache.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/slots_of_612.h"

/* Too many to keep for so small a device: caches stay off. */
static void without_caches(struct world *w)
{
	six_clusters(w, 64);
}

static u32 flags_of(const struct world *w, u32 cluster)
{
	return w->k->cluster[cluster].flags;
}

static void test_next_slot_of_each_cpu(void)
{
	struct world w;

	without_caches(&w);
	CU_ASSERT_EQUAL(take_on(&w, 0), at(1, 0));
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_NONFULL); /* from the first slot on; 6.17: frag */
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 0));
	CU_ASSERT_EQUAL(take_on(&w, 0), at(1, 1));
	CU_ASSERT_EQUAL(take_on(&w, 1), at(2, 1));
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0, 0), at(1, 2));
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 1, 0), at(2, 2));
	take_all(&w, PER_CLUSTER - 2);
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_FULL);
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0, 0), 0);
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
	w.k->folio_io[folio].lock = 0;
	*next_slot_of(w.k, 0, 0, 0) = at(1, 0);
	w.k->swap_slots->active = 1;
	set_free(&w, 23); /* of 47 */
	CU_ASSERT(vm_swap_full(w.k));
	CU_ASSERT_EQUAL(RUN(&w, get_swap_pages, .wanted = 1), at(1, 1));
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & (FOLIO_SWAPCACHE | FOLIO_DIRTY), FOLIO_DIRTY);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 0);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 3);
	CU_ASSERT_EQUAL(*next_slot_of(w.k, 0, 0, 0), at(1, 2));
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
	world_idle(&w, 1); /* whoever reclaims full clusters is done */
	for (u32 s = 1; s < CLUSTERS * PER_CLUSTER; s++)
		w.k->slot[s].map++; /* somebody refers to each */
	first = full->head;
	second = w.k->cluster[first - 1].next;
	slot = at(second - 1, 6);
	w.k->slot[slot].map--;
	w.k->folio_io[folio_in(&w, slot)].lock = 0;
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

static u64 wait_ns(const struct run_result *r, enum lock_class class)
{
	return r->lock[class].stat.wait_ns;
}

/* Eight CPUs that swap, with eight seeds: what they wait for in 6.12 is the device's lock, in 6.17 the
 * clusters'. */
static void test_contention(void)
{
	static const char text[] =
	    "{'format':1,'name':'t','machine':{'cpus':8,'memory':'256MiB'},"
	    "'swap':[{'device':'zram-lz4','size':'128MiB'}],'cgroups':[{'name':'g','memory.max':'50%'}],"
	    "'tasks':[{'name':'a','count':8,'cgroup':'g','workload':{'rand':{'pages':1024,'accesses':6000}}}]"
	    "}";
	static const char *const kernels[] = { "6.12", "6.17" };
	struct scenario *s = scenario_right(text);
	u64 device[2] = { 0 }, cluster[2] = { 0 };

	for (u32 i = 0; i < 16; i++) {
		struct build_options options = { .kernel = kernels[i % 2], .seed = 1 + i / 2 };
		struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

		CU_ASSERT_FATAL(r != NULL);
		device[i % 2] += wait_ns(r, CLASS_SWAP_DEVICE);
		cluster[i % 2] += wait_ns(r, CLASS_CLUSTER);
		run_result_free(r);
	}
	printf("\n    6.12 waits %llu ns for si->lock, 6.17 %llu for it and %llu for ci->lock",
	       (unsigned long long)device[0], (unsigned long long)device[1], (unsigned long long)cluster[1]);
	CU_ASSERT(2 * device[0] > 3 * cluster[1]);
	CU_ASSERT(device[0] > 10 * device[1]);
	CU_ASSERT(device[0] > cluster[0]);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "a CPU goes on in its own cluster", test_next_slot_of_each_cpu },
	{ "of each device", test_next_slot_of_each_device },
	{ "free, nonfull, and that is frag when it is scanned", test_list_order },
	{ "then frag", test_frag_comes_last },
	{ "an emptied cluster goes to the tail of free", test_emptied_goes_to_the_tail_of_free },
	{ "when swap is getting full a slot of the cache is taken at once", test_reclaim_when_full },
	{ "and full clusters take turns in giving theirs", test_full_clusters },
	{ "a slot is freed under si->lock, its shadow after the cluster's lock",
	  test_free_is_under_the_device_lock },
	{ "eight CPUs wait for si->lock", test_contention },
};

UNIT_MAIN("device_lock", tests)
