/* Counts of slots that do not fit into a byte of swap_map. */
#include "models/swap/continuation.h"

#include "models/mm/memcg.h"
#include "models/swap/cache.h"
#include "tests/unit/fork_world.h"

#include <stdio.h>

enum { CHILDREN = 100 };

static void make(struct fork_world *f, const char *release, u32 children)
{
	fork_world_init(f, (struct world_size){ .release = release, .pages = 4, .per_table = 4 }, children);
	fork_write(f, 0, 1);
	world_drain(&f->w, 0);
}

static u32 fork_all(struct fork_world *f, u32 children)
{
	u32 forked = 0;

	for (u32 i = 1; i <= children; i++)
		forked += fork_child(f, 0, i) == PATH_OK;
	return forked;
}

static void reclaim_all(struct fork_world *f)
{
	for (u32 i = 0; i < 4; i++)
		RUN(&f->w, try_to_free_mem_cgroup_pages, .memcg = 1, .nr_pages = 8);
}

static const char *const kernels[] = { "6.12", "6.17", "6.18" };

/* The page is unmapped from all of them, its slot counts them, and each gets it back. */
static void test_unmapped(void)
{
	for (u32 k = 0; k < ARRAY_SIZE(kernels); k++) {
		struct fork_world f;
		u32 entry;
		u64 meta;

		make(&f, kernels[k], CHILDREN);
		CU_ASSERT_EQUAL(fork_all(&f, CHILDREN), CHILDREN);
		meta = f.w.k->memory->meta_bytes;
		reclaim_all(&f);
		entry = fork_pte(&f, 0, 1);
		CU_ASSERT_EQUAL(fork_flags(&f, 0, 1), PTE_SWAP);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), CHILDREN + 1);
		CU_ASSERT_EQUAL(f.w.k->slot[entry].map & ~SWAP_HAS_CACHE,
				COUNT_CONTINUED | (CHILDREN + 1 - 63));
		CU_ASSERT_EQUAL(continuation_pages(f.w.k), 1);
		CU_ASSERT(f.w.k->memory->meta_bytes >= meta + CONTINUATION_BYTES);
		CU_ASSERT(fork_world_is_sound(&f));
		for (u32 i = 0; i <= CHILDREN; i++) {
			fork_access(&f, i, 1, i % 3 == 0);
			CU_ASSERT_EQUAL(swap_count(f.w.k, entry), CHILDREN - i);
		}
		CU_ASSERT(fork_world_is_sound(&f));
		CU_ASSERT_EQUAL(continuation_pages(f.w.k), 1); /* it stays until swapoff */
		fork_world_release(&f);
	}
}

static void test_forked(void)
{
	struct fork_world f;
	u32 entry;

	make(&f, "6.18", CHILDREN);
	CU_ASSERT_EQUAL(fork_pageout(&f, 0, 1, 1), 1);
	entry = fork_pte(&f, 0, 1);
	CU_ASSERT_EQUAL(fork_all(&f, CHILDREN), CHILDREN);
	CU_ASSERT_EQUAL(swap_count(f.w.k, entry), CHILDREN + 1);
	CU_ASSERT(fork_world_is_sound(&f));
	for (u32 i = CHILDREN; i; i--) {
		fork_exit(&f, i);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), i);
	}
	CU_ASSERT_EQUAL(f.w.k->slot[entry].map, 1);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_exit(&f, 0);
	CU_ASSERT_EQUAL(f.w.k->slot[entry].map, 0);
	fork_world_release(&f);
}

/* 62, 63, and back: the border is crossed both ways, again and again. */
static void test_border(void)
{
	struct fork_world f;
	u32 entry;

	make(&f, "6.18", 64);
	CU_ASSERT_EQUAL(fork_pageout(&f, 0, 1, 1), 1);
	entry = fork_pte(&f, 0, 1);
	CU_ASSERT_EQUAL(fork_all(&f, 61), 61);
	CU_ASSERT_EQUAL(f.w.k->slot[entry].map, SWAP_MAP_MAX);
	CU_ASSERT_EQUAL(continuation_pages(f.w.k), 0);
	for (u32 i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(fork_child(&f, 0, 62), PATH_OK);
		CU_ASSERT_EQUAL(f.w.k->slot[entry].map, COUNT_CONTINUED);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 63);
		CU_ASSERT_EQUAL(continuation_pages(f.w.k), 1);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_exit(&f, 62);
		CU_ASSERT_EQUAL(f.w.k->slot[entry].map, SWAP_MAP_MAX);
	}
	fork_world_release(&f);
}

static u32 no_page(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	(void)m, (void)actor, (void)n;
	return kind == CHOICE_ATOMIC_ALLOC || kind == CHOICE_SLEEP_ALLOC ? 1 : usual;
}

