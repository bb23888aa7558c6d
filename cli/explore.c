/*
 * explore.c - swapsim explore: everything that could happen in a scenario, on kernels.
 */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/explore_differences.h"
#include "cli/explore_folder.h"
#include "cli/explore_watch.h"
#include "cli/folder.h"
#include "cli/explore_witness.h"
#include "cli/interrupts.h"
#include "cli/load.h"
#include "cli/race_timeline.h"
#include "models/exploration.h"
#include "sim/units.h"

enum { SEEDS_OF_WITNESS = 100, FINDINGS_MOST = 1000, RUNS_STANDARD = 10000, RUNS_MOST = 1000000000 };
#define STATES_STANDARD 5000000
#define BYTES_STANDARD (UINT64_C(4) << 30)

struct explore_arguments {
	char *kernel;
	char *preemptions;
	char *choices;
	char *depth;
	char *states;
	char *memory;
	char *findings;
	char *sample;
	char *runs;
	char *seed;
	char *reduce;
	char **set;
	char *format;
	char *output;
	char *timeline;
	char *target;
	char *folder;
	gboolean force;
	gboolean outcomes;
	gboolean timed;
	gboolean fingerprints;
	gboolean coverage;
	gboolean quiet;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, kernel),
	  "releases, and patches: 6.17,6.18+table-alloc=v3 (default: those of \"expect\")", "K,..." },
	{ "preemptions", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, preemptions),
	  "at most so often a task is taken off its CPU that could go on (default: any number)", "N" },
	{ "choices", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, choices),
	  "at most so often nature decides otherwise than usual (default: any number)", "N" },
	{ "depth", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, depth),
	  "steps at most (default: any number)", "N" },
	{ "states", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, states),
	  "give up after so many (default 5000000)", "N" },
	{ "memory", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, memory),
	  "give up when that is full (default 4GiB)", "SIZE" },
	{ "fingerprints", 0, 0, G_OPTION_ARG_NONE, OPTION(struct explore_arguments, fingerprints),
	  "keep 64 bits of a state: less memory, and a proof that may be wrong", NULL },
	{ "reduce", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, reduce),
	  "leave out what changes no result: none (default), private, symmetry, unread, sleep (default with "
	  "--sample all) or all",
	  "WHAT" },
	{ "coverage", 0, 0, G_OPTION_ARG_NONE, OPTION(struct explore_arguments, coverage),
	  "which windows tasks were in, and which two at once (text only)", NULL },
	{ "target", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, target),
	  "search for two tasks in these windows at once, on the same object, and for nothing else",
	  "W1,W2" },
	{ "outcomes", 0, 0, G_OPTION_ARG_NONE, OPTION(struct explore_arguments, outcomes),
	  "how it may end, and in which ends kernels differ", NULL },
	{ "folder", 0, 0, G_OPTION_ARG_FILENAME, OPTION(struct explore_arguments, folder),
	  "a result folder with the coverage of windows, for swapsim plot coverage", "DIR" },
	{ "force", 'f', 0, G_OPTION_ARG_NONE, OPTION(struct explore_arguments, force),
	  "replace a result folder that is there already", NULL },
	{ "findings", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, findings),
	  "go on behind a finding, until there are so many that differ (default 1)", "N" },
	{ "sample", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, sample),
	  "draw runs at random instead: walk, pct or pos, which proves nothing; or make them all", "HOW" },
	{ "runs", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, runs),
	  "so many of them (default 10000)", "N" },
	{ "seed", 's', 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, seed),
	  "of those (default: the scenario's)", "N" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct explore_arguments, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, format),
	  "table (default), json, csv or markdown", "F" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, OPTION(struct explore_arguments, output),
	  "write the first finding as a scenario that swapsim race runs", "FILE" },
	{ "timeline", 't', 0, G_OPTION_ARG_STRING, OPTION(struct explore_arguments, timeline),
	  "tell the first finding step by step: text, svg or json", "F" },
	{ "timed", 0, 0, G_OPTION_ARG_NONE, OPTION(struct explore_arguments, timed),
	  "which delays make the first finding happen in time, and the shortest", NULL },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, OPTION(struct explore_arguments, quiet),
	  "nothing about time and memory on stderr", NULL },
	{ 0 },
};

