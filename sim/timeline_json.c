/*
 * A timeline as JSON: every step with all that it did, and the rows of the picture.
 */
#include "sim/json_emit.h"
#include "sim/timeline.h"

static void write_bool(struct json_emit *emit, const char *key, bool value)
{
	json_emit_raw(emit, key, value ? "true" : "false");
}

static void write_locks(const struct recording *r, struct json_emit *emit, const char *key,
			const struct recorded_part *part)
{
	if (!part->n)
		return;
	json_emit_open(emit, key, '[');
	for (u32 i = part->from; i < part->from + part->n; i++)
		json_emit_string(emit, NULL, recorded_lock(r, i)->name);
	json_emit_close(emit, '[');
}

static void write_change(const struct recorded_change *c, struct json_emit *emit)
{
	json_emit_open(emit, NULL, '{');
	json_emit_string(emit, "object", c->name);
	if (c->field) {
		json_emit_string(emit, "field", c->field);
		json_emit_string(emit, "before", c->before);
		json_emit_string(emit, "after", c->after);
	} else {
		write_bool(emit, "taken_up", c->gained);
	}
	json_emit_close(emit, '{');
}

static void write_changes(const struct recording *r, struct json_emit *emit, const struct recorded_part *part)
{
	if (!part->n)
		return;
	json_emit_open(emit, "changes", '[');
	for (u32 i = part->from; i < part->from + part->n; i++)
		write_change(recorded_change(r, i), emit);
	json_emit_close(emit, '[');
}

static void write_choices(const struct recording *r, struct json_emit *emit, u32 step)
{
	bool open = false;

	for (u32 i = 0; i < r->choice->len; i++) {
		const struct recorded_choice *c = recorded_choice(r, i);

		if (c->step != step)
			continue;
		if (!open)
			json_emit_open(emit, "choices", '[');
		open = true;
		json_emit_open(emit, NULL, '{');
		json_emit_string(emit, "kind", c->kind);
		json_emit_string(emit, "actor", c->actor);
		json_emit_number(emit, "value", c->answer);
		json_emit_string(emit, "words", c->words);
		write_bool(emit, "usual", c->is_usual);
		json_emit_close(emit, '{');
	}
	if (open)
		json_emit_close(emit, '[');
}

static void write_windows(const struct recording *r, struct json_emit *emit, const char *key,
			  const struct recorded_part *part)
{
	if (!part->n)
		return;
	json_emit_open(emit, key, '[');
	for (u32 i = part->from; i < part->from + part->n; i++)
		json_emit_string(emit, NULL, recorded_window(r, i)->name);
	json_emit_close(emit, '[');
}

static void write_notes(const struct recording *r, struct json_emit *emit, const struct recorded_part *part)
{
	if (!part->n)
		return;
	json_emit_open(emit, "notes", '[');
	for (u32 i = part->from; i < part->from + part->n; i++)
		json_emit_string(emit, NULL, recorded_note(r, i));
	json_emit_close(emit, '[');
}

static void write_step(const struct recording *r, u32 number, struct json_emit *emit)
{
	const struct recorded_step *s = recorded_step(r, number);

	json_emit_open(emit, NULL, '{');
	json_emit_number(emit, "step", number + 1);
	json_emit_number(emit, "time_ns", s->time);
	if (s->task)
		json_emit_string(emit, "task", s->task);
	json_emit_number(emit, "cpu", s->cpu);
	json_emit_number(emit, "depth", s->depth);
	json_emit_string(emit, "path", s->path);
	json_emit_string(emit, "name", s->step);
	if (s->object)
		json_emit_string(emit, "object", s->object);
	write_locks(r, emit, "takes", &s->taken);
	write_locks(r, emit, "drops", &s->dropped);
	write_locks(r, emit, "holds", &s->held);
	write_changes(r, emit, &s->changes);
	write_choices(r, emit, number);
	write_windows(r, emit, "opens", &s->opened);
	write_windows(r, emit, "closes", &s->closed);
	write_notes(r, emit, &s->notes);
	json_emit_close(emit, '{');
}

static void write_row(const struct timeline *tl, const struct timeline_row *row, struct json_emit *emit)
{
	static const char *const kind[] = { "path", "step", "fold", "move" };

	json_emit_open(emit, NULL, '{');
	json_emit_string(emit, "kind", kind[row->kind]);
	json_emit_number(emit, "first", row->first + 1);
	json_emit_number(emit, "last", row->last + 1);
	json_emit_number(emit, "cpu", g_array_index(tl->cpu, u32, row->column));
	if (row->kind == ROW_MOVE)
		json_emit_number(emit, "from_cpu", g_array_index(tl->cpu, u32, row->from));
	json_emit_string(emit, "label", row->label);
	if (row->note->len) {
		json_emit_open(emit, "notes", '[');
		for (u32 i = 0; i < row->note->len; i++)
			json_emit_string(emit, NULL, row->note->pdata[i]);
		json_emit_close(emit, '[');
	}
	if (row->is_violation)
		write_bool(emit, "violation", true);
	json_emit_close(emit, '{');
}

void timeline_json(const struct timeline *tl, GString *to)
{
	const struct recording *r = tl->recording;
	struct json_emit emit;
	char *text;

	json_emit_init(&emit);
	json_emit_open(&emit, NULL, '{');
	json_emit_number(&emit, "format", 1);
	if (r->verdict)
		json_emit_string(&emit, "violation", r->verdict);
	if (tl->blame)
		json_emit_string(&emit, "blame", tl->blame);
	json_emit_open(&emit, "steps", '[');
	for (u32 i = 0; i < r->step->len; i++)
		write_step(r, i, &emit);
	json_emit_close(&emit, '[');
	json_emit_open(&emit, "rows", '[');
	for (u32 i = 0; i < tl->row->len; i++)
		write_row(tl, tl->row->pdata[i], &emit);
	json_emit_close(&emit, '[');
	json_emit_close(&emit, '{');
	text = json_emit_finish(&emit);
	g_string_append(to, text);
	g_free(text);
}
