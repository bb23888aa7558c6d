/* UFFDIO_MOVE: what was at one page is at another, and who looks for it finds it there. */
#include "models/audit.h"
#include "models/cpu.h"
#include "models/mm/rmap.h"
#include "sim/lock.h"
#include "tests/unit/fork_world.h"
#include "tests/unit/shmem_world.h"

enum { TABLE = 8 };

static void world_of(struct world *w, const char *release, const char *device)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = device,
					   .pages = 4 * TABLE,
					   .per_table = TABLE,
					   .moves = true });
}

static s64 move(struct world *w, u32 from, u32 to)
{
	return RUN(w, uffd_move, .page = page_of(w, from), .to = page_of(w, to));
}

/* All that can be said of the state, and nothing is left locked. */
static void expect_sound(struct world *w)
{
	GString *why = g_string_new(NULL);

	world_drain(w, 0);
	CU_ASSERT(audit_state(w->k, why));
	CU_ASSERT_STRING_EQUAL(why->str, "");
	CU_ASSERT_EQUAL(w->k->folio[0].refs, 0); /* there is no such folio */
	CU_ASSERT_EQUAL(w->k->folio[0].page, 0);
	for (u32 i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(page_table_of(w->k, page_of(w, i * TABLE))->ptl.owner, 0);
	g_string_free(why, TRUE);
}

/* The device holds what is swapped, and reclaim has done with it. */
static void swap_out(struct world *w, u32 page)
{
	world_pageout(w, page, 1);
	world_idle(w, 2);
}

static void test_mapped(void)
{
	struct world w;
	u32 frame;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 1);
	frame = w.k->pte[page_of(&w, 1)];
	CU_ASSERT_EQUAL(move(&w, 1, TABLE), PATH_OK);
	CU_ASSERT_EQUAL(flags_at(&w, 1), 0);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 1)], 0);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, TABLE)], frame);
	CU_ASSERT_EQUAL(flags_at(&w, TABLE) & (PTE_PRESENT | PTE_WRITE | PTE_DIRTY),
			PTE_PRESENT | PTE_WRITE | PTE_DIRTY);
	CU_ASSERT(rmap_reaches(w.k, frame, page_of(&w, TABLE)));
	CU_ASSERT_EQUAL(w.k->folio_io[frame].lock, 0);
	expect_sound(&w);
	swap_out(&w, TABLE);
	CU_ASSERT(is_swapped(&w, TABLE));
	world_read(&w, TABLE); /* what was written is there, or the machine fails */
	world_write(&w, 1);
	swap_out(&w, 1);
	world_read(&w, 1);
	expect_sound(&w);
	world_release(&w);
}

/* A page that was mapped for reading, and not used since, is mapped for writing, and as used. */
static void test_flags(void)
{
	struct world w;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 1);
	w.k->pte_flags[page_of(&w, 1)] = PTE_PRESENT;
	page_table_of(w.k, page_of(&w, 1))->has_ptes = 1;
	CU_ASSERT_EQUAL(move(&w, 1, TABLE), PATH_OK);
	CU_ASSERT_EQUAL(flags_at(&w, TABLE), PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
	CU_ASSERT_EQUAL(page_table_of(w.k, page_of(&w, TABLE))->has_ptes, 1);
	world_release(&w);
}

static void test_flush(void)
{
	struct cpu_profile slow;
	struct world w;
	u64 began;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 1);
	world_write(&w, 3);
	swap_out(&w, 3);
	slow = *w.k->cpu_profile;
	slow.tlb_flush_ns = 1000000;
	w.k->cpu_profile = &slow;
	began = w.k->machine.now;
	move(&w, 3, 4);
	CU_ASSERT(w.k->machine.now - began < slow.tlb_flush_ns);
	move(&w, 1, 2);
	CU_ASSERT(w.k->machine.now - began > slow.tlb_flush_ns);
	world_release(&w);
}

static void test_swapped(void)
{
	struct world w;
	u32 entry;

	world_of(&w, "6.12", "zram-lz4");
	world_write(&w, 3);
	swap_out(&w, 3);
	entry = entry_at(&w, 3);
	CU_ASSERT_EQUAL(move(&w, 3, 2), PATH_OK); /* in one page table */
	CU_ASSERT_EQUAL(flags_at(&w, 3), 0);
	CU_ASSERT_EQUAL(entry_at(&w, 2), entry);
	CU_ASSERT(flags_at(&w, 2) & PTE_EXCLUSIVE);
	CU_ASSERT_EQUAL(swap_count(w.k, entry), 1);
	CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
	expect_sound(&w);
	world_read(&w, 2);
	expect_sound(&w);
	world_release(&w);
}

