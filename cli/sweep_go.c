#include "cli/sweep_go.h"

#include <string.h>

#include "cli/batch.h"
#include "cli/figure_names.h"
#include "cli/report.h"

/* A scenario that several points share. */
struct cell {
	u64 hash;
	struct scenario *scenario;
	u32 users;
};

struct work {
	struct sweep_go *go;
	u32 *point;	     /* [run] */
	struct cell **cell;  /* [run] in use */
	struct cell *newest; /* what the next run will most likely want; a user itself */
};

/* ---- scenarios ---- */

static void cell_put(struct cell *cell)
{
	if (!cell || --cell->users)
		return;
	scenario_free(cell->scenario);
	g_free(cell);
}

static struct cell *cell_get(struct work *w, u32 point, GError **error)
{
	const struct sweep_plan *plan = w->go->plan;
	struct scenario *s;

	if (!w->newest || w->newest->hash != plan->point[point].cell) {
		cell_put(w->newest);
		w->newest = NULL;
		s = sweep_plan_scenario(plan, point, error);
		if (!s)
			return NULL;
		w->newest = g_new(struct cell, 1);
		*w->newest = (struct cell){ plan->point[point].cell, s, 1 };
	}
	w->newest->users++;
	return w->newest;
}

static bool begin(struct batch_run *run, u32 index, void *data, GError **error)
{
	struct work *w = data;
	struct cell *cell = cell_get(w, w->point[index], error);

	w->cell[index] = cell;
	run->scenario = cell ? cell->scenario : NULL;
	return cell;
}

/* ---- results ---- */

static struct sweep_row *row_new(enum sweep_outcome outcome, const char *reason)
{
	struct sweep_row *row = g_new0(struct sweep_row, 1);

	row->outcome = outcome;
	row->reason = g_strdup(reason);
	return row;
}

static bool name_figures(struct sweep_results *results, const GArray *figures, GError **error)
{
	const char **keys = g_new0(const char *, figures->len + 1);
	bool good;

	for (u32 i = 0; i < figures->len; i++)
		keys[i] = g_array_index(figures, struct figure, i).key;
	good = sweep_results_name_figures(results, keys, error);
	g_free(keys);
	return good;
}

static struct sweep_row *row_of_result(const struct run_result *r, const struct scenario *s,
				       const GArray *figures)
{
	struct sweep_row *row = row_new(r->kill->len ? SWEEP_KILLED : SWEEP_OK, "");

	if (r->kill->len) {
		g_free(row->reason);
		row->reason = kills_in_words(r);
	}
	row->counts = r->fingerprint_counts;
	row->events = r->fingerprint_events;
	row->footprint_pages = scenario_footprint_pages(s);
	row->figure = g_new(u64, figures->len);
	for (u32 i = 0; i < figures->len; i++)
		row->figure[i] = g_array_index(figures, struct figure, i).value;
	return row;
}

static bool add_result(struct work *w, const struct batch_run *run, u64 key, GError **error)
{
	GArray *figures = figures_of(run->result, w->go->figures);
	bool good =
	    name_figures(w->go->results, figures, error) &&
	    sweep_results_add(w->go->results, key, row_of_result(run->result, run->scenario, figures), error);

	figures_free(figures);
	return good;
}

/* A machine that ends, or cannot be, says so every time. What may be otherwise tomorrow, such as a trace that
 * cannot be read, ends the sweep. */
static bool add_failure(struct work *w, struct batch_run *run, u64 key, GError **error)
{
	enum sweep_outcome outcome = run->scenario ? SWEEP_FAILED : SWEEP_INVALID;
	struct sweep_row *row;

	if (g_error_matches(run->failure, SWAPSIM_ERROR, ERROR_FINDING))
		outcome = SWEEP_FINDING;
	else if (!g_error_matches(run->failure, SWAPSIM_ERROR, ERROR_SCENARIO)) {
		g_propagate_error(error, g_steal_pointer(&run->failure));
		return false;
	}
	row = row_new(outcome, run->failure->message);
	if (run->scenario)
		row->footprint_pages = scenario_footprint_pages(run->scenario);
	g_clear_error(&run->failure);
	return sweep_results_add(w->go->results, key, row, error);
}

static bool end(struct batch_run *run, u32 index, void *data, GError **error)
{
	struct work *w = data;
	u64 key = w->go->plan->point[w->point[index]].key;
	bool good = true;

	if (run->failure)
		good = add_failure(w, run, key, error);
	else if (run->result && run->result->complete)
		good = add_result(w, run, key, error);
	g_clear_pointer(&run->result, run_result_free);
	cell_put(w->cell[index]);
	run->scenario = NULL;
	return good;
}

/* ---- all of them ---- */

/* What there is to do, each key once; points that are wrong as such have their row at once. */
static bool find_work(struct sweep_go *go, GArray *todo, GError **error)
{
	GHashTable *seen = g_hash_table_new(g_int64_hash, g_int64_equal);
	bool good = true;

	for (u32 i = 0; good && i < go->plan->points; i++) {
		struct sweep_point *p = &go->plan->point[i];

		if (!sweep_shard_has(go->shard, i) || sweep_results_find(go->results, p->key))
			continue;
		if (p->wrong)
			good =
			    sweep_results_add(go->results, p->key, row_new(SWEEP_INVALID, p->wrong), error);
		else if (g_hash_table_add(seen, &p->key))
			g_array_append_val(todo, i);
	}
	g_hash_table_destroy(seen);
	return good;
}

static bool run_all(struct sweep_go *go, const GArray *todo, GError **error)
{
	struct work work = { .go = go,
			     .point = (u32 *)(void *)todo->data,
			     .cell = g_new0(struct cell *, todo->len) };
	struct batch batch = { .run = g_new0(struct batch_run, todo->len),
			       .runs = todo->len,
			       .jobs = go->jobs,
			       .progress = go->progress,
			       .begin = begin,
			       .end = end,
			       .hook_data = &work };
	bool good;

	for (u32 i = 0; i < todo->len; i++) {
		const struct sweep_point *p = &go->plan->point[work.point[i]];

		batch.run[i].options =
		    (struct build_options){ .kernel = p->kernel, .seed = p->seed, .ties = go->plan->ties };
	}
	good = batch_go(&batch, error);
	go->interrupted = batch.interrupted;
	batch_release_results(&batch);
	cell_put(work.newest);
	g_free(batch.run);
	g_free(work.cell);
	return good;
}

/* What was found before is of no use beside other figures. */
static bool figures_agree(const struct sweep_go *go, GError **error)
{
	GArray *figures = go->results->figure->len ? figure_names(go->figures, error) : NULL;
	bool good = !go->results->figure->len || (figures && name_figures(go->results, figures, error));

	figures_free(figures);
	return good;
}

bool sweep_go(struct sweep_go *go, GError **error)
{
	GArray *todo = g_array_new(FALSE, FALSE, sizeof(u32));
	bool good = figures_agree(go, error) && find_work(go, todo, error) &&
		    (!todo->len || run_all(go, todo, error));

	g_array_free(todo, TRUE);
	return good;
}
