#include "sim/schedule_timed.h"

#include "sim/error.h"
#include "sim/sched.h"
#include "sim/schedule_run.h"

/* From the last one being ready until the schedule begins: what setup left behind comes to its end. */
#define QUIET_NS UINT64_C(20000000)
#define BEGIN_SCHEDULE 0 /* argument of EVENT_SCHEDULE; else task + 1 */

struct holdup {
	u64 since;
	u32 constraint;
	u16 pc;
	u16 path;
	u32 nth;
	bool held;
	bool asleep;
	bool served; /* its delay at this step is over */
};

struct timed_run {
	struct schedule_run run; /* first: it is the machine's driver */
	const struct timed_options *options;
	struct holdup *holdup; /* [task] */
	GArray *delays;
	struct race_result *result;
	bool begun;
	bool over;
};

/* How often a task has reached a step; of those that have names. */
static u32 times_reached(const struct timed_run *x, const struct task *t)
{
	const struct frame *frame = frame_at(x->run.m, t, t->frame);

	return t->id < x->run.s->tasks ? *schedule_times(&x->run, t->id, frame->path, frame->pc) : 0;
}

static void count_reached(struct timed_run *x, u32 task, u32 path, u32 pc)
{
	if (task < x->run.s->tasks)
		++*schedule_times(&x->run, task, path, pc);
}

static void count_passed(void *data, enum passed what, u32 path, u32 pc)
{
	struct timed_run *x = data;

	schedule_count_passed(&x->run, what, path, pc);
	if (what == PASSED_REACHED)
		count_reached(x, x->run.stepping, path, pc);
}

/* ---- holding up ---- */

/* Where it may sleep, it does; elsewhere it takes its time with the CPU it has. */
static void hold_up(struct timed_run *x, struct task *t, u32 constraint)
{
	struct machine *m = x->run.m;
	const struct frame *frame = frame_at(m, t, t->frame);
	struct holdup *h = &x->holdup[t->id];

	*h = (struct holdup){
		.since = m->now,
		.constraint = constraint,
		.path = frame->path,
		.pc = frame->pc,
		.nth = times_reached(x, t),
		.held = true,
		.asleep = sched_may_preempt(m, t),
	};
	if (h->asleep)
		sched_leave(m, t, TASK_BLOCKED);
}

static void let_go(struct timed_run *x, struct task *t)
{
	struct holdup *h = &x->holdup[t->id];

	h->held = false;
	h->served = true;
	if (h->asleep)
		sched_enqueue(x->run.m, t, t->cpu);
	else
		sched_schedule(x->run.m, t);
}

static void note_delay(struct timed_run *x, u32 task)
{
	const struct holdup *h = &x->holdup[task];
	const struct schedule_delay delay = {
		.task = task,
		.path = h->path,
		.pc = h->pc,
		.nth = h->nth,
		.asleep = h->asleep,
		.ns = x->run.m->now - h->since,
		.constraint = h->constraint,
	};

	/* Threads of the kernel have no name to be delayed by: they are held up with the schedule only. */
	if (x->delays && delay.ns && task < x->run.s->tasks)
		g_array_append_val(x->delays, delay);
}

/* Whom no constraint holds any more. */
static void let_go_who_may(struct timed_run *x)
{
	struct machine *m = x->run.m;

	for (u32 i = 0; i < m->tasks && !x->options->instead; i++) {
		struct task *t = &m->task[i];

		if (!x->holdup[i].held || schedule_held_by(&x->run, t) != NOBODY)
			continue;
		note_delay(x, i);
		let_go(x, t);
	}
}

static const struct schedule_delay *delay_here(const struct timed_run *x, const struct task *t)
{
	const struct frame *frame = frame_at(x->run.m, t, t->frame);
	u32 nth = times_reached(x, t);

	for (u32 i = 0; i < x->options->instead->len; i++) {
		const struct schedule_delay *d =
		    &g_array_index(x->options->instead, struct schedule_delay, i);

		if (d->task == t->id && d->path == frame->path && d->pc == frame->pc && d->ns &&
		    d->nth == nth)
			return d;
	}
	return NULL;
}

static bool everybody_is_ready(const struct timed_run *x)
{
	for (u32 i = 0; i < x->run.s->tasks; i++)
		if (x->run.m->task[i].state != TASK_DONE && !x->holdup[i].held)
			return false;
	return true;
}

static bool keep_until_ready(struct timed_run *x, struct task *t)
{
	struct machine *m = x->run.m;

	if (!x->options->is_ready(m, t->id))
		return false;
	hold_up(x, t, NOBODY);
	if (everybody_is_ready(x))
		machine_at(m, m->now + QUIET_NS, EVENT_SCHEDULE, BEGIN_SCHEDULE);
	return true;
}

