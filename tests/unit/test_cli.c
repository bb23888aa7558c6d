#include "tests/unit/test_cli.h"

#include <signal.h>

static void test_usage_errors(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "rnu", 2, "swapsim: rnu: no such command (did you mean run?)\n"));
	CU_ASSERT(refused(folder, "xyzzy", 2, "swapsim: xyzzy: no such command (swapsim help lists them)\n"));
	CU_ASSERT(refused(folder, "run", 2, "swapsim: run: too few arguments (usage: swapsim run FILE)\n"));
	CU_ASSERT(
	    refused(folder, "run a b", 2, "swapsim: run: unexpected argument b (usage: swapsim run FILE)\n"));
	CU_ASSERT(refused(folder, "run small.json --sedd 4", 2,
			  "swapsim: run: Unknown option --sedd (did you mean --seed?)\n"));
	CU_ASSERT(refused(folder, "run small.json --seed -1", 2,
			  "swapsim: --seed -1: not possible (a whole number, 0 to 2^53)\n"));
	CU_ASSERT(refused(folder, "run small.json --seed 9007199254740993", 2,
			  "swapsim: --seed 9007199254740993: not possible (a whole number, 0 to 2^53)\n"));
	CU_ASSERT(refused(folder, "run small.json --format xml", 2,
			  "swapsim: --format xml: not possible (table, json, csv or markdown)\n"));
	CU_ASSERT(refused(folder, "run small.json --ties random", 2,
			  "swapsim: --ties random: not possible (fifo, lifo or seed)\n"));
	CU_ASSERT(refused(
	    folder, "compare small.json --seeds 3..1", 2,
	    "swapsim: --seeds 3..1: not possible (a number of seeds, 1 to 10000, or two seeds A..B)\n"));
	CU_ASSERT(refused(folder, "compare small.json --sweep machine.cpus", 2,
			  "swapsim: --sweep machine.cpus: not possible (path=value,value,...)\n"));
	CU_ASSERT(refused(
	    folder, "compare small.json --fail-if pgfault", 2,
	    "swapsim: --fail-if pgfault: not a condition (FIGURE>NUMBER, FIGURE<NUMBER or, of the first "
	    "kernel, FIGURE>NUMBER%)\n"));
	CU_ASSERT(
	    refused(folder, "list pats", 2, "swapsim: list: pats: no such list (did you mean paths?)\n"));
	CU_ASSERT(refused(folder, "trace inof x", 2,
			  "swapsim: trace: inof: no such command (did you mean info?)\n"));
	CU_ASSERT(refused(folder, "plot trashing .", 2,
			  "swapsim: plot: no plot is called trashing (did you mean thrashing?)\n"));
	test_folder_free(folder);
}

static void test_help(void)
{
	static const char *const commands[] = { "run",	  "compare",	"sweep",    "merge",
						"size",	  "diff",	"explain",  "plot",
						"record", "trace",	"validate", "list",
						"schema", "completion", "man",	    "demo" };
	char *folder = test_folder();
	char *overview = printed(folder, "help"), *version = printed(folder, "--version");

	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		char *by_command = g_strdup_printf("help %s", commands[i]);
		char *by_option = g_strdup_printf("%s --help", commands[i]);
		char *a = printed(folder, by_command), *b = printed(folder, by_option);

		CU_ASSERT_PTR_NOT_NULL(strstr(overview, commands[i]));
		CU_ASSERT_STRING_EQUAL(a, b);
		CU_ASSERT(strlen(a) > 100);
		g_free(a);
		g_free(b);
		g_free(by_command);
		g_free(by_option);
	}
	CU_ASSERT(g_str_has_prefix(version, "swapsim "));
	g_free(version);
	g_free(overview);
	test_folder_free(folder);
}

