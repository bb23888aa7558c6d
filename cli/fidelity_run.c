#include "cli/fidelity_run.h"

#include <stdlib.h>
#include <string.h>

#include "cli/batch.h"
#include "cli/cli.h"
#include "models/scenario.h"

/* ---- cases ---- */

/* Whether the row is what the name of that kind says. */
static bool row_is(const struct fidelity_row *row, enum fidelity_selector by, const char *name)
{
	char number[16];

	switch (by) {
	case FIDELITY_BY_KERNEL:
		return !strcmp(row->kernel, name);
	case FIDELITY_BY_PATTERN:
		return !strcmp(row->pattern, name);
	case FIDELITY_BY_DEVICE:
		return !strcmp(row->device, name);
	case FIDELITY_BY_NUMBER:
	case NR_FIDELITY_SELECTORS:
		break;
	}
	g_snprintf(number, sizeof number, "%u", row->number);
	return !strcmp(number, name);
}

bool fidelity_rows_have(const struct fidelity_rows *rows, enum fidelity_selector by, const char *name)
{
	for (u32 i = 0; i < rows->row->len; i++)
		if (row_is(fidelity_row_at(rows, i), by, name))
			return true;
	return false;
}

static bool is_selected(const struct fidelity_selection *s, const struct fidelity_row *row)
{
	for (u32 by = 0; by < NR_FIDELITY_SELECTORS; by++) {
		bool among = !s->names[by];

		for (char **name = s->names[by]; name && *name && !among; name++)
			among = row_is(row, by, *name);
		if (!among)
			return false;
	}
	return true;
}

static struct fidelity_case *case_of(struct fidelity_run *run, const struct fidelity_row *row)
{
	struct fidelity_case new = { 0 };

	for (u32 i = 0; i < run->cases->len; i++)
		if (fidelity_same_runs(fidelity_case_at(run, i)->row[0], row))
			return fidelity_case_at(run, i);
	g_array_append_val(run->cases, new);
	return fidelity_case_at(run, run->cases->len - 1);
}

bool fidelity_run_init(struct fidelity_run *run, const struct fidelity_rows *rows,
		       const struct fidelity_selection *selection, GError **error)
{
	bool good = true;

	run->rows = rows;
	run->cases = g_array_new(FALSE, FALSE, sizeof(struct fidelity_case));
	for (u32 i = 0; i < rows->row->len; i++) {
		const struct fidelity_row *row = fidelity_row_at(rows, i);
		struct fidelity_case *c;

		if (!is_selected(selection, row))
			continue;
		c = case_of(run, row);
		c->row = g_renew(const struct fidelity_row *, c->row, c->rows + 1);
		c->row[c->rows++] = row;
	}
	for (u32 i = 0; good && i < run->cases->len; i++) {
		struct fidelity_case *c = fidelity_case_at(run, i);

		c->text = fidelity_scenario(rows, c->row[0], &run->setup, &c->reason, error);
		good = c->text || c->reason;
	}
	return good;
}

void fidelity_run_release(struct fidelity_run *run)
{
	for (u32 i = 0; run->cases && i < run->cases->len; i++) {
		struct fidelity_case *c = fidelity_case_at(run, i);

		scenario_free(c->scenario);
		g_free(c->row);
		g_free(c->text);
		g_free(c->reason);
		g_free(c->value);
	}
	g_clear_pointer(&run->cases, g_array_unref);
}

/* ---- runs ---- */

struct work {
	struct fidelity_run *run;
	u32 *which; /* [run] case */
};

static struct scenario *read_scenario(const struct fidelity_run *run, const struct fidelity_case *c,
				      GError **error)
{
	char *name = g_strdup_printf("row-%u.json", c->row[0]->number);
	struct json_doc *doc = json_doc_parse(name, c->text, strlen(c->text), error);
	struct scenario *s = NULL;
	bool good = doc;

	for (u32 i = 0; good && run->sets && run->sets[i]; i++)
		good = json_doc_set(doc, &scenario_table, run->sets[i], error);
	if (good)
		s = scenario_read(doc, data_dir(), error);
	if (doc)
		json_doc_free(doc);
	g_free(name);
	return s;
}

