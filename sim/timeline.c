#include "sim/timeline.h"

#include <string.h>

#include "sim/blame.h"

/* ---- columns ---- */

static u32 column_of(const struct timeline *tl, u32 cpu)
{
	for (u32 i = 0; i < tl->cpu->len; i++)
		if (g_array_index(tl->cpu, u32, i) == cpu)
			return i;
	BUG();
}

static void find_columns(struct timeline *tl)
{
	const struct recording *r = tl->recording;

	for (u32 cpu = 0; cpu < r->cpus; cpu++) {
		bool works = false;

		for (u32 i = 0; i < r->step->len && !works; i++)
			works = recorded_step(r, i)->cpu == cpu;
		if (works)
			g_array_append_val(tl->cpu, cpu);
	}
}

/* The step its task did before, UINT32_MAX: none. */
static u32 previous_of(const struct recording *r, u32 step)
{
	const struct recorded_step *s = recorded_step(r, step);

	for (u32 i = step; s->task && i--;)
		if (recorded_step(r, i)->task_number == s->task_number)
			return i;
	return UINT32_MAX;
}

/* Whether its task did its last step on another CPU, and which. */
static bool has_moved(const struct recording *r, u32 step, u32 *from)
{
	u32 previous = previous_of(r, step);

	if (previous == UINT32_MAX || recorded_step(r, previous)->cpu == recorded_step(r, step)->cpu)
		return false;
	*from = recorded_step(r, previous)->cpu;
	return true;
}

/* ---- what matters ---- */

/* It is about the violated object, or about one that has to do with such; with nothing violated any may have.
 */
static bool is_telling(const struct recording *r, const struct recorded_change *c)
{
	if (c->field && !strcmp(c->before, c->after))
		return false; /* the words have no name for what has changed */
	if (r->violated && c->object == r->violated)
		return true;
	return c->concerns && (!r->region || strstr(c->concerns, r->region));
}

static bool has_telling_change(const struct recording *r, const struct recorded_step *s)
{
	for (u32 i = s->changes.from; i < s->changes.from + s->changes.n; i++)
		if (is_telling(r, recorded_change(r, i)))
			return true;
	return false;
}

bool timeline_tells_window(const struct recording *r, u32 window)
{
	const char *invariant = recorded_window(r, window)->invariant;
	size_t n = strlen(invariant);

	return !r->verdict || (!strncmp(r->verdict, invariant, n) && r->verdict[n] == ':');
}

static bool has_telling_window(const struct recording *r, const struct recorded_part *part)
{
	for (u32 i = part->from; i < part->from + part->n; i++)
		if (timeline_tells_window(r, i))
			return true;
	return false;
}

static bool has_unusual_choice(const struct recording *r, u32 step)
{
	for (u32 i = 0; i < r->choice->len; i++)
		if (recorded_choice(r, i)->step == step && !recorded_choice(r, i)->is_usual)
			return true;
	return false;
}

static bool matters(const struct recording *r, u32 step)
{
	const struct recorded_step *s = recorded_step(r, step);
	u32 from;

	if (step + 1 == r->step->len || s->notes.n || has_telling_window(r, &s->opened) ||
	    has_telling_window(r, &s->closed))
		return true;
	return has_telling_change(r, s) || has_unusual_choice(r, step) || has_moved(r, step, &from);
}

/* ---- what a step did, in words ---- */

