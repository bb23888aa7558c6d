/* swapsim explore: what it says, its exit statuses, and that race agrees with what it has found. */
#include "tests/unit/test_cli.h"

#define REUSE SOURCE_DIR "/scenarios/race/bypass-reuse.json"
#define FREE SOURCE_DIR "/scenarios/explore/free-swapin.json"
#define LEAK SOURCE_DIR "/scenarios/race/leak-same-cpu.json"

static int status_of(const char *folder, const char *arguments, const char *out, const char *err)
{
	struct said said = swapsim(folder, arguments);
	int status = said.status;

	CU_ASSERT(strstr(said.out, out) != NULL);
	CU_ASSERT(strstr(said.err, err) != NULL);
	if (!strstr(said.out, out) || !strstr(said.err, err))
		g_printerr("\nswapsim %s\nsaid %s%s", arguments, said.err, said.out);
	said_release(&said);
	return status;
}

static void test_finding(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " LEAK " --output found.json",
		      "It takes 0 preemptions, 1 unusual choice, 2 switches, 65 steps, and no less",
		      "explore: 6.18+table-alloc=v3: cluster_ownership"),
	    3);
	CU_ASSERT_EQUAL(status_of(folder, "race found.json",
				  "6.18+table-alloc=v3  cluster_ownership    100  cluster_ownership  ok", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "race found.json --kernel 6.18", "6.18    ok ", ""), 0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " REUSE " --quiet --timeline text",
				  "\"order\": [{\"task\": \"A\"", "explore: 6.17+bypass-pin=off: content"),
			3);
	test_folder_free(folder);
}

static void test_proof(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " REUSE " --kernel 6.17",
		      "6.17: proved: no violation and no deadlock, and an end can always be reached, "
		      "whatever the order of steps and the decisions of nature; ",
		      "swapsim: 6.17: "),
	    0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --choices 0 --preemptions 1 --quiet",
				  "proved: no violation and no deadlock with at most 1 preemption, 0 unusual "
				  "choices; ",
				  ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " FREE " --kernel 6.18 --sample all --quiet",
				  "proved: no violation and no deadlock in any run; 4 runs (all), ", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --states 50 --quiet", "nothing found so far", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " REUSE " --kernel 6.17 --fingerprints -q",
				  "64-bit fingerprints: wrong with a probability below 2^-", ""),
			0);
	test_folder_free(folder);
}

static void test_findings(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " LEAK " --findings 9 -q",
		      "proved: no other violation and no other deadlock, and an end can always be "
		      "reached",
		      ""),
	    3);
	test_folder_free(folder);
}

static void test_expected(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(status_of(folder, "explore race/zswap-self --kernel 6.17+zswap-skip-if-exists=off",
				  "progress  progress  ok", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder,
				  "explore race/zswap-self --kernel 6.17 --set 'expect.\"6.17\"=progress'",
				  "DIFFERS", "explore: 6.17: ok, expected was progress"),
			3);
	test_folder_free(folder);
}

static void test_sample(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --sample pos --runs 500 -q --output drawn.json",
				  "of 500 runs (pos, one decision in 8 unusual), ", "cluster_ownership"),
			3);
	CU_ASSERT_EQUAL(status_of(folder, "race drawn.json", "  cluster_ownership    100  ", ""), 0);
	CU_ASSERT_EQUAL(status_of(folder,
				  "explore " LEAK " -k 6.18 --sample walk --runs 50 --output none.json",
				  "nothing found, and nothing proved; 50 runs (walk, ",
				  "swapsim: explore: nothing was found, so none.json is not written\n"),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --sample some", "",
				  "--sample some: not possible (walk, pct, pos or all)"),
			2);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " LEAK " --reduce much", "",
		      "--reduce much: not possible (none, private, symmetry, unread, sleep or all)"),
	    2);
	test_folder_free(folder);
}

static void test_usage(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --states many", "",
				  "--states many: not possible (0..2147483647)"),
			2);
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --memory much", "",
				  "--memory much: not possible (a size such as 2GiB)"),
			2);
	CU_ASSERT_EQUAL(status_of(folder, "explore demo -k 6.18", "",
				  "demo on 6.18 is too large to keep its states (expected a few pages"),
			4);
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --timeline film", "", "text, svg or json"), 2);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " LEAK " --runs 10", "",
		      "--runs is of runs that are drawn, and nothing is (expected with --sample walk"),
	    2);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " LEAK " --seed 1", "", "--seed is of runs that are drawn"), 2);
	test_folder_free(folder);
}

#define ZAP SOURCE_DIR "/scenarios/explore/swapin-zap-zram.json"

