#include "tests/unit/test_plot.h"

#define NAMES                                                                                                \
	"point,kernel,seed,swap[0].device,swap[0].size,curve,outcome,accesses_per_s,memory.events:oom_kill," \
	"fault_p99_ns\n"

static const char some_killed[] = NAMES "0,6.18,1,a,1MiB,\"a, 1MiB\",killed,900,2,50\n"
					"1,6.18,1,a,512KiB,\"a, 512KiB\",killed,800,3,60\n"
					"2,6.18,1,b,1MiB,\"b, 1MiB\",ok,700,0,70\n"
					"3,6.18,1,b,512KiB,\"b, 512KiB\",failed,,,\n";

static void draws(const char *csv, const char *data, const char *const *parts)
{
	char *folder = folder_with("sweep.csv", csv);
	struct plot_text text;

	CU_ASSERT_TRUE_FATAL(plot_find("sizes")->draw(folder, &text, NULL));
	CU_ASSERT_STRING_EQUAL(text.data, data);
	for (; *parts; parts++)
		CU_ASSERT_PTR_NOT_NULL(strstr(text.script, *parts));
	g_free(text.data);
	g_free(text.script);
	check_drawn("sizes", folder);
	folder_free(folder);
}

static void test_killed_count(void)
{
	static const char *const parts[] = { "'OOM kills'", "swap[0].size, KiB (1 run that failed left out)'",
					     "open: of those that an OOM kill left", "($3 > 0 ? $2/1. : 1/0)",
					     NULL };

	draws(some_killed,
	      "size_bytes,a:accesses_per_s,a:memory.events:oom_kill,a:fault_p99_ns,b:accesses_per_s,"
	      "b:memory.events:oom_kill,b:fault_p99_ns\n"
	      "524288,800,3,60,,,\n"
	      "1048576,900,2,50,700,0,70\n",
	      parts);
}

static void test_medians(void)
{
	static const char *const parts[] = { "\"fault latency,\\np99, ns\"", NULL };

	draws(NAMES "0,6.18,1,a,1MiB,\"a, 1MiB\",ok,900,0,50\n"
		    "1,6.18,2,a,1MiB,\"a, 1MiB\",ok,700,0,60\n"
		    "2,6.18,3,a,1MiB,\"a, 1MiB\",ok,800,0,40\n"
		    "3,6.18,1,a,4096,\"a, 4096\",ok,500,0,90\n",
	      "size_bytes,6.18:accesses_per_s,6.18:memory.events:oom_kill,6.18:fault_p99_ns\n"
	      "4096,500,0,90\n"
	      "1048576,800,0,50\n",
	      parts);
}

/* A size that kills in one run of two does not hold. */
static void test_most_kills(void)
{
	static const char *const parts[] = { "'OOM kills'", NULL };

	draws(NAMES "0,6.18,1,a,1MiB,\"a, 1MiB\",ok,900,0,50\n"
		    "1,6.18,2,a,1MiB,\"a, 1MiB\",killed,800,1,60\n"
		    "2,6.18,1,a,4096,\"a, 4096\",killed,500,3,90\n",
	      "size_bytes,6.18:accesses_per_s,6.18:memory.events:oom_kill,6.18:fault_p99_ns\n"
	      "4096,500,3,90\n"
	      "1048576,800,1,50\n",
	      parts);
}

static void test_errors(void)
{
	check_error(
	    "sizes", "sweep.csv",
	    "kernel,seed,machine.cpus,curve,outcome,accesses_per_s,memory.events:oom_kill,fault_p99_ns\n",
	    "sweep.csv: is no sweep of a size (sweep --set swap[0].size=16MiB,32MiB,...)");
	check_error("sizes", "sweep.csv", NAMES "0,6.18,1,a,50%,x,ok,900,0,50\n",
		    "sweep.csv:2: 50% is no size (64MiB)");
	check_error("sizes", "sweep.csv", NAMES "0,6.18,1,a,1MiB,x,ok,900,0,50\n",
		    "sweep.csv: no curve (at least two sizes, and some accesses)");
}

static const struct unit tests[] = {
	{ "runs with a kill count, those that failed do not", test_killed_count },
	{ "points are medians over seeds, sizes ascend", test_medians },
	{ "of kills they are the most of any seed", test_most_kills },
	{ "what is no sweep of a size is refused", test_errors },
};
UNIT_MAIN("plot: sizes", tests)
