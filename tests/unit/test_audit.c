/*
 * Audits: a finished machine is fine, and every kind of corruption is found and named.
 */
#include "tests/unit/unit.h"

#include "models/audit.h"
#include "models/words.h"
#include "models/swap/cache.h"
#include "tests/unit/scenario_text.h"

#define HEAD "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB'},"

/* Small clusters, so that there are full, partly used and free ones. */
static const char text[] =
    "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB','slots_per_cluster':16,'memory_stat_every':'"
    "1ms'},"
    "'swap':[{'device':'zram-lz4','size':'512KiB'},{'device':'zram-lzo-rle','size':'4MiB'}],"
    "'cgroups':[{'name':'up'},{'name':'g','parent':'up','memory.max':'60%'}],'tasks':["
    "{'name':'a','cgroup':'g','workload':{'zipf':{'pages':700,'accesses':3000,'write_permille':300}}},"
    "{'name':'b','cgroup':'g','workload':{'rand':{'pages':300,'accesses':1000}}}]}";

/* A reader meets pages on their way out, which then stay in the cache; another process is all swapped out. */
static const char meeting[] =
    HEAD "'swap':[{'device':'zram-lz4','size':'4MiB'}],'processes':[{'name':'m'},{'name':'n'}],'tasks':["
	 "{'name':'r','process':'m','workload':{'rand':{'pages':64,'accesses':90000,'think':'100ns'}}},"
	 "{'name':'p','process':'m','workload':{'pageout':{'pages':64,'passes':4,'think':'20us'}}},"
	 "{'name':'w','process':'n','workload':{'seq':{'pages':8}}},"
	 "{'name':'x','process':'n','workload':{'pageout':{'pages':8,'passes':5,'think':'1ms'}}}]}";

static struct scenario *scenario;
static struct kernel *k;

static void begin_with(const char *what, const char *kernel)
{
	struct build_options options;
	GError *error = NULL;

	scenario = scenario_right(what);
	options = options_of(scenario, kernel);
	k = scenario_build(scenario, &options, &error);
	for (u32 i = 0; k && i < k->config.mms; i++)
		k->mm[i].users++; /* ours: there is something left to audit */
	if (!k || !machine_run(&k->machine, TIME_NEVER - 1, &error))
		g_error("%s", error->message);
}

static void begin(const char *kernel)
{
	begin_with(text, kernel);
}

static void end(void)
{
	kernel_free(k);
	scenario_free(scenario);
}

static void check_audit(const char *expected)
{
	char *wrong = audit(k);

	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", expected);
	if (g_strcmp0(wrong ? wrong : "", expected))
		printf("\n  is: %s\nnot: %s\n", wrong ? wrong : "", expected);
	g_free(wrong);
}

#define CHECK_AUDIT(...)                                                                                     \
	do {                                                                                                 \
		char *expected = g_strdup_printf(__VA_ARGS__);                                               \
                                                                                                             \
		check_audit(expected);                                                                       \
		g_free(expected);                                                                            \
	} while (0)

/* Change something for one audit; the message is made before. */
#define WITH(lvalue, value, ...)                                                                             \
	do {                                                                                                 \
		char *expected_ = g_strdup_printf(__VA_ARGS__);                                              \
		__typeof__(lvalue) was_ = lvalue;                                                            \
                                                                                                             \
		(lvalue) = (value);                                                                          \
		check_audit(expected_);                                                                      \
		(lvalue) = was_;                                                                             \
		g_free(expected_);                                                                           \
	} while (0)

static u32 find_page(u32 flags)
{
	for (u32 i = 0; i < k->config.mms; i++)
		for (u32 p = k->mm[i].first_page; p < k->mm[i].first_page + k->mm[i].pages; p++)
			if ((k->pte_flags[p] & (PTE_PRESENT | PTE_SWAP)) == flags)
				return p;
	g_error("no page of flags %x", flags);
}

