/*
 * Small folders of made-up measurements: what is run, how it is judged, what is said.
 */
#include "tests/unit/test_cli.h"

#define RUNS "fidelity m -q -s 1 "

static void measured(const char *folder, const char *name, const char *text)
{
	char *dir = g_build_filename(folder, "m", NULL);

	g_mkdir_with_parents(dir, 0755);
	write_file(dir, name, text);
	g_free(dir);
}

static const cJSON *row_of(const cJSON *figures, double row, const char *figure)
{
	const cJSON *f;

	cJSON_ArrayForEach(f, figures)
	{
		if (at(f, "row")->valuedouble == row && !strcmp(text_at(f, "figure"), figure))
			return f;
	}
	CU_FAIL_FATAL("no such figure");
	return NULL;
}

/* Two sweeps over 256 pages of which 67 and more have no room: every page comes back, twice. */
static void test_verdicts(void)
{
	static const struct {
		const char *cells; /* ratio, n and the figure's median, least, most */
		const char *verdict;
	} row[] = {
		{ "50,3,544,544,544", "holds" },     /* quiet: 32 pages */
		{ "51,3,545,545,545", "MISSES" },    /* or 5 % */
		{ "52,3,1000,700,1300", "holds" },   /* not below 700 - 600 */
		{ "53,3,1000,960,1040", "MISSES" },  /* below 960 - 80, and more than 15 % off */
		{ "54,3,590,580,600", "holds" },     /* within 15 % */
		{ "55,1,1000,1000,1000", "MISSES" }, /* nobody to borrow from */
		{ "56,1,1000,1000,1000", "holds" },  /* 60 % borrowed from the next */
		{ "56,2,1000,600,1200", "holds" },   { "57,2,512.5,512,513", "holds" },
	};
	char *folder = test_folder();
	GString *text = g_string_new(
	    "colour,stack_pages,kernel,dev,pat,args,mb,ratio,n,pswpin_med,pswpin_min,pswpin_max\n");
	cJSON *root;

	for (u32 i = 0; i < ARRAY_SIZE(row); i++)
		g_string_append_printf(text, "red,0,%s,zram,seq,wr:0_passes:2,1,%s\n",
				       i == 7 ? "6.12" : "6.18", row[i].cells);
	measured(folder, "runs.csv", text->str);
	g_string_free(text, TRUE);
	root = parsed(printed(folder, RUNS "--format json"));
	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		const cJSON *f = row_of(at(root, "figures"), i + 1, "pswpin");

		CU_ASSERT_STRING_EQUAL(text_at(f, "verdict"), row[i].verdict);
		CU_ASSERT_STRING_EQUAL(text_at(f, "judged"), "yes");
		CU_ASSERT_EQUAL(at(f, "predicted")->valueint, 512);
	}
	CU_ASSERT_STRING_EQUAL(text_at(row_of(at(root, "figures"), 9, "pswpin"), "measured"), "512.5");
	CU_ASSERT_EQUAL(at(at(root, "total"), "holds")->valueint, 6);
	CU_ASSERT_EQUAL(at(at(root, "total"), "pairs")->valueint, 9);
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(root, "not_run")), 0);
	cJSON_Delete(root);
	test_folder_free(folder);
}

/* The last line is the total, and --threshold goes by every kernel, too. */
static void test_threshold(void)
{
	static const char text[] = "kernel,dev,pat,args,mb,ratio,n,pswpin_med,pswpin_min,pswpin_max,"
				   "pgfault_cg_med\n"
				   "6.18,zram,seq,wr:0_passes:2,1,50,3,512,512,512,1\n"
				   "6.18,zram,seq,wr:0_passes:2,1,51,3,512,512,512,1\n"
				   "6.12,zram,seq,wr:0_passes:2,1,50,3,600,600,600,1\n";
	char *folder = test_folder();
	struct said said;

	measured(folder, "runs.csv", text);
	said = swapsim(folder, RUNS "--threshold 66");
	CU_ASSERT_EQUAL(said.status, 6);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: fidelity: less than 66 % hold\n");
	CU_ASSERT(g_str_has_suffix(said.out, "\ntotal: 2 of 3 hold, 66.6 % (3 of 3 rows run)\n"));
	said_release(&said);
	said = swapsim(folder, RUNS "--kernel 6.18 --threshold 100 --summary");
	CU_ASSERT_EQUAL(said.status, 0);
	CU_ASSERT(g_str_has_suffix(said.out, "\ntotal: 2 of 2 hold, 100.0 % (2 of 2 rows run)\n"));
	CU_ASSERT(g_regex_match_simple("\nfigure +pgfault +0 +2 +0\\.0 *\n", said.out, 0, 0));
	said_release(&said);
	CU_ASSERT(
	    refused(folder, RUNS "--threshold -1", 2, "swapsim: --threshold -1: not possible (0 to 100)\n"));
	CU_ASSERT(refused(folder, RUNS "--threshold 101", 2,
			  "swapsim: --threshold 101: not possible (0 to 100)\n"));
	test_folder_free(folder);
}

