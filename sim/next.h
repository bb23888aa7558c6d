/*
 * next.h - what could happen next under a search, and to have it happen.
 *
 * Beside the next steps of the tasks (machine_step()) that is all that comes without one: an event a model
 * asked for with machine_at() - a device is done with a request, a worker's turn -, the end of a wait by its
 * time-out, the end of a grace period. A search knows no time, so each of them may come at any moment from
 * when it was asked for on; whoever needs an order among them asks for the second when the first has come.
 */
#ifndef SIM_NEXT_H
#define SIM_NEXT_H

#include "sim/machine.h"

/* An event that was asked for. They lie sorted by kind and argument: when they were asked for does not make
 * two states different. The region's live count is their number. */
struct pending {
	u32 kind;
	u32 arg;
};

enum next_kind {
	NEXT_STEP,    /* of a task */
	NEXT_TIMEOUT, /* of a task that waits no longer */
	NEXT_EVENT,
	NEXT_RCU, /* the grace period ends */
};

struct next {
	u32 kind : 8;
	u32 number : 24; /* task, or place among the pending events */
};

/* As many as there can be at most. */
u32 next_most(const struct machine *m);
/* All that could happen, tasks first; into @list, of next_most() elements. Returns their number. */
u32 next_list(struct machine *m, struct next *list);
/* Whether it comes again and again, whatever the tasks do. */
bool next_is_periodic(const struct machine *m, struct next n);
/* Whether there is nothing in the list but that. */
bool next_is_nothing(const struct machine *m, const struct next *list, u32 n);
/* Whether the first @n tasks have come to an end. */
bool tasks_are_done(const struct machine *m, u32 n);
/* One of them. False: the task began to wait or went to another CPU, and its step is not done yet. */
bool next_do(struct machine *m, struct next n);

/* machine_at() under a search. Returns 0: it cannot be cancelled. */
event_id next_expect(struct machine *m, u32 kind, u32 arg);

#endif