static u32 find_cluster(enum cluster_flag flag)
{
	for (u32 i = 0; i < 2; i++)
		if (k->device[i].list[flag].head)
			return k->device[i].list[flag].head - 1;
	g_error("no cluster on list %d", flag);
}

static u32 find_slot(bool (*is)(u32 slot))
{
	for (u32 i = 0; i < k->config.devices; i++)
		for (u32 s = 1; s < k->device[i].max; s++)
			if (is(k->device[i].first_slot + s))
				return k->device[i].first_slot + s;
	g_error("no such slot");
}

static bool is_free(u32 slot)
{
	return !k->slot[slot].map;
}
static bool is_only_swapped(u32 slot)
{
	return k->slot[slot].map == 1 && k->slot[slot].stored && k->slot[slot].stored < STORED_PAGE;
}
static bool is_cached(u32 slot)
{
	return k->slot[slot].map & SWAP_HAS_CACHE && k->slot[slot].map != SWAP_MAP_BAD &&
	       word_folio(k->slot[slot].cache);
}

static void test_fine(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		begin(kernels[i]);
		check_audit("");
		CU_ASSERT_TRUE(audit_is_at_rest(&k->machine));
		end();
	}
}

/* What is true between any two steps is checked between many of them. */
static void test_on_the_way(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct scenario *s = scenario_right(text);
		struct build_options options = options_of(s, kernels[i]);
		u32 inside = 0, outside = 0;

		options.every_step = true;
		k = scenario_build(s, &options, NULL);
		for (u64 until = 0; k->machine.tasks_left; until += 19997) {
			CU_ASSERT_TRUE_FATAL(machine_run(&k->machine, until, NULL));
			check_audit("");
			if (audit_is_at_rest(&k->machine))
				outside++;
			else
				inside++;
		}
		CU_ASSERT_TRUE(inside > 50 && outside > 0);
		kernel_free(k);
		scenario_free(s);
	}
}

static void test_slots(void)
{
	u32 slot, d, inuse;

	begin("6.18");
	slot = find_slot(is_free);
	d = device_of(k, slot)->number;
	inuse = (u32)k->device[d].inuse;
	WITH(k->slot[0].map, 0,
	     "slot_conservation: device 0 has 0 bad slots in its map where 1 are: the header and those "
	     "beyond its end");
	WITH(k->slot[slot].map, 1, "slot_conservation: device %u counts %u slots in use, its map has %u", d,
	     inuse, inuse + 1);
	WITH(k->device[d].on_avail_list, 0,
	     "slot_conservation: device %u is not on the list of devices with free slots, with %u of %u in "
	     "use",
	     d, inuse, (u32)k->device[d].pages);
	WITH(k->swap->free_pages, 7,
	     "slot_conservation: the machine counts 7 free slots of 1150, its devices have %d of 1150",
	     (int)k->swap->free_pages);
	WITH(k->slot[slot].content, 2, "slots_clean: slot %u is free and still has data", slot);
	WITH(k->slot[slot].memcg, 2, "slots_clean: slot %u is free and still has a cgroup", slot);
	WITH(k->slot[slot].cache, SHADOW_TAG,
	     "slots_clean: slot %u is free and still has a word in the cache", slot);
	WITH(k->slot[0].content, 2, "slots_clean: slot 0 is bad and still has data");
	end();
}