/* Who looks for a place gets the cheapest way there, or the proof that there is none. */
static void test_target(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " ZAP " -k 6.18 -q --target bypass_before_pte,zap_pages -o at.json",
		      "6.18: reached: A is in bypass_before_pte and B in zap_pages, on the same object. "
		      "It takes 0 preemptions, 0 unusual choices, 1 switch, ",
		      ""),
	    0);
	CU_ASSERT_EQUAL(status_of(folder, "race at.json --timeline text", "bypass_before_pte opens", ""), 0);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " ZAP " -k 6.18 -q --target isolated_dropped,zap_pages",
		      "6.18: unreachable, proved: nobody is in isolated_dropped while somebody else "
		      "is in zap_pages, on the same object, whatever",
		      ""),
	    0);
	CU_ASSERT_EQUAL(
	    status_of(
		folder, "explore " LEAK " -k 6.18 -q --states 40 --target isolated_dropped,isolated_dropped",
		"reached: A is in isolated_dropped and B in isolated_dropped, on the same object. It took ",
		""),
	    0);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " ZAP " --target zap_pages", "", "--target: \"zap_pages\" is no pair"),
	    2);
	CU_ASSERT_EQUAL(status_of(folder, "explore " ZAP " --target zap_pages,nowhere", "", "--target: "), 2);
	CU_ASSERT_EQUAL(status_of(folder, "explore " ZAP " --target zap_pages,zap_pages --timed", "",
				  "--target and --timed exclude each other"),
			2);
	test_folder_free(folder);
}

#define SLOW SOURCE_DIR "/scenarios/explore/swapin-zap.json"
#define ENDS "no page; device 0: 0 in use"

static void test_differences(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(status_of(folder, "explore " SLOW " -q -k 6.18 --outcomes",
				  "\noutcomes: 3\n  " ENDS "\n  p0 in memory; device 0: 0 in use\n", ""),
			0);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore " SLOW " -q --outcomes -k 6.18,6.18+unchecked=swapin-pte",
		      "outcomes: 2 on all kernels, 1 not\n  6.18: p0 in memory; device 0: 1 in use, 1 in "
		      "the swap cache\n  (of 6.18+unchecked=swapin-pte those that were seen before",
		      ""),
	    0);
	CU_ASSERT_EQUAL(status_of(folder, "explore explore/swapin-swapin-zram -q --coverage -k 6.12,6.18",
				  "  alloc_hint_stale: unreachable on 6.12, yes on 6.18\n", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " SLOW " -q --outcomes --format json -k 6.18",
				  "\"outcomes\": \"" ENDS " | ", ""),
			0);
	test_folder_free(folder);
}

static void test_folder_of_windows(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(status_of(folder, "explore " ZAP " -q -k 6.12,6.18 --folder windows", "6.18", ""), 0);
	/* before it searches */
	CU_ASSERT(refused(folder, "explore " ZAP " -k 6.18 --folder windows", 1,
			  "swapsim: windows: exists (another --output, or --force)\n"));
	CU_ASSERT_EQUAL(status_of(folder, "explore " ZAP " -q -k 6.18 --folder windows --force", "6.18", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " ZAP " -q -k 6.18 --sample walk --folder windows", "",
				  "--sample and any of"),
			2);
	test_folder_free(folder);
}

/* The witness in time, and the last safe step of what is doomed. */
static void test_in_words(void)
{
	char *folder = test_folder();

	CU_ASSERT_EQUAL(status_of(folder, "explore " ZAP " -q --timed -k 6.18+unchecked=swapin-pte",
				  "\n6.18+unchecked=swapin-pte: slot_conservation", ""),
			3);
	CU_ASSERT_EQUAL(
	    status_of(folder, "explore explore/swapoff-slots -q -k 6.12+unchecked=slots-used",
		      "; until B does drain_slots_cache_cpu.LOCK_FREE all could have come to an end;", ""),
	    0);
	test_folder_free(folder);
}

/* So many runs that they are never over. At first the program may not have come to its search yet. */
static void test_interrupted(void)
{
	char *folder = test_folder();
	struct said said = { 0 };

	for (u32 milliseconds = 200; milliseconds < 20000 && said.status != 130; milliseconds *= 2) {
		said_release(&said);
		said = swapsim_interrupted(
		    folder, "explore " SLOW " -q -k 6.17,6.18 --sample walk --runs 1000000000", milliseconds);
	}
	CU_ASSERT_EQUAL(said.status, 130);
	CU_ASSERT(strstr(said.out, "6.17: nothing found, and nothing proved; ") != NULL);
	CU_ASSERT(strstr(said.out, " ends, interrupted there\n") != NULL);
	CU_ASSERT(strstr(said.out, "6.18: ") == NULL);
	CU_ASSERT_STRING_EQUAL(said.err, "swapsim: interrupted: the result is not complete\n");
	said_release(&said);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "what was found happens again under race", test_finding },
	{ "what was not is proved, within bounds that are told", test_proof },
	{ "behind a finding there may be others", test_findings },
	{ "a scenario without a schedule may expect its verdict", test_expected },
	{ "what is too large is drawn from", test_sample },
	{ "a target is reached at least cost, or proved unreachable", test_target },
	{ "kernels differ in how it ends and in their windows", test_differences },
	{ "windows are left in a folder", test_folder_of_windows },
	{ "a witness has its delays, and a dead end its last safe step", test_in_words },
	{ "values out of range are told", test_usage },
	{ "an interrupted search tells what it has found, and ends with 130", test_interrupted },
};

UNIT_MAIN("swapsim explore", tests)
