/* The multi-gen LRU: walks over page tables, and what eviction sees around a page in use. */
#include "models/cpu.h"
#include "models/mm/kswapd.h"
#include "tests/unit/mglru_world.h"

/* A task that reclaims, @walked before or not. */
static struct task *reclaimer(struct world *w, bool walked)
{
	w->k->scan_control[0].gen_walk = walked;
	return &w->k->machine.task[0];
}

static u32 used(const struct world *w, u32 first, u32 n)
{
	u32 bits = 0;

	for (u32 i = first; i < first + n; i++)
		bits += flags_at(w, i) & PTE_ACCESSED ? 1 : 0;
	return bits;
}

static bool look_around(struct world *w, u32 page, bool walked)
{
	return lru_gen_look_around(w->k, reclaimer(w, walked), w->k->pte[page_of(w, page)], page_of(w, page));
}

/* Up to 64 entries of the same page table, half of them before the page. */
static void test_window(void)
{
	static const struct {
		u32 page, first;
	} as[] = { { 0, 0 },	 { 31, 0 },    { 32, 0 },    { 33, 1 },	  { 100, 68 },
		   { 479, 447 }, { 480, 448 }, { 481, 448 }, { 511, 448 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;

		world_with_generations(&w,
				       (struct world_size){ .pages = PAGES, .per_table = 512, .cpus = 1 });
		world_fill(&w, PAGES);
		CU_ASSERT(look_around(&w, as[i].page, false));
		CU_ASSERT_EQUAL(used(&w, as[i].first, MIN_LRU_BATCH), 0);
		CU_ASSERT_EQUAL(used(&w, 0, PAGES), PAGES - MIN_LRU_BATCH);
		CU_ASSERT_FALSE(look_around(&w, as[i].page, false)); /* it is not in use any more */
		world_release(&w);
	}
}

/* Nor beyond the mapping. */
static void test_window_of_mapping(void)
{
	struct world w;

	world_with_generations(&w, (struct world_size){ .pages = 40, .per_table = 512, .cpus = 1 });
	world_fill(&w, 40);
	CU_ASSERT(look_around(&w, 20, false));
	CU_ASSERT_EQUAL(used(&w, 0, 40), 0);
	world_release(&w);
}

/* 6.1 gives as many as a batch holds a number only; others move each, unless they walked before. */
static void test_numbered(void)
{
	static const struct {
		const char *release;
		u32 used;
		bool walked;
		u32 activated;
	} as[] = { { "6.1", 14, false, 14 },
		   { "6.1", 15, false, 0 },
		   { "6.1", 14, true, 0 },
		   { "6.12", 40, false, 40 },
		   { "6.12", 40, true, 0 } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;

		world_of_old_pages(&w, as[i].release);
		for (u32 page = 0; page < as[i].used; page++)
			world_read(&w, page);
		CU_ASSERT(look_around(&w, 0, as[i].walked));
		CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), as[i].activated);
		CU_ASSERT_EQUAL(in_generation(&w, generations(&w)->max_seq), as[i].used);
		CU_ASSERT_EQUAL(used(&w, 0, PAGES), 0);
		world_release(&w);
	}
}

/* Pages of another cgroup are not looked at; from 6.14 on, nor are those that somebody has isolated. */
static void test_left_alone(void)
{
	static const char *const kernels[] = { "6.12", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;

		world_of_generations(&w, kernels[i]);
		world_fill(&w, PAGES);
		folio_at(&w, 3)->memcg = 0;
		folio_at(&w, 4)->flags &= ~FOLIO_LRU;
		look_around(&w, 0, false);
		CU_ASSERT_EQUAL(used(&w, 3, 1), 1);
		CU_ASSERT_EQUAL(used(&w, 4, 1), i);
		CU_ASSERT_EQUAL(used(&w, 0, MIN_LRU_BATCH), 1 + i);
		world_release(&w);
	}
}

/* ---- what the next walk goes into ---- */

