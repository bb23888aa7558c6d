/* memory.min and memory.low: what is granted, what reclaim makes of it. */
#include "models/mm/protection.h"

#include "models/mm/memcg.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

enum { MIB = 256, A = 1, B = 2, C = 3, D = 4, E = 5, G = 6 };

/* A above B and G, B above C, D and E; usage in pages. */
static void tree_init(struct world *w, u64 c, u64 d, u64 e, u64 g)
{
	static const u16 parent[] = { [A] = 0, [B] = A, [C] = B, [D] = B, [E] = B, [G] = A };

	world_init(w, (struct world_size){ .memcgs = ARRAY_SIZE(parent) });
	for (u32 i = A; i <= G; i++)
		w->k->memcg[i].parent = parent[i];
	memcg_force_charge(w->k, C, c);
	memcg_force_charge(w->k, D, d);
	memcg_force_charge(w->k, E, e);
	memcg_force_charge(w->k, G, g);
}

static u64 granted(const struct world *w, u32 memcg, u32 which)
{
	return w->k->memcg[memcg].protection[which].effective;
}

/* As a walk for @target does, from above. */
static void walk(struct world *w, u32 target)
{
	struct scan_control sc = { .target = target };

	for (u32 i = target + 1; i <= G; i++)
		protection_spares(w->k, &sc, i);
}

static void test_below_the_target(void)
{
	struct world w;

	tree_init(&w, 40, 40, 40, 100);
	protection_set(w.k, B, PROTECT_MIN, 70);
	protection_set(w.k, B, PROTECT_LOW, PAGE_COUNTER_MAX);
	protection_set(w.k, G, PROTECT_LOW, 300);
	walk(&w, A);
	CU_ASSERT_EQUAL(granted(&w, B, PROTECT_MIN), 70);
	CU_ASSERT_EQUAL(granted(&w, B, PROTECT_LOW), PAGE_COUNTER_MAX);
	CU_ASSERT_EQUAL(granted(&w, G, PROTECT_LOW), 300);
	world_release(&w);
}

/* B has 60 for children that make use of 100 + 50: two fifths of what each uses; E has none. */
static void test_over_commitment(void)
{
	struct world w;

	tree_init(&w, 100, 80, 20, 0);
	protection_set(w.k, B, PROTECT_LOW, 60);
	protection_set(w.k, C, PROTECT_LOW, 500);
	protection_set(w.k, D, PROTECT_LOW, 50);
	walk(&w, A);
	CU_ASSERT_EQUAL(granted(&w, C, PROTECT_LOW), 40);
	CU_ASSERT_EQUAL(granted(&w, D, PROTECT_LOW), 20);
	CU_ASSERT_EQUAL(granted(&w, E, PROTECT_LOW), 0);
	CU_ASSERT_EQUAL(granted(&w, C, PROTECT_MIN), 0);
	memcg_uncharge(w.k, C, 90); /* 10 and 50 */
	walk(&w, A);
	CU_ASSERT_EQUAL(granted(&w, C, PROTECT_LOW), 10);
	CU_ASSERT_EQUAL(granted(&w, D, PROTECT_LOW), 50);
	world_release(&w);
}

/* 100 of B, of which C asks for 40: the other 60 are for what is unprotected, 60 of C, 60 of D, 30 of E. */
static void test_what_is_left(void)
{
	for (u32 recursive = 0; recursive < 2; recursive++) {
		struct world w;

		tree_init(&w, 100, 60, 30, 0);
		w.k->config.memory_recursiveprot = recursive;
		protection_set(w.k, B, PROTECT_MIN, 100);
		protection_set(w.k, C, PROTECT_MIN, 40);
		walk(&w, A);
		CU_ASSERT_EQUAL(granted(&w, C, PROTECT_MIN), recursive ? 40 + 24 : 40);
		CU_ASSERT_EQUAL(granted(&w, D, PROTECT_MIN), recursive ? 24 : 0);
		CU_ASSERT_EQUAL(granted(&w, E, PROTECT_MIN), recursive ? 12 : 0);
		world_release(&w);
	}
}

