/* Reclaim for the machine: the daemon, the long way of an allocation, walks over cgroups, the end. */
#include "models/mm/kswapd.h"

#include "models/mm/memory.h"
#include "models/mm/oom.h"
#include "models/mm/psi.h"
#include "sim/lock.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/short_world.h"

static void test_asleep(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	hide_free(&w, 127);
	world_write(&w, 0);
	world_write(&w, 1);
	CU_ASSERT_EQUAL(w.k->memory->free, 125);
	CU_ASSERT_EQUAL(w.k->memory->kswapd, 0);
	CU_ASSERT_EQUAL(machine_counted(&w, PAGEOUTRUN), 0);
	world_release(&w);
}

/* It reclaims up to the high watermark and no more than a round beyond. */
static void test_balances(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, 125);
	w.k->lruvec[0].activated[LRU_ANON] = 5;
	world_write(&w, 800);
	world_idle(&w, 50);
	CU_ASSERT(w.k->memory->kswapd != 0);
	CU_ASSERT_EQUAL(w.k->lruvec[0].activated_then[LRU_ANON], 5); /* the next run knows them */
	CU_ASSERT_EQUAL(machine_counted(&w, PAGEOUTRUN), 1);
	CU_ASSERT_EQUAL(machine_counted(&w, ALLOCSTALL), 0);
	CU_ASSERT(w.k->memory->free > 150);
	CU_ASSERT(w.k->memory->free < 150 + 3 * 32);
	CU_ASSERT(machine_counted(&w, PGSTEAL_KSWAPD) > 0);
	CU_ASSERT_EQUAL(machine_counted(&w, PGSTEAL_KSWAPD), machine_counted(&w, PGSTEAL));
	CU_ASSERT_EQUAL(machine_counted(&w, PGSCAN_DIRECT), 0);
	world_idle(&w, 300);
	CU_ASSERT(w.k->memory->kswapd_asleep);
	hide_free(&w, 120);
	world_write(&w, 801);
	world_idle(&w, 50);
	CU_ASSERT_EQUAL(machine_counted(&w, PAGEOUTRUN), 2);
	CU_ASSERT(w.k->memory->free > 150);
	world_release(&w);
}

/* Nothing to reclaim: 16 runs, and then it is left to others. */
static void test_gives_up(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	for (u32 i = 0; i < 40; i++) {
		hide_free(&w, 110);
		world_write(&w, i);
		world_idle(&w, 150);
	}
	CU_ASSERT_EQUAL(w.k->memory->kswapd_failures, MAX_RECLAIM_RETRIES);
	CU_ASSERT_EQUAL(machine_counted(&w, PAGEOUTRUN), MAX_RECLAIM_RETRIES);
	CU_ASSERT_FALSE(kswapd_may_help(w.k));
	world_release(&w);
}

/* Failures that others' success comes between do not add up: the daemon's own, or that for a cgroup's limit.
 */
static void test_goes_on(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES - 1;
	hide_free(&w, 110);
	world_write(&w, 800);
	world_idle(&w, 50);
	CU_ASSERT(machine_counted(&w, PGSTEAL_KSWAPD) > 0);
	CU_ASSERT_EQUAL(w.k->memory->kswapd_failures, 0);
	w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES;
	CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1) >= 32);
	CU_ASSERT(kswapd_may_help(w.k));
	world_release(&w);
}

/* From 7.0 on only when the machine has memory again: reclaim for a cgroup is none of its business. */
static void test_hopeless(void)
{
	static const char *const releases[] = { "6.18", "7.0", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;
		u64 hidden;

		short_of_memory_on(&w, releases[i], 1024);
		world_fill(&w, 800);
		world_age(&w, 0, 800);
		hidden = hide_free(&w, 50);
		w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES;
		CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1) >= 32);
		CU_ASSERT_EQUAL(kswapd_may_help(w.k), i == 0);
		w.k->memory->free += hidden;
		w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES;
		CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1) >= 32);
		CU_ASSERT(kswapd_may_help(w.k));
		world_release(&w);
	}
}

/* From 7.1 the machine's direct reclaim has that of cgroups at their limits in it; what somebody asks for by
 * memory.reclaim is neither's. */
