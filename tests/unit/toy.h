/*
 * toy.h - a toy model for tests of the engine: tasks that run scripts.
 *
 * A script is an array of struct toy_op that ends with DO_END; task n runs kernel.script[n], one operation of
 * the engine after the other. The world they share is one struct in the arena. DO_NOTE writes (time, task,
 * CPU, mark) down without taking time, which is how a test sees what happened in which order.
 *
 * DO_USER runs the task's program: random accesses to four pages of its own. A missing page is a fault, which
 * after at least `lookahead` ns maps it and takes a page away from somebody else, as reclaim would.
 *
 *	static const struct toy_op a[] = { { DO_LOCK, 0 }, { DO_NOTE, 1 }, { DO_UNLOCK, 0 }, { DO_END } };
 *	struct kernel *k = toy_new(&config, a, b);
 */
#ifndef TESTS_TOY_H
#define TESTS_TOY_H

#include <string.h>

#include "sim/lock.h"
#include "sim/path.h"
#include "sim/percpu_ref.h"
#include "sim/random.h"
#include "sim/rcu.h"
#include "sim/sched.h"

enum toy_what {
	DO_END,
	DO_WORK, /* n ns */
	DO_NOTE, /* n: the mark */
	DO_LOCK, /* object: which one, here and below */
	DO_UNLOCK,
	DO_LOCK_IRQ,
	DO_UNLOCK_IRQ,
	DO_TRYLOCK, /* and the unlock, if it was got; notes 1 or 0 */
	DO_LOCAL,
	DO_LOCAL_UNLOCK,
	DO_MUTEX,
	DO_MUTEX_UNLOCK,
	DO_MUTEX_TRYLOCK, /* as DO_TRYLOCK */
	DO_READ,
	DO_READ_UNLOCK,
	DO_BIT,
	DO_BIT_UNLOCK,
	DO_BIT_WAIT,
	DO_WAIT,  /* n ns, 0 for ever; notes whether it timed out */
	DO_TICKS, /* sleep n ticks */
	DO_WAKE,
	DO_WAKE_ALL,
	DO_RESCHED,
	DO_COND_RESCHED,
	DO_DEPTH, /* call a path that calls itself n times; notes what it returned */
	DO_RCU_READ,
	DO_RCU_READ_UNLOCK,
	DO_CALL_RCU, /* n: the mark to be noted at the end of the grace period */
	DO_CHOOSE,   /* of n, by the model's kind; notes the answer */
	DO_MIX,	     /* change the world in a way that shows in which order */
	DO_USER,     /* n accesses */
	DO_ADD,	     /* shared += n, as a racy read and a racy write */
	DO_REF,	     /* tryget; notes whether it was got */
	DO_REF_PUT,
	DO_REF_KILL, /* and wait for the last reference */
	DO_EVENT,    /* call kernel.on_event with n */
};

struct toy_op {
	u8 what;
	u8 object;
	u32 n;
};

enum { TOY_LOCKS = 4, TOY_PAGES = 4, TOY_NOTES = 512, TOY_TASKS = 16 };
enum { PAGE_PRESENT = 1, PAGE_ACCESSED = 2 };
enum { CHOICE_TOY = NR_ENGINE_CHOICES, NR_TOY_CHOICES };
enum { EVENT_NOTE = NR_ENGINE_EVENTS, EVENT_CHAIN, EVENT_TOY_IRQ };

struct toy_world {
	u64 mixed;
	struct spinlock spin[TOY_LOCKS];
	struct sleeping_lock sleeping[TOY_LOCKS];
	struct wait_queue queue[TOY_LOCKS];
	bit_lock_t bit[TOY_LOCKS];
	struct percpu_ref ref;
	u32 shared;
	u32 faults;
	u8 page[TOY_TASKS * TOY_PAGES];
};

/* The program of a task in user mode. */
struct toy_user {
	u32 drawn;
	u32 left;
	u32 page;
	u32 begun;
};

struct toy_note {
	u64 time;
	u32 task; /* TOY_TASKS: none, an event */
	u32 cpu;
	u64 mark; /* u64: notes are hashed as bytes, so no padding */
};

struct percpu {
	struct local_lock local[TOY_LOCKS];
	u32 taken;
	u32 pad;
};

struct kernel {
	struct machine machine;
	struct toy_world *world;
	struct toy_user *user;
	const struct toy_op *script[TOY_TASKS];
	void (*on_event)(struct machine *m, struct task *t, u32 n); /* DO_EVENT */
	u32 user_runs;						    /* how often a task entered user mode */
	u32 notes;
	struct toy_note note[TOY_NOTES];
};

