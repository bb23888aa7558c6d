/*
 * Invariants at every step: silent in whatever happens to a kernel without the bug, on every release, and
 * each says what is wrong when something is.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "models/invariants.h"
#include "models/words.h"
#include "models/mm/memory.h"
#include "models/swap/ownership.h"
#include "tests/unit/alloc_world.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/search.h"
#include "tests/unit/world.h"
#include "tests/unit/wrong_state.h"

/* ---- nothing is wrong ---- */

#define MACHINE(more)                                                                                        \
	"{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB','slots_per_cluster':16," more "},"
#define PROCESSES "'processes':[{'name':'m','overhead_pages':1},{'name':'n','overhead_pages':1}],"
#define IN_GROUP(name, process, work)                                                                        \
	"{'name':'" name "','process':'" process "','cgroup':'g','workload':{" work "}}"

/* Readers, a writer and somebody who has pages reclaimed from under them, in a cgroup that is too small. */
#define CROWD                                                                                                     \
	"'cgroups':[{'name':'g','memory.max':'60%'}]," PROCESSES                                                  \
	"'tasks':[" IN_GROUP("r", "m", "'rand':{'pages':48,'accesses':800,'think':'100ns'}") "," IN_GROUP(        \
	    "w", "m",                                                                                             \
	    "'zipf':{'pages':48,'accesses':800,'write_permille':500}") "," IN_GROUP("p", "m",                     \
										    "'pageout':{'pages':"         \
										    "48,'passes':3,'think'"       \
										    ":'20us'}") "," IN_GROUP("s", \
													     "n", \
													     "'seq':{'pages':64,'passes':3}") "]}"

/* Slots are given back in every way there is, while others fault. */
#define GIVING_BACK                                                                                                    \
	"'cgroups':[{'name':'up'},{'name':'g','parent':'up','memory.max':'50%','memory.high':'45%'}]"                  \
	"," PROCESSES "'tasks':[" IN_GROUP("r", "m", "'rand':{'pages':64,'accesses':900}") "," IN_GROUP(               \
	    "c", "m",                                                                                                  \
	    "'churn':{'pages':64,'chunks':8,'refills':12}") "," IN_GROUP("f", "n",                                     \
									 "'churn':{'pages':64,'chunks'"                \
									 ":8,'refills':12,'advice':'"                  \
									 "free'}") "," IN_GROUP("d", "n",              \
												"'dont"                \
												"need'"                \
												":{'"                  \
												"pages"                \
												"':32,"                \
												"'pass"                \
												"es':"                 \
												"4,'"                  \
												"think"                \
												"':'"                  \
												"50us'"                \
												"}") "," IN_GROUP("o", \
														  "n", \
														  "'pageout':{'pages':64,'passes':3,'think':'30us'}") "]}"

#define ZRAM "'swap':[{'device':'zram-lz4','size':'512KiB'},{'device':'pmem','size':'1MiB'}],"
#define NVME "'swap':[{'device':'nvme-client','size':'1MiB'}],"

static u64 run_watched(const char *text, const char *kernel, u64 seed)
{
	struct scenario *scenario = scenario_right(text);
	struct build_options options = options_of(scenario, kernel);
	GError *error = NULL;
	struct kernel *k;
	u64 steps;

	options.seed = seed;
	options.audit_steps = true;
	options.ties = seed % 2 ? TIES_SEED : TIES_FIFO;
	k = scenario_build(scenario, &options, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	if (!machine_run(&k->machine, TIME_NEVER - 1, &error)) {
		printf("\n  %s, seed %u: %s\n", kernel, (u32)seed, error->message);
		CU_FAIL("an invariant is violated");
		g_clear_error(&error);
	}
	steps = k->machine.steps;
	kernel_free(k);
	scenario_free(scenario);
	return steps;
}

static void stress_from(const char *text, u32 first)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };
	u64 steps = 0;

	for (u32 i = first; i < ARRAY_SIZE(kernels); i++)
		for (u64 seed = 1; seed <= unit_runs(2, 1); seed++)
			steps += run_watched(text, kernels[i], seed);
	printf("%u steps ", (u32)steps);
	CU_ASSERT(steps > unit_runs(20000, 10000));
}

static void stress(const char *text)
{
	stress_from(text, 0);
}

static void test_sync(void)
{
	stress(MACHINE("'preemption':'full'") ZRAM CROWD);
}

static void test_async(void)
{
	stress(MACHINE("'preemption':'voluntary'") NVME CROWD);
}

static void test_giving_back_sync(void)
{
	stress(MACHINE("'preemption':'full'") ZRAM GIVING_BACK);
}

static void test_giving_back_async(void)
{
	stress(MACHINE("'preemption':'none'") NVME GIVING_BACK);
}

