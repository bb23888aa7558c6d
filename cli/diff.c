/*
 * diff.c - swapsim diff: what two results differ in, and where the runs part.
 */
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/diff_events.h"
#include "cli/diff_rows.h"
#include "sim/json_emit.h"

enum { CONTEXT_MOST = 1000 };

struct diff_options {
	char *format;
	int context;
	gboolean no_rerun;
	gboolean exit_code;
};

struct diff {
	struct diff_folder folder[2];
	GArray *rows;
	struct diff_events events;
};

static const GOptionEntry options[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, OPTION(struct diff_options, format),
	  "table (default), json, csv or markdown", "F" },
	{ "context", 'c', 0, G_OPTION_ARG_INT, OPTION(struct diff_options, context),
	  "events to show before and after the first that differs (5)", "N" },
	{ "no-rerun", 0, 0, G_OPTION_ARG_NONE, OPTION(struct diff_options, no_rerun),
	  "run nothing again to find it: compare event logs or none", NULL },
	{ "exit-code", 0, 0, G_OPTION_ARG_NONE, OPTION(struct diff_options, exit_code),
	  "end with 3 if there is a difference", NULL },
	{ 0 },
};

const struct usage diff_usage = {
	.command = "diff",
	.arguments = "A B",
	.summary =
	    "Tells what two result folders of swapsim run differ in: scenario, kernel, seed, figures, "
	    "series,\n"
	    "histograms, and the first event that is not the same. Without an event log in both they are\n"
	    "run again to find it.",
	.more = "Examples:\n"
		"  swapsim diff results/6.17 results/6.18\n"
		"  swapsim diff before after --exit-code --format markdown",
	.options = options,
	.least = 2,
	.most = 2,
};

static bool parse(struct diff_options *o, int *argc, char ***argv, GError **error)
{
	if (!arguments_parse(&diff_usage, o, argc, argv, error))
		return false;
	if (o->context >= 0 && o->context <= CONTEXT_MOST)
		return true;
	g_set_error(error, SWAPSIM_ERROR, ERROR_USAGE, "--context %d: not possible (0 to %d)", o->context,
		    CONTEXT_MOST);
	return false;
}

static bool diff_files(struct diff *d, const char *name, void (*add)(GArray *, const char *, const char *),
		       GError **error)
{
	char *a = diff_folder_text(&d->folder[0], name, error);
	char *b = a ? diff_folder_text(&d->folder[1], name, error) : NULL;
	bool good = b;

	if (good)
		add(d->rows, a, b);
	g_free(a);
	g_free(b);
	return good;
}

static bool diff_all(struct diff *d, const struct diff_options *o, GError **error)
{
	const struct diff_folder *a = &d->folder[0], *b = &d->folder[1];

	diff_value(d->rows, "run", "version", a->version, b->version);
	diff_scenarios(d->rows, a->scenario, b->scenario);
	diff_summaries(d->rows, a->summary, b->summary);
	if (!diff_files(d, "series.csv", diff_series, error) ||
	    !diff_files(d, "hist.csv", diff_histograms, error))
		return false;
	diff_events_find(&d->events, a, b, (u32)o->context, !o->no_rerun);
	return true;
}

static bool is_different(const struct diff *d)
{
	return d->rows->len || d->events.verdict == EVENTS_DIFFER;
}

/* ---- what is printed ---- */

static void event_words(GString *out, const GArray *events)
{
	const struct diff_event *e;

	if (!events->len) {
		g_string_append(out, "it ends");
		return;
	}
	e = &g_array_index(events, struct diff_event, 0);
	g_string_append_printf(out, "task %u does %s on CPU %u at %" G_GUINT64_FORMAT " ns", e->task, e->step,
			       e->cpu, e->time_ns);
}

/* The sentence that says it all. */
static char *events_words(const struct diff_events *e)
{
	GString *out = g_string_new("events: ");

	switch (e->verdict) {
	case EVENTS_EQUAL:
		g_string_append_printf(out, "the same (%s)", e->how);
		break;
	case EVENTS_UNKNOWN:
		g_string_append_printf(out, "not compared: %s", e->how);
		break;
	case EVENTS_DIFFER:
		g_string_append_printf(out, "%" G_GUINT64_FORMAT " in common (%s), then they part:\n  in A ",
				       e->common, e->how);
		event_words(out, e->next[0]);
		g_string_append(out, "\n  in B ");
		event_words(out, e->next[1]);
		break;
	}
	return g_string_free(out, FALSE);
}

static void event_rows(struct table *t, const char *heading, const GArray *events)
{
	for (u32 i = 0; i < events->len; i++) {
		const struct diff_event *e = &g_array_index(events, struct diff_event, i);

		if (!i)
			table_heading(t, heading);
		table_number(t, e->time_ns);
		table_number(t, e->cpu);
		table_number(t, e->task);
		table_text(t, e->step);
	}
}

static void append_table(GString *out, struct table *t, enum table_format format)
{
	char *text = table_write(t, format);

	g_string_append_printf(out, "\n%s", text);
	g_free(text);
	table_free(t);
}

