/*
 * Runs of scenarios: phases, the time series, what a run leaves behind.
 */
#include "tests/unit/unit.h"

#include "tests/unit/scenario_text.h"

#define HEAD "{'format':1,'name':'t','swap':[{'device':'zram-lz4','size':'16MiB'}],"
#define CGROUP "'cgroups':[{'name':'g','memory.max':'60%'}],"

/* Four threads in two processes, faulting, so that the order of everything matters. */
static const char busy[] = HEAD CGROUP
    "'machine':{'cpus':3,'memory':'64MiB','memory_stat_every':'1ms'},'processes':[{'name':'m'}],'tasks':["
    "{'name':'a','count':2,'process':'m','cgroup':'g',"
    "'workload':{'zipf':{'pages':700,'accesses':3000,'write_permille':300}}},"
    "{'name':'b','count':2,'cgroup':'g','workload':{'rand':{'pages':300,'accesses':1000}}}],"
    "'sample':{'every':'1ms'}}";

static struct run_result *run(const char *text, const struct build_options *options, GError **error)
{
	struct scenario *s = scenario_right(text);
	struct run_result *r = run_scenario(s, options, NULL, NULL, error);

	scenario_free(s);
	return r;
}

static struct run_result *run_right(const char *text, const struct build_options *options)
{
	GError *error = NULL;
	struct run_result *r = run(text, options, &error);

	if (!r)
		g_error("%s", error->message);
	return r;
}

static u32 width(void)
{
	u32 n = 0;

	while (run_series_columns()[n])
		n++;
	return n;
}

static u32 column(const char *name)
{
	u32 i = 0;

	while (strcmp(run_series_columns()[i], name))
		i++;
	return i;
}

static u64 at(const struct run_result *r, u32 row, const char *name)
{
	return g_array_index(r->series, u64, row * width() + column(name));
}

static const struct run_cgroup_sample *cgroup_sample(const struct run_result *r, u32 i)
{
	return &g_array_index(r->cgroups, struct run_cgroup_sample, i);
}

static void check_same(const struct run_result *a, const struct run_result *b)
{
	CU_ASSERT_EQUAL(a->fingerprint_events, b->fingerprint_events);
	CU_ASSERT_EQUAL(a->fingerprint_counts, b->fingerprint_counts);
	CU_ASSERT_EQUAL(a->time_ns, b->time_ns);
	CU_ASSERT_EQUAL(a->steps, b->steps);
	CU_ASSERT_EQUAL(a->lock_wait_ns, b->lock_wait_ns);
	CU_ASSERT_EQUAL(memcmp(a->latency, b->latency, NR_LATENCIES * sizeof *a->latency), 0);
	CU_ASSERT_EQUAL(memcmp(a->refault, b->refault, NR_REFAULT_SIZES * sizeof *a->refault), 0);
	CU_ASSERT_EQUAL(memcmp(a->cpu_busy_ns, b->cpu_busy_ns, a->cpus * sizeof *a->cpu_busy_ns), 0);
	CU_ASSERT_EQUAL_FATAL(a->phases, b->phases);
	for (u32 i = 0; i < a->phases; i++) {
		CU_ASSERT_EQUAL(a->phase[i].begin_ns, b->phase[i].begin_ns);
		CU_ASSERT_EQUAL(a->phase[i].end_ns, b->phase[i].end_ns);
		CU_ASSERT_EQUAL(
		    memcmp(a->phase[i].count, b->phase[i].count, a->memcgs * sizeof *a->phase->count), 0);
		CU_ASSERT_EQUAL(memcmp(a->phase[i].pressure, b->phase[i].pressure,
				       a->memcgs * sizeof *a->phase->pressure),
				0);
	}
}

static void check_same_series(const struct run_result *a, const struct run_result *b)
{
	CU_ASSERT_EQUAL_FATAL(a->series->len, b->series->len);
	CU_ASSERT_EQUAL(memcmp(a->series->data, b->series->data, a->series->len * sizeof(u64)), 0);
	CU_ASSERT_EQUAL_FATAL(a->cgroups->len, b->cgroups->len);
	for (u32 i = 0; i < a->cgroups->len; i++) {
		const struct run_cgroup_sample *x = cgroup_sample(a, i), *y = cgroup_sample(b, i);

		CU_ASSERT_EQUAL(x->time_ns, y->time_ns);
		CU_ASSERT_EQUAL(x->memory_pages, y->memory_pages);
		CU_ASSERT_EQUAL(x->swap_pages, y->swap_pages);
		CU_ASSERT_EQUAL(memcmp(x->pressure_ns, y->pressure_ns, sizeof x->pressure_ns), 0);
	}
}