static bool begin(struct batch_run *b, u32 index, void *data, GError **error)
{
	struct work *work = data;
	struct fidelity_case *c = fidelity_case_at(work->run, work->which[index]);

	if (!c->scenario)
		c->scenario = read_scenario(work->run, c, error);
	b->scenario = c->scenario;
	return c->scenario;
}

/* A run that ended in an OOM kill has no figures, but for those that were to. */
static bool may_be_killed(const struct fidelity_case *c)
{
	u32 figure = fidelity_figure_find("oom_kill");

	for (u32 i = 0; i < c->rows; i++)
		if (c->row[i]->band[figure].there && c->row[i]->band[figure].most > 0)
			return true;
	return !strcmp(c->row[0]->pattern, "alloc");
}

static void keep_figures(struct fidelity_case *c, const struct run_result *r)
{
	s64 *value;

	if (r->kill->len && !may_be_killed(c)) {
		c->killed++;
		return;
	}
	c->value = g_renew(s64, c->value, (gsize)(c->kept + 1) * c->rows * NR_FIDELITY_FIGURES);
	value = c->value + (gsize)c->kept++ * c->rows * NR_FIDELITY_FIGURES;
	for (u32 i = 0; i < c->rows; i++)
		for (u32 f = 0; f < NR_FIDELITY_FIGURES; f++)
			*value++ =
			    fidelity_figure_of(r, c->row[i]->phase, f, fidelity_is_synchronous(c->row[i]));
}

/* A machine that cannot be or go on, or breaks an invariant, is a row that is not run; the others go on. What
 * --set made impossible ends it all. */
static bool end(struct batch_run *b, u32 index, void *data, GError **error)
{
	struct work *work = data;
	struct fidelity_case *c = fidelity_case_at(work->run, work->which[index]);
	bool ours = g_error_matches(b->failure, SWAPSIM_ERROR, ERROR_SCENARIO) ||
		    g_error_matches(b->failure, SWAPSIM_ERROR, ERROR_FINDING);

	if (b->failure && !(ours && (c->scenario || !work->run->sets))) {
		g_propagate_error(error, g_steal_pointer(&b->failure));
		return false;
	}
	if (b->failure && !c->reason)
		c->reason =
		    g_strdup_printf("seed %" G_GUINT64_FORMAT ": %s", b->options.seed, b->failure->message);
	g_clear_error(&b->failure);
	if (b->result && b->result->complete)
		keep_figures(c, b->result);
	g_clear_pointer(&b->result, run_result_free);
	if (++c->ended == work->run->seeds.count)
		g_clear_pointer(&c->scenario, scenario_free);
	return true;
}

bool fidelity_run_go(struct fidelity_run *run, GError **error)
{
	u32 runs = run->cases->len * run->seeds.count;
	struct work work = { .run = run, .which = g_new0(u32, runs) };
	struct batch batch = { .run = g_new0(struct batch_run, runs),
			       .jobs = run->jobs,
			       .progress = run->progress,
			       .begin = begin,
			       .end = end,
			       .hook_data = &work };
	bool good;

	for (u32 i = 0; i < run->cases->len; i++)
		for (u32 s = 0; fidelity_case_at(run, i)->text && s < run->seeds.count; s++) {
			batch.run[batch.runs].options.seed = run->seeds.first + s;
			work.which[batch.runs++] = i;
		}
	good = !batch.runs || batch_go(&batch, error);
	run->interrupted = batch.interrupted;
	batch_release_results(&batch);
	g_free(batch.run);
	g_free(work.which);
	return good;
}

/* ---- what came of it ---- */

static int ascending(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return x < y ? -1 : x > y;
}

bool fidelity_predicted(const struct fidelity_case *c, u32 row, u32 figure,
			struct fidelity_prediction *prediction)
{
	bool kills = fidelity_figures[figure].counter == FIDELITY_KILLED;
	u32 n = c->kept + (kills ? c->killed : 0);
	s64 *value = g_new(s64, n + 1);

	for (u32 i = 0; i < n; i++)
		value[i] = i < c->kept ? c->value[((gsize)i * c->rows + row) * NR_FIDELITY_FIGURES + figure]
				       : FIDELITY_ONE;
	if (n) {
		qsort(value, n, sizeof *value, ascending);
		*prediction = (struct fidelity_prediction){ value[n / 2], value[0], value[n - 1] };
	}
	g_free(value);
	return n && !c->reason;
}
