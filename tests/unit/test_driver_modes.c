/*
 * The strongest test of the engine: whatever the tasks do to each other, falling through steps and running
 * user mode inline must not change a bit of what happens.
 */
#include "sim/irq.h"
#include "tests/unit/toy.h"
#include "tests/unit/unit.h"

enum { SCENES = 500, SCRIPT = 200, DEPTH = 3 };

/* A stream of decisions that write a random well-formed script: locks in order, no sleep in atomic context.
 */
struct writer {
	u64 key;
	u32 nth;
	struct toy_op *script;
	u32 length;
};

static u32 pick(struct writer *w, u32 n)
{
	return random_below(random_value(w->key, w->nth++), n);
}

static void put(struct writer *w, enum toy_what what, u32 object, u32 n)
{
	if (w->length < SCRIPT - 1)
		w->script[w->length++] = (struct toy_op){ .what = what, .object = object, .n = n };
}

/* What a section may contain: the lowest lock of each kind it may still take. */
struct inside {
	u32 spin, sleeping, bit, local;
	bool atomic, top, rcu;
};

static void write_section(struct writer *w, struct inside in, u32 depth);

static void write_lock(struct writer *w, struct inside in, u32 depth)
{
	static const enum toy_what lock[] = { DO_LOCK, DO_LOCK_IRQ, DO_LOCAL, DO_MUTEX, DO_READ, DO_BIT };
	static const enum toy_what unlock[] = { DO_UNLOCK,	 DO_UNLOCK_IRQ,	 DO_LOCAL_UNLOCK,
						DO_MUTEX_UNLOCK, DO_READ_UNLOCK, DO_BIT_UNLOCK };
	u32 kind = pick(w, in.atomic || in.rcu ? 3 : 6);
	u32 *lowest[] = { &in.spin, &in.spin, &in.local, &in.sleeping, &in.sleeping, &in.bit };
	u32 object;

	if (*lowest[kind] >= TOY_LOCKS || w->length > SCRIPT - 60)
		return;
	object = *lowest[kind] + pick(w, TOY_LOCKS - *lowest[kind]);
	*lowest[kind] = object + 1;
	in.atomic |= kind < 3;
	in.top = false;
	put(w, lock[kind], object, 0);
	write_section(w, in, depth + 1);
	put(w, unlock[kind], object, 0);
}

static void write_rcu(struct writer *w, struct inside in, u32 depth)
{
	if (in.rcu || w->length > SCRIPT - 60)
		return;
	in.rcu = true;
	in.top = false;
	put(w, DO_RCU_READ, 0, 0);
	write_section(w, in, depth + 1);
	put(w, DO_RCU_READ_UNLOCK, 0, 0);
}

static void write_sleep(struct writer *w, struct inside in)
{
	if (in.atomic || in.rcu)
		return;
	switch (pick(w, 4)) {
	case 0:
		put(w, DO_WAIT, pick(w, TOY_LOCKS), 10 + 10 * pick(w, 200));
		break;
	case 1:
		put(w, DO_RESCHED, 0, 0);
		break;
	case 2:
		if (in.bit == 0)
			put(w, DO_BIT_WAIT, pick(w, TOY_LOCKS), 0);
		break;
	default:
		if (in.top)
			put(w, DO_USER, 0, 1 + pick(w, 30));
	}
}

