/* fork() and what follows from it: shared pages and slots, copies, reuse, the end of either process. */
#include "tests/unit/fork_world.h"

#include <stdio.h>

#include "models/mm/memcg.h"
#include "models/mm/rmap.h"
#include "models/run.h"
#include "models/swap/cache.h"
#include "sim/random.h"

static const char *const kernels[] = { "6.12", "6.17", "6.18" };
enum { PARENT, CHILD, GRANDCHILD };

static void make(struct fork_world *f, struct world_size size)
{
	size.pages = size.pages ? size.pages : 16;
	fork_world_init(f, size, 1);
}

/* ---- pages ---- */

static void test_shared(void)
{
	struct fork_world f;
	u64 free;

	make(&f, (struct world_size){ 0 });
	fork_write(&f, PARENT, 3);
	fork_read(&f, PARENT, 4);
	free = f.w.k->memory->free;
	CU_ASSERT_EQUAL(fork_child(&f, PARENT, CHILD), PATH_OK);
	CU_ASSERT_EQUAL(f.w.k->memory->free, free);
	CU_ASSERT_EQUAL(fork_pte(&f, CHILD, 3), fork_pte(&f, PARENT, 3));
	CU_ASSERT_EQUAL(fork_flags(&f, PARENT, 3), PTE_PRESENT | PTE_ACCESSED);
	CU_ASSERT_EQUAL(fork_flags(&f, CHILD, 3), PTE_PRESENT);
	CU_ASSERT_EQUAL(fork_flags(&f, CHILD, 4), PTE_PRESENT | PTE_ZERO);
	CU_ASSERT_EQUAL(fork_flags(&f, CHILD, 5), 0);
	CU_ASSERT_EQUAL(fork_frame(&f, CHILD, 3)->mapcount, 2);
	CU_ASSERT_EQUAL(fork_frame(&f, CHILD, 3)->refs, 3); /* the batch's */
	CU_ASSERT_FALSE(fork_frame(&f, CHILD, 3)->flags & FOLIO_EXCLUSIVE);
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages, 1);
	CU_ASSERT_EQUAL(f.w.k->mm[CHILD].users, 1);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

static void test_copied(void)
{
	for (u32 writer = PARENT; writer <= CHILD; writer++) {
		struct fork_world f;
		u32 frame;

		make(&f, (struct world_size){ 0 });
		fork_write(&f, PARENT, 3);
		frame = fork_pte(&f, PARENT, 3);
		fork_child(&f, PARENT, CHILD);
		world_drain(&f.w, 0);
		fork_write(&f, writer, 3);
		CU_ASSERT_EQUAL(fork_pte(&f, !writer, 3), frame);
		CU_ASSERT_NOT_EQUAL(fork_pte(&f, writer, 3), frame);
		CU_ASSERT_EQUAL(fork_flags(&f, writer, 3),
				PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE);
		CU_ASSERT(fork_frame(&f, writer, 3)->flags & FOLIO_EXCLUSIVE);
		CU_ASSERT_EQUAL(fork_frame(&f, writer, 3)->page, fork_page(&f, writer, 3));
		CU_ASSERT_EQUAL(f.w.k->folio[frame].mapcount, 1);
		CU_ASSERT_EQUAL(f.w.k->mm[PARENT].anon_pages + f.w.k->mm[CHILD].anon_pages, 2);
		CU_ASSERT(fork_world_is_sound(&f));
		/* who is left alone with the page writes to it as it is */
		fork_write(&f, !writer, 3);
		CU_ASSERT_EQUAL(fork_pte(&f, !writer, 3), frame);
		CU_ASSERT(f.w.k->folio[frame].flags & FOLIO_EXCLUSIVE);
		CU_ASSERT_EQUAL(f.w.k->folio[frame].page, fork_page(&f, !writer, 3));
		CU_ASSERT_EQUAL(counted(&f.w, PGFAULT), 3);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_world_release(&f);
	}
}

