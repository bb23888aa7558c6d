/* swapsim explore: what it says, its exit statuses, and that race agrees with what it has found. */
#include "tests/unit/test_cli.h"

#define REUSE SOURCE_DIR "/scenarios/race/bypass-reuse.json"
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
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " -k 6.18 --sample walk --runs 50",
				  "nothing found, and nothing proved; 50 runs (walk, ", ""),
			0);
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --sample all", "",
				  "--sample all: not possible (walk, pct or pos)"),
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
	CU_ASSERT_EQUAL(status_of(folder, "explore " LEAK " --timeline film", "", "text, svg or json"), 2);
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "what was found happens again under race", test_finding },
	{ "what was not is proved, within bounds that are told", test_proof },
	{ "behind a finding there may be others", test_findings },
	{ "a scenario without a schedule may expect its verdict", test_expected },
	{ "what is too large is drawn from", test_sample },
	{ "values out of range are told", test_usage },
};

UNIT_MAIN("swapsim explore", tests)
