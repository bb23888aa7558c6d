/*
 * What newcomers get wrong: each mistake is found, where it stands, and what would be right is said.
 */
#include "tests/unit/test_cli.h"

/* Right; each mistake changes a piece of it. */
static const char good[] = "{\n"
			   "  \"format\": 1,\n"
			   "  \"name\": \"first-try\",\n"
			   "  \"machine\": { \"cpus\": 2, \"memory\": \"64MiB\" },\n"
			   "  \"swap\": [ { \"device\": \"zram-lz4\", \"size\": \"16MiB\" } ],\n"
			   "  \"cgroups\": [ { \"name\": \"g\", \"memory.max\": \"50%\" } ],\n"
			   "  \"tasks\": [\n"
			   "    { \"name\": \"t\", \"cgroup\": \"g\",\n"
			   "      \"workload\": { \"rand\": { \"size\": \"2MiB\", \"accesses\": 3000 } } }\n"
			   "  ]\n"
			   "}\n";
#define WORK "\"rand\": { \"size\": \"2MiB\", \"accesses\": 3000 }"

struct mistake {
	const char *from; /* in the scenario, */
	const char *to;	  /* becomes this */
	int status;
	const char *message; /* behind "swapsim: " */
};

static char *mistaken(const struct mistake *m)
{
	const char *place = strstr(good, m->from);

	CU_ASSERT_PTR_NOT_NULL_FATAL(place);
	return g_strdup_printf("%.*s%s%s", (int)(place - good), good, m->to, place + strlen(m->from));
}

static void check_one(const char *folder, const struct mistake *m)
{
	char *text = mistaken(m), *message = g_strdup_printf("swapsim: %s\n", m->message);

	write_file(folder, "s.json", text);
	CU_ASSERT(refused(folder, "run s.json", m->status, message));
	g_free(message);
	g_free(text);
}

static void check_all(const struct mistake *list, size_t n)
{
	char *folder = test_folder();

	for (size_t i = 0; i < n; i++)
		check_one(folder, &list[i]);
	test_folder_free(folder);
}

static void test_right(void)
{
	char *folder = test_folder();

	write_file(folder, "s.json", good);
	done(folder, "run s.json");
	test_folder_free(folder);
}

static void test_grammar(void)
{
	static const struct mistake list[] = {
		{ "\"memory\": \"64MiB\" }", "\"memory\": \"64MiB\", }", 4,
		  "s.json:4:44: trailing ',' before '}' (expected none)" },
		{ "\"cpus\": 2,", "\"cpus\": 2", 4, "s.json:4:26: unexpected '\"' (expected ',' or '}')" },
		{ "\"first-try\"", "\"first-try", 4,
		  "s.json:3:22: the line ends within a string (expected a closing '\"')" },
		{ "\"cpus\": 2", "cpus: 2", 4,
		  "s.json:4:16: unexpected 'c' (expected a key in double quotes)" },
		{ "\"first-try\"", "'first-try'", 4,
		  "s.json:3:11: single quote (expected strings and keys in double quotes)" },
		{ "\"format\": 1,", "\"format\": 1, // version", 4,
		  "s.json:2:16: comment (JSON has no comments)" },
		{ "\"memory\": \"64MiB\" }", "\"memory\": \"64MiB\"", 4,
		  "s.json:12:1: unexpected end of text (expected ',' or '}')" },
		{ "\n  ]\n}\n", "", 4, "s.json:9:69: unexpected end of text (expected ',' or ']')" },
	};

	check_all(list, ARRAY_SIZE(list));
}

