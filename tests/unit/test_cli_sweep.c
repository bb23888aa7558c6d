#include "tests/unit/test_cli.h"

#include <signal.h>

/* As small.json, with two axes. */
#define SWEEP(axes) "{\"sweep\": {" axes "},\n" SWEPT
#define SWEPT                                                                                                \
	"\"format\": 1, \"name\": \"small\",\n"                                                              \
	" \"machine\": {\"cpus\": 2, \"memory\": \"64MiB\", \"patches\": {\"table-alloc\": \"v3\"}},\n"      \
	" \"swap\": [{\"device\": \"zram-lz4\", \"size\": \"16MiB\"}],\n"                                    \
	" \"cgroups\": [{\"name\": \"g\", \"memory.max\": \"50%\"}],\n"                                      \
	" \"tasks\": [{\"name\": \"t\", \"cgroup\": \"g\", \"overhead_pages\": 0,\n"                         \
	"  \"workload\": {\"rand\": {\"size\": \"2MiB\", \"accesses\": 3000}}}]}\n"

static char *sweep_folder(void)
{
	char *folder = test_folder();

	write_file(folder, "grid.json",
		   SWEEP("\"cgroups[0].memory.max\": [\"110%\", \"1MiB\"], \"machine.seed\": [\"1..3\", 9]"));
	return folder;
}

static void test_points(void)
{
	char *folder = sweep_folder();
	char *text = printed(folder, "sweep grid.json --dry-run --format csv --set machine.seed=7,8");

	CU_ASSERT_STRING_EQUAL(text, "point,cgroups[0].memory.max,machine.seed,state,reason\n"
				     "0,110%,7,to do,\n1,110%,8,to do,\n2,1MiB,7,to do,\n3,1MiB,8,to do,\n");
	g_free(text);
	text = printed(folder, "sweep grid.json -n --format csv --set machine.seed=7 --kernel 6.17,6.18 "
			       "--set 'cgroups[0].\"memory.max\"=60%' --set tasks[0].cpus=[0,1],[0],[5]");
	CU_ASSERT_STRING_EQUAL(text, "point,tasks[0].cpus,machine.kernel,state,reason\n"
				     "0,\"[0,1]\",6.17,to do,\n1,\"[0,1]\",6.18,to do,\n"
				     "2,[0],6.17,to do,\n3,[0],6.18,to do,\n"
				     "4,[5],6.17,to do,\n5,[5],6.18,to do,\n");
	CU_ASSERT_EQUAL(entries(folder), 2);
	g_free(text);
	test_folder_free(folder);
}

/* Every row is what run says of the same scenario. */
static void test_table(void)
{
	char *folder = sweep_folder();
	char *text = printed(folder, "sweep grid.json --kernel 6.17,6.18 --format csv --jobs 3");
	char *again = printed(folder, "sweep grid.json --kernel 6.17,6.18 --format csv --jobs 1");
	char *run = printed(folder, "run grid.json --kernel 6.17 --seed 9 --format json --set "
				    "cgroups[0].memory.max=1MiB --set machine.patches={}");
	cJSON *json = parsed(run);
	char *row = g_strdup_printf(
	    "\n14,6.17,9,1MiB,6.17,50.0,ok,,%s,%s,512,%.0f,", text_at(at(json, "fingerprints"), "counts"),
	    text_at(at(json, "fingerprints"), "events"), at(json, "time_ns")->valuedouble);

	CU_ASSERT(g_str_has_prefix(text,
				   "point,kernel,seed,cgroups[0].memory.max,curve,value_percent,outcome,"
				   "reason,counts,events,footprint_pages,time_ns,"));
	CU_ASSERT_EQUAL(csv_lines(text), 17);
	CU_ASSERT_STRING_EQUAL(text, again);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, row));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n0,6.17,1,110%,6.17,110,ok,,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n15,6.18,9,1MiB,6.18,50.0,ok,,"));
	g_free(row);
	cJSON_Delete(json);
	g_free(again);
	g_free(text);
	test_folder_free(folder);
}

