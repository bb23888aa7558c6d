/* Nodes of the XArrays of the old swap cache. */
#include "models/swap/cache_xarray.h"

#include "models/cpu.h"
#include "models/mm/memory.h"
#include "models/swap/cache.h"
#include "tests/unit/world.h"

enum { LEAF = 64, MIDDLE = 64 * LEAF, SPACE = 16384 };

static void big_device(struct world *w)
{
	world_init(w, (struct world_size){ .release = "6.17", .slots = 3 * SPACE - 1 });
}

static u64 nodes(const struct world *w)
{
	CU_ASSERT_EQUAL(w->k->memory->meta_bytes % XA_NODE_BYTES, 0);
	return w->k->memory->meta_bytes / XA_NODE_BYTES;
}

static void test_nodes(void)
{
	struct world w;

	big_device(&w);
	CU_ASSERT(xarray_account(w.k, 5, false, true));
	CU_ASSERT_EQUAL(nodes(&w), 3); /* leaf, middle, root */
	CU_ASSERT(xarray_account(w.k, 6, false, true));
	CU_ASSERT_EQUAL(nodes(&w), 3);
	CU_ASSERT(xarray_account(w.k, LEAF, false, true));
	CU_ASSERT_EQUAL(nodes(&w), 4);
	CU_ASSERT(xarray_account(w.k, MIDDLE, false, true));
	CU_ASSERT_EQUAL(nodes(&w), 6);
	CU_ASSERT(xarray_account(w.k, SPACE, false, true)); /* another array */
	CU_ASSERT_EQUAL(nodes(&w), 9);
	CU_ASSERT_EQUAL(w.k->space[0].leaves, 3);
	CU_ASSERT_EQUAL(w.k->space[1].leaves, 1);
	xarray_account(w.k, MIDDLE, true, false);
	CU_ASSERT_EQUAL(nodes(&w), 7);
	xarray_account(w.k, 5, true, false);
	CU_ASSERT_EQUAL(nodes(&w), 7);
	xarray_account(w.k, 6, true, false);
	CU_ASSERT_EQUAL(nodes(&w), 6);
	xarray_account(w.k, LEAF, true, false);
	CU_ASSERT_EQUAL(nodes(&w), 3);
	xarray_account(w.k, SPACE, true, true); /* a shadow in place of a folio */
	CU_ASSERT_EQUAL(nodes(&w), 3);
	xarray_account(w.k, SPACE, true, false);
	CU_ASSERT_EQUAL(nodes(&w), 0);
	CU_ASSERT_EQUAL(w.k->memory->meta_peak, 9 * XA_NODE_BYTES);
	world_release(&w);
}

/* Evict by turns from two CPUs: a leaf goes on the list of those with shadows only with each page that leaves
 * the cache, and off it with each that comes. */
static void test_list_of_shadow_nodes(void)
{
	struct world w;
	struct task *t;

	big_device(&w);
	t = &w.k->machine.task[0];
	CU_ASSERT(swap_cache_store(w.k, t, 5, 1, word_of_folio(1)));
	CU_ASSERT_EQUAL(w.k->swap->shadow_nodes.cpu, 0); /* it has a folio */
	swap_cache_store(w.k, t, 5, 1, SHADOW_TAG);
	CU_ASSERT_EQUAL(w.k->swap->shadow_nodes.cpu, 1);
	CU_ASSERT_EQUAL(t->work_ns, 0);
	t->cpu = 1;
	swap_cache_store(w.k, t, 6, 1, word_of_folio(1)); /* off */
	CU_ASSERT_EQUAL(t->work_ns, 3 * w.k->cpu_profile->line_ns);
	w.k->machine.now += t->work_ns;
	t->cpu = t->work_ns = 0;
	swap_cache_store(w.k, t, 7, 1, word_of_folio(2)); /* it was off */
	swap_cache_store(w.k, t, 6, 1, SHADOW_TAG);	  /* and still is */
	CU_ASSERT_EQUAL(t->work_ns, 0);
	swap_cache_store(w.k, t, 7, 1, 0); /* on */
	CU_ASSERT_EQUAL(t->work_ns, 3 * w.k->cpu_profile->line_ns);
	w.k->machine.now += t->work_ns;
	t->cpu = 1;
	t->work_ns = 0;
	swap_cache_store(w.k, t, 5, 1, 0); /* on */
	CU_ASSERT_EQUAL(t->work_ns, 0);
	swap_cache_store(w.k, t, 6, 1, 0); /* empty: off */
	CU_ASSERT_EQUAL(t->work_ns, 3 * w.k->cpu_profile->line_ns);
	CU_ASSERT_EQUAL(w.k->xa_shadows[0], 0);
	world_release(&w);
}

