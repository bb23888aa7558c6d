#include "cli/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/figure_names.h"
#include "cli/load.h"

static bool split_sweep(struct comparison *c, const char *sweep, GError **error)
{
	const char *equals = strchr(sweep, '=');

	if (!equals || equals == sweep)
		return bad_value(error, "--sweep", sweep, "path=value,value,...");
	c->sweep = g_strndup(sweep, (gsize)(equals - sweep));
	if (!parse_names("--sweep", equals + 1, &c->value, error))
		return false;
	c->values = g_strv_length(c->value);
	return true;
}

static bool read_scenarios(struct comparison *c, const struct comparison_request *q, GError **error)
{
	c->scenario = g_new0(struct scenario *, c->values);
	for (u32 v = 0; v < c->values; v++) {
		char *last = c->sweep ? g_strdup_printf("%s=%s", c->sweep, c->value[v]) : NULL;

		c->scenario[v] = load_scenario(q->file, q->sets, last, error);
		if (!c->scenario[v] && last && error && *error)
			g_prefix_error(error, "with --sweep %s: ", last);
		g_free(last);
		if (!c->scenario[v])
			return false;
	}
	return true;
}

static bool choose_kernels(struct comparison *c, const struct comparison_request *q, GError **error)
{
	if (q->kernels) {
		c->kernel = g_strdupv(q->kernels);
	} else {
		c->kernel = g_new0(char *, 2);
		c->kernel[0] = g_strdup(scenario_kernel(c->scenario[0]));
	}
	c->kernels = g_strv_length(c->kernel);
	for (u32 k = 0; k < c->kernels; k++)
		if (!check_kernel(c->kernel[k], error))
			return false;
	return true;
}

static void plan_runs(struct comparison *c, const struct comparison_request *q)
{
	c->batch.runs = c->values * c->kernels * c->seeds;
	c->batch.run = g_new0(struct batch_run, c->batch.runs);
	c->batch.jobs = q->jobs;
	c->batch.progress = !q->quiet;
	c->batch.tolerant = c->sweep != NULL;
	c->figures = g_new0(GArray *, c->batch.runs);
	c->label = g_new0(char *, c->batch.runs + 1);
	for (u32 i = 0; i < c->batch.runs; i++) {
		u32 seed = i % c->seeds, kernel = i / c->seeds % c->kernels,
		    value = i / c->seeds / c->kernels;

		c->label[i] =
		    g_strdup_printf("%s, seed %" G_GUINT64_FORMAT "%s%s", c->kernel[kernel], c->seed[seed],
				    c->sweep ? ", " : "", c->sweep ? c->value[value] : "");
		c->batch.run[i] = (struct batch_run){
			.scenario = c->scenario[value],
			.options = { .kernel = c->kernel[kernel], .seed = c->seed[seed], .ties = q->ties },
			.label = c->label[i],
		};
	}
}

static bool want_conditions(const struct comparison *c, const char *const *conditions, GPtrArray *wanted,
			    GError **error)
{
	bool good = true;

	for (; good && conditions && *conditions; conditions++) {
		char *key = comparison_condition_key(*conditions, error);
		char *option = g_strdup_printf("--fail-if %s", *conditions);
		const char *const one[] = { key, NULL };

		good = key && figure_names_valid(option, one, c->scenario[0], error);
		if (key)
			g_ptr_array_add(wanted, key);
		g_free(option);
	}
	return good;
}

static bool choose_figures(struct comparison *c, const struct comparison_request *q, GError **error)
{
	GPtrArray *wanted = g_ptr_array_new();
	bool good = figure_names_valid("--figures", (const char *const *)c->shown, c->scenario[0], error);

	for (u32 i = 0; c->shown && c->shown[i]; i++)
		g_ptr_array_add(wanted, g_strdup(c->shown[i]));
	good = good && want_conditions(c, q->conditions, wanted, error);
	g_ptr_array_add(wanted, NULL);
	c->wanted = (char **)g_ptr_array_free(wanted, FALSE);
	return good;
}

