#include "tests/unit/test_cli.h"

/* Three tasks for every CPU. */
static void write_crowded(const char *folder)
{
	char *text = file_text(folder, "small.json");
	char **part = g_strsplit(text, "\"count\": 2", 2);
	char *crowded = g_strjoinv("\"count\": 6", part);

	g_strfreev(part);
	part = g_strsplit(crowded, "3000", 2); /* so long that nobody is done before all want memory */
	g_free(crowded);
	crowded = g_strjoinv("3000, \"think\": \"2us\"", part);
	write_file(folder, "crowded.json", crowded);
	g_free(crowded);
	g_strfreev(part);
	g_free(text);
}

static u64 number_at(const cJSON *object, const char *key)
{
	return (u64)at(object, key)->valuedouble;
}

static u64 sum_of(const cJSON *object)
{
	const cJSON *item;
	u64 sum = 0;

	cJSON_ArrayForEach(item, object)
	{
		if (item->string && g_str_has_suffix(item->string, "_ns"))
			sum += (u64)item->valuedouble;
	}
	return sum;
}

/* The steps of a fault follow one another without a gap; each is divided without a rest, and so is the whole.
 */
static void check_fault(const cJSON *fault)
{
	const cJSON *step, *steps = at(fault, "steps");
	u64 now = number_at(fault, "begin_ns"), begin = now;
	const char *stack = "";

	CU_ASSERT_EQUAL(sum_of(at(fault, "spent")), number_at(fault, "latency_ns"));
	cJSON_ArrayForEach(step, steps)
	{
		u64 took = number_at(step, "took_ns");

		CU_ASSERT_EQUAL(number_at(step, "begin_ns"), now);
		CU_ASSERT_EQUAL(sum_of(step) - now - took, took); /* begin_ns and took_ns end so, too */
		now += took;
		stack = text_at(step, "stack");
		CU_ASSERT(g_str_has_prefix(stack, "handle_mm_fault."));
	}
	CU_ASSERT_EQUAL(now - begin, number_at(fault, "latency_ns"));
	CU_ASSERT_STRING_EQUAL(stack, "handle_mm_fault.EXIT");
}

static cJSON *explained(const char *folder, const char *arguments)
{
	char *line = g_strdup_printf("explain %s --format json", arguments);
	cJSON *fault = parsed(printed(folder, line));

	g_free(line);
	return fault;
}

static void test_sums(void)
{
	char *folder = test_folder();

	write_crowded(folder);
	for (u32 n = 1; n < 2000; n += 97) {
		char *arguments = g_strdup_printf("crowded.json --fault %u", n);
		cJSON *fault = explained(folder, arguments);

		CU_ASSERT_EQUAL(number_at(fault, "fault"), n);
		check_fault(fault);
		cJSON_Delete(fault);
		g_free(arguments);
	}
	test_folder_free(folder);
}

/* What is explained is what the run reports: as many faults, and the same latencies. */
static void test_same_as_run(void)
{
	char *folder = test_folder(), *last, *text;
	cJSON *run, *fault, *slower;
	const cJSON *latency;
	struct said said;

	write_crowded(folder);
	run = parsed(printed(folder, "run crowded.json --format json"));
	latency = at(at(run, "latency"), "fault");
	fault = explained(folder, "crowded.json --slowest 2");
	slower = explained(folder, "crowded.json");
	check_fault(slower);
	CU_ASSERT_EQUAL(number_at(slower, "latency_ns"), number_at(latency, "max_ns"));
	CU_ASSERT(number_at(fault, "latency_ns") <= number_at(slower, "latency_ns"));
	CU_ASSERT(number_at(fault, "fault") != number_at(slower, "fault"));
	last =
	    g_strdup_printf("explain crowded.json --fault %" G_GUINT64_FORMAT, number_at(latency, "count"));
	done(folder, last);
	text = g_strdup_printf("swapsim: explain: the run has %" G_GUINT64_FORMAT
			       " faults (another --fault or --slowest)\n",
			       number_at(latency, "count"));
	said = swapsim(folder, "explain crowded.json --fault 100000000");
	CU_ASSERT_EQUAL(said.status, 2);
	CU_ASSERT_STRING_EQUAL(said.err, text);
	CU_ASSERT_STRING_EQUAL(said.out, "");
	said_release(&said);
	g_free(text);
	g_free(last);
	cJSON_Delete(fault);
	cJSON_Delete(slower);
	cJSON_Delete(run);
	test_folder_free(folder);
}

