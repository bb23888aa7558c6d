/* Files in scenarios: who has the same ones, what is wrong, and that it runs. */
#include "tests/unit/unit.h"

#include "models/audit.h"
#include "models/work/work.h"
#include "tests/unit/scenario_text.h"

#define HEAD "{'format':1,'name':'t','swap':[{'device':'zram-lz4','size':'64MiB'}],"
#define TEXT(name, more) "{'name':'" name "'," more "'workload':{'seq':{'pages':8}}}"

static struct kernel *built(const char *text, struct scenario **s)
{
	struct build_options options;
	struct kernel *k;

	*s = scenario_right(text);
	options = options_of(*s, "6.18");
	k = scenario_build(*s, &options, NULL);
	CU_ASSERT_FATAL(k != NULL);
	return k;
}

static void test_same_name_same_files(void)
{
	struct scenario *s;
	struct kernel *k =
	    built(HEAD "'tasks':[" TEXT("a", "'backing':'text','files':'sh',") "," TEXT(
		      "b", "'backing':'text','files':'sh',") "," TEXT("c", "'backing':'text',") "]}",
		  &s);

	CU_ASSERT_EQUAL(k->config.mms, 4);
	CU_ASSERT_STRING_EQUAL(k->config.mm[3].name, "sh");
	CU_ASSERT(k->config.mm[3].only_files);
	CU_ASSERT_EQUAL(k->mm[3].pages, 8);
	CU_ASSERT_EQUAL(k->mm[0].files, 3);
	CU_ASSERT_EQUAL(k->mm[1].files, 3);
	CU_ASSERT_EQUAL(k->mm[2].files, 2); /* its own */
	CU_ASSERT_EQUAL(scenario_footprint_pages(s), 16);
	kernel_free(k);
	scenario_free(s);
}

/* Instances of a program have its code in common; a lone one has it to itself. */
static void test_same_trace_same_files(void)
{
	struct scenario *s;
	struct kernel *k = built(
	    HEAD "'tasks':[{'name':'cc','count':2,'workload':{'trace':{'file':'cc1','accesses':9}}}]}", &s);

	CU_ASSERT_EQUAL(k->config.mms, 3);
	CU_ASSERT_STRING_EQUAL(k->config.mm[2].name, "cc1.swt");
	CU_ASSERT_EQUAL(k->mm[0].files, 2);
	CU_ASSERT_EQUAL(k->mm[1].files, 2);
	CU_ASSERT(scenario_footprint_pages(s) < 2 * k->mm[0].pages);
	CU_ASSERT(scenario_footprint_pages(s) > k->mm[0].pages);
	kernel_free(k);
	scenario_free(s);
	k = built(HEAD "'tasks':[{'name':'cc','workload':{'trace':{'file':'cc1','accesses':9}}}]}", &s);
	CU_ASSERT_EQUAL(k->config.mms, 1);
	CU_ASSERT_EQUAL(k->mm[0].files, 0);
	kernel_free(k);
	scenario_free(s);
}

/* The stack lies behind the data, and the files are as long as both. */
static void test_files_with_a_stack(void)
{
	struct scenario *s;
	struct kernel *k = built(HEAD "'tasks':[{'name':'cc','count':2,'stack_pages':8,'workload':"
				      "{'trace':{'file':'cc1','accesses':9}}},"
				      "{'name':'make','stack_pages':8,'workload':{'build':{}}}]}",
				 &s);

	CU_ASSERT_EQUAL(k->config.mms, 5);
	CU_ASSERT_EQUAL(k->mm[3].pages, k->mm[0].pages);
	CU_ASSERT_EQUAL(k->mm[0].files, 3);
	CU_ASSERT_EQUAL(k->mm[2].files, 4);
	kernel_free(k);
	scenario_free(s);
}

