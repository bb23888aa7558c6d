#include "sim/state_parts.h"

#include <string.h>

#include "sim/state_images.h"
#include "sim/state_part.h"

enum {
	PART_BYTES = 64,
	PART_LEAST = 32,
	PART_MOST = 128,
	WHOLE_MOST = 1024,
	STILL_MOST = 2048, /* bytes of a span */
	MOVING_MOST = 192,
	GAP_MOST = 8, /* arena.c aligns regions to as much */
	FIRST_SLOTS = 8
};

enum { TASKS_EVER, TASKS_LEFT, FIRST_LIVE };

/* ---- contents ---- */

static inline u64 seed_of(u32 part)
{
	return (u64)part << 32;
}

static void slots_grow(struct state_part *p)
{
	g_free(p->slot);
	p->slots = p->slots ? 4 * p->slots : FIRST_SLOTS;
	p->slot = g_new0(u32, p->slots);
	for (u32 i = 0; i < p->contents; i++) {
		u32 at = (u32)p->content[i].hash & (p->slots - 1);

		while (p->slot[at])
			at = (at + 1) & (p->slots - 1);
		p->slot[at] = i + 1;
	}
}

static u32 content_add(struct state_part *p, const u8 *bytes, u32 n, u64 hash)
{
	if (p->contents == p->room) {
		p->room = p->room ? 2 * p->room : 2;
		p->content = g_renew(struct content, p->content, p->room);
	}
	if (p->kept_bytes + n > p->kept_room) {
		p->kept_room = MAX(2 * p->kept_room, p->kept_bytes + n);
		p->kept = g_realloc(p->kept, p->kept_room);
	}
	if (n)
		memcpy(p->kept + p->kept_bytes, bytes, n);
	p->content[p->contents] = (struct content){ .hash = hash, .at = p->kept_bytes, .bytes = n };
	p->kept_bytes += n;
	if (2 * ++p->contents > p->slots) {
		slots_grow(p);
	} else {
		u32 at = (u32)hash & (p->slots - 1);

		while (p->slot[at])
			at = (at + 1) & (p->slots - 1);
		p->slot[at] = p->contents;
	}
	return p->contents - 1;
}

static u32 content_number(struct state_part *p, const u8 *bytes, u32 n, u64 seed)
{
	u64 hash = hash_state(bytes, n, seed);

	for (u32 at = (u32)hash & (p->slots - 1); p->slot[at]; at = (at + 1) & (p->slots - 1)) {
		const struct content *c = &p->content[p->slot[at] - 1];

		if (c->hash == hash && c->bytes == n && (!n || !memcmp(p->kept + c->at, bytes, n)))
			return p->slot[at] - 1;
	}
	return content_add(p, bytes, n, hash);
}

u32 state_part_content(struct state_part *p, u32 part, const u8 *bytes, u32 n)
{
	return content_number(p, bytes, n, seed_of(part));
}

/* ---- which parts there are ---- */

static u32 bytes_of_part(u32 element)
{
	if (element < PART_LEAST)
		return PART_BYTES / element * element;
	return element <= PART_MOST ? element : PART_BYTES;
}

static struct state_part *part_add(GArray *parts, u8 *at, u32 bytes, enum part_kind kind, u32 number)
{
	struct state_part p = {
		.at = at, .bytes = bytes, .kind = kind, .number = number, .aspects = UINT32_MAX
	};

	g_array_append_val(parts, p);
	return &g_array_index(parts, struct state_part, parts->len - 1);
}

/* What may trade places is in one part with what it trades them with, or alone. @bytes: of all of them. */
static u32 bytes_of_parts(const struct state_parts *s, const struct region *r, u64 *bytes)
{
	const struct label_region *row = s->symmetry ? symmetry_region(s->symmetry, r->name) : NULL;

	if (row && row->joined)
		return (u32)(*bytes = r[1].offset + r[1].max * r[1].size - r->offset);
	if (!row || row->label == LABEL_NONE)
		return bytes_of_part(r->size);
	return r->size < PART_LEAST && r->live == r->max ? (u32)MIN(*bytes, WHOLE_MOST) : r->size;
}

