/* The multi-gen LRU: which type is evicted, and which of its tiers. */
#include "models/mm/mglru.h"
#include "models/mm/scan_balance.h"
#include "tests/unit/mglru_world.h"

enum { UNTOUCHED = 99 };

struct choice {
	const char *release;
	u64 swappiness;
	u64 min_seq[NR_LRU_TYPES];
	struct lru_gen_tier anon, file; /* the first tier, */
	struct lru_gen_tier file1;	/* and the second */
	u32 type, tier;
};

static const struct choice choices[] = {
	/* obvious ones */
	{ "6.12", 0, { 1, 2 }, .type = LRU_FILE, .tier = UNTOUCHED },
	{ "6.12",
	  1,
	  { 2, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 100, .evicted = 100 },
	  .type = LRU_FILE,
	  .tier = UNTOUCHED },
	{ "6.12", 1, { 1, 2 }, .type = LRU_ANON, .tier = UNTOUCHED },
	{ "6.18",
	  1,
	  { 1, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 100, .evicted = 100 },
	  .type = LRU_FILE,
	  .tier = UNTOUCHED },
	{ "6.12", 200, { 2, 2 }, .type = LRU_ANON, .tier = UNTOUCHED },
	{ "6.18", 200, { 2, 2 }, .type = LRU_ANON, .tier = UNTOUCHED },
	{ "6.12", 60, { 1, 2 }, .type = LRU_ANON, .tier = UNTOUCHED }, /* the older one */
	{ "6.18", 60, { 1, 2 }, .type = LRU_FILE, .tier = UNTOUCHED },
	/* nobody comes back: files, all of their tiers */
	{ "6.12", 60, { 2, 2 }, .type = LRU_FILE, .tier = MAX_NR_TIERS - 1 },
	/* files come back: at least 64 of them, and oftener, by swappiness, than the others */
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 63, .evicted = 63 },
	  .type = LRU_FILE,
	  .tier = 3 },
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 64, .evicted = 64 },
	  .type = LRU_ANON,
	  .tier = 3 },
	{ "6.18",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 64, .evicted = 64 },
	  .type = LRU_ANON,
	  .tier = UNTOUCHED },
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 64, .protected = 64 },
	  .type = LRU_ANON,
	  .tier = 3 },
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .avg_total = 1000 },
	  { .avg_refaulted = 64, .avg_total = 64 },
	  .type = LRU_ANON,
	  .tier = 3 },
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .refaulted = 1000, .evicted = 1000 },
	  { .refaulted = 100, .evicted = 10000 },
	  .type = LRU_FILE,
	  .tier = 3 },
	/* what is protected was not missed */
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .refaulted = 1000, .evicted = 1000 },
	  { .refaulted = 100, .protected = 10000 },
	  .type = LRU_FILE,
	  .tier = 3 },
	/* 100 * (36 + 64) * swappiness is not more than 1 * 100 * (200 - swappiness), or is */
	{ "6.12",
	  1,
	  { 2, 2 },
	  { .evicted = 36 },
	  { .refaulted = 100, .evicted = 100 },
	  .type = LRU_FILE,
	  .tier = UNTOUCHED },
	{ "6.12",
	  2,
	  { 2, 2 },
	  { .evicted = 34 },
	  { .refaulted = 100, .evicted = 100 },
	  .type = LRU_FILE,
	  .tier = 3 },
	{ "6.12",
	  2,
	  { 2, 2 },
	  { .evicted = 36 },
	  { .refaulted = 100, .evicted = 100 },
	  .type = LRU_ANON,
	  .tier = 3 },
	/* the second tier: by itself up to 6.13, one with the others from 6.14 */
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  .file1 = { .refaulted = 100, .evicted = 100 },
	  .type = LRU_FILE,
	  .tier = 0 },
	{ "6.18",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  .file1 = { .refaulted = 100, .evicted = 100 },
	  .type = LRU_ANON,
	  .tier = UNTOUCHED },
	/* it is held against the first tier of the other type, not against that of its own */
	{ "6.12",
	  60,
	  { 2, 2 },
	  { .evicted = 1000 },
	  { .refaulted = 63, .evicted = 63 },
	  .file1 = { .refaulted = 100, .evicted = 100 },
	  .type = LRU_FILE,
	  .tier = 0 },
};

static void test_type(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice *c = &choices[i];
		struct lru_gen *g;
		struct world w;
		u32 tier = UNTOUCHED, type;

		world_of_generations(&w, c->release);
		g = generations(&w);
		memcpy(g->min_seq, c->min_seq, sizeof c->min_seq);
		g->tier[LRU_ANON][0] = c->anon;
		g->tier[LRU_FILE][0] = c->file;
		g->tier[LRU_FILE][1] = c->file1;
		type = lru_gen_type_to_scan(w.k, g, c->swappiness, &tier);
		CU_ASSERT_EQUAL(type, c->type);
		CU_ASSERT_EQUAL(tier, c->tier);
		if (type != c->type || tier != c->tier)
			printf("\n  case %u: type %u, tier %u\n", i, type, tier);
		world_release(&w);
	}
}

/* A tier is spared if it comes back more than twice as often as the first, from 6.14 one and a half times. */
static void test_tier(void)
{
	static const struct {
		const char *release;
		u32 refaulted;
		bool spared;
	} as[] = { { "6.12", 63, false }, { "6.12", 100, false }, { "6.12", 101, true },
		   { "6.18", 63, false }, { "6.18", 75, false },  { "6.18", 76, true } };

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		struct world w;
		struct lru_gen *g;

		world_of_generations(&w, as[i].release);
		g = generations(&w);
		g->tier[LRU_ANON][0] = (struct lru_gen_tier){ .evicted = 1000 - 64, .refaulted = 49 };
		g->tier[LRU_ANON][2] = (struct lru_gen_tier){ .evicted = 1000, .refaulted = as[i].refaulted };
		CU_ASSERT_EQUAL(lru_gen_tier_idx(w.k, g, LRU_ANON), as[i].spared ? 1 : MAX_NR_TIERS - 1);
		CU_ASSERT_EQUAL(lru_gen_tier_idx(w.k, g, LRU_FILE), MAX_NR_TIERS - 1);
		world_release(&w);
	}
}

/* With each generation what was counted becomes half of an average. */
static void test_reset(void)
{
	struct lru_gen g = { 0 };

	for (u32 i = 0; i < MAX_NR_TIERS; i++)
		g.tier[LRU_FILE][i] = g.tier[LRU_ANON][i] = (struct lru_gen_tier){ .refaulted = 10 + i,
										   .evicted = 20,
										   .protected = 30,
										   .avg_refaulted = 4,
										   .avg_total = 8 };
	lru_gen_reset_tiers(&g, LRU_FILE);
	for (u32 i = 0; i < MAX_NR_TIERS; i++) {
		const struct lru_gen_tier *t = &g.tier[LRU_FILE][i];

		CU_ASSERT_EQUAL(t->avg_refaulted, (14 + i) / 2);
		CU_ASSERT_EQUAL(t->avg_total, 29);
		CU_ASSERT_EQUAL(t->refaulted + t->evicted + t->protected, 0);
		CU_ASSERT_EQUAL(g.tier[LRU_ANON][i].refaulted, 10 + i);
	}
}

static const struct unit tests[] = {
	{ "the type is chosen by what comes back", test_type },
	{ "a tier that comes back oftener is spared", test_tier },
	{ "what was counted is averaged", test_reset },
};

UNIT_MAIN("mglru: tiers", tests)
