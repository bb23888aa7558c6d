#include "models/race.h"

#include <string.h>

#include "models/audit.h"
#include "models/invariants.h"
#include "models/run.h"
#include "models/scenario_parts.h"
#include "models/target.h"
#include "models/work/work.h"
#include "sim/error.h"
#include "sim/invariant.h"
#include "sim/next.h"
#include "sim/snapshot.h"

/* ---- setup ---- */

/* In setup nothing unusual happens; where there is no usual outcome, the first. */
static u32 as_usual(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	(void)m, (void)kind, (void)actor;
	return usual < n ? usual : 0;
}

/* The task is for the schedule to step: it is about to do the first thing that is not setup. */
bool race_task_is_ready(const struct kernel *k, u32 task)
{
	const struct machine *m = &k->machine;
	const struct task *t = &m->task[task];
	const struct frame *frame = frame_at(m, t, t->frame);

	if (!k->program[task])
		return false;
	if (!k->program[task]->script)
		return t->op == OP_USER;
	return script_is_ready(k, task) && !t->frame &&
	       !strcmp(m->path[frame->path].step_name[frame->pc], "NEXT");
}

/* Devices are done at once: what is set up next finds written what was swapped out. Tasks in turn, from
 * behind
 * @last on, so that nobody who retries keeps the others from going on. */
static bool pick(const struct kernel *k, const struct next *list, u32 n, u32 last, struct next *picked)
{
	bool found = false;

	for (u32 i = 0; i < n; i++) {
		if (list[i].kind == NEXT_STEP && race_task_is_ready(k, list[i].number))
			continue;
		if (next_is_periodic(&k->machine, list[i]))
			continue;
		if (list[i].kind == NEXT_EVENT) {
			*picked = list[i];
			return true;
		}
		if (!found || (list[i].kind == NEXT_STEP && list[i].number > last &&
			       !(picked->kind == NEXT_STEP && picked->number > last)))
			*picked = list[i];
		found = true;
	}
	return found;
}

static bool everybody_is_ready(const struct kernel *k, GError **error)
{
	const struct machine *m = &k->machine;

	for (u32 i = 0; i < m->tasks; i++) {
		char step[128];

		if (script_is_ready(k, i))
			continue;
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO,
			    "setup comes to no end: task %u stays at %s", i,
			    machine_step_name((struct machine *)m, &m->task[i], 0, step, sizeof step));
		return false;
	}
	return true;
}

static bool run_setup(struct kernel *k, GError **error)
{
	struct machine *m = &k->machine;
	struct next *list = g_new(struct next, next_most(m)), next;
	bool priorities = m->priorities;
	u32 last = 0;

	m->choose = as_usual;
	m->priorities = false; /* who is ready would keep others from theirs */
	for (u32 steps = 0; steps < RACE_STEPS_MOST && !m->failure; steps++) {
		if (!pick(k, list, next_list(m, list), last, &next))
			break;
		if (next.kind == NEXT_STEP)
			last = next.number;
		next_do(m, next);
	}
	g_free(list);
	m->priorities |= priorities;
	if (m->failure) {
		g_set_error(error, SWAPSIM_ERROR, ERROR_SCENARIO, "setup: %s", m->failure->message);
		return false;
	}
	return everybody_is_ready(k, error);
}

/* ---- the race ---- */

struct race {
	const struct scenario *s;
	struct kernel *k;
	void *start; /* snapshot: setup is over */
	bool (*stop)(void);
};

struct race *race_new(const struct scenario *s, const char *kernel, GError **error)
{
	const struct build_options build = { .kernel = kernel, .seed = scenario_seed(s) };
	struct kernel *k = scenario_build(s, &build, error);
	struct race *r;

	if (!k)
		return NULL;
	machine_search(&k->machine);
	k->machine.task_name = s->schedule.task_name;
	k->machine.task_names = s->schedule.tasks;
	if (!run_setup(k, error)) {
		kernel_free(k);
		return NULL;
	}
	r = g_new(struct race, 1);
	*r = (struct race){ .s = s, .k = k, .start = g_malloc(snapshot_bytes(&k->machine, SNAPSHOT_RUN)) };
	snapshot_save(&k->machine, SNAPSHOT_RUN, r->start);
	return r;
}

void race_stop_when(struct race *r, bool (*stop)(void))
{
	r->stop = stop;
}

void race_free(struct race *r)
{
	if (!r)
		return;
	kernel_free(r->k);
	g_free(r->start);
	g_free(r);
}

