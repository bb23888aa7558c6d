#include "cli/published_report.h"

#include <string.h>

enum { ONE = 1000000 };

static void add_change(struct table *t, s64 change)
{
	char *text = quantity_change(change, ONE);

	table_text(t, text);
	g_free(text);
}

static void add_values(struct table *t, const struct published_result *r)
{
	char *value[2] = { quantity(r->value[0], r->unit), quantity(r->value[1], r->unit) };

	table_printf(t, "%s -> %s", value[0], value[1]);
	g_free(value[0]);
	g_free(value[1]);
}

/* Numbers where there is room for them. */
static struct table *rows_table(const struct published_run *run, bool numbers)
{
	struct table *t = table_new();

	table_column(t, "scenario", TABLE_LEFT);
	table_column(t, "what", TABLE_LEFT);
	table_column(t, "kernels", TABLE_LEFT);
	if (numbers)
		table_column(t, "published", TABLE_RIGHT);
	table_column(t, numbers ? "change" : "published", TABLE_RIGHT);
	if (numbers)
		table_column(t, "simulated", TABLE_RIGHT);
	table_column(t, numbers ? "change " : "simulated", TABLE_RIGHT);
	table_column(t, "verdict", TABLE_LEFT);
	for (u32 i = 0; i < run->result->len; i++) {
		const struct published_result *r = published_result_at(run, i);

		if (r->verdict == PUBLISHED_NOT_RUN)
			continue;
		table_text(t, r->row->scenario);
		table_text(t, r->row->what);
		table_printf(t, "%s -> %s", r->row->kernel[0], r->row->kernel[1]);
		if (numbers)
			table_printf(t, "%s -> %s", r->row->text[0], r->row->text[1]);
		add_change(t, r->row->change);
		if (numbers)
			add_values(t, r);
		add_change(t, r->change);
		table_text(t, published_verdict_name[r->verdict]);
	}
	return t;
}

static void append_score(GString *out, const struct published_run *run)
{
	u32 n[PUBLISHED_NOT_RUN + 1] = { 0 }, met = 0, all = run->result->len;

	for (u32 i = 0; i < all; i++) {
		const struct published_result *r = published_result_at(run, i);

		n[r->verdict]++;
		met += published_is_met(r->row->change, r->verdict);
	}
	g_string_append_printf(
	    out,
	    "\n%u of %u rows were run. Changes: %u within a factor of 2, %u level on both, %u with the right "
	    "sign "
	    "only,\n%u with the wrong one, %u with either, as seeds have it. %u are what is asked of a "
	    "change of their size.\n",
	    all - n[PUBLISHED_NOT_RUN], all, n[PUBLISHED_SIZE], n[PUBLISHED_LEVEL], n[PUBLISHED_SIGN],
	    n[PUBLISHED_MISS], n[PUBLISHED_UNSURE], met);
}

/* Why a row is off, or was not run; NULL if that is not @not_run. */
static const char *words_of(const struct published_result *r, bool not_run)
{
	if ((r->verdict == PUBLISHED_NOT_RUN) != not_run)
		return NULL;
	if (not_run)
		return r->reason;
	if (published_is_met(r->row->change, r->verdict))
		return NULL;
	return *r->row->note ? r->row->note : "no cause is known";
}

static bool is_said_before(const struct published_run *run, u32 i, const char *words, bool not_run)
{
	for (u32 before = 0; before < i; before++)
		if (!g_strcmp0(words_of(published_result_at(run, before), not_run), words))
			return true;
	return false;
}

/* All rows with these words, from @first on, those of a scenario together. */
static void append_note(GString *out, const struct published_run *run, u32 first, bool not_run)
{
	const char *words = words_of(published_result_at(run, first), not_run), *last = NULL;

	for (u32 i = first; i < run->result->len; i++) {
		const struct published_result *r = published_result_at(run, i);
		const char *scenario = r->row->scenario;

		if (g_strcmp0(words_of(r, not_run), words))
			continue;
		if (!last || strcmp(last, scenario))
			g_string_append_printf(out, "%s%s%s", last ? "; " : "", scenario,
					       *scenario ? ", " : "");
		else
			g_string_append(out, ", ");
		g_string_append(out, r->row->what);
		last = scenario;
	}
	g_string_append_printf(out, ": %s\n", words);
}

static void append_notes(GString *out, const struct published_run *run, bool not_run, const char *title,
			 const char *bullet)
{
	for (u32 i = 0; i < run->result->len; i++) {
		const char *words = words_of(published_result_at(run, i), not_run);

		if (!words || is_said_before(run, i, words, not_run))
			continue;
		if (title)
			g_string_append_printf(out, "\n%s\n%s", title, *bullet ? "\n" : "");
		title = NULL;
		g_string_append(out, bullet);
		append_note(out, run, i, not_run);
	}
}

char *published_report(const struct published_run *run, enum table_format format)
{
	struct table *t = rows_table(run, format == TABLE_MARKDOWN);
	char *text = format == TABLE_CSV ? published_csv(run) : table_write(t, format);
	GString *out = g_string_new(text);

	if (format == TABLE_TEXT || format == TABLE_MARKDOWN) {
		const char *bullet = format == TABLE_MARKDOWN ? "* " : "";

		append_score(out, run);
		append_notes(out, run, false, "What is off:", bullet);
		append_notes(out, run, true, "Not run:", bullet);
	}
	g_free(text);
	table_free(t);
	return g_string_free(out, FALSE);
}

static void add_simulated(struct table *t, const struct published_result *r)
{
	const s64 ppm[] = { r->change, r->low, r->high };

	for (u32 k = 0; k < 2; k++)
		if (r->verdict == PUBLISHED_NOT_RUN)
			table_none(t);
		else
			table_number(t, r->value[k]);
	for (u32 i = 0; i < ARRAY_SIZE(ppm); i++)
		if (r->verdict == PUBLISHED_NOT_RUN)
			table_none(t);
		else
			table_signed(t, ppm[i]);
}

char *published_csv(const struct published_run *run)
{
	static const char *const columns[] = { "scenario",
					       "figure",
					       "first",
					       "second",
					       "what",
					       "published_first",
					       "published_second",
					       "published_ppm",
					       "simulated_first",
					       "simulated_second",
					       "simulated_ppm",
					       "simulated_ppm_least",
					       "simulated_ppm_most",
					       "verdict",
					       "met",
					       "source",
					       "date",
					       "note" };
	struct table *t = table_new();
	char *text;

	for (u32 i = 0; i < ARRAY_SIZE(columns); i++)
		table_column(t, columns[i], TABLE_LEFT);
	for (u32 i = 0; i < run->result->len; i++) {
		const struct published_result *r = published_result_at(run, i);
		const struct published_row *row = r->row;

		table_text(t, row->scenario);
		table_text(t, row->figure);
		table_text(t, row->kernel[0]);
		table_text(t, row->kernel[1]);
		table_text(t, row->what);
		table_text(t, row->text[0]);
		table_text(t, row->text[1]);
		table_signed(t, row->change);
		add_simulated(t, r);
		table_text(t, published_verdict_name[r->verdict]);
		table_text(t, published_is_met(row->change, r->verdict) ? "yes" : "");
		table_text(t, row->source);
		table_text(t, row->date);
		table_text(t, r->reason ? r->reason : row->note);
	}
	text = table_write(t, TABLE_CSV);
	table_free(t);
	return text;
}
