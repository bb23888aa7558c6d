/*
 * task.h - tasks, CPUs and what they wait on, as they lie in simulated state.
 *
 * A task is a thread. Its frames lie on a byte stack of its own in the region `stack`, so that only what is
 * in use is copied and hashed. Tasks, and nothing else, wait; whom they wait for is an index, 0 meaning none:
 * task number n is stored as n + 1 in every owner, head and link.
 */
#ifndef SIM_TASK_H
#define SIM_TASK_H

#include "sim/types.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */

/* What a task is about to do; announced before it is done, so that a driver can tell what is possible. */
enum op {
	OP_NONE,
	OP_ACCESS,
	OP_USER,
	OP_LOCK,
	OP_LOCK_IRQ,
	OP_UNLOCK,
	OP_UNLOCK_IRQ,
	OP_LOCAL_LOCK,
	OP_LOCAL_UNLOCK,
	OP_RESCHED,
	OP_COND_RESCHED,
	OP_WAIT,
	OP_DOWN_READ,
	OP_DOWN_WRITE,
	OP_UP_READ,
	OP_UP_WRITE,
	OP_BIT_LOCK,
	OP_BIT_UNLOCK,
	OP_BIT_WAIT,
	OP_DONE,
	NR_OPS
};

enum task_state {
	TASK_RUNNABLE, /* in a run queue */
	TASK_RUNNING,  /* current on its CPU */
	TASK_SPINNING, /* current, and waiting for a spinlock */
	TASK_BLOCKED,  /* waits off the CPU */
	TASK_DONE,
};

struct task {
	u64 work_ns;   /* time that the step in hand takes beyond its fixed cost */
	u64 delay;     /* ns until the announced operation, 0 once they are spent */
	u64 since;     /* when the present wait or stretch of running began */
	u64 timeout;   /* OP_WAIT: ns, 0 for ever */
	s64 ret;       /* what the last path returned; valid until the next name */
	u32 obj;       /* place of what the operation is about, 0 none: task_object() */
	u32 step_hash; /* of the announced path.STEP */
	u32 timer;     /* event of the timeout, 0 none */
	u32 flags;     /* the model's: PF_MEMALLOC, ... */
	u32 id;
	u32 next;	 /* the task behind it in a queue */
	u16 cpu;	 /* where it runs or ran last */
	u16 pinned;	 /* CPU + 1 it may not leave, 0 none */
	u16 sp;		 /* bytes of its stack in use */
	u16 frame;	 /* where the running path's frame header lies on it */
	u16 preempt_off; /* nesting */
	u16 irq_off;	 /* nesting */
	u16 rcu_nesting; /* rcu_read_lock() */
	u8 op;		 /* enum op */
	u8 state;	 /* enum task_state */
	u8 priority;	 /* 0 fair; above: fixed real-time priorities, higher first */
	u8 timed_out;	 /* the last OP_WAIT ended by its timeout */
	u16 obj_high;	 /* bits of the place above those 32 */
	u32 pad;
};

/* Header of a frame; the path's own struct follows. */
struct frame {
	u16 path;
	u16 pc;	   /* the step it is at */
	u16 below; /* the caller's frame header, as an offset on the stack; its own offset if there is none */
	u16 pad;
};

struct cpu {
	u64 since;	 /* when the current task came on */
	u64 busy_ns;	 /* sum of all stretches that have ended */
	u32 slice;	 /* event that ends the time slice, 0 none */
	u32 irq_pending; /* interrupts held back, see irq.h */
	u32 current;	 /* task + 1 */
	u32 head;	 /* run queue: tasks + 1, by priority, then first come */
	u32 tail;
	u32 queued;
	u8 need_resched;
	u8 pad[7];
};

enum { SPINLOCK_CLASS_BITS = 5, SPINLOCK_CPU_BITS = 11, SPINLOCK_CPUS = (1 << SPINLOCK_CPU_BITS) - 1 };

/* FIFO with hand-over, as a queued spinlock. */
struct spinlock {
	u32 owner;
	u32 head;
	u32 tail;
	u16 class : SPINLOCK_CLASS_BITS;
	u16 last : SPINLOCK_CPU_BITS; /* CPU + 1 in whose cache it is; 0: nobody knows, or it makes no
					 difference (line.h) */
	u16 pad;
};

#define SPINLOCK_NOBODY UINT32_MAX /* held, and an interrupt will let it go */

/* Of the CPU it is on: keeps preemption and migration off, excludes nobody on another CPU. */
struct local_lock {
	u32 owner;
	u16 class;
	u16 pad;
};

/* Mutex or rwsem; waiters are served in order of arrival, readers together. */
struct sleeping_lock {
	u32 owner; /* writer */
	u32 readers;
	u32 head;
	u32 tail;
	u16 class;
	u16 pad;
};

struct wait_queue {
	u32 head;
	u32 tail;
};

/* owner + 1 in the low 15 bits; the top bit: somebody waits in the hashed table. There are more tasks than
 * that has numbers for, and many more bits than tasks: the last ones have one number together. */
typedef u16 bit_lock_t;
#define BIT_LOCK_WAITERS ((u16)0x8000)
#define BIT_LOCK_NOBODY ((u16)0x7fff) /* set, and no task is the one to clear it */
#define BIT_LOCK_SOMEBODY ((u16)0x7ffe)
#define BIT_LOCK_UNKNOWN UINT32_MAX

static inline bit_lock_t bit_lock_by(u32 task)
{
	return task + 1 < BIT_LOCK_SOMEBODY ? (bit_lock_t)(task + 1) : BIT_LOCK_SOMEBODY;
}
/* Its owner + 1, 0 none; BIT_LOCK_UNKNOWN: one of the last ones, or nobody. */
static inline u32 bit_lock_owner(bit_lock_t word)
{
	u32 owner = word & (u32)~BIT_LOCK_WAITERS;

	return owner < BIT_LOCK_SOMEBODY ? owner : BIT_LOCK_UNKNOWN;
}

#pragma GCC diagnostic pop

#endif