/* Setup has nothing unusual, and tasks stay where they are. */
static u32 answer(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	const struct timed_run *x = m->driver;

	if (x->begun)
		return schedule_answer(m, kind, actor, n, usual);
	if (kind == CHOICE_WAKE_CPU)
		return m->task[actor].cpu;
	return usual < n ? usual : 0;
}

/* In a stretch of several steps somebody is held up where he may sleep. */
static bool is_place_for_it(const struct timed_run *x, const struct task *t, u32 constraint)
{
	const struct constraint *c = &x->run.s->constraint[constraint];

	return !x->options->asleep || c->kind != CONSTRAINT_PARK || stretch_is_step(&c->at.at) ||
	       sched_may_preempt(x->run.m, t);
}

/* machine.before_step */
static bool keep(struct machine *m, struct task *t)
{
	struct timed_run *x = m->driver;
	const struct schedule_delay *delay;
	u32 constraint;

	if (!x->begun)
		return keep_until_ready(x, t);
	if (x->options->instead) {
		delay = x->holdup[t->id].served ? NULL : delay_here(x, t);
		if (delay) {
			hold_up(x, t, delay->constraint);
			machine_at(m, m->now + delay->ns, EVENT_SCHEDULE, t->id + 1);
			return true;
		}
	} else {
		constraint = schedule_held_by(&x->run, t);
		if (constraint != NOBODY && is_place_for_it(x, t, constraint)) {
			hold_up(x, t, constraint);
			return true;
		}
	}
	x->run.stepping = t->id;
	passage_begin(&x->run.passage, m, t);
	return false;
}

/* ---- the verdict ---- */

static void end(struct timed_run *x)
{
	x->over = true;
	machine_stop(x->run.m);
}

/* machine.after_step */
static void after_step(struct machine *m, struct task *t, bool done)
{
	struct timed_run *x = m->driver;

	if (!x->begun || x->over)
		return;
	x->holdup[t->id].served &= !done;
	passage_end(&x->run.passage, m, t, done, count_passed, x);
	schedule_look_through_windows(&x->run, t->id);
	schedule_settle(&x->run, t->id);
	if (!schedule_all_is_well(&x->run, x->options->holds, x->result)) {
		end(x);
	} else if (schedule_everybody_is_done(&x->run)) {
		if (x->options->instead)
			x->result->verdict = VERDICT_NOT_REPRODUCED;
		else
			schedule_conclude_end(&x->run, x->result);
		end(x);
	} else {
		let_go_who_may(x);
	}
}

/* Everybody is let go at once, and the schedule begins. */
static void begin_schedule(struct timed_run *x)
{
	struct machine *m = x->run.m;

	x->begun = true;
	for (u32 i = 0; i < m->tasks; i++) {
		const struct frame *frame = frame_at(m, &m->task[i], m->task[i].frame);

		if (m->task[i].state != TASK_DONE)
			count_reached(x, i, frame->path, frame->pc);
	}
	schedule_begin(&x->run);
	for (u32 i = 0; i < m->tasks; i++)
		if (x->holdup[i].held)
			let_go(x, &m->task[i]);
}

static void on_schedule_event(struct machine *m, u32 arg)
{
	struct timed_run *x = m->driver;

	if (arg == BEGIN_SCHEDULE)
		begin_schedule(x);
	else
		let_go(x, &m->task[arg - 1]);
}

/* It ended without a verdict: nobody can go on, or it takes too long. */
static void conclude_cut(struct timed_run *x, const GError *error)
{
	struct race_result *result = x->result;

	if (!x->begun)
		g_string_assign(x->run.why, "setup comes to no end in time");
	else if (error)
		schedule_explain_stuck(&x->run, x->run.why);
	else
		schedule_explain_places(&x->run, x->run.why);
	result->verdict = VERDICT_INFEASIBLE;
	result->reason = g_strdup(x->run.why->str);
}

void schedule_run_timed(struct machine *m, const struct schedule *s, const struct timed_options *options,
			GArray *delays, struct race_result *result)
{
	struct timed_run x = { .options = options, .delays = delays, .result = result };
	GError *error = NULL;

	schedule_run_init(&x.run, m, s, options->seed);
	x.holdup = g_new0(struct holdup, m->config.tasks);
	*result = (struct race_result){ 0 };
	m->driver = &x;
	m->choose = answer;
	m->before_step = keep;
	m->after_step = after_step;
	machine_on_event(m, EVENT_SCHEDULE, on_schedule_event);
	if (!machine_run(m, options->most_ns, &error) && !x.over && m->failure &&
	    m->failure->code == ERROR_FINDING)
		x.over = !schedule_all_is_well(&x.run, options->holds, result);
	if (!x.over)
		conclude_cut(&x, error);
	result->fingerprint = m->fingerprint;
	result->steps = m->steps;
	g_clear_error(&error);
	m->driver = NULL;
	m->choose = NULL;
	m->before_step = NULL;
	m->after_step = NULL;
	g_free(x.holdup);
	schedule_run_release(&x.run);
}
