/* Builds: chains of short processes that read, compile and write. */
#include "models/work/build.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

#include "models/audit.h"

enum { TEXT = 256, DATA = 32, HEAP = 1000, HEADERS = 64, HEADER = 4, INCLUDES = 5, SOURCE = 6, OBJECT = 7 };

static struct workload load_of(u32 first_unit)
{
	return (struct workload){ .pattern = PATTERN_BUILD,
				  .pages = TEXT + HEAP,
				  .text_pages = TEXT,
				  .data_pages = DATA,
				  .header_files = HEADERS,
				  .header_pages = HEADER,
				  .includes = INCLUDES,
				  .source_pages = SOURCE,
				  .object_pages = OBJECT,
				  .first_unit = first_unit,
				  .touches = 8,
				  .write_permille = 300,
				  .stream = 11 };
}

/* Each process has a source and an object of its own behind the headers, and reads the source first. */
static void test_files(void)
{
	struct workload load = load_of(3);
	struct work w = { .round = 2 };
	u32 units = TEXT + HEADERS * HEADER, first, end;
	struct zipf *zipf = zipf_new(TEXT + HEAP, 990);

	load.zipf = zipf;
	w.done = 1;
	build_file(&load, &w, false, &first, &end);
	CU_ASSERT_EQUAL(first, units + 5 * (SOURCE + OBJECT));
	CU_ASSERT_EQUAL(end - first, SOURCE);
	build_file(&load, &w, true, &first, &end);
	CU_ASSERT_EQUAL(first, units + 5 * (SOURCE + OBJECT) + SOURCE);
	CU_ASSERT_EQUAL(end - first, OBJECT);
	for (w.done = 2; w.done <= 1 + INCLUDES; w.done++) {
		build_file(&load, &w, false, &first, &end);
		CU_ASSERT(first >= TEXT && end <= units);
		CU_ASSERT_EQUAL(end - first, HEADER);
		CU_ASSERT_EQUAL((first - TEXT) % HEADER, 0);
	}
	zipf_free(zipf);
}

/* Most are small, few are large, and the size does not hang on what was drawn before. */
static void test_heaps_differ(void)
{
	struct workload load = load_of(0);
	struct work w = { 0 };
	u32 small = 0, large = 0;

	for (w.round = 0; w.round < 1000; w.round++) {
		u32 heap = build_heap(&load, &w);

		w.drawn += 7;
		CU_ASSERT_EQUAL(build_heap(&load, &w), heap);
		CU_ASSERT(heap >= 1 && heap <= HEAP);
		small += heap <= HEAP / 10;
		large += heap > HEAP / 2;
	}
	CU_ASSERT(small > 450 && small < 550);
	CU_ASSERT(large > 80 && large < 170);
}

/* Data pages first, then the heap grows by a page every so many accesses, and none is used before. */
static void test_order(void)
{
	struct workload load = load_of(0);
	struct work w = { 0 };
	u32 grown = 0, text = 0;
	bool write;

	load.zipf = zipf_new(load.pages, 990);
	scatter_init(&load.scatter, TEXT, 1);
	for (u32 n = 0; n < DATA; n++) {
		CU_ASSERT_EQUAL(build_next(&load, &w, n, &write), TEXT - DATA + n);
		CU_ASSERT(write);
	}
	for (u32 n = 0; n < 100 * load.touches; n++) {
		u32 page = build_next(&load, &w, DATA + n, &write);

		if (n % load.touches == 0) {
			CU_ASSERT_EQUAL(page, TEXT + grown++);
			CU_ASSERT(write);
		}
		CU_ASSERT(page < TEXT + grown);
		CU_ASSERT(page >= TEXT || !write);
		text += page < TEXT;
	}
	CU_ASSERT_EQUAL(grown, 100);
	CU_ASSERT_EQUAL(text, 100 * load.touches / 2);
	zipf_free((struct zipf *)load.zipf);
}

#define HEAD "{'format':1,'name':'t','machine':{'cpus':2},'swap':[{'device':'zram-lz4','size':'8MiB'}],"
#define BUILD                                                                                                \
	"'cgroups':[{'name':'g','memory.max':'3MiB'}],'tasks':[{'name':'cc','count':2,'repeat':6,'cgroup':'" \
	"g',"                                                                                                \
	"'workload':{'build':{'heap':'4MiB','text':'512KiB','data':'64KiB','headers':'256KiB','includes':4}" \
	"}}]}"

