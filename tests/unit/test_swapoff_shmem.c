/* Shared memory comes back before a device goes, and who swaps it in holds the device. */
#include "models/swap/swapoff.h"

#include "sim/rcu.h"
#include "tests/unit/shmem_world.h"

enum { PAGES = 40 };

static const char *const releases[] = { "6.12", "6.14", "6.17", "6.18" };

/* A segment of which process 0 has written all pages, which are in swap. */
static void swapped_segment(struct shm *s, const char *release, const char *device)
{
	shm_init(s, (struct world_size){ .release = release,
					 .device = device,
					 .pages = PAGES,
					 .slots = 127,
					 .per_cluster = 8,
					 .space_clusters = 8,
					 .check_locks = true });
	for (u32 i = 0; i < PAGES; i++)
		shm_write(s, 0, i);
	world_drain(&s->w, 0);
	shm_pageout(s, 0, PAGES);
	world_idle(&s->w, 10);
}

static void comes_back(const char *release, const char *device)
{
	struct shm s;

	swapped_segment(&s, release, device);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, PAGES);
	CU_ASSERT_EQUAL(RUN(&s.w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].swap_ents, 0);
	CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].anon_pages, PAGES);
	CU_ASSERT_EQUAL(s.w.k->device[0].flags, 0);
	CU_ASSERT_EQUAL(s.w.k->device[0].inuse, 0);
	for (u32 i = 0; i < PAGES; i++)
		CU_ASSERT(shm_folio(&s, i));
	CU_ASSERT_FALSE(shm_flags(&s, 0, 0) & PTE_PRESENT); /* the index has it, nobody maps it */
	CU_ASSERT_PTR_NULL(s.w.k->machine.failure);
	shm_sound(&s);
	shm_release(&s);
}

static void test_comes_back(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		comes_back(releases[i], "zram-lz4");
		comes_back(releases[i], "nvme-client");
	}
}

static void end_grace_periods(struct shm *s)
{
	while (rcu_waiting(&s->w.k->machine))
		rcu_check(&s->w.k->machine, 0);
}

/* A fault that has confirmed the entry and allocates a page when swapoff comes. Returns the task of swapoff,
 * which has read everything back. */
static u32 swapoff_during_fault(struct shm *s, const char *release, u32 *fault)
{
	u32 id;

	swapped_segment(s, release, "zram-lz4");
	world_by_hand(&s->w);
	*fault = ADD_ON(&s->w, 0, handle_mm_fault, .page = shm_page(s, 0, 0));
	CU_ASSERT_FATAL(world_step_to(&s->w, *fault, "alloc_charged_folio.ALLOC"));
	id = ADD_ON(&s->w, 1, swapoff, .device = 0);
	CU_ASSERT_FATAL(world_step_to(&s->w, id, "swapoff.SYNC_RCU"));
	end_grace_periods(s);
	return id;
}

static void test_device_is_held(void)
{
	static const char *const around[] = { "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(around); i++) {
		struct shm s;
		u32 fault, id = swapoff_during_fault(&s, around[i], &fault);

		CU_ASSERT_FATAL(world_step_to(&s.w, id, "swapoff.WAIT_USERS"));
		CU_ASSERT_FALSE(world_step_to(&s.w, id, NULL));
		CU_ASSERT(world_step_to(&s.w, fault, NULL));
		CU_ASSERT(world_step_to(&s.w, id, NULL));
		CU_ASSERT_PTR_NULL(s.w.k->machine.failure);
		CU_ASSERT_EQUAL(s.w.k->device[0].flags, 0);
		shm_release(&s);
	}
}

/* 2efa33fc7f6e taken out: the slots' map is looked at when it is freed. */
static void test_device_is_not_held(void)
{
	static const char *const around[] = { "6.14+shmem-device-ref=off", "6.17+shmem-device-ref=off",
					      "6.18+shmem-device-ref=off" };

	for (u32 i = 0; i < ARRAY_SIZE(around); i++) {
		struct shm s;
		u32 fault, id = swapoff_during_fault(&s, around[i], &fault);

		CU_ASSERT(world_step_to(&s.w, id, NULL));
		CU_ASSERT_EQUAL(s.w.k->device[0].flags, 0);
		CU_ASSERT_PTR_NULL(s.w.k->machine.failure);
		world_step_to(&s.w, fault, NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(s.w.k->machine.failure);
		CU_ASSERT(g_str_has_prefix(s.w.k->machine.failure->message, "lifetime: slot "));
		shm_release(&s);
	}
}

/* A page that is truncated between the look at its entry and its swap-in: there is nothing to bring back. */
static void test_truncated_meanwhile(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(releases); i++) {
		struct shm s;
		u32 id, hole;

		swapped_segment(&s, releases[i], "zram-lz4");
		world_by_hand(&s.w);
		id = ADD_ON(&s.w, 0, shmem_unuse, .device = 0);
		CU_ASSERT(world_step_to(&s.w, id, "shmem_swapin_folio.CONFIRM"));
		hole = ADD_ON(&s.w, 1, shmem_punch_hole, .page = shm_page(&s, 1, 0), .count = 1);
		CU_ASSERT(world_step_to(&s.w, hole, NULL));
		CU_ASSERT_EQUAL(shm_slot(&s, 0), 0);
		CU_ASSERT(world_step_to(&s.w, id, NULL));
		CU_ASSERT_PTR_NULL(s.w.k->machine.failure);
		CU_ASSERT_EQUAL(shm_folio(&s, 0), 0);
		CU_ASSERT_EQUAL(s.w.k->mm[SHM_SEGMENT].anon_pages, PAGES - 1);
		CU_ASSERT_EQUAL(s.w.k->device[0].inuse, 0);
		shm_release(&s);
	}
}

static const struct unit tests[] = {
	{ "segments come back into the page cache", test_comes_back },
	{ "a swap-in of shared memory holds the device", test_device_is_held },
	{ "and without that looks at freed maps", test_device_is_not_held },
	{ "what is truncated meanwhile does not come back", test_truncated_meanwhile },
};

UNIT_MAIN("swapoff of shared memory", tests)