/* Sums over all there is make sense only when nobody is in the middle of changing it. */
static bool audited(struct kernel *k, GString *why)
{
	char *wrong = audit_is_at_rest(&k->machine) ? audit(k) : NULL;

	if (wrong)
		g_string_assign(why, wrong);
	g_free(wrong);
	return !wrong;
}

bool race_invariants_hold(struct machine *m, GString *why)
{
	return invariants_hold(m, why) && audited(kernel_of(m), why);
}

bool race_state_holds(struct machine *m, GString *why)
{
	return invariants_hold(m, why) && (!audit_is_at_rest(m) || audit_state(kernel_of(m), why));
}

struct kernel *race_begin(struct race *r)
{
	struct machine *m = &r->k->machine;

	snapshot_load(m, SNAPSHOT_RUN, r->start);
	g_clear_error(&m->failure);
	m->stopped = false;
	m->violated = 0;
	return r->k;
}

static void run(struct race *r, struct schedule_options how, struct race_result *result)
{
	how.most_steps = RACE_STEPS_MOST;
	how.stop = r->stop;
	how.holds = race_invariants_hold;
	schedule_run(&race_begin(r)->machine, &r->s->schedule, &how, result);
}

void race_run(struct race *r, u64 seed, struct race_result *result)
{
	run(r, (struct schedule_options){ .seed = seed }, result);
}

static void begin_recording(struct machine *m, void *recording)
{
	*(struct recording **)recording = recording_begin(m);
}

static void tell_recording(void *recording, const char *what)
{
	recording_note(*(struct recording **)recording, what);
}

struct recording *race_record(struct race *r, u64 seed, struct race_result *result)
{
	struct recording *recording;
	char *verdict = NULL;

	run(r,
	    (struct schedule_options){
		.seed = seed, .begun = begin_recording, .tell = tell_recording, .data = &recording },
	    result);
	if (result->verdict == VERDICT_REPRODUCED)
		verdict = g_strdup_printf("%s: %s", result->invariant, result->reason);
	recording_end(recording, verdict);
	r->k->machine.choose = NULL;
	g_free(verdict);
	return recording;
}

/* Who has not come to an end by then goes round in circles. */
enum { WITNESS_STEPS_MOST = 4000 };

void race_witness(struct race *r, const struct explore_result *found, u32 seeds, struct witness *w)
{
	const struct witness_options options = {
		.holds = r->k->target ? target_is_missed : race_invariants_hold,
		.invariant = found->invariant,
		.key = found->verdict == EXPLORE_VIOLATION && g_str_has_prefix(found->key, found->invariant)
			   ? found->key
			   : NULL, /* of a dead end, and a step that failed, it says less */
		.seeds = seeds,
		.most_steps = WITNESS_STEPS_MOST,
		.doomed = found->verdict == EXPLORE_DOOMED,
	};
	struct schedule names = r->s->schedule;

	names.constraint = NULL;
	names.constraints = 0;
	witness_find(&race_begin(r)->machine, &names, found->decision, found->decisions, &options, w);
}

const char *race_verdict(const struct race_result *result)
{
	switch (result->verdict) {
	case VERDICT_NOT_REPRODUCED:
		return "ok";
	case VERDICT_REPRODUCED:
		return result->invariant;
	case VERDICT_INFEASIBLE:
		return "infeasible";
	}
	BUG();
}

static void add_invariants(GPtrArray *names, const struct audit *audits)
{
	for (; audits->what.name; audits++)
		g_ptr_array_add(names, (char *)audits->what.name);
}

const char **race_verdicts(void)
{
	GPtrArray *names = g_ptr_array_new();

	g_ptr_array_add(names, "ok");
	g_ptr_array_add(names, "infeasible");
	for (u32 i = 0; kernel_invariants[i]; i++)
		g_ptr_array_add(names, (char *)kernel_invariants[i]->name);
	g_ptr_array_add(names, "lock order");
	add_invariants(names, audits_of_swap);
	add_invariants(names, audits_of_zswap);
	add_invariants(names, audits_of_mm);
	g_ptr_array_add(names, NULL);
	return (const char **)g_ptr_array_free(names, FALSE);
}

bool race_has_schedule(const struct scenario *s)
{
	return s->schedule.constraints > 0;
}

const char *race_expected(const struct scenario *s, const char *kernel)
{
	for (u32 i = 0; i < s->spec.n_expect; i++)
		if (!strcmp(s->spec.expect[i].key, kernel))
			return s->spec.expect[i].value;
	return NULL;
}

const char **race_kernels_expected(const struct scenario *s)
{
	const char **kernels = g_new0(const char *, s->spec.n_expect + 1);

	for (u32 i = 0; i < s->spec.n_expect; i++)
		kernels[i] = s->spec.expect[i].key;
	return kernels;
}
