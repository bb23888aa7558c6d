/* Devices that are swapped off, and on again: nothing is lost, nothing is left, and what stands in the way.
 */
#include "models/swap/swapoff.h"

#include <stdio.h>

#include "models/invariants.h"
#include "models/run.h"
#include "models/swap/slot_cache.h"
#include "sim/rcu.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { PAGES = 64, SWAPPED = 40, SLOTS = 127 };

static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

static void check_sound(struct world *w)
{
	char *wrong = audit(w->k);
	GString *why = g_string_new(NULL);

	if (wrong)
		printf("\n%s\n", wrong);
	CU_ASSERT_PTR_NULL(wrong);
	CU_ASSERT(invariants_hold(&w->k->machine, why));
	if (why->len)
		printf("\n%s\n", why->str);
	g_string_free(why, TRUE);
	g_free(wrong);
}

/* Pages 0..63 are written, 0..39 of them swapped out. */
static void swap_out_some(struct world *w, const char *release, const char *device)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = device,
					   .pages = PAGES,
					   .slots = SLOTS,
					   .per_cluster = 8,
					   .space_clusters = 8,
					   .check_locks = true });
	world_write_range(w, 0, PAGES);
	world_drain(w, 0);
	world_pageout(w, 0, SWAPPED);
	world_idle(w, 10); /* what is written is written */
	world_pageout(w, 0, SWAPPED);
}

static u32 swapped(const struct world *w)
{
	u32 n = 0;

	for (u32 i = 0; i < PAGES; i++)
		n += is_swapped(w, i);
	return n;
}

static void check_gone(const struct world *w, u32 device)
{
	const struct swap_device *si = &w->k->device[device];

	CU_ASSERT_EQUAL(si->flags, 0);
	CU_ASSERT_EQUAL(si->has_maps, 0);
	CU_ASSERT_EQUAL(si->inuse, 0);
	CU_ASSERT_EQUAL(si->on_avail_list, 0);
	CU_ASSERT_EQUAL(si->static_bytes, 0);
	CU_ASSERT(percpu_ref_is_zero(&si->users));
	for (u32 c = 0; c < si->clusters; c++)
		CU_ASSERT_EQUAL(w->k->cluster[si->first_cluster + c].flags, CLUSTER_NONE);
}

static void comes_back(const char *release, const char *device)
{
	struct world w;

	swap_out_some(&w, release, device);
	CU_ASSERT_EQUAL(swapped(&w), SWAPPED);
	CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(swapped(&w), 0);
	CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, PAGES);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 0);
	CU_ASSERT_EQUAL(w.k->swap->total_pages, 0);
	CU_ASSERT_EQUAL(w.k->swap->active, 0);
	CU_ASSERT_EQUAL(w.k->latency[LATENCY_SWAPOFF].count, 1);
	world_idle(&w, 20); /* tables are freed after a grace period */
	CU_ASSERT_EQUAL(w.k->memory->pool_pages + w.k->memory->meta_pages, 0);
	CU_ASSERT_EQUAL(w.k->memory->free, w.k->memory->pages - PAGES);
	check_gone(&w, 0);
	check_sound(&w);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, 8), 0); /* there is nowhere to go */
	CU_ASSERT_EQUAL(swapped(&w), 0);
	check_sound(&w);
	world_release(&w);
}

static void test_comes_back(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		comes_back(releases[i], "zram-lz4");
		comes_back(releases[i], "pmem");
		comes_back(releases[i], "nvme-client");
		comes_back(releases[i], "disk-rot");
	}
}

/* Mapped without having been used: reclaim may take it first. */
static void test_mapped_old(void)
{
	struct world w;

	swap_out_some(&w, "6.18", "zram-lz4");
	RUN(&w, swapoff, .device = 0);
	CU_ASSERT_FALSE(flags_at(&w, 0) & (PTE_ACCESSED | PTE_DIRTY));
	CU_ASSERT(folio_at(&w, 0)->flags & FOLIO_DIRTY);
	CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_SWAPCACHE);
	world_release(&w);
}