static void test_scenario_errors(void)
{
	char *folder = test_folder();

	write_file(folder, "bad.json", "{\"format\": 1,\n \"nam\": \"x\"}\n");
	CU_ASSERT(refused(folder, "run bad.json -o out", 4,
			  "swapsim: bad.json:2:2: nam: unknown key (did you mean \"name\"?)\n"));
	CU_ASSERT_FALSE(file_exists(folder, "out"));
	CU_ASSERT(refused(folder, "run none.json", 1,
			  "swapsim: none.json: cannot be read: No such file or directory\n"));
	CU_ASSERT(refused(
	    folder, "run small.json --set machine.cpus=0 -o out", 4,
	    "swapsim: --set machine.cpus: the number 0 is out of range (expected an integer, 1..1024)\n"));
	CU_ASSERT(refused(folder, "run small.json --kernel 2.4", 2,
			  "swapsim: --kernel 2.4: unknown release \"2.4\" (one of 6.1, 6.12, 6.14, 6.17, "
			  "6.18, 7.0, 7.0-fix, 7.1, 7.2)\n"));
	CU_ASSERT_EQUAL(entries(folder), 2);
	test_folder_free(folder);
}

static void test_validate(void)
{
	char *folder = test_folder();
	struct said said;

	write_file(folder, "bad.json", "{}\n");
	write_file(folder, "cut.json", "{\"format\": 1");
	said = swapsim(folder, "validate bad.json small.json cut.json");
	CU_ASSERT_EQUAL(said.status, 4);
	CU_ASSERT(g_str_has_prefix(said.out,
				   "small.json: ok: small on 6.18; rand, 2 threads; zram-lz4; 1024 pages of "
				   "data; hash "));
	CU_ASSERT_PTR_NOT_NULL(strstr(said.err, "swapsim: bad.json:1:1: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(said.err, "swapsim: cut.json:1:13: "));
	said_release(&said);
	test_folder_free(folder);
}

static void test_run_formats(void)
{
	char *folder = test_folder();
	char *table = printed(folder, "run small.json"), *again = printed(folder, "run small.json");
	char *other = printed(folder, "run small.json --seed 2");
	char *csv = printed(folder, "run small.json --format csv");
	char *markdown = printed(folder, "run small.json --format markdown");
	cJSON *json = parsed(printed(folder, "run small.json --format json"));
	const cJSON *phases = at(json, "phases");

	CU_ASSERT_STRING_EQUAL(table, again);
	CU_ASSERT_STRING_NOT_EQUAL(table, other);
	CU_ASSERT(g_str_has_prefix(table, "small on 6.18, seed 1\n"));
	CU_ASSERT(g_str_has_prefix(csv, "figure,value\ntime_ns,"));
	CU_ASSERT(csv_lines(csv) > 40);
	CU_ASSERT_PTR_NOT_NULL(strstr(markdown, "\n| counter | all | init | run |\n|---|---:|---:|---:|\n"));
	CU_ASSERT_EQUAL(at(json, "format")->valueint, 1);
	CU_ASSERT_STRING_EQUAL(text_at(json, "kernel"), "6.18");
	CU_ASSERT_EQUAL(strlen(text_at(at(json, "fingerprints"), "events")), 16);
	CU_ASSERT_EQUAL(at(at(phases, "run"), "accesses")->valueint +
			    at(at(phases, "init"), "accesses")->valueint,
			at(at(phases, "all"), "accesses")->valueint);
	CU_ASSERT(at(at(at(json, "groups"), "g"), "pswpout")->valueint > 100);
	CU_ASSERT(at(at(at(json, "latency"), "fault"), "p99_ns")->valueint > 1000);
	cJSON_Delete(json);
	g_free(markdown);
	g_free(csv);
	g_free(other);
	g_free(again);
	g_free(table);
	test_folder_free(folder);
}

static void test_same_result_the_slow_way(void)
{
	char *folder = test_folder();
	char *fast = printed(folder, "run small.json --format json --check-determinism --quiet");
	char *slow = printed(folder, "run small.json --format json --every-step");
	struct said said = swapsim(folder, "run small.json --format json --check-determinism");

	CU_ASSERT_STRING_EQUAL(fast, slow);
	CU_ASSERT_STRING_EQUAL(said.out, fast);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: run: two runs, one result\n");
	said_release(&said);
	g_free(fast);
	g_free(slow);
	test_folder_free(folder);
}

static void test_effective_scenario(void)
{
	char *folder = test_folder();
	char *first = printed(folder, "run small.json --set machine.cpus=4 --print-effective"), *second;
	cJSON *json = parsed(g_strdup(first));

	CU_ASSERT_EQUAL(at(at(json, "machine"), "cpus")->valueint, 4);
	write_file(folder, "effective.json", first);
	second = printed(folder, "run effective.json --print-effective");
	CU_ASSERT_STRING_EQUAL(first, second);
	cJSON_Delete(json);
	g_free(first);
	g_free(second);
	test_folder_free(folder);
}

static void test_result_folder(void)
{
	static const char *const names[] = { "manifest.json", "scenario.json", "summary.json",
					     "series.csv",    "cgroups.csv",   "oom.csv",
					     "hist.csv",      "hist_pages.csv" };
	char *folder = test_folder();
	cJSON *manifest;
	char *summary, *printed_summary, *series;

	done(folder, "run small.json -o a/b");
	done(folder, "run small.json -o c/");
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		char *one = g_build_filename("a/b", names[i], NULL),
		     *two = g_build_filename("c", names[i], NULL);
		char *x = file_text(folder, one), *y = file_text(folder, two);

		CU_ASSERT_STRING_EQUAL(x, y);
		g_free(x);
		g_free(y);
		g_free(one);
		g_free(two);
	}
	summary = file_text(folder, "c/summary.json");
	printed_summary = printed(folder, "run small.json --format json");
	CU_ASSERT_STRING_EQUAL(summary, printed_summary);
	series = file_text(folder, "c/series.csv");
	CU_ASSERT(g_str_has_prefix(series, "time_ns,"));
	CU_ASSERT(csv_lines(series) > 1);
	manifest = parsed(file_text(folder, "c/manifest.json"));
	CU_ASSERT_STRING_EQUAL(text_at(manifest, "tool"), "swapsim");
	CU_ASSERT(cJSON_IsTrue(at(manifest, "complete")));
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(manifest, "runs")), 1);
	CU_ASSERT_EQUAL(entries(folder), 3);
	cJSON_Delete(manifest);
	g_free(summary);
	g_free(printed_summary);
	g_free(series);
	test_folder_free(folder);
}

