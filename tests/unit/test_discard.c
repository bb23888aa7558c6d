/* Clusters that a device is told of when they become empty. */
#include "models/swap/discard.h"

#include "models/audit.h"
#include "models/block/block.h"
#include "models/mm/memory.h"
#include "models/swap/cluster.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 4 };

static void clusters_on(struct world *w, const char *release, const char *device, u32 devices)
{
	struct world_size size = { .release = release,
				   .device = device,
				   .per_cluster = PER_CLUSTER,
				   .space_clusters = 8,
				   .slots = CLUSTERS * PER_CLUSTER - 1,
				   .devices = devices,
				   .check_locks = true };
	struct kernel_config c = world_config(w, &size);

	for (u32 i = 0; i < devices; i++)
		w->device[i].discard = true;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	w->k->mm[0].users = 1;
}
static void four_clusters(struct world *w, const char *release, const char *device)
{
	clusters_on(w, release, device, 1);
}

static u32 take(struct world *w)
{
	u32 folio = folio_alloc(w->k, 0, 0);

	w->k->folio[folio].memcg = 1;
	w->k->folio_io[folio].lock = w->k->machine.tasks + 1;
	return RUN(w, folio_alloc_swap, .folio = folio) ? 0 : w->k->folio_io[folio].swap;
}

/* As RUN, but only for as long as the path takes: what goes on meanwhile goes on. */
static void give(struct world *w, u32 entry)
{
	u32 task = ADD_ON(w, 0, folio_free_swap, .folio = word_folio(w->k->slot[entry].cache));

	while (w->k->machine.task[task].state != TASK_DONE)
		machine_run(&w->k->machine, machine_next_due(&w->k->machine), NULL);
}

static u32 flags_of(const struct world *w, u32 cluster)
{
	return w->k->cluster[cluster].flags;
}

static u64 discard_ns(const struct world *w)
{
	return w->k->device_model[0]->disk->discard_ns;
}

static void expect_sound(struct world *w)
{
	GString *why = g_string_new(NULL);

	for (const struct audit *a = audits_of_swap; a->what.name; a++)
		CU_ASSERT(a->what.holds(&w->k->machine, why));
	CU_ASSERT_STRING_EQUAL(why->str, "");
	g_string_free(why, TRUE);
}

static const char *const releases[] = { "6.17", "6.18" };

/* Fills clusters 1 and 2, which come first in 6.17; empties them. */
static void empty_two(struct world *w, u64 *when)
{
	u32 first;

	while (!(first = take(w)) || first < PER_CLUSTER)
		;
	for (u32 i = 1; i < 2 * PER_CLUSTER; i++)
		CU_ASSERT_EQUAL(take(w), first + i);
	CU_ASSERT_EQUAL(first, PER_CLUSTER);
	for (u32 i = 0; i < 2 * PER_CLUSTER; i++) {
		give(w, first + i);
		if (i == PER_CLUSTER - 1)
			*when = w->k->machine.now;
	}
}

static void test_one_after_the_other(void)
{
	struct world w;
	u64 start;

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		four_clusters(&w, releases[i], "emmc51");
		CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count,
				3); /* a new device has none to discard */
		empty_two(&w, &start);
		CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_DISCARD);
		CU_ASSERT_EQUAL(flags_of(&w, 2), CLUSTER_DISCARD);
		CU_ASSERT_EQUAL(w.k->device[0].discarding, 1 + 1);
		CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_DISCARD].count, 1);
		CU_ASSERT_EQUAL(w.k->cluster[1].has_table, i == 1);
		expect_sound(&w);
		world_idle(&w, 20); /* it takes 15 ms */
		CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_FREE);
		CU_ASSERT_EQUAL(w.k->cluster[1].has_table, 0); /* only now */
		CU_ASSERT_EQUAL(flags_of(&w, 2), CLUSTER_DISCARD);
		CU_ASSERT_EQUAL(w.k->device[0].discarding, 2 + 1);
		CU_ASSERT(w.k->disk[0].path_free[0] <= start + 2 * discard_ns(&w));
		CU_ASSERT(w.k->disk[0].path_free[0] > start + 2 * discard_ns(&w) - 10000);
		expect_sound(&w);
		world_idle(&w, 20);
		CU_ASSERT_EQUAL(flags_of(&w, 2), CLUSTER_FREE);
		CU_ASSERT_EQUAL(w.k->device[0].discarding, 0);
		expect_sound(&w);
		world_release(&w);
	}
}