/* Its bytes are those of the region before it. */
static bool is_joined(const struct state_parts *s, const struct region *r)
{
	const struct label_region *row =
	    s->symmetry && r > s->m->arena.region ? symmetry_region(s->symmetry, r[-1].name) : NULL;

	return row && row->joined;
}

static void add_region(const struct state_parts *s, u32 number, GArray *parts, GArray *grown)
{
	const struct machine *m = s->m;
	const struct region *r = &m->arena.region[number];
	u64 bytes = r->max * r->size;
	u32 each = bytes_of_parts(s, r, &bytes), first = parts->len;
	bool grows = r->live < r->max;

	if (r->kind != REGION_STATE || !bytes || is_joined(s, r))
		return;
	for (u64 start = 0; start < bytes; start += each) {
		struct state_part *p =
		    part_add(parts, m->arena.base + r->offset + start, (u32)MIN(each, bytes - start),
			     grows ? PART_LIVE : PART_FIXED, number);

		p->start = (u32)start;
		p->aspects = r->aspects;
	}
	if (grows) {
		struct state_grown g = { number, first, parts->len - first, each, r->size, 0 };

		g_array_append_val(grown, g);
	}
}

/* Between two regions lie a few bytes that are always 0. */
static bool belongs_to(const struct state_parts *s, const struct state_span *span, const struct state_part *p)
{
	const u8 *end = span->at + span->bytes;
	u32 most = p->column ? MOVING_MOST : STILL_MOST;

	return !s->part[span->first].column == !p->column && p->at >= end && p->at < end + GAP_MOST &&
	       p->at + p->bytes <= span->at + most;
}

/* Most parts never change: these are compared in few long stretches, and the others in short ones, to find
 * soon what differs. */
static void make_spans(struct state_parts *s)
{
	struct state_span *last = NULL;

	s->spans = 0;
	s->spanned = s->columns;
	for (u32 i = 0; i < s->parts; i++) {
		const struct state_part *p = &s->part[i];

		if (p->kind != PART_FIXED) {
			last = NULL;
		} else if (last && belongs_to(s, last, p)) {
			last->bytes = (u32)(p->at + p->bytes - last->at);
			last->n++;
		} else {
			last = &s->span[s->spans++];
			*last = (struct state_span){ p->at, p->image, p->bytes, i, 1 };
		}
	}
}

static u32 aspects_of_stacks(const struct machine *m)
{
	const struct region *r = m->arena.region;

	while (r->kind != REGION_OWNER)
		r++;
	return r->aspects;
}

static void find_parts(struct state_parts *s)
{
	struct machine *m = s->m;
	GArray *parts = g_array_new(FALSE, FALSE, sizeof(struct state_part));
	GArray *grown = g_array_new(FALSE, FALSE, sizeof(struct state_grown));

	part_add(parts, NULL, 0, PART_FIXED, 0); /* the live counts, once they are known */
	for (u32 i = 0; i < m->arena.regions; i++)
		add_region(s, i, parts, grown);
	for (u32 i = 0; i < m->config.tasks; i++)
		part_add(parts, m->stack + (size_t)i * m->stack_bytes, m->stack_bytes, PART_STACK, i)
		    ->aspects = aspects_of_stacks(m);
	s->growns = grown->len;
	s->lives = g_new0(u64, FIRST_LIVE + s->growns);
	g_array_index(parts, struct state_part, 0).at = (u8 *)s->lives;
	g_array_index(parts, struct state_part, 0).bytes = (u32)((FIRST_LIVE + s->growns) * sizeof(u64));
	s->parts = parts->len;
	s->part = (struct state_part *)g_array_free(parts, FALSE);
	s->grown = (struct state_grown *)g_array_free(grown, FALSE);
}

/* What lies behind @before in the state does so in the image, too: where spans are to be made of. */
static u64 gap_behind(const struct state_part *before, const struct state_part *p)
{
	const u8 *end = before->at + before->bytes;

	if (before->kind != PART_FIXED || p->kind != PART_FIXED || p->at < end || p->at >= end + GAP_MOST)
		return 0;
	return (u64)(p->at - end);
}

