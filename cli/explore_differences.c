#include "cli/explore_differences.h"

#include <string.h>

static bool is_through(const struct explored *e)
{
	return exploration_is_through(e->x);
}

/* ---- outcomes ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *outcomes_of(const struct explored *e, u32 n)
{
	GHashTable *all = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	void *text;

	for (u32 i = 0; i < n; i++) {
		g_hash_table_iter_init(&iter, e[i].x->outcomes);
		while (g_hash_table_iter_next(&iter, &text, NULL))
			if (g_hash_table_add(all, text))
				g_ptr_array_add(list, text);
	}
	g_ptr_array_sort(list, compare_texts);
	g_hash_table_destroy(all);
	return list;
}

char *explore_outcomes(const struct exploration *x)
{
	GPtrArray *list = outcomes_of(&(struct explored){ .x = x }, 1);
	char *text;

	g_ptr_array_add(list, NULL);
	text = g_strjoinv(" | ", (char **)list->pdata);
	g_ptr_array_free(list, TRUE);
	return text;
}

static void append_kernels(const struct explored *e, u32 n, const char *outcome, GString *to)
{
	const char *before = "";

	for (u32 i = 0; i < n; i++) {
		if (!g_hash_table_contains(e[i].x->outcomes, outcome))
			continue;
		g_string_append_printf(to, "%s%s", before, e[i].kernel);
		before = ", ";
	}
}

static u32 kernels_with(const struct explored *e, u32 n, const char *outcome)
{
	u32 with = 0;

	for (u32 i = 0; i < n; i++)
		with += g_hash_table_contains(e[i].x->outcomes, outcome);
	return with;
}

static void append_outcomes(const struct explored *e, u32 n, GString *to)
{
	GPtrArray *list = outcomes_of(e, n);
	u32 alike = 0;

	for (u32 i = 0; i < list->len; i++)
		alike += kernels_with(e, n, list->pdata[i]) == n;
	if (n > 1)
		g_string_append_printf(to, "\noutcomes: %u on all kernels, %u not\n", alike,
				       list->len - alike);
	else
		g_string_append_printf(to, "\noutcomes: %u\n", list->len);
	for (u32 i = 0; i < list->len; i++) {
		const char *outcome = list->pdata[i];

		if (n > 1 && kernels_with(e, n, outcome) == n)
			continue;
		g_string_append(to, "  ");
		if (n > 1) {
			append_kernels(e, n, outcome, to);
			g_string_append(to, ": ");
		}
		g_string_append_printf(to, "%s\n", outcome);
	}
	for (u32 i = 0; i < n; i++)
		if (!is_through(&e[i]))
			g_string_append_printf(to, "  (of %s those that were seen before the search ended)\n",
					       e[i].kernel);
	g_ptr_array_free(list, TRUE);
}

/* ---- windows ---- */

static bool has(const struct explored *e, u32 a, u32 b)
{
	const struct coverage *c = &e->x->coverage;

	return a == b ? c->entered[a] : coverage_seen(c, a, b) >= SEEN_ON_OBJECT;
}

static void append_who(const struct explored *e, u32 n, u32 a, u32 b, GString *to)
{
	for (u32 i = 0; i < n; i++)
		g_string_append_printf(to, "%s%s %s", i ? ", " : "",
				       has(&e[i], a, b)	   ? "yes on"
				       : is_through(&e[i]) ? "unreachable on"
							   : "not seen on",
				       e[i].kernel);
	g_string_append(to, "\n");
}

/* @a and @b are the same window: whether it was entered at all. */
static void append_window(const struct explored *e, u32 n, u32 a, u32 b, GString *to)
{
	const struct coverage *c = &e->x->coverage;
	u32 with = 0;

	for (u32 i = 0; i < n; i++)
		with += has(&e[i], a, b);
	if (!with || with == n)
		return;
	g_string_append_printf(to, "  %s", c->window[a].window->name);
	if (a != b)
		g_string_append_printf(to, " with %s", c->window[b].window->name);
	g_string_append(to, ": ");
	append_who(e, n, a, b, to);
}

static void append_windows(const struct explored *e, u32 n, GString *to)
{
	gsize before;

	g_string_append(to, "\nwindows, and two on the same object, that not all kernels have:\n");
	before = to->len;
	for (u32 a = 0; a < e->x->coverage.windows; a++)
		for (u32 b = 0; b <= a; b++)
			append_window(e, n, a, a - b, to);
	if (to->len == before)
		g_string_append(to, "  none\n");
}

/* Runs that were drawn have neither. */
static bool all_have(const struct explored *e, u32 n, bool outcomes)
{
	for (u32 i = 0; i < n; i++)
		if (outcomes ? !e[i].x->outcomes : !e[i].x->coverage.m)
			return false;
	return n;
}

void explore_differences(const struct explored *e, u32 n, GString *to)
{
	if (all_have(e, n, true))
		append_outcomes(e, n, to);
	if (n > 1 && all_have(e, n, false))
		append_windows(e, n, to);
}