struct script {
	u32 at;
	u32 answer;
};
struct page_fault {
	u32 page;
	u32 pad;
};
struct depth {
	u32 levels;
	u8 odd[3]; /* a size that is no multiple of a word, on purpose */
};

#define PATHS(X) X(script) X(page_fault) X(depth)

enum path_number {
#define X(p) PATH_##p,
	PATHS(X)
#undef X
	    NR_PATHS
};

#define X(p) void p##_path(struct machine *m, struct task *t, void *f, struct step *s);
PATHS(X)
#undef X

static const struct path_info path_info[NR_PATHS] = {
#define X(p) { #p, p##_path, sizeof(struct p) },
	PATHS(X)
#undef X
};

static inline void toy_note(struct kernel *k, const struct task *t, u32 mark)
{
	if (k->notes < TOY_NOTES)
		k->note[k->notes++] =
		    (struct toy_note){ k->machine.now, t ? t->id : TOY_TASKS, t ? t->cpu : 0, mark };
}

static inline const struct toy_op *toy_op(const struct kernel *k, const struct task *t,
					  const struct script *f)
{
	return &k->script[t->id][f->at];
}

/* Hits up to machine.user_until, then true; or false: the access in hand faults, or all are done. */
static inline bool toy_run(struct kernel *k, struct task *t)
{
	struct machine *m = &k->machine;
	struct toy_user *u = &k->user[t->id];
	u64 now = m->now, gap;
	bool yield = false;

	k->user_runs++;
	while (!yield) {
		if (u->begun) {
			if (!(k->world->page[u->page] & PAGE_PRESENT))
				break;
			k->world->page[u->page] |= PAGE_ACCESSED;
			u->begun = 0;
		}
		if (!u->left)
			break;
		u->left--;
		u->begun = 1;
		gap = random_value(random_key(7, 0, t->id), u->drawn++);
		u->page = t->id * TOY_PAGES + gap % TOY_PAGES;
		gap = (gap >> 8) % 12 * 10;
		yield = now + gap >= m->user_until;
		if (yield)
			t->work_ns = gap;
		else
			now += gap;
	}
	m->now = now;
	return yield;
}

static inline void toy_mix(struct kernel *k, const struct task *t)
{
	k->world->mixed = random_mix(k->world->mixed ^ k->machine.now) + t->id;
}

/* Second chance over everybody's pages. */
static inline void toy_evict(struct kernel *k)
{
	machine_catch_up(&k->machine);
	for (u32 i = 0; i < k->machine.tasks * TOY_PAGES; i++) {
		u8 *page = &k->world->page[k->world->faults++ % (k->machine.tasks * TOY_PAGES)];

		if (*page == PAGE_PRESENT) {
			*page = 0;
			return;
		}
		*page &= ~PAGE_ACCESSED;
	}
}

PATH(page_fault)
{
	STEPS(ENTRY, LOCK, EVICT, UNLOCK);
	BEGIN;
	AT(ENTRY);
	spin_lock(LOCK, &k->world->spin[TOY_LOCKS - 1]);
	k->world->page[f->page] = PAGE_PRESENT | PAGE_ACCESSED;
	toy_mix(k, t);
	AT(EVICT);
	toy_evict(k);
	spin_unlock(UNLOCK, &k->world->spin[TOY_LOCKS - 1]);
	RETURN(0);
	END;
}

PATH(depth)
{
	STEPS(ENTRY, DEEPER);
	BEGIN;
	AT(ENTRY);
	if (!f->levels)
		RETURN(100);
	f->odd[0] = f->levels;
	CALL(DEEPER, depth, .levels = f->levels - 1);
	RETURN(t->ret + f->odd[0]);
	END;
}

#define IS(x) (toy_op(k, t, f)->what == (x))
#define N (toy_op(k, t, f)->n)
#define OBJECT(of) (&k->world->of[toy_op(k, t, f)->object])

/* What takes no time and concerns nobody's turn. */
static inline void toy_do(struct kernel *k, struct task *t, const struct script *f)
{
	struct machine *m = &k->machine;

	if (IS(DO_NOTE))
		toy_note(k, t, N);
	else if (IS(DO_WAKE))
		wake_up_one(m, OBJECT(queue));
	else if (IS(DO_WAKE_ALL))
		wake_up_all(m, OBJECT(queue));
	else if (IS(DO_RCU_READ))
		rcu_read_lock(t);
	else if (IS(DO_RCU_READ_UNLOCK))
		rcu_read_unlock(t);
	else if (IS(DO_CALL_RCU))
		call_rcu(m, toy_op(k, t, f)->object ? EVENT_CHAIN : EVENT_NOTE, N);
	else if (IS(DO_CHOOSE))
		toy_note(k, t, choose(m, CHOICE_TOY, ACTOR(ACTOR_TASK, t->id), N));
	else if (IS(DO_MIX))
		toy_mix(k, t);
	else if (IS(DO_REF))
		toy_note(k, t, percpu_ref_tryget_live(&k->world->ref));
	else if (IS(DO_REF_PUT))
		percpu_ref_put(m, &k->world->ref);
	else if (IS(DO_EVENT))
		k->on_event(m, t, N);
}