/* fork() ends with ENOMEM and leaves nothing, unmapping leaves the page where it is. */
static void test_no_memory(void)
{
	struct fork_world f;
	u32 entry;

	make(&f, "6.18", 70);
	fork_write(&f, 0, 2);
	world_drain(&f.w, 0);
	CU_ASSERT_EQUAL(fork_pageout(&f, 0, 1, 1), 1);
	entry = fork_pte(&f, 0, 1);
	CU_ASSERT_EQUAL(fork_all(&f, 61), 61);
	f.w.k->machine.choose = no_page;
	CU_ASSERT_EQUAL(fork_child(&f, 0, 62), PATH_ENOMEM);
	CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 62);
	CU_ASSERT_EQUAL(f.w.k->mm[62].users + f.w.k->mm[62].anon_pages + f.w.k->mm[62].swap_ents, 0);
	CU_ASSERT_EQUAL(fork_flags(&f, 62, 0) | fork_flags(&f, 62, 1) | fork_flags(&f, 62, 2), 0);
	CU_ASSERT(fork_world_is_sound(&f));
	f.w.k->machine.choose = NULL;
	fork_world_release(&f);
}

static void test_stays_mapped(void)
{
	struct fork_world f;
	u32 frame;

	make(&f, "6.17", 70);
	CU_ASSERT_EQUAL(fork_all(&f, 70), 70);
	frame = fork_pte(&f, 0, 1);
	f.w.k->machine.choose = no_page;
	reclaim_all(&f);
	CU_ASSERT_EQUAL(f.w.k->folio[frame].mapcount, 71 - 62);
	CU_ASSERT_EQUAL(fork_pte(&f, 70, 1), frame);
	CU_ASSERT_EQUAL(fork_flags(&f, 70, 1) & (PTE_PRESENT | PTE_WRITE), PTE_PRESENT);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* One reference more, with a page for the count if it takes one. */
static void duplicate(struct fork_world *f, u32 entry)
{
	if (!RUN(&f->w, swap_duplicate, .entry = entry, .nr = 1))
		return;
	CU_ASSERT_EQUAL(RUN(&f->w, add_swap_count_continuation, .entry = entry), PATH_OK);
	CU_ASSERT_EQUAL(RUN(&f->w, swap_duplicate, .entry = entry, .nr = 1), 0);
}

/* The second digit counts beyond 1, up and down; the page goes with the device. */
static void test_digits(void)
{
	struct fork_world f;
	u64 meta;
	u32 entry;

	make(&f, "6.18", 1);
	CU_ASSERT_EQUAL(fork_pageout(&f, 0, 1, 1), 1);
	entry = fork_pte(&f, 0, 1);
	meta = f.w.k->memory->meta_bytes;
	for (u32 n = 2; n <= 200; n++) {
		duplicate(&f, entry);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), n);
	}
	CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta + CONTINUATION_BYTES);
	for (u32 n = 199; n >= 1; n--) {
		RUN(&f.w, swap_free, .entry = entry, .nr = 1);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), n);
	}
	CU_ASSERT(fork_world_is_sound(&f));
	CU_ASSERT_EQUAL(RUN(&f.w, swapoff, .device = 0), PATH_OK);
	CU_ASSERT_EQUAL(continuation_pages(f.w.k), 0);
	CU_ASSERT(f.w.k->memory->meta_bytes <= meta);
	fork_world_release(&f);
}

/* A slot whose byte is full. */
static u32 make_full(struct fork_world *f)
{
	u32 entry;

	make(f, "6.18", 1);
	CU_ASSERT_EQUAL(fork_pageout(f, 0, 1, 1), 1);
	entry = fork_pte(f, 0, 1);
	while (swap_count(f->w.k, entry) < SWAP_MAP_MAX)
		duplicate(f, entry);
	CU_ASSERT_EQUAL(continuation_pages(f->w.k), 0);
	return entry;
}

/* Who may sleep does, and when memory is low has some reclaimed first; who may not does neither. */
static void test_sleeps(void)
{
	for (u32 low = 0; low < 2; low++) {
		struct fork_world f;
		u32 entry = make_full(&f), task;

		world_by_hand(&f.w);
		task = ADD_ON(&f.w, 0, add_swap_count_continuation, .entry = entry);
		CU_ASSERT(world_step_to(&f.w, task, "add_swap_count_continuation.SLEEP"));
		f.w.k->memory->free = f.w.k->memory->low + !low;
		CU_ASSERT(world_step(&f.w, task));
		CU_ASSERT_EQUAL(world_is_at(&f.w, task, "add_swap_count_continuation.LOCK_CI"), !low);
		fork_world_release(&f);
	}
	for (u32 atomic = 0; atomic < 2; atomic++) {
		struct fork_world f;
		u32 entry = make_full(&f), task;

		world_by_hand(&f.w);
		task = ADD_ON(&f.w, 0, add_swap_count_continuation, .entry = entry, .atomic = atomic);
		CU_ASSERT_EQUAL(world_step_to(&f.w, task, "add_swap_count_continuation.SLEEP"), !atomic);
		fork_world_release(&f);
	}
}

