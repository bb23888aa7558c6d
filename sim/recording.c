#include "sim/recording.h"

#include <string.h>

#include "sim/stretch.h"

struct reference {
	u64 place;
	u32 task;
	u32 pad;
};

struct recorder {
	struct machine *m;
	struct stretch *window; /* those of the machine, */
	u32 windows;
	bool *inside; /* [task][window] as it was after the task's last step */
	u8 *copy;     /* of the regions the vocabulary knows, as they were after the last step */
	u64 *live;
	GArray *reference; /* of struct reference, likewise */
	GArray *lock;	   /* of struct recorded_lock, likewise */
	u32 notes;	   /* in the recording before the step in hand */
	bool in_step; /* it has done its operation, and what it does is its own until the next is announced */
};

static const char *keep(struct recording *r, GString *text)
{
	const char *kept = g_string_chunk_insert_const(r->words, text->str);

	g_string_free(text, TRUE);
	return kept;
}

static const char *name_of(struct recording *r, u64 place)
{
	GString *s = g_string_new(NULL);

	object_name(r->recorder->m, place, s);
	return keep(r, s);
}

static const char *task_name(struct recording *r, u32 task)
{
	GString *s = g_string_new(NULL);

	object_task_name(r->recorder->m, task, s);
	return keep(r, s);
}

static const char *value_words(struct recording *r, const struct object_field *f, const u8 *state, u64 place,
			       u64 value)
{
	GString *s = g_string_new(NULL);

	object_value_words(r->recorder->m, f, state, place, value, s);
	return keep(r, s);
}

/* ---- what changed ---- */

static void compare_object(struct recording *r, const struct object *o, const u8 *was)
{
	for (const struct object_field *f = o->kind->field; f && f->name; f++) {
		u64 before = f->kind == FIELD_NUMBER ? object_value(f, was) : 0;
		u64 after = f->kind == FIELD_NUMBER ? object_value(f, o->at) : 0;
		struct recorded_change c = { .field = f->name, .concerns = f->concerns };

		if (before == after)
			continue;
		c.object = object_place(r->recorder->m, o->at);
		c.name = name_of(r, c.object);
		c.before = value_words(r, f, r->recorder->copy, c.object, before);
		c.after = value_words(r, f, r->recorder->m->arena.base, c.object, after);
		c.step = r->step->len - 1;
		g_array_append_val(r->change, c);
	}
}

static void copy_state(struct recorder *rec)
{
	const struct arena *a = &rec->m->arena;

	for (u32 i = 0; i < a->regions; i++) {
		const struct region *region = &a->region[i];

		if (region->kind != REGION_STATE)
			continue;
		memcpy(rec->copy + region->offset, a->base + region->offset, region->size * region->live);
		rec->live[i] = region->live;
	}
}

static void compare_region(struct recording *r, u32 number)
{
	struct recorder *rec = r->recorder;
	const struct region *region = &rec->m->arena.region[number];
	const u8 *base = rec->m->arena.base;
	u64 live = MIN(region->live, rec->live[number]), end = region->offset + region->size * live;
	struct object o;

	if (region->kind != REGION_STATE || !object_find(rec->m, region->offset, &o))
		return;
	if (!memcmp(rec->copy + region->offset, base + region->offset, region->size * live))
		return;
	for (u64 place = region->offset; place < end; place += region->size) {
		if (memcmp(rec->copy + place, base + place, region->size) && object_find(rec->m, place, &o))
			compare_object(r, &o, rec->copy + place);
	}
}

/* ---- references ---- */

static void add_reference(void *data, u32 task, u64 place)
{
	GArray *references = data;
	struct reference ref = { .place = place, .task = task };

	for (u32 i = 0; i < references->len; i++)
		if (!memcmp(&g_array_index(references, struct reference, i), &ref, sizeof ref))
			return;
	g_array_append_val(references, ref);
}

static GArray *references_now(const struct machine *m)
{
	GArray *references = g_array_new(FALSE, FALSE, sizeof(struct reference));

	for (u32 i = 0; m->vocabulary && m->vocabulary->references && i < m->tasks; i++)
		m->vocabulary->references(m, &m->task[i], add_reference, references);
	return references;
}

static bool has_reference(const GArray *references, const struct reference *ref)
{
	for (u32 i = 0; i < references->len; i++)
		if (!memcmp(&g_array_index(references, struct reference, i), ref, sizeof *ref))
			return true;
	return false;
}

/* Those of @of that are not in @in. */
static void compare_references(struct recording *r, const GArray *of, const GArray *in, bool gained)
{
	for (u32 i = 0; i < of->len; i++) {
		const struct reference *ref = &g_array_index(of, struct reference, i);
		struct recorded_change c = { .object = ref->place, .task = ref->task, .gained = gained };

		if (has_reference(in, ref))
			continue;
		c.name = name_of(r, ref->place);
		c.step = r->step->len - 1;
		g_array_append_val(r->change, c);
	}
}

/* ---- locks ---- */