static void test_zswap(void)
{
	stress_from(MACHINE("'preemption':'full','zswap':{'enabled':true,'shrinker_enabled':true}")
			NVME CROWD,
		    1); /* that of 6.1 is not modelled */
}

/* Who has charged a large folio and sleeps for it, as the cgroup is over its memory.high, has not got it yet.
 */
static void test_large_charge(void)
{
	run_watched(MACHINE("'thp':{'sizes':{'64KiB':'always'}}") ZRAM
		    "'cgroups':[{'name':'g','memory.high':'1MiB'}],'tasks':[{'name':'t','cgroup':'g',"
		    "'workload':{'seq':{'size':'4MiB','passes':1}}}]}",
		    "6.18", 1);
}

/* ---- something is wrong ---- */

static struct world w;

/* Pages 0..31 are swapped, 32..63 resident. */
static void begin(void)
{
	world_init(&w, (struct world_size){ .pages = 64, .per_cluster = 16, .slots = 63, .per_table = 64 });
	world_write_range(&w, 0, 64);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL_FATAL(world_pageout(&w, 0, 32), 32);
}

#define check(...) expect_violation(&w.k->machine, __VA_ARGS__)

static void test_all_hold(void)
{
	GString *why = g_string_new(NULL);

	begin();
	CU_ASSERT(invariants_hold(&w.k->machine, why));
	CU_ASSERT_STRING_EQUAL(why->str, "");
	g_string_free(why, TRUE);
	world_release(&w);
}

static void test_slot_conservation(void)
{
	u32 slot;

	begin();
	slot = entry_at(&w, 3);
	w.k->slot[slot].map++;
	check(&slot_conservation, &w.k->slot[slot],
	      "slot %u counts 2 references, 1 page table entries name it", slot);
	w.k->slot[slot].map = 1;
	w.k->pte[page_of(&w, 3)] = 4000;
	check(&slot_conservation, NULL, "%s is swapped to slot 4000, which there is not",
	      PAGE_NAME(w.k, page_of(&w, 3)));
	w.k->pte[page_of(&w, 3)] = entry_at(&w, 4);
	check(&slot_conservation, &w.k->slot[slot],
	      "slot %u counts 1 references, 0 page table entries name it", slot);
	world_release(&w);
}

static void test_content(void)
{
	u32 slot, folio;

	begin();
	slot = entry_at(&w, 3);
	w.k->slot[slot].content ^= 2;
	check(&content, &w.k->slot[slot], "%s is swapped, and slot %u is not what it held last",
	      PAGE_NAME(w.k, page_of(&w, 3)), slot);
	w.k->slot[slot].content ^= 2;
	world_read(&w, 3);
	folio = w.k->pte[page_of(&w, 3)];
	w.k->folio[folio].flags |= FOLIO_SWAPCACHE; /* as one that was read by way of the cache */
	w.k->folio[folio].content ^= 2;
	check(&content, &w.k->folio[folio], "%s is mapped, clean, and folio %u is not what it held last",
	      PAGE_NAME(w.k, page_of(&w, 3)), folio);
	world_release(&w);
}

static void test_cache_bijection(void)
{
	u32 slot, folio;

	begin();
	slot = entry_at(&w, 3);
	folio = w.k->pte[page_of(&w, 40)];
	w.k->slot[slot].map |= SWAP_HAS_CACHE;
	check(&cache_bijection, &w.k->slot[slot],
	      "slot %u has SWAP_HAS_CACHE, no folio, and no operation in progress owns it", slot);
	w.k->slot[slot].cache = word_of_folio(folio);
	check(&cache_bijection, &w.k->slot[slot], "slot %u has folio %u in the cache, which does not know",
	      slot, folio);
	w.k->slot[slot].map = 1;
	check(&cache_bijection, &w.k->slot[slot], "slot %u has folio %u in the cache and no SWAP_HAS_CACHE",
	      slot, folio);
	w.k->slot[slot].cache = 0;
	w.k->folio[folio].flags |= FOLIO_SWAPCACHE;
	w.k->folio_io[folio].swap = slot;
	check(&cache_bijection, &w.k->folio[folio],
	      "folio %u is in the cache at slot %u, which does not know", folio, slot);
	world_release(&w);
}

