/*
 * comparison_verdict.c - what a comparison means: do the kernels count the same events, and is a threshold
 * kept?
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/comparison.h"
#include "cli/load.h"
#include "sim/units.h"

enum { FEW = 100 }; /* events: below, a difference in percent says nothing */

static bool equal_events(const GArray *a, const GArray *b)
{
	for (u32 i = 0; i < a->len; i++) {
		const struct figure *f = &g_array_index(a, struct figure, i);

		if (f->group == FIGURE_EVENTS && f->value != g_array_index(b, struct figure, i).value)
			return false;
	}
	return true;
}

static bool all_equal(const struct comparison *c)
{
	for (u32 i = 0; i < c->batch.runs; i++) {
		u32 value = i / c->seeds / c->kernels;
		const GArray *first = c->figures[comparison_index(c, value, 0, i % c->seeds)];

		if (first && c->figures[i] && !equal_events(first, c->figures[i]))
			return false;
	}
	return true;
}

struct widest {
	u64 permyriad;
	const char *name;
};

static void widen(struct widest *w, u64 low, u64 high, const char *name)
{
	u64 apart = low ? mul_div(high - low, 10000, low) : 0;

	if (low >= FEW && apart > w->permyriad)
		*w = (struct widest){ apart, name };
}

/* The others follow from these, or are so few that chance makes much of them. */
static const char *const main_events[] = { "pgfault", "pgmajfault", "pswpin", "pswpout",
					   "pgscan",  "pgsteal",    NULL };

/* Over all values of a sweep that every run got through. */
static struct spread sum_over_values(const struct comparison *c, u32 kernel, u32 figure)
{
	struct spread sum = { 0 };

	for (u32 v = 0; v < c->values; v++) {
		struct spread spread = comparison_spread(c, v, kernel, figure);

		for (u32 k = 0; k < c->kernels; k++)
			if (comparison_spread(c, v, k, figure).seeds < c->seeds)
				spread = (struct spread){ 0 };
		sum.median += spread.median;
		sum.lowest += spread.lowest;
		sum.highest += spread.highest;
	}
	return sum;
}

/* How far kernels' medians, and one kernel's seeds, are apart. */
static void measure(const struct comparison *c, struct widest *kernels, struct widest *seeds)
{
	const GArray *figures = comparison_figures(c);

	for (u32 i = 0; i < figures->len; i++) {
		const struct figure *f = &g_array_index(figures, struct figure, i);
		u64 low = UINT64_MAX, high = 0;

		if (!g_strv_contains(main_events, f->key))
			continue;
		for (u32 k = 0; k < c->kernels; k++) {
			struct spread sum = sum_over_values(c, k, i);

			low = MIN(low, sum.median);
			high = MAX(high, sum.median);
			widen(seeds, sum.lowest, sum.highest, f->key);
		}
		widen(kernels, low, high, f->key);
	}
}

static void append_widest(GString *out, const char *what, const struct widest *w)
{
	if (!w->name) {
		g_string_append_printf(out, "%s by a few", what);
		return;
	}
	g_string_append_printf(out, "%s by up to %u.%02u %%", what, (u32)(w->permyriad / 100),
			       (u32)(w->permyriad % 100));
	g_string_append_printf(out, " (%s)", w->name);
}

static const char several_tasks[] =
    ".\nOn one device the designs run the same reclaim and faults; other lock times interleave several "
    "tasks\n"
    "in other ways, as other seeds do. With one task, and nothing that goes by the clock, all counts\n"
    "would be equal.\n";
static const char one_task[] =
    ".\nWith one task and one device they should be equal unless a patch changes what is reclaimed, or\n"
    "something goes by the clock: a monitor (memory_stat_every), statistics renewed every 2 s.\n";

char *comparison_verdict(const struct comparison *c)
{
	struct widest kernels = { 0, NULL }, seeds = { 0, NULL };
	struct scenario_words words;
	GString *out;

	if (c->kernels < 2 || c->batch.interrupted)
		return g_strdup("");
	if (all_equal(c))
		return g_strdup(
		    "Event counts: equal on every kernel, seed by seed. They should be: on one device the "
		    "designs run\nthe same reclaim and faults and differ in locks, waiting and metadata.\n");
	measure(c, &kernels, &seeds);
	words = scenario_in_words(c->scenario[0]);
	out = g_string_new("Event counts: kernels differ");
	append_widest(out, "", &kernels);
	if (c->seeds > 1)
		append_widest(out, ",\nseeds of one kernel", &seeds);
	g_string_append(out, words.tasks > 1 ? several_tasks : one_task);
	scenario_words_release(&words);
	return g_string_free(out, FALSE);
}

struct condition {
	char *key;
	bool above;
	bool percent;
	u64 limit;
};

/* Names of locks have a '>' of their own, so the last one counts. */
static bool condition_parse(const char *text, struct condition *condition, GError **error)
{
	const char *less = strrchr(text, '<'), *more = strrchr(text, '>');
	const char *sign = less > more ? less : more;
	char *number;
	bool good;

	*condition = (struct condition){ 0 };
	number = sign && sign > text ? g_strdup(sign + 1) : g_strdup("");
	condition->percent = g_str_has_suffix(number, "%");
	if (condition->percent)
		number[strlen(number) - 1] = 0;
	good = !number_parse(number, &condition->limit);
	g_free(number);
	if (!good) {
		g_set_error(
		    error, SWAPSIM_ERROR, ERROR_USAGE,
		    "--fail-if %s: not a condition (FIGURE>NUMBER, FIGURE<NUMBER or, of the first kernel, "
		    "FIGURE>NUMBER%%)",
		    text);
		return false;
	}
	condition->above = sign == more;
	condition->key = g_strndup(text, (gsize)(sign - text));
	return true;
}

char *comparison_condition_key(const char *text, GError **error)
{
	struct condition condition;

	return condition_parse(text, &condition, error) ? condition.key : NULL;
}

static u64 judged(const struct comparison *c, const struct condition *condition, u32 value, u32 kernel,
		  u32 figure)
{
	u64 median = comparison_spread(c, value, kernel, figure).median;
	u64 first = comparison_spread(c, value, 0, figure).median;

	if (!condition->percent)
		return median;
	return first ? mul_div(median, 100, first) : median ? UINT64_MAX : 100;
}

static bool check_one(const struct comparison *c, const struct condition *condition, const char *text,
		      u32 figure, GError **error)
{
	for (u32 n = 0; n < c->values * c->kernels; n++) {
		u32 value = n / c->kernels, kernel = n % c->kernels;
		u64 is = judged(c, condition, value, kernel, figure);

		if ((condition->percent && !kernel) || !comparison_spread(c, value, kernel, figure).seeds)
			continue;
		if (condition->above ? is <= condition->limit : is >= condition->limit)
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_THRESHOLD,
			    "--fail-if %s: it is %" G_GUINT64_FORMAT "%s on %s%s%s", text, is,
			    condition->percent ? "%" : "", c->kernel[kernel], c->sweep ? " at " : "",
			    c->sweep ? c->value[value] : "");
		return false;
	}
	return true;
}

bool comparison_check(const struct comparison *c, const char *const *conditions, GError **error)
{
	const GArray *figures = comparison_figures(c);
	bool good = true;

	for (; good && conditions && *conditions; conditions++) {
		struct condition condition;

		if (!condition_parse(*conditions, &condition, error))
			return false;
		good = check_one(
		    c, &condition, *conditions,
		    (u32)(figure_find(figures, condition.key) - &g_array_index(figures, struct figure, 0)),
		    error);
		g_free(condition.key);
	}
	return good;
}