/* Of the page table that page @page is in: whether the walk at @seq goes there. */
static bool passes(const struct world *w, u32 page, u64 seq)
{
	u32 table = page_of(w, page) >> w->k->table_shift;

	return w->k->gen_filter[w->k->gen_filter_tables + table] & 1u << (seq & 1);
}

/* Eviction notes a table for the walk of this generation if it sees one entry in eight used. */
static void test_noted_by_eviction(void)
{
	for (u32 i = 0; i < 4; i++) {
		u32 n = 7 + i % 2;
		struct world w;
		u64 seq;

		world_of_old_pages(&w, i / 2 ? "6.18" : "6.12");
		seq = generations(&w)->max_seq;
		memset(w.k->gen_filter, 0, 2 * w.k->gen_filter_tables);
		for (u32 page = 0; page < n; page++)
			world_read(&w, page);
		generations(&w)->filters = 1u << (~seq & 1); /* there is none for this one: all pass */
		look_around(&w, 0, false);
		CU_ASSERT_FALSE(passes(&w, 0, seq));
		for (u32 page = 0; page < n; page++)
			world_read(&w, page);
		generations(&w)->filters = 3;
		look_around(&w, 0, false);
		CU_ASSERT_EQUAL(passes(&w, 0, seq), n == 8);
		CU_ASSERT_FALSE(passes(&w, 64, seq) || passes(&w, 0, seq + 1));
		world_release(&w);
	}
}

/* A walk notes tables for the next one, in a filter that is empty to begin with. */
static void test_noted_by_walk(void)
{
	struct world w;
	u64 seq;

	world_of_old_pages(&w, "6.12");
	seq = generations(&w)->max_seq;
	memset(w.k->gen_filter, 3, 2 * w.k->gen_filter_tables);
	for (u32 page = 0; page < 8; page++)
		world_read(&w, page);
	for (u32 page = 64; page < 71; page++)
		world_read(&w, page);
	CU_ASSERT(age_once(&w));
	CU_ASSERT(passes(&w, 0, seq + 1));
	CU_ASSERT_FALSE(passes(&w, 64, seq + 1) || passes(&w, 128, seq + 1));
	CU_ASSERT(passes(&w, 128, seq));
	CU_ASSERT_EQUAL(used(&w, 0, PAGES), 0);
	/* it is gone into, the others are not */
	world_read(&w, 1);
	world_read(&w, 65);
	CU_ASSERT(age_once(&w));
	CU_ASSERT_EQUAL(used(&w, 0, PAGES), 1);
	/* but by a walk that must */
	CU_ASSERT_EQUAL(lru_gen_walk_mm(w.k, 1, 0, true), PAGES);
	CU_ASSERT_EQUAL(used(&w, 0, PAGES), 0);
	world_release(&w);
}

/* ---- who is walked ---- */

/* Not another cgroup's process, none without a task, none that did not run, none with next to no memory. */
static void test_who(void)
{
	static const struct {
		u32 memcg, users, anon, files, shared;
		bool ran, walked;
	} as[] = {
		{ 1, 1, MIN_LRU_BATCH, 0, 0, true, true },	{ 0, 1, MIN_LRU_BATCH, 0, 0, true, false },
		{ 1, 0, MIN_LRU_BATCH, 0, 0, true, false },	{ 1, 1, MIN_LRU_BATCH, 0, 0, false, false },
		{ 1, 1, MIN_LRU_BATCH - 1, 0, 0, true, false }, { 1, 1, MIN_LRU_BATCH - 2, 1, 1, true, true },
		{ 1, 1, MIN_LRU_BATCH - 2, 1, 0, true, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;

		world_of_generations(&w, "6.12");
		world_fill(&w, MIN_LRU_BATCH);
		CU_ASSERT(age_once(&w)); /* this one knows it */
		for (u32 page = 0; page < MIN_LRU_BATCH; page++)
			world_read(&w, page);
		w.k->mm[0].memcg = (u16)as[i].memcg;
		w.k->mm[0].users = (u16)as[i].users;
		w.k->mm[0].anon_pages = as[i].anon;
		w.k->mm[0].file_pages = as[i].files;
		w.k->mm[0].shmem_pages = as[i].shared;
		if (as[i].ran)
			lru_gen_use_mm(w.k, 0);
		RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = generations(&w)->max_seq, .swap = 1);
		CU_ASSERT_EQUAL(used(&w, 0, PAGES), as[i].walked ? 0 : MIN_LRU_BATCH);
		world_release(&w);
	}
}

