/* The OOM killer: when it comes, whom it takes, what becomes of the others. */
#include "models/mm/oom.h"

#include "models/paths.h"
#include "sim/sched.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

static struct run_result *run_on(const char *text, const char *kernel, bool every_step)
{
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, kernel);
	GError *error = NULL;
	struct run_result *r;

	options.every_step = every_step;
	r = run_scenario(s, &options, NULL, NULL, &error);
	if (!r)
		g_error("%s", error->message);
	scenario_free(s);
	return r;
}

static u64 counted(const struct run_result *r, enum counter id)
{
	return r->phase[0].count[0][id];
}

static const struct run_kill *kill_of(const struct run_result *r, u32 i)
{
	CU_ASSERT_FATAL(i < r->kill->len);
	return &g_array_index(r->kill, struct run_kill, i);
}

/* ---- when ---- */

/* 64 MiB are written once, half of them fit: what real kernels were asked to do. */
static struct run_result *allocate(u32 version, const char *limit, const char *kernel)
{
	char *text = g_strdup_printf(
	    "{'format':1,'name':'alloc','machine':{'cpu':'vm','cgroup_version':%u},'swap':[{'device':"
	    "'zram-lzo-rle','size':'2GiB'}],'cgroups':[{'name':'g','memory.max':'32MiB',%s}],'tasks':[{"
	    "'name':'t','cgroup':'g','workload':{'seq':{'size':'64MiB','passes':1,'fill':'none',"
	    "'write_permille':1000}}}]}",
	    version, limit);
	struct run_result *r = run_on(text, kernel, false);

	g_free(text);
	return r;
}

static void test_swap_limit(void)
{
	static const u32 caps[] = { 8, 16, 31 }; /* MiB */

	for (u32 i = 0; i < ARRAY_SIZE(caps) * ARRAY_SIZE(kernels); i++) {
		u32 cap = caps[i % ARRAY_SIZE(caps)];
		char *limit = g_strdup_printf("'memory.swap.max':'%uMiB'", cap);
		struct run_result *r = allocate(2, limit, kernels[i / ARRAY_SIZE(caps)]);

		CU_ASSERT_EQUAL(r->kill->len, 1);
		CU_ASSERT_EQUAL(counted(r, PSWPOUT), cap * 256);
		CU_ASSERT_EQUAL(r->swap_peak[1], cap * 256);
		CU_ASSERT(counted(r, SWAP_EVENTS_MAX) > 0 && counted(r, SWAP_EVENTS_MAX) < 32);
		CU_ASSERT_EQUAL(counted(r, SWAP_EVENTS_FAIL), counted(r, SWAP_EVENTS_MAX));
		CU_ASSERT_EQUAL(r->memory_peak[1], 8192);
		CU_ASSERT_EQUAL(kill_of(r, 0)->swap_pages, cap * 256);
		CU_ASSERT_EQUAL(kill_of(r, 0)->anon_pages, 8192 - 61);
		CU_ASSERT_EQUAL(kill_of(r, 0)->badness_pages, 8192 + cap * 256);
		CU_ASSERT_EQUAL(counted(r, EVENTS_OOM), 1);
		CU_ASSERT_EQUAL(counted(r, EVENTS_OOM_KILL), 1);
		CU_ASSERT_EQUAL(counted(r, CHARGES_REFUSED), 1);
		run_result_free(r);
		g_free(limit);
	}
}

/* A batch of 64 pages that does not fit below the limit of both takes swap from the charge of one page that
 * would: all the memory is used, so there is nothing else to reclaim. */