static void test_formats(void)
{
	char *folder = sweep_folder();
	char *table = printed(folder, "sweep grid.json"), *single;
	char **lines = g_strsplit(table, "\n", -1);
	cJSON *json = parsed(printed(folder, "sweep grid.json --format json"));
	const cJSON *last = cJSON_GetArrayItem(json, 7);

	/* Seeds are folded: a row a limit. */
	CU_ASSERT(g_str_has_prefix(table, "kernel               cgroups[0].memory.max  outcome"));
	CU_ASSERT_EQUAL(g_strv_length(lines), 4);
	g_strfreev(lines);
	CU_ASSERT_EQUAL(cJSON_GetArraySize(json), 8);
	CU_ASSERT_STRING_EQUAL(text_at(last, "kernel"), "6.18+table-alloc=v3");
	CU_ASSERT_EQUAL(at(last, "seed")->valueint, 9);
	CU_ASSERT(at(last, "pswpout")->valueint > 100);
	single = printed(folder, "sweep small.json --format markdown");
	CU_ASSERT(g_str_has_prefix(single, "| kernel | outcome | time |"));
	g_free(single);
	cJSON_Delete(json);
	g_free(table);
	test_folder_free(folder);
}

/* Rows, not the end: killed, out of memory for good, not possible; and the table says so. */
static void test_failures(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "sweep small.json --set tasks[0].cpus=[0],[7] --format csv");

	CU_ASSERT_PTR_NOT_NULL(strstr(text,
				      "\n1,6.18,1,[7],[7],,invalid,\"--set tasks[0].cpus: there is no CPU 7 "
				      "(expected 0..1, of machine.cpus)\",,,0,,"));
	g_free(text);
	text = printed(folder, "sweep small.json --set swap[0].size=64KiB,16MiB "
			       "--set tasks[0].oom_score_adj=0,-1000 --seeds 2");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "killed 2/2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "failed 2/2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\npoint 0 killed: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\npoint 2 failed: cgroup \"g\" is out of memory"));
	g_free(text);
	test_folder_free(folder);
}

/* What is wrong with the path of a sweep in the file is told by validate, too, at its place. */
static void test_paths(void)
{
	static const struct {
		const char *path, *message;
	} list[] = {
		{ "cgroups[7].memory.max", "no element 7 of cgroups (there is only cgroups[0])" },
		{ "cgroups[1].memory.max", "no element 1 of cgroups (there is only cgroups[0])" },
		{ "cgroups[gg].memory.max", "no element of cgroups is called \"gg\" (one of g)" },
		{ "cgroups[0].memory.mx", "unknown key (did you mean \"memory.max\"?)" },
		{ "machne.cpus", "machne: unknown key (did you mean \"machine\"?)" },
		{ "cgroups[0", "malformed path (expected one like machine.cpus, cgroups[0].memory.max or "
			       "cgroups[NAME].memory.max)" },
		{ "cgroups[0]..name", "malformed path (expected one like machine.cpus, cgroups[0].memory.max "
				      "or cgroups[NAME].memory.max)" },
		{ "machine.cpus.x", "machine.cpus is the number 2 (expected an object)" },
		{ "cgroups.name", "cgroups is an array (expected an object)" },
	};
	char *folder = test_folder();

	for (u32 i = 0; i < ARRAY_SIZE(list); i++) {
		char *text = g_strconcat("{\"sweep\": {\n\"", list[i].path, "\": [\"1MiB\"]},\n" SWEPT, NULL);
		char *message = g_strdup_printf("swapsim: a.json:2:%u: sweep.\"%s\"[0]: %s\n",
						(u32)strlen(list[i].path) + 6, list[i].path, list[i].message);

		write_file(folder, "a.json", text);
		CU_ASSERT(refused(folder, "validate a.json", 4, message));
		CU_ASSERT(refused(folder, "sweep a.json", 4, message));
		g_free(message);
		g_free(text);
	}
	test_folder_free(folder);
}

/* One place, whatever it is called. */
static void test_named_elements(void)
{
	char *folder = test_folder(), *text;

	write_file(folder, "a.json", SWEEP("\"cgroups[g].memory.max\": [\"1MiB\", \"2MiB\"]"));
	text = printed(folder, "sweep a.json -n --format csv");
	CU_ASSERT_STRING_EQUAL(text,
			       "point,cgroups[g].memory.max,state,reason\n0,1MiB,to do,\n1,2MiB,to do,\n");
	g_free(text);
	text = printed(folder, "sweep a.json -n --format csv --set cgroups[0].memory.max=50%");
	CU_ASSERT_STRING_EQUAL(text, "point,state,reason\n0,to do,\n");
	g_free(text);
	text = printed(folder, "validate a.json");
	g_free(text);
	text = printed(folder, "compare small.json --sweep cgroups[g].memory.max=1MiB,2MiB --seeds 1");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\ncgroups[g].memory.max  kernel "));
	g_free(text);
	test_folder_free(folder);
}