static void note(struct timeline_row *row, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void note(struct timeline_row *row, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(row->note, g_strdup_vprintf(format, args));
	va_end(args);
}

/* Locks that come and go are told where there is nothing else to tell. */
static void note_locks(const struct recording *r, struct timeline_row *row, const struct recorded_step *s)
{
	if (row->note->len)
		return;
	for (u32 i = s->taken.from; i < s->taken.from + s->taken.n; i++)
		note(row, "takes %s", recorded_lock(r, i)->name);
	for (u32 i = s->dropped.from; i < s->dropped.from + s->dropped.n; i++)
		note(row, "drops %s", recorded_lock(r, i)->name);
	if (s->op == OP_WAIT)
		note(row, "sleeps");
}

static void note_choices(const struct recording *r, struct timeline_row *row)
{
	for (u32 i = 0; i < r->choice->len; i++) {
		const struct recorded_choice *c = recorded_choice(r, i);

		if (c->step == row->first && !c->is_usual)
			note(row, "#env %s: %s", c->kind, c->words);
	}
}

static void note_changes(const struct recording *r, struct timeline_row *row, const struct recorded_step *s)
{
	for (u32 i = s->changes.from; i < s->changes.from + s->changes.n; i++) {
		const struct recorded_change *c = recorded_change(r, i);

		if (!is_telling(r, c) && !(row->is_violation && !c->field))
			continue;
		if (c->field)
			note(row, "%s: %s%s%s -> %s", c->name, c->field, *c->field ? " " : "", c->before,
			     c->after);
		else
			note(row, "%s %s", c->gained ? "takes up" : "LETS GO OF", c->name);
	}
}

static void note_windows(const struct recording *r, struct timeline_row *row, const struct recorded_step *s)
{
	for (u32 i = s->opened.from; i < s->opened.from + s->opened.n; i++)
		if (timeline_tells_window(r, i))
			note(row, "[%s opens", recorded_window(r, i)->name);
	for (u32 i = s->closed.from; i < s->closed.from + s->closed.n; i++)
		if (timeline_tells_window(r, i))
			note(row, "%s] closes", recorded_window(r, i)->name);
	for (u32 i = s->notes.from; i < s->notes.from + s->notes.n; i++)
		note(row, "%s", recorded_note(r, i));
}

/* ---- rows ---- */

static struct timeline_row *add_row(struct timeline *tl, u32 kind, u32 first, u32 last)
{
	struct timeline_row *row = g_new0(struct timeline_row, 1);

	*row = (struct timeline_row){ .kind = kind, .first = first, .last = last };
	row->column = column_of(tl, recorded_step(tl->recording, first)->cpu);
	row->note = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(tl->row, row);
	return row;
}

static const char *actor_of(const struct recorded_step *s)
{
	return s->task ? s->task : s->step;
}

/* The row above is a step of the same path by the same task. */
static bool is_continued(const struct timeline *tl, u32 step)
{
	const struct recorded_step *s = recorded_step(tl->recording, step), *before;
	const struct timeline_row *row = tl->row->len ? tl->row->pdata[tl->row->len - 1] : NULL;

	if (!row || row->kind != ROW_STEP)
		return false;
	before = recorded_step(tl->recording, row->last);
	return before->task == s->task && before->path == s->path && before->depth == s->depth;
}

static int indent(const struct timeline *tl, const struct recorded_step *s)
{
	return (int)(s->depth - MIN(s->depth, tl->depth));
}

static void add_move(struct timeline *tl, u32 step, u32 from)
{
	struct timeline_row *row = add_row(tl, ROW_MOVE, step, step);

	row->from = column_of(tl, from);
	row->label = g_strdup(actor_of(recorded_step(tl->recording, step)));
}

/* A sleep is where it began, and what is done when it is over comes from there. */
static bool is_sleep(const struct recorded_step *s)
{
	return s->op == OP_WAIT || s->op == OP_BIT_LOCK || s->op == OP_BIT_WAIT || s->op == OP_DOWN_READ ||
	       s->op == OP_DOWN_WRITE;
}

static void add_step(struct timeline *tl, u32 step)
{
	const struct recording *r = tl->recording;
	const struct recorded_step *s = recorded_step(r, step);
	u32 from = s->cpu;
	bool moved = has_moved(r, step, &from), sleep = is_sleep(s) || has_unusual_choice(r, step);
	u32 column = column_of(tl, sleep ? from : s->cpu);
	struct timeline_row *row;

	if (moved && !sleep)
		add_move(tl, step, from);
	if (!is_continued(tl, step)) {
		row = add_row(tl, ROW_PATH, step, step);
		row->column = column;
		row->label = s->task ? g_strdup_printf("%s %*s%s", s->task, indent(tl, s), "", s->path)
				     : g_strdup(s->path);
	}
	row = add_row(tl, ROW_STEP, step, step);
	row->column = column;
	row->label =
	    g_strdup_printf("%s %*s.%s", s->task ? s->task : "", s->task ? indent(tl, s) : 0, "", s->step);
	row->is_violation = r->verdict && step + 1 == r->step->len;
	note_choices(r, row);
	note_windows(r, row, s);
	note_changes(r, row, s);
	note_locks(r, row, s);
	if (moved && sleep)
		add_move(tl, step, from);
}

static bool holds(const struct recording *r, u32 step, u64 place)
{
	const struct recorded_part *held = &recorded_step(r, step)->held;

	for (u32 i = held->from; i < held->from + held->n; i++)
		if (recorded_lock(r, i)->place == place)
			return true;
	return false;
}

/* A lock that the task of the steps held over all of them. */
static const char *common_lock(const struct recording *r, u32 first, u32 last)
{
	const struct recorded_part *held = &recorded_step(r, first)->held;

	for (u32 i = held->from + held->n; i-- > held->from;) {
		bool all = true;

		for (u32 s = first; s <= last && all; s++)
			all = holds(r, s, recorded_lock(r, i)->place);
		if (all)
			return recorded_lock(r, i)->name;
	}
	return NULL;
}

static u32 count_of(const struct recording *r, u32 first, u32 last, u32 task)
{
	u32 n = 0;

	for (u32 i = first; i <= last; i++)
		n += recorded_step(r, i)->task_number == task;
	return n;
}

static bool is_of_several(const struct recording *r, u32 first, u32 last)
{
	for (u32 i = first; i <= last; i++)
		if (recorded_step(r, i)->cpu != recorded_step(r, first)->cpu)
			return true;
	return false;
}

static void add_fold(struct timeline *tl, u32 first, u32 last)
{
	const struct recording *r = tl->recording;
	const struct recorded_step *s = recorded_step(r, first);
	struct timeline_row *row = add_row(tl, ROW_FOLD, first, last);
	GString *label = g_string_new(NULL);
	u32 n = last - first + 1;

	row->is_of_several = is_of_several(r, first, last);
	if (count_of(r, first, last, s->task_number) == n) {
		const char *lock = common_lock(r, first, last);

		g_string_append_printf(label, "... %u step%s of %s", n, n > 1 ? "s" : "", actor_of(s));
		if (lock)
			note(row, "under %s", lock);
	} else {
		g_string_append_printf(label, "... %u steps:", n);
		for (u32 i = first; i <= last; i++) {
			u32 task = recorded_step(r, i)->task_number;

			if (count_of(r, first, i, task) == 1)
				g_string_append_printf(label, "%s %u of %s", i > first ? "," : "",
						       count_of(r, first, last, task),
						       actor_of(recorded_step(r, i)));
		}
	}
	row->label = g_string_free(label, FALSE);
}

/* Calls are indented from the least deep one on that is told of. */
static void find_depth(struct timeline *tl, bool unfolded)
{
	const struct recording *r = tl->recording;

	tl->depth = UINT32_MAX;
	for (u32 i = 0; i < r->step->len; i++)
		if (unfolded || matters(r, i))
			tl->depth = MIN(tl->depth, recorded_step(r, i)->depth);
}

static void add_rows(struct timeline *tl, bool unfolded)
{
	const struct recording *r = tl->recording;

	find_depth(tl, unfolded);
	for (u32 i = 0; i < r->step->len;) {
		u32 end = i;

		while (!unfolded && end < r->step->len && !matters(r, end))
			end++;
		if (end - i > 1 || (end > i && !is_continued(tl, i))) {
			add_fold(tl, i, end - 1);
			i = end;
		} else {
			add_step(tl, i++);
		}
	}
}

static void free_row(void *data)
{
	struct timeline_row *row = data;

	g_free(row->label);
	g_ptr_array_free(row->note, TRUE);
	g_free(row);
}

static void cut(struct timeline *tl)
{
	u32 n = tl->row->len, most = TIMELINE_ROWS_FIRST + TIMELINE_ROWS_LAST, first, last;
	struct timeline_row *row;

	if (n <= most)
		return;
	first = ((struct timeline_row *)tl->row->pdata[TIMELINE_ROWS_FIRST])->first;
	last = ((struct timeline_row *)tl->row->pdata[n - TIMELINE_ROWS_LAST - 1])->last;
	g_ptr_array_remove_range(tl->row, TIMELINE_ROWS_FIRST, n - most);
	row = add_row(tl, ROW_FOLD, first, last);
	row->is_of_several = true;
	row->label = g_strdup_printf("... the picture is cut: %u steps are left out here", last - first + 1);
	row = g_ptr_array_steal_index(tl->row, tl->row->len - 1);
	g_ptr_array_insert(tl->row, TIMELINE_ROWS_FIRST, row);
}

struct timeline *timeline_new(const struct recording *r, const struct timeline_options *options)
{
	struct timeline *tl = g_new0(struct timeline, 1);

	*tl = (struct timeline){ .recording = r, .width = options->width ? options->width : TIMELINE_WIDTH };
	tl->row = g_ptr_array_new_with_free_func(free_row);
	tl->cpu = g_array_new(FALSE, FALSE, sizeof(u32));
	tl->blame = blame_sentence(r);
	find_columns(tl);
	add_rows(tl, options->unfolded);
	if (!options->unfolded)
		cut(tl);
	return tl;
}

void timeline_free(struct timeline *tl)
{
	if (!tl)
		return;
	g_ptr_array_free(tl->row, TRUE);
	g_array_free(tl->cpu, TRUE);
	g_free(tl->blame);
	g_free(tl);
}