static void make_image(struct state_parts *s)
{
	u64 *start = g_new0(u64, s->parts);

	for (u32 i = 0; i < s->parts; i++) {
		start[i] = s->image_bytes + (i ? gap_behind(&s->part[i - 1], &s->part[i]) : 0);
		s->image_bytes = start[i] + s->part[i].bytes;
	}
	s->image = g_malloc0(s->image_bytes);
	for (u32 i = 0; i < s->parts; i++)
		s->part[i].image = s->image + start[i];
	g_free(start);
	s->span = g_new(struct state_span, s->parts);
	make_spans(s);
}

/* ---- lengths ---- */

static void gather_lives(struct state_parts *s)
{
	s->lives[TASKS_EVER] = s->m->tasks;
	s->lives[TASKS_LEFT] = s->m->tasks_left;
	for (u32 i = 0; i < s->growns; i++)
		s->lives[FIRST_LIVE + i] = s->m->arena.region[s->grown[i].region].live;
}

static void scatter_lives(struct state_parts *s)
{
	s->m->tasks = (u32)s->lives[TASKS_EVER];
	s->m->tasks_left = (u32)s->lives[TASKS_LEFT];
	for (u32 i = 0; i < s->growns; i++)
		arena_set_live(&s->m->arena, s->grown[i].region, s->lives[FIRST_LIVE + i]);
}

static u32 present_bytes(const struct state_parts *s, const struct state_part *p)
{
	const struct region *r;
	u64 live;

	if (p->kind == PART_FIXED)
		return p->bytes;
	if (p->kind == PART_STACK)
		return p->number < s->m->tasks ? s->m->task[p->number].sp : 0;
	r = &s->m->arena.region[p->number];
	live = r->live * r->size;
	return live <= p->start ? 0 : (u32)MIN(p->bytes, live - p->start);
}

/* ---- what a step changed ---- */

void state_part_changes(struct state_parts *s, u32 part)
{
	struct state_part *p = &s->part[part];

	if (p->column)
		return;
	s->column[s->columns++] = part;
	p->column = s->columns;
}

static void note_change(struct state_parts *s, u32 part, u32 bytes)
{
	struct state_part *p = &s->part[part];
	u32 content = content_number(p, p->at, bytes, seed_of(part));

	state_part_changes(s, part);
	s->change[s->changes++] = (struct state_change){ part, p->column - 1, content };
}

static void compare_fixed(struct state_parts *s)
{
	for (u32 i = 0; i < s->spans; i++) {
		const struct state_span *span = &s->span[i];

		if (likely(!memcmp(span->at, span->image, span->bytes)))
			continue;
		for (u32 n = span->first; n < span->first + span->n; n++)
			if (span->n == 1 || memcmp(s->part[n].at, s->part[n].image, s->part[n].bytes))
				note_change(s, n, s->part[n].bytes);
	}
}

static inline void compare_one(struct state_parts *s, u32 part, u32 bytes)
{
	const struct state_part *p = &s->part[part];

	if (bytes != p->image_bytes || (bytes && memcmp(p->at, p->image, bytes)))
		note_change(s, part, bytes);
}

static void compare_grown(struct state_parts *s)
{
	for (u32 i = 0; i < s->growns; i++) {
		const struct state_grown *g = &s->grown[i];
		u64 live = s->lives[FIRST_LIVE + i] * g->element, bytes = MAX(live, g->image_bytes);
		u32 part = g->first;

		for (u64 start = 0; start < bytes; start += g->each, part++)
			compare_one(s, part, start < live ? (u32)MIN(g->each, live - start) : 0);
	}
	for (u32 i = 0; i < s->m->tasks; i++)
		compare_one(s, s->parts - s->m->config.tasks + i, s->m->task[i].sp);
}

u64 state_parts_compare(struct state_parts *s)
{
	u64 hash = s->hash;

	gather_lives(s);
	s->changes = 0;
	s->changed = 0;
	if (s->spanned != s->columns)
		make_spans(s);
	compare_fixed(s);
	compare_grown(s);
	for (u32 i = 0; i < s->changes; i++) {
		const struct state_part *p = &s->part[s->change[i].part];

		s->changed |= p->aspects;
		hash ^=
		    p->content[s->loaded[s->change[i].column]].hash ^ p->content[s->change[i].content].hash;
	}
	return hash;
}

