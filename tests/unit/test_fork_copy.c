/* How fork() copies page tables: in batches, which take time and between which others go on; and to no end.
 */
#include "models/cpu.h"
#include "models/mm/family.h"
#include "models/mm/memcg.h"
#include "tests/unit/fork_world.h"

enum { PARENT, CHILD };

static void make(struct fork_world *f, u32 pages)
{
	fork_world_init(f, (struct world_size){ .pages = pages }, 1);
}

/* A page that is mapped counts for eight of 32 entries, one that is not for one, then it is looked around. */
static void test_batch(void)
{
	struct fork_world f;
	u32 fork;

	make(&f, 128);
	for (u32 p = 0; p < 10; p++)
		fork_write(&f, PARENT, p);
	world_by_hand(&f.w);
	fork = ADD_ON(&f.w, 0, dup_mmap, .parent = PARENT, .child = CHILD);
	CU_ASSERT(world_step_to(&f.w, fork, "copy_page_range.COPY"));
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages, 4);
	CU_ASSERT(world_step(&f.w, fork) && world_is_at(&f.w, fork, "copy_page_range.COPY"));
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages, 8);
	/* pages 8 to 25, 26 to 57, 58 to 89, 90 to 121, 122 to 127 */
	for (u32 i = 0; i < 5; i++)
		CU_ASSERT(world_step(&f.w, fork) && world_is_at(&f.w, fork, "copy_page_range.COPY"));
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages, 10);
	CU_ASSERT(world_step(&f.w, fork) && world_is_at(&f.w, fork, "copy_page_range.UNLOCK_PARENT"));
	CU_ASSERT(world_step_to(&f.w, fork, NULL));
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* Whether a page table is one mapping of a huge page is copied with it. */
static void test_kind_of_table(void)
{
	struct fork_world f;

	fork_world_init(&f,
			(struct world_size){
			    .pages = 8, .per_table = 4, .slots = 64, .max_order = 2, .thp_orders = 1u << 2 },
			1);
	fork_write(&f, PARENT, 0);
	CU_ASSERT_EQUAL(f.w.k->mm[PARENT].anon_pages, 4);
	page_table_of(f.w.k, fork_page(&f, PARENT, 4))->has_ptes = 1;
	page_table_of(f.w.k, fork_page(&f, CHILD, 0))->has_ptes = 1; /* of an earlier child */
	fork_child(&f, PARENT, CHILD);
	CU_ASSERT_EQUAL(page_table_of(f.w.k, fork_page(&f, CHILD, 0))->has_ptes, 0);
	CU_ASSERT_EQUAL(page_table_of(f.w.k, fork_page(&f, CHILD, 4))->has_ptes, 1);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* One page table of the parent, all of it mapped, whose entries take a tenth of a millisecond each. */
enum { SLOW_NS = 100000, SLOW_PAGES = 512 };

static void make_slow(struct fork_world *f, struct cpu_profile *profile)
{
	make(f, SLOW_PAGES);
	*profile = *f->w.k->cpu_profile;
	profile->fork_entry_ns = SLOW_NS;
	f->w.k->cpu_profile = profile;
	for (u32 p = 0; p < SLOW_PAGES; p++)
		fork_write(f, PARENT, p);
	world_drain(&f->w, 0);
}

static void test_time(void)
{
	struct cpu_profile slow;
	struct fork_world f;
	u64 began, copied, flushed;

	make_slow(&f, &slow);
	began = f.w.k->machine.now;
	fork_child(&f, PARENT, CHILD);
	copied = f.w.k->machine.now - began;
	CU_ASSERT(copied >= (u64)SLOW_NS * SLOW_PAGES && copied < (u64)SLOW_NS * (SLOW_PAGES + 10));
	fork_exit(&f, CHILD);
	slow.fork_entry_ns = 0;
	slow.tlb_flush_ns += SLOW_NS;
	began = f.w.k->machine.now;
	fork_child(&f, PARENT, CHILD);
	flushed = f.w.k->machine.now - began;
	CU_ASSERT(flushed >= SLOW_NS && flushed < 2 * SLOW_NS); /* once */
	fork_world_release(&f);
}

/* Whoever wants the lock of either page table does not wait until all of it is copied. */
static void test_gives_way(void)
{
	struct cpu_profile slow;
	struct fork_world f;
	u32 walk;

	make_slow(&f, &slow);
	ADD_ON(&f.w, 0, dup_mmap, .parent = PARENT, .child = CHILD);
	CU_ASSERT_FATAL(machine_run(&f.w.k->machine, f.w.k->machine.now + SLOW_NS * 2, NULL));
	walk = ADD_ON(&f.w, 1, folio_referenced, .folio = fork_pte(&f, PARENT, 3));
	CU_ASSERT_FATAL(machine_run(&f.w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(f.w.k->machine.task[walk].ret, 1);
	CU_ASSERT(f.w.k->machine.lock_stat[CLASS_PTL].wait_max_ns > SLOW_NS);
	CU_ASSERT(f.w.k->machine.lock_stat[CLASS_PTL].wait_max_ns < 10 * SLOW_NS);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* Nor does another task that wants the CPU: a slice is a few milliseconds, the table takes fifty. */
static void test_gives_up_cpu(void)
{
	struct cpu_profile slow;
	struct fork_world f;
	struct machine *m;
	u32 fork, other;

	make_slow(&f, &slow);
	m = &f.w.k->machine;
	fork = ADD_ON(&f.w, 0, dup_mmap, .parent = PARENT, .child = CHILD);
	other = ADD_ON(&f.w, 0, lru_add_drain, .folio = 0);
	CU_ASSERT_FATAL(machine_run(m, m->now + SLOW_NS * SLOW_PAGES / 2, NULL));
	CU_ASSERT_EQUAL(m->task[other].state, TASK_DONE);
	CU_ASSERT_NOT_EQUAL(m->task[fork].state, TASK_DONE);
	CU_ASSERT_FATAL(machine_run(m, TIME_NEVER - 1, NULL));
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* A process that is to die does not finish its fork(), and what there is of the child goes. */
static void test_dying_parent(void)
{
	struct fork_world f;
	u64 usage;
	u32 fork;

	make(&f, 16);
	f.mm[CHILD].overhead_pages = 5;
	fork_write(&f, PARENT, 3);
	world_drain(&f.w, 0);
	memcg_drain_stocks(f.w.k, 1);
	usage = f.w.k->memcg[1].usage;
	f.w.k->mm[PARENT].oom |= MM_SIGKILL;
	world_by_hand(&f.w);
	fork = ADD_ON(&f.w, 0, dup_mmap, .parent = PARENT, .child = CHILD);
	CU_ASSERT(world_step_to(&f.w, fork, "dup_mmap.FLUSH_TLB"));
	CU_ASSERT_EQUAL(f.w.k->member[CHILD].built, fork + 1);
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages, 0);
	/* mappings that are not there are not to be faulted on, nor looked at by swapoff */
	CU_ASSERT(world_step_to(&f.w, fork, "dup_mmap.MMPUT"));
	CU_ASSERT_EQUAL(f.w.k->member[CHILD].linked, FAMILY_HALF);
	CU_ASSERT_EQUAL(f.w.k->member[CHILD].built, 0);
	CU_ASSERT(f.w.k->mm[CHILD].oom & MM_UNSTABLE);
	CU_ASSERT(is_half_built(f.w.k, CHILD));
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].overhead_pages, 5);
	CU_ASSERT(world_step_to(&f.w, fork, NULL));
	CU_ASSERT_EQUAL(f.w.k->member[CHILD].linked, 0);
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].users, 0);
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].overhead_pages, 0);
	memcg_drain_stocks(f.w.k, 1);
	CU_ASSERT_EQUAL(f.w.k->memcg[1].usage, usage);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);

	make(&f, 16);
	f.w.k->mm[PARENT].oom |= MM_SIGKILL;
	CU_ASSERT_EQUAL(fork_child(&f, PARENT, CHILD), PATH_EINTR);
	fork_world_release(&f);
}

