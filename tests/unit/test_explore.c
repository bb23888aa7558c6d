/*
 * The search on toy worlds that can be counted by hand, and against an enumeration that knows no states.
 */
#include "sim/explore.h"

#include "sim/sample.h"
#include "sim/snapshot.h"
#include "sim/state_store.h"
#include "sim/witness.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

#define DO(what)                                                                                             \
	{                                                                                                    \
		DO_##what, 0, 0                                                                              \
	}
#define ON(what, object)                                                                                     \
	{                                                                                                    \
		DO_##what, object, 0                                                                         \
	}
#define ADD(n)                                                                                               \
	{                                                                                                    \
		DO_ADD, 0, n                                                                                 \
	}

static struct kernel *world(u32 cpus, const struct toy_op *a, const struct toy_op *b, const struct toy_op *c)
{
	const struct toy_op *script[] = { a, b, c };
	struct machine_config config = toy_config(cpus);
	struct kernel *k;

	config.tasks = 1 + (b != NULL) + (c != NULL);
	config.events = 4;
	config.rcu_callbacks = 4;
	config.preemption = PREEMPT_FULL;
	k = toy_new(&config);
	machine_search(&k->machine);
	for (u32 i = 0; i < config.tasks; i++)
		toy_add(k, script[i], i % cpus);
	return k;
}

static bool fine(struct machine *m, GString *why)
{
	(void)m, (void)why;
	return true;
}

static struct explore_options everything(holds_fn *holds, u32 tasks)
{
	return (struct explore_options){
		.holds = holds,
		.tasks = tasks,
		.preemptions = EXPLORE_NO_BOUND,
		.choices = EXPLORE_NO_BOUND,
		.unusual = EXPLORE_NO_BOUND,
		.depth = EXPLORE_NO_BOUND,
		.states = 1000000,
		.bytes = UINT64_C(1) << 30,
	};
}

/* ---- against an enumeration ---- */

struct enumeration {
	struct machine *m;
	GHashTable *ends;
	u32 answers[8], given, asked;
};

static u32 enumerate_choice(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	struct enumeration *e = m->driver;
	u32 i = e->asked++;

	(void)kind, (void)actor, (void)usual;
	if (i >= e->given)
		e->answers[i] = 0;
	e->answers[i] |= n << 16;
	return e->answers[i] & 0xffff;
}

static bool next_answers(struct enumeration *e)
{
	for (u32 i = e->asked; i--;)
		if ((e->answers[i] & 0xffff) + 1 < e->answers[i] >> 16) {
			e->answers[i] = (e->answers[i] & 0xffff) + 1;
			e->given = i + 1;
			return true;
		}
	return false;
}

/* Every order of everything, whatever state it leads to. */
static void enumerate(struct enumeration *e)
{
	struct machine *m = e->m;
	struct next *list = g_new(struct next, next_most(m));
	u32 n = next_list(m, list);
	void *here = g_malloc(snapshot_bytes(m, SNAPSHOT_RUN));

	snapshot_save(m, SNAPSHOT_RUN, here);
	if (!m->tasks_left) {
		u64 hash = snapshot_hash(m);

		g_hash_table_add(e->ends, g_memdup2(&hash, sizeof hash));
		n = 0;
	}
	for (u32 i = 0; i < n; i++) {
		struct enumeration mine = { .m = m, .ends = e->ends };

		do {
			mine.asked = 0;
			m->driver = &mine;
			next_do(m, list[i]);
			enumerate(e);
			snapshot_load(m, SNAPSHOT_RUN, here);
		} while (next_answers(&mine));
	}
	g_free(here);
	g_free(list);
}

static u32 count_ends(struct kernel *k)
{
	struct enumeration e = { .m = &k->machine };
	u32 n;

	e.ends = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	k->machine.choose = enumerate_choice;
	enumerate(&e);
	n = g_hash_table_size(e.ends);
	g_hash_table_destroy(e.ends);
	k->machine.choose = NULL;
	return n;
}

/* The same by the sampler, with and without sleep sets. */
static void expect_ends(struct kernel *k, const struct explore_result *all)
{
	u64 runs[2];

	for (u32 reduce = 0; reduce <= REDUCE_SLEEP; reduce += REDUCE_SLEEP) {
		const struct sample_options o = { .how = SAMPLE_ALL,
						  .holds = fine,
						  .tasks = 2,
						  .runs = 100000,
						  .depth = 1000,
						  .reduce = reduce };
		struct sample_result r;

		sample(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.found.verdict, EXPLORE_CLEAN);
		CU_ASSERT_EQUAL(r.found.cut, EXPLORE_COMPLETE);
		CU_ASSERT_EQUAL(r.found.final_states, all->final_states);
		CU_ASSERT_EQUAL(r.found.final_hash, all->final_hash);
		runs[reduce / REDUCE_SLEEP] = r.runs;
		sample_result_release(&r);
	}
	CU_ASSERT(runs[1] < runs[0]);
}

