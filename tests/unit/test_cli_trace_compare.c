#include "tests/unit/test_cli.h"

/* 256 pages written and 300 read at random; a recording of the fill, in which one page faults again. */
static void recording(const char *folder)
{
	GString *text = g_string_new("cpus=1\n");

	for (u32 i = 0; i < 256; i++)
		g_string_append_printf(
		    text, "wl-7 [000] %u.000000: page_fault_user: address=0x%x ip=0x1 error_code=0x6\n",
		    i + 1, 0x70000000 + i * 4096);
	g_string_append(text,
			"wl-7 [000] 300.000000: page_fault_user: address=0x70005000 ip=0x1 error_code=0x4\n"
			"wl-7 [000] 301.000000: mm_vmscan_memcg_reclaim_end: nr_reclaimed=41\n"
			"wl-7 [000] 302.000000: block_rq_issue: 8,0 W 8192 () 4096 + 16 0x2,0,4 [wl]\n");
	write_file(folder, "rec", text->str);
	write_file(folder, "s.json",
		   "{\"format\":1,\"name\":\"s\",\"swap\":[{\"device\":\"disk\",\"size\":\"4MiB\"}],"
		   "\"cgroups\":[{\"name\":\"g\",\"memory.max\":\"500KiB\"}],\"tasks\":[{\"name\":\"t\","
		   "\"cgroup\":\"g\",\"workload\":{\"rand\":{\"pages\":256,\"accesses\":300}}}]}");
	g_string_free(text, TRUE);
}

static const cJSON *figure(const cJSON *rows, const char *name)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
	{
		if (!strcmp(text_at(row, "figure"), name))
			return row;
	}
	CU_FAIL_FATAL("no such figure");
	return NULL;
}

/* What is simulated is what the run itself counts. */
static void test_table(void)
{
	char *folder = test_folder();
	cJSON *rows, *summary;
	const cJSON *count;

	recording(folder);
	rows = parsed(printed(folder, "trace compare rec s.json --format json"));
	summary = parsed(printed(folder, "run -q s.json --format json"));
	count = at(at(summary, "phases"), "all");
	CU_ASSERT_EQUAL(at(figure(rows, "faults"), "recorded")->valueint, 257);
	CU_ASSERT_EQUAL(at(figure(rows, "faults"), "simulated")->valueint, at(count, "pgfault")->valueint);
	CU_ASSERT_EQUAL(at(figure(rows, "write requests"), "simulated")->valueint,
			at(count, "blk_wr_ios")->valueint);
	CU_ASSERT_EQUAL(at(figure(rows, "read requests, pages"), "simulated")->valueint,
			at(count, "pswpin")->valueint);
	CU_ASSERT_EQUAL(at(figure(rows, "rounds"), "simulated")->valueint,
			at(count, "memory.events:max")->valueint);
	CU_ASSERT_EQUAL(at(figure(rows, "reclaimed"), "simulated")->valueint, at(count, "pgsteal")->valueint);
	CU_ASSERT_EQUAL(at(figure(rows, "write requests, pages"), "recorded")->valueint, 2);
	CU_ASSERT(at(figure(rows, "on the same pages from the first on"), "recorded")->valueint >= 256);
	CU_ASSERT(at(figure(rows, "on the same pages in the same order"), "recorded")->valueint >= 256);
	cJSON_Delete(summary);
	cJSON_Delete(rows);
	test_folder_free(folder);
}

static void test_files(void)
{
	char *folder = test_folder(), *out = g_build_filename(folder, "out", NULL), *csv;

	recording(folder);
	done(folder, "trace compare rec s.json -o out");
	csv = file_text(out, "sequence.csv");
	CU_ASSERT(g_str_has_prefix(csv, "side,kind,after,place,pages,write\nrecorded,fault,0,0,1,1\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(csv, "\nrecorded,fault,256,5,1,0\nrecorded,request,257,512,2,1\n"
					   "recorded,round,257,0,41,0\nsimulated,fault,0,0,1,1\n"));
	CU_ASSERT_EQUAL(entries(out), 3);
	done(folder, "plot recording out");
	CU_ASSERT(file_exists(out, "recording.png"));
	g_free(csv);
	g_free(out);
	test_folder_free(folder);
}

static void test_refused(void)
{
	char *folder = test_folder();

	recording(folder);
	CU_ASSERT(
	    refused(folder, "trace compare s.json s.json", 5,
		    "swapsim: s.json:1:1: no recording (perf script, ftrace, trace-cmd or blkparse)\n"));
	CU_ASSERT(refused(folder, "trace compare rec s.json --device sda", 2,
			  "swapsim: malformed device (MAJOR,MINOR): \"sda\"\n"));
	CU_ASSERT(
	    refused(folder, "trace compare rec", 2,
		    "swapsim: trace compare: too few arguments (usage: swapsim trace compare IN FILE)\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "a run has what it counts, a recording what is in it", test_table },
	{ "the folder has every fault and request, and can be drawn", test_files },
	{ "what is no recording is refused", test_refused },
};
UNIT_MAIN("cli: trace compare", tests)
