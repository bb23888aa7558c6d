/*
 * Schedules: what they force, what they leave open, and why some cannot be followed.
 */
#include "tests/unit/unit.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "models/race.h"
#include "models/scenario_parts.h"
#include "models/windows.h"
#include "tests/unit/alloc_world.h"
#include "tests/unit/scenario_text.h"

/* Of each race; check_races.sh has 1000. */
static u32 seeds(void)
{
	const char *n = g_getenv("SWAPSIM_SEEDS");

	return n ? (u32)g_ascii_strtoull(n, NULL, 10) : 50;
}

#define HEAD                                                                                                 \
	"{'format':1,'name':'t','machine':{'cpus':2,'memory':'1MiB','slots_per_cluster':4,"                  \
	"'pages_per_table':4},'swap':[{'device':'zram-lz4','size':'48KiB'}],"                                \
	"'tasks':[{'name':'A','cpu':0,'overhead_pages':0,'do':[{'op':'swap_out','page':'a0'}]},"             \
	"{'name':'B','cpu':1,'overhead_pages':0,'do':[{'op':'swap_out','page':'b0'}]}],"                     \
	"'setup':[{'task':'A','op':'write','page':'a0'},{'task':'B','op':'write','page':'b0'}],"

/* The verdict of one run and its reason, "verdict: reason"; g_free(). */
static char *verdict_of(const char *text, const char *kernel, u64 seed)
{
	struct scenario *s = scenario_right(text);
	struct race *race = race_new(s, kernel, NULL);
	struct race_result r;
	char *verdict;

	CU_ASSERT_PTR_NOT_NULL_FATAL(race);
	race_run(race, seed, &r);
	verdict = g_strdup_printf("%s%s%s", race_verdict(&r), r.reason ? ": " : "", r.reason ? r.reason : "");
	race_result_release(&r);
	race_free(race);
	scenario_free(s);
	return verdict;
}

static void check_verdict(const char *text, const char *expected)
{
	char *verdict = verdict_of(text, NULL, 1);

	CU_ASSERT_STRING_EQUAL(verdict, expected);
	if (strcmp(verdict, expected))
		printf("\n  is: %s\nnot: %s\n", verdict, expected);
	g_free(verdict);
}

static void check_refused(const char *text, const char *expected)
{
	GError *error = NULL;
	struct scenario *s = scenario_from(text, &error);

	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	CU_ASSERT_STRING_EQUAL(error->message, expected);
	if (strcmp(error->message, expected))
		printf("\n  is: %s\nnot: %s\n", error->message, expected);
	g_error_free(error);
}

/* ---- the scenarios that come with the program ---- */

static char *race_file(const char *name)
{
	char *path = g_strdup_printf("%s/scenarios/race/%s", SOURCE_DIR, name), *text = NULL;

	CU_ASSERT_FATAL(g_file_get_contents(path, &text, NULL, NULL));
	g_free(path);
	return text;
}

/* How many seeds give @verdict; the runs are repeated and have to be the same. */
static u32 seeds_with(const struct scenario *s, const char *kernel, const char *verdict, u32 seeds)
{
	struct race *race = race_new(s, kernel, NULL);
	struct race_result r, again;
	u32 n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(race);
	for (u64 seed = 0; seed < seeds; seed++) {
		race_run(race, seed, &r);
		n += !strcmp(race_verdict(&r), verdict);
		if (seed < 10) {
			race_run(race, seed, &again);
			CU_ASSERT_EQUAL(r.fingerprint, again.fingerprint);
			race_result_release(&again);
		}
		race_result_release(&r);
	}
	race_free(race);
	return n;
}

static void check_file(const char *name)
{
	char *text = race_file(name);
	struct scenario *s = scenario_right(text);
	const char **kernel = race_kernels_expected(s);

	CU_ASSERT_PTR_NOT_NULL(kernel[0]);
	for (u32 i = 0; kernel[i]; i++)
		CU_ASSERT_EQUAL(seeds_with(s, kernel[i], race_expected(s, kernel[i]), seeds()), seeds());
	g_free(kernel);
	scenario_free(s);
	g_free(text);
}

static cJSON *constraints_of(cJSON *root)
{
	return cJSON_GetObjectItemCaseSensitive(root, "schedule");
}

/* A task that waits for itself is not what tasks are that wait for each other. */
static bool waits_for_itself(const struct scenario *s, const char *kernel, u64 seed)
{
	struct race *race = race_new(s, kernel, NULL);
	struct race_result r;
	bool itself;

	race_run(race, seed, &r);
	itself = r.reason && strstr(r.reason, " itself");
	race_result_release(&r);
	race_free(race);
	return itself;
}