/* Who was killed, in words and in figures. */
static void test_kills(void)
{
	static const char head[] = "time_ns,cgroup,task,process,badness_pages,anon_pages,swap_pages\n";
	char *folder = test_folder();
	char *text = printed(folder, "run small.json --set cgroups[0].memory.swap.max=1MiB --set "
				     "cgroups[0].memory.max=1MiB -o r");
	char *kills = file_text(folder, "r/oom.csv");
	char **line = g_strsplit(kills, "\n", -1);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nkilled: process \"t-"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\" of cgroup \"g\" at "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, " in memory and "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nmemory.events:oom_kill "));
	CU_ASSERT(g_str_has_prefix(kills, head));
	CU_ASSERT(csv_lines(kills) > 1);
	CU_ASSERT(line[1] &&
		  g_regex_match_simple("^[0-9]+,g,t-[01],t-[01],[0-9]+,[0-9]+,[0-9]+$", line[1], 0, 0));
	g_strfreev(line);
	g_free(kills);
	g_free(text);
	text = printed(folder, "run small.json -o s");
	kills = file_text(folder, "s/oom.csv");
	CU_ASSERT_PTR_NULL(strstr(text, "killed"));
	CU_ASSERT_STRING_EQUAL(kills, head);
	g_free(kills);
	g_free(text);
	test_folder_free(folder);
}

/* As much of JSON Schema as the schemas of results use: required, properties, additionalProperties, items. */
static bool fits(const cJSON *schema, const cJSON *value)
{
	const cJSON *child, *key;

	if (cJSON_IsTrue(schema))
		return true;
	if (!cJSON_IsObject(schema))
		return false;
	cJSON_ArrayForEach(key, at(schema, "required"))
	{
		if (!at(value, key->valuestring))
			return false;
	}
	cJSON_ArrayForEach(child, value)
	{
		const cJSON *known =
		    cJSON_IsArray(value) ? at(schema, "items") : at(at(schema, "properties"), child->string);

		if (!fits(known ? known : at(schema, "additionalProperties"), child))
			return false;
	}
	return true;
}

