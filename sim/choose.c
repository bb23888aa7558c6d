#include "sim/machine.h"

#include "sim/random.h"

enum { NUMBERS = 32 }; /* of devices, however few CPUs there are: as many as a kernel swaps to */

u32 machine_actors(const struct machine *m)
{
	u32 numbers = m->config.cpus > NUMBERS ? m->config.cpus : NUMBERS;

	return m->config.tasks + numbers * NR_ACTOR_CLASSES;
}

static u32 actor_index(const struct machine *m, u32 actor)
{
	u32 number = actor & 0xffffff;

	/* Tasks have counters of their own; CPUs, devices and callbacks share a short row by number. */
	BUG_ON(actor >> 24 >= NR_ACTOR_CLASSES);
	return actor >> 24 == ACTOR_TASK ? number
					 : m->config.tasks + (number * NR_ACTOR_CLASSES + (actor >> 24));
}

static u32 draw(struct machine *m, u32 kind, u32 actor, u32 n)
{
	u32 actors = machine_actors(m);
	u32 index = actor_index(m, actor);

	BUG_ON(kind >= m->config.choices || index >= actors);
	return random_below(
	    random_value(random_key(m->config.seed, kind, actor), m->choice_count[kind * actors + index]++),
	    n);
}

u32 choose(struct machine *m, u32 kind, u32 actor, u32 n)
{
	u32 answer;

	if (n < 2)
		return 0;
	answer = m->choose ? m->choose(m, kind, actor, n, n) : draw(m, kind, actor, n);
	BUG_ON(answer >= n);
	if (m->on_choice)
		m->on_choice(m, kind, actor, n, n, answer);
	return answer;
}

u32 choose_usual(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual)
{
	u32 answer = n < 2 || !m->choose ? usual : m->choose(m, kind, actor, n, usual);

	BUG_ON(answer >= n);
	if (m->on_choice && n > 1)
		m->on_choice(m, kind, actor, n, usual, answer);
	return answer;
}