const struct usage explore_usage = {
	.command = "explore",
	.arguments = "FILE",
	.summary =
	    "Tries every order of steps and every decision of nature in a small scenario, its schedule left\n"
	    "aside: finds what can go wrong and at what least cost, or proves that nothing can.",
	.more = "A finding is told with a schedule that has it happen under swapsim race. \"expect\" counts\n"
		"where the scenario has no schedule.\n\n"
		"Examples:\n"
		"  swapsim explore race/leak-migrate\n"
		"  swapsim explore race/zswap-self --kernel 6.17,6.18 --choices 2\n"
		"  swapsim explore explore/swapin-swapin --kernel 6.12,6.18 --outcomes --coverage\n"
		"  swapsim explore explore/swapin-zap --target entry_unchecked,zap_pages\n"
		"  swapsim explore mine.json --output found.json && swapsim race found.json --timeline text",
	.options = options,
	.least = 1,
	.most = 1,
};

/* On one kernel. */
struct outcome {
	const char *kernel;
	const char *expected; /* NULL: nothing */
	char *statement;
	char *schedule; /* NULL: there is none */
	char *coverage;
	struct exploration x;
};

static void outcome_clear(void *outcome)
{
	struct outcome *o = outcome;

	g_free(o->statement);
	g_free(o->schedule);
	g_free(o->coverage);
	exploration_release(&o->x);
}

static const struct outcome *outcome_at(const GArray *outcomes, u32 i)
{
	return &g_array_index(outcomes, struct outcome, i);
}

/* ---- what is asked for ---- */

static bool parse_bound(const char *option, const char *text, u64 most, u64 *value, GError **error)
{
	char *right;

	if (!text || g_ascii_string_to_unsigned(text, 10, 0, most, value, NULL))
		return true;
	right = g_strdup_printf("0..%" G_GUINT64_FORMAT, most);
	bad_value(error, option, text, right);
	g_free(right);
	return false;
}

static bool parse_bounds(const struct explore_arguments *a, struct exploration_options *o, GError **error)
{
	enum { COSTS = UINT16_MAX, STEPS = 1000000 };
	u64 preemptions = EXPLORE_NO_BOUND, choices = EXPLORE_NO_BOUND, depth = EXPLORE_NO_BOUND;

	*o = (struct exploration_options){ .states = STATES_STANDARD,
					   .bytes = BYTES_STANDARD,
					   .fingerprints = a->fingerprints,
					   .coverage = a->coverage || a->folder,
					   .outcomes = a->outcomes,
					   .seeds = SEEDS_OF_WITNESS };
	if (!parse_bound("--preemptions", a->preemptions, COSTS, &preemptions, error) ||
	    !parse_bound("--choices", a->choices, COSTS, &choices, error) ||
	    !parse_bound("--depth", a->depth, STEPS, &depth, error) ||
	    !parse_bound("--states", a->states, UINT32_MAX / 2, &o->states, error))
		return false;
	o->preemptions = (u32)preemptions;
	o->choices = (u32)choices;
	o->depth = (u32)depth;
	return !a->memory || !size_parse(a->memory, &o->bytes) ||
	       bad_value(error, "--memory", a->memory, "a size such as 2GiB");
}

