/* A program's stack and data: pages of its own that it uses whatever it accesses, and that reclaim takes. */
#include "models/run.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

/* A limit that the fill meets shortly before its end, on a device that gives a page back at once. */
#define RUN                                                                                                  \
	"'format':1,'name':'t','machine':{'kernel':'6.18'},'swap':[{'device':'zram-lz4','size':'64MiB'}],"   \
	"'cgroups':[{'name':'c','memory.max':'2048KiB'}],"

static struct run_result *result_of(const char *task, const char *more)
{
	char *text = g_strdup_printf("{" RUN "'tasks':[{'name':'a','cgroup':'c'%s}%s]}", task, more);
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, NULL);
	struct run_result *r = run_scenario(s, &options, NULL, NULL, NULL);

	CU_ASSERT_FATAL(r != NULL);
	scenario_free(s);
	g_free(text);
	return r;
}

static u64 count_of(struct run_result *r, u32 phase, enum counter counter)
{
	u64 count = r->phase[phase].count[0][counter];

	run_result_free(r);
	return count;
}

enum { INIT = 1, THE_REST };

/* The first reclaim finds every page used, looks at all of them twice and takes the oldest, which are those
 * of the stack but for the active one; what of it is in use comes back at once, some more when the fill is
 * done, the rest never. */
static void test_first_reclaim_takes_the_stack(void)
{
#define FILL(stack) ",'overhead_pages':40," stack "'workload':{'rand':{'pages':480,'accesses':1}}"
	CU_ASSERT_EQUAL(count_of(result_of(FILL(""), ""), INIT, PSWPIN), 0);
	CU_ASSERT_EQUAL(count_of(result_of(FILL("'stack_pages':12,"), ""), INIT, PSWPIN), 0);
	CU_ASSERT_EQUAL(count_of(result_of(FILL("'stack_pages':12,'stack_used':4,"), ""), INIT, PSWPIN), 4);
	CU_ASSERT_EQUAL(count_of(result_of(FILL("'stack_pages':12,'stack_used':4,'stack_at_marks':3,"), ""),
				 INIT, PSWPIN),
			7);
	CU_ASSERT_EQUAL(count_of(result_of(FILL("'stack_pages':12,'stack_at_marks':3,"), ""), INIT,
				 WORKINGSET_REFAULT_ANON),
			3);
}

/* Zeroes are not written, but what is on a stack is, if it goes: its top is active. */
static void test_contents(void)
{
	struct run_result *r = result_of(FILL("'fill':'zero','stack_pages':12,'stack_used':4,"), "");

	CU_ASSERT_EQUAL(r->phase[INIT].count[0][PSWPOUT], 12 - 1);
	CU_ASSERT_EQUAL(r->phase[INIT].count[0][PSWPIN], 4);
	CU_ASSERT(r->phase[INIT].count[0][SWPOUT_ZERO] > 0);
	run_result_free(r);
}

/* It counts as much as before, but what is not used leaves its room to the data. */
static void test_overhead_stays_what_it_is(void)
{
#define SWEEP(stack) ",'overhead_pages':40," stack "'workload':{'rand':{'pages':500,'accesses':3000}}"
	u64 pinned = count_of(result_of(SWEEP(""), ""), THE_REST, PSWPIN);
	u64 used = count_of(result_of(SWEEP("'stack_pages':12,'stack_used':12,"), ""), THE_REST, PSWPIN);
	u64 unused = count_of(result_of(SWEEP("'stack_pages':12,"), ""), THE_REST, PSWPIN);

	CU_ASSERT(unused * 10 < used * 9);
	CU_ASSERT(unused * 5 < pinned * 4);
}

/* What a child writes of its parent's stack is copied; that, and no more, is its own. */
static void test_child(void)
{
	struct run_result *r =
	    result_of(",'overhead_pages':40,'stack_pages':12,'stack_used':4,'stack_at_marks':3,"
		      "'workload':{'rand':{'pages':100,'accesses':1}}",
		      ",{'name':'b','fork_of':'a','overhead_pages':40,"
		      "'workload':{'rand':{'pages':100,'accesses':50,'fill':'none'}}}");

	CU_ASSERT_EQUAL(r->phase[0].count[0][PGFAULT], 100 + 12 + 7 + 7);
	CU_ASSERT_EQUAL(r->phase[0].count[0][PSWPIN], 0);
	run_result_free(r);
}

static void check_error(const char *task, const char *expected)
{
	char *text = g_strdup_printf("{'format':1,'name':'t','tasks':[{'name':'a',%s}]}", task);
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(scenario_from(text, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, expected));
	g_clear_error(&error);
	g_free(text);
}

static void test_mistakes(void)
{
#define LOAD ",'workload':{'seq':{'pages':8}}"
	check_error("'stack_pages':62" LOAD,
		    "stack_pages: is more than overhead_pages, which it is a part of (expected 61 at most)");
	check_error("'stack_pages':5,'stack_used':3,'stack_at_marks':3" LOAD,
		    "stack_used: with stack_at_marks is more than stack_pages (expected 5 at most)");
	check_error("'stack_at_marks':1" LOAD,
		    "stack_at_marks: with stack_at_marks is more than stack_pages");
	check_error("'stack_pages':5,'backing':'file'" LOAD, "stack_pages: is excluded by \"backing\"");
}

static const struct unit tests[] = {
	{ "the first reclaim takes the stack, and what is in use comes back",
	  test_first_reclaim_takes_the_stack },
	{ "a stack is not filled with what the data is", test_contents },
	{ "what is not used leaves its room to the data", test_overhead_stays_what_it_is },
	{ "a child gets pages of its own of what it writes to", test_child },
	{ "mistakes", test_mistakes },
};

UNIT_MAIN("user mode: the stack", tests)
