/*
 * sweep_plan.h - the points of a sweep: every combination of the values of its axes, numbered.
 *
 * A point's key is a hash of all that decides its result (the scenario with its defaults, release, seed,
 * ties), so two points of one key are one run, and a result kept under a key is good whichever sweep wants
 * it. What is in a trace file is no part of it.
 */
#ifndef CLI_SWEEP_PLAN_H
#define CLI_SWEEP_PLAN_H

#include "cli/sweep_axes.h"

enum { SWEEP_POINTS_MAX = 100000 };

struct sweep_point {
	u64 key;
	u64 cell;     /* likewise, but for release and seed: one scenario serves all of a cell */
	char *kernel; /* release with patches */
	u64 seed;
	char *wrong; /* why there is no such scenario; NULL: there is */
};

struct sweep_plan {
	struct sweep_axes axes;
	struct sweep_point *point;
	u32 points;
	u64 hash;   /* of the keys of all points */
	char *name; /* of the scenario */
	u64 effective_hash;
	char *effective; /* the scenario with its defaults and, as "sweep", all axes */
	enum ties ties;
};

/* As sweep_axes_init(); also ERROR_USAGE for too many points, and the error of the first when all are wrong.
 */
bool sweep_plan_init(struct sweep_plan *plan, const char *file, const char *const *sets, enum ties ties,
		     GError **error);
void sweep_plan_release(struct sweep_plan *plan);

/* Which value of an axis a point has. */
u32 sweep_plan_index(const struct sweep_plan *plan, u32 point, u32 axis);
const char *sweep_plan_value(const struct sweep_plan *plan, u32 point, u32 axis);
/* Reads it with its traces; NULL and its error. */
struct scenario *sweep_plan_scenario(const struct sweep_plan *plan, u32 point, GError **error);

/* "2/8": points of number n, from 0, with n % 8 == 1. */
struct sweep_shard {
	u32 index; /* from 0 */
	u32 count; /* 1: all */
};
static inline bool sweep_shard_has(struct sweep_shard shard, u32 point)
{
	return point % shard.count == shard.index;
}

#endif
