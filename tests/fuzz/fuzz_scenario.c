/*
 * fuzz_scenario.c - any text as a scenario: read, resolved, built and, when it is small, run for a while.
 *
 * What is refused must leave an error. The effective configuration of what is accepted must be accepted and
 * come to itself. A run ends in a result or in an error that is no finding: nobody should be able to write a
 * scenario that breaks an invariant of the models.
 */
#include "models/run.h"
#include "models/scenario_spec.h"
#include "tests/fuzz/target.h"

/* Limits of a machine that is built in a moment. */
#define PAGES_MAX 8192
#define EXCESS_MAX 32 /* pages beyond the memory: what thrashes takes a thousand times as long */
#define SWAP_PAGES_MAX 65536
#define MEMORY_MAX (UINT64_C(64) << 20)
#define THREADS_MAX 16
#define CPUS_MAX 16
#define POLLS_MAX 50
#define ACCESSES_MAX 1500

/* The traces that scenarios may name lie in its folder traces. */
#define DATA_DIR SOURCE_DIR "/tests/fuzz/files"

/* That of "a0" is 1. */
static u64 page_number(const struct do_spec *d)
{
	const char *page = d->page ? d->page : "0", *digits = page + strlen(page);

	while (digits > page && g_ascii_isdigit(digits[-1]))
		digits--;
	return g_ascii_strtoull(digits, NULL, 10) + 1;
}

static u64 task_pages(const struct task_spec *t)
{
	const struct pattern_spec *p = t->workload ? workload_generated(t->workload) : NULL;
	u64 pages = p ? pattern_pages(p) : 1;

	for (u32 i = 0; i < t->n_script; i++)
		pages = MAX(pages, page_number(&t->script[i]));
	return (pages + (u64)t->memory.overhead_pages) * t->count;
}

/* The trace that there is has 64 accesses. */
static u64 task_accesses(const struct task_spec *t)
{
	const struct pattern_spec *p = t->workload ? workload_generated(t->workload) : NULL;
	const struct trace_spec *trace;

	if (!t->workload)
		return t->n_script;
	trace = t->workload->trace;
	if (p)
		return (workload_accesses(t->workload) + pattern_pages(p)) * t->count * t->repeat;
	return (trace->accesses + (trace->passes + 1) * 64) * t->count * t->repeat;
}

static bool is_small(const struct scenario_spec *s)
{
	u64 pages = 0, swap = 0, threads = 0, accesses = 0;

	for (u32 i = 0; i < s->n_tasks; i++) {
		pages += task_pages(&s->tasks[i]);
		accesses += task_accesses(&s->tasks[i]);
		threads += s->tasks[i].count;
	}
	for (u32 i = 0; i < s->n_setup; i++)
		pages += page_number(&s->setup[i]);
	for (u32 i = 0; i < s->n_swap; i++)
		swap += s->swap[i].size.value / 4096;
	return pages <= PAGES_MAX && pages <= s->machine.memory.value / 4096 + EXCESS_MAX &&
	       swap <= SWAP_PAGES_MAX && threads <= THREADS_MAX && accesses <= ACCESSES_MAX &&
	       s->machine.cpus <= CPUS_MAX && s->machine.memory.value <= MEMORY_MAX &&
	       s->n_cgroups <= THREADS_MAX;
}

static bool stop_soon(void *data)
{
	return ++*(u32 *)data > POLLS_MAX;
}

static void run(const struct scenario *s)
{
	const struct build_options options = { .seed = scenario_seed(s) };
	GError *error = NULL;
	u32 polls = 0;
	struct run_result *result = run_scenario(s, &options, stop_soon, &polls, &error);

	if (g_error_matches(error, SWAPSIM_ERROR, ERROR_FINDING))
		g_error("%s", error->message);
	fuzz_outcome(result != NULL, &error);
	run_result_free(result);
}

static void check_effective(const struct scenario *s)
{
	char *first = scenario_effective(s), *second;
	struct json_doc *doc = json_doc_parse("effective", first, strlen(first), NULL);
	struct scenario_spec again;

	BUG_ON(!doc || !json_read(doc, &scenario_table, &again, NULL));
	second = json_write(&scenario_table, &again);
	BUG_ON(strcmp(first, second));
	json_release(&scenario_table, &again);
	json_doc_free(doc);
	g_free(first);
	g_free(second);
}

static void check_scenario(struct json_doc *doc)
{
	GError *error = NULL;
	struct scenario *s = scenario_read(doc, DATA_DIR, &error);

	if (!fuzz_outcome(s != NULL, &error))
		return;
	check_effective(s);
	run(s);
	scenario_free(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	GError *error = NULL;
	struct json_doc *doc = json_doc_parse(DATA_DIR "/fuzz.json", (const char *)data, size, &error);
	struct scenario_spec spec;

	if (fuzz_outcome(doc != NULL, &error) &&
	    fuzz_outcome(json_read(doc, &scenario_table, &spec, &error), &error)) {
		if (is_small(&spec))
			check_scenario(doc);
		json_release(&scenario_table, &spec);
	}
	json_doc_free(doc);
	return 0;
}
