/*
 * Schedules as somebody writes them who has the lists and the documents, but not the source: right ones work,
 * and of wrong ones the program says what is wrong.
 */
#include "tests/unit/test_cli.h"

#define RACES SOURCE_DIR "/tests/races/"

static const struct {
	const char *file;
	const char *says;
} wrong[] = {
	{ "asked-too-seldom", "infeasible: A never came to atomic_alloc for the 9th time\n" },
	{ "bare-step", "\"LOCK_PCP\" is a step, and steps are called path.STEP (such as "
		       "\"folio_alloc_swap.LOCK_PCP\")\n" },
	{ "circle",
	  "schedule[0]: contradicts what else is asked for: B leaves folio_alloc_swap.LOCK_PCP only "
	  "when A is done with folio_alloc_swap.LOCK_PCP, A leaves " },
	{ "misspelt-choice", "nature decides no \"atomic_aloc\" (did you mean \"atomic_alloc\"?)\n" },
	{ "misspelt-operation", "tasks[0].do[0].op: the string \"swapout\" is not known (expected one of " },
	{ "misspelt-path", "there is no path \"do_swp_page\" (did you mean \"do_swap_page\"?)\n" },
	{ "misspelt-step", "path do_swap_page has no step \"LOCKPTL\" (did you mean \"LOCK_PTL\"?)\n" },
	{ "misspelt-window", "(did you mean \"isolated_dropped\"?)\n" },
	{ "never-there", "; but B never reached do_swap_page before it ended\n" },
	{ "no-such-cpu", "wake_cpu cannot be \"7\" (expected 0..1)\n" },
	{ "order-never", "infeasible: B never reached do_swap_page\n" },
	{ "other-release", "infeasible: A ended without being in get_swap_slot.REFILL\n" },
	{ "page-too-high",
	  "tasks[0].do[0].page: \"a4294967296\" is out of range (expected page 0..999999)\n" },
	{ "parked-each-other",
	  "A is parked in folio_alloc_swap.CHARGE until B is done with folio_alloc_swap; B "
	  "is parked in folio_alloc_swap.LOCK_PCP until A is done with folio_alloc_swap\n" },
	{ "retries-while-parked",
	  "steps: A is parked in bypass_before_pte until B is done with task_script; B was "
	  "33 times at swapcache_prepare.LOCK_CI\n" },
	{ "run-until-another", "infeasible: A ended before B was done with folio_alloc_swap\n" },
	{ "switch-never", "infeasible: A never reached do_swap_page.LOOKUP\n" },
	{ "too-seldom", "infeasible: A never came to folio_alloc_swap.CHARGE for the 7th time, only once\n" },
	{ "two-answers", "schedule[1]: contradicts schedule[0], which chooses something else for the same "
			 "atomic_alloc of A\n" },
	{ "unknown-release",
	  "unknown release \"6.19\" (one of 6.1, 6.12, 6.14, 6.17, 6.18, 7.0, 7.0-fix, 7.1, 7.2)\n" },
	{ "unknown-step", "path do_swap_page has no step \"MAP\" (expected one of LOOKUP, ALLOC, " },
	{ "unknown-task", "there is no task \"AA\" (did you mean \"A\"?)\n" },
	{ "unknown-verdict",
	  "there is no verdict \"cluster_owner\" (did you mean \"cluster_ownership\"?)\n" },
	{ "unknown-window",
	  "no path \"leaked\" (swapsim list windows, swapsim list steps show what there is)\n" },
	{ "waits-for-itself", "park.until.task: is the one that is parked (expected another task)\n" },
	{ "was-over-before", "infeasible: B was done with folio_alloc_swap before A came to "
			     "folio_alloc_swap.CHARGE\n" },
};

static u32 files_in(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	u32 n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while (g_dir_read_name(dir))
		n++;
	g_dir_close(dir);
	return n;
}

static void test_wrong(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(files_in(RACES "wrong"), G_N_ELEMENTS(wrong));
	for (u32 i = 0; i < G_N_ELEMENTS(wrong); i++) {
		char *arguments = g_strdup_printf("race " RACES "wrong/%s.json --seeds 20", wrong[i].file);
		struct said said = swapsim(folder, arguments);
		bool told = strstr(said.out, wrong[i].says) || strstr(said.err, wrong[i].says);

		CU_ASSERT_EQUAL(said.status, 4);
		CU_ASSERT(told);
		if (!told)
			g_printerr("\n%s: %s%s", wrong[i].file, said.out, said.err);
		said_release(&said);
		g_free(arguments);
	}
	test_folder_free(folder);
}

/* They say themselves what they expect. */
static void test_right(void)
{
	GDir *dir = g_dir_open(RACES "right", 0, NULL);
	char *folder = test_folder();
	const char *name;
	u32 n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	for (; (name = g_dir_read_name(dir)); n++) {
		char *arguments = g_strdup_printf("race " RACES "right/%s", name);
		struct said said = swapsim(folder, arguments);

		CU_ASSERT_EQUAL(said.status, 0);
		CU_ASSERT_STRING_EQUAL(said.err, "");
		CU_ASSERT_PTR_NOT_NULL(strstr(said.out, "  ok "));
		said_release(&said);
		g_free(arguments);
	}
	CU_ASSERT(n >= 5);
	g_dir_close(dir);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "a wrong schedule is refused or infeasible, and what is wrong is said", test_wrong },
	{ "a right one gives the verdicts it expects", test_right },
};

UNIT_MAIN("race files", tests)
