/* Whatever is taken and freed, in every order: against a list of who has which slots. */
#include "models/audit.h"
#include "models/invariants.h"
#include "models/swap/cluster.h"
#include "sim/random.h"
#include "tests/unit/order_world.h"

enum { PER_CLUSTER = 8, CLUSTERS = 6, MAX_ORDER = 3, OWNERS = 40, OPERATIONS = 900 };

static u32 at(u32 cluster, u32 slot)
{
	return cluster * PER_CLUSTER + slot;
}

struct owner {
	u32 folio, entry, order;
	u8 slot_used[1 << MAX_ORDER]; /* has a reference */
	bool cached;
};

struct naive {
	struct owner owner[OWNERS];
	u32 owners;
	u64 draws;
	const char *release;
};

static u32 below(struct naive *n, u32 bound)
{
	return random_below(random_value(17, n->draws++), bound);
}

static bool is_taken(const struct naive *n, u32 slot)
{
	for (u32 i = 0; i < n->owners; i++) {
		const struct owner *o = &n->owner[i];

		if (slot - o->entry < 1u << o->order && (o->cached || o->slot_used[slot - o->entry]))
			return true;
	}
	return false;
}

static bool any_used(const struct owner *o)
{
	for (u32 i = 0; i < 1u << o->order; i++)
		if (o->slot_used[i])
			return true;
	return false;
}

/* What only the cache held may have been reclaimed, when swap was more than half full. */
static void forget_reclaimed(struct naive *n, struct world *w, bool was_full)
{
	for (u32 i = n->owners; i--;) {
		struct owner *o = &n->owner[i];

		if (o->cached && !(w->k->folio[o->folio].flags & FOLIO_SWAPCACHE)) {
			CU_ASSERT(was_full && !any_used(o));
			o->cached = false;
		}
		if (!o->cached && !any_used(o))
			*o = n->owner[--n->owners];
	}
}

static bool some_cluster_has(const struct naive *n, const struct world *w, u32 order)
{
	for (u32 c = 0; c < CLUSTERS; c++) {
		const struct swap_cluster_info *ci = &w->k->cluster[c];
		bool fits = ci->count ? ci->order == order : true;

		for (u32 s = at(c, 0); fits && s < at(c + 1, 0); s += 1u << order) {
			bool room = true;

			for (u32 i = s; i < s + (1u << order); i++)
				room &= i && !is_taken(n, i);
			if (room)
				return true;
		}
	}
	return false;
}

static void check_state(const struct naive *n, struct world *w)
{
	GString *why = g_string_new(NULL);

	for (u32 s = 1; s < CLUSTERS * PER_CLUSTER; s++)
		if ((w->k->slot[s].map != 0) != is_taken(n, s))
			CU_FAIL("a slot is lost, or had twice");
	if (!audits_hold(&w->k->machine, &slot_conservation, why) ||
	    !order_agreement.holds(&w->k->machine, why)) {
		printf("%s: %s\n", n->release, why->str);
		CU_FAIL("an audit does not hold");
	}
	g_string_free(why, TRUE);
}

/* Whether a cluster that was not for the order may be what the page got. */
static void check_place(const struct naive *n, struct world *w, u32 order, u32 entry, const u8 *was_of)
{
	u32 was = was_of[entry / PER_CLUSTER];

	CU_ASSERT_EQUAL(entry % (1u << order), 0);
	for (u32 i = entry; i < entry + (1u << order); i++)
		CU_ASSERT_FALSE(is_taken(n, i));
	CU_ASSERT_EQUAL(cluster_of(w->k, entry)->order, was == UINT8_MAX ? order : was);
	CU_ASSERT(was == order || was == UINT8_MAX || !order);
}

static void do_take(struct naive *n, struct world *w)
{
	u32 order = below(n, MAX_ORDER + 1), cpu = below(n, 2), folio = new_folio(w, order);
	u32 cluster = *swap_hint_of_cpu(w->k, cpu, 0) / PER_CLUSTER;
	bool was_full = vm_swap_full(w->k), had = some_cluster_has(n, w, order);
	u8 was_of[CLUSTERS];
	u32 entry = 0;

	for (u32 c = 0; c < CLUSTERS; c++)
		was_of[c] = w->k->cluster[c].count ? w->k->cluster[c].order : UINT8_MAX;
	if (!RUN_ON(w, cpu, folio_alloc_swap, .folio = folio))
		entry = w->k->folio_io[folio].swap;
	forget_reclaimed(n, w, was_full);
	if (!entry) {
		/* 6.18 looks at one frag cluster only; else what there is is found */
		CU_ASSERT_FALSE(had && (!order || !w->k->patch.nonfull_first));
		return;
	}
	if (!was_full)
		check_place(n, w, order, entry, was_of);
	/* a single page steals when there is nothing else, or goes on where it did */
	if (!was_full && had && !order && entry / PER_CLUSTER != cluster &&
	    was_of[entry / PER_CLUSTER] != UINT8_MAX) {
		CU_ASSERT_EQUAL(was_of[entry / PER_CLUSTER], 0);
	}
	n->owner[n->owners] =
	    (struct owner){ .folio = folio, .entry = entry, .order = order, .cached = true };
	if (below(n, 4)) {
		RUN(w, swap_duplicate, .entry = entry, .nr = 1u << order);
		memset(n->owner[n->owners].slot_used, 1, 1u << order);
	}
	n->owners++;
}

static void do_free(struct naive *n, struct world *w)
{
	struct owner *o = &n->owner[below(n, n->owners)];
	u32 first = below(n, 1u << o->order), nr = 1 + below(n, (1u << o->order) - first);

	if (o->cached && !below(n, 3)) {
		RUN(w, folio_free_swap, .folio = o->folio, .anyway = true);
		o->cached = false;
	} else if (memchr(o->slot_used + first, 0, nr) == NULL) {
		RUN_ON(w, below(n, 2), swap_free, .entry = o->entry + first, .nr = nr);
		memset(o->slot_used + first, 0, nr);
	}
	forget_reclaimed(n, w, true);
}

static void mix(const char *release, u64 seed)
{
	struct naive n = { .release = release, .draws = seed << 32 };
	struct world w;

	world_init(&w, (struct world_size){ .release = release,
					    .per_cluster = PER_CLUSTER,
					    .space_clusters = 2,
					    .max_order = MAX_ORDER,
					    .slots = CLUSTERS * PER_CLUSTER - 1 });
	for (u32 i = 0; i < OPERATIONS; i++) {
		if (n.owners && (n.owners == OWNERS || below(&n, 5) < 2))
			do_free(&n, &w);
		else
			do_take(&n, &w);
		check_state(&n, &w);
	}
	world_release(&w);
}

static void test_617(void)
{
	for (u32 seed = 0; seed < 10; seed++)
		mix("6.17", seed);
}

static void test_618(void)
{
	for (u32 seed = 0; seed < 10; seed++)
		mix("6.18", seed);
}

static const struct unit tests[] = {
	{ "6.17: nothing is lost, every order gets what it may, and all there is is found", test_617 },
	{ "6.18: likewise, but for frag clusters", test_618 },
};

UNIT_MAIN("alloc, naively", tests)
