#include "models/race_timed.h"

#include <string.h>

#include "models/race.h"
#include "models/scenario_parts.h"

/* Of virtual time: as long as any kernel waits for anything here. */
#define MOST_NS UINT64_C(60000000000)

static bool is_ready(const struct machine *m, u32 task)
{
	return race_task_is_ready((const struct kernel *)m, task);
}

/* The delays in words. */
static void describe(const struct scenario *s, const struct machine *m, struct race_timing *t)
{
	for (u32 i = 0; i < t->delay->len; i++) {
		const struct schedule_delay *d = &g_array_index(t->delay, struct schedule_delay, i);
		const struct path *path = &m->path[d->path];
		char *step = g_strdup_printf("%s.%s", path->info->name, path->step_name[d->pc]), *text;
		GString *end = g_string_new(NULL);

		constraint_describe_end(&s->schedule, m, &s->schedule.constraint[d->constraint], end);
		text = g_string_free(end, FALSE);
		g_array_append_val(t->step, step);
		g_array_append_val(t->end, text);
	}
}

enum how { HELD_ASLEEP, HELD, DELAYED };

/* One run from the beginning: with the constraints, or with the delays in their place. */
static bool run(const struct scenario *s, const char *kernel, u64 seed, struct race_timing *t, enum how how,
		GError **error)
{
	const struct build_options build = { .kernel = kernel, .seed = scenario_seed(s) };
	const struct timed_options options = { .seed = seed,
					       .most_ns = MOST_NS,
					       .holds = race_invariants_hold,
					       .is_ready = is_ready,
					       .asleep = how == HELD_ASLEEP,
					       .instead = how == DELAYED ? t->delay : NULL };
	bool held = how != DELAYED;
	struct kernel *k = scenario_build(s, &build, error);

	if (!k)
		return false;
	schedule_run_timed(&k->machine, &s->schedule, &options, held ? t->delay : NULL,
			   held ? &t->held : &t->delayed);
	if (held)
		describe(s, &k->machine, t);
	kernel_free(k);
	return true;
}

/* Whether the same invariant fails with the delays as they are now. */
static bool fails_alike(const struct scenario *s, const char *kernel, u64 seed, struct race_timing *t)
{
	race_result_release(&t->delayed);
	return run(s, kernel, seed, t, DELAYED, NULL) && t->delayed.verdict == VERDICT_REPRODUCED &&
	       !strcmp(t->delayed.invariant, t->held.invariant);
}

/* The shortest that does, by halves: a delay that is too short lets the others pass first. */
static void shorten(const struct scenario *s, const char *kernel, u64 seed, struct race_timing *t, u32 i)
{
	struct schedule_delay *d = &g_array_index(t->delay, struct schedule_delay, i);
	u64 enough = d->ns, too_short = 0;

	d->ns = 0;
	if (fails_alike(s, kernel, seed, t))
		return;
	while (enough - too_short > 1) {
		d->ns = too_short + (enough - too_short) / 2;
		if (fails_alike(s, kernel, seed, t))
			enough = d->ns;
		else
			too_short = d->ns;
	}
	d->ns = enough;
}

static void free_text(void *text)
{
	g_free(*(char **)text);
}

/* What a run found out. */
static void forget(struct race_timing *t)
{
	race_result_release(&t->held);
	g_array_set_size(t->delay, 0);
	g_array_set_size(t->step, 0);
	g_array_set_size(t->end, 0);
}

bool race_time(const struct scenario *s, const char *kernel, u64 seed, struct race_timing *timing,
	       GError **error)
{
	*timing = (struct race_timing){ .delay = g_array_new(FALSE, FALSE, sizeof(struct schedule_delay)),
					.step = g_array_new(FALSE, FALSE, sizeof(char *)),
					.end = g_array_new(FALSE, FALSE, sizeof(char *)) };
	g_array_set_clear_func(timing->step, free_text);
	g_array_set_clear_func(timing->end, free_text);
	if (!run(s, kernel, seed, timing, HELD_ASLEEP, error))
		return false;
	if (timing->held.verdict != VERDICT_REPRODUCED) {
		forget(timing);
		if (!run(s, kernel, seed, timing, HELD, error))
			return false;
	}
	if (timing->held.verdict != VERDICT_REPRODUCED || !fails_alike(s, kernel, seed, timing))
		return true;
	for (u32 i = timing->delay->len; i--;)
		shorten(s, kernel, seed, timing, i);
	fails_alike(s, kernel, seed, timing);
	return true;
}

void race_timing_release(struct race_timing *t)
{
	race_result_release(&t->held);
	race_result_release(&t->delayed);
	if (t->delay)
		g_array_free(t->delay, TRUE);
	if (t->step)
		g_array_free(t->step, TRUE);
	if (t->end)
		g_array_free(t->end, TRUE);
	*t = (struct race_timing){ 0 };
}