static bool parse_reduce(const struct explore_arguments *a, u32 *reduce, GError **error)
{
	static const struct {
		const char *name;
		u32 reduce;
	} names[] = { { "none", 0 },
		      { "private", REDUCE_PRIVATE },
		      { "sleep", REDUCE_SLEEP },
		      { "symmetry", REDUCE_SYMMETRY },
		      { "unread", REDUCE_UNREAD },
		      { "all", REDUCE_PRIVATE | REDUCE_SLEEP | REDUCE_SYMMETRY | REDUCE_UNREAD } };
	const char *name = a->reduce ? a->reduce : g_strcmp0(a->sample, "all") ? "none" : "sleep";

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, name)) {
			*reduce = names[i].reduce;
			return true;
		}
	return bad_value(error, "--reduce", name, "none, private, symmetry, unread, sleep or all");
}

/* What is done with every kernel. */
struct search {
	const char *target; /* NULL: there is none */
	u64 findings;
	bool sampled; /* then, as follows */
	enum sampling how;
	u64 seed;
	u64 runs;
	struct explore_watch watch;
};

/* A search tries everything, once. */
static bool is_drawn(const struct explore_arguments *a, GError **error)
{
	bool runs = a->runs, seed = a->seed;

	if (a->sample || (!runs && !seed))
		return true;
	g_set_error(
	    error, SWAPSIM_ERROR, ERROR_USAGE,
	    "explore: %s is of runs that are drawn, and nothing is (expected with --sample walk, pct, pos "
	    "or all)",
	    runs ? "--runs" : "--seed");
	return false;
}

/* Delays are found by what goes wrong with them, and runs that are drawn tell of no windows. */
static bool check_modes(const struct explore_arguments *a, GError **error)
{
	bool delays = a->target && a->timed, drawn = a->sample && (a->folder || a->coverage || a->outcomes);

	if (delays || drawn)
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "explore: %s exclude each other (expected one of them)",
			    delays ? "--target and --timed"
				   : "--sample and any of --coverage, --folder and --outcomes");
	return !delays && !drawn && is_drawn(a, error);
}

static bool parse_search(const struct explore_arguments *a, const struct scenario *s, struct search *search,
			 GError **error)
{
	*search = (struct search){ .watch.quiet = a->quiet,
				   .target = a->target,
				   .findings = 1,
				   .sampled = a->sample,
				   .seed = scenario_seed(s),
				   .runs = RUNS_STANDARD };
	while (a->sample && search->how < NR_SAMPLINGS && strcmp(a->sample, sampling_name[search->how]))
		search->how++;
	if (search->how == NR_SAMPLINGS)
		return bad_value(error, "--sample", a->sample, "walk, pct, pos or all");
	return check_modes(a, error) &&
	       parse_bound("--findings", a->findings, FINDINGS_MOST, &search->findings, error) &&
	       parse_bound("--runs", a->runs, RUNS_MOST, &search->runs, error) &&
	       (!a->seed || parse_seed("--seed", a->seed, &search->seed, error));
}

/* --kernel; of a scenario without a schedule what is expected of any; its own. g_strfreev() */
static char **kernels_of(const struct explore_arguments *a, const struct scenario *s, GError **error)
{
	const char *own[] = { scenario_kernel(s), NULL };
	const char **expected;
	char **kernels = NULL;

	if (a->kernel)
		return parse_kernels(a->kernel, &kernels, error) ? kernels : NULL;
	expected = race_kernels_expected(s);
	kernels = g_strdupv((char **)(expected[0] && !race_has_schedule(s) ? expected : own));
	g_free(expected);
	return kernels;
}

/* ---- doing it ---- */

/* One more finding, or what was shown of all others. */
static void explore_once(const struct scenario *s, struct race *race, const struct exploration_options *how,
			 struct search *search, struct outcome *o)
{
	explore_watch_begin(&search->watch, o->kernel, search->sampled ? "runs" : "states");
	if (search->sampled)
		exploration_sample(race, how, search->how, search->seed, search->runs, &o->x);
	else
		exploration_run(race, how, &o->x);
	explore_watch_end(&search->watch, &o->x);
	o->expected = race_has_schedule(s) || how->known || how->target ? NULL : race_expected(s, o->kernel);
	o->statement = exploration_statement(&o->x, how);
	o->coverage = exploration_coverage(&o->x);
	o->schedule = o->x.witness.seeds ? exploration_schedule(race, &o->x) : NULL;
}

