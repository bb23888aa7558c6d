/*
 * A timeline as a picture: a lane per CPU with the steps as boxes in the colour of their task, what they did
 * on the right, windows as bars beside it. All in whole pixels and one font, so that widths are known without
 * asking anybody.
 */
#include "sim/timeline.h"

#include <string.h>

enum {
	MARGIN = 24,
	STEP_WIDTH = 44,
	NOTE_CHARS = 42,
	CHAR_WIDTH = 8, /* of 13 px monospace, a little more than it takes */
	LINE = 19,
	GAP = 5, /* between rows */
	HEAD = 44,
	LANE_LEAST = 230,
	GUTTER = 150, /* windows */
	TASK_COLOURS = 6,
};

static const char *const colour[TASK_COLOURS] = { "#1f6fb4", "#b4541f", "#2f8f4e",
						  "#7a4fb0", "#a8862a", "#3a8a99" };

struct picture {
	const struct timeline *tl;
	GString *to;
	u32 lane; /* width */
	u32 width;
	u32 *top; /* [row] y, and the end */
};

/* ---- text ---- */

static void append_escaped(GString *to, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '<')
			g_string_append(to, "&lt;");
		else if (text[i] == '>')
			g_string_append(to, "&gt;");
		else if (text[i] == '&')
			g_string_append(to, "&amp;");
		else
			g_string_append_c(to, text[i]);
	}
}

static void write_text(struct picture *p, u32 x, u32 y, const char *attributes, const char *text, size_t n)
{
	g_string_append_printf(p->to, "<text x=\"%u\" y=\"%u\"%s xml:space=\"preserve\">", x, y, attributes);
	append_escaped(p->to, text, n);
	g_string_append(p->to, "</text>\n");
}

/* Bytes of @text that go on one line of @room characters. */
static size_t line_length(const char *text, u32 room)
{
	size_t n = strlen(text);

	if (n <= room)
		return n;
	for (n = room; n && text[n] != ' '; n--)
		;
	return n ? n : room;
}

static u32 lines_of(const char *text, u32 room)
{
	u32 n = 0;

	for (; *text; n++) {
		text += line_length(text, room);
		text += strspn(text, " ");
	}
	return n;
}

/* Returns the y of the line after it. */
static u32 write_wrapped(struct picture *p, u32 x, u32 y, u32 room, const char *attributes, const char *text)
{
	for (; *text; y += LINE) {
		size_t n = line_length(text, room);

		write_text(p, x, y, attributes, text, n);
		text += n;
		text += strspn(text, " ");
	}
	return y;
}

/* ---- places ---- */

static u32 lane_at(const struct picture *p, u32 column)
{
	return MARGIN + STEP_WIDTH + column * p->lane;
}

static u32 gutter_at(const struct picture *p)
{
	return lane_at(p, p->tl->cpu->len) + 10;
}

static bool has_windows(const struct timeline *tl)
{
	return tl->recording->window->len > 0;
}

static u32 notes_at(const struct picture *p)
{
	return gutter_at(p) + (has_windows(p->tl) ? GUTTER : 0);
}

static u32 row_lines(const struct timeline_row *row)
{
	u32 lines = 0;

	for (u32 i = 0; i < row->note->len; i++)
		lines += lines_of(row->note->pdata[i], NOTE_CHARS);
	return MAX(lines, 1);
}

static void measure(struct picture *p)
{
	const struct timeline *tl = p->tl;
	u32 y = MARGIN + HEAD, longest = 0;

	for (u32 i = 0; i < tl->row->len; i++) {
		const struct timeline_row *row = tl->row->pdata[i];

		p->top[i] = y;
		y += row_lines(row) * LINE + GAP;
		longest = MAX(longest, (u32)strlen(row->label));
	}
	p->top[tl->row->len] = y;
	p->lane = MAX(longest * CHAR_WIDTH + 24, LANE_LEAST);
	p->width = notes_at(p) + NOTE_CHARS * CHAR_WIDTH + MARGIN;
}

/* ---- what is drawn ---- */

