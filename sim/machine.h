/*
 * machine.h - the engine: tasks that run paths on CPUs, in virtual time or under a search.
 *
 * A machine is built in this order: machine_init(), the model declares its regions (arena_add), lock classes
 * and event kinds, machine_map(), the model fills its state and adds tasks, then a driver:
 *
 *	machine_run()	the timed driver: charges each step's cost, lets the event queue decide what is next
 *	machine_step()	one step of one task, for a search; it ignores cost, choose() asks the search. What
 *else could happen then - a device is done, a time-out is over - is told by next.h.
 *
 * Both run the same steps. The model's struct kernel begins with a struct machine; kernel_of() is the cast.
 *
 * Time. A step's cost is spent before its operation happens. A step that needs nothing but time falls through
 * (step_through): its operation is possible now and nothing else is due before it is done, so the path goes
 * on without coming back to the driver. Results are the same bit for bit; machine_config.fall_through = false
 * shows it.
 *
 * User mode. Tasks that run their program wait in a queue of their own, keyed (time of the next access, CPU).
 * A task runs through its hits until anything else is due. A hit sets bits of its own pages only, and what a
 * fault of another task does to them comes at least `lookahead` ns after that fault began, what another task
 * does in its place no sooner than a context switch: the task may run that far beyond the next access of the
 * others. Nor can anybody tell before that what it does itself, but who looks at pages of others: so the
 * kernel's steps may go on for `lag` ns without it, and who looks has it catch up first (machine_catch_up).
 * One access per event (inline_hits = false) gives the same results. docs/engine.md has the argument.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <glib.h>

#include "sim/arena.h"
#include "sim/event_queue.h"
#include "sim/task.h"
#include "sim/turns.h"

struct machine;
struct kernel; /* the model's machine */

static inline struct kernel *kernel_of(struct machine *m)
{
	return (struct kernel *)m;
}
static inline struct machine *machine_of(struct kernel *k)
{
	return (struct machine *)k;
}

/* What a driver needs to know of a step. A cost that was not set is that of the step's operation; the first
 * pause there finds out which that is, and until then the step cannot fall through. */
struct step {
	u64 cost; /* ns before its operation, or COST_OF_OPERATION */
	u64 hash; /* of "path.STEP": 32 bits, STEP_HASH_SHIFT further up, where the fingerprint has them */
};
#define STEP_HASH_SHIFT 16
#define COST_OF_OPERATION UINT32_MAX
#define FALL_THROUGH_NS (UINT64_C(1) << 31) /* at most in one go; below COST_OF_OPERATION */

/* A field of a path's frame; no bytes: none. */
struct frame_field {
	u16 offset;
	u16 bytes; /* 1, 2 or 4 */
};

/* One stretch of the steps of a path in which an invariant is weak, as data. It lasts from the moment at
 * which
 * @open is done until @close is done or the path is left. Where the text goes several ways from there on,
 * @first is the first step of the way that is meant, or @when a field that is not 0 on it. See stretch.h. */
struct window {
	const char *name;      /* one word, unique; no name ends a table */
	const char *open;      /* "path.STEP" */
	const char *close;     /* one behind it in the text of the path */
	const char *object;    /* what it is about, in words */
	const char *invariant; /* weak inside */
	const char *first;     /* NULL: the one behind @open */
	const char *kernel;    /* function it stands for, and from which to which action */
	const char *releases;  /* that have it, in words */
	struct frame_field when;
	bool (*there)(const struct machine *m); /* in the release of @m; NULL: wherever those steps are */
};

typedef void path_fn(struct machine *m, struct task *t, void *frame, struct step *steps);

/* One row of the model's path table. */
struct path_info {
	const char *name;
	path_fn *fn;
	u32 frame_bytes;
};

struct path {
	path_fn *fn;
	struct step *step; /* [0] START, then the steps in the order of the text */
	const struct path_info *info;
	const char *const *step_name;
	u32 steps; /* including START */
};

/* A decision of nature. Kinds below NR_ENGINE_CHOICES are the engine's, the model's follow. */
enum engine_choice {
	CHOICE_WAKE_CPU, /* where a task goes on: a CPU number */
	CHOICE_RCU_END,	 /* search: whether the grace period ends now */
	NR_ENGINE_CHOICES
};

enum actor_class { ACTOR_TASK, ACTOR_CPU, ACTOR_DEVICE, ACTOR_CALLBACK, NR_ACTOR_CLASSES };
#define ACTOR(class, number) ((u32)(class) << 24 | (u32)(number))