static bool ends_alike(const struct scenario *s, const struct scenario *fewer, const char *kernel)
{
	if (seeds_with(fewer, kernel, race_expected(s, kernel), 100) < 90)
		return false;
	for (u64 seed = 0; seed < 10; seed++)
		if (waits_for_itself(fewer, kernel, seed) != waits_for_itself(s, kernel, seed))
			return false;
	return true;
}

/* Without it another verdict: in the form that the file is about, or if nothing is wrong there in one of
 * those that it names. */
static bool verdict_changes(const struct scenario *s, const char *text, int i)
{
	const char **kernel = race_kernels_expected(s);
	const bool wrong = strcmp(race_expected(s, s->spec.machine.kernel), "ok");
	cJSON *root = cJSON_Parse(text);
	struct scenario *fewer;
	bool changes = false;
	char *less;

	cJSON_DeleteItemFromArray(constraints_of(root), i);
	less = cJSON_PrintUnformatted(root);
	fewer = scenario_right(less);
	for (u32 v = 0; kernel[v] && !changes; v++)
		if (!wrong || !strcmp(kernel[v], s->spec.machine.kernel))
			changes = !ends_alike(s, fewer, kernel[v]);
	scenario_free(fewer);
	cJSON_free(less);
	cJSON_Delete(root);
	g_free(kernel);
	return changes;
}

static void check_constraints(const char *name)
{
	char *text = race_file(name);
	struct scenario *s = scenario_right(text);
	cJSON *root = cJSON_Parse(text);
	int n = cJSON_GetArraySize(constraints_of(root));

	CU_ASSERT(race_expected(s, s->spec.machine.kernel) != NULL);
	for (int i = 0; i < n; i++) {
		bool changes = verdict_changes(s, text, i);

		CU_ASSERT(changes);
		if (!changes)
			printf("\n%s: constraint %d does not matter\n", name, i);
	}
	cJSON_Delete(root);
	scenario_free(s);
	g_free(text);
}

static u32 each_race(void (*check)(const char *name))
{
	char *folder = g_build_filename(SOURCE_DIR, "scenarios", "race", NULL);
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	u32 n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	for (; (name = g_dir_read_name(dir)); n++)
		check(name);
	g_dir_close(dir);
	g_free(folder);
	return n;
}

static void test_files(void)
{
	CU_ASSERT(each_race(check_file) >= 12);
}

#define CONTROL "-late.json"

/* In a control nothing goes wrong anyhow. */
static void check_constraints_of_race(const char *name)
{
	if (!g_str_has_suffix(name, CONTROL))
		check_constraints(name);
}

static void test_every_constraint_counts(void)
{
	CU_ASSERT(each_race(check_constraints_of_race) >= 12);
}

