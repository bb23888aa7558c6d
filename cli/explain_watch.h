/*
 * explain_watch.h - watches the faults of a run and keeps those that were asked for, step by step.
 *
 * The time of a fault is divided among its steps, that of a step among what it was spent on, without a rest:
 * until the step began to wait it worked; from then on it waited, the way back to the CPU included, but for
 * the time it was in a run queue. Faults are numbered from 1 as they begin, whichever task they are of.
 */
#ifndef CLI_EXPLAIN_WATCH_H
#define CLI_EXPLAIN_WATCH_H

#include <glib.h>

#include "models/kernel.h"

enum spent {
	SPENT_WORK,    /* steps, but for the next two */
	SPENT_RECLAIM, /* steps of direct reclaim */
	SPENT_DEVICE,  /* compressing and submitting; waiting for a read or write to end */
	SPENT_LOCK,    /* spinning, or asleep for a mutex or rwsem */
	SPENT_SLEEP,   /* asleep for any other reason: a folio that another task has locked, a timeout */
	SPENT_NO_CPU,  /* runnable, while another task runs */
	NR_SPENT
};
extern const char *const spent_name[NR_SPENT];

enum { FAULT_DEPTH = 32 };

/* A frame of the stack: a path, and the step it is at. */
struct fault_call {
	u16 path;
	u16 step;
};

/* What a step waited for. */
struct fault_wait {
	u64 ns;
	const char *what;     /* a class of locks, or in words; NULL: it did not wait */
	u32 holder;	      /* task + 1; 0: nobody, or many */
	u32 ahead;	      /* others that wait for it too, and come first */
	struct fault_call at; /* what the holder was about to do when the wait began */
	u64 timeout_ns;	      /* of a sleep that ends by itself */
};

struct fault_step {
	u64 end_ns; /* it begins where the one before ends */
	u64 spent[NR_SPENT];
	struct fault_wait wait;
	u32 depth; /* calls, the step's own path included */
	struct fault_call call[FAULT_DEPTH];
};

struct fault {
	u64 number;
	u32 task;
	u32 cpu;  /* on which it ended */
	u32 page; /* of the process */
	bool write;
	bool major;
	u64 begin_ns;
	u64 end_ns;
	GArray *step; /* of struct fault_step */
};

/* Which fault: exactly one of the three. */
struct fault_wish {
	u64 number;   /* that one; 0 */
	u64 slowest;  /* the one that took longest (1), second longest, ...; 0 */
	bool by_page; /* the nth fault of a page by a task */
	u32 task, page;
	u64 nth;
};

struct watch;

/* From now on until watch_free() every step and every wait of the machine is seen. */
struct watch *watch_new(struct kernel *k, const struct fault_wish *wish);
void watch_free(struct watch *w);
/* There is nothing more to wait for. */
bool watch_is_done(const struct watch *w);
/* The fault that was wished for; NULL if the run had none. The watch's. */
const struct fault *watch_fault(const struct watch *w);
/* How many there were that could have been it, for messages. */
u64 watch_seen(const struct watch *w);

#endif
