/* Tasks over time: they come late, leave early, come again, and wait for each other. */
#include "models/run.h"
#include "models/work/work.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/world.h"

#define MS UINT64_C(1000000)
#define HEAD "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB'},"

/* ---- a machine by hand ---- */

static u64 run_one(struct world *w, struct workload *load)
{
	u64 start;

	world_init(w, (struct world_size){ 0 });
	w->k->mm[0].users = 0;
	start = w->k->machine.now;
	work_add_task(w->k, load, 0, 0, true);
	CU_ASSERT_FATAL(machine_run(&w->k->machine, TIME_NEVER - 1, NULL));
	return w->k->machine.now - start;
}

static void test_start(void)
{
	struct workload load = { .pattern = PATTERN_SEQ,
				 .pages = 10,
				 .fill = true,
				 .start_ns = 7 * MS,
				 .begun_mark = "a_begun",
				 .ended_mark = "a_ended" };
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	w.k->mm[0].users = 0;
	work_add_task(w.k, &load, 0, 0, true);
	CU_ASSERT(machine_run(&w.k->machine, 7 * MS - 1, NULL));
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 0);
	CU_ASSERT_EQUAL(w.k->mm[0].users, 0);
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 10);
	CU_ASSERT(w.k->machine.now > 7 * MS && w.k->machine.now < 8 * MS);
	CU_ASSERT_EQUAL(w.k->mm[0].users, 0);
	world_release(&w);
}

/* A page a microsecond, the fill included; accesses from the end on are not made. */
static void test_stop_after(void)
{
	struct workload load = { .pattern = PATTERN_SEQ,
				 .pages = 1,
				 .fill = true,
				 .gap_ps = 1000000,
				 .accesses = 1000000,
				 .stop_ns = MS };
	struct world w;
	u64 took = run_one(&w, &load);

	CU_ASSERT(took >= MS && took < MS + 10000);
	CU_ASSERT(counted(&w, ACCESSES) >= 985 && counted(&w, ACCESSES) <= 999);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	world_release(&w);
	load.stop_ns = 499 * MS;
	load.gap_ps = 4000000000; /* 4 ms: it does not wait for the access that would be too late */
	took = run_one(&w, &load);
	CU_ASSERT(took >= 499 * MS && took < 499 * MS + 20000);
	world_release(&w);
}

static void test_stop_after_calls(void)
{
	struct workload load = { .pattern = PATTERN_PAGEOUT,
				 .pages = 1,
				 .gap_ps = 3000000000,
				 .accesses = 1000000,
				 .stop_ns = 7 * MS };
	struct world w;
	u64 took = run_one(&w, &load);

	CU_ASSERT(took >= 7 * MS && took < 7 * MS + 10000);
	CU_ASSERT_EQUAL(w.k->work[0].done, 3);
	world_release(&w);
}

static void test_stop_accesses(void)
{
	static const enum pattern patterns[] = { PATTERN_SEQ, PATTERN_HOTCOLD, PATTERN_PAGEOUT,
						 PATTERN_CHURN };

	for (u32 i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct workload load = { .pattern = patterns[i],
					 .pages = 10,
					 .accesses = 1000,
					 .chunks = 5,
					 .phases = 4,
					 .hot_pages = 2,
					 .hot_permille = 900,
					 .stop_accesses = 300 };
		struct world w;

		load.phases = patterns[i] == PATTERN_HOTCOLD ? 4 : 0;
		run_one(&w, &load);
		if (patterns[i] ==
		    PATTERN_HOTCOLD) { /* the second phase began, as long as it would have been */
			CU_ASSERT_EQUAL(w.k->work[0].mark, 1);
			CU_ASSERT_EQUAL(w.k->work[0].done, 300);
		} else if (patterns[i] != PATTERN_PAGEOUT) {
			CU_ASSERT_EQUAL(counted(&w, ACCESSES), patterns[i] == PATTERN_CHURN ? 600 : 300);
		} else {
			CU_ASSERT_EQUAL(w.k->work[0].done, 301);
		}
		world_release(&w);
	}
}

static void test_repeat(void)
{
	struct workload load = { .pattern = PATTERN_SEQ,
				 .pages = 50,
				 .fill = true,
				 .accesses = 100,
				 .repeat = 3,
				 .pause_ns = 20 * MS };
	struct world w;
	u64 took = run_one(&w, &load);

	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 450);
	CU_ASSERT_EQUAL(counted(&w, PGFAULT), 150); /* its memory is new each time */
	CU_ASSERT(took > 40 * MS && took < 42 * MS);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	world_release(&w);
}

