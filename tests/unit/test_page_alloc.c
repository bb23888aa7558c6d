/* Allocation when pages are few: who may use the reserves, how long reclaim is tried, and who is killed. */
#include "models/mm/kswapd.h"
#include "models/mm/memory.h"
#include "models/mm/oom.h"
#include "tests/unit/world.h"

enum { MIN_PAGES = 100, COSTLY = 4, MS = 1000000, NR_ROUNDS = 1 + MAX_RECLAIM_RETRIES };

/* So many pages are free, and the daemon has given up until there are many more. */
static void short_world(struct world *w, u32 free, u32 written)
{
	world_init(w, (struct world_size){
			  .release = "7.0", .memory = 4000, .min = MIN_PAGES, .max_order = COSTLY });
	if (written)
		world_fill(w, written);
	world_age(w, 0, written);
	w->k->memory->free = free;
	w->k->memory->kswapd_failures = MAX_RECLAIM_RETRIES;
}

/* Somebody has hold of all pages of the process, so that none can go. */
static void hold_pages(struct world *w, u32 pages)
{
	for (u32 i = 0; i < pages; i++)
		folio_at(w, i)->refs++;
}

static u64 stalls(const struct world *w)
{
	return w->k->count[0][ALLOCSTALL];
}

static u64 kills(const struct world *w)
{
	return w->k->count[1][EVENTS_OOM_KILL];
}

static void test_victims_have_half_of_the_reserve(void)
{
	struct world w;

	short_world(&w, MIN_PAGES / 2 + 1, 0);
	w.k->mm[0].oom = MM_SIGKILL;
	CU_ASSERT(RUN(&w, alloc_pages_slowpath, .order = 0) != 0);
	CU_ASSERT_EQUAL(w.k->memory->free, MIN_PAGES / 2);
	CU_ASSERT_EQUAL(stalls(&w), 0);
	CU_ASSERT_EQUAL(RUN(&w, alloc_pages_slowpath, .order = 0), 0); /* and no more */
	world_release(&w);
}

/* A page at a time: more rounds than there are retries. */
static void test_progress_is_worth_another_try(void)
{
	struct world w;

	short_world(&w, MIN_PAGES / 2 + 2, 400);
	w.k->config.reclaim_batch = 1;
	CU_ASSERT(RUN(&w, alloc_pages_slowpath, .order = 0) != 0);
	CU_ASSERT(stalls(&w) > 2 * MAX_RECLAIM_RETRIES);
	CU_ASSERT_EQUAL(kills(&w), 0);
	world_release(&w);
}

/* With next to nothing on the lists it is not tried again: the first round is followed by a kill. */
static void test_nothing_to_reclaim(void)
{
	struct world w;

	short_world(&w, 0, 0);
	CU_ASSERT_EQUAL(RUN(&w, alloc_pages_slowpath, .order = 0), 0);
	CU_ASSERT_EQUAL(kills(&w), 1);
	CU_ASSERT_EQUAL(stalls(&w), 2); /* once more with all cgroups */
	world_release(&w);
}

/* A thread of the kernel, which is not killed: all the retries again, each time that somebody is to die. */
static void test_retries_begin_anew(void)
{
	struct world w;
	u32 task;

	short_world(&w, 0, 400);
	hold_pages(&w, 400);
	task = ADD_ON(&w, 0, alloc_pages_slowpath, .order = 0);
	w.k->work[task].mm = WORK_NO_MM;
	CU_ASSERT_FATAL(machine_run(&w.k->machine, w.k->machine.now + 200 * MS, NULL));
	CU_ASSERT(locks_taken(&w, CLASS_OOM) >= 2);
	CU_ASSERT(stalls(&w) >= 2 * NR_ROUNDS * locks_taken(&w, CLASS_OOM));
	CU_ASSERT_EQUAL(kills(&w), 1);
	world_release(&w);
}

/* For the sake of a large folio of a costly order nobody is killed, nor is it tried twice. */
static void test_costly_orders(void)
{
	for (u32 order = COSTLY - 1; order <= COSTLY; order++) {
		struct world w;

		short_world(&w, 0, 0);
		CU_ASSERT_EQUAL(RUN(&w, alloc_pages_slowpath, .order = order), 0);
		CU_ASSERT_EQUAL(kills(&w), order < COSTLY);
		world_release(&w);
	}
}

static void test_what_the_caller_forbids(void)
{
	for (u32 no_kswapd = 0; no_kswapd < 2; no_kswapd++) {
		struct world w;

		short_world(&w, 0, 0);
		w.k->memory->kswapd_failures = 0;
		CU_ASSERT_EQUAL(RUN(&w, alloc_pages_slowpath, .order = 0,
				    .gfp = GFP_NO_RECLAIM | (no_kswapd ? GFP_NO_KSWAPD : 0)),
				0);
		CU_ASSERT_EQUAL(w.k->memory->kswapd == 0, no_kswapd);
		CU_ASSERT_EQUAL(stalls(&w) + kills(&w), 0);
		world_release(&w);
	}
}

static void test_once_only(void)
{
	struct world w;

	short_world(&w, 0, 400);
	hold_pages(&w, 400);
	CU_ASSERT_EQUAL(RUN(&w, alloc_pages_slowpath, .order = 2, .gfp = GFP_NORETRY), 0);
	CU_ASSERT_EQUAL(stalls(&w), 2);
	CU_ASSERT_EQUAL(kills(&w), 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "who is to die may use half of the reserve", test_victims_have_half_of_the_reserve },
	{ "as long as there is progress nobody is killed", test_progress_is_worth_another_try },
	{ "where nothing is to be had it is not tried again", test_nothing_to_reclaim },
	{ "after a kill all retries begin anew", test_retries_begin_anew },
	{ "nobody is killed for a costly order", test_costly_orders },
	{ "who may not reclaim does not, and may leave the daemon asleep", test_what_the_caller_forbids },
	{ "who may not retry reclaims once", test_once_only },
};

UNIT_MAIN("page_alloc", tests)
