/* Tasks whose process is forked: when they begin, that they come again, who waits for whom. */
#include "models/work/children.h"

#include "models/work/work.h"
#include "tests/unit/scenario_text.h"
#include "tests/unit/unit.h"

#define HEAD(more) "{'format':1,'name':'t','machine':{'cpus':2,'memory':'64MiB'}," more "'tasks':["
#define SWAP "'swap':[{'device':'zram-lz4','size':'8MiB'}],"
#define GROUP(max) "'cgroups':[{'name':'g','memory.max':'" max "'}],"
#define SERVER(more, accesses)                                                                               \
	"{'name':'server'," more "'workload':{'rand':{'pages':200,'accesses':" accesses ",'think':'1us',"    \
	"'write_permille':300}}}"
#define SAVE(more) "{'name':'save','fork_of':'server'," more "'workload':{'seq':{'pages':200,'think':'1us'}}}"
#define SAVED(parent, child) HEAD("") SERVER("", parent) "," SAVE(child) "]}"

enum { SERVER_TASK, SAVE_TASK, MARKS = 32 };

struct marks {
	u32 n;
	const char *name[MARKS];
	u64 at[MARKS];
	u64 ended[MARKS]; /* [task] */
};

static void note_mark(struct kernel *k, u32 task, const char *mark)
{
	struct marks *m = k->on_mark_data;

	(void)task;
	if (m->n < MARKS) {
		m->at[m->n] = k->machine.now;
		m->name[m->n++] = mark;
	}
}

static void note_exit(struct kernel *k, u32 task)
{
	struct marks *m = k->on_mark_data;

	m->ended[task] = k->machine.now;
}

struct played {
	struct scenario *s;
	struct kernel *k;
	struct marks marks;
};

static void play(struct played *p, const char *text, const char *kernel)
{
	struct build_options options;
	GError *error = NULL;
	char *wrong;

	*p = (struct played){ .s = scenario_right(text) };
	options = options_of(p->s, kernel);
	p->k = scenario_build(p->s, &options, NULL);
	p->k->on_mark = note_mark;
	p->k->on_exit = note_exit;
	p->k->on_mark_data = &p->marks;
	CU_ASSERT(machine_run(&p->k->machine, TIME_NEVER - 1, &error));
	g_clear_error(&error);
	wrong = audit(p->k);
	CU_ASSERT_PTR_NULL(wrong);
	g_free(wrong);
}

static void put_away(struct played *p)
{
	kernel_free(p->k);
	scenario_free(p->s);
}

static u64 time_of(const struct played *p, const char *mark)
{
	for (u32 i = 0; i < p->marks.n; i++)
		if (!strcmp(p->marks.name[i], mark))
			return p->marks.at[i];
	return 0;
}

static void test_time(void)
{
	struct played p;

	play(&p, SAVED("3000", "'start':'2ms',"), "6.18");
	CU_ASSERT(time_of(&p, "save_begun") >= 2000000 && time_of(&p, "save_begun") < 2200000);
	CU_ASSERT_EQUAL(p.k->work[SAVE_TASK].round, 1);
	/* it finds all pages there: no fault but the server's, to fill and to copy */
	CU_ASSERT(p.k->count[0][PGFAULT] > 250 && p.k->count[0][PGFAULT] <= 400);
	CU_ASSERT_EQUAL(p.k->mm[0].users + p.k->mm[1].users, 0);
	put_away(&p);
}

/* A server without its fill would be forked at once. */
static void test_after_the_fill(void)
{
	struct played p;

	play(&p, SAVED("3000", ""), "6.18");
	CU_ASSERT(time_of(&p, "fill_done") > 0);
	CU_ASSERT(time_of(&p, "save_begun") >= time_of(&p, "fill_done"));
	CU_ASSERT(time_of(&p, "save_begun") < time_of(&p, "fill_done") + 150000);
	put_away(&p);
}