/* Back and forth: each page holds what it got last. */
static void test_there_and_back(void)
{
	struct world w;

	world_of(&w, "6.17", "zram-lz4");
	world_write(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 0, 9), PATH_OK);
	swap_out(&w, 9);
	world_write(&w, 0);
	swap_out(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 0, 17), PATH_OK);
	CU_ASSERT_EQUAL(move(&w, 9, 0), PATH_OK);
	CU_ASSERT_EQUAL(move(&w, 17, 9), PATH_OK);
	expect_sound(&w);
	world_read(&w, 0);
	world_write(&w, 9);
	swap_out(&w, 0);
	swap_out(&w, 9);
	world_read(&w, 9);
	world_read(&w, 0);
	expect_sound(&w);
	world_release(&w);
}

/* Its page in the swap cache goes along. */
static void test_cached(void)
{
	struct world w;
	u32 folio;

	world_of(&w, "6.18", "nvme-client");
	world_write(&w, 3);
	swap_out(&w, 3);
	folio = word_folio(w.k->slot[entry_at(&w, 3)].cache);
	CU_ASSERT_FATAL(folio != 0);
	CU_ASSERT_EQUAL(move(&w, 3, 20), PATH_OK);
	CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, 20));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	world_read(&w, 20);
	CU_ASSERT_EQUAL(w.k->pte[page_of(&w, 20)], folio);
	expect_sound(&w);
	world_release(&w);
}

static void test_zero_page(void)
{
	struct world w;

	world_of(&w, "6.18", "zram-lz4");
	world_read(&w, 5);
	CU_ASSERT(flags_at(&w, 5) & PTE_ZERO);
	CU_ASSERT_EQUAL(move(&w, 5, 12), PATH_OK);
	CU_ASSERT(flags_at(&w, 12) & PTE_ZERO);
	CU_ASSERT_FALSE(flags_at(&w, 12) & PTE_WRITE);
	CU_ASSERT_EQUAL(flags_at(&w, 5), 0);
	expect_sound(&w);
	world_release(&w);
}

static void test_refusals(void)
{
	struct world w;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	world_write(&w, 1);
	CU_ASSERT_EQUAL(move(&w, 0, 1), PATH_EEXIST);
	CU_ASSERT_EQUAL(move(&w, 2, 3), PATH_ENOENT);
	folio_at(&w, 0)->flags &= ~FOLIO_EXCLUSIVE;
	CU_ASSERT_EQUAL(move(&w, 0, 3), PATH_EBUSY);
	swap_out(&w, 0);
	w.k->pte_flags[page_of(&w, 0)] &= ~PTE_EXCLUSIVE;
	CU_ASSERT_EQUAL(move(&w, 0, 3), PATH_EBUSY);
	CU_ASSERT(is_swapped(&w, 0));
	CU_ASSERT_EQUAL(flags_at(&w, 3), 0);
	expect_sound(&w);
	world_release(&w);

	world_init(&w, (struct world_size){ .file_pages = 1, .moves = true });
	world_read(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 0, 5), PATH_EINVAL);
	world_release(&w);

	world_init(&w, (struct world_size){ .file_pages = 1, .moves = true });
	world_write(&w, 5);
	CU_ASSERT_EQUAL(move(&w, 5, 0), PATH_EINVAL);
	world_release(&w);

	world_init(&w,
		   (struct world_size){ .pages = 64, .max_order = 2, .thp_orders = 1u << 2, .moves = true });
	world_write(&w, 0);
	CU_ASSERT_EQUAL(move(&w, 1, 32), PATH_EBUSY);
	world_release(&w);
}

/* Whether there is something or not. */
static void test_shared_memory(void)
{
	struct shm s;

	shm_init(&s, (struct world_size){ .pages = 4, .moves = true });
	shm_access(&s, 0, 2, true);
	for (u32 page = 1; page <= 2; page++)
		CU_ASSERT_EQUAL(RUN(&s.w, uffd_move, .page = shm_page(&s, 0, page), .to = shm_page(&s, 0, 0)),
				PATH_EINVAL);
	shm_release(&s);
}

/* ---- others meanwhile ---- */

