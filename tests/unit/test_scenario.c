/*
 * Scenarios: what they mean, and what is wrong with those that mean nothing.
 */
#include "tests/unit/unit.h"

#include "models/work/work_table.h"
#include "tests/unit/scenario_text.h"

#define HEAD "{'format':1,'name':'t',"
#define SWAP "'swap':[{'device':'zram-lz4','size':'4MiB'}],"
#define TASK(more) "{'name':'a'," more "'workload':{'seq':{'pages':8}}}"
#define TASKS "'tasks':[" TASK("") "]}"

static void check_error_of(const char *text, int code, const char *message)
{
	GError *error = NULL;
	struct scenario *s = scenario_from(text, &error);

	CU_ASSERT_PTR_NULL(s);
	if (!error) {
		printf("\nno error, but \"%s\" was expected\n", message);
		CU_FAIL("a wrong scenario was accepted");
		scenario_free(s);
		return;
	}
	CU_ASSERT_EQUAL(error->code, code);
	CU_ASSERT_STRING_EQUAL(error->message, message);
	if (strcmp(error->message, message))
		printf("\n  is: %s\nnot: %s\n", error->message, message);
	g_error_free(error);
}

static void check_error(const char *text, const char *message)
{
	check_error_of(text, ERROR_SCENARIO, message);
}

/* ---- what is wrong ---- */

static void test_machine_errors(void)
{
	check_error(HEAD "'machine':{'kernel':'5.0'}," TASKS,
		    "s.json:1:44: machine.kernel: unknown release \"5.0\" (one of 6.1, 6.12, 6.14, 6.17, "
		    "6.18, 7.0, 7.0-fix, 7.1, 7.2)");
	check_error(HEAD "'machine':{'kernel':'6.17+table-alloc=v3'}," TASKS,
		    "s.json:1:44: machine.kernel: release 6.17 has no swap tables (patch table-alloc is for "
		    "releases from 6.18 on)");
	check_error(HEAD "'machine':{'patches':{'bypass-pin':'maybe'}}," TASKS,
		    "s.json:1:59: machine.patches.bypass-pin: patch bypass-pin has no value \"maybe\" (one "
		    "of off, on)");
	check_error(HEAD "'machine':{'kernel':'6.18+bypass-pin=off','patches':{'bypass-pin':'on'}}," TASKS,
		    "s.json:1:90: machine.patches.bypass-pin: stands in \"kernel\" too (expected once)");
	check_error(HEAD "'machine':{'cpu':'abacus'}," TASKS,
		    "s.json:1:41: machine.cpu: unknown CPU profile \"abacus\" (expected one of server, vm, "
		    "emulated)");
	check_error(HEAD "'machine':{'hz':200}," TASKS,
		    "s.json:1:40: machine.hz: no kernel ticks at 200 (expected 100, 250, 300 or 1000)");
	check_error(HEAD "'machine':{'memory':'1025KiB'}," TASKS,
		    "s.json:1:44: machine.memory: is not in whole pages (expected a multiple of 4KiB)");
	check_error(HEAD "'machine':{'memory':'4MiB','min_free_kbytes':4096}," TASKS,
		    "s.json:1:69: machine.min_free_kbytes: is all of \"memory\" (expected less)");
	check_error(HEAD "'machine':{'slots_per_cluster':48}," TASKS,
		    "s.json:1:55: machine.slots_per_cluster: 48 is no power of two (expected 2..512)");
	check_error(HEAD "'machine':{'pages_per_table':3}," TASKS,
		    "s.json:1:53: machine.pages_per_table: 3 is no power of two (expected 2..512)");
	check_error(
	    HEAD "'machine':{'memory':'1MiB'},'tasks':[" TASK("'overhead_pages':300,") "]}",
	    "s.json:1:44: machine.memory: the machine's memory does not hold the metadata of its swap "
	    "devices and the overhead of its processes: 300 pages needed, 224 there above the min watermark "
	    "(give it more, or make the devices smaller)");
}