/* A write to what both have: the page is copied, and other CPUs are told. */
static void test_time_of_a_copy(void)
{
	u64 ns[3];

	for (u32 i = 0; i < 3; i++) {
		struct cpu_profile costs;
		struct fork_world f;

		make(&f, 16);
		fork_write(&f, PARENT, 1);
		fork_child(&f, PARENT, CHILD);
		costs = *f.w.k->cpu_profile;
		costs.copy_page_ns += i == 1 ? SLOW_NS : 0;
		costs.tlb_flush_ns += i == 2 ? SLOW_NS : 0;
		f.w.k->cpu_profile = &costs;
		ns[i] = f.w.k->machine.now;
		fork_write(&f, CHILD, 1);
		ns[i] = f.w.k->machine.now - ns[i];
		fork_world_release(&f);
	}
	CU_ASSERT_EQUAL(ns[1] - ns[0], SLOW_NS);
	CU_ASSERT_EQUAL(ns[2] - ns[0], SLOW_NS);
}

/* The page is in the swap cache, and both have it mapped. */
static u32 make_cached(struct fork_world *f)
{
	u32 folio;

	make(f, 16);
	fork_write(f, PARENT, 1);
	fork_child(f, PARENT, CHILD);
	world_drain(&f->w, 0);
	folio = fork_pte(f, PARENT, 1);
	f->w.k->folio[folio].refs++; /* so that it does not go */
	RUN(&f->w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 8);
	f->w.k->folio[folio].refs--;
	fork_read(f, PARENT, 1);
	fork_read(f, CHILD, 1);
	world_drain(&f->w, 0);
	CU_ASSERT_EQUAL_FATAL(fork_pte(f, CHILD, 1), folio);
	CU_ASSERT_FATAL(f->w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	return folio;
}

static u64 slots_used(const struct fork_world *f)
{
	return f->w.k->device[0].inuse;
}

/* Who has a page alone again writes to it, and its slot goes. */
static void test_last_one_writes(void)
{
	struct fork_world f;
	u32 folio = make_cached(&f);

	fork_exit(&f, CHILD);
	CU_ASSERT_EQUAL(slots_used(&f), 1);
	fork_write(&f, PARENT, 1);
	CU_ASSERT_EQUAL(fork_pte(&f, PARENT, 1), folio);
	CU_ASSERT_EQUAL(slots_used(&f), 0);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* Who copies the page that nobody else has mapped any more gives its slot up, too: it was held a moment ago.
 */
static void test_slot_of_the_original(void)
{
	struct fork_world f;
	u32 folio = make_cached(&f);

	fork_exit(&f, CHILD);
	f.w.k->folio[folio].refs++;
	fork_write(&f, PARENT, 1);
	CU_ASSERT_NOT_EQUAL(fork_pte(&f, PARENT, 1), folio);
	CU_ASSERT_EQUAL(slots_used(&f), 0);
	RUN(&f.w, folio_put, .folio = folio);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* Used by two at once a page is in use: it need not be seen twice. */
static void test_used_by_two(void)
{
	for (u32 both = 0; both < 2; both++) {
		struct fork_world f;
		u32 folio;

		make(&f, 16);
		fork_write(&f, PARENT, 1);
		fork_child(&f, PARENT, CHILD);
		world_drain(&f.w, 0);
		folio = fork_pte(&f, PARENT, 1);
		f.w.k->folio[folio].flags &= ~FOLIO_REFERENCED;
		f.w.k->pte_flags[fork_page(&f, PARENT, 1)] |= PTE_ACCESSED;
		f.w.k->pte_flags[fork_page(&f, CHILD, 1)] &= ~PTE_ACCESSED;
		if (both)
			fork_read(&f, CHILD, 1);
		f.w.k->scan_control[f.w.k->machine.tasks].target = 1;
		RUN(&f.w, shrink_inactive_list, .lruvec = 1, .nr_to_scan = 1);
		CU_ASSERT_EQUAL(f.w.k->count[1][PGACTIVATE], both);
		fork_world_release(&f);
	}
}

/* Of a huge page that both have a page is written: the writer's table is one of entries from then on, and
 * what is left of the folio to it is to be split. */
static void test_part_of_a_huge_page(void)
{
	struct fork_world f;

	fork_world_init(&f,
			(struct world_size){
			    .pages = 8, .per_table = 4, .slots = 64, .max_order = 2, .thp_orders = 1u << 2 },
			1);
	fork_write(&f, PARENT, 0);
	fork_child(&f, PARENT, CHILD);
	fork_write(&f, CHILD, 2);
	CU_ASSERT_EQUAL(f.w.k->count[0][THP_SPLIT_PMD], 1);
	CU_ASSERT_EQUAL(page_table_of(f.w.k, fork_page(&f, CHILD, 0))->has_ptes, 1);
	CU_ASSERT_EQUAL(page_table_of(f.w.k, fork_page(&f, PARENT, 0))->has_ptes, 0);
	CU_ASSERT_EQUAL(f.w.k->count[0][THP_DEFERRED_SPLIT_PAGE], 0); /* the parent has all of it */
	fork_write(&f, PARENT, 2);
	CU_ASSERT_EQUAL(f.w.k->count[0][THP_DEFERRED_SPLIT_PAGE], 1);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

static const struct unit tests[] = {
	{ "a batch is four pages, or 32 entries without any", test_batch },
	{ "a huge page stays one for the child", test_kind_of_table },
	{ "a fork takes the time of its entries, and one flush of the TLB", test_time },
	{ "who waits for a page table gets it between batches", test_gives_way },
	{ "who waits for the CPU gets it between batches", test_gives_up_cpu },
	{ "a process that is to die is not forked", test_dying_parent },
	{ "a write copies the page and flushes the TLB", test_time_of_a_copy },
	{ "the last one that has a page writes to it, and its slot goes", test_last_one_writes },
	{ "a page that is copied loses its slot when nobody maps it", test_slot_of_the_original },
	{ "a page that two use is active at once", test_used_by_two },
	{ "a write to a huge page that two have splits the writer's", test_part_of_a_huge_page },
};

UNIT_MAIN("fork: copying", tests)