/* A task that moves page 0 to another page table, up to a step. */
static u32 move_to(struct world *w, const char *step)
{
	u32 task;

	world_by_hand(w);
	task = ADD_ON(w, 0, uffd_move, .page = page_of(w, 0), .to = page_of(w, TABLE));
	CU_ASSERT(world_step_to(w, task, step));
	return task;
}

/* It ends, and has moved nothing. */
static void expect_nothing_moved(struct world *w, u32 task)
{
	CU_ASSERT(world_step_to(w, task, NULL));
	CU_ASSERT_EQUAL(flags_at(w, TABLE), 0);
	CU_ASSERT(flags_at(w, 0) & (PTE_PRESENT | PTE_SWAP));
	CU_ASSERT_EQUAL(w->k->device[0].users.count, 1);
	world_release(w);
}

/* Page 0 is in swap and, on a device that writes later, still in the swap cache. */
static u32 swapped_world(struct world *w, const char *release, const char *device)
{
	world_of(w, release, device);
	world_write(w, 0);
	swap_out(w, 0);
	return word_folio(w->k->slot[entry_at(w, 0)].cache);
}

/* Another page is there when the lock of the folio has been waited for. */
static void test_changes_while_waiting(void)
{
	struct world w;
	u32 task, folio;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	folio = w.k->pte[page_of(&w, 0)];
	world_by_hand(&w);
	w.k->folio_io[folio].lock = BIT_LOCK_NOBODY;
	task = ADD_ON(&w, 0, uffd_move, .page = page_of(&w, 0), .to = page_of(&w, TABLE));
	CU_ASSERT(world_step_to(&w, task, "uffd_move.LOCK_FOLIO"));
	CU_ASSERT_FALSE(world_step_to(&w, task, NULL));
	bit_lock_release(&w.k->machine, &w.k->folio_io[folio].lock);
	w.k->pte_flags[page_of(&w, 0)] = 0;
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, 0));
	CU_ASSERT_EQUAL(flags_at(&w, TABLE), 0);
	world_release(&w);
}

/* Another page of the process's own is there by then. */
static void test_replaced_while_waiting(void)
{
	struct world w;
	u32 task, folio;

	world_of(&w, "6.18", "zram-lz4");
	world_write_range(&w, 0, 2);
	folio = w.k->pte[page_of(&w, 0)];
	w.k->folio_io[folio].lock = BIT_LOCK_NOBODY;
	task = move_to(&w, "uffd_move.LOCK_FOLIO");
	w.k->pte[page_of(&w, 0)] = w.k->pte[page_of(&w, 1)];
	bit_lock_release(&w.k->machine, &w.k->folio_io[folio].lock);
	expect_nothing_moved(&w, task);
}

/* It is waited for, and all is as before: it is moved, and nothing more is held than before. */
static void test_waits_for_folio(void)
{
	for (u32 swapped = 0; swapped < 2; swapped++) {
		struct world w;
		u32 task, folio, refs;

		folio = swapped_world(&w, "6.18", "nvme-client");
		if (!swapped) {
			world_read(&w, 0);
			world_drain(&w, 0);
		}
		refs = w.k->folio[folio].refs;
		w.k->folio_io[folio].lock = BIT_LOCK_NOBODY;
		task = move_to(&w, "uffd_move.LOCK_FOLIO");
		CU_ASSERT_EQUAL(w.k->device[0].users.count, 1); /* who waits keeps no swapoff waiting */
		bit_lock_release(&w.k->machine, &w.k->folio_io[folio].lock);
		CU_ASSERT(world_step_to(&w, task, "uffd_move.LOCK_FIRST"));
		CU_ASSERT_EQUAL(w.k->folio[folio].refs, refs + 1);
		CU_ASSERT_EQUAL(w.k->device[0].users.count, 1 + swapped);
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, TABLE));
		CU_ASSERT_EQUAL(w.k->folio[folio].refs, refs);
		CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, 0);
		CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
		world_release(&w);
	}
}

static void test_does_not_wait(void)
{
	struct world w;
	u32 task, folio;

	folio = swapped_world(&w, "6.18", "nvme-client");
	task = move_to(&w, "uffd_move.LOOKUP");
	CU_ASSERT(world_step_to(&w, task, "uffd_move.TRY_LOCK"));
	CU_ASSERT(world_step(&w, task) && world_is_at(&w, task, "uffd_move.LOCK_FIRST"));
	CU_ASSERT_EQUAL(w.k->folio_io[folio].lock, task + 1);
	world_release(&w);

	CU_ASSERT_EQUAL(swapped_world(&w, "6.18", "zram-lz4"), 0);
	task = move_to(&w, "uffd_move.UNLOCK_FIRST");
	CU_ASSERT_FALSE(world_step_to(&w, task, "uffd_move.UNLOCK_FOLIO"));
	world_release(&w);
}