static void test_counts_direct(void)
{
	static const char *const releases[] = { "7.0", "7.1" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++)
		for (u32 proactive = 0; proactive < 2; proactive++) {
			struct world w;

			short_of_memory_on(&w, releases[i], 256);
			world_fill(&w, 256);
			world_age(&w, 0, 256);
			CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1,
				      .proactive = proactive) >= 32);
			CU_ASSERT_EQUAL(machine_counted(&w, PGSCAN_DIRECT),
					i && !proactive ? machine_counted(&w, PGSCAN) : 0);
			CU_ASSERT_EQUAL(machine_counted(&w, PGSTEAL_DIRECT),
					i && !proactive ? machine_counted(&w, PGSTEAL) : 0);
			CU_ASSERT_EQUAL(machine_counted(&w, PGSCAN_PROACTIVE),
					proactive ? machine_counted(&w, PGSCAN) : 0);
			world_release(&w);
		}
}

static void hold_file_pages(struct world *w, u32 pages, int by)
{
	for (u32 page = 0; page < pages; page++) {
		u32 folio = word_folio(w->k->page_cache[page_of(w, page)]);

		CU_ASSERT_FATAL(folio != 0);
		w->k->folio[folio].refs += by;
	}
}

/* Pages of a file that cannot go, and fewer anonymous ones than are looked at before it is their turn. */
static void test_page_cache_first(void)
{
	enum { FILE_PAGES = 700, ALL = 900 };
	struct world w;

	world_init(&w, (struct world_size){ .memory = MEMORY, .min = MIN, .file_pages = FILE_PAGES });
	for (u32 page = 0; page < FILE_PAGES; page++)
		world_read(&w, page);
	world_write_range(&w, FILE_PAGES, ALL - FILE_PAGES);
	world_drain(&w, 0);
	world_age(&w, 0, ALL);
	hold_file_pages(&w, FILE_PAGES, 1);
	hide_free(&w, 125);
	world_write(&w, ALL);
	world_idle(&w, 100);
	CU_ASSERT_EQUAL(machine_counted(&w, PAGEOUTRUN), 1);
	CU_ASSERT(machine_counted(&w, PSWPOUT) > 25);
	CU_ASSERT(w.k->memory->free > w.k->memory->high);
	hold_file_pages(&w, FILE_PAGES, -1);
	world_release(&w);
}

static void test_direct(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, 100);
	w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES; /* it does not help */
	world_write(&w, 800);
	CU_ASSERT(is_resident(&w, 800));
	CU_ASSERT_EQUAL(machine_counted(&w, ALLOCSTALL), 1);
	CU_ASSERT(machine_counted(&w, PGSTEAL_DIRECT) >= 32);
	CU_ASSERT_EQUAL(machine_counted(&w, PGSTEAL_DIRECT), machine_counted(&w, PGSTEAL));
	CU_ASSERT_EQUAL(w.k->memory->kswapd_failures, 0); /* there is something to be had after all */
	world_release(&w);
}

static u32 alloc_as(struct world *w, u32 flags)
{
	u32 id = w->k->machine.tasks;

	ADD_ON(w, 0, alloc_pages_slowpath, .folio = 0);
	w->k->machine.task[id].flags |= flags;
	CU_ASSERT(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
	return w->k->machine.task[id].ret;
}

static void test_reserves(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES;
	hide_free(&w, 1);
	CU_ASSERT(alloc_as(&w, PF_MEMALLOC) != 0); /* the last page */
	CU_ASSERT_EQUAL(w.k->memory->free, 0);
	CU_ASSERT_EQUAL(alloc_as(&w, PF_MEMALLOC), 0);
	CU_ASSERT_EQUAL(machine_counted(&w, ALLOCSTALL), 0);
	world_release(&w);
}

/* With less than half of min free a task does not reclaim but lets kswapd. */
static void test_lets_kswapd_go_first(void)
{
	struct world w;
	u64 start;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, 50);
	start = w.k->machine.now;
	world_write(&w, 800);
	CU_ASSERT(is_resident(&w, 800));
	CU_ASSERT(machine_counted(&w, PGSTEAL_KSWAPD) > 0);
	CU_ASSERT(w.k->machine.now > start);
	psi_sample(w.k); /* the wait is as much of a stall as the reclaim that follows */
	CU_ASSERT(psi_sampled(w.k, 0, PSI_MEM_SOME) * 2 > histogram_mean(&w.k->latency[LATENCY_RECLAIM]) * 3);
	world_release(&w);
}

/* The daemon is done when a task has seen how little there is and is about to wait. */
static void test_hears_kswapd(void)
{
	struct world w;
	u32 task;

	short_of_memory(&w, 1024);
	world_fill(&w, 800);
	world_age(&w, 0, 800);
	hide_free(&w, 50);
	world_by_hand(&w);
	task = ADD_ON(&w, 0, try_to_free_pages, .start = 0);
	CU_ASSERT(world_step_to(&w, task, "try_to_free_pages.THROTTLE"));
	CU_ASSERT(world_step_to(&w, w.k->memory->kswapd - 1u, "kswapd.NAP"));
	CU_ASSERT(world_step_to(&w, task, "try_to_free_pages.BEGIN_RECLAIM"));
	world_release(&w);
}