/* One that no walk has seen is walked whole, once; one that comes after it in its place again. */
static void test_new(void)
{
	struct world w;

	world_of_old_pages(&w, "6.12");
	generations(&w)->filters = 3;
	for (u32 again = 0; again < 2; again++) {
		memset(w.k->gen_filter, 0, 2 * w.k->gen_filter_tables);
		world_read(&w, 1);
		CU_ASSERT(age_once(&w));
		CU_ASSERT_EQUAL(used(&w, 0, PAGES), !again);
		lru_gen_del_mm(w.k, 0);
	}
	world_release(&w);
}

/* Whoever wants to open a generation that a walk has been through for, or that is there, does not. */
static void test_one_walk(void)
{
	struct world w;
	u64 seq;

	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	seq = generations(&w)->max_seq;
	CU_ASSERT_FALSE(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = seq - 1, .swap = 1));
	generations(&w)->walked = seq;
	CU_ASSERT_FALSE(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1));
	generations(&w)->walked = seq - 1;
	CU_ASSERT(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1));
	CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + 1);
	CU_ASSERT_EQUAL(generations(&w)->walked, seq);
	CU_ASSERT_EQUAL(w.k->scan_control[w.k->machine.tasks - 1].gen_walk, 1);
	world_release(&w);
}

/* While one walks the only process for half a second, another wants the same generation: there is nothing
 * left to walk, so it opens it. In 6.1 the one that walks does, and who is hard pressed waits. */
static void test_two_walk(void)
{
	static const struct {
		const char *release;
		s8 priority;
		bool opens, waits;
	} cases[] = { { "6.12", 0, true, false },
		      { "7.2", DEF_PRIORITY, true, false },
		      { "6.1", DEF_PRIORITY - 1, false, false },
		      { "6.1", DEF_PRIORITY - 2, false, true } };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;
		struct cpu_profile slow;
		u32 first, second;
		u64 seq;

		world_with_generations(
		    &w, (struct world_size){
			    .release = cases[i].release, .pages = PAGES, .per_table = 64, .cpus = 2 });
		world_fill(&w, PAGES);
		slow = *w.k->cpu_profile;
		slow.map_page_ns = 1000000;
		w.k->cpu_profile = &slow;
		lru_gen_use_mm(w.k, 0);
		seq = generations(&w)->max_seq;
		first = ADD_ON(&w, 0, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1);
		CU_ASSERT(machine_run(&w.k->machine, w.k->machine.now + 10000000, NULL));
		second = ADD_ON(&w, 1, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1);
		w.k->scan_control[second].priority = cases[i].priority;
		CU_ASSERT(machine_run(&w.k->machine, w.k->machine.now + 10000000, NULL));
		CU_ASSERT_EQUAL(w.k->machine.task[first].state, TASK_RUNNING);
		CU_ASSERT_EQUAL(w.k->machine.task[second].state, cases[i].waits ? TASK_BLOCKED : TASK_DONE);
		CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + cases[i].opens);
		CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
		CU_ASSERT_EQUAL(w.k->machine.task[second].state, TASK_DONE);
		CU_ASSERT_EQUAL(w.k->machine.task[first].ret, !cases[i].opens);
		CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + 1);
		CU_ASSERT_EQUAL(generations(&w)->walkers, 0);
		world_release(&w);
	}
}

static void test_time(void)
{
	struct cpu_profile slow;
	struct world w;
	u64 began;

	world_of_generations(&w, "6.12");
	world_fill(&w, PAGES);
	slow = *w.k->cpu_profile;
	slow.map_page_ns = 1000000;
	w.k->cpu_profile = &slow;
	began = w.k->machine.now;
	age_once(&w);
	CU_ASSERT_EQUAL((w.k->machine.now - began) / slow.map_page_ns, PAGES);
	world_release(&w);
}