PATH(script)
{
	STEPS(REF_WAIT, WORK, LOCK, UNLOCK, LOCK_IRQ, UNLOCK_IRQ, TRY, TRY_UNLOCK, LOCAL, LOCAL_UNLOCK, MUTEX,
	      MUTEX_UNLOCK, TRY_MUTEX, TRIED_UNLOCK, READ, READ_UNLOCK, BIT, BIT_UNLOCK, BIT_WAIT, WAIT,
	      TICKS, RESCHED, COND_RESCHED, DEPTH, USER, FAULT, LEAVE, ADD_READ, ADD_WRITE, EXIT);
	BEGIN;
	for (; !IS(DO_END); f->at++) {
		if (IS(DO_WORK)) {
			t->work_ns += N;
			AT(WORK);
		} else if (IS(DO_LOCK)) {
			spin_lock(LOCK, OBJECT(spin));
		} else if (IS(DO_UNLOCK)) {
			spin_unlock(UNLOCK, OBJECT(spin));
		} else if (IS(DO_LOCK_IRQ)) {
			spin_lock_irq(LOCK_IRQ, OBJECT(spin));
		} else if (IS(DO_UNLOCK_IRQ)) {
			spin_unlock_irq(UNLOCK_IRQ, OBJECT(spin));
		} else if (IS(DO_TRYLOCK)) {
			AT(TRY);
			f->answer = spin_trylock(m, t, OBJECT(spin));
			toy_note(k, t, f->answer);
			if (f->answer)
				spin_unlock(TRY_UNLOCK, OBJECT(spin));
		} else if (IS(DO_LOCAL)) {
			local_lock(LOCAL, local[toy_op(k, t, f)->object]);
			this_cpu(m, t)->taken++;
		} else if (IS(DO_LOCAL_UNLOCK)) {
			local_unlock(LOCAL_UNLOCK, local[toy_op(k, t, f)->object]);
		} else if (IS(DO_MUTEX)) {
			mutex_lock(MUTEX, OBJECT(sleeping));
		} else if (IS(DO_MUTEX_UNLOCK)) {
			mutex_unlock(MUTEX_UNLOCK, OBJECT(sleeping));
		} else if (IS(DO_MUTEX_TRYLOCK)) {
			AT(TRY_MUTEX);
			f->answer = mutex_trylock(m, t, OBJECT(sleeping));
			toy_note(k, t, f->answer);
			if (f->answer)
				mutex_unlock(TRIED_UNLOCK, OBJECT(sleeping));
		} else if (IS(DO_READ)) {
			down_read(READ, OBJECT(sleeping));
		} else if (IS(DO_READ_UNLOCK)) {
			up_read(READ_UNLOCK, OBJECT(sleeping));
		} else if (IS(DO_BIT)) {
			bit_lock(BIT, OBJECT(bit));
		} else if (IS(DO_BIT_UNLOCK)) {
			bit_unlock(BIT_UNLOCK, OBJECT(bit));
		} else if (IS(DO_BIT_WAIT)) {
			bit_wait(BIT_WAIT, OBJECT(bit));
		} else if (IS(DO_WAIT)) {
			wait_on(WAIT, OBJECT(queue), N);
			toy_note(k, t, t->timed_out);
		} else if (IS(DO_TICKS)) {
			wait_on(TICKS, NULL, tick_timeout(m, N));
		} else if (IS(DO_RESCHED)) {
			might_sleep(RESCHED);
		} else if (IS(DO_COND_RESCHED)) {
			cond_resched(COND_RESCHED);
		} else if (IS(DO_DEPTH)) {
			CALL(DEPTH, depth, .levels = N);
			toy_note(k, t, t->ret);
		} else if (IS(DO_USER)) {
			k->user[t->id].left = N;
			while (k->user[t->id].left || k->user[t->id].begun) {
				user_mode(USER);
				if (!toy_run(k, t) && k->user[t->id].begun)
					CALL(FAULT, page_fault, .page = k->user[t->id].page);
			}
			AT(LEAVE);
		} else if (IS(DO_ADD)) {
			AT(ADD_READ);
			f->answer = k->world->shared;
			AT(ADD_WRITE);
			k->world->shared = f->answer + N;
		} else if (IS(DO_REF_KILL)) {
			percpu_ref_kill(m, &k->world->ref);
			percpu_ref_wait(REF_WAIT, &k->world->ref);
		} else {
			toy_do(k, t, f);
		}
	}
	f->answer = 0;
	AT(EXIT);
	RETURN(0);
	END;
}