static void add_lock(void *data, u32 task, u64 place, enum field_kind kind)
{
	GArray *locks = data;
	struct recorded_lock lock = { .place = place, .task = task, .kind = kind };

	g_array_append_val(locks, lock);
}

static bool has_lock(const GArray *locks, const struct recorded_lock *lock)
{
	for (u32 i = 0; i < locks->len; i++) {
		const struct recorded_lock *other = &g_array_index(locks, struct recorded_lock, i);

		if (other->place == lock->place && other->task == lock->task)
			return true;
	}
	return false;
}

/* Those of @of that are not in @in (NULL: those of @task). */
static struct recorded_part keep_locks(struct recording *r, const GArray *of, const GArray *in, u32 task)
{
	struct recorded_part part = { .from = r->lock->len };

	for (u32 i = 0; i < of->len; i++) {
		struct recorded_lock lock = g_array_index(of, struct recorded_lock, i);
		GString *name;

		if (in ? has_lock(in, &lock) : lock.task != task)
			continue;
		name = g_string_new(NULL);
		object_field_name(r->recorder->m, lock.place, name);
		lock.name = keep(r, name);
		g_array_append_val(r->lock, lock);
	}
	part.n = r->lock->len - part.from;
	return part;
}

/* ---- windows ---- */

/* All of them: that they are well-formed is checked where a schedule names one. */
static void find_windows(struct recorder *rec)
{
	const struct machine *m = rec->m;

	while (m->window && m->window[rec->windows].name)
		rec->windows++;
	rec->window = g_new0(struct stretch, rec->windows);
	rec->inside = g_new0(bool, (gsize)rec->windows * m->config.tasks);
	for (u32 i = 0; i < rec->windows; i++)
		BUG_ON(!stretch_find(m, m->window[i].name, &rec->window[i], NULL));
}

static struct recorded_part keep_windows(struct recording *r, u32 task, bool opened)
{
	struct recorder *rec = r->recorder;
	struct recorded_part part = { .from = r->window->len };

	for (u32 i = 0; i < rec->windows; i++) {
		bool inside = stretch_contains(rec->m, &rec->window[i], &rec->m->task[task]);

		if (inside == opened && rec->inside[task * rec->windows + i] != opened)
			g_array_append_val(r->window, rec->window[i].window);
	}
	part.n = r->window->len - part.from;
	return part;
}

static void record_windows(struct recording *r, struct recorded_step *s)
{
	struct recorder *rec = r->recorder;

	s->opened = keep_windows(r, s->task_number, true);
	s->closed = keep_windows(r, s->task_number, false);
	for (u32 i = 0; i < rec->windows; i++)
		rec->inside[s->task_number * rec->windows + i] =
		    stretch_contains(rec->m, &rec->window[i], &rec->m->task[s->task_number]);
}

/* ---- steps ---- */

/* All that the step in hand did lies between the state kept and the present one. */
static void finish_step(struct recording *r)
{
	struct recorder *rec = r->recorder;
	GArray *locks = g_array_new(FALSE, FALSE, sizeof(struct recorded_lock));
	GArray *references = references_now(rec->m);
	struct recorded_step *s;

	object_locks(rec->m, add_lock, locks);
	if (rec->in_step) {
		s = recorded_step(r, r->step->len - 1);
		s->changes.from = r->change->len;
		for (u32 i = 0; i < rec->m->arena.regions; i++)
			compare_region(r, i);
		compare_references(r, references, rec->reference, true);
		compare_references(r, rec->reference, references, false);
		s->changes.n = r->change->len - s->changes.from;
		s->taken = keep_locks(r, locks, rec->lock, 0);
		s->dropped = keep_locks(r, rec->lock, locks, 0);
		s->held = keep_locks(r, locks, NULL, s->task_number);
		if (s->task)
			record_windows(r, s);
		s->notes = (struct recorded_part){ rec->notes, r->note->len - rec->notes };
	}
	copy_state(rec);
	g_array_free(rec->reference, TRUE);
	g_array_free(rec->lock, TRUE);
	rec->reference = references;
	rec->lock = locks;
	rec->in_step = false;
	rec->notes = r->note->len;
}

/* A local lock is announced as that of the first CPU. */
static const char *object_of(struct recording *r, const struct log_entry *e)
{
	struct machine *m = r->recorder->m;
	bool is_local = e->op == OP_LOCAL_LOCK || e->op == OP_LOCAL_UNLOCK;
	GString *s;

	if (!e->object)
		return NULL;
	s = g_string_new(NULL);
	object_field_name(m, e->object + (is_local ? (u64)e->cpu * m->percpu_bytes : 0), s);
	return keep(r, s);
}

static bool announce(struct machine *m, struct task *t)
{
	(void)t;
	finish_step(m->log_data);
	return false;
}

/* What nature was asked while the task tried its operation, which may have been some time ago. */
static void claim_choices(struct recording *r, u32 task)
{
	for (u32 i = r->choice->len; i--;) {
		struct recorded_choice *c = recorded_choice(r, i);

		if (c->step == UINT32_MAX && c->by == ACTOR(ACTOR_TASK, task))
			c->step = r->step->len;
	}
}