static void test_memory_is_free_in_the_pause(void)
{
	struct workload load = {
		.pattern = PATTERN_SEQ, .pages = 50, .fill = true, .repeat = 2, .pause_ns = 20 * MS
	};
	struct world w;
	char *wrong;

	world_init(&w, (struct world_size){ 0 });
	w.k->mm[0].users = 0;
	work_add_task(w.k, &load, 0, 0, true);
	CU_ASSERT(machine_run(&w.k->machine, 10 * MS, NULL));
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 50);
	CU_ASSERT_EQUAL(w.k->mm[0].anon_pages, 0);
	CU_ASSERT_EQUAL(w.k->mm[0].users, 0);
	wrong = audit(w.k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 100);
	world_release(&w);
}

/* The last task of the old process is still giving back its memory. */
static void test_not_before_the_old_one_is_gone(void)
{
	struct workload load = { .pattern = PATTERN_SEQ, .pages = 10, .fill = true, .start_ns = MS };
	struct world w;

	world_init(&w, (struct world_size){ 0 });
	w.k->mm[0].users = 0;
	w.k->mm[0].oom = MM_EXITING;
	work_add_task(w.k, &load, 0, 0, true);
	CU_ASSERT(machine_run(&w.k->machine, 30 * MS, NULL));
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 0);
	w.k->mm[0].oom = MM_OOM_SKIP;
	CU_ASSERT(machine_run(&w.k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 10);
	world_release(&w);
}

/* Random patterns go on with their choices. */
static void test_other_choices(void)
{
	struct workload load = {
		.pattern = PATTERN_RAND, .pages = 1000, .accesses = 100, .stream = 5, .repeat = 2
	};
	struct world w;

	run_one(&w, &load);
	CU_ASSERT_EQUAL(w.k->work[0].drawn, 200);
	world_release(&w);
}

/* ---- usemem ---- */

static void test_touches(void)
{
	struct workload load = { .pattern = PATTERN_SEQ, .pages = 3, .touches = 4, .accesses = 24 };
	struct world w;

	run_one(&w, &load);
	CU_ASSERT_EQUAL(counted(&w, ACCESSES), 24);
	CU_ASSERT_EQUAL(w.k->work[0].place, 0); /* twice round */
	load.accesses = 13;
	world_release(&w);
	run_one(&w, &load);
	CU_ASSERT_EQUAL(w.k->work[0].place, 0);
	CU_ASSERT_EQUAL(w.k->work[0].left, 1);
	world_release(&w);
}

static struct run_result *result_of(const char *text)
{
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, "6.18");
	struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

	CU_ASSERT_FATAL(r != NULL);
	scenario_free(s);
	return r;
}

static const struct run_phase *phase_of(const struct run_result *r, const char *name)
{
	for (u32 i = 0; i < r->phases; i++)
		if (!strcmp(r->phase[i].name, name))
			return &r->phase[i];
	return NULL;
}

/* Threads that are forked one after the other: each begins when its seed says, and is there before. */
static void test_start_within(void)
{
	static const char text[] = HEAD "'tasks':[{'name':'a','count':3,'start_within':'5ms','workload':"
					"{'seq':{'pages':10}}}]}";
	u64 late[2][3];

	for (u32 seed = 0; seed < 2; seed++) {
		struct scenario *s = scenario_right(text);
		struct build_options options = { .kernel = "6.18", .seed = seed };
		struct kernel *k = scenario_build(s, &options, NULL);
		struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

		for (u32 i = 0; i < 3; i++) {
			late[seed][i] = k->program[i]->late_ns;
			CU_ASSERT(late[seed][i] < 5 * MS);
			CU_ASSERT(r->time_ns > late[seed][i]);
		}
		CU_ASSERT(r->time_ns < 6 * MS);
		CU_ASSERT_STRING_EQUAL(r->phase[r->phases - 1].name, "run"); /* no phase begins with them */
		CU_ASSERT(late[seed][0] != late[seed][1] && late[seed][1] != late[seed][2]);
		run_result_free(r);
		kernel_free(k);
		scenario_free(s);
	}
	CU_ASSERT(late[0][0] != late[1][0]);
}

