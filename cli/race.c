/*
 * race.c - swapsim race: a schedule on kernels, over seeds.
 */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/interrupts.h"
#include "cli/load.h"
#include "cli/race_time.h"
#include "cli/race_timeline.h"
#include "models/race.h"
#include "sim/explore.h"
#include "sim/timeline.h"
#include "sim/random.h"

enum { SEEDS_STANDARD = 100 };

struct race_arguments {
	char *kernel;
	char *seed;
	char *seeds;
	char **set;
	char *format;
	char *timeline;
	char *timeline_out;
	char *columns;
	gboolean wide;
	gboolean all;
	gboolean time;
};

static const GOptionEntry options[] = {
	{ "kernel", 'k', 0, G_OPTION_ARG_STRING, OPTION(struct race_arguments, kernel),
	  "releases, and patches: 6.17,6.18+table-alloc=v3 (default: those of \"expect\")", "K,..." },
	{ "seed", 's', 0, G_OPTION_ARG_STRING, OPTION(struct race_arguments, seed),
	  "one seed only, of what the schedule leaves open", "N" },
	{ "seeds", 0, 0, G_OPTION_ARG_STRING, OPTION(struct race_arguments, seeds),
	  "so many seeds (default 100), or those: 1000, 3..10", "N" },
	{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, OPTION(struct race_arguments, set),
	  "change the scenario: machine.cpus=4", "PATH=VALUE" },
	{ "time", 0, 0, G_OPTION_ARG_NONE, OPTION(struct race_arguments, time),
	  "under the timed driver: which delays make it happen, and the shortest", NULL },
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct race_arguments, format),
	  "table (default), json, csv or markdown", "F" },
	{ "timeline", 't', 0, G_OPTION_ARG_STRING, OPTION(struct race_arguments, timeline),
	  "tell a run step by step: text, svg or json; the first with a finding, or else the first", "F" },
	{ "timeline-out", 0, 0, G_OPTION_ARG_FILENAME, OPTION(struct race_arguments, timeline_out),
	  "into this file, and not below the verdicts", "FILE" },
	{ "columns", 0, 0, G_OPTION_ARG_STRING, OPTION(struct race_arguments, columns),
	  "width of text, 60..400 (default 100; 72 can be quoted in a mail)", "N" },
	{ "all", 0, 0, G_OPTION_ARG_NONE, OPTION(struct race_arguments, all),
	  "every step in the timeline, none folded or cut", NULL },
	{ "wide", 0, 0, G_OPTION_ARG_NONE, OPTION(struct race_arguments, wide),
	  "text of up to 160 columns in place of 100", NULL },
	{ 0 },
};

const struct usage race_usage = {
	.command = "race",
	.arguments = "FILE",
	.summary =
	    "Runs a scenario step by step as its schedule has it, and gives a verdict: the name of the\n"
	    "invariant that failed, ok when none did, infeasible when the schedule could not be followed.\n"
	    "What the schedule leaves open is drawn, once for each of the seeds.",
	.more = "Examples:\n"
		"  swapsim race race/leak-migrate\n"
		"  swapsim race mine.json --kernel 6.18,6.18+table-alloc=v3 --seeds 1000\n"
		"  swapsim list windows",
	.options = options,
	.least = 1,
	.most = 1,
};

/* The runs of one kernel that ended alike. */
struct outcome {
	const char *kernel;
	char *verdict;
	const char *expected; /* NULL: nothing */
	u32 runs;
	u64 seed; /* the first of theirs, and what it said */
	u64 steps;
	u64 fingerprint; /* of all of them */
	char *reason;
};

static void outcome_clear(void *outcome)
{
	struct outcome *o = outcome;

	g_free(o->verdict);
	g_free(o->reason);
}

/* That of the verdict among those of the kernel, from @first on. */
static struct outcome *outcome_of(GArray *outcomes, u32 first, const char *verdict)
{
	for (u32 i = first; i < outcomes->len; i++)
		if (!strcmp(g_array_index(outcomes, struct outcome, i).verdict, verdict))
			return &g_array_index(outcomes, struct outcome, i);
	return NULL;
}