static void check_schema(const char *folder, const char *file, const char *schema_name)
{
	char *text = file_text(SOURCE_DIR "/docs/schema", schema_name);
	cJSON *schema = parsed(text), *value = parsed(file_text(folder, file));

	CU_ASSERT(fits(schema, value));
	cJSON_AddNumberToObject(value, "surplus", 1);
	CU_ASSERT_FALSE(fits(schema, value));
	cJSON_Delete(schema);
	cJSON_Delete(value);
}

static void test_schemas(void)
{
	char *folder = test_folder();

	done(folder, "run small.json -o r");
	done(folder, "compare small.json --sweep machine.cpus=1,2 -o c");
	done(folder, "sweep small.json --set machine.cpus=1,2 --shard 1/2 -o s");
	check_schema(folder, "r/summary.json", "summary.schema.json");
	check_schema(folder, "r/manifest.json", "manifest.schema.json");
	check_schema(folder, "c/manifest.json", "manifest.schema.json");
	check_schema(folder, "s/manifest.json", "manifest.schema.json");
	test_folder_free(folder);
}

/* The last row of the only cgroup, which has a limit and whose last figures the summary has too. */
static void test_cgroups(void)
{
	char *folder = test_folder();
	char *text, **lines, **last;
	cJSON *summary;

	done(folder, "run small.json -o r");
	text = file_text(folder, "r/cgroups.csv");
	summary = parsed(file_text(folder, "r/summary.json"));
	lines = g_strsplit(text, "\n", -1);
	CU_ASSERT_STRING_EQUAL(lines[0],
			       "time_ns,cgroup,memory.current,memory.max,memory.swap.current,memory.swap.max,"
			       "memory.pressure:some_ns,memory.pressure:full_ns,memory.high,memory.low,"
			       "accesses,pgmajfault");
	CU_ASSERT(g_str_has_prefix(lines[1], "0,"));
	last = g_strsplit(lines[g_strv_length(lines) - 2], ",", -1);
	CU_ASSERT_EQUAL(g_strv_length(last), 12);
	CU_ASSERT_EQUAL(strtoull(last[0], NULL, 10), at(summary, "time_ns")->valuedouble);
	CU_ASSERT_STRING_EQUAL(last[1], at(summary, "groups")->child->string);
	CU_ASSERT_STRING_EQUAL(last[3], "2097152");
	CU_ASSERT(strtoull(last[2], NULL, 10) % 4096 == 0);
	CU_ASSERT(strtoull(last[4], NULL, 10) % 4096 == 0);
	CU_ASSERT_STRING_EQUAL(last[5], "max");
	CU_ASSERT(strtoull(last[6], NULL, 10) >= strtoull(last[7], NULL, 10));
	CU_ASSERT(strtoull(last[7], NULL, 10) > 0);
	CU_ASSERT_STRING_EQUAL(last[8], "max");
	CU_ASSERT_STRING_EQUAL(last[9], "0");
	CU_ASSERT_EQUAL(strtoull(last[10], NULL, 10),
			at(at(summary, "groups")->child, "accesses")->valuedouble);
	CU_ASSERT_EQUAL(strtoull(last[11], NULL, 10),
			at(at(summary, "groups")->child, "pgmajfault")->valuedouble);
	cJSON_Delete(summary);
	g_strfreev(last);
	g_strfreev(lines);
	g_free(text);
	test_folder_free(folder);
}