static void test_memsw_limit(void)
{
	static const u32 caps[] = { 8, 16, 31 };

	for (u32 i = 0; i < ARRAY_SIZE(caps); i++) {
		char *limit = g_strdup_printf("'memory.memsw.max':'%uMiB'", 32 + caps[i]);
		struct run_result *r = allocate(1, limit, "6.18");

		CU_ASSERT_EQUAL(r->kill->len, 1);
		CU_ASSERT(counted(r, PSWPOUT) > caps[i] * 256 - 64 - 32);
		CU_ASSERT(counted(r, PSWPOUT) < caps[i] * 256 - 16);
		CU_ASSERT(r->memsw_peak[1] > (32 + caps[i]) * 256 - 64);
		CU_ASSERT(r->memsw_peak[1] <= (32 + caps[i]) * 256);
		CU_ASSERT_EQUAL(r->memory_peak[1], 8192);
		CU_ASSERT(counted(r, MEMSW_FAILCNT) > 0);
		run_result_free(r);
		g_free(limit);
	}
}

static void test_no_need(void)
{
	static const char *const limits[] = { "'memory.swap.max':'40MiB'", "'memory.memsw.max':'72MiB'" };

	for (u32 version = 1; version <= 2; version++) {
		struct run_result *r = allocate(version, limits[2 - version], "6.18");

		CU_ASSERT_EQUAL(r->kill->len, 0);
		CU_ASSERT_EQUAL(counted(r, EVENTS_OOM), 0);
		CU_ASSERT_EQUAL(counted(r, ACCESSES), 16384);
		run_result_free(r);
	}
}

/* 18 rounds up to the killer, and 17 that the victim makes before it gives up. */
static void test_no_swap(void)
{
	struct run_result *r = allocate(2, "'memory.swap.max':0", "6.18");

	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT_EQUAL(counted(r, EVENTS_MAX), 35);
	CU_ASSERT_EQUAL(counted(r, PGSCAN), 0);
	CU_ASSERT_EQUAL(counted(r, SWAP_EVENTS_FAIL), 0);
	CU_ASSERT_EQUAL(counted(r, PGFAULT), 8192 - 61 + 1);
	run_result_free(r);
}

/* ---- who ---- */

/* Two processes of a cgroup of 1000 pages without swap; @big and @small are keys of theirs. */
static char *two_processes(const char *big, const char *small)
{
	return g_strdup_printf(
	    "{'format':1,'name':'two','machine':{'cpus':4,'memory':'64MiB'},'cgroups':[{'name':'g',"
	    "'memory.max':'4000KiB'}],'processes':[{'name':'big','overhead_pages':10%s},{'name':'small',"
	    "'overhead_pages':10%s}],'tasks':[{'name':'b','count':3,'process':'big','cgroup':'g','workload':"
	    "{'rand':{'pages':2000,'accesses':20000,'write_permille':1000,'think':'1us','fill':'none'}}},"
	    "{'name':'s','process':'small','cgroup':'g','workload':{'rand':{'pages':300,'accesses':5000,"
	    "'write_permille':1000,'think':'2us','fill':'none'}}}]}",
	    big, small);
}

static void test_larger_dies(void)
{
	char *text = two_processes("", "");

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct run_result *r = run_on(text, kernels[i], false);
		const struct run_kill *kill = kill_of(r, 0);

		CU_ASSERT_EQUAL(r->kill->len, 1);
		CU_ASSERT_STRING_EQUAL(kill->cgroup, "g");
		CU_ASSERT_STRING_EQUAL(kill->task, "b-0");
		CU_ASSERT_STRING_EQUAL(kill->process, "big");
		CU_ASSERT_EQUAL(kill->swap_pages, 0);
		CU_ASSERT_EQUAL(kill->badness_pages, kill->anon_pages + 10);
		CU_ASSERT(kill->time_ns > 0 && kill->time_ns < r->time_ns);
		/* the small one makes all of its 5000 accesses, the three of the big one but some */
		CU_ASSERT(counted(r, ACCESSES) > 5000 && counted(r, ACCESSES) < 60000);
		CU_ASSERT(r->time_ns >= 10000000);
		run_result_free(r);
	}
	g_free(text);
}