static void test_order_agreement(void)
{
	u32 folio, entry;

	world_init(&w, (struct world_size){ .per_cluster = 16, .max_order = 3 });
	folio = folio_alloc(w.k, 3, 0);
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_OK);
	entry = w.k->folio_io[folio].swap;
	cluster_of(w.k, entry)->order = 2;
	check(&order_agreement, cluster_of(w.k, entry),
	      "folio %u of order 3 has slots from %u on in a cluster of order 2", folio, entry);
	cluster_of(w.k, entry)->order = 4;
	check(&order_agreement, cluster_of(w.k, entry), "cluster %u with 8 slots in use is of order 4",
	      entry / 16);
	cluster_of(w.k, entry)->order = 3;
	w.k->folio_io[folio].swap += 4;
	check(&order_agreement, &w.k->folio[folio],
	      "folio %u of 8 pages has slots from %u on, which it cannot", folio, entry + 4);
	w.k->folio_io[folio].swap = entry;
	w.k->slot[entry + 5].cache = 0;
	w.k->slot[entry + 5].map = 1;
	check(&cache_bijection, &w.k->folio[folio],
	      "folio %u is in the cache at slot %u, which does not know", folio, entry + 5);
	world_release(&w);
}

static void test_lifetime(void)
{
	u32 folio, slot;

	begin();
	folio = w.k->pte[page_of(&w, 40)];
	slot = entry_at(&w, 3);
	w.k->folio[folio].refs++;
	check(
	    &lifetime, &w.k->folio[folio],
	    "folio %u has 2 references, page tables, cache and batches have 1 and operations in progress at "
	    "most 0",
	    folio);
	w.k->folio[folio].refs--;
	w.k->folio[folio].flags &= ~FOLIO_IN_USE;
	check(&lifetime, &w.k->pte[page_of(&w, 40)], "%s is mapped to folio %u, which is free",
	      PAGE_NAME(w.k, page_of(&w, 40)), folio);
	w.k->pte_flags[page_of(&w, 40)] = 0;
	w.k->slot[slot].cache = word_of_folio(folio);
	check(&lifetime, &w.k->slot[slot], "slot %u has folio %u in the cache, which is free", slot, folio);
	w.k->slot[slot].cache = 0;
	((struct percpu *)percpu_of(&w.k->machine, 1))->rotate[0] = folio;
	((struct percpu *)percpu_of(&w.k->machine, 1))->rotate_count = 1;
	check(&lifetime, NULL, "folio %u is in a CPU's batch, and free", folio);
	world_release(&w);
}

static void test_use_after_free(void)
{
	struct try_to_unmap_one *f;
	struct task *t;
	u32 folio;

	begin();
	folio = folio_alloc(w.k, 0, 0);
	f = machine_add_task(&w.k->machine, PATH_try_to_unmap_one, sizeof(struct try_to_unmap_one), 0, true,
			     0);
	t = &w.k->machine.task[w.k->machine.tasks - 1];
	f->folio = folio;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	w.k->folio[folio].refs = 0;
	folio_free(w.k, folio);
	check(&lifetime, &w.k->folio[folio], "folio %u is free, and try_to_unmap_one.START has it in hand",
	      folio);
	t->state = TASK_DONE;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	world_release(&w);
}

static void test_swap_table(void)
{
	u32 slot;

	begin();
	slot = entry_at(&w, 3);
	w.k->slot[slot].cache = SHADOW_TAG;
	CU_ASSERT(lifetime.holds(&w.k->machine, NULL));
	w.k->cluster[slot / 16].has_table = 0;
	check(&lifetime, &w.k->cluster[slot / 16], "slot %u is in use, and cluster %u has no swap table",
	      slot / 16 * 16 + (slot / 16 ? 0 : 1), slot / 16);
	world_release(&w);
}

static void test_accounting(void)
{
	begin();
	w.k->mm[0].swap_ents++;
	check(&accounting, &w.k->mm[0],
	      "process process counts 32 anonymous pages and 33 swapped ones, its tables have 32 and 32");
	w.k->mm[0].swap_ents--;
	w.k->memcg[1].usage++;
	check(&accounting, &w.k->memcg[1],
	      "cgroup \"group\" has %u pages charged; overhead, folios, zswap and stocks come to %u, charges "
	      "in "
	      "progress to 0 at most",
	      (u32)w.k->memcg[1].usage, (u32)w.k->memcg[1].usage - 1);
	w.k->memcg[1].usage--;
	w.k->memory->free++;
	CU_ASSERT(!accounting.holds(&w.k->machine, NULL));
	world_release(&w);
}

static void test_cluster_ownership(void)
{
	u32 cluster;

	begin();
	cluster = w.k->device[0].list[CLUSTER_FREE].head - 1;
	w.k->device[0].list[CLUSTER_FREE].head = w.k->cluster[cluster].next;
	w.k->cluster[cluster].flags = CLUSTER_NONE;
	check(&cluster_ownership, &w.k->cluster[cluster],
	      "cluster %u of device 0 is on no list and 0 operations hold it", cluster);
	world_release(&w);
}

/* ---- in every interleaving of a small world ---- */

static bool every_invariant_holds(struct machine *m, GString *why)
{
	if (!m->failure)
		return invariants_hold(m, why);
	if (why)
		g_string_append(why, m->failure->message);
	return false;
}