static void test_swap_errors(void)
{
	check_error(
	    HEAD "'swap':[{'device':'tape','size':'4MiB'}]," TASKS,
	    "s.json:1:42: swap[0].device: unknown device \"tape\" (expected one of zram-lzo-rle, zram-lz4, "
	    "zram-zstd, pmem, nvme-client, nvme-fast, nvme-dc-tlc, sata-ssd, ufs31, emmc51, hdd7200, disk, "
	    "disk-rot, loopbuf, loopbuf-rot, loopdio)");
	check_error(HEAD "'swap':[{'device':'zram-lz4','size':'5000000'}]," TASKS,
		    "s.json:1:60: swap[0].size: is not in whole pages (expected a multiple of 4KiB)");
	check_error(HEAD
		    "'swap':[{'device':'zram-lz4','size':'1TiB'},{'device':'zram-lz4','size':'8KiB'}]," TASKS,
		    "s.json:1:96: swap[1].size: all devices together are above 1TiB (expected at most 1TiB)");
	check_error(HEAD
		    "'machine':{'slots_per_cluster':2},'swap':[{'device':'zram-lz4','size':'1TiB'}]," TASKS,
		    "s.json:1:94: swap[0].size: makes more than 16777216 clusters (expected a larger "
		    "machine.slots_per_cluster)");
}

static void test_cgroup_errors(void)
{
	check_error(HEAD "'cgroups':[{'name':'g'},{'name':'g'}]," TASKS,
		    "s.json:1:56: cgroups[1].name: cgroups[0] has this name too (expected another)");
	check_error(HEAD "'cgroups':[{'name':'g','parent':'h'}]," TASKS,
		    "s.json:1:56: cgroups[0].parent: unknown cgroup \"h\" (expected one of g)");
	check_error(HEAD "'cgroups':[{'name':'g','parent':'h'},{'name':'h','parent':'g'}]," TASKS,
		    "s.json:1:56: cgroups[0].parent: the parents go round in a circle (expected a tree)");
	check_error(HEAD "'cgroups':[{'name':'g','parent':'g'}]," TASKS,
		    "s.json:1:56: cgroups[0].parent: the parents go round in a circle (expected a tree)");
	check_error(
	    HEAD "'cgroups':[{'name':'g','memory.max':'50%'}]," TASKS,
	    "s.json:1:60: cgroups[0].\"memory.max\": is a part of the data of its processes, and there are "
	    "none (expected a size, or a task with this \"cgroup\")");
	check_error(
	    HEAD "'cgroups':[{'name':'g','memory.max':'244KiB'}],'tasks':[" TASK("'cgroup':'g',") "]}",
	    "s.json:1:60: cgroups[0].\"memory.max\": is 61 pages, which the overhead of its processes fills "
	    "(expected more than 61 pages)");
}

#define V1 "{'format':1,'name':'t','machine':{'cgroup_version':1},"

static void test_swap_limit_errors(void)
{
	check_error(
	    V1 "'cgroups':[{'name':'g','memory.swap.max':'1MiB'}]," TASKS,
	    "s.json:1:96: cgroups[0].\"memory.swap.max\": is of cgroup v2 (expected memory.memsw.max, or "
	    "machine.cgroup_version 2)");
	check_error(
	    HEAD "'cgroups':[{'name':'g','memory.memsw.max':'1MiB'}]," TASKS,
	    "s.json:1:66: cgroups[0].\"memory.memsw.max\": is of cgroup v1 (expected memory.swap.max, or "
	    "machine.cgroup_version 1)");
	check_error(
	    V1 "'cgroups':[{'name':'g','memory.memsw.max':'1MiB'}]," TASKS,
	    "s.json:1:97: cgroups[0].\"memory.memsw.max\": stands without a limit of memory (expected "
	    "memory.max too)");
	check_error(V1 "'cgroups':[{'name':'g','memory.max':'2MiB','memory.memsw.max':'1MiB'}]," TASKS,
		    "s.json:1:117: cgroups[0].\"memory.memsw.max\": 256 pages are less than memory.max "
		    "(expected at least 512)");
	check_error(
	    HEAD "'cgroups':[{'name':'g','memory.swap.max':'10%'}]," TASKS,
	    "s.json:1:65: cgroups[0].\"memory.swap.max\": is a part of the data of its processes, and "
	    "there are none (expected a size, or a task with this \"cgroup\")");
	check_error(
	    HEAD "'tasks':[" TASK("'oom_score_adj':'1001',") "]}",
	    "s.json:1:61: tasks[0].oom_score_adj: the string \"1001\" does not fit (expected a number from "
	    "-1000 to 1000)");
}

