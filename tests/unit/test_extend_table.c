/* Counts of slots in the word of the swap table, and those that do not fit (7.1). */
#include "models/swap/slots.h"

#include "models/mm/memcg.h"
#include "tests/unit/fork_world.h"

enum { CHILDREN = 40 };

/* Page 1 is swapped out. */
static u32 make(struct fork_world *f, const char *release, u32 children)
{
	fork_world_init(f, (struct world_size){ .release = release, .pages = 4, .per_table = 4 }, children);
	fork_write(f, 0, 1);
	world_drain(&f->w, 0);
	CU_ASSERT_EQUAL(fork_pageout(f, 0, 1, 1), 1);
	return fork_pte(f, 0, 1);
}

static u32 fork_all(struct fork_world *f, u32 children)
{
	u32 forked = 0;

	for (u32 i = 1; i <= children; i++)
		forked += fork_child(f, 0, i) == PATH_OK;
	return forked;
}

static u64 word(const struct fork_world *f, u32 entry)
{
	return f->w.k->slot[entry].cache;
}

static void test_word(void)
{
	static const char *const kernels[] = { "7.1", "7.2" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct fork_world f;
		u32 entry = make(&f, kernels[i], 1), bad = entry & ~511u;
		u64 shadow = slot_shadow(f.w.k, entry);

		CU_ASSERT_NOT_EQUAL(shadow, 0);
		CU_ASSERT_EQUAL(word(&f, entry), (u64)1 << 60 | shadow); /* as the kernel has it */
		CU_ASSERT_EQUAL(word(&f, bad), WORD_BAD);
		CU_ASSERT_EQUAL(word(&f, entry + 1), 0);
		CU_ASSERT(slot_is_bad(f.w.k, bad) && slot_is_free(f.w.k, entry + 1));
		CU_ASSERT_EQUAL(f.w.k->slot[entry].map | f.w.k->slot[bad].map, 0);
		RUN(&f.w, madvise_willneed, .page = fork_page(&f, 0, 1), .end = fork_page(&f, 0, 1) + 1);
		CU_ASSERT_EQUAL(word(&f, entry), (u64)1 << 60 | (u64)word_folio(word(&f, entry)) << 2 | 2);
		fork_world_release(&f);
	}
}

/* 14, 15, and back: the border is crossed both ways, and the table is there as long as it is needed. */
static void test_border(void)
{
	struct fork_world f;
	u32 entry = make(&f, "7.1", 20);
	u64 meta = f.w.k->memory->meta_bytes;

	CU_ASSERT_EQUAL(fork_all(&f, 13), 13);
	CU_ASSERT_EQUAL(word(&f, entry) >> 60, 14);
	CU_ASSERT_EQUAL(extend_tables(f.w.k), 0);
	for (u32 i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(fork_child(&f, 0, 14), PATH_OK);
		CU_ASSERT_EQUAL(word(&f, entry) >> 60, 15);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 15);
		CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta + EXTEND_TABLE_BYTES);
		CU_ASSERT(fork_world_is_sound(&f));
		fork_exit(&f, 14);
		CU_ASSERT_EQUAL(word(&f, entry) >> 60, 14);
		CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta);
	}
	fork_world_release(&f);
}

static void test_many(void)
{
	struct fork_world f;
	u32 entry = make(&f, "7.1", CHILDREN);

	CU_ASSERT_EQUAL(fork_all(&f, CHILDREN), CHILDREN);
	CU_ASSERT_EQUAL(swap_count(f.w.k, entry), CHILDREN + 1);
	CU_ASSERT_EQUAL(extend_tables(f.w.k), 1);
	CU_ASSERT(fork_world_is_sound(&f));
	for (u32 i = 0; i <= CHILDREN; i++) {
		fork_access(&f, i, 1, i % 3 == 0);
		CU_ASSERT_EQUAL(swap_count(f.w.k, entry), CHILDREN - i);
	}
	CU_ASSERT_EQUAL(extend_tables(f.w.k), 0);
	CU_ASSERT(fork_world_is_sound(&f));
	fork_world_release(&f);
}

/* Two slots of a cluster need its table; it goes with the second of them that does not any more. */
static void test_shared_table(void)
{
	struct fork_world f;
	u64 meta;

	fork_world_init(&f, (struct world_size){ .release = "7.1", .pages = 4, .per_table = 4 }, 20);
	fork_write(&f, 0, 1);
	fork_write(&f, 0, 2);
	world_drain(&f.w, 0);
	CU_ASSERT_EQUAL(fork_pageout(&f, 0, 1, 2), 2);
	meta = f.w.k->memory->meta_bytes;
	CU_ASSERT_EQUAL(fork_all(&f, 14), 14);
	CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta + EXTEND_TABLE_BYTES);
	for (u32 i = 1; i <= 2; i++) {
		CU_ASSERT_EQUAL(swap_count(f.w.k, fork_pte(&f, 0, i)), 15);
		RUN(&f.w, swap_free, .entry = fork_pte(&f, 14, i), .nr = 1);
		CU_ASSERT_EQUAL(swap_count(f.w.k, fork_pte(&f, 0, i)), 14);
		CU_ASSERT_EQUAL(extend_tables(f.w.k), 2 - i);
	}
	CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta);
	fork_world_release(&f);
}

/* A slot of page 1 whose count is as high as the word holds. */
static u32 make_full(struct fork_world *f)
{
	u32 entry = make(f, "7.1", 20);

	CU_ASSERT_EQUAL(fork_all(f, 13), 13);
	CU_ASSERT(word_count_is_full(f->w.k, entry));
	return entry;
}