static void test_not_run(void)
{
	static const char text[] = "kernel,dev,cgv,pat,args,mb,ratio,lru,thp,phase,pswpin_med\n"
				   "5.4,zram,v2,seq,wr:0,1,50,classic,none,all,1\n"
				   "6.18,tape,v2,seq,wr:0,1,50,classic,none,all,1\n"
				   "6.18,zram,v2,sort,wr:0,1,50,classic,none,all,1\n"
				   "6.18,zram,v2,seq,wr:0_step:2,1,50,classic,none,all,1\n"
				   "6.18,zram,v2,seq,wr:0,1,half,classic,none,all,1\n"
				   "6.18,zram,v2,seq,wr:0,0,50,classic,none,all,1\n"
				   "6.18,zram,v2,seq,fill:jpeg,1,50,classic,none,all,1\n"
				   "6.18,zram,v2,seq,wr:0,1,50,lfu,none,all,1\n"
				   "6.18,zram,v2,seq,wr:0,1,50,classic,1g,all,1\n"
				   "6.18,zram,v2,seq,wr:0,2000000,50,,,all,1\n"
				   "6.18,zram,v2,seq,wr:0,4294967297,50,,,all,1\n"
				   "6.18,zram,v3,seq,wr:0,1,50,,,all,1\n"
				   "6.18,zram,v2,seq,wr:0,1,50,,,fill,1\n"
				   "6.18,zram,v2,seq,wr:0,one,50,,,all,1\n"
				   "6.18,zram,v2,seq,wr:0,2,50,,,all,1\n"
				   "6.18.44-arch1,zram,v2,seq,wr:0,2,50,,,all,1\n";
	static const char *const reason[] = {
		"no release is called 5.4 (swapsim list kernels, --as)",
		"no device is called tape (swapsim list devices, --device tape=PRESET)",
		"there is no stream and no generator",
		"nobody knows what argument \"step\" does to seq",
		"nobody knows what limit \"half\" is",
		"its size is not given",
		"nobody knows what contents \"jpeg\" are",
		"the LRU \"lfu\" is not modelled",
		"nobody knows what huge pages \"1g\" are",
		"seed 1: row-10.json:", /* larger than a scenario may be */
		"nobody knows what mb \"4294967297\" is",
		"nobody knows what cgv \"v3\" is",
		"nobody knows what phase \"fill\" is",
		"nobody knows what mb \"one\" is",
	};
	char *folder = test_folder();
	const cJSON *row;
	cJSON *root;
	u32 i = 0;

	measured(folder, "runs.csv", text);
	root = parsed(printed(folder, RUNS "--format json"));
	CU_ASSERT_EQUAL(cJSON_GetArraySize(at(root, "not_run")), ARRAY_SIZE(reason));
	cJSON_ArrayForEach(row, at(root, "not_run"))
	{
		CU_ASSERT(g_str_has_prefix(text_at(row, "not run, because"), reason[i]));
		i++;
	}
	CU_ASSERT_EQUAL(at(at(root, "total"), "rows_run")->valueint, 2);
	cJSON_Delete(root);
	root = parsed(printed(folder, RUNS "--row 1,2 --as 6.17 --device tape=disk --format json"));
	CU_ASSERT_EQUAL(at(at(root, "total"), "rows_run")->valueint, 2);
	cJSON_Delete(root);
	test_folder_free(folder);
}

