#include "sim/symmetry.h"

#include <string.h>

#include "sim/irq.h"

/* ---- renamings ---- */

static u64 orders_of(const u32 *class, u32 members)
{
	u64 n = 1;

	for (u32 i = 0; i < members && n <= RENAMINGS_MOST; i++) {
		u32 before = 1;

		for (u32 j = 0; class[i] && j < i; j++)
			before += class[j] == class[i];
		n *= before;
	}
	return n;
}

static void keep_to_the_most(u32 *class, u32 members)
{
	for (u32 i = members; i-- && orders_of(class, members) > RENAMINGS_MOST;)
		class[i] = 0;
}

/* What @order, which says whose place each member takes, makes of all numbers. */
static void add_renaming(struct symmetry *s, const u32 *order, u32 members, const struct label_set *set,
			 u32 sets)
{
	u32 i = s->n++;

	for (u32 label = 0; label < s->labels; label++)
		for (u32 n = 0; n < s->numbers[label]; n++)
			s->to[label][i * s->numbers[label] + n] = n;
	for (u32 n = 0; n < sets; n++) {
		u32 *to = s->to[set[n].label] + i * s->numbers[set[n].label], each = set[n].each;

		for (u32 k = 0; k < members * each; k++)
			if (set[n].number[k] != UINT32_MAX)
				to[set[n].number[k]] = set[n].number[order[k / each] * each + k % each];
	}
}

/* The first @placed members have their places; the identity comes first of all. */
static void add_orders(struct symmetry *s, u32 *order, u32 placed, const u32 *class, u32 members,
		       const struct label_set *set, u32 sets)
{
	if (placed == members) {
		add_renaming(s, order, members, set, sets);
		return;
	}
	for (u32 i = 0; i < members; i++) {
		bool taken = class[i] != class[placed] || (!class[i] && i != placed);

		for (u32 j = 0; j < placed; j++)
			taken |= order[j] == i;
		if (taken)
			continue;
		order[placed] = i;
		add_orders(s, order, placed + 1, class, members, set, sets);
	}
}

static bool is_product(const struct symmetry *s, u32 a, u32 b, u32 both)
{
	for (u32 label = 0; label < NR_ENGINE_LABELS; label++)
		for (u32 n = 0; n < s->numbers[label]; n++)
			if (symmetry_rename(s, both, label, n) !=
			    symmetry_rename(s, b, label, symmetry_rename(s, a, label, n)))
				return false;
	return true;
}

/* Tasks and CPUs tell a renaming from all others. */
static u8 product_of(const struct symmetry *s, u32 a, u32 b)
{
	for (u32 i = 0; i < s->n; i++)
		if (is_product(s, a, b, i))
			return (u8)i;
	BUG();
}

static void make_products(struct symmetry *s)
{
	s->product = g_new(u8, (gsize)s->n * s->n);
	s->inverse = g_new(u8, s->n);
	for (u32 a = 0; a < s->n; a++)
		for (u32 b = 0; b < s->n; b++) {
			s->product[b * s->n + a] = product_of(s, a, b);
			if (!symmetry_both(s, a, b))
				s->inverse[a] = (u8)b;
		}
}

void symmetry_init(struct symmetry *s, const u32 *numbers, u32 labels, u32 *class, u32 members,
		   const struct label_set *set, u32 sets)
{
	u32 *order = g_new(u32, members + 1);
	u64 n;

	keep_to_the_most(class, members);
	n = orders_of(class, members);
	*s = (struct symmetry){ .labels = labels, .sleepers = UINT32_MAX };
	for (u32 i = 0; i < labels; i++) {
		s->numbers[i] = numbers[i];
		s->to[i] = g_new(u32, n * numbers[i] + 1);
	}
	add_orders(s, order, 0, class, members, set, sets);
	make_products(s);
	g_free(order);
}

void symmetry_release(struct symmetry *s)
{
	for (u32 i = 0; i < s->labels; i++)
		g_free(s->to[i]);
	g_free(s->product);
	g_free(s->inverse);
}

/* ---- what they make of bytes ---- */