static void test_full_space(void)
{
	struct world w;

	big_device(&w);
	for (u32 i = 0; i < SPACE; i++)
		xarray_account(w.k, SPACE + i, false, true);
	CU_ASSERT_EQUAL(nodes(&w), 256 + 4 + 1); /* 9.18 bytes a slot */
	world_release(&w);
}

/* The shadow keeps the node until the slot is freed. */
static void test_shadow_keeps_the_node(void)
{
	struct world w;
	u32 entry;

	big_device(&w);
	world_write(&w, 0);
	CU_ASSERT_EQUAL(nodes(&w), 0);
	world_pageout(&w, 0, 1);
	entry = entry_at(&w, 0);
	CU_ASSERT(word_shadow(w.k->slot[entry].cache) != 0);
	CU_ASSERT_EQUAL(nodes(&w), 3);
	CU_ASSERT_EQUAL(w.k->xa_leaf[entry / LEAF], 1);
	world_read(&w, 0);
	CU_ASSERT_EQUAL(nodes(&w), 0);
	world_release(&w);
}

static void test_no_memory(void)
{
	struct world w;
	u64 free;

	big_device(&w);
	free = w.k->memory->free;
	w.k->memory->free = w.k->memory->min / 2;
	CU_ASSERT_FALSE(xarray_account(w.k, 5, false, true));
	CU_ASSERT_EQUAL(nodes(&w), 0);
	CU_ASSERT_EQUAL(w.k->xa_leaf[0], 0);
	w.k->memory->free = w.k->memory->min / 2 + 1;
	CU_ASSERT(xarray_account(w.k, 5, false, true));
	w.k->memory->free = w.k->memory->min / 2;
	CU_ASSERT(xarray_account(w.k, 6, false, true)); /* needs no node */
	w.k->memory->free = free;
	world_release(&w);
}

static void test_slot_is_given_back(void)
{
	struct world w;
	u32 folio;

	big_device(&w);
	folio = folio_alloc(w.k, 0, 0);
	w.k->folio[folio].memcg = 1;
	w.k->memory->free = w.k->memory->min / 2;
	CU_ASSERT_EQUAL(RUN(&w, folio_alloc_swap, .folio = folio), PATH_ENOMEM);
	CU_ASSERT_EQUAL(counted(&w, CACHE_ADD_FAILED), 1);
	CU_ASSERT_EQUAL(w.k->device[0].inuse, 0);
	CU_ASSERT_EQUAL(w.k->memcg[1].swap_usage, 0);
	CU_ASSERT_EQUAL(w.k->folio[folio].refs, 1);
	CU_ASSERT_EQUAL(w.k->folio[folio].flags & FOLIO_SWAPCACHE, 0);
	world_release(&w);
}

static const struct unit tests[] = {
	{ "a word needs a leaf, a middle node and a root", test_nodes },
	{ "a leaf of shadows is on a list that all CPUs share", test_list_of_shadow_nodes },
	{ "a full 64 MiB has 261 nodes", test_full_space },
	{ "a shadow keeps the node until the slot is freed", test_shadow_keeps_the_node },
	{ "a node is not to be had below half the min watermark", test_no_memory },
	{ "and then the slot is given back", test_slot_is_given_back },
};

UNIT_MAIN("cache_xarray", tests)