static void test_clusters(void)
{
	u32 full, free, d;
	struct cluster_list *list;

	begin("6.18");
	full = find_cluster(CLUSTER_FULL);
	free = find_cluster(CLUSTER_FREE);
	d = k->cluster[full].device;
	list = &k->device[d].list[CLUSTER_FULL];
	WITH(k->cluster[full].count, 15, "cluster_counts: cluster %u counts 15 slots in use, its map has 16",
	     full);
	WITH(k->cluster[full].flags, CLUSTER_DISCARD,
	     "cluster_lists: cluster %u is on list 4 of device %u and its flag says 5", full, d);
	WITH(k->cluster[find_cluster(CLUSTER_NONFULL)].order, 2,
	     "cluster_lists: cluster %u is on list 2 of device %u and its order is 2",
	     find_cluster(CLUSTER_NONFULL), k->cluster[find_cluster(CLUSTER_NONFULL)].device);
	WITH(k->cluster[full].prev, 77,
	     "cluster_lists: the links of list 4 of device %u are broken at cluster %u", d, full);
	WITH(list->count, 99,
	     "cluster_lists: list 4 of device %u counts 99 clusters to a tail of %u, there are %u to %u", d,
	     list->tail - 1, list->count, list->tail - 1);
	WITH(k->device[!d].list[CLUSTER_FULL].head, full + 1,
	     "cluster_lists: list 4 of device %u leads to cluster %u, which is not its own", !d, full);
	WITH(k->cluster[full].has_table, 0,
	     "swap_metadata: %u bytes of swap tables are accounted for, there are %u",
	     (u32)k->memory->meta_bytes, (u32)k->memory->meta_bytes - SWAP_TABLE_BYTES);
	WITH(k->cluster[full].lock.owner, 1,
	     "cluster_ownership: the lock of cluster %u is held and nobody is at work", full);
	WITH(k->device[1].users.count, 2, "cluster_ownership: device 1 is held and nobody is at work");
	WITH(k->device[1].lock.owner, 1, "cluster_ownership: device 1 is locked and nobody is at work");
	k->memory->meta_bytes += SWAP_TABLE_BYTES;
	WITH(k->cluster[free].has_table, 1,
	     "cluster_ownership: cluster %u with 0 slots in use has a swap table", free);
	end();
}

static void test_cluster_off_its_list(void)
{
	struct cluster_list *list;
	u32 free, d;

	begin("6.18");
	free = find_cluster(CLUSTER_FREE);
	d = k->cluster[free].device;
	list = &k->device[d].list[CLUSTER_FREE];
	list->head = k->cluster[free].next;
	list->count--;
	k->cluster[list->head - 1].prev = 0;
	CHECK_AUDIT("cluster_lists: %u clusters of device %u are flagged for list 1, which has %u",
		    list->count + 1, d, list->count);
	k->cluster[free].flags = CLUSTER_NONE;
	CHECK_AUDIT("cluster_ownership: cluster %u is on no list and nobody is at work", free);
	end();
}

static void test_cache(void)
{
	u32 cached, swapped, folio;

	begin_with(meeting, "6.18");
	cached = find_slot(is_cached);
	swapped = find_slot(is_only_swapped);
	folio = word_folio(k->slot[cached].cache);
	WITH(k->slot[cached].cache, SHADOW_TAG,
	     "cache_bijection: slot %u has SWAP_HAS_CACHE and no folio in the cache", cached);
	WITH(k->slot[swapped].map, 1 | SWAP_HAS_CACHE,
	     "cache_bijection: slot %u has SWAP_HAS_CACHE and no folio in the cache", swapped);
	WITH(k->slot[cached].map, 1,
	     "cache_bijection: slot %u has folio %u in the cache and no SWAP_HAS_CACHE", cached, folio);
	WITH(k->slot[cached].cache, word_of_folio(1000000),
	     "cache_bijection: slot %u has folio 1000000 in the cache, which never was", cached);
	WITH(k->folio_io[folio].swap, swapped,
	     "cache_bijection: slot %u has folio %u in the cache, which does not know (its slot: %u)", cached,
	     folio, swapped);
	end();
}

