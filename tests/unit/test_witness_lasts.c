/*
 * A schedule that the explorer has found names steps, not their numbers: it still makes it happen when a path
 * has come to have one step more, whichever step of the story the new one stands before.
 */
#include "models/exploration.h"
#include "models/paths.h"
#include "models/scenario_parts.h"

#include "tests/unit/unit.h"

enum { TASKS = 8, STEPS = 128, SEEDS = 3, NOWHERE = NR_PATHS };

/* What a task was about to do when the new step came before it. */
struct announced {
	u8 op;
	u32 obj;
	u32 step_hash;
};

/* A machine whose paths have a step more each, of which one is made. Paths find it by machine.log_data. */
struct variant {
	path_fn *fn[NR_PATHS];
	bool seen[NR_PATHS][STEPS];
	u32 path, pc; /* before which it is */
	struct announced announced[TASKS];
	u32 made;
};

static u32 new_step(const struct machine *m, u32 path)
{
	return m->path[path].steps - 1;
}

static void with_a_step_more(struct machine *m, struct task *t, void *f, struct step *s)
{
	struct variant *v = m->log_data;
	struct frame *frame = (struct frame *)f - 1;
	struct announced *a = &v->announced[t->id];

	if (frame->pc == new_step(m, frame->path)) {
		frame->pc = (u16)v->pc;
		t->op = a->op;
		t->obj = a->obj;
		t->step_hash = a->step_hash;
		v->made++;
		return;
	}
	v->fn[frame->path](m, t, f, s);
	if (t->op == OP_NONE || t->op == OP_DONE || t->op == OP_USER)
		return;
	frame = frame_at(m, t, t->frame);
	v->seen[frame->path][frame->pc] = true;
	if (frame->path != v->path || frame->pc != v->pc)
		return;
	*a = (struct announced){ t->op, t->obj, t->step_hash };
	frame->pc = (u16)new_step(m, frame->path);
	t->op = OP_ACCESS;
	t->obj = 0;
	t->step_hash = (u32)(m->path[frame->path].step[frame->pc].hash >> STEP_HASH_SHIFT);
}

static void add_steps(struct machine *m, struct variant *v)
{
	m->log_data = v;
	for (u32 i = 0; i < m->paths; i++) {
		struct path *p = &m->path[i];
		const char **names = g_new0(const char *, p->steps + 2);

		for (u32 s = 0; s < p->steps; s++)
			names[s] = p->step_name[s];
		names[p->steps] = g_strdup("ADDED");
		g_free((void *)p->step_name);
		p->step_name = names;
		p->step = g_renew(struct step, p->step, p->steps + 1);
		p->step[p->steps] = (struct step){ .cost = 1, .hash = i };
		p->steps++;
		CU_ASSERT_FATAL(p->steps < STEPS);
		v->fn[i] = p->fn;
		p->fn = with_a_step_more;
	}
}

static struct scenario *scenario(const char *name, const char *schedule)
{
	char *path = g_strdup_printf("%s/scenarios/race/%s.json", SOURCE_DIR, name), *set;
	struct json_doc *doc = json_doc_load(path, NULL);
	struct scenario *s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_FATAL(scenario_include(doc, SOURCE_DIR, NULL));
	set = g_strdup_printf("schedule=%s", schedule ? schedule : "[]");
	CU_ASSERT_FATAL(json_doc_set(doc, &scenario_table, set, NULL));
	s = scenario_read(doc, SOURCE_DIR, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	json_doc_free(doc);
	g_free(path);
	g_free(set);
	return s;
}

/* The schedule as it is written to a file. */
static char *find(const char *name)
{
	const struct exploration_options usual = {
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = 200000,
		.bytes = UINT64_C(1) << 30,
		.seeds = 20,
	};
	struct scenario *s = scenario(name, NULL);
	struct race *race = race_new(s, NULL, NULL);
	struct exploration x;
	char *schedule;

	exploration_run(race, &usual, &x);
	CU_ASSERT_EQUAL_FATAL(x.witness.seeds, usual.seeds);
	schedule = exploration_schedule(race, &x);
	exploration_release(&x);
	race_free(race);
	scenario_free(s);
	return schedule;
}

static void expect_reproduced(struct race *race, const char *invariant)
{
	for (u64 seed = 1; seed <= SEEDS; seed++) {
		struct race_result r;

		race_run(race, seed, &r);
		CU_ASSERT_EQUAL(r.verdict, VERDICT_REPRODUCED);
		CU_ASSERT(!g_strcmp0(r.invariant, invariant));
		race_result_release(&r);
	}
}

/* Returns before how many steps a new one was made. */
static u32 expect_lasts(struct race *race, struct variant *v, const char *invariant)
{
	u32 n = 0;

	v->path = NOWHERE;
	memset(v->seen, 0, sizeof v->seen);
	expect_reproduced(race, invariant);
	for (u32 path = 0; path < NR_PATHS; path++)
		for (u32 pc = 1; pc < STEPS; pc++) {
			if (!v->seen[path][pc])
				continue;
			v->path = path;
			v->pc = pc;
			v->made = 0;
			expect_reproduced(race, invariant);
			n += v->made > 0;
		}
	return n;
}

static void test_lasts(void)
{
	static const struct {
		const char *scenario, *invariant;
	} found[] = { { "leak-same-cpu", "cluster_ownership" },
		      { "bypass-reuse", "content" },
		      { "swapoff-zap", "lifetime" },
		      { "leak-migrate", "cluster_ownership" },
		      { "leak-other-device", "cluster_ownership" },
		      { "zswap-self", "progress" } };

	for (u32 i = 0; i < ARRAY_SIZE(found); i++) {
		char *schedule = find(found[i].scenario);
		struct scenario *s = scenario(found[i].scenario, schedule);
		struct race *race = race_new(s, NULL, NULL);
		struct variant *v = g_new0(struct variant, 1);

		add_steps((struct machine *)race_begin(race), v);
		CU_ASSERT(expect_lasts(race, v, found[i].invariant) > 10);
		race_free(race);
		scenario_free(s);
		g_free(v);
		g_free(schedule);
	}
}

static const struct unit tests[] = {
	{ "a schedule that was found lasts when a path has a step more", test_lasts },
};

UNIT_MAIN("witness lasts", tests)
