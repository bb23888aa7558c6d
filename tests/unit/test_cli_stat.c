/* swapsim run --stat: the files of a cgroup. */
#include "tests/unit/test_cli.h"

static const char scenario[] =
    "{\"format\":1,\"name\":\"stat\",\"swap\":[{\"device\":\"zram-lz4\",\"size\":\"64MiB\"}],\"cgroups\":[{"
    "\"name\":\"top\",\"memory.low\":\"4MiB\"},{\"name\":\"g\",\"parent\":\"top\",\"memory.max\":\"8MiB\","
    "\"memory.high\":\"6MiB\",\"memory.oom.group\":true}],\"tasks\":[{\"name\":\"t\",\"cgroup\":\"g\","
    "\"workload\":{\"seq\":{\"size\":\"12MiB\",\"passes\":3}}}]}";

/* Of the line "file:" or "file:field ". */
static char *line_of(const char *text, const char *name)
{
	const char *line = g_str_has_prefix(text, name) ? text : NULL;
	char *start = g_strdup_printf("\n%s", name);

	if (!line && strstr(text, start))
		line = strstr(text, start) + 1;
	g_free(start);
	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	return g_strndup(line + strlen(name), strcspn(line + strlen(name), "\n"));
}

static u64 number_of(const char *text, const char *name)
{
	char *value = line_of(text, name);
	u64 number = g_ascii_strtoull(value, NULL, 10);

	CU_ASSERT(g_ascii_isdigit(*value));
	g_free(value);
	return number;
}

static void test_files(void)
{
	char *folder = test_folder();
	char *g, *top, *max;

	write_file(folder, "s.json", scenario);
	g = printed(folder, "run s.json --quiet --stat g");
	top = printed(folder, "run s.json --quiet --stat top");
	CU_ASSERT_EQUAL(number_of(g, "memory.max:"), 8 << 20);
	CU_ASSERT_EQUAL(number_of(g, "memory.high:"), 6 << 20);
	CU_ASSERT_EQUAL(number_of(g, "memory.low:"), 0);
	CU_ASSERT_EQUAL(number_of(top, "memory.low:"), 4 << 20);
	CU_ASSERT_EQUAL(number_of(g, "memory.oom.group:"), 1);
	CU_ASSERT_EQUAL(number_of(top, "memory.oom.group:"), 0);
	max = line_of(top, "memory.max:");
	CU_ASSERT_STRING_EQUAL(max, "max");
	g_free(max);
	CU_ASSERT(number_of(g, "memory.events:high ") > 0);
	CU_ASSERT_EQUAL(number_of(g, "memory.events.local:high "), number_of(g, "memory.events:high "));
	CU_ASSERT_EQUAL(number_of(top, "memory.events:high "), number_of(g, "memory.events:high "));
	CU_ASSERT_EQUAL(number_of(top, "memory.events.local:high "), 0);
	CU_ASSERT_EQUAL(number_of(g, "memory.peak:"), (6 << 20) + 64 * 4096);
	CU_ASSERT_EQUAL(number_of(g, "memory.stat:pgscan_direct "), number_of(g, "memory.stat:pgscan "));
	CU_ASSERT_EQUAL(number_of(g, "memory.stat:pgfault "), number_of(top, "memory.stat:pgfault "));
	CU_ASSERT_EQUAL(number_of(g, "memory.swap.events:fail "), 0);
	CU_ASSERT(number_of(g, "memory.swap.peak:") > 6 << 20);
	g_free(g);
	g_free(top);
	test_folder_free(folder);
}

/* In the kernel's order, of memory.stat what is modelled. */
static void test_fields(void)
{
	static const char expected[] =
	    "inactive_anon active_anon inactive_file active_file workingset_refault_anon "
	    "workingset_refault_file workingset_activate_anon workingset_activate_file "
	    "workingset_restore_anon workingset_restore_file pswpin pswpout pgscan pgsteal pgscan_kswapd "
	    "pgscan_direct pgscan_proactive pgsteal_kswapd pgsteal_direct pgsteal_proactive pgfault "
	    "pgmajfault "
	    "pgrefill pgactivate pgdeactivate pglazyfree pglazyfreed swpin_zero swpout_zero zswpin "
	    "zswpout zswpwb ";
	char *folder = test_folder();
	GString *names = g_string_new(NULL);
	char **lines, *text;

	write_file(folder, "s.json", scenario);
	text = printed(folder, "run s.json --quiet --stat g");
	lines = g_strsplit(text, "\n", 0);
	for (u32 i = 0; lines[i]; i++)
		if (g_str_has_prefix(lines[i], "memory.stat:"))
			g_string_append_printf(names, "%.*s ", (int)strcspn(lines[i] + 12, " "),
					       lines[i] + 12);
	CU_ASSERT_STRING_EQUAL(names->str, expected);
	g_string_free(names, TRUE);
	g_strfreev(lines);
	g_free(text);
	test_folder_free(folder);
}

/* Files of zswap are there with zswap only. */
static void test_zswap(void)
{
	char *folder = test_folder(), *text;

	write_file(
	    folder, "s.json",
	    "{\"format\": 1, \"name\": \"s\", \"machine\": {\"zswap\": {\"enabled\": true}},"
	    "\"swap\": [{\"device\": \"nvme-fast\", \"size\": \"64MiB\"}],"
	    "\"cgroups\": [{\"name\": \"g\", \"memory.max\": \"2MiB\", \"memory.zswap.max\": \"1MiB\"}],"
	    "\"tasks\": [{\"name\": \"t\", \"cgroup\": \"g\", \"workload\": {\"seq\": {\"size\": \"4MiB\","
	    "\"passes\": 1000}}}], \"stop\": {\"after\": \"50ms\"}}");
	text = printed(folder, "run s.json --quiet --stat g");
	CU_ASSERT(strstr(text, "memory.stat:zswapped ") && !strstr(text, "memory.stat:zswapped 0\n"));
	CU_ASSERT(strstr(text, "memory.zswap.current:") && !strstr(text, "memory.zswap.current:0\n"));
	CU_ASSERT(strstr(text, "\nmemory.zswap.max:1048576\nmemory.zswap.writeback:1\n") != NULL);
	g_free(text);
	write_file(folder, "s.json", scenario);
	text = printed(folder, "run s.json --quiet --stat g");
	CU_ASSERT_PTR_NULL(strstr(text, "memory.zswap"));
	g_free(text);
	test_folder_free(folder);
}

static void test_no_such(void)
{
	char *folder = test_folder();

	write_file(folder, "s.json", scenario);
	CU_ASSERT(refused(folder, "run s.json --stat h", 2,
			  "swapsim: run: --stat: the scenario has no cgroup \"h\" (expected one of its "
			  "\"cgroups\")\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "files have the kernel's names, bytes and meaning", test_files },
	{ "memory.stat has the kernel's fields in the kernel's order", test_fields },
	{ "zswap has its files if it is there", test_zswap },
	{ "a cgroup that is not there is refused before the run", test_no_such },
};

UNIT_MAIN("cli_stat", tests)