/* Another CPU's batch has a reference, and nobody can tell whose it is. */
static void test_reference_elsewhere(void)
{
	struct fork_world f;
	u32 frame;

	make(&f, (struct world_size){ 0 });
	RUN_ON(&f.w, 1, handle_mm_fault, .page = fork_page(&f, PARENT, 3), .write = true);
	frame = fork_pte(&f, PARENT, 3);
	fork_child(&f, PARENT, CHILD);
	fork_exit(&f, CHILD);
	CU_ASSERT_EQUAL(f.w.k->folio[frame].refs, 2);
	fork_write(&f, PARENT, 3);
	CU_ASSERT_NOT_EQUAL(fork_pte(&f, PARENT, 3), frame);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

static void test_own_batch(void)
{
	struct fork_world f;
	u32 frame;

	make(&f, (struct world_size){ 0 });
	fork_write(&f, PARENT, 3);
	frame = fork_pte(&f, PARENT, 3);
	fork_child(&f, PARENT, CHILD);
	f.w.k->pte_flags[fork_page(&f, CHILD, 3)] = 0; /* as if it had gone, without draining the batch */
	f.w.k->mm[CHILD].anon_pages--;
	f.w.k->folio[frame].mapcount--;
	f.w.k->folio[frame].refs--;
	fork_write(&f, PARENT, 3);
	CU_ASSERT_EQUAL(fork_pte(&f, PARENT, 3), frame);
	fork_world_release(&f);
}

static void test_owner(void)
{
	struct fork_world f;
	u32 page;

	make(&f, (struct world_size){ 0 });
	fork_write(&f, PARENT, 3);
	fork_child(&f, PARENT, CHILD);
	fork_child(&f, CHILD, GRANDCHILD);
	CU_ASSERT_EQUAL(fork_frame(&f, PARENT, 3)->mapcount, 3);
	page = rmap_first(f.w.k, fork_pte(&f, PARENT, 3));
	CU_ASSERT_EQUAL(page, fork_page(&f, PARENT, 3));
	page = rmap_next(f.w.k, fork_pte(&f, PARENT, 3), page);
	CU_ASSERT_EQUAL(page, fork_page(&f, CHILD, 3));
	page = rmap_next(f.w.k, fork_pte(&f, PARENT, 3), page);
	CU_ASSERT_EQUAL(page, fork_page(&f, GRANDCHILD, 3));
	CU_ASSERT_EQUAL(rmap_next(f.w.k, fork_pte(&f, PARENT, 3), page), 0);
	/* a page of the child's own is nobody else's but the grandchild's */
	fork_write(&f, CHILD, 5);
	CU_ASSERT_FALSE(rmap_reaches(f.w.k, fork_pte(&f, CHILD, 5), fork_page(&f, PARENT, 5)));
	CU_ASSERT(rmap_reaches(f.w.k, fork_pte(&f, CHILD, 5), fork_page(&f, GRANDCHILD, 5)));
	fork_exit(&f, GRANDCHILD);
	CU_ASSERT_FALSE(rmap_reaches(f.w.k, fork_pte(&f, CHILD, 5), fork_page(&f, GRANDCHILD, 5)));
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

static void test_used_by_either(void)
{
	struct fork_world f;

	make(&f, (struct world_size){ 0 });
	fork_write(&f, PARENT, 3);
	fork_child(&f, PARENT, CHILD);
	fork_read(&f, CHILD, 3);
	CU_ASSERT_EQUAL(RUN(&f.w, folio_referenced, .folio = fork_pte(&f, PARENT, 3)), 2);
	CU_ASSERT_EQUAL(RUN(&f.w, folio_referenced, .folio = fork_pte(&f, PARENT, 3)), 0);
	fork_world_release(&f);
}

/* ---- swap ---- */

static void reclaim_all(struct fork_world *f)
{
	world_drain(&f->w, 0);
	for (u32 i = 0; i < 8; i++)
		RUN(&f->w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 64);
}

static void test_swapped_out_of_both(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct fork_world f;
		u32 entry;

		make(&f, (struct world_size){ .release = kernels[i] });
		fork_write(&f, PARENT, 3);
		fork_child(&f, PARENT, CHILD);
		CU_ASSERT_EQUAL(fork_pageout(&f, PARENT, 3, 1), 0); /* MADV_PAGEOUT lets shared pages be */
		reclaim_all(&f);
		CU_ASSERT(fork_flags(&f, PARENT, 3) == PTE_SWAP && fork_flags(&f, CHILD, 3) == PTE_SWAP);
		entry = fork_pte(&f, PARENT, 3);
		CU_ASSERT_EQUAL(fork_pte(&f, CHILD, 3), entry);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 2);
		CU_ASSERT_EQUAL(f.w.k->mm[CHILD].swap_ents, 1);
		CU_ASSERT(fork_world_is_sound(&f));
		/* on zram, too, through the swap cache: the other one will want it */
		fork_read(&f, CHILD, 3);
		CU_ASSERT_EQUAL(fork_flags(&f, CHILD, 3), PTE_PRESENT | PTE_ACCESSED);
		CU_ASSERT(fork_frame(&f, CHILD, 3)->flags & FOLIO_SWAPCACHE);
		CU_ASSERT_EQUAL(fork_frame(&f, CHILD, 3)->page, fork_page(&f, PARENT, 3));
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 1);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_read(&f, PARENT, 3);
		CU_ASSERT_EQUAL(fork_pte(&f, PARENT, 3), fork_pte(&f, CHILD, 3));
		CU_ASSERT_EQUAL(counted(&f.w, PGMAJFAULT), 1);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 0);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_write(&f, PARENT, 3);
		CU_ASSERT_NOT_EQUAL(fork_pte(&f, PARENT, 3), fork_pte(&f, CHILD, 3));
		CU_ASSERT(fork_world_is_sound(&f));
		fork_world_release(&f);
	}
}

