#include "cli/race_time.h"

#include "cli/cli.h"
#include "models/race.h"
#include "models/race_timed.h"
#include "models/scenario_parts.h"
#include "sim/units.h"

static struct table *delays_new(void)
{
	struct table *t = table_new();

	table_column(t, "kernel", TABLE_LEFT);
	table_column(t, "task", TABLE_LEFT);
	table_column(t, "delayed at", TABLE_LEFT);
	table_column(t, "nth", TABLE_RIGHT);
	table_column(t, "how", TABLE_LEFT);
	table_column(t, "at least", TABLE_RIGHT);
	table_column(t, "to outlast", TABLE_LEFT);
	return t;
}

static void add_delays(struct table *t, const char *kernel, const struct scenario *s,
		       const struct race_timing *timing)
{
	for (u32 i = 0; i < timing->delay->len; i++) {
		const struct schedule_delay *d = &g_array_index(timing->delay, struct schedule_delay, i);
		char *least = duration_format(d->ns);

		table_text(t, kernel);
		table_text(t, s->schedule.task_name[d->task]);
		table_text(t, g_array_index(timing->step, char *, i));
		table_number(t, d->nth);
		table_text(t, d->asleep ? "asleep" : "on its CPU");
		table_text(t, d->ns ? least : "no delay");
		table_text(t, g_array_index(timing->end, char *, i));
		g_free(least);
	}
}

static void describe(GString *text, const char *kernel, const struct race_timing *timing)
{
	const struct race_result *r = &timing->held;

	g_string_append_printf(text, "%s: ", kernel);
	if (r->verdict == VERDICT_INFEASIBLE)
		g_string_append_printf(text, "infeasible in time: %s\n", r->reason);
	else if (r->verdict == VERDICT_NOT_REPRODUCED)
		g_string_append(text, "ok in time, too\n");
	else if (timing->delayed.verdict != VERDICT_REPRODUCED)
		g_string_append_printf(
		    text, "%s while the schedule holds tasks up, but not by delays alone\n", r->invariant);
	else
		g_string_append_printf(text, "%s%s\n", r->invariant,
				       timing->delay->len ? ", with the delays above, each as short as can be"
							  : " without any delay");
}

/* Not even a heading where there is no delay. */
static char *table_of(struct table *delays, u32 n, enum table_format format)
{
	return n || format != TABLE_TEXT ? table_write(delays, format) : g_strdup("");
}

bool race_print_times(const struct scenario *s, char *const *kernels, u64 seed, enum table_format format,
		      GPtrArray *found, GError **error)
{
	struct table *delays = delays_new();
	GString *verdicts = g_string_new(NULL);
	bool good = true;
	u32 n = 0;

	for (u32 i = 0; good && kernels[i]; i++) {
		struct race_timing timing;

		good = race_time(s, kernels[i], seed, &timing, error);
		if (good && timing.delayed.verdict == VERDICT_REPRODUCED) {
			add_delays(delays, kernels[i], s, &timing);
			n += timing.delay->len;
		}
		if (good) {
			describe(verdicts, kernels[i], &timing);
			g_ptr_array_add(found, g_strdup(race_verdict(&timing.held)));
		}
		race_timing_release(&timing);
	}
	if (good) {
		char *table = table_of(delays, n, format);

		if (*table && format == TABLE_TEXT)
			g_string_prepend(verdicts, "\n");
		g_string_prepend(verdicts, table);
		if (format != TABLE_TEXT)
			g_string_assign(verdicts, table);
		good = print_result(verdicts->str, error);
		g_free(table);
	}
	g_string_free(verdicts, TRUE);
	table_free(delays);
	return good;
}