static void write_section(struct writer *w, struct inside in, u32 depth)
{
	for (u32 i = pick(w, depth ? 3 : 12) + !depth; i--;) {
		switch (pick(w, 13)) {
		case 0:
			put(w, DO_WORK, 0, 10 * pick(w, 60));
			break;
		case 1:
		case 2:
		case 3:
			if (depth < DEPTH)
				write_lock(w, in, depth);
			break;
		case 4:
		case 5:
			write_sleep(w, in);
			break;
		case 6:
			put(w, DO_COND_RESCHED, 0, 0);
			break;
		case 7:
			put(w, pick(w, 2) ? DO_WAKE : DO_WAKE_ALL, pick(w, TOY_LOCKS), 0);
			break;
		case 8:
			put(w, DO_CALL_RCU, pick(w, 2), pick(w, 3));
			break;
		case 9:
			if (depth < DEPTH)
				write_rcu(w, in, depth);
			break;
		case 10:
			put(w, in.spin < TOY_LOCKS ? DO_TRYLOCK : DO_DEPTH, TOY_LOCKS - 1, pick(w, 4));
			break;
		case 11:
			put(w, DO_EVENT, 0, pick(w, 8));
			break;
		default:
			put(w, pick(w, 3) ? DO_MIX : DO_CHOOSE, 0, 2 + pick(w, 5));
		}
	}
}

static struct machine_config random_config(struct writer *w)
{
	struct machine_config c = toy_config(1 + pick(w, 4));
	static const u32 few[] = { 0, 10, 20, 30, 50, 100, 300, 1000 };

	c.hz = 1000000 >> pick(w, 5) * 2;
	c.seed = pick(w, 1000);
	c.tasks = 1 + pick(w, 8);
	c.wait_buckets = 1u << pick(w, 2);
	c.slice_ns = 100 + 100 * pick(w, 20);
	c.switch_ns = few[pick(w, ARRAY_SIZE(few))];
	c.wake_ns = few[pick(w, ARRAY_SIZE(few))];
	c.handover_ns = few[pick(w, ARRAY_SIZE(few))];
	c.line_ns = few[pick(w, ARRAY_SIZE(few))];
	c.preemption = pick(w, 3);
	c.ties = pick(w, 3);
	for (u32 i = OP_USER + 1; i < NR_OPS; i++)
		c.op_cost[i] = pick(w, 2) ? 10 * pick(w, 5) : 10;
	return c;
}

struct scene {
	struct machine_config config;
	u32 lookahead;
	u32 slice; /* of machine_run(), 0: in one go */
	u8 cpu[TOY_TASKS], pinned[TOY_TASKS], priority[TOY_TASKS];
	struct toy_op script[TOY_TASKS][SCRIPT];
};

static struct scene *scene_new(u64 seed)
{
	struct scene *scene = g_new0(struct scene, 1);
	struct writer w = { .key = random_key(seed, 3, 3) };

	scene->config = random_config(&w);
	scene->lookahead = 10 * pick(&w, 20);
	for (u32 i = 0; i < scene->config.tasks; i++) {
		w.script = scene->script[i];
		w.length = 0;
		write_section(&w, (struct inside){ .top = true }, 0);
		put(&w, DO_USER, 0, pick(&w, 40));
		scene->cpu[i] = pick(&w, scene->config.cpus);
		scene->pinned[i] = !pick(&w, 4);
		scene->priority[i] = pick(&w, 4) ? 0 : pick(&w, 3);
	}
	return scene;
}

struct outcome {
	bool ok;
	u64 fingerprint, steps, ties, hash, now, busy, wait, contended, notes;
	u32 waiting;
};

static struct outcome outcome_of(struct kernel *k, bool ok)
{
	struct machine *m = &k->machine;
	struct outcome o = { .ok = ok,
			     .fingerprint = m->fingerprint,
			     .steps = m->steps,
			     .ties = m->events.ties,
			     .hash = hash_bytes(k->world, sizeof *k->world, 0),
			     .now = m->now,
			     .notes = hash_bytes(k->note, k->notes * sizeof k->note[0], 0),
			     .waiting = rcu_waiting(m) };

	for (u32 i = 0; i < m->cpus; i++)
		o.busy += sched_busy_ns(m, i) * (i + 1);
	for (u32 i = 0; i < m->lock_classes; i++) {
		o.wait += m->lock_stat[i].wait_ns * (i + 1) + m->lock_stat[i].wait_max_ns;
		o.contended += m->lock_stat[i].contended;
	}
	return o;
}

