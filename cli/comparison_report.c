/*
 * comparison_report.c - a comparison as tables and sentences.
 */
#include <string.h>

#include "cli/comparison.h"
#include "cli/load.h"
#include "sim/units.h"

static const struct figure *figure_at(const struct comparison *c, u32 figure)
{
	return &g_array_index(comparison_figures(c), struct figure, figure);
}

static bool worth_a_row(const struct comparison *c, u32 value, u32 figure)
{
	if (!comparison_shows(c, figure_at(c, figure)->key))
		return false;
	if (c->shown)
		return true;
	for (u32 k = 0; k < c->kernels; k++)
		if (comparison_spread(c, value, k, figure).highest)
			return true;
	return false;
}

static void spread_cell(struct table *t, struct spread spread, enum quantity_unit unit)
{
	char *text = quantity_spread(spread.median, spread.lowest, spread.highest, unit);

	table_text(t, spread.seeds ? text : "-");
	g_free(text);
}

/* With a "~" when seeds are further apart than kernels. */
static void ratio_cell(struct table *t, const struct comparison *c, u32 value, u32 kernel, u32 figure)
{
	struct interval change = comparison_change(c, value, kernel, figure);
	struct spread is = comparison_spread(c, value, kernel, figure),
		      first = comparison_spread(c, value, 0, figure);
	char *ratio = is.seeds && first.seeds ? quantity_ratio(is.median, first.median) : g_strdup("");

	table_printf(t, "%s%s",
		     *ratio && !strcmp(comparison_change_name(&change), "no difference") ? "~" : "", ratio);
	g_free(ratio);
}

/* The first kernel and kernels from..to-1 beside it. */
static struct table *side_by_side(const struct comparison *c, u32 value, u32 from, u32 to)
{
	struct table *t = table_new();
	enum figure_group group = NR_FIGURE_GROUPS;

	table_column(t, "figure", TABLE_LEFT);
	table_column(t, c->kernel[0], TABLE_RIGHT);
	for (u32 k = from; k < to; k++) {
		table_column(t, c->kernel[k], TABLE_RIGHT);
		table_column(t, "ratio", TABLE_RIGHT);
	}
	for (u32 i = 0; i < comparison_figures(c)->len; i++) {
		const struct figure *f = figure_at(c, i);
		struct spread first = comparison_spread(c, value, 0, i);

		if (!worth_a_row(c, value, i))
			continue;
		if (f->group != group)
			table_heading(t, figure_group_title(f->group));
		group = f->group;
		table_text(t, f->label);
		spread_cell(t, first, f->unit);
		for (u32 k = from; k < to; k++) {
			spread_cell(t, comparison_spread(c, value, k, i), f->unit);
			ratio_cell(t, c, value, k, i);
		}
	}
	return t;
}

/* As many kernels to a table as a mail is wide. */
static void write_side_by_side(const struct comparison *c, GString *out, enum table_format format)
{
	u32 from = 1, to = c->kernels;

	do {
		struct table *t = side_by_side(c, 0, from, to);

		while (table_width(t) > TABLE_WIDTH && to > from + 1) {
			table_free(t);
			t = side_by_side(c, 0, from, --to);
		}
		char *text = table_write(t, format);

		g_string_append_printf(out, "%s%s", out->len ? "\n" : "", text);
		g_free(text);
		table_free(t);
		from = to;
		to = c->kernels;
	} while (from < c->kernels);
}

static const struct {
	const char *key;
	const char *title;
} sweep_columns[] = { { "run_time_ns", "time" },
		      { "accesses_per_s", "throughput" },
		      { "pgmajfault", "pgmajfault" },
		      { "fault_p99_ns", "fault p99" },
		      { "lock_wait_ns", "lock wait" } };

/* Figures that are columns of the table of a sweep, as numbers in the list of all. */
static GArray *name_sweep_columns(const struct comparison *c, struct table *t)
{
	GArray *columns = g_array_new(FALSE, FALSE, sizeof(u32));
	u32 n = c->shown ? g_strv_length(c->shown) : ARRAY_SIZE(sweep_columns);

	for (u32 i = 0; i < n; i++) {
		const char *key = c->shown ? c->shown[i] : sweep_columns[i].key;
		u32 figure = (u32)(figure_find(comparison_figures(c), key) - figure_at(c, 0));

		g_array_append_val(columns, figure);
		table_column(t, c->shown ? key : sweep_columns[i].title, TABLE_RIGHT);
	}
	return columns;
}

/* Medians only: a row a value and kernel. */
static void write_sweep(const struct comparison *c, GString *out, enum table_format format)
{
	struct table *t = table_new();
	GArray *columns;
	char *text;

	table_column(t, c->sweep, TABLE_RIGHT);
	table_column(t, "kernel", TABLE_LEFT);
	columns = name_sweep_columns(c, t);
	for (u32 n = 0; n < c->values * c->kernels; n++) {
		u32 v = n / c->kernels, k = n % c->kernels;

		table_text(t, k ? "" : c->value[v]);
		table_text(t, c->kernel[k]);
		for (u32 i = 0; i < columns->len; i++) {
			u32 figure = g_array_index(columns, u32, i);
			struct spread spread = comparison_spread(c, v, k, figure);
			char *median = quantity(spread.median, figure_at(c, figure)->unit);

			table_text(t, spread.seeds ? median : "-");
			g_free(median);
		}
	}
	text = table_write(t, format);
	g_string_append(out, text);
	g_free(text);
	table_free(t);
	g_array_free(columns, TRUE);
}