static const struct toy_op adds[] = { ADD(1), ADD(2), DO(END) };
static const struct toy_op adds_more[] = { ADD(4), { DO_CHOOSE, 0, 3 }, DO(END) };
static const struct toy_op locks[] = { DO(LOCK), ADD(8), DO(UNLOCK), DO(END) };
static const struct toy_op tries[] = { DO(TRYLOCK), ADD(16), DO(END) };
static const struct toy_op rests[] = { DO(MUTEX), DO(RESCHED), ADD(32), DO(MUTEX_UNLOCK), DO(END) };
static const struct toy_op waits[] = { { DO_WAIT, 0, 7 }, DO(BIT), ADD(1), DO(BIT_UNLOCK), DO(END) };
static const struct toy_op frees[] = { DO(RCU_READ), ADD(2), DO(RCU_READ_UNLOCK), DO(CALL_RCU), DO(END) };

static void test_agrees(void)
{
	static const struct toy_op *const pairs[][2] = { { adds, adds_more }, { locks, tries },
							 { locks, adds },     { rests, adds },
							 { rests, rests },    { waits, frees } };

	for (u32 i = 0; i < 8 * ARRAY_SIZE(pairs); i++) {
		struct kernel *k = world(1 + i % 2, pairs[i / 8][0], pairs[i / 8][1], NULL);
		struct explore_options o = everything(fine, 2);
		struct explore_result all, other;

		explore(&k->machine, &o, &all);
		CU_ASSERT_EQUAL(all.verdict, EXPLORE_CLEAN);
		CU_ASSERT_EQUAL(all.cut, EXPLORE_COMPLETE);
		CU_ASSERT_EQUAL(all.final_states, count_ends(k));
		expect_ends(k, &all);
		o.switches = i / 2 % 2;
		o.fingerprints = !o.switches;
		o.reduce = i / 4 % 2;
		explore(&k->machine, &o, &other);
		CU_ASSERT(o.reduce ? other.states <= all.states : other.states == all.states);
		CU_ASSERT_EQUAL(other.final_states, all.final_states);
		CU_ASSERT_EQUAL(other.final_hash, all.final_hash);
		explore_result_release(&other);
		explore_result_release(&all);
		toy_free(k);
	}
}

/* Two that only lock and unlock: each of their locks is let go of in the step that took it. Once somebody
 * tries the lock, nobody does so any more. */
static void test_unlocks_at_once(void)
{
	static const struct toy_op twice[] = { DO(LOCK), DO(UNLOCK), DO(LOCK), DO(UNLOCK), DO(END) };
	static const struct toy_op *const others[] = { twice, tries };
	u64 states[2][2];

	for (u32 i = 0; i < 4; i++) {
		struct kernel *k = world(2, twice, others[i / 2], NULL);
		struct explore_options o = everything(fine, 2);
		struct explore_result r;

		o.reduce = i % 2;
		explore(&k->machine, &o, &r);
		states[i / 2][i % 2] = r.states;
		explore_result_release(&r);
		toy_free(k);
	}
	CU_ASSERT(states[0][1] < states[0][0]);
	CU_ASSERT_EQUAL(states[1][1], states[1][0]);
}

/* ---- verdicts and what they cost ---- */

static bool adds_up(struct machine *m, GString *why)
{
	if (m->tasks_left || kernel_of(m)->world->shared == 7)
		return true;
	if (why)
		g_string_append_printf(why, "sum: it is %u", kernel_of(m)->world->shared);
	return false;
}

static void expect_cost(const struct explore_result *r, u32 preemptions, u32 choices, u32 switches)
{
	CU_ASSERT_EQUAL(r->cost.preemptions, preemptions);
	CU_ASSERT_EQUAL(r->cost.choices, choices);
	CU_ASSERT_EQUAL(r->cost.switches, switches);
}

static void test_least_cost(void)
{
	for (u32 cpus = 1; cpus <= 2; cpus++) {
		struct kernel *k = world(cpus, adds, adds_more, NULL);
		struct explore_options o = everything(adds_up, 2);
		struct explore_result r;

		o.switches = true;
		explore(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.verdict, EXPLORE_VIOLATION);
		CU_ASSERT_STRING_EQUAL(r.invariant, "sum");
		CU_ASSERT(!strncmp(r.reason, "it is ", 6));
		expect_cost(&r, cpus == 1, 0, 2); /* one CPU has to be taken away; two run side by side */
		CU_ASSERT_EQUAL(r.decisions, r.cost.steps);
		explore_result_release(&r);
		o.preemptions = 0;
		explore(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.verdict, cpus == 1 ? EXPLORE_CLEAN : EXPLORE_VIOLATION);
		CU_ASSERT_EQUAL(r.bounded, cpus == 1);
		explore_result_release(&r);
		toy_free(k);
	}
}