/* All processes run to their end; text is read about once, sources once each; nothing is left but the cache.
 */
static void run_on(const char *release)
{
	struct scenario *s = scenario_right(HEAD BUILD);
	struct build_options options = options_of(s, release);
	struct kernel *k;
	char *wrong;

	options.audit_steps = true;
	k = scenario_build(s, &options, NULL);
	CU_ASSERT_FATAL(k != NULL);
	CU_ASSERT_EQUAL(k->mm[2].pages, (512 + 4096) / 4); /* as large as a process, and that has room */
	CU_ASSERT_EQUAL(k->program[1]->first_unit, 6);
	CU_ASSERT(machine_run(&k->machine, TIME_NEVER - 1, NULL));
	CU_ASSERT_EQUAL(k->work[0].round, 6);
	CU_ASSERT_EQUAL(k->work[1].round, 6);
	CU_ASSERT(k->count[0][PSWPOUT] > 0);
	CU_ASSERT(k->count[0][FILE_RD_PAGES] >= 12 * 8 + 128);
	for (u32 i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(k->mm[i].anon_pages + k->mm[i].swap_ents + k->mm[i].file_pages, 0);
	CU_ASSERT(!k->memcg[1].swap_usage || k->release->slot_caches); /* which keep some */
	wrong = audit(k);
	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	g_free(wrong);
	kernel_free(k);
	scenario_free(s);
}

static void test_runs(void)
{
	static const char *const releases[] = { "6.1", "6.12", "6.17", "6.18" };

	for (u32 i = 0; i < ARRAY_SIZE(releases); i++)
		run_on(releases[i]);
}

/* The source was read and the object written: there is room for both, and all else that is there was read. */
static void check_cache(const struct kernel *k)
{
	const struct workload *load = k->program[0];
	u32 source = load->text_pages + load->header_files * load->header_pages, first = k->mm[1].first_page;
	u32 cached = 0;

	for (u32 page = 0; page < k->mm[1].pages; page++) {
		bool there = word_folio(k->page_cache[first + page]);

		cached += there;
		if (page >= source)
			CU_ASSERT_EQUAL(there, page < source + load->source_pages + load->object_pages);
	}
	CU_ASSERT(load->source_pages > 0 && load->object_pages > 0);
	CU_ASSERT_EQUAL(k->count[0][FILE_RD_PAGES], cached - load->object_pages);
}

/* The files of a single job are behind its text, too, and no pages of its heap. */
static void test_one_job(void)
{
	struct scenario *s = scenario_right(HEAD "'tasks':[{'name':'cc','workload':{'build':{'heap':'4MiB','"
						 "text':'512KiB','headers':'256KiB'}}}]}");
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);
	char *wrong;

	CU_ASSERT_FATAL(k != NULL);
	CU_ASSERT_EQUAL(k->config.mms, 2);
	CU_ASSERT_EQUAL(k->mm[0].files, 1);
	CU_ASSERT(machine_run(&k->machine, TIME_NEVER - 1, NULL));
	check_cache(k);
	wrong = audit(k);
	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	g_free(wrong);
	kernel_free(k);
	scenario_free(s);
}

static void check_error(const char *build, const char *message)
{
	char *text = g_strdup_printf(HEAD "'tasks':[{'name':'a','workload':{'build':{%s}}}]}", build);
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(scenario_from(text, &error));
	CU_ASSERT_FATAL(error != NULL);
	CU_ASSERT_STRING_EQUAL(error->message, message);
	g_error_free(error);
	g_free(text);
}

static void test_errors(void)
{
	check_error("'heap':'5000'", "s.json:1:139: tasks[0].workload.build.heap: is not in whole pages "
				     "(expected a multiple of 4KiB)");
	check_error(
	    "'text':'64KiB','data':'68KiB'",
	    "s.json:1:154: tasks[0].workload.build.data: is more than \"text\" (expected a part of it)");
	check_error("'headers':'100KiB'",
		    "s.json:1:142: tasks[0].workload.build.headers: is not in files of the size \"include\" "
		    "(expected a multiple)");
}

static const struct unit tests[] = {
	{ "every process has files of its own", test_files },
	{ "heaps are drawn, most are small", test_heaps_differ },
	{ "data, then a heap that grows", test_order },
	{ "a build runs, and leaves nothing but page cache", test_runs },
	{ "a single job has its files to itself, and behind its text", test_one_job },
	{ "sizes that do not fit are errors", test_errors },
};
UNIT_MAIN("build", tests)