/* Nothing to be had: once more with all cgroups, from 6.12, and that counts too. */
static void test_goes(void)
{
	struct world w;

	short_of_memory(&w, 1024);
	w.k->memory->kswapd_failures = MAX_RECLAIM_RETRIES;
	CU_ASSERT_EQUAL(RUN(&w, try_to_free_pages, .start = 0), 0);
	CU_ASSERT_EQUAL(machine_counted(&w, ALLOCSTALL), 2);
	CU_ASSERT_EQUAL(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1), 0);
	CU_ASSERT_EQUAL(machine_counted(&w, ALLOCSTALL), 2); /* a cgroup's is another matter */
	world_release(&w);
}

/* ---- several cgroups ---- */

/* Pages 100 i to 100 i + 99 belong to cgroup 1 + i. */
static void machine_of_cgroups(struct world *w, u32 cgroups)
{
	world_init(w, (struct world_size){ .memcgs = 2 + cgroups, .pages = 1024 });
	for (u32 i = 0; i < cgroups; i++) {
		w->k->mm[0].memcg = 2 + i;
		world_write_range(w, 100 * i, 100);
		world_drain(w, 0);
	}
	world_age(w, 0, 100 * cgroups);
}

/* A limit of the parent takes a little of each in turn: the next reclaim goes on where this one left off. */
static void test_partial_walk(void)
{
	struct world w;

	machine_of_cgroups(&w, 3);
	CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1) >= 32);
	CU_ASSERT(in_cgroup(&w, 2) < 100 || in_cgroup(&w, 3) < 100 || in_cgroup(&w, 4) < 100);
	for (u32 i = 0; i < 2; i++)
		CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1) >= 32);
	for (u32 i = 2; i < 5; i++) { /* nobody paid for the others */
		CU_ASSERT(in_cgroup(&w, i) < 100);
		CU_ASSERT(in_cgroup(&w, i) > 0);
	}
	world_release(&w);
}

static void test_only_below(void)
{
	struct world w;

	machine_of_cgroups(&w, 3);
	CU_ASSERT(RUN(&w, try_to_free_mem_cgroup_pages, .memcg = 3, .nr_pages = 1) >= 32);
	CU_ASSERT_EQUAL(in_cgroup(&w, 2), 100);
	CU_ASSERT(in_cgroup(&w, 3) < 100);
	CU_ASSERT_EQUAL(in_cgroup(&w, 4), 100);
	world_release(&w);
}

static void test_order_of_walk(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .memcgs = 4 }); /* 0, 1 below it, 2 and 3 below 1 */
	CU_ASSERT_EQUAL(w.k->memcg_subtree[0], 4);
	CU_ASSERT_EQUAL(w.k->memcg_subtree[1], 3);
	CU_ASSERT_EQUAL(w.k->memcg_subtree[3], 1);
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(w.k->memcg_walk[i], i);
	world_release(&w);
}

/* ---- whole machines ---- */

static struct run_result *run_of(const char *text)
{
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	GError *error = NULL;
	struct run_result *r = run_scenario(s, &options, NULL, NULL, &error);

	if (!r)
		g_error("%s", error->message);
	scenario_free(s);
	return r;
}

/* Finding of real kernels: with one task kswapd does practically all of it once memory has filled up. */
static void test_kswapd_does_it(void)
{
	struct run_result *r = run_of(
	    "{'format':1,'name':'g','machine':{'memory':'96MiB','cpu':'emulated'},'swap':[{'device':'disk',"
	    "'size':'256MiB'}],'tasks':[{'name':'t','workload':{'seq':{'size':'100MiB','passes':2}}}]}");
	const struct run_phase *run = &r->phase[r->phases - 1];

	CU_ASSERT_STRING_EQUAL(run->name, "run");
	CU_ASSERT(run->count[0][PGSTEAL_KSWAPD] > 40000);
	CU_ASSERT(run->count[0][PGSTEAL_DIRECT] * 50 < run->count[0][PGSTEAL_KSWAPD]);
	CU_ASSERT(run->count[0][ALLOCSTALL] < 40);
	run_result_free(r);
}

/* What 6.12 counted in a guest of 320 MiB of which programs could have about 262, after the fill and in all;
 * that program made up the contents of a page in 20 to 50 us before it wrote it. Of what was scanned there in
 * all tasks did 0.1 to 3.4 %, in 3 to 70 stalls. */
