/* How a device looks when it has been added. */
#include "models/swap/swapon.h"

#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

static u32 at_head(const struct world *w, enum cluster_flag list, u32 n)
{
	u32 c = w->k->device[0].list[list].head;

	while (n--)
		c = w->k->cluster[c - 1].next;
	return c - 1;
}

static void test_lists(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .slots = 8 * 512 - 100 }); /* header and a partial last cluster */
	CU_ASSERT_EQUAL(w.k->device[0].clusters, 8);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_NONFULL].count, 2);
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count, 6);
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_NONFULL, 0), 0);
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_NONFULL, 1), 7);
	CU_ASSERT_EQUAL(w.k->cluster[0].count, 1);
	CU_ASSERT_EQUAL(w.k->cluster[7].count, 99);
	CU_ASSERT_EQUAL(w.k->slot[0].map, SWAP_MAP_BAD);
	CU_ASSERT_EQUAL(w.k->slot[1].map, 0);
	CU_ASSERT_EQUAL(w.k->slot[8 * 512 - 100].map, 0);
	CU_ASSERT_EQUAL(w.k->slot[8 * 512 - 99].map, SWAP_MAP_BAD);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(w.k->device[0].pages, 8 * 512 - 100);
	CU_ASSERT_EQUAL(w.k->swap->free_pages, 8 * 512 - 100);
	CU_ASSERT(w.k->device[0].synchronous);
	world_release(&w);
}

static void test_tables(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .slots = 8 * 512 - 100 });
	for (u32 i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(w.k->cluster[i].has_table, i == 0 || i == 7);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 2 * 4096);
	world_release(&w);
	world_init(&w, (struct world_size){ .release = "6.17" });
	CU_ASSERT_EQUAL(w.k->cluster[0].has_table, 0);
	CU_ASSERT_EQUAL(w.k->memory->meta_bytes, 0);
	world_release(&w);
}

static void test_shuffle(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .release = "6.17", .slots = 70 * 512 - 1 });
	CU_ASSERT_EQUAL(w.k->device[0].list[CLUSTER_FREE].count, 69);
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_FREE, 0), 32); /* column 0: 0 is not free, 32, 64 */
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_FREE, 1), 64);
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_FREE, 2), 1);
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_FREE, 3), 33);
	CU_ASSERT_EQUAL(at_head(&w, CLUSTER_FREE, 68), 63);
	world_release(&w);
	world_init(&w, (struct world_size){ .slots = 70 * 512 - 1 });
	for (u32 i = 0; i < 69; i++)
		CU_ASSERT_EQUAL(at_head(&w, CLUSTER_FREE, i), i + 1);
	world_release(&w);
}

static void test_two_devices(void)
{
	struct world w;

	world_init(&w, (struct world_size){ .slots = 1000, .devices = 2 });
	CU_ASSERT_EQUAL(w.k->device[1].first_slot, 16384); /* its own XArrays */
	CU_ASSERT_EQUAL(w.k->device[1].first_cluster, 32);
	CU_ASSERT_EQUAL(w.k->device[1].number, 1);
	CU_ASSERT_EQUAL(w.k->slot[16384].map, SWAP_MAP_BAD);
	CU_ASSERT_EQUAL(w.k->cluster[33].device, 1);
	CU_ASSERT_EQUAL(w.k->swap->total_pages, 2000);
	world_release(&w);
}

/* The maps of a larger device take longer to be made. */
static void test_takes_its_time(void)
{
	u64 ns[2];

	for (u32 i = 0; i < 2; i++) {
		struct world w;

		world_init(&w, (struct world_size){ .slots = i ? 65535 : 4095 });
		CU_ASSERT_EQUAL(RUN(&w, swapoff, .device = 0), PATH_OK);
		ns[i] = w.k->machine.now;
		CU_ASSERT_EQUAL(RUN(&w, swapon, .device = 0), PATH_OK);
		ns[i] = w.k->machine.now - ns[i];
		world_release(&w);
	}
	CU_ASSERT(ns[1] > ns[0] + 1000);
}

#define SWAP_CALL(at, what) "{'at':'" at "','" what "':0}"

/* In the order of time, and not of the file; as they stand in the file is how they are told. */
static void test_idle_calls(void)
{
	static const struct {
		const char *swap, *operations, *warning;
	} cases[] = {
		{ "", SWAP_CALL("2ms", "swapon") "," SWAP_CALL("1ms", "swapoff"), NULL },
		{ "'swapon':false,", SWAP_CALL("1ms", "swapon") "," SWAP_CALL("1ms", "swapoff"), NULL },
		{ "", SWAP_CALL("2ms", "swapoff") "," SWAP_CALL("1ms", "swapoff"),
		  "operations[0].swapoff: the device is off by then, and nothing comes of it (expected a "
		  "\"swapon\" of it before)" },
		{ "", SWAP_CALL("1ms", "swapon"),
		  "operations[0].swapon: the device is there already, and nothing comes of it (expected a "
		  "\"swapoff\" of it before)" },
		{ "'swapon':false,", "{'at':'1ms','cgroup':'g','memory.low':0}," SWAP_CALL("1ms", "swapoff"),
		  "operations[1].swapoff: the device is off by then, and nothing comes of it (expected a "
		  "\"swapon\" of it before)" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = g_strdup_printf("{'format':1,'name':'t','swap':[{%s'device':'zram-lz4',"
					     "'size':'1MiB'}],'cgroups':[{'name':'g'}],'tasks':[{'name':'a',"
					     "'cgroup':'g','workload':{'seq':{'pages':8}}}],"
					     "'operations':[%s]}",
					     cases[i].swap, cases[i].operations);
		struct scenario *s = scenario_right(text);
		const char *const *warning = scenario_warnings(s);

		if (cases[i].warning) {
			CU_ASSERT_PTR_NOT_NULL_FATAL(warning[0]);
			CU_ASSERT_STRING_EQUAL(strstr(warning[0], "operations["), cases[i].warning);
			CU_ASSERT_PTR_NULL(warning[1]);
		} else {
			CU_ASSERT_PTR_NULL(warning[0]);
		}
		scenario_free(s);
		g_free(text);
	}
}

static const struct unit tests[] = {
	{ "clusters with slots that cannot be used are nonfull, the others free", test_lists },
	{ "and have a table from the start", test_tables },
	{ "free clusters lie 64 MiB apart up to 6.17 only", test_shuffle },
	{ "devices do not share clusters or XArrays", test_two_devices },
	{ "a larger device takes longer", test_takes_its_time },
	{ "a call that finds it done is warned of", test_idle_calls },
};

UNIT_MAIN("swapon", tests)
