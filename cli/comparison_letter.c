/*
 * comparison_letter.c - a comparison as a cover letter has it: before, after, and how sure the change is.
 */
#include <string.h>

#include "cli/comparison.h"

/* Of the first kernel's median, in percent; as it is where that is 0. The caller frees it. */
static char *change_text(s64 change, u64 first, enum quantity_unit unit)
{
	char *size, *text;

	if (first)
		return quantity_change(change, first);
	size = quantity(change < 0 ? -(u64)change : (u64)change, unit);
	text = g_strconcat(change < 0 ? "-" : change ? "+" : "", size, NULL);
	g_free(size);
	return text;
}

static void median_cell(struct table *t, struct spread spread, enum quantity_unit unit)
{
	char *text = quantity(spread.median, unit);

	table_text(t, spread.seeds ? text : "-");
	g_free(text);
}

/* Nothing falls by more than all of it: a seed with more than the median, of which the second kernel has next
 * to none, says no more than that all may be gone. */
static s64 at_most_all(s64 change, u64 first)
{
	return first && change < -(s64)first ? -(s64)first : change;
}

static void change_cells(struct table *t, const struct interval *change, u64 first, enum quantity_unit unit)
{
	const char *name = comparison_change_name(change);
	char *median = change_text(at_most_all(change->median, first), first, unit),
	     *low = change_text(at_most_all(change->low, first), first, unit),
	     *high = change_text(at_most_all(change->high, first), first, unit);
	bool none = !strcmp(name, "no difference") || !strcmp(name, "equal");

	table_text(t, !change->n ? "-" : none ? name : median);
	if (change->sure)
		table_printf(t, "%s to %s", low, high);
	else
		table_text(t, "-");
	table_number(t, change->n);
	g_free(median);
	g_free(low);
	g_free(high);
}

static bool anything(const struct comparison *c, u32 kernel, u32 figure)
{
	return comparison_spread(c, 0, 0, figure).highest || comparison_spread(c, 0, kernel, figure).highest;
}

struct table *comparison_letter(const struct comparison *c, u32 kernel)
{
	const GArray *figures = comparison_figures(c);
	enum figure_group group = NR_FIGURE_GROUPS;
	struct table *t = table_new();

	table_column(t, "figure", TABLE_LEFT);
	table_column(t, c->kernel[0], TABLE_RIGHT);
	table_column(t, c->kernel[kernel], TABLE_RIGHT);
	table_column(t, "change", TABLE_RIGHT);
	table_column(t, "95 % interval", TABLE_RIGHT);
	table_column(t, "n", TABLE_RIGHT);
	for (u32 i = 0; i < figures->len; i++) {
		const struct figure *f = &g_array_index(figures, struct figure, i);
		struct interval change = comparison_change(c, 0, kernel, i);
		struct spread first = comparison_spread(c, 0, 0, i);

		if (!comparison_shows(c, f->key) || !(c->shown || anything(c, kernel, i)))
			continue;
		if (f->group != group)
			table_heading(t, figure_group_title(f->group));
		group = f->group;
		table_text(t, f->label);
		median_cell(t, first, f->unit);
		median_cell(t, comparison_spread(c, 0, kernel, i), f->unit);
		change_cells(t, &change, first.median, f->unit);
	}
	return t;
}
