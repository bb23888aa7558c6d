/* Releases and patches. */
#include "models/release.h"

#include <string.h>

#include "tests/unit/unit.h"

static void expect_error(const char *text, const char *message)
{
	const struct release *release;
	struct patches patches;
	GError *error = NULL;

	CU_ASSERT_FALSE(release_parse(text, &release, &patches, &error));
	CU_ASSERT_FATAL(error != NULL);
	CU_ASSERT_STRING_EQUAL(error->message, message);
	g_error_free(error);
}

static void test_defaults(void)
{
	const struct release *release;
	struct patches p;

	CU_ASSERT(release_parse("6.12", &release, &p, NULL));
	CU_ASSERT_EQUAL(release->cache, SWAP_CACHE_XARRAY);
	CU_ASSERT_EQUAL(release->allocator, SWAP_ALLOC_DEVICE);
	CU_ASSERT_EQUAL(release->cluster_bytes, 24);
	CU_ASSERT_EQUAL(release->lru_batch, 31);
	CU_ASSERT_EQUAL(release->memcg_stocks, 1);
	CU_ASSERT_EQUAL(release->slot_caches, SLOT_CACHES_BOTH);
	CU_ASSERT(release->full_walk);
	CU_ASSERT(release->lazyfree_held);
	CU_ASSERT(p.bypass_pin && p.race_wait_queue && p.cluster_shuffle && !p.nonfull_first &&
		  p.stats_ratelimited);
	CU_ASSERT_EQUAL(p.table_alloc, TABLE_ALLOC_NONE);
	CU_ASSERT(release_parse("6.14", &release, &p, NULL));
	CU_ASSERT_EQUAL(release->cache, SWAP_CACHE_XARRAY);
	CU_ASSERT_EQUAL(release->allocator, SWAP_ALLOC_CLUSTER);
	CU_ASSERT_EQUAL(release->slot_caches, SLOT_CACHES_TAKE);
	CU_ASSERT_EQUAL(release->memcg_stocks, 1);
	CU_ASSERT(!release->exec_ahead && release->lazyfree_held);
	CU_ASSERT(p.bypass_pin && p.race_wait_queue && p.cluster_shuffle && !p.nonfull_first);
	CU_ASSERT(release_parse("6.17", &release, &p, NULL));
	CU_ASSERT_EQUAL(release->slot_caches, SLOT_CACHES_NONE);
	CU_ASSERT(!release->lazyfree_held);
	CU_ASSERT_EQUAL(release->allocator, SWAP_ALLOC_CLUSTER);
	CU_ASSERT_STRING_EQUAL(release->name, "6.17");
	CU_ASSERT_EQUAL(release->cache, SWAP_CACHE_XARRAY);
	CU_ASSERT_EQUAL(release->cluster_bytes, 24);
	CU_ASSERT(p.bypass_pin && p.race_wait_queue && p.cluster_shuffle && !p.nonfull_first);
	CU_ASSERT_EQUAL(p.table_alloc, TABLE_ALLOC_NONE);
	CU_ASSERT(release_parse("6.18", &release, &p, NULL));
	CU_ASSERT_EQUAL(release->cache, SWAP_CACHE_TABLE);
	CU_ASSERT_EQUAL(release->allocator, SWAP_ALLOC_CLUSTER);
	CU_ASSERT_EQUAL(release->cluster_bytes, 32);
	CU_ASSERT(p.bypass_pin && p.race_wait_queue && !p.cluster_shuffle && p.nonfull_first);
	CU_ASSERT_EQUAL(p.table_alloc, TABLE_ALLOC_V4);
	CU_ASSERT_EQUAL(release->lru_batch, 31);
	CU_ASSERT_EQUAL(release->memcg_stocks, 7);
	CU_ASSERT(release->full_walk);
}

static void test_patches(void)
{
	const struct release *release;
	struct patches p;

	CU_ASSERT(release_parse("6.18+table-alloc=v3+bypass-pin=off", &release, &p, NULL));
	CU_ASSERT_STRING_EQUAL(release->name, "6.18");
	CU_ASSERT_EQUAL(p.table_alloc, TABLE_ALLOC_V3);
	CU_ASSERT_EQUAL(p.bypass_pin, PATCH_OFF);
	CU_ASSERT_EQUAL(p.race_wait_queue, PATCH_ON);
	CU_ASSERT_EQUAL(release->patches.bypass_pin, PATCH_ON); /* the table itself does not change */
	CU_ASSERT(patch_set(release, &p, "bypass-pin", "on", NULL));
	CU_ASSERT_EQUAL(p.bypass_pin, PATCH_ON);
}