static void test_keys(void)
{
	static const struct mistake list[] = {
		{ "\"memory.max\"", "\"memory.maximum\"", 4,
		  "s.json:6:31: cgroups[0].\"memory.maximum\": unknown key (did you mean \"memory.max\"?)" },
		{ "\"accesses\"", "\"acesses\"", 4,
		  "s.json:9:47: tasks[0].workload.rand.acesses: unknown key (did you mean \"accesses\"?)" },
		{ "\"cpus\": 2,", "\"cpus\": 2, \"cpus\": 4,", 4,
		  "s.json:4:27: machine.cpus: duplicate key (expected it once; first on line 4)" },
		{ ", \"size\": \"16MiB\"", "", 4,
		  "s.json:5:13: swap[0]: missing key \"size\" (expected a size, 8KiB..1TiB, in bytes or with "
		  "KiB, MiB, GiB or TiB)" },
		{ "\"format\": 1,\n  ", "", 4,
		  "s.json:1:1: missing key \"format\" (expected the integer 1)" },
		{ "\"rand\": {", "\"seq\": { \"pages\": 4 }, \"rand\": {", 4,
		  "s.json:9:44: tasks[0].workload.rand: excluded by \"seq\" (expected exactly one of "
		  "\"seq\", \"back\", \"stride\", \"rand\", \"zipf\", \"zipfloc\", \"hotcold\", "
		  "\"objects\", \"churn\", \"rounds\", "
		  "\"usemem\", \"build\", "
		  "\"pageout\", \"dontneed\", \"free\", \"willneed\", \"trace\")" },
		{ "\"size\": \"2MiB\"", "\"size\": \"2MiB\", \"pages\": 512", 4,
		  "s.json:9:47: tasks[0].workload.rand.pages: excluded by \"size\" (expected exactly one of "
		  "\"size\", \"pages\")" },
		{ "  ]\n}", "  ],\n  \"stop\": { \"phase\": \"run\" }\n}", 4,
		  "s.json:11:13: stop.phase: unknown key (expected one of \"after\")" },
	};

	check_all(list, ARRAY_SIZE(list));
}

static void test_values(void)
{
	static const struct mistake list[] = {
		{ "\"64MiB\"", "\"64MB\"", 4,
		  "s.json:4:37: machine.memory: the string \"64MB\" has an unknown unit (expected a size, "
		  "1MiB..1TiB, in bytes or with KiB, MiB, GiB or TiB)" },
		{ "\"2MiB\", \"acc", "2, \"acc", 4,
		  "s.json:9:39: tasks[0].workload.rand.size: the number 2 is out of range (expected a size, "
		  "4KiB..1TiB, in bytes or with KiB, MiB, GiB or TiB)" },
		{ "\"accesses\": 3000", "\"accesses\": \"3000\"", 4,
		  "s.json:9:59: tasks[0].workload.rand.accesses: found the string \"3000\" (expected an "
		  "integer, 1..9007199254740992)" },
		{ "\"accesses\": 3000", "\"accesses\": 3000, \"think\": 5", 4,
		  "s.json:9:74: tasks[0].workload.rand.think: found the number 5 (expected a duration, "
		  "0ns..4ms, with ns, us, ms or s)" },
		{ "\"memory\": \"64MiB\"", "\"memory\": \"50%\"", 4,
		  "s.json:4:37: machine.memory: the string \"50%\" is a percentage, and there is nothing "
		  "here "
		  "that it could be of (expected a size, "
		  "1MiB..1TiB, in bytes or with KiB, MiB, GiB or TiB)" },
		{ "\"50%\"", "\"50%\", \"memory.low\": \"1001%\"", 4,
		  "s.json:6:66: cgroups[0].\"memory.low\": the string \"1001%\" is out of range (expected a "
		  "size, 0..1024TiB, in bytes or with KiB, MiB, GiB or TiB, or \"max\", or a percentage, "
		  "\"0%\"..\"1000%\")" },
		{ "\"50%\"", "\"5000%\"", 4,
		  "s.json:6:45: cgroups[0].\"memory.max\": the string \"5000%\" is out of range (expected a "
		  "size, 4KiB..1024TiB, in bytes or with KiB, MiB, GiB or TiB, or \"max\", or a percentage, "
		  "\"1%\"..\"1000%\")" },
		{ "\"name\": \"t\", ", "\"name\": \"t\", \"count\": 0, ", 4,
		  "s.json:8:29: tasks[0].count: the number 0 is out of range (expected an integer, "
		  "1..131072)" },
		{ "  ]\n}", "  ],\n  \"stop\": { \"after\": \"0s\" }\n}", 4,
		  "s.json:11:22: stop.after: the string \"0s\" is out of range (expected a duration, at "
		  "least 1ns, with ns, us, ms or s)" },
		{ "  ]\n}", "  ],\n  \"stop\": { \"after\": 60 }\n}", 4,
		  "s.json:11:22: stop.after: found the number 60 (expected a duration, at least 1ns, with "
		  "ns, us, ms or s)" },
		{ "\"cpus\": 2", "\"cpus\": -2", 4,
		  "s.json:4:24: machine.cpus: the number -2 is out of range (expected an integer, 1..1024)" },
		{ "\"cpus\": 2", "\"cpus\": 2.5", 4,
		  "s.json:4:24: machine.cpus: found the number 2.5 (expected an integer, 1..1024)" },
		{ "\"cpus\": 2", "\"kernel\": 6.18, \"cpus\": 2", 4,
		  "s.json:4:26: machine.kernel: found the number 6.18 (expected a string, \"6.18\")" },
		{ "[ { \"device\": \"zram-lz4\", \"size\": \"16MiB\" } ]",
		  "{ \"device\": \"zram-lz4\", \"size\": \"16MiB\" }", 4,
		  "s.json:5:11: swap: found an object (expected an array)" },
		{ "\"format\": 1", "\"format\": 2", 4,
		  "s.json:2:13: format: the number 2 is out of range (expected the integer 1)" },
		{ "\"name\": \"t\"", "\"name\": \"my task\"", 4,
		  "s.json:8:15: tasks[0].name: the string \"my task\" does not fit (expected a name: a "
		  "letter or _, then letters, digits, _ or -)" },
		{ "  ]\n}", "  ],\n  \"sample\": { \"every\": \"1ns\" }\n}", 4,
		  "s.json:11:24: sample.every: the string \"1ns\" is out of range (expected a duration, at "
		  "least 1us, with ns, us, ms or s)" },
	};

	check_all(list, ARRAY_SIZE(list));
}