static void test_again(void)
{
	struct played p;

	play(&p, SAVED("20000", "'start':'1ms','repeat':3,'pause':'5ms',"), "6.17");
	CU_ASSERT_EQUAL(p.k->work[SAVE_TASK].round, 3);
	CU_ASSERT(p.marks.ended[SAVE_TASK] > 1000000 + 2 * 5000000 + 3 * 200000);
	CU_ASSERT(p.marks.ended[SAVE_TASK] < p.marks.ended[SERVER_TASK]);
	put_away(&p);
}

/* Its own pages are its cgroup's, those it has from its parent the parent's. */
static void test_other_cgroup(void)
{
	struct played p;
	static const char *const cgroup[] = { "", "'cgroup':'h'," };

	for (u32 other = 0; other < 2; other++) {
		char *text = g_strdup_printf(
		    HEAD("'cgroups':[{'name':'g'},{'name':'h'}],")
			SERVER("'cgroup':'g',", "1000") ",{'name':'save','fork_of':'server',%s'workload':{'"
							"seq':{'pages':200,'think':'1us',"
							"'write_permille':500}}}]}",
		    cgroup[other]);

		play(&p, text, "6.18");
		CU_ASSERT_EQUAL(p.k->count[1][ACCESSES],
				other ? 1200 : 1400); /* the server's fill among them */
		CU_ASSERT_EQUAL(p.k->count[2][ACCESSES], other ? 200 : 0);
		CU_ASSERT(p.k->count[1][PGFAULT] >= 200);
		CU_ASSERT_EQUAL(p.k->count[2][PGFAULT] > 50, other);
		CU_ASSERT_EQUAL(p.k->memcg[2].peak > 61 + 50, other);
		put_away(&p);
		g_free(text);
	}
}

/* On zram: up to 6.18 slots that both have are read ahead of, and one fault in four comes next to another. */
static void test_read_ahead(void)
{
	static const struct {
		const char *kernel, *child;
		bool ahead;
	} cases[] = { { "6.17", "1us", true },
		      { "6.18", "1us", true },
		      { "7.0", "1us", false },
		      { "6.18", "1s", false } };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = g_strdup_printf(
		    HEAD(
			"'cgroups':[{'name':'g','memory.max':'2MiB'}]," SWAP) "{'name':'server','cgroup':'g',"
									      "'overhead_pages':0,'workload':"
									      "{'objects':{'size':'4MiB',"
									      "'object':1280,'accesses':8000,"
									      "'think':'1us'}}},{'name':'"
									      "save','fork_of':'server',"
									      "'start':'%s','overhead_pages':"
									      "0,'workload':{'rand':{'size':'"
									      "4MiB','accesses':4000,"
									      "'think':'5us'}}}]}",
		    cases[i].child);
		struct played p;

		play(&p, text, cases[i].kernel);
		CU_ASSERT(p.k->count[0][PSWPIN] > 3000);
		CU_ASSERT_EQUAL(p.k->count[0][SWAP_RA] > p.k->count[0][PSWPIN] / 20, cases[i].ahead);
		CU_ASSERT(cases[i].ahead || !p.k->count[0][SWAP_RA]);
		put_away(&p);
		g_free(text);
	}
}

/* The child whose time comes first is forked first, wherever it stands. */
static void test_earliest(void)
{
	struct played p;

#define LATE "{'name':'late','start':'6ms','fork_of':'server','workload':{'seq':{'pages':10}}}"
	static const char *const texts[] = {
		HEAD("") SERVER("", "20000") "," LATE "," SAVE("'start':'2ms',") "]}",
		HEAD("") SERVER("", "20000") "," SAVE("'start':'2ms',") "," LATE "]}",
	};

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		play(&p, texts[i], "6.18");
		CU_ASSERT(time_of(&p, "save_begun") >= 2000000 && time_of(&p, "save_begun") < 2500000);
		CU_ASSERT(time_of(&p, "late_begun") >= 6000000 && time_of(&p, "late_begun") < 6500000);
		put_away(&p);
	}
#undef LATE
}