static const struct label_field task_fields[] = {
	LABEL_FIELD(struct task, obj, 1, LABEL_NONE, LABEL_PLACE),
	LABEL_FIELD(struct task, id, 1, LABEL_TASK, LABEL_OWN),
	LABEL_FIELD(struct task, cpu, 1, LABEL_CPU, LABEL_NUMBER),
	LABEL_FIELD(struct task, pinned, 1, LABEL_CPU, LABEL_PLUS_ONE),
	LABEL_OWNER(struct task, next),
	{ 0 },
};

static const struct label_field cpu_fields[] = {
	LABEL_OWNER(struct cpu, current),
	LABEL_OWNER(struct cpu, head),
	LABEL_OWNER(struct cpu, tail),
	{ 0 },
};

static const struct label_field bucket_fields[] = {
	LABEL_OWNER(struct wait_queue, head),
	LABEL_OWNER(struct wait_queue, tail),
	{ 0 },
};

static const struct label_field irq_fields[] = {
	LABEL_FIELD(struct irq, cpu, 1, LABEL_CPU, LABEL_NUMBER),
	{ 0 },
};

/* The stacks are one for each task, too, and otherwise their paths' affair. */
static const struct label_region engine_rows[] = {
	{ "task", LABEL_TASK, false, task_fields },	{ "cpu", LABEL_CPU, false, cpu_fields },
	{ "bucket", LABEL_NONE, false, bucket_fields }, { "rcu", LABEL_NONE, false, NULL },
	{ "irq", LABEL_NONE, false, irq_fields },	{ "held", LABEL_TASK, false, NULL },
	{ "stack", LABEL_TASK, false, NULL },		{ 0 },
};