/* Some drives do nothing else meanwhile. */
static void test_device_stops(void)
{
	struct world w;
	u64 start;

	four_clusters(&w, "6.18", "sata-ssd");
	empty_two(&w, &start);
	CU_ASSERT(w.k->disk[0].path_free[0] > w.k->machine.now);
	world_release(&w);
	four_clusters(&w, "6.18", "nvme-client");
	empty_two(&w, &start);
	CU_ASSERT_EQUAL(w.k->disk[0].path_free[0], 0);
	world_release(&w);
}

/* A cluster that becomes empty while the device is swapped off is not discarded. */
static void test_not_at_swapoff(void)
{
	struct world w;
	u32 slot;

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		four_clusters(&w, releases[i], "emmc51");
		while ((slot = take(&w)) < PER_CLUSTER)
			;
		w.k->device[0].flags &= ~SWP_WRITEOK;
		give(&w, slot);
		CU_ASSERT_EQUAL(flags_of(&w, slot / PER_CLUSTER), CLUSTER_FREE);
		CU_ASSERT_EQUAL(w.k->device[0].discarding, 0);
		world_release(&w);
	}
}

/* With nothing else left who needs a slot has one discarded, and sleeps for it. */
static void test_who_finds_nothing(void)
{
	struct world w;
	u64 start;
	u32 n = 0;

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		four_clusters(&w, releases[i], "sata-ssd");
		while (take(&w))
			n++;
		CU_ASSERT_EQUAL(n, (i + 1) * (CLUSTERS * PER_CLUSTER - 1));
		for (u32 slot = PER_CLUSTER; slot < 3 * PER_CLUSTER; slot++)
			give(&w, slot);
		CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count, 0);
		CU_ASSERT_EQUAL(w.k->device[0].discarding, 1 + 1);
		start = w.k->machine.now;
		CU_ASSERT(take(&w) >= PER_CLUSTER);
		CU_ASSERT(w.k->machine.now - start >= discard_ns(&w));
		expect_sound(&w);
		world_release(&w);
	}
}

/* 6.18 takes partly used clusters first, but on a device that discards free ones. */
static void test_order(void)
{
	struct world w;

	four_clusters(&w, "6.18", "nvme-client");
	CU_ASSERT_EQUAL(cluster_list_at_stage(w.k, 0, 0, 0), CLUSTER_FREE);
	CU_ASSERT_EQUAL(cluster_list_at_stage(w.k, 0, 0, 1), CLUSTER_NONFULL);
	w.k->device[0].discards = 0;
	CU_ASSERT_EQUAL(cluster_list_at_stage(w.k, 0, 0, 0), CLUSTER_NONFULL);
	CU_ASSERT_EQUAL(cluster_list_at_stage(w.k, 0, 0, 1), CLUSTER_FREE);
	world_release(&w);
}

static void test_scenario(void)
{
#define SWAP(device, discard)                                                                                \
	"{'format':1,'name':'d','swap':[{'device':'" device "','size':'4MiB','discard':'" discard            \
	"'}],'tasks':[{'name':'t','workload':{'seq':{'size':'1MiB'}}}]}"
	GError *error = NULL;
	struct scenario *s = scenario_right(SWAP("nvme-fast", "pages"));
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_EQUAL(k->device[0].discards, 1);
	kernel_free(k);
	scenario_free(s);
	s = scenario_right(SWAP("sata-ssd", "once"));
	k = scenario_build(s, &options, NULL);
	CU_ASSERT_EQUAL(k->device[0].discards, 0);
	kernel_free(k);
	scenario_free(s);
	CU_ASSERT_PTR_NULL(scenario_from(SWAP("hdd7200", "once"), &error));
	CU_ASSERT_STRING_EQUAL(
	    error->message,
	    "s.json:1:76: swap[0].discard: hdd7200 cannot discard (expected \"none\", or one of "
	    "nvme-client, nvme-fast, nvme-dc-tlc, sata-ssd, ufs31, emmc51)");
	g_clear_error(&error);
#undef SWAP
}