/* One that has a pause comes again that long after it has ended, and no oftener than it is to. */
static void test_repeats(void)
{
	struct played p;

	play(&p, SAVED("40000", "'start':'1ms','repeat':2,'pause':'9ms',"), "6.18");
	CU_ASSERT_EQUAL(p.k->work[SAVE_TASK].round, 2);
	CU_ASSERT(p.marks.ended[SAVE_TASK] >= 1000000 + 9000000 + 2 * 200000);
	CU_ASSERT(p.marks.ended[SAVE_TASK] < 1000000 + 9000000 + 10 * 200000);
	CU_ASSERT_EQUAL(p.k->work[SERVER_TASK].children, 0);
	put_away(&p);
}

static void test_parent_waits(void)
{
	struct played p;

	play(&p,
	     HEAD("") SERVER("", "100") ",{'name':'save','fork_of':'server','workload':{'seq':{'pages':200,"
					"'think':'20us'}}}]}",
	     "6.18");
	CU_ASSERT_EQUAL(p.k->work[SAVE_TASK].round, 1);
	CU_ASSERT(p.marks.ended[SERVER_TASK] > p.marks.ended[SAVE_TASK]);
	CU_ASSERT(p.marks.ended[SAVE_TASK] > 200 * 20000);
	put_away(&p);
}

static void test_never(void)
{
	struct played p;

	play(&p, SAVED("100", "'start':'1s',"), "6.18");
	CU_ASSERT_EQUAL(p.k->work[SAVE_TASK].round, 0);
	CU_ASSERT_EQUAL(p.k->machine.tasks_left, 0);
	CU_ASSERT(p.k->machine.now < 100000000);
	put_away(&p);
}

static void test_several(void)
{
	struct played p;

	play(&p,
	     HEAD(SWAP GROUP("60%")) SERVER("'cgroup':'g','overhead_pages':0,",
					    "1") "," SAVE("'count':4,'overhead_pages':0,") "]}",
	     "6.18");
	for (u32 i = 1; i <= 4; i++) {
		CU_ASSERT_EQUAL(p.k->work[i].round, 1);
		CU_ASSERT(p.k->config.mm[i].memcg == 1 && p.k->config.mm[i].pages == 200);
	}
	CU_ASSERT_EQUAL(p.k->memcg[1].max, 120); /* of the memory that there is, not of what sees it */
	CU_ASSERT(p.k->count[1][PSWPIN] > 100);
	put_away(&p);
}

static void test_grandchild(void)
{
	struct played p;

	play(&p,
	     HEAD("") SERVER("", "100") "," SAVE("") ",{'name':'other','fork_of':'save','workload':{'rand':{"
						     "'pages':100,'accesses':50,'write_permille':500}}}]}",
	     "6.18");
	CU_ASSERT_EQUAL(p.k->work[2].round, 1);
	CU_ASSERT(p.marks.ended[SAVE_TASK] >= p.marks.ended[2]);
	put_away(&p);
}

/* Whoever is killed is waited for no longer, and does not wait. */
static void test_killed(void)
{
	struct played p;

	play(&p,
	     HEAD(GROUP("1200KiB")) SERVER("'cgroup':'g','overhead_pages':0,", "30000") "," SAVE(
		 "'count':3,'overhead_pages':50,'repeat':5,'pause':'1ms',") "]}",
	     "6.18");
	CU_ASSERT(p.k->count[1][EVENTS_OOM_KILL] > 0);
	CU_ASSERT_EQUAL(p.k->machine.tasks_left, 0);
	CU_ASSERT_EQUAL(p.k->mm[0].anon_pages + p.k->mm[1].anon_pages, 0);
	put_away(&p);
}

/* ---- mistakes ---- */

static void expect_wrong(const char *text, const char *message)
{
	GError *error = NULL;

	CU_ASSERT_PTR_NULL(scenario_from(text, &error));
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	if (!strstr(error->message, message)) {
		printf("\n  %s\n", error->message);
		CU_FAIL("another message");
	}
	g_error_free(error);
}