static void draw_lanes(struct picture *p)
{
	u32 bottom = p->top[p->tl->row->len];

	for (u32 i = 0; i < p->tl->cpu->len; i++) {
		char *name = g_strdup_printf("CPU %u", g_array_index(p->tl->cpu, u32, i));

		g_string_append_printf(
		    p->to, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"6\" fill=\"%s\"/>\n",
		    lane_at(p, i), (u32)MARGIN, p->lane - 8, bottom - MARGIN, i % 2 ? "#f3f6fa" : "#eef2f7");
		write_text(p, lane_at(p, i) + 12, MARGIN + 26, " font-weight=\"bold\" font-size=\"16\"", name,
			   strlen(name));
		g_free(name);
	}
}

static const char *colour_of(const struct picture *p, const struct timeline_row *row)
{
	return colour[recorded_step(p->tl->recording, row->first)->task_number % TASK_COLOURS];
}

static void draw_step(struct picture *p, const struct timeline_row *row, u32 y)
{
	u32 x = lane_at(p, row->column) + 6;
	u32 width = (u32)strlen(row->label) * CHAR_WIDTH + 12;
	char *number = g_strdup_printf("%u", row->first + 1);

	g_string_append_printf(
	    p->to, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"4\" fill=\"%s\"%s/>\n", x, y,
	    width, (u32)LINE, colour_of(p, row),
	    row->is_violation ? " stroke=\"#d01030\" stroke-width=\"4\"" : "");
	write_text(p, x + 6, y + 14, " fill=\"#ffffff\"", row->label, strlen(row->label));
	write_text(p, MARGIN + STEP_WIDTH - 10, y + 14, " fill=\"#808890\" text-anchor=\"end\"", number,
		   strlen(number));
	g_free(number);
}

static void draw_label(struct picture *p, const struct timeline_row *row, u32 y)
{
	char *attributes = row->kind == ROW_FOLD ? g_strdup(" fill=\"#808890\" font-style=\"italic\"")
						 : g_strdup_printf(" fill=\"%s\"", colour_of(p, row));

	write_text(p, lane_at(p, row->column) + 12, y + 14, attributes, row->label, strlen(row->label));
	g_free(attributes);
}

static void draw_move(struct picture *p, const struct timeline_row *row, u32 y)
{
	u32 from = lane_at(p, row->from) + 20, to = lane_at(p, row->column) + 20, middle = y + LINE - 4;
	char *label =
	    g_strdup_printf("%s goes on on CPU %u", row->label, g_array_index(p->tl->cpu, u32, row->column));

	g_string_append_printf(p->to,
			       "<path d=\"M%u %u H%u\" fill=\"none\" stroke=\"%s\" stroke-width=\"3\" "
			       "stroke-dasharray=\"8 4\"/>\n<path d=\"M%u %u v14 l%d -7 z\" fill=\"%s\"/>\n",
			       from, middle, to, colour_of(p, row), to, middle - 7, to > from ? 12 : -12,
			       colour_of(p, row));
	write_text(p, (from + to) / 2 - (u32)strlen(label) * CHAR_WIDTH / 2, middle - 6,
		   " font-size=\"12\" fill=\"#505860\"", label, strlen(label));
	g_free(label);
}

static const char *note_attributes(const char *note)
{
	if (*note == '#')
		return " fill=\"#b4541f\" font-weight=\"bold\"";
	if (g_str_has_prefix(note, "LETS GO OF"))
		return " fill=\"#d01030\" font-weight=\"bold\"";
	if (g_str_has_prefix(note, "takes ") || g_str_has_prefix(note, "drops ") ||
	    g_str_has_prefix(note, "under "))
		return " fill=\"#808890\"";
	return " fill=\"#202830\"";
}

static void draw_row(struct picture *p, u32 number)
{
	const struct timeline_row *row = p->tl->row->pdata[number];
	u32 y = p->top[number], note = y + 14;

	if (row->kind == ROW_STEP)
		draw_step(p, row, y);
	else if (row->kind == ROW_MOVE)
		draw_move(p, row, y);
	else
		draw_label(p, row, y);
	for (u32 i = 0; i < row->note->len; i++)
		note = write_wrapped(p, notes_at(p), note, NOTE_CHARS, note_attributes(row->note->pdata[i]),
				     row->note->pdata[i]);
}

/* ---- windows ---- */

static bool part_has(const struct recording *r, const struct recorded_part *part, const struct window *w)
{
	for (u32 i = part->from; i < part->from + part->n; i++)
		if (recorded_window(r, i) == w)
			return true;
	return false;
}