/* With -x nobody frees before all have gone over their memory. */
static void test_usemem(void)
{
	for (u32 sync = 0; sync < 2; sync++) {
		char *text = g_strdup_printf(
		    HEAD "'tasks':[{'name':'u','count':4,'workload':{'usemem':{'pages':500,'passes':2,"
			 "'step':'1KiB','sync_free':%s}}}]}",
		    sync ? "true" : "false");
		struct run_result *r = result_of(text);

		CU_ASSERT_EQUAL(r->phase[0].count[0][ACCESSES], 4 * 500 * 2 * 4);
		CU_ASSERT_EQUAL(r->phase[0].count[0][PGFAULT], 4 * 500);
		CU_ASSERT_EQUAL(r->latency[LATENCY_MUNMAP].count, 4);
		CU_ASSERT_EQUAL_FATAL(r->phases, 3);
		CU_ASSERT_STRING_EQUAL(r->phase[1].name, "run");
		CU_ASSERT_STRING_EQUAL(r->phase[2].name, "munmap");
		CU_ASSERT_EQUAL(r->phase[2].count[0][ACCESSES], 0);
		if (sync) /* four at a time on two CPUs, locks taken once a batch */
			CU_ASSERT(r->phase[2].end_ns - r->phase[2].begin_ns >
				  r->latency[LATENCY_MUNMAP].total / 5);
		run_result_free(r);
		g_free(text);
	}
}

