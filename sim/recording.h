/*
 * recording.h - the steps of a run with what each of them did: fields of objects that changed, locks taken
 * and dropped, references that operations gained and let go, decisions of nature, windows that opened and
 * closed.
 *
 * A run is deterministic, so that a finding is recorded by running it again. All names are made while the run
 * is there to be asked; a recording outlives its machine. It costs a comparison of the whole state per step:
 * small worlds only.
 */
#ifndef SIM_RECORDING_H
#define SIM_RECORDING_H

#include "sim/object.h"

/* A field of an object; or, without a name, a reference that an operation of a task has to it. */
struct recorded_change {
	u64 object;	    /* place */
	const char *name;   /* of the object */
	const char *field;  /* NULL: references, see below */
	const char *before; /* in words */
	const char *after;
	u32 step;	      /* index of the step that did it */
	u32 task;	      /* references: whose */
	const char *concerns; /* see struct object_field */
	bool gained;	      /* references */
};

struct recorded_lock {
	u64 place;
	const char *name;
	u32 task;
	u32 kind; /* enum field_kind */
};

struct recorded_choice {
	const char *kind;
	const char *actor; /* a task, or empty */
	const char *words; /* of the answer */
	u32 answer;
	u32 n;
	u32 by;	       /* actor */
	u32 step;      /* index of the step it was part of; UINT32_MAX: of none yet */
	bool is_usual; /* what happens without nature's interference */
};

/* Parts are stretches [from, from + n) of the recording's arrays. */
struct recorded_part {
	u32 from, n;
};

struct recorded_step {
	u64 time;
	const char *task; /* NULL: no task, an event */
	const char *path;
	const char *step;
	const char *object; /* what it was about, NULL none */
	u32 task_number;
	u32 cpu;
	u32 depth;
	u32 op; /* enum op */
	struct recorded_part changes;
	struct recorded_part taken, dropped; /* locks */
	struct recorded_part held;	     /* by its task, afterwards */
	struct recorded_part notes;	     /* strings */
	struct recorded_part opened, closed; /* windows */
};

struct recording {
	GArray *step;	    /* of struct recorded_step */
	GArray *change;	    /* of struct recorded_change */
	GArray *lock;	    /* of struct recorded_lock */
	GArray *choice;	    /* of struct recorded_choice */
	GArray *note;	    /* of const char * */
	GArray *window;	    /* of const struct window * */
	char *verdict;	    /* what was violated, NULL nothing */
	u64 violated;	    /* place of the object */
	const char *region; /* and the region it is of, NULL if there is no such object */
	u32 cpus;
	GStringChunk *words;
	struct recorder *recorder; /* while the machine runs */
};

/* From the machine's present state on: takes machine.log, before_step and on_choice until recording_end(). */
struct recording *recording_begin(struct machine *m);
/* Something to be said at the step in hand. */
void recording_note(struct recording *r, const char *text);
/* The run is over; @verdict is what invariants_hold() said, NULL if all of them hold. */
void recording_end(struct recording *r, const char *verdict);
void recording_free(struct recording *r);

static inline struct recorded_step *recorded_step(const struct recording *r, u32 i)
{
	return &g_array_index(r->step, struct recorded_step, i);
}
static inline struct recorded_change *recorded_change(const struct recording *r, u32 i)
{
	return &g_array_index(r->change, struct recorded_change, i);
}
static inline struct recorded_lock *recorded_lock(const struct recording *r, u32 i)
{
	return &g_array_index(r->lock, struct recorded_lock, i);
}
static inline struct recorded_choice *recorded_choice(const struct recording *r, u32 i)
{
	return &g_array_index(r->choice, struct recorded_choice, i);
}
static inline const char *recorded_note(const struct recording *r, u32 i)
{
	return g_array_index(r->note, const char *, i);
}
static inline const struct window *recorded_window(const struct recording *r, u32 i)
{
	return g_array_index(r->window, const struct window *, i);
}

#endif