/* A dead end has no end: what is beyond it is not told apart. */
static bool has_next(const struct outcome *o)
{
	return !o->x.sampled &&
	       (o->x.found.verdict == EXPLORE_VIOLATION || o->x.found.verdict == EXPLORE_DEADLOCK);
}

static bool explore_on(const struct scenario *s, const char *kernel, struct exploration_options how,
		       struct search *search, GArray *outcomes, GError **error)
{
	struct race *race = race_new(s, kernel, error);
	GPtrArray *known = g_ptr_array_new_with_free_func(g_free);
	struct outcome o = { 0 };
	struct target *target = NULL;
	bool good = race;

	if (good && search->target) {
		target = target_parse(&race_begin(race)->machine, search->target, error);
		good = target;
	}
	how.target = target;
	how.clean = !target && !g_strcmp0(race_expected(s, kernel), "ok");
	how.stop = explore_watch_stop;
	how.stop_data = &search->watch;
	if (good && !search->sampled && !explore_fits(&race_begin(race)->machine)) {
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_SCENARIO,
		    "explore: %s on %s is too large to keep its states (expected a few pages of memory and "
		    "swap, or --sample)",
		    scenario_name(s), kernel);
		good = false;
	}
	while (good && (!o.kernel || (known->len < search->findings && has_next(&o)))) {
		if (known->len)
			g_ptr_array_add(known, NULL);
		how.known = known->len ? (const char *const *)known->pdata : NULL;
		o = (struct outcome){ .kernel = kernel };
		explore_once(s, race, &how, search, &o);
		g_array_append_val(outcomes, o);
		if (known->len)
			g_ptr_array_set_size(known, (int)known->len - 1);
		g_ptr_array_add(known, g_strdup(o.x.found.key));
	}
	g_ptr_array_free(known, TRUE);
	target_free(target);
	race_free(race);
	return good;
}

/* ---- what is printed ---- */

static const char *extent_of(const struct explore_result *r)
{
	if (r->verdict == EXPLORE_VIOLATION || r->verdict == EXPLORE_DEADLOCK)
		return "found";
	if (r->cut != EXPLORE_COMPLETE)
		return "cut";
	return r->bounded || r->deep ? "bounded" : "complete";
}

static struct table *matrix(const GArray *outcomes, bool with_statements)
{
	static const char *const numbers[] = { "preemptions", "choices",     "switches", "steps",
					       "states",      "transitions", "ends" };
	struct table *t = table_new();

	table_column(t, "kernel", TABLE_LEFT);
	table_column(t, "verdict", TABLE_LEFT);
	table_column(t, "expected", TABLE_LEFT);
	table_column(t, "match", TABLE_LEFT);
	for (u32 i = 0; i < ARRAY_SIZE(numbers); i++)
		table_column(t, numbers[i], TABLE_RIGHT);
	table_column(t, "search", TABLE_LEFT);
	if (with_statements) {
		table_column(t, "statement", TABLE_LEFT);
		table_column(t, "schedule", TABLE_LEFT);
	}
	if (with_statements && outcome_at(outcomes, 0)->x.outcomes)
		table_column(t, "outcomes", TABLE_LEFT);
	for (u32 i = 0; i < outcomes->len; i++) {
		const struct outcome *o = outcome_at(outcomes, i);
		const struct explore_result *r = &o->x.found;
		const char *verdict = exploration_verdict(&o->x);
		const u64 cost[] = { r->cost.preemptions, r->cost.choices, r->cost.switches, r->cost.steps };

		table_text(t, o->kernel);
		table_text(t, verdict);
		table_text(t, o->expected ? o->expected : "");
		table_text(t, !o->expected ? "" : strcmp(o->expected, verdict) ? "DIFFERS" : "ok");
		for (u32 c = 0; c < ARRAY_SIZE(cost); c++) {
			if (r->verdict == EXPLORE_CLEAN || (c == 2 && !o->x.fewest_switches && !o->x.sampled))
				table_none(t);
			else
				table_number(t, cost[c]);
		}
		if (o->x.sampled)
			table_none(t);
		else
			table_number(t, r->states);
		table_number(t, o->x.sampled ? o->x.sample.steps : r->transitions);
		table_number(t, o->x.sampled ? o->x.sample.ends : r->final_states);
		table_text(t, o->x.sampled && o->x.how != SAMPLE_ALL ? "sampled" : extent_of(r));
		if (with_statements) {
			table_text(t, o->statement);
			table_text(t, o->schedule ? o->schedule : "");
		}
		if (with_statements && outcome_at(outcomes, 0)->x.outcomes) {
			char *ends = o->x.outcomes ? explore_outcomes(&o->x) : NULL;

			table_text(t, ends ? ends : "");
			g_free(ends);
		}
	}
	return t;
}