/* Up to 6.17 what swapoff finds in the cache makes its readahead bolder. */
static void test_readahead(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;

		swap_out_some(&w, releases[i], "nvme-client");
		w.k->config.page_cluster = 3;
		RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = SWAPPED); /* out of the cache */
		RUN(&w, swapoff, .device = 0);
		CU_ASSERT(counted(&w, SWAP_RA) > 0);
		CU_ASSERT_EQUAL(counted(&w, PGMAJFAULT), 0);
		CU_ASSERT_EQUAL(counted(&w, SWAP_RA_HIT) > 0, w.k->release->cache == SWAP_CACHE_XARRAY);
		check_sound(&w);
		world_release(&w);
	}
}

/* A folio of which only the swap cache has the slot is taken out of it. */
static void test_leftovers(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;
		u32 entry;

		swap_out_some(&w, releases[i], "nvme-client");
		entry = entry_at(&w, 0);
		world_read(&w, 0);
		CU_ASSERT(slot_is_cache_only(w.k, entry));
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
		CU_ASSERT_FALSE(folio_at(&w, 0)->flags & FOLIO_SWAPCACHE);
		check_gone(&w, 0);
		check_sound(&w);
		world_release(&w);
	}
}

static void test_on_again(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;

		swap_out_some(&w, releases[i], "zram-lz4");
		CU_ASSERT_EQUAL(RUN(&w, swapon, .device = 0), PATH_EBUSY);
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_EINVAL);
		check_sound(&w);
		CU_ASSERT_EQUAL(RUN(&w, swapon, .device = 0), PATH_OK);
		CU_ASSERT_EQUAL(w.k->swap->free_pages, SLOTS);
		CU_ASSERT_EQUAL(w.k->swap->total_pages, SLOTS);
		CU_ASSERT_EQUAL(w.k->device[0].priority, -2);
		CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count, 15); /* the header has one */
		world_idle(&w, 20);
		check_sound(&w);
		CU_ASSERT_EQUAL(world_pageout(&w, 0, 8), 8);
		CU_ASSERT_EQUAL(entry_at(&w, 0), w.k->patch.nonfull_first ? 1 : 64); /* as in a new one */
		world_read(&w, 0);
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
		check_gone(&w, 0);
		world_release(&w);
	}
}

static void test_no_memory_for_maps(void)
{
	struct world w;
	u64 free;

	swap_out_some(&w, "6.18", "nvme-client");
	RUN(&w, swapoff, .device = 0);
	free = w.k->memory->free;
	w.k->memory->free = w.k->memory->min;
	CU_ASSERT_EQUAL(RUN(&w, swapon, .device = 0), PATH_ENOMEM);
	CU_ASSERT_EQUAL(w.k->device[0].flags, 0);
	w.k->memory->free = free;
	check_sound(&w);
	CU_ASSERT_EQUAL(RUN(&w, swapon, .device = 0), PATH_OK);
	check_sound(&w);
	world_release(&w);
}