static void test_swap_limits(void)
{
	struct scenario *s = scenario_right(
	    HEAD SWAP
	    "'cgroups':[{'name':'g','memory.swap.max':0},{'name':'h','memory.swap.max':'50%'},"
	    "{'name':'i'}],'tasks':[{'name':'a','cgroup':'h','oom_score_adj':'-300','workload':{'seq':{"
	    "'pages':100}}}]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_EQUAL(k->memcg[1].swap_max, 0);
	CU_ASSERT_EQUAL(k->memcg[2].swap_max, 50);
	CU_ASSERT_EQUAL(k->memcg[3].swap_max, PAGE_COUNTER_MAX);
	CU_ASSERT_EQUAL(k->memcg[0].swap_max, PAGE_COUNTER_MAX);
	CU_ASSERT_EQUAL(k->mm[0].oom_score_adj, -300);
	kernel_free(k);
	scenario_free(s);
}

static void test_task_errors(void)
{
	check_error(HEAD "'tasks':[]}", "s.json:1:32: tasks: found 0 elements (expected 1..131072)");
	check_error(HEAD "'tasks':[" TASK("") "," TASK("") "]}",
		    "s.json:1:85: tasks[1].name: tasks[0] has this name too (expected another)");
	check_error(HEAD "'tasks':[" TASK("'cgroup':'g',") "]}",
		    "s.json:1:54: tasks[0].cgroup: unknown cgroup \"g\" (expected one listed in \"cgroups\", "
		    "which is empty)");
	check_error(HEAD "'tasks':[" TASK("'process':'p',") "]}",
		    "s.json:1:55: tasks[0].process: unknown process \"p\" (expected one listed in "
		    "\"processes\", which is empty)");
	check_error(HEAD "'processes':[{'name':'p'}],'tasks':[" TASK("'process':'q',") "]}",
		    "s.json:1:82: tasks[0].process: unknown process \"q\" (expected one of p)");
	check_error(HEAD "'processes':[{'name':'p'}]," TASKS,
		    "s.json:1:45: processes[0].name: no task is of this process (expected at least one)");
	check_error(HEAD "'processes':[{'name':'p'},{'name':'p'}]," TASKS,
		    "s.json:1:58: processes[1].name: processes[0] has this name too (expected another)");
	check_error(HEAD "'tasks':[" TASK("'cpus':[0,1],") "]}",
		    "s.json:1:52: tasks[0].cpus: there is no CPU 1 (expected 0..0, of machine.cpus)");
	check_error(HEAD "'tasks':[" TASK("'count':131072,") ",{'name':'b','workload':{'seq':{'pages':8}}}]}",
		    "s.json:1:32: tasks: 131073 threads in all (expected at most 131072)");
	check_error(
	    HEAD "'shared_memory':[{'name':'m','size':'32KiB'}],'tasks':[" TASK(
		"'count':32001,'shares':'m',") "]}",
	    "s.json:1:78: tasks: 32001 processes share memory or files with others (expected at most 32000)");
	check_error(
	    HEAD "'tasks':[" TASK("'contents':'poems',") "]}",
	    "s.json:1:56: tasks[0].contents: unknown contents \"poems\" (expected one of half-random, "
	    "python-heap, elf-file, redis-benchmark, incompressible, zero, const)");
	check_error(
	    HEAD "'tasks':[" TASK("'contents':'zero','fill':'const',") "]}",
	    "s.json:1:56: tasks[0].contents: contradicts \"fill\": \"const\" (expected one of the two)");
	check_error(
	    HEAD "'processes':[{'name':'p'}],'tasks':[" TASK("'process':'p','overhead_pages':0,") "]}",
	    "s.json:1:103: tasks[0].overhead_pages: is a matter of the process (expected in \"processes\")");
	check_error(HEAD "'cgroups':[{'name':'g'}],'processes':[{'name':'p'}],'tasks':["
			 "{'name':'a','process':'p','cgroup':'g','workload':{'seq':{'pages':8}}},"
			 "{'name':'b','process':'p','workload':{'seq':{'pages':8}}}]}",
		    "s.json:1:156: tasks[1]: process \"p\" is in cgroup g, by tasks[0] (expected the same)");
}

static void test_workload_errors(void)
{
	check_error(
	    HEAD "'tasks':[{'name':'a','workload':{'seq':{'size':'6KiB'}}}]}",
	    "s.json:1:71: tasks[0].workload.seq.size: is not in whole pages (expected a multiple of 4KiB)");
	check_error(
	    HEAD "'tasks':[{'name':'a','workload':{'seq':{'pages':0}}}]}",
	    "s.json:1:72: tasks[0].workload.seq.pages: the number 0 is out of range (expected an integer, "
	    "1..268435456)");
	check_error(HEAD "'tasks':[{'name':'a','workload':{'seq':{'pages':268435456}}},"
			 "{'name':'b','workload':{'seq':{'pages':1}}}]}",
		    "s.json:1:32: tasks: all processes together have 268435457 pages in 524290 page tables "
		    "(expected at "
		    "most 268435456 in 16777216)");
	check_error(HEAD "'tasks':[{'name':'a','workload':{'trace':{'file':'nowhere'}}}]}",
		    "s.json:1:73: tasks[0].workload.trace.file: there is no trace \"nowhere\" (expected a "
		    "file beside the "
		    "scenario, or a bundled trace)");
	check_error(
	    HEAD "'tasks':[{'name':'a','workload':{'trace':{'file':'cc1','start':'8/8'}}}]}",
	    "s.json:1:87: tasks[0].workload.trace.start: is beyond the end (expected a fraction below 1)");
	check_error(HEAD
		    "'tasks':[{'name':'a','workload':{'trace':{'file':'cc1','accesses':5,'passes':1}}}]}",
		    "s.json:1:101: tasks[0].workload.trace.passes: stands beside \"accesses\" (expected one "
		    "of the two)");
	check_error(HEAD "'processes':[{'name':'p'}],'tasks':["
			 "{'name':'a','process':'p','workload':{'trace':{'file':'cc1'}}},"
			 "{'name':'b','process':'p','workload':{'trace':{'file':'sqlite'}}}]}",
		    "s.json:1:177: tasks[1].workload.trace.file: another task of process \"p\" replays "
		    "another trace, and "
		    "they have file pages (expected the same trace)");
}

/* A trace that is no trace: its own kind of error, with its own file's name. */
static void test_bad_trace(void)
{
	GError *error = NULL;
	struct scenario *s = scenario_from(
	    HEAD "'tasks':[{'name':'a','workload':{'trace':{'file':'" SOURCE_DIR "/CMakeLists.txt'}}}]}",
	    &error);

	CU_ASSERT_PTR_NULL_FATAL(s);
	CU_ASSERT_EQUAL(error->code, ERROR_TRACE);
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, "CMakeLists.txt"));
	g_error_free(error);
}

