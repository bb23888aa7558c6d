#include "sim/witness.h"

#include <string.h>

#include "sim/explore_answers.h"
#include "sim/snapshot.h"

/* A step that a task with a name has done. */
struct done_step {
	u32 task;
	struct stretch at;
	u32 nth;
};

struct telling {
	struct machine *m;
	const struct schedule *names;
	GArray *step;	    /* of struct done_step */
	GArray *constraint; /* the answers so far */
	GHashTable *times;  /* of a step, and of a question */
};

/* ---- what happened ---- */

static u32 count(struct telling *w, u64 what)
{
	u32 n = GPOINTER_TO_UINT(g_hash_table_lookup(w->times, &what)) + 1;

	g_hash_table_insert(w->times, g_memdup2(&what, sizeof what), GUINT_TO_POINTER(n));
	return n;
}

/* A schedule leaves to chance what has no usual answer. */
static void tell_answer(void *data, const struct answer *a)
{
	struct telling *w = data;
	u32 task = a->actor & 0xffffff, nth;

	if (a->actor >> 24 != ACTOR_TASK || task >= w->names->tasks)
		return;
	nth = count(w, UINT64_C(1) << 63 | (u64)task << 32 | a->kind);
	if (a->value != a->usual)
		g_array_append_vals(w->constraint,
				    &(struct constraint){ .kind = CONSTRAINT_CHOOSE,
							  .task = task,
							  .choice = a->kind,
							  .nth = nth,
							  .value = a->value },
				    1);
}

static struct done_step about_to(struct telling *w, u32 task)
{
	const struct task *t = &w->m->task[task];
	const struct frame *frame = frame_at(w->m, t, t->frame);

	return (struct done_step){
		.task = task,
		.at = { .path = frame->path, .from = frame->pc, .to = frame->pc, .open = frame->pc },
	};
}

static u64 key_of(const struct done_step *s)
{
	return (u64)s->task << 32 | (u64)s->at.path << 16 | s->at.from;
}

static void follow(struct telling *w, const struct decision *decision, u32 n)
{
	struct decision_reader reader = { .told = tell_answer, .data = w };

	for (u32 i = 0; i < n; i++) {
		bool named = decision[i].next.kind == NEXT_STEP && decision[i].next.number < w->names->tasks;
		struct done_step s = { 0 };

		if (named)
			s = about_to(w, decision[i].next.number);
		if (!decision_follow(w->m, &decision[i], &reader) || !named)
			continue;
		s.nth = count(w, key_of(&s));
		g_array_append_val(w->step, s);
	}
}

/* ---- as constraints ---- */

static struct milestone milestone_at(const struct done_step *s, enum milestone_kind kind)
{
	return (struct milestone){ .kind = kind, .task = s->task, .nth = s->nth, .at = s->at };
}

static void add_order(struct telling *w, const struct done_step *first, const struct done_step *second)
{
	struct constraint c = { .kind = CONSTRAINT_ORDER,
				.until = milestone_at(first, MILESTONE_DONE),
				.at = milestone_at(second, MILESTONE_REACHES) };

	g_array_append_val(w->constraint, c);
}

/* Whoever has more to do waits for the last step of all. */
static void hold_others(struct telling *w, const struct done_step *last)
{
	for (u32 i = 0; i < w->names->tasks; i++) {
		struct done_step s;
		u64 key;

		if (i == last->task || w->m->task[i].state == TASK_DONE)
			continue;
		s = about_to(w, i);
		key = key_of(&s);
		s.nth = GPOINTER_TO_UINT(g_hash_table_lookup(w->times, &key)) + 1;
		add_order(w, last, &s);
	}
}

static void order_steps(struct telling *w)
{
	const struct done_step *s = (const struct done_step *)(void *)w->step->data;

	for (u32 i = 1; i < w->step->len; i++)
		if (s[i].task != s[i - 1].task)
			add_order(w, &s[i - 1], &s[i]);
	if (w->step->len)
		hold_others(w, &s[w->step->len - 1]);
}

/* ---- as turns ---- */

enum { STEPS_ON_MOST = 64 };

static u32 last_task(const struct telling *w)
{
	return g_array_index(w->step, struct done_step, w->step->len - 1).task;
}

/* Of all that could happen a step of somebody else, if there is one, or of anybody. */
static struct next somebody(const struct next *list, u32 n, u32 last)
{
	u32 best = 0;

	for (u32 i = n; i--;)
		if (list[i].kind == NEXT_STEP &&
		    (list[i].number != last || list[best].kind != NEXT_STEP || list[best].number == last))
			best = i;
	return list[best];
}

/* Until somebody else than who was last goes on: then what let him go on has happened. */
static void go_on(struct telling *w)
{
	struct next *list = g_new(struct next, next_most(w->m));
	u32 last = last_task(w), n;

	for (u32 i = 0; i < STEPS_ON_MOST && last_task(w) == last && (n = next_list(w->m, list)); i++)
		follow(w, &(struct decision){ .next = somebody(list, n, last) }, 1);
	g_free(list);
}