/* Somebody is preempted in a fault, or waits for his turn after a sleep. */
static void test_no_cpu(void)
{
	char *folder = test_folder();
	cJSON *fault;

	write_crowded(folder);
	fault = explained(folder, "crowded.json --set machine.preemption=full");
	check_fault(fault);
	CU_ASSERT(number_at(at(fault, "spent"), "no_cpu_ns") > 1000000);
	cJSON_Delete(fault);
	test_folder_free(folder);
}

/* A wait says for what, and who has it; the time is that of the category. */
static void test_waits(void)
{
	char *folder = test_folder();
	u32 spins = 0, sleeps = 0;

	write_crowded(folder);
	for (u32 n = 1; n <= unit_runs(80, 16); n++) {
		char *arguments = g_strdup_printf("%s --slowest %u", n % 2 ? "swap-race" : "crowded.json", n);
		cJSON *fault = explained(folder, arguments);
		const cJSON *step;

		check_fault(fault);
		cJSON_ArrayForEach(step, at(fault, "steps"))
		{
			const cJSON *wait = at(step, "wait");

			if (!wait)
				continue;
			if (at(step, "lock_wait_ns")) {
				spins++;
				CU_ASSERT_EQUAL(number_at(step, "lock_wait_ns"), number_at(wait, "ns"));
				if (!strcmp(text_at(wait, "for"), "csd_lock"))
					continue; /* interrupts are to come, of other CPUs */
				CU_ASSERT_PTR_NOT_NULL(at(wait, "held_by"));
				CU_ASSERT_PTR_NOT_NULL(strchr(text_at(wait, "held_at"), '.'));
				CU_ASSERT(number_at(wait, "held_by") != number_at(fault, "task"));
			} else {
				sleeps++;
				CU_ASSERT_EQUAL(number_at(step, "sleep_ns"), number_at(wait, "ns"));
			}
		}
		cJSON_Delete(fault);
		g_free(arguments);
	}
	CU_ASSERT(spins > 0);
	CU_ASSERT(sleeps > 0);
	test_folder_free(folder);
}

/* Who writes to a file of a cgroup is a task that was not there when the run began. */
static void test_operations(void)
{
	static const char operations[] = "\"format\": 1, \"operations\": [{\"at\": \"1ms\", \"cgroup\": "
					 "\"g\", \"memory.reclaim\": \"1MiB\"}, "
					 "{\"at\": \"2ms\", \"cgroup\": \"g\", \"memory.max\": \"512KiB\"}]";
	char *folder = test_folder(), *text = file_text(folder, "small.json");
	char **part = g_strsplit(text, "\"format\": 1", 2);
	cJSON *fault;

	g_free(text);
	text = g_strjoinv(operations, part);
	write_file(folder, "operations.json", text);
	fault = explained(folder, "operations.json");
	check_fault(fault);
	cJSON_Delete(fault);
	CU_ASSERT(
	    refused(folder, "explain operations.json --page 0:999999", 2,
		    "swapsim: explain: task t-0 has 0 faults on page 999999 (another --page or --nth)\n"));
	g_strfreev(part);
	g_free(text);
	test_folder_free(folder);
}

