/*
 * Swapoff while tasks fault, write, reclaim and give memory back, for many seeds in small worlds: it ends,
 * all slots come back, no page is lost. SWAPSIM_SEEDS says how many seeds; `ctest -L slow` has 1000.
 */
#include <stdio.h>

#include "models/audit.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

enum { STEPS_BETWEEN_CHECKS = 97 /* every step takes too long for so many seeds; see test_mix.c */ };

/* A victim of the OOM killer may wait for a slot that swapoff has claimed, and swapoff, which charges a page
 * for it, for the victim: until the OOM reaper comes after 2 s. */
#define LONGEST_NS UINT64_C(10000000000)

static u64 seeds(void)
{
	const char *n = g_getenv("SWAPSIM_SEEDS");

	return n ? g_ascii_strtoull(n, NULL, 10) : 50;
}

/* What a seed says: the release, the devices, the size of a cluster, when swapoff comes. */
static char *scenario_of(u64 seed)
{
	static const char *const device[] = { "zram-lz4", "nvme-client", "pmem", "disk-rot" };
	u32 releases;
	const struct release *release = release_list(&releases);

	return g_strdup_printf(
	    "{'format':1,'name':'t','machine':{'kernel':'%s','cpus':3,'memory':'2MiB','min_free_kbytes':64,"
	    "'slots_per_cluster':%u,'pages_per_table':8,'slot_cache':4,'charge_batch':2,'reclaim_batch':4},"
	    "'swap':[{'device':'%s','size':'256KiB','priority':%u},{'device':'%s','size':'512KiB','priority':"
	    "5}],"
	    "'cgroups':[{'name':'g','memory.max':'70%%'}],'processes':[{'name':'m','overhead_pages':1},{'"
	    "name':"
	    "'n','overhead_pages':1}],'tasks':["
	    "{'name':'r','process':'m','cgroup':'g','workload':{'zipf':{'pages':48,'accesses':200,"
	    "'write_permille':400,'think':'300ns'}}},"
	    "{'name':'c','process':'n','cgroup':'g','workload':{'churn':{'pages':40,'chunks':5,'refills':5}}}"
	    ","
	    "{'name':'s','process':'m','cgroup':'g','workload':{'seq':{'pages':48,'passes':2}}},"
	    "{'name':'p','process':'n','cgroup':'g','workload':{'pageout':{'pages':40,'passes':3,'think':'"
	    "40us'}}},"
	    "{'name':'e','cgroup':'g','overhead_pages':1,'repeat':3,'pause':'20us','workload':{'rand':{'"
	    "pages':16,'accesses':40}"
	    "}}],"
	    "'operations':[{'at':'%uus','swapoff':0},{'at':'%uus','swapon':0},{'at':'%uus','swapoff':1}]}",
	    release[seed % releases].name, 2u << seed / 2 % 2, device[seed / 3 % 4],
	    (u32)(seed / 5 % 2 * 9 + 1), device[seed / 7 % 2], (u32)(50 + seed * 37 % 600),
	    (u32)(1500 + seed * 53 % 900), (u32)(2500 + seed * 71 % 3000));
}

static bool is_empty(const struct kernel *k, u32 device)
{
	const struct swap_device *si = &k->device[device];

	for (u32 s = si->first_slot; s < si->first_slot + (si->clusters << k->cluster_shift); s++)
		if (k->slot[s].map || k->slot[s].cache || k->slot[s].stored)
			return false;
	return !si->inuse && !si->flags && !si->has_maps;
}

static void check_seed(u64 seed, u32 *gone)
{
	char *text = scenario_of(seed), *wrong;
	struct scenario *s = scenario_right(text);
	struct build_options options = { .seed = seed, .audit_steps = true };
	GError *error = NULL;
	struct kernel *k = scenario_build(s, &options, &error);
	bool ok;

	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	k->machine.config.check_invariants = STEPS_BETWEEN_CHECKS;
	ok = machine_run(&k->machine, LONGEST_NS, &error);

	CU_ASSERT(ok);
	CU_ASSERT_EQUAL(k->machine.tasks_left, 0);
	wrong = ok ? audit(k) : NULL;
	CU_ASSERT_PTR_NULL(wrong);
	if (!ok || wrong || k->machine.tasks_left)
		printf("\nseed %" G_GUINT64_FORMAT ": %s\n%s\n", seed,
		       error   ? error->message
		       : wrong ? wrong
			       : "no end",
		       text);
	for (u32 i = 0; ok && i < k->config.devices; i++) {
		gone[i] += !k->device[i].flags;
		CU_ASSERT(k->device[i].flags || is_empty(k, i));
	}
	g_clear_error(&error);
	g_free(wrong);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

/* The second swapoff may come when all tasks are done, and then it does not come at all. */
static void test_load(void)
{
	u32 gone[2] = { 0 }, n = 0;

	for (u64 seed = 0; seed < seeds(); seed++, n++)
		check_seed(seed, gone);
	printf("%u and %u of %u ", gone[0], gone[1], n);
	CU_ASSERT(gone[1] > n / 4);
}

static const struct unit tests[] = {
	{ "swapoff under load ends, returns every slot and loses no page", test_load },
};

UNIT_MAIN("swapoff under load", tests)
