#include "cli/explain_report.h"

#include "cli/explain_tree.h"
#include "cli/quantity.h"
#include "sim/json_emit.h"

static u64 latency_of(const struct fault *f)
{
	return f->end_ns - f->begin_ns;
}

static const struct fault_step *step_at(const struct fault *f, u32 i)
{
	return &g_array_index(f->step, struct fault_step, i);
}

static void sum_up(const struct fault *f, u64 *sum)
{
	for (u32 i = 0; i < NR_SPENT; i++)
		sum[i] = 0;
	for (u32 i = 0; i < f->step->len; i++)
		for (u32 s = 0; s < NR_SPENT; s++)
			sum[s] += step_at(f, i)->spent[s];
}

static const struct fault_wait *longest_wait(const struct fault *f)
{
	const struct fault_wait *longest = NULL;

	for (u32 i = 0; i < f->step->len; i++) {
		const struct fault_wait *wait = &step_at(f, i)->wait;

		if (wait->what && (!longest || wait->ns > longest->ns))
			longest = wait;
	}
	return longest;
}

static char *percent(u64 part, u64 whole)
{
	u64 permille = whole ? mul_div(part, 1000, whole) : 0;

	return g_strdup_printf("%u.%u%%", (u32)(permille / 10), (u32)(permille % 10));
}

/* Broken at words; what follows the first line is indented. */
static void append_wrapped(GString *out, const char *text)
{
	char **word = g_strsplit(text, " ", -1);
	size_t column = 0;

	for (u32 i = 0; word[i]; i++) {
		size_t length = (size_t)g_utf8_strlen(word[i], -1);

		if (i && column + 1 + length > TABLE_WIDTH) {
			g_string_append_c(out, '\n');
			column = 0;
		} else if (i) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append(out, word[i]);
		column += length;
	}
	g_string_append_c(out, '\n');
	g_strfreev(word);
}

static const char *const words_of[NR_SPENT] = {
	[SPENT_WORK] = "working",	    [SPENT_RECLAIM] = "in direct reclaim",
	[SPENT_DEVICE] = "with the device", [SPENT_LOCK] = "waiting for locks",
	[SPENT_SLEEP] = "asleep",	    [SPENT_NO_CPU] = "without a CPU",
};

/* What somebody would say who was asked why it took so long. */
static void append_sentence(GString *out, const struct machine *m, const struct fault *f)
{
	const struct fault_wait *wait = longest_wait(f);
	GString *text = g_string_new(NULL);
	u64 sum[NR_SPENT];
	u32 most = 0;
	char *took = quantity(latency_of(f), UNIT_NS), *who = explain_task_name(m, f->task), *share;

	sum_up(f, sum);
	for (u32 i = 1; i < NR_SPENT; i++)
		if (sum[i] > sum[most])
			most = i;
	share = percent(sum[most], latency_of(f));
	g_string_printf(text,
			"Fault %" G_GUINT64_FORMAT ", at %" G_GUINT64_FORMAT
			" ns: task %s %s page %u of its process, which took %s (a %s fault), %s of it %s",
			f->number, f->begin_ns, who, f->write ? "writes" : "reads", f->page, took,
			f->major ? "major" : "minor", share, words_of[most]);
	if (wait) {
		char *words = explain_wait_words(m, wait);

		g_string_append_printf(text, "; longest wait: it %s", words);
		g_free(words);
	}
	g_string_append_c(text, '.');
	append_wrapped(out, text->str);
	g_string_free(text, TRUE);
	g_free(took);
	g_free(who);
	g_free(share);
}

static struct table *sums(const struct fault *f)
{
	struct table *t = table_new();
	u64 sum[NR_SPENT];

	sum_up(f, sum);
	table_column(t, "spent on", TABLE_LEFT);
	table_column(t, "ns", TABLE_RIGHT);
	table_column(t, "share", TABLE_RIGHT);
	for (u32 i = 0; i <= NR_SPENT; i++) {
		u64 ns = i < NR_SPENT ? sum[i] : latency_of(f);
		char *share = percent(ns, latency_of(f));

		table_text(t, i < NR_SPENT ? spent_name[i] : "sum");
		table_number(t, ns);
		table_text(t, share);
		g_free(share);
	}
	return t;
}

static void append_table(GString *out, struct table *t, enum table_format format)
{
	char *text = table_write(t, format);

	g_string_append_printf(out, "\n%s", text);
	g_free(text);
	table_free(t);
}

char *explain_text(const struct machine *m, const struct fault *f, const char *title, bool all,
		   enum table_format format)
{
	struct table *t = table_new();
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%s\n\n", title);
	append_sentence(out, m, f);
	append_table(out, sums(f), format);
	table_column(t, "from ns", TABLE_RIGHT);
	table_column(t, "took ns", TABLE_RIGHT);
	table_column(t, "what", TABLE_LEFT);
	explain_tree(t, m, f, all);
	append_table(out, t, format);
	return g_string_free(out, FALSE);
}

