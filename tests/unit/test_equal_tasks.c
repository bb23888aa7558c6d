/*
 * Equal tasks in the bundled small worlds. Whoever is who, the machine does the same: on random ways every
 * step is made once as it is, and once by who takes the place in a state in which everybody is renamed. And
 * searches that take such states for one see the same ends and find the same.
 */
#include "models/equal_tasks.h"

#include <string.h>

#include "models/exploration.h"
#include "sim/explore_answers.h"
#include "sim/random.h"
#include "sim/state_images.h"
#include "sim/state_part.h"
#include "tests/unit/unit.h"

enum { WALKS = 4, STEPS_MOST = 300, STATES_MOST = 45000, STATES_FEW = 5000, STATES_AT_FIRST = 2000 };

struct world {
	struct scenario *s;
	struct race *race;
	struct kernel *k;
	struct equal_tasks *equal;
	const struct symmetry *symmetry;
};

/* False: there is none, or nobody is equal. */
static bool world_open(struct world *w, const char *file, const char *kernel)
{
	char *path = g_build_filename(SOURCE_DIR "/scenarios/explore", file, NULL);
	struct json_doc *doc = json_doc_load(path, NULL);

	*w = (struct world){ 0 };
	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	CU_ASSERT_FATAL(scenario_include(doc, SOURCE_DIR, NULL));
	w->s = scenario_read(doc, SOURCE_DIR, NULL);
	json_doc_free(doc);
	g_free(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->s);
	w->race = race_expected(w->s, kernel) ? race_new(w->s, kernel, NULL) : NULL;
	w->k = w->race ? race_begin(w->race) : NULL;
	w->equal = w->k ? equal_tasks_new(w->k) : NULL;
	w->symmetry = equal_tasks_symmetry(w->equal);
	return w->symmetry;
}

static void world_close(struct world *w)
{
	equal_tasks_free(w->equal);
	race_free(w->race);
	scenario_free(w->s);
}

/* ---- steps ---- */

struct walker {
	struct world *w;
	struct machine *m;
	struct state_parts parts;
	struct answers answers;
	struct next *next;
};

/* The contents of the state that is loaded, by column, under a renaming. */
static u32 *contents(struct walker *w, u32 renaming)
{
	struct state_parts *s = &w->parts;
	u32 *of = g_new0(u32, s->parts);

	for (u32 i = 0; i < s->columns; i++) {
		u32 part = s->column[i];
		u32 content = state_images_content(s->images, renaming, &part, s->loaded[i]);

		if (content)
			of[s->part[part].column - 1] = content;
	}
	return of;
}

static void make_step(struct walker *w, const u32 *from, struct next next)
{
	state_parts_load(&w->parts, from, w->parts.columns);
	answers_first(&w->answers);
	next_do(w->m, next);
	state_parts_compare(&w->parts);
	state_parts_accept(&w->parts);
}

static struct next renamed_next(const struct walker *w, struct next next, u32 renaming)
{
	if (next.kind <= NEXT_TIMEOUT)
		next.number = (u16)symmetry_rename(w->w->symmetry, renaming, LABEL_TASK, next.number);
	return next;
}

/* Goes on by @next; whether the renamed step leads from the renamed state to the renamed state. */
static bool step_is_renamed(struct walker *w, u32 renaming, struct next next)
{
	u32 *from = contents(w, 0), *renamed = contents(w, renaming), *wanted, *have;
	bool same;

	make_step(w, from, next);
	wanted = contents(w, renaming);
	make_step(w, renamed, renamed_next(w, next, renaming));
	have = contents(w, 0);
	same = !memcmp(wanted, have, w->parts.columns * sizeof *have);
	make_step(w, from, next);
	g_free(from);
	g_free(renamed);
	g_free(wanted);
	g_free(have);
	return same;
}

static u32 walk(struct walker *w, u64 seed)
{
	u32 others = w->w->symmetry->n - 1;

	state_parts_load(&w->parts, NULL, 0);
	for (u32 i = 0; i < STEPS_MOST; i++) {
		u32 n = next_list(w->m, w->next), renaming;

		if (next_is_nothing(w->m, w->next, n))
			return i;
		renaming = 1 + (u32)random_below(random_value(seed, 2 * i), others);
		n = (u32)random_below(random_value(seed, 2 * i + 1), n);
		if (!step_is_renamed(w, renaming, w->next[n]))
			CU_FAIL("somebody else did something else");
		if (w->m->failure || state_images_refused(w->parts.images))
			return 0;
	}
	return STEPS_MOST;
}

/* How many steps were compared. */
static u32 walk_some(struct world *world)
{
	struct walker w = { .w = world, .m = &world->k->machine };
	u32 steps = 0;

	state_parts_init(&w.parts, w.m, world->symmetry);
	w.next = g_new(struct next, next_most(w.m));
	w.m->driver = &w.answers;
	w.m->choose = answers_choose;
	for (u64 seed = 0; seed < WALKS && !state_images_refused(w.parts.images); seed++)
		steps += walk(&w, seed);
	w.m->driver = NULL;
	w.m->choose = NULL;
	state_parts_release(&w.parts);
	g_free(w.next);
	return steps;
}

/* ---- searches ---- */