static void test_xarray(void)
{
	u32 slot;

	begin("6.17");
	slot = find_slot(is_free);
	WITH(k->slot[slot].cache, SHADOW_TAG,
	     "swap_metadata: the XArray leaf of slots %u.. counts %u words, there are %u", slot / 64 * 64,
	     k->xa_leaf[slot / 64], k->xa_leaf[slot / 64] + 1);
	WITH(k->space[0].leaves, 99, "swap_metadata: the XArray of slots 0.. counts 99 leaves, there are %u",
	     k->space[0].leaves);
	WITH(k->memory->meta_bytes, 5,
	     "swap_metadata: 5 bytes of XArray nodes are accounted for, there are %u",
	     (u32)k->memory->meta_bytes);
	end();
}

static void test_pages(void)
{
	u32 mapped, swapped, other, folio;

	begin("6.18");
	mapped = find_page(PTE_PRESENT);
	swapped = find_page(PTE_SWAP);
	folio = k->pte[mapped];
	WITH(k->pte_flags[mapped], PTE_PRESENT | PTE_SWAP, "page_tables: %s is both present and swapped",
	     PAGE_NAME(k, mapped));
	WITH(k->pte[mapped], 0, "page_tables: %s is mapped to folio 0, which is not in use",
	     PAGE_NAME(k, mapped));
	WITH(k->folio[folio].mapcount, 0,
	     "page_tables: %s is mapped to folio %u, which does not know (its page: %u)",
	     PAGE_NAME(k, mapped), folio, mapped);
	WITH(k->mm[0].swap_ents, 9,
	     "page_tables: process 0 counts %u anonymous pages and 9 swapped ones, its tables have %u and %u",
	     k->mm[0].anon_pages, k->mm[0].anon_pages, k->mm[0].swap_ents);
	WITH(k->pte[swapped], 0, "swap_references: %s is swapped to slot 0, which counts no reference",
	     PAGE_NAME(k, swapped));
	other = swapped + 1;
	while (!(k->pte_flags[other] & PTE_SWAP))
		other++;
	WITH(k->pte[other], k->pte[swapped],
	     "swap_references: %s is swapped to slot %u, and so is another page", PAGE_NAME(k, other),
	     k->pte[swapped]);
	WITH(k->slot[k->pte[swapped]].map, k->slot[k->pte[swapped]].map + 1,
	     "swap_references: slot %u counts 2 references, 1 page table entries name it", k->pte[swapped]);
	WITH(k->page_version[swapped], 999, "content: %s is swapped, and slot %u is not what it held last",
	     PAGE_NAME(k, swapped), k->pte[swapped]);
	end();
}

static void test_extra_folio(void)
{
	u32 page, mapped;

	begin("6.18");
	page = find_page(PTE_PRESENT);
	mapped = k->mm[0].anon_pages + k->mm[1].anon_pages;
	k->pte_flags[page] = 0;
	mm_of(k, page)->anon_pages--;
	CHECK_AUDIT("page_tables: page frames count %u mappings, folios %u, and there are %u page table "
		    "entries",
		    mapped, mapped, mapped - 1);
	end();
}

static u32 find_listed(enum lru_list list)
{
	return k->lruvec[2].list[list].tail;
}

static void test_cut_list(void)
{
	struct folio_list *list;
	u32 last, before, flagged = 0;

	begin("6.18");
	list = &k->lruvec[2].list[LRU_INACTIVE_ANON];
	last = list->tail;
	before = k->folio[last].prev;
	for (u32 f = 1; f <= k->memory->folio_used; f++)
		flagged += (k->folio[f].flags & FOLIO_LRU) != 0;
	WITH(k->folio[before].next, 0, "lru_lists: LRU list 0 of cgroup 2 counts %u pages, there are %u",
	     list->count, list->count - 1);
	k->folio[before].next = 0;
	list->tail = before;
	list->count--;
	CHECK_AUDIT("lru_lists: %u folios say they are on LRU lists, %u are", flagged, flagged - 1);
	end();
}

