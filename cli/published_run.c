#include "cli/published_run.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/interrupts.h"
#include "models/release.h"

enum { LEVEL = 10000, LARGE = 50000 }; /* millionths: 1 %, 5 % */

const char *const published_verdict_name[] = {
	[PUBLISHED_SIZE] = "within 2x", [PUBLISHED_LEVEL] = "level", [PUBLISHED_SIGN] = "sign",
	[PUBLISHED_UNSURE] = "unsure",	[PUBLISHED_MISS] = "miss",   [PUBLISHED_NOT_RUN] = "not run",
};

enum published_verdict published_judge(s64 published, s64 simulated, s64 low, s64 high)
{
	s64 p = ABS(published), s = ABS(simulated);

	if (p < LEVEL && s < LEVEL)
		return PUBLISHED_LEVEL;
	if (low < 0 && high > 0)
		return PUBLISHED_UNSURE;
	if (!simulated || (published < 0) != (simulated < 0))
		return PUBLISHED_MISS;
	return s <= 2 * p && p <= 2 * s ? PUBLISHED_SIZE : PUBLISHED_SIGN;
}

bool published_is_met(s64 published, enum published_verdict verdict)
{
	return verdict == PUBLISHED_SIZE || verdict == PUBLISHED_LEVEL ||
	       (verdict == PUBLISHED_SIGN && ABS(published) < LARGE);
}

/* ---- one scenario on two kernels, and all rows of it ---- */

static bool same_runs(const struct published_row *a, const struct published_row *b)
{
	return !strcmp(a->scenario, b->scenario) && !strcmp(a->kernel[0], b->kernel[0]) &&
	       !strcmp(a->kernel[1], b->kernel[1]);
}

/* The release that there is not, without its patches, or NULL. The caller frees it. */
static char *missing_release(const struct published_row *row)
{
	const struct release *release;
	struct patches patches;

	for (u32 i = 0; i < 2; i++)
		if (!release_parse(row->kernel[i], &release, &patches, NULL))
			return g_strndup(row->kernel[i], strcspn(row->kernel[i], "+"));
	return NULL;
}

static void not_run(struct published_result *r, const char *reason)
{
	r->verdict = PUBLISHED_NOT_RUN;
	r->reason = g_strdup(reason);
}

static u32 figure_number(const GArray *figures, const char *key)
{
	return (u32)(figure_find(figures, key) - &g_array_index(figures, struct figure, 0));
}

/* Whole runs of @c there are. */
static void fill_in(struct published_result *r, const struct comparison *c)
{
	const GArray *figures = comparison_figures(c);
	u32 figure = figure_number(figures, r->row->figure);

	r->unit = g_array_index(figures, struct figure, figure).unit;
	for (u32 k = 0; k < 2; k++)
		r->value[k] = comparison_spread(c, 0, k, figure).median;
	if (!r->value[0]) {
		not_run(r, "the figure is 0 on the first kernel");
		return;
	}
	r->change = r->low = r->high = change_in_millionths(r->value[0], r->value[1]);
	for (u32 s = 0; s < c->seeds; s++) {
		const GArray *of[2] = { c->figures[comparison_index(c, 0, 0, s)],
					c->figures[comparison_index(c, 0, 1, s)] };
		s64 change;

		if (!of[0] || !of[1] || !g_array_index(of[0], struct figure, figure).value)
			continue;
		change = change_in_millionths(g_array_index(of[0], struct figure, figure).value,
					      g_array_index(of[1], struct figure, figure).value);
		r->low = MIN(r->low, change);
		r->high = MAX(r->high, change);
	}
	r->verdict = published_judge(r->row->change, r->change, r->low, r->high);
}

static GPtrArray *figures_of_group(const struct published_run *run, const struct published_row *row)
{
	GPtrArray *keys = g_ptr_array_new();

	for (u32 i = 0; i < run->result->len; i++)
		if (same_runs(published_result_at(run, i)->row, row))
			g_ptr_array_add(keys, (char *)published_result_at(run, i)->row->figure);
	g_ptr_array_add(keys, NULL);
	return keys;
}

/* As many as the row of the group takes that takes most, unless the user said how many. */
static struct seeds seeds_of_group(const struct published_run *run, const struct published_row *row)
{
	struct seeds seeds = run->seeds;