/* One that is off from the start has no maps, no slots and no memory until it is on. */
static void test_off_from_the_start(void)
{
	struct world w;
	struct world_size size = { .slots = SLOTS, .devices = 2, .per_cluster = 8, .space_clusters = 8 };
	struct kernel_config c = world_config(&w, &size);

	w.device[0].off = true;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	w.k->mm[0].users = 1;
	check_gone(&w, 0);
	CU_ASSERT_FALSE(percpu_ref_tryget_live(&w.k->device[0].users));
	check_sound(&w);
	CU_ASSERT_EQUAL(w.k->swap->total_pages, SLOTS);
	CU_ASSERT_EQUAL(w.k->device[1].priority, -2);
	CU_ASSERT_EQUAL(w.k->device[1].first_slot, 128);
	CU_ASSERT_EQUAL(RUN(&w, swapon, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(w.k->device[0].priority, -3);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 2 * SLOTS);
	check_sound(&w);
	world_release(&w);
}

/* Those without a priority move up, and who comes back comes last; but not after a swapoff that failed. */
static void test_priorities(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .slots = SLOTS, .devices = 3, .per_cluster = 8 });
	RUN(&w, swapoff, .device = 0);
	CU_ASSERT_EQUAL(w.k->device[1].priority, -2);
	CU_ASSERT_EQUAL(w.k->device[2].priority, -3);
	RUN(&w, swapon, .device = 0);
	CU_ASSERT_EQUAL(w.k->device[0].priority, -4);
	CU_ASSERT_EQUAL(w.k->swap->avail_order[0], 1);
	CU_ASSERT_EQUAL(w.k->swap->avail_order[2], 0);
	world_write_range(&w, 0, PAGES);
	world_drain(&w, 0);
	world_pageout(&w, 0, SWAPPED);
	w.k->mm[0].oom |= MM_SIGKILL; /* of everybody: the next task is of the process */
	ADD_ON(&w, 0, swapoff, .device = 1);
	w.k->work[w.k->machine.tasks - 1].mm = 0;
	CU_ASSERT_FATAL(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(w.k->machine.task[w.k->machine.tasks - 1].ret, PATH_EINTR);
	CU_ASSERT_EQUAL(w.k->device[1].priority, -2);
	CU_ASSERT_EQUAL(w.k->device[2].priority, -2);
	CU_ASSERT_EQUAL(w.k->swap->avail_order[0], 2);
	world_release(&w);
}

/* A task of no process, as "operations" makes one. */
static u32 add_swapoff(struct world *w, u32 device)
{
	u32 id = ADD_ON(w, 1, swapoff, .device = device);

	w->k->work[id].mm = WORK_NO_MM;
	return id;
}

/* Slots of a process that exits are not read back: without end, until it is through. A signal ends that, and
 * the device is on as before. */
static void test_interrupted(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;
		u32 id;

		swap_out_some(&w, releases[i], "zram-lz4");
		w.k->mm[0].users = 0;
		id = add_swapoff(&w, 0);
		CU_ASSERT_FATAL(machine_run(&w.k->machine, w.k->machine.now + 10000000, NULL));
		CU_ASSERT_EQUAL(swapped(&w), SWAPPED);
		CU_ASSERT_EQUAL(w.k->swap->total_pages, 0);
		CU_ASSERT_EQUAL(w.k->swap->free_pages, -(s64)w.k->device[0].inuse);
		CU_ASSERT_EQUAL(w.k->work[id].oom_origin, 1);
		CU_ASSERT_EQUAL(w.k->device[0].flags, SWP_USED);
		w.k->mm[0].users = 1;
		w.k->work[id].killed = 1;
		CU_ASSERT_FATAL(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT_EQUAL(w.k->machine.task[id].ret, PATH_EINTR);
		CU_ASSERT_EQUAL(w.k->work[id].oom_origin, 0);
		CU_ASSERT_EQUAL(w.k->device[0].flags, SWP_USED | SWP_WRITEOK);
		CU_ASSERT_EQUAL(w.k->swap->total_pages, SLOTS);
		CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
		CU_ASSERT_EQUAL(w.k->latency[LATENCY_SWAPOFF].count, 0);
		check_sound(&w);
		CU_ASSERT_EQUAL(world_pageout(&w, SWAPPED, PAGES - SWAPPED), PAGES - SWAPPED);
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
		CU_ASSERT_EQUAL(swapped(&w), 0);
		check_gone(&w, 0);
		check_sound(&w);
		world_release(&w);
	}
}