static void test_twice(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct build_options options = { .kernel = kernels[i], .seed = 3 };
		struct run_result *a = run_right(busy, &options), *b = run_right(busy, &options), *c;

		check_same(a, b);
		check_same_series(a, b);
		options.seed = 4;
		c = run_right(busy, &options);
		CU_ASSERT_NOT_EQUAL(a->fingerprint_events, c->fingerprint_events);
		CU_ASSERT_NOT_EQUAL(a->fingerprint_counts, c->fingerprint_counts);
		run_result_free(a);
		run_result_free(b);
		run_result_free(c);
	}
}

/* The rows of the series too: what is in them must not depend on how far tasks run ahead. */
static void test_every_step(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels) * 3; i++) {
		struct build_options options = { .kernel = kernels[i / 3], .seed = 3, .ties = i % 3 };
		struct run_result *a = run_right(busy, &options), *b;

		options.every_step = true;
		b = run_right(busy, &options);
		check_same(a, b);
		check_same_series(a, b);
		CU_ASSERT_EQUAL(a->ties, b->ties);
		CU_ASSERT_TRUE(a->series->len / width() > 5);
		run_result_free(a);
		run_result_free(b);
	}
}

static void test_sampling(void)
{
	struct scenario *s = scenario_right(busy);
	struct build_options options = options_of(s, NULL);
	char *text = scenario_effective(s);
	char **parts = g_strsplit(text, "\"every\": \"1ms\"", 2);
	char *often = g_strconcat(parts[0], "\"every\": \"1us\"", parts[1], NULL);
	char *never = g_strconcat(parts[0], "\"every\": \"1000s\"", parts[1], NULL);
	struct run_result *a = run_right(often, &options), *b = run_right(never, &options);

	check_same(a, b);
	CU_ASSERT_EQUAL(a->ties, b->ties);
	CU_ASSERT_EQUAL(b->series->len, 2 * width());
	CU_ASSERT_EQUAL(a->series->len / width(), (a->time_ns - 1) / 1000 + 2);
	run_result_free(a);
	run_result_free(b);
	g_free(often);
	g_free(never);
	g_strfreev(parts);
	g_free(text);
	scenario_free(s);
}

static void test_series(void)
{
	struct build_options options = { .seed = 3 };
	struct run_result *r = run_right(busy, &options);
	u32 rows = r->series->len / width();

	CU_ASSERT_EQUAL(column("time_ns"), 0);
	CU_ASSERT_EQUAL(r->series->len % width(), 0);
	for (u32 i = 0; i < rows; i++) {
		CU_ASSERT_EQUAL(at(r, i, "time_ns"), i + 1 < rows ? i * UINT64_C(1000000) : r->time_ns);
		for (u32 c = 0; i && c < NR_COUNTERS; c++)
			CU_ASSERT_TRUE(at(r, i, counter_info[c].name) >= at(r, i - 1, counter_info[c].name));
	}
	CU_ASSERT_EQUAL(at(r, 0, "accesses"), 0);
	CU_ASSERT_EQUAL(at(r, 0, "memory_free_pages"), at(r, 0, "memory_free_pages"));
	for (u32 c = 0; c < NR_COUNTERS; c++)
		CU_ASSERT_EQUAL(at(r, rows - 1, counter_info[c].name), r->phase[0].count[0][c]);
	CU_ASSERT_EQUAL(at(r, rows - 1, "lock_wait_ns"), r->lock_wait_ns);
	CU_ASSERT_EQUAL(at(r, rows - 1, "isolated_anon_pages"), 0);
	CU_ASSERT_TRUE(at(r, rows - 2, "swap_used_pages") > 0);
	CU_ASSERT_EQUAL(at(r, rows - 1, "swap_used_pages"), 0); /* all processes are gone */
	CU_ASSERT_EQUAL(at(r, rows - 1, "zram_pool_bytes"), 0);
	run_result_free(r);
}