static bool never_two(struct machine *m, GString *why)
{
	if (kernel_of(m)->world->shared != 2)
		return true;
	if (why)
		g_string_append(why, "two: so it is");
	return false;
}

static void choose_two(struct machine *m, struct task *t, u32 n)
{
	kernel_of(m)->world->shared += choose(m, CHOICE_TOY, ACTOR(ACTOR_TASK, t->id), n);
}

static const struct toy_op chooses[] = {
	{ DO_EVENT, 0, 2 }, DO(WORK), { DO_EVENT, 0, 2 }, DO(WORK), { DO_EVENT, 0, 2 }, DO(WORK), DO(END)
};

static void test_choices(void)
{
	struct kernel *k = world(1, chooses, NULL, NULL);
	struct explore_options o = everything(never_two, 1);
	struct explore_result r;

	k->on_event = choose_two;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.verdict, EXPLORE_VIOLATION);
	expect_cost(&r, 0, 2, 0);
	explore_result_release(&r);
	o.choices = 1;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.verdict, EXPLORE_CLEAN);
	CU_ASSERT(r.bounded);
	CU_ASSERT_EQUAL(r.final_states, 2);
	explore_result_release(&r);
	toy_free(k);
}

static const struct toy_op one_two[] = { ON(MUTEX, 0), ON(MUTEX, 1), ON(MUTEX_UNLOCK, 1), ON(MUTEX_UNLOCK, 0),
					 DO(END) };
static const struct toy_op two_one[] = { ON(MUTEX, 1), ON(MUTEX, 0), ON(MUTEX_UNLOCK, 0), ON(MUTEX_UNLOCK, 1),
					 DO(END) };

static void test_deadlock(void)
{
	struct kernel *k = world(2, one_two, two_one, NULL);
	struct explore_options o = everything(fine, 2);
	struct explore_result r;

	o.switches = true;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.verdict, EXPLORE_DEADLOCK);
	CU_ASSERT_STRING_EQUAL(r.invariant, "progress");
	CU_ASSERT(g_str_has_prefix(r.reason, "nobody can go on: "));
	expect_cost(&r, 0, 0, 1);
	explore_result_release(&r);
	toy_free(k);
}

/* Goes back as long as the other one is not there, and never comes to an end if both have passed 1. */
static void go_back(struct machine *m, struct task *t, u32 n)
{
	if (kernel_of(m)->world->shared == 3)
		((struct script *)(frame_at(m, t, t->frame) + 1))->at -= n;
}

static const struct toy_op spins[] = { ADD(1), DO(WORK), { DO_EVENT, 0, 2 }, DO(END) };
static const struct toy_op sets[] = { ADD(2), DO(END) };

/* A bound that nothing meets leaves none of it out; what is cut off has not been looked at. */
static void test_doomed(void)
{
	static const u32 depths[] = { EXPLORE_NO_BOUND, 1000, 3 };

	for (u32 i = 0; i < ARRAY_SIZE(depths); i++) {
		struct kernel *k = world(2, spins, sets, NULL);
		struct explore_options o = everything(fine, 2);
		struct explore_result r;
		bool cut = depths[i] == 3;

		o.depth = depths[i];
		k->on_event = go_back;
		explore(&k->machine, &o, &r);
		CU_ASSERT_EQUAL(r.deep, cut);
		CU_ASSERT_EQUAL(r.verdict, cut ? EXPLORE_CLEAN : EXPLORE_DOOMED);
		CU_ASSERT(cut || !strcmp(r.invariant, "progress"));
		CU_ASSERT(cut ? !r.doomed : r.doomed > 0 && r.doomed < r.states);
		CU_ASSERT(cut || r.final_states > 0);
		explore_result_release(&r);
		toy_free(k);
	}
}

/* A wait that only a time-out ends, and a loop that somebody can end, are no dead end. */
static void let_go(struct machine *m, struct task *t, u32 n)
{
	if (!kernel_of(m)->world->shared)
		((struct script *)(frame_at(m, t, t->frame) + 1))->at -= n;
}

static const struct toy_op polls[] = { DO(WORK), { DO_EVENT, 0, 2 }, DO(END) };