static void test_spared(void)
{
	char *text = two_processes(",'oom_score_adj':'-1000'", "");
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	GError *error = NULL;
	struct kernel *k = scenario_build(s, &options, NULL);

	/* the small one has to go first, and then there is nobody left */
	CU_ASSERT_FALSE(machine_run(&k->machine, TIME_NEVER - 1, &error));
	CU_ASSERT_EQUAL(k->count[0][EVENTS_OOM_KILL], 1);
	CU_ASSERT_EQUAL(k->mm[0].oom, 0);
	CU_ASSERT_EQUAL(k->mm[1].oom & (MM_SIGKILL | MM_OOM_SKIP), MM_SIGKILL | MM_OOM_SKIP);
	CU_ASSERT_FATAL(error != NULL);
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, ", and there is nobody to kill: there is no swap ("));
	g_error_free(error);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

/* The victim wants the only CPU, and the one that waits for room has nothing to scan. */
static void test_one_cpu(void)
{
	static const char *const preemptions[] = { "none", "voluntary", "full" };

	for (u32 i = 0; i < ARRAY_SIZE(preemptions); i++) {
		char *text = g_strdup_printf("{'format':1,'name':'t','machine':{'memory':'64MiB','preemption'"
					     ":'%s'},'cgroups':[{'name':'g',"
					     "'memory.max':'4000KiB'}],'tasks':[{'name':'big','cgroup':'g','"
					     "workload':{'seq':{'pages':600,"
					     "'passes':100000,'think':'10us'}}},{'name':'small','cgroup':'g',"
					     "'workload':{'seq':{'pages':580,"
					     "'passes':2,'think':'200us'}}}],'stop':{'after':'2s'}}",
					     preemptions[i]);
		struct run_result *r = run_on(text, "6.18", false);

		CU_ASSERT_EQUAL(r->kill->len, 1);
		CU_ASSERT_STRING_EQUAL(kill_of(r, 0)->process, "big");
		CU_ASSERT(counted(r, EVENTS_OOM) > 1); /* it is asked again until the victim is gone */
		CU_ASSERT(r->time_ns < NS_PER_SECOND);
		run_result_free(r);
		g_free(text);
	}
}

