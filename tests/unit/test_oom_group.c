/* memory.oom.group: all or none. And which cgroup counts which event. */
#include "models/mm/oom.h"

#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

enum { TOP = 1, MID = 2, LEFT = 3, RIGHT = 4, ELSEWHERE = 5 };

#define STAYS                                                                                                \
	"'workload':{'rand':{'pages':200,'accesses':20000,'write_permille':1000,'think':'50us','fill':'"     \
	"none'}}}"
#define SMALL                                                                                                \
	"'workload':{'rand':{'pages':200,'accesses':20000,'write_permille':1000,'think':'1us','fill':'none'" \
	"}}}"

static struct run_result *run_text(const char *text)
{
	struct scenario *s = scenario_right(text);
	struct build_options options = options_of(s, NULL);
	GError *error = NULL;
	struct run_result *r = run_scenario(s, &options, NULL, NULL, &error);

	if (!r)
		g_error("%s", error->message);
	scenario_free(s);
	return r;
}

/* top above mid and elsewhere, mid above left and right; mid may have 1000 pages and no swap. left has two
 * processes of which one grows, right one that does not, elsewhere another. */
static struct run_result *run(const char *top, const char *mid, const char *left, const char *spared)
{
	char *text = g_strdup_printf(
	    "{'format':1,'name':'group','machine':{'cpus':4,'memory':'64MiB'},'cgroups':[{'name':'top'%s},{'"
	    "name':"
	    "'mid','parent':'top','memory.max':'4000KiB'%s},{'name':'left','parent':'mid'%s},{'name':'right',"
	    "'parent':'mid'},{'name':'elsewhere','parent':'top'}],'tasks':[{'name':'big','cgroup':'left','"
	    "workload':{"
	    "'rand':{'pages':2000,'accesses':20000,'write_permille':1000,'think':'1us','fill':'none'}}},{'"
	    "name':"
	    "'b','cgroup':'left'%s,%s,{'name':'c','cgroup':'right',%s,{'name':'d','cgroup':'elsewhere',%s]}",
	    top, mid, left, spared, SMALL, SMALL, SMALL);
	struct run_result *r = run_text(text);

	g_free(text);
	return r;
}

static bool killed(const struct run_result *r, const char *process)
{
	for (u32 i = 0; i < r->kill->len; i++)
		if (!strcmp(g_array_index(r->kill, struct run_kill, i).process, process))
			return true;
	return false;
}

static u64 count(const struct run_result *r, u32 memcg, enum counter id)
{
	return r->phase[0].count[memcg][id];
}
static u64 local(const struct run_result *r, u32 memcg, enum counter id)
{
	return r->cgroup[memcg].local_event[id - LOCAL_EVENTS_FIRST];
}

#define GROUP ",'memory.oom.group':true"

static void test_none(void)
{
	struct run_result *r = run("", "", "", "");

	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT(killed(r, "big"));
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM_GROUP_KILL), 0);
	run_result_free(r);
}

/* The victim is killed, and then everybody in its cgroup: itself once more. */
static void test_own(void)
{
	struct run_result *r = run("", "", GROUP, "");

	CU_ASSERT_EQUAL(r->kill->len, 2);
	CU_ASSERT(killed(r, "big") && killed(r, "b"));
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM_KILL), 3);
	CU_ASSERT_EQUAL(local(r, LEFT, EVENTS_OOM_GROUP_KILL), 1);
	CU_ASSERT_EQUAL(g_array_index(r->kill, struct run_kill, 0).time_ns,
			g_array_index(r->kill, struct run_kill, 1).time_ns);
	run_result_free(r);
}

/* The highest up to the one that is out of memory. */
static void test_above(void)
{
	struct run_result *r = run("", GROUP, GROUP, "");

	CU_ASSERT_EQUAL(r->kill->len, 3);
	CU_ASSERT(killed(r, "big") && killed(r, "b") && killed(r, "c"));
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM_KILL), 4);
	CU_ASSERT_EQUAL(local(r, MID, EVENTS_OOM_GROUP_KILL), 1);
	CU_ASSERT_EQUAL(count(r, LEFT, EVENTS_OOM_GROUP_KILL), 0);
	CU_ASSERT_EQUAL(count(r, TOP, EVENTS_OOM_GROUP_KILL), 1);
	run_result_free(r);
}