static void test_errors(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "sweep small.json --set machine.cpus=1,0", 4,
			  "swapsim: --set machine.cpus: the number 0 is out of range (expected an integer, "
			  "1..1024)\n"));
	CU_ASSERT(
	    refused(folder, "sweep small.json --set machine.cpus=4..2", 4,
		    "swapsim: --set machine.cpus: not a range (expected A..B with A <= B, 10000 values at "
		    "most)\n"));
	CU_ASSERT(refused(folder, "sweep small.json --set machine.cpus=1,2,1", 4,
			  "swapsim: --set machine.cpus: stands here twice (expected once)\n"));
	CU_ASSERT(
	    refused(folder, "sweep small.json --set machine.cpus", 2,
		    "swapsim: --set machine.cpus: not possible (path=value, or path=value,value,...)\n"));
	CU_ASSERT(refused(folder, "sweep small.json --shard 0/2", 2,
			  "swapsim: --shard 0/2: not possible (I/N, 1 <= I <= N <= 10000)\n"));
	CU_ASSERT(refused(folder,
			  "sweep small.json --set machine.seed=1..1000 --set machine.page-cluster=0..12 "
			  "--set machine.swappiness=1..100",
			  2, "swapsim: sweep: more than 100000 points (fewer values, or several sweeps)\n"));
	write_file(folder, "a.json", SWEEP("\n \"machine.cpus\": [1, \"x\"]"));
	CU_ASSERT(
	    refused(folder, "sweep a.json -o r", 4,
		    "swapsim: a.json:2:22: sweep.\"machine.cpus\"[1]: found the string \"x\" (expected an "
		    "integer, 1..1024)\n"));
	/* What is not the value's fault is not put down to it. */
	CU_ASSERT(
	    refused(folder, "sweep small.json --set machine.cpus=1,2 --set machine.cpu=none", 4,
		    "swapsim: --set machine.cpu: unknown CPU profile \"none\" (expected one of server, vm, "
		    "emulated)\n"));
	write_file(folder, "a.json", SWEEP("\n \"machine.cpsu\": [1]"));
	CU_ASSERT(refused(
	    folder, "sweep a.json -o r", 4,
	    "swapsim: a.json:2:19: sweep.\"machine.cpsu\"[0]: unknown key (did you mean \"cpu\"?)\n"));
	write_file(folder, "a.json", SWEEP("\n \"machine.cpus\": []"));
	CU_ASSERT(refused(
	    folder, "validate a.json", 4,
	    "swapsim: a.json:2:18: sweep.\"machine.cpus\": found 0 elements (expected at least 1)\n"));
	CU_ASSERT_FALSE(file_exists(folder, "r"));
	CU_ASSERT_FALSE(file_exists(folder, "r.part"));
	test_folder_free(folder);
}

static void check_same_files(const char *folder, const char *a, const char *b)
{
	static const char *const names[] = { "scenario.json", "sweep.csv", "manifest.json" };

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		char *name[2] = { g_build_filename(a, names[i], NULL), g_build_filename(b, names[i], NULL) };
		char *text[2] = { file_text(folder, name[0]), file_text(folder, name[1]) };

		CU_ASSERT_STRING_EQUAL(text[0], text[1]);
		for (u32 k = 0; k < 2; k++) {
			g_free(name[k]);
			g_free(text[k]);
		}
	}
}