static void test_names(void)
{
	static const struct mistake list[] = {
		{ "\"cpus\": 2", "\"kernel\": \"6.19\", \"cpus\": 2", 4,
		  "s.json:4:26: machine.kernel: unknown release \"6.19\" (one of 6.1, 6.12, 6.14, 6.17, "
		  "6.18, 7.0, 7.0-fix, 7.1, 7.2)" },
		{ "zram-lz4", "zram", 4,
		  "s.json:5:25: swap[0].device: unknown device \"zram\" (did you mean \"zram-lz4\"?)" },
		{ "\"cgroup\": \"g\"", "\"cgroup\": \"G\"", 4,
		  "s.json:8:30: tasks[0].cgroup: unknown cgroup \"G\" (expected one of g)" },
		{ "\"cgroup\": \"g\",", "\"cgroup\": \"g\", \"process\": \"p\",", 4,
		  "s.json:8:46: tasks[0].process: unknown process \"p\" (expected one listed in "
		  "\"processes\", which is empty)" },
		{ WORK, "\"trace\": { \"file\": \"cc2\" }", 4,
		  "s.json:9:40: tasks[0].workload.trace.file: there is no trace \"cc2\" (expected a file "
		  "beside the scenario, or a bundled trace)" },
		{ "\"cgroup\": \"g\",", "\"cgroup\": \"g\", \"cpus\": [2],", 4,
		  "s.json:8:43: tasks[0].cpus: there is no CPU 2 (expected 0..1, of machine.cpus)" },
	};

	check_all(list, ARRAY_SIZE(list));
}