/* No second one while a victim is on its way, whoever it is; one that has given all is passed over. */
static void test_one_at_a_time(void)
{
	char *text = two_processes("", "");
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	k->mm[0].oom = MM_OOM_VICTIM;
	CU_ASSERT(machine_run(&k->machine, 50000000, NULL));
	CU_ASSERT(k->count[0][EVENTS_OOM] > 10);
	CU_ASSERT_EQUAL(k->count[0][EVENTS_OOM_KILL], 0);
	k->mm[0].oom |= MM_OOM_SKIP;
	machine_run(&k->machine, 60000000, NULL); /* ends for want of a third */
	CU_ASSERT_EQUAL(k->count[0][EVENTS_OOM_KILL], 1);
	CU_ASSERT(k->mm[1].oom & MM_SIGKILL);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

static void test_badness(void)
{
	char *text = two_processes("", ",'oom_score_adj':'-3'");
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	k->mm[0].anon_pages = 1;
	k->mm[0].file_pages = 20;
	k->mm[0].swap_ents = 300;
	CU_ASSERT_EQUAL(oom_badness(k, 0, 5999), 321 + 10);
	CU_ASSERT_EQUAL(oom_badness(k, 1, 5999), 10 - 3 * 5);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

/* 900 thousandths of 1000 pages make the small one the worse. */
static void test_score(void)
{
	char *text = two_processes("", ",'oom_score_adj':'900'");
	struct run_result *r = run_on(text, "6.18", false);

	CU_ASSERT_EQUAL(r->kill->len, 2);
	CU_ASSERT_STRING_EQUAL(kill_of(r, 0)->process, "small");
	CU_ASSERT_EQUAL(kill_of(r, 0)->badness_pages, kill_of(r, 0)->anon_pages + 10 + 900);
	CU_ASSERT_STRING_EQUAL(kill_of(r, 1)->process, "big");
	run_result_free(r);
	g_free(text);
}

/* Without swappiness the swap there is counts for nothing, whatever the version. */
static void test_score_without_swappiness(void)
{
	for (u32 version = 1; version <= 2; version++) {
		char *text = g_strdup_printf(
		    "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB','swappiness':0,'cgroup_"
		    "version'"
		    ":%u},'swap':[{'device':'zram-lz4','size':'8MiB'}],'cgroups':[{'name':'g','memory.max':"
		    "'4000KiB'}],'tasks':[{'name':'big','cgroup':'g','workload':{'seq':{'pages':800,'passes':"
		    "100,'think':'1us'}}},{'name':'small','cgroup':'g','oom_score_adj':'400','workload':{'"
		    "seq'"
		    ":{'pages':300,'passes':20,'think':'10us'}}}]}",
		    version);
		struct run_result *r = run_on(text, "6.18", false);

		CU_ASSERT_EQUAL(r->kill->len, 1);
		CU_ASSERT_STRING_EQUAL(kill_of(r, 0)->process, "big"); /* 400 of 1000 pages, not of 3048 */
		run_result_free(r);
		g_free(text);
	}
}

/* Whose limit is met decides among whom is chosen: the largest of all is elsewhere. */
static void test_subtree(void)
{
	struct run_result *r = run_on(
	    "{'format':1,'name':'t','machine':{'cpus':3,'memory':'64MiB'},'cgroups':[{'name':'up','memory."
	    "max':"
	    "'2000KiB'},{'name':'a','parent':'up'},{'name':'b','parent':'up'},{'name':'out'}],'tasks':["
	    "{'name':'x','cgroup':'out','workload':{'seq':{'pages':4000,'passes':20}}},"
	    "{'name':'y','cgroup':'a','workload':{'seq':{'pages':300,'passes':20,'think':'1us'}}},"
	    "{'name':'z','cgroup':'b','workload':{'seq':{'pages':200,'passes':20,'think':'4us'}}}]}",
	    "6.18", false);

	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT_STRING_EQUAL(kill_of(r, 0)->cgroup, "up");
	CU_ASSERT_STRING_EQUAL(kill_of(r, 0)->process, "y");
	CU_ASSERT_EQUAL(r->phase[0].count[1][EVENTS_OOM_KILL], 1);
	CU_ASSERT_EQUAL(r->phase[0].count[2][EVENTS_OOM_KILL], 1);
	CU_ASSERT_EQUAL(r->phase[0].count[3][EVENTS_OOM_KILL], 0);
	CU_ASSERT_EQUAL(r->phase[0].count[2][EVENTS_OOM], 0);
	CU_ASSERT_EQUAL(r->phase[0].count[4][EVENTS_OOM], 0);
	run_result_free(r);
}

/* ---- the run that goes on ---- */

static void test_same_by_steps(void)
{
	char *text = two_processes("", ",'oom_score_adj':'900'");

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct run_result *fast = run_on(text, kernels[i], false),
				  *slow = run_on(text, kernels[i], true);

		CU_ASSERT_EQUAL(fast->fingerprint_events, slow->fingerprint_events);
		CU_ASSERT_EQUAL(fast->fingerprint_counts, slow->fingerprint_counts);
		CU_ASSERT_EQUAL(fast->time_ns, slow->time_ns);
		CU_ASSERT_EQUAL(fast->kill->len, slow->kill->len);
		CU_ASSERT_EQUAL(kill_of(fast, 0)->time_ns, kill_of(slow, 0)->time_ns);
		run_result_free(fast);
		run_result_free(slow);
	}
	g_free(text);
}

/* The fill of the one that was killed is not waited for; when all are killed no phase begins. */
static void test_phases(void)
{
	static const char text[] = "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB'},'cgroups':[{"
				   "'name':'g','memory.max':"
				   "'2000KiB'}],'tasks':[{'name':'b','cgroup':'g','workload':{'seq':{'pages':"
				   "2000,'think':'1us'}}}%s]}";
	char *alone = g_strdup_printf(text, "");
	char *both = g_strdup_printf(
	    text, ",{'name':'s','cgroup':'g','workload':{'seq':{'pages':50,'passes':200,'think':'1us'}}}");
	struct run_result *r = run_on(alone, "6.18", false);

	CU_ASSERT_EQUAL(r->phases, 2);
	CU_ASSERT_STRING_EQUAL(r->phase[1].name, "init");
	CU_ASSERT_EQUAL(r->phase[1].end_ns, r->time_ns);
	run_result_free(r);
	r = run_on(both, "6.18", false);
	CU_ASSERT_EQUAL(r->phases, 3);
	CU_ASSERT_STRING_EQUAL(r->phase[2].name, "run");
	CU_ASSERT(r->phase[2].begin_ns >= kill_of(r, 0)->time_ns);
	CU_ASSERT(r->phase[2].begin_ns < r->time_ns);
	run_result_free(r);
	g_free(alone);
	g_free(both);
}

/* ---- the reaper ---- */

/* A victim that gets no CPU: a task of fixed priority keeps it from the only one it may run on. Who waits for
 * its memory does so by trying; another one keeps him from that after a while, and is done soon after the
 * reaper. */
static void test_reaper(void)
{
	static const char text[] =
	    "{'format':1,'name':'t','machine':{'cpus':3,'memory':'64MiB'},'swap':[{'device':'zram-lz4','size'"
	    ":"
	    "'8MiB'}],'cgroups':[{'name':'g','memory.max':'4000KiB','memory.swap.max':'1MiB'},{'name':'o'}],"
	    "'tasks':[{'name':'victim','cgroup':'g','cpus':[0],'workload':{'seq':{'pages':900,'passes':"
	    "1000000,"
	    "'think':'10us'}}},{'name':'other','cgroup':'g','cpus':[1],'workload':{'seq':{'pages':400,'"
	    "passes':"
	    "10,'think':'4ms'}}},{'name':'hog','cgroup':'o','cpus':[0],'workload':{'seq':{'pages':1,"
	    "'fill':'none','passes':1000000,'think':'4ms'}}},{'name':'hog2','cgroup':'o','cpus':[1],"
	    "'workload':{'seq':{'pages':1,'fill':'none','passes':800,'think':'4ms'}}}]}";
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);
	struct machine *m = &k->machine;
	u64 killed, pages;

	CU_ASSERT(machine_run(m, 50000000, NULL)); /* the victim has its pages */
	CU_ASSERT_EQUAL(k->mm[0].anon_pages + k->mm[0].swap_ents, 900);
	m->task[2].priority = 1;
	while (!k->mm[0].oom)
		CU_ASSERT_FATAL(machine_run(m, m->now + 1000000, NULL));
	killed = m->now;
	CU_ASSERT_EQUAL(k->mm[0].oom, MM_SIGKILL | MM_OOM_VICTIM | MM_REAP_QUEUED);
	CU_ASSERT(machine_run(m, killed + NS_PER_SECOND / 10, NULL)); /* the other tries again and again */
	m->task[3].priority = 1;
	CU_ASSERT(machine_run(m, killed + 19 * NS_PER_SECOND / 10, NULL));
	CU_ASSERT(k->mm[0].anon_pages + k->mm[0].swap_ents == 900);
	CU_ASSERT_FALSE(k->oom->has_reaper);
	CU_ASSERT(machine_run(m, killed + 21 * NS_PER_SECOND / 10, NULL));
	CU_ASSERT_EQUAL(k->mm[0].anon_pages + k->mm[0].swap_ents, 0);
	CU_ASSERT(k->mm[0].oom & MM_OOM_SKIP && k->mm[0].oom & MM_UNSTABLE);
	CU_ASSERT_EQUAL(k->mm[0].users, 1); /* it is still there */
	CU_ASSERT_EQUAL(k->mm[0].overhead_pages, 61);
	CU_ASSERT_EQUAL(k->oom->reaper_list, 0);
	CU_ASSERT_EQUAL(k->count[0][EVENTS_OOM_KILL], 1);
	CU_ASSERT_EQUAL(m->tasks, 5);
	CU_ASSERT_EQUAL(m->tasks_left, 4); /* the reaper is not waited for */
	CU_ASSERT_EQUAL(k->mm[1].oom, 0);
	pages = k->mm[1].anon_pages + k->mm[1].swap_ents;
	CU_ASSERT(machine_run(m, killed + 29 * NS_PER_SECOND / 10, NULL)); /* the other goes on */
	CU_ASSERT(k->mm[1].anon_pages + k->mm[1].swap_ents > pages + 50);
	kernel_free(k);
	scenario_free(s);
}

