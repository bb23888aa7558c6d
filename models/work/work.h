/*
 * work.h - what tasks do: generated access patterns and replayed traces.
 *
 * A workload is constant and may be shared by tasks; how far a task has got is its struct work, which is
 * state. Work consists of accesses, each `gap` after the one before, of marks that begin a phase, and of
 * calls into the kernel (MADV_PAGEOUT). A hit sets the accessed bit, a write the dirty bit too, and nothing
 * else.
 */
#ifndef MODELS_WORK_WORK_H
#define MODELS_WORK_WORK_H

#include "models/kernel.h"
#include "sim/dist.h"
#include "traces/trace.h"

enum { WORK_NO_MM = UINT16_MAX /* of a kernel thread */ };

enum pattern { PATTERN_SEQ, PATTERN_RAND, PATTERN_ZIPF, PATTERN_TRACE, PATTERN_PAGEOUT };

struct workload {
	enum pattern pattern;
	u32 pages;	    /* of the process that it works on, from the first */
	bool fill;	    /* first write every page once, in order */
	u32 write_permille; /* of the accesses after that */
	bool update;	    /* these load the word before they store it, as x++ does: the fault is a read */
	u32 gap_ps;	    /* think time before an access, picoseconds; traces bring their own */
	u64 accesses;	    /* after the fill */
	const struct zipf *zipf;
	struct scatter scatter; /* of zipf's ranks over the pages */
	const struct trace *trace;
	u64 trace_first; /* access to begin with; the replay wraps round */
	u64 stream;	 /* random key of this task's choices */
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded" /* state is compared byte by byte */
/* Of one task. */
struct work {
	u64 done;  /* accesses after the fill, or passes of PATTERN_PAGEOUT */
	u64 drawn; /* values taken from the stream */
	struct trace_cursor cursor;
	u32 page;   /* of the access in hand */
	u32 filled; /* pages written by the fill so far */
	u32 mark;   /* next phase mark of the trace */
	u16 mm;
	u16 fraction_ps; /* of the next access's time, below 1000 */
	u8 write;	 /* the access in hand is a write */
	u8 begun;	 /* there is an access in hand */
	u8 fill_marked;
	u8 pad[5];
};
#pragma GCC diagnostic pop

enum work_stop {
	WORK_YIELD, /* the next access is not due yet: t->work_ns until then */
	WORK_FAULT,
	WORK_MARK,   /* a phase begins */
	WORK_ADVISE, /* MADV_PAGEOUT of all pages */
	WORK_END,
};

/* Run accesses from now on until one faults or user mode has to be left. */
enum work_stop work_run(struct kernel *k, struct task *t);

/* A task running @w on process @mm; the workload must outlive the machine. @cpu: where it starts. */
void work_add_task(struct kernel *k, const struct workload *w, u32 mm, u32 cpu, bool pinned);

#endif