/* Two below the root, one of them without a limit and without tasks. */
static void test_cgroups(void)
{
	struct build_options options = { .seed = 3 };
	struct run_result *r =
	    run_right(HEAD "'machine':{'cpus':2,'memory':'64MiB'},"
			   "'cgroups':[{'name':'idle'},{'name':'g','memory.max':'1MiB'}],'tasks':[{'name':'a'"
			   ",'count':3,'cgroup':'g',"
			   "'workload':{'rand':{'pages':200,'accesses':2000}}}],'sample':{'every':'1ms'}}",
		      &options);
	u32 rows = r->series->len / width();

	CU_ASSERT_EQUAL_FATAL(r->cgroups->len, 2 * rows);
	for (u32 i = 0; i < rows; i++) {
		const struct run_cgroup_sample *idle = cgroup_sample(r, 2 * i),
					       *g = cgroup_sample(r, 2 * i + 1);

		CU_ASSERT_EQUAL(idle->time_ns, at(r, i, "time_ns"));
		CU_ASSERT_EQUAL(g->time_ns, at(r, i, "time_ns"));
		CU_ASSERT_EQUAL(idle->memcg, 1);
		CU_ASSERT_EQUAL(g->memcg, 2);
		CU_ASSERT_EQUAL(idle->memory_pages + idle->swap_pages + idle->pressure_ns[PSI_MEM_SOME], 0);
		CU_ASSERT_EQUAL(idle->memory_max_pages, PAGE_COUNTER_MAX);
		CU_ASSERT_EQUAL(g->memory_max_pages, 256);
		CU_ASSERT_TRUE(g->memory_pages <= 256);
		CU_ASSERT_TRUE(g->swap_pages <= at(r, i, "swap_used_pages"));
		CU_ASSERT_EQUAL(g->swap_max_pages, PAGE_COUNTER_MAX);
		CU_ASSERT_EQUAL(g->pressure_ns[PSI_MEM_SOME], at(r, i, "memory.pressure:some_ns"));
		CU_ASSERT_EQUAL(g->pressure_ns[PSI_MEM_FULL], at(r, i, "memory.pressure:full_ns"));
	}
	CU_ASSERT_TRUE(cgroup_sample(r, 2 * (rows - 1) - 1)->swap_pages > 0);
	run_result_free(r);
}

/* ---- pressure ---- */

/* One task on one CPU is stalled while it reclaims, and all else stands still. */
static void test_one_task_pressure(void)
{
	struct build_options options = { .seed = 3 };
	struct run_result *r =
	    run_right(HEAD CGROUP "'machine':{'hz':1000},'tasks':[{'name':'a','cgroup':'g',"
				  "'workload':{'seq':{'pages':3000,'passes':3}}}]}",
		      &options);
	u32 last = r->series->len / width() - 1;
	u64 reclaim = r->latency[LATENCY_RECLAIM].total;

	CU_ASSERT_TRUE(reclaim > 1000000);
	CU_ASSERT_EQUAL(at(r, last, "memory.pressure:some_ns"), reclaim);
	CU_ASSERT_EQUAL(at(r, last, "memory.pressure:full_ns"), reclaim);
	for (u32 memcg = 0; memcg < 2; memcg++) {
		CU_ASSERT_EQUAL(r->phase[0].pressure[memcg][PSI_MEM_SOME], reclaim);
		CU_ASSERT_EQUAL(r->phase[0].pressure[memcg][PSI_MEM_FULL], reclaim);
	}
	for (u32 s = 0; s < NR_PSI_PRESSURES; s++) {
		CU_ASSERT_TRUE(r->phase[1].pressure[0][s] > 0);
		CU_ASSERT_EQUAL(r->phase[1].pressure[0][s] + r->phase[2].pressure[0][s], reclaim);
	}
	run_result_free(r);
}