/* ---- what is right ---- */

static void test_defaults(void)
{
	struct scenario *s = scenario_right(HEAD TASKS);
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_STRING_EQUAL(scenario_name(s), "t");
	CU_ASSERT_STRING_EQUAL(scenario_kernel(s), "6.18");
	CU_ASSERT_EQUAL(scenario_seed(s), 1);
	CU_ASSERT_EQUAL(scenario_stop_ns(s), TIME_NEVER);
	CU_ASSERT_EQUAL(scenario_sample_ns(s), 20000000);
	CU_ASSERT_EQUAL(scenario_footprint_pages(s), 8);
	CU_ASSERT_PTR_NULL(scenario_warnings(s)[0]);
	CU_ASSERT_EQUAL(k->config.memory_pages, 2u << 20);
	CU_ASSERT_EQUAL(k->config.cgroup_version, 2);
	CU_ASSERT_EQUAL(k->config.swappiness, 60);
	CU_ASSERT_EQUAL(k->config.machine.cpus, 1);
	CU_ASSERT_EQUAL(k->config.machine.hz, 250);
	CU_ASSERT_TRUE(k->config.machine.fall_through && k->config.machine.inline_hits);
	CU_ASSERT_EQUAL(k->machine.tasks, 1);
	CU_ASSERT_EQUAL(k->config.mm[0].overhead_pages, 61);
	CU_ASSERT_EQUAL(k->config.mm[0].memcg, 0);
	CU_ASSERT_EQUAL(k->program[0]->accesses, 8);
	CU_ASSERT_EQUAL(k->program[0]->gap_ps, 5000);
	CU_ASSERT_TRUE(k->program[0]->fill);
	kernel_free(k);
	scenario_free(s);
}