void state_parts_mark(struct state_parts *s)
{
	memcpy(s->marked, s->change, s->changes * sizeof *s->change);
	s->marks = s->changes;
}

static u32 content_in(const struct state_parts *s, const struct state_change *list, u32 n, u32 column)
{
	for (u32 i = 0; i < n; i++)
		if (list[i].column == column)
			return list[i].content;
	return s->loaded[column];
}

/* Whether what differs between two contents lies in the object. */
static bool differs_only_in(const struct state_part *p, u32 a, u32 b, const void *object, u32 bytes)
{
	const u8 *x = p->kept + p->content[a].at, *y = p->kept + p->content[b].at;
	s64 at = (const u8 *)object - p->at;
	u64 from = (u64)CLAMP(at, 0, (s64)p->bytes), to = (u64)CLAMP(at + bytes, 0, (s64)p->bytes);

	return !memcmp(x, y, from) && !memcmp(x + to, y + to, p->bytes - to);
}

static bool may_change(const struct state_parts *s, u32 part, u32 before, u32 after, const struct task *t,
		       const void *object, u32 bytes)
{
	const struct state_part *p = &s->part[part];

	if (before == after || (p->kind == PART_STACK && p->number == t->id))
		return true;
	return p->kind == PART_FIXED &&
	       (differs_only_in(p, before, after, t, sizeof *t) ||
		differs_only_in(p, before, after, &s->m->cpu[t->cpu], sizeof *s->m->cpu) ||
		differs_only_in(p, before, after, object, bytes));
}

bool state_parts_changed_only(const struct state_parts *s, const struct task *t, const void *object,
			      u32 bytes)
{
	for (u32 i = 0; i < s->changes; i++)
		if (!may_change(s, s->change[i].part, content_in(s, s->marked, s->marks, s->change[i].column),
				s->change[i].content, t, object, bytes))
			return false;
	for (u32 i = 0; i < s->marks; i++)
		if (!may_change(s, s->marked[i].part, s->marked[i].content,
				content_in(s, s->change, s->changes, s->marked[i].column), t, object, bytes))
			return false;
	return true;
}

static void note_grown(struct state_parts *s)
{
	for (u32 i = 0; i < s->growns; i++)
		s->grown[i].image_bytes = s->lives[FIRST_LIVE + i] * s->grown[i].element;
}

/* What lies beyond the live part is 0. */
static void put(struct state_part *p, const u8 *bytes, u32 n, u32 before)
{
	memcpy(p->at, bytes, n);
	if (p->kind == PART_LIVE && before > n)
		memset(p->at + n, 0, before - n);
}

void state_parts_undo(struct state_parts *s)
{
	bool lives = false;

	for (u32 i = 0; i < s->changes; i++) {
		struct state_part *p = &s->part[s->change[i].part];

		put(p, p->image, p->image_bytes, p->content[s->change[i].content].bytes);
		lives |= !s->change[i].part;
	}
	if (lives)
		scatter_lives(s);
	s->changes = 0;
	s->m->now = s->now;
}

static inline void note_loaded(struct state_parts *s, u32 column, u32 content)
{
	const struct content *of = s->part[s->column[column]].content;

	s->hash ^= of[s->loaded[column]].hash ^ of[content].hash;
	if (s->images)
		state_images_load(s->images, s->column[column], s->loaded[column], content);
	s->loaded[column] = content;
}

void state_parts_accept(struct state_parts *s)
{
	for (u32 i = 0; i < s->changes; i++) {
		struct state_part *p = &s->part[s->change[i].part];
		const struct content *c = &p->content[s->change[i].content];

		memcpy(p->image, p->kept + c->at, c->bytes);
		p->image_bytes = c->bytes;
		note_loaded(s, s->change[i].column, s->change[i].content);
		if (!s->change[i].part)
			note_grown(s);
	}
	s->changes = 0;
}

