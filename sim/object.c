#include "sim/object.h"

#include <string.h>

static const struct object_kind *kind_of_region(const struct machine *m, const char *region)
{
	const struct object_kind *kind = m->vocabulary ? m->vocabulary->kind : NULL;

	for (; kind && kind->region; kind++)
		if (!strcmp(kind->region, region))
			return kind;
	return NULL;
}

static struct object object_at(const struct machine *m, const struct object_kind *kind,
			       const struct region *r, u32 index)
{
	return (struct object){ .kind = kind,
				.index = index,
				.bytes = r->size,
				.at = m->arena.base + r->offset + (u64)index * r->size };
}

bool object_find(const struct machine *m, u64 place, struct object *o)
{
	for (u32 i = 0; i < m->arena.regions; i++) {
		const struct region *r = &m->arena.region[i];
		const struct object_kind *kind;

		if (place < r->offset || place >= r->offset + r->size * r->live)
			continue;
		kind = kind_of_region(m, r->name);
		if (!kind)
			return false;
		*o = object_at(m, kind, r, (u32)((place - r->offset) / r->size));
		return true;
	}
	return false;
}

static void append_object(const struct machine *m, const struct object *o, GString *to)
{
	if (o->kind->words)
		o->kind->words(m, o->index, to);
	else
		g_string_append_printf(to, "%s %u", o->kind->name, o->index);
}

void object_name(const struct machine *m, u64 place, GString *to)
{
	struct object o;

	if (object_find(m, place, &o))
		append_object(m, &o, to);
	else
		g_string_append_printf(to, "place %" G_GUINT64_FORMAT, (guint64)place);
}

void object_field_name(const struct machine *m, u64 place, GString *to)
{
	struct object o;
	u64 offset;

	if (!object_find(m, place, &o)) {
		object_name(m, place, to);
		return;
	}
	offset = place - object_place(m, o.at);
	for (const struct object_field *f = o.kind->field; f && f->name; f++)
		if (f->kind != FIELD_NUMBER && f->offset == offset)
			g_string_append_printf(to, "%s of ", f->name);
	append_object(m, &o, to);
}

/* One that the kernel started is called by its path. */
void object_task_name(const struct machine *m, u32 task, GString *to)
{
	if (task < m->task_names)
		g_string_append(to, m->task_name[task]);
	else if (m->task_name)
		g_string_append(to, m->path[frame_at(m, &m->task[task], 0)->path].info->name);
	else if (task < 26)
		g_string_append_c(to, (char)('A' + task));
	else
		g_string_append_printf(to, "task %u", task);
}

u64 object_value(const struct object_field *f, const u8 *object)
{
	u16 two;
	u32 four;
	u64 eight;

	switch (f->bytes) {
	case sizeof(u8):
		return object[f->offset];
	case sizeof two:
		memcpy(&two, object + f->offset, sizeof two);
		return two;
	case sizeof four:
		memcpy(&four, object + f->offset, sizeof four);
		return four;
	case sizeof eight:
		memcpy(&eight, object + f->offset, sizeof eight);
		return eight;
	}
	BUG();
}

void object_value_words(const struct machine *m, const struct object_field *f, const u8 *state, u64 place,
			u64 value, GString *to)
{
	if (f->words_in)
		f->words_in(m, state, place, value, to);
	else if (f->words)
		f->words(m, value, to);
	else
		g_string_append_printf(to, "%" G_GUINT64_FORMAT, (guint64)value);
}

/* Task + 1 that holds the lock; 0: none, or nobody knows. */
static u32 owner_of(const struct object_field *f, const u8 *object)
{
	bit_lock_t bit;
	u32 word;

	if (f->kind == FIELD_BIT) {
		memcpy(&bit, object + f->offset, sizeof bit);
		return bit_lock_owner(bit);
	}
	memcpy(&word, object + f->offset, sizeof word); /* all other locks begin with it */
	return word;
}

static void locks_of(const struct machine *m, const struct object *o, held_fn *visit, void *data)
{
	for (const struct object_field *f = o->kind->field; f && f->name; f++) {
		u32 owner = f->kind == FIELD_NUMBER ? 0 : owner_of(f, o->at);

		if (owner && owner <= m->tasks)
			visit(data, owner - 1, object_place(m, o->at + f->offset), f->kind);
	}
}

static bool has_locks(const struct object_kind *kind)
{
	for (const struct object_field *f = kind ? kind->field : NULL; f && f->name; f++)
		if (f->kind != FIELD_NUMBER)
			return true;
	return false;
}

void object_locks(const struct machine *m, held_fn *visit, void *data)
{
	for (u32 i = 0; i < m->arena.regions; i++) {
		const struct region *r = &m->arena.region[i];
		const struct object_kind *kind = kind_of_region(m, r->name);

		if (!has_locks(kind))
			continue;
		for (u32 n = 0; n < r->live; n++) {
			struct object o = object_at(m, kind, r, n);

			locks_of(m, &o, visit, data);
		}
	}
}
