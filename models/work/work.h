/*
 * work.h - what tasks do: generated access patterns and replayed traces.
 *
 * A workload is constant and may be shared by tasks; how far a task has got is its struct work, which is
 * state. Work consists of accesses, each `gap` after the one before, of marks that begin a phase, and of
 * calls of madvise(). A hit sets the accessed bit, a write the dirty bit too, and nothing
 * else.
 */
#ifndef MODELS_WORK_WORK_H
#define MODELS_WORK_WORK_H

#include "models/kernel.h"
#include "sim/dist.h"
#include "traces/stream.h"

#define WORK_NO_MM UINT32_MAX /* of a kernel thread */
#define WORK_NEVER UINT64_MAX

enum { HOT_PHASES_MAX = 16, ROUNDS_PARTS = 10 };

enum pattern {
	PATTERN_SEQ,
	PATTERN_BACK,	/* from the last page to the first */
	PATTERN_STRIDE, /* every stride-th page, then those next to them, ... */
	PATTERN_RAND,
	PATTERN_ZIPF,	 /* ranks scattered over the pages */
	PATTERN_ZIPFLOC, /* rank n is page n */
	PATTERN_HOTCOLD, /* a few pages get most accesses; they change from phase to phase */
	PATTERN_OBJECTS, /* all pages of an object, and then of another */
	PATTERN_CHURN,	 /* chunks at random are given back and filled again */
	PATTERN_ROUNDS,	 /* all is swapped out, then parts are written and others given back and filled again
			  */
	PATTERN_TRACE,
	PATTERN_BUILD,	 /* short processes, one after the other, see build.h */
	PATTERN_PAGEOUT, /* nothing but calls of madvise() */
	PATTERN_DONTNEED,
	PATTERN_FREE,
	PATTERN_WILLNEED,
};

/* What madvise() is called with. */
enum advice { ADVICE_DONTNEED, ADVICE_FREE, ADVICE_PAGEOUT, ADVICE_WILLNEED };

/* An operation of a script. */
enum script_operation {
	SCRIPT_READ,
	SCRIPT_WRITE,
	SCRIPT_SWAP_OUT, /* MADV_PAGEOUT */
	SCRIPT_DONTNEED,
	SCRIPT_FREE,
	SCRIPT_WILLNEED,
	SCRIPT_TRUNCATE, /* FALLOC_FL_PUNCH_HOLE */
	SCRIPT_EXIT,
	SCRIPT_FORK,
	SCRIPT_SWAPOFF,
	SCRIPT_DEVICE_WRITE, /* write() to the block device */
	SCRIPT_SWAPON,
	SCRIPT_UFFD_MOVE,
	NR_SCRIPT_OPERATIONS
};
struct script_step {
	u32 operation;
	u32 page;   /* of the process, */
	u32 pages;  /* and so many from there on */
	u32 to;	    /* of uffd_move: where the page goes */
	u32 turn;   /* setup: how many operations of all tasks come before */
	u32 child;  /* of SCRIPT_FORK: the task */
	u32 device; /* of swapoff, swapon and device_write */
};
/* What a task does one after the other instead of accesses, see script.c. */
struct script {
	const struct script_step *step;
	u32 steps;
	u32 setup_steps; /* the first ones */
	u32 turns;	 /* setup operations of all tasks */
};