static const struct recorded {
	u32 mib, write_permille;
	u32 pswpin, scanned; /* after the fill, all by kswapd */
	u32 pswpout;	     /* in all */
} recorded[] = {
	{ 256, 0, 129790, 300347, 65623 },
	{ 256, 1000, 128984, 369584, 139857 },
	{ 384, 0, 196189, 478657, 98420 },
	{ 384, 1000, 195400, 617242, 238220 },
};

static bool is_within(u64 ours, u64 theirs, u32 percent)
{
	return ours * 100 >= theirs * (100 - percent) && ours * 100 <= theirs * (100 + percent);
}

static void test_as_recorded(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(recorded); i++) {
		const struct recorded *real = &recorded[i];
		char *text = g_strdup_printf(
		    "{'format':1,'name':'g','machine':{'kernel':'6.12','memory':'262MiB','cpu':'emulated'},"
		    "'swap':[{'device':'disk','size':'2GiB'}],'tasks':[{'name':'t','workload':{'seq':{'size':"
		    "'%uMiB','passes':2,'think':'40us','write_permille':%u}}}]}",
		    real->mib, real->write_permille);
		struct run_result *r = run_of(text);
		const u64 *all = r->phase[0].count[0], *run = r->phase[r->phases - 1].count[0];

		CU_ASSERT(is_within(run[PSWPIN], real->pswpin, 3));
		CU_ASSERT(is_within(run[PGSCAN_KSWAPD], real->scanned, 10));
		CU_ASSERT_EQUAL(run[PGSCAN_DIRECT], 0);
		CU_ASSERT(is_within(all[PSWPOUT], real->pswpout, 5));
		CU_ASSERT(all[PGSCAN_DIRECT] * 16 < all[PGSCAN]);
		CU_ASSERT(all[ALLOCSTALL] > 0 && all[ALLOCSTALL] <= 70);
		run_result_free(r);
		g_free(text);
	}
}

/* Where allocation outruns the device, allocations stall. */
static void test_allocation_outruns_it(void)
{
	struct run_result *r = run_of(
	    "{'format':1,'name':'g','machine':{'memory':'96MiB','cpus':4},'swap':[{'device':'disk','size':"
	    "'512MiB'}],'tasks':[{'name':'t','count':4,'workload':{'seq':{'size':'40MiB','passes':1,"
	    "'write_permille':1000}}}]}");

	CU_ASSERT(r->phase[0].count[0][ALLOCSTALL] > 100);
	CU_ASSERT(r->phase[0].count[0][PGSTEAL_DIRECT] > 3200);
	run_result_free(r);
}

/* Without swap the largest dies, and the other goes on to its end. */
static void test_out_of_memory(void)
{
	struct run_result *r = run_of("{'format':1,'name':'g','machine':{'memory':'64MiB','cpus':2},'tasks':["
				      "{'name':'small','workload':"
				      "{'seq':{'size':'16MiB','passes':300}}},{'name':'large','workload':{'"
				      "seq':{'size':'60MiB','passes':"
				      "1}}}]}");

	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT_STRING_EQUAL(g_array_index(r->kill, struct run_kill, 0).task, "large");
	CU_ASSERT_EQUAL(r->phase[0].count[0][EVENTS_OOM_KILL], 1);
	run_result_free(r);
}

static const struct unit tests[] = {
	{ "nobody is woken above the low watermark", test_asleep },
	{ "kswapd reclaims up to the high watermark and sleeps", test_balances },
	{ "after 16 runs in vain it gives up", test_gives_up },
	{ "whatever is reclaimed in between makes it start anew", test_goes_on },
	{ "from 7.0 if there is memory again", test_hopeless },
	{ "what is counted as direct reclaim", test_counts_direct },
	{ "page cache that cannot be had does not keep it from the rest", test_page_cache_first },
	{ "below min a task reclaims itself", test_direct },
	{ "who reclaims may take the last page", test_reserves },
	{ "far below min it lets kswapd go first, which is a stall", test_lets_kswapd_go_first },
	{ "and does not miss that kswapd is done", test_hears_kswapd },
	{ "every go of direct reclaim is counted", test_goes },
	{ "cgroups below a limit pay in turn", test_partial_walk },
	{ "those elsewhere do not", test_only_below },
	{ "a walk meets parents before children", test_order_of_walk },
	{ "with one task kswapd does practically all reclaim", test_kswapd_does_it },
	{ "one task of a whole guest counts what it counted there", test_as_recorded },
	{ "allocations stall when they outrun it", test_allocation_outruns_it },
	{ "without swap the largest process is killed", test_out_of_memory },
};

UNIT_MAIN("kswapd", tests)