static void test_lru(void)
{
	u32 tail, head;

	begin("6.18");
	tail = find_listed(LRU_INACTIVE_ANON);
	head = k->lruvec[2].list[LRU_INACTIVE_ANON].head;
	WITH(k->folio[head].prev, 5, "lru_lists: the links of LRU list 0 of cgroup 2 are broken at folio %u",
	     head);
	WITH(k->folio[tail].flags, k->folio[tail].flags | FOLIO_ACTIVE,
	     "lru_lists: folio %u is on LRU list 0 of cgroup 2 and does not belong there", tail);
	WITH(k->folio[tail].memcg, 1,
	     "lru_lists: folio %u is on LRU list 0 of cgroup 2 and does not belong there", tail);
	WITH(k->lruvec[2].list[0].count, 1, "lru_lists: LRU list 0 of cgroup 2 counts 1 pages, there are %u",
	     k->lruvec[2].list[0].count);
	end();
}

static void test_references(void)
{
	u32 folio;

	begin("6.18");
	folio = find_listed(LRU_INACTIVE_ANON);
	WITH(k->folio[folio].refs, 9,
	     "folio_references: folio %u has 9 references, there are %u: mapped %u, cached %u, in "
	     "a batch 0",
	     folio, k->folio[folio].refs, k->folio[folio].mapcount,
	     (k->folio[folio].flags & FOLIO_SWAPCACHE) != 0);
	WITH(k->folio_io[folio].lock, 1, "folio_references: folio %u is locked and nobody is at work", folio);
	WITH(k->folio_io[folio].writeback, 1,
	     "folio_references: folio %u is under writeback and no request writes it", folio);
	WITH(k->memory->isolated[LRU_ANON], 3,
	     "folio_references: 3 pages are counted as isolated and nobody is at work");
	end();
}

static void test_memory(void)
{
	char *wrong;

	begin("6.18");
	WITH(k->memory->meta_pages, 0,
	     "memory: the pages of swap metadata or compressed data do not follow from their bytes");
	WITH(k->memory->pool_bytes, 48, "pool: 48 bytes of compressed data are accounted for, slots hold %u",
	     (u32)k->memory->pool_bytes);
	k->memory->free++;
	wrong = audit(k);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wrong);
	CU_ASSERT_TRUE(g_str_has_prefix(wrong, "memory: there are 16384 pages of memory, and "));
	CU_ASSERT_TRUE(g_str_has_suffix(wrong, " taken from the start: 16385"));
	g_free(wrong);
	end();
}

static void test_charges(void)
{
	begin("6.18");
	WITH(k->memcg[1].usage, 5,
	     "charges: cgroup \"up\" has 5 pages charged; overhead, folios, zswap and stocks come to %u",
	     (u32)k->memcg[2].usage);
	WITH(k->memcg[2].swap_usage, 5, "swap_charges: cgroup \"g\" has 5 slots charged, %u say they are its",
	     (u32)k->memcg[2].swap_usage);
	WITH(k->count[0][PGFAULT], 5, "faults: 5 faults began and %u ended", (u32)k->count[0][PGFAULT]);
	end();
}

static const struct unit tests[] = {
	{ "a finished machine is fine", test_fine },
	{ "a machine at work is fine too, as far as it can be", test_on_the_way },
	{ "slots that are miscounted or remember something are found", test_slots },
	{ "clusters that are miscounted, misplaced or held are found", test_clusters },
	{ "a cluster that left its list is found", test_cluster_off_its_list },
	{ "a slot and a folio that disagree are found", test_cache },
	{ "miscounted XArray nodes are found", test_xarray },
	{ "page tables that disagree with folios or slots are found", test_pages },
	{ "a folio without its page table entry is found", test_extra_folio },
	{ "a cut LRU list is found", test_cut_list },
	{ "a mixed up LRU list is found", test_lru },
	{ "references, locks and writeback left behind are found", test_references },
	{ "pages of memory that came or went are found", test_memory },
	{ "charges and faults that do not add up are found", test_charges },
};

UNIT_MAIN("audit", tests)
