#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

enum { ASKED = 40, OF = 5 };

/* What task 0 is told, when task 1 asks @others times in between. */
static void answers(u64 seed, u32 others, u32 answer[ASKED])
{
	struct machine_config c = toy_config(1);
	struct kernel *k;

	c.seed = seed;
	k = toy_new(&c);
	for (u32 i = 0; i < ASKED; i++) {
		answer[i] = choose(&k->machine, CHOICE_TOY, ACTOR(ACTOR_TASK, 0), OF);
		for (u32 j = 0; j < others; j++) {
			choose(&k->machine, CHOICE_TOY, ACTOR(ACTOR_TASK, 1), OF);
			choose(&k->machine, CHOICE_RCU_END, ACTOR(ACTOR_TASK, 0), OF);
			choose(&k->machine, CHOICE_TOY, ACTOR(ACTOR_DEVICE, 0), OF);
		}
	}
	toy_free(k);
}

static void test_streams(void)
{
	u32 alone[ASKED], among[ASKED], other_seed[ASKED], seen[OF] = { 0 }, same = 0;

	answers(1, 0, alone);
	answers(1, 3, among);
	answers(2, 0, other_seed);
	for (u32 i = 0; i < ASKED; i++) {
		CU_ASSERT_EQUAL(alone[i], among[i]);
		CU_ASSERT_FATAL(alone[i] < OF);
		seen[alone[i]]++;
		same += alone[i] == other_seed[i];
	}
	for (u32 i = 0; i < OF; i++)
		CU_ASSERT(seen[i] > 1);
	CU_ASSERT(same < ASKED / 2);
}

/* Each kind and actor has a stream of its own: no two agree all the way. */
static void test_actors_differ(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	u64 text[NR_ACTOR_CLASSES * 6 * NR_TOY_CHOICES];
	u32 n = 0;

	for (u32 kind = 0; kind < NR_TOY_CHOICES; kind++)
		for (u32 class = 0; class < NR_ACTOR_CLASSES; class ++)
			for (u32 number = 0; number < 6; number++, n++)
				for (u32 i = text[n] = 0; i < 20; i++)
					text[n] =
					    text[n] * 8 + choose(&k->machine, kind, ACTOR(class, number), 8);
	for (u32 i = 0; i < n; i++)
		for (u32 j = 0; j < i; j++)
			CU_ASSERT_NOT_EQUAL(text[i], text[j]);
	toy_free(k);
}

static void test_no_choice(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c), *other = toy_new(&c);
	u32 actor = ACTOR(ACTOR_DEVICE, 31); /* more devices than CPUs */

	CU_ASSERT_EQUAL(choose(&k->machine, CHOICE_TOY, actor, 0), 0);
	CU_ASSERT_EQUAL(choose(&k->machine, CHOICE_TOY, actor, 1), 0);
	CU_ASSERT_EQUAL(choose_usual(&k->machine, CHOICE_TOY, actor, 9, 4), 4);
	for (u32 i = 0; i < 20; i++) /* and nothing was drawn for these */
		CU_ASSERT_EQUAL(choose(&k->machine, CHOICE_TOY, actor, 1000),
				choose(&other->machine, CHOICE_TOY, actor, 1000));
	toy_free(k);
	toy_free(other);
}

static u32 asked(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	u32 *last = m->driver;

	last[0] = kind;
	last[1] = actor;
	last[2] = n;
	last[3] = usual;
	return n - 1;
}

static void test_driver_decides(void)
{
	struct machine_config c = toy_config(1);
	struct kernel *k = toy_new(&c);
	u32 last[4] = { 0 };

	k->machine.choose = asked;
	k->machine.driver = last;
	CU_ASSERT_EQUAL(choose(&k->machine, CHOICE_TOY, ACTOR(ACTOR_CPU, 2), 7), 6);
	CU_ASSERT(last[0] == CHOICE_TOY && last[1] == ACTOR(ACTOR_CPU, 2) && last[2] == 7);
	CU_ASSERT_EQUAL(last[3], 7); /* there is no usual answer */
	CU_ASSERT_EQUAL(choose_usual(&k->machine, CHOICE_WAKE_CPU, ACTOR(ACTOR_TASK, 1), 3, 1), 2);
	CU_ASSERT(last[0] == CHOICE_WAKE_CPU && last[3] == 1);
	last[0] = 99;
	CU_ASSERT_EQUAL(choose(&k->machine, CHOICE_TOY, ACTOR(ACTOR_CPU, 2), 1), 0);
	CU_ASSERT_EQUAL(last[0], 99); /* not asked */
	toy_free(k);
}

static const struct unit tests[] = {
	{ "an actor's answers do not depend on what others ask", test_streams },
	{ "no two kinds or actors share a stream", test_actors_differ },
	{ "where there is no choice nothing is drawn", test_no_choice },
	{ "a schedule or a search answers instead", test_driver_decides },
};
UNIT_MAIN("choose", tests)