/* Between the look and the locks of the page tables: another entry, another kind of entry, a page that is no
 * longer the process's own, something where there was nothing. */
static void test_changes_before_locks(void)
{
	struct world w;
	u32 task;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	task = move_to(&w, "uffd_move.LOCK_FIRST");
	w.k->pte[page_of(&w, 0)]++;
	expect_nothing_moved(&w, task);

	swapped_world(&w, "6.18", "zram-lz4");
	task = move_to(&w, "uffd_move.LOCK_FIRST");
	w.k->pte_flags[page_of(&w, 0)] &= ~PTE_EXCLUSIVE;
	expect_nothing_moved(&w, task);

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	task = move_to(&w, "uffd_move.LOCK_FIRST");
	folio_at(&w, 0)->flags &= ~FOLIO_EXCLUSIVE;
	expect_nothing_moved(&w, task);

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 0);
	task = move_to(&w, "uffd_move.LOCK_FIRST");
	CU_ASSERT(world_step_to(&w, ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, TABLE), .write = true),
				NULL));
	CU_ASSERT(world_step_to(&w, task, NULL));
	CU_ASSERT(is_resident(&w, 0) && is_resident(&w, TABLE));
	CU_ASSERT_NOT_EQUAL(folio_at(&w, 0), folio_at(&w, TABLE));
	CU_ASSERT_EQUAL(folio_at(&w, 0)->page, page_of(&w, 0));
	world_release(&w);
}

/* A folio came into the swap cache after it was looked for: it would not know its page (uffd-move-recheck).
 */
static void test_cached_meanwhile(void)
{
	static const char *const kernels[] = { "6.18", "6.18+uffd-move-recheck=off" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 task;

		CU_ASSERT_EQUAL(swapped_world(&w, kernels[i], "zram-lz4"), 0);
		task = move_to(&w, "uffd_move.LOCK_FIRST");
		CU_ASSERT(world_step_to(
		    &w, ADD_ON(&w, 1, madvise_willneed, .page = page_of(&w, 0), .end = page_of(&w, 1)),
		    NULL));
		CU_ASSERT(slot_is_cached(w.k, entry_at(&w, 0)));
		if (!i) {
			expect_nothing_moved(&w, task);
			continue;
		}
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT(is_swapped(&w, TABLE));
		world_release(&w);
	}
}

/* The folio that was found has left its slot when it is locked. */
static void test_folio_of_another_slot(void)
{
	static const char *const kernels[] = { "6.18", "6.18+uffd-move-recheck=off" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct world w;
		u32 folio = swapped_world(&w, kernels[i], "nvme-client");
		u32 task = move_to(&w, "uffd_move.TRY_LOCK");

		w.k->folio_io[folio].swap++;
		if (!i) {
			expect_nothing_moved(&w, task);
			continue;
		}
		CU_ASSERT(world_step_to(&w, task, NULL));
		CU_ASSERT(is_swapped(&w, TABLE));
		world_release(&w);
	}
}

/* Nobody looks for the folio (uffd-move-cached): it believes to be of a page it is no longer of. */
static void test_left_behind(void)
{
	struct world w;
	u32 folio = swapped_world(&w, "6.18+uffd-move-cached=off+uffd-move-recheck=off", "nvme-client");

	CU_ASSERT_EQUAL(move(&w, 0, TABLE), PATH_OK);
	CU_ASSERT(is_swapped(&w, TABLE));
	CU_ASSERT_EQUAL(w.k->folio[folio].page, page_of(&w, 0));
	world_release(&w);
}

static void test_large_folio_in_cache(void)
{
	struct world w;

	world_init(
	    &w,
	    (struct world_size){
		.device = "nvme-client", .pages = 64, .max_order = 2, .thp_orders = 1u << 2, .moves = true });
	world_write(&w, 0);
	world_pageout(&w, 0, 4);
	world_idle(&w, 2);
	CU_ASSERT_EQUAL(folio_nr_pages(w.k, word_folio(w.k->slot[entry_at(&w, 1)].cache)), 4);
	CU_ASSERT_EQUAL(move(&w, 1, 32), PATH_EBUSY);
	CU_ASSERT(is_swapped(&w, 1));
	CU_ASSERT_EQUAL(w.k->device[0].users.count, 1);
	world_release(&w);
}

