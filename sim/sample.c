#include "sim/sample.h"

#include "sim/explore_answers.h"
#include "sim/explore_tell.h"
#include "sim/good_states.h"
#include "sim/invariant.h"
#include "sim/known_ways.h"
#include "sim/lock.h"
#include "sim/random.h"
#include "sim/sample_run.h"
#include "sim/snapshot.h"
#include "sim/state_parts.h"

const char *const sampling_name[NR_SAMPLINGS + 1] = { "walk", "pct", "pos", "all" };

enum { STREAM_SAMPLE = 2001, CHECK_EVERY = 256 /* runs */ };
#define PARTS_BYTES_MOST (UINT64_C(1) << 28)

struct sampler {
	struct machine *m;
	const struct sample_options *options;
	struct sample_result *result;
	struct state_parts parts;
	struct good_states good;
	struct known_ways ways;
	u64 state;  /* hash of the present one, */
	u64 way;    /* and of the step that led to it */
	u8 excused; /* bits, see invariant.h: in the state that was compared last */
	u64 key, drawn;
	GArray *decision; /* of the run */
	struct explore_cost cost;
	struct next *next;
	u64 *priority; /* [task], that of events last; pos: of its next step, 0: not drawn yet */
	u32 *change;   /* [options->changes] pct: the step before which somebody falls behind */
	u64 radix;
	u32 answers, unusual;
	u64 lowest; /* pct */
	u32 last;   /* task + 1 */
};

static u64 draw(struct sampler *s)
{
	return random_value(s->key, s->drawn++);
}

/* ---- states that were seen ---- */

/* Where the last step has led to. Whether that is known, for it was made before; else it has been compared.
 */
static bool arrive(struct sampler *s)
{
	if (known_ways_find(&s->ways, s->way, &s->state))
		return true;
	s->state = state_parts_compare(&s->parts);
	good_states_expect(&s->good, s->state);
	state_parts_accept(&s->parts);
	return false;
}

static bool state_holds(struct sampler *s)
{
	u32 changed = s->decision->len ? s->parts.changed : UINT32_MAX; /* nobody looked at the first */

	if (good_states_have(&s->good, s->state)) {
		s->excused = UINT8_MAX; /* nobody looked */
	} else {
		if (!invariants_hold_still(s->m, s->options->holds, changed, &s->excused))
			return false;
		good_states_add(&s->good, s->state);
	}
	known_ways_add(&s->ways, s->way, s->state);
	return true;
}

/* ---- nature ---- */

static u32 sample_answer(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	struct sampler *s = m->driver;
	u32 options = answers_options(n), rank = 0;

	(void)kind, (void)actor;
	if (s->options->unusual && !random_below(draw(s), s->options->unusual))
		rank = 1 + (u32)random_below(draw(s), options - 1);
	s->answers += (u32)(rank * s->radix);
	s->radix *= options;
	s->unusual += rank > 0;
	return answers_value(rank, n, usual);
}

/* ---- who goes on ---- */

/* Whose priority it is: a task's, or that of all that is no task. */
static u32 owner_of(const struct sampler *s, struct next n)
{
	return n.kind == NEXT_STEP ? n.number : s->m->config.tasks;
}

static u32 highest(const struct sampler *s, u32 n)
{
	u32 best = 0;

	for (u32 i = 1; i < n; i++)
		if (s->priority[owner_of(s, s->next[i])] > s->priority[owner_of(s, s->next[best])])
			best = i;
	return best;
}

static u32 pick_pct(struct sampler *s, u32 n)
{
	u32 best = highest(s, n);

	for (u32 i = 0; i < s->options->changes; i++)
		if (s->change[i] == s->decision->len) {
			s->priority[owner_of(s, s->next[best])] = --s->lowest;
			best = highest(s, n);
		}
	return best;
}

static u32 pick_pos(struct sampler *s, u32 n)
{
	u32 best, object;

	for (u32 i = 0; i < n; i++)
		if (!s->priority[owner_of(s, s->next[i])])
			s->priority[owner_of(s, s->next[i])] = draw(s) | 1;
	best = highest(s, n);
	object = s->next[best].kind == NEXT_STEP ? s->m->task[s->next[best].number].obj : 0;
	s->priority[owner_of(s, s->next[best])] = 0;
	for (u32 i = 0; object && i < s->m->tasks; i++)
		if (s->m->task[i].obj == object)
			s->priority[i] = 0;
	return best;
}

static u32 pick(struct sampler *s, u32 n)
{
	switch (s->options->how) {
	case SAMPLE_WALK:
	case SAMPLE_ALL:
	case NR_SAMPLINGS:
		return (u32)random_below(draw(s), n);
	case SAMPLE_PCT:
		return pick_pct(s, n);
	case SAMPLE_POS:
		return pick_pos(s, n);
	}
	BUG();
}

/* ---- a run ---- */

/* To where all runs begin. */
static void go_back(struct sampler *s, u64 run)
{
	state_parts_restart(&s->parts);
	s->excused = UINT8_MAX;
	if (!(run % CHECK_EVERY) && state_parts_bytes(&s->parts) > PARTS_BYTES_MOST) {
		state_parts_release(&s->parts);
		state_parts_init(&s->parts, s->m, NULL);
	}
}