	for (u32 i = 0; run->more_seeds && i < run->result->len; i++)
		if (same_runs(published_result_at(run, i)->row, row))
			seeds.count = MAX(seeds.count, published_result_at(run, i)->row->seeds);
	return seeds;
}

static bool compare(struct published_run *run, struct comparison *c, const struct published_row *row,
		    GError **error)
{
	char *file = g_strdup_printf("%s/%s.json", run->rows->folder, row->scenario);
	GPtrArray *keys = figures_of_group(run, row);
	struct comparison_request request = {
		.file = file,
		.sets = run->sets,
		.kernels = (char *[]){ (char *)row->kernel[0], (char *)row->kernel[1], NULL },
		.seeds = seeds_of_group(run, row),
		.figures = (char **)keys->pdata,
		.jobs = run->jobs,
		.quiet = !run->progress,
	};
	bool good = comparison_init(c, &request, error);

	c->batch.what = row->scenario;
	good = good && comparison_go(c, error);
	run->interrupted |= c->batch.interrupted;
	g_ptr_array_free(keys, TRUE);
	g_free(file);
	return good;
}

/* A machine that cannot run on, as when it is out of memory, is told like a row that is not run. */
static bool run_group(struct published_run *run, const struct published_row *row, GError **error)
{
	struct comparison c = { 0 };
	char *missing = missing_release(row), *reason = NULL;
	GError *cause = NULL;
	bool good = true;

	if (run->interrupted) {
		reason = g_strdup("interrupted");
	} else if (*row->scenario && missing) {
		reason = g_strdup_printf("no release %s", missing);
	} else if (*row->scenario && !compare(run, &c, row, &cause)) {
		good = cause->code == ERROR_SCENARIO && c.batch.run;
		reason = g_strdup(cause->message);
	}
	for (u32 i = 0; good && i < run->result->len; i++) {
		struct published_result *r = &g_array_index(run->result, struct published_result, i);

		if (!same_runs(r->row, row) || r->reason)
			continue;
		if (!*row->scenario)
			not_run(r, r->row->note);
		else if (reason)
			not_run(r, reason);
		else if (run->interrupted)
			not_run(r, "interrupted");
		else
			fill_in(r, &c);
	}
	comparison_release(&c);
	g_free(missing);
	g_free(reason);
	if (good)
		g_clear_error(&cause);
	else
		g_propagate_error(error, cause);
	return good;
}

static void choose_rows(struct published_run *run)
{
	run->result = g_array_new(FALSE, FALSE, sizeof(struct published_result));
	for (u32 i = 0; i < run->rows->row->len; i++) {
		const struct published_row *row = published_row_at(run->rows, i);
		struct published_result r = { .row = row };

		if (!run->scenarios || g_strv_contains((const char *const *)run->scenarios, row->scenario))
			g_array_append_val(run->result, r);
	}
}

static bool is_first_of_group(const struct published_run *run, u32 i)
{
	for (u32 before = 0; before < i; before++)
		if (same_runs(published_result_at(run, before)->row, published_result_at(run, i)->row))
			return false;
	return true;
}

static bool check_names(const struct published_run *run, GError **error)
{
	for (char **name = run->scenarios; name && *name; name++) {
		bool known = false;

		for (u32 i = 0; i < run->result->len; i++)
			known |= !strcmp(published_result_at(run, i)->row->scenario, *name);
		if (!known)
			return bad_value(error, "--scenario", *name, "a name in the first column");
	}
	return true;
}

bool published_run_go(struct published_run *run, GError **error)
{
	choose_rows(run);
	if (!check_names(run, error))
		return false;
	interrupts_hold(); /* noticed in a batch, at the latest in the next one */
	for (u32 i = 0; i < run->result->len; i++)
		if (is_first_of_group(run, i) && !run_group(run, published_result_at(run, i)->row, error))
			return false;
	return true;
}

void published_run_release(struct published_run *run)
{
	for (u32 i = 0; run->result && i < run->result->len; i++)
		g_free(g_array_index(run->result, struct published_result, i).reason);
	if (run->result)
		g_array_free(run->result, TRUE);
}