static void load_part(struct state_parts *s, u32 column, u32 content)
{
	struct state_part *p = &s->part[s->column[column]];
	const struct content *c = &p->content[content];

	put(p, p->kept + c->at, c->bytes, p->image_bytes);
	memcpy(p->image, p->kept + c->at, c->bytes);
	p->image_bytes = c->bytes;
	note_loaded(s, column, content);
	if (!s->column[column]) {
		scatter_lives(s);
		note_grown(s);
	}
}

void state_parts_load(struct state_parts *s, const u32 *content, u32 n)
{
	BUG_ON(s->changes);
	for (u32 i = 0; i < s->columns; i++) {
		u32 wanted = i < n ? content[i] : 0;

		if (s->loaded[i] != wanted)
			load_part(s, i, wanted);
	}
	s->m->now = s->now;
}

/* To the one that was loaded last, of which the present one may differ in whatever there is. */
static void restore_grown(struct state_parts *s, const struct state_grown *g, u64 live)
{
	u32 part = g->first;

	for (u64 start = 0; start < MAX(live, g->image_bytes); start += g->each, part++)
		put(&s->part[part], s->part[part].image, s->part[part].image_bytes,
		    start < live ? (u32)MIN(g->each, live - start) : 0);
}

void state_parts_restart(struct state_parts *s)
{
	s->changes = 0;
	gather_lives(s);
	for (u32 i = 0; i < s->growns; i++)
		restore_grown(s, &s->grown[i], s->lives[FIRST_LIVE + i] * s->grown[i].element);
	for (u32 i = 0; i < s->spans; i++)
		if (memcmp(s->span[i].at, s->span[i].image, s->span[i].bytes))
			memcpy(s->span[i].at, s->span[i].image, s->span[i].bytes);
	scatter_lives(s);
	for (u32 i = 0; i < s->m->tasks; i++) {
		const struct state_part *p = &s->part[s->parts - s->m->config.tasks + i];

		memcpy(p->at, p->image, p->image_bytes);
	}
	state_parts_load(s, NULL, 0);
}

/* ---- life ---- */

void state_parts_init(struct state_parts *s, struct machine *m, const struct symmetry *symmetry)
{
	*s = (struct state_parts){ .m = m, .now = m->now, .symmetry = symmetry };
	find_parts(s);
	make_image(s);
	s->column = g_new(u32, s->parts);
	s->loaded = g_new0(u32, s->parts);
	s->change = g_new(struct state_change, s->parts);
	s->marked = g_new(struct state_change, s->parts);
	gather_lives(s);
	note_grown(s);
	for (u32 i = 0; i < s->parts; i++) {
		struct state_part *p = &s->part[i];

		p->image_bytes = present_bytes(s, p);
		if (p->image_bytes)
			memcpy(p->image, p->at, p->image_bytes);
		content_add(p, p->at, p->image_bytes, hash_state(p->at, p->image_bytes, seed_of(i)));
		s->hash ^= p->content[0].hash;
	}
	if (symmetry)
		s->images = state_images_new(s);
}

void state_parts_release(struct state_parts *s)
{
	if (s->images)
		state_images_free(s->images);
	for (u32 i = 0; i < s->parts; i++) {
		g_free(s->part[i].content);
		g_free(s->part[i].kept);
		g_free(s->part[i].slot);
	}
	g_free(s->part);
	g_free(s->span);
	g_free(s->grown);
	g_free(s->lives);
	g_free(s->image);
	g_free(s->column);
	g_free(s->loaded);
	g_free(s->change);
	g_free(s->marked);
}

u64 state_parts_bytes(const struct state_parts *s)
{
	u64 bytes =
	    s->image_bytes + s->parts * sizeof *s->part + (s->images ? state_images_bytes(s->images) : 0);

	for (u32 i = 0; i < s->parts; i++) {
		const struct state_part *p = &s->part[i];

		bytes += p->room * sizeof *p->content + p->kept_room + p->slots * sizeof *p->slot;
	}
	return bytes;
}

u64 state_parts_live_bytes(const struct state_parts *s, u64 *changing)
{
	u64 bytes = 0;

	*changing = 0;
	for (u32 i = 0; i < s->parts; i++) {
		const struct state_part *p = &s->part[i];

		bytes += present_bytes(s, p);
		*changing += p->column ? present_bytes(s, p) : 0;
	}
	return bytes;
}