/* Whoever has a turn is alone, and what devices and timers do happens while he waits. The first so many
 * @answers are those of nature. */
static GArray *take_turns(struct telling *w, u32 answers)
{
	GArray *turns = g_array_new(FALSE, FALSE, sizeof(struct constraint));
	const struct done_step *s;

	g_array_append_vals(turns, w->constraint->data, answers);
	go_on(w);
	s = (const struct done_step *)(void *)w->step->data;
	for (u32 i = 0; i < w->step->len; i++) {
		struct constraint c = { .kind = CONSTRAINT_RUN,
					.task = s[i].task,
					.until = milestone_at(&s[i], MILESTONE_DONE) };

		if (i + 1 == w->step->len || s[i + 1].task != s[i].task)
			g_array_append_val(turns, c);
	}
	return turns;
}

/* ---- what of it is needed ---- */

struct trial {
	struct machine *m;
	const struct witness_options *options;
	const void *start;
	u64 first_seed;
};

static void go_back(const struct trial *t)
{
	snapshot_load(t->m, SNAPSHOT_RUN, t->start);
	g_clear_error(&t->m->failure);
	t->m->stopped = false;
}

static bool is_what_was_found(const struct witness_options *o, const struct race_result *r)
{
	const char *key = o->key;
	char *text;
	bool same = true;

	if (r->verdict != VERDICT_REPRODUCED || strcmp(r->invariant, o->invariant))
		return false;
	text = g_strdup_printf("%s: %s", r->invariant, r->reason ? r->reason : "");
	for (const char *c = text; key && same && *c; c++)
		if (!g_ascii_isdigit(*c))
			same = *c == *key++;
	g_free(text);
	return same;
}

/* Seeds under which the invariant fails; those that are tried end with the first failure beyond @misses. */
static u32 try(struct trial *t, const struct schedule *s, u32 misses)
{
	const struct witness_options *o = t->options;
	u32 hits = 0;

	for (u64 seed = 1; seed <= o->seeds && seed - 1 - hits <= misses; seed++) {
		const struct schedule_options how = { .seed = seed,
						      .most_steps = o->most_steps,
						      .holds = o->holds };
		struct race_result r;

		go_back(t);
		schedule_run(t->m, s, &how, &r);
		if (is_what_was_found(o, &r) && !hits++)
			t->first_seed = seed;
		race_result_release(&r);
	}
	return hits;
}

static void leave_out(struct schedule *s, u32 i)
{
	s->constraints--;
	memmove(&s->constraint[i], &s->constraint[i + 1], (s->constraints - i) * sizeof *s->constraint);
}

/* From the end: what comes late seldom decides. */
static void minimise(struct trial *t, struct witness *w)
{
	bool again = true;

	while (again) {
		again = false;
		for (u32 i = w->schedule.constraints; i--;) {
			struct constraint c = w->schedule.constraint[i];
			u64 first = t->first_seed;

			leave_out(&w->schedule, i);
			if (try(t, &w->schedule, t->options->seeds - w->seeds) >= w->seeds) {
				again = true;
				continue;
			}
			memmove(&w->schedule.constraint[i + 1], &w->schedule.constraint[i],
				(w->schedule.constraints++ - i) * sizeof c);
			w->schedule.constraint[i] = c;
			t->first_seed = first;
		}
	}
}

/* Takes over @constraint. */
static void find_needed(struct trial *t, GArray *constraint, struct witness *w)
{
	g_free(w->schedule.constraint);
	w->from = w->schedule.constraints = constraint->len;
	w->schedule.constraint = (struct constraint *)(void *)g_array_free(constraint, FALSE);
	w->seeds = try(t, &w->schedule, t->options->seeds);
	if (w->seeds)
		minimise(t, w);
	w->first_seed = t->first_seed;
	go_back(t);
}

void witness_find(struct machine *m, const struct schedule *names, const struct decision *decision, u32 n,
		  const struct witness_options *options, struct witness *w)
{
	void *start = g_malloc(snapshot_bytes(m, SNAPSHOT_RUN));
	struct trial trial = { .m = m, .options = options, .start = start };
	struct telling telling = {
		.m = m,
		.names = names,
		.step = g_array_new(FALSE, FALSE, sizeof(struct done_step)),
		.constraint = g_array_new(FALSE, FALSE, sizeof(struct constraint)),
		.times = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
	};
	GArray *turns = NULL;
	u32 answers;

	snapshot_save(m, SNAPSHOT_RUN, start);
	follow(&telling, decision, n);
	answers = telling.constraint->len;
	order_steps(&telling);
	if (options->doomed && telling.step->len)
		turns = take_turns(&telling, answers);
	*w = (struct witness){ .schedule = *names };
	find_needed(&trial, telling.constraint, w);
	if (turns && !w->seeds)
		find_needed(&trial, turns, w);
	else if (turns)
		g_array_free(turns, TRUE);
	g_array_free(telling.step, TRUE);
	g_hash_table_destroy(telling.times);
	g_free(start);
}

void witness_release(struct witness *w)
{
	g_free(w->schedule.constraint);
	*w = (struct witness){ 0 };
}