struct workload {
	enum pattern pattern;
	u32 pages;	    /* of the process that it works on, from the first */
	u32 stack_first;    /* page of the process that its stack and data begin with, */
	u32 stack_pages;    /* and their number, 0: none. All are written when the work begins, */
	u32 stack_used;	    /* so many, the first, with every access, */
	u32 stack_at_marks; /* and so many at marks and at the end */
	bool fill;	    /* first write every page once, in order */
	u32 write_permille; /* of the accesses after that */
	bool update;	    /* these load the word before they store it, as x++ does: the fault is a read */
	u32 gap_ps;	    /* think time before an access, picoseconds; a trace has its own beside */
	u64 accesses;	    /* after the fill; calls; of PATTERN_CHURN the chunks filled again; of
			       PATTERN_ROUNDS the calls, pieces and chunks of all rounds */
	u32 stride;	    /* pages */
	u32 hot_pages;	    /* that get hot_permille of the accesses, evenly; the others the rest */
	u32 hot_permille;
	u32 object_bytes; /* of PATTERN_OBJECTS, */
	u32 objects;	  /* which lie one after the other */
	u32 phases; /* of equally many accesses; with each but the first the hot set moves by its size */
	u32 chunks; /* that the pages are divided into, of PATTERN_CHURN and PATTERN_ROUNDS, */
	const u64 *order;   /* and which of them one after the other, */
	u32 n_order;	    /* so many and then from the first on; 0: at random; */
	enum advice advice; /* and how they are given back */
	u32 pieces;	    /* of PATTERN_ROUNDS: so many pieces are written in a round, */
	u32 piece_pages;    /* of this size, */
	u32 refills;	    /* and then so many chunks filled again */
	u32 touches;	    /* of PATTERN_SEQ and PATTERN_BUILD: accesses to a page before the next; 0 is 1 */
	u32 text_pages;	    /* of PATTERN_BUILD: what comes before the heap, */
	u32 data_pages;	    /* the last of it, */
	u32 header_files;   /* among which it chooses, */
	u32 header_pages;   /* of this size each, */
	u32 includes;	    /* and of which it reads so many, */
	u32 source_pages;   /* of a process */
	u32 object_pages;
	u32 first_unit;	   /* that the task compiles */
	u64 start_ns;	   /* the task is not there before */
	u64 late_ns;	   /* it is, and does nothing for so long */
	u64 stop_accesses; /* the task ends after so many of its accesses, 0: after all of them */
	u64 stop_ns;	   /* it ends so long after it began, 0: when its accesses are made */
	u64 pause_ns;	   /* and comes back after a pause, as a new process if it was the last of one, */
	u32 repeat;	   /* until it ran so often; 0 is 1 */
	u32 gate_tasks; /* when its accesses are made it waits until so many tasks, from gate_first on, have
			   made */
	u32 gate_first; /* theirs; 0: it does not */
	bool munmap;	/* then it unmaps its pages before it ends */
	u32 fork_by;	/* task + 1 that forks the process; 0: it is there without; see children.h */
	const char *begun_mark; /* of a task that starts late: it has no other marks but the next */
	const char *ended_mark; /* of one that comes or goes */
	const struct zipf *zipf;
	struct scatter scatter; /* of zipf's ranks over the pages */
	const struct trace *trace;
	u64 trace_first;	     /* access to begin with; the replay wraps round */
	u64 stream;		     /* random key of this task's choices */
	u8 priority;		     /* real-time; 0: a fair task */
	const struct script *script; /* NULL: none */
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */
/* Of one task. */
struct work {
	u64 done;    /* accesses after the fill, passes of PATTERN_PAGEOUT or operations of a script */
	u64 drawn;   /* values taken from the stream */
	u64 stop_at; /* no access is made from then on */
	u64 fork_at; /* it has to fork then; and this and what follows of forks: see children.h */
	u64 due;     /* of a child that waits: when it is to be forked */
	u64 user_ns; /* in user mode so far */
	struct trace_cursor cursor;
	u32 page;   /* of the access in hand */
	u32 filled; /* pages written by the fill so far */
	u32 place;  /* of a sweep: its next page; of PATTERN_HOTCOLD: the first hot page */
	u32 left;   /* of PATTERN_CHURN: pages of the chunk that are to be filled, from place on; of
		       PATTERN_TRACE: those that are given back, from place on; of an object to be accessed;
		       touches so far */
	u32 mark;   /* next phase mark of the pattern or the trace */
	u32 mm;
	u16 fraction_ps; /* of the next access's time, below 1000 */
	u8 write;	 /* the access in hand is a write, or an enum trace_op that gives pages back */
	u8 begun;	 /* there is an access in hand */
	u8 fill_marked;
	u8 left_gate;	  /* it ended or was killed, see gate.h */
	bit_lock_t waits; /* for the others, for its children, to be forked */
	u32 passed;	  /* marks so far */
	u32 round;	  /* how often it ran */
	/* of the first task of a gate: */
	u32 members; /* that have not ended */
	u32 arrived;
	u32 children; /* it has forked and that have not ended */
	u8 forked;
	u8 ended; /* for good */
	u8 waits_for_children;
	u8 pad;
	u16 oom_origin; /* of every task, and the next: it frees swap at the cost of memory, and is the first
			   to go; see mm/oom.h */
	u16 killed;	/* without a process: it is to die */
	u16 on_stack;	/* of a fault: on this page of the stack, + 1; 0: on the access in hand */
	u16 built;	/* all of the stack was written */
};
#pragma GCC diagnostic pop

/* It calls madvise() and makes no accesses. */
static inline bool pattern_advises(enum pattern pattern)
{
	return pattern >= PATTERN_PAGEOUT;
}

enum work_stop {
	WORK_YIELD, /* the next access is not due yet: t->work_ns until then */
	WORK_FAULT,
	WORK_MARK,   /* a phase begins */
	WORK_ADVISE, /* madvise() of all pages or of the chunk in hand */
	WORK_FORK,   /* a child is due */
	WORK_READ,   /* read() of a file */
	WORK_WRITE,  /* write() of a file */
	WORK_END,
};

/* Process @mm was killed: nobody waits for its tasks any longer, and they not for others. */
void work_wake_killed(struct kernel *k, u32 mm);

/* A task of a script has what setup gave it to do behind it, and so have all others. */
bool script_is_ready(const struct kernel *k, u32 task);
/* Those of setup that are over. */
u32 script_turns_taken(const struct kernel *k);

/* The task ends for good: nobody waits for it any longer. Inside work/. */
void work_end(struct kernel *k, const struct task *t);

/* Runs of the task's trace with that one among them, or at its end the last ones. False: the machine has
 * failed. */
bool work_window(struct kernel *k, u32 task, u32 run, struct trace_window *window);

/* Run accesses from now on until one faults or user mode has to be left. */
enum work_stop work_run(struct kernel *k, struct task *t);

/* Marks that begin a phase and that a task with this workload passes, in order; @i below their number. */
u32 workload_marks(const struct workload *w);
const char *workload_mark(const struct workload *w, u32 i);

/* A task running @w on process @mm; the workload must outlive the machine. @cpu: where it starts. */
void work_add_task(struct kernel *k, const struct workload *w, u32 mm, u32 cpu, bool pinned);

#endif