static void test_max_of_the_parent(void)
{
	struct world w;

	tree_init(&w, 1u << 28, 60, 30, 0);
	protection_set(w.k, B, PROTECT_MIN, PAGE_COUNTER_MAX);
	protection_set(w.k, C, PROTECT_MIN, 40);
	walk(&w, A);
	CU_ASSERT(granted(&w, C, PROTECT_MIN) >= 1u << 28);
	CU_ASSERT(granted(&w, D, PROTECT_MIN) >= 60);
	CU_ASSERT(granted(&w, E, PROTECT_MIN) >= 30);
	world_release(&w);
}

static u64 low_events(const struct world *w, u32 memcg)
{
	return w->k->count[memcg][EVENTS_LOW];
}

static void test_who_is_spared(void)
{
	struct scan_control sc = { .target = A };
	struct world w;

	tree_init(&w, 0, 0, 0, 100);
	protection_set(w.k, G, PROTECT_LOW, 99);
	CU_ASSERT_FALSE(protection_spares(w.k, &sc, G));
	CU_ASSERT_EQUAL(sc.low_skipped, 0);
	protection_set(w.k, G, PROTECT_LOW, 100);
	CU_ASSERT(protection_spares(w.k, &sc, G));
	CU_ASSERT_EQUAL(sc.low_skipped, 1);
	CU_ASSERT_EQUAL(low_events(&w, G), 0);
	sc = (struct scan_control){ .target = A, .low_reclaim = 1 };
	CU_ASSERT_FALSE(protection_spares(w.k, &sc, G));
	CU_ASSERT_EQUAL(low_events(&w, G), 1);
	CU_ASSERT_EQUAL(w.k->local_event[G][EVENTS_LOW - LOCAL_EVENTS_FIRST], 1);
	CU_ASSERT_EQUAL(low_events(&w, A), 1);
	CU_ASSERT_EQUAL(w.k->local_event[A][EVENTS_LOW - LOCAL_EVENTS_FIRST], 0);
	protection_set(w.k, G, PROTECT_MIN, 100);
	CU_ASSERT(protection_spares(w.k, &sc, G));
	CU_ASSERT_EQUAL(low_events(&w, G), 1);
	sc = (struct scan_control){ .target = G }; /* its own limit */
	CU_ASSERT_FALSE(protection_spares(w.k, &sc, G));
	world_release(&w);
}

/* 1000 pages, 599 of them protected: 1000 x 599 / 1001 = 598 are left out. */
static void test_scaling(void)
{
	struct scan_control sc = { .target = A };
	struct world w;

	tree_init(&w, 0, 0, 0, 1000);
	CU_ASSERT_EQUAL(protection_scale(w.k, &sc, G, 5), 5);
	protection_set(w.k, G, PROTECT_LOW, 599);
	protection_set(w.k, G, PROTECT_MIN, 200);
	CU_ASSERT_FALSE(protection_spares(w.k, &sc, G));
	CU_ASSERT_EQUAL(sc.low_skipped, 0);
	CU_ASSERT_EQUAL(protection_scale(w.k, &sc, G, 1000), 402);
	CU_ASSERT_EQUAL(sc.low_skipped, 1); /* less than there is: come again before anybody is killed */
	CU_ASSERT_EQUAL(protection_scale(w.k, &sc, G, 50), 32);
	sc = (struct scan_control){ .target = A, .low_reclaim = 1 };
	CU_ASSERT_EQUAL(protection_scale(w.k, &sc, G, 1000), 801);
	sc = (struct scan_control){ .target = G };
	CU_ASSERT_EQUAL(protection_scale(w.k, &sc, G, 1000), 1000);
	world_release(&w);
}

