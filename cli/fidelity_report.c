#include "cli/fidelity_report.h"

#include <stdlib.h>
#include <string.h>

#include "cli/quantity.h"

/* ---- cells ---- */

static void add_tenths(struct table *t, s64 tenths)
{
	if (tenths % FIDELITY_ONE)
		table_printf(t, "%" G_GINT64_FORMAT ".%d", tenths / FIDELITY_ONE,
			     (int)(tenths % FIDELITY_ONE));
	else
		table_signed(t, tenths / FIDELITY_ONE);
}

/* In percent, or as a number where there was nothing. */
static void add_error(struct table *t, const struct fidelity_verdict *v)
{
	s64 error = v->ours.median - v->theirs->median;
	char *text;

	if (!v->theirs->median) {
		table_printf(t, "%+" G_GINT64_FORMAT, error / FIDELITY_ONE);
		return;
	}
	text = quantity_change(error, (u64)v->theirs->median);
	table_text(t, text);
	g_free(text);
}

static void add_verdict(struct table *t, const struct fidelity_verdict *v)
{
	add_tenths(t, v->theirs->median);
	add_tenths(t, v->theirs->least);
	add_tenths(t, v->theirs->most);
	if (v->predicted)
		add_error(t, v);
	else
		table_none(t);
	table_text(t, v->holds ? "holds" : v->judged ? "MISSES" : "misses");
	table_text(t, v->judged ? "yes" : "");
}

static void add_ours(struct table *t, const struct fidelity_verdict *v)
{
	if (!v->predicted) {
		table_none(t);
		table_none(t);
		table_none(t);
		return;
	}
	add_tenths(t, v->ours.median);
	add_tenths(t, v->ours.least);
	add_tenths(t, v->ours.most);
}

/* ---- figures ---- */

/* People read them once, above the rows they are about; programs want them in every line. */
static const char *const keys[] = { "kernel", "dev", "cgv", "pat", "args",  "mb",
				    "ratio",  "pc",  "lru", "thp", "swapmb" };

static void add_keys(struct table *t, const struct fidelity_row *row)
{
	table_text(t, row->kernel);
	table_text(t, row->device);
	table_printf(t, "v%u", row->cgroup_version);
	table_text(t, row->pattern);
	table_text(t, row->arguments);
	table_number(t, row->mib);
	table_text(t, row->ratio);
	table_number(t, row->page_cluster);
	table_text(t, row->lru);
	table_text(t, row->thp);
	table_text(t, row->swap_mib);
}

static struct table *figures_table(bool for_people)
{
	static const char *const numbers[] = { "predicted",    "predicted_min", "predicted_max", "measured",
					       "measured_min", "measured_max",	"error" };
	struct table *t = table_new();

	table_column(t, "row", TABLE_RIGHT);
	for (u32 i = 0; !for_people && i < ARRAY_SIZE(keys); i++)
		table_column(t, keys[i], TABLE_LEFT);
	table_column(t, "phase", TABLE_LEFT);
	table_column(t, "figure", TABLE_LEFT);
	for (u32 i = 0; i < ARRAY_SIZE(numbers); i++)
		table_column(t, numbers[i], TABLE_RIGHT);
	table_column(t, "verdict", TABLE_LEFT);
	table_column(t, "judged", TABLE_LEFT);
	return t;
}

static void add_heading(struct table *t, const struct fidelity_run *run, const struct fidelity_case *c)
{
	char *words = fidelity_row_words(c->row[0]), *text;

	text = c->killed
		   ? g_strdup_printf("%s: OOM kill with %u of %u seeds", words, c->killed, run->seeds.count)
		   : g_strdup(words);
	table_heading(t, text);
	g_free(text);
	g_free(words);
}

static void add_row(struct table *t, const struct fidelity_report *report, const struct fidelity_case *c,
		    u32 row, bool for_people)
{
	for (u32 f = 0; f < NR_FIDELITY_FIGURES; f++) {
		struct fidelity_verdict v = fidelity_verdict(report->run, c, row, f);

		if (!v.there || !report->wanted[f])
			continue;
		table_number(t, c->row[row]->number);
		if (!for_people)
			add_keys(t, c->row[row]);
		table_text(t, c->row[row]->phase);
		table_text(t, fidelity_figures[f].name);
		add_ours(t, &v);
		add_verdict(t, &v);
	}
}

static struct table *all_figures(const struct fidelity_report *report, bool for_people)
{
	struct table *t = figures_table(for_people);

	for (u32 i = 0; i < report->run->cases->len; i++) {
		const struct fidelity_case *c = fidelity_case_at(report->run, i);

		if (!c->ended || c->reason)
			continue;
		if (for_people)
			add_heading(t, report->run, c);
		for (u32 row = 0; row < c->rows; row++)
			add_row(t, report, c, row, for_people);
	}
	return t;
}

/* ---- what is not run ---- */