static void test_force(void)
{
	char *folder = test_folder(), *text;

	done(folder, "run small.json -o r");
	CU_ASSERT(refused(folder, "run small.json --seed 2 -o r", 1,
			  "swapsim: r: exists (another --output, or --force)\n"));
	done(folder, "run small.json --seed 2 -o r --force");
	text = file_text(folder, "r/summary.json");
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"seed\": 2"));
	g_free(text);
	write_file(folder, "r/notes.txt", "mine");
	CU_ASSERT(refused(folder, "run small.json -o r --force", 1,
			  "swapsim: r: holds notes.txt, which is no result; --force would delete it (move it "
			  "away)\n"));
	CU_ASSERT(file_exists(folder, "r/notes.txt") && file_exists(folder, "r/summary.json"));
	g_mkdir(folder, 0777);
	done(folder, "run small.json -o other/r");
	CU_ASSERT(refused(folder, "run small.json -o other --force", 1,
			  "swapsim: other: not a result folder, so even --force does not replace it (another "
			  "--output)\n"));
	CU_ASSERT(
	    refused(folder, "run small.json -o small.json --force", 1,
		    "swapsim: small.json: not a result folder, so even --force does not replace it (another "
		    "--output)\n"));
	CU_ASSERT(refused(folder, "demo -o r", 1, "swapsim: r: exists (another --output, or --force)\n"));
	CU_ASSERT_EQUAL(entries(folder), 3);
	test_folder_free(folder);
}

/* Long enough to be caught in the middle on any machine. */
static void test_interrupt(void)
{
	char *folder = test_folder();
	char **argv = command_line("run small.json -o r --kernel 6.18+stats-ratelimited=off --set "
				   "tasks[0].workload.rand.accesses=400000000");
	cJSON *json;
	GPid pid = 0;
	int status = 0;

	CU_ASSERT_TRUE_FATAL(
	    g_spawn_async(folder, argv, NULL,
			  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
			  NULL, NULL, &pid, NULL));
	g_usleep(700000);
	kill(pid, SIGINT);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 130);
	json = parsed(file_text(folder, "r/summary.json"));
	CU_ASSERT(cJSON_IsFalse(at(json, "complete")));
	cJSON_Delete(json);
	json = parsed(file_text(folder, "r/manifest.json"));
	CU_ASSERT(cJSON_IsFalse(at(json, "complete")));
	cJSON_Delete(json);
	CU_ASSERT_EQUAL(entries(folder), 2);
	g_strfreev(argv);
	test_folder_free(folder);
}

/* Unless a limit on the run's time has told so before. */
static void test_operations_behind(void)
{
	char *folder = test_folder();
	struct said said =
	    swapsim(folder, "run small.json --set operations[0].at=900s --set operations[0].swapon=0 "
			    "--set operations[1].at=800s --set operations[1].swapoff=0");
	const char *begins = "swapsim: warning: operations[1] and 1 more: the run was over before, at ";

	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT(g_str_has_prefix(said.err, begins));
	CU_ASSERT(g_str_has_suffix(said.err, " (expected an earlier \"at\", or more work)\n"));
	said_release(&said);
	said = swapsim(folder, "run small.json --set operations[0].at=1us --set operations[0].swapoff=0");
	CU_ASSERT_STRING_EQUAL(said.err, "");
	said_release(&said);
	test_folder_free(folder);
}

static void test_full_output(void)
{
	struct said said;
	char *folder = test_folder(), *here = g_get_current_dir();
	char *line = g_strdup_printf("sh -c \"'%s/../swapsim' list counters >/dev/full\"", here);
	char **argv = NULL;
	int status;

	CU_ASSERT_TRUE_FATAL(g_shell_parse_argv(line, NULL, &argv, NULL));
	CU_ASSERT_TRUE_FATAL(g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said.out,
					  &said.err, &status, NULL));
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: stdout: cannot write the result\n");
	said_release(&said);
	g_strfreev(argv);
	g_free(line);
	g_free(here);
	test_folder_free(folder);
}