static struct explore_result search(struct world *w, holds_fn *holds, u32 reduce, u32 unusual, u64 states)
{
	struct machine *m = (struct machine *)race_begin(w->race);
	const struct explore_options o = {
		.holds = holds,
		.tasks = m->task_names,
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.unusual = unusual,
		.depth = EXPLORE_NO_BOUND,
		.states = states,
		.bytes = UINT64_C(1) << 30,
		.reduce = reduce,
		.symmetry = w->symmetry,
	};
	struct explore_result r;

	explore(m, &o, &r);
	return r;
}

/* All there is, or what nothing unusual leads to, if that fits. Whether it took fewer states. */
static bool compare_searches(struct world *w)
{
	u32 unusual = EXPLORE_NO_BOUND;
	struct explore_result all = search(w, race_state_holds, 0, unusual, STATES_AT_FIRST), fewer = { 0 };
	bool less = false;

	if (all.cut != EXPLORE_COMPLETE) {
		unusual = 0;
		explore_result_release(&all);
		all = search(w, race_state_holds, 0, unusual, unit_runs(STATES_MOST, STATES_FEW));
	}
	if (all.cut == EXPLORE_COMPLETE) {
		fewer =
		    search(w, race_state_holds, REDUCE_SYMMETRY, unusual, unit_runs(STATES_MOST, STATES_FEW));
		CU_ASSERT_EQUAL(fewer.verdict, all.verdict);
		if (fewer.renamings) { /* else ends are counted one by one */
			CU_ASSERT_EQUAL(fewer.final_states, all.final_states);
			CU_ASSERT_EQUAL(fewer.final_hash, all.final_hash);
		}
		less = fewer.states < all.states;
		CU_ASSERT(less || fewer.states == all.states);
	}
	explore_result_release(&all);
	explore_result_release(&fewer);
	return less;
}

static void test_worlds(void)
{
	static const char *const kernels[] = { "6.12", "6.18" };
	GDir *dir = g_dir_open(SOURCE_DIR "/scenarios/explore", 0, NULL);
	u32 steps = 0, searched = 0, less = 0;
	const char *file;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((file = g_dir_read_name(dir)))
		for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
			struct world w;

			if (world_open(&w, file, kernels[i])) {
				steps += walk_some(&w);
				less += compare_searches(&w);
				searched++;
			}
			world_close(&w);
		}
	g_dir_close(dir);
	CU_ASSERT(steps > 1500);
	CU_ASSERT(searched >= 6);
	CU_ASSERT(less >= 1);
}

/* ---- the way there ---- */

static bool one_at_most_is_done(struct machine *m, GString *why)
{
	u32 done = 0;

	for (u32 i = 0; i < m->task_names; i++)
		done += m->task[i].state == TASK_DONE;
	if (why)
		g_string_assign(why, "progress: two are done");
	return done <= 1;
}

/* The states that were kept are others than those on the way, and it leads there all the same. */
static void test_way(void)
{
	struct world w;
	struct explore_result all, fewer;
	struct decision_reader reader = { 0 };
	struct machine *m;

	CU_ASSERT_FATAL(world_open(&w, "alloc-3x1.json", "6.12"));
	all = search(&w, one_at_most_is_done, 0, 0, STATES_MOST);
	fewer = search(&w, one_at_most_is_done, REDUCE_SYMMETRY, 0, STATES_MOST);
	CU_ASSERT_EQUAL_FATAL(fewer.verdict, EXPLORE_VIOLATION);
	CU_ASSERT_EQUAL(all.verdict, EXPLORE_VIOLATION);
	CU_ASSERT_EQUAL(fewer.renamings, 6);
	CU_ASSERT_EQUAL(fewer.cost.steps, all.cost.steps);
	CU_ASSERT(fewer.states < all.states);
	m = (struct machine *)race_begin(w.race);
	for (u32 i = 0; i < fewer.decisions; i++) {
		CU_ASSERT(one_at_most_is_done(m, NULL));
		decision_follow(m, &fewer.decision[i], &reader);
	}
	CU_ASSERT(!one_at_most_is_done(m, NULL));
	explore_result_release(&all);
	explore_result_release(&fewer);
	world_close(&w);
}

/* ---- CPUs ---- */

/* Who moved to the other CPU is where others are who did not. */
static void test_cpus(void)
{
	enum { UNUSUAL = 1 };
	struct world w;
	struct explore_result tasks, cpus;

	CU_ASSERT_FATAL(world_open(&w, "alloc-2x2.json", "6.18"));
	CU_ASSERT_EQUAL(w.symmetry->n, 4);
	CU_ASSERT_EQUAL(w.symmetry->otherwise->n, 2);
	cpus = search(&w, race_state_holds, REDUCE_SYMMETRY, UNUSUAL, STATES_MOST);
	w.symmetry = w.symmetry->otherwise;
	tasks = search(&w, race_state_holds, REDUCE_SYMMETRY, UNUSUAL, STATES_MOST);
	CU_ASSERT_EQUAL(cpus.cut, EXPLORE_COMPLETE);
	CU_ASSERT_EQUAL(cpus.renamings, 4);
	CU_ASSERT_EQUAL(tasks.renamings, 2);
	CU_ASSERT_EQUAL(cpus.verdict, tasks.verdict);
	CU_ASSERT(cpus.states < tasks.states);
	explore_result_release(&tasks);
	explore_result_release(&cpus);
	world_close(&w);
}

static const struct unit tests[] = {
	{ "who takes another's place does what he did, and one of them is enough", test_worlds },
	{ "CPUs trade places, too", test_cpus },
	{ "the way to a finding is one that can be gone", test_way },
};

UNIT_MAIN("equal_tasks", tests)