/* Who builds has a program, a heap and files where nobody else has anything. */
static void test_compilers_share_nothing(void)
{
	static const struct {
		const char *parts, *message;
	} cases[] = {
		{ "'processes':[{'name':'p'}],'tasks':[{'name':'a','process':'p','workload':{'build':{}}}"
		  "," TEXT("b", "'process':'p',") "]}",
		  "tasks[0].process: has other threads, too, and compilers have none (expected a process "
		  "for each)" },
		{ "'processes':[{'name':'p'}],'tasks':[{'name':'a','count':2,'process':'p','workload':"
		  "{'build':{}}}]}",
		  "tasks[0].process: has other threads, too, and compilers have none (expected a process "
		  "for each)" },
		{ "'shared_memory':[{'name':'m','size':'1GiB'}],'tasks':[{'name':'a','shares':'m',"
		  "'workload':{'build':{}}}]}",
		  "tasks[0].shares: is shared memory, and compilers build in memory of their own (expected "
		  "none)" },
		{ "'tasks':[{'name':'a','workload':{'build':{}}}," TEXT("b", "'fork_of':'a',") "]}",
		  "tasks[1].fork_of: there are pages of files in it (expected anonymous memory only)" },
		{ "'tasks':[{'name':'a','workload':{'seq':{'pages':20000}}},"
		  "{'name':'b','fork_of':'a','workload':{'build':{}}}]}",
		  "tasks[1].fork_of: there are pages of files in it (expected anonymous memory only)" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = g_strconcat(HEAD, cases[i].parts, NULL);
		GError *error = NULL;

		CU_ASSERT_PTR_NULL(scenario_from(text, &error));
		CU_ASSERT_STRING_EQUAL(strstr(error->message, "tasks["), cases[i].message);
		g_error_free(error);
		g_free(text);
	}
}

static void test_errors(void)
{
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(scenario_from(HEAD "'tasks':[" TEXT("a", "'files':'sh',") "]}", &error));
	CU_ASSERT_STRING_EQUAL(error->message,
			       "s.json:1:99: tasks[0].files: process \"a\" has no pages of files (expected "
			       "\"backing\" file or text)");
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(scenario_from(
	    HEAD "'tasks':[" TEXT("a", "'files':'sh','backing':'anon','shares':'m',") "]}", &error));
	CU_ASSERT_STRING_EQUAL(error->message,
			       "s.json:1:99: tasks[0].files: is a matter of the shared memory (expected in "
			       "\"shared_memory\")");
	g_clear_error(&error);
}

/* Two programs of the same trace under a limit: code is read once as long as it stays. */
static u64 file_pages_read(const char *count)
{
	char *text = g_strdup_printf(
	    HEAD "'machine':{'cpus':2},'cgroups':[{'name':'g','memory.max':'90%%'}],'tasks':[{'name':'cc',"
		 "'count':%s,'cgroup':'g','workload':{'trace':{'file':'cc1','accesses':3000000}}}]}",
	    count);
	struct scenario *s;
	struct kernel *k = built(text, &s);
	u64 pages;
	char *wrong;

	CU_ASSERT(machine_run(&k->machine, TIME_NEVER - 1, NULL));
	wrong = audit(k);
	CU_ASSERT_STRING_EQUAL(wrong ? wrong : "", "");
	pages = k->count[0][FILE_RD_PAGES];
	g_free(wrong);
	kernel_free(k);
	scenario_free(s);
	g_free(text);
	return pages;
}

static void test_code_is_read_once(void)
{
	u64 one = file_pages_read("1"), two = file_pages_read("2");

	CU_ASSERT(one > 0);
	CU_ASSERT(two < one + one / 4);
}

static const struct unit tests[] = {
	{ "the same name means the same files", test_same_name_same_files },
	{ "so does the same trace", test_same_trace_same_files },
	{ "files are as long as a process with its stack", test_files_with_a_stack },
	{ "who builds shares no memory", test_compilers_share_nothing },
	{ "files that are none, and shared memory with files, are errors", test_errors },
	{ "two programs read their code once", test_code_is_read_once },
};
UNIT_MAIN("scenario_files", tests)
