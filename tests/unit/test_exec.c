/* A process begins: its overhead is charged, it knows nothing of the one before, and one of its pages is
 * active. */
#include "models/mm/memcg.h"
#include "models/mm/mglru_folio.h"
#include "models/run.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

static void later(struct world *w, struct world_size size, u32 overhead)
{
	struct kernel_config c = world_config(w, &size);

	w->mm.overhead_pages = overhead;
	w->mm.later = true;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
}

static void test_overhead(void)
{
	struct world w;
	u64 free;
	char *wrong;

	later(&w, (struct world_size){ 0 }, 61);
	free = w.k->memory->free;
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
	RUN(&w, exec_mmap, .mm = 0);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 61);
	CU_ASSERT_EQUAL(w.k->mm[0].overhead_pages, 61);
	CU_ASSERT_EQUAL(w.k->memory->free, free - 61);
	wrong = audit(w.k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	RUN(&w, exit_mmap, .mm = 0);
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
	CU_ASSERT_EQUAL(w.k->memory->free, free);
	world_release(&w);
}

static void test_nothing_is_remembered(void)
{
	struct world w;
	struct vma *vma;

	later(&w, (struct world_size){ 0 }, 0);
	vma = vma_of(w.k, page_of(&w, 0));
	vma->ra_prev = 7;
	vma->ra_hits = 60;
	vma->ra_window = 8;
	w.k->mm[0].oom = MM_OOM_SKIP;
	RUN(&w, exec_mmap, .mm = 0);
	CU_ASSERT(!vma->ra_prev && vma->ra_hits == RA_HITS_INITIAL && !vma->ra_window);
	CU_ASSERT(vma->pages == 1024 && vma->first_page == page_of(&w, 0));
	CU_ASSERT_EQUAL(w.k->mm[0].oom, 0);
	world_release(&w);
}

/* Its overhead is reclaimed from others of its cgroup. */
static void test_reclaims(void)
{
	struct world w;

	later(&w, (struct world_size){ .limit = 200 }, 100);
	w.k->mm[0].users = 1;
	world_write_range(&w, 0, 190);
	RUN(&w, exec_mmap, .mm = 0);
	CU_ASSERT_EQUAL(w.k->mm[0].overhead_pages, 100);
	CU_ASSERT(w.k->memcg[1].usage <= 200);
	CU_ASSERT(counted(&w, PSWPOUT) >= 90);
	world_release(&w);
}

/* And from those of the machine. */
static void test_reclaims_for_the_machine(void)
{
	struct world w;

	later(&w, (struct world_size){ .pages = 4000, .memory = 4096, .min = 128, .slots = 8000 }, 300);
	w.k->mm[0].users = 1;
	for (u32 i = 0; i < 4000; i++)
		world_write(&w, i);
	RUN(&w, exec_mmap, .mm = 0);
	CU_ASSERT_EQUAL(w.k->mm[0].overhead_pages, 300);
	CU_ASSERT(w.k->memory->free >= w.k->memory->min);
	world_release(&w);
}

/* Between any two steps of that, too, all pages are somebody's. */
static void test_accounts(void)
{
	struct scenario *s = scenario_right(
	    "{'format':1,'name':'t','machine':{'memory':'4MiB','min_free_kbytes':128},"
	    "'swap':[{'device':'zram-lz4','size':'8MiB'}],'tasks':["
	    "{'name':'a','workload':{'rand':{'size':'4MiB','accesses':4000,'think':'1us'}}},"
	    "{'name':'b','start':'8ms','overhead_pages':200,'workload':{'seq':{'pages':10}}}]}");
	struct build_options options = { .kernel = "6.18", .seed = 1, .audit_steps = true };
	GError *error = NULL;
	struct run_result *r = run_scenario(s, &options, NULL, NULL, &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT(r->phase[0].count[0][ALLOCSTALL] > 10);
	run_result_free(r);
	scenario_free(s);
}

static void with_stack(struct world *w, enum lru_kind lru)
{
	struct world_size size = { 0 };
	struct kernel_config c = world_config(w, &size);

	c.lru = lru;
	w->mm.stack_first = 512;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	world_write(w, 511);
	world_write(w, 1022);
	world_write(w, 1023);
	RUN(w, lru_add_drain, .folio = 0);
}

/* The arguments are at the top of the stack; that it is active is nobody's merit. */
static void test_arguments_are_active(void)
{
	struct world w;

	with_stack(&w, LRU_CLASSIC);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_ACTIVE_ANON].count, 1);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_INACTIVE_ANON].count, 2);
	CU_ASSERT_TRUE(folio_at(&w, 1023)->flags & FOLIO_ACTIVE);
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 0);
	CU_ASSERT_EQUAL(w.k->lruvec[1].nonresident_age, 1);
	world_release(&w);
}

/* Nobody but a program that was begun has any. */
static void test_no_stack_no_arguments(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	world_write(&w, 1023);
	RUN(&w, lru_add_drain, .folio = 0);
	CU_ASSERT_EQUAL(w.k->lruvec[1].list[LRU_ACTIVE_ANON].count, 0);
	world_release(&w);
}

/* To the multi-gen LRU it is a page that was used three times. */
static void test_arguments_of_generations(void)
{
	struct world w;

	with_stack(&w, LRU_MULTI_GEN);
	CU_ASSERT_EQUAL(folio_lru_refs(w.k, w.k->pte[page_of(&w, 1022)]), 0);
	CU_ASSERT_EQUAL(folio_lru_refs(w.k, w.k->pte[page_of(&w, 1023)]), 3);
	world_release(&w);
}

/* A page that was charged and could not be had after all is not charged any more. */
static void test_no_memory(void)
{
	struct world w;
	u32 task;

	later(&w, (struct world_size){ 0 }, 61);
	w.k->memory->free = 0;
	task = ADD_ON(&w, 0, exec_mmap, .mm = 0);
	w.k->machine.task[task].flags |= PF_MEMALLOC; /* who reclaims himself is not helped */
	CU_ASSERT_FATAL(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	memcg_drain_stocks(w.k, 1);
	CU_ASSERT_EQUAL(w.k->mm[0].overhead_pages, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].usage, 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "the overhead is charged when the process begins", test_overhead },
	{ "a new process knows nothing of the old one", test_nothing_is_remembered },
	{ "what it needs may have to be reclaimed from its cgroup", test_reclaims },
	{ "or from the machine", test_reclaims_for_the_machine },
	{ "and nothing is lost meanwhile", test_accounts },
	{ "the page of its arguments is active", test_arguments_are_active },
	{ "who has no stack has none", test_no_stack_no_arguments },
	{ "of the multi-gen LRU it was used before", test_arguments_of_generations },
	{ "what cannot be had is not charged", test_no_memory },
};

UNIT_MAIN("exec", tests)