static void test_shards(void)
{
	char *folder = sweep_folder();
	cJSON *manifest;

	done(folder, "sweep grid.json -o whole");
	done(folder, "sweep grid.json --shard 1/3 -o a");
	done(folder, "sweep grid.json --shard 2/3 -o b");
	done(folder, "sweep grid.json --shard 3/3 -o c");
	done(folder, "merge c a b -o joined");
	check_same_files(folder, "whole", "joined");
	manifest = parsed(file_text(folder, "b/manifest.json"));
	CU_ASSERT_STRING_EQUAL(text_at(manifest, "shard"), "2/3");
	CU_ASSERT_TRUE(cJSON_IsTrue(at(manifest, "complete")));
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(manifest, "runs")), 3);
	cJSON_Delete(manifest);
	CU_ASSERT(refused(
	    folder, "merge a c", 1,
	    "swapsim: merge: 3 of 8 points are missing, the first is 1 (all shards, or --partial)\n"));
	done(folder, "merge a c --partial -o some");
	manifest = parsed(file_text(folder, "some/manifest.json"));
	CU_ASSERT_TRUE(cJSON_IsFalse(at(manifest, "complete")));
	cJSON_Delete(manifest);
	done(folder, "sweep small.json --seeds 2 -o other");
	CU_ASSERT(refused(folder, "merge a other", 2, "swapsim: merge: other is of another sweep than a\n"));
	done(folder, "run small.json -o run");
	CU_ASSERT(refused(folder, "merge run", 1, "swapsim: run: no result of swapsim sweep\n"));
	test_folder_free(folder);
}

/* With sanitizers fewer take as long. */
static unsigned slow_accesses(void)
{
	return unit_runs(700000, 140000);
}

/* Its last point lasts until somebody has seen the others; overwritten by the next one. */
static const char *slow(const char *options)
{
	static char command[160];

	g_snprintf(command, sizeof command,
		   "sweep small.json --jobs 1 --set tasks[0].workload.rand.accesses=1000,2000,3000,%u %s",
		   slow_accesses(), options);
	return command;
}

static u32 line_count(const char *folder, const char *name)
{
	char *text = file_exists(folder, name) ? file_text(folder, name) : g_strdup("");
	u32 n = 0;

	for (const char *c = text; *c; c++)
		n += *c == '\n';
	g_free(text);
	return n;
}

/* Until the last, slow point is what it is at: the head, the names of the figures and three results are kept.
 */
static int stopped_by(const char *folder, const char *arguments, const char *part, int number)
{
	char **argv = command_line(arguments);
	GPid pid = 0;
	int status = 0;

	CU_ASSERT_TRUE_FATAL(
	    g_spawn_async(folder, argv, NULL,
			  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
			  NULL, NULL, &pid, NULL));
	for (u32 i = 0; i < 10000 && line_count(folder, part) < 5; i++)
		g_usleep(1000);
	kill(pid, number);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	g_strfreev(argv);
	return status;
}

static void test_killed(void)
{
	char *folder = test_folder(), *part, *text, *left;
	struct said said;
	int status = stopped_by(folder, slow("-o r"), "r.part", SIGKILL);

	CU_ASSERT(WIFSIGNALED(status));
	CU_ASSERT_FALSE(file_exists(folder, "r"));
	/* The last line is cut, as it might have been. */
	part = file_text(folder, "r.part");
	CU_ASSERT_EQUAL(line_count(folder, "r.part"), 5);
	part[strlen(part) - 9] = 0;
	write_file(folder, "r.part", part);
	text = printed(folder, slow("-o r --dry-run --format csv"));
	left = g_strdup_printf(",reason\n0,1000,done,\n1,2000,done,\n2,3000,to do,\n3,%u,to do,\n",
			       slow_accesses());
	CU_ASSERT(g_str_has_suffix(text, left));
	g_free(left);
	CU_ASSERT(refused(folder, slow("-o r --figures g:accesses -q"), 1,
			  "swapsim: r.part: holds other figures of cgroups (the --figures it was begun "
			  "with; --fresh begins again)\n"));
	said = swapsim(folder, slow("-o r"));
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: sweep: 2 results are in r.part already\n");
	done(folder, slow("-o whole"));
	check_same_files(folder, "whole", "r");
	CU_ASSERT_EQUAL(entries(folder), 3);
	said_release(&said);
	g_free(text);
	g_free(part);
	test_folder_free(folder);
}

static void test_interrupted(void)
{
	char *folder = test_folder(), *csv;
	int status = stopped_by(folder, slow("-o r"), "r.part", SIGINT);
	cJSON *manifest = parsed(file_text(folder, "r/manifest.json"));

	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 130);
	CU_ASSERT_TRUE(cJSON_IsFalse(at(manifest, "complete")));
	csv = file_text(folder, "r/sweep.csv");
	CU_ASSERT_EQUAL(csv_lines(csv), 4);
	g_free(csv);
	done(folder, slow("-o r -q"));
	done(folder, slow("-o whole"));
	check_same_files(folder, "whole", "r");
	CU_ASSERT_EQUAL(entries(folder), 3);
	CU_ASSERT(refused(folder, slow("-o r"), 1, "swapsim: r: exists (another --output, or --force)\n"));
	cJSON_Delete(manifest);
	test_folder_free(folder);
}