static void test_kernel(void)
{
	struct scenario *s = scenario_right(
	    HEAD "'machine':{'kernel':'6.18+bypass-pin=off','patches':{'table-alloc':'v3'}}," TASKS);
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);
	GError *error = NULL;

	CU_ASSERT_STRING_EQUAL(scenario_kernel(s), "6.18+bypass-pin=off+table-alloc=v3");
	CU_ASSERT_EQUAL(k->patch.table_alloc, TABLE_ALLOC_V3);
	CU_ASSERT_EQUAL(k->patch.bypass_pin, PATCH_OFF);
	kernel_free(k);
	options.kernel = "6.17"; /* takes the place of all of it */
	k = scenario_build(s, &options, NULL);
	CU_ASSERT_EQUAL(k->release->cache, SWAP_CACHE_XARRAY);
	CU_ASSERT_EQUAL(k->patch.bypass_pin, PATCH_ON);
	kernel_free(k);
	options.kernel = "2.4";
	CU_ASSERT_PTR_NULL(scenario_build(s, &options, &error));
	CU_ASSERT_STRING_EQUAL(
	    error->message,
	    "unknown release \"2.4\" (one of 6.1, 6.12, 6.14, 6.17, 6.18, 7.0, 7.0-fix, 7.1, 7.2)");
	g_error_free(error);
	scenario_free(s);
}

static void test_two_mappings(void)
{
	struct scenario *s =
	    scenario_right(HEAD "'machine':{'pages_per_table':4},'tasks':[{'name':'a','mapping_pages':8,"
				"'workload':{'seq':{'pages':11}}}]}");
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);
	u32 first = k->mm[0].first_page;

	CU_ASSERT_EQUAL(vma_of(k, first + 7)->pages, 8);
	CU_ASSERT_EQUAL(vma_of(k, first + 8)->first_page, first + 8);
	CU_ASSERT_EQUAL(vma_of(k, first + 10)->pages, 3);
	kernel_free(k);
	scenario_free(s);
	check_error(
	    HEAD "'tasks':[" TASK("'mapping_pages':8,") "]}",
	    "s.json:1:32: tasks: process \"a\" has 8 pages: mapping_pages 8 is not possible (expected less, "
	    "and whole page tables of 512 pages)");
}