/* What was wrong, and which steps made it so: told by running it once more. */
static char *explain(struct race *race, u64 seed, const struct race_result *r)
{
	char *blame = r->verdict == VERDICT_REPRODUCED ? race_blame(race, seed) : NULL;
	char *why =
	    blame ? g_strdup_printf("%s. %s", r->reason ? r->reason : "", blame) : g_strdup(r->reason);

	g_free(blame);
	return why ? why : g_strdup("");
}

static void note(GArray *outcomes, u32 first, const char *kernel, u64 seed, const struct scenario *s,
		 struct race *race, const struct race_result *r)
{
	struct outcome *known = outcome_of(outcomes, first, race_verdict(r));
	struct outcome one = {
		.kernel = kernel,
		.expected = race_expected(s, kernel),
		.runs = 1,
		.seed = seed,
		.steps = r->steps,
		.fingerprint = r->fingerprint,
	};

	if (known) {
		known->runs++;
		known->fingerprint = random_mix(known->fingerprint) ^ r->fingerprint;
		return;
	}
	one.verdict = g_strdup(race_verdict(r));
	one.reason = explain(race, seed, r);
	g_array_append_val(outcomes, one);
}

/* A workload of many pages, whose every step is looked at: that may take hours, and is hardly what was meant
 * by who does not say how often. */
static bool is_meant(const struct scenario *s, struct race *race, const struct seeds *seeds, bool chosen,
		     GError **error)
{
	if (race_has_schedule(s) || explore_fits(&race_begin(race)->machine))
		return true;
	if (chosen)
		fprintf(
		    stderr,
		    "swapsim: warning: race: %s has no schedule, and every step of %u"
		    " run%s of all its work is looked at (--seed for one run; swapsim run --audit runs it in "
		    "time)\n",
		    scenario_name(s), seeds->count, seeds->count == 1 ? "" : "s");
	else
		g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE,
			    "race: %s has no schedule and much work, and a run looks at every step of it "
			    "(expected a \"schedule\", or --seed or --seeds; swapsim run --audit runs it in "
			    "time)",
			    scenario_name(s));
	return chosen;
}

/* Interrupted it has the outcomes so far. */
static bool race_on(const struct scenario *s, const char *kernel, const struct seeds *seeds, bool chosen,
		    GArray *outcomes, GError **error)
{
	struct race *race = race_new(s, kernel, error);
	u32 first = outcomes->len;
	struct race_result r = { 0 };

	if (!race || (!first && !is_meant(s, race, seeds, chosen, error))) {
		race_free(race);
		return false;
	}
	race_stop_when(race, interrupts_pending);
	for (u64 seed = seeds->first; seed < seeds->first + seeds->count && !r.cut; seed++) {
		race_run(race, seed, &r);
		if (!r.cut)
			note(outcomes, first, kernel, seed, s, race, &r);
		race_result_release(&r);
	}
	race_free(race);
	return true;
}

static struct table *matrix(const GArray *outcomes, bool of_several, bool with_reasons)
{
	struct table *t = table_new();

	table_column(t, "kernel", TABLE_LEFT);
	table_column(t, "verdict", TABLE_LEFT);
	table_column(t, "seeds", TABLE_RIGHT);
	table_column(t, "expected", TABLE_LEFT);
	table_column(t, "match", TABLE_LEFT);
	table_column(t, "seed", TABLE_RIGHT);
	table_column(t, "steps", TABLE_RIGHT);
	table_column(t, of_several ? "fingerprint of all" : "fingerprint", TABLE_LEFT);
	if (with_reasons)
		table_column(t, "why", TABLE_LEFT);
	for (u32 i = 0; i < outcomes->len; i++) {
		const struct outcome *o = &g_array_index(outcomes, struct outcome, i);

		table_text(t, o->kernel);
		table_text(t, o->verdict);
		table_number(t, o->runs);
		table_text(t, o->expected ? o->expected : "");
		table_text(t, !o->expected ? "" : strcmp(o->expected, o->verdict) ? "DIFFERS" : "ok");
		table_number(t, o->seed);
		table_number(t, o->steps);
		table_printf(t, "%016" G_GINT64_MODIFIER "x", o->fingerprint);
		if (with_reasons)
			table_text(t, o->reason);
	}
	return t;
}