static void test_mistakes(void)
{
	expect_wrong(HEAD("")
			 SERVER("", "1") ",{'name':'a','fork_of':'serve','workload':{'seq':{'pages':1}}}]}",
		     "tasks[1].fork_of: there is no task \"serve\" (did you mean \"server\"?)");
	expect_wrong(HEAD("") "{'name':'a','fork_of':'a','workload':{'seq':{'pages':1}}}]}",
		     "tasks[0].fork_of: is not before this task (expected one that stands before it)");
	expect_wrong(HEAD("") SERVER("'count':2,", "1") "," SAVE("") "]}",
		     "tasks[1].fork_of: has several threads (expected a task without \"count\")");
	expect_wrong(HEAD("'processes':[{'name':'p'}],") SERVER("", "1") "," SAVE("'process':'p',") "]}",
		     "tasks[1].process: contradicts \"fork_of\" (expected none: it is forked)");
	expect_wrong(HEAD("'cgroups':[{'name':'g'}],") SERVER("", "1") "," SAVE("'cgroup':'h',") "]}",
		     "tasks[1].cgroup: unknown cgroup \"h\" (expected one of g)");
	expect_wrong(HEAD("") SERVER("", "1") "," SAVE("'contents':'zero',") "]}",
		     "tasks[1].contents: is a matter of the parent (expected there)");
	expect_wrong(HEAD("") SERVER("'backing':'file',", "1") "," SAVE("") "]}",
		     "tasks[1].fork_of: there are pages of files in it (expected anonymous memory only)");
	expect_wrong(
	    HEAD("") SERVER("", "1") ",{'name':'a','fork_of':'server','workload':{'seq':{'pages':201}}}]}",
	    "tasks[1].workload: works on 201 pages, and its parent has 200 (expected no more)");
}

#define RACE(setup, a, b)                                                                                    \
	HEAD(SWAP "'setup':[" setup "],")                                                                    \
	"{'name':'A','do':[" a "]},{'name':'B','fork_of':'A','do':[" b "]},{'name':'C','do':["               \
	"{'op':'read','page':'c0'}]}]}"
#define FORK "{'op':'fork','child':'B'}"
#define WRITE(page) "{'op':'write','page':'" page "'}"

static void test_operations(void)
{
	struct played p;

	play(&p,
	     RACE("{'task':'A','op':'write','page':'a0'},{'task':'A','op':'fork','child':'B'},"
		  "{'task':'B','op':'write','page':'b0'}",
		  WRITE("a1"), WRITE("b3") ",{'op':'exit'}"),
	     "6.18");
	CU_ASSERT_EQUAL(p.k->mm[0].pages, 4);
	CU_ASSERT_EQUAL(p.k->mm[0].anon_pages, 2);
	CU_ASSERT_EQUAL(p.k->mm[1].anon_pages, 0);
	CU_ASSERT_EQUAL(p.k->machine.tasks_left, 0);
	put_away(&p);
	play(&p, RACE("", WRITE("a0") "," FORK, WRITE("b0")), "6.18");
	CU_ASSERT_EQUAL(p.k->mm[1].anon_pages, 1);
	CU_ASSERT_NOT_EQUAL(p.k->pte[p.k->mm[0].first_page], p.k->pte[p.k->mm[1].first_page]);
	put_away(&p);
	/* never forked */
	play(&p, RACE("", WRITE("a0"), WRITE("b0")), "6.18");
	CU_ASSERT_EQUAL(p.k->mm[1].anon_pages, 0);
	CU_ASSERT_EQUAL(p.k->machine.tasks_left, 0);
	put_away(&p);
}

static void test_wrong_operations(void)
{
	expect_wrong(RACE("", "{'op':'fork'}", WRITE("b0")),
		     "tasks[0].do[0]: missing key \"child\" (expected a task that is forked from this one)");
	expect_wrong(RACE("", "{'op':'fork','child':'B','page':'a0'}", WRITE("b0")),
		     "page: is of no use to \"fork\" (expected none)");
	expect_wrong(RACE("", "{'op':'exit','child':'B'}", WRITE("b0")),
		     "child: is of use to \"fork\" only (expected none)");
	expect_wrong(RACE("", "{'op':'fork','child':'C'}", WRITE("b0")),
		     "tasks[0].do[0].child: is not forked by A (expected a task with \"fork_of\": \"A\")");
	expect_wrong(RACE("", FORK "," FORK, WRITE("b0")),
		     "tasks[0].do[0].child: is forked twice (expected once)");
	expect_wrong(
	    RACE("{'task':'B','op':'write','page':'b0'}", FORK, WRITE("b0")),
	    "setup[0].task: is not forked yet (expected {\"op\": \"fork\", \"child\": \"B\"} before)");
}