/* One that got away by itself is none of its business. */
static void test_reaper_comes_late(void)
{
	char *text = two_processes("", "");
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	while (!(k->mm[0].oom & MM_OOM_SKIP))
		CU_ASSERT_FATAL(machine_run(&k->machine, k->machine.now + 1000000, NULL));
	CU_ASSERT_EQUAL(k->mm[0].users, 0);
	CU_ASSERT_EQUAL(k->mm[0].overhead_pages, 0);
	wake_oom_reaper(&k->machine, 0);
	CU_ASSERT_FALSE(k->oom->has_reaper);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

/* Another victim comes when the reaper has seen that there is none and is about to sleep. */
static void test_reaper_hears(void)
{
	char *text = two_processes("", "");
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);
	struct machine *m = &k->machine;
	struct task *reaper;
	char step[128];

	CU_ASSERT(machine_run(m, TIME_NEVER - 1, NULL)); /* the CPUs are free */
	machine_search(m);
	k->mm[0].oom = k->mm[1].oom = 0;
	wake_oom_reaper(m, 0);
	reaper = &m->task[m->tasks - 1];
	do {
		CU_ASSERT_FATAL(machine_enabled(m, reaper) && machine_step(m, reaper));
	} while (strcmp(machine_step_name(m, reaper, 0, step, sizeof step), "oom_reaper.WAIT"));
	wake_oom_reaper(m, 1);
	while (machine_enabled(m, reaper))
		machine_step(m, reaper);
	CU_ASSERT_EQUAL(k->oom->reaper_list, 0);
	CU_ASSERT(k->mm[1].oom & MM_OOM_SKIP);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
}