static void test_contradictions(void)
{
	static const struct mistake list[] = {
		{ "\"cgroup\": \"g\",", "", 4,
		  "s.json:6:45: cgroups[0].\"memory.max\": is a part of the data of its processes, and there "
		  "are none (expected a size, or a task with this \"cgroup\")" },
		{ "\"64MiB\" },\n  \"swap\": [ { \"device\": \"zram-lz4\", \"size\": \"16MiB\"",
		  "\"16MiB\" },\n  \"swap\": [ { \"device\": \"zram-lz4\", \"size\": \"64GiB\"", 4,
		  "s.json:4:37: machine.memory: the machine's memory does not hold the metadata of its swap "
		  "devices and the overhead of its processes: 13117 pages needed, 3891 there above the min "
		  "watermark (give it more, or make the devices smaller)" },
		{ "\"50%\"", "\"100KiB\"", 4,
		  "s.json:6:45: cgroups[0].\"memory.max\": is 25 pages, which the overhead of its "
		  "processes fills (expected more than 61 pages)" },
		{ "\"cpus\": 2",
		  "\"kernel\": \"6.18+table-alloc=v3\", \"patches\": { \"table-alloc\": \"v4\" }, \"cpus\": "
		  "2",
		  4, "s.json:4:77: machine.patches.table-alloc: stands in \"kernel\" too (expected once)" },
		{ WORK, "\"trace\": { \"file\": \"cc1\", \"accesses\": 100, \"passes\": 1 }", 4,
		  "s.json:9:74: tasks[0].workload.trace.passes: stands beside \"accesses\" (expected one of "
		  "the two)" },
		{ "\"cpus\": 2", "\"min_free_kbytes\": 65536, \"cpus\": 2", 4,
		  "s.json:4:35: machine.min_free_kbytes: is all of \"memory\" (expected less)" },
	};

	check_all(list, ARRAY_SIZE(list));
}

/* Two sizes that have changed places, but a limit may well be larger than a machine. */
static void test_high_limit(void)
{
	const struct mistake m = { "\"50%\"", "\"1GiB\"", 0, "" };
	char *folder = test_folder(), *text = mistaken(&m);
	struct said said;

	write_file(folder, "s.json", text);
	said = swapsim(folder, "run s.json");
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: warning: s.json:6:45: cgroups[0].\"memory.max\": is above "
					 "machine.memory and never reached (expected less, or \"max\")\n");
	said_release(&said);
	g_free(text);
	test_folder_free(folder);
}

static void test_long_run(void)
{
	const struct mistake m = { "3000", "9007199254740992", 0, "" };
	char *folder = test_folder(), *text = mistaken(&m);
	struct said said;

	write_file(folder, "s.json", text);
	said = swapsim(folder, "validate s.json");
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_STRING_EQUAL(said.err,
			       "swapsim: warning: all the accesses of the tasks take 25019 hours or longer "
			       "(\"stop\": {\"after\": ...} ends a run earlier)\n");
	said_release(&said);
	g_free(text);
	test_folder_free(folder);
}

static void test_command_line(void)
{
	char *folder = test_folder();

	write_file(folder, "s.json", good);
	CU_ASSERT(refused(folder, "runn s.json", 2, "swapsim: runn: no such command (did you mean run?)\n"));
	CU_ASSERT(
	    refused(folder, "run s.jsn", 1, "swapsim: s.jsn: cannot be read: No such file or directory\n"));
	CU_ASSERT(refused(folder, "run demoo", 1,
			  "swapsim: demoo: no such file, and no bundled scenario is called so (did you mean "
			  "demo?)\n"));
	CU_ASSERT(refused(folder, "sweep zipf-two-cgroup", 1,
			  "swapsim: zipf-two-cgroup: no such file, and no bundled scenario is called so (did "
			  "you mean zipf-two-cgroups?)\n"));
	CU_ASSERT(refused(folder, "list kernals", 2,
			  "swapsim: list: kernals: no such list (did you mean kernels?)\n"));
	CU_ASSERT(
	    refused(folder, "list", 2,
		    "swapsim: list: of what? (one of kernels patches devices cpus corpora workloads counters "
		    "figures locks paths steps windows invariants choices traces scenarios presets "
		    "plots rechecks)\n"));
	done(folder, "run s.json --set cgroups[0].memory.low=0% --set cgroups[g].memory.min=0%");
	CU_ASSERT(refused(folder, "run s.json --set machine.cpus", 2,
			  "swapsim: --set machine.cpus: no '=' (expected path=value)\n"));
	CU_ASSERT(refused(folder, "run s.json --set machine.cpu_s=4", 4,
			  "swapsim: --set machine.cpu_s: unknown key (did you mean \"cpus\"?)\n"));
	CU_ASSERT(
	    refused(folder, "run s.json --set 'cgroups[0].memory.max=1GB'", 4,
		    "swapsim: --set cgroups[0].memory.max: the string \"1GB\" has an unknown unit (expected "
		    "a size, 4KiB..1024TiB, in bytes or with KiB, MiB, GiB or TiB, or \"max\", or a "
		    "percentage, \"1%\"..\"1000%\")\n"));
	test_folder_free(folder);
}