static void change_cells(struct table *t, const struct comparison *c, u32 value, u32 kernel, u32 figure)
{
	struct interval change = comparison_change(c, value, kernel, figure);

	table_number(t, change.n);
	if (change.n)
		table_signed(t, change.median);
	else
		table_none(t);
	if (change.sure) {
		table_signed(t, change.low);
		table_signed(t, change.high);
	} else {
		table_none(t);
		table_none(t);
	}
	table_text(t, comparison_change_name(&change));
}

static void name_columns(struct table *t, const struct comparison *c)
{
	static const char *const names[] = { "median", "lowest",	"highest",    "permille_of_first",
					     "pairs",  "change_median", "change_low", "change_high" };

	if (c->sweep)
		table_column(t, "value", TABLE_LEFT);
	table_column(t, "figure", TABLE_LEFT);
	table_column(t, "kernel", TABLE_LEFT);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		table_column(t, names[i], TABLE_RIGHT);
	table_column(t, "verdict", TABLE_LEFT);
}

/* A row a value, figure and kernel, for programs. */
static struct table *long_table(const struct comparison *c, bool all)
{
	struct table *t = table_new();

	name_columns(t, c);
	for (u32 n = 0; n < c->values * comparison_figures(c)->len * c->kernels; n++) {
		u32 k = n % c->kernels, i = n / c->kernels % comparison_figures(c)->len;
		u32 v = n / c->kernels / comparison_figures(c)->len;
		struct spread spread = comparison_spread(c, v, k, i), first = comparison_spread(c, v, 0, i);

		if (!all && !comparison_shows(c, figure_at(c, i)->key))
			continue;
		if (c->sweep)
			table_text(t, c->value[v]);
		table_text(t, figure_at(c, i)->key);
		table_text(t, c->kernel[k]);
		if (spread.seeds) {
			table_number(t, spread.median);
			table_number(t, spread.lowest);
			table_number(t, spread.highest);
		} else {
			table_none(t);
			table_none(t);
			table_none(t);
		}
		if (first.median && spread.seeds)
			table_number(t, mul_div(spread.median, 1000, first.median));
		else
			table_none(t);
		change_cells(t, c, v, k, i);
	}
	return t;
}

/* Runs that a sweep led where they cannot go. */
static void append_failures(const struct comparison *c, GString *out)
{
	for (u32 i = 0; i < c->batch.runs; i++)
		if (c->batch.run[i].failure)
			g_string_append_printf(out, "\nnot run to the end: %s\n",
					       c->batch.run[i].failure->message);
}

static u32 runs_with_kills(const struct comparison *c, u32 kernel)
{
	u32 n = 0;

	for (u32 s = 0; s < c->seeds; s++) {
		const struct run_result *r = c->batch.run[comparison_index(c, 0, kernel, s)].result;

		n += r && r->kill->len;
	}
	return n;
}

/* Whoever was killed did less work, and left its memory to the others: figures of such runs say little beside
 * those of others. A sweep means to get there. */
static void append_kills(const struct comparison *c, GString *out)
{
	u32 kernels = 0;

	for (u32 k = 0; k < c->kernels && !c->sweep; k++) {
		u32 n = runs_with_kills(c, k);

		if (n)
			g_string_append_printf(out, "%s %u of %u%s on %s",
					       kernels ? "," : "\nThe OOM killer came in", n, c->seeds,
					       kernels ? "" : " runs", c->kernel[k]);
		kernels += n > 0;
	}
	if (kernels)
		g_string_append(out, ":\nthose runs did less work, and the figures above are of all.\n");
}

static void append_interrupted(const struct comparison *c, GString *out)
{
	if (c->batch.interrupted)
		g_string_append_printf(
		    out, "INTERRUPTED: figures are of the %u runs of %u that came to their end\n",
		    comparison_whole_runs(c), c->batch.runs);
}

static char *title(const struct comparison *c, enum table_format format)
{
	struct scenario_words words = scenario_in_words(c->scenario[0]);
	u64 first = c->seed[0], last = c->seed[c->seeds - 1];
	bool ratios = c->kernels > 1 && !c->sweep && format != TABLE_MARKDOWN;
	bool ranges = ratios || (c->kernels == 1 && !c->sweep);
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%s: %s, swap on %s\n", scenario_name(c->scenario[0]), words.work,
			       words.devices);
	if (c->seeds > 1)
		g_string_append_printf(out, "medians%s of seeds %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
				       ranges ? " (lowest-highest)" : "", first, last);
	else
		g_string_append_printf(out, "seed %" G_GUINT64_FORMAT, first);
	g_string_append_printf(out, "%s\n", ratios ? "; ratios to the first kernel" : "");
	append_interrupted(c, out);
	g_string_append_c(out, '\n');
	scenario_words_release(&words);
	return g_string_free(out, FALSE);
}