static void test_limits(void)
{
	struct scenario *s = scenario_right(
	    HEAD SWAP
	    "'cgroups':[{'name':'c','parent':'p','memory.max':'30%'},{'name':'p','memory.max':'50%'},"
	    "{'name':'q','memory.max':'1000001'},{'name':'r'}],"
	    "'processes':[{'name':'m','overhead_pages':7}],'tasks':["
	    "{'name':'a','count':2,'cgroup':'c','workload':{'seq':{'pages':1000}}},"
	    "{'name':'b','process':'m','cgroup':'p','workload':{'seq':{'pages':300}}},"
	    "{'name':'d','process':'m','cgroup':'p','workload':{'seq':{'pages':500}}},"
	    "{'name':'e','cgroup':'q','workload':{'seq':{'pages':1}}},"
	    "{'name':'f','cgroup':'r','workload':{'seq':{'pages':1}}}]}");
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);

	CU_ASSERT_EQUAL(scenario_footprint_pages(s), 2502);
	CU_ASSERT_EQUAL(k->memcg[1].max, 600);	/* of its two processes */
	CU_ASSERT_EQUAL(k->memcg[2].max, 1250); /* of those, and of the shared one, once */
	CU_ASSERT_EQUAL(k->memcg[3].max, 244);
	CU_ASSERT_TRUE(k->memcg[4].max > UINT32_MAX);
	CU_ASSERT_EQUAL(k->memcg[1].parent, 2);
	CU_ASSERT_EQUAL(k->memcg[2].parent, 0);
	CU_ASSERT_EQUAL(k->memcg[2].usage, 2 * 61 + 7);
	CU_ASSERT_EQUAL(k->config.mms, 5);
	CU_ASSERT_STRING_EQUAL(k->config.mm[1].name, "a-1");
	CU_ASSERT_STRING_EQUAL(k->config.mm[2].name, "m");
	CU_ASSERT_EQUAL(k->config.mm[2].pages, 500);
	CU_ASSERT_EQUAL(k->device[0].max, 1024);
	CU_ASSERT_EQUAL(k->device[0].pages, 1023);
	kernel_free(k);
	scenario_free(s);
}

#define FILL_TASK(name, more)                                                                                \
	"{'name':'" name "','count':2," more "'workload':{'rand':{'pages':8,'accesses':5}}}"

static void test_fill(void)
{
	struct scenario *s =
	    scenario_right(HEAD "'processes':[{'name':'m'}],'tasks':[" FILL_TASK("own", "") "," FILL_TASK(
		"shared",
		"'process':'m',") ","
				  "{'name':'each','count':2,'process':'m','workload':{'seq':{'pages':8,'fill'"
				  ":'each'}}},"
				  "{'name':'none','workload':{'seq':{'pages':8,'fill':'none'}}},"
				  "{'name':'out','process':'m','workload':{'pageout':{'pages':8}}}]}");
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);
	static const bool fill[] = { true, true, true, false, true, true, false, false };

	for (u32 i = 0; i < ARRAY_SIZE(fill); i++)
		CU_ASSERT_EQUAL(k->program[i]->fill, fill[i]);
	kernel_free(k);
	scenario_free(s);
}

static void test_placement(void)
{
	struct scenario *s = scenario_right(HEAD "'machine':{'cpus':4},'tasks':[" TASK(
	    "'count':3,'cpus':[2,1],") ",{'name':'b','count':2,"
				       "'workload':{'trace':{'file':'cc1','start':'spread','accesses':10}}},"
				       "{'name':'c','workload':{'trace':{'file':'cc1','start':'1/"
				       "4','passes':2}}}]}");
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);
	static const u32 cpu[] = { 2, 1, 2, 3, 0, 1 };
	u64 accesses = k->program[3]->trace->header.accesses;

	for (u32 i = 0; i < ARRAY_SIZE(cpu); i++) {
		CU_ASSERT_EQUAL(k->machine.task[i].cpu, cpu[i]);
		CU_ASSERT_EQUAL(k->machine.task[i].pinned, i < 3 ? cpu[i] + 1 : 0);
	}
	CU_ASSERT_EQUAL(k->program[3]->trace_first, 0);
	CU_ASSERT_EQUAL(k->program[4]->trace_first, accesses / 2);
	CU_ASSERT_EQUAL(k->program[5]->trace_first, accesses / 4);
	CU_ASSERT_EQUAL(k->program[3]->accesses, 10);
	CU_ASSERT_EQUAL(k->program[5]->accesses, 2 * accesses);
	CU_ASSERT_PTR_EQUAL(k->program[3]->trace, k->program[5]->trace); /* loaded once */
	CU_ASSERT_EQUAL(k->config.mm[3].pages, k->program[3]->trace->header.pages);
	kernel_free(k);
	scenario_free(s);
}