static const struct label_region *row_named(const struct label_region *row, const char *name)
{
	for (; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

const struct label_region *symmetry_region(const struct symmetry *s, const char *name)
{
	const struct label_region *row = row_named(engine_rows, name);

	return row ? row : row_named(s->region, name);
}

static bool rename_place(const struct symmetry *s, const struct machine *m, u32 i, u64 *place)
{
	const struct region *r = m->arena.region;
	const struct label_region *labels;
	u32 n = 0, at;

	if (!*place)
		return true;
	while (n < m->arena.regions &&
	       !(*place >= r[n].offset && *place - r[n].offset < r[n].max * r[n].size))
		n++;
	if (n == m->arena.regions)
		return false;
	labels = symmetry_region(s, r[n].name);
	if (!labels)
		return false;
	if (labels->label == LABEL_NONE)
		return true;
	at = (u32)((*place - r[n].offset) / r[n].size);
	*place += (s64)((u64)symmetry_rename(s, i, labels->label, at) - at) * r[n].size;
	return true;
}

static bool rename_value(const struct symmetry *s, const struct machine *m, u32 i,
			 const struct label_field *f, u64 *value)
{
	u32 owner;

	switch (f->form) {
	case LABEL_OWN:
	case LABEL_NUMBER:
		*value = symmetry_rename(s, i, f->label, (u32)*value);
		return true;
	case LABEL_PLUS_ONE:
		*value = *value ? symmetry_rename(s, i, f->label, (u32)*value - 1) + 1 : 0;
		return true;
	case LABEL_BIT_LOCK:
		owner = bit_lock_owner((bit_lock_t)*value);
		if (owner && owner != BIT_LOCK_UNKNOWN)
			*value = (*value & BIT_LOCK_WAITERS) |
				 bit_lock_by(symmetry_rename(s, i, f->label, owner - 1));
		return true;
	case LABEL_PLACE:
		return rename_place(s, m, i, value);
	default:
		return s->rename(s, i, f->form, value);
	}
}

static u64 value_at(const u8 *at, u32 bytes)
{
	u16 v16;
	u32 v32;
	u64 v64;

	switch (bytes) {
	case 1:
		return *at;
	case 2:
		memcpy(&v16, at, 2);
		return v16;
	case 4:
		memcpy(&v32, at, 4);
		return v32;
	default:
		memcpy(&v64, at, 8);
		return v64;
	}
}

static void put_value(u8 *at, u32 bytes, u64 value)
{
	u16 v16 = (u16)value;
	u32 v32 = (u32)value;

	switch (bytes) {
	case 1:
		*at = (u8)value;
		break;
	case 2:
		memcpy(at, &v16, 2);
		break;
	case 4:
		memcpy(at, &v32, 4);
		break;
	default:
		memcpy(at, &value, 8);
	}
}

/* Those among the @n bytes at @at, which lie @offset bytes into an element or a frame. */
static bool rename_fields(const struct symmetry *s, const struct machine *m, u32 i,
			  const struct label_field *field, bool moves, u32 offset, u8 *at, u32 n)
{
	for (const struct label_field *f = field; f && f->bytes; f++)
		for (u32 k = 0; k < f->count && (moves || f->form != LABEL_OWN); k++) {
			u32 where = f->offset + k * f->bytes;
			u64 value;

			if (where < offset || where + f->bytes > offset + n)
				continue;
			value = value_at(at + (where - offset), f->bytes);
			if (!rename_value(s, m, i, f, &value))
				return false;
			put_value(at + (where - offset), f->bytes, value);
		}
	return true;
}

u32 symmetry_place(const struct symmetry *s, const struct label_region *row, const struct region *r, u32 i,
		   u32 start, u32 n)
{
	u32 first = start / r->size, least = UINT32_MAX, most = 0;

	if (!row || row->label == LABEL_NONE)
		return start;
	for (u32 e = first; e * r->size < start + n; e++) {
		u32 to = symmetry_rename(s, i, row->label, e);

		least = MIN(least, to);
		most = MAX(most, to);
	}
	if ((u64)(most - least) * r->size >= n)
		return UINT32_MAX;
	return least * r->size + start % r->size;
}

/* A local lock is known by where CPU 0 has it. Which queue a task waits in follows from the place of what it
 * waits for: that must be the same. */
static bool task_is_renamed(const struct symmetry *s, u32 number, const struct task *t, struct task *renamed)
{
	if (number >= s->sleepers && renamed->cpu != t->cpu) {
		renamed->cpu = t->cpu;
		if (t->sp &&
		    t->state != TASK_BLOCKED) /* without a stack it has come to an end, or never was */
			return false;
	}
	if (t->op == OP_LOCAL_LOCK || t->op == OP_LOCAL_UNLOCK)
		renamed->obj = t->obj;
	return t->state != TASK_BLOCKED || (t->op != OP_BIT_LOCK && t->op != OP_BIT_WAIT) ||
	       t->obj == renamed->obj;
}

bool symmetry_rename_elements(const struct symmetry *s, const struct machine *m, u32 i,
			      const struct label_region *row, const struct region *r, u32 start,
			      const u8 *from, u8 *to, u32 n)
{
	u32 first = start / r->size, at = symmetry_place(s, row, r, i, start, n), offset = start % r->size;

	for (u32 k = 0; !row && k < n; k++)
		if (from[k])
			return false;
	for (u32 done = 0; done < n;) {
		u32 e = first + (offset + done) / r->size,
		    bytes = MIN(n - done, r->size - (offset + done) % r->size);
		u32 target = row && row->label != LABEL_NONE ? symmetry_rename(s, i, row->label, e) : e;
		u8 *there = to + (target * r->size + (offset + done) % r->size - at);

		memcpy(there, from + done, bytes);
		if (row &&
		    !rename_fields(s, m, i, row->field, target != e, (offset + done) % r->size, there, bytes))
			return false;
		if (row && row->field == task_fields &&
		    !task_is_renamed(s, e, (const void *)(from + done), (void *)there))
			return false;
		done += bytes;
	}
	return true;
}

bool symmetry_rename_stack(const struct symmetry *s, const struct machine *m, u32 i, u8 *stack, u32 n)
{
	for (u32 at = 0; at < n;) {
		const struct frame *frame = (const void *)(stack + at);
		u32 path = frame->path, bytes = (m->path[path].info->frame_bytes + 7) / 8 * 8;

		at += (u32)sizeof *frame;
		if (!s->frame[path] || !rename_fields(s, m, i, s->frame[path], true, 0, stack + at, bytes))
			return false;
		at += bytes;
	}
	return true;
}