static void run_begin(struct sampler *s, u64 run)
{
	go_back(s, run);
	s->key = random_key(s->options->seed, STREAM_SAMPLE, (u32)run);
	s->drawn = 0;
	s->last = 0;
	s->way = random_mix(1);
	s->cost = (struct explore_cost){ 0 };
	g_array_set_size(s->decision, 0);
	s->lowest = UINT32_MAX;
	for (u32 i = 0; i <= s->m->config.tasks; i++)
		s->priority[i] = s->options->how == SAMPLE_PCT ? draw(s) | (u64)1 << 63 : 0;
	for (u32 i = 0; i < s->options->changes; i++)
		s->change[i] = (u32)random_below(draw(s), s->options->steps);
}

static void make_step(struct sampler *s, struct next next)
{
	bool step = next.kind == NEXT_STEP;
	struct decision d = { .next = next };

	s->cost.preemptions += step && explore_preempts(s->m, &s->m->task[next.number]);
	s->cost.switches += step && s->last && s->last != next.number + 1u;
	s->last = step ? next.number + 1u : s->last;
	s->cost.steps++;
	s->answers = s->unusual = 0;
	s->radix = 1;
	next_do(s->m, next);
	s->cost.choices += s->unusual;
	d.answers = s->answers;
	s->way =
	    random_mix(s->state ^ random_mix((u64)next.kind << 56 | (u64)next.number << 32 | s->answers));
	__builtin_prefetch(known_ways_place(&s->ways, s->way));
	g_array_append_val(s->decision, d);
}

/* What is left of the list without those that are kept, or all of it if that is nothing. */
static u32 keep_some(struct sampler *s, u32 n)
{
	u32 left = 0;

	for (u32 i = 0; s->options->keeps && i < n; i++) {
		struct next next = s->next[i];

		if (next.kind == NEXT_STEP && s->options->keeps(s->m, next.number))
			continue;
		s->next[i] = s->next[left];
		s->next[left++] = next;
	}
	return left ? left : n;
}

/* What comes next is listed before it is known whether the state holds: a look into a large table takes as
 * long. */
static enum explore_verdict run(struct sampler *s)
{
	while (s->decision->len < s->options->depth) {
		bool known = arrive(s), done = s->m->failure || tasks_are_done(s->m, s->options->tasks);
		u32 n = done ? 0 : next_list(s->m, s->next);

		if ((!known && !state_holds(s)) || s->m->failure)
			return EXPLORE_VIOLATION;
		if (done) {
			s->result->ends++;
			break;
		}
		if (next_is_nothing(s->m, s->next, n))
			return EXPLORE_DEADLOCK;
		make_step(s, s->next[pick(s, keep_some(s, n))]);
	}
	return EXPLORE_CLEAN;
}

void sample_note(struct machine *m, const struct sample_options *options, enum explore_verdict verdict,
		 const struct explore_cost *cost, const GArray *way, struct sample_result *result)
{
	struct explore_result *r = &result->found;

	if (result->hits++)
		return;
	r->verdict = verdict;
	r->cost = *cost;
	r->decisions = way->len;
	r->decision = g_memdup2(way->data, way->len * sizeof(struct decision));
	explore_tell(m, options->holds, options->tasks, r);
	result->first = result->runs;
}

static bool is_stopped(struct sampler *s)
{
	const struct sample_options *o = s->options;

	if (!o->stop || s->result->runs % CHECK_EVERY || !o->stop(o->stop_data, s->result->runs))
		return false;
	s->result->found.cut = EXPLORE_CUT_STOPPED;
	return true;
}

static void draw_runs(struct sampler *s)
{
	struct sample_result *result = s->result;

	while (result->runs < s->options->runs && !is_stopped(s)) {
		enum explore_verdict verdict;

		run_begin(s, result->runs++);
		verdict = run(s);
		result->steps += s->decision->len;
		if (verdict != EXPLORE_CLEAN)
			sample_note(s->m, s->options, verdict, &s->cost, s->decision, result);
		g_clear_error(&s->m->failure);
		s->m->stopped = false;
	}
}

static void sample_some(struct machine *m, const struct sample_options *options, struct sample_result *result)
{
	struct sampler s = { .m = m, .options = options, .result = result };

	state_parts_init(&s.parts, m, NULL);
	good_states_init(&s.good);
	known_ways_init(&s.ways);
	s.decision = g_array_new(FALSE, FALSE, sizeof(struct decision));
	s.next = g_new(struct next, next_most(m));
	s.priority = g_new(u64, m->config.tasks + 1);
	s.change = g_new(u32, options->changes + 1);
	m->driver = &s;
	m->choose = sample_answer;
	draw_runs(&s);
	state_parts_release(&s.parts);
	good_states_release(&s.good);
	known_ways_release(&s.ways);
	g_array_free(s.decision, TRUE);
	g_free(s.change);
	g_free(s.priority);
	g_free(s.next);
}

void sample(struct machine *m, const struct sample_options *options, struct sample_result *result)
{
	void *start = g_malloc(snapshot_bytes(m, SNAPSHOT_RUN));

	*result = (struct sample_result){ 0 };
	snapshot_save(m, SNAPSHOT_RUN, start);
	if (options->how == SAMPLE_ALL)
		sample_all(m, options, result);
	else
		sample_some(m, options, result);
	m->driver = NULL;
	m->choose = NULL;
	snapshot_load(m, SNAPSHOT_RUN, start);
	g_free(start);
}

void sample_result_release(struct sample_result *r)
{
	explore_result_release(&r->found);
	*r = (struct sample_result){ 0 };
}
