#include "cli/explain_tree.h"

#include <string.h>

enum {
	SMALL = 50, /* a part of the fault below one in so many is not shown for itself */
	LARGE = 10, /* one above is, in a loop as well */
	LOOP = 4,   /* times a step is seen before it is one of a loop */
	NAMED = 3,  /* what a fold names at most, */
	ROOM = 70,  /* in so many characters, indentation and "n more" included */
};

/* Steps [first, last] of one call: a step of its own, or those of a call it makes. */
struct child {
	u32 first, last;
	u16 step; /* of the caller */
	bool is_call;
	u16 callee; /* path, of a call */
	u64 ns;
	u64 wait_ns;
};

struct tree {
	struct table *t;
	const struct machine *m;
	const struct fault *f;
	bool all;
};

static const struct fault_step *step_at(const struct fault *f, u32 i)
{
	return &g_array_index(f->step, struct fault_step, i);
}

u64 explain_begin_ns(const struct fault *f, u32 i)
{
	return i ? step_at(f, i - 1)->end_ns : f->begin_ns;
}

u64 explain_took_ns(const struct fault *f, u32 i)
{
	return step_at(f, i)->end_ns - explain_begin_ns(f, i);
}

char *explain_call_name(const struct machine *m, const struct fault_call *call)
{
	const struct path *path = &m->path[call->path];

	return g_strdup_printf("%s.%s", path->info->name, path->step_name[call->step]);
}

char *explain_task_name(const struct machine *m, u32 task)
{
	return task < m->task_names ? g_strdup(m->task_name[task]) : g_strdup_printf("%u", task);
}

char *explain_wait_words(const struct machine *m, const struct fault_wait *wait)
{
	GString *out = g_string_new(NULL);

	g_string_printf(out, "waited %" G_GUINT64_FORMAT " ns for %s", wait->ns, wait->what);
	if (wait->holder) {
		char *at = explain_call_name(m, &wait->at);
		char *who = explain_task_name(m, wait->holder - 1);

		g_string_append_printf(out, ", held by task %s at %s", who, at);
		g_free(who);
		g_free(at);
	}
	if (wait->ahead)
		g_string_append_printf(out, ", behind %u other%s", wait->ahead, wait->ahead == 1 ? "" : "s");
	if (wait->timeout_ns)
		g_string_append_printf(out, ", for %" G_GUINT64_FORMAT " ns at most", wait->timeout_ns);
	return g_string_free(out, FALSE);
}

/* Whether steps @i and @j are of the same call, @depth calls deep. A call that ends and is made again by the
 * same step without another step of the caller between counts as one. */
static bool same_call(const struct fault *f, u32 i, u32 j, u32 depth)
{
	const struct fault_step *a = step_at(f, i), *b = step_at(f, j);

	if (a->depth <= depth || b->depth <= depth)
		return false;
	return a->call[depth].path == b->call[depth].path &&
	       a->call[depth - 1].step == b->call[depth - 1].step;
}

static u64 waited(const struct fault_step *s)
{
	return s->wait.ns + s->spent[SPENT_NO_CPU];
}

static struct child child_from(const struct fault *f, u32 first, u32 last, u32 depth)
{
	const struct fault_step *s = step_at(f, first);
	struct child c = { .first = first, .last = first, .step = s->call[depth].step };

	c.is_call = s->depth > depth + 1;
	if (c.is_call) {
		c.callee = s->call[depth + 1].path;
		while (c.last < last && same_call(f, first, c.last + 1, depth + 1))
			c.last++;
	}
	for (u32 i = c.first; i <= c.last; i++) {
		c.ns += explain_took_ns(f, i);
		c.wait_ns += waited(step_at(f, i));
	}
	return c;
}

static GArray *children_of(const struct fault *f, u32 first, u32 last, u32 depth)
{
	GArray *children = g_array_new(FALSE, FALSE, sizeof(struct child));

	while (first <= last) {
		struct child c = child_from(f, first, last, depth);

		g_array_append_val(children, c);
		first = c.last + 1;
	}
	return children;
}

static const struct child *child_at(const GArray *children, u32 i)
{
	return &g_array_index(children, struct child, i);
}

static u32 times(const GArray *children, u16 step)
{
	u32 n = 0;

	for (u32 i = 0; i < children->len; i++)
		n += child_at(children, i)->step == step;
	return n;
}

static bool is_shown(const struct tree *tree, const GArray *children, const struct child *c)
{
	u64 all = tree->f->end_ns - tree->f->begin_ns;

	if (tree->all || c->ns * LARGE >= all)
		return true;
	if (c->wait_ns * SMALL >= all && c->wait_ns)
		return true;
	return c->ns * SMALL >= all && times(children, c->step) <= LOOP;
}

/* ---- rows ---- */

static void row(const struct tree *tree, u32 first, u64 ns, u32 depth, const char *text)
{
	table_number(tree->t, explain_begin_ns(tree->f, first) - tree->f->begin_ns);
	table_number(tree->t, ns);
	table_printf(tree->t, "%*s%s", (int)(2 * depth), "", text);
}