static void append_events(GString *out, const struct diff_events *e, enum table_format format)
{
	char *words = events_words(e);
	struct table *t;

	g_string_append_printf(out, "\n%s\n", words);
	g_free(words);
	if (e->verdict != EVENTS_DIFFER)
		return;
	t = table_new();
	table_column(t, "time_ns", TABLE_RIGHT);
	table_column(t, "cpu", TABLE_RIGHT);
	table_column(t, "task", TABLE_RIGHT);
	table_column(t, "step", TABLE_LEFT);
	event_rows(t, "the last in common", e->before);
	event_rows(t, "A goes on", e->next[0]);
	event_rows(t, "B goes on", e->next[1]);
	append_table(out, t, format);
}

static char *for_people(const struct diff *d, enum table_format format)
{
	GString *out = g_string_new(NULL);

	for (u32 i = 0; i < 2; i++) {
		const struct diff_folder *f = &d->folder[i];

		g_string_append_printf(out, "%c: %s, on %s, seed %" G_GUINT64_FORMAT "%s\n", "AB"[i],
				       f -> path, f -> kernel, f -> seed,
				       f -> complete ? "" : " (interrupted)");
	}
	if (d->rows->len)
		append_table(out, diff_rows_table(d->rows, format), format);
	else
		g_string_append(out, "\nscenario, figures, series and histograms: the same\n");
	append_events(out, &d->events, format);
	return g_string_free(out, FALSE);
}

static void emit_events(struct json_emit *emit, const char *key, const GArray *events)
{
	json_emit_open(emit, key, '[');
	for (u32 i = 0; i < events->len; i++) {
		const struct diff_event *e = &g_array_index(events, struct diff_event, i);

		json_emit_open(emit, NULL, '{');
		json_emit_number(emit, "time_ns", e->time_ns);
		json_emit_number(emit, "cpu", e->cpu);
		json_emit_number(emit, "task", e->task);
		json_emit_string(emit, "step", e->step);
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '[');
}

static void emit_value(struct json_emit *emit, const char *key, const char *text, bool number)
{
	if (!text || number)
		json_emit_raw(emit, key, text ? text : "null");
	else
		json_emit_string(emit, key, text);
}

static void emit_rows(struct json_emit *emit, const GArray *rows)
{
	json_emit_open(emit, "differences", '[');
	for (u32 i = 0; i < rows->len; i++) {
		const struct diff_row *r = &g_array_index(rows, struct diff_row, i);

		json_emit_open(emit, NULL, '{');
		json_emit_string(emit, "section", r->section);
		json_emit_string(emit, "object", r->object);
		json_emit_string(emit, "name", r->name);
		emit_value(emit, "a", r->a, r->numbers);
		emit_value(emit, "b", r->b, r->numbers);
		json_emit_close(emit, '{');
	}
	json_emit_close(emit, '[');
}

static char *as_json(const struct diff *d)
{
	static const char *const verdict[] = {
		[EVENTS_EQUAL] = "equal", [EVENTS_DIFFER] = "differ", [EVENTS_UNKNOWN] = "not compared"
	};
	const struct diff_events *e = &d->events;
	struct json_emit emit;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	json_emit_raw(&emit, "different", is_different(d) ? "true" : "false");
	emit_rows(&emit, d->rows);
	json_emit_open(&emit, "events", '{');
	json_emit_string(&emit, "verdict", verdict[e->verdict]);
	json_emit_string(&emit, "how", e->how);
	if (e->verdict == EVENTS_DIFFER) {
		json_emit_number(&emit, "common", e->common);
		emit_events(&emit, "before", e->before);
		emit_events(&emit, "a", e->next[0]);
		emit_events(&emit, "b", e->next[1]);
	}
	json_emit_close(&emit, '{');
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

static char *as_csv(const struct diff *d)
{
	struct table *t = diff_rows_table(d->rows, TABLE_CSV);
	char *text = table_write(t, TABLE_CSV);

	table_free(t);
	return text;
}

static bool report(const struct diff *d, const struct diff_options *o, enum table_format format,
		   GError **error)
{
	char *text = format == TABLE_JSON  ? as_json(d)
		     : format == TABLE_CSV ? as_csv(d)
					   : for_people(d, format);
	bool good = print_result(text, error);

	g_free(text);
	if (!good || !o->exit_code || !is_different(d))
		return good;
	g_set_error(error, SWAPSIM_ERROR, ERROR_FINDING, "diff: %s and %s differ", d->folder[0].path,
		    d->folder[1].path);
	return false;
}

bool command_diff(int argc, char **argv, GError **error)
{
	struct diff_options o = { .context = 5 };
	struct diff d = { 0 };
	enum table_format format = TABLE_TEXT;
	bool good = parse(&o, &argc, &argv, error) && parse_format(o.format, &format, error);

	d.rows = diff_rows_new();
	good = good && diff_folder_read(&d.folder[0], argv[1], error) &&
	       diff_folder_read(&d.folder[1], argv[2], error);
	good = good && diff_all(&d, &o, error);
	if (good) {
		good = report(&d, &o, format, error);
		diff_events_release(&d.events);
	}
	diff_folder_release(&d.folder[0]);
	diff_folder_release(&d.folder[1]);
	diff_rows_free(d.rows);
	arguments_release(&diff_usage, &o);
	return good;
}