static const struct invariant all = { "all", "every invariant holds", every_invariant_holds };

/* One task writes to a swapped page, which then goes out again, to the only slot there is; another reads it
 * meanwhile. */
static void search_reuse(struct search *x, const char *release, bool stop)
{
	world_init(&w, (struct world_size){ .release = release,
					    .tasks = 6,
					    .pages = 1,
					    .per_table = 1,
					    .per_cluster = 2,
					    .space_clusters = 1,
					    .slots = 1,
					    .memory = 24,
					    .min = 4 });
	world_write(&w, 0);
	world_drain(&w, 0);
	CU_ASSERT_EQUAL_FATAL(world_pageout(&w, 0, 1), 1);
	world_by_hand(&w);
	ADD_ON(&w, 0, handle_mm_fault, .page = page_of(&w, 0), .write = 1);
	ADD_ON(&w, 0, madvise_pageout, .page = page_of(&w, 0), .count = 1);
	ADD_ON(&w, 1, handle_mm_fault, .page = page_of(&w, 0));
	search_run(x, &w.k->machine, &all, 200000, stop);
	printf("%u states ", x->node->len);
}

static void expect_silence(const char *release)
{
	struct search x;

	search_reuse(&x, release, false);
	CU_ASSERT_EQUAL(x.violations, 0);
	CU_ASSERT_STRING_EQUAL(x.why->str, "");
	if (x.why->len)
		printf("\n  %s: %s\n", release, x.why->str);
	CU_ASSERT(x.finished > 1);
	search_release(&x);
	world_release(&w);
}

static void test_reuse_617(void)
{
	expect_silence("6.17");
}

static void test_reuse_618(void)
{
	expect_silence("6.18");
}

static void test_reuse_without_pin(void)
{
	struct search x;

	search_reuse(&x, "6.17+bypass-pin=off", true);
	CU_ASSERT_EQUAL(x.violations, 1);
	CU_ASSERT(g_str_has_prefix(x.why->str, "content: "));
	printf("%s ", x.why->str);
	search_release(&x);
	world_release(&w);
}

/* The tasks of that world leave a folio behind that nobody refers to. */
static bool all_but_lifetime_hold(struct machine *m, GString *why)
{
	for (u32 i = 0; kernel_invariants[i]; i++)
		if (kernel_invariants[i] != &lifetime && !kernel_invariants[i]->holds(m, why))
			return false;
	return true;
}

static const struct invariant all_but_lifetime = { "all", "every invariant but lifetime holds",
						   all_but_lifetime_hold };

static void expect_allocation(const char *release, u32 violations, const char *why)
{
	struct kernel *k = alloc_world(release, 2);
	struct search x;

	search_run(&x, &k->machine, &all_but_lifetime, 200000, violations);
	CU_ASSERT_EQUAL(x.violations, violations);
	CU_ASSERT_STRING_EQUAL(x.why->str, why);
	if (strcmp(x.why->str, why))
		printf("\n  %s: %s\n", release, x.why->str);
	search_release(&x);
	kernel_free(k);
}

static void test_allocation(void)
{
	expect_allocation("6.17", 0, "");
	expect_allocation("6.18", 0, "");
	expect_allocation("6.18+table-alloc=v3", 1,
			  "cluster 1 of device 0 is on no list and 0 operations hold it");
}

static const struct unit tests[] = {
	{ "all hold at every step on synchronous devices", test_sync },
	{ "and on asynchronous ones", test_async },
	{ "while slots are given back", test_giving_back_sync },
	{ "and that asynchronously", test_giving_back_async },
	{ "and with zswap", test_zswap },
	{ "and while large folios are charged beyond memory.high", test_large_charge },
	{ "all hold in every interleaving of a slot that is used again, on 6.17", test_reuse_617 },
	{ "and on 6.18", test_reuse_618 },
	{ "without the pin the page read is an old one", test_reuse_without_pin },
	{ "all hold in every interleaving of two allocations, but for v3 of the tables", test_allocation },
	{ "all hold at rest", test_all_hold },
	{ "slot_conservation: counts, and entries that name nothing", test_slot_conservation },
	{ "content: in slots and in folios", test_content },
	{ "order_agreement: a folio's order, its cluster's, where it begins", test_order_agreement },
	{ "cache_bijection: words, folios, a bit that nobody owns", test_cache_bijection },
	{ "lifetime: references counted, nothing free is referred to", test_lifetime },
	{ "lifetime: an operation has a folio in hand that was freed", test_use_after_free },
	{ "lifetime: a slot in use has a swap table", test_swap_table },
	{ "accounting: processes, cgroups, memory", test_accounting },
	{ "cluster_ownership: a cluster that is on no list", test_cluster_ownership },
};

UNIT_MAIN("invariants", tests)