static const char *step_name(const struct tree *tree, const struct child *c, u32 depth)
{
	u16 path = step_at(tree->f, c->first)->call[depth].path;

	return tree->m->path[path].step_name[c->step];
}

/* What stands for a child in a fold: the path it calls, or the step. */
static const char *short_name(const struct tree *tree, const struct child *c, u32 depth)
{
	return c->is_call ? tree->m->path[c->callee].info->name : step_name(tree, c, depth);
}

struct folded {
	const char *name;
	u32 times;
	u64 ns;
};

static int by_time(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void add_folded(GArray *folded, const char *name, u64 ns)
{
	struct folded new = { name, 1, ns };

	for (u32 i = 0; i < folded->len; i++) {
		struct folded *f = &g_array_index(folded, struct folded, i);

		if (strcmp(f->name, name) != 0)
			continue;
		f->times++;
		f->ns += ns;
		return;
	}
	g_array_append_val(folded, new);
}

/* "... 32 x pageout 81234 ns, 32 x TRYLOCK 960 ns, 9 more": as many names as there is room for. */
static char *fold_words(GArray *folded, u32 room)
{
	GString *out = g_string_new("...");
	u32 more = 0;

	g_array_sort(folded, by_time);
	for (u32 i = 0; i < folded->len; i++) {
		const struct folded *f = &g_array_index(folded, struct folded, i);
		char *count = f->times > 1 ? g_strdup_printf("%u x ", f->times) : g_strdup("");
		char *words =
		    g_strdup_printf("%s %s%s %" G_GUINT64_FORMAT " ns", i ? "," : "", count, f->name, f->ns);

		if (more || i >= NAMED || (i && out->len + strlen(words) > room))
			more += f->times;
		else
			g_string_append(out, words);
		g_free(words);
		g_free(count);
	}
	if (more)
		g_string_append_printf(out, ", %u more", more);
	return g_string_free(out, FALSE);
}

/* Children [from, to) in one row. */
static void fold(const struct tree *tree, const GArray *children, u32 from, u32 to, u32 depth)
{
	GArray *folded = g_array_new(FALSE, FALSE, sizeof(struct folded));
	char *words;
	u64 ns = 0;

	for (u32 i = from; i < to; i++) {
		const struct child *c = child_at(children, i);

		add_folded(folded, short_name(tree, c, depth), c->ns);
		ns += c->ns;
	}
	words = fold_words(folded, ROOM - MIN(ROOM, 2 * (depth + 1)));
	row(tree, child_at(children, from)->first, ns, depth + 1, words);
	g_free(words);
	g_array_free(folded, TRUE);
}

static void show_call(const struct tree *tree, u32 first, u32 last, u32 depth);

static void show_child(const struct tree *tree, const struct child *c, u32 depth)
{
	const struct fault_step *s = step_at(tree->f, c->first);
	GString *text = g_string_new(step_name(tree, c, depth));

	if (c->is_call)
		g_string_append_printf(text, ": %s", tree->m->path[c->callee].info->name);
	if (!c->is_call && s->wait.what) {
		char *words = explain_wait_words(tree->m, &s->wait);

		g_string_append_printf(text, ": %s", words);
		g_free(words);
	}
	if (!c->is_call && s->spent[SPENT_NO_CPU])
		g_string_append_printf(text, "; no CPU for %" G_GUINT64_FORMAT " ns", s->spent[SPENT_NO_CPU]);
	row(tree, c->first, c->ns, depth + 1, text->str);
	g_string_free(text, TRUE);
	if (c->is_call)
		show_call(tree, c->first, c->last, depth + 1);
}

/* A step alone takes no more room as it is. */
static void fold_or_show(const struct tree *tree, const GArray *children, u32 from, u32 to, u32 depth)
{
	const struct child *first = child_at(children, from);

	if (to == from + 1 && !first->is_call)
		show_child(tree, first, depth);
	else
		fold(tree, children, from, to, depth);
}

/* What the call does whose frame is at @depth, in steps [first, last]. */
static void show_call(const struct tree *tree, u32 first, u32 last, u32 depth)
{
	GArray *children = children_of(tree->f, first, last, depth);
	u32 hidden = 0; /* children before this one are in rows */

	for (u32 i = 0; i < children->len; i++) {
		if (!is_shown(tree, children, child_at(children, i)))
			continue;
		if (hidden < i)
			fold_or_show(tree, children, hidden, i, depth);
		show_child(tree, child_at(children, i), depth);
		hidden = i + 1;
	}
	if (hidden < children->len)
		fold_or_show(tree, children, hidden, children->len, depth);
	g_array_free(children, TRUE);
}

void explain_tree(struct table *t, const struct machine *m, const struct fault *f, bool all)
{
	const struct tree tree = { t, m, f, all };

	row(&tree, 0, f->end_ns - f->begin_ns, 0, m->path[step_at(f, 0)->call[0].path].info->name);
	show_call(&tree, 0, f->step->len - 1, 0);
}