/* One in eight of what is mapped, where a mapping ends before the table does. */
static void test_noted_at_the_end(void)
{
	for (u32 n = 4; n <= 5; n++) {
		struct world w;
		u64 seq;

		world_with_generations(
		    &w, (struct world_size){ .release = "6.12", .pages = 40, .per_table = 64, .cpus = 1 });
		world_fill(&w, 40);
		world_age(&w, 0, 40);
		for (u32 page = 0; page < n; page++)
			world_read(&w, page);
		seq = generations(&w)->max_seq;
		generations(&w)->filters = 3;
		memset(w.k->gen_filter, 0, 2 * w.k->gen_filter_tables);
		look_around(&w, 0, false);
		CU_ASSERT_EQUAL(passes(&w, 0, seq), n == 5);
		world_release(&w);
	}
}

/* Only those that are not young already make it worth while to number them. */
static void test_numbered_if_older(void)
{
	struct world w;

	world_of_old_pages(&w, "6.1");
	for (u32 page = 0; page < 15; page++)
		world_read(&w, page);
	lru_gen_promote(w.k, w.k->pte[page_of(&w, 7)], true);
	CU_ASSERT(look_around(&w, 0, false));
	CU_ASSERT_EQUAL(counted(&w, PGACTIVATE), 14);
	world_release(&w);
}

/* From 6.14 on who asked about the page makes it young himself, and not what is seen around it. */
static void test_page_itself(void)
{
	struct world w;

	world_of_old_pages(&w, "6.18");
	for (u32 page = 0; page < 3; page++) {
		world_read(&w, page);
		folio_at(&w, page)->flags &= ~(FOLIO_REFERENCED | FOLIO_WORKINGSET);
	}
	CU_ASSERT(look_around(&w, 1, false));
	CU_ASSERT_EQUAL(used(&w, 0, 3), 0);
	for (u32 page = 0; page < 3; page++)
		CU_ASSERT_EQUAL(!!(folio_at(&w, page)->flags & FOLIO_REFERENCED), page != 1);
	world_release(&w);
}

/* ---- two processes ---- */

enum { PER_TABLE = 64 };

/* All of whose pages were used; a walk has seen both. */
static void two_processes(struct world *w, struct mm_config mm[2], const char *release)
{
	struct world_size size = { .release = release, .pages = PAGES, .per_table = PER_TABLE, .cpus = 2 };
	struct kernel_config c = world_config(w, &size);

	mm[0] = mm[1] = w->mm;
	c.mm = mm;
	c.mms = 2;
	c.lru = LRU_MULTI_GEN;
	w->k = kernel_new(&c, NULL);
	CU_ASSERT_FATAL(w->k != NULL);
	for (u32 i = 0; i < 2; i++) {
		w->k->mm[i].users = 1;
		for (u32 page = 0; page < PAGES; page++)
			RUN(w, handle_mm_fault, .page = w->k->mm[i].first_page + page, .write = true);
		lru_gen_use_mm(w->k, i);
	}
	world_drain(w, 0);
	CU_ASSERT(age_once(w));
}

static void use(struct world *w, u32 mm, u32 first, u32 n)
{
	lru_gen_use_mm(w->k, mm);
	for (u32 page = first; page < first + n; page++)
		w->k->pte_flags[w->k->mm[mm].first_page + page] |= PTE_ACCESSED;
}

static bool is_used(const struct world *w, u32 mm, u32 page)
{
	return w->k->pte_flags[w->k->mm[mm].first_page + page] & PTE_ACCESSED;
}

/* Behind one that is new all are walked whole, whether they ran or not. */
static void test_walked_behind_new(void)
{
	for (u32 is_new = 0; is_new < 2; is_new++) {
		struct mm_config mm[2];
		struct world w;

		two_processes(&w, mm, "6.12");
		memset(w.k->gen_filter, 0, 2 * w.k->gen_filter_tables);
		generations(&w)->filters = 3;
		use(&w, 1, 3, 1);
		w.k->gen_walked[1] = 1; /* it did not run since */
		if (is_new)
			lru_gen_del_mm(w.k, 0);
		CU_ASSERT(age_once(&w));
		CU_ASSERT_EQUAL(is_used(&w, 1, 3), !is_new);
		world_release(&w);
	}
}