static void test_too_high(void)
{
	struct run_result *r = run(GROUP, "", "", "");

	CU_ASSERT_EQUAL(r->kill->len, 1);
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM_GROUP_KILL), 0);
	run_result_free(r);
}

static void test_spared(void)
{
	struct run_result *r = run("", GROUP, "", ",'oom_score_adj':'-1000'");

	CU_ASSERT_EQUAL(r->kill->len, 2);
	CU_ASSERT(killed(r, "big") && killed(r, "c"));
	CU_ASSERT_EQUAL(count(r, 0, ACCESSES) / 20000, 2); /* b and d come to their end */
	run_result_free(r);
}

/* When the machine is out of memory every cgroup above the victim may be the one. */
static void test_machine(void)
{
	static const char *const text =
	    "{'format':1,'name':'group','machine':{'cpus':4,'memory':'64MiB'},'cgroups':[{'name':'top',"
	    "'memory.oom.group':true},{'name':'mid','parent':'top'},{'name':'left','parent':'mid'},{'name':"
	    "'right','parent':'top'},{'name':'elsewhere'}],'tasks':[{'name':'big','cgroup':'left','workload':"
	    "{"
	    "'seq':{'size':'80MiB','passes':1,'write_permille':1000,'think':'1us','fill':'none'}}},{'name':'"
	    "c',"
	    "'cgroup':'right'," STAYS ",{'name':'d','cgroup':'elsewhere'," STAYS "]}";
	struct run_result *r = run_text(text);

	CU_ASSERT_EQUAL(r->kill->len, 2);
	CU_ASSERT(killed(r, "big") && killed(r, "c"));
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM_KILL), 3);
	CU_ASSERT_EQUAL(count(r, 0, EVENTS_OOM), 0); /* no limit of a cgroup was met */
	CU_ASSERT_EQUAL(local(r, TOP, EVENTS_OOM_GROUP_KILL), 1);
	CU_ASSERT_EQUAL(local(r, LEFT, EVENTS_OOM_KILL), 2);
	CU_ASSERT_EQUAL(local(r, RIGHT, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(count(r, ELSEWHERE, EVENTS_OOM_KILL), 0);
	run_result_free(r);
}

/* What is over counts max and oom, what the victim was in counts oom_kill; hierarchically all above too. */
static void test_where_events_are(void)
{
	struct run_result *r = run("", "", "", "");

	CU_ASSERT(count(r, MID, EVENTS_MAX) > 16);
	CU_ASSERT_EQUAL(local(r, MID, EVENTS_MAX), count(r, MID, EVENTS_MAX));
	CU_ASSERT_EQUAL(count(r, TOP, EVENTS_MAX), count(r, MID, EVENTS_MAX));
	CU_ASSERT_EQUAL(local(r, TOP, EVENTS_MAX), 0);
	CU_ASSERT_EQUAL(count(r, LEFT, EVENTS_MAX) + count(r, RIGHT, EVENTS_MAX), 0);
	CU_ASSERT_EQUAL(local(r, MID, EVENTS_OOM), count(r, TOP, EVENTS_OOM));
	CU_ASSERT_EQUAL(count(r, LEFT, EVENTS_OOM), 0);
	CU_ASSERT_EQUAL(local(r, LEFT, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(count(r, MID, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(local(r, MID, EVENTS_OOM_KILL), 0);
	CU_ASSERT_EQUAL(count(r, TOP, EVENTS_OOM_KILL), 1);
	CU_ASSERT_EQUAL(count(r, ELSEWHERE, EVENTS_OOM_KILL), 0);
	run_result_free(r);
}

static const struct unit tests[] = {
	{ "without memory.oom.group the victim dies alone", test_none },
	{ "with it all of its cgroup die, at once", test_own },
	{ "and all of the highest cgroup that is so set", test_above },
	{ "but not of one above the cgroup that is out of memory", test_too_high },
	{ "who must not be killed is not", test_spared },
	{ "nor are cgroups split when the machine is out of memory", test_machine },
	{ "an event is local where it happens and counts above", test_where_events_are },
};

UNIT_MAIN("oom_group", tests)