/* A cluster that waits, as if the worker had just passed. */
static void let_wait(struct world *w, u32 device)
{
	u32 cluster = w->k->device[device].first_cluster + 1;

	cluster_list_del(w->k, cluster);
	cluster_list_append(w->k, cluster, CLUSTER_DISCARD);
}

static u32 waiting(const struct world *w, u32 device)
{
	return w->k->device[device].list[CLUSTER_DISCARD].count;
}

/* One device is enough for who needs a slot, and one that is about to be swapped off is none. */
static void test_one_device_is_enough(void)
{
	for (u32 off = 0; off < 2; off++) {
		struct world w;

		clusters_on(&w, "6.18", "nvme-client", 2);
		let_wait(&w, 0);
		let_wait(&w, 1);
		if (off)
			percpu_ref_kill(&w.k->machine, &w.k->device[0].users);
		CU_ASSERT_EQUAL(RUN(&w, swap_sync_discard, .device = 0), 1);
		CU_ASSERT_EQUAL(waiting(&w, 0), off);
		CU_ASSERT_EQUAL(waiting(&w, 1), !off);
		world_release(&w);
	}
}

/* Swapoff waits until all that was begun is done. */
static void test_swapoff_waits(void)
{
	struct world w;
	u64 start;

	four_clusters(&w, "6.17", "emmc51");
	empty_two(&w, &start);
	CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(w.k->device[0].discarding, 0);
	CU_ASSERT(w.k->machine.now >= start + 2 * discard_ns(&w) - 10000);
	world_release(&w);
}

static bool lists_sound(struct world *w)
{
	const struct audit *a = audits_of_swap;

	while (strcmp(a->what.name, "cluster_lists"))
		a++;
	return a->what.holds(&w->k->machine, NULL);
}

/* Who has a cluster discarded holds it meanwhile, and one that nobody holds is lost. */
static void test_cluster_is_with_the_device(void)
{
	struct world w;
	u32 task;

	clusters_on(&w, "6.18", "nvme-client", 1);
	let_wait(&w, 0);
	task = ADD_ON(&w, 0, swap_sync_discard, .device = 0);
	while (waiting(&w, 0))
		machine_run(&w.k->machine, machine_next_due(&w.k->machine), NULL);
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_DISCARD);
	CU_ASSERT(w.k->machine.task[task].state != TASK_DONE);
	CU_ASSERT(lists_sound(&w));
	w.k->cluster[2].flags = CLUSTER_DISCARD;
	CU_ASSERT(!lists_sound(&w));
	w.k->cluster[2].flags = CLUSTER_FREE;
	machine_run(&w.k->machine, TIME_NEVER - 1, NULL);
	CU_ASSERT_EQUAL(flags_of(&w, 1), CLUSTER_FREE);
	expect_sound(&w);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "emptied clusters are free once they are discarded, one after the other",
	  test_one_after_the_other },
	{ "a drive that stops for it stops", test_device_stops },
	{ "nothing is discarded while the device is swapped off", test_not_at_swapoff },
	{ "who finds no slot discards what waits", test_who_finds_nothing },
	{ "6.18: free clusters come first then", test_order },
	{ "a scenario asks for it, of devices that can", test_scenario },
	{ "who finds no slot has one device discard", test_one_device_is_enough },
	{ "swapoff waits for all that was begun", test_swapoff_waits },
	{ "a cluster that is being discarded is not lost", test_cluster_is_with_the_device },
};

UNIT_MAIN("discard", tests)