static struct table *not_run(const struct fidelity_run *run)
{
	struct table *t = table_new();

	table_column(t, "rows", TABLE_LEFT);
	table_column(t, "what", TABLE_LEFT);
	table_column(t, "not run, because", TABLE_LEFT);
	for (u32 i = 0; i < run->cases->len; i++) {
		const struct fidelity_case *c = fidelity_case_at(run, i);
		GString *numbers;
		char *words;

		if (c->ended && !c->reason)
			continue;
		numbers = g_string_new(NULL);
		for (u32 row = 0; row < c->rows; row++)
			g_string_append_printf(numbers, "%s%u", row ? " " : "", c->row[row]->number);
		words = fidelity_row_words(c->row[0]);
		table_text(t, numbers->str);
		table_text(t, words);
		table_text(t, c->reason ? c->reason : "interrupted");
		g_free(words);
		g_string_free(numbers, TRUE);
	}
	return t;
}

/* ---- scores ---- */

static void add_share(struct table *t, const struct fidelity_score *score)
{
	u64 tenths = score->pairs ? (u64)score->holds * 1000 / score->pairs : 0;

	table_printf(t, "%" G_GUINT64_FORMAT ".%u", tenths / 10, (u32)(tenths % 10));
}

static struct table *all_scores(const struct fidelity_scores *scores)
{
	static const char *const of[] = { "kernel", "device", "pattern", "figure" };
	struct table *t = table_new();

	table_column(t, "of", TABLE_LEFT);
	table_column(t, "name", TABLE_LEFT);
	table_column(t, "holds", TABLE_RIGHT);
	table_column(t, "pairs", TABLE_RIGHT);
	table_column(t, "percent", TABLE_RIGHT);
	table_column(t, "judged", TABLE_LEFT);
	for (u32 i = 0; i < scores->score->len; i++) {
		const struct fidelity_score *s = &g_array_index(scores->score, struct fidelity_score, i);

		table_text(t, of[s->of]);
		table_text(t, s->name);
		table_number(t, s->holds);
		table_number(t, s->pairs);
		add_share(t, s);
		table_text(t, s->judged ? "yes" : "");
	}
	return t;
}

static char *total_line(const struct fidelity_scores *scores)
{
	const struct fidelity_score *total = &scores->total;
	u64 tenths = total->pairs ? (u64)total->holds * 1000 / total->pairs : 0;

	return g_strdup_printf("total: %u of %u hold, %" G_GUINT64_FORMAT ".%u %% (%u of %u rows run)\n",
			       total->holds, total->pairs, tenths / 10, (u32)(tenths % 10), scores->rows_run,
			       scores->rows);
}

/* ---- all of it ---- */

static void append_table(GString *out, struct table *t, enum table_format format)
{
	char *text = table_write(t, format);

	g_string_append(out, text);
	g_free(text);
	table_free(t);
}

static char *write_json(const struct fidelity_report *report)
{
	const struct fidelity_scores *scores = report->scores;
	GString *out = g_string_new("{ \"figures\": ");

	append_table(out, all_figures(report, false), TABLE_JSON);
	g_string_append(out, ", \"not_run\": ");
	append_table(out, not_run(report->run), TABLE_JSON);
	g_string_append(out, ", \"scores\": ");
	append_table(out, all_scores(scores), TABLE_JSON);
	g_string_append_printf(
	    out, ", \"total\": { \"holds\": %u, \"pairs\": %u, \"rows\": %u, \"rows_run\": %u } }\n",
	    scores->total.holds, scores->total.pairs, scores->rows, scores->rows_run);
	return g_string_free(out, FALSE);
}

char *fidelity_figures_csv(const struct fidelity_report *report)
{
	GString *out = g_string_new(NULL);

	append_table(out, all_figures(report, false), TABLE_CSV);
	return g_string_free(out, FALSE);
}

char *fidelity_scores_csv(const struct fidelity_report *report)
{
	GString *out = g_string_new(NULL);

	append_table(out, all_scores(report->scores), TABLE_CSV);
	return g_string_free(out, FALSE);
}

char *fidelity_report(const struct fidelity_report *report, enum table_format format)
{
	GString *out;
	char *total;

	if (format == TABLE_JSON)
		return write_json(report);
	if (format == TABLE_CSV)
		return report->summary ? fidelity_scores_csv(report) : fidelity_figures_csv(report);
	out = g_string_new(NULL);
	if (!report->summary) {
		append_table(out, all_figures(report, true), format);
		g_string_append_c(out, '\n');
	}
	if (report->scores->rows_run < report->scores->rows) {
		append_table(out, not_run(report->run), format);
		g_string_append_c(out, '\n');
	}
	append_table(out, all_scores(report->scores), format);
	total = total_line(report->scores);
	g_string_append_printf(out, "\n%s", total);
	g_free(total);
	return g_string_free(out, FALSE);
}