/* In 6.12 the caches are emptied, and nobody fills one meanwhile. */
static void test_slot_caches(void)
{
	struct world w;
	u32 id;

	world_init(&w, (struct world_size){ .release = "6.12", .pages = PAGES, .slots = 4095 });
	world_write_range(&w, 0, PAGES);
	world_drain(&w, 0);
	world_pageout(&w, 0, SWAPPED);
	CU_ASSERT(slot_caches_count(w.k) > 0);
	id = add_swapoff(&w, 0);
	while (!w.k->swap_slots->disabled)
		CU_ASSERT_FATAL(machine_run(&w.k->machine, w.k->machine.now + 100, NULL));
	CU_ASSERT_EQUAL(w.k->swap_slots->enable_mutex.owner, id + 1);
	CU_ASSERT_FATAL(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(w.k->machine.task[id].ret, PATH_OK);
	CU_ASSERT_EQUAL(slot_caches_count(w.k), 0);
	CU_ASSERT_EQUAL(w.k->swap_slots->disabled, 1); /* there is no device */
	CU_ASSERT_EQUAL(w.k->swap_slots->enable_mutex.owner, 0);
	check_gone(&w, 0);
	RUN(&w, swapon, .device = 0);
	CU_ASSERT_EQUAL(w.k->swap_slots->disabled, 0);
	world_pageout(&w, 0, SWAPPED);
	CU_ASSERT(slot_caches_count(w.k) > 0);
	check_sound(&w);
	world_release(&w);
}

static void end_grace_periods(struct world *w)
{
	while (rcu_waiting(&w->k->machine))
		rcu_check(&w->k->machine, 0);
}

/* The last of them wakes it. */
static void test_waits_for_users(void)
{
	struct world w;
	u32 id;

	swap_out_some(&w, "6.18", "zram-lz4");
	world_by_hand(&w);
	percpu_ref_get(&w.k->device[0].users);
	id = add_swapoff(&w, 0);
	CU_ASSERT_FATAL(world_step_to(&w, id, "swapoff.SYNC_RCU"));
	end_grace_periods(&w);
	CU_ASSERT_FATAL(world_step_to(&w, id, "swapoff.WAIT_USERS"));
	CU_ASSERT_FALSE(world_step_to(&w, id, NULL));
	CU_ASSERT_FALSE(percpu_ref_tryget_live(&w.k->device[0].users));
	CU_ASSERT_EQUAL(w.k->device[0].has_maps, 1);
	percpu_ref_put(&w.k->machine, &w.k->device[0].users);
	CU_ASSERT(world_step_to(&w, id, NULL));
	check_gone(&w, 0);
	world_release(&w);
}

/* A fault that comes too late for the device finds its page mapped when it is tried again. */
static void test_fault_too_late(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;
		u32 fault, id;

		swap_out_some(&w, releases[i], "zram-lz4");
		world_by_hand(&w);
		fault = ADD_ON(&w, 0, do_swap_page, .page = page_of(&w, 0));
		CU_ASSERT_FATAL(world_step_to(&w, fault, "do_swap_page.LOOKUP"));
		id = add_swapoff(&w, 0);
		CU_ASSERT_FATAL(world_step_to(&w, id, "swapoff.SYNC_RCU"));
		end_grace_periods(&w);
		CU_ASSERT_FATAL(world_step_to(&w, id, NULL));
		CU_ASSERT(world_step_to(&w, fault, NULL));
		CU_ASSERT(is_resident(&w, 0));
		CU_ASSERT_PTR_NULL(w.k->machine.failure);
		world_release(&w);
	}
}

/* One that holds the device is waited for. */
static void test_fault_in_time(void)
{
	struct world w;
	u32 fault, id;

	swap_out_some(&w, "6.17+bypass-pin=off", "zram-lz4");
	world_by_hand(&w);
	fault = ADD_ON(&w, 0, do_swap_page, .page = page_of(&w, 0));
	CU_ASSERT_FATAL(world_step_to(&w, fault, "zram_read_page.DECOMPRESS"));
	CU_ASSERT_EQUAL(w.k->device[0].users.count, 2);
	id = add_swapoff(&w, 0);
	CU_ASSERT_FATAL(world_step_to(&w, id, "swapoff.SYNC_RCU"));
	end_grace_periods(&w);
	CU_ASSERT_FATAL(world_step_to(&w, id, "swapoff.WAIT_USERS"));
	CU_ASSERT_FALSE(world_step_to(&w, id, NULL));
	CU_ASSERT(world_step_to(&w, fault, NULL));
	CU_ASSERT(world_step_to(&w, id, NULL));
	CU_ASSERT_PTR_NULL(w.k->machine.failure);
	check_gone(&w, 0);
	world_release(&w);
}