static void test_file_pages(void)
{
	struct scenario *s =
	    scenario_right(HEAD "'tasks':[{'name':'a','workload':{'trace':{'file':'cc1'}}}]}");
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);
	u32 file = 0;

	for (u32 i = 0; i < k->mm[0].pages; i++)
		file += (k->pte_flags[k->mm[0].first_page + i] & PTE_FILE) != 0;
	CU_ASSERT_EQUAL(file, k->program[0]->trace->header.file_pages_count);
	CU_ASSERT_TRUE(file > 0);
	kernel_free(k);
	scenario_free(s);
}

/* A task's accesses are a matter of its name and the seed; the popular pages of its process's. */
static void test_streams(void)
{
	const char *z = "'workload':{'zipf':{'pages':500,'accesses':5}}}";
	char *alone = g_strdup_printf(HEAD "'tasks':[{'name':'a',%s]}", z);
	char *second = g_strdup_printf(HEAD "'tasks':[{'name':'b','count':2,%s,{'name':'a',%s]}", z, z);
	char *shared = g_strdup_printf(
	    HEAD "'processes':[{'name':'m'}],'tasks':[{'name':'a','count':2,'process':'m',%s]}", z);
	struct scenario *s[] = { scenario_right(alone), scenario_right(second), scenario_right(shared) };
	struct build_options options = { .seed = 5 };
	struct kernel *k[3];

	for (u32 i = 0; i < 3; i++)
		k[i] = scenario_build(s[i], &options, NULL);
	CU_ASSERT_EQUAL(k[0]->program[0]->stream, k[1]->program[2]->stream);
	CU_ASSERT_NOT_EQUAL(k[1]->program[0]->stream, k[1]->program[1]->stream);
	CU_ASSERT_NOT_EQUAL(scatter_at(&k[1]->program[0]->scatter, 0),
			    scatter_at(&k[1]->program[1]->scatter, 0));
	CU_ASSERT_EQUAL(scatter_at(&k[2]->program[0]->scatter, 0), scatter_at(&k[2]->program[1]->scatter, 0));
	CU_ASSERT_NOT_EQUAL(k[2]->program[0]->stream, k[2]->program[1]->stream);
	kernel_free(k[0]);
	options.seed = 6;
	k[0] = scenario_build(s[0], &options, NULL);
	CU_ASSERT_NOT_EQUAL(k[0]->program[0]->stream, k[1]->program[2]->stream);
	for (u32 i = 0; i < 3; i++) {
		kernel_free(k[i]);
		scenario_free(s[i]);
	}
	g_free(alone);
	g_free(second);
	g_free(shared);
}

static void test_effective(void)
{
	struct scenario *s = scenario_right(
	    HEAD SWAP "'stop':{'after':'3s'},'cgroups':[{'name':'g','memory.max':'150%'}],'tasks':["
		      "{'name':'a','cgroup':'g','cpus':[0],'fill':'zero','workload':{'zipf':{'size':'1MiB','"
		      "accesses':7}}},"
		      "{'name':'b','workload':{'trace':{'file':'cc1'}}}]}");
	char *text = scenario_effective(s);
	struct scenario *again = scenario_right(text);
	char *text_again = scenario_effective(again);
	struct scenario *other = scenario_right(HEAD TASKS);

	CU_ASSERT_STRING_EQUAL(text, text_again);
	CU_ASSERT_EQUAL(scenario_hash(s), scenario_hash(again));
	CU_ASSERT_NOT_EQUAL(scenario_hash(s), scenario_hash(other));
	CU_ASSERT_EQUAL(scenario_stop_ns(again), 3000000000);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"skew_permille\": 990"));
	g_free(text);
	g_free(text_again);
	scenario_free(s);
	scenario_free(again);
	scenario_free(other);
}

static void test_warnings(void)
{
	struct scenario *s = scenario_right(
	    HEAD SWAP "'cgroups':[{'name':'top','memory.max':'12MiB'},{'name':'in','parent':'top'}],"
		      "'tasks':[{'name':'a','cgroup':'in','workload':{'trace':{'file':'cc1'}}}]}");

	CU_ASSERT_STRING_EQUAL(
	    scenario_warnings(s)[0],
	    "process \"a\" has 3011 pages for its data: its trace was filtered when it was recorded "
	    "and says nothing below 3072");
	CU_ASSERT_PTR_NULL(scenario_warnings(s)[1]);
	scenario_free(s);
}