/* Full is what real kernels with one CPU show: 0.35 to 0.6 of some. */
static void test_four_tasks_pressure(void)
{
	struct build_options options = { .seed = 3 };
	struct run_result *r =
	    run_right(HEAD CGROUP "'tasks':[{'name':'a','count':4,'cgroup':'g',"
				  "'workload':{'rand':{'pages':500,'accesses':10000,'think':'4us'}}}]}",
		      &options);
	const u64 *ns = r->phase[2].pressure[1];

	CU_ASSERT_TRUE(ns[PSI_MEM_FULL] * 100 > ns[PSI_MEM_SOME] * 35);
	CU_ASSERT_TRUE(ns[PSI_MEM_FULL] * 100 < ns[PSI_MEM_SOME] * 60);
	CU_ASSERT_TRUE(ns[PSI_MEM_SOME] < r->phase[2].end_ns - r->phase[2].begin_ns);
	run_result_free(r);
}

/* ---- phases ---- */

static void test_no_marks(void)
{
	struct build_options options = { .seed = 1 };
	struct run_result *r =
	    run_right(HEAD "'tasks':[{'name':'a','workload':{'seq':{'pages':8,'fill':'none'}}}]}", &options);

	CU_ASSERT_EQUAL(r->phases, 1);
	CU_ASSERT_STRING_EQUAL(r->phase[0].name, "all");
	CU_ASSERT_EQUAL(r->phase[0].begin_ns, 0);
	CU_ASSERT_EQUAL(r->phase[0].end_ns, r->time_ns);
	CU_ASSERT_EQUAL(r->phase[0].count[0][ACCESSES], 8);
	CU_ASSERT_EQUAL(r->phase[0].count[0][PGFAULT], 8);
	run_result_free(r);
}

/* The short one is long done filling, and at its accesses, when the long one is. */
static void test_fill_phases(void)
{
	struct build_options options = { .seed = 1 };
	struct run_result *r =
	    run_right(HEAD "'machine':{'cpus':2},'cgroups':[{'name':'g'}],'tasks':["
			   "{'name':'long','cgroup':'g','workload':{'seq':{'pages':500}}},"
			   "{'name':'short','workload':{'rand':{'pages':20,'accesses':50}}}]}",
		      &options);

	CU_ASSERT_EQUAL_FATAL(r->phases, 3);
	CU_ASSERT_STRING_EQUAL(r->phase[1].name, "init");
	CU_ASSERT_STRING_EQUAL(r->phase[2].name, "run");
	CU_ASSERT_EQUAL(r->phase[1].begin_ns, 0);
	CU_ASSERT_EQUAL(r->phase[1].end_ns, r->phase[2].begin_ns);
	CU_ASSERT_EQUAL(r->phase[2].end_ns, r->time_ns);
	CU_ASSERT_EQUAL(r->phase[1].count[0][ACCESSES], 500 + 20 + 50);
	CU_ASSERT_EQUAL(r->phase[1].count[1][ACCESSES], 500);
	CU_ASSERT_EQUAL(r->phase[2].count[0][ACCESSES], 500);
	CU_ASSERT_EQUAL(r->phase[2].count[0][PGFAULT], 0);
	CU_ASSERT_EQUAL(r->phase[0].count[0][ACCESSES], 1070);
	CU_ASSERT_EQUAL(r->memcgs, 2);
	CU_ASSERT_STRING_EQUAL(r->memcg_name[0], "");
	CU_ASSERT_STRING_EQUAL(r->memcg_name[1], "g");
	run_result_free(r);
}

static void test_trace_phases(void)
{
	struct build_options options = { .seed = 1 };
	struct run_result *r = run_right(
	    HEAD "'tasks':[{'name':'a','workload':{'trace':{'file':'groundtruth/rand','accesses':16500}}}]}",
	    &options);
	struct run_result *elsewhere;

	CU_ASSERT_EQUAL_FATAL(r->phases, 3);
	CU_ASSERT_STRING_EQUAL(r->phase[1].name, "init");
	CU_ASSERT_STRING_EQUAL(r->phase[2].name, "run");
	CU_ASSERT_EQUAL(r->phase[1].count[0][ACCESSES], 16384);
	CU_ASSERT_EQUAL(r->phase[2].count[0][ACCESSES], 116);
	run_result_free(r);
	elsewhere = run_right(
	    HEAD "'tasks':[{'name':'a','workload':{'trace':{'file':'groundtruth/rand','start':'1/2',"
		 "'accesses':16500}}}]}",
	    &options);
	CU_ASSERT_EQUAL(elsewhere->phases, 1);
	run_result_free(elsewhere);
}