static void append_witness(const struct outcome *o, GString *to)
{
	const struct witness *w = &o->x.witness;

	if (o->x.found.verdict == EXPLORE_CLEAN)
		return;
	if (!o->schedule) {
		g_string_append(to, "  no schedule was found that makes it happen again\n");
		return;
	}
	g_string_append_printf(to, "  schedule (%u of %u constraints; under %u of %u seeds): %s\n",
			       w->schedule.constraints, w->from, w->seeds, SEEDS_OF_WITNESS, o->schedule);
}

/* What was found first on each kernel. g_array_free() */
static GArray *first_of_each(const GArray *outcomes)
{
	GArray *first = g_array_new(FALSE, FALSE, sizeof(struct explored));

	for (u32 i = 0; i < outcomes->len; i++) {
		const struct explored e = { outcome_at(outcomes, i)->kernel, &outcome_at(outcomes, i)->x };

		if (!i || strcmp(e.kernel, outcome_at(outcomes, i - 1)->kernel))
			g_array_append_val(first, e);
	}
	return first;
}

static void append_differences(const GArray *outcomes, GString *to)
{
	GArray *first = first_of_each(outcomes);

	explore_differences((const struct explored *)(void *)first->data, first->len, to);
	g_array_free(first, TRUE);
}

static bool write_folder(struct folder *folder, const struct scenario *s, const GArray *outcomes,
			 bool interrupted, GError **error)
{
	GArray *first;
	bool good;

	if (!folder || !outcome_at(outcomes, 0)->x.coverage.m)
		return true;
	first = first_of_each(outcomes);
	good = explore_fill_folder(folder, s, (const struct explored *)(void *)first->data, first->len,
				   interrupted, error);
	g_array_free(first, TRUE);
	return good;
}

static bool print_outcomes(const struct scenario *s, const GArray *outcomes, enum table_format format,
			   GError **error)
{
	struct table *t = matrix(outcomes, format != TABLE_TEXT);
	char *text = table_write(t, format);
	GString *all = g_string_new(text);
	bool good;

	for (u32 i = 0; i < outcomes->len && format == TABLE_TEXT; i++) {
		const struct outcome *o = outcome_at(outcomes, i);

		if (!i)
			g_string_append_printf(all, "swapsim %s, scenario %s %016" G_GINT64_MODIFIER "x\n\n",
					       SWAPSIM_VERSION, scenario_name(s), scenario_hash(s));
		g_string_append_printf(all, "%s: %s\n", o->kernel, o->statement);
		append_witness(o, all);
		g_string_append(all, o->coverage);
	}
	if (format == TABLE_TEXT)
		append_differences(outcomes, all);
	good = print_result(all->str, error);
	g_string_free(all, TRUE);
	g_free(text);
	table_free(t);
	return good;
}