static void test_forked_in_swap(void)
{
	for (u32 write = 0; write < 2; write++) {
		struct fork_world f;
		u32 entry;

		make(&f, (struct world_size){ 0 });
		fork_write(&f, PARENT, 3);
		world_drain(&f.w, 0);
		CU_ASSERT_EQUAL(fork_pageout(&f, PARENT, 3, 1), 1);
		CU_ASSERT_EQUAL(fork_flags(&f, PARENT, 3), PTE_SWAP | PTE_EXCLUSIVE);
		fork_child(&f, PARENT, CHILD);
		entry = fork_pte(&f, PARENT, 3);
		CU_ASSERT_EQUAL(fork_flags(&f, PARENT, 3), PTE_SWAP);
		CU_ASSERT_EQUAL(fork_flags(&f, CHILD, 3), PTE_SWAP);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 2);
		CU_ASSERT(fork_world_is_sound(&f));
		/* a write takes one fault, and a copy; what was read stays in the cache for the other */
		fork_access(&f, CHILD, 3, write);
		CU_ASSERT_EQUAL(counted(&f.w, PGFAULT), 2);
		CU_ASSERT_EQUAL(!(fork_flags(&f, CHILD, 3) & PTE_WRITE), !write);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 1);
		CU_ASSERT(word_folio(swap_cache_word(f.w.k, entry)) != 0);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_read(&f, PARENT, 3);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_world_release(&f);
	}
}

