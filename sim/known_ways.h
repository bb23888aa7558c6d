/*
 * known_ways.h - where steps led that were made before, each known by the hash of the state it was made in
 * and of what was decided: runs have most of their steps in common with others, and to find the hash of a
 * state anew takes more time than to look it up. For what proves nothing by itself, as good_states.h.
 *
 * Whoever comes first stays, for these are the steps that most runs begin with; as many as a CPU's caches can
 * hold.
 */
#ifndef SIM_KNOWN_WAYS_H
#define SIM_KNOWN_WAYS_H

#include <glib.h>

#include "sim/types.h"

enum { KNOWN_WAYS_BITS = 16 };

struct known_way {
	u64 way;   /* 0: the place is free */
	u64 state; /* hash of the good one it leads to */
};

struct known_ways {
	struct known_way *place;
};

static inline void known_ways_init(struct known_ways *k)
{
	k->place = g_new0(struct known_way, 1 << KNOWN_WAYS_BITS);
}

static inline void known_ways_release(struct known_ways *k)
{
	g_free(k->place);
}

static inline struct known_way *known_ways_place(const struct known_ways *k, u64 way)
{
	return &k->place[way >> (64 - KNOWN_WAYS_BITS)];
}

static inline bool known_ways_find(const struct known_ways *k, u64 way, u64 *state)
{
	const struct known_way *place = known_ways_place(k, way);

	*state = place->state;
	return place->way == way;
}

static inline void known_ways_add(struct known_ways *k, u64 way, u64 state)
{
	struct known_way *place = known_ways_place(k, way);

	if (!place->way)
		*place = (struct known_way){ way, state };
}

#endif
