#include "cli/report.h"

#include "cli/figure.h"

static void append_table(GString *out, struct table *t, enum table_format format)
{
	char *text = table_write(t, format);

	if (out->len)
		g_string_append_c(out, '\n');
	g_string_append(out, text);
	g_free(text);
	table_free(t);
}

static void quantity_cell(struct table *t, u64 value, enum quantity_unit unit)
{
	char *text = quantity(value, unit);

	table_text(t, text);
	g_free(text);
}

static struct table *counters_by_phase(const struct run_result *r)
{
	struct table *t = table_new();

	table_column(t, "counter", TABLE_LEFT);
	for (u32 p = 0; p < r->phases; p++)
		table_column(t, r->phase[p].name, TABLE_RIGHT);
	table_text(t, "time");
	for (u32 p = 0; p < r->phases; p++)
		quantity_cell(t, r->phase[p].end_ns - r->phase[p].begin_ns, UNIT_NS);
	for (u32 i = 0; i < NR_COUNTERS; i++) {
		bool is_time = g_str_has_suffix(counter_info[i].name, "_ns");

		if (!r->phase[0].count[0][i])
			continue;
		table_text(t, counter_info[i].name);
		for (u32 p = 0; p < r->phases; p++) {
			if (is_time)
				quantity_cell(t, r->phase[p].count[0][i], UNIT_NS);
			else
				table_number(t, r->phase[p].count[0][i]);
		}
	}
	return t;
}

static struct table *latencies(const struct run_result *r)
{
	static const u32 points[] = { 500000, 900000, 990000, 999000, 1000000 };
	static const char *const names[] = { "p50", "p90", "p99", "p99.9", "longest" };
	struct table *t = table_new();

	table_column(t, "latency", TABLE_LEFT);
	table_column(t, "times", TABLE_RIGHT);
	table_column(t, "mean", TABLE_RIGHT);
	for (u32 p = 0; p < ARRAY_SIZE(points); p++)
		table_column(t, names[p], TABLE_RIGHT);
	for (u32 i = 0; i < NR_LATENCIES; i++) {
		table_text(t, latency_name[i]);
		table_number(t, r->latency[i].count);
		quantity_cell(t, histogram_mean(&r->latency[i]), UNIT_NS);
		for (u32 p = 0; p < ARRAY_SIZE(points); p++)
			quantity_cell(t, histogram_quantile(&r->latency[i], points[p]), UNIT_NS);
	}
	return t;
}

static struct table *locks(const struct run_result *r)
{
	struct table *t = table_new();

	table_column(t, "lock", TABLE_LEFT);
	table_column(t, "taken", TABLE_RIGHT);
	table_column(t, "contended", TABLE_RIGHT);
	table_column(t, "waited", TABLE_RIGHT);
	table_column(t, "longest wait", TABLE_RIGHT);
	for (u32 i = 0; i < r->locks; i++) {
		const struct lock_stat *stat = &r->lock[i].stat;

		if (!stat->taken)
			continue;
		table_text(t, r->lock[i].name);
		table_number(t, stat->taken);
		table_number(t, stat->contended);
		quantity_cell(t, stat->wait_ns, UNIT_NS);
		quantity_cell(t, stat->wait_max_ns, UNIT_NS);
	}
	return t;
}

static struct table *groups(const struct run_result *r)
{
	struct table *t = table_new();

	table_column(t, "cgroup", TABLE_LEFT);
	table_column(t, "most memory", TABLE_RIGHT);
	table_column(t, "most swap", TABLE_RIGHT);
	table_column(t, "pgfault", TABLE_RIGHT);
	table_column(t, "pgmajfault", TABLE_RIGHT);
	table_column(t, "memory.events:max", TABLE_RIGHT);
	for (u32 i = 1; i < r->memcgs; i++) {
		table_text(t, r->memcg_name[i]);
		quantity_cell(t, r->memory_peak[i] * 4096, UNIT_BYTES);
		quantity_cell(t, r->swap_peak[i] * 4096, UNIT_BYTES);
		table_number(t, r->phase[0].count[i][PGFAULT]);
		table_number(t, r->phase[0].count[i][PGMAJFAULT]);
		table_number(t, r->phase[0].count[i][EVENTS_MAX]);
	}
	return t;
}

