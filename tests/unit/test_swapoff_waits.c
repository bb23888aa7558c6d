/* What swapoff waits for, one thing at a time, and what unuse_mm() leaves behind by itself. */
#include "models/swap/swapoff.h"

#include "models/mm/family.h"
#include "sim/rcu.h"
#include "tests/unit/fork_world.h"
#include "tests/unit/world.h"

enum { PAGES = 16 };

/* All pages are swapped out, and step by step from here. */
static void begin(struct world *w, const char *release, const char *device)
{
	world_init(w, (struct world_size){ .release = release,
					   .device = device,
					   .pages = PAGES,
					   .slots = 63,
					   .per_cluster = 8,
					   .space_clusters = 8 });
	world_write_range(w, 0, PAGES);
	world_drain(w, 0);
	world_pageout(w, 0, PAGES);
	world_by_hand(w);
}

static void end_grace_periods(struct world *w)
{
	while (rcu_waiting(&w->k->machine))
		rcu_check(&w->k->machine, 0);
}

/* Up to where all users are gone. */
static u32 swapoff_after_users(struct world *w, const char *release)
{
	u32 id;

	begin(w, release, "zram-lz4");
	id = ADD_ON(w, 0, swapoff, .device = 0);
	CU_ASSERT_FATAL(world_step_to(w, id, "swapoff.SYNC_RCU"));
	end_grace_periods(w);
	return id;
}

/* Nobody is between asking whether slots may be taken and taking them, when it begins. */
static void test_allocation(void)
{
	struct spinlock *lock;
	struct world w;
	u32 id;

	begin(&w, "6.18", "zram-lz4");
	lock = &w.k->cluster[w.k->device[0].first_cluster + 3].lock;
	lock->owner = SPINLOCK_NOBODY;
	id = ADD_ON(&w, 0, swapoff, .device = 0);
	CU_ASSERT_FALSE(world_step_to(&w, id, "try_to_unuse.PASS"));
	CU_ASSERT(world_is_at(&w, id, "swapoff_wait.LOCK_CI"));
	lock->owner = 0;
	CU_ASSERT(world_step_to(&w, id, "try_to_unuse.PASS"));
	world_release(&w);
}

static void test_discard_under_way(void)
{
	struct world w;
	u32 id = swapoff_after_users(&w, "6.18");

	w.k->device[0].discarding = 1;
	CU_ASSERT_FALSE(world_step_to(&w, id, NULL));
	CU_ASSERT(world_is_at(&w, id, "swapoff.DISCARDS"));
	world_release(&w);
}

static void test_scan(void)
{
	struct world w;
	u32 id = swapoff_after_users(&w, "6.12");

	w.k->device[0].scanning = 1;
	for (u32 i = 0; i < 100; i++)
		world_step(&w, id);
	CU_ASSERT(w.k->device[0].has_maps);
	w.k->device[0].scanning = 0;
	CU_ASSERT(world_step_to(&w, id, NULL));
	CU_ASSERT_FALSE(w.k->device[0].has_maps);
	world_release(&w);
}

/* A page that is on its way to the device is not mapped before it is there. */
static void test_writeback(void)
{
	struct folio_io *io;
	struct world w;
	u32 id;

	begin(&w, "6.18", "nvme-client");
	io = &w.k->folio_io[word_folio(w.k->slot[entry_at(&w, 0)].cache)];
	CU_ASSERT_FATAL(io != w.k->folio_io);
	io->lock = 0;
	io->writeback = BIT_LOCK_NOBODY;
	id = ADD_ON(&w, 0, unuse_mm, .mm = 0, .device = 0);
	CU_ASSERT_FALSE(world_step_to(&w, id, "unuse_mm.LOCK_PTL"));
	CU_ASSERT(is_swapped(&w, 0));
	bit_lock_release(&w.k->machine, &io->writeback);
	CU_ASSERT(world_step_to(&w, id, "unuse_mm.UNLOCK_PTL"));
	CU_ASSERT(is_resident(&w, 0));
	world_release(&w);
}

/* Slots are free as soon as the process has its pages, which are its own as they were. */
static void test_nothing_is_left(void)
{
	static const char *const releases[] = { "6.12", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct world w;
		u32 id;

		begin(&w, releases[i], "zram-lz4");
		id = ADD_ON(&w, 0, unuse_mm, .mm = 0, .device = 0);
		CU_ASSERT(world_step_to(&w, id, NULL));
		CU_ASSERT_EQUAL(w.k->mm[0].swap_ents, 0);
		CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
		for (u32 page = 0; page < PAGES; page++)
			CU_ASSERT(folio_at(&w, page)->flags & FOLIO_EXCLUSIVE);
		world_release(&w);
	}
}

/* Whether readahead is by slots is asked of the devices that are left. */
static void test_rotational(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .device = "disk-rot", .pages = PAGES });
	CU_ASSERT(w.k->swap->rotational);
	CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_FALSE(w.k->swap->rotational);
	world_release(&w);
}

/* With processes that fork, nobody changes the mappings meanwhile. */
static void test_mappings(void)
{
	struct fork_world f;
	struct sleeping_lock *lock;
	u32 id;

	fork_world_init(&f, (struct world_size){ .pages = PAGES, .slots = 63, .per_cluster = 8 }, 1);
	world_write_range(&f.w, 0, PAGES);
	world_drain(&f.w, 0);
	world_pageout(&f.w, 0, PAGES);
	world_by_hand(&f.w);
	lock = &f.w.k->member[0].mmap_lock;
	lock->owner = 100;
	id = ADD_ON(&f.w, 0, unuse_mm, .mm = 0, .device = 0);
	CU_ASSERT_FALSE(world_step_to(&f.w, id, "unuse_mm.WALK"));
	CU_ASSERT(world_is_at(&f.w, id, "unuse_mm.LOCK_MMAP"));
	fork_world_release(&f);
	fork_world_init(&f, (struct world_size){ .pages = PAGES, .slots = 63, .per_cluster = 8 }, 1);
	world_by_hand(&f.w);
	lock = &f.w.k->member[0].mmap_lock;
	id = ADD_ON(&f.w, 0, unuse_mm, .mm = 0, .device = 0);
	CU_ASSERT(world_step_to(&f.w, id, "unuse_mm.WALK"));
	CU_ASSERT_EQUAL(lock->readers, 1);
	CU_ASSERT(world_step_to(&f.w, id, NULL));
	CU_ASSERT_EQUAL(lock->readers, 0);
	fork_world_release(&f);
}

static const struct unit tests[] = {
	{ "swapoff waits for who takes slots", test_allocation },
	{ "for a discard that is under way", test_discard_under_way },
	{ "for who looks for slots, up to 6.14", test_scan },
	{ "and for pages that are being written", test_writeback },
	{ "unuse_mm() leaves no slot in use, and pages to whom they belong", test_nothing_is_left },
	{ "a device that is gone has no say in readahead", test_rotational },
	{ "and for who changes mappings", test_mappings },
};

UNIT_MAIN("swapoff, what it waits for", tests)