/* What is noted of the first stays when the second is walked. */
static void test_notes_of_both(void)
{
	struct mm_config mm[2];
	struct world w;
	u64 seq;

	two_processes(&w, mm, "6.12");
	seq = generations(&w)->max_seq;
	generations(&w)->filters = 0;
	use(&w, 0, 0, PER_TABLE);
	use(&w, 1, 0, PER_TABLE);
	CU_ASSERT(age_once(&w));
	CU_ASSERT(passes(&w, 0, seq + 1));
	CU_ASSERT_FALSE(passes(&w, PER_TABLE, seq + 1));
	world_release(&w);
}

/* 6.1: each walks one; who is through first leaves it to the other to open the generation. */
static void test_last_one_opens(void)
{
	struct mm_config mm[2];
	struct world w;
	u32 first, second;
	u64 seq;

	two_processes(&w, mm, "6.1");
	use(&w, 0, 0, PAGES);
	use(&w, 1, 0, PAGES);
	seq = generations(&w)->max_seq;
	world_by_hand(&w);
	first = ADD_ON(&w, 0, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1);
	second = ADD_ON(&w, 1, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1);
	w.k->scan_control[first].priority = w.k->scan_control[second].priority = DEF_PRIORITY;
	CU_ASSERT(world_step_to(&w, first, "try_to_inc_max_seq.WALK"));
	CU_ASSERT(world_step_to(&w, second, "try_to_inc_max_seq.WALK"));
	CU_ASSERT_FALSE(is_used(&w, 1, 0));
	CU_ASSERT(world_step_to(&w, second, NULL));
	CU_ASSERT_EQUAL(generations(&w)->max_seq, seq);
	CU_ASSERT(world_step_to(&w, first, NULL));
	CU_ASSERT_EQUAL(generations(&w)->max_seq, seq + 1);
	world_release(&w);
}

/* 6.1: who comes when all is walked, and nobody walks, has nothing to open. */
static void test_comes_too_late(void)
{
	struct world w;
	u64 seq;

	world_of_generations(&w, "6.1");
	world_fill(&w, PAGES);
	seq = generations(&w)->max_seq;
	generations(&w)->walked = seq;
	w.k->scan_control[w.k->machine.tasks].priority = DEF_PRIORITY;
	CU_ASSERT_FALSE(RUN(&w, try_to_inc_max_seq, .memcg = 1, .max_seq = seq, .swap = 1));
	CU_ASSERT_EQUAL(generations(&w)->max_seq, seq);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "eviction looks at 64 entries around a page", test_window },
	{ "and not beyond a mapping", test_window_of_mapping },
	{ "many that are used are numbered only", test_numbered },
	{ "others' pages are left alone", test_left_alone },
	{ "eviction notes tables for the walk", test_noted_by_eviction },
	{ "a walk notes tables for the next one", test_noted_by_walk },
	{ "a walk passes over who cannot have used much", test_who },
	{ "who is new is walked whole", test_new },
	{ "a generation is opened once", test_one_walk },
	{ "who finds nothing left to walk opens it, or, in 6.1, waits for who walks", test_two_walk },
	{ "a walk takes time", test_time },
	{ "of which there are fewer at the end of a mapping", test_noted_at_the_end },
	{ "what is young already is not numbered", test_numbered_if_older },
	{ "the page itself is another's affair from 6.14 on", test_page_itself },
	{ "behind who is new all are walked whole", test_walked_behind_new },
	{ "what was noted of one stays", test_notes_of_both },
	{ "in 6.1 the last one opens the generation", test_last_one_opens },
	{ "nobody opens it twice", test_comes_too_late },
};

UNIT_MAIN("mglru: ageing", tests)