/* So that whoever finds it in a mail can have it again. */
static void append_origin(GString *to, const struct scenario *s)
{
	g_string_append_printf(to, "swapsim %s, scenario %s %016" G_GINT64_MODIFIER "x\n", SWAPSIM_VERSION,
			       scenario_name(s), scenario_hash(s));
}

/* On one line, unless its width is asked for. */
static void append_sentence(GString *to, const struct outcome *o, u32 columns)
{
	char *sentence = g_strdup_printf("%s: %s: %s", o->kernel, o->verdict, o->reason);

	if (columns)
		timeline_paragraph(sentence, columns, "", to);
	else
		g_string_append_printf(to, "%s\n", sentence);
	g_free(sentence);
}

static bool print_outcomes(const struct scenario *s, const GArray *outcomes, const struct seeds *seeds,
			   enum table_format format, u32 columns, GError **error)
{
	struct table *t = matrix(outcomes, seeds->count > 1, format != TABLE_TEXT);
	char *text = table_write(t, format);
	GString *all = g_string_new(text);
	bool good;

	if (format == TABLE_TEXT || format == TABLE_MARKDOWN) {
		g_string_append(all, format == TABLE_MARKDOWN ? "\n" : "");
		append_origin(all, s);
	}
	for (u32 i = 0; i < outcomes->len && format == TABLE_TEXT; i++) {
		const struct outcome *o = &g_array_index(outcomes, struct outcome, i);

		if (!*o->reason)
			continue;
		g_string_append(all, i ? "" : "\n");
		append_sentence(all, o, columns);
	}
	good = print_result(all->str, error);
	g_string_free(all, TRUE);
	g_free(text);
	table_free(t);
	return good;
}

/* Of what is not possible see drawing_is_possible(). */
static u32 width_of(const struct race_arguments *a)
{
	if (a->columns)
		return (u32)g_ascii_strtoull(a->columns, NULL, 10);
	return a->wide ? TIMELINE_WIDE : TIMELINE_WIDTH;
}

/* The first run that found something, or else the first of all. */
static bool draw_one(const struct race_arguments *a, const struct scenario *s, const GArray *outcomes,
		     GError **error)
{
	struct race_drawing drawing = { .columns = width_of(a), .unfolded = a->all, .path = a->timeline_out };
	const struct outcome *drawn = &g_array_index(outcomes, struct outcome, 0);

	if (!a->timeline && !a->timeline_out)
		return true;
	if (!parse_timeline(a->timeline, &drawing.format, error))
		return false;
	for (u32 i = outcomes->len; i--;) {
		const struct outcome *o = &g_array_index(outcomes, struct outcome, i);

		if (strcmp(o->verdict, "ok") && strcmp(o->verdict, "infeasible"))
			drawn = o;
	}
	if (!drawing.path && !print_result("\n", error))
		return false;
	return race_draw(s, drawn->kernel, drawn->seed, &drawing, error);
}

/* The exit status is that of the first finding. */
static bool judge(const GArray *outcomes, GError **error)
{
	for (u32 pass = 0; pass < 2; pass++)
		for (u32 i = 0; i < outcomes->len; i++) {
			const struct outcome *o = &g_array_index(outcomes, struct outcome, i);
			bool infeasible = !strcmp(o->verdict, "infeasible");

			if (o->expected ? pass || !strcmp(o->expected, o->verdict)
					: !strcmp(o->verdict, "ok") || infeasible != (pass == 1))
				continue;
			g_set_error(error, SWAPSIM_ERROR,
				    infeasible && !o->expected ? ERROR_SCENARIO : ERROR_FINDING,
				    "race: %s: %s%s%s in %u seed%s", o->kernel, o->verdict,
				    o->expected ? ", expected was " : "", o->expected ? o->expected : "",
				    o->runs, o->runs == 1 ? "" : "s");
			return false;
		}
	return true;
}

/* --kernel, or what is expected of any, or the scenario's own; g_strfreev() */
static char **kernels_of(const struct race_arguments *a, const struct scenario *s, GError **error)
{
	const char *own[] = { scenario_kernel(s), NULL };
	const char **expected;
	char **kernels = NULL;

	if (a->kernel)
		return parse_kernels(a->kernel, &kernels, error) ? kernels : NULL;
	expected = race_kernels_expected(s);
	kernels = g_strdupv((char **)(expected[0] ? expected : own));
	g_free(expected);
	return kernels;
}