/* ---- the end ---- */

static void test_stop(void)
{
	struct build_options options = { .seed = 1 };
	const char *text =
	    HEAD "'stop':{'after':'100us'},'tasks':[{'name':'a','workload':{'seq':{'pages':500}}}]}";
	struct run_result *a = run_right(text, &options), *b;

	CU_ASSERT_TRUE(a->complete);
	CU_ASSERT_EQUAL(a->time_ns, 100000);
	CU_ASSERT_EQUAL(a->series->len, 2 * width());
	CU_ASSERT_TRUE(a->phase[0].count[0][ACCESSES] > 10 && a->phase[0].count[0][ACCESSES] < 500);
	CU_ASSERT_EQUAL(a->phases, 2);
	options.every_step = true;
	b = run_right(text, &options);
	check_same(a, b);
	run_result_free(a);
	run_result_free(b);
}

static bool third_time(void *data)
{
	return ++*(u32 *)data == 3;
}

static bool never(void *data)
{
	++*(u32 *)data;
	return false;
}

static void test_poll(void)
{
	struct scenario *s = scenario_right(
	    HEAD "'tasks':[{'name':'a','workload':{'seq':{'pages':50,'passes':1000,'think':'2us'}}}]}");
	struct build_options options = options_of(s, NULL);
	u32 polls = 0;
	struct run_result *r = run_scenario(s, &options, third_time, &polls, NULL), *whole;

	CU_ASSERT_FALSE(r->complete);
	CU_ASSERT_EQUAL(polls, 3);
	whole = run_scenario(s, &options, NULL, NULL, NULL);
	CU_ASSERT_TRUE(r->time_ns >= 20000000 && r->time_ns < whole->time_ns);
	CU_ASSERT_EQUAL(r->phase[0].end_ns, r->time_ns);
	run_result_free(r);
	polls = 0;
	r = run_scenario(s, &options, never, &polls, NULL);
	CU_ASSERT_TRUE(r->complete);
	CU_ASSERT_TRUE(polls > 4);
	check_same(r, whole);
	run_result_free(r);
	run_result_free(whole);
	scenario_free(s);
}

static void test_failure(void)
{
	struct build_options options = { .seed = 1 };
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(run("{'format':1,'name':'t','cgroups':[{'name':'g','memory.max':'1MiB'}],"
			       "'tasks':[{'name':'a','cgroup':'g','oom_score_adj':'-1000','workload':{"
			       "'seq':{'pages':500}}}]}",
			       &options, &error));
	CU_ASSERT_EQUAL(error->code, ERROR_SCENARIO);
	CU_ASSERT_TRUE(g_str_has_prefix(error->message, "cgroup \"g\" is out of memory at 0 ms"));
	CU_ASSERT_TRUE(
	    g_str_has_suffix(error->message, ": there is no swap (raise the limit, or swap on a device)"));
	g_error_free(error);
}

static void test_figures(void)
{
	struct build_options options = { .kernel = "6.17", .seed = 3, .audit_steps = true };
	struct run_result *r = run_right(busy, &options);
	u64 waits = 0;

	CU_ASSERT_STRING_EQUAL(r->kernel, "6.17");
	CU_ASSERT_EQUAL(r->seed, 3);
	CU_ASSERT_EQUAL(r->slots, 4096);
	CU_ASSERT_EQUAL(r->locks, NR_LOCK_CLASSES);
	CU_ASSERT_STRING_EQUAL(r->lock[CLASS_PTL].name, "ptl");
	for (u32 i = 0; i < r->locks; i++)
		waits += r->lock[i].stat.wait_ns;
	CU_ASSERT_EQUAL(waits, r->lock_wait_ns);
	CU_ASSERT_TRUE(waits > 0);
	CU_ASSERT_TRUE(r->meta_dynamic_peak_bytes >= r->meta_dynamic_bytes);
	CU_ASSERT_TRUE(r->meta_dynamic_bytes > 0 && r->pool_bytes > 0); /* before memory is given back */
	CU_ASSERT_TRUE(r->meta_static_bytes > 4096 * 3);
	CU_ASSERT_EQUAL(r->latency[LATENCY_FAULT].count, r->phase[0].count[0][PGFAULT]);
	CU_ASSERT_EQUAL(r->cpus, 3);
	for (u32 i = 0; i < r->cpus; i++)
		CU_ASSERT_TRUE(r->cpu_busy_ns[i] > 1000000 && r->cpu_busy_ns[i] <= r->time_ns);
	CU_ASSERT_EQUAL(r->user_ns, r->phase[0].count[0][ACCESSES] * 5); /* think */
	CU_ASSERT_EQUAL(r->memory_peak[1], (700 + 600) * 60 / 100);
	CU_ASSERT_TRUE(r->swap_peak[1] > 0);
	CU_ASSERT_TRUE(r->free_pages_lowest > 0 && r->free_pages_lowest < 64 << 8);
	run_result_free(r);
}