#undef IS
#undef N
#undef OBJECT

static inline void toy_event_note(struct machine *m, u32 mark)
{
	toy_note(kernel_of(m), NULL, mark);
}

/* A callback that asks for another one. */
static inline void toy_event_chain(struct machine *m, u32 mark)
{
	toy_note(kernel_of(m), NULL, mark);
	if (mark)
		call_rcu(m, EVENT_CHAIN, mark - 1);
}

/* Every step takes 10 ns, a switch 100, a wake-up 50, a hand-over 30. With spinlock n come n lines, which
 * cost nothing unless a test says otherwise. */
static inline struct machine_config toy_config(u32 cpus)
{
	struct machine_config c = {
		.seed = 1,
		.cpus = cpus,
		.hz = 1000,
		.tasks = TOY_TASKS,
		.stack_bytes = 512,
		.events = 64,
		.wait_buckets = 1,
		.percpu_bytes = sizeof(struct percpu),
		.choices = NR_TOY_CHOICES,
		.slice_ns = 1000,
		.switch_ns = 100,
		.wake_ns = 50,
		.handover_ns = 30,
		.rcu_ticks = 2,
		.rcu_callbacks = 64,
		.preemption = PREEMPT_VOLUNTARY,
		.fall_through = true,
		.inline_hits = true,
	};

	for (u32 i = 0; i < NR_OPS; i++)
		c.op_cost[i] = i == OP_USER ? 0 : 10;
	return c;
}

static inline struct kernel *toy_new(const struct machine_config *config)
{
	static const char *const names[] = {
		"spin 0",  "spin 1",  "spin 2",	 "spin 3",  "mutex 0", "mutex 1",
		"mutex 2", "mutex 3", "local 0", "local 1", "local 2", "local 3"
	};
	struct kernel *k = g_new0(struct kernel, 1);
	struct machine *m = &k->machine;

	machine_init(m, config, path_info, NR_PATHS);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		machine_lock_class(m, names[i]);
	machine_on_event(m, EVENT_NOTE, toy_event_note);
	machine_on_event(m, EVENT_CHAIN, toy_event_chain);
	arena_add(&m->arena, "world", (void **)&k->world, sizeof *k->world, 1, REGION_STATE);
	arena_add(&m->arena, "user", (void **)&k->user, sizeof *k->user, config->tasks, REGION_STATE);
	machine_map(m);
	m->may_lag = true;
	percpu_ref_init(&k->world->ref);
	for (u32 i = 0; i < TOY_LOCKS; i++) {
		k->world->spin[i].class = i;
		m->lock_lines[i] = i;
		k->world->sleeping[i].class = TOY_LOCKS + i;
		for (u32 n = 0; n < config->cpus; n++)
			((struct percpu *)percpu_of(m, n))->local[i].class = 2 * TOY_LOCKS + i;
	}
	return k;
}

static inline void toy_free(struct kernel *k)
{
	machine_release(&k->machine);
	g_free(k);
}

static inline struct task *toy_add_at(struct kernel *k, const struct toy_op *script, u32 cpu, bool pinned,
				      u8 priority)
{
	u32 id = k->machine.tasks;

	k->script[id] = script;
	machine_add_task(&k->machine, PATH_script, sizeof(struct script), cpu, pinned, priority);
	return &k->machine.task[id];
}

/* On CPU @cpu, which it may leave. */
static inline struct task *toy_add(struct kernel *k, const struct toy_op *script, u32 cpu)
{
	return toy_add_at(k, script, cpu, false, 0);
}

static inline bool toy_finish(struct kernel *k)
{
	return machine_run(&k->machine, TIME_NEVER - 1, NULL);
}

/* When @task noted @mark first; TIME_NEVER if it did not. */
static inline u64 toy_time_of(const struct kernel *k, u32 task, u32 mark)
{
	for (u32 i = 0; i < k->notes; i++)
		if (k->note[i].task == task && k->note[i].mark == mark)
			return k->note[i].time;
	return TIME_NEVER;
}

/* Who noted @mark, in order, as a text of digits. */
static inline const char *toy_order_of(const struct kernel *k, u32 mark)
{
	static char text[TOY_NOTES + 1];
	u32 n = 0;

	for (u32 i = 0; i < k->notes; i++)
		if (k->note[i].mark == mark)
			text[n++] = k->note[i].task < 10 ? '0' + k->note[i].task : 'e';
	text[n] = '\0';
	return text;
}

#endif
