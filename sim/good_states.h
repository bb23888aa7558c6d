/*
 * good_states.h - hashes of states that were looked at and found good, so that none is looked at twice: runs
 * meet again and again, and to look at a state costs more than to take a step. For what proves nothing by
 * itself: two states may have one hash.
 */
#ifndef SIM_GOOD_STATES_H
#define SIM_GOOD_STATES_H

#include "sim/types.h"

struct good_states {
	u64 *slot; /* open addressing, 0 is free */
	u32 bits, used;
};

void good_states_init(struct good_states *g);
void good_states_release(struct good_states *g);
bool good_states_have(const struct good_states *g, u64 hash);
/* Up to some millions; what comes then is looked at each time. */
void good_states_add(struct good_states *g, u64 hash);
/* Somebody is about to ask for it. */
void good_states_expect(const struct good_states *g, u64 hash);

#endif