static void write_letters(const struct comparison *c, GString *out)
{
	for (u32 k = 1; k < c->kernels; k++) {
		struct table *t = comparison_letter(c, k);
		char *text = table_write(t, TABLE_MARKDOWN);

		g_string_append_printf(out, "%s%s", k > 1 ? "\n" : "", text);
		g_free(text);
		table_free(t);
	}
}

static const char pairs[] =
    "\nChanges are medians of differences seed by seed; \"no difference\" is where their 95 % "
    "interval\n(of the sign test) spans 0.\n";
static const char tildes[] =
    "\n~: no difference, the 95 % interval of the change from seed to seed (sign test) spans "
    "0.\n";

/* What the marks of the tables mean. */
static void append_legend(const struct comparison *c, GString *out, enum table_format format)
{
	if (c->sweep || c->kernels < 2)
		return;
	if (c->seeds < INTERVAL_LEAST)
		g_string_append_printf(out, "\nTo tell changes from chance takes %d seeds at least.\n",
				       INTERVAL_LEAST);
	else
		g_string_append(out, format == TABLE_MARKDOWN ? pairs : tildes);
}

char *comparison_csv(const struct comparison *c)
{
	struct table *t = long_table(c, true);
	char *text = table_write(t, TABLE_CSV);

	table_free(t);
	return text;
}

char *comparison_write(const struct comparison *c, enum table_format format)
{
	GString *out;
	char *heading, *text, *verdict;
	struct table *t;

	if (format == TABLE_CSV || format == TABLE_JSON) {
		t = long_table(c, false);
		text = table_write(t, format);
		table_free(t);
		return text;
	}
	heading = title(c, format);
	verdict = comparison_verdict(c);
	out = g_string_new(NULL);
	if (c->sweep)
		write_sweep(c, out, format);
	else if (format == TABLE_MARKDOWN && c->kernels > 1)
		write_letters(c, out);
	else
		write_side_by_side(c, out, format);
	g_string_prepend(out, heading);
	append_legend(c, out, format);
	append_kills(c, out);
	append_failures(c, out);
	if (*verdict)
		g_string_append_printf(out, "\n%s", verdict);
	g_free(verdict);
	g_free(heading);
	return g_string_free(out, FALSE);
}

/* Tenths of a percent of the footprint, if the value is a limit on memory; otherwise nothing. */
static void append_percent(GString *out, const struct comparison *c, u32 value)
{
	u64 bytes, permille, footprint = scenario_footprint_pages(c->scenario[value]) * 4096;
	const char *text = c->value[value];

	if (!strstr(c->sweep, "memory.max"))
		return;
	if (g_str_has_suffix(text, "%"))
		g_string_append_len(out, text, (gssize)strlen(text) - 1);
	else if (!size_parse(text, &bytes) && footprint) {
		permille = mul_div(bytes, 1000, footprint);
		g_string_append_printf(out, "%" G_GUINT64_FORMAT ".%u", permille / 10, (u32)(permille % 10));
	}
}

static void append_run(GString *out, const struct comparison *c, u32 index)
{
	const struct run_result *r = c->batch.run[index].result;
	u32 value = index / c->seeds / c->kernels;

	csv_field(out, r->kernel);
	g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",", r->seed);
	if (c->sweep) {
		csv_field(out, c->value[value]);
		g_string_append_c(out, ',');
		append_percent(out, c, value);
		g_string_append_c(out, ',');
	}
	g_string_append(out, r->complete ? "true" : "false");
	for (u32 i = 0; i < c->figures[index]->len; i++)
		g_string_append_printf(out, ",%" G_GUINT64_FORMAT,
				       g_array_index(c->figures[index], struct figure, i).value);
	g_string_append_c(out, '\n');
}

char *comparison_runs_csv(const struct comparison *c)
{
	GString *out =
	    g_string_new(c->sweep ? "kernel,seed,value,value_percent,complete" : "kernel,seed,complete");

	for (u32 i = 0; i < comparison_figures(c)->len; i++) {
		g_string_append_c(out, ',');
		csv_field(out, figure_at(c, i)->key);
	}
	g_string_append_c(out, '\n');
	for (u32 i = 0; i < c->batch.runs; i++)
		if (c->figures[i])
			append_run(out, c, i);
	return g_string_free(out, FALSE);
}

char *comparison_series_csv(const struct comparison *c)
{
	const char *const *columns = run_series_columns();
	GString *out = g_string_new("kernel");
	u32 width;

	for (width = 0; columns[width]; width++)
		g_string_append_printf(out, ",%s", columns[width]);
	for (u32 k = 0; k < c->kernels; k++) {
		const struct run_result *r = c->batch.run[comparison_index(c, 0, k, 0)].result;

		for (u32 i = 0; r && i < r->series->len; i++) {
			if (i % width == 0) {
				g_string_append_c(out, '\n');
				csv_field(out, r->kernel);
			}
			g_string_append_printf(out, ",%" G_GUINT64_FORMAT, g_array_index(r->series, u64, i));
		}
	}
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}