static void test_usemem_description(void)
{
	struct scenario *s = scenario_right(
	    HEAD "'tasks':[{'name':'a','workload':{'usemem':{'pages':10}}},"
		 "{'name':'b','count':3,'workload':{'usemem':{'pages':10,'passes':2,'step':8,'random':true,"
		 "'readonly':true,'sync_free':true}}}]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);
	const struct workload *a = k->program[0], *b = k->program[3];

	CU_ASSERT(a->pattern == PATTERN_SEQ && a->write_permille == 1000 && a->touches == 1);
	CU_ASSERT(a->accesses == 10 && a->munmap && !a->fill && !a->gate_tasks);
	CU_ASSERT(b->pattern == PATTERN_RAND && b->write_permille == 0 && b->touches == 512);
	CU_ASSERT(b->accesses == 2 * 10 * 512 && b->gate_tasks == 3 && b->gate_first == 1);
	CU_ASSERT_EQUAL(k->work[1].members, 3);
	kernel_free(k);
	scenario_free(s);
}

/* ---- in scenarios ---- */

static void test_phases(void)
{
	struct run_result *r = result_of(
	    HEAD "'tasks':[{'name':'base','workload':{'seq':{'pages':10,'passes':100000,'think':'100ns'}}},"
		 "{'name':'load','start':'20ms','stop':{'after':'30ms'},"
		 "'workload':{'rand':{'pages':10,'accesses':100000000,'think':'1us'}}}]}");
	static const char *const names[] = { "all", "init", "run", "load_begun", "load_ended" };

	CU_ASSERT_EQUAL_FATAL(r->phases, 5);
	for (u32 i = 0; i < 5; i++)
		CU_ASSERT_STRING_EQUAL(r->phase[i].name, names[i]);
	CU_ASSERT(r->phase[3].begin_ns >= 20 * MS && r->phase[3].begin_ns < 21 * MS);
	CU_ASSERT(r->phase[4].begin_ns >= 50 * MS && r->phase[4].begin_ns < 51 * MS);
	CU_ASSERT(r->phase[3].count[0][ACCESSES] > 325000 && r->phase[3].count[0][ACCESSES] < 331000);
	run_result_free(r);
}

static void test_repeated_phases(void)
{
	struct run_result *r = result_of(
	    HEAD
	    "'tasks':[{'name':'base','workload':{'seq':{'pages':10,'passes':100000,'think':'100ns'}}},"
	    "{'name':'job','repeat':3,'pause':'10ms','workload':{'rand':{'pages':100,'accesses':1000}}}]}");

	CU_ASSERT_EQUAL(r->phases, 4);
	CU_ASSERT(phase_of(r, "run") && phase_of(r, "job_ended"));
	CU_ASSERT(phase_of(r, "job_ended")->begin_ns > 20 * MS);
	CU_ASSERT_EQUAL(r->phase[0].count[0][PGFAULT], 10 + 3 * 100);
	run_result_free(r);
}

/* Others of the process go on; a new one finds the memory only while somebody is in it. */
static void test_shared_process(void)
{
	struct run_result *r =
	    result_of(HEAD "'processes':[{'name':'p'}],'tasks':["
			   "{'name':'a','process':'p','workload':{'seq':{'pages':100}}},"
			   "{'name':'b','process':'p','start':'50ms','repeat':2,"
			   "'workload':{'seq':{'pages':100,'fill':'none','write_permille':1000}}}]}");

	CU_ASSERT_EQUAL(r->phase[0].count[0][PGFAULT], 300); /* each finds it empty */
	run_result_free(r);
	r = result_of(
	    HEAD "'processes':[{'name':'p'}],'tasks':["
		 "{'name':'a','process':'p','workload':{'seq':{'pages':100,'passes':10000,'think':'1us'}}},"
		 "{'name':'b','process':'p','start':'50ms','repeat':2,"
		 "'workload':{'seq':{'pages':100,'fill':'none','write_permille':1000}}}]}");
	CU_ASSERT_EQUAL(r->phase[0].count[0][PGFAULT], 100);
	run_result_free(r);
}

/* Whose process was killed while it was away does not come back, and nobody waits for it. */
static void test_killed(void)
{
	struct run_result *r = result_of(
	    "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB'},"
	    "'cgroups':[{'name':'g','memory.max':'4MiB'}],'tasks':["
	    "{'name':'big','cgroup':'g','repeat':5,'pause':'1ms','workload':{'seq':{'pages':2000}}},"
	    "{'name':'u','count':2,'cgroup':'g','workload':{'usemem':{'pages':300,'sync_free':true}}}]}");

	CU_ASSERT(r->kill->len >= 1);
	CU_ASSERT_STRING_EQUAL(g_array_index(r->kill, struct run_kill, 0).task, "big");
	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT_EQUAL(r->latency[LATENCY_MUNMAP].count, 2);
	run_result_free(r);
}

/* At the gate with all its memory, and killed there: it goes at once, and the other, who is late because of a
 * neighbour on its CPU, finds the gate open. */
static void test_killed_at_the_gate(void)
{
	struct run_result *r = result_of(
	    "{'format':1,'name':'t','machine':{'cpus':3,'memory':'64MiB'},"
	    "'cgroups':[{'name':'g','memory.max':'4MiB'}],'tasks':["
	    "{'name':'u','count':2,'cpus':[0,1],'cgroup':'g','oom_score_adj':'500','workload':{'usemem':{"
	    "'pages':350,'think':'100us','sync_free':true}}},"
	    "{'name':'neighbour','cpus':[1],'workload':{'seq':{'pages':10,'passes':100,'think':'100us'}}},"
	    "{'name':'late','cgroup':'g','start':'50ms','oom_score_adj':'-1000','workload':{'seq':{'pages':"
	    "500}}}"
	    "]}");
	const struct run_kill *kill = &g_array_index(r->kill, struct run_kill, 0);

	CU_ASSERT_EQUAL_FATAL(r->kill->len, 1);
	CU_ASSERT_STRING_EQUAL(kill->task, "u-0");
	CU_ASSERT(kill->time_ns > 50 * MS && kill->time_ns < 60 * MS);
	CU_ASSERT_EQUAL(kill->anon_pages, 350);
	CU_ASSERT_EQUAL(r->latency[LATENCY_MUNMAP].count, 1);
	CU_ASSERT(phase_of(r, "munmap") != NULL);
	CU_ASSERT(r->time_ns < 200 * MS); /* the reaper has nothing to do */
	run_result_free(r);
}

static void check_error(const char *tasks, const char *message)
{
	char *text = g_strdup_printf("{'format':1,'name':'t','stop':{'after':'1s'},'tasks':[%s]}", tasks);
	GError *error = NULL;
	struct scenario *s = scenario_from(text, &error);

	CU_ASSERT_PTR_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(error->message, message);
	if (strcmp(error->message, message))
		printf("\n  is: %s\nnot: %s\n", error->message, message);
	g_error_free(error);
	g_free(text);
}

#define TASK(more, workload) "{'name':'a'," more "'workload':{" workload "}}"

static void test_errors(void)
{
	check_error(TASK("'pause':'1s',", "'seq':{'pages':8}"),
		    "s.json:1:75: tasks[0].pause: stands without \"repeat\" (expected repeat 2 or more)");
	check_error(TASK("'stop':{},", "'seq':{'pages':8}"),
		    "s.json:1:74: tasks[0].stop: says nothing (expected \"after\", \"accesses\" or both)");
	check_error(
	    TASK("'start':'1s',", "'seq':{'pages':8}"),
	    "s.json:1:75: tasks[0].start: is not before the end of the run (expected less than stop.after)");
	check_error(
	    TASK("", "'usemem':{'pages':8,'step':24}"),
	    "s.json:1:106: tasks[0].workload.usemem.step: does not divide a page (expected 8, 16, 32, ... "
	    "4KiB)");
	check_error(
	    TASK("", "'hotcold':{'pages':8,'accesses':1,'phases':17}"),
	    "s.json:1:122: tasks[0].workload.hotcold.phases: the number 17 is out of range (expected an "
	    "integer, 1..16)");
	check_error(TASK("", "'objects':{'pages':8,'accesses':1,'object':32769}"),
		    "s.json:1:122: tasks[0].workload.objects.object: is more than all the memory (expected a "
		    "part of it)");
	check_error(TASK("", "'churn':{'pages':8,'refills':1,'order':[7,8]}"),
		    "s.json:1:118: tasks[0].workload.churn.order: 8 is no chunk (expected 0 to 7)");
	check_error(TASK("", "'churn':{'pages':8}"),
		    "s.json:1:87: tasks[0].workload.churn: missing key \"refills\" (expected an integer, "
		    "1..9007199254740992)");
}

/* ---- modes ---- */

static void test_modes(void)
{
	struct scenario *s = scenario_right(
	    HEAD "'swap':[{'device':'zram-lz4','size':'16MiB'}],'cgroups':[{'name':'g','memory.max':'2MiB'}],"
		 "'tasks':[{'name':'a','cgroup':'g','workload':{'hotcold':{'pages':400,'accesses':4000,"
		 "'think':'1us'}}},"
		 "{'name':'b','cgroup':'g','start':'1ms','stop':{'after':'900us'},'repeat':3,'pause':'300us',"
		 "'workload':{'zipf':{'pages':300,'accesses':100000,'think':'170ns','write_permille':300}}},"
		 "{'name':'c','cgroup':'g','count':2,'start':'2ms','workload':{'usemem':{'pages':300,"
		 "'step':'1KiB','sync_free':true}}},"
		 "{'name':'d','cgroup':'g','stop':{'accesses':7},'workload':{'churn':{'pages':200,'chunks':4,"
		 "'refills':100}}}]}");
	struct build_options options = options_of(s, "6.18");
	struct run_result *r[2];

	for (u32 slow = 0; slow < 2; slow++) {
		options.every_step = slow;
		r[slow] = run_scenario(s, &options, NULL, NULL, NULL);
		CU_ASSERT_FATAL(r[slow] != NULL);
	}
	CU_ASSERT_EQUAL(r[0]->fingerprint_events, r[1]->fingerprint_events);
	CU_ASSERT_EQUAL(r[0]->fingerprint_counts, r[1]->fingerprint_counts);
	CU_ASSERT_EQUAL(r[0]->time_ns, r[1]->time_ns);
	CU_ASSERT(r[0]->phase[0].count[0][PSWPIN] > 500);
	run_result_free(r[0]);
	run_result_free(r[1]);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "a task that starts late is not there before", test_start },
	{ "a task stops at its time, and makes no access from then on", test_stop_after },
	{ "nor does it wait for a call that would be too late", test_stop_after_calls },
	{ "or it stops after some of its accesses, calls or chunks", test_stop_accesses },
	{ "a task comes again, with new memory", test_repeat },
	{ "its memory is free while it is away", test_memory_is_free_in_the_pause },
	{ "nobody begins in memory that is still being given back", test_not_before_the_old_one_is_gone },
	{ "a task that comes again makes other choices", test_other_choices },
	{ "a sweep may touch each page several times", test_touches },
	{ "usemem goes over its memory and unmaps it, all together if asked to", test_usemem },
	{ "a description says all of usemem", test_usemem_description },
	{ "threads of a kind begin apart if asked to", test_start_within },
	{ "tasks that come and go make phases", test_phases },
	{ "one that comes again makes a phase with its end", test_repeated_phases },
	{ "memory that is shared stays as long as one task does", test_shared_process },
	{ "a task that was killed does not come back", test_killed },
	{ "one that is killed while it waits for others does not hold them up", test_killed_at_the_gate },
	{ "what contradicts itself is pointed at", test_errors },
	{ "an event per access gives the same run", test_modes },
};

UNIT_MAIN("work, life", tests)
