#include "tests/unit/test_cli.h"

static const char sweep[] = "compare small.json --kernel 6.17,6.18 --seeds 2 "
			    "--sweep cgroups[0].memory.max=110%,70%,50%,30% -o s";

static void same_file(const char *folder, const char *a, const char *b)
{
	char *first = file_text(folder, a), *second = file_text(folder, b);

	CU_ASSERT_STRING_EQUAL(first, second);
	g_free(first);
	g_free(second);
}

/* Bytes, since a PNG has zeros in it. */
static void same_picture(const char *folder, const char *a, const char *b)
{
	char *path[2] = { g_build_filename(folder, a, NULL), g_build_filename(folder, b, NULL) };
	char *bytes[2] = { NULL, NULL };
	gsize n[2] = { 0, 0 };

	for (u32 i = 0; i < 2; i++)
		CU_ASSERT_TRUE(g_file_get_contents(path[i], &bytes[i], &n[i], NULL));
	CU_ASSERT(n[0] > 5000 && n[0] == n[1] && bytes[0] && bytes[1] && !memcmp(bytes[0], bytes[1], n[0]));
	for (u32 i = 0; i < 2; i++) {
		g_free(bytes[i]);
		g_free(path[i]);
	}
}

static void test_same_pictures(void)
{
	char *folder = test_folder();

	done(folder, sweep);
	done(folder, "plot thrashing s");
	done(folder, "plot thrashing s -o p.svg -o q.png");
	same_picture(folder, "s/thrashing.svg", "p.svg");
	same_picture(folder, "s/thrashing.png", "q.png");
	same_file(folder, "s/thrashing.csv", "p.csv");
	CU_ASSERT(file_exists(folder, "p.gp"));
	done(folder, "compare small.json --seeds 1 -o s --force");
	CU_ASSERT_FALSE(file_exists(folder, "s/thrashing.svg"));
	test_folder_free(folder);
}

static void test_latency(void)
{
	char *folder = test_folder(), *text;

	done(folder, "run small.json -o r");
	done(folder, "plot latency r");
	CU_ASSERT(file_exists(folder, "r/latency.svg") && file_exists(folder, "r/latency.png"));
	text = file_text(folder, "r/latency.csv");
	CU_ASSERT(g_str_has_prefix(
	    text, "longer_than_us,fault_share,major_fault_share,direct_reclaim_share,race_sleep_share\n"));
	CU_ASSERT(csv_lines(text) > 10);
	g_free(text);
	test_folder_free(folder);
}

/* Steps of an interval, and the one that ends the last of them. */
static void test_series(void)
{
	char *folder = test_folder(), *text;

	done(folder, "run small.json --set sample.every=1ms -o r");
	done(folder, "plot rates r");
	CU_ASSERT(file_exists(folder, "r/rates.svg") && file_exists(folder, "r/rates.png"));
	text = file_text(folder, "r/rates.csv");
	CU_ASSERT(csv_lines(text) > 5);
	g_free(text);
	done(folder, "plot pressure r");
	CU_ASSERT(file_exists(folder, "r/pressure.svg") && file_exists(folder, "r/pressure.png"));
	text = file_text(folder, "r/pressure.csv");
	CU_ASSERT(g_str_has_prefix(text, "time_ns,machine:some_percent,machine:full_percent\n0,"));
	CU_ASSERT(csv_lines(text) > 5);
	g_free(text);
	test_folder_free(folder);
}

static void test_locks(void)
{
	char *folder = test_folder(), *text;

	write_file(folder, "eight.json", SMALL_TASKS("8"));
	done(folder, "compare eight.json --set machine.cpus=8 --kernel 6.17,6.18 --seeds 2 -o c");
	done(folder, "plot locks c");
	text = file_text(folder, "c/locks.csv");
	CU_ASSERT(g_str_has_prefix(text, "lock,kernel,wait_ns,wait_lowest_ns,wait_highest_ns,contended\n"));
	CU_ASSERT(csv_lines(text) > 4);
	g_free(text);
	done(folder, "run eight.json --set machine.cpus=8 -o r");
	done(folder, "plot locks r");
	CU_ASSERT(file_exists(folder, "r/locks.svg") && file_exists(folder, "r/locks.png"));
	test_folder_free(folder);
}