/* All but what a race and its control have of their own. */
static char *world_of(const char *name)
{
	static const char *const own[] = { "name", "description", "schedule", "expect" };
	char *text = race_file(name), *world;
	cJSON *root = cJSON_Parse(text);

	for (u32 i = 0; i < ARRAY_SIZE(own); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(root, own[i]);
	world = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	g_free(text);
	return world;
}

/* The same as the race, and on the kernel that this is about nothing goes wrong. */
static void check_control(const char *name)
{
	char *race, *text, *worlds[2];
	struct scenario *s;

	if (!g_str_has_suffix(name, CONTROL))
		return;
	race = g_strdup_printf("%.*s.json", (int)(strlen(name) - strlen(CONTROL)), name);
	worlds[0] = world_of(race);
	worlds[1] = world_of(name);
	CU_ASSERT_STRING_EQUAL(worlds[0], worlds[1]);
	text = race_file(name);
	s = scenario_right(text);
	CU_ASSERT_EQUAL(seeds_with(s, s->spec.machine.kernel, "ok", 20), 20);
	scenario_free(s);
	g_free(text);
	cJSON_free(worlds[0]);
	cJSON_free(worlds[1]);
	g_free(race);
}

static void test_controls(void)
{
	each_race(check_control);
}

/* ---- constraints ---- */

static void test_free_run(void)
{
	check_verdict(HEAD "'schedule':[]}", "ok");
}

static void test_order(void)
{
#define FIRST(a, b)                                                                                          \
	"{'order':[{'task':'" a "','at':'madvise_pageout.UNLOCK_BACK'},{'task':'" b                          \
	"','at':'madvise_pageout.LOCK_PTL'}]}"
	check_verdict(HEAD "'schedule':[" FIRST("A", "B") "]}", "ok");
	check_verdict(HEAD "'schedule':[" FIRST("B", "A") "]}", "ok");
	check_verdict(
	    HEAD "'schedule':[" FIRST("B", "A") "," FIRST("A", "B") "]}",
	    "infeasible: A is held at madvise_pageout.LOCK_PTL until B is done with "
	    "madvise_pageout.UNLOCK_BACK; B is held at madvise_pageout.LOCK_PTL until A is done with "
	    "madvise_pageout.UNLOCK_BACK");
#undef FIRST
}

static void test_switch(void)
{
	check_verdict(HEAD
		      "'schedule':[{'switch_before':{'task':'A','at':'madvise_pageout.LOCK_LRU','to':'B'}}]}",
		      "ok");
	check_verdict(HEAD "'schedule':[{'run':{'task':'B','until':{'task':'B','done':'task_script'}}},"
			   "{'switch_before':{'task':'A','at':'madvise_pageout.LOCK_LRU','to':'B'}}]}",
		      "infeasible: A is held at madvise_pageout.LOCK_LRU for a step of B");
}

static void test_unmet(void)
{
	check_verdict(HEAD "'schedule':[{'park':{'task':'A','in':'bypass_swapin','until':{'task':'B','done':"
			   "'task_script'}}}]}",
		      "infeasible: A ended without being in bypass_swapin");
	check_verdict(HEAD "'schedule':[{'choose':{'kind':'wake_cpu','actor':'A','nth':3,'value':1}}]}",
		      "infeasible: A never came to wake_cpu for the 3rd time");
	check_verdict(HEAD "'schedule':[{'run':{'task':'A','until':{'task':'B','reaches':'do_wp_page'}}}]}",
		      "infeasible: B never reached do_wp_page");
}

/* A schedule that was not needed is not one that was followed. */
static void test_without_effect(void)
{
#define PARK_A(times, until)                                                                                 \
	"{'park':{'task':'A','in':'folio_alloc_swap.LOCK_PCP'," times "'until':{'task':'B'," until "}}}"
	check_verdict(HEAD "'schedule':[" PARK_A("'nth':7,", "'done':'folio_alloc_swap'") "]}",
		      "infeasible: A never came to folio_alloc_swap.LOCK_PCP for the 7th time, only once");
	check_verdict(HEAD
		      "'schedule':[{'run':{'task':'B','until':{'task':'B','done':'task_script'}}}," PARK_A(
			  "", "'done':'folio_alloc_swap'") "]}",
		      "infeasible: B was done with folio_alloc_swap before A came to "
		      "folio_alloc_swap.LOCK_PCP");
	check_verdict(HEAD
		      "'schedule':[{'run':{'task':'B','until':{'task':'B','done':'task_script'}}}," PARK_A(
			  "'nth':1,", "'reaches':'folio_alloc_swap'") "]}",
		      "infeasible: B reached folio_alloc_swap before A came to folio_alloc_swap.LOCK_PCP");
	check_verdict(HEAD
		      "'schedule':[{'run':{'task':'B','until':{'task':'A','reaches':'folio_alloc_swap'}}}]}",
		      "infeasible: B ended before A reached folio_alloc_swap");
#undef PARK_A
}

static void test_stuck(void)
{
	check_verdict(
	    HEAD "'schedule':[{'park':{'task':'A','in':'madvise_pageout.UNLOCK_LRU','until':{'task':'B',"
		 "'done':'task_script'}}}]}",
	    "infeasible: A is parked in madvise_pageout.UNLOCK_LRU until B is done with task_script; B "
	    "waits at madvise_pageout.LOCK_LRU for lock of the LRU lists of the machine, which A holds");
	check_verdict(
	    HEAD "'schedule':[{'park':{'task':'A','in':'folio_isolated','until':{'task':'B',"
		 "'reaches':'do_wp_page'}}}]}",
	    "infeasible: A is parked in folio_isolated until B reaches do_wp_page; but B never reached "
	    "do_wp_page before it ended");
}

static void test_times(void)
{
	/* once in the write of setup, which does not count */
	check_verdict(HEAD "'schedule':[{'park':{'task':'A','in':'folio_alloc_swap.LOCK_PCP','nth':2,'until':"
			   "{'task':'B','done':'folio_alloc_swap'}}}]}",
		      "infeasible: A never came to folio_alloc_swap.LOCK_PCP for the 2nd time, only once");
	check_verdict(
	    HEAD "'schedule':[{'park':{'task':'A','in':'folio_alloc_swap.LOCK_PCP','until':{'task':'B',"
		 "'done':'folio_alloc_swap','nth':2}}}]}",
	    "infeasible: A is parked in folio_alloc_swap.LOCK_PCP until B is done with folio_alloc_swap for "
	    "the 2nd time; but B was never done with folio_alloc_swap for the 2nd time before it ended");
}

/* ---- what is refused ---- */

static void test_names(void)
{
	check_refused(HEAD
		      "'schedule':[{'park':{'task':'C','in':'isolated_dropped','until':{'task':'B','done':"
		      "'folio_alloc_swap'}}}]}",
		      "s.json:1:427: schedule[0].park.task: there is no task \"C\" (did you mean \"A\"?)");
	check_refused(
	    HEAD "'schedule':[{'park':{'task':'A','in':'isolated_droped','until':{'task':'B','done':"
		 "'folio_alloc_swap'}}}]}",
	    "s.json:1:436: schedule[0].park.in: there is no window and no path \"isolated_droped\" (did you "
	    "mean \"isolated_dropped\"?)");
	check_refused(
	    HEAD "'schedule':[{'park':{'task':'A','in':'madvise_pageout.LOCK_PLT','until':{'task':'B',"
		 "'done':'folio_alloc_swap'}}}]}",
	    "s.json:1:436: schedule[0].park.in: path madvise_pageout has no step \"LOCK_PLT\" (did you mean "
	    "\"LOCK_PTL\"?)");
	check_refused(
	    HEAD "'schedule':[{'choose':{'kind':'atomic_aloc','actor':'A','value':'fail'}}]}",
	    "s.json:1:429: schedule[0].choose.kind: nature decides no \"atomic_aloc\" (did you mean "
	    "\"atomic_alloc\"?)");
	check_refused(HEAD "'schedule':[{'choose':{'kind':'wake_cpu','actor':'A','value':2}}]}",
		      "s.json:1:460: schedule[0].choose.value: wake_cpu cannot be \"2\" (expected 0..1)");
	check_refused(HEAD "'expect':{'6.19':'ok'}}",
		      "s.json:1:416: expect.\"6.19\": unknown release \"6.19\" (one of 6.1, 6.12, 6.14, "
		      "6.17, 6.18, 7.0, 7.0-fix, 7.1, 7.2)");
	check_refused(HEAD "'expect':{'6.18':'clusterownership'}}",
		      "s.json:1:416: expect.\"6.18\": there is no verdict \"clusterownership\" (did you mean "
		      "\"cluster_ownership\"?)");
	check_refused(
	    HEAD "'schedule':[{'park':{'task':'A','in':'do_swp_page','until':{'task':'B','done':"
		 "'LOCK_PCP'}}}]}",
	    "s.json:1:436: schedule[0].park.in: there is no window and no path \"do_swp_page\" (did you "
	    "mean \"do_swap_page\"?)");
	check_refused(
	    HEAD "'schedule':[{'park':{'task':'A','in':'DROP_PCP','until':{'task':'B','done':"
		 "'folio_alloc_swap'}}}]}",
	    "s.json:1:436: schedule[0].park.in: \"DROP_PCP\" is a step, and steps are called path.STEP "
	    "(such as \"swap_cluster_alloc_table.DROP_PCP\")");
}

static void test_contradictions(void)
{
	check_refused(HEAD
		      "'schedule':[{'order':[{'task':'A','at':'madvise_pageout.LOCK_PTL'},{'task':'B','at':"
		      "'madvise_pageout.LOCK_PTL'}]},{'order':[{'task':'B','at':'madvise_pageout.LOCK_PTL'},{"
		      "'task':'A','at':'madvise_pageout.LOCK_PTL'}]}]}",
		      "s.json:1:411: schedule[0]: contradicts what else is asked for: B leaves "
		      "madvise_pageout.LOCK_PTL only when A is done with madvise_pageout.LOCK_PTL, A leaves "
		      "madvise_pageout.LOCK_PTL only when B is done with madvise_pageout.LOCK_PTL");
	check_refused(
	    HEAD "'schedule':[{'park':{'task':'A','in':'folio_isolated','until':{'task':'A','done':"
		 "'folio_alloc_swap'}}}]}",
	    "s.json:1:469: schedule[0].park.until.task: is the one that is parked (expected another task)");
}

#define ANSWER(nth, value) "{'choose':{'kind':'atomic_alloc','actor':'A'," nth "'value':'" value "'}}"

static void test_two_answers(void)
{
	check_refused(
	    HEAD "'schedule':[" ANSWER("'nth':1,", "fail") "," ANSWER("'nth':1,", "ok") "]}",
	    "s.json:1:481: schedule[1]: contradicts schedule[0], which chooses something else for the "
	    "same atomic_alloc of A");
	scenario_free(
	    scenario_right(HEAD "'schedule':[" ANSWER("", "fail") "," ANSWER("'nth':1,", "ok") "]}"));
}

static void test_pages(void)
{
	check_refused(
	    "{'format':1,'name':'t','tasks':[{'name':'A','do':[{'op':'read','page':'a4294967297'}]}]}",
	    "s.json:1:71: tasks[0].do[0].page: \"a4294967297\" is out of range (expected page "
	    "0..999999)");
	check_refused(
	    "{'format':1,'name':'t','tasks':[{'name':'A','do':[{'op':'write','page':'b0'}]},{'name':'B',"
	    "'do':[{'op':'exit'}]}]}",
	    "s.json:1:72: tasks[0].do[0].page: \"b0\" is no page of task A's process (expected \"A0\" and so "
	    "on)");
	check_refused("{'format':1,'name':'t','tasks':[{'name':'A','do':[{'op':'read'}]}]}",
		      "s.json:1:51: tasks[0].do[0]: missing key \"page\" (expected a page such as \"a0\")");
	check_refused("{'format':1,'name':'t','tasks':[{'name':'A'}]}",
		      "s.json:1:33: tasks[0]: missing key (expected exactly one of \"workload\", \"do\")");
}

/* ---- windows ---- */

static void test_windows(void)
{
	struct kernel *k = alloc_world("6.18", 2);
	struct stretch s;

	for (const struct window *w = windows; w->name; w++) {
		CU_ASSERT(stretch_find(&k->machine, w->name, &s, NULL));
		CU_ASSERT_PTR_EQUAL(s.window, w);
		CU_ASSERT(s.open < s.from && s.from <= s.to);
		CU_ASSERT(strlen(w->object) && strlen(w->kernel) && strlen(w->releases) &&
			  strlen(w->invariant));
		for (const struct window *other = windows; other != w; other++)
			CU_ASSERT_STRING_NOT_EQUAL(other->name, w->name);
	}
	kernel_free(k);
}

/* ---- devices ---- */

static void test_device_completes(void)
{
	check_verdict("{'format':1,'name':'t','machine':{'cpus':2,'memory':'1MiB','page-cluster':0},"
		      "'swap':[{'device':'nvme-client','size':'48KiB'}],"
		      "'cgroups':[{'name':'g','memory.max':'8KiB'}],"
		      "'tasks':[{'name':'A','cgroup':'g','overhead_pages':0,'do':[{'op':'read','page':'a0'},"
		      "{'op':'write','page':'a1'},{'op':'read','page':'a2'},{'op':'read','page':'a0'}]}],"
		      "'setup':[{'task':'A','op':'write','page':'a0'},{'task':'A','op':'write','page':'a1'},"
		      "{'task':'A','op':'write','page':'a2'}]}",
		      "ok");
}

static const struct unit tests[] = {
	{ "the bundled races end as they say, whatever is left open, and again the same", test_files },
	{ "no constraint of theirs can be left out", test_every_constraint_counts },
	{ "a control differs from its race in the schedule, and nothing goes wrong", test_controls },
	{ "without constraints everybody comes to an end", test_free_run },
	{ "order holds one task until another is so far", test_order },
	{ "a switch is made before the step, or cannot be", test_switch },
	{ "what a schedule asked for and did not get is named", test_unmet },
	{ "a constraint that never had an effect makes the schedule infeasible", test_without_effect },
	{ "who is stuck says where, and who holds what it needs", test_stuck },
	{ "times are counted from the beginning of the schedule", test_times },
	{ "names that do not exist are refused with the nearest", test_names },
	{ "constraints that go in a circle are refused with the circle", test_contradictions },
	{ "two answers to one question contradict, an exception does not", test_two_answers },
	{ "pages belong to the process of the task", test_pages },
	{ "windows have names of their own and steps that exist", test_windows },
	{ "a device completes what tasks wait for", test_device_completes },
};

UNIT_MAIN("schedule", tests)
