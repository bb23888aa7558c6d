/*
 * A timeline as text: a step number, a column per CPU, and what the step did.
 */
#include "sim/timeline.h"

#include <string.h>

enum { STEP_WIDTH = 6, NOTE_WIDTH = 30, OF_SEVERAL_AT = 2 };

static u32 column_width(const struct timeline *tl)
{
	u32 n = MAX(tl->cpu->len, 2);

	return (tl->width - STEP_WIDTH - NOTE_WIDTH) / n;
}

static u32 notes_at(const struct timeline *tl)
{
	return STEP_WIDTH + column_width(tl) * MAX(tl->cpu->len, 1);
}

static void pad_to(GString *line, u32 width)
{
	while (line->len < width)
		g_string_append_c(line, ' ');
}

static void end_line(GString *line, GString *to)
{
	while (line->len && line->str[line->len - 1] == ' ')
		g_string_truncate(line, line->len - 1);
	g_string_append_printf(to, "%s\n", line->str);
	g_string_truncate(line, 0);
}

/* Words from @text that fit into @room, at least one, cut if it is longer; returns what is left. */
static const char *take_words(const char *text, u32 room, GString *to)
{
	const char *end = text + strlen(text);

	if (strlen(text) > room) {
		end = text + room;
		while (end > text && *end != ' ')
			end--;
		if (end == text)
			end = text + room;
	}
	g_string_append_len(to, text, end - text);
	return end + strspn(end, " ");
}

void timeline_paragraph(const char *text, u32 width, const char *lead, GString *to)
{
	GString *line = g_string_new(lead);

	while (*text) {
		text = take_words(text, width - (u32)line->len, line);
		end_line(line, to);
		pad_to(line, (u32)strlen(lead));
	}
	g_string_free(line, TRUE);
}

static void write_head(const struct timeline *tl, GString *to)
{
	GString *line = g_string_new("step");

	for (u32 i = 0; i < tl->cpu->len; i++) {
		pad_to(line, STEP_WIDTH + i * column_width(tl));
		g_string_append_printf(line, "CPU %u", g_array_index(tl->cpu, u32, i));
	}
	pad_to(line, notes_at(tl));
	g_string_append(line, "what it does");
	end_line(line, to);
	g_string_free(line, TRUE);
}

/* In the lane of its CPU, and over those on its right if it is long, as nobody else is on the line; what
 * several did is in none. */
static u32 label_at(const struct timeline *tl, const struct timeline_row *row)
{
	return row->is_of_several ? OF_SEVERAL_AT : STEP_WIDTH + row->column * column_width(tl);
}

static void write_move(const struct timeline *tl, const struct timeline_row *row, GString *line)
{
	u32 left = MIN(row->from, row->column), right = MAX(row->from, row->column);
	u32 begin = STEP_WIDTH + left * column_width(tl), end = STEP_WIDTH + right * column_width(tl);
	bool to_right = row->column > row->from;

	pad_to(line, begin);
	g_string_append(line, to_right ? row->label : "<");
	while (line->len + 2 < end)
		g_string_append_c(line, '~');
	g_string_append(line, to_right ? "> " : "~ ");
	g_string_append(line, row->label);
}

static void write_row(const struct timeline *tl, const struct timeline_row *row, GString *to)
{
	GString *line = g_string_new(NULL);
	u32 room = tl->width - notes_at(tl);

	if (row->kind == ROW_MOVE) {
		write_move(tl, row, line);
	} else {
		if (row->kind == ROW_STEP)
			g_string_append_printf(line, "%4u", row->first + 1);
		pad_to(line, label_at(tl, row));
		g_string_append(line, row->label);
		if (line->len > tl->width)
			g_string_truncate(line, tl->width);
		if (line->len >= notes_at(tl) && row->note->len)
			end_line(line, to);
	}
	for (u32 i = 0; i < row->note->len; i++) {
		const char *text = row->note->pdata[i];

		while (*text) {
			pad_to(line, notes_at(tl));
			text = take_words(text, room, line);
			end_line(line, to);
		}
	}
	if (line->len)
		end_line(line, to);
	g_string_free(line, TRUE);
}

void timeline_text(const struct timeline *tl, GString *to)
{
	write_head(tl, to);
	for (u32 i = 0; i < tl->row->len; i++)
		write_row(tl, tl->row->pdata[i], to);
	if (!tl->recording->verdict)
		return;
	timeline_paragraph(tl->recording->verdict, tl->width, "** ", to);
	if (tl->blame)
		timeline_paragraph(tl->blame, tl->width, "   ", to);
}