/* It was to come again, but there is nobody any more to fork it. */
static void test_not_again(void)
{
	struct played p;

	play(&p,
	     HEAD("") SERVER("", "100") ",{'name':'save','fork_of':'server','repeat':3,'pause':'1ms',"
					"'workload':{'seq':{'pages':200,'think':'20us'}}}]}",
	     "6.18");
	CU_ASSERT_EQUAL(p.k->work[SAVE_TASK].round, 1);
	CU_ASSERT_EQUAL(p.k->machine.tasks_left, 0);
	put_away(&p);
}

/* A fork for which there is no memory is one of its times, too; after the last nobody waits for it. */
static void test_no_memory(void)
{
	struct scenario *s = scenario_right(SAVED("100", "'repeat':2,'pause':'5ms',"));
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);
	struct work *child = &k->work[SAVE_TASK];

	CU_ASSERT_FATAL(child->waits != 0);
	child_forked(k, SAVE_TASK, false);
	CU_ASSERT_EQUAL(child->round, 1);
	CU_ASSERT_EQUAL(child->due, k->machine.now + 5000000);
	CU_ASSERT_EQUAL(k->work[SERVER_TASK].fork_at, child->due);
	CU_ASSERT(child->waits != 0);
	child_forked(k, SAVE_TASK, false);
	CU_ASSERT_EQUAL(child->round, 2);
	CU_ASSERT_EQUAL(child->due, WORK_NEVER);
	CU_ASSERT_EQUAL(k->work[SERVER_TASK].fork_at, WORK_NEVER);
	CU_ASSERT_EQUAL(child->waits, 0);
	kernel_free(k);
	scenario_free(s);
}

/* One that ends after its parent did is let go, though it was to come again. */
static void test_outlives_its_parent(void)
{
	struct scenario *s = scenario_right(SAVED("100", "'repeat':2,'pause':'5ms',"));
	struct build_options options = options_of(s, "6.18");
	struct kernel *k = scenario_build(s, &options, NULL);

	child_forked(k, SAVE_TASK, true);
	children_leave(k, SERVER_TASK);
	child_ended(k, SAVE_TASK, false);
	CU_ASSERT_EQUAL(k->work[SAVE_TASK].due, WORK_NEVER);
	CU_ASSERT_EQUAL(k->work[SAVE_TASK].waits, 0);
	CU_ASSERT_EQUAL(k->work[SERVER_TASK].fork_at, WORK_NEVER);
	CU_ASSERT_EQUAL(k->work[SERVER_TASK].children, 0);
	kernel_free(k);
	scenario_free(s);
}

static const struct unit tests[] = {
	{ "a child is forked at its time, with all its parent has", test_time },
	{ "but not before the parent has filled its memory", test_after_the_fill },
	{ "a child is forked again, so long after it ended", test_again },
	{ "it may be in another cgroup than its parent", test_other_cgroup },
	{ "what both have in swap is read ahead of, up to 6.18", test_read_ahead },
	{ "the earliest child is forked first", test_earliest },
	{ "a child comes as often as it is to", test_repeats },
	{ "a parent waits for its child before it ends", test_parent_waits },
	{ "a child whose time does not come is never forked", test_never },
	{ "several children share one memory, of which a limit is a part", test_several },
	{ "a child may fork, too", test_grandchild },
	{ "nobody waits for who was killed", test_killed },
	{ "what cannot be forked is told", test_mistakes },
	{ "a task with \"do\" forks another", test_operations },
	{ "operations that cannot be are told", test_wrong_operations },
	{ "one whose parent has ended does not come again", test_not_again },
	{ "a fork without memory is one of its times", test_no_memory },
	{ "one that outlives its parent is let go", test_outlives_its_parent },
};

UNIT_MAIN("children", tests)