enum { FREED_AT_ONCE = 64 /* up to 6.14, before the device's count falls */ };

/* At every sample every slot is counted once, and those that are taken are what swap has in use. */
static void test_clusters(void)
{
	static const char *const kernels[] = { "6.1", "6.12", "6.14", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct build_options options = { .kernel = kernels[i], .seed = 3 };
		struct run_result *without = run_right(busy, &options), *r;
		u32 rows = without->series->len / width(), clusters = 4096 / 512;

		options.slots = true;
		r = run_right(busy, &options);
		check_same(without, r);
		CU_ASSERT_PTR_NULL(without->clusters);
		CU_ASSERT_EQUAL_FATAL(r->clusters->len, rows * clusters);
		for (u32 row = 0; row < rows; row++) {
			u32 taken = 0, all = 0;

			for (u32 c = 0; c < clusters; c++) {
				const struct run_cluster_sample *s = &g_array_index(
				    r->clusters, struct run_cluster_sample, row * clusters + c);

				CU_ASSERT_EQUAL(s->time_ns, at(r, row, "time_ns"));
				CU_ASSERT(s->device == 0 && s->cluster == c);
				taken += s->used + s->cached;
				all += s->used + s->cached + s->free;
			}
			CU_ASSERT_EQUAL(all, 4095);
			CU_ASSERT(taken <= at(r, row, "swap_used_pages"));
			CU_ASSERT(taken + FREED_AT_ONCE >= at(r, row, "swap_used_pages"));
		}
		run_result_free(r);
		run_result_free(without);
	}
}

/* Reading a page that was in use when it was reclaimed is a stall, be it by decompressing it. */
static void test_working_set_pressure(void)
{
	struct build_options options = { .seed = 3 };
	struct run_result *r =
	    run_right(HEAD CGROUP "'tasks':[{'name':'a','cgroup':'g',"
				  "'workload':{'hotcold':{'pages':3000,'accesses':60000}}}]}",
		      &options);
	u64 restored = r->phase[0].count[1][WORKINGSET_RESTORE_ANON];
	u64 stalled = r->phase[0].pressure[1][PSI_MEM_SOME] - r->latency[LATENCY_RECLAIM].total;

	CU_ASSERT_TRUE(restored > 100);
	CU_ASSERT_TRUE(stalled > 300 * restored && stalled < 10000 * restored);
	run_result_free(r);
}

/* Slots of clusters that got lost, when the run is over. */
static u64 lost_at_end(const struct run_result *r)
{
	const struct run_cluster_sample *last =
	    &g_array_index(r->clusters, struct run_cluster_sample, r->clusters->len - 1);
	u64 lost = 0;

	for (u32 i = 0; i < r->clusters->len; i++) {
		const struct run_cluster_sample *s =
		    &g_array_index(r->clusters, struct run_cluster_sample, i);

		lost += s->time_ns == last->time_ns ? s->lost : 0;
	}
	return lost;
}

#define LEAKING(fail, expect)                                                                                \
	"{'format':1,'name':'t','machine':{'slots_per_cluster':64,'fail_page_alloc':" fail "},"              \
	"'swap':[{'device':'zram-lz4','size':'16MiB'}],'cgroups':[{'name':'g','memory.max':'2MiB'}],"        \
	"'tasks':[{'name':'a','cgroup':'g','repeat':4,'workload':{'seq':{'size':'4MiB'}}}]," expect "}"