/* Idle slots cost nothing, and what tasks point to can still be numbered. */
static void test_a_terabyte(void)
{
	struct scenario *s =
	    scenario_right(HEAD "'machine':{'memory':'1TiB'},'swap':[{'device':'zram-lz4','size':'1TiB'}],"
				"'cgroups':[{'name':'g','memory.max':'50%'}],"
				"'tasks':[{'name':'a','cgroup':'g','workload':{'seq':{'pages':2000}}}]}");
	struct build_options options = options_of(s, NULL);
	struct kernel *k = scenario_build(s, &options, NULL);
	struct task t = { 0 };

	CU_ASSERT_EQUAL(k->device[0].pages, (1u << 28) - 1);
	task_set_object(&k->machine, &t, &k->folio_io[1u << 28].lock);
	CU_ASSERT_PTR_EQUAL(arena_at(&k->machine.arena, task_object(&t)), &k->folio_io[1u << 28].lock);
	CU_ASSERT_TRUE(machine_run(&k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_TRUE(k->count[0][PSWPOUT] > 1000);
	kernel_free(k);
	scenario_free(s);
}

/* ---- the pages made from the tables ---- */

static void check_file(const char *path, char *expected)
{
	char *text = NULL;

	if (g_getenv("SWAPSIM_UPDATE_GOLDEN"))
		g_file_set_contents(path, expected, -1, NULL);
	CU_ASSERT_TRUE(g_file_get_contents(path, &text, NULL, NULL));
	CU_ASSERT_STRING_EQUAL(text ? text : "", expected);
	if (g_strcmp0(text, expected))
		printf("\n%s is not what the tables say; SWAPSIM_UPDATE_GOLDEN=1 rewrites it\n", path);
	g_free(text);
	g_free(expected);
}

static void test_documents(void)
{
	char *reference = json_reference(&scenario_table);
	char *page = g_strconcat(
	    "# Scenarios: every key\n\n"
	    "Made from the tables that read a scenario (`models/scenario_*.c`, "
	    "`models/work/work_table.c`); test_scenario\ncompares. Sizes are bytes or have KiB, MiB, "
	    "GiB or TiB; times have ns, us, ms or s. What is not known,\ngiven twice, out of range "
	    "or contradictory is an error.\n\n",
	    reference, NULL);

	g_free(reference);
	check_file(SOURCE_DIR "/docs/scenario-reference.md", page);
	check_file(SOURCE_DIR "/docs/schema/scenario.schema.json",
		   json_schema(&scenario_table, SCENARIO_TITLE));
}

static const struct unit tests[] = {
	{ "what is wrong with a machine is said where it stands", test_machine_errors },
	{ "what is wrong with swap devices is said where it stands", test_swap_errors },
	{ "what is wrong with cgroups is said where it stands", test_cgroup_errors },
	{ "and with their limits of swap", test_swap_limit_errors },
	{ "limits of swap and scores arrive in the machine", test_swap_limits },
	{ "what is wrong with tasks and processes is said where it stands", test_task_errors },
	{ "what is wrong with workloads is said where it stands", test_workload_errors },
	{ "a file that is no trace is the trace's error", test_bad_trace },
	{ "what is not given has its default", test_defaults },
	{ "patches may stand in two places, and another kernel replaces them", test_kernel },
	{ "memory may be two mappings, each with readahead of its own", test_two_mappings },
	{ "percentages are of the processes in a cgroup and below it, each once", test_limits },
	{ "of the tasks that share a process one fills it", test_fill },
	{ "tasks go where they are pinned and traces begin where they should", test_placement },
	{ "file pages of a trace are file pages of the process", test_file_pages },
	{ "streams belong to names", test_streams },
	{ "the effective scenario reads to the same scenario", test_effective },
	{ "what is doubtful is a warning", test_warnings },
	{ "a terabyte of swap beside a terabyte of memory works", test_a_terabyte },
	{ "the reference and the schema are those of the tables", test_documents },
};

UNIT_MAIN("scenario", tests)