/* What --show prints does what the row was predicted from. */
static void test_show(void)
{
	static const char text[] =
	    "kernel,dev,cgv,pat,args,mb,ops,ratio,pc,thp,swapmb,phase,pswpin_med,pgscan_anon_vm_med\n"
	    "6.12,disk,v1,hotcold,wr:0.3,1,3000,60,2,none,,run,1,1\n"
	    "6.12,disk,v1,hotcold,wr:0.3,1,3000,60,2,none,,all,1,1\n"
	    "6.18,zram,v2,rand,wr:0.3_thp:1,1,3000,60,2,64k,,all,1,1\n";
	char *folder = test_folder();
	char *shown;
	cJSON *root, *summary, *scenario;

	measured(folder, "runs.csv", text);
	shown = printed(folder, RUNS "--show 2");
	write_file(folder, "row.json", shown);
	scenario = parsed(shown);
	CU_ASSERT_STRING_EQUAL(text_at(at(scenario, "machine"), "cpu"), "emulated");
	CU_ASSERT_EQUAL(at(at(scenario, "machine"), "page-cluster")->valueint, 2);
	CU_ASSERT_EQUAL(at(cJSON_GetArrayItem(at(scenario, "cgroups"), 0), "memory.max")->valueint,
			256 * 60 / 100 * 4096);
	cJSON_Delete(scenario);
	summary = parsed(printed(folder, "run -q row.json --seed 1 --format json"));
	root = parsed(printed(folder, RUNS "--format json"));
	CU_ASSERT_EQUAL(at(row_of(at(root, "figures"), 2, "pgscan"), "predicted")->valueint,
			at(at(at(summary, "phases"), "all"), "pgscan")->valueint);
	/* "run" goes on through hot_2 and all that follow. */
	CU_ASSERT_EQUAL(at(row_of(at(root, "figures"), 1, "pswpin"), "predicted")->valueint,
			at(at(at(summary, "phases"), "all"), "pswpin")->valueint -
			    at(at(at(summary, "phases"), "init"), "pswpin")->valueint);
	CU_ASSERT(at(row_of(at(root, "figures"), 1, "pswpin"), "predicted")->valueint > 100);
	shown = printed(folder, RUNS "--show 3");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"madvise\": \"hugepage\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"64KiB\": \"madvise\", \"2MiB\": \"never\""));
	g_free(shown);
	CU_ASSERT(refused(folder, RUNS "--show 4", 2,
			  "swapsim: --show 4: not possible (the number of one row of runs.csv)\n"));
	cJSON_Delete(summary);
	cJSON_Delete(root);
	test_folder_free(folder);
}

/* A program finds its files in the page cache and has the kernel's pages that were measured; who reads
 * memory.stat by the clock does it more often in the time of a program that had a third of a CPU. */
static void test_program(void)
{
	char *folder = test_folder(), *shown;

	measured(folder, "runs.csv", "kernel,dev,pat,args,mb,ratio,pswpin_med\n6.18,zram,sort,id:1,1,50,1\n");
	measured(folder, "streams.csv", "pat,args,mb,file,overhead\nsort,id:1,1,a,17\n");
	measured(folder, "a", "W 0\nX 1\nU 0\n");
	shown = printed(folder, RUNS "--show 1 --streams s");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"files_cached\": true, \"overhead_pages\": 17,"));
	CU_ASSERT_PTR_NULL(strstr(shown, "stack"));
	g_free(shown);
	test_folder_free(folder);
}

/* A recorded stream is imported; what draws by Zipf's law has its tables behind the mapping. */
static void test_streams(void)
{
	char *folder = test_folder(), *info, *shown;
	GString *access = g_string_new(NULL);

	for (u32 i = 0; i < 512; i++)
		g_string_append_printf(access, "W %u\n", i);
	for (u32 i = 0; i < 200; i++)
		g_string_append_printf(access, "R %u\n", i * 37 % 512);
	measured(folder, "access", access->str);
	g_string_free(access, TRUE);
	measured(folder, "runs.csv",
		 "kernel,dev,pat,args,mb,ratio,phase,pswpin_med,pgfault_cg_med\n"
		 "6.18,zram,zipf,wr:0,2,50,run,0,0\n"
		 "6.18,zram,browser,,2,50,run,0,0\n"
		 "6.18,zram,shop,,2,50,run,0,0\n"
		 "6.18,zram,lost,,2,50,run,0,0\n"
		 "6.18,zram,torn,,2,50,run,0,0\n");
	measured(folder, "streams.csv",
		 "pat,args,mb,file,fill_lines,tasks\n"
		 "zipf,wr:0,2,access,512,1\n"
		 "browser,,2,access,0,1\n"
		 "shop,,2,access,512,4\n"
		 "lost,,2,nowhere,0,1\n"
		 "torn,,2,runs.csv,0,1\n");
	CU_ASSERT(
	    refused(folder, RUNS "--show 1", 2,
		    "swapsim: --show 1: its accesses become a trace: in which folder? (--streams DIR)\n"));
	shown = printed(folder, RUNS "--show 1 --streams s");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"mapping_pages\": 512"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"writes\": \"update\""));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(shown, "\"stack_pages\": 15, \"stack_used\": 4, \"stack_at_marks\": 3,"));
	g_free(shown);
	shown = printed(folder, RUNS "--show 2 --streams s"); /* a real program stores when it writes */
	CU_ASSERT_PTR_NULL(strstr(shown, "mapping_pages"));
	CU_ASSERT_PTR_NULL(strstr(shown, "update"));
	g_free(shown);
	info = printed(folder, "trace info s/access.tables.swt");
	CU_ASSERT(g_regex_match_simple("\npages +513\n", info, 0, 0));
	CU_ASSERT(g_regex_match_simple("\naccesses +913\n", info, 0, 0));
	g_free(info);
	info = printed(folder, RUNS "--format json");
	CU_ASSERT_PTR_NOT_NULL(strstr(info, "\"rows_run\": 2 }"));
	CU_ASSERT_PTR_NOT_NULL(strstr(info, "\"a stream of several tasks does not say what they share\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(info, "\"m/nowhere: no such file\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(info, "\"m/runs.csv:1:1: "));
	g_free(info);
	test_folder_free(folder);
}