static void test_errors(void)
{
	expect_error("5.19",
		     "unknown release \"5.19\" (one of 6.1, 6.12, 6.14, 6.17, 6.18, 7.0, 7.0-fix, 7.1, 7.2)");
	expect_error("", "unknown release \"\" (one of 6.1, 6.12, 6.14, 6.17, 6.18, 7.0, 7.0-fix, 7.1, 7.2)");
	expect_error("6.18+bypass-pin",
		     "patch \"bypass-pin\" has no value (write bypass-pin=on, =off or another value)");
	expect_error("6.18+bypass-pin=maybe", "patch bypass-pin has no value \"maybe\" (one of off, on)");
	expect_error("6.18+table-alloc=", "patch table-alloc has no value \"\" (one of v3, v4)");
	expect_error("6.12+table-alloc=v4",
		     "release 6.12 has no swap tables (patch table-alloc is for releases from 6.18 on)");
	expect_error("6.17+table-alloc=v4",
		     "release 6.17 has no swap tables (patch table-alloc is for releases from 6.18 on)");
	expect_error("6.18+magic=on",
		     "unknown patch \"magic\" (one of bypass-pin, race-wait-queue, "
		     "race-sleep, nonfull-first, cluster-shuffle, stats-ratelimited, plug-peek, "
		     "zswap-skip-if-exists, zswap-bypass-keeps, continuation-lock, zram-free-at-install, "
		     "zram-read-keeps, shmem-split-before-insert, shmem-fallback-cached, "
		     "shmem-verify-before-split, shmem-free-swap-order, shmem-truncate-advances, "
		     "swap-device-ref, shmem-device-ref, "
		     "zap-device-ref, "
		     "readahead-device-ref, scan-writeok-recheck, avail-list-recheck, reclaim-slot-recheck, "
		     "unuse-stable-mm, "
		     "shmem-mark-first, uffd-move-cached, uffd-move-recheck, table-alloc, charge, "
		     "mglru-reactivates, mglru-resets-tiers, memcg-swapout-first)");
	expect_error(
	    "6.18+charge=after-insert",
	    "release 6.18 has no choice of when to charge (patch charge is for releases from 7.0 on)");
	expect_error("6.18+bypas-pin=off", "unknown patch \"bypas-pin\" (did you mean \"bypass-pin\"?)");
	expect_error("6.18+unchecked=swapin-pt",
		     "nothing is checked by the name of \"swapin-pt\" (did you mean \"swapin-pte\"?)");
	expect_error("7.0+bypass-pin=off", "release 7.0 has no swap-in around the swap cache (patch "
					   "bypass-pin is for releases up to 6.18)");
}

/* Every value of every patch can be set where it makes sense, and is where its row says. */
static void test_table(void)
{
	u32 releases, patches;
	const struct release *release = release_list(&releases);
	const struct patch_info *patch = patch_list(&patches);

	CU_ASSERT_EQUAL(releases, 9);
	for (u32 i = 0; i < patches; i++)
		for (u32 v = 0; patch[i].values[v]; v++) {
			struct patches p = { 0 };
			bool set = !patch[i].values[v][0];

			for (u32 r = 0; r < releases && !set; r++)
				set = patch_set(&release[r], &p, patch[i].name, patch[i].values[v], NULL);
			CU_ASSERT(set);
			CU_ASSERT(!patch[i].values[v][0] || ((u8 *)&p)[patch[i].offset] == v);
		}
}

/* What the stable fix of 7.0 changes, and nothing else. */
static void test_fix(void)
{
	const struct release *release, *fixed;
	struct patches p, q;

	CU_ASSERT(release_parse("7.0", &release, &p, NULL));
	CU_ASSERT_EQUAL(release->slots, SLOT_MAP);
	CU_ASSERT(release->swapin && release->equal_priorities);
	CU_ASSERT_EQUAL(p.charge, CHARGE_AFTER_INSERT);
	CU_ASSERT(release_parse("7.0-fix", &fixed, &q, NULL));
	CU_ASSERT_EQUAL(q.charge, CHARGE_BEFORE_INSERT);
	CU_ASSERT_EQUAL(fixed->swapin, release->swapin);
	q.charge = p.charge;
	CU_ASSERT(!memcmp(&p, &q, sizeof p));
}

/* What is modelled of 6.12 is 6.12.107. */
static void test_stable(void)
{
	static const struct {
		const char *release;
		s32 version;
		bool fixed;
	} as[] = {
		{ "6.12", 107, false }, { "6.12", 113, false }, { "6.12", 114, true }, { "6.1", 192, false }
	};

	for (u32 i = 0; i < ARRAY_SIZE(as); i++) {
		const struct release *release;
		struct patches p;
		char *text;

		CU_ASSERT_FATAL(release_parse(as[i].release, &release, &p, NULL));
		text = g_strconcat(as[i].release, release_stable_patches(release, as[i].version), NULL);
		CU_ASSERT_FATAL(release_parse(text, &release, &p, NULL));
		CU_ASSERT_EQUAL(p.mglru_reactivates, as[i].fixed);
		CU_ASSERT_EQUAL(p.mglru_resets_tiers, as[i].fixed);
		g_free(text);
	}
}

static const struct unit tests[] = {
	{ "releases have their designs and patches", test_defaults },
	{ "a patch changes one thing", test_patches },
	{ "errors say what there is", test_errors },
	{ "every patch can be set", test_table },
	{ "7.0-fix is 7.0 with another order of charge and insertion", test_fix },
	{ "a stable series brings fixes", test_stable },
};

UNIT_MAIN("release", tests)
