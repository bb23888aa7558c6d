/*
 * stretch.h - a place in the modelled code by its name: a window, a step or a path.
 *
 *	"isolated_dropped"			a window of machine.window
 *	"swap_cluster_alloc_table.SLEEP"	a step: from when it is announced until it is done, a call
 *included "folio_alloc_swap"			a path, from its entry until it returns
 */
#ifndef SIM_STRETCH_H
#define SIM_STRETCH_H

#include "sim/machine.h"

struct stretch {
	u16 path;
	u16 from;		     /* first and */
	u16 to;			     /* last of the path's names at which a task is inside */
	u16 open;		     /* of a window: the name whose completion opens it */
	const struct window *window; /* NULL: a step or a path */
};

/* ERROR_SCENARIO, without a place: what there is of that name, or what may have been meant. */
bool stretch_find(const struct machine *m, const char *name, struct stretch *s, GError **error);
/* The step whose completion opens a window; of anything else the same. */
struct stretch stretch_opening(const struct stretch *s);
static inline bool stretch_is_step(const struct stretch *s)
{
	return !s->window && s->from == s->to;
}
static inline bool stretch_is_path(const struct stretch *s)
{
	return !s->window && !s->from && s->to;
}

/* Whether one of the task's frames is inside. */
bool stretch_contains(const struct machine *m, const struct stretch *s, const struct task *t);
/* g_free() */
char *stretch_name(const struct machine *m, const struct stretch *s);

#endif