/* The last one to come gets the page itself, without the slot. */
static void test_last_takes_all(void)
{
	struct fork_world f;
	u32 entry, folio;

	make(&f, (struct world_size){ 0 });
	fork_write(&f, PARENT, 3);
	world_drain(&f.w, 0);
	fork_pageout(&f, PARENT, 3, 1);
	fork_child(&f, PARENT, CHILD);
	entry = fork_pte(&f, PARENT, 3);
	fork_write(&f, CHILD, 3);
	folio = word_folio(swap_cache_word(f.w.k, entry));
	world_drain(&f.w, 0);
	fork_write(&f, PARENT, 3);
	CU_ASSERT_EQUAL(fork_pte(&f, PARENT, 3), folio);
	CU_ASSERT(fork_flags(&f, PARENT, 3) & PTE_WRITE);
	CU_ASSERT_FALSE(f.w.k->folio[folio].flags & FOLIO_SWAPCACHE);
	CU_ASSERT_EQUAL(f.w.k->slot[entry].map, 0);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* ---- the end ---- */

static void test_exit(void)
{
	for (u32 first = PARENT; first <= CHILD; first++) {
		for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
			struct fork_world f;
			char *wrong;
			u64 free;

			make(&f, (struct world_size){ .release = kernels[i], .pages = 200, .per_table = 64 });
			free = f.w.k->memory->free;
			for (u32 p = 0; p < 150; p++)
				fork_write(&f, PARENT, p);
			world_drain(&f.w, 0);
			fork_pageout(&f, PARENT, 20, 70);
			fork_child(&f, PARENT, CHILD);
			CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages, 80);
			CU_ASSERT_EQUAL(f.w.k->mm[CHILD].swap_ents, 70);
			for (u32 p = 10; p < 60; p++)
				fork_access(&f, CHILD, p, p % 2);
			fork_exit(&f, first);
			CU_ASSERT(fork_world_is_sound(&f));
			for (u32 p = 0; p < 200; p++)
				CU_ASSERT(!fork_flags(&f, first, p));
			for (u32 p = 0; p < 150; p++)
				fork_read(&f, !first, p);
			fork_exit(&f, !first);
			memcg_drain_stocks(f.w.k, 1);
			world_idle(&f.w, 20);
			if (i) { /* 6.12: CPUs gather slots that are to be freed */
				CU_ASSERT_EQUAL(f.w.k->memory->free, free);
				CU_ASSERT_EQUAL(f.w.k->memcg[1].swap_usage, 0);
			}
			CU_ASSERT_EQUAL(f.w.k->memcg[1].usage, 0);
			wrong = audit(f.w.k);
			CU_ASSERT_PTR_NULL(wrong);
			g_free(wrong);
			fork_world_release(&f);
		}
	}
}

static void test_again(void)
{
	struct fork_world f;

	make(&f, (struct world_size){ 0 });
	for (u32 i = 0; i < 3; i++) {
		fork_write(&f, PARENT, 3);
		CU_ASSERT_EQUAL(fork_child(&f, PARENT, CHILD), PATH_OK);
		fork_write(&f, CHILD, 4);
		reclaim_all(&f);
		fork_write(&f, CHILD, 3);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_exit(&f, CHILD);
		CU_ASSERT_EQUAL(f.w.k->mm[CHILD].anon_pages + f.w.k->mm[CHILD].swap_ents, 0);
		CU_ASSERT_EQUAL(f.w.k->mm[CHILD].overhead_pages, 0);
	}
	fork_world_release(&f);
}

/* ---- others meanwhile ---- */