/* Of two that found the byte full one brings a page; and none, if it no longer is. */
static void test_second_comes_late(void)
{
	for (u32 full = 0; full < 2; full++) {
		struct fork_world f;
		u32 entry = make_full(&f), one, other;
		u64 meta = f.w.k->memory->meta_bytes;

		world_by_hand(&f.w);
		one = ADD_ON(&f.w, 0, add_swap_count_continuation, .entry = entry);
		other = ADD_ON(&f.w, 1, add_swap_count_continuation, .entry = entry);
		CU_ASSERT(world_step_to(&f.w, one, "add_swap_count_continuation.LOCK_CI"));
		CU_ASSERT(world_step_to(&f.w, other, "add_swap_count_continuation.LOCK_CI"));
		if (!full)
			f.w.k->slot[entry].map--;
		CU_ASSERT(world_step_to(&f.w, one, NULL) && world_step_to(&f.w, other, NULL));
		CU_ASSERT_EQUAL(continuation_pages(f.w.k), full);
		CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta + full * CONTINUATION_BYTES);
		fork_world_release(&f);
	}
}

/* The list of a device's page is made and used under one lock; without that (patch continuation-lock) it is
 * made twice, and what was counted is lost. */
static void test_lock(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct fork_world f;
		u32 entry = make_full(&f), task;

		f.w.k->patch.continuation_lock = !i;
		world_by_hand(&f.w);
		task = ADD_ON(&f.w, 0, add_swap_count_continuation, .entry = entry);
		CU_ASSERT(world_step_to(&f.w, task, "add_swap_count_continuation.INIT_LIST"));
		CU_ASSERT_EQUAL(device_of(f.w.k, entry)->cont_lock.owner != 0, !i);
		f.w.k->continued[0] = f.w.k->continued[1] = 1; /* somebody else's is there, and counts */
		f.w.k->count_digit[entry + 1] = 7;
		CU_ASSERT(world_step_to(&f.w, task, NULL));
		CU_ASSERT_EQUAL(f.w.k->count_digit[entry + 1], 0);
		CU_ASSERT_EQUAL(device_of(f.w.k, entry)->cont_lock.owner, 0);
		fork_world_release(&f);
	}
}

/* Counts on two devices are in pages of their own, though they begin with the same slot. */
static void test_two_devices(void)
{
	struct fork_world f;
	u32 entry;

	fork_world_init(&f,
			(struct world_size){ .release = "6.18",
					     .pages = 4,
					     .per_table = 4,
					     .devices = 2,
					     .per_cluster = 64,
					     .space_clusters = 1,
					     .slots = 63 },
			1);
	for (u32 i = 0; i < 2; i++) {
		entry = f.w.k->device[i].first_slot + 5;
		f.w.k->slot[entry].map = 1;
		for (u32 n = 2; n <= 100; n++)
			duplicate(&f, entry);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 100);
		CU_ASSERT_EQUAL(continuation_pages(f.w.k), i + 1);
	}
	fork_world_release(&f);
}

/* Who may not sleep leaves half of the reserve alone. */
static void test_atomic(void)
{
	struct fork_world f;
	u32 entry;

	fork_world_init(&f, (struct world_size){ .release = "6.18", .pages = 4, .per_table = 4 }, 1);
	entry = f.w.k->device[0].first_slot + 5;
	f.w.k->slot[entry].map = 62;
	f.w.k->memory->free = f.w.k->memory->min / 2;
	CU_ASSERT_EQUAL(RUN(&f.w, add_swap_count_continuation, .entry = entry, .atomic = true), PATH_ENOMEM);
	CU_ASSERT_EQUAL(continuation_pages(f.w.k), 0);
	f.w.k->memory->free += 2;
	CU_ASSERT_EQUAL(RUN(&f.w, add_swap_count_continuation, .entry = entry, .atomic = true), PATH_OK);
	CU_ASSERT_EQUAL(continuation_pages(f.w.k), 1);
	fork_world_release(&f);
}

static const struct unit tests[] = {
	{ "a page is unmapped from a hundred processes, and comes back for all", test_unmapped },
	{ "a slot is shared by a hundred processes, until the last has ended", test_forked },
	{ "a count crosses the border of a byte both ways", test_border },
	{ "the second digit counts up and down, and goes with its device", test_digits },
	{ "who may sleep waits for memory", test_sleeps },
	{ "who comes second brings no page", test_second_comes_late },
	{ "a list is made under its lock, and anew", test_lock },
	{ "without a page for the count fork() fails and leaves nothing", test_no_memory },
	{ "without a page for the count a page stays mapped", test_stays_mapped },
	{ "each device has pages of its own", test_two_devices },
	{ "who may not sleep leaves half of the reserve", test_atomic },
};

UNIT_MAIN("continuation", tests)