static const struct unit tests[] = {
	{ "v2 kills when swap.current is swap.max, with all memory used", test_swap_limit },
	{ "v1 kills up to 64 pages before memory and swap are at their limit", test_memsw_limit },
	{ "swap that takes what does not fit saves everybody", test_no_need },
	{ "without swap the kill comes at 35 rounds and no page was scanned", test_no_swap },
	{ "the larger process dies with all its tasks, the smaller goes on", test_larger_dies },
	{ "one CPU is enough for the victim to get out of the way", test_one_cpu },
	{ "one victim at a time", test_one_at_a_time },
	{ "badness is pages in memory and in swap, overhead and score", test_badness },
	{ "who must not be killed is not, and when nobody is left the run fails", test_spared },
	{ "oom_score_adj counts in thousandths of what the cgroup may use", test_score },
	{ "without swappiness oom_score_adj is a share of memory alone", test_score_without_swappiness },
	{ "the victim is of the cgroup whose limit was met, or below it", test_subtree },
	{ "an event for every access and step comes to the same", test_same_by_steps },
	{ "phases do not wait for the dead", test_phases },
	{ "a victim that is stuck loses its memory to the reaper after 2 s", test_reaper },
	{ "one that exits by itself is left alone", test_reaper_comes_late },
	{ "the reaper does not miss who comes while it goes to sleep", test_reaper_hears },
};

UNIT_MAIN("oom", tests)