enum preemption { PREEMPT_NONE, PREEMPT_VOLUNTARY, PREEMPT_FULL };

struct machine_config {
	u64 seed;
	u32 cpus;
	u32 hz;
	u32 tasks;	     /* at most */
	u32 stack_bytes;     /* per task */
	u32 events;	     /* pending at most */
	u32 wait_buckets;    /* of the hashed bit waiters, a power of two */
	u32 percpu_bytes;    /* size of the model's per-CPU area */
	u32 choices;	     /* kinds of choose(), the engine's included */
	u32 slice_ns;	     /* time slice of a fair task when others wait */
	u32 switch_ns;	     /* context switch */
	u32 wake_ns;	     /* from a wake-up to the first step on an idle CPU */
	u32 handover_ns;     /* a contended lock from owner to owner */
	u32 line_ns;	     /* a cache line from one CPU to another, see line.h */
	u32 rcu_ticks;	     /* shortest grace period */
	u32 rcu_callbacks;   /* waiting at most */
	u32 op_cost[NR_OPS]; /* default cost of a step by what it does */
	enum preemption preemption;
	enum ties ties;
	bool fall_through;
	bool inline_hits;
	bool check_locks;     /* lock order and sleep in atomic context */
	u32 check_invariants; /* all that are registered, after every so many steps; 0: never */
};

struct lock_stat {
	u64 taken;
	u64 contended;
	u64 wait_ns;
	u64 wait_max_ns;
};

enum { LOCK_CLASSES = 1 << SPINLOCK_CLASS_BITS };

enum engine_event {
	EVENT_TASK,	/* a turn, which is not in the queue; arg: task */
	EVENT_SLICE,	/* arg: CPU */
	EVENT_TIMEOUT,	/* arg: task */
	EVENT_RCU,	/* the grace period may end */
	EVENT_SCHEDULE, /* of schedule_timed.c */
	NR_ENGINE_EVENTS
};
typedef void event_fn(struct machine *m, u32 arg);
enum { EVENT_KINDS = 32 };

struct lockdep;
struct rcu;
struct rcu_callback;
struct irq;
struct pending;
struct held_locks;
struct invariant;
struct vocabulary;

/* One step of the event log: what was just done. User mode is not in it; events that are no step are in it
 * only under a search, where they are nobody's: kind and argument stand for path and object. */
struct log_entry {
	u64 time;
	u64 object; /* place of what it was about, 0 none */
	u32 task;   /* or LOG_NOBODY */
	u32 cpu;
	u32 path;  /* of the path table */
	u32 step;  /* of the path's names */
	u32 op;	   /* enum op */
	u32 depth; /* paths below the running one on the task's stack */
};
#define LOG_NOBODY UINT32_MAX
typedef void log_fn(struct machine *m, void *data, const struct log_entry *e);

/*
 * What a model notes for somebody who may ask for it later on tells states apart that are the same for
 * everybody else. A search may have it forget such things as long as nobody asks: see explore.h.
 */
enum unread { UNREAD_KEPT, UNREAD_FORGOTTEN, UNREAD_ASKED_FOR };

struct machine {
	u64 now;	/* ns */
	u64 horizon;	/* a step that ends before may fall through; 0: every step returns to the driver */
	u64 user_until; /* user mode may run accesses before this time */
	u64 user_due;	/* next access of those that are not running: turns_next(&user), but while one is */
	u64 resched_at; /* when the first of `rescheds` was wanted */
	u64 steps;
	u64 fingerprint; /* of the events so far: time, task, path.STEP */
	struct task *task;
	u8 *stack;
	struct cpu *cpu;
	u8 *percpu;
	struct lock_stat *lock_stat;
	struct path *path;
	u32 stack_bytes;
	u32 percpu_bytes;
	u32 line_ns; /* machine_config.line_ns; 0 where there is nobody to pass lines to, and in a search */
	u32 tasks;   /* in being or done */
	u32 tasks_left; /* not done */
	u32 cpus;
	u32 lookahead; /* ns, see above; set by the model */
	u32 lag;       /* ns that user mode may be behind, in the present machine_run() */
	bool may_lag;  /* everybody who has to calls machine_catch_up(); set by the model */
	u32 rescheds;  /* CPUs whose task is to be taken off: then nothing lags */
	u64 tick_ns;
	u64 end;	      /* nothing is done at or after this time in the present machine_run() */
	u64 fall_through_end; /* that, or 0: every step returns to the driver */