static void test_faults_wait(void)
{
	struct fork_world f;
	u32 fork, fault;

	make(&f, (struct world_size){ 0 });
	fork_write(&f, PARENT, 3);
	world_by_hand(&f.w);
	fork = ADD_ON(&f.w, 0, dup_mmap, .parent = PARENT, .child = CHILD);
	fault = ADD_ON(&f.w, 1, handle_mm_fault, .page = fork_page(&f, PARENT, 5), .write = true);
	CU_ASSERT(world_step_to(&f.w, fork, "copy_page_range.COPY"));
	CU_ASSERT_FALSE(world_step_to(&f.w, fault, "do_anonymous_page.ALLOC"));
	CU_ASSERT(world_step_to(&f.w, fork, NULL));
	CU_ASSERT(world_step_to(&f.w, fault, NULL));
	CU_ASSERT_EQUAL(fork_flags(&f, CHILD, 5), 0);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* ---- everything at once ---- */

enum { WORLDS = 150, LARGE_WORLDS = 60, ROUNDS = 50, AT_ONCE = 3, MMS = 4, PAGES = 12 };

struct mix {
	struct fork_world f;
	u64 seed, drawn;
	u32 operations;
	bool alive[MMS];
	bool busy[MMS]; /* something is done to it in this round */
};

static u32 draw(struct mix *x, u32 below)
{
	return random_below(random_value(x->seed, x->drawn++), below);
}

static void add_access(struct mix *x, u32 cpu, u32 mm)
{
	struct fork_world *f = &x->f;
	u32 page = draw(x, PAGES), write = draw(x, 3) == 0;
	u8 needed = PTE_PRESENT | (write ? PTE_WRITE : 0);

	if ((fork_flags(f, mm, page) & needed) == needed)
		f->w.k->pte_flags[fork_page(f, mm, page)] |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
	else
		ADD_ON(&f->w, cpu, handle_mm_fault, .page = fork_page(f, mm, page), .write = write);
}

static void add_advice(struct mix *x, u32 cpu, u32 mm)
{
	struct fork_world *f = &x->f;
	u32 first = draw(x, PAGES), n = 1 + draw(x, PAGES - first), page = fork_page(f, mm, first);

	switch (draw(x, 4)) {
	case 0:
		ADD_ON(&f->w, cpu, madvise_dontneed, .page = page, .count = n);
		break;
	case 1:
		ADD_ON(&f->w, cpu, madvise_free, .page = page, .end = page + n);
		break;
	case 2:
		ADD_ON(&f->w, cpu, madvise_willneed, .page = page, .end = page + n);
		break;
	default:
		ADD_ON(&f->w, cpu, madvise_pageout, .page = page, .count = n);
	}
}

/* fork() of a process that is there into one that is not, or the end of a child. */
static void add_life(struct mix *x, u32 cpu, u32 mm)
{
	struct fork_world *f = &x->f;
	u32 parent = f->mm[mm].fork_of - 1;

	if (x->busy[mm])
		return;
	x->busy[mm] = true;
	if (x->alive[mm]) {
		x->alive[mm] = false;
		f->w.k->mm[mm].users = 0;
		ADD_ON(&f->w, cpu, exit_mmap, .mm = mm);
	} else if (x->alive[parent]) {
		x->busy[parent] = true;
		x->alive[mm] = true;
		ADD_ON(&f->w, cpu, dup_mmap, .parent = parent, .child = mm);
	}
}

static void add_operation(struct mix *x, u32 cpu)
{
	u32 what = draw(x, 20), mm = draw(x, MMS);

	x->operations++;
	if (what < 2) {
		ADD_ON(&x->f.w, cpu, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 1 + draw(x, 8));
	} else if (what < 6) {
		add_life(x, cpu, 1 + draw(x, MMS - 1));
	} else if (x->alive[mm] && !x->busy[mm]) {
		if (what < 9)
			add_advice(x, cpu, mm);
		else
			add_access(x, cpu, mm);
		x->busy[mm] = mm > 0; /* a thread each; the parent has several */
	}
}

static bool run_round(struct mix *x)
{
	GError *error = NULL;

	memset(x->busy, 0, sizeof x->busy);
	for (u32 i = 0; i < AT_ONCE; i++)
		add_operation(x, i % 2);
	if (machine_run(&x->f.w.k->machine, TIME_NEVER - 1, &error))
		return true;
	printf("\n  seed %u: %s\n", (u32)x->seed, error ? error->message : "stopped");
	g_clear_error(&error);
	return false;
}

static u32 run_mix(u64 seed, u32 orders)
{
	static const char *const devices[] = { "zram-lz4", "nvme-client", "pmem" };
	struct mix x = { .seed = seed, .alive = { true } };
	char *wrong;
	bool ok = true;

	fork_world_init(&x.f,
			(struct world_size){ .release = kernels[seed % 3],
					     .device = devices[seed / 3 % 3],
					     .pages = PAGES,
					     .per_table = 4,
					     .per_cluster = 8,
					     .slots = 63,
					     .limit = 14,
					     .memory = 256,
					     .max_order = orders ? 2 : 0,
					     .thp_orders = orders,
					     .min = 4,
					     .tasks = AT_ONCE * ROUNDS + 64,
					     .check_locks = true,
					     .preemption = seed % 2 ? PREEMPT_FULL : PREEMPT_VOLUNTARY },
			MMS - 2);
	x.f.w.k->machine.config.check_invariants = 1;
	x.f.w.k->machine.config.ties = TIES_SEED;
	for (u32 i = 0; i < ROUNDS && ok; i++)
		ok = run_round(&x);
	CU_ASSERT(ok);
	wrong = audit(x.f.w.k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	fork_world_release(&x.f);
	return x.operations;
}

static void test_mix(void)
{
	u32 operations = 0;

	for (u64 seed = 1; seed <= WORLDS; seed++)
		operations += run_mix(seed, 0);
	printf("%u operations ", operations);
	CU_ASSERT(operations >= 20000);
}

/* Folios of two pages, and of four, which take a whole page table here. */
static void test_large_mix(void)
{
	u32 operations = 0;

	for (u64 seed = 1; seed <= LARGE_WORLDS; seed++)
		operations += run_mix(seed, seed % 2 ? 1u << 1 : 1u << 1 | 1u << 2);
	printf("%u operations ", operations);
}

/* Who waits for a page of a file to be read lets go of mmap_lock meanwhile, and holds it once when it tries
 * again. */
static void test_file_waits_unlocked(void)
{
	struct fork_world f;
	struct sleeping_lock *lock;
	u32 fault;

	make(&f, (struct world_size){ .file_pages = 16 });
	lock = &f.w.k->member[PARENT].mmap_lock;
	world_by_hand(&f.w);
	fault = ADD_ON(&f.w, 0, handle_mm_fault, .page = fork_page(&f, PARENT, 3));
	CU_ASSERT(world_step_to(&f.w, fault, "filemap_fault.WAIT_READ"));
	CU_ASSERT_EQUAL(lock->readers, 0);
	CU_ASSERT_FALSE(world_step_to(&f.w, fault, NULL));
	f.w.k->folio_io[word_folio(f.w.k->page_cache[fork_page(&f, PARENT, 3)])].lock =
	    0; /* it has been read */
	CU_ASSERT(world_step_to(&f.w, fault, "filemap_fault.LOCK"));
	CU_ASSERT_EQUAL(lock->readers, 1);
	CU_ASSERT(world_step_to(&f.w, fault, NULL));
	CU_ASSERT_EQUAL(lock->readers, 0);
	CU_ASSERT(fork_flags(&f, PARENT, 3) & PTE_PRESENT);
	fork_world_release(&f);
}

static const struct unit tests[] = {
	{ "after fork() both have the same pages, and neither may write", test_shared },
	{ "who writes gets a copy, who is left alone the page", test_copied },
	{ "a page that may be somebody else's is copied", test_reference_elsewhere },
	{ "a batch of the same CPU is nobody else", test_own_batch },
	{ "a page is looked for in its owner and who was forked from it", test_owner },
	{ "a page is used if either process used it", test_used_by_either },
	{ "a shared page is swapped out of both, and comes back for both", test_swapped_out_of_both },
	{ "a page that is forked in swap is nobody's own", test_forked_in_swap },
	{ "the last one to come takes the page, without its slot", test_last_takes_all },
	{ "when either has ended the other has its pages, and then nothing is left", test_exit },
	{ "a process is forked again and again", test_again },
	{ "faults wait while their process is forked", test_faults_wait },
	{ "a fault that waits for a file holds no lock on its process", test_file_waits_unlocked },
	{ "nothing is lost in any mix of fork, write, reclaim, swap-in and exit", test_mix },
	{ "nor with folios of several pages", test_large_mix },
};

UNIT_MAIN("fork", tests)