/* Who may sleep does, and is the only one to, and when memory is low has some reclaimed first. */
static void test_sleeps(void)
{
	struct fork_world f;
	u32 entry = make_full(&f), task;

	world_by_hand(&f.w);
	task = ADD_ON(&f.w, 0, swap_extend_table_alloc, .entry = entry);
	CU_ASSERT(world_step_to(&f.w, task, "swap_extend_table_alloc.SLEEP"));
	f.w.k->memory->free = f.w.k->memory->low + 1;
	CU_ASSERT(world_step(&f.w, task) && world_is_at(&f.w, task, "swap_extend_table_alloc.LOCK_CI"));
	fork_world_release(&f);

	entry = make_full(&f);
	world_by_hand(&f.w);
	task = ADD_ON(&f.w, 0, swap_extend_table_alloc, .entry = entry, .atomic = 1);
	CU_ASSERT_FALSE(world_step_to(&f.w, task, "swap_extend_table_alloc.SLEEP"));
	task = ADD_ON(&f.w, 0, swap_extend_table_alloc, .entry = entry);
	CU_ASSERT(world_step_to(&f.w, task, "swap_extend_table_alloc.SLEEP"));
	f.w.k->memory->free = f.w.k->memory->low;
	CU_ASSERT(world_step(&f.w, task));
	CU_ASSERT_FALSE(world_is_at(&f.w, task, "swap_extend_table_alloc.LOCK_CI"));
	fork_world_release(&f);
}

/* Of two that found the count full one brings a table. */
static void test_second_comes_late(void)
{
	struct fork_world f;
	u32 entry = make_full(&f), one, other;
	u64 meta = f.w.k->memory->meta_bytes;

	world_by_hand(&f.w);
	one = ADD_ON(&f.w, 0, swap_extend_table_alloc, .entry = entry);
	other = ADD_ON(&f.w, 1, swap_extend_table_alloc, .entry = entry);
	CU_ASSERT(world_step_to(&f.w, one, "swap_extend_table_alloc.LOCK_CI"));
	CU_ASSERT(world_step_to(&f.w, other, "swap_extend_table_alloc.LOCK_CI"));
	CU_ASSERT(world_step_to(&f.w, one, NULL) && world_step_to(&f.w, other, NULL));
	CU_ASSERT_EQUAL(f.w.k->memory->meta_bytes, meta + EXTEND_TABLE_BYTES);
	CU_ASSERT_EQUAL(extend_tables(f.w.k), 1);
	fork_world_release(&f);
}

static u32 no_memory(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	(void)m, (void)actor, (void)n;
	return kind == CHOICE_ATOMIC_ALLOC || kind == CHOICE_SLEEP_ALLOC ? 1 : usual;
}

static u32 no_atomic_memory(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	(void)m, (void)actor, (void)n;
	return kind == CHOICE_ATOMIC_ALLOC ? 1 : usual;
}

/* fork() gives its locks up and sleeps for a table; without one it ends and leaves nothing. */
static void test_no_memory(void)
{
	struct fork_world f;
	u32 entry = make(&f, "7.1", 20);

	CU_ASSERT_EQUAL(fork_all(&f, 13), 13);
	f.w.k->machine.choose = no_memory;
	CU_ASSERT_EQUAL(fork_child(&f, 0, 14), PATH_ENOMEM);
	CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 14);
	CU_ASSERT(fork_world_is_sound(&f));
	f.w.k->machine.choose = no_atomic_memory;
	CU_ASSERT_EQUAL(fork_child(&f, 0, 15), PATH_OK);
	CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 15);
	f.w.k->machine.choose = NULL;
	fork_world_release(&f);
}

/* A count of 14 gets a table, and one reference goes before (@attached: after) that is attached. Returns the
 * tables there are then, while the count fits. */
static u32 tables_left(const char *release, bool attached)
{
	struct fork_world f;
	u32 entry = make(&f, release, 20), task, tables;

	CU_ASSERT_EQUAL(fork_all(&f, 13), 13);
	world_by_hand(&f.w);
	task = ADD_ON(&f.w, 0, swap_duplicate, .entry = entry, .nr = 1);
	CU_ASSERT(world_step_to(&f.w, task, "swap_extend_table_alloc.LOCK_CI"));
	if (attached)
		CU_ASSERT(world_step_to(&f.w, task, "swap_duplicate.LOCK_CI"));
	CU_ASSERT(world_step_to(&f.w, ADD_ON(&f.w, 1, swap_free, .entry = entry, .nr = 1), NULL));
	CU_ASSERT(world_step_to(&f.w, task, NULL));
	CU_ASSERT_EQUAL(swap_count(f.w.k, entry), 14);
	CU_ASSERT_EQUAL(word(&f, entry) >> 60, 14);
	tables = extend_tables(f.w.k);
	fork_world_release(&f);
	return tables;
}

static void test_not_needed_any_more(void)
{
	CU_ASSERT_EQUAL(tables_left("7.1", false), 1);
	CU_ASSERT_EQUAL(tables_left("7.1", true), 1);
	CU_ASSERT_EQUAL(tables_left("7.2", false), 0);
	CU_ASSERT_EQUAL(tables_left("7.2", true), 0);
}

static const struct unit tests[] = {
	{ "a word holds what the kernel's does", test_word },
	{ "a count goes to the extend table and comes back", test_border },
	{ "a slot is shared by many processes", test_many },
	{ "slots of a cluster share their table", test_shared_table },
	{ "who may sleep waits for memory", test_sleeps },
	{ "who comes second brings no table", test_second_comes_late },
	{ "a table for a count that fits by now goes, in 7.2", test_not_needed_any_more },
	{ "fork() sleeps for an extend table, unmapping does not", test_no_memory },
};

UNIT_MAIN("extend_table", tests)
