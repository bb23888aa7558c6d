#include "sim/coverage.h"

#include "sim/object.h"

enum { WINDOWS_MOST = 64 };

static u32 count_windows(const struct machine *m)
{
	u32 n = 0;

	while (m->window && m->window[n].name)
		n++;
	return n;
}

void coverage_init(struct coverage *c, const struct machine *m)
{
	*c = (struct coverage){ .m = m, .windows = count_windows(m) };
	BUG_ON(c->windows > WINDOWS_MOST);
	c->window = g_new(struct stretch, c->windows + 1);
	for (u32 i = 0; i < c->windows; i++)
		BUG_ON(!stretch_find(m, m->window[i].name, &c->window[i], NULL));
	c->entered = g_new0(u8, c->windows + 1);
	c->pair = g_new0(u8, c->windows * c->windows + 1);
}

void coverage_release(struct coverage *c)
{
	g_free(c->window);
	g_free(c->entered);
	g_free(c->pair);
}

static u64 windows_of(const struct coverage *c, const struct task *t)
{
	u64 inside = 0;

	for (u32 i = 0; i < c->windows; i++)
		inside |= (u64)stretch_contains(c->m, &c->window[i], t) << i;
	return inside;
}

enum { PLACES_MOST = 256 };

struct places {
	u64 place[PLACES_MOST];
	u32 n;
};

static void add_place(void *places, u32 task, u64 place)
{
	struct places *p = places;

	(void)task;
	BUG_ON(p->n == PLACES_MOST);
	p->place[p->n++] = place;
}

bool tasks_share_object(const struct machine *m, const struct task *a, const struct task *b)
{
	const struct vocabulary *v = m->vocabulary;
	struct places one, other;

	if (!v || !v->references)
		return false;
	one.n = other.n = 0;
	v->references(m, a, add_place, &one);
	v->references(m, b, add_place, &other);
	for (u32 i = 0; i < one.n; i++)
		for (u32 k = 0; k < other.n; k++)
			if (one.place[i] == other.place[k])
				return true;
	return false;
}

/* Whether one of the pairs is not known to be as much as that. */
static bool is_news(const struct coverage *c, u64 a, u64 b, enum seen seen)
{
	for (u64 x = a; x; x &= x - 1)
		for (u64 y = b; y; y &= y - 1)
			if (coverage_seen(c, (u32)__builtin_ctzll(x), (u32)__builtin_ctzll(y)) < seen)
				return true;
	return false;
}

static void note_pairs(struct coverage *c, u64 a, u64 b, enum seen seen)
{
	for (u64 x = a; x; x &= x - 1)
		for (u64 y = b; y; y &= y - 1) {
			u32 i = (u32)__builtin_ctzll(x), k = (u32)__builtin_ctzll(y);
			u8 *pair = &c->pair[MIN(i, k) * c->windows + MAX(i, k)];

			*pair = MAX(*pair, (u8)seen);
		}
}

static void note_two(struct coverage *c, const struct task *t, u64 a, const struct task *other, u64 b,
		     bool violated)
{
	if (violated)
		note_pairs(c, a, b, SEEN_VIOLATED);
	else if (is_news(c, a, b, SEEN_ON_OBJECT))
		note_pairs(c, a, b, tasks_share_object(c->m, t, other) ? SEEN_ON_OBJECT : SEEN_TOGETHER);
}

void coverage_note(struct coverage *c, bool violated)
{
	const struct machine *m = c->m;

	for (u32 i = 0; i < m->tasks; i++) {
		u64 inside = windows_of(c, &m->task[i]);

		for (u64 x = inside; x; x &= x - 1)
			c->entered[__builtin_ctzll(x)] = 1;
		for (u32 k = 0; inside && k < i; k++) {
			u64 other = windows_of(c, &m->task[k]);

			if (other)
				note_two(c, &m->task[i], inside, &m->task[k], other, violated);
		}
	}
}

enum seen coverage_seen(const struct coverage *c, u32 a, u32 b)
{
	return c->pair[MIN(a, b) * c->windows + MAX(a, b)];
}

/* ---- as text ---- */

static void append_row(const struct coverage *c, u32 row, u32 number, bool complete, GString *to)
{
	const char marks[] = { complete ? '-' : '.', 'o', 's', 'X' };

	g_string_append_printf(to, "  %2u %-24s", number, c->window[row].window->name);
	for (u32 i = 0; i <= row; i++)
		if (c->entered[i])
			g_string_append_printf(to, " %2c", marks[coverage_seen(c, row, i)]);
	g_string_append(to, "\n");
}

static void append_never_entered(const struct coverage *c, bool complete, GString *to)
{
	bool some = false;

	for (u32 i = 0; i < c->windows; i++) {
		if (c->entered[i])
			continue;
		g_string_append(to, some ? ", " : complete ? "  unreachable: " : "  never entered: ");
		g_string_append(to, c->window[i].window->name);
		some = true;
	}
	g_string_append(to, some ? "\n" : "");
}

void coverage_text(const struct coverage *c, bool complete, GString *to)
{
	u32 n = 0;

	g_string_append_printf(
	    to, "  windows: o two tasks at once, s on the same object, X where it went wrong, %s\n",
	    complete ? "- unreachable" : ". never at once");
	g_string_append_printf(to, "  %27s", "");
	for (u32 i = 0; i < c->windows; i++)
		if (c->entered[i])
			g_string_append_printf(to, " %2u", ++n);
	g_string_append(to, "\n");
	n = 0;
	for (u32 i = 0; i < c->windows; i++)
		if (c->entered[i])
			append_row(c, i, ++n, complete, to);
	append_never_entered(c, complete, to);
}