/* What somebody else's file holds is not taken for results, nor overwritten. */
static void test_foreign_part(void)
{
	char *folder = test_folder(), *text;

	write_file(folder, "r.part", "something else\n");
	CU_ASSERT(
	    refused(folder, "sweep small.json -o r", 1,
		    "swapsim: r.part: is no file of a sweep (--fresh begins again, or move it away)\n"));
	text = file_text(folder, "r.part");
	CU_ASSERT_STRING_EQUAL(text, "something else\n");
	g_free(text);
	done(folder, "sweep small.json -o r --fresh");
	CU_ASSERT_FALSE(file_exists(folder, "r.part"));
	CU_ASSERT(file_exists(folder, "r/sweep.csv"));
	test_folder_free(folder);
}

/* A curve a device; the runs that ended badly are no points of it, but their limit is on the axis. */
static void test_picture(void)
{
	char *folder = test_folder(), *text;
	struct said said;

	done(folder, "sweep small.json --set swap[0].device=zram-lz4,nvme-client --set "
		     "cgroups[0].memory.max=110%,50%,1% -o r");
	text = file_text(folder, "r/sweep.csv");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, ",1%,zram-lz4,1,killed,"));
	g_free(text);
	said = swapsim(folder, "plot thrashing r");
	said_release(&said);
	text = file_text(folder, "r/thrashing.csv");
	CU_ASSERT(g_str_has_prefix(text, "memory_percent,zram-lz4:useful_work_percent,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, ",nvme-client:useful_work_percent,"));
	CU_ASSERT_EQUAL(csv_lines(text), 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n1.0,,,,,,"));
	g_free(text);
	test_folder_free(folder);
}

#define ZRAM(size) "{\"device\": \"zram-lz4\", \"size\": \"" size "\"}"
#define NVME "{\"device\": \"nvme-fast\", \"size\": \"16MiB\"}"

/* Pictures name them by their devices, unless these are the same. */
static void test_lists_of_devices(void)
{
	char *folder = test_folder(), *manifest, *text;

	write_file(folder, "lists.json",
		   SWEEP("\"swap\": [[" ZRAM("16MiB") "], [" ZRAM(
		       "16MiB") ", " NVME "], []], \"cgroups[0].memory.max\": [\"110%\", \"60%\"]"));
	done(folder, "sweep lists.json -o r");
	text = file_text(folder, "r/sweep.csv");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, ",60%,zram-lz4,60,ok,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, ",60%,zram-lz4 + nvme-fast,60,ok,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, ",[],110%,no swap,110,ok,"));
	manifest = file_text(folder, "r/manifest.json");
	CU_ASSERT_PTR_NOT_NULL(strstr(manifest, "\"zram-lz4 or zram-lz4 + nvme-fast or no swap\""));
	g_free(manifest);
	g_free(text);
	write_file(folder, "sizes.json", SWEEP("\"swap\": [[" ZRAM("8MiB") "], [" ZRAM("16MiB") "]]"));
	text = printed(folder, "sweep sizes.json --format csv");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, ",\"[{\"\"device\"\":\"\"zram-lz4\"\",\"\"size\"\":\"\"8MiB\"\"}]\",,ok,"));
	g_free(text);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "the points are all combinations, and the command line goes before the file", test_points },
	{ "every row is what a single run comes to, whatever the number of jobs", test_table },
	{ "people get medians over seeds, programs every point", test_formats },
	{ "a point that is killed, fails or cannot be is a row with its reason", test_failures },
	{ "a value that is wrong by itself is told where it stands", test_errors },
	{ "paths that lead nowhere are told before a sweep begins", test_paths },
	{ "elements of lists are called by index or name", test_named_elements },
	{ "shards joined are the sweep in one piece, to the byte", test_shards },
	{ "what was killed goes on, and loses no more than a line", test_killed },
	{ "what was interrupted is marked incomplete, and goes on", test_interrupted },
	{ "a file of somebody else is left alone", test_foreign_part },
	{ "a sweep of devices draws a thrashing curve for each", test_picture },
	{ "lists of devices are values, and are told apart by what is in them", test_lists_of_devices },
};
UNIT_MAIN("cli: sweep", tests)
