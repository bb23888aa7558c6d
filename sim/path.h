/*
 * path.h - how a kernel code path is written.
 *
 * A path is one kernel function and reads like it. Wherever the rest of the machine may come between, the
 * call that makes it so carries a name in CAPITALS as its first argument:
 *
 *	spin_lock(LOCK_CI, &ci->lock);		others may run before the lock is taken
 *	might_sleep(SLEEP);			others run; we may go on on another CPU
 *	AT(LOOKUP);				others may run before what follows (a racy access)
 *	CALL(CHARGE, mem_cgroup_charge, .folio = f->folio);	a path within; it returned t->ret
 *
 * What lies between two names is one step, and is atomic. "swap_cluster_alloc_table.SLEEP" is the same thing
 * in the code, a schedule, a timeline, coverage, a stack and gdb (break swap_cluster_alloc_table:SLEEP).
 *
 * Rules
 *  1. What must survive a name lives in the frame, f->x. Nothing else does.
 *  2. Between STEPS and BEGIN stand only constants derived from arguments: they are derived anew at every
 *     step. An index that changes is turned into a pointer where it is used.
 *  3. No name inside an inner switch; no RETURN and no name in a function that is not a path.
 *  4. Whatever nature may decide differently is choose().
 *  5. After CALL, use t->ret before the next name.
 *
 * m is the machine, k the model's view of it, t the current task, f the frame (struct of the path's name).
 * docs/extending.md tells how to add a path.
 */
#ifndef SIM_PATH_H
#define SIM_PATH_H

#include "sim/machine.h"

/* The head of a path. struct name, its frame, is declared in the folder's frames.h. */
#define PATH(name)                                                                                           \
	static void name(struct machine *const m, struct kernel *const k, struct task *const t,              \
			 struct name *const f, struct step *const s);                                        \
	void name##_path(struct machine *m, struct task *t, void *f, struct step *s)                         \
	{                                                                                                    \
		name(m, kernel_of(m), t, f, s);                                                              \
	}                                                                                                    \
	static void name(struct machine *const m, struct kernel *const k, struct task *const t,              \
			 struct name *const f, struct step *const s)

/* The names of the steps in the order of the text; private to the path. */
#define STEPS(...)                                                                                           \
	enum step_name { START, __VA_ARGS__ };                                                               \
	if (!t) {                                                                                            \
		path_describe(m, #__VA_ARGS__);                                                              \
		return;                                                                                      \
	}                                                                                                    \
	(void)k, (void)s

#define BEGIN                                                                                                \
	switch ((enum step_name)((struct frame *)f - 1)->pc) {                                               \
	default:                                                                                             \
		BUG();                                                                                       \
	case START:

#define END                                                                                                  \
	}                                                                                                    \
	BUG()

#define RESUME_HERE(name)                                                                                    \
	case name:                                                                                           \
	name: /* for gdb */                                                                                  \
		__attribute__((unused))

/* The rest of the machine may run before @op on @object is done. If nothing but time is needed and nobody
 * watches, it is done here and now and the path goes on; otherwise the driver resumes us once it is done. */
#define STEP(name, op_, object)                                                                              \
	do {                                                                                                 \
		if (!step_through(m, t, &s[name], op_, object)) {                                            \
			step_pause(m, t, &s[name], f, STEP_NAME_AND_OP(name, op_), object);                  \
			return;                                                                              \
		}                                                                                            \
		__attribute__((fallthrough));                                                                \
		RESUME_HERE(name);                                                                           \
	} while (0)

/* Enter another path; its frame is zero but for the arguments given. Not a point of interference. While
 * nothing makes it pause, it is a plain call; if something does, the driver takes it up there and comes back
 * here when it has returned. */
#define CALL(name, path_, ...) ENTER(name, PATH_##path_, path_##_path, path_, (struct path_){ __VA_ARGS__ })

/* The same of one of several paths that share the frame of @frame_; which of them is known at run time. */
#define CALL_ANY(name, number, frame_, ...)                                                                  \
	ENTER(name, number, m->path[number].fn, frame_, (struct frame_){ __VA_ARGS__ })

#define ENTER(name, number, function, frame_, ...)                                                           \
	do {                                                                                                 \
		((struct frame *)f - 1)->pc = name;                                                          \
		{                                                                                            \
			void *const callee =                                                                 \
			    frame_push(m, t, frame_above(t, f), number, sizeof(struct frame_));              \
			*(struct frame_ *)callee = __VA_ARGS__;                                              \
			function(m, t, callee, m->path[number].step);                                        \
		}                                                                                            \
		if (t->op != OP_NONE)                                                                        \
			return;                                                                              \
		__attribute__((fallthrough));                                                                \
		RESUME_HERE(name);                                                                           \
	} while (0)

/* Leave the path; the caller finds @value in t->ret, up to its next name. */
#define RETURN(value)                                                                                        \
	do {                                                                                                 \
		frame_pop(t, (struct frame *)f - 1, value);                                                  \
		return;                                                                                      \
	} while (0)

/* A racy access to shared state, or work on private data that takes time. */
#define AT(name) STEP(name, OP_ACCESS, NULL)
#define spin_lock(name, lock) STEP(name, OP_LOCK, lock)
#define spin_unlock(name, lock) STEP(name, OP_UNLOCK, lock)
/* Also keeps interrupts away from this CPU. */
#define spin_lock_irq(name, lock) STEP(name, OP_LOCK_IRQ, lock)
#define spin_unlock_irq(name, lock) STEP(name, OP_UNLOCK_IRQ, lock)
/* @member: a struct local_lock of the per-CPU area. Which CPU's it is, is known only when it is taken. */
#define local_lock(name, member) STEP(name, OP_LOCAL_LOCK, &percpu_first(m)->member)
#define local_unlock(name, member) STEP(name, OP_LOCAL_UNLOCK, &percpu_first(m)->member)
/* The task may be preempted here and may go on on another CPU; forbidden in atomic context. */
#define might_sleep(name) STEP(name, OP_RESCHED, NULL)
#define cond_resched(name) STEP(name, OP_COND_RESCHED, NULL)
/* Leave the CPU until woken or, if @ns is not 0, until then; @queue may be NULL. t->timed_out tells which. */
#define wait_on(name, queue, ns)                                                                             \
	do {                                                                                                 \
		t->timeout = (ns);                                                                           \
		STEP(name, OP_WAIT, queue);                                                                  \
	} while (0)
#define mutex_lock(name, lock) STEP(name, OP_DOWN_WRITE, lock)
#define mutex_unlock(name, lock) STEP(name, OP_UP_WRITE, lock)
#define down_read(name, lock) STEP(name, OP_DOWN_READ, lock)
#define up_read(name, lock) STEP(name, OP_UP_READ, lock)
#define down_write(name, lock) STEP(name, OP_DOWN_WRITE, lock)
#define up_write(name, lock) STEP(name, OP_UP_WRITE, lock)
/* A bit of a word with waiters in a hashed table: the folio lock. */
#define bit_lock(name, lock) STEP(name, OP_BIT_LOCK, lock)
#define bit_unlock(name, lock) STEP(name, OP_BIT_UNLOCK, lock)
#define bit_wait(name, lock) STEP(name, OP_BIT_WAIT, lock)
/* Run the program; the step's time is that of the next access. */
#define user_mode(name) STEP(name, OP_USER, NULL)

#endif
