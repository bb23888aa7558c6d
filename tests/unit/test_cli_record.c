/* What needs root, valgrind or a swap device is not run here: a plan is made, and what is wrong is refused.
 */
#include "tests/unit/test_cli.h"

static void test_plan(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "record --dry-run --limit 75%,64MiB --repeat 3 --swap zram:1GiB "
				     "--swap-limit 512MiB --filter-top 32 -o rec/ -- sort 'a file'");

	CU_ASSERT(g_str_has_prefix(text,
				   "record: sort a\\ file\ninto: rec\n"
				   "trace: run it under valgrind, import without the 32 pages used last\n"
				   "cgroup: version "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nswap: zram:1GiB\nswap limit: 512MiB\n"
					    "run it once without a limit, to see what it needs\n"
					    "run it with 75% of memory, times: 3\n"
					    "run it with 64MiB of memory, times: 3\n"));
	CU_ASSERT_EQUAL(entries(folder), 1);
	g_free(text);
	text = printed(folder, "record --dry-run --trace perf -- true");
	CU_ASSERT(g_str_has_prefix(text, "record: true\ninto: recording\n"
					 "trace: run it under perf, without a limit and under each\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "cgroup"));
	g_free(text);
	test_folder_free(folder);
}

/* All that is missing is said at once, with what is to be done about it. */
static void test_missing(void)
{
	static char bare[] = "PATH=/bin:/usr/bin", data[] = "SWAPSIM_DATA=" SOURCE_DIR,
		    nowhere[] = "SWAPSIM=./no-swapsim";
	char *environment[] = { bare, data, nowhere, NULL };
	char *folder = test_folder();
	struct said said = swapsim_in(folder, environment, "record --dry-run -- ./no-program");

	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(said.out, "\nmissing: swapsim is missing (say where it is: SWAPSIM=/path/to/swapsim)\n"
			     "missing: ./no-program: no such program (its path?)\n"));
	said_release(&said);
	said = swapsim_in(folder, environment, "record -- ./no-program");
	CU_ASSERT_EQUAL(said.status, 1);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(said.err, "swapsim: record: ./no-program: no such program (its path?)\n"));
	CU_ASSERT_STRING_EQUAL(said.out, "");
	CU_ASSERT_EQUAL(entries(folder), 1);
	said_release(&said);
	test_folder_free(folder);
}

static void test_refused(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "record", 2,
			  "swapsim: record: no program (usage: swapsim record [OPTION]... -- PROGRAM "
			  "[ARGUMENT]...)\n"));
	CU_ASSERT(refused(folder, "record true", 2,
			  "swapsim: record: unexpected argument true (the program comes after --)\n"));
	CU_ASSERT(refused(folder, "record --limits 50% -- true", 2,
			  "swapsim: record: unknown option --limits (see swapsim record --help)\n"));
	CU_ASSERT(refused(folder, "record --limit", 2,
			  "swapsim: record: --limit: a value is missing (swapsim record --help)\n"));
	CU_ASSERT(refused(folder, "record --limit 50%,x -- true", 2,
			  "swapsim: record: --limit x: not possible (a list of 50%, 64MiB and the like)\n"));
	CU_ASSERT(refused(folder, "record --limit 0% -- true", 2,
			  "swapsim: record: --limit 0%: not possible (a list of 50%, 64MiB and the like)\n"));
	CU_ASSERT(refused(folder, "record --trace strace -- true", 2,
			  "swapsim: record: --trace strace: not possible (access, perf, ftrace or none)\n"));
	CU_ASSERT(refused(folder, "record --repeat 0 -- true", 2,
			  "swapsim: record: --repeat 0: not possible (a whole number, 1 to 9999)\n"));
	CU_ASSERT(refused(folder, "record --limit 50% --swap tape:1GiB -- true", 2,
			  "swapsim: record: --swap tape:1GiB: not possible (zram, file, loop or loopdio, and "
			  "a size: zram:1GiB)\n"));
	CU_ASSERT(refused(folder, "record --limit 50% --swap zram:0 -- true", 2,
			  "swapsim: record: --swap zram:0: not possible (zram, file, loop or loopdio, and a "
			  "size: zram:1GiB)\n"));
	CU_ASSERT(refused(folder, "record --swap zram:1GiB -- true", 2,
			  "swapsim: record: --swap is for runs under a limit (add --limit)\n"));
	CU_ASSERT(refused(folder, "record --trace none -- true", 2,
			  "swapsim: record: nothing to record (--trace, --limit or both)\n"));
	CU_ASSERT(refused(folder, "record --stdin none -- true", 1,
			  "swapsim: record: none: cannot be read (--stdin FILE)\n"));
	CU_ASSERT_EQUAL(entries(folder), 1);
	test_folder_free(folder);
}

static void test_print(void)
{
	char *folder = test_folder();
	char *script = printed(folder, "record --print"), *file = file_text(SOURCE_DIR, "traces/record.sh");
	char *part = file_text(SOURCE_DIR, "traces/record_counters.sh"),
	     *both = g_strconcat(file, part, NULL);

	CU_ASSERT_STRING_EQUAL(script, both);
	g_free(script);
	g_free(file);
	g_free(part);
	g_free(both);
	test_folder_free(folder);
}

/* Where there is no shellcheck nothing is checked. */
static void test_shellcheck(void)
{
	char program[] = "shellcheck", option[] = "-x", script[] = SOURCE_DIR "/traces/record.sh";
	char *argv[] = { program, option, script, NULL };
	char *found = g_find_program_in_path(program), *out = NULL;
	int status = 0;

	if (found)
		CU_ASSERT(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
				       NULL));
	CU_ASSERT_EQUAL(status, 0);
	g_free(out);
	g_free(found);
}

static const struct unit tests[] = {
	{ "a dry run says what would be done and does nothing", test_plan },
	{ "what is missing is said with what to do", test_missing },
	{ "what makes no sense is refused, and nothing is written", test_refused },
	{ "the script is printed as it is", test_print },
	{ "shellcheck finds nothing", test_shellcheck },
};
UNIT_MAIN("record", tests)