/* ---- whole runs ---- */

#define GROUP(name, rest) "{'name':'" name "'" rest "},"
/* A process of so many MiB that are written once, and of which nothing but the first page is used later. */
#define HELD(name, mib)                                                                                      \
	"{'name':'fill-" name "','process':'" name "','cgroup':'" name "','workload':{'seq':{'size':'" mib   \
	"MiB','passes':1,'write_permille':1000,'fill':'none'}}},{'name':'hold-" name "','process':'" name    \
	"','cgroup':'" name                                                                                  \
	"','workload':{'rand':{'pages':1,'accesses':100000,'think':'4ms','fill':'none'}}},"
#define HOG(name, size)                                                                                      \
	"{'name':'hog','cgroup':'" name "','overhead_pages':0,'workload':{'seq':{'size':'" size              \
	"','passes':1,'write_permille':1000,'think':'100us','fill':'none'}}}"
#define PROCESS(name) "{'name':'" name "','overhead_pages':0}"

static struct run_result *run(const char *swap, const char *cgroups, const char *rest)
{
	char *text =
	    g_strdup_printf("{'format':1,'name':'p','machine':{'cpus':2,'memory':'1GiB'},'swap':[%s],"
			    "'cgroups':[%s],%s,'stop':{'after':'20s'}}",
			    swap, cgroups, rest);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, NULL);
	GError *error = NULL;
	struct run_result *r = run_scenario(s, &options, NULL, NULL, &error);

	if (!r)
		g_error("%s", error->message);
	scenario_free(s);
	g_free(text);
	return r;
}

/* That test's values_close(). */
static bool is_near(u64 pages, u64 mib, u64 percent)
{
	u64 wanted = mib * MIB, off = pages > wanted ? pages - wanted : wanted - pages;

	return off * 100 <= (pages + wanted) * percent;
}

/* What the kernel's own test of memory.min and memory.low (test_memcontrol.c) sets up and expects: in 200 MiB
 * 50 MiB of protection for three cgroups of 50 MiB each, of which two ask for 75 and 25, and a neighbour that
 * wants 148 and cannot swap. */
static void expect_shares(const char *file, const char *swap)
{
	char *cgroups = g_strdup_printf(
	    GROUP("a", ",'memory.max':'200MiB'") GROUP("b", ",'parent':'a','%s':'50MiB'")
		GROUP("c", ",'parent':'b','%s':'75MiB'") GROUP("d", ",'parent':'b','%s':'25MiB'")
		    GROUP("e", ",'parent':'b'") "{'name':'g','parent':'a','memory.swap.max':0}",
	    file, file, file);
	struct run_result *r =
	    run(swap, cgroups,
		"'processes':[" PROCESS("c") "," PROCESS("d") "," PROCESS("e") "],'tasks':[" HELD("c", "50")
		    HELD("d", "50") HELD("e", "50") HOG("g", "148MiB") "]");

	CU_ASSERT(is_near(r->cgroup[B].memory_pages, 50, 3));
	CU_ASSERT(is_near(r->cgroup[C].memory_pages, 29, 10));
	CU_ASSERT(is_near(r->cgroup[D].memory_pages, 21, 10));
	CU_ASSERT(r->cgroup[E].memory_pages < 2 * MIB);
	CU_ASSERT_EQUAL(r->kill->len, 0);
	CU_ASSERT_EQUAL(r->phase[0].count[0][EVENTS_LOW], 0);
	run_result_free(r);
	g_free(cgroups);
}

#define ZRAM "{'device':'zram-lz4','size':'1GiB'}"

static void test_shares(void)
{
	expect_shares("memory.min", ZRAM);
	expect_shares("memory.low", ZRAM);
}

/* The neighbour, which cannot swap, wants 20 MiB more than is unprotected: it is killed if that is hard, not
 * if it is soft. */