/* What is being discarded is waited for. */
static void test_discards(void)
{
	struct world w;
	struct world_size size = {
		.device = "nvme-client", .slots = SLOTS, .per_cluster = 8, .pages = PAGES
	};
	struct kernel_config c = world_config(&w, &size);

	w.device[0].discard = true;
	w.k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w.k != NULL);
	w.k->mm[0].users = 1;
	world_write_range(&w, 0, PAGES);
	world_drain(&w, 0);
	world_pageout(&w, 0, SWAPPED);
	CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(w.k->device[0].discarding, 0);
	CU_ASSERT_EQUAL(w.k->device[0].discard_work, 0);
	check_gone(&w, 0);
	check_sound(&w);
	world_release(&w);
}

/* ---- memory ---- */

/* All that is on the device does not fit: who brings that about is killed, and nobody else. */
static void test_out_of_memory(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;
		u32 id;

		world_init(&w, (struct world_size){ .release = releases[i],
						    .device = "pmem",
						    .memory = 128,
						    .min = 8,
						    .pages = 160,
						    .slots = 255 });
		world_fill(&w, 160);
		id = add_swapoff(&w, 0);
		CU_ASSERT_FATAL(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT(w.k->machine.task[id].ret == PATH_ENOMEM ||
			  w.k->machine.task[id].ret == PATH_EINTR);
		CU_ASSERT_EQUAL(w.k->work[id].killed, 1);
		CU_ASSERT_EQUAL(w.k->count[0][EVENTS_OOM_KILL], 1);
		CU_ASSERT_EQUAL(w.k->mm[0].oom, 0);
		CU_ASSERT_EQUAL(w.k->mm[0].anon_pages + w.k->mm[0].swap_ents, 160);
		CU_ASSERT_EQUAL(w.k->device[0].flags, SWP_USED | SWP_WRITEOK);
		check_sound(&w);
		world_release(&w);
	}
}

/* Without the device a cgroup is too small for task a, which is the largest in it; b has a page. */
static struct kernel *run_out(struct scenario **s, const char *b, const char *operations)
{
	GError *error = NULL;
	char *text = g_strdup_printf(
	    "{'format':1,'name':'t','machine':{'kernel':'6.18','cpus':2,'memory':'2MiB','charge_batch':1},"
	    "'swap':[{'device':'pmem','size':'1MiB'}],'cgroups':[{'name':'g','memory.max':'512KiB'}],'tasks':"
	    "["
	    "{'name':'a','cgroup':'g','overhead_pages':0,"
	    "'workload':{'seq':{'pages':192,'passes':20,'think':'1us'}}},"
	    "{'name':'b','cgroup':'g','overhead_pages':0,'do':[{'op':'write','page':'b0'}%s]}],"
	    "'operations':[%s]}",
	    b, operations);
	struct build_options options = { .seed = 1 };
	struct kernel *k;