/* A scenario with a trace of its own, in a file "t". */
static char *replaying(const char *folder)
{
	const struct mistake m = { WORK, "\"trace\": { \"file\": \"t\" }", 0, "" };
	char *text = mistaken(&m);

	write_file(folder, "s.json", text);
	return text;
}

static void test_traces(void)
{
	char *folder = test_folder(), *text = replaying(folder), *whole;
	char *cut = g_build_filename(folder, "t", NULL);
	gsize size;

	write_file(folder, "t", "page,op\n0,R\n1,W\n");
	CU_ASSERT(refused(folder, "run s.json", 5,
			  "swapsim: ./t: is no trace (the first line would be \"swapsim-trace 1\"; swapsim "
			  "trace import makes one of other files)\n"));
	CU_ASSERT(refused(folder, "trace import t --format perf -o u", 5,
			  "swapsim: t:1:1: no event (COMM PID [CPU] SECONDS: EVENT: ...)\n"));
	done(folder, "trace import t -o t.swt");
	CU_ASSERT(refused(folder, "trace import t.swt -o u", 5,
			  "swapsim: t.swt:1:1: this is a trace already (swapsim trace info says what is in "
			  "it)\n"));
	CU_ASSERT_TRUE_FATAL(
	    g_file_get_contents(SOURCE_DIR "/traces/groundtruth/rand.swt", &whole, &size, NULL));
	CU_ASSERT_TRUE_FATAL(g_file_set_contents(cut, whole, (gssize)size / 2, NULL));
	CU_ASSERT(refused(folder, "run s.json", 5,
			  "swapsim: ./t: block 0: the file is cut short (0 of 32701 runs are before it)\n"));
	write_file(folder, "t", "time,address\n1,4096\n");
	CU_ASSERT(
	    refused(folder, "trace import t -o u", 5,
		    "swapsim: t:1:1: no column gives the page (page, vpn or addr in the first line)\n"));
	write_file(folder, "t", "page,op\n1,R\n-3,W\n");
	CU_ASSERT(refused(folder, "trace import t -o u", 5,
			  "swapsim: t:3:1: no page or address (a decimal number below 2^63)\n"));
	CU_ASSERT_FALSE(file_exists(folder, "u"));
	g_free(whole);
	g_free(cut);
	g_free(text);
	test_folder_free(folder);
}

/* What a terminal would obey does not get there. */
static void test_quoting(void)
{
	char *folder = test_folder();

	write_file(folder, "t", "page,op\n1,R\n");
	CU_ASSERT(refused(folder, "trace import t --columns 'page=\x1b[2J' -o u", 5,
			  "swapsim: t:1:1: no column is called \"?[2J\" (as the column map says)\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "the scenario that mistakes are made in is right", test_right },
	{ "what is no JSON is pointed at", test_grammar },
	{ "keys that are wrong, missing or there twice are named", test_keys },
	{ "values that cannot be are refused with those that can", test_values },
	{ "names that mean nothing are refused with those that do", test_names },
	{ "what contradicts something else is refused with what would agree", test_contradictions },
	{ "a limit above all memory is doubted", test_high_limit },
	{ "a run of years is doubted", test_long_run },
	{ "mistakes of the command line are told from those of files", test_command_line },
	{ "a trace of the wrong kind, or half of one, is refused", test_traces },
	{ "nothing that is quoted moves a terminal", test_quoting },
};
UNIT_MAIN("cli: mistakes", tests)