static void test_page(void)
{
	char *folder = test_folder();
	cJSON *first = explained(folder, "small.json --page 1:7"), *second;
	struct said said;

	CU_ASSERT_EQUAL(number_at(first, "task"), 1);
	CU_ASSERT_EQUAL(number_at(first, "page"), 7);
	second = explained(folder, "small.json --page t-1:7");
	CU_ASSERT(cJSON_Compare(first, second, true));
	cJSON_Delete(second);
	second = explained(folder, "small.json --page 1:7 --nth 2");
	CU_ASSERT_EQUAL(number_at(second, "page"), 7);
	CU_ASSERT(number_at(second, "begin_ns") > number_at(first, "begin_ns"));
	said = swapsim(folder, "explain small.json --page 1:7 --nth 1000000");
	CU_ASSERT_EQUAL(said.status, 2);
	CU_ASSERT(g_str_has_prefix(said.err, "swapsim: explain: task t-1 has "));
	CU_ASSERT(g_str_has_suffix(said.err, " on page 7 (another --page or --nth)\n"));
	said_release(&said);
	cJSON_Delete(first);
	cJSON_Delete(second);
	test_folder_free(folder);
}

/* For a mail: at most 100 columns, whatever is folded. */
static void test_text(void)
{
	char *folder = test_folder();
	char *text = printed(folder, "explain swap-race");
	char *folded = printed(folder, "explain swap-race --slowest 2");
	char *all = printed(folder, "explain swap-race --slowest 2 --all");
	char *csv = printed(folder, "explain swap-race --format csv");
	char *again = printed(folder, "explain swap-race --slowest 1");
	char **lines = g_strsplit(all, "\n", -1);

	CU_ASSERT_STRING_EQUAL(text, again);
	CU_ASSERT(g_str_has_prefix(text, "swap-race on 6.18, seed 1\n\nFault "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nspent on "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "100.0%\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  handle_mm_fault\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(folded, "..."));
	CU_ASSERT_PTR_NULL(strstr(all, "..."));
	CU_ASSERT(strlen(all) > strlen(folded));
	for (u32 i = 0; lines[i]; i++)
		CU_ASSERT(strlen(lines[i]) <= 100);
	CU_ASSERT(g_str_has_prefix(csv, "begin_ns,took_ns,work_ns,reclaim_ns,device_ns,lock_wait_ns,sleep_ns,"
					"no_cpu_ns,depth,step\n"));
	CU_ASSERT(csv_lines(csv) > 5);
	g_strfreev(lines);
	g_free(text);
	g_free(folded);
	g_free(all);
	g_free(csv);
	g_free(again);
	test_folder_free(folder);
}

static void test_refused(void)
{
	char *folder = test_folder();

	CU_ASSERT(refused(folder, "explain small.json --fault 0", 2,
			  "swapsim: --fault 0: not possible (a whole number from 1 on)\n"));
	CU_ASSERT(refused(folder, "explain small.json --slowest 1001", 2,
			  "swapsim: --slowest 1001: not possible (a whole number, 1 to 1000)\n"));
	CU_ASSERT(refused(
	    folder, "explain small.json --page 7", 2,
	    "swapsim: --page 7: not possible (a task's number or name and a page's number: 0:517)\n"));
	CU_ASSERT(refused(folder, "explain small.json --page x:7", 2,
			  "swapsim: --page x:7: there is no task \"x\" (one of t-0, t-1)\n"));
	CU_ASSERT(refused(folder, "explain small.json --nth 2", 2,
			  "swapsim: explain: --nth of what? (it goes with --page)\n"));
	CU_ASSERT(refused(folder, "explain small.json --fault 1 --slowest 1", 2,
			  "swapsim: explain: one fault at a time (only one of --fault, --slowest and "
			  "--page)\n"));
	CU_ASSERT(refused(folder, "explain small.json --kernel 2.4 --fault 1", 2,
			  "swapsim: --kernel 2.4: unknown release \"2.4\" (one of 6.1, 6.12, 6.14, 6.17, "
			  "6.18, 7.0, 7.0-fix, 7.1, 7.2)\n"));
	test_folder_free(folder);
}

static const struct unit tests[] = {
	{ "steps and categories add up to the latency", test_sums },
	{ "faults and latencies are those of the run", test_same_as_run },
	{ "time without a CPU is seen", test_no_cpu },
	{ "waits say for what and for whom", test_waits },
	{ "tasks that come while it runs are no fault's", test_operations },
	{ "a page's faults in their order", test_page },
	{ "the text fits into a mail", test_text },
	{ "wishes that cannot be met are refused", test_refused },
};
UNIT_MAIN("explain", tests)