/* Of a stream of churn the order of its chunks is taken; monitors may be as fast as one likes. */
static void test_churn(void)
{
	char *folder = test_folder(), *shown;
	GString *access = g_string_new(NULL);

	for (u32 i = 0; i < 256; i++)
		g_string_append_printf(access, "W %u\n", i);
	for (u32 i = 0; i < 12; i++)
		g_string_append_printf(access, "W %u\n", 4 * (i / 4 * 5 % 64) + i % 4);
	measured(folder, "access", access->str);
	measured(folder, "runs.csv",
		 "kernel,dev,pat,args,mb,ops,ratio,phase,memory_stat_us,pswpin_med\n"
		 "6.18,zram,churn,,1,12,50,run,2500,0\n"
		 "6.18,zram,churn,fill:zero,1,12,50,run,,0\n");
	measured(folder, "streams.csv",
		 "pat,args,mb,file,fill_lines,tasks\nchurn,,1,access,256,1\n"
		 "churn,fill:zero,1,access,255,1\n");
	shown = printed(folder, RUNS "--show 1 --streams s");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"chunks\": 64, \"order\": [0, 5, 10]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"memory_stat_every\": \"2500us\""));
	g_free(shown);
	shown = printed(folder, RUNS "--show 2 --streams s"); /* these are not in chunks */
	CU_ASSERT_PTR_NULL(strstr(shown, "order"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "\"memory_stat_every\": \"10000us\""));
	g_free(shown);
	g_string_free(access, TRUE);
	test_folder_free(folder);
}

/* Four children make the accesses, on what their parent has filled. */
static void test_forked(void)
{
	static const char text[] = "kernel,dev,cpu,pat,args,mb,ops,ratio,phase,pswpin_med,pgfault_cg_med\n"
				   "6.18,zram,,mproc,wr:0.3,2,4000,90,run,0,0\n"
				   "6.18,zram,,mproc,wr:0,2,4000,2000,run,0,0\n"
				   "6.18,zram,emulated,shm,wr:0.3,8,4000,90,run,0,0\n";
	char *folder = test_folder(), *shown;
	cJSON *root, *scenario;
	const cJSON *child;

	measured(folder, "runs.csv", text);
	shown = printed(folder, RUNS "--show 1");
	scenario = parsed(shown);
	child = cJSON_GetArrayItem(at(scenario, "tasks"), 1);
	CU_ASSERT_EQUAL(at(child, "count")->valueint, 4);
	CU_ASSERT_EQUAL(at(at(at(child, "workload"), "rand"), "accesses")->valueint, 1000);
	cJSON_Delete(scenario);
	shown = printed(folder, RUNS "--show 3");
	scenario = parsed(shown);
	CU_ASSERT_STRING_EQUAL(text_at(at(scenario, "machine"), "cpu"), "emulated");
	child = cJSON_GetArrayItem(at(scenario, "tasks"), 1);
	CU_ASSERT_STRING_EQUAL(text_at(child, "fork_of"), "program");
	cJSON_Delete(scenario);
	root = parsed(printed(folder, RUNS "--format json"));
	CU_ASSERT_EQUAL(at(at(root, "total"), "rows_run")->valueint, 3);
	CU_ASSERT(at(row_of(at(root, "figures"), 1, "pswpin"), "predicted")->valueint > 100);
	/* Five processes with 61 pages each, all at once: a quarter of the data is missing, not an eighth. */
	CU_ASSERT(at(row_of(at(root, "figures"), 3, "pswpin"), "predicted")->valueint > 800);
	/* Who only reads and has room faults on nothing but its stack: pages are mapped at the fork. */
	CU_ASSERT_EQUAL(at(row_of(at(root, "figures"), 2, "pgfault"), "predicted")->valueint, 5 * (4 + 3));
	cJSON_Delete(root);
	test_folder_free(folder);
}