static void expect_at_the_end(const char *file, bool killed)
{
	char *cgroups = g_strdup_printf(
	    GROUP("a", ",'memory.max':'200MiB'")
		GROUP("g", ",'parent':'a','memory.swap.max':0") "{'name':'c','parent':'a','%s':'100MiB'}",
	    file);
	struct run_result *r = run(
	    ZRAM, cgroups, "'processes':[" PROCESS("c") "],'tasks':[" HELD("c", "90") HOG("g", "130MiB") "]");

	CU_ASSERT_EQUAL(r->kill->len, killed);
	CU_ASSERT_EQUAL(r->phase[0].count[3][EVENTS_LOW] > 0, !killed);
	CU_ASSERT_EQUAL(r->phase[0].count[1][EVENTS_LOW], r->phase[0].count[3][EVENTS_LOW]);
	CU_ASSERT_EQUAL(r->cgroup[1].local_event[EVENTS_LOW - LOCAL_EVENTS_FIRST], 0);
	CU_ASSERT_EQUAL(r->cgroup[3].swap_pages > 0, !killed);
	run_result_free(r);
	g_free(cgroups);
}

static void test_hard_and_soft(void)
{
	expect_at_the_end("memory.min", true);
	expect_at_the_end("memory.low", false);
}

/* The same for the machine as a whole, which is short of memory: kswapd takes it from the neighbour. */
static void test_machine(void)
{
	static const char *const low[] = { "", ",'memory.low':'max'" };

	for (u32 i = 0; i < ARRAY_SIZE(low); i++) {
		char *cgroups = g_strdup_printf("{'name':'g'},{'name':'c'%s}", low[i]);
		struct run_result *r =
		    run(ZRAM, cgroups,
			"'processes':[" PROCESS("c") "],'tasks':[" HELD("c", "400") HOG("g", "700MiB") "]");

		CU_ASSERT(r->phase[0].count[0][PGSTEAL_KSWAPD] > 0);
		CU_ASSERT_EQUAL(r->phase[0].count[2][PGSTEAL] == 0, i == 1);
		CU_ASSERT_EQUAL(r->cgroup[2].memory_pages / MIB == 400, i == 1);
		run_result_free(r);
		g_free(cgroups);
	}
}

/* The target itself is not protected from its own reclaim, whatever it was granted in somebody else's; and of
 * a cgroup that shrank since, no more than all is spared. */
static void test_stale_grants(void)
{
	struct world w;
	struct scan_control for_a = { .target = A }, for_b = { .target = B };

	tree_init(&w, 40, 40, 40, 0);
	protection_set(w.k, B, PROTECT_MIN, 500);
	walk(&w, A);
	CU_ASSERT_TRUE(protection_is_min(w.k, &for_a, B));
	CU_ASSERT_FALSE(protection_is_min(w.k, &for_b, B));
	CU_ASSERT_EQUAL(protection_scale(w.k, &for_a, B, 1000), w.k->config.reclaim_batch);
	CU_ASSERT_EQUAL(protection_scale(w.k, &for_b, B, 1000), 1000);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "right below the target a cgroup is granted what it asks for", test_below_the_target },
	{ "siblings that use more than their parent has get shares in proportion to use",
	  test_over_commitment },
	{ "what children leave protects all of them, if mounted so", test_what_is_left },
	{ "a parent with all the protection there is protects all below it", test_max_of_the_parent },
	{ "within min never, within low not in need, and that counts", test_who_is_spared },
	{ "scanning is in proportion to what is unprotected, 32 pages at least", test_scaling },
	{ "50 MiB are shared 29 to 21 as the kernel's own test wants it", test_shares },
	{ "memory.min lets neighbours be killed, memory.low gives way", test_hard_and_soft },
	{ "reclaim for the machine goes by them too", test_machine },
	{ "a grant is not for the target, and is for what there is", test_stale_grants },
};

UNIT_MAIN("protection", tests)
