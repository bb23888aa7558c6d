/* What becomes of large folios on a device that pages of several orders come to and leave. */
#include "sim/random.h"
#include "tests/unit/order_world.h"

enum { CLUSTERS = 40, PER_CLUSTER = 16, LARGE = 2, OPERATIONS = 3900, PHASE = 500, MOST = 600 };

struct live {
	u32 entry[MOST], order[MOST];
	u32 n, pages;
};

static void leave(struct world *w, struct live *live, u32 i)
{
	give(w, live->entry[i]);
	live->pages -= 1u << live->order[i];
	live->entry[i] = live->entry[--live->n];
	live->order[i] = live->order[live->n];
}

static bool come(struct world *w, struct live *live, u32 cpu, u32 order)
{
	u32 entry = take_on(w, cpu, order);

	if (!entry)
		return false;
	live->entry[live->n] = entry;
	live->order[live->n++] = order;
	live->pages += 1u << order;
	return true;
}

/* Large folios that got no slots in a row, of 1000. Swap is kept at seven tenths. */
static u32 fallbacks(const char *release)
{
	struct live live = { .n = 0 };
	u32 tried = 0, failed = 0;
	u64 draws = 0;
	struct world w;

	world_init(&w, (struct world_size){ .release = release,
					    .per_cluster = PER_CLUSTER,
					    .space_clusters = 4,
					    .max_order = LARGE,
					    .slots = CLUSTERS * PER_CLUSTER - 1 });
	while (w.k->machine.tasks < OPERATIONS) {
		u32 large_of_ten = w.k->machine.tasks / PHASE % 2 ? 7 : 2;
		u32 order = random_below(random_value(3, draws++), 10) < large_of_ten ? LARGE : 0;

		if (live.n && live.pages >= CLUSTERS * PER_CLUSTER * 8 / 10) {
			leave(&w, &live, random_below(random_value(3, draws++), live.n));
			continue;
		}
		tried += order > 0;
		failed += !come(&w, &live, random_below(random_value(3, draws++), 2), order) && order > 0;
	}
	world_release(&w);
	return failed * 1000 / tried;
}

static void test_nonfull_first(void)
{
	u32 with = fallbacks("6.18"), without = fallbacks("6.18+nonfull-first=off");

	printf("%u and %u of 1000: ", with, without);
	CU_ASSERT(without >= 3 * with);
	CU_ASSERT(without >= 20);
}

static const struct unit tests[] = {
	{ "nonfull clusters before free ones: three times fewer fallbacks", test_nonfull_first },
};

UNIT_MAIN("alloc under churn", tests)