bool comparison_init(struct comparison *c, const struct comparison_request *q, GError **error)
{
	*c = (struct comparison){ .values = 1, .seeds = q->seeds.count, .shown = g_strdupv(q->figures) };
	if (q->sweep && !split_sweep(c, q->sweep, error))
		return false;
	if (!read_scenarios(c, q, error) || !choose_kernels(c, q, error) || !choose_figures(c, q, error))
		return false;
	c->seed = g_new(u64, c->seeds);
	for (u32 s = 0; s < c->seeds; s++)
		c->seed[s] = (q->seeds.own ? scenario_seed(c->scenario[0]) : q->seeds.first) + s;
	plan_runs(c, q);
	return true;
}

bool comparison_go(struct comparison *c, GError **error)
{
	if (!batch_go(&c->batch, error))
		return false;
	for (u32 i = 0; i < c->batch.runs; i++)
		if (c->batch.run[i].result)
			c->figures[i] = figures_of(c->batch.run[i].result, (const char *const *)c->wanted);
	return true;
}

void comparison_release(struct comparison *c)
{
	if (c->batch.run)
		batch_release_results(&c->batch);
	for (u32 i = 0; c->figures && i < c->batch.runs; i++)
		figures_free(c->figures[i]);
	for (u32 v = 0; c->scenario && v < c->values; v++)
		scenario_free(c->scenario[v]);
	g_free(c->batch.run);
	g_free(c->figures);
	g_free(c->scenario);
	g_strfreev(c->shown);
	g_strfreev(c->wanted);
	g_strfreev(c->label);
	g_strfreev(c->kernel);
	g_strfreev(c->value);
	g_free(c->seed);
	g_free(c->sweep);
	*c = (struct comparison){ 0 };
}

const GArray *comparison_figures(const struct comparison *c)
{
	for (u32 i = 0; i < c->batch.runs; i++)
		if (c->figures[i])
			return c->figures[i];
	return NULL;
}

/* NULL if it was not run, or not to its end: figures of a part are not to be compared. */
static const GArray *whole_figures(const struct comparison *c, u32 run)
{
	return c->figures[run] && c->batch.run[run].result->complete ? c->figures[run] : NULL;
}

u32 comparison_whole_runs(const struct comparison *c)
{
	u32 n = 0;

	for (u32 i = 0; i < c->batch.runs; i++)
		n += whole_figures(c, i) != NULL;
	return n;
}

static int ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

struct spread comparison_spread(const struct comparison *c, u32 value, u32 kernel, u32 figure)
{
	u64 *values = g_new(u64, c->seeds);
	struct spread spread = { 0 };
	u32 n = 0;

	for (u32 s = 0; s < c->seeds; s++) {
		const GArray *figures = whole_figures(c, comparison_index(c, value, kernel, s));

		if (figures)
			values[n++] = g_array_index(figures, struct figure, figure).value;
	}
	qsort(values, n, sizeof *values, ascending);
	if (n)
		spread = (struct spread){ n, values[(n - 1) / 2], values[0], values[n - 1] };
	g_free(values);
	return spread;
}

struct interval comparison_change(const struct comparison *c, u32 value, u32 kernel, u32 figure)
{
	s64 *change = g_new(s64, c->seeds);
	struct interval interval;
	u32 n = 0;

	for (u32 s = 0; s < c->seeds; s++) {
		const GArray *first = whole_figures(c, comparison_index(c, value, 0, s));
		const GArray *figures = whole_figures(c, comparison_index(c, value, kernel, s));

		if (first && figures)
			change[n++] = (s64)(g_array_index(figures, struct figure, figure).value -
					    g_array_index(first, struct figure, figure).value);
	}
	interval = interval_of(change, n);
	g_free(change);
	return interval;
}

const char *comparison_change_name(const struct interval *change)
{
	if (!change->sure)
		return "";
	if (change->zero)
		return "equal";
	if (interval_spans_zero(change))
		return "no difference";
	return change->low > 0 ? "more" : "less";
}

bool comparison_shows(const struct comparison *c, const char *key)
{
	return !c->shown || g_strv_contains((const char *const *)c->shown, key);
}