/* swapoff has come so far that no reference to the device is to be had. */
static void test_device_is_leaving(void)
{
	struct world w;

	swapped_world(&w, "6.18", "zram-lz4");
	percpu_ref_kill(&w.k->machine, &w.k->device[0].users);
	CU_ASSERT_EQUAL(move(&w, 0, TABLE), PATH_EAGAIN);
	CU_ASSERT(is_swapped(&w, 0));
	CU_ASSERT_EQUAL(flags_at(&w, TABLE), 0);
	world_release(&w);
}

/* While a process is being forked its pages stay where they are. */
static void test_waits_for_fork(void)
{
	struct fork_world f;
	u32 fork, move;

	fork_world_init(&f, (struct world_size){ .pages = 16, .moves = true }, 1);
	fork_write(&f, 0, 3);
	world_by_hand(&f.w);
	fork = ADD_ON(&f.w, 0, dup_mmap, .parent = 0, .child = 1);
	move = ADD_ON(&f.w, 1, uffd_move, .page = fork_page(&f, 0, 3), .to = fork_page(&f, 0, 9));
	CU_ASSERT(world_step_to(&f.w, fork, "dup_mmap.UNLOCK_MMAP"));
	CU_ASSERT_FALSE(world_step_to(&f.w, move, "uffd_move.LOCK_DST"));
	CU_ASSERT(world_step_to(&f.w, fork, NULL));
	CU_ASSERT(world_step_to(&f.w, move, NULL));
	CU_ASSERT_EQUAL(fork_flags(&f, 0, 9), 0); /* it is the child's, too */
	CU_ASSERT(world_step_to(&f.w, ADD_ON(&f.w, 0, dup_mmap, .parent = 0, .child = 2), NULL));
	fork_world_release(&f);
}

/* Two that go in opposite directions take the locks in the same order. */
static void test_lower_table_first(void)
{
	struct world w;
	u32 there, back;

	world_of(&w, "6.18", "zram-lz4");
	world_write(&w, 1);
	world_write(&w, TABLE + 1);
	world_drain(&w, 0);
	world_by_hand(&w);
	there = ADD_ON(&w, 0, uffd_move, .page = page_of(&w, 1), .to = page_of(&w, TABLE));
	back = ADD_ON(&w, 1, uffd_move, .page = page_of(&w, TABLE + 1), .to = page_of(&w, 0));
	CU_ASSERT(world_step_to(&w, back, "uffd_move.LOCK_FIRST"));
	CU_ASSERT(world_step_to(&w, there, "uffd_move.LOCK_SECOND"));
	CU_ASSERT_FALSE(world_step_to(&w, back, "uffd_move.LOCK_SECOND"));
	CU_ASSERT(world_step_to(&w, there, NULL));
	CU_ASSERT(world_step_to(&w, back, NULL));
	CU_ASSERT(is_resident(&w, TABLE) && is_resident(&w, 0));
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a mapped page", test_mapped },
	{ "a swapped page", test_swapped },
	{ "its folio in the swap cache goes along", test_cached },
	{ "pages hold what was moved there", test_there_and_back },
	{ "the zero page", test_zero_page },
	{ "not to where something is, nor what others have, too", test_refusals },
	{ "it is writable and used from then on", test_flags },
	{ "what was mapped is flushed from the TLB", test_flush },
	{ "shared memory is not moved", test_shared_memory },
	{ "nor what has taken its place", test_replaced_while_waiting },
	{ "a folio that is locked is waited for, without a reference to the device", test_waits_for_folio },
	{ "one that is not is locked at once, and none if there is none", test_does_not_wait },
	{ "what has changed before the page tables are locked is not moved", test_changes_before_locks },
	{ "nor what is in the swap cache by then", test_cached_meanwhile },
	{ "nor with a folio that is no longer that slot's", test_folio_of_another_slot },
	{ "a folio that nobody looks for stays behind", test_left_behind },
	{ "nor what is in the swap cache with others", test_large_folio_in_cache },
	{ "nor what is on a device that is leaving", test_device_is_leaving },
	{ "nothing is moved while a process is forked", test_waits_for_fork },
	{ "what has changed while a lock was waited for is not moved", test_changes_while_waiting },
	{ "the lower page table is locked first", test_lower_table_first },
};

UNIT_MAIN("uffd_move", tests)