static void test_polling_is_no_doom(void)
{
	struct kernel *k = world(2, polls, sets, NULL);
	struct explore_options o = everything(fine, 2);
	struct explore_result r;

	k->on_event = let_go;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.verdict, EXPLORE_CLEAN);
	CU_ASSERT_EQUAL(r.doomed, 0);
	explore_result_release(&r);
	toy_free(k);
}

static bool has_some(void *least, u64 known)
{
	return known >= *(u64 *)least;
}

/* It is asked now and then, and what is known by then is kept. */
static void test_stopped(void)
{
	struct kernel *k = world(2, adds, adds_more, locks);
	struct explore_options o = everything(fine, 3);
	struct explore_result all, r;
	u64 least = 400;

	explore(&k->machine, &o, &all);
	o.stop = has_some;
	o.stop_data = &least;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.cut, EXPLORE_CUT_STOPPED);
	CU_ASSERT(r.states >= least && r.states < all.states);
	explore_result_release(&r);
	least = UINT64_MAX;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.cut, EXPLORE_COMPLETE);
	CU_ASSERT_EQUAL(r.states, all.states);
	explore_result_release(&r);
	explore_result_release(&all);
	toy_free(k);
}

static void test_cuts(void)
{
	struct kernel *k = world(2, adds, adds_more, locks);
	struct explore_options o = everything(fine, 3);
	struct explore_result r;

	o.states = 100;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.cut, EXPLORE_CUT_STATES);
	CU_ASSERT(r.states >= 100 && r.states < 110);
	explore_result_release(&r);
	o.states = 1000000;
	o.bytes = 1;
	explore(&k->machine, &o, &r);
	CU_ASSERT_EQUAL(r.cut, EXPLORE_CUT_BYTES);
	explore_result_release(&r);
	o.bytes = UINT64_C(1) << 30;
	o.depth = 5;
	explore(&k->machine, &o, &r);
	CU_ASSERT(r.deep && !r.bounded);
	CU_ASSERT_EQUAL(r.final_states, 0);
	explore_result_release(&r);
	toy_free(k);
}

/* ---- states ---- */

/* Whatever way through the states, one that was loaded is the one that was noted. */
static void test_store(void)
{
	struct kernel *k = world(2, waits, frees, rests);
	struct machine *m = &k->machine;
	struct next *list = g_new(struct next, next_most(m));
	struct state_store *s = state_store_new(m, false, NULL, false);
	GArray *hash = g_array_new(FALSE, FALSE, sizeof(u64));
	struct enumeration usual = { .m = m };
	u64 at = snapshot_hash(m), random = 1;

	m->driver = &usual;
	m->choose = enumerate_choice;
	g_array_append_val(hash, at);
	for (u32 i = 0; i < 3000; i++) {
		u32 from = (u32)(random % hash->len), n, state;
		bool fresh;

		random = random_mix(random + i);
		state_store_load(s, from);
		CU_ASSERT_EQUAL(snapshot_hash(m), g_array_index(hash, u64, from));
		n = next_list(m, list);
		if (!n || !m->tasks_left)
			continue;
		usual.asked = usual.given = 0;
		next_do(m, list[random % n]);
		at = snapshot_hash(m);
		state = state_store_note(s, &fresh);
		CU_ASSERT_EQUAL(fresh, state == hash->len);
		if (fresh)
			g_array_append_val(hash, at);
		CU_ASSERT_EQUAL(g_array_index(hash, u64, state), at);
		state_store_undo(s);
		CU_ASSERT_EQUAL(snapshot_hash(m), g_array_index(hash, u64, from));
	}
	CU_ASSERT(hash->len > 200);
	CU_ASSERT_EQUAL(state_store_states(s), hash->len);
	m->choose = NULL;
	state_store_free(s);
	g_array_free(hash, TRUE);
	g_free(list);
	toy_free(k);
}

static const struct unit tests[] = {
	{ "a search sees the ends that an enumeration of all orders sees, whatever it keeps and leaves out",
	  test_agrees },
	{ "a lock is let go of at once, unless somebody tries it", test_unlocks_at_once },
	{ "the first way that is found costs least", test_least_cost },
	{ "what nature decides costs, and can be bounded", test_choices },
	{ "two that wait for each other are a deadlock", test_deadlock },
	{ "a loop that nobody ends any more is a dead end", test_doomed },
	{ "one that somebody can end is none", test_polling_is_no_doom },
	{ "bounds cut, and say so", test_cuts },
	{ "a search is stopped when somebody says so", test_stopped },
	{ "a state that is loaded is the one that was noted", test_store },
};

UNIT_MAIN("explore", tests)