static void test_errors(void)
{
	char *folder = test_folder();

	done(folder, "run small.json -o r");
	done(folder, "compare small.json --seeds 1 --sweep machine.cpus=1,2 -o c");
	CU_ASSERT(
	    refused(folder, "plot thrashing r", 1,
		    "swapsim: r: is of swapsim run, and has no sweep.csv (plot thrashing is for results of: "
		    "compare --sweep, sweep)\n"));
	CU_ASSERT(
	    refused(folder, "plot memory c", 1,
		    "swapsim: c: is of swapsim compare, and has no cgroups.csv (plot memory is for results "
		    "of: run)\n"));
	CU_ASSERT(refused(folder, "plot locks c", 1,
			  "swapsim: c/compare.csv: is a sweep, which plot thrashing draws (compare without "
			  "--sweep)\n"));
	CU_ASSERT(
	    refused(folder, "plot rates c", 1,
		    "swapsim: c: is of swapsim compare, and has no series.csv (plot rates is for results of: "
		    "run)\n"));
	CU_ASSERT(refused(folder, "plot memory no", 1,
			  "swapsim: no: no such folder (plot memory draws results of: run)\n"));
	CU_ASSERT(refused(folder, "plot latency r -o no/x.svg", 1, "swapsim: no/x.csv: cannot be written\n"));
	CU_ASSERT(refused(folder, "plot thrashing c", 1,
			  "swapsim: c/sweep.csv: is no sweep of a memory limit (compare --sweep "
			  "cgroups[0].memory.max=...)\n"));
	CU_ASSERT(refused(folder, "plot latency r -o x.gif", 2,
			  "swapsim: x.gif: which kind of picture? (the name has to end in .svg or .png)\n"));
	CU_ASSERT_EQUAL(entries(folder), 3);
	test_folder_free(folder);
}

/* Every name stands apart from what is said of it. */
static void test_help(void)
{
	char *folder = test_folder(), *help = printed(folder, "plot --help"), *names;
	char **line;

	names = printed(folder, "list plots --format csv");
	line = g_strsplit(names, "\n", -1);
	CU_ASSERT_STRING_EQUAL(line[0], "plot,of,summary");
	for (u32 i = 1; line[i] && *line[i]; i++) {
		char *name = g_strdup_printf("\n  %.*s  ", (int)strcspn(line[i], ","), line[i]);

		CU_ASSERT_PTR_NOT_NULL(strstr(help, name));
		g_free(name);
	}
	g_strfreev(line);
	g_free(names);
	g_free(help);
	test_folder_free(folder);
}

static void test_without_gnuplot(void)
{
	char *folder = test_folder();
	char **environment = g_environ_setenv(g_get_environ(), "PATH", folder, TRUE);
	struct said said;

	done(folder, "run small.json -o r");
	said = swapsim_in(folder, environment, "plot latency r");
	CU_ASSERT_EQUAL(said.status, 1);
	CU_ASSERT_STRING_EQUAL(
	    said.err,
	    "swapsim: gnuplot is not installed (Debian, Ubuntu: apt install gnuplot-nox); the figures "
	    "and the script are there: gnuplot latency.gp\n");
	CU_ASSERT(file_exists(folder, "r/latency.gp") && file_exists(folder, "r/latency.csv"));
	CU_ASSERT_FALSE(file_exists(folder, "r/latency.svg"));
	said_release(&said);
	g_strfreev(environment);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "pictures are the same bytes again, wherever they go", test_same_pictures },
	{ "a run's latencies are drawn", test_latency },
	{ "a run's swap traffic and pressure are drawn over time", test_series },
	{ "locks are drawn of a comparison and of a run", test_locks },
	{ "a folder that has not got what a plot takes is refused", test_errors },
	{ "help tells every plot from its summary", test_help },
	{ "without gnuplot the script is left, and a word on what to install", test_without_gnuplot },
};
UNIT_MAIN("cli: plot", tests)