static struct run_result *run_leaking(const char *text, const char *kernel, GError **error)
{
	struct build_options options = { .seed = 1, .kernel = kernel, .slots = true };
	struct scenario *s = scenario_right(text);
	struct run_result *r = run_scenario(s, &options, NULL, NULL, error);

	scenario_free(s);
	return r;
}

/* A bug that the scenario expects of a kernel is told, and what it costs stands in the result; on any other,
 * or if something else is expected, it is an error. */
static void test_expected_finding(void)
{
	static const char v3[] = "6.18+table-alloc=v3";
	const char *expects = LEAKING("400", "'expect':{'6.18+table-alloc=v3':'cluster_ownership'}");
	struct run_result *r = run_leaking(expects, v3, NULL);
	GError *error = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT(r->finding && g_str_has_prefix(r->finding, "cluster_ownership: cluster "));
	CU_ASSERT(lost_at_end(r) > 0);
	CU_ASSERT(r->phase[0].count[0][TABLE_ALLOC_FAILED] > 0);
	run_result_free(r);
	r = run_leaking(expects, "6.18", NULL); /* allocations fail there, too */
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_PTR_NULL(r->finding);
	CU_ASSERT_EQUAL(lost_at_end(r), 0);
	CU_ASSERT(r->phase[0].count[0][TABLE_ALLOC_FAILED] > 0);
	run_result_free(r);
	r = run_leaking(LEAKING("0", "'expect':{}"), v3, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(r->phase[0].count[0][TABLE_ALLOC_FAILED], 0);
	run_result_free(r);
	CU_ASSERT_PTR_NULL(
	    run_leaking(LEAKING("400", "'expect':{'6.18+table-alloc=v3':'infeasible'}"), v3, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_FINDING));
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(
	    run_leaking(LEAKING("400", "'expect':{'6.18+table-alloc=v3':'content'}"), v3, &error));
	CU_ASSERT(g_error_matches(error, SWAPSIM_ERROR, ERROR_FINDING));
	g_clear_error(&error);
}

/* Waiting for a page of a file that was in use when it was reclaimed is a stall. */
static void test_file_pressure(void)
{
	struct build_options options = { .seed = 3 };
	struct run_result *r =
	    run_right(HEAD CGROUP "'tasks':[{'name':'a','cgroup':'g','backing':'file',"
				  "'workload':{'hotcold':{'pages':3000,'accesses':60000}}}]}",
		      &options);
	u64 restored = r->phase[0].count[1][WORKINGSET_RESTORE_FILE];
	u64 stalled = r->phase[0].pressure[1][PSI_MEM_SOME] - r->latency[LATENCY_RECLAIM].total;

	CU_ASSERT_TRUE(restored > 20);
	CU_ASSERT_TRUE(stalled > 10000 * restored); /* submitting takes less than 1 us */
	run_result_free(r);
}

static const struct unit tests[] = {
	{ "the same run twice is the same, another seed is not", test_twice },
	{ "an event for every access and step gives the same, the series included", test_every_step },
	{ "how often the series is sampled changes nothing else", test_sampling },
	{ "the series begins at 0, ends at the end and counts up", test_series },
	{ "every row has a sample of each cgroup but the root", test_cgroups },
	{ "every row may have a sample of each cluster, which holds every slot", test_clusters },
	{ "one task is stalled for as long as it reclaims, and some is full", test_one_task_pressure },
	{ "reading a page of the working set is a stall", test_working_set_pressure },
	{ "and so is one of a file", test_file_pressure },
	{ "what a scenario expects to go wrong is told and is no error", test_expected_finding },
	{ "of four tasks that share CPUs some are stalled for longer than all", test_four_tasks_pressure },
	{ "a run without marks is one phase", test_no_marks },
	{ "the run begins when the last fill is done", test_fill_phases },
	{ "a trace's marks begin phases, unless the replay begins elsewhere", test_trace_phases },
	{ "a run stops at the nanosecond", test_stop },
	{ "a run can be interrupted, and asking does not change it", test_poll },
	{ "a run that cannot go on is an error", test_failure },
	{ "the figures of a run agree with one another", test_figures },
};

UNIT_MAIN("run", tests)