static bool judge(const GArray *outcomes, GError **error)
{
	for (u32 i = 0; i < outcomes->len; i++) {
		const struct outcome *o = outcome_at(outcomes, i);
		const char *verdict = exploration_verdict(&o->x);

		if (!strcmp(verdict, o->expected ? o->expected : "ok") || !strcmp(verdict, "target") ||
		    (i && !strcmp(o->kernel, outcome_at(outcomes, i - 1)->kernel)))
			continue; /* the first of a kernel is its verdict */
		g_set_error(error, SWAPSIM_ERROR, ERROR_FINDING, "explore: %s: %s%s%s", o->kernel, verdict,
			    o->expected ? ", expected was " : "", o->expected ? o->expected : "");
		return false;
	}
	return true;
}

/* The first that has a schedule. */
static bool show_witness(const struct explore_arguments *a, const char *file, const struct scenario *s,
			 const GArray *outcomes, GError **error)
{
	for (u32 i = 0; (a->output || a->timeline || a->timed) && i < outcomes->len; i++) {
		const struct outcome *o = outcome_at(outcomes, i);
		const struct finding f = { .file = file,
					   .sets = (const char *const *)a->set,
					   .kernel = strcmp(o->kernel, scenario_kernel(s)) ? o->kernel : NULL,
					   .verdict = exploration_verdict(&o->x),
					   .schedule = o->schedule,
					   .statement = o->statement,
					   .seed = o->x.witness.first_seed };

		if (o->schedule)
			return (!a->output || finding_write(&f, a->output, error)) &&
			       (!a->timeline || finding_draw(&f, a->timeline, error)) &&
			       (!a->timed || finding_time(&f, error));
	}
	if (a->output)
		fprintf(stderr, "swapsim: explore: nothing was found, so %s is not written\n", a->output);
	return true;
}

static bool explore_all(const struct explore_arguments *a, const char *file, const struct scenario *s,
			GError **error)
{
	GArray *outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
	enum table_format format = TABLE_TEXT;
	struct exploration_options how;
	char **kernels = NULL;
	struct folder *folder = NULL;
	struct search search = { 0 };
	bool interrupted = false;
	bool good = parse_format(a->format, &format, error) &&
		    parse_timeline(a->timeline, &(enum timeline_format){ TIMELINE_TEXT }, error) &&
		    parse_bounds(a, &how, error) && parse_reduce(a, &how.reduce, error) &&
		    parse_search(a, s, &search, error);

	g_array_set_clear_func(outcomes, outcome_clear);
	if (good)
		kernels = kernels_of(a, s, error);
	good = kernels != NULL;
	if (good && a->folder) { /* not found out behind a search of hours */
		folder = folder_begin(a->folder, a->force, error);
		good = folder;
	}
	interrupts_hold();
	for (u32 i = 0; good && kernels[i] && !interrupted; i++) {
		good = explore_on(s, kernels[i], how, &search, outcomes, error);
		interrupted = interrupts_pending();
	}
	good = good && write_folder(folder, s, outcomes, interrupted, error) &&
	       print_outcomes(s, outcomes, format, error) && show_witness(a, file, s, outcomes, error) &&
	       print_whole("", interrupted, error) && judge(outcomes, error);
	folder_free(folder);
	g_array_free(outcomes, TRUE);
	g_strfreev(kernels);
	return good;
}

bool command_explore(int argc, char **argv, GError **error)
{
	struct explore_arguments a = { 0 };
	struct scenario *s = NULL;
	bool good = arguments_parse(&explore_usage, &a, &argc, &argv, error);

	if (good)
		s = load_scenario(argv[1], (const char *const *)a.set, NULL, error);
	if (s)
		print_warnings(s);
	good = s && explore_all(&a, argv[1], s, error);
	scenario_free(s);
	arguments_release(&explore_usage, &a);
	return good;
}