	struct event_queue events;
	struct turns turns; /* of tasks in the kernel, among the events */
	struct turns user;  /* of tasks that run their program */
	struct wait_queue *bucket;
	u32 *choice_count; /* [kind][actor] how often asked */
	struct arena arena;
	struct machine_config config;

	u32 paths;
	u32 lock_classes;
	u32 lock_nests; /* bit c: of class c a task may hold two, as with SINGLE_DEPTH_NESTING */
	const char *lock_class[LOCK_CLASSES];
	u8 lock_lines[LOCK_CLASSES]; /* cache lines that come with a lock of the class, beyond its own */
	event_fn *event[EVENT_KINDS];
	u32 periodic_kinds;	/* bits */
	u32 periodic;		/* of the pending events */
	const char *describing; /* path_describe()'s answer */
	u32 (*choose)(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual);
	void *driver; /* of the choose above */
	/* Sees every answer; @usual is @n where there is no usual one. NULL: nobody wants to know. */
	void (*on_choice)(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual, u32 answer);
	void (*before_sleep)(struct machine *m, struct task *t); /* the task is about to block; may be NULL */
	/* The task is about to try its operation; may be NULL. True, which a search does not know: not now;
	 * who says so has it go on later (sched_schedule(), sched_enqueue()). */
	bool (*before_step)(struct machine *m, struct task *t);
	/* Timed: behind the step, and what follows it up to the next name; @done is false if it began to
	 * wait. */
	void (*after_step)(struct machine *m, struct task *t, bool done);
	log_fn *log; /* called for every step while set */
	void *log_data;
	const struct invariant *const *invariant; /* NULL-terminated, the model's */
	const struct vocabulary *vocabulary;	  /* its state in words, see object.h; may be NULL */
	const struct window *window;		  /* the model's; NULL: there are none */
	const char *const *event_name;		  /* [kind], the model's; NULL: they have none */
	const char *const *task_name;		  /* [task_names] of the first ones; NULL: A, B, ... */
	u32 task_names;
	u64 violated;		 /* place of the object the last violation is about, 0 none */
	u32 unchanged;		 /* aspects of the state, see invariant.h */
	u8 was_excused, excused; /* see there, too */
	struct lockdep *lockdep; /* NULL: not checked */
	struct rcu *rcu;
	struct rcu_callback *rcu_callback;
	struct irq *irq;	 /* held back */
	struct pending *pending; /* under a search, in place of the event queue */
	u32 rcu_region;		 /* of the arena */
	u32 irq_region;		 /* of the arena */
	u32 pending_region;	 /* of the arena */
	u32 trylocked;		 /* classes (bits) of spinlocks that somebody has tried to take */
	bool priorities;	 /* some task has one */
	struct held_locks *held; /* [task], where lock order is checked */
	bool searching;		 /* under machine_step() */
	u8 unread;		 /* enum unread */
	bool stopped;		 /* machine_stop() was called */
	bool watched;		 /* somebody sees every step of the present machine_run() */
	GError *failure;	 /* why the run cannot go on */

	/* @t became t->state, on t->cpu; spinning is running. NULL: nobody wants to know. */
	void (*on_task_state)(struct machine *m, const struct task *t);
};

/* Tables of @paths rows are the caller's and live as long as the machine. */
void machine_init(struct machine *m, const struct machine_config *config, const struct path_info *paths,
		  u32 n);
u32 machine_lock_class(struct machine *m, const char *name);
void machine_on_event(struct machine *m, u32 kind, event_fn *fn);
/* The same for what comes again and again whatever the tasks do: it does not keep a run alive in which they
 * all wait for one another. Not to be cancelled. */
void machine_on_periodic_event(struct machine *m, u32 kind, event_fn *fn);
/* Set the cost of "path.STEP"; false if there is no such step. Before the run. */
bool machine_set_cost(struct machine *m, const char *path_step, u32 ns);
/* False: there is no room for the state, as arena_map(). */
bool machine_map(struct machine *m);
void machine_release(struct machine *m);

/* A task that enters @path when the run begins; the caller fills the frame that is returned. @cpu is where it
 * starts, @pinned whether it has to stay there. */
void *machine_add_task(struct machine *m, u32 path, u32 frame_bytes, u32 cpu, bool pinned, u8 priority);