/* ---- for programs ---- */

static char *stack_of(const struct machine *m, const struct fault_step *s)
{
	GString *out = g_string_new(NULL);

	for (u32 i = 0; i < s->depth; i++) {
		char *name = explain_call_name(m, &s->call[i]);

		g_string_append_printf(out, "%s%s", i ? " " : "", name);
		g_free(name);
	}
	return g_string_free(out, FALSE);
}

/* "lock wait" -> "lock_wait_ns" */
static char *key_of(enum spent spent)
{
	char *name = g_ascii_strdown(spent_name[spent], -1);
	char *key = g_strconcat(g_strdelimit(name, " ", '_'), "_ns", NULL);

	g_free(name);
	return key;
}

static void emit_spent(struct json_emit *emit, const u64 *sum, bool zeros)
{
	for (u32 i = 0; i < NR_SPENT; i++) {
		char *key = key_of(i);

		if (sum[i] || zeros)
			json_emit_number(emit, key, sum[i]);
		g_free(key);
	}
}

static void emit_wait(struct json_emit *emit, const struct machine *m, const struct fault_wait *wait)
{
	json_emit_open(emit, "wait", '{');
	json_emit_number(emit, "ns", wait->ns);
	json_emit_string(emit, "for", wait->what);
	if (wait->holder) {
		char *at = explain_call_name(m, &wait->at);

		json_emit_number(emit, "held_by", wait->holder - 1);
		json_emit_string(emit, "held_at", at);
		g_free(at);
	}
	json_emit_number(emit, "ahead", wait->ahead);
	json_emit_close(emit, '{');
}

static void emit_steps(struct json_emit *emit, const struct machine *m, const struct fault *f)
{
	json_emit_open(emit, "steps", '[');
	for (u32 i = 0; i < f->step->len; i++) {
		const struct fault_step *s = step_at(f, i);
		char *stack = stack_of(m, s);

		json_emit_open(emit, NULL, '{');
		json_emit_number(emit, "begin_ns", explain_begin_ns(f, i));
		json_emit_number(emit, "took_ns", explain_took_ns(f, i));
		json_emit_string(emit, "stack", stack);
		emit_spent(emit, s->spent, false);
		if (s->wait.what)
			emit_wait(emit, m, &s->wait);
		json_emit_close(emit, '{');
		g_free(stack);
	}
	json_emit_close(emit, '[');
}

char *explain_json(const struct machine *m, const struct fault *f, const char *scenario, const char *kernel,
		   u64 seed)
{
	struct json_emit emit;
	u64 sum[NR_SPENT];

	sum_up(f, sum);
	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	json_emit_string(&emit, "scenario", scenario);
	json_emit_string(&emit, "kernel", kernel);
	json_emit_number(&emit, "seed", seed);
	json_emit_number(&emit, "fault", f->number);
	json_emit_number(&emit, "task", f->task);
	json_emit_number(&emit, "cpu", f->cpu);
	json_emit_number(&emit, "page", f->page);
	json_emit_raw(&emit, "write", f->write ? "true" : "false");
	json_emit_raw(&emit, "major", f->major ? "true" : "false");
	json_emit_number(&emit, "begin_ns", f->begin_ns);
	json_emit_number(&emit, "latency_ns", latency_of(f));
	json_emit_open(&emit, "spent", '{');
	emit_spent(&emit, sum, true);
	json_emit_close(&emit, '{');
	emit_steps(&emit, m, f);
	json_emit_close(&emit, '{');
	return json_emit_finish(&emit);
}

char *explain_csv(const struct machine *m, const struct fault *f)
{
	struct table *t = table_new();
	char *text;

	table_column(t, "begin_ns", TABLE_RIGHT);
	table_column(t, "took_ns", TABLE_RIGHT);
	for (u32 i = 0; i < NR_SPENT; i++) {
		char *key = key_of(i);

		table_column(t, key, TABLE_RIGHT);
		g_free(key);
	}
	table_column(t, "depth", TABLE_RIGHT);
	table_column(t, "step", TABLE_LEFT);
	for (u32 i = 0; i < f->step->len; i++) {
		const struct fault_step *s = step_at(f, i);
		char *name = explain_call_name(m, &s->call[s->depth - 1]);

		table_number(t, explain_begin_ns(f, i));
		table_number(t, explain_took_ns(f, i));
		for (u32 n = 0; n < NR_SPENT; n++)
			table_number(t, s->spent[n]);
		table_number(t, s->depth);
		table_text(t, name);
		g_free(name);
	}
	text = table_write(t, TABLE_CSV);
	table_free(t);
	return text;
}