/* 'process "a" of cgroup "g"'; g_free(). */
static char *victim(const struct run_kill *kill)
{
	if (!*kill->cgroup)
		return g_strdup_printf("process \"%s\", for the machine,", kill->process);
	return g_strdup_printf("process \"%s\" of cgroup \"%s\"", kill->process, kill->cgroup);
}

static void append_kills(GString *out, const struct run_result *r)
{
	if (r->finding)
		g_string_append_printf(out, "\nfound, as the scenario expects: %s\n", r->finding);
	for (u32 i = 0; i < r->kill->len; i++) {
		const struct run_kill *kill = &g_array_index(r->kill, struct run_kill, i);
		char *time = quantity(kill->time_ns, UNIT_NS),
		     *anon = quantity(kill->anon_pages * 4096ull, UNIT_BYTES),
		     *swap = quantity(kill->swap_pages * 4096ull, UNIT_BYTES), *who = victim(kill);

		g_string_append_printf(out, "%skilled: %s at %s, with %s in memory and %s in swap\n",
				       i ? "" : "\n", who, time, anon, swap);
		g_free(who);
		g_free(time);
		g_free(anon);
		g_free(swap);
	}
}

char *kills_in_words(const struct run_result *r)
{
	const struct run_kill *first = &g_array_index(r->kill, struct run_kill, 0);
	char *time = quantity(first->time_ns, UNIT_NS), *who = victim(first);
	char *text = r->kill->len > 1 ? g_strdup_printf("%u processes killed; the first, %s at %s",
							r->kill->len, who, time)
				      : g_strdup_printf("%s killed at %s", who, time);

	g_free(who);
	g_free(time);
	return text;
}

static struct table *metadata(const struct run_result *r)
{
	GArray *figures = figures_of(r, NULL);
	struct table *t = table_new();

	table_column(t, "swap metadata", TABLE_LEFT);
	table_column(t, "", TABLE_RIGHT);
	for (u32 i = 0; i < figures->len; i++) {
		const struct figure *f = &g_array_index(figures, struct figure, i);

		if (f->group != FIGURE_METADATA)
			continue;
		table_text(t, f->label);
		quantity_cell(t, f->value, f->unit);
	}
	figures_free(figures);
	return t;
}

char *report_write(const struct scenario *s, const struct run_result *r, enum table_format format)
{
	GString *out = g_string_new(NULL);

	g_string_printf(out, "%s on %s, seed %" G_GUINT64_FORMAT "%s\n", scenario_name(s), r->kernel, r->seed,
			r->complete ? "" : " (interrupted: figures are of what was run)");
	append_table(out, counters_by_phase(r), format);
	append_table(out, latencies(r), format);
	append_table(out, locks(r), format);
	if (r->memcgs > 1)
		append_table(out, groups(r), format);
	append_table(out, metadata(r), format);
	append_kills(out, r);
	g_string_append_printf(out,
			       "\nfingerprints: counts %016" G_GINT64_MODIFIER
			       "x, events %016" G_GINT64_MODIFIER "x; %" G_GUINT64_FORMAT
			       " steps, %" G_GUINT64_FORMAT " ties\n",
			       r->fingerprint_counts, r->fingerprint_events, r->steps, r->ties);
	return g_string_free(out, FALSE);
}

struct table *report_figures(const struct run_result *r)
{
	GArray *figures = figures_of(r, NULL);
	struct table *t = table_new();

	table_column(t, "figure", TABLE_LEFT);
	table_column(t, "value", TABLE_RIGHT);
	for (u32 i = 0; i < figures->len; i++) {
		const struct figure *f = &g_array_index(figures, struct figure, i);

		table_text(t, f->key);
		table_number(t, f->value);
	}
	figures_free(figures);
	return t;
}