	*s = scenario_right(text);
	k = scenario_build(*s, &options, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT(machine_run(&k->machine, UINT64_C(10000000000), &error));
	if (error)
		printf("\n%s\n", error->message);
	CU_ASSERT_EQUAL(k->machine.tasks_left, 0);
	g_clear_error(&error);
	g_free(text);
	return k;
}

/* Somebody outside swaps off: as for every other charge the largest process of the cgroup is killed. */
static void test_cgroup_out_of_memory(void)
{
	struct scenario *s;
	struct kernel *k = run_out(&s, "", "{'at':'1ms','swapoff':0}");

	CU_ASSERT(k->mm[0].oom & MM_SIGKILL);
	CU_ASSERT_FALSE(k->mm[1].oom & MM_SIGKILL);
	CU_ASSERT_EQUAL(k->device[0].flags, 0);
	kernel_free(k);
	scenario_free(s);
}

/* Somebody in it does, when a has pages there: it is killed, small as it is. */
static void test_origin_goes_first(void)
{
	GString *script = g_string_new(NULL);
	struct scenario *s;
	struct kernel *k;

	for (u32 i = 0; i < 200; i++)
		g_string_append(script, ",{'op':'swap_out','page':'b0'},{'op':'read','page':'b0'}");
	g_string_append(script, ",{'op':'swapoff','device':0}");
	k = run_out(&s, script->str, "");
	CU_ASSERT_FALSE(k->mm[0].oom & MM_SIGKILL);
	CU_ASSERT(k->mm[1].oom & MM_SIGKILL);
	CU_ASSERT_EQUAL(k->device[0].flags, SWP_USED | SWP_WRITEOK);
	CU_ASSERT_EQUAL(k->device[0].users.count, 1);
	kernel_free(k);
	scenario_free(s);
	g_string_free(script, TRUE);
}

/* ---- scenarios ---- */

static void test_mistakes(void)
{
	static const struct {
		const char *operations, *script, *why;
	} cases[] = {
		{ "{'at':'1s','swapoff':2}", "{'op':'exit'}",
		  "operations[0].swapoff: there is no swap device 2 (expected 0..1, places in \"swap\")" },
		{ "{'at':'1s','cgroup':'g','swapon':0}", "{'op':'exit'}",
		  "operations[0].cgroup: is of no use to \"swapon\" (expected none)" },
		{ "", "{'op':'swapoff'}",
		  "tasks[0].do[0]: missing key \"device\" (expected a place in \"swap\")" },
		{ "", "{'op':'swapoff','device':7}",
		  "tasks[0].do[0].device: there is no swap device 7 (expected 0..1, places in \"swap\")" },
		{ "", "{'op':'swapon','device':0,'page':'t0'}",
		  "tasks[0].do[0].page: is of no use to \"swapon\" (expected none)" },
		{ "", "{'op':'read','device':0,'page':'t0'}",
		  "tasks[0].do[0].device: is of no use to \"read\" (expected none)" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		GError *error = NULL;
		char *text = g_strdup_printf(
		    "{'format':1,'name':'t','swap':[{'device':'pmem','size':'1MiB'},{'device':'pmem','size':"
		    "'1MiB','swapon':false}],'cgroups':[{'name':'g'}],'tasks':[{'name':'t','do':[%s]}],"
		    "'operations':[%s]}",
		    cases[i].script, cases[i].operations);
		struct scenario *s = scenario_from(text, &error);

		CU_ASSERT_PTR_NULL(s);
		CU_ASSERT_PTR_NOT_NULL_FATAL(error);
		CU_ASSERT(g_str_has_suffix(error->message, cases[i].why));
		if (!g_str_has_suffix(error->message, cases[i].why))
			printf("\n%s\n", error->message);
		g_error_free(error);
		g_free(text);
	}
}

static const struct unit tests[] = {
	{ "every page comes back, and nothing of the device is left", test_comes_back },
	{ "what comes back is mapped as not used", test_mapped_old },
	{ "pages are read ahead, and no fault is counted", test_readahead },
	{ "what only the cache holds is freed", test_leftovers },
	{ "a device comes back as new, and refuses what makes no sense", test_on_again },
	{ "without memory for its maps a device stays off", test_no_memory_for_maps },
	{ "a device may be off from the start", test_off_from_the_start },
	{ "priorities by default close ranks", test_priorities },
	{ "a swapoff that is killed leaves the device on", test_interrupted },
	{ "slot caches stand still meanwhile", test_slot_caches },
	{ "the last user of the device is waited for", test_waits_for_users },
	{ "a fault that does not get hold of the device is tried again", test_fault_too_late },
	{ "a fault that holds the device keeps it", test_fault_in_time },
	{ "discards are waited for", test_discards },
	{ "without memory for all the swapoff is killed", test_out_of_memory },
	{ "without room in a cgroup its largest process is killed", test_cgroup_out_of_memory },
	{ "a process that swaps off is the first to be killed", test_origin_goes_first },
	{ "scenarios that make no sense are refused", test_mistakes },
};

UNIT_MAIN("swapoff", tests)