static bool seeds_of(const struct race_arguments *a, const struct scenario *s, struct seeds *seeds,
		     GError **error)
{
	*seeds = (struct seeds){ .own = true, .count = SEEDS_STANDARD };
	if (a->seed && a->seeds) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "race: --seed and --seeds exclude each other (expected one of them)");
		return false;
	}
	if (a->seeds && !parse_seeds(a->seeds, seeds, error))
		return false;
	if (a->seed) {
		*seeds = (struct seeds){ .count = 1 };
		return parse_seed("--seed", a->seed, &seeds->first, error);
	}
	if (seeds->own)
		seeds->first = scenario_seed(s);
	return true;
}

/* What was found in time is judged as what was found step by step. */
static bool race_in_time(const struct scenario *s, char *const *kernels, u64 seed, enum table_format format,
			 GArray *outcomes, GError **error)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	bool good = race_print_times(s, kernels, seed, format, found, error);

	for (u32 i = 0; i < found->len; i++) {
		const struct outcome one = { .kernel = kernels[i],
					     .verdict = g_strdup(found->pdata[i]),
					     .expected = race_expected(s, kernels[i]),
					     .runs = 1,
					     .seed = seed };

		g_array_append_val(outcomes, one);
	}
	g_ptr_array_free(found, TRUE);
	return good && judge(outcomes, error);
}

static bool drawing_is_possible(const struct race_arguments *a, GError **error)
{
	if (a->time && (a->timeline || a->timeline_out)) {
		g_set_error_literal(error, SWAPSIM_ERROR, ERROR_USAGE,
				    "race: --time and --timeline exclude each other (expected one of them)");
		return false;
	}
	if (a->columns &&
	    !g_ascii_string_to_unsigned(a->columns, 10, TIMELINE_NARROW, TIMELINE_WIDEST, NULL, NULL))
		return bad_value(error, "--columns", a->columns, "60..400");
	return parse_timeline(a->timeline, &(enum timeline_format){ TIMELINE_TEXT }, error);
}

static bool race_step_by_step(const struct race_arguments *a, const struct scenario *s, char *const *kernels,
			      const struct seeds *seeds, enum table_format format, GArray *outcomes,
			      GError **error)
{
	bool good = true, interrupted = false;

	interrupts_hold();
	for (u32 i = 0; good && kernels[i] && !interrupted; i++) {
		good = race_on(s, kernels[i], seeds, a->seed || a->seeds, outcomes, error);
		interrupted = interrupts_pending();
	}
	return good && print_outcomes(s, outcomes, seeds, format, a->columns ? width_of(a) : 0, error) &&
	       print_whole("", interrupted, error) && draw_one(a, s, outcomes, error) &&
	       judge(outcomes, error);
}

static bool race(const struct race_arguments *a, const struct scenario *s, GError **error)
{
	GArray *outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
	enum table_format format = TABLE_TEXT;
	struct seeds seeds;
	char **kernels = NULL;
	bool good = parse_format(a->format, &format, error) && seeds_of(a, s, &seeds, error) &&
		    drawing_is_possible(a, error);

	g_array_set_clear_func(outcomes, outcome_clear);
	if (good)
		kernels = kernels_of(a, s, error);
	good = kernels != NULL;
	if (good)
		good = a->time ? race_in_time(s, kernels, seeds.first, format, outcomes, error)
			       : race_step_by_step(a, s, kernels, &seeds, format, outcomes, error);
	g_array_free(outcomes, TRUE);
	g_strfreev(kernels);
	return good;
}

bool command_race(int argc, char **argv, GError **error)
{
	struct race_arguments a = { 0 };
	struct scenario *s = NULL;
	bool good = arguments_parse(&race_usage, &a, &argc, &argv, error);

	if (good)
		s = load_scenario(argv[1], (const char *const *)a.set, NULL, error);
	if (s)
		print_warnings(s);
	good = s && race(&a, s, error);
	scenario_free(s);
	arguments_release(&race_usage, &a);
	return good;
}