static void interrupt(struct machine *m, struct task *t, u32 n)
{
	irq_raise(m, (t->cpu + n) % m->cpus, EVENT_TOY_IRQ, n);
}

static void interrupted(struct machine *m, u32 n)
{
	toy_note(kernel_of(m), NULL, n);
	wake_up_one(m, &kernel_of(m)->world->queue[n % TOY_LOCKS]);
}

static struct outcome play(const struct scene *scene, bool fall_through, bool inline_hits, u64 until)
{
	struct machine_config config = scene->config;
	struct kernel *k;
	struct outcome o;
	bool ok = true;

	config.fall_through = fall_through;
	config.inline_hits = inline_hits;
	k = toy_new(&config);
	k->on_event = interrupt;
	machine_on_event(&k->machine, EVENT_TOY_IRQ, interrupted);
	k->machine.lookahead = scene->lookahead;
	CU_ASSERT(machine_set_cost(&k->machine, "page_fault.ENTRY", scene->lookahead));
	CU_ASSERT(machine_set_cost(&k->machine, "script.LEAVE", scene->lookahead + 10));
	for (u32 i = 0; i < config.tasks; i++)
		toy_add_at(k, scene->script[i], scene->cpu[i], scene->pinned[i], scene->priority[i]);
	for (u64 at = scene->slice; scene->slice && at < until && k->machine.tasks_left; at += scene->slice)
		ok &= machine_run(&k->machine, at, NULL);
	ok &= machine_run(&k->machine, until, NULL);
	o = outcome_of(k, ok);
	toy_free(k);
	return o;
}

static int differ(const char *what, u64 seed, u64 a, u64 b)
{
	if (a != b)
		printf("seed %lu: %s %lx, %lx step by step\n", (unsigned long)seed, what, (unsigned long)b,
		       (unsigned long)a);
	return a != b;
}

static bool same(u64 seed, const struct outcome *a, const struct outcome *b)
{
	return differ("steps", seed, a->steps, b->steps) +
		   differ("fingerprint", seed, a->fingerprint, b->fingerprint) +
		   differ("notes", seed, a->notes, b->notes) + differ("state", seed, a->hash, b->hash) +
		   differ("time", seed, a->now, b->now) + differ("ties", seed, a->ties, b->ties) +
		   differ("busy", seed, a->busy, b->busy) + differ("lock wait", seed, a->wait, b->wait) +
		   differ("contended", seed, a->contended, b->contended) +
		   differ("waiting callbacks", seed, a->waiting, b->waiting) +
		   differ("ok", seed, a->ok, b->ok) ==
	       0;
}

static bool all_modes_agree(u64 seed, u64 until, u64 *contended)
{
	struct scene *scene = scene_new(seed);
	struct outcome plain = play(scene, false, false, until);
	bool ok = true;

	for (u32 mode = 1; mode < 8; mode++) {
		struct outcome o;

		scene->slice = mode & 4 ? 170 : 0;
		o = play(scene, mode & 1, mode & 2, until);
		ok &= same(seed, &plain, &o);
	}
	*contended += plain.contended;
	free(scene);
	return ok;
}

static void test_to_the_end(void)
{
	u64 contended = 0;
	u32 bad = 0;

	for (u64 seed = 0; seed < SCENES && bad < 5; seed++)
		bad += !all_modes_agree(seed, 50000000, &contended);
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(contended > SCENES); /* or the tasks did not get in each other's way */
}

static void test_until(void)
{
	u64 contended = 0;
	u32 bad = 0;

	for (u64 seed = 0; seed < SCENES && bad < 5; seed++)
		bad += !all_modes_agree(seed, 10 * (seed * 7919 % 400), &contended);
	CU_ASSERT_EQUAL(bad, 0);
}

static const struct unit tests[] = {
	{ "falling through and running inline change nothing", test_to_the_end },
	{ "nor does where a run is interrupted", test_until },
};
UNIT_MAIN("driver, modes", tests)