static void test_lists(void)
{
	static const char *const lists[] = { "kernels",	  "patches",   "devices", "cpus",   "corpora",
					     "workloads", "counters",  "locks",	  "paths",  "steps",
					     "traces",	  "scenarios", "plots",	  "figures" };
	char *folder = test_folder();

	for (u32 i = 0; i < ARRAY_SIZE(lists); i++) {
		char *as_table = g_strdup_printf("list %s", lists[i]);
		char *as_json = g_strdup_printf("list %s --format json", lists[i]);
		/* seven columns of numbers have nothing to wrap */
		u32 most = strcmp(lists[i], "corpora") ? 100 : 120;
		char *text = printed(folder, as_table);
		cJSON *json = parsed(printed(folder, as_json));
		char **lines = g_strsplit(text, "\n", -1);

		CU_ASSERT(cJSON_GetArraySize(json) > 0);
		for (u32 n = 0; lines[n]; n++)
			CU_ASSERT(g_utf8_strlen(lines[n], -1) <= most);
		g_strfreev(lines);
		cJSON_Delete(json);
		g_free(text);
		g_free(as_table);
		g_free(as_json);
	}
	test_folder_free(folder);
}

static void test_list_of_steps(void)
{
	char *folder = test_folder();
	char *steps = printed(folder, "list steps --format csv");

	CU_ASSERT_PTR_NOT_NULL(strstr(steps, "\nswap_cluster_alloc_table.SLEEP,from 6.18\n"));
	CU_ASSERT_PTR_NULL(strstr(steps, ".START"));
	g_free(steps);
	test_folder_free(folder);
}

/* As many lines as the result counts steps, and the result unchanged. */
static void test_event_log(void)
{
	char *folder = test_folder(), *plain = printed(folder, "run small.json --format json --quiet");
	char *logged = printed(folder, "run small.json --format json --quiet --audit --events --output r");
	char *file = g_build_filename(folder, "r", "events.csv", NULL), *text = NULL;
	cJSON *json = parsed(g_strdup(plain));
	struct said said = swapsim(folder, "run small.json --events");
	u32 lines = 0;

	CU_ASSERT_STRING_EQUAL(plain, logged);
	CU_ASSERT_TRUE_FATAL(g_file_get_contents(file, &text, NULL, NULL));
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	CU_ASSERT_EQUAL(lines, (u32)at(json, "steps")->valueint + 1);
	CU_ASSERT(g_str_has_prefix(text, "time_ns,cpu,task,step\n0,0,0,task_main.START\n"));
	CU_ASSERT_EQUAL(said.status, 2);
	CU_ASSERT_STRING_EQUAL(said.err,
			       "swapsim: run: --events needs a result folder to write to (--output DIR)\n");
	said_release(&said);
	CU_ASSERT(refused(folder, "run small.json --slots", 2,
			  "swapsim: run: --slots needs a result folder to write to (--output DIR)\n"));
	cJSON_Delete(json);
	g_free(text);
	g_free(file);
	g_free(logged);
	g_free(plain);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "a wrong command line ends with 2 and says what is right", test_usage_errors },
	{ "every command has help, which goes to stdout", test_help },
	{ "a wrong scenario ends with 4, says where, and leaves nothing", test_scenario_errors },
	{ "validate looks at every file and ends with the first error's status", test_validate },
	{ "a run prints the same bytes again, in every format", test_run_formats },
	{ "step by step, or twice, the result is the same", test_same_result_the_slow_way },
	{ "the effective scenario reads back as itself", test_effective_scenario },
	{ "the event log has a line a step, and changes nothing", test_event_log },
	{ "a result folder is whole, and the same every time", test_result_folder },
	{ "a kill is told, and stands in a file", test_kills },
	{ "JSON results are what their schemas say", test_schemas },
	{ "the cgroups' series goes by name, in bytes, to the end of the run", test_cgroups },
	{ "a folder is replaced only by force, and only if it holds nothing but results", test_force },
	{ "operations that a run never came to are told", test_operations_behind },
	{ "an interrupted run ends with 130 and leaves what it has, marked", test_interrupt },
	{ "a full disk is an error", test_full_output },
	{ "every list has rows, and fits a mail", test_lists },
	{ "steps are listed under the names schedules use", test_list_of_steps },
};
UNIT_MAIN("cli", tests)