static void record_step(struct machine *m, void *data, const struct log_entry *e)
{
	struct recording *r = data;
	struct recorded_step s = {
		.time = e->time, .task_number = e->task, .cpu = e->cpu, .depth = e->depth
	};

	if (r->recorder->in_step)
		finish_step(r); /* this one was not announced: it is no task's */
	r->recorder->in_step = true;
	claim_choices(r, e->task);
	s.op = e->op;
	s.task = e->task < m->tasks ? task_name(r, e->task) : NULL;
	if (e->task == LOG_NOBODY) {
		s.path = "event";
		s.step = m->event_name && m->event_name[e->path] ? m->event_name[e->path] : "?";
	} else {
		s.path = g_string_chunk_insert_const(r->words, m->path[e->path].info->name);
		s.step = g_string_chunk_insert_const(r->words, m->path[e->path].step_name[e->step]);
		s.object = object_of(r, e);
	}
	g_array_append_val(r->step, s);
}

static const char *choice_name(struct recording *r, u32 kind)
{
	const struct vocabulary *v = r->recorder->m->vocabulary;
	GString *s = g_string_new(NULL);

	if (v && v->choice)
		g_string_append(s, v->choice[kind]);
	else
		g_string_append_printf(s, "choice %u", kind);
	return keep(r, s);
}

static const char *answer_words(struct recording *r, u32 kind, u32 answer)
{
	const struct vocabulary *v = r->recorder->m->vocabulary;
	GString *s = g_string_new(NULL);

	if (v && v->answer)
		v->answer(kind, answer, s);
	else
		g_string_append_printf(s, "%u", answer);
	return keep(r, s);
}

static void record_choice(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual, u32 answer)
{
	struct recording *r = m->log_data;
	struct recorded_choice c = { .answer = answer, .n = n, .by = actor, .is_usual = answer == usual };

	c.step = r->recorder->in_step ? r->step->len - 1 : UINT32_MAX;
	c.kind = choice_name(r, kind);
	c.words = answer_words(r, kind, answer);
	c.actor = actor >> 24 == ACTOR_TASK ? task_name(r, actor & 0xffffff) : "";
	g_array_append_val(r->choice, c);
}

struct recording *recording_begin(struct machine *m)
{
	struct recording *r = g_new0(struct recording, 1);
	struct recorder *rec = g_new0(struct recorder, 1);

	BUG_ON(m->log || m->before_step);
	rec->m = m;
	find_windows(rec);
	rec->copy = g_malloc0(m->arena.bytes);
	rec->live = g_new0(u64, m->arena.regions);
	rec->reference = g_array_new(FALSE, FALSE, sizeof(struct reference));
	rec->lock = g_array_new(FALSE, FALSE, sizeof(struct recorded_lock));
	*r = (struct recording){ .recorder = rec, .cpus = m->cpus };
	r->step = g_array_new(FALSE, FALSE, sizeof(struct recorded_step));
	r->change = g_array_new(FALSE, FALSE, sizeof(struct recorded_change));
	r->lock = g_array_new(FALSE, FALSE, sizeof(struct recorded_lock));
	r->choice = g_array_new(FALSE, FALSE, sizeof(struct recorded_choice));
	r->note = g_array_new(FALSE, FALSE, sizeof(const char *));
	r->window = g_array_new(FALSE, FALSE, sizeof(const struct window *));
	r->words = g_string_chunk_new(1024);
	finish_step(r);
	m->log = record_step;
	m->log_data = r;
	m->before_step = announce;
	m->on_choice = record_choice;
	return r;
}

void recording_note(struct recording *r, const char *text)
{
	const char *kept = g_string_chunk_insert_const(r->words, text);

	g_array_append_val(r->note, kept);
}

void recording_end(struct recording *r, const char *verdict)
{
	struct recorder *rec = r->recorder;
	struct object o;

	finish_step(r);
	rec->m->log = NULL;
	rec->m->log_data = NULL;
	rec->m->before_step = NULL;
	rec->m->on_choice = NULL;
	r->verdict = g_strdup(verdict);
	r->violated = verdict ? rec->m->violated : 0;
	if (r->violated && object_find(rec->m, r->violated, &o))
		r->region = o.kind->region;
	g_array_free(rec->reference, TRUE);
	g_array_free(rec->lock, TRUE);
	g_free(rec->copy);
	g_free(rec->live);
	g_free(rec->window);
	g_free(rec->inside);
	g_free(rec);
	r->recorder = NULL;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	BUG_ON(r->recorder);
	g_array_free(r->step, TRUE);
	g_array_free(r->change, TRUE);
	g_array_free(r->lock, TRUE);
	g_array_free(r->choice, TRUE);
	g_array_free(r->note, TRUE);
	g_array_free(r->window, TRUE);
	g_string_chunk_free(r->words);
	g_free(r->verdict);
	g_free(r);
}