/* The row of the step; UINT32_MAX: it has none. */
static u32 row_of_step(const struct timeline *tl, u32 step)
{
	for (u32 i = 0; i < tl->row->len; i++) {
		const struct timeline_row *row = tl->row->pdata[i];

		if (row->kind == ROW_STEP && row->first == step)
			return i;
	}
	return UINT32_MAX;
}

/* Where the task leaves the window it entered at @step: a row, or the end. */
static u32 end_of_window(const struct timeline *tl, const struct window *w, u32 step)
{
	const struct recording *r = tl->recording;

	for (u32 i = step + 1; i < r->step->len; i++)
		if (recorded_step(r, i)->task_number == recorded_step(r, step)->task_number &&
		    part_has(r, &recorded_step(r, i)->closed, w))
			return row_of_step(tl, i);
	return tl->row->len;
}

static void draw_window(struct picture *p, const struct window *w, u32 step, u32 nth)
{
	u32 begin = row_of_step(p->tl, step), end = end_of_window(p->tl, w, step);
	u32 x = gutter_at(p) + 4 + nth % 4 * 10;

	g_string_append_printf(p->to,
			       "<rect x=\"%u\" y=\"%u\" width=\"6\" height=\"%u\" rx=\"3\" fill=\"#7a4fb0\" "
			       "fill-opacity=\"0.7\"/>\n",
			       x, p->top[begin], p->top[end] - p->top[begin]);
	write_text(p, x + 10, p->top[begin] + 14 + nth % 4 * LINE, " fill=\"#7a4fb0\" font-size=\"12\"",
		   w->name, strlen(w->name));
}

static void draw_windows(struct picture *p)
{
	const struct recording *r = p->tl->recording;
	u32 nth = 0;

	for (u32 i = 0; i < r->step->len; i++) {
		const struct recorded_part *opened = &recorded_step(r, i)->opened;

		if (row_of_step(p->tl, i) == UINT32_MAX)
			continue;
		for (u32 n = opened->from; n < opened->from + opened->n; n++)
			if (timeline_tells_window(r, n))
				draw_window(p, recorded_window(r, n), i, nth++);
	}
}

/* ---- the whole ---- */

static u32 verdict_chars(const struct picture *p)
{
	return (p->width - 2 * MARGIN - 32) / CHAR_WIDTH;
}

static u32 verdict_lines(const struct picture *p)
{
	const struct timeline *tl = p->tl;

	if (!tl->recording->verdict)
		return 0;
	return lines_of(tl->recording->verdict, verdict_chars(p)) +
	       (tl->blame ? lines_of(tl->blame, verdict_chars(p)) : 0);
}

static void draw_verdict(struct picture *p)
{
	u32 y = p->top[p->tl->row->len] + MARGIN / 2, lines = verdict_lines(p);

	if (!lines)
		return;
	g_string_append_printf(p->to,
			       "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"6\" fill=\"#fdecef\" "
			       "stroke=\"#d01030\" stroke-width=\"2\"/>\n",
			       (u32)MARGIN, y, p->width - 2 * MARGIN, lines * LINE + 18);
	y = write_wrapped(p, MARGIN + 16, y + 24, verdict_chars(p), " fill=\"#d01030\" font-weight=\"bold\"",
			  p->tl->recording->verdict);
	if (p->tl->blame)
		write_wrapped(p, MARGIN + 16, y, verdict_chars(p), " fill=\"#202830\"", p->tl->blame);
}

void timeline_svg(const struct timeline *tl, GString *to)
{
	struct picture p = { .tl = tl, .to = to };
	u32 height;

	p.top = g_new0(u32, tl->row->len + 1);
	measure(&p);
	height =
	    p.top[tl->row->len] + 2 * MARGIN + (verdict_lines(&p) ? verdict_lines(&p) * LINE + MARGIN : 0);
	g_string_append_printf(
	    to,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
	    "viewBox=\"0 0 %u %u\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" "
	    "font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
	    p.width, height, p.width, height);
	draw_lanes(&p);
	write_text(&p, notes_at(&p), MARGIN + 26, " font-weight=\"bold\" font-size=\"16\"", "what it does",
		   12);
	draw_windows(&p);
	for (u32 i = 0; i < tl->row->len; i++)
		draw_row(&p, i);
	draw_verdict(&p);
	g_string_append(to, "</svg>\n");
	g_free(p.top);
}