static void test_files(void)
{
	char *folder = test_folder(), *out = g_build_filename(folder, "out", NULL), *csv, *printed_csv;

	measured(folder, "runs.csv",
		 "kernel,dev,pat,args,mb,ratio,n,stack_pages,pswpin_med\n"
		 "6.18,zram,seq,wr:0_passes:2,1,50,3,0,512\n");
	printed_csv = printed(folder, RUNS "--format csv -o out");
	csv = file_text(out, "predictions.csv");
	CU_ASSERT_STRING_EQUAL(csv, printed_csv);
	CU_ASSERT_STRING_EQUAL(
	    csv, "row,kernel,dev,cgv,pat,args,mb,ratio,pc,lru,thp,swapmb,phase,figure,predicted,"
		 "predicted_min,predicted_max,measured,measured_min,measured_max,error,verdict,judged\n"
		 "1,6.18,zram,v2,seq,wr:0_passes:2,1,50,3,classic,none,,all,pswpin,512,512,512,512,512,512,"
		 "0.00 %,holds,yes\n");
	g_free(printed_csv);
	g_free(csv);
	csv = file_text(out, "scores.csv");
	CU_ASSERT_STRING_EQUAL(csv, "of,name,holds,pairs,percent,judged\n"
				    "kernel,6.18,1,1,100.0,yes\ndevice,zram,1,1,100.0,yes\n"
				    "pattern,seq,1,1,100.0,yes\nfigure,pswpin,1,1,100.0,yes\n");
	CU_ASSERT_EQUAL(entries(out), 3);
	done(folder, RUNS "--summary --force -o out");
	g_free(csv);
	g_free(out);
	test_folder_free(folder);
}

static void test_refused(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "fidelity nowhere", 1,
			  "swapsim: nowhere/runs.csv: no such file (expected a folder of measurements, as "
			  "docs/fidelity.md has it)\n"));
	measured(folder, "runs.csv", "kernel,dev,pat,args,mb\n");
	CU_ASSERT(refused(folder, "fidelity m", 1, "swapsim: m/runs.csv:1: there is no column \"ratio\"\n"));
	measured(folder, "runs.csv", "");
	CU_ASSERT(
	    refused(folder, "fidelity m", 1, "swapsim: m/runs.csv: is empty (expected a line of names)\n"));
	measured(folder, "runs.csv", "kernel,dev,pat,args,mb,ratio\n");
	CU_ASSERT(refused(folder, "fidelity m", 1,
			  "swapsim: m/runs.csv: has no rows (expected one of each measurement)\n"));
	measured(folder, "runs.csv", "kernel,dev,pat,args,mb,ratio\n6.1,zram,seq,passes:1,8,75\n");
	CU_ASSERT(refused(folder, "fidelity m --kernel 6.2", 2,
			  "swapsim: --kernel 6.2: not possible (a name in the column kernel)\n"));
	CU_ASSERT(refused(folder, "fidelity m --pattern 6.1", 2,
			  "swapsim: --pattern 6.1: not possible (a name in the column pat)\n"));
	CU_ASSERT(refused(folder, "fidelity m --on seq", 2,
			  "swapsim: --on seq: not possible (a name in the column dev)\n"));
	CU_ASSERT(refused(folder, "fidelity m --row 1,0", 2,
			  "swapsim: --row 0: not possible (a row of the table, by number)\n"));
	CU_ASSERT(refused(folder, "fidelity m --figures pswpi", 2,
			  "swapsim: --figures pswpi: not possible (a name in the column figure)\n"));
	CU_ASSERT(
	    refused(folder, "fidelity m --device a=b", 2,
		    "swapsim: --device a=b: not possible (NAME=PRESET, one of swapsim list devices)\n"));
	measured(folder, "streams.csv", "pat,args\n");
	CU_ASSERT(refused(folder, "fidelity m", 1, "swapsim: m/streams.csv:1: there is no column \"mb\"\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "a prediction holds by how far the kernel's own runs lie apart", test_verdicts },
	{ "the total is the last line, and the threshold goes by every kernel", test_threshold },
	{ "what is not known well enough is not run, and why is said", test_not_run },
	{ "the scenario of a row does what the row was predicted from", test_show },
	{ "a recorded stream becomes a trace, with the tables of its program", test_streams },
	{ "of churn the order of its chunks is taken", test_churn },
	{ "a recorded program has its files and its kernel's pages", test_program },
	{ "children of a fork share what their parent filled", test_forked },
	{ "a result folder has the figures and the scores", test_files },
	{ "what cannot be read or chosen is refused", test_refused },
};
UNIT_MAIN("cli: fidelity", tests)
