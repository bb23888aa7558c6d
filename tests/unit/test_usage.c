/* What taking and freeing slots costs beyond the steps. */
#include "models/swap/usage.h"

#include "models/cpu.h"
#include "models/mm/memory.h"
#include "tests/unit/world.h"

static u64 cost_of_freeing(struct world *w, u32 cpu, u32 entry, u32 nr)
{
	struct task *t = &w->k->machine.task[0];
	u64 ns;

	t->cpu = cpu;
	slots_note_freed(w->k, t, entry, nr);
	ns = t->work_ns;
	t->work_ns = 0;
	w->k->machine.now += ns;
	return ns;
}

static void test_work(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	w.k->slot[9].stored = STORED_ZEROMAP;
	w.k->slot[10].stored = w.k->slot[11].stored = 100;
	CU_ASSERT_EQUAL(cost_of_freeing(&w, 0, 8, 1), 150);
	CU_ASSERT_EQUAL(cost_of_freeing(&w, 0, 8, 2), 2 * 150);
	CU_ASSERT_EQUAL(cost_of_freeing(&w, 0, 8, 4), 4 * 150 + 2 * 200);
	world_release(&w);
}

/* nr_swap_pages, inuse_pages but under si->lock; the counters of the cgroup and of the root, its id. */
static void test_lines(void)
{
	static const struct {
		const char *release;
		u16 memcg;
		u32 lines;
	} of[] = { { "6.12", 0, 1 }, { "6.14", 0, 2 }, { "6.18", 0, 2 },
		   { "6.12", 1, 4 }, { "6.18", 1, 5 }, { "7.2", 1, 5 } };

	for (u32 i = 0; i < ARRAY_SIZE(of); i++) {
		struct world w;

		world_init(&w, (struct world_size){ .release = of[i].release });
		w.k->slot[8].memcg = of[i].memcg;
		CU_ASSERT_EQUAL(cost_of_freeing(&w, 0, 8, 1), 150);
		CU_ASSERT_EQUAL(cost_of_freeing(&w, 1, 8, 1), 150 + of[i].lines * w.k->cpu_profile->line_ns);
		CU_ASSERT_EQUAL(cost_of_freeing(&w, 1, 8, 1), 150);
		world_release(&w);
	}
}

struct hold {
	u64 place, since, longest;
};

static void note_hold(struct machine *m, void *data, const struct log_entry *e)
{
	struct hold *h = data;

	(void)m;
	if (e->object != h->place)
		return;
	if (e->op == OP_LOCK)
		h->since = e->time;
	else
		h->longest = MAX(h->longest, e->time - h->since);
}

/* How long si->lock is held at most while pages are read back, and their slots freed. */
static u64 longest_hold(const char *release)
{
	enum { PAGES = 80 };
	struct world w;
	struct hold h = { 0 };

	world_init(&w, (struct world_size){ .release = release });
	world_fill(&w, PAGES);
	CU_ASSERT_EQUAL(world_pageout(&w, 0, PAGES), PAGES);
	h.place = machine_place(&w.k->machine, &w.k->device[0].lock);
	w.k->machine.log = note_hold;
	w.k->machine.log_data = &h;
	for (u32 i = 0; i < PAGES; i++)
		world_read(&w, i);
	world_release(&w);
	return h.longest;
}

static void test_under_the_lock(void)
{
	CU_ASSERT(longest_hold("6.12") > 64 * (150 + 200));
	CU_ASSERT(longest_hold("6.14") < 150 + 200);
}

/* Who takes a slot writes to the counters of its cgroup, in the cache line that another CPU may have. */
static void test_charge_of_a_slot(void)
{
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	for (u32 cpu = 0; cpu < 2; cpu++) {
		u32 folio = folio_alloc(w.k, 0, 0);

		w.k->folio[folio].memcg = 1;
		CU_ASSERT_EQUAL(RUN_ON(&w, cpu, folio_alloc_swap, .folio = folio), PATH_OK);
		CU_ASSERT_EQUAL(w.k->memcg[1].swap_line.cpu, cpu + 1);
		CU_ASSERT_EQUAL(w.k->memcg[1].id_line.cpu, cpu + 1);
		CU_ASSERT_EQUAL(w.k->memcg[0].swap_line.cpu, cpu + 1);
	}
	world_release(&w);
}

static const struct unit tests[] = {
	{ "freeing costs its work, more if there is data", test_work },
	{ "and the lines of counters that another CPU wrote", test_lines },
	{ "in 6.12 all of a batch under the device's lock", test_under_the_lock },
	{ "a slot is charged in a line of the cgroup", test_charge_of_a_slot },
};
UNIT_MAIN("usage", tests)