/* Run until every task is done, the machine is stopped, or @until; false and @error when it cannot go on. */
bool machine_run(struct machine *m, u64 until, GError **error);
/* The present event is the last. */
void machine_stop(struct machine *m);
/* As machine_stop(); the run fails with this error. Only the first counts. */
void machine_fail(struct machine *m, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* From here on machine_step() and next.h say what happens, and time stands still but for user mode: what is
 * in the event queue becomes what may happen at any moment. There is no way back. */
void machine_search(struct machine *m);
/* Search: whether @t could run its next step now, and that step. False: it began to wait, or went to another
 * CPU, and the step is not done yet. */
bool machine_enabled(struct machine *m, struct task *t);
bool machine_step(struct machine *m, struct task *t);

/* "path.STEP" of a frame @depth frames up the stack of @t (0: the running one), NULL beyond its end. */
const char *machine_step_name(struct machine *m, const struct task *t, u32 depth, char *buffer, size_t bytes);

/* Whether something need not be noted that is asked for behind machine_asks() alone. */
static inline bool machine_forgets(const struct machine *m)
{
	return unlikely(m->unread);
}
static inline void machine_asks(struct machine *m)
{
	if (machine_forgets(m))
		m->unread = UNREAD_ASKED_FOR;
}

/* Alternatives 0..n-1. The timed driver draws from the stream (seed, kind, actor); a search tries them all.
 */
u32 choose(struct machine *m, u32 kind, u32 actor, u32 n);
/* The same where the timed machine knows what happens: it answers @usual. */
u32 choose_usual(struct machine *m, u32 kind, u32 actor, u32 n, u32 usual);

/* Rows of choice_count: the tasks, then by number the CPUs, devices and callbacks. */
u32 machine_actors(const struct machine *m);

/* Who looks at what hits change, or changes what they look at - whether a page is there and may be written,
 * whether it was used or written - and it is not a page of the task's own, nor one that is not there; who
 * looks at counters of accesses; and who has tasks end: has them all come to the present moment before. */
void machine_lagging_catch_up(struct machine *m);
static inline void machine_catch_up(struct machine *m)
{
	if (m->user_due < m->now)
		machine_lagging_catch_up(m);
}

/* When anything is due next; TIME_NEVER if nothing is. */
u64 machine_next_due(const struct machine *m);

event_id machine_at(struct machine *m, u64 time, u32 kind, u32 arg);
void machine_cancel(struct machine *m, event_id id);

static inline void *percpu_of(const struct machine *m, u32 cpu)
{
	return m->percpu + (size_t)cpu * m->percpu_bytes;
}
/* struct percpu is the model's; the local_lock() macros name its members. */
#define percpu_first(m) ((struct percpu *)(m)->percpu)
#define this_cpu(m, t) ((struct percpu *)percpu_of(m, (t)->cpu))

static inline u32 machine_place(const struct machine *m, const void *object)
{
	return arena_place(&m->arena, object);
}

/* The place of what the operation of a task is about, 0 none: 48 bits, as what is large comes last. */
static inline u64 task_object(const struct task *t)
{
	return (u64)t->obj_high << 32 | t->obj;
}

static inline void task_set_object(const struct machine *m, struct task *t, const void *object)
{
	u64 place = object ? (u64)((const u8 *)object - m->arena.base) : 0;

	t->obj = (u32)place;
	t->obj_high = (u16)(place >> 32);
}

/* ---- what the macros of path.h are made of ---- */

static inline void path_describe(struct machine *m, const char *names)
{
	m->describing = names;
}

static inline struct frame *frame_at(const struct machine *m, const struct task *t, u32 offset)
{
	return (struct frame *)(m->stack + (size_t)t->id * m->stack_bytes + offset);
}

/* What lies above the running path's frame @f: found from there, it takes no look at the machine. */
static inline struct frame *frame_above(const struct task *t, void *f)
{
	return (struct frame *)((u8 *)((struct frame *)f - 1) + (t->sp - t->frame));
}

/* @frame: above all others. */
static inline void *frame_push(const struct machine *m, struct task *t, struct frame *frame, u32 path,
			       u32 bytes)
{
	*frame = (struct frame){ .path = path, .below = t->frame };
	t->frame = t->sp;
	t->sp += sizeof(struct frame) + (bytes + 7) / 8 * 8;
	BUG_ON(t->sp > m->stack_bytes);
	__builtin_memset((u8 *)(frame + 1) + bytes, 0, (bytes + 7) / 8 * 8 - bytes); /* is hashed, too */
	return frame + 1;
}

/* @frame: that of the running path. */
static inline void frame_pop(struct task *t, const struct frame *frame, s64 ret)
{
	u16 below = frame->below;

	t->ret = ret;
	t->sp = t->frame;
	if (!t->frame)
		t->op = OP_DONE;
	t->frame = below;
}

static inline void fingerprint_mix(struct machine *m, u64 what)
{
	u64 h = m->fingerprint ^ (m->now * 0x9e3779b97f4a7c15ull + what);

	m->fingerprint = (h << 23 | h >> 41) * 0xd6e8feb86659fd93ull;
	m->steps++;
}
static inline void fingerprint_add(struct machine *m, u32 task, u32 step_hash)
{
	fingerprint_mix(m, (u64)step_hash << STEP_HASH_SHIFT ^ task);
}

/* The path stops before its step @name: @op on @object is announced. Out of line, as a path has dozens of
 * them. */
void step_pause(struct machine *m, struct task *t, struct step *s, void *f, u32 name_and_op,
		const void *object);
#define STEP_NAME_AND_OP(name, op) ((u32)(name) << 8 | (u32)(op))

/* What a lock that was just taken brings over from the CPU that held it last. */
static inline u32 lock_lines(const struct machine *m, const struct task *t, struct spinlock *lock)
{
	u16 last;

	if (!m->line_ns)
		return 0;
	last = lock->last;
	lock->last = t->cpu + 1;
	return last && last != lock->last ? m->lock_lines[lock->class] + 1 : 0;
}

/* Only operations that are over at once and concern nobody else while they succeed. @op is constant where
 * this is used, so what is left is a comparison, the operation and the fingerprint. */
static inline bool step_through(struct machine *m, struct task *t, const struct step *s, enum op op,
				const void *object)
{
	u64 when = m->now + t->delay + s->cost + t->work_ns;
	u32 lines = 0;

	if (when >= m->horizon)
		return false;
	if (op == OP_LOCK || op == OP_LOCK_IRQ) {
		struct spinlock *lock = (struct spinlock *)object;

		if (lock->owner)
			return false;
		lock->owner = t->id + 1;
		t->preempt_off++;
		t->irq_off += op == OP_LOCK_IRQ;
		m->lock_stat[lock->class].taken++;
		lines = lock_lines(m, t, lock);
	} else if (op == OP_UNLOCK || (op == OP_UNLOCK_IRQ && !m->cpu[t->cpu].irq_pending)) {
		struct spinlock *lock = (struct spinlock *)object;

		if (lock->head)
			return false;
		lock->owner = 0;
		t->preempt_off--;
		t->irq_off -= op == OP_UNLOCK_IRQ;
	} else if (op == OP_LOCAL_LOCK) {
		struct local_lock *lock = (void *)((u8 *)object + (size_t)t->cpu * m->percpu_bytes);

		lock->owner = t->id + 1;
		t->preempt_off++;
		m->lock_stat[lock->class].taken++;
	} else if (op == OP_LOCAL_UNLOCK) {
		struct local_lock *lock = (void *)((u8 *)object + (size_t)t->cpu * m->percpu_bytes);

		lock->owner = 0;
		t->preempt_off--;
	} else if (op == OP_BIT_LOCK) {
		bit_lock_t *lock = (bit_lock_t *)object;

		if (*lock)
			return false;
		*lock = bit_lock_by(t->id);
	} else if (op == OP_BIT_UNLOCK) {
		bit_lock_t *lock = (bit_lock_t *)object;

		if (*lock & BIT_LOCK_WAITERS)
			return false;
		*lock = 0;
	} else if (op != OP_ACCESS && op != OP_COND_RESCHED) {
		return false;
	}
	m->now = when;
	t->work_ns = 0;
	t->delay = (u64)lines * m->line_ns;
	fingerprint_mix(m, s->hash ^ t->id);
	return true;
}

/* A lock that is taken only if it is free; for use within a step. */
bool spin_trylock(struct machine *m, struct task *t, struct spinlock *lock);
bool mutex_trylock(struct machine *m, struct task *t, struct sleeping_lock *lock);
static inline bool bit_trylock(struct task *t, bit_lock_t *lock)
{
	if (*lock)
		return false;
	*lock = bit_lock_by(t->id);
	return true;
}

#endif
